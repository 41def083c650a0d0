import { randomBytes } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import { type Actor, actorId } from '../actor.ts'
import type { Tx } from '../db/database.ts'
import { newId } from '../http/ids.ts'

export interface Change {
  actor: Actor
  /** Whose history it belongs to; `identifier` stands for an email address nobody has, by its keyed hash. */
  chain: { kind: 'account' | 'organization' | 'identifier' | 'system'; id: string }
  /** Noun and participle, e.g. `session.created`. */
  action: string
  /** Public id of what was changed. */
  resource: string
  /** Ids, states and counts: never a name, an address, a token. */
  detail?: Record<string, unknown>
  /** Personal values worth keeping; they can be erased later without breaking the chain. */
  personal?: Record<string, unknown>
  /** Told to other services as well, with the state before and after. */
  event?: { before?: Record<string, unknown>; after?: Record<string, unknown> }
}

/** The history of what belongs to no account or organization: clients, operators, keys. */
export const systemChain = { kind: 'system', id: '00000000-0000-0000-0000-000000000000' } as const

/** Writes the audit row of a change, and its event where it has one, in the change's own transaction. */
export async function record(tx: Tx, change: Change): Promise<void> {
  const { actor, chain, action, resource, event } = change
  const id = newId()
  const salt = change.personal && randomBytes(16)
  const personal = json(change.personal)
  const digest = salt ? personalDigest(sql`${salt}::bytea`, sql`${personal}::jsonb`) : sql`null`
  const audited = sql`
    insert into audit_events (id, chain_kind, chain_id, actor_kind, actor_id, action, resource, request_id, detail, personal_digest, sequence, previous_hash, hash)
    values (${id}, ${chain.kind}, ${chain.id}, ${actor.kind}, ${actorId(actor)}, ${action}, ${resource}, ${actor.requestId},
      ${JSON.stringify(change.detail ?? {})}::jsonb, ${digest}, 0, ''::bytea, ''::bytea)`
  // One round trip for all; the trigger of the audit numbers and hashes its row.
  const told =
    event &&
    sql`insert into events (id, type, subject, organization_id, actor_kind, actor_id, before, after)
      values (${id}, ${action}, ${resource}, ${chain.kind === 'organization' ? chain.id : null}, ${actor.kind}, ${actorId(actor)}, ${json(event.before)}::jsonb, ${json(event.after)}::jsonb)`
  const kept = salt && sql`insert into audit_personal (event_id, salt, values) values (${id}, ${salt}, ${personal}::jsonb)`
  if (told && kept) await tx.execute(sql`with audited as (${audited}), kept as (${kept}) ${told}`)
  else if (told ?? kept) await tx.execute(sql`with audited as (${audited}) ${told ?? kept}`)
  else await tx.execute(audited)
}

/** What the chain holds of personal values, over the text that the database gives them: written and checked by the same rule. */
export const personalDigest = (salt: SQL, values: SQL): SQL => sql`sha256(${salt} || convert_to(${values}::text, 'UTF8'))`

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))
