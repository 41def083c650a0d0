import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { createSigner, createVerifier } from 'fast-jwt'
import type { Actor } from '../actor.ts'
import { record, systemChain } from '../audit/record.ts'
import { type Db, rows } from '../db/database.ts'
import { type Keyring, seal, sha256, unseal } from '../keyring.ts'
import { refuse } from '../problems.ts'
import type { Soon } from '../soon.ts'

/** Each kind of caller has an audience of its own: a token of one is worth nothing on the routes of another. */
export const audiences = {
  account: 'guildhall:account',
  service: 'guildhall:service',
  operator: 'guildhall:operator',
  delegation: 'guildhall:delegation'
} as const
export type TokenKind = keyof typeof audiences

/** Claims of an access token (RFC 9068): who, in which session or as which client. No personal data, and no right but those of a delegation. */
export interface AccessClaims {
  sub: string
  /** Session of an account. */
  sid?: string
  /** Client of a service or operator. */
  client_id?: string
  /** Narrower scope that a service asked for, or permissions that are delegated; space-separated. */
  scope?: string
  /** Who acts for `sub` (RFC 8693 section 4.1), in a delegation. */
  act?: { sub: string }
  /** The agency in which `act` may act for `sub`. */
  agency?: string
}

/** A delegation never lives longer, whatever other tokens do (G-5). */
export const delegationSeconds = 300

export interface SigningKeys {
  /** A new access token of the configured life. */
  sign: (kind: TokenKind, claims: AccessClaims) => string
  /** Claims of a token of this kind that we signed and that has not expired. @throws not_signed_in */
  verify: (kind: TokenKind, token: string) => Soon<AccessClaims>
  /** Claims of such a token, if it was verified before. */
  known: (kind: TokenKind, token: string) => AccessClaims | undefined
  /** Which kind a token says it is, which only `verify` proves. */
  kindOf: (token: string) => TokenKind | undefined
  /** Public keys, next, current and previous (RFC 7517). */
  jwks: () => { keys: JsonWebKey[] }
  /** Reads the keys again, e.g. after a rotation. */
  reload: () => Promise<void>
  close: () => void
}

interface StoredKey {
  kid: string
  status: 'next' | 'current' | 'previous'
  public_jwk: string
  sealed_private_key: Buffer
  key_id: string
}

const leewaySeconds = 5
const reloadSeconds = 30
const largestToken = 8192
// Of the last letter of 64 bytes in base64url two bits count; with any of the others the same signature would have a second spelling.
const wholeSignature = /[AQgw]$/
const purpose = 'signing-key'

/** Loads the signing keys, makes the first ones on an empty database, and looks for rotations every half minute. */
export async function openSigningKeys(db: Db, keys: Keyring, issuer: string, lifeSeconds: number): Promise<SigningKeys> {
  type Verify = (token: string) => ExpiringClaims
  let sign: (kind: TokenKind, claims: AccessClaims) => string
  // By the header segment as it stands in the token: what differs from a header we would write by one letter (another algorithm,
  // type, embedded key, unknown or missing kid) finds no verifier at all.
  let verifiers = new Map<string, Record<TokenKind, Verify>>()
  // What was verified stays so until it expires; whether its session or client still lives is asked at each request all the same.
  let verified = openVerified()
  let published: JsonWebKey[] = []
  let loaded = ''
  let lastReload = 0

  async function reload(): Promise<void> {
    lastReload = performance.now()
    const stored = await ensureKeys(db, keys)
    const state = stored.map((key) => `${key.kid}:${key.status}`).join()
    if (state === loaded) return
    published = stored.map((key) => JSON.parse(key.public_jwk) as JsonWebKey)
    verifiers = new Map(stored.map((key) => [headerOf(key.kid), verifiersOf(keys, key, issuer)]))
    verified = openVerified()
    const current = stored.find((key) => key.status === 'current')!
    sign = signerOf(keys, current, issuer, lifeSeconds)
    loaded = state
  }

  await reload()
  const timer = setInterval(() => void reload().catch(() => undefined), reloadSeconds * 1000).unref()

  return {
    sign: (kind, claims) => sign(kind, claims),
    verify(kind, token) {
      const known = verified.find(token)
      if (known) {
        if (known.kind !== kind) throw refuse('not_signed_in')
        return known.claims
      }
      if (token.length > largestToken || !wholeSignature.test(token)) throw refuse('not_signed_in')
      const header = token.slice(0, token.indexOf('.'))
      const check = (): AccessClaims => {
        try {
          const claims = verifiers.get(header)![kind](token)
          verified.keep(token, { kind, claims })
          return claims
        } catch {
          throw refuse('not_signed_in')
        }
      }
      // A key that another instance just put to use: looked up at once, though not more than once a second.
      return verifiers.has(header) || performance.now() - lastReload <= 1000 ? check() : reload().then(check)
    },
    known(kind, token) {
      const found = verified.find(token)
      return found?.kind === kind ? found.claims : undefined
    },
    kindOf: (token) => verified.find(token)?.kind ?? kindOf(token),
    jwks: () => ({ keys: published }),
    reload,
    close: () => clearInterval(timer)
  }
}

