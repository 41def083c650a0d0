import type { InjectOptions } from 'fastify'
import t from 'tap'
import { openWorld, registration } from '../support/world.ts'

type Answer = Awaited<ReturnType<typeof world.inject>>

const world = await openWorld(t)
const { post, signIn } = world

const attacker = 'violet harbour nineteen lamps'
const owner = registration.password

const register = (input: object, headers: Record<string, string> = {}) => post('/v1/accounts', { ...registration, ...input }, headers)
const resend = (email: string, headers: Record<string, string> = {}) => post('/v1/email-verifications/resend', { email }, headers)
const reset = (email: string, headers: Record<string, string> = {}) => post('/v1/password-resets', { email }, headers)
const prove = (token: string, headers: Record<string, string> = {}) => post('/v1/email-verifications', { token }, headers)

/** Tokens of a prefix mailed to an address, oldest first. */
async function tokens(address: string, prefix = 'ghv'): Promise<string[]> {
  const texts = (await world.mails(address)).map(({ text }) => text)
  return texts.flatMap((text) => new RegExp(`${prefix}_[\\w-]{49}`).exec(text)?.[0] ?? [])
}

const claims = (canonical: string) =>
  world.sql<{ id: string; status: string; first_name: string }>(
    'select a.id, a.status, a.first_name from accounts a join emails e on e.account_id = a.id where e.canonical = $1 order by a.id',
    [canonical]
  )
/** Of these, the one that is more than a claim. */
const holders = async (email: string) => (await claims(email)).filter(({ status }) => status !== 'pending_email')

/** An answer but for what differs from one request to the next. */
function shape({ statusCode, body, headers }: Answer) {
  const { date, 'x-request-id': requestId, ratelimit, ...rest } = headers
  return { statusCode, body, names: Object.keys(headers), headers: rest, counted: String(ratelimit).replace(/[rt]=\d+/g, '') }
}

// One person each: known, unproven, closed; nobody has the fourth address.
const knownAddresses = ['kim@known.example', 'uma@unproven.example', 'carl@closed.example', 'nobody@unknown.example']
await world.person('Kim', { email: 'Kim@known.example' })
await register({ email: 'uma@unproven.example', firstName: 'Uma' })
const carl = await world.person('Carl', { email: 'carl@closed.example' })
const carlRow = { id: (await claims('carl@closed.example'))[0]!.id }
await world.sql(`update accounts set status = 'closed', closed_at = now() where id = $1`, [carlRow.id])
await world.mails()

