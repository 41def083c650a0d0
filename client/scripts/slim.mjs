import { createHash } from 'node:crypto'

const noType = new Set(['example', 'examples', 'headers', 'tags', 'summary', 'security', 'servers'])

/**
 * The document without what makes no types: examples, headers of answers, and problems, which are all of one shape and thrown as errors.
 * Descriptions stay: editors show them.
 */
export function slim(document) {
  const paths = {}
  for (const [path, item] of Object.entries(document.paths)) {
    paths[path] = {}
    for (const [method, operation] of Object.entries(item)) {
      const responses = Object.fromEntries(Object.entries(operation.responses).filter(([status]) => Number(status) < 400))
      paths[path][method] = without({ ...operation, description: operation.summary, responses })
    }
  }
  const { schemas } = document.components
  return { openapi: document.openapi, info: { title: 'Guildhall', version: '1' }, paths, components: { schemas: properties(schemas) } }
}

/** What the types were made from, in short: it changes when they would. */
export const fingerprint = (document) =>
  createHash('sha256')
    .update(JSON.stringify(slim(document)))
    .digest('hex')
    .slice(0, 16)

const isObject = (value) => typeof value === 'object' && value !== null

/** A property may have any name, also one that means something elsewhere. */
const properties = (named) => Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, without(schema)]))

function without(value) {
  if (Array.isArray(value)) return value.map(without)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !noType.has(key))
      .map(([key, inner]) => [key, key === 'properties' && isObject(inner) ? properties(inner) : without(inner)])
  )
}
