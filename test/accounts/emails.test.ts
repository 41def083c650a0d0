import type { InjectOptions } from 'fastify'
import t from 'tap'
import { inForce } from '../support/enforcement.ts'
import { openWorld, type Person, registration } from '../support/world.ts'

const world = await openWorld(t, { env: { EMAILS_PER_ACCOUNT: '4' } })
const { post } = world

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

const call = (person: Person, method: Method, url: string, payload?: object) =>
  world.inject({ method, url, headers: person.headers, ...(payload ? { payload } : {}) } as InjectOptions)
const add = (person: Person, email: string) => call(person, 'POST', '/v1/me/emails', { email })
const verify = (person: Person, email: string, token: string) =>
  call(person, 'POST', `/v1/me/emails/${encodeURIComponent(email)}/verify`, { token })
const makePrimary = (person: Person, email: string) => call(person, 'PUT', `/v1/me/emails/${encodeURIComponent(email)}/primary`)
const remove = (person: Person, email: string, query = '') => call(person, 'DELETE', `/v1/me/emails/${encodeURIComponent(email)}${query}`)
const undo = (token: string) => post('/v1/email-changes/undo', { token })

interface View {
  emails: Array<{ address: string; primary: boolean; verified: boolean }>
}
const emailsOf = async (person: Person) =>
  ((await call(person, 'GET', '/v1/me')).json() as View).emails.map(
    ({ address, primary, verified }) => `${address}${primary ? ' primary' : ''}${verified ? '' : ' unproven'}`
  )

/** Adds an address and proves it. */
async function addProven(person: Person, email: string): Promise<void> {
  await add(person, email)
  const answer = await verify(person, email, await world.mailedToken(email, 'gha'))
  if (answer.statusCode !== 200) throw new Error(answer.body)
}

const signInLongAgo = (person: Person) =>
  world.sql(
    `update sessions set authenticated_at = now() - interval '601 seconds' where account_id = (select account_id from emails where address = $1)`,
    [person.email]
  )

const subjects = async (address: string) => (await world.mails(address)).map(({ subject }) => subject)

