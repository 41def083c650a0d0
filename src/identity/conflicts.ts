import { type SQL, sql } from 'drizzle-orm'
import { type Db, rows } from '../db/database.ts'
import { excepted, undecided } from './cases.ts'

/** Somebody who may have an interest: a person, or an organization with all its people. */
export interface Party {
  type: 'account' | 'company' | 'agency'
  /** Undefined for what is no id of this kind: it shares a person with nobody. */
  id: string | undefined
}

/** Accounts of a party: the person, or everybody who owns the organization or is a member of it now. */
function accountsOf({ type, id }: Party): SQL {
  if (id === undefined) return sql`select null::uuid as id where false`
  if (type === 'account') return sql`select a.id from accounts a where a.id = ${id} and a.status <> 'pending_email'`
  return sql`select m.account_id as id from memberships m join organizations o on o.id = m.organization_id where o.id = ${id} and o.kind = ${type}`
}

/**
 * Whether two parties share a person: the same account, or two that are known to be one person's. Nobody is named, and what is not
 * known shares nobody.
 */
export async function findConflict(db: Db, [one, other]: [Party, Party]): Promise<boolean> {
  const [row] = await rows<{ conflict: boolean }>(
    db.query,
    sql`with one as materialized (${accountsOf(one)}), other as materialized (${accountsOf(other)})
      select exists (select from one join other using (id)) or exists (
        select from duplicate_cases c where c.first_account_id in (select id from one) and c.second_account_id in (select id from other) and ${known}
      ) or exists (
        select from duplicate_cases c where c.second_account_id in (select id from one) and c.first_account_id in (select id from other) and ${known}
      ) as conflict`
  )
  return row!.conflict
}

/** Decided to be one person, or not decided but held together by what only one person has; never a pair that may be alike (P-10). */
const known = sql`(c.status in ('kept', 'circumvention')
  or (${undecided} and c.evidence_kinds && array['government_id', 'tax_id'])) and not ${excepted}`
