import { type SQL, sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { isSilenced } from '../invitations/preferences.ts'
import type { Keyring } from '../keyring.ts'

/** A moment as ISO 8601 in UTC, or null. */
export const moment = (column: SQL): SQL => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Who the person is here, and how they sign in. */
export async function exportPerson(tx: Tx, keys: Keyring, accountId: string) {
  const [account] = await rows<{
    id: string
    status: string
    firstName: string
    lastName: string
    countryCode: string
    intent: string
    locale: string
    enforcement: string
    createdAt: string
    activatedAt: string | null
    closedAt: string | null
  }>(
    tx,
    sql`select a.id, a.status, a.first_name as "firstName", a.last_name as "lastName", a.country_code as "countryCode", a.intent, a.locale, a.enforcement,
        ${moment(sql`a.created_at`)} as "createdAt", ${moment(sql`a.activated_at`)} as "activatedAt", ${moment(sql`a.closed_at`)} as "closedAt"
      from accounts a where a.id = ${accountId}`
  )
  const [factor] = await rows<{ enabledAt: string; recoveryCodesLeft: number }>(
    tx,
    sql`select ${moment(sql`f.confirmed_at`)} as "enabledAt",
        (select count(*)::int from recovery_codes c where c.account_id = f.account_id and c.used_at is null) as "recoveryCodesLeft"
      from second_factors f where f.account_id = ${accountId} and f.confirmed_at is not null`
  )
  return {
    account: { ...account!, id: publicId('account', account!.id) },
    emails: await emailsOf(tx, keys, accountId),
    secondFactor: factor ?? null,
    sessions: await sessionsOf(tx, accountId),
    sharingSignals: await rows<{ device: string; place: string; otherDevice: string; otherPlace: string; day: string }>(
      tx,
      sql`select device, place, other_device as "otherDevice", other_place as "otherPlace", day::text from sharing_signals
        where account_id = ${accountId} order by id`
    ),
    freelancerProfile: await profileOf(tx, accountId)
  }
}

async function emailsOf(tx: Tx, keys: Keyring, accountId: string) {
  const emails = await rows<{ address: string; canonical: string; primary: boolean; verifiedAt: string | null; createdAt: string }>(
    tx,
    sql`select address, canonical, is_primary as "primary", ${moment(sql`verified_at`)} as "verifiedAt", ${moment(sql`created_at`)} as "createdAt"
      from emails where account_id = ${accountId} order by is_primary desc, id`
  )
  const shown = []
  for (const { canonical, ...email } of emails) shown.push({ ...email, doNotInvite: await isSilenced(tx, keys, canonical) })
  return shown
}

async function sessionsOf(tx: Tx, accountId: string) {
  const sessions = await rows<{
    id: string
    device: string
    userAgent: string
    place: string
    createdAt: string
    lastUsedAt: string
    endedAt: string | null
    endReason: string | null
  }>(
    tx,
    sql`select id, device, user_agent as "userAgent", place, ${moment(sql`created_at`)} as "createdAt", ${moment(sql`last_used_at`)} as "lastUsedAt",
        ${moment(sql`ended_at`)} as "endedAt", end_reason as "endReason" from sessions where account_id = ${accountId} order by id`
  )
  return sessions.map(({ id, ...session }) => ({ id: publicId('session', id), ...session }))
}

interface Words {
  title: string
  overview: string
  amount: number | null
  currency: string | null
  skills: string[]
}

const rated = <Row extends Words>({ amount, currency, ...words }: Row) => ({
  ...words,
  hourlyRate: amount === null || currency === null ? null : { amount, currency }
})

async function profileOf(tx: Tx, accountId: string) {
  const words = sql`title, overview, rate_amount::float8 as amount, rate_currency as currency, skills`
  const [profile] = await rows<Words & { status: string; visibility: string; createdAt: string; closedAt: string | null }>(
    tx,
    sql`select ${words}, status, visibility, ${moment(sql`created_at`)} as "createdAt", ${moment(sql`closed_at`)} as "closedAt"
      from freelancer_profiles where account_id = ${accountId}`
  )
  if (!profile) return null
  const specialised = await rows<Words & { place: number }>(
    tx,
    sql`select place, ${words} from specialised_profiles where account_id = ${accountId} order by place`
  )
  return { ...rated(profile), specialised: specialised.map(rated) }
}
