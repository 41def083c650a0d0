import { randomUUID } from 'node:crypto'
import t from 'tap'
import { parseId, publicId } from '../../src/http/ids.ts'
import { contractServices, type Update } from '../support/contracts.ts'
import { inForce } from '../support/enforcement.ts'
import { meanwhile } from '../support/locks.ts'
import { organizations } from '../support/organizations.ts'
import { problemFault, refused } from '../support/problems.ts'
import { openWorld, type Person, registration } from '../support/world.ts'

const world = await openWorld(t)
const { send, ok, found, join, team, freelance } = organizations(world)
const { put, first, add, eventsOf } = await contractServices(world)

const names = ['Olga', 'Hugo', 'Hanna', 'Tara', 'Rex', 'Sven', 'Cora', 'Stan', 'Finn', 'Berta'] as const
const people = {} as Record<(typeof names)[number], Person>
for (const name of names) people[name] = await world.person(name)
const { Olga, Hugo, Hanna, Tara, Rex, Sven, Cora, Stan, Finn, Berta } = people

const acme = await found(Olga)
const design = await team(acme, 'Design')
const print = await team(acme, 'Print')
const hidden = await team(acme, 'Old')
const other = await found(Stan)
const agency = await (async () => {
  await freelance(Berta)
  return found(Berta, 'agency')
})()
await ok(
  send('POST', `${acme.url}/roles`, Olga, {
    key: 'contact',
    name: 'Contact',
    description: 'Answers for contracts.',
    permissions: ['contract.contact']
  })
)
const member: Record<string, string> = {
  Olga: acme.memberId,
  Hugo: await join(acme, Hugo, [{ role: 'hiring_manager' }]),
  Hanna: await join(acme, Hanna, [{ role: 'hiring_manager', teamId: design }]),
  Tara: await join(acme, Tara, [{ role: 'hiring_manager', teamId: print }]),
  Rex: await join(acme, Rex, [{ role: 'recruiter' }, { role: 'admin' }]),
  Sven: await join(acme, Sven, [{ role: 'hiring_manager' }]),
  Cora: await join(acme, Cora, [{ role: 'contact', teamId: design }])
}
await ok(send('POST', `${acme.url}/members/${member.Sven}/suspension`, Olga, {}))
await ok(
  world.inject({
    method: 'PATCH',
    url: `${acme.url}/teams/${hidden}`,
    headers: { ...Olga.headers, 'if-match': '"1"' },
    payload: { hidden: true }
  })
)
const closed = await found(Olga)
await ok(send('POST', `${closed.url}/closure`, Olga, {}))
await world.post('/v1/accounts', { ...registration, email: 'nora@example.com' })
const [nora] = await world.sql<{ id: string }>(`select account_id as id from emails where canonical = 'nora@example.com'`)

const inDesign = (more: Partial<Update> = {}) => first(acme, Hugo, Finn, { teamId: design, ...more })
const kept = (id: string) =>
  world.sql('select c::text, (select count(*)::int from events e where e.subject = c.id) as events from contracts c where id = $1', [id])

t.test('K-5 200: the first version makes the contract known, and a higher one changes it', async (t) => {
  const answer = await put(
    'first:1.a-b_c',
    inDesign({ version: 4, agencyId: agency.id, businessManagerAccountId: Berta.accountId, contactRevision: 9 })
  )
  t.equal(answer.statusCode, 200)
  const contract = {
    id: 'first:1.a-b_c',
    version: 4,
    companyId: acme.id,
    teamId: design,
    contactAccountId: Hugo.accountId,
    contactMemberId: member.Hugo,
    contactRevision: 1,
    freelancerAccountId: Finn.accountId,
    agencyId: agency.id,
    businessManagerAccountId: Berta.accountId,
    status: 'active'
  }
  t.strictSame(answer.json(), { applied: true, contract })
  t.ok(answer.headers['consistency-token'])
  t.strictSame(await eventsOf('first:1.a-b_c'), ['contract.added'])

  const next = await put('first:1.a-b_c', first(acme, Hugo, Berta, { version: 7 }))
  t.strictSame(next.json(), {
    applied: true,
    contract: {
      ...contract,
      version: 7,
      teamId: acme.defaultTeamId,
      freelancerAccountId: Berta.accountId,
      agencyId: null,
      businessManagerAccountId: null
    }
  })
  t.strictSame(await eventsOf('first:1.a-b_c'), ['contract.added', 'contract.updated'])
  const [audit] = await world.sql<{ detail: object; actor_kind: string }>(
    `select detail, actor_kind from audit_events where resource = 'first:1.a-b_c' order by sequence desc limit 1`
  )
  t.match(audit, { actor_kind: 'service', detail: { before: { version: 4, teamId: design }, after: { version: 7 } } })
})

