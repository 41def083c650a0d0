import t from 'tap'
import { consistencyToken } from '../../src/http/consistency.ts'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import { askingService, type Decision, type Found } from '../support/access.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld } from '../support/world.ts'

/** The OpenID AuthZEN Authorization API 1.0, final, section by section, and what its certification asks. What is decided is tested elsewhere. */

const world = await openWorld(t, { instances: 2, each: [{}, { FACT_CACHE_ENTRIES: 0 }], env: { ACCESS_BATCH_LIMIT: '5' } })
const { found, join, team } = organizations(world)
const { post, service, account } = await askingService(world)
const olga = await world.person('Olga')
const hana = await world.person('Hana')
const company = await found(olga)
const design = await team(company, 'Design')
await join(company, hana, [{ role: 'recruiter', teamId: design }])

const subject = account(hana)
const resource = { type: 'team', id: design }
const may = { name: 'job.post' }
const mayNot = { name: 'offer.send' }
const question = { subject, action: may, resource }
const endpoints = {
  evaluation: question,
  evaluations: { subject, resource, evaluations: [{ action: may }] },
  'search/subject': { subject: { type: 'account' }, action: may, resource },
  'search/resource': { subject, action: may, resource: { type: 'team' } },
  'search/action': { subject, resource }
}
const decision = async (payload: unknown): Promise<Decision> => (await post('evaluation', payload)).json() as Decision
const decisions = async (payload: unknown): Promise<Decision[]> => {
  const answer = await post('evaluations', payload)
  t.equal(answer.statusCode, 200, answer.body)
  return (answer.json() as { evaluations: Decision[] }).evaluations
}
const verdicts = async (payload: unknown): Promise<boolean[]> => (await decisions(payload)).map(({ decision }) => decision)
const fullId = (kind: 'account' | 'company' | 'team'): string => publicId(kind, newId())

t.test('Q-1 200, section 5: entities may have properties, and anything more is ignored wherever it stands', async (t) => {
  const more = {
    subject: { ...subject, properties: { department: 'Sales', role: 'admin' }, name: 'Hana' },
    action: { ...may, properties: { method: 'GET' } },
    resource: { ...resource, properties: { status: 'active', nested: { list: [1, null] } }, parent: null },
    context: { time: '2026-11-29T12:00:00Z', ip: '192.0.2.1', schema: { a: 1 } },
    foo: 'bar',
    futureField: { nested: true }
  }
  t.strictSame(await decision(more), await decision(question))
  for (const [path, body] of Object.entries(endpoints)) {
    const answer = await post(path, { ...body, context: more.context, foo: 'bar', constructor: 1, toString: 'x' })
    t.strictSame(answer.json(), (await post(path, body)).json(), path)
  }
})

t.test('Q-1 200, section 6: a decision is a boolean, with an object as context', async (t) => {
  const answer = await post('evaluation', question)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  t.equal(answer.headers['cache-control'], 'no-store')
  t.match(answer.json(), { decision: true, context: { reason: 'granted', grants: [{ role: 'recruiter', teamId: design }], missing: [] } })
  t.match(await decision({ ...question, action: mayNot }), {
    decision: false,
    context: { reason: 'missing_permission', grants: [], missing: ['offer.send'] }
  })
  const again = await Promise.all(Array.from({ length: 5 }, () => decision(question)))
  t.equal(new Set(again.map((each) => JSON.stringify(each))).size, 1, 'the same each time')
})

