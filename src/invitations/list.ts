import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { type Db, rows } from '../db/database.ts'
import type { Versions } from '../http/consistency.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import { type Acting, type Place, readAsMember } from '../organizations/change.ts'
import { requireId } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { scopesOf } from '../permissions/decide.ts'
import { refuse } from '../problems.ts'
import { requireActing } from './entitlement.ts'
import { findInvitations, type Invitation, requireInvitation } from './invitations.ts'

export interface ListInvitations extends Place {
  status?: Invitation['status'] | undefined
  /** `me`: only those that the caller sent. */
  inviter?: 'me' | undefined
  /** The beginning of the address. */
  text?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

/**
 * Where somebody manages invitations beside their own. Looking goes on while inviting is denied by a state, such as a restriction (E-2).
 * @throws access_denied for whoever may neither invite nor change roles and has no invitation of their own, or the problem of a suspension
 */
async function requireMayLook(executor: Db['query'], acting: Acting): Promise<{ organization: boolean; teamIds: string[] }> {
  requireActing(acting)
  const { organization, self } = acting
  const scopes = scopesOf(organization.kind, self, 'member.roles.update')
  const inviting = scopesOf(organization.kind, self, 'member.invite')
  if ([scopes, inviting].some((held) => held.organization || held.teamIds.length > 0)) return scopes
  const own = await rows(
    executor,
    sql`select from invitations where organization_id = ${organization.id} and inviter_account_id = ${self.accountId} limit 1`
  )
  if (own.length === 0) throw refuse('access_denied', { extensions: { missingPermissions: ['member.invite'] } })
  return scopes
}

/** Invitations that the caller manages, in the order they were made: their own, and with `member.roles.update` those in its scope. */
export async function listInvitations(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: ListInvitations,
  atLeast: Versions | undefined
): Promise<Page<Invitation>> {
  const acting = await readAsMember(db, actor, input, atLeast)
  const { organization, teamIds } = await requireMayLook(db.query, acting)
  const { status, inviter, text } = input
  const cursor = cursors(config.keys, `invitations:${actor.accountId}:${acting.organization.id}:${JSON.stringify([status, inviter, text])}`)
  const after = cursor.read(input.cursor)
  const limit = input.limit ?? defaultLimit

  const conditions = [sql`i.organization_id = ${acting.organization.id}`]
  if (after !== undefined) conditions.push(sql`i.id > ${after}::uuid`)
  if (status === 'expired') conditions.push(sql`i.status = 'pending' and i.expires_at <= now()`)
  else if (status === 'pending') conditions.push(sql`i.status = 'pending' and i.expires_at > now()`)
  else if (status) conditions.push(sql`i.status = ${status}`)
  const own = sql`i.inviter_account_id = ${actor.accountId}`
  if (inviter === 'me') conditions.push(own)
  else if (!organization) conditions.push(sql`(${own} or ${everyTeamAmong(teamIds)})`)
  if (text) conditions.push(sql`starts_with(i.canonical, ${text.toLowerCase()})`)
  const found = await findInvitations(db.query, sql.join(conditions, sql` and `), sql`order by i.id limit ${limit + 1}`)
  return cutPage(found, limit, (last) => cursor.write(last.id))
}

const everyTeamAmong = (teamIds: string[]) => sql`not exists (select from jsonb_to_recordset(i.grants) as g ("teamId" uuid)
  where g."teamId" is null or not g."teamId" = any(${sql.param(teamIds)}::uuid[]))`

/** One invitation that the caller manages. @throws not_found */
export async function getInvitation(
  { db }: Parts,
  actor: ActorOf<'account'>,
  input: Place & { invitationId: string },
  atLeast: Versions | undefined
): Promise<Invitation> {
  const acting = await readAsMember(db, actor, input, atLeast)
  await requireMayLook(db.query, acting)
  return requireInvitation(db.query, acting, requireId('invitation', input.invitationId))
}
