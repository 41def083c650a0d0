import { z } from 'zod'
import { scopes } from './clients.ts'

export const clientName = z.string().regex(/^[a-z][a-z0-9-]{1,62}$/, 'must be 2 to 63 of a-z, 0-9 and -, beginning with a letter')
export const scopeName = z.enum(scopes)
