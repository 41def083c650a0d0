import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { findActions } from '../enforcement/actions.ts'
import { told } from '../enforcement/appealing.ts'
import { findAppeals, viewAppeal } from '../enforcement/appeals.ts'
import { publicId } from '../http/ids.ts'
import { labelOf } from '../identity/own-case.ts'
import { moment } from './export-person.ts'

/** What ties the account to a person, what was decided about it, and what the person did: never a fingerprint, an operator or a note of theirs. */
export async function exportDecisions(tx: Tx, accountId: string) {
  const actions = await findActions(tx, sql`x.account_id = ${accountId} and ${told}`, sql`order by x.id`)
  const appeals = await findAppeals(tx, sql`p.account_id = ${accountId}`, sql`order by p.id`)
  const said = []
  for (const appeal of appeals) said.push(await viewAppeal(tx, appeal))
  const verifications = await rows<{
    id: string
    status: string
    origin: string
    deadline: string | null
    defects: string[]
    createdAt: string
    decidedAt: string | null
  }>(
    tx,
    sql`select id, status, origin, ${moment(sql`deadline`)} as deadline, defects, ${moment(sql`created_at`)} as "createdAt",
        ${moment(sql`decided_at`)} as "decidedAt" from identity_verifications where account_id = ${accountId} order by id`
  )
  return {
    evidence: await evidenceOf(tx, accountId),
    identityVerifications: verifications.map(({ id, ...row }) => ({ id: publicId('verification', id), ...row })),
    enforcement: actions.map(({ id, kind, status, reasonCode, policy, remedy, startsAt, endsAt, liftedAt, liftReason }) => ({
      id: publicId('action', id),
      ...{ kind, status, reasonCode, policy, remedy, startsAt, endsAt, liftedAt, liftReason }
    })),
    appeals: said.map(({ id, actionId, status, createdAt, decidedAt, messages }) => ({
      id: publicId('appeal', id),
      actionId: publicId('action', actionId),
      ...{ status, createdAt, decidedAt },
      messages: messages.map(({ author, text, createdAt }) => ({ author, text, createdAt }))
    })),
    duplicateCases: await casesOf(tx, accountId),
    history: await historyOf(tx, accountId)
  }
}

/** One for each fact, under however many keys it is kept. */
const evidenceOf = (tx: Tx, accountId: string) =>
  rows<{
    kind: string
    country: string | null
    documentType: string | null
    source: string
    verifiedAt: string | null
    createdAt: string
  }>(
    tx,
    sql`select e.kind, e.country, e.document_type as "documentType", e.source, ${moment(sql`e.verified_at`)} as "verifiedAt",
        ${moment(sql`e.created_at`)} as "createdAt"
      from evidence e where e.account_id = ${accountId}
        and e.key_id = (select n.key_id from evidence n where n.account_id = e.account_id and n.kind = e.kind group by 1 order by count(*) desc, 1 limit 1)
      order by e.created_at, e.kind, e.fingerprint`
  )

/** Those that the person was told of (P-6, P-8); the other account only as its owner would recognise it (P-9). */
async function casesOf(tx: Tx, accountId: string) {
  const cases = await rows<{
    id: string
    otherId: string
    kind: string
    status: string
    evidenceKinds: string[]
    keptThis: boolean | null
    createdAt: string
    decidedAt: string | null
  }>(
    tx,
    sql`select c.id, case when c.first_account_id = ${accountId} then c.second_account_id else c.first_account_id end as "otherId", c.kind, c.status,
        c.evidence_kinds as "evidenceKinds", c.kept_account_id = ${accountId} as "keptThis", ${moment(sql`c.created_at`)} as "createdAt",
        ${moment(sql`c.decided_at`)} as "decidedAt"
      from duplicate_cases c where ${accountId}::uuid in (c.first_account_id, c.second_account_id)
        and (c.status in ('awaiting_choice', 'kept') or c.origin = 'reported' or (c.origin = 'strong' and c.newer_account_id = ${accountId})) order by c.id`
  )
  const shown = []
  for (const { id, otherId, ...row } of cases) shown.push({ id: publicId('case', id), otherAccount: await labelOf(tx, otherId), ...row })
  return shown
}

/** What the person did, from the audit of the account. */
const historyOf = (tx: Tx, accountId: string) =>
  rows<{ at: string; action: string; resource: string; values: Record<string, unknown> | null }>(
    tx,
    sql`select ${moment(sql`e.at`)} as at, e.action, e.resource, p.values from audit_events e left join audit_personal p on p.event_id = e.id
      where e.chain_kind = 'account' and e.chain_id = ${accountId} and e.actor_kind in ('account', 'anonymous') order by e.sequence`
  )
