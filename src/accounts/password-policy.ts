import { breachedPasswordHash } from './breached-passwords.ts'
import { commonPasswords } from './common-passwords.ts'
import { foldPassword, guessBits } from './password-guesses.ts'

/** Why a password is refused. */
export type PasswordRefusal = 'too_short' | 'too_long' | 'invalid_characters' | 'common' | 'breached' | 'personal'

export interface PasswordContext {
  email: string
  firstName?: string | null | undefined
  lastName?: string | null | undefined
  /** Whether the account cannot be signed in to without a second factor. */
  secondFactor: boolean
  minimumWithSecondFactor: number
  minimumAlone: number
  /** Whether a password with this SHA-1, in upper-case hexadecimal, is known from a breach. */
  breached?: ((sha1: string) => boolean | Promise<boolean>) | undefined
}

const floor = 8
// No more than 1024 bytes, since UTF-8 needs at most four for each.
const maxCodePoints = 256
// A single listed password has fewer bits than the first; two joined, or one and a few characters, mostly have fewer than the second.
const onePieceBits = 16
const weakestBits = 27
const productName = 'guildhall'

// A code point has at most four canonical parts of two units each, so no longer text can be short enough after NFC.
const maxUnits = maxCodePoints * 8

// Control characters cannot be typed again, lone surrogates cannot be encoded, and an unassigned code point may compose differently in a
// later version of Unicode, which would lock its owner out.
const invalid = /[\p{Cc}\p{Cs}\p{Cn}]/u

/** The form in which a password is measured, hashed and verified (S-1): NFC and otherwise exactly as received. */
export function normalizePassword(password: string): string {
  return password.normalize('NFC')
}

/**
 * Why this password may not be set, or undefined when it may (S-1).
 *
 * Length is counted in code points after NFC: at least the minimum for the account, which is never under 8, and at most 256, which are
 * at most 1024 bytes. What the password is made of is free, but it has to take about 2^27 guesses or more of somebody who first tries the
 * most common passwords, years, runs such as 12345 or qwerty, the person's email address and names, and the product's name, each of them
 * alone, joined or padded. So a long passphrase may contain a first name or a listed word, and a password made mostly of them is refused.
 * A piece shorter than the minimum and repeated is refused too. Case and accents do not help here, though they count when signing in, and
 * neither do separators within a word.
 *
 * Finally the password may not be one of those known from breaches, when the caller can tell. Rejects when `breached` does.
 */
export async function refusePassword(
  password: string,
  about: PasswordContext
): Promise<{ code: PasswordRefusal; message: string } | undefined> {
  if (password.length > maxUnits) return tooLong
  const normalized = normalizePassword(password)
  if (invalid.test(normalized)) {
    return { code: 'invalid_characters', message: 'This password contains a character that cannot be typed reliably; leave it out.' }
  }
  const length = [...normalized].length
  if (length > maxCodePoints) return tooLong
  const minimum = Math.max(floor, about.secondFactor ? about.minimumWithSecondFactor : about.minimumAlone)
  if (length < minimum) return { code: 'too_short', message: `Use a password of at least ${minimum} characters.` }

  const ranks = await commonPasswords()
  const personal = personalWords(about)
  // Without separators only a single piece is refused, because the short words of an honest passphrase may happen to join to listed ones.
  const forms = [
    { fold: foldPassword, weakest: weakestBits },
    { fold: foldWithoutSeparators, weakest: onePieceBits }
  ]
  for (const { fold, weakest } of forms) {
    // Folding may make a character many; what is left of the longest password is enough to judge it, and keeps the time bounded.
    const text = fold(normalized).slice(0, maxCodePoints * 2)
    const words = personal.map(fold)
    if (!isRepeated(text, minimum) && guessBits(text, ranks, words) >= weakest) continue
    return words.some((word) => text.includes(word)) ? tooPersonal : tooCommon
  }

  if (await about.breached?.(breachedPasswordHash(normalized))) {
    return { code: 'breached', message: 'This password is known from a data breach elsewhere; choose one that you use nowhere else.' }
  }
  return undefined
}

/** What somebody who knows the person would try: the email address, its local part, the names, their words, and the product's name. */
function personalWords({ email, firstName, lastName }: PasswordContext): string[] {
  const localPart = email.slice(0, Math.max(email.lastIndexOf('@'), 0))
  const wholes = [localPart, firstName ?? '', lastName ?? '']
  const words = wholes.flatMap((whole) => [whole, ...whole.split(/[^\p{L}\p{M}]+/u)])
  // Shorter ones are part of too many other words.
  return [...new Set([productName, email, ...words])].filter((word) => foldWithoutSeparators(word).length >= 3)
}

function foldWithoutSeparators(text: string): string {
  return foldPassword(text).replace(/[\s._-]/g, '')
}

/** Whether the text is nothing but a piece shorter than the minimum, twice or more and perhaps cut off at the end. */
function isRepeated(text: string, minimum: number): boolean {
  for (let piece = 1; piece < minimum && piece * 2 <= text.length; piece++) {
    if (text.startsWith(text.slice(piece))) return true
  }
  return false
}

const tooLong = { code: 'too_long', message: `Use a password of at most ${maxCodePoints} characters.` } as const
const tooCommon = {
  code: 'common',
  message:
    'This password is easy to guess, being made of common passwords, rows of keys or repetitions; add words that do not belong together.'
} as const
const tooPersonal = {
  code: 'personal',
  message: 'This password is too close to your name, your email address or the name of this service; choose words unrelated to them.'
} as const
