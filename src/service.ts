import { type AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { buildApp } from './app.ts'
import { type Config, withPublicUrl } from './config.ts'
import { loggable } from './db/errors.ts'
import { startWorker, type Worker } from './jobs/worker.ts'
import { folderMailer, type Mailer, smtpMailer } from './mail/mailer.ts'
import { startMetrics } from './metrics.ts'
import { openParts, type Parts } from './parts.ts'
import { requestMetrics } from './request-metrics.ts'
import { startTracing } from './tracing.ts'

export interface Service {
  config: Config
  parts: Parts
  app: FastifyInstance
  /** Port of `/metrics`; undefined where it could not be had. */
  metricsPort: number | undefined
  /** Stops listening, finishes what runs, and closes everything; safe to call twice. */
  stop: () => Promise<void>
}

/** Folder of the development mailbox, where mails are kept instead of sent. */
export const mailboxFolder = (config: Config): string | undefined =>
  config.mode === 'embedded' && !config.SMTP_URL ? join(config.DATA_DIR, 'mail') : undefined

export function openMailer(config: Config): Mailer {
  const folder = mailboxFolder(config)
  return folder ? folderMailer({ folder, from: config.MAIL_FROM }) : smtpMailer({ url: config.SMTP_URL!, from: config.MAIL_FROM })
}

/** Starts the service on a migrated database: API, metrics, worker. */
export async function startService(config: Config, databaseUrl: string, log: FastifyBaseLogger): Promise<Service> {
  const tracing = await startTracing(config)
  const registry = new Registry()
  const parts = await openParts(config, databaseUrl, log)
  const mailer = openMailer(config)
  const app = await buildApp(parts, {
    log,
    mailbox: mailboxFolder(config),
    plugins: [requestMetrics(registry), ...(tracing ? [tracing.plugin] : [])]
  })
  closeGently(app)
  // Spans are made by the framework.
  if (tracing) app.shortcuts.clear()
  await app.listen({ host: config.HOST, port: config.PORT })
  const metrics = await openMetrics(registry, parts, config, log)
  const worker: Worker | undefined = config.WORKER ? await startWorker(parts, databaseUrl, mailer, log) : undefined

  let stopping: Promise<void> | undefined
  async function stop(): Promise<void> {
    // In this order: no new requests and jobs, then what both use.
    await Promise.all([app.close(), worker?.stop()])
    await Promise.allSettled([metrics?.close(), tracing?.stop(config.SHUTDOWN_SECONDS * 200)])
    // A mail that is still on its way was given up by the worker; nobody waits for it.
    void mailer.close()
    await parts.close()
  }
  return {
    config,
    parts,
    app,
    metricsPort: (metrics?.server.address() as AddressInfo | undefined)?.port,
    stop: () => (stopping ??= stop())
  }
}

const longestFarewellMs = 1000

/**
 * Makes `app.close()` drop no request: no new connections, but those that clients keep stay open a moment longer, and each answer says
 * that it is the last on its connection. Closed at once, they would lose what their clients are just sending.
 */
function closeGently(app: FastifyInstance): void {
  let closing = false
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) reply.header('connection', 'close')
    done()
  })
  app.addHook('preClose', async () => {
    closing = true
    app.shortcuts.clear()
    // The HTTP server's own method would close idle connections as well.
    Server.prototype.close.call(app.server)
    for (const end = performance.now() + longestFarewellMs; performance.now() < end && (await connections(app)) > 0; ) await delay(20)
  })
}

const connections = (app: FastifyInstance): Promise<number> =>
  new Promise((resolve) => app.server.getConnections((error, count) => resolve(error ? 0 : count)))

async function openMetrics(registry: Registry, parts: Parts, config: Config, log: FastifyBaseLogger): Promise<FastifyInstance | undefined> {
  try {
    return await startMetrics(registry, parts, config.HOST, config.METRICS_PORT)
  } catch (error) {
    // Beside another project on a developer's machine the service is worth more than its metrics; in production they are watched.
    if (config.mode === 'production') throw error
    log.warn({ failure: loggable(error), port: config.METRICS_PORT }, 'metrics are off: the port is taken')
    return undefined
  }
}

/** The configuration with a port that is known before anything needs the public URL. */
export async function withKnownPort(config: Config): Promise<Config> {
  if (config.PORT !== 0) return config
  const { createServer } = await import('node:net')
  const port = await new Promise<number>((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, config.HOST, () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
  return withPublicUrl({ ...config, PORT: port }, port)
}
