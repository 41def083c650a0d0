import { type SQL, sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { statement } from '../db/pipeline.ts'
import { publicId } from '../http/ids.ts'
import type { Grant, MemberFacts } from '../permissions/decide.ts'
import { refuse } from '../problems.ts'
import { publicGrant } from './grants.ts'
import type { Organization } from './organizations.ts'
import type { MembershipSource } from './tables.ts'

export interface MemberTeam {
  id: string
  name: string
  hidden: boolean
}

/** A live membership with everything that decisions about it depend on, and what lists show of it. */
export interface Member extends MemberFacts {
  id: string
  organizationId: string
  firstName: string
  lastName: string
  /** The primary address. */
  email: string
  freelancer: boolean
  source: MembershipSource
  endsWhenClear: 'left' | 'removed' | null
  teams: MemberTeam[]
  grants: Grant[]
  joinedAt: string
  revision: number
}

type Row = Omit<Member, 'joinedAt'> & { joinedAt: number }

/** Members as lists and decisions need them; `where` sees `m` (membership), `a` (account) and `o` (organization). */
const memberQuery = (where: SQL, rest: SQL = sql``): SQL => sql`
  select m.id, m.organization_id as "organizationId", m.account_id as "accountId", m.status as "membershipStatus", m.account_id = o.owner_account_id as owner,
    m.affiliation, m.source, m.ends_when_clear as "endsWhenClear", m.revision, (extract(epoch from m.joined_at) * 1000)::float8 as "joinedAt",
    a.first_name as "firstName", a.last_name as "lastName", a.status as "accountStatus", a.enforcement,
    coalesce((select e.address from emails e where e.account_id = a.id and e.is_primary), '') as email,
    exists (select from second_factors f where f.account_id = a.id and f.confirmed_at is not null) as "secondFactor",
    exists (select from freelancer_profiles p where p.account_id = a.id and p.status = 'active') as freelancer,
    coalesce((select jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name, 'hidden', t.hidden_at is not null) order by t.id)
      from team_members tm join teams t on t.id = tm.team_id where tm.membership_id = m.id), '[]') as teams,
    coalesce((select jsonb_agg(jsonb_build_object('role', coalesce(g.role, g.custom_role), 'teamId', g.team_id, 'permissions', c.permissions)
        order by g.team_id nulls first, coalesce(g.role, g.custom_role))
      from role_grants g left join custom_roles c on c.organization_id = g.organization_id and c.key = g.custom_role
      where g.membership_id = m.id), '[]') as grants
  from memberships m join organizations o on o.id = m.organization_id join accounts a on a.id = m.account_id
  where ${where} ${rest}`

export async function findMembers(executor: Db['query'] | Tx, where: SQL, rest?: SQL): Promise<Member[]> {
  return (await rows<Row>(executor, memberQuery(where, rest))).map(fromRow)
}

const fromRow = (row: Row): Member => ({
  ...row,
  joinedAt: new Date(row.joinedAt).toISOString(),
  grants: row.grants.map(({ permissions, ...grant }) => (permissions ? { ...grant, permissions } : grant))
})

const memberOf = statement('member_of', memberQuery(sql`m.organization_id = ${''} and m.account_id = ${''}`))

/** The same as `findMemberOf` for reads outside a transaction, which need no connection of their own. */
export async function readMemberOf(db: Db, organizationId: string, accountId: string): Promise<Member | undefined> {
  const [row] = await db.pipeline.run<Row>(memberOf, [organizationId, accountId])
  return row && fromRow(row)
}

export async function findMemberOf(executor: Db['query'] | Tx, organizationId: string, accountId: string): Promise<Member | undefined> {
  const [member] = await findMembers(executor, sql`m.organization_id = ${organizationId} and m.account_id = ${accountId}`)
  return member
}

/** A member of this organization: an id of another one is as unknown as none (C-2). @throws not_found */
export async function requireMember(executor: Db['query'] | Tx, organization: Organization, memberId: string): Promise<Member> {
  const [member] = await findMembers(executor, sql`m.organization_id = ${organization.id} and m.id = ${memberId}`)
  if (!member) throw refuse('not_found')
  return member
}

/** Raises the version that is the member's ETag. */
export async function bumpMember(tx: Tx, memberId: string): Promise<void> {
  await tx.execute(sql`update memberships set revision = revision + 1 where id = ${memberId}`)
}

/** What audit and events say of a membership's state, before and after. */
export const memberState = (member: Pick<Member, 'membershipStatus' | 'grants' | 'teams' | 'affiliation' | 'owner'>) => ({
  status: member.membershipStatus,
  owner: member.owner,
  ...(member.affiliation === null ? {} : { affiliation: member.affiliation }),
  grants: member.grants.map(publicGrant),
  teams: member.teams.map(({ id }) => publicId('team', id))
})
