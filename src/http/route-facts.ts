import { catalogue, type ProblemCode } from '../problems.ts'
import type { RouteSpec } from './route.ts'

/** Whether a route answers nobody who is not known. */
export const isClosed = ({ access }: Pick<RouteSpec, 'access'>): boolean => access.kind !== 'anonymous' && access.kind !== 'visitor'

/** Problems that any call of such a route can meet. */
export function problemsOf(spec: RouteSpec): ProblemCode[] {
  const codes: ProblemCode[] = ['invalid_input', 'malformed_request', 'internal_error', 'service_unavailable', 'uri_too_long']
  if (spec.access.kind !== 'anonymous') codes.push('not_signed_in', 'malformed_consistency_token', 'not_fresh_enough')
  if (isClosed(spec)) codes.push('access_denied')
  if (spec.limits !== 'none') codes.push('too_many_requests')
  if (spec.body) codes.push(...(spec.lenient ? [] : (['unsupported_media_type'] as const)), 'body_too_large')
  if (spec.idempotent) codes.push('malformed_idempotency_key', 'idempotency_in_progress', 'idempotency_key_reused')
  if (spec.conditional) codes.push('version_required', 'stale_version')
  return [...new Set([...codes, ...(spec.problems ?? [])])]
}

/** Most bytes that a route reads of a body. */
export const bodyLimitOf = (spec: RouteSpec): number => spec.bodyLimit ?? (isClosed(spec) ? 65_536 : 16_384)

/** Whether a route also answers Server-Sent Events. */
export const hasStream = (spec: RouteSpec): boolean => Object.values(spec.replies).some(({ eventStream }) => eventStream !== undefined)

/** Longer than any stream: it ends with its token, which lives an hour at most. */
export const longestStreamMs = 2 * 3600 * 1000

/** Every status a route may answer: its own and those of its problems. */
export const statusesOf = (spec: RouteSpec): Set<number> =>
  new Set([...Object.keys(spec.replies).map(Number), ...problemsOf(spec).map((code) => catalogue[code].status)])
