import { type SQL, sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'

/** A contract as it is kept. */
export interface ContractRow {
  id: string
  version: number
  bodyHash: Buffer
  companyId: string
  teamId: string
  contactAccountId: string
  /** While it is active. */
  contactMembershipId: string | null
  contactRevision: number
  freelancerAccountId: string
  agencyId: string | null
  businessManagerAccountId: string | null
  status: 'active' | 'closed'
}

export const findContracts = (executor: Db['query'] | Tx, where: SQL, rest: SQL = sql``): Promise<ContractRow[]> =>
  rows<ContractRow>(
    executor,
    sql`select c.id, c.version::float8 as version, c.body_hash as "bodyHash", c.company_id as "companyId", c.team_id as "teamId",
      c.contact_account_id as "contactAccountId", c.contact_membership_id as "contactMembershipId", c.contact_revision as "contactRevision",
      c.freelancer_account_id as "freelancerAccountId", c.agency_id as "agencyId", c.business_manager_account_id as "businessManagerAccountId", c.status
      from contracts c where ${where} ${rest}`
  )

export async function findContract(executor: Db['query'] | Tx, id: string): Promise<ContractRow | undefined> {
  return (await findContracts(executor, sql`c.id = ${id}`))[0]
}
