import { randomUUID } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { imposed } from '../support/enforcement.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person, rounds } from '../support/world.ts'

type Answer = Awaited<ReturnType<typeof world.inject>>

// Many at once wait for one lock, on a machine that may be busy.
const world = await openWorld(t, { instances: 2, env: { LOCK_TIMEOUT_MS: '10000', STATEMENT_TIMEOUT_MS: '10000' } })
const { inject, person, post, sql } = world
const wrong = 'violet harbour nineteen lamps'
const period = 30

interface Enrolled extends Person {
  secret: string
  recoveryCodes: string[]
}

/** The code of a time step: now, or so many steps from now. */
const codeOf = ({ secret }: { secret: string }, steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * period * 1000 })
const otherCode = (code: string) => String((Number(code) + 500_001) % 1_000_000).padStart(6, '0')

const signIn = (who: Person, factor: object = {}, instance = 0) =>
  post('/v1/sessions', { email: who.email, password: who.password, ...factor }, {}, instance)
const start = (who: Person) => post('/v1/me/totp', {}, who.headers)
const confirm = (who: Person, code: string, instance = 0) => post('/v1/me/totp/confirmation', { code }, who.headers, instance)
const remove = (who: Person, instance = 0) => inject({ method: 'DELETE', url: '/v1/me/totp', headers: who.headers }, instance)
const replaceCodes = (who: Person) => post('/v1/me/recovery-codes', {}, who.headers)
const changePassword = (who: Person, newPassword: string, instance = 0) =>
  inject({ method: 'PUT', url: '/v1/me/password', headers: who.headers, payload: { currentPassword: who.password, newPassword } }, instance)

/** Somebody with an authenticator app, none of whose codes was used. */
async function enrolled(firstName: string, email = `${firstName.toLowerCase()}@example.com`): Promise<Enrolled> {
  const who = await person(firstName, { email })
  const { secret } = (await start(who)).json()
  const { recoveryCodes } = (await confirm(who, codeOf({ secret }))).json()
  await forgetSteps(who)
  return { ...who, secret, recoveryCodes }
}

/** As if no code of these days had been used. */
const forgetSteps = (who: Person) =>
  sql('update second_factors set last_step = 0 where account_id = $1', [parseId('account', who.accountId)])
const mailsOf = (who: Person) =>
  sql<{ change: string }>(
    "select data ->> 'change' as change from outbox where kind = 'second_factor_changed' and data ->> 'accountId' = $1 order by id",
    [parseId('account', who.accountId)]
  )

t.beforeEach(async () => {
  await sql('truncate sign_in_failures')
})

t.test('S-7 201 200: an authenticator app counts from its first code on, and answers ten recovery codes', async (t) => {
  const olga = await person('Olga')
  const started = await start(olga)
  t.equal(started.statusCode, 201)
  t.equal(started.headers['cache-control'], 'no-store')
  const { secret, uri, ...rest } = started.json()
  t.strictSame(rest, {})
  t.match(secret, /^[A-Z2-7]{32}$/, '160 bits')
  t.equal(uri, `otpauth://totp/Guildhall:olga%40example.com?issuer=Guildhall&secret=${secret}&algorithm=SHA1&digits=6&period=30`)
  t.equal((await signIn(olga)).statusCode, 201, 'it counts for nothing yet')

  refused(t, await confirm(olga, otherCode(codeOf({ secret }))), 401, 'second_factor_invalid')
  refused(t, await confirm(olga, codeOf({ secret }, 5)), 401, 'second_factor_invalid', 'a code of another time')
  const answer = await confirm(olga, codeOf({ secret }))
  t.equal(answer.statusCode, 200)
  const { recoveryCodes } = answer.json() as { recoveryCodes: string[] }
  t.equal(new Set(recoveryCodes).size, 10)
  for (const code of recoveryCodes) t.match(code, /^[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){3}$/)
  t.equal((await inject({ url: '/v1/me', headers: olga.headers })).json().secondFactor, true)
  t.strictSame(await mailsOf(olga), [{ change: 'added' }])
  t.match(await sql("select actor_kind from audit_events where action = 'second_factor.added' and resource = $1", [olga.accountId]), [
    { actor_kind: 'account' }
  ])
  t.match(await sql("select after from events where type = 'second_factor.added' and subject = $1", [olga.accountId]), [
    { after: { secondFactor: true } }
  ])

  refused(t, await start(olga), 409, 'totp_enabled')
  refused(t, await confirm(olga, codeOf({ secret }, 1)), 409, 'totp_enabled')
})

