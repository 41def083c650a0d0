import { createHash } from 'node:crypto'
import t from 'tap'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import { inForce, returning } from '../support/enforcement.ts'
import { meanwhile } from '../support/locks.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

const world = await openWorld(t, {
  instances: 2,
  env: { COMPANIES_PER_ACCOUNT: '1000', LOCK_TIMEOUT_MS: '10000', STATEMENT_TIMEOUT_MS: '10000' }
})
const { send, ok, found, join, team, memberIdOf } = organizations(world)
const { sql } = world

const at = (name: string, domain: string) => world.person(name, { email: `${name.toLowerCase()}@${domain}` })
const [olga, ada, tess, remy, sam, otto] = [
  await world.person('Olga'),
  await world.person('Ada'),
  await world.person('Tess'),
  await world.person('Remy'),
  await world.person('Sam'),
  await world.person('Otto')
]
const [max, mia, moe, may] = [
  await at('Max', 'acme.example'),
  await at('Mia', 'acme.example'),
  await at('Moe', 'acme.example'),
  await at('May', 'acme.example')
]

const uuid = (place: Place) => parseId('company', place.id)!
const accountOf = (person: Person) => parseId('account', person.accountId)!

// Ada is an admin, Tess of Maps only, Remy recruits. Otto has another company.
const acme = await found(olga)
const [maps, plates] = [await team(acme, 'Maps'), await team(acme, 'Plates')]
await join(acme, ada, [{ role: 'admin' }])
await join(acme, tess, [{ role: 'admin', teamId: maps }])
await join(acme, remy, [{ role: 'recruiter' }])
const other = await found(otto)

/** Makes a domain a company's own, proven, with a mode of joining. */
async function prove(place: Place, mode: string, domain = 'acme.example'): Promise<string> {
  await sql('delete from domains where domain = $1', [domain])
  const id = newId()
  await sql(
    `insert into domains (id, organization_id, domain, status, challenge, challenge_expires_at, affiliation_proven_at, ownership_proven_at, mode)
      values ($1, $2, $3, 'verified', 'x', now(), now(), now(), $4)`,
    [id, uuid(place), domain, mode]
  )
  return id
}

interface Asked {
  id: string
  status: string
}

const list = (place: Place = acme) => `${place.url}/join-requests`
const ask = (by: Person, body: object = {}, place = acme, instance = 0) => send('POST', `${place.url}/join`, by, body, instance)
const asked = async (by: Person, body: object = {}, place = acme): Promise<Asked> => (await ok(ask(by, body, place))).json().request
const decide = (by: Person, { id }: Pick<Asked, 'id'>, body: object, instance = 0, place = acme) =>
  send('POST', `${list(place)}/${id}/decision`, by, body, instance)
const approve = (by: Person, request: Pick<Asked, 'id'>, grants?: object[], instance = 0, place = acme) =>
  decide(by, request, { decision: 'approve', ...(grants && { grants }) }, instance, place)
const withdraw = (by: Person, { id }: Pick<Asked, 'id'>, instance = 0, place = acme) =>
  send('DELETE', `${list(place)}/${id}`, by, undefined, instance)
const own = async (by: Person) => (await ok(send('GET', '/v1/me/join-requests', by))).json().items
const shown = async (request: Pick<Asked, 'id'>, place = acme) =>
  (await ok(send('GET', `${list(place)}?limit=100`, place.owner))).json().items.find(({ id }: Asked) => id === request.id)
const expire = ({ id }: Asked) => sql('update join_requests set expires_at = now() where id = $1', [parseId('request', id)])
const isMember = async (person: Person, place = acme): Promise<boolean> =>
  (await sql('select from memberships where organization_id = $1 and account_id = $2', [uuid(place), accountOf(person)])).length > 0
const member = async (person: Person) => (await ok(send('GET', `${acme.url}/members/${await memberIdOf(acme, person)}`, olga))).json()
const mailsOf = (kind: string, id: string) =>
  sql<{ data: Record<string, string> }>(`select data from outbox where kind = $1 and data ->> 'requestId' = $2 order by id`, [
    kind,
    parseId('request', id)
  ])

