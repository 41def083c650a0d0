import type { FastifyBaseLogger } from 'fastify'
import { openBreachedPasswords } from './accounts/breached-passwords.ts'
import { type PasswordHasher, passwordHasher } from './accounts/password-hasher.ts'
import type { Config } from './config.ts'
import { type Database, openDatabase } from './db/database.ts'
import { databaseOptions } from './db/options.ts'
import { type Policy, rateLimits } from './http/rate-limits.ts'
import type { HttpParts, LimitName } from './http/route.ts'
import { ratePolicies } from './policies.ts'
import { authenticator } from './sessions/authenticate.ts'
import { openSigningKeys, type SigningKeys } from './sessions/signing-keys.ts'

/** What the slices of the service are given: made once at the start, listed here by hand. */
export interface Parts extends HttpParts {
  config: Config
  db: Database
  passwords: PasswordHasher
  signing: SigningKeys
  /** Whether a password with this SHA-1 is known from a breach. */
  breached: ((sha1: string) => Promise<boolean>) | undefined
  policies: Record<LimitName, Policy> & Record<'signInPair' | 'refresh' | 'recoveryMail', Policy>
  close: () => Promise<void>
}

/** Opens everything a running service needs on a migrated database. */
export async function openParts(config: Config, databaseUrl: string, log: FastifyBaseLogger): Promise<Parts> {
  const db = openDatabase(databaseOptions(config, databaseUrl, log))
  const signing = await openSigningKeys(db, config.keys, config.publicUrl, config.ACCESS_TOKEN_SECONDS)
  const breached = config.BREACHED_PASSWORDS_FILE ? await openBreachedPasswords(config.BREACHED_PASSWORDS_FILE) : undefined
  return {
    config,
    db,
    signing,
    passwords: passwordHasher(config),
    limits: rateLimits(db.pipeline, config.keys),
    policies: ratePolicies(config),
    authenticate: authenticator(db, signing),
    breached: breached?.includesHash,
    async close() {
      signing.close()
      await Promise.allSettled([db.close(), breached?.close()])
    }
  }
}
