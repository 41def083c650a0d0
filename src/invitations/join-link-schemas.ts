import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { pathId } from '../http/path-ids.ts'
import { companyExample, memberExample } from '../organizations/examples.ts'
import type { JoinLink } from './find-join-link.ts'
import type { JoinLinkUse } from './join-link-list.ts'

const moment = z.iso.datetime({ precision: 3 })

export const linkListParams = z.strictObject({ companyId: pathId('company') })
export const linkParams = z.strictObject({ companyId: pathId('company'), linkId: pathId('link') })

export const linkInput = z
  .strictObject({
    expiresInDays: z.int().min(1).max(30).default(7),
    maxUses: z.int().min(1).max(100).default(10).meta({ description: 'How many people it lets in.' }),
    domainIds: z
      .array(z.string().min(1).max(100))
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'Only addresses at these of the verified domains of the company; without it at any of them.' })
  })
  .meta({ id: 'JoinLinkInput' })

const link = {
  id: z.string(),
  status: z.enum(['live', 'revoked', 'expired', 'used_up']),
  domains: z.array(z.string()).meta({ description: 'Only addresses at these; empty: at every verified domain of the company.' }),
  maxUses: z.int(),
  uses: z.int(),
  createdBy: z.string().nullable().meta({ description: 'TypeID of the member who made it; null when they are none any more.' }),
  createdAt: moment,
  expiresAt: moment,
  revokedAt: moment.nullable()
}
export const linkSchema = z.strictObject(link).meta({ id: 'JoinLink' })
export const newLinkSchema = z
  .strictObject({ ...link, url: z.string().meta({ description: 'To be passed on. Shown this once: only a hash of its token is kept.' }) })
  .meta({ id: 'NewJoinLink' })

export const presentLink = ({ id, createdByMemberId, ...rest }: JoinLink): z.output<typeof linkSchema> => ({
  id: publicId('link', id),
  ...rest,
  createdBy: createdByMemberId && publicId('member', createdByMemberId)
})

export const useSchema = z.strictObject({ memberId: z.string(), accountId: z.string(), at: moment }).meta({ id: 'JoinLinkUse' })

export const presentUse = ({ memberId, accountId, at }: JoinLinkUse): z.output<typeof useSchema> => ({
  memberId: publicId('member', memberId),
  accountId: publicId('account', accountId),
  at
})

export const linkTokenInput = z
  .strictObject({
    token: z
      .string()
      .regex(/^[\w-]{20,200}$/, 'must be a token from a link')
      .meta({ description: 'The token out of the link.' })
  })
  .meta({ id: 'JoinLinkToken' })

export const previewSchema = z
  .strictObject({ company: z.strictObject({ name: z.string(), logoUrl: z.string().nullable() }), expiresAt: moment })
  .meta({ id: 'JoinLinkPreview' })

export const joinedSchema = z.strictObject({ memberId: z.string(), companyId: z.string(), name: z.string() }).meta({ id: 'JoinedByLink' })

export const linkExample = {
  id: 'link_01k2v6e8g0jbkm1q3s5v7x9z1c',
  status: 'live',
  domains: [],
  maxUses: 10,
  uses: 2,
  createdBy: 'member_01k2v6c5e7g9jbm1q3s5v7x9z0',
  createdAt: '2026-08-18T08:00:00.000Z',
  expiresAt: '2026-08-25T08:00:00.000Z',
  revokedAt: null
} as const
export const linkTokenExample = { token: 'ghl_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA' } as const
export const useExample = { memberId: memberExample.id, accountId: memberExample.accountId, at: '2026-08-18T09:12:00.000Z' } as const
export const previewExample = {
  company: { name: companyExample.displayName, logoUrl: companyExample.logoUrl },
  expiresAt: linkExample.expiresAt
} as const
export const joinedExample = { memberId: memberExample.id, companyId: companyExample.id, name: companyExample.displayName } as const
