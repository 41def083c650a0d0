import { type SQL, sql } from 'drizzle-orm'
import { type Db, rows, varied } from '../db/database.ts'
import { millis } from '../db/moments.ts'
import type { OrganizationKind } from '../organizations/tables.ts'
import { refuse } from '../problems.ts'
import { firstPlace, lastPlace } from './numbering.ts'

export interface FeedEvent {
  /** Its place in the feed. */
  sequence: number
  id: string
  type: string
  subject: string
  organizationId: string | null
  organizationKind: OrganizationKind | null
  actorKind: string
  actorId: string | null
  /** Milliseconds since 1970. */
  at: number
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

export interface FeedFilter {
  /** `member.joined` is this type, `member.*` all types of this noun. */
  types?: string[] | undefined
  organizationId?: string | undefined
}

export interface ReadFeed extends FeedFilter {
  /** Events behind this place; without it from the oldest that is kept. `latest`: none yet, only the place. */
  after?: number | 'latest' | undefined
  limit: number
}

export interface FeedPage {
  items: FeedEvent[]
  /** Where to go on: behind all that was looked at, also where nothing of it was asked for. */
  next: number
  /** Whether more can be had at once. */
  more: boolean
}

// A rare kind of event is not looked for without end: the page ends, and the next one goes on from there.
const mostLookedAt = 10_000

/** A page of the feed. @throws events_gone when events behind `after` were deleted, or the feed never was that long */
export async function readFeed(db: Db, { after, limit, ...filter }: ReadFeed): Promise<FeedPage> {
  // One statement: what was deleted, the end and the events are those of one moment.
  const start = after === undefined ? sql`first` : after === 'latest' ? sql`last` : sql`${after}::bigint`
  const found = await rows<FeedEvent & { first: number; last: number }>(
    db.query,
    sql`with edge as (select ${firstPlace} as first, ${lastPlace} as last)
      select edge.first::float8 as first, edge.last::float8 as last, e.sequence::float8 as sequence, e.id, e.type, e.subject,
        e.organization_id as "organizationId", o.kind as "organizationKind", e.actor_kind as "actorKind", e.actor_id as "actorId",
        ${millis(sql`e.at`)} as at, e.before, e.after
      from edge left join lateral (
        select * from events where sequence > ${start} and sequence <= ${start} + ${mostLookedAt} ${conditions(filter)}
        order by sequence limit ${limit}) e on true
      left join organizations o on o.id = e.organization_id
      order by e.sequence ${varied}`
  )
  const { first, last } = found[0]!
  const from = after === undefined ? first : after === 'latest' ? last : after
  if (from < first) throw refuse('events_gone', { detail: `${gone} ${remedy}` })
  if (from > last) throw refuse('events_gone', { detail: `${unknown} ${remedy}` })
  const items = found.filter(({ sequence }) => sequence !== null)
  const next = items.length === limit ? items.at(-1)!.sequence : Math.min(from + mostLookedAt, last)
  return { items, next, more: next < last }
}

const gone = 'Events behind this place were deleted, because their time is over.'
const unknown = 'The feed has no such place: it was answered by another database, or by this one before it was restored.'
const remedy = 'Take the place that `after=latest` answers, read the present state in full, and follow from there.'

function conditions({ types, organizationId }: FeedFilter): SQL {
  const list = (values: string[]): SQL =>
    sql.join(
      values.map((value) => sql`${value}`),
      sql`, `
    )
  const nouns = types?.filter((type) => type.endsWith('.*')).map((type) => type.slice(0, -2)) ?? []
  const exact = types?.filter((type) => !type.endsWith('.*')) ?? []
  const wanted = [
    ...(exact.length > 0 ? [sql`type in (${list(exact)})`] : []),
    ...(nouns.length > 0 ? [sql`split_part(type, '.', 1) in (${list(nouns)})`] : [])
  ]
  return sql.join([
    ...(wanted.length > 0 ? [sql` and (${sql.join(wanted, sql` or `)})`] : []),
    ...(organizationId === undefined ? [] : [sql` and organization_id = ${organizationId}::uuid`])
  ])
}
