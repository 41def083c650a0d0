import { refuse } from '../problems.ts'

/** The strong entity tag of a version, or of a digest where what is shown has none (RFC 9110 section 8.8.3). */
export const etag = (version: number | string): string => `"${version}"`

/**
 * The version that `If-Match` names. @throws version_required when it is absent, stale_version when it names anything but one
 * strong tag of ours: weak tags, lists and `*` never match a version.
 */
export function requireIfMatch(header: string | undefined): number {
  if (header === undefined) throw refuse('version_required')
  const match = /^"(\d{1,15})"$/.exec(header.trim())
  if (!match) throw refuse('stale_version')
  return Number(match[1])
}

/** True when `If-None-Match` holds this tag: the answer is 304. Weak comparison, as RFC 9110 section 13.1.2 asks. */
export function matchesNone(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || header.split(',').some((part) => part.trim().replace(/^W\//, '') === tag)
}
