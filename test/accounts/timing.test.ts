import pg from 'pg'
import t, { type Test } from 'tap'
import { passwordHasher } from '../../src/accounts/password-hasher.ts'
import { inForce } from '../support/enforcement.ts'
import { organizations } from '../support/organizations.ts'
import { long, openWorld, registration } from '../support/world.ts'

t.setTimeout(120_000)

// Every statement that the service sends, on any of its connections.
const statements: string[] = []
const { query } = pg.Client.prototype
pg.Client.prototype.query = function (this: pg.Client, ...given: Parameters<typeof query>) {
  const [statement] = given as unknown as [string | { text: string }]
  const text = typeof statement === 'string' ? statement : statement.text
  // By the clock, whatever is asked for: whether the connection that listens is alive.
  if (text !== 'select 1') statements.push(text)
  return query.apply(this, given)
} as typeof query

async function statementsOf(send: () => Promise<unknown>): Promise<string[]> {
  statements.length = 0
  await send()
  return [...statements]
}

// Hashes that take a good part of a request's time, so that one left out shows.
const world = await openWorld(t, { env: { PENDING_INVITATIONS: '10000' }, config: { ARGON2_MEMORY_KIB: 4096, FAILED_SIGN_INS: 1000 } })
const { post } = world
// Counted one by one, or one request in ten would ask the database once more.
for (const name of ['read', 'write'] as const) world.parts.policies[name].lease = 1

// And every password that it hashes.
const { hash, verify } = world.parts.passwords
Object.assign(world.parts.passwords, {
  hash(...given: Parameters<typeof hash>) {
    statements.push('hash')
    return hash(...given)
  },
  verify(...given: Parameters<typeof verify>) {
    statements.push('verify')
    return verify(...given)
  }
})

type Send = (sample: number) => ReturnType<typeof post>

const tolerance = 0.05
const batch = 20
const leastSamples = 3 * batch
const longestMs = long ? 3000 : 1500

const shuffled = <T>(list: T[]): T[] =>
  list
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)

/** The median of some times, and between which of them it lies but for one chance in several hundred. */
function medianOf(times: number[]): { least: number; median: number; most: number } {
  const sorted = [...times].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const spread = 1.5 * Math.sqrt(sorted.length)
  return { least: sorted[Math.floor(middle - spread)]!, median: sorted[Math.floor(middle)]!, most: sorted[Math.ceil(middle + spread)]! }
}

/**
 * Times requests that nobody may tell apart, one of each kind in turn, until their medians agree. A busy machine makes some slow: after
 * some seconds what counts is whether the difference is more than noise. Answers undefined, or what differs.
 */
async function tellApart(kinds: Record<string, Send>, status: number): Promise<string | undefined> {
  const names = Object.keys(kinds)
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]]))
  const end = performance.now() + longestMs
  for (let sample = 0; ; ) {
    // Far from a hundred wrong passwords in a row, which would end sign-in.
    await world.sql('delete from sign_in_failures; delete from invitations')
    for (const upTo = sample + batch; sample < upTo; sample++) {
      for (const name of shuffled(names)) {
        const begin = performance.now()
        const answer = await kinds[name]!(sample)
        times[name]!.push(performance.now() - begin)
        if (answer.statusCode !== status) return `${name}: ${answer.body}`
      }
    }
    if (sample < leastSamples) continue
    const medians = names.map((name) => ({ name, ...medianOf(times[name]!) })).sort((a, b) => a.median - b.median)
    const [fastest, slowest] = [medians[0]!, medians.at(-1)!]
    if (slowest.median <= fastest.median * (1 + tolerance)) return undefined
    if (performance.now() < end) continue
    const apart = medians.some(({ most }) => medians.some(({ least }) => least > most * (1 + tolerance)))
    return apart ? medians.map(({ name, median }) => `${name} ${median.toFixed(2)} ms`).join(', ') : undefined
  }
}

const kim = await world.person('Kim')
const carl = await world.person('Carl')
const susan = await world.person('Susan')
await world.sql(
  `update accounts set status = 'closed', closed_at = now() where id = (select account_id from emails where canonical = $1)`,
  [carl.email]
)
await world.sql(`update accounts set ${inForce('suspended')} where id = (select account_id from emails where canonical = $1)`, [
  susan.email
])
await post('/v1/accounts', { ...registration, email: 'uma@example.com' })
await world.mails()

// For inviting, where an address is used once: many addresses of each of them.
const many = 5000
const five = (sample: number): string => String(sample % many).padStart(5, '0')
for (const [name, email] of Object.entries({ kim: kim.email, carl: carl.email, uma: 'uma@example.com' }))
  await world.sql(
    `insert into emails (id, account_id, address, canonical, canonical_version, is_primary, verified_at)
      select gen_random_uuid(), account_id, a, a, canonical_version, false, verified_at
      from emails, generate_series(0, ${many - 1}) as n, lateral (select $1 || lpad(n::text, 5, '0') || '@invited.example') as one (a) where canonical = $2`,
    [name, email]
  )
const olga = await world.person('Olga')
const company = await organizations(world).found(olga)
const invite = (name: string) => (sample: number) =>
  post(`${company.url}/invitations`, { email: `${name}${five(sample)}@invited.example`, message: 'Come' }, olga.headers)
