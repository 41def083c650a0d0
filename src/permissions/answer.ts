import { delegablePermissions, isPermission } from './catalogue.ts'
import { type AccountFacts, type Decision, decide, deny, type MemberFacts, type OrganizationFacts } from './decide.ts'
import { decideDelegated, type Represented } from './delegated.ts'
import { decideOwnCapacity, type PersonFacts } from './own-capacity.ts'

export const resourceTypes = ['company', 'agency', 'team', 'contract', 'conversation', 'account'] as const
export type ResourceType = (typeof resourceTypes)[number]

/** What is asked about; an id is null where what was given is none. */
export interface Resource {
  type: ResourceType
  id: string | null
}

/** Whom an offer would go to. */
export interface Counterparty {
  type: 'account' | 'agency'
  id: string
}

/** Who acts for the person asked about, and through which agency; `permissions` are those of a token, where there is one. */
export interface Delegation {
  managerId: string | null
  agencyId: string | null
  permissions?: readonly string[] | undefined
}

/** May this person do this to that? */
export interface Question {
  accountId: string | null
  permission: string
  resource: Resource
  counterparty?: Counterparty | 'unknown' | undefined
  delegation?: Delegation | undefined
}

/** Where the resource lies, and what the person is there: somebody who is no member is the bare account. */
export interface Place {
  organization: OrganizationFacts
  teamId: string | null
  person: AccountFacts | MemberFacts
  /** Teams that the person is in there; left out of a plain question, which does not depend on them. */
  teamIds: readonly string[]
}

/** An agency through which somebody may act for somebody else. */
export interface Agency {
  organization: OrganizationFacts
  manager: AccountFacts | MemberFacts
  member: Represented | undefined
}

/** All that an answer depends on, from one look. */
export interface Scene {
  person: PersonFacts | undefined
  place: Place | undefined
  agencies: readonly Agency[]
  /** The counterparty is the person's own side (G-8). */
  ownSide: boolean
}

/** Answers a question from what was seen: nothing else decides, and nothing is looked up here. */
export function answer(question: Question, scene: Scene): Decision {
  const { permission, resource } = question
  if (!isPermission(permission)) return deny('unknown_permission')
  if (question.delegation) return answerDelegated(question, question.delegation, scene)
  if (resource.type === 'account') return answerAboutAccount(question, scene)
  const decision = resource.type === 'conversation' ? inConversation(permission, scene) : inPlace(permission, scene)
  return decision.allowed && permission === 'offer.send' ? notWithOneself(question, scene, decision) : decision
}

const inPlace = (permission: string, { person, place }: Scene): Decision =>
  decide(place?.organization, place?.person ?? person, permission, place?.teamId)

/**
 * Only who takes part for the company has anything in a conversation (H-1); one without a team asks for the right anywhere in the company. That
 * there is such a conversation is told to nobody else.
 */
function inConversation(permission: string, { person, place }: Scene): Decision {
  if (!place || place.teamId !== null) return withoutPart(inPlace(permission, { person, place, agencies: [], ownSide: false }))
  const { organization, person: member } = place
  const teamIds = 'grants' in member ? member.grants.map(({ teamId }) => teamId) : []
  const decisions = [null, ...teamIds].map((teamId) => decide(organization, member, permission, teamId))
  return withoutPart(decisions.find(({ allowed }) => allowed) ?? decisions[0]!)
}

const withoutPart = (decision: Decision): Decision => (decision.reason === 'not_a_member' ? deny('not_a_participant') : decision)

/** G-8: an offer asks for whom it goes to as well. */
function notWithOneself({ counterparty }: Question, { ownSide }: Scene, decision: Decision): Decision {
  if (counterparty === 'unknown') return deny('unknown_counterparty')
  return ownSide ? deny('self_dealing') : decision
}

/** About themselves: their own capacity. About somebody else: what a manager may do for a member, in whichever agency they share. */
function answerAboutAccount({ accountId, permission, resource }: Question, { person, agencies }: Scene): Decision {
  const self = accountId !== null && resource.id === accountId
  if (self || !delegablePermissions.some((known) => known === permission)) return decideOwnCapacity(person, self, permission)
  const decisions = agencies.map(({ organization, manager, member }) => decideDelegated(organization, manager, member, permission))
  return decisions.find(({ allowed }) => allowed) ?? decisions[0] ?? decide(undefined, person, permission)
}

/** G-5: decided for the member, in the agency that is named and nowhere else, and never more than was delegated. */
function answerDelegated({ accountId, permission, resource }: Question, delegation: Delegation, { place, agencies }: Scene): Decision {
  if (delegation.permissions && !delegation.permissions.includes(permission)) return deny('not_delegated')
  const [agency] = agencies
  const decision = decideDelegated(agency?.organization, agency?.manager, agency?.member, permission)
  if (!decision.allowed) return decision
  if (resource.type === 'account') return resource.id === accountId ? decision : deny('not_delegated')
  if (place?.organization.id !== agency?.organization.id) return deny('not_delegated')
  return place?.teamId ? decide(agency?.organization, agency?.manager, permission, place.teamId) : decision
}
