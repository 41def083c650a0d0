import t, { type Test } from 'tap'
import { parseId } from '../../src/http/ids.ts'
import type { OrganizationKind } from '../../src/organizations/tables.ts'
import { openDoors } from '../support/doors.ts'
import { inForce, returning } from '../support/enforcement.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

/**
 * What the states of account, organization and membership do to answers, asked through every way there is to ask, with facts that are kept and
 * without. Tried once by hand: with `deniedByAccount` blind to enforcement, or to whether the account is active, every account's state fails here.
 */

const world = await openWorld(t, {
  instances: 2,
  each: [{}, { FACT_CACHE_ENTRIES: 0 }],
  env: { PLAN_COMPANY_BASIC: 'teams=1,admins=1,members=2,customRoles=0' }
})
const { freelance, found, join, team, send, setRoles } = organizations(world)
const doors = await openDoors(world)

interface Somebody {
  person: Person
  memberId: string
}
interface Stage {
  at: Place
  teamId: string
  /** Holds all three permissions by a role. */
  holder: Somebody
  /** Is a member, and holds no role. */
  other: Somebody
  /** What begins something new, what goes on with it, and what only looks. */
  permissions: readonly [string, string, string]
}
const permissions = {
  company: ['job.post', 'contract.manage', 'company.read'],
  agency: ['proposal.submit_for_member', 'contract.manage', 'agency.read']
} as const
const roles = { company: 'hiring_manager', agency: 'business_manager' }

async function set(kind: OrganizationKind): Promise<Stage> {
  const owner = await world.person(`Olga-${kind}`)
  if (kind === 'agency') await freelance(owner)
  const at = await found(owner, kind)
  // Whoever looks on their behalf is asked for one, too, where it is required.
  await world.sql(`insert into second_factors (account_id, sealed_secret, key_id, confirmed_at) values ($1, '\\x00', 'k', now())`, [
    parseId('account', owner.accountId)
  ])
  const teamId = await team(at, 'Design')
  const add = async (name: string, grants: Array<{ role: string }>): Promise<Somebody> => {
    const person = await world.person(`${name}-${kind}`)
    return { person, memberId: await join(at, person, grants) }
  }
  const holder = await add('Hana', [{ role: roles[kind] }])
  return { at, teamId, holder, other: await add('Max', []), permissions: permissions[kind] }
}
const stages = [await set('company'), await set('agency')]

/** Asks about the three permissions through every door, in the organization and about the first in its team as well. */
async function expectEverywhere(t: Test, { at, teamId, permissions }: Stage, who: Somebody, expected: readonly string[], when: string) {
  await world.settled()
  const whole = { type: at.kind, id: at.id }
  const questions = [
    ...permissions.map((permission) => ({ permission, resource: whole })),
    { permission: permissions[0], resource: { type: 'team', id: teamId } }
  ]
  for (const [name, ask] of Object.entries(doors)) {
    // Whoever has no membership does nothing there, and is in no list.
    if (who.memberId === '' && /acts|permissions of a member/.test(name)) continue
    const answers = await ask({ at, ...who, questions })
    t.strictSame(
      answers.map(({ allowed, reason }) => reason ?? allowed),
      answers.map(({ reason }, index) => (reason === undefined ? expected[index % 3] === 'granted' : expected[index % 3])),
      `${when}: ${name}`
    )
  }
}

const [granted, closed, open] = ['granted', "status = 'closed', closed_at = now()", "status = 'active', closed_at = null"]
const all = (reason: string) => [reason, reason, reason]
const enforced = (subject: string, kind: string): [string, string] => [inForce(kind), `${subject}_${kind}`]

/** A state, and the reasons that it gives for what begins, goes on and looks. */
type State = [table: string, set: string, undo: string, reasons: readonly string[]]
const none = inForce('none')
const states: Record<string, State> = {
  'nothing in force': ['accounts', none, none, all(granted)],
  'an account with a warning': ['accounts', inForce('warning'), none, all(granted)],
  'a restricted account': ['accounts', inForce('restricted'), none, ['account_restricted', granted, granted]],
  ...Object.fromEntries(
    ['suspended', 'banned'].map((kind): [string, State] => {
      const [change, reason] = enforced('account', kind)
      return [`a ${kind} account`, ['accounts', change, none, all(reason)]]
    })
  ),
  'an account that is not proven': ['accounts', "status = 'pending_email'", open, all('account_inactive')],
  'a restricted organization': ['organizations', inForce('restricted'), none, ['organization_restricted', granted, granted]],
  ...Object.fromEntries(
    ['suspended', 'banned'].map((kind): [string, State] => {
      const [change, reason] = enforced('organization', kind)
      return [`a ${kind} organization`, ['organizations', change, none, [reason, reason, granted]]]
    })
  ),
  'a closed organization': ['organizations', closed, open, ['organization_closed', 'organization_closed', granted]],
  'a suspended membership': ['memberships', "status = 'suspended'", "status = 'active'", all('membership_suspended')],
  'a second factor that is required': [
    'organizations',
    'require_second_factor = true',
    'require_second_factor = false',
    all('second_factor_required')
  ],
  'the least plan': ['organizations', "plan = 'basic'", "plan = 'plus'", all(granted)]
}

