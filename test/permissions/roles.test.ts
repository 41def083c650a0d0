import { readFileSync } from 'node:fs'
import t from 'tap'
import type { OrganizationKind } from '../../src/organizations/tables.ts'
import { isPermission, type PermissionKey, permissionKeys, permissionOf, permissionsOfKind } from '../../src/permissions/catalogue.ts'
import { decide, type Grant, type MemberFacts, type OrganizationFacts } from '../../src/permissions/decide.ts'
import { builtInRoles, customizablePermissions } from '../../src/permissions/roles.ts'
import { byHand, type Cell, type Grid, meanings } from '../support/role-tables.ts'

const organization = (kind: OrganizationKind): OrganizationFacts => ({
  id: 'o',
  kind,
  status: 'active',
  enforcement: 'none',
  requireSecondFactor: false
})
const member = (facts: Partial<MemberFacts>): MemberFacts => ({
  accountId: 'a',
  membershipStatus: 'active',
  owner: false,
  affiliation: null,
  grants: [],
  accountStatus: 'active',
  enforcement: 'none',
  secondFactor: false,
  ...facts
})

const team = 'team 1'
/** Answers to the same question asked for the organization, in the grant's team and in another team. */
function asked(kind: OrganizationKind, facts: Partial<MemberFacts>, permission: string): string {
  return [null, team, 'team 2'].map((scope) => (decide(organization(kind), member(facts), permission, scope).allowed ? 1 : 0)).join('')
}

/** The cell that the code's answers amount to; answers that fit no cell are shown as they are. */
function cellOf(kind: OrganizationKind, role: string, permission: string): string {
  const facts = (teamId: string | null): Partial<MemberFacts> => {
    const grants: Grant[] = role === 'owner' ? [] : [{ role, teamId }]
    return { owner: role === 'owner', grants, affiliation: kind === 'agency' ? 'non_exclusive' : null }
  }
  const whole = asked(kind, facts(null), permission)
  const exclusive = asked(kind, { ...facts(null), affiliation: kind === 'agency' ? 'exclusive' : null }, permission)
  const teams = builtInRoles[kind][role]?.teams === true
  const inTeam = teams ? asked(kind, facts(team), permission) : undefined
  // What comes with being a member, nobody needs a role for.
  const cells = (Object.keys(meanings) as Cell[]).filter((cell) => {
    const means = meanings[cell]
    return means.whole === whole && means.exclusive === exclusive && (inTeam === undefined || means.team === inTeam)
  })
  if (cells.length === 1) return cells[0]!
  if (inTeam === undefined && cells.length > 1) return asked(kind, {}, permission) === '111' ? 'member' : 'org'
  return `whole ${whole}, exclusive ${exclusive}, team ${inTeam}`
}

const decided = (kind: OrganizationKind): Grid =>
  Object.fromEntries(
    permissionsOfKind(kind).map((permission) => [
      permission,
      Object.fromEntries(['owner', ...Object.keys(builtInRoles[kind])].map((role) => [role, cellOf(kind, role, permission)]))
    ])
  )

const rules = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8')

/** The table under a heading of the rules, as it is written. */
function documented(heading: string): Grid {
  const section = rules.split(`## ${heading}\n`)[1]!.split('\n## ')[0]!
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  const roles = cells(lines[0]!).slice(1)
  return Object.fromEntries(
    lines.slice(2).flatMap((line) => {
      const [names, ...answers] = cells(line)
      const permissions = [...names!.matchAll(/`([a-z_.]+)`/g)].map(([, permission]) => permission!)
      return permissions.map((permission) => [permission, Object.fromEntries(roles.map((role, i) => [role, answers[i] ?? '']))])
    })
  )
}

/** Whether the words of a cell in the rules are what a cell of the table here says. */
const fits: Record<string, readonly string[]> = {
  yes: ['team', 'org', 'member'],
  'own teams': ['team'],
  'non-exclusive only': ['free'],
  never: ['.'],
  '': ['.']
}

