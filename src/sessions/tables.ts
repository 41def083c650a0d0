import { sql } from 'drizzle-orm'
import { bigint, check, date, index, integer, pgTable, primaryKey, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from '../accounts/tables.ts'
import { bytea, createdAt, moment } from '../db/columns.ts'

/** One sign-in on one device: the family of its refresh tokens. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    /** When the person last proved to be there, by password or mailbox (S-8). */
    authenticatedAt: moment('authenticated_at').notNull(),
    lastUsedAt: moment('last_used_at').notNull(),
    /** The absolute end, never moved by use. */
    expiresAt: moment('expires_at').notNull(),
    endedAt: moment('ended_at'),
    endReason: text('end_reason'),
    device: text('device').notNull(),
    userAgent: text('user_agent').notNull(),
    /** Where it was last used: the /24 of an IPv4, the /48 of an IPv6 address. */
    place: text('place').notNull(),
    /** Why the person has to prove again that it is them, before sensitive acts (S-5); empty once they did. */
    doubt: text('doubt', { enum: ['moved', 'shared'] }),
    createdAt: createdAt()
  },
  (table) => [
    check('sessions_doubt_known', sql`${table.doubt} in ('moved', 'shared')`),
    check('sessions_end_has_reason', sql`(${table.endedAt} is null) = (${table.endReason} is null)`),
    index('sessions_live').on(table.accountId, table.createdAt).where(sql`${table.endedAt} is null`),
    index('sessions_by_account').on(table.accountId)
  ]
)

/**
 * One login in use on two devices in two places at once (S-5): what operators see of it. One for each pair of devices and day; of the
 * pair, whichever device sorts first stands first.
 */
export const sharingSignals = pgTable(
  'sharing_signals',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    sessionId: uuid('session_id').notNull(),
    device: text('device').notNull(),
    place: text('place').notNull(),
    otherSessionId: uuid('other_session_id').notNull(),
    otherDevice: text('other_device').notNull(),
    otherPlace: text('other_place').notNull(),
    day: date('day').notNull().default(sql`(now() at time zone 'UTC')::date`),
    /** When the person proved that both devices are theirs: for a while the pair raises nothing. */
    confirmedAt: moment('confirmed_at'),
    /** When a mail about it was asked for. */
    toldAt: moment('told_at'),
    createdAt: createdAt()
  },
  (table) => [
    check('sharing_signals_pair_in_order', sql`${table.device} collate "C" < ${table.otherDevice} collate "C"`),
    check('sharing_signals_two_places', sql`${table.place} <> ${table.otherPlace}`),
    uniqueIndex('sharing_signals_once_a_day').on(
      table.accountId,
      table.device,
      table.place,
      table.otherDevice,
      table.otherPlace,
      table.day
    ),
    index('sharing_signals_by_account').on(table.accountId, table.id)
  ]
)

/** Refresh tokens, as hashes. A used one stays until its session is forgotten, so that a second use is recognised (S-3). */
export const refreshTokens = pgTable(
  'refresh_tokens',
  {
    tokenHash: bytea('token_hash').primaryKey(),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    createdAt: createdAt(),
    /** The idle end. */
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at')
  },
  (table) => [
    index('refresh_tokens_by_session').on(table.sessionId),
    uniqueIndex('refresh_tokens_one_live').on(table.sessionId).where(sql`${table.usedAt} is null`)
  ]
)

/** Wrong passwords per email address, known or not: keyed by a hash, so that unknown addresses are not collected. */
export const signInFailures = pgTable('sign_in_failures', {
  identifierHash: bytea('identifier_hash').primaryKey(),
  /** Failures since the last success or mailbox proof. */
  consecutive: integer('consecutive').notNull(),
  /** Failures in the present window. */
  recent: integer('recent').notNull(),
  windowStartedAt: moment('window_started_at').notNull(),
  pausedUntil: moment('paused_until')
})

/** The authenticator app of an account (RFC 6238); the secret is sealed. */
export const secondFactors = pgTable('second_factors', {
  accountId: uuid('account_id')
    .primaryKey()
    .references(() => accounts.id, { onDelete: 'cascade' }),
  sealedSecret: bytea('sealed_secret').notNull(),
  keyId: text('key_id').notNull(),
  /** Absent while it is being set up: it counts for nothing until its first code was seen. */
  confirmedAt: moment('confirmed_at'),
  /** The last time step whose code was taken: none is taken twice. */
  lastStep: bigint('last_step', { mode: 'number' }).notNull().default(0),
  createdAt: createdAt()
})

export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    codeHash: bytea('code_hash').notNull(),
    usedAt: moment('used_at')
  },
  (table) => [primaryKey({ name: 'recovery_codes_pkey', columns: [table.accountId, table.codeHash] })]
)

export const signingKeyStatuses = ['next', 'current', 'previous'] as const

/** Keys that sign access tokens; the private half is sealed. At most one of each status (RFC 7517, published at /.well-known/jwks.json). */
export const signingKeys = pgTable(
  'signing_keys',
  {
    kid: text('kid').primaryKey(),
    status: text('status', { enum: signingKeyStatuses }).notNull(),
    publicJwk: text('public_jwk').notNull(),
    sealedPrivateKey: bytea('sealed_private_key').notNull(),
    keyId: text('key_id').notNull(),
    createdAt: createdAt(),
    activatedAt: moment('activated_at'),
    retiredAt: moment('retired_at')
  },
  (table) => [
    unique('signing_keys_one_of_each_status').on(table.status),
    check('signing_keys_status_known', sql`${table.status} in ('next', 'current', 'previous')`)
  ]
)
