import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { cleanUp } from '../../src/jobs/clean-up.ts'
import { feed, subjects } from '../support/events.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld(t)
const { found, join } = organizations(world)
const { get, page, all, tell } = feed(world)
const reader = await world.service('reader', ['events.read'])
const olga = await world.person('Olga')
const max = await world.person('Max')
const company = await found(olga)
const memberId = await join(company, max, [{ role: 'recruiter' }])

const seen = await world.inject({ url: `${company.url}/members/${memberId}`, headers: olga.headers })

t.test(
  'Q-9 200: a change is told as a CloudEvent with its place, its organization, its actor and the state before and after',
  async (t) => {
    const changed = await world.inject({
      method: 'PATCH',
      url: `${company.url}/members/${memberId}/roles`,
      headers: { ...olga.headers, 'if-match': String(seen.headers.etag) },
      payload: { grants: [{ role: 'hiring_manager' }] }
    })
    t.equal(changed.statusCode, 200, changed.body)
    const answer = await get('?types=member.roles_changed', reader.headers)
    t.equal(answer.statusCode, 200)
    t.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    t.equal(answer.headers['cache-control'], 'no-store')
    const { items, more } = answer.json() as Awaited<ReturnType<typeof page>>
    t.equal(items.length, 1)
    t.equal(more, false)
    t.match(items[0], {
      specversion: '1.0',
      id: /^event_/,
      source: 'http://guildhall.test',
      type: 'member.roles_changed',
      subject: memberId,
      time: /^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/,
      datacontenttype: 'application/json',
      sequence: /^\d{16}$/,
      organizationid: company.id,
      actorkind: 'account',
      actorid: olga.accountId,
      data: { before: { grants: [{ role: 'recruiter' }] }, after: { grants: [{ role: 'hiring_manager' }] } }
    })
    // Names of attributes as CloudEvents 1.0 allows them.
    for (const name of Object.keys(items[0]!)) t.match(name, /^[a-z0-9]{1,20}$/)
  }
)

t.test('Q-9: pages to the end hold every event once, in the order of their places, and an empty page says where to go on', async (t) => {
  await tell(Array.from({ length: 20 }, (_, n) => `paged-${n}`))
  const events = await all(reader)
  const stored = await world.sql<{ subject: string }>('select subject from events order by position')
  t.strictSame(subjects(events), subjects(stored))
  const places = events.map(({ sequence }) => sequence)
  t.strictSame(places, [...places].sort(), 'places sort as text')
  t.equal(new Set(places).size, places.length)

  const end = places.at(-1)!
  const empty = await page(reader, `?after=${end}`)
  t.strictSame(empty, { items: [], nextCursor: end, more: false })
  t.strictSame(await page(reader, '?after=latest'), empty, 'latest is the end')
  await tell(['afterwards'])
  t.strictSame(subjects((await page(reader, `?after=${empty.nextCursor}`)).items), ['afterwards'])
  t.strictSame(subjects((await page(reader, `?after=${Number(end)}`)).items), ['afterwards'], 'zeros in front may be left out')
  t.equal((await page(reader)).items.length, Math.min(100, events.length + 1), 'a hundred at first')
  t.strictSame(await page(reader, '?limit=1'), { items: [events[0]], nextCursor: places[0], more: true })
})

t.test('Q-9: filters: exact types, all of a noun, an organization; what nothing fits moves the reader on all the same', async (t) => {
  const otto = await world.person('Otto')
  const other = await found(otto)
  const types = async (query: string): Promise<string[]> => [...new Set((await all(reader, query)).map(({ type }) => type))].sort()
  t.strictSame(await types('&types=member.joined'), ['member.joined'])
  t.strictSame(await types('&types=member.*'), ['member.joined', 'member.roles_changed'])
  t.strictSame(await types('&types=member.roles_changed,test.*'), ['member.roles_changed', 'test.told'])
  const ofCompany = await all(reader, `&organization=${company.id}`)
  t.ok(ofCompany.length >= 3)
  t.ok(ofCompany.every(({ organizationid }) => organizationid === company.id))
  const both = await all(reader, `&organization=${other.id}&types=member.*`)
  t.strictSame(
    both.map(({ type, organizationid }) => [type, organizationid]),
    [['member.joined', other.id]]
  )
  const none = await page(reader, '?types=nothing.happened')
  t.strictSame(none, { items: [], nextCursor: (await page(reader, '?after=latest')).nextCursor, more: false })
})

