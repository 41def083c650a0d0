import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'

/** An address with the account that has it, or claims it. */
export interface Holder {
  accountId: string
  status: 'pending_email' | 'active' | 'closed' | 'anonymised'
  firstName: string
  lastName: string
  locale: string
  emailId: string
  address: string
  canonical: string
}

const holder = sql`select a.id as "accountId", a.status, a.first_name as "firstName", a.last_name as "lastName", a.locale, e.id as "emailId", e.address, e.canonical
  from emails e join accounts a on a.id = e.account_id`

export const primaryOf = async (tx: Tx, accountId: string): Promise<Holder | undefined> =>
  (await rows<Holder>(tx, sql`${holder} where a.id = ${accountId} and e.is_primary`))[0]

/** Somebody who can still sign in: for news that are of use to nobody else. */
export async function activePerson(tx: Tx, accountId: string): Promise<Holder | undefined> {
  const person = await primaryOf(tx, accountId)
  return person?.status === 'active' ? person : undefined
}

export const holderOf = async (tx: Tx, emailId: string): Promise<Holder | undefined> =>
  (await rows<Holder>(tx, sql`${holder} where e.id = ${emailId}`))[0]

export const unprovenHolder = async (tx: Tx, emailId: string): Promise<Holder | undefined> =>
  (await rows<Holder>(tx, sql`${holder} where e.id = ${emailId} and e.verified_at is null`))[0]

export const provenHolder = async (tx: Tx, canonical: string): Promise<Holder | undefined> =>
  (await rows<Holder>(tx, sql`${holder} where e.canonical = ${canonical} and e.verified_at is not null`))[0]

/** Of those who registered with an address and have not proven it, the latest. */
export const latestClaim = async (tx: Tx, canonical: string): Promise<Holder | undefined> =>
  (
    await rows<Holder>(
      tx,
      sql`${holder} where e.canonical = ${canonical} and a.status = 'pending_email' order by a.created_at desc, a.id desc limit 1`
    )
  )[0]

export const fullName = ({ firstName, lastName }: Pick<Holder, 'firstName' | 'lastName'>): string => `${firstName} ${lastName}`.trim()
