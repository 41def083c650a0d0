import pino from 'pino'
import t from 'tap'
import { recheckDomains } from '../../src/domains/recheck.ts'
import { parseId } from '../../src/http/ids.ts'
import { dnsServer } from '../support/dns.ts'
import { companyDomains, type DomainAnswer } from '../support/domains.ts'
import { inForce } from '../support/enforcement.ts'
import { meanwhile } from '../support/locks.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { long, openWorld, type Person, registration, rounds } from '../support/world.ts'

if (long) t.setTimeout(1_800_000)

const dns = await dnsServer(t)
const world = await openWorld(t, {
  instances: 2,
  env: {
    DNS_SERVERS: dns.address,
    PLAN_COMPANY_PLUS: 'teams=9,admins=9,members=1,customRoles=0',
    COMPANIES_PER_ACCOUNT: '1000',
    DOMAINS_PER_COMPANY: '200',
    LOCK_TIMEOUT_MS: '10000',
    STATEMENT_TIMEOUT_MS: '10000'
  }
})
const { send, ok, found, join, team, tagOf } = organizations(world)
const { url, add, added, verify, contest, get, set, publish, proven, alter, notices } = companyDomains(world, dns)

const olga = await world.person('Olga', { email: 'olga@acme.example' })
const ada = await world.person('Ada', { email: 'ada@studio.example' })
const sam = await world.person('Sam', { email: 'sam@rival.example' })
const acme = await found(olga)
const maps = await team(acme, 'Maps')
await join(acme, ada, [{ role: 'admin' }])

interface Verified {
  account: { id: string }
  session: { accessToken: string }
  joinableCompanies: Array<{ id: string; name: string; logoUrl: string | null; how: string }>
  joined: { companyId: string; memberId: string; name: string } | null
}

let count = 0
/** Registers somebody and proves the address: what the answer says of companies. */
async function arrive(email: string, instance = 0): Promise<Verified> {
  const registered = await world.post('/v1/accounts', { ...registration, firstName: `P${count++}`, email }, {}, instance)
  t.notMatch(registered.body, 'company', 'P-3: nothing before the address is proven')
  return prove(await world.mailedToken(email, 'ghv'), instance)
}
async function prove(token: string, instance = 0): Promise<Verified> {
  return (await ok(world.post('/v1/email-verifications', { token }, {}, instance))).json()
}
const joinable = async (who: { session: { accessToken: string } } | Person): Promise<Verified['joinableCompanies']> => {
  const token = 'session' in who ? who.session.accessToken : who.accessToken
  return (await ok(world.inject({ url: '/v1/me/joinable-companies', headers: { authorization: `Bearer ${token}` } }))).json().items
}
const offer = (place: Place, how = 'join') => ({ id: place.id, name: `${place.owner.email} Ltd`, logoUrl: null, how })
const members = (place: Place) =>
  world.sql<{ account_id: string; source: string }>('select account_id, source from memberships where organization_id = $1', [
    parseId('company', place.id)
  ])

t.test('D-5 D-6 D-8: mode automatic makes a member at registration, once the address is proven, and tells the admins', async (t) => {
  const { id } = await proven(acme, 'acme.example', 'dns', { mode: 'automatic', defaultRole: 'hiring_manager', teamIds: [maps] })
  const before = await members(acme)
  await world.post('/v1/accounts', { ...registration, firstName: 'Remy', email: 'Remy@Acme.Example' })
  const token = await world.mailedToken('Remy@Acme.Example', 'ghv')
  t.strictSame(await members(acme), before, 'P-3: not before the proof')

  const remy = await prove(token)
  t.strictSame(remy.joinableCompanies, [])
  t.match(remy.joined, { companyId: acme.id, memberId: /^member_/, name: offer(acme).name })
  const member = (await ok(send('GET', `${acme.url}/members/${remy.joined!.memberId}`, olga))).json()
  t.match(member, { accountId: remy.account.id, source: 'domain', status: 'active', owner: false })
  t.strictSame(member.grants, [{ role: 'hiring_manager', teamId: maps }])
  t.strictSame(member.teams, [{ id: maps, name: 'Maps' }])
  const told = await world.sql(
    `select a.first_name as "to", x.data ->> 'source' as source, x.data ->> 'accountId' as who from outbox x
      join accounts a on a.id = (x.data ->> 'adminAccountId')::uuid where x.kind = 'member_joined' order by 1`
  )
  const who = parseId('account', remy.account.id)
  t.strictSame(told, [
    { to: 'Ada', source: 'domain', who },
    { to: 'Olga', source: 'domain', who }
  ])
  t.match(
    await world.sql("select actor_id, detail from audit_events where action = 'member.joined' and resource = $1", [remy.joined!.memberId]),
    [{ actor_id: who, detail: { source: 'domain' } }]
  )
  const contexts = await world.inject({ url: '/v1/me/contexts', headers: { authorization: `Bearer ${remy.session.accessToken}` } })
  t.match(contexts.json().items, [{ id: acme.id, roles: [{ role: 'hiring_manager', teamId: maps }] }])

  await ok(set(acme, id, { defaultRole: 'recruiter', teamIds: [] }))
  const next = await arrive('nina@acme.example')
  const nina = (await ok(send('GET', `${acme.url}/members/${next.joined!.memberId}`, olga))).json()
  t.strictSame(nina.grants, [{ role: 'recruiter', teamId: acme.defaultTeamId }], 'recruiter in the default team')
})

