import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { rows } from '../db/database.ts'
import { cursors, cutPage, defaultLimit } from '../http/pages.ts'
import type { Parts } from '../parts.ts'
import { type Action, findActions } from './actions.ts'
import { told } from './appealing.ts'
import { type Appeal, concerning, findAppeals } from './appeals.ts'

/** An action as it is shown to whom it concerns. */
export interface OwnAction {
  action: Action
  /** The organization's, if it is about one. */
  name: string | null
  appeals: Appeal[]
  /** It stands, no appeal is open, and there were not too many. */
  appealable: boolean
}

export interface OwnEnforcement {
  /** The hardest kind in force on the account itself. */
  enforcement: string
  /** Whose words the reasons are told in. */
  locale: string
  items: OwnAction[]
  nextCursor: string | null
}

export const isOpen = ({ status }: Pick<Appeal, 'status'>): boolean => status !== 'granted' && status !== 'denied'

/**
 * What was decided about the caller's account and the organizations that they own, newest first, with what became of it (E-1): never the
 * notes of operators, nor who they are, and nothing that was only proposed.
 */
export async function listOwnEnforcement(
  { db, config }: Parts,
  { accountId }: ActorOf<'account'>,
  { limit = defaultLimit, cursor }: { limit?: number | undefined; cursor?: string | undefined }
): Promise<OwnEnforcement> {
  const position = cursors(config.keys, `own-enforcement:${accountId}`)
  const after = position.read(cursor)
  const further = after === undefined ? sql`true` : sql`x.id < ${after}::uuid`
  const [account] = await rows<{ enforcement: string; locale: string }>(
    db.query,
    sql`select a.enforcement, a.locale from accounts a where a.id = ${accountId}`
  )
  const found = await findActions(
    db.query,
    sql`${told} and ${concerning(accountId)} and ${further}`,
    sql`order by x.id desc limit ${limit + 1}`
  )
  const page = cutPage(found, limit, (last) => position.write(last.id))
  const ids = sql.param(page.items.map(({ id }) => id))
  const appeals = await findAppeals(db.query, sql`p.action_id = any(${ids}::uuid[])`, sql`order by p.id desc`)
  const names = await rows<{ id: string; name: string }>(
    db.query,
    sql`select id, name from organizations where owner_account_id = ${accountId} and id in (select organization_id from enforcement_actions where id = any(${ids}::uuid[]))`
  )
  const items = page.items.map((action) => {
    const own = appeals.filter(({ actionId }) => actionId === action.id)
    const stands = action.status === 'active' || action.status === 'pending'
    return {
      action,
      name: names.find(({ id }) => id === action.subject.id)?.name ?? null,
      appeals: own,
      appealable: stands && !own.some(isOpen) && own.length < config.APPEALS_PER_ACTION
    }
  })
  return { ...account!, items, nextCursor: page.nextCursor }
}
