import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { type Blocker, refuseIfBlocked } from '../http/blockers.ts'
import type { Versions } from '../http/consistency.ts'
import { etag } from '../http/etags.ts'
import { publicId } from '../http/ids.ts'
import type { Parts } from '../parts.ts'
import { builtInRole, builtInRoles, ownerPermissions } from '../permissions/roles.ts'
import { refuse } from '../problems.ts'
import { type Acting, changeAsMember, may, type Place, placeOf, readAsMember, requirePermission } from './change.ts'
import { publicGrant, requireNoOwnGain } from './grants.ts'
import { contactBlockers } from './guards.ts'
import { requireCustomRoleSeat } from './limits.ts'
import { findMembers, type Member } from './members.ts'
import { faceOf, type Organization } from './organizations.ts'
import type { OrganizationKind } from './tables.ts'

export interface RoleView {
  key: string
  name: string
  description: string
  builtIn: boolean
  /** Whether it can be granted at all: owning is transferred. */
  grantable: boolean
  /** Whether it can be granted for one team too. */
  teams: boolean
  permissions: string[]
  revision: number
}

interface CustomRole {
  key: string
  name: string
  description: string
  permissions: string[]
  revision: number
}

const present = (role: CustomRole): RoleView => ({ ...role, builtIn: false, grantable: true, teams: true })

const findCustomRoles = (executor: Db['query'] | Tx, organizationId: string): Promise<CustomRole[]> =>
  rows<CustomRole>(
    executor,
    sql`select key, name, description, permissions, revision from custom_roles where organization_id = ${organizationId} order by key`
  )

/** Built-in roles, the owner first, then the company's own. */
export async function listRoles(
  { db }: Parts,
  actor: ActorOf<'account'>,
  place: Place,
  atLeast: Versions | undefined
): Promise<RoleView[]> {
  const acting = await readAsMember(db, actor, place, atLeast)
  const { kind, id } = acting.organization
  requirePermission(acting, `${kind}.read`)
  const custom = await findCustomRoles(db.query, id)
  return [...builtIn(kind), ...custom.map(present)]
}

/** One role, built-in or the company's own. @throws not_found */
export async function getRole(
  parts: Parts,
  actor: ActorOf<'account'>,
  { key, ...place }: Place & { key: string },
  atLeast: Versions | undefined
): Promise<RoleView> {
  const role = (await listRoles(parts, actor, place, atLeast)).find((role) => role.key === key)
  if (!role) throw refuse('not_found')
  return role
}

function builtIn(kind: OrganizationKind): RoleView[] {
  const fixed = { builtIn: true, revision: 1 }
  const owner = {
    key: 'owner',
    name: 'Owner',
    description: 'Owns the organization: may do everything, and is transferred, not granted.',
    permissions: [...ownerPermissions[kind]],
    grantable: false,
    teams: false,
    ...fixed
  }
  const roles = Object.entries(builtInRoles[kind])
  return [owner, ...roles.map(([key, role]) => ({ ...role, key, permissions: [...role.permissions], grantable: true, ...fixed }))]
}

export interface CustomRoleInput {
  companyId: string
  key: string
  name: string
  description: string
  permissions: readonly string[]
}

/** Makes a role of the company's own (C-9: where the plan has room). */
export async function createRole({ config }: Parts, db: Db, actor: ActorOf<'account'>, input: CustomRoleInput): Promise<RoleView> {
  return changeAsMember(db, actor, placeOf(input.companyId), async (tx, acting) => {
    const { organization } = acting
    requirePermission(acting, 'member.roles.update')
    await requireCustomRoleSeat(tx, config, organization)
    if (input.key === 'owner' || builtInRole('company', input.key) || builtInRole('agency', input.key)) throw refuse('role_exists')
    await tx.execute(sql`insert into custom_roles (organization_id, key, name, description, permissions)
      values (${organization.id}, ${input.key}, ${input.name}, ${input.description}, ${sql.param([...input.permissions])}::text[])`)
    const role = await requireRole(tx, organization, input.key)
    await note(tx, acting, 'role.created', null, role)
    return present(role)
  })
}

export interface UpdateRole {
  companyId: string
  key: string
  revision: number
  name?: string | undefined
  description?: string | undefined
  permissions?: readonly string[] | undefined
  dryRun: boolean
}

/**
 * Changes a custom role for everybody who has it, at once. Nobody raises their own rights that way (C-5), and no contact loses the right
 * to be one (K-1). @throws stale_version
 */
