import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { rows, varied } from '../db/database.ts'
import type { Versions } from '../http/consistency.ts'
import { type IdKind, parseId, publicId } from '../http/ids.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import type { Parts } from '../parts.ts'
import { type Place, readAsMember, requirePermission } from './change.ts'

export interface AuditEntry {
  id: string
  at: string
  actor: { kind: string; id: string | null }
  action: string
  resource: string
  requestId: string | null
  before: unknown
  after: unknown
  /** What else is worth knowing. */
  detail: Record<string, unknown>
  /** Names and words as they were; null once they were erased, and always of what operators wrote: that is for operators. */
  personal: Record<string, unknown> | null
}

export interface ListAudit extends Place {
  actor?: string | undefined
  action?: string | undefined
  resource?: string | undefined
  since?: string | undefined
  until?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

interface Row {
  id: string
  sequence: number
  at: number
  actorKind: string
  actorId: string | null
  action: string
  resource: string
  requestId: string | null
  detail: Record<string, unknown>
  personal: Record<string, unknown> | null
}

/** What was done in an organization, newest first; readers see their own organization only. Without an id what is asked for matches nothing. */
export async function listAudit(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: ListAudit,
  atLeast: Versions | undefined
): Promise<Page<AuditEntry>> {
  const acting = await readAsMember(db, actor, input, atLeast)
  requirePermission(acting, 'audit.read')
  const { organization } = acting
  const { actor: by, action, resource, since, until } = input
  const cursor = cursors(config.keys, `audit:${actor.accountId}:${organization.id}:${JSON.stringify([by, action, resource, since, until])}`)
  const before = cursor.read(input.cursor) ?? null
  const limit = input.limit ?? defaultLimit
  const conditions = [sql`e.chain_kind = 'organization' and e.chain_id = ${organization.id}`]
  if (before !== null) conditions.push(sql`e.sequence < ${before}::bigint`)
  if (by === 'system') conditions.push(sql`e.actor_kind = 'system'`)
  else if (by !== undefined) conditions.push(sql`e.actor_kind = ${by.split('_')[0]} and e.actor_id = ${actorUuid(by) ?? ''}`)
  if (action !== undefined) conditions.push(sql`e.action = ${action}`)
  if (resource !== undefined) conditions.push(sql`e.resource = ${resource}`)
  if (since !== undefined) conditions.push(sql`e.at >= ${since}::timestamptz`)
  if (until !== undefined) conditions.push(sql`e.at < ${until}::timestamptz`)
  const found = await rows<Row>(
    db.query,
    sql`select e.id, e.sequence::float8 as sequence, (extract(epoch from e.at) * 1000)::float8 as at, e.actor_kind as "actorKind", e.actor_id as "actorId",
        e.action, e.resource, e.request_id as "requestId", e.detail,
        case when e.actor_kind <> 'operator' then p.values end as personal
      from audit_events e left join audit_personal p on p.event_id = e.id
      where ${sql.join(conditions, sql` and `)} order by e.sequence desc limit ${limit + 1} ${varied}`
  )
  const { items, nextCursor } = cutPage(found, limit, (last) => cursor.write(String(last.sequence)))
  return { items: items.map(entry), nextCursor }
}

const actorKinds: IdKind[] = ['account', 'service', 'operator']

function actorUuid(id: string): string | undefined {
  return actorKinds.map((kind) => parseId(kind, id)).find((uuid) => uuid !== undefined)
}

function entry({ id, at, actorKind, actorId, action, resource, requestId, detail, personal }: Row): AuditEntry {
  const { before = null, after = null, ...rest } = detail
  const known = actorKinds.find((kind) => kind === actorKind)
  return {
    id: publicId('event', id),
    at: new Date(at).toISOString(),
    actor: { kind: actorKind, id: actorId !== null && known ? publicId(known, actorId) : null },
    action,
    resource,
    requestId,
    before,
    after,
    detail: rest,
    personal
  }
}
