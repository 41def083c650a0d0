import { sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { rows, type Tx } from '../db/database.ts'
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
  createdAt: string
}

type Row = Omit<Erasure, 'dueAt' | 'createdAt'> & { dueAt: number | null; createdAt: number }

/** The open request for an account, if there is one, locked. The account is locked by the caller. */
export async function findOpenErasure(tx: Tx, accountId: string): Promise<Erasure | undefined> {
  const [row] = await rows<Row>(
    tx,
    sql`select x.id, x.account_id as "accountId", x.status, x.requested_by_kind as "requestedBy", x.requested_by_id as "requestedById",
        ${millis(sql`x.due_at`)} as "dueAt", ${millis(sql`x.created_at`)} as "createdAt"
      from anonymisations x where x.account_id = ${accountId} and x.status in ('proposed', 'scheduled')`
  )
  return row && { ...row, dueAt: isoOrNull(row.dueAt), createdAt: iso(row.createdAt) }
}

/** Ends the open request for an account without erasing anything; answers whether there was one. The account is locked by the caller. */
export async function cancelErasures(tx: Tx, actor: Actor, accountId: string): Promise<boolean> {
  const open = await findOpenErasure(tx, accountId)
  if (!open) return false
  await tx.execute(sql`update anonymisations set status = 'cancelled', ended_at = now() where id = ${open.id}`)
  await noteErasure(tx, actor, open, 'cancelled')
  return true
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