t.test('K-5 200: an older version is not applied, whatever it says', async (t) => {
  await add('older', acme, Hugo, Finn, { version: 5, teamId: design })
  const before = await kept('older')
  for (const update of [
    inDesign({ version: 4 }),
    inDesign({ version: 1, status: 'closed' }),
    inDesign({ version: 4, contactAccountId: Hanna.accountId, contactRevision: 1 }),
    inDesign({ version: 4, contactAccountId: Stan.accountId }),
    inDesign({ version: 4, teamId: hidden }),
    inDesign({ version: 4, contactRevision: 7 })
  ]) {
    const answer = await put('older', update)
    t.equal(answer.statusCode, 200)
    t.match(answer.json(), { applied: false, contract: { version: 5, status: 'active', contactMemberId: member.Hugo, teamId: design } })
  }
  t.strictSame(await kept('older'), before)
})

t.test('K-5 200: the same version with the same body is the same, in whatever order its properties come', async (t) => {
  const update = await add('same', acme, Hugo, Finn, { teamId: design, version: 2, businessManagerAccountId: Berta.accountId })
  const before = await kept('same')
  for (const again of [update, Object.fromEntries(Object.entries(update).reverse())]) {
    const answer = await put('same', again)
    t.match(answer.json(), { applied: true, contract: { version: 2, contactMemberId: member.Hugo } })
    t.ok(answer.headers['consistency-token'])
  }
  t.strictSame(await kept('same'), before, 'nothing is written, nothing told')

  // Also when the contact has been changed since, or could not be it any more: it was applied then.
  await ok(put('same', { ...update, version: 3, contactAccountId: Hanna.accountId, contactRevision: 1 }))
  const late = await put('same', { ...update, version: 3, contactAccountId: Hanna.accountId, contactRevision: 1 })
  t.match(late.json(), { applied: true, contract: { contactMemberId: member.Hanna, contactRevision: 2 } })
})

t.test('K-5 409: the same version with another body is refused, whatever differs', async (t) => {
  const update = await add('conflict', acme, Hugo, Finn, { teamId: design, version: 2, agencyId: agency.id })
  const before = await kept('conflict')
  const { agencyId: _, ...independent } = update
  for (const [what, other] of Object.entries({
    team: { ...update, teamId: print },
    contact: { ...update, contactAccountId: Hanna.accountId },
    revision: { ...update, contactRevision: 1 },
    freelancer: { ...update, freelancerAccountId: Berta.accountId },
    status: { ...update, status: 'closed' },
    manager: { ...update, businessManagerAccountId: Berta.accountId },
    agency: independent
  })) {
    refused(t, await put('conflict', other), 409, 'version_conflict', what)
  }
  t.strictSame(await kept('conflict'), before)
})

t.test('K-5 200: without contactRevision the contact is left alone', async (t) => {
  await add('alone', acme, Hugo, Finn, { teamId: design })
  for (const [version, contact] of [
    [2, Hanna],
    [3, Stan]
  ] as const) {
    const answer = await put('alone', inDesign({ version, contactAccountId: contact.accountId }))
    t.match(answer.json(), {
      applied: true,
      contract: { version, contactAccountId: Hugo.accountId, contactMemberId: member.Hugo, contactRevision: 1 }
    })
  }
  t.strictSame(await eventsOf('alone'), ['contract.added', 'contract.updated', 'contract.updated'])
})

