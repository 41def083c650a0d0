import { randomUUID } from 'node:crypto'
import type { LightMyRequestResponse as Response } from 'fastify'
import t from 'tap'
import { parseId, publicId } from '../../src/http/ids.ts'
import { contractServices, type Update } from '../support/contracts.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { send, ok, found, join, team, setRoles, tagOf } = organizations(world)
const { put, add, stored, eventsOf } = await contractServices(world)

interface Blocker {
  code: string
  resource: string
  label: string
  resolve: { method: 'PUT' | 'POST'; href: string; ifMatch?: string; body: object } | { service: string }
}

const olga = await world.person('Olga')
const hugo = await world.person('Hugo')
const finn = await world.person('Finn')
const acme = await found(olga)
const design = await team(acme, 'Design')
const print = await team(acme, 'Print')
/** Whoever takes over. */
const successor = await join(acme, hugo, [{ role: 'hiring_manager' }])
await ok(send('POST', `${acme.url}/roles`, olga, roleOf('changer', ['member.remove', 'member.read', 'team.read'])))
await ok(send('POST', `${acme.url}/roles`, olga, roleOf('quiet', ['contract.contact'])))

function roleOf(key: string, permissions: string[]) {
  return { key, name: key, description: key, permissions }
}

const updates = new Map<string, Update>()
async function contract(id: string, contact: Person, teamId: string, place: Place = acme): Promise<string> {
  updates.set(id, await add(id, place, contact, finn, { teamId }))
  return id
}
async function closeContract(id: string): Promise<void> {
  const update = { ...updates.get(id)!, version: updates.get(id)!.version + 1, status: 'closed' } as const
  updates.set(id, update)
  await ok(put(id, update))
}

interface Contact {
  person: Person
  memberId: string
  url: string
  contracts: string[]
}

/** A contact of the whole company, in both teams, with a contract in each of three teams. What is not theirs, or over, is beside it. */
async function contact(name: string, role = 'hiring_manager'): Promise<Contact> {
  const person = await world.person(name)
  const memberId = await join(acme, person, [{ role }, { role: 'member', teamId: design }, { role: 'member', teamId: print }])
  const key = name.toLowerCase()
  const contracts = [
    await contract(`${key}-1`, person, design),
    await contract(`${key}-2`, person, print),
    await contract(`${key}-3`, person, acme.defaultTeamId)
  ]
  await closeContract(await contract(`${key}-closed`, person, design))
  await contract(`${key}-other`, hugo, design)
  return { person, memberId, url: `${acme.url}/members/${memberId}`, contracts }
}

/** What the refusal has to say of contracts that another contact can take. */
const blockersOf = (contracts: string[], place: Place = acme): object[] =>
  contracts.map((id) => ({
    code: 'contact_on_active_contracts',
    resource: id,
    label: new RegExp(id),
    resolve: { method: 'PUT', href: `${place.url}/contracts/${id}/contact`, ifMatch: /^"\d+"$/, body: { memberId: '<another member>' } }
  }))

/** Follows a blocker's cure to the letter. */
async function follow(blocker: Blocker, place: Place = acme, memberId = successor): Promise<void> {
  if ('service' in blocker.resolve) {
    if (blocker.resolve.service !== 'contracts') throw new Error(`no such service: ${blocker.resolve.service}`)
    return closeContract(blocker.resource)
  }
  const { method, href, ifMatch, body } = blocker.resolve
  const payload = JSON.parse(JSON.stringify(body).replace('<another member>', memberId)) as object
  await ok(world.inject({ method, url: href, headers: { ...place.owner.headers, ...(ifMatch ? { 'if-match': ifMatch } : {}) }, payload }))
}

const memberOf = async ({ url }: Contact) => {
  const { statusCode, body, headers } = await send('GET', url, olga)
  return [statusCode, body, headers.etag]
}
const contractsNow = () => world.sql('select c::text from contracts c order by id')

