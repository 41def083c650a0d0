import pg from 'pg'
import { newId } from '../src/http/ids.ts'
import type { Person } from './seed.ts'
import { connections } from './traffic.ts'

/** A role as the tables have it; without a team it holds in the whole organization. */
export interface Grant {
  role: string
  teamId: string | null
}

/** A membership; all are in the default team. */
export interface Member {
  id: string
  accountId: string
  grants: Grant[]
}

export interface Organization {
  kind: 'company' | 'agency'
  id: string
  teamId: string
  owner: Person
  self: Member
  /** Beside the owner. */
  members: Member[]
}

/** Companies alike: those that the service changes, and those that the baseline changes. */
export interface Sides {
  service: Organization[]
  baseline: Organization[]
}

export interface Organizations {
  /** With contracts whose contact is the first member; all other members may be removed. */
  removal: Sides
  /** With one member whose roles change. */
  roles: Sides
  /** The large one, and people who may see its members. */
  large: Organization
  listing: Person[]
  /** People who are freelancer, own a company and own an agency. */
  switching: Person[]
  /** Where operations are tried out before anything is measured. */
  rehearsal: Organization
  inviting: Inviting
}

/** Companies with a verified domain and no invitations, and people who may be invited. */
export interface Inviting {
  sides: Sides
  invitees: Person[]
  /** One for each operation. */
  rehearsals: Organization[]
}

// Companies enough that their owners meet no limit of theirs: 120 changes a minute for each account.
export const companies = 24 * connections
const removable = 16
export const contractsOf = 3
export const largest = 10_000
export const readers = 500

/** People who are invited to one company of each side. */
export const inviteesOf = 8
const rehearsals = 3

/** People whom these organizations need to act in them. */
export const actors = 6 * companies + 2 * readers + 1 + rehearsals + companies * inviteesOf

export const recruits = (): Grant[] => [{ role: 'recruiter', teamId: null }]
export const hires = ({ teamId }: Pick<Organization, 'teamId'>): Grant[] => [{ role: 'hiring_manager', teamId }]

const membership = (accountId: string, grants: Grant[] = []): Member => ({ id: newId(), accountId, grants })
const organization = (owner: Person, kind: Organization['kind'] = 'company'): Organization => ({
  kind,
  id: newId(),
  teamId: newId(),
  owner,
  self: membership(owner.id, kind === 'agency' ? [{ role: 'freelancer', teamId: null }] : []),
  members: []
})

/** Items of both sides, first the first of each company, then the second: clients have companies of their own, and come back to one after all others. */
export const both = <Item>({ service, baseline }: Sides, items: (place: Organization, index: number) => Item[]) => ({
  service: interleaved(service.map(items)),
  baseline: interleaved(baseline.map(items))
})

function interleaved<Item>(lists: Item[][]): Item[] {
  return lists[0]!.flatMap((_, index) => lists.map((list) => list[index]!))
}

/** Fills the database with organizations: `people` own or read them, all others are members of some. */
export async function seedOrganizations(url: string, people: Person[]): Promise<Organizations> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ id: string }>('select id from accounts where id <> all($1::uuid[]) order by id', [
      people.map(({ id }) => id)
    ])
    const residents = rows.map(({ id }) => id)
    let taken = 0
    const someone = (): string => residents[taken++ % residents.length]!
    const rest = [...people]

    const company = (members: number): Organization => {
      const made = organization(rest.pop()!)
      made.members.push(membership(someone(), hires(made)))
      for (let count = 0; count < members; count++) made.members.push(membership(someone(), recruits()))
      return made
    }
    const several = (members: number): Organization[] => Array.from({ length: companies }, () => company(members))
    const removal = { service: several(removable), baseline: several(removable) }
    const roles = { service: several(1), baseline: several(1) }
    const rehearsal = company(removable)
    const inviting = {
      sides: { service: several(0), baseline: several(0) },
      rehearsals: Array.from({ length: rehearsals }, () => company(0)),
      invitees: rest.splice(-companies * inviteesOf)
    }
    const listing = rest.splice(-readers)
    const switching = rest.splice(-readers)
    const large = organization(listing[0]!)
    for (let count = listing.length; count < largest; count++) {
      large.members.push(membership(someone(), [{ role: 'member', teamId: large.teamId }]))
    }
    for (const { id } of listing.slice(1)) large.members.push(membership(id, recruits()))

    await client.query('begin')
    await insert(
      client,
      'freelancer_profiles',
      switching.map(({ id }) => ({ account_id: id, title: 'Illustrator', overview: 'Draws.', visibility: 'public', skills: [] }))
    )
    const hiring = [...removal.service, ...removal.baseline, ...roles.service, ...roles.baseline, rehearsal]
    const growing = [...inviting.sides.service, ...inviting.sides.baseline, ...inviting.rehearsals]
    const owned = switching.flatMap((person) => [organization(person), organization(person, 'agency')])
    await insertOrganizations(client, [...hiring, ...growing, large, ...owned])
    await insertDomains(client, growing)
    await insertContracts(client, hiring, someone())
    await client.query('commit')
    await client.query('vacuum analyze')
    return { removal, roles, large, listing, switching, rehearsal, inviting }
  } finally {
    await client.end()
  }
}

