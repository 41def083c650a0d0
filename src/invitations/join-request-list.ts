import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import type { Versions } from '../http/consistency.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import { placeOf, readAsMember, requirePermission } from '../organizations/change.ts'
import type { Parts } from '../parts.ts'
import { findJoinRequests, type JoinRequest, type JoinRequestStatus, requestStatus } from './find-join-request.ts'

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
  const acting = await readAsMember(db, actor, placeOf(input.companyId), atLeast)
  requirePermission(acting, 'member.roles.update')
  const cursor = cursors(config.keys, `join-requests:${actor.accountId}:${acting.organization.id}:${input.status}`)
  const after = cursor.read(input.cursor) ?? null
  const limit = input.limit ?? defaultLimit
  const wanted = input.status ?? null
  const found = await findJoinRequests(
    db.query,
    sql`r.organization_id = ${acting.organization.id} and (${wanted}::text is null or ${requestStatus} = ${wanted}::text)
      and (${after}::uuid is null or r.id > ${after}::uuid)`,
    sql`order by r.id limit ${limit + 1}`
  )
  return cutPage(found, limit, (last) => cursor.write(last.id))
}

/** What a person asked for themselves, oldest first. */
export async function listOwnJoinRequests(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: Omit<ListRequests, 'status'>
): Promise<Page<JoinRequest>> {
  const cursor = cursors(config.keys, `own-join-requests:${actor.accountId}`)
  const after = cursor.read(input.cursor) ?? null
  const limit = input.limit ?? defaultLimit
  const found = await findJoinRequests(
    db.query,
    sql`r.account_id = ${actor.accountId} and (${after}::uuid is null or r.id > ${after}::uuid)`,
    sql`order by r.id limit ${limit + 1}`
  )
  return cutPage(found, limit, (last) => cursor.write(last.id))
}
