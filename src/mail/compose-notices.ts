import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { millis } from '../db/moments.ts'
import { publicId } from '../http/ids.ts'
import type { OrganizationKind } from '../organizations/tables.ts'
import type { Parts } from '../parts.ts'
import type { Composed } from './compose.ts'
import type { MailContent } from './content.ts'
import { activePerson, fullName, primaryOf } from './holders.ts'
import type { MailRequest } from './outbox.ts'

export type NoticeRequest = Extract<
  MailRequest,
  { kind: 'password_changed' | 'address_removed' | 'second_factor_changed' | 'session_ended_reuse' | 'sessions_ended' | 'new_sign_in' }
>

/** What the owner of an account is told after the fact, at the primary address. */
export async function composeNotice(tx: Tx, id: string, request: NoticeRequest): Promise<Composed | undefined> {
  const owner = await primaryOf(tx, request.accountId)
  if (!owner) return undefined
  const { firstName } = owner
  const content = await (async (): Promise<MailContent> => {
    switch (request.kind) {
      case 'password_changed':
      case 'new_sign_in':
        return { kind: request.kind, firstName, at: await askedAt(tx, id), place: request.place, device: request.device }
      case 'address_removed':
        return { kind: request.kind, firstName, addressMasked: request.masked }
      case 'second_factor_changed':
        return { kind: request.kind, firstName, change: request.change }
      case 'sessions_ended':
        return { kind: request.kind, firstName }
      case 'session_ended_reuse':
        return { kind: request.kind, firstName, place: request.place, device: request.device }
    }
  })()
  return { to: owner.address, locale: owner.locale, content }
}

/** When a mail was asked for, which is when it happened: a mail server may take it hours later. */
export async function askedAt(tx: Tx, id: string): Promise<Date> {
  const [mail] = await rows<{ at: number }>(tx, sql`select ${millis(sql`created_at`)} as at from outbox where id = ${id}`)
  return new Date(mail!.at)
}

/** Goes to whom the ownership is offered, as long as the offer is open and they are a member (O-1). */
export async function composeOwnershipOffered(tx: Tx, { config }: Parts, transferId: string): Promise<Composed | undefined> {
  const [offer] = await rows<{
    organizationId: string
    kind: OrganizationKind
    organization: string
    from: string
    to: string
    days: number
  }>(
    tx,
    sql`select o.id as "organizationId", o.kind, o.name as organization, t.from_account_id as "from", t.to_account_id as "to",
        greatest(1, round(extract(epoch from t.expires_at - now()) / 86400))::int as days
      from ownership_transfers t join organizations o on o.id = t.organization_id
        join memberships m on m.organization_id = o.id and m.account_id = t.to_account_id and m.status = 'active'
      where t.id = ${transferId} and t.status = 'offered' and t.expires_at > now() and standing(o) = 'active'`
  )
  if (!offer) return undefined
  const [owner, person] = [await activePerson(tx, offer.from), await activePerson(tx, offer.to)]
  if (!owner || !person) return undefined
  const { organization, days } = offer
  const link = `${config.appUrl}/organizations/${publicId(offer.kind, offer.organizationId)}`
  const content: MailContent = {
    kind: 'ownership_offered',
    firstName: person.firstName,
    organization,
    owner: fullName(owner),
    days,
    link
  }
  return { to: person.address, locale: person.locale, content }
}
