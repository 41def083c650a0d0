import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { canonicalEmail } from './email-address.ts'
import { refusePassword } from './password-policy.ts'

/** The canonical form of an address (P-1). @throws email_invalid */
export function requireCanonical(address: string): string {
  const result = canonicalEmail(address)
  if (!result.ok) throw refuse('email_invalid', { detail: result.message, extensions: { reason: result.reason } })
  return result.canonical
}

/**
 * Holds a new password against the rules (S-1). Answers whether it may also be the only factor: only then may the second one be removed.
 * @throws password_refused
 */
export async function requirePassword(
  parts: Parts,
  password: string,
  about: { email: string; firstName: string; lastName: string; secondFactor: boolean }
): Promise<{ standsAlone: boolean }> {
  const refusalWith = (secondFactor: boolean) =>
    refusePassword(password, {
      ...about,
      secondFactor,
      minimumAlone: parts.config.PASSWORD_MIN_LENGTH,
      minimumWithSecondFactor: parts.config.PASSWORD_MIN_LENGTH_SECOND_FACTOR,
      breached: parts.breached
    })
  const refusal = await refusalWith(about.secondFactor)
  if (refusal) throw refuse('password_refused', { detail: refusal.message, extensions: { reason: refusal.code } })
  return { standsAlone: !about.secondFactor || (await refusalWith(false)) === undefined }
}
