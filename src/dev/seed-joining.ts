import { sql } from 'drizzle-orm'
import { type ActorOf, system } from '../actor.ts'
import { rows } from '../db/database.ts'
import { updateDomain } from '../domains/auto-join-settings.ts'
import { addDomain } from '../domains/domains.ts'
import { verifyDomain } from '../domains/proofs.ts'
import { publicId } from '../http/ids.ts'
import { createInvitation } from '../invitations/inviting.ts'
import { companyFace } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'

/**
 * How people come into Olga's studio in the demo world: its email domain offers joining to whoever has an address there, and Kim, who has no
 * account, is invited to recruit.
 */
export async function seedJoining(parts: Parts, ownerAccountId: string): Promise<void> {
  const { db } = parts
  const olga: ActorOf<'account'> = { ...system, kind: 'account', accountId: ownerAccountId, sessionId: ownerAccountId, signInAge: 0 }
  const [studio] = await rows<{ id: string }>(db.query, sql`select id from organizations where owner_account_id = ${ownerAccountId}`)
  const companyId = publicId('company', studio!.id)
  const { domain } = await addDomain(parts, db, olga, { companyId, domain: 'demo.example' })
  const of = { companyId, domainId: publicId('domain', domain.id) }
  const { revision } = await verifyDomain(parts, db, olga, { ...of, proof: 'affiliation' })
  await updateDomain(parts, db, olga, { ...of, revision, mode: 'suggest', dryRun: false })
  await createInvitation(parts, db, olga, {
    face: companyFace,
    organizationId: companyId,
    email: 'kim@demo.example',
    grants: [{ role: 'recruiter', teamId: null }],
    message: 'Welcome, Kim! You will recruit for all our teams.'
  })
}
