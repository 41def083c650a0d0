import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import type { ContractRow } from './find-contract.ts'
import type { ProposalRow } from './proposals.ts'

const id = z.string().min(1).max(100)
const version = z
  .int()
  .min(1)
  .max(Number.MAX_SAFE_INTEGER)
  .meta({ description: 'Rises with every change; what is older than known is not applied.' })

export const contractInput = z
  .strictObject({
    version,
    companyId: id,
    teamId: id,
    contactAccountId: id.meta({
      description: 'The contact person; of a known contract changed only together with `contactRevision` (K-5).'
    }),
    contactRevision: z.int().min(1).optional().meta({ description: 'Revision of the contact that the sender has seen.' }),
    freelancerAccountId: id,
    agencyId: id.optional(),
    businessManagerAccountId: id.optional(),
    status: z.enum(['active', 'closed'])
  })
  .meta({ id: 'ContractUpdate' })

export const contractSchema = z
  .strictObject({
    id: z.string(),
    version: z.int(),
    companyId: z.string(),
    teamId: z.string(),
    contactAccountId: z.string(),
    contactMemberId: z.string().nullable().meta({ description: 'While the contract is active.' }),
    contactRevision: z.int(),
    freelancerAccountId: z.string(),
    agencyId: z.string().nullable(),
    businessManagerAccountId: z.string().nullable(),
    status: z.enum(['active', 'closed'])
  })
  .meta({ id: 'Contract' })

export const presentContract = (contract: ContractRow): z.output<typeof contractSchema> => ({
  id: contract.id,
  version: contract.version,
  companyId: publicId('company', contract.companyId),
  teamId: publicId('team', contract.teamId),
  contactAccountId: publicId('account', contract.contactAccountId),
  contactMemberId: contract.contactMembershipId && publicId('member', contract.contactMembershipId),
  contactRevision: contract.contactRevision,
  freelancerAccountId: publicId('account', contract.freelancerAccountId),
  agencyId: contract.agencyId && publicId('agency', contract.agencyId),
  businessManagerAccountId: contract.businessManagerAccountId && publicId('account', contract.businessManagerAccountId),
  status: contract.status
})

export const proposalInput = z
  .strictObject({
    version,
    accountId: id.meta({ description: 'The freelancer.' }),
    agencyId: id.optional().meta({ description: 'The agency through which it was made; without it, it is independent.' }),
    status: z.enum(['open', 'archived', 'withdrawn', 'closed'])
  })
  .meta({ id: 'ProposalUpdate' })

export const proposalSchema = z
  .strictObject({
    id: z.string(),
    version: z.int(),
    accountId: z.string(),
    agencyId: z.string().nullable(),
    status: z.enum(['open', 'archived', 'withdrawn', 'closed'])
  })
  .meta({ id: 'Proposal' })

export const presentProposal = (proposal: ProposalRow): z.output<typeof proposalSchema> => ({
  id: proposal.id,
  version: proposal.version,
  accountId: publicId('account', proposal.accountId),
  agencyId: proposal.agencyId && publicId('agency', proposal.agencyId),
  status: proposal.status
})

export const contractExample = {
  id: 'contract-7731',
  version: 3,
  companyId: 'company_01k2v6a1c9f7vts0m5w2r8hq4n',
  teamId: 'team_01k2v6a1c9f7vts0m5w2r8hq4q',
  contactAccountId: 'account_01k2v5p9h4m2s6t8w0x1y3z5a8',
  contactMemberId: 'member_01k2v6c5e7g9jbm1q3s5v7x9z1',
  contactRevision: 1,
  freelancerAccountId: 'account_01k2v5p9h4m2s6t8w0x1y3z5a9',
  agencyId: null,
  businessManagerAccountId: null,
  status: 'active'
} as const
