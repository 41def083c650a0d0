import { type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import type { Config } from '../config.ts'
import { rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { requestMail } from '../mail/outbox.ts'

/** Why a session asks for the password: it went on somewhere else, or the same login is in use elsewhere (S-5). */
export type Doubt = 'moved' | 'shared'

/** A use of a login: which session, of which account, on which device, from where. Each is an expression of the statement around. */
export interface Use {
  session: SQL
  account: SQL
  device: SQL
  place: SQL
}

type Bounds = Pick<Config, 'SHARING_WINDOW_SECONDS' | 'SHARING_CONFIRMED_DAYS'>

/**
 * The other live session of the account that was used last on another device in another place, within the window; none when the
 * person has confirmed the two devices. A confirmation holds wherever they are: a phone changes its network as it is carried about.
 */
export const otherInUse = (use: Use, { SHARING_WINDOW_SECONDS, SHARING_CONFIRMED_DAYS }: Bounds): SQL => sql`
  select o.id, o.device, o.place, o.doubt from sessions o
  where o.account_id = ${use.account} and o.ended_at is null and o.expires_at > now() and o.id <> ${use.session}
    and o.last_used_at > now() - make_interval(secs => ${SHARING_WINDOW_SECONDS}) and o.device <> ${use.device} and o.place <> ${use.place}
    and not exists (select from sharing_signals c where c.account_id = o.account_id
      and c.confirmed_at > now() - make_interval(days => ${SHARING_CONFIRMED_DAYS})
      and ((c.device = o.device and c.other_device = ${use.device}) or (c.device = ${use.device} and c.other_device = o.device)))
  order by o.last_used_at desc limit 1`

/** Writes the signal of a use and another one, `other`, once for a pair and day; answers nothing when it is there already. */
export function insertSignal(signalId: string, use: Use, from: SQL): SQL {
  const first = sql`${use.device} collate "C" < other.device collate "C"`
  const pair = (mine: SQL, its: SQL): SQL =>
    sql`case when ${first} then ${mine} else ${its} end, case when ${first} then ${its} else ${mine} end`
  return sql`
    insert into sharing_signals (id, account_id, session_id, other_session_id, device, other_device, place, other_place)
    select ${signalId}::uuid, ${use.account}, ${pair(use.session, sql`other.id`)}, ${pair(use.device, sql`other.device`)},
      ${pair(use.place, sql`other.place`)} from ${from}
    on conflict do nothing returning id`
}

export interface Suspicion {
  signalId: string
  accountId: string
  /** The session that asks for the password, or that is asked about while the other one asks already. */
  sessionId: string
  otherSessionId: string
}

/** Keeps in the account's history that its login was in use twice at once, and tells the person where it becomes a habit (S-5). */
export async function noteSharing(tx: Tx, actor: Actor, { signalId, accountId, sessionId, otherSessionId }: Suspicion): Promise<void> {
  await record(tx, {
    actor,
    chain: { kind: 'account', id: accountId },
    action: 'session.sharing_suspected',
    resource: publicId('session', sessionId),
    detail: { signal: publicId('signal', signalId), other: publicId('session', otherSessionId) }
  })
  if (await tells(tx, accountId, signalId)) await requestMail(tx, { kind: 'sharing_suspected', signalId })
}

/**
 * From the third signal in a month on the person is told how to invite others instead; once a week at most. Counted once the account's history
 * is locked by the entry about this signal: whoever waited for it sees the signals that came before.
 */
async function tells(tx: Tx, accountId: string, signalId: string): Promise<boolean> {
  const told = await rows(
    tx,
    sql`update sharing_signals g set told_at = now() where g.id = ${signalId}
      and (select count(*) from sharing_signals s where s.account_id = ${accountId} and s.created_at > now() - interval '30 days') >= 3
      and not exists (select from sharing_signals s where s.account_id = ${accountId} and s.told_at > now() - interval '7 days') returning g.id`
  )
  return told.length > 0
}

/**
 * Whoever proved the password in a session that asked for it has cleared the doubt. Where the login was in use twice, that confirms the
 * two devices (S-5): the other one does not ask because of it either, though sensitive acts there need a recent sign-in as ever (S-8).
 */
export async function clearDoubt(tx: Tx, accountId: string, sessionId: string): Promise<{ found: boolean }> {
  const found = await rows<{ doubt: Doubt | null }>(
    tx,
    sql`with before as (
        select id, doubt from sessions where id = ${sessionId} and account_id = ${accountId} and ended_at is null for update
      ), cleared as (
        update sessions s set authenticated_at = now(), doubt = null from before where s.id = before.id
      ), confirmed as (
        update sharing_signals g set confirmed_at = now() from before
        where before.doubt = 'shared' and g.account_id = ${accountId} and before.id in (g.session_id, g.other_session_id)
          and g.created_at > now() - interval '30 days'
        returning g.session_id, g.other_session_id
      ), others as (
        update sessions s set doubt = null from confirmed c
        where s.id in (c.session_id, c.other_session_id) and s.id <> ${sessionId} and s.doubt = 'shared'
      )
      select doubt from before`
  )
  return { found: found.length > 0 }
}
