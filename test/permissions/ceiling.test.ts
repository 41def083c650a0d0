import fc from 'fast-check'
import t from 'tap'
import type { OrganizationKind } from '../../src/organizations/tables.ts'
import { permissionOf, permissionsOfKind } from '../../src/permissions/catalogue.ts'
import { gainedPermissions, mayGrant } from '../../src/permissions/ceiling.ts'
import { decide, type Grant, type MemberFacts } from '../../src/permissions/decide.ts'
import { builtInRoles, customizablePermissions, ownerPermissions } from '../../src/permissions/roles.ts'
import { organizations } from '../support/organizations.ts'
import { openWorld, type Person, rounds } from '../support/world.ts'

const teams = ['design', 'sales']
const scopes = ['organization', ...teams]

interface Holder {
  owner: boolean
  grants: Array<{ role: string; teamId: string | null }>
}
type CustomRoles = Record<string, readonly string[]>

/** What somebody may do and where, told apart from the code under test: `permission@scope`. */
function rightsOf(kind: OrganizationKind, { owner, grants }: Holder, custom: CustomRoles, places: readonly string[] = scopes): Set<string> {
  const rights = new Set<string>()
  const add = (permission: string, teamId: string | null) => {
    const perTeam = permissionOf(permission as never).scope === 'team'
    for (const place of places) {
      if (teamId === null && (perTeam || place === 'organization')) rights.add(`${permission}@${place}`)
      if (teamId === place && perTeam) rights.add(`${permission}@${place}`)
    }
  }
  // Everybody sees what they are a member of.
  add(`${kind}.read`, null)
  if (owner) for (const permission of ownerPermissions[kind]) add(permission, null)
  for (const { role, teamId } of grants)
    for (const permission of custom[role] ?? builtInRoles[kind][role]?.permissions ?? []) add(permission, teamId)
  return rights
}

const gained = (now: Set<string>, before: Set<string>): string[] => [...now].filter((right) => !before.has(right))

type Act =
  | { does: 'grant'; actor: number; target: number; role: string; teamId: string | null }
  | { does: 'revoke'; actor: number; target: number; nth: number }
  | { does: 'edit'; actor: number; role: string; permissions: string[] }

const customKeys = ['own_one', 'own_two']
const permissionLists = fc.oneof(
  fc.subarray([...customizablePermissions] as string[]),
  // Small ones, close to the edge: who may hand out what, and little else.
  fc.subarray(['member.roles.update', 'job.post', 'offer.send', 'billing.manage', 'audit.read', 'member.invite'])
)
const scenario = fc.constantFrom<OrganizationKind>('company', 'agency').chain((kind) => {
  const custom = kind === 'company' ? customKeys : []
  const grant = fc
    .record({ role: fc.constantFrom(...Object.keys(builtInRoles[kind]), ...custom), teamId: fc.constantFrom(null, ...teams) })
    .filter(({ role, teamId }) => teamId === null || builtInRoles[kind][role]?.teams !== false)
  const person = fc.nat({ max: 4 })
  const act: fc.Arbitrary<Act> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .record({ does: fc.constant('grant' as const), actor: person, target: person, grant })
        .map(({ grant, ...rest }) => ({ ...rest, ...grant }))
    },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('revoke' as const), actor: person, target: person, nth: fc.nat({ max: 5 }) }) },
    ...(custom.length > 0
      ? [
          {
            weight: 2,
            arbitrary: fc.record({
              does: fc.constant('edit' as const),
              actor: person,
              role: fc.constantFrom(...custom),
              permissions: permissionLists
            })
          }
        ]
      : [])
  )
  return fc.record({
    kind: fc.constant(kind),
    // Not every story has its owner in it: without one, nobody is there who may do everything.
    withOwner: fc.boolean(),
    people: fc.array(fc.array(grant, { maxLength: 3 }), { minLength: 5, maxLength: 5 }),
    custom: fc
      .tuple(permissionLists, permissionLists)
      .map(([one, two]): CustomRoles => (kind === 'company' ? { own_one: one, own_two: two } : {})),
    acts: fc.array(act, { minLength: 1, maxLength: 25 })
  })
})

