import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { requireId } from '../organizations/organizations.ts'
import { refuse } from '../problems.ts'
import {
  type Action,
  endSessionsOf,
  enforcementOf,
  findActions,
  imposeAction,
  liftActions,
  note,
  ofSubject,
  putInForce,
  type Subject
} from './actions.ts'
import type { ReasonCode } from './reasons.ts'
import { lockSubject, type Named, requireImpartial, subjectOf } from './subjects.ts'
import type { ActionKind } from './tables.ts'

export interface Imposing extends Named {
  kind: ActionKind
  reasonCode: ReasonCode
  policy?: string | undefined
  remedy?: string | undefined
  note?: string | undefined
  /** ISO 8601, by the database's clock in the future. */
  until?: string | undefined
}

/**
 * Imposes an action on an account or organization (E-1), also on one that is closed. A ban is only proposed: a second operator approves it.
 * @throws not_found, access_denied for an operator's own, invalid_input when its end is not to come
 */
export async function imposeEnforcement(db: Db, actor: ActorOf<'operator'>, { until, ...input }: Imposing): Promise<Action> {
  const subject = subjectOf(input)
  return db.transaction(async (tx) => {
    if ((await lockSubject(tx, subject)).anonymised) throw refuse('not_found')
    await requireImpartial(tx, actor, subject)
    if (until !== undefined) await requireFuture(tx, until)
    const { kind, reasonCode, policy, remedy, note } = input
    return imposeAction(tx, actor, { subject, kind, reasonCode, policy, remedy, note, endsAt: until })
  })
}

async function requireFuture(tx: Tx, until: string): Promise<void> {
  const future = await rows(tx, sql`select where ${until}::timestamptz > now()`)
  if (future.length === 0)
    throw refuse('invalid_input', { extensions: { errors: [{ pointer: '/until', message: 'must be in the future' }] } })
}

export interface OneAction extends Named {
  actionId: string
}

/**
 * Puts a proposed ban in force, by another operator than who proposed it; of two tries at once one does.
 * @throws not_found, access_denied, action_not_proposed, four_eyes_required
 */
export async function approveBan(db: Db, actor: ActorOf<'operator'>, input: OneAction): Promise<Action> {
  const subject = subjectOf(input)
  const id = requireId('action', input.actionId)
  return db.transaction(async (tx) => {
    await lockSubject(tx, subject)
    const action = await requireActionOf(tx, subject, id)
    await requireImpartial(tx, actor, subject)
    if (action.status !== 'proposed') throw refuse('action_not_proposed')
    if (action.imposedById === actor.operatorId) throw refuse('four_eyes_required')
    const before = await enforcementOf(tx, subject)
    await endSessionsOf(tx, actor, subject)
    const approved = await rows(
      tx,
      sql`update enforcement_actions set status = 'active', approved_by_id = ${actor.operatorId}, approved_at = now(), starts_at = date_trunc('milliseconds', now()),
          revision = revision + 1
        where id = ${id} and status = 'proposed' returning id`
    )
    if (approved.length === 0) throw refuse('action_not_proposed')
    const ban = await requireActionOf(tx, subject, id)
    await putInForce(tx, actor, ban, before, 'enforcement.approved')
    return ban
  })
}

export const liftings = ['remedied', 'mistake', 'other'] as const

/**
 * Takes an action back, whatever stands beside it stays. A ban that is only proposed is withdrawn; one in force ends by an appeal only.
 * @throws not_found, access_denied, ban_needs_appeal, action_not_in_force
 */
export async function liftEnforcement(
  db: Db,
  actor: ActorOf<'operator'>,
  { reason = 'other', ...input }: OneAction & { reason?: (typeof liftings)[number] | undefined }
): Promise<void> {
  const subject = subjectOf(input)
  const id = requireId('action', input.actionId)
  await db.transaction(async (tx) => {
    await lockSubject(tx, subject)
    const action = await requireActionOf(tx, subject, id)
    await requireImpartial(tx, actor, subject)
    if (action.status === 'proposed') return withdraw(tx, actor, action, reason)
    if (action.status !== 'active' && action.status !== 'pending') throw refuse('action_not_in_force')
    if (action.kind === 'banned') throw refuse('ban_needs_appeal')
    const lifted = await liftActions(tx, actor, sql`x.id = ${id}`, reason === 'remedied' ? 'remedy' : 'operator')
    if (lifted.length === 0) throw refuse('action_not_in_force')
  })
}

async function withdraw(tx: Tx, actor: ActorOf<'operator'>, action: Action, reason: string): Promise<void> {
  const withdrawn = await rows(
    tx,
    sql`update enforcement_actions set status = 'withdrawn', lifted_at = now(), lifted_by_kind = 'operator', lifted_by_id = ${actor.operatorId},
      revision = revision + 1 where id = ${action.id} and status = 'proposed' returning id`
  )
  if (withdrawn.length === 0) throw refuse('action_not_in_force')
  await note(tx, actor, action, 'enforcement.withdrawn', undefined, { reason })
}

/** An action under the path of its own subject. @throws not_found */
async function requireActionOf(tx: Tx, subject: Subject, id: string): Promise<Action> {
  const [action] = await findActions(tx, sql`x.id = ${id} and ${ofSubject(subject)}`)
  if (!action) throw refuse('not_found')
  return action
}
