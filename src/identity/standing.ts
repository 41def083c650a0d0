import { sql } from 'drizzle-orm'
import { isLiveAccount, type LockedAccount, lockAccount } from '../accounts/accounts.ts'
import { rows, type Tx } from '../db/database.ts'

/** What an account is to those that it is compared with: `barred` was closed to its owner, `gone` was closed by them. */
export type Standing = 'live' | 'barred' | 'gone'
export type Compared = LockedAccount & { standing: Standing }

/** Locks accounts in the order of their ids, and says what each is. */
export async function lockCompared(tx: Tx, accountIds: readonly string[]): Promise<Map<string, Compared>> {
  const locked: LockedAccount[] = []
  for (const id of [...new Set(accountIds)].sort()) locked.push(await lockAccount(tx, id))
  const restricted = await restrictedOtherwise(
    tx,
    locked.filter(({ status, enforcement }) => status !== 'active' && enforcement === 'restricted').map(({ id }) => id)
  )
  return new Map(locked.map((account) => [account.id, { ...account, standing: standingOf(account, restricted) }]))
}

/** P-8: nobody gets rid of a restriction by closing the account that has it. */
function standingOf(account: LockedAccount, restricted: ReadonlySet<string>): Standing {
  if (account.enforcement === 'suspended' || account.enforcement === 'banned' || restricted.has(account.id)) return 'barred'
  return isLiveAccount(account) ? 'live' : 'gone'
}

/** Of these accounts, those that are restricted now by anything but a case that waits for the choice: that lifts with the choice (P-9). */
export async function restrictedOtherwise(tx: Tx, accountIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (accountIds.length === 0) return new Set()
  const found = await rows<{ id: string }>(
    tx,
    sql`select distinct x.account_id as id from enforcement_actions x
        left join identity_verifications v on v.id = x.verification_id
        left join duplicate_cases c on c.id = coalesce(x.case_id, v.case_id) and c.status = 'awaiting_choice'
      where x.account_id = any(${sql.param(accountIds)}::uuid[]) and x.kind = 'restricted' and x.status = 'active' and x.during @> now() and c.id is null`
  )
  return new Set(found.map(({ id }) => id))
}
