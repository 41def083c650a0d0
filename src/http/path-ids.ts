import { z } from 'zod'

/** An id in a path: one that is malformed or of another kind is 404, so its form is not looked at here. */
export const pathId = (of: string, description = `TypeID of the ${of}.`) => z.string().min(1).max(100).meta({ description })