/** A token that was verified, of its kind. */
interface Verified {
  kind: TokenKind
  claims: ExpiringClaims
}

interface ExpiringClaims extends AccessClaims {
  /** Seconds since 1970. */
  exp: number
}

const mostVerified = 5000

/** Remembers tokens that were verified, the newest of them; none longer than it is good. */
function openVerified() {
  const known = new Map<string, Verified>()
  return {
    find(token: string): Verified | undefined {
      const found = known.get(token)
      if (!found || Date.now() < (found.claims.exp + leewaySeconds) * 1000) return found
      known.delete(token)
      return undefined
    },
    keep(token: string, verified: Verified): void {
      if (known.size >= mostVerified) known.delete(known.keys().next().value!)
      known.set(token, verified)
    }
  }
}

function kindOf(token: string): TokenKind | undefined {
  try {
    const { aud } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { aud?: unknown }
    return (Object.keys(audiences) as TokenKind[]).find((kind) => audiences[kind] === aud)
  } catch {
    return undefined
  }
}

const headerOf = (kid: string): string => Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid })).toString('base64url')

function signerOf(keys: Keyring, key: StoredKey, issuer: string, lifeSeconds: number) {
  const pem = privatePem(keys, key)
  const signerFor = (seconds: number) =>
    createSigner({
      algorithm: 'EdDSA',
      key: pem,
      header: { alg: 'EdDSA', typ: 'at+jwt', kid: key.kid },
      iss: issuer,
      expiresIn: seconds * 1000
    })
  const ordinary = signerFor(lifeSeconds)
  const delegating = signerFor(Math.min(lifeSeconds, delegationSeconds))
  return (kind: TokenKind, claims: AccessClaims): string =>
    (kind === 'delegation' ? delegating : ordinary)({ ...claims, aud: audiences[kind], jti: randomUUID() })
}

function verifiersOf(keys: Keyring, key: StoredKey, issuer: string) {
  const pem = publicPem(keys, key)
  const verifierOf = (kind: TokenKind) => {
    const verify = createVerifier({
      key: pem,
      algorithms: ['EdDSA'],
      allowedIss: issuer,
      allowedAud: audiences[kind],
      requiredClaims: ['iss', 'aud', 'sub', 'jti', 'iat', 'exp', kind === 'account' || kind === 'delegation' ? 'sid' : 'client_id'],
      checkTyp: 'at+jwt',
      clockTolerance: leewaySeconds * 1000
    })
    return (token: string): ExpiringClaims => {
      const claims = verify(token) as ExpiringClaims & { iss: unknown; aud: unknown }
      const names = [claims.iss, claims.aud, claims.sub, kind === 'account' || kind === 'delegation' ? claims.sid : claims.client_id]
      if (names.some((name) => typeof name !== 'string')) throw refuse('not_signed_in')
      return claims
    }
  }
  return {
    account: verifierOf('account'),
    service: verifierOf('service'),
    operator: verifierOf('operator'),
    delegation: verifierOf('delegation')
  }
}

const privateKey = (keys: Keyring, key: StoredKey) =>
  createPrivateKey({ key: unseal(keys.derive(purpose, key.key_id), key.sealed_private_key, key.kid), format: 'der', type: 'pkcs8' })
