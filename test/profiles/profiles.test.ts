import { randomUUID } from 'node:crypto'
import type { InjectOptions } from 'fastify'
import pg from 'pg'
import t from 'tap'
import { publicId } from '../../src/http/ids.ts'
import { inForce } from '../support/enforcement.ts'
import { meanwhile } from '../support/locks.ts'
import { refused } from '../support/problems.ts'
import { databaseUrl, long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

const world = await openWorld(t, { instances: 2 })
const path = '/v1/me/profiles/freelancer'

type Named = Person & { uuid: string }
const people: Record<string, Named> = {}
const names = [
  'Finn',
  'Fay',
  'Fritz',
  'Flora',
  'Felix',
  'Freya',
  'Frank',
  'Fumi',
  'Farid',
  'Olga',
  'Otto',
  'Sam',
  'Bea',
  'Ana',
  'Anton'
] as const
for (const name of names) {
  const person = await world.person(name)
  const [row] = await world.sql<{ id: string }>('select account_id as id from emails where canonical = $1', [person.email])
  people[name] = { ...person, uuid: row!.id }
}
const the = (name: (typeof names)[number]): Named => people[name]!

const service = new pg.Client({ connectionString: databaseUrl('service', world.database) })
await service.connect()
t.teardown(() => service.end())

const content = {
  title: 'Map maker',
  overview: 'Maps for publishers.\n\nAlso plates.',
  hourlyRate: { amount: 6500, currency: 'EUR' },
  visibility: 'public',
  skills: ['Ink', 'Cartography']
}
const special = { title: 'Bird plates', overview: 'Birds.', hourlyRate: { amount: 1, currency: 'JPY' }, skills: ['Gouache'] }
type Headers = Record<string, string>

const call = (person: Pick<Person, 'headers'>, method: string, below = '', payload?: object, ifMatch?: string, instance = 0) =>
  world.inject(
    {
      method,
      url: path + below,
      headers: { ...person.headers, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
      ...(payload ? { payload } : {})
    } as InjectOptions,
    instance
  )
const create = (person: Person, payload: object = content, instance = 0) => call(person, 'POST', '', payload, undefined, instance)
const get = (person: Person) => call(person, 'GET')
const patch = (person: Person, payload: object, ifMatch?: string, instance = 0) => call(person, 'PATCH', '', payload, ifMatch, instance)
const close = (person: Person) => call(person, 'DELETE')
const preview = (person: Person) => call(person, 'DELETE', '?dryRun=true')
const addSpecial = (person: Person, payload: object = special, instance = 0) =>
  call(person, 'POST', '/specialised', payload, undefined, instance)
const tagOf = async (person: Person): Promise<string> => String((await get(person)).headers.etag)

/** Statements that found an organization: owner, default team, membership. */
function founding(kind: 'company' | 'agency', owner: Named, name: string) {
  const [id, team, member] = [randomUUID(), randomUUID(), randomUUID()] as const
  const part = kind === 'agency' ? `'non_exclusive', int8range(nextval('agency_slots'), currval('agency_slots'), '[]')` : 'null, null'
  const statements = `
    insert into organizations (id, kind, owner_account_id, default_team_id, name) values ('${id}', '${kind}', '${owner.uuid}', '${team}', '${name}');
    insert into teams (id, organization_id, name) values ('${team}', '${id}', 'All');
    insert into memberships (id, organization_id, kind, account_id, source, affiliation, slots)
      values ('${member}', '${id}', '${kind}', '${owner.uuid}', 'founder', ${part});
    insert into team_members (organization_id, team_id, membership_id) values ('${id}', '${team}', '${member}');
    ${kind === 'agency' ? `insert into role_grants (organization_id, kind, membership_id, role) values ('${id}', 'agency', '${member}', 'freelancer');` : ''}`
  return { id, team, member, statements }
}
function joining(agency: string, person: Named, role: string) {
  const member = randomUUID()
  const statements = `
    insert into memberships (id, organization_id, kind, account_id, source, affiliation, slots)
      values ('${member}', '${agency}', 'agency', '${person.uuid}', 'invitation', 'non_exclusive', int8range(nextval('agency_slots'), currval('agency_slots'), '[]'));
    insert into role_grants (organization_id, kind, membership_id, role) values ('${agency}', 'agency', '${member}', '${role}');`
  return { member, statements }
}
const proposal = (id: string, person: Named, status: string, agencyId?: string) =>
  `insert into proposals (id, version, body_hash, account_id, status, agency_id)
    values ('${id}', 1, '\\x00', '${person.uuid}', '${status}', ${agencyId ? `'${agencyId}'` : 'null'});`

const company = founding('company', the('Olga'), 'Acme')
await world.sql(company.statements)
const contract = (id: string, person: Named, status = 'active', agencyId?: string) =>
  `insert into contracts (id, version, body_hash, company_id, team_id, contact_account_id, contact_membership_id, freelancer_account_id, status, agency_id)
    values ('${id}', 1, '\\x00', '${company.id}', '${company.team}', '${the('Olga').uuid}', ${status === 'active' ? `'${company.member}'` : 'null'}, '${person.uuid}', '${status}', ${agencyId ? `'${agencyId}'` : 'null'});`

// Otto owns the agency in which others are freelancers.
await create(the('Otto'))
const agency = founding('agency', the('Otto'), 'Studio Nord')
await world.sql(agency.statements)

t.test('P-4 201: the freelancer profile is added to the account, with all that was given', async (t) => {
  const finn = the('Finn')
  refused(t, await get(finn), 404, 'not_found', 'none yet')
  const made = await create(finn)
  t.equal(made.statusCode, 201)
  t.equal(made.headers.etag, '"1"')
  const { createdAt, ...rest } = made.json()
  t.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.strictSame(rest, { accountId: finn.accountId, status: 'active', ...content, specialised: [] })
  const seen = await get(finn)
  t.strictSame([seen.statusCode, seen.headers.etag, seen.json()], [200, '"1"', made.json()])
  const token = String(made.headers['consistency-token'])
  t.strictSame(
    (await world.inject({ url: path, headers: { ...finn.headers, 'at-least-as-fresh': token } as Headers })).json(),
    made.json(),
    'the token of the write is good for the read'
  )
  const account = (await world.inject({ url: '/v1/me', headers: finn.headers })).json()
  t.match(account, { id: finn.accountId, intent: 'client', status: 'active' }, 'who came as a client has both')

  const [event] = await world.sql<{ type: string; after: object; text: string }>(
    `select type, after, e::text as text from events e where subject = $1 and type like 'freelancer_profile%'`,
    [finn.accountId]
  )
  t.match(event, { type: 'freelancer_profile.created', after: { status: 'active', visibility: 'public', revision: 1 } })
  t.notMatch(event!.text, /Map maker|6500/, 'others are told the state, not what it says')
})

t.test('P-4 201: what need not be said has a default', async (t) => {
  const least = { title: 'Typist', overview: 'x'.repeat(5000) }
  const made = await create(the('Fay'), least)
  t.match(made.json(), { ...least, hourlyRate: null, visibility: 'marketplace', skills: [], specialised: [] })
})

t.test('P-4 409: a second freelancer profile is refused, however many are asked for at once', async (t) => {
  const fritz = the('Fritz')
  for (let round = 0; round < rounds(2); round++) {
    await world.sql('delete from freelancer_profiles where account_id = $1', [fritz.uuid])
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => create(fritz, { ...content, title: `No ${index}` }, index)))
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, ...Array(7).fill(409)])
    const winner = answers.find(({ statusCode }) => statusCode === 201)!
    t.strictSame((await get(fritz)).json(), winner.json(), 'the one that was made is there')
    for (const answer of answers) if (answer !== winner) refused(t, answer, 409, 'profile_limit')
  }
  refused(t, await create(fritz), 409, 'profile_limit')
})

