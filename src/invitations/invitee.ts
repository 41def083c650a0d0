import { sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { sha256 } from '../keyring.ts'
import { requestMail } from '../mail/outbox.ts'
import { findOrganization, lockOrganization, requireActive, requireId } from '../organizations/organizations.ts'
import type { OrganizationKind } from '../organizations/tables.ts'
import type { Parts } from '../parts.ts'
import { builtInRole } from '../permissions/roles.ts'
import { refuse } from '../problems.ts'
import { type InvitationToken, invitationTokenKind } from './invitation-tokens.ts'
import { findInvitations, type Invitation, invitationState, type Joins } from './invitations.ts'

/** How somebody names an invitation to them: by what was sent to them, or signed in by its id. */
export type Invitee = { token: string } | { invitationId: string }

/** An invitation as whoever opens it found it, before any lock. */
export interface OpenedInvitation {
  id: string
  organizationId: string
  kind: OrganizationKind
  /** With which of its tokens; none for somebody who named it by id. */
  by: InvitationToken | undefined
  tokenHash: Buffer | undefined
}

export const isLive = ({ status }: Pick<Invitation, 'status'>): boolean => status === 'pending'

/**
 * Finds an invitation for whom it is to: by either token, or by id for a signed-in person with the invited address among their proven ones.
 * @throws token_dead for a token of no invitation, not_found for an id that is not theirs to know
 */
export async function findForInvitee(executor: Db['query'] | Tx, actor: Actor, invitee: Invitee): Promise<OpenedInvitation> {
  if ('token' in invitee) return findByToken(executor, invitee.token)
  if (actor.kind !== 'account') throw refuse('not_signed_in')
  const id = requireId('invitation', invitee.invitationId)
  const [found] = await rows<OpenedInvitation>(
    executor,
    sql`select i.id, i.organization_id as "organizationId", i.kind from invitations i
      where i.id = ${id} and i.canonical in (select canonical from emails where account_id = ${actor.accountId} and verified_at is not null)`
  )
  if (!found) throw refuse('not_found')
  return { ...found, by: undefined, tokenHash: undefined }
}

/** @throws token_dead */
export async function findByToken(executor: Db['query'] | Tx, token: string): Promise<OpenedInvitation> {
  const by = invitationTokenKind(token)
  if (!by) throw refuse('token_dead')
  const tokenHash = sha256(token)
  const column = by === 'mailed' ? sql`i.mailed_token_hash` : sql`i.copied_token_hash`
  const [found] = await rows<OpenedInvitation>(
    executor,
    sql`select i.id, i.organization_id as "organizationId", i.kind from invitations i where ${column} = ${tokenHash}`
  )
  if (!found) throw refuse('token_dead')
  return { ...found, by, tokenHash }
}

/** The invitation as it is now, through the organization's lock; a token that was replaced meanwhile is dead. @throws token_dead */
export async function readOpened(executor: Db['query'] | Tx, { id, by, tokenHash }: OpenedInvitation): Promise<Invitation> {
  const column = by === 'mailed' ? sql`i.mailed_token_hash` : sql`i.copied_token_hash`
  const same = tokenHash ? sql`${column} = ${tokenHash}` : sql`true`
  const [invitation] = await findInvitations(executor, sql`i.id = ${id} and ${same}`)
  if (!invitation) throw refuse('token_dead')
  return invitation
}

export interface Shown {
  organization: { kind: OrganizationKind; name: string; logoUrl: string | null }
  inviter: string
  roles: Array<{ role: string; name: string }>
  /** In agencies: how they will work through it. Whoever accepts has to know. */
  affiliation: Joins | null
  expiresAt: string
}

/** What anybody sees who has the link: whose invitation, from whom, to what, and until when. Nothing is used up. @throws token_dead, organization_suspended, organization_closed */
export async function lookUpInvitation({ db }: Parts, token: string): Promise<Shown> {
  const invitation = await readOpened(db.query, await findByToken(db.query, token))
  if (!isLive(invitation)) throw refuse('token_dead')
  requireActive(await findOrganization(db.query, invitation.kind, invitation.organizationId))
  const [shown] = await showInvitations(db.query, [invitation])
  if (!shown) throw refuse('token_dead')
  return shown
}

/** Invitations as their receivers see them; those of organizations that are not active cannot be accepted, and are left out. */
async function showInvitations(executor: Db['query'] | Tx, list: readonly Invitation[]): Promise<Array<Shown & { id: string }>> {
  const ids = sql.param(list.map(({ organizationId }) => organizationId))
  const organizations = await rows<{ id: string; name: string; logoUrl: string | null; roles: Record<string, string> }>(
    executor,
    sql`select o.id, o.name, o.logo_url as "logoUrl",
        coalesce((select jsonb_object_agg(c.key, c.name) from custom_roles c where c.organization_id = o.id), '{}') as roles
      from organizations o where o.id = any(${ids}::uuid[]) and standing(o) = 'active'`
  )
  return list.flatMap(({ id, organizationId, kind, inviterName, grants, affiliation, expiresAt }) => {
    const organization = organizations.find((each) => each.id === organizationId)
    if (!organization) return []
    const roles = [...new Set(grants.map(({ role }) => role))]
    const nameOf = (role: string): string => builtInRole(kind, role)?.name ?? organization.roles[role] ?? role
    const { name, logoUrl } = organization
    return [
      {
        id,
        organization: { kind, name, logoUrl },
        inviter: inviterName,
        roles: roles.map((role) => ({ role, name: nameOf(role) })),
        affiliation,
        expiresAt
      }
    ]
  })
}

/** Says no: the link is dead, and the inviter is told (N-9). @throws token_dead, not_found */
export async function declineInvitation(parts: Parts, db: Db, actor: Actor, invitee: Invitee): Promise<{ status: 'declined' }> {
  const found = await findForInvitee(parts.db.query, actor, invitee)
  return db.transaction(async (tx) => {
    await lockOrganization(tx, found.kind, found.organizationId)
    const invitation = await readOpened(tx, found)
    const declined = await rows(
      tx,
      sql`update invitations set status = 'declined', ended_at = now(), revision = revision + 1
        where id = ${invitation.id} and status = 'pending' and expires_at > now() returning id`
    )
    if (declined.length === 0) throw refuse('token_dead')
    const before = invitationState(invitation)
    const change = { before, after: { ...before, status: 'declined' } }
    await record(tx, {
      actor,
      chain: { kind: 'organization', id: invitation.organizationId },
      action: 'invitation.declined',
      resource: publicId('invitation', invitation.id),
      detail: change,
      event: change
    })
    await requestMail(tx, { kind: 'invitation_declined', invitationId: invitation.id })
    return { status: 'declined' }
  })
}

/** Invitations to any proven address of the person that wait for an answer, the newest first (N-9). Complete, without pages. */
export async function listOwnInvitations(
  { db }: Parts,
  accountId: string
): Promise<Array<Shown & { id: string; email: string; message: string | null }>> {
  const found = await findInvitations(
    db.query,
    sql`i.status = 'pending' and i.expires_at > now()
      and i.canonical in (select canonical from emails where account_id = ${accountId} and verified_at is not null)`,
    sql`order by i.id desc`
  )
  const shown = await showInvitations(db.query, found)
  return shown.map((each) => {
    const { email, message } = found.find(({ id }) => id === each.id)!
    return { ...each, email, message }
  })
}
