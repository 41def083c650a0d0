import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { builtInRoles } from '../../src/permissions/roles.ts'
import { contractServices } from '../support/contracts.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

interface Blocker {
  code: string
  resource: string
  label: string
  resolve: { method: 'PATCH' | 'PUT'; href: string; ifMatch: string; body: object }
}

const world = await openWorld(t, { instances: 2 })
const { send, ok, found, freelance, join, team, setRoles, tagOf } = organizations(world)
const { add, put } = await contractServices(world)
const people: Record<string, Person> = {}
for (const name of ['Olga', 'Ana', 'Tia', 'Hank', 'Mo', 'Cleo', 'Sue', 'Zoe', 'Bea', 'Fred', 'Gus', 'Ida'])
  people[name] = await world.person(name)
const [olga, ana, tia, hank, mo, cleo, sue, zoe, bea, fred, gus, ida] = Object.values(people) as [
  Person,
  Person,
  Person,
  Person,
  Person,
  Person,
  Person,
  Person,
  Person,
  Person,
  Person,
  Person
]

const company = await found(olga)
const design = await team(company, 'Design')
const attic = await team(company, 'Attic')
const ids: Record<string, string> = {}
for (const [name, person, grants] of [
  ['ana', ana, [{ role: 'admin' }]],
  ['tia', tia, [{ role: 'admin', teamId: design }]],
  ['hank', hank, [{ role: 'hiring_manager' }]],
  ['mo', mo, [{ role: 'member' }]],
  ['cleo', cleo, []],
  ['sue', sue, []]
] as const)
  ids[name] = await join(company, person, [...grants])
const other = await found(bea)
await freelance(zoe)
const agency = await found(zoe, 'agency')

const roles = `${company.url}/roles`
const input = (key: string, permissions: readonly string[] = ['job.post', 'team.read']) => ({
  key,
  name: `Role ${key}`,
  description: 'A role of our own.',
  permissions
})
const create = (key: string, permissions?: readonly string[], by = olga, place: Place = company, instance = 0) =>
  send('POST', `${place.url}/roles`, by, input(key, permissions), instance)
const make = (key: string, permissions?: readonly string[], place = company) => ok(create(key, permissions, place.owner, place))
const patch = (key: string, changes: object, { by = olga, tag, dryRun = false }: { by?: Person; tag?: string; dryRun?: boolean } = {}) =>
  send(
    'PATCH',
    `${roles}/${key}${dryRun ? '?dryRun=true' : ''}`,
    { headers: { ...by.headers, ...(tag === undefined ? {} : { 'if-match': tag }) } },
    changes
  )
const change = async (key: string, changes: object, options: { by?: Person; dryRun?: boolean } = {}) =>
  patch(key, changes, { ...options, tag: await tagOf(`${roles}/${key}`, olga) })
const grants = async (memberId: string, list: Array<{ role: string; teamId?: string }>) => ok(setRoles(company, memberId, list))
const blockersOf = (answer: { json: () => unknown }) => (answer.json() as { blockers: Blocker[] }).blockers
const permissionsOf = async (memberId: string): Promise<string[]> => {
  const found = (await ok(send('GET', `${company.url}/members/${memberId}/permissions`, olga))).json() as {
    organization: Array<{ key: string }>
  }
  return found.organization.map(({ key }) => key)
}

/** The constraint by which the database refuses a statement of the service. */
const constraintOf = (statement: string): Promise<string | undefined> =>
  world.asService(statement).then(
    () => undefined,
    (error: { constraint?: string }) => error.constraint
  )

const fixed = await make('fixed')
for (const key of ['edited', 'watched', 'fading', 'used', 'lonely', 'signing']) await make(key)
await make('theirs', undefined, other)

t.test('C-9 201: a company makes a role of its own; every member sees it among all roles', async (t) => {
  const made = await create('poster', ['talent.invite', 'job.post'])
  t.equal(made.statusCode, 201)
  const shown = {
    ...input('poster', ['job.post', 'talent.invite']),
    builtIn: false,
    grantable: true,
    teams: true
  }
  t.same(made.json(), shown)
  t.equal(made.headers.etag, '"1"')
  const one = await send('GET', `${roles}/poster`, mo)
  t.same([one.statusCode, one.json(), one.headers.etag], [200, shown, '"1"'])
  const { items } = (await ok(send('GET', roles, mo))).json() as { items: Array<{ key: string; builtIn: boolean; grantable: boolean }> }
  t.same(
    items.filter(({ builtIn }) => builtIn).map(({ key }) => key),
    ['owner', ...Object.keys(builtInRoles.company)]
  )
  t.same(
    items.filter(({ grantable }) => !grantable).map(({ key }) => key),
    ['owner']
  )
  const own = items.filter(({ builtIn }) => !builtIn).map(({ key }) => key)
  t.same(own, [...own].sort())
  t.ok(own.includes('poster'))
  t.same((await send('GET', `${roles}/admin`, mo)).json().permissions, [...builtInRoles.company.admin!.permissions].sort())
})

