import { sql } from 'drizzle-orm'
import { type Db, rows } from '../db/database.ts'
import { firstPlace, lastPlace, lockFeed, numberEvents } from './numbering.ts'

const batch = 10_000

/**
 * Deletes events from the beginning of the feed, as far as they are older than so many days, and keeps in mind how far: a reader who has
 * not come that far is told. What has no place yet gets one first, since what was never in the feed would be missed by nobody.
 */
export async function forgetEvents(db: Db, days: number): Promise<void> {
  await numberEvents(db)
  for (let deleted = batch; deleted === batch; ) deleted = await forgetBatch(db, days)
}

async function forgetBatch(db: Db, days: number): Promise<number> {
  return db.transaction(async (tx) => {
    await lockFeed(tx)
    const [edge] = await rows<{ first: number; through: number }>(
      tx,
      sql`select ${firstPlace}::float8 as first, least(${firstPlace} + ${batch}, coalesce(
          (select sequence - 1 from events where sequence > ${firstPlace} and at >= now() - make_interval(days => ${days}) order by sequence limit 1),
          ${lastPlace}))::float8 as through`
    )
    const { first, through } = edge!
    if (through <= first) return 0
    await tx.execute(sql`delete from events where sequence <= ${through}::bigint`)
    await tx.execute(
      sql`insert into forgotten_events (through) values (${through}::bigint) on conflict (one) do update set through = excluded.through`
    )
    return through - first
  })
}
