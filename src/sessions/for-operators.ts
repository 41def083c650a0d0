import { sql } from 'drizzle-orm'
import { bumpRevision, lockAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { requestMail } from '../mail/outbox.ts'
import { requireId } from '../organizations/organizations.ts'
import { requireNotOwnAccount } from '../organizations/ownership.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { endSessions } from './sessions.ts'

/** Signs a person out everywhere, for operators (S-4); the person is told. Answers how many sessions ended. @throws not_found, access_denied */
export async function endSessionsOfAccount(db: Db, actor: ActorOf<'operator'>, accountId: string): Promise<{ ended: number }> {
  const id = requireId('account', accountId)
  return db.transaction(async (tx) => {
    await lockAccount(tx, id)
    await requireNotOwnAccount(tx, actor, id)
    const ended = await endSessions(tx, id, 'support', actor)
    if (ended > 0) await requestMail(tx, { kind: 'sessions_ended', accountId: id })
    return { ended }
  })
}

/**
 * Removes a second factor that a person has lost, for operators (S-7); the person is told. A password that is too short to stand alone (S-1)
 * ends with it, and the person gets a link to choose another. @throws not_found, access_denied, totp_not_enabled
 */
export async function removeTotpOfAccount({ passwords }: Parts, db: Db, actor: ActorOf<'operator'>, accountId: string): Promise<void> {
  const id = requireId('account', accountId)
  await db.transaction(async (tx) => {
    const account = await lockAccount(tx, id)
    await requireNotOwnAccount(tx, actor, id)
    const removed = await rows<{ confirmed: boolean }>(
      tx,
      sql`delete from second_factors where account_id = ${id} returning confirmed_at is not null as confirmed`
    )
    if (!removed[0]?.confirmed) throw refuse('totp_not_enabled')
    await tx.execute(sql`delete from recovery_codes where account_id = ${id}`)
    await bumpRevision(tx, id)
    await record(tx, {
      actor,
      chain: { kind: 'account', id },
      action: 'second_factor.removed',
      resource: publicId('account', id),
      detail: { passwordStands: account.passwordStandsAlone },
      event: { after: { secondFactor: false } }
    })
    await requestMail(tx, { kind: 'second_factor_changed', accountId: id, change: 'removed_by_support' })
    if (account.passwordStandsAlone) return
    const { hash, pepperId } = passwords.unusable()
    await tx.execute(sql`update accounts set password_hash = ${hash}, pepper_id = ${pepperId} where id = ${id}`)
    const [primary] = await rows<{ id: string }>(tx, sql`select id from emails where account_id = ${id} and is_primary`)
    if (primary) await requestMail(tx, { kind: 'password_owed', emailId: primary.id })
  })
}