const { silenced } = await (async () => {
  const invited = await invite('noan')(0)
  const token = await world.mailedToken(invited.json().email, 'ghn')
  await post('/v1/invitation-preferences', { token, doNotInvite: true })
  return { silenced: invited.json().email as string }
})()

/** All that an answer tells but what is its own: its ids, moments and link, the address that was asked about, and the count of requests. */
function told({ statusCode, headers, body }: Awaited<ReturnType<Send>>): string {
  const { date: _, 'x-request-id': __, ratelimit: ___, 'consistency-token': ____, 'content-length': _____, ...rest } = headers
  const plain = body
    .replaceAll(/invitation_[0-9a-z]{26}/g, 'id')
    .replaceAll(/ghc_[\w-]{49}/g, 'token')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'moment')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'request')
    .replaceAll(/[\w.]+@invited\.example/g, 'address')
  return `${statusCode} ${JSON.stringify(rest)} ${plain}`
}

// Nobody's address is another one each time, or it would be an unproven one the second time.
const addresses: Record<string, (sample: number) => string> = {
  known: () => kim.email,
  unproven: () => 'uma@example.com',
  closed: () => carl.email,
  unknown: (sample) => `nobody${sample}@example.com`
}
const wrong = 'violet harbour nineteen lamps'
const claimed = 'onion bridge walnut ferry'
const sending = (send: (email: string) => ReturnType<typeof post>): Record<string, Send> =>
  Object.fromEntries(Object.entries(addresses).map(([name, address]) => [name, (sample) => send(address(sample))]))

const asked: Array<{ title: string; status: number; hashes: number; kinds: Record<string, Send> }> = [
  {
    title: 'P-2 202: a registration takes the same work and time whoever has the email',
    status: 202,
    hashes: 1,
    kinds: sending((email) => post('/v1/accounts', { ...registration, email, password: claimed }))
  },
  {
    title: 'P-2 202: asking for a proof takes the same work and time whoever has the email',
    status: 202,
    hashes: 0,
    kinds: sending((email) => post('/v1/email-verifications/resend', { email }))
  },
  {
    title: 'P-2 202: asking for a reset takes the same work and time whoever has the email',
    status: 202,
    hashes: 0,
    kinds: sending((email) => post('/v1/password-resets', { email }))
  },
  {
    title: 'S-2 401: a wrong password takes the same work and time as an unknown email, whatever the state of the account',
    status: 401,
    // One for whoever has proven the address, one for whoever claims it.
    hashes: 2,
    kinds: {
      ...sending((email) => world.signIn({ email, password: wrong })),
      suspended: () => world.signIn({ ...susan, password: wrong }),
      'closed, with the right password': () => world.signIn(carl)
    }
  },
  {
    title: 'N-3 201: inviting takes the same work and time whoever has the email',
    status: 201,
    hashes: 0,
    kinds: { known: invite('kim'), unproven: invite('uma'), closed: invite('carl'), unknown: invite('nobody') }
  }
]

for (const { title, status, hashes, kinds } of asked) {
  t.test(title, async (t: Test) => {
    const expected = await statementsOf(() => kinds.unknown!(1_000_001))
    t.ok(expected.length >= 3, `${expected.length} statements`)
    t.equal(expected.filter((each) => each === 'hash' || each === 'verify').length, hashes)
    for (const [name, send] of Object.entries(kinds)) t.strictSame(await statementsOf(() => send(2_000_000)), expected, name)
    const alike = told(await kinds.unknown!(1_000_002))
    for (const [name, send] of Object.entries(kinds)) t.equal(told(await send(2_000_003)), alike, name)
    t.equal(await tellApart(kinds, status), undefined)
  })
}

t.test('N-8 201: a silenced address takes the same work, and is told like any', async (t) => {
  await world.sql('delete from invitations')
  const [one, other] = [
    () => invite('nobody')(1),
    () => post(`${company.url}/invitations`, { email: silenced, message: 'Come' }, olga.headers)
  ]
  const expected = await statementsOf(one)
  t.strictSame(await statementsOf(other), expected)
  await world.sql('delete from invitations')
  t.equal(told(await other()), told(await one()))
})

t.test('S-2: a password that nobody has is hashed like any other', async (t) => {
  const hasher = passwordHasher({ ...world.config, ARGON2_MEMORY_KIB: 16_384, ARGON2_PASSES: 2 })
  const stored = await hasher.hash(wrong)
  const time = async (of: typeof stored | undefined) => {
    const begin = performance.now()
    await hasher.verify(claimed, of)
    return performance.now() - begin
  }
  let [known, unknown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  const alike = () => unknown > known / 2 && unknown < known * 2
  // The quickest of ten or more, in turn, since a busy machine may interrupt any one.
  for (let run = 0; run < 10 || (run < 100 && !alike()); run++) {
    known = Math.min(known, await time(stored))
    unknown = Math.min(unknown, await time(undefined))
  }
  t.ok(alike(), `${known.toFixed(1)} ms and ${unknown.toFixed(1)} ms`)
  t.strictSame(await hasher.verify('nobody has this password', undefined), { ok: false, outdated: false }, 'and never found right')
})
