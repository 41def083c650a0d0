import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { organizations } from '../support/organizations.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { found, freelance, join, send, ok } = organizations(world)
const [otto, olga, finn, fay] = (await Promise.all(['Otto', 'Olga', 'Finn', 'Fay'].map((name) => world.person(name)))) as [
  Person,
  Person,
  Person,
  Person
]
for (const person of [otto, olga, finn, fay]) await freelance(person)
const closed = await found(otto, 'agency')
const other = await found(olga, 'agency')
const finnId = await join(closed, finn, [{ role: 'freelancer' }], { exclusive: true })
const fayId = await join(closed, fay, [{ role: 'freelancer' }])
const operator = await world.operator()
const reopen = () => send('POST', `${closed.url}/reopening`, operator, { reason: 'Closed by mistake.' })
const affiliation = async (memberId: string): Promise<unknown> =>
  ((await send('GET', `${closed.url}/members/${memberId}`, otto)).json() as { affiliation: string }).affiliation

t.test('G-2: closing an agency frees its members, exclusive ones too', async (t) => {
  await t.rejects(join(other, finn, [{ role: 'freelancer' }]), { code: 'exclusive_elsewhere' }, 'while it is open he belongs to it alone')
  await ok(send('POST', `${closed.url}/closure`, otto, {}))
  t.equal(await affiliation(finnId), 'non_exclusive')
  const there = await join(other, finn, [{ role: 'freelancer' }])
  await ok(send('POST', `${other.url}/members/${there}/affiliation`, olga, { affiliation: 'exclusive' }))
  const accepted = await send('POST', `${other.url}/members/${there}/affiliation/accept`, finn, {})
  t.match(accepted.json(), { affiliation: 'exclusive' }, 'a closed agency is no other agency')
})

t.test('P-4, G-2: whose agency is closed can found another, and be exclusive elsewhere', async (t) => {
  const second = await found(otto, 'agency')
  t.equal((await reopen()).statusCode, 409)
  t.match((await reopen()).json(), { code: /^(agency_limit|exclusive_elsewhere)$/ })
  await ok(send('POST', `${second.url}/closure`, otto, {}))
})

t.test('G-2 409: an agency stays closed while a former member works exclusively elsewhere', async (t) => {
  t.match((await reopen()).json(), { code: 'exclusive_elsewhere' })
  const [state] = await world.sql<{ status: string; free: string }>(
    `select o.status, count(*) filter (where m.slots is null) as free from organizations o join memberships m on m.organization_id = o.id
      where o.id = $1 group by 1`,
    [parseId('agency', closed.id)]
  )
  t.strictSame(state, { status: 'closed', free: '3' }, 'nothing was half done')
})

t.test('G-1, G-2: opened again its members have slots of their own, and who has no profile any more is no freelancer', async (t) => {
  const [there] = await world.sql<{ id: string }>(`select id from memberships where organization_id = $1 and account_id = $2`, [
    parseId('agency', other.id),
    parseId('account', finn.accountId)
  ])
  await world.sql(`update memberships set affiliation = 'non_exclusive', slots = '[7,8)' where id = $1`, [there!.id])
  await ok(send('DELETE', '/v1/me/profiles/freelancer', fay))
  t.equal((await reopen()).statusCode, 200)
  const grants = async (id: string) => ((await send('GET', `${closed.url}/members/${id}`, otto)).json() as { grants: object[] }).grants
  t.strictSame(await grants(finnId), [{ role: 'freelancer' }])
  t.strictSame(await grants(fayId), [], 'her profile is closed')
  const overlapping = await world.sql('select from memberships where slots is null and kind = $1 and organization_id = $2', [
    'agency',
    parseId('agency', closed.id)
  ])
  t.equal(overlapping.length, 0)
  t.match((await reopen()).json(), { code: 'conflict' }, 'it is open already')
})
