import type { AddressInfo } from 'node:net'
import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { signedAppealUrl } from '../../src/sessions/appeal-links.ts'
import { openBrowser } from '../support/browser.ts'
import { deciding } from '../support/deciding.ts'
import { organizations } from '../support/organizations.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
await world.app.listen({ host: '127.0.0.1', port: 0 })
const { openPage, picture } = await openBrowser(t, `http://127.0.0.1:${(world.app.server.address() as AddressInfo).port}`)
const { done, ban, lift, decide, ok, send, enforcementOf } = deciding(world)
const { found } = organizations(world)
const one = await world.operator('one@guildhall.example')
const two = await world.operator('two@guildhall.example')
const three = await world.operator('three@guildhall.example')
const pathOf = async ({ accountId }: Person): Promise<string> => {
  const url = new URL(await signedAppealUrl(world.config, world.parts.db.query, parseId('account', accountId)!))
  return url.pathname + url.hash
}
const openAppeal = async (): Promise<string> => (await ok(send('GET', '/v1/appeals?limit=100', two))).json().items.at(-1).id

t.test('E-4: a banned person reads why, appeals, answers a question, and reads that it is granted', async (t) => {
  const max = await world.person('Max')
  await ban(one, two, max.accountId)
  const { page, faults, requests } = await openPage(t, await pathOf(max), [401, 404])
  const main = page.locator('main')
  await main.getByText('We banned your account').waitFor()
  t.notMatch(page.url(), 'token', 'the token has left the address bar')
  t.equal(await page.locator('#reason').textContent(), 'Another breach of the terms')
  t.match(await page.locator('#remedy').textContent(), /somebody who was not part of it/)
  t.match(await page.locator('#since').textContent(), /\d{4} at \d\d:\d\d/)
  t.notOk(await page.locator('#until-line').isVisible())
  t.notOk(await page.locator('#several').isVisible())
  await picture(page, 'appeal')

  await page.getByLabel('Your appeal').fill('It was not me.\n\nLook: <b>here</b>.')
  await page.getByRole('button', { name: 'Send the appeal' }).click()
  await main.getByText('We have your appeal').waitFor()
  await main.getByText('waits for somebody to look at it').waitFor()
  t.match(await page.locator('#said .words').textContent(), 'It was not me.\n\nLook: <b>here</b>.', 'as it was written')
  const id = await openAppeal()
  await ok(decide(three, id, 'in_review'))
  await ok(decide(three, id, 'more_info'))

  const again = await openPage(t, await pathOf(max))
  await again.page.getByText('We have a question.').waitFor()
  await picture(again.page, 'appeal-question')
  await again.page.getByLabel('Your answer').fill('Here you are.')
  await again.page.getByRole('button', { name: 'Send the answer' }).click()
  await again.page.getByText('We have your answer').waitFor()
  await again.page.getByText('Somebody is looking at it.').waitFor()
  await picture(again.page, 'appeal-waiting')
  await ok(decide(three, id, 'granted'))
  t.equal(await enforcementOf(max.accountId), 'none')

  const last = await openPage(t, await pathOf(max))
  await last.page.getByText('We granted it').waitFor()
  await last.page.getByText('This decision about your account is over.').waitFor()
  await picture(last.page, 'appeal-granted')
  t.notOk(await last.page.locator('#export').isVisible(), 'who can sign in exports from there')
  for (const each of [faults, again.faults, last.faults]) t.same(each, [])
  t.ok(requests.length > 0)
})

t.test('E-4: several decisions, the hardest first; a denied appeal, and what is wrong with a field', async (t) => {
  const nora = await world.person('Nora')
  const place = await found(nora)
  await done(one, nora.accountId, 'warning', { reasonCode: 'spam' })
  const until = new Date(Date.now() + 86_400_000).toISOString()
  await done(one, place.id, 'suspended', { reasonCode: 'unpaid_invoices', until })
  const { page, faults } = await openPage(t, await pathOf(nora), [409])
  await page.getByText('We suspended your company nora@example.com Ltd').waitFor()
  t.ok(await page.locator('#until-line').isVisible())
  t.equal(await page.locator('#which option').count(), 2)
  await picture(page, 'appeal-several')
  await page.locator('#which').selectOption({ index: 1 })
  await page.getByText('This is a warning about your account.').waitFor()
  await page.getByLabel('Your appeal').fill('I stopped.')
  await page.getByRole('button', { name: 'Send the appeal' }).click()
  await page.getByText('waits for somebody to look at it').waitFor()
  const id = await openAppeal()
  await ok(decide(two, id, 'in_review'))
  await ok(decide(two, id, 'denied'))
  const next = await openPage(t, await pathOf(nora), [409])
  await next.page.locator('#which').selectOption({ index: 1 })
  await next.page.getByText('We denied it').waitFor()
  t.ok(await next.page.getByRole('button', { name: 'Send the appeal' }).isVisible(), 'there can be another one')
  // Meanwhile it is lifted.
  const { items } = (await ok(send('GET', `/v1/accounts/${nora.accountId}/enforcement`, one))).json()
  await ok(lift(one, nora.accountId, items[0].id))
  await next.page.getByLabel('Your appeal').fill('Really.')
  await next.page.getByRole('button', { name: 'Send the appeal' }).click()
  await next.page.getByText('The action is over').waitFor()
  t.equal(await next.page.getByLabel('Your appeal').inputValue(), 'Really.', 'what was typed is there')
  for (const each of [faults, next.faults]) t.same(each, [])
})

t.test('E-4: links that lead nowhere, nothing in force, and the download of what we know', async (t) => {
  const nothing = await openPage(t, await pathOf(await world.person('Sam')))
  await nothing.page.getByText('Nothing is in force on your account.').waitFor()
  const none = await openPage(t, '/appeal')
  await none.page.getByText('missing or incomplete').waitFor()
  const dead = await openPage(t, '/appeal#token=account_x.1.x', [401])
  await dead.page.getByText('The link is no longer valid').waitFor()
  await picture(dead.page, 'appeal-dead')

  const olga = await world.person('Olga')
  await done(one, olga.accountId, 'suspended')
  const { page, faults } = await openPage(t, await pathOf(olga))
  await page.route('**/v1/me/export', (route) => route.fulfill({ json: { account: { id: olga.accountId } } }))
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download my data' }).click()])
  t.equal(download.suggestedFilename(), 'guildhall-export.json')
  for (const each of [nothing.faults, none.faults, dead.faults, faults]) t.same(each, [])
})
