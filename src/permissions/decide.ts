import type { Affiliation, OrganizationKind } from '../organizations/tables.ts'
import { isPermission, type PermissionKey, permissionOf } from './catalogue.ts'
import { builtInRoles, memberPermission, ownerPermissions } from './roles.ts'

/** A role of a member: for one team, or without one for the whole organization. Custom roles bring their permissions along. */
export interface Grant {
  role: string
  teamId: string | null
  permissions?: readonly string[] | undefined
}

/** What a decision about a member depends on, read in one look. */
export interface MemberFacts {
  accountId: string
  membershipStatus: 'active' | 'suspended'
  owner: boolean
  affiliation: Affiliation | null
  grants: readonly Grant[]
  accountStatus: string
  enforcement: 'none' | 'notice' | 'warning' | 'restricted' | 'suspended' | 'banned'
  secondFactor: boolean
}

export interface OrganizationFacts {
  id: string
  kind: OrganizationKind
  status: 'active' | 'suspended' | 'closed'
  requireSecondFactor: boolean
  enforcement: string
}

/** Where a permission comes from. `owner` and `membership` stand for owning and for the membership itself. */
export interface Source {
  role: string
  teamId: string | null
}

/** Why a decision is what it is; stable, programs decide by it. */
export type Reason =
  | 'granted'
  | 'unknown_permission'
  | 'account_suspended'
  | 'account_banned'
  | 'account_inactive'
  | 'account_restricted'
  | 'organization_closed'
  | 'organization_suspended'
  | 'organization_banned'
  | 'organization_restricted'
  | 'not_a_member'
  | 'membership_suspended'
  | 'second_factor_required'
  | 'exclusive_member'
  | 'self_dealing'
  | 'missing_permission'

export interface Decision {
  allowed: boolean
  reason: Reason
  /** The grants that allow it; empty in a denial. */
  sources: readonly Source[]
}

const deny = (reason: Reason): Decision => ({ allowed: false, reason, sources: [] })

const permissionsOfGrant = (kind: OrganizationKind, grant: Grant): readonly string[] =>
  grant.permissions ?? builtInRoles[kind][grant.role]?.permissions ?? []

/**
 * The grants that give a permission, in a team or (without one) for the whole organization. Only roles: neither enforcement nor
 * states. A grant for the whole organization covers every team; one for a team gives nothing outside it (C-5).
 */
export function sourcesOf(
  kind: OrganizationKind,
  member: Pick<MemberFacts, 'owner' | 'grants'>,
  permission: PermissionKey,
  teamId: string | null
): Source[] {
  const { kinds, scope, owner } = permissionOf(permission)
  if (!kinds.includes(kind)) return []
  const team = scope === 'team' ? teamId : null
  const sources: Source[] = []
  if (member.owner && ownerPermissions[kind].includes(permission)) sources.push({ role: 'owner', teamId: null })
  if (!owner) {
    for (const grant of member.grants) {
      const covers = grant.teamId === null || grant.teamId === team
      if (covers && permissionsOfGrant(kind, grant).includes(permission)) sources.push({ role: grant.role, teamId: grant.teamId })
    }
  }
  if (sources.length === 0 && permission === memberPermission[kind]) sources.push({ role: 'membership', teamId: null })
  return sources
}

/**
 * The one decision about what a member may do in an organization or one of its teams: every route and every query asks it. Enforcement
 * on the account comes before roles (E-2, E-3); `member` is undefined for whoever is none.
 */
export function decide(
  organization: OrganizationFacts,
  member: MemberFacts | undefined,
  permission: string,
  teamId: string | null = null
): Decision {
  if (!isPermission(permission) || !permissionOf(permission).kinds.includes(organization.kind)) return deny('unknown_permission')
  if (!member) return deny('not_a_member')
  const state = deniedByState(organization, member, permission)
  if (state) return deny(state)
  const sources = sourcesOf(organization.kind, member, permission, teamId)
  if (sources.length === 0) return deny('missing_permission')
  // Exclusive members work through their agency only (G-2).
  if (permission === 'proposal.submit_independent' && member.affiliation === 'exclusive') return deny('exclusive_member')
  return { allowed: true, reason: 'granted', sources }
}

/** What denies a permission whatever the roles: states of the account, the organization and the membership. */
export function deniedByState(organization: OrganizationFacts, member: MemberFacts, permission: PermissionKey): Reason | undefined {
  if (member.enforcement === 'banned') return 'account_banned'
  if (member.enforcement === 'suspended') return 'account_suspended'
  if (member.accountStatus !== 'active') return 'account_inactive'
  if (member.enforcement === 'restricted' && permissionOf(permission).newBusiness) return 'account_restricted'
  if (organization.status !== 'active' && !reads(permission)) {
    if (organization.status === 'closed') return 'organization_closed'
    return organization.enforcement === 'banned' ? 'organization_banned' : 'organization_suspended'
  }
  if (organization.enforcement === 'restricted' && permissionOf(permission).newBusiness) return 'organization_restricted'
  if (member.membershipStatus === 'suspended') return 'membership_suspended'
  if (organization.requireSecondFactor && !member.secondFactor) return 'second_factor_required'
  return undefined
}

/** Looking is possible in an organization that is suspended or closed. */
const reads = (permission: PermissionKey): boolean => /^(company|agency|member|team|audit)\.read$/.test(permission)

/** Where a member holds a permission by roles: for the whole organization, or in which teams. */
export function scopesOf(
  kind: OrganizationKind,
  member: Pick<MemberFacts, 'owner' | 'grants'>,
  permission: PermissionKey
): { organization: boolean; teamIds: string[] } {
  const organization = sourcesOf(kind, member, permission, null).length > 0
  const teamIds = [...new Set(member.grants.map(({ teamId }) => teamId).filter((teamId) => teamId !== null))]
  return { organization, teamIds: teamIds.filter((teamId) => sourcesOf(kind, member, permission, teamId).length > 0) }
}