t.test('D-5 D-7: suggest offers joining, request asks an admin; both at registration and later', async (t) => {
  const { id } = await proven(acme, 'modes.example', 'dns', { mode: 'suggest' })
  const una = await arrive('una@modes.example')
  t.strictSame([una.joined, una.joinableCompanies], [null, [offer(acme)]])
  t.strictSame(await joinable(una), [offer(acme)], 'name and logo, and nothing else')
  await ok(set(acme, id, { mode: 'request' }))
  t.strictSame(await joinable(una), [offer(acme, 'request')])
  const vic = await arrive('vic@modes.example')
  t.strictSame([vic.joined, vic.joinableCompanies], [null, [offer(acme, 'request')]])
  await ok(set(acme, id, { mode: 'off' }))
  t.strictSame([await joinable(una), (await arrive('wes@modes.example')).joinableCompanies], [[], []])
  refused(t, await world.inject({ url: '/v1/me/joinable-companies' }), 401, 'not_signed_in')
})

t.test('D-7: existing accounts are never moved, also not by another address that they prove', async (t) => {
  const finn = await world.person('Finn', { email: 'finn@later.example' })
  await proven(acme, 'later.example', 'dns', { mode: 'automatic' })
  await ok(send('POST', '/v1/me/emails', sam, { email: 'sam@later.example' }))
  t.strictSame(await joinable(sam), [], 'an address that is not proven is worth nothing')
  const token = await world.mailedToken('sam@later.example', 'gha')
  const answer = await ok(send('POST', '/v1/me/emails/sam@later.example/verify', sam, { token }))
  t.notMatch(answer.body, acme.id)
  const ids = (await members(acme)).map(({ account_id }) => account_id)
  for (const who of [finn, sam]) {
    t.notOk(ids.includes(parseId('account', who.accountId)!), who.email)
    t.strictSame(await joinable(who), [offer(acme)], `${who.email} finds it`)
  }
  await ok(send('DELETE', '/v1/me/emails/sam@later.example', sam))
})

t.test('D-4: only addresses at exactly the domain, and none that others read too', async (t) => {
  await proven(acme, 'bücher.example', 'dns', { mode: 'automatic' })
  for (const email of ['ida@sub.bücher.example', 'ida@cher.example', 'ida@xn--bcher-kva.example.com'])
    t.match(await arrive(email), { joined: null, joinableCompanies: [] }, email)
  for (const name of ['support', 'Support+4711', 'noreply', 'no-reply', 'tickets+id77', 'ticket-77', 'info', 'helpdesk.de', 'reply+x9'])
    t.match(await arrive(`${name}@bücher.example`), { joined: null, joinableCompanies: [] }, name)
  for (const email of ['ida@BÜCHER.example', 'ole@xn--bcher-kva.example', 'una+work@bücher.example'])
    t.match(await arrive(email), { joined: { companyId: acme.id } }, email)
})

