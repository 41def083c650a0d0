import { randomUUID } from 'node:crypto'
import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { sha256 } from '../../src/keyring.ts'
import { randomToken } from '../../src/tokens.ts'
import { inForce } from '../support/enforcement.ts'
import { meanwhile } from '../support/locks.ts'
import { refused } from '../support/problems.ts'
import { openWorld, rounds } from '../support/world.ts'

type Answer = Awaited<ReturnType<typeof world.inject>>
interface Tokens {
  sessionId: string
  accessToken: string
  refreshToken: string
}

const refreshesPerDay = 60
const world = await openWorld(t, {
  instances: 2,
  env: {
    // Many at once wait for one lock, on a machine that may be busy.
    LOCK_TIMEOUT_MS: '10000',
    STATEMENT_TIMEOUT_MS: '10000',
    LIMIT_REFRESH: `${refreshesPerDay}/d`,
    APP_URL: 'https://app.example',
    APP_ORIGINS: 'https://admin.example, https://app.example:8443'
  }
})
const { inject, person, post, sql } = world
const olga = await person('Olga')

const signIn = async (): Promise<Tokens> => (await world.signIn(olga)).json()
const refresh = (refreshToken: string, headers: Record<string, string> = {}, instance = 0) =>
  post('/v1/sessions/refresh', { refreshToken }, headers, instance)
const me = async (accessToken: string, instance = 0) =>
  (await inject({ url: '/v1/me', headers: { authorization: `Bearer ${accessToken}` } }, instance)).statusCode

/** What is left of a session: tokens that can still be refreshed, and why it ended. */
async function family({ sessionId }: { sessionId: string }): Promise<{ live: number; reason: string | null }> {
  const [row] = await sql<{ live: number; reason: string | null }>(
    `select s.end_reason as reason, (select count(*)::int from refresh_tokens r where r.session_id = s.id and r.used_at is null
        and r.expires_at > now() and s.ended_at is null and s.expires_at > now()) as live
      from sessions s where s.id = $1`,
    [parseId('session', sessionId)]
  )
  return row!
}

/** Rows of the audit and mails that tell of a reuse in a session. */
async function told({ sessionId }: { sessionId: string }): Promise<{ audited: number; mailed: number }> {
  const [row] = await sql<{ audited: number; mailed: number }>(
    `select count(*)::int as audited, (select count(*)::int from outbox where kind = 'session_ended_reuse') as mailed
      from audit_events where action = 'session.reuse_detected' and resource = $1`,
    [sessionId]
  )
  return row!
}

t.beforeEach(async () => {
  await sql("delete from outbox where kind = 'session_ended_reuse'")
})

t.test('S-3 200: a refresh uses the token up and answers its successor, in the same session', async (t) => {
  const first = await signIn()
  const answer = await refresh(first.refreshToken)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.notOk('set-cookie' in answer.headers)
  const second = answer.json()
  t.strictSame(Object.keys(second).sort(), ['accessToken', 'expiresIn', 'refreshToken', 'sessionId'])
  t.equal(second.sessionId, first.sessionId)
  t.equal(second.expiresIn, 300)
  t.not(second.accessToken, first.accessToken)
  t.match(second.refreshToken, /^ghr_[\w-]{49}$/, '256 bits and a checksum after its prefix')
  t.strictSame([await me(second.accessToken), await me(first.accessToken, 1)], [200, 200])
  t.strictSame(await sql('select used_at is null as live from refresh_tokens where token_hash = $1', [sha256(second.refreshToken)]), [
    { live: true }
  ])

  const third = (await refresh(second.refreshToken, {}, 1)).json()
  t.equal((await refresh(third.refreshToken)).statusCode, 200)
})

t.test('S-3 401: a second use ends the session on every instance, tells the owner once, and no other session', async (t) => {
  const [other, first] = [await signIn(), await signIn()]
  const second = (await refresh(first.refreshToken)).json()
  const third = (await refresh(second.refreshToken)).json()
  t.strictSame([await me(third.accessToken), await me(third.accessToken, 1)], [200, 200])

  refused(t, await refresh(first.refreshToken, { 'user-agent': 'Thief/1.0' }, 1), 401, 'refresh_token_reused')
  t.strictSame(await family(first), { live: 0, reason: 'refresh_token_reused' })
  t.strictSame([await me(third.accessToken), await me(third.accessToken, 1)], [401, 401], 'its access tokens are worth nothing')
  refused(t, await refresh(third.refreshToken), 401, 'invalid_refresh_token', 'nor is the newest successor')
  refused(t, await refresh(first.refreshToken), 401, 'refresh_token_reused', 'and once more')
  t.strictSame(await told(first), { audited: 1, mailed: 1 })
  const mail = (await world.mails(olga.email)).at(-1)!
  t.match(mail.text, 'Thief', 'the owner learns from which device')
  t.notMatch(mail.text, /ghr_/)

  t.equal(await me(other.accessToken), 200)
  t.equal((await refresh(other.refreshToken)).statusCode, 200)
})

