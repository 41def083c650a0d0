import { type SQL, sql } from 'drizzle-orm'
import { requireCanonical } from '../accounts/requirements.ts'
import { rows, type Tx } from '../db/database.ts'
import { tooMany } from '../http/rate-limits.ts'
import type { Acting } from '../organizations/change.ts'
import { type GrantBook, readGrantBook, resolveIn, teamsOf, type WantedGrant } from '../organizations/grants.ts'
import { freeAdminSeats, freeMemberSeats, freePendingSeats, isAdmin } from '../organizations/limits.ts'
import { requireActive } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { type Grant, scopesOf } from '../permissions/decide.ts'
import { Problem, refuse } from '../problems.ts'
import { defaultGrants, requireInviter, requireMayOffer } from './entitlement.ts'
import type { Joins } from './invitations.ts'

/** An invitation as it is asked for. */
export interface Wanted {
  email: string
  /** Empty: the least role in the default team (N-2). */
  grants: readonly WantedGrant[]
  message?: string | undefined
  expiresInDays?: number | undefined
  locale?: string | undefined
  affiliation?: Joins | undefined
}

/** A row that may be written. */
export interface Ready {
  wanted: Wanted
  canonical: string
  grants: Grant[]
  /** Of the mail: as asked for, or the inviter's own. */
  locale: string
}

/**
 * Holds rows against all that an invitation can be refused for (N-1 to N-3, N-8, N-11), each by itself and all of them together; nothing is
 * written. @throws access_denied, or the problem of the state that denies it, for whoever may not invite at all
 */
export async function judgeInvitations(tx: Tx, parts: Parts, acting: Acting, list: readonly Wanted[]): Promise<Array<Ready | Problem>> {
  requireInviter(acting)
  requireActive(acting.organization)
  const teamIds = list.flatMap(({ grants }) => teamsOf(grants))
  const book = await readGrantBook(tx, acting.organization, [acting.organization.defaultTeamId, ...teamIds])
  const judged = list.map((wanted) => attempt(() => readyOf(acting, book, wanted)))
  const canonicals = judged.flatMap((row) => (row instanceof Problem ? [] : [row.canonical]))
  const state = await readState(tx, acting, canonicals)
  const outcomes = judged.map((row) => (row instanceof Problem ? row : { ...row, locale: row.wanted.locale ?? state.locale }))
  refuseKnown(outcomes, state)
  await refuseBeyondSeats(tx, parts, acting, outcomes)
  await refuseBeyondLimits(parts, acting, outcomes, state)
  return outcomes
}

export const isReady = (outcome: Ready | Problem): outcome is Ready => !(outcome instanceof Problem)

