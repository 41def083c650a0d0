import { sql } from 'drizzle-orm'
import { isLiveAccount, type LockedAccount, lockAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { requireNotOwnAccount } from '../organizations/ownership.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { type CaseFile, openFile } from './case-desk.ts'
import { liftEffects, restrictNow, setDeadline } from './case-effects.ts'
import { addToCase, type DuplicateCase, decideCase, findCaseOfPair, findCases, inOrder, isUndecided } from './cases.ts'
import { tellOfCase, tellSettled } from './told.ts'

export const decisions = ['same_person', 'not_duplicate', 'exception', 'circumvention'] as const
export type Decision = (typeof decisions)[number]

/**
 * An operator's decision on a case: of two at the same instant exactly one wins. `same_person` asks the person to choose (P-9); the others are
 * final. Nothing is ever merged. @throws not_found, access_denied, case_decided, choice_impossible
 */
export async function decideDuplicateCase(
  parts: Parts,
  db: Db,
  actor: ActorOf<'operator'>,
  { caseId, decision, reason }: { caseId: string; decision: Decision; reason: string }
): Promise<CaseFile> {
  return db.transaction(async (tx) => {
    const [seen] = await findCases(tx, sql`c.id = ${caseId}`)
    if (!seen) throw refuse('not_found')
    const accounts = await lockPair(tx, actor, seen.firstAccountId, seen.secondAccountId)
    const found = (await findCases(tx, sql`c.id = ${caseId}`))[0]!
    if (!isUndecided(found)) throw refuse('case_decided')
    const after =
      decision === 'same_person'
        ? await askToChoose(tx, parts, actor, found, accounts)
        : await decideFinally(tx, actor, found, accounts, decision, reason)
    return openFile(tx, after)
  })
}

/** Both accounts in their order. Nobody decides about an account of their own. @throws access_denied */
async function lockPair(tx: Tx, actor: ActorOf<'operator'>, one: string, other: string): Promise<LockedAccount[]> {
  const accounts: LockedAccount[] = []
  for (const id of inOrder(one, other)) accounts.push(await lockAccount(tx, id))
  for (const { id } of accounts) await requireNotOwnAccount(tx, actor, id)
  return accounts
}

async function askToChoose(
  tx: Tx,
  parts: Parts,
  actor: ActorOf<'operator'>,
  found: DuplicateCase,
  accounts: readonly LockedAccount[]
): Promise<DuplicateCase> {
  if (found.status === 'awaiting_choice') throw refuse('case_decided', { detail: 'The person is asked to choose already.' })
  if (!accounts.every(isLiveAccount)) throw refuse('choice_impossible')
  const asked = await addToCase(tx, actor, found, { ...found, kind: 'ordinary', status: 'awaiting_choice' })
  await setDeadline(tx, parts, actor, asked)
  await tellOfCase(tx, asked)
  return asked
}

async function decideFinally(
  tx: Tx,
  actor: ActorOf<'operator'>,
  found: DuplicateCase,
  accounts: readonly LockedAccount[],
  decision: Exclude<Decision, 'same_person'>,
  reason: string
): Promise<DuplicateCase> {
  const kind = decision === 'circumvention' ? 'circumvention' : found.kind
  const decided = await decideCase(tx, actor, found, { status: decision, kind, reason })
  if (!decided) throw refuse('case_decided')
  if (decision === 'circumvention') {
    const goesOn = whoGoesOn(decided, accounts)
    if (goesOn) {
      await restrictNow(tx, actor, decided, goesOn.id)
      await tellOfCase(tx, decided, goesOn.id)
    }
    return decided
  }
  if (decision === 'exception') await insertException(tx, actor, found.firstAccountId, found.secondAccountId, reason)
  await liftEffects(tx, actor, decided, 'case')
  await tellSettled(tx, found)
  return decided
}

/** Of a pair, the account with which somebody goes round a decision about the other one: the newer, unless only the older can still act. */
function whoGoesOn({ newerAccountId }: DuplicateCase, accounts: readonly LockedAccount[]): LockedAccount | undefined {
  const newer = accounts.find(({ id }) => id === newerAccountId)!
  return isLiveAccount(newer) ? newer : accounts.find(isLiveAccount)
}

/** Answers whether it is new. */
async function insertException(tx: Tx, actor: ActorOf<'operator'>, one: string, other: string, reason: string): Promise<boolean> {
  const [first, second] = inOrder(one, other)
  const inserted = await rows(
    tx,
    sql`insert into duplicate_exceptions (first_account_id, second_account_id, operator_id, reason)
      values (${first}, ${second}, ${actor.operatorId}, ${reason}) on conflict do nothing returning 1`
  )
  if (inserted.length === 0) return false
  for (const id of [first, second]) {
    await record(tx, {
      actor,
      chain: { kind: 'account', id },
      action: 'duplicate_exception.recorded',
      resource: publicId('account', id),
      detail: { accountIds: [first, second].map((each) => publicId('account', each)) },
      personal: { reason }
    })
  }
  return true
}

export interface Exception {
  accountIds: [string, string]
  fresh: boolean
  /** The case that it ended, if there was one. */
  found: DuplicateCase | undefined
}

/**
 * Lets two accounts be alike, before or after something was found (P-10): an undecided case of theirs ends, what any case of theirs has caused
 * lifts, and they raise nothing from then on. Twice is once. @throws not_found, access_denied, same_account
 */
export async function recordDuplicateException(
  db: Db,
  actor: ActorOf<'operator'>,
  { accountIds: [one, other], reason }: { accountIds: [string, string]; reason: string }
): Promise<Exception> {
  if (one === other) throw refuse('same_account')
  return db.transaction(async (tx) => {
    await lockPair(tx, actor, one, other)
    const fresh = await insertException(tx, actor, one, other, reason)
    const known = await findCaseOfPair(tx, one, other)
    const ended = known && isUndecided(known) ? await decideCase(tx, actor, known, { status: 'exception', reason }) : undefined
    if (fresh && known) {
      await liftEffects(tx, actor, known, 'case')
      if (ended) await tellSettled(tx, known)
    }
    return { accountIds: inOrder(one, other), fresh, found: ended ?? known }
  })
}
