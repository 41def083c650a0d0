import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Actor, ActorOf, Origin, Principal } from '../actor.ts'
import type { Config } from '../config.ts'
import type { Changes } from '../db/changes.ts'
import type { Db } from '../db/database.ts'
import type { ProblemCode } from '../problems.ts'
import { type Soon, tell } from '../soon.ts'
import { admit, principalKey } from './admission.ts'
import { consistencyToken, touchedVersions, type Versions } from './consistency.ts'
import { etag, requireIfMatch } from './etags.ts'
import { type Answer, idempotency, Replay, readIdempotencyKey } from './idempotency.ts'
import type { Policy, RateLimits } from './rate-limits.ts'
import { bodyLimitOf, hasStream, longestStreamMs } from './route-facts.ts'
import { replySchemas, send } from './route-replies.ts'
import { singleParameters, validate } from './validation.ts'

/** Who may call a route. A route without a rule does not start. */
export type Access =
  | { kind: 'anonymous' }
  /** Anybody; with a bearer token it is that person, found in the route's own way where it has one. */
  | { kind: 'visitor'; authenticate?: (token: string, atLeast: Versions | undefined) => Promise<Principal & { kind: 'account' }> }
  /** `authenticate` finds the person in the route's own way, to read in one look what the route is about to show. */
  | { kind: 'account'; authenticate?: (token: string, atLeast: Versions | undefined) => Promise<Principal & { kind: 'account' }> }
  /** Somebody whom it concerns, or an operator; found in the route's own way. */
  | { kind: 'party'; authenticate: (token: string, atLeast: Versions | undefined) => Promise<Principal & { kind: 'account' | 'operator' }> }
  | { kind: 'operator' }
  | { kind: 'service'; scope: string }
  /** A service with the scope, or a person, also through somebody who acts for them: for what services ask about anybody, and people about themselves. */
  | { kind: 'asker'; scope: string }

export const anonymous = { kind: 'anonymous' } as const
export const visitor = { kind: 'visitor' } as const
export const account = { kind: 'account' } as const
export const operator = { kind: 'operator' } as const
export const service = <Scope extends string>(scope: Scope) => ({ kind: 'service', scope }) as const
export const asker = <Scope extends string>(scope: Scope) => ({ kind: 'asker', scope }) as const

/** One answer a route can give when all goes well. */
export interface ReplySpec {
  description: string
  schema?: z.ZodType
  /** A real answer, shown in the documentation. */
  example?: unknown
  headers?: Record<string, string>
  /** The same as Server-Sent Events, for who accepts them: a real beginning. Its body is a stream of them. */
  eventStream?: string
}

/** Who calls, with what the access's own `authenticate` found. */
type CallerOf<A extends Access> = A extends { kind: 'account' | 'party'; authenticate: (...given: never[]) => Promise<infer Found> }
  ? Found & Origin
  : ActorOf<A['kind'] extends keyof Several ? Several[A['kind']] : Exclude<A['kind'], keyof Several | 'party'>>

/** Kinds of access that more than one kind of caller has. */
interface Several {
  visitor: 'anonymous' | 'account'
  asker: 'account' | 'service'
}

/** What a handler is given: input that was checked, the caller, and the database as this request may use it. */
export interface Call<A extends Access, P, Q, B> {
  actor: CallerOf<A>
  params: P
  query: Q
  body: B
  /** Keeps the answer for a retry under the same Idempotency-Key, and undoes everything in a dry run. */
  db: Db
  /** The version that `If-Match` names; only where the route asks for it. */
  ifMatch: number
  dryRun: boolean
  /** State that must not be older. */
  atLeast: Versions | undefined
  request: FastifyRequest
}

export interface Outcome extends Answer {
  /** The version, or a digest, that becomes the ETag. */
  version?: number | string
}

export interface RouteSpec<
  A extends Access = Access,
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R = unknown
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  /** The service function that does the work. */
  operationId: string
  tag: string
  summary: string
  /** What it promises and when it refuses. */
  description: string
  access: A
  /** Limits that count before the body is read; the default is one for reads and one for changes. `none` for what machines poll. */
  limits?: LimitName[] | 'none'
  params?: P
  query?: Q
  body?: B
  /** Follows a standard that answers 400 to other media types. */
  lenient?: boolean
  /** Media types of the body. A table reaches the schema as `{ csv: text }`. */
  consumes?: MediaType[]
  /** Most bytes of the body. The default is 16 KiB for anonymous callers and 64 KiB for others. */
  bodyLimit?: number
  replies: Record<number, ReplySpec>
  /** Problems beside those that follow from access, body and conditions. */
  problems?: ProblemCode[]
  /** Takes an Idempotency-Key, and keeps the answer so many seconds. */
  idempotent?: number
  /** What a retry must prove beside the body, e.g. a cookie. */
  credential?: (request: FastifyRequest) => string | undefined
  /** Needs `If-Match`. */
  conditional?: boolean
  /** Takes `?dryRun=true`. */
  dryRun?: boolean
  /** Asks the database a few single statements at most: each has a time-out of its own, and that is enough. */
  brief?: boolean
  /** An example of the body, shown in the documentation and sent by a test. */
  example?: unknown
  handle: (call: Call<A, z.output<P>, z.output<Q>, z.output<B>>) => Promise<R>
  reply: (result: R, call: Call<A, z.output<P>, z.output<Q>, z.output<B>>) => Outcome
}

