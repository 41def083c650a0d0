import type { LightMyRequestResponse as Response } from 'fastify'
import type { Test } from 'tap'
import { catalogue, type ProblemCode } from '../../src/problems.ts'

// Words of the inside: a stack, a statement, a table, a constraint, a driver.
const inside =
  /\.[cm]?[jt]s:\d+|\bselect\b.*\bfrom\b|\binsert into\b|violates|constraint|relation "|postgres|drizzle|node_modules|ZodError/i

/**
 * What is wrong with an answer that should be this problem: nothing, or one line. Checks the whole form that every problem has
 * (RFC 9457): media type, members, header, and that nothing of the inside shows.
 */
export function problemFault(response: Response, ...codes: ProblemCode[]): string | undefined {
  const faults: string[] = []
  const body = parsed(response)
  const code = body.code as ProblemCode
  if (!codes.includes(code))
    return `answers ${response.statusCode} ${body.code ?? response.body.slice(0, 80)} instead of ${codes.join(' or ')}`
  const { status, title } = catalogue[code]
  if (response.statusCode !== status) faults.push(`status ${response.statusCode} for ${code}`)
  if (body.status !== status || body.title !== title) faults.push('status or title differ from the catalogue')
  if (response.headers['content-type'] !== 'application/problem+json; charset=utf-8')
    faults.push(`media type ${response.headers['content-type']}`)
  if (!String(body.type).endsWith(`/problems/${code}`)) faults.push(`type ${body.type}`)
  if (typeof body.detail !== 'string' || body.detail === '') faults.push('no detail')
  if (typeof body.instance !== 'string' || body.instance.includes('?')) faults.push(`instance ${body.instance}`)
  if (body.requestId !== response.headers['x-request-id']) faults.push('requestId is not that of the header')
  if (response.headers['cache-control'] !== 'no-store') faults.push(`cache-control ${response.headers['cache-control']}`)
  if (response.headers['x-content-type-options'] !== 'nosniff') faults.push('no security headers')
  if (status === 401 && !/^(Bearer|Basic)/.test(String(response.headers['www-authenticate']))) faults.push('no WWW-Authenticate')
  if ((status === 429 || status === 503) && !/^[1-9]\d*$/.test(String(response.headers['retry-after']))) faults.push('no Retry-After')
  if ('set-cookie' in response.headers) faults.push('sets a cookie')
  if (inside.test(response.body)) faults.push(`shows the inside: ${response.body}`)
  return faults.length > 0 ? faults.join('; ') : undefined
}

/** Asserts that an answer is this problem, in its whole form. */
export function refused(t: Test, answer: Response, status: number, code: ProblemCode, name: string = code): void {
  t.equal(problemFault(answer, code), undefined, name)
  t.equal(answer.statusCode, status, name)
}

function parsed(response: Response): Record<string, unknown> {
  try {
    return response.json() as Record<string, unknown>
  } catch {
    return {}
  }
}
