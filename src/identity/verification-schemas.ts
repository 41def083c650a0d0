import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { line } from '../http/text.ts'
import { verificationDefects } from './defects.ts'
import { verificationStatuses } from './tables.ts'
import type { Verification } from './verifications.ts'

const moment = z.iso.datetime({ precision: 3 })
const shape = {
  id: z.string(),
  accountId: z.string(),
  status: z.enum(verificationStatuses),
  deadline: moment.nullable().meta({
    description:
      'When the account is restricted. Null where there is no deadline, or while what was sent in is looked at and the clock stands still.'
  }),
  defects: z.array(z.enum(verificationDefects)).meta({ description: 'All that was wrong with the last try.' }),
  createdAt: moment,
  submittedAt: moment.nullable(),
  decidedAt: moment.nullable()
}
export const verificationSchema = z.strictObject(shape).meta({ id: 'IdentityVerification' })
export const verificationForOperators = z
  .strictObject({
    ...shape,
    origin: z.enum(['operator', 'evidence', 'person']).meta({ description: 'Who or what asked for it.' }),
    caseId: z.string().nullable().meta({ description: 'The duplicate case that asks for it.' })
  })
  .meta({ id: 'IdentityVerificationFile' })

export const requestInput = z
  .strictObject({
    deadlineDays: z.int().min(1).max(90).optional().meta({ description: 'Days until the account is restricted; as configured otherwise.' }),
    reason: line(3, 1000).meta({ description: 'For operators, kept with the audit.' })
  })
  .meta({ id: 'IdentityVerificationRequest' })

export const resultInput = z
  .strictObject({
    outcome: z.enum(['submitted', 'verified', 'failed']).meta({ description: 'What has become of it.' }),
    verificationId: z.string().max(100).optional().meta({
      description: 'Which verification it is about, so that a late answer does not count for a newer one. The latest when absent.'
    }),
    defects: z
      .array(z.enum(verificationDefects))
      .min(1)
      .max(verificationDefects.length)
      .refine((defects) => new Set(defects).size === defects.length, 'must not repeat a defect')
      .optional()
      .meta({ description: 'With `failed`: everything that was wrong, at once.' })
  })
  .superRefine(({ outcome, defects }, context) => {
    if ((outcome === 'failed') !== (defects !== undefined))
      context.addIssue({
        code: 'custom',
        path: ['defects'],
        message: outcome === 'failed' ? 'are needed with failed' : 'belong to failed only'
      })
  })
  .meta({ id: 'IdentityVerificationResult' })

type Shown = z.output<typeof verificationSchema>

export const presentOwn = ({ id, accountId, status, deadline, defects, createdAt, submittedAt, decidedAt }: Verification): Shown => ({
  id: publicId('verification', id),
  accountId: publicId('account', accountId),
  status,
  deadline,
  defects: defects as Shown['defects'],
  createdAt,
  submittedAt,
  decidedAt
})

export const presentVerification = (verification: Verification): z.output<typeof verificationForOperators> => ({
  ...presentOwn(verification),
  origin: verification.origin,
  caseId: verification.caseId && publicId('case', verification.caseId)
})
