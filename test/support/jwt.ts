import { createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto'
import { unseal } from '../../src/keyring.ts'
import type { Person, World } from './world.ts'

export interface SigningKey {
  kid: string
  key: KeyObject
}

/** The key that signs access tokens now, as only the service itself can read it. */
export async function currentKey({ sql, config }: World): Promise<SigningKey> {
  const [row] = await sql<{ kid: string; sealed: Buffer; keyId: string }>(
    `select kid, sealed_private_key as sealed, key_id as "keyId" from signing_keys where status = 'current'`
  )
  const der = unseal(config.keys.derive('signing-key', row!.keyId), row!.sealed, row!.kid)
  return { kid: row!.kid, key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) }
}

/** Claims of a right access token of somebody, with changes; undefined leaves one out. */
export function accountClaims({ config }: World, who: Person, changes: object = {}): object {
  const now = Math.floor(Date.now() / 1000)
  return {
    sub: who.accountId,
    sid: who.sessionId,
    aud: 'guildhall:account',
    iss: config.publicUrl,
    jti: randomUUID(),
    iat: now,
    exp: now + 300,
    ...changes
  }
}

/** One segment of a token; text is taken as it is, so that it can be any JSON. */
export const segment = (value: string | object): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A token signed with EdDSA, whatever it claims to be. */
export function signed(header: string | object, claims: string | object, key: KeyObject): string {
  const input = `${segment(header)}.${segment(claims)}`
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
}

/** The parts of a token, readable. */
export function decoded(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  return { header: JSON.parse(header!), claims: JSON.parse(claims!) }
}
