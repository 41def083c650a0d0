import t from 'tap'
import { lockAccount } from '../../src/accounts/accounts.ts'
import { system } from '../../src/actor.ts'
import { closeLocked, closureBlockers } from '../../src/closing/closing.ts'
import { parseId, publicId } from '../../src/http/ids.ts'
import { contractServices } from '../support/contracts.ts'
import { meanwhile } from '../support/locks.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t, { env: { COMPANIES_PER_ACCOUNT: '1000' } })
const { send, ok, freelance, found, join } = organizations(world)
const { add, put, putProposal } = await contractServices(world)
const [olga, finn] = [await world.person('Olga'), await world.person('Finn')]
await freelance(finn)
const company = await found(olga)

const uuid = (person: Person): string => parseId('account', person.accountId)!
const close = (person: Person, query = '', headers: Record<string, string> = {}) =>
  world.post(`/v1/me/closure${query}`, {}, { ...person.headers, ...headers })
const look = async (person: Person) =>
  (await ok(send('GET', '/v1/me/closure', person))).json() as {
    blockers: Array<{ code: string; resource: string; label: string; resolve: object }>
    effects: object
  }
const [eventsOf, accountOf] = [
  async (type: string, accountId: string) =>
    world.sql<{ before: object; after: object }>('select before, after from events where type = $1 and subject = $2', [type, accountId]),
  async (person: Person) =>
    (
      await world.sql<{ status: string; closed: boolean; sessions: number; tokens: number; memberships: number }>(
        `select a.status, a.closed_at is not null as closed, (select count(*)::int from sessions s where s.account_id = a.id and s.ended_at is null) as sessions,
          (select count(*)::int from mail_tokens k where k.account_id = a.id) as tokens,
          (select count(*)::int from memberships m where m.account_id = a.id) as memberships from accounts a where a.id = $1`,
        [uuid(person)]
      )
    )[0]!
]

t.test(
  'P-13 200: closing ends memberships, the profile, own organizations without others, requests, tokens and sessions, and tells',
  async (t) => {
    const ana = await world.person('Ana')
    await freelance(ana)
    const alone = await found(ana)
    const agency = await found(ana, 'agency')
    const memberId = await join(company, ana, [{ role: 'recruiter' }])
    await world.post('/v1/password-resets', { email: ana.email })
    await world.mails()
    const other = (await world.signIn(ana)).json() as { accessToken: string }

    const before = await look(ana)
    t.strictSame(before.blockers, [])
    const effects = {
      organizations: [
        { id: alone.id, name: 'ana@example.com Ltd' },
        { id: agency.id, name: 'ana@example.com & Friends' }
      ],
      memberships: [{ id: company.id, name: 'olga@example.com Ltd', memberId }],
      freelancerProfile: true
    }
    t.strictSame(before.effects, effects)
    t.strictSame((await ok(close(ana, '?dryRun=true'))).json(), { dryRun: true, blockers: [], effects })
    t.match(await accountOf(ana), { status: 'active' }, 'a dry run changes nothing')

    const closed = await ok(close(ana))
    t.strictSame(closed.json(), { status: 'closed', effects })
    t.strictSame(
      await accountOf(ana),
      { status: 'closed', closed: true, sessions: 0, tokens: 0, memberships: 2 },
      'only those of what closed with it'
    )
    refused(t, await send('GET', '/v1/me', ana), 401, 'not_signed_in')
    refused(t, await send('GET', '/v1/me', { headers: { authorization: `Bearer ${other.accessToken}` } }), 401, 'not_signed_in')
    t.match((await world.signIn(ana)).json(), { code: 'invalid_credentials' })

    t.strictSame(await eventsOf('account.closed', ana.accountId), [{ before: { status: 'active' }, after: { status: 'closed' } }])
    t.equal((await eventsOf('member.left', memberId)).length, 1)
    t.match(await eventsOf('company.closed', alone.id), [{ after: { status: 'closed' } }])
    t.match(await eventsOf('agency.closed', agency.id), [{ after: { status: 'closed' } }])
    t.match(await eventsOf('freelancer_profile.closed', ana.accountId), [{ after: { status: 'closed' } }])
    const [mail] = (await world.mails(ana.email)).slice(-1)
    t.match(mail, {
      subject: 'Your account was closed',
      text: /For 5 years you can open it again[\s\S]*http:\/\/guildhall\.test\/reactivate\n/
    })
    const [ended] = await world.sql<{ reason: string }>('select end_reason as reason from sessions where account_id = $1', [uuid(ana)])
    t.equal(ended!.reason, 'account_closed')
  }
)

