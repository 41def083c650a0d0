import { sql } from 'drizzle-orm'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { newId, parseId, publicId } from '../http/ids.ts'
import { sha256 } from '../keyring.ts'
import { changeAsMember, placeOf, requirePermission } from '../organizations/change.ts'
import type { Organization } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { requireRecentSignIn } from '../sessions/recent-sign-in.ts'
import { randomToken } from '../tokens.ts'
import { findLinks, isLive, type JoinLink, linkPrefix, requireLink } from './find-join-link.ts'

const mostLiveLinks = 50

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

/** Ends a link at once; whoever joined by it stays. Revoking again changes nothing. */
export async function revokeJoinLink(db: Db, actor: ActorOf<'account'>, input: { companyId: string; linkId: string }): Promise<void> {
  await changeAsMember(db, actor, placeOf(input.companyId), async (tx, acting) => {
    const { organization } = acting
    requirePermission(acting, 'join_link.manage')
    const link = await requireLink(tx, organization, input.linkId)
    const revoked = await rows(tx, sql`update join_links set revoked_at = now() where id = ${link.id} and revoked_at is null returning id`)
    if (revoked.length === 0) return
    await noteRevoked(tx, actor, organization, link)
  })
}

/** Ends the links that somebody made when they are a member no more (N-10). The organization is locked by the caller. */
export async function revokeLinksOf(tx: Tx, actor: Actor, organization: Organization, accountId: string): Promise<void> {
  const made = sql`l.organization_id = ${organization.id} and l.created_by_account_id = ${accountId} and l.revoked_at is null`
  const links = await findLinks(tx, made, sql`order by l.id`)
  if (links.length === 0) return
  await tx.execute(sql`update join_links l set revoked_at = now() where ${made}`)
  for (const link of links) await noteRevoked(tx, actor, organization, link)
}

async function noteRevoked(tx: Tx, actor: Actor, organization: Organization, { id, status }: JoinLink): Promise<void> {
  const change = { before: { status }, after: { status: 'revoked' } }
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: organization.id },
    action: 'join_link.revoked',
    resource: publicId('link', id),
    detail: change,
    event: change
  })
}
