import cors from '@fastify/cors'
import type { FastifyInstance, FastifyReply } from 'fastify'

const exposed = [
  'ETag',
  'Link',
  'Consistency-Token',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-ID',
  'Idempotency-Replayed'
]
const shared = { 'access-control-allow-credentials': 'true', 'access-control-expose-headers': exposed.join(', ') }

/** Lets a page of one of these origins read an answer. The plugin could say it as well, but takes its time with every request of who is no browser. */
export function shareWith(origin: string, origins: readonly string[], reply: FastifyReply): void {
  if (origins.includes(origin)) reply.headers(shared).header('access-control-allow-origin', origin)
}

/** Tells the pages of these origins what they may send. */
export function answerPreflights(app: FastifyInstance, origins: string[]): void {
  // In a scope of its own: its hook is for the preflights only.
  app.register((preflights, _options, done) => {
    preflights.register(cors, {
      origin: origins,
      credentials: true,
      // What is no preflight gets the empty answer too, not a text of the plugin's own.
      strictPreflight: false,
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: exposed,
      maxAge: 600
    })
    done()
  })
}
