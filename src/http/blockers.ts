import { z } from 'zod'
import { type ProblemCode, refuse } from '../problems.ts'

/** How a blocker is cleared: by a call of this API, or by the service that owns what blocks. */
export type Resolve = { method: string; href: string; ifMatch?: string; body?: Record<string, unknown> } | { service: string }

/** One thing that stands in the way of a call (K-8). */
export interface Blocker {
  code: ProblemCode
  /** Public id of what blocks. */
  resource: string
  /** What to call it before people. */
  label: string
  resolve: Resolve
}

const callSchema = z.strictObject({
  method: z.string(),
  href: z.string().meta({ description: 'Path of this API, with what is known already filled in.' }),
  ifMatch: z.string().optional().meta({ description: '`If-Match` of the call, where it needs one: the version that was decided on.' }),
  body: z.record(z.string(), z.unknown()).optional().meta({ description: 'Body of the call. `<…>` stands for what the caller chooses.' })
})
const serviceSchema = z.strictObject({ service: z.string().meta({ description: 'The service that owns the cure.' }) })

export const blockerSchema = z
  .strictObject({
    code: z.string().meta({ description: 'Why it blocks; programs decide by it.' }),
    resource: z.string().meta({ description: 'Id of what blocks.' }),
    label: z.string().meta({ description: 'What to call it before people.' }),
    resolve: z.union([callSchema, serviceSchema]).meta({ description: 'The call that clears it, or the service that can.' })
  })
  .meta({ id: 'Blocker' })

/** One that the documentation shows. */
export const blockerExample = {
  code: 'independent_work_active',
  resource: 'c-7731',
  label: 'Contract c-7731 (active)',
  resolve: { service: 'contracts' }
} as const satisfies Blocker

/** Refuses when anything blocks, with the complete list; under the first one's code unless another is given. @throws that code */
export function refuseIfBlocked(blockers: Blocker[], code: ProblemCode | undefined = blockers[0]?.code): void {
  if (code && blockers.length > 0) throw refuse(code, { extensions: { blockers } })
}
