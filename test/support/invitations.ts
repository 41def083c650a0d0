import type { LightMyRequestResponse as Response } from 'fastify'
import { parseId, publicId } from '../../src/http/ids.ts'
import { type Grant, organizations, type Place } from './organizations.ts'
import type { Person, World } from './world.ts'

/** An invitation as whoever made it got it. */
export interface Sent {
  id: string
  email: string
  url: string
  /** The token of the link that is to be copied. */
  copied: string
  etag: string
}

export interface Offer {
  grants?: Grant[]
  message?: string
  expiresInDays?: number
  locale?: string
  affiliation?: 'exclusive' | 'non_exclusive'
}

/** What somebody new says of themselves. */
export const newcomer = {
  password: 'tulip anchor museum forty',
  firstName: 'Nora',
  lastName: 'Nilsen',
  countryCode: 'NO',
  intent: 'client'
}

export const tokenIn = (link: string): string => link.split('#token=')[1]!

/** What a bulk call says of one row. */
export interface Row {
  row: number
  email: string
  outcome: string
  invitation?: { id: string; grants: object[]; link: string; message: string | null }
  problem?: { code: string; status: number; detail: string; retryAfter?: number; errors?: object[] }
}
export const rowsOf = (answer: { json: () => { items: Row[] } }): string[] =>
  answer.json().items.map(({ problem, outcome }) => problem?.code ?? outcome)

/** What tests do with invitations, through the API. */
export function inviting(world: World) {
  const { send, ok } = organizations(world)

  const invite = (place: Pick<Place, 'url'>, by: { headers: object }, body: object, instance = 0): Promise<Response> =>
    send('POST', `${place.url}/invitations`, by, body, instance)

  /** Makes an invitation that has to be made. */
  async function invited(place: Place, email: string, offer: Offer = {}, by: Person = place.owner): Promise<Sent> {
    const answer = await ok(invite(place, by, { email, ...offer }))
    const { id, link } = answer.json()
    return { id, email, url: `${place.url}/invitations/${id}`, copied: tokenIn(link), etag: String(answer.headers.etag) }
  }

  const bulk = (place: Pick<Place, 'url'>, by: Person, invitations: object[]): Promise<Response> =>
    send('POST', `${place.url}/invitations/bulk`, by, { invitations })
  const csv = (place: Pick<Place, 'url'>, by: Person, table: string): Promise<Response> =>
    world.inject({
      method: 'POST',
      url: `${place.url}/invitations/bulk`,
      headers: { ...by.headers, 'content-type': 'text/csv' },
      payload: table
    })

  const accept = (by: { headers: object }, named: { token: string } | { invitationId: string }, instance = 0): Promise<Response> =>
    send('POST', '/v1/invitations/accept', by, named, instance)
  const decline = (by: { headers: object }, named: { token: string } | { invitationId: string }, instance = 0): Promise<Response> =>
    send('POST', '/v1/invitations/decline', by, named, instance)
  /** Somebody new comes by the link. */
  const register = (token: string, more: object = {}, instance = 0): Promise<Response> =>
    world.post('/v1/invitations/accept', { token, registration: { ...newcomer, ...more } }, {}, instance)
  const lookup = (token: string): Promise<Response> => world.post('/v1/invitations/lookup', { token })
  const resend = ({ url }: Pick<Sent, 'url'>, by: { headers: object }, body: object = {}, instance = 0): Promise<Response> =>
    send('POST', `${url}/resend`, by, body, instance)
  const revoke = ({ url }: Pick<Sent, 'url'>, by: { headers: object }, instance = 0): Promise<Response> =>
    send('POST', `${url}/revoke`, by, {}, instance)
  const edit = ({ url }: Pick<Sent, 'url'>, by: { headers: object }, etag: string, body: object, instance = 0): Promise<Response> =>
    world.inject({ method: 'PATCH', url, headers: { ...by.headers, 'if-match': etag }, payload: body }, instance)

  /** The token of the newest mail. */
  const mailed = (email: string): Promise<string> => world.mailedToken(email, 'ghi')
  const see = async ({ url }: Pick<Sent, 'url'>, by: { headers: object }) => (await ok(send('GET', url, by))).json()

  /** Its time is over, by the database's clock. */
  const expire = ({ id }: Pick<Sent, 'id'>): Promise<unknown> =>
    world.sql("update invitations set sent_at = now() - interval '8 days', expires_at = now() - interval '1 second' where id = $1", [
      parseId('invitation', id)
    ])

  /** Gives somebody another proven address. */
  async function prove(person: Person, email: string): Promise<void> {
    await ok(world.post('/v1/me/emails', { email }, person.headers))
    const token = await world.mailedToken(email, 'gha')
    await ok(world.post(`/v1/me/emails/${email}/verify`, { token }, person.headers))
  }

  /** Events about something, in their order. */
  const eventsOf = async (subject: string): Promise<string[]> =>
    (await world.sql<{ type: string }>('select type from events where subject = $1 order by position', [subject])).map(({ type }) => type)

  /** What a member is, as the owner sees it; undefined for who is none. */
  async function memberOf(place: Place, person: Pick<Person, 'accountId'>) {
    const [found] = await world.sql<{ id: string }>('select id from memberships where organization_id = $1 and account_id = $2', [
      parseId(place.kind, place.id),
      parseId('account', person.accountId)
    ])
    if (!found) return undefined
    const member = await ok(send('GET', `${place.url}/members/${publicId('member', found.id)}`, place.owner))
    return member.json() as { id: string; accountId: string; grants: Grant[]; teams: Array<{ id: string }>; affiliation?: string }
  }

  return {
    invite,
    invited,
    bulk,
    csv,
    accept,
    decline,
    register,
    lookup,
    resend,
    revoke,
    edit,
    mailed,
    see,
    expire,
    prove,
    eventsOf,
    memberOf
  }
}
