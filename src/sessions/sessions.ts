import Bowser from 'bowser'
import { type SQL, sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { addressPlace } from '../http/addresses.ts'
import { newId, publicId } from '../http/ids.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import { sha256 } from '../keyring.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { randomToken } from '../tokens.ts'
import { type Doubt, insertSignal, noteSharing, otherInUse, type Use } from './sharing.ts'

export const refreshPrefix = 'ghr'

/** What a client gets at sign-in: the tokens are shown once. */
export interface Tokens {
  sessionId: string
  accessToken: string
  refreshToken: string
  /** Seconds the access token lives. */
  expiresIn: number
}

export interface OpenedSession extends Tokens {
  /** The account has had sessions before, and none on a device of this name. */
  newDevice: boolean
}

/** Readable name of a device from its user agent, e.g. `Chrome on macOS`. */
export function deviceName(userAgent: string): string {
  if (userAgent === '') return 'unknown device'
  const { browser, os } = Bowser.parse(userAgent)
  const name = browser.name || userAgent.split(/[\s/]/)[0] || 'unknown client'
  return (os.name ? `${name} on ${os.name}` : name).slice(0, 80)
}

/**
 * Opens a session with its first refresh token (S-3, S-5). The caller holds the account's lock, so that the limit of sessions is exact:
 * beyond it the one unused longest ends. Another session that is in use on another device in another place then asks for the password.
 * `along`: a change that is made in the same round trip.
 */
export async function openSession(tx: Tx, parts: Parts, accountId: string, actor: Actor, along?: SQL): Promise<OpenedSession> {
  const { config } = parts
  const device = deviceName(actor.userAgent)
  const sessionId = newId()
  const refreshToken = randomToken(refreshPrefix)
  const signalId = newId()
  const use: Use = {
    session: sql`${sessionId}::uuid`,
    account: sql`${accountId}::uuid`,
    device: sql`${device}::text`,
    place: sql`${addressPlace(actor.address)}::text`
  }
  const [opened] = await rows<{ crowdedOut: string[]; newDevice: boolean; other: string | null }>(
    tx,
    sql`with crowded as (
      -- By number, not by offset: how many are expected does not depend on a parameter, and so the plan is kept.
      select id from (
        select id, row_number() over (order by last_used_at desc, id desc) as place
        from sessions where account_id = ${accountId} and ended_at is null and expires_at > now()
      ) live where place >= ${config.SESSIONS_PER_ACCOUNT}
    ), ended as (
      update sessions set ended_at = now(), end_reason = 'too_many_sessions' where id in (select id from crowded) returning id
    ), opened as (
      insert into sessions (id, account_id, authenticated_at, last_used_at, expires_at, device, user_agent, place)
      values (${sessionId}, ${accountId}, now(), now(), now() + make_interval(secs => ${config.SESSION_SECONDS}),
        ${device}, ${actor.userAgent}, ${addressPlace(actor.address)})
      returning id, expires_at
    ), other as (
      -- Whoever signs in has just proven the password: it is the other session in use that asks for it.
      update sessions s set doubt = coalesce(s.doubt, 'shared'), authenticated_at = '-infinity'
      from (${otherInUse(use, config)}) found where s.id = found.id and s.id not in (select id from crowded)
      returning s.id, s.device, s.place
    ), signal as (
      ${insertSignal(signalId, use, sql`other`)}
    )${along && sql`, along as (${along})`}
    insert into refresh_tokens (token_hash, session_id, expires_at)
    select ${sha256(refreshToken)}, id, least(expires_at, now() + make_interval(secs => ${config.REFRESH_IDLE_SECONDS})) from opened
    returning (select coalesce(json_agg(id), '[]') from ended) as "crowdedOut",
      (select other.id from other, signal) as other,
      (exists (select from sessions where account_id = ${accountId})
        and not exists (select from sessions where account_id = ${accountId} and device = ${device})) as "newDevice"`
  )
  const ended = opened!.crowdedOut.map((id) => publicId('session', id))
  await record(tx, {
    actor,
    chain: { kind: 'account', id: accountId },
    action: 'session.created',
    resource: publicId('session', sessionId),
    detail: ended.length > 0 ? { ended } : {},
    personal: { device }
  })
  if (opened!.other) await noteSharing(tx, actor, { signalId, accountId, sessionId: opened!.other, otherSessionId: sessionId })
  return {
    sessionId,
    refreshToken,
    accessToken: accessToken(parts, accountId, sessionId),
    expiresIn: config.ACCESS_TOKEN_SECONDS,
    newDevice: opened!.newDevice
  }
}

export const accessToken = (parts: Parts, accountId: string, sessionId: string): string =>
  parts.signing.sign('account', { sub: publicId('account', accountId), sid: publicId('session', sessionId) })

export type EndReason =
  | 'signed_out'
  | 'password_changed'
  | 'password_reset'
  | 'refresh_token_reused'
  | 'email_changed'
  | 'email_change_undone'
  | 'enforcement'
  | 'support'
  | 'account_closed'

/** Ends the account's live sessions but the one to keep, at once for every token of theirs (S-4); answers how many. */
export async function endSessions(tx: Tx, accountId: string, reason: EndReason, actor: Actor, keep?: string): Promise<number> {
  const ended = await rows<{ id: string }>(
    tx,
    sql`update sessions set ended_at = now(), end_reason = ${reason}
      where account_id = ${accountId} and ended_at is null and expires_at > now() and id is distinct from ${keep ?? null}::uuid returning id`
  )
  if (ended.length > 0) {
    const detail = { reason, sessions: ended.map(({ id }) => publicId('session', id)) }
    await record(tx, {
      actor,
      chain: { kind: 'account', id: accountId },
      action: 'sessions.ended',
      resource: publicId('account', accountId),
      detail
    })
  }
  return ended.length
}

/** Ends one session of the account (S-4). @throws not_found when it is not a live one of theirs */
export async function endSession(db: Db, actor: ActorOf<'account'>, sessionId: string): Promise<void> {
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    const ended = await rows(
      tx,
      sql`update sessions set ended_at = now(), end_reason = 'signed_out'
        where id = ${sessionId} and account_id = ${actor.accountId} and ended_at is null and expires_at > now() returning id`
    )
    if (ended.length === 0) throw refuse('not_found')
    await record(tx, {
      actor,
      chain: { kind: 'account', id: actor.accountId },
      action: 'session.ended',
      resource: publicId('session', sessionId),
      detail: { reason: 'signed_out' }
    })
  })
}