/** What audit and events say last of a request. */
const lastOf = ({ id }: Asked) =>
  sql<Record<string, unknown>>(
    `select a.action, a.detail, e.before, e.after from audit_events a join events e on e.id = a.id where a.resource = $1
      order by a.sequence desc limit 1`,
    [id]
  )
const superseded = (was: string) => {
  const change = { before: { status: was }, after: { status: 'superseded' } }
  return { action: 'join_request.superseded', detail: change, ...change }
}

/** As if nobody had ever come or asked. */
async function anew(): Promise<void> {
  for (const person of [max, mia, moe, may]) {
    if (await isMember(person)) await ok(send('DELETE', `${acme.url}/members/${await memberIdOf(acme, person)}`, person))
    await sql('delete from join_requests where account_id = $1', [accountOf(person)])
    await sql('delete from ended_memberships where account_id = $1', [accountOf(person)])
  }
  await sql('delete from removed_addresses')
}
t.beforeEach(async () => {
  await anew()
  await prove(acme, 'request')
})

t.test('D-5 201: asking where somebody must approve; admins see who asks, by which address, and are told', async (t) => {
  const answer = await ask(max, { message: 'I draw the plates.\nSince May.' })
  t.equal(answer.statusCode, 201, answer.body)
  const { outcome, request } = answer.json()
  const { id, createdAt, expiresAt, company, ...common } = request
  t.equal(outcome, 'requested')
  t.strictSame(company, { id: acme.id, name: 'olga@example.com Ltd', logoUrl: null })
  t.strictSame(common, {
    status: 'open',
    email: 'max@acme.example',
    message: 'I draw the plates.\nSince May.',
    reason: null,
    endedAt: null
  })
  t.equal(Date.parse(expiresAt) - Date.parse(createdAt), 14 * 86_400_000, 'two weeks')
  t.strictSame(await own(max), [request])
  t.strictSame(await own(mia), [], 'nobody else’s')
  const person = { accountId: max.accountId, firstName: 'Max', lastName: 'Okafor' }
  t.strictSame((await ok(send('GET', list(), ada))).json(), {
    items: [{ id, createdAt, expiresAt, ...common, ...person }],
    nextCursor: null
  })
  const mails = await mailsOf('join_requested', id)
  t.strictSame(
    mails.map(({ data }) => data.adminAccountId),
    [olga, ada].map(accountOf),
    'not those of one team'
  )
  t.equal(await isMember(max), false)
  const audited = await sql<{ text: string }>(
    `select a.detail::text || e.before::text || e.after::text as text from audit_events a join events e on e.id = a.id where a.resource = $1`,
    [id]
  )
  t.notMatch(JSON.stringify(audited), /acme|Max|plates/)

  refused(t, await ask(max), 409, 'join_request_open')
})

t.test('D-5 201: whoever asks again and again fills no mailbox, but every open request is heard of', async (t) => {
  const told = async (request: Asked) => (await mailsOf('join_requested', request.id)).length
  const first = await asked(max)
  await ok(withdraw(max, first))
  const second = await asked(max)
  t.equal(await told(second), 2, 'the mails about the first will not be sent')
  const before = (await world.mails(ada.email)).length
  await ok(withdraw(max, second))
  const third = await asked(max)
  t.equal(await told(third), 0, 'those about the second were')
  t.equal((await world.mails(ada.email)).length, before)
  await ok(withdraw(max, third))
  t.equal(await told(await asked(mia)), 2, 'of somebody else')
  await sql(`update outbox set done_at = now() - interval '25 hours' where kind = 'join_requested' and status = 'sent'`)
  t.equal(await told(await asked(max)), 2, 'a day later')
})

