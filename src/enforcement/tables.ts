import { sql } from 'drizzle-orm'
import { check, customType, foreignKey, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from '../accounts/tables.ts'
import { createdAt, moment } from '../db/columns.ts'
import { duplicateCases, identityVerifications } from '../identity/tables.ts'
import { organizations } from '../organizations/tables.ts'

const tstzrange = customType<{ data: string }>({ dataType: () => 'tstzrange' })

/** From the mildest to the hardest. */
export const actionKinds = ['notice', 'warning', 'restricted', 'suspended', 'banned'] as const
export type ActionKind = (typeof actionKinds)[number]
export const actionStatuses = ['proposed', 'active', 'lifted', 'withdrawn'] as const
export const liftReasons = ['remedy', 'appeal', 'operator', 'case'] as const
export type LiftReason = (typeof liftReasons)[number]

/**
 * Trust-and-safety actions on accounts and organizations (E-1). A trigger keeps, on the account or organization, when which kind is in
 * force: it begins and ends there by the database's clock (E-5).
 */
export const enforcementActions = pgTable(
  'enforcement_actions',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id').references(() => accounts.id),
    organizationId: uuid('organization_id').references(() => organizations.id),
    kind: text('kind', { enum: actionKinds }).notNull(),
    /** A ban is proposed until a second operator approves it. */
    status: text('status', { enum: actionStatuses }).notNull(),
    reasonCode: text('reason_code').notNull(),
    /** The clause of the terms that it rests on. */
    policy: text('policy').notNull(),
    /** How to put it right, in words for the person. */
    remedy: text('remedy').notNull(),
    /** For operators only. */
    note: text('note'),
    imposedByKind: text('imposed_by_kind').notNull(),
    imposedById: text('imposed_by_id'),
    approvedById: text('approved_by_id'),
    approvedAt: moment('approved_at'),
    /** In whole milliseconds, and never rounded up: what begins now has begun in this transaction. */
    startsAt: moment('starts_at').notNull().default(sql`date_trunc('milliseconds', now())`),
    endsAt: moment('ends_at'),
    /** When those whom it concerns were told that it is in force; of one that begins by the clock they are told by a job. */
    toldAt: moment('told_at'),
    /**
     * When it is in force. What began when it was decided has no beginning: the clock of a transaction that waited for the lock of its subject
     * may stand before that moment, and must find it in force all the same.
     */
    during: tstzrange('during').generatedAlwaysAs(
      sql`tstzrange(CASE WHEN starts_at > coalesce(approved_at, created_at) THEN starts_at END, ends_at)`
    ),
    /** What caused it, where it was not an operator. */
    caseId: uuid('case_id').references(() => duplicateCases.id),
    verificationId: uuid('verification_id'),
    liftedAt: moment('lifted_at'),
    liftedByKind: text('lifted_by_kind'),
    liftedById: text('lifted_by_id'),
    liftReason: text('lift_reason', { enum: liftReasons }),
    revision: integer('revision').notNull().default(1),
    createdAt: createdAt()
  },
  (table) => [
    foreignKey({ name: 'enforcement_actions_verification', columns: [table.verificationId], foreignColumns: [identityVerifications.id] }),
    index('enforcement_actions_by_account').on(table.accountId, table.id).where(sql`${table.accountId} is not null`),
    index('enforcement_actions_by_organization').on(table.organizationId, table.id).where(sql`${table.organizationId} is not null`),
    index('enforcement_actions_by_case').on(table.caseId).where(sql`${table.caseId} is not null`),
    index('enforcement_actions_by_verification').on(table.verificationId).where(sql`${table.verificationId} is not null`),
    index('enforcement_actions_untold').on(table.startsAt).where(sql`${table.status} = 'active' and ${table.toldAt} is null`),
    index('enforcement_actions_proposed').on(table.id).where(sql`${table.status} = 'proposed'`),
    check('enforcement_actions_one_subject', sql`num_nonnulls(${table.accountId}, ${table.organizationId}) = 1`),
    check('enforcement_actions_kind_known', sql`${table.kind} in ('notice', 'warning', 'restricted', 'suspended', 'banned')`),
    check('enforcement_actions_status_known', sql`${table.status} in ('proposed', 'active', 'lifted', 'withdrawn')`),
    check('enforcement_actions_ends_later', sql`${table.endsAt} > ${table.startsAt}`),
    check('enforcement_actions_ban_has_no_end', sql`${table.kind} <> 'banned' or ${table.endsAt} is null`),
    check('enforcement_actions_only_bans_proposed', sql`${table.status} <> 'proposed' or ${table.kind} = 'banned'`),
    // A ban needs four eyes, and only a person suspends or bans.
    check(
      'enforcement_actions_four_eyes',
      sql`${table.kind} <> 'banned' or ${table.status} in ('proposed', 'withdrawn')
        or (${table.approvedById} is not null and ${table.approvedById} is distinct from ${table.imposedById})`
    ),
    check('enforcement_actions_hard_by_operator', sql`${table.kind} not in ('suspended', 'banned') or ${table.imposedByKind} = 'operator'`),
    check('enforcement_actions_lifted_has_reason', sql`(${table.status} = 'lifted') = (${table.liftReason} is not null)`),
    check('enforcement_actions_lifted_has_time', sql`(${table.status} in ('lifted', 'withdrawn')) = (${table.liftedAt} is not null)`),
    check('enforcement_actions_lift_reason_known', sql`${table.liftReason} in ('remedy', 'appeal', 'operator', 'case')`),
    check(
      'enforcement_actions_ban_by_appeal',
      sql`${table.kind} <> 'banned' or ${table.status} <> 'lifted' or ${table.liftReason} = 'appeal'`
    )
  ]
)

