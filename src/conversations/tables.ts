import { sql } from 'drizzle-orm'
import { bigint, check, foreignKey, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { accounts } from '../accounts/tables.ts'
import { bytea, moment } from '../db/columns.ts'
import { invitations } from '../invitations/tables.ts'
import { memberships, organizations, teams } from '../organizations/tables.ts'

/** From the least to the most. */
export const conversationLevels = ['recruiter', 'hiring_manager', 'full'] as const

/** What Guildhall needs to know of a conversation of a company, as the messaging service tells it. */
export const conversations = pgTable(
  'conversations',
  {
    /** The messaging service's own id. */
    id: text('id').primaryKey(),
    version: bigint('version', { mode: 'number' }).notNull(),
    /** SHA-256 of the update that brought this version. */
    bodyHash: bytea('body_hash').notNull(),
    companyId: uuid('company_id').notNull(),
    kind: text('kind', { enum: ['company'] })
      .notNull()
      .default('company'),
    teamId: uuid('team_id'),
    status: text('status', { enum: ['open', 'closed'] }).notNull(),
    /** Counts the changes of participants: an update changes them only when it has seen the present ones. */
    participantsRevision: integer('participants_revision').notNull().default(1),
    updatedAt: moment('updated_at').notNull().default(sql`now()`)
  },
  (table) => [
    unique('conversations_of_company').on(table.companyId, table.id),
    foreignKey({
      name: 'conversations_company',
      columns: [table.companyId, table.kind],
      foreignColumns: [organizations.id, organizations.kind]
    }),
    foreignKey({ name: 'conversations_team', columns: [table.companyId, table.teamId], foreignColumns: [teams.organizationId, teams.id] }),
    check('conversations_company_only', sql`${table.kind} = 'company'`),
    check('conversations_status_known', sql`${table.status} in ('open', 'closed')`)
  ]
)

/**
 * Who takes part. Coworkers have a level and hang on their membership, with which their part ends (H-3); whoever the company talks with has
 * neither.
 */
export const conversationParticipants = pgTable(
  'conversation_participants',
  {
    conversationId: text('conversation_id').notNull(),
    companyId: uuid('company_id').notNull(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    membershipId: uuid('membership_id'),
    level: text('level', { enum: conversationLevels }),
    addedByAccountId: uuid('added_by_account_id').references(() => accounts.id),
    addedAt: moment('added_at').notNull().default(sql`now()`)
  },
  (table) => [
    primaryKey({ name: 'conversation_participants_pkey', columns: [table.conversationId, table.accountId] }),
    index('conversation_participants_by_membership').on(table.membershipId),
    index('conversation_participants_by_account').on(table.accountId),
    foreignKey({
      name: 'conversation_participants_conversation',
      columns: [table.companyId, table.conversationId],
      foreignColumns: [conversations.companyId, conversations.id]
    }),
    foreignKey({
      name: 'conversation_participants_membership',
      columns: [table.companyId, table.membershipId],
      foreignColumns: [memberships.organizationId, memberships.id]
    }).onDelete('cascade'),
    check('conversation_participants_level_known', sql`${table.level} in ('recruiter', 'hiring_manager', 'full')`),
    check('conversation_participants_coworkers_have_level', sql`(${table.membershipId} is null) = (${table.level} is null)`)
  ]
)

/** Coworkers who will take part once they accept their invitation (H-2). */
export const conversationInvitations = pgTable(
  'conversation_invitations',
  {
    conversationId: text('conversation_id').notNull(),
    companyId: uuid('company_id').notNull(),
    invitationId: uuid('invitation_id').notNull(),
    level: text('level', { enum: conversationLevels }).notNull(),
    addedByAccountId: uuid('added_by_account_id')
      .notNull()
      .references(() => accounts.id),
    addedAt: moment('added_at').notNull().default(sql`now()`)
  },
  (table) => [
    primaryKey({ name: 'conversation_invitations_pkey', columns: [table.conversationId, table.invitationId] }),
    index('conversation_invitations_by_invitation').on(table.invitationId),
    foreignKey({
      name: 'conversation_invitations_conversation',
      columns: [table.companyId, table.conversationId],
      foreignColumns: [conversations.companyId, conversations.id]
    }),
    foreignKey({
      name: 'conversation_invitations_invitation',
      columns: [table.companyId, table.invitationId],
      foreignColumns: [invitations.organizationId, invitations.id]
    }),
    check('conversation_invitations_level_known', sql`${table.level} in ('recruiter', 'hiring_manager', 'full')`)
  ]
)