t.test('D-5 200: where the domain lets people in they are members at once, with its role and teams, and the admins are told', async (t) => {
  for (const [person, mode] of [
    [max, 'suggest'],
    [mia, 'automatic']
  ] as const) {
    const domainId = await prove(acme, mode)
    if (mode === 'automatic') {
      await sql(`update domains set default_role = 'hiring_manager' where id = $1`, [domainId])
      await sql('insert into domain_teams (organization_id, domain_id, team_id) values ($1, $2, $3)', [
        uuid(acme),
        domainId,
        parseId('team', maps)
      ])
    }
    const answer = await ask(person)
    const memberId = await memberIdOf(acme, person)
    t.strictSame([answer.statusCode, answer.json()], [200, { outcome: 'joined', memberId }], mode)
    const grant = mode === 'automatic' ? { role: 'hiring_manager', teamId: maps } : { role: 'recruiter', teamId: acme.defaultTeamId }
    const { source, grants } = await member(person)
    t.strictSame([source, grants], ['domain', [grant]], mode)
    const mails = await sql<{ data: object }>(
      `select data from outbox where kind = 'member_joined' and data ->> 'accountId' = $1 order by id`,
      [accountOf(person)]
    )
    t.strictSame(
      mails.map(({ data }) => data),
      [olga, ada].map((admin) => ({
        organizationId: uuid(acme),
        accountId: accountOf(person),
        adminAccountId: accountOf(admin),
        source: 'domain'
      }))
    )
    t.strictSame((await ask(person)).json(), answer.json(), 'again')
    t.strictSame(await own(person), [])
  }
  await prove(acme, 'off')
  t.equal((await ask(ada)).statusCode, 200, 'whoever is a member, however they came')
})

t.test('D-5 200: of two domains the one that asks for less counts, and joining ends the open request', async (t) => {
  const request = await asked(max)
  await ok(world.post('/v1/me/emails', { email: 'max@acme-north.example' }, max.headers))
  await sql(`update emails set verified_at = now() where canonical = 'max@acme-north.example'`)
  await prove(acme, 'suggest', 'acme-north.example')
  t.equal((await ask(max)).json().outcome, 'joined')
  t.match(await own(max), [{ id: request.id, status: 'superseded' }])
  t.strictSame(await lastOf(request), [superseded('open')])
  await sql(`delete from emails where canonical = 'max@acme-north.example'`)
  await sql(`delete from domains where domain = 'acme-north.example'`)
})

t.test('D-5, C-3 404: nobody else finds out whether there is such a company', async (t) => {
  const unknown = { ...acme, url: `/v1/companies/${publicId('company', newId())}` }
  const told = (answer: Awaited<ReturnType<typeof ask>>) => ({ ...answer.json(), instance: '', requestId: '' })
  const none = await ask(max, {}, unknown)
  refused(t, none, 404, 'not_found')
  const stranger = async (by: Person, name: string, place = acme) => {
    const answer = await ask(by, {}, place)
    refused(t, answer, 404, 'not_found', name)
    t.strictSame(told(answer), told(none), name)
  }
  await stranger(sam, 'no address there')
  await stranger(max, 'a company without the domain', other)
  for (const change of [`mode = 'off'`, `paused_at = now()`, `held_until = now() + interval '1 day'`]) {
    await sql(`update domains set ${change} where domain = 'acme.example'`)
    await stranger(max, change)
    await prove(acme, 'request')
  }
  await sql(`update organizations set ${inForce('suspended')} where id = $1`, [uuid(acme)])
  await stranger(max, 'suspended')
  await sql(`update organizations set ${inForce('none')} where id = $1`, [uuid(acme)])
  const memberId = await join(acme, max)
  await ok(send('DELETE', `${acme.url}/members/${memberId}`, olga))
  await stranger(max, 'N-12: removed')
  for (const url of [`${acme.url.slice(0, -1)}`, acme.url.replace('company_', 'agency_')]) await stranger(mia, url, { ...acme, url })
  refused(t, await send('POST', `${acme.url}/join`, { headers: {} }, {}), 401, 'not_signed_in')
  for (const body of [{ message: '' }, { message: 'x'.repeat(501) }, { role: 'admin' }])
    refused(t, await ask(mia, body), 400, 'invalid_input')
})

