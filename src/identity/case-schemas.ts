import { z } from 'zod'
import type { Action } from '../enforcement/actions.ts'
import { actionKinds } from '../enforcement/tables.ts'
import { type IdKind, publicId } from '../http/ids.ts'
import { pageQuery } from '../http/pages.ts'
import { line } from '../http/text.ts'
import type { CaseAccount, CaseFile, EvidenceSummary } from './case-desk.ts'
import type { DuplicateCase } from './cases.ts'
import { decisions } from './deciding.ts'
import { caseStatuses, evidenceKinds } from './tables.ts'
import { presentVerification, verificationForOperators } from './verification-schemas.ts'

const moment = z.iso.datetime({ precision: 3 })
const kind = z.enum(['ordinary', 'circumvention'])
/** Whoever decided: their id where they have a public one. */
const decider = z.strictObject({ kind: z.string(), id: z.string().nullable() }).nullable()
/** What operators write: for other operators, kept with the case. */
export const reason = line(3, 1000)

export const caseQuery = pageQuery.extend({
  status: z.enum(caseStatuses).optional().meta({ description: 'Only cases in this state.' }),
  kind: kind.optional().meta({ description: 'Only cases of this kind.' }),
  account: z.string().min(1).max(100).optional().meta({ description: 'Only cases of this account.' })
})

const caseShape = {
  id: z.string(),
  accountIds: z.array(z.string()).length(2).meta({ description: 'The older account first.' }),
  newerAccountId: z.string().meta({ description: 'The one that was registered later: the only one that anything follows for by itself.' }),
  kind: kind.meta({ description: '`circumvention`: one of the two is suspended or banned (P-8).' }),
  status: z.enum(caseStatuses),
  origin: z
    .enum(['strong', 'score', 'reported'])
    .meta({ description: 'Strong evidence, the score of weak evidence, or the person themselves.' }),
  evidenceKinds: z.array(z.enum(evidenceKinds)).meta({ description: 'What both accounts hold.' }),
  score: z.int().meta({ description: 'Points of weak evidence (P-6).' }),
  keptAccountId: z.string().nullable().meta({ description: 'The account that the person kept.' }),
  decidedBy: decider.meta({ description: '`system` where a rule did.' }),
  decisionReason: z.string().nullable(),
  createdAt: moment,
  decidedAt: moment.nullable()
}
export const caseSchema = z.strictObject(caseShape).meta({ id: 'DuplicateCase' })

const actionSchema = z.strictObject({
  id: z.string(),
  accountId: z.string(),
  kind: z.enum(actionKinds),
  status: z.enum(['proposed', 'active', 'pending', 'ended', 'lifted', 'withdrawn']),
  reasonCode: z.string(),
  startsAt: moment,
  liftedAt: moment.nullable()
})
const accountSchema = z.strictObject({
  id: z.string(),
  status: z.enum(['pending_email', 'active', 'closed', 'anonymised']),
  enforcement: z.enum(['none', 'notice', 'warning', 'restricted', 'suspended', 'banned']),
  firstName: z.string(),
  lastName: z.string(),
  createdAt: moment
})
const evidenceSchema = z.strictObject({
  accountId: z.string(),
  kind: z.enum(evidenceKinds),
  source: z.enum(['verification', 'email', 'session']),
  strong: z.boolean(),
  verified: z.boolean(),
  shared: z.boolean().meta({ description: 'The other account holds the same.' }),
  country: z.string().nullable(),
  documentType: z.string().nullable(),
  recordedAt: moment
})
export const caseFileSchema = z
  .strictObject({
    ...caseShape,
    accounts: z.array(accountSchema),
    evidence: z.array(evidenceSchema).meta({ description: 'Kinds and dates, never values; shared and strong pieces first, at most 200.' }),
    actions: z.array(actionSchema).meta({ description: 'What the case has caused.' }),
    verifications: z.array(verificationForOperators)
  })
  .meta({ id: 'DuplicateCaseFile' })

export const decisionInput = z
  .strictObject({
    decision: z.enum(decisions).meta({ description: 'What the case turned out to be.' }),
    reason: reason.meta({ description: 'For operators, kept with the case.' })
  })
  .meta({ id: 'DuplicateCaseDecision' })

export const exceptionInput = z
  .strictObject({
    accountIds: z.array(z.string().min(1).max(100)).length(2).meta({ description: 'The two accounts that may be alike.' }),
    reason: reason.meta({ description: 'For operators, kept with the exception.' })
  })
  .meta({ id: 'DuplicateExceptionInput' })
export const exceptionSchema = z
  .strictObject({
    accountIds: z.array(z.string()).length(2),
    case: caseSchema.nullable().meta({ description: 'The case of this pair, if there ever was one.' })
  })
  .meta({ id: 'DuplicateException' })

const deciderKinds: readonly IdKind[] = ['account', 'service', 'operator']
function presentDecider({ decidedByKind: kind, decidedById: id }: DuplicateCase): z.output<typeof decider> {
  if (kind === null) return null
  const idKind = deciderKinds.find((each) => each === kind)
  return { kind, id: id !== null && idKind ? publicId(idKind, id) : null }
}

export const presentCase = (found: DuplicateCase): z.output<typeof caseSchema> => ({
  id: publicId('case', found.id),
  accountIds: [publicId('account', found.firstAccountId), publicId('account', found.secondAccountId)],
  newerAccountId: publicId('account', found.newerAccountId),
  kind: found.kind,
  status: found.status,
  origin: found.origin,
  evidenceKinds: found.evidenceKinds,
  score: found.score,
  keptAccountId: found.keptAccountId && publicId('account', found.keptAccountId),
  decidedBy: presentDecider(found),
  decisionReason: found.decisionReason,
  createdAt: found.createdAt,
  decidedAt: found.decidedAt
})

const presentAction = ({ id, subject, kind, status, reasonCode, startsAt, liftedAt }: Action): z.output<typeof actionSchema> => ({
  id: publicId('action', id),
  accountId: publicId('account', subject.id),
  kind,
  status,
  reasonCode,
  startsAt,
  liftedAt
})
const withPublicId = <Row extends CaseAccount>(account: Row): Row => ({ ...account, id: publicId('account', account.id) })
const withPublicAccount = (piece: EvidenceSummary): EvidenceSummary => ({ ...piece, accountId: publicId('account', piece.accountId) })

export const presentFile = ({ found, accounts, evidence, actions, verifications }: CaseFile): z.output<typeof caseFileSchema> => ({
  ...presentCase(found),
  accounts: accounts.map(withPublicId),
  evidence: evidence.map(withPublicAccount),
  actions: actions.map(presentAction),
  verifications: verifications.map(presentVerification)
})
