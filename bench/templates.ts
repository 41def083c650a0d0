import { randomBytes } from 'node:crypto'
import { type IdKind, newId, parseId, publicId } from '../src/http/ids.ts'
import { sha256 } from '../src/keyring.ts'

/** A statement as it went to the database. */
export interface Sent {
  text: string
  values: unknown[]
}

/** A statement to be sent again, with `{{name}}` where a value differs from run to run. */
export interface Recorded {
  text: string
  values: Value[]
}
export type Value = string | number | boolean | null | Value[] | Bytes
/** A byte string, in hex. */
interface Bytes {
  hex: string
}

/** What statements know of the run they are part of, by name. */
export type Variables = Record<string, string>

const varying =
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}\b|[\w.+-]+@[\w.-]+|\b(?:[0-9a-f]{64}|[0-9a-f]{32})\b/g
const bounds = /^\s*(begin|commit)\b/i

/**
 * Statements as templates: ids, addresses and hashes of the run become its variables. What nobody knew before is made anew by each run:
 * `new1` is an id, `new1_member` its public form, `bytes1_32` so many random bytes. Byte strings that the run `before` had sent as well,
 * such as keys of rate limits, are the same in all runs of one account: `own1`. An address that nobody knows is a fault.
 */
export function templates(sent: Sent[], variables: Variables, before: Sent[]): Recorded[] {
  const names = new Map(Object.entries(variables).map(([name, value]) => [value, name]))
  const repeated = new Set(before.flatMap(({ values }) => values.filter(Buffer.isBuffer).map((bytes) => bytes.toString('hex'))))

  const nameOf = (found: string): string => {
    const known = names.get(found)
    if (known) return known
    if (found.includes('@')) throw new Error(`an address that nobody knows: ${found}`)
    if (found.includes('_')) return publicNameOf(found)
    const number = names.size
    const name = found.includes('-') ? `new${number}` : repeated.has(found) ? `own${number}` : `bytes${number}_${found.length / 2}`
    names.set(found, name)
    return name
  }
  const publicNameOf = (found: string): string => {
    const kind = found.slice(0, found.indexOf('_')) as IdKind
    const name = names.get(parseId(kind, found) ?? '')
    if (!name?.startsWith('new')) throw new Error(`an id that nobody knows: ${found}`)
    return `${name}_${kind}`
  }
  const text = (value: string): string => value.replace(varying, (found) => `{{${nameOf(found)}}}`)
  const template = (value: unknown): Value => {
    if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(template)
    if (Buffer.isBuffer(value)) return { hex: text(value.toString('hex')) }
    throw new Error(`a value that cannot be sent again: ${value}`)
  }
  // Beginning and ending the transaction is up to who runs them.
  return sent.filter(({ text }) => !bounds.test(text)).map(({ text, values }) => ({ text, values: values.map(template) }))
}

/** Statements ready to be sent, each text prepared once a connection under its name in `names`. Answers what gives the values of one run. */
export function prepared(recorded: Recorded[], names: Map<string, string>) {
  for (const { text } of recorded) if (!names.has(text)) names.set(text, `r${names.size}`)
  const statements = recorded.map(({ text, values }) => ({ name: names.get(text)!, text, values: values.map(filled) }))
  const makers = makersOf(JSON.stringify(recorded))
  return (given: Variables) => {
    const variables = { ...given }
    for (const [name, make] of makers) variables[name] = make(variables)
    return statements.map(({ name, text, values }) => ({ name, text, values: values.map((value) => value(variables)) }))
  }
}

type Make = (variables: Variables) => string

/** What makes the variables that no client knows; ids before their public forms. */
function makersOf(text: string): Array<[string, Make]> {
  const all = [...new Set(text.match(/(?<=\{\{)(?:new|own|bytes)\d+(?:_\w+)?(?=\}\})/g))].sort((a, b) => a.length - b.length)
  return all.map((name): [string, Make] => {
    const [base, rest] = name.split('_') as [string, string | undefined]
    if (base.startsWith('own')) return [name, ({ account }) => sha256(`${account} ${name}`).toString('hex')]
    if (base.startsWith('bytes')) return [name, () => randomBytes(Number(rest)).toString('hex')]
    return [name, rest ? (variables) => publicId(rest as IdKind, variables[base]!) : newId]
  })
}

/** What a template is for the variables of a run. */
function filled(template: Value): (variables: Variables) => unknown {
  if (Array.isArray(template)) {
    const items = template.map(filled)
    return (variables) => items.map((item) => item(variables))
  }
  if (template !== null && typeof template === 'object') {
    const hex = filled(template.hex)
    return (variables) => Buffer.from(hex(variables) as string, 'hex')
  }
  const parts = typeof template === 'string' ? template.split(/\{\{(\w+)\}\}/) : []
  if (parts.length <= 1) return () => template
  if (parts.length === 3 && parts[0] === '' && parts[2] === '') return (variables) => variables[parts[1]!]
  return (variables) => parts.map((part, index) => (index % 2 ? variables[part] : part)).join('')
}
