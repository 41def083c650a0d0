import { type ActorOf, system } from '../actor.ts'
import { putContract } from '../contracts/contracts.ts'
import { putProposal } from '../contracts/proposals.ts'
import type { Db, Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { setPlan } from '../organizations/details.ts'
import { type Details, foundOrganization } from '../organizations/founding.ts'
import { type Joining, joinOrganization } from '../organizations/joining.ts'
import { faceOf, type Organization } from '../organizations/organizations.ts'
import type { OrganizationKind, Plan } from '../organizations/tables.ts'
import { createTeam } from '../organizations/teams.ts'
import type { Parts } from '../parts.ts'
import { createFreelancerProfile } from '../profiles/profiles.ts'

/** The contract of the demo world; Hana is its contact. */
const demoContract = 'contract-1'

/**
 * Two companies and an agency with the demo people, all by the services themselves and in the given transaction: Olga's studio, where Ada
 * administers, Hana hires and is contact of an active contract; Otto's trading house, to which Hana belongs as well; and Otto's agency, where
 * Bea manages the business of Finn.
 */
export async function seedOrganizations(parts: Parts, tx: Tx, people: ReadonlyMap<string, string>): Promise<void> {
  const db: Db = { ...parts.db, transaction: (work) => work(tx) }
  const id = (name: string): string => people.get(name)!
  const by = (name: string): ActorOf<'account'> => ({ ...system, kind: 'account', accountId: id(name), sessionId: id(name), signInAge: 0 })

  async function found(owner: string, kind: OrganizationKind, plan: Plan, details: Details): Promise<Organization> {
    const { id } = await foundOrganization(parts, db, by(owner), kind, details)
    return setPlan(db, system, { face: faceOf(kind), organizationId: publicId(kind, id), plan })
  }
  const join = ({ kind, id: organizationId }: Organization, name: string, grants: Joining['grants'], exclusive = false) =>
    joinOrganization(tx, parts, system, { kind, organizationId, accountId: id(name), source: 'invitation', grants, exclusive })
  const profile = (name: string, title: string, overview: string, amount: number, skills: string[]) =>
    createFreelancerProfile(db, by(name), { title, overview, hourlyRate: { amount, currency: 'EUR' }, visibility: 'marketplace', skills })
  const team = (organization: Organization, owner: string, name: string) =>
    createTeam(parts, db, by(owner), {
      face: faceOf(organization.kind),
      organizationId: publicId(organization.kind, organization.id),
      name
    })

  const studio = await found('Olga', 'company', 'enterprise', {
    name: 'Okafor Studio',
    legalName: 'Okafor Studio GmbH',
    countryCode: 'DE',
    timeZone: 'Europe/Berlin',
    size: '10-49'
  })
  const design = await team(studio, 'Olga', 'Design')
  const engineering = await team(studio, 'Olga', 'Engineering')
  await join(studio, 'Ada', [{ role: 'admin', teamId: null }])
  await join(studio, 'Hana', [{ role: 'hiring_manager', teamId: design.id }])
  await join(studio, 'Remy', [{ role: 'recruiter', teamId: engineering.id }])
  await join(studio, 'Max', [{ role: 'member', teamId: null }])

  const trading = await found('Otto', 'company', 'basic', { name: 'Osei Trading', countryCode: 'GH' })
  await join(trading, 'Hana', [{ role: 'finance', teamId: null }])

  await profile('Otto', 'Producer', 'Brings illustrators and publishers together.', 9000, ['Production'])
  await profile('Bea', 'Illustration agent', 'Represents illustrators.', 8000, ['Licensing'])
  await profile('Finn', 'Illustrator and map maker', 'Maps, plates and covers for publishers.', 6500, ['Illustration', 'Cartography'])
  const agency = await found('Otto', 'agency', 'plus', { name: 'Meridian Illustrators', tagline: 'Maps, books and field guides' })
  await join(agency, 'Bea', [{ role: 'business_manager', teamId: null }])
  await join(agency, 'Finn', [{ role: 'freelancer', teamId: null }], true)

  await putContract(db, system, demoContract, {
    version: 1,
    companyId: studio.id,
    teamId: design.id,
    contactAccountId: id('Hana'),
    freelancerAccountId: id('Finn'),
    agencyId: agency.id,
    businessManagerAccountId: id('Bea'),
    status: 'active'
  })
  await putProposal(db, system, 'proposal-1', { version: 1, accountId: id('Finn'), agencyId: agency.id, status: 'open' })
}
