import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx, varied } from '../db/database.ts'
import { iso, millis } from '../db/moments.ts'
import { type Action, findActions } from '../enforcement/actions.ts'
import { publicId } from '../http/ids.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { type CaseKind, type DuplicateCase, findCases, ofAccount } from './cases.ts'
import type { CaseStatus, EvidenceKind } from './tables.ts'
import { findVerifications, type Verification } from './verifications.ts'

export interface ListCases {
  status?: CaseStatus | undefined
  kind?: CaseKind | undefined
  /** One of the pair. */
  account?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

/** Cases for operators, newest first. */
export async function listDuplicateCases(
  { db, config }: Parts,
  actor: ActorOf<'operator'>,
  input: ListCases
): Promise<Page<DuplicateCase>> {
  const { status, kind, account } = input
  const cursor = cursors(config.keys, `cases:${actor.operatorId}:${JSON.stringify([status, kind, account])}`)
  const before = cursor.read(input.cursor)
  const limit = input.limit ?? defaultLimit
  const conditions = [sql`true`]
  if (status !== undefined) conditions.push(sql`c.status = ${status}`)
  if (kind !== undefined) conditions.push(sql`c.kind = ${kind}`)
  if (account !== undefined) conditions.push(ofAccount(account))
  if (before !== undefined) conditions.push(sql`c.id < ${before}::uuid`)
  const found = await findCases(db.query, sql.join(conditions, sql` and `), sql`order by c.id desc limit ${limit + 1} ${varied}`)
  return cutPage(found, limit, (last) => cursor.write(last.id))
}

/** A piece of evidence without anything of its value. */
export interface EvidenceSummary {
  accountId: string
  kind: EvidenceKind
  source: 'verification' | 'email' | 'session'
  strong: boolean
  verified: boolean
  /** The other account of the case holds the same. */
  shared: boolean
  country: string | null
  documentType: string | null
  recordedAt: string
}

export interface CaseAccount {
  id: string
  status: 'pending_email' | 'active' | 'closed' | 'anonymised'
  enforcement: 'none' | 'notice' | 'warning' | 'restricted' | 'suspended' | 'banned'
  firstName: string
  lastName: string
  createdAt: string
}

export interface CaseFile {
  found: DuplicateCase
  accounts: CaseAccount[]
  evidence: EvidenceSummary[]
  actions: Action[]
  verifications: Verification[]
}

/** A case with all that is needed to decide it, for operators. Each look is in the history of both accounts. @throws not_found */
export async function getDuplicateCase(db: Db, actor: ActorOf<'operator'>, caseId: string): Promise<CaseFile> {
  return db.transaction(async (tx) => {
    const [found] = await findCases(tx, sql`c.id = ${caseId}`)
    if (!found) throw refuse('not_found')
    for (const id of [found.firstAccountId, found.secondAccountId]) {
      const resource = publicId('case', found.id)
      await record(tx, { actor, chain: { kind: 'account', id }, action: 'duplicate_case.viewed', resource })
    }
    return openFile(tx, found)
  })
}

/** What is known of a case. */
export async function openFile(tx: Tx, found: DuplicateCase): Promise<CaseFile> {
  return {
    found,
    accounts: await accountsOf(tx, found),
    evidence: await evidenceOf(tx, found),
    actions: await findActions(
      tx,
      sql`x.case_id = ${found.id} or x.verification_id in (select v.id from identity_verifications v where v.case_id = ${found.id})`
    ),
    verifications: await findVerifications(tx, sql`v.case_id = ${found.id}`)
  }
}

async function accountsOf(tx: Tx, { firstAccountId, secondAccountId }: DuplicateCase): Promise<CaseAccount[]> {
  const accounts = await rows<Omit<CaseAccount, 'createdAt'> & { createdAt: number }>(
    tx,
    sql`select a.id, a.status, a.enforcement, a.first_name as "firstName", a.last_name as "lastName", ${millis(sql`a.created_at`)} as "createdAt"
      from accounts a where a.id in (${firstAccountId}, ${secondAccountId}) order by a.id`
  )
  return accounts.map((account) => ({ ...account, createdAt: iso(account.createdAt) }))
}

/** Devices and places are many: the newest of them, and all that is shared or stronger. */
const mostShown = 200

async function evidenceOf(tx: Tx, { firstAccountId, secondAccountId }: DuplicateCase): Promise<EvidenceSummary[]> {
  const found = await rows<Omit<EvidenceSummary, 'recordedAt'> & { recordedAt: number }>(
    tx,
    sql`select * from (
      select distinct on (e.account_id, e.kind, e.created_at) e.account_id as "accountId", e.kind, e.source, e.strong, e.verified_at is not null as verified,
        exists (select from evidence o where o.account_id in (${firstAccountId}, ${secondAccountId}) and o.account_id <> e.account_id
          and o.kind = e.kind and o.key_id = e.key_id and o.fingerprint = e.fingerprint) as shared,
        e.country, e.document_type as "documentType", ${millis(sql`e.created_at`)} as "recordedAt"
      from evidence e where e.account_id in (${firstAccountId}, ${secondAccountId})
      order by e.account_id, e.kind, e.created_at, e.key_id desc
    ) s order by s.shared desc, s.strong desc, s."recordedAt" desc limit ${mostShown}`
  )
  return found.map((piece) => ({ ...piece, recordedAt: iso(piece.recordedAt) }))
}
