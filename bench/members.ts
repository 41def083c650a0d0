import pg from 'pg'
import { insertGrants, insertMembers, type Member, type Organization, type Organizations, recruits, type Sides } from './companies.ts'
import { requestText, type Traffic } from './load.ts'
import { contextsPath, listPath, memberPath, type Operation, rolesRequest, variablesOf } from './recording.ts'
import type { Person } from './seed.ts'
import { connections, from, turns } from './traffic.ts'
import { type Plan, UnequalWork } from './turns.ts'

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

  /** Everything a client sends with each request, whoever answers it. */
  const headers = (person: Person) => {
    const authorization = `Bearer ${tokenOf(person)}`
    return { ...from(person.address), authorization }
  }
  const headersOf = remember(headers)
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

const both = <Item>(sides: Sides, items: (place: Organization) => Item[]) => ({
  service: interleaved(sides.service.map(items)),
  baseline: interleaved(sides.baseline.map(items))
})

/** First the first of each, then the second: clients have companies of their own, and come back to one after all others. */
function interleaved<Item>(lists: Item[][]): Item[] {
  return lists[0]!.flatMap((_, index) => lists.map((list) => list[index]!))
}

/** A token for each request would take the load generator longer than the request. Made anew after a while, since tokens end. */
function remember(headers: (person: Person) => Record<string, string>): (person: Person) => Record<string, string> {
  const made = new Map<Person, { headers: Record<string, string>; at: number }>()
  return (person) => {
    const known = made.get(person)
    if (known && performance.now() - known.at < 60_000) return known.headers
    const fresh = { headers: headers(person), at: performance.now() }
    made.set(person, fresh)
    return fresh.headers
  }
}

/** Like `turns`, and throws where a client has been through its own. */
function eachOnce(requests: string[]): Traffic['request'] {
  const next = Array.from({ length: connections }, (_, client) => client)
  return (client) => {
    const request = requests[next[client]!]
    if (request === undefined) throw new Error('ran out of members')
    next[client]! += connections
    return request
  }
}

async function putBack(client: pg.Client, seats: Seat[]): Promise<void> {
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

type Counts = Record<string, number>

/** Counts what service and baseline answered and what they changed in their companies: the same for each answer. */
class Work {
  private readonly url: string
  private readonly sides: Sides
  private readonly answers = { service: 0, baseline: 0 }
  private before: Record<keyof Sides, Counts> | undefined

  constructor(url: string, sides: Sides) {
    this.url = url
    this.sides = sides
  }

  count(side: keyof Sides): () => void {
    return () => {
      this.answers[side]++
    }
  }

  prepare(work: (client: pg.Client) => Promise<void>): Promise<void> {
    return this.connected(async (client) => {
      await client.query('begin')
      await work(client)
      await client.query('commit')
      Object.assign(this.answers, { service: 0, baseline: 0 })
      this.before = await this.counts(client)
    })
  }

  verify(): Promise<void> {
    return this.connected(async (client) => {
      const after = await this.counts(client)
      const changed = (side: keyof Sides): string =>
        JSON.stringify(Object.entries(after[side]).map(([name, count]) => [name, (count - this.before![side][name]!) / this.answers[side]]))
      const [service, baseline] = [changed('service'), changed('baseline')]
      if (service !== baseline) throw new UnequalWork(`for each request the service changed ${service}, the baseline ${baseline}`)
      if (this.answers.service === 0 || after.service.audited === this.before!.service.audited) throw new UnequalWork('nothing was changed')
    })
  }

  private async counts(client: pg.Client): Promise<Record<keyof Sides, Counts>> {
    const of = async (places: Organization[]): Promise<Counts> => {
      const table = (name: string, counted: string) =>
        `(select coalesce(${counted}, 0)::int from ${name} where organization_id = any($1)) as ${name}`
      const { rows } = await client.query<Counts>(
        `select ${table('memberships', 'count(*)')}, ${table('ended_memberships', 'count(*)')}, ${table('team_members', 'count(*)')},
          ${table('role_grants', 'count(*)')}, ${table('events', 'count(*)')},
          (select coalesce(sum(revision), 0)::int from memberships where organization_id = any($1)) as revisions,
          (select sum(version)::int from organizations where id = any($1)) as versions,
          (select coalesce(sum(sequence), 0)::int from audit_chains where chain_kind = 'organization' and chain_id = any($1)) as audited`,
        [places.map(({ id }) => id)]
      )
      return rows[0]!
    }
    return { service: await of(this.sides.service), baseline: await of(this.sides.baseline) }
  }

  private async connected(work: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = new pg.Client({ connectionString: this.url })
    await client.connect()
    try {
      await work(client)
    } finally {
      await client.end()
    }
  }
}
