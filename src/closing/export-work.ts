import { sql } from 'drizzle-orm'
import { maskAddress } from '../accounts/accounts.ts'
import { rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { publicGrant } from '../organizations/grants.ts'
import { findMembers } from '../organizations/members.ts'
import type { OrganizationKind } from '../organizations/tables.ts'
import { moment } from './export-person.ts'

interface Placed {
  kind: OrganizationKind
  organizationId: string
}

const placed = <Row extends Placed>({ kind, organizationId, ...row }: Row) => ({ organizationId: publicId(kind, organizationId), ...row })

/** Where the person belongs or belonged, what they own, and how they came there. */
export async function exportWork(tx: Tx, accountId: string) {
  const proven = sql`(select canonical from emails where account_id = ${accountId} and verified_at is not null)`
  return {
    memberships: await membershipsOf(tx, accountId),
    formerMemberships: (
      await rows<Placed & { id: string; source: string; affiliation: string | null; reason: string; joinedAt: string; endedAt: string }>(
        tx,
        sql`select e.id, o.kind, e.organization_id as "organizationId", e.source, e.affiliation, e.reason, ${moment(sql`e.joined_at`)} as "joinedAt",
            ${moment(sql`e.ended_at`)} as "endedAt"
          from ended_memberships e join organizations o on o.id = e.organization_id where e.account_id = ${accountId} order by e.id`
      )
    ).map(({ id, ...row }) => ({ id: publicId('member', id), ...placed(row) })),
    ownedOrganizations: await ownedBy(tx, accountId),
    ownershipOffers: (
      await rows<Placed & { id: string; direction: 'made' | 'received'; status: string; createdAt: string; endedAt: string | null }>(
        tx,
        sql`select t.id, o.kind, t.organization_id as "organizationId", case when t.to_account_id = ${accountId} then 'received' else 'made' end as direction,
            t.status, ${moment(sql`t.created_at`)} as "createdAt", ${moment(sql`t.ended_at`)} as "endedAt"
          from ownership_transfers t join organizations o on o.id = t.organization_id
          where ${accountId}::uuid in (t.from_account_id, t.to_account_id) order by t.id`
      )
    ).map(({ id, ...row }) => ({ id: publicId('transfer', id), ...placed(row) })),
    invitationsReceived: (await invitationsOf(tx, accountId, sql`i.canonical in ${proven} or i.accepted_by_account_id = ${accountId}`)).map(
      ({ member: _, ...row }) => row
    ),
    // An address of somebody else is shown in full only where the person can still see it.
    invitationsSent: (await invitationsOf(tx, accountId, sql`i.inviter_account_id = ${accountId}`)).map(({ member, ...row }) =>
      member ? row : { ...row, email: maskAddress(row.email) }
    ),
    joinRequests: (
      await rows<
        Placed & {
          id: string
          email: string
          message: string | null
          status: string
          reason: string | null
          createdAt: string
          endedAt: string | null
        }
      >(
        tx,
        sql`select id, kind, organization_id as "organizationId", email, message, status, reason, ${moment(sql`created_at`)} as "createdAt",
            ${moment(sql`ended_at`)} as "endedAt" from join_requests where account_id = ${accountId} order by id`
      )
    ).map(({ id, ...row }) => ({ id: publicId('request', id), ...placed(row) })),
    ...(await factsOf(tx, accountId))
  }
}

async function membershipsOf(tx: Tx, accountId: string) {
  const members = await findMembers(tx, sql`m.account_id = ${accountId}`, sql`order by m.id`)
  const organizations = await rows<{ id: string; kind: OrganizationKind; name: string }>(
    tx,
    sql`select o.id, o.kind, o.name from organizations o join memberships m on m.organization_id = o.id where m.account_id = ${accountId}`
  )
  return members.map((member) => {
    const { kind, name } = organizations.find(({ id }) => id === member.organizationId)!
    return {
      id: publicId('member', member.id),
      organizationId: publicId(kind, member.organizationId),
      organization: name,
      status: member.membershipStatus,
      owner: member.owner,
      source: member.source,
      affiliation: member.affiliation,
      roles: member.grants.map(publicGrant),
      teams: member.teams.map(({ id, name }) => ({ id: publicId('team', id), name })),
      joinedAt: member.joinedAt
    }
  })
}

async function ownedBy(tx: Tx, accountId: string) {
  const owned = await rows<{
    id: string
    kind: OrganizationKind
    name: string
    status: string
    plan: string
    website: string | null
    countryCode: string | null
    logoUrl: string | null
    legalName: string | null
    size: string | null
    vatNumber: string | null
    timeZone: string | null
    tagline: string | null
    description: string | null
    skills: string[] | null
    createdAt: string
    closedAt: string | null
  }>(
    tx,
    sql`select o.id, o.kind, o.name, o.status, o.plan, o.website, o.country_code as "countryCode", o.logo_url as "logoUrl", o.legal_name as "legalName", o.size,
        o.vat_number as "vatNumber", o.time_zone as "timeZone", o.tagline, o.description, o.skills, ${moment(sql`o.created_at`)} as "createdAt",
        ${moment(sql`o.closed_at`)} as "closedAt"
      from organizations o where o.owner_account_id = ${accountId} order by o.id`
  )
  return owned.map(({ id, kind, ...organization }) => ({ id: publicId(kind, id), ...organization }))
}

async function invitationsOf(tx: Tx, accountId: string, where: ReturnType<typeof sql>) {
  const found = await rows<
    Placed & {
      id: string
      email: string
      message: string | null
      status: string
      grants: Array<{ role: string; teamId: string | null }>
      createdAt: string
      expiresAt: string
      endedAt: string | null
      member: boolean
    }
  >(
    tx,
    sql`select i.id, i.kind, i.organization_id as "organizationId", i.email, i.message, i.status, i.grants, ${moment(sql`i.created_at`)} as "createdAt",
        ${moment(sql`i.expires_at`)} as "expiresAt", ${moment(sql`i.ended_at`)} as "endedAt",
        exists (select from memberships m where m.organization_id = i.organization_id and m.account_id = ${accountId}) as member
      from invitations i where ${where} order by i.id`
  )
  return found.map(({ id, grants, ...row }) => ({ id: publicId('invitation', id), ...placed(row), roles: grants.map(publicGrant) }))
}

/** What other services have told of the person's work. */
async function factsOf(tx: Tx, accountId: string) {
  const contracts = await rows<{
    id: string
    part: 'freelancer' | 'contact' | 'business_manager'
    companyId: string
    agencyId: string | null
    status: string
    updatedAt: string
  }>(
    tx,
    sql`select c.id, case ${accountId}::uuid when c.freelancer_account_id then 'freelancer' when c.contact_account_id then 'contact' else 'business_manager' end as part,
        c.company_id as "companyId", c.agency_id as "agencyId", c.status, ${moment(sql`c.updated_at`)} as "updatedAt"
      from contracts c where ${accountId}::uuid in (c.freelancer_account_id, c.contact_account_id, c.business_manager_account_id) order by c.id`
  )
  const proposals = await rows<{ id: string; agencyId: string | null; status: string; updatedAt: string }>(
    tx,
    sql`select id, agency_id as "agencyId", status, ${moment(sql`updated_at`)} as "updatedAt" from proposals where account_id = ${accountId} order by id`
  )
  const conversations = await rows<{ id: string; companyId: string; level: string | null; addedAt: string }>(
    tx,
    sql`select conversation_id as id, company_id as "companyId", level, ${moment(sql`added_at`)} as "addedAt" from conversation_participants
      where account_id = ${accountId} order by conversation_id`
  )
  const agency = (id: string | null) => id && publicId('agency', id)
  return {
    contracts: contracts.map((row) => ({ ...row, companyId: publicId('company', row.companyId), agencyId: agency(row.agencyId) })),
    proposals: proposals.map((row) => ({ ...row, agencyId: agency(row.agencyId) })),
    conversations: conversations.map((row) => ({ ...row, companyId: publicId('company', row.companyId) }))
  }
}