t.test('P-4 200: a change touches the given fields only', async (t) => {
  const flora = the('Flora')
  const made = (await create(flora)).json()
  const changed = await patch(flora, { hourlyRate: null, skills: ['ink', 'Süß'], overview: 'One\nTwo' }, '"1"')
  t.equal(changed.statusCode, 200)
  t.strictSame(changed.json(), { ...made, hourlyRate: null, skills: ['ink', 'Süß'], overview: 'One\nTwo' })
  t.equal(changed.headers.etag, '"2"')
  const again = await patch(
    flora,
    { visibility: 'private', title: '🪶 Plates', hourlyRate: { currency: 'USD', amount: 10_000_000 } },
    '"2"'
  )
  t.strictSame(again.json(), {
    ...changed.json(),
    visibility: 'private',
    title: '🪶 Plates',
    hourlyRate: { amount: 10_000_000, currency: 'USD' }
  })
  t.strictSame((await get(flora)).json(), again.json())
  for (const same of [{}, { title: '🪶 Plates', skills: ['ink', 'Süß'], hourlyRate: { amount: 10_000_000, currency: 'USD' } }]) {
    t.equal((await patch(flora, same, '"3"')).headers.etag, '"3"', 'what is as it was makes no version')
  }
  const events = await world.sql<{ before: object; after: object }>(
    `select before, after from events where subject = $1 and type = 'freelancer_profile.updated' order by position`,
    [flora.accountId]
  )
  t.strictSame(events, [
    {
      before: { status: 'active', visibility: 'public', revision: 1 },
      after: { status: 'active', visibility: 'public', revision: 2, fields: ['overview', 'hourlyRate', 'skills'] }
    },
    {
      before: { status: 'active', visibility: 'public', revision: 2 },
      after: { status: 'active', visibility: 'private', revision: 3, fields: ['title', 'hourlyRate', 'visibility'] }
    }
  ])
  const kept = await world.sql<{ values: object }>(
    `select p.values from audit_personal p join audit_events e on e.id = p.event_id where e.resource = $1 and e.action = 'freelancer_profile.updated' order by e.sequence`,
    [flora.accountId]
  )
  t.match(kept[0]?.values, { before: { hourlyRate: content.hourlyRate, overview: content.overview }, after: { hourlyRate: null } })
})