t.test('P-1 201 200: an added address is unproven until the token mailed to it is used by the account that added it', async (t) => {
  const olga = await world.person('Olga')
  const sam = await world.person('Sam')
  const before = await call(olga, 'GET', '/v1/me')
  const added = await add(olga, 'Olga@Studio.example')
  t.equal(added.statusCode, 201)
  t.not(added.headers.etag, before.headers.etag)
  t.ok(added.headers['consistency-token'])
  t.strictSame(await emailsOf(olga), ['olga@example.com primary', 'Olga@Studio.example unproven'])
  t.match(await world.mails('Olga@Studio.example'), [
    { text: /http:\/\/guildhall\.test\/confirm-email#token=gha_[\w-]{49}&email=olga%40studio\.example/ }
  ])

  const token = await world.mailedToken('Olga@Studio.example', 'gha')
  t.match(
    (await world.signIn({ email: 'olga@studio.example', password: olga.password })).json(),
    { code: 'invalid_credentials' },
    'no name yet'
  )
  t.match((await verify(sam, 'olga@studio.example', token)).json(), { code: 'token_dead' }, 'not a token of Sam')
  t.match((await verify(sam, sam.email, token)).json(), { code: 'token_dead' })
  t.match((await verify(olga, olga.email, token)).json(), { code: 'token_dead' }, 'it proves one address')
  t.match((await verify(olga, 'olga@nowhere.example', token)).json(), { code: 'not_found' })

  const proven = await verify(olga, 'OLGA@STUDIO.EXAMPLE', token)
  t.equal(proven.statusCode, 200)
  t.match(proven.json(), { emails: [{ primary: true }, { address: 'Olga@Studio.example', primary: false, verified: true }] })
  t.equal((await verify(olga, 'olga@studio.example', token)).statusCode, 410, 'once only')
  t.equal((await world.signIn({ email: 'olga@studio.example', password: olga.password })).statusCode, 201)
  t.strictSame(await emailsOf(sam), ['sam@example.com primary'])
})

t.test('P-1 201: adding again sends a new link and kills the old one; adding a proven one changes nothing', async (t) => {
  const anna = await world.person('Anna')
  await add(anna, 'anna@studio.example')
  const first = await world.mailedToken('anna@studio.example', 'gha')
  const again = await add(anna, 'ANNA@studio.example')
  t.equal(again.statusCode, 201)
  t.strictSame(await emailsOf(anna), ['anna@example.com primary', 'anna@studio.example unproven'])
  const second = await world.mailedToken('anna@studio.example', 'gha')
  t.not(second, first)
  t.equal((await verify(anna, 'anna@studio.example', first)).statusCode, 410)
  const proven = await verify(anna, 'anna@studio.example', second)

  const sent = (await world.mails()).length
  for (const known of ['anna@studio.example', 'anna@example.com']) {
    const answer = await add(anna, known)
    t.equal(answer.statusCode, 201)
    t.equal(answer.headers.etag, proven.headers.etag)
  }
  t.equal((await world.mails()).length, sent)
})

t.test('P-1 P-2 201: adding an address that somebody else has proven tells that person, and it cannot be proven', async (t) => {
  const owner = await world.person('Otto', { email: 'Otto@taken.example' })
  const other = await world.person('Omar')
  const taken = await add(other, 'otto@TAKEN.example')
  const free = await add(other, 'otto@free.example')
  t.equal(taken.statusCode, free.statusCode)
  t.strictSame(Object.keys(taken.headers), Object.keys(free.headers))
  t.strictSame(await emailsOf(other), ['omar@example.com primary', 'otto@TAKEN.example unproven', 'otto@free.example unproven'])

  t.strictSame(await world.mails('otto@TAKEN.example'), [], 'mail goes to the spelling of its owner')
  const [, notice] = await world.mails('Otto@taken.example')
  t.match(notice, { subject: 'Somebody tried to add your email address' })
  t.notMatch(notice!.text, /gh[a-z]_|omar/i, 'with neither token nor name')
  t.match((await makePrimary(other, 'otto@taken.example')).json(), { code: 'email_not_proven' })
  t.strictSame(await emailsOf(owner), ['Otto@taken.example primary'])
})

t.test('409: an account has a limited number of addresses, also when many are added at once', async (t) => {
  const lena = await world.person('Lena')
  const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => add(lena, `lena${index}@many.example`)))
  t.equal(answers.filter(({ statusCode }) => statusCode === 201).length, 3)
  for (const answer of answers.filter(({ statusCode }) => statusCode !== 201)) t.match(answer.json(), { status: 409, code: 'email_limit' })
  t.equal((await emailsOf(lena)).length, 4)
})

t.test('S-4 S-8 200: another primary address ends the other sessions and pending resets, and tells the former one', async (t) => {
  const petra = await world.person('Petra')
  await addProven(petra, 'petra@new.example')
  const elsewhere = (await world.signIn(petra)).json()
  await post('/v1/password-resets', { email: petra.email })
  const resetToken = await world.mailedToken(petra.email, 'ghp')

  const changed = await makePrimary(petra, 'petra@new.example')
  t.equal(changed.statusCode, 200)
  t.strictSame(await emailsOf(petra), ['petra@new.example primary', 'petra@example.com'])
  t.equal((await world.inject({ url: '/v1/me', headers: { authorization: `Bearer ${elsewhere.accessToken}` } })).statusCode, 401)
  t.equal((await post('/v1/sessions/refresh', { refreshToken: elsewhere.refreshToken })).statusCode, 401)
  t.equal((await post('/v1/password-resets/confirm', { token: resetToken, password: 'violet harbour nineteen lamps' })).statusCode, 410)
  const notice = (await world.mails(petra.email)).at(-1)!
  t.match(notice, {
    subject: 'Your main email address was changed',
    text: /http:\/\/guildhall\.test\/undo-email-change#token=ghu_[\w-]{49}\s/
  })
  t.match(notice.text.replaceAll('\u2060', ''), /p…a@new\.example/)
  t.notMatch(notice.text.replaceAll('\u2060', ''), /petra@new/, 'the new address is masked')

  const again = await makePrimary(petra, 'petra@new.example')
  t.equal(again.statusCode, 200, 'again changes nothing')
  t.equal(again.headers.etag, changed.headers.etag)
  t.equal((await call(petra, 'GET', '/v1/me')).statusCode, 200, 'this session goes on')
})

