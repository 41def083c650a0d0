import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import type { Db, Tx } from '../db/database.ts'
import { type Blocker, refuseIfBlocked } from '../http/blockers.ts'
import { publicId } from '../http/ids.ts'
import type { Parts } from '../parts.ts'
import { type Grant, scopesOf, sourcesOf } from '../permissions/decide.ts'
import { refuse } from '../problems.ts'
import { type Acting, changeAsMember, may, type Place, requirePermission } from './change.ts'
import { deleteGrants, insertGrants, requireNoOwnGain, requireProfileFor, resolveGrants, type WantedGrant, without } from './grants.ts'
import { contactBlockers } from './guards.ts'
import { isAdmin, requireAdminSeat } from './limits.ts'
import { bumpMember, findMemberOf, type Member, memberState, requireMember } from './members.ts'
import { requireId } from './organizations.ts'

export interface RolesChange {
  member: Member
  added: Grant[]
  removed: Grant[]
  /** Only a dry run answers any: the change itself is refused. */
  blockers: Blocker[]
}

export interface ChangeRoles extends Place {
  memberId: string
  /** The member's version that the caller has seen. */
  revision: number
  grants: readonly WantedGrant[]
  dryRun: boolean
}

/**
 * Makes the given grants all that a member has. Every grant that comes or goes needs `member.roles.update` in its own scope; nobody
 * raises their own rights (C-5), and a contact keeps the right to be contact (K-1). @throws stale_version
 */
export async function changeRoles({ config }: Parts, db: Db, actor: ActorOf<'account'>, input: ChangeRoles): Promise<RolesChange> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    const { organization } = acting
    const member = await requireMember(tx, organization, requireId('member', input.memberId))
    requireSomewhere(acting)
    requireVisible(acting, member)
    if (member.revision !== input.revision) throw refuse('stale_version')

    const wanted = await resolveGrants(tx, organization, input.grants, member.grants)
    const added = without(wanted, member.grants)
    const removed = without(member.grants, wanted)
    for (const { teamId } of [...added, ...removed]) requirePermission(acting, 'member.roles.update', teamId)
    requireMayRegrant(acting, member)
    requireNoOwnGain(acting, member, wanted)
    requireProfileFor(member, added)
    if (isAdmin(added) && !isAdmin(member.grants) && !member.owner) await requireAdminSeat(tx, config, organization)
    const blockers = await contactBlockers(tx, organization, member, { member: { ...member, grants: wanted } })
    if (!input.dryRun) refuseIfBlocked(blockers)

    if (added.length + removed.length === 0 || blockers.length > 0) return { member, added, removed, blockers }
    return { member: await replaceGrants(tx, acting, member, added, removed), added, removed, blockers }
  })
}

/** @throws access_denied for who may not change any role anywhere in the organization */
function requireSomewhere(acting: Acting): void {
  const teams = acting.self.grants.map(({ teamId }) => teamId)
  const somewhere = [null, ...teams].some((teamId) => may(acting, 'member.roles.update', teamId).allowed)
  if (!somewhere) requirePermission(acting, 'member.roles.update')
}

/** Somebody in no team that one may see is not there. @throws not_found */
function requireVisible({ organization, self }: Acting, member: Member): void {
  if (member.id === self.id || sourcesOf(organization.kind, self, 'member.roles.update', null).length > 0) return
  const seen = scopesOf(organization.kind, self, 'member.read')
  if (!seen.organization && !member.teams.some(({ id }) => seen.teamIds.includes(id))) throw refuse('not_found')
}

/** Nobody acts on those above them: on whoever may change roles in all of the organization only who may as well. @throws access_denied */
export function requireNotAbove(acting: Acting, member: Member): void {
  const above = sourcesOf(acting.organization.kind, member, 'member.roles.update', null).length > 0
  if (above && member.id !== acting.self.id) requirePermission(acting, 'member.roles.update')
}

/** And the roles and teams of the owner are the owner's own affair. @throws access_denied */
export function requireMayRegrant(acting: Acting, member: Member): void {
  requireNotAbove(acting, member)
  if (member.owner) requirePermission(acting, 'ownership.transfer')
}

async function replaceGrants(tx: Tx, { actor, organization }: Acting, member: Member, added: Grant[], removed: Grant[]): Promise<Member> {
  await deleteGrants(tx, member.id, removed)
  await insertGrants(tx, organization, member.id, added)
  await bumpMember(tx, member.id)
  const after = (await findMemberOf(tx, organization.id, member.accountId))!
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action: 'member.roles_changed',
    resource: publicId('member', member.id),
    detail: { before: memberState(member), after: memberState(after) },
    event: { before: memberState(member), after: memberState(after) }
  })
  return after
}