t.test('P-3 202: a registration mails a proof to the address as typed and makes nothing that can be used', async (t) => {
  const answer = await register({ email: 'Nora.Nolan@Nowhere.example', firstName: 'Nora', locale: 'de-AT' })
  t.equal(answer.statusCode, 202)
  t.strictSame(answer.json(), { status: 'accepted' })
  t.equal(answer.headers['cache-control'], 'no-store')

  const [mail, ...more] = await world.mails('Nora.Nolan@Nowhere.example')
  t.equal(more.length, 0)
  t.match(mail, { subject: /bestätige/, text: /http:\/\/guildhall\.test\/verify-email#token=ghv_[\w-]{49}\s/ })
  t.match(await claims('nora.nolan@nowhere.example'), [{ status: 'pending_email', first_name: 'Nora' }])

  t.match((await signIn({ email: 'nora.nolan@nowhere.example', password: attacker })).json(), { status: 401, code: 'invalid_credentials' })
  t.match((await signIn({ email: 'nora.nolan@nowhere.example', password: owner })).json(), { status: 403, code: 'email_unverified' })
  const [nora] = await claims('nora.nolan@nowhere.example')
  t.strictSame(await world.sql('select id from sessions where account_id = $1', [nora!.id]), [], 'no session before the proof')
})

t.test('P-3 200: proving the email makes the account active and signs the person in', async (t) => {
  await register({ email: 'Olga@Proven.example' })
  const [token] = await tokens('Olga@Proven.example')
  const answer = await prove(token!)
  t.equal(answer.statusCode, 200)
  const { account, session, joinableCompanies } = answer.json()
  t.match(account, {
    id: /^account_[0-9a-z]{26}$/,
    status: 'active',
    firstName: 'Olga',
    lastName: 'Okafor',
    countryCode: 'DE',
    intent: 'client',
    locale: 'en',
    enforcement: 'none',
    secondFactor: false,
    emails: [{ address: 'Olga@Proven.example', primary: true, verified: true }]
  })
  t.strictSame(joinableCompanies, [])
  t.match(session, { sessionId: /^session_/, refreshToken: /^ghr_/, expiresIn: 300 })

  const headers = { authorization: `Bearer ${session.accessToken}` }
  const me = await world.inject({ url: '/v1/me', headers })
  t.strictSame(me.json(), account)
  t.equal(me.headers.etag, answer.headers.etag)
  t.equal((await signIn({ email: 'olga@proven.example', password: owner })).statusCode, 201)
  t.equal((await prove(token!)).statusCode, 410, 'once only')
  t.match(await world.sql('select type, after from events where subject = $1', [account.id]), [
    { type: 'account.activated', after: { status: 'active' } }
  ])
})

const asking: Record<string, (email: string) => Promise<Answer>> = {
  registering: (email) => register({ email }),
  'asking for a proof': resend,
  'asking for a reset': reset
}
for (const [name, ask] of Object.entries(asking)) {
  t.test(`P-2 202: ${name} is answered alike for a known, unproven, closed and unknown email`, async (t) => {
    const expected = shape(await ask('first@asked.example'))
    t.equal(expected.statusCode, 202)
    t.equal(expected.body, '{"status":"accepted"}')
    for (const email of knownAddresses) {
      const before = shape(await ask(email))
      await world.mails()
      t.strictSame(before, expected, email)
      t.strictSame(shape(await ask(email.toUpperCase())), expected, `${email} again, after its mail and in capitals`)
    }
  })
}

t.test('P-2 202: the owner of a known email is told so at the spelling that was proven, and nothing else changes', async (t) => {
  const person = await world.person('Olga', { email: 'Olga@Known.example' })
  const before = await claims('olga@known.example')
  await register({ email: 'oLGA@kNOWN.eXAMPLE', password: attacker, firstName: 'Mallory', locale: 'de' })
  t.equal((await signIn(person)).statusCode, 201, 'while the claim waits for its mail, too')
  t.match((await signIn({ ...person, password: attacker })).json(), { code: 'email_unverified' }, 'as with an address nobody has')
  const sent = (await world.mails()).at(-1)!
  t.equal(sent.to, 'Olga@Known.example')
  t.equal(sent.subject, 'You already have an account', 'in the language of its owner')
  t.notMatch(sent.text, /Mallory|gh[a-z]_/, 'without what the stranger wrote, and without a token')

  t.strictSame(await holders('olga@known.example'), before)
  t.match((await signIn({ ...person, password: attacker })).json(), { code: 'email_unverified' }, 'still')
  t.equal((await signIn(person)).statusCode, 201)
})

t.test('P-2 202: the mail for the email of a closed account tells how to come back', async (t) => {
  const before = (await world.mails(carl.email)).length
  await register({ email: carl.email, password: attacker })
  await resend(carl.email)
  await reset(carl.email)
  const sent = (await world.mails(carl.email)).slice(before)
  t.equal(sent.length, 2, 'for the registration and the reset, and no proof')
  for (const mail of sent) t.match(mail, { subject: 'Your account is closed', text: /http:\/\/guildhall\.test\/reactivate\n/ })
  t.strictSame(
    (await holders(carl.email)).map(({ id }) => id),
    [carlRow.id],
    'the address stays with the closed account'
  )
  t.match((await signIn(carl)).json(), { code: 'invalid_credentials' })
})

t.test('P-4 202: registering again for another capacity makes no second account', async (t) => {
  await world.person('Finn', { email: 'finn@capacity.example' })
  t.equal((await register({ email: 'finn@capacity.example', intent: 'freelancer' })).statusCode, 202)
  t.match((await world.mails('finn@capacity.example')).at(-1), { subject: 'You already have an account' })
  t.match(await claims('finn@capacity.example'), [{ status: 'active' }])
})

t.test('P-1 P-2 200: an unproven claim reserves nothing, and the later one that is proven ends it with all it left behind', async (t) => {
  const email = 'vera@prehijack.example'
  await register({ email, password: attacker, firstName: 'Mallory' })
  const [early] = await tokens(email)
  t.equal((await register({ email, firstName: 'Vera' })).statusCode, 202)
  const [, late] = await tokens(email)
  t.not(late, early, 'a proof link of its own')
  t.equal((await claims(email)).length, 2)
  const [mallory] = await claims(email)

  t.match((await prove(late!)).json(), { account: { firstName: 'Vera' } })
  t.match(await claims(email), [{ status: 'active', first_name: 'Vera' }])
  t.match((await prove(early!)).json(), { code: 'token_dead' })
  t.match((await signIn({ email, password: attacker })).json(), { code: 'invalid_credentials' })
  t.equal((await signIn({ email, password: owner })).statusCode, 201)
  for (const table of ['accounts where id', 'emails where account_id', 'mail_tokens where account_id', 'sessions where account_id']) {
    t.strictSame(await world.sql(`select * from ${table} = $1`, [mallory!.id]), [], `nothing in ${table.split(' ')[0]}`)
  }
})

t.test(
  'P-1 P-2 200: the earlier of two claims is proven as well as the later one, with the password of its own registration',
  async (t) => {
    const email = 'wanda@prehijack.example'
    await register({ email, firstName: 'Wanda' })
    await register({ email, password: attacker, firstName: 'Mallory' })
    const [mine, theirs] = await tokens(email)
    t.match((await prove(mine!)).json(), { account: { firstName: 'Wanda' } })
    t.equal((await prove(theirs!)).statusCode, 410)
    t.equal((await signIn({ email, password: attacker })).statusCode, 401)
    t.equal((await signIn({ email, password: owner })).statusCode, 201)
  }
)

t.test('P-1 200: whoever added an address without proving it loses it to the one who proves it by registering', async (t) => {
  const email = 'xenia@prehijack.example'
  const mallory = await world.person('Mallory', { password: attacker })
  const asMallory = (method: 'POST' | 'PUT' | 'GET', url: string, payload?: object) =>
    world.inject({ method, url, headers: mallory.headers, ...(payload ? { payload } : {}) } as InjectOptions)
  t.equal((await asMallory('POST', '/v1/me/emails', { email })).statusCode, 201)
  const [added] = await tokens(email, 'gha')
  const before = await asMallory('GET', '/v1/me')
  t.match(before.json(), { emails: [{ verified: true }, { address: email, verified: false }] })
  t.match((await asMallory('PUT', `/v1/me/emails/${email}/primary`)).json(), { code: 'email_not_proven' })

  t.match((await signIn({ email, password: attacker })).json(), { code: 'invalid_credentials' }, 'no name to sign in with')
  await reset(email)
  t.strictSame(await tokens(email, 'ghp'), [], 'nor a way to a reset')

  await register({ email, firstName: 'Xenia' })
  const { account, session } = (await prove((await tokens(email))[0]!)).json()
  t.match(account, { firstName: 'Xenia', emails: [{ address: email }] })
  const after = await asMallory('GET', '/v1/me')
  t.strictSame(
    after.json().emails.map(({ address }: { address: string }) => address),
    [mallory.email]
  )
  t.not(after.headers.etag, before.headers.etag, 'another state has another ETag')

  t.match((await asMallory('POST', `/v1/me/emails/${email}/verify`, { token: added })).json(), { code: 'token_dead' })
  const asXenia = { authorization: `Bearer ${session.accessToken}` }
  const listed = (await world.inject({ url: '/v1/me/sessions', headers: asXenia })).json()
  t.strictSame(
    listed.items.map(({ id }: { id: string }) => id),
    [session.sessionId],
    'one session only, her own'
  )
})

t.test('P-1 202: a later claimant gets nowhere once the address is proven, by any spelling', async (t) => {
  const person = await world.person('Yara', { email: 'yara@bücher.example' })
  for (const email of ['yara@bücher.example', 'YARA@BÜCHER.example', 'yara@xn--bcher-kva.example', 'Yara@XN--BCHER-KVA.EXAMPLE']) {
    await register({ email, password: attacker })
    await resend(email)
    t.equal(
      (await world.mails(email)).some(({ text }) => /ghv_/.test(text)),
      email === person.email,
      `no proof to ${email}`
    )
    t.equal((await signIn({ email, password: attacker })).statusCode, 403)
    t.equal((await signIn({ email, password: person.password })).statusCode, 201, `one account: ${email}`)
  }
  t.match(await holders('yara@xn--bcher-kva.example'), [{ status: 'active' }])
})

t.test('P-2 202: a new proof link replaces the one before, and goes to the spelling of the registration', async (t) => {
  await register({ email: 'Rita@Resend.example' })
  const [first] = await tokens('Rita@Resend.example')
  await resend('RITA@RESEND.EXAMPLE')
  t.strictSame(await world.mails('RITA@RESEND.EXAMPLE'), [])
  const [, second] = await tokens('Rita@Resend.example')
  t.equal((await prove(first!)).statusCode, 410)
  t.equal((await prove(second!)).statusCode, 200)

  const before = (await world.mails()).length
  await resend('rita@resend.example')
  await resend('stranger@resend.example')
  t.equal((await world.mails()).length, before, 'nothing for a proven or an unknown address')
})

t.test('P-2 202: asking to reset an unproven address mails its proof link: there is nothing to reset', async (t) => {
  await register({ email: 'rene@reset.example' })
  const [first] = await tokens('rene@reset.example')
  await reset('rene@reset.example')
  const [, second] = await tokens('rene@reset.example')
  t.equal((await prove(first!)).statusCode, 410)
  t.equal((await prove(second!)).statusCode, 200)
})

t.test('P-2 202: a retry under the same Idempotency-Key registers once; another body is another registration', async (t) => {
  const headers = { 'idempotency-key': 'registration-5b1f0a' }
  const first = await register({ email: 'iris@retry.example' }, headers)
  const again = await register({ email: 'iris@retry.example' }, headers)
  t.equal(again.statusCode, 202)
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.equal(again.body, first.body)
  t.equal((await claims('iris@retry.example')).length, 1)
  t.equal((await world.mails('iris@retry.example')).length, 1)
  t.equal((await register({ email: 'ivan@retry.example' }, headers)).headers['idempotency-replayed'], undefined)

  const [token] = await tokens('iris@retry.example')
  const proven = await prove(token!, headers)
  const replayed = await prove(token!, headers)
  t.equal(replayed.headers['idempotency-replayed'], 'true')
  t.equal(replayed.body, proven.body, 'a lost answer can be had again')
  t.equal((await prove(token!, { 'idempotency-key': 'another-key-5b1f0a' })).statusCode, 410)
})

t.test('P-2 202: links in mails lead where the configuration says, whatever the request claims to have been sent to', async (t) => {
  const forged = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-server': 'evil.example',
    'x-original-url': 'https://evil.example/',
    forwarded: 'host=evil.example;proto=https',
    origin: 'https://evil.example',
    referer: 'https://evil.example/'
  }
  const before = (await world.mails()).length
  await register({ email: 'hana@host.example' }, forged)
  await resend('hana@host.example', forged)
  const [, token] = await tokens('hana@host.example')
  const { session } = (await prove(token!, forged)).json()
  await reset('hana@host.example', forged)
  await register({ email: 'hana@host.example' }, forged)
  const headers = { ...forged, authorization: `Bearer ${session.accessToken}` }
  await post('/v1/me/emails', { email: 'hana@new.example' }, headers)
  const [added] = await tokens('hana@new.example', 'gha')
  await post('/v1/me/emails/hana@new.example/verify', { token: added }, headers)
  await world.inject({ method: 'PUT', url: '/v1/me/emails/hana@new.example/primary', headers })
  const [undo] = await tokens('hana@host.example', 'ghu')
  await post('/v1/email-changes/undo', { token: undo }, forged)

  const sent = (await world.mails()).slice(before)
  t.ok(sent.length >= 7, `${sent.length} mails`)
  for (const { subject, text, html, messageId } of sent) {
    t.notMatch(`${text}${html}${messageId}`, /evil/, subject)
    for (const [link] of text.matchAll(/https?:\/\/\S+/g)) t.match(link, /^http:\/\/guildhall\.test(\/|$)/, subject)
  }
  const problem = await prove('ghv_0123456789012345678901234567890123456789', forged)
  t.notMatch(problem.body, /evil/, 'nor do problems name it')
})

t.test('400 415 413: what is not exactly a registration is refused', async (t) => {
  const refused = async (payload: unknown, pointer: string) => {
    const answer = await world.inject({ method: 'POST', url: '/v1/accounts', payload: payload as object })
    t.match(answer.json(), { status: 400, code: 'invalid_input', errors: [{ pointer }] }, pointer)
  }
  const right = { ...registration, email: 'rob@strict.example' }
  for (const name of Object.keys(right)) await refused({ ...right, [name]: undefined }, `/${name}`)
  for (const name of ['id', 'status', 'emailVerified', 'verifiedAt', 'roles', 'enforcement', 'createdAt', 'passwordHash', '__proto__x']) {
    await refused({ ...right, [name]: 'active' }, `/${name}`)
  }
  for (const value of [null, 7, true, ['rob@strict.example'], { address: 'rob@strict.example' }, 'a@', `${'a'.repeat(320)}@x.example`]) {
    await refused({ ...right, email: value }, '/email')
  }
  for (const value of ['', ' ', 'Rob ', 'Rob\nBcc: x', 'R\u202eob', 'R\u200bob', 'x'.repeat(101), ['Rob'], null]) {
    await refused({ ...right, firstName: value }, '/firstName')
    await refused({ ...right, lastName: value }, '/lastName')
  }
  for (const value of ['de', 'DEU', 'XX', '', 7]) await refused({ ...right, countryCode: value }, '/countryCode')
  for (const value of ['both', 'CLIENT', '', null]) await refused({ ...right, intent: value }, '/intent')
  for (const value of ['english', 'de_AT', 'DE', '', null]) await refused({ ...right, locale: value }, '/locale')
  for (const value of ['', null, 15, 'x'.repeat(2049)]) await refused({ ...right, password: value }, '/password')
  await refused([right], '')

  const raw = (payload: string, type: string) =>
    world.inject({ method: 'POST', url: '/v1/accounts', payload, headers: { 'content-type': type } })
  t.match((await raw('{"email":', 'application/json')).json(), { status: 400, code: 'malformed_request' })
  t.match((await raw('{"__proto__":{"x":1}}', 'application/json')).json(), { status: 400 })
  t.equal((await raw('email=rob', 'application/x-www-form-urlencoded')).statusCode, 415)
  t.equal((await raw(JSON.stringify(right), 'text/plain')).statusCode, 415)
  t.equal((await raw(JSON.stringify({ ...right, firstName: 'x'.repeat(17_000) }), 'application/json')).statusCode, 413)
  t.equal((await world.inject({ method: 'POST', url: '/v1/accounts?dryRun=true', payload: right })).statusCode, 400)
  t.strictSame(await claims('rob@strict.example'), [])
})

t.test('P-1 422: what is no plain address is refused at registration, resend, reset and adding', async (t) => {
  const { headers } = await world.person('Sam')
  const faults: Array<[string, string]> = [
    ['"sam"@strict.example', 'unsupported_local_part'],
    ['sam@strict.example, mallory@evil.example', 'not_one_address'],
    ['sam@strict.example ', 'surrounding_space'],
    ['sám@strict.example', 'non_ascii_local_part'],
    ['sam@[127.0.0.1]', 'address_literal'],
    ['sam\u200b@strict.example', 'forbidden_character'],
    ['sam@strict', 'invalid_domain'],
    ['=?utf-8?q?sam=40strict.example=3e?=foo@evil.example', 'unsupported_local_part'],
    ['Sam <sam@strict.example>', 'not_one_address']
  ]
  for (const [email, reason] of faults) {
    const answers = [await register({ email }), await resend(email), await reset(email), await post('/v1/me/emails', { email }, headers)]
    for (const answer of answers) t.match(answer.json(), { status: 422, code: 'email_invalid', reason }, email)
  }
})
