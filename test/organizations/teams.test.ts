import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

const world = await openWorld(t, { instances: 2, env: { PLAN_COMPANY_PLUS: 'teams=2,admins=1,members=2,customRoles=0' } })
const { send, ok, found, join, team, tagOf, setRoles } = organizations(world)

const [olga, ada, tess, rudi, mia, nina, sam, fin] = [
  await world.person('Olga'),
  await world.person('Ada'),
  await world.person('Tess'),
  await world.person('Rudi'),
  await world.person('Mia'),
  await world.person('Nina'),
  await world.person('Sam'),
  await world.person('Fin')
]

// Tess is admin of Maps, Rudi recruiter in Maps and Plates, Mia member of Plates; Nina has no role, Fin is in finance.
const acme = await found(olga)
const [maps, plates] = [await team(acme, 'Maps'), await team(acme, 'Plates')]
const adaId = await join(acme, ada, [{ role: 'admin' }])
const tessId = await join(acme, tess, [{ role: 'admin', teamId: maps }])
const rudiId = await join(acme, rudi, [
  { role: 'recruiter', teamId: maps },
  { role: 'recruiter', teamId: plates }
])
const miaId = await join(acme, mia, [{ role: 'member', teamId: plates }])
const ninaId = await join(acme, nina)
const finId = await join(acme, fin, [{ role: 'finance' }])

const uuid = (place: Pick<Place, 'kind' | 'id'>) => parseId(place.kind, place.id)!
const teamUrl = (teamId: string, place: Place = acme) => `${place.url}/teams/${teamId}`
const make = (by: Person, name: unknown, place: Place = acme, instance = 0) => send('POST', `${place.url}/teams`, by, { name }, instance)
const list = async (by: Person, query = '', place: Place = acme) =>
  ((await ok(send('GET', `${place.url}/teams${query}`, by))).json().items as Array<{ id: string }>).map(({ id }) => id)
