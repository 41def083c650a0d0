import { sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { decide, scopesOf } from '../permissions/decide.ts'
import { findMemberOf } from './members.ts'
import { findOrganization } from './organizations.ts'
import type { OrganizationKind } from './tables.ts'

export interface InvitingPlace {
  id: string
  kind: OrganizationKind
}

/** An organization in which somebody may invite now (N-1), their own ones first; of a person in very many, the first few are looked at. */
export async function findInvitingPlace(executor: Db['query'] | Tx, accountId: string): Promise<InvitingPlace | undefined> {
  const places = await rows<InvitingPlace>(
    executor,
    sql`select o.id, o.kind from memberships m join organizations o on o.id = m.organization_id
      where m.account_id = ${accountId} and m.status = 'active' and o.status = 'active'
      order by (o.owner_account_id = m.account_id) desc, m.id limit 10`
  )
  for (const place of places) {
    const organization = await findOrganization(executor, place.kind, place.id)
    const member = await findMemberOf(executor, place.id, accountId)
    if (!member) continue
    const scopes = scopesOf(place.kind, member, 'member.invite')
    if (decide(organization, member, 'member.invite', scopes.organization ? null : (scopes.teamIds[0] ?? null)).allowed) return place
  }
  return undefined
}