interface Path {
  name: string
  /** The contracts that stand in the way. */
  blocked: (of: Contact) => string[]
  act: (of: Contact, query?: string) => Promise<Response>
  done: number
  /** The contact's role at the beginning. */
  role?: string
}

const patch = async (url: string, payload: object, tagUrl = url) =>
  world.inject({ method: 'PATCH', url, headers: { ...olga.headers, 'if-match': await tagOf(tagUrl.split('?')[0]!, olga) }, payload })

const all = ({ contracts }: Contact) => contracts
const inDesign = ({ contracts }: Contact) => contracts.slice(0, 1)

const paths: Path[] = [
  { name: 'Removal', blocked: all, act: ({ url }, query = '') => send('DELETE', url + query, olga), done: 204 },
  { name: 'Leaving', blocked: all, act: ({ url, person }, query = '') => send('DELETE', url + query, person), done: 204 },
  {
    name: 'TeamRemoval',
    blocked: inDesign,
    act: ({ memberId }, query = '') => send('DELETE', `${acme.url}/teams/${design}/members/${memberId}${query}`, olga),
    done: 204
  },
  {
    name: 'Move',
    blocked: inDesign,
    act: ({ url }, query = '') => send('POST', `${url}/move${query}`, olga, { fromTeamId: design, toTeamId: spare }),
    done: 200
  },
  {
    name: 'RoleChange',
    blocked: all,
    act: ({ url }, query = '') => patch(`${url}/roles${query}`, { grants: [{ role: 'admin' }] }, url),
    done: 200
  },
  {
    name: 'NarrowerRole',
    blocked: ({ contracts }) => contracts.slice(1),
    act: ({ url }, query = '') => patch(`${url}/roles${query}`, { grants: [{ role: 'hiring_manager', teamId: design }] }, url),
    done: 200
  },
  {
    name: 'CustomRoleEdit',
    role: 'temporary',
    blocked: all,
    act: (_, query = '') => patch(`${acme.url}/roles/temporary${query}`, { permissions: ['job.post'] }),
    done: 200
  },
  { name: 'Suspension', blocked: all, act: ({ url }, query = '') => send('POST', `${url}/suspension${query}`, olga, {}), done: 200 }
]
const spare = await team(acme, 'Spare')
await ok(send('POST', `${acme.url}/roles`, olga, roleOf('temporary', ['contract.contact'])))
const contacts = new Map<string, Contact>()
for (const { name, role } of paths) contacts.set(name, await contact(name, role))

for (const { name, blocked, act, done } of paths) {
  t.test(`K-1 K-7 K-8 409: the contact of active contracts stays: ${name}`, async (t) => {
    const of = contacts.get(name)!
    const expected = blockersOf(blocked(of))
    const before = [await memberOf(of), await contractsNow()]

    const answer = await act(of)
    refused(t, answer, 409, 'contact_on_active_contracts')
    const { blockers } = answer.json() as { blockers: Blocker[] }
    t.match(blockers, expected)
    t.equal(blockers.length, expected.length, 'neither more nor less')
    const rehearsed = await act(of, '?dryRun=true')
    t.equal(rehearsed.statusCode, 200)
    t.strictSame(rehearsed.json().blockers, blockers, 'a dry run gives the same list')
    if (blocked === all) t.strictSame((await send('GET', `${of.url}/removal`, olga)).json().blockers, blockers, 'and so does the preview')
    t.strictSame([await memberOf(of), await contractsNow()], before, 'nothing was changed')

    for (const [index, blocker] of blockers.entries()) {
      refused(t, await act(of), 409, 'contact_on_active_contracts', `${blockers.length - index} to clear`)
      await follow(blocker)
      t.strictSame(((await act(of, '?dryRun=true')).json() as { blockers: Blocker[] }).blockers, blockers.slice(index + 1))
    }
    t.equal((await act(of)).statusCode, done, 'what cleared them all lets it happen')
    for (const id of blocked(of)) t.equal((await stored(id)).contact, parseId('member', successor))
  })
}

