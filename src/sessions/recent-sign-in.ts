import type { ActorOf } from '../actor.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'

/** S-8: sensitive acts need a recent sign-in. @throws reauthentication_required */
export function requireRecentSignIn(parts: Parts, actor: ActorOf<'account'>): void {
  if (actor.signInAge > parts.config.REAUTHENTICATION_SECONDS) {
    throw refuse('reauthentication_required', { extensions: { maxAgeSeconds: parts.config.REAUTHENTICATION_SECONDS } })
  }
}
