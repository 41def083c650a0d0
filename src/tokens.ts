import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/**
 * Opaque secrets as text: a prefix that names the purpose, 256 bits, and a checksum, so that scanners recognise a leaked one
 * and a mistyped one is refused without asking the database. A token of one purpose is never taken for another.
 */
const checksum = (text: string): string => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return bytes.toString('base64url')
}

export function tokenText(prefix: string, bytes: Buffer): string {
  const text = `${prefix}_${bytes.toString('base64url')}`
  return text + checksum(text)
}

/** A new random token. */
export const randomToken = (prefix: string): string => tokenText(prefix, randomBytes(32))

// 32 bytes are 43 characters, the checksum 6.
export const isToken = (prefix: string, text: string): boolean =>
  text.length === prefix.length + 50 && text.startsWith(`${prefix}_`) && checksum(text.slice(0, -6)) === text.slice(-6)
