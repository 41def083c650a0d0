import { sql } from 'drizzle-orm'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { type JoinableCompany, type JoinedCompany, joinableCompanies, joinByDomain } from '../domains/auto-join.ts'
import { touch } from '../http/consistency.ts'
import { newId, publicId } from '../http/ids.ts'
import { noteProvenAddress, noteSignIn } from '../identity/own-evidence.ts'
import { requestMail } from '../mail/outbox.ts'
import type { Parts } from '../parts.ts'
import { openSession, type Tokens } from '../sessions/sessions.ts'
import { forgetFailures, identifierHash } from '../sessions/sign-in-guard.ts'
import { type AccountView, lockAccount, lockAddress, lockClaimants, viewAccount } from './accounts.ts'
import { emailVersion } from './email-address.ts'
import { findMailToken, useMailToken } from './mail-tokens.ts'
import { isUnusable } from './password-hasher.ts'
import { requireCanonical, requirePassword } from './requirements.ts'

export interface Registration {
  email: string
  password: string
  firstName: string
  lastName: string
  countryCode: string
  intent: 'client' | 'freelancer'
  locale?: string | undefined
}

/**
 * Registers a claim to an email address. It reserves nothing and reveals nothing (P-1, P-2): the same rows are written whether or
 * not anybody has the address, and what the mail says is decided when it is sent. @throws email_invalid, password_refused, overloaded
 */
export async function registerAccount(parts: Parts, db: Db, actor: Actor, input: Registration): Promise<Record<string, never>> {
  const canonical = requireCanonical(input.email)
  await requirePassword(parts, input.password, { ...input, secondFactor: false })
  const password = await parts.passwords.hash(input.password)
  const accountId = newId()
  await db.transaction(async (tx) => {
    await insertClaim(tx, actor, accountId, canonical, input, password)
    await requestMail(tx, { kind: 'registration', accountId })
    return {}
  })
  return {}
}

/** Writes an account with its unproven address: a claim that reserves nothing (P-1). */
export async function insertClaim(
  tx: Tx,
  actor: Actor,
  accountId: string,
  canonical: string,
  input: Omit<Registration, 'password'>,
  password: { hash: string; pepperId: string }
): Promise<{ emailId: string }> {
  const emailId = newId()
  await tx.execute(sql`
    with account as (
      insert into accounts (id, status, first_name, last_name, country_code, intent, locale, password_hash, pepper_id, password_stands_alone)
      values (${accountId}, 'pending_email', ${input.firstName}, ${input.lastName}, ${input.countryCode}, ${input.intent}, ${input.locale ?? 'en'},
        ${password.hash}, ${password.pepperId}, true) returning id
    )
    insert into emails (id, account_id, address, canonical, canonical_version, is_primary)
    select ${emailId}, id, ${input.email}, ${canonical}, ${emailVersion}, true from account`)
  await record(tx, {
    actor,
    chain: { kind: 'account', id: accountId },
    action: 'account.registered',
    resource: publicId('account', accountId),
    detail: { intent: input.intent }
  })
  return { emailId }
}

/** Asks for a new proof mail. The same work for any address (P-2): who gets one is decided when it is sent. @throws email_invalid */
export async function requestEmailProof(db: Db, email: string): Promise<Record<string, never>> {
  const canonical = requireCanonical(email)
  return db.transaction(async (tx) => {
    await requestMail(tx, { kind: 'proof_requested', canonical })
    return {}
  })
}

export interface VerifiedEmail {
  account: AccountView
  tokens: Tokens
  joined: JoinedCompany | undefined
  joinable: JoinableCompany[]
}

/**
 * Proves the address of a registration and makes the account active (P-3). The first to prove an address wins it (P-1): all other
 * claims to it end here, with all they left behind. The company whose domain it is at may take the person in, or be offered (D-5). Signs the
 * person in. @throws token_dead
 */
export async function verifyEmail(parts: Parts, db: Db, actor: Actor, token: string): Promise<VerifiedEmail> {
  return db.transaction(async (tx) => {
    const { accountId, emailId, canonical } = await findMailToken(tx, 'verify_email', token)
    await lockAddress(tx, canonical)
    await lockClaimants(tx, canonical)
    await useMailToken(tx, 'verify_email', token)
    const { passwordHash } = await lockAccount(tx, accountId)
    // Whose claim it was could not be told: its password may be a stranger's, so a new one is chosen by mail.
    if (isUnusable(passwordHash)) await requestMail(tx, { kind: 'password_owed', emailId })
    const self = await activate(tx, parts, actor, { accountId, emailId, canonical })
    const joined = await joinByDomain(tx, parts, self, accountId, canonical)
    const joinable = await joinableCompanies(tx, accountId)
    const tokens = await openSession(tx, parts, accountId, self)
    await noteSignIn(tx, parts.config, accountId, self)
    const account = await viewAccount(tx, accountId)
    touch(tx, 'account', accountId, account.version)
    return { account, tokens, joined, joinable }
  })
}

/** Makes an account active whose address is proven by what the caller holds (P-3); answers the person as an actor. The address and all who claim it are locked. */
export async function activate(
  tx: Tx,
  parts: Parts,
  actor: Actor,
  { accountId, emailId, canonical }: { accountId: string; emailId: string; canonical: string }
): Promise<ActorOf<'account'>> {
  const address = await proveAddress(tx, emailId, canonical)
  await tx.execute(sql`update accounts set status = 'active', activated_at = now() where id = ${accountId} and status = 'pending_email'`)
  await forgetFailures(tx, identifierHash(parts.config.keys, canonical))
  await noteProvenAddress(tx, parts.config.keys, accountId, canonical)
  const self: ActorOf<'account'> = { ...actor, kind: 'account', accountId, sessionId: '', signInAge: 0 }
  await record(tx, {
    actor: self,
    chain: { kind: 'account', id: accountId },
    action: 'account.activated',
    resource: publicId('account', accountId),
    personal: { address },
    event: { before: { status: 'pending_email' }, after: { status: 'active' } }
  })
  return self
}

/**
 * Marks an address as proven. The unique index decides when two prove it at once; all unproven claims of others to it are deleted,
 * and with them the accounts that had nothing else. The address and all who claim it are locked. Answers the address as it was typed.
 */
export async function proveAddress(tx: Tx, emailId: string, canonical: string): Promise<string> {
  const [proven] = await rows<{ address: string }>(tx, sql`update emails set verified_at = now() where id = ${emailId} returning address`)
  await tx.execute(sql`
    delete from accounts where status = 'pending_email'
      and id in (select account_id from emails where canonical = ${canonical} and id <> ${emailId} and verified_at is null)`)
  // Those who keep their account see an address less, so it has another version.
  await tx.execute(sql`
    with lost as (delete from emails where canonical = ${canonical} and id <> ${emailId} and verified_at is null returning account_id)
    update accounts set revision = revision + 1, version = version + 1 where id in (select account_id from lost)`)
  return proven!.address
}
