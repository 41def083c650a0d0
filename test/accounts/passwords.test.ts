import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { InjectOptions } from 'fastify'
import { Secret, TOTP } from 'otpauth'
import pg from 'pg'
import t from 'tap'
import { inForce } from '../support/enforcement.ts'
import { meanwhile } from '../support/locks.ts'
import { organizations } from '../support/organizations.ts'
import { databaseUrl, openWorld, type Person, registration } from '../support/world.ts'

const breached = 'walnut ferry onion bridge'
const sha1 = createHash('sha1').update(breached).digest('hex').toUpperCase()
const folder = t.testdir({ 'breached.txt': `${sha1}:7\n` })
const world = await openWorld(t, { env: { BREACHED_PASSWORDS_FILE: join(folder, 'breached.txt') } })
const { post, signIn } = world

const next = 'violet harbour nineteen lamps'
const change = (person: Pick<Person, 'headers'>, currentPassword: string, newPassword: string, extra: object = {}) =>
  world.inject({ method: 'PUT', url: '/v1/me/password', headers: person.headers, payload: { currentPassword, newPassword, ...extra } })
const confirm = (token: string, password: string) => post('/v1/password-resets/confirm', { token, password })
const me = (accessToken: string) => world.inject({ url: '/v1/me', headers: { authorization: `Bearer ${accessToken}` } })
const rowOf = async (email: string) =>
  (
    await world.sql<{ id: string; password_hash: string }>(
      'select a.id, a.password_hash from accounts a join emails e on e.account_id = a.id where e.canonical = $1 and e.verified_at is not null',
      [email]
    )
  )[0]!

async function resetToken(email: string): Promise<string> {
  await post('/v1/password-resets', { email })
  return world.mailedToken(email, 'ghp')
}

/** Sets up a second factor; answers what makes its codes, one time step after another. */
async function secondFactor(person: Person): Promise<() => string> {
  const { secret } = (await post('/v1/me/totp', {}, person.headers)).json()
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  let timestamp = Date.now() - 30_000
  const code = () => totp.generate({ timestamp: (timestamp += 30_000) - 30_000 })
  const confirmed = await post('/v1/me/totp/confirmation', { code: code() }, person.headers)
  if (confirmed.statusCode !== 200) throw new Error(confirmed.body)
  return code
}

t.test('S-4 S-8 204: a change ends all other sessions and pending resets, and tells the owner', async (t) => {
  const olga = await world.person('Olga')
  const elsewhere = (await signIn(olga)).json()
  const token = await resetToken(olga.email)
  const answer = await change(olga, olga.password, next)
  t.equal(answer.statusCode, 204)
  t.equal(answer.body, '')
  t.ok(answer.headers['consistency-token'])

  t.equal((await me(elsewhere.accessToken)).statusCode, 401)
  t.match((await post('/v1/sessions/refresh', { refreshToken: elsewhere.refreshToken })).json(), { code: 'invalid_refresh_token' })
  t.equal((await me(olga.accessToken)).statusCode, 200)
  t.equal((await post('/v1/sessions/refresh', { refreshToken: olga.refreshToken })).statusCode, 200, 'this session goes on')
  t.equal((await confirm(token, 'onion bridge walnut ferry')).statusCode, 410, 'a reset mailed before does not undo it')
  t.equal((await signIn(olga)).statusCode, 401)
  t.equal((await signIn({ ...olga, password: next })).statusCode, 201)
  const notice = (await world.mails(olga.email)).at(-1)!
  t.match(notice, { subject: 'Your password was changed', text: /Network: 127\.?/ })
  t.notMatch(notice.text, /gh[a-z]_|violet/)
})

