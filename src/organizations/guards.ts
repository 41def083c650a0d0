import { type SQL, sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import type { Blocker } from '../http/blockers.ts'
import { etag } from '../http/etags.ts'
import { publicId } from '../http/ids.ts'
import { sourcesOf } from '../permissions/decide.ts'
import type { Member } from './members.ts'
import { faceOf, type Organization } from './organizations.ts'

/** An active contract with the contact it has now. */
export interface ContactContract {
  id: string
  teamId: string
  teamName: string
  contactMembershipId: string
  contactAccountId: string
  contactRevision: number
}

/** Active contracts of a company, as far as guards need them. `where` sees `c`. */
export function activeContracts(tx: Tx, where: SQL): Promise<ContactContract[]> {
  return rows<ContactContract>(
    tx,
    sql`select c.id, c.team_id as "teamId", t.name as "teamName", c.contact_membership_id as "contactMembershipId",
        c.contact_account_id as "contactAccountId", c.contact_revision as "contactRevision"
      from contracts c join teams t on t.id = c.team_id where c.status = 'active' and ${where} order by c.id`
  )
}

/** K-2, by membership and roles alone: enforcement on the account does not move contacts. */
export const canBeContact = (member: Pick<Member, 'membershipStatus' | 'owner' | 'grants'>, teamId: string): boolean =>
  member.membershipStatus === 'active' && sourcesOf('company', member, 'contract.contact', teamId).length > 0

/** What a change makes of a member: the contracts of which they could be contact no longer are blockers (K-1). */
export type After = { gone: true } | { member: Pick<Member, 'membershipStatus' | 'owner' | 'grants'>; leavesTeam?: string }

/**
 * The contact guard (K-1, K-7): the active contracts that would lose their contact, were the member what the change makes of them. The
 * one guard of every path; preview, dry run and refusal show its list.
 */
export async function contactBlockers(tx: Tx, organization: Organization, member: Pick<Member, 'id'>, after: After): Promise<Blocker[]> {
  if (organization.kind !== 'company') return []
  const held = await activeContracts(tx, sql`c.contact_membership_id = ${member.id}`)
  const lost = held.filter(({ teamId }) => 'gone' in after || after.leavesTeam === teamId || !canBeContact(after.member, teamId))
  return lost.map((contract) => contactBlocker(organization, contract))
}

/** Every active contract of the company, or of one of its teams: closing and hiding wait for all of them (K-7). */
export async function contractBlockers(tx: Tx, organization: Organization, teamId?: string): Promise<Blocker[]> {
  if (organization.kind !== 'company') return []
  const open = await activeContracts(tx, teamId ? sql`c.team_id = ${teamId}` : sql`c.company_id = ${organization.id}`)
  return open.map(({ id, teamName }) => ({
    code: 'contact_on_active_contracts',
    resource: id,
    label: `Contract ${id} in team ${teamName}`,
    resolve: { service: 'contracts' }
  }))
}

/** A blocker that naming another contact clears. */
const contactBlocker = (organization: Organization, { id, teamName, contactRevision }: ContactContract): Blocker => ({
  code: 'contact_on_active_contracts',
  resource: id,
  label: `Contract ${id} in team ${teamName}`,
  resolve: {
    method: 'PUT',
    href: `/v1/companies/${publicId('company', organization.id)}/contracts/${encodeURIComponent(id)}/contact`,
    ifMatch: etag(contactRevision),
    body: { memberId: '<another member>' }
  }
})

/** The owner guard (C-4): whoever owns the organization stays until somebody else does. */
export function ownerBlockers(organization: Organization, member: Pick<Member, 'accountId' | 'id'>): Blocker[] {
  if (member.accountId !== organization.ownerAccountId) return []
  const { idKind, path } = faceOf(organization.kind)
  return [
    {
      code: 'owner_must_transfer',
      resource: publicId('member', member.id),
      label: 'Ownership of the organization',
      resolve: {
        method: 'POST',
        href: `/v1/${path}/${publicId(idKind, organization.id)}/ownership-transfer`,
        body: { memberId: '<another member>' }
      }
    }
  ]
}

interface Work {
  kind: 'contract' | 'proposal'
  id: string
  status: string
}

const openWork = (tx: Tx, contract: SQL, proposal: SQL): Promise<Work[]> =>
  rows<Work>(
    tx,
    sql`select 'contract' as kind, c.id, c.status from contracts c where c.status = 'active' and ${contract}
      union all select 'proposal', p.id, p.status from proposals p where p.status in ('open', 'archived') and ${proposal} order by 1, 2`
  )

const workBlocker = (code: 'active_agency_work' | 'independent_work_active', { kind, id, status }: Work): Blocker => ({
  code,
  resource: id,
  label: `${kind === 'contract' ? 'Contract' : 'Proposal'} ${id} (${status})`,
  resolve: { service: kind === 'contract' ? 'contracts' : 'proposals' }
})

/** G-4: a member's active contracts and open proposals through the agency, archived ones too; without a member all of the agency's. */
export async function agencyWorkBlockers(tx: Tx, organization: Organization, accountId?: string): Promise<Blocker[]> {
  if (organization.kind !== 'agency') return []
  const contract = accountId ? sql`c.freelancer_account_id = ${accountId}` : sql`true`
  const proposal = accountId ? sql`p.account_id = ${accountId}` : sql`true`
  const work = await openWork(
    tx,
    sql`c.agency_id = ${organization.id} and ${contract}`,
    sql`p.agency_id = ${organization.id} and ${proposal}`
  )
  return work.map((each) => workBlocker('active_agency_work', each))
}

/** G-3: work of the person's own, outside any agency. */
export async function independentWorkBlockers(tx: Tx, accountId: string): Promise<Blocker[]> {
  const work = await openWork(
    tx,
    sql`c.agency_id is null and c.freelancer_account_id = ${accountId}`,
    sql`p.agency_id is null and p.account_id = ${accountId}`
  )
  return work.map((each) => workBlocker('independent_work_active', each))
}
