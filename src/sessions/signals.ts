import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { rows } from '../db/database.ts'
import { iso, isoOrNull, millis } from '../db/moments.ts'
import { parseId } from '../http/ids.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'

interface Row {
  id: string
  sessionId: string
  device: string
  place: string
  otherSessionId: string
  otherDevice: string
  otherPlace: string
  createdAt: number
  confirmedAt: number | null
}

export interface SignalView {
  id: string
  /** Of both sessions; they may be forgotten by now. */
  sessions: Array<{ sessionId: string; device: string; place: string }>
  at: string
  confirmedAt: string | null
}

/** Where a login was in use on two devices in two places at once, newest first, for operators (S-5). It restricts nobody (P-6). @throws not_found */
export async function listSignals(
  { db, config }: Parts,
  actor: ActorOf<'operator'>,
  input: { accountId: string; limit?: number | undefined; cursor?: string | undefined }
): Promise<Page<SignalView>> {
  const accountId = parseId('account', input.accountId)
  const known = accountId && (await rows(db.query, sql`select id from accounts where id = ${accountId}`)).length > 0
  if (!known) throw refuse('not_found')
  const limit = input.limit ?? defaultLimit
  const cursor = cursors(config.keys, `signals:${actor.operatorId}:${accountId}`)
  // The id is a UUIDv7: in order of creation, and unique.
  const after = cursor.read(input.cursor) ?? null
  const found = await rows<Row>(
    db.query,
    sql`select id, session_id as "sessionId", device, place, other_session_id as "otherSessionId", other_device as "otherDevice",
        other_place as "otherPlace", ${millis(sql`created_at`)} as "createdAt", ${millis(sql`confirmed_at`)} as "confirmedAt"
      from sharing_signals where account_id = ${accountId} and (${after}::uuid is null or id < ${after}::uuid)
      order by id desc limit ${limit + 1}`
  )
  const { items, nextCursor } = cutPage(found, limit, (last) => cursor.write(last.id))
  return { items: items.map(view), nextCursor }
}

const view = (row: Row): SignalView => ({
  id: row.id,
  sessions: [
    { sessionId: row.sessionId, device: row.device, place: row.place },
    { sessionId: row.otherSessionId, device: row.otherDevice, place: row.otherPlace }
  ],
  at: iso(row.createdAt),
  confirmedAt: isoOrNull(row.confirmedAt)
})
