import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { type Fingerprint, lockFingerprints } from './fingerprints.ts'
import { barred, twoPeople } from './ties.ts'

const decisive = sql`m.strong and m.verified_at is not null`

/** Locks what an account is compared by when it comes back: of two that come back at once, one sees the other. Before its account. */
export async function lockOwnEvidence(tx: Tx, accountId: string): Promise<void> {
  const prints = await rows<Fingerprint>(
    tx,
    sql`select m.kind, m.key_id as "keyId", encode(m.fingerprint, 'hex') as hash from evidence m where m.account_id = ${accountId} and ${decisive}`
  )
  await lockFingerprints(tx, prints)
}

/**
 * P-14: whether whoever comes back is barred with another account (P-8), or has a live one by the same government or tax id (P-5): one person has
 * one account. Not when the pair is excepted (P-10), was decided to be two people, or is by P-7. The account is locked.
 */
export async function hasAnotherAccount(tx: Tx, accountId: string): Promise<boolean> {
  const found = await rows(
    tx,
    sql`select from evidence m join evidence o on o.kind = m.kind and o.key_id = m.key_id and o.fingerprint = m.fingerprint and o.account_id <> m.account_id
        join accounts a on a.id = o.account_id
      where m.account_id = ${accountId} and ${decisive} and o.strong and o.verified_at is not null
        and (${barred} or (a.status = 'active' and m.kind in ('government_id', 'tax_id')))
        and not exists (select from duplicate_exceptions x
          where x.first_account_id = least(a.id, m.account_id) and x.second_account_id = greatest(a.id, m.account_id))
        and not exists (select from duplicate_cases c where c.first_account_id = least(a.id, m.account_id)
          and c.second_account_id = greatest(a.id, m.account_id) and c.status in ('not_duplicate', 'exception'))
        and not ${twoPeople(sql`m.account_id`, sql`a.id`)}
      limit 1`
  )
  return found.length > 0
}
