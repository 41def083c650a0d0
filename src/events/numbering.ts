import { sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'

/** Where the feed begins and ends: the last place that was deleted, and the last that was given. 0 where there is none. */
export const firstPlace = sql`coalesce((select through from forgotten_events), 0)`
export const lastPlace = sql`greatest((select max(sequence) from events), ${firstPlace})`

const batch = 2000

/** One at a time in the whole database, and whoever comes next sees what this one did: the lock goes after the commit. */
export const lockFeed = (tx: Tx): Promise<unknown> => tx.execute(sql`select pg_advisory_xact_lock(hashtext('events_sequence'))`)

/**
 * Gives every event that can be seen its place in the feed, and answers the last place.
 *
 * Neither positions nor numbers of transactions could be read as a feed: both are given before the commit, so that a reader who has
 * passed 6 would never see the 5 that commits late, and two changes of one thing may have their numbers the wrong way round. Places are
 * given one after another to what has committed. Whatever commits later comes later, nothing has to wait for a long transaction, and of
 * two changes of one thing the second is never seen without the first, whose position is lower. The feed has no gaps.
 */
export async function numberEvents(db: Db): Promise<number> {
  for (;;) {
    const [edge] = await rows<{ last: number; waiting: boolean }>(
      db.query,
      sql`select ${lastPlace}::float8 as last, exists (select from events where sequence is null) as waiting`
    )
    if (!edge!.waiting) return edge!.last
    const numbered = await db.transaction(numberBatch)
    if (numbered.count < batch) return numbered.last
  }
}

async function numberBatch(tx: Tx): Promise<{ count: number; last: number }> {
  await lockFeed(tx)
  // A statement of its own: it sees what was committed before the lock was given.
  const [numbered] = await rows<{ count: number; last: number }>(
    tx,
    sql`with numbered as (
        update events e set sequence = n.sequence
        from (select position, ${lastPlace} + row_number() over (order by position) as sequence
          from (select position from events where sequence is null order by position limit ${batch}) waiting) n
        where e.position = n.position returning e.sequence)
      select count(*)::float8 as count, coalesce(max(sequence), ${lastPlace})::float8 as last from numbered`
  )
  return numbered!
}

/** Seconds that the oldest event without a place has waited for one, counted from the beginning of its transaction. */
export async function feedLag(db: Db): Promise<number> {
  const [lag] = await rows<{ seconds: number }>(
    db.query,
    sql`select coalesce(extract(epoch from now() - min(at)), 0)::float8 as seconds from events where sequence is null`
  )
  return lag!.seconds
}
