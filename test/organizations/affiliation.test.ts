import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { inForce } from '../support/enforcement.ts'
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
const [gil, hal, ivo, jan, kim] = [await person('Gil'), await person('Hal'), await person('Ivo'), await person('Jan'), await person('Kim')]
const [lea, mia, ned, pia, rob] = [await person('Lea'), await person('Mia'), await person('Ned'), await person('Pia'), await person('Rob')]
const [max, may, moe, tom] = [await person('Max'), await person('May'), await person('Moe'), await person('Tom')]
const olga = await world.person('Olga')

const nord = await found(ada, 'agency')
const sued = await found(bea, 'agency')
const company = await found(olga)
const freelancer = [{ role: 'freelancer' }]
await join(nord, max, [{ role: 'admin' }])
await join(nord, may, [{ role: 'business_manager' }])
await join(nord, moe, [{ role: 'finance' }])

const memberUrl = (place: Place, id: string) => `${place.url}/members/${id}`
const propose = (place: Place, id: string, by: Person, affiliation = 'exclusive') =>
  send('POST', `${memberUrl(place, id)}/affiliation`, by, { affiliation })
const accept = (place: Place, id: string, by: Person, query = '') =>
  send('POST', `${memberUrl(place, id)}/affiliation/accept${query}`, by, {})
const withdraw = (place: Place, id: string, by: Person) => send('DELETE', `${memberUrl(place, id)}/affiliation`, by)
const leave = (place: Place, id: string, by: Person) => send('DELETE', memberUrl(place, id), by)
const affiliationOf = async (place: Place, id: string): Promise<string> =>
  (await ok(send('GET', memberUrl(place, id), place.owner))).json().affiliation
const agenciesOf = async (who: Person): Promise<number> =>
  (await world.sql("select from memberships where kind = 'agency' and account_id = $1", [parseId('account', who.accountId)])).length

const contract = (id: string, version: number, status: string, who: Person, agency?: Place) =>
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
const proposal = (id: string, version: number, status: string, who: Person, agency?: Place) =>
  ok(send('PUT', `/v1/proposals/${id}`, service, { version, accountId: who.accountId, status, ...(agency ? { agencyId: agency.id } : {}) }))

/** The constraint that a statement breaks. */
const constraintOf = (statement: string, values: unknown[]): Promise<string | undefined> =>
  world.sql(statement, values).then(
    () => undefined,
    (error: { constraint?: string }) => error.constraint
  )

t.test('G-2 409: an exclusive member joins no other agency in any way, until the agency releases them', async (t) => {
  const id = await join(nord, gil, freelancer, { exclusive: true })
  t.equal(await affiliationOf(nord, id), 'exclusive')
  await t.rejects(join(sued, gil, freelancer), { code: 'exclusive_elsewhere' })
  await t.rejects(join(sued, gil, [{ role: 'business_manager' }]), { code: 'exclusive_elsewhere' }, 'in whatever role')
  await t.rejects(join(sued, gil, freelancer, { exclusive: true }), { code: 'exclusive_elsewhere' })
  refused(t, await send('POST', '/v1/agencies', gil, { name: 'Studio Gil' }), 409, 'exclusive_elsewhere', 'nor founds one')
  t.equal(await agenciesOf(gil), 1)
  await join(company, gil, [{ role: 'member' }])
  t.pass('companies are another matter')

  const released = await propose(nord, id, ada, 'non_exclusive')
  t.strictSame([released.statusCode, released.json().affiliation], [200, 'non_exclusive'], 'a release counts at once')
  await join(sued, gil, freelancer)
  t.equal(await agenciesOf(gil), 2)
})

