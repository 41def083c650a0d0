import { type SQL, sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { placeOf, readAsMember, requirePermission } from '../organizations/change.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { isAffiliated } from './affiliation.ts'
import { type Claim, changeHolder, fallBack, type Holder, loseDomain, unowned } from './claims.ts'
import { newChallenge } from './domains.ts'
import { type CompanyDomain, noteDomain, recordName, recordValue, requireDomain, requireDomainRow } from './find-domain.ts'
import { requireClaimable } from './public-domains.ts'

export interface DomainOf {
  companyId: string
  domainId: string
}

/**
 * Proves a domain (D-1): by the address of somebody who runs the company, which never takes it from another one, or by DNS, which takes it
 * from a company without a DNS record of its own. Proving again looks again, and ends a pause.
 * @throws public_email_domain, domain_not_proven, domain_taken, dns_unavailable, conflict
 */
export async function verifyDomain(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: DomainOf & { proof: 'affiliation' | 'dns' }
): Promise<CompanyDomain> {
  const seen = await lookAt(parts, actor, input)
  if (input.proof === 'affiliation') return changeHolder(db, actor, seen, proveAffiliation)
  await requireRecord(parts, seen)
  return changeHolder(db, actor, seen, (tx, claim) => proveOwnership(parts, tx, claim))
}

/**
 * Wins a domain back that another company has taken over, by a DNS record of one's own (D-1). Who has won it back already, and keeps its
 * record, keeps the domain. @throws domain_not_contestable, and as above
 */
export async function contestDomain(parts: Parts, db: Db, actor: ActorOf<'account'>, input: DomainOf): Promise<CompanyDomain> {
  const seen = await lookAt(parts, actor, input)
  if (!seen.contestable) throw refuse('domain_not_contestable')
  await requireRecord(parts, seen)
  return changeHolder(db, actor, seen, async (tx, claim) => {
    const { own, holder } = claim
    if (!own.contestable) throw refuse('domain_not_contestable')
    // Nothing is left to contest against who is not on hold: it is a proof like any other.
    if (holder && !holder.held) return proveOwnership(parts, tx, claim)
    if (holder) await fallBack(tx, holder)
    await setOwned(tx, own, await contestedUntil(tx, own))
    await noteDomain(tx, actor, 'domain.regained', own, await requireDomainRow(tx, own.organizationId, own.id))
  })
}

/**
 * The domain as it is before it is proven: what takes long is done outside the transaction. The lists may have grown since it was claimed.
 * @throws public_email_domain (D-2)
 */
async function lookAt(
  { db, config, limits, policies }: Parts,
  actor: ActorOf<'account'>,
  { companyId, domainId }: DomainOf
): Promise<CompanyDomain> {
  const acting = await readAsMember(db, actor, placeOf(companyId), undefined)
  requirePermission(acting, 'domain.manage')
  const domain = await requireDomain(db.query, acting.organization, domainId)
  requireClaimable(config, domain.domain)
  await limits.require(policies.domainVerified, acting.organization.id)
  return domain
}

/** @throws domain_not_proven with what was looked for and where, dns_unavailable */
async function requireRecord({ dns }: Pick<Parts, 'dns'>, domain: CompanyDomain): Promise<void> {
  if (domain.challengeExpired)
    throw refuse('domain_not_proven', { detail: 'The value for the DNS record has expired. Add the domain again for a new one.' })
  const records = await dns.txt(recordName(domain))
  if (records?.includes(recordValue(domain))) return
  const found = records ? 'None of the TXT records there is exactly that.' : 'There is no TXT record there.'
  throw refuse('domain_not_proven', {
    detail: `\`${recordName(domain)}\` was asked for a TXT record with the value in \`challenge.recordValue\`. ${found}`
  })
}

/** Also for whoever already has it. Whether another company has it is told only to those who belong to the domain. */
async function proveAffiliation(tx: Tx, { actor, organization, own, holder }: Claim): Promise<void> {
  if (!(await isAffiliated(tx, organization.id, own.domain)))
    throw refuse('domain_not_proven', {
      detail: `Neither the owner nor an admin for the whole company has a proven address of their own at ${own.domain}; addresses such as support@ do not count.`
    })
  if (holder) throw refuse('domain_taken')
  // A DNS record that was missed goes on being looked for; one whose loss is confirmed counts no longer.
  const lapses = own.paused && own.ownershipProvenAt !== null
  await tx.execute(sql`update domains set status = 'verified', affiliation_proven_at = now(), checked_at = now(), contest_until = null,
      failing_since = case when paused_at is null and ownership_proven_at is not null then failing_since end, paused_at = null,
      ${lapses ? unowned : sql`ownership_proven_at = ownership_proven_at`}, ${onHold(await contestedUntil(tx, own))}, revision = revision + 1
    where id = ${own.id}`)
  await noteDomain(tx, actor, 'domain.verified', own, await requireDomainRow(tx, own.organizationId, own.id))
}

async function proveOwnership({ config }: Pick<Parts, 'config'>, tx: Tx, { actor, own, holder }: Claim): Promise<void> {
  if (holder?.firmly) throw refuse('domain_taken')
  if (holder) await loseDomain(tx, holder, { challenge: newChallenge(), seconds: config.DOMAIN_CONTEST_SECONDS })
  await setOwned(tx, own, await contestedUntil(tx, own, holder))
  await noteDomain(tx, actor, 'domain.verified', own, await requireDomainRow(tx, own.organizationId, own.id))
}

/**
 * Until when others may win a domain back from who gains it now, in whatever way: nobody joins by it before (D-1). Who may contest as well
 * gives way only to those who lost it earlier, and to whom it takes the domain from.
 */
async function contestedUntil(tx: Tx, { id, domain }: CompanyDomain, takenFrom?: Holder): Promise<string | null> {
  const [found] = await rows<{ until: string | null }>(
    tx,
    sql`select max(other.contest_until)::text as until from domains own join domains other on other.domain = own.domain
      where own.id = ${id} and other.domain = ${domain} and other.id <> own.id and other.status = 'lost' and other.contest_until > now()
        and (${takenFrom !== undefined} or own.contest_until is null or own.contest_until <= now() or other.contest_until < own.contest_until)`
  )
  return found!.until
}

/** What a company has already is not put on hold anew. */
const onHold = (until: string | null): SQL => sql`held_until = case when status = 'verified' then held_until else ${until}::timestamptz end`

async function setOwned(tx: Tx, own: CompanyDomain, heldUntil: string | null): Promise<void> {
  await tx.execute(sql`update domains set status = 'verified', ownership_proven_at = now(), checked_at = now(), contest_until = null,
      failing_since = null, paused_at = null, ${onHold(heldUntil)}, revision = revision + 1 where id = ${own.id}`)
}