export type MediaType = 'application/json' | 'application/x-www-form-urlencoded' | 'multipart/form-data' | 'text/csv'

export type LimitName =
  | 'anonymous'
  | 'read'
  | 'write'
  | 'service'
  | 'sign-in'
  | 'register'
  | 'recovery'
  | 'token'
  | 'client-token'
  | 'refresh-address'
  | 'found'
  | 'export'

export interface HttpParts {
  config: Config
  db: Db
  limits: Pick<RateLimits, 'use' | 'require'>
  policies: Record<LimitName, Policy>
  /** Told what a write has touched, as soon as it has. */
  changes: Pick<Changes, 'forget'>
  /** Turns a bearer token into its principal, still live. @throws not_signed_in */
  authenticate: (token: string, kind: Principal['kind'] | 'asker', atLeast: Versions | undefined) => Soon<Principal>
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every operation that was registered, for the documentation and the tests. */
    operations: RouteSpec[]
  }
  interface FastifyContextConfig {
    spec?: RouteSpec
    /** For the few routes that are no operations: documentation, health, pages. */
    open?: true
  }
  interface FastifyRequest {
    actor: Actor
    /** The client address as rate limits count it. */
    clientBlock: string
    atLeast: Versions | undefined
  }
}

/** How long answers are kept for retries, in seconds. */
export const keepADay = 86_400

const dryRunQuery = {
  dryRun: z.enum(['true', 'false']).optional().meta({ description: '`true` answers the effects and changes nothing.' })
}

/** Ends a dry run: carries the result out of the transaction that it undoes. */
class Undo extends Error {
  readonly result: unknown
  constructor(result: unknown) {
    super('dry run')
    this.result = result
  }
}

/** Adds an operation: its path, its rules, its documentation and its handler in one place. */
export function addRoute<
  A extends Access,
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R = unknown
>(app: FastifyInstance, parts: HttpParts, given: RouteSpec<A, P, Q, B, R>): void {
  if (!given.access) throw new Error(`${given.method} ${given.path} has no access rule`)
  const query = (given.query ?? z.strictObject({})) as unknown as z.ZodObject
  const spec = { ...given, query: given.dryRun ? query.extend(dryRunQuery) : query } as unknown as RouteSpec
  app.operations.push(spec)
  const isWrite = spec.method !== 'GET'

  app.route({
    method: spec.method,
    url: spec.path,
    config: { spec },
    bodyLimit: bodyLimitOf(spec),
    ...(hasStream(spec) ? { handlerTimeout: longestStreamMs } : {}),
    schema: { response: replySchemas(spec) },
    onRequest: (request, reply, done) => tell(admit(parts, spec, request, reply), done),
    async handler(request, reply) {
      const query = validate(spec.query!, singleParameters(request.query), '') as Record<string, unknown>
      const call = {
        actor: request.actor,
        params: spec.params ? validate(spec.params, request.params, '') : undefined,
        query,
        body: spec.body ? validate(spec.body, request.body, '') : undefined,
        ifMatch: spec.conditional ? requireIfMatch(request.headers['if-match']) : 0,
        dryRun: query.dryRun === 'true',
        atLeast: request.atLeast,
        request,
        db: parts.db
      } as Call<Access, unknown, unknown, unknown>

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
        const outcome = spec.reply(result, call)
        const tag = outcome.version === undefined ? {} : { etag: etag(outcome.version) }
        const token =
          versions.touched && request.actor.kind !== 'anonymous'
            ? { 'consistency-token': consistencyToken(parts.config.keys, versions.touched) }
            : {}
        return { ...outcome, headers: { ...outcome.headers, ...tag, ...token } }
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
        return send(reply, spec, answerOf(result), isWrite)
      } catch (error) {
        if (!(error instanceof Replay)) throw error
        return send(reply, spec, { ...error.answer, headers: { ...error.answer.headers, 'idempotency-replayed': 'true' } }, isWrite)
      }
    }
  })
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
