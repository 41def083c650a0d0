import { type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { iso, isoOrNull, millis } from '../db/moments.ts'
import { publicId } from '../http/ids.ts'
import { type Organization, requireId } from '../organizations/organizations.ts'
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

/** By the database's clock; `r` is the request. */
export const requestStatus = sql`case when r.status = 'open' and r.expires_at <= now() then 'expired' else r.status end`

/** Requests with whom they are from and where they go; `where` sees `r` (request), `a` (account) and `o` (company). */
export async function findJoinRequests(executor: Db['query'] | Tx, where: SQL, rest: SQL = sql``): Promise<JoinRequest[]> {
  const found = await rows<Row>(
    executor,
    sql`select r.id, r.organization_id as "organizationId", o.name as "companyName", o.logo_url as "logoUrl", r.account_id as "accountId",
        a.first_name as "firstName", a.last_name as "lastName", r.email, r.message, ${requestStatus} as status, r.reason,
        ${millis(sql`r.created_at`)} as "createdAt", ${millis(sql`r.expires_at`)} as "expiresAt", ${millis(sql`r.ended_at`)} as "endedAt"
      from join_requests r join accounts a on a.id = r.account_id join organizations o on o.id = r.organization_id where ${where} ${rest}`
  )
  return found.map((row) => ({
    ...row,
    createdAt: iso(row.createdAt),
    expiresAt: iso(row.expiresAt),
    endedAt: isoOrNull(row.endedAt)
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

/** What audit and events say of a request: never the name, the address or the words of a person. */
export async function noteRequest(
  tx: Tx,
  actor: Actor,
  { id: organizationId }: Organization,
  requestId: string,
  what: 'created' | 'withdrawn' | 'approved' | 'refused' | 'superseded',
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
