import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid
} from 'drizzle-orm/pg-core'
import { accounts } from '../accounts/tables.ts'
import { createdAt, inForce, moment } from '../db/columns.ts'

export const organizationKinds = ['company', 'agency'] as const
export type OrganizationKind = (typeof organizationKinds)[number]
export const plans = ['basic', 'plus', 'business', 'enterprise'] as const
export const companyPlans = plans
export const agencyPlans = ['basic', 'plus'] as const
export type Plan = (typeof plans)[number]
export const organizationStatuses = ['active', 'suspended', 'closed'] as const
export const companySizes = ['1', '2-9', '10-49', '50-249', '250-999', '1000+'] as const
export const affiliations = ['non_exclusive', 'exclusive_pending', 'exclusive'] as const
export type Affiliation = (typeof affiliations)[number]
export const membershipSources = ['founder', 'invitation', 'join_link', 'domain', 'join_request', 'import'] as const
export type MembershipSource = (typeof membershipSources)[number]

const int8range = customType<{ data: string }>({ dataType: () => 'int8range' })

/**
 * A company or an agency. Its owner and its default team are columns that cannot be empty, with deferred foreign keys in the migration:
 * there is exactly one of each at any time (C-4, C-1).
 */
export const organizations = pgTable(
  'organizations',
  {
    id: uuid('id').primaryKey(),
    kind: text('kind', { enum: organizationKinds }).notNull(),
    plan: text('plan', { enum: plans }).notNull().default('basic'),
    /** Whether a suspension is in force beside it, `standing(organizations)` tells. */
    status: text('status', { enum: ['active', 'closed'] })
      .notNull()
      .default('active'),
    /** The account of the owner's membership. */
    ownerAccountId: uuid('owner_account_id').notNull(),
    defaultTeamId: uuid('default_team_id').notNull(),
    /** What people call it: a company's display name, an agency's name. */
    name: text('name').notNull(),
    website: text('website'),
    countryCode: text('country_code'),
    logoUrl: text('logo_url'),
    legalName: text('legal_name'),
    size: text('size', { enum: companySizes }),
    vatNumber: text('vat_number'),
    timeZone: text('time_zone'),
    tagline: text('tagline'),
    description: text('description'),
    skills: text('skills').array(),
    requireSecondFactor: boolean('require_second_factor').notNull().default(false),
    ...inForce,
    /** The version of the organization's own data: its ETag. */
    revision: integer('revision').notNull().default(1),
    /** Rises with every change of the organization or anything below it: consistency tokens and caches compare it. */
    version: bigint('version', { mode: 'number' }).notNull().default(1),
    createdAt: createdAt(),
    closedAt: moment('closed_at')
  },
  (table) => [
    unique('organizations_of_kind').on(table.id, table.kind),
    uniqueIndex('organizations_one_owned_agency')
      .on(table.ownerAccountId)
      .where(sql`${table.kind} = 'agency' and ${table.status} <> 'closed'`),
    index('organizations_by_owner').on(table.ownerAccountId),
    check('organizations_kind_known', sql`${table.kind} in ('company', 'agency')`),
    check('organizations_status_known', sql`${table.status} in ('active', 'closed')`),
    check('organizations_closed_has_time', sql`(${table.status} = 'closed') = (${table.closedAt} is not null)`),
    check(
      'organizations_plan_known',
      sql`${table.plan} in ('basic', 'plus') or (${table.kind} = 'company' and ${table.plan} in ('business', 'enterprise'))`
    ),
    check(
      'organizations_company_details',
      sql`${table.kind} = 'company' or (${table.legalName} is null and ${table.size} is null and ${table.vatNumber} is null and ${table.timeZone} is null)`
    ),
    check(
      'organizations_agency_details',
      sql`${table.kind} = 'agency' or (${table.tagline} is null and ${table.description} is null and ${table.skills} is null)`
    )
  ]
)

