import { z } from 'zod'
import { blockerExample, blockerSchema } from '../http/blockers.ts'
import { publicId } from '../http/ids.ts'
import { line, paragraphs } from '../http/text.ts'
import type { ProfileView } from './profiles.ts'
import { visibilities } from './tables.ts'

const currencies = new Set(Intl.supportedValuesOf('currency'))

const amount = z.int().min(1).max(10_000_000).meta({ description: 'For an hour, in the smallest unit of the currency.' })
const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be three capital letters (ISO 4217)')
  .refine((code) => currencies.has(code), 'is no currency of ISO 4217')
  .meta({ description: 'ISO 4217.', override: { type: 'string', pattern: '^[A-Z]{3}$' } })
const rateInput = z.strictObject({ amount, currency }).nullable()

/** However a skill is written, it is one. */
const folded = (skill: string): string => skill.normalize('NFKC').toLowerCase()
const skills = z
  .array(line(1, 50))
  .max(50)
  .refine((all) => new Set(all.map(folded)).size === all.length, 'must not repeat a skill')

const title = line(1, 100)
const overview = paragraphs(1, 5000).meta({ description: 'Text of several lines.' })
const visibility = z
  .enum(visibilities)
  .meta({ description: 'Who finds the profile: everybody, who is signed in to the marketplace, or nobody.' })

export const specialisedInput = z
  .strictObject({ title, overview, hourlyRate: rateInput.default(null), skills: skills.default([]) })
  .meta({ id: 'SpecialisedProfileInput' })
export const profileInput = specialisedInput
  .extend({ visibility: visibility.default('marketplace') })
  .meta({ id: 'FreelancerProfileInput' })

const specialisedFields = {
  title: title.optional(),
  overview: overview.optional(),
  hourlyRate: rateInput.optional(),
  skills: skills.optional()
}
export const specialisedChanges = z.strictObject(specialisedFields).meta({ id: 'SpecialisedProfileChanges' })
export const profileChanges = z
  .strictObject({ ...specialisedFields, visibility: visibility.optional() })
  .meta({ id: 'FreelancerProfileChanges' })

/** What an agency may set for an exclusive member (G-6). */
export const memberProfileChanges = z
  .strictObject({ hourlyRate: rateInput.optional(), visibility: visibility.optional() })
  .meta({ id: 'MemberProfileChanges' })

/** What is kept is shown, also when a currency of that time is known no longer. */
const rateSchema = z.strictObject({ amount: z.int(), currency: z.string() }).meta({ id: 'HourlyRate' })
const specialised = z
  .strictObject({
    place: z.int().meta({ description: '1 or 2.' }),
    title: z.string(),
    overview: z.string(),
    hourlyRate: rateSchema.nullable(),
    skills: z.array(z.string())
  })
  .meta({ id: 'SpecialisedProfile' })
export const profileSchema = z
  .strictObject({
    accountId: z.string().meta({ description: 'TypeID with the prefix `account`.' }),
    status: z.enum(['active', 'closed']),
    title: z.string(),
    overview: z.string(),
    hourlyRate: rateSchema.nullable(),
    visibility: z.enum(visibilities),
    skills: z.array(z.string()),
    specialised: z.array(specialised),
    createdAt: z.iso.datetime({ precision: 3 })
  })
  .meta({ id: 'FreelancerProfile' })

export const closureSchema = z.strictObject({ dryRun: z.literal(true), blockers: z.array(blockerSchema) }).meta({ id: 'ProfileClosure' })

export const placeParams = z.strictObject({
  place: z.enum(['1', '2']).meta({ description: 'Which of the two specialised profiles.' })
})

/** What a profile looks like to its person. */
export const presentProfile = ({ accountId, revision: _, ...profile }: ProfileView): z.output<typeof profileSchema> => ({
  accountId: publicId('account', accountId),
  ...profile
})

export const specialisedExample = {
  title: 'Illustrator of field guides',
  overview: 'Plates of plants and birds, drawn from specimens.',
  hourlyRate: { amount: 7500, currency: 'EUR' },
  skills: ['Botanical illustration', 'Ink']
}
export const contentExample = {
  title: 'Illustrator and map maker',
  overview: 'Maps, plates and covers for publishers.\n\nEight years of practice; references on request.',
  hourlyRate: { amount: 6500, currency: 'EUR' },
  visibility: 'marketplace',
  skills: ['Illustration', 'Cartography']
} as const
export const profileExample = {
  accountId: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm',
  status: 'active',
  ...contentExample,
  specialised: [{ place: 1, ...specialisedExample }],
  createdAt: '2026-08-17T09:30:00.000Z'
} as const
export const closureExample = { dryRun: true, blockers: [blockerExample] }
