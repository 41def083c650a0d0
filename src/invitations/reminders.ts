import { sql } from 'drizzle-orm'
import { rows } from '../db/database.ts'
import { requestMails } from '../mail/outbox.ts'
import type { Parts } from '../parts.ts'

const mostAtOnce = 500

/**
 * Brings pending invitations to mind, once each, some time before they end. One whose whole life is no longer than that is not: it was mailed
 * just now. Two workers at once remind once: the mark is set by one statement. Answers how many were asked for.
 */
export async function remindInvitees({ db, config }: Parts): Promise<number> {
  return db.transaction(async (tx) => {
    const ahead = sql`make_interval(secs => ${config.INVITATION_REMINDER_SECONDS})`
    const due = await rows<{ id: string; tokenId: string }>(
      tx,
      sql`update invitations set reminded_at = now() where id in (
          select id from invitations where status = 'pending' and expires_at between now() and now() + ${ahead} and reminded_at is null
            and expires_at - sent_at > ${ahead}
          order by expires_at limit ${mostAtOnce} for update skip locked)
        returning id, token_id as "tokenId"`
    )
    await requestMails(
      tx,
      due.map(({ id, tokenId }) => ({ kind: 'invitation_reminder', invitationId: id, tokenId }))
    )
    return due.length
  })
}
