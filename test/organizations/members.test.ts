import t, { type Test } from 'tap'
import { parseId, publicId } from '../../src/http/ids.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

const world = await openWorld(t, { instances: 2 })
const { send, ok, found, join, team, tagOf, setRoles } = organizations(world)

const [olga, ada, tess, rudi, mia, hank, sam, kurt] = [
  await world.person('Olga'),
  await world.person('Ada'),
  await world.person('Tess'),
  await world.person('Rudi'),
  await world.person('Mia'),
  await world.person('Hank'),
  await world.person('Sam'),
  await world.person('Kurt')
]
const contracts = await world.service('contracts', ['contracts.write'])

// Hank is contact of an active contract in Maps; Mia comes and goes.
const acme = await found(olga)
const [maps, plates] = [await team(acme, 'Maps'), await team(acme, 'Plates')]
const adaId = await join(acme, ada, [{ role: 'admin' }])
await join(acme, tess, [{ role: 'admin', teamId: maps }])
const rudiId = await join(acme, rudi, [
  { role: 'recruiter', teamId: maps },
  { role: 'recruiter', teamId: plates }
])
const hankId = await join(acme, hank, [{ role: 'hiring_manager', teamId: maps }])
await ok(
  send('PUT', '/v1/contracts/c-1', contracts, {
    version: 1,
    companyId: acme.id,
    teamId: maps,
    contactAccountId: hank.accountId,
    freelancerAccountId: kurt.accountId,
    status: 'active'
  })
)
const blocker = {
  code: 'contact_on_active_contracts',
  resource: 'c-1',
  label: 'Contract c-1 in team Maps',
  resolve: { method: 'PUT', href: `${acme.url}/contracts/c-1/contact`, ifMatch: '"1"', body: { memberId: '<another member>' } }
}

const uuid = (place: Pick<Place, 'kind' | 'id'>) => parseId(place.kind, place.id)!
const urlOf = (memberId: string, place: Place = acme) => `${place.url}/members/${memberId}`
const get = (memberId: string, by: Person = olga, instance = 0) => send('GET', urlOf(memberId), by, undefined, instance)
const remove = (memberId: string, by: Person, query = '', instance = 0) => send('DELETE', urlOf(memberId) + query, by, undefined, instance)
const preview = (memberId: string, by: Person) => send('GET', `${urlOf(memberId)}/removal`, by)
const suspend = (memberId: string, by: Person, payload: object = {}, query = '') =>
  send('POST', `${urlOf(memberId)}/suspension${query}`, by, payload)
const resume = (memberId: string, by: Person) => send('DELETE', `${urlOf(memberId)}/suspension`, by)
const move = (memberId: string, by: Person, fromTeamId: string, toTeamId: string, query = '') =>
  send('POST', `${urlOf(memberId)}/move${query}`, by, { fromTeamId, toTeamId })
const lastTold = async (memberId: string) =>
  (
    await world.sql<{
      action: string
      before: unknown
      after: unknown
      personal: unknown
      type: string
      eventBefore: unknown
      eventAfter: unknown
    }>(
      `select a.action, a.detail -> 'before' as before, a.detail -> 'after' as after, p.values as personal,
          e.type, e.before as "eventBefore", e.after as "eventAfter"
        from audit_events a left join events e on e.id = a.id left join audit_personal p on p.event_id = a.id
        where a.resource = $1 order by a.sequence desc limit 1`,
      [memberId]
    )
  )[0]!
const ended = (person: Person, place: Place = acme) =>
  world.sql<{ id: string; reason: string; kind: string; by: string | null; source: string }>(
    `select id, reason, ended_by_kind as kind, ended_by_id as by, source from ended_memberships
      where organization_id = $1 and account_id = $2 order by ended_at, id`,
    [uuid(place), parseId('account', person.accountId)]
  )
const stateOf = () =>
  world.sql(
    `select o.version, (select json_agg(m order by m.id) from memberships m where m.organization_id = o.id)::text as members,
        (select json_agg(x order by x.id) from ended_memberships x where x.organization_id = o.id)::text as ended,
        (select json_agg(x order by x.team_id, x.membership_id) from team_members x where x.organization_id = o.id)::text as team_members,
        (select json_agg(x order by x.membership_id, x.role, x.team_id) from role_grants x where x.organization_id = o.id)::text as grants,
        (select json_agg(x order by x.id) from contracts x where x.company_id = o.id)::text as contracts,
        (select count(*)::int from audit_events a where a.chain_id = o.id) as audited
      from organizations o where o.id = $1`,
    [uuid(acme)]
  )
