import { sql } from 'drizzle-orm'
import { lockAccount, requireLiveAccount } from '../accounts/accounts.ts'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { beginConversations } from '../conversations/participation.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { requestMail, requestMails } from '../mail/outbox.ts'
import { adminAccountIds } from '../organizations/admins.ts'
import { readGrantBook, resolveIn, teamsOf } from '../organizations/grants.ts'
import { joinLocked } from '../organizations/joining.ts'
import { findMemberOf, type Member } from '../organizations/members.ts'
import { lockOrganization, type Organization, requireActive } from '../organizations/organizations.ts'
import { wasRemoved } from '../organizations/removed-people.ts'
import type { Parts } from '../parts.ts'
import type { Grant } from '../permissions/decide.ts'
import { Problem, type ProblemCode, refuse } from '../problems.ts'
import { requireMayOffer } from './entitlement.ts'
import { type Invitation, invitationState } from './invitations.ts'
import { findForInvitee, type Invitee, isLive, type OpenedInvitation, readOpened } from './invitee.ts'

export interface Joined {
  member: Member
  organization: Organization
}

/**
 * Accepts an invitation with the account that is signed in (N-5). Everything is looked at again under the locks (N-6); among any number of
 * tries at once one makes the membership, and the same account gets it again.
 * @throws token_dead, not_found, invitation_email_mismatch, inviter_no_longer_entitled, invitation_outdated, removed_needs_invitation, and what
 *   keeps anybody from joining
 */
export async function acceptInvitation(parts: Parts, db: Db, actor: ActorOf<'account'>, invitee: Invitee): Promise<Joined> {
  const found = await findForInvitee(parts.db.query, actor, invitee)
  return tellingAdmins(parts, found, () =>
    db.transaction(async (tx) => {
      requireLiveAccount(await lockAccount(tx, actor.accountId))
      return acceptLocked(tx, parts, actor, found, actor.accountId)
    })
  )
}

/** The same with the account locked. */
export async function acceptLocked(tx: Tx, parts: Parts, actor: Actor, found: OpenedInvitation, accountId: string): Promise<Joined> {
  const organization = await lockOrganization(tx, found.kind, found.organizationId)
  const invitation = await readOpened(tx, found)
  const present = await findMemberOf(tx, organization.id, accountId)
  if (invitation.status === 'accepted' && invitation.acceptedByAccountId === accountId && present) return { member: present, organization }
  if (!isLive(invitation)) throw refuse('token_dead')
  await requireOwnAddress(tx, invitation, accountId)
  requireActive(organization)
  if (present) return { member: await settle(tx, actor, organization, invitation, accountId, present), organization }

  // What was sent before brings nobody back who was removed since (N-12).
  if (await wasRemoved(tx, organization.id, accountId, sql`${invitation.sentAt}::timestamptz`)) throw refuse('removed_needs_invitation')
  const grants = await stillOffered(tx, organization, invitation)
  await claim(tx, invitation, accountId)
  const member = await joinLocked(tx, parts, actor, organization, {
    accountId,
    source: 'invitation',
    grants,
    exclusive: invitation.affiliation === 'exclusive'
  })
  await note(tx, actor, organization, invitation, accountId)
  await beginConversations(tx, actor, invitation.id, member)
  return { member, organization }
}

/** Somebody who is a member already keeps the membership as it is: the invitation is over with it (N-3). */
async function settle(
  tx: Tx,
  actor: Actor,
  organization: Organization,
  invitation: Invitation,
  accountId: string,
  member: Member
): Promise<Member> {
  await claim(tx, invitation, accountId)
  await note(tx, actor, organization, invitation, accountId)
  await beginConversations(tx, actor, invitation.id, member)
  return member
}

/** The invited address is one of the account's proven ones, or the refusal says how it can be put right (N-5). @throws invitation_email_mismatch */
async function requireOwnAddress(tx: Tx, { canonical }: Invitation, accountId: string): Promise<void> {
  const own = await rows(
    tx,
    sql`select from emails where account_id = ${accountId} and canonical = ${canonical} and verified_at is not null`
  )
  if (own.length === 0) throw refuse('invitation_email_mismatch', { extensions: { ways: waysOut } })
}

const waysOut = [
  { code: 'sign_in_as_another', resolve: { method: 'POST', href: '/v1/sessions' } },
  { code: 'add_address', resolve: { method: 'POST', href: '/v1/me/emails', body: { email: '<the invited address>' } } },
  { code: 'ask_for_new_invitation' }
]

/** What was offered, if it is still there and whoever offers it may still give it (N-6). @throws inviter_no_longer_entitled, invitation_outdated, organization_restricted */
async function stillOffered(tx: Tx, organization: Organization, invitation: Invitation): Promise<Grant[]> {
  const self = await findMemberOf(tx, organization.id, invitation.inviterAccountId)
  if (!self) throw refuse('inviter_no_longer_entitled')
  const book = await readGrantBook(tx, organization, teamsOf(invitation.grants))
  const grants = refusedAs('invitation_outdated', () => resolveIn(book, invitation.grants))
  refusedAs('inviter_no_longer_entitled', () => requireMayOffer({ organization, self }, grants, invitation.affiliation, false))
  return grants
}

function refusedAs<T>(code: ProblemCode, work: () => T): T {
  try {
    return work()
  } catch (error) {
    // What holds up the organization is no fault of the inviter.
    const known = error instanceof Problem && error.code !== 'organization_restricted'
    throw known ? refuse(code) : error
  }
}

/** The one edge into `accepted`. @throws token_dead */
async function claim(tx: Tx, { id, tokenId }: Invitation, accountId: string): Promise<void> {
  const claimed = await rows(
    tx,
    sql`update invitations set status = 'accepted', ended_at = now(), accepted_by_account_id = ${accountId}, revision = revision + 1
      where id = ${id} and token_id = ${tokenId} and status = 'pending' and expires_at > now() returning id`
  )
  if (claimed.length === 0) throw refuse('token_dead')
}

async function note(tx: Tx, actor: Actor, organization: Organization, invitation: Invitation, accountId: string): Promise<void> {
  const before = invitationState(invitation)
  const after = { ...before, status: 'accepted' as const, accountId: publicId('account', accountId) }
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action: 'invitation.accepted',
    resource: publicId('invitation', invitation.id),
    detail: { before, after },
    event: { before, after }
  })
  await requestMail(tx, { kind: 'invitation_accepted', invitationId: invitation.id })
}

const stuck: Partial<Record<ProblemCode, 'inviter' | 'outdated'>> = {
  inviter_no_longer_entitled: 'inviter',
  invitation_outdated: 'outdated'
}

/** Tells those who run the organization, once, that somebody could not accept through no fault of theirs (N-6); the refusal undid everything else. */
export async function tellingAdmins<T>(parts: Parts, { id, organizationId }: OpenedInvitation, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const why = error instanceof Problem && stuck[error.code]
    if (!why) throw error
    await parts.db.transaction(async (tx) => {
      const first = await rows(
        tx,
        sql`update invitations set admins_told_at = now() where id = ${id} and status = 'pending' and admins_told_at is null returning id`
      )
      if (first.length === 0) return
      const admins = await adminAccountIds(tx, organizationId)
      await requestMails(
        tx,
        admins.map((adminAccountId) => ({ kind: 'invitation_stuck', invitationId: id, adminAccountId, why }))
      )
    })
    throw error
  }
}
