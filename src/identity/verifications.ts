import { type SQL, sql } from 'drizzle-orm'
import { type Actor, actorId } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { iso, isoOrNull, millis } from '../db/moments.ts'
import { imposeAction, liftActions } from '../enforcement/actions.ts'
import type { LiftReason } from '../enforcement/tables.ts'
import { newId, publicId } from '../http/ids.ts'
import type { verificationStatuses } from './tables.ts'

export type VerificationStatus = (typeof verificationStatuses)[number]

/** Somebody is asked, or asks, to prove who they are. */
export interface Verification {
  id: string
  accountId: string
  status: VerificationStatus
  origin: 'operator' | 'evidence' | 'person'
  caseId: string | null
  /** After it the account is restricted; none when the person started it, or while its clock stands still. */
  deadline: string | null
  defects: string[]
  createdAt: string
  submittedAt: string | null
  decidedAt: string | null
  revision: number
}

type Moments = 'deadline' | 'createdAt' | 'submittedAt' | 'decidedAt'
type Row = Omit<Verification, Moments> & {
  deadline: number | null
  createdAt: number
  submittedAt: number | null
  decidedAt: number | null
}

/** Verifications as `where` finds them; it sees `v`. */
export async function findVerifications(
  executor: Db['query'] | Tx,
  where: SQL,
  rest: SQL = sql`order by v.id desc`
): Promise<Verification[]> {
  const found = await rows<Row>(
    executor,
    sql`select v.id, v.account_id as "accountId", v.status, v.origin, v.case_id as "caseId",
        case when v.status in ('requested', 'failed') or (v.status = 'submitted' and exists (
          select from enforcement_actions x where x.verification_id = v.id and x.status = 'active' and isfinite(x.starts_at) and x.starts_at > now()
        )) then ${millis(sql`v.deadline`)} end as deadline, v.defects,
        ${millis(sql`v.created_at`)} as "createdAt", ${millis(sql`v.submitted_at`)} as "submittedAt", ${millis(sql`v.decided_at`)} as "decidedAt", v.revision
      from identity_verifications v where ${where} ${rest}`
  )
  return found.map(({ deadline, createdAt, submittedAt, decidedAt, ...row }) => ({
    ...row,
    deadline: isoOrNull(deadline),
    createdAt: iso(createdAt),
    submittedAt: isoOrNull(submittedAt),
    decidedAt: isoOrNull(decidedAt)
  }))
}

export const openVerification = async (executor: Db['query'] | Tx, accountId: string): Promise<Verification | undefined> =>
  (await findVerifications(executor, sql`v.account_id = ${accountId} and v.status in ('requested', 'submitted', 'failed')`))[0]

export interface Asking {
  accountId: string
  origin: Verification['origin']
  /** Until the account is restricted; absent when the person starts it themselves. */
  seconds?: number
  caseId?: string
  /** In the words of an operator. */
  reason?: string
}

/**
 * Asks for the verification of somebody's identity. With a deadline, a restriction is imposed with it that begins by the clock (P-5). The
 * account is locked. @throws verification_open, verification_used
 */
export async function askForVerification(tx: Tx, actor: Actor, asking: Asking): Promise<Verification> {
  const { accountId, origin, seconds, caseId, reason } = asking
  const id = newId()
  await tx.execute(sql`
    insert into identity_verifications (id, account_id, status, origin, case_id, requested_by_kind, requested_by_id, deadline)
    values (${id}, ${accountId}, 'requested', ${origin}, ${caseId ?? null}, ${actor.kind}, ${actorId(actor)},
      now() + make_interval(secs => ${seconds ?? null}::float8))`)
  if (seconds !== undefined) await restrictLater(tx, actor, accountId, id, seconds)
  const asked = await requireVerification(tx, id)
  await noteVerification(tx, actor, 'identity_verification.requested', undefined, asked, reason)
  return asked
}