t.test('Q-1 400, section 6.1: what is required and missing or of another type, at its place', async (t) => {
  const without = (path: string): unknown => {
    const copy = structuredClone(question) as unknown as Record<string, Record<string, unknown>>
    const [name, part] = path.split('.') as [string, string?]
    if (part) delete copy[name]![part]
    else delete copy[name]
    return copy
  }
  for (const path of ['subject', 'action', 'resource', 'subject.type', 'subject.id', 'action.name', 'resource.type', 'resource.id']) {
    const answer = await post('evaluation', without(path))
    refused(t, answer, 400, 'invalid_input', `without ${path}`)
    t.strictSame(answer.json().errors, [{ pointer: `/${path.replace('.', '/')}`, message: 'is missing' }])
    refused(t, await post('evaluations', without(path)), 400, 'invalid_input', `without ${path}, where there is no batch`)
  }
  const wrong: Array<[string, object]> = [
    ['subject', { subject: 'alice' }],
    ['subject', { subject: [subject] }],
    ['subject', { subject: null }],
    ['subject/id', { subject: { ...subject, id: 1 } }],
    ['subject/type', { subject: { ...subject, type: {} } }],
    ['subject/properties', { subject: { ...subject, properties: [] } }],
    ['action/name', { action: { name: 123 } }],
    ['action', { action: 'job.post' }],
    ['resource', { resource: design }],
    ['resource/id', { resource: { ...resource, id: 'x'.repeat(257) } }],
    ['context', { context: 'full' }],
    ['context/explain', { context: { explain: 'yes' } }],
    ['context/counterparty', { context: { counterparty: 'account_x' } }],
    ['context/delegation/agency', { context: { delegation: { actor: 'x' } } }]
  ]
  for (const [pointer, part] of wrong) {
    const answer = await post('evaluation', { ...question, ...part })
    refused(t, answer, 400, 'invalid_input', JSON.stringify(part))
    t.equal(answer.json().errors[0].pointer, `/${pointer}`)
  }
  refused(t, await post('evaluation', { ...question, context: { consistency: 'x' } }), 400, 'malformed_consistency_token')
})

t.test('Q-1 400: a body that is no object, and every other media type, on every endpoint', async (t) => {
  for (const [path, body] of Object.entries(endpoints)) {
    for (const payload of ['', ' ', '{', 'null', '[]', '"x"', '1', '{"a":1}x', "{'a':1}", '{"__proto__":{"a":1}}'])
      t.match((await post(path, payload)).json().code, /^(malformed_request|invalid_input)$/, `${path} ${payload}`)
    for (const type of [
      'text/plain',
      'text/json',
      'application/xml',
      'application/problem+json',
      'application/jsonp',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'application/json, text/plain',
      ''
    ])
      refused(t, await post(path, body, service, { 'content-type': type }), 400, 'malformed_request', `${path} as ${type}`)
    const untyped = await world.inject({
      method: 'POST',
      url: `/access/v1/${path}`,
      headers: service.headers,
      payload: JSON.stringify(body)
    })
    refused(t, untyped, 400, 'malformed_request', `${path} without a type`)
    t.equal((await post(path, body, service, { 'content-type': 'application/json; charset=utf-8' })).statusCode, 200)
    refused(t, await world.inject({ method: 'GET', url: `/access/v1/${path}`, headers: service.headers }), 405, 'method_not_allowed')
  }
})

t.test('Q-1 200, section 7.1: each question with what it leaves out taken from above', async (t) => {
  t.strictSame(await verdicts({ evaluations: [question, { ...question, action: mayNot }] }), [true, false], 'nothing above')
  t.strictSame(await verdicts({ subject, resource, evaluations: [{ action: may }, { action: mayNot }] }), [true, false], 'in their order')
  t.strictSame(await verdicts({ ...question, evaluations: [{}, { action: mayNot }, {}] }), [true, false, true], 'one that overrides')
  t.strictSame(
    await verdicts({ subject, action: may, resource: { type: 'team' }, evaluations: [{ resource: { id: design } }, { resource }] }),
    [true, true],
    'the type from above, the id of its own'
  )
  const explained = await decisions({
    ...question,
    action: mayNot,
    context: { explain: true },
    evaluations: [{}, { context: { time: 'now' } }]
  })
  t.strictSame(
    explained.map(({ context }) => 'explanation' in context),
    [true, false],
    'a context of its own is the whole context'
  )
})

