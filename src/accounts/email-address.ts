import { toASCII, toUnicode } from 'tr46'

/** Why an email address is refused. */
export type EmailRefusal =
  | 'too_long'
  | 'surrounding_space'
  | 'forbidden_character'
  | 'not_one_address'
  | 'unsupported_local_part'
  | 'non_ascii_local_part'
  | 'invalid_local_part'
  | 'address_literal'
  | 'invalid_domain'

export type CanonicalEmail = { ok: true; canonical: string } | { ok: false; reason: EmailRefusal; message: string }

/** The version of `canonicalEmail`, stored beside each canonical form: any change of an outcome needs a new number. */
export const emailVersion = 1

const maxAddress = 254
const maxLocalPart = 64

// Unassigned code points are refused by the runtime's Unicode version as well as by tr46's: a character only one of the two knows could be
// normalised differently after an upgrade, and then one mailbox would have two canonical forms.
// Default-ignorable code points are the zero-width and bidi controls, and all that UTS 46 would silently drop.
const forbidden = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

// RFC 5321 dot-atom without % and !, which relays once read as routing. A dot never matches the inner class, so this does not backtrack.
const dotAtom = /^[A-Za-z0-9#$&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9#$&'*+/=?^_`{|}~-]+)*$/

// checkHyphens also forbids hyphens in the third and fourth place, which real domains have (r3---sn.example); the hyphens at the ends of
// a label, which no host name may have, are checked here instead.
const uts46 = { checkHyphens: false, checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true, transitionalProcessing: false } as const
const hyphenAtLabelEnd = /^-|-$|\.-|-\./

/**
 * The canonical form of one email address (P-1): equal forms are one identity, unequal ones are two. Pure, linear in the input, and
 * idempotent: the canonical form is its own canonical form. The local part is kept but for A-Z, which become a-z; the domain becomes
 * lower-case A-labels by UTS 46 non-transitional. Nothing is trimmed or repaired: what is not a plain dot-atom address with a domain of
 * at least two labels is refused, with a message for the person who typed it. Mail goes to the address as typed, never to this form.
 */
export function canonicalEmail(input: string): CanonicalEmail {
  // UTF-8 never has fewer bytes than UTF-16 has units, so this only saves looking at input that is too long anyway.
  if (input.length > maxAddress) return tooLong
  if (input.trim() !== input) return refuse('surrounding_space', 'Remove the spaces before and after the email address.')
  if (forbidden.test(input)) return forbiddenCharacter
  if (Buffer.byteLength(input) > maxAddress) return tooLong

  const at = input.lastIndexOf('@')
  const typedLocal = input.slice(0, Math.max(at, 0))
  const typedDomain = input.slice(at + 1)
  if (at === -1 || typedLocal === '' || typedDomain === '') return notOneAddress

  if (/["\\()%!]|=\?/.test(typedLocal)) {
    return refuse(
      'unsupported_local_part',
      'The part before the @ may not contain quotes, backslashes, brackets, "%", "!" or "=?"; use a plain address such as name@example.com.'
    )
  }
  if (typedDomain.startsWith('[')) return addressLiteral
  if (/[,;:<>]/.test(input) || typedLocal.includes('@')) return notOneAddress

  const local = canonicalLocalPart(typedLocal)
  if (!local.ok) return local
  const domain = canonicalDomain(typedDomain)
  if (!domain.ok) return domain
  const canonical = `${local.canonical}@${domain.canonical}`
  return canonical.length > maxAddress ? tooLong : { ok: true, canonical }
}

/** A domain as it stands in canonical addresses; undefined for what no address can have, such as an IP address or a single label. */
export function canonicalEmailDomain(input: string): string | undefined {
  const email = canonicalEmail(`x@${input}`)
  return email.ok ? email.canonical.slice(2) : undefined
}

/**
 * The address that a mail server is asked for: the local part as typed, the domain as in the canonical form. Whatever maps and composes the
 * domain on the way (runtimes have done it wrong) could send it elsewhere than to the mailbox whose owner the canonical form names.
 */
export function deliveryAddress(typed: string): string {
  const at = typed.lastIndexOf('@') + 1
  return typed.slice(0, at) + (canonicalEmailDomain(typed.slice(at)) ?? typed.slice(at))
}

function canonicalLocalPart(typed: string): CanonicalEmail {
  if (/[^\0-\x7f]/.test(typed)) {
    return refuse('non_ascii_local_part', 'The part before the @ may only contain unaccented Latin letters, digits and common symbols.')
  }
  if (!dotAtom.test(typed)) {
    return refuse(
      'invalid_local_part',
      'The part before the @ may not contain spaces or square brackets, begin or end with a dot, or have two dots in a row.'
    )
  }
  if (typed.length > maxLocalPart) return refuse('too_long', `The part before the @ may have at most ${maxLocalPart} characters.`)
  // Only ASCII is left here, so this changes A-Z and nothing else.
  return { ok: true, canonical: typed.toLowerCase() }
}

function canonicalDomain(typed: string): CanonicalEmail {
  const domain = domainToAscii(typed)
  if (domain === null) return invalidDomain
  // UTS 46 maps before it composes, so a few canonically equivalent spellings are different domains to it (Greek letters with iota
  // subscript). Whether mail for such a spelling reaches the one or the other depends on who normalises it on the way.
  const composed = typed.normalize('NFC')
  if (composed !== typed && domainToAscii(composed) !== domain) return invalidDomain
  // An A-label can hide what may not be typed plainly, such as a joiner or a hyphen at the end of a label.
  const readable = toUnicode(domain, uts46).domain
  if (forbidden.test(readable)) return forbiddenCharacter
  if (hyphenAtLabelEnd.test(readable)) return invalidDomain

  const lastDot = domain.lastIndexOf('.')
  if (lastDot === -1) return invalidDomain
  // Resolvers read a domain that ends in a decimal or hexadecimal number as an IP address.
  if (/^(?:[0-9]+|0x[0-9a-f]*)$/.test(domain.slice(lastDot + 1))) return addressLiteral
  return { ok: true, canonical: domain }
}

function domainToAscii(domain: string): string | null {
  return toASCII(domain, { ...uts46, verifyDNSLength: true })
}

function refuse(reason: EmailRefusal, message: string) {
  return { ok: false, reason, message } as const
}

const tooLong = refuse('too_long', `An email address may be at most ${maxAddress} bytes long; use a shorter one.`)
const forbiddenCharacter = refuse(
  'forbidden_character',
  'The email address contains an invisible or unknown character; type it again instead of pasting it.'
)
const notOneAddress = refuse(
  'not_one_address',
  'Enter exactly one email address, such as name@example.com, without a name or brackets around it.'
)
const addressLiteral = refuse('address_literal', 'Use an email address with a domain name after the @, not an IP address or a number.')
const invalidDomain = refuse('invalid_domain', 'The part after the @ is not a valid domain name; check it for typing errors.')
