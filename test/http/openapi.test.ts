import { readFileSync } from 'node:fs'
import type { LightMyRequestResponse as Response } from 'fastify'
import { TOTP } from 'otpauth'
import t from 'tap'
import { z } from 'zod'
import { describeApi } from '../../src/dev/describe-api.ts'
import { openApiDocument } from '../../src/http/openapi.ts'
import { problemsOf, type RouteSpec, statusesOf } from '../../src/http/route.ts'
import { catalogue, type ProblemCode } from '../../src/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { operations } = world.app

interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description: string
  security: Array<Record<string, unknown>>
  parameters: Array<{ name: string; in: string; required: boolean; schema: object; description?: string }>
  requestBody?: { content: Record<string, { schema: object; example?: unknown }> }
  responses: Record<
    string,
    {
      description: string
      headers: Record<string, object>
      content?: Record<string, { schema: object; example?: unknown; examples?: Record<string, { value: Record<string, unknown> }> }>
    }
  >
}
interface Document {
  openapi: string
  tags: Array<{ name: string }>
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> }
}

const document = (await describeApi()) as Document
const documented = (spec: RouteSpec): Operation => document.paths[spec.path.replace(/:(\w+)/g, '{$1}')]![spec.method.toLowerCase()]!
const refsIn = (value: unknown): string[] => [...JSON.stringify(value).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!)

t.test('openapi/openapi.json is the document that the service makes', async (t) => {
  const kept = JSON.parse(readFileSync('openapi/openapi.json', 'utf8'))
  t.ok(JSON.stringify(kept) === JSON.stringify(document), 'openapi/openapi.json is out of date: run `npm run openapi`')
  const served = (await world.inject({ url: '/openapi.json' })).json() as Document
  t.strictSame(Object.keys(served.paths), Object.keys(document.paths), 'the same is served')
  t.equal((await world.inject({ url: '/docs' })).statusCode, 200)
})

t.test('every operation is documented: summary, description, tag, security, parameters, every status and problem', async (t) => {
  const tags = document.tags.map(({ name }) => name)
  t.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length, 'operation ids are unique')
  for (const spec of operations) {
    const operation = documented(spec)
    const faults: string[] = []
    const must = (holds: unknown, what: string): void => {
      if (!holds) faults.push(what)
    }
    must(/^[a-z][A-Za-z]+$/.test(operation.operationId), 'operationId')
    must(operation.summary.length >= 5 && !operation.summary.endsWith('.'), 'summary')
    must(operation.description.length >= 8 && operation.description.includes('.'), 'description')
    must(operation.tags.length === 1 && tags.includes(operation.tags[0]!), 'tag')
    must(Array.isArray(operation.security) && (spec.access.kind === 'anonymous') === (operation.security.length === 0), 'security')
    must(
      operation.security.every((scheme) => Object.keys(scheme).every((name) => name in document.components.securitySchemes)),
      'security scheme'
    )
    for (const name of spec.path.matchAll(/:(\w+)/g))
      must(
        operation.parameters.some((one) => one.in === 'path' && one.name === name[1] && one.required),
        `path parameter ${name[1]}`
      )
    must(
      operation.parameters.every(({ schema, description }) => schema && description),
      'parameters described'
    )
    if (spec.conditional)
      must(
        operation.parameters.some(({ name, required }) => name === 'If-Match' && required),
        'If-Match'
      )
    if (spec.idempotent)
      must(
        operation.parameters.some(({ name }) => name === 'Idempotency-Key'),
        'Idempotency-Key'
      )
    must(
      spec.method === 'GET' ||
        spec.body === undefined ||
        operation.requestBody?.content[spec.consumes ?? 'application/json']?.example !== undefined,
      'example of the body'
    )
    const statuses = [...statusesOf(spec)].map(String).sort()
    must(Object.keys(operation.responses).sort().join() === statuses.join(), `statuses ${Object.keys(operation.responses)}`)
    for (const code of problemsOf(spec)) {
      const examples = operation.responses[catalogue[code].status]?.content?.['application/problem+json']?.examples
      must(examples?.[code], `example of ${code}`)
    }
    for (const [status, response] of Object.entries(operation.responses)) {
      must(response.description && response.headers['X-Request-ID'], `${status} described`)
      for (const { schema, example, examples } of Object.values(response.content ?? {}))
        must(schema && (example ?? examples) !== undefined, `example of ${status}`)
    }
    t.strictSame(faults, [], operation.operationId)
  }
})