t.test('K-5 200: with the current contactRevision the contact changes, and others are told', async (t) => {
  await add('moved', acme, Hugo, Finn, { teamId: design })
  const changed = await put('moved', inDesign({ version: 2, contactAccountId: Hanna.accountId, contactRevision: 1 }))
  t.match(changed.json(), {
    applied: true,
    contract: { version: 2, contactAccountId: Hanna.accountId, contactMemberId: member.Hanna, contactRevision: 2 }
  })
  t.strictSame(await eventsOf('moved'), ['contract.added', 'contract.updated', 'contract.contact_changed'])
  const [event] = await world.sql<{ before: object; after: object; organization_id: string }>(
    `select before, after, organization_id from events where subject = 'moved' and type = 'contract.contact_changed'`
  )
  t.match(event, {
    before: { contactAccountId: Hugo.accountId },
    after: { contactAccountId: Hanna.accountId },
    organization_id: parseId('company', acme.id)
  })
  const same = await put('moved', inDesign({ version: 3, contactAccountId: Hanna.accountId, contactRevision: 2 }))
  t.match(same.json(), { contract: { version: 3, contactRevision: 2 } }, 'naming the one who is it changes nothing')
  t.equal((await eventsOf('moved')).filter((type) => type === 'contract.contact_changed').length, 1)
})

t.test('K-5 409: a stale contactRevision is refused with the current contact', async (t) => {
  await add('stale', acme, Hugo, Finn, { teamId: design })
  await ok(put('stale', inDesign({ version: 2, contactAccountId: Hanna.accountId, contactRevision: 1 })))
  const before = await kept('stale')
  for (const contactRevision of [1, 3]) {
    for (const status of ['active', 'closed'] as const) {
      const answer = await put('stale', inDesign({ version: 3, contactAccountId: Hugo.accountId, contactRevision, status }))
      refused(t, answer, 409, 'contact_changed', `${contactRevision} ${status}`)
      t.strictSame(answer.json().currentContact, { memberId: member.Hanna, accountId: Hanna.accountId, contactRevision: 2 })
    }
  }
  t.strictSame(await kept('stale'), before)
  t.match((await put('stale', inDesign({ version: 3, contactAccountId: Hugo.accountId, contactRevision: 2 }))).json(), {
    contract: { contactMemberId: member.Hugo, contactRevision: 3 }
  })
})

t.test('K-5: a change of the contact that an update waits for is not lost', async (t) => {
  await add('raced', acme, Hugo, Finn, { teamId: design })
  const change = `with company as (update organizations set version = version + 1 where id = $1)
    update contracts set contact_membership_id = $2, contact_account_id = $3, contact_revision = contact_revision + 1 where id = 'raced'`
  const to = (name: 'Hugo' | 'Hanna') => [
    parseId('company', acme.id),
    parseId('member', member[name]!),
    parseId('account', people[name].accountId)
  ]
  const left = await meanwhile(world, change, to('Hanna'), () => put('raced', inDesign({ version: 2 })))
  t.match(left.json(), { applied: true, contract: { version: 2, contactMemberId: member.Hanna, contactRevision: 2 } })
  const late = await meanwhile(world, change, to('Hugo'), () =>
    put('raced', inDesign({ version: 3, contactAccountId: Olga.accountId, contactRevision: 2 }))
  )
  refused(t, late, 409, 'contact_changed')
  t.match(late.json().currentContact, { memberId: member.Hugo, contactRevision: 3 })
})

t.test('K-5 200: a contract is closed and opened again, with the contact it had', async (t) => {
  await add('reopened', acme, Hugo, Finn, { teamId: design })
  const shut = await put('reopened', inDesign({ version: 2, status: 'closed' }))
  t.match(shut.json(), {
    applied: true,
    contract: { status: 'closed', contactAccountId: Hugo.accountId, contactMemberId: null, contactRevision: 1 }
  })
  const open = await put('reopened', inDesign({ version: 3, contactAccountId: Hanna.accountId }))
  t.match(open.json(), {
    applied: true,
    contract: { status: 'active', contactAccountId: Hugo.accountId, contactMemberId: member.Hugo, contactRevision: 1 }
  })
  t.strictSame(await eventsOf('reopened'), ['contract.added', 'contract.updated', 'contract.updated'])
})

