import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Held } from '../../client/src/answers.ts'
import { permissionCache } from '../../client/src/cache.ts'
import { type CacheOptions, createClient } from '../../client/src/index.ts'
import { company, fakeGuildhall, olga, remy, team } from '../support/fake-guildhall.ts'

/** The cache of the client: it answers only while it is sure that nothing has changed. */

const whole = { type: 'company', id: company } as const
const inTeam = { type: 'team', id: team, organization: company } as const
const map = `GET /v1/accounts/${olga}/permissions`
const question = 'POST /access/v1/evaluation'
const poll = 'GET /v1/events'

function setUp(cache: CacheOptions = {}) {
  const service = fakeGuildhall()
  const client = createClient({ ...service.options, retries: 0, cache: { stream: false, maxStaleMs: 150, ...cache } })
  const post = async (account = olga, resource: typeof whole | typeof inTeam = whole) =>
    (await client.may(account, 'job.post', resource)).allowed
  return { service, client, post }
}
/** What was asked since beside looks at the feed, which a slow machine may take more of. */
const asks = (service: ReturnType<typeof fakeGuildhall>): string[] => service.take().filter((path) => path !== poll)
/** Longer than the cache may be without a look at the feed. */
const stale = () => delay(160)

t.test('Q-4: what is known is answered without a request, for a second by default, then after one look at the feed', async (t) => {
  const { service, client, post } = setUp()
  t.equal(await post(), true)
  t.equal(service.asked.find(({ path }) => path.includes('permissions'))!.headers.get('consistency'), 'full')
  t.strictSame(asks(service), [map])
  for (let time = 0; time < 100; time++) await post()
  t.match(await client.may(olga, 'job.post', inTeam), { allowed: true, reason: 'granted', grants: [{ role: 'recruiter' }], cached: true })
  t.match(await client.may(olga, 'company.read', inTeam), { allowed: true }, 'what holds in the whole holds in its teams')
  t.match(await client.may(olga, 'job.post', { type: 'team', id: team }), { cached: true }, 'a team that was seen needs no organization')
  t.strictSame(asks(service), [])
  await stale()
  await Promise.all(Array.from({ length: 20 }, () => post()))
  t.strictSame(service.take(), [poll], 'one for all')
  t.match(client.cacheStats(), { entries: 1, misses: 0, bypassed: 0 })
})

t.test('Q-4: a change is known with the next look at the feed, whomever it names', async (t) => {
  for (const names of [[olga], [company], ['member_1', 'nothing that is known']]) {
    const { service, post } = setUp()
    await post()
    service.posters.clear()
    service.tell('contract-1', ...names, 'contract-2')
    await stale()
    t.equal(await post(), false, names.join())
    t.equal(JSON.parse(service.asked.at(-1)!.body).context.consistency, 'full', 'never from a cache of the service')
    service.take()
    t.equal(await post(), false)
    t.strictSame(asks(service), [], 'a denial is kept with its reason')
    service.posters.add(olga)
    service.tell(olga)
    await stale()
    t.equal(await post(), true, 'and ends like what is allowed')
  }
  const { service, post } = setUp()
  await post()
  service.tell(remy.replace('account', 'company'))
  await stale()
  await post()
  t.strictSame(asks(service).slice(1), [], 'what others do changes nothing')
  service.tell(olga)
  await stale()
  await post()
  t.strictSame(asks(service), [map])
  t.equal(service.asked.length, 0)
})

t.test('Q-4: what was overtaken by an event is not kept', async (t) => {
  const { service, post } = setUp()
  await post(remy)
  await stale()
  // While the map is on its way, the right goes, and somebody else looks at the feed.
  service.state.meanwhile = async ({ path }) => {
    if (!path.includes(`${olga}/permissions`)) return
    service.state.meanwhile = async () => undefined
    service.posters.delete(olga)
    service.tell(olga)
    await stale()
    await post(remy)
  }
  t.equal(await post(), false, 'the service was asked')
  await stale()
  t.equal(await post(), false)
})

