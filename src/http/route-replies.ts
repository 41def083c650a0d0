import type { FastifyReply } from 'fastify'
import type { Outcome, RouteSpec } from './route.ts'
import { isClosed } from './route-facts.ts'

/** Writes an answer that the route declares. */
export function send(reply: FastifyReply, spec: RouteSpec, outcome: Outcome): FastifyReply {
  const declared = spec.replies[outcome.status]
  if (!declared) throw new Error(`${spec.operationId} answers ${outcome.status}, which it does not declare`)
  if (outcome.body !== undefined && !declared.schema)
    throw new Error(`${spec.operationId} answers ${outcome.status} with a body it does not declare`)
  reply.status(outcome.status)
  if (outcome.headers) reply.headers(outcome.headers)
  for (const cookie of outcome.cookies ?? []) reply.header('set-cookie', cookie)
  if (isClosed(spec) || spec.method !== 'GET') reply.header('cache-control', 'no-store')
  return outcome.body === undefined ? reply.send() : reply.send(outcome.body)
}

/** The schemas that answers are written from, by status. */
export function replySchemas(spec: RouteSpec): Record<string, unknown> {
  const entries = Object.entries(spec.replies).filter(([, reply]) => reply.schema)
  return Object.fromEntries(entries.map(([status, reply]) => [status, reply.writes ?? reply.schema]))
}
