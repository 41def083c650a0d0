import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { generateKey } from '../keyring.ts'
import type { EmbeddedPostgres } from './embedded.ts'

interface LocalSecrets {
  /** For SECRET_KEYS. */
  keys: string
  ownerPassword: string
  servicePassword: string
}

/** Secrets of an installation with the embedded database: made once, kept beside the data, readable by the owner only. */
export function localSecrets(dataDir: string): LocalSecrets {
  const file = join(dataDir, 'secrets.json')
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true })
    const made: LocalSecrets = {
      keys: generateKey('local'),
      ownerPassword: randomBytes(24).toString('hex'),
      servicePassword: randomBytes(24).toString('hex')
    }
    const fresh = `${file}.${process.pid}`
    writeFileSync(fresh, JSON.stringify(made), { mode: 0o600, flag: 'wx' })
    // A link, not a rename: of two processes at once the first one's secrets stay.
    try {
      linkSync(fresh, file)
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error
    }
    rmSync(fresh)
  }
  chmodSync(file, 0o600)
  return JSON.parse(readFileSync(file, 'utf8')) as LocalSecrets
}

// Any number will do, as long as every process takes the same.
const lockNumber = 7_120_412

export interface LocalDatabase {
  ownerUrl: string
  serviceUrl: string
}

/**
 * The database of the embedded server, with the two roles that production has too: one owns the tables, the other serves requests and
 * may not do more. Made where they are missing. Processes that come at once take turns: Postgres refuses two changes of a role at once.
 */
export async function prepareLocalDatabase(server: EmbeddedPostgres, dataDir: string, database = 'guildhall'): Promise<LocalDatabase> {
  const { ownerPassword, servicePassword } = localSecrets(dataDir)
  const client = new pg.Client({ connectionString: server.url() })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [lockNumber])
    for (const [role, password] of [
      ['guildhall_owner', ownerPassword],
      ['guildhall_service', servicePassword]
    ] as const) {
      const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role])
      await client.query(`${rowCount ? 'alter' : 'create'} role ${role} login password ${pg.escapeLiteral(password)}`)
    }
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database])
    if (!rowCount) await client.query(`create database ${pg.escapeIdentifier(database)} owner guildhall_owner`)
  } finally {
    await client.end()
  }
  return {
    ownerUrl: server.url({ role: 'guildhall_owner', password: ownerPassword, database }),
    serviceUrl: server.url({ role: 'guildhall_service', password: servicePassword, database })
  }
}
