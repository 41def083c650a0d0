import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { millis } from '../db/moments.ts'
import type { Parts } from '../parts.ts'
import type { Composed } from './compose.ts'
import { askedAt } from './compose-notices.ts'
import { type Holder, primaryOf } from './holders.ts'
import { issueLimited } from './limited.ts'
import type { ClosingMailRequest } from './outbox.ts'

type Of<Kind extends ClosingMailRequest['kind']> = Extract<ClosingMailRequest, { kind: Kind }>

/** Says that the account was closed, and how it can be opened again (P-14). Also when it was opened again meanwhile: it may have been somebody else. */
export async function composeClosed(
  tx: Tx,
  { config }: Parts,
  id: string,
  { accountId, why }: Of<'account_closed'>
): Promise<Composed | undefined> {
  const person = await primaryOf(tx, accountId)
  if (!person) return undefined
  const { address: to, locale, firstName } = person
  const closed = { kind: 'account_closed', firstName, at: await askedAt(tx, id), why, years: config.REACTIVATION_YEARS } as const
  return { to, locale, content: why === 'person' ? { ...closed, link: `${config.appUrl}/reactivate` } : closed }
}

/** The link that opens a closed account again, to a proven address of it. Whether it still may be is decided when the link is used (P-14). */
export async function composeReactivation(tx: Tx, parts: Parts, id: string, owner: Holder | undefined): Promise<Composed | undefined> {
  if (owner?.status !== 'closed') return undefined
  const seconds = parts.config.REACTIVATION_SECONDS
  const token = await issueLimited(tx, parts, 'reactivation', owner, { id, purpose: 'reactivate', seconds })
  if (!token) return undefined
  const { address: to, locale, firstName } = owner
  const link = `${parts.config.appUrl}/reactivate#token=${token}`
  return { to, locale, content: { kind: 'reactivation', firstName, link, hours: Math.round(seconds / 3600) } }
}

/** Says when the data of a closed account will be erased, and how to stop it (P-16), as long as it is to be. */
export async function composeErasure(
  tx: Tx,
  { config }: Parts,
  { accountId }: Of<'erasure_scheduled' | 'erasure_cancelled'>
): Promise<Composed | undefined> {
  const person = await primaryOf(tx, accountId)
  const [due] = await rows<{ at: number }>(
    tx,
    sql`select ${millis(sql`due_at`)} as at from anonymisations where account_id = ${accountId} and status = 'scheduled'`
  )
  if (!person || !due) return undefined
  const { address: to, locale, firstName } = person
  const content = { kind: 'erasure_scheduled', firstName, until: new Date(due.at), link: `${config.appUrl}/reactivate` } as const
  return { to, locale, content }
}

/** Says that an operator has cancelled the erasure that the person had asked for (P-16). */
export async function composeErasureCancelled(
  tx: Tx,
  id: string,
  { accountId }: Of<'erasure_scheduled' | 'erasure_cancelled'>
): Promise<Composed | undefined> {
  const person = await primaryOf(tx, accountId)
  if (!person) return undefined
  const { address: to, locale, firstName } = person
  return { to, locale, content: { kind: 'erasure_cancelled', firstName, at: await askedAt(tx, id) } }
}
