import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash as argonHash, verify as argonVerify } from '@node-rs/argon2'
import type { Config } from '../config.ts'
import { hmac, type Keyring } from '../keyring.ts'
import { refuse } from '../problems.ts'
import { normalizePassword } from './password-policy.ts'

export interface StoredPassword {
  /** argon2id in PHC form. */
  hash: string
  /** Key of the keyring that peppered it. */
  pepperId: string
}

export interface PasswordHasher {
  hash: (password: string) => Promise<StoredPassword>
  /** Takes the same time when there is no stored password, so that nobody learns who has an account (S-2). `outdated`: hash it again. */
  verify: (password: string, stored: StoredPassword | undefined) => Promise<{ ok: boolean; outdated: boolean }>
  /** What no password fits, looking like any other: until its owner sets a new one by mail. */
  unusable: () => StoredPassword
  /** Hashes waiting for a core. */
  waiting: () => number
}

type HasherConfig = Pick<
  Config,
  'ARGON2_MEMORY_KIB' | 'ARGON2_PASSES' | 'ARGON2_PARALLELISM' | 'HASH_CONCURRENCY' | 'HASH_QUEUE' | 'HASH_WAIT_MS'
> & { keys: Keyring }

const argon2id = 2
const unusableSalt = Buffer.from('no password fits').toString('base64').replace(/=+$/, '')

/** Whether a stored password is one that none fits. */
export const isUnusable = (hash: string): boolean => hash.split('$')[4] === unusableSalt

/**
 * argon2id (RFC 9106) over a peppered password (S-1). At most so many hashes run at once and so many wait, so that a flood of
 * sign-ins costs bounded memory and leaves the other requests fast. @throws overloaded when the queue is full or the wait too long
 */
export function passwordHasher(config: HasherConfig): PasswordHasher {
  const queue = boundedQueue(config.HASH_CONCURRENCY ?? availableParallelism(), config.HASH_QUEUE, config.HASH_WAIT_MS)
  const options = {
    algorithm: argon2id,
    memoryCost: config.ARGON2_MEMORY_KIB,
    timeCost: config.ARGON2_PASSES,
    parallelism: config.ARGON2_PARALLELISM,
    outputLen: 32
  }
  const parameters = `$argon2id$v=19$m=${config.ARGON2_MEMORY_KIB},t=${config.ARGON2_PASSES},p=${config.ARGON2_PARALLELISM}$`
  const peppered = (password: string, pepperId: string): string =>
    hmac(config.keys.derive('password-pepper', pepperId), normalizePassword(password)).toString('base64')
  const hash = async (password: string): Promise<StoredPassword> => {
    const pepperId = config.keys.currentId
    return { hash: await queue.run(() => argonHash(peppered(password, pepperId), options)), pepperId }
  }
  const absent = hash('nobody has this password')

  return {
    hash,
    async verify(password, stored) {
      const { hash, pepperId } = stored ?? (await absent)
      const matches = await queue.run(() => argonVerify(hash, peppered(password, pepperId)))
      return { ok: matches && stored !== undefined, outdated: !hash.startsWith(parameters) || pepperId !== config.keys.currentId }
    },
    unusable: () => ({
      hash: `${parameters}${unusableSalt}$${randomBytes(32).toString('base64').replace(/=+$/, '')}`,
      pepperId: config.keys.currentId
    }),
    waiting: queue.waiting
  }
}

/** Runs at most `concurrency` tasks at once; others wait in order. */
function boundedQueue(concurrency: number, longest: number, waitMs: number) {
  const waiting: Array<{ start: () => void }> = []
  let running = 0

  /** Hands the place on, so that nobody who comes between takes it as well. */
  function leave(): void {
    const next = waiting.shift()
    if (next) next.start()
    else running--
  }

  return {
    waiting: () => waiting.length,
    async run<T>(task: () => Promise<T>): Promise<T> {
      if (running < concurrency) running++
      else {
        if (waiting.length >= longest) throw refuse('overloaded', { retryAfter: 2 })
        await new Promise<void>((resolve, reject) => {
          const entry = {
            start() {
              clearTimeout(timer)
              resolve()
            }
          }
          const timer = setTimeout(() => {
            waiting.splice(waiting.indexOf(entry), 1)
            reject(refuse('overloaded', { retryAfter: 2 }))
          }, waitMs)
          waiting.push(entry)
        })
      }
      try {
        return await task()
      } finally {
        leave()
      }
    }
  }
}
