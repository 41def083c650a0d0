import type { FastifyInstance } from 'fastify'

/**
 * Liveness says that the process answers and asks nobody else, so that a database that is down restarts no instance. Readiness says
 * that requests can be served: it asks the database, and is 503 while the service stops.
 */
export function healthRoutes(app: FastifyInstance, isReady: () => Promise<boolean>): void {
  let stopping = false
  app.addHook('preClose', async () => {
    stopping = true
  })
  app.get('/health/live', { config: { open: true } }, async () => ({ status: 'live' }))
  app.get('/health/ready', { config: { open: true } }, async (_, reply) => {
    const ready = !stopping && (await isReady().catch(() => false))
    return ready
      ? { status: 'ready' }
      : reply
          .status(503)
          .header('retry-after', '2')
          .send({ status: stopping ? 'stopping' : 'unavailable' })
  })
}
