import type { LightMyRequestResponse as Response } from 'fastify'
import { parseId } from '../../src/http/ids.ts'
import { acceptInvitation } from '../../src/invitations/accepting.ts'
import type { Place } from './organizations.ts'
import type { Person, World } from './world.ts'

export type Level = 'full' | 'hiring_manager' | 'recruiter'

/** What the messaging service says of a conversation. */
export interface Update {
  version: number
  companyId: string
  teamId?: string
  status: 'open' | 'closed'
  participantsRevision?: number
  participants: Array<{ accountId: string; level?: Level }>
}

/** The messaging service of a test, and what people do in its conversations. */
export async function messaging(world: World) {
  const service = await world.service('messages', ['conversations.write'])
  const urlOf = (id: string): string => `/v1/conversations/${id}`

  const put = (id: string, update: object, instance = 0): Promise<Response> =>
    world.inject({ method: 'PUT', url: urlOf(id), headers: service.headers, payload: update }, instance)

  const part = (person: Person, level?: Level) => ({ accountId: person.accountId, ...(level ? { level } : {}) })

  const first = (place: Pick<Place, 'id'>, participants: Update['participants'], more: Partial<Update> = {}): Update => ({
    version: 1,
    companyId: place.id,
    status: 'open',
    participants,
    ...more
  })

  /** Tells of a conversation that has to be taken. */
  async function add(id: string, ...given: Parameters<typeof first>): Promise<Update> {
    const update = first(...given)
    const answer = await put(id, update)
    if (answer.statusCode !== 200) throw new Error(`${id}: ${answer.statusCode} ${answer.body}`)
    return update
  }

  const get = (id: string, by: Person): Promise<Response> => world.inject({ url: urlOf(id), headers: by.headers })

  const invite = (id: string, by: Person, body: object, instance = 0, headers: object = {}): Promise<Response> =>
    world.inject({ method: 'POST', url: `${urlOf(id)}/participants`, headers: { ...by.headers, ...headers }, payload: body }, instance)

  const takeOut = (id: string, by: Person, whom: { accountId: string }, instance = 0): Promise<Response> =>
    world.inject({ method: 'DELETE', url: `${urlOf(id)}/participants/${whom.accountId}`, headers: by.headers }, instance)

  /** Accepts an invitation as the person it is to. */
  function accept(person: Person, invitationId: string, instance = 0) {
    const parts = world.allParts[instance % world.allParts.length]!
    const actor = {
      kind: 'account',
      accountId: parseId('account', person.accountId)!,
      sessionId: parseId('session', person.sessionId)!,
      signInAge: 0,
      requestId: 'accepting',
      address: '127.0.0.1',
      userAgent: ''
    } as const
    return acceptInvitation(parts, parts.db, actor, { invitationId })
  }

  /** Who takes part as the database has it, by account, with the revision. */
  async function stored(id: string): Promise<{ revision: number; levels: Record<string, Level | null> }> {
    const [conversation] = await world.sql<{ revision: number }>(
      'select participants_revision as revision from conversations where id = $1',
      [id]
    )
    const parts = await world.sql<{ id: string; level: Level | null }>(
      'select account_id as id, level from conversation_participants where conversation_id = $1',
      [id]
    )
    return { revision: conversation!.revision, levels: Object.fromEntries(parts.map(({ id, level }) => [id, level])) }
  }

  /** Somebody's level; undefined for who takes no part. */
  const levelOf = async (id: string, person: Person): Promise<Level | null | undefined> =>
    (await stored(id)).levels[parseId('account', person.accountId)!]

  const eventsOf = (id: string) =>
    world.sql<{ type: string; before: Record<string, unknown> | null; after: Record<string, unknown> | null }>(
      'select type, before, after from events where subject = $1 order by position',
      [id]
    )
  const told = async (id: string): Promise<string[]> => (await eventsOf(id)).map(({ type }) => type)

  return { service, put, part, first, add, get, invite, takeOut, accept, stored, levelOf, eventsOf, told }
}