t.test('412 428: without the version that was seen, nothing is changed; of many at once one change is made', async (t) => {
  const felix = the('Felix')
  await create(felix)
  await addSpecial(felix)
  const before = (await get(felix)).json()
  for (const below of ['', '/specialised/1']) {
    refused(t, await call(felix, 'PATCH', below, { title: 'New' }), 428, 'version_required', below)
    for (const stale of ['"1"', '"3"', 'W/"2"', '*', '2']) {
      refused(t, await call(felix, 'PATCH', below, { title: 'New' }, stale), 412, 'stale_version', `${below} ${stale}`)
    }
  }
  t.strictSame((await get(felix)).json(), before)
  for (let round = 0; round < rounds(2); round++) {
    const etag = await tagOf(felix)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        call(felix, 'PATCH', index % 2 ? '' : '/specialised/1', { title: `${round} ${index}` }, etag, index)
      )
    )
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [200, ...Array(7).fill(412)])
    t.strictSame((await get(felix)).json(), answers.find(({ statusCode }) => statusCode === 200)!.json())
  }
})

t.test('400: what is no profile is refused, place by place', async (t) => {
  const sam = the('Sam')
  const freya = the('Freya')
  await create(freya)
  await addSpecial(freya)
  const etag = await tagOf(freya)
  const rate = (amount: unknown, currency: unknown = 'EUR') => ({ hourlyRate: { amount, currency } })
  const wrong: Array<[object, string]> = [
    [{ title: '' }, '/title'],
    [{ title: 'x'.repeat(101) }, '/title'],
    [{ title: 'two\nlines' }, '/title'],
    [{ title: null }, '/title'],
    [{ overview: '' }, '/overview'],
    [{ overview: '🪶'.repeat(5001) }, '/overview'],
    [{ overview: ' indented' }, '/overview'],
    [{ overview: 'ends\n' }, '/overview'],
    ...['\t', '\r', '\u0000', '\u007f', '\u0085', '\u200b', '\u202e', '\u2028', '\u00ad', '\ud800'].map((bad): [object, string] => [
      { overview: `one${bad}two` },
      '/overview'
    ]),
    [rate(0), '/hourlyRate/amount'],
    [rate(10_000_001), '/hourlyRate/amount'],
    [rate(1.5), '/hourlyRate/amount'],
    [rate('100'), '/hourlyRate/amount'],
    [rate(100, 'eur'), '/hourlyRate/currency'],
    [rate(100, 'QQQ'), '/hourlyRate/currency'],
    [{ hourlyRate: { amount: 100 } }, '/hourlyRate/currency'],
    [{ hourlyRate: { amount: 100, currency: 'EUR', per: 'day' } }, '/hourlyRate/per'],
    [{ skills: Array.from({ length: 51 }, (_, index) => `Skill ${index}`) }, '/skills'],
    [{ skills: ['Ink', 'Süß', 'INK'] }, '/skills'],
    [{ skills: ['S\u00fc\u00df', 'su\u0308\u00df'] }, '/skills'],
    [{ skills: ['Ink', ''] }, '/skills/1'],
    [{ skills: ['x'.repeat(51)] }, '/skills/0'],
    [{ skills: 'Ink' }, '/skills'],
    [{ status: 'closed' }, '/status'],
    [{ accountId: the('Olga').accountId }, '/accountId'],
    [{ revision: 7 }, '/revision'],
    [{ specialised: [] }, '/specialised']
  ]
  for (const [fields, pointer] of wrong) {
    // Some of these would end a line of the report.
    const name = JSON.stringify(fields)
      .slice(0, 60)
      .replace(/[^ -~]/gu, (letter) => `u${letter.codePointAt(0)!.toString(16)}`)
    const { visibility: _, ...specialContent } = content
    for (const answer of [
      await create(sam, { ...content, ...fields }),
      await patch(freya, fields, etag),
      await addSpecial(freya, { ...specialContent, ...fields }),
      await call(freya, 'PATCH', '/specialised/1', fields, etag)
    ]) {
      t.match(answer.json(), { status: 400, code: 'invalid_input', errors: [{ pointer }] }, name)
    }
  }
  for (const visibility of ['Public', 'nobody', null]) {
    t.match((await create(sam, { ...content, visibility })).json(), { status: 400, errors: [{ pointer: '/visibility' }] })
  }
  t.match((await addSpecial(freya, content)).json(), { status: 400, errors: [{ pointer: '/visibility' }] }, 'the whole profile has one')
  for (const name of ['title', 'overview']) {
    t.match((await create(sam, { ...content, [name]: undefined })).json(), { status: 400, errors: [{ pointer: `/${name}` }] }, name)
  }
  for (const place of ['0', '3', '01', 'x']) {
    t.match((await call(freya, 'DELETE', `/specialised/${place}`)).json(), { status: 400, code: 'invalid_input' }, place)
  }
  refused(t, await get(sam), 404, 'not_found')
  t.equal(await tagOf(freya), etag)
  t.equal(
    (await patch(freya, { overview: '🪶'.repeat(5000), skills: Array.from({ length: 50 }, (_, index) => `${index}`) }, etag)).statusCode,
    200
  )
})

