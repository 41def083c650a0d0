import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytea, createdAt, moment } from '../db/columns.ts'

/** Answers kept for retries. Nothing readable: the binding is a hash, the answer is sealed under a key that only the caller's Idempotency-Key gives. */
export const idempotencyRecords = pgTable(
  'idempotency_records',
  {
    /** SHA-256 over caller, route and key. */
    binding: bytea('binding').primaryKey(),
    bodyHash: bytea('body_hash').notNull(),
    sealedAnswer: bytea('sealed_answer').notNull(),
    keyId: text('key_id').notNull(),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull()
  },
  (table) => [index('idempotency_records_by_end').on(table.expiresAt)]
)

/** Requests counted in fixed windows of the database clock. Unlogged: after a crash of the database the counts begin anew. */
export const rateCounters = pgTable(
  'rate_counters',
  {
    key: bytea('key').notNull(),
    windowEndsAt: moment('window_ends_at').notNull(),
    used: integer('used').notNull()
  },
  (table) => [
    primaryKey({ name: 'rate_counters_pkey', columns: [table.key, table.windowEndsAt] }),
    index('rate_counters_by_end').on(table.windowEndsAt)
  ]
)
