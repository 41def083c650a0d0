import { scopes } from '../../src/clients/clients.ts'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import type { OrganizationKind } from '../../src/organizations/tables.ts'
import { organizations, type Place } from './organizations.ts'
import type { Person, World } from './world.ts'

/** A company or an agency with one of everything that a path below it can name. */
export interface Stage extends Place {
  /** In `teamId`, not in `otherTeamId`. */
  member: Person
  teamId: string
  otherTeamId: string
  /** In a company: its verified domain, at which people may ask to join. */
  domain: string
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

  /** Tells of a conversation in which the owner and the member of a company take part. */
  async function putConversation({ id, owner, member, teamId }: Pick<Stage, 'id' | 'owner' | 'member' | 'teamId'>, conversationId: string) {
    const participants = [
      { accountId: owner.accountId, level: 'full' },
      { accountId: member.accountId, level: 'hiring_manager' }
    ]
    const body = { version: 1, companyId: id, teamId, status: 'open', participants }
    await org.ok(org.send('PUT', `/v1/conversations/${conversationId}`, service, body))
  }

  /** Gives a company its domain, a join link, and a request to join of somebody who is there for nothing else. */
  async function openDoors({ id, url, owner, domain }: Pick<Stage, 'id' | 'url' | 'owner' | 'domain'>): Promise<Record<string, string>> {
    const companyId = parseId('company', id)
    const requestId = newId()
    await world.sql(
      `insert into domains (id, organization_id, domain, status, challenge, challenge_expires_at, affiliation_proven_at, mode)
        values ($1, $2, $3, 'verified', 'x', now(), now(), 'request')`,
      [newId(), companyId, domain]
    )
    await world.sql(
      `with person as (insert into accounts select (jsonb_populate_record(a, jsonb_build_object('id', $2::uuid))).* from accounts a where id = $1 returning id),
        address as (insert into emails (id, account_id, address, canonical, canonical_version, is_primary, verified_at)
          select gen_random_uuid(), id, $3, $3, 1, true, now() from person)
        insert into join_requests (id, organization_id, account_id, email, expires_at) select $4, $5, id, $3, now() + interval '1 day' from person`,
      [parseId('account', owner.accountId), newId(), `nora@${domain}`, requestId, companyId]
    )
    const link = (await org.ok(org.send('POST', `${url}/join-links`, owner, {}))).json() as { id: string }
    return { linkId: link.id, requestId: publicId('request', requestId) }
  }

  /** In an agency both need a freelancer profile. */
  async function set(kind: OrganizationKind, owner: Person, member: Person): Promise<Stage> {
    const place = await org.found(owner, kind)
    const teamId = await org.team(place, 'Maps')
    const otherTeamId = await org.team(place, 'Books')
    const memberId = await org.join(place, member, [{ role: kind === 'company' ? 'hiring_manager' : 'freelancer', teamId }])
    const stage = { ...place, member, teamId, otherTeamId, domain: `stage-${made++}.example` }
    const params: Record<string, string> = { [`${kind}Id`]: place.id, memberId, teamId }
    if (kind === 'company') {
      const role = { key: `scout_${made++}`, name: 'Scout', description: 'Looks around.', permissions: ['team.read'] }
      await org.ok(org.send('POST', `${place.url}/roles`, owner, role))
      params.key = role.key
      params.contractId = `contract-${role.key}`
      await putContract(stage, params.contractId)
      params.conversationId = `conversation-${role.key}`
      params.accountId = member.accountId
      await putConversation(stage, params.conversationId)
      Object.assign(params, await openDoors(stage))
      const domain = { domain: `${role.key.replace('_', '-')}.example` }
      params.domainId = ((await org.ok(org.send('POST', `${place.url}/domains`, owner, domain))).json() as { id: string }).id
    }
    const actionId = newId()
    params.actionId = publicId('action', actionId)
    await world.sql(
      `insert into enforcement_actions (id, organization_id, kind, status, reason_code, policy, remedy, imposed_by_kind, imposed_by_id, lifted_at)
        values ($1, $2, 'banned', 'withdrawn', 'spam', 'x', 'x', 'operator', 'one', now())`,
      [actionId, parseId(kind, place.id)]
    )
    const guest = { email: `guest@${stage.domain}` }
    params.invitationId = ((await org.ok(org.send('POST', `${place.url}/invitations`, owner, guest))).json() as { id: string }).id
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
