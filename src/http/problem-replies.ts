import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { isUnavailable, loggable } from '../db/errors.ts'
import { catalogue, Problem, type ProblemCode, refuse } from '../problems.ts'
import { problemsOf } from './route-facts.ts'

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
  const { code, statusCode } = (error ?? {}) as Partial<FastifyError>
  const known = typeof code === 'string' ? fastifyProblems[code] : undefined
  if (known) return refuse(known)
  if (statusCode === 400) return refuse('malformed_request')
  // A read outside any transaction whose connection broke.
  if (isUnavailable(error)) return refuse('service_unavailable')
  return refuse('internal_error')
}

/**
 * Answers a failure as RFC 9457 `application/problem+json`. With `strict`, a problem that the operation does not declare is
 * answered 500, so that the tests find it.
 */
export async function replyProblem(
  publicUrl: string,
  strict: boolean,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply
): Promise<FastifyReply> {
  let problem = problemOf(error)
  const spec = request.routeOptions.config.spec
  const declared = !spec || problemsOf(spec).includes(problem.code)
  if (!declared) request.log.error({ operation: spec.operationId, problem: problem.code }, 'the operation does not declare this problem')
  if (!declared && strict) problem = refuse('internal_error')
  if (problem.code === 'internal_error') request.log.error({ failure: loggable(error) }, 'request failed')

  const { status } = problem
  const { retryAfter, headers, more } = problem.options
  // The refusal stands without them.
  const further = await more?.().catch(
    (failure: unknown) => void request.log.error({ failure: loggable(failure) }, 'a problem was told in part')
  )
  if (status === 401) reply.header('www-authenticate', challenges[problem.code] ?? 'Bearer')
  const wait = retryAfter ?? (status === 503 ? 2 : undefined)
  if (wait !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(wait))))
  if (headers) reply.headers(headers)
  return reply
    .status(status)
    .header('cache-control', 'no-store')
    .header('content-type', problemType)
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send({ ...problemDocument(publicUrl, problem, request.url.split('?')[0]!, request.id), ...further })
}

const problemType = 'application/problem+json; charset=utf-8'

function problemDocument(publicUrl: string, { code, options }: Problem, instance: string, requestId: string): object {
  const { status, title, help } = catalogue[code]
  return {
    type: `${publicUrl}/problems/${code}`,
    title,
    status,
    detail: options.detail ?? help,
    instance,
    code,
    requestId,
    ...options.extensions
  }
}

const socketProblems: Record<string, ProblemCode> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'head_too_large'
}

/** The whole answer, as it goes on the wire, to what is no HTTP request: there is no reply to write it with. */
export function rawProblem(publicUrl: string, error: { code?: string }): string {
  const problem = refuse(socketProblems[error.code ?? ''] ?? 'malformed_request')
  const body = JSON.stringify(problemDocument(publicUrl, problem, '/', randomUUID()))
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close'
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
