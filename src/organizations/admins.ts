import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'

/** Accounts of those who run an organization, for telling them something: its owner and its admins, each with an active membership. */
export async function adminAccountIds(tx: Tx, organizationId: string): Promise<string[]> {
  const found = await rows<{ accountId: string }>(
    tx,
    sql`select m.account_id as "accountId" from memberships m join organizations o on o.id = m.organization_id join accounts a on a.id = m.account_id
      where m.organization_id = ${organizationId} and m.status = 'active' and a.status = 'active' and a.enforcement not in ('suspended', 'banned')
        and (m.account_id = o.owner_account_id
          or exists (select from role_grants g where g.membership_id = m.id and g.role = 'admin' and g.team_id is null))
      order by m.id`
  )
  return found.map(({ accountId }) => accountId)
}