export const appealStatuses = ['submitted', 'in_review', 'more_info', 'granted', 'denied'] as const
export type AppealStatus = (typeof appealStatuses)[number]

/** Somebody asks that an action be looked at again. One is open at a time (E-4). */
export const appeals = pgTable(
  'appeals',
  {
    id: uuid('id').primaryKey(),
    actionId: uuid('action_id')
      .notNull()
      .references(() => enforcementActions.id),
    /** Who appeals: the person, or the owner of the organization. */
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    status: text('status', { enum: appealStatuses }).notNull().default('submitted'),
    decidedById: text('decided_by_id'),
    revision: integer('revision').notNull().default(1),
    createdAt: createdAt(),
    decidedAt: moment('decided_at')
  },
  (table) => [
    uniqueIndex('appeals_one_open').on(table.actionId).where(sql`${table.status} in ('submitted', 'in_review', 'more_info')`),
    index('appeals_by_action').on(table.actionId, table.id),
    index('appeals_by_account').on(table.accountId, table.id),
    index('appeals_by_status').on(table.status, table.id),
    check('appeals_status_known', sql`${table.status} in ('submitted', 'in_review', 'more_info', 'granted', 'denied')`),
    check('appeals_decided_has_time', sql`(${table.status} in ('granted', 'denied')) = (${table.decidedAt} is not null)`),
    check('appeals_decided_by_somebody', sql`${table.status} not in ('granted', 'denied') or ${table.decidedById} is not null`)
  ]
)

/** What was said in an appeal, both ways, in order. Erased with the person. */
export const appealMessages = pgTable(
  'appeal_messages',
  {
    id: uuid('id').primaryKey(),
    appealId: uuid('appeal_id')
      .notNull()
      .references(() => appeals.id),
    author: text('author', { enum: ['person', 'operator'] }).notNull(),
    operatorId: text('operator_id'),
    text: text('text').notNull(),
    createdAt: createdAt()
  },
  (table) => [
    index('appeal_messages_by_appeal').on(table.appealId, table.id),
    check('appeal_messages_author_known', sql`${table.author} in ('person', 'operator')`),
    check('appeal_messages_operator_named', sql`(${table.author} = 'operator') = (${table.operatorId} is not null)`)
  ]
)
