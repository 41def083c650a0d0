import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import t from 'tap'
import { demo } from '../../src/dev/seed.ts'
import { openBrowser } from '../support/browser.ts'
import { type Answer, cheapHashes, noLimits, send, startService, until } from '../support/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'guildhall-joining-'))
chmodSync(folder, 0o711)
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const { url } = await startService(t, { ...noLimits, ...cheapHashes, DATA_DIR: join(folder, 'data') })
const { openPage, picture } = await openBrowser(t, url)
const password = 'violet harbour nineteen lamps'

async function ok(path: string, token: string | undefined, body?: object, method?: string): Promise<Answer['json']> {
  const answer = await send(url, { path, ...(body && { body }), ...(token && { token }), ...(method && { method }) })
  if (answer.status >= 300 || answer.status === 0) throw new Error(`${path}: ${answer.status} ${answer.text}`)
  return answer.json
}

const signIn = async (email: string, secret = demo.password): Promise<string> =>
  (await ok('/v1/sessions', undefined, { email, password: secret })).accessToken

/** Of the demo world, whose people all have the same password. */
const person = (name: string): Promise<string> => signIn(`${name}@demo.example`)

const olga = await person('olga')
const otto = await person('otto')

interface Context {
  kind: string
  id: string
  title: string
}
/** Whom this person can act as. */
const contextsOf = async (token: string): Promise<Context[]> => (await ok('/v1/me/contexts', token)).items
const idOf = async (token: string, name: string): Promise<string> => (await contextsOf(token)).find(({ title }) => title === name)!.id
const studio = `/v1/companies/${await idOf(olga, 'Okafor Studio')}`
const agency = `/v1/agencies/${await idOf(otto, 'Meridian Illustrators')}`

const isIn = async (token: string, name: string): Promise<boolean> => (await contextsOf(token)).some(({ title }) => title === name)

const invite = (email: string, by = olga, organization = studio, more: object = {}) =>
  ok(`${organization}/invitations`, by, { email, ...more }) as Promise<{ id: string; link: string; status: string }>
const statusOf = async (id: string): Promise<string> => (await ok(`${studio}/invitations/${id}`, olga)).status

/** The link of this kind in the newest mail to an address, once there is another one than a former. */
const mailedLink = (email: string, page: string, former?: string): Promise<string> =>
  until(`a mail to ${email}`, async () => {
    const { items } = (await ok(`/dev/mail.json?to=${encodeURIComponent(email)}`, undefined)) as { items: Array<{ links: string[] }> }
    return items.flatMap(({ links }) => links).find((link) => link.includes(`/${page}#token=`) && link !== former)
  })
const pathOf = (link: string): string => link.slice(new URL(link).origin.length)

async function fillSignIn(page: Page, email: string, secret = demo.password): Promise<void> {
  await page.getByLabel('Email you sign in with').fill(email)
  await page.locator('[autocomplete="current-password"]').fill(secret)
}

t.test('somebody new: the mail, what is offered, registering, and in', async (t) => {
  const email = 'nora@example.com'
  const { id } = await invite(email)
  await mailedLink(email, 'invitation')
  const { page, faults } = await openPage(t, `/dev/mail?to=${encodeURIComponent(email)}`, [422])
  await page.locator('a[href*="/invitation#token=ghi_"]').click()
  const main = page.locator('main')
  await main.getByText('Olga Okafor invites you to the company Okafor Studio').waitFor()
  t.match(await main.locator('#roles').textContent(), 'Member')
  t.match(await main.locator('#until').textContent(), /\d{1,2} \w+ \d{4} at \d\d:\d\d/)
  t.notMatch(page.url(), 'token', 'the token has left the address bar')
  await picture(page, 'invitation')
  t.equal(await statusOf(id), 'pending', 'opening the page answers nothing')

  await page.getByRole('button', { name: 'I am new here' }).click()
  t.equal(await page.locator('h2:focus').textContent(), 'Register and accept')
  t.notOk(await page.getByText('Your freelancer profile').isVisible())
  await page.getByLabel('First name').fill('Nora ')
  await page.getByLabel('Last name').fill('Novák')
  await page.getByLabel('Country you live in').selectOption('Czechia')
  await page.locator('#new-password').fill('password password')
  await page.getByRole('button', { name: 'Register and accept' }).click()
  await page.locator('#new-password-fault').filter({ hasText: /\w/ }).waitFor()
  t.equal(await page.locator('#new-password').getAttribute('aria-invalid'), 'true')
  await picture(page, 'invitation-register')
  await page.locator('#new-password').fill(password)
  await page.getByRole('button', { name: 'Register and accept' }).click()
  await page.getByText('Welcome Nora, you are a member of Okafor Studio').waitFor()
  t.notOk(await page.locator('#offer').isVisible())
  t.equal(await statusOf(id), 'accepted')
  const nora = await signIn(email, password)
  t.ok(await isIn(nora, 'Okafor Studio'))
  t.match(await ok('/v1/me', nora), { firstName: 'Nora', lastName: 'Novák', countryCode: 'CZ', intent: 'client', locale: 'en-GB' })
  const { items } = await ok('/v1/me/sessions', nora)
  t.equal(items.length, 1, 'the page has signed out again')
  t.same(faults, [])
})

