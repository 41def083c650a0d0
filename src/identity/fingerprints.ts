import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { hmac, type Keyring } from '../keyring.ts'
import type { EvidenceKind } from './tables.ts'

/** A piece of evidence under one key: all that is ever kept of its value (P-12). */
export interface Fingerprint {
  kind: EvidenceKind
  keyId: string
  /** In hexadecimal: so it crosses to the database as part of one document. */
  hash: string
}

/** A normalised value under every key of the keyring: what was recorded before a key was replaced is still found after it. */
export const fingerprintsOf = (keys: Keyring, kind: EvidenceKind, value: string): Fingerprint[] =>
  keys.ids.map((keyId) => ({ kind, keyId, hash: hmac(keys.derive(`evidence/${kind}`, keyId), value).toString('hex') }))

/** Fingerprints as rows `p` of a statement: kind, key, fingerprint. */
export const asRows = (prints: readonly Fingerprint[]) =>
  sql`(select r.kind, r."keyId" as key_id, decode(r.hash, 'hex') as fingerprint
    from jsonb_to_recordset(${JSON.stringify(prints)}::jsonb) as r (kind text, "keyId" text, hash text)) p`

/** The lock of a fingerprint, by an expression for its name: kind, key and hash. */
export const fingerprintLock = (name: SQL): SQL => sql`hashtextextended(${name}, 2)`

/** Serialises everything that compares the same evidence, before any account is locked: the first locks in the order of locks. */
export async function lockFingerprints(tx: Tx, prints: readonly Fingerprint[]): Promise<void> {
  const names = prints.map(({ kind, keyId, hash }) => `${kind} ${keyId} ${hash}`)
  await tx.execute(sql`
    select pg_advisory_xact_lock(l.key) from (
      select distinct ${fingerprintLock(sql`name`)} as key from jsonb_array_elements_text(${JSON.stringify(names)}::jsonb) name order by 1) l`)
}
