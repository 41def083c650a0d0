import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from '../accounts/tables.ts'
import { bytea, createdAt, moment } from '../db/columns.ts'
import { sessions } from '../sessions/tables.ts'

export const evidenceKinds = [
  'government_id',
  'tax_id',
  'phone',
  'payout_account',
  'mailbox',
  'email',
  'device',
  'ip',
  'address',
  'name_birth_date'
] as const
export type EvidenceKind = (typeof evidenceKinds)[number]

/**
 * Facts that tie accounts to one person, as keyed fingerprints (P-12): never the value. One row for each key of the keyring that is kept, so
 * that what was recorded before a rotation is still found after it.
 */
export const evidence = pgTable(
  'evidence',
  {
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    kind: text('kind', { enum: evidenceKinds }).notNull(),
    /** Which key of the keyring the fingerprint was made with. */
    keyId: text('key_id').notNull(),
    /** HMAC-SHA-256 over the normalised value. */
    fingerprint: bytea('fingerprint').notNull(),
    /** Strong evidence that was verified here first; whoever comes later holds it too, and gets the case (P-11). */
    claim: boolean('claim').notNull().default(false),
    /** Whether the kind, from this source, ties accounts to one person by itself, once verified. */
    strong: boolean('strong').notNull(),
    /** Of a document: its country and type. */
    country: text('country'),
    documentType: text('document_type'),
    source: text('source', { enum: ['verification', 'email', 'session'] }).notNull(),
    verifiedAt: moment('verified_at'),
    createdAt: createdAt(),
    /** When it was last compared with what other accounts hold; empty while that is due. */
    weighedAt: moment('weighed_at')
  },
  (table) => [
    primaryKey({ name: 'evidence_pkey', columns: [table.accountId, table.kind, table.keyId, table.fingerprint] }),
    uniqueIndex('evidence_one_claim').on(table.kind, table.keyId, table.fingerprint).where(sql`${table.claim}`),
    index('evidence_by_fingerprint').on(table.kind, table.keyId, table.fingerprint),
    index('evidence_unweighed').on(table.accountId).where(sql`${table.weighedAt} is null`),
    check(
      'evidence_kind_known',
      sql`${table.kind} in ('government_id', 'tax_id', 'phone', 'payout_account', 'mailbox', 'email', 'device', 'ip', 'address', 'name_birth_date')`
    ),
    check('evidence_source_known', sql`${table.source} in ('verification', 'email', 'session')`),
    check('evidence_fingerprint_length', sql`octet_length(${table.fingerprint}) = 32`),
    check('evidence_claim_is_proven', sql`not ${table.claim} or (${table.strong} and ${table.verifiedAt} is not null)`)
  ]
)

export const caseStatuses = ['open', 'awaiting_choice', 'kept', 'not_duplicate', 'exception', 'circumvention'] as const
export type CaseStatus = (typeof caseStatuses)[number]

/** Two accounts believed to be one person. A pair has one case, ever: what was decided is not raised again. */
export const duplicateCases = pgTable(
  'duplicate_cases',
  {
    id: uuid('id').primaryKey(),
    firstAccountId: uuid('first_account_id')
      .notNull()
      .references(() => accounts.id),
    secondAccountId: uuid('second_account_id')
      .notNull()
      .references(() => accounts.id),
    /** The one that was registered later. */
    newerAccountId: uuid('newer_account_id').notNull(),
    /** `circumvention`: the other account is suspended or banned (P-8). */
    kind: text('kind', { enum: ['ordinary', 'circumvention'] }).notNull(),
    status: text('status', { enum: caseStatuses }).notNull(),
    origin: text('origin', { enum: ['strong', 'score', 'reported'] }).notNull(),
    /** Kinds of evidence that both accounts hold. */
    evidenceKinds: text('evidence_kinds').array().notNull(),
    /** Points of weak evidence (P-6), when it was opened or last added to. */
    score: integer('score').notNull().default(0),
    keptAccountId: uuid('kept_account_id'),
    decidedByKind: text('decided_by_kind'),
    decidedById: text('decided_by_id'),
    decisionReason: text('decision_reason'),
    revision: integer('revision').notNull().default(1),
    createdAt: createdAt(),
    decidedAt: moment('decided_at')
  },
  (table) => [
    uniqueIndex('duplicate_cases_one_per_pair').on(table.firstAccountId, table.secondAccountId),
    index('duplicate_cases_by_second').on(table.secondAccountId),
    index('duplicate_cases_by_status').on(table.status, table.id),
    check('duplicate_cases_pair_in_order', sql`${table.firstAccountId} < ${table.secondAccountId}`),
    check('duplicate_cases_newer_in_pair', sql`${table.newerAccountId} in (${table.firstAccountId}, ${table.secondAccountId})`),
    check('duplicate_cases_kind_known', sql`${table.kind} in ('ordinary', 'circumvention')`),
    check(
      'duplicate_cases_status_known',
      sql`${table.status} in ('open', 'awaiting_choice', 'kept', 'not_duplicate', 'exception', 'circumvention')`
    ),
    check('duplicate_cases_origin_known', sql`${table.origin} in ('strong', 'score', 'reported')`),
    check('duplicate_cases_decided_has_time', sql`(${table.status} in ('open', 'awaiting_choice')) = (${table.decidedAt} is null)`),
    check(
      'duplicate_cases_kept_one_of_pair',
      sql`case when ${table.status} = 'kept' then ${table.keptAccountId} is not null and ${table.keptAccountId} in (${table.firstAccountId}, ${table.secondAccountId})
        else ${table.keptAccountId} is null end`
    ),
    // P-9: who circumvents is not asked to choose.
    check('duplicate_cases_choice_is_ordinary', sql`${table.kind} = 'ordinary' or ${table.status} not in ('awaiting_choice', 'kept')`)
  ]
)

