import { sql } from 'drizzle-orm'
import { lockAddress, maskAddress } from '../accounts/accounts.ts'
import { issueMailToken } from '../accounts/mail-tokens.ts'
import { rows, type Tx } from '../db/database.ts'
import type { Parts } from '../parts.ts'
import { composeClosed, composeErasure, composeErasureCancelled, composeReactivation } from './compose-closing.ts'
import { composeEnforcement } from './compose-enforcement.ts'
import { composeIdentity } from './compose-identity.ts'
import { composeJoining } from './compose-joining.ts'
import { composeNotice, composeOwnershipOffered } from './compose-notices.ts'
import { composeSharing } from './compose-sharing.ts'
import type { MailContent } from './content.ts'
import { type Holder, holderOf, latestClaim, primaryOf, provenHolder, unprovenHolder } from './holders.ts'
import { issueLimited, mayMail, settle } from './limited.ts'
import type { MailRequest } from './outbox.ts'

/** A mail that is to be sent: the spelling of the address as its owner typed it, never as a later request wrote it. */
export interface Composed {
  to: string
  locale: string
  content: MailContent
  /** Beside those that every mail has. */
  headers?: Record<string, string>
}

/**
 * Decides whom a mail goes to and what it says, with what is true now; undefined when there is nothing to send. Trying again gives the
 * same token. Mails that strangers can cause are limited for each address, silently.
 */
export async function composeMail(tx: Tx, parts: Parts, id: string, request: MailRequest): Promise<Composed | undefined> {
  switch (request.kind) {
    case 'registration':
      return composeRegistration(tx, parts, id, await primaryOf(tx, request.accountId))
    case 'proof_requested': {
      await lockAddress(tx, request.canonical)
      return (await provenHolder(tx, request.canonical)) ? undefined : composeProofAgain(tx, parts, id, request.canonical)
    }
    case 'reset_requested':
      return composeReset(tx, parts, id, request.canonical)
    case 'already_registered':
      return tellRegistered(parts, await holderOf(tx, request.emailId))
    case 'address_added':
      return composeAddressProof(tx, parts, id, request.emailId)
    case 'address_taken':
      return tellTaken(await holderOf(tx, request.emailId))
    case 'primary_changed':
      return composePrimaryChanged(tx, parts, id, request)
    case 'password_owed':
      return composeOwedReset(tx, parts, id, await holderOf(tx, request.emailId))
    case 'address_confirmed':
      return tellConfirmed(await holderOf(tx, request.primaryEmailId), request.masked)
    case 'ownership_offered':
      return composeOwnershipOffered(tx, parts, request.transferId)
    case 'sharing_suspected':
      return composeSharing(tx, parts, request.signalId)
    case 'password_changed':
    case 'address_removed':
    case 'second_factor_changed':
    case 'session_ended_reuse':
    case 'sessions_ended':
    case 'new_sign_in':
      return composeNotice(tx, id, request)
    case 'enforcement_notice':
    case 'contact_unavailable':
    case 'appeal_received':
    case 'appeal_answer':
      return composeEnforcement(tx, parts, request)
    case 'duplicate_case':
    case 'case_closed':
    case 'verification_requested':
    case 'verification_result':
      return composeIdentity(tx, parts, request)
    case 'account_closed':
      return composeClosed(tx, parts, id, request)
    case 'erasure_scheduled':
      return composeErasure(tx, parts, request)
    case 'erasure_cancelled':
      return composeErasureCancelled(tx, id, request)
    case 'reactivation_requested': {
      await lockAddress(tx, request.canonical)
      const owner = await provenHolder(tx, request.canonical)
      return owner?.status === 'active' ? tellOwner(tx, parts, id, owner) : composeReactivation(tx, parts, id, owner)
    }
    default:
      return composeJoining(tx, parts, request)
  }
}

/**
 * The owner of an address that is proven already is told (P-2); the claim itself stays until it is cleaned up, like one to a free
 * address, or its absence would tell. Any other registration gets its proof link.
 */
async function composeRegistration(tx: Tx, parts: Parts, id: string, claim: Holder | undefined): Promise<Composed | undefined> {
  if (claim?.status !== 'pending_email') return undefined
  await lockAddress(tx, claim.canonical)
  const owner = await provenHolder(tx, claim.canonical)
  if (!owner) return composeProof(tx, parts, id, claim)
  return tellOwner(tx, parts, id, owner)
}

/** Tells the owner of a proven address what they have already, within the share of the address. */
async function tellOwner(tx: Tx, parts: Parts, id: string, owner: Holder): Promise<Composed | undefined> {
  if (!(await mayMail(parts, 'registered', owner.canonical))) return undefined
  await settle(tx, id, { kind: 'already_registered', emailId: owner.emailId })
  return tellRegistered(parts, owner)
}

function tellRegistered(parts: Parts, owner: Holder | undefined): Composed | undefined {
  if (!owner) return undefined
  const { appUrl } = parts.config
  const content: MailContent =
    owner.status === 'closed'
      ? { kind: 'closed_account', firstName: owner.firstName, link: `${appUrl}/reactivate` }
      : { kind: 'already_registered', firstName: owner.firstName, signInLink: appUrl, resetLink: `${appUrl}/reset-password` }
  return { to: owner.address, locale: owner.locale, content }
}

async function composeProof(tx: Tx, parts: Parts, id: string, claim: Holder): Promise<Composed | undefined> {
  const token = await issueLimited(tx, parts, 'proof', claim, { id, purpose: 'verify_email', seconds: parts.config.VERIFICATION_SECONDS })
  if (!token) return undefined
  const link = `${parts.config.appUrl}/verify-email#token=${token}`
  const hours = Math.round(parts.config.VERIFICATION_SECONDS / 3600)
  return { to: claim.address, locale: claim.locale, content: { kind: 'verify_email', firstName: claim.firstName, link, hours } }
}

