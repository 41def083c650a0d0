import t, { type Test } from 'tap'
import { system } from '../../src/actor.ts'
import {
  createOperator,
  createServiceClient,
  disableClient,
  dropOldSecrets,
  rotateClientSecret,
  scopes
} from '../../src/clients/clients.ts'
import { newId, publicId } from '../../src/http/ids.ts'
import { sha256 } from '../../src/keyring.ts'
import { randomToken } from '../../src/tokens.ts'
import { decoded } from '../support/jwt.ts'
import { refused } from '../support/problems.ts'
import { openWorld, rounds } from '../support/world.ts'

type Answer = Awaited<ReturnType<typeof world.inject>>

const world = await openWorld(t, { instances: 2 })
const { inject, sql } = world
const { db } = world.parts
const olga = await world.person('Olga')
const operator = await world.operator()

const form = (payload: string, headers: Record<string, string> = {}, instance = 0): Promise<Answer> =>
  inject(
    { method: 'POST', url: '/v1/oauth/token', payload, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } },
    instance
  )
const grant = (parameters: Record<string, string>, headers: Record<string, string> = {}, instance = 0) =>
  form(new URLSearchParams({ grant_type: 'client_credentials', ...parameters }).toString(), headers, instance)
const credentials = (client: { clientId: string; clientSecret: string }) => ({
  client_id: client.clientId,
  client_secret: client.clientSecret
})
const basic = (user: string, secret: string, scheme = 'Basic') => ({
  authorization: `${scheme} ${Buffer.from(`${user}:${secret}`).toString('base64')}`
})

function oauthError(t: Test, answer: Answer, status: number, error: string, name = error): void {
  t.strictSame([answer.statusCode, answer.json().error], [status, error], name)
  t.equal(typeof answer.json().error_description, 'string', name)
  t.equal(answer.headers['www-authenticate'], status === 401 ? 'Basic realm="guildhall"' : undefined, name)
  t.match(answer.headers, { 'content-type': /^application\/json/, 'cache-control': 'no-store' }, name)
  t.notMatch(answer.body, 'access_token', name)
}

t.test('200: client credentials in the body or by HTTP Basic give a token that lives five minutes', async (t) => {
  const jobs = await createServiceClient(db, system, { name: 'jobs', scopes: ['access.evaluate', 'contracts.write'] })
  const answers = {
    body: await grant(credentials(jobs)),
    Basic: await grant({}, basic(jobs.clientId, jobs.clientSecret)),
    'basic, on the other instance': await grant({}, basic(jobs.clientId, jobs.clientSecret, 'basic'), 1),
    'Basic, and the id in the body': await grant({ client_id: jobs.clientId }, basic(jobs.clientId, jobs.clientSecret)),
    'unknown parameters': await grant({ ...credentials(jobs), resource: 'https://x.example', audience: 'x' }),
    'parameters without value': await grant({ ...credentials(jobs), scope: '' }),
    'unknown parameters twice': await form(`grant_type=client_credentials&x=1&x=2&${new URLSearchParams(credentials(jobs))}`)
  }
  for (const [name, answer] of Object.entries(answers)) {
    t.equal(answer.statusCode, 200, name)
    t.match(answer.headers, { 'cache-control': 'no-store', pragma: 'no-cache' }, name)
    const { access_token, ...rest } = answer.json()
    t.strictSame(rest, { token_type: 'Bearer', expires_in: 300, scope: 'access.evaluate contracts.write' }, name)
    t.match(decoded(access_token).claims, { sub: jobs.clientId, client_id: jobs.clientId, aud: 'guildhall:service' }, name)
  }
  const narrow = await grant({ ...credentials(jobs), scope: 'contracts.write' })
  t.equal(narrow.json().scope, 'contracts.write')
  t.equal(decoded(narrow.json().access_token).claims.scope, 'contracts.write', 'a token narrower than its client')
})