t.test('S-4 200: undoing a change gives the former address back, ends every session and leaves nothing to whoever made it', async (t) => {
  const rosa = await world.person('Rosa')
  await addProven(rosa, 'mallory@evil.example')
  await addProven(rosa, 'mallory@worse.example')
  await makePrimary(rosa, 'mallory@evil.example')
  const first = await world.mailedToken(rosa.email, 'ghu')
  await makePrimary(rosa, 'mallory@worse.example')
  const second = await world.mailedToken('mallory@evil.example', 'ghu')
  await post('/v1/password-resets', { email: 'mallory@worse.example' })
  const pending = await world.mailedToken('mallory@worse.example', 'ghp')

  const answer = await undo(first)
  t.equal(answer.statusCode, 200)
  t.strictSame(answer.json(), { status: 'undone' })
  t.equal((await call(rosa, 'GET', '/v1/me')).statusCode, 401, 'no session is left')
  t.equal((await undo(first)).statusCode, 410, 'once only')
  t.equal((await undo(second)).statusCode, 410, 'nor can a later change be undone in turn')

  const password = 'violet harbour nineteen lamps'
  t.equal((await post('/v1/password-resets/confirm', { token: pending, password })).statusCode, 410)
  for (const email of ['mallory@evil.example', 'mallory@worse.example']) {
    const before = (await world.mails(email)).length
    await post('/v1/password-resets', { email })
    t.equal((await world.mails(email)).length, before, `no reset to ${email}`)
    t.equal((await world.signIn({ email, password: rosa.password })).statusCode, 401)
  }
  const reset = await world.mailedToken(rosa.email, 'ghp')
  t.equal((await post('/v1/password-resets/confirm', { token: reset, password })).statusCode, 200, 'a link for a new password came with it')
  const signedIn = (await world.signIn({ ...rosa, password })).json()
  t.strictSame(await emailsOf({ ...rosa, headers: { authorization: `Bearer ${signedIn.accessToken}` } }), ['rosa@example.com primary'])
})

t.test('P-1 200: undoing never takes the account from an address that was proven before', async (t) => {
  const ines = await world.person('Ines')
  await addProven(ines, 'mallory@younger.example')
  await makePrimary(ines, 'mallory@younger.example')
  const older = await world.mailedToken(ines.email, 'ghu')
  await makePrimary(ines, ines.email)
  t.match((await subjects('mallory@younger.example')).at(-1), /main email address was changed/)
  await t.rejects(world.mailedToken('mallory@younger.example', 'ghu'), 'the younger one is told, and cannot undo it')

  t.equal((await undo(older)).statusCode, 200, 'the older one has the last word')
  t.equal((await world.signIn(ines)).statusCode, 401, 'whoever knew the password does not get in again')
  await post('/v1/password-resets/confirm', { token: await world.mailedToken(ines.email, 'ghp'), password: ines.password })
  t.equal((await world.signIn({ ...ines, email: 'mallory@younger.example' })).statusCode, 401)
  const { accessToken } = (await world.signIn(ines)).json()
  t.strictSame(await emailsOf({ ...ines, headers: { authorization: `Bearer ${accessToken}` } }), ['ines@example.com primary'])
})

t.test('409: a former primary address stays while the change can be undone from it', async (t) => {
  const tina = await world.person('Tina')
  await addProven(tina, 'tina@new.example')
  t.match((await remove(tina, 'tina@example.com')).json(), { code: 'email_primary' })
  await makePrimary(tina, 'tina@new.example')
  t.match((await remove(tina, 'tina@example.com')).json(), { status: 409, code: 'email_recently_primary' }, 'also before its mail is sent')
  await world.mails()
  t.match((await remove(tina, 'tina@example.com')).json(), { status: 409, code: 'email_recently_primary' })
  const token = await world.mailedToken('tina@example.com', 'ghu')
  await world.sql(`update mail_tokens set expires_at = now() where purpose = 'undo_email_change'`)
  t.equal((await undo(token)).statusCode, 410)
  t.equal((await remove(tina, 'tina@example.com')).statusCode, 204)
  t.strictSame(await emailsOf(tina), ['tina@new.example primary'])
})

