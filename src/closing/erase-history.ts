import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import type { Traces } from './traces.ts'

/**
 * Erases personal values from the audit; its rows stay, and so do their chains, which hold salted digests of the values. In the own history
 * and in those of organizations that only the person ran all of them go. In other organizations that they had to do with: what they wrote, what
 * was written of their memberships, whatever names them by an address, and, where a row is about them, whatever does by their full name. Words
 * about somebody else stay, whatever name a person takes before they go.
 */
export async function eraseHistory(tx: Tx, traces: Traces): Promise<void> {
  const { accountId, alone, organizations, memberIds, addresses, names } = traces
  await eraseIn(tx, { kind: 'account', ids: [accountId] }, sql`true`)
  await eraseIn(tx, { kind: 'organization', ids: alone }, sql`true`)
  const shared = { kind: 'organization', ids: organizations } as const
  const by = sql`e.actor_kind = 'account' and e.actor_id = ${accountId}`
  await eraseIn(tx, shared, sql`(${by}) or e.resource = any(${sql.param(memberIds)}::text[])`)
  // An address is one person's wherever it stands; a name is many people's.
  const addressed = patternOf(addresses, '(?<![a-z0-9._%+@-])', '(?![a-z0-9@-])')
  if (addressed) await eraseIn(tx, shared, sql`p.values::text ~* ${addressed}`)
  const named = patternOf(names, '(?<!\\w)', '(?!\\w)')
  if (!named) return
  const self = [publicId('account', accountId), ...memberIds]
  const about = sql`e.resource = any(${sql.param(self)}::text[]) or e.detail::text ~ ${self.join('|')}`
  await eraseIn(tx, shared, sql`(${about}) and p.values::text ~* ${named}`)
}

/** In some histories, which are found by their chains: the locks that are held do not wait for a look at everybody's. */
async function eraseIn(tx: Tx, chains: { kind: 'account' | 'organization'; ids: string[] }, where: SQL): Promise<void> {
  await tx.execute(sql`
    delete from audit_personal where event_id = any(array(
      select e.id from audit_events e join audit_personal p on p.event_id = e.id
      where e.chain_kind = ${chains.kind} and e.chain_id = any(${sql.param(chains.ids)}::uuid[]) and (${where})))`)
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
