import t, { type Test } from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { type Grant, organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

const world = await openWorld(t, { instances: 2 })
const { send, ok, found, join, team, tagOf, setRoles } = organizations(world)

const [olga, ada, tess, rudi, mia, carl, sam] = [
  await world.person('Olga'),
  await world.person('Ada'),
  await world.person('Tess'),
  await world.person('Rudi'),
  await world.person('Mia'),
  await world.person('Carl'),
  await world.person('Sam')
]
const acme = await found(olga)
const [maps, plates] = [await team(acme, 'Maps'), await team(acme, 'Plates')]
const elsewhere = await found(sam)
const elsewhereTeam = await team(elsewhere, 'Maps')

// Carl changes roles by a custom role alone: it gives him nothing else, not even to start a conversation.
const custom = (key: string, permissions: string[], place: Place = acme, by: Person = place.owner) =>
  send('POST', `${place.url}/roles`, by, { key, name: key, description: key, permissions })
await ok(custom('role_maker', ['member.read', 'team.read', 'member.roles.update', 'member.remove']))
await ok(custom('poster', ['job.post', 'team.read']))
await ok(custom('elsewhere_only', ['job.post'], elsewhere))

const adaId = await join(acme, ada, [{ role: 'admin' }])
const tessId = await join(acme, tess, [{ role: 'admin', teamId: maps }])
const rudiId = await join(acme, rudi)
const miaId = await join(acme, mia, [{ role: 'member', teamId: maps }])
const carlId = await join(acme, carl, [{ role: 'role_maker' }])

const urlOf = (memberId: string, place: Place = acme) => `${place.url}/members/${memberId}`
const member = async (memberId: string) => (await ok(send('GET', urlOf(memberId), olga))).json()
const grantsOf = async (memberId: string): Promise<Grant[]> => (await member(memberId)).grants
const roles = (memberId: string, by: { headers: object }, payload: object, ifMatch?: string, query = '', instance = 0) =>
  world.inject(
    {
      method: 'PATCH',
      url: `${urlOf(memberId)}/roles${query}`,
      headers: { ...by.headers, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
      payload
    },
    instance
  )
/** Asks for grants from the version that the member has. */
const attempt = async (memberId: string, by: Person, grants: Grant[], query = '') =>
  roles(memberId, by, { grants }, await tagOf(urlOf(memberId), olga), query)
const give = async (memberId: string, grants: Grant[]) => ok(attempt(memberId, olga, grants))
const told = (memberId: string) =>
  world.sql<{ action: string; before: unknown; after: unknown; eventBefore: unknown; eventAfter: unknown }>(
    `select a.action, a.detail -> 'before' as before, a.detail -> 'after' as after, e.before as "eventBefore", e.after as "eventAfter"
      from audit_events a left join events e on e.id = a.id where a.resource = $1 order by a.sequence`,
    [memberId]
  )
const stateOf = (place: Place = acme) =>
  world.sql(
    `select o.version, (select json_agg(m order by m.id) from memberships m where m.organization_id = o.id)::text as members,
        (select json_agg(x order by x.team_id, x.membership_id) from team_members x where x.organization_id = o.id)::text as team_members,
        (select json_agg(x order by x.membership_id, x.role, x.custom_role, x.team_id) from role_grants x where x.organization_id = o.id)::text as grants,
        (select json_agg(x order by x.key) from custom_roles x where x.organization_id = o.id)::text as roles,
        (select count(*)::int from audit_events a where a.chain_id = o.id) as audited
      from organizations o where o.id = $1`,
    [parseId('company', place.id)]
  )
/** Asserts that nothing of the company was changed by what is tried. */
async function unchanged(t: Pick<Test, 'strictSame'>, work: () => Promise<unknown>): Promise<void> {
  const before = await stateOf()
  await work()
  t.strictSame(await stateOf(), before, 'nothing was changed')
}

t.test('C-5 200: the given grants become all that a member has, for the company and for teams, and both sides are told', async (t) => {
  const before = await member(rudiId)
  const first = await attempt(rudiId, ada, [
    { role: 'finance' },
    { role: 'hiring_manager', teamId: maps },
    { role: 'recruiter', teamId: maps }
  ])
  t.equal(first.statusCode, 200)
  t.strictSame(first.json(), {
    ...before,
    grants: [{ role: 'finance' }, { role: 'hiring_manager', teamId: maps }, { role: 'recruiter', teamId: maps }],
    teams: [...before.teams, { id: maps, name: 'Maps' }]
  })
  t.equal(first.headers.etag, '"2"')
  t.strictSame(await member(rudiId), first.json())
  const second = await attempt(rudiId, olga, [{ role: 'poster' }, { role: 'poster', teamId: plates }, { role: 'poster' }])
  t.strictSame(second.json().grants, [{ role: 'poster' }, { role: 'poster', teamId: plates }], 'each once')
  t.equal(second.json().teams.length, 3, 'who loses the last role in a team is still in it')
  const none = await attempt(rudiId, olga, [])
  t.strictSame([none.statusCode, none.json().grants], [200, []])
  t.equal((await attempt(rudiId, olga, [])).headers.etag, none.headers.etag, 'what is as it was makes no version')

  const state = { status: 'active', owner: false }
  const inMaps = [acme.defaultTeamId, maps]
  const states = [
    { ...state, grants: [], teams: [acme.defaultTeamId] },
    { ...state, grants: first.json().grants, teams: inMaps },
    { ...state, grants: second.json().grants, teams: [...inMaps, plates] },
    { ...state, grants: [], teams: [...inMaps, plates] }
  ]
  t.strictSame(
    (await told(rudiId)).slice(1),
    [0, 1, 2].map((index) => ({
      action: 'member.roles_changed',
      before: states[index],
      after: states[index + 1],
      eventBefore: states[index],
      eventAfter: states[index + 1]
    }))
  )
})

t.test('C-5 200: a role counts in its scope: in its team, or in the whole company', async (t) => {
  const permissions = async () => (await ok(send('GET', `${urlOf(rudiId)}/permissions`, rudi, undefined, 1))).json()
  const keys = (list: Array<{ key: string }>) => list.map(({ key }) => key)
  await give(rudiId, [{ role: 'hiring_manager', teamId: maps }])
  const scoped = await permissions()
  t.strictSame(keys(scoped.organization), ['company.read'])
  const inMaps = scoped.teams.find(({ id }: { id: string }) => id === maps)
  t.ok(keys(inMaps.permissions).includes('offer.send'))
  t.match(inMaps.permissions.find(({ key }: { key: string }) => key === 'offer.send').sources, [{ role: 'hiring_manager', teamId: maps }])
  for (const { id, permissions } of scoped.teams) if (id !== maps) t.strictSame(permissions, [], id)
  await give(rudiId, [{ role: 'hiring_manager' }])
  const whole = await permissions()
  for (const list of [whole.organization, ...whole.teams.map(({ permissions }: { permissions: object[] }) => permissions)])
    t.ok(keys(list).includes('offer.send'))
})

t.test('C-10 412 428 400: a stale version changes nothing', async (t) => {
  await unchanged(t, async () => {
    const tag = await tagOf(urlOf(miaId), olga)
    const stale = `"${Number(tag.slice(1, -1)) - 1}"`
    const ahead = `"${Number(tag.slice(1, -1)) + 1}"`
    for (const wrong of [stale, ahead])
      for (const query of ['', '?dryRun=true'])
        refused(t, await roles(miaId, olga, { grants: [] }, wrong, query), 412, 'stale_version', wrong)
    refused(t, await roles(miaId, olga, { grants: [] }), 428, 'version_required')
    for (const body of [
      {},
      { grants: null },
      { grants: [{}] },
      { grants: [{ role: '' }] },
      { grants: [{ role: 'Admin' }] },
      { grants: [{ role: 'a b' }] },
      { grants: [{ role: 'x'.repeat(41) }] },
      { grants: [{ role: 'member', teamId: null }] },
      { grants: [{ role: 'member', team: maps }] },
      { grants: Array(101).fill({ role: 'member' }) },
      { grants: [], owner: true }
    ])
      refused(t, await roles(miaId, olga, body, tag), 400, 'invalid_input', JSON.stringify(body).slice(0, 60))
  })
})

t.test('C-10 at once: of many role changes from one version exactly one is made', async (t) => {
  const wishes: Grant[][] = [
    [{ role: 'recruiter' }],
    [{ role: 'finance' }],
    [{ role: 'hiring_manager', teamId: maps }],
    [{ role: 'hiring_manager' }, { role: 'poster', teamId: plates }]
  ]
  for (let round = 0; round < rounds(3); round++) {
    await give(rudiId, [{ role: 'member' }])
    const changes = (await told(rudiId)).length
    const tag = await tagOf(urlOf(rudiId), olga)
    const answers = await Promise.all(wishes.map((grants, index) => roles(rudiId, index % 2 ? olga : ada, { grants }, tag, '', index)))
    const won = answers.filter(({ statusCode }) => statusCode === 200)
    t.equal(won.length, 1)
    for (const answer of answers) if (answer !== won[0]) refused(t, answer, 412, 'stale_version')
    t.strictSame(await grantsOf(rudiId), won[0]!.json().grants)
    t.equal((await told(rudiId)).length, changes + 1)
  }
})

t.test('C-5 403 401 404: roles are changed only by who may', async (t) => {
  await give(rudiId, [{ role: 'hiring_manager' }, { role: 'finance' }])
  await unchanged(t, async () => {
    for (const by of [rudi, mia])
      for (const memberId of [miaId, rudiId, adaId, acme.memberId]) {
        const answer = await attempt(memberId, by, [{ role: 'member' }])
        refused(t, answer, 403, 'access_denied', `${by.email} ${memberId}`)
        t.strictSame(answer.json().missingPermissions, ['member.roles.update'])
      }
    refused(t, await attempt(miaId, sam, []), 404, 'not_found')
    refused(t, await roles(miaId, { headers: {} }, { grants: [] }, '"1"'), 401, 'not_signed_in')
    for (const memberId of [`member_${'0'.repeat(26)}`, elsewhere.memberId, 'me', mia.accountId])
      refused(t, await roles(memberId, olga, { grants: [] }, '"1"'), 404, 'not_found', memberId)
  })
})

t.test('C-5 422 409: a grant names a role and a team that there are, and a scope that the role has', async (t) => {
  const hidden = await team(acme, 'Hidden')
  const hiding = { method: 'PATCH' as const, url: `${acme.url}/teams/${hidden}`, headers: { ...olga.headers, 'if-match': '"1"' } }
  await ok(world.inject({ ...hiding, payload: { hidden: true } }))
  await unchanged(t, async () => {
    for (const [grants, code] of [
      [[{ role: 'owner' }], 'unknown_role'],
      [[{ role: 'business_manager' }], 'unknown_role'],
      [[{ role: 'freelancer' }], 'unknown_role'],
      [[{ role: 'none_such' }], 'unknown_role'],
      [[{ role: 'elsewhere_only' }], 'unknown_role'],
      [[{ role: 'constructor' }], 'unknown_role'],
      [[{ role: 'member' }, { role: 'none_such', teamId: maps }], 'unknown_role'],
      [[{ role: 'member', teamId: elsewhereTeam }], 'unknown_team'],
      [[{ role: 'member', teamId: `team_${'0'.repeat(26)}` }], 'unknown_team'],
      [[{ role: 'member', teamId: 'team_1' }], 'unknown_team'],
      [[{ role: 'member', teamId: '' }], 'unknown_team'],
      [[{ role: 'member', teamId: acme.id }], 'unknown_team'],
      [[{ role: 'finance', teamId: maps }], 'role_scope_invalid']
    ] as const)
      for (const query of ['', '?dryRun=true'])
        refused(t, await attempt(miaId, olga, [...grants], query), 422, code, `${JSON.stringify(grants)} ${query}`)
    refused(t, await attempt(miaId, olga, [{ role: 'member', teamId: hidden }]), 409, 'team_hidden')
  })
})

t.test('C-5 200: a dry run tells what would come and go, and changes nothing', async (t) => {
  await give(miaId, [{ role: 'member', teamId: maps }])
  await unchanged(t, async () => {
    const answer = await attempt(miaId, ada, [{ role: 'finance' }, { role: 'poster', teamId: plates }], '?dryRun=true')
    t.strictSame(answer.json(), {
      dryRun: true,
      blockers: [],
      added: [{ role: 'finance' }, { role: 'poster', teamId: plates }],
      removed: [{ role: 'member', teamId: maps }]
    })
    refused(t, await attempt(miaId, rudi, [], '?dryRun=true'), 403, 'access_denied')
    refused(t, await attempt(adaId, ada, [{ role: 'hiring_manager' }], '?dryRun=true'), 403, 'own_rights')
  })
})

t.test('C-5 403: nobody raises their own rights by a grant', async (t) => {
  await unchanged(t, async () => {
    for (const [by, id, grants, missing] of [
      [ada, adaId, [{ role: 'admin' }, { role: 'hiring_manager' }], 'offer.send'],
      [ada, adaId, [{ role: 'admin' }, { role: 'hiring_manager', teamId: plates }], 'offer.send'],
      [ada, adaId, [{ role: 'admin' }, { role: 'recruiter' }], 'job.post'],
      [ada, adaId, [{ role: 'admin' }, { role: 'poster', teamId: maps }], 'job.post'],
      [carl, carlId, [{ role: 'admin' }], 'company.update'],
      [carl, carlId, [{ role: 'role_maker' }, { role: 'member' }], 'chat.start'],
      [
        tess,
        tessId,
        [
          { role: 'admin', teamId: maps },
          { role: 'recruiter', teamId: maps }
        ],
        'job.post'
      ]
    ] as const) {
      const answer = await attempt(id, by, [...grants])
      refused(t, answer, 403, 'own_rights', `${by.email} ${JSON.stringify(grants)}`)
      t.ok(answer.json().missingPermissions.includes(missing), missing)
    }
    const outside = await attempt(tessId, tess, [
      { role: 'admin', teamId: maps },
      { role: 'member', teamId: plates }
    ])
    refused(t, outside, 403, 'access_denied', 'outside of the scope there is nothing to give')
  })
  const less = await attempt(adaId, ada, [{ role: 'admin' }, { role: 'finance' }, { role: 'member', teamId: plates }])
  t.equal(less.statusCode, 200, 'what gives nothing new is no raise')
  await give(adaId, [{ role: 'admin' }])
  const both = await attempt(rudiId, ada, [{ role: 'hiring_manager' }, { role: 'finance' }, { role: 'admin' }])
  t.equal(both.statusCode, 200, 'to others an admin gives every role')
  t.equal((await attempt(rudiId, rudi, [{ role: 'hiring_manager' }])).statusCode, 200, 'and one may give up one’s own')
  refused(t, await attempt(rudiId, rudi, [{ role: 'hiring_manager' }, { role: 'admin' }]), 403, 'access_denied', 'which does not come back')
})

t.test('C-5 403: nobody raises their own rights by joining or changing a team, or by editing a role of their own', async (t) => {
  await give(carlId, [{ role: 'role_maker' }, { role: 'poster', teamId: plates }])
  await unchanged(t, async () => {
    const added = await send('PUT', `${acme.url}/teams/${maps}/members/${carlId}`, carl)
    refused(t, added, 403, 'own_rights', 'the base role brings conversations')
    t.strictSame(added.json().missingPermissions, ['chat.start'])
    const move = (toTeamId: string, query = '') => send('POST', `${urlOf(carlId)}/move${query}`, carl, { fromTeamId: plates, toTeamId })
    for (const query of ['', '?dryRun=true']) {
      const moved = await move(maps, query)
      refused(t, moved, 403, 'own_rights', `a move takes roles to a team where they were not held ${query}`)
      t.strictSame(moved.json().missingPermissions, ['job.post'])
    }
    for (const [key, permissions] of [
      ['role_maker', ['member.read', 'team.read', 'member.roles.update', 'member.remove', 'billing.manage']],
      ['poster', ['job.post', 'team.read', 'offer.send']]
    ] as const) {
      const url = `${acme.url}/roles/${key}`
      const headers = { ...carl.headers, 'if-match': await tagOf(url, carl) }
      for (const query of ['', '?dryRun=true']) {
        const answer = await world.inject({ method: 'PATCH', url: url + query, headers, payload: { permissions: [...permissions] } })
        refused(t, answer, 403, 'own_rights', `${key} ${query}`)
        t.strictSame(answer.json().missingPermissions, [permissions.at(-1)])
      }
    }
  })
  t.equal((await send('PUT', `${acme.url}/teams/${plates}/members/${miaId}`, carl)).statusCode, 200, 'others can be added')
  await ok(send('DELETE', `${acme.url}/teams/${plates}/members/${miaId}`, carl))
  await give(carlId, [{ role: 'role_maker' }])
})

t.test('C-5 403: a team admin changes roles in the own team only', async (t) => {
  await give(miaId, [
    { role: 'member', teamId: maps },
    { role: 'member', teamId: plates }
  ])
  const keep = { role: 'member', teamId: plates }
  t.equal((await attempt(miaId, tess, [keep, { role: 'hiring_manager', teamId: maps }])).statusCode, 200, 'every role but the owner')
  t.equal((await attempt(miaId, tess, [keep, { role: 'admin', teamId: maps }])).statusCode, 200, 'also admin of the team')
  const held = await grantsOf(miaId)
  await unchanged(t, async () => {
    for (const grants of [
      [{ role: 'admin', teamId: maps }],
      [...held, { role: 'recruiter', teamId: plates }],
      [...held, { role: 'member' }],
      [...held, { role: 'admin' }],
      [...held, { role: 'finance' }],
      [keep, { role: 'member' }],
      []
    ]) {
      const answer = await attempt(miaId, tess, grants)
      refused(t, answer, 403, 'access_denied', JSON.stringify(grants))
      t.strictSame(answer.json().missingPermissions, ['member.roles.update'])
    }
    refused(t, await attempt(rudiId, tess, []), 403, 'access_denied', 'a role for the whole company')
  })
})

t.test('C-5 403: who is above is not touched from below: admins of the company by a team admin, the owner by anybody', async (t) => {
  await give(adaId, [{ role: 'admin' }, { role: 'recruiter', teamId: maps }])
  await ok(attempt(acme.memberId, olga, [{ role: 'member', teamId: maps }]))
  await unchanged(t, async () => {
    for (const [memberId, by, grants] of [
      [adaId, tess, [{ role: 'admin' }]],
      [adaId, tess, [{ role: 'admin' }, { role: 'recruiter', teamId: maps }, { role: 'member', teamId: maps }]],
      [acme.memberId, tess, []],
      [
        acme.memberId,
        tess,
        [
          { role: 'member', teamId: maps },
          { role: 'recruiter', teamId: maps }
        ]
      ],
      [acme.memberId, ada, []],
      [acme.memberId, carl, [{ role: 'admin' }]]
    ] as const)
      refused(t, await attempt(memberId, by, [...grants]), 403, 'access_denied', `${by.email} ${memberId}`)
    for (const [method, path, payload] of [
      ['DELETE', `/teams/${maps}/members/${adaId}`, undefined],
      ['DELETE', `/teams/${maps}/members/${acme.memberId}`, undefined],
      ['DELETE', `/members/${adaId}`, undefined],
      ['POST', `/members/${adaId}/suspension`, {}]
    ] as const)
      refused(t, await send(method, acme.url + path, tess, payload), 403, 'access_denied', `${method} ${path}`)
  })
  const both = await team(acme, 'Both')
  await give(tessId, [
    { role: 'admin', teamId: maps },
    { role: 'admin', teamId: both }
  ])
  await unchanged(t, async () => {
    const move = { fromTeamId: maps, toTeamId: both }
    for (const memberId of [adaId, acme.memberId])
      refused(t, await send('POST', `${urlOf(memberId)}/move`, tess, move), 403, 'access_denied', memberId)
  })
  t.equal((await attempt(adaId, carl, [{ role: 'admin' }])).statusCode, 200, 'who may change roles in the whole company may')
})

t.test('C-4 C-5 200: the owner’s roles are the owner’s own, and add nothing to owning', async (t) => {
  const given = await attempt(acme.memberId, olga, [{ role: 'admin' }, { role: 'hiring_manager', teamId: plates }])
  t.match(given.json(), { owner: true, grants: [{ role: 'admin' }, { role: 'hiring_manager', teamId: plates }] })
  const none = await attempt(acme.memberId, olga, [])
  t.match(none.json(), { owner: true, status: 'active', grants: [] })
  const held = (await ok(send('GET', `${urlOf(acme.memberId)}/permissions`, olga))).json().organization
  t.ok(held.some(({ key, sources }: { key: string; sources: object[] }) => key === 'company.close' && sources.length === 1))
})

t.test('C-12 403: a role that was taken is gone at once, on the other instance too', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    await give(rudiId, [{ role: 'admin' }])
    t.equal((await send('GET', `${acme.url}/members`, rudi, undefined, 1)).statusCode, 200)
    await give(rudiId, [])
    refused(t, await send('GET', `${acme.url}/members`, rudi, undefined, 1), 403, 'access_denied')
    refused(t, await setRoles(acme, miaId, [], rudi, 1), 403, 'access_denied')
  }
})

t.test('C-5 at once: an admin who loses the role while they give another does one before the other', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    await give(rudiId, [{ role: 'admin' }])
    await give(miaId, [])
    const [adminTag, memberTag] = [await tagOf(urlOf(rudiId), olga), await tagOf(urlOf(miaId), olga)]
    const [taken, gave] = await Promise.all([
      roles(rudiId, olga, { grants: [] }, adminTag, '', round),
      roles(miaId, rudi, { grants: [{ role: 'finance' }] }, memberTag, '', round + 1)
    ])
    t.equal(taken.statusCode, 200)
    const order = await world.sql<{ resource: string }>(
      `select resource from audit_events where chain_id = $1 and action = 'member.roles_changed' order by sequence desc limit 2`,
      [parseId('company', acme.id)]
    )
    const last = order.map(({ resource }) => resource)
    if (gave.statusCode === 200) t.strictSame(last, [rudiId, miaId], 'given before it was taken')
    else {
      refused(t, gave, 403, 'access_denied')
      t.equal(last[0], rudiId)
      t.strictSame(await grantsOf(miaId), [])
    }
  }
})
