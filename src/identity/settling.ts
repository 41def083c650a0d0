import { sql } from 'drizzle-orm'
import { type Actor, system } from '../actor.ts'
import type { Tx } from '../db/database.ts'
import { addJob } from '../jobs/queue.ts'
import type { Parts } from '../parts.ts'
import { liftEffects } from './case-effects.ts'
import { type DuplicateCase, decideCase, findCases, ofAccount, otherOf, undecided } from './cases.ts'
import { type Compared, lockCompared } from './standing.ts'
import { areTwoPeople } from './ties.ts'
import { tellSettled } from './told.ts'

/** So many accounts at most are locked for the cases that one has with them; what is left goes on in a transaction of its own. */
const mostSettled = 50

/** The oldest undecided cases of an account, after one of them. */
export const oldestUndecided = (tx: Tx, accountId: string, after?: string): Promise<DuplicateCase[]> =>
  findCases(
    tx,
    sql`${ofAccount(accountId)} and ${undecided} and ${after === undefined ? sql`true` : sql`c.id > ${after}::uuid`}`,
    sql`order by c.id limit ${mostSettled}`
  )

/** Has the cases after these looked at as well, if there may be any. */
export async function goOn(tx: Tx, accountId: string, page: readonly DuplicateCase[]): Promise<void> {
  if (page.length < mostSettled) return
  const after = page.at(-1)!.id
  await addJob(tx, 'weigh_evidence', { accountId, after }, { key: `settle:${accountId}:${after}` })
}

/** As the job that goes on where weighing has stopped: closes what has settled itself among the cases after this one. */
export async function settleAfter(parts: Parts, accountId: string, after: string): Promise<void> {
  await parts.db.transaction(async (tx) => {
    const page = await oldestUndecided(tx, accountId, after)
    const accounts = await lockCompared(tx, [accountId, ...page.map((found) => otherOf(found, accountId))])
    await partTwoPeople(tx, system, accountId, accounts)
    await settleClosed(tx, system, accountId, accounts)
    await goOn(tx, accountId, page)
  })
}

/** Undecided cases of an account with others that are locked. */
const amongLocked = (tx: Tx, accountId: string, accounts: ReadonlyMap<string, Compared>): Promise<DuplicateCase[]> => {
  const ids = sql`${sql.param([...accounts.keys()])}::uuid[]`
  return findCases(
    tx,
    sql`${ofAccount(accountId)} and c.first_account_id = any(${ids}) and c.second_account_id = any(${ids}) and ${undecided}`
  )
}

/** P-7: every undecided case of somebody who turns out to be another person than the other account's closes itself, and what it caused lifts. */
export async function partTwoPeople(
  tx: Tx,
  actor: Actor,
  accountId: string,
  accounts: ReadonlyMap<string, Compared>
): Promise<DuplicateCase[]> {
  const cases: DuplicateCase[] = []
  for (const found of await amongLocked(tx, accountId, accounts)) {
    if (!(await areTwoPeople(tx, found.firstAccountId, found.secondAccountId))) continue
    const decided = await decideCase(tx, actor, found, { status: 'not_duplicate' })
    if (!decided) continue
    await liftEffects(tx, actor, decided, 'remedy')
    await tellSettled(tx, found)
    cases.push(decided)
  }
  return cases
}

/** P-9: whoever has closed one of two accounts themselves has chosen the other one; not to get rid of a restriction (P-8). */
export async function settleClosed(
  tx: Tx,
  actor: Actor,
  accountId: string,
  accounts: ReadonlyMap<string, Compared>
): Promise<DuplicateCase[]> {
  const cases: DuplicateCase[] = []
  for (const found of await amongLocked(tx, accountId, accounts)) {
    const pair = [found.firstAccountId, found.secondAccountId].flatMap((id) => accounts.get(id) ?? [])
    const stays = pair.find(({ standing }) => standing !== 'gone')
    if (found.status !== 'awaiting_choice' || !stays || !pair.some(({ standing }) => standing === 'gone')) continue
    const decided = await decideCase(tx, actor, found, { status: 'kept', keptAccountId: stays.id })
    if (!decided) continue
    await liftEffects(tx, actor, decided, 'case')
    if (stays.id === found.newerAccountId) await tellSettled(tx, found)
    cases.push(decided)
  }
  return cases
}
