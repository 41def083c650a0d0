import { z } from 'zod'

/** Ids that other services own. */
export const foreignId = (of: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9 and _ . : -')
    .meta({ description: `Id of the ${of}, as its service names it.` })
