import { ownCapacityPermissions } from './catalogue.ts'
import { type AccountFacts, type Decision, deniedByAccount, deny } from './decide.ts'

/** A person as they are in no organization. */
export interface PersonFacts extends AccountFacts {
  /** Has an active freelancer profile. */
  freelancer: boolean
  /** Works exclusively through some agency. */
  exclusive: boolean
}

/**
 * What a person with an active freelancer profile may do as themselves; independent proposals not while they are exclusive somewhere (G-2).
 * `self`: whether it is asked about themselves.
 */
export function decideOwnCapacity(person: PersonFacts | undefined, self: boolean, permission: string): Decision {
  const asked = ownCapacityPermissions.find((known) => known === permission)
  if (!asked) return deny('unknown_permission')
  if (!person) return deny('missing_permission')
  const state = deniedByAccount(person, asked)
  if (state) return deny(state)
  if (!self || !person.freelancer) return deny('missing_permission')
  if (asked === 'proposal.submit_independent' && person.exclusive) return deny('exclusive_member')
  return { allowed: true, reason: 'granted', sources: [{ role: 'freelancer_profile', teamId: null }] }
}
