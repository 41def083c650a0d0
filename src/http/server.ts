import { randomUUID } from 'node:crypto'
import cors, { type FastifyCorsOptions } from '@fastify/cors'
import formBody from '@fastify/formbody'
import fastJson from 'fast-json-stringify'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { z } from 'zod'
import { actorId } from '../actor.ts'
import type { Config } from '../config.ts'
import { type Problem, refuse } from '../problems.ts'
import { addressBlock, trustedProxies } from './addresses.ts'
import { rawProblem, replyProblem } from './problem-replies.ts'
import type { MediaType, RouteSpec } from './route.ts'

const requestIdPattern = /^[A-Za-z0-9_.:/+=-]{1,64}$/

// Exactly these: padded, doubled or parametrised types have slipped past validators before.
const jsonType = /^application\/json(; ?charset=utf-8)?$/i

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000; includeSubDomains'
}

export interface ServerOptions {
  config: Config
  log: FastifyBaseLogger
  /** Answers and problems must be exactly those that an operation declares: on in tests, where a deviation is answered 500. */
  strict: boolean
}

/** The server without any route: what all routes share, and nothing of the domain. */
export function makeServer({ config, log, strict }: ServerOptions): FastifyInstance {
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    replyProblem(config.publicUrl, strict, error, request, reply)
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.TRUST_PROXY ? trustedProxies(config.TRUST_PROXY) : false,
    requestIdHeader: false,
    genReqId: (request) => {
      const given = request.headers['x-request-id']
      return typeof given === 'string' && requestIdPattern.test(given) ? given : randomUUID()
    },
    bodyLimit: 65_536,
    requestTimeout: 15_000,
    keepAliveTimeout: 65_000,
    maxRequestsPerSocket: 1000,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { caseSensitive: true, ignoreDuplicateSlashes: false, ignoreTrailingSlash: false, maxParamLength: 300 },
    http: { headersTimeout: 10_000, maxHeaderSize: 16_384, connectionsCheckingInterval: 5000 },
    // No hook runs for an address that cannot be routed.
    frameworkErrors: (error, request, reply) => fail(error, request, reply.headers(securityHeaders).header('x-request-id', request.id)),
    clientErrorHandler(error, socket) {
      if (error.code !== 'ECONNRESET' && socket.writable) socket.write(rawProblem(config.publicUrl, error))
      socket.destroy()
    }
  })

  app.decorate('operations', [] as RouteSpec[])
  app.decorateRequest('actor')
  app.decorateRequest('clientBlock', '')
  app.decorateRequest('atLeast')

  app.addHook('onRequest', (request, reply, done) => {
    const address = request.ip
    request.actor = {
      kind: 'anonymous',
      requestId: request.id,
      address,
      userAgent: (request.headers['user-agent'] ?? '').slice(0, 256)
    }
    request.clientBlock = addressBlock(address)
    reply.headers(securityHeaders).header('x-request-id', request.id)
    done(request.url.length > 2048 ? refuse('uri_too_long') : undefined)
  })

  endInTime(app)
  readOnlyWhatIsDeclared(app)
  requireRules(app)
  writeOnlyWhatIsDeclared(app, strict)
  app.setErrorHandler(fail)
  answerUnknown(app)
  app.addHook('onResponse', ({ actor, log, method, routeOptions }, reply, done) => {
    const ms = Math.round(reply.elapsedTime * 10) / 10
    log.info(
      { method, route: routeOptions.url, status: reply.statusCode, ms, actor: actor.kind, actorId: actorId(actor) ?? undefined },
      'request'
    )
    done()
  })

  app.register(formBody, { bodyLimit: 16_384 })
  shareWithOrigins(app, config.origins)
  return app
}

/** Answers may be read by pages of these origins. Who is no browser names no origin, and is told nothing of it. */
function shareWithOrigins(app: FastifyInstance, origins: string[]): void {
  const shared = {
    origin: origins,
    credentials: true,
    // What is no preflight gets the empty answer too, not a text of the plugin's own.
    strictPreflight: false,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [
      'ETag',
      'Link',
      'Consistency-Token',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'X-Request-ID',
      'Idempotency-Replayed'
    ],
    maxAge: 600
  }
  const silent = { origin: false } as const
  app.register(
    cors,
    () =>
      ({ headers, method }: FastifyRequest, done: (error: null, options: FastifyCorsOptions) => void) =>
        done(null, headers.origin === undefined && method !== 'OPTIONS' ? silent : shared)
  )
}

/** JSON bodies of exactly the declared media type, and bodies only where an operation takes one. */
function readOnlyWhatIsDeclared(app: FastifyInstance): void {
  app.removeContentTypeParser('text/plain')
  // Small forms of text fields; the platform's own reader of them.
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const sent = new Response(new Uint8Array(body), { headers: { 'content-type': String(request.headers['content-type']) } })
    const form = await sent.formData().catch(() => undefined)
    if (!form) throw refuse('malformed_request', { detail: 'The form cannot be read.' })
    return Object.fromEntries(form)
  })
  app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_, csv, done) => done(null, { csv }))
  app.addHook('preParsing', (request, _reply, _payload, done) => done(refusalOfBody(request)))
}

