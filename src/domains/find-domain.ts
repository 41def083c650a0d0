import { type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { isoOrNull, millis } from '../db/moments.ts'
import { publicId } from '../http/ids.ts'
import { type Organization, requireId } from '../organizations/organizations.ts'
import { refuse } from '../problems.ts'
import type { autoJoinModes, domainStatuses } from './tables.ts'

/** A domain as the company that claims it sees it. */
export interface CompanyDomain {
  id: string
  organizationId: string
  /** Lower-case A-labels. */
  domain: string
  status: (typeof domainStatuses)[number]
  mode: (typeof autoJoinModes)[number]
  defaultRole: 'recruiter' | 'hiring_manager'
  teams: Array<{ id: string; name: string }>
  affiliationProvenAt: string | null
  ownershipProvenAt: string | null
  challenge: string
  /** Null once the record was seen: it has to stay. */
  challengeExpiresAt: string | null
  challengeExpired: boolean
  paused: boolean
  /** Nobody joins by it until then; null once that is over. */
  heldUntil: string | null
  contestUntil: string | null
  /** Lost to another company, and still to be won back. */
  contestable: boolean
  revision: number
}

type Moment = 'affiliationProvenAt' | 'ownershipProvenAt' | 'challengeExpiresAt' | 'heldUntil' | 'contestUntil'
type Row = Omit<CompanyDomain, Moment> & Record<Moment, number | null>

/** Domains with their teams, as their companies see them; `where` and `rest` see `d`. */
export async function findDomains(executor: Db['query'] | Tx, where: SQL, rest = sql``): Promise<CompanyDomain[]> {
  const found = await rows<Row>(
    executor,
    sql`select d.id, d.organization_id as "organizationId", d.domain, d.status, d.mode, d.default_role as "defaultRole", d.challenge, d.revision,
        ${millis(sql`d.affiliation_proven_at`)} as "affiliationProvenAt", ${millis(sql`d.ownership_proven_at`)} as "ownershipProvenAt",
        ${millis(sql`case when d.ownership_proven_at is null then d.challenge_expires_at end`)} as "challengeExpiresAt",
        d.ownership_proven_at is null and d.challenge_expires_at <= now() as "challengeExpired", d.paused_at is not null as paused,
        ${millis(sql`case when d.held_until > now() then d.held_until end`)} as "heldUntil", ${millis(sql`d.contest_until`)} as "contestUntil",
        d.status = 'lost' and d.contest_until > now() as contestable,
        coalesce((select jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name) order by t.id)
          from domain_teams dt join teams t on t.id = dt.team_id where dt.domain_id = d.id), '[]') as teams
      from domains d where ${where} ${rest}`
  )
  return found.map((row) => ({
    ...row,
    affiliationProvenAt: isoOrNull(row.affiliationProvenAt),
    ownershipProvenAt: isoOrNull(row.ownershipProvenAt),
    challengeExpiresAt: isoOrNull(row.challengeExpiresAt),
    heldUntil: isoOrNull(row.heldUntil),
    contestUntil: isoOrNull(row.contestUntil)
  }))
}

/** A domain of this company; one of another is as unknown as none (C-2). @throws not_found */
export async function requireDomain(executor: Db['query'] | Tx, { id }: Organization, domainId: string): Promise<CompanyDomain> {
  return requireDomainRow(executor, id, requireId('domain', domainId))
}

/** The same by its own id. @throws not_found when it was removed */
export async function requireDomainRow(executor: Db['query'] | Tx, organizationId: string, id: string): Promise<CompanyDomain> {
  const [domain] = await findDomains(executor, sql`d.organization_id = ${organizationId} and d.id = ${id}`)
  if (!domain) throw refuse('not_found')
  return domain
}

/** Where the DNS record is looked for. */
export const recordName = ({ domain }: Pick<CompanyDomain, 'domain'>): string => `_guildhall-challenge.${domain}`
/** What it has to hold. */
export const recordValue = ({ challenge }: Pick<CompanyDomain, 'challenge'>): string => `guildhall-domain-verification=${challenge}`

const stateOf = (domain: CompanyDomain) => ({
  status: domain.status,
  mode: domain.mode,
  defaultRole: domain.defaultRole,
  teams: domain.teams.map(({ id }) => publicId('team', id)),
  affiliation: domain.affiliationProvenAt !== null,
  ownership: domain.ownershipProvenAt !== null,
  paused: domain.paused
})

/** Writes what became of a domain into the history of its company. Who acts for another company stays unknown there: the caller says `system`. */
export async function noteDomain(
  tx: Tx,
  actor: Actor,
  action: string,
  before: CompanyDomain | null,
  after: CompanyDomain | null
): Promise<void> {
  const domain = (before ?? after)!
  const states = { ...(before ? { before: stateOf(before) } : {}), ...(after ? { after: stateOf(after) } : {}) }
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: domain.organizationId },
    action,
    resource: publicId('domain', domain.id),
    detail: { before: null, after: null, ...states },
    personal: { domain: domain.domain },
    event: states
  })
}
