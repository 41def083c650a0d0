import { sql } from 'drizzle-orm'
import type { FastifyBaseLogger } from 'fastify'
import { type LockedAccount, lockAccount, lockAddress } from '../accounts/accounts.ts'
import { type Actor, actorId, system } from '../actor.ts'
import { record } from '../audit/record.ts'
import { rows, type Tx } from '../db/database.ts'
import { loggable } from '../db/errors.ts'
import { publicId } from '../http/ids.ts'
import type { Parts } from '../parts.ts'
import { closeToErase } from './closing.ts'
import { eraseHistory } from './erase-history.ts'
import { eraseInvitations, eraseOrganizations, lockTraced } from './erase-organizations.ts'
import { eraseDecisions, erasePerson, keepTombstones } from './erase-person.ts'
import { type Erasure, findOpenErasure } from './erasures.ts'
import { findTraces } from './traces.ts'

/** Locks an account with all its addresses, in the order of locks: who has an address is decided again when it is erased. @throws not_found */
export async function lockToErase(tx: Tx, accountId: string): Promise<LockedAccount> {
  const own = await rows<{ canonical: string }>(tx, sql`select canonical from emails where account_id = ${accountId} order by canonical`)
  for (const { canonical } of own) await lockAddress(tx, canonical)
  return lockAccount(tx, accountId)
}

/**
 * Erases a person (P-16), on an open request. The audit with its chains, actions, decided cases and fingerprints of evidence stay, and so
 * does the id, which is never used again. An account that is still open, of somebody banned, closes first.
 * @throws closure_blocked
 */
export async function erase(tx: Tx, parts: Parts, actor: Actor, account: LockedAccount, request: Erasure): Promise<void> {
  const found = await findTraces(tx, account.id)
  // All organizations at once, in their order: those that closing locks are among them.
  await lockTraced(tx, found)
  if (account.status === 'active') await closeToErase(tx, actor, account)
  // Which ones only they ran is known once those are closed.
  const traces = account.status === 'active' ? await findTraces(tx, account.id) : found
  await keepTombstones(tx, parts, traces)
  await eraseHistory(tx, traces)
  await eraseInvitations(tx, traces)
  await eraseOrganizations(tx, traces)
  await eraseDecisions(tx, traces)
  await erasePerson(tx, parts, traces)
  const approvedById = request.requestedBy === 'operator' ? actorId(actor) : null
  await tx.execute(
    sql`update anonymisations set status = 'done', ended_at = now(), approved_by_id = ${approvedById} where id = ${request.id}`
  )
  await record(tx, {
    actor,
    chain: { kind: 'account', id: account.id },
    action: 'account.anonymised',
    resource: publicId('account', account.id),
    detail: { erasureId: publicId('erasure', request.id), requestedBy: request.requestedBy },
    event: { before: { status: account.status }, after: { status: 'anonymised' } }
  })
}

/**
 * Erases those who asked for it and whose time to change their mind is over, each in a transaction of its own; for the worker. Whoever was
 * suspended or banned meanwhile is left to operators. Answers how many were erased.
 */
export async function eraseDue(parts: Parts, log: Pick<FastifyBaseLogger, 'error'>): Promise<number> {
  const due = await rows<{ accountId: string }>(
    parts.db.query,
    sql`select x.account_id as "accountId" from anonymisations x join accounts a on a.id = x.account_id
      where x.status = 'scheduled' and x.due_at <= now() and a.enforcement not in ('suspended', 'banned') order by x.due_at limit 100`
  )
  let erased = 0
  for (const { accountId } of due) {
    try {
      if (await parts.db.transaction((tx) => eraseScheduled(tx, parts, accountId))) erased++
    } catch (error) {
      // One that fails is tried again in an hour, and holds up nobody else.
      await parts.db.query.execute(
        sql`update anonymisations set due_at = now() + interval '1 hour' where account_id = ${accountId} and status = 'scheduled'`
      )
      log.error({ failure: loggable(error), accountId: publicId('account', accountId) }, 'an erasure failed')
    }
  }
  return erased
}

/** Unless the account came back meanwhile, or is erased already. */
async function eraseScheduled(tx: Tx, parts: Parts, accountId: string): Promise<boolean> {
  const account = await lockToErase(tx, accountId)
  const request = await findOpenErasure(tx, accountId)
  const free = account.enforcement !== 'suspended' && account.enforcement !== 'banned'
  if (request?.status !== 'scheduled' || account.status !== 'closed' || !free) return false
  await erase(tx, parts, system, account, request)
  return true
}
