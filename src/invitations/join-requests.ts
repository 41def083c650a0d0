import { sql } from 'drizzle-orm'
import { lockAccount, requireLiveAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { tellAdminsOfJoin } from '../domains/auto-join.ts'
import { type DomainMatch, domainMatches } from '../domains/matching.ts'
import { newId } from '../http/ids.ts'
import { requestMails } from '../mail/outbox.ts'
import { adminAccountIds } from '../organizations/admins.ts'
import { joinLocked } from '../organizations/joining.ts'
import { findMemberOf } from '../organizations/members.ts'
import { lockOrganization, type Organization, requireId } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { findJoinRequests, type JoinRequest, noteRequest, requireJoinRequest } from './find-join-request.ts'
import { supersedeRequests } from './superseding.ts'

export type Asked = { outcome: 'joined'; memberId: string } | { outcome: 'requested'; request: JoinRequest }

/**
 * Joins a company by an address at one of its domains, or asks to where an admin has to approve (D-5). Nobody else finds out whether there
 * is such a company (C-3). @throws not_found, join_request_open, and what `joinLocked` throws
 */
export async function joinCompany(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: { companyId: string; message?: string | undefined }
): Promise<Asked> {
  const id = requireId('company', input.companyId)
  return db.transaction(async (tx) => {
    // Whoever may not ask waits for nobody, and holds nobody up.
    if (!(await findMemberOf(tx, id, actor.accountId)) && !(await bestMatch(tx, id, actor.accountId))) throw refuse('not_found')
    const account = await lockAccount(tx, actor.accountId)
    requireLiveAccount(account)
    const organization = await lockOrganization(tx, 'company', id)
    const present = await findMemberOf(tx, id, account.id)
    if (present) return { outcome: 'joined', memberId: present.id }
    const match = await bestMatch(tx, id, account.id)
    if (!match) throw refuse('not_found')
    if (match.mode === 'request') return { outcome: 'requested', request: await ask(tx, parts, actor, organization, match, input.message) }

    const member = await joinLocked(tx, parts, actor, organization, {
      accountId: account.id,
      source: 'domain',
      grants: match.grants
    })
    await tellAdminsOfJoin(tx, organization.id, account.id, 'domain')
    return { outcome: 'joined', memberId: member.id }
  })
}

/** Of several domains the one that asks for least. */
async function bestMatch(tx: Tx, organizationId: string, accountId: string): Promise<DomainMatch | undefined> {
  const matches = await domainMatches(tx, accountId, sql`o.id = ${organizationId}`)
  return matches.find(({ mode }) => mode !== 'request') ?? matches[0]
}

/** @throws join_request_open */
async function ask(
  tx: Tx,
  { config }: Parts,
  actor: ActorOf<'account'>,
  organization: Organization,
  { email }: DomainMatch,
  message: string | undefined
): Promise<JoinRequest> {
  await supersedeRequests(tx, actor, organization, actor.accountId, sql`expires_at <= now()`)
  const id = newId()
  const made = await rows(
    tx,
    sql`insert into join_requests (id, organization_id, account_id, email, message, expires_at)
      values (${id}, ${organization.id}, ${actor.accountId}, ${email}, ${message ?? null}, now() + make_interval(secs => ${config.JOIN_REQUEST_SECONDS}))
      on conflict do nothing returning id`
  )
  if (made.length === 0) throw refuse('join_request_open')
  await noteRequest(tx, actor, organization, id, 'created', { before: null, after: { status: 'open' } })
  await tellAdmins(tx, organization, actor.accountId, id)
  const [request] = await findJoinRequests(tx, sql`r.id = ${id}`)
  return request!
}

/**
 * Tells those who decide, unless one of them has got a mail about this person within a day: asking, withdrawing and asking again must not fill
 * their mailboxes. A mail that was only asked for does not count: it is not sent when its request was withdrawn meanwhile.
 */
async function tellAdmins(tx: Tx, organization: Organization, accountId: string, requestId: string): Promise<void> {
  const told = await rows(
    tx,
    sql`select from outbox where status = 'sent' and done_at > now() - interval '1 day' and id in (select unnest(mail_ids) from join_requests
      where organization_id = ${organization.id} and account_id = ${accountId}) limit 1`
  )
  if (told.length > 0) return
  const admins = await adminAccountIds(tx, organization.id)
  const mailIds = await requestMails(
    tx,
    admins.map((adminAccountId) => ({ kind: 'join_requested', requestId, adminAccountId }))
  )
  await tx.execute(sql`update join_requests set mail_ids = ${sql.param(mailIds)}::uuid[] where id = ${requestId}`)
}

/** Takes a request of one's own back; again changes nothing. @throws not_found, join_request_not_open */
export async function withdrawJoinRequest(
  db: Db,
  actor: ActorOf<'account'>,
  input: { companyId: string; requestId: string }
): Promise<void> {
  const organizationId = requireId('company', input.companyId)
  await db.transaction(async (tx) => {
    const { id } = await requireJoinRequest(tx, organizationId, input.requestId, actor.accountId)
    await lockAccount(tx, actor.accountId)
    const organization = await lockOrganization(tx, 'company', organizationId)
    const ended = await rows(
      tx,
      sql`update join_requests set status = 'withdrawn', ended_at = now() where id = ${id} and status = 'open' and expires_at > now() returning id`
    )
    if (ended.length > 0)
      return noteRequest(tx, actor, organization, id, 'withdrawn', { before: { status: 'open' }, after: { status: 'withdrawn' } })
    const now = await requireJoinRequest(tx, organizationId, input.requestId, actor.accountId)
    if (now.status !== 'withdrawn') throw refuse('join_request_not_open')
  })
}