t.test('Q-4: without a feed nothing is answered from the cache, and nothing waits for it; it comes back by itself', async (t) => {
  const told: unknown[] = []
  const { service, client, post } = setUp({ onUnavailable: (error) => told.push(error) })
  await post()
  service.take()
  service.state.instead = ({ path }) => (path.startsWith('/v1/events') ? new TypeError('cut') : undefined)
  service.posters.clear()
  await stale()
  t.equal(await post(), false)
  t.strictSame(asks(service), [question])
  for (let time = 0; time < 5; time++) t.equal(await post(), false)
  t.ok(service.take().filter((path) => path === poll).length < 5, 'not asked for again at once')
  t.equal(told.length, 1)
  t.equal(client.cacheStats()!.bypassed, 6)

  // A feed that hangs holds up nobody for longer than an answer may be old.
  await delay(300)
  service.state.instead = async ({ path }) => (path.startsWith('/v1/events') ? void (await delay(2000)) : undefined)
  const begun = performance.now()
  t.equal(await post(), false)
  t.ok(performance.now() - begun < 600)

  service.state.instead = () => undefined
  service.tell(olga)
  await delay(600)
  await post()
  service.take()
  t.equal(await post(), false)
  t.strictSame(asks(service), [])
})

t.test('Q-7: errors allow and deny nothing', async (t) => {
  const { service, post } = setUp()
  service.state.instead = ({ path }) =>
    /permissions|access/.test(path) ? service.json({ code: 'service_unavailable', status: 503 }, 503) : undefined
  await t.rejects(post(), { code: 'service_unavailable' })
  service.state.instead = ({ path }) => (/permissions/.test(path) ? service.json({ code: 'not_found', status: 404 }, 404) : undefined)
  t.equal(await post(), true, 'the service decides about people that are not known here')
  service.state.instead = () => new TypeError('cut')
  await t.rejects(post(remy), { code: 'unreachable' })
})

t.test('a place that the feed no longer has, or too many events to read: all is compared anew', async (t) => {
  const { service, post } = setUp()
  await post()
  service.posters.clear()
  service.tell(olga)
  service.state.first = 1
  await stale()
  t.equal(await post(), false, 'bypassed')
  await delay(300)
  t.equal(await post(), false)
  service.take()
  t.equal(await post(), false)
  t.strictSame(asks(service), [], 'and cached again')

  service.posters.add(olga)
  service.tell(olga, ...Array.from({ length: 30 }, () => remy))
  await stale()
  t.equal(await post(), true)
  t.equal(service.take().filter((path) => path === poll).length, 6, 'five pages, and then the end')
})

t.test('E-5: what changes by the clock is not kept when it may be near, and a map is compared again in time', async (t) => {
  const { service, post } = setUp()
  service.state.changesAt = new Date(Date.now() + 30_000).toISOString()
  await post()
  service.take()
  await post()
  t.strictSame(asks(service), [map, question])
  service.state.changesAt = new Date(Date.now() + 61_500).toISOString()
  await post()
  service.take()
  await post()
  t.strictSame(asks(service), [])
  await delay(2600)
  await post()
  t.ok(service.take().includes(question))

  const aging = setUp({ maxAgeMs: 50 })
  await aging.post()
  await delay(60)
  aging.service.take()
  aging.service.state.instead = ({ path, headers }) => {
    if (path.includes('permissions')) t.ok(headers.get('if-none-match'))
    return undefined
  }
  t.equal(await aging.post(), true)
  t.strictSame(asks(aging.service), [map])
})

