import { sql } from 'drizzle-orm'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { addressPlace } from '../http/addresses.ts'
import { publicId } from '../http/ids.ts'
import { requestMail } from '../mail/outbox.ts'
import type { Parts } from '../parts.ts'
import { deviceName, endSessions } from '../sessions/sessions.ts'
import { ownIdentifier, proveOwnPassword, requireRecentSignIn } from '../sessions/sign-in.ts'
import { forgetFailures, identifierHash } from '../sessions/sign-in-guard.ts'
import { getAccount, lockAccount, lockAddress } from './accounts.ts'
import { findMailToken, useMailToken } from './mail-tokens.ts'
import type { StoredPassword } from './password-hasher.ts'
import { requireCanonical, requirePassword, standsAlone } from './requirements.ts'

/**
 * Changes the password: needs the present one and a recent sign-in (S-8); ends all other sessions and pending resets (S-4) and tells
 * the owner. @throws invalid_credentials, password_refused, reauthentication_required, sign_in_paused, overloaded
 */
export async function changePassword(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: { currentPassword: string; newPassword: string }
): Promise<void> {
  requireRecentSignIn(parts, actor)
  const account = await getAccount(parts.db, actor.accountId)
  await requirePassword(parts, input.newPassword, { ...account, email: primaryOf(account.emails) })
  await proveOwnPassword(parts, actor, input.currentPassword)
  const password = await parts.passwords.hash(input.newPassword)
  await db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    await forgetFailures(tx, ownIdentifier(parts, actor.accountId))
    await storePassword(tx, actor.accountId, password, standsAlone(parts, input.newPassword))
    await endSessions(tx, actor.accountId, 'password_changed', actor, actor.sessionId)
    await noteChange(tx, actor, actor.accountId, 'password.changed')
  })
}

/** Asks for a reset mail: the same work for any address (S-2). @throws email_invalid */
export async function requestPasswordReset(db: Db, email: string): Promise<Record<string, never>> {
  const canonical = requireCanonical(email)
  return db.transaction(async (tx) => {
    await requestMail(tx, { kind: 'reset_requested', canonical })
    return {}
  })
}

export interface RecentChange {
  action: string
  at: string
}

/**
 * Sets a new password by a mailed token. Ends every session (S-4) and signs nobody in; a suspension stays. Answers what changed in the
 * account lately, for the owner to look over. @throws token_dead, password_refused, overloaded
 */
export async function resetPassword(
  parts: Parts,
  db: Db,
  actor: Actor,
  input: { token: string; password: string }
): Promise<{ recentChanges: RecentChange[] }> {
  const target = await parts.db.transaction((tx) => findMailToken(tx, 'reset_password', input.token))
  const account = await getAccount(parts.db, target.accountId)
  await requirePassword(parts, input.password, { ...account, email: target.canonical })
  const password = await parts.passwords.hash(input.password)
  return db.transaction(async (tx) => {
    await lockAddress(tx, target.canonical)
    await useMailToken(tx, 'reset_password', input.token)
    await lockAccount(tx, target.accountId)
    const self: Actor = { ...actor, kind: 'account', accountId: target.accountId, sessionId: '', signInAge: 0 }
    await storePassword(tx, target.accountId, password, standsAlone(parts, input.password))
    await endSessions(tx, target.accountId, 'password_reset', self)
    await forgetFailures(tx, identifierHash(parts.config.keys, target.canonical))
    await forgetFailures(tx, ownIdentifier(parts, target.accountId))
    await noteChange(tx, self, target.accountId, 'password.reset')
    return { recentChanges: await listRecentChanges(tx, target.accountId) }
  })
}

const primaryOf = (emails: Array<{ canonical: string; primary: boolean }>): string => emails.find((email) => email.primary)!.canonical

async function storePassword(tx: Tx, accountId: string, { hash, pepperId }: StoredPassword, alone: boolean): Promise<void> {
  await tx.execute(
    sql`update accounts set password_hash = ${hash}, pepper_id = ${pepperId}, password_stands_alone = ${alone} where id = ${accountId}`
  )
  // A reset that was mailed before must not undo this one.
  await tx.execute(sql`delete from mail_tokens where account_id = ${accountId} and purpose = 'reset_password' and used_at is null`)
}

async function noteChange(tx: Tx, actor: Actor, accountId: string, action: string): Promise<void> {
  await record(tx, { actor, chain: { kind: 'account', id: accountId }, action, resource: publicId('account', accountId) })
  await requestMail(tx, { kind: 'password_changed', accountId, place: addressPlace(actor.address), device: deviceName(actor.userAgent) })
}

// What somebody who had the password for a while would have used it for.
const worthALook = [
  'email.added',
  'email.verified',
  'email.removed',
  'email.primary_changed',
  'second_factor.added',
  'second_factor.removed',
  'second_factor.recovery_codes',
  'password.changed',
  'account.updated'
]

async function listRecentChanges(tx: Tx, accountId: string): Promise<RecentChange[]> {
  return rows<RecentChange>(
    tx,
    sql`select action, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from audit_events
      where chain_kind = 'account' and chain_id = ${accountId} and at > now() - interval '7 days' and action in (${sql.join(
        worthALook.map((action) => sql`${action}`),
        sql`, `
      )})
      order by sequence desc limit 50`
  )
}
