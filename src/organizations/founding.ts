import { sql } from 'drizzle-orm'
import { lockAccount, requireLiveAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows } from '../db/database.ts'
import { refuseIfBlocked } from '../http/blockers.ts'
import { touch } from '../http/consistency.ts'
import { newId, publicId } from '../http/ids.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { exclusiveAgency } from './affiliation.ts'
import { insertGrants, joinTeam } from './grants.ts'
import { insertMembership } from './joining.ts'
import { findMemberOf, memberState } from './members.ts'
import { findOrganization, type Organization } from './organizations.ts'
import type { OrganizationKind } from './tables.ts'
import { insertTeam } from './teams.ts'

/** What an organization says of itself; the database refuses a company's details on an agency and the reverse. */
export interface Details {
  name: string
  website?: string | null | undefined
  countryCode?: string | null | undefined
  logoUrl?: string | null | undefined
  legalName?: string | null | undefined
  size?: string | null | undefined
  vatNumber?: string | null | undefined
  timeZone?: string | null | undefined
  tagline?: string | null | undefined
  description?: string | null | undefined
  skills?: string[] | null | undefined
}

/**
 * Founds a company or an agency: its owner, its membership and its default team at once (C-1). An agency needs an active freelancer
 * profile, its founder owns no other and is also `freelancer` in it (G-1).
 * @throws account_restricted, company_limit, agency_limit, freelancer_profile_required, exclusive_elsewhere
 */
export async function foundOrganization(
  { config }: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  kind: OrganizationKind,
  details: Details
): Promise<Organization> {
  return db.transaction(async (tx) => {
    const account = await lockAccount(tx, actor.accountId)
    requireLiveAccount(account)
    // E-2: founding is new business.
    if (account.enforcement === 'restricted') throw refuse('account_restricted')
    const [own] = await rows<{ companies: number; agencies: number; freelancer: boolean }>(
      tx,
      sql`select count(*) filter (where kind = 'company')::int as companies, count(*) filter (where kind = 'agency')::int as agencies,
          exists (select from freelancer_profiles where account_id = ${account.id} and status = 'active') as freelancer
        from organizations where owner_account_id = ${account.id} and status <> 'closed'`
    )
    if (kind === 'company' && own!.companies >= config.COMPANIES_PER_ACCOUNT) throw refuse('company_limit')
    if (kind === 'agency' && own!.agencies > 0) throw refuse('agency_limit')
    if (kind === 'agency' && !own!.freelancer) throw refuse('freelancer_profile_required')
    if (kind === 'agency') refuseIfBlocked(await exclusiveAgency(tx, account.id))

    const id = newId()
    const defaultTeamId = newId()
    await tx.execute(sql`
      insert into organizations (id, kind, owner_account_id, default_team_id, name, website, country_code, logo_url, legal_name, size, vat_number, time_zone,
        tagline, description, skills)
      values (${id}, ${kind}, ${account.id}, ${defaultTeamId}, ${details.name}, ${details.website ?? null}, ${details.countryCode ?? null},
        ${details.logoUrl ?? null}, ${details.legalName ?? null}, ${details.size ?? null}, ${details.vatNumber ?? null}, ${details.timeZone ?? null},
        ${details.tagline ?? null}, ${details.description ?? null}, ${details.skills ? sql.param(details.skills) : null}::text[])`)
    touch(tx, 'organization', id, 1)
    const memberId = await insertMembership(tx, { id, kind }, { accountId: account.id, source: 'founder' })
    await record(tx, {
      actor,
      chain: { kind: 'organization', id },
      action: `${kind}.created`,
      resource: publicId(kind, id),
      detail: { before: null, after: { ownerAccountId: publicId('account', account.id) } },
      personal: { after: details },
      event: { after: { name: details.name, ownerAccountId: publicId('account', account.id) } }
    })
    await insertTeam(tx, actor, id, 'General', defaultTeamId)
    const organization = await findOrganization(tx, kind, id)
    await joinTeam(tx, organization, memberId, defaultTeamId)
    if (kind === 'agency') await insertGrants(tx, organization, memberId, [{ role: 'freelancer', teamId: null }])
    const member = (await findMemberOf(tx, id, account.id))!
    await record(tx, {
      actor,
      chain: { kind: 'organization', id },
      action: 'member.joined',
      resource: publicId('member', memberId),
      detail: { accountId: publicId('account', account.id), source: 'founder', before: null, after: memberState(member) },
      event: { after: { accountId: publicId('account', account.id), ...memberState(member) } }
    })
    return organization
  })
}
