import { sql } from 'drizzle-orm'
import { type LockedAccount, lockAccount } from '../accounts/accounts.ts'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import type { Db, Tx } from '../db/database.ts'
import { type Blocker, refuseIfBlocked } from '../http/blockers.ts'
import { publicId } from '../http/ids.ts'
import { weighAgain } from '../identity/own-evidence.ts'
import { withdrawRequests } from '../invitations/superseding.ts'
import { requestMail } from '../mail/outbox.ts'
import { closeLockedOrganization } from '../organizations/closing.ts'
import { endMembership } from '../organizations/removal.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { closeLockedProfile, lockProfile } from '../profiles/profiles.ts'
import { requireRecentSignIn } from '../sessions/recent-sign-in.ts'
import { endSessions } from '../sessions/sessions.ts'
import { type Closure, lockClosure, previewClosure } from './effects.ts'

/** What would block closing one's account, and what would end with it; the same list that refuses it (P-13). Changes nothing. */
export function getClosure(db: Db, actor: ActorOf<'account'>): Promise<Closure> {
  return db.transaction((tx) => previewClosure(tx, actor.accountId))
}

/**
 * Closes one's own account (P-13): needs a recent sign-in (S-8). A dry run answers what would be in the way and what would end.
 * @throws closure_blocked, account_under_enforcement, reauthentication_required
 */
export async function closeAccount(parts: Parts, db: Db, actor: ActorOf<'account'>, dryRun: boolean): Promise<Closure> {
  requireRecentSignIn(parts, actor)
  return db.transaction(async (tx) => {
    const account = await lockAccount(tx, actor.accountId)
    // Closed since the request began: then there is no session to close it with.
    if (account.status !== 'active') throw refuse('not_signed_in')
    requireNoEnforcement(account)
    const closure = await lockClosure(tx, account.id)
    if (!dryRun) await close(tx, actor, account, closure, 'person')
    return closure
  })
}

/**
 * Closes an account that the caller has locked: by its person, or given up for another one in a duplicate case (P-9).
 * @throws closure_blocked with the blockers, account_under_enforcement, conflict when it is not open
 */
export async function closeLocked(tx: Tx, actor: Actor, account: LockedAccount, reason: 'person' | 'duplicate'): Promise<void> {
  if (account.status !== 'active') throw refuse('conflict', { detail: 'The account is not open.' })
  requireNoEnforcement(account)
  await close(tx, actor, account, await lockClosure(tx, account.id), reason)
}

/** What stands in the way of closing an account (K-8): the list that `closeLocked` refuses with. */
export async function closureBlockers(tx: Tx, { id }: Pick<LockedAccount, 'id'>): Promise<Blocker[]> {
  return (await previewClosure(tx, id)).blockers
}

/**
 * Closes an account that the caller has locked, to erase what it holds (P-16): the mail about that says so. Of somebody banned as well, for
 * operators. @throws closure_blocked
 */
export async function closeToErase(tx: Tx, actor: Actor, account: LockedAccount): Promise<void> {
  await close(tx, actor, account, await lockClosure(tx, account.id), 'erasure')
}

/** @throws account_under_enforcement */
export function requireNoEnforcement({ enforcement }: Pick<LockedAccount, 'enforcement'>): void {
  if (enforcement === 'suspended' || enforcement === 'banned') throw refuse('account_under_enforcement')
}

async function close(
  tx: Tx,
  actor: Actor,
  account: LockedAccount,
  closure: Closure,
  reason: 'person' | 'duplicate' | 'erasure'
): Promise<void> {
  refuseIfBlocked(closure.blockers, 'closure_blocked')
  const { id } = account
  for (const { organization } of closure.closing) await closeLockedOrganization(tx, actor, organization)
  for (const { organization, member } of closure.leaving) await endMembership(tx, actor, organization, member, 'left')
  for (const organization of closure.asking) await withdrawRequests(tx, actor, organization, id)
  if (closure.freelancerProfile) await closeLockedProfile(tx, actor, await lockProfile(tx, id))
  await endAccess(tx, actor, id)
  await tx.execute(sql`update accounts set status = 'closed', closed_at = now(), revision = revision + 1 where id = ${id}`)
  await record(tx, {
    actor,
    chain: { kind: 'account', id },
    action: 'account.closed',
    resource: publicId('account', id),
    detail: { reason },
    event: { before: { status: account.status }, after: { status: 'closed' } }
  })
  if (reason !== 'erasure') await requestMail(tx, { kind: 'account_closed', accountId: id, why: reason })
  // A duplicate case that waited for the choice has it now (P-9).
  if (reason !== 'duplicate') await weighAgain(tx, id)
}

/** Nothing that was sent or begun before opens a closed account: sessions, links in mails, proofs, addresses that were never proven. */
async function endAccess(tx: Tx, actor: Actor, accountId: string): Promise<void> {
  await endSessions(tx, accountId, 'account_closed', actor)
  await tx.execute(sql`delete from mail_tokens where account_id = ${accountId}`)
  await tx.execute(sql`delete from duplicate_proofs where account_id = ${accountId} and used_at is null`)
  await tx.execute(sql`delete from emails where account_id = ${accountId} and verified_at is null`)
}
