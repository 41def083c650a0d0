import { hkdfSync } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { hmac, type Keyring, seal, sha256, unseal } from '../keyring.ts'
import { refuse } from '../problems.ts'

/** An answer as it is kept and sent again. */
export interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
  /** `Set-Cookie` lines. */
  cookies?: string[]
}

/** Thrown out of a transaction that found the answer of an earlier request under its key. */
export class Replay extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super('replay')
    this.answer = answer
  }
}

/** Reads `Idempotency-Key`: a structured-field string or a bare token. @throws malformed_idempotency_key */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header
  // Printable, without quotes and backslashes: a string that is not well-formed is no bare token either.
  if (!/^[!#-[\]-~]{16,64}$/.test(key)) throw refuse('malformed_idempotency_key')
  return key
}

export interface Binding {
  key: string
  /** Who calls: an account, a client, or for the anonymous the credential and body themselves. */
  caller: string
  method: string
  path: string
  body: unknown
  /** How long the answer is kept. */
  seconds: number
}

/**
 * Keeps the answer of a request in the transaction of its effect (draft-ietf-httpapi-idempotency-key-header): both are there
 * or neither. Only a hash of the key is stored, and the answer is sealed under a key that takes the Idempotency-Key to derive.
 */
export function idempotency(keys: Keyring, binding: Binding) {
  const body = JSON.stringify(binding.body ?? null)
  const id = sha256([binding.caller, binding.method, binding.path, binding.key].map((part) => `${part.length}:${part}`).join(''))
  const sealingKey = (keyId: string): Buffer =>
    Buffer.from(hkdfSync('sha256', binding.key, keys.derive('idempotency', keyId), `${binding.caller}\n${binding.path}`, 32))
  // Keyed: a body may hold a password, which a plain hash would let guess at the speed of hashing.
  const bodyHash = (keyId: string): Buffer => hmac(sealingKey(keyId), body)

  async function find(executor: Db['query'] | Tx): Promise<Answer | undefined> {
    const [record] = await rows<{ body_hash: Buffer; sealed_answer: Buffer; key_id: string }>(
      executor,
      sql`select body_hash, sealed_answer, key_id from idempotency_records where binding = ${id} and expires_at > now()`
    )
    if (!record) return undefined
    if (!record.body_hash.equals(bodyHash(record.key_id))) throw refuse('idempotency_key_reused')
    return JSON.parse(unseal(sealingKey(record.key_id), record.sealed_answer, id.toString('hex')).toString()) as Answer
  }

  return {
    find,
    /** Runs `work` unless this key has an answer already. @throws Replay, idempotency_in_progress, idempotency_key_reused */
    async once<T>(tx: Tx, work: () => Promise<T>, answer: (result: T) => Answer): Promise<T> {
      const [lock] = await rows<{ mine: boolean }>(
        tx,
        sql`select pg_try_advisory_xact_lock(${id.readBigInt64BE(0).toString()}::bigint) as mine`
      )
      if (!lock!.mine) throw refuse('idempotency_in_progress', { retryAfter: 1 })
      const known = await find(tx)
      if (known) throw new Replay(known)
      const result = await work()
      const sealed = seal(sealingKey(keys.currentId), Buffer.from(JSON.stringify(answer(result))), id.toString('hex'))
      await tx.execute(sql`
        insert into idempotency_records (binding, body_hash, sealed_answer, key_id, expires_at)
        values (${id}, ${bodyHash(keys.currentId)}, ${sealed}, ${keys.currentId}, now() + make_interval(secs => ${binding.seconds}))
        on conflict (binding) do update set
          body_hash = excluded.body_hash, sealed_answer = excluded.sealed_answer, key_id = excluded.key_id,
          created_at = now(), expires_at = excluded.expires_at`)
      return result
    }
  }
}