t.test('C-5: whatever is granted in whatever order, nobody ends with a permission that nobody entitled gave', async (t) => {
  let done = 0
  let refused = 0
  fc.assert(
    fc.property(scenario, ({ kind, withOwner, people, custom: roles, acts }) => {
      let custom: CustomRoles = roles
      const holders: Holder[] = people.map((grants, index) => ({ owner: withOwner && index === 0, grants: [...grants] }))
      const withPermissions = (holder: Holder, all = custom): { owner: boolean; grants: Grant[] } => ({
        owner: holder.owner,
        grants: holder.grants.map((grant) => (all[grant.role] ? { ...grant, permissions: all[grant.role] } : grant))
      })
      const rights = () => holders.map((holder) => rightsOf(kind, holder, custom))
      const first = rights()

      for (const act of acts) {
        const actor = withPermissions(holders[act.actor]!)
        const before = rights()
        const decides = before[act.actor]!
        let role: string | undefined
        let allowed = false
        if (act.does === 'grant') {
          const grant: Grant = { role: act.role, teamId: act.teamId, permissions: custom[act.role] }
          const after = { ...holders[act.target]!, grants: [...holders[act.target]!.grants, { role: act.role, teamId: act.teamId }] }
          allowed =
            mayGrant(kind, actor, grant) &&
            (act.actor !== act.target || gainedPermissions(kind, actor, withPermissions(after)).length === 0)
          if (allowed) holders[act.target] = after
          role = act.role
        } else if (act.does === 'revoke') {
          const target = holders[act.target]!
          const taken = target.grants[act.nth]
          allowed = taken !== undefined && decides.has(`member.roles.update@${taken.teamId ?? 'organization'}`)
          if (allowed) holders[act.target] = { ...target, grants: target.grants.filter((_, index) => index !== act.nth) }
        } else {
          const next = { ...custom, [act.role]: act.permissions }
          const self = withPermissions(holders[act.actor]!, next)
          allowed = decides.has('member.roles.update@organization') && gainedPermissions(kind, actor, self).length === 0
          if (allowed) custom = next
        }
        if (allowed) done++
        else refused++

        // Whoever gained a right got it from somebody else, who may change roles there, or has it there and gives no role of rank.
        for (const [index, now] of rights().entries()) {
          for (const right of gained(now, before[index]!)) {
            const place = right.split('@')[1]!
            const gives = decides.has(`member.roles.update@${place}`) || (decides.has(right) && role !== 'admin' && role !== 'finance')
            if (index === act.actor || !gives) throw new Error(`${JSON.stringify(act)} gave ${right} to ${index}`)
          }
        }
      }

      // And over the whole story: where nobody could change roles at the beginning, there is no right that nobody had there.
      for (const place of scopes.filter((place) => !first.some((each) => each.has(`member.roles.update@${place}`)))) {
        const had = new Set(first.flatMap((each) => [...each]))
        const born = rights().flatMap((each) => [...each].filter((right) => right.endsWith(`@${place}`) && !had.has(right)))
        if (born.length > 0) throw new Error(`out of nothing: ${born.join(', ')}`)
      }
    }),
    { numRuns: rounds(10) * 50 }
  )
  t.ok(done > 200 && refused > 200, `${done} acts were done, ${refused} were refused`)
})

t.test('C-5: the ceiling says the same as decisions do, and never lets anybody but a changer of roles name admins', async (t) => {
  fc.assert(
    fc.property(scenario, fc.constantFrom(null, ...teams), ({ kind, withOwner, people, custom }, teamId) => {
      const grants = people[0]!.map((grant) => (custom[grant.role] ? { ...grant, permissions: custom[grant.role] } : grant))
      const person: MemberFacts = {
        accountId: 'a',
        membershipStatus: 'active',
        owner: withOwner,
        affiliation: null,
        grants,
        accountStatus: 'active',
        enforcement: 'none',
        secondFactor: false
      }
      const place = { id: 'o', kind, status: 'active', enforcement: 'none', requireSecondFactor: false } as const
      const holds = (permission: string) => decide(place, person, permission, teamId).allowed
      const changes = holds('member.roles.update')
      for (const role of ['admin', 'finance']) if (mayGrant(kind, person, { role, teamId }) !== changes) throw new Error(role)
      if (mayGrant(kind, person, { role: 'owner', teamId }) && !changes) throw new Error('owner')
      if (mayGrant(kind, person, { role: 'no_such_role', teamId }) && !changes) throw new Error('unknown role')
      const list = permissionsOfKind(kind).filter((key) => !permissionOf(key).owner)
      for (const permission of list)
        if (mayGrant(kind, person, { role: 'one', teamId, permissions: [permission] }) !== (changes || holds(permission)))
          throw new Error(permission)
    }),
    { numRuns: rounds(10) * 20 }
  )
  t.pass()
})

const world = await openWorld(t)
const { send, ok, found, join, team, tagOf, setRoles } = organizations(world)
const olga = await world.person('Olga')
const names = ['Ana', 'Tia', 'Hank', 'Rita', 'Mo', 'Cleo'] as const
const people: Person[] = [olga]
for (const name of names) people.push(await world.person(name))
const company = await found(olga)
const teamIds = [await team(company, 'Design'), await team(company, 'Sales')]
const roleUrl = (key: string) => `${company.url}/roles/${key}`
for (const key of customKeys)
  await ok(
    send('POST', `${company.url}/roles`, olga, { key, name: key, description: 'A role.', permissions: ['member.roles.update', 'job.post'] })
  )
const beginning = [
  [],
  [{ role: 'admin' }, { role: 'hiring_manager', teamId: teamIds[0]! }],
  [{ role: 'admin', teamId: teamIds[0]! }],
  [{ role: 'hiring_manager' }],
  [{ role: 'recruiter', teamId: teamIds[1]! }],
  [{ role: 'member' }],
  [{ role: 'own_one' }, { role: 'own_two', teamId: teamIds[1]! }]
]
const members = [company.memberId]
for (const [index, grants] of beginning.entries()) if (index > 0) members.push(await join(company, people[index]!, grants))