const patch = (by: Person, teamId: string, payload: object, ifMatch?: string, query = '', instance = 0) =>
  world.inject(
    {
      method: 'PATCH',
      url: teamUrl(teamId) + query,
      headers: { ...by.headers, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
      payload
    },
    instance
  )
/** Changes a team from the version it has. */
const change = async (by: Person, teamId: string, payload: object, query = '') =>
  patch(by, teamId, payload, await tagOf(teamUrl(teamId), olga), query)
const put = (by: Person, teamId: string, memberId: string, instance = 0) =>
  send('PUT', `${teamUrl(teamId)}/members/${memberId}`, by, undefined, instance)
const take = (by: Person, teamId: string, memberId: string, query = '') =>
  send('DELETE', `${teamUrl(teamId)}/members/${memberId}${query}`, by)
const member = async (memberId: string, place: Place = acme) =>
  (await ok(send('GET', `${place.url}/members/${memberId}`, place.owner))).json()
const teamsOf = async (memberId: string): Promise<string[]> => (await member(memberId)).teams.map(({ id }: { id: string }) => id)
const told = (subject: string, place: Place = acme) =>
  world.sql<{ action: string; before: unknown; after: unknown; type: string; eventBefore: unknown; eventAfter: unknown }>(
    `select a.action, a.detail -> 'before' as before, a.detail -> 'after' as after, e.type, e.before as "eventBefore", e.after as "eventAfter"
      from audit_events a left join events e on e.id = a.id where a.chain_id = $1 and a.resource = $2 order by a.sequence`,
    [uuid(place), subject]
  )
const stateOf = (place: Place = acme) =>
  world.sql(
    `select o.version, (select json_agg(x order by x.id) from teams x where x.organization_id = o.id)::text as teams,
        (select json_agg(x order by x.team_id, x.membership_id) from team_members x where x.organization_id = o.id)::text as team_members,
        (select json_agg(x order by x.membership_id, x.role, x.team_id) from role_grants x where x.organization_id = o.id)::text as grants,
        (select count(*)::int from audit_events a where a.chain_id = o.id) as audited
      from organizations o where o.id = $1`,
    [uuid(place)]
  )

t.test('C-8 201: a team is made by owner and admin; nobody is in it yet', async (t) => {
  const made = await make(ada, 'Globes')
  t.strictSame([made.statusCode, made.headers.etag], [201, '"1"'])
  const { id, createdAt, ...rest } = made.json()
  t.strictSame(rest, { name: 'Globes', default: false, hidden: false, memberCount: 0 })
  t.match(createdAt, /Z$/)
  const seen = await send('GET', teamUrl(id), olga, undefined, 1)
  t.strictSame([seen.headers.etag, seen.json()], ['"1"', made.json()])
  t.match(await told(id), [
    {
      action: 'team.created',
      before: null,
      after: { hidden: false },
      type: 'team.created',
      eventBefore: null,
      eventAfter: { name: 'Globes' }
    }
  ])
})

t.test('C-5 403 401 404: others make no teams, and a stranger finds none', async (t) => {
  const before = await stateOf()
  for (const by of [tess, rudi, mia, nina, fin]) {
    const answer = await make(by, 'Mine')
    refused(t, answer, 403, 'access_denied', by.email)
    t.strictSame(answer.json().missingPermissions, ['team.create'])
  }
  refused(t, await make(sam, 'Mine'), 404, 'not_found')
  for (const [method, url] of [
    ['GET', `${acme.url}/teams`],
    ['POST', `${acme.url}/teams`],
    ['GET', teamUrl(maps)],
    ['PATCH', teamUrl(maps)],
    ['PUT', `${teamUrl(maps)}/members/${miaId}`],
    ['DELETE', `${teamUrl(maps)}/members/${miaId}`]
  ] as const)
    refused(t, await world.inject({ method, url }), 401, 'not_signed_in', `${method} ${url}`)
  t.strictSame(await stateOf(), before)
})

t.test('C-8 400: a name is one visible line', async (t) => {
  const before = await stateOf()
  const tag = await tagOf(teamUrl(maps), olga)
  const codes = [0x00, 0x0a, 0x1b, 0x7f, 0xad, 0x200b, 0x200f, 0x202e, 0x2028, 0x2069, 0xfeff, 0xe0041, 0xdfff]
  const names = ['', ' ', ' Maps', 'Maps ', 'x'.repeat(101), 7, null, ...codes.map((code) => `Ma${String.fromCodePoint(code)}ps`)]
  for (const [index, name] of names.entries()) {
    refused(t, await make(olga, name), 400, 'invalid_input', `making ${index}`)
    refused(t, await patch(olga, maps, { name }, tag), 400, 'invalid_input', `renaming ${index}`)
  }
  refused(t, await send('POST', `${acme.url}/teams`, olga, { name: 'New', hidden: true }), 400, 'invalid_input')
  for (const body of [{ hidden: 'true' }, { hidden: null }, { default: true }])
    refused(t, await patch(olga, maps, body, tag), 400, 'invalid_input', JSON.stringify(body))
  t.strictSame(await stateOf(), before)
  t.equal((await make(olga, '🗺'.repeat(100))).statusCode, 201, 'a hundred code points')
})

t.test('C-8 409: a name is taken once in a company, whatever its case and although the team is hidden', async (t) => {
  const secret = await team(acme, 'Straße')
  await ok(change(olga, secret, { hidden: true }))
  for (const name of ['maps', 'MAPS', 'general', 'STRAßE']) refused(t, await make(olga, name), 409, 'team_name_taken', name)
  refused(t, await change(olga, plates, { name: 'mAPS' }), 409, 'team_name_taken')
  t.equal((await change(olga, maps, { name: 'MAPS' })).json().name, 'MAPS', 'its own name in another case is free')
  const elsewhere = await found(sam)
  t.equal((await make(sam, 'Maps', elsewhere)).statusCode, 201, 'another company has its own names')
  await join(elsewhere, ada, [{ role: 'admin' }])
  for (let round = 0; round < rounds(2); round++) {
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, index) => make(index % 2 ? sam : ada, `Same ${round}`, elsewhere, index))
    )
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, 409, 409, 409], 'of many at once one is made')
    for (const answer of answers) if (answer.statusCode === 409) refused(t, answer, 409, 'team_name_taken')
  }
})

