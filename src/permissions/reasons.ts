import { onlyForExclusive, type Permission, type PermissionKey, permissionOf, reads } from './catalogue.ts'

/**
 * Every reason that a decision can have, in the order in which they are looked for; stable, programs decide by it. Whoever is told
 * `not_a_member` learns nothing of what there is: it is the same for what does not exist.
 */
export const reasons = {
  granted: 'A role, owning the organization, the membership itself or a freelancer profile allows it; `grants` names which.',
  malformed: 'The question lacks a part or has one of a wrong type; `error` says which. Only inside a batch.',
  unknown_subject: 'Only about accounts can be asked.',
  unknown_resource: 'There are no resources of this type.',
  unknown_permission: 'There is no such permission, or not for a resource of this kind.',
  unknown_counterparty: 'The counterparty is neither an account nor an agency.',
  not_delegated:
    'Nobody acts for another like this: it is no delegable permission, not in the token, or the other is no freelancer of the agency.',
  account_banned: 'The account is banned.',
  account_suspended: 'The account is suspended.',
  account_inactive: 'The account is not active: its email is not proven, or it was closed.',
  account_restricted: 'The account is restricted: current work goes on, nothing new is begun.',
  not_a_participant: 'The person takes no part in the conversation for its company, or there is no such conversation.',
  not_a_member: 'The person is no member of the organization, or there is no such resource.',
  organization_closed: 'The organization is closed: it can be looked at, and nothing else.',
  organization_banned: 'The organization is banned: it can be looked at, and nothing else.',
  organization_suspended: 'The organization is suspended: it can be looked at, and nothing else.',
  organization_restricted: 'The organization is restricted: current work goes on, nothing new is begun.',
  membership_suspended: 'The membership is suspended.',
  second_factor_required: 'The organization requires a second factor, and the person has none.',
  missing_permission: 'No role of the person gives the permission there; `missing` names it.',
  exclusive_member: 'The person works exclusively through an agency.',
  not_exclusive: 'The agency may do this only for members who work exclusively through it.',
  self_dealing: 'Nobody hires themselves, an agency they own, or its exclusive members.'
} as const satisfies Record<string, string>

export type Reason = keyof typeof reasons

const has = (list: readonly PermissionKey[], permission: PermissionKey): boolean => list.includes(permission)

/** The reasons that a question about a permission can be answered with, on any resource that it is for, in their order. */
export function reasonsOf(permission: PermissionKey): Reason[] {
  const { kinds, newBusiness }: Permission = permissionOf(permission)
  const never: Record<string, boolean> = {
    granted: permission === 'message.read',
    unknown_counterparty: permission !== 'offer.send',
    self_dealing: permission !== 'offer.send',
    not_exclusive: !has(onlyForExclusive, permission),
    exclusive_member: permission !== 'proposal.submit_independent',
    account_restricted: !newBusiness,
    organization_restricted: !newBusiness || kinds.length === 0,
    not_a_participant: !kinds.includes('company')
  }
  const ofOrganizations = /^(not_a_member|organization_|membership_|second_factor)/
  return (Object.keys(reasons) as Reason[]).filter(
    (reason) =>
      !never[reason] &&
      !(kinds.length === 0 && ofOrganizations.test(reason)) &&
      !(reads(permission) && /^organization_/.test(reason)) &&
      reason !== 'malformed'
  )
}
