import { type SQL, sql } from 'drizzle-orm'
import type { Config } from '../config.ts'
import { rows, type Tx } from '../db/database.ts'
import type { Grant } from '../permissions/decide.ts'
import { refuse } from '../problems.ts'
import type { PlanLimits } from '../setting-forms.ts'
import type { Organization } from './organizations.ts'
import type { OrganizationKind, Plan } from './tables.ts'

/** What a plan has room for, beside the default team and the owner. */
export const limitsOf = (config: Config, { kind, plan }: Pick<Organization, 'kind' | 'plan'>): PlanLimits =>
  config[planSettings[kind][plan]]

const planSettings = {
  company: {
    basic: 'PLAN_COMPANY_BASIC',
    plus: 'PLAN_COMPANY_PLUS',
    business: 'PLAN_COMPANY_BUSINESS',
    enterprise: 'PLAN_COMPANY_ENTERPRISE'
  },
  // Agencies have two plans; the database knows no other.
  agency: { basic: 'PLAN_AGENCY_BASIC', plus: 'PLAN_AGENCY_PLUS', business: 'PLAN_AGENCY_PLUS', enterprise: 'PLAN_AGENCY_PLUS' }
} as const satisfies Record<OrganizationKind, Record<Plan, keyof Config>>

// Ceilings of the service itself, whatever the plan.
const mostTeams = 500
const mostMembers = 10_000
const mostCustomRoles = 100

const upgrade = (what: string) => refuse('plan_upgrade_required', { detail: `The plan has no room for ${what}.` })

async function count(tx: Tx, statement: ReturnType<typeof sql>): Promise<number> {
  const [row] = await rows<{ count: number }>(tx, statement)
  return row!.count
}

/** Room for one more team (C-9). Counted under the organization's lock. @throws plan_upgrade_required, limit_reached */
export async function requireTeamSeat(tx: Tx, config: Config, organization: Organization): Promise<void> {
  const teams = await count(tx, sql`select count(*)::int as count from teams where organization_id = ${organization.id}`)
  if (teams - 1 >= limitsOf(config, organization).teams) throw upgrade('another team')
  if (teams >= mostTeams) throw refuse('limit_reached')
}

/** Invitations that reserve a seat (N-11): an expired one reserves none. */
const reserving = (organization: Organization) => sql`organization_id = ${organization.id} and status = 'pending' and expires_at > now()`

/** Invitations that may still be made pending. */
export async function freePendingSeats(tx: Tx, config: Config, organization: Organization): Promise<number> {
  return (
    config.PENDING_INVITATIONS - (await count(tx, sql`select count(*)::int as count from invitations where ${reserving(organization)}`))
  )
}

/** Room for one more pending invitation. @throws limit_reached */
export async function requirePendingSeat(tx: Tx, config: Config, organization: Organization): Promise<void> {
  if ((await freePendingSeats(tx, config, organization)) <= 0) throw refuse('limit_reached')
}

/** What a newcomer comes by: whoever was invited has a seat reserved, and takes none from others who have. */
export type Coming = 'invited' | 'uninvited'

const reserved = (organization: Organization, coming: Coming, which: SQL = sql`true`): SQL =>
  coming === 'invited' ? sql`0` : sql`(select count(*) from invitations where ${reserving(organization)} and ${which})::int`

/** Seats for members that are left, with what pending invitations reserve taken off. Counted under the organization's lock. */
export async function freeMemberSeats(
  tx: Tx,
  config: Config,
  organization: Organization,
  coming: Coming = 'uninvited'
): Promise<{ plan: number; service: number }> {
  const taken = await count(
    tx,
    sql`select (select count(*) from memberships where organization_id = ${organization.id})::int + ${reserved(organization, coming)} as count`
  )
  return { plan: limitsOf(config, organization).members - (taken - 1), service: mostMembers - taken }
}

/** Room for one more member. @throws plan_upgrade_required, limit_reached */
export async function requireMemberSeat(tx: Tx, config: Config, organization: Organization, coming?: Coming): Promise<void> {
  const { plan, service } = await freeMemberSeats(tx, config, organization, coming)
  if (plan <= 0) throw upgrade('another member')
  if (service <= 0) throw refuse('limit_reached')
}

/** Room for one more custom role. @throws plan_upgrade_required, limit_reached */
export async function requireCustomRoleSeat(tx: Tx, config: Config, organization: Organization): Promise<void> {
  const roles = await count(tx, sql`select count(*)::int as count from custom_roles where organization_id = ${organization.id}`)
  if (roles >= limitsOf(config, organization).customRoles) throw upgrade('another custom role')
  if (roles >= mostCustomRoles) throw refuse('limit_reached')
}

export const isAdmin = (grants: readonly Grant[]): boolean => grants.some(({ role }) => role === 'admin')

/** Seats for admins that are left beside the owner; whoever is admin of a team counts, and whoever is invited to be one. */
export async function freeAdminSeats(tx: Tx, config: Config, organization: Organization, coming: Coming = 'uninvited'): Promise<number> {
  const taken = await count(
    tx,
    sql`select (select count(distinct g.membership_id) from role_grants g join memberships m on m.id = g.membership_id
        where g.organization_id = ${organization.id} and g.role = 'admin' and m.account_id <> ${organization.ownerAccountId})::int
      + ${reserved(organization, coming, sql`grants @> '[{"role": "admin"}]'`)} as count`
  )
  return limitsOf(config, organization).admins - taken
}

/** Room for one more admin. @throws plan_upgrade_required */
export async function requireAdminSeat(tx: Tx, config: Config, organization: Organization, coming?: Coming): Promise<void> {
  if ((await freeAdminSeats(tx, config, organization, coming)) <= 0) throw upgrade('another admin')
}
