import t from 'tap'
import { passwordHasher } from '../../src/accounts/password-hasher.ts'
import { refuse } from '../../src/problems.ts'
import { refused } from '../support/problems.ts'
import { openWorld, registration } from '../support/world.ts'

const waiting = 8
const world = await openWorld(t, {
  instances: 2,
  // Hashes as dear as in production, one at a time.
  config: { ARGON2_MEMORY_KIB: 47_104, ARGON2_PASSES: 2, HASH_CONCURRENCY: 1, HASH_QUEUE: waiting },
  env: { LIMIT_SIGN_IN: '6/d', LIMIT_SIGN_IN_PAIR: '3/d', FAILED_SIGN_INS: '100' }
})
const { config, inject, sql } = world
const olga = await world.person('Olga')
const wrong = 'violet harbour nineteen lamps'

let addresses = 0
/** A client address that nobody had before. */
const stranger = () => `198.51.${100 + Math.floor(addresses / 250)}.${1 + (addresses++ % 250)}`
const signIn = (email: string, password = wrong, { from = stranger(), instance = 0, headers = {} } = {}) =>
  inject({ method: 'POST', url: '/v1/sessions', payload: { email, password }, remoteAddress: from, headers }, instance)

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

t.test('503: more sign-ins than can wait are refused at once, are no failures, and leave the others fast', async (t) => {
  const me = () => inject({ url: '/v1/me', headers: olga.headers })
  const quiet: number[] = []
  for (let count = 0; count < 30; count++) quiet.push(await timed(me))

  let over = false
  const flood = Promise.all(Array.from({ length: 50 }, (_, index) => signIn(index % 2 === 0 ? 'flooded@example.com' : olga.email))).finally(
    () => {
      over = true
    }
  )
  const busy: number[] = []
  while (!over) busy.push(await timed(me))
  const answers = await flood
  const verified = answers.filter(({ statusCode }) => statusCode === 401)
  // Each may look twice, and one that comes late may find a place that has become free.
  const most = 2 * (1 + waiting)
  t.ok(verified.length > 0 && verified.length <= most, `${verified.length} were looked at`)
  for (const answer of answers) {
    if (verified.includes(answer)) continue
    refused(t, answer, 503, 'overloaded')
    t.ok(Number(answer.headers['retry-after']) >= 1)
  }
  t.ok(busy.length > 10, `${busy.length} other requests in the meantime`)
  t.ok(median(busy) < 5 * median(quiet) + 10, `${median(busy).toFixed(1)} ms in the flood, ${median(quiet).toFixed(1)} ms in the quiet`)
  const [counted] = await sql<{ tries: number }>(
    "select sum(consecutive)::int as tries from sign_in_failures where window_started_at > now() - interval '1 hour'"
  )
  t.ok(counted!.tries >= verified.length && counted!.tries <= most, `${counted!.tries} tries: what was not looked at is not counted`)
  t.equal((await signIn(olga.email, olga.password)).statusCode, 201)
})

t.test('hashing is done beside the event loop, which stays free for others', async (t) => {
  const { hash, verify } = world.parts.passwords
  const stored = await hash('anything')
  const works: Array<() => Promise<unknown>> = [() => hash('anything'), () => verify('anything', stored)]
  for (const work of works) {
    const before = performance.eventLoopUtilization()
    await Promise.all(Array.from({ length: 4 }, work))
    const { utilization } = performance.eventLoopUtilization(before)
    t.ok(utilization < 0.5, `busy for ${Math.round(utilization * 100)} % of the time`)
  }
})

t.test('503: a password that was looked at is counted, though there was no time for more', async (t) => {
  const { passwords } = world.parts
  const { verify } = passwords
  t.teardown(() => {
    passwords.verify = verify
  })
  let looks = 0
  passwords.verify = async (...given) => {
    if (++looks % 2 === 0) throw refuse('overloaded')
    return verify(...given)
  }
  await sql('truncate sign_in_failures')
  for (let count = 0; count < 3; count++) refused(t, await signIn(olga.email), 503, 'overloaded')
  t.strictSame(await sql('select consecutive from sign_in_failures'), [{ consecutive: 3 }])
})

