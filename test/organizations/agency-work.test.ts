import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { send, ok, freelance, found, join, tagOf } = organizations(world)
const service = await world.service('work', ['contracts.write', 'proposals.write'])

const person = async (name: string): Promise<Person> => {
  const made = await world.person(name)
  await freelance(made)
  return made
}
const [ada, bea, cleo] = [await person('Ada'), await person('Bea'), await person('Cleo')]
const [gil, hal, ivo, jan] = [await person('Gil'), await person('Hal'), await person('Ivo'), await person('Jan')]
const [lea, mia, ned, pia] = [await person('Lea'), await person('Mia'), await person('Ned'), await person('Pia')]
const [max, may, rob, olga] = [await person('Max'), await person('May'), await person('Rob'), await world.person('Olga')]

const nord = await found(ada, 'agency')
const sued = await found(bea, 'agency')
const company = await found(olga)
const freelancer = [{ role: 'freelancer' }]
await join(nord, max, [{ role: 'admin' }])
await join(nord, may, [{ role: 'business_manager' }])
// Colleagues of the same agency, whose work is nobody else's.
await join(nord, cleo, freelancer)
const [gilId, halId, janId] = [await join(nord, gil, freelancer), await join(nord, hal, freelancer), await join(nord, jan, freelancer)]
const [leaId, miaId, nedId] = [await join(nord, lea, freelancer), await join(nord, mia, freelancer), await join(nord, ned, freelancer)]
const [ivoId, piaId] = [await join(sued, ivo, freelancer), await join(nord, pia, freelancer)]

const urlOf = (id: string) => `${nord.url}/members/${id}`
const end = (id: string, by: Person, query = '') => send('DELETE', `${urlOf(id)}${query}`, by)
const whenClear = (id: string, by: Person) => end(id, by, '?whenClear=true')
const stay = (id: string, by: Person) => send('DELETE', `${urlOf(id)}/scheduled-leave`, by)
const scheduled = async (id: string): Promise<string | null> => (await ok(send('GET', urlOf(id), ada))).json().endsWhenClear

const contract = (id: string, version: number, status: string, who: Person, agency: Place | null = nord) =>
  ok(
    send('PUT', `/v1/contracts/${id}`, service, {
      version,
      companyId: company.id,
      teamId: company.defaultTeamId,
      contactAccountId: olga.accountId,
      freelancerAccountId: who.accountId,
      status,
      ...(agency ? { agencyId: agency.id } : {})
    })
  )
const proposal = (id: string, version: number, status: string, who: Person, agency: Place | null = nord) =>
  ok(send('PUT', `/v1/proposals/${id}`, service, { version, accountId: who.accountId, status, ...(agency ? { agencyId: agency.id } : {}) }))
const ended = (id: string) =>
  world.sql<{ reason: string; by: string }>('select reason, ended_by_kind as by from ended_memberships where id = $1', [
    parseId('member', id)
  ])
const blockersOf = (ids: string[][]) =>
  ids.map(([resource, label, name]) => ({ code: 'active_agency_work', resource, label, resolve: { service: name } }))

/** The constraint that a statement breaks. */
const constraintOf = (statement: string, values: unknown[]): Promise<string | undefined> =>
  world.sql(statement, values).then(
    () => undefined,
    (error: { constraint?: string }) => error.constraint
  )

t.test('G-4 K-8 409: active contracts, open and archived proposals block leaving and removal, with the complete list', async (t) => {
  await contract('gil-1', 1, 'active', gil)
  await contract('gil-2', 1, 'active', gil)
  await contract('gil-3', 1, 'closed', gil)
  await proposal('gil-4', 1, 'open', gil)
  await proposal('gil-5', 1, 'archived', gil)
  await proposal('gil-6', 1, 'withdrawn', gil)
  await proposal('gil-7', 1, 'closed', gil)
  // Not through this agency, or not theirs.
  await contract('gil-8', 1, 'active', gil, null)
  await proposal('gil-9', 1, 'open', gil, sued)
  await contract('cleo-1', 1, 'active', cleo)

  const blockers = blockersOf([
    ['gil-1', 'Contract gil-1 (active)', 'contracts'],
    ['gil-2', 'Contract gil-2 (active)', 'contracts'],
    ['gil-4', 'Proposal gil-4 (open)', 'proposals'],
    ['gil-5', 'Proposal gil-5 (archived)', 'proposals']
  ])
  const tag = await tagOf(urlOf(gilId), ada)
  for (const [by, name] of [
    [gil, 'leaving'],
    [ada, 'removed by the owner'],
    [max, 'removed by an admin']
  ] as const) {
    const answer = await end(gilId, by)
    refused(t, answer, 409, 'active_agency_work', name)
    t.strictSame(answer.json().blockers, blockers, name)
    const preview = await send('GET', `${urlOf(gilId)}/removal`, by)
    t.strictSame([preview.statusCode, preview.json().blockers], [200, blockers], `${name}: preview`)
    const dry = await end(gilId, by, '?dryRun=true&whenClear=true')
    t.strictSame([dry.statusCode, dry.json().outcome, dry.json().blockers], [200, 'preview', blockers], `${name}: dry run`)
  }
  t.equal(await tagOf(urlOf(gilId), ada), tag, 'nothing changed')
  refused(t, await end(gilId, may), 403, 'access_denied', 'a business manager removes nobody')
  t.equal(
    await constraintOf('delete from memberships where id = $1', [parseId('member', gilId)]),
    'memberships_agency_work',
    'the database holds it as well'
  )

  await contract('gil-1', 2, 'closed', gil)
  await contract('gil-2', 2, 'closed', gil)
  await proposal('gil-4', 2, 'withdrawn', gil)
  const last = await end(gilId, gil)
  refused(t, last, 409, 'active_agency_work', 'an archived proposal is left')
  t.equal(last.json().blockers.length, 1)
  await proposal('gil-5', 2, 'withdrawn', gil)
  t.equal((await end(gilId, gil)).statusCode, 204)
  t.strictSame(await ended(gilId), [{ reason: 'left', by: 'account' }])
})

