import { sql } from 'drizzle-orm'
import { issueMailToken, type MailTokenPurpose } from '../accounts/mail-tokens.ts'
import { rows, type Tx } from '../db/database.ts'
import type { Parts } from '../parts.ts'
import type { Holder } from './holders.ts'
import type { MailRequest } from './outbox.ts'

interface LimitedToken {
  id: string
  purpose: MailTokenPurpose
  seconds: number
}

/**
 * A token for a mail that strangers can cause; undefined once the address has had its share. A retry is not counted again. Mails may
 * overtake each other: one that was asked for before another gets no token after it, so that the newest link is the one that works.
 */
export async function issueLimited(tx: Tx, parts: Parts, share: string, to: Holder, token: LimitedToken): Promise<string | undefined> {
  const [newest] = await rows<{ id: string }>(
    tx,
    sql`select id from mail_tokens where purpose = ${token.purpose} and id >= ${token.id}
      and case when purpose in ('reset_password', 'reactivate') then account_id = ${to.accountId} else email_id = ${to.emailId} end order by id desc limit 1`
  )
  if (newest ? newest.id !== token.id : !(await mayMail(parts, share, to.canonical))) return undefined
  return issueMailToken(tx, parts.config.keys, { ...token, accountId: to.accountId, emailId: to.emailId })
}

/** Whether a mail that strangers can cause may still go to an address; counts it. */
export const mayMail = async (parts: Parts, share: string, canonical: string): Promise<boolean> =>
  (await parts.limits.use(parts.policies.recoveryMail, `${share} ${canonical}`)).allowed

/** Notes what a mail turned out to be about: trying again neither counts it again nor needs what is gone by then. */
export async function settle(tx: Tx, id: string, { kind, ...data }: MailRequest): Promise<void> {
  await tx.execute(sql`update outbox set kind = ${kind}, data = ${JSON.stringify(data)}::jsonb where id = ${id}`)
}
