import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import type { Db, Tx } from '../db/database.ts'
import { type Acting, changeAsMember, may, placeOf, requirePermission } from '../organizations/change.ts'
import { resolveGrants, teamUuid } from '../organizations/grants.ts'
import type { Organization } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { mayGrant } from '../permissions/ceiling.ts'
import type { Grant } from '../permissions/decide.ts'
import { refuse } from '../problems.ts'
import { requireRecentSignIn } from '../sessions/recent-sign-in.ts'
import { type CompanyDomain, noteDomain, requireDomain, requireDomainRow } from './find-domain.ts'
import { countMatching } from './matching.ts'
import type { DomainOf } from './proofs.ts'

export interface UpdateDomain extends DomainOf {
  revision: number
  mode?: CompanyDomain['mode'] | undefined
  defaultRole?: string | undefined
  teamIds?: readonly string[] | undefined
  dryRun: boolean
}

interface Wanted {
  mode: CompanyDomain['mode']
  defaultRole: CompanyDomain['defaultRole']
  /** What somebody who joins gets, or would once a hidden team is shown again. */
  grants: Grant[]
  teamIds: string[]
}

/**
 * Sets who joins by a domain, and as what (D-5, D-6). Letting people in has the effect of inviting them, so it takes the right to invite as
 * well, and nobody lets in with more than they may give. A dry run answers how many people with an account could come.
 * @throws stale_version, default_role_invalid, unknown_team, team_hidden, domain_not_proven, domain_on_hold, role_exceeds_inviter,
 *   team_assignment_forbidden
 */
export async function updateDomain(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: UpdateDomain
): Promise<{ domain: CompanyDomain; matching: number }> {
  requireRecentSignIn(parts, actor)
  return changeAsMember(db, actor, placeOf(input.companyId), async (tx, acting) => {
    requirePermission(acting, 'domain.manage')
    const before = await requireDomain(tx, acting.organization, input.domainId)
    if (before.revision !== input.revision) throw refuse('stale_version')
    const wanted = await resolve(tx, acting.organization, before, input)
    const same =
      wanted.mode === before.mode &&
      wanted.defaultRole === before.defaultRole &&
      wanted.teamIds.join() === before.teams.map(({ id }) => id).join()
    if (!same && wanted.mode !== 'off') requireMayOpen(acting, before, wanted)
    const matching = input.dryRun && before.status === 'verified' ? await countMatching(tx, before) : 0
    return { domain: same ? before : await write(tx, actor, before, wanted), matching }
  })
}

async function resolve(tx: Tx, organization: Organization, before: CompanyDomain, input: UpdateDomain): Promise<Wanted> {
  const defaultRole = input.defaultRole ?? before.defaultRole
  // D-6; the database keeps it as well.
  if (defaultRole !== 'recruiter' && defaultRole !== 'hiring_manager') throw refuse('default_role_invalid')
  const held = before.teams.map(({ id }) => ({ role: defaultRole, teamId: id }))
  const named = input.teamIds?.map((teamId) => ({ role: defaultRole, teamId: teamUuid(teamId) })) ?? held
  // A team that was hidden since stays in the list, and out of use (C-8): while all are, people get what every inviter may give.
  const grants = await resolveGrants(tx, organization, named, held)
  const given = grants.length > 0 ? grants : [{ role: defaultRole, teamId: organization.defaultTeamId }]
  const teamIds = grants.map(({ teamId }) => teamId!).sort()
  return { mode: input.mode ?? before.mode, defaultRole, grants: given, teamIds }
}

function requireMayOpen(acting: Acting, domain: CompanyDomain, { mode, grants, teamIds }: Wanted): void {
  requirePermission(acting, 'member.invite')
  const chooses = (teamId: string) => may(acting, 'member.invite.assign_team', teamId).allowed
  if (!teamIds.every(chooses)) throw refuse('team_assignment_forbidden')
  if (!grants.every((grant) => mayGrant(acting.organization.kind, acting.self, grant))) throw refuse('role_exceeds_inviter')
  if (domain.status !== 'verified') throw refuse('domain_not_proven', { detail: 'Prove the domain before people can join by it.' })
  if (domain.heldUntil !== null) throw refuse('domain_on_hold')
  // The database keeps it as well. An address says that somebody belongs to a domain, not that the domain belongs to the company.
  if (mode === 'automatic' && domain.ownershipProvenAt === null)
    throw refuse('domain_not_proven', {
      detail: 'Affiliation is enough for `suggest` and `request`. For `automatic`, prove by DNS that the company owns the domain.'
    })
}

async function write(tx: Tx, actor: ActorOf<'account'>, before: CompanyDomain, wanted: Wanted): Promise<CompanyDomain> {
  const { id, organizationId } = before
  await tx.execute(
    sql`update domains set mode = ${wanted.mode}, default_role = ${wanted.defaultRole}, revision = revision + 1 where id = ${id}`
  )
  await tx.execute(sql`delete from domain_teams where domain_id = ${id}`)
  await tx.execute(sql`insert into domain_teams (organization_id, domain_id, team_id)
    select ${organizationId}, ${id}, unnest(${sql.param(wanted.teamIds)}::uuid[])`)
  const after = await requireDomainRow(tx, organizationId, id)
  await noteDomain(tx, actor, 'domain.updated', before, after)
  return after
}