/** Pairs of accounts that may be alike, whatever they share (P-10). */
export const duplicateExceptions = pgTable(
  'duplicate_exceptions',
  {
    firstAccountId: uuid('first_account_id')
      .notNull()
      .references(() => accounts.id),
    secondAccountId: uuid('second_account_id')
      .notNull()
      .references(() => accounts.id),
    operatorId: uuid('operator_id').notNull(),
    reason: text('reason'),
    createdAt: createdAt()
  },
  (table) => [
    primaryKey({ name: 'duplicate_exceptions_pkey', columns: [table.firstAccountId, table.secondAccountId] }),
    index('duplicate_exceptions_by_second').on(table.secondAccountId),
    check('duplicate_exceptions_pair_in_order', sql`${table.firstAccountId} < ${table.secondAccountId}`)
  ]
)

/** Proofs of having signed in to an account, for its other side of a case (P-9): single-use, as hashes. */
export const duplicateProofs = pgTable(
  'duplicate_proofs',
  {
    tokenHash: bytea('token_hash').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    /** The sign-in that made it: with that it ends. Without one it proves nothing. */
    sessionId: uuid('session_id').references(() => sessions.id, { onDelete: 'cascade' }),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at')
  },
  (table) => [index('duplicate_proofs_by_account').on(table.accountId), index('duplicate_proofs_by_session').on(table.sessionId)]
)

export const verificationStatuses = ['requested', 'submitted', 'verified', 'failed', 'cancelled'] as const

/** Somebody is asked, or asks, to prove who they are; the verification service looks at the documents. */
export const identityVerifications = pgTable(
  'identity_verifications',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    status: text('status', { enum: verificationStatuses }).notNull(),
    origin: text('origin', { enum: ['operator', 'evidence', 'person'] }).notNull(),
    /** The case that asks for it. */
    caseId: uuid('case_id').references(() => duplicateCases.id),
    requestedByKind: text('requested_by_kind').notNull(),
    requestedById: text('requested_by_id'),
    /** After it the account is restricted; none when the person started it themselves. */
    deadline: moment('deadline'),
    /** Everything that was wrong with the last submission, at once. */
    defects: text('defects').array().notNull().default(sql`'{}'`),
    /** How often it has failed since it has a deadline: each of the first few moves that. */
    failures: integer('failures').notNull().default(0),
    revision: integer('revision').notNull().default(1),
    createdAt: createdAt(),
    submittedAt: moment('submitted_at'),
    decidedAt: moment('decided_at')
  },
  (table) => [
    uniqueIndex('identity_verifications_one_open').on(table.accountId).where(sql`${table.status} in ('requested', 'submitted', 'failed')`),
    uniqueIndex('identity_verifications_one_own').on(table.accountId).where(sql`${table.requestedByKind} = 'account'`),
    index('identity_verifications_by_account').on(table.accountId, table.id),
    index('identity_verifications_by_case').on(table.caseId).where(sql`${table.caseId} is not null`),
    check('identity_verifications_status_known', sql`${table.status} in ('requested', 'submitted', 'verified', 'failed', 'cancelled')`),
    check('identity_verifications_origin_known', sql`${table.origin} in ('operator', 'evidence', 'person')`),
    check('identity_verifications_asked_has_deadline', sql`(${table.origin} = 'person') = (${table.deadline} is null)`)
  ]
)