/** Ends all sessions but the present one (S-4). */
export async function endOtherSessions(db: Db, actor: ActorOf<'account'>): Promise<{ ended: number }> {
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    return { ended: await endSessions(tx, actor.accountId, 'signed_out', actor, actor.sessionId) }
  })
}

export interface SessionView {
  id: string
  device: string
  place: string
  createdAt: string
  lastUsedAt: string
  expiresAt: string
  doubt: Doubt | null
}

/** Live sessions, newest first (S-4, S-5). */
export async function listSessions(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: { limit?: number | undefined; cursor?: string | undefined }
): Promise<Page<SessionView>> {
  const limit = input.limit ?? defaultLimit
  const cursor = cursors(parts.config.keys, `sessions:${actor.accountId}`)
  // The id is a UUIDv7: in order of creation, and unique.
  const after = cursor.read(input.cursor) ?? null
  const found = await rows<SessionView>(
    db.query,
    sql`select s.id, s.device, s.place, s.doubt, ${iso(sql`s.created_at`)} as "createdAt", ${iso(sql`s.last_used_at`)} as "lastUsedAt", ${iso(sql`s.expires_at`)} as "expiresAt"
      from sessions s where s.account_id = ${actor.accountId} and s.ended_at is null and s.expires_at > now()
        and exists (select from refresh_tokens r where r.session_id = s.id and r.used_at is null and r.expires_at > now())
        and (${after}::uuid is null or s.id < ${after}::uuid)
      order by s.id desc limit ${limit + 1}`
  )
  return cutPage(found, limit, (last) => cursor.write(last.id))
}

const iso = (column: ReturnType<typeof sql>) => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
