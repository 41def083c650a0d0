import type { InjectOptions } from 'fastify'
import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { inForce } from '../support/enforcement.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

const world = await openWorld(t, { instances: 2, env: { COMPANIES_PER_ACCOUNT: '3' } })
const { send, ok, found, join, team, tagOf, setRoles, freelance } = organizations(world)

const [olga, ada, mia, sam, lena, vera, fred, otto, rita] = [
  await world.person('Olga'),
  await world.person('Ada'),
  await world.person('Mia'),
  await world.person('Sam'),
  await world.person('Lena'),
  await world.person('Vera'),
  await world.person('Fred'),
  await world.person('Otto'),
  await world.person('Rita')
]
const operator = await world.operator()
const seller = await world.service('plans', ['plans.write'])
const other = await world.service('other', ['contracts.write'])

// Acme has an admin and a plain member; Otto owns two companies of the same shape.
const acme = await found(olga)
await join(acme, ada, [{ role: 'admin' }])
const miaId = await join(acme, mia, [{ role: 'member', teamId: acme.defaultTeamId }])
const [first, second] = [await found(otto), await found(otto)]
const unknownId = `company_${'0'.repeat(26)}`

const create = (by: Person, payload: object = { displayName: 'Plates Ltd' }, instance = 0) =>
  send('POST', '/v1/companies', by, payload, instance)
const patch = (place: Pick<Place, 'url'>, by: Person, payload: object, ifMatch?: string, instance = 0) =>
  world.inject(
    { method: 'PATCH', url: place.url, headers: { ...by.headers, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) }, payload },
    instance
  )
const close = (place: Pick<Place, 'url'>, by: Person, payload: object = {}, query = '') =>
  send('POST', `${place.url}/closure${query}`, by, payload)
const reopen = (place: Pick<Place, 'url'>, by: { headers: object } = operator, payload: object = { reason: 'Closed by mistake.' }) =>
  send('POST', `${place.url}/reopening`, by, payload)
const uuid = (place: Pick<Place, 'kind' | 'id'>) => parseId(place.kind, place.id)!

interface Told {
  action: string
  before: unknown
  after: unknown
  personal: object | null
}
/** What the audit of a company says, oldest first. */
const audit = (place: Pick<Place, 'kind' | 'id'>, like = '%') =>
  world.sql<Told>(
    `select e.action, e.detail -> 'before' as before, e.detail -> 'after' as after, p.values as personal from audit_events e
      left join audit_personal p on p.event_id = e.id where e.chain_id = $1 and e.action like $2 order by e.sequence`,
    [uuid(place), like]
  )
const events = (place: Pick<Place, 'kind' | 'id'>, like = '%') =>
  world.sql<{ type: string; subject: string; before: unknown; after: unknown }>(
    'select type, subject, before, after from events where organization_id = $1 and type like $2 order by position',
    [uuid(place), like]
  )
/** Everything of a company that a refused request must leave alone. */
const stateOf = (place: Pick<Place, 'kind' | 'id'>) =>
  world.sql(
    `select o::text, (select json_agg(m order by m.id) from memberships m where m.organization_id = o.id)::text as members,
        (select json_agg(g order by g.membership_id, g.role, g.team_id) from role_grants g where g.organization_id = o.id)::text as grants,
        (select json_agg(x order by x.id) from teams x where x.organization_id = o.id)::text as teams,
        (select json_agg(x order by x.team_id, x.membership_id) from team_members x where x.organization_id = o.id)::text as team_members,
        (select json_agg(x order by x.key) from custom_roles x where x.organization_id = o.id)::text as custom_roles,
        (select count(*)::int from audit_events e where e.chain_id = o.id) as audited
      from organizations o where o.id = $1`,
    [uuid(place)]
  )

