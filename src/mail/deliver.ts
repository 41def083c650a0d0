import { sql } from 'drizzle-orm'
import { rows } from '../db/database.ts'
import { addJob } from '../jobs/queue.ts'
import type { Parts } from '../parts.ts'
import { composeMail } from './compose.ts'
import type { Mailer } from './mailer.ts'
import { longestPauseSeconds, type MailRequest } from './outbox.ts'
import { renderMail } from './templates.ts'

// Longer than a mail server may take in all; past it the worker that had the mail in hand is taken for dead.
const leaseSeconds = 120

export type Delivery = 'sent' | 'skipped' | 'retrying' | 'parked' | 'done before'

/**
 * Sends one mail of the outbox. Between sending and noting it the process may die: then the mail goes out once more, under the same
 * Message-ID. A mail server that fails is tried again with growing pauses; after the last try the mail is parked, for operators to see.
 */
export async function deliverMail(parts: Parts, mailer: Mailer, id: string): Promise<Delivery> {
  const composed = await parts.db.transaction(async (tx) => {
    // One conditional statement: two workers never have one mail in hand at the same time.
    const [mail] = await rows<{ kind: string; data: object }>(
      tx,
      sql`update outbox set leased_until = now() + make_interval(secs => ${leaseSeconds})
        where id = ${id} and status = 'waiting' and (leased_until is null or leased_until < now()) returning kind, data`
    )
    return mail && { mail: await composeMail(tx, parts, id, { kind: mail.kind, ...mail.data } as MailRequest) }
  })
  if (!composed) return 'done before'
  const { mail } = composed
  if (!mail) {
    await finish(parts, id, 'skipped')
    return 'skipped'
  }
  try {
    const { to, content, locale, headers } = mail
    await mailer.send({ messageId: messageId(parts, id), to, ...renderMail(content, locale), ...(headers ? { headers } : {}) })
  } catch (error) {
    return retryLater(parts, id, (error as { code?: string }).code ?? 'failed')
  }
  await finish(parts, id, 'sent')
  return 'sent'
}

/** Fixed for each mail, so that a receiver recognises one that was sent twice. */
const messageId = (parts: Parts, id: string): string => `<${id}@${new URL(parts.config.publicUrl).hostname}>`

async function finish(parts: Parts, id: string, status: 'sent' | 'skipped'): Promise<void> {
  await parts.db.query.execute(
    sql`update outbox set status = ${status}, data = '{}', done_at = now(), attempts = attempts + 1 where id = ${id}`
  )
}

async function retryLater(parts: Parts, id: string, reason: string): Promise<Delivery> {
  const { MAIL_ATTEMPTS, MAIL_RETRY_SECONDS } = parts.config
  return parts.db.transaction(async (tx) => {
    const [mail] = await rows<{ attempts: number; status: string }>(
      tx,
      sql`update outbox set attempts = attempts + 1, last_error = ${reason}, leased_until = null, status = case when attempts + 1 >= ${MAIL_ATTEMPTS} then 'parked' else status end
        where id = ${id} and status = 'waiting' returning attempts, status`
    )
    if (!mail) return 'done before'
    if (mail.status === 'parked') return 'parked'
    const delay = Math.min(longestPauseSeconds, MAIL_RETRY_SECONDS * 2 ** (mail.attempts - 1))
    await addJob(tx, 'deliver_mail', { id }, { key: `mail:${id}`, delay })
    return 'retrying'
  })
}

/** Sends every waiting mail now, in order; for tests and tools that run no worker. */
export async function deliverAll(parts: Parts, mailer: Mailer): Promise<void> {
  const waiting = await rows<{ id: string }>(parts.db.query, sql`select id from outbox where status = 'waiting' order by id`)
  for (const { id } of waiting) await deliverMail(parts, mailer, id)
}

/**
 * Queues again the mails whose worker died with them in hand: the job library would leave them locked for hours. Mails that wait for
 * their next try have a job already.
 */
export async function recoverMails(parts: Parts): Promise<number> {
  return parts.db.transaction(async (tx) => {
    const lost = await rows<{ id: string }>(
      tx,
      sql`select o.id from outbox o where o.status = 'waiting' and coalesce(o.leased_until, o.created_at + make_interval(secs => ${leaseSeconds})) < now()
        and not exists (select from graphile_worker.jobs j where j.key = 'mail:' || o.id and j.locked_at is null)
        order by o.created_at limit 1000`
    )
    for (const { id } of lost) await addJob(tx, 'deliver_mail', { id }, { key: `mail:${id}` })
    return lost.length
  })
}
