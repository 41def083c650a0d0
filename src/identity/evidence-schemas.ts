import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { countryCode } from '../http/text.ts'
import type { Recorded } from './evidence.ts'
import { documentTypes } from './evidence-values.ts'
import { caseStatuses } from './tables.ts'
import { effects } from './weighing.ts'

const kinds = ['government_id', 'tax_id', 'phone', 'payout_account', 'device', 'ip', 'address', 'name_birth_date'] as const
type Kind = (typeof kinds)[number]

/** What a kind must have beside its value, and what it may. */
const forms: Record<Kind, { must?: string[]; may?: string[] }> = {
  government_id: { must: ['country', 'documentType'] },
  tax_id: { must: ['country'] },
  phone: { may: ['country'] },
  payout_account: {},
  device: {},
  ip: {},
  address: { must: ['country'] },
  name_birth_date: { must: ['birthDate'] }
}
const further = ['country', 'documentType', 'birthDate'] as const

export const evidenceInput = z
  .strictObject({
    kind: z
      .enum(kinds)
      .meta({ description: 'What it is. Government id, personal tax id, phone and payout account are strong once they are verified.' }),
    value: z.string().min(1).max(2000).meta({
      description:
        'The number, address, name or fingerprint of a device as it was given; how it is written makes no difference. Neither kept nor logged: only keyed hashes are.'
    }),
    country: countryCode.optional().meta({
      description:
        'Country that issued it, or that the address is in (ISO 3166-1 alpha-2): with `government_id`, `tax_id` and `address`; with `phone` for a national number.'
    }),
    documentType: z.enum(documentTypes).optional().meta({ description: 'With `government_id`.' }),
    birthDate: z.iso
      .date()
      .refine((date) => date >= '1900-01-01' && date <= new Date().toISOString().slice(0, 10), 'must be a date of birth')
      .optional()
      .meta({ description: 'With `name_birth_date`, whose value is the name.' }),
    verified: z.boolean().meta({ description: 'It was proven, by a document or a code. What is not reserves nothing and has no effect.' })
  })
  .superRefine((input, context) => {
    const { must = [], may = [] } = forms[input.kind]
    for (const name of further) {
      if (must.includes(name) && input[name] === undefined)
        context.addIssue({ code: 'custom', path: [name], message: `is needed with ${input.kind}` })
      if (![...must, ...may].includes(name) && input[name] !== undefined)
        context.addIssue({ code: 'custom', path: [name], message: `does not belong to ${input.kind}` })
    }
  })
  .meta({ id: 'EvidenceInput' })

export const recordedSchema = z
  .strictObject({
    kind: z.enum(kinds),
    verified: z.boolean().meta({ description: 'As it is kept: what was verified once stays so.' }),
    effect: z.enum(effects).meta({ description: 'The hardest that followed from it: on the newer account of a pair, whichever that is.' }),
    cases: z
      .array(z.strictObject({ id: z.string(), status: z.enum(caseStatuses), kind: z.enum(['ordinary', 'circumvention']) }))
      .meta({ description: 'Cases of this account with others that hold the same, and those that this closed.' })
  })
  .meta({ id: 'RecordedEvidence' })

export const recordedExample = {
  kind: 'phone',
  verified: true,
  effect: 'verification_requested',
  cases: [{ id: 'case_01k3c9s7v9xbd1f3h5k7m9pqrt', status: 'awaiting_choice', kind: 'ordinary' }]
} as const

export const presentRecorded = (kind: Kind, { verified, effect, cases }: Recorded): z.output<typeof recordedSchema> => ({
  kind,
  verified,
  effect,
  cases: cases.map(({ id, status, kind }) => ({ id: publicId('case', id), status, kind }))
})

export const partiesInput = z
  .strictObject({
    parties: z
      .array(
        z.strictObject({
          type: z.enum(['account', 'company', 'agency']),
          id: z.string().min(1).max(100).meta({ description: 'TypeID; one that is not known shares nobody.' })
        })
      )
      .length(2)
      .meta({ description: 'The two that are asked about.' })
  })
  .meta({ id: 'ConflictQuestion' })
export const conflictSchema = z
  .strictObject({ conflict: z.boolean().meta({ description: 'They share a person.' }) })
  .meta({ id: 'ConflictAnswer' })
