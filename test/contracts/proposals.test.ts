import { randomUUID } from 'node:crypto'
import t from 'tap'
import { parseId, publicId } from '../../src/http/ids.ts'
import { contractServices } from '../support/contracts.ts'
import { organizations } from '../support/organizations.ts'
import { problemFault, refused } from '../support/problems.ts'
import { openWorld, registration } from '../support/world.ts'

const world = await openWorld(t)
const { send, found, join, freelance } = organizations(world)
const { contracts, putProposal, eventsOf } = await contractServices(world)

const otto = await world.person('Otto')
const berta = await world.person('Berta')
const finn = await world.person('Finn')
const fay = await world.person('Fay')
for (const person of [otto, berta, finn, fay]) await freelance(person)
const nord = await found(otto, 'agency')
const west = await found(berta, 'agency')
const finnId = await join(nord, finn, [{ role: 'freelancer' }])
const fayId = await join(nord, fay, [{ role: 'freelancer' }])
await world.post('/v1/accounts', { ...registration, email: 'nora@example.com' })
const [nora] = await world.sql<{ id: string }>(`select account_id as id from emails where canonical = 'nora@example.com'`)

const own = { version: 1, accountId: otto.accountId, status: 'open' }
const kept = (id: string) =>
  world.sql('select p::text, (select count(*)::int from events e where e.subject = p.id) as events from proposals p where id = $1', [id])

t.test('K-5 200: a proposal is told and changed by rising versions', async (t) => {
  const answer = await putProposal('p:1.a-b_c', own)
  t.equal(answer.statusCode, 200)
  t.strictSame(answer.json(), {
    applied: true,
    proposal: { id: 'p:1.a-b_c', version: 1, accountId: otto.accountId, agencyId: null, status: 'open' }
  })
  for (const [version, status, agencyId] of [
    [3, 'archived', nord.id],
    [4, 'withdrawn', west.id],
    [9, 'closed', undefined]
  ] as const) {
    const next = await putProposal('p:1.a-b_c', { ...own, version, status, agencyId })
    t.strictSame(next.json(), {
      applied: true,
      proposal: { id: 'p:1.a-b_c', version, accountId: otto.accountId, agencyId: agencyId ?? null, status }
    })
  }
  t.strictSame(await eventsOf('p:1.a-b_c'), ['proposal.added', ...Array(3).fill('proposal.updated')])
})

t.test('K-5 200: an older version is not applied, and the same one twice is the same', async (t) => {
  const update = { version: 5, accountId: otto.accountId, agencyId: nord.id, status: 'open' }
  await putProposal('twice', update)
  const before = await kept('twice')
  for (const again of [update, Object.fromEntries(Object.entries(update).reverse())]) {
    t.match((await putProposal('twice', again)).json(), { applied: true, proposal: { version: 5, status: 'open' } })
  }
  for (const older of [
    { ...update, version: 4 },
    { ...update, version: 1, status: 'closed' },
    { ...own, version: 4, accountId: berta.accountId }
  ]) {
    const answer = await putProposal('twice', older)
    t.match(answer.json(), { applied: false, proposal: { version: 5, status: 'open', agencyId: nord.id, accountId: otto.accountId } })
  }
  t.strictSame(await kept('twice'), before)
})

t.test('K-5 409: the same version with another body is refused, whatever differs', async (t) => {
  const update = { version: 5, accountId: otto.accountId, agencyId: nord.id, status: 'open' }
  await putProposal('conflict', update)
  const before = await kept('conflict')
  for (const [what, other] of Object.entries({
    status: { ...update, status: 'archived' },
    account: { ...update, accountId: berta.accountId },
    agency: { ...update, agencyId: west.id },
    independent: { ...own, version: 5 }
  })) {
    refused(t, await putProposal('conflict', other), 409, 'version_conflict', what)
  }
  t.strictSame(await kept('conflict'), before)
})

t.test('422: what is named must be known', async (t) => {
  for (const [property, fields] of [
    ['accountId', { accountId: publicId('account', randomUUID()) }],
    ['accountId', { accountId: publicId('account', nora!.id) }],
    ['accountId', { accountId: 'otto' }],
    ['accountId', { accountId: finnId }],
    ['agencyId', { agencyId: publicId('agency', randomUUID()) }],
    ['agencyId', { agencyId: publicId('company', parseId('agency', nord.id)!) }],
    ['agencyId', { agencyId: 'nord' }]
  ] as const) {
    const answer = await putProposal('unknown', { ...own, ...fields })
    refused(t, answer, 422, 'unknown_reference', `${property} ${JSON.stringify(fields)}`)
    t.match(answer.json().detail, `\`${property}\``)
  }
  t.strictSame(await kept('unknown'), [])
})

