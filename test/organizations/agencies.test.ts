import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { send, ok, freelance, found, join, memberIdOf, team, tagOf, setRoles } = organizations(world)
const operator = await world.operator()
const plans = await world.service('plans', ['plans.write'])
const proposals = await world.service('proposals', ['proposals.write'])

const person = async (name: string): Promise<Person> => {
  const made = await world.person(name)
  await freelance(made)
  return made
}
const [ada, bea, cleo, dora] = [await person('Ada'), await person('Bea'), await person('Cleo'), await person('Dora')]
const [emil, olga, pia, rosa] = [await person('Emil'), await person('Olga'), await person('Pia'), await person('Rosa')]
const nora = await person('Nora')
// Without a profile at first.
const [gil, hal, ivo] = [await world.person('Gil'), await world.person('Hal'), await world.person('Ivo')]
const [jan, kim] = [await world.person('Jan'), await world.person('Kim')]
const profile = '/v1/me/profiles/freelancer'

// Bea's agency has people in several roles; Gil has no profile and only manages.
const nord = await found(bea, 'agency')
const west = await found(pia, 'agency')
const [maps, plates] = [await team(nord, 'Maps'), await team(nord, 'Plates')]
const gilId = await join(nord, gil, [{ role: 'business_manager' }])
const halId = await join(nord, hal)
const doraId = await join(nord, dora, [{ role: 'freelancer' }])

const owned = (who: Person) =>
  world.sql<{ id: string; status: string }>("select id, status from organizations where owner_account_id = $1 and kind = 'agency'", [
    parseId('account', who.accountId)
  ])
const freelancers = (place: { id: string }) =>
  world.sql("select from role_grants where organization_id = $1 and role = 'freelancer'", [parseId('agency', place.id)])
const closeAgency = (url: string, by: Person) => send('POST', `${url}/closure`, by, {})
const reopen = (url: string) => send('POST', `${url}/reopening`, operator, { reason: 'Closed by mistake.' })
const put = (id: string, version: number, status: string, agencyId: string, who: Person) =>
  ok(send('PUT', `/v1/proposals/${id}`, proposals, { version, accountId: who.accountId, agencyId, status }))

/** The constraint that a statement breaks. */
const constraintOf = (statement: string, values: unknown[]): Promise<string | undefined> =>
  world.sql(statement, values).then(
    () => undefined,
    (error: { constraint?: string }) => error.constraint
  )

t.test('G-1 409: founding an agency needs an active freelancer profile; a closed one is none', async (t) => {
  const attempt = () => send('POST', '/v1/agencies', jan, { name: 'Studio Jan' })
  refused(t, await attempt(), 409, 'freelancer_profile_required')
  await freelance(jan)
  await ok(send('DELETE', profile, jan))
  refused(t, await attempt(), 409, 'freelancer_profile_required', 'closed')
  t.strictSame(await owned(jan), [], 'nothing was left behind')
  await freelance(jan)
  t.equal((await attempt()).statusCode, 201, 'with a profile it is possible')
})

t.test('G-1 201: the founder owns the agency and is freelancer in it, not exclusive, and the agency says what agencies say', async (t) => {
  const details = {
    name: 'Studio Ada',
    tagline: 'Maps and plates',
    description: 'Eight people.\n\nMostly ink.',
    skills: ['Ink', 'Cartography'],
    countryCode: 'DE',
    website: 'https://studio.example/',
    logoUrl: 'https://studio.example/logo.png'
  }
  const made = await send('POST', '/v1/agencies', ada, details)
  t.equal(made.statusCode, 201)
  t.equal(made.headers.etag, '"1"')
  const agency = made.json()
  t.match(agency, { ...details, plan: 'basic', status: 'active', enforcement: 'none', ownerAccountId: ada.accountId })
  t.match(agency.id, /^agency_/)
  const url = `/v1/agencies/${agency.id}`
  t.strictSame((await send('GET', url, ada)).json(), agency)

  const place = { kind: 'agency', id: agency.id } as const
  const member = (await send('GET', `${url}/members/${await memberIdOf(place, ada)}`, ada)).json()
  t.match(member, { owner: true, source: 'founder', status: 'active', affiliation: 'non_exclusive', grants: [{ role: 'freelancer' }] })
  t.strictSame(
    member.teams.map(({ id }: { id: string }) => id),
    [agency.defaultTeamId],
    'in the default team'
  )
  const { items } = (await send('GET', '/v1/me/contexts', ada)).json()
  t.strictSame(
    items.map(({ kind }: { kind: string }) => kind),
    ['freelancer', 'agency'],
    'one account, both capacities'
  )
})

t.test('G-1 400: details of companies are none of an agency', async (t) => {
  for (const body of [
    {},
    { name: '' },
    { name: 'X', displayName: 'X' },
    { name: 'X', vatNumber: 'DE123456789' },
    { name: 'X', plan: 'plus' }
  ]) {
    refused(t, await send('POST', '/v1/agencies', cleo, body), 400, 'invalid_input', JSON.stringify(body))
  }
  t.strictSame(await owned(cleo), [])
})

