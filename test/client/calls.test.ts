import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createClient, GuildhallProblem, GuildhallUnreachable } from '../../client/src/index.ts'
import { sentOnce } from '../../client/src/transport.ts'
import { company, fakeGuildhall, olga, team } from '../support/fake-guildhall.ts'

/** The client of other services: tokens, retries, keys, errors. */

const busy = (status: number, retryAfter?: string) => () =>
  new Response(JSON.stringify({ code: 'service_unavailable', status }), {
    status,
    headers: retryAfter ? { 'retry-after': retryAfter } : {}
  })
/** Answers the first calls to a path like this, and lets the rest be answered. */
const first = (count: number, path: string, answer: () => Response | Error) => {
  let left = count
  return ({ path: asked }: { path: string }) => (asked.startsWith(path) && left-- > 0 ? answer() : undefined)
}
const whole = { type: 'company', id: company } as const

t.test('one token for many callers at once, renewed before it ends, and once more when it is not taken', async (t) => {
  const service = fakeGuildhall()
  const client = createClient({ ...service.options, scope: ['access.evaluate', 'events.read'] })
  await Promise.all(Array.from({ length: 50 }, () => client.may(olga, 'job.post', whole)))
  t.equal(service.state.tokens, 1)
  const [granted] = service.asked
  t.equal(granted!.body, 'grant_type=client_credentials&scope=access.evaluate+events.read')
  t.equal(granted!.headers.get('authorization'), `Basic ${btoa('service_1:secret')}`)

  service.state.refuseToken = 'token-1'
  t.equal((await client.may(olga, 'job.post', whole)).allowed, true)
  t.equal(service.state.tokens, 2)
  service.state.instead = ({ path }) => (path.startsWith('/access') ? service.json({ code: 'not_signed_in', status: 401 }, 401) : undefined)
  await t.rejects(client.may(olga, 'job.post', whole), { name: 'GuildhallProblem', code: 'not_signed_in', status: 401 })
  t.equal(service.state.tokens, 3, 'and not without end')

  const brief = fakeGuildhall()
  brief.state.tokenSeconds = 1
  const other = createClient(brief.options)
  await other.may(olga, 'job.post', whole)
  await delay(850)
  await other.may(olga, 'job.post', whole)
  await delay(10)
  t.equal(brief.state.tokens, 2, 'behind the back of the caller')
  t.equal(
    brief.asked
      .filter(({ path }) => path.startsWith('/access'))
      .at(-1)!
      .headers.get('authorization'),
    'Bearer token-1'
  )
})

t.test('a secret that is wrong is a problem, and whoever gives up waiting for a token ends nobody else', async (t) => {
  const service = fakeGuildhall()
  const client = createClient(service.options)
  service.state.instead = first(1, '/v1/oauth/token', () => service.json({ error: 'invalid_client', error_description: 'No.' }, 401))
  await t.rejects(client.may(olga, 'job.post', whole), { code: 'invalid_client', status: 401, detail: 'No.' })

  service.state.instead = async () => void (await delay(50))
  const giving = new AbortController()
  const [gone, stays] = [client.may(olga, 'job.post', whole, { signal: giving.signal }), client.may(olga, 'job.post', whole)]
  giving.abort(new Error('enough'))
  await t.rejects(gone, { message: 'enough' })
  t.equal((await stays).allowed, true)
})

t.test('a call is sent again after 429, 503 and a broken connection, not sooner than it is told, under one key and one id', async (t) => {
  const service = fakeGuildhall()
  const client = createClient(service.options)
  const invite = () =>
    client.post('/v1/companies/{companyId}/invitations', { params: { path: { companyId: company } }, body: { email: 'jo@example.com' } })
  for (const answer of [busy(503), busy(429), () => new TypeError('fetch failed')]) {
    service.state.instead = first(2, '/v1/companies', answer)
    const { data, consistencyToken } = await invite()
    t.match(data, { ok: true })
    t.equal(consistencyToken, 'written')
    const calls = service.asked.splice(0).filter(({ path }) => path.startsWith('/v1/companies'))
    t.equal(calls.length, 3)
    for (const name of ['idempotency-key', 'x-request-id']) {
      t.equal(new Set(calls.map(({ headers }) => headers.get(name))).size, 1, name)
      t.match(calls[0]!.headers.get(name), /^[\da-f-]{36}$/)
    }
  }
  const own = { 'Idempotency-Key': 'my-own-key-0123456789', 'X-Request-ID': 'mine' }
  await client.post('/v1/companies/{companyId}/invitations', {
    params: { path: { companyId: company } },
    body: { email: 'jo@example.com' },
    headers: own
  })
  t.match(Object.fromEntries(service.asked.splice(0)[0]!.headers), { 'idempotency-key': 'my-own-key-0123456789', 'x-request-id': 'mine' })

  service.state.instead = first(1, '/access', busy(503, '1'))
  const begun = performance.now()
  await client.may(olga, 'job.post', whole)
  t.ok(performance.now() - begun >= 1000, 'Retry-After')
  service.state.instead = first(1, '/v1/companies', () => service.json({ code: 'idempotency_in_progress', status: 409 }, 409))
  t.match((await invite()).data, { ok: true }, 'the first try is still at work')
})

