import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { lockOrganization, type Organization } from '../organizations/organizations.ts'
import type { Traces } from './traces.ts'

/** Locks all organizations in which something is erased, by ascending id. */
export async function lockTraced(tx: Tx, { organizations }: Traces): Promise<void> {
  const found = await rows<Pick<Organization, 'id' | 'kind'>>(
    tx,
    sql`select id, kind from organizations where id = any(${sql.param(organizations)}::uuid[]) order by id`
  )
  for (const { id, kind } of found) await lockOrganization(tx, kind, id)
}

/** The ways into organizations that were open to the person, and what they said in those of others. */
export async function eraseInvitations(tx: Tx, { accountId, addresses, alone }: Traces): Promise<void> {
  const theirs = sql`canonical = any(${sql.param(addresses)}::text[]) or accepted_by_account_id = ${accountId}
    or organization_id = any(${sql.param(alone)}::uuid[])`
  await tx.execute(sql`delete from conversation_invitations where invitation_id in (select id from invitations where ${theirs})`)
  await tx.execute(sql`delete from invitations where ${theirs}`)
  await tx.execute(sql`update invitations set message = null where inviter_account_id = ${accountId} and message is not null`)
  await tx.execute(sql`delete from join_requests where account_id = ${accountId} or organization_id = any(${sql.param(alone)}::uuid[])`)
  await tx.execute(sql`update join_requests set reason = '' where decided_by_account_id = ${accountId} and reason is not null`)
}

/** Everything that people chose about organizations that only this person ran. They stay closed, as ids. */
export async function eraseOrganizations(tx: Tx, { alone }: Traces): Promise<void> {
  if (alone.length === 0) return
  const ids = sql`any(${sql.param(alone)}::uuid[])`
  await tx.execute(sql`
    update organizations set name = '', website = null, country_code = null, logo_url = null, legal_name = null, size = null, vat_number = null,
      time_zone = null, tagline = null, description = null, skills = null, revision = revision + 1 where id = ${ids}`)
  await tx.execute(sql`update teams set name = id::text, revision = revision + 1 where organization_id = ${ids}`)
  await tx.execute(sql`delete from role_grants where organization_id = ${ids} and custom_role is not null`)
  await tx.execute(sql`delete from custom_roles where organization_id = ${ids}`)
  await tx.execute(sql`delete from domains where organization_id = ${ids}`)
  await tx.execute(sql`update join_links set domains = '{}' where organization_id = ${ids}`)
  await tx.execute(sql`update events set before = before - 'name', after = after - 'name' where organization_id = ${ids}`)
}
