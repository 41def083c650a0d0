import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { findActions } from '../enforcement/actions.ts'
import { findAppeals } from '../enforcement/appeals.ts'
import { reasonIn, remedyIn } from '../enforcement/reasons.ts'
import { publicId } from '../http/ids.ts'
import { adminAccountIds } from '../organizations/admins.ts'
import type { Parts } from '../parts.ts'
import { signedAppealUrl } from '../sessions/appeal-links.ts'
import type { Composed } from './compose.ts'
import type { MailContent } from './content.ts'
import { activePerson, fullName, primaryOf } from './holders.ts'
import type { EnforcementMailRequest } from './outbox.ts'

type Of<Kind extends EnforcementMailRequest['kind']> = Extract<EnforcementMailRequest, { kind: Kind }>

/** Mails about decisions of trust and safety. What they say must still be so when they are sent: undefined otherwise. */
export async function composeEnforcement(tx: Tx, parts: Parts, request: EnforcementMailRequest): Promise<Composed | undefined> {
  switch (request.kind) {
    case 'enforcement_notice':
      return composeNotice(tx, parts, request)
    case 'contact_unavailable':
      return composeContact(tx, parts, request)
    case 'appeal_received':
      return composeReceived(tx, parts, request.appealId)
    case 'appeal_answer':
      return composeAnswer(tx, parts, request)
  }
}

/** To the person, or to somebody who runs the organization, as long as the action stands. */
async function composeNotice(tx: Tx, parts: Parts, { actionId, accountId }: Of<'enforcement_notice'>): Promise<Composed | undefined> {
  const [action] = await findActions(tx, sql`x.id = ${actionId}`)
  const person = await primaryOf(tx, accountId)
  if (action?.status !== 'active' || !person || person.status === 'anonymised') return undefined
  const { subject, kind, reasonCode, endsAt } = action
  if (subject.kind !== 'account' && !(await adminAccountIds(tx, subject.id)).includes(accountId)) return undefined
  const [organization] =
    subject.kind === 'account'
      ? []
      : await rows<{ name: string; owner: string }>(
          tx,
          sql`select name, owner_account_id as owner from organizations where id = ${subject.id}`
        )
  const content: MailContent = {
    kind: 'enforcement_notice',
    firstName: person.firstName,
    subject: subject.kind,
    ...(organization ? { organization: organization.name } : {}),
    measure: kind,
    reason: reasonIn(person.locale, reasonCode).title,
    remedy: remedyIn(person.locale, action),
    ...(endsAt ? { until: new Date(endsAt) } : {}),
    ...(organization && organization.owner !== accountId ? {} : { appealLink: await signedAppealUrl(parts.config, tx, accountId) })
  }
  return { to: person.address, locale: person.locale, content }
}

/** K-2: the admins learn that a contact cannot act, and not why. */
async function composeContact(tx: Tx, { config }: Parts, request: Of<'contact_unavailable'>): Promise<Composed | undefined> {
  const { organizationId, contactAccountId, adminAccountId } = request
  const [company] = await rows<{ name: string; contracts: number }>(
    tx,
    sql`select o.name, (select count(*) from contracts c join memberships m on m.id = c.contact_membership_id
        where c.company_id = o.id and c.status = 'active' and m.account_id = ${contactAccountId})::int as contracts
      from organizations o join accounts a on a.id = ${contactAccountId}
      where o.id = ${organizationId} and a.enforcement in ('restricted', 'suspended', 'banned')`
  )
  const contact = await primaryOf(tx, contactAccountId)
  if (!company || company.contracts === 0 || !contact || !(await adminAccountIds(tx, organizationId)).includes(adminAccountId))
    return undefined
  const admin = await activePerson(tx, adminAccountId)
  if (!admin) return undefined
  const content: MailContent = {
    kind: 'contact_unavailable',
    firstName: admin.firstName,
    contact: fullName(contact),
    organization: company.name,
    amount: company.contracts,
    link: `${config.appUrl}/organizations/${publicId('company', organizationId)}`
  }
  return { to: admin.address, locale: admin.locale, content }
}

/** A receipt for whoever appealed. */
async function composeReceived(tx: Tx, { config }: Parts, appealId: string): Promise<Composed | undefined> {
  const [appeal] = await findAppeals(tx, sql`p.id = ${appealId}`)
  const person = appeal && (await primaryOf(tx, appeal.accountId))
  if (!person || person.status === 'anonymised') return undefined
  const link = await signedAppealUrl(config, tx, person.accountId)
  const content: MailContent = { kind: 'appeal_received', firstName: person.firstName, link }
  return { to: person.address, locale: person.locale, content }
}

/** To whom the appeal concerns now. A question that was answered meanwhile is asked no more. */
async function composeAnswer(
  tx: Tx,
  { config }: Parts,
  { appealId, messageId, outcome }: Of<'appeal_answer'>
): Promise<Composed | undefined> {
  const [appeal] = await findAppeals(tx, sql`p.id = ${appealId}`)
  const [message] = await rows<{ text: string }>(tx, sql`select text from appeal_messages where id = ${messageId}`)
  const person = appeal && (await primaryOf(tx, appeal.concerns))
  if (appeal?.status !== outcome || !message || !person || person.status === 'anonymised') return undefined
  const link = await signedAppealUrl(config, tx, person.accountId)
  const content: MailContent = { kind: 'appeal_answer', firstName: person.firstName, outcome, reason: message.text, link }
  return { to: person.address, locale: person.locale, content }
}
