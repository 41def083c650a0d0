import { type SQL, sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import type { Statement } from '../db/pipeline.ts'
import { hmac, type Keyring } from '../keyring.ts'
import { refuse } from '../problems.ts'

const longestPauseSeconds = 3600
// NIST SP 800-63B-4 section 3.2.2: after so many consecutive failures only a proof of the mailbox helps.
export const mostConsecutive = 100

// A window of 15 minutes begins anew when it is over and no pause was running in it.
const countTry = (identifier: Buffer, failuresBeforePause: number) => sql`
  with counted as (
    insert into sign_in_failures as f (identifier_hash, consecutive, recent, window_started_at) values (${identifier}, 1, 1, now())
    on conflict (identifier_hash) do update set
      consecutive = f.consecutive + 1,
      recent = case when greatest(f.window_started_at, f.paused_until) < now() - interval '15 minutes' then 1 else f.recent + 1 end,
      window_started_at = case when greatest(f.window_started_at, f.paused_until) < now() - interval '15 minutes' then now() else f.window_started_at end,
      paused_until = case
        when greatest(f.window_started_at, f.paused_until) < now() - interval '15 minutes' or f.recent + 1 < ${failuresBeforePause}::int then null
        else now() + make_interval(secs => least(${longestPauseSeconds}::int, 30 * 2 ^ least(f.recent + 1 - ${failuresBeforePause}::int, 12))) end
    where (f.paused_until is null or f.paused_until <= now()) and f.consecutive < ${mostConsecutive}
    returning true
  )`

// A statement of its own: one that waited for a try at once still sees the row as it was before.
const findPause: Statement = {
  name: 'sign_in_pause',
  text: `select consecutive >= ${mostConsecutive} as stopped, extract(epoch from paused_until - now())::float8 as wait
    from sign_in_failures where identifier_hash = $1`
}

/** Stands for an email address, known or not, in the counts: a keyed hash, so that the table collects nobody. */
export const identifierHash = (keys: Keyring, canonical: string): Buffer => hmac(keys.derive('sign-in-identifier'), canonical)

/** The history of an address that may be nobody's: by its hash, so that unknown addresses are not collected. */
export function identifierChain(identifier: Buffer): { kind: 'identifier'; id: string } {
  const hash = identifier.toString('hex')
  return {
    kind: 'identifier',
    id: `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`
  }
}

/**
 * Counts a try before the password is looked at, so that no number of tries at once gets past the limit; a success takes it back.
 * Known and unknown addresses count alike (S-2). Answers what `lookUp` finds, in the same round trip. @throws sign_in_paused
 */
export async function countSignIn<Found extends { place: number }>(
  db: Db,
  identifier: Buffer,
  failuresBeforePause: number,
  lookUp: SQL
): Promise<Found[]> {
  // Not by the pipeline: it may wait for another sign-in of the same person, and writes to the disk.
  const answered = await rows<{ allowed: boolean } & (Found | { place: null })>(
    db.query,
    sql`${countTry(identifier, failuresBeforePause)}
      select exists (select from counted) as allowed, found.* from (select) one left join (${lookUp}) found on true order by found.place`
  )
  if (answered[0]!.allowed) return answered.filter((row): row is { allowed: boolean } & Found => row.place !== null)
  const [pause] = await db.pipeline.run<{ stopped: boolean; wait: number | null }>(findPause, [identifier])
  if (!pause?.stopped) throw refuse('sign_in_paused', { retryAfter: pause?.wait ?? 1 })
  const detail = 'There were too many wrong passwords in a row. Waiting does not help any more: reset the password.'
  throw refuse('sign_in_paused', { detail, retryAfter: longestPauseSeconds })
}

/** Takes back a try that was counted although there was no time to look at the password, with the pause it began. */
export async function uncountSignIn(db: Db, identifier: Buffer): Promise<void> {
  await db.query.execute(sql`
    update sign_in_failures set consecutive = greatest(consecutive - 1, 0), recent = greatest(recent - 1, 0), paused_until = null
    where identifier_hash = ${identifier}`)
}

/** Forgets failures: after a success, or a proof of the mailbox. */
export async function forgetFailures(tx: Tx, identifier: Buffer): Promise<void> {
  await tx.execute(forgottenFailures(identifier))
}

export const forgottenFailures = (identifier: Buffer): SQL => sql`delete from sign_in_failures where identifier_hash = ${identifier}`
