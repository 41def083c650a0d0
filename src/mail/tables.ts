import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt, moment } from '../db/columns.ts'

export const mailStatuses = ['waiting', 'sent', 'skipped', 'parked'] as const

/**
 * Mails to send, written in the transaction of the change that causes them. A row says what happened; whom to tell and with which
 * words is decided when it is sent, so that no request is slower for a known address than for an unknown one (P-2). No token and no
 * link is in it.
 */
export const outbox = pgTable(
  'outbox',
  {
    id: uuid('id').primaryKey(),
    kind: text('kind').notNull(),
    /** Parameters of the kind: ids, or a canonical address that may be unknown; cleared when the mail is done. */
    data: jsonb('data').notNull(),
    status: text('status', { enum: mailStatuses }).notNull().default('waiting'),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    /** While a worker has it in hand; past this moment the worker is taken for dead. */
    leasedUntil: moment('leased_until'),
    createdAt: createdAt(),
    doneAt: moment('done_at')
  },
  (table) => [
    check('outbox_status_known', sql`${table.status} in ('waiting', 'sent', 'skipped', 'parked')`),
    index('outbox_open').on(table.createdAt).where(sql`${table.status} = 'waiting'`),
    index('outbox_parked').on(table.createdAt).where(sql`${table.status} = 'parked'`)
  ]
)
