import type { Affiliation, OrganizationKind } from '../organizations/tables.ts'
import { isPermission, type PermissionKey, permissionOf, reads } from './catalogue.ts'
import type { Reason } from './reasons.ts'
import { builtInRoles, memberPermission, ownerPermissions } from './roles.ts'

/** A role of a member: for one team, or without one for the whole organization. Custom roles bring their permissions along. */
export interface Grant {
  role: string
  teamId: string | null
  permissions?: readonly string[] | undefined
}

export type Enforcement = 'none' | 'notice' | 'warning' | 'restricted' | 'suspended' | 'banned'

/** What any decision about a person depends on. */
export interface AccountFacts {
  accountId: string
  accountStatus: string
  enforcement: Enforcement
  secondFactor: boolean
}

/** The same with what the person is in an organization, read in one look. */
export interface MemberFacts extends AccountFacts {
  membershipStatus: 'active' | 'suspended'
  owner: boolean
  affiliation: Affiliation | null
  grants: readonly Grant[]
}

export interface OrganizationFacts {
  id: string
  kind: OrganizationKind
  status: 'active' | 'suspended' | 'closed'
  enforcement: Enforcement
  requireSecondFactor: boolean
}

/** Where a permission comes from. `owner` and `membership` stand for owning and for the membership itself. */
export interface Source {
  role: string
  teamId: string | null
}

export interface Decision {
  allowed: boolean
  reason: Reason
  /** The grants that allow it; empty in a denial. */
  sources: readonly Source[]
}

export const deny = (reason: Reason): Decision => ({ allowed: false, reason, sources: [] })

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

const isMember = (person: AccountFacts | MemberFacts): person is MemberFacts => 'membershipStatus' in person

/**
 * The one decision about what a person may do in an organization or one of its teams: every route and every query asks it. The account comes
 * first (E-2, E-3), then the organization, the membership and at last roles. Whoever is no member learns nothing of the organization: it may as
 * well be undefined. What a plan has room for is held against what is there, by whoever adds to it (C-9).
 */
export function decide(
  organization: OrganizationFacts | undefined,
  person: AccountFacts | MemberFacts | undefined,
  permission: string,
  teamId: string | null = null
): Decision {
  if (!isPermission(permission)) return deny('unknown_permission')
  if (!person) return deny('not_a_member')
  const account = deniedByAccount(person, permission)
  if (account) return deny(account)
  if (!organization || !isMember(person)) return deny('not_a_member')
  if (!permissionOf(permission).kinds.includes(organization.kind)) return deny('unknown_permission')
  const state = deniedByOrganization(organization, permission) ?? deniedByMembership(organization, person)
  if (state) return deny(state)
  const sources = sourcesOf(organization.kind, person, permission, teamId)
  if (sources.length === 0) return deny('missing_permission')
  // Exclusive members work through their agency only (G-2).
  if (permission === 'proposal.submit_independent' && person.affiliation === 'exclusive') return deny('exclusive_member')
  return { allowed: true, reason: 'granted', sources }
}

/** What denies a member a permission whatever the roles: states of the account, the organization and the membership. */
export const deniedByState = (organization: OrganizationFacts, member: MemberFacts, permission: PermissionKey): Reason | undefined =>
  deniedByAccount(member, permission) ?? deniedByOrganization(organization, permission) ?? deniedByMembership(organization, member)

export function deniedByAccount({ accountStatus, enforcement }: AccountFacts, permission: PermissionKey): Reason | undefined {
  if (enforcement === 'banned') return 'account_banned'
  if (enforcement === 'suspended') return 'account_suspended'
  if (accountStatus !== 'active') return 'account_inactive'
  if (enforcement === 'restricted' && permissionOf(permission).newBusiness) return 'account_restricted'
  return undefined
}

function deniedByOrganization({ status, enforcement }: OrganizationFacts, permission: PermissionKey): Reason | undefined {
  if (reads(permission)) return undefined
  if (status === 'closed') return 'organization_closed'
  if (enforcement === 'banned') return 'organization_banned'
  if (enforcement === 'suspended' || status === 'suspended') return 'organization_suspended'
  if (enforcement === 'restricted' && permissionOf(permission).newBusiness) return 'organization_restricted'
  return undefined
}

function deniedByMembership({ requireSecondFactor }: OrganizationFacts, member: MemberFacts): Reason | undefined {
  if (member.membershipStatus === 'suspended') return 'membership_suspended'
  if (requireSecondFactor && !member.secondFactor) return 'second_factor_required'
  return undefined
}

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
