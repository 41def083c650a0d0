import { createHash } from 'node:crypto'
import t from 'tap'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import { randomToken } from '../../src/tokens.ts'
import { inForce, returning } from '../support/enforcement.ts'
import { meanwhile } from '../support/locks.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

const world = await openWorld(t, {
  instances: 2,
  env: {
    COMPANIES_PER_ACCOUNT: '1000',
    PLAN_COMPANY_PLUS: 'teams=2,admins=1,members=1,customRoles=0',
    LOCK_TIMEOUT_MS: '10000',
    STATEMENT_TIMEOUT_MS: '10000'
  }
})
const { send, ok, found, join, memberIdOf, setRoles, tagOf } = organizations(world)
const { sql } = world

const at = (name: string, domain: string) => world.person(name, { email: `${name.toLowerCase()}@${domain}` })
const [olga, otto] = [await at('Olga', 'acme.example'), await at('Otto', 'other.example')]
const [ada, remy, iris] = [await world.person('Ada'), await world.person('Remy'), await world.person('Iris')]
const [max, mia, moe] = [await at('Max', 'acme.example'), await at('Mia', 'acme.example'), await at('Moe', 'acme-north.example')]
const [sam, sue, pat, support] = [
  await world.person('Sam'),
  await at('Sue', 'mail.acme.example'),
  await world.person('Pat'),
  await world.person('Support', { email: 'support+1@acme.example' })
]
/** Sixty people who have an address at one domain. */
const crowd: Person[] = []
for (let index = 0; index < 60; index++) crowd.push(await world.person(`C${index}`, { email: `c${index}@crowd.example` }))

const uuid = (place: Place) => parseId('company', place.id)!
const accountOf = (person: Person) => parseId('account', person.accountId)!

/** Makes a domain a company's own, proven; whoever had it has it no more. */
async function prove(place: Place, domain: string): Promise<string> {
  await sql('delete from domains where domain = $1', [domain])
  const id = newId()
  await sql(
    `insert into domains (id, organization_id, domain, status, challenge, challenge_expires_at, affiliation_proven_at)
      values ($1, $2, $3, 'verified', 'x', now(), now())`,
    [id, uuid(place), domain]
  )
  return publicId('domain', id)
}

interface Made {
  id: string
  url: string
  token: string
}

const links = (place: Place) => `${place.url}/join-links`
const create = (by: Person, body: object = {}, place = acme, instance = 0) => send('POST', links(place), by, body, instance)
async function make(body: object = {}, by: Person = olga, place: Place = acme): Promise<Made> {
  const { id, url } = (await ok(create(by, body, place))).json() as Made
  return { id, url: `${links(place)}/${id}`, token: url.split('#token=')[1]! }
}
const accept = (by: Person, token: string, instance = 0) => send('POST', '/v1/join-links/accept', by, { token }, instance)
const lookup = (token: string) => world.post('/v1/join-links/lookup', { token })
const see = async (link: Made, by: Person = olga) => (await ok(send('GET', link.url, by))).json()
const isMember = async (person: Person, place: Place = acme): Promise<boolean> =>
  (await sql('select from memberships where organization_id = $1 and account_id = $2', [uuid(place), accountOf(person)])).length > 0
const expire = (link: Made) => sql(`update join_links set expires_at = now() where id = $1`, [parseId('link', link.id)])
const leave = async (person: Person, place: Place = acme) =>
  ok(send('DELETE', `${place.url}/members/${await memberIdOf(place, person)}`, person))

const acme = await found(olga)
const north = await found(otto)
const adaId = await join(acme, ada, [{ role: 'admin' }])
await join(acme, remy, [{ role: 'recruiter' }])
const bare = await found(olga)
const acmeDomain = await prove(acme, 'acme.example')
const northDomain = await prove(acme, 'acme-north.example')
const foreignDomain = await prove(north, 'other.example')