t.test('Q-9: a page looks at so many events and no more; the next one goes on', async (t) => {
  await world.sql(
    `insert into events (id, type, subject, actor_kind) select gen_random_uuid(), case n when 12500 then 'rare.seen' else 'often.seen' end, n::text, 'system' from generate_series(1, 12500) n`
  )
  const { nextCursor } = await page(reader, '?types=often.seen&limit=1')
  const first = await page(reader, `?types=rare.*&after=${nextCursor}`)
  t.match(first, { items: [], more: true })
  t.equal(Number(first.nextCursor), Number(nextCursor) + 10_000)
  const second = await page(reader, `?types=rare.*&after=${first.nextCursor}`)
  t.strictSame(subjects(second.items), ['12500'])
  t.equal(second.more, false)
})

t.test('Q-9 400, 401, 403: what is no place, type, limit or organization; who is nobody; who may not', async (t) => {
  for (const after of ['-1', 'x', '1.5', '12345678901234567', 'latest1', '%20'])
    refused(t, await get(`?after=${after}`, reader.headers), 400, 'malformed_cursor', after)
  for (const query of [
    'limit=0',
    'limit=1001',
    'types=',
    'types=member',
    'types=*',
    'types=a.b,',
    'types=A.b',
    'organization=x',
    'cursor=1'
  ])
    refused(t, await get(`?${query}`, reader.headers), 400, 'invalid_input', query)
  refused(t, await get(`?organization=${olga.accountId}`, reader.headers), 400, 'invalid_input', 'an account is no organization')
  refused(t, await get(), 401, 'not_signed_in')
  refused(t, await get('', olga.headers), 401, 'not_signed_in', 'a person')
  const other = await world.service('other', ['contracts.write'])
  const answer = await get('', other.headers)
  refused(t, answer, 403, 'access_denied')
  t.strictSame(answer.json().missingPermissions, ['events.read'])
})

t.test('Q-9 410: a place before what is kept, or beyond what there ever was; who came far enough misses nothing', async (t) => {
  const events = await all(reader, '&types=member.*,test.*')
  const old = events.slice(0, 5)
  const last = old.at(-1)!
  await world.sql(`update events set at = now() - interval '91 days' where sequence <= $1`, [Number(last.sequence)])
  // One in the middle of the young ones: the feed is only forgotten from its beginning.
  await world.sql(`update events set at = now() - interval '95 days' where id = $1`, [parseId('event', events.at(-1)!.id)])
  await tell(['never read'], 'test.unread')
  await world.sql(`update events set at = now() - interval '95 days' where subject = 'never read'`)
  await cleanUp(world.parts)

  refused(t, await get('?after=0', reader.headers), 410, 'events_gone')
  refused(t, await get(`?after=${old[2]!.sequence}`, reader.headers), 410, 'events_gone')
  const kept = await page(reader, `?after=${last.sequence}&types=member.*,test.*&limit=1000`)
  t.strictSame(kept.items[0]?.id, events[5]!.id)
  t.strictSame((await page(reader, '?limit=1')).items[0]?.sequence, String(Number(last.sequence) + 1).padStart(16, '0'), 'without a place')
  t.ok((await all(reader, '&types=member.*,test.*')).some(({ id }) => id === events.at(-1)!.id))

  const { nextCursor } = await page(reader, '?after=latest')
  const beyond = await get(`?after=${Number(nextCursor) + 1}`, reader.headers)
  refused(t, beyond, 410, 'events_gone')
  t.match(beyond.json().detail, /restored/)

  // Everything is old: the feed goes on where it was.
  await world.sql(`update events set at = now() - interval '91 days'`)
  await tell(['unnumbered'], 'test.unread')
  await world.sql(`update events set at = now() - interval '91 days'`)
  await cleanUp(world.parts)
  t.strictSame(await world.sql('select * from events'), [])
  refused(t, await get(`?after=${nextCursor}`, reader.headers), 410, 'events_gone', 'one was forgotten that had not been read')
  const end = await page(reader)
  t.strictSame(end, { items: [], nextCursor: String(Number(nextCursor) + 1).padStart(16, '0'), more: false })
  await tell(['new'])
  t.strictSame(subjects((await page(reader, `?after=${end.nextCursor}`)).items), ['new'])
})