t.test('P-1 204: a removed address is free again, its tokens are dead and its owner is told', async (t) => {
  const ulla = await world.person('Ulla')
  await addProven(ulla, 'ulla@old.example')
  await post('/v1/password-resets', { email: 'ulla@old.example' })
  const token = await world.mailedToken('ulla@old.example', 'ghp')
  const dry = await remove(ulla, 'ULLA@old.example', '?dryRun=true')
  t.equal(dry.statusCode, 200)
  t.strictSame(dry.json(), { dryRun: true, removed: 'ulla@old.example' })
  t.strictSame(await emailsOf(ulla), ['ulla@example.com primary', 'ulla@old.example'])

  const removed = await remove(ulla, 'ULLA@old.example')
  t.equal(removed.statusCode, 204)
  t.equal(removed.body, '')
  t.strictSame(await emailsOf(ulla), ['ulla@example.com primary'])
  t.match((await world.mails('ulla@example.com')).at(-1), { subject: 'An email address was removed from your account' })
  t.equal((await post('/v1/password-resets/confirm', { token, password: 'violet harbour nineteen lamps' })).statusCode, 410)
  t.match((await remove(ulla, 'ulla@old.example')).json(), { code: 'not_found' })

  const next = await world.person('Uwe', { email: 'ulla@old.example' })
  t.equal((await call(next, 'GET', '/v1/me')).statusCode, 200)

  await add(ulla, 'ulla@never.example')
  const proof = await world.mailedToken('ulla@never.example', 'gha')
  const sent = (await world.mails()).length
  t.equal((await remove(ulla, 'ulla@never.example')).statusCode, 204)
  t.equal((await world.mails()).length, sent, 'an unproven one goes without a word')
  t.equal((await verify(ulla, 'ulla@never.example', proof)).statusCode, 410)
})

t.test('S-8 401: adding, removing and making primary need a sign-in within the last ten minutes', async (t) => {
  const vera = await world.person('Vera')
  await addProven(vera, 'vera@new.example')
  await add(vera, 'vera@newer.example')
  const token = await world.mailedToken('vera@newer.example', 'gha')
  await signInLongAgo(vera)
  const sensitive = [
    () => add(vera, 'vera@more.example'),
    () => makePrimary(vera, 'vera@new.example'),
    () => remove(vera, 'vera@newer.example')
  ]
  for (const act of [...sensitive, () => remove(vera, 'vera@new.example', '?dryRun=true')]) {
    const answer = await act()
    t.match(answer.json(), { status: 401, code: 'reauthentication_required', maxAgeSeconds: 600 })
    t.match(answer.headers['www-authenticate'], /insufficient_user_authentication/)
  }
  t.strictSame(await emailsOf(vera), ['vera@example.com primary', 'vera@new.example', 'vera@newer.example unproven'])
  t.equal((await verify(vera, 'vera@newer.example', token)).statusCode, 200, 'the mailbox is proof enough')

  t.equal((await post('/v1/me/reauthentication', { password: vera.password }, vera.headers)).statusCode, 200)
  for (const act of sensitive) t.ok((await act()).statusCode < 300)
})

t.test('400 401 404: addresses are reached by their account only', async (t) => {
  const wim = await world.person('Wim')
  const service = await world.service('jobs', ['contracts.write'])
  const routes: Array<[Method, string, object?]> = [
    ['POST', '/v1/me/emails', { email: 'wim@new.example' }],
    ['POST', '/v1/me/emails/wim@example.com/verify', { token: `gha_${'x'.repeat(49)}` }],
    ['PUT', '/v1/me/emails/wim@example.com/primary'],
    ['DELETE', '/v1/me/emails/wim@example.com']
  ]
  for (const [method, url, payload] of routes) {
    for (const headers of [{}, { authorization: 'Bearer x' }, service.headers, { authorization: `Basic ${btoa('wim:x')}` }]) {
      const answer = await world.inject({ method, url, headers, ...(payload ? { payload } : {}) } as InjectOptions)
      t.match(answer.json(), { status: 401, code: 'not_signed_in' }, `${method} ${url}`)
      t.match(answer.headers['www-authenticate'], /^Bearer/)
    }
  }
  const strangers = ['sam@example.com', 'nobody@nowhere.example', 'not an address', '%00%00%00', 'a'.repeat(250)]
  for (const address of strangers) {
    t.match((await makePrimary(wim, address)).json(), { status: 404, code: 'not_found' }, address)
    t.match((await remove(wim, address)).json(), { status: 404, code: 'not_found' }, address)
  }
  for (const [method, url, payload] of routes.slice(0, 2)) {
    for (const extra of [{ verified: true }, { primary: true }, { accountId: wim.accountId }]) {
      t.match((await call(wim, method, url, { ...payload, ...extra })).json(), { status: 400, code: 'invalid_input' })
    }
  }
  t.match((await call(wim, 'DELETE', '/v1/me/emails/wim@example.com?dryRun=yes')).json(), { code: 'invalid_input' })
  t.match((await call(wim, 'DELETE', '/v1/me/emails/a')).json(), { code: 'invalid_input' })
  t.match(
    (await call(wim, 'PUT', '/v1/me/emails/wim@example.com/primary', {})).json(),
    { code: 'malformed_request' },
    'a body where none is taken'
  )
  t.strictSame(await emailsOf(wim), ['wim@example.com primary'])
})

