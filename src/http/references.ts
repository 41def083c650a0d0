import { refuse } from '../problems.ts'
import { type IdKind, parseId } from './ids.ts'

/** The uuid that a property of a body names. @throws unknown_reference */
export function referenceOf(kind: IdKind, property: string, id: string): string {
  const uuid = parseId(kind, id)
  if (!uuid) throw refuse('unknown_reference', { detail: `\`${property}\` names nothing that is known here.` })
  return uuid
}