t.test('C-8 200: renaming touches the name, hiding and showing the rest, each with both sides in the audit', async (t) => {
  const id = await team(acme, 'Atlas')
  const renamed = await patch(ada, id, { name: 'Atlases' }, '"1"')
  t.match([renamed.statusCode, renamed.headers.etag, renamed.json()], [200, '"2"', { id, name: 'Atlases', hidden: false }])
  for (const same of [{}, { name: 'Atlases' }]) t.equal((await patch(ada, id, same, '"2"')).headers.etag, '"2"', 'what is as it was')
  const hidden = await patch(olga, id, { hidden: true }, '"2"')
  t.match([hidden.headers.etag, hidden.json()], ['"3"', { name: 'Atlases', hidden: true }])
  t.equal((await patch(olga, id, { hidden: true }, '"3"')).headers.etag, '"3"', 'hidden is hidden')
  t.match((await patch(olga, id, { name: 'Atlas', hidden: false }, '"3"')).json(), { name: 'Atlas', hidden: false })
  t.strictSame(
    (await told(id)).slice(1).map(({ action, before, after, eventBefore, eventAfter }) => [action, before, after, eventBefore, eventAfter]),
    [
      ['team.updated', { hidden: false }, { hidden: false }, { name: 'Atlas', hidden: false }, { name: 'Atlases', hidden: false }],
      ['team.updated', { hidden: false }, { hidden: true }, { name: 'Atlases', hidden: false }, { name: 'Atlases', hidden: true }],
      ['team.updated', { hidden: true }, { hidden: false }, { name: 'Atlases', hidden: true }, { name: 'Atlas', hidden: false }]
    ]
  )
  refused(t, await patch(olga, id, { name: 'New' }), 428, 'version_required')
  for (const stale of ['"3"', '"5"']) refused(t, await patch(olga, id, { name: 'New' }, stale), 412, 'stale_version', stale)
  t.equal((await send('GET', teamUrl(id), olga)).headers.etag, '"4"')
})

t.test('C-8 412 at once: of many changes of a team from one version exactly one is made', async (t) => {
  const id = await team(acme, 'Race')
  for (let round = 0; round < rounds(2); round++) {
    const now = await ok(send('GET', teamUrl(id), olga))
    const tag = String(now.headers.etag)
    // Each of them changes something: what changes nothing makes no version.
    const bodies = [{ name: `Race a${round}` }, { name: `Race b${round}` }, { hidden: !now.json().hidden }, { name: `Race c${round}` }]
    const answers = await Promise.all(bodies.map((body, index) => patch(olga, id, body, tag, '', index)))
    const won = answers.filter(({ statusCode }) => statusCode === 200)
    t.equal(won.length, 1)
    for (const answer of answers) if (answer !== won[0]) refused(t, answer, 412, 'stale_version')
    t.strictSame((await send('GET', teamUrl(id), olga)).json(), won[0]!.json())
  }
})

