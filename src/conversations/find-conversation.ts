import { type SQL, sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { type Level, rankOf } from './levels.ts'

/** Somebody's part in a conversation. Coworkers have a membership and a level; whoever the company talks with has neither. */
export interface Part {
  accountId: string
  membershipId: string | null
  level: Level | null
}

export interface Conversation {
  id: string
  version: number
  bodyHash: Buffer
  companyId: string
  teamId: string | null
  status: 'open' | 'closed'
  participantsRevision: number
  /** In the order they came. */
  participants: Array<Part & { name: string }>
}

/** Most people in one conversation, with those who are invited. */
export const mostParticipants = 100

const columns = sql`
  c.id, c.version::float8 as version, c.body_hash as "bodyHash", c.company_id as "companyId", c.team_id as "teamId", c.status,
  c.participants_revision as "participantsRevision"`

type Row = Omit<Conversation, 'participants'>

async function withParticipants(executor: Db['query'] | Tx, found: Row | undefined): Promise<Conversation | undefined> {
  if (!found) return undefined
  const participants = await rows<Conversation['participants'][number]>(
    executor,
    sql`select p.account_id as "accountId", p.membership_id as "membershipId", p.level, a.first_name || ' ' || a.last_name as name
      from conversation_participants p join accounts a on a.id = p.account_id where p.conversation_id = ${found.id} order by p.added_at, p.account_id`
  )
  return { ...found, participants }
}

export async function findConversation(executor: Db['query'] | Tx, id: string): Promise<Conversation | undefined> {
  const [found] = await rows<Row>(executor, sql`select ${columns} from conversations c where c.id = ${id}`)
  return withParticipants(executor, found)
}

/** The same, locked for a change of what it is or who takes part; its company is locked by the caller. */
export async function lockConversation(tx: Tx, id: string): Promise<Conversation | undefined> {
  const [found] = await rows<Row>(tx, sql`select ${columns} from conversations c where c.id = ${id} for update`)
  return withParticipants(tx, found)
}

/** Somebody's own part, with the company whose conversation it is. */
export async function findOwnPart(
  executor: Db['query'] | Tx,
  id: string,
  accountId: string
): Promise<(Part & { companyId: string }) | undefined> {
  const [own] = await rows<Part & { companyId: string }>(
    executor,
    sql`select company_id as "companyId", account_id as "accountId", membership_id as "membershipId", level
      from conversation_participants where conversation_id = ${id} and account_id = ${accountId}`
  )
  return own
}

/** A coworker whose part begins when they accept their invitation (H-2). */
export interface PendingCoworker {
  invitationId: string
  /** As the inviter typed it. */
  email: string
  level: Level
}

/**
 * Whether a note `n` of an invited coworker still stands for the conversation `c`: it is open, and whoever noted it takes part with that level
 * themselves, as an active member.
 */
export const stillMeant: SQL = sql`c.status = 'open' and exists (select from conversation_participants p join memberships m on m.id = p.membership_id
  where p.conversation_id = n.conversation_id and p.account_id = n.added_by_account_id and m.status = 'active'
    and ${rankOf(sql`p.level`)} >= ${rankOf(sql`n.level`)})`

/** Who is invited and would take part; an invitation whose time is over counts for nothing. */
export function findPending(executor: Db['query'] | Tx, conversationId: string): Promise<PendingCoworker[]> {
  return rows<PendingCoworker>(
    executor,
    sql`select n.invitation_id as "invitationId", i.email, n.level from conversation_invitations n join conversations c on c.id = n.conversation_id
      join invitations i on i.id = n.invitation_id
      where n.conversation_id = ${conversationId} and i.status = 'pending' and i.expires_at > now() and ${stillMeant} order by n.added_at, n.invitation_id`
  )
}