t.test('401 404: each acts on their own profile, and where there is none nothing is found', async (t) => {
  const { headers: ofService } = await world.service('jobs', ['access.evaluate'])
  const { headers: ofOperator } = await world.operator()
  const routes: Array<[string, string, object?]> = [
    ['GET', ''],
    ['PATCH', '', { title: 'New' }],
    ['DELETE', ''],
    ['DELETE', '?dryRun=true'],
    ['POST', '/specialised', special],
    ['PATCH', '/specialised/2', { title: 'New' }],
    ['DELETE', '/specialised/2']
  ]
  for (const [method, below, payload] of [...routes, ['POST', '', content] as [string, string, object]]) {
    for (const headers of [{}, { authorization: 'Bearer x.y.z' }, ofService, ofOperator]) {
      refused(t, await call({ headers } as Person, method, below, payload, '"1"'), 401, 'not_signed_in', `${method} ${below}`)
    }
  }
  for (const [method, below, payload] of routes) {
    refused(t, await call(the('Sam'), method, below, payload, '"1"'), 404, 'not_found', `no profile: ${method} ${below}`)
  }
  await create(the('Ana'))
  for (const [method, below, payload] of routes.filter(([, below]) => below === '/specialised/2')) {
    refused(t, await call(the('Ana'), method, below, payload, '"1"'), 404, 'not_found', `nothing at the place: ${method}`)
  }
  t.equal((await close(the('Ana'))).statusCode, 204)
  for (const [method, below, payload] of routes) {
    refused(t, await call(the('Ana'), method, below, payload, '"2"'), 404, 'not_found', `closed: ${method} ${below}`)
  }
})