t.test(
  'N-10 201: an admin makes a link; its address is shown once, its token kept as a hash, and nobody else is in the answer',
  async (t) => {
    const answer = await create(ada)
    t.equal(answer.statusCode, 201)
    const { url, id, createdAt, expiresAt, ...rest } = answer.json()
    t.strictSame(rest, { status: 'live', domains: [], maxUses: 10, uses: 0, createdBy: adaId, revokedAt: null })
    t.equal(Date.parse(expiresAt) - Date.parse(createdAt), 7 * 86_400_000, 'seven days')
    t.match(url, /^http:\/\/guildhall\.test\/join#token=ghl_[\w-]{49}$/)
    const token = url.split('#token=')[1]
    const [kept] = await sql<{ token_hash: Buffer; row: string }>('select token_hash, l::text as row from join_links l where id = $1', [
      parseId('link', id)
    ])
    t.strictSame(kept!.token_hash, createHash('sha256').update(token).digest())
    t.notMatch(kept!.row, token)
    const one = await ok(send('GET', `${links(acme)}/${id}`, olga))
    const list = await ok(send('GET', links(acme), olga))
    t.strictSame(list.json(), { items: [one.json()], nextCursor: null })
    t.strictSame(one.json(), { id, createdAt, expiresAt, ...rest })
    for (const { body } of [answer, one, list]) t.notMatch(body, /ada@|olga@|account_|"(first|last)Name"/i)
    t.notMatch(one.body + list.body, token, 'never shown again')
    const [audited] = await sql<{ text: string }>(
      `select a.detail::text || coalesce(e.after::text, '') as text from audit_events a join events e on e.id = a.id where a.resource = $1`,
      [id]
    )
    t.match(audited!.text, /live/)
    t.notMatch(audited!.text, /ghl_|example/)

    const chosen = await ok(create(olga, { expiresInDays: 30, maxUses: 1, domainIds: [northDomain, northDomain] }))
    t.match(chosen.json(), { maxUses: 1, domains: ['acme-north.example'], createdBy: acme.memberId })
    t.equal(Date.parse(chosen.json().expiresAt) - Date.parse(chosen.json().createdAt), 30 * 86_400_000)
  }
)

t.test('N-10 201: the same request under one Idempotency-Key makes one link', async (t) => {
  const request = {
    method: 'POST' as const,
    url: links(acme),
    headers: { ...olga.headers, 'idempotency-key': 'one-link-for-the-office' },
    payload: {}
  }
  const [first, again] = [await world.inject(request), await world.inject(request)]
  t.strictSame([first.statusCode, again.statusCode, again.json()], [201, 201, first.json()])
})

t.test('N-10, D-8 200: a link lets in as member of the default team, is counted, and those who run the company are told', async (t) => {
  const link = await make({ maxUses: 2 })
  const preview = await lookup(link.token)
  const { expiresAt } = await see(link)
  t.strictSame([preview.statusCode, preview.json()], [200, { company: { name: 'olga@acme.example Ltd', logoUrl: null }, expiresAt }])
  const answer = await accept(max, link.token)
  t.equal(answer.statusCode, 200, answer.body)
  const memberId = await memberIdOf(acme, max)
  t.strictSame(answer.json(), { memberId, companyId: acme.id, name: 'olga@acme.example Ltd' })
  const member = (await ok(send('GET', `${acme.url}/members/${memberId}`, olga))).json()
  t.match(member, { source: 'join_link', grants: [{ role: 'member', teamId: acme.defaultTeamId }], teams: [{ id: acme.defaultTeamId }] })
  t.strictSame([member.grants.length, member.teams.length], [1, 1])
  t.match(await see(link), { uses: 1, status: 'live' })
  const uses = (await ok(send('GET', `${link.url}/uses`, ada))).json()
  t.strictSame(uses, { items: [{ memberId, accountId: max.accountId, at: uses.items[0].at }], nextCursor: null })
  const mails = await sql<{ data: object }>(`select data from outbox where kind = 'member_joined' order by id`)
  const told = { organizationId: uuid(acme), accountId: accountOf(max), source: 'join_link' }
  t.strictSame(
    mails.map(({ data }) => data),
    [olga, ada].map((admin) => ({ ...told, adminAccountId: accountOf(admin) }))
  )

  const again = await accept(max, link.token)
  t.strictSame([again.statusCode, again.json()], [200, answer.json()])
  t.equal((await accept(ada, link.token)).json().memberId, adaId, 'whoever is a member stays what they are')
  t.equal((await see(link)).uses, 1, 'and no use is counted')
  await ok(accept(mia, link.token))
  t.match(await see(link), { uses: 2, status: 'used_up' })
  t.equal((await accept(max, link.token)).statusCode, 200, 'also when it is used up')
  await Promise.all([leave(max), leave(mia)])
})

t.test('N-10 200: tokens are tried under a limit of their own, and a retry of joining answers what the first one did', async (t) => {
  const { token } = await make()
  const headers = { ...max.headers, 'idempotency-key': 'max-joins-by-the-link' }
  const [first, again] = [
    await world.post('/v1/join-links/accept', { token }, headers),
    await world.post('/v1/join-links/accept', { token }, headers)
  ]
  t.strictSame([first.statusCode, again.statusCode, again.json()], [200, 200, first.json()])
  t.equal(again.headers['idempotency-replayed'], 'true')
  for (const answer of [first, await lookup(token)]) t.match(answer.headers['ratelimit-policy'], /"token"/)
  await leave(max)
})

t.test('N-10 409: only a proven address of one’s own, exactly at a domain that the link admits', async (t) => {
  const link = await make()
  const narrow = await make({ domainIds: [acmeDomain] })
  await ok(world.post('/v1/me/emails', { email: 'pat@acme.example' }, pat.headers))
  for (const [by, { token }, name] of [
    [sam, link, 'no address there'],
    [pat, link, 'an address that is not proven'],
    [sue, link, 'an address at a subdomain'],
    [support, link, 'an address that others read too'],
    [otto, link, 'an address at a domain of another company'],
    [moe, narrow, 'another domain of the company']
  ] as const)
    refused(t, await accept(by, token), 409, 'email_domain_mismatch', name)
  for (const change of [
    `paused_at = now()`,
    `held_until = now() + interval '1 day'`,
    `status = 'added'`,
    `status = 'lost', contest_until = now()`
  ]) {
    await sql(`update domains set ${change} where domain = 'acme-north.example'`)
    refused(t, await accept(moe, link.token), 409, 'email_domain_mismatch', change)
    await sql(
      `update domains set paused_at = null, held_until = null, status = 'verified', contest_until = null where domain = 'acme-north.example'`
    )
  }
  t.strictSame([(await see(link)).uses, (await see(narrow)).uses], [0, 0])
  await ok(accept(moe, link.token))
  await leave(moe)
  t.equal((await accept(moe, link.token)).statusCode, 200, 'whoever left may come again')
  await leave(moe)
})

t.test('N-10 410: a link that is none, was revoked, is used up or past its time lets nobody in, and tells nothing', async (t) => {
  const [revoked, expired, used] = [await make(), await make(), await make({ maxUses: 1 })]
  for (const answer of [await send('DELETE', revoked.url, ada), await send('DELETE', revoked.url, olga)])
    t.strictSame([answer.statusCode, answer.body], [204, ''], 'revoking again changes nothing')
  await expire(expired)
  await ok(accept(max, used.token))
  await leave(max)
  t.strictSame([(await see(revoked)).status, (await see(expired)).status, (await see(used)).status], ['revoked', 'expired', 'used_up'])
  t.ok((await see(revoked)).revokedAt)
  const changes = await sql('select from audit_events where resource = $1', [revoked.id])
  t.equal(changes.length, 2, 'one creation, one revocation')
  const live = await make()
  for (const token of [
    revoked.token,
    expired.token,
    used.token,
    randomToken('ghl'),
    randomToken('ghi'),
    live.token.replace('ghl_', 'ghi_'),
    live.token.slice(0, -1),
    `${live.token}A`
  ]) {
    refused(t, await lookup(token), 410, 'token_dead', token)
    refused(t, await accept(max, token), 410, 'token_dead', token)
    refused(t, await accept(sam, token), 410, 'token_dead', `${token} without an address`)
  }
  for (const body of [{}, { token: 'short' }, { token: live.token, email: 'x@y.example' }])
    for (const answer of [await world.post('/v1/join-links/lookup', body), await send('POST', '/v1/join-links/accept', max, body)])
      refused(t, answer, 400, 'invalid_input')
  refused(t, await world.post('/v1/join-links/accept', { token: live.token }), 401, 'not_signed_in')
  t.equal(await isMember(max), false)
})

t.test('N-12 409: whoever was removed does not come back by a link', async (t) => {
  const link = await make()
  await ok(accept(mia, link.token))
  await ok(send('DELETE', `${acme.url}/members/${await memberIdOf(acme, mia)}`, olga))
  refused(t, await accept(mia, link.token), 409, 'removed_needs_invitation')
  t.equal((await see(link)).uses, 1)
  await join(acme, mia)
  t.equal((await accept(mia, link.token)).statusCode, 200, 'a new invitation has brought them back')
  await ok(send('DELETE', `${acme.url}/members/${await memberIdOf(acme, mia)}`, olga))
  const second = await world.person('Mia', { email: 'mia.second@acme.example' })
  const move = (person: Person, email: string) =>
    sql('update emails set address = $2, canonical = $2 where account_id = $1', [accountOf(person), email])
  t.equal((await accept(second, link.token)).statusCode, 200, 'somebody else')
  await leave(second)
  await move(mia, 'mia@private.example')
  await move(second, mia.email)
  refused(t, await accept(second, link.token), 409, 'removed_needs_invitation', 'the same address with another account')
  t.equal((await see(link)).uses, 2)
  await move(second, 'mia.second@acme.example')
  await move(mia, mia.email)
  await sql('delete from removed_addresses')
  await sql('delete from ended_memberships where account_id = $1', [accountOf(mia)])
})

t.test('N-10 401: whoever is suspended while they join does not', async (t) => {
  const link = await make()
  const suspend = `update accounts set ${inForce('suspended')} where id = $1`
  refused(t, await meanwhile(world, suspend, [accountOf(max)], () => accept(max, link.token)), 401, 'not_signed_in')
  await sql(`update accounts set ${inForce('none')} where id = $1`, [accountOf(max)])
  await returning(world, max)
  t.strictSame([await isMember(max), (await see(link)).uses], [false, 0])
})

t.test('N-10 410: a link lets nobody in while its maker may not make one', async (t) => {
  const irisId = await join(acme, iris, [{ role: 'admin' }])
  const link = await make({}, iris)
  const restrict = (to: string) => sql(`update accounts set ${inForce(to)} where id = $1`, [accountOf(iris)])
  const suspension = `${acme.url}/members/${irisId}/suspension`
  const states: Record<string, [() => Promise<unknown>, () => Promise<unknown>]> = {
    'a suspended member': [() => ok(send('POST', suspension, olga, {})), () => ok(send('DELETE', suspension, olga))],
    'an admin no more': [() => ok(setRoles(acme, irisId, [{ role: 'recruiter' }])), () => ok(setRoles(acme, irisId, [{ role: 'admin' }]))],
    'E-2: restricted': [() => restrict('restricted'), () => restrict('none')],
    'E-3: banned': [() => restrict('banned'), () => restrict('none')]
  }
  for (const [name, [begin, end]] of Object.entries(states)) {
    await begin()
    refused(t, await accept(max, link.token), 410, 'token_dead', name)
    refused(t, await lookup(link.token), 410, 'token_dead', name)
    await end()
    t.equal((await lookup(link.token)).statusCode, 200, `${name}, and not any more`)
  }
  await returning(world, iris)
  t.equal((await see(link)).uses, 0)
  t.equal((await accept(max, link.token)).statusCode, 200)
  await leave(max)
  await ok(send('DELETE', `${acme.url}/members/${irisId}`, iris))
})

t.test('N-10 403 409: a closed or suspended company and a full plan let nobody in, and no use is counted', async (t) => {
  const place = await found(olga, 'company', 'plus')
  await prove(place, 'crowd.example')
  const link = await make({}, olga, place)
  const [first, second] = crowd as [Person, Person]
  await ok(accept(first, link.token))
  refused(t, await accept(second, link.token), 403, 'plan_upgrade_required')
  for (const [state, status, code] of [
    [inForce('suspended'), 403, 'organization_suspended'],
    [`status = 'closed', closed_at = now()`, 409, 'organization_closed']
  ] as const) {
    await sql(`update organizations set ${state} where id = $1`, [uuid(place)])
    refused(t, await accept(second, link.token), status, code)
    refused(t, await lookup(link.token), 410, 'token_dead')
    refused(t, await create(olga, {}, place), status, code)
  }
  await sql(`update organizations set status = 'active', closed_at = null, ${inForce('none')} where id = $1`, [uuid(place)])
  t.equal((await see(link)).uses, 1)
})

t.test('C-12, N-10 410: the links of whoever leaves or is removed end with the membership', async (t) => {
  for (const by of ['removed', 'left']) {
    const irisId = await join(acme, iris, [{ role: 'admin' }])
    const [hers, ours] = [await make({}, iris), await make()]
    await ok(send('DELETE', `${acme.url}/members/${irisId}`, by === 'left' ? iris : olga))
    refused(t, await accept(max, hers.token), 410, 'token_dead', by)
    t.match(await see(hers), { status: 'revoked', createdBy: null })
    t.match(await see(ours), { status: 'live', createdBy: acme.memberId }, 'those of others stay')
    const told = await sql(
      `select a.action, a.actor_id, a.detail, e.before, e.after from audit_events a join events e on e.id = a.id
        where a.resource = $1 order by a.sequence desc limit 1`,
      [hers.id]
    )
    const change = { before: { status: 'live' }, after: { status: 'revoked' } }
    const actor = accountOf(by === 'left' ? iris : olga)
    t.strictSame(told, [{ action: 'join_link.revoked', actor_id: actor, detail: change, ...change }] as object[], 'and it is told of each')
  }
  t.equal(await isMember(max), false)
})

t.test('N-10 400 401 403 404: links are for those who may manage them, and letting in takes the right to invite', async (t) => {
  for (const body of [
    { expiresInDays: 0 },
    { expiresInDays: 31 },
    { expiresInDays: 1.5 },
    { maxUses: 0 },
    { maxUses: 101 },
    { domainIds: [] },
    { role: 'admin' },
    { grants: [{ role: 'admin' }] }
  ])
    refused(t, await create(olga, body), 400, 'invalid_input', JSON.stringify(body))
  const link = await make()
  const calls = [
    ['POST', links(acme), {}],
    ['GET', links(acme)],
    ['GET', link.url],
    ['GET', `${link.url}/uses`],
    ['DELETE', link.url]
  ] as const
  for (const [method, url, payload] of calls) {
    refused(t, await send(method, url, { headers: {} }, payload), 401, 'not_signed_in', `${method} ${url}`)
    refused(t, await send(method, url, sam, payload), 404, 'not_found', `${method} ${url}`)
    const denied = await send(method, url, remy, payload)
    refused(t, denied, 403, 'access_denied', `${method} ${url}`)
    t.strictSame(denied.json().missingPermissions, ['join_link.manage'])
  }
  const elsewhere = await make({}, otto, north)
  for (const id of [elsewhere.id, publicId('link', newId()), 'link_1', link.id.replace('link_', 'member_')])
    for (const [method, url] of [
      ['GET', `${links(acme)}/${id}`],
      ['GET', `${links(acme)}/${id}/uses`],
      ['DELETE', `${links(acme)}/${id}`]
    ] as const)
      refused(t, await send(method, url, olga), 404, 'not_found', `${method} ${id}`)
  t.equal((await see(elsewhere, otto)).status, 'live')

  const role = { key: 'doorkeeper', name: 'Doorkeeper', description: 'Links.', permissions: ['join_link.manage'] }
  await ok(send('POST', `${acme.url}/roles`, olga, role))
  const tag = await tagOf(`${acme.url}/roles/doorkeeper`, olga)
  const patId = await join(acme, pat, [{ role: 'doorkeeper' }])
  const lacks = await create(pat)
  refused(t, lacks, 403, 'access_denied')
  t.strictSame(lacks.json().missingPermissions, ['member.invite'])
  t.equal((await send('GET', links(acme), pat)).statusCode, 200, 'but may look and revoke')
  t.equal((await send('DELETE', link.url, pat)).statusCode, 204)
  await ok(
    world.inject({
      method: 'PATCH',
      url: `${acme.url}/roles/doorkeeper`,
      headers: { ...olga.headers, 'if-match': tag },
      payload: { permissions: ['join_link.manage', 'member.invite'] }
    })
  )
  t.equal((await create(pat)).statusCode, 201)
  await sql(`update accounts set ${inForce('restricted')} where id = $1`, [accountOf(pat)])
  refused(t, await create(pat), 403, 'account_restricted', 'E-2')
  await sql(`update accounts set ${inForce('none')} where id = $1`, [accountOf(pat)])
  await ok(send('DELETE', `${acme.url}/members/${patId}`, pat))
})

t.test(
  'N-10 409 422: without a verified domain there is no link, and the domains of a link are verified ones of the company',
  async (t) => {
    refused(t, await create(olga, {}, bare), 409, 'domain_required')
    refused(t, await create(olga, { domainIds: [acmeDomain] }, bare), 409, 'domain_required', 'whatever it names')
    const claim = await prove(bare, 'claimed.example')
    await sql(`update domains set status = 'added' where domain = 'claimed.example'`)
    refused(t, await create(olga, {}, bare), 409, 'domain_required', 'a claim is none')
    await sql(`update domains set organization_id = $1 where domain = 'claimed.example'`, [uuid(acme)])
    for (const id of [claim, foreignDomain, publicId('domain', newId()), 'domain_1', acmeDomain.replace('domain_', 'link_')])
      refused(t, await create(olga, { domainIds: [acmeDomain, id] }), 422, 'unknown_reference', id)
  }
)

t.test('N-10 409 at once: a company has fifty live links, however many are asked for', async (t) => {
  const place = await found(olga)
  await prove(place, 'fifty.example')
  await sql(
    `insert into join_links (id, organization_id, token_hash, created_by_account_id, domains, max_uses, expires_at, revoked_at)
      select gen_random_uuid(), $1, sha256(n::text::bytea), $2, '{}', 1, now() + make_interval(days => n % 2), case when n < 20 then now() end
      from generate_series(1, 117) n`,
    [uuid(place), accountOf(olga)]
  )
  const answers = await Promise.all(Array.from({ length: 4 }, (_, index) => create(olga, {}, place, index)))
  t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, 409, 409, 409])
  for (const answer of answers) if (answer.statusCode === 409) refused(t, answer, 409, 'limit_reached')
})