t.test('S-7 201: beginning anew makes another secret, and the one before counts for nothing', async (t) => {
  const otto = await person('Otto')
  const [first, second] = [(await start(otto)).json(), (await start(otto)).json()]
  t.not(first.secret, second.secret)
  refused(t, await confirm(otto, codeOf(first)), 401, 'second_factor_invalid')
  t.equal((await confirm(otto, codeOf(second))).statusCode, 200)
  const key = { ...(await person('Again')).headers, 'idempotency-key': randomUUID() }
  const [once, replayed] = [await post('/v1/me/totp', {}, key), await post('/v1/me/totp', {}, key, 1)]
  t.equal(replayed.headers['idempotency-replayed'], 'true')
  t.equal(replayed.body, once.body, 'but a retry with the same Idempotency-Key gets the same one')
})

t.test('S-7 400 401 409: what cannot be', async (t) => {
  const ada = await person('Ada')
  refused(t, await confirm(ada, '123456'), 409, 'totp_not_enabled')
  refused(t, await remove(ada), 409, 'totp_not_enabled')
  refused(t, await replaceCodes(ada), 409, 'totp_not_enabled')
  await start(ada)
  refused(t, await replaceCodes(ada), 409, 'totp_not_enabled', 'not confirmed yet')
  for (const code of ['12345', '1234567', '12345a', ' 123456', '１２３４５６', '', 123456, null, ['123456']]) {
    refused(t, await post('/v1/me/totp/confirmation', { code }, ada.headers), 400, 'invalid_input', String(code))
  }
  for (const url of ['/v1/me/totp', '/v1/me/recovery-codes'])
    refused(t, await post(url, { secret: 'A' }, ada.headers), 400, 'invalid_input', url)
  for (const [method, url] of [
    ['POST', '/v1/me/totp'],
    ['POST', '/v1/me/totp/confirmation'],
    ['DELETE', '/v1/me/totp'],
    ['POST', '/v1/me/recovery-codes']
  ] as const) {
    refused(t, await inject({ method, url, ...(method === 'POST' ? { payload: {} } : {}) }), 401, 'not_signed_in', `${method} ${url}`)
  }
  t.equal((await remove(ada)).statusCode, 204, 'what was not confirmed is given up')
  t.strictSame(await mailsOf(ada), [], 'which is worth no mail')
})

t.test('S-7 S-2 401: the code is asked for once the password is proven, and never before', async (t) => {
  const hana = await enrolled('Hana')
  const stranger = { ...hana, password: wrong }
  const required = await signIn(hana)
  refused(t, required, 401, 'second_factor_required')
  t.notMatch(required.body, /ghr_|eyJ/)
  const plain = await signIn(stranger)
  refused(t, plain, 401, 'invalid_credentials')
  for (const factor of [{ totp: codeOf(hana) }, { totp: otherCode(codeOf(hana)) }, { recoveryCode: hana.recoveryCodes[0]! }]) {
    refused(t, await signIn(stranger, factor), 401, 'invalid_credentials')
  }
  refused(t, await signIn(hana, { totp: otherCode(codeOf(hana)) }), 401, 'second_factor_invalid')
  t.equal((await signIn(hana, { totp: codeOf(hana) })).statusCode, 201, 'and the wrong password used nothing up')
  t.equal((await signIn(hana, { recoveryCode: hana.recoveryCodes[0]! })).statusCode, 201)
  t.match(
    await sql(
      "select detail from audit_events where action = 'sign_in.failed' and detail ->> 'factor' = 'second_factor' and resource = $1",
      [hana.accountId]
    ),
    [{ detail: { factor: 'second_factor' } }]
  )
})

