import { type SQL, sql } from 'drizzle-orm'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { iso, isoOrNull, millis } from '../db/moments.ts'
import { newId, publicId } from '../http/ids.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import { requireId } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { chainOf, type Subject } from './actions.ts'
import type { AppealStatus } from './tables.ts'

export interface Appeal {
  id: string
  actionId: string
  subject: Subject
  /** Who made it. */
  accountId: string
  /** Whom it concerns now: the person, or the owner of the organization. */
  concerns: string
  status: AppealStatus
  decidedById: string | null
  createdAt: string
  decidedAt: string | null
}

export interface AppealMessage {
  author: 'person' | 'operator'
  operatorId: string | null
  text: string
  createdAt: string
}

/** An appeal with all that was said in it. */
export interface AppealView extends Appeal {
  messages: AppealMessage[]
}

type Row = Omit<Appeal, 'subject' | 'createdAt' | 'decidedAt'> & {
  subjectKind: Subject['kind']
  subjectId: string
  createdAt: number
  decidedAt: number | null
}

/** Appeals as `where` finds them; it sees `p` (the appeal), `x` (its action) and `o` (the organization, if it is about one). */
export async function findAppeals(executor: Db['query'] | Tx, where: SQL, rest: SQL = sql``): Promise<Appeal[]> {
  const found = await rows<Row>(
    executor,
    sql`select p.id, p.action_id as "actionId", coalesce(o.kind, 'account') as "subjectKind", coalesce(x.account_id, x.organization_id) as "subjectId",
        p.account_id as "accountId", coalesce(x.account_id, o.owner_account_id) as concerns, p.status, p.decided_by_id as "decidedById",
        ${millis(sql`p.created_at`)} as "createdAt", ${millis(sql`p.decided_at`)} as "decidedAt"
      from appeals p join enforcement_actions x on x.id = p.action_id left join organizations o on o.id = x.organization_id where ${where} ${rest}`
  )
  return found.map(({ subjectKind, subjectId, createdAt, decidedAt, ...row }) => ({
    ...row,
    subject: { kind: subjectKind, id: subjectId },
    createdAt: iso(createdAt),
    decidedAt: isoOrNull(decidedAt)
  }))
}

/** @throws not_found */
export async function requireAppeal(executor: Db['query'] | Tx, where: SQL): Promise<Appeal> {
  const [appeal] = await findAppeals(executor, where)
  if (!appeal) throw refuse('not_found')
  return appeal
}

/** What is about the person, or about an organization that they own: found by the index of either. */
export const concerning = (accountId: string): SQL =>
  sql`(x.account_id = ${accountId} or x.organization_id = any(array(select id from organizations where owner_account_id = ${accountId})))`

export async function viewAppeal(executor: Db['query'] | Tx, appeal: Appeal): Promise<AppealView> {
  const messages = await rows<Omit<AppealMessage, 'createdAt'> & { createdAt: number }>(
    executor,
    sql`select author, operator_id as "operatorId", text, ${millis(sql`created_at`)} as "createdAt" from appeal_messages where appeal_id = ${appeal.id} order by id`
  )
  return { ...appeal, messages: messages.map((message) => ({ ...message, createdAt: iso(message.createdAt) })) }
}

/** An appeal, for operators and whomever it concerns. @throws not_found for anybody else */
export async function getAppeal({ db }: Parts, actor: ActorOf<'account' | 'operator'>, appealId: string): Promise<AppealView> {
  const id = requireId('appeal', appealId)
  const own = actor.kind === 'operator' ? sql`true` : concerning(actor.accountId)
  return viewAppeal(db.query, await requireAppeal(db.query, sql`p.id = ${id} and ${own}`))
}

/** All appeals in the order they were made, for operators; those that are open, or at one step. */
export async function listAppeals(
  { db, config }: Parts,
  { operatorId }: ActorOf<'operator'>,
  { status, limit = defaultLimit, cursor }: { status?: AppealStatus | undefined; limit?: number | undefined; cursor?: string | undefined }
): Promise<Page<Appeal>> {
  const position = cursors(config.keys, `appeals:${operatorId}:${status ?? ''}`)
  const after = position.read(cursor)
  const where = sql`${status ? sql`p.status = ${status}` : sql`true`} and ${after === undefined ? sql`true` : sql`p.id > ${after}::uuid`}`
  const found = await findAppeals(db.query, where, sql`order by p.id limit ${limit + 1}`)
  return cutPage(found, limit, (last) => position.write(last.id))
}

/** Keeps what somebody said in an appeal; answers the id it is found under. */
export async function say(tx: Tx, actor: ActorOf<'account' | 'operator'>, appealId: string, text: string): Promise<string> {
  const id = newId()
  const [author, operatorId] = actor.kind === 'operator' ? ['operator', actor.operatorId] : ['person', null]
  await tx.execute(
    sql`insert into appeal_messages (id, appeal_id, author, operator_id, text) values (${id}, ${appealId}, ${author}, ${operatorId}, ${text})`
  )
  return id
}

/** Writes a step of an appeal into the history of whom it is about. What was said stays with the appeal, where it can be erased. */
export async function noteAppeal(tx: Tx, actor: Actor, appeal: Appeal, name: string, before: AppealStatus | null): Promise<void> {
  const change = { before: before ? { status: before } : {}, after: { status: appeal.status } }
  await record(tx, {
    actor,
    chain: chainOf(appeal.subject),
    action: `appeal.${name}`,
    resource: publicId('appeal', appeal.id),
    detail: { actionId: publicId('action', appeal.actionId), ...change },
    event: change
  })
}
