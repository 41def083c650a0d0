import { sql } from 'drizzle-orm'
import { type Db, rows } from '../db/database.ts'
import { parseId } from '../http/ids.ts'
import type { Parts } from '../parts.ts'
import type { Question } from '../permissions/answer.ts'
import { ownCapacityPermissions } from '../permissions/catalogue.ts'
import type { OrganizationFacts } from '../permissions/decide.ts'
import { type EffectivePermissions, effectivePermissions, type PermissionWithSources } from '../permissions/effective.ts'
import { decideOwnCapacity } from '../permissions/own-capacity.ts'
import { refuse } from '../problems.ts'
import { type Freshness, readFacts } from './facts.ts'

/** All that one person may do: as themselves, and in each organization. */
export interface PermissionMap {
  accountId: string
  own: PermissionWithSources[]
  organizations: Array<EffectivePermissions & Pick<OrganizationFacts, 'id' | 'kind'>>
}

/** One person's permissions with their sources, in all their organizations or in one. Complete: nobody is in very many. @throws not_found */
export async function getPermissionMap(
  parts: Parts,
  input: { accountId: string; organizationId?: string | undefined },
  freshness: Freshness
): Promise<PermissionMap> {
  const accountId = parseId('account', input.accountId)
  if (!accountId) throw refuse('not_found')
  const self: Question = { accountId, permission: '', resource: { type: 'account', id: accountId } }
  const memberOf = await listOrganizations(parts.db, accountId, input.organizationId)
  const questions = memberOf.map(({ id, kind }): Question => ({ accountId, permission: '', resource: { type: kind, id } }))
  const [alone, ...scenes] = await readFacts(parts, [self, ...questions], freshness)
  const person = alone!.person
  if (!person) throw refuse('not_found')
  const own = ownCapacityPermissions.flatMap((key) => {
    const { allowed, sources } = decideOwnCapacity(person, true, key)
    return allowed ? [{ key, sources: [...sources] }] : []
  })
  const organizations = scenes.flatMap(({ place }) => {
    if (!place || !('grants' in place.person)) return []
    const { id, kind } = place.organization
    return [{ id, kind, ...effectivePermissions(place.organization, place.person, place.teamIds) }]
  })
  return { accountId, own, organizations }
}

/** Where a person is a member: in all organizations or in one; an id that is none names nothing. */
function listOrganizations(db: Db, accountId: string, organization?: string): Promise<Array<Pick<OrganizationFacts, 'id' | 'kind'>>> {
  const kind = organization?.startsWith('agency') ? 'agency' : 'company'
  const which =
    organization === undefined ? sql`` : sql`and organization_id = ${parseId(kind, organization) ?? null}::uuid and kind = ${kind}`
  return rows(
    db.query,
    sql`select organization_id as id, kind from memberships where account_id = ${accountId} ${which} order by kind desc, organization_id`
  )
}
