import { sql } from 'drizzle-orm'
import { type Actor, type ActorOf, actorId } from '../actor.ts'
import { record } from '../audit/record.ts'
import { moveContacts } from '../contracts/move-contacts.ts'
import { endParticipation } from '../conversations/participation.ts'
import type { Db, Tx } from '../db/database.ts'
import { type Blocker, refuseIfBlocked } from '../http/blockers.ts'
import type { Versions } from '../http/consistency.ts'
import { publicId } from '../http/ids.ts'
import { revokeLinksOf } from '../invitations/join-links.ts'
import { endInvitationsTo } from '../invitations/superseding.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { type Acting, changeAsMember, type Place, readAsMember, requirePermission } from './change.ts'
import { activeContracts, agencyWorkBlockers, contactBlockers, ownerBlockers } from './guards.ts'
import { requireNotAbove } from './member-roles.ts'
import { bumpMember, findMembers, type Member, memberState, requireMember } from './members.ts'
import { type Organization, requireId } from './organizations.ts'
import { voidTransfer } from './ownership.ts'
import { keepAddresses } from './removed-people.ts'

export interface RemovalEffects {
  teams: Array<{ id: string; name: string }>
  grants: Array<{ role: string; teamId: string | null }>
  /** Active contracts whose contact changes with it. */
  contracts: string[]
}

export interface Removal {
  member: Member
  outcome: 'removed' | 'scheduled' | 'preview'
  blockers: Blocker[]
  effects: RemovalEffects
}

export interface RemoveMember extends Place {
  memberId: string
  /** The member who becomes contact of all active contracts (K-3). */
  reassignContactTo?: string | undefined
  /** Schedules the end for when nothing blocks it any more (G-4). */
  whenClear?: boolean | undefined
  dryRun: boolean
}

/** Takes a member out of an organization. Whoever removes somebody else needs `member.remove`; anybody but the owner may leave. */
export async function removeMember(db: Db, actor: ActorOf<'account'>, input: RemoveMember): Promise<Removal> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    const { organization, self } = acting
    const member = await requireMember(tx, organization, requireId('member', input.memberId))
    const leaving = member.id === self.id
    if (!leaving) requireMayRemove(acting, member)

    const successor = input.reassignContactTo && (await requireMember(tx, organization, requireId('member', input.reassignContactTo)))
    const contracts = successor ? await movableContracts(tx, acting, member) : []
    if (successor) await moveContacts(tx, acting, contracts, successor)

    const blockers = await removalBlockers(tx, organization, member)
    const effects = effectsOf(
      member,
      contracts.map(({ id }) => id)
    )
    if (input.dryRun) return { member, outcome: 'preview', blockers, effects }
    const wanted = leaving ? 'left' : 'removed'
    if (input.whenClear && blockers.length > 0 && blockers.every(({ code }) => code !== 'owner_must_transfer')) {
      await schedule(tx, acting, member, wanted)
      return { member, outcome: 'scheduled', blockers, effects }
    }
    refuseIfBlocked(blockers)

    await endMembership(tx, actor, organization, member, wanted)
    return { member, outcome: 'removed', blockers: [], effects }
  })
}

/** What would stand in the way of a removal, and what would be lost (C-11); for those who may remove, and the member. Locks nothing. */
export async function previewRemoval(
  { db }: Parts,
  actor: ActorOf<'account'>,
  input: Place & { memberId: string },
  atLeast: Versions | undefined
): Promise<Removal> {
  const acting = await readAsMember(db, actor, input, atLeast)
  return db.transaction(async (tx) => {
    const member = await requireMember(tx, acting.organization, requireId('member', input.memberId))
    if (member.id !== acting.self.id) requireMayRemove(acting, member)
    const blockers = await removalBlockers(tx, acting.organization, member)
    return { member, outcome: 'preview', blockers, effects: effectsOf(member, []) }
  })
}

export function requireMayRemove(acting: Acting, member: Member): void {
  requirePermission(acting, 'member.remove')
  requireNotAbove(acting, member)
}

/** Every guard of a removal (C-4, K-1, G-4). */
async function removalBlockers(tx: Tx, organization: Organization, member: Member): Promise<Blocker[]> {
  return [
    ...ownerBlockers(organization, member),
    ...(await contactBlockers(tx, organization, member, { gone: true })),
    ...(await agencyWorkBlockers(tx, organization, member.accountId))
  ]
}

/** Contracts that go to somebody else with the member: changing a contact needs its own right, in the contract's team. */
async function movableContracts(tx: Tx, acting: Acting, member: Member) {
  const contracts = await activeContracts(tx, sql`c.contact_membership_id = ${member.id}`)
  for (const { teamId } of contracts) requirePermission(acting, 'contract.contact.change', teamId)
  return contracts
}