t.test('C-5 403: renaming is for admins, in their scope; hiding for the owner', async (t) => {
  const before = await stateOf()
  const mapsTag = await tagOf(teamUrl(maps), olga)
  const cases: Array<[Person, string, object, string]> = [
    [rudi, maps, { name: 'Mine' }, 'team.update'],
    [rudi, maps, {}, 'team.update'],
    [ada, maps, { hidden: true }, 'team.hide'],
    [tess, maps, { hidden: true }, 'team.hide'],
    [tess, maps, { name: 'Mine', hidden: false }, 'team.hide'],
    [fin, maps, { name: 'Mine' }, 'team.update']
  ]
  for (const [by, teamId, body, permission] of cases) {
    const answer = await patch(by, teamId, body, mapsTag)
    refused(t, answer, 403, 'access_denied', `${by.email} ${JSON.stringify(body)}`)
    t.strictSame(answer.json().missingPermissions, [permission])
  }
  refused(t, await change(tess, plates, { name: 'Mine' }), 404, 'not_found', 'a team that one may not see is not there')
  refused(t, await change(nina, maps, { name: 'Mine' }), 404, 'not_found')
  t.strictSame(await stateOf(), before)
  t.equal((await patch(tess, maps, { name: 'Sea maps' }, mapsTag)).statusCode, 200, 'in their own team')
})

t.test('C-8 409, 200: the default team cannot be hidden, but it can be renamed', async (t) => {
  const before = await stateOf()
  for (const query of ['', '?dryRun=true']) refused(t, await change(olga, acme.defaultTeamId, { hidden: true }, query), 409, 'default_team')
  t.strictSame(await stateOf(), before)
  t.match((await change(olga, acme.defaultTeamId, { name: 'Everybody', hidden: false })).json(), { name: 'Everybody', default: true })
})

t.test('C-8 200: a hidden team is left out of lists unless asked for, and keeps its members and roles', async (t) => {
  const id = await team(acme, 'Quiet')
  await ok(put(olga, id, miaId))
  await ok(setRoles(acme, miaId, [...(await member(miaId)).grants, { role: 'recruiter', teamId: id }]))
  const before = await member(miaId)
  const preview = await change(olga, id, { hidden: true }, '?dryRun=true')
  t.strictSame(preview.json(), { dryRun: true, blockers: [] })
  t.ok((await list(olga)).includes(id), 'a dry run hides nothing')
  await ok(change(olga, id, { hidden: true }))
  for (const query of ['', '?hidden=false']) t.notOk((await list(olga, query)).includes(id), query)
  for (const by of [olga, mia, fin]) t.ok((await list(by, '?hidden=true')).includes(id), by.email)
  t.match((await send('GET', teamUrl(id), mia)).json(), { id, hidden: true, memberCount: 1 })
  t.strictSame(await member(miaId), before)

  refused(t, await put(olga, id, rudiId), 409, 'team_hidden')
  t.equal((await put(olga, id, miaId)).statusCode, 200, 'who is in it already is')
  refused(t, await setRoles(acme, rudiId, [{ role: 'member', teamId: id }]), 409, 'team_hidden')
  refused(t, await setRoles(acme, miaId, [...before.grants, { role: 'hiring_manager', teamId: id }]), 409, 'team_hidden')
  refused(t, await send('POST', `${acme.url}/members/${rudiId}/move`, olga, { fromTeamId: plates, toTeamId: id }), 409, 'team_hidden')
  const more = await setRoles(acme, miaId, [...before.grants, { role: 'member' }])
  t.strictSame([more.statusCode, more.json().grants?.length], [200, before.grants.length + 1], 'roles in it stay when others come')
  const fewer = await setRoles(acme, miaId, [{ role: 'member', teamId: plates }])
  t.equal(fewer.statusCode, 200, 'and can be taken away')
  t.equal((await take(olga, id, miaId)).statusCode, 204, 'so can the member')
  await ok(change(olga, id, { hidden: false }))
  t.equal((await put(olga, id, miaId)).statusCode, 200)
  t.ok((await list(olga)).includes(id))
  await ok(take(olga, id, miaId))
})