t.test(
  'D-1 D-3 D-8: nobody joins by a domain that is not proven, on hold, paused, lost, or of a company that is closed or suspended',
  async (t) => {
    const place = await found(ada)
    const { id } = await proven(place, 'states.example', 'dns', { mode: 'automatic' })
    const status = (to: string) =>
      world.sql(`update organizations set status = $2, closed_at = case when $2 = 'closed' then now() end, ${inForce(to)} where id = $1`, [
        parseId('company', place.id),
        to === 'closed' ? 'closed' : 'active'
      ])
    const states: Record<string, [() => Promise<unknown>, () => Promise<unknown>]> = {
      'on hold': [() => alter(id, "held_until = now() + interval '1 hour'"), () => alter(id, "held_until = now() - interval '1 second'")],
      paused: [() => alter(id, 'paused_at = now()'), () => alter(id, 'paused_at = null')],
      'only added': [
        () => alter(id, "status = 'added', mode = 'off', ownership_proven_at = null"),
        () => alter(id, "status = 'verified', ownership_proven_at = now(), mode = 'automatic'")
      ],
      lost: [
        () => alter(id, "status = 'lost', mode = 'off', contest_until = now()"),
        () => alter(id, "status = 'verified', contest_until = null, mode = 'automatic'")
      ],
      closed: [() => status('closed'), () => status('active')],
      suspended: [() => status('suspended'), () => status('active')]
    }
    for (const [name, [begin, end]] of Object.entries(states)) {
      await begin()
      const came = await arrive(`p${count}@states.example`)
      t.strictSame([came.joined, came.joinableCompanies, await joinable(came)], [null, [], []], name)
      await end()
      t.strictSame(await joinable(came), [offer(place)], `${name} no longer`)
    }
    t.match((await arrive('last@states.example')).joined, { companyId: place.id })
  }
)

t.test('D-5: a full plan keeps nobody from proving their address; the company is offered instead', async (t) => {
  const place = await found(sam, 'company', 'plus')
  await proven(place, 'full.example', 'dns', { mode: 'automatic' })
  t.match((await arrive('una@full.example')).joined, { companyId: place.id })
  const mails = async () => (await world.sql("select id from outbox where kind = 'member_joined'")).length
  const before = [await members(place), await mails()]
  const vic = await arrive('vic@full.example')
  t.strictSame([vic.joined, vic.joinableCompanies], [null, [offer(place)]])
  t.equal((await world.inject({ url: '/v1/me', headers: { authorization: `Bearer ${vic.session.accessToken}` } })).json().status, 'active')
  t.strictSame([await members(place), await mails()], before)
})

t.test('D-5: what the database refuses undoes the joining, and not the proof of the address', async (t) => {
  await proven(acme, 'refused.example', 'dns', { mode: 'automatic' })
  await world.sql(`create function refuse_joining() returns trigger language plpgsql as $$ begin
    raise exception 'no' using errcode = 'check_violation', constraint = 'memberships_exclusive_elsewhere'; end $$`)
  await world.sql(
    "create trigger refuse_joining after insert on memberships for each row when (new.source = 'domain') execute function refuse_joining()"
  )
  const una = await arrive('una@refused.example')
  t.strictSame([una.joined, una.joinableCompanies], [null, [offer(acme)]])
  t.equal((await world.inject({ url: '/v1/me', headers: { authorization: `Bearer ${una.session.accessToken}` } })).json().status, 'active')
  await world.sql('drop trigger refuse_joining on memberships')
})

t.test('D-6 C-8: while all teams of a domain are hidden, nobody gets its role, in no other team either', async (t) => {
  const place = await found(olga)
  const [one, two] = [await team(place, 'One'), await team(place, 'Two')]
  const settings = { mode: 'automatic', defaultRole: 'hiring_manager', teamIds: [one, two] }
  const { id } = await proven(place, 'hidden.example', 'dns', settings)
  const hide = async (teamId: string, hidden: boolean) => {
    const path = `${place.url}/teams/${teamId}`
    const headers = { ...olga.headers, 'if-match': await tagOf(path, olga) }
    await ok(world.inject({ method: 'PATCH', url: path, headers, payload: { hidden } }))
  }
  const came = async () => {
    const { joined } = await arrive(`p${count}@hidden.example`)
    return (await ok(send('GET', `${place.url}/members/${joined!.memberId}`, olga))).json().grants
  }
  await hide(one, true)
  t.strictSame(await came(), [{ role: 'hiring_manager', teamId: two }], 'the team that is shown')
  await hide(two, true)
  t.strictSame(await came(), [{ role: 'member', teamId: place.defaultTeamId }], 'none is')

  const asks = await arrive('asks@elsewhere.example')
  await ok(set(place, id, { mode: 'request' }))
  await world.sql("update emails set canonical = 'asks@hidden.example', address = 'asks@hidden.example' where account_id = $1", [
    parseId('account', asks.account.id)
  ])
  const headers = { authorization: `Bearer ${asks.session.accessToken}` }
  const { request } = (await ok(send('POST', `${place.url}/join`, { headers }, {}))).json()
  await ok(send('POST', `${place.url}/join-requests/${request.id}/decision`, olga, { decision: 'approve' }))
  const { items } = (await ok(send('GET', `${place.url}/members?source=join_request`, olga))).json()
  t.strictSame(items[0].grants, [{ role: 'member', teamId: place.defaultTeamId }], 'nor who asks to join')
  await ok(set(place, id, { mode: 'automatic' }))
  await hide(one, false)
  t.strictSame(await came(), [{ role: 'hiring_manager', teamId: one }], 'shown again')
  await ok(set(place, id, { teamIds: [] }))
  t.strictSame(await came(), [{ role: 'hiring_manager', teamId: place.defaultTeamId }], 'no team was wanted')
})

