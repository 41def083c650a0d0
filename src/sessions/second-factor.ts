import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { Secret, TOTP } from 'otpauth'
import { bumpRevision, lockAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { hmac, type Keyring, seal, unseal } from '../keyring.ts'
import { requestMail } from '../mail/outbox.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { requireRecentSignIn } from './recent-sign-in.ts'

const period = 30
const recoveryCodeCount = 10
// 100 bits as four groups of five letters; no letter looks like another.
const recoveryAlphabet = 'abcdefghjkmnpqrstuvwxyz23456789'

interface StoredFactor {
  sealedSecret: Buffer
  keyId: string
  confirmed: boolean
  lastStep: number
}

async function findFactor(tx: Tx, accountId: string): Promise<StoredFactor | undefined> {
  const [factor] = await rows<StoredFactor>(
    tx,
    sql`select sealed_secret as "sealedSecret", key_id as "keyId", confirmed_at is not null as confirmed, last_step::int as "lastStep"
      from second_factors where account_id = ${accountId}`
  )
  return factor
}

const totpOf = (secret: Secret, label = ''): TOTP => new TOTP({ issuer: 'Guildhall', label, algorithm: 'SHA1', digits: 6, period, secret })
const sealingKey = (keys: Keyring, keyId: string): Buffer => keys.derive('totp-secret', keyId)
/** Hyphens, spaces and case do not matter when a code is typed in. */
const codeHash = (keys: Keyring, keyId: string, accountId: string, code: string): Buffer =>
  hmac(keys.derive('recovery-code', keyId), `${accountId} ${code.toLowerCase().replace(/[^a-z0-9]/g, '')}`)

/** Time step of a code, one step early or late allowed (RFC 6238 section 5.2), or undefined when it is wrong or was taken before. */
async function stepOf(tx: Tx, keys: Keyring, factor: StoredFactor, accountId: string, code: string): Promise<number | undefined> {
  const [clock] = await rows<{ now: number }>(tx, sql`select extract(epoch from clock_timestamp())::float8 as now`)
  const secret = new Secret({ buffer: Uint8Array.from(unseal(sealingKey(keys, factor.keyId), factor.sealedSecret, accountId)).buffer })
  const timestamp = clock!.now * 1000
  const delta = totpOf(secret).validate({ token: code, timestamp, window: 1 })
  if (delta === null) return undefined
  const step = Math.floor(timestamp / 1000 / period) + delta
  return step > factor.lastStep ? step : undefined
}

/**
 * Asks for the second factor where the account has one (S-7). A code works once, a recovery code too; the account is locked.
 * @throws second_factor_required, second_factor_invalid
 */
export async function useSecondFactor(
  tx: Tx,
  parts: Parts,
  accountId: string,
  input: { totp?: string | undefined; recoveryCode?: string | undefined }
): Promise<void> {
  const factor = await findFactor(tx, accountId)
  if (!factor?.confirmed) return
  if (input.recoveryCode !== undefined) {
    const { keys } = parts.config
    const code = input.recoveryCode
    const hashes = keys.ids.map((keyId) => sql`${codeHash(keys, keyId, accountId, code)}`)
    const used = await rows(
      tx,
      sql`update recovery_codes set used_at = now()
        where account_id = ${accountId} and code_hash in (${sql.join(hashes, sql`, `)}) and used_at is null returning account_id`
    )
    if (used.length === 0) throw refuse('second_factor_invalid')
    return
  }
  if (input.totp === undefined) throw refuse('second_factor_required')
  const step = await stepOf(tx, parts.config.keys, factor, accountId, input.totp)
  if (step === undefined) throw refuse('second_factor_invalid')
  await tx.execute(sql`update second_factors set last_step = ${step} where account_id = ${accountId}`)
  await sealAnew(tx, parts.config.keys, factor, accountId)
}

/** Moves a secret to the current key when it is used, so that a replaced key can be retired. */
async function sealAnew(tx: Tx, keys: Keyring, factor: StoredFactor, accountId: string): Promise<void> {
  if (factor.keyId === keys.currentId) return
  const secret = unseal(sealingKey(keys, factor.keyId), factor.sealedSecret, accountId)
  const sealed = seal(sealingKey(keys, keys.currentId), secret, accountId)
  await tx.execute(sql`update second_factors set sealed_secret = ${sealed}, key_id = ${keys.currentId} where account_id = ${accountId}`)
}

/** Begins to set up an authenticator app (S-7): it counts from its first code on. @throws totp_enabled, reauthentication_required */
export async function startTotp(parts: Parts, db: Db, actor: ActorOf<'account'>): Promise<{ secret: string; uri: string }> {
  requireRecentSignIn(parts, actor)
  const { keys } = parts.config
  const secret = new Secret({ size: 20 })
  const sealed = seal(sealingKey(keys, keys.currentId), Buffer.from(secret.bytes), actor.accountId)
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    if ((await findFactor(tx, actor.accountId))?.confirmed) throw refuse('totp_enabled')
    const [email] = await rows<{ address: string }>(
      tx,
      sql`select address from emails where account_id = ${actor.accountId} and is_primary`
    )
    await tx.execute(sql`
      insert into second_factors (account_id, sealed_secret, key_id) values (${actor.accountId}, ${sealed}, ${keys.currentId})
      on conflict (account_id) do update set sealed_secret = excluded.sealed_secret, key_id = excluded.key_id, created_at = now()`)
    return { secret: secret.base32, uri: totpOf(secret, email!.address).toString() }
  })
}