function attempt<T>(work: () => T): T | Problem {
  try {
    return work()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

/** A row by itself: its address, its roles, and whether the inviter may give them. */
function readyOf(acting: Acting, book: GrantBook, wanted: Wanted): Omit<Ready, 'locale'> {
  const { organization } = acting
  const canonical = requireCanonical(wanted.email)
  const chosen = wanted.grants.length > 0
  const grants = resolveIn(book, chosen ? wanted.grants : defaultGrants(organization))
  requireMayOffer(acting, grants, organization.kind === 'agency' ? (wanted.affiliation ?? 'non_exclusive') : null, chosen)
  return { wanted, canonical, grants }
}

interface State {
  /** Canonical addresses with a live invitation, and such as the inviter sees in the member list: only of them they may be told (N-3). */
  pending: Set<string>
  members: Set<string>
  proven: boolean
  /** The inviter's own. */
  locale: string
}

/** What the addresses are to the organization, and what room there is. */
async function readState(tx: Tx, acting: Acting, canonicals: readonly string[]): Promise<State> {
  const { organization, self, actor } = acting
  const { organization: everywhere, teamIds } = scopesOf(organization.kind, self, 'member.read')
  const addresses = sql`any(${sql.param([...new Set(canonicals)])}::text[])`
  const [found] = await rows<Omit<State, 'pending' | 'members'> & { pending: string[]; members: string[] }>(
    tx,
    sql`select
        array(select canonical from invitations where organization_id = ${organization.id} and canonical = ${addresses} and status = 'pending' and expires_at > now()) as pending,
        array(select e.canonical from memberships m join emails e on e.account_id = m.account_id and e.is_primary
          where m.organization_id = ${organization.id} and e.canonical = ${addresses} and (${everywhere} or m.id = ${self.id}
            or exists (select from team_members t where t.membership_id = m.id and t.team_id = any(${sql.param(teamIds)}::uuid[])))) as members,
        ${hasProvenDomain(organization.id)} as proven,
        (select locale from accounts where id = ${actor.accountId}) as locale`
  )
  return { ...found!, pending: new Set(found!.pending), members: new Set(found!.members) }
}

/** Whether a company has a verified domain: it may invite more (N-8). */
export const hasProvenDomain = (organizationId: string): SQL =>
  sql`exists (select from domains where organization_id = ${organizationId} and status = 'verified' and paused_at is null)`

function refuseKnown(outcomes: Array<Ready | Problem>, { pending, members }: State): void {
  const seen = new Set<string>()
  for (const [index, outcome] of outcomes.entries()) {
    if (!isReady(outcome)) continue
    if (members.has(outcome.canonical)) outcomes[index] = refuse('already_member')
    else if (pending.has(outcome.canonical) || seen.has(outcome.canonical)) outcomes[index] = refuse('invitation_pending')
    seen.add(outcome.canonical)
  }
}

/** Pending invitations reserve seats (N-11): each row takes one of those that are left. */
async function refuseBeyondSeats(tx: Tx, { config }: Parts, { organization }: Acting, outcomes: Array<Ready | Problem>): Promise<void> {
  const members = await freeMemberSeats(tx, config, organization)
  let admins = outcomes.some((outcome) => isReady(outcome) && isAdmin(outcome.grants)) ? await freeAdminSeats(tx, config, organization) : 0
  let invitations = await freePendingSeats(tx, config, organization)
  for (const [index, outcome] of outcomes.entries()) {
    if (!isReady(outcome)) continue
    const admin = isAdmin(outcome.grants)
    if (members.plan <= 0) outcomes[index] = refuse('plan_upgrade_required', { detail: 'The plan has no room for another member.' })
    else if (admin && admins <= 0) outcomes[index] = refuse('plan_upgrade_required', { detail: 'The plan has no room for another admin.' })
    else if (members.service <= 0 || invitations <= 0) outcomes[index] = refuse('limit_reached')
    else {
      members.plan--
      members.service--
      invitations--
      if (admin) admins--
    }
  }
}

/** N-8. Only rows that nothing else refuses are counted, and addresses only of those that inviter and organization have a share for. */
async function refuseBeyondLimits(
  { limits, policies }: Parts,
  { actor, organization }: Acting,
  outcomes: Array<Ready | Problem>,
  { proven }: State
): Promise<void> {
  const ready = [...outcomes.entries()].filter((entry): entry is [number, Ready] => isReady(entry[1]))
  if (ready.length === 0) return
  const [byInviter, byOrganization] = await Promise.all([
    limits.useMany(policies.inviter, `account:${actor.accountId}`, ready.length),
    limits.useMany(proven ? policies.inviting : policies.invitingUnproven, `organization:${organization.id}`, ready.length)
  ])
  const tightest = byInviter.granted < byOrganization.granted ? byInviter : byOrganization
  for (const [index] of ready.slice(tightest.granted)) outcomes[index] = tooMany(tightest.standing)
  const granted = ready.slice(0, tightest.granted)
  const standings = await Promise.all(granted.map(([, { canonical }]) => limits.use(policies.invited, canonical)))
  for (const [place, [index]] of granted.entries()) if (!standings[place]!.allowed) outcomes[index] = tooMany(standings[place]!)
}
