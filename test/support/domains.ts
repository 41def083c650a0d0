import type { LightMyRequestResponse as Response } from 'fastify'
import { parseId } from '../../src/http/ids.ts'
import type { dnsServer } from './dns.ts'
import { organizations, type Place } from './organizations.ts'
import type { Person, World } from './world.ts'

export interface DomainAnswer {
  id: string
  domain: string
  status: string
  mode: string
  defaultRole: string
  teams: Array<{ id: string; name: string }>
  proofs: { affiliation: string | null; ownership: string | null }
  challenge: { recordName: string; recordValue: string; expiresAt: string | null }
  paused: boolean
  heldUntil: string | null
  contestUntil: string | null
}

/** What tests do with domains of companies, through the API. */
export function companyDomains(world: World, dns: Awaited<ReturnType<typeof dnsServer>>) {
  const { send, ok, tagOf } = organizations(world)
  const url = (place: Place, id: string, rest = '') => `${place.url}/domains/${id}${rest}`
  const add = (place: Place, domain: string, by: Person = place.owner, instance = 0): Promise<Response> =>
    send('POST', `${place.url}/domains`, by, { domain }, instance)
  const verify = (place: Place, id: string, proof: 'affiliation' | 'dns', by: Person = place.owner, instance = 0): Promise<Response> =>
    send('POST', url(place, id, '/verify'), by, { proof }, instance)
  const contest = (place: Place, id: string, by: Person = place.owner, instance = 0): Promise<Response> =>
    send('POST', url(place, id, '/contest'), by, {}, instance)
  const get = async (place: Place, id: string): Promise<DomainAnswer> => (await ok(send('GET', url(place, id), place.owner))).json()
  const added = async (place: Place, domain: string): Promise<DomainAnswer> => (await ok(add(place, domain))).json()

  /** Changes a domain from the version it has. */
  async function set(place: Place, id: string, payload: object, by: Person = place.owner, query = ''): Promise<Response> {
    const tag = await tagOf(url(place, id), place.owner)
    return world.inject({ method: 'PATCH', url: url(place, id) + query, headers: { ...by.headers, 'if-match': tag }, payload })
  }

  /** Puts the record of a claim into the DNS, beside those of others. */
  function publish({ challenge }: DomainAnswer): void {
    const there = dns.zone.get(challenge.recordName)
    dns.zone.set(challenge.recordName, [...(Array.isArray(there) ? there : []), challenge.recordValue])
  }

  /** A domain that the company has proven; with `mode` it lets people in. */
  async function proven(place: Place, domain: string, proof: 'affiliation' | 'dns' = 'dns', settings?: object): Promise<DomainAnswer> {
    const claim = await added(place, domain)
    if (proof === 'dns') publish(claim)
    await ok(verify(place, claim.id, proof))
    if (settings) await ok(set(place, claim.id, settings))
    return get(place, claim.id)
  }

  /** Writes columns of a domain, as time or the DNS would have. */
  const alter = (id: string, changes: string) => world.sql(`update domains set ${changes} where id = $1`, [parseId('domain', id)])

  /** Notices about domains in the outbox since the last look: `what` and whom, by account. */
  async function notices(): Promise<string[]> {
    const found = await world.sql<{ id: string; what: string; first: string }>(
      `select x.id, x.data ->> 'what' as what, a.first_name as first from outbox x join accounts a on a.id = (x.data ->> 'adminAccountId')::uuid
        where x.kind = 'domain_notice' and x.status = 'waiting' order by x.created_at, x.id`
    )
    await world.sql("update outbox set status = 'skipped', done_at = now() where id = any($1)", [found.map(({ id }) => id)])
    return found.map(({ what, first }) => `${what} ${first}`).sort()
  }

  return { url, add, added, verify, contest, get, set, publish, proven, alter, notices }
}
