import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { cutPage, type Page } from '../http/pages.ts'
import { type AccountView, getAccount, lockAccountAt, viewAccount } from './accounts.ts'
import { canonicalEmail } from './email-address.ts'

export interface AccountChanges {
  firstName?: string | undefined
  lastName?: string | undefined
  countryCode?: string | undefined
  locale?: string | undefined
}

/** Changes what a person says about themselves, from the version they have seen. @throws stale_version */
export async function updateAccount(db: Db, actor: ActorOf<'account'>, revision: number, changes: AccountChanges): Promise<AccountView> {
  return db.transaction(async (tx) => {
    await lockAccountAt(tx, actor.accountId, revision)
    const before = await viewAccount(tx, actor.accountId)
    const given = Object.entries(changes).filter(([name, value]) => value !== undefined && value !== before[name as keyof AccountChanges])
    if (given.length === 0) return before
    await tx.execute(sql`
      update accounts set first_name = coalesce(${changes.firstName ?? null}, first_name), last_name = coalesce(${changes.lastName ?? null}, last_name),
        country_code = coalesce(${changes.countryCode ?? null}, country_code), locale = coalesce(${changes.locale ?? null}, locale),
        revision = revision + 1
      where id = ${actor.accountId}`)
    const fields = given.map(([name]) => name)
    await record(tx, {
      actor,
      chain: { kind: 'account', id: actor.accountId },
      action: 'account.updated',
      resource: publicId('account', actor.accountId),
      detail: { fields },
      personal: {
        before: Object.fromEntries(fields.map((name) => [name, before[name as keyof AccountChanges]])),
        after: Object.fromEntries(given)
      },
      event: { after: { fields } }
    })
    return viewAccount(tx, actor.accountId)
  })
}

/**
 * Accounts that claim an address, the one that has proven it first; for operators. Each look is in the audit of the account it shows.
 * What is no address finds nothing.
 */
export async function searchAccounts(db: Db, actor: ActorOf<'operator'>, address: string): Promise<Page<AccountView>> {
  const email = canonicalEmail(address)
  if (!email.ok) return { items: [], nextCursor: null }
  const found = await db.transaction(async (tx) => {
    const ids = await rows<{ id: string }>(
      tx,
      sql`select a.id from emails e join accounts a on a.id = e.account_id where e.canonical = ${email.canonical}
        order by e.verified_at is null, a.created_at desc limit 100`
    )
    for (const { id } of ids) {
      await record(tx, { actor, chain: { kind: 'account', id }, action: 'account.viewed', resource: publicId('account', id) })
    }
    return ids
  })
  return cutPage(await Promise.all(found.map(({ id }) => getAccount(db, id))), 100, () => '')
}
