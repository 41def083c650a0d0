import { sql } from 'drizzle-orm'
import { isLiveAccount, type LockedAccount, lockAccount } from '../accounts/accounts.ts'
import { type Actor, type ActorOf, system } from '../actor.ts'
import { record } from '../audit/record.ts'
import { closeLocked } from '../closing/closing.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { iso, millis } from '../db/moments.ts'
import { publicId } from '../http/ids.ts'
import { sha256 } from '../keyring.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { requireRecentSignIn } from '../sessions/recent-sign-in.ts'
import { isToken, randomToken } from '../tokens.ts'
import { liftEffects, setDeadline } from './case-effects.ts'
import {
  addToCase,
  type DuplicateCase,
  decideCase,
  findCaseOfPair,
  findCases,
  isExcepted,
  isUndecided,
  type Opening,
  ofAccount,
  openCase,
  otherOf
} from './cases.ts'
import { weighAgain } from './own-evidence.ts'
import { restrictedOtherwise } from './standing.ts'
import { tellOfCase } from './told.ts'

export const proofPrefix = 'ghd'
export const proofSeconds = 600

/** Makes the proof that one is signed in to this account, for the other account of a case (P-9): shown once, good once, for ten minutes, while this session lasts. */
export async function proveSignIn(parts: Parts, db: Db, actor: ActorOf<'account'>): Promise<{ proof: string; expiresAt: string }> {
  requireRecentSignIn(parts, actor)
  const proof = randomToken(proofPrefix)
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    const [made] = await rows<{ expiresAt: number }>(
      tx,
      sql`with ended as (delete from duplicate_proofs where account_id = ${actor.accountId} and used_at is null)
        insert into duplicate_proofs (token_hash, account_id, session_id, expires_at)
        values (${sha256(proof)}, ${actor.accountId}, ${actor.sessionId}, now() + make_interval(secs => ${proofSeconds})) returning ${millis(sql`expires_at`)} as "expiresAt"`
    )
    await record(tx, {
      actor,
      chain: { kind: 'account', id: actor.accountId },
      action: 'duplicate_case.proof_made',
      resource: publicId('account', actor.accountId)
    })
    return { proof, expiresAt: iso(made!.expiresAt) }
  })
}

/** Whose sign-in a proof proves, while it is good. @throws token_dead */
async function ownerOfProof(tx: Tx, proof: string): Promise<string> {
  const [owner] = isToken(proofPrefix, proof)
    ? await rows<{ id: string }>(
        tx,
        sql`select p.account_id as id from duplicate_proofs p where p.token_hash = ${sha256(proof)} and ${good}`
      )
    : []
  if (!owner) throw refuse('token_dead')
  return owner.id
}

/** Of a proof `p`: whoever ends the sign-in that made it, as by a new password, ends it too. */
const good = sql`p.used_at is null and p.expires_at > now() and exists (
  select from sessions s where s.id = p.session_id and s.ended_at is null and s.expires_at > now())`

async function useProof(tx: Tx, proof: string): Promise<void> {
  const used = await rows(
    tx,
    sql`update duplicate_proofs p set used_at = now() where p.token_hash = ${sha256(proof)} and ${good} returning 1`
  )
  if (used.length === 0) throw refuse('token_dead')
}

/** To give up the account that one is signed in to; or to keep it and give up the other, with the proof of signing in there as well. */
export type Choice = { giveUp: 'this' } | { keep: 'this'; proof: string }

export interface Chosen {
  found: DuplicateCase
  /** The account that the caller is signed in to. */
  accountId: string
}

/**
 * The person's own decision which account stays (P-9): the other one closes, through all the guards of closing, and what the case has caused
 * lifts. Happens once. @throws reauthentication_required, not_found, token_dead, case_not_yours_to_choose, closure_blocked, account_under_enforcement
 */
export async function chooseAccount(parts: Parts, db: Db, actor: ActorOf<'account'>, choice: Choice): Promise<Chosen> {
  requireRecentSignIn(parts, actor)
  const { accountId } = actor
  return db.transaction(async (tx) => {
    const otherId = 'proof' in choice ? await ownerOfProof(tx, choice.proof) : undefined
    const given = otherId ?? accountId
    const accounts = await lockWithPartners(tx, [accountId, given])
    if ('proof' in choice) await useProof(tx, choice.proof)
    const pair = otherId === undefined ? (await casesToChoose(tx, accountId, accounts))[0] : await findCaseOfPair(tx, accountId, otherId)
    if (!pair) throw refuse('not_found')
    if (pair.status !== 'awaiting_choice') throw refuse('case_not_yours_to_choose')
    for (const id of [accountId, given]) if (!isLiveAccount(accounts.get(id)!)) throw refuse('account_under_enforcement')
    if ((await restrictedOtherwise(tx, [given])).has(given)) throw refuse('case_not_yours_to_choose', { detail: restricted })
    await closeLocked(tx, actor, accounts.get(given)!, 'duplicate')
    const settled = await settleCasesOf(tx, actor, given, accounts)
    return { found: settled.find(({ id }) => id === pair.id)!, accountId }
  })
}