const effectsOf = (member: Member, contracts: string[]): RemovalEffects => ({
  teams: member.teams.map(({ id, name }) => ({ id, name })),
  grants: member.grants.map(({ role, teamId }) => ({ role, teamId })),
  contracts
})

/**
 * Moves a membership to history: teams, grants and parts in conversations go with it at once (C-7, H-3). An offer of ownership to the person,
 * the join links they made and pending invitations to their other addresses are void. Leaving while suspended, or while the removal is
 * scheduled, is a removal: nobody gets round N-12 by going first.
 */
export async function endMembership(
  tx: Tx,
  actor: Actor,
  organization: Organization,
  member: Member,
  wanted: 'left' | 'removed'
): Promise<void> {
  const free = member.membershipStatus === 'active' && member.endsWhenClear !== 'removed'
  const reason = wanted === 'left' && free ? 'left' : 'removed'
  await tx.execute(sql`
    insert into ended_memberships (id, organization_id, account_id, source, affiliation, reason, ended_by_kind, ended_by_id, joined_at, ended_at)
    select id, organization_id, account_id, source, affiliation, ${reason}, ${actor.kind}, ${actorId(actor)}, joined_at, clock_timestamp() from memberships where id = ${member.id}`)
  await endParticipation(tx, actor, organization, member.id)
  await tx.execute(sql`delete from memberships where id = ${member.id}`)
  await voidTransfer(tx, actor, organization, member.accountId)
  await endInvitationsTo(tx, actor, organization, member.accountId, 'revoked')
  await revokeLinksOf(tx, actor, organization, member.accountId)
  if (reason === 'removed') await keepAddresses(tx, organization.id, member.accountId)
  const before = { accountId: publicId('account', member.accountId), ...memberState(member) }
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action: `member.${reason}`,
    resource: publicId('member', member.id),
    detail: { before, after: null },
    event: { before }
  })
}

/** A scheduled removal outranks a leave: who is removed makes no leave of it, which they could take back. */
async function schedule(tx: Tx, { actor, organization }: Acting, member: Member, reason: 'left' | 'removed'): Promise<void> {
  if (member.endsWhenClear === 'removed' || member.endsWhenClear === reason) return
  await tx.execute(sql`update memberships set ends_when_clear = ${reason} where id = ${member.id}`)
  await bumpMember(tx, member.id)
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action: 'member.end_scheduled',
    resource: publicId('member', member.id),
    detail: { before: { endsWhenClear: member.endsWhenClear }, after: { endsWhenClear: reason } },
    event: { after: { endsWhenClear: reason } }
  })
}

/**
 * Takes a scheduled end back: a leave only who is leaving, whose right it is; a removal only whoever may remove them, and never they
 * themselves. @throws not_found when none is scheduled
 */
export async function cancelScheduledEnd(db: Db, actor: ActorOf<'account'>, input: Place & { memberId: string }): Promise<void> {
  await changeAsMember(db, actor, input, async (tx, acting) => {
    const member = await requireMember(tx, acting.organization, requireId('member', input.memberId))
    const own = member.id === acting.self.id
    if (!own) requireMayRemove(acting, member)
    if (!member.endsWhenClear) throw refuse('not_found')
    if (own !== (member.endsWhenClear === 'left'))
      throw refuse('access_denied', { detail: 'A leave is taken back by who is leaving, a removal by somebody else.' })
    await tx.execute(sql`update memberships set ends_when_clear = null where id = ${member.id}`)
    await bumpMember(tx, member.id)
    await record(tx, {
      actor,
      chain: { kind: 'organization', id: acting.organization.id },
      action: 'member.end_unscheduled',
      resource: publicId('member', member.id),
      detail: { before: { endsWhenClear: member.endsWhenClear }, after: { endsWhenClear: null } },
      event: { after: { endsWhenClear: null } }
    })
  })
}

/**
 * Ends the scheduled memberships of these accounts that nothing blocks any more; called wherever a blocker may have gone. The
 * organization is locked by the caller.
 */
export async function endWhatIsClear(tx: Tx, actor: Actor, organization: Organization, accountIds: readonly string[]): Promise<void> {
  for (const accountId of new Set(accountIds)) {
    const [member] = await findMembers(
      tx,
      sql`m.organization_id = ${organization.id} and m.account_id = ${accountId} and m.ends_when_clear is not null`
    )
    if (!member || (await removalBlockers(tx, organization, member)).length > 0) continue
    await endMembership(tx, actor, organization, member, member.endsWhenClear!)
  }
}
