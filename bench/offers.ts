import pg from 'pg'
import { emailVersion } from '../src/accounts/email-address.ts'
import { newId, publicId } from '../src/http/ids.ts'
import { mailedToken, tokenHashes } from '../src/invitations/invitation-tokens.ts'
import { type Keyring, sha256 } from '../src/keyring.ts'
import { both, type Inviting, insert, inviteesOf, type Organization, type Organizations } from './companies.ts'
import type { Person } from './seed.ts'

/** An invitation to somebody who has an account, and the token that was mailed. */
export interface Offer {
  place: Organization
  person: Person
  id: string
  tokenId: string
  token: string
  /** In hex. */
  tokenHash: string
}

/** How many invitations go in one call. */
export const bulk = 50

export interface Offers {
  service: Offer[]
  baseline: Offer[]
  rehearsal: Offer[]
}

/** Offers to the same people on both sides; those of the rehearsal are in the database already, as are thousands that were accepted. */
export async function seedOffers(url: string, keys: Keyring, { inviting, large }: Organizations): Promise<Offers> {
  const { sides, rehearsals, invitees } = inviting
  const of = (company: number): Person[] => invitees.slice(company * inviteesOf, (company + 1) * inviteesOf)
  const offer = (place: Organization, person: Person): Offer => {
    const [id, tokenId] = [newId(), newId()]
    const token = mailedToken(keys, { tokenId, keyId: keys.currentId })
    return { place, person, id, tokenId, token, tokenHash: sha256(token).toString('hex') }
  }
  const offers = both(sides, (place, company) => of(company).map((person) => offer(place, person)))
  const rehearsal = of(0)
    .slice(0, 3)
    .map((person) => offer(rehearsals[2]!, person))

  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await insertOffers(client, keys, rehearsal)
    await client.query(
      `insert into invitations (id, organization_id, kind, email, canonical, canonical_version, grants, locale, inviter_account_id, status, token_id, key_id,
         mailed_token_hash, copied_token_hash, preference_token_hash, days, expires_at, ended_at, accepted_by_account_id)
       select gen_random_uuid(), m.organization_id, m.kind, e.address, e.canonical, e.canonical_version, '[]', 'en', $2, 'accepted', gen_random_uuid(), 'none',
         sha256(uuid_send(gen_random_uuid())), sha256(uuid_send(gen_random_uuid())), sha256(uuid_send(gen_random_uuid())), 7, now(), now(), m.account_id
       from memberships m join emails e on e.account_id = m.account_id and e.is_primary where m.organization_id = $1`,
      [large.id, large.owner.id]
    )
    await client.query('vacuum analyze invitations')
  } finally {
    await client.end()
  }
  return { ...offers, rehearsal }
}

export async function insertOffers(client: pg.Client, keys: Keyring, offers: Offer[]): Promise<void> {
  const expires = new Date(Date.now() + 7 * 86_400_000).toISOString()
  const rows = offers.map(({ place, person, id, tokenId }) => {
    const hashes = tokenHashes(keys, { invitationId: id, tokenId, keyId: keys.currentId })
    return {
      id,
      organization_id: place.id,
      kind: place.kind,
      email: person.email,
      canonical: person.email,
      canonical_version: emailVersion,
      grants: [{ role: 'recruiter', teamId: null }],
      locale: 'en',
      inviter_account_id: place.owner.id,
      status: 'pending',
      token_id: tokenId,
      key_id: keys.currentId,
      mailed_token_hash: `\\x${hashes.mailed.toString('hex')}`,
      copied_token_hash: `\\x${hashes.copied.toString('hex')}`,
      preference_token_hash: `\\x${hashes.preference.toString('hex')}`,
      days: 7,
      resends: 0,
      revision: 1,
      created_at: new Date().toISOString(),
      sent_at: new Date().toISOString(),
      expires_at: expires
    }
  })
  await insert(client, 'invitations', rows)
}

/**
 * Puts away what came of invitations: themselves, their mails and the members they made. What limits counted goes as well, so that each
 * round begins with the whole of them.
 */
export async function putAway(client: pg.Client, { sides, invitees }: Inviting): Promise<void> {
  const places = [[...sides.service, ...sides.baseline].map(({ id }) => id)]
  await client.query(`delete from graphile_worker._private_jobs where key like 'mail:%'`)
  await client.query(`delete from outbox where kind like 'invitation%'`)
  await client.query('delete from invitations where organization_id = any($1)', places)
  await client.query('delete from memberships where organization_id = any($1) and account_id = any($2)', [
    ...places,
    invitees.map(({ id }) => id)
  ])
  await client.query('delete from rate_counters')
}

/** Addresses that nobody has and nobody was invited by. */
export const newAddresses = (count: number): string[] => Array.from({ length: count }, () => `invited${invited++}@bench.example`)
let invited = 0

const invitationsPath = ({ id }: Organization): string => `/v1/companies/${publicId('company', id)}/invitations`
const invitation = (email: string) => ({ email, grants: [{ role: 'recruiter' }] })

export const inviteRequest = (place: Organization, address: string) => ({ url: invitationsPath(place), payload: invitation(address) })
export const bulkRequest = (place: Organization, addresses: string[]) => ({
  url: `${invitationsPath(place)}/bulk`,
  payload: { invitations: addresses.map(invitation) }
})
export const acceptRequest = ({ token }: Offer) => ({ url: '/v1/invitations/accept', payload: { token } })