t.test('K-1 K-7 200: a role change that leaves the right to be contact is no matter', async (t) => {
  const person = await world.person('Kept')
  const memberId = await join(acme, person, [{ role: 'hiring_manager', teamId: design }])
  await contract('kept-1', person, design)
  for (const grants of [
    [{ role: 'hiring_manager' }],
    [{ role: 'quiet', teamId: design }],
    [{ role: 'quiet' }, { role: 'finance' }],
    [{ role: 'hiring_manager', teamId: design }, { role: 'recruiter' }]
  ]) {
    t.equal((await setRoles(acme, memberId, grants)).statusCode, 200, JSON.stringify(grants))
  }
  t.equal((await patch(`${acme.url}/roles/quiet`, { permissions: ['contract.contact', 'job.post'], name: 'Louder' })).statusCode, 200)
  const answer = await setRoles(acme, memberId, [{ role: 'hiring_manager', teamId: print }, { role: 'recruiter' }])
  refused(t, answer, 409, 'contact_on_active_contracts', 'the right in another team is none')
  t.match(answer.json().blockers, blockersOf(['kept-1']))
})

t.test('K-7 K-8 409: a custom role that several contacts have lists the contracts of all of them', async (t) => {
  await ok(send('POST', `${acme.url}/roles`, olga, roleOf('shared', ['contract.contact'])))
  for (const [index, grants] of [
    [{ role: 'shared' }],
    [{ role: 'shared', teamId: design }],
    [{ role: 'shared' }, { role: 'hiring_manager', teamId: design }]
  ].entries()) {
    const person = await world.person(`Shared${index}`)
    await join(acme, person, grants)
    await contract(`shared-${index}`, person, design)
  }
  const edit = (query = '') => patch(`${acme.url}/roles/shared${query}`, { permissions: [] })
  const answer = await edit()
  refused(t, answer, 409, 'contact_on_active_contracts')
  const { blockers } = answer.json() as { blockers: Blocker[] }
  t.match(blockers, blockersOf(['shared-0', 'shared-1']), 'the third may be it by another role')
  t.equal(blockers.length, 2)
  t.strictSame((await edit('?dryRun=true')).json().blockers, blockers)
  for (const blocker of blockers) await follow(blocker)
  t.equal((await edit()).statusCode, 200)
})

t.test('K-7 K-8 409: a team with active contracts is not hidden until the contract service has closed them', async (t) => {
  const teamId = await team(acme, 'Hidden soon')
  const url = `${acme.url}/teams/${teamId}`
  for (const id of ['hide-1', 'hide-2']) await contract(id, hugo, teamId)
  await closeContract(await contract('hide-3', hugo, teamId))
  const hide = (query = '') => patch(url + query, { hidden: true })
  const answer = await hide()
  refused(t, answer, 409, 'contact_on_active_contracts')
  const { blockers } = answer.json() as { blockers: Blocker[] }
  t.match(blockers, [
    { code: 'contact_on_active_contracts', resource: 'hide-1', label: /hide-1/, resolve: { service: 'contracts' } },
    { resource: 'hide-2', resolve: { service: 'contracts' } }
  ])
  t.equal(blockers.length, 2)
  t.strictSame((await hide('?dryRun=true')).json().blockers, blockers)
  t.match((await send('GET', url, olga)).json(), { hidden: false })
  t.equal((await patch(url, { name: 'Still here' })).statusCode, 200, 'what does not hide it is no matter')
  for (const blocker of blockers) {
    refused(t, await hide(), 409, 'contact_on_active_contracts')
    await follow(blocker)
  }
  t.match((await hide()).json(), { hidden: true })
})

