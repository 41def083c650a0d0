import { sql } from 'drizzle-orm'
import { requireCanonical } from '../accounts/requirements.ts'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { parseId, publicId } from '../http/ids.ts'
import { requireInviter } from '../invitations/entitlement.ts'
import { inviteOne } from '../invitations/inviting.ts'
import { type Acting, changeAsMember, requireSelf } from '../organizations/change.ts'
import { findMembers, type Member } from '../organizations/members.ts'
import { lockOrganization, requireId } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { scopesOf } from '../permissions/decide.ts'
import { refuse } from '../problems.ts'
import { type Conversation, findPending, mostParticipants } from './find-conversation.ts'
import { isAbove, type Level } from './levels.ts'
import { changeParticipants } from './participation.ts'
import { type CoworkerPart, companyPlace, isCoworker, lockOwnPart, requireCoworker, requireMayAdd, requireOwnPart } from './taking-part.ts'

export interface AddCoworker {
  conversationId: string
  level: Level
  /** One of the two. */
  memberId?: string | undefined
  email?: string | undefined
  /** Of the invitation. */
  message?: string | undefined
  locale?: string | undefined
}

export type Added =
  | { outcome: 'added' | 'changed' | 'unchanged'; participant: Conversation['participants'][number] }
  /** `first`: nothing was noted for this invitation before. */
  | { outcome: 'invited'; invitationId: string; first: boolean }

interface Adding {
  parts: Parts
  acting: Acting
  conversation: Conversation
  own: CoworkerPart
  level: Level
}

/**
 * Adds a coworker to a conversation (H-1), or invites them with it (H-2). Adding again with the same level changes nothing; with another it changes
 * theirs, if neither is above one's own.
 * @throws not_found, access_denied, role_exceeds_inviter, conversation_closed, unknown_member, limit_reached, and what refuses an invitation
 */
export async function addCoworker(parts: Parts, db: Db, actor: ActorOf<'account'>, input: AddCoworker): Promise<Added> {
  const { companyId, ...part } = await requireOwnPart(db.query, input.conversationId, actor.accountId)
  requireCoworker(part)
  return changeAsMember(db, actor, companyPlace(companyId), async (tx, acting) => {
    const { conversation, own } = await lockOwnPart(tx, input.conversationId, actor.accountId)
    requireCoworker(own)
    requireMayAdd(acting, conversation)
    if (isAbove(input.level, own.level)) throw refuse('role_exceeds_inviter')
    if (conversation.status === 'closed') throw refuse('conversation_closed')
    const adding = { parts, acting, conversation, own, level: input.level }
    if (input.email === undefined) return addMember(tx, adding, await requireNamed(tx, acting, input.memberId!))
    const member = await findSeen(tx, acting, requireCanonical(input.email))
    return member ? addMember(tx, adding, member) : inviteCoworker(tx, adding, { ...input, email: input.email })
  })
}

/** @throws unknown_member for whoever is none of this company */
async function requireNamed(tx: Tx, { organization }: Acting, memberId: string): Promise<Member> {
  const id = parseId('member', memberId)
  const [member] = id ? await findMembers(tx, sql`m.organization_id = ${organization.id} and m.id = ${id}`) : []
  if (!member) throw refuse('unknown_member')
  return member
}

/** The member with this address in the member list, as far as the actor sees it (N-3). */
async function findSeen(tx: Tx, { organization, self }: Acting, canonical: string): Promise<Member | undefined> {
  const [member] = await findMembers(
    tx,
    sql`m.organization_id = ${organization.id}
      and exists (select from emails e where e.account_id = a.id and e.is_primary and e.canonical = ${canonical})`
  )
  if (!member || member.id === self.id) return member
  const seen = scopesOf(organization.kind, self, 'member.read')
  return seen.organization || member.teams.some(({ id }) => seen.teamIds.includes(id)) ? member : undefined
}

async function addMember(tx: Tx, { acting, conversation, own, level }: Adding, member: Member): Promise<Added> {
  const before = conversation.participants.find(({ accountId }) => accountId === member.accountId)
  if (before?.level === level) return { outcome: 'unchanged', participant: before }
  if (before?.level && isAbove(before.level, own.level)) throw refuse('role_exceeds_inviter')
  if (member.membershipStatus !== 'active') throw refuse('unknown_member')
  if (!before) await requireRoom(tx, conversation)
  // Whom the company talked with and who has become a member since changes sides.
  const after = { accountId: member.accountId, membershipId: member.id, level }
  await changeParticipants(tx, acting.actor, conversation, [{ before, after }])
  return {
    outcome: before ? 'changed' : 'added',
    participant: { ...after, name: `${member.firstName} ${member.lastName}` }
  }
}