t.test('C-6 200: a member is in several teams with different roles; adding again changes nothing', async (t) => {
  const id = await team(acme, 'Second')
  const before = await member(ninaId)
  const added = await put(ada, id, ninaId)
  t.strictSame([added.statusCode, added.headers.etag], [200, await tagOf(`${acme.url}/members/${ninaId}`, olga)])
  t.strictSame(added.json().grants, [{ role: 'member', teamId: id }])
  t.strictSame(added.json().teams, [...before.teams, { id, name: 'Second' }])
  const [row] = (await told(ninaId)).slice(-1)
  const state = { status: 'active', owner: false }
  const [was, is] = [
    { ...state, grants: [], teams: [acme.defaultTeamId] },
    { ...state, grants: added.json().grants, teams: [acme.defaultTeamId, id] }
  ]
  t.strictSame(row, { action: 'team.member_added', type: 'team.member_added', before: was, after: is, eventBefore: was, eventAfter: is })
  const [rows, tag] = [(await told(ninaId)).length, added.headers.etag]
  for (const by of [ada, olga]) {
    const again = await put(by, id, ninaId, 1)
    t.strictSame([again.statusCode, again.headers.etag, again.json()], [200, tag, added.json()])
  }
  t.equal((await told(ninaId)).length, rows, 'no audit of nothing')
  await ok(
    setRoles(acme, ninaId, [
      { role: 'hiring_manager', teamId: id },
      { role: 'recruiter', teamId: acme.defaultTeamId }
    ])
  )
  t.strictSame((await put(olga, id, ninaId)).json().grants.length, 2, 'roles there are not touched by adding again')
})

t.test('C-6 at once: a member added to one team many times is in it once, and one change is told', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const id = await team(acme, `Crowd ${round}`)
    const before = (await told(miaId)).length
    const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => put(index % 2 ? olga : ada, id, miaId, index)))
    for (const answer of answers) t.strictSame([answer.statusCode, answer.json()], [200, answers[0]!.json()])
    t.equal((await told(miaId)).length, before + 1)
    const inTeam = await world.sql('select from team_members where team_id = $1', [parseId('team', id)])
    const grants = await world.sql<{ role: string }>('select role from role_grants where team_id = $1', [parseId('team', id)])
    t.strictSame([inTeam.length, grants], [1, [{ role: 'member' }]])
    await ok(take(olga, id, miaId))
  }
})

t.test('C-7 204: taken out of one team a member keeps the others, and loses the roles of that team only', async (t) => {
  const before = await member(rudiId)
  const preview = await take(olga, maps, rudiId, '?dryRun=true')
  t.strictSame([preview.statusCode, preview.json()], [200, { dryRun: true, blockers: [] }])
  t.strictSame(await member(rudiId), before, 'a dry run takes nobody out')
  const gone = await take(tess, maps, rudiId)
  t.strictSame([gone.statusCode, gone.body], [204, ''])
  const after = await member(rudiId)
  t.strictSame(after.grants, [{ role: 'recruiter', teamId: plates }])
  t.strictSame(
    after.teams,
    before.teams.filter(({ id }: { id: string }) => id !== maps)
  )
  const [row] = (await told(rudiId)).slice(-1)
  const state = { status: 'active', owner: false }
  const was = { ...state, grants: before.grants, teams: before.teams.map(({ id }: { id: string }) => id) }
  const is = { ...state, grants: after.grants, teams: [plates] }
  t.strictSame(row, {
    action: 'team.member_removed',
    type: 'team.member_removed',
    before: was,
    after: is,
    eventBefore: was,
    eventAfter: is
  })
  refused(t, await take(olga, maps, rudiId), 404, 'not_found', 'who is not in the team')
  await ok(setRoles(acme, rudiId, before.grants))
  t.strictSame(await teamsOf(rudiId), [maps, plates], 'and back')
})