t.test('D-5 200: approving gives what the domain gives, or what is named; the person is told', async (t) => {
  const first = await asked(max)
  const answer = await approve(ada, first)
  t.equal(answer.statusCode, 200, answer.body)
  t.match(answer.json(), { id: first.id, status: 'approved', firstName: 'Max', reason: null })
  t.ok(answer.json().endedAt)
  const { source, grants } = await member(max)
  t.strictSame([source, grants], ['join_request', [{ role: 'recruiter', teamId: acme.defaultTeamId }]])
  t.equal((await mailsOf('join_request_decided', first.id)).length, 1)
  t.match(await own(max), [{ status: 'approved' }])

  const second = await asked(mia)
  const named = [{ role: 'finance' }, { role: 'hiring_manager', teamId: plates }]
  await ok(approve(olga, second, named))
  t.strictSame((await member(mia)).grants, named)

  const third = await asked(moe)
  await prove(acme, 'off')
  await sql(`update domains set organization_id = $1 where domain = 'acme.example'`, [uuid(other)])
  await ok(approve(olga, third))
  t.strictSame((await member(moe)).grants, [{ role: 'member', teamId: acme.defaultTeamId }], 'the domain is the company’s no more')
  const audited = await sql<{ action: string; detail: object }>(
    'select action, detail from audit_events where resource = $1 order by sequence',
    [second.id]
  )
  t.strictSame(audited, [
    { action: 'join_request.created', detail: { before: null, after: { status: 'open' } } },
    { action: 'join_request.approved', detail: { before: { status: 'open' }, after: { status: 'approved', grants: named } } }
  ])
})

t.test('D-5 200: refusing says why, to the person only, who may ask again', async (t) => {
  const request = await asked(max)
  const answer = await decide(ada, request, { decision: 'refuse', reason: 'We do not know you.' })
  t.strictSame([answer.statusCode, answer.json().status, answer.json().reason], [200, 'refused', 'We do not know you.'])
  t.match(await own(max), [{ status: 'refused', reason: 'We do not know you.' }])
  t.equal((await mailsOf('join_request_decided', request.id)).length, 1)
  t.equal(await isMember(max), false)
  const audited = await sql<{ text: string }>('select detail::text as text from audit_events where resource = $1', [request.id])
  t.notMatch(JSON.stringify(audited), /know/)
  t.equal((await ask(max)).statusCode, 201)
})

t.test('D-5 409: a request is answered once, in its time, and only while the address is the person’s', async (t) => {
  const [approved, turned, taken, late] = [await asked(max), await asked(mia), await asked(moe), await asked(may)]
  await ok(approve(ada, approved))
  await ok(decide(ada, turned, { decision: 'refuse', reason: 'No.' }))
  await ok(withdraw(moe, taken))
  await expire(late)
  for (const request of [approved, turned, taken, late]) {
    refused(t, await approve(olga, request), 409, 'join_request_not_open', request.id)
    refused(t, await decide(olga, request, { decision: 'refuse', reason: 'No.' }), 409, 'join_request_not_open', request.id)
  }
  t.match(await shown(late), { status: 'expired', endedAt: null })
  refused(t, await withdraw(may, late), 409, 'join_request_not_open')
  refused(t, await withdraw(max, approved), 409, 'join_request_not_open')
  t.equal((await withdraw(moe, taken)).statusCode, 204, 'withdrawing again changes nothing')
  const again = await asked(may)
  t.match(await own(may), [
    { id: late.id, status: 'superseded' },
    { id: again.id, status: 'open' }
  ])
  t.strictSame(await lastOf(late), [superseded('expired')])

  const by = (email: string) => sql('update join_requests set email = $2 where id = $1', [parseId('request', again.id), email])
  await by('former@acme.example')
  refused(t, await approve(olga, again), 409, 'join_request_not_open', 'the address is theirs no more')
  await by('may@acme.example')
  await sql(`update accounts set status = 'closed', closed_at = now() where id = $1`, [accountOf(may)])
  refused(t, await approve(olga, again), 409, 'join_request_not_open', 'the account is closed')
  await sql(`update accounts set status = 'active', closed_at = null where id = $1`, [accountOf(may)])
  for (const enforcement of ['suspended', 'banned']) {
    await sql(`update accounts set ${inForce(enforcement)} where id = $1`, [accountOf(may)])
    refused(t, await approve(olga, again), 409, 'join_request_not_open', enforcement)
  }
  await sql(`update accounts set ${inForce('none')} where id = $1`, [accountOf(may)])
  await returning(world, may)
  t.equal((await shown(again)).status, 'open')
  t.equal((await approve(olga, again)).statusCode, 200)
})