t.test('P-4 201: two specialised profiles, each at its place, with one version for the whole', async (t) => {
  const frank = the('Frank')
  await create(frank)
  const first = await addSpecial(frank)
  t.equal(first.statusCode, 201)
  t.equal(first.headers.etag, '"2"')
  t.strictSame(first.json().specialised, [{ place: 1, ...special }])
  const other = { title: 'Beasts', overview: 'Beasts.' }
  const second = await addSpecial(frank, other)
  t.strictSame(second.json().specialised, [
    { place: 1, ...special },
    { place: 2, ...other, hourlyRate: null, skills: [] }
  ])
  refused(t, await addSpecial(frank), 409, 'profile_limit')

  const changed = await call(frank, 'PATCH', '/specialised/2', { hourlyRate: { amount: 9, currency: 'CHF' }, skills: ['Fur'] }, '"3"')
  t.strictSame([changed.statusCode, changed.headers.etag], [200, '"4"'])
  const now = { place: 2, ...other, hourlyRate: { amount: 9, currency: 'CHF' }, skills: ['Fur'] }
  t.strictSame(changed.json(), { ...second.json(), specialised: [{ place: 1, ...special }, now] })
  t.equal((await call(frank, 'PATCH', '/specialised/2', { skills: ['Fur'] }, '"4"')).headers.etag, '"4"', 'nothing new, no version')

  const gone = await call(frank, 'DELETE', '/specialised/1')
  t.strictSame([gone.statusCode, gone.body], [204, ''])
  t.ok(gone.headers['consistency-token'])
  const left = await get(frank)
  t.strictSame([left.headers.etag, left.json().specialised], ['"5"', [now]], 'the other keeps its place')
  refused(t, await call(frank, 'DELETE', '/specialised/1'), 404, 'not_found')
  t.strictSame((await addSpecial(frank)).json().specialised, [{ place: 1, ...special }, now], 'the free place is taken again')
  const actions = await world.sql<{ action: string }>(
    `select action from audit_events where resource = $1 and action like 'specialised_profile%' order by sequence`,
    [frank.accountId]
  )
  t.strictSame(
    actions.map(({ action }) => action.split('.')[1]),
    ['added', 'added', 'updated', 'removed', 'added']
  )
})

t.test('P-4 at once: of many specialised profiles two are made', async (t) => {
  const fumi = the('Fumi')
  await create(fumi)
  for (let round = 0; round < rounds(2); round++) {
    await world.sql('delete from specialised_profiles where account_id = $1', [fumi.uuid])
    const answers = await Promise.all(
      Array.from({ length: 3 }, (_, index) => addSpecial(fumi, { ...special, title: `No ${index}` }, index))
    )
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, 201, 409])
    refused(t, answers.find(({ statusCode }) => statusCode === 409)!, 409, 'profile_limit')
    t.strictSame(
      (await get(fumi)).json().specialised.map(({ place }: { place: number }) => place),
      [1, 2]
    )
  }
})

t.test('P-15 204: a profile is closed while the account stays, and opened again with new data', async (t) => {
  const farid = the('Farid')
  const made = (await create(farid)).json()
  await addSpecial(farid)
  t.strictSame((await preview(farid)).json(), { dryRun: true, blockers: [] })
  t.equal((await get(farid)).headers.etag, '"2"', 'a dry run changes nothing')
  t.equal((await close(farid)).statusCode, 204)
  refused(t, await get(farid), 404, 'not_found')
  refused(t, await close(farid), 404, 'not_found')
  t.match((await world.inject({ url: '/v1/me', headers: farid.headers })).json(), { status: 'active' })

  const opened = await create(farid, { title: 'Back', overview: 'Again.' })
  t.strictSame([opened.statusCode, opened.headers.etag], [201, '"4"'], 'a version from before is stale')
  t.strictSame(opened.json(), {
    ...made,
    title: 'Back',
    overview: 'Again.',
    hourlyRate: null,
    visibility: 'marketplace',
    skills: [],
    specialised: [{ place: 1, ...special }]
  })
  const events = await world.sql<{ type: string; status: string }>(
    `select type, after ->> 'status' as status from events where subject = $1 and type like 'freelancer_profile%' order by position`,
    [farid.accountId]
  )
  t.strictSame(events, [
    { type: 'freelancer_profile.created', status: 'active' },
    { type: 'freelancer_profile.closed', status: 'closed' },
    { type: 'freelancer_profile.reopened', status: 'active' }
  ])
  for (let round = 0; round < rounds(2); round++) {
    t.equal((await close(farid)).statusCode, 204)
    const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => create(farid, content, index)))
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, ...Array(5).fill(409)], 'opened again once')
  }
})