const restricted =
  'The account that would be given up is restricted for another reason. Appeal against that first, or give up the other one.'

/** So many at most are settled with the choice itself. */
const mostPartners = 50

/** The oldest cases of an account that wait for a choice; with others of these accounts only, when they are given. */
async function casesToChoose(tx: Tx, accountId: string, among?: ReadonlyMap<string, LockedAccount>): Promise<DuplicateCase[]> {
  const found = await findCases(tx, sql`${ofAccount(accountId)} and c.status = 'awaiting_choice'`, sql`order by c.id limit ${mostPartners}`)
  return among ? found.filter((each) => among.has(otherOf(each, accountId))) : found
}

/** Locks accounts and those that share a case with them that waits for a choice: giving one up settles these. */
async function lockWithPartners(tx: Tx, accountIds: readonly string[]): Promise<Map<string, LockedAccount>> {
  const ids = new Set(accountIds)
  for (const id of accountIds) for (const found of await casesToChoose(tx, id)) ids.add(otherOf(found, id))
  const locked = new Map<string, LockedAccount>()
  for (const id of [...ids].sort()) locked.set(id, await lockAccount(tx, id))
  return locked
}

/**
 * Whoever gives an account up keeps the other one of each case that asked them to choose. A case that was opened while the accounts were being
 * locked has an account that is not: it is settled right after, by comparing again.
 */
async function settleCasesOf(
  tx: Tx,
  actor: ActorOf<'account'>,
  givenUp: string,
  accounts: ReadonlyMap<string, LockedAccount>
): Promise<DuplicateCase[]> {
  const settled: DuplicateCase[] = []
  for (const found of await casesToChoose(tx, givenUp, accounts)) {
    const kept = await decideCase(tx, actor, found, { status: 'kept', keptAccountId: otherOf(found, givenUp) })
    if (!kept) continue
    await liftEffects(tx, actor, kept, 'case')
    settled.push(kept)
  }
  if ((await casesToChoose(tx, givenUp)).length > 0) await weighAgain(tx, givenUp)
  return settled
}

/**
 * Reports one's own second account, proven by signing in there too: opens a case that asks for the choice until a deadline, and restricts nothing
 * before it (P-9).
 * @throws reauthentication_required, token_dead, same_account, case_decided
 */
export async function reportDuplicate(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  proof: string
): Promise<Chosen & { fresh: boolean }> {
  requireRecentSignIn(parts, actor)
  const { accountId } = actor
  return db.transaction(async (tx) => {
    const otherId = await ownerOfProof(tx, proof)
    if (otherId === accountId) throw refuse('same_account')
    for (const id of [accountId, otherId].sort()) {
      if (!isLiveAccount(await lockAccount(tx, id))) throw refuse('account_under_enforcement')
    }
    await useProof(tx, proof)
    const known = await findCaseOfPair(tx, accountId, otherId)
    if ((known && !isUndecided(known)) || (await isExcepted(tx, accountId, otherId))) throw refuse('case_decided')
    if (!known) {
      const found = await openCase(tx, actor, accountId, otherId, reported)
      await askUntil(tx, parts, actor, found)
      return { found, accountId, fresh: true }
    }
    // What was only suspected is now said: the person may choose.
    const waits = known.kind === 'ordinary' && known.status === 'open'
    const found = waits ? await addToCase(tx, actor, known, { ...known, status: 'awaiting_choice', origin: 'reported' }) : known
    if (waits) await askUntil(tx, parts, actor, found)
    return { found, accountId, fresh: false }
  })
}

/** By rule, and not by whoever reports it. */
async function askUntil(tx: Tx, parts: Parts, { requestId }: Actor, found: DuplicateCase): Promise<void> {
  await setDeadline(tx, parts, { ...system, requestId }, found)
  await tellOfCase(tx, found)
}

const reported: Opening = { kind: 'ordinary', status: 'awaiting_choice', origin: 'reported', evidenceKinds: [], score: 0 }