t.test('N-12: whoever the company removed is neither offered it nor joined', async (t) => {
  await proven(acme, 'twelve.example', 'dns', { mode: 'automatic' })
  const zoe = await arrive('zoe@twelve.example')
  t.strictSame(await joinable(zoe), [], 'a member needs no offer')
  await ok(send('POST', `${acme.url}/members/${zoe.joined!.memberId}/suspension`, olga, {}))
  t.strictSame(await joinable(zoe), [], 'nor does a suspended one')
  await ok(send('DELETE', `${acme.url}/members/${zoe.joined!.memberId}`, olga))
  t.strictSame(await joinable(zoe), [])

  const kim = await arrive('kim@twelve.example')
  const leaving = { headers: { authorization: `Bearer ${kim.session.accessToken}` } }
  await ok(send('DELETE', `${acme.url}/members/${kim.joined!.memberId}`, leaving))
  t.strictSame(await joinable(kim), [offer(acme)], 'who left may come again')
})

const log = pino({ level: 'silent' })
const recheck = (instance = 0) => recheckDomains(world.allParts[instance]!, log)
/** Lets the time since the last look, and since the first miss, go by. */
const pass = (id: string, checked: string, failing?: string) =>
  alter(id, `checked_at = now() - interval '${checked}'${failing ? `, failing_since = now() - interval '${failing}'` : ''}`)
const stored = async (id: string) =>
  (
    await world.sql<{ failing: boolean; paused: boolean; age: number }>(
      `select failing_since is not null as failing, paused_at is not null as paused, extract(epoch from now() - checked_at)::int as age
        from domains where id = $1`,
      [parseId('domain', id)]
    )
  )[0]!