t.test('what may have happened and must not happen twice is sent once; what never ends is given up', async (t) => {
  const service = fakeGuildhall()
  const client = createClient({ ...service.options, retries: 2, timeoutMs: 3000, attemptTimeoutMs: 100 })
  await client.may(olga, 'job.post', whole)
  service.take()
  service.state.instead = ({ path }) => (path.startsWith('/v1/oauth') ? undefined : new TypeError('fetch failed'))
  const changed = client.patch('/v1/companies/{companyId}', {
    params: { path: { companyId: company }, header: { 'If-Match': '"1"' } },
    body: { displayName: 'Maps' }
  })
  await t.rejects(changed, { name: 'GuildhallUnreachable', code: 'unreachable', requestId: /./ })
  t.equal(service.take().length, 1)
  await t.rejects(client.get('/v1/permissions'), GuildhallUnreachable)
  t.equal(service.take().length, 3)

  service.state.instead = async () => void (await delay(1000))
  await t.rejects(client.get('/v1/permissions'), { code: 'timeout' })
  t.equal(service.take().length, 3, 'each try has its time')
  service.state.instead = busy(503, '60')
  await t.rejects(client.get('/v1/permissions'), { status: 503, code: 'service_unavailable', retryAfterMs: 60_000 })
  t.equal(service.take().length, 1, 'too long to wait')
})

t.test('problems are typed errors, whoever has answered', async (t) => {
  const service = fakeGuildhall()
  const client = createClient(service.options)
  const blockers = [{ code: 'contact_on_active_contracts', resource: 'contract-1', label: 'x', resolve: { method: 'PUT', href: '/x' } }]
  const problem = { code: 'contact_on_active_contracts', title: 'Contact', status: 409, detail: 'Move it.', requestId: 'r1', blockers }
  const remove = () =>
    client.delete('/v1/companies/{companyId}/members/{memberId}', { params: { path: { companyId: company, memberId: 'm' } } })
  service.state.instead = ({ path }) => (path.startsWith('/v1/companies') ? service.json(problem, 409) : undefined)
  const error = await remove().catch((error: unknown) => error)
  t.ok(error instanceof GuildhallProblem)
  t.match(error, { status: 409, code: problem.code, detail: 'Move it.', requestId: 'r1', blockers, errors: [], missingPermissions: [] })
  service.state.instead = ({ path }) => (path.startsWith('/v1/companies') ? new Response('<html>', { status: 400 }) : undefined)
  await t.rejects(remove(), { status: 400, code: 'http_400', detail: '<html>' })
})

t.test('many questions are split, and answered in their order; one that is malformed is no denial', async (t) => {
  const service = fakeGuildhall()
  const client = createClient({ ...service.options, batchLimit: 3 })
  const questions = Array.from({ length: 10 }, (_, index) => ({
    account: index % 3 === 0 ? olga : `account_${index}`,
    action: 'job.post',
    resource: { type: 'team', id: team } as const
  }))
  const answers = await client.mayAll(questions)
  t.strictSame(
    answers.map(({ allowed }) => allowed),
    questions.map(({ account }) => account === olga)
  )
  t.equal(service.take().length, 4)
  t.strictSame(await client.mayAll([]), [])
  const fault = { status: 400, code: 'invalid_input', message: '/evaluations/0/action is missing' }
  const malformed = { decision: false, context: { reason: 'malformed', grants: [], missing: [], error: fault } }
  service.state.instead = ({ path }) => (path.startsWith('/access') ? service.json({ evaluations: [malformed] }) : undefined)
  await t.rejects(client.mayAll(questions.slice(0, 1)), { code: 'invalid_input', detail: fault.message })
})

t.test('require throws what may answers, explain asks for a way out, and a session remembers what it has written', async (t) => {
  const service = fakeGuildhall()
  const client = createClient(service.options)
  t.equal((await client.require(olga, 'job.post', whole)).reason, 'granted')
  await t.rejects(client.require('account_x', 'job.post', whole), {
    name: 'GuildhallDenied',
    decision: { reason: 'missing_permission', missing: ['job.post'] }
  })
  service.asked.length = 0
  await client.explain(olga, 'job.post', whole, { consistency: 'full' })
  t.match(JSON.parse(service.asked.at(-1)!.body).context, { explain: true, consistency: 'full' })

  const session = client.session()
  await session.may(olga, 'job.post', whole)
  t.equal(service.asked.at(-1)!.headers.get('at-least-as-fresh'), null)
  await session.post('/v1/companies/{companyId}/teams', { params: { path: { companyId: company } }, body: { name: 'Maps' } })
  await session.may(olga, 'job.post', whole)
  t.equal(service.asked.at(-1)!.headers.get('at-least-as-fresh'), 'written')
  await client.may(olga, 'job.post', whole)
  t.equal(service.asked.at(-1)!.headers.get('at-least-as-fresh'), null, 'others know nothing of it')
})

t.test('the types are those of the document: otherwise `npm run client:generate`', async (t) => {
  const { fingerprint } = (await import(new URL('../../client/scripts/slim.mjs', import.meta.url).href)) as {
    fingerprint: (document: unknown) => string
  }
  const document = JSON.parse(readFileSync('openapi/openapi.json', 'utf8')) as unknown
  t.equal(/Fingerprint: (\w+)/.exec(readFileSync('client/src/schema.ts', 'utf8'))?.[1], fingerprint(document))
})

t.test('every POST of the service may be sent again under a key, or is known to be harmless, or is sent once', async (t) => {
  interface Operation {
    parameters: Array<{ name: string }>
  }
  const { paths } = JSON.parse(readFileSync('openapi/openapi.json', 'utf8')) as { paths: Record<string, Record<string, Operation>> }
  const withoutKey = Object.entries(paths).flatMap(([path, { post }]) =>
    post && !post.parameters.some(({ name }) => name === 'Idempotency-Key') ? [path] : []
  )
  // They look, or they set what may be set twice.
  const harmless = /^\/access\/|\/lookup$|\/preview$|conflicts-of-interest$|invitation-preferences|\/oauth\/token$/
  t.strictSame(
    withoutKey.filter((path) => !harmless.test(path)),
    sentOnce
  )
})