t.test('Q-1 200, section 7.1: without questions it is a single one, and answers like one', async (t) => {
  for (const evaluations of [undefined, []]) {
    const answer = await post('evaluations', { ...question, evaluations })
    t.strictSame([answer.statusCode, answer.json()], [200, await decision(question)])
  }
})

t.test('Q-1 200, section 7.1.2: the three semantics, two of which stop where it is decided', async (t) => {
  const run = (semantic: string | undefined, actions: object[]) =>
    verdicts({
      subject,
      resource,
      evaluations: actions.map((action) => ({ action })),
      options: { evaluations_semantic: semantic, other: 1 }
    })
  const mixed = [may, mayNot, may, mayNot]
  t.strictSame(await run(undefined, mixed), [true, false, true, false])
  t.strictSame(await run('execute_all', mixed), [true, false, true, false])
  t.strictSame(await run('deny_on_first_deny', mixed), [true, false])
  t.strictSame(await run('permit_on_first_permit', mixed), [true])
  t.strictSame(await run('deny_on_first_deny', [may, may]), [true, true], 'no denial: all of them')
  t.strictSame(await run('permit_on_first_permit', [mayNot, mayNot]), [false, false])
  const unknown = { ...endpoints.evaluations, options: { evaluations_semantic: 'sometimes' } }
  refused(t, await post('evaluations', unknown), 400, 'invalid_input')
})

t.test('Q-7 200, section 7.2: a malformed question is a denial with its error; the others are answered', async (t) => {
  const [good, ...bad] = await decisions({
    subject,
    action: may,
    evaluations: [{ resource }, {}, 5, { resource: 'x' }, { resource, context: { consistency: 'x' } }]
  })
  t.equal(good!.decision, true)
  t.notOk('error' in good!.context)
  for (const [index, { decision, context }] of bad.entries()) {
    t.strictSame([decision, context.reason, context.grants, context.error!.status], [false, 'malformed', [], 400], `question ${index + 1}`)
  }
  t.equal(bad[0]!.context.error!.message, '/evaluations/1/resource is missing')
  t.equal(bad[1]!.context.error!.message, '/evaluations/2 must be an object')
  t.equal(bad[3]!.context.error!.code, 'malformed_consistency_token')
  t.strictSame(
    await verdicts({
      ...question,
      options: { evaluations_semantic: 'deny_on_first_deny' },
      evaluations: [{}, { action: {}, subject: 1 }, {}]
    }),
    [true, false],
    'a failure counts as a denial'
  )
  for (const evaluations of [{}, 'x', 1]) refused(t, await post('evaluations', { ...question, evaluations }), 400, 'invalid_input')
  refused(
    t,
    await post('evaluations', { ...question, subject: 'x', evaluations: [{}] }),
    400,
    'invalid_input',
    'what is above is malformed'
  )
})

t.test('400: a batch holds as many questions as the configuration says', async (t) => {
  t.equal((await decisions({ ...question, evaluations: Array(5).fill({}) })).length, 5)
  const answer = await post('evaluations', { ...question, evaluations: Array(6).fill({}) })
  refused(t, answer, 400, 'invalid_input')
  t.strictSame(answer.json().errors, [{ pointer: '/evaluations', message: 'must have at most 5 items' }])
})

t.test('Q-9 200, section 8: results of the type that was asked for, and a page that says whether more follow', async (t) => {
  const all = (await post('search/subject', endpoints['search/subject'])).json() as Found
  t.strictSame(all, {
    results: [olga, hana].map(account).sort((a, b) => (a.id < b.id ? -1 : 1)),
    page: { next_token: '', count: 2 }
  })
  const withId = { ...endpoints['search/subject'], subject: { type: 'account', id: 'anything' }, context: { time: 'now' } }
  t.strictSame((await post('search/subject', withId)).json(), all, 'an id is ignored')
  t.strictSame((await post('search/resource', { ...endpoints['search/resource'], resource: { type: 'team', id: 'x' } })).json(), {
    results: [resource],
    page: { next_token: '', count: 1 }
  })
  const { results } = (await post('search/action', { ...endpoints['search/action'], action: mayNot })).json() as Found
  t.ok(results.some(({ name }) => name === 'job.post') && results.every((each) => Object.keys(each).join() === 'name'))
})

