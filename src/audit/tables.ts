import { sql } from 'drizzle-orm'
import { bigint, check, customType, index, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytea, moment } from '../db/columns.ts'

const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' })

/**
 * What happened: append-only, one hash chain for each account or organization. Ids only; personal values lie in `audit_personal`,
 * and the chain holds a salted digest of them, so that erasing them leaves it whole. A trigger numbers and hashes each row.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: uuid('id').primaryKey(),
    chainKind: text('chain_kind').notNull(),
    chainId: uuid('chain_id').notNull(),
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    at: moment('at').notNull().default(sql`now()`),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id'),
    action: text('action').notNull(),
    resource: text('resource').notNull(),
    requestId: text('request_id'),
    detail: jsonb('detail').notNull(),
    personalDigest: bytea('personal_digest'),
    previousHash: bytea('previous_hash').notNull(),
    hash: bytea('hash').notNull()
  },
  (table) => [
    uniqueIndex('audit_events_one_sequence').on(table.chainKind, table.chainId, table.sequence),
    check('audit_events_chain_known', sql`${table.chainKind} in ('account', 'organization', 'identifier', 'system')`),
    check('audit_events_actor_known', sql`${table.actorKind} in ('account', 'service', 'operator', 'anonymous', 'system')`),
    index('audit_events_by_time').on(table.at)
  ]
)

/** The end of each chain: locked by the trigger while a row is added. */
export const auditChains = pgTable(
  'audit_chains',
  {
    chainKind: text('chain_kind').notNull(),
    chainId: uuid('chain_id').notNull(),
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    hash: bytea('hash').notNull()
  },
  (table) => [primaryKey({ name: 'audit_chains_pkey', columns: [table.chainKind, table.chainId] })]
)

/** Personal values of an audit row with the salt of their digest; the only part of the audit that can be erased. */
export const auditPersonal = pgTable('audit_personal', {
  eventId: uuid('event_id')
    .primaryKey()
    .references(() => auditEvents.id),
  salt: bytea('salt').notNull(),
  values: jsonb('values').notNull()
})

/** A digest over all audit rows of a stretch of time; the same line is kept outside the database. */
export const auditAnchors = pgTable('audit_anchors', {
  until: moment('until').primaryKey(),
  from: moment('from').notNull(),
  rows: bigint('rows', { mode: 'number' }).notNull(),
  digest: bytea('digest').notNull()
})

/**
 * Facts for other services. `position` is given before the commit, so a lower one may come to light later; `sequence` is given afterwards,
 * to what can be seen, and is the order of the feed (`events/numbering.ts`).
 */
export const events = pgTable(
  'events',
  {
    position: bigint('position', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    sequence: bigint('sequence', { mode: 'number' }),
    id: uuid('id').notNull(),
    transactionId: xid8('transaction_id').notNull().default(sql`pg_current_xact_id()`),
    type: text('type').notNull(),
    subject: text('subject').notNull(),
    organizationId: uuid('organization_id'),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id'),
    at: moment('at').notNull().default(sql`now()`),
    before: jsonb('before'),
    after: jsonb('after')
  },
  (table) => [
    uniqueIndex('events_one_id').on(table.id),
    uniqueIndex('events_one_sequence').on(table.sequence),
    index('events_unnumbered').on(table.position).where(sql`${table.sequence} is null`)
  ]
)
