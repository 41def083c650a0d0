import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Actor, ActorOf, Origin, Principal } from '../actor.ts'
import type { Config } from '../config.ts'
import type { Changes } from '../db/changes.ts'
import type { Db } from '../db/database.ts'
import type { ProblemCode } from '../problems.ts'
import { type Soon, tell } from '../soon.ts'
import { admit } from './admission.ts'
import { answerCall, answerQuestion } from './answering.ts'
import type { Versions } from './consistency.ts'
import { requireIfMatch } from './etags.ts'
import type { Answer } from './idempotency.ts'
import type { Policy, RateLimits } from './rate-limits.ts'
import type { AnsweredRequest } from './request-log.ts'
import { bodyLimitOf, hasStream, longestStreamMs } from './route-facts.ts'
import { replySchemas } from './route-replies.ts'
import { type Shortcut, shortcutOf } from './shortcuts.ts'
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
  /** What it is written by, where the schema is a choice that the writer would have to try out each time. */
  writes?: z.ZodType
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
  headers: IncomingHttpHeaders
  request: FastifyRequest
}

export type AnyCall = Call<Access, unknown, unknown, unknown>

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
  /**
   * Services ask it so often that they are answered before the framework, where nothing stands in the way (shortcuts.ts): whether such a body may be. Its
   * handler does without `request`, and its reply is a 200 without headers of its own.
   */
  shortcut?: (body: z.output<B>) => boolean
  /** An example of the body, shown in the documentation and sent by a test. */
  example?: unknown
  handle: (call: Call<A, z.output<P>, z.output<Q>, z.output<B>>) => Soon<R>
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
  limits: Pick<RateLimits, 'use' | 'require' | 'useReserved' | 'undo'>
  policies: Record<LimitName, Policy>
  /** Told what a write has touched, as soon as it has. */
  changes: Pick<Changes, 'forget'>
  /** Turns a bearer token into its principal, still live. @throws not_signed_in */
  authenticate: (token: string, kind: Principal['kind'] | 'asker', atLeast: Versions | undefined) => Soon<Principal>
  /** The service behind a token, where that is known already. */
  knownService: (token: string) => Extract<Principal, { kind: 'service' }> | undefined
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every operation that was registered, for the documentation and the tests. */
    operations: RouteSpec[]
    /** By their paths. */
    shortcuts: Map<string, Shortcut>
    /** Told of each request that was answered: logs, metrics. */
    observers: Array<(answered: AnsweredRequest) => void>
    /** Writes an answer as its schema says. */
    writerOf: (type: z.ZodType) => (data: unknown) => string
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
    /** The operation that is asked for, whether its caller is let in or not; undefined where a request was refused before, or none is meant. */
    spec: RouteSpec | undefined
  }
}

/** How long answers are kept for retries, in seconds. */
export const keepADay = 86_400

const dryRunQuery = {
  dryRun: z.enum(['true', 'false']).optional().meta({ description: '`true` answers the effects and changes nothing.' })
}

const noQuery = Object.freeze({})

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
  if (spec.shortcut) app.shortcuts.set(spec.path, shortcutOf(app, parts, spec))
  const takesNoQuery = !given.query && !given.dryRun
  const queryOf = (given: object): { dryRun?: unknown } =>
    takesNoQuery && Object.keys(given).length === 0 ? noQuery : (validate(spec.query!, singleParameters(given), '') as object)
  // Whatever the method: such a route changes nothing.
  const isQuestion = spec.access.kind === 'asker' && !spec.idempotent

  app.route({
    method: spec.method,
    url: spec.path,
    config: { spec },
    bodyLimit: bodyLimitOf(spec),
    ...(hasStream(spec) ? { handlerTimeout: longestStreamMs } : {}),
    schema: { response: replySchemas(spec) },
    onRequest(request, reply, done) {
      request.spec = spec
      tell(admit(parts, spec, request, reply), done)
    },
    handler(request, reply) {
      const query = queryOf(request.query as object)
      const call = {
        actor: request.actor,
        params: spec.params ? validate(spec.params, request.params, '') : undefined,
        query,
        body: spec.body ? validate(spec.body, request.body, '') : undefined,
        ifMatch: spec.conditional ? requireIfMatch(request.headers['if-match']) : 0,
        dryRun: query.dryRun === 'true',
        atLeast: request.atLeast,
        headers: request.headers,
        request,
        db: parts.db
      } as AnyCall
      return isQuestion ? answerQuestion(spec, call, reply) : answerCall(parts, spec, call, reply)
    }
  })
}
