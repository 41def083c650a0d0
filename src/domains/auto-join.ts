import { sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import type { Db, Tx } from '../db/database.ts'
import { databaseFailure } from '../db/errors.ts'
import { requestMails } from '../mail/outbox.ts'
import { adminAccountIds } from '../organizations/admins.ts'
import { joinLocked } from '../organizations/joining.ts'
import type { Member } from '../organizations/members.ts'
import { lockOrganization } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { Problem } from '../problems.ts'
import { domainMatches } from './matching.ts'

export interface JoinedCompany {
  organizationId: string
  memberId: string
  name: string
}

/**
 * Makes a person a member of the company whose domain their address is at, when that company lets them in by themselves (D-5); undefined when
 * there is none, or it has no room for them. The address was just proven, and the caller holds the lock of the account.
 */
export async function joinByDomain(
  tx: Tx,
  parts: Pick<Parts, 'config'>,
  actor: Actor,
  accountId: string,
  canonical: string
): Promise<JoinedCompany | undefined> {
  const find = () => domainMatches(tx, accountId, sql`d.mode = 'automatic' and e.canonical = ${canonical}`)
  const [seen] = await find()
  if (!seen) return undefined
  const organization = await lockOrganization(tx, 'company', seen.organizationId)
  // Its settings may have changed before it was locked.
  const match = (await find()).find(({ organizationId }) => organizationId === organization.id)
  if (!match) return undefined
  const coming = { accountId, source: 'domain', grants: match.grants } as const
  const member = await tryTo(tx, (inner) => joinLocked(inner, parts, actor, organization, coming))
  if (!member) return undefined
  await tellAdminsOfJoin(tx, organization.id, accountId, 'domain')
  return { organizationId: organization.id, memberId: member.id, name: organization.name }
}

/** A refusal undoes the joining and nothing else: whoever proved their address has proven it. */
async function tryTo(tx: Tx, work: (inner: Tx) => Promise<Member>): Promise<Member | undefined> {
  try {
    return await tx.transaction(work)
  } catch (error) {
    const failure = databaseFailure(error)
    if (failure instanceof Problem && failure.status < 500) return undefined
    throw error
  }
}

/** D-8: those who run a company are told of everybody who joins by themselves. */
export async function tellAdminsOfJoin(tx: Tx, organizationId: string, accountId: string, source: 'domain' | 'join_link'): Promise<void> {
  const admins = await adminAccountIds(tx, organizationId)
  const others = admins.filter((adminAccountId) => adminAccountId !== accountId)
  await requestMails(
    tx,
    others.map((adminAccountId) => ({ kind: 'member_joined' as const, organizationId, accountId, adminAccountId, source }))
  )
}

/** A company that a person may come into by themselves, or ask to. */
export interface JoinableCompany {
  id: string
  name: string
  logoUrl: string | null
  how: 'join' | 'request'
}

/** The companies that a person may join by their proven addresses (D-7), each once, by name. */
export async function joinableCompanies(executor: Db['query'] | Tx, accountId: string): Promise<JoinableCompany[]> {
  const found = new Map<string, JoinableCompany>()
  for (const { organizationId: id, name, logoUrl, mode } of await domainMatches(executor, accountId)) {
    const how = mode === 'request' && found.get(id)?.how !== 'join' ? 'request' : 'join'
    found.set(id, { id, name, logoUrl, how })
  }
  return [...found.values()]
}
