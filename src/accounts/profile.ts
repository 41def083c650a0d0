import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows } from '../db/database.ts'
import { requireFresh, type Versions } from '../http/consistency.ts'
import { publicId } from '../http/ids.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import type { Parts } from '../parts.ts'
import { type AccountView, lockAccountAt, viewAccount } from './accounts.ts'
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

// The one that has proven the address stands before all others, which are in the order of their ids, newest first.
const place = sql`case when e.verified_at is null then a.id else 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid end`

/**
 * Accounts that claim an address, the one that has proven it first; for operators. Each look is in the audit of the account it shows.
 * What is no address finds nothing.
 */
export async function searchAccounts(
  parts: Parts,
  actor: ActorOf<'operator'>,
  input: { email: string; limit?: number | undefined; cursor?: string | undefined },
  atLeast: Versions | undefined
): Promise<Page<AccountView>> {
  const limit = input.limit ?? defaultLimit
  const email = canonicalEmail(input.email)
  const cursor = cursors(parts.config.keys, `accounts:${actor.operatorId}:${email.ok && email.canonical}`)
  const after = cursor.read(input.cursor) ?? null
  if (!email.ok) return { items: [], nextCursor: null }
  return parts.db.transaction(async (tx) => {
    const found = await rows<{ id: string; place: string }>(
      tx,
      sql`select a.id, ${place} as place from emails e join accounts a on a.id = e.account_id where e.canonical = ${email.canonical}
        and (${after}::uuid is null or ${place} < ${after}::uuid) order by 2 desc limit ${limit + 1}
        for key share of a`
    )
    const { items, nextCursor } = cutPage(found, limit, (last) => cursor.write(last.place))
    const accounts: AccountView[] = []
    for (const { id } of items) {
      const account = await viewAccount(tx, id)
      requireFresh(atLeast, 'account', id, account.version)
      await record(tx, { actor, chain: { kind: 'account', id }, action: 'account.viewed', resource: publicId('account', id) })
      accounts.push(account)
    }
    return { items: accounts, nextCursor }
  })
}
