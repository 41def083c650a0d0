import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { meanwhile } from '../support/locks.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t, { config: { COMPANIES_PER_ACCOUNT: 2 } })
const { send, ok, freelance, found, join, team, setRoles, tagOf } = organizations(world)
const names = ['Olga', 'Max', 'Rhea', 'Kim', 'Ivo', 'Mo', 'Tess', 'Ada', 'Gil', 'Jan', 'Sue', 'Zed', 'Out'] as const
const people = {} as Record<(typeof names)[number], Person>
for (const name of names) people[name] = await world.person(name)
const { Olga, Max, Rhea, Kim, Ivo, Mo, Tess, Ada, Gil, Jan, Sue, Zed, Out } = people
for (const person of [Ada, Gil, Jan]) await freelance(person)

// Rhea may change roles, Kim only remove, each by a role of the company's own; Ivo is admin of the team Design, in which Tess is.
const company = await found(Olga)
const [design, sales, legal] = [await team(company, 'Design'), await team(company, 'Sales'), await team(company, 'Legal')]
for (const [key, permissions] of Object.entries({ rights: ['member.roles.update', 'member.read'], remover: ['member.remove'] }))
  await ok(send('POST', `${company.url}/roles`, Olga, { key, name: key, description: 'Our own.', permissions }))
const rheaId = await join(company, Rhea, [{ role: 'rights' }])
const moId = await join(company, Mo, [{ role: 'member' }])
const tessId = await join(company, Tess, [{ role: 'recruiter', teamId: design }])
await join(company, Max, [{ role: 'admin' }])
await join(company, Kim, [{ role: 'remover' }])
await join(company, Ivo, [{ role: 'admin', teamId: design }])
await ok(setRoles(company, company.memberId, [{ role: 'recruiter', teamId: sales }]))

const agency = await found(Ada, 'agency')
const gilId = await join(agency, Gil, [{ role: 'freelancer' }], { exclusive: true })
const janId = await join(agency, Jan, [{ role: 'freelancer' }])
const second = await found(Sue)
const zedInSecond = await join(second, Zed, [{ role: 'member' }])
const third = await found(Mo)
const zedInThird = await join(third, Zed, [{ role: 'member' }])

const uuid = ({ kind, id }: Pick<Place, 'kind' | 'id'>) => parseId(kind, id)
const withTag = (by: Person, tag = '"1"') => ({ headers: { ...by.headers, 'if-match': tag } })

t.test('C-5 403: who may only remove lays no hand on whoever may change roles, by whatever role they may', async (t) => {
  const url = `${company.url}/members/${rheaId}`
  refused(t, await send('POST', `${url}/suspension`, Kim, {}), 403, 'access_denied', 'suspension')
  refused(t, await send('POST', `${url}/suspension?dryRun=true`, Kim, {}), 403, 'access_denied', 'trying a suspension')
  refused(t, await send('DELETE', url, Kim), 403, 'access_denied', 'removal')
  refused(t, await send('DELETE', `${url}?whenClear=true`, Kim), 403, 'access_denied', 'removal later')
  refused(t, await send('GET', `${url}/removal`, Kim), 403, 'access_denied', 'preview')
  refused(t, await send('DELETE', `${url}/suspension`, Kim), 403, 'access_denied', 'resuming')
  t.match((await send('GET', url, Olga)).json(), { status: 'active', grants: [{ role: 'rights' }] })
  t.equal((await send('POST', `${company.url}/members/${moId}/suspension`, Kim, {})).statusCode, 200, 'others they may')
  t.equal((await send('DELETE', `${company.url}/members/${moId}/suspension`, Kim)).statusCode, 200)
  t.equal((await send('POST', `${url}/suspension`, Max, {})).statusCode, 200, 'and an admin may her too')
  t.equal((await send('DELETE', `${url}/suspension`, Max)).statusCode, 200)
})

t.test('C-4 C-7 403: the teams of the owner are the owner’s own affair', async (t) => {
  const teams = (id: string) => `${company.url}/teams/${id}/members/${company.memberId}`
  const move = (by: Person, query = '') =>
    send('POST', `${company.url}/members/${company.memberId}/move${query}`, by, { fromTeamId: sales, toTeamId: design })
  const before = (await send('GET', `${company.url}/members/${company.memberId}`, Olga)).json()
  for (const by of [Max, Rhea]) {
    refused(t, await send('DELETE', teams(sales), by), 403, 'access_denied', 'taking her out of a team')
    refused(t, await send('PUT', teams(legal), by), 403, 'access_denied', 'adding her to one')
    refused(t, await move(by), 403, 'access_denied', 'moving her')
    refused(t, await move(by, '?dryRun=true'), 403, 'access_denied', 'trying it')
  }
  t.strictSame((await send('GET', `${company.url}/members/${company.memberId}`, Olga)).json(), before)
  t.equal((await move(Olga)).statusCode, 200)
  t.ok((await send('PUT', teams(legal), Olga)).statusCode < 300)
  t.ok((await send('DELETE', teams(design), Olga)).statusCode < 300)
})

t.test('C-3 404: for the admin of a team, whoever they do not see is not there', async (t) => {
  const roles = (id: string, by: Person, tag: string, query = '') =>
    send('PATCH', `${company.url}/members/${id}/roles${query}`, withTag(by, tag), { grants: [{ role: 'member', teamId: design }] })
  const tag = await tagOf(`${company.url}/members/${moId}`, Olga)
  for (const seen of ['"1"', tag, '"999"']) refused(t, await roles(moId, Ivo, seen), 404, 'not_found', seen)
  refused(t, await roles(moId, Ivo, tag, '?dryRun=true'), 404, 'not_found', 'trying it')
  refused(t, await send('GET', `${company.url}/members/${moId}`, Ivo), 404, 'not_found', 'as when looking')
  const ofTess = await tagOf(`${company.url}/members/${tessId}`, Ivo)
  refused(t, await roles(tessId, Ivo, '"999"'), 412, 'stale_version', 'who is in the team is there')
  t.equal((await roles(tessId, Ivo, ofTess)).statusCode, 200)
  t.equal((await roles(moId, Rhea, tag, '?dryRun=true')).statusCode, 200, 'and for whoever changes roles everywhere all are')
})

