import type pg from 'pg'
import { both, insertGrants, insertMembers, type Member, type Organization, type Organizations, recruits } from './companies.ts'
import { requestText, type Traffic } from './load.ts'
import { contextsPath, listPath, memberPath, type Operation, rolesRequest, variablesOf } from './recording.ts'
import type { Person } from './seed.ts'
import { eachOnce, remember, turns } from './traffic.ts'
import type { Plan } from './turns.ts'
import { Work } from './work.ts'

export interface MemberPlans {
  organizations: Organizations
  tokenOf: (person: Person) => string
  /** The database as superuser. */
  url: string
  toService: (traffic: () => Traffic) => Plan['measured']
  toReplay: (traffic: () => Traffic) => Plan['measured']
}

interface Seat {
  place: Organization
  member: Member
}

/** Somebody whose roles change, as they are now. */
interface Toggled extends Seat {
  hiring: boolean
  revision: number
}

/** What is done with members of companies, each beside the same statements without the service. */
export function memberPlans({ organizations, tokenOf, url, toService, toReplay }: MemberPlans): Plan[] {
  const { removal, roles, large, listing, switching } = organizations
  const seats = both(removal, (place) => place.members.slice(1).map((member) => ({ place, member })))
  const toggled = both(roles, (place): Toggled[] => [{ place, member: place.members[1]!, hiring: false, revision: 1 }])
  const [removing, changing] = [new Work(url, removal), new Work(url, roles)]

  const headersOf = remember(tokenOf)
  const replay = (name: Operation, person: Person, ...about: [Organization?, Member?]) =>
    requestText('POST', '/replay', headersOf(person), { name, variables: variablesOf(person, ...about) })

  const removals = (): Traffic => {
    const request = (seat: Seat) => requestText('DELETE', memberPath(seat.place, seat.member), headersOf(seat.place.owner))
    return { status: 204, request: eachOnce(seats.service.map(request)), onAnswer: removing.count('service') }
  }
  const sameRemovals = (): Traffic => {
    const request = ({ place, member }: Seat) => replay('remove', place.owner, place, member)
    return { status: 200, request: eachOnce(seats.baseline.map(request)), onAnswer: removing.count('baseline') }
  }
  const changes = (): Traffic => {
    const next = turns(toggled.service)
    const request = (client: number): string => {
      const seat = next(client)
      seat.hiring = !seat.hiring
      const { url, headers, payload } = rolesRequest(seat.place, seat.member, seat.hiring, seat.revision++)
      return requestText('PATCH', url, { ...headersOf(seat.place.owner), ...headers }, payload)
    }
    return { status: 200, request, onAnswer: changing.count('service') }
  }
  const sameChanges = (): Traffic => {
    const next = turns(toggled.baseline)
    const request = (client: number): string => {
      const seat = next(client)
      seat.hiring = !seat.hiring
      return replay(seat.hiring ? 'hire' : 'recruit', seat.place.owner, seat.place, seat.member)
    }
    return { status: 200, request, onAnswer: changing.count('baseline') }
  }
  const reading = (people: Person[], request: (person: Person) => string) => (): Traffic => ({
    status: 200,
    request: turns(people.map(request))
  })
  const get = (path: string) => (person: Person) => requestText('GET', path, headersOf(person))

  const beside = { beside: 'the same SQL', least: 0.5 }
  return [
    {
      subject: 'remove member with guard',
      ...beside,
      measured: toService(removals),
      baseline: toReplay(sameRemovals),
      prepare: () => removing.prepare((client) => putBack(client, [...seats.service, ...seats.baseline])),
      verify: () => removing.verify()
    },
    {
      subject: 'change roles',
      ...beside,
      measured: toService(changes),
      baseline: toReplay(sameChanges),
      prepare: () => changing.prepare((client) => startOver(client, [...toggled.service, ...toggled.baseline])),
      verify: () => changing.verify()
    },
    {
      subject: 'list members',
      ...beside,
      measured: toService(reading(listing, get(listPath(large)))),
      baseline: toReplay(reading(listing, (person) => replay('list', person, large)))
    },
    {
      subject: 'contexts',
      ...beside,
      measured: toService(reading(switching, get(contextsPath))),
      baseline: toReplay(reading(switching, (person) => replay('contexts', person)))
    }
  ]
}

/** Makes those members again who are none any more. */
export async function putBack(client: pg.Client, seats: Seat[]): Promise<void> {
  const ids = seats.map(({ member }) => member.id)
  const { rows } = await client.query<{ id: string }>('delete from ended_memberships where id = any($1) returning id', [ids])
  const gone = new Set(rows.map(({ id }) => id))
  await insertMembers(
    client,
    seats.filter(({ member }) => gone.has(member.id))
  )
}

async function startOver(client: pg.Client, seats: Toggled[]): Promise<void> {
  const ids = [seats.map(({ member }) => member.id)]
  await client.query('delete from role_grants where membership_id = any($1)', ids)
  await client.query('update memberships set revision = 1 where id = any($1)', ids)
  await insertGrants(
    client,
    seats.map(({ place, member }) => ({ place, member: { ...member, grants: recruits() } }))
  )
  for (const seat of seats) Object.assign(seat, { hiring: false, revision: 1 })
}
