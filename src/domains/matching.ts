import { type SQL, sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import type { WantedGrant } from '../organizations/grants.ts'
import { removedFrom } from '../organizations/removed-people.ts'
import { baseRole } from '../permissions/roles.ts'
import { isRoleAddress } from './role-addresses.ts'
import type { autoJoinModes } from './tables.ts'

/** A company that a person may join or ask to join, by an address of theirs at one of its domains. */
export interface DomainMatch {
  organizationId: string
  /** What people call the company. */
  name: string
  logoUrl: string | null
  /** The person's proven address. */
  email: string
  mode: Exclude<(typeof autoJoinModes)[number], 'off'>
  /** What they would be there: the default role in each team, or in the default team where there is none. */
  grants: WantedGrant[]
}

interface Row extends Omit<DomainMatch, 'grants'> {
  canonical: string
  defaultRole: string
  defaultTeamId: string
  teams: Array<{ id: string; shown: boolean }>
}

/**
 * The companies that a person may join by their proven addresses (D-4, D-5): exact domains, verified, neither paused nor on hold; never one they
 * are a member of, nor one that removed them (N-12), nor by an address that others read too.
 */
export async function domainMatches(executor: Db['query'] | Tx, accountId: string, only: SQL = sql`true`): Promise<DomainMatch[]> {
  const found = await rows<Row>(
    executor,
    sql`select o.id as "organizationId", o.name, o.logo_url as "logoUrl", e.address as email, e.canonical, d.mode,
        d.default_role as "defaultRole", o.default_team_id as "defaultTeamId",
        coalesce((select jsonb_agg(jsonb_build_object('id', t.id, 'shown', t.hidden_at is null) order by t.id)
          from domain_teams dt join teams t on t.id = dt.team_id where dt.domain_id = d.id), '[]') as teams
      from emails e join domains d on d.domain = split_part(e.canonical, '@', 2) join organizations o on o.id = d.organization_id
      where e.account_id = ${accountId} and e.verified_at is not null and d.status = 'verified' and d.mode <> 'off' and d.paused_at is null
        and coalesce(d.held_until, now()) <= now() and standing(o) = 'active' and ${only}
        and not exists (select from memberships m where m.organization_id = o.id and m.account_id = ${accountId})
        and not ${removedFrom(sql`o.id`, sql`${accountId}::uuid`)}
      order by o.name, o.id, d.id`
  )
  return found
    .filter(({ canonical }) => !isRoleAddress(canonical))
    .map((row) => {
      const { organizationId, name, logoUrl, email, mode } = row
      return { organizationId, name, logoUrl, email, mode, grants: grantsOf(row) }
    })
}

/** D-6: while all teams of a domain are hidden, the default team takes nobody in with a role that was meant for those. */
function grantsOf({ teams, defaultRole, defaultTeamId }: Row): WantedGrant[] {
  const shown = teams.filter((team) => team.shown)
  if (shown.length > 0) return shown.map(({ id }) => ({ role: defaultRole, teamId: id }))
  return [{ role: teams.length > 0 ? baseRole.company : defaultRole, teamId: defaultTeamId }]
}

/** The verified domains of a company at which a person has a proven address, not such as others read too: what a join link asks for (N-10). */
export async function addressesAtDomainsOf(tx: Tx, organizationId: string, accountId: string): Promise<Array<{ domain: string }>> {
  const found = await rows<{ domain: string; canonical: string }>(
    tx,
    sql`select d.domain, e.canonical from emails e join domains d on d.domain = split_part(e.canonical, '@', 2)
      where e.account_id = ${accountId} and e.verified_at is not null and d.organization_id = ${organizationId} and d.status = 'verified'
        and d.paused_at is null and coalesce(d.held_until, now()) <= now()`
  )
  return found.filter(({ canonical }) => !isRoleAddress(canonical)).map(({ domain }) => ({ domain }))
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
