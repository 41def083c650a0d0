import { sql } from 'drizzle-orm'
import { pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { bytea, moment } from '../db/columns.ts'
import { organizations } from './tables.ts'

/** Addresses that somebody had proven when an organization removed them (N-12): hashes over organization and address, so that none is stored. */
export const removedAddresses = pgTable(
  'removed_addresses',
  {
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    addressHash: bytea('address_hash').notNull(),
    removedAt: moment('removed_at').notNull().default(sql`now()`)
  },
  (table) => [primaryKey({ name: 'removed_addresses_pkey', columns: [table.organizationId, table.addressHash] })]
)
