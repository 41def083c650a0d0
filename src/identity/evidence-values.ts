import { isIP } from 'node:net'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { addressBlock } from '../http/addresses.ts'
import type { EvidenceKind } from './tables.ts'

export const documentTypes = ['passport', 'national_id', 'driving_licence', 'residence_permit'] as const
export type DocumentType = (typeof documentTypes)[number]

/** Evidence as the verification service sends it; which properties a kind has is up to the schema. */
export interface EvidenceInput {
  kind: Exclude<EvidenceKind, 'mailbox' | 'email'>
  value: string
  country?: string | undefined
  documentType?: DocumentType | undefined
  /** ISO 8601 date. */
  birthDate?: string | undefined
}

export const invalidReasons = [
  'forbidden_character',
  'too_short',
  'too_long',
  'no_digit',
  'placeholder',
  'not_a_phone_number',
  'not_an_ip_address'
] as const
export type InvalidReason = (typeof invalidReasons)[number]

/** One text for all spellings of a value; or why it is none. */
export type Normalised = { ok: true; value: string } | { ok: false; reason: InvalidReason }

// What is drawn as nothing would make two values of one.
const forbidden = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u
const refuse = (reason: InvalidReason): Normalised => ({ ok: false, reason })
const plain = (text: string): string => text.normalize('NFKC').toUpperCase().normalize('NFKC')

/** Letters and digits only: where people put spaces, dots and dashes says nothing. */
const condensed = (text: string): string => plain(text).replace(/[^\p{L}\p{M}\p{N}]/gu, '')

/**
 * Brings evidence into the form whose keyed hash is kept (P-12): spellings of the same thing become the same text, two things never do. Pure;
 * what it answers is never stored or logged.
 */
export function normaliseEvidence({ kind, value, country = '', documentType = 'passport', birthDate = '' }: EvidenceInput): Normalised {
  if (forbidden.test(value)) return refuse('forbidden_character')
  switch (kind) {
    case 'government_id':
      return number(value, 4, 40, `${country} ${documentType}`)
    case 'tax_id':
      return number(value, 4, 40, country)
    case 'payout_account':
      return number(value, 6, 80, '')
    case 'phone':
      return phone(value, country)
    case 'ip':
      return isIP(value.trim()) === 0 ? refuse('not_an_ip_address') : { ok: true, value: addressBlock(value.trim()) }
    case 'device':
      return sized(plain(value).trim(), 4, 1000)
    case 'address':
      return sized(condensed(value), 5, 300, country)
    case 'name_birth_date':
      return sized(nameWords(value), 2, 300, birthDate)
  }
}

/** A number that somebody issued: without a digit, or all of one character, it is what forms are filled with to get past them. */
function number(value: string, least: number, most: number, issuer: string): Normalised {
  const text = condensed(value)
  const sizedText = sized(text, least, most, issuer)
  if (!sizedText.ok) return sizedText
  if (!/\p{N}/u.test(text)) return refuse('no_digit')
  return /^(.)\1*$/u.test(text) ? refuse('placeholder') : sizedText
}

function sized(text: string, least: number, most: number, prefix = ''): Normalised {
  const length = [...text].length
  if (length < least) return refuse('too_short')
  return length > most ? refuse('too_long') : { ok: true, value: prefix === '' ? text : `${prefix} ${text}` }
}

/** E.164. One with an extension is the switchboard of many. */
function phone(value: string, country: string): Normalised {
  const parsed = parsePhoneNumberFromString(value, country === '' ? undefined : (country as 'DE'))
  return parsed?.isValid() && !parsed.ext ? { ok: true, value: parsed.number } : refuse('not_a_phone_number')
}

/** The same words in any order: which one comes first differs from form to form. */
const nameWords = (name: string): string =>
  plain(name)
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter(Boolean)
    .sort()
    .join(' ')
