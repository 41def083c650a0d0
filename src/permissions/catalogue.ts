import type { OrganizationKind } from '../organizations/tables.ts'

/**
 * Everything that can be asked about. `scope`: whether a grant for one team gives it for that team, or only a grant for the whole
 * organization counts. `newBusiness`: denied while an account is restricted (E-2). `owner`: no role but the owner ever has it.
 */
export interface Permission {
  kinds: readonly OrganizationKind[]
  scope: 'organization' | 'team'
  description: string
  newBusiness?: true
  owner?: true
}

const both = ['company', 'agency'] as const
const company = ['company'] as const
const agency = ['agency'] as const

export const permissions = {
  'company.read': { kinds: company, scope: 'organization', description: 'See the company itself. Every member may.' },
  'company.update': { kinds: company, scope: 'organization', description: "Change the company's details and its security policy." },
  'company.close': { kinds: company, scope: 'organization', owner: true, description: 'Close the company.' },
  'agency.read': { kinds: agency, scope: 'organization', description: 'See the agency itself. Every member may.' },
  'agency.update': { kinds: agency, scope: 'organization', description: "Change the agency's details and its security policy." },
  'agency.close': { kinds: agency, scope: 'organization', owner: true, description: 'Close the agency.' },
  'ownership.transfer': { kinds: both, scope: 'organization', owner: true, description: 'Offer the organization to another member.' },
  'domain.manage': { kinds: company, scope: 'organization', description: 'Add and prove email domains, and set who joins by them.' },
  'join_link.manage': { kinds: company, scope: 'organization', description: 'Make and revoke join links.' },
  'integration.manage': { kinds: company, scope: 'organization', description: 'Connect the company with other systems.' },
  'audit.read': { kinds: both, scope: 'organization', description: 'Read what was changed, by whom and when.' },
  'team.create': { kinds: both, scope: 'organization', description: 'Make teams.' },
  'team.read': { kinds: both, scope: 'team', description: 'See teams.' },
  'team.update': { kinds: both, scope: 'team', description: 'Rename teams.' },
  'team.hide': { kinds: both, scope: 'team', owner: true, description: 'Hide teams and show them again.' },
  'member.read': { kinds: both, scope: 'team', description: 'See members with their roles.' },
  'member.invite': { kinds: both, scope: 'team', newBusiness: true, description: 'Invite people.' },
  'member.invite.assign_team': { kinds: both, scope: 'team', description: 'Choose the team in an invitation.' },
  'member.roles.update': { kinds: both, scope: 'team', description: 'Grant and take roles, add to teams, make custom roles.' },
  'member.remove': { kinds: both, scope: 'team', description: 'Suspend and remove members.' },
  'billing.manage': { kinds: company, scope: 'organization', description: 'Manage payment methods and invoices.' },
  'report.finance.read': { kinds: company, scope: 'organization', description: 'Read financial reports.' },
  'job.post': { kinds: company, scope: 'team', newBusiness: true, description: 'Post jobs.' },
  'talent.invite': { kinds: company, scope: 'team', newBusiness: true, description: 'Invite freelancers to jobs.' },
  'proposal.review': { kinds: company, scope: 'team', description: 'Review and shortlist proposals.' },
  'offer.send': { kinds: company, scope: 'team', newBusiness: true, description: 'Send offers: hire.' },
  'contract.manage': { kinds: both, scope: 'team', description: 'Manage running contracts.' },
  'contract.contact': { kinds: company, scope: 'team', description: 'Be contact person of a contract.' },
  'contract.contact.change': { kinds: company, scope: 'team', description: 'Change the contact person of a contract.' },
  'feedback.give': { kinds: company, scope: 'team', description: 'Give feedback on finished work.' },
  'report.hours.read': { kinds: company, scope: 'team', description: 'Read reports of hours.' },
  'workdiary.read': { kinds: both, scope: 'team', description: 'Read work diaries.' },
  'chat.start': { kinds: company, scope: 'team', description: 'Start conversations.' },
  'conversation.add_coworker': { kinds: company, scope: 'team', newBusiness: true, description: 'Add coworkers to conversations.' },
  'affiliation.propose': { kinds: agency, scope: 'team', description: 'Propose to members to work exclusively, and release them.' },
  'finance.manage': { kinds: agency, scope: 'organization', description: 'Manage payouts and invoices.' },
  'report.earnings.read': { kinds: agency, scope: 'organization', description: 'Read earnings.' },
  'report.time.read': { kinds: agency, scope: 'team', description: 'Read reports of time worked.' },
  'proposal.submit_for_member': { kinds: agency, scope: 'team', newBusiness: true, description: 'Submit proposals for members.' },
  'proposal.manage': { kinds: agency, scope: 'team', description: 'Manage proposals of members.' },
  'offer.respond': { kinds: agency, scope: 'team', newBusiness: true, description: 'Answer offers to members.' },
  'milestone.submit_any': { kinds: agency, scope: 'team', description: 'Submit milestones of members.' },
  'profile.rate.update': { kinds: agency, scope: 'team', description: 'Set the rate of exclusive members.' },
  'profile.visibility.update': { kinds: agency, scope: 'team', description: 'Set the visibility of exclusive members.' },
  'proposal.submit_own': { kinds: agency, scope: 'team', newBusiness: true, description: 'Submit own proposals through the agency.' },
  'proposal.submit_independent': {
    kinds: agency,
    scope: 'team',
    newBusiness: true,
    description: 'Submit own proposals outside the agency; not as an exclusive member.'
  },
  'milestone.submit_own': { kinds: agency, scope: 'team', description: 'Submit own milestones.' },
  'worklog.write_own': { kinds: agency, scope: 'team', description: 'Log own work.' },
  'offer.respond_own': {
    kinds: [],
    scope: 'organization',
    newBusiness: true,
    description: 'Answer own offers, as oneself with a freelancer profile.'
  },
  'message.read': { kinds: agency, scope: 'team', description: "Read another member's messages. Nobody ever may." }
} as const satisfies Record<string, Permission>

export type PermissionKey = keyof typeof permissions
export const permissionKeys = Object.keys(permissions) as PermissionKey[]

export const isPermission = (key: string): key is PermissionKey => Object.hasOwn(permissions, key)
export const permissionOf = (key: PermissionKey): Permission => permissions[key]
export const permissionsOfKind = (kind: OrganizationKind): PermissionKey[] =>
  permissionKeys.filter((key) => permissionOf(key).kinds.includes(kind))

/** What can be done for a member of an agency; messages are not among it, and never will be (G-5). */
export const delegablePermissions = [
  'proposal.submit_for_member',
  'proposal.manage',
  'offer.respond',
  'contract.manage',
  'milestone.submit_any',
  'profile.rate.update',
  'profile.visibility.update'
] as const satisfies PermissionKey[]

/** Of these, what an agency does only for members who work exclusively through it (G-6). */
export const onlyForExclusive: PermissionKey[] = ['profile.rate.update', 'profile.visibility.update']

/** What a person with a freelancer profile may do as themselves. */
export const ownCapacityPermissions = [
  'proposal.submit_independent',
  'offer.respond_own',
  'milestone.submit_own',
  'worklog.write_own'
] as const satisfies PermissionKey[]

/** Looking is possible in an organization that is suspended or closed. */
export const reads = (permission: PermissionKey): boolean => /^(company|agency|member|team|audit)\.read$/.test(permission)
