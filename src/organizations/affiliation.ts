import { type SQL, sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { type Blocker, refuseIfBlocked } from '../http/blockers.ts'
import { publicId } from '../http/ids.ts'
import { refuse } from '../problems.ts'
import { changeAsMember, type Place, requirePermission, requireSelf } from './change.ts'
import { independentWorkBlockers } from './guards.ts'
import { ownSlot, wholeRange } from './joining.ts'
import { bumpMember, findMemberOf, type Member, requireMember } from './members.ts'
import { agencyFace, lockOrganization, type Organization, requireActive, requireId } from './organizations.ts'
import type { Affiliation } from './tables.ts'

interface OfMember {
  agencyId: string
  memberId: string
}

const placeOf = ({ agencyId }: OfMember): Place => ({ face: agencyFace, organizationId: agencyId })

/** Proposes exclusive work to a member, who has to accept it (G-3); or releases an exclusive one, at once. */
export async function proposeAffiliation(
  db: Db,
  actor: ActorOf<'account'>,
  input: OfMember & { affiliation: 'exclusive' | 'non_exclusive' }
): Promise<Member> {
  return changeAsMember(db, actor, placeOf(input), async (tx, acting) => {
    requirePermission(acting, 'affiliation.propose')
    const member = await requireMember(tx, acting.organization, requireId('member', input.memberId))
    const next = input.affiliation === 'exclusive' ? 'exclusive_pending' : 'non_exclusive'
    if (member.affiliation === next || member.affiliation === input.affiliation) return member
    return setAffiliation(tx, actor, acting.organization, member, next)
  })
}

/**
 * The member's own yes: no independent contract or proposal is open (G-3), and no other agency has the person (G-2), which the database
 * decides. @throws affiliation_not_pending, independent_work_active, exclusive_elsewhere
 */
export async function acceptAffiliation(
  db: Db,
  actor: ActorOf<'account'>,
  input: OfMember & { dryRun: boolean }
): Promise<{ member: Member; blockers: Blocker[] }> {
  const id = requireId('agency', input.agencyId)
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    const { organization, member } = await requireOwn(tx, actor, id, input.memberId)
    requirePermission({ organization, self: member }, 'agency.read')
    if (member.affiliation !== 'exclusive_pending') throw refuse('affiliation_not_pending')
    const blockers = [...(await independentWorkBlockers(tx, actor.accountId)), ...(await otherAgencies(tx, actor.accountId, id))]
    if (input.dryRun && blockers.length > 0) return { member, blockers }
    refuseIfBlocked(blockers)
    return { member: await setAffiliation(tx, actor, organization, member, 'exclusive'), blockers }
  })
}

/** Takes a proposal back, or says no to it: who may propose, or the member. @throws affiliation_not_pending */
export async function withdrawAffiliation(db: Db, actor: ActorOf<'account'>, input: OfMember): Promise<void> {
  await changeAsMember(db, actor, placeOf(input), async (tx, acting) => {
    const member = await requireMember(tx, acting.organization, requireId('member', input.memberId))
    if (member.id !== acting.self.id) requirePermission(acting, 'affiliation.propose')
    if (member.affiliation !== 'exclusive_pending') throw refuse('affiliation_not_pending')
    await setAffiliation(tx, actor, acting.organization, member, 'non_exclusive')
  })
}

async function requireOwn(
  tx: Tx,
  actor: ActorOf<'account'>,
  agencyId: string,
  memberId: string
): Promise<{ organization: Organization; member: Member }> {
  const organization = await lockOrganization(tx, 'agency', agencyId, actor.accountId)
  const self = await requireSelf(tx, organization, actor)
  const member = await requireMember(tx, organization, requireId('member', memberId))
  if (member.id !== self.id) throw refuse('access_denied', { detail: 'Only the member can accept.' })
  requireActive(organization)
  return { organization, member }
}

/** Memberships in other agencies, named to nobody but the person, whose memberships they are. */
const otherAgencies = (tx: Tx, accountId: string, agencyId: string): Promise<Blocker[]> => agencies(tx, accountId, sql`o.id <> ${agencyId}`)

/** The agency that a person works through exclusively: there is no other beside it (G-2). */
export const exclusiveAgency = (tx: Tx, accountId: string): Promise<Blocker[]> => agencies(tx, accountId, sql`m.affiliation = 'exclusive'`)

async function agencies(tx: Tx, accountId: string, where: SQL): Promise<Blocker[]> {
  const others = await rows<{ id: string; name: string; memberId: string }>(
    tx,
    sql`select o.id, o.name, m.id as "memberId" from memberships m join organizations o on o.id = m.organization_id
      where m.account_id = ${accountId} and o.kind = 'agency' and o.status <> 'closed' and ${where} order by o.id`
  )
  return others.map(({ id, name, memberId }) => ({
    code: 'exclusive_elsewhere',
    resource: publicId('agency', id),
    label: `Membership in ${name}`,
    resolve: { method: 'DELETE', href: `/v1/agencies/${publicId('agency', id)}/members/${publicId('member', memberId)}` }
  }))
}

const slotsOf = (next: Affiliation, member: Member): SQL => {
  if (next === 'exclusive') return wholeRange
  return member.affiliation === 'exclusive' ? ownSlot : sql`slots`
}

async function setAffiliation(
  tx: Tx,
  actor: ActorOf<'account'>,
  organization: Organization,
  member: Member,
  next: Affiliation
): Promise<Member> {
  await tx.execute(sql`update memberships set affiliation = ${next}, slots = ${slotsOf(next, member)} where id = ${member.id}`)
  await bumpMember(tx, member.id)
  const change = { before: { affiliation: member.affiliation }, after: { affiliation: next } }
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action: 'member.affiliation_changed',
    resource: publicId('member', member.id),
    detail: change,
    event: change
  })
  return (await findMemberOf(tx, organization.id, member.accountId))!
}
