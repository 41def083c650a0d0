import { sql } from 'drizzle-orm'
import { type LockedAccount, lockAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { liftActions } from '../enforcement/actions.ts'
import { publicId } from '../http/ids.ts'
import { requestMail } from '../mail/outbox.ts'
import { requireNotOwnAccount } from '../organizations/ownership.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import type { VerificationDefect } from './defects.ts'
import { askForVerification, findVerifications, moveVerification, openVerification, type Verification } from './verifications.ts'

const daySeconds = 86_400

/**
 * Asks somebody to verify their identity until a deadline, for operators. They are told, and restricted by the clock when it passes.
 * @throws not_found, access_denied, conflict, verification_open
 */
export async function requestIdentityVerification(
  parts: Parts,
  db: Db,
  actor: ActorOf<'operator'>,
  { accountId, deadlineDays, reason }: { accountId: string; deadlineDays?: number | undefined; reason: string }
): Promise<Verification> {
  return db.transaction(async (tx) => {
    const account = await lockKnown(tx, accountId)
    await requireNotOwnAccount(tx, actor, accountId)
    if (account.status !== 'active') throw refuse('conflict', { detail: 'The account is closed: nobody can answer for it.' })
    if (await openVerification(tx, accountId)) throw refuse('verification_open')
    const seconds = deadlineDays === undefined ? parts.config.VERIFICATION_DEADLINE_SECONDS : deadlineDays * daySeconds
    const asked = await askForVerification(tx, actor, { accountId, origin: 'operator', seconds, reason })
    await requestMail(tx, { kind: 'verification_requested', verificationId: asked.id })
    return asked
  })
}

/** Starts the verification of one's own identity, once: an account that is restricted by mistake need not wait. @throws verification_open, verification_used */
export async function startIdentityVerification(db: Db, actor: ActorOf<'account'>): Promise<Verification> {
  const { accountId } = actor
  return db.transaction(async (tx) => {
    await lockAccount(tx, accountId)
    if (await openVerification(tx, accountId)) throw refuse('verification_open')
    const used = await rows(
      tx,
      sql`select from identity_verifications where account_id = ${accountId} and requested_by_kind = 'account' limit 1`
    )
    if (used.length > 0) throw refuse('verification_used')
    return askForVerification(tx, actor, { accountId, origin: 'person' })
  })
}

export interface VerificationResult {
  accountId: string
  /** Which one it is about; the latest when absent. Undefined for what is no id of this kind. */
  verification?: { id: string | undefined } | undefined
  outcome: 'submitted' | 'verified' | 'failed'
  /** Everything that was wrong, at once; of a failure only. */
  defects?: readonly VerificationDefect[] | undefined
}

/**
 * What became of a verification, from the service that looks at documents. What was sent in stops the clock and a failure starts a new one,
 * a few times (P-5); success lifts what the verification has caused. Telling the same again changes nothing. @throws not_found, verification_not_open
 */
export async function recordVerificationResult(
  parts: Parts,
  db: Db,
  actor: ActorOf<'service'>,
  { accountId, verification, outcome, defects = [] }: VerificationResult
): Promise<Verification> {
  return db.transaction(async (tx) => {
    await lockKnown(tx, accountId)
    const [latest] = await findVerifications(tx, sql`v.account_id = ${accountId}`, sql`order by v.id desc limit 1`)
    if (verification && verification.id !== latest?.id) throw refuse('verification_not_open')
    if (latest?.status === outcome && latest.defects.join() === defects.join()) return latest
    if (!latest || latest.status === 'verified' || latest.status === 'cancelled') throw refuse('verification_not_open')
    const { VERIFICATION_RETRY_SECONDS: retrySeconds, VERIFICATION_FAILURES: failures } = parts.config
    const moved = await moveVerification(tx, actor, latest, { status: outcome, defects, retrySeconds, failures })
    if (outcome === 'verified') await liftActions(tx, actor, sql`x.verification_id = ${moved.id}`, 'remedy')
    if (outcome !== 'submitted') await requestMail(tx, { kind: 'verification_result', verificationId: moved.id, outcome })
    return moved
  })
}

/** The latest verification of one's own identity. @throws not_found when there never was one */
export async function getOwnIdentityVerification(db: Db, actor: ActorOf<'account'>): Promise<Verification> {
  const [latest] = await findVerifications(db.query, sql`v.account_id = ${actor.accountId}`, sql`order by v.id desc limit 1`)
  if (!latest) throw refuse('not_found')
  return latest
}

/** The latest verification of somebody's identity, for operators; the look is in the audit. @throws not_found */
export async function getIdentityVerification(db: Db, actor: ActorOf<'operator'>, accountId: string): Promise<Verification> {
  return db.transaction(async (tx) => {
    const [latest] = await findVerifications(tx, sql`v.account_id = ${accountId}`, sql`order by v.id desc limit 1`)
    if (!latest) throw refuse('not_found')
    const resource = publicId('verification', latest.id)
    await record(tx, { actor, chain: { kind: 'account', id: accountId }, action: 'identity_verification.viewed', resource })
    return latest
  })
}

/** @throws not_found, also for whom nothing is known of yet (P-3) */
async function lockKnown(tx: Tx, accountId: string): Promise<LockedAccount> {
  const account = await lockAccount(tx, accountId)
  if (account.status === 'pending_email' || account.status === 'anonymised') throw refuse('not_found')
  return account
}
