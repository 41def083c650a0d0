import { z } from 'zod'
import { blockerExample, blockerSchema } from '../http/blockers.ts'
import { publicId } from '../http/ids.ts'
import type { Closure, Part } from './effects.ts'

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
