import { sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { sha256 } from '../keyring.ts'
import { canBeContact } from '../organizations/guards.ts'
import { findMemberOf, type Member } from '../organizations/members.ts'
import { lockOrganization, type Organization } from '../organizations/organizations.ts'
import { endWhatIsClear } from '../organizations/removal.ts'
import { Problem, refuse } from '../problems.ts'
import { type ContractRow, findContract } from './find-contract.ts'
import { contactState } from './move-contacts.ts'

/** What the contract service tells of a contract, with uuids for ids. */
export interface ContractUpdate {
  version: number
  companyId: string
  teamId: string
  contactAccountId: string
  /** The revision of the contact that the sender has seen; only with it an update changes the contact of a known contract (K-5). */
  contactRevision?: number | undefined
  freelancerAccountId: string
  agencyId?: string | undefined
  businessManagerAccountId?: string | undefined
  status: 'active' | 'closed'
}

export interface Applied {
  /** False when a newer version is known already: nothing was changed. */
  applied: boolean
  contract: ContractRow
}

/**
 * Takes a contract's state from the contract service (K-5). Older versions are left alone, the same one twice is the same, and the contact
 * of a known contract is Guildhall's own. While it is active its contact is eligible (K-2).
 * @throws version_conflict, contact_changed, not_eligible_contact, unknown_reference
 */
export async function putContract(db: Db, actor: Actor, id: string, update: ContractUpdate): Promise<Applied> {
  return db.transaction(async (tx) => {
    await lockContractId(tx, id)
    requireTwoParties(update)
    const organizations = await lockParties(tx, update, await findContract(tx, id))
    // Only now: its contact may have been changed while the company was waited for.
    const known = await findContract(tx, id)
    const hash = hashOf(update)
    if (known && known.version > update.version) return { applied: false, contract: known }
    if (known && known.version === update.version) {
      if (!known.bodyHash.equals(hash)) throw refuse('version_conflict')
      return { applied: true, contract: known }
    }
    const company = organizations.get(update.companyId)!
    if (known && known.companyId !== company.id)
      throw refuse('unknown_reference', { detail: '`companyId`: a contract stays with its company.' })
    await requireReferences(tx, company, update)
    const contact = await contactAfter(tx, company, known, update)
    await write(tx, id, hash, update, contact)
    const contract = (await findContract(tx, id))!
    await note(tx, actor, company, id, known, contract)
    // What this contract blocked may be free now.
    for (const organization of organizations.values()) await endWhatIsClear(tx, actor, organization, concerned(known, update))
    return { applied: true, contract }
  })
}

/** A new id cannot be locked as a row: two first versions at once come one after the other. */
async function lockContractId(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${id}, 2))`)
}

/** A company is no agency, whatever the ids say. @throws unknown_reference */
function requireTwoParties({ companyId, agencyId }: ContractUpdate): void {
  if (companyId === agencyId) throw refuse('unknown_reference', { detail: '`agencyId` names nothing that is known here.' })
}

/** Locks the company and the agencies that the contract concerns, before and after, by ascending id. @throws unknown_reference */
async function lockParties(tx: Tx, update: ContractUpdate, known: ContractRow | undefined): Promise<Map<string, Organization>> {
  const kinds = new Map<string, 'company' | 'agency'>([[update.companyId, 'company']])
  for (const agencyId of [update.agencyId, known?.agencyId]) if (agencyId) kinds.set(agencyId, 'agency')
  const locked = new Map<string, Organization>()
  for (const id of [...kinds.keys()].sort()) {
    locked.set(id, await lockNamed(tx, kinds.get(id)!, id))
  }
  return locked
}

/** Locks an organization that another service names. @throws unknown_reference */
export async function lockNamed(tx: Tx, kind: 'company' | 'agency', id: string): Promise<Organization> {
  try {
    return await lockOrganization(tx, kind, id)
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'not_found')) throw error
    throw refuse('unknown_reference', { detail: `\`${kind}Id\` names nothing that is known here.` })
  }
}

