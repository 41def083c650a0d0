import { z } from 'zod'
import { blockerExample, blockerSchema } from '../http/blockers.ts'
import { publicId } from '../http/ids.ts'
import type { Closure, Part } from './effects.ts'
import type { Erasure } from './erasures.ts'

export const tag = 'Closing'

const organization = z.strictObject({
  id: z.string().meta({ description: 'TypeID with the prefix `company` or `agency`.' }),
  name: z.string()
})
const effects = z
  .strictObject({
    organizations: z.array(organization).meta({ description: 'Owned organizations without other members: they close with the account.' }),
    memberships: z
      .array(organization.extend({ memberId: z.string() }))
      .meta({ description: 'Memberships that end; they do not come back with the account.' }),
    freelancerProfile: z.boolean().meta({ description: 'Whether there is a freelancer profile that closes.' })
  })
  .meta({ id: 'AccountClosureEffects' })

export const closureSchema = z
  .strictObject({
    blockers: z.array(blockerSchema).meta({ description: 'All that stands in the way (K-8). Empty when the account can be closed.' }),
    effects
  })
  .meta({ id: 'AccountClosure' })
export const closureDryRun = closureSchema.extend({ dryRun: z.literal(true) }).meta({ id: 'AccountClosurePreview' })
export const closedSchema = z
  .strictObject({ status: z.literal('closed').meta({ description: 'The account is closed, and all its sessions have ended.' }), effects })
  .meta({ id: 'ClosedAccount' })

const shown = ({ organization: { id, kind, name } }: Part) => ({ id: publicId(kind, id), name })

const presentEffects = ({ closing, leaving, freelancerProfile }: Closure): z.output<typeof effects> => ({
  organizations: closing.map(shown),
  memberships: leaving.map((part) => ({ ...shown(part), memberId: publicId('member', part.member.id) })),
  freelancerProfile
})
export const presentClosure = (closure: Closure): z.output<typeof closureSchema> => ({
  blockers: closure.blockers,
  effects: presentEffects(closure)
})
export const presentClosed = (closure: Closure): z.output<typeof closedSchema> => ({ status: 'closed', effects: presentEffects(closure) })

const effectsExample = {
  organizations: [{ id: 'company_01k2v5p3e8f5nvx4dz7gq9c1tm', name: 'Okafor Studio' }],
  memberships: [{ id: 'company_01k2v5p3e8f5nvx4dz7gq9c1tn', name: 'Brandt Maps', memberId: 'member_01k2v5p3e8f5nvx4dz7gq9c1tp' }],
  freelancerProfile: true
}
export const closureExample = { blockers: [blockerExample], effects: effectsExample }
export const closedExample = { status: 'closed', effects: effectsExample } as const

export const erasureStatuses = ['proposed', 'scheduled', 'done', 'cancelled'] as const

export const scheduledErasure = z
  .strictObject({
    status: z.literal('scheduled'),
    dueAt: z.iso.datetime({ precision: 3 }).meta({ description: 'From then on the data are erased. Reactivating before cancels it.' })
  })
  .meta({ id: 'ScheduledErasure' })
export const scheduledExample = { status: 'scheduled', dueAt: '2026-12-01T09:30:00.000Z' } as const

export const erasureSchema = z
  .strictObject({
    id: z.string().meta({ description: 'TypeID with the prefix `erasure`.' }),
    accountId: z.string(),
    status: z
      .enum(erasureStatuses)
      .meta({ description: '`proposed` by an operator; `scheduled`: asked for by the person, and waiting for its time.' }),
    requestedBy: z.enum(['account', 'operator']),
    requestedById: z.string().meta({ description: 'The account or the operator.' }),
    dueAt: z.iso.datetime({ precision: 3 }).nullable().meta({ description: 'Of the own request of a person.' }),
    approvedById: z.string().nullable().meta({ description: 'The second operator.' }),
    createdAt: z.iso.datetime({ precision: 3 }),
    endedAt: z.iso.datetime({ precision: 3 }).nullable()
  })
  .meta({ id: 'Erasure' })
export const erasureExample = {
  id: 'erasure_01k2v5p3e8f5nvx4dz7gq9c1tm',
  accountId: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm',
  status: 'proposed',
  requestedBy: 'operator',
  requestedById: 'operator_01k2v5p3e8f5nvx4dz7gq9c1tm',
  dueAt: null,
  approvedById: null,
  createdAt: '2026-11-17T09:30:00.000Z',
  endedAt: null
} as const

export const presentScheduled = ({ dueAt }: Erasure): z.output<typeof scheduledErasure> => ({ status: 'scheduled', dueAt: dueAt! })
export const presentErasure = ({ id, accountId, requestedById, approvedById, ...erasure }: Erasure): z.output<typeof erasureSchema> => ({
  id: publicId('erasure', id),
  accountId: publicId('account', accountId),
  ...erasure,
  requestedById: publicId(erasure.requestedBy, requestedById),
  approvedById: approvedById && publicId('operator', approvedById)
})
