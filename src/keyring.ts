import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual
} from 'node:crypto'

/**
 * The service's secrets: a list of root keys, the first current, the others still read. No root key is ever used itself: every
 * purpose has its own key, derived by HKDF (RFC 5869), so that a value made for one purpose is worth nothing for another.
 */
export interface Keyring {
  /** Id of the key that new values are made with. */
  currentId: string
  /** A derived 256-bit key. @throws when the id is unknown: the key was taken out of the configuration too early. */
  derive: (purpose: string, id?: string) => Buffer
  ids: string[]
}

const idPattern = /^[a-z0-9][a-z0-9_-]{0,31}$/
// 32 random bytes hold about 30 different ones; words, repeats and counting hold far fewer.
const leastDistinctBytes = 20

/** Reads `id:base64,id:base64`; answers every fault without repeating a key. */
export function parseKeyring(text: string): { keyring: Keyring } | { faults: string[] } {
  const faults: string[] = []
  const roots = new Map<string, Buffer>()
  for (const [index, part] of text.split(',').entries()) {
    const at = part.indexOf(':')
    const id = part.slice(0, Math.max(at, 0)).trim()
    const bytes = Buffer.from(part.slice(at + 1).trim(), 'base64')
    if (!idPattern.test(id)) faults.push(`entry ${index + 1} must be id:key, the id of a-z, 0-9, _ and -`)
    else if (roots.has(id)) faults.push(`names the key ${id} twice`)
    else if (bytes.length < 32) faults.push(`holds a weak key (${id}): it needs 32 bytes in base64`)
    else if (new Set(bytes).size < leastDistinctBytes) faults.push(`holds a weak key (${id}): it is not random`)
    else roots.set(id, bytes)
  }
  if (faults.length > 0) return { faults }
  return { keyring: makeKeyring(roots) }
}

/** A new entry for `SECRET_KEYS`, with 32 bytes from the system's random source. */
export function generateKey(id: string): string {
  return `${id}:${randomBytes(32).toString('base64')}`
}

function makeKeyring(roots: Map<string, Buffer>): Keyring {
  const derived = new Map<string, Buffer>()
  const currentId = [...roots.keys()][0]!
  return {
    currentId,
    ids: [...roots.keys()],
    derive(purpose, id = currentId) {
      const name = `${id}/${purpose}`
      const known = derived.get(name)
      if (known) return known
      const root = roots.get(id)
      if (!root) throw new Error(`SECRET_KEYS has no key ${id}: keep a replaced key in the list until nothing uses it`)
      const key = Buffer.from(hkdfSync('sha256', root, Buffer.alloc(0), `guildhall/${purpose}`, 32))
      derived.set(name, key)
      return key
    }
  }
}

export const sha256 = (data: string | Buffer): Buffer => hash('sha256', data, 'buffer')

// A key in the form that OpenSSL works with, made once: from bytes it takes five times as long as the digest itself.
const keyObjects = new WeakMap<Buffer, KeyObject>()

export function hmac(key: Buffer, data: string): Buffer {
  const known = keyObjects.get(key)
  const object = known ?? createSecretKey(key)
  if (!known) keyObjects.set(key, object)
  return createHmac('sha256', object).update(data).digest()
}

/** Compares secrets of equal or different length in a time that depends on the first only. */
export const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)

/** Signs a text that its reader will bring back: 128 bits, for one purpose. */
export const signature = (keys: Keyring, purpose: string, text: string, id?: string): string =>
  hmac(keys.derive(purpose, id), text).subarray(0, 16).toString('base64url')

/** Whether a signature is ours, under any key that is still in the list. Compared as text: each has one spelling only. */
export const isSignature = (keys: Keyring, purpose: string, text: string, given: string): boolean =>
  keys.ids.some((id) => sameBytes(Buffer.from(given), Buffer.from(signature(keys, purpose, text, id))))

/** AES-256-GCM with a random nonce: nonce, tag and text in one buffer. `context` is authenticated and must be given again to open it. */
export function seal(key: Buffer, plain: Buffer, context: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

/** Opens what `seal` made. @throws when key or context differ or a bit was changed. */
export function unseal(key: Buffer, sealed: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(12, 28))
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()])
}
