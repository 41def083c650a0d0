import { sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import type { Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { type ContactContract, canBeContact } from '../organizations/guards.ts'
import type { Member } from '../organizations/members.ts'
import type { Organization } from '../organizations/organizations.ts'
import { refuse } from '../problems.ts'

/** Names another contact for active contracts of one company, under its lock. @throws not_eligible_contact when they cannot be it (K-2) */
export async function moveContacts(
  tx: Tx,
  { actor, organization }: { actor: Actor; organization: Organization },
  contracts: readonly ContactContract[],
  successor: Member
): Promise<void> {
  if (contracts.some(({ teamId }) => !canBeContact(successor, teamId))) throw refuse('not_eligible_contact')
  const moved = contracts.filter(({ contactMembershipId }) => contactMembershipId !== successor.id)
  if (moved.length === 0) return
  await tx.execute(sql`update contracts set contact_membership_id = ${successor.id}, contact_account_id = ${successor.accountId},
    contact_revision = contact_revision + 1, updated_at = now() where id = any(${sql.param(moved.map(({ id }) => id))}::text[])`)
  for (const { id, contactMembershipId, contactAccountId } of moved) {
    const before = contactState(contactMembershipId, contactAccountId)
    const after = contactState(successor.id, successor.accountId)
    await record(tx, {
      actor,
      chain: { kind: 'organization', id: organization.id },
      action: 'contract.contact_changed',
      resource: id,
      detail: { before, after },
      event: { before, after }
    })
  }
}

/** What audit and event say of a contact, whoever changed it. */
export const contactState = (membershipId: string | null, accountId: string) => ({
  contactMemberId: membershipId && publicId('member', membershipId),
  contactAccountId: publicId('account', accountId)
})