t.test('N-12 409: whoever was removed is not approved', async (t) => {
  const request = await asked(max)
  await sql(
    `insert into ended_memberships (id, organization_id, account_id, source, reason, ended_by_kind, joined_at)
      values (gen_random_uuid(), $1, $2, 'invitation', 'removed', 'system', now())`,
    [uuid(acme), accountOf(max)]
  )
  refused(t, await approve(olga, request), 409, 'removed_needs_invitation')
  t.equal((await shown(request)).status, 'open')
  t.equal((await decide(olga, request, { decision: 'refuse', reason: 'No.' })).statusCode, 200)
})

t.test('N-12 404 409: the address of somebody who was removed brings no other account in', async (t) => {
  const email = 'ray@acme.example'
  const ray = await world.person('Ray', { email })
  await ok(send('DELETE', `${acme.url}/members/${await join(acme, ray)}`, olga))
  const kept = await sql<{ address_hash: Buffer }>('select address_hash from removed_addresses')
  t.strictSame(
    kept.map(({ address_hash }) => address_hash),
    [
      createHash('sha256')
        .update(`${uuid(acme)} ${email}`)
        .digest()
    ],
    'no address is stored'
  )
  await sql(`update emails set address = 'ray@private.example', canonical = 'ray@private.example' where canonical = $1`, [email])
  const id = await prove(acme, 'automatic')
  const second = await world.person('Ray', { email })
  t.equal(await isMember(second), false, 'D-5: not at registration')
  t.strictSame((await ok(send('GET', '/v1/me/joinable-companies', second))).json().items, [])
  refused(t, await ask(second), 404, 'not_found')
  const preview = async () => {
    const url = `${acme.url}/domains/${publicId('domain', id)}`
    const headers = { ...olga.headers, 'if-match': String((await ok(send('GET', url, olga))).headers.etag) }
    return (await world.inject({ method: 'PATCH', url: `${url}?dryRun=true`, headers, payload: { mode: 'suggest' } })).json().matching
  }
  const counted = await preview()
  await sql('update removed_addresses set organization_id = $1', [uuid(other)])
  t.equal(await preview(), counted + 1, 'nor are they counted among those who could come')
  t.strictSame((await ok(send('GET', '/v1/me/joinable-companies', second))).json().items.length, 1, 'other companies have removed nobody')

  await prove(acme, 'request')
  const request = await asked(second)
  await sql('update removed_addresses set organization_id = $1', [uuid(acme)])
  refused(t, await approve(olga, request), 409, 'removed_needs_invitation')
  await join(acme, second)
  t.equal(await isMember(second), true, 'a new invitation')
  await ok(send('DELETE', `${acme.url}/members/${await memberIdOf(acme, second)}`, second))
  await ok(send('DELETE', `${acme.url}/members/${await join(acme, max)}`, max))
  t.equal((await sql('select from removed_addresses')).length, 1, 'whoever leaves of themselves is not kept in mind')
  await sql('delete from join_requests where account_id = $1', [accountOf(second)])
  await sql(`update emails set address = 'ray@other.example', canonical = 'ray@other.example' where canonical = $1`, [email])
})

