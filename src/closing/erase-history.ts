import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { Traces } from './traces.ts'

/**
 * Erases personal values from the audit; its rows stay, and so do their chains, which hold salted digests of the values. In the own history
 * and in those of organizations that only the person ran all of them go; elsewhere what the person wrote, what was written of their
 * memberships, and whatever names them by an address or by their full name.
 */
export async function eraseHistory(tx: Tx, traces: Traces): Promise<void> {
  const { accountId, alone, organizations, memberIds, addresses, names } = traces
  await tx.execute(sql`
    delete from audit_personal p using audit_events e where e.id = p.event_id and (
      (e.chain_kind = 'account' and e.chain_id = ${accountId})
      or (e.chain_kind = 'organization' and e.chain_id = any(${sql.param(alone)}::uuid[]))
      or (e.chain_kind = 'organization' and e.chain_id = any(${sql.param(organizations)}::uuid[])
        and (e.actor_kind = 'account' and e.actor_id = ${accountId} or e.resource = any(${sql.param(memberIds)}::text[]))))`)
  // An address is one person's wherever it stands; a name is many people's.
  const addressed = patternOf(addresses, '(?<![a-z0-9._%+@-])', '(?![a-z0-9@-])')
  if (addressed) await tx.execute(sql`delete from audit_personal where values::text ~* ${addressed}`)
  const named = patternOf(names, '(?<!\\w)', '(?!\\w)')
  if (!named) return
  await tx.execute(sql`
    delete from audit_personal p using audit_events e where e.id = p.event_id and e.chain_kind = 'organization'
      and e.chain_id = any(${sql.param(organizations)}::uuid[]) and p.values::text ~* ${named}`)
}

/** Finds texts that are no part of a longer one, as they stand in JSON, whatever the spaces between their words. */
function patternOf(texts: readonly string[], before: string, after: string): string | undefined {
  const parts = texts.map((text) => `${before}${text.split(/\s+/).map(literal).join('\\s+')}${after}`)
  return parts.length === 0 ? undefined : parts.join('|')
}

const literal = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
