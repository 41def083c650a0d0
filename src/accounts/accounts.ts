import { sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { statement } from '../db/pipeline.ts'
import { touch } from '../http/consistency.ts'
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

/** What an account is shown with, a row for each address: putting them together here costs the database less than making JSON of them. */
export const accountColumns = sql`
  a.id, a.status, a.first_name as "firstName", a.last_name as "lastName", a.country_code as "countryCode", a.intent, a.locale, a.enforcement,
  f.confirmed_at is not null as "secondFactor", (extract(epoch from a.created_at) * 1000)::float8 as "createdAt", a.revision, a.version::int as version,
  e.id as "emailId", e.address, e.canonical, e.is_primary as "isPrimary", e.verified_at is not null as verified`
export const accountJoins = sql`left join second_factors f on f.account_id = a.id left join emails e on e.account_id = a.id`

const view = (accountId: string) => sql`select ${accountColumns} from accounts a ${accountJoins} where a.id = ${accountId}`

export interface AccountRow extends Omit<AccountView, 'emails' | 'createdAt'> {
  createdAt: number
  emailId: string | null
  address: string
  canonical: string
  isPrimary: boolean
  verified: boolean
}

/** The account out of its rows. */
export function assembleAccount(found: AccountRow[]): AccountView | undefined {
  const [first] = found
  if (!first) return undefined
  const { createdAt, emailId: _id, address: _address, canonical: _canonical, isPrimary: _primary, verified: _verified, ...account } = first
  const emails = found
    .filter((row) => row.emailId !== null)
    .map(({ emailId, address, canonical, isPrimary, verified }) => ({ id: emailId!, address, canonical, primary: isPrimary, verified }))
  // The primary one first, then in the order they were added: ids are UUIDv7.
  if (emails.length > 1) emails.sort((a, b) => Number(b.primary) - Number(a.primary) || (a.id < b.id ? -1 : 1))
  return { ...account, createdAt: new Date(createdAt).toISOString(), emails }
}

const viewStatement = statement('account_view', view(''))

/** One account as its owner sees it. */
export async function getAccount(db: Db, accountId: string): Promise<AccountView> {
  const account = assembleAccount(await db.pipeline.run<AccountRow>(viewStatement, [accountId]))
  if (!account) throw refuse('not_found')
  return account
}

/** The same inside a transaction, with what it has changed so far. */
export async function viewAccount(tx: Tx, accountId: string): Promise<AccountView> {
  return assembleAccount(await rows<AccountRow>(tx, view(accountId)))!
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
      returning id, status, accounts.enforcement, password_hash as "passwordHash", password_stands_alone as "passwordStandsAlone",
        first_name as "firstName", last_name as "lastName", revision, version::int as version`
  )
  if (!account) throw refuse('not_found')
  touch(tx, 'account', accountId, account.version)
  return account
}

/** An account that may still act: one that was closed, suspended or banned since its request began may not (E-3). @throws not_signed_in */
export function requireLiveAccount(account: LockedAccount): void {
  if (!isLiveAccount(account)) throw refuse('not_signed_in')
}

export const isLiveAccount = ({ status, enforcement }: Pick<LockedAccount, 'status' | 'enforcement'>): boolean =>
  status === 'active' && enforcement !== 'suspended' && enforcement !== 'banned'

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
