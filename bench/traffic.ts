import type { Config } from '../src/config.ts'
import { addressPlace } from '../src/http/addresses.ts'
import { newId } from '../src/http/ids.ts'
import { sha256 } from '../src/keyring.ts'
import { deviceName, refreshPrefix } from '../src/sessions/sessions.ts'
import { randomToken } from '../src/tokens.ts'
import type { Rotation } from './baselines.ts'
import { requestText, type Traffic, userAgent } from './load.ts'
import { clientAddress, type Person, password } from './seed.ts'

export const connections = 16

/** Hands out the items so that each client has its own: two never act for the same person at once. */
export function turns<Item>(items: Item[]): (client: number) => Item {
  const rounds = Array<number>(connections).fill(0)
  const each = Math.floor(items.length / connections)
  return (client) => items[client + connections * (rounds[client]!++ % each)]!
}

/** The same for what can be sent once: throws where a client has been through its own. */
export function eachOnce<Item>(items: Item[]): (client: number) => Item {
  const next = Array.from({ length: connections }, (_, client) => client)
  return (client) => {
    const item = items[next[client]!]
    if (item === undefined) throw new Error('ran out of what can be sent once')
    next[client]! += connections
    return item
  }
}

export const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address })

/**
 * Everything a client sends with each request, whoever answers it. A token for each would take the load generator longer than the request;
 * they are made anew after a while, since tokens end.
 */
export function remember(tokenOf: (person: Person) => string): (person: Person) => Record<string, string> {
  const made = new Map<Person, { headers: Record<string, string>; at: number }>()
  return (person) => {
    const known = made.get(person)
    if (known && performance.now() - known.at < 60_000) return known.headers
    const fresh = { headers: { ...from(person.address), authorization: `Bearer ${tokenOf(person)}` }, at: performance.now() }
    made.set(person, fresh)
    return fresh.headers
  }
}

export const hello = (): Traffic => {
  const request = requestText('GET', '/', {})
  return { status: 200, request: () => request }
}

/** Reads of own accounts; also sent to the baseline, at its own path, with the same headers. */
export function reads(people: Person[], path: (person: Person) => string, token: (person: Person) => string): Traffic {
  const requests = people.map((person) =>
    requestText('GET', path(person), { ...from(person.address), authorization: `Bearer ${token(person)}` })
  )
  return { status: 200, request: turns(requests) }
}

/** Each from an address of its own: so many sign-ins of one person from one address a minute would be too many. */
export function signIns(people: Person[]): Traffic {
  const next = turns(people)
  return {
    status: 201,
    request: (client) =>
      requestText('POST', '/v1/sessions', from(clientAddress(1_000_000 + signedIn++)), { email: next(client).email, password })
  }
}
let signedIn = 0

/** Nobody registers twice, and everybody does so from an address of their own. */
export function registrations(): Traffic {
  const person = { password, firstName: 'Nora', lastName: 'Novak', countryCode: 'DE', intent: 'client' }
  return {
    status: 202,
    request() {
      const number = registered++
      return requestText('POST', '/v1/accounts', from(clientAddress(100_000 + number)), { ...person, email: `new${number}@bench.example` })
    }
  }
}
let registered = 0

interface Seat {
  sessionId: string
  refreshToken: string
  address: string
}

/** Sessions whose refresh tokens go round: each answer has the one that the session's next refresh needs. */
export class Rotating {
  private readonly next: (client: number) => Seat
  private readonly sent: Seat[] = []

  constructor(people: Person[]) {
    const seats = people.flatMap(({ address, sessions }) =>
      sessions.map(({ id, refreshToken }) => ({ sessionId: id, refreshToken, address }))
    )
    this.next = turns(seats)
  }

  /** To the service. */
  refreshes(): Traffic {
    return {
      status: 200,
      request: (client) => {
        const seat = (this.sent[client] = this.next(client))
        return requestText('POST', '/v1/sessions/refresh', from(seat.address), { refreshToken: seat.refreshToken })
      },
      onAnswer: (client, body) => {
        this.sent[client]!.refreshToken = (JSON.parse(body) as { refreshToken: string }).refreshToken
      }
    }
  }

  /** To the baseline, which is told what to write. */
  rotations(bounds: Pick<Config, 'REFRESH_IDLE_SECONDS' | 'SHARING_WINDOW_SECONDS' | 'SHARING_CONFIRMED_DAYS'>): Traffic {
    const device = deviceName(userAgent)
    return {
      status: 200,
      request: (client) => {
        const seat = this.next(client)
        const place = addressPlace(seat.address)
        const successor = randomToken(refreshPrefix)
        const hash = sha256(seat.refreshToken).toString('hex')
        seat.refreshToken = successor
        const rotation: Rotation = {
          count: [sha256(`bench ${seat.sessionId}`).toString('hex'), 60, 1, 10],
          rotate: {
            hash,
            device,
            place,
            windowSeconds: bounds.SHARING_WINDOW_SECONDS,
            confirmedDays: bounds.SHARING_CONFIRMED_DAYS,
            signalId: newId(),
            successorHash: sha256(successor).toString('hex'),
            idleSeconds: bounds.REFRESH_IDLE_SECONDS
          }
        }
        return requestText('POST', '/rotations', from(seat.address), rotation)
      }
    }
  }
}