t.test('Q-9 200: page by page the same, in the same order, and no page is longer than asked', async (t) => {
  for (const path of ['search/subject', 'search/action'] as const) {
    const whole = (await post(path, endpoints[path])).json() as Found
    for (const limit of [1, 2, 3]) {
      const seen: Found['results'] = []
      let token: string | undefined
      do {
        const { results, page } = (await post(path, { ...endpoints[path], page: { limit, ...(token ? { token } : {}) } })).json() as Found
        t.ok(results.length <= limit && page.count === results.length)
        seen.push(...results)
        token = page.next_token
      } while (token)
      t.strictSame(seen, whole.results, `${path} by ${limit}`)
    }
    const none = (await post(path, { ...endpoints[path], page: { limit: 0 } })).json() as Found
    t.strictSame([none.results.length, none.page.next_token !== ''], [0, true], 'none, and that there is something')
    t.strictSame(
      (
        (
          await post(path, { ...endpoints[path], page: { token: none.page.next_token, limit: 1000, properties: { sort: 'x' } } })
        ).json() as Found
      ).results,
      whole.results
    )
  }
})

t.test('400: a token is good for the search and the caller it was answered to', async (t) => {
  const first = (await post('search/action', { ...endpoints['search/action'], page: { limit: 1 } })).json() as Found
  const page = { token: first.page.next_token }
  t.equal((await post('search/action', { ...endpoints['search/action'], page })).statusCode, 200)
  const other = await askingServiceToo()
  refused(t, await post('search/action', { ...endpoints['search/action'], page }, other), 400, 'malformed_cursor', 'another caller')
  refused(t, await post('search/action', { subject: account(olga), resource, page }), 400, 'malformed_cursor', 'another person')
  refused(t, await post('search/subject', { ...endpoints['search/subject'], page }), 400, 'malformed_cursor', 'another search')
  for (const token of ['x', `${page.token}x`])
    refused(t, await post('search/action', { ...endpoints['search/action'], page: { token } }), 400, 'malformed_cursor', token)
  for (const limit of [-1, 1.5, '1', null])
    refused(t, await post('search/action', { ...endpoints['search/action'], page: { limit } }), 400, 'invalid_input', String(limit))
})
const askingServiceToo = () => world.service('proposals', ['access.evaluate'])

t.test('400, section 8: what a search needs', async (t) => {
  const missing: Array<[string, object]> = [
    ['search/subject', { subject: { type: 'account' }, resource }],
    ['search/subject', { subject: {}, action: may, resource }],
    ['search/subject', { subject: { type: 'account' }, action: may, resource: { type: 'team' } }],
    ['search/resource', { action: may, resource: { type: 'team' } }],
    ['search/resource', { subject: { type: 'account' }, action: may, resource: { type: 'team' } }],
    ['search/resource', { subject, action: may, resource: {} }],
    ['search/action', { subject }],
    ['search/action', { subject: { type: 'account' }, resource }]
  ]
  for (const [path, body] of missing) refused(t, await post(path, body), 400, 'invalid_input', `${path} ${JSON.stringify(body)}`)
})