t.test('200: an operator gets a token in the same way', async (t) => {
  const answer = await grant(credentials(operator))
  t.match(answer.json(), { scope: 'operator', expires_in: 300 })
  t.match(decoded(answer.json().access_token).claims, { sub: operator.clientId, aud: 'guildhall:operator' })
})

t.test('400 401: refusals are those of RFC 6749', async (t) => {
  const mail = await createServiceClient(db, system, { name: 'mail', scopes: ['events.read'] })
  const right = new URLSearchParams(credentials(mail)).toString()
  const grantType = 'grant_type=client_credentials'
  const invalid: Record<string, Answer> = {
    'no grant type': await form(right),
    'grant type without value': await form(`grant_type=&${right}`),
    'grant type twice': await form(`${grantType}&${grantType}&${right}`),
    'id twice': await form(`${grantType}&${right}&client_id=${mail.clientId}`),
    'secret twice': await form(`${grantType}&${right}&client_secret=${mail.clientSecret}`),
    'scope twice': await form(`${grantType}&${right}&scope=events.read&scope=events.read`),
    'no credentials': await form(grantType),
    'no secret': await form(`${grantType}&client_id=${mail.clientId}`),
    'no id': await form(`${grantType}&client_secret=${mail.clientSecret}`),
    'credentials in two ways': await form(`${grantType}&${right}`, basic(mail.clientId, mail.clientSecret)),
    'Basic without secret': await form(grantType, basic(mail.clientId, '')),
    'no Basic': await form(grantType, { authorization: 'Basic !' }),
    'far too long': await form(`${grantType}&client_id=${mail.clientId}&client_secret=${'x'.repeat(2049)}`)
  }
  for (const [name, answer] of Object.entries(invalid)) oauthError(t, answer, 400, 'invalid_request', name)
  for (const type of [
    'password',
    'refresh_token',
    'authorization_code',
    'CLIENT_CREDENTIALS',
    'urn:ietf:params:oauth:grant-type:device_code'
  ]) {
    oauthError(t, await grant({ ...credentials(mail), grant_type: type }), 400, 'unsupported_grant_type', type)
  }
  for (const scope of ['access.evaluate', 'events.read access.evaluate', 'EVENTS.READ', 'operator', ' ', '*']) {
    oauthError(t, await grant({ ...credentials(mail), scope }), 400, 'invalid_scope', scope)
  }
  oauthError(t, await grant({ ...credentials(operator), scope: 'events.read' }), 400, 'invalid_scope', "a service's scope for an operator")

  const unknown = { client_id: publicId('service', newId()), client_secret: mail.clientSecret }
  const first = await grant(unknown)
  const wrong = {
    unknown,
    'wrong secret': { ...credentials(mail), client_secret: randomToken('ghs') },
    "another client's secret": { ...credentials(mail), client_secret: operator.clientSecret },
    'secret with a space': { ...credentials(mail), client_secret: `${mail.clientSecret} ` },
    'hash instead of the secret': { ...credentials(mail), client_secret: world.secrets.isNone(sha256(mail.clientSecret).toString('hex')) },
    'operator by the same uuid': { client_id: mail.clientId.replace('service', 'operator'), client_secret: mail.clientSecret },
    account: { client_id: olga.accountId, client_secret: olga.password },
    email: { client_id: olga.email, client_secret: olga.password },
    'no id': { client_id: "' or true --", client_secret: mail.clientSecret }
  }
  for (const [name, parameters] of Object.entries(wrong)) {
    const answer = await grant(parameters)
    oauthError(t, answer, 401, 'invalid_client', name)
    t.equal(answer.body, first.body, `${name}: the same answer`)
  }
})

