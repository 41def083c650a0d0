import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import type { Db, Tx } from '../db/database.ts'
import { type Blocker, refuseIfBlocked } from '../http/blockers.ts'
import { publicId } from '../http/ids.ts'
import { baseRole } from '../permissions/roles.ts'
import { refuse } from '../problems.ts'
import { type Acting, changeAsMember, type Place, requirePermission } from './change.ts'
import { insertGrants, requireNoOwnGain, requireProfileFor, resolveGrants } from './grants.ts'
import { contactBlockers } from './guards.ts'
import { requireMayRegrant } from './member-roles.ts'
import { bumpMember, findMemberOf, type Member, memberState, requireMember } from './members.ts'
import { requireId } from './organizations.ts'
import { requireTeam } from './teams.ts'

interface InTeam extends Place {
  teamId: string
  memberId: string
}

/** Adds a member to a team, with the base role there; adding again changes nothing (C-6). */
export async function addTeamMember(db: Db, actor: ActorOf<'account'>, input: InTeam): Promise<Member> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    const { organization } = acting
    const team = await requireTeam(tx, organization, input.teamId)
    requirePermission(acting, 'member.roles.update', team.id)
    const member = await requireMember(tx, organization, requireId('member', input.memberId))
    if (member.teams.some(({ id }) => id === team.id)) return member
    if (team.hidden) throw refuse('team_hidden')
    requireMayRegrant(acting, member)
    const grants = await resolveGrants(tx, organization, [{ role: baseRole[organization.kind], teamId: team.id }])
    requireNoOwnGain(acting, member, [...member.grants, ...grants])
    requireProfileFor(member, grants)
    await insertGrants(tx, organization, member.id, grants)
    return changed(tx, acting, member, 'team.member_added')
  })
}

/** Takes a member out of one team; the other teams stay (C-7), and so does the contact of an active contract of this one (K-1). */
export async function removeTeamMember(
  db: Db,
  actor: ActorOf<'account'>,
  input: InTeam & { dryRun: boolean }
): Promise<{ member: Member; blockers: Blocker[] }> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    const { organization } = acting
    const team = await requireTeam(tx, organization, input.teamId)
    requirePermission(acting, 'member.remove', team.id)
    const member = await requireTeamMember(tx, acting, input.memberId, team.id)
    requireMayRegrant(acting, member)
    const blockers = await leavingBlockers(tx, acting, member, team.id)
    if (input.dryRun && blockers.length > 0) return { member, blockers }
    refuseIfBlocked(blockers)
    await leaveTeam(tx, member, team.id)
    return { member: await changed(tx, acting, member, 'team.member_removed'), blockers }
  })
}

/** Moves a member from one team to another with the roles they have there, in one transaction (C-14). @throws already_in_team */
export async function moveMember(
  db: Db,
  actor: ActorOf<'account'>,
  input: Place & { memberId: string; fromTeamId: string; toTeamId: string; dryRun: boolean }
): Promise<{ member: Member; blockers: Blocker[] }> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    const { organization } = acting
    const from = await requireTeam(tx, organization, input.fromTeamId)
    const to = await requireTeam(tx, organization, input.toTeamId)
    requirePermission(acting, 'member.roles.update', from.id)
    requirePermission(acting, 'member.roles.update', to.id)
    const member = await requireTeamMember(tx, acting, input.memberId, from.id)
    requireMayRegrant(acting, member)
    if (member.teams.some(({ id }) => id === to.id)) throw refuse('already_in_team')
    if (to.hidden) throw refuse('team_hidden')
    const moved = member.grants.filter(({ teamId }) => teamId === from.id).map((grant) => ({ ...grant, teamId: to.id }))
    const grants = moved.length > 0 ? moved : [{ role: baseRole[organization.kind], teamId: to.id }]
    requireNoOwnGain(acting, member, [...member.grants.filter(({ teamId }) => teamId !== from.id), ...grants])
    requireProfileFor(member, grants)
    const blockers = await leavingBlockers(tx, acting, member, from.id)
    if (input.dryRun && blockers.length > 0) return { member, blockers }
    refuseIfBlocked(blockers)
    await leaveTeam(tx, member, from.id)
    await insertGrants(tx, organization, member.id, grants)
    return { member: await changed(tx, acting, member, 'member.moved'), blockers }
  })
}

/** A member who is in the team. @throws not_found */
async function requireTeamMember(tx: Tx, { organization }: Acting, memberId: string, teamId: string): Promise<Member> {
  const member = await requireMember(tx, organization, requireId('member', memberId))
  if (!member.teams.some(({ id }) => id === teamId)) throw refuse('not_found')
  return member
}

const leavingBlockers = (tx: Tx, { organization }: Acting, member: Member, teamId: string): Promise<Blocker[]> =>
  contactBlockers(tx, organization, member, {
    member: { ...member, grants: member.grants.filter((grant) => grant.teamId !== teamId) },
    leavesTeam: teamId
  })

/** Roles in the team go with it: the database takes them along. */
async function leaveTeam(tx: Tx, member: Member, teamId: string): Promise<void> {
  await tx.execute(sql`delete from team_members where team_id = ${teamId} and membership_id = ${member.id}`)
}

async function changed(tx: Tx, { actor, organization }: Acting, before: Member, action: string): Promise<Member> {
  await bumpMember(tx, before.id)
  const after = (await findMemberOf(tx, organization.id, before.accountId))!
  const change = { before: memberState(before), after: memberState(after) }
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action,
    resource: publicId('member', before.id),
    detail: change,
    event: change
  })
  return after
}
