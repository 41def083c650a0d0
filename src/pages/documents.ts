import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { matchesNone } from '../http/etags.ts'

/** Text that stays the same while the service runs, with the entity tag it is cached by. */
export interface Document {
  type: string
  text: string
  tag: string
}

export const makeDocument = (type: string, text: string): Document => ({
  type,
  text,
  tag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
})

export const pageDocument = (page: string): Document => makeDocument('text/html; charset=utf-8', page)
export const jsonDocument = (value: unknown): Document =>
  makeDocument('application/json; charset=utf-8', `${JSON.stringify(value, null, 2)}\n`)

/**
 * What a page may do: run, show and call what this service serves, and nothing else. Forms are sent by script alone: were it
 * missing, the browser would put a password into an address.
 */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'"
].join('; ')

/** Answers a document, or 304 to a browser that has it. Browsers ask each time, so that a new release shows at once. */
export function sendDocument(request: FastifyRequest, reply: FastifyReply, { type, text, tag }: Document): FastifyReply {
  reply.headers({
    etag: tag,
    'cache-control': 'no-cache',
    'content-security-policy': pagePolicy,
    'cross-origin-opener-policy': 'same-origin'
  })
  if (matchesNone(request.headers['if-none-match'], tag)) return reply.status(304).send()
  return reply.type(type).send(text)
}

const folder = new URL('client/', import.meta.url)
const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml'
}

/** Serves style, icon and scripts under `/pages/`. Every group of pages asks for them; they are added once. */
export function serveFiles(app: FastifyInstance): void {
  if (app.hasRoute({ method: 'GET', url: `${app.prefix}/pages/style.css` })) return
  for (const name of readdirSync(folder)) {
    const type = types[extname(name)]
    if (!type) continue
    const file = makeDocument(type, readFileSync(new URL(name, folder), 'utf8'))
    app.get(`/pages/${name}`, { config: { open: true } }, (request, reply) => sendDocument(request, reply, file))
  }
}