t.test('G-2 409: a member of two agencies becomes exclusive in neither, until they leave one', async (t) => {
  const [here, there] = [await join(nord, hal, freelancer), await join(sued, hal, freelancer)]
  await t.rejects(
    join(nord, cleo, freelancer, { exclusive: true }).then(() => join(sued, cleo, freelancer, { exclusive: true })),
    {
      code: 'exclusive_elsewhere'
    }
  )
  await ok(propose(nord, here, ada))
  const answer = await accept(nord, here, hal)
  refused(t, answer, 409, 'exclusive_elsewhere')
  const blocker = {
    code: 'exclusive_elsewhere',
    resource: sued.id,
    label: 'Membership in bea@example.com & Friends',
    resolve: { method: 'DELETE', href: memberUrl(sued, there) }
  }
  t.strictSame(answer.json().blockers, [blocker])
  t.strictSame((await accept(nord, here, hal, '?dryRun=true')).json(), { dryRun: true, blockers: [blocker] })
  t.equal(await affiliationOf(nord, here), 'exclusive_pending')
  t.equal(
    await constraintOf("update memberships set affiliation = 'exclusive', slots = '(,)' where id = $1", [parseId('member', here)]),
    'memberships_exclusive_elsewhere',
    'the database holds it as well'
  )
  t.equal(
    await constraintOf("update memberships set affiliation = 'exclusive' where id = $1", [parseId('member', here)]),
    'memberships_slots_of_affiliation',
    'exclusive without the whole range is nothing'
  )

  await ok(send('DELETE', blocker.resolve.href, hal))
  const done = await accept(nord, here, hal)
  t.strictSame([done.statusCode, done.json().affiliation], [200, 'exclusive'], 'the way out that the blocker named')
})

t.test('G-2 200: an owner belongs to other agencies as well, and is exclusive only if they say so', async (t) => {
  t.equal(await affiliationOf(sued, sued.memberId), 'non_exclusive')
  const guest = await join(nord, bea, freelancer)
  await ok(propose(sued, sued.memberId, bea))
  refused(t, await accept(sued, sued.memberId, bea), 409, 'exclusive_elsewhere')
  await ok(leave(nord, guest, bea))
  t.equal((await accept(sued, sued.memberId, bea)).json().affiliation, 'exclusive')
  await t.rejects(join(nord, bea, freelancer), { code: 'exclusive_elsewhere' })
  t.equal((await propose(sued, sued.memberId, bea, 'non_exclusive')).json().affiliation, 'non_exclusive')
})

t.test('G-3 200 403 404: owner and admin propose; proposing again changes nothing', async (t) => {
  const id = await join(nord, ivo, freelancer)
  for (const [who, name] of [
    [may, 'business manager'],
    [moe, 'finance'],
    [ivo, 'the member']
  ] as const) {
    const answer = await propose(nord, id, who)
    refused(t, answer, 403, 'access_denied', name)
    t.strictSame(answer.json().missingPermissions, ['affiliation.propose'], name)
  }
  refused(t, await propose(nord, id, olga), 404, 'not_found', 'nobody of the agency')
  refused(t, await propose(sued, id, bea), 404, 'not_found', 'a member of another agency')
  refused(t, await propose(nord, id, ada, 'exclusive_pending'), 400, 'invalid_input')
  refused(
    t,
    await send('POST', `${memberUrl(company, company.memberId)}/affiliation`, olga, { affiliation: 'exclusive' }),
    404,
    'not_found'
  )
  t.equal(await affiliationOf(nord, id), 'non_exclusive')

  const first = await propose(nord, id, max)
  t.strictSame([first.statusCode, first.json().affiliation], [200, 'exclusive_pending'])
  const again = await propose(nord, id, ada)
  t.strictSame([again.json(), again.headers.etag], [first.json(), first.headers.etag])
  const changes = await world.sql<{ detail: object }>(
    "select detail from audit_events where action = 'member.affiliation_changed' and resource = $1",
    [id]
  )
  t.strictSame(changes, [{ detail: { before: { affiliation: 'non_exclusive' }, after: { affiliation: 'exclusive_pending' } } }])
})

