import { setTimeout as delay } from 'node:timers/promises'
import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import t from 'tap'
import { system } from '../../src/actor.ts'
import { disableClient } from '../../src/clients/clients.ts'
import { feed, heard, openStream, subjects } from '../support/events.ts'
import { until } from '../support/process.ts'
import { openWorld } from '../support/world.ts'

// A heartbeat so short that no test waits for it.
const world = await openWorld(t, { instances: 2, config: { FEED_HEARTBEAT_SECONDS: 0.3, FEED_STREAMS_PER_CLIENT: 3 } })
const { get, page, tell, stream, listening } = feed(world)
const reader = await world.service('reader', ['events.read'])
const latest = async (): Promise<string> => (await page(reader, '?after=latest')).nextCursor

/** Notes when an instance sends statements with these words, until it is stopped. */
function watching(instance: number, words = ''): { times: number[]; stop: () => void } {
  const { query } = world.allParts[instance]!.db
  const execute = query.execute
  const times: number[] = []
  const dialect = new PgDialect()
  const noting = (statement: SQL): unknown => {
    if (dialect.sqlToQuery(statement).sql.includes(words)) times.push(performance.now())
    return Reflect.apply(execute, query, [statement])
  }
  Object.assign(query, { execute: noting })
  return { times, stop: () => void Object.assign(query, { execute }) }
}