t.test('a freelancer of an agency makes a profile with it', async (t) => {
  const email = 'ilse@example.com'
  await invite(email, otto, agency)
  const { page, faults } = await openPage(t, pathOf(await mailedLink(email, 'invitation')))
  await page.getByText('Otto Osei invites you to the agency Meridian Illustrators').waitFor()
  await page.getByRole('button', { name: 'I am new here' }).click()
  await page.getByLabel('First name').fill('Ilse')
  await page.getByLabel('Last name').fill('Iversen')
  await page.getByLabel('Country you live in').selectOption('NO')
  t.equal(await page.getByLabel('What you come for').inputValue(), 'freelancer')
  await page.locator('#new-password').fill(password)
  await page.getByLabel('What you do').fill('Map maker')
  await page.getByLabel('About your work').fill('Maps.\n\nAnd plates.')
  await picture(page, 'invitation-profile')
  await page.getByRole('button', { name: 'Register and accept' }).click()
  await page.getByText('Welcome Ilse, you are a member of Meridian Illustrators').waitFor()
  const ilse = await signIn(email, password)
  t.match(await ok('/v1/me/profiles/freelancer', ilse), { title: 'Map maker', overview: 'Maps.\n\nAnd plates.' })
  t.same(faults, [])
})

t.test('the address has an account: the wrong one is told its ways out, the right one is in', async (t) => {
  await invite('sam@demo.example')
  const { page, faults } = await openPage(t, pathOf(await mailedLink('sam@demo.example', 'invitation')), [401, 409])
  await page.getByRole('button', { name: 'I am new here' }).click()
  await page.getByLabel('First name').fill('Sam')
  await page.getByLabel('Last name').fill('Sato')
  await page.getByLabel('Country you live in').selectOption('JP')
  await page.locator('#new-password').fill(password)
  await page.getByRole('button', { name: 'Register and accept' }).click()
  await page.getByText('The invited address has an account already').waitFor()

  await fillSignIn(page, 'finn@demo.example', 'no such password')
  await page.getByRole('button', { name: 'Sign in and accept' }).click()
  await page.getByText('Email or password is wrong').waitFor()
  await fillSignIn(page, 'finn@demo.example')
  await page.getByRole('button', { name: 'Sign in and accept' }).click()
  await page.getByText('The invitation is for another address').waitFor()
  t.equal(await page.locator('[data-way]:visible').count(), 3)
  await picture(page, 'invitation-mismatch')

  await page.getByRole('button', { name: 'Sign in with another account' }).click()
  t.equal(await page.getByLabel('Email you sign in with').inputValue(), '')
  await fillSignIn(page, 'sam@demo.example')
  await page.getByRole('button', { name: 'Sign in and accept' }).click()
  await page.getByText('You are a member of Okafor Studio').waitFor()
  t.ok(await isIn(await person('sam'), 'Okafor Studio'))
  t.same(faults, [])
})

