import { sql } from 'drizzle-orm'
import { forgetEvents } from '../events/forgetting.ts'
import type { Parts } from '../parts.ts'
import { mostConsecutive } from '../sessions/sign-in-guard.ts'

/** Invitations that ended, or whose time was over, half a year ago. */
const longOver = sql`least(ended_at, expires_at) < now() - interval '180 days'`

/**
 * Deletes what nobody needs any more. No rule depends on it: whatever has expired counts for nothing already. An unproven account is
 * kept while a mail with its proof is on its way or still good.
 */
export async function cleanUp({ db, config }: Parts): Promise<void> {
  const statements = [
    sql`delete from rate_counters where window_ends_at < now()`,
    sql`delete from idempotency_records where expires_at < now()`,
    sql`delete from sign_in_failures where greatest(window_started_at, paused_until) < now() - interval '1 day' and consecutive < ${mostConsecutive}`,
    // What is locked is just being proven.
    sql`delete from accounts where id in (
      select a.id from accounts a join emails e on e.account_id = a.id
      where a.status = 'pending_email' and a.created_at < now() - make_interval(secs => ${config.UNVERIFIED_SECONDS})
        and not exists (select from mail_tokens t where t.account_id = a.id and t.used_at is null and t.expires_at > now())
        and not exists (select from outbox o where o.status = 'waiting'
          and (o.data ->> 'accountId' = a.id::text or o.data ->> 'canonical' = e.canonical))
      for update of a skip locked)`,
    sql`delete from duplicate_proofs where least(used_at, expires_at) < now() - interval '1 day'`,
    sql`delete from mail_tokens where expires_at < now() - interval '30 days'`,
    sql`delete from sessions where least(ended_at, expires_at) < now() - interval '30 days'`,
    sql`delete from sharing_signals where greatest(created_at, confirmed_at) < now() - interval '1 year'`,
    sql`delete from outbox where status = 'sent' and done_at < now() - interval '30 days'`,
    // By the same clock: a mail that was never meant to be sent must not be told from one that no server took (N-8).
    sql`delete from outbox where status in ('skipped', 'parked') and created_at < now() - interval '90 days'`,
    // Addresses and words of people who never came are not kept for ever.
    sql`delete from conversation_invitations where invitation_id in (select id from invitations where ${longOver})`,
    sql`delete from invitations where ${longOver}`,
    sql`delete from join_requests where least(ended_at, expires_at) < now() - interval '180 days'`
  ]
  for (const statement of statements) await db.query.execute(statement)
  await forgetEvents(db, config.FEED_RETENTION_DAYS)
}
