import { sql } from 'drizzle-orm'
import { emailVersion } from '../accounts/email-address.ts'
import { requireCanonical } from '../accounts/requirements.ts'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { newId, publicId } from '../http/ids.ts'
import { tooMany } from '../http/rate-limits.ts'
import { requestMails } from '../mail/outbox.ts'
import { type Acting, changeAsMember, type Place, requireReadScopes } from '../organizations/change.ts'
import { type GrantBook, readGrantBook, resolveIn, teamsOf, type WantedGrant } from '../organizations/grants.ts'
import { freeAdminSeats, freeMemberSeats, isAdmin } from '../organizations/limits.ts'
import { requireActive } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import type { Grant } from '../permissions/decide.ts'
import { Problem, refuse } from '../problems.ts'
import { defaultGrants, requireInviter, requireMayOffer } from './entitlement.ts'
import { copiedToken, tokenHashes } from './invitation-tokens.ts'
import { findInvitations, type Invitation, invitationState, type Joins } from './invitations.ts'

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

export interface Invited {
  invitation: Invitation
  /** With a token that is shown this once (N-4). It opens the invitation, but proves no mailbox. */
  link: string
}

/** What became of one row: invited, or why not. */
export type Outcome = Invited | Problem

export const isInvited = (outcome: Outcome): outcome is Invited => !(outcome instanceof Problem)

/** Invites one address. @throws whatever refuses it */
export async function createInvitation(parts: Parts, db: Db, actor: ActorOf<'account'>, input: Place & Wanted): Promise<Invited> {
  return changeAsMember(db, actor, input, (tx, acting) => inviteOne(tx, parts, acting, input))
}

/** The same inside a change of the organization. @throws whatever refuses it */
export async function inviteOne(tx: Tx, parts: Parts, acting: Acting, wanted: Wanted): Promise<Invited> {
  const [outcome] = await inviteAll(tx, parts, acting, [wanted])
  if (outcome instanceof Problem) throw outcome
  return outcome!
}

/**
 * Invites many in one change (N-7): each row has its own outcome, and whoever may not invite at all is refused as a whole. Sending the same
 * list again is safe: what is pending already is left alone and says so.
 */
export async function createInvitations(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: Place & { invitations: readonly Wanted[] }
): Promise<Outcome[]> {
  return changeAsMember(db, actor, input, (tx, acting) => inviteAll(tx, parts, acting, input.invitations))
}

interface Ready {
  wanted: Wanted
  canonical: string
  grants: Grant[]
}

async function inviteAll(tx: Tx, parts: Parts, acting: Acting, list: readonly Wanted[]): Promise<Outcome[]> {
  requireInviter(acting)
  requireActive(acting.organization)
  const book = await readGrantBook(tx, acting.organization, [
    acting.organization.defaultTeamId,
    ...list.flatMap(({ grants }) => teamsOf(grants))
  ])
  const outcomes: Array<Ready | Problem> = list.map((wanted) => attempt(() => readyOf(acting, book, wanted)))

  const state = await readState(
    tx,
    acting,
    outcomes.filter(isReady).map(({ canonical }) => canonical)
  )
  refuseKnown(outcomes, state)
  await refuseBeyondSeats(tx, parts, acting, outcomes, state)
  await refuseBeyondLimits(parts, acting, outcomes, state)

  const invited = await write(tx, parts, acting, outcomes.filter(isReady), state)
  return outcomes.map((outcome) => (isReady(outcome) ? invited.shift()! : outcome))
}

const isReady = (outcome: Ready | Problem): outcome is Ready => !(outcome instanceof Problem)

