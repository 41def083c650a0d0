import type { LightMyRequestResponse as Response } from 'fastify'
import { system } from '../../src/actor.ts'
import { parseId, publicId } from '../../src/http/ids.ts'
import { type Joining, joinOrganization } from '../../src/organizations/joining.ts'
import type { OrganizationKind } from '../../src/organizations/tables.ts'
import type { Person, World } from './world.ts'

/** An organization of a test, with its owner. */
export interface Place {
  kind: OrganizationKind
  id: string
  /** `/v1/companies/company_…`. */
  url: string
  defaultTeamId: string
  owner: Person
  /** The owner's own. */
  memberId: string
}

export interface Grant {
  role: string
  teamId?: string
}

/** What tests do in organizations, through the API wherever it has a way. */
export function organizations(world: World) {
  const send = (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    by: { headers: object },
    payload?: object,
    instance = 0
  ): Promise<Response> => world.inject({ method, url, headers: { ...by.headers }, ...(payload === undefined ? {} : { payload }) }, instance)

  async function ok(response: Promise<Response>): Promise<Response> {
    const answer = await response
    if (answer.statusCode >= 300) throw new Error(`${answer.statusCode} ${answer.body}`)
    return answer
  }

  /** Gives somebody an active freelancer profile. */
  async function freelance(person: Person): Promise<void> {
    await ok(send('POST', '/v1/me/profiles/freelancer', person, { title: 'Illustrator', overview: 'Draws.' }))
  }

  /** A company, or with a freelancer profile an agency, on a plan that has room. */
  async function found(
    owner: Person,
    kind: OrganizationKind = 'company',
    plan = kind === 'company' ? 'enterprise' : 'plus'
  ): Promise<Place> {
    const body = kind === 'company' ? { displayName: `${owner.email} Ltd` } : { name: `${owner.email} & Friends` }
    const path = kind === 'company' ? 'companies' : 'agencies'
    const made = (await ok(send('POST', `/v1/${path}`, owner, body))).json() as { id: string; defaultTeamId: string }
    await world.sql('update organizations set plan = $2 where id = $1', [parseId(kind, made.id), plan])
    const url = `/v1/${path}/${made.id}`
    const place = { kind, id: made.id, url, defaultTeamId: made.defaultTeamId, owner }
    return { ...place, memberId: await memberIdOf(place, owner) }
  }

  /** Makes somebody a member, as an accepted invitation would. Answers the member's id. */
  async function join(
    place: Pick<Place, 'kind' | 'id'>,
    person: Person,
    grants: Grant[] = [],
    options: Partial<Joining> = {},
    instance = 0
  ): Promise<string> {
    const parts = world.allParts[instance % world.allParts.length]!
    const member = await parts.db.transaction((tx) =>
      joinOrganization(tx, parts, system, {
        kind: place.kind,
        organizationId: parseId(place.kind, place.id)!,
        accountId: parseId('account', person.accountId)!,
        source: 'invitation',
        grants: grants.map(({ role, teamId }) => ({ role, teamId: teamId === undefined ? null : parseId('team', teamId)! })),
        ...options
      })
    )
    return publicId('member', member.id)
  }

  async function memberIdOf(place: Pick<Place, 'kind' | 'id'>, person: Person): Promise<string> {
    const [row] = await world.sql<{ id: string }>('select id from memberships where organization_id = $1 and account_id = $2', [
      parseId(place.kind, place.id),
      parseId('account', person.accountId)
    ])
    return publicId('member', row!.id)
  }

  async function team(place: Place, name: string): Promise<string> {
    return ((await ok(send('POST', `${place.url}/teams`, place.owner, { name }))).json() as { id: string }).id
  }

  /** The ETag that a resource has now. */
  async function tagOf(url: string, by: { headers: object }): Promise<string> {
    return String((await ok(send('GET', url, by))).headers.etag)
  }

  /** Changes a member's roles from their present version. */
  async function setRoles(place: Place, memberId: string, grants: Grant[], by: Person = place.owner, instance = 0): Promise<Response> {
    const tag = await tagOf(`${place.url}/members/${memberId}`, place.owner)
    return world.inject(
      { method: 'PATCH', url: `${place.url}/members/${memberId}/roles`, headers: { ...by.headers, 'if-match': tag }, payload: { grants } },
      instance
    )
  }

  return { send, ok, freelance, found, join, memberIdOf, team, tagOf, setRoles }
}