t.test('K-2 K-5: who is contact is asked only while the contract is active', async (t) => {
  const done = await put('closed-first', inDesign({ contactAccountId: Stan.accountId, status: 'closed' }))
  t.match(done.json(), { applied: true, contract: { status: 'closed', contactAccountId: Stan.accountId, contactMemberId: null } })
  const inClosed = first(closed, Stan, Finn, { status: 'closed' })
  t.match((await put('of-closed-company', inClosed)).json(), { applied: true })
  t.match((await put('in-hidden', inDesign({ teamId: hidden, status: 'closed' }))).json(), { applied: true })

  const stale = await put('closed-first', inDesign({ version: 2 }))
  refused(t, stale, 422, 'not_eligible_contact', 'opening it keeps the contact, who cannot be it')
  const opened = await put('closed-first', inDesign({ version: 2, contactRevision: 1 }))
  t.match(opened.json(), { applied: true, contract: { contactMemberId: member.Hugo, contactRevision: 2 } })
  t.strictSame(await eventsOf('closed-first'), ['contract.added', 'contract.updated', 'contract.contact_changed'])
})

t.test('K-2 422: only an active member who may be contact in the team becomes it', async (t) => {
  await add('eligible', acme, Hugo, Finn, { teamId: design })
  const before = await kept('eligible')
  const not: Array<[string, Partial<Update>]> = [
    ['a stranger', { contactAccountId: Stan.accountId }],
    ['the freelancer', { contactAccountId: Finn.accountId }],
    ['a member without the right', { contactAccountId: Rex.accountId }],
    ['a hiring manager of another team', { contactAccountId: Tara.accountId }],
    ['a hiring manager of one team, in the default team', { contactAccountId: Hanna.accountId, teamId: acme.defaultTeamId }],
    ['a suspended member', { contactAccountId: Sven.accountId }],
    ['a custom role of another team', { contactAccountId: Cora.accountId, teamId: print }]
  ]
  for (const [who, update] of not) {
    refused(t, await put(randomUUID(), inDesign(update)), 422, 'not_eligible_contact', `first: ${who}`)
    refused(t, await put('eligible', inDesign({ version: 2, contactRevision: 1, ...update })), 422, 'not_eligible_contact', who)
  }
  t.strictSame(await kept('eligible'), before)

  for (const [who, update] of [
    ['the owner', { contactAccountId: Olga.accountId }],
    ['a hiring manager of the team', { contactAccountId: Hanna.accountId }],
    ['a custom role with the right', { contactAccountId: Cora.accountId }],
    ['a hiring manager of the company', { contactAccountId: Hugo.accountId, teamId: print }]
  ] as Array<[string, Partial<Update>]>) {
    t.match((await put(randomUUID(), inDesign(update))).json(), { applied: true, contract: { contactRevision: 1 } }, who)
  }
})

t.test('K-2 422: an active contract does not move to a team where its contact cannot be it', async (t) => {
  await add('team', acme, Hanna, Finn, { teamId: design })
  refused(t, await put('team', inDesign({ version: 2, teamId: print })), 422, 'not_eligible_contact')
  const both = await put('team', inDesign({ version: 2, teamId: print, contactAccountId: Tara.accountId, contactRevision: 1 }))
  t.match(both.json(), { contract: { teamId: print, contactMemberId: member.Tara, contactRevision: 2 } })
})

t.test('K-2 409: active contracts lie neither in hidden teams nor in closed companies', async (t) => {
  refused(t, await put('hidden', inDesign({ teamId: hidden })), 409, 'team_hidden')
  refused(t, await put('closed', first(closed, Olga, Finn)), 409, 'organization_closed')
  t.strictSame(await world.sql(`select from contracts where id in ('hidden', 'closed')`), [])
})

t.test('K-2 200: enforcement on the account does not move its contracts', async (t) => {
  await add('enforced', acme, Hugo, Finn, { teamId: design })
  for (const [version, enforcement] of [
    [2, 'restricted'],
    [3, 'suspended'],
    [4, 'banned']
  ] as const) {
    await world.sql(`update accounts set ${inForce(enforcement)} where id = $1`, [parseId('account', Hugo.accountId)])
    const answer = await put('enforced', inDesign({ version }))
    t.match(answer.json(), { applied: true, contract: { version, contactMemberId: member.Hugo, contactRevision: 1 } }, enforcement)
  }
  await world.sql(`update accounts set ${inForce('none')} where id = $1`, [parseId('account', Hugo.accountId)])
})