t.test('S-8 401: a change needs the present password and a recent sign-in', async (t) => {
  const paul = await world.person('Paul')
  const before = await rowOf(paul.email)
  for (const wrong of ['tulip anchor museum fort', `${paul.password} `, paul.password.toUpperCase(), next]) {
    t.match((await change(paul, wrong, next)).json(), { status: 401, code: 'invalid_credentials' })
  }
  await world.sql(`update sessions set authenticated_at = now() - interval '601 seconds' where account_id = $1`, [before.id])
  const late = await change(paul, paul.password, next)
  t.match(late.json(), { status: 401, code: 'reauthentication_required', maxAgeSeconds: 600 })
  t.match(late.headers['www-authenticate'], /insufficient_user_authentication/)
  t.strictSame(await rowOf(paul.email), before)
  t.equal((await post('/v1/me/reauthentication', { password: paul.password }, paul.headers)).statusCode, 200)
  t.equal((await change(paul, paul.password, next)).statusCode, 204)
})

t.test('400 401: a change and a reset take exactly what they need', async (t) => {
  const rita = await world.person('Rita')
  const body = { currentPassword: rita.password, newPassword: next }
  for (const payload of [
    { ...body, email: rita.email },
    { newPassword: next },
    { currentPassword: rita.password },
    { ...body, newPassword: [next] }
  ]) {
    const answer = await world.inject({ method: 'PUT', url: '/v1/me/password', headers: rita.headers, payload } as InjectOptions)
    t.match(answer.json(), { status: 400, code: 'invalid_input' })
  }
  t.equal((await world.inject({ method: 'PUT', url: '/v1/me/password', payload: body })).statusCode, 401)
  const token = await resetToken(rita.email)
  for (const payload of [
    { token },
    { password: next },
    { token, password: next, accountId: rita.accountId },
    { token, password: null },
    { token: [token], password: next }
  ]) {
    t.match((await post('/v1/password-resets/confirm', payload)).json(), { status: 400, code: 'invalid_input' })
  }
  for (const email of [[rita.email], { address: rita.email }, [rita.email, 'mallory@evil.example'], null, 7, '']) {
    t.match((await post('/v1/password-resets', { email })).json(), { status: 400, code: 'invalid_input' }, 'one address, a text')
  }
  for (const extra of [{ to: 'mallory@evil.example' }, { emails: [rita.email] }]) {
    t.match((await post('/v1/password-resets', { email: rita.email, ...extra })).json(), { status: 400, code: 'invalid_input' })
  }
  const twice = `{"email":"${rita.email}","email":"mallory@evil.example"}`
  await world.inject({ method: 'POST', url: '/v1/password-resets', payload: twice, headers: { 'content-type': 'application/json' } })
  t.notOk((await world.mails('mallory@evil.example')).some(({ text }) => /ghp_/.test(text)))
  t.equal((await signIn(rita)).statusCode, 201)
})

t.test('S-1 422: the same passwords are refused at registration, change and reset, and none of them uses up a token', async (t) => {
  const person = { email: world.secrets.isNone('bluebell.harper@policy.example'), firstName: 'Jaroslav', lastName: 'Witkiewicz' }
  await post('/v1/accounts', { ...registration, ...person })
  const { session } = (await post('/v1/email-verifications', { token: await world.mailedToken(person.email, 'ghv') })).json()
  const headers = { authorization: `Bearer ${session.accessToken}` }
  const token = await resetToken(person.email)
  const refused: Array<[string, string]> = [
    ['fourteen chars', 'too_short'],
    ['x'.repeat(257), 'too_long'],
    ['\u{1f40b}'.repeat(257), 'too_long'],
    ['passwordpassword', 'common'],
    ['qwertyuiopasdfgh', 'common'],
    ['guildhallguildhall', 'personal'],
    ['bluebell.harper1', 'personal'],
    ['Jaroslav.Jaroslav', 'personal'],
    ['Witkiewicz1234567', 'personal'],
    ['bluebell.harper@policy.example', 'personal'],
    [breached, 'breached'],
    ['tulip museum\nanchor forty', 'invalid_characters']
  ]
  for (const [password, reason] of refused) {
    const answers = [
      await post('/v1/accounts', { ...registration, ...person, password }),
      await change({ headers }, registration.password, password),
      await confirm(token, password)
    ]
    for (const answer of answers) {
      t.match(answer.json(), { status: 422, code: 'password_refused', reason }, password.slice(0, 20))
      t.notOk(answer.body.includes(password), 'the answer does not repeat it')
    }
  }
  t.equal((await confirm(token, next)).statusCode, 200)
})

