import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Headers of every answer. */
export const frameHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  // Pages of some origins may read the answer (origins.ts), which whoever keeps it must know.
  vary: 'Origin'
}

const requestIdPattern = /^[A-Za-z0-9_.:/+=-]{1,64}$/

/** The caller's id of a request, or one of ours. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && requestIdPattern.test(given) ? given : randomUUID()
}

/** How often a header was sent, among names and values in turn. */
export function countOf(name: string, rawHeaders: readonly string[]): number {
  let count = 0
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const each = rawHeaders[place]!
    if (each.length === name.length && each.toLowerCase() === name) count++
  }
  return count
}