/** Ends setting up with the first code; answers the recovery codes, once. @throws second_factor_invalid, totp_enabled, totp_not_enabled */
export async function confirmTotp(parts: Parts, db: Db, actor: ActorOf<'account'>, code: string): Promise<{ recoveryCodes: string[] }> {
  requireRecentSignIn(parts, actor)
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    const factor = await findFactor(tx, actor.accountId)
    if (!factor) throw refuse('totp_not_enabled')
    if (factor.confirmed) throw refuse('totp_enabled')
    const step = await stepOf(tx, parts.config.keys, factor, actor.accountId, code)
    if (step === undefined) throw refuse('second_factor_invalid')
    await tx.execute(sql`update second_factors set confirmed_at = now(), last_step = ${step} where account_id = ${actor.accountId}`)
    await changed(tx, actor, 'added')
    return { recoveryCodes: await newRecoveryCodes(tx, parts, actor.accountId) }
  })
}

/** Takes the second factor away (S-7). @throws totp_not_enabled, password_needs_second_factor, reauthentication_required */
export async function removeTotp(parts: Parts, db: Db, actor: ActorOf<'account'>): Promise<void> {
  requireRecentSignIn(parts, actor)
  await db.transaction(async (tx) => {
    const account = await lockAccount(tx, actor.accountId)
    const factor = await findFactor(tx, actor.accountId)
    if (!factor) throw refuse('totp_not_enabled')
    if (factor.confirmed && !account.passwordStandsAlone) throw refuse('password_needs_second_factor')
    await tx.execute(sql`delete from second_factors where account_id = ${actor.accountId}`)
    await tx.execute(sql`delete from recovery_codes where account_id = ${actor.accountId}`)
    if (factor.confirmed) await changed(tx, actor, 'removed')
  })
}

/** Replaces all recovery codes; answers the new ones, once. @throws totp_not_enabled, reauthentication_required */
export async function replaceRecoveryCodes(parts: Parts, db: Db, actor: ActorOf<'account'>): Promise<{ recoveryCodes: string[] }> {
  requireRecentSignIn(parts, actor)
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    if (!(await findFactor(tx, actor.accountId))?.confirmed) throw refuse('totp_not_enabled')
    await changed(tx, actor, 'recovery_codes')
    return { recoveryCodes: await newRecoveryCodes(tx, parts, actor.accountId) }
  })
}

async function newRecoveryCodes(tx: Tx, parts: Parts, accountId: string): Promise<string[]> {
  await tx.execute(sql`delete from recovery_codes where account_id = ${accountId}`)
  const codes = Array.from({ length: recoveryCodeCount }, newRecoveryCode)
  const values = codes.map((code) => sql`(${accountId}, ${codeHash(parts.config.keys, parts.config.keys.currentId, accountId, code)})`)
  await tx.execute(sql`insert into recovery_codes (account_id, code_hash) values ${sql.join(values, sql`, `)}`)
  return codes
}

function newRecoveryCode(): string {
  let code = ''
  while (code.length < 20) {
    // Bytes past the last whole multiple of the alphabet would make some letters likelier.
    for (const byte of randomBytes(32)) if (byte < 248 && code.length < 20) code += recoveryAlphabet[byte % 31]
  }
  return code.match(/.{5}/g)!.join('-')
}

async function changed(tx: Tx, actor: ActorOf<'account'>, change: 'added' | 'removed' | 'recovery_codes'): Promise<void> {
  await bumpRevision(tx, actor.accountId)
  await record(tx, {
    actor,
    chain: { kind: 'account', id: actor.accountId },
    action: `second_factor.${change}`,
    resource: publicId('account', actor.accountId),
    // Where an organization asks for one, all that they may do there hangs on it.
    ...(change === 'recovery_codes' ? {} : { event: { after: { secondFactor: change === 'added' } } })
  })
  await requestMail(tx, { kind: 'second_factor_changed', accountId: actor.accountId, change })
}