function attempt<T>(work: () => T): T | Problem {
  try {
    return work()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

/** A row by itself: its address, its roles, and whether the inviter may give them. */
function readyOf(acting: Acting, book: GrantBook, wanted: Wanted): Ready {
  const { organization } = acting
  const canonical = requireCanonical(wanted.email)
  const chosen = wanted.grants.length > 0
  const grants = resolveIn(book, chosen ? wanted.grants : defaultGrants(organization))
  requireMayOffer(acting, grants, organization.kind === 'agency' ? (wanted.affiliation ?? 'non_exclusive') : null, chosen)
  return { wanted, canonical, grants }
}

interface State {
  /** Canonical addresses with a live invitation, and such as the inviter sees in the member list. */
  pending: Set<string>
  members: Set<string>
  pendingInAll: number
  /** The company has a verified domain: it may invite more (N-8). */
  proven: boolean
  /** The inviter's own. */
  locale: string
}

/** What the addresses are to the organization; an invitation to any of them whose time is over makes room (N-3). */
async function readState(tx: Tx, acting: Acting, canonicals: readonly string[]): Promise<State> {
  const { organization, self, actor } = acting
  const { organization: everywhere, teamIds } = seenMembers(acting)
  const addresses = sql`any(${sql.param([...new Set(canonicals)])}::text[])`
  const [found] = await rows<{
    pending: string[]
    members: string[]
    superseded: string[]
    pendingInAll: number
    proven: boolean
    locale: string
  }>(
    tx,
    sql`with superseded as (
        update invitations set status = 'superseded', ended_at = now(), revision = revision + 1
        where organization_id = ${organization.id} and canonical = ${addresses} and status = 'pending' and expires_at <= now() returning id
      )
      select (select coalesce(array_agg(id::text), '{}') from superseded) as superseded,
        array(select canonical from invitations where organization_id = ${organization.id} and canonical = ${addresses} and status = 'pending' and expires_at > now()) as pending,
        array(select e.canonical from memberships m join emails e on e.account_id = m.account_id and e.is_primary
          where m.organization_id = ${organization.id} and e.canonical = ${addresses} and (${everywhere} or m.id = ${self.id}
            or exists (select from team_members t where t.membership_id = m.id and t.team_id = any(${sql.param(teamIds)}::uuid[])))) as members,
        (select count(*)::int from invitations where organization_id = ${organization.id} and status = 'pending' and expires_at > now()) as "pendingInAll",
        exists (select from domains where organization_id = ${organization.id} and status = 'verified' and paused_at is null) as proven,
        (select locale from accounts where id = ${actor.accountId}) as locale`
  )
  for (const id of found!.superseded) {
    const change = { before: { status: 'expired' }, after: { status: 'superseded' } }
    const chain = { kind: 'organization', id: organization.id } as const
    await record(tx, { actor, chain, action: 'invitation.superseded', resource: publicId('invitation', id), event: change })
  }
  return { ...found!, pending: new Set(found!.pending), members: new Set(found!.members) }
}

/** Whom the inviter sees in the member list: only about them they may be told (N-3). */
function seenMembers(acting: Acting): { organization: boolean; teamIds: string[] } {
  const scopes = attempt(() => requireReadScopes(acting, 'member.read'))
  return scopes instanceof Problem ? { organization: false, teamIds: [] } : scopes
}

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
async function refuseBeyondSeats(
  tx: Tx,
  { config }: Parts,
  { organization }: Acting,
  outcomes: Array<Ready | Problem>,
  state: State
): Promise<void> {
  const members = await freeMemberSeats(tx, config, organization)
  let admins = outcomes.some((outcome) => isReady(outcome) && isAdmin(outcome.grants)) ? await freeAdminSeats(tx, config, organization) : 0
  let invitations = config.PENDING_INVITATIONS - state.pendingInAll
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

/** N-8. Counted only now: a refused row uses up nobody's share. */
async function refuseBeyondLimits(
  { limits, policies }: Parts,
  { actor, organization }: Acting,
  outcomes: Array<Ready | Problem>,
  state: State
): Promise<void> {
  const ready = outcomes.filter(isReady)
  if (ready.length === 0) return
  const inviting = state.proven ? policies.inviting : policies.invitingUnproven
  const [byInviter, byOrganization, ...byAddress] = await Promise.all([
    limits.useMany(policies.inviter, `account:${actor.accountId}`, ready.length),
    limits.useMany(inviting, `organization:${organization.id}`, ready.length),
    ...ready.map(({ canonical }) => limits.use(policies.invited, canonical))
  ])
  const tightest = byInviter.granted < byOrganization.granted ? byInviter : byOrganization
  let place = 0
  for (const [index, outcome] of outcomes.entries()) {
    if (!isReady(outcome)) continue
    const address = byAddress[place]!
    if (place >= tightest.granted) outcomes[index] = tooMany(tightest.standing)
    else if (!address.allowed) outcomes[index] = tooMany(address)
    place++
  }
}

async function write(
  tx: Tx,
  { config }: Parts,
  { actor, organization }: Acting,
  list: readonly Ready[],
  { locale }: State
): Promise<Invited[]> {
  if (list.length === 0) return []
  const made = list.map((ready) => ({ ...ready, id: newId(), tokenId: newId() }))
  const mails = await requestMails(
    tx,
    made.map(({ id, tokenId }) => ({ kind: 'invitation', invitationId: id, tokenId }))
  )
  const keyId = config.keys.currentId
  const values = made.map(({ id, tokenId, wanted, canonical, grants }, index) => {
    const hashes = tokenHashes(config.keys, { invitationId: id, tokenId, keyId })
    return {
      id,
      email: wanted.email,
      canonical,
      grants: grants.map(({ role, teamId }) => ({ role, teamId })),
      message: wanted.message ?? null,
      locale: wanted.locale ?? locale,
      affiliation: organization.kind === 'agency' ? (wanted.affiliation ?? 'non_exclusive') : null,
      token_id: tokenId,
      mailed: hashes.mailed.toString('hex'),
      copied: hashes.copied.toString('hex'),
      preference: hashes.preference.toString('hex'),
      days: wanted.expiresInDays ?? config.INVITATION_DAYS,
      mail_id: mails[index]
    }
  })
  await tx.execute(sql`
    insert into invitations (id, organization_id, kind, email, canonical, canonical_version, grants, message, locale, affiliation, inviter_account_id,
      token_id, key_id, mailed_token_hash, copied_token_hash, preference_token_hash, days, mail_id, expires_at)
    select v.id, ${organization.id}, ${organization.kind}, v.email, v.canonical, ${emailVersion}, v.grants, v.message, v.locale, v.affiliation, ${actor.accountId},
      v.token_id, ${keyId}, decode(v.mailed, 'hex'), decode(v.copied, 'hex'), decode(v.preference, 'hex'), v.days, v.mail_id, now() + make_interval(days => v.days)
    from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as v (id uuid, email text, canonical text, grants jsonb, message text, locale text, affiliation text,
      token_id uuid, mailed text, copied text, preference text, days int, mail_id uuid)`)
  const written = await findInvitations(tx, sql`i.id = any(${sql.param(made.map(({ id }) => id))}::uuid[])`, sql`order by i.id`)
  for (const invitation of written) {
    await record(tx, {
      actor,
      chain: { kind: 'organization', id: organization.id },
      action: 'invitation.created',
      resource: publicId('invitation', invitation.id),
      detail: { after: invitationState(invitation) },
      personal: { email: invitation.email },
      event: { after: invitationState(invitation) }
    })
  }
  return written.map((invitation) => ({ invitation, link: copiedLink(config, invitation) }))
}

/** The link that the inviter may copy. */
export const copiedLink = (config: Parts['config'], source: Pick<Invitation, 'tokenId' | 'keyId'>): string =>
  `${config.appUrl}/invitation#token=${copiedToken(config.keys, source)}`
