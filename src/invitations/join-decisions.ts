import { sql } from 'drizzle-orm'
import { isLiveAccount, lockAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { domainMatches } from '../domains/matching.ts'
import { requestMail } from '../mail/outbox.ts'
import {
  type Acting,
  changeAsMember,
  placeOf,
  readAsMember,
  requireAnywhere,
  requirePermission,
  requireSelf
} from '../organizations/change.ts'
import { publicGrant, type WantedGrant } from '../organizations/grants.ts'
import { joinLocked } from '../organizations/joining.ts'
import { lockOrganization, type Organization } from '../organizations/organizations.ts'
import { wasRemoved } from '../organizations/removed-people.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { type JoinRequest, noteRequest, requireJoinRequest } from './find-join-request.ts'

const permission = 'member.roles.update'

interface Deciding {
  companyId: string
  requestId: string
}

/** Says no, with words that the person reads. @throws not_found, access_denied, join_request_not_open */
export async function refuseJoinRequest(db: Db, actor: ActorOf<'account'>, input: Deciding & { reason: string }): Promise<JoinRequest> {
  return changeAsMember(db, actor, placeOf(input.companyId), async (tx, acting) => {
    const { organization } = acting
    requirePermission(acting, permission)
    const { id } = await requireJoinRequest(tx, organization.id, input.requestId)
    const refused = await rows(
      tx,
      sql`update join_requests set status = 'refused', decided_by_account_id = ${actor.accountId}, reason = ${input.reason}, ended_at = now()
        where id = ${id} and status = 'open' and expires_at > now() returning id`
    )
    if (refused.length === 0) throw refuse('join_request_not_open')
    const change = { before: { status: 'open' }, after: { status: 'refused' } }
    await noteRequest(tx, actor, organization, id, 'refused', change, { reason: input.reason })
    await requestMail(tx, { kind: 'join_request_decided', requestId: id })
    return requireJoinRequest(tx, organization.id, input.requestId)
  })
}

/**
 * Says yes: the person is a member from then on, with the roles that are named, or else those of the domain by which they asked. Each takes
 * the right to change roles in its own scope, with which every role there may be given.
 * @throws not_found, access_denied, join_request_not_open, removed_needs_invitation (N-12), and what `joinLocked` throws
 */
export async function approveJoinRequest(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: Deciding & { grants?: readonly WantedGrant[] | undefined }
): Promise<JoinRequest> {
  // The person's account is locked before the organization: whoever may not decide at all must not come to hold that.
  const looking = await readAsMember(db, actor, placeOf(input.companyId), undefined)
  requireAnywhere(looking, permission)
  return db.transaction(async (tx) => {
    const { id, accountId, email } = await requireJoinRequest(tx, looking.organization.id, input.requestId)
    const account = await lockAccount(tx, accountId)
    const organization = await lockOrganization(tx, 'company', looking.organization.id, actor.accountId)
    const acting: Acting = { actor, organization, self: await requireSelf(tx, organization, actor) }
    const grants = input.grants ?? (await grantsByDomain(tx, organization, accountId, email))
    for (const { teamId } of grants) requirePermission(acting, permission, teamId)

    const approved = await rows(
      tx,
      sql`update join_requests set status = 'approved', decided_by_account_id = ${actor.accountId}, ended_at = now()
        where id = ${id} and status = 'open' and expires_at > now() returning id`
    )
    if (approved.length === 0) throw refuse('join_request_not_open')
    if (!isLiveAccount(account)) throw refuse('join_request_not_open', { detail: 'The account of the person cannot join anything now.' })
    if (!(await hasAddress(tx, accountId, email)))
      throw refuse('join_request_not_open', { detail: 'The person no longer has the address by which they asked.' })
    if (await wasRemoved(tx, organization.id, accountId))
      throw refuse('removed_needs_invitation', { detail: 'This person was removed from the company: send them a new invitation.' })
    const change = { before: { status: 'open' }, after: { status: 'approved', grants: grants.map(publicGrant) } }
    await noteRequest(tx, actor, organization, id, 'approved', change)
    await joinLocked(tx, parts, actor, organization, { accountId, source: 'join_request', grants })
    await requestMail(tx, { kind: 'join_request_decided', requestId: id })
    return requireJoinRequest(tx, organization.id, input.requestId)
  })
}

/** What the domain of the address gives; when that is the company's no more, the least there is. */
async function grantsByDomain(tx: Tx, organization: Organization, accountId: string, email: string): Promise<WantedGrant[]> {
  const matches = await domainMatches(tx, accountId, sql`o.id = ${organization.id}`)
  return matches.find((match) => match.email === email)?.grants ?? [{ role: 'member', teamId: organization.defaultTeamId }]
}

/** Whoever decides goes by the address that they are shown: it must still be the person's own, and proven. */
async function hasAddress(tx: Tx, accountId: string, email: string): Promise<boolean> {
  const found = await rows(tx, sql`select from emails where account_id = ${accountId} and address = ${email} and verified_at is not null`)
  return found.length > 0
}