t.test('400 415: the endpoint takes a form and nothing else', async (t) => {
  const json = await inject({
    method: 'POST',
    url: '/v1/oauth/token',
    payload: { grant_type: 'client_credentials', ...credentials(operator) }
  })
  refused(t, json, 415, 'unsupported_media_type')
  const query = new URLSearchParams({ grant_type: 'client_credentials', ...credentials(operator) })
  const inAddress = await inject({
    method: 'POST',
    url: `/v1/oauth/token?${query}`,
    payload: '',
    headers: { 'content-type': 'application/x-www-form-urlencoded' }
  })
  refused(t, inAddress, 400, 'invalid_input', 'credentials in the address')
})

t.test('each token granted or refused to a client is in the audit once, and a client nobody knows is not', async (t) => {
  const log = await createServiceClient(db, system, { name: 'log', scopes: ['events.read', 'plans.write'] })
  const before = await sql('select from audit_events')
  await grant({ ...credentials(log), scope: 'plans.write' })
  await grant({ ...credentials(log), client_secret: randomToken('ghs') })
  await grant({ client_id: publicId('service', newId()), client_secret: log.clientSecret })
  await grant({ client_id: 'nobody', client_secret: log.clientSecret })
  const added = await sql('select action, actor_kind, resource, detail from audit_events order by at, id offset $1', [before.length])
  t.strictSame(added, [
    { action: 'client.token_granted', actor_kind: 'anonymous', resource: log.clientId, detail: { scope: 'plans.write' } },
    { action: 'client.token_refused', actor_kind: 'anonymous', resource: log.clientId, detail: {} }
  ])
})

t.test('two secrets live while one is replaced, and never three', async (t) => {
  for (const made of [
    await createServiceClient(db, system, { name: 'pay', scopes: ['plans.write'] }),
    await createOperator(db, system, 'Two@Example.com')
  ]) {
    const status = async (clientSecret: string) => (await grant(credentials({ clientId: made.clientId, clientSecret }))).statusCode
    const second = await rotateClientSecret(db, system, made.clientId)
    t.strictSame([await status(made.clientSecret), await status(second.clientSecret)], [200, 200])
    const third = await rotateClientSecret(db, system, made.clientId)
    t.strictSame([await status(made.clientSecret), await status(second.clientSecret), await status(third.clientSecret)], [401, 200, 200])
    await dropOldSecrets(db, system, made.clientId)
    t.strictSame([await status(second.clientSecret), await status(third.clientSecret)], [401, 200])
    await disableClient(db, system, made.clientId)
    t.equal(await status(third.clientSecret), 401)
    await t.rejects(rotateClientSecret(db, system, made.clientId), { code: 'not_found' }, 'a disabled client gets no new secret')
    await t.rejects(disableClient(db, system, made.clientId), { code: 'not_found' })
    const audited = await sql<{ action: string }>(
      "select action from audit_events where resource = $1 and action not like 'client.token%' order by sequence",
      [made.clientId]
    )
    t.strictSame(
      audited.map(({ action }) => action.replace(/^\w+\.created/, 'created')),
      ['created', 'client.secret_rotated', 'client.secret_rotated', 'client.old_secret_dropped', 'client.disabled']
    )
  }
  for (const change of [rotateClientSecret, dropOldSecrets, disableClient]) {
    for (const id of [publicId('service', newId()), publicId('operator', newId()), olga.accountId, ''])
      await t.rejects(change(db, system, id), { code: 'not_found' }, id)
  }
})

t.test('at once: a secret replaced ten times at once leaves two that work', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const { clientId } = await createServiceClient(db, system, { name: `round-${round}`, scopes: ['events.read'] })
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, index) => rotateClientSecret(world.allParts[index % 2]!.db, system, clientId))
    )
    const granted = await Promise.all(made.map((client, index) => grant(credentials(client), {}, index)))
    t.equal(granted.filter(({ statusCode }) => statusCode === 200).length, 2)
  }
})

const create = (payload: object, headers: Record<string, string> = operator.headers, instance = 0) =>
  inject({ method: 'POST', url: '/v1/service-clients', payload, headers }, instance)

