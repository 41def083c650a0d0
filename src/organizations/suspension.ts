import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import type { Db, Tx } from '../db/database.ts'
import { type Blocker, refuseIfBlocked } from '../http/blockers.ts'
import { publicId } from '../http/ids.ts'
import { type Acting, changeAsMember, type Place } from './change.ts'
import { contactBlockers, ownerBlockers } from './guards.ts'
import { bumpMember, findMemberOf, type Member, requireMember } from './members.ts'
import { requireId } from './organizations.ts'
import { requireMayRemove } from './removal.ts'

/** Suspends a membership (C-13): roles are kept, every decision is deny. The owner stays active, and so does a contact (C-4, K-7). */
export async function suspendMember(
  db: Db,
  actor: ActorOf<'account'>,
  input: Place & { memberId: string; reason?: string | undefined; dryRun: boolean }
): Promise<{ member: Member; blockers: Blocker[] }> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    const { organization } = acting
    const member = await requireMember(tx, organization, requireId('member', input.memberId))
    requireMayRemove(acting, member)
    const after = { ...member, membershipStatus: 'suspended' as const }
    const blockers = [...ownerBlockers(organization, member), ...(await contactBlockers(tx, organization, member, { member: after }))]
    if (input.dryRun && blockers.length > 0) return { member, blockers }
    refuseIfBlocked(blockers)
    return { member: await setStatus(tx, acting, member, 'suspended', input.reason), blockers }
  })
}

/** Ends a suspension: the roles count again. */
export async function resumeMember(db: Db, actor: ActorOf<'account'>, input: Place & { memberId: string }): Promise<Member> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    const member = await requireMember(tx, acting.organization, requireId('member', input.memberId))
    requireMayRemove(acting, member)
    return setStatus(tx, acting, member, 'active')
  })
}

async function setStatus(
  tx: Tx,
  { actor, organization }: Acting,
  member: Member,
  status: 'active' | 'suspended',
  reason?: string
): Promise<Member> {
  if (member.membershipStatus === status) return member
  await tx.execute(sql`update memberships set status = ${status} where id = ${member.id}`)
  await bumpMember(tx, member.id)
  const change = { before: { status: member.membershipStatus }, after: { status } }
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action: status === 'suspended' ? 'member.suspended' : 'member.resumed',
    resource: publicId('member', member.id),
    detail: change,
    ...(reason === undefined ? {} : { personal: { reason } }),
    event: change
  })
  return (await findMemberOf(tx, organization.id, member.accountId))!
}