async function unchanged(t: Pick<Test, 'strictSame'>, work: () => Promise<unknown>): Promise<void> {
  const before = await stateOf()
  await work()
  t.strictSame(await stateOf(), before, 'nothing was changed')
}
const miaJoins = () =>
  join(acme, mia, [{ role: 'finance' }, { role: 'recruiter', teamId: maps }, { role: 'hiring_manager', teamId: plates }])

t.test('C-4 409: the owner cannot leave, be removed or be suspended; the way out is named', async (t) => {
  const owner = {
    code: 'owner_must_transfer',
    resource: acme.memberId,
    label: 'Ownership of the organization',
    resolve: { method: 'POST', href: `${acme.url}/ownership-transfer`, body: { memberId: '<another member>' } }
  }
  await unchanged(t, async () => {
    for (const by of [olga, ada]) {
      for (const query of ['', '?whenClear=true', `?reassignContactTo=${adaId}`]) {
        const answer = await remove(acme.memberId, by, query)
        refused(t, answer, 409, 'owner_must_transfer', `${by.email} ${query}`)
        t.strictSame(answer.json().blockers, [owner])
      }
      const suspended = await suspend(acme.memberId, by)
      refused(t, suspended, 409, 'owner_must_transfer')
      t.strictSame(suspended.json().blockers, [owner])
      t.strictSame((await suspend(acme.memberId, by, {}, '?dryRun=true')).json(), { dryRun: true, blockers: [owner] })
      t.match((await remove(acme.memberId, by, '?dryRun=true')).json(), { outcome: 'preview', blockers: [owner] })
      t.match((await preview(acme.memberId, by)).json(), { outcome: 'preview', blockers: [owner] })
    }
  })
  for (const statement of [
    `update organizations set owner_account_id = '${parseId('account', sam.accountId)}' where id = '${uuid(acme)}'`,
    `delete from memberships where id = '${parseId('member', acme.memberId)}'`
  ])
    t.equal(
      await world.asService(statement).then(
        () => 'done',
        (error: { constraint?: string }) => error.constraint
      ),
      'organizations_owner'
    )
})

t.test('C-7 204: removal ends all teams and grants of a member at once, and history keeps who did it', async (t) => {
  const id = await miaJoins()
  const before = (await get(id)).json()
  t.equal(before.teams.length, 2)
  const gone = await remove(id, ada)
  t.strictSame([gone.statusCode, gone.body], [204, ''])
  refused(t, await get(id), 404, 'not_found')
  const row = parseId('member', id)
  for (const table of ['team_members', 'role_grants'])
    t.strictSame(await world.sql(`select from ${table} where membership_id = $1`, [row]), [], table)
  t.strictSame(await ended(mia), [
    { id: row, reason: 'removed', kind: 'account', by: parseId('account', ada.accountId), source: 'invitation' }
  ])
  const was = {
    accountId: mia.accountId,
    status: 'active',
    owner: false,
    grants: before.grants,
    teams: before.teams.map(({ id }: { id: string }) => id)
  }
  t.strictSame(await lastTold(id), {
    action: 'member.removed',
    before: was,
    after: null,
    personal: null,
    type: 'member.removed',
    eventBefore: was,
    eventAfter: null
  })
  refused(t, await remove(id, ada), 404, 'not_found', 'again')
})

t.test(
  'C-7 204: anybody but the owner leaves without any permission, also while suspended; joining again is a new membership',
  async (t) => {
    const first = await join(acme, mia)
    await ok(remove(first, mia))
    t.match(await lastTold(first), { action: 'member.left', type: 'member.left', before: { accountId: mia.accountId }, after: null })
    const second = await miaJoins()
    t.not(second, first)
    t.match((await get(second)).json(), { id: second, owner: false, status: 'active', grants: { length: 3 } })
    for (const url of [urlOf(first), `${urlOf(first)}/permissions`, `${urlOf(first)}/removal`])
      refused(t, await send('GET', url, olga), 404, 'not_found', 'the former one is gone')
    await ok(suspend(second, ada))
    t.equal((await remove(second, mia, '', 1)).statusCode, 204)
    t.match(await lastTold(second), { action: 'member.removed', type: 'member.removed', after: null })
    const [who, rows] = [parseId('account', mia.accountId), (await ended(mia)).slice(-2)]
    t.strictSame(
      rows.map(({ id, reason, by }) => [publicId('member', id), reason, by]),
      [
        [first, 'left', who],
        [second, 'removed', who]
      ],
      'N-12: whoever goes while suspended counts as removed'
    )
    const third = await join(acme, mia)
    t.strictSame((await get(third)).json().grants, [], 'nothing of the former roles comes back')
    t.equal(await join(acme, mia, [{ role: 'admin' }]), third, 'who is a member stays the same member')
    t.strictSame((await get(third)).json().grants, [])
    await ok(remove(third, mia))
  }
)