export async function insert(client: pg.Client, table: string, rows: object[]): Promise<void> {
  const columns = Object.keys(rows[0]!).join(', ')
  const values = [JSON.stringify(rows)]
  await client.query(`insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1)`, values)
}

async function insertOrganizations(client: pg.Client, made: Organization[]): Promise<void> {
  const organizations = made.map(({ id, kind, owner, teamId }) => ({
    id,
    kind,
    plan: kind === 'company' ? 'enterprise' : 'plus',
    owner_account_id: owner.id,
    default_team_id: teamId,
    name: `${owner.email} Ltd`
  }))
  await insert(client, 'organizations', organizations)
  await insert(
    client,
    'teams',
    made.map(({ id, teamId }) => ({ id: teamId, organization_id: id, name: 'General' }))
  )
  await insertMembers(
    client,
    made.flatMap((place) => [place.self, ...place.members].map((member) => ({ place, member })))
  )
}

/** Makes people members, or members again, with the same id as before. */
export async function insertMembers(client: pg.Client, given: { place: Organization; member: Member }[]): Promise<void> {
  if (given.length === 0) return
  const memberships = given.map(({ place: { id, kind, owner }, member }, index) => ({
    id: member.id,
    organization_id: id,
    kind,
    account_id: member.accountId,
    source: member.accountId === owner.id ? 'founder' : 'invitation',
    affiliation: kind === 'agency' ? 'non_exclusive' : null,
    slots: kind === 'agency' ? `[${index},${index + 1})` : null
  }))
  await insert(client, 'memberships', memberships)
  await insert(
    client,
    'team_members',
    given.map(({ place, member }) => ({ organization_id: place.id, team_id: place.teamId, membership_id: member.id }))
  )
  await insertGrants(client, given)
}

export async function insertGrants(client: pg.Client, given: { place: Organization; member: Member }[]): Promise<void> {
  const grants = given.flatMap(({ place: { id, kind }, member }) =>
    member.grants.map(({ role, teamId }) => ({ organization_id: id, kind, membership_id: member.id, team_id: teamId, role }))
  )
  await insert(client, 'role_grants', grants)
}

async function insertDomains(client: pg.Client, made: Organization[]): Promise<void> {
  await client.query(
    `insert into domains (id, organization_id, domain, status, challenge, challenge_expires_at, ownership_proven_at, checked_at)
     select gen_random_uuid(), id, 'bench' || row_number() over () || '.example', 'verified', 'none', now(), now(), now() from unnest($1::uuid[]) as id`,
    [made.map(({ id }) => id)]
  )
}

async function insertContracts(client: pg.Client, made: Organization[], freelancer: string): Promise<void> {
  const contracts = made.flatMap(({ id, teamId, members }, company) =>
    Array.from({ length: contractsOf }, (_, number) => ({
      id: `bench-${company}-${number}`,
      version: 1,
      body_hash: '\\x00',
      company_id: id,
      team_id: teamId,
      contact_account_id: members[0]!.accountId,
      contact_membership_id: members[0]!.id,
      freelancer_account_id: freelancer,
      status: 'active'
    }))
  )
  await insert(client, 'contracts', contracts)
}
