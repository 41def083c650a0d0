import type { FastifyInstance, LightMyRequestResponse as Response } from 'fastify'
import pino from 'pino'
import t from 'tap'
import { z } from 'zod'
import { readConfig } from '../../src/config.ts'
import { unheard } from '../../src/db/changes.ts'
import type { Db, Tx } from '../../src/db/database.ts'
import { matchesNone } from '../../src/http/etags.ts'
import { publicId } from '../../src/http/ids.ts'
import { account, addRoute, anonymous, type HttpParts, type Outcome, operator, type RouteSpec, service } from '../../src/http/route.ts'
import { statusesOf } from '../../src/http/route-facts.ts'
import { makeServer } from '../../src/http/server.ts'
import { line, paragraphs, webUrl } from '../../src/http/text.ts'
import { generateKey } from '../../src/keyring.ts'
import { ratePolicies } from '../../src/policies.ts'
import { refuse } from '../../src/problems.ts'
import type { Rate } from '../../src/setting-forms.ts'
import { problemFault } from '../support/problems.ts'

/** A service of one route, without a database: what every route is held to. */

const config = readConfig({ PUBLIC_URL: 'http://guildhall.test' }, () => generateKey('test'))
const accountId = '0198c5d2-6f0e-7a31-9d54-3f1b8a6c2e70'

const parts: HttpParts = {
  changes: unheard,
  config,
  db: { transaction: (work: (tx: Tx) => Promise<unknown>) => work({} as Tx) } as unknown as Db,
  policies: ratePolicies(config),
  knownService: () => undefined,
  limits: {
    useReserved: () => undefined,
    undo: () => undefined,
    use: async (policy) => ({ policy: policy.name, rate: policy.rates[0] as Rate, remaining: 7, resets: 30, allowed: true }),
    require: async (policy) => ({ policy: policy.name, rate: policy.rates[0] as Rate, remaining: 7, resets: 30, allowed: true })
  },
  authenticate: async (token, kind) => {
    if (token !== `${kind}-token`) throw refuse('not_signed_in')
    if (kind === 'service') return { kind, clientId: accountId, scopes: ['access.evaluate'] }
    if (kind === 'operator') return { kind, operatorId: accountId, email: 'operator@example.com', addressPrints: [] }
    return { kind: 'account', accountId, sessionId: accountId, signInAge: 0 }
  }
}

const thing = z.strictObject({ id: z.string(), name: z.string() })
const given = {
  method: 'GET',
  path: '/things',
  operationId: 'getThing',
  tag: 'Things',
  summary: 'A thing',
  description: 'Answers a thing.',
  access: anonymous,
  replies: { 200: { description: 'The thing.', schema: thing }, 204: { description: 'Nothing.' } },
  handle: async () => undefined,
  reply: (): Outcome => ({ status: 200, body: { id: 'one', name: 'One' } })
} as const

async function serve(changes: Partial<RouteSpec>, { strict = true } = {}): Promise<FastifyInstance> {
  const app = makeServer({ config, log: pino({ level: 'silent' }), strict })
  addRoute(app, parts, { ...given, ...changes } as RouteSpec)
  await app.ready()
  return app
}

async function get(changes: Partial<RouteSpec>, options: { strict?: boolean; token?: string } = {}): Promise<Response> {
  const app = await serve(changes, options)
  const headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }
  return app.inject({ method: changes.method ?? 'GET', url: '/things', headers })
}

t.test('an answer is written from its schema', async (t) => {
  const response = await get({})
  t.equal(response.statusCode, 200)
  t.same(response.json(), { id: 'one', name: 'One' })
  t.equal(response.headers['content-type'], 'application/json; charset=utf-8')
})

t.test('500: an answer with a status, a body, a field or a problem that the operation does not declare fails', async (t) => {
  const replies: Record<string, Partial<RouteSpec>> = {
    'an undeclared status': { reply: () => ({ status: 201, body: { id: 'one', name: 'One' } }) },
    'a body where none is declared': { reply: () => ({ status: 204, body: { id: 'one' } }) },
    'an undeclared field': { reply: () => ({ status: 200, body: { id: 'one', name: 'One', passwordHash: 'secret' } }) },
    'a missing field': { reply: () => ({ status: 200, body: { id: 'one' } }) },
    'a field of another type': { reply: () => ({ status: 200, body: { id: 'one', name: 1 } }) },
    'an undeclared problem': { handle: async () => Promise.reject(refuse('email_limit')) }
  }
  for (const [what, changes] of Object.entries(replies)) t.equal(problemFault(await get(changes), 'internal_error'), undefined, what)
  t.equal(
    problemFault(await get({ problems: ['email_limit'], handle: async () => Promise.reject(refuse('email_limit')) }), 'email_limit'),
    undefined
  )
})