t.test('S-2 S-7 403: whoever is shut out learns it, and gets the link to appeal, only once the second factor is proven too', async (t) => {
  const remy = await enrolled('Shutout')
  await imposed(world, parseId('account', remy.accountId)!, 'suspended')
  const alone = await signIn(remy)
  refused(t, alone, 401, 'second_factor_required')
  const anybody = (await signIn(await enrolled('Anybody'))).json()
  t.strictSame({ ...alone.json(), requestId: '' }, { ...anybody, requestId: '' }, 'as for anybody else')
  refused(t, await signIn(remy, { totp: otherCode(codeOf(remy)) }), 401, 'second_factor_invalid')
  const both = await signIn(remy, { recoveryCode: remy.recoveryCodes[0]! })
  refused(t, both, 403, 'account_suspended')
  t.match(both.json().appealUrl, /#token=account_/)
  refused(t, await signIn(remy, { recoveryCode: remy.recoveryCodes[0]! }), 401, 'second_factor_invalid', 'a code is used up by it')
  refused(t, await signIn(remy, { totp: codeOf(remy) }), 403, 'account_suspended')
  refused(t, await signIn(remy, { totp: codeOf(remy) }), 401, 'second_factor_invalid')
})

t.test('S-7 401: a code works once, one step early or late, and none does once a later one was used', async (t) => {
  const remy = await enrolled('Remy')
  const step = () => Math.floor(Date.now() / 1000 / period)
  for (const steps of [-1, 0, 1]) {
    let [begun, totp, answer]: [number, string, Answer | undefined] = [0, '', undefined]
    // Once more where the clock went on to the next step in between.
    while (begun !== step()) {
      begun = step()
      totp = codeOf(remy, steps)
      await forgetSteps(remy)
      answer = await signIn(remy, { totp })
    }
    t.equal(answer?.statusCode, 201, `${steps} steps`)
    refused(t, await signIn(remy, { totp }, 1), 401, 'second_factor_invalid', 'again')
  }
  refused(t, await signIn(remy, { totp: codeOf(remy) }), 401, 'second_factor_invalid', 'earlier than one that was used')
  await forgetSteps(remy)
  for (const steps of [-3, 3, 20])
    refused(t, await signIn(remy, { totp: codeOf(remy, steps) }), 401, 'second_factor_invalid', `${steps} steps`)
  const setUp = codeOf(await enrolled('Setup'), -1)
  refused(t, await signIn(await enrolled('Another'), { totp: setUp }), 401, 'second_factor_invalid', "somebody else's code")
})

t.test('S-7 401: the code that set the app up does not sign in as well', async (t) => {
  const max = await person('Max')
  const { secret } = (await start(max)).json()
  const code = codeOf({ secret })
  t.equal((await confirm(max, code)).statusCode, 200)
  refused(t, await signIn(max, { totp: code }), 401, 'second_factor_invalid')
})

t.test('S-7 429: wrong codes count as failures, so that a million of them cannot be tried', async (t) => {
  const bea = await enrolled('Bea')
  for (let failure = 0; failure < 10; failure++)
    refused(t, await signIn(bea, { totp: otherCode(codeOf(bea)) }, failure), 401, 'second_factor_invalid')
  refused(t, await signIn(bea, { totp: codeOf(bea) }), 429, 'sign_in_paused')
  for (let failure = 0; failure < 10; failure++) {
    refused(
      t,
      await post('/v1/me/reauthentication', { password: bea.password, totp: otherCode(codeOf(bea)) }, bea.headers),
      401,
      'second_factor_invalid'
    )
  }
  refused(t, await post('/v1/me/reauthentication', { password: bea.password, totp: codeOf(bea) }, bea.headers), 429, 'sign_in_paused')
  const [audited] = await sql(
    "select count(*)::int from audit_events where action = 'sign_in.failed' and detail ->> 'factor' = 'second_factor' and resource = $1",
    [bea.accountId]
  )
  t.strictSame(audited, { count: 20 })
})

t.test('S-7 201: a recovery code stands in for the app once, however it is typed', async (t) => {
  const finn = await enrolled('Finn')
  const [first, second, third, fourth] = finn.recoveryCodes as [string, string, string, string]
  t.equal((await signIn(finn, { recoveryCode: first })).statusCode, 201)
  refused(t, await signIn(finn, { recoveryCode: first }, 1), 401, 'second_factor_invalid', 'used')
  t.equal((await signIn(finn, { recoveryCode: second.toUpperCase() })).statusCode, 201)
  t.equal((await signIn(finn, { recoveryCode: ` ${third.replaceAll('-', ' ')} ` })).statusCode, 201)
  refused(t, await signIn(finn, { recoveryCode: fourth.slice(0, -1) }), 401, 'second_factor_invalid')
  const sam = await enrolled('Sam')
  refused(t, await signIn(sam, { recoveryCode: fourth }), 401, 'second_factor_invalid', "somebody else's")
  refused(t, await signIn(sam, { recoveryCode: sam.recoveryCodes.join('').slice(0, 40) }), 401, 'second_factor_invalid', 'two in one')
  t.equal((await signIn(finn, { recoveryCode: fourth })).statusCode, 201)
})

t.test('S-7 201: new recovery codes end the ones before', async (t) => {
  const nora = await enrolled('Nora')
  const answer = await replaceCodes(nora)
  t.equal(answer.statusCode, 201)
  const { recoveryCodes } = answer.json() as { recoveryCodes: string[] }
  t.equal(new Set([...recoveryCodes, ...nora.recoveryCodes]).size, 20)
  refused(t, await signIn(nora, { recoveryCode: nora.recoveryCodes[1]! }), 401, 'second_factor_invalid')
  t.equal((await signIn(nora, { recoveryCode: recoveryCodes[1]! })).statusCode, 201)
  t.strictSame(await mailsOf(nora), [{ change: 'added' }, { change: 'recovery_codes' }])
})

t.test('S-7 S-8 200 401: reauthentication asks for the code as well', async (t) => {
  const vera = await enrolled('Vera')
  await sql("update sessions set authenticated_at = now() - interval '1 day' where account_id = $1", [parseId('account', vera.accountId)])
  const prove = (factor: object) => post('/v1/me/reauthentication', { password: vera.password, ...factor }, vera.headers)
  refused(t, await replaceCodes(vera), 401, 'reauthentication_required')
  refused(t, await prove({}), 401, 'second_factor_required')
  refused(t, await prove({ totp: otherCode(codeOf(vera)) }), 401, 'second_factor_invalid')
  refused(t, await replaceCodes(vera), 401, 'reauthentication_required')
  const totp = codeOf(vera)
  t.equal((await prove({ totp })).statusCode, 200)
  refused(t, await prove({ totp }), 401, 'second_factor_invalid', 'the same code again')
  t.equal((await prove({ recoveryCode: vera.recoveryCodes[0]! })).statusCode, 200)
  t.equal((await replaceCodes(vera)).statusCode, 201)
})

t.test('S-7 204: a second factor is removed with all its recovery codes', async (t) => {
  const uma = await enrolled('Uma')
  t.equal((await remove(uma)).statusCode, 204)
  t.equal((await signIn(uma)).statusCode, 201)
  t.equal((await signIn(uma, { totp: codeOf(uma) })).statusCode, 201, 'a code that nobody asks for is ignored')
  t.equal((await inject({ url: '/v1/me', headers: uma.headers })).json().secondFactor, false)
  t.strictSame(await mailsOf(uma), [{ change: 'added' }, { change: 'removed' }])
  t.strictSame(await sql('select from recovery_codes where account_id = $1', [parseId('account', uma.accountId)]), [])
})

const short = 'kx7#mQ2v'
// Long enough, but what it repeats is shorter than a password that stands alone.
const doubled = short + short

t.test('S-1 S-7: eight characters will do with a second factor only, which then cannot be removed', async (t) => {
  const ivy = await enrolled('Ivy')
  const alone = await person('Alone')
  for (const password of [short, doubled]) refused(t, await changePassword(alone, password), 422, 'password_refused', password)
  refused(t, await changePassword(ivy, short.slice(1)), 422, 'password_refused', 'seven')
  for (const password of [short, doubled]) {
    t.equal((await changePassword(ivy, password)).statusCode, 204, password)
    ivy.password = password
    refused(t, await remove(ivy), 409, 'password_needs_second_factor', password)
    refused(t, await signIn(ivy), 401, 'second_factor_required')
  }
  t.equal((await changePassword(ivy, wrong)).statusCode, 204)
  t.equal((await remove(ivy)).statusCode, 204)
})

t.test('S-1 S-7: a reset takes eight characters with a second factor only, and takes none away', async (t) => {
  const reset = async (who: Person, password: string) => {
    await post('/v1/password-resets', { email: who.email })
    return post('/v1/password-resets/confirm', { token: await world.mailedToken(who.email, 'ghp'), password })
  }
  const lou = await enrolled('Lou')
  refused(t, await reset(await person('Plain'), short), 422, 'password_refused')
  t.equal((await reset(lou, doubled)).statusCode, 200)
  lou.password = doubled
  refused(t, await signIn(lou), 401, 'second_factor_required')
  const { accessToken } = (await signIn(lou, { totp: codeOf(lou) })).json()
  refused(t, await remove({ ...lou, headers: { authorization: `Bearer ${accessToken}` } }), 409, 'password_needs_second_factor')
})

t.test('S-1 at once: a short password and the end of the second factor never go together', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const who = await enrolled('Race', `race${round}@example.com`)
    const [changed, removed] = await Promise.all([changePassword(who, short, round), remove(who, round + 1)])
    t.match([changed.statusCode, removed.statusCode].sort(), [204, /^4(09|22)$/])
    const [state] = await sql<{ alone: boolean; factor: boolean }>(
      'select password_stands_alone as alone, exists (select from second_factors where account_id = id) as factor from accounts where id = $1',
      [parseId('account', who.accountId)]
    )
    t.ok(state!.alone || state!.factor, 'either the password stands alone, or it does not have to')
  }
})

