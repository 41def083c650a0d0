import { sql } from 'drizzle-orm'
import { type Db, rows } from '../db/database.ts'
import { millis } from '../db/moments.ts'
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
  /** When an enforcement begins or ends by the clock, of which no event tells: milliseconds since 1970. */
  changesAt: number | null
}

/** One person's permissions with their sources, in all their organizations or in one (Q-8). Complete: nobody is in very many. @throws not_found */
export async function getPermissionMap(
  parts: Parts,
  input: { accountId: string; organizationId?: string | undefined },
  freshness: Freshness
): Promise<PermissionMap> {
  const accountId = parseId('account', input.accountId)
  if (!accountId) throw refuse('not_found')
  const self: Question = { accountId, permission: '', resource: { type: 'account', id: accountId } }
  const memberOf = await listOrganizations(parts.db, accountId, input.organizationId)
  // Before the facts: a moment that passes in between has passed for whoever keeps the map.
  const changesAt = await nextChange(
    parts.db,
    accountId,
    memberOf.map(({ id }) => id)
  )
  const questions = memberOf.map(({ id, kind }): Question => ({ accountId, permission: '', resource: { type: kind, id } }))
  // With themselves among the questions: what is kept of an organization, or read for it alone, leaves out the teams that a person is in.
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
  return { accountId, own, organizations, changesAt }
}

/** E-5: when the next enforcement of any of them begins or ends. */
async function nextChange(db: Db, accountId: string, organizationIds: string[]): Promise<number | null> {
  const [next] = await rows<{ at: number | null }>(
    db.query,
    sql`select min(${millis(sql`b.at`)}) as at
      from (select lower(during) as at, upper(during) as until from enforcement_actions
        where status = 'active' and (account_id = ${accountId} or organization_id = any(${sql.param(organizationIds)}::uuid[]))) a
      cross join lateral (values (a.at), (a.until)) b (at) where b.at > now() and isfinite(b.at)`
  )
  return next!.at
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