t.test('C-5 403: through the API too, nobody gains a right but from another who may change roles there', async (t) => {
  const state = async () => {
    const { items } = (await ok(send('GET', `${company.url}/members`, olga))).json() as {
      items: Array<{ id: string; owner: boolean; grants: Array<{ role: string; teamId?: string }> }>
    }
    const roles = (await ok(send('GET', `${company.url}/roles`, olga))).json() as {
      items: Array<{ key: string; builtIn: boolean; permissions: string[] }>
    }
    const custom = Object.fromEntries(roles.items.filter(({ builtIn }) => !builtIn).map(({ key, permissions }) => [key, permissions]))
    return members.map((id) => {
      const { owner, grants } = items.find((item) => item.id === id)!
      const holder = { owner, grants: grants.map(({ role, teamId }) => ({ role, teamId: teamId ?? null })) }
      return rightsOf('company', holder, custom, ['organization', ...teamIds])
    })
  }
  const person = fc.nat({ max: members.length - 1 })
  // Half of the time themselves: that is where rights are not raised.
  const target = fc.option(person, { nil: undefined, freq: 1 })
  // Mostly those who may change something: what everybody else tries is refused at once.
  const actor = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(1, 2, 6) }, { weight: 1, arbitrary: person })
  const grant = fc
    .record({
      role: fc.constantFrom('admin', 'finance', 'hiring_manager', 'recruiter', 'member', ...customKeys),
      teamId: fc.constantFrom(undefined, ...teamIds)
    })
    .filter(({ role, teamId }) => teamId === undefined || role !== 'finance')
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ does: fc.constant('roles'), actor, target, grants: fc.array(grant, { maxLength: 3 }), keep: fc.boolean() })
    },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constant('edit'), actor, role: fc.constantFrom(...customKeys), permissions: permissionLists })
    },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('move'), actor, target, from: fc.nat({ max: 1 }) }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('add'), actor, target, team: fc.nat({ max: 1 }) }) }
  )
  const outcomes: Record<string, number> = {}
  const act = async (each: Record<string, unknown>) => {
    const {
      does,
      actor,
      target = each.actor as number,
      grants = [],
      keep,
      role,
      permissions,
      from = 0,
      team = 0
    } = each as {
      does: string
      actor: number
      target?: number | undefined
      grants?: object[]
      keep?: boolean
      role?: string
      permissions?: string[]
      from?: number
      team?: number
    }
    const by = people[actor]!
    const url = `${company.url}/members/${members[target]}`
    if (does === 'move') return send('POST', `${url}/move`, by, { fromTeamId: teamIds[from], toTeamId: teamIds[1 - from] })
    if (does === 'add') return send('PUT', `${company.url}/teams/${teamIds[team]}/members/${members[target]}`, by)
    if (does === 'edit') {
      const tag = await tagOf(roleUrl(role!), olga)
      return send('PATCH', roleUrl(role!), { headers: { ...by.headers, 'if-match': tag } }, { permissions })
    }
    const present = await ok(send('GET', url, olga))
    const held = keep ? (present.json() as { grants: object[] }).grants : []
    return send(
      'PATCH',
      `${url}/roles`,
      { headers: { ...by.headers, 'if-match': String(present.headers.etag) } },
      { grants: [...held, ...grants] }
    )
  }
  // An admin who hires in one team takes that to no other.
  const movesOneself = [{ does: 'move' as const, actor: 1, target: undefined, from: 0 }]
  const begin = async () => {
    for (const key of customKeys) {
      const headers = { ...olga.headers, 'if-match': await tagOf(roleUrl(key), olga) }
      await ok(send('PATCH', roleUrl(key), { headers }, { permissions: ['member.roles.update', 'job.post'] }))
    }
    for (const [index, grants] of beginning.entries()) if (index > 0) await ok(setRoles(company, members[index]!, grants))
  }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 8 }), async (steps) => {
      await begin()
      let before = await state()
      for (const each of steps) {
        const answer = await act(each)
        outcomes[answer.statusCode] = (outcomes[answer.statusCode] ?? 0) + 1
        if (![200, 403, 404, 409].includes(answer.statusCode)) throw new Error(answer.body)
        const now = await state()
        for (const [index, rights] of now.entries()) {
          for (const right of gained(rights, before[index]!)) {
            const entitled = before[each.actor]!.has(`member.roles.update@${right.split('@')[1]}`)
            if (index === each.actor || !entitled) throw new Error(`${JSON.stringify(each)} gave ${right} to ${index}`)
          }
        }
        before = now
      }
    }),
    // Shrinking would take longer than reading eight steps.
    { numRuns: rounds(8), endOnFailure: true, examples: [[movesOneself]] }
  )
  t.ok(outcomes[200]! > 10 && outcomes[403]! > 10, JSON.stringify(outcomes))
})