t.test('S-7 403: a yes to ownership or to exclusive work needs the second factor that the organization asks for', async (t) => {
  const require = (place: Place, on: boolean) =>
    world.sql('update organizations set require_second_factor = $2 where id = $1', [uuid(place), on])
  await ok(send('POST', `${second.url}/ownership-transfer`, Sue, { memberId: zedInSecond }))
  await ok(send('POST', `${agency.url}/members/${janId}/affiliation`, Ada, { affiliation: 'exclusive' }))
  const affiliation = `${agency.url}/members/${janId}/affiliation/accept`
  const yes = [
    [second, () => send('POST', `${second.url}/ownership-transfer/accept`, Zed, {})],
    [agency, () => send('POST', affiliation, Jan, {})]
  ] as const
  for (const [place, accept] of yes) {
    await require(place, true)
    refused(t, await accept(), 403, 'organization_requires_second_factor', place.kind)
  }
  refused(t, await send('POST', `${affiliation}?dryRun=true`, Jan, {}), 403, 'organization_requires_second_factor', 'trying it')
  const states = await world.sql<{ owner: string; status: string }>(
    'select o.owner_account_id as owner, t.status from organizations o join ownership_transfers t on t.organization_id = o.id where o.id = $1',
    [uuid(second)]
  )
  t.strictSame(states, [{ owner: parseId('account', Sue.accountId), status: 'offered' }], 'the offer is open still')
  for (const [place, accept] of yes) {
    await require(place, false)
    t.equal((await accept()).statusCode, 200, place.kind)
  }
})

t.test('O-1 422: nobody comes to own more companies by transfer than they could found', async (t) => {
  const transfer = `${third.url}/ownership-transfer`
  const fill = async (): Promise<string[]> => {
    const own = await world.sql("select from organizations where owner_account_id = $1 and kind = 'company' and status <> 'closed'", [
      parseId('account', Zed.accountId)
    ])
    const made: string[] = []
    for (let count = own.length; count < 2; count++) made.push((await found(Zed)).url)
    return made
  }
  await ok(send('POST', transfer, Mo, { memberId: zedInThird }))
  const made = await fill()
  const refusal = await send('POST', `${transfer}/accept`, Zed, {})
  refused(t, refusal, 422, 'not_eligible_owner')
  t.equal(refusal.json().reason, 'company_limit')
  await ok(send('DELETE', transfer, Mo))
  const offer = await send('POST', transfer, Mo, { memberId: zedInThird })
  t.match([offer.statusCode, offer.json().reason], [422, 'company_limit'], 'nor is it offered')
  await ok(send('POST', `${made[0]}/closure`, Zed, {}))
  await ok(send('POST', transfer, Mo, { memberId: zedInThird }))
  t.equal((await send('POST', `${transfer}/accept`, Zed, {})).statusCode, 200, 'a closed one does not count')
})

/** What a stranger who knows every id may try. */
const tries: Array<[Place, string, (by: Person) => ReturnType<typeof send>]> = [
  [company, 'a new team', (by) => send('POST', `${company.url}/teams`, by, { name: 'Theirs' })],
  [company, 'details', (by) => send('PATCH', company.url, withTag(by), { displayName: 'Theirs' })],
  [company, 'roles', (by) => send('PATCH', `${company.url}/members/${moId}/roles`, withTag(by), { grants: [] })],
  [company, 'removal', (by) => send('DELETE', `${company.url}/members/${moId}`, by)],
  [company, 'a contact', (by) => send('PUT', `${company.url}/contracts/none/contact`, withTag(by), { memberId: moId })],
  [company, 'closing', (by) => send('POST', `${company.url}/closure`, by, {})],
  [company, 'ownership', (by) => send('POST', `${company.url}/ownership-transfer/accept`, by, {})],
  [agency, 'affiliation', (by) => send('POST', `${agency.url}/members/${gilId}/affiliation/accept`, by, {})],
  [agency, 'a rate', (by) => send('PATCH', `${agency.url}/members/${gilId}/profile`, withTag(by), { visibility: 'private' })]
]

t.test('C-3 404: a stranger waits for no change of a member, locks nothing and makes no version', async (t) => {
  const change = 'update organizations set version = version + 1 where id = $1'
  // The version of the row, and the last transaction that locked or tried to change it.
  const row = (place: Place) =>
    world.sql('select ctid::text, xmin::text, xmax::text, version from organizations where id = $1', [uuid(place)])
  for (const [place, name, request] of tries) {
    const before = await row(place)
    refused(t, await request(Out), 404, 'not_found', name)
    t.strictSame(await row(place), before, `${name}: the row is untouched`)
    let answer: Awaited<ReturnType<typeof request>> | undefined
    const during = meanwhile(world, change, [uuid(place)], async () => {
      answer = await request(Out)
    })
    await t.rejects(during, { message: 'The request did not wait for any lock.' }, `${name}: answered at once`)
    refused(t, answer!, 404, 'not_found', `${name}, during a change`)
  }
  const [place, , request] = tries[0]!
  const waited = await meanwhile(world, change, [uuid(place)], () => request(Olga))
  t.equal(waited.statusCode, 201, 'a member waits')
})