/**
 * A link for the latest registration of an address. When several claim it, nobody can tell whose words these are: the link then proves
 * the address only, and the password of that registration is made unusable.
 */
async function composeProofAgain(tx: Tx, parts: Parts, id: string, canonical: string): Promise<Composed | undefined> {
  const claim = await latestClaim(tx, canonical)
  if (!claim) return undefined
  const mail = await composeProof(tx, parts, id, claim)
  const others = await rows(
    tx,
    sql`select 1 from emails e join accounts a on a.id = e.account_id
      where e.canonical = ${canonical} and a.status = 'pending_email' and a.id <> ${claim.accountId} limit 1`
  )
  if (mail && others.length > 0) {
    const { hash, pepperId } = parts.passwords.unusable()
    await tx.execute(sql`update accounts set password_hash = ${hash}, pepper_id = ${pepperId} where id = ${claim.accountId}`)
  }
  return mail
}

/** Somebody whose address is not proven yet gets the proof link: there is nothing to reset. */
async function composeReset(tx: Tx, parts: Parts, id: string, canonical: string): Promise<Composed | undefined> {
  await lockAddress(tx, canonical)
  const owner = await provenHolder(tx, canonical)
  if (!owner) return composeProofAgain(tx, parts, id, canonical)
  if (owner.status === 'closed') return tellOwner(tx, parts, id, owner)
  if (owner.status !== 'active') return undefined
  const token = await issueLimited(tx, parts, 'reset', owner, { id, purpose: 'reset_password', seconds: parts.config.RESET_SECONDS })
  return token === undefined ? undefined : resetMail(parts, owner, token)
}

/** For whoever is left without a usable password: not limited, since strangers could have used the share up. */
async function composeOwedReset(tx: Tx, parts: Parts, id: string, owner: Holder | undefined): Promise<Composed | undefined> {
  if (owner?.status !== 'active') return undefined
  const { accountId, emailId } = owner
  await lockAddress(tx, owner.canonical)
  const seconds = parts.config.RESET_SECONDS
  const token = await issueMailToken(tx, parts.config.keys, { id, purpose: 'reset_password', accountId, emailId, seconds })
  return resetMail(parts, owner, token)
}

function resetMail(parts: Parts, owner: Holder, token: string): Composed {
  const link = `${parts.config.appUrl}/reset-password#token=${token}`
  const minutes = Math.round(parts.config.RESET_SECONDS / 60)
  return { to: owner.address, locale: owner.locale, content: { kind: 'reset_password', firstName: owner.firstName, link, minutes } }
}

async function composeAddressProof(tx: Tx, parts: Parts, id: string, emailId: string): Promise<Composed | undefined> {
  const added = await unprovenHolder(tx, emailId)
  if (!added) return undefined
  await lockAddress(tx, added.canonical)
  const owner = await provenHolder(tx, added.canonical)
  if (owner) {
    if (!(await mayMail(parts, 'taken', added.canonical))) return undefined
    await settle(tx, id, { kind: 'address_taken', emailId: owner.emailId })
    return tellTaken(owner)
  }
  const token = await issueLimited(tx, parts, 'proof', added, {
    id,
    purpose: 'verify_address',
    seconds: parts.config.ADDRESS_PROOF_SECONDS
  })
  if (!token) return undefined
  const link = `${parts.config.appUrl}/confirm-email#token=${token}&email=${encodeURIComponent(added.canonical)}`
  const minutes = Math.round(parts.config.ADDRESS_PROOF_SECONDS / 60)
  return {
    to: added.address,
    locale: added.locale,
    content: { kind: 'address_proof', firstName: added.firstName, address: added.address, link, minutes }
  }
}

const tellTaken = (owner: Holder | undefined): Composed | undefined =>
  owner && { to: owner.address, locale: owner.locale, content: { kind: 'address_taken' } }

/** Goes to the address that was primary when another one was proven: the new one may be somebody else's, and primary by now. */
const tellConfirmed = (owner: Holder | undefined, masked: string): Composed | undefined =>
  owner && {
    to: owner.address,
    locale: owner.locale,
    content: { kind: 'address_confirmed', firstName: owner.firstName, addressMasked: masked }
  }

/** Goes to the former address: whoever changed it may not be its owner. Only an address that was proven before the new one can undo. */
async function composePrimaryChanged(
  tx: Tx,
  parts: Parts,
  id: string,
  request: Extract<MailRequest, { kind: 'primary_changed' }>
): Promise<Composed | undefined> {
  const former = await holderOf(tx, request.formerEmailId)
  const primary = await primaryOf(tx, request.accountId)
  if (!former || !primary) return undefined
  const named = { kind: 'primary_changed', firstName: former.firstName, newAddressMasked: maskAddress(primary.address) } as const
  if (!request.undoable) return { to: former.address, locale: former.locale, content: named }
  const seconds = parts.config.UNDO_SECONDS
  const token = await issueMailToken(tx, parts.config.keys, {
    id,
    purpose: 'undo_email_change',
    accountId: former.accountId,
    emailId: former.emailId,
    seconds
  })
  const undoLink = `${parts.config.appUrl}/undo-email-change#token=${token}`
  return { to: former.address, locale: former.locale, content: { ...named, undo: { link: undoLink, hours: Math.round(seconds / 3600) } } }
}
