import { delegablePermissions, onlyForExclusive } from './catalogue.ts'
import { type AccountFacts, type Decision, decide, deniedByState, deny, type MemberFacts, type OrganizationFacts } from './decide.ts'

/** Whom somebody acts for: their part in the agency, with the teams in which a right of the manager reaches them. */
export interface Represented extends MemberFacts {
  freelancer: boolean
  teamIds: readonly string[]
}

/**
 * Whether a manager may do something for a member of an agency (G-5): what can be delegated at all, for a freelancer, while nothing holds up the
 * member, and where the manager has the right in the whole agency or in a team of the member.
 */
export function decideDelegated(
  agency: OrganizationFacts | undefined,
  manager: AccountFacts | MemberFacts | undefined,
  member: Represented | undefined,
  permission: string
): Decision {
  const asked = delegablePermissions.find((known) => known === permission)
  if (!asked) return deny('not_delegated')
  if (!agency || !member || !manager) return deny('not_a_member')
  if (!member.freelancer || member.accountId === manager.accountId) return deny('not_delegated')
  const heldUp = deniedByState(agency, member, asked)
  if (heldUp) return deny(heldUp)
  const decisions = [null, ...member.teamIds].map((teamId) => decide(agency, manager, asked, teamId))
  const decision = decisions.find(({ allowed }) => allowed) ?? decisions[0]!
  if (decision.allowed && onlyForExclusive.includes(asked) && member.affiliation !== 'exclusive') return deny('not_exclusive')
  return decision
}
