import { Problem, problemOfConstraint, refuse } from '../problems.ts'

interface DriverError {
  code?: string
  constraint?: string
  table?: string
  message?: string
}

// Classes and codes of SQLSTATE that say: not now. Connection failures, resources, operator intervention, time-outs,
// a read-only server after a fail-over.
const unavailable = /^(53|58)|^(57014|55P03|25006|25P03|25P04|40001|40P01)$/
const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
// What pg says, without a code, of a connection that died or could not be had.
const lostConnection =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after|Client was closed|Query read timeout|The server does not support|timeout expired)/

/** The driver's own error inside what the query builder throws. */
function driverError(error: unknown): DriverError {
  let current = error as { cause?: unknown } & DriverError
  while (current?.cause !== undefined && typeof current.cause === 'object' && current.cause !== null)
    current = current.cause as typeof current
  return current ?? {}
}

export function sqlState(error: unknown): string | undefined {
  return driverError(error).code
}

/** True when the connection itself is gone or could not be had. */
export function isConnectionLost(error: unknown): boolean {
  const { code, message } = driverError(error)
  if (code !== undefined) return networkCodes.has(code) || /^(08|57P)/.test(code)
  return lostConnection.test(message ?? '')
}

/** True when the database cannot answer now, whatever the statement was. */
export function isUnavailable(error: unknown): boolean {
  const { code } = driverError(error)
  return isConnectionLost(error) || (code !== undefined && unavailable.test(code))
}

/**
 * What a failed statement means for the caller: a problem where the catalogue knows one (a named constraint, an unreachable
 * database), else the error itself, which becomes a 500. Never carries the message: it may hold people's data.
 */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof Problem) return error
  const { code, constraint } = driverError(error)
  const known = code?.startsWith('23') && constraint ? problemOfConstraint(constraint) : undefined
  if (known) return refuse(known)
  return isUnavailable(error) ? refuse('service_unavailable', { retryAfter: 2 }) : error
}

/** What may be logged of an error: names, never values. */
export function loggable(error: unknown): Record<string, string | undefined> {
  const { code, constraint, table } = driverError(error)
  const known = error instanceof Error ? error : new Error('not an Error')
  // A message from the database quotes the statement's values; the stack begins with the message.
  const fromDatabase = code !== undefined && /^[0-9A-Z]{5}$/.test(code)
  const { stack = '', message } = known
  const frames = stack
    .slice(stack.startsWith(`${known.name}: ${message}`) ? known.name.length + 2 + message.length : 0)
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n')
  return { name: known.name, ...(fromDatabase || known.cause ? {} : { message }), code, constraint, table, stack: frames }
}