t.test('an account with a second factor is asked for it', async (t) => {
  const email = 'fay@example.com'
  await invite(email)
  const link = await mailedLink(email, 'invitation')
  const token = link.split('=')[1]
  const registration = { password, firstName: 'Fay', lastName: 'Frey', countryCode: 'CH', intent: 'client' }
  const { session } = await ok('/v1/invitations/accept', undefined, { token, registration })
  const { secret } = await ok('/v1/me/totp', session.accessToken, {})
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
  const { recoveryCodes } = await ok('/v1/me/totp/confirmation', session.accessToken, { code })
  await invite(email, otto, `/v1/companies/${await idOf(otto, 'Osei Trading')}`)
  const { page, faults } = await openPage(t, pathOf(await mailedLink(email, 'invitation', link)), [401])
  await page.getByRole('button', { name: 'I have an account' }).click()
  t.notOk(await page.getByLabel('Six-digit code').isVisible())
  await fillSignIn(page, email, password)
  await page.getByRole('button', { name: 'Sign in and accept' }).click()
  await page.getByLabel('Six-digit code').fill(recoveryCodes[0])
  await page.getByRole('button', { name: 'Sign in and accept' }).click()
  await page.getByText('You are a member of Osei Trading').waitFor()
  t.same(faults, [])
})

t.test('a copied link says why it takes no registration; declined, it is dead', async (t) => {
  const { id, link } = await invite('dora@example.com')
  const { page, faults } = await openPage(t, pathOf(link), [410])
  await page.getByRole('button', { name: 'I am new here' }).click()
  await page.getByRole('heading', { name: 'This link was copied' }).waitFor()
  await picture(page, 'invitation-copied')
  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByRole('button', { name: 'No, thank you' }).click()
  t.equal(await statusOf(id), 'pending')
  await page.getByRole('button', { name: 'Decline', exact: true }).click()
  await page.getByText('The invitation is declined').waitFor()
  t.equal(await statusOf(id), 'declined')

  await page.goto('about:blank')
  await page.goto(link)
  await page.getByText('The link is no longer valid').waitFor()
  await page.getByText('ask whoever invited you for a new one').waitFor()
  t.notOk(await page.getByRole('button', { name: 'I have an account' }).isVisible())
  await picture(page, 'invitation-dead')
  t.same(faults, [])
})

t.test('whoever invited may not do so any more: nothing is lost, and the page goes on', async (t) => {
  const remy = await person('remy')
  const { id } = await invite('ada@example.com', remy)
  const { items } = await ok(`${studio}/members`, olga)
  const member = (items as Array<{ id: string; firstName: string }>).find(({ firstName }) => firstName === 'Remy')!
  const link = pathOf(await mailedLink('ada@example.com', 'invitation'))
  await ok(`${studio}/members/${member.id}`, olga, undefined, 'DELETE')
  const { page, faults } = await openPage(t, link, [409])
  await page.getByRole('button', { name: 'I am new here' }).click()
  await page.getByLabel('First name').fill('Ada')
  await page.getByLabel('Last name').fill('Arendt')
  await page.getByLabel('Country you live in').selectOption('DE')
  await page.locator('#new-password').fill(password)
  await page.getByRole('button', { name: 'Register and accept' }).click()
  await page.getByText('Those who run the organization were told.').waitFor()
  await picture(page, 'invitation-stuck')
  t.equal(await statusOf(id), 'pending')
  await page.getByRole('button', { name: 'Back to the invitation' }).click()
  await page.getByRole('button', { name: 'I am new here' }).click()
  t.equal(await page.getByLabel('First name').inputValue(), 'Ada', 'what was typed is there')
  t.equal(await page.locator('#new-password').inputValue(), '', 'but for the password')
  t.same(faults, [])
})

