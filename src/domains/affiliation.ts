import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { adminAccountIds } from '../organizations/admins.ts'
import { isRoleAddress } from './role-addresses.ts'

/** Whether somebody who runs a company has a proven address of their own exactly at a domain (D-1, D-4). */
export async function isAffiliated(tx: Tx, organizationId: string, domain: string): Promise<boolean> {
  const admins = await adminAccountIds(tx, organizationId)
  const addresses = await rows<{ canonical: string }>(
    tx,
    sql`select canonical from emails where account_id = any(${sql.param(admins)}::uuid[]) and verified_at is not null
      and split_part(canonical, '@', 2) = ${domain}`
  )
  return addresses.some(({ canonical }) => !isRoleAddress(canonical))
}
