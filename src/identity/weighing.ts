import { sql } from 'drizzle-orm'
import type { LockedAccount } from '../accounts/accounts.ts'
import { type Actor, system } from '../actor.ts'
import { rows, type Tx } from '../db/database.ts'
import type { Parts } from '../parts.ts'
import { applyEffects, type CaseEffect, dropDeadline, isPersonal } from './case-effects.ts'
import {
  addToCase,
  type CaseKind,
  type DuplicateCase,
  findCaseOfPair,
  findCases,
  isExcepted,
  isUndecided,
  type Opening,
  ofAccount,
  openCase,
  otherOf
} from './cases.ts'
import { asRows, lockFingerprints } from './fingerprints.ts'
import { goOn, oldestUndecided, partTwoPeople, settleClosed } from './settling.ts'
import { type Compared, lockCompared, type Standing } from './standing.ts'
import { type AtHand, areTwoPeople, findHolders, type Tie, tiesWith } from './ties.ts'
import { tellOfCase, wasTold } from './told.ts'

/** What evidence has led to, the hardest first. */
export const effects = ['restricted', 'verification_requested', 'case_opened', 'case_closed', 'none'] as const
export type Effect = (typeof effects)[number]

export interface Weighed {
  effect: Effect
  /** Of all pairs that hold the evidence, also those that were decided before. */
  cases: DuplicateCase[]
}

/**
 * Compares evidence of an account with what all others hold, and does what follows from it (P-5 to P-8). `write` runs once everything is
 * locked: it keeps the evidence, and answers whether there is anything to compare.
 */
export async function weigh(
  tx: Tx,
  parts: Parts,
  actor: Actor,
  accountId: string,
  prints: readonly AtHand[],
  write: (account: LockedAccount) => Promise<boolean>
): Promise<Weighed> {
  const crowd = parts.config.EVIDENCE_CROWD
  await lockFingerprints(tx, prints)
  const holders = await findHolders(tx, accountId, prints, crowd)
  const undecided = await oldestUndecided(tx, accountId)
  const accounts = await lockCompared(tx, [accountId, ...holders, ...undecided.map((found) => otherOf(found, accountId))])
  const self = accounts.get(accountId)!
  const changed = await write(self)
  // By rule and not by anybody's decision: so it says in what follows.
  const rule: Actor = { ...system, requestId: actor.requestId }
  const outcomes: Weighed[] = []
  if (changed && prints.some(({ kind, decisive }) => kind === 'government_id' && decisive))
    outcomes.push(closed(await partTwoPeople(tx, rule, accountId, accounts)))
  outcomes.push(closed(await settleClosed(tx, rule, accountId, accounts)))
  await goOn(tx, accountId, undecided)
  for (const tie of changed ? await tiesWith(tx, accountId, holders, crowd) : []) {
    outcomes.push(await judge(tx, parts, rule, tie, self, accounts.get(tie.accountId)!))
  }
  if (!changed) outcomes.push({ effect: 'none', cases: await casesWith(tx, accountId, holders) })
  const all = new Map(outcomes.flatMap(({ cases }) => cases).map((found) => [found.id, found]))
  return { effect: effects.find((effect) => outcomes.some((outcome) => outcome.effect === effect)) ?? 'none', cases: [...all.values()] }
}

const closed = (cases: DuplicateCase[]): Weighed => ({ effect: cases.length > 0 ? 'case_closed' : 'none', cases })

/** As the job that follows proofs of addresses and sign-ins: what was not compared yet. Answers whether there is more. */
export async function weighAccount(parts: Parts, accountId: string): Promise<Weighed & { more: boolean }> {
  return parts.db.transaction(async (tx) => {
    const prints = await rows<AtHand>(
      tx,
      sql`select kind, key_id as "keyId", encode(fingerprint, 'hex') as hash, strong and verified_at is not null as decisive
        from evidence where account_id = ${accountId} and weighed_at is null order by decisive desc, created_at limit ${mostAtOnce}`
    )
    if (prints.length === 0) return { effect: 'none', cases: [], more: false }
    const weighed = await weigh(tx, parts, system, accountId, prints, async () => {
      await takeClaims(tx, accountId, prints)
      await tx.execute(sql`update evidence e set weighed_at = now() from ${asRows(prints)}
        where e.account_id = ${accountId} and e.kind = p.kind and e.key_id = p.key_id and e.fingerprint = p.fingerprint`)
      return true
    })
    return { ...weighed, more: prints.length === mostAtOnce }
  })
}