t.test('S-7 at once: one code used ten times signs in once', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const who = await enrolled('Code', `code${round}@example.com`)
    const totp = codeOf(who)
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => signIn(who, { totp }, index)))
    t.strictSame(answers.map((answer) => answer.json().code ?? 'signed in').sort(), [
      ...Array(9).fill('second_factor_invalid'),
      'signed in'
    ])
  }
})

t.test('S-7 at once: one recovery code used ten times signs in once', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const who = await enrolled('Recovery', `recovery${round}@example.com`)
    const recoveryCode = who.recoveryCodes[round % 10]!
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => signIn(who, { recoveryCode }, index)))
    t.strictSame(answers.map((answer) => answer.json().code ?? 'signed in').sort(), [
      ...Array(9).fill('second_factor_invalid'),
      'signed in'
    ])
  }
})

t.test('S-7 at once: an app is confirmed once, and there is one set of recovery codes', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const who = await person('Confirm', { email: `confirm${round}@example.com` })
    const { secret } = (await start(who)).json()
    const code = codeOf({ secret })
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => confirm(who, code, index)))
    t.strictSame(answers.map((answer) => answer.json().code ?? 'confirmed').sort(), ['confirmed', ...Array(9).fill('totp_enabled')])
    const [kept] = await sql('select count(*)::int from recovery_codes where account_id = $1', [parseId('account', who.accountId)])
    t.strictSame(kept, { count: 10 })
  }
})

