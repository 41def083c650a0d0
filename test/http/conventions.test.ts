import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import type { InjectOptions, LightMyRequestResponse as Response } from 'fastify'
import t from 'tap'
import type { z } from 'zod'
import { parseId } from '../../src/http/ids.ts'
import type { RouteSpec } from '../../src/http/route.ts'
import { bodyLimitOf, isClosed } from '../../src/http/route-facts.ts'
import { catalogue, type ProblemCode } from '../../src/problems.ts'
import { imposed } from '../support/enforcement.ts'
import { problemFault } from '../support/problems.ts'
import { stages } from '../support/stage.ts'
import { openWorld } from '../support/world.ts'

/** Generated over every operation of the service: what is added later is tested here without a word. */

const world = await openWorld(t)
const olga = await world.person('Olga')
const operator = await world.operator()
const { service: client, freelance, set, send, ok } = await stages(world)
const { operations } = world.app
// Whom and what the reads are about: they answer 200.
const hana = await world.person('Hana')
for (const person of [olga, hana]) await freelance(person)
const company = await set('company', olga, hana)
const agency = await set('agency', olga, hana)
for (const { url, params } of [company, agency]) await ok(send('POST', `${url}/ownership-transfer`, olga, { memberId: params.memberId }))

await imposed(world, parseId('account', olga.accountId)!, 'notice')
const appeal = (await ok(send('POST', '/v1/appeals', olga, { statement: 'Why?' }))).json() as { id: string; actionId: string }
// Both have the same phone, and Olga verifies who she is.
const tell = (person: { accountId: string }): Promise<Response> =>
  ok(send('POST', `/v1/accounts/${person.accountId}/evidence`, client, { kind: 'phone', value: '+49 151 23456789', verified: true }))
await tell(olga)
const alike = (await tell(hana)).json() as { cases: Array<{ id: string }> }
await ok(send('POST', '/v1/me/identity-verification', olga, {}))

const tokens: Record<string, string> = {
  account: olga.headers.authorization,
  operator: operator.headers.authorization,
  service: client.headers.authorization
}
const samples: Record<string, string> = {
  email: 'olga@example.com',
  sessionId: olga.sessionId,
  caseId: alike.cases[0]!.id,
  place: '1',
  proposalId: 'proposal-12',
  appealId: appeal.id
}
const pathOf = ({ path }: RouteSpec): string => {
  const { params } = path.includes(':agencyId') ? agency : company
  const own: Record<string, string> = path.startsWith('/v1/accounts/') ? { accountId: olga.accountId, actionId: appeal.actionId } : {}
  return path.replace(/:([A-Za-z]+)/g, (_, name: string) =>
    encodeURIComponent({ ...samples, ...params, ...own }[name] ?? `no sample for ${name}`)
  )
}
const nameOf = (spec: RouteSpec): string => `${spec.method} ${spec.path}`
/** Whose tokens a closed route takes. */
const several: Record<string, string[]> = { party: ['account', 'operator'], asker: ['service', 'account'] }
const kindsOf = ({ access: { kind } }: RouteSpec): string[] => several[kind] ?? [kind]
const credentialsOf = (spec: RouteSpec): Record<string, string> => (isClosed(spec) ? { authorization: tokens[kindsOf(spec)[0]!]! } : {})
const mediaType = (spec: RouteSpec): string => spec.consumes?.[0] ?? 'application/json'

/** A call with the right caller, path and headers; what is in `given` replaces it. */
function call(
  spec: RouteSpec,
  given: { query?: string; payload?: unknown; headers?: Record<string, string | undefined> } = {}
): Promise<Response> {
  const payload = 'payload' in given ? given.payload : spec.body ? spec.example : undefined
  const text = payload === undefined || typeof payload === 'string' ? payload : JSON.stringify(payload)
  const headers = {
    ...credentialsOf(spec),
    ...(text === undefined ? {} : { 'content-type': mediaType(spec) }),
    ...(spec.conditional ? { 'if-match': '"1"' } : {}),
    ...given.headers
  }
  return world.inject({
    method: spec.method,
    url: `${pathOf(spec)}${given.query ?? ''}`,
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<string, string>,
    ...(text === undefined ? {} : { payload: text })
  })
}