async function requireReferences(tx: Tx, company: Organization, update: ContractUpdate): Promise<void> {
  const [team] = await rows<{ hidden: boolean }>(
    tx,
    sql`select hidden_at is not null as hidden from teams where organization_id = ${company.id} and id = ${update.teamId}`
  )
  if (!team) throw refuse('unknown_team')
  if (update.status === 'active' && team.hidden) throw refuse('team_hidden')
  if (update.status === 'active' && company.status === 'closed') throw refuse('organization_closed')
  const named = {
    contactAccountId: update.contactAccountId,
    freelancerAccountId: update.freelancerAccountId,
    businessManagerAccountId: update.businessManagerAccountId
  }
  const given = Object.entries(named).filter(([, accountId]) => accountId !== undefined)
  const found = await rows<{ id: string }>(
    tx,
    sql`select id from accounts where id = any(${sql.param(given.map(([, accountId]) => accountId))}::uuid[]) and status <> 'pending_email'`
  )
  const missing = given.find(([, accountId]) => !found.some(({ id }) => id === accountId))
  if (missing) throw refuse('unknown_reference', { detail: `\`${missing[0]}\` names no account.` })
}

interface Contact {
  accountId: string
  /** While the contract is active. */
  member: Member | undefined
  revision: number
}

/** Who is contact after the update: named by a first version, then changed only by whoever has seen the present one (K-5). */
async function contactAfter(tx: Tx, company: Organization, known: ContractRow | undefined, update: ContractUpdate): Promise<Contact> {
  const changes = known !== undefined && update.contactRevision !== undefined
  if (changes && update.contactRevision !== known.contactRevision)
    throw refuse('contact_changed', { extensions: { currentContact: currentContact(known) } })
  const accountId = !known || changes ? update.contactAccountId : known.contactAccountId
  const revision = known ? known.contactRevision + (accountId === known.contactAccountId ? 0 : 1) : 1
  if (update.status === 'closed') return { accountId, member: undefined, revision }
  const member = await findMemberOf(tx, company.id, accountId)
  if (!member || !canBeContact(member, update.teamId)) throw refuse('not_eligible_contact')
  return { accountId, member, revision }
}

const currentContact = (contract: ContractRow) => ({
  memberId: contract.contactMembershipId && publicId('member', contract.contactMembershipId),
  accountId: publicId('account', contract.contactAccountId),
  contactRevision: contract.contactRevision
})

async function write(tx: Tx, id: string, hash: Buffer, update: ContractUpdate, contact: Contact): Promise<void> {
  await tx.execute(sql`
    insert into contracts (id, version, body_hash, company_id, team_id, contact_account_id, contact_membership_id, contact_revision,
      freelancer_account_id, agency_id, business_manager_account_id, status)
    values (${id}, ${update.version}, ${hash}, ${update.companyId}, ${update.teamId}, ${contact.accountId}, ${contact.member?.id ?? null},
      ${contact.revision}, ${update.freelancerAccountId}, ${update.agencyId ?? null}, ${update.businessManagerAccountId ?? null}, ${update.status})
    on conflict (id) do update set version = excluded.version, body_hash = excluded.body_hash, team_id = excluded.team_id,
      contact_account_id = excluded.contact_account_id, contact_membership_id = excluded.contact_membership_id,
      contact_revision = excluded.contact_revision, freelancer_account_id = excluded.freelancer_account_id, agency_id = excluded.agency_id,
      business_manager_account_id = excluded.business_manager_account_id, status = excluded.status, updated_at = now()`)
}

/** Over the update as it was meant, whatever the order of its properties. */
function hashOf(update: ContractUpdate): Buffer {
  const pairs = Object.entries(update).filter(([, value]) => value !== undefined)
  return sha256(JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1))))
}

const concerned = (known: ContractRow | undefined, update: ContractUpdate): string[] => [
  ...(known ? [known.contactAccountId, known.freelancerAccountId] : []),
  update.contactAccountId,
  update.freelancerAccountId
]

const stateOf = (contract: ContractRow) => ({
  status: contract.status,
  teamId: publicId('team', contract.teamId),
  contactAccountId: publicId('account', contract.contactAccountId),
  freelancerAccountId: publicId('account', contract.freelancerAccountId),
  version: contract.version
})

async function note(
  tx: Tx,
  actor: Actor,
  company: Organization,
  id: string,
  known: ContractRow | undefined,
  now: ContractRow
): Promise<void> {
  const before = known && stateOf(known)
  const after = stateOf(now)
  const chain = { kind: 'organization', id: company.id } as const
  await record(tx, {
    actor,
    chain,
    action: known ? 'contract.updated' : 'contract.added',
    resource: id,
    detail: { before: before ?? null, after },
    event: { ...(before && { before }), after }
  })
  if (!known || known.contactRevision === now.contactRevision) return
  const change = {
    before: contactState(known.contactMembershipId, known.contactAccountId),
    after: contactState(now.contactMembershipId, now.contactAccountId)
  }
  await record(tx, { actor, chain, action: 'contract.contact_changed', resource: id, detail: change, event: change })
}
