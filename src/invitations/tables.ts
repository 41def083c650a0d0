import { sql } from 'drizzle-orm'
import { check, customType, foreignKey, index, integer, pgTable, smallint, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from '../accounts/tables.ts'
import { bytea, createdAt, moment } from '../db/columns.ts'
import { organizationKinds, organizations } from '../organizations/tables.ts'

export const invitationStatuses = ['pending', 'accepted', 'declined', 'revoked', 'superseded'] as const

/** Present in JSON as the invitation carries them: `[{role, teamId}]`, without a team for the whole organization. */
const grants = customType<{ data: Array<{ role: string; teamId: string | null }> }>({ dataType: () => 'jsonb' })

/**
 * An offer of membership sent to an address. Its roles are resolved when it is made and again when it is accepted: until then they give
 * nothing. Two tokens open it, both derived from `token_id` and kept as hashes: the mailed one proves the mailbox, the copied one does not.
 */
export const invitations = pgTable(
  'invitations',
  {
    id: uuid('id').primaryKey(),
    organizationId: uuid('organization_id').notNull(),
    kind: text('kind', { enum: organizationKinds }).notNull(),
    /** The spelling as typed: the only one that mail goes to. */
    email: text('email').notNull(),
    canonical: text('canonical').notNull(),
    canonicalVersion: smallint('canonical_version').notNull(),
    grants: grants('grants').notNull(),
    message: text('message'),
    /** Of the mail. */
    locale: text('locale').notNull(),
    /** In agencies: how the person will work through it. */
    affiliation: text('affiliation', { enum: ['non_exclusive', 'exclusive'] }),
    inviterAccountId: uuid('inviter_account_id')
      .notNull()
      .references(() => accounts.id),
    status: text('status', { enum: invitationStatuses }).notNull().default('pending'),
    tokenId: uuid('token_id').notNull(),
    /** Which key of the keyring the tokens are derived with. */
    keyId: text('key_id').notNull(),
    mailedTokenHash: bytea('mailed_token_hash').notNull(),
    copiedTokenHash: bytea('copied_token_hash').notNull(),
    /** Of the token in the mail that silences the address (N-8). */
    preferenceTokenHash: bytea('preference_token_hash').notNull(),
    days: smallint('days').notNull(),
    resends: smallint('resends').notNull().default(0),
    /** The mail of the present token, in the outbox. */
    mailId: uuid('mail_id'),
    remindedAt: moment('reminded_at'),
    /** When the admins were told that the inviter is no longer entitled, or the roles are gone (N-6). */
    adminsToldAt: moment('admins_told_at'),
    revision: integer('revision').notNull().default(1),
    createdAt: createdAt(),
    sentAt: moment('sent_at').notNull().default(sql`now()`),
    expiresAt: moment('expires_at').notNull(),
    endedAt: moment('ended_at'),
    acceptedByAccountId: uuid('accepted_by_account_id').references(() => accounts.id)
  },
  (table) => [
    // N-3.
    uniqueIndex('invitations_one_pending').on(table.organizationId, table.canonical).where(sql`${table.status} = 'pending'`),
    unique('invitations_one_mailed_token').on(table.mailedTokenHash),
    unique('invitations_one_copied_token').on(table.copiedTokenHash),
    unique('invitations_one_preference_token').on(table.preferenceTokenHash),
    unique('invitations_of_organization').on(table.organizationId, table.id),
    index('invitations_by_inviter').on(table.organizationId, table.inviterAccountId, table.id),
    index('invitations_by_address').on(table.canonical).where(sql`${table.status} = 'pending'`),
    index('invitations_open').on(table.expiresAt).where(sql`${table.status} = 'pending'`),
    foreignKey({
      name: 'invitations_organization',
      columns: [table.organizationId, table.kind],
      foreignColumns: [organizations.id, organizations.kind]
    }),
    check('invitations_status_known', sql`${table.status} in ('pending', 'accepted', 'declined', 'revoked', 'superseded')`),
    check('invitations_ended', sql`(${table.status} = 'pending') = (${table.endedAt} is null)`),
    check('invitations_accepted_by', sql`(${table.status} = 'accepted') = (${table.acceptedByAccountId} is not null)`),
    check('invitations_life', sql`${table.days} between 1 and 30`),
    check('invitations_affiliation_in_agencies', sql`(${table.kind} = 'agency') = (${table.affiliation} is not null)`),
    check('invitations_affiliation_known', sql`${table.affiliation} in ('non_exclusive', 'exclusive')`),
    check('invitations_message_short', sql`char_length(${table.message}) between 1 and 500`),
    // N-1: owner is never granted by invitation.
    check(
      'invitations_grants_form',
      sql`jsonb_typeof(${table.grants}) = 'array' and not jsonb_path_exists(${table.grants}, '$[*] ? (@.role == "owner")')`
    )
  ]
)

/** Addresses whose owners want no invitations (N-8), as keyed hashes. */
export const silencedAddresses = pgTable('silenced_addresses', {
  addressHash: bytea('address_hash').primaryKey(),
  keyId: text('key_id').notNull(),
  silencedAt: moment('silenced_at').notNull().default(sql`now()`)
})

/** Links by which coworkers join a company (N-10). They give the role `member` and nothing else. */
export const joinLinks = pgTable(
  'join_links',
  {
    id: uuid('id').primaryKey(),
    organizationId: uuid('organization_id').notNull(),
    kind: text('kind', { enum: ['company'] })
      .notNull()
      .default('company'),
    tokenHash: bytea('token_hash').notNull(),
    createdByAccountId: uuid('created_by_account_id')
      .notNull()
      .references(() => accounts.id),
    /** Only addresses at these of the company's verified domains; empty for all of them. */
    domains: text('domains').array().notNull(),
    maxUses: smallint('max_uses').notNull(),
    uses: smallint('uses').notNull().default(0),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    revokedAt: moment('revoked_at')
  },
  (table) => [
    unique('join_links_one_token').on(table.tokenHash),
    unique('join_links_of_organization').on(table.organizationId, table.id),
    foreignKey({
      name: 'join_links_company',
      columns: [table.organizationId, table.kind],
      foreignColumns: [organizations.id, organizations.kind]
    }),
    check('join_links_company_only', sql`${table.kind} = 'company'`),
    check('join_links_max_uses', sql`${table.maxUses} between 1 and 100`),
    check('join_links_uses', sql`${table.uses} between 0 and ${table.maxUses}`)
  ]
)

/** Who joined by which link. */
export const joinLinkUses = pgTable(
  'join_link_uses',
  {
    id: uuid('id').primaryKey(),
    organizationId: uuid('organization_id').notNull(),
    linkId: uuid('link_id').notNull(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    /** The membership that came of it; it may have ended since. */
    membershipId: uuid('membership_id').notNull(),
    usedAt: moment('used_at').notNull().default(sql`now()`)
  },
  (table) => [
    foreignKey({
      name: 'join_link_uses_link',
      columns: [table.organizationId, table.linkId],
      foreignColumns: [joinLinks.organizationId, joinLinks.id]
    }),
    index('join_link_uses_by_link').on(table.linkId, table.id)
  ]
)

/** Asking to join a company (D-5). Past its time an open one counts for nothing. */
export const joinRequests = pgTable(
  'join_requests',
  {
    id: uuid('id').primaryKey(),
    organizationId: uuid('organization_id').notNull(),
    kind: text('kind', { enum: ['company'] })
      .notNull()
      .default('company'),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    /** The verified address by which the person may ask. */
    email: text('email').notNull(),
    message: text('message'),
    status: text('status', { enum: ['open', 'approved', 'refused', 'withdrawn', 'superseded'] })
      .notNull()
      .default('open'),
    decidedByAccountId: uuid('decided_by_account_id').references(() => accounts.id),
    reason: text('reason'),
    /** The mails about it to those who decide, in the outbox. */
    mailIds: uuid('mail_ids').array().notNull().default([]),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    endedAt: moment('ended_at')
  },
  (table) => [
    uniqueIndex('join_requests_one_open').on(table.organizationId, table.accountId).where(sql`${table.status} = 'open'`),
    index('join_requests_by_organization').on(table.organizationId, table.id),
    index('join_requests_by_account').on(table.accountId, table.id),
    foreignKey({
      name: 'join_requests_company',
      columns: [table.organizationId, table.kind],
      foreignColumns: [organizations.id, organizations.kind]
    }),
    check('join_requests_company_only', sql`${table.kind} = 'company'`),
    check('join_requests_status_known', sql`${table.status} in ('open', 'approved', 'refused', 'withdrawn', 'superseded')`),
    check('join_requests_ended', sql`(${table.status} = 'open') = (${table.endedAt} is null)`),
    check('join_requests_decided', sql`(${table.status} in ('approved', 'refused')) = (${table.decidedByAccountId} is not null)`),
    check('join_requests_refused_has_reason', sql`${table.status} <> 'refused' or ${table.reason} is not null`)
  ]
)