t.test('K-7 K-8 409: a company with active contracts is not closed until the contract service has closed them', async (t) => {
  const shut = await found(olga)
  for (const id of ['close-1', 'close-2']) await contract(id, olga, shut.defaultTeamId, shut)
  const close = (query = '') => send('POST', `${shut.url}/closure${query}`, olga, {})
  const answer = await close()
  refused(t, answer, 409, 'contact_on_active_contracts')
  const { blockers } = answer.json() as { blockers: Blocker[] }
  t.match(blockers, [
    { code: 'contact_on_active_contracts', resource: 'close-1', resolve: { service: 'contracts' } },
    { resource: 'close-2', resolve: { service: 'contracts' } }
  ])
  t.equal(blockers.length, 2, 'those of other companies are no matter')
  t.strictSame((await close('?dryRun=true')).json().blockers, blockers)
  for (const blocker of blockers) {
    refused(t, await close(), 409, 'contact_on_active_contracts')
    await follow(blocker, shut)
  }
  t.match((await close()).json(), { status: 'closed' })
})

t.test('K-7 O-2: after a transfer of ownership the old owner is still an eligible contact', async (t) => {
  const shop = await found(olga)
  const anna = await world.person('Anna')
  const newOwner = await join(shop, anna, [{ role: 'member' }])
  for (const id of ['owner-1', 'owner-2']) await contract(id, olga, shop.defaultTeamId, shop)
  const before = await stored('owner-1')
  await ok(send('POST', `${shop.url}/ownership-transfer`, olga, { memberId: newOwner }))
  const accepted = await send('POST', `${shop.url}/ownership-transfer/accept`, anna, {})
  t.equal(accepted.statusCode, 200)
  t.strictSame(await stored('owner-1'), before, 'the contracts keep their contact')
  t.match(
    (await put('owner-1', { ...updates.get('owner-1'), version: 2 })).json(),
    { applied: true, contract: { contactMemberId: shop.memberId } },
    'who is still eligible'
  )
  const removal = await send('DELETE', `${shop.url}/members/${shop.memberId}`, anna)
  refused(t, removal, 409, 'contact_on_active_contracts')
  t.match(removal.json().blockers, blockersOf(['owner-1', 'owner-2'], shop))
  const roles = await setRoles(shop, shop.memberId, [{ role: 'admin' }], anna)
  refused(t, roles, 409, 'contact_on_active_contracts', 'nor can the role go that keeps them eligible')
})

t.test('C-4 K-8 409: an owner who is contact meets both guards, each with its cure', async (t) => {
  const shop = await found(olga)
  const anna = await world.person('Annika')
  const heir = await join(shop, anna, [{ role: 'hiring_manager' }])
  await contract('both-1', olga, shop.defaultTeamId, shop)
  const leave = (query = '') => send('DELETE', `${shop.url}/members/${shop.memberId}${query}`, olga)
  const answer = await leave()
  refused(t, answer, 409, 'owner_must_transfer')
  const { blockers } = answer.json() as { blockers: Blocker[] }
  t.match(blockers, [
    {
      code: 'owner_must_transfer',
      resource: shop.memberId,
      resolve: { method: 'POST', href: `${shop.url}/ownership-transfer`, body: { memberId: '<another member>' } }
    },
    ...blockersOf(['both-1'], shop)
  ])
  t.equal(blockers.length, 2)
  t.strictSame((await leave('?dryRun=true')).json().blockers, blockers)
  t.strictSame((await send('GET', `${shop.url}/members/${shop.memberId}/removal`, olga)).json().blockers, blockers)
  refused(t, await leave('?whenClear=true'), 409, 'owner_must_transfer', 'nor is it scheduled')
  for (const blocker of blockers) await follow(blocker, shop, heir)
  await ok(send('POST', `${shop.url}/ownership-transfer/accept`, anna, {}))
  t.equal((await leave()).statusCode, 204)
})

