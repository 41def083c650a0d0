import type { ActorOf } from '../actor.ts'
import type { Db, Tx } from '../db/database.ts'
import { requireFresh, type Versions } from '../http/consistency.ts'
import { publicId } from '../http/ids.ts'
import { type Acting, denied, type Place, readAsMember, requireAnywhere, requirePermission } from '../organizations/change.ts'
import { companyFace, readOrganization } from '../organizations/organizations.ts'
import { refuse } from '../problems.ts'
import {
  type Conversation,
  findConversation,
  findOwnPart,
  findPending,
  lockConversation,
  type Part,
  type PendingCoworker
} from './find-conversation.ts'
import type { Level } from './levels.ts'

/** A coworker's own part. */
export type CoworkerPart = Part & { level: Level }

export const isCoworker = (part: Part): part is CoworkerPart => part.level !== null

export const companyPlace = (companyId: string): Place => ({ face: companyFace, organizationId: publicId('company', companyId) })

/** The company of a conversation in which the caller takes part. For whoever does not there is none (H-1). @throws not_found */
export async function requireOwnPart(executor: Db['query'] | Tx, conversationId: string, accountId: string) {
  const own = await findOwnPart(executor, conversationId, accountId)
  if (!own) throw refuse('not_found')
  return own
}

/** The same under the locks. @throws not_found */
export async function lockOwnPart(tx: Tx, conversationId: string, accountId: string): Promise<{ conversation: Conversation; own: Part }> {
  const conversation = await lockConversation(tx, conversationId)
  const own = conversation?.participants.find((part) => part.accountId === accountId)
  if (!conversation || !own) throw refuse('not_found')
  return { conversation, own }
}

const permission = 'conversation.add_coworker'

/** Only coworkers add and take out coworkers, never whom they talk with. @throws access_denied */
export function requireCoworker(own: Part): asserts own is CoworkerPart {
  if (!isCoworker(own)) throw denied('missing_permission', permission)
}

/** H-1: the right in the conversation's team, or where it has none anywhere in the company. @throws access_denied, or the problem of the state */
export function requireMayAdd(acting: Acting, { teamId }: Conversation): void {
  if (teamId === null) requireAnywhere(acting, permission)
  else requirePermission(acting, permission, teamId)
}

export interface View {
  conversation: Conversation
  /** Whether it is shown to a coworker: only they see names, levels and who is invited. */
  inside: boolean
  pending: PendingCoworker[]
}

/**
 * A conversation for whoever takes part. Coworkers look into their company with it, which asks for what any look into it does; the other side
 * learns who takes part and nothing of the company. @throws not_found
 */
export async function getConversation(
  db: Db,
  actor: ActorOf<'account'>,
  conversationId: string,
  atLeast: Versions | undefined
): Promise<View> {
  const { companyId, ...part } = await requireOwnPart(db.query, conversationId, actor.accountId)
  const inside = isCoworker(part)
  if (inside) requirePermission(await readAsMember(db, actor, companyPlace(companyId), atLeast), 'company.read')
  else requireFresh(atLeast, 'organization', companyId, (await readOrganization(db, 'company', companyId)).version)
  const conversation = await findConversation(db.query, conversationId)
  if (!conversation?.participants.some(({ accountId }) => accountId === actor.accountId)) throw refuse('not_found')
  return { conversation, inside, pending: inside ? await findPending(db.query, conversationId) : [] }
}
