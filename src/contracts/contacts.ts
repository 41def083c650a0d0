import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import type { Db } from '../db/database.ts'
import type { Versions } from '../http/consistency.ts'
import { cursors, cutPage, defaultLimit, type Page } from '../http/pages.ts'
import { changeAsMember, may, placeOf, readAsMember, requireAnywhere, requirePermission } from '../organizations/change.ts'
import { activeContracts } from '../organizations/guards.ts'
import { requireMember } from '../organizations/members.ts'
import { requireId } from '../organizations/organizations.ts'
import { endWhatIsClear } from '../organizations/removal.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { type ContractRow, findContract, findContracts } from './find-contract.ts'
import { moveContacts } from './move-contacts.ts'

export interface ListContracts {
  companyId: string
  status?: 'active' | 'closed' | undefined
  /** The member who is contact now. */
  contact?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

/** Contracts of the teams in which the caller may change contacts, by id. */
export async function listContracts(
  { db, config }: Parts,
  actor: ActorOf<'account'>,
  input: ListContracts,
  atLeast: Versions | undefined
): Promise<Page<ContractRow>> {
  const acting = await readAsMember(db, actor, placeOf(input.companyId), atLeast)
  const scopes = requireAnywhere(acting, 'contract.contact.change')
  const contact = input.contact === undefined ? null : requireId('member', input.contact)
  const cursor = cursors(config.keys, `contracts:${actor.accountId}:${acting.organization.id}:${input.status}:${contact}`)
  const after = cursor.read(input.cursor) ?? null
  const limit = input.limit ?? defaultLimit
  const found = await findContracts(
    db.query,
    sql`c.company_id = ${acting.organization.id}
      and ${scopes.organization ? sql`true` : sql`c.team_id = any(${sql.param(scopes.teamIds)}::uuid[])`}
      and (${input.status ?? null}::text is null or c.status = ${input.status ?? null})
      and (${contact}::uuid is null or c.contact_membership_id = ${contact}::uuid)
      and (${after}::text is null or c.id > ${after}::text)`,
    sql`order by c.id limit ${limit + 1}`
  )
  return cutPage(found, limit, (last) => cursor.write(last.id))
}

/** Names another contact (K-4): who is one no longer can be removed at once. @throws not_eligible_contact, stale_version */
export async function changeContact(
  db: Db,
  actor: ActorOf<'account'>,
  input: { companyId: string; contractId: string; memberId: string; revision: number }
): Promise<ContractRow> {
  return changeAsMember(db, actor, placeOf(input.companyId), async (tx, acting) => {
    const { organization } = acting
    const contract = await findContract(tx, input.contractId)
    if (contract?.companyId !== organization.id) throw refuse('not_found')
    const decision = may(acting, 'contract.contact.change', contract.teamId)
    // Contracts of teams in which one may see none are not there.
    if (decision.reason === 'missing_permission' && !may(acting, 'team.read', contract.teamId).allowed) throw refuse('not_found')
    requirePermission(acting, 'contract.contact.change', contract.teamId)
    if (contract.contactRevision !== input.revision) throw refuse('stale_version')
    if (contract.status === 'closed') throw refuse('conflict', { detail: 'The contract is closed: its contact stays as it was.' })
    const successor = await requireMember(tx, organization, requireId('member', input.memberId))
    await moveContacts(tx, acting, await activeContracts(tx, sql`c.id = ${contract.id}`), successor)
    await endWhatIsClear(tx, actor, organization, [contract.contactAccountId])
    return (await findContract(tx, contract.id))!
  })
}
