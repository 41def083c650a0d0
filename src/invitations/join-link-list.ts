import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { rows } from '../db/database.ts'
import { iso, millis } from '../db/moments.ts'
import type { Versions } from '../http/consistency.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import { placeOf, readAsMember, requirePermission } from '../organizations/change.ts'
import type { Parts } from '../parts.ts'
import { findLinks, type JoinLink, requireLink } from './find-join-link.ts'

export interface JoinLinkUse {
  id: string
  memberId: string
  accountId: string
  at: string
}

/** Every link there was, oldest first. */
export async function listJoinLinks(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: { companyId: string; limit?: number | undefined; cursor?: string | undefined },
  atLeast: Versions | undefined
): Promise<Page<JoinLink>> {
  const acting = await readAsMember(db, actor, placeOf(input.companyId), atLeast)
  requirePermission(acting, 'join_link.manage')
  const cursor = cursors(config.keys, `join-links:${actor.accountId}:${acting.organization.id}`)
  const after = cursor.read(input.cursor) ?? null
  const limit = input.limit ?? defaultLimit
  const found = await findLinks(
    db.query,
    sql`l.organization_id = ${acting.organization.id} and (${after}::uuid is null or l.id > ${after}::uuid)`,
    sql`order by l.id limit ${limit + 1}`
  )
  return cutPage(found, limit, (last) => cursor.write(last.id))
}

export async function getJoinLink(
  { db }: Parts,
  actor: ActorOf<'account'>,
  input: { companyId: string; linkId: string },
  atLeast: Versions | undefined
): Promise<JoinLink> {
  const acting = await readAsMember(db, actor, placeOf(input.companyId), atLeast)
  requirePermission(acting, 'join_link.manage')
  return requireLink(db.query, acting.organization, input.linkId)
}

/** Who joined by a link, in that order; also who is no member any more. */
export async function listJoinLinkUses(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: { companyId: string; linkId: string; limit?: number | undefined; cursor?: string | undefined },
  atLeast: Versions | undefined
): Promise<Page<JoinLinkUse>> {
  const acting = await readAsMember(db, actor, placeOf(input.companyId), atLeast)
  requirePermission(acting, 'join_link.manage')
  const { id: linkId } = await requireLink(db.query, acting.organization, input.linkId)
  const cursor = cursors(config.keys, `join-link-uses:${actor.accountId}:${linkId}`)
  const after = cursor.read(input.cursor) ?? null
  const limit = input.limit ?? defaultLimit
  const found = await rows<Omit<JoinLinkUse, 'at'> & { at: number }>(
    db.query,
    sql`select u.id, u.membership_id as "memberId", u.account_id as "accountId", ${millis(sql`u.used_at`)} as at from join_link_uses u
      where u.link_id = ${linkId} and (${after}::uuid is null or u.id > ${after}::uuid) order by u.id limit ${limit + 1}`
  )
  return cutPage(
    found.map((use) => ({ ...use, at: iso(use.at) })),
    limit,
    (last) => cursor.write(last.id)
  )
}
