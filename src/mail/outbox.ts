import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { newId } from '../http/ids.ts'
import { jobOf } from '../jobs/queue.ts'

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
  | { kind: 'second_factor_changed'; accountId: string; change: 'added' | 'removed' | 'removed_by_support' | 'recovery_codes' }
  | { kind: 'sessions_ended'; accountId: string }
  | { kind: 'session_ended_reuse'; accountId: string; place: string; device: string }
  | { kind: 'new_sign_in'; accountId: string; place: string; device: string }
  | { kind: 'sharing_suspected'; signalId: string }
  | { kind: 'ownership_offered'; transferId: string }
  | JoiningMailRequest
  | EnforcementMailRequest
  | ClosingMailRequest
  | IdentityMailRequest

/** Mails about coming into organizations. `adminAccountId`: whom it is for, among those who run the organization. */
export type JoiningMailRequest =
  | { kind: 'invitation' | 'invitation_reminder'; invitationId: string; tokenId: string }
  | { kind: 'invitation_accepted' | 'invitation_declined'; invitationId: string }
  | { kind: 'invitation_stuck'; invitationId: string; adminAccountId: string; why: 'inviter' | 'outdated' }
  | { kind: 'member_joined'; organizationId: string; accountId: string; adminAccountId: string; source: 'domain' | 'join_link' }
  | { kind: 'join_requested'; requestId: string; adminAccountId: string }
  | { kind: 'join_request_decided'; requestId: string }
  | { kind: 'domain_notice'; domainId: string; adminAccountId: string; what: 'paused' | 'resumed' | 'lost' | 'contested' }

/** Mails about decisions of trust and safety. */
export type EnforcementMailRequest =
  | { kind: 'enforcement_notice'; actionId: string; accountId: string }
  | { kind: 'contact_unavailable'; organizationId: string; contactAccountId: string; adminAccountId: string }
  | { kind: 'appeal_received'; appealId: string }
  | { kind: 'appeal_answer'; appealId: string; messageId: string; outcome: 'granted' | 'denied' | 'more_info' }

/** Mails about closing an account and coming back. */
export type ClosingMailRequest =
  | { kind: 'account_closed'; accountId: string; why: 'person' | 'duplicate' }
  | { kind: 'reactivation_requested'; canonical: string }
  | { kind: 'erasure_scheduled' | 'erasure_cancelled'; accountId: string }

/** Mails about duplicate accounts and the verification of identity. */
export type IdentityMailRequest =
  | { kind: 'duplicate_case'; caseId: string; accountId: string }
  | { kind: 'case_closed'; caseId: string; accountId: string }
  | { kind: 'verification_requested'; verificationId: string }
  | { kind: 'verification_result'; verificationId: string; outcome: 'verified' | 'failed' }

/** The longest pause between two tries of a mail. */
export const longestPauseSeconds = 600

/** Asks for a mail in the transaction of the change that causes it: both happen or neither. Answers the id of its row. */
export async function requestMail(tx: Tx, request: MailRequest): Promise<string> {
  const [id] = await requestMails(tx, [request])
  return id!
}

/** Asks for several mails in one statement; answers the ids of their rows in the same order. */
export async function requestMails(tx: Tx, requests: readonly MailRequest[]): Promise<string[]> {
  if (requests.length === 0) return []
  const mails = requests.map(({ kind, ...data }) => ({ id: newId(), kind, data }))
  // The job carries nothing but the id: what it finds under it is decided when it runs.
  await tx.execute(sql`
    with mails as (select * from jsonb_to_recordset(${JSON.stringify(mails)}::jsonb) as m (id uuid, kind text, data jsonb)),
    written as (insert into outbox (id, kind, data) select id, kind, data from mails)
    select ${jobOf('deliver_mail', sql`json_build_object('id', m.id)`, sql`'mail:' || m.id`)} from mails m`)
  return mails.map(({ id }) => id)
}
