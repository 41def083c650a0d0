import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { findActions } from '../enforcement/actions.ts'
import { findCases, isUndecided } from '../identity/cases.ts'
import type { VerificationDefect } from '../identity/defects.ts'
import { findVerifications } from '../identity/verifications.ts'
import type { Parts } from '../parts.ts'
import { signedAppealUrl } from '../sessions/appeal-links.ts'
import type { Composed } from './compose.ts'
import { activePerson } from './holders.ts'
import type { IdentityMailRequest } from './outbox.ts'

type Of<Kind extends IdentityMailRequest['kind']> = Extract<IdentityMailRequest, { kind: Kind }>

/** Mails about duplicate cases and verification. What they say must still be so when they are sent: undefined otherwise. */
export async function composeIdentity(tx: Tx, parts: Parts, request: IdentityMailRequest): Promise<Composed | undefined> {
  switch (request.kind) {
    case 'duplicate_case':
      return composeCase(tx, parts, request)
    case 'case_closed':
      return composeCaseClosed(tx, request)
    case 'verification_requested':
      return composeRequested(tx, parts, request)
    case 'verification_result':
      return composeResult(tx, parts, request)
  }
}

/** Whoever has the newer account is asked to choose, or told what they seem to go round, and how to appeal (P-8, P-9). */
async function composeCase(tx: Tx, { config }: Parts, { caseId, accountId }: Of<'duplicate_case'>): Promise<Composed | undefined> {
  const [found] = await findCases(tx, sql`c.id = ${caseId}`)
  const person = await activePerson(tx, accountId)
  if (!person || !found || !(isUndecided(found) || found.status === 'circumvention')) return undefined
  const [verification] = await findVerifications(tx, sql`v.case_id = ${caseId} and v.account_id = ${accountId}`)
  const until = verification?.deadline ? { until: new Date(verification.deadline) } : {}
  const [deadline] = await findActions(
    tx,
    sql`x.case_id = ${caseId} and x.account_id = ${accountId} and x.status = 'active' and lower(x.during) > now()`
  )
  const chooseBy = deadline ? { chooseBy: new Date(deadline.startsAt) } : {}
  const open = isUndecided(found)
  const links = { ...(open ? { link: `${config.appUrl}/duplicate-case` } : {}), appealLink: await signedAppealUrl(config, tx, accountId) }
  const what = open ? (found.kind === 'circumvention' ? 'circumvention' : 'choose') : 'decided'
  return {
    to: person.address,
    locale: person.locale,
    content: { kind: 'duplicate_case', firstName: person.firstName, what, ...until, ...chooseBy, ...links }
  }
}

async function composeCaseClosed(tx: Tx, { accountId }: Of<'case_closed'>): Promise<Composed | undefined> {
  const person = await activePerson(tx, accountId)
  return person && { to: person.address, locale: person.locale, content: { kind: 'case_closed', firstName: person.firstName } }
}

async function composeRequested(
  tx: Tx,
  { config }: Parts,
  { verificationId }: Of<'verification_requested'>
): Promise<Composed | undefined> {
  const [asked] = await findVerifications(tx, sql`v.id = ${verificationId}`)
  const person = asked && (await activePerson(tx, asked.accountId))
  if (!person || asked.status !== 'requested' || !asked.deadline) return undefined
  const link = `${config.appUrl}/identity-verification`
  const { firstName, address, locale } = person
  return { to: address, locale, content: { kind: 'verification_requested', firstName, until: new Date(asked.deadline), link } }
}

async function composeResult(
  tx: Tx,
  { config }: Parts,
  { verificationId, outcome }: Of<'verification_result'>
): Promise<Composed | undefined> {
  const [verification] = await findVerifications(tx, sql`v.id = ${verificationId}`)
  const person = verification && (await activePerson(tx, verification.accountId))
  if (!person || verification.status !== outcome) return undefined
  const { firstName, address, locale } = person
  const link = `${config.appUrl}/identity-verification`
  if (outcome === 'verified') return { to: address, locale, content: { kind: 'verification_passed', firstName } }
  const until = verification.deadline ? { until: new Date(verification.deadline) } : {}
  const defects = verification.defects as VerificationDefect[]
  return { to: address, locale, content: { kind: 'verification_failed', firstName, defects, ...until, link } }
}
