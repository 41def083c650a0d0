import { sql } from 'drizzle-orm'
import { type LockedAccount, lockAccount, lockAddress } from '../accounts/accounts.ts'
import { findMailToken, useMailToken } from '../accounts/mail-tokens.ts'
import { type Actor, type ActorOf, actorId } from '../actor.ts'
import type { Db, Tx } from '../db/database.ts'
import { refuseIfBlocked } from '../http/blockers.ts'
import { newId } from '../http/ids.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import { requestMail } from '../mail/outbox.ts'
import { requireId } from '../organizations/organizations.ts'
import { requireNotOwnAccount } from '../organizations/ownership.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { requireRecentSignIn } from '../sessions/recent-sign-in.ts'
import { closeToErase, closureBlockers, requireNoEnforcement } from './closing.ts'
import { erase, lockToErase } from './erasing.ts'
import { cancelErasures, type Erasure, findErasures, findOpenErasure, noteErasure } from './erasures.ts'

/**
 * Asks that one's own data be erased (P-16). Signed in, with a recent sign-in (S-8), it closes the account as well; by the token of the
 * reactivation mail it is for an account that is closed already, and uses the token up. Until it is due, reactivating cancels it.
 * @throws closure_blocked, account_under_enforcement, reauthentication_required, token_dead, erasure_open, not_signed_in
 */
export async function requestAnonymisation(
  parts: Parts,
  db: Db,
  actor: ActorOf<'anonymous' | 'account'>,
  token: string | undefined
): Promise<Erasure> {
  if (token !== undefined) return requestByLink(parts, db, actor, token)
  if (actor.kind !== 'account') throw refuse('not_signed_in')
  requireRecentSignIn(parts, actor)
  return db.transaction(async (tx) => {
    const account = await lockAccount(tx, actor.accountId)
    if (account.status !== 'active') throw refuse('not_signed_in')
    requireNoEnforcement(account)
    await closeToErase(tx, actor, account)
    return schedule(tx, parts, actor, account)
  })
}

function requestByLink(parts: Parts, db: Db, actor: Actor, token: string): Promise<Erasure> {
  return db.transaction(async (tx) => {
    const { accountId, canonical } = await findMailToken(tx, 'reactivate', token)
    await lockAddress(tx, canonical)
    const account = await lockAccount(tx, accountId)
    await useMailToken(tx, 'reactivate', token)
    // Opened again meanwhile: whoever is signed in asks with a recent sign-in.
    if (account.status !== 'closed') throw refuse('token_dead')
    requireNoEnforcement(account)
    return schedule(tx, parts, { ...actor, kind: 'account', accountId, sessionId: '', signInAge: 0 }, account)
  })
}

async function schedule(tx: Tx, { config }: Parts, actor: Actor, { id: accountId }: LockedAccount): Promise<Erasure> {
  const request = await insert(tx, actor, accountId, 'scheduled', config.ERASURE_GRACE_SECONDS)
  await requestMail(tx, { kind: 'erasure_scheduled', accountId })
  return request
}

async function insert(
  tx: Tx,
  actor: Actor,
  accountId: string,
  status: 'scheduled' | 'proposed',
  seconds: number | null,
  personal?: Record<string, unknown>
): Promise<Erasure> {
  if (await findOpenErasure(tx, accountId)) throw refuse('erasure_open')
  await tx.execute(sql`
    insert into anonymisations (id, account_id, status, requested_by_kind, requested_by_id, due_at)
    values (${newId()}, ${accountId}, ${status}, ${actor.kind}, ${actorId(actor)}, now() + make_interval(secs => ${seconds}::float8))`)
  const request = (await findOpenErasure(tx, accountId))!
  await noteErasure(tx, actor, request, status, personal)
  return request
}

/**
 * Proposes, for operators, to erase somebody who is banned or whose account is closed, at their request; a second operator decides.
 * @throws not_found, access_denied for one's own account, conflict, erasure_open, closure_blocked
 */
export async function proposeAnonymisation(
  db: Db,
  actor: ActorOf<'operator'>,
  input: { accountId: string; reason: string }
): Promise<Erasure> {
  const accountId = requireId('account', input.accountId)
  return db.transaction(async (tx) => {
    const account = await lockAccount(tx, accountId)
    await requireNotOwnAccount(tx, actor, accountId)
    requireErasable(account)
    if (account.status === 'active') refuseIfBlocked(await closureBlockers(tx, account), 'closure_blocked')
    return insert(tx, actor, accountId, 'proposed', null, { reason: input.reason })
  })
}

/** An open account is erased only when it is banned: whoever is not can close it, and ask themselves. @throws conflict */
function requireErasable({ status, enforcement }: LockedAccount): void {
  const banned = status === 'active' && enforcement === 'banned'
  if (status !== 'closed' && !banned)
    throw refuse('conflict', { detail: 'Only accounts that are closed or banned are erased by operators.' })
}

/** All requests to erase somebody, newest first, for operators: `proposed` ones wait for a second pair of eyes. */
export async function listAnonymisations(
  { db, config }: Parts,
  { operatorId }: ActorOf<'operator'>,
  input: { status?: Erasure['status'] | undefined; limit?: number | undefined; cursor?: string | undefined }
): Promise<Page<Erasure>> {
  const { status = null, limit = defaultLimit } = input
  const cursor = cursors(config.keys, `anonymisations:${operatorId}:${status}`)
  const after = cursor.read(input.cursor) ?? null
  const found = await findErasures(
    db.query,
    sql`(${status}::text is null or x.status = ${status}) and (${after}::uuid is null or x.id < ${after}::uuid)`,
    sql`order by x.id desc limit ${limit + 1}`
  )
  return cutPage(found, limit, (last) => cursor.write(last.id))
}

/**
 * Approves a proposed erasure, by another operator than who proposed it, and erases at once.
 * @throws not_found, access_denied, erasure_not_open, four_eyes_required, conflict, closure_blocked
 */
export async function approveAnonymisation(parts: Parts, db: Db, actor: ActorOf<'operator'>, accountId: string): Promise<void> {
  const id = requireId('account', accountId)
  await db.transaction(async (tx) => {
    const account = await lockToErase(tx, id)
    await requireNotOwnAccount(tx, actor, id)
    const request = await findOpenErasure(tx, id)
    if (request?.status !== 'proposed') throw refuse('erasure_not_open')
    if (request.requestedById === actor.operatorId) throw refuse('four_eyes_required')
    requireErasable(account)
    await erase(tx, parts, actor, account, request)
  })
}

/**
 * Withdraws the open request for an account, a person's or an operator's; whoever had asked for it themselves is told.
 * @throws not_found, access_denied, erasure_not_open
 */
export async function cancelAnonymisation(db: Db, actor: ActorOf<'operator'>, accountId: string): Promise<void> {
  const id = requireId('account', accountId)
  await db.transaction(async (tx) => {
    await lockAccount(tx, id)
    await requireNotOwnAccount(tx, actor, id)
    const cancelled = await cancelErasures(tx, actor, id)
    if (!cancelled) throw refuse('erasure_not_open')
    if (cancelled.requestedBy === 'account') await requestMail(tx, { kind: 'erasure_cancelled', accountId: id })
  })
}
