import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { actorId } from '../actor.ts'

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

/** The logger of one request, which names it in every line. Most requests have nothing to say, so it is made with the first of them. */
export function requestLogger(logger: FastifyBaseLogger, bindings: object): FastifyBaseLogger {
  return Object.assign(Object.create(speaking) as FastifyBaseLogger & Unspoken, { logger, bindings, level: logger.level })
}

interface Unspoken {
  logger: FastifyBaseLogger
  bindings: object
  made?: FastifyBaseLogger
}

const made = (unspoken: Unspoken): FastifyBaseLogger => (unspoken.made ??= unspoken.logger.child(unspoken.bindings))

const speaking = {
  ...Object.fromEntries(
    levels.map((level) => [
      level,
      function (this: Unspoken, ...said: unknown[]) {
        ;(made(this)[level] as (...said: unknown[]) => void)(...said)
      }
    ])
  ),
  silent(): void {},
  child(this: Unspoken, ...given: Parameters<FastifyBaseLogger['child']>) {
    return made(this).child(...given)
  }
}

/** One line for each request, when its answer has gone out: by its route pattern, never by its address, which may hold people's data. */
export function logRequests(app: FastifyInstance, log: FastifyBaseLogger): void {
  // Nothing in such a line needs to be left out, and to look for it costs more than all the rest.
  const lines = log.child({}, { formatters: { log: (line) => line } })
  app.addHook('onResponse', (request, reply, done) => {
    const { id, actor, method, spec } = request
    const ms = Math.round(reply.elapsedTime * 10) / 10
    const { kind } = actor
    lines.info(
      {
        reqId: id,
        method,
        route: spec?.path ?? request.routeOptions.url,
        status: reply.statusCode,
        ms,
        actor: kind,
        actorId: actorId(actor) ?? undefined
      },
      'request'
    )
    done()
  })
}