t.test('G-1 C-3 200 403 404 412: owner and admin change the details from the version they saw; others do not', async (t) => {
  const change = (by: Person, tag: string, body: object = { tagline: 'Field guides', skills: ['Ink'] }) =>
    world.inject({ method: 'PATCH', url: nord.url, headers: { ...by.headers, 'if-match': tag }, payload: body })
  const tag = await tagOf(nord.url, bea)
  refused(t, await change(gil, tag), 403, 'access_denied', 'a business manager')
  refused(t, await change(dora, tag), 403, 'access_denied', 'a freelancer')
  refused(t, await change(cleo, tag), 404, 'not_found', 'nobody of the agency')
  refused(t, await change(bea, tag, { displayName: 'Nord' }), 400, 'invalid_input')
  const done = await change(bea, tag)
  t.strictSame([done.statusCode, done.json().tagline, done.json().skills], [200, 'Field guides', ['Ink']])
  refused(t, await change(bea, tag, { tagline: 'Late' }), 412, 'stale_version')
  t.equal((await send('GET', nord.url, dora)).json().tagline, 'Field guides', 'every member sees it')

  await ok(setRoles(nord, gilId, [{ role: 'admin' }]))
  t.equal((await change(gil, String(done.headers.etag), { tagline: null })).statusCode, 200, 'an admin')
  await ok(setRoles(nord, gilId, [{ role: 'business_manager' }]))
})

t.test('P-4 409: nobody owns a second agency, but companies as well', async (t) => {
  refused(t, await send('POST', '/v1/agencies', bea, { name: 'Studio Two' }), 409, 'agency_limit')
  t.equal((await owned(bea)).length, 1)
  t.equal((await send('POST', '/v1/companies', bea, { displayName: 'Bea Ltd' })).statusCode, 201)
  t.equal(
    await constraintOf('update organizations set owner_account_id = $1 where id = $2', [
      parseId('account', bea.accountId),
      parseId('agency', west.id)
    ]),
    'organizations_one_owned_agency',
    'the database holds it as well'
  )
})

t.test('C-9 403: only the plan plus has room for members; a downgrade removes nobody', async (t) => {
  const place = await found(emil, 'agency', 'basic')
  const plan = (name: string) => send('PUT', `${place.url}/plan`, plans, { plan: name })
  const count = async () => (await send('GET', `${place.url}/members`, emil)).json().items.length
  await t.rejects(join(place, cleo, [{ role: 'freelancer' }]), { code: 'plan_upgrade_required' })
  t.equal(await count(), 1)
  t.equal((await plan('plus')).statusCode, 200)
  await join(place, cleo, [{ role: 'freelancer' }])
  t.equal(await count(), 2)
  t.equal((await plan('basic')).statusCode, 200)
  t.equal(await count(), 2)
  await t.rejects(join(place, kim, [{ role: 'business_manager' }]), { code: 'plan_upgrade_required' })
  t.equal((await send('GET', place.url, cleo)).statusCode, 200, 'who is there stays')
  refused(t, await plan('enterprise'), 400, 'invalid_input', 'agencies have two plans')
})

t.test('G-1 409: becoming freelancer needs an active profile on every path', async (t) => {
  const before = (await freelancers(nord)).length
  const paths = {
    'joining the agency': () => join(nord, ivo, [{ role: 'freelancer' }]),
    'joining one team': () => join(nord, ivo, [{ role: 'freelancer', teamId: maps }])
  }
  for (const [name, path] of Object.entries(paths)) await t.rejects(path(), { code: 'freelancer_profile_required' }, name)
  t.strictSame(await world.sql('select from memberships where account_id = $1', [parseId('account', ivo.accountId)]), [])

  const inTeam = `${nord.url}/teams/${maps}/members/${gilId}`
  const move = () => send('POST', `${nord.url}/members/${halId}/move`, bea, { fromTeamId: nord.defaultTeamId, toTeamId: plates })
  refused(
    t,
    await setRoles(nord, gilId, [{ role: 'business_manager' }, { role: 'freelancer' }]),
    409,
    'freelancer_profile_required',
    'roles'
  )
  refused(t, await setRoles(nord, gilId, [{ role: 'freelancer', teamId: maps }]), 409, 'freelancer_profile_required', 'roles in a team')
  refused(t, await send('PUT', inTeam, bea), 409, 'freelancer_profile_required', 'added to a team')
  refused(t, await move(), 409, 'freelancer_profile_required', 'moved without a role of their own')
  t.equal((await freelancers(nord)).length, before, 'nobody became freelancer')
  t.equal(
    await constraintOf("insert into role_grants (organization_id, kind, membership_id, role) values ($1, 'agency', $2, 'freelancer')", [
      parseId('agency', nord.id),
      parseId('member', gilId)
    ]),
    'freelancer_profiles_needed',
    'the database holds it as well'
  )

  for (const who of [gil, hal, ivo]) await freelance(who)
  t.equal((await send('PUT', inTeam, bea)).statusCode, 200)
  t.equal((await move()).statusCode, 200)
  t.equal((await setRoles(nord, gilId, [{ role: 'business_manager' }, { role: 'freelancer' }])).statusCode, 200)
  await join(nord, ivo, [{ role: 'freelancer', teamId: maps }])
  t.equal((await freelancers(nord)).length, before + 3, 'with a profile each path is open; a team role went when roles were set')
})

