import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { type Counterparty, evaluate, type Resource } from '../../src/organizations/evaluation.ts'
import { inForce } from '../support/enforcement.ts'
import { organizations } from '../support/organizations.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { found, freelance, join, team } = organizations(world)
const [olga, hana, finn, fay, sam] = (await Promise.all(['Olga', 'Hana', 'Finn', 'Fay', 'Sam'].map((name) => world.person(name)))) as [
  Person,
  Person,
  Person,
  Person,
  Person
]
for (const person of [olga, hana, finn, fay]) await freelance(person)
const company = await found(olga)
const design = await team(company, 'Design')
await join(company, hana, [{ role: 'hiring_manager', teamId: design }])
const agency = await found(hana, 'agency')
await join(agency, finn, [{ role: 'freelancer' }], { exclusive: true })
await join(agency, fay, [{ role: 'freelancer' }])

const account = (person: Person): string => parseId('account', person.accountId)!
const team1: Resource = { type: 'team', id: parseId('team', design)! }
const whole: Resource = { type: 'company', id: parseId('company', company.id)! }
const ask = async (person: Person, permission: string, resource: Resource, counterparty?: Counterparty): Promise<string> =>
  (await evaluate(world.parts.db.query, { accountId: account(person), permission, resource, counterparty })).reason

t.test('G-8 self_dealing: nobody hires themselves, an agency they own, or its exclusive members', async (t) => {
  const person = (who: Person): Counterparty => ({ type: 'account', id: account(who) })
  const hanas: Counterparty = { type: 'agency', id: parseId('agency', agency.id)! }
  t.equal(await ask(hana, 'offer.send', team1), 'granted', 'nobody named')
  t.equal(await ask(hana, 'offer.send', team1, person(hana)), 'self_dealing')
  t.equal(await ask(hana, 'offer.send', team1, hanas), 'self_dealing')
  t.equal(await ask(hana, 'offer.send', team1, person(finn)), 'self_dealing', 'who works exclusively through her agency')
  t.equal(await ask(hana, 'offer.send', team1, person(fay)), 'granted', 'who works through others as well')
  t.equal(await ask(hana, 'offer.send', team1, person(sam)), 'granted')
  t.equal(await ask(olga, 'offer.send', whole, hanas), 'granted', 'somebody else may')
  t.equal(await ask(olga, 'offer.send', whole, person(finn)), 'granted')
  t.equal(await ask(olga, 'offer.send', team1, person(olga)), 'self_dealing', 'the owner no more than others')
  t.equal(await ask(hana, 'offer.send', whole, person(hana)), 'missing_permission', 'she may not hire there anyway')
  t.equal(await ask(hana, 'job.post', team1, person(hana)), 'granted', 'only hiring has a counterparty')
})

t.test('G-8: a closed agency is nobody’s own side', async (t) => {
  await world.sql(`update organizations set status = 'closed', closed_at = now() where id = $1`, [parseId('agency', agency.id)])
  t.equal(await ask(hana, 'offer.send', team1, { type: 'agency', id: parseId('agency', agency.id)! }), 'granted')
  await world.sql(`update organizations set status = 'active', closed_at = null where id = $1`, [parseId('agency', agency.id)])
})

t.test('G-2: own capacity comes with the profile, and independent proposals end with exclusive work', async (t) => {
  const self = (who: Person): Resource => ({ type: 'account', id: account(who) })
  for (const permission of ['proposal.submit_independent', 'offer.respond_own', 'milestone.submit_own', 'worklog.write_own']) {
    t.equal(await ask(fay, permission, self(fay)), 'granted', permission)
    t.equal(await ask(fay, permission, self(finn)), 'missing_permission', `${permission} of somebody else`)
    t.equal(await ask(sam, permission, self(sam)), 'missing_permission', `${permission} without a profile`)
  }
  t.equal(await ask(finn, 'proposal.submit_independent', self(finn)), 'exclusive_member')
  t.equal(await ask(finn, 'milestone.submit_own', self(finn)), 'granted')
  t.equal(await ask(fay, 'offer.send', self(fay)), 'unknown_permission')
  for (const [enforcement, reason] of [
    ['restricted', 'account_restricted'],
    ['suspended', 'account_suspended'],
    ['banned', 'account_banned']
  ] as const) {
    await world.sql(`update accounts set ${inForce(enforcement)} where id = $1`, [account(fay)])
    t.equal(await ask(fay, 'offer.respond_own', self(fay)), reason)
    t.equal(await ask(fay, 'worklog.write_own', self(fay)), enforcement === 'restricted' ? 'granted' : reason, 'current work goes on')
  }
  await world.sql(`update accounts set ${inForce('none')} where id = $1`, [account(fay)])
})

t.test('C-3: what is unknown is denied like for a stranger', async (t) => {
  const nobody = '00000000-0000-7000-8000-000000000000'
  for (const type of ['company', 'agency', 'team'] as const) t.equal(await ask(olga, 'job.post', { type, id: nobody }), 'not_a_member')
  t.equal(await ask(sam, 'job.post', whole), 'not_a_member')
  t.equal(await ask(olga, 'job.post', { type: 'agency', id: whole.id }), 'not_a_member', 'an id of the other kind')
  t.equal(await ask(olga, 'fly', whole), 'unknown_permission')
})
