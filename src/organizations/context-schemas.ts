import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import type { ContextRow } from './contexts.ts'
import { publicGrant } from './grants.ts'
import { affiliations } from './tables.ts'

export const contextSchema = z
  .strictObject({
    kind: z.enum(['freelancer', 'company', 'agency']),
    id: z.string().nullable().meta({ description: "The company or agency; null for the freelancer's own capacity." }),
    title: z.string(),
    logoUrl: z.string().nullable(),
    status: z.string(),
    enforcement: z.string(),
    memberId: z.string().nullable(),
    membershipStatus: z.enum(['active', 'suspended']).nullable(),
    affiliation: z.enum(affiliations).nullable(),
    roles: z
      .array(z.strictObject({ role: z.string(), teamId: z.string().optional() }))
      .meta({ description: 'The owner first. Without `teamId`: for all of it.' }),
    teams: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    offeredOwnership: z.boolean().meta({ description: "An offer of ownership waits for the person's answer." })
  })
  .meta({ id: 'Context' })

export const presentContext = ({
  kind,
  id,
  owner,
  grants,
  teams,
  memberId,
  affiliation,
  ...shown
}: ContextRow): z.output<typeof contextSchema> => ({
  ...shown,
  kind,
  id: id === null || kind === 'freelancer' ? null : publicId(kind, id),
  memberId: memberId && publicId('member', memberId),
  affiliation: affiliation as z.output<typeof contextSchema>['affiliation'],
  roles: [...(owner && kind !== 'freelancer' ? [{ role: 'owner' }] : []), ...grants.map(publicGrant)],
  teams: teams.map(({ id, name }) => ({ id: publicId('team', id), name }))
})