t.test('N-12 204: whoever leaves while their removal is scheduled counts as removed, and is on record as who acted', async (t) => {
  const nils = await world.person('Nils')
  const id = await join(acme, nils, [{ role: 'hiring_manager', teamId: maps }])
  const contract = { companyId: acme.id, teamId: maps, contactAccountId: nils.accountId, freelancerAccountId: kurt.accountId }
  await ok(send('PUT', '/v1/contracts/c-nils', contracts, { ...contract, version: 1, status: 'active' }))
  t.equal((await remove(id, olga, '?whenClear=true')).statusCode, 202)
  t.equal((await remove(id, nils, `?reassignContactTo=${hankId}`)).statusCode, 204)
  t.match(await ended(nils), [{ reason: 'removed', kind: 'account', by: parseId('account', nils.accountId) }])
  await ok(send('PUT', '/v1/contracts/c-nils', contracts, { ...contract, version: 2, status: 'closed' }))
})

t.test('C-5 403 401 404: only who holds member.remove for the whole company removes, and no id of elsewhere is known', async (t) => {
  await unchanged(t, async () => {
    for (const by of [rudi, hank, tess]) {
      for (const [what, answer] of [
        ['removing', await remove(by === rudi ? hankId : rudiId, by)],
        ['a dry run', await remove(adaId, by, '?dryRun=true')],
        ['removing later', await remove(adaId, by, '?whenClear=true')],
        ['the preview', await preview(adaId, by)],
        ['suspending', await suspend(adaId, by)],
        ['resuming', await resume(adaId, by)]
      ] as const) {
        refused(t, answer, 403, 'access_denied', `${by.email}: ${what}`)
        t.strictSame(answer.json().missingPermissions, ['member.remove'])
      }
    }
    for (const id of [`member_${'0'.repeat(26)}`, 'me', rudi.accountId, rudiId.toUpperCase()])
      for (const answer of [
        await remove(id, ada),
        await preview(id, ada),
        await suspend(id, ada),
        await resume(id, ada),
        await move(id, ada, maps, plates)
      ])
        refused(t, answer, 404, 'not_found', id)
    for (const answer of [
      await remove(rudiId, sam),
      await preview(rudiId, sam),
      await suspend(rudiId, sam),
      await move(rudiId, sam, maps, plates)
    ])
      refused(t, answer, 404, 'not_found', 'by a stranger')
    for (const [method, path] of [
      ['DELETE', ''],
      ['GET', '/removal'],
      ['POST', '/suspension'],
      ['DELETE', '/suspension'],
      ['POST', '/move']
    ] as const)
      refused(t, await world.inject({ method, url: urlOf(rudiId) + path }), 401, 'not_signed_in', `${method} ${path}`)
    for (const query of ['?force=true', '?whenClear=yes', '?dryRun=1', '?dryRun=true&dryRun=false'])
      refused(t, await remove(rudiId, ada, query), 400, 'invalid_input', query)
    for (const body of [{ reason: '' }, { reason: 'a\u202eb' }, { until: 'tomorrow' }])
      refused(t, await suspend(rudiId, ada, body), 400, 'invalid_input', JSON.stringify(Object.keys(body)))
    for (const body of [{}, { fromTeamId: maps }, { fromTeamId: maps, toTeamId: 7 }, { fromTeamId: maps, toTeamId: plates, role: 'admin' }])
      refused(t, await send('POST', `${urlOf(rudiId)}/move`, ada, body), 400, 'invalid_input', JSON.stringify(Object.keys(body)))
  })
})

