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
/** What each letter stands for, by its character code; -1 is none. */
const worth = Int8Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)))
/** Two letters of hexadecimal for each byte. */
const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const bytes = new Uint8Array(16)

/** `account_01j…` for a uuid. Every request reads and writes ids, so both ways are plain shifts of bits. */
export function publicId(kind: IdKind, uuid: string): string {
  let id = `${kind}_`
  // The 128 bits follow two that are zero, so that they fill 26 letters of five bits.
  let bits = 0
  let count = 2
  for (let at = 0; at < uuid.length; at++) {
    const code = uuid.charCodeAt(at) | lowerCase
    if (code === dash) continue
    bits = (bits << 4) | (code < letterA ? code - digit0 : code - letterA + 10)
    count += 4
    if (count < 5) continue
    count -= 5
    id += alphabet[(bits >> count) & 31]
  }
  return id
}

// A digit and the dash have this bit anyway.
const lowerCase = 0x20
const [dash, digit0, letterA] = [0x2d, 0x30, 0x61]

/** The uuid behind a public id, or undefined when it is malformed or of another kind: the caller answers 404. */
export function parseId(kind: IdKind, id: string): string | undefined {
  const known = parsed.get(id)
  if (known) return known.kind === kind ? known.uuid : undefined
  const uuid = uuidOf(kind, id)
  if (uuid) {
    if (parsed.size >= mostParsed) parsed.clear()
    parsed.set(id, { kind, uuid })
  }
  return uuid
}

// The same ids come again and again, above all in questions.
const parsed = new Map<string, { kind: IdKind; uuid: string }>()
const mostParsed = 5000

function uuidOf(kind: IdKind, id: string): string | undefined {
  const start = kind.length + 1
  // A TypeID has one spelling only: what is longer or upper-case is none, and its first letter has three bits.
  if (id.length !== start + 26 || id[kind.length] !== '_' || !id.startsWith(kind) || id.charCodeAt(start) > 0x37) return undefined
  let bits = 0
  let count = -2
  let filled = 0
  for (let at = start; at < id.length; at++) {
    const value = worth[id.charCodeAt(at)] ?? -1
    if (value < 0) return undefined
    bits = (bits << 5) | value
    count += 5
    if (count < 8) continue
    count -= 8
    bytes[filled++] = bits >> count
  }
  return `${hex(0, 4)}-${hex(4, 6)}-${hex(6, 8)}-${hex(8, 10)}-${hex(10, 16)}`
}

function hex(from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at++) text += hexOf[bytes[at]!]
  return text
}