t.test('D-5 401: whoever is suspended while they ask does not', async (t) => {
  const suspend = `update accounts set ${inForce('suspended')} where id = $1`
  refused(t, await meanwhile(world, suspend, [accountOf(max)], () => ask(max)), 401, 'not_signed_in')
  await sql(`update accounts set ${inForce('none')} where id = $1`, [accountOf(max)])
  await returning(world, max)
  t.strictSame(await own(max), [])
})

t.test('D-5 200: a decision that is sent again under its Idempotency-Key answers what the first one did', async (t) => {
  const request = await asked(max)
  const url = `${list()}/${request.id}/decision`
  const headers = { ...olga.headers, 'idempotency-key': 'olga-approves-max' }
  const [first, again] = [await world.post(url, { decision: 'approve' }, headers), await world.post(url, { decision: 'approve' }, headers)]
  t.strictSame([first.statusCode, again.statusCode, again.json()], [200, 200, first.json()])
})

t.test('D-5 400 401 403 404 422: deciding is for whoever changes roles, each role in their own scope', async (t) => {
  const request = await asked(max)
  const refuse = { decision: 'refuse', reason: 'No.' }
  for (const body of [
    {},
    { decision: 'refuse' },
    { decision: 'refuse', reason: '' },
    { ...refuse, grants: [{ role: 'member' }] },
    { decision: 'approve', reason: 'Yes.' },
    { decision: 'approve', grants: [] },
    { decision: 'later' }
  ])
    refused(t, await decide(olga, request, body), 400, 'invalid_input', JSON.stringify(body))
  refused(t, await send('POST', `${list()}/${request.id}/decision`, { headers: {} }, refuse), 401, 'not_signed_in')
  for (const [grants, code] of [
    [[{ role: 'owner' }], 'unknown_role'],
    [[{ role: 'scout' }], 'unknown_role'],
    [[{ role: 'member', teamId: 'team_1' }], 'unknown_team'],
    [[{ role: 'member', teamId: other.defaultTeamId }], 'unknown_team'],
    [[{ role: 'finance', teamId: maps }], 'role_scope_invalid']
  ] as const)
    refused(t, await approve(olga, request, [...grants]), 422, code)
  for (const body of [refuse, { decision: 'approve' }]) {
    for (const by of [sam, otto]) refused(t, await decide(by, request, body), 404, 'not_found')
    const denied = await decide(remy, request, body)
    refused(t, denied, 403, 'access_denied')
    t.strictSame(denied.json().missingPermissions, ['member.roles.update'])
    refused(t, await decide(tess, request, body), 403, 'access_denied', 'the admin of one team')
    for (const id of [publicId('request', newId()), 'request_1']) refused(t, await decide(olga, { id }, body), 404, 'not_found')
    refused(t, await decide(otto, request, body, 0, other), 404, 'not_found', 'below another company')
  }
  const mixed = [
    { role: 'member', teamId: maps },
    { role: 'member', teamId: plates }
  ]
  refused(t, await approve(tess, request, mixed), 403, 'access_denied', 'one role is out of their scope')
  refused(t, await send('GET', list(), tess), 403, 'access_denied')
  refused(t, await send('GET', list(), remy), 403, 'access_denied')
  refused(t, await send('GET', list(), max), 404, 'not_found', 'whoever asks is no member')
  refused(t, await send('GET', list(), { headers: {} }), 401, 'not_signed_in')
  refused(t, await send('GET', '/v1/me/join-requests', { headers: {} }), 401, 'not_signed_in')
  for (const by of [olga, sam, mia]) refused(t, await withdraw(by, request), 404, 'not_found', 'nobody withdraws for another')
  refused(t, await withdraw(max, request, 0, other), 404, 'not_found')
  refused(t, await withdraw(max, { id: publicId('request', newId()) }), 404, 'not_found')
  t.equal((await shown(request)).status, 'open')
  await ok(approve(tess, request, [{ role: 'admin', teamId: maps }]))
  t.strictSame((await member(max)).grants, [{ role: 'admin', teamId: maps }], 'their own team is theirs to give')
})