t.test('P-13 K-7 K-8 409: everything that is open blocks it, one list in all three answers, each with its cure', async (t) => {
  const ben = await world.person('Ben')
  await freelance(ben)
  const shared = await found(ben)
  await join(shared, olga, [{ role: 'admin' }])
  const alone = await found(ben)
  const agency = await found(ben, 'agency')
  const memberId = await join(company, ben, [{ role: 'hiring_manager' }])
  await add('p13-contact', company, ben, finn)
  await add('p13-shared', shared, ben, finn)
  await add('p13-alone', alone, ben, finn)
  await add('p13-own', company, olga, ben)
  await add('p13-agency', company, olga, ben, { agencyId: agency.id })
  for (const [id, agencyId] of [
    ['p13-open', undefined],
    ['p13-archived', agency.id]
  ] as const)
    await ok(
      putProposal(id, { version: 1, accountId: ben.accountId, ...(agencyId ? { agencyId } : {}), status: agencyId ? 'archived' : 'open' })
    )

  const { blockers } = await look(ben)
  t.match(
    blockers.map(({ code, resource, resolve }) => ({ code, resource, resolve })).sort((a, b) => (a.resource < b.resource ? -1 : 1)),
    [
      { code: 'owner_must_transfer', resource: shared.memberId, resolve: { method: 'POST', href: `${shared.url}/ownership-transfer` } },
      { code: 'active_agency_work', resource: 'p13-agency', resolve: { service: 'contracts' } },
      { code: 'contact_on_active_contracts', resource: 'p13-alone', resolve: { service: 'contracts' } },
      { code: 'active_agency_work', resource: 'p13-archived', resolve: { service: 'proposals' } },
      {
        code: 'contact_on_active_contracts',
        resource: 'p13-contact',
        resolve: { method: 'PUT', href: `${company.url}/contracts/p13-contact/contact`, ifMatch: '"1"' }
      },
      { code: 'independent_work_active', resource: 'p13-open', resolve: { service: 'proposals' } },
      { code: 'independent_work_active', resource: 'p13-own', resolve: { service: 'contracts' } },
      {
        code: 'contact_on_active_contracts',
        resource: 'p13-shared',
        resolve: { method: 'PUT', href: `${shared.url}/contracts/p13-shared/contact`, ifMatch: '"1"' }
      }
    ]
  )
  t.match(
    blockers.find(({ code }) => code === 'owner_must_transfer'),
    { label: 'Ownership of ben@example.com Ltd' }
  )
  const answer = await close(ben)
  refused(t, answer, 409, 'closure_blocked')
  t.strictSame((answer.json() as { blockers: object[] }).blockers, blockers)
  t.strictSame(((await ok(close(ben, '?dryRun=true'))).json() as { blockers: object[] }).blockers, blockers)
  t.strictSame(await world.parts.db.transaction((tx) => closureBlockers(tx, { id: uuid(ben) })), blockers)
  t.match(await accountOf(ben), { status: 'active', memberships: 4 }, 'and nothing was changed')

  // Each cure in turn: what is left still blocks.
  await join(shared, finn, [{ role: 'hiring_manager' }])
  const by = (id: string, contact: Person, freelancer: Person, place = company, more = {}) =>
    ok(
      put(id, {
        version: 2,
        companyId: place.id,
        teamId: place.defaultTeamId,
        contactAccountId: contact.accountId,
        freelancerAccountId: freelancer.accountId,
        status: 'closed',
        ...more
      })
    )
  await by('p13-contact', ben, finn)
  await by('p13-shared', ben, finn, shared)
  await by('p13-alone', ben, finn, alone)
  await by('p13-own', olga, ben)
  await by('p13-agency', olga, ben, company, { agencyId: agency.id })
  await ok(putProposal('p13-open', { version: 2, accountId: ben.accountId, status: 'closed' }))
  await ok(putProposal('p13-archived', { version: 2, accountId: ben.accountId, agencyId: agency.id, status: 'withdrawn' }))
  t.strictSame(
    (await look(ben)).blockers.map(({ code }) => code),
    ['owner_must_transfer']
  )
  await world.sql('update organizations set owner_account_id = $2 where id = $1', [parseId('company', shared.id), uuid(olga)])
  t.match((await look(ben)).effects, {
    memberships: [{ id: company.id, memberId }, { id: shared.id }].sort((a, b) => (a.id < b.id ? -1 : 1))
  })
  await ok(close(ben))
  t.match(await accountOf(ben), { status: 'closed' })
})

t.test('P-13 200: the answer of a closing is kept: a retry under its key is the same, although its session ended', async (t) => {
  const cleo = await world.person('Cleo')
  const first = await ok(close(cleo, '', { 'idempotency-key': 'closing-of-cleo-0001' }))
  const again = await close(cleo, '', { 'idempotency-key': 'closing-of-cleo-0001' })
  t.equal(again.statusCode, 200)
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.equal(again.body, first.body)
  refused(t, await close(cleo), 401, 'not_signed_in', 'without its key')
  refused(t, await close(cleo, '', { 'idempotency-key': 'closing-of-cleo-0002' }), 401, 'not_signed_in', 'nor under another')
  t.equal((await eventsOf('account.closed', cleo.accountId)).length, 1)
})