/** Every call that a person can make below a company, with the documented body. */
function calls(place: Place, ids: { teamId: string; memberId: string; key?: string }): InjectOptions[] {
  const values: Record<string, string> = { companyId: place.id, contractId: 'c-1', key: 'none_such', ...ids }
  return world.app.operations
    .filter(({ path, access }) => access.kind === 'account' && path.startsWith('/v1/companies/:companyId'))
    .map(({ method, path, example }) => ({
      method,
      url: path.replace(/:(\w+)/g, (_, name: string) => values[name] ?? `${name.replace(/Id$/, '')}_${'0'.repeat(26)}`),
      headers: { 'if-match': '"1"' },
      ...(example === undefined ? {} : { payload: example })
    })) as InjectOptions[]
}
/** Invisible characters of a test's name, made visible. */
const visible = (text: string) => text.replace(/[^ -~]/gu, (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`)
const as = (by: Person, call: InjectOptions): InjectOptions => ({ ...call, headers: { ...call.headers, ...by.headers } })

t.test('C-1 201: a company comes with its owner, its membership and its default team, all at once', async (t) => {
  const details = {
    displayName: 'Okafor Studio',
    legalName: 'Okafor Studio GmbH',
    website: 'https://okafor.example/en?x=1',
    size: '2-9',
    countryCode: 'DE',
    vatNumber: 'de 136.695-976',
    timeZone: 'Europe/Berlin',
    logoUrl: 'https://okafor.example/logo.png'
  }
  const made = await create(rita, details)
  t.equal(made.statusCode, 201)
  t.equal(made.headers.etag, '"1"')
  const { id, defaultTeamId, createdAt, ...rest } = made.json()
  t.match([id, defaultTeamId, createdAt], [/^company_/, /^team_/, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/])
  t.strictSame(rest, {
    ...details,
    vatNumber: 'DE136695976',
    plan: 'basic',
    status: 'active',
    enforcement: 'none',
    ownerAccountId: rita.accountId,
    securityPolicy: { requireSecondFactor: false }
  })
  const url = `/v1/companies/${id}`
  const fresh = { headers: { ...rita.headers, 'at-least-as-fresh': String(made.headers['consistency-token']) } }
  const seen = await send('GET', url, fresh, undefined, 1)
  t.strictSame([seen.statusCode, seen.headers.etag, seen.json()], [200, '"1"', made.json()], 'the other instance shows it')
  const teams = (await send('GET', `${url}/teams`, fresh)).json().items
  t.match(teams, [{ id: defaultTeamId, name: 'General', default: true, hidden: false, memberCount: 1 }])
  const members = (await send('GET', `${url}/members`, fresh)).json().items
  t.match(members, [{ accountId: rita.accountId, owner: true, status: 'active', source: 'founder', affiliation: null, grants: [] }])
  t.strictSame([members.length, members[0].teams], [1, [{ id: defaultTeamId, name: 'General' }]])

  const state = { status: 'active', owner: true, grants: [], teams: [defaultTeamId] }
  const place = { kind: 'company' as const, id }
  const { vatNumber: _, ...kept } = details
  t.match(await audit(place), [
    {
      action: 'company.created',
      before: null,
      after: { ownerAccountId: rita.accountId },
      personal: { after: { legalName: kept.legalName } }
    },
    { action: 'team.created', before: null, after: { hidden: false }, personal: { name: 'General' } },
    { action: 'member.joined', before: null, after: state }
  ])
  t.strictSame(await events(place), [
    { type: 'company.created', subject: id, before: null, after: { name: 'Okafor Studio', ownerAccountId: rita.accountId } },
    { type: 'team.created', subject: defaultTeamId, before: null, after: { name: 'General' } },
    { type: 'member.joined', subject: members[0].id, before: null, after: { accountId: rita.accountId, ...state } }
  ])
})

t.test('C-1 201: only the name has to be said', async (t) => {
  const made = (await create(rita, { displayName: '🪶' })).json()
  const empty = { legalName: null, website: null, size: null, countryCode: null, vatNumber: null, timeZone: null, logoUrl: null }
  t.match(made, { displayName: '🪶', ...empty })
})

t.test('C-1 400: what is no name, number, zone, country or address is refused, on creating and on changing', async (t) => {
  const tag = await tagOf(acme.url, olga)
  const before = await stateOf(acme)
  const wrong: object[] = [
    { displayName: '' },
    { displayName: ' Acme' },
    { displayName: 'x'.repeat(101) },
    { displayName: 7 },
    ...[0x00, 0x09, 0x0a, 0x1b, 0x7f, 0x85, 0xad, 0x200b, 0x200e, 0x202e, 0x2028, 0x2066, 0xfeff, 0xe0041, 0xd800].flatMap((code) => [
      { displayName: `Ac${String.fromCodePoint(code)}me` },
      { displayName: 'Acme', legalName: `Ac${String.fromCodePoint(code)}me` }
    ]),
    ...['', 'x'.repeat(201)].map((legalName) => ({ displayName: 'Acme', legalName })),
    ...[
      'DE123',
      'DE1366959760',
      '136695976',
      'DE\u202e136695976',
      'ZZ12345678',
      'GR123456783X',
      'US',
      'X',
      '',
      'D'.repeat(41),
      136695976
    ].map((vatNumber) => ({ displayName: 'Acme', vatNumber })),
    ...['Mars/Olympus', 'europe/berlin', '+02:00', ''].map((timeZone) => ({ displayName: 'Acme', timeZone })),
    ...['de', 'DEU', 'XX', 'UK', ''].map((countryCode) => ({ displayName: 'Acme', countryCode })),
    ...[
      'http://acme.example',
      'acme.example',
      'javascript:alert(1)',
      'https://u:p@acme.example',
      'https://ac\u202eme.example',
      'https://acme'
    ].flatMap((url) => [
      { displayName: 'Acme', website: url },
      { displayName: 'Acme', logoUrl: url }
    ]),
    ...['many', '1-9', ''].map((size) => ({ displayName: 'Acme', size })),
    { displayName: 'Acme', tagline: 'an agency has one' },
    { displayName: 'Acme', plan: 'enterprise' },
    { displayName: 'Acme', ownerAccountId: mia.accountId },
    { displayName: 'Acme', status: 'suspended' },
    { displayName: null }
  ]
  for (const body of wrong) {
    const name = visible(JSON.stringify(body))
    refused(t, await create(lena, body), 400, 'invalid_input', name)
    refused(t, await patch(acme, olga, body, tag), 400, 'invalid_input', name)
  }
  for (const body of [{}, []]) refused(t, await create(lena, body), 400, 'invalid_input', JSON.stringify(body))
  for (const securityPolicy of [null, {}, { requireSecondFactor: 'true' }, { requireSecondFactor: true, mfa: true }])
    refused(t, await patch(acme, olga, { securityPolicy }, tag), 400, 'invalid_input', JSON.stringify(securityPolicy))
  t.strictSame(await stateOf(acme), before, 'nothing was changed')
  t.strictSame(await world.sql('select from organizations where owner_account_id = $1', [parseId('account', lena.accountId)]), [])
})

t.test('C-1 200: VAT numbers are taken as people write them and kept in one form', async (t) => {
  for (const [given, kept] of [
    ['de 136 695 976', 'DE136695976'],
    ['DE-136.695.976', 'DE136695976'],
    ['el094259216', 'EL094259216'],
    ['XI 110305878', 'XI110305878'],
    ['CHE-116.281.710 MWST', 'CHE116281710MWST'],
    ['JP 1234-5678', 'JP12345678']
  ] as const) {
    const answer = await patch(acme, olga, { vatNumber: given }, await tagOf(acme.url, olga))
    t.equal(answer.json().vatNumber, kept, given)
  }
})

t.test('C-5 200: a change touches the given details only, and the audit keeps both sides', async (t) => {
  const place = await found(fred)
  const before = (await ok(send('GET', place.url, fred))).json()
  const changed = await patch(place, fred, { legalName: 'Fred GmbH', size: '1000+' }, '"1"')
  t.strictSame([changed.statusCode, changed.headers.etag], [200, '"2"'])
  t.strictSame(changed.json(), { ...before, legalName: 'Fred GmbH', size: '1000+' })
  const again = await patch(place, fred, { legalName: null, displayName: 'Fred & Co' }, '"2"', 1)
  t.strictSame(again.json(), { ...changed.json(), legalName: null, displayName: 'Fred & Co' }, 'null empties one')
  for (const same of [{}, { displayName: 'Fred & Co', legalName: null }, { securityPolicy: { requireSecondFactor: false } }])
    t.equal((await patch(place, fred, same, '"3"')).headers.etag, '"3"', 'what is as it was makes no version')
  t.strictSame((await send('GET', place.url, fred)).json(), again.json())
  const told = await audit(place, 'company.updated')
  t.strictSame(
    told.map(({ personal }) => personal),
    [
      { before: { legalName: null, size: null }, after: { legalName: 'Fred GmbH', size: '1000+' } },
      { before: { name: before.displayName, legalName: 'Fred GmbH' }, after: { name: 'Fred & Co', legalName: null } }
    ]
  )
  t.strictSame(
    (await events(place, 'company.updated')).map(({ before, after }) => [before, after]),
    [
      [{ name: before.displayName }, { name: before.displayName, fields: ['legalName', 'size'] }],
      [{ name: before.displayName }, { name: 'Fred & Co', fields: ['legalName', 'name'] }]
    ]
  )
})

t.test('412 428 400: without the version that was seen nothing is changed', async (t) => {
  const before = await stateOf(acme)
  refused(t, await patch(acme, olga, { displayName: 'New' }), 428, 'version_required')
  for (const stale of ['"0"', '"999"']) refused(t, await patch(acme, olga, { displayName: 'New' }, stale), 412, 'stale_version', stale)
  t.strictSame(await stateOf(acme), before)
})

t.test('412 at once: of many changes from one version exactly one is made', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const tag = await tagOf(acme.url, olga)
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => patch(acme, index % 2 ? olga : ada, { displayName: `Acme ${round} ${index}` }, tag, index))
    )
    const won = answers.filter(({ statusCode }) => statusCode === 200)
    t.equal(won.length, 1)
    for (const answer of answers) if (answer !== won[0]) refused(t, answer, 412, 'stale_version')
    t.strictSame((await send('GET', acme.url, olga)).json(), won[0]!.json())
  }
})

t.test('C-5 403: a member looks at the company; an admin changes it; only the owner closes it', async (t) => {
  const tag = await tagOf(acme.url, mia)
  const before = await stateOf(acme)
  for (const [by, what, permission] of [
    [mia, () => patch(acme, mia, { displayName: 'Mine' }, tag), 'company.update'],
    [mia, () => close(acme, mia), 'company.close'],
    [ada, () => close(acme, ada), 'company.close']
  ] as const) {
    const answer = await what()
    refused(t, answer, 403, 'access_denied', `${by.email} ${permission}`)
    t.strictSame(answer.json().missingPermissions, [permission])
  }
  t.strictSame(await stateOf(acme), before)
  t.equal((await patch(acme, ada, { timeZone: 'UTC' }, tag)).statusCode, 200)
})

t.test('401: nothing of a company is told or done without signing in, nor by a service or an operator', async (t) => {
  for (const call of [...calls(acme, { teamId: acme.defaultTeamId, memberId: miaId }), { method: 'POST', url: '/v1/companies' }]) {
    refused(t, await world.inject(call as InjectOptions), 401, 'not_signed_in', `${call.method} ${call.url}`)
  }
  for (const by of [operator, other]) refused(t, await send('GET', acme.url, by), 401, 'not_signed_in')
  refused(t, await reopen(acme, olga), 401, 'not_signed_in', 'opening again is for operators')
  refused(
    t,
    await send('PUT', `${acme.url}/plan`, olga, { plan: 'plus' }),
    401,
    'not_signed_in',
    'the plan is for the service that sells it'
  )
})

t.test('C-3 404: to who is no member, or none any more, the company is like one that does not exist', async (t) => {
  await freelance(sam)
  const agency = await found(sam, 'agency')
  const left = await join(acme, lena, [{ role: 'admin' }])
  await ok(send('DELETE', `${acme.url}/members/${left}`, lena))
  const before = await stateOf(acme)
  const here = calls(acme, { teamId: acme.defaultTeamId, memberId: miaId })
  const nowhere = calls({ ...acme, id: unknownId }, { teamId: acme.defaultTeamId, memberId: miaId })
  t.ok(here.length > 20, 'every call there is')
  for (const [index, call] of here.entries()) {
    const name = `${call.method} ${call.url}`
    const [answer, none] = [await world.inject(as(sam, call)), await world.inject(as(sam, nowhere[index]!))]
    refused(t, answer, 404, 'not_found', name)
    const { requestId: _, instance: __, ...told } = answer.json()
    const { requestId: _r, instance: _i, ...ofNone } = none.json()
    t.strictSame(told, ofNone, `${name} tells no more`)
    refused(t, await world.inject(as(lena, call), 1), 404, 'not_found', `${name} after leaving`)
  }
  t.strictSame(await stateOf(acme), before, 'and nothing was changed')
  for (const id of [unknownId, agency.id, acme.id.replace('company_', 'agency_'), acme.id.toUpperCase(), 'company_1', uuid(acme)]) {
    refused(t, await send('GET', `/v1/companies/${id}`, id === agency.id ? sam : olga), 404, 'not_found', id)
  }
  refused(t, await send('GET', `/v1/agencies/${acme.id}`, olga), 404, 'not_found', 'a company is no agency')
  refused(t, await send('GET', acme.url.replace('companies', 'agencies').replace('company_', 'agency_'), olga), 404, 'not_found')
})

t.test('P-4 C-2 404: one person owns several companies, and an id of one is nothing under the path of the other', async (t) => {
  await join(first, mia, [{ role: 'recruiter' }])
  const [firstTeam, miaInFirst] = [await team(first, 'Maps'), await join(first, mia)]
  await ok(
    send('POST', `${first.url}/roles`, otto, { key: 'none_such', name: 'N', description: 'D', permissions: ['job.post', 'team.read'] })
  )
  const ids = { teamId: firstTeam, memberId: miaInFirst }
  // A control: under their own path they are found.
  t.equal((await send('GET', `${first.url}/teams/${firstTeam}`, otto)).statusCode, 200)
  t.equal((await send('GET', `${first.url}/members/${miaInFirst}`, otto)).statusCode, 200)
  const before = [await stateOf(first), await stateOf(second)]
  const crossed = calls(second, ids).filter(({ url }) => /team_|member_|none_such/.test(String(url)))
  t.ok(crossed.length > 10)
  for (const call of crossed) refused(t, await world.inject(as(otto, call)), 404, 'not_found', `${call.method} ${call.url}`)
  refused(t, await send('GET', `${second.url}/members?team=${firstTeam}`, otto), 404, 'not_found', 'as a filter too')

  const [ownMember] = (await ok(send('GET', `${second.url}/members`, otto))).json().items
  const roles = (grants: object[]) =>
    world.inject({
      method: 'PATCH',
      url: `${second.url}/members/${ownMember.id}/roles`,
      headers: { ...otto.headers, 'if-match': '"1"' },
      payload: { grants }
    })
  refused(t, await roles([{ role: 'member', teamId: firstTeam }]), 422, 'unknown_team')
  refused(t, await roles([{ role: 'none_such' }]), 422, 'unknown_role')
  const move = { fromTeamId: second.defaultTeamId, toTeamId: firstTeam }
  refused(t, await send('POST', `${second.url}/members/${ownMember.id}/move`, otto, move), 404, 'not_found')
  const removal = `${second.url}/members/${ownMember.id}?reassignContactTo=${miaInFirst}`
  refused(t, await send('DELETE', removal, otto), 404, 'not_found')
  t.strictSame([await stateOf(first), await stateOf(second)], before, 'neither company was touched')
  refused(t, await send('GET', second.url, mia), 404, 'not_found', 'a member of one is none of the other')
})

t.test('P-4 409: an account owns a limited number of companies, however many are asked for at once; closing one makes room', async (t) => {
  for (let round = 0; round < rounds(1); round++) {
    const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => create(lena, { displayName: `No ${index}` }, index)))
    const made = answers.filter(({ statusCode }) => statusCode === 201)
    t.equal(made.length, 3)
    for (const answer of answers) if (!made.includes(answer)) refused(t, answer, 409, 'company_limit')
    for (const [index, answer] of made.entries()) {
      const place = { url: `/v1/companies/${answer.json().id}` }
      await ok(close(place, lena))
      if (index > 0) continue
      const next = await create(lena)
      t.equal(next.statusCode, 201, 'a closed one does not count')
      refused(t, await create(lena), 409, 'company_limit')
      await ok(close({ url: `/v1/companies/${next.json().id}` }, lena))
    }
  }
})

t.test('E-2 403: who is restricted founds no company, and goes on with the ones there are', async (t) => {
  const place = await found(sam)
  await world.sql(`update accounts set ${inForce('restricted')} where id = $1`, [parseId('account', sam.accountId)])
  refused(t, await create(sam), 403, 'account_restricted')
  t.equal((await patch(place, sam, { size: '1' }, await tagOf(place.url, sam))).statusCode, 200)
})

t.test('S-7 409 403 200: a company requires a second factor only through who has one, and then of everybody', async (t) => {
  const place = await found(vera)
  const hana = ada
  const hanaId = await join(place, hana, [{ role: 'admin' }])
  const policy = (by: Person, requireSecondFactor: boolean, tag: string) =>
    patch(place, by, { securityPolicy: { requireSecondFactor } }, tag)
  const before = await stateOf(place)
  refused(t, await policy(vera, true, '"1"'), 409, 'totp_not_enabled')
  const { secret } = (await ok(send('POST', '/v1/me/totp', vera, {}))).json()
  refused(t, await policy(vera, true, '"1"'), 409, 'totp_not_enabled', 'one that is being set up is none')
  t.strictSame(await stateOf(place), before)
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
  await ok(send('POST', '/v1/me/totp/confirmation', vera, { code }))
  const answer = await policy(vera, true, '"1"')
  t.match([answer.statusCode, answer.json().securityPolicy], [200, { requireSecondFactor: true }])
  t.match(await audit(place, 'company.updated'), [{ before: { requireSecondFactor: false }, after: { requireSecondFactor: true } }])
  for (const call of [
    send('GET', place.url, hana),
    send('GET', `${place.url}/members`, hana, undefined, 1),
    policy(hana, false, '"2"'),
    send('POST', `${place.url}/teams`, hana, { name: 'Mine' })
  ])
    refused(t, await call, 403, 'organization_requires_second_factor')
  t.equal((await send('GET', place.url, vera)).statusCode, 200)
  const seen = (await ok(send('GET', `${place.url}/members/${hanaId}/permissions`, vera))).json()
  t.match(seen, { denied: 'second_factor_required', organization: [], teams: [{ permissions: [] }] })
  t.equal((await send('DELETE', `${place.url}/members/${hanaId}`, hana)).statusCode, 204, 'leaving is everybody’s right')
})

t.test('S-8 401: closing needs a recent sign-in', async (t) => {
  const place = await found(mia)
  await world.sql(`update sessions set authenticated_at = now() - interval '11 minutes' where account_id = $1`, [
    parseId('account', mia.accountId)
  ])
  for (const query of ['', '?dryRun=true']) refused(t, await close(place, mia, {}, query), 401, 'reauthentication_required')
  t.equal((await send('GET', place.url, mia)).json().status, 'active')
  await ok(send('POST', '/v1/me/reauthentication', mia, { password: mia.password }))
  t.equal((await close(place, mia)).json().status, 'closed')
})

t.test('C-3 409: a closed company can be looked at and not changed; an operator opens it again as it was', async (t) => {
  const place = await found(rita)
  const [adminId, plainId] = [await join(place, ada, [{ role: 'admin' }]), await join(place, mia)]
  const design = await team(place, 'Design')
  await ok(send('POST', `${place.url}/ownership-transfer`, rita, { memberId: adminId }))
  const before = await stateOf(place)
  const preview = await close(place, rita, {}, '?dryRun=true')
  t.strictSame([preview.statusCode, preview.json()], [200, { dryRun: true, blockers: [] }])
  t.strictSame(await stateOf(place), before, 'a dry run closes nothing')
  for (const body of [{ reason: '' }, { reason: 'a\u202eb' }, { why: 'x' }, { reason: 'x'.repeat(1001) }])
    refused(t, await close(place, rita, body), 400, 'invalid_input', JSON.stringify(body))

  const shown = (await send('GET', place.url, rita)).json()
  const closed = await close(place, rita, { reason: 'We merged.' })
  t.strictSame([closed.statusCode, closed.headers.etag, closed.json()], [200, '"2"', { ...shown, status: 'closed' }])
  const change = { before: { status: 'active' }, after: { status: 'closed' } }
  t.match(await audit(place, 'company.closed'), [{ ...change, personal: { reason: 'We merged.' } }])
  t.strictSame(await events(place, 'company.closed'), [{ type: 'company.closed', subject: place.id, ...change }])
  t.match(
    await audit(place, 'ownership.offer_cancelled'),
    [{ before: { status: 'offered' }, after: { status: 'cancelled' } }],
    'an offer is void'
  )
  t.match(await events(place, 'ownership.offer_cancelled'), [{ after: { status: 'cancelled' } }])

  for (const by of [rita, mia]) t.equal((await send('GET', place.url, by, undefined, 1)).json().status, 'closed')
  t.equal((await send('GET', `${place.url}/members`, rita)).json().items.length, 3)
  const still = await stateOf(place)
  for (const [by, method, path, payload] of [
    [rita, 'POST', '/closure', {}],
    [rita, 'PATCH', '', { displayName: 'New' }],
    [rita, 'POST', '/teams', { name: 'New' }],
    [rita, 'PATCH', `/teams/${design}`, { name: 'New' }],
    [rita, 'PATCH', `/teams/${design}`, {}],
    [ada, 'PUT', `/teams/${design}/members/${plainId}`, undefined],
    [ada, 'PATCH', `/members/${plainId}/roles`, { grants: [] }],
    [ada, 'POST', `/members/${plainId}/suspension`, {}],
    [ada, 'DELETE', `/members/${plainId}/suspension`, undefined],
    [ada, 'DELETE', `/members/${plainId}`, undefined],
    [rita, 'POST', '/ownership-transfer', { memberId: adminId }],
    [rita, 'POST', '/roles', { key: 'poster', name: 'P', description: 'D', permissions: ['job.post'] }]
  ] as const) {
    const headers = { ...by.headers, 'if-match': method === 'PATCH' && path === '' ? '"2"' : '"1"' }
    const answer = await world.inject({ method, url: place.url + path, headers, ...(payload ? { payload } : {}) })
    refused(t, answer, 409, 'organization_closed', `${method} ${path}`)
  }
  t.strictSame(await stateOf(place), still)

  for (const body of [{}, { reason: '' }, { reason: 'a\nb' }]) refused(t, await reopen(place, operator, body), 400, 'invalid_input')
  refused(t, await reopen({ url: `/v1/companies/${unknownId}` }), 404, 'not_found')
  refused(t, await reopen(acme), 409, 'conflict', 'one that is open')
  for (const { email } of [rita, ada])
    refused(t, await reopen(place, await world.operator(email)), 403, 'access_denied', `an organization of which ${email} is a part`)
  const opened = await reopen(place)
  t.strictSame([opened.statusCode, opened.json()], [200, shown])
  const back = { before: { status: 'closed' }, after: { status: 'active' } }
  t.match(await audit(place, 'company.reopened'), [{ ...back, personal: { reason: 'Closed by mistake.' } }])
  t.strictSame(await events(place, 'company.reopened'), [{ type: 'company.reopened', subject: place.id, ...back }])
  t.equal((await send('POST', `${place.url}/teams`, ada, { name: 'New' })).statusCode, 201, 'its admin goes on')
  t.equal((await send('GET', `${place.url}/members`, rita)).json().items.length, 3)
  refused(t, await send('POST', `${place.url}/ownership-transfer/accept`, ada, {}), 409, 'transfer_not_open')
  refused(t, await reopen(place), 409, 'conflict')
})

t.test('C-9 200 403: the service that sells plans sets them, and nobody else', async (t) => {
  const set = (place: Pick<Place, 'url'>, plan: unknown, by: { headers: object } = seller) => send('PUT', `${place.url}/plan`, by, { plan })
  const place = await found(ada, 'company', 'basic')
  refused(t, await set(place, 'plus', other), 403, 'access_denied')
  for (const plan of ['gold', '', null]) refused(t, await set(place, plan), 400, 'invalid_input', String(plan))
  refused(t, await set({ url: `/v1/companies/${unknownId}` }, 'plus'), 404, 'not_found')
  const raised = await set(place, 'business')
  t.match([raised.statusCode, raised.headers.etag, raised.json().plan], [200, '"2"', 'business'])
  t.equal((await set(place, 'business')).headers.etag, '"2"', 'the same twice is the same')
  const change = { before: { plan: 'basic' }, after: { plan: 'business' } }
  t.match(await audit(place, 'company.plan_changed'), [change])
  t.strictSame(await events(place, 'company.plan_changed'), [{ type: 'company.plan_changed', subject: place.id, ...change }])
})

t.test('C-5 200: who becomes admin may change the company from then on, who loses it may not', async (t) => {
  t.equal((await setRoles(acme, miaId, [{ role: 'admin' }])).statusCode, 200)
  t.equal((await patch(acme, mia, { size: '1' }, await tagOf(acme.url, olga), 1)).statusCode, 200)
  t.equal((await setRoles(acme, miaId, [{ role: 'recruiter' }], ada)).statusCode, 200)
  refused(t, await patch(acme, mia, { size: '2-9' }, await tagOf(acme.url, olga), 1), 403, 'access_denied')
})