t.test('D-8: a DNS proof is looked at every day; its loss is confirmed after an hour and pauses, its return resumes', async (t) => {
  await notices()
  const place = await found(ada)
  const claim = await proven(place, 'daily.example', 'dns', { mode: 'automatic' })
  const came = await arrive('una@daily.example')
  const { recordName, recordValue } = claim.challenge
  const looks = () => dns.asked.filter((name) => name === recordName).length
  const before = looks()
  await pass(claim.id, '23 hours')
  await recheck()
  t.equal(looks(), before, 'not before its time')
  await pass(claim.id, '25 hours')
  await recheck()
  t.equal(looks(), before + 1)
  t.match(await stored(claim.id), { failing: false, age: 0 })

  for (const error of ['servfail', 'refused'] as const) {
    dns.zone.set(recordName, error)
    await pass(claim.id, '25 hours')
    await recheck()
    t.match(await stored(claim.id), { failing: false, paused: false }, `${error} is no loss`)
    await recheck()
    t.equal(Math.round((await stored(claim.id)).age / 3600), 23, 'and is tried again in an hour')
  }

  dns.zone.delete(recordName)
  await pass(claim.id, '25 hours')
  await recheck()
  t.match(await stored(claim.id), { failing: true, paused: false })
  t.match((await arrive('vic@daily.example')).joined, { companyId: place.id }, 'a loss that is not confirmed changes nothing')
  const tag = async () => (await send('GET', url(place, claim.id), ada)).headers.etag
  const seen = await tag()
  await pass(claim.id, '50 minutes', '50 minutes')
  const asked = looks()
  await recheck()
  t.equal(looks(), asked, 'not within the hour')
  t.match(await stored(claim.id), { failing: true, paused: false }, 'not within the hour')
  dns.zone.set(recordName, 'servfail')
  await pass(claim.id, '61 minutes', '61 minutes')
  await recheck()
  t.match(await stored(claim.id), { failing: true, paused: false, age: 0 }, 'an error confirms nothing')
  dns.zone.delete(recordName)
  await recheck()
  t.match(await stored(claim.id), { paused: false }, 'and is not asked about again at once')
  await pass(claim.id, '11 minutes', '75 minutes')
  await recheck()
  t.match(await stored(claim.id), { failing: true, paused: true })
  t.not(await tag(), seen, 'another version')
  t.match(await get(place, claim.id), { status: 'verified', mode: 'automatic', paused: true })
  t.strictSame(await notices(), ['paused Ada'])
  t.match((await arrive('wes@daily.example')).joined, null)
  t.match((await ok(send('GET', `${place.url}/members/${came.joined!.memberId}`, ada))).json(), { status: 'active' }, 'members stay')

  await pass(claim.id, '25 hours')
  await recheck()
  t.strictSame(await notices(), [], 'told once')
  publish(claim)
  await recheck()
  t.match(await stored(claim.id), { paused: true }, 'looked at once a day')
  await pass(claim.id, '25 hours')
  await recheck()
  t.strictSame([await stored(claim.id), await notices()], [{ failing: false, paused: false, age: 0 }, ['resumed Ada']])
  t.match((await arrive('xia@daily.example')).joined, { companyId: place.id })
  t.equal((await get(place, claim.id)).challenge.recordValue, recordValue)
})

t.test('D-8: an affiliation is looked at as well; with both proofs it goes on alone, while it is true', async (t) => {
  const place = await found(ada)
  const eve = await world.person('Eve', { email: 'eve@both.example' })
  const eveId = await join(place, eve, [{ role: 'admin' }])
  const claim = await proven(place, 'both.example', 'dns', { mode: 'automatic' })
  await ok(verify(place, claim.id, 'affiliation'))
  const lose = async () => {
    await pass(claim.id, '25 hours')
    await recheck()
    t.match(await stored(claim.id), { failing: true, paused: false })
    await pass(claim.id, '61 minutes', '61 minutes')
    await recheck()
  }
  dns.zone.delete(claim.challenge.recordName)
  await lose()
  t.match(await get(place, claim.id), {
    status: 'verified',
    // D-5: by affiliation alone nobody is made a member.
    mode: 'suggest',
    paused: false,
    proofs: { affiliation: /Z$/, ownership: null }
  })
  t.match(await arrive('una@both.example'), { joined: null, joinableCompanies: [{ id: place.id, how: 'join' }] })
  t.match(await stored(claim.id), { failing: false })
  t.strictSame(await notices(), [], 'nobody need know')

  await pass(claim.id, '25 hours')
  await recheck()
  t.match(await stored(claim.id), { failing: false, age: 0 })
  await ok(send('POST', `${place.url}/members/${eveId}/suspension`, ada, {}))
  await lose()
  t.match(await get(place, claim.id), { paused: true })
  t.strictSame(await notices(), ['paused Ada'])
  refused(t, await verify(place, claim.id, 'affiliation'), 409, 'domain_not_proven')
  await ok(send('DELETE', `${place.url}/members/${eveId}/suspension`, ada))
  t.match((await ok(verify(place, claim.id, 'affiliation'))).json(), { paused: false }, 'proving again ends the pause at once')

  const again = await added(place, 'both.example')
  publish(again)
  await ok(verify(place, claim.id, 'dns'))
  await ok(send('DELETE', `${place.url}/members/${eveId}`, ada))
  dns.zone.delete(claim.challenge.recordName)
  await lose()
  t.match(await get(place, claim.id), { paused: true, proofs: { affiliation: null } }, 'neither proof is true any more')
  await notices()
})

