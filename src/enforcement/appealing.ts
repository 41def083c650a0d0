import { sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { newId } from '../http/ids.ts'
import { referenceOf } from '../http/references.ts'
import { requestMail } from '../mail/outbox.ts'
import { requireId } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { type Action, actionsInForce, findActions } from './actions.ts'
import { type AppealView, concerning, noteAppeal, requireAppeal, say, viewAppeal } from './appeals.ts'
import { lockSubject } from './subjects.ts'

/** What a person gets to see of: nothing that was never in force. */
export const told = sql`x.status in ('active', 'lifted')`

/**
 * Appeals against an action that is in force or to come (E-4): on the person's account, or on an organization that they own. Without one it is
 * the hardest in force on the account. One is open at a time, by constraint, and the number of all is limited.
 * @throws unknown_reference, action_not_in_force, appeal_open, appeal_limit
 */
export async function submitAppeal(
  { config }: Pick<Parts, 'config'>,
  db: Db,
  actor: ActorOf<'account'>,
  input: { actionId?: string | undefined; statement: string }
): Promise<AppealView> {
  const asked = input.actionId === undefined ? undefined : referenceOf('action', 'actionId', input.actionId)
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    const action = await actionToAppeal(tx, actor, asked)
    if (action.status !== 'active' && action.status !== 'pending') throw refuse('action_not_in_force')
    await requireRoom(tx, action.id, config.APPEALS_PER_ACTION)
    const id = newId()
    await tx.execute(sql`insert into appeals (id, action_id, account_id) values (${id}, ${action.id}, ${actor.accountId})`)
    await say(tx, actor, id, input.statement)
    const appeal = await requireAppeal(tx, sql`p.id = ${id}`)
    await noteAppeal(tx, actor, appeal, 'submitted', null)
    await requestMail(tx, { kind: 'appeal_received', appealId: id })
    return viewAppeal(tx, appeal)
  })
}

/** The action under the lock of its subject. Somebody else's is as unknown as none. */
async function actionToAppeal(tx: Tx, { accountId }: ActorOf<'account'>, asked: string | undefined): Promise<Action> {
  if (asked === undefined) {
    const [hardest] = await actionsInForce(tx, { kind: 'account', id: accountId })
    if (!hardest) throw refuse('action_not_in_force', { detail: 'Nothing is in force on the account.' })
    return hardest
  }
  const find = async () => (await findActions(tx, sql`x.id = ${asked} and ${told} and ${concerning(accountId)}`))[0]
  const unknown = () => refuse('unknown_reference', { detail: '`actionId` names nothing that is known here.' })
  const seen = await find()
  if (!seen) throw unknown()
  if (seen.subject.kind === 'account') return seen
  // The owner may have changed before the organization was locked.
  await lockSubject(tx, seen.subject)
  const action = await find()
  if (!action) throw unknown()
  return action
}

async function requireRoom(tx: Tx, actionId: string, most: number): Promise<void> {
  const [made] = await rows<{ amount: number; open: boolean }>(
    tx,
    sql`select count(*)::int as amount, coalesce(bool_or(status not in ('granted', 'denied')), false) as open from appeals where action_id = ${actionId}`
  )
  if (made!.open) throw refuse('appeal_open')
  if (made!.amount >= most) throw refuse('appeal_limit')
}

/** Answers what an appeal asks; it goes back into review. @throws not_found, appeal_not_asked, appeal_decided */
export async function answerAppeal(db: Db, actor: ActorOf<'account'>, input: { appealId: string; text: string }): Promise<AppealView> {
  const id = requireId('appeal', input.appealId)
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    const own = sql`p.id = ${id} and ${concerning(actor.accountId)}`
    const { subject } = await requireAppeal(tx, own)
    if (subject.kind !== 'account') await lockSubject(tx, subject)
    const { status } = await requireAppeal(tx, own)
    const answered = await rows(
      tx,
      sql`update appeals set status = 'in_review', revision = revision + 1 where id = ${id} and status = 'more_info' returning id`
    )
    if (answered.length === 0) throw refuse(status === 'granted' || status === 'denied' ? 'appeal_decided' : 'appeal_not_asked')
    await say(tx, actor, id, input.text)
    const appeal = await requireAppeal(tx, own)
    await noteAppeal(tx, actor, appeal, 'answered', status)
    return viewAppeal(tx, appeal)
  })
}
