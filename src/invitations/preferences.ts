import { sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import { canonicalEmail } from '../accounts/email-address.ts'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { hmac, type Keyring, sha256 } from '../keyring.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { identifierChain, identifierHash } from '../sessions/sign-in-guard.ts'
import { isPreferenceToken } from './invitation-tokens.ts'

/** How an address is kept: keyed, so that the list of those who want no mail is no list of addresses. */
const addressHash = (keys: Keyring, canonical: string, keyId: string): Buffer => hmac(keys.derive('silenced-address', keyId), canonical)

const hashesOf = (keys: Keyring, canonical: string) => {
  const hashes = keys.ids.map((keyId) => addressHash(keys, canonical, keyId))
  return sql`any(${sql.param(hashes)}::bytea[])`
}

/** Whether the owner of an address wants no invitations (N-8). Asked when a mail is composed, never while inviting: nobody may find it out. */
export async function isSilenced(tx: Tx, keys: Keyring, canonical: string): Promise<boolean> {
  return (await rows(tx, sql`select from silenced_addresses where address_hash = ${hashesOf(keys, canonical)}`)).length > 0
}

export interface Preference {
  doNotInvite: boolean
}

async function setPreference(tx: Tx, keys: Keyring, canonical: string, { doNotInvite }: Preference): Promise<Preference> {
  await tx.execute(sql`delete from silenced_addresses where address_hash = ${hashesOf(keys, canonical)}`)
  if (doNotInvite)
    await tx.execute(sql`insert into silenced_addresses (address_hash, key_id) values (${addressHash(keys, canonical, keys.currentId)}, ${keys.currentId})
      on conflict (address_hash) do nothing`)
  return { doNotInvite }
}

/** By the token of an invitation mail, for its address; the token works as long as the invitation is known. @throws token_dead */
export async function setPreferenceByToken(
  { config }: Parts,
  db: Db,
  actor: Actor,
  token: string,
  preference: Preference
): Promise<Preference> {
  if (!isPreferenceToken(token)) throw refuse('token_dead')
  return db.transaction(async (tx) => {
    const [invitation] = await rows<{ id: string; canonical: string }>(
      tx,
      sql`select id, canonical from invitations where preference_token_hash = ${sha256(token)}`
    )
    if (!invitation) throw refuse('token_dead')
    await note(
      tx,
      actor,
      identifierChain(identifierHash(config.keys, invitation.canonical)),
      publicId('invitation', invitation.id),
      preference
    )
    return setPreference(tx, config.keys, invitation.canonical, preference)
  })
}

/** For a proven address of one's own. @throws not_found */
export async function setOwnPreference(
  { config }: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  email: string,
  preference: Preference
): Promise<Preference> {
  const address = canonicalEmail(email)
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    const own = address.ok && (await provenAddresses(tx, actor.accountId)).some(({ canonical }) => canonical === address.canonical)
    if (!own) throw refuse('not_found')
    await note(tx, actor, { kind: 'account', id: actor.accountId }, publicId('account', actor.accountId), preference)
    return setPreference(tx, config.keys, address.canonical, preference)
  })
}

/** The proven addresses of a person, each with whether it may be invited. */
export async function listPreferences({ db, config }: Parts, accountId: string): Promise<Array<{ email: string } & Preference>> {
  return db.transaction(async (tx) => {
    const own = await provenAddresses(tx, accountId)
    const silenced = await Promise.all(own.map(({ canonical }) => isSilenced(tx, config.keys, canonical)))
    return own.map(({ email }, index) => ({ email, doNotInvite: silenced[index]! }))
  })
}

const provenAddresses = (tx: Tx, accountId: string) =>
  rows<{ email: string; canonical: string }>(
    tx,
    sql`select address as email, canonical from emails where account_id = ${accountId} and verified_at is not null order by is_primary desc, id`
  )

async function note(
  tx: Tx,
  actor: Actor,
  chain: { kind: 'account' | 'identifier'; id: string },
  resource: string,
  preference: Preference
): Promise<void> {
  const action = preference.doNotInvite ? 'invitations.silenced' : 'invitations.allowed'
  await record(tx, { actor, chain, action, resource })
}
