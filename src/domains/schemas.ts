import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import type { JoinableCompany } from './auto-join.ts'
import { type CompanyDomain, recordName, recordValue } from './find-domain.ts'
import { autoJoinModes, domainStatuses } from './tables.ts'

const moment = z.iso.datetime({ precision: 3 })

export const domainSchema = z
  .strictObject({
    id: z.string(),
    domain: z.string().meta({ description: 'Lower-case A-labels; only addresses at exactly this domain count (D-4).' }),
    status: z.enum(domainStatuses).meta({ description: '`lost`: another company has proven that it owns the domain.' }),
    mode: z.enum(autoJoinModes),
    defaultRole: z.enum(['recruiter', 'hiring_manager']),
    teams: z.array(z.strictObject({ id: z.string(), name: z.string() })).meta({
      description:
        'Whoever joins gets the default role in those that are shown; without any in the default team. While all are hidden they become `member` there.'
    }),
    proofs: z.strictObject({
      affiliation: moment.nullable().meta({ description: 'Somebody who runs the company has a proven address there.' }),
      ownership: moment.nullable().meta({ description: 'The DNS record was seen. Without it `automatic` becomes `suggest`.' })
    }),
    challenge: z
      .strictObject({
        recordName: z.string(),
        recordValue: z.string(),
        expiresAt: moment.nullable().meta({ description: 'Null once the record was seen: it has to stay, and is looked at every day.' })
      })
      .meta({ description: 'The DNS TXT record that proves ownership.' }),
    paused: z.boolean().meta({ description: 'The proof was lost: nobody joins by the domain until it is proven again (D-8).' }),
    heldUntil: moment.nullable().meta({ description: 'Another company lost it lately and may contest until then: nobody joins before.' }),
    contestUntil: moment.nullable().meta({ description: 'Of a lost domain: until when it can be contested.' })
  })
  .meta({ id: 'Domain' })

export const presentDomain = (domain: CompanyDomain): z.output<typeof domainSchema> => ({
  id: publicId('domain', domain.id),
  domain: domain.domain,
  status: domain.status,
  mode: domain.mode,
  defaultRole: domain.defaultRole,
  teams: domain.teams.map(({ id, name }) => ({ id: publicId('team', id), name })),
  proofs: { affiliation: domain.affiliationProvenAt, ownership: domain.ownershipProvenAt },
  challenge: { recordName: recordName(domain), recordValue: recordValue(domain), expiresAt: domain.challengeExpiresAt },
  paused: domain.paused,
  heldUntil: domain.heldUntil,
  contestUntil: domain.contestUntil
})

export const domainInput = z
  .strictObject({ domain: z.string().min(1).max(254).meta({ description: 'As in addresses: `okafor.example`, also in its own script.' }) })
  .meta({ id: 'DomainInput' })

export const domainChanges = z
  .strictObject({
    mode: z.enum(autoJoinModes).optional().meta({
      description: '`suggest` offers joining, `request` takes an admin, `automatic` joins at registration and needs ownership (D-5).'
    }),
    defaultRole: z
      .string()
      .regex(/^[a-z][a-z0-9_]{1,39}$/, 'must be 2 to 40 of a-z, 0-9 and _, beginning with a letter')
      .optional()
      .meta({ description: '`recruiter` or `hiring_manager` (D-6).' }),
    teamIds: z
      .array(z.string().max(100))
      .max(100)
      .refine((ids) => new Set(ids).size === ids.length, 'must not repeat a team')
      .optional()
      .meta({ description: 'All teams that whoever joins is put into; none for the default team.' })
  })
  .meta({ id: 'DomainChanges' })

export const domainPreview = z
  .strictObject({
    dryRun: z.literal(true),
    matching: z
      .int()
      .meta({ description: 'People with an account and an address at the domain who could come; 0 while it is not verified.' })
  })
  .meta({ id: 'DomainPreview' })

export const domainProof = z.strictObject({ proof: z.enum(['affiliation', 'dns']) }).meta({ id: 'DomainProof' })

export const joinableCompany = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    logoUrl: z.string().nullable(),
    how: z.enum(['join', 'request']).meta({ description: '`request`: an admin decides.' })
  })
  .meta({ id: 'JoinableCompany' })

/** Name and logo, and nothing else of a company that the person is no member of. */
export const presentJoinable = ({ id, name, logoUrl, how }: JoinableCompany): z.output<typeof joinableCompany> => ({
  id: publicId('company', id),
  name,
  logoUrl,
  how
})

export const domainExample = {
  id: 'domain_01k2v6d7f9h1kmx3p5r7t9w1y3',
  domain: 'okafor.example',
  status: 'verified',
  mode: 'suggest',
  defaultRole: 'recruiter',
  teams: [],
  proofs: { affiliation: '2026-08-17T10:30:00.000Z', ownership: null },
  challenge: {
    recordName: '_guildhall-challenge.okafor.example',
    recordValue: 'guildhall-domain-verification=Jp3nq0sU7x5dZ1m8R2c6VbYw4KfHtLgEaXi9oQzTuDs',
    expiresAt: '2026-08-24T10:20:00.000Z'
  },
  paused: false,
  heldUntil: null,
  contestUntil: null
} as const

export const joinableExample = {
  id: 'company_01k2v6a1c9f7vts0m5w2r8hq4n',
  name: 'Okafor Studio',
  logoUrl: 'https://okafor.example/logo.png',
  how: 'join'
} as const
