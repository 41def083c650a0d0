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
import { findOrganization, lockOrganization, type Organization, requireId } from './organizations.ts'
import { voidTransfer } from './ownership.ts'

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
    await voidTransfer(tx, actor, organization)
    await freeSlots(tx, organization)
    return { organization: await setStatus(tx, actor, organization, 'closed', input.reason), blockers }
  })
}

/** A closed agency binds nobody (G-2): its members are exclusive no longer, and their slots are free for other agencies. */
async function freeSlots(tx: Tx, organization: Organization): Promise<void> {
  if (organization.kind !== 'agency') return
  await tx.execute(sql`
    update memberships set affiliation = 'non_exclusive', slots = null, revision = revision + 1 where organization_id = ${organization.id}`)
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
    if (face.kind === 'agency') await takeSlots(tx, id)
    return setStatus(tx, actor, organization, 'active', reason)
  })
}

async function takeSlots(tx: Tx, agencyId: string): Promise<void> {
  await tx.execute(sql`update memberships set slots = ${ownSlot}, revision = revision + 1 where organization_id = ${agencyId}`)
  await tx.execute(sql`
    delete from role_grants g using memberships m where m.id = g.membership_id and m.organization_id = ${agencyId} and g.role = 'freelancer'
      and not exists (select from freelancer_profiles p where p.account_id = m.account_id and p.status = 'active')`)
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
