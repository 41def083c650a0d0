import { z } from 'zod'
import { catalogue, type ProblemCode } from '../problems.ts'
import { blockerSchema } from './blockers.ts'
import { problemExample, problemSchema } from './problem-examples.ts'
import type { Access, MediaType, RouteSpec } from './route.ts'
import { hasStream, isClosed, problemsOf } from './route-facts.ts'
import { applyOverride } from './writing.ts'

type Json = Record<string, unknown>

const tags = [
  { name: 'Accounts', description: 'Registering, proving an email, resetting a password: no sign-in needed.' },
  { name: 'Sessions', description: 'Signing in and keeping signed in.' },
  { name: 'Me', description: 'The signed-in person: account, addresses, password, second factor, sessions.' },
  { name: 'Freelancer profile', description: 'The freelancer capacity of an account, with its specialised profiles.' },
  { name: 'Closing', description: 'Closing an account, coming back, and personal data: reading all of it and having it erased.' },
  { name: 'Companies', description: 'Companies that hire: their data, teams, members and roles.' },
  { name: 'Agencies', description: "Agencies that sell their members' work: their data, teams, members and roles." },
  { name: 'Invitations', description: 'For whoever was invited: looking at an invitation, accepting, declining, silencing an address.' },
  { name: 'Joining', description: 'Coming into a company without an invitation: by a link, or by an address at one of its domains.' },
  { name: 'Conversations', description: 'What the messaging service tells, and adding coworkers.' },
  { name: 'Contracts and proposals', description: 'What the services that own them tell, and who answers for a contract.' },
  {
    name: 'Permission queries',
    description: 'May this person do that? For services about anybody, for people about themselves (OpenID AuthZEN).'
  },
  { name: 'Identity', description: 'Who somebody is: evidence, duplicate accounts, verification of identity, conflicts of interest.' },
  { name: 'Events', description: 'What has changed, for other services that keep a picture of it.' },
  { name: 'Enforcement', description: 'Decisions of trust and safety, as the person sees them, and appeals.' },
  { name: 'Services and operators', description: 'Tokens for internal services and operators, and what verifiers need.' },
  { name: 'Operators', description: 'For the people who operate the marketplace.' }
]

/** The kinds of tokens that let somebody in, any one of them. */
const security: Record<Access['kind'], string[]> = {
  anonymous: [],
  visitor: ['accountToken'],
  account: ['accountToken'],
  party: ['accountToken', 'operatorToken'],
  service: ['serviceToken'],
  operator: ['operatorToken'],
  asker: ['serviceToken', 'accountToken']
}

const commonHeaders: Record<string, { description: string; schema: Json }> = {
  'X-Request-ID': { description: "The request's own id, or the one it sent.", schema: { type: 'string' } }
}

/** The OpenAPI 3.1 document of all operations: from the same schemas that validate, and the same catalogue that answers. */
export function openApiDocument(operations: RouteSpec[], publicUrl: string, version: string): Json {
  const schemas: Json = { Problem: problemSchema }
  jsonSchema(blockerSchema, 'output', schemas)
  const paths: Record<string, Json> = {}
  for (const spec of [...operations].sort((a, b) => a.path.localeCompare(b.path))) {
    const path = spec.path.replace(/:([A-Za-z]+)/g, '{$1}')
    paths[path] = { ...paths[path], [spec.method.toLowerCase()]: operation(spec, publicUrl, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Guildhall',
      version,
      summary: 'The identity layer of a freelance marketplace.',
      description:
        'Who a person is, whom they act for, and what they may do there.\n\n' +
        'Ids are TypeIDs. Failures are RFC 9457 problems with a stable `code`; each has a page under `/problems`. ' +
        'Unknown properties and repeated query parameters are refused; where a JSON key is given twice the last one counts. ' +
        'Operations that list `If-Match` need the `ETag` they were decided on; those that list `Idempotency-Key` can be sent again safely. ' +
        'Limits are announced in `RateLimit` and `RateLimit-Policy`. A `Consistency-Token` from a write, sent as `At-Least-As-Fresh`, makes sure that a read is no older than the write.',
      license: { name: 'MIT', identifier: 'MIT' }
    },
    servers: [{ url: publicUrl }],
    tags,
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a.localeCompare(b))),
      securitySchemes: securitySchemes(operations)
    }
  }
}

const bearer = (description: string): Json => ({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description })
const schemeDescriptions: Record<string, Json> = {
  accountToken: bearer('Access token of a signed-in person, from `POST /v1/sessions`.'),
  serviceToken: bearer('Access token of a service client, from `POST /v1/oauth/token`.'),
  operatorToken: bearer('Access token of an operator, from `POST /v1/oauth/token`.')
}

/** The kinds of tokens that some operation takes. */
function securitySchemes(operations: RouteSpec[]): Json {
  const used = new Set(operations.flatMap((spec) => security[spec.access.kind]))
  return Object.fromEntries(Object.entries(schemeDescriptions).filter(([name]) => used.has(name)))
}

function operation(spec: RouteSpec, publicUrl: string, schemas: Json): Json {
  const schemes = security[spec.access.kind].map((scheme) => ({ [scheme]: [] }))
  const scope =
    'scope' in spec.access ? ` ${spec.access.kind === 'asker' ? 'Services need' : 'Needs'} the scope \`${spec.access.scope}\`.` : ''
  return {
    operationId: spec.operationId,
    tags: [spec.tag],
    summary: spec.summary,
    description: spec.description + scope,
    // An empty requirement: without a token it works as well.
    security: schemes.length > 0 && !isClosed(spec) ? [{}, ...schemes] : schemes,
    parameters: [...parameters(spec.params, 'path'), ...parameters(spec.query, 'query'), ...headerParameters(spec)],
    ...(spec.body ? { requestBody: requestBody(spec, schemas) } : {}),
    responses: { ...successes(spec, schemas), ...failures(spec, publicUrl) }
  }
}