for (const stage of stages) {
  const { at, holder, other } = stage
  const idOf: Record<string, (who: Somebody) => string> = {
    accounts: ({ person }) => parseId('account', person.accountId)!,
    organizations: () => parseId(at.kind, at.id)!,
    memberships: ({ memberId }) => parseId('member', memberId)!
  }
  const change = (table: string, set: string, who: Somebody) => world.sql(`update ${table} set ${set} where id = $1`, [idOf[table]!(who)])

  for (const [name, [table, set, undo, reasons]] of Object.entries(states))
    t.test(`Q-1, Q-2, E-2, E-3: ${name}, through every way to ask about ${at.kind}`, async (t) => {
      await change(table, set, holder)
      await expectEverywhere(t, stage, holder, reasons, name)
      await change(table, undo, holder)
    })

  t.test(`Q-1, P-13: whoever has closed their account may nothing, through every way to ask about ${at.kind}`, async (t) => {
    for (const status of ['closed', 'anonymised']) {
      const gone = { person: await world.person(`${status}-${at.kind}`), memberId: '' }
      await change('accounts', closed.replace('closed', status), gone)
      await expectEverywhere(t, stage, gone, all('account_inactive'), status)
    }
  })

  t.test(`Q-2: of many reasons the first is told about ${at.kind}: account, organization, membership, role; a plan is none`, async (t) => {
    await change('accounts', inForce('banned'), other)
    await change('organizations', `${closed}, ${inForce('banned')}, require_second_factor = true, plan = 'basic'`, other)
    await change('memberships', "status = 'suspended'", other)
    const steps: Array<[reasons: readonly string[], table: string, undo: string]> = [
      [all('account_banned'), 'accounts', none],
      [['organization_closed', 'organization_closed', 'membership_suspended'], 'organizations', open],
      [['organization_banned', 'organization_banned', 'membership_suspended'], 'organizations', none],
      [all('membership_suspended'), 'memberships', "status = 'active'"],
      [all('second_factor_required'), 'organizations', 'require_second_factor = false'],
      [['missing_permission', 'missing_permission', granted], 'organizations', "plan = 'plus'"]
    ]
    for (const [reasons, table, undo] of steps) {
      await expectEverywhere(t, stage, other, reasons, reasons[0]!)
      await change(table, undo, other)
    }
    await setRoles(at, other.memberId, [{ role: roles[at.kind] }])
    await expectEverywhere(t, stage, other, all(granted), granted)
  })
}

t.test('C-9 403: what a plan has no room for is told last, to whoever could do it otherwise', async (t) => {
  const [{ at, holder }] = stages as [Stage]
  const { owner } = at
  await world.sql("update organizations set plan = 'basic' where id = $1", [parseId('company', at.id)])
  const invite = (by: Person) => send('POST', `${at.url}/invitations`, by, { email: 'newcomer@example.com' })
  const account = parseId('account', owner.accountId)
  refused(t, await send('POST', `${at.url}/teams`, await world.person('Sam'), { name: 'Print' }), 404, 'not_found', 'a stranger')
  await world.sql(`update accounts set ${inForce('restricted')} where id = $1`, [account])
  refused(t, await invite(owner), 403, 'account_restricted', 'the account comes first')
  await world.sql(`update accounts set ${none} where id = $1`, [account])
  await world.sql(`update organizations set ${inForce('restricted')} where id = $1`, [parseId('company', at.id)])
  refused(t, await invite(owner), 403, 'organization_restricted', 'then the organization')
  await world.sql(`update organizations set ${none} where id = $1`, [parseId('company', at.id)])
  await returning(world, holder.person)
  refused(t, await send('POST', `${at.url}/teams`, holder.person, { name: 'Print' }), 403, 'access_denied', 'then the role')
  refused(t, await send('POST', `${at.url}/teams`, owner, { name: 'Print' }), 403, 'plan_upgrade_required')
  refused(t, await invite(owner), 403, 'plan_upgrade_required')
})