for (const [kind, heading] of [
  ['company', 'Roles in a company'],
  ['agency', 'Roles in an agency']
] as const) {
  const hand = byHand(kind)
  const docs = documented(heading)
  const roles = ['owner', ...Object.keys(builtInRoles[kind])]

  t.test(`Q-1: every role of ${kind} gives what its table says, in the organization, in its team and in another`, async (t) => {
    t.equal(Object.keys(hand).length, permissionsOfKind(kind).length, 'every permission of the kind has a line')
    t.same(decided(kind), hand)
  })

  t.test(`Q-1: the table of ${kind} in the rules says the same`, async (t) => {
    t.same(Object.keys(docs).sort(), permissionsOfKind(kind).sort(), 'the rules list every permission of the kind, and no other')
    for (const [permission, answers] of Object.entries(docs)) {
      t.same(Object.keys(answers), roles, `${permission}: the roles are those that exist`)
      const wrong = roles.filter((role) => !fits[answers[role]!]?.includes(hand[permission]?.[role] ?? ''))
      t.same(wrong, [], `${permission}: ${JSON.stringify(answers)}`)
    }
  })

  t.test(`Q-5: ${kind} knows no permission of the other kind, whoever asks`, async (t) => {
    const foreign = permissionKeys.filter((key) => !permissionsOfKind(kind).includes(key))
    t.ok(foreign.length > 5)
    for (const permission of [...foreign, 'offer', 'constructor', '__proto__', '']) {
      const found = [null, team].map((scope) => decide(organization(kind), member({ owner: true }), permission, scope))
      t.same(new Set(found.map(({ reason }) => reason)), new Set(['unknown_permission']), permission)
    }
  })
}

t.test('C-5: only finance cannot be granted for one team; the owner is no role that is granted', async (t) => {
  for (const [kind, roles] of Object.entries(builtInRoles)) {
    const without = Object.keys(roles).filter((role) => !roles[role]!.teams)
    t.same(without, ['finance'], kind)
    t.notOk('owner' in roles)
    t.same(
      decide(organization(kind as OrganizationKind), member({ grants: [{ role: 'owner', teamId: null }] }), 'team.hide').allowed,
      false
    )
  }
})

t.test("C-9: a custom role may hold everything but the owner's own row, and gives it in its scope only", async (t) => {
  const docs = documented('Roles in a company')
  const ownersOwn = Object.keys(docs).filter((permission) =>
    Object.entries(docs[permission]!).every(([role, cell]) => cell !== 'yes' || role === 'owner')
  )
  const ownRow = rules
    .split('\n')
    .find((line) => line.startsWith('| `company.close`'))!
    .match(/[a-z_]+\.[a-z_]+/g)
  t.same(ownRow, ['company.close', 'ownership.transfer', 'team.hide'])
  t.same(ownersOwn.sort(), [...ownRow!].sort())
  t.same(
    customizablePermissions.filter((key) => ownRow!.includes(key)),
    []
  )
  t.equal(customizablePermissions.length, permissionsOfKind('company').length - ownRow!.length)

  const everything = permissionsOfKind('company')
  for (const key of everything) {
    const grant = (teamId: string | null): Grant => ({ role: 'all', teamId, permissions: everything })
    const inTeam = permissionOf(key).scope === 'team' ? '010' : '000'
    const expected = key === 'company.read' ? ['111', '111'] : ownRow!.includes(key) ? ['000', '000'] : ['111', inTeam]
    t.same([asked('company', { grants: [grant(null)] }, key), asked('company', { grants: [grant(team)] }, key)], expected, key)
  }
})

t.test('Q-2: roles add up, and every grant that gives a permission is named', async (t) => {
  const grants: Grant[] = [
    { role: 'finance', teamId: null },
    { role: 'hiring_manager', teamId: team },
    { role: 'recruiter', teamId: 'team 2' },
    { role: 'poster', teamId: null, permissions: ['job.post', 'not.known'] }
  ]
  const sources = (permission: string, teamId: string | null, facts: Partial<MemberFacts> = { grants }) =>
    decide(organization('company'), member(facts), permission, teamId).sources.map(
      ({ role, teamId }) => `${role}${teamId ? ` in ${teamId}` : ''}`
    )
  t.same(sources('job.post', null), ['poster'])
  t.same(sources('job.post', team), ['hiring_manager in team 1', 'poster'])
  t.same(sources('job.post', 'team 2'), ['recruiter in team 2', 'poster'])
  t.same(sources('job.post', 'team 3'), ['poster'])
  t.same(sources('offer.send', team), ['hiring_manager in team 1'])
  t.same(sources('offer.send', 'team 2'), [])
  t.same(sources('company.read', null), ['finance'], 'a role that gives it comes before the membership')
  t.same(sources('company.read', null, {}), ['membership'])
  t.same(sources('chat.start', team, { owner: true, grants }), ['owner', 'finance', 'hiring_manager in team 1'])
  t.equal(isPermission('not.known'), false)
  const unknown: PermissionKey[] = permissionKeys.filter(
    (key) => asked('company', { grants: [{ role: 'nobody', teamId: null }] }, key) !== '000'
  )
  t.same(unknown, ['company.read'], 'a role that does not exist gives nothing')
})
