import { sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { lockNamed } from '../contracts/contracts.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { sha256 } from '../keyring.ts'
import type { Organization } from '../organizations/organizations.ts'
import { refuse } from '../problems.ts'
import { type Conversation, lockConversation } from './find-conversation.ts'
import type { Level } from './levels.ts'
import { changeParticipants, type PartChange, partState, writeParts } from './participation.ts'

/** What the messaging service tells of a conversation, with uuids for ids. */
export interface ConversationUpdate {
  version: number
  companyId: string
  teamId?: string | undefined
  status: 'open' | 'closed'
  /** The revision of the participants that the sender has seen; only with it an update changes those of a known conversation. */
  participantsRevision?: number | undefined
  participants: ReadonlyArray<{ accountId: string; level?: Level | undefined }>
}

export interface Applied {
  /** False when a newer version is known already: nothing was changed. */
  applied: boolean
  conversation: Conversation
}

/**
 * Takes a conversation's state from the messaging service, versioned as contracts are (K-5). Who takes part in a known conversation is
 * Guildhall's own: an update changes it only when it has seen the present participants.
 * @throws version_conflict, participants_changed, unknown_reference, unknown_team, unknown_member, coworker_level_required
 */
export async function putConversation(db: Db, actor: Actor, id: string, update: ConversationUpdate): Promise<Applied> {
  return db.transaction(async (tx) => {
    // A new id cannot be locked as a row: two first versions at once come one after the other.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${id}, 4))`)
    const company = await lockNamed(tx, 'company', update.companyId)
    const known = await lockConversation(tx, id)
    const hash = hashOf(update)
    if (known && known.version > update.version) return { applied: false, conversation: known }
    if (known && known.version === update.version) {
      if (!known.bodyHash.equals(hash)) throw refuse('version_conflict')
      return { applied: true, conversation: known }
    }
    if (known && known.companyId !== company.id)
      throw refuse('unknown_reference', { detail: '`companyId`: a conversation stays with its company.' })
    await requireTeamOf(tx, company, update.teamId)
    const changes = await participantChanges(tx, company, known, update)

    await tx.execute(sql`
      insert into conversations (id, version, body_hash, company_id, team_id, status)
      values (${id}, ${update.version}, ${hash}, ${company.id}, ${update.teamId ?? null}, ${update.status})
      on conflict (id) do update set version = excluded.version, body_hash = excluded.body_hash, team_id = excluded.team_id,
        status = excluded.status, updated_at = now()`)
    if (known) await changeParticipants(tx, actor, known, changes)
    else await writeParts(tx, actor, { id, companyId: company.id }, changes)
    const conversation = (await lockConversation(tx, id))!
    await note(tx, actor, known, conversation)
    return { applied: true, conversation }
  })
}

/** Any team of the company, hidden ones too: what was said in it goes on. @throws unknown_team */
async function requireTeamOf(tx: Tx, company: Organization, teamId: string | undefined): Promise<void> {
  if (teamId === undefined) return
  const found = await rows(tx, sql`select from teams where organization_id = ${company.id} and id = ${teamId}`)
  if (found.length === 0) throw refuse('unknown_team')
}

/** What an update makes of the participants: all of a first version, then only with the present revision (K-5). */
async function participantChanges(
  tx: Tx,
  company: Organization,
  known: Conversation | undefined,
  update: ConversationUpdate
): Promise<PartChange[]> {
  if (known && update.participantsRevision === undefined) return []
  if (known && update.participantsRevision !== known.participantsRevision)
    throw refuse('participants_changed', { extensions: { currentParticipants: currentParticipants(known) } })
  const present = known?.participants ?? []
  const people = await findPeople(
    tx,
    company,
    update.participants.map(({ accountId }) => accountId)
  )
  const changes: PartChange[] = present
    .filter(({ accountId }) => !update.participants.some((wanted) => wanted.accountId === accountId))
    .map((before) => ({ before }))
  for (const [index, { accountId, level = null }] of update.participants.entries()) {
    const before = present.find((part) => part.accountId === accountId)
    // Who stays as they are is not judged again: a suspended member takes part.
    if (before?.level === level) continue
    changes.push({ before, after: { accountId, membershipId: membershipFor(people.get(accountId), level, index), level } })
  }
  return changes
}

interface Person {
  id: string
  membershipId: string | null
  active: boolean
}

async function findPeople(tx: Tx, company: Organization, accountIds: readonly string[]): Promise<Map<string, Person>> {
  const found = await rows<Person>(
    tx,
    sql`select a.id, m.id as "membershipId", coalesce(m.status = 'active', false) as active
      from accounts a left join memberships m on m.account_id = a.id and m.organization_id = ${company.id}
      where a.id = any(${sql.param(accountIds)}::uuid[]) and a.status <> 'pending_email'`
  )
  return new Map(found.map((person) => [person.id, person]))
}

/**
 * The membership by which somebody takes part: a level makes them a coworker, who is an active member; without one they are whom the company
 * talks with, who is none. @throws unknown_reference, unknown_member, coworker_level_required
 */
function membershipFor(person: Person | undefined, level: Level | null, index: number): string | null {
  const place = `\`participants/${index}\``
  if (!person) throw refuse('unknown_reference', { detail: `${place} names no account.` })
  if (level === null && person.membershipId) throw refuse('coworker_level_required', { detail: `${place} is a member of the company.` })
  if (level !== null && !person.active) throw refuse('unknown_member', { detail: `${place} is no active member of the company.` })
  return person.membershipId
}

const currentParticipants = ({ participantsRevision, participants }: Conversation) => ({
  participantsRevision,
  participants: participants.map(partState)
})

/** Over the update as it was meant, whatever the order of properties and participants. */
function hashOf({ version, companyId, teamId, status, participantsRevision, participants }: ConversationUpdate): Buffer {
  const parts = participants.map(({ accountId, level }) => [accountId, level ?? null]).sort(([a], [b]) => (a! < b! ? -1 : 1))
  return sha256(JSON.stringify([version, companyId, teamId ?? null, status, participantsRevision ?? null, parts]))
}

const stateOf = ({ status, teamId, version, participantsRevision }: Conversation) => ({
  status,
  teamId: teamId && publicId('team', teamId),
  version,
  participantsRevision
})

/** A first version tells of its participants; later changes of them are told one by one. */
async function note(tx: Tx, actor: Actor, known: Conversation | undefined, now: Conversation): Promise<void> {
  const before = known && stateOf(known)
  const after = known ? stateOf(now) : { ...stateOf(now), participants: now.participants.map(partState) }
  await record(tx, {
    actor,
    chain: { kind: 'organization', id: now.companyId },
    action: known ? 'conversation.updated' : 'conversation.added',
    resource: now.id,
    detail: { before: before ?? null, after },
    event: { ...(before && { before }), after }
  })
}