t.test('G-4 202: with whenClear the member stays until the last contract closes, then is gone by itself', async (t) => {
  await contract('hal-1', 1, 'active', hal)
  await proposal('hal-2', 1, 'archived', hal)
  const answer = await whenClear(halId, hal)
  t.equal(answer.statusCode, 202)
  t.match(answer.json(), {
    outcome: 'scheduled',
    blockers: [{ resource: 'hal-1' }, { resource: 'hal-2' }],
    effects: { grants: [{ role: 'freelancer' }] }
  })
  t.equal(await scheduled(halId), 'left')
  t.equal((await send('GET', nord.url, hal)).statusCode, 200, 'a member like before')
  await contract('hal-1', 1, 'active', hal)
  await proposal('hal-2', 2, 'withdrawn', hal)
  t.equal(await scheduled(halId), 'left', 'one is left')
  await contract('hal-1', 2, 'closed', hal)
  t.strictSame(await ended(halId), [{ reason: 'left', by: 'service' }])
  refused(t, await send('GET', nord.url, hal), 404, 'not_found')
  t.match(await world.sql("select actor_kind from audit_events where action = 'member.left' and resource = $1", [halId]), [
    { actor_kind: 'service' }
  ])
})

t.test('G-4 204: with nothing in the way whenClear ends the membership at once', async (t) => {
  t.equal((await whenClear(piaId, pia)).statusCode, 204)
  t.strictSame(await ended(piaId), [{ reason: 'left', by: 'account' }])
})

const ways: Array<[string, (who: Person, id: string) => Promise<unknown>, (who: Person, id: string) => Promise<unknown>]> = [
  ['the contract closes', (who, id) => contract(id, 1, 'active', who), (who, id) => contract(id, 2, 'closed', who)],
  [
    'the contract goes on without the agency',
    (who, id) => contract(id, 1, 'active', who),
    (who, id) => contract(id, 2, 'active', who, null)
  ],
  [
    'the contract goes on through another agency',
    (who, id) => contract(id, 1, 'active', who),
    (who, id) => contract(id, 2, 'active', who, sued)
  ],
  ['the contract goes to somebody else', (who, id) => contract(id, 1, 'active', who), (_, id) => contract(id, 2, 'active', cleo)],
  ['the proposal is withdrawn', (who, id) => proposal(id, 1, 'open', who), (who, id) => proposal(id, 2, 'withdrawn', who)],
  ['the proposal is closed', (who, id) => proposal(id, 1, 'archived', who), (who, id) => proposal(id, 2, 'closed', who)],
  ['the proposal becomes independent', (who, id) => proposal(id, 1, 'open', who), (who, id) => proposal(id, 2, 'open', who, null)],
  ['the proposal becomes another agency’s', (who, id) => proposal(id, 1, 'open', who), (who, id) => proposal(id, 2, 'open', who, sued)],
  ['the proposal becomes a colleague’s', (who, id) => proposal(id, 1, 'open', who), (_, id) => proposal(id, 2, 'open', cleo)]
]

t.test('G-4 200: a scheduled membership ends by whatever call takes the last of its work away', async (t) => {
  for (const [index, [name, begin, finish]] of ways.entries()) {
    const id = await join(nord, rob, freelancer)
    await begin(rob, `way-${index}`)
    t.equal((await whenClear(id, index % 2 === 0 ? rob : max)).statusCode, 202, name)
    t.strictSame(await ended(id), [], `${name}: not before`)
    await finish(rob, `way-${index}`)
    t.strictSame(await ended(id), [{ reason: index % 2 === 0 ? 'left' : 'removed', by: 'service' }], name)
  }
})

