import { sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { beginConversations } from '../conversations/participation.ts'
import { rows, type Tx } from '../db/database.ts'
import { refuseIfBlocked } from '../http/blockers.ts'
import { newId, publicId } from '../http/ids.ts'
import { endInvitationsTo, supersedeRequests } from '../invitations/superseding.ts'
import type { Parts } from '../parts.ts'
import { insertGrants, joinTeam, requireProfileFor, resolveGrants, type WantedGrant } from './grants.ts'
import { independentWorkBlockers } from './guards.ts'
import { isAdmin, requireAdminSeat, requireMemberSeat } from './limits.ts'
import { findMemberOf, type Member, memberState } from './members.ts'
import { lockOrganization, type Organization, requireActive } from './organizations.ts'
import { wasRemoved } from './removed-people.ts'
import type { MembershipSource, OrganizationKind } from './tables.ts'

export interface Joining {
  kind: OrganizationKind
  organizationId: string
  accountId: string
  source: MembershipSource
  grants: readonly WantedGrant[]
  /** In agencies: works through this one only. */
  exclusive?: boolean
}

/** Who comes, and how; the organization is known. */
export type Newcomer = Omit<Joining, 'kind' | 'organizationId'>

/**
 * Makes a person a member, under the locks of account and organization that are taken here: see `joinLocked`.
 * @throws not_found, and what `joinLocked` throws
 */
export async function joinOrganization(tx: Tx, parts: Pick<Parts, 'config'>, actor: Actor, joining: Joining): Promise<Member> {
  await lockAccount(tx, joining.accountId)
  const organization = await lockOrganization(tx, joining.kind, joining.organizationId)
  return joinLocked(tx, parts, actor, organization, joining)
}

/**
 * Every way in ends here. The caller holds the locks of account and organization and has decided that the person may come; whether they
 * can is decided here. Answers the membership that there is already when they are a member. Other open ways in end with it: invitations to
 * any of their addresses, and what they asked for themselves.
 * @throws organization_closed, organization_suspended, plan_upgrade_required, limit_reached, freelancer_profile_required, exclusive_elsewhere,
 *   independent_work_active, and whatever is wrong with the grants
 */
export async function joinLocked(
  tx: Tx,
  { config }: Pick<Parts, 'config'>,
  actor: Actor,
  organization: Organization,
  joining: Newcomer
): Promise<Member> {
  const present = await findMemberOf(tx, organization.id, joining.accountId)
  if (present) return present
  requireActive(organization)

  const grants = await resolveGrants(tx, organization, joining.grants)
  const superseded = await endOpenWays(tx, actor, organization, joining.accountId)
  const coming = joining.source === 'invitation' ? 'invited' : 'uninvited'
  await requireMemberSeat(tx, config, organization, coming)
  if (isAdmin(grants)) await requireAdminSeat(tx, config, organization, coming)
  if (joining.exclusive) refuseIfBlocked(await independentWorkBlockers(tx, joining.accountId))

  await insertMembership(tx, organization, joining)
  const member = (await findMemberOf(tx, organization.id, joining.accountId))!
  requireProfileFor(member, grants)
  if (grants.every(({ teamId }) => teamId === null)) await joinTeam(tx, organization, member.id, organization.defaultTeamId)
  await insertGrants(tx, organization, member.id, grants)
  const joined = (await findMemberOf(tx, organization.id, joining.accountId))!
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action: 'member.joined',
    resource: publicId('member', joined.id),
    detail: { accountId: publicId('account', joined.accountId), source: joined.source, before: null, after: memberState(joined) },
    event: { after: { accountId: publicId('account', joined.accountId), ...memberState(joined) } }
  })
  // What an invitation was to bring them into they come into by any other way as well (H-2).
  for (const invitationId of superseded) await beginConversations(tx, actor, invitationId, joined)
  return joined
}

/**
 * Whoever is a member by one way needs no other: what is left of them would reserve seats for nobody. Answers the invitations that ended and
 * were still good: neither expired, nor sent before the person was removed (N-12).
 */
async function endOpenWays(tx: Tx, actor: Actor, organization: Organization, accountId: string): Promise<string[]> {
  await supersedeRequests(tx, actor, organization, accountId)
  const good: string[] = []
  for (const { id, status, sentAt } of await endInvitationsTo(tx, actor, organization, accountId, 'superseded')) {
    const live = status === 'pending' && !(await wasRemoved(tx, organization.id, accountId, sql`${sentAt}::timestamptz`))
    if (live) good.push(id)
  }
  return good
}

/** An exclusive membership takes the whole range of the account's slots, any other the next one (G-2). */
export async function insertMembership(
  tx: Tx,
  organization: Pick<Organization, 'id' | 'kind'>,
  { accountId, source, exclusive = false }: Pick<Joining, 'accountId' | 'source' | 'exclusive'>
): Promise<string> {
  const agency = organization.kind === 'agency'
  const affiliation = agency ? (exclusive ? 'exclusive' : 'non_exclusive') : null
  const slots = agency ? (exclusive ? wholeRange : ownSlot) : sql`null`
  const [row] = await rows<{ id: string }>(
    tx,
    sql`insert into memberships (id, organization_id, kind, account_id, source, affiliation, slots)
      values (${newId()}, ${organization.id}, ${organization.kind}, ${accountId}, ${source}, ${affiliation}, ${slots}) returning id`
  )
  return row!.id
}

export const wholeRange = sql`'(,)'::int8range`
export const ownSlot = sql`(select int8range(slot, slot + 1) from nextval('agency_slots') as slot)`