t.test('K-3 204: reassignContactTo moves all contracts and removes the member, in one transaction', async (t) => {
  const of = await contact('Mover')
  const events = await Promise.all(of.contracts.map(eventsOf))
  const before = [await memberOf(of), await contractsNow()]
  const rehearsed = await send('DELETE', `${of.url}?reassignContactTo=${successor}&dryRun=true`, olga)
  t.equal(rehearsed.statusCode, 200)
  t.match(rehearsed.json(), { outcome: 'preview', blockers: [] })
  t.strictSame(rehearsed.json().effects.contracts, of.contracts)
  t.strictSame([await memberOf(of), await contractsNow()], before, 'a dry run changes nothing')

  const answer = await send('DELETE', `${of.url}?reassignContactTo=${successor}`, olga)
  t.equal(answer.statusCode, 204)
  refused(t, await send('GET', of.url, olga), 404, 'not_found')
  for (const [index, id] of of.contracts.entries()) {
    t.strictSame(await stored(id), {
      version: 1,
      status: 'active',
      contact: parseId('member', successor),
      account: parseId('account', hugo.accountId),
      revision: 2
    })
    t.strictSame(await eventsOf(id), [...events[index]!, 'contract.contact_changed'])
  }
  t.equal((await stored('mover-closed')).account, parseId('account', of.person.accountId), 'what is over stays theirs')
})

t.test('K-3 K-2: nothing is moved when one contract cannot go to the successor', async (t) => {
  const of = await contact('Stuck')
  const before = [await memberOf(of), await contractsNow()]
  const tom = await join(acme, await world.person('Tom'), [
    { role: 'hiring_manager', teamId: design },
    { role: 'hiring_manager', teamId: print }
  ])
  const gone = await join(acme, await world.person('Gone'), [{ role: 'hiring_manager' }])
  await ok(send('POST', `${acme.url}/members/${gone}/suspension`, olga, {}))
  for (const query of ['', '&dryRun=true', '&whenClear=true']) {
    for (const [who, to] of [
      ['who may be it in two of three teams', tom],
      ['who is suspended', gone]
    ] as const) {
      const answer = await send('DELETE', `${of.url}?reassignContactTo=${to}${query}`, olga)
      refused(t, answer, 422, 'not_eligible_contact', `${who} ${query}`)
    }
  }
  const itself = await send('DELETE', `${of.url}?reassignContactTo=${of.memberId}`, olga)
  refused(t, itself, 409, 'contact_on_active_contracts', 'to the member who goes')
  t.match(itself.json().blockers, blockersOf(of.contracts))
  for (const nobody of ['nobody', publicId('member', randomUUID()), hugo.accountId]) {
    refused(t, await send('DELETE', `${of.url}?reassignContactTo=${nobody}`, olga), 404, 'not_found', nobody)
  }
  t.strictSame([await memberOf(of), await contractsNow()], before)
})

t.test('K-3 403: reassigning needs the right to change contacts, in the team of every contract', async (t) => {
  const of = await contact('Guarded')
  const mara = await world.person('Mara')
  await join(acme, mara, [{ role: 'changer' }])
  const before = [await memberOf(of), await contractsNow()]
  const answer = await send('DELETE', `${of.url}?reassignContactTo=${successor}`, mara)
  refused(t, answer, 403, 'access_denied')
  t.strictSame(answer.json().missingPermissions, ['contract.contact.change'])
  refused(t, await send('DELETE', of.url, mara), 409, 'contact_on_active_contracts', 'though they may remove')

  // In one of the teams alone it is not enough.
  await ok(send('POST', `${acme.url}/roles`, olga, roleOf('changes', ['contract.contact.change'])))
  const nils = await world.person('Nils')
  await join(acme, nils, [{ role: 'changer' }, { role: 'changes', teamId: design }])
  refused(t, await send('DELETE', `${of.url}?reassignContactTo=${successor}`, nils), 403, 'access_denied', 'one team of three')

  // Who leaves needs it like anybody else.
  const quinn = await world.person('Quinn')
  const quiet = await join(acme, quinn, [{ role: 'quiet', teamId: design }])
  await contract('quinn-1', quinn, design)
  const leaving = await send('DELETE', `${acme.url}/members/${quiet}?reassignContactTo=${successor}`, quinn)
  refused(t, leaving, 403, 'access_denied', 'a contact who may not name another')
  t.strictSame([await memberOf(of), (await contractsNow()).filter(({ c }: { c?: string }) => !c?.startsWith('(quinn'))], before)
  t.equal((await send('DELETE', `${of.url}?reassignContactTo=${successor}`, of.person)).statusCode, 204, 'a hiring manager may')
})

