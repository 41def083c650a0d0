import { sql } from 'drizzle-orm'
import { canonicalEmail } from '../accounts/email-address.ts'
import type { Actor } from '../actor.ts'
import { record, systemChain } from '../audit/record.ts'
import { type Db, rows } from '../db/database.ts'
import { newId, parseId, publicId } from '../http/ids.ts'
import { sameBytes, sha256 } from '../keyring.ts'
import { refuse } from '../problems.ts'
import type { SigningKeys } from '../sessions/signing-keys.ts'
import { isToken, randomToken } from '../tokens.ts'

/** What internal services can be allowed. */
export const scopes = [
  'access.evaluate',
  'contracts.write',
  'proposals.write',
  'conversations.write',
  'plans.write',
  'evidence.write',
  'events.read'
] as const
export type Scope = (typeof scopes)[number]

const secretPrefix = 'ghs'

export interface ClientCredentials {
  clientId: string
  /** Shown once; only its hash is kept. */
  clientSecret: string
}

/** Makes a service client with its first secret. @throws client_exists when the name is taken */
export async function createServiceClient(
  db: Db,
  actor: Actor,
  input: { name: string; scopes: readonly Scope[] }
): Promise<ClientCredentials & { name: string; scopes: readonly Scope[] }> {
  const id = newId()
  const clientSecret = randomToken(secretPrefix)
  return db.transaction(async (tx) => {
    await tx.execute(sql`insert into service_clients (id, name, scopes, secret_hashes)
      values (${id}, ${input.name}, array[${sql.join(
        input.scopes.map((scope) => sql`${scope}`),
        sql`, `
      )}]::text[], array[${sha256(clientSecret)}]::bytea[])`)
    const clientId = publicId('service', id)
    await record(tx, {
      actor,
      chain: systemChain,
      action: 'service_client.created',
      resource: clientId,
      detail: { name: input.name, scopes: input.scopes }
    })
    return { clientId, clientSecret, name: input.name, scopes: input.scopes }
  })
}

/** Makes an operator with their first secret. @throws email_invalid, client_exists */
export async function createOperator(db: Db, actor: Actor, email: string): Promise<ClientCredentials & { email: string }> {
  const canonical = canonicalEmail(email)
  if (!canonical.ok) throw refuse('email_invalid', { detail: canonical.message })
  const id = newId()
  const clientSecret = randomToken(secretPrefix)
  return db.transaction(async (tx) => {
    await tx.execute(
      sql`insert into operators (id, email, secret_hashes) values (${id}, ${canonical.canonical}, array[${sha256(clientSecret)}]::bytea[])`
    )
    const clientId = publicId('operator', id)
    await record(tx, { actor, chain: systemChain, action: 'operator.created', resource: clientId })
    return { clientId, clientSecret, email: canonical.canonical }
  })
}

/** Adds a secret and keeps the newest before it, so that a client can change over without a gap. @throws not_found */
export async function rotateClientSecret(db: Db, actor: Actor, clientId: string): Promise<ClientCredentials> {
  const { table, id } = tableOf(clientId)
  const clientSecret = randomToken(secretPrefix)
  return db.transaction(async (tx) => {
    const updated = await rows(
      tx,
      sql`update ${table} set secret_hashes = ${sha256(clientSecret)}::bytea || secret_hashes[1:1] where id = ${id} and disabled_at is null returning id`
    )
    if (updated.length === 0) throw refuse('not_found')
    await record(tx, { actor, chain: systemChain, action: 'client.secret_rotated', resource: clientId })
    return { clientId, clientSecret }
  })
}

/** Drops every secret but the newest: the change-over is done. @throws not_found */
export async function dropOldSecrets(db: Db, actor: Actor, clientId: string): Promise<{ clientId: string }> {
  const { table, id } = tableOf(clientId)
  return db.transaction(async (tx) => {
    const updated = await rows(tx, sql`update ${table} set secret_hashes = secret_hashes[1:1] where id = ${id} returning id`)
    if (updated.length === 0) throw refuse('not_found')
    await record(tx, { actor, chain: systemChain, action: 'client.old_secret_dropped', resource: clientId })
    return { clientId }
  })
}

/** Turns a client off: its tokens stop working at once. @throws not_found */
export async function disableClient(db: Db, actor: Actor, clientId: string): Promise<{ clientId: string }> {
  const { table, id } = tableOf(clientId)
  return db.transaction(async (tx) => {
    const updated = await rows(tx, sql`update ${table} set disabled_at = now() where id = ${id} and disabled_at is null returning id`)
    if (updated.length === 0) throw refuse('not_found')
    await record(tx, { actor, chain: systemChain, action: 'client.disabled', resource: clientId })
    return { clientId }
  })
}

function tableOf(clientId: string): { table: ReturnType<typeof sql>; id: string } {
  const service = parseId('service', clientId)
  if (service) return { table: sql`service_clients`, id: service }
  const operator = parseId('operator', clientId)
  if (operator) return { table: sql`operators`, id: operator }
  throw refuse('not_found')
}

export type TokenGrant = { accessToken: string; scope: string } | { error: 'invalid_client' | 'invalid_scope' }

/** Exchanges client credentials for an access token (RFC 6749 section 4.4). An unknown client and a wrong secret answer alike. */
export async function grantClientToken(
  db: Db,
  actor: Actor,
  signing: SigningKeys,
  input: { clientId: string; clientSecret: string; scope?: string | undefined }
): Promise<TokenGrant> {
  const service = parseId('service', input.clientId)
  const operator = parseId('operator', input.clientId)
  const presented = sha256(input.clientSecret)
  const [client] = await rows<{ secrets: Buffer[]; scopes: string[] }>(
    db.query,
    service
      ? sql`select secret_hashes as secrets, scopes from service_clients where id = ${service} and disabled_at is null`
      : sql`select secret_hashes as secrets, array['operator'] as scopes from operators where id = ${operator ?? null}::uuid and disabled_at is null`
  )
  const right = isToken(secretPrefix, input.clientSecret) && (client?.secrets.some((secret) => sameBytes(secret, presented)) ?? false)
  const note = (action: string, scope?: string) =>
    noteToken(db, actor, { action, clientId: input.clientId, id: service ?? operator!, scope })
  if (!client) return { error: 'invalid_client' }
  if (!right) {
    await note('client.token_refused')
    return { error: 'invalid_client' }
  }
  const asked = input.scope === undefined ? client.scopes : input.scope.split(' ').filter(Boolean)
  if (asked.length === 0 || asked.some((scope) => !client.scopes.includes(scope))) return { error: 'invalid_scope' }
  const scope = asked.join(' ')
  await note('client.token_granted', scope)
  const claims = { sub: input.clientId, client_id: input.clientId, ...(input.scope === undefined || !service ? {} : { scope }) }
  return { accessToken: signing.sign(service ? 'service' : 'operator', claims), scope }
}

interface TokenNote {
  action: string
  clientId: string
  id: string
  scope: string | undefined
}

/** In a chain of the client's own: clients that fetch tokens at the same time do not wait for each other. */
async function noteToken(db: Db, actor: Actor, { action, clientId, id, scope }: TokenNote): Promise<void> {
  const detail = scope === undefined ? {} : { scope }
  await db.transaction((tx) => record(tx, { actor, chain: { kind: 'system', id }, action, resource: clientId, detail }))
}
