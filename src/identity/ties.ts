import { type SQL, sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { asRows, type Fingerprint } from './fingerprints.ts'
import type { EvidenceKind } from './tables.ts'

/** What two accounts both hold. */
export interface Tie {
  accountId: string
  /** Verified at both: ties them to one person by itself (P-5). */
  strong: EvidenceKind[]
  /** Only adds to a score (P-6). */
  weak: EvidenceKind[]
}

/** Evidence of one account, as it is about to be compared. */
export interface AtHand extends Fingerprint {
  /** Strong, and verified. */
  decisive: boolean
}

/** Of an account `a`: what was closed to its owner, also by closing it oneself while it was restricted (P-8). */
export const barred = sql`(a.enforcement in ('suspended', 'banned') or (a.status in ('closed', 'anonymised') and a.enforcement = 'restricted'))`

/** Of those who hold decisive evidence, the database looks at no more: among them are those who held it first. */
const mostLookedAt = 200

/**
 * Other accounts that hold any of this evidence, in whatever state they are: at most `crowd` for each strong piece, first whoever was
 * verified first and whoever is suspended or banned. A weak piece that more than `crowd` accounts hold says nothing (P-6).
 */
export async function findHolders(tx: Tx, accountId: string, prints: readonly AtHand[], crowd: number): Promise<string[]> {
  const [decisive, others] = [prints.filter((print) => print.decisive), prints.filter((print) => !print.decisive)]
  const strong =
    decisive.length === 0
      ? []
      : await rows<{ id: string }>(
          tx,
          sql`select a.id from ${asRows(decisive)} cross join lateral (
              select e.account_id, e.claim from evidence e where e.kind = p.kind and e.key_id = p.key_id and e.fingerprint = p.fingerprint
                and e.verified_at is not null and e.account_id <> ${accountId} limit ${mostLookedAt}
            ) h join accounts a on a.id = h.account_id
            group by a.id order by bool_or(h.claim) desc, bool_or(${barred}) desc, a.id limit ${crowd * decisive.length}`
        )
  const weak =
    others.length === 0
      ? []
      : await rows<{ id: string }>(
          tx,
          sql`select distinct unnest(h.ids) as id from ${asRows(others)} cross join lateral (
              select array_agg(f.account_id) as ids from (
                select e.account_id from evidence e where e.kind = p.kind and e.key_id = p.key_id and e.fingerprint = p.fingerprint limit ${crowd + 1}
              ) f
            ) h where cardinality(h.ids) <= ${crowd}`
        )
  return [...new Set([...strong, ...weak].map(({ id }) => id))].filter((id) => id !== accountId).sort()
}

/** Everything that an account and each of the others hold alike, the crowded weak pieces left out. All of them are locked. */
export async function tiesWith(tx: Tx, accountId: string, others: readonly string[], crowd: number): Promise<Tie[]> {
  if (others.length === 0) return []
  return rows<Tie>(
    tx,
    sql`with held as (
      select o.account_id, o.kind, bool_or(m.strong and o.strong and m.verified_at is not null and o.verified_at is not null) as decisive,
        bool_or(not (m.strong and o.strong) and (select count(*) from (
          select from evidence c where c.kind = o.kind and c.key_id = o.key_id and c.fingerprint = o.fingerprint limit ${crowd + 1}) x) <= ${crowd}) as adds
      from evidence o join evidence m on m.account_id = ${accountId} and m.kind = o.kind and m.key_id = o.key_id and m.fingerprint = o.fingerprint
      where o.account_id = any(${sql.param(others)}::uuid[]) group by 1, 2
    )
    select account_id as "accountId", coalesce(array_agg(kind order by kind) filter (where decisive), '{}') as strong,
      coalesce(array_agg(kind order by kind) filter (where adds and not decisive), '{}') as weak
    from held where decisive or adds group by 1 order by 1`
  )
}

/**
 * P-7: two accounts are two people's when both hold a verified government id of the same country and type, these differ, and the two have no
 * government or tax id in common. One person may well have a passport and an identity card, or papers of two countries.
 */
export const twoPeople = (one: SQL, other: SQL): SQL => sql`(
  exists (select from evidence m join evidence o on o.account_id = ${other} and o.kind = m.kind and o.key_id = m.key_id and o.fingerprint <> m.fingerprint
      and o.country = m.country and o.document_type = m.document_type and o.verified_at is not null
    where m.account_id = ${one} and m.kind = 'government_id' and m.verified_at is not null)
  and not exists (select from evidence m join evidence o on o.account_id = ${other} and o.kind = m.kind and o.key_id = m.key_id and o.fingerprint = m.fingerprint
      and o.verified_at is not null
    where m.account_id = ${one} and m.kind in ('government_id', 'tax_id') and m.verified_at is not null))`

/** The same of two accounts that are locked. */
export async function areTwoPeople(tx: Tx, one: string, other: string): Promise<boolean> {
  const [row] = await rows<{ two: boolean }>(tx, sql`select ${twoPeople(sql`${one}::uuid`, sql`${other}::uuid`)} as two`)
  return row!.two
}
