import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import type { Blocker } from '../http/blockers.ts'
import { agencyWorkBlockers, contactBlockers, contractBlockers, ownerBlockers } from '../organizations/guards.ts'
import { findMembers, type Member } from '../organizations/members.ts'
import { findOrganization, lockOrganization, type Organization } from '../organizations/organizations.ts'
import { freelanceBlockers } from '../profiles/profiles.ts'

/** Somebody's part in an organization, as closing their account meets it. */
export interface Part {
  organization: Organization
  member: Member
  /** Whether nobody else is a member. */
  alone: boolean
}

/** What closing an account does, and what stands in its way (P-13). */
export interface Closure {
  blockers: Blocker[]
  /** Organizations that nobody else is a member of: they close with the account. */
  closing: Part[]
  /** Memberships that end. */
  leaving: Part[]
  /** Companies that the person has asked to join. */
  asking: Organization[]
  freelancerProfile: boolean
}

/** What closing the account would do and meet now. Locks nothing. */
export const previewClosure = (tx: Tx, accountId: string): Promise<Closure> => findClosure(tx, accountId, findOrganization)

/**
 * The same for doing it: all organizations that it involves are locked by ascending id, and only then looked at, since a membership may have
 * become ownership meanwhile. The account is locked by the caller, so that nothing is added.
 */
export const lockClosure = (tx: Tx, accountId: string): Promise<Closure> => findClosure(tx, accountId, lockOrganization)

type Take = (tx: Tx, kind: Organization['kind'], id: string) => Promise<Organization>

async function findClosure(tx: Tx, accountId: string, take: Take): Promise<Closure> {
  const involved = await rows<Pick<Organization, 'id' | 'kind'>>(
    tx,
    sql`select o.id, o.kind from organizations o where exists (select from memberships m where m.organization_id = o.id and m.account_id = ${accountId})
      or exists (select from join_requests r where r.organization_id = o.id and r.account_id = ${accountId} and r.status = 'open') order by o.id`
  )
  const organizations: Organization[] = []
  for (const { id, kind } of involved) organizations.push(await take(tx, kind, id))
  const parts = await partsOf(tx, accountId, organizations)
  // A closed organization that they own stays as it is: nobody can be made its owner instead of them.
  const open = parts.filter(({ organization, member }) => !member.owner || organization.status !== 'closed')
  const [profile] = await rows(tx, sql`select from freelancer_profiles where account_id = ${accountId} and status = 'active'`)
  return {
    blockers: await blockersOf(tx, accountId, open),
    closing: open.filter(({ member }) => member.owner),
    leaving: open.filter(({ member }) => !member.owner),
    asking: organizations,
    freelancerProfile: profile !== undefined
  }
}

async function partsOf(tx: Tx, accountId: string, organizations: Organization[]): Promise<Part[]> {
  const members = await findMembers(tx, sql`m.account_id = ${accountId}`)
  const shared = await rows<{ id: string }>(
    tx,
    sql`select distinct organization_id as id from memberships where account_id <> ${accountId}
      and organization_id in (select organization_id from memberships where account_id = ${accountId})`
  )
  return organizations.flatMap((organization) => {
    const member = members.find(({ organizationId }) => organizationId === organization.id)
    return member ? [{ organization, member, alone: !shared.some(({ id }) => id === organization.id) }] : []
  })
}

/** The complete list (K-7, K-8): each with the call that clears it, or the service that owns the cure. */
async function blockersOf(tx: Tx, accountId: string, parts: Part[]): Promise<Blocker[]> {
  const found: Blocker[] = []
  for (const { organization, member, alone } of parts) {
    if (member.owner && alone) {
      found.push(...(await contractBlockers(tx, organization)), ...(await agencyWorkBlockers(tx, organization)))
      continue
    }
    const owning = ownerBlockers(organization, member)
    found.push(...owning.map((blocker) => ({ ...blocker, label: `Ownership of ${organization.name}` })))
    found.push(...(await contactBlockers(tx, organization, member, { gone: true })))
  }
  // The own work through an agency is among all work of an agency that they own.
  const work = (await freelanceBlockers(tx, accountId)).filter(
    ({ resource, code }) => !found.some((other) => other.resource === resource && other.code === code)
  )
  return [...found, ...work]
}
