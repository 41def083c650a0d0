import { randomBytes, randomUUID } from 'node:crypto'
import { sql as statement } from 'drizzle-orm'
import t from 'tap'
import type { Config } from '../../src/config.ts'
import { rows } from '../../src/db/database.ts'
import { parseId, publicId } from '../../src/http/ids.ts'
import { hmac, type Keyring, parseKeyring } from '../../src/keyring.ts'
import { appealEpoch, isAppealToken, readAppealToken, signedAppealUrl } from '../../src/sessions/appeal-links.ts'
import { imposed, inForce } from '../support/enforcement.ts'
import { meanwhile } from '../support/locks.ts'
import { refused } from '../support/problems.ts'
import { openWorld, registration, rounds } from '../support/world.ts'

// Many at once wait for one lock, on a machine that may be busy.
const world = await openWorld(t, { instances: 2, env: { LOCK_TIMEOUT_MS: '10000', STATEMENT_TIMEOUT_MS: '10000' } })
const { config, parts, person, post, signIn, sql } = world
const right = registration.password
const wrong = 'violet harbour nineteen lamps'
const failuresBeforePause = 10

const attempt = (email: string, password: string, instance = 0) => post('/v1/sessions', { email, password }, {}, instance)

/** Changes the account behind an address. */
const account = (email: string, changes: string, values: unknown[] = []) =>
  sql(`update accounts set ${changes} where id in (select account_id from emails where canonical = $1)`, [email, ...values])

/** Changes the one row of failures there is, or all. */
const failures = (changes: string) => sql(`update sign_in_failures set ${changes}`)
const countOf = async () => (await sql<{ consecutive: number }>('select consecutive from sign_in_failures')).map((row) => row.consecutive)

t.beforeEach(async () => {
  await sql('truncate sign_in_failures')
})

t.test('201: signing in opens a session of its own, whatever the request brings along', async (t) => {
  const olga = await person('Olga')
  const before = { ...olga.headers, cookie: `__Host-guildhall-refresh=${olga.refreshToken}` }
  const answer = await post('/v1/sessions', { email: 'Olga@EXAMPLE.com', password: right }, before)
  t.equal(answer.statusCode, 201)
  t.equal(answer.headers['cache-control'], 'no-store')
  const { sessionId, accessToken, refreshToken, expiresIn, account, ...rest } = answer.json()
  t.strictSame(rest, {})
  t.equal(expiresIn, 300)
  t.match(sessionId, /^session_[0-9a-z]{26}$/)
  t.not(sessionId, olga.sessionId)
  t.not(refreshToken, olga.refreshToken)
  const me = await world.inject({ url: '/v1/me', headers: { authorization: `Bearer ${accessToken}` } })
  t.strictSame(account, me.json())
  t.equal((await world.inject({ url: '/v1/me', headers: olga.headers })).statusCode, 200, 'the session before it lives')
  t.match(
    await sql(
      "select e.actor_kind, p.values ->> 'device' as device from audit_events e join audit_personal p on p.event_id = e.id where e.resource = $1",
      [sessionId]
    ),
    [{ actor_kind: 'anonymous', device: 'lightMyRequest' }]
  )
})

