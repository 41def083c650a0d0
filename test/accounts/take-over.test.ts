import { Secret, TOTP } from 'otpauth'
import pino from 'pino'
import t from 'tap'
import { generateKey, parseKeyring } from '../../src/keyring.ts'
import { openParts } from '../../src/parts.ts'
import { databaseUrl, openWorld, type Person, registration } from '../support/world.ts'

/** Ways to take an account from its owner, or to learn who has one, that once worked. */
const world = await openWorld(t)
const { post } = world
const newPassword = 'violet harbour nineteen lamps'

async function addProven(person: Person, email: string): Promise<void> {
  await post('/v1/me/emails', { email }, person.headers)
  const token = await world.mailedToken(email, 'gha')
  const proven = await post(`/v1/me/emails/${encodeURIComponent(email)}/verify`, { token }, person.headers)
  if (proven.statusCode !== 200) throw new Error(proven.body)
}

const makePrimary = (person: Person, email: string) =>
  world.inject({ method: 'PUT', url: `/v1/me/emails/${encodeURIComponent(email)}/primary`, headers: person.headers })

t.test('P-2 S-2 403: registering an address and signing in with that password does not tell whether somebody has it', async (t) => {
  const owner = await world.person('Olga')
  const password = 'stranger makes a claim here'
  const answers = []
  for (const email of [owner.email, 'nobody@example.com']) {
    await post('/v1/accounts', { ...registration, email, password })
    await world.mails()
    const { statusCode, body } = await world.signIn({ email, password })
    answers.push({ statusCode, code: JSON.parse(body).code })
  }
  t.strictSame(answers[0], answers[1])
  t.equal(answers[0]!.code, 'email_unverified')
  t.equal((await world.signIn(owner)).statusCode, 201, 'the owner signs in as before')
  await post('/v1/email-verifications/resend', { email: owner.email })
  const links = (await world.mails(owner.email)).filter(({ text }) => text.includes('ghv_'))
  t.equal(links.length, 1, 'and no claim to a proven address gets a link: there is the one of the owner')
})

t.test("P-2 200: of several claims a new link proves the address, and nobody's password", async (t) => {
  const email = 'vera@claimed.example'
  await post('/v1/accounts', { ...registration, email, password: 'the victim chose this one' })
  await post('/v1/accounts', { ...registration, email, password: 'the stranger chose this one' })
  await world.mails()
  await post('/v1/email-verifications/resend', { email })
  const verified = await post('/v1/email-verifications', { token: await world.mailedToken(email, 'ghv') })
  t.equal(verified.statusCode, 200)
  for (const password of ['the victim chose this one', 'the stranger chose this one']) {
    t.equal((await world.signIn({ email, password })).statusCode, 401, password)
  }
  const token = await world.mailedToken(email, 'ghp')
  t.equal((await post('/v1/password-resets/confirm', { token, password: newPassword })).statusCode, 200, 'a link for one came by itself')
  t.equal((await world.signIn({ email, password: newPassword })).statusCode, 201)
})

t.test('P-2 200: the only claim to an address keeps its password when the link is sent again', async (t) => {
  const email = 'uwe@alone.example'
  await post('/v1/accounts', { ...registration, email })
  await world.mails()
  await post('/v1/email-verifications/resend', { email })
  t.equal((await post('/v1/email-verifications', { token: await world.mailedToken(email, 'ghv') })).statusCode, 200)
  t.equal((await world.signIn({ email, password: registration.password })).statusCode, 201)
})

t.test('S-4 S-7 200: undoing a change shuts out whoever knew the password and set up a second factor', async (t) => {
  const owner = await world.person('Rosa')
  await addProven(owner, 'thief@rosa.example')
  await makePrimary(owner, 'thief@rosa.example')
  const undo = await world.mailedToken(owner.email, 'ghu')
  await world.sql(`update mail_tokens set created_at = created_at - interval '1 hour' where purpose = 'undo_email_change'`)
  const { secret } = (await post('/v1/me/totp', {}, owner.headers)).json() as { secret: string }
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
  const { recoveryCodes } = (await post('/v1/me/totp/confirmation', { code }, owner.headers)).json() as { recoveryCodes: string[] }

  t.equal((await post('/v1/email-changes/undo', { token: undo })).statusCode, 200)
  const again = await post('/v1/sessions', { email: owner.email, password: owner.password, recoveryCode: recoveryCodes[0] })
  t.equal(again.statusCode, 401, 'not by the old password')
  const token = await world.mailedToken(owner.email, 'ghp')
  t.equal((await post('/v1/password-resets/confirm', { token, password: newPassword })).statusCode, 200)
  t.equal((await world.signIn({ email: owner.email, password: newPassword })).statusCode, 201, 'nor is the second factor left')
})

t.test('S-7 200: a second factor from before the change survives its undoing', async (t) => {
  const owner = await world.person('Sven')
  const { secret } = (await post('/v1/me/totp', {}, owner.headers)).json() as { secret: string }
  await post('/v1/me/totp/confirmation', { code: new TOTP({ secret: Secret.fromBase32(secret) }).generate() }, owner.headers)
  await world.sql(`update second_factors set confirmed_at = confirmed_at - interval '1 hour'`)
  await addProven(owner, 'thief@sven.example')
  await makePrimary(owner, 'thief@sven.example')
  await post('/v1/email-changes/undo', { token: await world.mailedToken(owner.email, 'ghu') })
  const token = await world.mailedToken(owner.email, 'ghp')
  await post('/v1/password-resets/confirm', { token, password: newPassword })
  t.match((await world.signIn({ email: owner.email, password: newPassword })).json(), { code: 'second_factor_required' })
})

t.test('P-1 204: the younger address gets no link to undo, and can be removed at once', async (t) => {
  const owner = await world.person('Ida')
  await addProven(owner, 'thief@ida.example')
  await makePrimary(owner, 'thief@ida.example')
  await makePrimary(owner, owner.email)
  await t.rejects(world.mailedToken('thief@ida.example', 'ghu'))
  const removed = await world.inject({ method: 'DELETE', url: '/v1/me/emails/thief@ida.example', headers: owner.headers })
  t.equal(removed.statusCode, 204, removed.body)
})

t.test(
  'S-4 200: the primary address is told of every address that joins it, even if it is no longer primary when the mail goes',
  async (t) => {
    const owner = await world.person('Nils')
    await addProven(owner, 'thief@nils.example')
    await makePrimary(owner, 'thief@nils.example')
    const told = (await world.mails(owner.email)).find(({ subject }) => subject === 'An email address was added to your account')
    t.match(told?.text, /t…f/)
  }
)

t.test('S-2 the service does not start without a key that passwords still need', async (t) => {
  const parsed = parseKeyring(generateKey('other'))
  if ('faults' in parsed) throw new Error('a generated key is good')
  const config = { ...world.config, keys: parsed.keyring }
  await t.rejects(openParts(config, databaseUrl('service', world.database), pino({ level: 'silent' })), { message: /lacks the key local/ })
})