t.test('every example conforms to its schema', async (t) => {
  for (const spec of operations) {
    if (spec.body) t.ok(spec.body.safeParse(spec.example).success, `${spec.operationId} body`)
    for (const [status, { schema, example }] of Object.entries(spec.replies)) {
      if (schema) t.ok(schema.safeParse(example).success, `${spec.operationId} ${status}`)
    }
    const shown = Object.values(documented(spec).responses).flatMap(({ content }) =>
      Object.entries(content?.['application/problem+json']?.examples ?? {})
    )
    for (const [code, { value }] of shown) {
      const known = Object.keys((document.components.schemas.Problem as { properties: object }).properties)
      const { title, status } = catalogue[code as ProblemCode]
      t.match(value, { title, status, code, type: `http://localhost:3000/problems/${code}` }, `${spec.operationId} ${code}`)
      t.ok(
        Object.keys(value).every((name) => known.includes(name)),
        `${spec.operationId} ${code}: no member that the schema does not know`
      )
    }
  }
})

t.test('every reference leads somewhere, and one name means one schema', async (t) => {
  const components = document.components.schemas
  const missing = refsIn(document).filter((ref) => !(ref.replace('#/components/schemas/', '') in components))
  t.strictSame(missing, [])
  const used = new Set(refsIn(document))
  t.strictSame(
    Object.keys(components).filter((name) => !used.has(`#/components/schemas/${name}`)),
    [],
    'no schema is left over'
  )

  const route = (path: string, schema: z.ZodType): RouteSpec => ({
    ...operations[0]!,
    path,
    replies: { 200: { description: 'x', schema } }
  })
  const described =
    (...routes: RouteSpec[]) =>
    () =>
      openApiDocument(routes, 'http://localhost:3000', '1')
  const one = z.strictObject({ a: z.string() }).meta({ id: 'TestTwin' })
  t.doesNotThrow(described(route('/a', one), route('/b', one)))
  z.globalRegistry.remove(one)
  const registry = { id: 'TestTwin' }
  z.globalRegistry.add(one, registry)
  const other = z.strictObject({ b: z.number() })
  t.throws(() => {
    z.globalRegistry.add(other, registry)
    described(route('/a', one), route('/b', other))()
  }, /TestTwin/)
})

/** What stands in an example for what lives: a token out of a mail, an address, a code. */
interface Actors {
  person: Person
  token: (prefix: string) => Promise<string>
}
const newAddress = 'olga@studio.example'
const addAddress = (person: Person): Promise<Response> => world.post('/v1/me/emails', { email: newAddress }, person.headers)
const proveAddress = async (person: Person): Promise<void> => {
  await addAddress(person)
  await world.post(`/v1/me/emails/${newAddress}/verify`, { token: await world.mailedToken(newAddress, 'gha') }, person.headers)
}
const startTotp = async (person: Person): Promise<string> => {
  const { secret } = (await world.post('/v1/me/totp', {}, person.headers)).json() as { secret: string }
  return new TOTP({ secret, algorithm: 'SHA1', digits: 6, period: 30 }).generate()
}
const makePrimary = async (person: Person): Promise<void> => {
  await proveAddress(person)
  const seen = await world.inject({ url: '/v1/me', headers: person.headers })
  await world.inject({
    method: 'PUT',
    url: `/v1/me/emails/${newAddress}/primary`,
    headers: { ...person.headers, 'if-match': String(seen.headers.etag) }
  })
}

const exampleOf = (operationId: string): object => operations.find((spec) => spec.operationId === operationId)!.example as object
const freelance = async ({ headers }: Person): Promise<Response> =>
  world.post('/v1/me/profiles/freelancer', exampleOf('createFreelancerProfile'), headers)
const specialise = async (person: Person): Promise<Response> => {
  await freelance(person)
  return world.post('/v1/me/profiles/freelancer/specialised', exampleOf('addSpecialisedProfile'), person.headers)
}

/** What has to be there before an example can be sent, and what replaces its values. */
const live: Record<
  string,
  (
    actors: Actors
  ) => Promise<{ body?: Record<string, unknown>; params?: Record<string, string>; query?: string; ifMatch?: string } | undefined>
