import { sql } from 'drizzle-orm'
import { lockAccount, requireLiveAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { tellAdminsOfJoin } from '../domains/auto-join.ts'
import { addressesAtDomainsOf } from '../domains/matching.ts'
import { newId } from '../http/ids.ts'
import { sha256 } from '../keyring.ts'
import { may } from '../organizations/change.ts'
import { joinLocked } from '../organizations/joining.ts'
import { findMemberOf, type Member } from '../organizations/members.ts'
import { findOrganization, lockOrganization, type Organization, requireActive } from '../organizations/organizations.ts'
import { wasRemoved } from '../organizations/removed-people.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { isToken } from '../tokens.ts'
import { isLive, linkPrefix } from './find-join-link.ts'

/** What a link tells whoever holds it. */
export interface Preview {
  name: string
  logoUrl: string | null
  expiresAt: string
}

/** The hash that is kept of a token. @throws token_dead for what is no token of a link */
function hashOf(token: string): Buffer {
  if (!isToken(linkPrefix, token)) throw refuse('token_dead')
  return sha256(token)
}

/** Which company a live link leads into, and nothing else about it. @throws token_dead */
export async function lookUpJoinLink({ db }: Parts, token: string): Promise<Preview> {
  const [link] = await rows<{ organizationId: string; maker: string; expiresAt: number }>(
    db.query,
    sql`select l.organization_id as "organizationId", l.created_by_account_id as maker, (extract(epoch from l.expires_at) * 1000)::float8 as "expiresAt"
      from join_links l where l.token_hash = ${hashOf(token)} and ${isLive}`
  )
  if (!link) throw refuse('token_dead')
  const organization = await findOrganization(db.query, 'company', link.organizationId)
  const maker = await findMemberOf(db.query, organization.id, link.maker)
  if (organization.status !== 'active' || !mayLetIn(organization, maker)) throw refuse('token_dead')
  const { name, logoUrl } = organization
  return { name, logoUrl, expiresAt: new Date(link.expiresAt).toISOString() }
}

/** A link lets in by the rights of whoever made it, as they are when it is used: those that making one takes (N-10). */
const mayLetIn = (organization: Organization, maker: Member | undefined): boolean =>
  maker !== undefined && ['join_link.manage', 'member.invite'].every((permission) => may({ organization, self: maker }, permission).allowed)

/**
 * Joins a company by a link, with the role `member` in its default team (N-10). Whoever is a member already stays what they are, and no use
 * is counted. @throws token_dead, removed_needs_invitation (N-12), email_domain_mismatch, and what `joinLocked` throws
 */
export async function acceptJoinLink(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  token: string
): Promise<{ organization: Organization; member: Member }> {
  const hash = hashOf(token)
  return db.transaction(async (tx) => {
    const [known] = await rows<{ organizationId: string }>(
      tx,
      sql`select organization_id as "organizationId" from join_links where token_hash = ${hash}`
    )
    if (!known) throw refuse('token_dead')
    const account = await lockAccount(tx, actor.accountId)
    requireLiveAccount(account)
    const organization = await lockOrganization(tx, 'company', known.organizationId)
    const present = await findMemberOf(tx, organization.id, account.id)
    if (present) return { organization, member: present }

    const [link] = await rows<{ id: string; domains: string[]; maker: string }>(
      tx,
      sql`select l.id, l.domains, l.created_by_account_id as maker from join_links l where l.token_hash = ${hash} and ${isLive}`
    )
    if (!link) throw refuse('token_dead')
    requireActive(organization)
    if (!mayLetIn(organization, await findMemberOf(tx, organization.id, link.maker))) throw refuse('token_dead')
    if (await wasRemoved(tx, organization.id, account.id)) throw refuse('removed_needs_invitation')
    await requireAddress(tx, organization, account.id, link.domains)
    await countUse(tx, link.id)
    const member = await joinLocked(tx, parts, actor, organization, {
      accountId: account.id,
      source: 'join_link',
      grants: [{ role: 'member', teamId: organization.defaultTeamId }]
    })
    await tx.execute(sql`insert into join_link_uses (id, organization_id, link_id, account_id, membership_id)
      values (${newId()}, ${organization.id}, ${link.id}, ${account.id}, ${member.id})`)
    await tellAdminsOfJoin(tx, organization.id, account.id, 'join_link')
    return { organization, member }
  })
}

/** @throws email_domain_mismatch without a proven address of one's own at a domain that the link admits */
async function requireAddress(tx: Tx, organization: Organization, accountId: string, domains: readonly string[]): Promise<void> {
  const addresses = await addressesAtDomainsOf(tx, organization.id, accountId)
  if (!addresses.some(({ domain }) => domains.length === 0 || domains.includes(domain))) throw refuse('email_domain_mismatch')
}

/** Takes one use of a link that still has one: the statement itself decides. @throws token_dead */
async function countUse(tx: Tx, linkId: string): Promise<void> {
  const counted = await rows(tx, sql`update join_links l set uses = uses + 1 where l.id = ${linkId} and ${isLive} returning l.id`)
  if (counted.length === 0) throw refuse('token_dead')
}
