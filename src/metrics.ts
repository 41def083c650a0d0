import { sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import Fastify from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client'
import { rows } from './db/database.ts'
import { feedLag } from './events/numbering.ts'
import type { Parts } from './parts.ts'

/** Counts every request by its route pattern, never by its address, which may hold people's data. */
export function requestMetrics(registry: Registry): (app: FastifyInstance) => void {
  const duration = new Histogram({
    name: 'guildhall_http_request_duration_seconds',
    help: 'Time from the request line to the end of the answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry]
  })
  // What the labels stand for is found once and not with each request. There are as many as routes have statuses.
  const known = new Map<string, Histogram.Internal<'method' | 'route' | 'status'>>()
  const observed = (method: string, route: string, status: number) => {
    const key = `${method} ${route} ${status}`
    let found = known.get(key)
    if (!found) {
      found = duration.labels({ method, route, status: String(status) })
      known.set(key, found)
    }
    return found
  }
  const aborted = new Counter({
    name: 'guildhall_http_requests_aborted_total',
    help: 'Requests whose client went away.',
    registers: [registry]
  })
  return (app) => {
    app.addHook('onResponse', (request, reply, done) => {
      // How long somebody listened says nothing about how fast we are.
      if (reply.getHeader('content-type') !== 'text/event-stream') {
        observed(request.method, request.routeOptions.url ?? 'unknown', reply.statusCode).observe(reply.elapsedTime / 1000)
      }
      done()
    })
    app.addHook('onRequestAbort', async (_request) => aborted.inc())
  }
}

/** Gauges that are read when they are asked for: pool, hash queue, outbox, feed. */
function partMetrics(registry: Registry, parts: Parts): void {
  const { pool } = parts.db
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      }
    })
  }
  gauge('guildhall_pool_connections', 'Open database connections for requests.', () => pool.totalCount)
  gauge('guildhall_pool_idle', 'Of these, idle ones.', () => pool.idleCount)
  gauge('guildhall_pool_waiting', 'Requests that wait for a connection.', () => pool.waitingCount)
  gauge('guildhall_hash_queue_waiting', 'Password hashes that wait for a core.', parts.passwords.waiting)
  gauge('guildhall_fact_cache_entries', 'Pairs of account and organization whose facts are kept.', parts.facts.pairs.size)
  gauge('guildhall_fact_cache_heard', '1 while changes are heard and the cache is used, 0 while it is bypassed.', () =>
    Number(parts.changes.heard())
  )
  new Counter({
    name: 'guildhall_fact_cache_total',
    help: 'What became of pairs of account and organization that were asked for, were checked by version, or were dropped for a change.',
    labelNames: ['event'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [event, count] of Object.entries(parts.facts.pairs.counts)) this.inc({ event }, count)
    }
  })
  // Both gauges are read at once, and tell the same moment.
  let reading: ReturnType<typeof readOutbox> | undefined
  const outbox = (): ReturnType<typeof readOutbox> =>
    (reading ??= readOutbox(parts).finally(() => {
      reading = undefined
    }))
  new Gauge({
    name: 'guildhall_outbox_mails',
    help: 'Mails that wait, and those given up.',
    labelNames: ['status'],
    registers: [registry],
    async collect() {
      const counts = await outbox()
      this.set({ status: 'waiting' }, counts?.waiting ?? Number.NaN)
      this.set({ status: 'parked' }, counts?.parked ?? Number.NaN)
    }
  })
  new Gauge({
    name: 'guildhall_outbox_lag_seconds',
    help: 'Age of the oldest mail that waits.',
    registers: [registry],
    async collect() {
      this.set((await outbox())?.lag ?? Number.NaN)
    }
  })
  new Gauge({
    name: 'guildhall_feed_lag_seconds',
    help: 'Age of the oldest event that has no place in the feed yet; without readers up to a minute.',
    registers: [registry],
    async collect() {
      this.set(await feedLag(parts.db).catch(() => Number.NaN))
    }
  })
}

async function readOutbox(parts: Parts): Promise<{ waiting: number; parked: number; lag: number } | undefined> {
  try {
    const [counts] = await rows<{ waiting: number; parked: number; lag: number }>(
      parts.db.query,
      sql`select (select count(*)::int from outbox where status = 'waiting') as waiting, (select count(*)::int from outbox where status = 'parked') as parked,
        (select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 from outbox where status = 'waiting') as lag`
    )
    return counts
  } catch {
    // Without a database there is nothing to tell; the other metrics still are.
    return undefined
  }
}

/** `/metrics` in the Prometheus format, on a port of its own, which is not for the world. */
export async function startMetrics(registry: Registry, parts: Parts, host: string, port: number): Promise<FastifyInstance> {
  collectDefaultMetrics({ register: registry })
  partMetrics(registry, parts)
  const app = Fastify()
  app.get('/metrics', async (_, reply) => reply.header('content-type', registry.contentType).send(await registry.metrics()))
  await app.listen({ host, port })
  return app
}