t.test('P-15 409: open work and agencies keep a profile open; the preview and the refusal list all of it', async (t) => {
  const bea = the('Bea')
  await create(bea)
  const own = founding('agency', bea, 'Studio Süd')
  const joined = joining(agency.id, bea, 'freelancer')
  const closedAgency = founding('agency', bea, 'Studio West')
  await world.sql(
    `${closedAgency.statements} update organizations set status = 'closed', closed_at = now() where id = '${closedAgency.id}'`
  )
  await world.sql(`${own.statements} ${joined.statements}
    ${contract('c-2', bea)} ${contract('c-1', bea, 'active', agency.id)} ${contract('c-closed', bea, 'closed')} ${contract('c-other', the('Otto'))}
    ${proposal('p-open', bea, 'open')} ${proposal('p-archived', bea, 'archived', agency.id)} ${proposal('p-withdrawn', bea, 'withdrawn')}
    ${proposal('p-closed', bea, 'closed')} ${proposal('p-other', the('Otto'), 'open')}`)
  const block = (code: string, resource: string, label: string, resolve: object) => ({ code, resource, label, resolve })
  const contracts = [
    block('active_agency_work', 'c-1', 'Contract c-1 (active)', { service: 'contracts' }),
    block('independent_work_active', 'c-2', 'Contract c-2 (active)', { service: 'contracts' })
  ]
  const archived = block('active_agency_work', 'p-archived', 'Proposal p-archived (archived)', { service: 'proposals' })
  const open = block('independent_work_active', 'p-open', 'Proposal p-open (open)', { service: 'proposals' })
  const proposals = [archived, open]
  const [ownId, nordId, memberId] = [publicId('agency', own.id), publicId('agency', agency.id), publicId('member', joined.member)]
  const needed = 'freelancer_profile_required'
  const owned = block(needed, ownId, 'Studio Süd', { method: 'POST', href: `/v1/agencies/${ownId}/closure` })
  const role = block(needed, memberId, 'Studio Nord', { method: 'DELETE', href: `/v1/agencies/${nordId}/members/${memberId}` })
  const agencies = own.id < agency.id ? [owned, role] : [role, owned]

  const blocked = async (blockers: object[], name: string): Promise<void> => {
    const seen = await preview(bea)
    t.strictSame([seen.statusCode, seen.json()], [200, { dryRun: true, blockers }], name)
    const answer = await close(bea)
    refused(t, answer, 409, 'closure_blocked', name)
    t.strictSame(answer.json().blockers, blockers, name)
    t.equal((await get(bea)).headers.etag, '"1"', name)
  }
  await blocked([...contracts, ...proposals, ...agencies], 'all at once')
  await world.sql(`update contracts set status = 'closed', contact_membership_id = null where freelancer_account_id = $1`, [bea.uuid])
  await blocked([...proposals, ...agencies], 'contracts closed')
  await world.sql(`update proposals set status = 'withdrawn' where id = 'p-open'`)
  await blocked([archived, ...agencies], 'an archived proposal binds too')
  await world.sql(`update proposals set status = 'closed' where id = 'p-archived'`)
  await blocked(agencies, 'agencies')
  await world.sql(`update organizations set ${inForce('suspended')} where id = $1`, [own.id])
  await blocked(agencies, 'a suspended agency is not closed')
  await world.sql(`update organizations set status = 'closed', closed_at = now() where id = $1`, [own.id])
  await blocked([role], 'the role in another agency')
  await world.sql(`update role_grants set role = 'business_manager' where membership_id = $1`, [joined.member])
  t.strictSame((await preview(bea)).json(), { dryRun: true, blockers: [] }, 'a member without that role needs no profile')
  t.equal((await close(bea)).statusCode, 204)
})

t.test('P-15 G-1 at once: who becomes freelancer in an agency while the profile is closed gets one or the other', async (t) => {
  const anton = the('Anton')
  await create(anton)
  const joined = joining(agency.id, anton, 'freelancer')
  // The grant looks at the profile first: the closing waits for it, and then sees it.
  const answer = await meanwhile(world, `${joined.statements} set constraints all immediate`, [], () => close(anton))
  refused(t, answer, 409, 'closure_blocked')
  t.match(answer.json().blockers, [{ resource: publicId('member', joined.member) }])
  t.equal((await get(anton)).statusCode, 200)
})