t.test('400: what is no proposal is refused, place by place', async (t) => {
  for (const [fields, pointer] of [
    [{ version: 0 }, '/version'],
    [{ version: 1.5 }, '/version'],
    [{ version: 2 ** 53 }, '/version'],
    [{ status: 'active' }, '/status'],
    [{ status: undefined }, '/status'],
    [{ accountId: undefined }, '/accountId'],
    [{ agencyId: null }, '/agencyId'],
    [{ title: 'Maps' }, '/title']
  ] as const) {
    const answer = await putProposal('wrong', { ...own, ...fields })
    t.equal(problemFault(answer, 'invalid_input'), undefined)
    t.match(answer.json(), { errors: [{ pointer }] }, JSON.stringify(fields))
  }
  for (const id of ['a%20b', '%C3%BC', 'a%2Fb', 'x'.repeat(65)]) refused(t, await putProposal(id, own), 400, 'invalid_input', id)
  t.equal((await putProposal('x'.repeat(64), own)).statusCode, 200)
})

t.test('401 403: only the proposal service tells of proposals', async (t) => {
  const url = '/v1/proposals/mine'
  const answer = await send('PUT', url, contracts, own)
  refused(t, answer, 403, 'access_denied')
  t.strictSame(answer.json().missingPermissions, ['proposals.write'])
  for (const by of [otto, { headers: {} }, { headers: { authorization: 'Bearer x.y.z' } }, await world.operator()]) {
    refused(t, await send('PUT', url, by, own), 401, 'not_signed_in')
  }
  t.strictSame(await kept('mine'), [])
})

t.test('G-4 409: open and archived proposals keep a member in the agency, until they end there', async (t) => {
  const url = `${nord.url}/members/${finnId}`
  const proposal = { accountId: finn.accountId, agencyId: nord.id }
  await putProposal('n-open', { ...proposal, version: 1, status: 'open' })
  await putProposal('n-archived', { ...proposal, version: 1, status: 'archived' })
  await putProposal('n-closed', { ...proposal, version: 1, status: 'closed' })
  await putProposal('n-independent', { version: 1, accountId: finn.accountId, status: 'open' })
  await putProposal('n-west', { ...proposal, version: 1, agencyId: west.id, status: 'open' })
  const leave = () => send('DELETE', url, finn)
  const answer = await leave()
  refused(t, answer, 409, 'active_agency_work')
  t.match(answer.json().blockers, [
    { code: 'active_agency_work', resource: 'n-archived', resolve: { service: 'proposals' } },
    { code: 'active_agency_work', resource: 'n-open', resolve: { service: 'proposals' } }
  ])
  t.equal(answer.json().blockers.length, 2)
  await putProposal('n-archived', { ...proposal, version: 2, status: 'withdrawn' })
  refused(t, await leave(), 409, 'active_agency_work', 'one is open')
  await putProposal('n-open', { version: 2, accountId: finn.accountId, status: 'open' })
  t.equal((await leave()).statusCode, 204, 'what is no longer through the agency is no matter')
})

t.test('G-4: a scheduled leave comes with the end of the last proposal', async (t) => {
  const url = `${nord.url}/members/${fayId}`
  const proposal = { accountId: fay.accountId, agencyId: nord.id }
  for (const id of ['f-1', 'f-2', 'f-3']) await putProposal(id, { ...proposal, version: 1, status: 'open' })
  t.equal((await send('DELETE', `${url}?whenClear=true`, fay)).statusCode, 202)
  await putProposal('f-1', { ...proposal, version: 2, status: 'closed' })
  await putProposal('f-2', { ...proposal, version: 2, agencyId: west.id, status: 'open' })
  t.match((await send('GET', url, otto)).json(), { endsWhenClear: 'left' }, 'one is left')
  t.match((await putProposal('f-3', { version: 2, accountId: berta.accountId, agencyId: nord.id, status: 'open' })).json(), {
    applied: true
  })
  refused(t, await send('GET', url, otto), 404, 'not_found', 'also when it turns out to be of somebody else')
})

t.test('K-5: a proposal that leaves an agency is in that agency’s history, and told once', async (t) => {
  const proposal = { accountId: berta.accountId, status: 'open' }
  await putProposal('moving', { ...proposal, version: 1, agencyId: nord.id })
  await putProposal('moving', { ...proposal, version: 2, agencyId: west.id })
  await putProposal('moving', { ...proposal, version: 3 })
  const history = async (place: { url: string }, by: { headers: object }) => {
    const { items } = (await send('GET', `${place.url}/audit?resource=moving`, by)).json()
    return items.map(({ action, before, after }: { action: string; before: { version: number } | null; after: { version: number } }) => [
      action,
      before?.version,
      after.version
    ])
  }
  const updated = 'proposal.updated'
  t.strictSame(await history(nord, otto), [
    [updated, 1, 2],
    ['proposal.added', undefined, 1]
  ])
  t.strictSame(await history(west, berta), [
    [updated, 2, 3],
    [updated, 1, 2]
  ])
  t.strictSame(await eventsOf('moving'), ['proposal.added', updated, updated])
})
