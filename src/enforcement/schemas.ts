import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { pathId } from '../http/path-ids.ts'
import { line, paragraphs } from '../http/text.ts'
import type { Action, Subject } from './actions.ts'
import { shownStatuses } from './lists.ts'
import { reasonCodes } from './reasons.ts'
import type { Named, SubjectFace } from './subjects.ts'
import { actionKinds, liftReasons } from './tables.ts'

export const moment = z.iso.datetime({ precision: 3 })
export const momentOrNull = moment.nullable()

/** Parameters of a path below an account or organization. */
export const subjectParams = <Names extends string = never>(face: SubjectFace, ...names: Names[]) => {
  const own = `${face.kind}Id`
  const shape = { [own]: pathId(face.kind), ...Object.fromEntries(names.map((name) => [name, pathId(name.replace(/Id$/, ''))])) }
  return z.strictObject(shape).transform(({ [own]: subjectId, ...rest }) => ({ ...rest, face, subjectId })) as unknown as z.ZodType<
    Named & Record<Names, string>,
    Record<string, string>
  >
}

export const subjectSchema = z
  .strictObject({
    kind: z.enum(['account', 'company', 'agency']),
    id: z.string().meta({ description: 'TypeID of the account or organization.' })
  })
  .meta({ id: 'EnforcementSubject' })
export const publicSubject = ({ kind, id }: Subject) => ({ kind, id: publicId(kind, id) })

export const imposition = z
  .strictObject({
    kind: z.enum(actionKinds).meta({ description: 'From the mildest to the hardest. A ban waits for the approval of a second operator.' }),
    reasonCode: z
      .enum(reasonCodes)
      .meta({ description: 'A code of `GET /v1/enforcement-reasons`; the person reads its words in their language.' }),
    policy: line(1, 200).optional().meta({ description: 'The clause it rests on; that of the reason otherwise.' }),
    remedy: paragraphs(1, 1000)
      .optional()
      .meta({ description: 'What the person can do, passed on as it is; the words of the reason otherwise.' }),
    note: paragraphs(1, 4000).optional().meta({ description: 'For operators only.' }),
    until: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'When it ends by itself (E-5); without end otherwise. A ban has none.' })
  })
  .refine(({ kind, until }) => kind !== 'banned' || until === undefined, { path: ['until'], message: 'a ban has no end' })
  .meta({ id: 'Imposition' })

export const actionSchema = z
  .strictObject({
    id: z.string().meta({ description: 'TypeID with the prefix `action`.' }),
    subject: subjectSchema,
    kind: z.enum(actionKinds),
    status: z.enum(shownStatuses).meta({
      description:
        '`proposed`: a ban that nobody approved yet; `pending`: begins later; `ended`: its time is over; `withdrawn`: was never in force.'
    }),
    reasonCode: z.enum(reasonCodes),
    policy: z.string().meta({ description: 'The clause of the terms that it rests on.' }),
    remedy: z.string(),
    note: z.string().nullable(),
    imposedBy: z
      .strictObject({ kind: z.string(), id: z.string().nullable() })
      .meta({ id: 'Imposer', description: 'An operator, a service, or the system itself.' }),
    approvedBy: z.string().nullable().meta({ description: 'The second operator of a ban.' }),
    startsAt: moment,
    endsAt: momentOrNull,
    liftedAt: momentOrNull,
    liftReason: z.enum(liftReasons).nullable(),
    caseId: z.string().nullable().meta({ description: 'The duplicate case that caused it.' }),
    verificationId: z.string().nullable().meta({ description: 'The identity verification that it waits for.' }),
    createdAt: moment
  })
  .meta({ id: 'EnforcementAction' })

const idOf = (kind: 'operator' | 'service' | 'account' | 'case' | 'verification', id: string | null) =>
  id === null ? null : publicId(kind, id)

/** An action as operators see it. */
export const presentAction = (action: Action): z.output<typeof actionSchema> => ({
  id: publicId('action', action.id),
  subject: publicSubject(action.subject),
  kind: action.kind,
  status: action.status,
  reasonCode: action.reasonCode,
  policy: action.policy,
  remedy: action.remedy,
  note: action.note,
  imposedBy: {
    kind: action.imposedByKind,
    id: ['operator', 'service', 'account'].includes(action.imposedByKind)
      ? idOf(action.imposedByKind as 'operator', action.imposedById)
      : action.imposedById
  },
  approvedBy: idOf('operator', action.approvedById),
  startsAt: action.startsAt,
  endsAt: action.endsAt,
  liftedAt: action.liftedAt,
  liftReason: action.liftReason,
  caseId: idOf('case', action.caseId),
  verificationId: idOf('verification', action.verificationId),
  createdAt: action.createdAt
})

export const actionExample = {
  id: 'action_01k2v5p3e8f5nvx4dz7gq9c1tm',
  subject: { kind: 'account', id: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm' },
  kind: 'restricted',
  status: 'active',
  reasonCode: 'unpaid_invoices',
  policy: 'payments/due',
  remedy: 'Pay the open invoices. The decision is lifted when they are paid.',
  note: 'Third reminder sent on 2026-08-10.',
  imposedBy: { kind: 'operator', id: 'operator_01k2v5p3e8f5nvx4dz7gq9c1tm' },
  approvedBy: null,
  startsAt: '2026-08-17T09:30:00.000Z',
  endsAt: null,
  liftedAt: null,
  liftReason: null,
  caseId: null,
  verificationId: null,
  createdAt: '2026-08-17T09:30:00.000Z'
} as const
