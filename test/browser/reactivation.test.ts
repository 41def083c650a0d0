import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { demo } from '../../src/dev/seed.ts'
import { openBrowser } from '../support/browser.ts'
import { cheapHashes, noLimits, send, startService } from '../support/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'guildhall-reactivation-'))
chmodSync(folder, 0o711)
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const { url } = await startService(t, { ...noLimits, ...cheapHashes, DATA_DIR: join(folder, 'data') })
const { openPage, picture } = await openBrowser(t, url)

const email = 'sam@demo.example'
const signIn = () => send(url, { path: '/v1/sessions', body: { email, password: demo.password } })
const close = async (): Promise<void> => {
  const { json } = await signIn()
  const answer = await send(url, { path: '/v1/me/closure', body: {}, token: json.accessToken })
  if (answer.status !== 200) throw new Error(answer.text)
}

t.test('a closed account: asked for on the page, the link in the mail, the button, and signing in', async (t) => {
  await close()
  t.equal((await signIn()).status, 401)
  const { page, faults } = await openPage(t, '/reactivate', [410])
  await picture(page, 'reactivate-ask')
  await page.getByLabel('Your email').fill(email)
  await page.getByRole('button', { name: 'Send me a link' }).click()
  await page.getByText('If a closed account has this address').waitFor()

  await page.goto(`${url}/dev/mail?to=${encodeURIComponent(email)}`)
  const link = page.locator('a[href*="/reactivate#token="]')
  while ((await link.count()) === 0) await page.reload()
  const href = (await link.first().getAttribute('href'))!
  await link.first().click()
  await page.getByRole('button', { name: 'Reactivate my account' }).waitFor()
  t.notMatch(page.url(), 'token', 'the token has left the address bar')
  t.equal((await signIn()).status, 401, 'opening the page opens no account')
  await picture(page, 'reactivate-confirm')
  await page.getByRole('button', { name: 'Reactivate my account' }).click()
  await page.getByText('Your account is open again').waitFor()
  await picture(page, 'reactivate-done')
  t.equal((await signIn()).status, 201)

  await page.goto('about:blank')
  await page.goto(href)
  await page.getByRole('button', { name: 'Reactivate my account' }).click()
  await page.getByRole('button', { name: 'Send me a link' }).waitFor()
  t.ok(await page.locator('#message').textContent(), 'a link works once; the page offers a new one')
  t.same(faults, [])
})
