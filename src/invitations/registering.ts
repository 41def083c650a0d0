import { sql } from 'drizzle-orm'
import { type AccountView, lockAccount, lockAddress, lockClaimants, viewAccount } from '../accounts/accounts.ts'
import { activate, insertClaim, type Registration } from '../accounts/registration.ts'
import { requirePassword } from '../accounts/requirements.ts'
import type { Actor } from '../actor.ts'
import { type Db, rows } from '../db/database.ts'
import { touch } from '../http/consistency.ts'
import { newId } from '../http/ids.ts'
import { noteSignIn } from '../identity/own-evidence.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { openProfile, type ProfileContent } from '../profiles/profiles.ts'
import { openSession, type Tokens } from '../sessions/sessions.ts'
import { acceptLocked, type Joined, tellingAdmins } from './accepting.ts'
import { findByToken, isLive, readOpened } from './invitee.ts'

export interface InvitedRegistration extends Omit<Registration, 'email'> {
  /** Makes a freelancer profile with it, which joining an agency as freelancer needs (G-1). */
  freelancerProfile?: ProfileContent | undefined
}

export interface RegisteredAndJoined extends Joined {
  account: AccountView
  tokens: Tokens
}

/**
 * Registers somebody new and accepts for them, in one transaction (N-5). The link in the mail proves the address, so nothing else is to be
 * confirmed; a copied link proves nothing. Joins this organization and no other.
 * @throws token_dead, invitation_link_copied, account_exists, password_refused, overloaded, and whatever accepting is refused for
 */
export async function registerInvited(
  parts: Parts,
  db: Db,
  actor: Actor,
  { token, registration }: { token: string; registration: InvitedRegistration }
): Promise<RegisteredAndJoined> {
  const found = await findByToken(parts.db.query, token)
  const invitation = await readOpened(parts.db.query, found)
  if (!isLive(invitation)) throw refuse('token_dead')
  if (found.by === 'copied') throw refuse('invitation_link_copied')
  const { email, canonical } = invitation
  // Whoever reads the mailbox may know that it has an account; hashing would be in vain.
  const taken = sql`select from emails where canonical = ${canonical} and verified_at is not null`
  if ((await rows(parts.db.query, taken)).length > 0) throw refuse('account_exists')
  await requirePassword(parts, registration.password, { ...registration, email, secondFactor: false })
  const password = await parts.passwords.hash(registration.password)
  const { freelancerProfile, ...person } = registration
  const accountId = newId()
  return tellingAdmins(parts, found, () =>
    db.transaction(async (tx) => {
      await lockAddress(tx, canonical)
      await lockClaimants(tx, canonical)
      if ((await rows(tx, taken)).length > 0) throw refuse('account_exists')
      const { emailId } = await insertClaim(tx, actor, accountId, canonical, { ...person, email }, password)
      await lockAccount(tx, accountId)
      const self = await activate(tx, parts, actor, { accountId, emailId, canonical })
      if (freelancerProfile) await openProfile(tx, self, freelancerProfile)
      const joined = await acceptLocked(tx, parts, self, found, accountId)
      const tokens = await openSession(tx, parts, accountId, self)
      await noteSignIn(tx, parts.config, accountId, self)
      const account = await viewAccount(tx, accountId)
      touch(tx, 'account', accountId, account.version)
      return { ...joined, account, tokens }
    })
  )
}