const privatePem = (keys: Keyring, key: StoredKey): string => privateKey(keys, key).export({ format: 'pem', type: 'pkcs8' }) as string

/** From the sealed private half, not from the published text: a row changed by hand verifies nothing. */
const publicPem = (keys: Keyring, key: StoredKey): string =>
  createPublicKey(privateKey(keys, key)).export({ format: 'pem', type: 'spki' }) as string

async function ensureKeys(db: Db, keys: Keyring): Promise<StoredKey[]> {
  const known = await listKeys(db.query)
  if (known.some((key) => key.status === 'current')) return known
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('signing_keys'))`)
    const made = await listKeys(tx)
    if (!made.some((key) => key.status === 'current')) {
      await insertKey(tx, keys, 'current')
      if (!made.some((key) => key.status === 'next')) await insertKey(tx, keys, 'next')
    }
    return listKeys(tx)
  })
}

const listKeys = (executor: Parameters<typeof rows>[0]): Promise<StoredKey[]> =>
  rows<StoredKey>(executor, sql`select kid, status, public_jwk, sealed_private_key, key_id from signing_keys order by status, kid`)

async function insertKey(executor: Parameters<typeof rows>[0], keys: Keyring, status: StoredKey['status']): Promise<string> {
  const pair = generateKeyPairSync('ed25519')
  const jwk = pair.publicKey.export({ format: 'jwk' })
  // RFC 7638 thumbprint.
  const kid = sha256(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x })).toString('base64url')
  const published = JSON.stringify({ kty: jwk.kty, crv: jwk.crv, x: jwk.x, use: 'sig', alg: 'EdDSA', kid })
  const sealed = seal(keys.derive(purpose), pair.privateKey.export({ format: 'der', type: 'pkcs8' }), kid)
  await rows(
    executor,
    sql`insert into signing_keys (kid, status, public_jwk, sealed_private_key, key_id, activated_at)
      values (${kid}, ${status}, ${published}, ${sealed}, ${keys.currentId}, case when ${status} = 'current' then now() end)`
  )
  return kid
}

/** Verifiers elsewhere need time to see a new key before tokens carry it. */
const publishedHours = 24
/** And the previous one must outlive the last token it signed, and the copies of it that callers keep. */
const previousHours = 2

/**
 * Moves the signing keys on: next becomes current, current becomes previous, a new next is made. Refused while the next key was
 * published for less than a day or the previous one is still needed, unless `force`: after a leak, losing sessions is the lesser harm.
 */
export async function rotateSigningKeys(
  db: Db,
  actor: Actor,
  keys: Keyring,
  force: boolean
): Promise<{ next: string; current: string; previous: string }> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('signing_keys'))`)
    const [due] = await rows<{ published: boolean; retired: boolean }>(
      tx,
      sql`select coalesce(bool_and(created_at <= now() - make_interval(hours => ${publishedHours})) filter (where status = 'next'), false) as published,
        coalesce(bool_and(retired_at <= now() - make_interval(hours => ${previousHours})) filter (where status = 'previous'), true) as retired
        from signing_keys`
    )
    if (!force && !due!.published)
      throw new Error(`The next key has been published for less than ${publishedHours} hours. Wait, or use --force.`)
    if (!force && !due!.retired)
      throw new Error(`The previous key was replaced less than ${previousHours} hours ago. Wait, or use --force.`)
    await tx.execute(sql`delete from signing_keys where status = 'previous'`)
    await tx.execute(sql`update signing_keys set status = 'previous', retired_at = now() where status = 'current'`)
    await tx.execute(sql`update signing_keys set status = 'current', activated_at = now() where status = 'next'`)
    await insertKey(tx, keys, 'next')
    const now = new Map((await listKeys(tx)).map((key) => [key.status, key.kid]))
    const rotated = { next: now.get('next')!, current: now.get('current')!, previous: now.get('previous')! }
    await record(tx, { actor, chain: systemChain, action: 'signing_keys.rotated', resource: 'signing_keys', detail: { ...rotated, force } })
    return rotated
  })
}
