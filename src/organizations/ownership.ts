import { type SQL, sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import type { Versions } from '../http/consistency.ts'
import { newId, publicId } from '../http/ids.ts'
import { asRows } from '../identity/fingerprints.ts'
import { requestMail } from '../mail/outbox.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { requireRecentSignIn } from '../sessions/recent-sign-in.ts'
import { changeAsMember, type Place, readAsMember, requirePermission, requireSelf } from './change.ts'
import { insertGrants } from './grants.ts'
import { bumpMember, findMemberOf, type Member, memberState, requireMember } from './members.ts'
import { bumpOrganization, lockOrganization, type Organization, requireActive, requireId } from './organizations.ts'

export interface Transfer {
  id: string
  fromAccountId: string
  toAccountId: string
  toMemberId: string | null
  status: 'offered' | 'accepted' | 'declined' | 'cancelled' | 'expired'
  createdAt: string
  expiresAt: string
}

type Row = Omit<Transfer, 'createdAt' | 'expiresAt'> & { createdAt: number; expiresAt: number }

/** The open offer of an organization: offered, and its time is not over by the database's clock. */
async function openTransfer(executor: Db['query'] | Tx, organizationId: string): Promise<Transfer | undefined> {
  const [row] = await rows<Row>(
    executor,
    sql`select t.id, t.from_account_id as "fromAccountId", t.to_account_id as "toAccountId", t.status,
        (select m.id from memberships m where m.organization_id = t.organization_id and m.account_id = t.to_account_id) as "toMemberId",
        (extract(epoch from t.created_at) * 1000)::float8 as "createdAt", (extract(epoch from t.expires_at) * 1000)::float8 as "expiresAt"
      from ownership_transfers t where t.organization_id = ${organizationId} and t.status = 'offered' and t.expires_at > now()`
  )
  return row && { ...row, createdAt: new Date(row.createdAt).toISOString(), expiresAt: new Date(row.expiresAt).toISOString() }
}

/** Ends the open offer in one of its ways, if it is still open: the only edge out of `offered`. */
async function closeTransfer(
  tx: Tx,
  organizationId: string,
  status: 'accepted' | 'declined' | 'cancelled',
  toAccountId?: string
): Promise<Transfer> {
  const transfer = await openTransfer(tx, organizationId)
  const closed = await rows(
    tx,
    sql`update ownership_transfers set status = ${status}, ended_at = now()
      where organization_id = ${organizationId} and status = 'offered' and expires_at > now()
        and (${toAccountId ?? null}::uuid is null or to_account_id = ${toAccountId ?? null}::uuid) returning id`
  )
  if (!transfer || closed.length === 0) throw refuse('transfer_not_open')
  return { ...transfer, status }
}

/** O-1: an active member, verified, not under enforcement; in an agency with a freelancer profile and owning none. @throws not_eligible_owner */
async function requireEligibleOwner(tx: Tx, { config }: Parts, organization: Organization, member: Member): Promise<void> {
  const because = (reason: string) => refuse('not_eligible_owner', { extensions: { reason } })
  if (member.owner) throw because('is_owner')
  if (member.membershipStatus !== 'active') throw because('membership_suspended')
  if (member.accountStatus !== 'active') throw because('account_inactive')
  if (member.enforcement !== 'none') throw because('under_enforcement')
  const owned = await rows(
    tx,
    sql`select from organizations where owner_account_id = ${member.accountId} and kind = ${organization.kind} and status <> 'closed'`
  )
  if (organization.kind === 'company' && owned.length >= config.COMPANIES_PER_ACCOUNT) throw because('company_limit')
  if (organization.kind === 'company') return
  if (!member.freelancer) throw because('freelancer_profile_required')
  if (owned.length > 0) throw because('agency_limit')
}

/** Offers the ownership to a member, who is told by mail: one offer is open at a time, for seven days (O-1). */
export async function offerOwnership(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: Place & { memberId: string }
): Promise<Transfer> {
  requireRecentSignIn(parts, actor)
  return changeAsMember(db, actor, input, async (tx, acting) => {
    const { organization } = acting
    requirePermission(acting, 'ownership.transfer')
    const member = await requireMember(tx, organization, requireId('member', input.memberId))
    await requireEligibleOwner(tx, parts, organization, member)
    await tx.execute(sql`update ownership_transfers set status = 'expired', ended_at = now()
      where organization_id = ${organization.id} and status = 'offered' and expires_at <= now()`)
    await tx.execute(sql`insert into ownership_transfers (id, organization_id, from_account_id, to_account_id, status, expires_at)
      values (${newId()}, ${organization.id}, ${actor.accountId}, ${member.accountId}, 'offered', now() + make_interval(secs => ${parts.config.TRANSFER_SECONDS}))`)
    const transfer = (await openTransfer(tx, organization.id))!
    await note(tx, actor, organization, 'ownership.offered', transfer)
    await requestMail(tx, { kind: 'ownership_offered', transferId: transfer.id })
    return transfer
  })
}

/** The open offer, for the owner and for whom it is made to. @throws not_found for anybody else, or when none is open */
export async function getTransfer(
  { db }: Parts,
  actor: ActorOf<'account'>,
  place: Place,
  atLeast: Versions | undefined
): Promise<Transfer> {
  const { organization, self } = await readAsMember(db, actor, place, atLeast)
  const transfer = await openTransfer(db.query, organization.id)
  if (!transfer || !(self.owner || transfer.toAccountId === actor.accountId)) throw refuse('not_found')
  return transfer
}

/** Takes the offer back. @throws transfer_not_open */
export async function cancelTransfer(db: Db, actor: ActorOf<'account'>, place: Place): Promise<void> {
  await changeAsMember(db, actor, place, async (tx, acting) => {
    requirePermission(acting, 'ownership.transfer')
    const transfer = await closeTransfer(tx, acting.organization.id, 'cancelled')
    await note(tx, actor, acting.organization, 'ownership.offer_cancelled', transfer)
  })
}

/** Ends an open offer that nobody can accept any more: the organization closes, has another owner, or the person it was made to goes. */
export async function voidTransfer(tx: Tx, actor: Actor, organization: Organization, toAccountId?: string): Promise<void> {
  const transfer = await openTransfer(tx, organization.id)
  if (!transfer || (toAccountId !== undefined && transfer.toAccountId !== toAccountId)) return
  await note(tx, actor, organization, 'ownership.offer_cancelled', await closeTransfer(tx, organization.id, 'cancelled'))
}

/** Says no to the offer. @throws transfer_not_open, also for whom it was not made to */
export async function declineTransfer(db: Db, actor: ActorOf<'account'>, place: Place): Promise<void> {
  await changeAsMember(db, actor, place, async (tx, { organization }) => {
    const transfer = await closeTransfer(tx, organization.id, 'declined', actor.accountId)
    await note(tx, actor, organization, 'ownership.declined', transfer)
  })
}

/** Says yes: in one transaction the new owner is set and the old one becomes admin and may go on hiring or managing (O-2). */
export async function acceptTransfer(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  { face, organizationId }: Place
): Promise<Organization> {
  requireRecentSignIn(parts, actor)
  const id = requireId(face.idKind, organizationId)
  return db.transaction(async (tx) => {
    // The account first: nothing may change about the person while they become owner.
    await lockAccount(tx, actor.accountId)
    const organization = await lockOrganization(tx, face.kind, id, actor.accountId)
    const self = await requireSelf(tx, organization, actor)
    requireActive(organization)
    // Also who may do nothing else here yet needs what the organization asks of all its members (S-7).
    requirePermission({ organization, self }, `${face.kind}.read`)
    await closeTransfer(tx, id, 'accepted', actor.accountId)
    await requireEligibleOwner(tx, parts, organization, self)
    return handOver(tx, actor, organization, self, {})
  })
}

/** For operators, when the owner is gone (O-3): the reason stays with the audit. An open offer is void. */
export async function forceTransfer(
  parts: Parts,
  db: Db,
  actor: ActorOf<'operator'>,
  { face, organizationId, memberId, evidence }: Place & { memberId: string; evidence: string }
): Promise<Organization> {
  const id = requireId(face.idKind, organizationId)
  return db.transaction(async (tx) => {
    const organization = await lockOrganization(tx, face.kind, id)
    const member = await requireMember(tx, organization, requireId('member', memberId))
    await requireNotOwnOrganization(tx, actor, organization.id)
    await requireEligibleOwner(tx, parts, organization, member)
    await voidTransfer(tx, actor, organization)
    return handOver(tx, actor, organization, member, { evidence })
  })
}

/**
 * The accounts of an operator: those that have their address, or had it at any time and took it off, and those that a duplicate case says, or
 * may yet say, are of the same person.
 */
const ownAccounts = ({ email, addressPrints }: ActorOf<'operator'>): SQL => sql`
  with named as (
    select account_id from emails where canonical = ${email} and verified_at is not null
    union select e.account_id from ${asRows(addressPrints)} join evidence e on e.kind = p.kind and e.key_id = p.key_id and e.fingerprint = p.fingerprint
      where e.verified_at is not null
  )
  select account_id from named
  union select case when c.first_account_id = n.account_id then c.second_account_id else c.first_account_id end
    from named n join duplicate_cases c on n.account_id in (c.first_account_id, c.second_account_id)
    where c.status in ('open', 'awaiting_choice', 'kept', 'circumvention')`

/** Nobody acts on an account of their own. @throws access_denied */
export async function requireNotOwnAccount(tx: Tx, actor: ActorOf<'operator'>, accountId: string): Promise<void> {
  const own = await rows(tx, sql`select from (${ownAccounts(actor)}) own where own.account_id = ${accountId}`)
  if (own.length > 0) throw refuse('access_denied', { detail: 'Operators do not act on their own accounts.' })
}

/** Nor on an organization that such an account owns or is a member of. @throws access_denied */
export async function requireNotOwnOrganization(tx: Tx, actor: ActorOf<'operator'>, organizationId: string): Promise<void> {
  const own = await rows(
    tx,
    sql`select from (${ownAccounts(actor)}) own
      where exists (select from memberships m where m.organization_id = ${organizationId} and m.account_id = own.account_id)
        or exists (select from organizations o where o.id = ${organizationId} and o.owner_account_id = own.account_id)`
  )
  if (own.length > 0) throw refuse('access_denied', { detail: 'Operators do not act on organizations that they are part of.' })
}

async function handOver(
  tx: Tx,
  actor: Actor,
  organization: Organization,
  next: Member,
  personal: Record<string, string>
): Promise<Organization> {
  const former = (await findMemberOf(tx, organization.id, organization.ownerAccountId))!
  await tx.execute(sql`update organizations set owner_account_id = ${next.accountId} where id = ${organization.id}`)
  const roles = organization.kind === 'company' ? ['admin', 'hiring_manager'] : ['admin', 'business_manager']
  await insertGrants(
    tx,
    organization,
    former.id,
    roles.map((role) => ({ role, teamId: null }))
  )
  // Who becomes owner stays, and does not leave by a former wish once they are owner no longer.
  await tx.execute(sql`update memberships set ends_when_clear = null where id = ${next.id}`)
  await bumpOrganization(tx, organization.id)
  for (const { id } of [former, next]) await bumpMember(tx, id)
  const after = (await findMemberOf(tx, organization.id, former.accountId))!
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action: 'ownership.transferred',
    resource: publicId(organization.kind, organization.id),
    detail: {
      before: { ownerMemberId: publicId('member', former.id), formerOwner: memberState(former) },
      after: { ownerMemberId: publicId('member', next.id), formerOwner: memberState(after) }
    },
    ...(Object.keys(personal).length > 0 ? { personal } : {}),
    event: {
      before: { ownerAccountId: publicId('account', former.accountId) },
      after: { ownerAccountId: publicId('account', next.accountId) }
    }
  })
  return { ...organization, ownerAccountId: next.accountId, revision: organization.revision + 1 }
}

async function note(tx: Tx, actor: Actor, organization: Organization, action: string, transfer: Transfer): Promise<void> {
  const open = { status: 'offered', toAccountId: publicId('account', transfer.toAccountId) }
  const change = action === 'ownership.offered' ? { after: open } : { before: open, after: { ...open, status: transfer.status } }
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action,
    resource: publicId('transfer', transfer.id),
    detail: { before: null, ...change },
    event: change
  })
}
