import { sql } from 'drizzle-orm'
import type { Db } from '../db/database.ts'
import { type Statement, statement } from '../db/pipeline.ts'
import type { Resource, ResourceType } from '../permissions/answer.ts'
import { isPermission } from '../permissions/catalogue.ts'
import { builtInRoles, memberPermission } from '../permissions/roles.ts'

/** Who or what may be in an answer at all, by id from a place on; decisions pick from them. */
export type Candidates = (after: string, limit: number) => Promise<string[]>

const first = '00000000-0000-0000-0000-000000000000'

// Who has a role that may give the permission there. A grant for a team counts in that team alone.
const members = statement(
  'access_members',
  sql`
  with place as (
    select o.id, null::uuid as team_id from organizations o where ${''} in ('company', 'agency') and o.id = ${''}::uuid and o.kind = ${''}
    union all select t.organization_id, t.id from teams t where ${''} = 'team' and t.id = ${''}::uuid
    union all select c.company_id, c.team_id from contracts c where c.id = ${''}
  )
  select m.account_id as id from place join organizations o on o.id = place.id join memberships m on m.organization_id = o.id
  where m.account_id > ${''}::uuid and (${''}::boolean or m.account_id = o.owner_account_id or coalesce((
    select true from role_grants g left join custom_roles c on c.organization_id = g.organization_id and c.key = g.custom_role
    where g.membership_id = m.id and (g.team_id is null or g.team_id = place.team_id)
      and (g.role = any(${''}::text[]) or ${''} = any(c.permissions)) limit 1), false))
  order by m.account_id limit ${''}`
)

const participants = statement(
  'access_participants',
  sql`select account_id as id from conversation_participants
    where conversation_id = ${''} and level is not null and account_id > ${''}::uuid order by account_id limit ${''}`
)

// Who is in an agency with somebody, with that one.
const colleagues = statement(
  'access_colleagues',
  sql`
  select distinct s.account_id as id from memberships m join memberships s on s.organization_id = m.organization_id
  where m.account_id = ${''}::uuid and m.kind = 'agency' and s.account_id > ${''}::uuid
  union select a.id from accounts a where a.id = ${''}::uuid and a.id > ${''}::uuid
  order by id limit ${''}`
)

/** Accounts that may have a permission on a resource. With a delegation it is the member's roles that say nothing: all are candidates. */
export function subjectCandidates(db: Db, permission: string, { type, id }: Resource, delegated: boolean): Candidates {
  if (id === null || !isPermission(permission)) return none
  if (type === 'conversation') return byId(db, participants, (after, limit) => [id, after || first, limit])
  if (type === 'account') return byId(db, colleagues, (after, limit) => [id, after || first, id, after || first, limit])
  const uuid = type === 'contract' ? null : id
  const foreign = type === 'contract' ? id : null
  const everybody = delegated || Object.values(memberPermission).includes(permission)
  const roles = Object.values(builtInRoles).flatMap((each) =>
    Object.entries(each).flatMap(([role, { permissions }]) => (permissions.includes(permission) ? [role] : []))
  )
  return byId(db, members, (after, limit) => [type, uuid, type, type, uuid, foreign, after || first, everybody, roles, permission, limit])
}

const byType: Record<ResourceType, Statement> = {
  company: statement(
    'access_companies',
    sql`select organization_id as id from memberships where account_id = ${''}::uuid and organization_id > ${''}::uuid and kind = 'company' order by 1 limit ${''}`
  ),
  agency: statement(
    'access_agencies',
    sql`select organization_id as id from memberships where account_id = ${''}::uuid and organization_id > ${''}::uuid and kind = 'agency' order by 1 limit ${''}`
  ),
  team: statement(
    'access_teams',
    sql`select t.id from memberships m join teams t on t.organization_id = m.organization_id
      where m.account_id = ${''}::uuid and t.id > ${''}::uuid order by 1 limit ${''}`
  ),
  contract: statement(
    'access_contracts',
    sql`select c.id from memberships m join contracts c on c.company_id = m.organization_id
      where m.account_id = ${''}::uuid and c.id > ${''} order by 1 limit ${''}`
  ),
  conversation: statement(
    'access_conversations',
    sql`select conversation_id as id from conversation_participants
      where account_id = ${''}::uuid and level is not null and conversation_id > ${''} order by 1 limit ${''}`
  ),
  account: colleagues
}

/** All of them, for whoever looks at how they are found. */
export const candidateStatements: readonly Statement[] = [members, participants, ...Object.values(byType)]

/** Resources of a type on which an account may have something. */
export function resourceCandidates(db: Db, accountId: string | null, type: ResourceType): Candidates {
  if (accountId === null) return none
  const begin = type === 'contract' || type === 'conversation' ? '' : first
  return type === 'account'
    ? byId(db, colleagues, (after, limit) => [accountId, after || first, accountId, after || first, limit])
    : byId(db, byType[type], (after, limit) => [accountId, after || begin, limit])
}

/** The same of a list that is known. */
export const listed =
  (ids: readonly string[]): Candidates =>
  async (after, limit) =>
    ids
      .filter((id) => id > after)
      .sort()
      .slice(0, limit)

export const none: Candidates = async () => []

const byId =
  (db: Db, statement: Statement, values: (after: string, limit: number) => unknown[]): Candidates =>
  async (after, limit) =>
    (await db.pipeline.run<{ id: string }>(statement, values(after, limit))).map(({ id }) => id)