t.test('G-4 204 403 404: a leave is taken back by the member, whose right it is, and by nobody else', async (t) => {
  await proposal('jan-1', 1, 'open', jan)
  refused(t, await stay(janId, jan), 404, 'not_found', 'nothing scheduled')
  refused(t, await stay(janId, ada), 404, 'not_found', 'nothing scheduled')
  t.equal((await whenClear(janId, jan)).statusCode, 202)
  refused(t, await stay(janId, may), 403, 'access_denied', 'a business manager')
  refused(t, await stay(janId, cleo), 403, 'access_denied', 'a colleague')
  for (const by of [ada, max]) refused(t, await stay(janId, by), 403, 'access_denied', 'who may remove, but leaving is their right')
  refused(t, await stay(janId, bea), 404, 'not_found', 'nobody of the agency')
  t.equal(await scheduled(janId), 'left')
  t.equal((await stay(janId, jan)).statusCode, 204)
  t.equal(await scheduled(janId), null)
  await proposal('jan-1', 2, 'withdrawn', jan)
  t.strictSame(await ended(janId), [], 'who stays stays')
  t.equal((await send('GET', nord.url, jan)).statusCode, 200)
})

t.test('G-4 403: the member cannot take back that they are removed, nor make a leave of it', async (t) => {
  await contract('lea-1', 1, 'active', lea)
  t.equal((await whenClear(leaId, max)).statusCode, 202)
  t.equal(await scheduled(leaId), 'removed')
  refused(t, await stay(leaId, lea), 403, 'access_denied')
  t.equal((await whenClear(leaId, lea)).statusCode, 202, 'asking to leave as well')
  t.equal(await scheduled(leaId), 'removed', 'takes nothing of it')
  refused(t, await stay(leaId, lea), 403, 'access_denied')
  await contract('lea-1', 2, 'closed', lea)
  t.strictSame(await ended(leaId), [{ reason: 'removed', by: 'service' }])
})

t.test('N-12: a leave that ends while the member is suspended is a removal', async (t) => {
  const tom = await person('Tom')
  const id = await join(nord, tom, freelancer)
  await contract('tom-1', 1, 'active', tom)
  t.equal((await whenClear(id, tom)).statusCode, 202)
  await ok(send('POST', `${urlOf(id)}/suspension`, ada, {}))
  t.equal(await scheduled(id), 'left')
  await contract('tom-1', 2, 'closed', tom)
  t.strictSame(await ended(id), [{ reason: 'removed', by: 'service' }])
})

t.test('G-4 202: a removal outranks a leave, and who may remove takes it back', async (t) => {
  await proposal('mia-1', 1, 'archived', mia)
  await whenClear(miaId, mia)
  t.equal(await scheduled(miaId), 'left')
  await whenClear(miaId, ada)
  t.equal(await scheduled(miaId), 'removed')
  refused(t, await stay(miaId, mia), 403, 'access_denied')
  t.equal((await stay(miaId, max)).statusCode, 204)
  t.equal(await scheduled(miaId), null)
})

t.test('G-4 202: scheduling the same again changes nothing', async (t) => {
  await proposal('ned-1', 1, 'open', ned)
  await ok(whenClear(nedId, ned))
  const tag = await tagOf(urlOf(nedId), ada)
  t.equal((await whenClear(nedId, ned)).statusCode, 202)
  t.equal(await tagOf(urlOf(nedId), ada), tag)
  t.equal((await world.sql("select from audit_events where action = 'member.end_scheduled' and resource = $1", [nedId])).length, 1)
})

t.test('C-4 G-4 409: the owner neither leaves nor schedules it, whatever work there is', async (t) => {
  for (const query of ['', '?whenClear=true']) {
    const answer = await end(nord.memberId, ada, query)
    refused(t, answer, 409, 'owner_must_transfer', query)
    t.match(answer.json().blockers, [{ code: 'owner_must_transfer', resource: nord.memberId }])
  }
  await contract('ada-1', 1, 'active', ada)
  const both = await end(nord.memberId, ada, '?whenClear=true')
  t.strictSame(
    both.json().blockers.map(({ code }: { code: string }) => code),
    ['owner_must_transfer', 'active_agency_work']
  )
})

t.test('O-2 G-4 200: who becomes owner does not leave any more, also when they are owner no longer', async (t) => {
  const [member, transfer] = [`${sued.url}/members/${ivoId}`, `${sued.url}/ownership-transfer`]
  await contract('ivo-1', 1, 'active', ivo, sued)
  t.equal((await send('DELETE', `${member}?whenClear=true`, ivo)).statusCode, 202)
  await ok(send('POST', transfer, bea, { memberId: ivoId }))
  await ok(send('POST', `${transfer}/accept`, ivo, {}))
  t.match((await send('GET', member, ivo)).json(), { owner: true, endsWhenClear: null })
  await ok(send('POST', transfer, ivo, { memberId: sued.memberId }))
  await ok(send('POST', `${transfer}/accept`, bea, {}))
  await contract('ivo-1', 2, 'closed', ivo, sued)
  t.strictSame(await ended(ivoId), [])
})