t.test('C-5 403 404: adding and taking out is for admins in their own team, and not on those above them', async (t) => {
  await ok(setRoles(acme, adaId, [{ role: 'admin' }, { role: 'member', teamId: maps }]))
  await ok(put(olga, maps, acme.memberId))
  const before = await stateOf()
  for (const [what, answer, permission] of [
    ['a recruiter adds', await put(rudi, maps, miaId), 'member.roles.update'],
    ['a member adds themselves', await put(mia, maps, miaId), 'member.roles.update'],
    ['a team admin adds to another team', await put(tess, plates, tessId), 'member.roles.update'],
    ['a recruiter takes out', await take(rudi, plates, miaId), 'member.remove'],
    ['a member goes by themselves', await take(mia, plates, miaId), 'member.remove'],
    ['a team admin takes out of another team', await take(tess, plates, miaId), 'member.remove'],
    ['a team admin takes an admin out', await take(tess, maps, adaId), 'member.roles.update'],
    ['a team admin takes the owner out', await take(tess, maps, acme.memberId), 'member.roles.update']
  ] as const) {
    refused(t, answer, 403, 'access_denied', what)
    t.strictSame(answer.json().missingPermissions, [permission], what)
  }
  const none = `team_${'0'.repeat(26)}`
  for (const teamId of [none, 'team_1', acme.defaultTeamId.replace('team_', 'member_')]) {
    refused(t, await put(olga, teamId, miaId), 404, 'not_found', teamId)
    refused(t, await take(olga, teamId, miaId), 404, 'not_found', teamId)
    refused(t, await send('GET', teamUrl(teamId), olga), 404, 'not_found', teamId)
    refused(t, await patch(olga, teamId, { name: 'New' }, '"1"'), 404, 'not_found', teamId)
  }
  for (const memberId of [`member_${'0'.repeat(26)}`, 'me', mia.accountId])
    refused(t, await put(olga, maps, memberId), 404, 'not_found', memberId)
  t.strictSame(await stateOf(), before)
  t.equal((await put(tess, maps, miaId)).statusCode, 200)
  t.equal((await take(tess, maps, miaId)).statusCode, 204)
})

t.test(
  'C-9 403: the plan has room for so many teams, hidden ones too, however many are asked for at once; a downgrade keeps all',
  async (t) => {
    const place = await found(olga, 'company', 'plus')
    for (let round = 0; round < rounds(1); round++) {
      await world.sql('delete from teams where organization_id = $1 and id <> $2', [uuid(place), parseId('team', place.defaultTeamId)])
      const answers = await Promise.all(Array.from({ length: 5 }, (_, index) => make(olga, `No ${round} ${index}`, place, index)))
      t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, 201, 403, 403, 403])
      for (const answer of answers) if (answer.statusCode === 403) refused(t, answer, 403, 'plan_upgrade_required')
    }
    const [, hide] = await list(olga, '', place)
    await ok(
      world.inject({
        method: 'PATCH',
        url: teamUrl(hide!, place),
        headers: { ...olga.headers, 'if-match': '"1"' },
        payload: { hidden: true }
      })
    )
    refused(t, await make(olga, 'More', place), 403, 'plan_upgrade_required')
    await join(place, mia)
    refused(t, await make(mia, 'More', place), 403, 'access_denied', 'roles are looked at before the plan')
    await world.sql(`update organizations set plan = 'basic' where id = $1`, [uuid(place)])
    t.equal((await list(olga, '?hidden=true', place)).length, 3, 'a downgrade takes nothing away')
    refused(t, await make(olga, 'More', place), 403, 'plan_upgrade_required')
    await world.sql(`update organizations set plan = 'enterprise' where id = $1`, [uuid(place)])
    t.equal((await make(olga, 'More', place)).statusCode, 201)
  }
)

