import { sql } from 'drizzle-orm'
import { bigint, check, foreignKey, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { accounts } from '../accounts/tables.ts'
import { bytea, moment } from '../db/columns.ts'
import { memberships, organizations, teams } from '../organizations/tables.ts'

/** What Guildhall needs to know of a contract, as the contract service tells it; the contact is Guildhall's own (K-5). */
export const contracts = pgTable(
  'contracts',
  {
    /** The contract service's own id. */
    id: text('id').primaryKey(),
    version: bigint('version', { mode: 'number' }).notNull(),
    /** SHA-256 of the update that brought this version. */
    bodyHash: bytea('body_hash').notNull(),
    companyId: uuid('company_id').notNull(),
    teamId: uuid('team_id').notNull(),
    contactAccountId: uuid('contact_account_id')
      .notNull()
      .references(() => accounts.id),
    /** While the contract is active: a membership that is named here cannot be deleted (K-1). */
    contactMembershipId: uuid('contact_membership_id'),
    /** Counts the changes of the contact. */
    contactRevision: integer('contact_revision').notNull().default(1),
    freelancerAccountId: uuid('freelancer_account_id')
      .notNull()
      .references(() => accounts.id),
    agencyId: uuid('agency_id').references(() => organizations.id),
    businessManagerAccountId: uuid('business_manager_account_id').references(() => accounts.id),
    status: text('status', { enum: ['active', 'closed'] }).notNull(),
    updatedAt: moment('updated_at').notNull().default(sql`now()`)
  },
  (table) => [
    check('contracts_status_known', sql`${table.status} in ('active', 'closed')`),
    check('contracts_contact_while_active', sql`(${table.status} = 'active') = (${table.contactMembershipId} is not null)`),
    foreignKey({ name: 'contracts_team', columns: [table.companyId, table.teamId], foreignColumns: [teams.organizationId, teams.id] }),
    foreignKey({
      name: 'contracts_contact',
      columns: [table.companyId, table.contactMembershipId],
      foreignColumns: [memberships.organizationId, memberships.id]
    }).onDelete('restrict'),
    index('contracts_by_company').on(table.companyId, table.id),
    index('contracts_by_contact').on(table.contactMembershipId).where(sql`${table.status} = 'active'`),
    index('contracts_by_team').on(table.teamId).where(sql`${table.status} = 'active'`),
    index('contracts_by_freelancer').on(table.freelancerAccountId).where(sql`${table.status} = 'active'`),
    index('contracts_by_agency').on(table.agencyId).where(sql`${table.status} = 'active'`)
  ]
)

/** A proposal of a freelancer, on their own or through an agency. Open and archived ones bind them to the agency (G-4). */
export const proposals = pgTable(
  'proposals',
  {
    id: text('id').primaryKey(),
    version: bigint('version', { mode: 'number' }).notNull(),
    bodyHash: bytea('body_hash').notNull(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    agencyId: uuid('agency_id').references(() => organizations.id),
    status: text('status', { enum: ['open', 'archived', 'withdrawn', 'closed'] }).notNull(),
    updatedAt: moment('updated_at').notNull().default(sql`now()`)
  },
  (table) => [
    check('proposals_status_known', sql`${table.status} in ('open', 'archived', 'withdrawn', 'closed')`),
    index('proposals_by_account').on(table.accountId).where(sql`${table.status} in ('open', 'archived')`),
    index('proposals_by_agency').on(table.agencyId).where(sql`${table.status} in ('open', 'archived')`)
  ]
)
