import { sql } from 'drizzle-orm'
import { emailVersion } from '../accounts/email-address.ts'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { newId, publicId } from '../http/ids.ts'
import { requestMails } from '../mail/outbox.ts'
import { type Acting, changeAsMember, type Place } from '../organizations/change.ts'
import type { Organization } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { Problem } from '../problems.ts'
import { requireInviter } from './entitlement.ts'
import { copiedToken, tokenHashes } from './invitation-tokens.ts'
import { findInvitations, type Invitation, invitationState } from './invitations.ts'
import { isReady, judgeInvitations, type Ready, type Wanted } from './judging.ts'

export interface Invited {
  invitation: Invitation
  /** With a token that is shown this once (N-4). It opens the invitation, but proves no mailbox. */
  link: string
}

/** What became of one row: invited, or why not. */
export type Outcome = Invited | Problem

export const isInvited = (outcome: Outcome): outcome is Invited => !(outcome instanceof Problem)

/** Invites one address. @throws whatever refuses it */
export async function createInvitation(parts: Parts, db: Db, actor: ActorOf<'account'>, input: Place & Wanted): Promise<Invited> {
  return changeAsMember(db, actor, input, (tx, acting) => inviteOne(tx, parts, acting, input))
}

/** The same inside a change of the organization. @throws whatever refuses it */
export async function inviteOne(tx: Tx, parts: Parts, acting: Acting, wanted: Wanted): Promise<Invited> {
  const [outcome] = await inviteAll(tx, parts, acting, [wanted])
  if (outcome instanceof Problem) throw outcome
  return outcome!
}

/** A row of a list: what is wrong with it by itself is its outcome. */
export interface ListedRow {
  /** As sent. */
  email: string
  row: Wanted | Problem
}

/**
 * Invites many in one change (N-7): each row has its own outcome, and whoever may not invite at all is refused as a whole. Sending the same
 * list again is safe: what is pending already is left alone and says so.
 */
export async function createInvitations(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: Place & { list: () => readonly ListedRow[] }
): Promise<Array<{ email: string; outcome: Outcome }>> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    // Read only now: a table is nothing to take apart for strangers.
    requireInviter(acting)
    const list = input.list()
    const wanted = list.map(({ row }) => row).filter((row): row is Wanted => !(row instanceof Problem))
    const outcomes = await inviteAll(tx, parts, acting, wanted)
    return list.map(({ email, row }) => ({ email, outcome: row instanceof Problem ? row : outcomes.shift()! }))
  })
}

async function inviteAll(tx: Tx, parts: Parts, acting: Acting, list: readonly Wanted[]): Promise<Outcome[]> {
  const outcomes = await judgeInvitations(tx, parts, acting, list)
  const invited = await write(tx, parts, acting, outcomes.filter(isReady))
  return outcomes.map((outcome) => (isReady(outcome) ? invited.shift()! : outcome))
}

async function write(tx: Tx, { config }: Parts, { actor, organization }: Acting, list: readonly Ready[]): Promise<Invited[]> {
  if (list.length === 0) return []
  await supersedeExpired(tx, actor, organization, list)
  const made = list.map((ready) => ({ ...ready, id: newId(), tokenId: newId() }))
  const mails = await requestMails(
    tx,
    made.map(({ id, tokenId }) => ({ kind: 'invitation', invitationId: id, tokenId }))
  )
  const keyId = config.keys.currentId
  const values = made.map(({ id, tokenId, wanted, canonical, grants, locale }, index) => {
    const hashes = tokenHashes(config.keys, { invitationId: id, tokenId, keyId })
    return {
      id,
      email: wanted.email,
      canonical,
      grants: grants.map(({ role, teamId }) => ({ role, teamId })),
      message: wanted.message ?? null,
      locale,
      affiliation: organization.kind === 'agency' ? (wanted.affiliation ?? 'non_exclusive') : null,
      token_id: tokenId,
      mailed: hashes.mailed.toString('hex'),
      copied: hashes.copied.toString('hex'),
      preference: hashes.preference.toString('hex'),
      days: wanted.expiresInDays ?? config.INVITATION_DAYS,
      mail_id: mails[index]
    }
  })
  // Sent when the lock was had, not when it was asked for: a removal before it must look earlier (N-12).
  await tx.execute(sql`
    insert into invitations (id, organization_id, kind, email, canonical, canonical_version, grants, message, locale, affiliation, inviter_account_id,
      token_id, key_id, mailed_token_hash, copied_token_hash, preference_token_hash, days, mail_id, created_at, sent_at, expires_at)
    select v.id, ${organization.id}, ${organization.kind}, v.email, v.canonical, ${emailVersion}, v.grants, v.message, v.locale, v.affiliation, ${actor.accountId},
      v.token_id, ${keyId}, decode(v.mailed, 'hex'), decode(v.copied, 'hex'), decode(v.preference, 'hex'), v.days, v.mail_id, moment, moment, moment + make_interval(days => v.days)
    from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as v (id uuid, email text, canonical text, grants jsonb, message text, locale text, affiliation text,
      token_id uuid, mailed text, copied text, preference text, days int, mail_id uuid), clock_timestamp() as moment`)
  const written = await findInvitations(tx, sql`i.id = any(${sql.param(made.map(({ id }) => id))}::uuid[])`, sql`order by i.id`)
  for (const invitation of written) {
    await record(tx, {
      actor,
      chain: { kind: 'organization', id: organization.id },
      action: 'invitation.created',
      resource: publicId('invitation', invitation.id),
      detail: { after: invitationState(invitation) },
      personal: { email: invitation.email },
      event: { after: invitationState(invitation) }
    })
  }
  return written.map((invitation) => ({ invitation, link: copiedLink(config, invitation) }))
}

/** An invitation to any of the addresses whose time is over makes room (N-3). */
async function supersedeExpired(tx: Tx, actor: Actor, organization: Organization, list: readonly Ready[]): Promise<void> {
  const addresses = sql.param(list.map(({ canonical }) => canonical))
  const superseded = await rows<{ id: string }>(
    tx,
    sql`update invitations set status = 'superseded', ended_at = now(), revision = revision + 1
      where organization_id = ${organization.id} and canonical = any(${addresses}::text[]) and status = 'pending' and expires_at <= now() returning id`
  )
  for (const { id } of superseded) {
    const change = { before: { status: 'expired' }, after: { status: 'superseded' } }
    const chain = { kind: 'organization', id: organization.id } as const
    await record(tx, { actor, chain, action: 'invitation.superseded', resource: publicId('invitation', id), detail: change, event: change })
  }
}

/** The link that the inviter may copy. */
export const copiedLink = (config: Parts['config'], source: Pick<Invitation, 'tokenId' | 'keyId'>): string =>
  `${config.appUrl}/invitation#token=${copiedToken(config.keys, source)}`