/** Answers the cases that went wrong, each as one line; the tests want none. */
async function faults<Case>(cases: Iterable<Case>, run: (each: Case) => Promise<string | undefined>): Promise<string[]> {
  const found: Array<string | undefined> = []
  const waiting = [...cases]
  if (waiting.length === 0) return ['there was no case']
  while (waiting.length > 0) found.push(...(await Promise.all(waiting.splice(0, 50).map(run))))
  return found.filter((fault) => fault !== undefined)
}

/** Expects one of these problems of a call. */
async function expectProblem(name: string, response: Promise<Response>, ...codes: ProblemCode[]): Promise<string | undefined> {
  const fault = problemFault(await response, ...codes)
  return fault && `${name}: ${fault}`
}

const withBody = operations.filter((spec) => spec.body)
// The token endpoint follows RFC 6749, permission queries AuthZEN: they ignore what they do not know and answer that standard's errors.
const strictBodies = withBody.filter((spec) => mediaType(spec) === 'application/json' && !spec.lenient)
const shapeOf = (schema: z.ZodType): string[] => Object.keys((schema as z.ZodObject).shape)
const before = await everything()

/** A digest of all that a caller could have changed. */
async function everything(): Promise<unknown> {
  return world.sql(`select (select md5(string_agg(a::text, '' order by a.id)) from accounts a) as accounts, (select md5(string_agg(e::text, '' order by e.id)) from emails e) as emails,
    (select count(*) from sessions where ended_at is null) as sessions, (select count(*) from outbox) as mails, (select count(*) from service_clients) as clients,
    ${[
      'organizations',
      'teams',
      'memberships',
      'role_grants',
      'custom_roles',
      'contracts',
      'proposals',
      'conversations',
      'conversation_participants',
      'conversation_invitations',
      'domains',
      'ownership_transfers',
      'invitations',
      'silenced_addresses',
      'join_links',
      'join_requests',
      'freelancer_profiles'
    ]
      .map((table) => `(select md5(string_agg(x::text, '' order by x::text)) from ${table} x) as ${table}`)
      .join(', ')}`)
}

t.test('400: a property that a body does not know is refused everywhere, whatever it is called', async (t) => {
  const surprises = [
    '"surprise":1',
    ...[
      'id',
      'status',
      'roles',
      'emailVerified',
      'createdAt',
      'enforcement',
      'version',
      'accountId',
      'userId',
      'secondFactor',
      'suspendedAt',
      'isAdmin'
    ].map((name) => `"${name}":"active"`),
    '"__proto__":{"status":"active"}',
    '"\\u005f_proto__":{"status":"active"}',
    '"constructor":{"prototype":{"status":"active"}}',
    '"constructor":"active"',
    '"prototype":{}',
    '"toString":"active"'
  ]
  const cases = strictBodies.flatMap((spec) =>
    surprises.filter((surprise) => !shapeOf(spec.body!).includes(surprise.split('"')[1]!)).map((surprise) => ({ spec, surprise }))
  )
  t.strictSame(
    await faults(cases, ({ spec, surprise }) => {
      const inside = JSON.stringify(spec.example).slice(1, -1)
      const payload = `{${[inside, surprise].filter(Boolean).join(',')}}`
      return expectProblem(`${nameOf(spec)} with ${surprise}`, call(spec, { payload }), 'invalid_input', 'malformed_request')
    }),
    []
  )
})

