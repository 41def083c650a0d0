import { sql } from 'drizzle-orm'
import { type Db, rows } from '../db/database.ts'

/** How much evidence is kept under one key of the keyring. */
export interface EvidenceKey {
  keyId: string
  accounts: number
  /** Pieces that are kept under this key and not under the current one: without the key they would match nothing any more. */
  onlyHere: number
}

/** Every key that evidence is kept under. Fingerprints cannot be made again, since no value is kept (P-12): an old key stays while it has pieces of its own. */
export function listEvidenceKeys(db: Db, currentId: string): Promise<EvidenceKey[]> {
  return rows<EvidenceKey>(
    db.query,
    sql`with pieces as (
      select account_id, kind, key_id, count(*) as held from evidence group by 1, 2, 3
    )
    select p.key_id as "keyId", count(distinct p.account_id)::int as accounts,
      coalesce(sum(greatest(p.held - coalesce(c.held, 0), 0)) filter (where p.key_id <> ${currentId}), 0)::int as "onlyHere"
    from pieces p left join pieces c on c.account_id = p.account_id and c.kind = p.kind and c.key_id = ${currentId}
    group by 1 order by 1`
  )
}

/** The ids of these keys, by jumps through the index from one to the next: the table may be large. */
export const evidenceKeyIds = sql`
  select key_id from (
    with recursive jump as (
      (select kind, key_id from evidence order by kind, key_id limit 1)
      union all
      select next.kind, next.key_id from jump cross join lateral (
        select e.kind, e.key_id from evidence e where (e.kind, e.key_id) > (jump.kind, jump.key_id) order by e.kind, e.key_id limit 1) next
    ) select distinct key_id from jump
  ) held`
