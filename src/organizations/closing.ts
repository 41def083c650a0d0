import { sql } from 'drizzle-orm'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import type { Db, Tx } from '../db/database.ts'
import { type Blocker, refuseIfBlocked } from '../http/blockers.ts'
import { publicId } from '../http/ids.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { requireRecentSignIn } from '../sessions/recent-sign-in.ts'
import { changeAsMember, type Place, requirePermission } from './change.ts'
import { agencyWorkBlockers, contractBlockers } from './guards.ts'
import { ownSlot } from './joining.ts'
import { findMemberOf, findMembers, type Member, memberState } from './members.ts'
import { findOrganization, lockOrganization, type Organization, requireId } from './organizations.ts'
import { requireNotOwnOrganization, voidTransfer } from './ownership.ts'

/** Closes an organization: nothing of it can be changed any more, all of it can be looked at. Waits for its active contracts (K-7) and work (G-4). */
export async function closeOrganization(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: Place & { reason?: string | undefined; dryRun: boolean }
): Promise<{ organization: Organization; blockers: Blocker[] }> {
  requireRecentSignIn(parts, actor)
  return changeAsMember(db, actor, input, async (tx, acting) => {
    const { organization } = acting
    requirePermission(acting, `${organization.kind}.close`)
    const blockers = [...(await contractBlockers(tx, organization)), ...(await agencyWorkBlockers(tx, organization))]
    if (input.dryRun && blockers.length > 0) return { organization, blockers }
    refuseIfBlocked(blockers)
    return { organization: await closeLockedOrganization(tx, actor, organization, input.reason), blockers }
  })
}

/** The same for whoever holds its lock and has held its guards: an open offer of ownership is void, and an agency binds nobody any more. */
export async function closeLockedOrganization(tx: Tx, actor: Actor, organization: Organization, reason?: string): Promise<Organization> {
  await voidTransfer(tx, actor, organization)
  await freeSlots(tx, actor, organization)
  return setStatus(tx, actor, organization, 'closed', reason)
}

/** A closed agency binds nobody (G-2): its members are exclusive no longer, and their slots are free for other agencies. */
async function freeSlots(tx: Tx, actor: Actor, organization: Organization): Promise<void> {
  if (organization.kind !== 'agency') return
  const bound = await findMembers(tx, sql`m.organization_id = ${organization.id} and m.affiliation <> 'non_exclusive'`, sql`order by m.id`)
  await tx.execute(sql`
    update memberships set affiliation = 'non_exclusive', slots = null, revision = revision + 1 where organization_id = ${organization.id}`)
  for (const member of bound) await noteChange(tx, actor, organization, 'member.affiliation_changed', member)
}

async function noteChange(tx: Tx, actor: Actor, organization: Organization, action: string, before: Member): Promise<void> {
  const after = (await findMemberOf(tx, organization.id, before.accountId))!
  const change = { before: memberState(before), after: memberState(after) }
  const chain = { kind: 'organization', id: organization.id } as const
  await record(tx, { actor, chain, action, resource: publicId('member', before.id), detail: change, event: change })
}

/**
 * Opens a closed organization again, for operators. Members of an agency are not exclusive any more, and who has closed their profile
 * meanwhile is no freelancer in it (G-1).
 * @throws agency_limit when its owner has founded another agency since, exclusive_elsewhere when a member works exclusively elsewhere by now
 */
export async function reopenOrganization(
  db: Db,
  actor: ActorOf<'operator'>,
  { face, organizationId, reason }: Place & { reason: string }
): Promise<Organization> {
  const id = requireId(face.idKind, organizationId)
  return db.transaction(async (tx) => {
    const organization = await lockOrganization(tx, face.kind, id)
    if (organization.status !== 'closed') throw refuse('conflict', { detail: 'The organization is not closed.' })
    await requireNotOwnOrganization(tx, actor, id)
    if (face.kind === 'agency') await takeSlots(tx, actor, organization)
    return setStatus(tx, actor, organization, 'active', reason)
  })
}

async function takeSlots(tx: Tx, actor: Actor, agency: Organization): Promise<void> {
  await tx.execute(sql`update memberships set slots = ${ownSlot}, revision = revision + 1 where organization_id = ${agency.id}`)
  const without = await findMembers(
    tx,
    sql`m.organization_id = ${agency.id} and exists (select from role_grants g where g.membership_id = m.id and g.role = 'freelancer')
      and not exists (select from freelancer_profiles p where p.account_id = m.account_id and p.status = 'active')`,
    sql`order by m.id`
  )
  for (const member of without) {
    await tx.execute(sql`delete from role_grants where membership_id = ${member.id} and role = 'freelancer'`)
    await noteChange(tx, actor, agency, 'member.roles_changed', member)
  }
}

async function setStatus(
  tx: Tx,
  actor: Actor,
  organization: Organization,
  status: 'active' | 'closed',
  reason?: string
): Promise<Organization> {
  await tx.execute(sql`update organizations set status = ${status}, closed_at = ${status === 'closed' ? sql`now()` : null}, revision = revision + 1
    where id = ${organization.id}`)
  const change = { before: { status: organization.status }, after: { status } }
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action: `${organization.kind}.${status === 'closed' ? 'closed' : 'reopened'}`,
    resource: publicId(organization.kind, organization.id),
    detail: change,
    ...(reason === undefined ? {} : { personal: { reason } }),
    event: change
  })
  return findOrganization(tx, organization.kind, organization.id)
}
