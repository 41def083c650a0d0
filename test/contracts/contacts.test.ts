import { randomUUID } from 'node:crypto'
import t from 'tap'
import { parseId, publicId } from '../../src/http/ids.ts'
import { contractServices } from '../support/contracts.ts'
import { inForce } from '../support/enforcement.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { send, ok, found, join, team } = organizations(world)
const { contracts: service, put, first, add, stored, eventsOf } = await contractServices(world)

const names = ['Olga', 'Hugo', 'Hanna', 'Tara', 'Ada', 'Adam', 'Rex', 'Mia', 'Sven', 'Cora', 'Stan', 'Finn', 'Vera'] as const
const people = {} as Record<(typeof names)[number], Person>
for (const name of names) people[name] = await world.person(name)
const { Olga, Hugo, Hanna, Tara, Ada, Adam, Rex, Mia, Sven, Cora, Stan, Finn, Vera } = people

const acme = await found(Olga)
const design = await team(acme, 'Design')
const print = await team(acme, 'Print')
for (const [key, permissions] of [
  ['contact', ['contract.contact']],
  ['changer', ['contract.contact.change']]
] as const) {
  await ok(send('POST', `${acme.url}/roles`, Olga, { key, name: key, description: key, permissions }))
}
const member: Record<string, string> = {
  Olga: acme.memberId,
  Hugo: await join(acme, Hugo, [{ role: 'hiring_manager' }]),
  Hanna: await join(acme, Hanna, [{ role: 'hiring_manager', teamId: design }]),
  Tara: await join(acme, Tara, [{ role: 'hiring_manager', teamId: print }]),
  Ada: await join(acme, Ada, [{ role: 'admin' }]),
  Adam: await join(acme, Adam, [{ role: 'admin', teamId: print }]),
  Rex: await join(acme, Rex, [{ role: 'recruiter' }]),
  Mia: await join(acme, Mia, [{ role: 'member', teamId: design }]),
  Sven: await join(acme, Sven, [{ role: 'hiring_manager' }]),
  Cora: await join(acme, Cora, [{ role: 'contact' }]),
  Vera: await join(acme, Vera, [{ role: 'changer', teamId: print }])
}
await ok(send('POST', `${acme.url}/members/${member.Sven}/suspension`, Olga, {}))
// A company of another owner, and a second one of the same.
const other = await found(Stan)
const second = await found(Olga)

for (const [id, teamId, contact] of [
  ['l-1', design, Hugo],
  ['l-2', print, Hugo],
  ['l-3', print, Tara],
  ['l-4', acme.defaultTeamId, Hugo],
  ['l-5', design, Hanna]
] as const) {
  await add(id, acme, contact, Finn, { teamId })
}
await ok(put('l-5', first(acme, Hanna, Finn, { teamId: design, version: 2, status: 'closed' })))
await add('o-1', other, Stan, Finn)
await add('s-1', second, Olga, Finn)

const list = (by: { headers: object }, query = '') => send('GET', `${acme.url}/contracts${query}`, by)
const ids = async (by: Person, query = '?limit=50') =>
  ((await ok(list(by, query))).json().items as Array<{ id: string }>).map(({ id }) => id).filter((id) => id.startsWith('l-'))

const change = (
  id: string,
  memberId: string | undefined,
  by: { headers: object } = Olga,
  revision: number | string | null = 1,
  place = acme
) =>
  world.inject({
    method: 'PUT',
    url: `${place.url}/contracts/${id}/contact`,
    headers: { ...by.headers, ...(revision === null ? {} : { 'if-match': typeof revision === 'number' ? `"${revision}"` : revision }) },
    payload: { memberId }
  })

t.test('200: contracts are listed where one may change contacts', async (t) => {
  t.strictSame(await ids(Olga), ['l-1', 'l-2', 'l-3', 'l-4', 'l-5'])
  t.strictSame(await ids(Ada), ['l-1', 'l-2', 'l-3', 'l-4', 'l-5'], 'an admin')
  t.strictSame(await ids(Hugo), ['l-1', 'l-2', 'l-3', 'l-4', 'l-5'], 'a hiring manager of the company')
  t.strictSame(await ids(Hanna), ['l-1', 'l-5'], 'a hiring manager of one team')
  t.strictSame(await ids(Adam), ['l-2', 'l-3'], 'an admin of one team')
  t.strictSame(await ids(Vera), ['l-2', 'l-3'], 'a role of the company')
  const [listed] = (await list(Olga, '?limit=1')).json().items
  t.strictSame(listed, {
    id: 'l-1',
    version: 1,
    companyId: acme.id,
    teamId: design,
    contactAccountId: Hugo.accountId,
    contactMemberId: member.Hugo,
    contactRevision: 1,
    freelancerAccountId: Finn.accountId,
    agencyId: null,
    businessManagerAccountId: null,
    status: 'active'
  })
})