export async function updateRole(db: Db, actor: ActorOf<'account'>, input: UpdateRole): Promise<{ role: RoleView; blockers: Blocker[] }> {
  return changeAsMember(db, actor, placeOf(input.companyId), async (tx, acting) => {
    const { organization, self } = acting
    requirePermission(acting, 'member.roles.update')
    const before = await requireRole(tx, organization, input.key)
    if (before.revision !== input.revision) throw refuse('stale_version')
    const permissions = [...(input.permissions ?? before.permissions)]
    const regranted = (member: Member) => member.grants.map((grant) => (grant.role === before.key ? { ...grant, permissions } : grant))
    requireNoOwnGain(acting, self, regranted(self))
    const blockers: Blocker[] = []
    for (const holder of await contactsWithRole(tx, organization, before.key)) {
      blockers.push(...(await contactBlockers(tx, organization, holder, { member: { ...holder, grants: regranted(holder) } })))
    }
    if (input.dryRun && blockers.length > 0) return { role: present(before), blockers }
    refuseIfBlocked(blockers)
    await tx.execute(sql`update custom_roles set name = ${input.name ?? before.name}, description = ${input.description ?? before.description},
      permissions = ${sql.param(permissions)}::text[], revision = revision + 1 where organization_id = ${organization.id} and key = ${before.key}`)
    const role = await requireRole(tx, organization, before.key)
    await note(tx, acting, 'role.updated', before, role)
    return { role: present(role), blockers }
  })
}

/** Deletes a custom role that nobody has. @throws role_in_use with the members who do */
export async function deleteRole(
  db: Db,
  actor: ActorOf<'account'>,
  input: { companyId: string; key: string; dryRun: boolean }
): Promise<Blocker[]> {
  return changeAsMember(db, actor, placeOf(input.companyId), async (tx, acting) => {
    const { organization } = acting
    requirePermission(acting, 'member.roles.update')
    const before = await requireRole(tx, organization, input.key)
    const blockers = await holderBlockers(tx, acting, before.key)
    if (input.dryRun) return blockers
    refuseIfBlocked(blockers)
    await tx.execute(sql`delete from custom_roles where organization_id = ${organization.id} and key = ${before.key}`)
    await note(tx, acting, 'role.deleted', before, null)
    return blockers
  })
}

/** @throws not_found for what is no role of this company; built-in ones are not to be changed */
async function requireRole(tx: Tx, organization: Organization, key: string): Promise<CustomRole> {
  const role = (await findCustomRoles(tx, organization.id)).find((role) => role.key === key)
  if (!role) throw refuse('not_found')
  return role
}

/** Who has the role and is contact of an active contract: the only ones whose contracts a change of the role can touch. */
const contactsWithRole = (tx: Tx, organization: Organization, key: string): Promise<Member[]> =>
  findMembers(
    tx,
    sql`m.organization_id = ${organization.id}
      and exists (select from role_grants g where g.membership_id = m.id and g.custom_role = ${key})
      and exists (select from contracts c where c.contact_membership_id = m.id and c.status = 'active')`,
    sql`order by m.id`
  )

/** Who has the role: named to whoever may see members, by id to others. */
async function holderBlockers(tx: Tx, acting: Acting, key: string): Promise<Blocker[]> {
  const { organization } = acting
  const named = may(acting, 'member.read').allowed
  const holders = await findMembers(
    tx,
    sql`m.organization_id = ${organization.id} and exists (select from role_grants g where g.membership_id = m.id and g.custom_role = ${key})`,
    sql`order by m.id`
  )
  const { path, idKind } = faceOf(organization.kind)
  return holders.map((holder) => ({
    code: 'role_in_use',
    resource: publicId('member', holder.id),
    label: named ? `${holder.firstName} ${holder.lastName}` : publicId('member', holder.id),
    resolve: {
      method: 'PATCH',
      href: `/v1/${path}/${publicId(idKind, organization.id)}/members/${publicId('member', holder.id)}/roles`,
      ifMatch: etag(holder.revision),
      body: {
        grants: holder.grants.filter(({ role }) => role !== key).map(publicGrant)
      }
    }
  }))
}

async function note(
  tx: Tx,
  { actor, organization }: Acting,
  action: string,
  before: CustomRole | null,
  after: CustomRole | null
): Promise<void> {
  const state = (role: CustomRole | null) => role && { permissions: [...role.permissions].sort() }
  const words = (role: CustomRole | null) => role && { name: role.name, description: role.description }
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action,
    resource: (before ?? after)!.key,
    detail: { before: state(before), after: state(after) },
    personal: { before: words(before), after: words(after) },
    event: { ...(before && { before: { ...state(before) } }), ...(after && { after: { ...state(after) } }) }
  })
}
