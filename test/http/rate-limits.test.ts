import type { LightMyRequestResponse as Response } from 'fastify'
import pino from 'pino'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import type { Pipeline } from '../../src/db/pipeline.ts'
import { addressBlock, addressPlace, trustedProxies } from '../../src/http/addresses.ts'
import { type Policy, rateLimits } from '../../src/http/rate-limits.ts'
import { problemFault } from '../support/problems.ts'
import { openWorld, registration } from '../support/world.ts'

// Windows of a day: no test runs into the end of one.
const world = await openWorld(t, {
  instances: 2,
  env: { LIMIT_REGISTER: '7/d', LIMIT_SIGN_IN: '6/d,4/d', LIMIT_ANONYMOUS: '60/d', LIMIT_READ: '40/d', LIMIT_WRITE: '8/d' }
})
const { config } = world
const from = (remoteAddress: string, email: string, instance = 0, headers: Record<string, string> = {}): Promise<Response> =>
  world.inject({ method: 'POST', url: '/v1/accounts', payload: { ...registration, email }, remoteAddress, headers }, instance)
const count = (answers: Response[], status: number): number => answers.filter(({ statusCode }) => statusCode === status).length
const secondsLeft = async (): Promise<number> =>
  (await world.sql<{ seconds: number }>(`select (86400 - extract(epoch from clock_timestamp())::numeric % 86400)::float8 as seconds`))[0]!
    .seconds

t.test('429: instances agree exactly on what guards secrets, however many ask at once', async (t) => {
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => from('192.0.2.1', `n${n}@example.com`, n)))
  t.equal(count(answers, 202), 7)
  t.strictSame(
    answers
      .filter(({ statusCode }) => statusCode !== 202)
      .map((answer) => problemFault(answer, 'too_many_requests'))
      .filter(Boolean),
    []
  )
  const remaining = answers
    .filter(({ statusCode }) => statusCode === 202)
    .map(({ headers }) => Number(/;r=(\d+)/.exec(String(headers.ratelimit))![1]))
  t.strictSame(remaining.sort(), [0, 1, 2, 3, 4, 5, 6], 'each is told its own rest')
  t.equal((await world.sql<{ count: number }>('select count(*)::int as count from accounts'))[0]!.count, 7)
})

t.test('429: says which limit, how much it allows, and when it ends by the clock of the database', async (t) => {
  const refused = await from('192.0.2.1', 'late@example.com', 1)
  t.equal(problemFault(refused, 'too_many_requests'), undefined)
  t.same(refused.json().violatedPolicies, ['register'])
  t.equal(refused.headers['ratelimit-policy'], '"register";q=7;w=86400')
  const [, rest, resets] = /^"register";r=(\d+);t=(\d+)$/.exec(String(refused.headers.ratelimit))!
  t.equal(rest, '0')
  t.equal(refused.headers['retry-after'], resets)
  t.ok(Math.abs(Number(resets) - (await secondsLeft())) < 5, 'the window ends at the next multiple of its length')
})

t.test('a refusal comes before the body is read, and before anybody is looked up', async (t) => {
  const refused = await world.inject({
    method: 'POST',
    url: '/v1/accounts',
    payload: '{"broken',
    headers: { 'content-type': 'application/json' },
    remoteAddress: '192.0.2.1'
  })
  t.equal(problemFault(refused, 'too_many_requests'), undefined)
})

t.test('of several rates every one holds', async (t) => {
  const [olga] = await Promise.all([world.person('Olga')])
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      world.inject(
        { method: 'POST', url: '/v1/sessions', payload: { email: olga!.email, password: olga!.password }, remoteAddress: '192.0.2.2' },
        n
      )
    )
  )
  t.equal(count(answers, 201), 4)
  t.equal(count(answers, 429), 6)
})

