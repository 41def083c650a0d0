import { sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import type { Tx } from '../db/database.ts'
import { addressBlock, addressPlace } from '../http/addresses.ts'
import { addJob, jobOf } from '../jobs/queue.ts'
import type { Keyring } from '../keyring.ts'
import { type Fingerprint, fingerprintsOf } from './fingerprints.ts'
import { mailboxKey } from './mailbox-key.ts'

/** Evidence that the service sees itself. */
interface Noted extends Fingerprint {
  strong: boolean
}

const noted = (prints: Fingerprint[], strong: boolean): Noted[] => prints.map((print) => ({ ...print, strong }))
const weighingKey = (accountId: string): string => `weigh:${accountId}`

/**
 * Keeps that an account has proven an address: the address itself, which is remembered after it is erased (P-8, P-16), and the mailbox it
 * leads to (P-1). Compared with other accounts right after the commit. The account is locked.
 */
export async function noteProvenAddress(tx: Tx, keys: Keyring, accountId: string, canonical: string): Promise<void> {
  const { key, strong } = mailboxKey(canonical)
  await note(tx, accountId, 'email', [
    ...noted(fingerprintsOf(keys, 'email', canonical), true),
    ...noted(fingerprintsOf(keys, 'mailbox', key), strong)
  ])
}

/** Keeps from where somebody signed in (P-6): one statement, and nothing but it when both are known already. */
export async function noteSignIn(tx: Tx, keys: Keyring, accountId: string, { userAgent, address }: Actor): Promise<void> {
  await note(tx, accountId, 'session', [
    ...noted(fingerprintsOf(keys, 'device', `session ${userAgent} ${addressPlace(address)}`), false),
    ...noted(fingerprintsOf(keys, 'ip', addressBlock(address)), false)
  ])
}

async function note(tx: Tx, accountId: string, source: 'email' | 'session', prints: Noted[]): Promise<void> {
  await tx.execute(sql`
    with fresh as (
      insert into evidence (account_id, kind, key_id, fingerprint, strong, source, verified_at)
      select ${accountId}, r.kind, r."keyId", decode(r.hash, 'hex'), r.strong, ${source}::text, case when ${source} = 'email' then now() end
      from jsonb_to_recordset(${JSON.stringify(prints)}::jsonb) as r (kind text, "keyId" text, hash text, strong boolean)
      on conflict do nothing returning 1
    )
    select ${jobOf('weigh_evidence', sql`json_build_object('accountId', ${accountId}::text)`, sql`${weighingKey(accountId)}::text`)}
    from (select from fresh limit 1) f`)
}

/** Has the strong evidence of an account compared again, since what follows from it has changed: it was suspended or banned (P-8), closed (P-9) or opened again; `all` of it, where weak evidence meant nothing meanwhile. */
export async function weighAgain(tx: Tx, accountId: string, which: 'strong' | 'all' = 'strong'): Promise<void> {
  await tx.execute(sql`update evidence set weighed_at = null where account_id = ${accountId} and (strong or ${which === 'all'})`)
  await addJob(tx, 'weigh_evidence', { accountId }, { key: weighingKey(accountId) })
}
