import pg from 'pg'
import pino from 'pino'
import { buildApp } from '../src/app.ts'
import type { Config } from '../src/config.ts'
import { type IdKind, publicId } from '../src/http/ids.ts'
import { openParts } from '../src/parts.ts'
import { hires, type Member, type Organization, type Organizations, recruits } from './companies.ts'
import { acceptRequest, bulk, bulkRequest, inviteRequest, newAddresses, type Offer } from './offers.ts'
import type { Person } from './seed.ts'
import { type Recorded, type Sent, templates, type Variables } from './templates.ts'

/** Operations whose statements are recorded. */
export type Operation = 'remove' | 'hire' | 'recruit' | 'list' | 'contexts' | 'invite' | 'bulk' | 'accept'
export type Recordings = Record<Operation, Recorded[]>

/** What statements know of the run they are part of: each id by a name, as uuid and as public id. */
export function variablesOf(person: Person, place?: Organization, member?: Member): Variables {
  const known: Record<string, [IdKind, string]> = {
    account: ['account', person.id],
    session: ['session', person.sessions[0]!.id],
    ...(place && { organization: [place.kind, place.id], team: ['team', place.teamId], self: ['member', place.self.id] }),
    ...(member && { member: ['member', member.id], memberAccount: ['account', member.accountId] })
  }
  return Object.fromEntries(
    Object.entries(known).flatMap(([name, [kind, uuid]]) => [
      [name, uuid],
      [`${name}Public`, publicId(kind, uuid)]
    ])
  )
}

/**
 * Runs each operation a few times on the application itself, in this process, and answers the statements of its last run: those that
 * every run sends. What is reserved once for many requests, as by rate limits, has been reserved by the runs before.
 */
export async function recordOperations(
  config: Config,
  databaseUrl: string,
  { rehearsal, large, listing, switching, inviting }: Organizations,
  offers: Offer[],
  tokenOf: (person: Person) => string
): Promise<Recordings> {
  let sent: Sent[] = []
  const { query } = pg.Client.prototype
  // Before anything connects: pools and pipelines keep the method that they found.
  pg.Client.prototype.query = function (this: pg.Client, config: string | pg.QueryConfig, values?: unknown, ...rest: unknown[]) {
    const { text, values: own = [] } = typeof config === 'string' ? { text: config } : config
    sent.push({ text, values: [...(Array.isArray(values) ? values : own)] })
    return (query as (...given: unknown[]) => unknown).call(this, config, values, ...rest)
  } as typeof query

  const log = pino({ level: 'silent' })
  const parts = await openParts(config, databaseUrl, log)
  const app = await buildApp(parts, { log })
  try {
    const run = async (
      person: Person,
      request: { method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; url: string; headers?: Record<string, string>; payload?: object },
      variables: Variables
    ): Promise<() => Recorded[]> => {
      const before = sent
      const mine: Sent[] = []
      sent = mine
      const headers = { ...request.headers, authorization: `Bearer ${tokenOf(person)}` }
      const answer = await app.inject({ ...request, headers })
      if (answer.statusCode >= 300) throw new Error(`${request.url}: ${answer.statusCode} ${answer.body}`)
      return () => templates(mine, variables, before)
    }
    const times = async (count: number, operation: (run: number) => Promise<() => Recorded[]>): Promise<Recorded[]> => {
      for (let before = 1; before < count; before++) await operation(before)
      return (await operation(count))()
    }
    const { owner } = rehearsal
    const changing = rehearsal.members[1]!
    const change = (revision: number) => {
      // From recruiting, and back.
      const hiring = revision % 2 === 1
      const request = rolesRequest(rehearsal, changing, hiring, revision)
      return run(owner, { ...request, method: 'PATCH' }, variablesOf(owner, rehearsal, changing))
    }
    return {
      recruit: await times(4, change),
      hire: (await change(5))(),
      remove: await times(3, (time) => {
        const member = rehearsal.members[1 + time]!
        return run(owner, { method: 'DELETE', url: memberPath(rehearsal, member) }, variablesOf(owner, rehearsal, member))
      }),
      list: await times(3, () => run(listing[1]!, { method: 'GET', url: listPath(large) }, variablesOf(listing[1]!, large))),
      contexts: await times(3, () => run(switching[0]!, { method: 'GET', url: contextsPath }, variablesOf(switching[0]!))),
      invite: await times(3, () => {
        const [place, addresses] = [inviting.rehearsals[0]!, newAddresses(1)]
        return run(place.owner, { ...inviteRequest(place, addresses[0]!), method: 'POST' }, invitingVariables(place, addresses))
      }),
      bulk: await times(2, () => {
        const [place, addresses] = [inviting.rehearsals[1]!, newAddresses(bulk)]
        return run(place.owner, { ...bulkRequest(place, addresses), method: 'POST' }, invitingVariables(place, addresses))
      }),
      accept: await times(offers.length, (time) => {
        const offer = offers[time - 1]!
        return run(offer.person, { ...acceptRequest(offer), method: 'POST' }, acceptingVariables(offer))
      })
    }
  } finally {
    await app.close()
    await parts.close()
    pg.Client.prototype.query = query
  }
}

export const invitingVariables = (place: Organization, addresses: string[]): Variables => ({
  ...variablesOf(place.owner, place),
  ...Object.fromEntries(addresses.map((address, index) => [`address${index}`, address]))
})

export const acceptingVariables = ({ place, person, id, tokenId, tokenHash }: Offer): Variables => ({
  ...variablesOf(person, place),
  inviter: place.owner.id,
  inviterPublic: publicId('account', place.owner.id),
  invitation: id,
  invitationPublic: publicId('invitation', id),
  tokenId,
  tokenHash,
  address: person.email
})

export const contextsPath = '/v1/me/contexts'
export const listPath = ({ id }: Organization): string => `/v1/companies/${publicId('company', id)}/members?limit=50`
export const memberPath = ({ id }: Organization, member: Member): string =>
  `/v1/companies/${publicId('company', id)}/members/${publicId('member', member.id)}`

/** Makes a member who recruits hire, or the other way round. */
export const rolesRequest = (place: Organization, member: Member, hiring: boolean, revision: number) => ({
  url: `${memberPath(place, member)}/roles`,
  headers: { 'if-match': `"${revision}"` },
  payload: {
    grants: (hiring ? hires(place) : recruits()).map(({ role, teamId }) => (teamId ? { role, teamId: publicId('team', teamId) } : { role }))
  }
})