t.test('422: what is named must be known', async (t) => {
  await add('known', acme, Hugo, Finn, { teamId: design })
  const before = await kept('known')
  const nobody = publicId('account', randomUUID())
  const unknown: Array<[string, object]> = [
    ['companyId', { companyId: publicId('company', randomUUID()) }],
    ['companyId', { companyId: agency.id }],
    ['companyId', { companyId: 'acme' }],
    ['companyId', { companyId: publicId('company', parseId('agency', agency.id)!) }],
    ['companyId', { companyId: other.id, teamId: other.defaultTeamId, contactAccountId: Stan.accountId, contactRevision: 1 }],
    ['teamId', { teamId: acme.id }],
    ['contactAccountId', { contactAccountId: nobody, contactRevision: 1 }],
    ['contactAccountId', { contactAccountId: member.Hugo }],
    ['freelancerAccountId', { freelancerAccountId: nobody }],
    ['freelancerAccountId', { freelancerAccountId: publicId('account', nora!.id) }],
    ['agencyId', { agencyId: publicId('agency', randomUUID()) }],
    ['agencyId', { agencyId: publicId('agency', parseId('company', acme.id)!) }],
    ['agencyId', { agencyId: acme.id }],
    ['businessManagerAccountId', { businessManagerAccountId: nobody }]
  ]
  for (const [property, fields] of unknown) {
    const answer = await put('known', { ...inDesign({ version: 2 }), ...fields })
    refused(t, answer, 422, 'unknown_reference', `${property} ${JSON.stringify(fields)}`)
    t.match(answer.json().detail, `\`${property}\``)
  }
  for (const teamId of [other.defaultTeamId, publicId('team', randomUUID())]) {
    refused(t, await put('known', inDesign({ version: 2, teamId })), 422, 'unknown_team')
  }
  t.strictSame(await kept('known'), before)
})

t.test('400: what is no contract is refused, place by place', async (t) => {
  const wrong: Array<[object, string]> = [
    [{ version: 0 }, '/version'],
    [{ version: 1.5 }, '/version'],
    [{ version: '2' }, '/version'],
    [{ version: 2 ** 53 }, '/version'],
    [{ contactRevision: 0 }, '/contactRevision'],
    [{ contactRevision: null }, '/contactRevision'],
    [{ status: 'paused' }, '/status'],
    [{ teamId: undefined }, '/teamId'],
    [{ contactAccountId: '' }, '/contactAccountId'],
    [{ agencyId: null }, '/agencyId'],
    [{ contactMemberId: 'x' }, '/contactMemberId']
  ]
  for (const [fields, pointer] of wrong) {
    const answer = await put('wrong', { ...inDesign(), ...fields })
    t.equal(problemFault(answer, 'invalid_input'), undefined)
    t.match(answer.json(), { errors: [{ pointer }] }, JSON.stringify(fields))
  }
  for (const id of ['a%20b', '%C3%BC', 'a%2Fb', 'x'.repeat(65), '%00']) {
    refused(t, await put(id, inDesign()), 400, 'invalid_input', id)
  }
  const largest = await put('x'.repeat(64), inDesign({ version: Number.MAX_SAFE_INTEGER }))
  t.match(largest.json(), { applied: true, contract: { version: Number.MAX_SAFE_INTEGER } }, 'the largest of all is taken')
  t.match((await put('x'.repeat(64), inDesign({ version: Number.MAX_SAFE_INTEGER - 1 }))).json(), { applied: false })
})

t.test('401 403: only the contract service tells of contracts', async (t) => {
  const wrongScope = await world.service('others', ['proposals.write', 'access.evaluate'])
  const url = '/v1/contracts/mine'
  const answer = await send('PUT', url, wrongScope, inDesign())
  refused(t, answer, 403, 'access_denied')
  t.strictSame(answer.json().missingPermissions, ['contracts.write'])
  for (const by of [Olga, { headers: {} }, { headers: { authorization: 'Bearer x.y.z' } }, await world.operator()]) {
    refused(t, await send('PUT', url, by, inDesign()), 401, 'not_signed_in')
  }
  t.strictSame(await world.sql(`select from contracts where id = 'mine'`), [])
})