t.test('P-13 S-8 401: closing needs a recent sign-in', async (t) => {
  const dora = await world.person('Dora')
  await world.sql("update sessions set authenticated_at = now() - interval '11 minutes' where account_id = $1", [uuid(dora)])
  refused(t, await close(dora), 401, 'reauthentication_required')
  refused(t, await close(dora, '?dryRun=true'), 401, 'reauthentication_required')
  t.strictSame((await look(dora)).blockers, [], 'looking does not')
  refused(t, await world.post('/v1/me/closure', {}), 401, 'not_signed_in')
  refused(t, await world.inject({ method: 'GET', url: '/v1/me/closure' }), 401, 'not_signed_in')
})

t.test('P-13 400: a body or query with something else in it', async (t) => {
  for (const request of [
    world.post('/v1/me/closure', { reason: 'x' }, olga.headers),
    close(olga, '?dryRun=maybe'),
    close(olga, '?force=true')
  ])
    refused(t, await request, 400, 'invalid_input')
})

t.test('P-13 409: an account that is suspended or banned cannot close itself, even in the middle of its request', async (t) => {
  for (const kind of ['suspended', 'banned']) {
    const person = await world.person(`Eve${kind}`)
    const answer = await meanwhile(
      world,
      `insert into enforcement_actions (id, account_id, kind, status, reason_code, policy, remedy, imposed_by_kind, imposed_by_id, approved_by_id)
        values (gen_random_uuid(), $1, $2, 'active', 'payment_fraud', 'x', 'x', 'operator', 'one', 'another')`,
      [uuid(person), kind],
      () => close(person)
    )
    refused(t, answer, 409, 'account_under_enforcement', kind)
    t.match(await accountOf(person), { status: 'active' })
    refused(t, await close(person), 401, 'not_signed_in', 'later there is no session')
  }
})

t.test('P-9 P-13: giving an account up in a case closes it the same way, and says so', async (t) => {
  const { parts } = world
  const fay = await world.person('Fay')
  const memberId = await join(company, fay)
  await parts.db.transaction(async (tx) => closeLocked(tx, system, await lockAccount(tx, uuid(fay)), 'duplicate'))
  t.match(await accountOf(fay), { status: 'closed', sessions: 0, memberships: 0 })
  t.equal((await eventsOf('member.left', memberId)).length, 1)
  t.match((await world.mails(fay.email)).at(-1), { subject: 'Your account was closed', text: /because you keep another one/ })
  const again = parts.db.transaction(async (tx) => closeLocked(tx, system, await lockAccount(tx, uuid(fay)), 'duplicate'))
  await t.rejects(again, { code: 'conflict' }, 'once')

  const gus = await world.person('Gus')
  await found(gus).then((place) => join(place, olga))
  const blocked = parts.db.transaction(async (tx) => closeLocked(tx, system, await lockAccount(tx, uuid(gus)), 'duplicate'))
  await t.rejects(blocked, { code: 'closure_blocked' })
  t.match(await accountOf(gus), { status: 'active' })
})

t.test('P-13 200: what was asked for and offered ends too: join requests are withdrawn, offers of ownership void', async (t) => {
  const hal = await world.person('Hal')
  const target = await found(olga)
  const halId = await join(target, hal)
  await ok(send('POST', `${target.url}/ownership-transfer`, olga, { memberId: halId }))
  await world.sql(
    `insert into join_requests (id, organization_id, account_id, email, expires_at) values (gen_random_uuid(), $1, $2, 'hal@example.com', now() + interval '1 day'),
      (gen_random_uuid(), $3, $2, 'hal@example.com', now() - interval '1 day')`,
    [parseId('company', company.id), uuid(hal), parseId('company', (await found(finn)).id)]
  )
  await ok(close(hal))
  const requests = await world.sql<{ status: string }>('select status from join_requests where account_id = $1 order by status', [
    uuid(hal)
  ])
  t.strictSame(
    requests.map(({ status }) => status),
    ['superseded', 'withdrawn']
  )
  const [offer] = await world.sql<{ status: string }>('select status from ownership_transfers where to_account_id = $1', [uuid(hal)])
  t.equal(offer!.status, 'cancelled')
  const [request] = await world.sql<{ id: string }>("select id from join_requests where account_id = $1 and status = 'withdrawn'", [
    uuid(hal)
  ])
  t.match(await eventsOf('join_request.withdrawn', publicId('request', request!.id)), [
    { before: { status: 'open' }, after: { status: 'withdrawn' } }
  ])
})

t.test('P-13 409: a company that closed with its owner does not open again without them', async (t) => {
  const ida = await world.person('Ida')
  const place = await found(ida)
  await ok(close(ida))
  const operator = await world.operator()
  refused(t, await send('POST', `${place.url}/reopening`, operator, { reason: 'Asked by phone.' }), 409, 'conflict')
})

t.test('P-13 database: a closed account has no membership in an open organization, whatever the code does', async (t) => {
  const jan = await world.person('Jan')
  await join(company, jan)
  await t.rejects(world.asService("update accounts set status = 'closed', closed_at = now() where id = $1", [uuid(jan)]), {
    message: 'a closed account is no member of an open organization'
  })
})
