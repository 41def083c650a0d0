import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { loggable } from '../db/errors.ts'
import type { Soon } from '../soon.ts'
import { principalKey } from './admission.ts'
import { countOf, frameHeaders, requestIdOf } from './frame.ts'
import { rateHeaders } from './rate-limits.ts'
import type { AnyCall, HttpParts, Outcome, RouteSpec } from './route.ts'
import { bodyLimitOf } from './route-facts.ts'
import { replySchemas } from './route-replies.ts'

/** Takes a request upon itself, or leaves it to the framework; what it has taken it may still give back, as it came. */
export type Shortcut = (request: IncomingMessage, response: ServerResponse, giveBack: () => void) => boolean

/** Puts the shortcuts before the framework. They end when the server closes, since the framework tells clients of it. */
export function takeShortcuts({ server, shortcuts }: FastifyInstance): void {
  const [framework] = (server as Server).listeners('request') as Array<(request: IncomingMessage, response: ServerResponse) => void>
  server.removeListener('request', framework!)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const shortcut = request.method === 'POST' ? shortcuts.get(request.url!) : undefined
    if (!shortcut?.(request, response, () => framework!(request, response))) framework!(request, response)
  })
}

/**
 * Answers what services ask millions of times without the framework, whose frame around an answer costs more than the answer: with the same handler, schemas,
 * limits, headers and log line. Only where nothing stands in the way: a service that is known and has requests left, a plain request in one piece, and an answer
 * that is no problem. The framework decides about everything else.
 */
export function shortcutOf(app: FastifyInstance, parts: HttpParts, spec: RouteSpec): Shortcut {
  const { access, shortcut: isQuick } = spec
  if (!('scope' in access) || !spec.body || spec.limits)
    throw new Error(`${spec.operationId} is not for services, takes no body, or has limits of its own`)
  const most = bodyLimitOf(spec)
  const write = app.writerOf(replySchemas(spec)['200'] as z.ZodType)
  const fixed = Object.entries({ ...frameHeaders, 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' }).flat()

  const tellLate = (error: unknown): void => app.log.error({ failure: loggable(error) }, 'a request failed after its answer')

  return (request, response, giveBack) => {
    const length = plainLength(request)
    const token = length > 0 && length <= most ? bearerToken(request) : undefined
    const caller = token === undefined ? undefined : parts.knownService(token)
    if (!caller?.scopes.includes(access.scope)) return false
    const began = performance.now()

    const send = (call: AnyCall, limits: Record<string, string>, { status, body }: Outcome): void => {
      const text = write(body)
      const { requestId } = call.actor
      const headers = [...fixed, 'x-request-id', requestId, 'content-length', String(Buffer.byteLength(text))]
      for (const name in limits) headers.push(name, limits[name]!)
      // The server has begun to close since this request came.
      if (app.shortcuts.size === 0) headers.push('connection', 'close')
      writeAtEndOfTurn(response.writeHead(status, headers), text)
      const answered = { id: requestId, method: 'POST', route: spec.path, status, ms: performance.now() - began, actor: call.actor }
      for (const observe of app.observers) observe(answered)
    }

    request.once('data', (chunk: Buffer) => {
      const unread = (): void => {
        request.pause()
        request.unshift(chunk)
      }
      const body = chunk.length === length ? parsed(chunk) : undefined
      const input = body === undefined ? undefined : spec.body!.safeParse(body)
      const standing =
        input?.success && isQuick!(input.data) ? parts.limits.useReserved(parts.policies.service, principalKey(caller)) : undefined
      if (!standing) {
        unread()
        return giveBack()
      }
      const { headers } = request
      const actor = { ...caller, requestId: requestIdOf(headers), address: '', userAgent: '' }
      const call = { actor, headers, body: input!.data, query: {}, db: parts.db } as unknown as AnyCall
      const limits = rateHeaders(standing)
      // The framework meets the failure again, knows how to tell it, and counts the request itself.
      const fail = (): void => {
        parts.limits.undo(standing)
        giveBack()
      }
      try {
        const result: Soon<unknown> = spec.handle(call)
        if (!(result instanceof Promise)) return send(call, limits, spec.reply(result, call))
        // Not read to its end, or it could not be read again.
        unread()
        result
          .then((late) => {
            if (response.destroyed) return
            send(call, limits, spec.reply(late, call))
            request.resume()
          })
          .catch((error: unknown) => {
            if (response.headersSent) tellLate(error)
            else if (!response.destroyed) fail()
          })
      } catch (error) {
        if (response.headersSent) return tellLate(error)
        unread()
        fail()
      }
    })
    return true
  }
}

const written: Array<{ response: ServerResponse; text: string }> = []

/** Answers of one turn of the event loop go out together at its end: to wake a client for each costs both sides more than the answer. */
function writeAtEndOfTurn(response: ServerResponse, text: string): void {
  if (written.push({ response, text }) > 1) return
  setImmediate(() => {
    for (const each of written.splice(0)) each.response.end(each.text)
  })
}

const scheme = 'Bearer '

// A connection mostly brings the same token again and again: the one from before is known by its hash, a new copy would have to be hashed first.
const lastOf = new WeakMap<Socket, { authorization: string; token: string }>()

function bearerToken({ headers: { authorization }, socket }: IncomingMessage): string | undefined {
  if (!authorization?.startsWith(scheme)) return undefined
  const last = lastOf.get(socket)
  if (last?.authorization === authorization) return last.token
  const token = authorization.slice(scheme.length)
  lastOf.set(socket, { authorization, token })
  return token
}

/** Bytes of the body, where the request has nothing about it that would change its answer; otherwise 0. */
function plainLength({ headers, rawHeaders }: IncomingMessage): number {
  const { origin, expect } = headers
  const plain = origin === undefined && expect === undefined && headers['at-least-as-fresh'] === undefined
  if (!plain || headers['content-type'] !== 'application/json' || countOf('content-type', rawHeaders) !== 1) return 0
  return Number(headers['content-length'] ?? 0)
}

/** What may name a prototype, also by way of escapes, is looked at more closely by the framework's own reader. */
function parsed(chunk: Buffer): unknown {
  const text = chunk.toString()
  if (text.includes('proto') || text.includes('\\')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
