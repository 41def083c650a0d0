import type { LightMyRequestResponse as Response } from 'fastify'
import type { Place } from './organizations.ts'
import type { Person, World } from './world.ts'

/** What the contract service says of a contract. */
export interface Update {
  version: number
  companyId: string
  teamId: string
  contactAccountId: string
  contactRevision?: number
  freelancerAccountId: string
  agencyId?: string
  businessManagerAccountId?: string
  status: 'active' | 'closed'
}

/** The contract and the proposal service of a test. */
export async function contractServices(world: World) {
  const contracts = await world.service('contracts', ['contracts.write'])
  const proposals = await world.service('proposals', ['proposals.write'])

  const put = (id: string, update: object, instance = 0): Promise<Response> =>
    world.inject({ method: 'PUT', url: `/v1/contracts/${id}`, headers: contracts.headers, payload: update }, instance)

  const putProposal = (id: string, update: object, instance = 0): Promise<Response> =>
    world.inject({ method: 'PUT', url: `/v1/proposals/${id}`, headers: proposals.headers, payload: update }, instance)

  /** An active contract's first version, in the default team unless told. */
  const first = (place: Place, contact: Person, freelancer: Person, more: Partial<Update> = {}): Update => ({
    version: 1,
    companyId: place.id,
    teamId: place.defaultTeamId,
    contactAccountId: contact.accountId,
    freelancerAccountId: freelancer.accountId,
    status: 'active',
    ...more
  })

  /** Tells of an active contract that has to be taken. */
  async function add(id: string, place: Place, contact: Person, freelancer: Person, more: Partial<Update> = {}): Promise<Update> {
    const update = first(place, contact, freelancer, more)
    const answer = await put(id, update)
    if (answer.statusCode !== 200) throw new Error(`${id}: ${answer.statusCode} ${answer.body}`)
    return update
  }

  /** A contract as the database has it. */
  async function stored(
    id: string
  ): Promise<{ version: number; status: string; contact: string | null; account: string; revision: number }> {
    const [row] = await world.sql<{ version: number; status: string; contact: string | null; account: string; revision: number }>(
      `select version::int, status, contact_membership_id as contact, contact_account_id as account, contact_revision as revision
        from contracts where id = $1`,
      [id]
    )
    return row!
  }

  /** Types of the events about a contract or proposal, in their order. */
  const eventsOf = async (id: string): Promise<string[]> =>
    (await world.sql<{ type: string }>('select type from events where subject = $1 order by position', [id])).map(({ type }) => type)

  return { contracts, proposals, put, putProposal, first, add, stored, eventsOf }
}