t.test('C-9 201: a retry with the same Idempotency-Key makes no second role', async (t) => {
  const headers = { ...olga.headers, 'idempotency-key': 'role-once-and-for-all' }
  const first = await send('POST', roles, { headers }, input('once'))
  const second = await send('POST', roles, { headers }, input('once'))
  t.same([first.statusCode, second.statusCode], [201, 201])
  t.same(second.json(), first.json())
  t.equal(second.headers['idempotency-replayed'], 'true')
})

t.test('C-9 400: keys have one form, and a role holds only what a company can give', async (t) => {
  for (const key of ['', 'a', '1st', 'Poster', 'job-poster', 'job poster', 'ünder', `a${'b'.repeat(40)}`])
    refused(t, await create(key), 400, 'invalid_input', `key ${key}`)
  for (const permission of [
    'company.close',
    'ownership.transfer',
    'team.hide',
    'agency.read',
    'proposal.submit_own',
    'message.read',
    'job',
    'JOB.POST'
  ])
    refused(t, await create('bad', ['job.post', permission]), 400, 'invalid_input', permission)
  refused(t, await create('bad', ['job.post', 'job.post']), 400, 'invalid_input', 'twice')
  for (const gone of ['key', 'name', 'description', 'permissions'])
    refused(t, await send('POST', roles, olga, { ...input('bad'), [gone]: undefined }), 400, 'invalid_input', gone)
  refused(t, await send('POST', roles, olga, { ...input('bad'), builtIn: true }), 400, 'invalid_input')
  refused(t, await change('fixed', { permissions: ['team.hide'] }), 400, 'invalid_input')
  refused(t, await change('fixed', { key: 'else' }), 400, 'invalid_input', 'a key stays')
  refused(t, await send('GET', `${roles}/bad`, olga), 404, 'not_found')
  t.equal((await create('ab', [])).statusCode, 201, 'two letters, no permissions')
  t.equal((await create(`a${'b'.repeat(39)}`)).statusCode, 201, 'forty letters')
})

t.test("C-9 409: a key is taken once, by built-in roles of either kind too; another company's is its own affair", async (t) => {
  for (const key of ['fixed', 'owner', ...Object.keys(builtInRoles.company), ...Object.keys(builtInRoles.agency)])
    refused(t, await create(key), 409, 'role_exists', key)
  t.equal((await create('theirs')).statusCode, 201)
})

t.test('C-5 403: only who may change roles in the whole company makes, changes and deletes them', async (t) => {
  for (const by of [tia, hank, mo]) {
    for (const answer of [
      await create('nope', undefined, by),
      await change('fixed', { name: 'X' }, { by }),
      await send('DELETE', `${roles}/fixed`, by)
    ]) {
      refused(t, answer, 403, 'access_denied', by.email)
      t.same(answer.json().missingPermissions, ['member.roles.update'])
    }
  }
  t.same((await send('GET', `${roles}/fixed`, olga)).json(), fixed.json())
  t.equal((await create('by_admin', undefined, ana)).statusCode, 201)
})

t.test('C-3 404: for whoever is no member there are no roles, and C-2 404: nor those of another company', async (t) => {
  for (const by of [bea, zoe]) {
    refused(t, await send('GET', roles, by), 404, 'not_found')
    refused(t, await send('GET', `${roles}/fixed`, by), 404, 'not_found')
    refused(t, await create('nope', undefined, by), 404, 'not_found')
    refused(t, await change('fixed', { name: 'X' }, { by }), 404, 'not_found')
    refused(t, await send('DELETE', `${roles}/fixed`, by), 404, 'not_found')
  }
  refused(t, await send('DELETE', `${other.url}/roles/fixed`, bea), 404, 'not_found')
  refused(t, await send('GET', `${other.url}/roles/fixed`, bea), 404, 'not_found')
  refused(t, await send('GET', '/v1/companies/company_0/roles', olga), 404, 'not_found')
  refused(t, await send('GET', `/v1/companies/${agency.id}/roles`, zoe), 404, 'not_found')
  refused(t, await world.inject({ method: 'GET', url: roles }), 401, 'not_signed_in')
})

