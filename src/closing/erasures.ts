import { type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { iso, isoOrNull, millis } from '../db/moments.ts'
import { publicId } from '../http/ids.ts'
import type { anonymisations } from './tables.ts'

/** A request to erase a person's data (P-16). */
export interface Erasure {
  id: string
  accountId: string
  status: (typeof anonymisations.$inferSelect)['status']
  requestedBy: 'account' | 'operator'
  requestedById: string
  /** Of one's own request: until then one can change one's mind. */
  dueAt: string | null
  /** The second operator, once an operator's request is done. */
  approvedById: string | null
  createdAt: string
  endedAt: string | null
}

type Row = Omit<Erasure, 'dueAt' | 'createdAt' | 'endedAt'> & { dueAt: number | null; createdAt: number; endedAt: number | null }

/** Requests as `where` finds them; it sees `x`. */
export async function findErasures(executor: Db['query'] | Tx, where: SQL, rest: SQL = sql``): Promise<Erasure[]> {
  const found = await rows<Row>(
    executor,
    sql`select x.id, x.account_id as "accountId", x.status, x.requested_by_kind as "requestedBy", x.requested_by_id as "requestedById",
        x.approved_by_id as "approvedById", ${millis(sql`x.due_at`)} as "dueAt", ${millis(sql`x.created_at`)} as "createdAt",
        ${millis(sql`x.ended_at`)} as "endedAt"
      from anonymisations x where ${where} ${rest}`
  )
  return found.map((row) => ({ ...row, dueAt: isoOrNull(row.dueAt), createdAt: iso(row.createdAt), endedAt: isoOrNull(row.endedAt) }))
}

/** The open request for an account, if there is one. The account is locked by the caller. */
export async function findOpenErasure(tx: Tx, accountId: string): Promise<Erasure | undefined> {
  return (await findErasures(tx, sql`x.account_id = ${accountId} and x.status in ('proposed', 'scheduled')`))[0]
}

/** Ends the open request for an account without erasing anything; answers it as it was, if there was one. The account is locked by the caller. */
export async function cancelErasures(tx: Tx, actor: Actor, accountId: string): Promise<Erasure | undefined> {
  const open = await findOpenErasure(tx, accountId)
  if (!open) return undefined
  await tx.execute(sql`update anonymisations set status = 'cancelled', ended_at = now() where id = ${open.id}`)
  await noteErasure(tx, actor, open, 'cancelled')
  return open
}

/** Writes what becomes of a request into the history of the account. */
export async function noteErasure(
  tx: Tx,
  actor: Actor,
  { id, accountId, status, dueAt }: Erasure,
  what: 'proposed' | 'scheduled' | 'cancelled',
  personal?: Record<string, unknown>
): Promise<void> {
  await record(tx, {
    actor,
    chain: { kind: 'account', id: accountId },
    action: `erasure.${what}`,
    resource: publicId('account', accountId),
    detail: {
      erasureId: publicId('erasure', id),
      before: what === 'cancelled' ? { status } : null,
      after: { status: what, ...(what === 'scheduled' ? { dueAt } : {}) }
    },
    ...(personal ? { personal } : {})
  })
}
