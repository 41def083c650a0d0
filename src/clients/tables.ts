import { sql } from 'drizzle-orm'
import { check, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { bytea, createdAt, moment } from '../db/columns.ts'

/** Internal services that call Guildhall. Up to two secrets live at once, so that one can be replaced without a gap. */
export const serviceClients = pgTable(
  'service_clients',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    scopes: text('scopes').array().notNull(),
    secretHashes: bytea('secret_hashes').array().notNull(),
    createdAt: createdAt(),
    disabledAt: moment('disabled_at')
  },
  (table) => [
    unique('service_clients_one_name').on(table.name),
    check('service_clients_two_secrets', sql`cardinality(${table.secretHashes}) between 1 and 2`)
  ]
)

/** People who operate the marketplace: apart from accounts, so that no account ever has an operator's rights. */
export const operators = pgTable(
  'operators',
  {
    id: uuid('id').primaryKey(),
    /** Canonical form; compared with the addresses of accounts where nobody may act on their own. */
    email: text('email').notNull(),
    secretHashes: bytea('secret_hashes').array().notNull(),
    createdAt: createdAt(),
    disabledAt: moment('disabled_at')
  },
  (table) => [
    unique('operators_one_email').on(table.email),
    check('operators_two_secrets', sql`cardinality(${table.secretHashes}) between 1 and 2`)
  ]
)