t.test('C-5 403: who may only remove does not remove an admin', async (t) => {
  const bouncer = { key: 'bouncer', name: 'B', description: 'D', permissions: ['member.read', 'member.remove'] }
  await ok(send('POST', `${acme.url}/roles`, olga, bouncer))
  const id = await join(acme, mia, [{ role: 'bouncer' }])
  await unchanged(t, async () => {
    for (const answer of [await remove(adaId, mia), await suspend(adaId, mia), await preview(adaId, mia)])
      refused(t, answer, 403, 'access_denied')
  })
  const kurtId = await join(acme, kurt)
  t.equal((await remove(kurtId, mia)).statusCode, 204)
  await ok(remove(id, mia))
})

t.test('C-11 200: a preview says what would block a removal and what would be lost, and touches nothing', async (t) => {
  const id = await miaJoins()
  const shown = (await get(id)).json()
  await unchanged(t, async () => {
    const effects = { teams: shown.teams, grants: shown.grants, contracts: [] }
    for (const by of [mia, ada]) t.strictSame((await preview(id, by)).json(), { outcome: 'preview', blockers: [], effects })
    t.strictSame((await remove(id, ada, '?dryRun=true')).json(), { outcome: 'preview', blockers: [], effects }, 'a dry run says the same')
    const blocked = (await preview(hankId, hank)).json()
    t.strictSame(blocked.blockers, [blocker])
    const refusal = await remove(hankId, ada)
    refused(t, refusal, 409, 'contact_on_active_contracts')
    t.strictSame(refusal.json().blockers, blocked.blockers, 'the refusal has the same list')
    t.equal((await get(id, ada)).statusCode, 200)
  })
  await ok(suspend(id, ada))
  t.equal((await preview(id, mia)).statusCode, 200, 'also for who is suspended, since leaving is')
  await ok(remove(id, ada))
  refused(t, await preview(id, ada), 404, 'not_found')
})

t.test('C-12 404: who was removed is out at once, on the other instance too, with the same access token', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const id = await join(acme, mia, [{ role: 'admin' }])
    const asks = (instance: number) =>
      Promise.all([
        send('GET', acme.url, mia, undefined, instance),
        send('GET', `${acme.url}/members`, mia, undefined, instance),
        send('GET', urlOf(id), mia, undefined, instance),
        send('GET', `${urlOf(id)}/permissions`, mia, undefined, instance),
        send('GET', `${acme.url}/roles`, mia, undefined, instance),
        send('PUT', `${acme.url}/teams/${maps}/members/${id}`, mia, undefined, instance)
      ])
    const contexts = async (instance: number) =>
      ((await ok(send('GET', '/v1/me/contexts', mia, undefined, instance))).json().items as Array<{ id?: string }>).filter(
        (each) => each.id === acme.id
      )
    for (const instance of [0, 1]) {
      for (const answer of await asks(instance)) t.equal(answer.statusCode, 200)
      t.equal((await contexts(instance)).length, 1)
    }
    await ok(round % 2 ? remove(id, mia, '', 0) : remove(id, olga, '', 0))
    for (const instance of [1, 0]) {
      for (const answer of await asks(instance)) refused(t, answer, 404, 'not_found')
      t.strictSame(await contexts(instance), [])
    }
  }
})

t.test('C-13 200 403: a suspended membership keeps its roles, everything is denied, and resuming gives it all back', async (t) => {
  const id = await join(acme, mia, [{ role: 'admin' }, { role: 'recruiter', teamId: maps }])
  const before = (await get(id)).json()
  const dry = await suspend(id, ada, {}, '?dryRun=true')
  t.strictSame(dry.json(), { dryRun: true, blockers: [] })
  t.strictSame((await get(id)).json(), before)
  const suspended = await suspend(id, ada, { reason: 'On leave.' })
  t.strictSame([suspended.statusCode, suspended.headers.etag, suspended.json()], [200, '"2"', { ...before, status: 'suspended' }])
  const change = { before: { status: 'active' }, after: { status: 'suspended' } }
  t.strictSame(await lastTold(id), {
    action: 'member.suspended',
    ...change,
    personal: { reason: 'On leave.' },
    type: 'member.suspended',
    eventBefore: change.before,
    eventAfter: change.after
  })
  t.equal((await suspend(id, ada)).headers.etag, '"2"', 'again changes nothing')
  for (const instance of [1, 0])
    for (const call of [
      send('GET', acme.url, mia, undefined, instance),
      send('GET', `${acme.url}/members`, mia, undefined, instance),
      send('GET', `${acme.url}/roles`, mia, undefined, instance),
      send('GET', urlOf(adaId), mia, undefined, instance),
      send('POST', `${acme.url}/teams`, mia, { name: 'Mine' }, instance),
      send('DELETE', urlOf(rudiId), mia, undefined, instance),
      send('DELETE', `${urlOf(id)}/suspension`, mia, undefined, instance)
    ])
      refused(t, await call, 403, 'membership_suspended', `instance ${instance}`)
  const seen = (await ok(send('GET', `${urlOf(id)}/permissions`, ada, undefined, 1))).json()
  t.match([seen.denied, seen.organization], ['membership_suspended', []])
  for (const { permissions } of seen.teams) t.strictSame(permissions, [])
  const listed = (await ok(send('GET', `${acme.url}/members?status=suspended`, ada))).json().items
  t.strictSame(listed, [{ ...before, status: 'suspended' }])

  const resumed = await resume(id, ada)
  t.strictSame([resumed.headers.etag, resumed.json()], ['"3"', before])
  t.match(await lastTold(id), { action: 'member.resumed', before: change.after, after: change.before, eventAfter: { status: 'active' } })
  t.equal((await resume(id, ada)).headers.etag, '"3"', 'again changes nothing')
  for (const instance of [1, 0]) t.equal((await send('GET', `${acme.url}/members`, mia, undefined, instance)).statusCode, 200)
  await ok(remove(id, mia))
})

