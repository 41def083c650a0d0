import { scopes } from '../../src/clients/clients.ts'
import type { OrganizationKind } from '../../src/organizations/tables.ts'
import { organizations, type Place } from './organizations.ts'
import type { Person, World } from './world.ts'

/** A company or an agency with one of everything that a path below it can name. */
export interface Stage extends Place {
  /** In `teamId`, not in `otherTeamId`. */
  member: Person
  teamId: string
  otherTeamId: string
  /** What stands in a path for its parameters, by name. */
  params: Record<string, string>
  /** What stands in a body for an id of an example, by the prefix of the id; several of one kind in their order. */
  ids: Record<string, string[]>
}

let made = 0

/** Sets the stage on which the routes of organizations are tried, one by one. */
export async function stages(world: World) {
  const org = organizations(world)
  /** Every scope at once: which one a route needs is tested elsewhere. */
  const service = await world.service('stage', [...scopes])

  /** Tells the state of a contract of a company's team. */
  async function putContract(
    { id, owner, member, teamId }: Pick<Stage, 'id' | 'owner' | 'member' | 'teamId'>,
    contractId: string,
    status: 'active' | 'closed' = 'active'
  ): Promise<void> {
    const body = { companyId: id, teamId, contactAccountId: owner.accountId, freelancerAccountId: member.accountId, status }
    await org.ok(org.send('PUT', `/v1/contracts/${contractId}`, service, { version: status === 'active' ? 1 : 2, ...body }))
  }

  /** In an agency both need a freelancer profile. */
  async function set(kind: OrganizationKind, owner: Person, member: Person): Promise<Stage> {
    const place = await org.found(owner, kind)
    const teamId = await org.team(place, 'Maps')
    const otherTeamId = await org.team(place, 'Books')
    const memberId = await org.join(place, member, [{ role: kind === 'company' ? 'hiring_manager' : 'freelancer', teamId }])
    const stage = { ...place, member, teamId, otherTeamId }
    const params: Record<string, string> = { [`${kind}Id`]: place.id, memberId, teamId }
    if (kind === 'company') {
      const role = { key: `scout_${made++}`, name: 'Scout', description: 'Looks around.', permissions: ['team.read'] }
      await org.ok(org.send('POST', `${place.url}/roles`, owner, role))
      params.key = role.key
      params.contractId = `contract-${role.key}`
      await putContract(stage, params.contractId)
    }
    return { ...stage, params, ids: { member: [memberId], team: [teamId, otherTeamId] } }
  }

  return { ...org, set, putContract, service }
}

/** The example of a body with the ids that live on a stage. */
export function liveBody(example: unknown, ids: Record<string, string[]>): unknown {
  const seen = new Map<string, string>()
  const counts: Record<string, number> = {}
  const text = JSON.stringify(example).replace(/\b([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g, (id, kind: string) => {
    if (!ids[kind]) return id
    if (!seen.has(id)) {
      const count = counts[kind] ?? 0
      counts[kind] = count + 1
      seen.set(id, ids[kind][count % ids[kind].length]!)
    }
    return seen.get(id)!
  })
  return JSON.parse(text)
}