t.test(
  'C-9 403: the plan has room for so many admins and members beside the owner, a team admin counts, of many at once one',
  async (t) => {
    const place = await found(nina, 'company', 'plus')
    const ids = [await join(place, mia), await join(place, rudi)]
    await t.rejects(join(place, tess), { code: 'plan_upgrade_required' }, 'a third member')
    for (let round = 0; round < rounds(2); round++) {
      const answers = await Promise.all([
        setRoles(place, ids[0]!, [{ role: 'admin' }], nina, 0),
        setRoles(place, ids[1]!, [{ role: 'admin', teamId: place.defaultTeamId }], nina, 1)
      ])
      t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [200, 403])
      refused(t, answers.find(({ statusCode }) => statusCode === 403)!, 403, 'plan_upgrade_required')
      const winner = answers[0]!.statusCode === 200 ? ids[0]! : ids[1]!
      await world.sql(`update organizations set plan = 'basic' where id = $1`, [uuid(place)])
      t.equal(
        (await setRoles(place, winner, [{ role: 'admin' }, { role: 'admin', teamId: place.defaultTeamId }], nina)).statusCode,
        200,
        'no new admin'
      )
      await world.sql(`update organizations set plan = 'plus' where id = $1`, [uuid(place)])
      await ok(setRoles(place, winner, [], nina))
    }
  }
)

t.test('Q-9 200 400: teams come in pages, oldest first, complete, and a cursor is good for its own list and reader only', async (t) => {
  const place = await found(rudi)
  const made = [place.defaultTeamId]
  for (let index = 0; index < 6; index++) made.push(await team(place, `Team ${index}`))
  await join(place, ada, [{ role: 'admin' }])
  const url = `${place.url}/teams`
  const seen: string[] = []
  let next: string | undefined = `${url}?limit=3`
  const cursors: string[] = []
  while (next) {
    const page = await ok(send('GET', next, rudi))
    const { items, nextCursor } = page.json()
    seen.push(...items.map(({ id }: { id: string }) => id))
    next = /<([^>]+)>; rel="next"/.exec(String(page.headers.link))?.[1]
    t.equal(next !== undefined, nextCursor !== null)
    if (nextCursor) cursors.push(nextCursor)
    // What is made meanwhile comes at the end.
    if (seen.length === 3) made.push(await team(place, 'Late'))
  }
  t.strictSame(seen, made)
  t.equal(cursors.length, 2)
  const cursor = encodeURIComponent(cursors[0]!)
  const elsewhere = await found(tess)
  for (const [by, list] of [
    [ada, `${url}?cursor=${cursor}`],
    [rudi, `${url}?hidden=true&cursor=${cursor}`],
    [rudi, `${place.url}/members?cursor=${cursor}`],
    [tess, `${elsewhere.url}/teams?cursor=${cursor}`],
    [rudi, `${url}?cursor=${cursor.slice(0, -2)}`],
    [rudi, `${url}?cursor=1`]
  ] as const)
    refused(t, await send('GET', list, by), 400, 'malformed_cursor', list)
  for (const query of ['limit=0', 'limit=101', 'limit=x', 'limit=3&limit=4', 'hidden=yes', 'hidden', 'name=x', 'cursor='])
    refused(t, await send('GET', `${url}?${query}`, rudi), 400, 'invalid_input', query)
})

t.test('C-5 200 404: who reads in some teams only sees those teams and their members', async (t) => {
  t.strictSame(await list(tess), [maps])
  t.strictSame(await list(rudi), [maps, plates])
  t.strictSame(await list(mia), [plates])
  t.strictSame([...(await list(fin))].sort(), [...(await list(olga))].sort(), 'finance sees every team')
  refused(t, await send('GET', teamUrl(plates), tess), 404, 'not_found')
  refused(t, await send('GET', teamUrl(maps), mia), 404, 'not_found')
  refused(t, await send('GET', teamUrl(acme.defaultTeamId), mia), 404, 'not_found', 'the default team too')

  const people = async (by: Person, query = '') =>
    ((await ok(send('GET', `${acme.url}/members${query}`, by))).json().items as Array<{ id: string }>).map(({ id }) => id)
  t.strictSame(await people(mia), [rudiId, miaId])
  t.strictSame(await people(mia, `?team=${plates}`), [rudiId, miaId])
  t.strictSame(await people(fin), [acme.memberId, adaId, tessId, rudiId, miaId, ninaId, finId])
  t.strictSame(await people(fin, `?team=${plates}`), [rudiId, miaId])
  refused(t, await send('GET', `${acme.url}/members?team=${maps}`, mia), 404, 'not_found')
  for (const id of [`team_${'0'.repeat(26)}`, 'team_1'])
    for (const by of [mia, fin]) refused(t, await send('GET', `${acme.url}/members?team=${id}`, by), 404, 'not_found', id)
  refused(t, await send('GET', `${acme.url}/members/${tessId}`, mia), 404, 'not_found')
  refused(t, await send('GET', `${acme.url}/members/${tessId}/permissions`, mia), 404, 'not_found')
  t.equal((await send('GET', `${acme.url}/members/${rudiId}`, mia)).statusCode, 200)
  const alone = await join(acme, sam)
  for (const path of ['/teams', '/members']) {
    const answer = await send('GET', acme.url + path, sam)
    refused(t, answer, 403, 'access_denied', `without any role: ${path}`)
  }
  t.equal((await send('GET', `${acme.url}/members/${alone}`, sam)).statusCode, 200, 'but themselves')
})