t.test('a signed-in person is counted by account, wherever the requests come from; changes are counted apart', async (t) => {
  const ada = await world.person('Ada')
  const max = await world.person('Max')
  const read = (n: number, person = ada) => world.inject({ url: '/v1/me', headers: person.headers, remoteAddress: `203.0.113.${n}` }, n)
  const first = await read(0)
  t.match(first.headers['ratelimit-policy'], '"read";q=40;w=86400')
  const write = (n: number) =>
    world.inject(
      {
        method: 'PATCH',
        url: '/v1/me',
        payload: { firstName: 'Ada' },
        headers: { ...ada.headers, 'if-match': '"0"' },
        remoteAddress: `203.0.113.${n}`
      },
      n
    )
  const writes = await Promise.all(Array.from({ length: 12 }, (_, n) => write(n)))
  t.equal(count(writes, 412), 8)
  t.equal(count(writes, 429), 4)
  t.same(writes.find(({ statusCode }) => statusCode === 429)!.json().violatedPolicies, ['write'])
  const reads = await Promise.all(Array.from({ length: 40 }, (_, n) => read(n)))
  // Leased: what one instance has left over is not lost, but not lent to the other either.
  t.ok(count(reads, 200) <= 27 && count(reads, 200) >= 19, `${count(reads, 200)} reads`)
  t.equal((await read(1, max)).statusCode, 200, 'somebody else is not affected')
})

t.test('401 then 429: tokens that are refused count against the address', async (t) => {
  const tries = await Promise.all(
    Array.from({ length: 70 }, (_, n) =>
      world.inject({ url: '/v1/me', headers: { authorization: 'Bearer not-a-token' }, remoteAddress: '192.0.2.3' }, n)
    )
  )
  t.ok(count(tries, 401) <= 60 && count(tries, 401) >= 48, `${count(tries, 401)} answered 401`)
  t.equal(count(tries, 401) + count(tries, 429), 70)
})