t.test('in production an undeclared field is left out, and an undeclared problem is answered and logged', async (t) => {
  const response = await get(
    { reply: () => ({ status: 200, body: { id: 'one', name: 'One', passwordHash: 'secret' } }) },
    { strict: false }
  )
  t.same([response.statusCode, response.json()], [200, { id: 'one', name: 'One' }])
  t.equal(
    problemFault(await get({ handle: async () => Promise.reject(refuse('email_limit')) }, { strict: false }), 'email_limit'),
    undefined
  )
  t.equal(
    problemFault(await get({ reply: () => ({ status: 201 }) }, { strict: false }), 'internal_error'),
    undefined,
    'an undeclared status is never sent'
  )
})

t.test('500: what the service did not foresee tells nothing about itself', async (t) => {
  const errors = [
    new Error('duplicate key value violates unique constraint "emails_one_account"'),
    Object.assign(new Error('Key (email)=(olga@example.com) exists'), { code: '23505', constraint: 'nobody_knows_it', table: 'emails' }),
    Object.assign(new Error('boom'), { statusCode: 418, code: 'SOMETHING' }),
    Object.assign(new Error('boom'), { status: 404 }),
    'a string',
    undefined,
    null
  ]
  for (const error of errors) {
    const response = await get({ handle: async () => Promise.reject(error) })
    t.equal(problemFault(response, 'internal_error'), undefined, String(error))
    t.notMatch(response.body, /olga|boom|emails|nobody_knows|a string/)
  }
})

t.test('the start is refused to a route without access rule, request schema or response schema', async (t) => {
  const wrong: Array<[string, Partial<RouteSpec>, RegExp]> = [
    ['no access rule', { access: undefined as never }, /GET \/things has no access rule/],
    ['no schema of a path parameter', { path: '/things/:id' }, /GET \/things\/:id has no request schema/],
    ['no schema of a body', { method: 'POST' }, /POST \/things has no request schema/],
    ['no schema of a change', { method: 'PATCH' }, /PATCH \/things has no request schema/],
    ['no reply', { replies: {} }, /GET \/things has no response schema/],
    ['a reply without schema', { replies: { 200: { description: 'Something.' } } }, /GET \/things has no response schema 200/],
    [
      'one of several without schema',
      { replies: { ...given.replies, 201: { description: 'Something.' } } },
      /GET \/things has no response schema 201/
    ]
  ]
  for (const [what, changes, message] of wrong) await t.rejects(serve(changes), { message }, what)
  await t.resolves(serve({ method: 'PUT' }), 'PUT may do without a body')

  for (const method of ['GET', 'POST'] as const) {
    const app = makeServer({ config, log: pino({ level: 'silent' }), strict: true })
    t.throws(() => app.route({ method, url: '/side-door', handler: async () => 'open' }), {
      message: `${method} /side-door has no access rule`
    })
  }
})

t.test('403: a service needs the scope of the route, and is told which', async (t) => {
  t.equal((await get({ access: service('access.evaluate') }, { token: 'service-token' })).statusCode, 200)
  const refused = await get({ access: service('contracts.write') }, { token: 'service-token' })
  t.equal(problemFault(refused, 'access_denied'), undefined)
  t.same(refused.json().missingPermissions, ['contracts.write'])
  for (const [access, token] of [
    [service('access.evaluate'), 'account-token'],
    [service('access.evaluate'), 'operator-token'],
    [account, 'service-token'],
    [operator, 'service-token'],
    [operator, 'account-token'],
    [account, 'operator-token']
  ] as const) {
    t.equal(problemFault(await get({ access }, { token }), 'not_signed_in'), undefined, `${access.kind} with ${token}`)
  }
})

t.test('the limits that counted are announced, each of them', async (t) => {
  const anonymously = await get({})
  t.match(anonymously.headers, { ratelimit: '"anonymous";r=7;t=30', 'ratelimit-policy': '"anonymous";q=60;w=60' })
  const changing = await get({ access: account, method: 'PUT' }, { token: 'account-token' })
  t.equal(changing.headers.ratelimit, '"read";r=7;t=30, "write";r=7;t=30')
  t.equal(changing.headers['ratelimit-policy'], '"read";q=600;w=60, "write";q=120;w=60')
  t.notOk((await get({ limits: 'none' })).headers.ratelimit)
})

