import formBody from '@fastify/formbody'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import type { z } from 'zod'
import type { Config } from '../config.ts'
import { type Problem, refuse } from '../problems.ts'
import { addressBlock, trustedProxies } from './addresses.ts'
import { countOf, frameHeaders, requestIdOf } from './frame.ts'
import { answerPreflights, shareWith } from './origins.ts'
import { rawProblem, replyProblem } from './problem-replies.ts'
import { logRequests, observeAnswers, requestLogger } from './request-log.ts'
import type { MediaType, RouteSpec } from './route.ts'
import { type Shortcut, takeShortcuts } from './shortcuts.ts'
import { writerOf } from './writing.ts'

// Exactly these: padded, doubled or parametrised types have slipped past validators before.
const jsonType = /^application\/json(; ?charset=utf-8)?$/i

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
    childLoggerFactory: requestLogger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.TRUST_PROXY ? trustedProxies(config.TRUST_PROXY) : false,
    requestIdHeader: false,
    genReqId: ({ headers }) => requestIdOf(headers),
    bodyLimit: 65_536,
    requestTimeout: 15_000,
    keepAliveTimeout: 65_000,
    maxRequestsPerSocket: 1000,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { caseSensitive: true, ignoreDuplicateSlashes: false, ignoreTrailingSlash: false, maxParamLength: 300 },
    http: { headersTimeout: 10_000, maxHeaderSize: 16_384, connectionsCheckingInterval: 5000 },
    // No hook runs for an address that cannot be routed.
    frameworkErrors: (error, request, reply) => fail(error, request, reply.headers(frameHeaders).header('x-request-id', request.id)),
    clientErrorHandler(error, socket) {
      if (error.code !== 'ECONNRESET' && socket.writable) socket.write(rawProblem(config.publicUrl, error))
      socket.destroy()
    }
  })

  app.decorate('operations', [] as RouteSpec[])
  app.decorate('shortcuts', new Map<string, Shortcut>())
  app.decorate('observers', [] as FastifyInstance['observers'])
  app.decorate('writerOf', (type: z.ZodType) => writerOf(type, strict))
  app.decorateRequest('actor')
  app.decorateRequest('clientBlock', {
    getter() {
      return addressBlock(this.actor.address)
    }
  })
  app.decorateRequest('atLeast')
  app.decorateRequest('spec')

  app.addHook('onRequest', (request, reply, done) => {
    request.actor = {
      kind: 'anonymous',
      requestId: request.id,
      address: request.ip,
      userAgent: (request.headers['user-agent'] ?? '').slice(0, 256)
    }
    reply.headers(frameHeaders).header('x-request-id', request.id)
    if (request.headers.origin !== undefined) shareWith(request.headers.origin, config.origins, reply)
    done(request.url.length > 2048 ? refuse('uri_too_long') : undefined)
  })

  endInTime(app)
  readOnlyWhatIsDeclared(app)
  requireRules(app)
  app.setSerializerCompiler(({ schema }) => app.writerOf(schema as unknown as z.ZodType))
  app.setErrorHandler(fail)
  answerUnknown(app)
  observeAnswers(app)
  logRequests(app, log)
  takeShortcuts(app)
  app.register(formBody, { bodyLimit: 16_384 })
  answerPreflights(app, config.origins)
  return app
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

function refusalOfBody({ spec, headers, raw }: FastifyRequest): Problem | null {
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

const longestMs = 10_000

/** No request keeps its client waiting without end. */
function endInTime(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.handlerTimeout ??= longestMs
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
