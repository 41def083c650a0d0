import type { Tx } from '../db/database.ts'
import { isSignature, type Keyring, signature } from '../keyring.ts'
import { refuse } from '../problems.ts'

/** Versions of what a write touched, by `kind:uuid`. */
export type Versions = Map<string, number>

const touchedBy = new WeakMap<Tx, Versions>()

/** Notes in a transaction the version that a change gave to an account or organization. */
export function touch(tx: Tx, kind: 'account' | 'organization', id: string, version: number): void {
  const versions = touchedBy.get(tx) ?? new Map<string, number>()
  touchedBy.set(tx, versions.set(`${kind}:${id}`, version))
}

export const touchedVersions = (tx: Tx): Versions | undefined => touchedBy.get(tx)

const purpose = 'consistency-token'

/** The opaque token of a write: a read that carries it answers no older state. */
export function consistencyToken(keys: Keyring, versions: Versions): string {
  const payload = Buffer.from(JSON.stringify([...versions])).toString('base64url')
  return `${payload}.${signature(keys, purpose, payload)}`
}

/** Reads `At-Least-As-Fresh`. @throws malformed_consistency_token */
export function readConsistencyToken(keys: Keyring, token: string): Versions {
  const [payload = '', ...given] = token.split('.')
  if (token.length > 4096 || !isSignature(keys, purpose, payload, given.join('.'))) throw refuse('malformed_consistency_token')
  return new Map(JSON.parse(Buffer.from(payload, 'base64url').toString()) as Array<[string, number]>)
}

/** @throws not_fresh_enough when the state that was read is older than the caller asks for. */
export function requireFresh(wanted: Versions | undefined, kind: 'account' | 'organization', id: string, version: number): void {
  const least = wanted?.get(`${kind}:${id}`)
  if (least !== undefined && version < least) throw refuse('not_fresh_enough', { retryAfter: 1 })
}