t.test('503 with Retry-After: a handler that takes too long', async (t) => {
  const app = makeServer({ config, log: pino({ level: 'silent' }), strict: true })
  addRoute(app, parts, {
    ...given,
    handle: async () => Promise.reject(Object.assign(new Error('timed out'), { code: 'FST_ERR_HANDLER_TIMEOUT' }))
  } as never)
  t.equal(problemFault(await app.inject({ url: '/things' }), 'service_unavailable'), undefined)
})

t.test('every operation can answer its own statuses and those of its problems', async (t) => {
  const app = await serve({
    access: account,
    method: 'PATCH',
    body: z.strictObject({}),
    conditional: true,
    idempotent: 60,
    problems: ['not_found']
  })
  t.strictSame([...statusesOf(app.operations[0]!)].sort(), [200, 204, 400, 401, 403, 404, 409, 412, 413, 414, 415, 422, 428, 429, 500, 503])
})

t.test('an anonymous caller may send an access token, and is anonymous all the same', async (t) => {
  const response = await get(
    { handle: async ({ actor }) => actor.kind, reply: (kind) => ({ status: 200, body: { id: String(kind), name: 'x' } }) },
    { token: 'account-token' }
  )
  t.equal(response.json().id, 'anonymous')
  t.match(publicId('account', accountId), /^account_/)
})

t.test('text for people: no control, bidirectional or invisible character, counted in code points', async (t) => {
  const name = line(1, 10)
  for (const text of ['A', 'Horáková', '李小龙', "O'Brien-Ng", 'x'.repeat(10), '😀'.repeat(10), 'é'.normalize('NFD')])
    t.ok(name.safeParse(text).success, text)
  const unsafe = [
    '\u0000',
    '\n',
    '\r',
    '\t',
    '\u001b',
    '\u007f',
    '\u0085',
    '\u009f',
    '\u00ad',
    '\u061c',
    '\u180e',
    '\u200b',
    '\u200d',
    '\u200e',
    '\u2028',
    '\u2029',
    '\u202e',
    '\u2060',
    '\u2066',
    '\u2069',
    '\ufeff',
    '\ud800',
    '\udc00',
    '\u{e0001}',
    '\u{e0041}'
  ]
  for (const sign of unsafe) {
    t.notOk(name.safeParse(`a${sign}b`).success, `U+${sign.codePointAt(0)!.toString(16)}`)
  }
  for (const text of ['', ' ', ' a', 'a ', '\u00a0a', 'a\u3000', 'x'.repeat(11), '😀'.repeat(11)])
    t.notOk(name.safeParse(text).success, JSON.stringify(text))
})

t.test('text for people: something of it can be seen', async (t) => {
  for (const text of ['\u3164', '\u2800', '\ufe0f', '\u034f', '\u115f', '\uffa0', '\u{e0100}', '\ufe00\ufe01', '\u3164 \u2800'])
    for (const schema of [line(1, 50), paragraphs(1, 50)]) t.notOk(schema.safeParse(text).success, JSON.stringify(text))
  for (const text of ['Café \u2764\ufe0f', '\u2764\ufe0f', '葛\u{e0100}城', 'a\u2800b'])
    for (const schema of [line(1, 50), paragraphs(1, 50)]) t.ok(schema.safeParse(text).success, JSON.stringify(text))
})

t.test('addresses of pages: https, written out, with nothing that ends an attribute', async (t) => {
  for (const url of ['https://x.example', 'HTTPS://x.example/a?b=c&d=%20#e', 'https://xn--bcher-kva.example/', 'https://bücher.example/ä'])
    t.ok(webUrl.safeParse(url).success, url)
  for (const url of [
    'https:evil.example',
    'https:/evil.example',
    'https:\\\\evil.example',
    'https:///evil.example',
    ' https://x.example',
    'https://x.example ',
    'https://x.example/a b',
    'https://x.example/"><script>',
    "https://x.example/'",
    'https://x.example/`',
    'https://x.example\\@evil.example',
    'https://x\n.example',
    'https://olga@x.example',
    'https://localhost',
    'http://x.example',
    'javascript:alert(1)//.',
    'data:text/html,x.y'
  ])
    t.notOk(webUrl.safeParse(url).success, JSON.stringify(url))
})

t.test('If-None-Match compares weakly, and `*` is anything', async (t) => {
  for (const header of ['"1"', 'W/"1"', '"0", "1"', ' "1" ', '*', '"0",W/"1"']) t.ok(matchesNone(header, '"1"'), header)
  for (const header of [undefined, '', '1', '"2"', '"1', 'W/1', '"11"']) t.notOk(matchesNone(header, '"1"'), String(header))
})
