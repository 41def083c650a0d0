import { type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import type { Config } from '../config.ts'
import { rows, type Tx } from '../db/database.ts'
import { addressBlock, addressPlace } from '../http/addresses.ts'
import { addJob, jobOf } from '../jobs/queue.ts'
import type { Keyring } from '../keyring.ts'
import { asRows, type Fingerprint, fingerprintLock, fingerprintsOf } from './fingerprints.ts'
import { mailboxKey } from './mailbox-key.ts'

const weighingKey = (accountId: string): string => `weigh:${accountId}`

/**
 * Keeps that an account has proven an address: the address itself, which is remembered after it is erased (P-8, P-16), and the mailbox it
 * leads to (P-1). Compared with other accounts right after the commit. The account is locked.
 */
export async function noteProvenAddress(tx: Tx, keys: Keyring, accountId: string, canonical: string): Promise<void> {
  const { key, strong } = mailboxKey(canonical)
  const prints = [
    ...fingerprintsOf(keys, 'email', canonical).map((print) => ({ ...print, strong: true })),
    ...fingerprintsOf(keys, 'mailbox', key).map((print) => ({ ...print, strong }))
  ]
  await tx.execute(sql`
    with fresh as (
      insert into evidence (account_id, kind, key_id, fingerprint, strong, source, verified_at)
      select ${accountId}, r.kind, r."keyId", decode(r.hash, 'hex'), r.strong, 'email', now()
      from jsonb_to_recordset(${JSON.stringify(prints)}::jsonb) as r (kind text, "keyId" text, hash text, strong boolean)
      on conflict do nothing returning 1
    )
    select ${weighing(accountId)} from (select from fresh limit 1) f`)
}

/**
 * Keeps from where somebody signed in (P-6): one statement, and nothing but it when both are known already. What is new is compared right
 * after the commit where a few others hold it; what nobody else holds, or a crowd, has nothing to say of this account. The account is locked.
 */
export async function noteSignIn(
  tx: Tx,
  { keys, EVIDENCE_CROWD: crowd }: Pick<Config, 'keys' | 'EVIDENCE_CROWD'>,
  accountId: string,
  { userAgent, address }: Actor
): Promise<void> {
  const prints = [
    ...fingerprintsOf(keys, 'device', `session ${userAgent} ${addressPlace(address)}`),
    ...fingerprintsOf(keys, 'ip', addressBlock(address))
  ]
  // Whoever compares holds the lock. It is not waited for, since it comes before the account's: who cannot have it leaves all to the job.
  const fresh = await rows<Fingerprint & { held: boolean }>(
    tx,
    sql`insert into evidence (account_id, kind, key_id, fingerprint, strong, source)
      select ${accountId}, p.kind, p.key_id, p.fingerprint, false, 'session' from ${asRows(prints)} on conflict do nothing
      returning kind, key_id as "keyId", encode(fingerprint, 'hex') as hash,
        pg_try_advisory_xact_lock(${fingerprintLock(sql`kind || ' ' || key_id || ' ' || encode(fingerprint, 'hex')`)}) as held`
  )
  if (fresh.length === 0) return
  // In a statement of its own: it sees what everybody kept who held a lock before.
  await tx.execute(sql`
    with compared as (
      select r.kind, r."keyId" as key_id, decode(r.hash, 'hex') as fingerprint, o.others >= ${crowd}::int or (o.others = 0 and r.held) as silent
      from jsonb_to_recordset(${JSON.stringify(fresh)}::jsonb) as r (kind text, "keyId" text, hash text, held boolean) cross join lateral (
        select count(*) as others from (select from evidence e where e.kind = r.kind and e.key_id = r."keyId"
          and e.fingerprint = decode(r.hash, 'hex') and e.account_id <> ${accountId} limit ${crowd}) h
      ) o
    ), settled as (
      update evidence e set weighed_at = now() from compared c
      where c.silent and e.account_id = ${accountId} and e.kind = c.kind and e.key_id = c.key_id and e.fingerprint = c.fingerprint
    )
    select ${weighing(accountId)} from (select from compared where not silent limit 1) c`)
}

/** The call that queues the job which compares what an account holds and nobody has compared yet. */
const weighing = (accountId: string): SQL =>
  jobOf('weigh_evidence', sql`json_build_object('accountId', ${accountId}::text)`, sql`${weighingKey(accountId)}::text`)

/** Has the strong evidence of an account compared again, since what follows from it has changed: it was suspended or banned (P-8), closed (P-9) or opened again; `all` of it, where weak evidence meant nothing meanwhile. */
export async function weighAgain(tx: Tx, accountId: string, which: 'strong' | 'all' = 'strong'): Promise<void> {
  await tx.execute(sql`update evidence set weighed_at = null where account_id = ${accountId} and (strong or ${which === 'all'})`)
  await addJob(tx, 'weigh_evidence', { accountId }, { key: weighingKey(accountId) })
}
