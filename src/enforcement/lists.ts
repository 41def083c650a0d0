import { type SQL, sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import type { Parts } from '../parts.ts'
import { type Action, findActions, ofSubject } from './actions.ts'
import { type Named, requireSubject, subjectOf } from './subjects.ts'

export const shownStatuses = ['proposed', 'pending', 'active', 'ended', 'lifted', 'withdrawn'] as const

interface Paging {
  limit?: number | undefined
  cursor?: string | undefined
}

// `pending` and `ended` are told by the clock.
const withStatus: Record<(typeof shownStatuses)[number], SQL> = {
  proposed: sql`x.status = 'proposed'`,
  pending: sql`x.status = 'active' and lower(x.during) > now()`,
  active: sql`x.status = 'active' and x.during @> now()`,
  ended: sql`x.status = 'active' and x.ends_at <= now()`,
  lifted: sql`x.status = 'lifted'`,
  withdrawn: sql`x.status = 'withdrawn'`
}

async function pageOfActions(
  { db, config }: Parts,
  scope: string,
  where: SQL,
  { limit = defaultLimit, cursor }: Paging
): Promise<Page<Action>> {
  const position = cursors(config.keys, scope)
  // The id is a UUIDv7: in the order they were made.
  const after = position.read(cursor)
  const further = after === undefined ? where : sql`${where} and x.id < ${after}::uuid`
  const found = await findActions(db.query, further, sql`order by x.id desc limit ${limit + 1}`)
  return cutPage(found, limit, (last) => position.write(last.id))
}

/** Everything that was ever decided about an account or organization, newest first. @throws not_found */
export async function listEnforcement(parts: Parts, { operatorId }: ActorOf<'operator'>, input: Named & Paging): Promise<Page<Action>> {
  const subject = subjectOf(input)
  await requireSubject(parts.db.query, subject)
  return pageOfActions(parts, `enforcement:${operatorId}:${subject.id}`, ofSubject(subject), input)
}

/** Actions on all accounts and organizations, newest first: `proposed` are the bans that wait for a second pair of eyes. */
export async function listEnforcementActions(
  parts: Parts,
  { operatorId }: ActorOf<'operator'>,
  input: Paging & { status?: (typeof shownStatuses)[number] | undefined }
): Promise<Page<Action>> {
  const where = input.status ? withStatus[input.status] : sql`true`
  return pageOfActions(parts, `enforcement-actions:${operatorId}:${input.status ?? ''}`, where, input)
}