t.test('no password, token, code or secret lies readable in any table', async (t) => {
  const zoe = await enrolled('Zoe')
  const key = randomUUID()
  const signedIn = await post('/v1/sessions', { email: zoe.email, password: zoe.password, totp: codeOf(zoe) }, { 'idempotency-key': key })
  const { accessToken, refreshToken } = signedIn.json()
  await post('/v1/sessions/refresh', { refreshToken }, { 'idempotency-key': key })
  await post('/v1/password-resets', { email: zoe.email })
  const client = await world.service('jobs', ['access.evaluate'])
  const bare = (code: string) => code.replaceAll('-', '')
  const secrets = {
    password: zoe.password,
    accessToken,
    refreshToken,
    mailToken: await world.mailedToken(zoe.email, 'ghp'),
    clientSecret: client.clientSecret,
    idempotencyKey: key,
    totpSecret: zoe.secret,
    recoveryCode: zoe.recoveryCodes[0]!,
    bareRecoveryCode: bare(zoe.recoveryCodes[0]!)
  }
  const texts = Object.values(secrets).flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('base64')
  ])
  texts.push(Buffer.from(Secret.fromBase32(zoe.secret).bytes).toString('hex'))
  const tables = await sql<{ name: string }>(
    "select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')"
  )
  t.ok(tables.length > 15)
  for (const { name } of tables) {
    const found = await sql<{ row: string }>(
      `select x::text as row from ${name} x where exists (select from unnest($1::text[]) s where position(s in x::text) > 0)`,
      [texts]
    )
    t.strictSame(found, [], name)
  }
  const [probe] = await sql("select count(*)::int from emails x where position('zoe@example.com' in x::text) > 0")
  t.strictSame(probe, { count: 1 }, 'what is readable would be found')
})

t.test('S-7: a sealed secret opens for its own account only', async (t) => {
  const [eve, gus] = [await enrolled('Eve'), await enrolled('Gus')]
  await sql(
    'update second_factors set sealed_secret = (select sealed_secret from second_factors where account_id = $1), last_step = 0 where account_id = $2',
    [parseId('account', eve.accountId), parseId('account', gus.accountId)]
  )
  t.equal((await signIn(gus, { totp: codeOf(eve) })).statusCode, 500)
  t.equal((await signIn(gus, { totp: codeOf(gus) })).statusCode, 500)
})
