import { type SQL, sql } from 'drizzle-orm'
import { type Actor, actorId } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { iso, isoOrNull, millis } from '../db/moments.ts'
import { newId, publicId } from '../http/ids.ts'
import type { CaseStatus, EvidenceKind } from './tables.ts'

export type CaseKind = 'ordinary' | 'circumvention'
export type CaseOrigin = 'strong' | 'score' | 'reported'

/** Two accounts believed to be one person. */
export interface DuplicateCase {
  id: string
  firstAccountId: string
  secondAccountId: string
  newerAccountId: string
  kind: CaseKind
  status: CaseStatus
  origin: CaseOrigin
  evidenceKinds: EvidenceKind[]
  score: number
  keptAccountId: string | null
  decidedByKind: string | null
  decidedById: string | null
  decisionReason: string | null
  createdAt: string
  decidedAt: string | null
  revision: number
}

type Row = Omit<DuplicateCase, 'createdAt' | 'decidedAt'> & { createdAt: number; decidedAt: number | null }

const columns = sql`c.id, c.first_account_id as "firstAccountId", c.second_account_id as "secondAccountId", c.newer_account_id as "newerAccountId", c.kind, c.status,
  c.origin, c.evidence_kinds as "evidenceKinds", c.score, c.kept_account_id as "keptAccountId", c.decided_by_kind as "decidedByKind", c.decided_by_id as "decidedById",
  c.decision_reason as "decisionReason", ${millis(sql`c.created_at`)} as "createdAt", ${millis(sql`c.decided_at`)} as "decidedAt", c.revision`

/** Cases as `where` finds them; it sees `c`. */
export async function findCases(executor: Db['query'] | Tx, where: SQL, rest: SQL = sql`order by c.id`): Promise<DuplicateCase[]> {
  const found = await rows<Row>(executor, sql`select ${columns} from duplicate_cases c where ${where} ${rest}`)
  return found.map(({ createdAt, decidedAt, ...row }) => ({ ...row, createdAt: iso(createdAt), decidedAt: isoOrNull(decidedAt) }))
}

export const undecided = sql`c.status in ('open', 'awaiting_choice')`
export const isUndecided = ({ status }: Pick<DuplicateCase, 'status'>): boolean => status === 'open' || status === 'awaiting_choice'
export const ofAccount = (accountId: string): SQL => sql`(c.first_account_id = ${accountId} or c.second_account_id = ${accountId})`

/** Two accounts in the order in which they were registered: ids are UUIDv7. */
export const inOrder = (one: string, other: string): [older: string, newer: string] => (one < other ? [one, other] : [other, one])
export const otherOf = ({ firstAccountId, secondAccountId }: DuplicateCase, accountId: string): string =>
  firstAccountId === accountId ? secondAccountId : firstAccountId

export async function findCaseOfPair(executor: Db['query'] | Tx, one: string, other: string): Promise<DuplicateCase | undefined> {
  const [first, second] = inOrder(one, other)
  return (await findCases(executor, sql`c.first_account_id = ${first} and c.second_account_id = ${second}`))[0]
}

/** P-10: an operator has said that these two may be alike. */
export async function isExcepted(tx: Tx, one: string, other: string): Promise<boolean> {
  const [first, second] = inOrder(one, other)
  const found = await rows(tx, sql`select from duplicate_exceptions where first_account_id = ${first} and second_account_id = ${second}`)
  return found.length > 0
}

/** The same of the pair of a case `c`. */
export const excepted = sql`exists (select from duplicate_exceptions x where x.first_account_id = c.first_account_id and x.second_account_id = c.second_account_id)`

export type Opening = Pick<DuplicateCase, 'kind' | 'status' | 'origin' | 'evidenceKinds' | 'score'>

/** Opens the one case that a pair can ever have; both accounts are locked, so nobody else has opened it meanwhile. */
export async function openCase(tx: Tx, actor: Actor, one: string, other: string, opening: Opening): Promise<DuplicateCase> {
  const [first, second] = inOrder(one, other)
  const id = newId()
  await tx.execute(sql`
    insert into duplicate_cases (id, first_account_id, second_account_id, newer_account_id, kind, status, origin, evidence_kinds, score)
    values (${id}, ${first}, ${second}, ${second}, ${opening.kind}, ${opening.status}, ${opening.origin}, ${sql.param(opening.evidenceKinds)}::text[], ${opening.score})`)
  const opened = await requireCase(tx, id)
  await noteCase(tx, actor, 'duplicate_case.opened', undefined, opened)
  return opened
}

/** Adds to an undecided case what has been found since. */
export async function addToCase(tx: Tx, actor: Actor, before: DuplicateCase, now: Opening): Promise<DuplicateCase> {
  await tx.execute(sql`
    update duplicate_cases c set kind = ${now.kind}, status = ${now.status}, origin = ${now.origin}, evidence_kinds = ${sql.param(now.evidenceKinds)}::text[],
      score = ${now.score}, revision = revision + 1 where c.id = ${before.id} and ${undecided}`)
  const after = await requireCase(tx, before.id)
  await noteCase(tx, actor, 'duplicate_case.changed', before, after)
  return after
}

/**
 * Decides a case, if nobody else has: the only way out of its open states. Undefined when it is decided already.
 */
export async function decideCase(
  tx: Tx,
  actor: Actor,
  before: DuplicateCase,
  to: { status: Exclude<CaseStatus, 'open' | 'awaiting_choice'>; kind?: CaseKind; keptAccountId?: string; reason?: string }
): Promise<DuplicateCase | undefined> {
  const decided = await rows(
    tx,
    sql`update duplicate_cases c set status = ${to.status}, kind = ${to.kind ?? before.kind}, kept_account_id = ${to.keptAccountId ?? null}, decided_at = now(),
        decided_by_kind = ${actor.kind}, decided_by_id = ${actorId(actor)}, decision_reason = ${to.reason ?? null}, revision = revision + 1
      where c.id = ${before.id} and ${undecided} returning c.id`
  )
  if (decided.length === 0) return undefined
  const after = await requireCase(tx, before.id)
  await noteCase(tx, actor, 'duplicate_case.decided', before, after)
  return after
}

async function requireCase(tx: Tx, id: string): Promise<DuplicateCase> {
  return (await findCases(tx, sql`c.id = ${id}`))[0]!
}

const state = ({ firstAccountId, secondAccountId, kind, status, origin, evidenceKinds, score, keptAccountId }: DuplicateCase) => ({
  accountIds: [firstAccountId, secondAccountId].map((id) => publicId('account', id)),
  kind,
  status,
  origin,
  evidenceKinds,
  score,
  ...(keptAccountId ? { keptAccountId: publicId('account', keptAccountId) } : {})
})

/** Both accounts have it in their history; other services are told once. */
async function noteCase(tx: Tx, actor: Actor, action: string, before: DuplicateCase | undefined, after: DuplicateCase): Promise<void> {
  const change = { ...(before ? { before: state(before) } : {}), after: state(after) }
  for (const accountId of [after.firstAccountId, after.secondAccountId]) {
    await record(tx, {
      actor,
      chain: { kind: 'account', id: accountId },
      action,
      resource: publicId('case', after.id),
      detail: change,
      ...(after.decisionReason === null ? {} : { personal: { reason: after.decisionReason } }),
      ...(accountId === after.newerAccountId ? { event: change } : {})
    })
  }
}