t.test('K-1 202: with whenClear the contact leaves once nothing needs them any more', async (t) => {
  const of = await contact('Later')
  const answer = await send('DELETE', `${of.url}?whenClear=true`, of.person)
  t.equal(answer.statusCode, 202)
  t.match(answer.json(), { outcome: 'scheduled', blockers: blockersOf(of.contracts) })
  t.match((await send('GET', of.url, olga)).json(), { status: 'active', endsWhenClear: 'left' })

  // Until then they are a member like any other, and more contracts may come.
  await contract('later-4', of.person, print)
  const blockers = (await send('GET', `${of.url}/removal`, olga)).json().blockers as Blocker[]
  t.match(blockers, blockersOf([...of.contracts, 'later-4']))
  await closeContract('later-4')
  await follow(blockers[0]!)
  await ok(put('later-2', { ...updates.get('later-2'), version: 2, contactAccountId: olga.accountId, contactRevision: 1 }))
  t.match((await send('GET', of.url, olga)).json(), { status: 'active', endsWhenClear: 'left' }, 'one contract is left')
  await closeContract('later-3')
  refused(t, await send('GET', of.url, olga), 404, 'not_found')
  const [ended] = await world.sql('select reason from ended_memberships where id = $1', [parseId('member', of.memberId)])
  t.match(ended, { reason: 'left' })
})

t.test('K-1 K-4: a scheduled end comes with the last contract that gets another contact', async (t) => {
  const of = await contact('Freed')
  await ok(send('DELETE', `${of.url}?whenClear=true`, olga))
  const { blockers } = (await send('GET', `${of.url}/removal`, olga)).json() as { blockers: Blocker[] }
  for (const blocker of blockers) {
    t.match((await send('GET', of.url, olga)).json(), { endsWhenClear: 'removed' })
    await follow(blocker)
  }
  refused(t, await send('GET', of.url, olga), 404, 'not_found')
  const [ended] = await world.sql('select reason from ended_memberships where id = $1', [parseId('member', of.memberId)])
  t.match(ended, { reason: 'removed' })
})

t.test('K-1 204: a scheduled end that was taken back does not come', async (t) => {
  const of = await contact('Stays')
  await ok(send('DELETE', `${of.url}?whenClear=true`, olga))
  t.match((await send('GET', of.url, olga)).json(), { endsWhenClear: 'removed' })
  refused(t, await send('DELETE', `${of.url}/scheduled-leave`, of.person), 403, 'access_denied', 'a removal is not theirs to cancel')
  t.equal((await send('DELETE', `${of.url}/scheduled-leave`, olga)).statusCode, 204)
  for (const blocker of (await send('GET', `${of.url}/removal`, olga)).json().blockers as Blocker[]) await follow(blocker)
  t.match((await send('GET', of.url, olga)).json(), { status: 'active', endsWhenClear: null })
  t.equal((await send('DELETE', `${of.url}?whenClear=true`, olga)).statusCode, 204, 'with nothing in the way it comes at once')
})

t.test('K-1: who may not be contact is removed as ever, and contracts of others stay', async (t) => {
  const before = await contractsNow()
  const memberId = await join(acme, await world.person('Plain'), [{ role: 'hiring_manager' }])
  t.strictSame((await send('GET', `${acme.url}/members/${memberId}/removal`, olga)).json().blockers, [])
  t.equal((await send('DELETE', `${acme.url}/members/${memberId}`, olga)).statusCode, 204)
  t.strictSame(await contractsNow(), before)
})
