import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

export interface BreachedPasswords {
  /** Whether the password, in NFC, is in the file. Rejects when the file cannot be read or is damaged where it is read. */
  includes(password: string): Promise<boolean>
  /** The same for the hash that `breachedPasswordHash` gives. */
  includesHash(sha1: string): Promise<boolean>
  close(): Promise<void>
}

// 40 hexadecimal digits, a colon, a count, CR and LF come to far less, so a block holds all of any line that begins in its first half.
const blockBytes = 4096
const linePattern = /^([0-9A-F]{40}):[0-9]+$/

/** The SHA-1 of a password's UTF-8 in upper-case hexadecimal, as lists of breached passwords have it. */
export function breachedPasswordHash(password: string): string {
  return createHash('sha1').update(password, 'utf8').digest('hex').toUpperCase()
}

/**
 * Opens a list of breached passwords (S-1): a text file of `HASH:count` lines, ended by LF or CR LF, where HASH is a SHA-1 in upper-case
 * hexadecimal and the lines are sorted by it. The file may be far larger than memory: each lookup is a binary search of a few dozen small
 * reads. Rejects when the file cannot be read or does not begin with such lines; the rest is taken on trust until it is read.
 */
export async function openBreachedPasswords(path: string): Promise<BreachedPasswords> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    await checkBeginning(file, path)
    const includesHash = (sha1: string) => search(file, path, size, sha1)
    return {
      includes: (password) => includesHash(breachedPasswordHash(password.normalize('NFC'))),
      includesHash,
      close: () => file.close()
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function checkBeginning(file: FileHandle, path: string): Promise<void> {
  const block = await readBlock(file, 0)
  const lines = block.split(/\r?\n/)
  // The last piece is cut off, or is what follows the last line's end.
  if (lines.length > 1) lines.pop()
  const sorted = lines.every((line, index) => index === 0 || lines[index - 1]! < line)
  if (sorted && lines.every((line) => linePattern.test(line))) return
  throw new Error(
    `${path} is not a list of breached passwords: expected lines of an upper-case SHA-1, a colon and a count, sorted by the SHA-1`
  )
}

async function search(file: FileHandle, path: string, size: number, sha1: string): Promise<boolean> {
  // The line of the hash, if there is one, begins at `low` or later and before `high`; a line begins at `low`.
  let low = 0
  let high = size
  while (high - low > blockBytes) {
    const middle = low + Math.floor((high - low) / 2)
    const block = await readBlock(file, middle)
    const begin = block.indexOf('\n') + 1
    const hash = hashOf(block.slice(begin).split(/\r?\n/, 1)[0]!, path, middle)
    if (hash === sha1) return true
    if (middle + begin >= high) throw damaged(path, middle)
    if (hash < sha1) low = middle + begin
    else high = middle + begin
  }
  const lines = (await readBlock(file, low)).slice(0, high - low).split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines.some((line) => hashOf(line, path, low) === sha1)
}

function hashOf(line: string, path: string, place: number): string {
  const hash = linePattern.exec(line)?.[1]
  if (hash === undefined) throw damaged(path, place)
  return hash
}

function damaged(path: string, place: number): Error {
  return new Error(`${path} is damaged after byte ${place}: expected lines of an upper-case SHA-1, a colon and a count`)
}

/** The block that begins at this place, shorter only at the end of the file. Each lookup has its own buffer, so lookups may overlap. */
async function readBlock(file: FileHandle, place: number): Promise<string> {
  const buffer = Buffer.alloc(blockBytes)
  let filled = 0
  while (filled < blockBytes) {
    const { bytesRead } = await file.read(buffer, filled, blockBytes - filled, place + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.toString('latin1', 0, filled)
}
