import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from '../accounts/tables.ts'
import { createdAt, moment } from '../db/columns.ts'

/** Requests to erase a person's data (P-16): their own, after closing, or an operator's for the banned, which a second operator approves. */
export const anonymisations = pgTable(
  'anonymisations',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    status: text('status', { enum: ['proposed', 'scheduled', 'done', 'cancelled'] }).notNull(),
    requestedByKind: text('requested_by_kind', { enum: ['account', 'operator'] }).notNull(),
    requestedById: text('requested_by_id').notNull(),
    approvedById: text('approved_by_id'),
    /** Until then the person can change their mind. */
    dueAt: moment('due_at'),
    createdAt: createdAt(),
    endedAt: moment('ended_at')
  },
  (table) => [
    uniqueIndex('anonymisations_one_open').on(table.accountId).where(sql`${table.status} in ('proposed', 'scheduled')`),
    index('anonymisations_by_account').on(table.accountId),
    index('anonymisations_due').on(table.dueAt).where(sql`${table.status} = 'scheduled'`),
    check('anonymisations_status_known', sql`${table.status} in ('proposed', 'scheduled', 'done', 'cancelled')`),
    check('anonymisations_requested_by_known', sql`${table.requestedByKind} in ('account', 'operator')`),
    check('anonymisations_ended_has_time', sql`(${table.status} in ('done', 'cancelled')) = (${table.endedAt} is not null)`),
    check('anonymisations_scheduled_has_time', sql`${table.status} <> 'scheduled' or ${table.dueAt} is not null`),
    check(
      'anonymisations_four_eyes',
      sql`${table.requestedByKind} = 'account' or ${table.status} in ('proposed', 'cancelled')
        or (${table.approvedById} is not null and ${table.approvedById} <> ${table.requestedById})`
    )
  ]
)
