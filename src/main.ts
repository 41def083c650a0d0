import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { type Config, ConfigError, readConfig } from './config.ts'
import { databaseFaults } from './db/checks.ts'
import { loggable } from './db/errors.ts'
import { localSecrets } from './db/local.ts'
import { migrateDatabase } from './db/migrate.ts'
import { demoToken, seedDemo } from './dev/seed.ts'
import { welcome } from './dev/welcome.ts'
import { makeLogger } from './log.ts'
import { type Service, startService, withKnownPort } from './service.ts'

/** The process: configuration → database → service → listening → graceful stop. */
async function main(): Promise<void> {
  const config = await withKnownPort(await readWholeConfig())
  const log = makeLogger(config)
  const running: { service?: Service; stopDatabase?: () => Promise<void> } = {}
  stopOnSignals(config, log, async () => {
    await running.service?.stop()
    await running.stopDatabase?.()
  })
  process.on('unhandledRejection', (error) => log.error({ failure: loggable(error) }, 'unhandled rejection'))

  if (config.mode === 'production') {
    const url = config.DATABASE_URL!
    if (config.MIGRATE_ON_START) await migrateDatabase(config.DATABASE_MIGRATION_URL!, url)
    const faults = await databaseFaults(url)
    if (faults.length > 0) throw new ConfigError(faults)
    running.service = await startService(config, url, log)
    log.info({ url: config.publicUrl, port: config.PORT, metricsPort: running.service.metricsPort }, 'Guildhall is listening')
    return
  }

  const { startEmbeddedPostgres } = await import('./db/embedded.ts')
  const { prepareLocalDatabase } = await import('./db/local.ts')
  const directory = resolve(config.DATA_DIR)
  mkdirSync(directory, { recursive: true })
  const server = await startEmbeddedPostgres({ directory, log: (line) => log.info(line) })
  running.stopDatabase = () => server.stop()
  server.onExit((how) => log.error({ how }, 'the embedded Postgres ended; restart Guildhall'))
  const { ownerUrl, serviceUrl } = await prepareLocalDatabase(server, directory)
  await migrateDatabase(ownerUrl, serviceUrl)
  running.service = await startService(config, serviceUrl, log)
  const demo = await seedDemo(running.service.parts)
  const { parts } = running.service
  process.stdout.write(welcome(running.service, demo && { ...demo, token: await demoToken(parts, demo) }))
}

/** The configuration. What is wrong with it and with the database is told together, so that nobody mends one fault a start. */
async function readWholeConfig(): Promise<Config> {
  try {
    return readConfig(process.env, (dataDir) => localSecrets(dataDir).keys)
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall) throw new ConfigError([`DATA_DIR cannot be used (${code}): name another folder, or set DATABASE_URL`])
    const url = process.env.DATABASE_URL?.trim()
    if (!(error instanceof ConfigError) || !url || error.faults.some((fault) => fault.startsWith('DATABASE_URL'))) throw error
    throw new ConfigError([...error.faults, ...(await databaseFaults(url))])
  }
}

// Ctrl-C reaches a program twice where npm passes on what the terminal has sent to both.
const sameSignalMs = 500

/** SIGTERM and SIGINT: no new requests, the running ones finish, then the end; a second signal or too long a wait ends at once. */
function stopOnSignals(config: Config, log: Logger, stop: () => Promise<void>): void {
  let stopping: number | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping !== undefined) {
      if (performance.now() - stopping > sameSignalMs) process.exit(1)
      return
    }
    stopping = performance.now()
    log.info({ signal }, 'stopping')
    setTimeout(() => {
      log.error('the stop took too long')
      process.exit(1)
    }, config.SHUTDOWN_SECONDS * 1000).unref()
    stop().then(
      () => log.flush(() => process.exit(0)),
      (error: unknown) => {
        log.error({ failure: loggable(error) }, 'the stop failed')
        process.exit(1)
      }
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}

main().catch((error: unknown) => {
  // Before there is a log, or because of what it would need: plain words for whoever started it.
  const { code, port } = error as { code?: string; port?: number }
  if (code === 'EADDRINUSE' && port !== undefined)
    process.stderr.write(`Port ${port} is taken: set PORT to another one, or to 0 for any that is free.\n`)
  else process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  if (!(error instanceof ConfigError) && error instanceof Error && process.env.LOG_LEVEL === 'debug')
    process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