t.test('C-9: an agency has its built-in roles and makes none', async (t) => {
  const { items } = (await ok(send('GET', `${agency.url}/roles`, zoe))).json() as { items: Array<{ key: string; builtIn: boolean }> }
  t.same(
    items.map(({ key }) => key),
    ['owner', ...Object.keys(builtInRoles.agency)]
  )
  refused(t, await send('POST', `${agency.url}/roles`, zoe, input('scout')), 405, 'method_not_allowed')
})

t.test('C-9 404: built-in roles are not changed and not deleted', async (t) => {
  for (const key of ['owner', 'admin', 'member', 'no_such_role']) {
    refused(t, await patch(key, { name: 'X' }, { tag: '"1"' }), 404, 'not_found', key)
    refused(t, await send('DELETE', `${roles}/${key}`, olga), 404, 'not_found', key)
  }
})

t.test('C-9 403: the plan is looked at after the roles', async (t) => {
  const small = await found(bea, 'company', 'basic')
  await join(small, mo, [{ role: 'member' }])
  refused(t, await create('scout', undefined, bea, small), 403, 'plan_upgrade_required')
  refused(t, await create('admin', undefined, bea, small), 403, 'plan_upgrade_required', 'before keys')
  const denied = await create('scout', undefined, mo, small)
  refused(t, denied, 403, 'access_denied')
})

t.test('C-10 200: a change counts for everybody who has the role, at once; C-10 428 and 412: only from the version seen', async (t) => {
  await grants(ids.cleo!, [{ role: 'edited' }])
  t.same((await permissionsOf(ids.cleo!)).includes('offer.send'), false)
  refused(t, await patch('edited', { name: 'X' }), 428, 'version_required')
  for (const tag of ['"2"', 'W/"1"', '*', '"x"']) refused(t, await patch('edited', { name: 'X' }, { tag }), 412, 'stale_version', tag)
  t.equal((await send('GET', `${roles}/edited`, olga)).json().name, 'Role edited')

  const changed = await patch('edited', { permissions: ['offer.send', 'job.post'] }, { tag: '"1"' })
  t.same([changed.statusCode, changed.headers.etag], [200, '"2"'])
  t.same(changed.json().permissions, ['job.post', 'offer.send'])
  t.equal(changed.json().name, 'Role edited', 'what is not given stays')
  t.ok((await permissionsOf(ids.cleo!)).includes('offer.send'))
  refused(t, await patch('edited', { name: 'X' }, { tag: '"1"' }), 412, 'stale_version')
  const named = await patch('edited', { name: 'Renamed', description: 'Says more.' }, { tag: '"2"' })
  t.same([named.json().name, named.json().description, named.json().permissions], ['Renamed', 'Says more.', ['job.post', 'offer.send']])
})

t.test('C-10 412: of many who change the same version of a role, one does', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const tag = await tagOf(`${roles}/watched`, olga)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        world.inject(
          { method: 'PATCH', url: `${roles}/watched`, headers: { ...olga.headers, 'if-match': tag }, payload: { name: `By ${index}` } },
          index
        )
      )
    )
    t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, ...Array(7).fill(412)])
  }
})

t.test('C-10 200: a dry run of a change answers what it would meet, and changes nothing', async (t) => {
  const before = await send('GET', `${roles}/fixed`, olga)
  const dry = await change('fixed', { permissions: [], name: 'Nothing' }, { dryRun: true })
  t.same([dry.statusCode, dry.json()], [200, { dryRun: true, blockers: [] }])
  const after = await send('GET', `${roles}/fixed`, olga)
  t.same([after.json(), after.headers.etag], [before.json(), before.headers.etag])
  refused(t, await patch('fixed', {}, { tag: '"9"', dryRun: true }), 412, 'stale_version')
})

