import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { findActions } from '../enforcement/actions.ts'
import { refuse } from '../problems.ts'
import { type DuplicateCase, findCases, ofAccount, otherOf } from './cases.ts'
import { openVerification } from './verifications.ts'

export const caseOptions = ['give_up_this', 'keep_this', 'verify_identity', 'appeal'] as const
export type CaseOption = (typeof caseOptions)[number]

export interface OwnCase {
  /** The account that is signed in. */
  accountId: string
  found: DuplicateCase
  /** The other account, as little as its owner needs to recognise it: never its id (P-9). */
  otherAccount: string
  /** When the newer account is restricted unless its identity is verified by then. */
  verifyBy: string | null
  /** From when this account is restricted for the case: by the deadline of the choice, or already (P-9). */
  restrictedFrom: string | null
  options: CaseOption[]
}

/**
 * The oldest case that waits for the caller: one that asks them to choose, or one that says that they go round a decision (P-8), which only
 * the newer account is told. One on weak evidence alone is shown to nobody (P-6). @throws not_found when there is none
 */
export async function getOwnDuplicateCase(db: Db, actor: ActorOf<'account'>): Promise<OwnCase> {
  const { accountId } = actor
  const [found] = await findCases(
    db.query,
    sql`${ofAccount(accountId)} and (c.status = 'awaiting_choice' or (c.status = 'open' and c.origin = 'strong' and c.newer_account_id = ${accountId}))`,
    sql`order by c.id limit 1`
  )
  if (!found) throw refuse('not_found')
  const verification = await openVerification(db.query, accountId)
  const [action] = await findActions(
    db.query,
    sql`x.case_id = ${found.id} and x.account_id = ${accountId} and x.status = 'active'`,
    sql`order by x.id limit 1`
  )
  const affected = action !== undefined || (found.newerAccountId === accountId && found.origin === 'strong')
  const options: CaseOption[] = found.status === 'awaiting_choice' ? ['give_up_this', 'keep_this'] : []
  if (affected) options.push('verify_identity', 'appeal')
  return {
    accountId,
    found,
    otherAccount: await labelOf(db.query, otherOf(found, accountId)),
    verifyBy: verification?.deadline ?? null,
    restrictedFrom: action?.startsAt ?? null,
    options
  }
}

/** `o•••@•••.com, since 2025`. */
export async function labelOf(executor: Db['query'] | Tx, accountId: string): Promise<string> {
  const [account] = await rows<{ address: string | null; year: number }>(
    executor,
    sql`select e.address, extract(year from a.created_at at time zone 'UTC')::int as year
      from accounts a left join emails e on e.account_id = a.id and e.is_primary where a.id = ${accountId}`
  )
  const { address, year } = account!
  return `${address === null ? 'an account' : maskedBeyondRecognition(address)}, since ${year}`
}

const maskedBeyondRecognition = (address: string): string => `${address[0]}•••@•••${address.slice(address.lastIndexOf('.'))}`
