import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import pino, { type Logger } from 'pino'
import { actorId, type Principal } from '../actor.ts'
import { isoTime } from '../log.ts'

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

/** A request that was answered. */
export interface AnsweredRequest {
  id: string
  method: string
  /** The pattern of its path, never the path itself, which may hold people's data; undefined where no route is meant. */
  route: string | undefined
  status: number
  /** Until the answer was given away. */
  ms: number
  actor: Principal
  /** An answer that went on as long as its reader liked. */
  streamed?: boolean
}

/** Tells all observers of what the framework answers. */
export function observeAnswers(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { id, actor, method, spec } = request
    const route = spec?.path ?? request.routeOptions.url
    const streamed = reply.getHeader('content-type') === 'text/event-stream'
    const answered = { id, actor, method, route, status: reply.statusCode, ms: reply.elapsedTime, streamed }
    for (const observe of app.observers) observe(answered)
    done()
  })
}

/** Where a logger of pino writes its lines to. */
interface Lines {
  [pino.symbols.streamSym]?: { write: (line: string) => void }
}

/**
 * One line for each request, like any other of the logger. It is put together here, which takes less time than the logger does: there is nothing in it to
 * be left out or escaped, for ids, patterns and numbers are all that it holds.
 */
export function logRequests(app: FastifyInstance, log: FastifyBaseLogger): void {
  const logger = log as Logger & Lines
  const stream = logger[pino.symbols.streamSym]
  if (!stream) throw new Error('requests are logged by pino only')
  app.observers.push(({ id, method, route, status, ms, actor }) => {
    if (!logger.isLevelEnabled('info')) return
    const who = actorId(actor)
    const where = route === undefined ? '' : `,"route":"${route}"`
    stream.write(
      `{"level":"info"${isoTime()},"reqId":"${id}","method":"${method}"${where},"status":${status},"ms":${Math.round(ms * 10) / 10},"actor":"${actor.kind}"${who === null ? '' : `,"actorId":"${who}"`},"msg":"request"}\n`
    )
  })
}
