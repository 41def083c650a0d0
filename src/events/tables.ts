import { sql } from 'drizzle-orm'
import { bigint, boolean, check, pgTable } from 'drizzle-orm/pg-core'

/** Up to which place in the feed events were deleted: one row at most, none while all are kept. */
export const forgottenEvents = pgTable(
  'forgotten_events',
  {
    one: boolean('one').primaryKey().default(true),
    through: bigint('through', { mode: 'number' }).notNull()
  },
  (table) => [check('forgotten_events_one_row', sql`${table.one}`)]
)
