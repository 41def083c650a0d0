import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { system } from './actor.ts'
import { verifyAudit } from './audit/verify.ts'
import {
  createOperator,
  createServiceClient,
  disableClient,
  dropOldSecrets,
  rotateClientSecret,
  type Scope,
  scopes
} from './clients/clients.ts'
import { clientName } from './clients/schemas.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { type Database, openDatabase } from './db/database.ts'
import { localSecrets, prepareLocalDatabase } from './db/local.ts'
import { migrateDatabase } from './db/migrate.ts'
import { databaseOptions } from './db/options.ts'
import { seedDemo } from './dev/seed.ts'
import { type EvidenceKey, listEvidenceKeys } from './identity/evidence-keys.ts'
import { gatherEvidence } from './identity/gathering.ts'
import { generateKey } from './keyring.ts'
import { makeLogger } from './log.ts'
import { openParts } from './parts.ts'
import { Problem } from './problems.ts'
import { rotateSigningKeys } from './sessions/signing-keys.ts'

// Checking a large audit takes its time.
const commandTimeoutMs = 3_600_000

const usage = `guildhall <command>

  migrate                                         bring the database to this version
  seed                                            fill an empty embedded database with the demo world
  service-client create --name N --scope S[,S]    make a client for an internal service; prints its secret once
  operator create --email E                       make an operator; prints the secret once
  client rotate-secret --id ID                    add a secret; the one before keeps working
  client drop-old-secret --id ID                  end the change-over: only the newest secret works
  client disable --id ID                          turn a service client or operator off, at once
  audit verify [--anchors FILE]                   check every audit row, chain and anchor
  keys rotate [--force]                           move the signing keys on: next → current → previous
  evidence keys                                   how much evidence is kept under which key, and what needs an old one
  evidence gather                                 keep as evidence what was proven before evidence was kept; again it adds nothing
  keys generate [--id ID]                         print a new entry for SECRET_KEYS

  --json     print one JSON object instead of text
  --help     print this

Scopes: ${scopes.join(', ')}

Configuration comes from the environment, as for the service. Without DATABASE_URL the embedded database in
DATA_DIR is used: the running one, or one that is started for the command.
`

class UsageError extends Error {}

interface Options {
  name?: string | undefined
  scope?: string[] | undefined
  email?: string | undefined
  id?: string | undefined
  anchors?: string | undefined
  force?: boolean | undefined
}

interface Context {
  config: Config
  options: Options
  serviceUrl: string
  ownerUrl: string
  db: Database
}

type Command = (context: Context) => Promise<Record<string, unknown>>

const commands: Record<string, Command> = {
  async migrate({ ownerUrl, serviceUrl }) {
    await migrateDatabase(ownerUrl, serviceUrl)
    return { migrated: true }
  },
  async seed({ config, serviceUrl }) {
    if (config.mode === 'production') throw new UsageError('The demo world is for the embedded database: everybody knows its passwords.')
    const parts = await openParts(config, serviceUrl, makeLogger({ LOG_LEVEL: 'error' }))
    try {
      return { seeded: (await seedDemo(parts)) !== undefined }
    } finally {
      await parts.close()
    }
  },
  async 'service-client create'({ db, options }) {
    if (!options.name) throw new UsageError('--name is missing')
    const name = clientName.safeParse(options.name)
    if (!name.success) throw new UsageError(`--name ${name.error.issues[0]?.message ?? 'is missing'}`)
    const asked = [...new Set((options.scope ?? []).flatMap((part) => part.split(',')))]
    const unknown = asked.filter((scope) => !scopes.includes(scope as Scope))
    if (asked.length === 0) throw new UsageError('--scope is missing')
    if (unknown.length > 0) throw new UsageError(`--scope ${unknown.join(', ')} is not known`)
    const { clientId, clientSecret } = await createServiceClient(db, system, { name: name.data, scopes: asked as Scope[] })
    return { clientId, clientSecret }
  },
  async 'operator create'({ db, options }) {
    if (!options.email) throw new UsageError('--email is missing')
    const { clientId, clientSecret } = await createOperator(db, system, options.email)
    return { clientId, clientSecret }
  },
  'client rotate-secret': async ({ db, options }) => ({ ...(await rotateClientSecret(db, system, requireId(options))) }),
  'client drop-old-secret': ({ db, options }) => dropOldSecrets(db, system, requireId(options)),
  'client disable': ({ db, options }) => disableClient(db, system, requireId(options)),
  async 'audit verify'({ db, options }) {
    const report = await verifyAudit(db, options.anchors)
    if (report.faults.length > 0) process.exitCode = 1
    return { ...report, ok: report.faults.length === 0 }
  },
  async 'evidence keys'({ db, config }) {
    const keys = await listEvidenceKeys(db, config.keys.currentId)
    const line = ({ keyId, accounts, onlyHere }: EvidenceKey): string =>
      `${keyId}: ${accounts} accounts, ${onlyHere} pieces under this key alone${keyId === config.keys.currentId ? ' (current)' : ''}`
    return { current: config.keys.currentId, keys: keys.map(line) }
  },
  'evidence gather': ({ db, config }) => gatherEvidence(db, config.keys).then((done) => ({ ...done })),
  'keys rotate': async ({ db, config, options }) => ({ ...(await rotateSigningKeys(db, system, config.keys, options.force ?? false)) })
}