t.test('400: every property of every body with a value of another type is refused, and named by its pointer', async (t) => {
  const wrong = [0, 1.5, true, null, [], {}, ['x'], [[[]]]]
  // What is no wrong value for a property of this name. Null is none where it empties the property.
  const right: Record<string, unknown[]> = {
    skills: [[], ['x']],
    grants: [[]],
    permissions: [[]],
    hidden: [true],
    verified: [true],
    doNotInvite: [true],
    participants: [[]],
    domainIds: [['x']],
    teamIds: [[], ['x']]
  }
  const isRight = (spec: RouteSpec, name: string, value: unknown): boolean =>
    value === null
      ? (spec.body as z.ZodObject).shape[name]!.safeParse(null).success
      : (right[name] ?? []).some((one) => isDeepStrictEqual(one, value))
  const cases = strictBodies.flatMap((spec) =>
    shapeOf(spec.body!).flatMap((name) => wrong.filter((value) => !isRight(spec, name, value)).map((value) => ({ spec, name, value })))
  )
  t.strictSame(
    await faults(cases, async ({ spec, name, value }) => {
      const response = await call(spec, { payload: { ...(spec.example as object), [name]: value } })
      const fault = problemFault(response, 'invalid_input')
      const { errors = [] } = response.json() as { errors?: Array<{ pointer: string }> }
      const named = errors.some(({ pointer }) => pointer === `/${name}` || pointer.startsWith(`/${name}/`))
      return (
        (fault ?? (named ? undefined : 'does not name the place')) &&
        `${nameOf(spec)} ${name}=${JSON.stringify(value)}: ${fault ?? 'does not name the place'}`
      )
    }),
    []
  )
})

t.test('400: a body that is no object is refused everywhere', async (t) => {
  const bodies = ['null', '1', '"text"', 'true', '[]', '[{}]', '', '{', '{"a":1}x', "{'a':1}", '\u0000', '\ufeff{', '{"a":1,}', 'NaN']
  const cases = strictBodies.flatMap((spec) => bodies.map((payload) => ({ spec, payload })))
  t.strictSame(
    await faults(cases, ({ spec, payload }) =>
      expectProblem(
        `${nameOf(spec)} with ${JSON.stringify(payload)}`,
        call(spec, { payload, headers: { 'content-type': 'application/json' } }),
        'invalid_input',
        'malformed_request'
      )
    ),
    []
  )
})

t.test('400: deep, wide and long JSON is refused without harm', async (t) => {
  const bodies = [
    '['.repeat(7000),
    '['.repeat(7000) + ']'.repeat(7000),
    `${'{"a":'.repeat(2500)}1${'}'.repeat(2500)}`,
    `[${'0,'.repeat(7000)}0]`,
    `{${Array.from({ length: 1200 }, (_, n) => `"k${n}":0`).join(',')}}`,
    `{"email":${'['.repeat(7000)}${']'.repeat(7000)}}`,
    `{"email":"${'\\u0000'.repeat(2000)}"}`
  ]
  const cases = strictBodies.flatMap((spec) => bodies.map((payload) => ({ spec, payload })))
  t.strictSame(
    await faults(cases, ({ spec, payload }) =>
      expectProblem(`${nameOf(spec)} with ${payload.slice(0, 20)}`, call(spec, { payload }), 'invalid_input', 'malformed_request')
    ),
    []
  )
})

t.test('413: a body above the size of its operation is refused', async (t) => {
  t.strictSame(
    await faults(withBody, (spec) => {
      const size = bodyLimitOf(spec)
      return expectProblem(nameOf(spec), call(spec, { payload: `{"email":"${'a'.repeat(size)}"}` }), 'body_too_large')
    }),
    []
  )
})