t.test('S-3 200: a retry with the same Idempotency-Key gets the same answer, from any instance', async (t) => {
  const first = await signIn()
  const key = { 'idempotency-key': randomUUID() }
  const answer = await refresh(first.refreshToken, key)
  const again = await refresh(first.refreshToken, key, 1)
  t.equal(again.statusCode, 200)
  t.strictSame(again.json(), answer.json())
  t.strictSame([answer.headers['idempotency-replayed'], again.headers['idempotency-replayed']], [undefined, 'true'])
  t.strictSame(await family(first), { live: 1, reason: null })
  t.equal((await refresh(answer.json().refreshToken, key)).statusCode, 200, 'the key means nothing for another token')
})

t.test('S-3 401: without the key, with another one, or after 60 seconds, a retry is a reuse', async (t) => {
  const key = { 'idempotency-key': randomUUID() }
  const late = async (token: string) => {
    const newest = 'order by created_at desc limit 1'
    t.match(await sql(`select extract(epoch from expires_at - created_at)::int as life from idempotency_records ${newest}`), [{ life: 60 }])
    await sql(`update idempotency_records set expires_at = now() where binding = (select binding from idempotency_records ${newest})`)
    return refresh(token, key)
  }
  const retries: Record<string, (token: string) => Promise<Answer>> = {
    'without a key': (token) => refresh(token),
    'with another key': (token) => refresh(token, { 'idempotency-key': randomUUID() }),
    'after a minute': late
  }
  for (const [name, retry] of Object.entries(retries)) {
    const first = await signIn()
    const second = (await refresh(first.refreshToken, key)).json()
    refused(t, await retry(first.refreshToken), 401, 'refresh_token_reused', name)
    t.strictSame(await family(first), { live: 0, reason: 'refresh_token_reused' }, name)
    refused(t, await refresh(second.refreshToken), 401, 'invalid_refresh_token', name)
  }
})

t.test('500 503 200: a refresh that fails in the database consumes nothing', async (t) => {
  await sql(`create sequence failures;
    create function fail() returns trigger language plpgsql security definer as $$
    begin if nextval('public.failures') <= tg_argv[1]::int then raise exception 'failed' using errcode = tg_argv[0]; end if; return new; end $$`)
  const failing = async (table: string, state: string, times: number, work: () => Promise<Answer>): Promise<Answer> => {
    await sql(
      `alter sequence failures restart; create trigger fail before insert on ${table} for each row execute function fail('${state}', '${times}')`
    )
    try {
      return await work()
    } finally {
      await sql(`drop trigger fail on ${table}`)
    }
  }
  let { refreshToken, sessionId } = await signIn()
  const key = { 'idempotency-key': randomUUID() }
  for (const table of ['refresh_tokens', 'idempotency_records']) {
    refused(t, await failing(table, '53100', 9, () => refresh(refreshToken, key)), 503, 'service_unavailable')
    refused(t, await failing(table, 'P0001', 9, () => refresh(refreshToken, key)), 500, 'internal_error')
  }
  const answer = await failing('refresh_tokens', '40001', 2, () => refresh(refreshToken, key))
  t.equal(answer.statusCode, 200, 'a transaction that the database asks to repeat is repeated')
  t.equal(answer.headers['idempotency-replayed'], undefined, 'no failure was kept')
  t.strictSame(await family({ sessionId }), { live: 1, reason: null })
  t.strictSame(await told({ sessionId }), { audited: 0, mailed: 0 })
  refreshToken = answer.json().refreshToken
  t.equal((await refresh(refreshToken)).statusCode, 200)
})

