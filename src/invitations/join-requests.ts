import { type SQL, sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { tellAdminsOfJoin } from '../domains/auto-join.ts'
import { type DomainMatch, domainMatches } from '../domains/matching.ts'
import type { Versions } from '../http/consistency.ts'
import { newId, publicId } from '../http/ids.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import { requestMails } from '../mail/outbox.ts'
import { adminAccountIds } from '../organizations/admins.ts'
import { readAsMember, requirePermission } from '../organizations/change.ts'
import { joinLocked } from '../organizations/joining.ts'
import { findMemberOf } from '../organizations/members.ts'
import { companyFace, lockOrganization, type Organization, requireId } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'

/** `expired`: open past its time, by the database's clock. */
export const joinRequestStatuses = ['open', 'approved', 'refused', 'withdrawn', 'superseded', 'expired'] as const
export type JoinRequestStatus = (typeof joinRequestStatuses)[number]

export interface JoinRequest {
  id: string
  organizationId: string
  companyName: string
  logoUrl: string | null
  accountId: string
  firstName: string
  lastName: string
  /** The proven address by which they ask. */
  email: string
  message: string | null
  status: JoinRequestStatus
  /** Of a refusal. */
  reason: string | null
  createdAt: string
  expiresAt: string
  endedAt: string | null
}

type Row = Omit<JoinRequest, 'createdAt' | 'expiresAt' | 'endedAt'> & { createdAt: number; expiresAt: number; endedAt: number | null }

const status = sql`case when r.status = 'open' and r.expires_at <= now() then 'expired' else r.status end`
const epoch = (column: SQL): SQL => sql`(extract(epoch from ${column}) * 1000)::float8`
const iso = (at: number): string => new Date(at).toISOString()

/** Requests with whom they are from and where they go; `where` sees `r` (request), `a` (account) and `o` (company). */
export async function findJoinRequests(executor: Db['query'] | Tx, where: SQL, rest: SQL = sql``): Promise<JoinRequest[]> {
  const found = await rows<Row>(
    executor,
    sql`select r.id, r.organization_id as "organizationId", o.name as "companyName", o.logo_url as "logoUrl", r.account_id as "accountId",
        a.first_name as "firstName", a.last_name as "lastName", r.email, r.message, ${status} as status, r.reason,
        ${epoch(sql`r.created_at`)} as "createdAt", ${epoch(sql`r.expires_at`)} as "expiresAt", ${epoch(sql`r.ended_at`)} as "endedAt"
      from join_requests r join accounts a on a.id = r.account_id join organizations o on o.id = r.organization_id where ${where} ${rest}`
  )
  return found.map((row) => ({
    ...row,
    createdAt: iso(row.createdAt),
    expiresAt: iso(row.expiresAt),
    endedAt: row.endedAt === null ? null : iso(row.endedAt)
  }))
}

/** The request with an id in this company, be it one's own only. @throws not_found */
export async function requireJoinRequest(
  executor: Db['query'] | Tx,
  organizationId: string,
  requestId: string,
  ownAccountId: string | null = null
): Promise<JoinRequest> {
  const [request] = await findJoinRequests(
    executor,
    sql`r.organization_id = ${organizationId} and r.id = ${requireId('request', requestId)}
      and (${ownAccountId}::uuid is null or r.account_id = ${ownAccountId}::uuid)`
  )
  if (!request) throw refuse('not_found')
  return request
}

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
    // Closed or suspended since the request began.
    if (account.status !== 'active') throw refuse('not_signed_in')
    const organization = await lockOrganization(tx, 'company', id)
    const present = await findMemberOf(tx, id, account.id)
    if (present) return { outcome: 'joined', memberId: present.id }
    const match = await bestMatch(tx, id, account.id)
    if (!match) throw refuse('not_found')
    if (match.mode === 'request') return { outcome: 'requested', request: await ask(tx, parts, actor, organization, match, input.message) }

    const { member } = await joinLocked(tx, parts, actor, organization, {
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
  const own = sql`organization_id = ${organization.id} and account_id = ${actor.accountId}`
  const lately = await rows(tx, sql`select from join_requests where ${own} and created_at > now() - interval '1 day' limit 1`)
  await tx.execute(
    sql`update join_requests set status = 'superseded', ended_at = now() where ${own} and status = 'open' and expires_at <= now()`
  )
  const id = newId()
  const made = await rows(
    tx,
    sql`insert into join_requests (id, organization_id, account_id, email, message, expires_at)
      values (${id}, ${organization.id}, ${actor.accountId}, ${email}, ${message ?? null}, now() + make_interval(secs => ${config.JOIN_REQUEST_SECONDS}))
      on conflict do nothing returning id`
  )
  if (made.length === 0) throw refuse('join_request_open')
  await noteRequest(tx, actor, organization, id, 'created', { before: null, after: { status: 'open' } })
  // Asking, withdrawing and asking again must not fill the mailboxes of those who decide.
  if (lately.length === 0) {
    const admins = await adminAccountIds(tx, organization.id)
    await requestMails(
      tx,
      admins.map((adminAccountId) => ({ kind: 'join_requested', requestId: id, adminAccountId }))
    )
  }
  const [request] = await findJoinRequests(tx, sql`r.id = ${id}`)
  return request!
}

/** What audit and events say of a request: never the name, the address or the words of a person. */
export async function noteRequest(
  tx: Tx,
  actor: ActorOf<'account'>,
  { id: organizationId }: Organization,
  requestId: string,
  what: 'created' | 'withdrawn' | 'approved' | 'refused',
  change: { before: object | null; after: Record<string, unknown> },
  personal?: Record<string, unknown>
): Promise<void> {
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organizationId },
    action: `join_request.${what}`,
    resource: publicId('request', requestId),
    detail: change,
    ...(personal && { personal }),
    event: { ...(change.before && { before: { ...change.before } }), after: change.after }
  })
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

interface ListRequests {
  status?: JoinRequestStatus | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

/** Requests to join a company, oldest first, for those who decide about them. */
export async function listJoinRequests(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: ListRequests & { companyId: string },
  atLeast: Versions | undefined
): Promise<Page<JoinRequest>> {
  const acting = await readAsMember(db, actor, { face: companyFace, organizationId: input.companyId }, atLeast)
  requirePermission(acting, 'member.roles.update')
  const cursor = cursors(config.keys, `join-requests:${actor.accountId}:${acting.organization.id}:${input.status}`)
  const after = cursor.read(input.cursor) ?? null
  const limit = input.limit ?? defaultLimit
  const wanted = input.status ?? null
  const found = await findJoinRequests(
    db.query,
    sql`r.organization_id = ${acting.organization.id} and (${wanted}::text is null or ${status} = ${wanted}::text)
      and (${after}::uuid is null or r.id > ${after}::uuid)`,
    sql`order by r.id limit ${limit + 1}`
  )
  return cutPage(found, limit, (last) => cursor.write(last.id))
}

/** What a person asked for themselves, the newest first. */
export async function listOwnJoinRequests(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: Omit<ListRequests, 'status'>
): Promise<Page<JoinRequest>> {
  const cursor = cursors(config.keys, `own-join-requests:${actor.accountId}`)
  const before = cursor.read(input.cursor) ?? null
  const limit = input.limit ?? defaultLimit
  const found = await findJoinRequests(
    db.query,
    sql`r.account_id = ${actor.accountId} and (${before}::uuid is null or r.id < ${before}::uuid)`,
    sql`order by r.id desc limit ${limit + 1}`
  )
  return cutPage(found, limit, (last) => cursor.write(last.id))
}
