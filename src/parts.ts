import { sql } from 'drizzle-orm'
import type { FastifyBaseLogger } from 'fastify'
import { type KnownFacts, openKnownFacts } from './access/known-facts.ts'
import { openBreachedPasswords } from './accounts/breached-passwords.ts'
import { type PasswordHasher, passwordHasher } from './accounts/password-hasher.ts'
import { type Config, ConfigError } from './config.ts'
import { type Changes, followChanges, unheard } from './db/changes.ts'
import { connectionOptions, type Database, type DatabaseOptions, openDatabase, rows } from './db/database.ts'
import { openMemory } from './db/memory.ts'
import { databaseOptions } from './db/options.ts'
import { noReplicas, openReplicas, type Replicas } from './db/replicas.ts'
import { type Dns, dnsResolver } from './domains/dns.ts'
import { type Policy, type RateLimits, rateLimits } from './http/rate-limits.ts'
import type { HttpParts, LimitName } from './http/route.ts'
import { evidenceKeyIds } from './identity/evidence-keys.ts'
import type { Keyring } from './keyring.ts'
import { ratePolicies } from './policies.ts'
import { accountAuthenticator, authenticator, closingAuthenticator, type KnownClients, knownServices } from './sessions/authenticate.ts'
import { openSigningKeys, type SigningKeys } from './sessions/signing-keys.ts'

/** What the slices of the service are given: made once at the start, listed here by hand. */
export interface Parts extends HttpParts {
  config: Config
  db: Database
  changes: Changes
  facts: KnownFacts
  replicas: Replicas
  limits: RateLimits
  passwords: PasswordHasher
  dns: Dns
  signing: SigningKeys
  /** `authenticate` for routes that show the caller's account. */
  authenticateWithAccount: ReturnType<typeof accountAuthenticator>
  /** `authenticate` for closing the caller's account. */
  authenticateClosing: ReturnType<typeof closingAuthenticator>
  /** Whether a password with this SHA-1 is known from a breach. */
  breached: ((sha1: string) => Promise<boolean>) | undefined
  policies: Record<LimitName, Policy> &
    Record<
      | 'signInPair'
      | 'refresh'
      | 'recoveryMail'
      | 'inviter'
      | 'inviting'
      | 'invitingUnproven'
      | 'invited'
      | 'domainAdded'
      | 'domainVerified',
      Policy
    >
  close: () => Promise<void>
}

/** Opens everything a running service needs on a migrated database. */
export async function openParts(config: Config, databaseUrl: string, log: FastifyBaseLogger): Promise<Parts> {
  const db = openDatabase(databaseOptions(config, databaseUrl, log))
  const replicas = (config.DATABASE_REPLICA_URLS ?? []).map((url) => databaseOptions(config, url, log))
  try {
    return await openOn(db, replicas, config)
  } catch (error) {
    await db.close()
    throw error
  }
}

// Far more than anybody has.
const mostClients = 1000

async function openOn(db: Database, replicaOptions: DatabaseOptions[], config: Config): Promise<Parts> {
  await requireKeys(db, config.keys)
  const breached = config.BREACHED_PASSWORDS_FILE ? await openBreachedPasswords(config.BREACHED_PASSWORDS_FILE) : undefined
  const signing = await openSigningKeys(db, config.keys, config.publicUrl, config.ACCESS_TOKEN_SECONDS)
  const size = config.FACT_CACHE_ENTRIES
  const changes = size > 0 ? followChanges(db) : unheard
  const facts = openKnownFacts(changes, size)
  const clients: KnownClients = openMemory(changes, Math.min(size, mostClients))
  const replicas =
    replicaOptions.length > 0
      ? openReplicas(
          db.pipeline,
          replicaOptions.map((options) => connectionOptions(options, 'replica')),
          replicaOptions[0]!.onConnectionError
        )
      : noReplicas
  return {
    config,
    db,
    changes,
    facts,
    replicas,
    signing,
    passwords: passwordHasher(config),
    dns: openDns(config),
    limits: rateLimits(db.pipeline, config.keys),
    policies: ratePolicies(config),
    authenticate: authenticator(db, signing, config.keys, clients),
    knownService: knownServices(signing, clients),
    authenticateWithAccount: accountAuthenticator(db, signing),
    authenticateClosing: closingAuthenticator(db, signing),
    breached: breached?.includesHash,
    async close() {
      signing.close()
      await Promise.allSettled([changes.close(), replicas.close(), db.close(), breached?.close()])
    }
  }
}

function openDns({ DNS_SERVERS }: Config): Dns {
  try {
    return dnsResolver({ servers: DNS_SERVERS })
  } catch {
    throw new ConfigError(['DNS_SERVERS must be IP addresses, each with an optional port'])
  }
}

/** A key that was taken out of the configuration while something is still made with it stops the start: nothing could be done with that. */
async function requireKeys(db: Database, keys: Keyring): Promise<void> {
  const used = await rows<{ id: string }>(
    db.query,
    sql`select pepper_id as id from accounts group by 1 union select key_id from second_factors group by 1
      union select key_id from signing_keys union select key_id from mail_tokens where used_at is null and expires_at > now()
      union select key_id from invitations where status = 'pending' group by 1 union select key_id from silenced_addresses group by 1
      union ${evidenceKeyIds}`
  )
  const missing = used.map(({ id }) => id).filter((id) => !keys.ids.includes(id))
  if (missing.length > 0)
    throw new ConfigError(missing.map((id) => `SECRET_KEYS lacks the key ${id}, which passwords or secrets still need`))
}