t.test('401: a session ends when it was unused for 14 days, and after 30 days in any case', async (t) => {
  const days = (from: string) => `round(extract(epoch from ${from}) / 86400)::int`
  const life = async (token: string) =>
    (
      await sql(
        `select ${days('r.expires_at - now()')} as idle, ${days('s.expires_at - now()')} as absolute
          from refresh_tokens r join sessions s on s.id = r.session_id where token_hash = $1`,
        [sha256(token)]
      )
    )[0]
  const idle = await signIn()
  t.strictSame(await life(idle.refreshToken), { idle: 14, absolute: 30 })
  await sql('update refresh_tokens set expires_at = now() where token_hash = $1', [sha256(idle.refreshToken)])
  refused(t, await refresh(idle.refreshToken), 401, 'invalid_refresh_token')

  const old = await signIn()
  await sql("update sessions set expires_at = now() + interval '1 day' where id = $1", [parseId('session', old.sessionId)])
  const successor = (await refresh(old.refreshToken)).json()
  t.strictSame(await life(successor.refreshToken), { idle: 1, absolute: 1 }, 'use never moves the absolute end')
  await sql('update sessions set expires_at = now() where id = $1', [parseId('session', old.sessionId)])
  refused(t, await refresh(successor.refreshToken), 401, 'invalid_refresh_token')
  t.strictSame([await me(successor.accessToken), await me(successor.accessToken, 1)], [401, 401])
})

t.test('400 401: what is no refresh token of ours is refused, and changes nothing', async (t) => {
  const { refreshToken, accessToken } = await signIn()
  const typo = refreshToken.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  const others = [
    randomToken('ghr'),
    randomToken('ghv'),
    randomToken('ghs'),
    typo,
    refreshToken.slice(0, -1),
    `${refreshToken}A`,
    refreshToken.toUpperCase(),
    ` ${refreshToken}`
  ]
  for (const token of others) refused(t, await refresh(token), 401, 'invalid_refresh_token', token)
  for (const body of [
    { refreshToken: accessToken },
    { refreshToken: '' },
    { refreshToken: null },
    { refreshToken: [refreshToken] },
    { refreshToken, sessionId: 'x' }
  ]) {
    refused(t, await post('/v1/sessions/refresh', body), 400, 'invalid_input', JSON.stringify(body).slice(0, 40))
  }
  refused(t, await post('/v1/sessions/refresh', {}), 401, 'invalid_refresh_token', 'nothing at all')
  refused(t, await refresh(refreshToken, { 'idempotency-key': 'short' }), 400, 'malformed_idempotency_key')
  t.equal((await refresh(refreshToken)).statusCode, 200)
})

t.test('S-4 401: a suspension, a ban and closing end every session for good, whoever writes them', async (t) => {
  const account = (changes: string) => sql(`update accounts set ${changes} where id = $1`, [parseId('account', olga.accountId)])
  for (const changes of [inForce('suspended'), inForce('banned'), "status = 'closed', closed_at = now()"]) {
    const { refreshToken } = await signIn()
    await account(changes)
    refused(t, await refresh(refreshToken), 401, 'invalid_refresh_token', changes)
    await account(`${inForce('none')}, status = 'active', closed_at = null`)
    refused(t, await refresh(refreshToken), 401, 'invalid_refresh_token', `${changes}, and undone`)
  }
  t.equal((await refresh((await signIn()).refreshToken)).statusCode, 200)
})

t.test('S-3 429: refreshes of one session are limited, and the limit does not shelter a reuse', async (t) => {
  const [other, first] = [await signIn(), await signIn()]
  let token = first.refreshToken
  for (let used = 0; used < refreshesPerDay; used++) token = (await refresh(token, {}, used)).json().refreshToken
  const limited = await refresh(token)
  refused(t, limited, 429, 'too_many_requests')
  t.match(limited.json(), { violatedPolicies: ['refresh'] })
  t.ok(Number(limited.headers['retry-after']) > 0)
  t.strictSame(await family(first), { live: 1, reason: null })
  t.equal((await refresh(other.refreshToken)).statusCode, 200, 'another session is not concerned')

  refused(t, await refresh(first.refreshToken), 401, 'refresh_token_reused')
  t.strictSame(await family(first), { live: 0, reason: 'refresh_token_reused' })
})

t.test('S-3 at once: of 50 refreshes with one token one succeeds, and the session ends, so that no successor lives', async (t) => {
  for (let round = 0; round < rounds(5); round++) {
    const first = await signIn()
    await sql("delete from outbox where kind = 'session_ended_reuse'")
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => refresh(first.refreshToken, {}, index)))
    const won = answers.filter((answer) => answer.statusCode === 200)
    t.equal(won.length, 1)
    for (const answer of answers) if (answer !== won[0]) refused(t, answer, 401, 'refresh_token_reused')
    t.strictSame(await family(first), { live: 0, reason: 'refresh_token_reused' })
    t.strictSame(await told(first), { audited: 1, mailed: 1 })
    const successor: Tokens = won[0]!.json()
    refused(t, await refresh(successor.refreshToken, {}, round), 401, 'invalid_refresh_token')
    t.strictSame([await me(successor.accessToken), await me(successor.accessToken, 1)], [401, 401])
  }
})

