import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { loggable } from '../db/errors.ts'
import { catalogue, Problem, type ProblemCode, refuse } from '../problems.ts'
import { problemsOf } from './route.ts'

/** What Fastify itself refuses, in the words of the catalogue. */
const fastifyProblems: Record<string, ProblemCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_HANDLER_TIMEOUT: 'service_unavailable',
  FST_ERR_MAX_PARAM_LENGTH: 'uri_too_long',
  FST_ERR_BAD_URL: 'malformed_request'
}

const challenges: Partial<Record<ProblemCode, string>> = {
  not_signed_in: 'Bearer error="invalid_token"',
  // RFC 9470: the token is good, the sign-in behind it is too old.
  reauthentication_required: 'Bearer error="insufficient_user_authentication"'
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { code, statusCode } = error as FastifyError
  const known = typeof code === 'string' ? fastifyProblems[code] : undefined
  if (known) return refuse(known)
  if (statusCode === 400) return refuse('malformed_request')
  return refuse('internal_error')
}

/**
 * Answers a failure as RFC 9457 `application/problem+json`. With `strict`, a problem that the operation does not declare is
 * answered 500, so that the tests find it.
 */
export function replyProblem(
  publicUrl: string,
  strict: boolean,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply
): FastifyReply {
  let problem = problemOf(error)
  const spec = request.routeOptions.config.spec
  const declared = !spec || problemsOf(spec).includes(problem.code)
  if (!declared) request.log.error({ operation: spec.operationId, problem: problem.code }, 'the operation does not declare this problem')
  if (!declared && strict) problem = refuse('internal_error')
  if (problem.code === 'internal_error') request.log.error({ failure: loggable(error) }, 'request failed')

  const { status, title, help } = catalogue[problem.code]
  const { detail, retryAfter, extensions, headers } = problem.options
  if (status === 401) reply.header('www-authenticate', challenges[problem.code] ?? 'Bearer')
  const wait = retryAfter ?? (status === 503 ? 2 : undefined)
  if (wait !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(wait))))
  if (headers) reply.headers(headers)
  const body = {
    type: `${publicUrl}/problems/${problem.code}`,
    title,
    status,
    detail: detail ?? help,
    instance: request.url.split('?')[0],
    code: problem.code,
    requestId: request.id,
    ...extensions
  }
  return reply
    .status(status)
    .header('cache-control', 'no-store')
    .header('content-type', 'application/problem+json; charset=utf-8')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(body)
}