function requireId({ id }: Options): string {
  if (!id) throw new UsageError('--id is missing')
  return id
}

/** Finds the database, and starts the embedded one only where no running service has it. */
async function withDatabase<T>(config: Config, work: (urls: { ownerUrl: string; serviceUrl: string }) => Promise<T>): Promise<T> {
  if (config.mode === 'production')
    return work({ serviceUrl: config.DATABASE_URL!, ownerUrl: config.DATABASE_MIGRATION_URL ?? config.DATABASE_URL! })
  const { findEmbeddedPostgres, startEmbeddedPostgres } = await import('./db/embedded.ts')
  const directory = resolve(config.DATA_DIR)
  const running = await findEmbeddedPostgres(directory)
  const server = running ?? (await startEmbeddedPostgres({ directory }))
  try {
    const urls = await prepareLocalDatabase(server, directory)
    if (!running) await migrateDatabase(urls.ownerUrl, urls.serviceUrl)
    return await work(urls)
  } finally {
    if (!running) await server.stop()
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      name: { type: 'string' },
      scope: { type: 'string', multiple: true },
      email: { type: 'string' },
      id: { type: 'string' },
      anchors: { type: 'string' },
      force: { type: 'boolean' }
    }
  })
  const name = positionals.join(' ')
  if (values.help || name === '') {
    process.stdout.write(usage)
    return
  }
  if (name === 'keys generate') {
    const entry = generateKey(values.id ?? new Date().toISOString().slice(0, 7))
    print(values.json ?? false, { entry })
    return
  }
  const command = commands[name]
  if (!command) throw new UsageError(`There is no command "${name}".`)
  const config = readConfig(process.env, (dataDir) => localSecrets(dataDir).keys)
  await withDatabase(config, async (urls) => {
    const db = openDatabase({
      ...databaseOptions(config, urls.serviceUrl, { warn: () => undefined } as never),
      statementTimeoutMs: commandTimeoutMs
    })
    try {
      print(values.json ?? false, await command({ config, options: values, ...urls, db }))
    } finally {
      await db.close()
    }
  })
}

function print(json: boolean, result: Record<string, unknown>): void {
  const text = json
    ? JSON.stringify(result)
    : Object.entries(result)
        .map(
          ([name, value]) =>
            `${name}: ${Array.isArray(value) ? (value.length === 0 ? 'none' : `\n  ${value.join('\n  ')}`) : String(value)}`
        )
        .join('\n')
  process.stdout.write(`${text}\n`)
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS'))
    process.stderr.write(`${message}\n\n${usage}`)
  else if (error instanceof Problem) process.stderr.write(`${error.code}: ${message}${error.options.detail ? '' : `. ${error.help}`}\n`)
  else process.stderr.write(`${error instanceof ConfigError || process.env.LOG_LEVEL !== 'debug' ? message : (error as Error).stack}\n`)
  process.exitCode = 1
})
