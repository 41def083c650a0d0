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
    return { organization: await setStatus(tx, actor, organization, 'closed', input.reason), blockers }
  })
}

/** Opens a closed organization again, for operators. @throws agency_limit when its owner has founded another agency since */
export async function reopenOrganization(
  db: Db,
  actor: ActorOf<'operator'>,
  { face, organizationId, reason }: Place & { reason: string }
): Promise<Organization> {
  const id = requireId(face.idKind, organizationId)
  return db.transaction(async (tx) => {
    const organization = await lockOrganization(tx, face.kind, id)
    if (organization.status !== 'closed') throw refuse('conflict', { detail: 'The organization is not closed.' })
    return setStatus(tx, actor, organization, 'active', reason)
  })
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
