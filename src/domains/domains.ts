import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import type { Versions } from '../http/consistency.ts'
import { newId } from '../http/ids.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import { changeAsMember, placeOf, readAsMember, requirePermission } from '../organizations/change.ts'
import type { Organization } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { requireRecentSignIn } from '../sessions/recent-sign-in.ts'
import { type CompanyDomain, findDomains, noteDomain, requireDomain, requireDomainRow } from './find-domain.ts'
import { requireClaimable } from './public-domains.ts'

/** A new random value for the DNS record. */
export const newChallenge = (): string => randomBytes(32).toString('base64url')

/**
 * Adds a domain to a company (D-1). Until it is proven it reserves nothing (D-3). Adding it again answers the one there is, with a new value
 * for the DNS record when the former one has expired. @throws public_email_domain (D-2), limit_reached
 */
export async function addDomain(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: { companyId: string; domain: string }
): Promise<{ domain: CompanyDomain; added: boolean }> {
  requireRecentSignIn(parts, actor)
  const place = placeOf(input.companyId)
  const seen = await readAsMember(db, actor, place, undefined)
  requirePermission(seen, 'domain.manage')
  const name = requireClaimable(parts.config, input.domain)
  await parts.limits.require(parts.policies.domainAdded, seen.organization.id)
  return changeAsMember(db, actor, place, async (tx, acting) => {
    const { organization } = acting
    requirePermission(acting, 'domain.manage')
    const [known] = await findDomains(tx, sql`d.organization_id = ${organization.id} and d.domain = ${name}`)
    if (known) return { domain: await renew(parts, tx, actor, known), added: false }
    return { domain: await insert(parts, tx, actor, organization, name), added: true }
  })
}

async function insert(
  { config }: Parts,
  tx: Tx,
  actor: ActorOf<'account'>,
  organization: Organization,
  name: string
): Promise<CompanyDomain> {
  const claimed = await rows(tx, sql`select from domains where organization_id = ${organization.id}`)
  if (claimed.length >= config.DOMAINS_PER_COMPANY) throw refuse('limit_reached')
  const id = newId()
  await tx.execute(sql`insert into domains (id, organization_id, domain, challenge, challenge_expires_at)
    values (${id}, ${organization.id}, ${name}, ${newChallenge()}, now() + make_interval(secs => ${config.DOMAIN_CHALLENGE_SECONDS}))`)
  const domain = await requireDomainRow(tx, organization.id, id)
  await noteDomain(tx, actor, 'domain.added', null, domain)
  return domain
}

/** What was lost and cannot be contested any more begins anew, like an expired value. */
async function renew({ config }: Parts, tx: Tx, actor: ActorOf<'account'>, known: CompanyDomain): Promise<CompanyDomain> {
  const over = known.status === 'lost' && !known.contestable
  if (!over && !known.challengeExpired) return known
  await tx.execute(sql`update domains set challenge = ${newChallenge()}, revision = revision + 1,
      challenge_expires_at = now() + make_interval(secs => ${config.DOMAIN_CHALLENGE_SECONDS}),
      status = case when ${over} then 'added' else status end, contest_until = case when ${over} then null else contest_until end
    where id = ${known.id}`)
  const domain = await requireDomainRow(tx, known.organizationId, known.id)
  await noteDomain(tx, actor, 'domain.challenge_renewed', known, domain)
  return domain
}

/** What a company claims, oldest first. */
export async function listDomains(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: { companyId: string; limit?: number | undefined; cursor?: string | undefined },
  atLeast: Versions | undefined
): Promise<Page<CompanyDomain>> {
  const acting = await readAsMember(db, actor, placeOf(input.companyId), atLeast)
  requirePermission(acting, 'domain.manage')
  const cursor = cursors(config.keys, `domains:${actor.accountId}:${acting.organization.id}`)
  const after = cursor.read(input.cursor) ?? null
  const limit = input.limit ?? defaultLimit
  const found = await findDomains(
    db.query,
    sql`d.organization_id = ${acting.organization.id} and (${after}::uuid is null or d.id > ${after}::uuid)`,
    sql`order by d.id limit ${limit + 1}`
  )
  return cutPage(found, limit, (last) => cursor.write(last.id))
}

/** One of them. @throws not_found also for another company's (C-2) */
export async function getDomain(
  { db }: Parts,
  actor: ActorOf<'account'>,
  input: { companyId: string; domainId: string },
  atLeast: Versions | undefined
): Promise<CompanyDomain> {
  const acting = await readAsMember(db, actor, placeOf(input.companyId), atLeast)
  requirePermission(acting, 'domain.manage')
  return requireDomain(db.query, acting.organization, input.domainId)
}

/** Gives a domain up: nobody joins by it any more, members stay, and another company may prove it. */
export async function removeDomain(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: { companyId: string; domainId: string }
): Promise<void> {
  requireRecentSignIn(parts, actor)
  await changeAsMember(db, actor, placeOf(input.companyId), async (tx, acting) => {
    requirePermission(acting, 'domain.manage')
    const domain = await requireDomain(tx, acting.organization, input.domainId)
    await tx.execute(sql`delete from domains where id = ${domain.id}`)
    await noteDomain(tx, actor, 'domain.removed', domain, null)
  })
}
