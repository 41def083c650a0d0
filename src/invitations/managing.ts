import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { newId, publicId } from '../http/ids.ts'
import { requestMail } from '../mail/outbox.ts'
import { type Acting, changeAsMember, type Place } from '../organizations/change.ts'
import { readGrantBook, resolveIn, teamsOf, type WantedGrant } from '../organizations/grants.ts'
import { isAdmin, requireAdminSeat, requireMemberSeat, requirePendingSeat } from '../organizations/limits.ts'
import { requireId } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import type { Grant } from '../permissions/decide.ts'
import { refuse } from '../problems.ts'
import { defaultGrants, requireActing, requireMayOffer } from './entitlement.ts'
import { tokenHashes } from './invitation-tokens.ts'
import { type Invitation, invitationState, type Joins, requireInvitation } from './invitations.ts'
import { copiedLink, type Invited } from './inviting.ts'
import { hasProvenDomain } from './judging.ts'

interface OfInvitation extends Place {
  invitationId: string
}

export interface EditInvitation extends OfInvitation {
  /** The version that was seen. */
  revision: number
  grants?: readonly WantedGrant[] | undefined
  /** `null` takes the message away. */
  message?: string | null | undefined
  affiliation?: Joins | undefined
}

const live = sql`status = 'pending' and expires_at > now()`

/**
 * Changes roles, teams or message of a pending invitation, under the ceiling of whoever changes it, who is its inviter from then on (N-6,
 * N-11). The link stays good. @throws stale_version, invitation_not_pending, plan_upgrade_required, and what a new one would be refused for
 */
export async function editInvitation(parts: Parts, db: Db, actor: ActorOf<'account'>, input: EditInvitation): Promise<Invitation> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    requireActing(acting)
    const invitation = await requireInvitation(tx, acting, requireId('invitation', input.invitationId))
    if (invitation.revision !== input.revision) throw refuse('stale_version')
    const chosen = input.grants !== undefined && input.grants.length > 0
    const wanted = input.grants === undefined ? invitation.grants : chosen ? [...(input.grants ?? [])] : defaultGrants(acting.organization)
    const affiliation = input.affiliation && invitation.affiliation ? input.affiliation : invitation.affiliation
    const grants = await requireOffer(tx, acting, { ...invitation, grants: wanted, affiliation }, chosen)
    if (isAdmin(grants) && !isAdmin(invitation.grants)) await requireAdminSeat(tx, parts.config, acting.organization)
    const message = input.message === undefined ? invitation.message : input.message
    const plain = grants.map(({ role, teamId }) => ({ role, teamId }))
    const changed = await rows(
      tx,
      sql`update invitations set grants = ${JSON.stringify(plain)}::jsonb, message = ${message}, affiliation = ${affiliation},
        inviter_account_id = ${actor.accountId}, admins_told_at = null, revision = revision + 1 where id = ${invitation.id} and ${live} returning id`
    )
    if (changed.length === 0) throw refuse('invitation_not_pending')
    return noted(tx, acting, invitation, 'invitation.changed')
  })
}

/**
 * Sends an invitation again, also one that has expired: the same invitation with new tokens, the old ones are dead (N-4). Whoever sends it is
 * its inviter from then on (N-6). @throws invitation_not_pending, invitation_resend_limit, too_many_requests, and what a new one would be refused for
 */
export async function resendInvitation(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: OfInvitation & { expiresInDays?: number | undefined }
): Promise<Invited> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    requireActing(acting)
    const invitation = await requireInvitation(tx, acting, requireId('invitation', input.invitationId))
    const { config, limits, policies } = parts
    if (invitation.status !== 'pending' && invitation.status !== 'expired') throw refuse('invitation_not_pending')
    const grants = await requireOffer(tx, acting, invitation, false)
    if (invitation.resends >= config.INVITATION_RESENDS) throw refuse('invitation_resend_limit')
    // An expired one has lost the seat that it reserved.
    if (invitation.status === 'expired') {
      await requirePendingSeat(tx, config, acting.organization)
      await requireMemberSeat(tx, config, acting.organization)
      if (isAdmin(grants)) await requireAdminSeat(tx, config, acting.organization)
    }
    const [room] = await rows<{ proven: boolean }>(tx, sql`select ${hasProvenDomain(acting.organization.id)} as proven`)
    await limits.require(policies.inviter, `account:${actor.accountId}`)
    await limits.require(room!.proven ? policies.inviting : policies.invitingUnproven, `organization:${acting.organization.id}`)
    await limits.require(policies.invited, invitation.canonical)

    const tokenId = newId()
    const keyId = config.keys.currentId
    const hashes = tokenHashes(config.keys, { invitationId: invitation.id, tokenId, keyId })
    const mailId = await requestMail(tx, { kind: 'invitation', invitationId: invitation.id, tokenId })
    const sent = await rows(
      tx,
      sql`update invitations set token_id = ${tokenId}, key_id = ${keyId}, mailed_token_hash = ${hashes.mailed}, copied_token_hash = ${hashes.copied},
          preference_token_hash = ${hashes.preference}, mail_id = ${mailId}, days = ${input.expiresInDays ?? invitation.days}, resends = resends + 1,
          inviter_account_id = ${actor.accountId}, reminded_at = null, admins_told_at = null, sent_at = moment, revision = revision + 1,
          expires_at = moment + make_interval(days => ${input.expiresInDays ?? invitation.days})
        from clock_timestamp() as moment where id = ${invitation.id} and status = 'pending' returning id`
    )
    if (sent.length === 0) throw refuse('invitation_not_pending')
    const now = await noted(tx, acting, invitation, 'invitation.resent')
    return { invitation: now, link: copiedLink(config, now) }
  })
}

/** Takes an invitation back; its tokens are dead at once. Twice is once. @throws invitation_not_pending when it ended another way */
export async function revokeInvitation(db: Db, actor: ActorOf<'account'>, input: OfInvitation): Promise<Invitation> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    requireActing(acting)
    const invitation = await requireInvitation(tx, acting, requireId('invitation', input.invitationId))
    if (invitation.status === 'revoked') return invitation
    const revoked = await rows(
      tx,
      sql`update invitations set status = 'revoked', ended_at = now(), revision = revision + 1 where id = ${invitation.id} and status = 'pending' returning id`
    )
    if (revoked.length === 0) throw refuse('invitation_not_pending')
    return noted(tx, acting, invitation, 'invitation.revoked')
  })
}

/** Holds what an invitation will offer against the organization as it is, and against whoever offers it. */
async function requireOffer(
  tx: Tx,
  acting: Acting,
  { grants, affiliation }: Pick<Invitation, 'grants' | 'affiliation'>,
  chosen: boolean
): Promise<Grant[]> {
  const resolved = resolveIn(await readGrantBook(tx, acting.organization, teamsOf(grants)), grants)
  requireMayOffer(acting, resolved, affiliation, chosen)
  return resolved
}

async function noted(tx: Tx, acting: Acting, before: Invitation, action: string): Promise<Invitation> {
  const after = await requireInvitation(tx, acting, before.id)
  const change = { before: invitationState(before), after: invitationState(after) }
  await record(tx, {
    actor: acting.actor,
    chain: { kind: 'organization', id: acting.organization.id },
    action,
    resource: publicId('invitation', after.id),
    detail: change,
    event: change
  })
  return after
}