t.test('S-1 200: a password counts exactly as it is after NFC, up to its last character', async (t) => {
  const longest = `${'\u{1f40b}'.repeat(9)}tulip anchor museum forty ${'kx7#qv9tz!mw4jpa%f'.repeat(20)}`
  const exact = ['caf\u00e9 tulip anchor museum', '  spaces around it  all  ', [...longest].slice(0, 256).join(''), 'exactly fifteen']
  t.equal([...exact[3]!].length, 15)
  for (const [index, password] of exact.entries()) {
    const person = await world.person('Nina', { email: `exact${index}@example.com`, password })
    t.equal((await signIn(person)).statusCode, 201, password.slice(0, 20))
    t.equal((await signIn({ ...person, password: password.normalize('NFD') })).statusCode, 201, 'in another normal form')
    const others = [
      password.slice(0, -1),
      `${password} `,
      ` ${password}`,
      password.trim().toUpperCase(),
      password.normalize('NFKC').replace('é', 'e')
    ]
    for (const other of others.filter((each) => each !== password)) {
      t.equal((await signIn({ ...person, password: other })).statusCode, 401, other.slice(0, 20))
    }
  }
})

t.test('S-1 S-7 204: with a second factor eight characters are enough, and then it cannot be removed', async (t) => {
  const tom = await world.person('Tom')
  const short = 'Kq7#vT!z'
  t.match((await change(tom, tom.password, short)).json(), { reason: 'too_short' })
  const code = await secondFactor(tom)
  t.match((await change(tom, tom.password, 'Kq7#vT!')).json(), { reason: 'too_short' }, 'never under eight')
  t.equal((await change(tom, tom.password, short)).statusCode, 204)
  const removed = await world.inject({ method: 'DELETE', url: '/v1/me/totp', headers: tom.headers })
  t.match(removed.json(), { status: 409, code: 'password_needs_second_factor' })

  t.equal((await confirm(await resetToken(tom.email), 'Zt!v#7qK')).statusCode, 200, 'at a reset too')
  t.match((await signIn({ ...tom, password: 'Zt!v#7qK' })).json(), { code: 'second_factor_required' }, 'which takes no factor away')
  const signedIn = await post('/v1/sessions', { email: tom.email, password: 'Zt!v#7qK', totp: code() })
  t.equal(signedIn.statusCode, 201)

  const headers = { authorization: `Bearer ${signedIn.json().accessToken}` }
  t.equal((await change({ headers }, 'Zt!v#7qK', next)).statusCode, 204)
  t.equal((await world.inject({ method: 'DELETE', url: '/v1/me/totp', headers })).statusCode, 204, 'a long one stands alone')
})

t.test('S-1 422: a short password is refused when the second factor goes while it is being hashed', async (t) => {
  for (const act of ['change', 'reset']) {
    const ute = await world.person('Ute', { email: `ute.${act}@example.com` })
    await secondFactor(ute)
    const token = await resetToken(ute.email)
    const { id } = await rowOf(ute.email)
    const answer = await meanwhile(
      world,
      `with locked as (update accounts set version = version + 1 where id = $1 returning id) delete from second_factors where account_id in (select id from locked)`,
      [id],
      () => (act === 'change' ? change(ute, ute.password, 'Kq7#vT!z') : confirm(token, 'Kq7#vT!z'))
    )
    t.match(answer.json(), { status: 422, code: 'password_refused', reason: 'too_short' }, act)
    t.equal((await signIn(ute)).statusCode, 201)
  }
})

