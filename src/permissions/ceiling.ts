import type { OrganizationKind } from '../organizations/tables.ts'
import { isPermission, permissionOf, permissionsOfKind } from './catalogue.ts'
import { type Grant, type MemberFacts, sourcesOf } from './decide.ts'
import { builtInRoles } from './roles.ts'

type Holder = Pick<MemberFacts, 'owner' | 'grants'>

/**
 * The delegation ceiling: whether somebody may give a role. Who may change roles in that scope may give every one (the owner is no role);
 * anybody else only what they hold there themselves, and never `admin` or `finance`.
 */
export function mayGrant(kind: OrganizationKind, holder: Holder, grant: Grant): boolean {
  if (sourcesOf(kind, holder, 'member.roles.update', grant.teamId).length > 0) return true
  if (grant.role === 'admin' || grant.role === 'finance') return false
  const given = grant.permissions ?? builtInRoles[kind][grant.role]?.permissions
  return given?.every((key) => isPermission(key) && sourcesOf(kind, holder, key, grant.teamId).length > 0) ?? false
}

/** Permissions that a change of roles gives and that were not held before, in any scope: `permission` or `permission in team` (C-5). */
export function gainedPermissions(
  kind: OrganizationKind,
  before: Holder,
  after: Holder
): Array<{ permission: string; teamId: string | null }> {
  const scopes = [null, ...new Set(after.grants.map(({ teamId }) => teamId).filter((teamId) => teamId !== null))]
  return permissionsOfKind(kind).flatMap((permission) =>
    scopes
      .filter((teamId) => teamId === null || permissionOf(permission).scope === 'team')
      .filter((teamId) => sourcesOf(kind, after, permission, teamId).length > 0 && sourcesOf(kind, before, permission, teamId).length === 0)
      .map((teamId) => ({ permission, teamId }))
  )
}
