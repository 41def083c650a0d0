import { sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { parseId, publicId } from '../http/ids.ts'
import { gainedPermissions } from '../permissions/ceiling.ts'
import type { Grant } from '../permissions/decide.ts'
import { builtInRole } from '../permissions/roles.ts'
import { refuse } from '../problems.ts'
import type { Acting } from './change.ts'
import type { Member } from './members.ts'
import type { Organization } from './organizations.ts'

/** A grant as callers name it. */
export interface WantedGrant {
  role: string
  teamId: string | null
}

export const sameGrant = (a: WantedGrant, b: WantedGrant): boolean => a.role === b.role && a.teamId === b.teamId
export const without = (grants: readonly Grant[], taken: readonly WantedGrant[]): Grant[] =>
  grants.filter((grant) => !taken.some((other) => sameGrant(grant, other)))

/** The roles and teams that an organization has beside the built-in ones: what grants are held against. */
export interface GrantBook {
  organization: Pick<Organization, 'kind'>
  customRoles: Map<string, { name: string; permissions: string[] }>
  teams: Map<string, { name: string; hidden: boolean }>
}

/** Reads what grants that name these teams are held against, in one statement. */
export async function readGrantBook(
  executor: Db['query'] | Tx,
  organization: Organization,
  teamIds: readonly string[]
): Promise<GrantBook> {
  const found = await rows<{ key: string; name: string; permissions: string[] | null; hidden: boolean }>(
    executor,
    sql`select key, name, permissions, false as hidden from custom_roles where organization_id = ${organization.id}
      union all select id::text, name, null, hidden_at is not null from teams
      where organization_id = ${organization.id} and id = any(${sql.param([...new Set(teamIds)])}::uuid[])`
  )
  const book: GrantBook = { organization, customRoles: new Map(), teams: new Map() }
  for (const { key, name, permissions, hidden } of found) {
    if (permissions) book.customRoles.set(key, { name, permissions })
    else book.teams.set(key, { name, hidden })
  }
  return book
}

/**
 * Grants as the organization knows them, each once, with what custom roles hold. Teams must be of this organization, and shown ones
 * but for what is held already: a hidden team keeps its roles (C-8).
 * @throws unknown_role, unknown_team, team_hidden, role_scope_invalid
 */
export function resolveIn(book: GrantBook, wanted: readonly WantedGrant[], held: readonly WantedGrant[] = []): Grant[] {
  for (const grant of wanted) {
    if (grant.teamId === null || held.some((other) => sameGrant(grant, other))) continue
    const team = book.teams.get(grant.teamId)
    if (!team) throw refuse('unknown_team')
    if (team.hidden) throw refuse('team_hidden')
  }
  const unique = wanted.filter((grant, index) => wanted.findIndex((other) => sameGrant(grant, other)) === index)
  return unique.map(({ role, teamId }) => {
    const builtIn = builtInRole(book.organization.kind, role)
    const permissions = book.customRoles.get(role)?.permissions
    if (!builtIn && !permissions) throw refuse('unknown_role')
    if (builtIn && !builtIn.teams && teamId !== null) throw refuse('role_scope_invalid')
    return permissions ? { role, teamId, permissions } : { role, teamId }
  })
}

/** The same for grants of one change. @throws unknown_role, unknown_team, team_hidden, role_scope_invalid */
export async function resolveGrants(
  tx: Tx,
  organization: Organization,
  wanted: readonly WantedGrant[],
  held: readonly WantedGrant[] = []
): Promise<Grant[]> {
  return resolveIn(await readGrantBook(tx, organization, teamsOf(wanted)), wanted, held)
}

/** The teams that grants name. */
export const teamsOf = (grants: readonly WantedGrant[]): string[] => grants.map(({ teamId }) => teamId).filter((teamId) => teamId !== null)

/** C-5: nobody raises their own rights. @throws own_rights with what they lack */
export function requireNoOwnGain({ organization, self }: Acting, member: Member, after: readonly Grant[]): void {
  if (member.id !== self.id) return
  const gained = gainedPermissions(organization.kind, self, { owner: self.owner, grants: after })
  if (gained.length === 0) return
  throw refuse('own_rights', { extensions: { missingPermissions: [...new Set(gained.map(({ permission }) => permission))] } })
}

/** G-1: the role `freelancer` needs an active freelancer profile. @throws freelancer_profile_required */
export function requireProfileFor(member: Pick<Member, 'freelancer'>, grants: readonly WantedGrant[]): void {
  if (!member.freelancer && grants.some(({ role }) => role === 'freelancer')) throw refuse('freelancer_profile_required')
}

/** Writes grants of a member, who joins the teams they are for; what is there already stays. */
export async function insertGrants(tx: Tx, organization: Organization, memberId: string, grants: readonly Grant[]): Promise<void> {
  for (const teamId of new Set(grants.map((grant) => grant.teamId).filter((teamId) => teamId !== null)))
    await joinTeam(tx, organization, memberId, teamId)
  for (const { role, teamId, permissions } of grants) {
    const custom = permissions !== undefined
    await tx.execute(sql`insert into role_grants (organization_id, kind, membership_id, team_id, role, custom_role)
      values (${organization.id}, ${organization.kind}, ${memberId}, ${teamId}, ${custom ? null : role}, ${custom ? role : null})
      on conflict on constraint role_grants_once do nothing`)
  }
}

export async function deleteGrants(tx: Tx, memberId: string, grants: readonly WantedGrant[]): Promise<void> {
  for (const { role, teamId } of grants) {
    await tx.execute(sql`delete from role_grants
      where membership_id = ${memberId} and team_id is not distinct from ${teamId}::uuid and coalesce(role, custom_role) = ${role}`)
  }
}

/** Puts a member into a team; who is in it already stays. */
export async function joinTeam(tx: Tx, organization: Organization, memberId: string, teamId: string): Promise<void> {
  await tx.execute(sql`insert into team_members (organization_id, team_id, membership_id)
    values (${organization.id}, ${teamId}, ${memberId}) on conflict do nothing`)
}

/** A grant as callers see it: without a team it is for the whole organization. */
export const publicGrant = ({ role, teamId }: WantedGrant): { role: string; teamId?: string } =>
  teamId === null ? { role } : { role, teamId: publicId('team', teamId) }

/** Grants as a request names them. @throws unknown_team for an id that is none */
export const grantsOf = (given: ReadonlyArray<{ role: string; teamId?: string | undefined }>): WantedGrant[] =>
  given.map(({ role, teamId }) => ({ role, teamId: teamId === undefined ? null : teamUuid(teamId) }))

/** The uuid of a team as a request names it. @throws unknown_team for an id that is none */
export function teamUuid(teamId: string): string {
  const uuid = parseId('team', teamId)
  if (!uuid) throw refuse('unknown_team')
  return uuid
}