/** A part of an organization. Never deleted: a hidden one keeps its data (C-8). */
export const teams = pgTable(
  'teams',
  {
    id: uuid('id').primaryKey(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    name: text('name').notNull(),
    hiddenAt: moment('hidden_at'),
    revision: integer('revision').notNull().default(1),
    createdAt: createdAt()
  },
  (table) => [
    unique('teams_of_organization').on(table.organizationId, table.id),
    uniqueIndex('teams_one_name').on(table.organizationId, sql`lower(${table.name})`)
  ]
)

/** A live membership is a row; one that ended moves to `ended_memberships`. */
export const memberships = pgTable(
  'memberships',
  {
    id: uuid('id').primaryKey(),
    organizationId: uuid('organization_id').notNull(),
    kind: text('kind', { enum: organizationKinds }).notNull(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    status: text('status', { enum: ['active', 'suspended'] })
      .notNull()
      .default('active'),
    source: text('source', { enum: membershipSources }).notNull(),
    /** How a member works through an agency; empty in companies. */
    affiliation: text('affiliation', { enum: affiliations }),
    /** Slots of the account's agency work: an exclusive membership takes all, another only its own; two never overlap (G-2). */
    slots: int8range('slots'),
    /** The membership ends like this as soon as nothing blocks it any more (G-4). */
    endsWhenClear: text('ends_when_clear', { enum: ['left', 'removed'] }),
    /** The version of the membership with its grants: its ETag. */
    revision: integer('revision').notNull().default(1),
    joinedAt: moment('joined_at').notNull().default(sql`now()`)
  },
  (table) => [
    unique('memberships_one_per_account').on(table.organizationId, table.accountId),
    unique('memberships_of_organization').on(table.organizationId, table.id),
    index('memberships_by_account').on(table.accountId),
    foreignKey({
      name: 'memberships_organization',
      columns: [table.organizationId, table.kind],
      foreignColumns: [organizations.id, organizations.kind]
    }),
    check('memberships_status_known', sql`${table.status} in ('active', 'suspended')`),
    check('memberships_source_known', sql`${table.source} in ('founder', 'invitation', 'join_link', 'domain', 'join_request', 'import')`),
    check('memberships_ends_when_clear_known', sql`${table.endsWhenClear} in ('left', 'removed')`),
    check('memberships_affiliation_in_agencies', sql`(${table.kind} = 'agency') = (${table.affiliation} is not null)`),
    check('memberships_affiliation_known', sql`${table.affiliation} in ('non_exclusive', 'exclusive_pending', 'exclusive')`),
    // A closed agency binds nobody: its members have no slots.
    check('memberships_slots_in_agencies', sql`${table.kind} = 'agency' or ${table.slots} is null`),
    check('memberships_exclusive_has_slots', sql`${table.affiliation} <> 'exclusive' or ${table.slots} is not null`),
    // G-2: the only way into an agency is an invitation.
    check('memberships_agency_by_invitation', sql`${table.kind} = 'company' or ${table.source} in ('founder', 'invitation')`),
    check(
      'memberships_slots_of_affiliation',
      sql`case when ${table.affiliation} = 'exclusive' then ${table.slots} = '(,)'::int8range
        else not isempty(${table.slots}) and not lower_inf(${table.slots}) and not upper_inf(${table.slots}) end`
    )
  ]
)

/** Memberships that ended, with why and by whom. An id is never used again: joining again makes a new one. */
export const endedMemberships = pgTable(
  'ended_memberships',
  {
    id: uuid('id').primaryKey(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    source: text('source').notNull(),
    affiliation: text('affiliation'),
    reason: text('reason', { enum: ['left', 'removed'] }).notNull(),
    endedByKind: text('ended_by_kind').notNull(),
    endedById: text('ended_by_id'),
    joinedAt: moment('joined_at').notNull(),
    endedAt: moment('ended_at').notNull().default(sql`now()`)
  },
  (table) => [
    index('ended_memberships_by_organization').on(table.organizationId, table.accountId),
    index('ended_memberships_by_account').on(table.accountId),
    check('ended_memberships_reason_known', sql`${table.reason} in ('left', 'removed')`)
  ]
)

/** Who is in which team. */
export const teamMembers = pgTable(
  'team_members',
  {
    organizationId: uuid('organization_id').notNull(),
    teamId: uuid('team_id').notNull(),
    membershipId: uuid('membership_id').notNull(),
    addedAt: moment('added_at').notNull().default(sql`now()`)
  },
  (table) => [
    primaryKey({ name: 'team_members_pkey', columns: [table.teamId, table.membershipId] }),
    index('team_members_by_membership').on(table.membershipId),
    foreignKey({
      name: 'team_members_team',
      columns: [table.organizationId, table.teamId],
      foreignColumns: [teams.organizationId, teams.id]
    }),
    foreignKey({
      name: 'team_members_membership',
      columns: [table.organizationId, table.membershipId],
      foreignColumns: [memberships.organizationId, memberships.id]
    }).onDelete('cascade')
  ]
)

/** Roles that a company made itself. */
export const customRoles = pgTable(
  'custom_roles',
  {
    organizationId: uuid('organization_id').notNull(),
    kind: text('kind', { enum: ['company'] })
      .notNull()
      .default('company'),
    key: text('key').notNull(),
    name: text('name').notNull(),
    description: text('description').notNull(),
    permissions: text('permissions').array().notNull(),
    revision: integer('revision').notNull().default(1),
    createdAt: createdAt()
  },
  (table) => [
    primaryKey({ name: 'custom_roles_pkey', columns: [table.organizationId, table.key] }),
    foreignKey({
      name: 'custom_roles_company',
      columns: [table.organizationId, table.kind],
      foreignColumns: [organizations.id, organizations.kind]
    }),
    check('custom_roles_company_only', sql`${table.kind} = 'company'`),
    check('custom_roles_key_form', sql`${table.key} ~ '^[a-z][a-z0-9_]{1,39}$'`),
    check(
      'custom_roles_key_free',
      sql`${table.key} not in ('owner', 'admin', 'finance', 'hiring_manager', 'recruiter', 'member', 'business_manager', 'freelancer')`
    ),
    check('custom_roles_not_owners_own', sql`not ${table.permissions} && array['company.close', 'ownership.transfer', 'team.hide']`)
  ]
)

/** A role that a member has, for one team or (without a team) for the whole organization. The owner is no grant: see `organizations`. */
export const roleGrants = pgTable(
  'role_grants',
  {
    organizationId: uuid('organization_id').notNull(),
    kind: text('kind', { enum: organizationKinds }).notNull(),
    membershipId: uuid('membership_id').notNull(),
    teamId: uuid('team_id'),
    /** A built-in role, or `customRole`. */
    role: text('role'),
    customRole: text('custom_role'),
    grantedAt: moment('granted_at').notNull().default(sql`now()`)
  },
  (table) => [
    unique('role_grants_once').on(table.membershipId, table.teamId, table.role, table.customRole).nullsNotDistinct(),
    index('role_grants_by_role').on(table.organizationId, table.role),
    index('role_grants_by_custom_role').on(table.organizationId, table.customRole).where(sql`${table.customRole} is not null`),
    foreignKey({
      name: 'role_grants_organization',
      columns: [table.organizationId, table.kind],
      foreignColumns: [organizations.id, organizations.kind]
    }),
    foreignKey({
      name: 'role_grants_membership',
      columns: [table.organizationId, table.membershipId],
      foreignColumns: [memberships.organizationId, memberships.id]
    }).onDelete('cascade'),
    // A role in a team is only for who is in it, and ends with that.
    foreignKey({
      name: 'role_grants_team_member',
      columns: [table.teamId, table.membershipId],
      foreignColumns: [teamMembers.teamId, teamMembers.membershipId]
    }).onDelete('cascade'),
    foreignKey({
      name: 'role_grants_custom_role',
      columns: [table.organizationId, table.customRole],
      foreignColumns: [customRoles.organizationId, customRoles.key]
    }),
    check('role_grants_one_role', sql`num_nonnulls(${table.role}, ${table.customRole}) = 1`),
    check(
      'role_grants_role_known',
      sql`${table.role} is null or (${table.kind} = 'company' and ${table.role} in ('admin', 'finance', 'hiring_manager', 'recruiter', 'member'))
        or (${table.kind} = 'agency' and ${table.role} in ('admin', 'finance', 'business_manager', 'freelancer'))`
    ),
    check('role_grants_finance_whole', sql`${table.role} <> 'finance' or ${table.teamId} is null`)
  ]
)