> = {
  registerAccount: async () => ({ body: { email: 'nobody-yet@example.com' } }),
  verifyEmail: async ({ token }) => {
    await world.post('/v1/accounts', { ...exampleOf('registerAccount'), email: 'nora@example.com' })
    return { body: { token: await token('ghv') } }
  },
  resetPassword: async ({ token, person }) => {
    await world.post('/v1/password-resets', { email: person.email })
    return { body: { token: await token('ghp') } }
  },
  undoEmailChange: async ({ token, person }) => {
    await makePrimary(person)
    return { body: { token: await token('ghu') } }
  },
  verifyOwnEmail: async ({ token, person }) => {
    await addAddress(person)
    return { params: { email: newAddress }, body: { token: await token('gha') } }
  },
  makeEmailPrimary: async ({ person }) => {
    await proveAddress(person)
    return { params: { email: newAddress } }
  },
  removeEmail: async ({ person }) => {
    await addAddress(person)
    return { params: { email: newAddress } }
  },
  getFreelancerProfile: async ({ person }) => {
    await freelance(person)
    return undefined
  },
  updateFreelancerProfile: async ({ person }) => ({ ifMatch: String((await freelance(person)).headers.etag) }),
  closeFreelancerProfile: (actors) => live.getFreelancerProfile!(actors),
  addSpecialisedProfile: (actors) => live.getFreelancerProfile!(actors),
  updateSpecialisedProfile: async ({ person }) => ({ params: { place: '1' }, ifMatch: String((await specialise(person)).headers.etag) }),
  removeSpecialisedProfile: async ({ person }) => {
    await specialise(person)
    return { params: { place: '1' } }
  },
  refreshSession: async ({ person }) => ({ body: { refreshToken: person.refreshToken } }),
  endSession: async ({ person }) => ({ params: { sessionId: person.sessionId } }),
  confirmTotp: async ({ person }) => ({ body: { code: await startTotp(person) } }),
  removeTotp: async ({ person }) => {
    await world.post('/v1/me/totp/confirmation', { code: await startTotp(person) }, person.headers)
    return undefined
  },
  replaceRecoveryCodes: (actors) => live.removeTotp!(actors),
  searchAccounts: async ({ person }) => ({ query: `?email=${person.email}` }),
  grantClientToken: async () => {
    const { clientId, clientSecret } = await world.service('examples', ['access.evaluate'])
    return { body: { client_id: clientId, client_secret: clientSecret } }
  }
}

t.test('every example is real: sent to the service it succeeds, with an answer of its schema', async (t) => {
  const operator = await world.operator()
  for (const spec of operations) {
    // Everything anew for each: an example stands for itself.
    await world.sql('delete from accounts; delete from outbox; delete from sign_in_failures')
    world.sent.length = 0
    const person = await world.person('Olga')
    const token = async (prefix: string): Promise<string> => {
      const texts = (await world.mails()).map(({ text }) => text).reverse()
      return texts.map((text) => new RegExp(`${prefix}_[\\w-]{49}`).exec(text)?.[0]).find(Boolean) ?? `no mail with ${prefix}_`
    }
    const given = (await live[spec.operationId]?.({ person, token })) ?? {}
    const seen = await world.inject({ url: '/v1/me', headers: person.headers })
    const body = spec.body ? { ...(spec.example as object), ...given.body } : undefined
    const payload = body && (spec.consumes ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body))
    const response = await world.inject({
      method: spec.method,
      url: spec.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(given.params?.[name] ?? '')) + (given.query ?? ''),
      headers: {
        ...(payload === undefined ? {} : { 'content-type': spec.consumes ?? 'application/json' }),
        ...(spec.access.kind === 'account' ? person.headers : spec.access.kind === 'operator' ? operator.headers : {}),
        ...(spec.conditional ? { 'if-match': given.ifMatch ?? String(seen.headers.etag) } : {})
      },
      ...(payload === undefined ? {} : { payload })
    })
    t.ok(
      response.statusCode < 300 && response.statusCode in spec.replies,
      `${spec.operationId}: ${response.statusCode} ${response.statusCode < 300 ? '' : response.body}`
    )
    const { schema, headers = {} } = spec.replies[response.statusCode] ?? {}
    if (schema) t.ok(schema.safeParse(response.json()).success, `${spec.operationId}: the answer has the declared form`)
    for (const name of Object.keys(headers)) if (name !== 'Link') t.ok(response.headers[name.toLowerCase()], `${spec.operationId}: ${name}`)
  }
})