t.test('201: an operator makes a client for each service, whose secret is shown once', async (t) => {
  const answer = await create({ name: 'contracts', scopes: ['contracts.write', 'contracts.write', 'events.read'] })
  t.equal(answer.statusCode, 201)
  t.equal(answer.headers['cache-control'], 'no-store')
  const { clientId, clientSecret, ...rest } = answer.json()
  t.strictSame(rest, { name: 'contracts', scopes: ['contracts.write', 'events.read'] })
  t.match(clientId, /^service_[0-9a-z]{26}$/)
  t.match(clientSecret, /^ghs_[\w-]{49}$/, '256 bits and a checksum after its prefix')
  t.equal((await grant(credentials({ clientId, clientSecret }), {}, 1)).statusCode, 200)
  t.strictSame(
    await sql('select secret_hashes[1] = $2 as hashed, cardinality(secret_hashes) as secrets from service_clients where name = $1', [
      'contracts',
      sha256(clientSecret)
    ]),
    [{ hashed: true, secrets: 1 }]
  )
  const [audited] = await sql(
    "select actor_kind, actor_id, detail from audit_events where resource = $1 and action = 'service_client.created'",
    [clientId]
  )
  t.match(audited, { actor_kind: 'operator', detail: { name: 'contracts', scopes: ['contracts.write', 'events.read'] } })

  const key = { ...operator.headers, 'idempotency-key': 'a-key-of-this-operator' }
  const [first, again] = [
    await create({ name: 'messages', scopes: ['events.read'] }, key),
    await create({ name: 'messages', scopes: ['events.read'] }, key, 1)
  ]
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.equal(again.body, first.body)
  refused(t, await create({ name: 'messages', scopes: ['plans.write'] }, key), 422, 'idempotency_key_reused')
})

t.test('400 401 409: what is no new client', async (t) => {
  const name = 'taken'
  t.equal((await create({ name, scopes: [...scopes] })).statusCode, 201)
  refused(t, await create({ name, scopes: ['events.read'] }), 409, 'client_exists')
  const cases: object[] = [
    {},
    { name: 'x', scopes: ['events.read'] },
    { name: 'Capital', scopes: ['events.read'] },
    { name: '9lives', scopes: ['events.read'] },
    { name: 'with space', scopes: ['events.read'] },
    { name: 'x'.repeat(64), scopes: ['events.read'] },
    { name: ['list'], scopes: ['events.read'] },
    { name: 'none', scopes: [] },
    { name: 'unknown', scopes: ['events.write'] },
    { name: 'text', scopes: 'events.read' },
    { name: 'own', scopes: ['events.read'], clientSecret: 'mine' },
    { name: 'own', scopes: ['events.read'], id: newId() }
  ]
  for (const body of cases) refused(t, await create(body), 400, 'invalid_input', JSON.stringify(body))
  const service = await world.service('caller', ['events.read'])
  for (const headers of [{}, olga.headers, service.headers])
    refused(t, await create({ name: 'mine', scopes: ['events.read'] }, headers), 401, 'not_signed_in')
})

t.test('at once: of ten clients with one name one is made', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => create({ name: `same-${round}`, scopes: ['events.read'] }, operator.headers, index))
    )
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, ...Array(9).fill(409)])
  }
})

t.test('an operator is one for each address, in any spelling', async (t) => {
  const made = await createOperator(db, system, 'Anna@Büro.example')
  t.equal(made.email, 'anna@xn--bro-hoa.example')
  await t.rejects(createOperator(db, system, 'ANNA@büro.example'), { code: 'client_exists' })
  await t.rejects(createOperator(db, system, 'no address'), { code: 'email_invalid' })
  t.strictSame(
    await sql("select 1 from audit_events where detail::text ilike '%anna%' or resource ilike '%anna%'"),
    [],
    'the audit names ids only'
  )
})
