import { sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows } from '../db/database.ts'
import { statement } from '../db/pipeline.ts'
import { addressBlock, addressPlace } from '../http/addresses.ts'
import { publicId } from '../http/ids.ts'
import { sha256 } from '../keyring.ts'
import { requestMail } from '../mail/outbox.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { isToken, randomToken } from '../tokens.ts'
import { accessToken, deviceName, refreshPrefix, type Tokens } from './sessions.ts'

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
  idleSeconds: number
}

const rotation = ({ hash, successorHash, device, place, idleSeconds }: Rotation) => sql`
  with spent as (
    update refresh_tokens r set used_at = now() from sessions s join accounts a on a.id = s.account_id
    where r.token_hash = ${hash} and r.used_at is null and r.expires_at > now() and s.id = r.session_id
      and s.ended_at is null and s.expires_at > now() and a.status = 'active' and a.enforcement not in ('suspended', 'banned')
    returning s.id, s.expires_at, s.device <> ${device} and s.place <> ${place} as moved
  ), moved as (
    -- Another device in another place looks like a stolen token: sensitive acts then ask for the password again.
    update sessions s set last_used_at = now(), place = ${place},
      authenticated_at = case when spent.moved then '-infinity' else s.authenticated_at end
    from spent where s.id = spent.id
  )
  insert into refresh_tokens (token_hash, session_id, expires_at)
  select ${successorHash}, id, least(expires_at, now() + make_interval(secs => ${idleSeconds})) from spent
  returning session_id as id, (select moved from spent) as moved`
export const rotate = statement(
  'refresh_rotate',
  rotation({ hash: Buffer.alloc(0), successorHash: Buffer.alloc(0), device: '', place: '', idleSeconds: 0 })
)

/** Leaves the transaction, undone, when the token turns out to be used already. */
class Reuse extends Error {}

/**
 * Rotates a refresh token (S-3): one conditional statement uses it up and inserts its successor, so that of any number of tries at
 * once one succeeds at most. A second use ends the whole session. A refresh that fails consumes nothing.
 * A refresh from another device in another place makes the session ask for the password before sensitive acts (S-5).
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
      const [session] = await rows<{ id: string; moved: boolean }>(
        tx,
        rotation({ hash, successorHash: sha256(successor), device, place, idleSeconds: parts.config.REFRESH_IDLE_SECONDS })
      )
      if (session) {
        if (session.moved) {
          await record(tx, {
            actor,
            chain: { kind: 'account', id: known.accountId },
            action: 'session.moved',
            resource: publicId('session', session.id),
            detail: { place, device }
          })
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
