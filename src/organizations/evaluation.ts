import { sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { type PermissionKey, permissionOf } from '../permissions/catalogue.ts'
import { type Decision, decide, type Reason } from '../permissions/decide.ts'
import { findMemberOf } from './members.ts'
import { findOrganization } from './organizations.ts'

/** What a decision is asked about: an organization, one of its teams, or a person's own capacity. */
export interface Resource {
  type: 'company' | 'agency' | 'team' | 'account'
  id: string
}

/** Whom an offer would go to. */
export interface Counterparty {
  type: 'account' | 'agency'
  id: string
}

export interface Question {
  accountId: string
  permission: string
  resource: Resource
  counterparty?: Counterparty | undefined
}

type Executor = Db['query'] | Tx
const deny = (reason: Reason): Decision => ({ allowed: false, reason, sources: [] })

/**
 * Answers whether a person may do something, from what the database says now. What is unknown is denied, as for whoever is no member
 * (Q-5). Hiring asks for the counterparty as well: nobody hires themselves (G-8).
 */
export async function evaluate(executor: Executor, question: Question): Promise<Decision> {
  const { accountId, permission, resource, counterparty } = question
  if (resource.type === 'account') return ownCapacity(executor, question)
  const place = await placeOf(executor, resource)
  if (!place) return deny('not_a_member')
  const organization = await findOrganization(executor, place.kind, place.organizationId)
  const member = await findMemberOf(executor, place.organizationId, accountId)
  const decision = decide(organization, member, permission, place.teamId)
  if (!decision.allowed || permission !== 'offer.send' || !counterparty) return decision
  return (await isOwnSide(executor, accountId, counterparty)) ? deny('self_dealing') : decision
}

interface Place {
  organizationId: string
  kind: 'company' | 'agency'
  teamId: string | null
}

async function placeOf(executor: Executor, { type, id }: Resource): Promise<Place | undefined> {
  const [place] = await rows<Place>(
    executor,
    type === 'team'
      ? sql`select o.id as "organizationId", o.kind, t.id as "teamId" from teams t join organizations o on o.id = t.organization_id where t.id = ${id}`
      : sql`select id as "organizationId", kind, null as "teamId" from organizations where id = ${id} and kind = ${type}`
  )
  return place
}

/** G-8: the person themselves, an agency they own, or somebody who works exclusively through one. */
async function isOwnSide(executor: Executor, accountId: string, { type, id }: Counterparty): Promise<boolean> {
  if (type === 'account' && id === accountId) return true
  const found = await rows(
    executor,
    sql`select from organizations o where o.owner_account_id = ${accountId} and o.kind = 'agency' and o.status <> 'closed' and ${
      type === 'agency'
        ? sql`o.id = ${id}`
        : sql`exists (select from memberships m where m.organization_id = o.id and m.account_id = ${id} and m.affiliation = 'exclusive')`
    }`
  )
  return found.length > 0
}

const ownCapacityPermissions: PermissionKey[] = [
  'proposal.submit_independent',
  'offer.respond_own',
  'milestone.submit_own',
  'worklog.write_own'
]

/** What a person with an active freelancer profile may do as themselves; independent proposals not while they are exclusive somewhere. */
async function ownCapacity(executor: Executor, { accountId, permission, resource }: Question): Promise<Decision> {
  const asked = ownCapacityPermissions.find((known) => known === permission)
  if (!asked) return deny('unknown_permission')
  const [person] = await rows<{ status: string; enforcement: string; freelancer: boolean; exclusive: boolean }>(
    executor,
    sql`select a.status, a.enforcement, exists (select from freelancer_profiles p where p.account_id = a.id and p.status = 'active') as freelancer,
        exists (select from memberships m where m.account_id = a.id and m.affiliation = 'exclusive') as exclusive
      from accounts a where a.id = ${accountId}`
  )
  if (!person) return deny('missing_permission')
  if (person.enforcement === 'banned') return deny('account_banned')
  if (person.enforcement === 'suspended') return deny('account_suspended')
  if (person.status !== 'active') return deny('account_inactive')
  if (person.enforcement === 'restricted' && permissionOf(asked).newBusiness) return deny('account_restricted')
  if (resource.id !== accountId || !person.freelancer) return deny('missing_permission')
  if (permission === 'proposal.submit_independent' && person.exclusive) return deny('exclusive_member')
  return { allowed: true, reason: 'granted', sources: [{ role: 'freelancer_profile', teamId: null }] }
}
