import fc from 'fast-check'
import t from 'tap'
import { evaluationsInput, itemsOf } from '../../src/access/schemas.ts'

/**
 * A question with names and ids alone is read without the schema. With empty circumstances it says the same, and is held against the schema: so both have
 * to be read alike, whatever is in them. Tried once by hand: without a look at lengths, at null, or at `properties`, this fails.
 */

const text = fc.oneof(
  fc.constantFrom('account', 'company', '', 'x'.repeat(256), 'x'.repeat(257), '\ud800', '\u{1f600}'.repeat(128), '\u{1f600}'.repeat(129)),
  fc.string()
)
const anything = fc.oneof(text, fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(null, 0, false, [], {}))
const mostly = <Value>(usual: fc.Arbitrary<Value>) => fc.oneof({ arbitrary: usual, weight: 6 }, { arbitrary: anything, weight: 1 })
const rarely = fc.oneof({ arbitrary: fc.constant(undefined), weight: 6 }, { arbitrary: anything, weight: 1 })
const name = mostly(fc.constantFrom('account', 'job.post', 'x'.repeat(256)))
const fields = (...names: string[]) =>
  fc.record(
    {
      ...Object.fromEntries(names.map((each) => [each, name])),
      properties: rarely,
      toString: rarely,
      constructor: rarely,
      ['__proto__']: rarely
    },
    { requiredKeys: [] }
  )
const entity = fields('type', 'id')
const action = fields('name')
const question = fc.record(
  { subject: mostly(entity), action: mostly(action), resource: mostly(entity), more: rarely },
  { requiredKeys: [] }
)

/** As it comes from the network. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const words = (read: ReturnType<typeof itemsOf>): unknown =>
  read?.map((item) => {
    if ('fault' in item) return item
    const { subject, action, resource, context } = item
    return { subject: [subject.type, subject.id], action, resource: [resource.type, resource.id], context }
  })

t.test('Q-1: a question is read the same without the schema as with it', async (t) => {
  let plain = 0
  fc.assert(
    fc.property(question, mostly(question), (whole, own) => {
      const batch = evaluationsInput.safeParse(sent({ ...whole, evaluations: [own] }))
      if (!batch.success) return
      const read = words(itemsOf(batch.data, 1))
      t.strictSame(read, words(itemsOf({ ...batch.data, context: {} }, 1)), JSON.stringify({ whole, own }))
      if (!JSON.stringify(read).includes('fault')) plain++
    }),
    { numRuns: 1500 }
  )
  t.ok(plain > 20, 'not faults alone: mostly some 120')
})