t.test('C-2 C-3 403: contracts are shown to nobody else', async (t) => {
  for (const [name, by] of Object.entries({ Rex, Mia, Cora })) {
    const answer = await list(by)
    refused(t, answer, 403, 'access_denied', name)
    t.strictSame(answer.json().missingPermissions, ['contract.contact.change'])
  }
  refused(t, await list(Sven), 403, 'membership_suspended')
  for (const by of [Stan, Finn]) refused(t, await list(by), 404, 'not_found')
  for (const by of [{ headers: {} }, service, await world.operator('anna@example.com')]) refused(t, await list(by), 401, 'not_signed_in')
  t.strictSame(
    (await send('GET', `${second.url}/contracts`, Olga)).json().items.map(({ id }: { id: string }) => id),
    ['s-1']
  )
  refused(t, await send('GET', '/v1/companies/acme/contracts', Olga), 404, 'not_found')
})

t.test('200: contracts are found by state and by contact', async (t) => {
  t.strictSame(await ids(Olga, '?status=closed'), ['l-5'])
  t.strictSame(await ids(Hanna, '?status=active'), ['l-1'])
  t.strictSame(await ids(Olga, `?contact=${member.Hugo}`), ['l-1', 'l-2', 'l-4'])
  t.strictSame(await ids(Adam, `?contact=${member.Hugo}`), ['l-2'], 'never more than one may see')
  t.strictSame(await ids(Olga, `?contact=${member.Hanna}`), [], 'a closed contract has no contact to wait for')
  t.strictSame(await ids(Olga, `?contact=${member.Tara}&status=active`), ['l-3'])
  t.strictSame(await ids(Olga, `?contact=${other.memberId}`), [])
  refused(t, await list(Olga, '?contact=hugo'), 404, 'not_found')
  for (const query of ['?status=paused', '?limit=0', '?team=x']) refused(t, await list(Olga, query), 400, 'invalid_input', query)
})

t.test('Q-9 200: contracts come in pages, and all of them come', async (t) => {
  const all = (await ok(list(Olga, '?limit=100'))).json().items.map(({ id }: { id: string }) => id)
  const seen: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const page = (await ok(list(Olga, `?limit=2${next && `&cursor=${next}`}`))).json() as {
      items: Array<{ id: string }>
      nextCursor: string | null
    }
    t.ok(page.items.length <= 2)
    seen.push(...page.items.map(({ id }) => id))
    next = page.nextCursor
  }
  t.strictSame(seen, all)
  const { nextCursor } = (await list(Olga, '?limit=2')).json()
  refused(t, await list(Ada, `?limit=2&cursor=${nextCursor}`), 400, 'malformed_cursor', "another person's")
  refused(t, await list(Olga, `?limit=2&status=active&cursor=${nextCursor}`), 400, 'malformed_cursor', 'of another filter')
})

t.test('K-4 K-5 200: another contact is named, and the former one can be removed at once', async (t) => {
  const Gone = await world.person('Gone')
  const gone = await join(acme, Gone, [{ role: 'hiring_manager', teamId: design }])
  const update = await add('c-1', acme, Gone, Finn, { teamId: design })
  refused(t, await send('DELETE', `${acme.url}/members/${gone}`, Olga), 409, 'contact_on_active_contracts')
  const answer = await change('c-1', member.Hugo)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers.etag, '"2"')
  t.ok(answer.headers['consistency-token'])
  t.match(answer.json(), { id: 'c-1', version: 1, contactMemberId: member.Hugo, contactAccountId: Hugo.accountId, contactRevision: 2 })
  t.strictSame(await eventsOf('c-1'), ['contract.added', 'contract.contact_changed'])
  t.equal((await send('DELETE', `${acme.url}/members/${gone}`, Olga)).statusCode, 204)

  // The contract service has not seen it yet: its next update keeps the new contact.
  t.match((await put('c-1', { ...update, version: 2 })).json(), { applied: true, contract: { contactMemberId: member.Hugo } })
})

t.test('K-4 204: once the contract is closed its contact can be removed at once', async (t) => {
  const Done = await world.person('Done')
  const done = await join(acme, Done, [{ role: 'hiring_manager' }])
  const update = await add('c-2', acme, Done, Finn)
  refused(t, await send('DELETE', `${acme.url}/members/${done}`, Olga), 409, 'contact_on_active_contracts')
  await ok(put('c-2', { ...update, version: 2, status: 'closed' }))
  t.equal((await send('DELETE', `${acme.url}/members/${done}`, Olga)).statusCode, 204)
  t.match(await stored('c-2'), { status: 'closed', contact: null, account: parseId('account', Done.accountId) })
  refused(t, await put('c-2', { ...update, version: 3 }), 422, 'not_eligible_contact', 'it cannot be opened without another contact')
})

t.test('200: naming who is contact already changes nothing', async (t) => {
  await add('c-3', acme, Hugo, Finn)
  const answer = await change('c-3', member.Hugo)
  t.strictSame([answer.statusCode, answer.headers.etag], [200, '"1"'])
  t.strictSame(await eventsOf('c-3'), ['contract.added'])
})

