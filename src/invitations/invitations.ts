import { type SQL, sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { iso, isoOrNull, millis } from '../db/moments.ts'
import { publicId } from '../http/ids.ts'
import type { Acting } from '../organizations/change.ts'
import { publicGrant, type WantedGrant } from '../organizations/grants.ts'
import type { OrganizationKind } from '../organizations/tables.ts'
import { sourcesOf } from '../permissions/decide.ts'
import { refuse } from '../problems.ts'
import type { invitationStatuses } from './tables.ts'

/** How an agency's newcomer will work through it. */
export type Joins = 'non_exclusive' | 'exclusive'

export interface Invitation {
  id: string
  organizationId: string
  kind: OrganizationKind
  /** As typed. */
  email: string
  canonical: string
  grants: WantedGrant[]
  message: string | null
  locale: string
  affiliation: Joins | null
  inviterAccountId: string
  inviterName: string
  /** `expired` is pending past its time, by the database's clock. */
  status: (typeof invitationStatuses)[number] | 'expired'
  days: number
  resends: number
  tokenId: string
  keyId: string
  /** Of the mail with the present token, in the outbox; null once that is forgotten. */
  mailStatus: 'waiting' | 'sent' | 'skipped' | 'parked' | null
  mailAge: number
  acceptedByAccountId: string | null
  createdAt: string
  sentAt: string
  expiresAt: string
  endedAt: string | null
  revision: number
}

type Moments = 'createdAt' | 'sentAt' | 'expiresAt' | 'endedAt'
type Row = Omit<Invitation, Moments> & Record<Moments, number>

/** Invitations as services and lists need them; `where` sees `i` (invitation) and `a` (inviter). */
export async function findInvitations(executor: Db['query'] | Tx, where: SQL, rest: SQL = sql``): Promise<Invitation[]> {
  const found = await rows<Row>(
    executor,
    sql`select i.id, i.organization_id as "organizationId", i.kind, i.email, i.canonical, i.grants, i.message, i.locale, i.affiliation,
        i.inviter_account_id as "inviterAccountId", a.first_name || ' ' || a.last_name as "inviterName",
        case when i.status = 'pending' and i.expires_at <= now() then 'expired' else i.status end as status, i.days, i.resends, i.token_id as "tokenId",
        i.key_id as "keyId", m.status as "mailStatus", extract(epoch from now() - m.created_at)::float8 as "mailAge",
        i.accepted_by_account_id as "acceptedByAccountId", ${millis(sql`i.created_at`)} as "createdAt", ${millis(sql`i.sent_at`)} as "sentAt",
        ${millis(sql`i.expires_at`)} as "expiresAt", ${millis(sql`i.ended_at`)} as "endedAt", i.revision
      from invitations i join accounts a on a.id = i.inviter_account_id left join outbox m on m.id = i.mail_id where ${where} ${rest}`
  )
  return found.map((row) => ({
    ...row,
    createdAt: iso(row.createdAt),
    sentAt: iso(row.sentAt),
    expiresAt: iso(row.expiresAt),
    endedAt: isoOrNull(row.endedAt)
  }))
}

/**
 * Whether somebody may see and manage an invitation: their own ones, and with `member.roles.update` those whose every role is in their
 * scope.
 */
export function manages(
  { organization, self }: Pick<Acting, 'organization' | 'self'>,
  invitation: Pick<Invitation, 'inviterAccountId' | 'grants'>
): boolean {
  if (invitation.inviterAccountId === self.accountId) return true
  return invitation.grants.every(({ teamId }) => sourcesOf(organization.kind, self, 'member.roles.update', teamId).length > 0)
}

/** An invitation of this organization that the actor manages; any other is as unknown as none (C-2). @throws not_found */
export async function requireInvitation(
  executor: Db['query'] | Tx,
  acting: Pick<Acting, 'organization' | 'self'>,
  id: string
): Promise<Invitation> {
  const [invitation] = await findInvitations(executor, sql`i.organization_id = ${acting.organization.id} and i.id = ${id}`)
  if (!invitation || !manages(acting, invitation)) throw refuse('not_found')
  return invitation
}

/** What audit and events say of an invitation: never its address. */
export const invitationState = ({
  status,
  grants,
  affiliation,
  inviterAccountId
}: Pick<Invitation, 'status' | 'grants' | 'affiliation' | 'inviterAccountId'>) => ({
  status,
  grants: grants.map(publicGrant),
  ...(affiliation === null ? {} : { affiliation }),
  inviter: publicId('account', inviterAccountId)
})
