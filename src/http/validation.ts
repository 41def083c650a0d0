import type { z } from 'zod'
import { refuse } from '../problems.ts'

export interface Fault {
  /** JSON pointer into the body (RFC 6901), or the name of a query or path parameter. */
  pointer: string
  message: string
}

const escapePointer = (part: PropertyKey): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1')

/** What is wrong with an input, place by place; never repeats the value. */
export function faultsOf(error: z.ZodError, root: string): Fault[] {
  return error.issues.slice(0, 20).flatMap((issue) => {
    const path = issue.path.map((part) => `/${escapePointer(part)}`).join('')
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.slice(0, 20).map((key) => ({ pointer: `${root}${path}/${escapePointer(key)}`, message: 'is not known here' }))
    }
    return [{ pointer: `${root}${path}`, message: plain(issue) }]
  })
}

function plain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type')
    return issue.input === undefined && /received undefined/.test(issue.message) ? 'is missing' : `must be of type ${issue.expected}`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  return issue.message
}

/** The input as its schema describes it. Nothing is coerced. @throws invalid_input with every fault */
export function validate<Schema extends z.ZodType>(schema: Schema, input: unknown, root: string): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw refuse('invalid_input', { extensions: { errors: faultsOf(result.error, root) } })
}

/** Query parameters as one string each. @throws invalid_input when one is repeated */
export function singleParameters(query: unknown): Record<string, string> {
  const faults = Object.entries(query as Record<string, unknown>).filter(([, value]) => typeof value !== 'string')
  if (faults.length > 0)
    throw refuse('invalid_input', { extensions: { errors: faults.map(([pointer]) => ({ pointer, message: 'is repeated' })) } })
  return query as Record<string, string>
}
