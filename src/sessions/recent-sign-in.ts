import type { ActorOf } from '../actor.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { waysOutOfDoubt } from './sharing-ways.ts'

/**
 * S-8: sensitive acts need a recent sign-in. A session in doubt (S-5) learns why, and what can be done about it; that is looked up only
 * for the answer. @throws reauthentication_required
 */
export function requireRecentSignIn(parts: Parts, actor: ActorOf<'account'>): void {
  const maxAgeSeconds = parts.config.REAUTHENTICATION_SECONDS
  if (actor.signInAge <= maxAgeSeconds) return
  throw refuse('reauthentication_required', {
    extensions: { maxAgeSeconds, ...(actor.doubt ? { because: actor.doubt } : {}) },
    ...(actor.doubt ? { more: async () => ({ ways: await waysOutOfDoubt(parts, actor.accountId) }) } : {})
  })
}