t.test('C-13 409: the contact of an active contract stays active', async (t) => {
  await unchanged(t, async () => {
    const answer = await suspend(hankId, ada)
    refused(t, answer, 409, 'contact_on_active_contracts')
    t.strictSame(answer.json().blockers, [blocker])
    t.strictSame((await suspend(hankId, ada, {}, '?dryRun=true')).json(), { dryRun: true, blockers: [blocker] })
  })
})

t.test('C-14 200: a move takes the roles of one team to another, in one change, and nothing else', async (t) => {
  const globes = await team(acme, 'Globes')
  const id = await join(acme, mia, [{ role: 'finance' }, { role: 'recruiter', teamId: maps }, { role: 'hiring_manager', teamId: maps }])
  const before = (await get(id)).json()
  t.strictSame((await move(id, ada, maps, globes, '?dryRun=true')).json(), { dryRun: true, blockers: [] })
  t.strictSame((await get(id)).json(), before, 'a dry run moves nobody')
  const moved = await move(id, ada, maps, globes)
  const grants = [{ role: 'finance' }, { role: 'hiring_manager', teamId: globes }, { role: 'recruiter', teamId: globes }]
  t.strictSame([moved.statusCode, moved.json()], [200, { ...before, grants, teams: [{ id: globes, name: 'Globes' }] }])
  t.equal(moved.headers.etag, await tagOf(urlOf(id), olga))
  const state = { status: 'active', owner: false }
  const [was, is] = [
    { ...state, grants: before.grants, teams: [maps] },
    { ...state, grants, teams: [globes] }
  ]
  const told = { action: 'member.moved', before: was, after: is, personal: null, type: 'member.moved', eventBefore: was, eventAfter: is }
  t.strictSame(await lastTold(id), told)
  await ok(setRoles(acme, id, []))
  t.strictSame(
    (await move(id, ada, globes, plates)).json().grants,
    [{ role: 'member', teamId: plates }],
    'without a role there, as a member'
  )
  await ok(remove(id, mia))
})

t.test('C-14 403 404 409: a move that is not possible moves nobody', async (t) => {
  const elsewhere = await found(sam)
  const hidden = await team(acme, 'Hidden')
  const headers = { ...olga.headers, 'if-match': '"1"' }
  await ok(world.inject({ method: 'PATCH', url: `${acme.url}/teams/${hidden}`, headers, payload: { hidden: true } }))
  const none = `team_${'0'.repeat(26)}`
  await unchanged(t, async () => {
    for (const query of ['', '?dryRun=true']) {
      refused(t, await move(rudiId, ada, maps, plates, query), 409, 'already_in_team')
      refused(t, await move(rudiId, ada, maps, maps, query), 409, 'already_in_team', 'to where they are')
      refused(t, await move(rudiId, ada, maps, hidden, query), 409, 'team_hidden')
      refused(t, await move(rudiId, ada, acme.defaultTeamId, plates, query), 404, 'not_found', 'from where they are not')
      for (const [from, to] of [
        [none, plates],
        [maps, none],
        [maps, elsewhere.defaultTeamId],
        [elsewhere.defaultTeamId, plates],
        ['team_1', plates],
        [maps, '']
      ] as const)
        refused(t, await move(rudiId, ada, from, to, query), 404, 'not_found', `${from} ${to}`)
      for (const by of [rudi, hank]) refused(t, await move(rudiId, by, maps, acme.defaultTeamId, query), 403, 'access_denied', by.email)
      for (const [from, to] of [
        [maps, acme.defaultTeamId],
        [plates, maps]
      ] as const)
        refused(t, await move(rudiId, tess, from, to, query), 403, 'access_denied', 'a team admin needs both teams')
    }
    const answer = await move(hankId, ada, maps, plates)
    refused(t, answer, 409, 'contact_on_active_contracts')
    t.strictSame(answer.json().blockers, [blocker])
    t.strictSame((await move(hankId, ada, maps, plates, '?dryRun=true')).json(), { dryRun: true, blockers: [blocker] })
  })
})

