import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { requestMail } from '../mail/outbox.ts'
import { requireId } from '../organizations/organizations.ts'
import { refuse } from '../problems.ts'
import { type Action, findActions, liftActions } from './actions.ts'
import { type Appeal, type AppealView, noteAppeal, requireAppeal, say, viewAppeal } from './appeals.ts'
import { lockSubject, requireImpartial } from './subjects.ts'
import type { AppealStatus } from './tables.ts'

export const decisions = ['in_review', 'more_info', 'granted', 'denied'] as const
export type AppealDecision = (typeof decisions)[number]

/** From where each step can be taken; from `more_info` back into review only the person's answer leads. */
const from: Record<AppealDecision, readonly AppealStatus[]> = {
  in_review: ['submitted'],
  more_info: ['in_review'],
  granted: ['in_review', 'more_info'],
  denied: ['in_review', 'more_info']
}

export interface Deciding {
  appealId: string
  decision: AppealDecision
  /** For the person: the question, or the reasons. */
  text?: string | undefined
}

/**
 * Takes an appeal a step further. Granting lifts the action, a ban too, and nothing else: what stands beside it stays, and the rest is as
 * before it (E-4). Nobody decides about their own decision; of two decisions at once one counts.
 * @throws not_found, access_denied, four_eyes_required, appeal_decided, appeal_step
 */
export async function decideAppeal(db: Db, actor: ActorOf<'operator'>, { decision, text, ...input }: Deciding): Promise<AppealView> {
  const id = requireId('appeal', input.appealId)
  return db.transaction(async (tx) => {
    const { subject } = await requireAppeal(tx, sql`p.id = ${id}`)
    await lockSubject(tx, subject)
    const before = await requireAppeal(tx, sql`p.id = ${id}`)
    const [action] = await findActions(tx, sql`x.id = ${before.actionId}`)
    await requireImpartial(tx, actor, subject)
    requireOther(actor, action!)
    await step(tx, actor, before, decision)
    const messageId = text === undefined ? undefined : await say(tx, actor, id, text)
    const appeal = await requireAppeal(tx, sql`p.id = ${id}`)
    await noteAppeal(tx, actor, appeal, decision, before.status)
    if (decision === 'granted') await liftActions(tx, actor, sql`x.id = ${appeal.actionId}`, 'appeal')
    if (decision !== 'in_review' && messageId) await requestMail(tx, { kind: 'appeal_answer', appealId: id, messageId, outcome: decision })
    return viewAppeal(tx, appeal)
  })
}

function requireOther({ operatorId }: ActorOf<'operator'>, { imposedByKind, imposedById, approvedById }: Action): void {
  if ((imposedByKind === 'operator' && imposedById === operatorId) || approvedById === operatorId) throw refuse('four_eyes_required')
}

/** The only way from one state into another. */
async function step(tx: Tx, { operatorId }: ActorOf<'operator'>, { id, status }: Appeal, decision: AppealDecision): Promise<void> {
  const final = decision === 'granted' || decision === 'denied'
  const taken = await rows(
    tx,
    sql`update appeals set status = ${decision}, revision = revision + 1 ${final ? sql`, decided_by_id = ${operatorId}, decided_at = now()` : sql``}
      where id = ${id} and status = any(${sql.param([...from[decision]])}::text[]) returning id`
  )
  if (taken.length > 0) return
  if (status === 'granted' || status === 'denied') throw refuse('appeal_decided')
  throw refuse('appeal_step', { extensions: { appealStatus: status } })
}