/** @throws limit_reached */
async function requireRoom(tx: Tx, { id, participants }: Conversation): Promise<void> {
  const pending = await findPending(tx, id)
  if (participants.length + pending.length >= mostParticipants) throw refuse('limit_reached')
}

/**
 * Notes that a person will take part once they accept. An invitation that is pending already is used; otherwise one is made, with the least role
 * (N-2). Whoever may not invite learns nothing of either.
 */
async function inviteCoworker(
  tx: Tx,
  { parts, acting, conversation, own, level }: Adding,
  { email, message, locale }: AddCoworker & { email: string }
): Promise<Added> {
  requireInviter(acting)
  const waiting = await findLiveInvitation(tx, acting, requireCanonical(email))
  const pending = await findPending(tx, conversation.id)
  const noted = pending.find(({ invitationId }) => invitationId === waiting)
  if (noted?.level === level) return { outcome: 'invited', invitationId: noted.invitationId, first: false }
  if (noted && isAbove(noted.level, own.level)) throw refuse('role_exceeds_inviter')
  if (!noted && conversation.participants.length + pending.length >= mostParticipants) throw refuse('limit_reached')

  const invitationId = waiting ?? (await inviteOne(tx, parts, acting, { email, grants: [], message, locale })).invitation.id
  await tx.execute(sql`
    insert into conversation_invitations (conversation_id, company_id, invitation_id, level, added_by_account_id)
    values (${conversation.id}, ${conversation.companyId}, ${invitationId}, ${level}, ${acting.actor.accountId})
    on conflict (conversation_id, invitation_id) do update
      set level = excluded.level, added_by_account_id = excluded.added_by_account_id, added_at = now()`)
  const after = { invitationId: publicId('invitation', invitationId), level }
  const change = { ...(noted && { before: { ...after, level: noted.level } }), after }
  await record(tx, {
    actor: acting.actor,
    chain: { kind: 'organization', id: conversation.companyId },
    action: 'conversation.coworker_invited',
    resource: conversation.id,
    detail: change,
    event: change
  })
  return { outcome: 'invited', invitationId, first: !noted }
}

async function findLiveInvitation(tx: Tx, { organization }: Acting, canonical: string): Promise<string | undefined> {
  const [found] = await rows<{ id: string }>(
    tx,
    sql`select id from invitations where organization_id = ${organization.id} and canonical = ${canonical} and status = 'pending' and expires_at > now()`
  )
  return found?.id
}

/**
 * Takes somebody out of a conversation. Anybody leaves by themselves, also the last of the company with level `full`: nobody is kept in a
 * conversation, and the messaging service can name others. A coworker is taken out under the same rule as they are added (H-1); whom the company
 * talks with only leaves. @throws not_found, access_denied, role_exceeds_inviter
 */
export async function removeParticipant(
  db: Db,
  actor: ActorOf<'account'>,
  { conversationId, accountId }: { conversationId: string; accountId: string }
): Promise<void> {
  const { companyId } = await requireOwnPart(db.query, conversationId, actor.accountId)
  await db.transaction(async (tx) => {
    const organization = await lockOrganization(tx, 'company', companyId)
    const { conversation, own } = await lockOwnPart(tx, conversationId, actor.accountId)
    const wanted = requireId('account', accountId)
    const leaves = conversation.participants.find((part) => part.accountId === wanted)
    if (!leaves) throw refuse('not_found')
    if (leaves.accountId !== own.accountId) {
      requireCoworker(own)
      requireMayAdd({ actor, organization, self: await requireSelf(tx, organization, actor) }, conversation)
      if (!isCoworker(leaves)) throw refuse('access_denied', { detail: 'Whom the company talks with leaves by themselves.' })
      if (isAbove(leaves.level, own.level))
        throw refuse('role_exceeds_inviter', { detail: 'Nobody takes out a coworker whose level is above their own.' })
    }
    await changeParticipants(tx, actor, conversation, [{ before: leaves }])
  })
}