t.test('what the cache cannot know is asked of the service', async (t) => {
  const { service, client, post } = setUp()
  await post()
  service.take()
  await client.may(olga, 'job.post', whole, { consistency: 'full' })
  await client.may(olga, 'job.post', whole, { counterparty: { type: 'account', id: remy } })
  await client.may(olga, 'job.post', { type: 'contract', id: 'contract-1' })
  await client.may(olga, 'job.post', { type: 'team', id: 'team_of_others', organization: company })
  await client.may(olga, 'job.post', { type: 'agency', id: company })
  await client.explain(olga, 'job.post', whole)
  const session = client.session()
  await session.put('/v1/companies/{companyId}/plan', { params: { path: { companyId: company } }, body: { plan: 'free' } as never })
  await session.may(olga, 'job.post', whole)
  t.equal(service.take().filter((path) => path === question).length, 7)

  const all = [olga, remy, olga].map((account) => ({ account, action: 'job.post', resource: whole }))
  t.strictSame(
    (await client.mayAll(all)).map(({ allowed, cached }) => [allowed, cached]),
    [
      [true, true],
      [false, false],
      [true, true]
    ]
  )
  service.take()
  t.ok((await client.mayAll(all)).every(({ cached }) => cached))
  t.strictSame(asks(service), [])
})

t.test('Q-4: no more is kept than was asked for, and what was used last stays', async (t) => {
  const cache = permissionCache(3)
  const held = { id: company, kind: 'company', denied: null, organization: [], teams: [] } as const
  const keep = (account: string) =>
    cache.keep(cache.begin(account, company), { held: { ...held, organization: [], teams: [] }, etag: 'x', lifeMs: 1000 })
  for (const account of ['a', 'b', 'c']) keep(account)
  t.ok(cache.has('a', company))
  keep('d')
  t.strictSame(
    ['a', 'b', 'c', 'd'].map((account) => cache.has(account, company)),
    [true, false, true, true]
  )
  t.equal(cache.size(), 3)
  cache.drop(new Set([company]))
  t.strictSame([cache.has('a', company), cache.etagOf('a', company)], [false, 'x'], 'the ETag is left for comparing')
})

t.test('Q-4: denials are kept with their map, as many as there is room for in all, and go with it', async (t) => {
  const cache = permissionCache(10)
  const held = (): Held => ({ id: company, kind: 'company', denied: null, organization: [], teams: [] })
  const denial = { allowed: false, reason: 'missing_permission', grants: [], missing: [], cached: false }
  const keep = (account: string) => cache.keep(cache.begin(account, company), { held: held(), etag: 'x', lifeMs: 60_000 })
  const deny = (account: string, action: string) => cache.keepDenial(cache.begin(account, company), action, whole, denial)
  const asked = (account: string, action: string) => cache.answer(account, company, action, whole)?.reason
  for (const account of ['a', 'b', 'c']) keep(account)
  for (let n = 0; n < 15; n++) for (const account of ['a', 'b']) deny(account, `action.${n}`)
  for (let n = 0; n < 10; n++) deny('c', `action.${n}`)
  t.equal(cache.denials(), 40)
  deny('c', 'action.0')
  t.equal(cache.denials(), 40, 'the same twice is one')
  t.equal(asked('a', 'action.0'), 'missing_permission')
  deny('c', 'action.10')
  t.strictSame(
    ['a', 'b', 'c'].map((account) => cache.has(account, company)),
    [true, false, true],
    'the one used least recently goes, with its denials'
  )
  t.equal(cache.denials(), 15 + 11)
  t.equal(asked('c', 'action.10'), 'missing_permission')
  // What the service has confirmed keeps them, what it has answered anew does not.
  cache.keep(cache.begin('c', company), { lifeMs: 60_000 })
  t.equal(cache.denials(), 15 + 11)
  keep('c')
  t.equal(cache.denials(), 15)
  t.equal(asked('c', 'action.10'), undefined)
  cache.drop(new Set(['a']))
  t.equal(cache.denials(), 0)

  const roomy = permissionCache(1000)
  roomy.keep(roomy.begin('a', company), { held: held(), etag: 'x', lifeMs: 60_000 })
  for (let n = 0; n < 150; n++) roomy.keepDenial(roomy.begin('a', company), `action.${n}`, whole, denial)
  t.equal(roomy.denials(), 100, 'of one map only so many')
})