t.test('503: whatever needs a hash waits in the one queue', async (t) => {
  await world.post('/v1/password-resets', { email: olga.email })
  const token = await world.mailedToken(olga.email, 'ghp')
  const { hash } = world.parts.passwords
  let done = false
  const keepFull = async () => {
    while (!done) await hash('anything')
  }
  const full = Promise.all(Array.from({ length: 1 + waiting }, keepFull))
  const passwords = { currentPassword: olga.password, newPassword: wrong }
  const answers = {
    registration: await world.post('/v1/accounts', { ...registration, email: 'late@example.com' }),
    'sign-in': await signIn(olga.email),
    reauthentication: await inject({
      method: 'POST',
      url: '/v1/me/reauthentication',
      headers: olga.headers,
      payload: { password: wrong },
      remoteAddress: stranger()
    }),
    'password change': await inject({ method: 'PUT', url: '/v1/me/password', headers: olga.headers, payload: passwords }),
    reset: await world.post('/v1/password-resets/confirm', { token, password: wrong })
  }
  done = true
  await full
  for (const [name, answer] of Object.entries(answers)) refused(t, answer, 503, 'overloaded', name)
  t.equal((await signIn(olga.email, olga.password)).statusCode, 201, 'and nothing has changed')
  t.equal(
    (await world.post('/v1/password-resets/confirm', { token, password: olga.password })).statusCode,
    200,
    'nor was the token used up'
  )
  olga.headers.authorization = `Bearer ${(await signIn(olga.email, olga.password)).json().accessToken}`
})

t.test('a hash that waits too long is given up, and its place is free again', async (t) => {
  const hasher = passwordHasher({ ...config, HASH_WAIT_MS: 5 })
  t.match(await hasher.verify('anything', undefined), { ok: false }, 'nobody has no password')
  const outcomes = await Promise.allSettled([hasher.hash('one'), hasher.hash('two'), hasher.hash('three')])
  t.match(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected'])
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') t.match(outcome.reason, { code: 'overloaded', options: { retryAfter: 2 } })
  t.equal(hasher.waiting(), 0)
  const stored = await hasher.hash('four')
  t.strictSame(await hasher.verify('four', stored), { ok: true, outdated: false })
  t.strictSame(await hasher.verify('five', stored), { ok: false, outdated: false })
})

t.test('429: sign-ins are limited by client and address, and by client, on all instances together', async (t) => {
  const block = (host: number) => `2001:db8:1:2::${host.toString(16)}`
  for (let count = 0; count < 3; count++) {
    refused(t, await signIn(olga.email, wrong, { from: block(count), instance: count }), 401, 'invalid_credentials')
    refused(t, await signIn('nobody@example.com', wrong, { from: block(100 + count), instance: count }), 401, 'invalid_credentials')
  }
  const limited = await signIn(olga.email, olga.password, {
    from: block(4),
    headers: { 'x-forwarded-for': '203.0.113.200', forwarded: 'for=203.0.113.200' }
  })
  refused(t, limited, 429, 'too_many_requests', 'another host of the same network, whatever it says of itself')
  t.match(limited.json(), { violatedPolicies: ['sign-in'] })
  t.ok(Number(limited.headers['retry-after']) > 0)

  const mapped = ['203.0.113.50', '::ffff:203.0.113.50']
  for (let count = 0; count < 3; count++)
    refused(t, await signIn(olga.email, wrong, { from: mapped[count % 2]!, instance: count }), 401, 'invalid_credentials')
  const pair = await signIn('OLGA@example.com', olga.password, { from: mapped[1]!, instance: 1 })
  refused(t, pair, 429, 'too_many_requests', 'another spelling')
  t.match(pair.json(), { violatedPolicies: ['sign-in-pair'] })
  refused(t, await signIn('nobody@example.com', wrong, { from: mapped[0]! }), 401, 'invalid_credentials', 'another address')
  t.equal((await signIn(olga.email, olga.password, { from: '2001:db8:1:3::1' })).statusCode, 201, 'another network')
})
