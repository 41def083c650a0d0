import { sql } from 'drizzle-orm'
import { bigint, check, foreignKey, integer, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core'
import { accounts } from '../accounts/tables.ts'
import { createdAt, moment } from '../db/columns.ts'

export const visibilities = ['public', 'marketplace', 'private'] as const

/** The freelancer capacity of an account: at most one (P-4). A closed one keeps its data and can be opened again (P-15). */
export const freelancerProfiles = pgTable(
  'freelancer_profiles',
  {
    accountId: uuid('account_id')
      .primaryKey()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    status: text('status', { enum: ['active', 'closed'] })
      .notNull()
      .default('active'),
    title: text('title').notNull(),
    overview: text('overview').notNull(),
    /** In the smallest unit of the currency. */
    rateAmount: bigint('rate_amount', { mode: 'number' }),
    /** ISO 4217. */
    rateCurrency: text('rate_currency'),
    visibility: text('visibility', { enum: visibilities }).notNull(),
    skills: text('skills').array().notNull(),
    revision: integer('revision').notNull().default(1),
    createdAt: createdAt(),
    closedAt: moment('closed_at')
  },
  (table) => [
    check('freelancer_profiles_status_known', sql`${table.status} in ('active', 'closed')`),
    check('freelancer_profiles_visibility_known', sql`${table.visibility} in ('public', 'marketplace', 'private')`),
    check(
      'freelancer_profiles_rate_whole',
      sql`(${table.rateAmount} is null) = (${table.rateCurrency} is null) and (${table.rateAmount} is null or ${table.rateAmount} > 0)`
    ),
    check('freelancer_profiles_closed_has_time', sql`(${table.status} = 'closed') = (${table.closedAt} is not null)`)
  ]
)

/** The same person for another kind of work; two at most. */
export const specialisedProfiles = pgTable(
  'specialised_profiles',
  {
    accountId: uuid('account_id').notNull(),
    /** 1 or 2. */
    place: smallint('place').notNull(),
    title: text('title').notNull(),
    overview: text('overview').notNull(),
    rateAmount: bigint('rate_amount', { mode: 'number' }),
    rateCurrency: text('rate_currency'),
    skills: text('skills').array().notNull()
  },
  (table) => [
    primaryKey({ name: 'specialised_profiles_pkey', columns: [table.accountId, table.place] }),
    foreignKey({
      name: 'specialised_profiles_profile',
      columns: [table.accountId],
      foreignColumns: [freelancerProfiles.accountId]
    }).onDelete('cascade'),
    check('specialised_profiles_two', sql`${table.place} in (1, 2)`),
    check(
      'specialised_profiles_rate_whole',
      sql`(${table.rateAmount} is null) = (${table.rateCurrency} is null) and (${table.rateAmount} is null or ${table.rateAmount} > 0)`
    )
  ]
)
