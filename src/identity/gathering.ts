import { sql } from 'drizzle-orm'
import { type Db, rows } from '../db/database.ts'
import type { Keyring } from '../keyring.ts'
import { noteProvenAddress } from './own-evidence.ts'

const slice = 200

/**
 * Keeps as evidence what accounts had proven before evidence was kept (P-1): every proven address, in slices of some hundred, each in its own
 * transaction and compared by the worker afterwards. Again it adds nothing. Answers how many addresses it has looked at.
 */
export async function gatherEvidence(db: Pick<Db, 'transaction'>, keys: Keyring): Promise<{ addresses: number }> {
  let addresses = 0
  for (let after: string | undefined = '00000000-0000-0000-0000-000000000000'; after !== undefined; ) {
    const seen: string[] = await gatherAfter(db, keys, after)
    addresses += seen.length
    after = seen.at(-1)
  }
  return { addresses }
}

/** The ids of the addresses that are done. */
function gatherAfter(db: Pick<Db, 'transaction'>, keys: Keyring, after: string): Promise<string[]> {
  return db.transaction(async (tx) => {
    const next = sql`select e.id from emails e where e.id > ${after}::uuid and e.verified_at is not null order by e.id limit ${slice}`
    const ids = (await rows<{ id: string }>(tx, next)).map(({ id }) => id)
    const among = sql`e.id = any(${sql.param(ids)}::uuid[])`
    // Whoever removes an address or erases an account holds the account.
    await tx.execute(sql`
      select from accounts a where a.id in (select e.account_id from emails e where ${among}) order by a.id for no key update`)
    const proven = await rows<{ accountId: string; canonical: string }>(
      tx,
      sql`select e.account_id as "accountId", e.canonical from emails e where ${among} and e.verified_at is not null order by e.id`
    )
    for (const { accountId, canonical } of proven) await noteProvenAddress(tx, keys, accountId, canonical)
    return ids
  })
}