t.test('IPv6 counts by /64, IPv4 by the address, whichever way it is written', async (t) => {
  for (let n = 0; n < 7; n++) t.equal((await from(`2001:db8:1:2::${n + 1}`, `v6-${n}@example.com`, n)).statusCode, 202)
  t.equal((await from('2001:db8:1:2:ffff:ffff:ffff:ffff', 'v6-last@example.com')).statusCode, 429)
  t.equal((await from('2001:db8:1:3::1', 'v6-next@example.com')).statusCode, 202, 'the next /64')
  t.equal((await from('::ffff:192.0.2.1', 'mapped@example.com')).statusCode, 429, 'an IPv4 address in its mapped form')

  const blocks: Array<[string, string, string]> = [
    ['192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
    ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
    ['2001:db8:a:b:1:2:3:4', '2001:db8:a:b::/64', '2001:db8:a::/48'],
    ['2001:0DB8:000a:000b::', '2001:db8:a:b::/64', '2001:db8:a::/48'],
    ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8:0::/48'],
    ['::1', '0:0:0:0::/64', '0:0:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64', 'fe80:0:0::/48'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64', '1:0:2::/48'],
    ['not an address', 'not an address', 'unknown']
  ]
  for (const [address, block, place] of blocks) t.same([addressBlock(address), addressPlace(address)], [block, place], address)
})

t.test('X-Forwarded-For is believed from the named proxies only, and only its last hop that is none of them', async (t) => {
  const forwarded = { 'x-forwarded-for': '198.51.100.9' }
  t.equal((await from('192.0.2.1', 'forged@example.com', 0, forwarded)).statusCode, 429, 'without TRUST_PROXY the header says nothing')

  const behind = await buildApp(
    { ...world.parts, config: { ...config, TRUST_PROXY: '10.0.0.0/8, 2001:db8:ffff::/48' } },
    { log: pino({ level: 'silent' }), strict: true }
  )
  t.teardown(() => behind.close())
  const through = async (remoteAddress: string, via: string, n: number): Promise<number> => {
    const payload = { ...registration, email: `${via.replaceAll(/\W/g, '-')}${n}@example.com` }
    return (await behind.inject({ method: 'POST', url: '/v1/accounts', payload, remoteAddress, headers: { 'x-forwarded-for': via } }))
      .statusCode
  }
  t.equal(await through('10.1.2.3', '192.0.2.1', 0), 429, 'a client that is over its limit')
  t.equal(await through('10.1.2.3', '198.51.100.9', 0), 202)
  for (let n = 1; n < 7; n++)
    t.equal(await through('::ffff:10.1.2.3', `203.0.113.${n}, 198.51.100.9`, n), 202, 'what the client wrote itself does not help')
  t.equal(await through('10.1.2.3', '203.0.113.77, 198.51.100.9, 10.9.9.9', 7), 429)
  t.equal(await through('2001:db8:ffff::1', '198.51.100.9', 8), 429)
  t.equal(await through('192.0.2.1', '198.51.100.50', 9), 429, 'who is no proxy says nothing')

  for (const list of ['', 'localhost', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/x', '::/129', '1.2.3.4,'])
    t.throws(() => trustedProxies(list), list)
})

t.test("counts outlive an instance, hold nobody's address, and end with their window", async (t) => {
  const policy: Policy = { name: 'guard', rates: [{ amount: 3, seconds: 86_400 }], lease: 1 }
  const instance = () => rateLimits(world.parts.db.pipeline, config.keys)
  for (const allowed of [true, true, true, false]) t.equal((await instance().use(policy, '192.0.2.200')).allowed, allowed)
  t.equal((await instance().use(policy, '192.0.2.201')).allowed, true)
  const stored = await world.sql<{ text: string }>(`select encode(key, 'escape') as text from rate_counters`)
  t.notMatch(stored.map(({ text }) => text).join(), /192\.0\.2|example\.com/)
  const [ends] = await world.sql<{ whole: boolean }>(
    'select bool_and(extract(epoch from window_ends_at) % 60 = 0 and window_ends_at > now() - make_interval(mins => 1) and window_ends_at <= now() + make_interval(days => 1)) as whole from rate_counters'
  )
  t.equal(ends!.whole, true)
  await world.sql(`update rate_counters set window_ends_at = window_ends_at - interval '1 day'`)
  t.equal((await instance().use(policy, '192.0.2.200')).allowed, true, 'a window that has ended counts for nothing')
})

t.test('leased or not, instances together never let more through than the rate, and little less', async (t) => {
  for (const [amount, lease] of [
    [100, 1],
    [100, 50],
    [1000, 50],
    [95, 7],
    [1, 50],
    [3, 3]
  ] as const) {
    const policy: Policy = { name: `leased-${amount}-${lease}`, rates: [{ amount, seconds: 86_400 }], lease }
    const instances = Array.from({ length: 4 }, () => rateLimits(world.parts.db.pipeline, config.keys))
    const uses = await Promise.all(Array.from({ length: amount * 2 }, (_, n) => instances[n % 4]!.use(policy, 'somebody')))
    const allowed = uses.filter((use) => use.allowed).length
    const reserved = Math.max(1, Math.min(lease, Math.floor(amount / 10)))
    t.ok(allowed <= amount && allowed > amount - 4 * reserved, `${allowed} of ${amount} with leases of ${reserved}`)
    if (reserved === 1) t.equal(allowed, amount)
  }
})

t.test('a lease ends with its window, and never blocks when the database is slow', async (t) => {
  let asked = 0
  const answers = [
    { used: 1, seconds: 100 },
    { used: null, seconds: 0 },
    { used: 1, seconds: -1 },
    { used: 5, seconds: 0 }
  ]
  const pipeline = { run: async () => [answers[asked++ % answers.length]] } as unknown as Pipeline
  const limits = rateLimits(pipeline, config.keys)
  const policy: Policy = { name: 'short', rates: [{ amount: 5, seconds: 1 }], lease: 1 }
  const use = async () => (await limits.use(policy, 'somebody')).allowed
  t.equal(await use(), true)
  t.equal(await use(), false, 'the window is full')
  t.equal(await use(), true, 'it ended at once: asked again, and counted where it was asked')
  t.equal(await use(), true, 'the last one of a window')
  t.equal(asked, 4)
})

t.test('503: limits that cannot be counted let nothing through, and recover', async (t) => {
  let broken = true
  const pipeline = {
    run: async () => {
      if (broken) throw new Error('no database')
      return [{ used: 1, seconds: 100 }]
    }
  } as unknown as Pipeline
  const limits = rateLimits(pipeline, config.keys)
  const policy: Policy = { name: 'short', rates: [{ amount: 5, seconds: 60 }], lease: 1 }
  const tries = await Promise.allSettled([limits.require(policy, 'a'), limits.require(policy, 'a'), limits.require(policy, 'b')])
  t.ok(tries.every(({ status }) => status === 'rejected'))
  broken = false
  t.equal((await limits.require(policy, 'a')).remaining, 4)
})
