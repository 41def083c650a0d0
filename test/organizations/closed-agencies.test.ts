import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
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

// An agency with a member of each affiliation, and an operator who owns it.
const [ina, jon, joy, jim] = [await world.person('Ina'), await world.person('Jon'), await world.person('Joy'), await world.person('Jim')]
for (const person of [ina, jon, joy, jim]) await freelance(person)
const own = await found(ina, 'agency')
const jonId = await join(own, jon, [{ role: 'freelancer' }], { exclusive: true })
const joyId = await join(own, joy, [{ role: 'freelancer' }])
const jimId = await join(own, jim, [{ role: 'freelancer' }])
await ok(send('POST', `${own.url}/members/${joyId}/affiliation`, ina, { affiliation: 'exclusive' }))
const company = await found(ina)
const inaAsOperator = await world.operator(ina.email)
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

interface Change {
  resource: string
  actor: { kind: string }
  before: { affiliation?: string; grants: unknown[] }
  after: { affiliation?: string; grants: unknown[] }
  personal: unknown
}
const history = async (action: string): Promise<Change[]> =>
  ((await ok(send('GET', `${own.url}/audit?action=${action}`, ina))).json() as { items: Change[] }).items
const events = (type: string) =>
  world.sql<{ subject: string; before: Change['before']; after: Change['after'] }>(
    'select subject, before, after from events where type = $1 and organization_id = $2 order by position',
    [type, parseId('agency', own.id)]
  )

t.test('G-2, O-3: closing and opening again say of each member what became of them; operators open nothing of their own', async (t) => {
  const earlier = (await events('member.affiliation_changed')).length
  await ok(send('POST', `${own.url}/closure`, ina, {}))
  const freed = (await history('member.affiliation_changed')).slice(0, 2)
  const affiliations = ({ resource, before, after }: Omit<Change, 'actor' | 'personal'>) => [
    resource,
    before.affiliation,
    after.affiliation
  ]
  const expected = [
    [joyId, 'exclusive_pending', 'non_exclusive'],
    [jonId, 'exclusive', 'non_exclusive']
  ].sort()
  t.strictSame(freed.map(affiliations).sort(), expected)
  const told = (await events('member.affiliation_changed')).slice(earlier)
  t.strictSame(told.map(({ subject, ...change }) => affiliations({ resource: subject, ...change })).sort(), expected)

  const words = 'Seen by the fraud team.'
  const reopening = (place: { url: string }, by: { headers: object }) => send('POST', `${place.url}/reopening`, by, { reason: words })
  await ok(send('POST', `${company.url}/closure`, ina, {}))
  for (const place of [own, company]) refused(t, await reopening(place, inaAsOperator), 403, 'access_denied', place.kind)
  t.equal((await send('GET', own.url, ina)).json().status, 'closed')

  for (const person of [jon, jim]) await ok(send('DELETE', '/v1/me/profiles/freelancer', person))
  t.equal((await reopening(own, operator)).statusCode, 200)
  const lost = await history('member.roles_changed')
  const roles = ({ resource, before, after }: Omit<Change, 'actor' | 'personal'>) => [resource, before.grants, after.grants]
  const without = [jonId, jimId].map((id) => [id, [{ role: 'freelancer' }], []]).sort()
  t.strictSame(lost.map(roles).sort(), without)
  t.match(lost, [{ actor: { kind: 'operator' } }, { actor: { kind: 'operator' } }])
  const toldRoles = await events('member.roles_changed')
  t.strictSame(toldRoles.map(({ subject, ...change }) => roles({ resource: subject, ...change })).sort(), without)

  const opened = await history('agency.reopened')
  t.match(opened, [{ actor: { kind: 'operator' }, before: { status: 'closed' }, after: { status: 'active' }, personal: null }])
  t.notMatch((await send('GET', `${own.url}/audit`, ina)).body, words)
  const kept = await world.sql(`select from audit_personal where values ->> 'reason' = $1`, [words])
  t.equal(kept.length, 1, 'operators have it')
})
