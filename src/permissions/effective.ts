import { permissionOf, permissionsOfKind } from './catalogue.ts'
import { decide, type MemberFacts, type OrganizationFacts, type Source } from './decide.ts'
import type { Reason } from './reasons.ts'

export interface PermissionWithSources {
  key: string
  sources: Source[]
}

/** What a member may do and why. */
export interface EffectivePermissions {
  /** What denies everything at present, whatever the roles. */
  denied: Reason | null
  /** What holds in the whole organization. */
  organization: PermissionWithSources[]
  /** What holds in each of the teams that were asked for, in their order. */
  teams: Array<{ id: string; permissions: PermissionWithSources[] }>
}

/** All decisions about a member in an organization and in some of its teams. */
export function effectivePermissions(
  organization: OrganizationFacts,
  member: MemberFacts,
  teamIds: readonly string[]
): EffectivePermissions {
  const held = (teamId: string | null): PermissionWithSources[] =>
    permissionsOfKind(organization.kind).flatMap((key) => {
      if (teamId !== null && permissionOf(key).scope === 'organization') return []
      const { allowed, sources } = decide(organization, member, key, teamId)
      return allowed ? [{ key, sources: [...sources] }] : []
    })
  const { reason, allowed } = decide(organization, member, `${organization.kind}.read`)
  return { denied: allowed ? null : reason, organization: held(null), teams: teamIds.map((id) => ({ id, permissions: held(id) })) }
}
