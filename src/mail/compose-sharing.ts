import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { findInvitingPlace } from '../organizations/inviting-place.ts'
import type { Parts } from '../parts.ts'
import type { Composed } from './compose.ts'
import type { MailContent } from './content.ts'
import { activePerson } from './holders.ts'

interface Signal {
  accountId: string
  device: string
  place: string
  otherDevice: string
  otherPlace: string
}

/** Tells somebody whose login is often in use twice at once how others get their own (S-5); not once they have confirmed the devices. */
export async function composeSharing(tx: Tx, { config }: Parts, signalId: string): Promise<Composed | undefined> {
  const [signal] = await rows<Signal>(
    tx,
    sql`select account_id as "accountId", device, place, other_device as "otherDevice", other_place as "otherPlace"
      from sharing_signals where id = ${signalId} and confirmed_at is null`
  )
  const person = signal && (await activePerson(tx, signal.accountId))
  if (!person) return undefined
  const { accountId, ...seen } = signal
  const place = await findInvitingPlace(tx, accountId)
  const content: MailContent = {
    kind: 'sharing_suspected',
    firstName: person.firstName,
    ...seen,
    ...(place ? { link: `${config.appUrl}/organizations/${publicId(place.kind, place.id)}` } : {})
  }
  return { to: person.address, locale: person.locale, content }
}
