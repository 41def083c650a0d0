import pg from 'pg'
import { emailVersion } from '../src/accounts/email-address.ts'
import { passwordHasher } from '../src/accounts/password-hasher.ts'
import type { Config } from '../src/config.ts'
import { addressPlace } from '../src/http/addresses.ts'
import { newId, publicId } from '../src/http/ids.ts'
import { sha256 } from '../src/keyring.ts'
import { deviceName, refreshPrefix } from '../src/sessions/sessions.ts'
import { randomToken } from '../src/tokens.ts'
import { userAgent } from './load.ts'

/** Somebody the load is made with. */
export interface Person {
  id: string
  email: string
  /** Where this person's requests come from: everybody has an address of their own. */
  address: string
  sessions: { id: string; refreshToken: string }[]
}

export const password = 'tulip anchor museum forty'

// Those who do not act make tables and indexes as deep as they are in use.
const residents = 20_000

/** The address of the person with this number, out of 10.0.0.0/8. */
export const clientAddress = (number: number): string => `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`

/**
 * Fills the database with people who are registered and proven; `sessionsOf` says how many sessions each of those who act has, every
 * one with a live refresh token. All share one password hash, since making one each would take longer than all that is measured.
 */
export async function seedPeople(url: string, config: Config, sessionsOf: number[]): Promise<Person[]> {
  const stored = await passwordHasher(config).hash(password)
  const device = deviceName(userAgent)
  const people = sessionsOf.map((count, index): Person => {
    const sessions = Array.from({ length: count }, () => ({ id: newId(), refreshToken: randomToken(refreshPrefix) }))
    return { id: newId(), email: `person${index}@bench.example`, address: clientAddress(index), sessions }
  })
  const others = Array.from({ length: residents - people.length }, (_, index) => ({ id: newId(), email: `resident${index}@bench.example` }))
  const everybody = [...people, ...others]
  const sessions = people.flatMap((person) => person.sessions.map((session) => ({ ...session, person })))

  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(
      `insert into accounts (id, status, first_name, last_name, country_code, intent, locale, password_hash, pepper_id, password_stands_alone, activated_at)
       select id, 'active', 'Olga', 'Okafor', 'DE', 'client', 'en', $2, $3, true, now() from unnest($1::uuid[]) as id`,
      [everybody.map(({ id }) => id), stored.hash, stored.pepperId]
    )
    await client.query(
      `insert into emails (id, account_id, address, canonical, canonical_version, is_primary, verified_at)
       select email_id, account_id, address, address, $4, true, now() from unnest($1::uuid[], $2::uuid[], $3::text[]) as e (email_id, account_id, address)`,
      [everybody.map(newId), everybody.map(({ id }) => id), everybody.map(({ email }) => email), emailVersion]
    )
    await client.query(
      `insert into sessions (id, account_id, authenticated_at, last_used_at, expires_at, device, user_agent, place)
       select id, account_id, now(), now(), now() + interval '30 days', $4, $5, place from unnest($1::uuid[], $2::uuid[], $3::text[]) as s (id, account_id, place)`,
      [
        sessions.map(({ id }) => id),
        sessions.map(({ person }) => person.id),
        sessions.map(({ person }) => addressPlace(person.address)),
        device,
        userAgent
      ]
    )
    await client.query(
      `insert into refresh_tokens (token_hash, session_id, expires_at)
       select hash, session_id, now() + interval '14 days' from unnest($1::bytea[], $2::uuid[]) as r (hash, session_id)`,
      [sessions.map(({ refreshToken }) => sha256(refreshToken)), sessions.map(({ id }) => id)]
    )
    await client.query('commit')
    await seedReplies(client, people)
    await client.query('vacuum analyze')
  } finally {
    await client.end()
  }
  return people
}

/** The accounts as one flat row each, for the baseline that answers a row as it is. */
async function seedReplies(client: pg.Client, people: Person[]): Promise<void> {
  await client.query(`
    create schema bench;
    create table bench.accounts as
      select a.id as key, ''::text as id, status, first_name as "firstName", last_name as "lastName", country_code as "countryCode", intent, locale,
        a.enforcement, false as "secondFactor",
        json_build_array(json_build_object('address', e.address, 'primary', true, 'verified', true)) as emails,
        to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt"
      from accounts a join emails e on e.account_id = a.id;
    alter table bench.accounts add primary key (key);
    grant usage on schema bench to guildhall_service;
    grant select on bench.accounts to guildhall_service`)
  await client.query('update bench.accounts set id = u.id from unnest($1::uuid[], $2::text[]) as u (key, id) where u.key = accounts.key', [
    people.map(({ id }) => id),
    people.map(({ id }) => publicId('account', id))
  ])
}
