import { publicId } from '../http/ids.ts'
import { findInvitingPlace } from '../organizations/inviting-place.ts'
import { faceOf } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'

export interface Way {
  code: 'reauthenticate' | 'invite_the_other_person' | 'end_other_sessions'
  resolve: { method: string; href: string; body?: Record<string, unknown> }
}

/**
 * What a person can do whose session asks for the password: prove that it is them; let the other person work with a login of their own, by
 * an invitation to a company or agency, or to one that is founded first; or end what they do not know (S-5).
 */
export async function waysOutOfDoubt({ db }: Parts, accountId: string): Promise<Way[]> {
  const place = await findInvitingPlace(db.query, accountId)
  return [
    { code: 'reauthenticate', resolve: { method: 'POST', href: '/v1/me/reauthentication', body: { password: '<your password>' } } },
    {
      code: 'invite_the_other_person',
      resolve: place
        ? {
            method: 'POST',
            href: `/v1/${faceOf(place.kind).path}/${publicId(place.kind, place.id)}/invitations`,
            body: { email: "<the other person's address>" }
          }
        : { method: 'POST', href: '/v1/companies', body: { displayName: '<a name>' } }
    },
    { code: 'end_other_sessions', resolve: { method: 'DELETE', href: '/v1/me/sessions' } }
  ]
}
