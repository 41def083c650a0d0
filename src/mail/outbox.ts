import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { newId } from '../http/ids.ts'
import { addJob } from '../jobs/queue.ts'

/**
 * What mails are about. Whom to tell and with which words is decided when a mail is sent: a request does the same work whether
 * or not anybody has the address (P-2).
 */
export type MailRequest =
  | { kind: 'registration'; accountId: string }
  | { kind: 'proof_requested'; canonical: string }
  | { kind: 'reset_requested'; canonical: string }
  | { kind: 'already_registered'; emailId: string }
  | { kind: 'address_added'; emailId: string }
  | { kind: 'address_taken'; emailId: string }
  | { kind: 'password_changed'; accountId: string; place: string; device: string }
  | { kind: 'primary_changed'; accountId: string; formerEmailId: string; undoable: boolean }
  | { kind: 'password_owed'; emailId: string }
  | { kind: 'address_confirmed'; primaryEmailId: string; masked: string }
  | { kind: 'address_removed'; accountId: string; masked: string }
  | { kind: 'second_factor_changed'; accountId: string; change: 'added' | 'removed' | 'recovery_codes' }
  | { kind: 'session_ended_reuse'; accountId: string; place: string; device: string }

/** Asks for a mail in the transaction of the change that causes it: both happen or neither. */
export async function requestMail(tx: Tx, { kind, ...data }: MailRequest): Promise<string> {
  const id = newId()
  await tx.execute(sql`insert into outbox (id, kind, data) values (${id}, ${kind}, ${JSON.stringify(data)}::jsonb)`)
  await addJob(tx, 'deliver_mail', { id }, { key: `mail:${id}` })
  return id
}
