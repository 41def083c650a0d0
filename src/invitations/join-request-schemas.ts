import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { pathId } from '../http/path-ids.ts'
import { paragraphs } from '../http/text.ts'
import { companyExample, memberExample, teamExample } from '../organizations/examples.ts'
import { grantInput } from '../organizations/schemas.ts'
import { type JoinRequest, joinRequestStatuses } from './find-join-request.ts'

const moment = z.iso.datetime({ precision: 3 })

export const joinParams = z.strictObject({ companyId: pathId('company') })
export const requestParams = z.strictObject({ companyId: pathId('company'), requestId: pathId('request') })

export const joinInput = z
  .strictObject({ message: paragraphs(1, 500).optional().meta({ description: 'For those who decide, where somebody does.' }) })
  .meta({ id: 'JoinInput' })

export const decisionInput = z
  .strictObject({
    decision: z.enum(['approve', 'refuse']),
    grants: z
      .array(grantInput)
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'With `approve`: the roles. Without it those that the domain gives, or else `member` in the default team.' }),
    reason: paragraphs(1, 500).optional().meta({ description: 'With `refuse`, and needed there: what the person reads.' })
  })
  .refine(({ decision, reason }) => (decision === 'refuse') === (reason !== undefined), {
    error: 'belongs to a refusal, and a refusal needs one',
    path: ['reason']
  })
  .refine(({ decision, grants }) => decision === 'approve' || grants === undefined, { error: 'belong to an approval', path: ['grants'] })
  .meta({ id: 'JoinRequestDecision' })

const common = {
  id: z.string(),
  status: z.enum(joinRequestStatuses),
  email: z.string().meta({ description: 'The proven address by which the person asks.' }),
  message: z.string().nullable(),
  reason: z.string().nullable().meta({ description: 'Of a refusal.' }),
  createdAt: moment,
  expiresAt: moment,
  endedAt: moment.nullable()
}

/** As those see it who decide. */
export const requestSchema = z
  .strictObject({ ...common, accountId: z.string(), firstName: z.string(), lastName: z.string() })
  .meta({ id: 'JoinRequest' })
/** As its person sees it. */
export const ownRequestSchema = z
  .strictObject({ ...common, company: z.strictObject({ id: z.string(), name: z.string(), logoUrl: z.string().nullable() }) })
  .meta({ id: 'OwnJoinRequest' })

export const joinedSchema = z.strictObject({ outcome: z.literal('joined'), memberId: z.string() }).meta({ id: 'JoinedCompany' })
export const requestedSchema = z.strictObject({ outcome: z.literal('requested'), request: ownRequestSchema }).meta({ id: 'JoinRequested' })

const presentCommon = ({ id, status, email, message, reason, createdAt, expiresAt, endedAt }: JoinRequest) => ({
  id: publicId('request', id),
  status,
  email,
  message,
  reason,
  createdAt,
  expiresAt,
  endedAt
})

export const presentRequest = (request: JoinRequest): z.output<typeof requestSchema> => ({
  ...presentCommon(request),
  accountId: publicId('account', request.accountId),
  firstName: request.firstName,
  lastName: request.lastName
})

export const presentOwnRequest = (request: JoinRequest): z.output<typeof ownRequestSchema> => ({
  ...presentCommon(request),
  company: { id: publicId('company', request.organizationId), name: request.companyName, logoUrl: request.logoUrl }
})

const commonExample = {
  id: 'request_01k2v6f9h1kcmn1q3s5v7x9z1d',
  status: 'open',
  email: memberExample.email,
  message: 'I work in Olga’s design team.',
  reason: null,
  createdAt: '2026-08-18T09:00:00.000Z',
  expiresAt: '2026-09-01T09:00:00.000Z',
  endedAt: null
} as const
export const requestExample = {
  ...commonExample,
  accountId: memberExample.accountId,
  firstName: memberExample.firstName,
  lastName: memberExample.lastName
} as const
export const ownRequestExample = {
  ...commonExample,
  company: { id: companyExample.id, name: companyExample.displayName, logoUrl: companyExample.logoUrl }
} as const
export const joinedExample = { outcome: 'joined', memberId: memberExample.id } as const
export const decisionExample = { decision: 'approve', grants: [{ role: 'recruiter', teamId: teamExample.id }] } as const