t.test('Q-9 200: links come in pages, oldest first, and who joined in the order they came', async (t) => {
  const place = await found(olga)
  await prove(place, 'crowd.example')
  const made: Made[] = []
  for (let index = 0; index < 5; index++) made.push(await make({}, olga, place))
  for (const person of crowd.slice(0, 5)) await ok(accept(person, made[0]!.token))
  const read = async <Item>(url: string): Promise<Item[]> => {
    const seen: Item[] = []
    let next: string | undefined = `${url}?limit=2`
    while (next) {
      const page = await ok(send('GET', next, olga))
      seen.push(...page.json().items)
      next = /<([^>]+)>; rel="next"/.exec(String(page.headers.link))?.[1]
    }
    return seen
  }
  t.strictSame(
    (await read<Made>(links(place))).map(({ id }) => id),
    made.map(({ id }) => id)
  )
  t.strictSame(
    (await read<Person>(`${made[0]!.url}/uses`)).map(({ accountId }) => accountId),
    crowd.slice(0, 5).map(({ accountId }) => accountId)
  )
  const { nextCursor } = (await ok(send('GET', `${links(place)}?limit=1`, olga))).json()
  for (const url of [links(acme), `${made[0]!.url}/uses`])
    refused(t, await send('GET', `${url}?cursor=${encodeURIComponent(nextCursor)}`, olga), 400, 'malformed_cursor')
})

