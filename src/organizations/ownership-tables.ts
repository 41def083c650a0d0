import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from '../accounts/tables.ts'
import { createdAt, moment } from '../db/columns.ts'
import { organizations } from './tables.ts'

/** Offers of ownership; at most one is open for an organization (O-1). */
export const ownershipTransfers = pgTable(
  'ownership_transfers',
  {
    id: uuid('id').primaryKey(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    fromAccountId: uuid('from_account_id')
      .notNull()
      .references(() => accounts.id),
    toAccountId: uuid('to_account_id')
      .notNull()
      .references(() => accounts.id),
    status: text('status', { enum: ['offered', 'accepted', 'declined', 'cancelled', 'expired'] }).notNull(),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    endedAt: moment('ended_at')
  },
  (table) => [
    uniqueIndex('ownership_transfers_one_open').on(table.organizationId).where(sql`${table.status} = 'offered'`),
    index('ownership_transfers_by_target').on(table.toAccountId).where(sql`${table.status} = 'offered'`),
    check('ownership_transfers_status_known', sql`${table.status} in ('offered', 'accepted', 'declined', 'cancelled', 'expired')`),
    check('ownership_transfers_ended', sql`(${table.status} = 'offered') = (${table.endedAt} is null)`)
  ]
)