t.test('415: only the declared media type, written plainly, is read', async (t) => {
  const types = [
    undefined,
    '',
    'text/plain',
    'application/jsonx',
    'application/json;',
    'application/json; charset=latin1',
    'application/json; charset=utf-8; boundary=x',
    'application/json, application/json',
    'application/json, text/plain',
    'application/problem+json',
    'application/json\ta',
    'application /json',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded'
  ]
  const cases = strictBodies.flatMap((spec) => types.map((type) => ({ spec, type })))
  t.strictSame(
    await faults(
      [...cases, ...withBody.filter((spec) => mediaType(spec) !== 'application/json').map((spec) => ({ spec, type: 'application/json' }))],
      ({ spec, type }) =>
        expectProblem(`${nameOf(spec)} as ${type}`, call(spec, { headers: { 'content-type': type } }), 'unsupported_media_type')
    ),
    []
  )
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8']) {
    const response = await call(strictBodies[0]!, { payload: {}, headers: { 'content-type': type } })
    t.equal(response.json().code, 'invalid_input', `${type} is read`)
  }
})

t.test('400: a body where an operation takes none is refused', async (t) => {
  t.strictSame(
    await faults(
      operations.filter((spec) => !spec.body),
      (spec) =>
        expectProblem(nameOf(spec), call(spec, { payload: '{}', headers: { 'content-type': 'application/json' } }), 'malformed_request')
    ),
    []
  )
})

t.test('400: an unknown or repeated query parameter is refused everywhere', async (t) => {
  const cases = operations.flatMap((spec) => [
    { spec, query: '?surprise=1' },
    { spec, query: '?surprise=1&surprise=2' },
    { spec, query: '?__proto__=1' },
    { spec, query: '?constructor=1' },
    ...shapeOf(spec.query!).flatMap((name) => [
      { spec, query: `?${name}=1&${name}=1` },
      { spec, query: `?${name}[]=1` },
      { spec, query: `?${name}[a]=1` },
      { spec, query: `?${name.toUpperCase()}=1` }
    ])
  ])
  t.strictSame(
    await faults(cases, ({ spec, query }) => expectProblem(`${nameOf(spec)}${query}`, call(spec, { query }), 'invalid_input')),
    []
  )
  const repeated = await call(operations[0]!, { query: '?a=1&a=2' })
  t.same(repeated.json().errors, [{ pointer: 'a', message: 'is repeated' }])
})

t.test('mass assignment: nothing of all this changed anything', async (t) => {
  t.strictSame(await everything(), before)
  t.equal(({} as Record<string, unknown>).status, undefined, 'no prototype was polluted')
})

