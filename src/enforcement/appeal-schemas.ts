import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { paragraphs } from '../http/text.ts'
import type { Appeal, AppealView } from './appeals.ts'
import { decisions } from './deciding.ts'
import { isOpen, type OwnAction } from './own.ts'
import { reasonCodes, reasonIn, remedyIn } from './reasons.ts'
import { moment, momentOrNull, publicSubject, subjectSchema } from './schemas.ts'
import { actionKinds, appealStatuses } from './tables.ts'

export const statementInput = z
  .strictObject({
    actionId: z.string().max(100).optional().meta({ description: 'Against which action; the hardest in force on the account otherwise.' }),
    statement: paragraphs(1, 4000).meta({ description: 'Why the decision is wrong, or what was put right.' })
  })
  .meta({ id: 'AppealInput' })
export const answerInput = z
  .strictObject({ text: paragraphs(1, 4000).meta({ description: 'The answer to what was asked.' }) })
  .meta({ id: 'AppealAnswer' })
export const decisionInput = z
  .strictObject({
    decision: z.enum(decisions).meta({ description: 'The next step: taken into review, a question, or the end.' }),
    text: paragraphs(1, 1000)
      .optional()
      .meta({ description: 'For the person: the question, or the reasons. Needed but for `in_review`, which takes none.' })
  })
  .refine(({ decision, text }) => (decision === 'in_review') === (text === undefined), {
    path: ['text'],
    message: 'must be there for all but `in_review`, which tells the person nothing'
  })
  .meta({ id: 'AppealDecision' })

const appealShape = {
  id: z.string().meta({ description: 'TypeID with the prefix `appeal`.' }),
  actionId: z.string(),
  subject: subjectSchema,
  status: z.enum(appealStatuses),
  createdAt: moment,
  decidedAt: momentOrNull
}
const forOperators = {
  appellantAccountId: z.string().optional().meta({ description: 'Who made it. For operators only.' }),
  decidedBy: z.string().nullable().optional().meta({ description: 'For operators only.' })
}
export const listedAppealSchema = z.strictObject({ ...appealShape, ...forOperators }).meta({ id: 'ListedAppeal' })
export const appealSchema = z
  .strictObject({
    ...appealShape,
    ...forOperators,
    messages: z
      .array(
        z
          .strictObject({
            author: z.enum(['person', 'operator']),
            operatorId: z.string().nullable().optional().meta({ description: 'For operators only.' }),
            text: z.string(),
            createdAt: moment
          })
          .meta({ id: 'AppealMessage' })
      )
      .meta({ description: 'What was said, in order.' })
  })
  .meta({ id: 'Appeal' })

const operatorId = (id: string | null) => (id === null ? null : publicId('operator', id))

/** An appeal as operators see it, or whom it concerns: those never learn who decides. */
export const presentListed = (appeal: Appeal, toOperator: boolean): z.output<typeof listedAppealSchema> => ({
  id: publicId('appeal', appeal.id),
  actionId: publicId('action', appeal.actionId),
  subject: publicSubject(appeal.subject),
  status: appeal.status,
  createdAt: appeal.createdAt,
  decidedAt: appeal.decidedAt,
  ...(toOperator ? { appellantAccountId: publicId('account', appeal.accountId), decidedBy: operatorId(appeal.decidedById) } : {})
})

export const presentAppeal = (appeal: AppealView, toOperator: boolean): z.output<typeof appealSchema> => ({
  ...presentListed(appeal, toOperator),
  messages: appeal.messages.map(({ author, operatorId: by, text, createdAt }) => ({
    author,
    ...(toOperator ? { operatorId: operatorId(by) } : {}),
    text,
    createdAt
  }))
})

const wayOfAppeal = z
  .strictObject({
    method: z.literal('POST'),
    href: z.string(),
    body: z.strictObject({ actionId: z.string() }).meta({ description: 'Beside the statement.' })
  })
  .meta({ id: 'WayOfAppeal' })

export const ownActionSchema = z
  .strictObject({
    id: z.string(),
    subject: subjectSchema.extend({ name: z.string().nullable().meta({ description: "The organization's." }) }).meta({ id: 'OwnSubject' }),
    kind: z.enum(actionKinds),
    status: z.enum(['pending', 'active', 'ended', 'lifted']).meta({ description: '`pending`: it has not begun.' }),
    reasonCode: z.enum(reasonCodes),
    reason: z.string().meta({ description: 'In the language of the account.' }),
    policy: z.string(),
    remedy: z.string().meta({ description: 'How to put it right.' }),
    since: momentOrNull.meta({ description: 'Null where it has no date to begin at yet.' }),
    until: momentOrNull,
    liftedAt: momentOrNull,
    appeal: wayOfAppeal
      .nullable()
      .meta({ description: 'How to appeal; null while an appeal is open, after too many, or when it is over.' }),
    openAppeal: z.string().nullable().meta({ description: 'The appeal that is open.' }),
    appeals: z
      .array(
        z
          .strictObject({ id: z.string(), status: z.enum(appealStatuses), createdAt: moment, decidedAt: momentOrNull })
          .meta({ id: 'OwnAppeal' })
      )
      .meta({ description: 'Newest first.' })
  })
  .meta({ id: 'OwnEnforcementAction' })

export const presentOwn = (locale: string, { action, name, appeals, appealable }: OwnAction): z.output<typeof ownActionSchema> => {
  const id = publicId('action', action.id)
  const open = appeals.find(isOpen)
  return {
    id,
    subject: { ...publicSubject(action.subject), name },
    kind: action.kind,
    status: action.status as 'active',
    reasonCode: action.reasonCode,
    reason: reasonIn(locale, action.reasonCode).title,
    policy: action.policy,
    remedy: remedyIn(locale, action),
    // The clock of some is stopped until something is verified.
    since: action.status === 'pending' && action.startsAt === action.createdAt ? null : action.startsAt,
    until: action.endsAt,
    liftedAt: action.liftedAt,
    appeal: appealable ? { method: 'POST', href: '/v1/appeals', body: { actionId: id } } : null,
    openAppeal: open ? publicId('appeal', open.id) : null,
    appeals: appeals.map(({ id, status, createdAt, decidedAt }) => ({ id: publicId('appeal', id), status, createdAt, decidedAt }))
  }
}

export const appealExample = {
  id: 'appeal_01k2v5p3e8f5nvx4dz7gq9c1tm',
  actionId: 'action_01k2v5p3e8f5nvx4dz7gq9c1tm',
  subject: { kind: 'account', id: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm' },
  status: 'submitted',
  createdAt: '2026-08-18T08:00:00.000Z',
  decidedAt: null,
  messages: [{ author: 'person', text: 'The invoice was paid on 2026-08-16.', createdAt: '2026-08-18T08:00:00.000Z' }]
} as const

export const ownActionExample = {
  id: 'action_01k2v5p3e8f5nvx4dz7gq9c1tm',
  subject: { kind: 'account', id: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm', name: null },
  kind: 'restricted',
  status: 'active',
  reasonCode: 'unpaid_invoices',
  reason: 'Invoices are unpaid',
  policy: 'payments/due',
  remedy: 'Pay the open invoices. The decision is lifted when they are paid.',
  since: '2026-08-17T09:30:00.000Z',
  until: null,
  liftedAt: null,
  appeal: { method: 'POST', href: '/v1/appeals', body: { actionId: 'action_01k2v5p3e8f5nvx4dz7gq9c1tm' } },
  openAppeal: null,
  appeals: []
} as const
