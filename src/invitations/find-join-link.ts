import { type SQL, sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { iso, isoOrNull, millis } from '../db/moments.ts'
import { type Organization, requireId } from '../organizations/organizations.ts'
import { refuse } from '../problems.ts'

export interface JoinLink {
  id: string
  /** By the database's clock; `revoked` outranks the others. */
  status: 'live' | 'revoked' | 'expired' | 'used_up'
  /** Only addresses at these; empty for every verified domain of the company. */
  domains: string[]
  maxUses: number
  uses: number
  /** Null once they are no member any more. */
  createdByMemberId: string | null
  createdAt: string
  expiresAt: string
  revokedAt: string | null
}

/** What opens a link is a token of this prefix. */
export const linkPrefix = 'ghl'

/** What can still be used; `l` is the link. */
export const isLive = sql`l.revoked_at is null and l.expires_at > now() and l.uses < l.max_uses`

type Row = Omit<JoinLink, 'createdAt' | 'expiresAt' | 'revokedAt'> & { createdAt: number; expiresAt: number; revokedAt: number | null }

/** Milliseconds of a moment. */

/** Links as their company sees them: nothing of any person but who made it, by the id of the membership. */
export async function findLinks(executor: Db['query'] | Tx, where: SQL, rest = sql``): Promise<JoinLink[]> {
  const found = await rows<Row>(
    executor,
    sql`select l.id, l.domains, l.max_uses as "maxUses", l.uses, m.id as "createdByMemberId",
        case when l.revoked_at is not null then 'revoked' when l.uses >= l.max_uses then 'used_up' when l.expires_at <= now() then 'expired' else 'live' end as status,
        ${millis(sql`l.created_at`)} as "createdAt", ${millis(sql`l.expires_at`)} as "expiresAt", ${millis(sql`l.revoked_at`)} as "revokedAt"
      from join_links l left join memberships m on m.organization_id = l.organization_id and m.account_id = l.created_by_account_id
      where ${where} ${rest}`
  )
  return found.map((row) => ({
    ...row,
    createdAt: iso(row.createdAt),
    expiresAt: iso(row.expiresAt),
    revokedAt: isoOrNull(row.revokedAt)
  }))
}

/** A link of this company; one of another is as unknown as none (C-2). @throws not_found */
export async function requireLink(executor: Db['query'] | Tx, { id }: Organization, linkId: string): Promise<JoinLink> {
  const [link] = await findLinks(executor, sql`l.organization_id = ${id} and l.id = ${requireId('link', linkId)}`)
  if (!link) throw refuse('not_found')
  return link
}