/** Gives a verification that the person had started themselves the deadline that a case asks for, its clock standing still while somebody looks at it. */
export async function askAlsoFor(tx: Tx, actor: Actor, before: Verification, caseId: string, seconds: number): Promise<Verification> {
  await tx.execute(sql`
    update identity_verifications set origin = 'evidence', case_id = ${caseId}, deadline = now() + make_interval(secs => ${seconds}), failures = 0, revision = revision + 1
    where id = ${before.id}`)
  await restrictLater(tx, actor, before.accountId, before.id, before.status === 'submitted' ? 'never' : seconds)
  const after = await requireVerification(tx, before.id)
  await noteVerification(tx, actor, 'identity_verification.changed', before, after)
  return after
}

async function restrictLater(tx: Tx, actor: Actor, accountId: string, verificationId: string, startsIn: number | 'never'): Promise<void> {
  const subject = { kind: 'account', id: accountId } as const
  await imposeAction(tx, actor, { subject, kind: 'restricted', reasonCode: 'identity_unverified', startsIn, verificationId })
}

/** Moves a verification on. The account is locked. */
export async function moveVerification(
  tx: Tx,
  actor: Actor,
  before: Verification,
  to: { status: Exclude<VerificationStatus, 'requested'>; defects?: readonly string[]; retrySeconds?: number; failures?: number }
): Promise<Verification> {
  const { status, defects = [], retrySeconds, failures = 0 } = to
  // Whoever has failed so often cannot put the deadline off any more by trying again.
  const moves = sql`v.failures < ${failures}`
  const retry = sql`now() + make_interval(secs => ${retrySeconds ?? null}::float8)`
  await tx.execute(sql`
    update identity_verifications v set status = ${status}, defects = ${sql.param(defects)}::text[], revision = revision + 1,
      failures = v.failures + case when ${status} = 'failed' then 1 else 0 end,
      submitted_at = case when ${status} = 'submitted' then now() else submitted_at end,
      decided_at = case when ${status} in ('verified', 'failed', 'cancelled') then now() end,
      deadline = case when ${status} = 'failed' and ${moves} and exists (
        select from enforcement_actions x where x.verification_id = v.id and x.status = 'active' and x.starts_at > now()
      ) then greatest(v.deadline, ${retry}) else v.deadline end
    where v.id = ${before.id}`)
  await moveClock(tx, before.id, status, failures)
  const after = await requireVerification(tx, before.id)
  await noteVerification(tx, actor, `identity_verification.${status}`, before, after)
  return after
}

/** While somebody looks at what was sent, the clock of the restriction stands still, the first few times; after a failure it runs again. One that has begun goes on. */
async function moveClock(tx: Tx, verificationId: string, status: VerificationStatus, failures: number): Promise<void> {
  if (status !== 'submitted' && status !== 'failed') return
  const begins = status === 'submitted' ? sql`'infinity'::timestamptz` : sql`v.deadline`
  const stops = status === 'submitted' ? sql`v.failures < ${failures}` : sql`true`
  await tx.execute(sql`
    update enforcement_actions x set starts_at = ${begins}, revision = x.revision + 1 from identity_verifications v
    where v.id = ${verificationId} and x.verification_id = v.id and x.status = 'active' and x.starts_at > now() and ${stops}`)
}

/** Ends a verification that nothing asks for any more, and what it would have caused. */
export async function cancelVerification(tx: Tx, actor: Actor, verification: Verification, reason: LiftReason): Promise<void> {
  await moveVerification(tx, actor, verification, { status: 'cancelled' })
  await liftActions(tx, actor, sql`x.verification_id = ${verification.id}`, reason)
}

async function requireVerification(tx: Tx, id: string): Promise<Verification> {
  return (await findVerifications(tx, sql`v.id = ${id}`))[0]!
}

const state = ({ status, origin, deadline, defects }: Verification) => ({ status, origin, deadline, defects })

async function noteVerification(
  tx: Tx,
  actor: Actor,
  action: string,
  before: Verification | undefined,
  after: Verification,
  reason?: string
): Promise<void> {
  const change = { ...(before ? { before: state(before) } : {}), after: state(after) }
  await record(tx, {
    actor,
    chain: { kind: 'account', id: after.accountId },
    action,
    resource: publicId('verification', after.id),
    detail: { accountId: publicId('account', after.accountId), ...change },
    ...(reason === undefined ? {} : { personal: { reason } }),
    event: { ...change, after: { accountId: publicId('account', after.accountId), ...change.after } }
  })
}
