import type { OrganizationKind } from '../organizations/tables.ts'
import { isPermission, permissionOf } from './catalogue.ts'
import type { Reason } from './reasons.ts'
import { builtInRoles } from './roles.ts'

/** A way out of a denial. `by`: the permission that whoever goes it needs; without one it is the person's own, an operator's, or nobody's. */
export interface Way {
  description: string
  by?: string
}

/** What each way is; stable like reasons. */
export const ways = {
  correct_question: { description: 'Ask about something there is.' },
  grant_role: { description: 'Somebody who may change roles there grants one of `roles`.', by: 'member.roles.update' },
  ask_owner: { description: 'Only the owner may; ownership can be transferred.', by: 'ownership.transfer' },
  ask_coworker: { description: 'Somebody else who may do it does, who is not on both sides.', by: 'offer.send' },
  become_member: { description: 'Join the organization by an invitation.', by: 'member.invite' },
  join_conversation: { description: 'A participant adds the person to the conversation.' },
  resume_membership: { description: 'Somebody who may remove members resumes the membership.', by: 'member.remove' },
  set_up_second_factor: { description: 'The person sets one up with `POST /v1/me/totp`.' },
  activate_account: { description: 'The person proves their email, or opens the closed account again.' },
  clear_enforcement: { description: 'Put right what the enforcement asks for, or appeal.' },
  reopen_organization: { description: 'An operator opens the organization again.' },
  end_exclusive_work: { description: 'Work exclusively through the agency no longer.' },
  become_exclusive: { description: 'The member comes to work exclusively through the agency.', by: 'affiliation.propose' },
  act_otherwise: { description: 'The person does it themselves, or the manager gets a token that holds it.' }
} as const satisfies Record<string, Way>
export type WayKey = keyof typeof ways

const wayOf: Record<Reason, WayKey | null> = {
  granted: null,
  malformed: 'correct_question',
  unknown_subject: 'correct_question',
  unknown_resource: 'correct_question',
  unknown_permission: 'correct_question',
  unknown_counterparty: 'correct_question',
  not_delegated: 'act_otherwise',
  account_banned: 'clear_enforcement',
  account_suspended: 'clear_enforcement',
  account_inactive: 'activate_account',
  account_restricted: 'clear_enforcement',
  not_a_participant: 'join_conversation',
  not_a_member: 'become_member',
  organization_closed: 'reopen_organization',
  organization_banned: 'clear_enforcement',
  organization_suspended: 'clear_enforcement',
  organization_restricted: 'clear_enforcement',
  membership_suspended: 'resume_membership',
  second_factor_required: 'set_up_second_factor',
  missing_permission: 'grant_role',
  exclusive_member: 'end_exclusive_work',
  not_exclusive: 'become_exclusive',
  self_dealing: 'ask_coworker'
}

/** The nearest way to be allowed; null where there is none, or none is needed. */
export function nearestWay(reason: Reason, permission: string): WayKey | null {
  if (reason !== 'missing_permission' || !isPermission(permission)) return wayOf[reason]
  const { owner, kinds } = permissionOf(permission)
  if (owner) return 'ask_owner'
  const given = kinds.some((kind) => rolesGiving(kind, permission, null).length > 0)
  return given ? 'grant_role' : null
}

/** Built-in roles that give a permission in a team, or without one for the whole organization; the least role first, and for a team before all. */
export function rolesGiving(
  kind: OrganizationKind,
  permission: string,
  teamId: string | null
): Array<{ role: string; teamId: string | null }> {
  if (!isPermission(permission) || permissionOf(permission).owner) return []
  const giving = Object.entries(builtInRoles[kind])
    .filter(([, { permissions }]) => permissions.some((key) => key === permission))
    .sort(([, a], [, b]) => a.permissions.length - b.permissions.length)
  const inTeam = teamId !== null && permissionOf(permission).scope === 'team' ? giving.filter(([, { teams }]) => teams) : []
  return [...inTeam.map(([role]) => ({ role, teamId })), ...giving.map(([role]) => ({ role, teamId: null }))]
}
