import { type SQL, sql } from 'drizzle-orm'
import type { Config } from '../config.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { parseId, publicId } from '../http/ids.ts'
import { hmac, sameBytes } from '../keyring.ts'

const days = 30

/**
 * What a link is bound to, of account `a`: as soon as the password or a proven address is another one, links made before are dead. So whoever
 * resets the password, or takes an address away from a stranger who reads it, has ended what that stranger could do.
 */
export const appealEpoch: SQL<string> = sql`encode(sha256(convert_to(a.password_hash || ' ' || coalesce((
  select string_agg(e.canonical || case when e.is_primary then ' primary' else '' end, ' ' order by e.canonical collate "C")
  from emails e where e.account_id = a.id and e.verified_at is not null), ''), 'UTF8')), 'hex')`

/**
 * A link with which somebody who cannot sign in opens an appeal (S-2, E-4). Signed and dated, not stored: its bearer has proven who they are,
 * as far as signing in asks for it, or reads the mail of the account, and has shown nothing else. Works until the account's password or
 * proven addresses change.
 */
export async function signedAppealUrl(config: Config, executor: Db['query'] | Tx, accountId: string): Promise<string> {
  const [account] = await rows<{ epoch: string }>(executor, sql`select ${appealEpoch} as epoch from accounts a where a.id = ${accountId}`)
  const payload = `${publicId('account', accountId)}.${Math.floor(Date.now() / 1000) + days * 86_400}`
  return `${config.appUrl}/appeal#token=${payload}.${signatureOf(config, payload, account?.epoch ?? '').toString('base64url')}`
}

/** A signed link as it was given, not yet held against the account that it names. */
export interface AppealToken {
  accountId: string
  payload: string
  signature: string
}

/** Reads a link; undefined when it is none, or its time is over. */
export function readAppealToken(token: string): AppealToken | undefined {
  const [account = '', until = '', signature = '', ...rest] = token.split('.')
  const accountId = parseId('account', account)
  if (!accountId || rest.length > 0 || !(Number(until) * 1000 > Date.now())) return undefined
  return { accountId, payload: `${account}.${until}`, signature }
}

/** Whether a link was made here, for the account as it is now, whose epoch is given. It lives longer than a key may stay the first one. */
export const isAppealToken = (config: Config, { payload, signature }: AppealToken, epoch: string): boolean =>
  config.keys.ids.some((keyId) => sameBytes(Buffer.from(signature, 'base64url'), signatureOf(config, payload, epoch, keyId)))

const signatureOf = ({ keys }: Config, payload: string, epoch: string, keyId?: string): Buffer =>
  hmac(keys.derive('appeal-link', keyId), `${payload}.${epoch}`)
