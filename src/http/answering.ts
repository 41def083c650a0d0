import type { FastifyReply, FastifyRequest } from 'fastify'
import { principalKey } from './admission.ts'
import { consistencyToken, touchedVersions, type Versions } from './consistency.ts'
import { etag } from './etags.ts'
import { type Answer, idempotency, Replay, readIdempotencyKey } from './idempotency.ts'
import type { AnyCall, HttpParts, Outcome, RouteSpec } from './route.ts'
import { send } from './route-replies.ts'

/** Answers a call that only asks: nothing is kept for retries, and an answer that is there at once goes out at once. */
export function answerQuestion(spec: RouteSpec, call: AnyCall, reply: FastifyReply): Promise<FastifyReply> | undefined {
  const result = spec.handle(call)
  if (result instanceof Promise) return result.then((late) => send(reply, spec, tagged(spec.reply(late, call))))
  send(reply, spec, tagged(spec.reply(result, call)))
  return undefined
}

const tagged = (outcome: Outcome): Outcome =>
  outcome.version === undefined ? outcome : { ...outcome, headers: { ...outcome.headers, etag: etag(outcome.version) } }

/** Ends a dry run: carries the result out of the transaction that it undoes. */
class Undo extends Error {
  readonly result: unknown
  constructor(result: unknown) {
    super('dry run')
    this.result = result
  }
}

/**
 * Answers a call that may change something: a retry under the same Idempotency-Key gets the answer of the first, a dry run is undone, and a change tells which
 * versions it made.
 */
export async function answerCall(parts: HttpParts, spec: RouteSpec, call: AnyCall, reply: FastifyReply): Promise<FastifyReply> {
  const { request } = call
  const key = spec.idempotent && !call.dryRun ? readIdempotencyKey(header(request, 'idempotency-key')) : undefined
  const record =
    key &&
    idempotency(parts.config.keys, {
      key,
      caller: callerOf(request, spec),
      method: spec.method,
      path: request.url,
      body: request.body,
      seconds: spec.idempotent!
    })
  const versions: { touched?: Versions | undefined } = {}
  let committed = false
  const answerOf = (result: unknown): Outcome => {
    const outcome = tagged(spec.reply(result, call))
    const token =
      versions.touched && request.actor.kind !== 'anonymous'
        ? { 'consistency-token': consistencyToken(parts.config.keys, versions.touched) }
        : {}
    return { ...outcome, headers: { ...outcome.headers, ...token } }
  }

  call.db = {
    query: parts.db.query,
    pipeline: parts.db.pipeline,
    async transaction(work) {
      // The answer is kept with the effect: a second transaction would have none to be kept with.
      if (committed) throw new Error(`${spec.operationId} opened a second transaction on the database of its request`)
      try {
        const result = await parts.db.transaction(async (tx) => {
          const run = async () => {
            const result = await work(tx)
            versions.touched = touchedVersions(tx)
            return result
          }
          const result = record ? await record.once(tx, run, (result) => kept(answerOf(result))) : await run()
          if (call.dryRun) throw new Undo(result)
          return result
        })
        committed = true
        if (versions.touched) parts.changes.forget(versions.touched.keys())
        return result
      } catch (error) {
        // No token for a version that never came to be.
        versions.touched = undefined
        if (error instanceof Undo) return error.result as never
        throw error
      }
    }
  }

  try {
    const known = record && (await record.find(parts.db.query))
    if (known) throw new Replay(known)
    const result = await spec.handle(call)
    return send(reply, spec, answerOf(result))
  } catch (error) {
    if (!(error instanceof Replay)) throw error
    return send(reply, spec, { ...error.answer, headers: { ...error.answer.headers, 'idempotency-replayed': 'true' } })
  }
}

const kept = ({ version, ...answer }: Outcome): Answer => answer

function callerOf(request: FastifyRequest, spec: RouteSpec): string {
  if (request.actor.kind !== 'anonymous') return principalKey(request.actor)
  return `anonymous:${JSON.stringify(request.body ?? null)}:${spec.credential?.(request) ?? ''}`
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}