t.test('links that lead nowhere, and a service that cannot be reached at first', async (t) => {
  const { page, faults } = await openPage(t, '/invitation', [400, 410])
  for (const [path, said] of [
    ['/invitation', 'missing or incomplete'],
    ['/invitation#token=ghi_x', 'The link is incomplete'],
    [`/invitation#token=ghi_${'x'.repeat(49)}`, 'The link is no longer valid'],
    ['/join', 'missing or incomplete'],
    [`/join#token=ghl_${'x'.repeat(49)}`, 'The link is no longer valid'],
    ['/do-not-invite', 'missing or incomplete']
  ] as const) {
    await page.goto('about:blank')
    await page.goto(`${url}${path}`)
    await page.getByText(said).waitFor()
    t.notOk(await page.locator('#offer').isVisible(), path)
  }
  t.same(faults, [])

  const { link } = await invite('uma@example.com')
  await page.route('**/v1/invitations/lookup', (route) => route.abort())
  await page.goto(link)
  await page.getByText('The service cannot be reached').waitFor()
  await page.unroute('**/v1/invitations/lookup')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('Olga Okafor invites you').waitFor()
  t.equal(await page.locator('button:focus').textContent(), 'I have an account')
})

t.test('an address is silenced by a button, and opened again by another', async (t) => {
  const email = 'quinn@example.com'
  const { id } = await invite(email)
  const { page, faults } = await openPage(t, pathOf(await mailedLink(email, 'do-not-invite')), [410])
  const mails = async (): Promise<number> => (await ok(`/dev/mail.json?to=${encodeURIComponent(email)}`, undefined)).items.length
  await page.getByRole('button', { name: 'Send me no more invitations' }).waitFor()
  await picture(page, 'do-not-invite')
  await page.getByRole('button', { name: 'Send me no more invitations' }).click()
  await page.getByText('No more invitations are mailed to you', { exact: true }).waitFor()
  await picture(page, 'do-not-invite-done')
  await ok(`${studio}/invitations/${id}/resend`, olga, {})
  // Mails leave in the order they are asked for: once the next one is there, this one would be.
  await invite('after@example.com')
  await mailedLink('after@example.com', 'invitation')
  t.equal(await mails(), 1)

  await page.getByRole('button', { name: 'Allow invitations again' }).click()
  await page.getByText('You can be invited again').waitFor()
  await page.getByRole('button', { name: 'Send me no more invitations' }).waitFor()
  await ok(`${studio}/invitations/${id}/resend`, olga, {})
  await until('a second mail', async () => (await mails()) === 2)

  await page.goto('about:blank')
  await page.goto(`${url}/do-not-invite#token=ghn_${'x'.repeat(49)}`)
  await page.getByRole('button', { name: 'Send me no more invitations' }).click()
  await page.getByText('The newest invitation mail has a link that works').waitFor()
  t.same(faults, [])
})

t.test('a join link: the company is named, an address elsewhere is not enough, one there is in', async (t) => {
  const domain = await ok(`${studio}/domains`, olga, { domain: 'demo.example' })
  await ok(`${studio}/domains/${domain.id}/verify`, olga, { proof: 'affiliation' })
  const made = await ok(`${studio}/join-links`, olga, {})
  const { page, faults } = await openPage(t, pathOf(made.url), [409, 410])
  await page.getByText('This link lets you join Okafor Studio').waitFor()
  t.notMatch(page.url(), 'token')
  await picture(page, 'join')
  await fillSignIn(page, 'ilse@example.com', password)
  await page.getByRole('button', { name: 'Sign in and join' }).click()
  await page.getByText('Your account has no address at this company').waitFor()
  await picture(page, 'join-mismatch')
  await page.getByRole('button', { name: 'Sign in with another account' }).click()
  await fillSignIn(page, 'bea@demo.example')
  await page.getByRole('button', { name: 'Sign in and join' }).click()
  await page.getByText('You are a member of Okafor Studio').waitFor()
  t.ok(await isIn(await person('bea'), 'Okafor Studio'))

  await page.goto('about:blank')
  await page.goto(made.url)
  await fillSignIn(page, 'remy@demo.example')
  await page.getByRole('button', { name: 'Sign in and join' }).click()
  await page.getByText('Somebody there has to send you a new invitation').waitFor()
  await ok(`${studio}/join-links/${made.id}`, olga, undefined, 'DELETE')
  await page.goto('about:blank')
  await page.goto(made.url)
  await page.getByText('Ask whoever gave it to you for a new one').waitFor()
  t.same(faults, [])
})