t.test('G-3 409 403: only the member accepts, only what was proposed, once', async (t) => {
  const id = await join(nord, jan, freelancer)
  refused(t, await accept(nord, id, jan), 409, 'affiliation_not_pending', 'nothing proposed')
  await ok(propose(nord, id, ada))
  for (const who of [ada, max, may]) refused(t, await accept(nord, id, who), 403, 'access_denied', who.email)
  refused(t, await accept(nord, id, olga), 404, 'not_found')
  refused(t, await accept(sued, id, bea), 404, 'not_found')

  await ok(send('POST', `${memberUrl(nord, id)}/suspension`, ada, {}))
  refused(t, await accept(nord, id, jan), 403, 'membership_suspended')
  await ok(send('DELETE', `${memberUrl(nord, id)}/suspension`, ada))
  t.equal(await affiliationOf(nord, id), 'exclusive_pending')

  const tag = await tagOf(memberUrl(nord, id), ada)
  const preview = await accept(nord, id, jan, '?dryRun=true')
  t.strictSame([preview.statusCode, preview.json()], [200, { dryRun: true, blockers: [] }])
  t.strictSame(
    [await affiliationOf(nord, id), await tagOf(memberUrl(nord, id), ada)],
    ['exclusive_pending', tag],
    'a dry run changes nothing'
  )

  const done = await accept(nord, id, jan)
  t.strictSame([done.statusCode, done.json().affiliation], [200, 'exclusive'])
  t.not(done.headers.etag, tag)
  refused(t, await accept(nord, id, jan), 409, 'affiliation_not_pending', 'a second time')
  t.equal((await propose(nord, id, ada)).json().affiliation, 'exclusive', 'proposing it to an exclusive member changes nothing')
})

t.test('G-3 409: independent contracts and open proposals come first; the refusal lists every one, a dry run too', async (t) => {
  const id = await join(nord, kim, freelancer)
  await contract('own-1', 1, 'active', kim)
  await contract('own-2', 1, 'closed', kim)
  await contract('agency-1', 1, 'active', kim, nord)
  await proposal('own-3', 1, 'open', kim)
  await proposal('own-4', 1, 'archived', kim)
  await proposal('own-5', 1, 'withdrawn', kim)
  await proposal('own-6', 1, 'closed', kim)
  await proposal('agency-2', 1, 'open', kim, nord)
  await proposal('others-1', 1, 'open', jan, nord)
  await ok(propose(nord, id, ada))

  const answer = await accept(nord, id, kim)
  refused(t, answer, 409, 'independent_work_active')
  const blockers = [
    ['own-1', 'Contract own-1 (active)', 'contracts'],
    ['own-3', 'Proposal own-3 (open)', 'proposals'],
    ['own-4', 'Proposal own-4 (archived)', 'proposals']
  ].map(([resource, label, name]) => ({ code: 'independent_work_active', resource, label, resolve: { service: name } }))
  t.strictSame(answer.json().blockers, blockers)
  t.strictSame((await accept(nord, id, kim, '?dryRun=true')).json(), { dryRun: true, blockers })
  t.equal(await affiliationOf(nord, id), 'exclusive_pending')
  t.equal(
    await constraintOf("update memberships set affiliation = 'exclusive', slots = '(,)' where id = $1", [parseId('member', id)]),
    'memberships_independent_work',
    'the database holds it as well'
  )

  await contract('own-1', 2, 'closed', kim)
  await proposal('own-3', 2, 'withdrawn', kim)
  refused(t, await accept(nord, id, kim), 409, 'independent_work_active', 'one is left')
  await proposal('own-4', 2, 'closed', kim)
  t.equal((await accept(nord, id, kim)).json().affiliation, 'exclusive', 'work through the agency goes on')
})

t.test('G-3 409: who comes as an exclusive member has no independent work either', async (t) => {
  await proposal('own-7', 1, 'archived', lea)
  await t.rejects(join(nord, lea, freelancer, { exclusive: true }), {
    code: 'independent_work_active',
    options: { extensions: { blockers: [{ resource: 'own-7' }] } }
  })
  t.equal(await agenciesOf(lea), 0)
  await join(nord, lea, freelancer)
  t.equal(await agenciesOf(lea), 1)
})

t.test('G-3 204 403 409: a proposal is taken back by who may propose, or turned down by the member', async (t) => {
  const id = await join(nord, mia, freelancer)
  refused(t, await withdraw(nord, id, ada), 409, 'affiliation_not_pending', 'nothing proposed')
  for (const [by, name] of [
    [ada, 'the owner'],
    [max, 'an admin'],
    [mia, 'the member']
  ] as const) {
    await ok(propose(nord, id, ada))
    for (const other of [may, moe]) refused(t, await withdraw(nord, id, other), 403, 'access_denied', other.email)
    refused(t, await withdraw(nord, id, olga), 404, 'not_found')
    t.equal((await withdraw(nord, id, by)).statusCode, 204, name)
    t.equal(await affiliationOf(nord, id), 'non_exclusive', name)
    refused(t, await accept(nord, id, mia), 409, 'affiliation_not_pending', 'too late')
  }
  await ok(propose(nord, id, ada))
  t.equal((await propose(nord, id, max, 'non_exclusive')).json().affiliation, 'non_exclusive', 'or by proposing the contrary')
})

