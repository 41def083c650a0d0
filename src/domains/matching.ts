import { type SQL, sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import type { WantedGrant } from '../organizations/grants.ts'
import { removedFrom } from '../organizations/removed-people.ts'
import { isRoleAddress } from './role-addresses.ts'
import type { autoJoinModes } from './tables.ts'

/** A company that a person may join or ask to join, by an address of theirs at one of its domains. */
export interface DomainMatch {
  domainId: string
  organizationId: string
  /** What people call the company. */
  name: string
  logoUrl: string | null
  domain: string
  /** The person's proven address at it. */
  email: string
  mode: Exclude<(typeof autoJoinModes)[number], 'off'>
  /** What they would be there: the default role in each team, or in the default team. */
  grants: WantedGrant[]
}

type Row = Omit<DomainMatch, 'grants'> & { canonical: string; defaultRole: string; teamIds: string[] }

/**
 * The companies that a person may join by their proven addresses (D-4, D-5): exact domains, verified, neither paused nor on hold; never one they
 * are a member of, nor one that removed them (N-12), nor by an address that others read too.
 */
export async function domainMatches(executor: Db['query'] | Tx, accountId: string, only: SQL = sql`true`): Promise<DomainMatch[]> {
  const found = await rows<Row>(
    executor,
    sql`select d.id as "domainId", o.id as "organizationId", o.name, o.logo_url as "logoUrl", d.domain, e.address as email, e.canonical, d.mode,
        d.default_role as "defaultRole",
        coalesce((select jsonb_agg(t.id order by t.id) from domain_teams dt join teams t on t.id = dt.team_id
          where dt.domain_id = d.id and t.hidden_at is null), jsonb_build_array(o.default_team_id)) as "teamIds"
      from emails e join domains d on d.domain = split_part(e.canonical, '@', 2) join organizations o on o.id = d.organization_id
      where e.account_id = ${accountId} and e.verified_at is not null and d.status = 'verified' and d.mode <> 'off' and d.paused_at is null
        and coalesce(d.held_until, now()) <= now() and o.status = 'active' and ${only}
        and not exists (select from memberships m where m.organization_id = o.id and m.account_id = ${accountId})
        and not ${removedFrom(sql`o.id`, sql`${accountId}::uuid`)}
      order by o.name, o.id, d.id`
  )
  return found
    .filter(({ canonical }) => !isRoleAddress(canonical))
    .map(({ canonical: _, defaultRole, teamIds, ...match }) => ({
      ...match,
      grants: teamIds.map((teamId) => ({ role: defaultRole, teamId }))
    }))
}

/** Proven addresses of a person at verified domains of a company, not such as others read too: what a join link asks for (N-10). */
export async function addressesAtDomainsOf(
  tx: Tx,
  organizationId: string,
  accountId: string
): Promise<Array<{ domain: string; email: string }>> {
  const found = await rows<{ domain: string; email: string; canonical: string }>(
    tx,
    sql`select d.domain, e.address as email, e.canonical from emails e join domains d on d.domain = split_part(e.canonical, '@', 2)
      where e.account_id = ${accountId} and e.verified_at is not null and d.organization_id = ${organizationId} and d.status = 'verified'
        and d.paused_at is null and coalesce(d.held_until, now()) <= now() order by d.domain, e.id`
  )
  return found.filter(({ canonical }) => !isRoleAddress(canonical)).map(({ domain, email }) => ({ domain, email }))
}

/**
 * How many people with an account a company could let in by a domain: a number, and nothing about any of them. Members do not count, nor whoever
 * was removed (N-12).
 */
export async function countMatching(tx: Tx, { organizationId, domain }: { organizationId: string; domain: string }): Promise<number> {
  const found = await rows<{ accountId: string; canonical: string }>(
    tx,
    sql`select e.account_id as "accountId", e.canonical from emails e join accounts a on a.id = e.account_id
      where split_part(e.canonical, '@', 2) = ${domain} and e.verified_at is not null and a.status = 'active'
        and not exists (select from memberships m where m.organization_id = ${organizationId} and m.account_id = a.id)
        and not ${removedFrom(sql`${organizationId}::uuid`, sql`a.id`)}`
  )
  return new Set(found.filter(({ canonical }) => !isRoleAddress(canonical)).map(({ accountId }) => accountId)).size
}