t.test('400 415: what is no sign-in is refused, place by place', async (t) => {
  const email = 'nobody@example.com'
  const cases: Array<[object, string]> = [
    [{ password: right }, '/email'],
    [{ email }, '/password'],
    [{ email, password: '' }, '/password'],
    [{ email, password: 'x'.repeat(2049) }, '/password'],
    [{ email: [email], password: right }, '/email'],
    [{ email: { email }, password: right }, '/email'],
    [{ email, password: 12345678 }, '/password'],
    [{ email, password: right, totp: '12345' }, '/totp'],
    [{ email, password: right, totp: 123456 }, '/totp'],
    [{ email, password: right, recoveryCode: 'short' }, '/recoveryCode'],
    [{ email, password: right, refreshTransport: 'header' }, '/refreshTransport'],
    [{ email, password: right, accountId: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm' }, '/accountId']
  ]
  for (const [body, pointer] of cases) {
    const answer = await post('/v1/sessions', body)
    t.match(answer.json(), { status: 400, code: 'invalid_input', errors: [{ pointer }] }, pointer)
  }
  const raw = (payload: string, type = 'application/json') =>
    world.inject({ method: 'POST', url: '/v1/sessions', payload, headers: { 'content-type': type } })
  refused(t, await raw('{'), 400, 'malformed_request')
  refused(t, await raw(JSON.stringify({ email, password: right }), 'text/plain'), 415, 'unsupported_media_type')
  refused(t, await raw(`{"email":"${email}","password":"${right}","__proto__":{"admin":true}}`), 400, 'malformed_request')
  t.strictSame(await countOf(), [], 'none of them counted as a try')
})

t.test('S-2 401: an unknown address and a wrong password get one answer, whatever the state of the account', async (t) => {
  await person('Ada')
  await post('/v1/accounts', { ...registration, email: 'unproven@example.com' })
  for (const state of ['suspended', 'banned', 'restricted']) await person(state)
  await account('suspended@example.com', inForce('suspended'))
  await account('banned@example.com', inForce('banned'))
  await account('restricted@example.com', inForce('restricted'))
  await person('Closed')
  await account('closed@example.com', "status = 'closed', closed_at = now()")
  await person('Second')
  await sql(
    "insert into second_factors (account_id, sealed_secret, key_id, confirmed_at) select account_id, '', 'a', now() from emails where canonical = 'second@example.com'"
  )

  const requestId = randomUUID()
  const shapeOf = async (email: string, password: string) => {
    const { statusCode, headers, body } = await post('/v1/sessions', { email, password }, { 'x-request-id': requestId })
    const { ratelimit, date, ...rest } = headers
    return { statusCode, body, headers: rest, names: Object.keys(headers), counted: String(ratelimit).replace(/\d+/g, '') }
  }
  const unknown = await shapeOf('nobody@example.com', wrong)
  t.match(unknown, { statusCode: 401, body: /"code":"invalid_credentials"/ })
  const states = ['ada', 'unproven', 'suspended', 'banned', 'restricted', 'closed', 'second']
  for (const name of states) t.strictSame(await shapeOf(`${name}@example.com`, wrong), unknown, name)
  t.strictSame(await shapeOf('closed@example.com', right), unknown, 'closed, with the right password')
  for (const address of ['no address', 'a@b@example.com', '"quoted"@example.com', 'a@[127.0.0.1]']) {
    t.strictSame(await shapeOf(address, right), unknown, address)
  }
  t.equal((await countOf()).length, 1 + states.length + 4, 'and counts in the same way')
})

t.test('S-2 403: only the right password learns that the email is not proven', async (t) => {
  await post('/v1/accounts', { ...registration, email: 'early@example.com' })
  refused(t, await attempt('early@example.com', right), 403, 'email_unverified')
  refused(t, await attempt('early@example.com', wrong), 401, 'invalid_credentials')
})

t.test('S-2 403: only the right password learns of a suspension or ban, its reason, its remedy, and where to appeal', async (t) => {
  const remedy = 'Send us an identity document.'
  for (const state of ['suspended', 'banned'] as const) {
    const { accountId } = await person('Sam', { email: `sam.${state}@example.com` })
    await imposed(world, parseId('account', accountId)!, state, { reasonCode: 'identity_unclear', remedy })
    refused(t, await attempt(`sam.${state}@example.com`, wrong), 401, 'invalid_credentials')

    const answer = await attempt(`sam.${state}@example.com`, right)
    refused(t, answer, 403, `account_${state}`)
    const { reason, appealUrl, ...rest } = answer.json()
    t.match({ reason, ...rest }, { reason: 'identity_unclear', remedy })
    t.notMatch(answer.body, /ghr_|eyJ/, 'no token of a session')
    const token = /^http:\/\/guildhall\.test\/appeal#token=([\w.-]+)$/.exec(appealUrl)?.[1]
    t.equal(publicId('account', readAppealToken(token!)!.accountId), accountId)
    const [opened] = await sql('select count(*)::int from sessions join emails using (account_id) where canonical = $1', [
      `sam.${state}@example.com`
    ])
    t.strictSame(opened, { count: 1 }, 'no session but that of the registration')
  }
})

t.test('S-2: an appeal link proves one account for 30 days, and is nothing once it was changed', async (t) => {
  const keysOf = (text: string) => (parseKeyring(text) as { keyring: Keyring }).keyring
  const withKeys = (...entries: string[]): Config => ({ ...config, keys: keysOf(entries.join(',')) })
  const [old, next] = ['old', 'next'].map((id) => `${id}:${randomBytes(32).toString('base64')}`) as [string, string]
  const [pat, kim] = [await person('Pat'), await person('Kim')]
  const id = parseId('account', pat.accountId)!
  const epochOf = async ({ accountId }: { accountId: string }) => {
    const [row] = await rows<{ epoch: string }>(
      parts.db.query,
      statement`select ${appealEpoch} as epoch from accounts a where a.id = ${parseId('account', accountId)}`
    )
    return row!.epoch
  }
  const epoch = await epochOf(pat)
  const good = (given: Config, token: string, of = epoch) => {
    const link = readAppealToken(token)
    return link !== undefined && isAppealToken(given, link, of)
  }
  const tokenOf = (url: string) => url.slice(url.indexOf('=') + 1)
  const token = tokenOf(await signedAppealUrl(withKeys(old), parts.db.query, id))
  const [subject, until, signature] = token.split('.') as [string, string, string]
  t.equal(subject, pat.accountId)
  t.ok(Math.abs(Number(until) - Date.now() / 1000 - 30 * 86_400) < 60, '30 days')
  t.equal(good(withKeys(old), token), true)
  t.equal(good(withKeys(next, old), token), true, 'also once another key comes first')
  t.equal(good(withKeys(next), token), false, 'but not of another installation')
  t.equal(good(withKeys(old), token, await epochOf(kim)), false, 'nor held against another account')

  const changed = [
    `${kim.accountId}.${until}.${signature}`,
    `${subject}.${Number(until) + 1}.${signature}`,
    `${subject}.${until}.`,
    `${subject}.${until}`,
    '',
    '..'
  ]
  for (const text of changed) t.equal(good(withKeys(old), text), false, text)
  const signed = (payload: string, purpose = 'appeal-link') =>
    `${payload}.${hmac(withKeys(old).keys.derive(purpose), `${payload}.${epoch}`).toString('base64url')}`
  t.equal(good(withKeys(old), signed(`${subject}.${until}`)), true)
  t.equal(good(withKeys(old), signed(`${subject}.${Math.floor(Date.now() / 1000) - 1}`)), false, 'over')
  t.equal(good(withKeys(old), signed(`${subject}.${until}`, 'cursor')), false, 'signed for another purpose')
})

t.test('S-2 201: milder measures do not keep anybody from signing in', async (t) => {
  const max = await person('Max')
  for (const measure of ['notice', 'warning', 'restricted']) {
    await account(max.email, inForce(measure))
    t.equal((await signIn(max)).json().account?.enforcement, measure)
  }
})

t.test('S-2 401 403: what changes while the password is being verified counts', async (t) => {
  const hana = await person('Hana')
  const lock =
    'update accounts set version = version + 1, password_hash = $2 where id in (select account_id from emails where canonical = $1)'
  const { hash } = await world.parts.passwords.hash(wrong)
  refused(t, await meanwhile(world, lock, [hana.email, hash], () => signIn(hana)), 401, 'invalid_credentials')
  const remy = await person('Remy')
  const suspend = `update accounts set ${inForce('suspended')} where id in (select account_id from emails where canonical = $1)`
  refused(t, await meanwhile(world, suspend, [remy.email], () => signIn(remy)), 403, 'account_suspended')
  const bea = await person('Bea')
  const close = "update accounts set status = 'closed', closed_at = now() where id in (select account_id from emails where canonical = $1)"
  refused(t, await meanwhile(world, close, [bea.email], () => signIn(bea)), 401, 'invalid_credentials')
})

t.test('S-2 429: ten failures pause sign-in, the next ones for longer, for known and unknown addresses alike', async (t) => {
  await person('Finn')
  const pauses: Record<string, unknown[]> = {}
  for (const email of ['finn@example.com', 'unknown@example.com']) {
    await sql('truncate sign_in_failures')
    const seen: unknown[] = []
    for (let failure = 1; failure <= failuresBeforePause; failure++) seen.push((await attempt(email, wrong, failure)).json().code)
    for (let round = 0; round < 9; round++) {
      const paused = await attempt(email, right, round)
      refused(t, paused, 429, 'sign_in_paused')
      seen.push(Number(paused.headers['retry-after']))
      await failures("paused_until = now() - interval '1 second'")
      seen.push((await attempt(email, wrong, round)).json().code)
    }
    pauses[email] = seen
  }
  const failure = 'invalid_credentials'
  const expected = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600].flatMap((seconds) => [seconds, failure])
  t.strictSame(pauses['finn@example.com'], [...Array(failuresBeforePause).fill(failure), ...expected])
  t.strictSame(pauses['unknown@example.com'], pauses['finn@example.com'])
  await failures("paused_until = now() - interval '1 second'")
  t.equal((await attempt('finn@example.com', right)).statusCode, 201, 'the right password once the pause is over')
})

t.test('spellings of one address count together', async (t) => {
  await person('Spelled', { email: 'Spelled@Straße.example' })
  const spellings = ['spelled@straße.example', 'SPELLED@xn--strae-oqa.example', 'Spelled@STRAßE.example']
  for (let failure = 0; failure < failuresBeforePause; failure++)
    refused(t, await attempt(spellings[failure % 3]!, wrong), 401, 'invalid_credentials')
  for (const spelling of spellings) refused(t, await attempt(spelling, right), 429, 'sign_in_paused')
})

t.test('a success forgets what failed before it, and a window of 15 minutes begins anew', async (t) => {
  const nora = await person('Nora')
  const fail = async (times: number) => {
    for (let failure = 0; failure < times; failure++) refused(t, await attempt(nora.email, wrong), 401, 'invalid_credentials')
  }
  await fail(failuresBeforePause - 1)
  t.equal((await signIn(nora)).statusCode, 201)
  await fail(failuresBeforePause - 1)
  await failures("window_started_at = now() - interval '14 minutes 50 seconds'")
  await fail(1)
  refused(t, await signIn(nora), 429, 'sign_in_paused')
  await failures("window_started_at = now() - interval '31 minutes', paused_until = now() - interval '15 minutes 1 second'")
  await fail(failuresBeforePause - 1)
  t.equal((await signIn(nora)).statusCode, 201)
})

t.test('429: after a hundred failures in a row only a proof of the mailbox helps, and a live session goes on', async (t) => {
  const ivy = await person('Ivy')
  await attempt(ivy.email, wrong)
  await failures('consecutive = 99')
  refused(t, await attempt(ivy.email, wrong), 401, 'invalid_credentials', 'the hundredth')
  await failures("paused_until = null, window_started_at = now() - interval '1 day'")
  const stopped = await signIn(ivy)
  refused(t, stopped, 429, 'sign_in_paused')
  t.equal(stopped.headers['retry-after'], '3600')
  t.strictSame(await countOf(), [100], 'what is not tried is not counted')

  t.equal((await world.inject({ url: '/v1/me', headers: ivy.headers })).statusCode, 200)
  t.equal((await post('/v1/me/reauthentication', { password: right }, ivy.headers)).statusCode, 200)
  await post('/v1/password-resets', { email: ivy.email })
  const token = await world.mailedToken(ivy.email, 'ghp')
  t.equal((await post('/v1/password-resets/confirm', { token, password: wrong })).statusCode, 200)
  t.equal((await attempt(ivy.email, wrong)).statusCode, 201)
})

t.test('429: failures of strangers and of somebody signed in are counted apart', async (t) => {
  const uma = await person('Uma')
  const prove = (password: string) => post('/v1/me/reauthentication', { password }, uma.headers)
  for (let failure = 0; failure < failuresBeforePause; failure++) refused(t, await prove(wrong), 401, 'invalid_credentials')
  refused(t, await prove(right), 429, 'sign_in_paused')
  t.equal((await signIn(uma)).statusCode, 201)
})

t.test('at once: of 50 wrong passwords at once no more than ten are looked at, and the rest learn how long to wait', async (t) => {
  for (let round = 0; round < rounds(4); round++) {
    const email = `round${round}@example.com`
    // Every other address is somebody's.
    if (round % 2 === 0) await person('Round', { email })
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => attempt(email, wrong, index)))
    const codes = answers.map((answer) => answer.json().code)
    t.equal(codes.filter((code) => code === 'invalid_credentials').length, failuresBeforePause)
    t.equal(codes.filter((code) => code === 'sign_in_paused').length, 50 - failuresBeforePause)
    const waits = answers.flatMap((answer) => (answer.statusCode === 429 ? Number(answer.headers['retry-after']) : []))
    t.ok(
      waits.every((seconds) => seconds <= 30),
      `waits of ${[...new Set(waits)]} seconds`
    )
  }
  const [audited] = await sql<{ count: number }>(
    "select count(*)::int from audit_events where action = 'sign_in.failed' and at > now() - interval '1 hour'"
  )
  t.ok(audited!.count >= rounds(4) * failuresBeforePause)
})