t.test('D-5 D-8: whoever proves a paused domain by affiliation no longer makes members by themselves', async (t) => {
  const place = await found(olga)
  await join(place, ada, [{ role: 'admin' }])
  const claim = await proven(place, 'studio.example', 'dns', { mode: 'automatic' })
  await alter(claim.id, "paused_at = now(), failing_since = now() - interval '2 hours'")
  t.match(await get(place, claim.id), { mode: 'automatic', paused: true }, 'paused: it goes on as it was, once the record is back')
  const proof = (await ok(verify(place, claim.id, 'affiliation', ada))).json()
  t.match(proof, { mode: 'suggest', paused: false, proofs: { affiliation: /Z$/, ownership: null } })
  await ok(send('DELETE', url(place, claim.id), olga))
  dns.zone.delete(claim.challenge.recordName)
  const kept = await proven(place, 'studio.example', 'dns', { mode: 'automatic' })
  t.match((await ok(verify(place, kept.id, 'affiliation', ada))).json(), { mode: 'automatic', proofs: { ownership: /Z$/ } })
  await t.rejects(
    world.sql('update domains set ownership_proven_at = null where id = $1', [parseId('domain', kept.id)]),
    /domains_automatic_needs_ownership/,
    'the database keeps it as well'
  )
  await ok(send('DELETE', url(place, kept.id), olga))
})

t.test('D-8 at once: several runs look once at each, however many are due', async (t) => {
  const place = await found(olga)
  for (let round = 0; round < rounds(2); round++) {
    const claims: DomainAnswer[] = []
    for (let n = 0; n < 6; n++) claims.push(await proven(place, `due${n}.example`, 'dns', { mode: 'suggest' }))
    for (const claim of claims) {
      dns.zone.delete(claim.challenge.recordName)
      await pass(claim.id, '61 minutes', '61 minutes')
    }
    await Promise.all([recheck(0), recheck(1), recheck(0), recheck(1)])
    t.strictSame(await notices(), Array(6).fill('paused Olga'))
    for (const { id } of claims) await ok(send('DELETE', url(place, id), olga))
  }
})

t.test('D-8 at once: what was seen before somebody else looked counts for nothing', async (t) => {
  const place = await found(olga)
  const { id, challenge } = await proven(place, 'older.example')
  dns.zone.delete(challenge.recordName)
  await pass(id, '25 hours')
  await meanwhile(
    world,
    `with locked as (update organizations set version = version where id = $1 returning id)
      update domains set checked_at = now() from locked where organization_id = locked.id`,
    [parseId('company', place.id)],
    () => recheck()
  )
  t.match(await stored(id), { failing: false, age: 0 })
})

t.test('D-1 at once: DNS outranks an affiliation that is proven a moment before', async (t) => {
  const [one, two] = [await found(olga), await found(sam)]
  const [a, b] = [await added(one, 'moment.example'), await added(two, 'moment.example')]
  publish(b)
  const answer = await meanwhile(
    world,
    `with locked as (select pg_advisory_xact_lock(hashtextextended('moment.example', 5)))
      update domains set status = 'verified', affiliation_proven_at = now(), checked_at = now() from locked where id = $1`,
    [parseId('domain', a.id)],
    () => verify(two, b.id, 'dns')
  )
  t.strictSame([answer.statusCode, (await get(one, a.id)).status], [200, 'lost'])
})

t.test('D-5 at once: whoever comes while the domain is closed to them stays outside', async (t) => {
  const place = await found(sam)
  const { id } = await proven(place, 'shut.example', 'dns', { mode: 'automatic' })
  await world.post('/v1/accounts', { ...registration, email: 'una@shut.example' })
  const token = await world.mailedToken('una@shut.example', 'ghv')
  const came = await meanwhile(
    world,
    `with locked as (update organizations set version = version where id = $1 returning id)
      update domains set mode = 'off' from locked where domains.id = $2`,
    [parseId('company', place.id), parseId('domain', id)],
    () => prove(token)
  )
  t.strictSame([came.joined, came.joinableCompanies, (await members(place)).length], [null, [], 1])
})

const codes = (answers: Array<{ statusCode: number; body: string }>) =>
  answers.map(({ statusCode, body }) => (statusCode === 200 ? '200' : `${statusCode} ${JSON.parse(body).code}`)).sort()
const holders = async (domain: string): Promise<number> =>
  (await world.sql("select id from domains where domain = $1 and status = 'verified'", [domain])).length

