import { sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import type { Member } from '../organizations/members.ts'
import { type Conversation, lockConversation, mostParticipants, type Part, stillMeant } from './find-conversation.ts'
import type { Level } from './levels.ts'

/** What becomes of one person's part: without a `before` they come, without an `after` they go. */
export interface PartChange {
  before?: Part | undefined
  after?: Part | undefined
  /** Where it is not who acts. */
  addedBy?: string
}

/**
 * Writes changes of participants: the revision rises once for all of them, and each is told. The conversation and its company are locked by
 * the caller. Answers the revision there is then.
 */
export async function changeParticipants(
  tx: Tx,
  actor: Actor,
  conversation: Pick<Conversation, 'id' | 'companyId' | 'participantsRevision'>,
  changes: readonly PartChange[]
): Promise<number> {
  if (changes.length === 0) return conversation.participantsRevision
  await writeParts(tx, actor, conversation, changes)
  const [raised] = await rows<{ revision: number }>(
    tx,
    sql`update conversations set participants_revision = participants_revision + 1, updated_at = now() where id = ${conversation.id}
      returning participants_revision as revision`
  )
  for (const { before, after } of changes) {
    const change = { ...(before && { before: partState(before) }), ...(after && { after: partState(after) }) }
    await record(tx, {
      actor,
      chain: { kind: 'organization', id: conversation.companyId },
      action: before ? (after ? 'conversation.participant_updated' : 'conversation.participant_removed') : 'conversation.participant_added',
      resource: conversation.id,
      detail: { ...change, participantsRevision: raised!.revision },
      event: change
    })
  }
  return raised!.revision
}

/** Writes the rows alone: for a first version, which tells of its participants itself. */
export async function writeParts(
  tx: Tx,
  actor: Actor,
  { id, companyId }: Pick<Conversation, 'id' | 'companyId'>,
  changes: readonly PartChange[]
): Promise<void> {
  const gone = changes.filter(({ after }) => !after).map(({ before }) => before!.accountId)
  const person = actor.kind === 'account' ? actor.accountId : null
  const there = changes.flatMap(({ after, addedBy = person }) =>
    after ? [{ account: after.accountId, membership: after.membershipId, level: after.level, added_by: addedBy }] : []
  )
  if (gone.length > 0)
    await tx.execute(
      sql`delete from conversation_participants where conversation_id = ${id} and account_id = any(${sql.param(gone)}::uuid[])`
    )
  if (there.length > 0)
    await tx.execute(sql`
      insert into conversation_participants (conversation_id, company_id, account_id, membership_id, level, added_by_account_id)
      select ${id}, ${companyId}, v.account, v.membership, v.level, v.added_by
      from jsonb_to_recordset(${JSON.stringify(there)}::jsonb) as v (account uuid, membership uuid, level text, added_by uuid)
      on conflict (conversation_id, account_id) do update set membership_id = excluded.membership_id, level = excluded.level`)
}

/** What audit and events say of a part. */
export const partState = ({ accountId, membershipId, level }: Part) => ({
  accountId: publicId('account', accountId),
  memberId: membershipId && publicId('member', membershipId),
  level
})

/**
 * Begins what an invitation promised (H-2), at its acceptance: in every conversation that is still open, has room, and whose adder still takes
 * part with at least that level. Where that is no longer so the person is left out, and the acceptance succeeds all the same. Each promise
 * is kept once. The company is locked by the caller.
 */
export async function beginConversations(
  tx: Tx,
  actor: Actor,
  invitationId: string,
  member: Pick<Member, 'id' | 'accountId' | 'membershipStatus'>
): Promise<void> {
  const noted = await rows<{ id: string; level: Level; addedBy: string; meant: boolean }>(
    tx,
    sql`select c.id, n.level, n.added_by_account_id as "addedBy", ${stillMeant} as meant from conversation_invitations n join conversations c on c.id = n.conversation_id
      where n.invitation_id = ${invitationId} order by c.id for update of c`
  )
  if (noted.length === 0) return
  await tx.execute(sql`delete from conversation_invitations where invitation_id = ${invitationId}`)
  if (member.membershipStatus !== 'active') return
  for (const { id, level, addedBy, meant } of noted) {
    const conversation = meant && (await lockConversation(tx, id))
    if (!conversation) continue
    const before = conversation.participants.find(({ accountId }) => accountId === member.accountId)
    if (before?.level || (!before && conversation.participants.length >= mostParticipants)) continue
    await changeParticipants(tx, actor, conversation, [
      { before, after: { accountId: member.accountId, membershipId: member.id, level }, addedBy }
    ])
  }
}

/** Ends a member's part in every conversation of the company (H-3), before the membership goes. The company is locked by the caller. */
export async function endParticipation(tx: Tx, actor: Actor, { id: companyId }: { id: string }, membershipId: string): Promise<void> {
  const parts = await rows<Part & { id: string; participantsRevision: number }>(
    tx,
    sql`select c.id, c.participants_revision as "participantsRevision", p.account_id as "accountId", p.membership_id as "membershipId", p.level
      from conversation_participants p join conversations c on c.id = p.conversation_id
      where p.membership_id = ${membershipId} order by c.id for update of c`
  )
  for (const { id, participantsRevision, ...before } of parts)
    await changeParticipants(tx, actor, { id, companyId, participantsRevision }, [{ before }])
}