t.test('S-3 at once: ten refreshes with one Idempotency-Key have one successor between them, and the session lives', async (t) => {
  for (let round = 0; round < rounds(5); round++) {
    const first = await signIn()
    const key = { 'idempotency-key': randomUUID() }
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => refresh(first.refreshToken, key, index)))
    const won = answers.filter((answer) => answer.statusCode === 200)
    t.ok(won.length > 0)
    t.equal(new Set(won.map((answer) => answer.body)).size, 1, `${won.length} answers, one successor`)
    for (const answer of answers) {
      if (won.includes(answer)) continue
      refused(t, answer, 409, 'idempotency_in_progress')
      t.equal(answer.headers['retry-after'], '1')
    }
    t.strictSame(await family(first), { live: 1, reason: null })
    const again = await refresh(first.refreshToken, key, round)
    t.equal(again.body, won[0]!.body)
    t.equal((await refresh(again.json().refreshToken)).statusCode, 200)
  }
})

t.test('S-4 at once: whichever comes first, a refresh and signing out leave nothing alive', async (t) => {
  for (let round = 0; round < rounds(5); round++) {
    const { refreshToken, accessToken, sessionId } = await signIn()
    const [refreshed, ended] = await Promise.all([
      refresh(refreshToken, {}, round),
      inject({ method: 'DELETE', url: '/v1/me/sessions/current', headers: { authorization: `Bearer ${accessToken}` } }, round + 1)
    ])
    t.equal(ended.statusCode, 204)
    t.strictSame(await family({ sessionId }), { live: 0, reason: 'signed_out' })
    const newest = refreshed.statusCode === 200 ? refreshed.json().refreshToken : refreshToken
    refused(t, await refresh(newest), 401, 'invalid_refresh_token')
  }
})

t.test('S-4: a session that is ended in the middle of a refresh stays ended', async (t) => {
  const { refreshToken, sessionId } = await signIn()
  const end = "update sessions set ended_at = now(), end_reason = 'signed_out' where id = $1"
  const answer = await meanwhile(world, end, [parseId('session', sessionId)], () => refresh(refreshToken))
  t.strictSame(await family({ sessionId }), { live: 0, reason: 'signed_out' })
  const { accessToken, refreshToken: newest = refreshToken } = answer.json()
  if (accessToken) t.strictSame([await me(accessToken), await me(accessToken, 1)], [401, 401])
  refused(t, await refresh(newest), 401, 'invalid_refresh_token')
})

const cookieName = '__Host-guildhall-refresh'
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict'
const origin = 'https://app.example'
const cookieOf = (answer: Answer) => /^__Host-guildhall-refresh=(ghr_[\w-]{49}); (.+)$/.exec(String(answer.headers['set-cookie']))!
const cookieSignIn = () => post('/v1/sessions', { email: olga.email, password: olga.password, refreshTransport: 'cookie' })
const cookieRefresh = (token: string, headers: Record<string, string> = { origin }, instance = 0) =>
  post('/v1/sessions/refresh', {}, { cookie: `theme=dark; ${cookieName}=${token}`, ...headers }, instance)

t.test('S-3 201 200: a browser gets its refresh token as a __Host- cookie and in no body', async (t) => {
  const signedIn = await cookieSignIn()
  t.equal(signedIn.statusCode, 201)
  const [, token, rest] = cookieOf(signedIn)
  t.equal(rest, `${attributes}; Max-Age=1209600`)
  t.notOk('refreshToken' in signedIn.json())
  t.notMatch(signedIn.body, 'ghr_')

  const refreshed = await cookieRefresh(token!)
  t.equal(refreshed.statusCode, 200)
  const [, successor, same] = cookieOf(refreshed)
  t.equal(same, rest)
  t.not(successor, token)
  t.notMatch(refreshed.body, 'ghr_')
  t.equal(await me(refreshed.json().accessToken), 200)

  refused(t, await cookieRefresh(token!), 401, 'refresh_token_reused')
  refused(t, await cookieRefresh(successor!), 401, 'invalid_refresh_token')
})

t.test('S-3 200: a retry of a browser with its Idempotency-Key gets the same cookie again', async (t) => {
  const [, token] = cookieOf(await cookieSignIn())
  const headers = { origin, 'idempotency-key': randomUUID() }
  const [answer, again] = [await cookieRefresh(token!, headers), await cookieRefresh(token!, headers, 1)]
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.equal(again.headers['set-cookie'], answer.headers['set-cookie'])
  t.equal(again.body, answer.body)
  refused(t, await post('/v1/sessions/refresh', {}, headers), 401, 'invalid_refresh_token', 'the key alone, without the cookie')
})

