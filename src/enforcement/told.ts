import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import type { MailRequest } from '../mail/outbox.ts'
import { adminAccountIds } from '../organizations/admins.ts'
import type { Action } from './actions.ts'

/**
 * The mails that an action in force causes: to the person, or to those who run the organization; and to the admins of companies in which a
 * person who may not act is contact of active contracts (K-2). Those are told that, never why.
 */
export async function whoIsTold(tx: Tx, { id, subject, kind }: Pick<Action, 'id' | 'subject' | 'kind'>): Promise<MailRequest[]> {
  if (subject.kind !== 'account') {
    const admins = await adminAccountIds(tx, subject.id)
    return admins.map((accountId) => ({ kind: 'enforcement_notice', actionId: id, accountId }))
  }
  const own: MailRequest = { kind: 'enforcement_notice', actionId: id, accountId: subject.id }
  if (kind === 'notice' || kind === 'warning') return [own]
  const companies = await rows<{ id: string }>(
    tx,
    sql`select distinct m.organization_id as id from memberships m join contracts c on c.contact_membership_id = m.id and c.status = 'active'
      where m.account_id = ${subject.id} order by 1`
  )
  const mails: MailRequest[] = [own]
  for (const company of companies) {
    for (const adminAccountId of await adminAccountIds(tx, company.id)) {
      if (adminAccountId !== subject.id)
        mails.push({ kind: 'contact_unavailable', organizationId: company.id, contactAccountId: subject.id, adminAccountId })
    }
  }
  return mails
}