t.test('C-13 403: who is suspended sees and changes no team, not even by a change of nothing', async (t) => {
  const place = await found(tess)
  const id = await team(place, 'Design')
  const adminId = await join(place, ada, [{ role: 'admin' }])
  await ok(send('POST', `${place.url}/members/${adminId}/suspension`, tess, {}))
  const headers = { ...ada.headers, 'if-match': '"1"' }
  for (const payload of [{}, { name: 'Mine' }])
    refused(t, await world.inject({ method: 'PATCH', url: teamUrl(id, place), headers, payload }), 403, 'membership_suspended')
  for (const url of [`${place.url}/teams`, teamUrl(id, place)]) refused(t, await send('GET', url, ada), 403, 'membership_suspended', url)
})

t.test('C-8 at once: nobody lands in a team after it was hidden, in whatever way they come', async (t) => {
  const place = await found(fin)
  const [aId, bId] = [await join(place, ada), await join(place, mia)]
  for (let round = 0; round < rounds(4); round++) {
    const id = await team(place, `Race ${round}`)
    const url = teamUrl(id, place)
    const hide = () =>
      world.inject({ method: 'PATCH', url, headers: { ...fin.headers, 'if-match': '"1"' }, payload: { hidden: true } }, round)
    const add = () => send('PUT', `${url}/members/${aId}`, fin, undefined, round + 1)
    const grant = () => setRoles(place, bId, [{ role: 'recruiter', teamId: id }], fin, round)
    const [hidden, ...came] =
      round % 2 ? await Promise.all([hide(), add(), grant()]) : await Promise.all([add(), grant(), hide()]).then(([a, b, c]) => [c, a, b])
    t.equal(hidden!.statusCode, 200)
    const order = await world.sql<{ action: string; resource: string; hides: boolean; enters: boolean }>(
      `select action, resource, action = 'team.updated' as hides, coalesce(detail -> 'after' -> 'teams' ? $2, false) as enters
        from audit_events where chain_id = $1 and (resource = $2 or detail -> 'after' -> 'teams' ? $2) order by sequence`,
      [uuid(place), id]
    )
    const hiddenAt = order.findIndex(({ hides }) => hides)
    t.equal(order.findLastIndex(({ enters }) => enters) < hiddenAt, true, 'all who came did so before')
    const succeeded = came.filter((answer) => answer!.statusCode === 200).length
    for (const answer of came) if (answer!.statusCode !== 200) refused(t, answer!, 409, 'team_hidden')
    const inTeam = await world.sql('select from team_members where team_id = $1', [parseId('team', id)])
    t.strictSame([order.filter(({ enters }) => enters).length, inTeam.length], [succeeded, succeeded])
    await ok(setRoles(place, bId, [], fin))
    if (succeeded > 0) await world.sql('delete from team_members where team_id = $1', [parseId('team', id)])
  }
})
