import fastJson from 'fast-json-stringify'
import { z } from 'zod'

type Write = (data: unknown) => string

/** Writes JSON as a schema describes it: what that does not name is left out, or when strict is a failure. Compiled at first use. */
export function writerOf(type: z.ZodType, strict: boolean): Write {
  let write: Write | undefined
  return (data) => {
    if (strict) type.parse(data)
    write ??= compiled(z.toJSONSchema(type, { target: 'draft-7', io: 'output', override: forWriting }))
    return write(data)
  }
}

// Companies and agencies, and all instances of a process, answer in the same forms; compiling one takes longer than many answers.
const writers = new Map<string, Write>()

function compiled(schema: object): Write {
  const form = JSON.stringify(schema)
  const write = writers.get(form) ?? fastJson(schema as fastJson.Schema)
  writers.set(form, write)
  return write
}

/** `.meta({ asItIs: true })` is for texts of our own making, in which nothing needs to be escaped. */
function forWriting(context: { jsonSchema: Record<string, unknown> }): void {
  const { jsonSchema } = context
  if (jsonSchema.asItIs) jsonSchema.format = 'unsafe'
  applyOverride(context)
}

/** `.meta({ override })` replaces the generated JSON Schema of a part whose zod form says less or more than a reader needs. */
export function applyOverride({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void {
  const { override } = jsonSchema
  delete jsonSchema.asItIs
  if (override === undefined) return
  const { description, examples } = jsonSchema
  for (const name of Object.keys(jsonSchema)) delete jsonSchema[name]
  Object.assign(jsonSchema, override, description === undefined ? {} : { description }, examples === undefined ? {} : { examples })
}