t.test('C-5 403: nobody raises their own rights by changing a role they have', async (t) => {
  await make('private', ['job.post'])
  await make('in_team', ['talent.invite'])
  await make('gainful', ['feedback.give'])
  await grants(ids.ana!, [{ role: 'admin' }, { role: 'private' }, { role: 'in_team', teamId: design }])
  const raised = await change('private', { permissions: ['job.post', 'offer.send', 'contract.contact', 'team.read'] }, { by: ana })
  refused(t, raised, 403, 'own_rights')
  t.same(raised.json().missingPermissions.sort(), ['contract.contact', 'offer.send'])
  refused(t, await change('private', { permissions: ['offer.send'] }, { by: ana, dryRun: true }), 403, 'own_rights', 'in a dry run too')
  refused(t, await change('in_team', { permissions: ['feedback.give'] }, { by: ana }), 403, 'own_rights', 'for one team too')
  t.same((await send('GET', `${roles}/private`, olga)).json().permissions, ['job.post'])

  t.equal((await change('private', { permissions: ['company.update', 'job.post'] }, { by: ana })).statusCode, 200, 'what one has anyway')
  t.equal((await change('in_team', { permissions: ['job.post'] }, { by: ana })).statusCode, 200, 'what one has for all')
  t.equal((await change('private', { permissions: [] }, { by: ana })).statusCode, 200, 'less')
  refused(t, await change('private', { permissions: ['job.post'] }, { by: ana }), 403, 'own_rights', 'and not back again')
  t.equal((await change('private', { permissions: ['job.post', 'offer.send'] })).statusCode, 200, 'the owner lacks nothing')
  refused(t, await setRoles(company, ids.ana!, [{ role: 'admin' }, { role: 'private' }, { role: 'gainful' }], ana), 403, 'own_rights')
})

t.test('K-8 409: a role that somebody has stays, and each blocker names the call that takes it away', async (t) => {
  await grants(ids.mo!, [{ role: 'used' }, { role: 'member' }, { role: 'used', teamId: design }])
  await grants(ids.sue!, [{ role: 'used' }])
  await grants(ids.cleo!, [
    { role: 'used', teamId: attic },
    { role: 'recruiter', teamId: attic }
  ])
  const hiding = await tagOf(`${company.url}/teams/${attic}`, olga)
  await ok(send('PATCH', `${company.url}/teams/${attic}`, { headers: { ...olga.headers, 'if-match': hiding } }, { hidden: true }))

  const refusal = await send('DELETE', `${roles}/used`, olga)
  refused(t, refusal, 409, 'role_in_use')
  const blockers = blockersOf(refusal)
  t.same(
    blockers.map(({ code, resource, label }) => [code, resource, label]),
    [
      ['role_in_use', ids.mo, 'Mo Okafor'],
      ['role_in_use', ids.cleo, 'Cleo Okafor'],
      ['role_in_use', ids.sue, 'Sue Okafor']
    ]
  )
  const dry = await send('DELETE', `${roles}/used?dryRun=true`, olga)
  t.same([dry.statusCode, dry.json()], [200, { dryRun: true, blockers }])
  t.equal((await send('GET', `${roles}/used`, olga)).statusCode, 200)

  for (const { resource, resolve } of blockers) {
    const tag = await tagOf(`${company.url}/members/${resource}`, olga)
    const cleared = await send(resolve.method, resolve.href, { headers: { ...olga.headers, 'if-match': tag } }, resolve.body)
    t.equal(cleared.statusCode, 200, cleared.body)
  }
  const left = async (id: string) => (await send('GET', `${company.url}/members/${id}`, olga)).json().grants
  t.same(await left(ids.mo!), [{ role: 'member' }])
  t.same(await left(ids.sue!), [])
  t.same(await left(ids.cleo!), [{ role: 'recruiter', teamId: attic }], 'other roles stay, in a hidden team too')
  t.same((await send('DELETE', `${roles}/used?dryRun=true`, olga)).json(), { dryRun: true, blockers: [] })
  t.equal((await send('DELETE', `${roles}/used`, olga)).statusCode, 204)
  refused(t, await send('DELETE', `${roles}/used`, olga), 404, 'not_found')
  t.equal((await create('used')).statusCode, 201, 'and its key is free')
})

t.test('K-8 409: the database itself keeps a role that somebody has', async (t) => {
  await grants(ids.sue!, [{ role: 'lonely' }])
  t.equal(await constraintOf("delete from custom_roles where key = 'lonely'"), 'role_grants_custom_role')
})