t.test('N-10 at once: of sixty people exactly as many join as a link has uses', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const place = await found(olga)
    await prove(place, 'crowd.example')
    const link = await make({ maxUses: 5 }, olga, place)
    const answers = await Promise.all(crowd.map((person, index) => accept(person, link.token, index)))
    const joined = answers.filter(({ statusCode }) => statusCode === 200).map((answer) => answer.json().memberId)
    for (const answer of answers) if (answer.statusCode !== 200) refused(t, answer, 410, 'token_dead')
    t.equal(joined.length, 5)
    const uses = (await ok(send('GET', `${link.url}/uses`, olga))).json().items as Array<{ memberId: string }>
    t.strictSame(uses.map(({ memberId }) => memberId).sort(), [...joined].sort())
    t.match(await see(link), { uses: 5, status: 'used_up' })
    const members = await sql(`select from memberships where organization_id = $1 and source = 'join_link'`, [uuid(place)])
    t.equal(members.length, 5)
  }
})

t.test('N-10 at once: one person many times takes one use', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const place = await found(olga)
    await prove(place, 'crowd.example')
    const link = await make({ maxUses: 2 }, olga, place)
    const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => accept(crowd[0]!, link.token, index)))
    for (const answer of answers) t.strictSame([answer.statusCode, answer.json()], [200, answers[0]!.json()])
    t.equal((await see(link)).uses, 1)
  }
})

t.test('N-10 at once: after a link is revoked nobody joins by it any more', async (t) => {
  const place = await found(olga)
  await prove(place, 'crowd.example')
  for (let round = 0; round < rounds(3); round++) {
    const link = await make({ maxUses: 100 }, olga, place)
    const some = crowd.slice(0, 8)
    const [revoked, ...answers] = await Promise.all([
      send('DELETE', link.url, olga, undefined, round),
      ...some.map((person, index) => accept(person, link.token, index))
    ])
    t.equal(revoked!.statusCode, 204)
    const joined = answers.filter(({ statusCode }) => statusCode === 200).length
    for (const answer of answers) if (answer.statusCode !== 200) refused(t, answer, 410, 'token_dead')
    const order = await sql<{ action: string }>(
      `select action from audit_events where chain_id = $1 and action in ('join_link.revoked', 'member.joined') order by sequence desc limit $2`,
      [uuid(place), joined + 1]
    )
    t.strictSame(
      order.map(({ action }) => action),
      ['join_link.revoked', ...Array(joined).fill('member.joined')],
      'all who came did so before'
    )
    t.equal((await see(link)).uses, joined)
    for (const person of some) if (await isMember(person, place)) await leave(person, place)
  }
})