t.test('Q-5 200: a search about what is unknown finds nothing', async (t) => {
  const empty = { results: [], page: { next_token: '', count: 0 } }
  const unknown: Array<[string, object]> = [
    ['search/subject', { subject: { type: 'spaceship' }, action: may, resource }],
    ['search/subject', { subject: { type: 'account' }, action: { name: 'fly' }, resource }],
    ['search/subject', { subject: { type: 'account' }, action: may, resource: { type: 'spaceship', id: 'x' } }],
    ['search/subject', { subject: { type: 'account' }, action: may, resource: { type: 'team', id: fullId('team') } }],
    ['search/subject', { subject: { type: 'account' }, action: may, resource: { type: 'team', id: 'x' } }],
    ['search/resource', { subject: { type: 'spaceship', id: 'x' }, action: may, resource: { type: 'team' } }],
    ['search/resource', { subject: { type: 'account', id: fullId('account') }, action: may, resource: { type: 'team' } }],
    ['search/resource', { subject, action: { name: 'fly' }, resource: { type: 'team' } }],
    ['search/resource', { subject, action: may, resource: { type: 'spaceship' } }],
    ['search/action', { subject: { type: 'account', id: 'x' }, resource }],
    ['search/action', { subject, resource: { type: 'company', id: fullId('company') } }]
  ]
  for (const [path, body] of unknown) {
    const answer = await post(path, body)
    t.strictSame([answer.statusCode, answer.json()], [200, empty], `${path} ${JSON.stringify(body)}`)
  }
})

t.test('Q-1 200, section 9: the metadata name the five endpoints, under the identifier of this service', async (t) => {
  const answer = await world.inject({ url: '/.well-known/authzen-configuration' })
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['content-type'], /^application\/json/)
  const base = world.config.publicUrl
  t.strictSame(answer.json(), {
    policy_decision_point: base,
    access_evaluation_endpoint: `${base}/access/v1/evaluation`,
    access_evaluations_endpoint: `${base}/access/v1/evaluations`,
    search_subject_endpoint: `${base}/access/v1/search/subject`,
    search_resource_endpoint: `${base}/access/v1/search/resource`,
    search_action_endpoint: `${base}/access/v1/search/action`
  })
})

t.test('Q-1, section 10: errors of the transport, and the identifier of a request in every answer', async (t) => {
  const id = 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716'
  const ofOthers = await world.service('contracts', ['contracts.write'])
  const ahead = consistencyToken(world.config.keys, new Map([[`account:${parseId('account', hana.accountId)}`, 1_000_000]]))
  for (const [path, body] of Object.entries(endpoints)) {
    const answers: Array<[number, ReturnType<typeof post>]> = [
      [200, post(path, body, service, { 'x-request-id': id })],
      [400, post(path, '{', service, { 'x-request-id': id })],
      [400, post(path, {}, service, { 'x-request-id': id })],
      [400, post(path, body, service, { 'x-request-id': id, 'content-type': 'text/plain' })],
      [401, post(path, body, { headers: {} }, { 'x-request-id': id })],
      [403, post(path, body, ofOthers, { 'x-request-id': id })],
      [404, post(`${path}s/s`, body, service, { 'x-request-id': id })],
      [405, world.inject({ method: 'PUT', url: `/access/v1/${path}`, headers: { ...service.headers, 'x-request-id': id } })],
      [413, post(path, { ...body, more: 'x'.repeat(300_000) }, service, { 'x-request-id': id })],
      [503, post(path, { ...body, context: { consistency: ahead } }, service, { 'x-request-id': id })]
    ]
    for (const [status, response] of answers) {
      const answer = await response
      t.strictSame([answer.statusCode, answer.headers['x-request-id']], [status, id], `${path}: ${status}`)
      if (status !== 200) t.strictSame([answer.json().status, answer.json().requestId], [status, id])
    }
    const [one, other] = [await post(path, body), await post(path, body)]
    t.match(one.headers['x-request-id'], /^[\da-f-]{36}$/, 'one is made where there is none')
    t.not(one.headers['x-request-id'], other.headers['x-request-id'])
    const unknown = await post(path, body, { headers: {} })
    refused(t, unknown, 401, 'not_signed_in', path)
    t.match(unknown.headers['www-authenticate'], /^Bearer/)
    const { headers } = await world.operator(`operator-${path.replace('/', '-')}@example.com`)
    refused(t, await post(path, body, { headers }), 401, 'not_signed_in', 'an operator asks nothing')
    const denied = await post(path, body, ofOthers)
    refused(t, denied, 403, 'access_denied')
    t.strictSame(denied.json().missingPermissions, ['access.evaluate'])
  }
})
