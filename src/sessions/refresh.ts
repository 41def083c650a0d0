import { sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import type { Config } from '../config.ts'
import { type Db, rows } from '../db/database.ts'
import { statement } from '../db/pipeline.ts'
import { addressBlock, addressPlace } from '../http/addresses.ts'
import { newId, publicId } from '../http/ids.ts'
import { sha256 } from '../keyring.ts'
import { requestMail } from '../mail/outbox.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { isToken, randomToken } from '../tokens.ts'
import { accessToken, deviceName, refreshPrefix, type Tokens } from './sessions.ts'
import { insertSignal, noteSharing, otherInUse, type Use } from './sharing.ts'

interface Family {
  sessionId: string
  accountId: string
  used: boolean
  ended: boolean
}

const family = (hash: Buffer) => sql`
  select s.id as "sessionId", s.account_id as "accountId", r.used_at is not null as used, s.ended_at is not null as ended
  from refresh_tokens r join sessions s on s.id = r.session_id where r.token_hash = ${hash}`
export const findFamily = statement('refresh_family', family(Buffer.alloc(0)))

interface Rotation {
  hash: Buffer
  successorHash: Buffer
  device: string
  place: string
  signalId: string
  config: Pick<Config, 'REFRESH_IDLE_SECONDS' | 'SHARING_WINDOW_SECONDS' | 'SHARING_CONFIRMED_DAYS'>
}

/** What a refresh did; without a row it did nothing. */
interface Rotated {
  id: string
  moved: boolean
  /** The session that is in use at the same time, where this is told of the pair for the first time today. */
  other: string | null
  /** The other one asks for the password already. */
  otherAsks: boolean
}

// Of the present use: the session keeps the device on which it began, and is where it is used now.
const use: Use = { session: sql`spent.id`, account: sql`spent.account_id`, device: sql`spent.device`, place: sql`spent.place` }

const rotation = ({ hash, successorHash, device, place, signalId, config }: Rotation) => sql`
  with spent as (
    update refresh_tokens r set used_at = now() from sessions s join accounts a on a.id = s.account_id
    where r.token_hash = ${hash} and r.used_at is null and r.expires_at > now() and s.id = r.session_id
      and s.ended_at is null and s.expires_at > now() and a.status = 'active' and a.enforcement not in ('suspended', 'banned')
    returning s.id, s.account_id, s.device, s.expires_at, s.device <> ${device} and s.place <> ${place} as moved,
      ${place}::text as place
  ), other as (
    select found.* from spent cross join lateral (${otherInUse(use, config)}) found where not spent.moved
  ), used as (
    -- Another device in another place looks like a stolen token, and two at once like a shared login: sensitive acts then ask for the
    -- password again. Of two at once one is enough to ask.
    update sessions s set last_used_at = now(), place = spent.place,
      doubt = case when spent.moved then 'moved' when asks.now then coalesce(s.doubt, 'shared') else s.doubt end,
      authenticated_at = case when spent.moved or asks.now then '-infinity' else s.authenticated_at end
    from spent, (select exists (select from other where doubt is distinct from 'shared') as now) asks where s.id = spent.id
    returning s.id
  ), signal as (
    -- After the row of the session: whoever takes both takes them in this order.
    ${insertSignal(signalId, use, sql`used, spent, other`)}
  )
  insert into refresh_tokens (token_hash, session_id, expires_at)
  select ${successorHash}, id, least(expires_at, now() + make_interval(secs => ${config.REFRESH_IDLE_SECONDS})) from spent
  returning session_id as id, (select moved from spent) as moved, (select other.id from other, signal) as other,
    coalesce((select doubt = 'shared' from other), false) as "otherAsks"`
export const rotate = statement(
  'refresh_rotate',
  rotation({
    hash: Buffer.alloc(0),
    successorHash: Buffer.alloc(0),
    device: '',
    place: '',
    signalId: '',
    config: { REFRESH_IDLE_SECONDS: 0, SHARING_WINDOW_SECONDS: 0, SHARING_CONFIRMED_DAYS: 0 }
  })
)

/** Leaves the transaction, undone, when the token turns out to be used already. */
class Reuse extends Error {}

/**
 * Rotates a refresh token (S-3): one conditional statement uses it up and inserts its successor, so that of any number of tries at
 * once one succeeds at most. A second use ends the whole session. A refresh that fails consumes nothing.
 * A refresh from another device in another place makes the session ask for the password before sensitive acts (S-5), and so does one while
 * another session of the account is in use on another device in another place.
 * @throws invalid_refresh_token, refresh_token_reused, too_many_requests
 */
export async function refreshSession(parts: Parts, db: Db, actor: Actor, refreshToken: string): Promise<Tokens> {
  if (!isToken(refreshPrefix, refreshToken)) throw refuse('invalid_refresh_token')
  const hash = sha256(refreshToken)
  const [known] = await parts.db.pipeline.run<Family>(findFamily, [hash])
  if (!known || known.ended) {
    // Guessing and insisting are hopeless, but cost a look-up each.
    await parts.limits.require(parts.policies.token, addressBlock(actor.address))
    throw refuse(known?.used ? 'refresh_token_reused' : 'invalid_refresh_token')
  }
  // A used one is not counted: whoever holds a stolen successor could otherwise hide behind the limit, and the reuse would end nothing.
  if (!known.used) await parts.limits.require(parts.policies.refresh, known.sessionId)
  const successor = randomToken(refreshPrefix)
  const place = addressPlace(actor.address)
  const device = deviceName(actor.userAgent)
  try {
    return await db.transaction(async (tx) => {
      const signalId = newId()
      const [session] = await rows<Rotated>(
        tx,
        rotation({ hash, successorHash: sha256(successor), device, place, signalId, config: parts.config })
      )
      if (session) {
        if (session.moved) {
          await record(tx, {
            actor,
            chain: { kind: 'account', id: known.accountId },
            action: 'session.moved',
            resource: publicId('session', session.id),
            personal: { place, device }
          })
        }
        if (session.other) {
          const [sessionId, otherSessionId] = session.otherAsks ? [session.other, session.id] : [session.id, session.other]
          await noteSharing(tx, actor, { signalId, accountId: known.accountId, sessionId, otherSessionId })
        }
        return {
          sessionId: session.id,
          refreshToken: successor,
          accessToken: accessToken(parts, known.accountId, session.id),
          expiresIn: parts.config.ACCESS_TOKEN_SECONDS
        }
      }
      const [now] = await rows<Family>(tx, family(hash))
      if (now?.used && !now.ended) throw new Reuse()
      throw refuse(now?.used ? 'refresh_token_reused' : 'invalid_refresh_token')
    })
  } catch (error) {
    if (!(error instanceof Reuse)) throw error
    await endFamily(parts.db, actor, known)
    throw refuse('refresh_token_reused')
  }
}

/** Ends a session whose token was used twice, in a transaction of its own: the refusal must not undo it. Tells the owner once. */
async function endFamily(db: Db, actor: Actor, { sessionId, accountId }: Family): Promise<void> {
  await db.transaction(async (tx) => {
    await lockAccount(tx, accountId)
    const ended = await rows(
      tx,
      sql`update sessions set ended_at = now(), end_reason = 'refresh_token_reused' where id = ${sessionId} and ended_at is null returning id`
    )
    if (ended.length === 0) return
    await record(tx, {
      actor,
      chain: { kind: 'account', id: accountId },
      action: 'session.reuse_detected',
      resource: publicId('session', sessionId)
    })
    await requestMail(tx, {
      kind: 'session_ended_reuse',
      accountId,
      place: addressPlace(actor.address),
      device: deviceName(actor.userAgent)
    })
  })
}
