import pg from 'pg'
import { askers, evaluation, keptFacts, question } from './asking.ts'
import { both, type Member, type Organization, type Organizations } from './companies.ts'
import { openClient } from './connection.ts'
import { requestText } from './load.ts'
import { putBack } from './members.ts'
import type { ServiceProcess } from './processes.ts'
import { memberPath } from './recording.ts'
import type { Person } from './seed.ts'
import { remember } from './traffic.ts'

export interface Refusals {
  organizations: Organizations
  tokenOf: (person: Person) => string
  /** The database as superuser. */
  url: string
  /** The process that members are removed through, and the one that is asked about them. */
  remover: ServiceProcess
  refuser: ServiceProcess
  removals: number
}

interface Seat {
  place: Organization
  member: Member
}

/** Longer than this nobody who was removed is asked about. */
const givenUpMs = 10_000

/**
 * Removes members through one process and asks another, which has just allowed them something, until it refuses: the milliseconds of each
 * from the answer to the removal to the answer that refuses, so at least what a question takes.
 */
export async function refusals({ organizations, tokenOf, url, remover, refuser, removals }: Refusals): Promise<number[]> {
  const seats = both(organizations.removal, (place) => place.members.slice(1).map((member) => ({ place, member }))).service.slice(
    0,
    removals
  )
  await makeMembers(url, seats)
  const [headers] = await askers(refuser.port, url)
  const headersOf = remember(tokenOf)
  const [removing, asking] = [openClient(remover.port), openClient(refuser.port)]

  async function isAllowed({ place, member }: Seat): Promise<boolean> {
    const { status, body } = await asking.ask(requestText('POST', evaluation, headers!, question(member.accountId, place.id)))
    if (status !== 200) throw new Error(`a question was answered ${status}: ${body}`)
    return (JSON.parse(body) as { decision: boolean }).decision
  }
  async function remove({ place, member }: Seat): Promise<void> {
    const { status, body } = await removing.ask(requestText('DELETE', memberPath(place, member), headersOf(place.owner)))
    if (status !== 204) throw new Error(`a removal was answered ${status}: ${body}`)
  }

  const before = await keptFacts(refuser)
  const times: number[] = []
  try {
    for (const seat of seats) {
      if (!(await isAllowed(seat))) throw new Error('a member is refused')
      await remove(seat)
      const removedAt = performance.now()
      while (await isAllowed(seat)) if (performance.now() - removedAt > givenUpMs) throw new Error('who was removed is allowed on')
      times.push(performance.now() - removedAt)
    }
  } finally {
    removing.close()
    asking.close()
  }
  const dropped = (await keptFacts(refuser)).invalidations! - before.invalidations!
  // Whoever keeps nothing is never late.
  if (dropped < removals || seats.length < removals) throw new Error(`facts of ${dropped} members were kept where ${removals} were due`)
  return times
}

async function makeMembers(url: string, seats: Seat[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await putBack(client, seats)
  } finally {
    await client.end()
  }
}
