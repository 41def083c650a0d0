import t from 'tap'
import { organizations } from '../support/organizations.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld(t, { instances: 2 })
const { found, ok, send } = organizations(world)

t.test('N-1 201, N-5 200: an invitation is made, looked at and accepted', async (t) => {
  const olga = await world.person('Olga')
  const company = await found(olga)
  const made = await send('POST', `${company.url}/invitations`, olga, { email: 'Max@Example.com', message: 'Hello Max' })
  t.equal(made.statusCode, 201, made.body)
  const max = await world.person('Max')
  const token = await world.mailedToken('Max@Example.com', 'ghi')
  const looked = await world.inject({ method: 'POST', url: '/v1/invitations/lookup', payload: { token } })
  t.equal(looked.statusCode, 200, looked.body)
  const accepted = await send('POST', '/v1/invitations/accept', max, { token })
  t.equal(accepted.statusCode, 200, accepted.body)
  const again = await send('POST', '/v1/invitations/accept', max, { token })
  t.same(again.json(), accepted.json())
  const list = await ok(send('GET', `${company.url}/invitations`, olga))
  t.match(list.json(), { items: [{ status: 'accepted', delivery: 'sent' }] })
  t.comment(JSON.stringify(looked.json()))
})

t.test('N-5 201: somebody new registers by the mailed link and is in', async (t) => {
  const otto = await world.person('Otto')
  const company = await found(otto)
  const made = await send('POST', `${company.url}/invitations`, otto, { email: 'new@example.com' })
  const token = await world.mailedToken('new@example.com', 'ghi')
  const registration = { password: 'tulip anchor museum forty', firstName: 'New', lastName: 'Comer', countryCode: 'DE', intent: 'client' }
  const copied = /ghc_[\w-]+/.exec((made.json() as { link: string }).link)![0]
  const refused = await world.inject({ method: 'POST', url: '/v1/invitations/accept', payload: { token: copied, registration } })
  t.match([refused.statusCode, refused.json()], [409, { code: 'invitation_link_copied' }])
  const accepted = await world.inject({ method: 'POST', url: '/v1/invitations/accept', payload: { token, registration } })
  t.equal(accepted.statusCode, 201, accepted.body)
})
