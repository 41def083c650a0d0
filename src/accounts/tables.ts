import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, integer, pgTable, smallint, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytea, createdAt, inForce, moment } from '../db/columns.ts'

export const accountStatuses = ['pending_email', 'active', 'closed', 'anonymised'] as const
/** What is in force, as `enforcement(accounts)` and `enforcement(organizations)` in the migrations compute it by the clock. */
export const enforcementKinds = ['none', 'notice', 'warning', 'restricted', 'suspended', 'banned'] as const

/** One natural person with one login. An id is never used again, also after closing. */
export const accounts = pgTable(
  'accounts',
  {
    id: uuid('id').primaryKey(),
    status: text('status', { enum: accountStatuses }).notNull(),
    firstName: text('first_name').notNull(),
    lastName: text('last_name').notNull(),
    countryCode: text('country_code').notNull(),
    intent: text('intent', { enum: ['client', 'freelancer'] }).notNull(),
    locale: text('locale').notNull(),
    passwordHash: text('password_hash').notNull(),
    /** Which key of the keyring pepper the hash was made with. */
    pepperId: text('pepper_id').notNull(),
    /** The password is long enough to be the only factor (S-1); false only while a second factor is set up. */
    passwordStandsAlone: boolean('password_stands_alone').notNull(),
    ...inForce,
    /** The version of the account as a resource: its ETag. */
    revision: integer('revision').notNull().default(1),
    /** Rises with every change of the account or anything below it: consistency tokens and caches compare it. */
    version: bigint('version', { mode: 'number' }).notNull().default(1),
    createdAt: createdAt(),
    activatedAt: moment('activated_at'),
    closedAt: moment('closed_at')
  },
  (table) => [
    check('accounts_status_known', sql`${table.status} in ('pending_email', 'active', 'closed', 'anonymised')`),
    check('accounts_intent_known', sql`${table.intent} in ('client', 'freelancer')`),
    check('accounts_closed_has_time', sql`(${table.status} in ('closed', 'anonymised')) = (${table.closedAt} is not null)`),
    check('accounts_active_was_activated', sql`${table.status} = 'pending_email' or ${table.activatedAt} is not null`),
    index('accounts_unproven').on(table.createdAt).where(sql`${table.status} = 'pending_email'`)
  ]
)

/** Addresses of accounts. Only a proven one belongs to anybody (P-1); mail goes to the spelling as typed. */
export const emails = pgTable(
  'emails',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    address: text('address').notNull(),
    canonical: text('canonical').notNull(),
    canonicalVersion: smallint('canonical_version').notNull(),
    isPrimary: boolean('is_primary').notNull(),
    verifiedAt: moment('verified_at'),
    createdAt: createdAt()
  },
  (table) => [
    uniqueIndex('emails_one_account').on(table.canonical).where(sql`${table.verifiedAt} is not null`),
    uniqueIndex('emails_one_primary').on(table.accountId).where(sql`${table.isPrimary}`),
    unique('emails_once_per_account').on(table.accountId, table.canonical),
    index('emails_by_canonical').on(table.canonical),
    index('emails_by_domain').on(sql`split_part(${table.canonical}, '@', 2)`).where(sql`${table.verifiedAt} is not null`)
  ]
)

export const mailTokenPurposes = ['verify_email', 'verify_address', 'reset_password', 'undo_email_change', 'reactivate'] as const

/** Single-use tokens sent by mail, as hashes. A token is derived from the id, so that a mail can be sent again with the same one and none is ever stored. */
export const mailTokens = pgTable(
  'mail_tokens',
  {
    id: uuid('id').primaryKey(),
    purpose: text('purpose', { enum: mailTokenPurposes }).notNull(),
    tokenHash: bytea('token_hash').notNull(),
    /** Which key of the keyring the token is derived with. */
    keyId: text('key_id').notNull(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    emailId: uuid('email_id')
      .notNull()
      .references(() => emails.id, { onDelete: 'cascade' }),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at')
  },
  (table) => [
    unique('mail_tokens_one_hash').on(table.tokenHash),
    check(
      'mail_tokens_purpose_known',
      sql`${table.purpose} in ('verify_email', 'verify_address', 'reset_password', 'undo_email_change', 'reactivate')`
    ),
    uniqueIndex('mail_tokens_one_live_reset')
      .on(table.accountId)
      .where(sql`${table.purpose} = 'reset_password' and ${table.usedAt} is null`),
    uniqueIndex('mail_tokens_one_live_reactivation')
      .on(table.accountId)
      .where(sql`${table.purpose} = 'reactivate' and ${table.usedAt} is null`),
    uniqueIndex('mail_tokens_one_live_proof')
      .on(table.emailId)
      .where(sql`${table.purpose} in ('verify_email', 'verify_address') and ${table.usedAt} is null`),
    index('mail_tokens_by_account').on(table.accountId),
    index('mail_tokens_by_email').on(table.emailId)
  ]
)
