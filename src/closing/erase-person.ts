import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { fingerprintsOf } from '../identity/fingerprints.ts'
import { mailboxKey } from '../identity/mailbox-key.ts'
import type { Parts } from '../parts.ts'
import { ownIdentifier } from '../sessions/sign-in.ts'
import { forgetFailures, identifierHash } from '../sessions/sign-in-guard.ts'
import type { Traces } from './traces.ts'

/**
 * What a person is recognised by if they come back stays, as keyed fingerprints (P-16): those of documents are there, those of the addresses
 * are made here where they are missing, under every key.
 */
export async function keepTombstones(tx: Tx, { config: { keys } }: Parts, { accountId, addresses }: Traces): Promise<void> {
  for (const canonical of addresses) {
    const mailbox = mailboxKey(canonical)
    for (const { kind, keyId, hash } of [...fingerprintsOf(keys, 'email', canonical), ...fingerprintsOf(keys, 'mailbox', mailbox.key)]) {
      await tx.execute(sql`
        insert into evidence (account_id, kind, key_id, fingerprint, strong, source, verified_at, weighed_at)
        values (${accountId}, ${kind}, ${keyId}, decode(${hash}, 'hex'), ${kind === 'email' || mailbox.strong}, 'email', now(), now())
        on conflict do nothing`)
    }
  }
}

/** The account's own rows: only the account itself stays, with nothing of the person. */
export async function erasePerson(tx: Tx, parts: Parts, traces: Traces): Promise<void> {
  const { accountId, addresses } = traces
  for (const canonical of addresses) await forgetFailures(tx, identifierHash(parts.config.keys, canonical))
  await forgetFailures(tx, ownIdentifier(parts, accountId))
  await eraseMails(tx, traces)
  const own = sql`where account_id = ${accountId}`
  const statements = [
    sql`delete from mail_tokens ${own}`,
    sql`delete from emails ${own}`,
    sql`delete from sessions ${own}`,
    sql`delete from second_factors ${own}`,
    sql`delete from recovery_codes ${own}`,
    sql`delete from duplicate_proofs ${own}`,
    sql`delete from sharing_signals ${own}`,
    sql`delete from specialised_profiles ${own}`,
    sql`delete from freelancer_profiles ${own}`
  ]
  for (const statement of statements) await tx.execute(statement)
  const { hash, pepperId } = parts.passwords.unusable()
  await tx.execute(sql`
    update accounts set status = 'anonymised', first_name = '', last_name = '', country_code = 'ZZ', locale = 'en', intent = 'client',
      password_hash = ${hash}, pepper_id = ${pepperId}, password_stands_alone = true, revision = revision + 1 where id = ${accountId}`)
}

/** Mails to the person or about them that are waiting, or could not be sent: those that were sent say nothing any more. */
async function eraseMails(tx: Tx, { accountId, addresses }: Traces): Promise<void> {
  await tx.execute(sql`
    delete from outbox o where o.data <> '{}' and (
      exists (select from jsonb_each_text(o.data) as field where field.value = ${accountId}
        or field.value in (select id::text from emails where account_id = ${accountId}))
      or o.data ->> 'canonical' = any(${sql.param(addresses)}::text[]))`)
}

/** Words that were said about the person, and by them, in decisions: the decisions stay, with their reason codes. */
export async function eraseDecisions(tx: Tx, { accountId, alone }: Traces): Promise<void> {
  await tx.execute(sql`
    update enforcement_actions set note = null, remedy = '', revision = revision + 1
    where account_id = ${accountId} or organization_id = any(${sql.param(alone)}::uuid[])`)
  await tx.execute(sql`
    update appeal_messages set text = '' where appeal_id in (
      select p.id from appeals p join enforcement_actions x on x.id = p.action_id where ${accountId}::uuid in (p.account_id, x.account_id))`)
  await tx.execute(sql`
    update duplicate_cases set decision_reason = null
    where ${accountId}::uuid in (first_account_id, second_account_id) and decision_reason is not null`)
  await tx.execute(sql`update duplicate_exceptions set reason = null where ${accountId}::uuid in (first_account_id, second_account_id)`)
  await tx.execute(sql`update identity_verifications set defects = '{}' where account_id = ${accountId}`)
}
