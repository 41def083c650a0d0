import { TypeID } from 'typeid-js'
import { uuidv7 } from 'uuidv7'

/** Kinds of public ids: TypeIDs over UUIDv7 (https://github.com/jetify-com/typeid). */
export type IdKind = 'account' | 'session' | 'service' | 'operator' | 'event'

export const newId = (): string => uuidv7()

/** `account_01j…` for a uuid. */
export const publicId = (kind: IdKind, uuid: string): string => TypeID.fromUUID(kind, uuid).toString()

/** The uuid behind a public id, or undefined when it is malformed or of another kind: the caller answers 404. */
export function parseId(kind: IdKind, id: string): string | undefined {
  // A TypeID has one spelling only; what is longer or upper-case is none.
  if (id.length !== kind.length + 27 || !id.startsWith(`${kind}_`)) return undefined
  try {
    return TypeID.fromString(id, kind).toUUID()
  } catch {
    return undefined
  }
}
