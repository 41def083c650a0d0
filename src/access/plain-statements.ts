import { type SQL, sql } from 'drizzle-orm'
import { type Statement, statement } from '../db/pipeline.ts'
import type { Question } from '../permissions/answer.ts'
import type { Row } from './facts-statement.ts'

/**
 * A plain question depends on nothing but an account and an organization, and most questions are asked alone: so these have statements of their own, which
 * look up nothing else and take a third of the time. What such a question does not depend on (profile, exclusivity, the teams of the person) they leave out.
 * All of it comes as one array, which is both made and read faster than as many columns.
 */
const plainStatement = (name: string, place: SQL): Statement =>
  statement(
    name,
    sql`
  select json_build_array(a.id, a.status, a.enforcement, a.version,
    extract(epoch from least(a.enforcement_changes, o.enforcement_changes) - now())::float8 * 1000,
    exists (select from second_factors f where f.account_id = a.id and f.confirmed_at is not null),
    o.id, o.kind, o.status, o.enforcement, o.require_second_factor, o.version, m.status, m.affiliation, o.owner_account_id = a.id,
    (select json_agg(json_build_array(coalesce(g.role, g.custom_role), g.team_id,
        (select c.permissions from custom_roles c where c.organization_id = g.organization_id and c.key = g.custom_role limit 1))
      order by g.team_id nulls first, coalesce(g.role, g.custom_role)) from role_grants g where g.membership_id = m.id)) as facts
  from accounts a ${place} left join memberships m on m.organization_id = o.id and m.account_id = a.id where a.id = ${''}`
  )

const ofOrganization = plainStatement('access_organization', sql`left join organizations o on o.id = ${''} and o.kind = ${''}`)
const ofTeam = plainStatement(
  'access_team',
  sql`left join teams t on t.id = ${''} and ${''}::text = 'team' left join organizations o on o.id = t.organization_id`
)

export const plainStatements: readonly Statement[] = [ofOrganization, ofTeam]

/** The statement of a plain question, with its values. */
export function plainLook({ accountId, resource: { type, id } }: Question): { statement: Statement; values: unknown[] } {
  return { statement: type === 'team' ? ofTeam : ofOrganization, values: [id, type, accountId] }
}

/** The row of a plain question: none of an account that is unknown, and one without an organization where that is. */
export interface PlainRow {
  facts: [
    accountId: string,
    accountStatus: string,
    enforcement: Row['enforcement'],
    accountVersion: number,
    lasts: number | null,
    secondFactor: boolean,
    organizationId: string | null,
    kind: Row['kind'],
    organizationStatus: Row['organizationStatus'],
    organizationEnforcement: Row['organizationEnforcement'],
    requireSecondFactor: boolean,
    organizationVersion: number,
    membershipStatus: Row['membershipStatus'],
    affiliation: Row['affiliation'],
    owner: boolean,
    grants: Array<[role: string, teamId: string | null, permissions: string[] | null]> | null
  ]
}

/** The same as the statement for all questions would say it. */
export function rowOf({ facts }: PlainRow, { resource }: Question): Row {
  const placed = facts[6] !== null
  const grants = facts[15]?.map(([role, teamId, permissions]) => ({ role, teamId, permissions }) as Row['grants'][number]) ?? []
  return {
    n: 1,
    part: placed ? 'place' : null,
    teamId: placed && resource.type === 'team' ? resource.id : null,
    accountId: facts[0],
    accountStatus: facts[1],
    enforcement: facts[2],
    accountVersion: facts[3],
    lasts: facts[4],
    secondFactor: facts[5],
    organizationId: facts[6],
    kind: facts[7],
    organizationStatus: facts[8],
    organizationEnforcement: facts[9],
    requireSecondFactor: facts[10],
    organizationVersion: facts[11],
    membershipStatus: facts[12],
    affiliation: facts[13],
    owner: facts[14],
    grants,
    ownSide: false,
    freelancer: false,
    exclusive: false,
    teamIds: []
  }
}
