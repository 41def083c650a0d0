import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { rows } from '../db/database.ts'
import { parseId, publicId } from '../http/ids.ts'
import type { Parts } from '../parts.ts'
import { delegablePermissions } from '../permissions/catalogue.ts'
import { decideDelegated } from '../permissions/delegated.ts'
import { delegationSeconds } from '../sessions/signing-keys.ts'
import { findMembers, type Member } from './members.ts'
import { findOrganization, type Organization } from './organizations.ts'

export type Delegation = { accessToken: string; scope: string; expiresIn: number } | { error: 'invalid_request' | 'invalid_scope' }

/**
 * A short token with which a manager acts for a member of an agency (G-5, RFC 8693): `sub` the member, `act` the manager, the agency, and the
 * permissions that the manager really has over that member now. Without a scope it holds all of them. Audited with both.
 */
export async function delegate(
  { db, config, signing }: Parts,
  manager: ActorOf<'account'>,
  input: { requestedSubject: string; scope?: string | undefined }
): Promise<Delegation> {
  const memberId = parseId('member', input.requestedSubject)
  if (!memberId) return { error: 'invalid_request' }
  const granted = await db.transaction(async (tx) => {
    const [place] = await rows<{ id: string }>(
      tx,
      sql`select o.id from memberships m join organizations o on o.id = m.organization_id and o.kind = 'agency'
        where m.id = ${memberId} and exists (select from memberships s where s.organization_id = o.id and s.account_id = ${manager.accountId})
        for share of o`
    )
    if (!place) return { error: 'invalid_request' } as const
    // Under that lock nobody's roles change; many managers can hold it at once.
    const agency = await findOrganization(tx, 'agency', place.id)
    const both = await findMembers(
      tx,
      sql`m.organization_id = ${agency.id} and (m.id = ${memberId} or m.account_id = ${manager.accountId})`
    )
    const member = both.find(({ id }) => id === memberId)
    const self = both.find(({ accountId }) => accountId === manager.accountId)
    if (!member || !self || member.id === self.id) return { error: 'invalid_request' } as const

    const held = permissionsOver(agency, self, member)
    const asked = input.scope === undefined ? held : [...new Set(input.scope.split(' ').filter(Boolean))]
    if (asked.length === 0 || asked.some((permission) => !held.includes(permission))) return { error: 'invalid_scope' } as const
    const [subject, actor] = [publicId('account', member.accountId), publicId('account', self.accountId)]
    await record(tx, {
      actor: manager,
      chain: { kind: 'organization', id: agency.id },
      action: 'delegation.granted',
      resource: publicId('member', member.id),
      detail: { before: null, after: { subject, actor, permissions: asked } },
      personal: { subject: `${member.firstName} ${member.lastName}`, actor: `${self.firstName} ${self.lastName}` },
      event: { after: { subject, actor, permissions: asked } }
    })
    return { sub: subject, act: { sub: actor }, agency: publicId('agency', agency.id), scope: asked.join(' ') }
  })
  if (granted.error !== undefined) return { error: granted.error }
  return {
    accessToken: signing.sign('delegation', { ...granted, sid: publicId('session', manager.sessionId) }),
    scope: granted.scope,
    expiresIn: Math.min(config.ACCESS_TOKEN_SECONDS, delegationSeconds)
  }
}

/** What the manager may do for the member now. */
const permissionsOver = (agency: Organization, self: Member, member: Member): string[] => {
  const represented = { ...member, teamIds: member.teams.map(({ id }) => id) }
  return delegablePermissions.filter((permission) => decideDelegated(agency, self, represented, permission).allowed)
}