t.test(
  '405 with Allow: every path refuses the methods it does not have, TRACE among them, before anything else is looked at',
  async (t) => {
    const paths = new Map<string, Set<string>>()
    // Where a word stands an id could stand as well: such a path has the methods of both.
    const serves = (path: string, url: string): boolean => new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`).test(url)
    for (const url of new Set(operations.map(pathOf))) {
      const has = operations
        .filter(({ path }) => serves(path, url))
        .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
      paths.set(url, new Set(has))
    }
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'] as const
    const cases = [...paths].flatMap(([url, has]) => methods.filter((method) => !has.has(method)).map((method) => ({ url, has, method })))
    t.strictSame(
      await faults(cases, async ({ url, has, method }) => {
        const options: InjectOptions =
          method === 'GET' || method === 'HEAD' || method === 'TRACE'
            ? { method: method as 'GET', url }
            : { method, url, payload: '{"broken', headers: { 'content-type': 'application/json' } }
        const response = await world.inject(options)
        const fault =
          method === 'HEAD'
            ? response.statusCode === 405
              ? undefined
              : `answers ${response.statusCode}`
            : problemFault(response, 'method_not_allowed')
        const allow = [...has].sort().join(', ')
        return fault
          ? `${method} ${url}: ${fault}`
          : response.headers.allow === allow
            ? undefined
            : `${method} ${url}: Allow ${response.headers.allow}, not ${allow}`
      }),
      []
    )
  }
)

t.test('404: unknown paths, and other spellings of known ones', async (t) => {
  const urls = [
    '/v1',
    '/v1/',
    '/v1/nothing',
    '/v1/me/',
    '/v1//me',
    '/V1/me',
    '/v1/ME',
    '/v1/me;a=b',
    '/v1/me%2f',
    '/v1/me/sessions/',
    '/.well-known/jwks',
    '/v2/me',
    '/v1/me/..%2fme',
    '/%00'
  ]
  t.strictSame(
    await faults(
      urls.flatMap((url) => (['GET', 'POST', 'DELETE', 'TRACE'] as const).map((method) => ({ method, url }))),
      ({ method, url }) =>
        expectProblem(`${method} ${url}`, world.inject({ method: method as 'GET', url, headers: olga.headers }), 'not_found')
    ),
    []
  )
})

t.test('414 and 400: an address too long or not well-formed', async (t) => {
  const cases: Array<[string, ProblemCode, number]> = [
    [`/v1/me?a=${'a'.repeat(2048)}`, 'uri_too_long', 414],
    [`/v1/me/sessions/${'a'.repeat(301)}`, 'uri_too_long', 414],
    ['/v1/me/sessions/%E0%A4%A', 'malformed_request', 400],
    ['/v1/%', 'malformed_request', 400]
  ]
  for (const [url, code, status] of cases) {
    const response = await world.inject({ method: 'DELETE', url, headers: olga.headers })
    t.same([problemFault(response, code), response.statusCode], [undefined, status], url.slice(0, 40))
  }
})

t.test('401 with WWW-Authenticate: no operation but the anonymous ones answers without a token, or to what is none', async (t) => {
  const closed = operations.filter(isClosed)
  const headers = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer x',
    'Bearer a.b.c',
    'Basic b2xnYTpvbGdh',
    `bearer ${'a'.repeat(9000)}`,
    `Bearer ${olga.refreshToken}`,
    olga.accessToken,
    `Token ${olga.accessToken}`
  ]
  const cases = closed.flatMap((spec) => headers.map((authorization) => ({ spec, authorization })))
  t.strictSame(
    await faults(cases, ({ spec, authorization }) =>
      expectProblem(`${nameOf(spec)} with ${authorization?.slice(0, 20)}`, call(spec, { headers: { authorization } }), 'not_signed_in')
    ),
    []
  )
})

t.test('401: the token of one kind of caller is worth nothing on the routes of another', async (t) => {
  const closed = operations.filter(isClosed)
  const cases = closed.flatMap((spec) =>
    Object.keys(tokens)
      .filter((kind) => !kindsOf(spec).includes(kind))
      .map((kind) => ({ spec, kind }))
  )
  t.ok(
    cases.some(({ spec, kind }) => spec.access.kind === 'operator' && kind === 'account') &&
      cases.some(({ spec, kind }) => spec.access.kind === 'account' && kind === 'operator')
  )
  t.strictSame(
    await faults(cases, ({ spec, kind }) =>
      expectProblem(`${nameOf(spec)} as ${kind}`, call(spec, { headers: { authorization: tokens[kind]! } }), 'not_signed_in')
    ),
    []
  )
})

t.test('404: an id of another kind, of another person, or misspelt', async (t) => {
  const other = await world.person('Sam')
  const uuid = olga.sessionId.split('_')[1]!
  const ids = [
    olga.accountId,
    operator.clientId,
    client.clientId,
    other.sessionId,
    `account_${uuid}`,
    `session_${uuid.toUpperCase()}`,
    `SESSION_${uuid}`,
    `session_${uuid}0`,
    `session_${uuid.slice(1)}`,
    `session-${uuid}`,
    `session_8${uuid.slice(1)}`,
    uuid,
    'session_',
    'session_00000000000000000000000000',
    '..%2f..',
    '%20current'
  ]
  t.strictSame(
    await faults(ids, (id) =>
      expectProblem(id, world.inject({ method: 'DELETE', url: `/v1/me/sessions/${id}`, headers: olga.headers }), 'not_found')
    ),
    []
  )
})

t.test('HEAD answers what GET does, without the body', async (t) => {
  const get = await world.inject({ url: '/v1/me', headers: olga.headers })
  const head = await world.inject({ method: 'HEAD', url: '/v1/me', headers: olga.headers })
  t.equal(head.statusCode, 200)
  t.equal(head.body, '')
  for (const name of ['etag', 'content-type', 'content-length', 'cache-control']) t.equal(head.headers[name], get.headers[name], name)
  t.equal((await world.inject({ method: 'HEAD', url: '/v1/me' })).statusCode, 401)
})

t.test('Cache-Control: no-store on every answer to somebody known, and on every answer with a token', async (t) => {
  const reads = operations.filter((spec) => spec.access.kind !== 'anonymous' && spec.method === 'GET')
  t.strictSame(
    await faults(reads, async (spec) => {
      const query = spec.operationId === 'searchAccounts' ? '?email=olga@example.com' : ''
      const response = await call(spec, { query })
      // Nobody's profile is the agency's to see unless they are exclusive.
      const due = spec.operationId === 'getAgencyMemberProfile' ? 403 : 200
      return response.statusCode === due && response.headers['cache-control'] === 'no-store'
        ? undefined
        : `${nameOf(spec)}: ${response.statusCode} ${response.headers['cache-control']}`
    }),
    []
  )
  const signedIn = await world.signIn(olga)
  t.equal(signedIn.statusCode, 201)
  t.equal(signedIn.headers['cache-control'], 'no-store')
  const refreshed = await world.post('/v1/sessions/refresh', { refreshToken: signedIn.json().refreshToken })
  t.equal(refreshed.headers['cache-control'], 'no-store')
  const granted = await world.inject({
    method: 'POST',
    url: '/v1/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `grant_type=client_credentials&client_id=${client.clientId}&client_secret=${client.clientSecret}`
  })
  t.equal(granted.statusCode, 200)
  t.equal(granted.headers['cache-control'], 'no-store')
  const jwks = await world.inject({ url: '/.well-known/jwks.json' })
  t.equal(jwks.headers['cache-control'], 'public, max-age=300')
})

t.test('every answer carries the security headers, whatever it is', async (t) => {
  const answers = [
    await world.inject({ url: '/v1/me', headers: olga.headers }),
    await world.inject({ url: '/v1/me' }),
    await world.inject({ url: '/nothing' }),
    await world.inject({ url: '/.well-known/jwks.json' }),
    await world.inject({ url: '/health/live' }),
    await world.inject({ url: '/problems' }),
    await world.inject({ url: '/' }),
    await world.inject({ url: '/%' })
  ]
  for (const { headers } of answers) {
    t.match(headers, {
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': /max-age=\d{8}/,
      'content-security-policy': /default-src 'none'.*frame-ancestors 'none'/
    })
    t.notOk(headers.server ?? headers['x-powered-by'])
  }
})

t.test('X-Request-ID is echoed where it is harmless, and made where it is not', async (t) => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  for (const id of ['a', 'trace-1:2.3/4+5=6', 'x'.repeat(64)]) {
    const response = await world.inject({ url: '/v1/me', headers: { 'x-request-id': id } })
    t.equal(response.headers['x-request-id'], id)
    t.equal(response.json().requestId, id)
  }
  for (const id of ['', 'x'.repeat(65), 'a b', 'a\tb', '<script>', '"quoted"', 'a,b', 'é', '{jndi:x}']) {
    t.match((await world.inject({ url: '/v1/me', headers: { 'x-request-id': id } })).headers['x-request-id'], uuid, JSON.stringify(id))
  }
  t.match((await world.inject({ url: '/v1/me' })).headers['x-request-id'], uuid)
})

t.test('CORS: only the configured origins may read an answer, with credentials; preflight says what they may send', async (t) => {
  const allowed = await world.inject({ url: '/v1/me', headers: { ...olga.headers, origin: 'http://guildhall.test' } })
  t.match(allowed.headers, { 'access-control-allow-origin': 'http://guildhall.test', 'access-control-allow-credentials': 'true' })
  const exposed = String(allowed.headers['access-control-expose-headers']).toLowerCase().split(', ')
  for (const name of ['etag', 'link', 'consistency-token', 'ratelimit', 'retry-after', 'x-request-id']) t.ok(exposed.includes(name), name)
  for (const origin of [
    'http://guildhall.test.evil.example',
    'https://guildhall.test',
    'null',
    'http://evil.example',
    'http://guildhall.test:81'
  ]) {
    const refused = await world.inject({ url: '/v1/me', headers: { ...olga.headers, origin } })
    t.notOk(refused.headers['access-control-allow-origin'], origin)
  }
  const refusal = await world.inject({ method: 'POST', url: '/v1/me', headers: { origin: 'http://guildhall.test' } })
  t.equal(refusal.headers['access-control-allow-origin'], 'http://guildhall.test', 'a page can read why it was refused')
  const preflight = (origin: string): Promise<Response> =>
    world.inject({
      method: 'OPTIONS',
      url: '/v1/me',
      headers: { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'if-match' }
    })
  t.match((await preflight('http://guildhall.test')).headers, {
    'access-control-allow-methods': /PATCH/,
    'access-control-allow-headers': 'if-match'
  })
  t.notOk((await preflight('http://evil.example')).headers['access-control-allow-origin'])
  const alone = await world.inject({ method: 'OPTIONS', url: '/v1/me' })
  t.same([alone.statusCode, alone.body], [204, ''], 'OPTIONS alone tells nothing')
})

t.test('the type of every problem opens a page about it', async (t) => {
  const codes = Object.keys(catalogue) as ProblemCode[]
  t.strictSame(
    await faults(codes, async (code) => {
      const page = await world.inject({ url: `/problems/${code}`, headers: { accept: 'text/html' } })
      return page.statusCode === 200 && page.headers['content-type'] === 'text/html; charset=utf-8' && page.body.includes(code)
        ? undefined
        : `${code}: ${page.statusCode}`
    }),
    []
  )
})

t.test('what is no HTTP request, or has two content types, is refused on the wire', async (t) => {
  await world.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = world.app.server.address() as AddressInfo
  const send = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let answer = ''
      const socket = connect(port, '127.0.0.1', () => socket.write(text))
      socket
        .setEncoding('utf8')
        .on('data', (part: string) => (answer += part))
        .on('end', () => resolve(answer))
        .on('error', reject)
    })
  const head = `POST /v1/sessions HTTP/1.1\r\nHost: guildhall.test\r\nConnection: close\r\nContent-Length: 2\r\n`
  for (const [first, second] of [
    ['application/json', 'text/plain'],
    ['application/json', 'application/json'],
    ['text/plain', 'application/json']
  ]) {
    t.match(
      await send(`${head}Content-Type: ${first}\r\ncontent-type: ${second}\r\n\r\n{}`),
      /^HTTP\/1.1 415 [\s\S]*"code":"unsupported_media_type"/
    )
  }
  t.match(await send(`${head}Content-Type: application/json\r\n\r\n{}`), /^HTTP\/1.1 400 [\s\S]*"code":"invalid_input"/)
  const garbage = await send('GET / HTTP/9.9\r\n\r\n')
  t.match(
    garbage,
    /^HTTP\/1.1 400 Bad Request\r\nContent-Type: application\/problem\+json; charset=utf-8\r\n[\s\S]*"code":"malformed_request"/
  )
  t.match(
    await send(`GET / HTTP/1.1\r\nHost: guildhall.test\r\nX-Long: ${'a'.repeat(17_000)}\r\n\r\n`),
    /^HTTP\/1.1 431 [\s\S]*"code":"head_too_large"/
  )
  t.match(
    await send(`POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
    /^HTTP\/1.1 400 /
  )
})
