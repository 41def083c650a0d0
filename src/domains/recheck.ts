import { sql } from 'drizzle-orm'
import type { FastifyBaseLogger } from 'fastify'
import { system } from '../actor.ts'
import { rows, type Tx } from '../db/database.ts'
import { loggable } from '../db/errors.ts'
import { lockOrganization } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { isAffiliated } from './affiliation.ts'
import { tellAdmins, unowned } from './claims.ts'
import { type CompanyDomain, findDomains, noteDomain, recordName, recordValue, requireDomainRow } from './find-domain.ts'

/** A run takes so many, so that one never runs into the next. */
const mostInARun = 200
const atOnce = 10
/** A loss that was seen is confirmed so much later (D-8). */
const confirmAfter = sql`interval '1 hour'`
/** What could not be found out is tried again so soon, or while a loss waits to be confirmed. */
const tryAgainSeconds = 3600
const pressing = sql`interval '10 minutes'`

interface Due extends CompanyDomain {
  /** When it was last looked at, in the database's own words: whoever looks first changes it. */
  checkedAt: string
}

type Seen = 'found' | 'missing' | 'unknown'

/**
 * Looks again at proofs whose time has come (D-8): DNS records where there is ownership, else affiliation. A loss that is confirmed pauses
 * auto-join; what is found again resumes it. Several runs at once do no harm.
 */
export async function recheckDomains(parts: Parts, log: FastifyBaseLogger): Promise<void> {
  const waiting = await dueDomains(parts)
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      await recheck(parts, next).catch((error: unknown) => log.error({ failure: loggable(error) }, 'a domain could not be checked'))
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

async function dueDomains({ db, config }: Parts): Promise<Due[]> {
  const due = await rows<{ id: string; checkedAt: string }>(
    db.query,
    sql`select d.id, d.checked_at::text as "checkedAt" from domains d join organizations o on o.id = d.organization_id
      where d.status = 'verified' and o.status <> 'closed' and case when d.failing_since is null or d.paused_at is not null
        then d.checked_at <= now() - make_interval(secs => ${config.DOMAIN_CHECK_SECONDS})
        else d.failing_since <= now() - ${confirmAfter} and d.checked_at <= now() - ${pressing} end
      order by d.checked_at limit ${mostInARun}`
  )
  const found = await findDomains(db.query, sql`d.id = any(${sql.param(due.map(({ id }) => id))}::uuid[])`)
  const byId = new Map(found.map((domain) => [domain.id, domain]))
  return due.flatMap(({ id, checkedAt }) => {
    const domain = byId.get(id)
    return domain ? [{ ...domain, checkedAt }] : []
  })
}

/** The DNS is asked outside the transaction; in it, what was seen must still be so. */
async function recheck(parts: Parts, due: Due): Promise<void> {
  const seen = due.ownershipProvenAt === null ? undefined : await lookUp(parts, due)
  await parts.db.transaction(async (tx) => {
    await lockOrganization(tx, 'company', due.organizationId)
    const [unchanged] = await rows<{ confirmed: boolean | null }>(
      tx,
      sql`select failing_since <= now() - ${confirmAfter} as confirmed from domains
        where id = ${due.id} and status = 'verified' and revision = ${due.revision} and checked_at = ${due.checkedAt}::timestamptz`
    )
    if (!unchanged) return
    const outcome = seen ?? ((await isAffiliated(tx, due.organizationId, due.domain)) ? 'found' : 'missing')
    if (outcome === 'unknown') await tryAgainSoon(parts, tx, due)
    else if (outcome === 'found') await keep(tx, due)
    else if (unchanged.confirmed && !due.paused) await lose(tx, due)
    else await tx.execute(sql`update domains set checked_at = now(), failing_since = coalesce(failing_since, now()) where id = ${due.id}`)
  })
}

/** An error is never taken for a missing record. */
async function lookUp({ dns }: Parts, due: Due): Promise<Seen> {
  const records = await dns.txt(recordName(due)).catch(() => 'unknown' as const)
  if (records === 'unknown') return records
  return records?.includes(recordValue(due)) ? 'found' : 'missing'
}

/** Not first in every run, where it would keep all others waiting, nor as late as what was found. */
async function tryAgainSoon({ config }: Parts, tx: Tx, due: Due): Promise<void> {
  const seconds = Math.max(0, config.DOMAIN_CHECK_SECONDS - tryAgainSeconds)
  await tx.execute(sql`update domains set checked_at = case when failing_since is null or paused_at is not null
    then now() - make_interval(secs => ${seconds}) else now() end where id = ${due.id}`)
}

async function keep(tx: Tx, due: Due): Promise<void> {
  await tx.execute(sql`update domains set checked_at = now(), failing_since = null, paused_at = null,
    revision = revision + ${due.paused ? 1 : 0} where id = ${due.id}`)
  if (due.paused) await tell(tx, due, 'resumed')
}

/** Affiliation goes on alone where it was proven and still holds; else auto-join pauses, and members stay. */
async function lose(tx: Tx, due: Due): Promise<void> {
  const both = due.ownershipProvenAt !== null && due.affiliationProvenAt !== null
  if (both && (await isAffiliated(tx, due.organizationId, due.domain))) {
    await tx.execute(sql`update domains set ${unowned}, failing_since = null, checked_at = now(), revision = revision + 1
      where id = ${due.id}`)
    await noteDomain(tx, system, 'domain.ownership_lapsed', due, await requireDomainRow(tx, due.organizationId, due.id))
    return
  }
  await tx.execute(sql`update domains set paused_at = now(), checked_at = now(), revision = revision + 1,
      affiliation_proven_at = case when ${both} then null else affiliation_proven_at end
    where id = ${due.id}`)
  await tell(tx, due, 'paused')
}

async function tell(tx: Tx, due: Due, what: 'paused' | 'resumed'): Promise<void> {
  await noteDomain(tx, system, `domain.${what}`, due, await requireDomainRow(tx, due.organizationId, due.id))
  await tellAdmins(tx, due, what)
}
