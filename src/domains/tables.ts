import { sql } from 'drizzle-orm'
import { check, foreignKey, index, integer, pgTable, primaryKey, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, moment } from '../db/columns.ts'
import { organizations, teams } from '../organizations/tables.ts'

export const autoJoinModes = ['off', 'suggest', 'request', 'automatic'] as const
export const domainStatuses = ['added', 'verified', 'lost'] as const

/**
 * A domain that a company claims. An unproven claim reserves nothing (D-3). `lost`: another company proved that it owns the domain; until
 * `contest_until` it can be won back (D-1).
 */
export const domains = pgTable(
  'domains',
  {
    id: uuid('id').primaryKey(),
    organizationId: uuid('organization_id').notNull(),
    kind: text('kind', { enum: ['company'] })
      .notNull()
      .default('company'),
    /** Lower-case A-labels. */
    domain: text('domain').notNull(),
    status: text('status', { enum: domainStatuses }).notNull().default('added'),
    /** The random value that the DNS record must show. */
    challenge: text('challenge').notNull(),
    challengeExpiresAt: moment('challenge_expires_at').notNull(),
    /** Somebody who runs the company had a proven address at the domain. */
    affiliationProvenAt: moment('affiliation_proven_at'),
    /** The DNS record was seen: outranks any affiliation (D-1), and lets people join by themselves (D-5). */
    ownershipProvenAt: moment('ownership_proven_at'),
    /** When the proof was last looked at. */
    checkedAt: moment('checked_at'),
    /** Since when the proof was missed: confirmed an hour later, it pauses auto-join (D-8). */
    failingSince: moment('failing_since'),
    pausedAt: moment('paused_at'),
    /** Another company may win it back until then: nobody joins by it meanwhile. */
    heldUntil: moment('held_until'),
    /** Lost to another company, and to be won back until then. */
    contestUntil: moment('contest_until'),
    mode: text('mode', { enum: autoJoinModes }).notNull().default('off'),
    defaultRole: text('default_role', { enum: ['recruiter', 'hiring_manager'] })
      .notNull()
      .default('recruiter'),
    revision: integer('revision').notNull().default(1),
    createdAt: createdAt()
  },
  (table) => [
    // D-3.
    uniqueIndex('domains_one_company').on(table.domain).where(sql`${table.status} = 'verified'`),
    unique('domains_once_per_company').on(table.organizationId, table.domain),
    unique('domains_of_organization').on(table.organizationId, table.id),
    index('domains_lost').on(table.domain).where(sql`${table.status} = 'lost'`),
    index('domains_to_check').on(table.checkedAt).where(sql`${table.status} = 'verified'`),
    foreignKey({
      name: 'domains_company',
      columns: [table.organizationId, table.kind],
      foreignColumns: [organizations.id, organizations.kind]
    }),
    check('domains_company_only', sql`${table.kind} = 'company'`),
    check('domains_status_known', sql`${table.status} in ('added', 'verified', 'lost')`),
    check(
      'domains_form',
      sql`${table.domain} = lower(${table.domain}) and ${table.domain} ~ '^[a-z0-9.-]+$' and ${table.domain} like '%.%'`
    ),
    check(
      'domains_verified_by_proof',
      sql`${table.status} <> 'verified' or num_nonnulls(${table.affiliationProvenAt}, ${table.ownershipProvenAt}) > 0`
    ),
    check('domains_mode_known', sql`${table.mode} in ('off', 'suggest', 'request', 'automatic')`),
    check('domains_mode_needs_proof', sql`${table.mode} = 'off' or ${table.status} = 'verified'`),
    // D-5.
    check('domains_automatic_needs_ownership', sql`${table.mode} <> 'automatic' or ${table.ownershipProvenAt} is not null`),
    // D-6.
    check('domains_default_role', sql`${table.defaultRole} in ('recruiter', 'hiring_manager')`),
    check('domains_lost_can_be_contested', sql`(${table.status} = 'lost') = (${table.contestUntil} is not null)`)
  ]
)

/** Teams that whoever joins by a domain is put into, with its default role there; without any, the default team. */
export const domainTeams = pgTable(
  'domain_teams',
  {
    organizationId: uuid('organization_id').notNull(),
    domainId: uuid('domain_id').notNull(),
    teamId: uuid('team_id').notNull()
  },
  (table) => [
    primaryKey({ name: 'domain_teams_pkey', columns: [table.domainId, table.teamId] }),
    foreignKey({
      name: 'domain_teams_domain',
      columns: [table.organizationId, table.domainId],
      foreignColumns: [domains.organizationId, domains.id]
    }).onDelete('cascade'),
    foreignKey({
      name: 'domain_teams_team',
      columns: [table.organizationId, table.teamId],
      foreignColumns: [teams.organizationId, teams.id]
    })
  ]
)
