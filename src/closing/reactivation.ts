import { sql } from 'drizzle-orm'
import { type LockedAccount, lockAccount, lockAddress } from '../accounts/accounts.ts'
import { findMailToken, useMailToken } from '../accounts/mail-tokens.ts'
import { requireCanonical } from '../accounts/requirements.ts'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { excepted, ofAccount } from '../identity/cases.ts'
import { weighAgain } from '../identity/own-evidence.ts'
import { hasAnotherAccount, lockOwnEvidence } from '../identity/returning.ts'
import { requestMail } from '../mail/outbox.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { cancelErasures } from './erasures.ts'

/** Asks for the mail that opens a closed account again: the same work for any address (P-14, P-2). @throws email_invalid */
export async function requestReactivation(db: Db, email: string): Promise<Record<string, never>> {
  const canonical = requireCanonical(email)
  return db.transaction(async (tx) => {
    await requestMail(tx, { kind: 'reactivation_requested', canonical })
    return {}
  })
}

/**
 * Opens a closed account again by the mailed link (P-14). Signs nobody in; no membership, organization or profile comes back with it. An
 * erasure that was asked for does not happen. When support has to help, the link stays unused.
 * @throws token_dead, contact_support
 */
export async function confirmReactivation(parts: Parts, db: Db, actor: Actor, token: string): Promise<{ status: 'active' }> {
  return db.transaction(async (tx) => {
    const { accountId, canonical } = await findMailToken(tx, 'reactivate', token)
    await lockOwnEvidence(tx, accountId)
    await lockAddress(tx, canonical)
    // Before the token: closing and erasing hold the account when they end it.
    const account = await lockAccount(tx, accountId)
    await useMailToken(tx, 'reactivate', token)
    await requireMayReturn(tx, parts, account)
    const self: Actor = { ...actor, kind: 'account', accountId, sessionId: '', signInAge: 0 }
    await cancelErasures(tx, self, accountId)
    await tx.execute(sql`update accounts set status = 'active', closed_at = null, revision = revision + 1 where id = ${accountId}`)
    await record(tx, {
      actor: self,
      chain: { kind: 'account', id: accountId },
      action: 'account.reactivated',
      resource: publicId('account', accountId),
      event: { before: { status: account.status }, after: { status: 'active' } }
    })
    // Whoever has another account by now may have two (P-5, P-6): nothing was raised meanwhile.
    await weighAgain(tx, accountId, 'all')
    return { status: 'active' }
  })
}

/**
 * By its link a person opens what they closed themselves, within the years of the setting by the database's clock; not what is suspended or
 * banned, was given up for another account in a duplicate case (P-9), or is erased. Nor does
 * anybody come back who is barred with another account, or has another one (P-5, P-8). @throws contact_support
 */
async function requireMayReturn(tx: Tx, { config }: Parts, { id, status, enforcement }: LockedAccount): Promise<void> {
  const [late] = await rows(
    tx,
    sql`select from accounts where id = ${id} and closed_at < now() - make_interval(years => ${config.REACTIVATION_YEARS})`
  )
  const [givenUp] = await rows(
    tx,
    sql`select from duplicate_cases c where ${ofAccount(id)} and c.status = 'kept' and c.kept_account_id <> ${id} and not ${excepted}`
  )
  if (status !== 'closed' || enforcement === 'suspended' || enforcement === 'banned' || late || givenUp) throw refuse('contact_support')
  if (await hasAnotherAccount(tx, id)) throw refuse('contact_support')
}