/** Connections that hear notices, as Postgres has them. */
const listeners = async (): Promise<number[]> =>
  (
    await world.sql<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and application_name = 'guildhall listener'`
    )
  ).map(({ pid }) => pid)

t.test('Q-9 200: the events of the pages as they happen, each under its place, and a page in the same words', async (t) => {
  const start = await latest()
  await tell(['told before'])
  const following = await stream(reader, `?after=${start}`)
  t.equal(following.status, 200)
  t.match(following.headers, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close'
  })
  t.strictSame(subjects(await heard(following, 1)), ['told before'])
  await tell(['first', 'second'])
  const events = await heard(following, 3)
  t.strictSame(events, (await page(reader, `?after=${start}`)).items)
  const { sequence } = events[0]!
  t.ok(following.text().startsWith('retry: 1000\n\n'))
  t.match(following.text(), `\n\nid: ${sequence}\nevent: test.told\ndata: ${JSON.stringify(events[0])}\n\n`)
  following.leave()
})

t.test('Q-9: an event comes at once, on the instance that wrote it and on another', async (t) => {
  const start = await latest()
  const following = await Promise.all([0, 1].map((instance) => stream(reader, `?after=${start}`, {}, instance)))
  const looks = [0, 1].map((instance) => watching(instance, 'sequence is null'))
  // The pause before the next look is twice the one before: who has just rested for 300 ms looks again in 600.
  const rests = ({ times }: { times: number[] }): boolean => {
    const [before = 0, last = 0] = times.slice(-2)
    return last - before > 300 && performance.now() - last < 100
  }
  const times: number[] = []
  for (let round = 1; round <= 3; round++) {
    await until('both rest', () => looks.every(rests), 15)
    const began = performance.now()
    await tell([`at once ${round}`])
    await Promise.all(following.map((each) => heard(each, round)))
    times.push(performance.now() - began)
  }
  for (const { stop } of looks) stop()
  // By the clock alone each would take more than 500 ms; a busy machine may be slow once.
  t.ok(times.sort((a, b) => a - b)[1]! < 250, `${times.map(Math.round)} ms`)
  for (const each of following) each.leave()
})

t.test('Q-9: Last-Event-ID goes on where a stream ended, whatever its address says; filters hold for a stream too', async (t) => {
  const start = await latest()
  await tell(['one', 'two', 'three'])
  await tell(['other'], 'other.told')
  const following = await stream(reader, `?after=${start}`)
  const [, two] = await heard(following, 4)
  following.leave()
  const again = await stream(reader, `?after=${start}&types=test.*`, { 'last-event-id': two!.sequence })
  await tell(['four'])
  t.strictSame(subjects(await heard(again, 2)), ['three', 'four'])
  // Nothing it asked for has come, and it is told the place all the same.
  await tell(['another'], 'other.told')
  const end = await latest()
  await until('the heartbeat tells the place', () => again.place() === end)
  t.match(again.text(), `: alive\nid: ${end}\n\n`)
  t.equal(again.events().length, 2)
  again.leave()
})

t.test('Q-9: a stream without events says that it lives, at every heartbeat', async (t) => {
  const following = await stream(reader, '?after=latest')
  const alive = (): number => following.text().split(': alive').length - 1
  const times: number[] = []
  while (times.length < 6) {
    const before = alive()
    await until('another', () => alive() > before)
    times.push(performance.now())
  }
  const rests = times.slice(1).map((time, index) => time - times[index]!)
  const each = rests.sort((a, b) => a - b)[2]!
  // 300 ms apart; a busy machine may be slow once or twice.
  t.ok(each > 270 && each < 400, `every ${Math.round(each)} ms`)
  following.leave()
})

t.test('Q-9: a long feed comes in full, though nobody waits for its end', async (t) => {
  const start = await latest()
  const names = Array.from({ length: 450 }, (_, n) => `long ${n}`)
  await tell(names)
  const following = await stream(reader, `?after=${start}`)
  t.strictSame(subjects(await heard(following, 450)), names)
  following.leave()
})

t.test('Q-9 400, 401, 403, 410 are answers, not streams', async (t) => {
  const accept = { accept: 'text/event-stream' }
  t.equal((await get('', accept)).statusCode, 401)
  t.match((await get('', { ...accept, ...reader.headers, 'last-event-id': 'x' })).json(), { code: 'malformed_cursor' })
  t.match((await get('?types=x', { ...accept, ...reader.headers })).json(), { code: 'invalid_input' })
  t.match((await get('?after=999999999', { ...accept, ...reader.headers })).json(), { code: 'events_gone' })
  const other = await world.service('other', ['plans.write'])
  t.match((await get('', { ...accept, ...other.headers })).json(), { code: 'access_denied' })
  const head = await world.inject({ method: 'HEAD', url: '/v1/events', headers: { ...accept, ...reader.headers } })
  t.equal(head.statusCode, 200, 'HEAD does not wait for the end of a stream')
})

t.test('Q-9 429: a client has only so many streams; one that ended makes room, and others have their own', async (t) => {
  const open = await Promise.all([1, 2, 3].map(() => stream(reader, '?after=latest')))
  const refused = await stream(reader, '?after=latest')
  t.equal(refused.status, 429)
  t.equal(refused.headers['retry-after'], '5')
  await refused.ended
  t.match(JSON.parse(refused.text()), { code: 'too_many_requests', violatedPolicies: ['streams'] })
  const another = await world.service('another', ['events.read'])
  const theirs = await stream(another, '?after=latest')
  t.equal(theirs.status, 200)
  open[0]!.leave()
  const next = await until('room', async () => {
    const tried = await stream(reader, '?after=latest')
    return tried.status === 200 && tried
  })
  for (const each of [...open, theirs, next]) each.leave()
})

t.test('Q-9: who leaves frees everything: with the last stream the listening connection goes', async (t) => {
  const open = await Promise.all([stream(reader, '?after=latest'), stream(reader, '?after=latest')])
  await until('one connection for both', async () => (await listeners()).length === 1)
  for (const each of open) each.leave()
  await until('no connection', async () => (await listeners()).length === 0)
  t.pass()
})

t.test('Q-9: without the listening connection events still come, and it is opened again', async (t) => {
  const following = await stream(reader, '?after=latest')
  const [pid] = await until('a connection', async () => {
    const found = await listeners()
    return found.length === 1 && found
  })
  await world.sql('select pg_terminate_backend($1)', [pid])
  await tell(['unheard'])
  t.strictSame(subjects(await heard(following, 1)), ['unheard'])
  await until('another connection', async () => (await listeners()).some((each) => each !== pid))
  following.leave()
})

t.test('Q-9: a stream ends with its client, and hands out nothing after that', async (t) => {
  const gone = await world.service('gone', ['events.read'])
  const following = await stream(gone, '?after=latest')
  await tell(['seen'])
  await heard(following, 1)
  await disableClient(world.parts.db, system, gone.clientId)
  await delay(1100)
  await tell(['unseen'])
  await until('the end', following.isEnded, 10)
  t.strictSame(subjects(following.events()), ['seen'])
})

t.test('Q-9: a stream ends with its token, also when nothing happens', async (t) => {
  const { signing } = world.parts
  const verify = signing.verify
  let expired = false
  signing.verify = async (kind, token) => verify(kind, expired ? 'expired' : token)
  const following = await stream(reader, '?after=latest')
  await until('a heartbeat', () => following.text().includes(': alive'))
  expired = true
  await until('the end', following.isEnded, 10)
  signing.verify = verify
  t.pass()
})

t.test('Q-9: a reader that takes nothing makes the service read no further, and does not outlive its client', async (t) => {
  const slow = await world.service('slow', ['events.read'])
  await world.sql(
    `insert into events (id, type, subject, actor_kind, after) select gen_random_uuid(), 'test.large', n::text, 'system', jsonb_build_object('text', repeat('x', 4000)) from generate_series(1, 20000) n`
  )
  const start = await latest()
  const { times: reads, stop } = watching(0)
  const following = await stream(slow, `?after=${Number(start) - 20_000}`)
  following.response.pause()
  // Only the watch still looks, once a second.
  await until('it reads no further', () => performance.now() - reads.at(-1)! > 600, 15)
  const before = reads.length
  await delay(500)
  stop()
  // Two hundred pages, 80 MB, wait in the database; the sockets of this machine hold a few of them.
  t.ok(before < 100, `${before} reads at first`)
  t.ok(reads.length - before <= 5, `${reads.length - before} reads while nobody took anything`)
  await disableClient(world.parts.db, system, slow.clientId)
  await until('the connection is given up', async () => (await listeners()).length === 0, 10)
  following.leave()
})

t.test('Q-9: closing the service ends all streams, those of readers that take nothing as well', async (t) => {
  const url = await listening(1)
  const taking = await stream(reader, '?after=latest', {}, 1)
  const stuck = await openStream(url, '?after=0', reader.headers)
  stuck.response.pause()
  await until('the first words', () => taking.text() !== '')
  const began = performance.now()
  await world.apps[1]!.close()
  await taking.ended
  t.ok(performance.now() - began < 5000, `${Math.round(performance.now() - began)} ms`)
  t.match(taking.text(), 'retry: 1000')
  stuck.leave()
})