t.test('412 428: the contact is changed by whoever has seen the present one', async (t) => {
  await add('c-4', acme, Hugo, Finn)
  refused(t, await change('c-4', member.Olga, Olga, null), 428, 'version_required')
  for (const tag of ['"0"', '"2"', 'W/"1"', '*', '1']) refused(t, await change('c-4', member.Olga, Olga, tag), 412, 'stale_version', tag)
  t.match(await stored('c-4'), { revision: 1, contact: parseId('member', member.Hugo!) })
  t.equal((await change('c-4', member.Olga)).statusCode, 200)
  refused(t, await change('c-4', member.Hugo), 412, 'stale_version', 'a second time')
  t.equal((await change('c-4', member.Hugo, Olga, 2)).headers.etag, '"3"')
})

t.test('K-2 422: the new contact is an active member who may be it in the team', async (t) => {
  await add('c-5', acme, Hugo, Finn, { teamId: design })
  for (const name of ['Tara', 'Ada', 'Rex', 'Mia', 'Sven', 'Vera']) {
    refused(t, await change('c-5', member[name]), 422, 'not_eligible_contact', name)
  }
  t.match(await stored('c-5'), { revision: 1, contact: parseId('member', member.Hugo!) })
  for (const [index, name] of ['Hanna', 'Cora', 'Olga'].entries()) {
    t.match(
      (await change('c-5', member[name], Olga, index + 1)).json(),
      { contactMemberId: member[name], contactRevision: index + 2 },
      name
    )
  }
})

t.test('K-2 200: enforcement on the account of the new contact does not count', async (t) => {
  await add('c-6', acme, Olga, Finn)
  await world.sql(`update accounts set ${inForce('suspended')} where id = $1`, [parseId('account', Cora.accountId)])
  t.match((await change('c-6', member.Cora)).json(), { contactMemberId: member.Cora })
  await world.sql(`update accounts set ${inForce('none')} where id = $1`, [parseId('account', Cora.accountId)])
})

t.test('403 404: who may not change contacts is told what is missing, and nothing of teams they do not see', async (t) => {
  await add('c-7', acme, Hugo, Finn, { teamId: design })
  for (const [name, by] of Object.entries({ Mia, Rex })) {
    const answer = await change('c-7', member.Hanna, by)
    refused(t, answer, 403, 'access_denied', name)
    t.strictSame(answer.json().missingPermissions, ['contract.contact.change'])
  }
  refused(t, await change('c-7', member.Hanna, Sven), 403, 'membership_suspended')
  for (const [name, by] of Object.entries({ Tara, Adam, Vera })) {
    refused(t, await change('c-7', member.Hanna, by), 404, 'not_found', `${name}, of another team`)
  }
  for (const by of [Stan, Finn]) refused(t, await change('c-7', member.Hanna, by), 404, 'not_found', 'no member')
  for (const by of [{ headers: {} }, service, await world.operator()])
    refused(t, await change('c-7', member.Hanna, by), 401, 'not_signed_in')
  refused(t, await change('c-0', member.Hanna), 404, 'not_found', 'no such contract')
  for (const place of [second, other]) refused(t, await change('c-7', member.Hanna, Olga, 1, place), 404, 'not_found', 'C-2: elsewhere')
  refused(t, await change('o-1', member.Hugo), 404, 'not_found', 'C-2: of another company')
  refused(t, await change('s-1', member.Hugo), 404, 'not_found', 'C-2: of another company of the same owner')
  for (const memberId of [other.memberId, second.memberId, publicId('member', randomUUID()), Hanna.accountId, 'hanna']) {
    refused(t, await change('c-7', memberId), 404, 'not_found', `no member here: ${memberId}`)
  }
  for (const memberId of ['', undefined, 'x'.repeat(101)]) refused(t, await change('c-7', memberId), 400, 'invalid_input')
  t.match(await stored('c-7'), { revision: 1, contact: parseId('member', member.Hugo!) })

  for (const by of [Hanna, Ada, Hugo, Olga]) {
    const { revision } = await stored('c-7')
    t.equal((await change('c-7', revision % 2 ? member.Hanna : member.Hugo, by, revision)).statusCode, 200)
  }
})

t.test('409: the contact of a closed contract stays as it was', async (t) => {
  const before = await stored('l-5')
  refused(t, await change('l-5', member.Hugo), 409, 'conflict')
  t.strictSame(await stored('l-5'), before)
})

t.test('409: in a closed company no contact is changed', async (t) => {
  const shut = await found(Stan)
  const update = await add('d-1', shut, Stan, Finn)
  await ok(put('d-1', { ...update, version: 2, status: 'closed' }))
  await ok(send('POST', `${shut.url}/closure`, Stan, {}))
  refused(t, await change('d-1', shut.memberId, Stan, 1, shut), 409, 'organization_closed')
})