t.test(
  'S-4 200: what changed in the roles and the ownership of organizations is among it, as far as it is about the person or by them',
  async (t) => {
    const org = organizations(world)
    const [owner, person, other] = [await world.person('Wilma'), await world.person('Xaver'), await world.person('Yannick')]
    const place = await org.found(owner)
    const memberId = await org.join(place, person, [{ role: 'recruiter' }])
    const otherId = await org.join(place, other, [{ role: 'recruiter' }])
    const reset = async (who: Person) => {
      const answer = await confirm(await resetToken(who.email), next)
      return answer.json().recentChanges.map(({ action }: { action: string }) => action)
    }
    await org.ok(org.setRoles(place, otherId, [{ role: 'admin' }]))
    t.strictSame(await reset(person), [], "another member's roles by somebody else")
    t.strictSame(await reset(other), ['member.roles_changed'])
    await org.ok(org.setRoles(place, memberId, [{ role: 'admin' }]))
    await org.ok(org.send('POST', `${place.url}/ownership-transfer`, owner, { memberId }))
    t.strictSame(await reset(person), ['ownership.offered', 'member.roles_changed'])
    const again = (await world.signIn({ ...person, password: next })).json()
    await org.ok(
      org.send('POST', `${place.url}/ownership-transfer/accept`, { headers: { authorization: `Bearer ${again.accessToken}` } }, {})
    )
    const changed = ['ownership.transferred', 'ownership.offered', 'member.roles_changed']
    t.strictSame(await reset(person), changed)
    t.strictSame(await reset(owner), [...changed, 'member.roles_changed'], 'and what they did to others')
    await world.sql('alter table audit_events disable trigger user')
    await world.sql("update audit_events set at = at - interval '8 days' where chain_kind = 'organization'")
    await world.sql('alter table audit_events enable trigger user')
    t.strictSame(await reset(owner), [], 'of the last seven days')
  }
)

