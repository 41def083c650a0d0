import { type SQL, sql } from 'drizzle-orm'
import { type Actor, actorId } from '../actor.ts'
import { type Change, record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { iso, isoOrNull, millis } from '../db/moments.ts'
import { newId, publicId } from '../http/ids.ts'
import { weighAgain } from '../identity/own-evidence.ts'
import { requestMails } from '../mail/outbox.ts'
import type { OrganizationKind } from '../organizations/tables.ts'
import { endSessions } from '../sessions/sessions.ts'
import { type ReasonCode, reasonOf } from './reasons.ts'
import type { ActionKind, actionStatuses, LiftReason } from './tables.ts'
import { whoIsTold } from './told.ts'

/** Whom an action is about. */
export type Subject = { kind: 'account'; id: string } | { kind: OrganizationKind; id: string }

export interface Action {
  id: string
  subject: Subject
  kind: ActionKind
  /** `ended`: its time is over by the database's clock; `pending`: it has not begun. */
  status: (typeof actionStatuses)[number] | 'pending' | 'ended'
  reasonCode: ReasonCode
  policy: string
  remedy: string
  /** For operators only. */
  note: string | null
  imposedByKind: string
  imposedById: string | null
  approvedById: string | null
  startsAt: string
  endsAt: string | null
  liftedAt: string | null
  liftReason: LiftReason | null
  caseId: string | null
  verificationId: string | null
  createdAt: string
  revision: number
}

interface Row extends Omit<Action, 'subject' | 'startsAt' | 'endsAt' | 'liftedAt' | 'createdAt'> {
  subjectKind: Subject['kind']
  subjectId: string
  startsAt: number | null
  endsAt: number | null
  liftedAt: number | null
  createdAt: number
}

// A pending action may have no moment yet: its clock is stopped.
const finite = (column: SQL): SQL => sql`case when isfinite(${column}) then ${millis(column)} end`

const columns = sql`x.id, x.kind, case when x.status = 'active' and x.ends_at <= now() then 'ended'
    when x.status = 'active' and lower(x.during) > now() then 'pending' else x.status end as status,
  coalesce(o.kind, 'account') as "subjectKind", coalesce(x.account_id, x.organization_id) as "subjectId", x.reason_code as "reasonCode", x.policy, x.remedy, x.note,
  x.imposed_by_kind as "imposedByKind", x.imposed_by_id as "imposedById", x.approved_by_id as "approvedById", ${finite(sql`x.starts_at`)} as "startsAt",
  ${millis(sql`x.ends_at`)} as "endsAt", ${millis(sql`x.lifted_at`)} as "liftedAt", x.lift_reason as "liftReason", x.case_id as "caseId",
  x.verification_id as "verificationId", ${millis(sql`x.created_at`)} as "createdAt", x.revision`

const fromRow = ({ subjectKind, subjectId, startsAt, endsAt, liftedAt, createdAt, ...row }: Row): Action => ({
  ...row,
  subject: { kind: subjectKind, id: subjectId },
  startsAt: iso(startsAt ?? createdAt),
  endsAt: isoOrNull(endsAt),
  liftedAt: isoOrNull(liftedAt),
  createdAt: iso(createdAt)
})

/** Actions as `where` finds them; it sees `x` (the action) and `o` (the organization, if it is about one). */
export async function findActions(executor: Db['query'] | Tx, where: SQL, rest: SQL = sql`order by x.id desc`): Promise<Action[]> {
  const found = await rows<Row>(
    executor,
    sql`select ${columns} from enforcement_actions x left join organizations o on o.id = x.organization_id where ${where} ${rest}`
  )
  return found.map(fromRow)
}

export const ofSubject = ({ kind, id }: Subject): SQL => (kind === 'account' ? sql`x.account_id = ${id}` : sql`x.organization_id = ${id}`)

const rank = sql`array_position(array['notice', 'warning', 'restricted', 'suspended', 'banned'], x.kind)`

/** What is in force on a subject now, the hardest first. */
export const actionsInForce = (executor: Db['query'] | Tx, subject: Subject): Promise<Action[]> =>
  findActions(executor, sql`${ofSubject(subject)} and x.status = 'active' and x.during @> now()`, sql`order by ${rank} desc, x.id desc`)

export interface Imposition {
  subject: Subject
  kind: ActionKind
  reasonCode: ReasonCode
  /** The clause it rests on; the reason's own otherwise. */
  policy?: string | undefined
  remedy?: string | undefined
  note?: string | undefined
  /** Seconds from now; `never` until somebody starts its clock. At once otherwise. */
  startsIn?: number | 'never' | undefined
  /** ISO 8601; without end otherwise. */
  endsAt?: string | undefined
  caseId?: string | undefined
  verificationId?: string | undefined
}

/**
 * Imposes an action (E-1) in the caller's transaction, which holds the lock of its subject. A suspension ends all sessions of the account at
 * once (S-4, E-3); a ban waits for a second operator, until when it is only proposed. The person is told by mail, and so are the admins of
 * companies in which they are contact of active contracts (K-2).
 */
export async function imposeAction(tx: Tx, actor: Actor, input: Imposition): Promise<Action> {
  const { subject, kind, reasonCode } = input
  const reason = reasonOf(reasonCode)
  const id = newId()
  const before = await enforcementOf(tx, subject)
  if (input.startsIn === undefined && kind === 'suspended') await endSessionsOf(tx, actor, subject)
  // Moments are kept in milliseconds: rounded up, it would not have begun yet in this transaction.
  const startsAt =
    input.startsIn === 'never'
      ? sql`'infinity'::timestamptz`
      : sql`date_trunc('milliseconds', now() + make_interval(secs => ${input.startsIn ?? 0}::float8))`
  await tx.execute(sql`
    insert into enforcement_actions (id, account_id, organization_id, kind, status, reason_code, policy, remedy, note, imposed_by_kind, imposed_by_id,
      starts_at, ends_at, case_id, verification_id)
    values (${id}, ${subject.kind === 'account' ? subject.id : null}, ${subject.kind === 'account' ? null : subject.id}, ${kind},
      ${kind === 'banned' ? 'proposed' : 'active'}, ${reasonCode}, ${input.policy ?? reason.policy}, ${input.remedy ?? reason.remedy}, ${input.note ?? null},
      ${actor.kind}, ${actorId(actor)}, ${startsAt}, ${input.endsAt ?? null}::timestamptz, ${input.caseId ?? null}, ${input.verificationId ?? null})`)
  const action = await requireAction(tx, id)
  if (action.status === 'proposed') await note(tx, actor, action, 'enforcement.proposed')
  else await putInForce(tx, actor, action, before, 'enforcement.imposed')
  return action
}

/** Ends all sessions of an account that may not act any more (S-4): a trigger would as well, but the history is to say which they were. */
export async function endSessionsOf(tx: Tx, actor: Actor, subject: Subject): Promise<void> {
  if (subject.kind !== 'account') return
  await endSessions(tx, subject.id, 'enforcement', actor)
  // P-8: who goes on with another account is found from now on, also where that was nobody's business before.
  await weighAgain(tx, subject.id)
}

/** Notes that an action is in force from now on, and tells whom it concerns. */
export async function putInForce(tx: Tx, actor: Actor, action: Action, before: string, name: string): Promise<void> {
  const { subject } = action
  const after = await enforcementOf(tx, subject)
  await note(tx, actor, action, name, { before: { enforcement: before }, after: { enforcement: after } })
  // What has not begun is told of when it begins.
  if (action.status !== 'active') return
  await tx.execute(sql`update enforcement_actions set told_at = now() where id = ${action.id}`)
  await requestMails(tx, await whoIsTold(tx, action))
}

/**
 * Lifts actions that still stand, whatever is in force beside them stays. The subjects are locked. A ban goes by an appeal only. Answers
 * those that were lifted: each once among any number of tries.
 */
export async function liftActions(tx: Tx, actor: Actor, which: SQL, reason: LiftReason): Promise<Action[]> {
  const found = await findActions(
    tx,
    sql`${which} and x.status = 'active' and coalesce(x.ends_at > now(), true)`,
    sql`order by x.id for update of x`
  )
  const lifted: Action[] = []
  for (const action of found) {
    const before = await enforcementOf(tx, action.subject)
    await tx.execute(sql`
      update enforcement_actions set status = 'lifted', lifted_at = now(), lifted_by_kind = ${actor.kind}, lifted_by_id = ${actorId(actor)},
        lift_reason = ${reason}, revision = revision + 1 where id = ${action.id}`)
    const after = await enforcementOf(tx, action.subject)
    await note(
      tx,
      actor,
      action,
      'enforcement.lifted',
      { before: { enforcement: before }, after: { enforcement: after } },
      { liftReason: reason }
    )
    lifted.push(await requireAction(tx, action.id))
  }
  return lifted
}

async function requireAction(tx: Tx, id: string): Promise<Action> {
  const [action] = await findActions(tx, sql`x.id = ${id}`)
  return action!
}

/** The kind of enforcement that is in force on a subject now. */
export async function enforcementOf(tx: Tx, { kind, id }: Subject): Promise<string> {
  const table = kind === 'account' ? sql`accounts` : sql`organizations`
  const [row] = await rows<{ enforcement: string }>(tx, sql`select s.enforcement from ${table} s where s.id = ${id}`)
  return row!.enforcement
}

/** Where the history of a subject is kept. */
export const chainOf = ({ kind, id }: Subject): Change['chain'] => ({ kind: kind === 'account' ? 'account' : 'organization', id })

/** Writes what became of an action into the history of its subject; other services are told by an event. */
export async function note(
  tx: Tx,
  actor: Actor,
  action: Action,
  name: string,
  change?: { before: Record<string, unknown>; after: Record<string, unknown> },
  detail: Record<string, unknown> = {}
): Promise<void> {
  const { subject, id, kind, reasonCode, startsAt, endsAt } = action
  await record(tx, {
    actor,
    chain: chainOf(subject),
    action: name,
    resource: publicId(subject.kind, subject.id),
    detail: { actionId: publicId('action', id), kind, reasonCode, startsAt, endsAt, ...detail, ...change },
    ...(change ? { event: change } : {})
  })
}