t.test('each failure is in the audit once, and names nobody who is unknown', async (t) => {
  const vera = await person('Vera')
  const seen = async () =>
    sql<{ chain_kind: string; resource: string; detail: object }>(
      "select chain_kind, resource, detail from audit_events where action = 'sign_in.failed' order by at desc, id desc limit 2"
    )
  await attempt('stranger@example.com', wrong)
  t.strictSame((await seen())[0], { chain_kind: 'identifier', resource: 'identifier', detail: { factor: 'password' } })
  await attempt(vera.email, wrong)
  t.strictSame((await seen())[0], { chain_kind: 'account', resource: vera.accountId, detail: { factor: 'password' } })
})

t.test('201: a retry with the same Idempotency-Key gets the same session, on any instance', async (t) => {
  const yuri = await person('Yuri')
  const key = { 'idempotency-key': randomUUID() }
  const body = { email: yuri.email, password: right }
  const first = await post('/v1/sessions', body, key)
  const again = await post('/v1/sessions', body, key, 1)
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.strictSame(again.json(), first.json())
  refused(t, await post('/v1/sessions', { ...body, password: wrong }, key), 401, 'invalid_credentials', 'the key is no password')
  t.match(await sql('select count(*)::int from sessions s join emails e using (account_id) where e.canonical = $1', [yuri.email]), [
    { count: 2 }
  ])
})