/** Each may be held by a crowd, all of which are locked. */
const mostAtOnce = 10

/** Verified strong evidence that nobody holds yet is held from now on (P-11): the fingerprints are locked, and the unique index has the last word. */
export async function takeClaims(tx: Tx, accountId: string, prints: readonly AtHand[]): Promise<void> {
  await tx.execute(sql`
    update evidence e set claim = true from ${asRows(prints)}
    where e.account_id = ${accountId} and e.kind = p.kind and e.key_id = p.key_id and e.fingerprint = p.fingerprint
      and e.strong and e.verified_at is not null and not e.claim
      and not exists (select from evidence o where o.kind = p.kind and o.key_id = p.key_id and o.fingerprint = p.fingerprint and o.claim)`)
}

const casesWith = async (tx: Tx, accountId: string, others: readonly string[]): Promise<DuplicateCase[]> =>
  others.length === 0
    ? []
    : findCases(
        tx,
        sql`${ofAccount(accountId)} and (c.first_account_id = any(${sql.param(others)}::uuid[]) or c.second_account_id = any(${sql.param(others)}::uuid[]))`
      )

/** P-5, P-8: nobody minds an account beside one that was closed, unless that one was closed to its owner. */
function caseKind(...both: Standing[]): CaseKind | undefined {
  if (both.includes('barred')) return both.includes('live') ? 'circumvention' : undefined
  return both.includes('gone') ? undefined : 'ordinary'
}

/** One pair of accounts, both locked. What was decided of it, or excepted (P-10), is not raised again. */
async function judge(tx: Tx, parts: Parts, actor: Actor, tie: Tie, self: Compared, other: Compared): Promise<Weighed> {
  const silent: Weighed = { effect: 'none', cases: [] }
  const known = await findCaseOfPair(tx, self.id, other.id)
  if (known && !isUndecided(known)) return { ...silent, cases: [known] }
  const kind = caseKind(self.standing, other.standing)
  if (!kind || (await isExcepted(tx, self.id, other.id)) || (await areTwoPeople(tx, self.id, other.id))) return silent
  const opening = openingOf(parts, tie, kind, known)
  if (!known && opening.origin === 'score' && opening.score < parts.config.EVIDENCE_THRESHOLD) return silent
  const found = known
    ? await (isSame(known, opening) ? known : addToCase(tx, actor, known, opening))
    : await openCase(tx, actor, self.id, other.id, opening)
  const newer = self.id > other.id ? self : other
  const affected = newer.standing === 'live' && found.origin === 'strong'
  // Whoever goes round a decision has nothing to choose.
  if (found.kind === 'circumvention') await dropDeadline(tx, actor, found)
  // Mails are asked for after what they tell of.
  const effect: CaseEffect = affected ? await applyEffects(tx, parts, actor, found, tie.strong) : 'none'
  if (affected && !(known && wasTold(known) && known.kind === found.kind)) await tellOfCase(tx, found)
  return { effect: effect === 'none' && !known ? 'case_opened' : effect, cases: [found] }
}

/** What a case is, with all that is known by now. Whoever has reported their own duplicate is asked to choose, and nothing else (P-9), unless the two turn out to have an id that one person has. */
function openingOf({ config }: Parts, { strong, weak }: Tie, kind: CaseKind, known: DuplicateCase | undefined): Opening {
  const reported = known?.origin === 'reported' && kind === 'ordinary' && !isPersonal(strong)
  const origin = reported ? 'reported' : strong.length > 0 || known?.origin === 'strong' ? 'strong' : 'score'
  const chosen = kind === 'ordinary' && (origin !== 'score' || known?.status === 'awaiting_choice')
  return {
    kind: known?.kind === 'circumvention' ? 'circumvention' : kind,
    origin,
    status: chosen && known?.kind !== 'circumvention' ? 'awaiting_choice' : 'open',
    evidenceKinds: [...new Set([...(known?.evidenceKinds ?? []), ...strong, ...weak])].sort(),
    score: weak.reduce((sum, each) => sum + (config.EVIDENCE_WEIGHTS[each] ?? 0), 0)
  }
}

const isSame = (known: DuplicateCase, opening: Opening): boolean =>
  known.kind === opening.kind &&
  known.status === opening.status &&
  known.origin === opening.origin &&
  known.score === opening.score &&
  known.evidenceKinds.join() === opening.evidenceKinds.join()
