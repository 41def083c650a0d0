import { sql } from 'drizzle-orm'
import { type ActorOf, system } from '../actor.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { requestMails } from '../mail/outbox.ts'
import { adminAccountIds } from '../organizations/admins.ts'
import { type Acting, requirePermission, requireSelf } from '../organizations/change.ts'
import { lockOrganization, type Organization } from '../organizations/organizations.ts'
import { refuse } from '../problems.ts'
import { type CompanyDomain, noteDomain, requireDomainRow } from './find-domain.ts'

/** The company that has a domain at present. */
export interface Holder {
  domainId: string
  organizationId: string
  /** By a DNS record that is still there: nobody takes it (D-1). What a closed company has proven keeps nobody out. */
  firmly: boolean
  /** It was taken over lately, and may be won back. */
  held: boolean
}

export interface Claim extends Acting {
  own: CompanyDomain
  /** Another company. */
  holder: Holder | undefined
}

/**
 * Runs a change of who has a domain: under a lock on its name, taken before any row's, and on both companies, by ascending id. What the
 * caller has seen of the own claim must still be so. @throws not_found, conflict
 */
export async function changeHolder(
  db: Db,
  actor: ActorOf<'account'>,
  seen: CompanyDomain,
  work: (tx: Tx, claim: Claim) => Promise<void>
): Promise<CompanyDomain> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${seen.domain}, 5))`)
    const other = await otherHolder(tx, seen)
    const organization = await lockBoth(tx, actor, seen.organizationId, other?.organizationId)
    const acting = { actor, organization, self: await requireSelf(tx, organization, actor) }
    requirePermission(acting, 'domain.manage')
    const own = await requireDomainRow(tx, organization.id, seen.id)
    if (own.challenge !== seen.challenge) throw refuse('conflict')
    // It may have given the domain up, or lost its proof, before it was locked; a new one cannot have come.
    await work(tx, { ...acting, own, holder: await otherHolder(tx, own) })
    return requireDomainRow(tx, organization.id, own.id)
  })
}

async function otherHolder(tx: Tx, { domain, organizationId }: CompanyDomain): Promise<Holder | undefined> {
  const [holder] = await rows<Holder>(
    tx,
    sql`select d.id as "domainId", d.organization_id as "organizationId",
        d.ownership_proven_at is not null and d.paused_at is null and o.status <> 'closed' as firmly,
        coalesce(d.held_until > now(), false) as held
      from domains d join organizations o on o.id = d.organization_id
      where d.domain = ${domain} and d.status = 'verified' and d.organization_id <> ${organizationId}`
  )
  return holder
}

async function lockBoth(tx: Tx, actor: ActorOf<'account'>, ownId: string, otherId: string | undefined): Promise<Organization> {
  const lockOther = async () => {
    // Not by its id in the consistency token: who the other is stays unknown.
    if (otherId !== undefined) await tx.execute(sql`update organizations set version = version + 1 where id = ${otherId}`)
  }
  const otherFirst = otherId !== undefined && otherId < ownId
  if (otherFirst) await lockOther()
  const own = await lockOrganization(tx, 'company', ownId, actor.accountId)
  if (!otherFirst) await lockOther()
  return own
}

/** What is left of a claim that the domain is gone from: nothing is proven, and nobody joins by it. */
const unproven = sql`affiliation_proven_at = null, ownership_proven_at = null, checked_at = null, failing_since = null, paused_at = null,
  held_until = null, mode = 'off', revision = revision + 1`

/** What is left without the DNS record while affiliation goes on: people are no longer made members by themselves (D-5). */
export const unowned = sql`ownership_proven_at = null, mode = case when mode = 'automatic' then 'suggest' else mode end`

/** Takes a domain from a company: it may contest for so many seconds, with a value of its own that lives as long (D-1), and its admins are told. */
export async function loseDomain(tx: Tx, holder: Holder, { challenge, seconds }: { challenge: string; seconds: number }): Promise<void> {
  await changeOther(tx, holder, 'lost', async () => {
    await tx.execute(sql`update domains set status = 'lost', contest_until = now() + make_interval(secs => ${seconds}), challenge = ${challenge},
        challenge_expires_at = now() + make_interval(secs => ${seconds}), ${unproven} where id = ${holder.domainId}`)
  })
}

/** Takes a domain back from the company that had taken it over: its claim is one like any other again, and its admins are told. */
export async function fallBack(tx: Tx, holder: Holder): Promise<void> {
  await changeOther(tx, holder, 'contested', async () => {
    await tx.execute(sql`update domains set status = 'added', ${unproven} where id = ${holder.domainId}`)
  })
}

/** What happens to another company's domain, told there without who caused it. */
async function changeOther(tx: Tx, holder: Holder, what: 'lost' | 'contested', change: () => Promise<void>): Promise<void> {
  const before = await requireDomainRow(tx, holder.organizationId, holder.domainId)
  await change()
  await noteDomain(tx, system, `domain.${what}`, before, await requireDomainRow(tx, holder.organizationId, holder.domainId))
  await tellAdmins(tx, before, what)
}

/** Tells everybody who runs the company what became of its domain. */
export async function tellAdmins(
  tx: Tx,
  domain: Pick<CompanyDomain, 'id' | 'organizationId'>,
  what: 'paused' | 'resumed' | 'lost' | 'contested'
): Promise<void> {
  const admins = await adminAccountIds(tx, domain.organizationId)
  await requestMails(
    tx,
    admins.map((adminAccountId) => ({ kind: 'domain_notice' as const, domainId: domain.id, adminAccountId, what }))
  )
}