t.test('P-3 401: an account that was closed or suspended changes no address', async (t) => {
  for (const state of [`status = 'closed', closed_at = now()`, inForce('suspended'), inForce('banned')]) {
    const xena = await world.person('Xena', { email: `xena${state.indexOf('{')}@example.com` })
    await world.sql(`update accounts set ${state} where id = (select account_id from emails where address = $1)`, [xena.email])
    t.equal((await add(xena, 'xena@new.example')).statusCode, 401, state)
  }
})

t.test('S-4 200: undo works while the account is suspended, and lifts nothing', async (t) => {
  const yuri = await world.person('Yuri')
  await addProven(yuri, 'yuri@evil.example')
  await makePrimary(yuri, 'yuri@evil.example')
  const token = await world.mailedToken(yuri.email, 'ghu')
  await world.sql(`update accounts set ${inForce('suspended')} where id = (select account_id from emails where address = $1)`, [yuri.email])
  t.equal((await undo(token)).statusCode, 200)
  const renewed = { ...yuri, password: 'violet harbour nineteen lamps' }
  await post('/v1/password-resets/confirm', { token: await world.mailedToken(yuri.email, 'ghp'), password: renewed.password })
  t.match((await world.signIn(renewed)).json(), { status: 403, code: 'account_suspended' })
})

t.test('202: events and audit tell of each change by ids, never by an address', async (t) => {
  const zoe = await world.person('Zoe', { email: 'zoe@audited.example' })
  await addProven(zoe, 'zoe@second.example')
  await makePrimary(zoe, 'zoe@second.example')
  await undo(await world.mailedToken('zoe@audited.example', 'ghu'))
  const events = await world.sql<{ type: string; text: string }>(
    `select type, e::text as text from events e where subject = $1 order by position`,
    [zoe.accountId]
  )
  t.strictSame(
    events.map(({ type }) => type),
    ['account.activated', 'email.added', 'email.verified', 'email.primary_changed', 'email.change_undone']
  )
  const audit = await world.sql<{ action: string; text: string }>(
    `select action, a::text as text from audit_events a where resource = $1 order by sequence`,
    [zoe.accountId]
  )
  for (const { type } of events)
    t.ok(
      audit.some(({ action }) => action === type),
      type
    )
  for (const { text } of [...events, ...audit]) t.notMatch(text, /zoe/)
  t.strictSame(await subjects('zoe@second.example'), ['Please confirm this email address for your account'])
})

t.test('P-1 200: an unproven address of one account does not keep another from proving it', async (t) => {
  const one = await world.person('Bert')
  const two = await world.person('Cleo')
  await add(one, 'both@shared.example')
  const late = await world.mailedToken('both@shared.example', 'gha')
  await add(two, 'both@shared.example')
  const early = await world.mailedToken('both@shared.example', 'gha')
  t.not(early, late)
  t.equal((await verify(two, 'both@shared.example', early)).statusCode, 200)
  t.equal((await verify(one, 'both@shared.example', late)).statusCode, 410)
  t.strictSame(await emailsOf(one), ['bert@example.com primary'])
  await post('/v1/accounts', { ...registration, email: 'both@shared.example' })
  t.match((await world.mails('both@shared.example')).at(-1), { subject: 'You already have an account' })
})
