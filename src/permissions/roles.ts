import type { OrganizationKind } from '../organizations/tables.ts'
import { type PermissionKey, permissionOf, permissionsOfKind } from './catalogue.ts'

/** A built-in role. `teams`: whether it can be granted for one team too. */
export interface Role {
  name: string
  description: string
  teams: boolean
  permissions: readonly PermissionKey[]
}

const leader = [
  'team.update',
  'member.read',
  'team.read',
  'member.invite',
  'member.invite.assign_team',
  'member.roles.update',
  'member.remove',
  'audit.read'
] as const satisfies PermissionKey[]

const hiring = [
  'member.read',
  'team.read',
  'member.invite',
  'job.post',
  'talent.invite',
  'proposal.review',
  'chat.start',
  'conversation.add_coworker'
] as const satisfies PermissionKey[]

/** The role tables of companies and agencies. The owner is not granted but owns: see `ownerPermissions`. */
export const builtInRoles: Record<OrganizationKind, Record<string, Role>> = {
  company: {
    admin: {
      name: 'Admin',
      description: 'Runs the company, or one team: members, roles, teams, settings, billing. Does not hire.',
      teams: true,
      permissions: [
        ...leader,
        'company.read',
        'company.update',
        'domain.manage',
        'join_link.manage',
        'integration.manage',
        'team.create',
        'billing.manage',
        'report.finance.read',
        'contract.contact.change',
        'report.hours.read',
        'workdiary.read',
        'chat.start',
        'conversation.add_coworker'
      ]
    },
    finance: {
      name: 'Finance',
      description: 'Pays and reads financial reports.',
      teams: false,
      permissions: [
        'company.read',
        'member.read',
        'team.read',
        'billing.manage',
        'report.finance.read',
        'report.hours.read',
        'workdiary.read',
        'chat.start'
      ]
    },
    hiring_manager: {
      name: 'Hiring manager',
      description: 'Hires, manages contracts and is their contact person.',
      teams: true,
      permissions: [
        ...hiring,
        'company.read',
        'member.invite.assign_team',
        'offer.send',
        'contract.manage',
        'feedback.give',
        'contract.contact',
        'contract.contact.change',
        'report.hours.read',
        'workdiary.read'
      ]
    },
    recruiter: {
      name: 'Recruiter',
      description: 'Posts jobs, invites talent and reviews proposals.',
      teams: true,
      permissions: [...hiring, 'company.read']
    },
    member: {
      name: 'Member',
      description: 'Sees the company and talks with its people.',
      teams: true,
      permissions: ['company.read', 'member.read', 'team.read', 'chat.start']
    }
  },
  agency: {
    admin: {
      name: 'Admin',
      description: 'Runs the agency, or one team: members, roles, settings, finance. Does not act for members.',
      teams: true,
      permissions: [
        ...leader,
        'agency.read',
        'agency.update',
        'affiliation.propose',
        'finance.manage',
        'report.earnings.read',
        'report.time.read',
        'workdiary.read'
      ]
    },
    finance: {
      name: 'Finance',
      description: 'Manages payouts and reads earnings.',
      teams: false,
      permissions: [
        'agency.read',
        'member.read',
        'team.read',
        'finance.manage',
        'report.earnings.read',
        'report.time.read',
        'workdiary.read'
      ]
    },
    business_manager: {
      name: 'Business manager',
      description: 'Submits proposals and manages contracts for members, without their credentials.',
      teams: true,
      permissions: [
        'agency.read',
        'member.read',
        'team.read',
        'proposal.submit_for_member',
        'proposal.manage',
        'offer.respond',
        'contract.manage',
        'milestone.submit_any',
        'profile.rate.update',
        'profile.visibility.update',
        'report.time.read',
        'workdiary.read'
      ]
    },
    freelancer: {
      name: 'Freelancer',
      description: 'Works through the agency.',
      teams: true,
      permissions: [
        'agency.read',
        'member.read',
        'team.read',
        'proposal.submit_own',
        'proposal.submit_independent',
        'milestone.submit_own',
        'worklog.write_own'
      ]
    }
  }
}

/** A built-in role by its key, which may be any word: `constructor` is none. */
export const builtInRole = (kind: OrganizationKind, key: string): Role | undefined =>
  Object.hasOwn(builtInRoles[kind], key) ? builtInRoles[kind][key] : undefined

/** The role that every member can be given by any inviter. */
export const baseRole: Record<OrganizationKind, string> = { company: 'member', agency: 'freelancer' }

const freelancersOwn: PermissionKey[] = ['proposal.submit_own', 'proposal.submit_independent', 'milestone.submit_own', 'worklog.write_own']
const nobodys: PermissionKey[] = ['message.read']

/** What owning gives: everything, but for what is a freelancer's own and what nobody may. */
export const ownerPermissions: Record<OrganizationKind, readonly PermissionKey[]> = {
  company: permissionsOfKind('company'),
  agency: permissionsOfKind('agency').filter((key) => !freelancersOwn.includes(key) && !nobodys.includes(key))
}

/** What a custom role of a company may hold: anything but the owner's own. */
export const customizablePermissions: readonly PermissionKey[] = permissionsOfKind('company').filter((key) => !permissionOf(key).owner)

/** What comes with being a member, whatever the roles. */
export const memberPermission: Record<OrganizationKind, PermissionKey> = { company: 'company.read', agency: 'agency.read' }
