import { type SQL, sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import type { Versions } from '../http/consistency.ts'
import { newId, parseId, publicId } from '../http/ids.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import { sha256 } from '../keyring.ts'
import { changeAsMember, type Place, readAsMember, requirePermission } from '../organizations/change.ts'
import { companyFace, type Organization, requireId } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { requireRecentSignIn } from '../sessions/recent-sign-in.ts'
import { randomToken } from '../tokens.ts'

export interface JoinLink {
  id: string
  /** By the database's clock; `revoked` outranks the others. */
  status: 'live' | 'revoked' | 'expired' | 'used_up'
  /** Only addresses at these; empty for every verified domain of the company. */
  domains: string[]
  maxUses: number
  uses: number
  /** Null once they are no member any more. */
  createdByMemberId: string | null
  createdAt: string
  expiresAt: string
  revokedAt: string | null
}

export interface JoinLinkUse {
  id: string
  memberId: string
  accountId: string
  at: string
}

/** What opens a link is a token of this prefix. */
export const linkPrefix = 'ghl'

const mostLiveLinks = 50
/** What can still be used; `l` is the link. */
export const isLive = sql`l.revoked_at is null and l.expires_at > now() and l.uses < l.max_uses`

type Row = Omit<JoinLink, 'createdAt' | 'expiresAt' | 'revokedAt'> & { createdAt: number; expiresAt: number; revokedAt: number | null }

const epoch = (column: SQL): SQL => sql`(extract(epoch from ${column}) * 1000)::float8`
const iso = (at: number): string => new Date(at).toISOString()

/** Links as their company sees them: nothing of any person but who made it, by the id of the membership. */
async function findLinks(executor: Db['query'] | Tx, where: SQL, rest = sql``): Promise<JoinLink[]> {
  const found = await rows<Row>(
    executor,
    sql`select l.id, l.domains, l.max_uses as "maxUses", l.uses, m.id as "createdByMemberId",
        case when l.revoked_at is not null then 'revoked' when l.uses >= l.max_uses then 'used_up' when l.expires_at <= now() then 'expired' else 'live' end as status,
        ${epoch(sql`l.created_at`)} as "createdAt", ${epoch(sql`l.expires_at`)} as "expiresAt", ${epoch(sql`l.revoked_at`)} as "revokedAt"
      from join_links l left join memberships m on m.organization_id = l.organization_id and m.account_id = l.created_by_account_id
      where ${where} ${rest}`
  )
  return found.map((row) => ({
    ...row,
    createdAt: iso(row.createdAt),
    expiresAt: iso(row.expiresAt),
    revokedAt: row.revokedAt === null ? null : iso(row.revokedAt)
  }))
}

/** A link of this company; one of another is as unknown as none (C-2). @throws not_found */
async function requireLink(executor: Db['query'] | Tx, { id }: Organization, linkId: string): Promise<JoinLink> {
  const [link] = await findLinks(executor, sql`l.organization_id = ${id} and l.id = ${requireId('link', linkId)}`)
  if (!link) throw refuse('not_found')
  return link
}

const placeOf = (companyId: string): Place => ({ face: companyFace, organizationId: companyId })

export interface NewJoinLink {
  companyId: string
  expiresInDays: number
  maxUses: number
  /** Some of the company's verified domains; without it all of them, as they are when somebody joins. */
  domainIds?: readonly string[] | undefined
}

/**
 * Makes a link by which coworkers join (N-10); its address is known only to this answer. It lets people in as an invitation does, so it
 * takes the right to invite as well. @throws reauthentication_required, domain_required, unknown_reference, limit_reached
 */
export async function createJoinLink(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: NewJoinLink
): Promise<{ link: JoinLink; url: string }> {
  requireRecentSignIn(parts, actor)
  return changeAsMember(db, actor, placeOf(input.companyId), async (tx, acting) => {
    const { organization } = acting
    requirePermission(acting, 'join_link.manage')
    requirePermission(acting, 'member.invite')
    const domains = await chosenDomains(tx, organization, input.domainIds)
    const live = await rows(tx, sql`select from join_links l where l.organization_id = ${organization.id} and ${isLive}`)
    if (live.length >= mostLiveLinks) throw refuse('limit_reached')

    const [id, token] = [newId(), randomToken(linkPrefix)]
    await tx.execute(sql`insert into join_links (id, organization_id, token_hash, created_by_account_id, domains, max_uses, expires_at)
      values (${id}, ${organization.id}, ${sha256(token)}, ${actor.accountId}, ${sql.param(domains)}::text[], ${input.maxUses},
        now() + make_interval(days => ${input.expiresInDays}))`)
    const after = { status: 'live', maxUses: input.maxUses, days: input.expiresInDays, domains: domains.length }
    await record(tx, {
      actor,
      chain: { kind: 'organization', id: organization.id },
      action: 'join_link.created',
      resource: publicId('link', id),
      detail: { before: null, after },
      event: { after }
    })
    const [link] = await findLinks(tx, sql`l.id = ${id}`)
    return { link: link!, url: `${parts.config.appUrl}/join#token=${token}` }
  })
}

/** @throws domain_required when the company has no verified domain, unknown_reference for an id that is none of those */
async function chosenDomains(tx: Tx, { id }: Organization, domainIds: readonly string[] | undefined): Promise<string[]> {
  const verified = await rows<{ id: string; domain: string }>(
    tx,
    sql`select id, domain from domains where organization_id = ${id} and status = 'verified' order by id`
  )
  if (verified.length === 0) throw refuse('domain_required')
  if (!domainIds) return []
  const chosen = new Set(domainIds.map((domainId) => parseId('domain', domainId)))
  const found = verified.filter((domain) => chosen.has(domain.id))
  if (found.length < chosen.size) throw refuse('unknown_reference', { detail: '`domainIds` names no verified domain of this company.' })
  return found.map(({ domain }) => domain)
}

/** Every link there was, the newest first. */
export async function listJoinLinks(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: { companyId: string; limit?: number | undefined; cursor?: string | undefined },
  atLeast: Versions | undefined
): Promise<Page<JoinLink>> {
  const acting = await readAsMember(db, actor, placeOf(input.companyId), atLeast)
  requirePermission(acting, 'join_link.manage')
  const cursor = cursors(config.keys, `join-links:${actor.accountId}:${acting.organization.id}`)
  const before = cursor.read(input.cursor) ?? null
  const limit = input.limit ?? defaultLimit
  const found = await findLinks(
    db.query,
    sql`l.organization_id = ${acting.organization.id} and (${before}::uuid is null or l.id < ${before}::uuid)`,
    sql`order by l.id desc limit ${limit + 1}`
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
    sql`select u.id, u.membership_id as "memberId", u.account_id as "accountId", ${epoch(sql`u.used_at`)} as at from join_link_uses u
      where u.link_id = ${linkId} and (${after}::uuid is null or u.id > ${after}::uuid) order by u.id limit ${limit + 1}`
  )
  return cutPage(
    found.map((use) => ({ ...use, at: iso(use.at) })),
    limit,
    (last) => cursor.write(last.id)
  )
}

/** Ends a link at once; whoever joined by it stays. Revoking again changes nothing. */
export async function revokeJoinLink(db: Db, actor: ActorOf<'account'>, input: { companyId: string; linkId: string }): Promise<void> {
  await changeAsMember(db, actor, placeOf(input.companyId), async (tx, acting) => {
    const { organization } = acting
    requirePermission(acting, 'join_link.manage')
    const link = await requireLink(tx, organization, input.linkId)
    const revoked = await rows(tx, sql`update join_links set revoked_at = now() where id = ${link.id} and revoked_at is null returning id`)
    if (revoked.length === 0) return
    const change = { before: { status: link.status }, after: { status: 'revoked' } }
    await record(tx, {
      actor,
      chain: { kind: 'organization', id: organization.id },
      action: 'join_link.revoked',
      resource: publicId('link', link.id),
      detail: change,
      event: change
    })
  })
}
