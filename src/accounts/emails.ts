import { sql } from 'drizzle-orm'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { newId, publicId } from '../http/ids.ts'
import { noteProvenAddress } from '../identity/own-evidence.ts'
import { requestMail } from '../mail/outbox.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { requireRecentSignIn } from '../sessions/recent-sign-in.ts'
import { endSessions } from '../sessions/sessions.ts'
import { type AccountView, bumpRevision, lockAccount, lockAddress, lockClaimants, maskAddress, viewAccount } from './accounts.ts'
import { canonicalEmail, emailVersion } from './email-address.ts'
import { findMailToken, useMailToken } from './mail-tokens.ts'
import { proveAddress } from './registration.ts'
import { requireCanonical } from './requirements.ts'

interface OwnEmail {
  id: string
  address: string
  canonical: string
  primary: boolean
  verified: boolean
  /** Milliseconds since 1970; not a number while it is not proven. */
  verifiedAt: number
}

async function listOwn(tx: Tx, accountId: string): Promise<OwnEmail[]> {
  return rows<OwnEmail>(
    tx,
    sql`select id, address, canonical, is_primary as "primary", verified_at is not null as verified,
        (extract(epoch from verified_at) * 1000)::float8 as "verifiedAt" from emails where account_id = ${accountId}`
  )
}

/** One of the account's addresses, by any spelling of it. @throws not_found */
async function requireOwn(tx: Tx, accountId: string, address: string): Promise<OwnEmail> {
  const canonical = canonicalEmail(address)
  const found = canonical.ok && (await listOwn(tx, accountId)).find((email) => email.canonical === canonical.canonical)
  if (!found) throw refuse('not_found')
  return found
}

async function note(tx: Tx, actor: Actor, accountId: string, action: string, emailId: string, address: string): Promise<void> {
  await bumpRevision(tx, accountId)
  await record(tx, {
    actor,
    chain: { kind: 'account', id: accountId },
    action,
    resource: publicId('account', accountId),
    detail: { emailId },
    personal: { address },
    event: { after: { emailId } }
  })
}

/**
 * Adds an address, unproven, and mails its proof to it. Says nothing about whether somebody else has it: then that person is told.
 * Adding one that is there already changes nothing. @throws email_invalid, email_limit, reauthentication_required
 */
export async function addEmail(parts: Parts, db: Db, actor: ActorOf<'account'>, address: string): Promise<AccountView> {
  requireRecentSignIn(parts, actor)
  const canonical = requireCanonical(address)
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    const own = await listOwn(tx, actor.accountId)
    const known = own.find((email) => email.canonical === canonical)
    if (known?.verified) return viewAccount(tx, actor.accountId)
    if (!known && own.length >= parts.config.EMAILS_PER_ACCOUNT) throw refuse('email_limit')
    const emailId = known?.id ?? newId()
    if (!known) {
      await tx.execute(sql`insert into emails (id, account_id, address, canonical, canonical_version, is_primary)
        values (${emailId}, ${actor.accountId}, ${address}, ${canonical}, ${emailVersion}, false)`)
      await note(tx, actor, actor.accountId, 'email.added', emailId, address)
    }
    await requestMail(tx, { kind: 'address_added', emailId })
    return viewAccount(tx, actor.accountId)
  })
}

/** Proves one of the account's addresses by the token mailed to it, and nothing else (P-1). @throws token_dead, not_found */
export async function verifyOwnEmail(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  address: string,
  token: string
): Promise<AccountView> {
  return db.transaction(async (tx) => {
    const target = await findMailToken(tx, 'verify_address', token)
    if (target.accountId !== actor.accountId) throw refuse('token_dead')
    await lockAddress(tx, target.canonical)
    await lockClaimants(tx, target.canonical)
    await lockAccount(tx, actor.accountId)
    await useMailToken(tx, 'verify_address', token)
    const email = await requireOwn(tx, actor.accountId, address)
    if (target.emailId !== email.id) throw refuse('token_dead')
    await proveAddress(tx, email.id, email.canonical)
    await noteProvenAddress(tx, parts.config.keys, actor.accountId, email.canonical)
    await note(tx, actor, actor.accountId, 'email.verified', email.id, email.address)
    const primary = (await listOwn(tx, actor.accountId)).find((one) => one.primary)!
    await requestMail(tx, { kind: 'address_confirmed', primaryEmailId: primary.id, masked: maskAddress(email.address) })
    return viewAccount(tx, actor.accountId)
  })
}

/**
 * Makes a proven address the primary one. Ends all other sessions and pending resets; the former address is told, with a link that
 * undoes it. @throws not_found, email_not_proven, reauthentication_required
 */