const outcome = async (statements: string): Promise<string> => {
  try {
    await service.query(`begin; ${statements}; commit`)
    return 'committed'
  } catch (error) {
    await service.query('rollback')
    const { code, constraint } = error as pg.DatabaseError
    return `${code} ${constraint}`
  }
}

t.test('P-4 P-15 G-1: the database refuses what no profile may ever be', async (t) => {
  const otto = the('Otto').uuid
  const sam = the('Sam').uuid
  const insert = (columns: Record<string, string>, table = 'freelancer_profiles') => {
    const values: Record<string, string> = { account_id: `'${sam}'`, title: `'t'`, overview: `'o'`, skills: `'{}'`, ...columns }
    return `insert into ${table} (${Object.keys(values).join()}) values (${Object.values(values).join()})`
  }
  const profile = (columns: Record<string, string> = {}) => insert({ visibility: `'public'`, ...columns })
  const specialised = (columns: Record<string, string>) => insert({ account_id: `'${otto}'`, ...columns }, 'specialised_profiles')
  const shut = `update freelancer_profiles set status = 'closed', closed_at = now() where account_id = '${otto}'`
  const stranger = founding('agency', the('Sam'), 'Studio None')
  const cases: Array<[string, string, string]> = [
    ['a second profile', profile({ account_id: `'${otto}'` }), '23505 freelancer_profiles_pkey'],
    ['a profile of nobody', profile({ account_id: `'${randomUUID()}'` }), '23503 freelancer_profiles_account_id_accounts_id_fkey'],
    ['a status outside the list', profile({ status: `'paused'` }), '23514 freelancer_profiles_status_known'],
    ['a visibility outside the list', profile({ visibility: `'friends'` }), '23514 freelancer_profiles_visibility_known'],
    ['closed without a time', profile({ status: `'closed'` }), '23514 freelancer_profiles_closed_has_time'],
    ['a rate without currency', profile({ rate_amount: '1' }), '23514 freelancer_profiles_rate_whole'],
    ['a rate of nothing', profile({ rate_amount: '0', rate_currency: `'EUR'` }), '23514 freelancer_profiles_rate_whole'],
    ['a third place', specialised({ place: '3' }), '23514 specialised_profiles_two'],
    ['a place taken twice', `${specialised({ place: '1' })}; ${specialised({ place: '1' })}`, '23505 specialised_profiles_pkey'],
    ['a specialised rate without currency', specialised({ place: '1', rate_amount: '1' }), '23514 specialised_profiles_rate_whole'],
    ['a specialised one without profile', specialised({ account_id: `'${sam}'`, place: '1' }), '23503 specialised_profiles_profile'],
    ['closing what an agency needs', shut, '23514 freelancer_profiles_needed'],
    ['deleting what an agency needs', `delete from freelancer_profiles where account_id = '${otto}'`, '23514 freelancer_profiles_needed'],
    ['an agency without profile', stranger.statements.replace(/;\s*$/, ''), '23514 freelancer_profiles_needed'],
    [
      'a freelancer without profile',
      joining(agency.id, the('Sam'), 'freelancer').statements.replace(/;\s*$/, ''),
      '23514 freelancer_profiles_needed'
    ]
  ]
  const before = await world.sql('select p::text from freelancer_profiles p order by 1')
  for (const [what, statements, reason] of cases) t.equal(await outcome(statements), reason, what)
  t.strictSame(await world.sql('select p::text from freelancer_profiles p order by 1'), before)
  t.equal(await outcome(joining(agency.id, the('Sam'), 'business_manager').statements.replace(/;\s*$/, '')), 'committed')
  t.equal(await outcome(`${specialised({ place: '1' })}; ${specialised({ place: '2' })}`), 'committed')
})

t.test('G-7 200: a membership in an agency that ends leaves profile and history with the person', async (t) => {
  const otto = the('Otto')
  const before = (await get(otto)).json()
  const owner = founding('agency', the('Fay'), 'Studio Ost')
  const joined = joining(owner.id, otto, 'freelancer')
  await world.sql(owner.statements)
  await world.sql(joined.statements)
  await world.sql(`update organizations set ${inForce('suspended')} where id = '${owner.id}'`)
  t.strictSame((await get(otto)).json(), before, 'while the agency is suspended')
  await world.sql(`delete from memberships where id = '${joined.member}'`)
  t.strictSame((await get(otto)).json(), before)
})