t.test('D-3 at once: of two companies that prove one domain exactly one has it', async (t) => {
  const places: Place[] = []
  for (const who of [olga, sam]) places.push(await found(who))
  for (const [index, place] of places.entries()) await join(place, ada, [{ role: 'admin' }], {}, index)
  const [one, two] = places as [Place, Place]
  for (let round = 0; round < rounds(2); round++) {
    for (const proofs of [
      ['affiliation', 'affiliation'],
      ['dns', 'dns'],
      ['dns', 'affiliation'],
      ['affiliation', 'dns']
    ] as const) {
      const [a, b] = [await added(one, 'studio.example'), await added(two, 'studio.example')]
      dns.zone.delete(a.challenge.recordName)
      publish(a)
      publish(b)
      const answers = await Promise.all([
        verify(one, a.id, proofs[0], ada, round),
        verify(two, b.id, proofs[1], ada, round + 1),
        verify(one, a.id, proofs[0], ada, round + 1),
        verify(two, b.id, proofs[1], ada, round)
      ])
      const name = proofs.join(' and ')
      t.equal(await holders('studio.example'), 1, name)
      const states = [await get(one, a.id), await get(two, b.id)]
      if (proofs[0] === proofs[1]) t.strictSame(codes(answers), ['200', '200', '409 domain_taken', '409 domain_taken'], name)
      else t.equal(states[proofs[0] === 'dns' ? 0 : 1]!.status, 'verified', `${name}: DNS outranks affiliation, whoever is first`)
      t.ok(
        codes(answers).every((code) => code === '200' || code === '409 domain_taken' || code === '409 conflict'),
        `${name}: ${codes(answers)}`
      )
      for (const [place, { id }] of [
        [one, a],
        [two, b]
      ] as const)
        await ok(send('DELETE', url(place, id), ada))
    }
  }
})

t.test('D-1 at once: a domain that is contested, taken over and given up has one company in the end', async (t) => {
  const [one, two] = [await found(olga), await found(sam)]
  for (let round = 0; round < rounds(3); round++) {
    const a = await proven(one, 'fight.example', 'dns')
    await alter(a.id, 'paused_at = now()')
    const b = await added(two, 'fight.example')
    publish(b)
    await ok(verify(two, b.id, 'dns'))
    publish(await get(one, a.id))
    const answers = await Promise.all([
      contest(one, a.id, olga, round),
      contest(one, a.id, olga, round + 1),
      verify(two, b.id, 'dns', sam, round),
      verify(two, b.id, 'dns', sam, round + 1)
    ])
    t.equal(codes(answers.slice(0, 2)).filter((code) => code === '200').length, 1, 'contested once')
    t.equal(await holders('fight.example'), 1)
    t.match(await get(one, a.id), { status: 'verified', proofs: { ownership: /Z$/ } })
    await Promise.all([send('DELETE', url(one, a.id), olga, undefined, round), verify(two, b.id, 'dns', sam, round + 1)])
    t.ok((await holders('fight.example')) <= 1)
    await ok(send('DELETE', url(two, b.id), sam))
    dns.zone.delete(b.challenge.recordName)
  }
})

t.test('D-5 at once: many register while the domain is opened, closed, and the last seat goes', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const place = await found(sam, 'company', 'plus')
    const { id } = await proven(place, `seats${round}.example`, 'dns', { mode: 'automatic' })
    const emails = Array.from({ length: 5 }, (_, n) => `p${n}@seats${round}.example`)
    for (const email of emails) await world.post('/v1/accounts', { ...registration, email })
    const tokens: string[] = []
    for (const email of emails) tokens.push(await world.mailedToken(email, 'ghv'))
    const came = await Promise.all(tokens.map((token, index) => prove(token, index)))
    t.equal(came.filter(({ joined }) => joined).length, 1, 'one seat')
    t.equal((await members(place)).length, 2)
    for (const one of came) t.strictSame(one.joinableCompanies, one.joined ? [] : [offer(place)])
    await ok(send('DELETE', url(place, id), sam))
  }
  const place = await found(sam)
  for (let round = 0; round < rounds(2); round++) {
    const { id } = await proven(place, `closing${round}.example`, 'dns', { mode: 'automatic' })
    const email = `una@closing${round}.example`
    await world.post('/v1/accounts', { ...registration, email })
    const token = await world.mailedToken(email, 'ghv')
    const [came] = await Promise.all([prove(token, 0), set(place, id, { mode: 'off' })])
    t.equal((await add(place, `closing${round}.example`)).statusCode, 200)
    t.equal((await get(place, id)).mode, 'off')
    t.equal(
      came.joined !== null,
      (await members(place)).some(({ account_id }) => account_id === parseId('account', came.account.id))
    )
  }
})