t.test('C-7 at once: who leaves while being removed is out once: one row of history, one event', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const id = await join(acme, mia, [{ role: 'recruiter', teamId: maps }])
    const before = (await ended(mia)).length
    const answers = await Promise.all([
      remove(id, round % 2 ? mia : ada, '', 0),
      remove(id, round % 2 ? ada : mia, '', 1),
      remove(id, olga, '', 0),
      remove(id, mia, '', 1)
    ])
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [204, 404, 404, 404])
    for (const answer of answers) if (answer.statusCode === 404) refused(t, answer, 404, 'not_found')
    const rows = (await ended(mia)).slice(before)
    t.strictSame(
      rows.map((row) => publicId('member', row.id)),
      [id]
    )
    const told = await world.sql<{ type: string; actor: string }>(
      `select type, actor_id as actor from events where subject = $1 and type in ('member.left', 'member.removed')`,
      [id]
    )
    t.strictSame(told, [{ type: `member.${rows[0]!.reason}`, actor: rows[0]!.by }])
    const audited = await world.sql(`select from audit_events where resource = $1 and action in ('member.left', 'member.removed')`, [id])
    t.equal(audited.length, 1)
  }
})

t.test('C-7 C-13 at once: who is removed while roles, teams and suspension change keeps nothing', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const id = await join(acme, mia, [{ role: 'recruiter', teamId: maps }])
    const tag = await tagOf(urlOf(id), olga)
    const work = [
      () => remove(id, ada, '', 0),
      () =>
        world.inject(
          {
            method: 'PATCH',
            url: `${urlOf(id)}/roles`,
            headers: { ...olga.headers, 'if-match': tag },
            payload: { grants: [{ role: 'admin' }] }
          },
          1
        ),
      () => send('PUT', `${acme.url}/teams/${plates}/members/${id}`, olga, undefined, 0),
      () => send('POST', `${urlOf(id)}/suspension`, olga, {}, 1)
    ]
    if (round % 2) work.reverse()
    const answers = await Promise.all(work.map((each) => each()))
    const removed = round % 2 ? answers.at(-1)! : answers[0]!
    t.equal(removed.statusCode, 204)
    for (const answer of answers) t.ok([200, 204, 404, 412].includes(answer.statusCode), `${answer.statusCode}`)
    const [last] = await world.sql<{ action: string }>(
      'select action from audit_events where resource = $1 order by sequence desc limit 1',
      [id]
    )
    t.equal(last!.action, 'member.removed', 'nothing was done to them afterwards')
    for (const table of ['team_members', 'role_grants'])
      t.strictSame(await world.sql(`select from ${table} where membership_id = $1`, [parseId('member', id)]), [], table)
  }
})

t.test('C-4 at once: two admins who remove each other: one is in, with a company that has its owner', async (t) => {
  const place = await found(kurt)
  for (let round = 0; round < rounds(3); round++) {
    const [a, b] = [await join(place, ada, [{ role: 'admin' }]), await join(place, mia, [{ role: 'admin' }])]
    const answers = await Promise.all([
      send('DELETE', urlOf(b, place), ada, undefined, round),
      send('DELETE', urlOf(a, place), mia, undefined, round + 1)
    ])
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [204, 404], 'who was removed first removes nobody')
    const left = (await ok(send('GET', `${place.url}/members`, kurt))).json().items
    t.equal(left.length, 2)
    await ok(send('DELETE', urlOf(left[1].id, place), kurt))
  }
})
