import { sql } from 'drizzle-orm'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { addressPlace } from '../http/addresses.ts'
import { publicId } from '../http/ids.ts'
import { requestMail } from '../mail/outbox.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { requireRecentSignIn } from '../sessions/recent-sign-in.ts'
import { deviceName, endSessions } from '../sessions/sessions.ts'
import { ownIdentifier, proveOwnPassword } from '../sessions/sign-in.ts'
import { forgetFailures, identifierHash } from '../sessions/sign-in-guard.ts'
import { bumpRevision, getAccount, lockAccount, lockAddress } from './accounts.ts'
import { findMailToken, useMailToken } from './mail-tokens.ts'
import type { StoredPassword } from './password-hasher.ts'
import { requireCanonical, requirePassword } from './requirements.ts'

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
  const { standsAlone } = await requirePassword(parts, input.newPassword, { ...account, email: primaryOf(account.emails) })
  const proven = await proveOwnPassword(parts, actor, input.currentPassword)
  const password = await parts.passwords.hash(input.newPassword)
  await db.transaction(async (tx) => {
    const locked = await lockAccount(tx, actor.accountId)
    // Reset while this one was being hashed: then the password that was proven no longer counts.
    if (locked.passwordHash !== proven.passwordHash) throw refuse('invalid_credentials')
    await forgetFailures(tx, ownIdentifier(parts, actor.accountId))
    await storePassword(tx, actor.accountId, password, standsAlone)
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
 * Sets a new password by a mailed token. Ends every session (S-4) and addresses that are not proven yet, and signs nobody in; a
 * suspension stays. Answers what changed in the account lately, for the owner to look over. @throws token_dead, password_refused, overloaded
 */
export async function resetPassword(
  parts: Parts,
  db: Db,
  actor: Actor,
  input: { token: string; password: string }
): Promise<{ recentChanges: RecentChange[] }> {
  const target = await parts.db.transaction((tx) => findMailToken(tx, 'reset_password', input.token))
  const account = await getAccount(parts.db, target.accountId)
  const { standsAlone } = await requirePassword(parts, input.password, { ...account, email: target.canonical })
  const password = await parts.passwords.hash(input.password)
  return db.transaction(async (tx) => {
    await lockAddress(tx, target.canonical)
    // Before the token: a change of the password or of the primary address holds the account when it ends the token.
    await lockAccount(tx, target.accountId)
    await useMailToken(tx, 'reset_password', input.token)
    const self: Actor = { ...actor, kind: 'account', accountId: target.accountId, sessionId: '', signInAge: 0 }
    await storePassword(tx, target.accountId, password, standsAlone)
    await endSessions(tx, target.accountId, 'password_reset', self)
    await removeUnproven(tx, target.accountId)
    await forgetFailures(tx, identifierHash(parts.config.keys, target.canonical))
    await forgetFailures(tx, ownIdentifier(parts, target.accountId))
    await noteChange(tx, self, target.accountId, 'password.reset')
    return { recentChanges: await listRecentChanges(tx, target.accountId) }
  })
}

const primaryOf = (emails: Array<{ canonical: string; primary: boolean }>): string => emails.find((email) => email.primary)!.canonical

async function storePassword(tx: Tx, accountId: string, { hash, pepperId }: StoredPassword, alone: boolean): Promise<void> {
  const stored = await rows(
    tx,
    sql`update accounts set password_hash = ${hash}, pepper_id = ${pepperId}, password_stands_alone = ${alone}
      where id = ${accountId} and (${alone}::boolean
        or exists (select from second_factors where account_id = ${accountId} and confirmed_at is not null)) returning id`
  )
  if (stored.length === 0) {
    // The second factor that allowed it was removed while it was being hashed.
    throw refuse('password_refused', { detail: 'Without a second factor this password is too short.', extensions: { reason: 'too_short' } })
  }
  // A reset that was mailed before must not undo this one.
  await tx.execute(sql`delete from mail_tokens where account_id = ${accountId} and purpose = 'reset_password' and used_at is null`)
}

/** Addresses that are being added may be those of somebody who had the password. */
async function removeUnproven(tx: Tx, accountId: string): Promise<void> {
  const removed = await rows(tx, sql`delete from emails where account_id = ${accountId} and verified_at is null returning id`)
  if (removed.length > 0) await bumpRevision(tx, accountId)
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

/** And in the organizations they are in: what changed about their own membership or by their hand. */
const worthALookInOrganizations = [
  'member.roles_changed',
  'ownership.offered',
  'ownership.offer_cancelled',
  'ownership.declined',
  'ownership.transferred'
]

const listed = (actions: string[]) =>
  sql.join(
    actions.map((action) => sql`${action}`),
    sql`, `
  )

async function listRecentChanges(tx: Tx, accountId: string): Promise<RecentChange[]> {
  const memberships = await rows<{ id: string }>(tx, sql`select id from memberships where account_id = ${accountId}`)
  const members = JSON.stringify(memberships.map(({ id }) => publicId('member', id)))
  return rows<RecentChange>(
    tx,
    sql`select action, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from (
        select action, at from audit_events
        where chain_kind = 'account' and chain_id = ${accountId} and at > now() - interval '7 days' and action in (${listed(worthALook)})
        union all
        select e.action, e.at from memberships m join audit_events e on e.chain_kind = 'organization' and e.chain_id = m.organization_id
        where m.account_id = ${accountId} and e.at > now() - interval '7 days' and e.action in (${listed(worthALookInOrganizations)})
          and (e.actor_id = ${accountId} or ${members}::jsonb ? e.resource or ${members}::jsonb ? (e.detail -> 'before' ->> 'ownerMemberId')
            or ${members}::jsonb ? (e.detail -> 'after' ->> 'ownerMemberId') or e.detail -> 'after' ->> 'toAccountId' = ${publicId('account', accountId)})
        union all
        select 'invitation.sent', i.sent_at from memberships m
          join invitations i on i.organization_id = m.organization_id and i.inviter_account_id = m.account_id
        where m.account_id = ${accountId} and i.sent_at > now() - interval '7 days') as changes
      order by at desc limit 50`
  )
}
