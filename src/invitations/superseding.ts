import { type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import type { Organization } from '../organizations/organizations.ts'
import { noteRequest } from './find-join-request.ts'
import { findInvitations, type Invitation, invitationState } from './invitations.ts'

/**
 * Ends the pending and expired invitations to any proven address of a person, also to those that nobody else there knows to be theirs. Answers
 * them as they were. The organization is locked by the caller.
 */
export async function endInvitationsTo(
  tx: Tx,
  actor: Actor,
  organization: Organization,
  accountId: string,
  status: 'superseded' | 'revoked'
): Promise<Invitation[]> {
  const open = await findInvitations(
    tx,
    sql`i.organization_id = ${organization.id} and i.status = 'pending'
      and i.canonical in (select canonical from emails where account_id = ${accountId} and verified_at is not null)`,
    sql`order by i.id`
  )
  if (open.length === 0) return []
  const ids = sql.param(open.map(({ id }) => id))
  await tx.execute(sql`update invitations set status = ${status}, ended_at = now(), revision = revision + 1 where id = any(${ids}::uuid[])`)
  for (const invitation of open) {
    const before = invitationState(invitation)
    const change = { before, after: { ...before, status } }
    await record(tx, {
      actor,
      chain: { kind: 'organization', id: organization.id },
      action: `invitation.${status}`,
      resource: publicId('invitation', invitation.id),
      detail: change,
      event: change
    })
  }
  return open
}

/** Ends what a person asked for in a company that nobody has answered, be its time over or not; `which` narrows it down. */
export async function supersedeRequests(
  tx: Tx,
  actor: Actor,
  organization: Organization,
  accountId: string,
  which: SQL = sql`true`
): Promise<void> {
  await endRequests(tx, actor, organization, accountId, which, 'superseded')
}

/** Takes back, for somebody who goes, what they asked for in a company and nobody has answered yet. The organization is locked by the caller. */
export async function withdrawRequests(tx: Tx, actor: Actor, organization: Organization, accountId: string): Promise<void> {
  await endRequests(tx, actor, organization, accountId, sql`expires_at > now()`, 'withdrawn')
  await endRequests(tx, actor, organization, accountId, sql`true`, 'superseded')
}

async function endRequests(
  tx: Tx,
  actor: Actor,
  organization: Organization,
  accountId: string,
  which: SQL,
  status: 'superseded' | 'withdrawn'
): Promise<void> {
  const ended = await rows<{ id: string; live: boolean }>(
    tx,
    sql`update join_requests set status = ${status}, ended_at = now()
      where organization_id = ${organization.id} and account_id = ${accountId} and status = 'open' and ${which}
      returning id, expires_at > now() as live`
  )
  for (const { id, live } of ended) {
    const change = { before: { status: live ? 'open' : 'expired' }, after: { status } }
    await noteRequest(tx, actor, organization, id, status, change)
  }
}
