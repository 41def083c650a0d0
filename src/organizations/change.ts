import type { ActorOf } from '../actor.ts'
import type { Db, Tx } from '../db/database.ts'
import { requireFresh, type Versions } from '../http/consistency.ts'
import type { PermissionKey } from '../permissions/catalogue.ts'
import { type Decision, decide, scopesOf } from '../permissions/decide.ts'
import type { Reason } from '../permissions/reasons.ts'
import { refuse } from '../problems.ts'
import { findMemberOf, type Member, readMemberOf } from './members.ts'
import { companyFace, type Face, lockOrganization, type Organization, readOrganization, requireId } from './organizations.ts'

/** Somebody acting in an organization they are a member of, and what they are there. */
export interface Acting {
  actor: ActorOf<'account'>
  organization: Organization
  self: Member
}

/** Where a request acts: the face and the organization's id as the path has it. */
export interface Place {
  face: Face
  organizationId: string
}

/** A company by the id in a path. */
export const placeOf = (companyId: string): Place => ({ face: companyFace, organizationId: companyId })

/**
 * Runs a change in an organization: one transaction, under the organization's lock. Whoever is no member learns nothing of it (C-3).
 * @throws not_found
 */
export async function changeAsMember<T>(
  db: Db,
  actor: ActorOf<'account'>,
  { face, organizationId }: Place,
  work: (tx: Tx, acting: Acting) => Promise<T>
): Promise<T> {
  const id = requireId(face.idKind, organizationId)
  return db.transaction(async (tx) => {
    const organization = await lockOrganization(tx, face.kind, id, actor.accountId)
    return work(tx, { actor, organization, self: await requireSelf(tx, organization, actor) })
  })
}

/** The same for reading: no lock, no transaction. @throws not_found, not_fresh_enough */
export async function readAsMember(
  db: Db,
  actor: ActorOf<'account'>,
  { face, organizationId }: Place,
  atLeast: Versions | undefined
): Promise<Acting> {
  const id = requireId(face.idKind, organizationId)
  const [organization, self] = await Promise.all([readOrganization(db, face.kind, id), readMemberOf(db, id, actor.accountId)])
  if (!self) throw refuse('not_found')
  requireFresh(atLeast, 'organization', id, organization.version)
  return { actor, organization, self }
}

/** What somebody is in an organization; who is no member finds nothing (C-3). @throws not_found */
export async function requireSelf(tx: Tx, organization: Organization, actor: ActorOf<'account'>): Promise<Member> {
  const self = await findMemberOf(tx, organization.id, actor.accountId)
  if (!self) throw refuse('not_found')
  return self
}

export const may = (
  { organization, self }: Pick<Acting, 'organization' | 'self'>,
  permission: string,
  teamId: string | null = null
): Decision => decide(organization, self, permission, teamId)

/** Holds an act against the one decision. @throws access_denied with the permission that is missing, or the problem of the state that denies it */
export function requirePermission(acting: Pick<Acting, 'organization' | 'self'>, permission: string, teamId: string | null = null): void {
  const decision = may(acting, permission, teamId)
  if (!decision.allowed) throw denied(decision.reason, permission)
}

/** Where somebody may do something; who may nowhere is refused. @throws access_denied, or the problem of the state that denies it */
export function requireAnywhere(acting: Pick<Acting, 'organization' | 'self'>, permission: PermissionKey) {
  const scopes = scopesOf(acting.organization.kind, acting.self, permission)
  requirePermission(acting, permission, scopes.organization ? null : (scopes.teamIds[0] ?? null))
  return scopes
}

/** The problem that a denial is told as. */
export function denied(reason: Reason, permission: string) {
  switch (reason) {
    case 'not_a_member':
      return refuse('not_found')
    case 'second_factor_required':
      return refuse('organization_requires_second_factor')
    case 'account_restricted':
    case 'membership_suspended':
    case 'organization_suspended':
    case 'organization_banned':
    case 'organization_restricted':
    case 'organization_closed':
      return refuse(reason)
    default:
      return refuse('access_denied', { extensions: { missingPermissions: [permission] } })
  }
}
