import { uuidv7 } from 'uuidv7'

/** Kinds of public ids: TypeIDs over UUIDv7 (https://github.com/jetify-com/typeid). */
export type IdKind =
  | 'account'
  | 'session'
  | 'service'
  | 'operator'
  | 'event'
  | 'company'
  | 'agency'
  | 'team'
  | 'member'
  | 'transfer'
  | 'invitation'
  | 'link'
  | 'domain'
  | 'request'
  | 'action'
  | 'appeal'
  | 'case'
  | 'verification'
  | 'erasure'
  | 'signal'

export const newId = (): string => uuidv7()

// Crockford's base 32, as TypeIDs write it.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const hexadecimal = '0123456789abcdef'
const suffixPattern = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** `account_01j…` for a uuid. Every request reads and writes ids, so both ways are plain shifts of bits. */
export function publicId(kind: IdKind, uuid: string): string {
  let id = `${kind}_`
  // The 128 bits follow two that are zero, so that they fill 26 letters of five bits.
  let bits = 0
  let count = 2
  for (const letter of uuid) {
    if (letter === '-') continue
    bits = (bits << 4) | Number.parseInt(letter, 16)
    count += 4
    if (count < 5) continue
    count -= 5
    id += alphabet[(bits >> count) & 31]
  }
  return id
}

/** The uuid behind a public id, or undefined when it is malformed or of another kind: the caller answers 404. */
export function parseId(kind: IdKind, id: string): string | undefined {
  if (!id.startsWith(`${kind}_`)) return undefined
  const suffix = id.slice(kind.length + 1)
  // A TypeID has one spelling only: what is longer or upper-case is none.
  if (!suffixPattern.test(suffix)) return undefined
  let uuid = ''
  let bits = 0
  let count = -2
  for (const letter of suffix) {
    bits = (bits << 5) | alphabet.indexOf(letter)
    count += 5
    while (count >= 4) {
      count -= 4
      uuid += hexadecimal[(bits >> count) & 15]
    }
  }
  return `${uuid.slice(0, 8)}-${uuid.slice(8, 12)}-${uuid.slice(12, 16)}-${uuid.slice(16, 20)}-${uuid.slice(20)}`
}