/** JSON Schema of a zod schema; parts with an id become components. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const {
    $schema: _,
    $defs,
    ...rest
  } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, override: applyOverride }) as Json & { $defs?: Record<string, Json> }
  for (const [name, part] of Object.entries($defs ?? {})) addComponent(schemas, name, componentRefs(part))
  const own = componentRefs(rest) as Json
  const id = z.globalRegistry.get(schema)?.id
  if (!id || '$ref' in own) return own
  const { id: _id, ...component } = own
  addComponent(schemas, id, component)
  return { $ref: `#/components/schemas/${id}` }
}

/** Two schemas under one name would be documented as one. */
function addComponent(schemas: Json, name: string, part: unknown): void {
  if (name in schemas && JSON.stringify(schemas[name]) !== JSON.stringify(part)) throw new Error(`Two different schemas are called ${name}`)
  schemas[name] = part
}

function componentRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(componentRefs)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, part]) => !(name === 'id' && typeof part === 'string'))
      .map(([name, part]) =>
        name === '$ref' && typeof part === 'string'
          ? [name, part.replace('#/$defs/', '#/components/schemas/')]
          : [name, componentRefs(part)]
      )
  )
}

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = jsonSchema(schema, 'input', {}) as { properties?: Record<string, Json>; required?: string[] }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description ? { description } : {}),
    schema: rest
  }))
}

function headerParameters(spec: RouteSpec): Json[] {
  const headers: Json[] = []
  const add = (name: string, required: boolean, description: string, schema: Json = { type: 'string' }) =>
    headers.push({ name, in: 'header', required, description, schema })
  if (spec.conditional) add('If-Match', true, 'The `ETag` of the version that was seen.')
  if (spec.idempotent)
    add('Idempotency-Key', false, `Makes a retry safe: the first answer is given again for ${spec.idempotent} seconds.`, {
      type: 'string',
      minLength: 16,
      maxLength: 64
    })
  if (spec.access.kind === 'asker') add('Consistency', false, '`full`: from the present state, whatever it costs.')
  if (hasStream(spec)) add('Last-Event-ID', false, 'Of a stream that ended: goes on behind this place; before `after`.')
  if (spec.access.kind === 'asker' || (spec.access.kind !== 'anonymous' && spec.method === 'GET'))
    add('At-Least-As-Fresh', false, 'A `Consistency-Token`: the answer is no older than that write.')
  return headers
}

function requestBody(spec: RouteSpec, schemas: Json): Json {
  const example = spec.example === undefined ? {} : { example: spec.example }
  const content = (type: MediaType): Json =>
    type === 'text/csv' ? { schema: { type: 'string' } } : { schema: jsonSchema(spec.body!, 'input', schemas), ...example }
  return { required: true, content: Object.fromEntries((spec.consumes ?? ['application/json']).map((type) => [type, content(type)])) }
}

function successes(spec: RouteSpec, schemas: Json): Json {
  return Object.fromEntries(
    Object.entries(spec.replies).map(([status, { description, schema, example, headers, eventStream }]) => {
      const named = Object.fromEntries(
        Object.entries({ ...headers, ...writeHeaders(spec) }).map(([name, text]) => [
          name,
          { description: text, schema: { type: 'string' } }
        ])
      )
      const content = schema
        ? {
            content: {
              'application/json': { schema: jsonSchema(schema, 'output', schemas), ...(example === undefined ? {} : { example }) },
              ...(eventStream === undefined ? {} : { 'text/event-stream': { schema: { type: 'string' }, example: eventStream } })
            }
          }
        : {}
      return [status, { description, headers: { ...commonHeaders, ...named }, ...content }]
    })
  )
}

const writeHeaders = (spec: RouteSpec): Record<string, string> => ({
  ...(spec.method !== 'GET' && spec.access.kind === 'account'
    ? { 'Consistency-Token': 'Send it as `At-Least-As-Fresh` to read what this write left.' }
    : {}),
  ...(spec.idempotent ? { 'Idempotency-Replayed': '`true` when this is the answer to an earlier request.' } : {})
})

/** One response for each status, with a real example of each problem. */
function failures(spec: RouteSpec, publicUrl: string): Json {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of problemsOf(spec)) {
    const { status } = catalogue[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => {
      const examples = Object.fromEntries(
        codes.map((code) => [code, { summary: catalogue[code].title, value: problemExample(code, spec, publicUrl) }])
      )
      const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, examples } }
      const declared = spec.replies[status]
      const wait =
        status === 429 || status === 503 ? { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } } : {}
      const challenge = status === 401 ? { 'WWW-Authenticate': { description: 'How to authenticate.', schema: { type: 'string' } } } : {}
      const own = declared?.schema
        ? { 'application/json': { schema: jsonSchema(declared.schema, 'output', {}), example: declared.example } }
        : {}
      return [
        status,
        {
          description: codes.map((code) => `\`${code}\`: ${catalogue[code].title}.`).join(' '),
          headers: { ...commonHeaders, ...wait, ...challenge },
          content: { ...own, ...problem }
        }
      ]
    })
  )
}
