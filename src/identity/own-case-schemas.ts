import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { type Chosen, proofPrefix } from './choosing.ts'
import { type CaseOption, caseOptions, type OwnCase } from './own-case.ts'
import { caseStatuses, evidenceKinds } from './tables.ts'

const moment = z.iso.datetime({ precision: 3 })

export const ownCaseSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['ordinary', 'circumvention']).meta({ description: '`circumvention`: the other account is suspended or banned.' }),
    status: z.enum(caseStatuses),
    evidenceKinds: z.array(z.enum(evidenceKinds)).meta({ description: 'What both accounts hold; never its value.' }),
    otherAccount: z.string().meta({ description: 'The other account as its owner would recognise it, without anything that names it.' }),
    thisIsNewer: z.boolean().meta({ description: 'The account that is signed in was registered later than the other.' }),
    verifyBy: moment.nullable().meta({ description: 'Until when to verify the identity, if that is asked for.' }),
    restrictedFrom: moment.nullable().meta({
      description:
        'From when this account is restricted for the case: at the deadline of the choice, or since it was found. It lifts with the case.'
    }),
    options: z
      .array(
        z.strictObject({
          does: z.enum(caseOptions),
          method: z.literal('POST'),
          href: z.string().meta({ description: 'Path of this API.' }),
          body: z
            .record(z.string(), z.string())
            .optional()
            .meta({ description: 'Body of the call. `<…>` stands for what the caller fills in.' })
        })
      )
      .meta({ description: 'What can be done about it.' }),
    createdAt: moment
  })
  .meta({ id: 'OwnDuplicateCase' })

export const ownCaseExample = {
  id: 'case_01k3c9s7v9xbd1f3h5k7m9pqrt',
  kind: 'ordinary',
  status: 'awaiting_choice',
  evidenceKinds: ['phone'],
  otherAccount: 'o•••@•••.com, since 2025',
  thisIsNewer: true,
  verifyBy: '2026-09-06T14:02:11.000Z',
  restrictedFrom: null,
  options: [{ does: 'give_up_this', method: 'POST', href: '/v1/me/duplicate-case/choice', body: { giveUp: 'this' } }],
  createdAt: '2026-08-23T14:02:11.000Z'
} as const

const calls: Record<CaseOption, Omit<z.output<typeof ownCaseSchema>['options'][number], 'does' | 'method'>> = {
  give_up_this: { href: '/v1/me/duplicate-case/choice', body: { giveUp: 'this' } },
  keep_this: { href: '/v1/me/duplicate-case/choice', body: { keep: 'this', proof: '<proof made by signing in to the other account>' } },
  verify_identity: { href: '/v1/me/identity-verification', body: {} },
  appeal: { href: '/v1/appeals', body: { statement: '<why the decision is wrong>' } }
}

export function presentOwnCase({
  found,
  otherAccount,
  verifyBy,
  restrictedFrom,
  options,
  accountId
}: OwnCase): z.output<typeof ownCaseSchema> {
  const { id, kind, status, evidenceKinds, newerAccountId, createdAt } = found
  return {
    id: publicId('case', id),
    kind,
    status,
    evidenceKinds,
    otherAccount,
    thisIsNewer: newerAccountId === accountId,
    verifyBy,
    restrictedFrom,
    options: options.map((does) => ({ does, method: 'POST', ...calls[does] })),
    createdAt
  }
}

const proof = z
  .string()
  .regex(/^[\w-]{20,200}$/, 'must be a proof')
  .meta({ description: 'Made by `POST /v1/me/duplicate-case/proof` while signed in to the other account.' })

export const proofSchema = z
  .strictObject({ proof: z.string().meta({ description: 'Shown once, good once.' }), expiresAt: moment })
  .meta({ id: 'SignInProof' })
export const proofExample = {
  proof: `${proofPrefix}_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2a`,
  expiresAt: '2026-08-23T14:12:11.000Z'
}

export const choiceInput = z
  .strictObject({
    giveUp: z.literal('this').optional().meta({ description: 'Closes the account that is signed in.' }),
    keep: z.literal('this').optional().meta({ description: 'Keeps the account that is signed in and closes the other; needs `proof`.' }),
    proof: proof.optional()
  })
  .superRefine(({ giveUp, keep, proof }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if ((giveUp === undefined) === (keep === undefined)) wrong('keep', 'must be given, or else giveUp, and not both')
    if ((keep === undefined) !== (proof === undefined)) wrong('proof', 'belongs to keep, and is needed with it')
  })
  .meta({ id: 'DuplicateChoice' })

export const reportInput = z.strictObject({ proof }).meta({ id: 'OwnDuplicateReport' })

export const outcomeSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['ordinary', 'circumvention']),
    status: z.enum(caseStatuses),
    kept: z.enum(['this', 'other']).nullable().meta({ description: 'Which account stays; null while that is not chosen.' })
  })
  .meta({ id: 'DuplicateCaseOutcome' })

export const presentOutcome = ({ found, accountId }: Chosen): z.output<typeof outcomeSchema> => ({
  id: publicId('case', found.id),
  kind: found.kind,
  status: found.status,
  kept: found.keptAccountId === null ? null : found.keptAccountId === accountId ? 'this' : 'other'
})