t.test('G-1 409: the profile that an agency needs stays open, and `resolve` leads out', async (t) => {
  const answer = await send('DELETE', profile, dora)
  refused(t, answer, 409, 'closure_blocked')
  const [blocker] = answer.json().blockers
  t.strictSame(
    [answer.json().blockers.length, blocker.code, blocker.resource, blocker.resolve],
    [1, 'freelancer_profile_required', doraId, { method: 'DELETE', href: `${nord.url}/members/${doraId}` }]
  )
  const owners = (await send('DELETE', profile, bea)).json().blockers
  t.match(owners, [{ resource: nord.id, resolve: { method: 'POST', href: `${nord.url}/closure` } }])
})

t.test('G-4 S-8 409 401 403: closing waits for all work through the agency, and only its owner closes it', async (t) => {
  const place = await found(olga, 'agency')
  await join(place, pia, [{ role: 'admin' }])
  await put('closing-1', 1, 'open', place.id, pia)
  await put('closing-2', 1, 'archived', place.id, olga)
  await put('closing-3', 1, 'withdrawn', place.id, olga)
  const state = async () => (await send('GET', place.url, olga)).json().status

  refused(t, await closeAgency(place.url, pia), 403, 'access_denied', 'an admin')
  const blocked = await closeAgency(place.url, olga)
  refused(t, blocked, 409, 'active_agency_work')
  t.strictSame(
    blocked.json().blockers.map(({ code, resource, resolve }: Record<string, unknown>) => [code, resource, resolve]),
    ['closing-1', 'closing-2'].map((id) => ['active_agency_work', id, { service: 'proposals' }]),
    'the complete list'
  )
  const preview = await send('POST', `${place.url}/closure?dryRun=true`, olga, {})
  t.strictSame([preview.statusCode, preview.json()], [200, { dryRun: true, blockers: blocked.json().blockers }])
  await put('closing-1', 2, 'withdrawn', place.id, pia)
  await put('closing-2', 2, 'closed', place.id, olga)
  t.strictSame((await send('POST', `${place.url}/closure?dryRun=true`, olga, {})).json(), { dryRun: true, blockers: [] })
  t.equal(await state(), 'active', 'a dry run changes nothing')

  await world.sql("update sessions set authenticated_at = now() - interval '1 day' where account_id = $1", [
    parseId('account', olga.accountId)
  ])
  refused(t, await closeAgency(place.url, olga), 401, 'reauthentication_required')
  await ok(send('POST', '/v1/me/reauthentication', olga, { password: olga.password }))
  const closed = await closeAgency(place.url, olga)
  t.strictSame([closed.statusCode, closed.json().status], [200, 'closed'])

  t.equal((await send('GET', place.url, pia)).json().status, 'closed', 'it can be looked at')
  refused(t, await send('POST', `${place.url}/teams`, olga, { name: 'Late' }), 409, 'organization_closed')
  await t.rejects(join(place, emil, [{ role: 'freelancer' }]), { code: 'organization_closed' })
  t.equal((await send('DELETE', `${place.url}/members/${await memberIdOf(place, pia)}`, pia)).statusCode, 204, 'leaving is possible')
})

t.test('G-2 409: who works through one agency exclusively founds no other', async (t) => {
  const noraId = await join(west, nora, [{ role: 'freelancer' }], { exclusive: true })
  const create = () => send('POST', '/v1/agencies', nora, { name: 'Her own' })
  const refusal = await create()
  refused(t, refusal, 409, 'exclusive_elsewhere')
  const href = `${west.url}/members/${noraId}`
  const blocker = { code: 'exclusive_elsewhere', resource: west.id, resolve: { method: 'DELETE', href } }
  t.match(refusal.json().blockers, [blocker])
  t.equal(refusal.json().blockers.length, 1)
  t.strictSame(await owned(nora), [])
  await ok(send('DELETE', href, nora))
  t.equal((await create()).statusCode, 201, 'once she left')
})

t.test('P-4 G-1 409: an agency is opened again only while its owner owns no other and has a profile', async (t) => {
  const first = await found(rosa, 'agency')
  refused(t, await reopen(first.url), 409, 'conflict', 'it is open')
  await ok(closeAgency(first.url, rosa))
  const second = await found(rosa, 'agency')
  refused(t, await reopen(first.url), 409, 'agency_limit')
  t.strictSame((await owned(rosa)).map(({ status }) => status).sort(), ['active', 'closed'])
  await ok(closeAgency(second.url, rosa))
  await ok(send('DELETE', profile, rosa))
  refused(t, await reopen(first.url), 409, 'freelancer_profile_required')
  await freelance(rosa)
  refused(t, await send('POST', `${first.url}/reopening`, rosa, { reason: 'Please.' }), 401, 'not_signed_in', 'operators only')
  const opened = await reopen(first.url)
  t.strictSame([opened.statusCode, opened.json().status], [200, 'active'])
  refused(t, await reopen(second.url), 409, 'agency_limit')
})
