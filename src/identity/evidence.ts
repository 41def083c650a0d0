import { sql } from 'drizzle-orm'
import type { LockedAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { type EvidenceInput, normaliseEvidence } from './evidence-values.ts'
import { asRows, fingerprintsOf } from './fingerprints.ts'
import type { EvidenceKind } from './tables.ts'
import type { AtHand } from './ties.ts'
import { takeClaims, type Weighed, weigh } from './weighing.ts'

/** Kinds that tie accounts to one person by themselves, once verified (P-5). */
const strongKinds: readonly EvidenceKind[] = ['government_id', 'tax_id', 'phone', 'payout_account']

export interface RecordEvidence extends EvidenceInput {
  accountId: string
  verified: boolean
}

export interface Recorded extends Weighed {
  /** It was not known of this account before. */
  fresh: boolean
  /** As it is kept: what was verified once stays so. */
  verified: boolean
}

/**
 * Keeps a piece of evidence as keyed hashes and does what follows from it (P-5 to P-8, P-11, P-12). Recording it again changes nothing but
 * that it is verified by now. @throws not_found, evidence_invalid
 */
export async function recordEvidence(parts: Parts, db: Db, actor: ActorOf<'service'>, input: RecordEvidence): Promise<Recorded> {
  const { accountId, kind, verified } = input
  const normalised = normaliseEvidence(input)
  if (!normalised.ok) throw refuse('evidence_invalid', { extensions: { reason: normalised.reason } })
  const strong = strongKinds.includes(kind)
  const prints = fingerprintsOf(parts.config.keys, kind, normalised.value).map((print) => ({ ...print, decisive: strong && verified }))
  return db.transaction(async (tx) => {
    let kept = { fresh: true, verified }
    const weighed = await weigh(tx, parts, actor, accountId, prints, async (account) => {
      requireKnown(account)
      const before = await findOwn(tx, accountId, prints)
      kept = { fresh: before === undefined, verified: verified || before?.verified === true }
      await write(tx, input, strong, prints, kept.verified)
      const changed = kept.fresh || kept.verified !== before?.verified
      if (changed) await note(tx, actor, input, kept.fresh)
      return changed
    })
    return { ...weighed, ...kept }
  })
}

/** Nothing is known of somebody before their address is proven (P-3), nor added to what was erased. @throws not_found */
function requireKnown({ status }: LockedAccount): void {
  if (status === 'pending_email' || status === 'anonymised') throw refuse('not_found')
}

async function findOwn(tx: Tx, accountId: string, prints: readonly AtHand[]): Promise<{ verified: boolean } | undefined> {
  const [own] = await rows<{ verified: boolean }>(
    tx,
    sql`select e.verified_at is not null as verified from ${asRows(prints)} join evidence e
        on e.account_id = ${accountId} and e.kind = p.kind and e.key_id = p.key_id and e.fingerprint = p.fingerprint
      order by 1 desc limit 1`
  )
  return own
}

/** Whether somebody else has the claim to a value, under any key: one that a new key has no row of yet is held all the same. */
async function isClaimed(tx: Tx, accountId: string, prints: readonly AtHand[]): Promise<boolean> {
  const found = await rows(
    tx,
    sql`select from ${asRows(prints)} join evidence e on e.kind = p.kind and e.key_id = p.key_id and e.fingerprint = p.fingerprint
      where e.claim and e.account_id <> ${accountId} limit 1`
  )
  return found.length > 0
}

/** P-11: whoever comes first takes the claim, by the unique index; whoever comes later holds the evidence without it. */
async function write(tx: Tx, input: RecordEvidence, strong: boolean, prints: readonly AtHand[], verified: boolean): Promise<void> {
  const { accountId, country, documentType } = input
  const insert = (claim: boolean) => sql`
    insert into evidence (account_id, kind, key_id, fingerprint, claim, strong, country, document_type, source, verified_at, weighed_at)
    select ${accountId}, p.kind, p.key_id, p.fingerprint, ${claim}, ${strong}, ${country ?? null}, ${documentType ?? null}, 'verification',
      case when ${verified} then now() end, now() from ${asRows(prints)} on conflict do nothing`
  const free = strong && verified && !(await isClaimed(tx, accountId, prints))
  if (free) await tx.execute(insert(true))
  await tx.execute(insert(false))
  if (!verified) return
  await tx.execute(sql`update evidence e set verified_at = now() from ${asRows(prints)}
    where e.account_id = ${accountId} and e.kind = p.kind and e.key_id = p.key_id and e.fingerprint = p.fingerprint and e.verified_at is null`)
  if (free) await takeClaims(tx, accountId, prints)
}

async function note(tx: Tx, actor: ActorOf<'service'>, { accountId, kind, verified }: RecordEvidence, fresh: boolean): Promise<void> {
  await record(tx, {
    actor,
    chain: { kind: 'account', id: accountId },
    action: fresh ? 'evidence.recorded' : 'evidence.verified',
    resource: publicId('account', accountId),
    detail: { kind, verified }
  })
}
