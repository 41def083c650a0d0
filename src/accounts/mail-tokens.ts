import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { hmac, type Keyring, sha256 } from '../keyring.ts'
import { refuse } from '../problems.ts'
import { isToken, tokenText } from '../tokens.ts'
import type { mailTokenPurposes } from './tables.ts'

export type MailTokenPurpose = (typeof mailTokenPurposes)[number]

const prefixes: Record<MailTokenPurpose, string> = {
  verify_email: 'ghv',
  verify_address: 'gha',
  reset_password: 'ghp',
  undo_email_change: 'ghu',
  reactivate: 'ghb'
}

/**
 * The token of a mail: derived from the id of its row, so that it is stored nowhere and yet the same when the mail is sent
 * again. Without the key nobody can tell it from 256 random bits.
 */
export const mailToken = (keys: Keyring, purpose: MailTokenPurpose, id: string, keyId: string): string =>
  tokenText(prefixes[purpose], hmac(keys.derive(`mail-token/${purpose}`, keyId), id))

interface NewMailToken {
  /** Of the outbox row that carries it. */
  id: string
  purpose: MailTokenPurpose
  accountId: string
  emailId: string
  /** Life from now. */
  seconds: number
}

/** Dated by the change that causes the mail, and living from when it is sent: makes the token of a mail and ends earlier ones of its purpose; the same one again when the mail is sent again. */
export async function issueMailToken(tx: Tx, keys: Keyring, { id, purpose, accountId, emailId, seconds }: NewMailToken): Promise<string> {
  const [known] = await rows<{ key_id: string }>(tx, sql`select key_id from mail_tokens where id = ${id}`)
  const keyId = known?.key_id ?? keys.currentId
  const token = mailToken(keys, purpose, id, keyId)
  if (known) return token
  await tx.execute(sql`
    delete from mail_tokens where purpose = ${purpose} and used_at is null
      and case when purpose in ('reset_password', 'reactivate') then account_id = ${accountId} else email_id = ${emailId} end`)
  await tx.execute(sql`
    insert into mail_tokens (id, purpose, token_hash, key_id, account_id, email_id, created_at, expires_at)
    values (${id}, ${purpose}, ${sha256(token)}, ${keyId}, ${accountId}, ${emailId},
      coalesce((select created_at from outbox where id = ${id}), now()), now() + make_interval(secs => ${seconds}))`)
  return token
}

export interface TokenTarget {
  accountId: string
  emailId: string
  /** Canonical form of the address it was mailed to. */
  canonical: string
}

/** What a token is for, without using it up. @throws token_dead */
export async function findMailToken(tx: Tx, purpose: MailTokenPurpose, token: string): Promise<TokenTarget> {
  if (!isToken(prefixes[purpose], token)) throw refuse('token_dead')
  const [target] = await rows<TokenTarget>(
    tx,
    sql`select t.account_id as "accountId", t.email_id as "emailId", e.canonical from mail_tokens t join emails e on e.id = t.email_id
      where t.token_hash = ${sha256(token)} and t.purpose = ${purpose} and t.used_at is null and t.expires_at > now()`
  )
  if (!target) throw refuse('token_dead')
  return target
}

/** Uses a token up, once among any number of tries at the same time. @throws token_dead */
export async function useMailToken(tx: Tx, purpose: MailTokenPurpose, token: string): Promise<void> {
  const used = await rows(
    tx,
    sql`update mail_tokens set used_at = now()
      where token_hash = ${sha256(token)} and purpose = ${purpose} and used_at is null and expires_at > now() returning id`
  )
  if (used.length === 0) throw refuse('token_dead')
}