export async function makeEmailPrimary(parts: Parts, db: Db, actor: ActorOf<'account'>, address: string): Promise<AccountView> {
  requireRecentSignIn(parts, actor)
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    const email = await requireOwn(tx, actor.accountId, address)
    if (!email.verified) throw refuse('email_not_proven')
    if (email.primary) return viewAccount(tx, actor.accountId)
    const former = (await listOwn(tx, actor.accountId)).find((one) => one.primary)!
    await setPrimary(tx, actor.accountId, email.id)
    await endSessions(tx, actor.accountId, 'email_changed', actor, actor.sessionId)
    await note(tx, actor, actor.accountId, 'email.primary_changed', email.id, email.address)
    // The younger address never takes the account from the older one, not by an undo either.
    const undoable = former.verifiedAt < email.verifiedAt
    await requestMail(tx, { kind: 'primary_changed', accountId: actor.accountId, formerEmailId: former.id, undoable })
    return viewAccount(tx, actor.accountId)
  })
}

async function setPrimary(tx: Tx, accountId: string, emailId: string): Promise<void> {
  // Two statements: the unique index allows one primary address at any moment.
  await tx.execute(sql`update emails set is_primary = false where account_id = ${accountId} and is_primary`)
  await tx.execute(sql`update emails set is_primary = true where id = ${emailId}`)
  await tx.execute(sql`delete from mail_tokens where account_id = ${accountId} and purpose = 'reset_password' and used_at is null`)
}

/**
 * Takes an address away from the account. A former primary one stays while its owner can still undo the change.
 * @throws not_found, email_primary, email_recently_primary, reauthentication_required
 */
export async function removeEmail(parts: Parts, db: Db, actor: ActorOf<'account'>, address: string): Promise<{ removed: string }> {
  requireRecentSignIn(parts, actor)
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    const email = await requireOwn(tx, actor.accountId, address)
    if (email.primary) throw refuse('email_primary')
    if (await canBeUndoneFrom(tx, email.id)) throw refuse('email_recently_primary')
    await tx.execute(sql`delete from emails where id = ${email.id}`)
    await note(tx, actor, actor.accountId, 'email.removed', email.id, email.address)
    if (email.verified) await requestMail(tx, { kind: 'address_removed', accountId: actor.accountId, masked: maskAddress(email.address) })
    return { removed: email.address }
  })
}

/** Whether a change away from this address can still be undone, counting one whose mail is still on its way. */
async function canBeUndoneFrom(tx: Tx, emailId: string): Promise<boolean> {
  const found = await rows(
    tx,
    sql`select 1 from mail_tokens where email_id = ${emailId} and purpose = 'undo_email_change' and used_at is null and expires_at > now()
      union all
      select 1 from outbox where kind = 'primary_changed' and status = 'waiting' and data ->> 'formerEmailId' = ${emailId}
        and (data ->> 'undoable')::boolean`
  )
  return found.length > 0
}

/**
 * Undoes a change of the primary address from the former one, without signing in: whoever changed it may hold the password. The former
 * address is primary again; addresses proven after it, a second factor set up since, all sessions, pending resets and the password end;
 * a link for a new password goes to it.
 * @throws token_dead
 */
export async function undoEmailChange(parts: Parts, db: Db, actor: Actor, token: string): Promise<Record<string, never>> {
  return db.transaction(async (tx) => {
    const { accountId, emailId, canonical } = await findMailToken(tx, 'undo_email_change', token)
    await lockAddress(tx, canonical)
    await lockAccount(tx, accountId)
    await useMailToken(tx, 'undo_email_change', token)
    await setPrimary(tx, accountId, emailId)
    await removeYounger(tx, accountId, emailId)
    await removeSecretsSince(tx, parts, accountId, emailId)
    const self: Actor = { ...actor, kind: 'account', accountId, sessionId: '', signInAge: 0 }
    await endSessions(tx, accountId, 'email_change_undone', self)
    await note(tx, self, accountId, 'email.change_undone', emailId, canonical)
    await requestMail(tx, { kind: 'password_owed', emailId })
    return {}
  })
}

/**
 * Whoever made the change that is undone may have proven addresses of their own, and could reset the password by them. One that was
 * proven before stays: the younger address never takes the account from the older one.
 */
async function removeYounger(tx: Tx, accountId: string, emailId: string): Promise<void> {
  await tx.execute(sql`
    delete from emails where account_id = ${accountId}
      and (verified_at is null or verified_at > (select verified_at from emails where id = ${emailId}))`)
}

/** Nor may the password, or a second factor that was set up since the change, let them in again. */
async function removeSecretsSince(tx: Tx, parts: Parts, accountId: string, emailId: string): Promise<void> {
  const { hash, pepperId } = parts.passwords.unusable()
  await tx.execute(
    sql`update accounts set password_hash = ${hash}, pepper_id = ${pepperId}, password_stands_alone = true where id = ${accountId}`
  )
  await tx.execute(sql`
    with removed as (
      delete from second_factors where account_id = ${accountId} and (confirmed_at is null or confirmed_at >
        (select max(created_at) from mail_tokens where email_id = ${emailId} and purpose = 'undo_email_change')) returning account_id
    )
    delete from recovery_codes where account_id in (select account_id from removed)`)
}
