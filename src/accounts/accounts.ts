import { sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { statement } from '../db/pipeline.ts'
import { requireFresh, touch, type Versions } from '../http/consistency.ts'
import { refuse } from '../problems.ts'
import type { enforcementKinds } from './tables.ts'

export interface EmailView {
  id: string
  address: string
  canonical: string
  primary: boolean
  verified: boolean
}

export interface AccountView {
  id: string
  status: 'pending_email' | 'active' | 'closed' | 'anonymised'
  firstName: string
  lastName: string
  countryCode: string
  intent: 'client' | 'freelancer'
  locale: string
  enforcement: (typeof enforcementKinds)[number]
  secondFactor: boolean
  emails: EmailView[]
  createdAt: string
  revision: number
  version: number
}

const view = (accountId: string) => sql`
  select a.id, a.status, a.first_name as "firstName", a.last_name as "lastName", a.country_code as "countryCode", a.intent, a.locale, a.enforcement,
    exists (select from second_factors f where f.account_id = a.id and f.confirmed_at is not null) as "secondFactor",
    (select coalesce(json_agg(json_build_object('id', e.id, 'address', e.address, 'canonical', e.canonical, 'primary', e.is_primary,
      'verified', e.verified_at is not null) order by e.is_primary desc, e.created_at, e.id), '[]') from emails e where e.account_id = a.id) as emails,
    to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt", a.revision, a.version::int as version
  from accounts a where a.id = ${accountId}`

const viewStatement = statement('account_view', view(''))

/** One account as its owner sees it, no older than `atLeast` asks. */
export async function getAccount(db: Db, accountId: string, atLeast?: Versions): Promise<AccountView> {
  const [account] = await db.pipeline.run<AccountView>(viewStatement, [accountId])
  if (!account) throw refuse('not_found')
  requireFresh(atLeast, 'account', accountId, account.version)
  return account
}

/** The same inside a transaction, with what it has changed so far. */
export async function viewAccount(tx: Tx, accountId: string): Promise<AccountView> {
  const [account] = await rows<AccountView>(tx, view(accountId))
  return account!
}

export interface LockedAccount {
  id: string
  status: AccountView['status']
  enforcement: AccountView['enforcement']
  passwordHash: string
  passwordStandsAlone: boolean
  firstName: string
  lastName: string
  revision: number
}

/**
 * Locks an account for a change: everything that changes it or anything below it is serial. Raises its version in the same
 * statement, since whoever locks is about to change. @throws not_found
 */
export async function lockAccount(tx: Tx, accountId: string): Promise<LockedAccount> {
  const [account] = await rows<LockedAccount & { version: number }>(
    tx,
    sql`update accounts set version = version + 1 where id = ${accountId}
      returning id, status, enforcement, password_hash as "passwordHash", password_stands_alone as "passwordStandsAlone",
        first_name as "firstName", last_name as "lastName", revision, version::int as version`
  )
  if (!account) throw refuse('not_found')
  touch(tx, 'account', accountId, account.version)
  return account
}

/** Locks an account of which the caller has seen the given version. @throws stale_version */
export async function lockAccountAt(tx: Tx, accountId: string, revision: number): Promise<LockedAccount> {
  const account = await lockAccount(tx, accountId)
  if (account.revision !== revision) throw refuse('stale_version')
  return account
}

/** Raises the version that is the account's ETag: only for changes that `GET /v1/me` shows. */
export async function bumpRevision(tx: Tx, accountId: string): Promise<void> {
  await tx.execute(sql`update accounts set revision = revision + 1 where id = ${accountId}`)
}

/** Serialises everything that decides who has an address, before any row is locked: the first lock in the order of locks. */
export async function lockAddress(tx: Tx, canonical: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${canonical}, 1))`)
}

/** Locks every account that claims an address, by ascending id: a proof takes the claims of others away. The address is locked. */
export async function lockClaimants(tx: Tx, canonical: string): Promise<void> {
  await tx.execute(sql`
    select a.id from accounts a join emails e on e.account_id = a.id where e.canonical = ${canonical} order by a.id for no key update of a`)
}

/** `o…a@example.com`: enough to recognise one's own address, too little to learn another's. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at)
  return `${local[0]}…${local.length > 2 ? local.at(-1) : ''}${address.slice(at)}`
}