t.test('S-4 200: a reset ends every session, signs nobody in, and answers what changed lately', async (t) => {
  const vera = await world.person('Vera')
  await post('/v1/me/emails', { email: 'vera@evil.example' }, vera.headers)
  const added = await world.mailedToken('vera@evil.example', 'gha')
  const again = (await signIn(vera)).json()
  const { authorization } = vera.headers
  const { etag } = (await me(again.accessToken)).headers
  await world.inject({
    method: 'PATCH',
    url: '/v1/me',
    headers: { authorization, 'if-match': String(etag) },
    payload: { lastName: 'Vance' }
  })
  await post('/v1/password-resets', { email: 'VERA@example.com' })
  const token = await world.mailedToken(vera.email, 'ghp')
  const [, mail] = (await world.mails(vera.email)).slice(-2)
  t.match(mail, { subject: 'Set a new password', text: /http:\/\/guildhall\.test\/reset-password#token=ghp_[\w-]{49}\s/ })

  const answer = await confirm(token, next)
  t.equal(answer.statusCode, 200)
  t.strictSame(Object.keys(answer.json()), ['recentChanges'])
  t.equal(answer.headers['set-cookie'], undefined)
  t.strictSame(
    answer.json().recentChanges.map(({ action }: { action: string }) => action),
    ['account.updated', 'email.added']
  )
  for (const { accessToken, refreshToken } of [vera, again]) {
    t.equal((await me(accessToken)).statusCode, 401)
    t.equal((await post('/v1/sessions/refresh', { refreshToken })).statusCode, 401)
  }
  t.equal((await signIn(vera)).statusCode, 401)
  t.match((await world.mails(vera.email)).at(-1), { subject: 'Your password was changed' })

  const { accessToken } = (await signIn({ ...vera, password: next })).json()
  t.match((await me(accessToken)).json(), { emails: [{ address: vera.email }] }, 'an address that was being added is void')
  t.equal((await me(accessToken)).json().emails.length, 1)
  const late = await post('/v1/me/emails/vera@evil.example/verify', { token: added }, { authorization: `Bearer ${accessToken}` })
  t.equal(late.statusCode, 410)
  t.equal((await confirm(token, 'onion bridge walnut ferry')).statusCode, 410, 'once only')
})

t.test('S-4 200: the newest reset is the one that works, for half an hour', async (t) => {
  const wim = await world.person('Wim')
  const first = await resetToken(wim.email)
  const second = await resetToken(wim.email)
  t.equal((await confirm(first, next)).statusCode, 410)
  const [life] = await world.sql<{ seconds: number }>(
    `select extract(epoch from expires_at - created_at)::int as seconds from mail_tokens where purpose = 'reset_password' and used_at is null
      and account_id = $1`,
    [(await rowOf(wim.email)).id]
  )
  t.equal(life!.seconds, 1800)
  t.equal((await confirm(second, next)).statusCode, 200)
})

t.test('S-4 200: a reset of a suspended account sets the password and lifts nothing', async (t) => {
  const xena = await world.person('Xena')
  await world.sql(`update accounts set ${inForce('suspended')} where id = $1`, [(await rowOf(xena.email)).id])
  t.equal((await confirm(await resetToken(xena.email), next)).statusCode, 200)
  t.equal((await signIn(xena)).statusCode, 401)
  t.match((await signIn({ ...xena, password: next })).json(), { status: 403, code: 'account_suspended' })
})

t.test('S-2 200: a reset ends the pause after wrong passwords', async (t) => {
  const yuri = await world.person('Yuri')
  for (let failure = 0; failure < 10; failure++) await signIn({ ...yuri, password: next })
  t.match((await signIn(yuri)).json(), { status: 429, code: 'sign_in_paused' })
  t.equal((await confirm(await resetToken(yuri.email), next)).statusCode, 200)
  t.equal((await signIn({ ...yuri, password: next })).statusCode, 201)
})

t.test('S-4 401: of two sessions that change the password at once, one does and the other has ended', async (t) => {
  for (let round = 0; round < 3; round++) {
    const zoe = await world.person('Zoe', { email: `zoe${round}@example.com` })
    const other = (await signIn(zoe)).json()
    const sessions = [zoe.headers, { authorization: `Bearer ${other.accessToken}` }]
    const passwords = [next, 'onion bridge walnut ferry']
    const answers = await Promise.all(sessions.map((headers, index) => change({ headers }, zoe.password, passwords[index]!)))
    const won = answers.findIndex(({ statusCode }) => statusCode === 204)
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [204, 401])
    t.equal((await signIn({ ...zoe, password: passwords[won]! })).statusCode, 201)
    t.equal((await world.inject({ url: '/v1/me', headers: sessions[1 - won]! })).statusCode, 401)
  }
})

t.test('S-4 at once: a change and a reset of one password never wait for each other, and the first one counts', async (t) => {
  const anna = await world.person('Anna')
  const token = await resetToken(anna.email)
  const { id } = await rowOf(anna.email)
  const client = new pg.Client({ connectionString: databaseUrl('superuser', world.database) })
  await client.connect()
  t.teardown(() => client.end())
  const blocked = async (count: number) => {
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    while ((await client.query(waiting)).rowCount! < count) await delay(2)
  }
  // Both wait for the account, in this order.
  await client.query('begin')
  await client.query('select from accounts where id = $1 for update', [id])
  const changing = change(anna, anna.password, next)
  await blocked(1)
  const resetting = confirm(token, 'onion bridge walnut ferry')
  await blocked(2)
  await client.query('commit')
  t.equal((await changing).statusCode, 204)
  t.match((await resetting).json(), { status: 410, code: 'token_dead' })
  t.equal((await signIn({ ...anna, password: next })).statusCode, 201)
})
