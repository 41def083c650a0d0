import { sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import { system } from '../actor.ts'
import { rows, type Tx } from '../db/database.ts'
import { requestMails } from '../mail/outbox.ts'
import { lockOrganization } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { type Action, enforcementOf, findActions, note, type Subject } from './actions.ts'
import { whoIsTold } from './told.ts'

const mostAtOnce = 100

const untold = sql`status = 'active' and told_at is null and starts_at <= now() and (ends_at is null or ends_at > now())`

/**
 * Tells of actions that have begun by the clock (E-5): the person, the admins of companies in which they are contact (K-2), and other services
 * by an event. Each is told once among any number of workers; no rule waits for it. Answers how many were told.
 */
export async function announceBegun({ db }: Pick<Parts, 'db'>): Promise<number> {
  const begun = await rows<{ id: string }>(
    db.query,
    sql`select id from enforcement_actions where ${untold} order by starts_at limit ${mostAtOnce}`
  )
  let told = 0
  for (const { id } of begun) if (await db.transaction((tx) => announce(tx, id))) told++
  return told
}

async function announce(tx: Tx, id: string): Promise<boolean> {
  const [action] = await findActions(tx, sql`x.id = ${id}`)
  await lockSubject(tx, action!.subject)
  const mine = await rows(tx, sql`update enforcement_actions set told_at = now() where id = ${id} and ${untold} returning id`)
  if (mine.length === 0) return false
  await tellBegun(tx, action!)
  return true
}

async function tellBegun(tx: Tx, action: Action): Promise<void> {
  const enforcement = await enforcementOf(tx, action.subject)
  await note(tx, system, action, 'enforcement.begun', { before: { status: 'pending' }, after: { status: 'active', enforcement } })
  await requestMails(tx, await whoIsTold(tx, action))
}

async function lockSubject(tx: Tx, { kind, id }: Subject): Promise<void> {
  if (kind === 'account') await lockAccount(tx, id)
  else await lockOrganization(tx, kind, id)
}
