import { type SQL, sql } from 'drizzle-orm'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { type Blocker, refuseIfBlocked } from '../http/blockers.ts'
import type { Versions } from '../http/consistency.ts'
import { newId, publicId } from '../http/ids.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { changeAsMember, may, type Place, readAsMember, requireAnywhere, requirePermission } from './change.ts'
import { contractBlockers } from './guards.ts'
import { requireTeamSeat } from './limits.ts'
import { type Organization, requireId } from './organizations.ts'

export interface Team {
  id: string
  name: string
  hidden: boolean
  isDefault: boolean
  memberCount: number
  createdAt: string
  revision: number
}

type Row = Omit<Team, 'createdAt'> & { createdAt: number }

async function findTeams(executor: Db['query'] | Tx, where: SQL, rest = sql``): Promise<Team[]> {
  const found = await rows<Row>(
    executor,
    sql`select t.id, t.name, t.hidden_at is not null as hidden, t.id = o.default_team_id as "isDefault", t.revision,
        (extract(epoch from t.created_at) * 1000)::float8 as "createdAt",
        (select count(*)::int from team_members tm where tm.team_id = t.id) as "memberCount"
      from teams t join organizations o on o.id = t.organization_id where ${where} ${rest}`
  )
  return found.map((row) => ({ ...row, createdAt: new Date(row.createdAt).toISOString() }))
}

/** A team of this organization; one of another is as unknown as none (C-2). @throws not_found */
export async function requireTeam(executor: Db['query'] | Tx, organization: Organization, teamId: string): Promise<Team> {
  const [team] = await findTeams(executor, sql`t.organization_id = ${organization.id} and t.id = ${requireId('team', teamId)}`)
  if (!team) throw refuse('not_found')
  return team
}

export interface ListTeams extends Place {
  /** Hidden teams too (C-8). */
  hidden?: boolean | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

/** The teams that the caller may see, oldest first. */
export async function listTeams(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: ListTeams,
  atLeast: Versions | undefined
): Promise<Page<Team>> {
  const acting = await readAsMember(db, actor, input, atLeast)
  const scopes = requireAnywhere(acting, 'team.read')
  const cursor = cursors(config.keys, `teams:${actor.accountId}:${acting.organization.id}:${input.hidden ?? false}`)
  const after = cursor.read(input.cursor) ?? null
  const limit = input.limit ?? defaultLimit
  const seen = scopes.organization ? sql`true` : sql`t.id = any(${sql.param(scopes.teamIds)}::uuid[])`
  const shown = input.hidden ? sql`true` : sql`t.hidden_at is null`
  const found = await findTeams(
    db.query,
    sql`t.organization_id = ${acting.organization.id} and ${seen} and ${shown} and (${after}::uuid is null or t.id > ${after}::uuid)`,
    sql`order by t.id limit ${limit + 1}`
  )
  return cutPage(found, limit, (last) => cursor.write(last.id))
}

export async function getTeam(
  { db }: Parts,
  actor: ActorOf<'account'>,
  input: Place & { teamId: string },
  atLeast: Versions | undefined
): Promise<Team> {
  const acting = await readAsMember(db, actor, input, atLeast)
  const team = await requireTeam(db.query, acting.organization, input.teamId)
  // A team that one may not see is not there.
  if (may(acting, 'team.read', team.id).reason === 'missing_permission') throw refuse('not_found')
  requirePermission(acting, 'team.read', team.id)
  return team
}

export async function createTeam({ config }: Parts, db: Db, actor: ActorOf<'account'>, input: Place & { name: string }): Promise<Team> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    requirePermission(acting, 'team.create')
    await requireTeamSeat(tx, config, acting.organization)
    const id = await insertTeam(tx, actor, acting.organization.id, input.name)
    return requireTeam(tx, acting.organization, publicId('team', id))
  })
}

export async function insertTeam(tx: Tx, actor: Actor, organizationId: string, name: string, id = newId()): Promise<string> {
  await tx.execute(sql`insert into teams (id, organization_id, name) values (${id}, ${organizationId}, ${name})`)
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organizationId },
    action: 'team.created',
    resource: publicId('team', id),
    detail: { before: null, after: { hidden: false } },
    personal: { name },
    event: { after: { name } }
  })
  return id
}

export interface UpdateTeam extends Place {
  teamId: string
  revision: number
  name?: string | undefined
  hidden?: boolean | undefined
  dryRun: boolean
}

/**
 * Renames (`team.update`), hides or shows (`team.hide`) a team. A hidden one is left out of lists and keeps its data (C-8); the default
 * team stays, and so does a team with active contracts (K-7). @throws stale_version
 */
export async function updateTeam(db: Db, actor: ActorOf<'account'>, input: UpdateTeam): Promise<{ team: Team; blockers: Blocker[] }> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    const { organization } = acting
    const before = await requireTeam(tx, organization, input.teamId)
    if (may(acting, 'team.read', before.id).reason === 'missing_permission') throw refuse('not_found')
    // What changes nothing is looked at like a renaming: it answers the team.
    if (input.name !== undefined || input.hidden === undefined) requirePermission(acting, 'team.update', before.id)
    if (input.hidden !== undefined) requirePermission(acting, 'team.hide', before.id)
    if (before.revision !== input.revision) throw refuse('stale_version')
    const hides = input.hidden === true && !before.hidden
    if (hides && before.isDefault) throw refuse('default_team')
    const blockers = hides ? await contractBlockers(tx, organization, before.id) : []
    if (input.dryRun && blockers.length > 0) return { team: before, blockers }
    refuseIfBlocked(blockers)

    const name = input.name ?? before.name
    const hidden = input.hidden ?? before.hidden
    if (name === before.name && hidden === before.hidden) return { team: before, blockers }
    await tx.execute(sql`update teams set name = ${name}, revision = revision + 1,
      hidden_at = case when ${hidden} then coalesce(hidden_at, now()) end where id = ${before.id}`)
    await record(tx, {
      actor,
      chain: { kind: 'organization', id: organization.id },
      action: 'team.updated',
      resource: publicId('team', before.id),
      detail: { before: { hidden: before.hidden }, after: { hidden } },
      personal: { before: { name: before.name }, after: { name } },
      event: { before: { name: before.name, hidden: before.hidden }, after: { name, hidden } }
    })
    return { team: await requireTeam(tx, organization, input.teamId), blockers }
  })
}
