import { sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import { emailVersion } from '../accounts/email-address.ts'
import { system } from '../actor.ts'
import { record } from '../audit/record.ts'
import { rows } from '../db/database.ts'
import { newId, publicId } from '../http/ids.ts'
import type { Parts } from '../parts.ts'
import { openSession } from '../sessions/sessions.ts'
import { seedJoining } from './seed-joining.ts'
import { seedOrganizations } from './seed-organizations.ts'

/** People of the demo world; the first letter says what they do: Olga and Otto own, Ada administers, Hana hires, Finn freelances … */
export const demoPeople = [
  { firstName: 'Olga', lastName: 'Okafor', intent: 'client', countryCode: 'DE' },
  { firstName: 'Otto', lastName: 'Osei', intent: 'client', countryCode: 'GH' },
  { firstName: 'Ada', lastName: 'Adeyemi', intent: 'client', countryCode: 'NG' },
  { firstName: 'Hana', lastName: 'Horáková', intent: 'client', countryCode: 'CZ' },
  { firstName: 'Remy', lastName: 'Roux', intent: 'client', countryCode: 'FR' },
  { firstName: 'Max', lastName: 'Meyer', intent: 'client', countryCode: 'AT' },
  { firstName: 'Bea', lastName: 'Brandt', intent: 'freelancer', countryCode: 'DE' },
  { firstName: 'Finn', lastName: 'Fischer', intent: 'freelancer', countryCode: 'DE' },
  { firstName: 'Sam', lastName: 'Sato', intent: 'freelancer', countryCode: 'JP' }
] as const

export interface Demo {
  email: string
  password: string
}

// Known to everybody who reads this: the embedded database listens on this machine only.
export const demo: Demo = { email: 'olga@demo.example', password: 'quiet maple ferry lantern' }

/** An access token of the demo person in a session of its own, to be shown on the terminal. */
export async function demoToken(parts: Parts, { email }: Demo): Promise<string> {
  return parts.db.transaction(async (tx) => {
    const [account] = await rows<{ id: string }>(
      tx,
      sql`select account_id as id from emails where canonical = ${email} and verified_at is not null`
    )
    await lockAccount(tx, account!.id)
    return (await openSession(tx, parts, account!.id, { ...system, userAgent: 'the terminal' })).accessToken
  })
}

/** Fills an empty database with the demo world; leaves any other alone. Answers whose password to show, if they are there. */
export async function seedDemo(parts: Parts): Promise<Demo | undefined> {
  const [state] = await rows<{ empty: boolean; seeded: boolean }>(
    parts.db.query,
    sql`select not exists (select from accounts) as empty, exists (select from emails where canonical = ${demo.email} and verified_at is not null) as seeded`
  )
  if (!state!.empty) return state!.seeded ? demo : undefined
  const password = await parts.passwords.hash(demo.password)
  const people = new Map<string, string>()
  await parts.db.transaction(async (tx) => {
    for (const { firstName, lastName, intent, countryCode } of demoPeople) {
      const id = newId()
      const address = `${firstName.toLowerCase()}@demo.example`
      await tx.execute(sql`
        insert into accounts (id, status, first_name, last_name, country_code, intent, locale, password_hash, pepper_id, password_stands_alone, activated_at)
        values (${id}, 'active', ${firstName}, ${lastName}, ${countryCode}, ${intent}, 'en', ${password.hash}, ${password.pepperId}, true, now())`)
      await tx.execute(sql`
        insert into emails (id, account_id, address, canonical, canonical_version, is_primary, verified_at)
        values (${newId()}, ${id}, ${address}, ${address}, ${emailVersion}, true, now())`)
      await record(tx, { actor: system, chain: { kind: 'account', id }, action: 'account.seeded', resource: publicId('account', id) })
      people.set(firstName, id)
    }
    await seedOrganizations(parts, tx, people)
  })
  await seedJoining(parts, people.get('Olga')!)
  return demo
}
