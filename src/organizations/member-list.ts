import { type SQL, sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { varied } from '../db/database.ts'
import type { Versions } from '../http/consistency.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import type { Parts } from '../parts.ts'
import { type EffectivePermissions, effectivePermissions } from '../permissions/effective.ts'
import { refuse } from '../problems.ts'
import { type Acting, type Place, readAsMember, requireAnywhere } from './change.ts'
import { findMembers, type Member, requireMember } from './members.ts'
import { requireId } from './organizations.ts'
import type { MembershipSource } from './tables.ts'
import { requireTeam } from './teams.ts'

export interface ListMembers extends Place {
  teamId?: string | undefined
  role?: string | undefined
  status?: 'active' | 'suspended' | undefined
  source?: MembershipSource | undefined
  /** Part of a name, or the beginning of an email address. */
  text?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

/** Members that the caller may see, in the order they joined: all, or those of the teams in which they may read. */
export async function listMembers(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: ListMembers,
  atLeast: Versions | undefined
): Promise<Page<Member>> {
  const acting = await readAsMember(db, actor, input, atLeast)
  const { organization } = acting
  const scopes = requireAnywhere(acting, 'member.read')
  const { teamId, role, status, source, text } = input
  const team = teamId === undefined ? undefined : (await requireTeam(db.query, organization, teamId)).id
  if (team && !scopes.organization && !scopes.teamIds.includes(team)) throw refuse('not_found')
  const cursor = cursors(config.keys, `members:${actor.accountId}:${organization.id}:${JSON.stringify([team, role, status, source, text])}`)
  const after = cursor.read(input.cursor)
  const limit = input.limit ?? defaultLimit

  const filtered = [team, role, status, source, text].some((filter) => filter !== undefined)
  const conditions = [sql`m.organization_id = ${organization.id}`]
  if (after !== undefined) conditions.push(sql`m.id > ${after}::uuid`)
  if (team) conditions.push(sql`exists (select from team_members tm where tm.membership_id = m.id and tm.team_id = ${team})`)
  if (!scopes.organization) {
    conditions.push(
      sql`(m.id = ${acting.self.id} or exists (select from team_members tm where tm.membership_id = m.id and tm.team_id = any(${sql.param(scopes.teamIds)}::uuid[])))`
    )
  }
  if (role === 'owner') conditions.push(sql`m.account_id = ${organization.ownerAccountId}`)
  else if (role)
    conditions.push(sql`exists (select from role_grants g where g.membership_id = m.id and ${role} in (g.role, g.custom_role))`)
  if (status) conditions.push(sql`m.status = ${status}`)
  if (source) conditions.push(sql`m.source = ${source}`)
  if (text) conditions.push(matches(text, sql.join(conditions, sql` and `)))
  // First who is on the page, then what is shown of them: filters look at many members, everything else is read for the page alone.
  const page = sql`select m.id from memberships m where ${sql.join(conditions, sql` and `)} order by m.id limit ${limit + 1}`
  const found = await findMembers(db.query, sql`m.id in (${page})`, sql`order by m.id ${filtered ? varied : sql``}`)
  return cutPage(found, limit, (last) => cursor.write(last.id))
}

/**
 * Every word is part of the name, or the whole begins the address. `%` and `_` mean themselves. Names and addresses are looked up in
 * one go for all members whom the other conditions leave: that is cheaper than one by one, and no other account is looked at.
 */
function matches(text: string, others: SQL): SQL {
  const literal = (word: string): string => word.replace(/[\\%_]/g, '\\$&')
  const words = text.split(/\s+/).filter(Boolean).slice(0, 5)
  const name = sql.join(
    words.map((word) => sql`(a.first_name || ' ' || a.last_name) ilike ${`%${literal(word)}%`}`),
    sql` and `
  )
  const theirs = sql`any (array(select m.account_id from memberships m where ${others}))`
  const named = sql`m.account_id in (select a.id from accounts a where a.id = ${theirs} and ${name})`
  // No address has a space in it: what is several words is looked for in names only.
  if (words.length > 1) return named
  const address = sql`${`${literal(text.toLowerCase())}%`}`
  return sql`(${named} or m.account_id in (select e.account_id from emails e where e.account_id = ${theirs} and e.is_primary and e.canonical like ${address}))`
}

/** One member, for those who may see them, and themselves. @throws not_found */
export async function getMember(
  { db }: Parts,
  actor: ActorOf<'account'>,
  input: Place & { memberId: string },
  atLeast: Versions | undefined
): Promise<{ acting: Acting; member: Member }> {
  const acting = await readAsMember(db, actor, input, atLeast)
  const member = await requireMember(db.query, acting.organization, requireId('member', input.memberId))
  if (member.id !== acting.self.id) {
    const { organization, teamIds } = requireAnywhere(acting, 'member.read')
    // Somebody in no team that one may see is not there.
    if (!organization && !member.teams.some(({ id }) => teamIds.includes(id))) throw refuse('not_found')
  }
  return { acting, member }
}

export interface MemberPermissions extends Omit<EffectivePermissions, 'teams'> {
  member: Member
  teams: Array<EffectivePermissions['teams'][number] & { name: string }>
}

/** What a member may do and why (Q-8): for the whole organization, and what is more in each of their teams. */
export async function getMemberPermissions(
  parts: Parts,
  actor: ActorOf<'account'>,
  input: Place & { memberId: string },
  atLeast: Versions | undefined
): Promise<MemberPermissions> {
  const { acting, member } = await getMember(parts, actor, input, atLeast)
  const names = new Map(member.teams.map(({ id, name }) => [id, name]))
  const { teams, ...held } = effectivePermissions(acting.organization, member, [...names.keys()])
  return { ...held, member, teams: teams.map((team) => ({ ...team, name: names.get(team.id)! })) }
}
