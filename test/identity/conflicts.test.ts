import t from 'tap'
import { newId, publicId } from '../../src/http/ids.ts'
import { identities } from '../support/identity.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld(t)
const { somebody, evidence, casesOf, call, service, operator, decide } = await identities(world)
const { found, join, freelance, ok, send } = organizations(world)

type Party = { type: string; id: string }
const question = (one: Party, other: Party, by: { headers: object } = service) =>
  call('POST', '/v1/conflicts-of-interest', by, { parties: [one, other] })
const conflict = async (one: Party, other: Party): Promise<boolean> => {
  const [there, back] = [await question(one, other), await question(other, one)]
  t.strictSame(Object.keys(there.json()), ['conflict'], 'nobody is named')
  t.strictSame(there.json(), back.json(), 'whichever is asked about first')
  return (there.json() as { conflict: boolean }).conflict
}
const person = ({ accountId }: { accountId: string }): Party => ({ type: 'account', id: accountId })

t.test('Q-10: two parties conflict when they share a person, by account, membership or ownership', async (t) => {
  const [olga, ada, sam, finn] = [await somebody('Olga'), await somebody('Ada'), await somebody('Sam'), await somebody('Finn')]
  for (const one of [finn, ada]) await freelance(one)
  const [acme, other] = [await found(olga), await found(sam)]
  const agency = await found(finn, 'agency')
  const org = ({ kind, id }: { kind: string; id: string }): Party => ({ type: kind, id })
  t.equal(await conflict(person(olga), person(olga)), true)
  t.equal(await conflict(person(olga), person(sam)), false)
  t.equal(await conflict(person(olga), org(acme)), true, 'the owner')
  t.equal(await conflict(org(acme), org(other)), false)
  t.equal(await conflict(org(acme), org(agency)), false)
  await join(acme, ada, [{ role: 'member' }])
  const membership = await join(agency, ada, [{ role: 'freelancer' }])
  t.equal(await conflict(org(acme), org(agency)), true, 'Ada is in both')
  t.equal(await conflict(person(ada), org(agency)), true)
  await ok(send('DELETE', `${agency.url}/members/${membership}`, finn))
  t.equal(await conflict(org(acme), org(agency)), false, 'not any more')
  t.equal(await conflict({ type: 'agency', id: acme.id }, person(olga)), false, 'an id of another kind shares nobody')
  for (const id of [publicId('company', newId()), 'nobody']) t.equal(await conflict({ type: 'company', id }, person(olga)), false, id)
})

t.test('Q-10: two accounts that are known to be one person are one', async (t) => {
  const [olga, again, sam] = [await somebody('Olga'), await somebody('Again'), await somebody('Sam')]
  const company = await found(again)
  const org: Party = { type: 'company', id: company.id }
  for (const one of [olga, sam]) await evidence(one, 'phone', '+49 151 70000001')
  t.equal(await conflict(person(olga), person(sam)), false, 'a shared phone says nothing yet')
  for (const one of [olga, again]) await evidence(one, 'government_id', 'CONFLICT01')
  t.equal(await conflict(person(olga), org), true, 'an open case over one government id')
  await decide((await casesOf(again)).find(({ evidenceKinds }) => evidenceKinds.includes('government_id'))!.id, 'not_duplicate')
  t.equal(await conflict(person(olga), org), false)
  await decide((await casesOf(sam))[0]!.id, 'circumvention')
  t.equal(await conflict(person(olga), person(sam)), true, 'decided to be one')
  await ok(world.post('/v1/duplicate-exceptions', { accountIds: [olga.accountId, sam.accountId], reason: 'A couple.' }, operator.headers))
  t.equal(await conflict(person(olga), person(sam)), false, 'P-10: they may be alike')
})

t.test('Q-10 400, 401, 403: two parties, asked by services', async (t) => {
  const olga = await somebody('Olga')
  const [one, two] = [person(olga), person(olga)]
  refused(t, await call('POST', '/v1/conflicts-of-interest', service, { parties: [one] }), 400, 'invalid_input')
  refused(t, await call('POST', '/v1/conflicts-of-interest', service, { parties: [one, two, one] }), 400, 'invalid_input')
  refused(t, await question({ type: 'team', id: 'team_x' }, two), 400, 'invalid_input')
  refused(
    t,
    await world.inject({ method: 'POST', url: '/v1/conflicts-of-interest', payload: { parties: [one, two] } }),
    401,
    'not_signed_in'
  )
  for (const by of [olga, operator]) refused(t, await question(one, two, by), 401, 'not_signed_in')
  refused(t, await question(one, two, await world.service('jobs', ['contracts.write'])), 403, 'access_denied')
})
