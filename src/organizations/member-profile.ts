import { sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { type Db, rows } from '../db/database.ts'
import type { Versions } from '../http/consistency.ts'
import type { Parts } from '../parts.ts'
import type { PermissionKey } from '../permissions/catalogue.ts'
import { deniedByState } from '../permissions/decide.ts'
import { refuse } from '../problems.ts'
import { getFreelancerProfile, type ProfileView, type Rate, updateProfile } from '../profiles/profiles.ts'
import { type Acting, denied, may, type Place, readAsMember, requirePermission, requireSelf } from './change.ts'
import { type Member, requireMember } from './members.ts'
import { agencyFace, lockOrganization, requireId } from './organizations.ts'

interface OfMember {
  agencyId: string
  memberId: string
}

/** In the whole agency, or in one of the member's teams. @throws access_denied, or the problem of the state that denies it */
function requireOver(acting: Pick<Acting, 'organization' | 'self'>, member: Member, permission: PermissionKey): void {
  const heldUp = deniedByState(acting.organization, member, permission)
  if (heldUp) throw denied(heldUp, permission)
  const scopes = [null, ...member.teams.map(({ id }) => id)]
  if (!scopes.some((teamId) => may(acting, permission, teamId).allowed)) requirePermission(acting, permission)
}

/** A member's freelancer profile, for who may set its rate or visibility; the ETag is needed to change them (G-6). @throws not_found */
export async function getMemberProfile(
  { db }: Parts,
  actor: ActorOf<'account'>,
  input: OfMember,
  atLeast: Versions | undefined
): Promise<ProfileView> {
  const place: Place = { face: agencyFace, organizationId: input.agencyId }
  const acting = await readAsMember(db, actor, place, atLeast)
  const member = await requireMember(db.query, acting.organization, requireId('member', input.memberId))
  if (member.id !== acting.self.id) {
    requireOver(acting, member, 'profile.rate.update')
    if (member.affiliation !== 'exclusive') throw refuse('not_exclusive')
  }
  return getFreelancerProfile(db, member.accountId)
}

/**
 * Sets rate and visibility of an exclusive member (G-6): each needs its own permission; nothing else of the profile is the agency's.
 * @throws not_exclusive, stale_version
 */
export async function updateMemberProfile(
  db: Db,
  actor: ActorOf<'account'>,
  input: OfMember & { revision: number; hourlyRate?: Rate | null | undefined; visibility?: ProfileView['visibility'] | undefined }
): Promise<ProfileView> {
  const agencyId = requireId('agency', input.agencyId)
  const memberId = requireId('member', input.memberId)
  return db.transaction(async (tx) => {
    // The member's account is locked before the agency: the order of all locks.
    const [of] = await rows<{ accountId: string }>(
      tx,
      sql`select m.account_id as "accountId" from memberships m where m.id = ${memberId} and m.organization_id = ${agencyId}
        and exists (select from memberships s where s.organization_id = m.organization_id and s.account_id = ${actor.accountId})`
    )
    if (!of) throw refuse('not_found')
    await lockAccount(tx, of.accountId)
    const organization = await lockOrganization(tx, 'agency', agencyId)
    const self = await requireSelf(tx, organization, actor)
    const member = await requireMember(tx, organization, memberId)
    const acting = { actor, organization, self }
    if (input.hourlyRate !== undefined || input.visibility === undefined) requireOver(acting, member, 'profile.rate.update')
    if (input.visibility !== undefined) requireOver(acting, member, 'profile.visibility.update')
    if (member.affiliation !== 'exclusive') throw refuse('not_exclusive')
    const { revision, hourlyRate, visibility } = input
    return updateProfile(tx, actor, member.accountId, revision, { hourlyRate, visibility }, { kind: 'organization', id: agencyId })
  })
}