t.test('C-9: a role is never granted and deleted at the same instant', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const key = `fleeting_${round}`
    await make(key)
    const [given, deleted] = await Promise.all([
      setRoles(company, ids.sue!, [{ role: key }], olga, round),
      send('DELETE', `${roles}/${key}`, olga, undefined, round + 1)
    ])
    const outcome = [given.statusCode, deleted.statusCode]
    t.ok(
      [outcome[0] === 200 && outcome[1] === 409, outcome[0] === 422 && outcome[1] === 204].filter(Boolean).length === 1,
      outcome.join(' and ')
    )
    refused(t, outcome[0] === 200 ? deleted : given, outcome[0] === 200 ? 409 : 422, outcome[0] === 200 ? 'role_in_use' : 'unknown_role')
  }
})

t.test('K-8: who may not see members learns nobody’s name from what blocks', async (t) => {
  await make('granter', ['member.roles.update'])
  await make('secret')
  const gusId = await join(company, gus, [{ role: 'secret' }])
  const idaId = await join(company, ida, [{ role: 'granter' }])
  t.equal((await send('GET', `${company.url}/members/${gusId}`, ida)).statusCode, 403)
  const labels = async (by: Person, query = '') =>
    blockersOf(await send('DELETE', `${roles}/secret${query}`, by)).map(({ resource, label }) => [resource, label])
  t.strictSame(await labels(ida), [[gusId, gusId]])
  t.strictSame(await labels(ida, '?dryRun=true'), [[gusId, gusId]])
  t.strictSame(await labels(olga), [[gusId, 'Gus Okafor']])
  await grants(idaId, [{ role: 'granter' }, { role: 'finance' }])
  t.strictSame(await labels(ida), [[gusId, 'Gus Okafor']], 'with `member.read`')
})

t.test('K-1 409: a change of a role takes from no contact the right to be one', async (t) => {
  await ok(change('signing', { permissions: ['contract.contact', 'job.post'] }))
  await make('signing_too', ['contract.contact'])
  await grants(ids.hank!, [{ role: 'signing', teamId: design }])
  await grants(ids.cleo!, [{ role: 'signing' }, { role: 'signing_too', teamId: design }])
  await add('c-1', company, hank, fred, { teamId: design })
  await add('c-2', company, cleo, fred, { teamId: design })
  const third = await add('c-3', company, cleo, fred)

  const refusal = await change('signing', { permissions: ['job.post'] })
  refused(t, refusal, 409, 'contact_on_active_contracts')
  const blockers = blockersOf(refusal)
  t.same(
    blockers.map(({ resource }) => resource),
    ['c-1', 'c-3'],
    'c-2 has its contact by another role'
  )
  const dry = await change('signing', { permissions: ['job.post'] }, { dryRun: true })
  t.same([dry.statusCode, dry.json()], [200, { dryRun: true, blockers }])
  t.same((await send('GET', `${roles}/signing`, olga)).json().permissions, ['contract.contact', 'job.post'])
  t.equal((await change('signing', { permissions: ['contract.contact'], name: 'Signs' })).statusCode, 200, 'other changes pass')

  // The call that each blocker names clears it: the owner becomes contact of one; the other contract ends.
  const { method, href, ifMatch, body } = blockers[0]!.resolve
  t.same(body, { memberId: '<another member>' })
  t.equal((await send(method, href, { headers: { ...olga.headers, 'if-match': ifMatch } }, { memberId: company.memberId })).statusCode, 200)
  t.same(
    blockersOf(await change('signing', { permissions: [] }, { dryRun: true })).map(({ resource }) => resource),
    ['c-3']
  )
  await ok(put('c-3', { ...third, version: 2, status: 'closed' }))
  t.equal((await change('signing', { permissions: [] })).statusCode, 200)
  refused(t, await change('signing_too', { permissions: [] }), 409, 'contact_on_active_contracts')

  t.equal(await constraintOf("update custom_roles set permissions = '{}' where key = 'signing_too'"), 'contracts_contact_eligible')
})

t.test('C-9 403: after a downgrade roles stay, can be changed and deleted, and no new one is made', async (t) => {
  const plan = (name: string) => world.sql('update organizations set plan = $1 where id = $2', [name, parseId('company', company.id)])
  await grants(ids.sue!, [{ role: 'fading' }])
  await plan('basic')
  t.teardown(() => plan('enterprise'))
  refused(t, await create('late'), 403, 'plan_upgrade_required')
  t.ok((await permissionsOf(ids.sue!)).includes('job.post'))
  t.equal((await change('fading', { permissions: ['talent.invite'] })).statusCode, 200)
  t.ok((await permissionsOf(ids.sue!)).includes('talent.invite'))
  await grants(ids.sue!, [])
  t.equal((await send('DELETE', `${roles}/fading`, olga)).statusCode, 204)
})