t.test('Q-9 200: requests come in pages, oldest first, by status; a person’s own too', async (t) => {
  const made: Asked[] = []
  for (const person of [max, mia, moe]) made.push(await asked(person))
  await ok(withdraw(mia, made[1]!))
  made.push(await asked(mia))
  const late = await asked(may)
  await expire(late)
  const ids = async (query: string) => {
    const seen: string[] = []
    let next: string | undefined = `${list()}?limit=2${query}`
    while (next) {
      const page = await ok(send('GET', next, ada))
      seen.push(...page.json().items.map(({ id }: Asked) => id))
      next = /<([^>]+)>; rel="next"/.exec(String(page.headers.link))?.[1]
    }
    return seen
  }
  const all = [...made, late].map(({ id }) => id)
  t.strictSame(await ids(''), all)
  t.strictSame(await ids('&status=open'), [all[0], all[2], all[3]])
  t.strictSame(await ids('&status=withdrawn'), [all[1]])
  t.strictSame(await ids('&status=expired'), [all[4]])
  t.strictSame(
    (await own(mia)).map(({ id }: Asked) => id),
    [all[1], all[3]]
  )
  const { nextCursor } = (await ok(send('GET', `${list()}?limit=1`, ada))).json()
  const cursor = `cursor=${encodeURIComponent(nextCursor)}`
  for (const [by, url] of [
    [olga, `${list()}?${cursor}`],
    [ada, `${list()}?status=open&${cursor}`],
    [ada, `/v1/me/join-requests?${cursor}`]
  ] as const)
    refused(t, await send('GET', url, by), 400, 'malformed_cursor')
  refused(t, await send('GET', `${list()}?status=gone`, ada), 400, 'invalid_input')
})

t.test('D-5 at once: asking many times makes one request, and tells the admins once', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    await anew()
    const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => ask(max, {}, acme, index)))
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, 409, 409, 409, 409, 409])
    for (const answer of answers) if (answer.statusCode === 409) refused(t, answer, 409, 'join_request_open')
    const { request } = answers.find(({ statusCode }) => statusCode === 201)!.json()
    t.match(await own(max), [{ id: request.id, status: 'open' }])
    t.equal((await mailsOf('join_requested', request.id)).length, 2)
  }
})

t.test('D-5 at once: of many decisions on one request one counts, and the person is what it says', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    await anew()
    const request = await asked(max)
    const answers = await Promise.all([
      approve(olga, request, undefined, 0),
      decide(ada, request, { decision: 'refuse', reason: 'No.' }, 1),
      approve(ada, request, [{ role: 'admin' }], 1),
      decide(olga, request, { decision: 'refuse', reason: 'No.' }, 0)
    ])
    const won = answers.filter(({ statusCode }) => statusCode === 200)
    t.equal(won.length, 1)
    for (const answer of answers) if (answer.statusCode !== 200) refused(t, answer, 409, 'join_request_not_open')
    const { status } = won[0]!.json()
    t.strictSame([(await shown(request)).status, await isMember(max)], [status, status === 'approved'])
    t.equal((await mailsOf('join_request_decided', request.id)).length, 1)
  }
})

t.test('D-5 at once: a request is withdrawn or approved, never both', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    await anew()
    const request = await asked(max)
    const both = [() => withdraw(max, request, 0), () => approve(ada, request, undefined, 1)]
    const answers = await Promise.all((round % 2 ? both : both.toReversed()).map((run) => run()))
    const [withdrawn, approved] = round % 2 ? answers : answers.toReversed()
    t.strictSame([withdrawn!.statusCode, approved!.statusCode].sort(), withdrawn!.statusCode === 204 ? [204, 409] : [200, 409])
    refused(t, withdrawn!.statusCode === 204 ? approved! : withdrawn!, 409, 'join_request_not_open')
    t.equal(await isMember(max), approved!.statusCode === 200)
    t.equal((await shown(request)).status, approved!.statusCode === 200 ? 'approved' : 'withdrawn')
  }
})
