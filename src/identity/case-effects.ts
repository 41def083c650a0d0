import { sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { rows, type Tx } from '../db/database.ts'
import { imposeAction, liftActions } from '../enforcement/actions.ts'
import type { LiftReason } from '../enforcement/tables.ts'
import type { Parts } from '../parts.ts'
import { type DuplicateCase, undecided } from './cases.ts'
import type { EvidenceKind } from './tables.ts'
import { askAlsoFor, askForVerification, cancelVerification, findVerifications, openVerification } from './verifications.ts'

export type CaseEffect = 'none' | 'restricted' | 'verification_requested'

/** One person has one of these: whoever else has the same is that person (P-5). Families share the others. */
const personal: readonly EvidenceKind[] = ['government_id', 'tax_id']
export const isPersonal = (strong: readonly EvidenceKind[]): boolean => strong.some((kind) => personal.includes(kind))

/**
 * What follows from strong evidence, for the newer account alone (P-5, P-8): it is restricted at once, or asked to verify its identity and
 * restricted when the time for it is over. Each happens once in a case: what an appeal has lifted is not imposed again. The account is locked.
 */
export async function applyEffects(
  tx: Tx,
  parts: Parts,
  actor: Actor,
  found: DuplicateCase,
  strong: readonly EvidenceKind[]
): Promise<CaseEffect> {
  if (isPersonal(strong)) return (await restrictNow(tx, actor, found)) ? 'restricted' : 'none'
  return (await askOnce(tx, parts, actor, found)) ? 'verification_requested' : 'none'
}

/** Restricts an account for this case, unless that has happened before. A deadline for the choice is over with it. */
export async function restrictNow(tx: Tx, actor: Actor, found: DuplicateCase, accountId = found.newerAccountId): Promise<boolean> {
  await dropDeadline(tx, actor, found)
  if (await wasRestricted(tx, found, accountId)) return false
  const reasonCode = found.kind === 'circumvention' ? 'ban_evasion' : 'duplicate_account'
  await imposeAction(tx, actor, { subject: { kind: 'account', id: accountId }, kind: 'restricted', reasonCode, caseId: found.id })
  return true
}

/** What a case has given up itself, as a deadline that does not matter any more, is as if it had not been. */
async function wasRestricted(tx: Tx, found: DuplicateCase, accountId: string): Promise<boolean> {
  const before = await rows(
    tx,
    sql`select from enforcement_actions where case_id = ${found.id} and account_id = ${accountId} and lift_reason is distinct from 'case' limit 1`
  )
  return before.length > 0
}

/**
 * P-9: a choice is not put off for ever. The newer account is restricted by the clock when it is not made, unless it is restricted for the case
 * already or has the deadline of a verification. Both accounts are locked.
 */
export async function setDeadline(tx: Tx, { config }: Parts, actor: Actor, found: DuplicateCase): Promise<void> {
  const { id: caseId, newerAccountId: id } = found
  if (found.status !== 'awaiting_choice' || (await wasRestricted(tx, found, id))) return
  const asked = await rows(
    tx,
    sql`select from identity_verifications where case_id = ${caseId} and status in ('requested', 'submitted', 'failed') limit 1`
  )
  if (asked.length > 0) return
  const startsIn = config.CHOICE_DEADLINE_SECONDS
  await imposeAction(tx, actor, { subject: { kind: 'account', id }, kind: 'restricted', reasonCode: 'duplicate_account', caseId, startsIn })
}

/** Takes back the deadline of a choice that has not passed. */
export async function dropDeadline(tx: Tx, actor: Actor, found: DuplicateCase): Promise<void> {
  await liftActions(tx, actor, sql`x.case_id = ${found.id} and lower(x.during) > now()`, 'case')
}

/** Somebody whose identity is verified already, or who is being asked, is not asked again. */
async function askOnce(tx: Tx, { config }: Parts, actor: Actor, found: DuplicateCase): Promise<boolean> {
  const { id, newerAccountId: accountId } = found
  const known = await rows(
    tx,
    sql`select from evidence where account_id = ${accountId} and kind = 'government_id' and verified_at is not null
      union all select from identity_verifications where case_id = ${id} limit 1`
  )
  if (known.length > 0) return false
  const open = await openVerification(tx, accountId)
  if (open && open.origin !== 'person') return false
  const seconds = config.VERIFICATION_DEADLINE_SECONDS
  if (open) await askAlsoFor(tx, actor, open, id, seconds)
  else await askForVerification(tx, actor, { accountId, origin: 'evidence', seconds, caseId: id })
  return true
}

/** Takes back all that a case has caused, and nothing else. Both accounts are locked. */
export async function liftEffects(tx: Tx, actor: Actor, found: DuplicateCase, reason: LiftReason): Promise<void> {
  const verifications = await findVerifications(tx, sql`v.case_id = ${found.id} and v.status in ('requested', 'submitted', 'failed')`)
  for (const verification of verifications) {
    const next = await alsoAsking(tx, found, verification.accountId)
    if (next === undefined) await cancelVerification(tx, actor, verification, reason)
    else await tx.execute(sql`update identity_verifications set case_id = ${next} where id = ${verification.id}`)
  }
  await liftActions(tx, actor, sql`x.case_id = ${found.id}`, reason)
}

/** Another undecided case that asks the same of this account: then the verification goes on for that one. */
async function alsoAsking(tx: Tx, { id }: DuplicateCase, accountId: string): Promise<string | undefined> {
  const [next] = await rows<{ id: string }>(
    tx,
    sql`select c.id from duplicate_cases c where c.newer_account_id = ${accountId} and c.id <> ${id} and c.origin = 'strong'
      and ${undecided} order by c.id limit 1`
  )
  return next?.id
}