t.test('G-3 200 409: an exclusive member is released by the agency, not by taking a proposal back', async (t) => {
  const id = await join(nord, ned, freelancer, { exclusive: true })
  refused(t, await withdraw(nord, id, ned), 409, 'affiliation_not_pending')
  refused(t, await withdraw(nord, id, ada), 409, 'affiliation_not_pending')
  refused(t, await propose(nord, id, ned, 'non_exclusive'), 403, 'access_denied')
  refused(t, await propose(nord, id, may, 'non_exclusive'), 403, 'access_denied')
  t.equal(await affiliationOf(nord, id), 'exclusive')
  t.equal((await propose(nord, id, max, 'non_exclusive')).json().affiliation, 'non_exclusive')
  await proposal('own-8', 1, 'open', ned)
  await ok(propose(nord, id, ada))
  refused(t, await accept(nord, id, ned), 409, 'independent_work_active', 'the way back meets the same conditions')
})

t.test('G-2 G-3: an exclusive member submits no proposals of their own, others do', async (t) => {
  const id = await join(nord, rob, freelancer)
  const held = async () =>
    (await ok(send('GET', `${memberUrl(nord, id)}/permissions`, rob))).json().organization.map(({ key }: { key: string }) => key)
  t.ok((await held()).includes('proposal.submit_independent'))
  await ok(propose(nord, id, ada))
  t.ok((await held()).includes('proposal.submit_independent'), 'a proposal of exclusive work takes nothing away')
  await ok(accept(nord, id, rob))
  const after = await held()
  t.notOk(after.includes('proposal.submit_independent'))
  t.ok(after.includes('proposal.submit_own'), 'through the agency they do')
})

t.test('G-7 204: profile and history stay with who leaves, and the way to other agencies is open', async (t) => {
  const id = await join(nord, pia, freelancer, { exclusive: true })
  await contract('past-1', 1, 'closed', pia, nord)
  const seen = async () => {
    const { headers, body } = await ok(send('GET', '/v1/me/profiles/freelancer', pia))
    return [headers.etag, body]
  }
  const before = await seen()
  t.equal((await leave(nord, id, pia)).statusCode, 204)
  t.strictSame(await seen(), before, 'the profile is untouched')
  refused(t, await send('GET', nord.url, pia), 404, 'not_found')
  t.match(
    await world.sql('select id, affiliation, reason, ended_by_kind from ended_memberships where account_id = $1', [
      parseId('account', pia.accountId)
    ]),
    [{ id: parseId('member', id), affiliation: 'exclusive', reason: 'left', ended_by_kind: 'account' }]
  )
  t.strictSame(await world.sql('select agency_id from contracts where id = $1', ['past-1']), [{ agency_id: parseId('agency', nord.id) }])
  const again = await join(sued, pia, freelancer)
  await join(nord, pia, freelancer)
  t.not(again, id, 'joining again makes a new membership')
})

t.test('G-7: suspending an agency suspends none of its members', async (t) => {
  const place = await found(tom, 'agency')
  const id = await join(place, moe, freelancer)
  await world.sql(`update organizations set ${inForce('suspended')} where id = $1`, [parseId('agency', place.id)])
  t.match((await send('GET', '/v1/me', moe)).json(), { status: 'active', enforcement: 'none' })
  t.equal((await send('GET', memberUrl(place, id), moe)).json().status, 'active')
  t.equal((await send('GET', '/v1/me/profiles/freelancer', moe)).statusCode, 200)
  t.equal((await send('GET', nord.url, moe)).statusCode, 200, 'their other agency')
  refused(t, await propose(place, id, tom), 403, 'organization_suspended')
  t.equal((await leave(place, id, moe)).statusCode, 204)
})