function refusalOfBody({ routeOptions, headers, raw }: FastifyRequest): Problem | null {
  const { spec } = routeOptions.config
  const type = headers['content-type']
  if (!spec?.body) {
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
    return hasBody && spec ? refuse('malformed_request', { detail: 'This operation takes no body.' }) : null
  }
  const consumes = spec.consumes ?? json
  const fits = consumes.some((each) => (each === 'application/json' ? jsonType.test(type ?? '') : bareType(type) === each))
  // Of several headers Node shows the first, and a proxy may have looked at another.
  if (fits && countOf('content-type', raw.rawHeaders) === 1) return null
  return refuse(spec.lenient ? 'malformed_request' : 'unsupported_media_type', {
    detail: `Send \`Content-Type: ${consumes.join('` or `')}\`.`
  })
}

const json: MediaType[] = ['application/json']
const bareType = (type: string | undefined): string | undefined => type?.split(';')[0]?.trim().toLowerCase()

/** How often a header was sent, among names and values in turn. */
function countOf(name: string, rawHeaders: readonly string[]): number {
  let count = 0
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const each = rawHeaders[place]!
    if (each.length === name.length && each.toLowerCase() === name) count++
  }
  return count
}

const longestMs = 10_000

/** No request keeps its client waiting without end. What is brief is timed by each of its few statements. */
function endInTime(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (!route.config?.spec?.brief) route.handlerTimeout ??= longestMs
  })
}

// The documentation's own routes are made by its plugin and cannot say of themselves that they are open.
const documentation = /^\/docs(\/|$)/

/** A route without access rule, request schema or response schema stops the start. `PUT` and `DELETE` may do without a body. */
function requireRules(app: FastifyInstance): void {
  app.addHook('onRoute', ({ method, url, config, schema }) => {
    const { spec, open } = config ?? {}
    if (open || documentation.test(url) || method === 'HEAD' || method === 'OPTIONS') return
    const name = `${String(method)} ${url}`
    if (!spec?.access) throw new Error(`${name} has no access rule`)
    const needsBody = method === 'POST' || method === 'PATCH'
    if (!spec.query || (url.includes(':') && !spec.params) || (needsBody && !spec.body)) throw new Error(`${name} has no request schema`)
    const replies = Object.entries(spec.replies)
    const silent = replies.filter(([status, reply]) => !reply.schema && status !== '204' && status !== '304')
    if (!schema?.response || replies.length === 0 || silent.length > 0) {
      throw new Error(`${name} has no response schema ${silent.map(([status]) => status).join(', ')}`.trimEnd())
    }
  })
}

/** Replies are written from their schema: what it does not name is left out (or, when strict, is a failure). Compiled at first use. */
function writeOnlyWhatIsDeclared(app: FastifyInstance, strict: boolean): void {
  app.setSerializerCompiler(({ schema }) => {
    const type = schema as unknown as z.ZodType
    let write: ((data: unknown) => string) | undefined
    return (data) => {
      if (strict) type.parse(data)
      write ??= fastJson(z.toJSONSchema(type, { target: 'draft-7', io: 'output', override: applyOverride }) as fastJson.Schema)
      return write(data)
    }
  })
}

/** `.meta({ override })` replaces the generated JSON Schema of a part whose zod form says less or more than a reader needs. */
export function applyOverride({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void {
  const { override } = jsonSchema
  if (override === undefined) return
  const { description, examples } = jsonSchema
  for (const name of Object.keys(jsonSchema)) delete jsonSchema[name]
  Object.assign(jsonSchema, override, description === undefined ? {} : { description }, examples === undefined ? {} : { examples })
}

/** 404 for unknown addresses, 405 with `Allow` where only the method is unknown. */
function answerUnknown(app: FastifyInstance): void {
  const patterns = new Map<string, { pattern: RegExp; methods: Set<string> }>()
  app.addHook('onRoute', ({ method, url }) => {
    // The catch-all that answers preflight requests is no address of ours.
    if (url === '*') return
    const pattern = new RegExp(
      `^${url
        .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
        .replace(/:[^/]+/g, '[^/]+')
        .replace(/\*/g, '.*')}$`
    )
    const entry = patterns.get(url) ?? { pattern, methods: new Set<string>() }
    for (const each of [method].flat()) entry.methods.add(each)
    patterns.set(url, entry)
  })
  const unknown = ({ url }: FastifyRequest): Problem => {
    const path = url.split('?')[0]!
    const allowed = [...patterns.values()].filter((entry) => entry.pattern.test(path)).flatMap((entry) => [...entry.methods])
    if (allowed.length === 0) return refuse('not_found')
    return refuse('method_not_allowed', { headers: { allow: [...new Set(allowed)].sort().join(', ') } })
  }
  // Before the body is looked at: what is wrong with it does not matter here.
  app.addHook('preParsing', (request, _reply, _payload, done) => done(request.is404 ? unknown(request) : null))
  app.setNotFoundHandler(async (request) => {
    throw unknown(request)
  })
}
