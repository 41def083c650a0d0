import { type SQL, sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'

const hashOf = (organizationId: SQL, canonical: SQL): SQL => sql`sha256(convert_to(${organizationId}::text || ' ' || ${canonical}, 'UTF8'))`

const ever = sql`'-infinity'::timestamptz`

/**
 * The condition that an organization removed a person (N-12): this account, or one that had proven an address which is theirs by now.
 * Both ids are expressions of type uuid.
 */
export const removedFrom = (organizationId: SQL, accountId: SQL, since: SQL = ever): SQL => sql`(
  exists (select from ended_memberships gone where gone.organization_id = ${organizationId} and gone.account_id = ${accountId}
    and gone.reason = 'removed' and gone.ended_at >= ${since})
  or exists (select from emails own join removed_addresses gone on gone.organization_id = ${organizationId}
      and gone.address_hash = ${hashOf(organizationId, sql`own.canonical`)}
    where own.account_id = ${accountId} and own.verified_at is not null and gone.removed_at >= ${since}))`

/** Whether the organization removed this person: then only a new invitation brings them back (N-12). */
export async function wasRemoved(tx: Tx, organizationId: string, accountId: string, since?: SQL): Promise<boolean> {
  const [found] = await rows<{ removed: boolean }>(
    tx,
    sql`select ${removedFrom(sql`${organizationId}::uuid`, sql`${accountId}::uuid`, since)} as removed`
  )
  return found!.removed
}

/** Keeps, as hashes, the proven addresses of somebody who is removed: they bring no other account in. */
export async function keepAddresses(tx: Tx, organizationId: string, accountId: string): Promise<void> {
  await tx.execute(sql`insert into removed_addresses (organization_id, address_hash)
    select ${organizationId}::uuid, ${hashOf(sql`${organizationId}::uuid`, sql`canonical`)} from emails
      where account_id = ${accountId} and verified_at is not null
    on conflict (organization_id, address_hash) do update set removed_at = excluded.removed_at`)
}
