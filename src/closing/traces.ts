import { sql } from 'drizzle-orm'
import { canonicalEmail } from '../accounts/email-address.ts'
import { rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'

/** By what a person is known in the database, before they are erased. */
export interface Traces {
  accountId: string
  /** Canonical addresses that are theirs, or were and belong to nobody else now. */
  addresses: string[]
  /** Every full name they have had here. */
  names: string[]
  /** Public ids of all memberships they have or had. */
  memberIds: string[]
  /** Organizations that they alone ran: owned by them, closed, with no other member. */
  alone: string[]
  /** All organizations they had to do with. */
  organizations: string[]
}

/** Gathers them; the account is locked by the caller. */
export async function findTraces(tx: Tx, accountId: string): Promise<Traces> {
  const history = await namesInHistory(tx, accountId)
  const memberships = await rows<{ id: string; organizationId: string }>(
    tx,
    sql`select id, organization_id as "organizationId" from memberships where account_id = ${accountId}
      union all select id, organization_id from ended_memberships where account_id = ${accountId}`
  )
  const addresses = await ownAddresses(tx, accountId, history.addresses)
  const others = await rows<{ id: string }>(
    tx,
    sql`select organization_id as id from invitations where inviter_account_id = ${accountId} or canonical = any(${sql.param(addresses)}::text[])
      union select organization_id from join_requests where ${accountId}::uuid in (account_id, decided_by_account_id)`
  )
  const alone = await rows<{ id: string }>(
    tx,
    sql`select o.id from organizations o where o.owner_account_id = ${accountId} and o.status = 'closed'
      and not exists (select from memberships m where m.organization_id = o.id and m.account_id <> ${accountId})`
  )
  return {
    accountId,
    addresses,
    names: history.names,
    memberIds: memberships.map(({ id }) => publicId('member', id)),
    alone: alone.map(({ id }) => id),
    organizations: [...new Set([...memberships.map(({ organizationId }) => organizationId), ...others.map(({ id }) => id)])].sort()
  }
}

interface Words {
  firstName?: string
  lastName?: string
}

/** Names and addresses out of the personal values of the account's own history, with those of now. */
async function namesInHistory(tx: Tx, accountId: string): Promise<{ names: string[]; addresses: string[] }> {
  const [now] = await rows<{ firstName: string; lastName: string }>(
    tx,
    sql`select first_name as "firstName", last_name as "lastName" from accounts where id = ${accountId}`
  )
  const changes = await rows<{ action: string; values: { address?: string; before?: Words; after?: Words } }>(
    tx,
    sql`select e.action, p.values from audit_events e join audit_personal p on p.event_id = e.id
      where e.chain_kind = 'account' and e.chain_id = ${accountId} and e.action in ('account.updated', 'account.activated', 'email.verified') order by e.sequence desc`
  )
  const names = [`${now!.firstName} ${now!.lastName}`]
  let current = { ...now! }
  // From the latest change back: each says what was before it.
  for (const { values } of changes.filter(({ action }) => action === 'account.updated')) {
    current = { ...current, ...values.before }
    names.push(`${current.firstName} ${current.lastName}`)
  }
  // Those that were proven: one that was only added may be anybody's.
  const addresses = changes.flatMap(({ values }) => {
    const email = values.address === undefined ? undefined : canonicalEmail(values.address)
    return email?.ok ? [email.canonical] : []
  })
  return { names: [...new Set(names.map((name) => name.trim()).filter(Boolean))], addresses }
}

/** An address that somebody else has proven by now is theirs, whoever had it before. */
async function ownAddresses(tx: Tx, accountId: string, former: string[]): Promise<string[]> {
  const found = await rows<{ canonical: string }>(
    tx,
    sql`select canonical from emails where account_id = ${accountId} and verified_at is not null
      union select former from unnest(${sql.param(former)}::text[]) as former
        where not exists (select from emails e where e.canonical = former and e.account_id <> ${accountId} and e.verified_at is not null)`
  )
  return found.map(({ canonical }) => canonical)
}
