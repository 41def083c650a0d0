import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { demo } from '../../src/dev/seed.ts'
import { openBrowser } from '../support/browser.ts'
import { cheapHashes, noLimits, send, startService } from '../support/process.ts'
import { registration } from '../support/world.ts'

const folder = mkdtempSync(join(tmpdir(), 'guildhall-browser-'))
chmodSync(folder, 0o711)
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const { url } = await startService(t, { ...noLimits, ...cheapHashes, DATA_DIR: join(folder, 'data') })
const { openPage, picture } = await openBrowser(t, url)

t.test('the documentation: nothing from elsewhere, signing in with a token, a request and its answer', async (t) => {
  const { page, faults, requests } = await openPage(t, '/docs')
  await page.getByRole('heading', { name: /Guildhall/ }).waitFor()
  await page.getByText('/v1/accounts', { exact: true }).first().waitFor()
  await picture(page, 'docs')
  t.ok(requests.length > 5)

  const signedIn = await send(url, { path: '/v1/sessions', body: demo })
  t.equal(signedIn.status, 201)
  await page.getByRole('button', { name: 'Authorize' }).first().click()
  const dialog = page.locator('.modal-ux')
  const account = dialog.locator('.auth-container').filter({ hasText: 'accountToken' })
  await account.getByRole('textbox').fill(signedIn.json.accessToken)
  await picture(page, 'docs-authorize')
  await account
    .getByRole('button', { name: 'Apply' })
    .or(account.getByRole('button', { name: 'Authorize' }))
    .first()
    .click()
  await dialog.getByRole('button', { name: 'Close' }).last().click()

  const operation = page
    .locator('.opblock')
    .filter({ has: page.locator('.opblock-summary-path[data-path="/v1/me"]') })
    .filter({ hasText: 'GET' })
  await operation.locator('.opblock-summary').click()
  await picture(page, 'docs-operation')
  await operation.getByRole('button', { name: 'Execute' }).click()
  const answer = operation.locator('.live-responses-table')
  await answer.waitFor()
  t.match(await answer.locator('.response-col_status').last().textContent(), /200/)
  const body = await answer.locator('.highlight-code, .microlight').first().textContent()
  t.match(body, demo.email)
  t.match(body, '"firstName": "Olga"')
  await answer.scrollIntoViewIfNeeded()
  await picture(page, 'docs-answer')
  t.same(faults, [])
})

t.test('from registering to the welcome: the mailbox page, the link in the mail, the button', async (t) => {
  const email = 'nora@example.com'
  t.equal((await send(url, { path: '/v1/accounts', body: { ...registration, firstName: 'Nora', email } })).status, 202)
  const { page, faults } = await openPage(t, '/dev/mail')
  const link = page.locator('article').filter({ hasText: email }).locator('a[href*="/verify-email#token="]')
  await link.waitFor()
  await picture(page, 'mailbox')
  await link.click()
  await page.getByRole('button', { name: 'Confirm my email' }).waitFor()
  await picture(page, 'verify-email')
  t.equal(
    (await send(url, { path: '/v1/sessions', body: { email, password: registration.password } })).status,
    403,
    'opening the page proves nothing'
  )
  await page.getByRole('button', { name: 'Confirm my email' }).click()
  await page.getByText('Your email is proven, welcome Nora').waitFor()
  await picture(page, 'welcome')
  t.equal((await send(url, { path: '/v1/sessions', body: { email, password: registration.password } })).status, 201)
  t.notMatch(page.url(), 'token', 'the token has left the address bar')
  t.same(faults, [])
})

t.test('a forgotten password: asked for on the page, the link in the mail, the new password', async (t) => {
  const { page, faults } = await openPage(t, '/reset-password')
  await page.getByLabel('Your email').fill(demo.email)
  await picture(page, 'reset-ask')
  await page.getByRole('button', { name: 'Send me a link' }).click()
  await page.getByText('Look into your mailbox').waitFor()

  await page.goto(`${url}/dev/mail?to=${encodeURIComponent(demo.email)}`)
  await page.locator('a[href*="/reset-password#token="]').click()
  const field = page.getByLabel('New password', { exact: true })
  await field.fill('violet harbour nineteen lamps')
  await picture(page, 'reset-choose')
  await page.getByRole('button', { name: 'Set this password' }).click()
  await page.getByText('Your new password is set').waitFor()
  await picture(page, 'reset-done')
  t.equal((await send(url, { path: '/v1/sessions', body: { email: demo.email, password: 'violet harbour nineteen lamps' } })).status, 201)
  t.equal((await send(url, { path: '/v1/sessions', body: demo })).status, 401)
  t.same(faults, [])
})
