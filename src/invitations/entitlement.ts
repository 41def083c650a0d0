import type { Acting } from '../organizations/change.ts'
import { may, requireAnywhere, requirePermission } from '../organizations/change.ts'
import type { WantedGrant } from '../organizations/grants.ts'
import type { Organization } from '../organizations/organizations.ts'
import { mayGrant } from '../permissions/ceiling.ts'
import type { Grant } from '../permissions/decide.ts'
import { baseRole, memberPermission } from '../permissions/roles.ts'
import { refuse } from '../problems.ts'
import type { Joins } from './invitations.ts'

type Inviting = Pick<Acting, 'organization' | 'self'>

/** What an invitation without grants means: the least role, in the default team (N-2). */
export const defaultGrants = ({ kind, defaultTeamId }: Pick<Organization, 'kind' | 'defaultTeamId'>): WantedGrant[] => [
  { role: baseRole[kind], teamId: defaultTeamId }
]

const isDefault = ({ organization }: Inviting, grants: readonly WantedGrant[]): boolean => {
  const [grant] = defaultGrants(organization)
  return grants.length === 1 && grants[0]!.role === grant!.role && grants[0]!.teamId === grant!.teamId
}

/** Whether the membership itself lets somebody act: one that is suspended gives nothing, not even over one's own (C-13). @throws membership_suspended */
export const requireActing = (inviting: Inviting): void => requirePermission(inviting, memberPermission[inviting.organization.kind])

/** Whether somebody may invite at all, be it for one team only (N-1). @throws access_denied, or the problem of the state that denies it */
export const requireInviter = (inviting: Inviting): void => void requireAnywhere(inviting, 'member.invite')

/**
 * Whether an inviter may give these roles (N-1, N-2): each team needs the right to choose it, each role is within the delegation ceiling.
 * What an invitation without grants means every inviter may give; `chosen`: the grants were named by somebody and are no such default.
 * @throws team_assignment_forbidden, role_exceeds_inviter, access_denied
 */
export function requireMayOffer(inviting: Inviting, grants: readonly Grant[], affiliation: Joins | null, chosen: boolean): void {
  requireInviter(inviting)
  if (affiliation === 'exclusive') requirePermission(inviting, 'affiliation.propose')
  if (!chosen && isDefault(inviting, grants)) return
  for (const grant of grants) {
    if (grant.teamId !== null && !may(inviting, 'member.invite.assign_team', grant.teamId).allowed)
      throw refuse('team_assignment_forbidden')
    if (!mayGrant(inviting.organization.kind, inviting.self, grant)) throw refuse('role_exceeds_inviter')
  }
}