t.test('403 origin_not_allowed: a cookie counts only from a page of ours, and is not used up elsewhere', async (t) => {
  const [, token] = cookieOf(await cookieSignIn())
  const foreign = [
    'https://evil.example',
    'http://app.example',
    'https://app.example.evil.example',
    'https://app.example:444',
    'https://www.app.example',
    'null',
    '',
    '*'
  ]
  refused(t, await cookieRefresh(token!, {}), 403, 'origin_not_allowed', 'no origin')
  refused(
    t,
    await cookieRefresh(token!, { referer: `${origin}/`, host: 'app.example' }),
    403,
    'origin_not_allowed',
    'no origin but a referrer'
  )
  for (const other of foreign) {
    refused(t, await cookieRefresh(token!, { origin: other }), 403, 'origin_not_allowed', other)
    refused(
      t,
      await cookieRefresh(token!, { origin: other, 'idempotency-key': randomUUID() }),
      403,
      'origin_not_allowed',
      `${other}, with a key`
    )
  }
  let live = token!
  for (const own of [origin, 'https://admin.example', 'https://app.example:8443', 'http://guildhall.test']) {
    const answer = await cookieRefresh(live, { origin: own })
    t.equal(answer.statusCode, 200, own)
    live = cookieOf(answer)[1]!
  }
})

t.test('a cookie is good for refreshing and for nothing else', async (t) => {
  const signedIn = await cookieSignIn()
  const [, token] = cookieOf(signedIn)
  const headers = { cookie: `${cookieName}=${token}`, origin }
  t.equal((await inject({ url: '/v1/me', headers })).statusCode, 401)
  t.equal((await inject({ method: 'DELETE', url: '/v1/me/sessions/current', headers })).statusCode, 401)
  const other = await signIn()
  const answer = await post('/v1/sessions/refresh', { refreshToken: other.refreshToken }, headers)
  t.equal(answer.json().sessionId, other.sessionId, 'a token in the body goes before it')
  t.notOk('set-cookie' in answer.headers)
  t.match(answer.json(), { refreshToken: /^ghr_/ })
})

t.test('S-4 204: signing out clears the cookie, ending another session does not', async (t) => {
  const [one, two, three] = [(await cookieSignIn()).json(), (await cookieSignIn()).json(), await signIn()]
  const end = (by: Tokens, id: string) =>
    inject({ method: 'DELETE', url: `/v1/me/sessions/${id}`, headers: { authorization: `Bearer ${by.accessToken}` } })
  const cleared = `${cookieName}=; ${attributes}; Max-Age=0`
  t.equal((await end(one, three.sessionId)).headers['set-cookie'], undefined)
  t.equal((await end(one, 'current')).headers['set-cookie'], cleared)
  t.equal((await end(two, two.sessionId)).headers['set-cookie'], cleared)
})

t.test('CORS answers the configured origins only, with credentials, and lets them read our headers', async (t) => {
  const preflight = (from: string) =>
    inject({
      method: 'OPTIONS',
      url: '/v1/sessions/refresh',
      headers: { origin: from, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type, idempotency-key' }
    })
  const read = (from: string) => inject({ url: '/v1/me', headers: { ...olga.headers, origin: from } })
  for (const own of ['https://app.example', 'https://admin.example', 'https://app.example:8443', 'http://guildhall.test']) {
    const { statusCode, headers } = await preflight(own)
    t.equal(statusCode, 204, own)
    t.match(headers, { 'access-control-allow-origin': own, 'access-control-allow-credentials': 'true', vary: /origin/i }, own)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) t.match(headers['access-control-allow-methods'], method)
    for (const name of ['content-type', 'idempotency-key']) t.match(headers['access-control-allow-headers'], name)
    const answer = await read(own)
    t.match(answer.headers, { 'access-control-allow-origin': own, 'access-control-allow-credentials': 'true' }, own)
    const exposed = String(answer.headers['access-control-expose-headers']).split(', ')
    for (const name of ['ETag', 'Link', 'Consistency-Token', 'RateLimit', 'Retry-After', 'X-Request-ID']) t.ok(exposed.includes(name), name)
  }
  for (const foreign of ['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null']) {
    for (const answer of [await preflight(foreign), await read(foreign)]) {
      t.notOk('access-control-allow-origin' in answer.headers, foreign)
      t.match(answer.headers.vary, /origin/i, foreign)
    }
  }
})
