import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { numberEvents } from '../../src/events/numbering.ts'
import { type CloudEvent, feed, heard, subjects } from '../support/events.ts'
import { until } from '../support/process.ts'
import { databaseUrl, openWorld, rounds } from '../support/world.ts'

/**
 * Nothing is lost and nothing comes twice, whatever commits when. Tried once with `numberBatch` giving each event its position instead of the
 * next place, as a feed that is read by positions would have it: the first three tests and the last two fail, for the events that were passed
 * over. Without `lockFeed` the third fails, for two events under one place.
 */

const world = await openWorld(t, { instances: 2 })
const { page, tell, openTransaction, stream } = feed(world)
const reader = await world.service('reader', ['events.read'])

/** Follows the feed as a service does, on either instance in turn, until it is told that nothing more will come. */
async function follow(after: string, isOver: () => boolean): Promise<CloudEvent[]> {
  const found: CloudEvent[] = []
  for (let turn = 0; ; turn++) {
    const last = isOver()
    const next = await page(reader, `?limit=${1 + (turn % 9)}&after=${after}`, turn % 2)
    found.push(...next.items)
    after = next.nextCursor
    if (last && !next.more) return found
    if (!next.more) await delay(turn % 3)
  }
}

const latest = async (): Promise<string> => (await page(reader, '?after=latest')).nextCursor

t.test('Q-9: what commits late comes late, and is handed out once; nothing waits for it', async (t) => {
  const start = await latest()
  const held = await openTransaction()
  await held.tell('late-1')
  await tell(['early-1', 'early-2'])
  const before = await page(reader, `?after=${start}`)
  t.strictSame(subjects(before.items), ['early-1', 'early-2'], 'a long transaction keeps nobody waiting')
  await held.tell('late-2')
  t.strictSame((await page(reader, `?after=${before.nextCursor}`)).items, [])
  await held.commit()
  await tell(['afterwards'])
  const after = await page(reader, `?after=${before.nextCursor}`)
  t.strictSame(subjects(after.items), ['late-1', 'late-2', 'afterwards'])
  t.strictSame((await page(reader, `?after=${start}`)).items, [...before.items, ...after.items], 'and it stays that way')
  const positions = await world.sql<{ subject: string }>(`select subject from events where subject <> 'afterwards' order by position`)
  t.strictSame(subjects(positions), ['late-1', 'early-1', 'early-2', 'late-2'], 'positions had another order')
})

t.test('Q-9: a stream that has passed an open transaction hands out what it commits', async (t) => {
  const following = await stream(reader, `?after=${await latest()}`)
  const held = await openTransaction()
  await held.tell('held')
  await tell(['passing'])
  t.strictSame(subjects(await heard(following, 1)), ['passing'])
  await delay(100)
  await held.commit()
  t.strictSame(subjects(await heard(following, 2)), ['passing', 'held'])
  following.leave()
})

t.test(
  'Q-9: many write at the same time, on two instances and in open transactions, while many read: every event once for each',
  async (t) => {
    const start = await latest()
    const following = await Promise.all([0, 1].map((instance) => stream(reader, `?after=${start}`, {}, instance)))
    let writing = true
    const readers = [1, 2, 3].map(() => follow(start, () => !writing))
    const told: string[] = []
    await Promise.all(
      Array.from({ length: 12 }, async (_, writer) => {
        for (let round = 0; round < rounds(12); round++) {
          const names = Array.from({ length: 1 + (round % 3) }, (_, n) => `${writer}.${round}.${n}`)
          told.push(...names)
          if (writer % 3 > 0) await tell(names, 'test.told', writer % 2)
          else {
            const open = await openTransaction()
            for (const name of names) {
              await open.tell(name)
              await delay(Math.random() * 8)
            }
            await open.commit()
          }
        }
      })
    )
    writing = false
    const wanted = [...told].sort()
    const [first, ...others] = await Promise.all(readers)
    t.strictSame(subjects(first!).sort(), wanted)
    for (const other of others) t.strictSame(other, first, 'in the same order for everybody')
    for (const each of following) {
      t.strictSame(await heard(each, told.length), first)
      each.leave()
    }
    // Within one transaction the order is that in which it was written.
    for (let writer = 0; writer < 12; writer++) {
      const mine = subjects(first!).filter((subject) => subject.startsWith(`${writer}.`))
      t.strictSame(
        mine,
        told.filter((subject) => subject.startsWith(`${writer}.`))
      )
    }
  }
)

t.test('Q-9: of two changes of one thing the first comes first, whichever transaction was begun or had its number first', async (t) => {
  const start = await latest()
  const second = await openTransaction()
  // It has its number now, and then waits for what the other is changing.
  await second.tell('elsewhere')
  await tell(['thing: first'])
  await second.tell('thing: second')
  await second.commit()
  const [numbers] = await world.sql<{ reversed: boolean }>(
    `select (select transaction_id from events where subject = 'thing: second') < (select transaction_id from events where subject = 'thing: first') as reversed`
  )
  t.ok(numbers!.reversed)
  t.strictSame(
    subjects((await page(reader, `?after=${start}`)).items).filter((subject) => subject.startsWith('thing')),
    ['thing: first', 'thing: second']
  )
})

t.test('Q-9: what was undone leaves no gap; many give places at once, and each place is given once', async (t) => {
  await world.sql(
    `insert into events (id, type, subject, actor_kind) select gen_random_uuid(), 'test.told', n::text, 'system' from generate_series(1, 4500) n`
  )
  await tell([null as unknown as string]).catch(() => undefined)
  await tell(['one more'])
  await Promise.all(Array.from({ length: 16 }, (_, n) => numberEvents(world.allParts[n % 2]!.db)))
  const [counted] = await world.sql(
    `select count(*)::int as all, count(distinct sequence)::int as given, min(sequence)::int as first, max(sequence)::int as last from events`
  )
  const { all, given, first, last } = counted as unknown as Record<string, number>
  t.equal(given, all)
  t.equal(first, 1)
  t.equal(last, all)
})

t.test(
  'Q-9: who dies between a commit and its places, or while giving them, leaves nothing behind: whoever comes next gives them',
  async (t) => {
    const start = await latest()
    // Committed, and nobody has given them places.
    await tell(['one', 'two', 'three'])
    const dying = new pg.Client({ connectionString: databaseUrl('service', world.database) })
    dying.on('error', () => undefined)
    await dying.connect()
    await dying.query('begin')
    await dying.query(`select pg_advisory_xact_lock(hashtext('events_sequence'))`)
    await dying.query(`update events set sequence = $1 where subject = 'two'`, [Number(start) + 1])
    const { rows } = await dying.query<{ pid: number }>('select pg_backend_pid() as pid')
    let answered = 0
    const pages = [0, 1, 0, 1].map(async (instance) => {
      const { items } = await page(reader, `?after=${start}`, instance)
      answered++
      return items
    })
    await until('all wait for the one that gives places', async () => {
      const [waiting] = await world.sql<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`
      )
      return waiting!.count >= 4
    })
    t.equal(answered, 0)
    await world.sql('select pg_terminate_backend($1)', [rows[0]!.pid])
    const [first, ...others] = await Promise.all(pages)
    t.strictSame(subjects(first!), ['one', 'two', 'three'])
    t.strictSame(
      first!.map(({ sequence }) => Number(sequence) - Number(start)),
      [1, 2, 3]
    )
    for (const other of others) t.strictSame(other, first, 'the same for everybody')
  }
)
