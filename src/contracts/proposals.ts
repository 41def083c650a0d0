import { sql } from 'drizzle-orm'
import type { Actor } from '../actor.ts'
import { record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { sha256 } from '../keyring.ts'
import type { Organization } from '../organizations/organizations.ts'
import { endWhatIsClear } from '../organizations/removal.ts'
import { refuse } from '../problems.ts'
import { lockNamed } from './contracts.ts'

/** What the proposal service tells of a proposal, with uuids for ids. */
export interface ProposalUpdate {
  version: number
  accountId: string
  agencyId?: string | undefined
  status: 'open' | 'archived' | 'withdrawn' | 'closed'
}

export interface ProposalRow {
  id: string
  version: number
  bodyHash: Buffer
  accountId: string
  agencyId: string | null
  status: ProposalUpdate['status']
}

/** Takes a proposal's state from the proposal service, versioned as contracts are (K-5). @throws version_conflict, unknown_reference */
export async function putProposal(
  db: Db,
  actor: Actor,
  id: string,
  update: ProposalUpdate
): Promise<{ applied: boolean; proposal: ProposalRow }> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${id}, 3))`)
    const known = await findProposal(tx, id)
    const agencies = await lockAgencies(tx, [update.agencyId, known?.agencyId])
    const hash = sha256(JSON.stringify([update.version, update.accountId, update.agencyId ?? null, update.status]))
    if (known && known.version > update.version) return { applied: false, proposal: known }
    if (known && known.version === update.version) {
      if (!known.bodyHash.equals(hash)) throw refuse('version_conflict')
      return { applied: true, proposal: known }
    }
    const account = await rows(tx, sql`select from accounts where id = ${update.accountId} and status <> 'pending_email'`)
    if (account.length === 0) throw refuse('unknown_reference', { detail: '`accountId` names no account.' })
    await tx.execute(sql`
      insert into proposals (id, version, body_hash, account_id, agency_id, status)
      values (${id}, ${update.version}, ${hash}, ${update.accountId}, ${update.agencyId ?? null}, ${update.status})
      on conflict (id) do update set version = excluded.version, body_hash = excluded.body_hash, account_id = excluded.account_id,
        agency_id = excluded.agency_id, status = excluded.status, updated_at = now()`)
    const proposal = (await findProposal(tx, id))!
    await note(tx, actor, known, proposal)
    const accounts = [update.accountId, ...(known ? [known.accountId] : [])]
    for (const agency of agencies) await endWhatIsClear(tx, actor, agency, accounts)
    return { applied: true, proposal }
  })
}

async function findProposal(tx: Tx, id: string): Promise<ProposalRow | undefined> {
  const [row] = await rows<ProposalRow>(
    tx,
    sql`select id, version::float8 as version, body_hash as "bodyHash", account_id as "accountId", agency_id as "agencyId", status
      from proposals where id = ${id}`
  )
  return row
}

async function lockAgencies(tx: Tx, ids: Array<string | null | undefined>): Promise<Organization[]> {
  const locked: Organization[] = []
  for (const id of [...new Set(ids)].filter((id) => id !== null && id !== undefined).sort()) {
    locked.push(await lockNamed(tx, 'agency', id))
  }
  return locked
}

const stateOf = (proposal: ProposalRow) => ({
  status: proposal.status,
  accountId: publicId('account', proposal.accountId),
  agencyId: proposal.agencyId && publicId('agency', proposal.agencyId),
  version: proposal.version
})

/** In the agency's history, or in that of the person whose own work it is. */
async function note(tx: Tx, actor: Actor, known: ProposalRow | undefined, now: ProposalRow): Promise<void> {
  const before = known && stateOf(known)
  const after = stateOf(now)
  const change = {
    actor,
    action: known ? 'proposal.updated' : 'proposal.added',
    resource: now.id,
    detail: { before: before ?? null, after }
  }
  // An agency that loses the proposal has it in its history as well; the event is told once.
  if (known?.agencyId && known.agencyId !== now.agencyId)
    await record(tx, { ...change, chain: { kind: 'organization', id: known.agencyId } })
  await record(tx, {
    ...change,
    chain: now.agencyId ? { kind: 'organization', id: now.agencyId } : { kind: 'account', id: now.accountId },
    event: { ...(before && { before }), after }
  })
}
