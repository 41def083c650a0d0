import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import express from 'express'
import fastify from 'fastify'
import { createClient, GuildhallProblem, GuildhallUnreachable } from 'guildhall-client'
import { guildhallGuard as expressGuard } from 'guildhall-client/express'
import { guildhallGuard as fastifyGuard } from 'guildhall-client/fastify'
import { openProxy } from './proxy.mjs'

/** A service of the marketplace that has the client as its users have it, on whichever Node runs this. It says `ok` or `not ok` for each thing that it tries. */

const { target, clientId, clientSecret, people, company, agency, teams, permissions, leaving, owner } = JSON.parse(process.env.WORLD)
const proxy = await openProxy(target)
const options = { url: proxy.url, clientId, clientSecret }
const cache = { stream: false }
const whole = { type: 'company', id: company }
const questions = (method = 'POST', path = '/access/v1/evaluation') => proxy.take().filter((asked) => asked === `${method} ${path}`).length

async function check(name, work) {
  try {
    await Promise.race([work(), delay(60_000, undefined, { ref: false }).then(() => assert.fail('It takes too long.'))])
    console.log(`ok ${name}`)
  } catch (error) {
    console.log(`not ok ${name}`)
    console.log(`${error.stack}`.replace(/^/gm, '  '))
  } finally {
    proxy.fault = () => undefined
    proxy.take()
  }
}
/** The first so many requests to a path have this fault. */
const first = (count, path, fault) => (request) => (request.path === path && count-- > 0 ? fault : undefined)

/** Removes somebody from the company as its owner does. Answers when that was answered. */
async function remove(memberId) {
  const headers = { authorization: `Bearer ${owner}` }
  await createClient(options).delete('/v1/companies/{companyId}/members/{memberId}', {
    params: { path: { companyId: company, memberId } },
    headers
  })
  return performance.now()
}

await check('one token for many callers, another when it is not taken', async () => {
  const client = createClient(options)
  await Promise.all(Array.from({ length: 30 }, () => client.may(people.Remy, 'job.post', whole)))
  assert.equal(questions('POST', '/v1/oauth/token'), 1)
  proxy.fault = first(1, '/access/v1/evaluation', { send: { authorization: 'Bearer x.y.z' } })
  assert.equal((await client.may(people.Olga, 'job.post', whole)).allowed, true)
  assert.equal(questions('POST', '/v1/oauth/token'), 1)
  await assert.rejects(createClient({ ...options, clientSecret: 'wrong' }).may(people.Olga, 'job.post', whole), { code: 'invalid_client' })
})

await check('503, 429 and cut connections are outlived; what lasts is an error and no denial', async () => {
  const client = createClient(options)
  for (const fault of [{ status: 503, headers: { 'retry-after': '0' } }, { status: 429 }, 'cut', 'cutAfter']) {
    proxy.fault = first(2, '/access/v1/evaluation', fault)
    assert.equal((await client.may(people.Olga, 'job.post', whole)).allowed, true)
    assert.equal(questions(), 3)
  }
  proxy.fault = () => ({ status: 503 })
  await assert.rejects(client.may(people.Olga, 'job.post', whole), GuildhallProblem)
  proxy.fault = () => 'cut'
  await assert.rejects(client.may(people.Olga, 'job.post', whole), GuildhallUnreachable)
  await assert.rejects(client.may(people.Olga, 'job.post', whole, { signal: AbortSignal.abort(new Error('enough')) }), {
    message: 'enough'
  })
})

await check('a POST whose answer is lost has its effect once', async () => {
  const name = `Once ${process.version}`
  const path = `/v1/companies/${company}/teams`
  proxy.fault = first(1, path, 'cutAfter')
  const init = { params: { path: { companyId: company } }, headers: { authorization: `Bearer ${owner}` } }
  const client = createClient(options)
  const made = await client.post('/v1/companies/{companyId}/teams', { ...init, body: { name } })
  assert.equal(made.headers.get('idempotency-replayed'), 'true')
  assert.equal(made.status, 201)
  const { data } = await client.get('/v1/companies/{companyId}/teams', { ...init, params: { ...init.params, query: { limit: 100 } } })
  assert.deepEqual(
    data.items.filter((team) => team.name === name).map(({ id }) => id),
    [made.data.id]
  )
  await assert.rejects(client.post('/v1/companies/{companyId}/teams', { ...init, body: { name } }), { status: 409, requestId: /./ })
})

await check('the cache, batches and single questions answer the same', async () => {
  const plain = createClient(options)
  const cached = createClient({ ...options, cache })
  const resources = [
    whole,
    { type: 'agency', id: agency },
    ...teams.map(({ id, organization }) => ({ type: 'team', id, organization })),
    { type: 'team', id: teams[0].id, organization: agency }
  ]
  const all = Object.values(people).flatMap((account) =>
    resources.flatMap((resource) => permissions.map((action) => ({ account, action, resource })))
  )
  const essence = ({ allowed, reason, grants, missing }) => ({ allowed, reason, grants, missing })
  const wanted = (await plain.mayAll(all)).map(essence)
  assert.ok(wanted.some(({ allowed }) => allowed) && new Set(wanted.map(({ reason }) => reason)).size >= 4)
  for (const round of ['first', 'second']) {
    const answers = []
    for (const { account, action, resource } of all) answers.push(await cached.may(account, action, resource))
    assert.deepEqual(answers.map(essence), wanted, round)
    if (round === 'second') assert.ok(answers.filter((answer) => answer.cached).length > all.length * 0.6, 'most of it needs no request')
  }
  assert.deepEqual((await cached.mayAll(all)).map(essence), wanted)
  for (const index of [0, 100, 200]) {
    const { account, action, resource } = all[index]
    assert.deepEqual(essence(await plain.may(account, action, resource)), wanted[index])
  }
  const { explanation } = await cached.explain(people.Max, 'job.post', whole)
  assert.equal(explanation.way, 'grant_role')
})

for (const stream of [false, true])
  await check(`cached answers need no request, and end within a second of a removal${stream ? ', sooner with a stream' : ''}`, async () => {
    const client = createClient({ ...options, cache: { stream } })
    const { account, memberId } = leaving.pop()
    const read = () => client.may(account, 'company.read', whole)
    await read()
    // Until the stream is open.
    if (stream) await delay(500)
    proxy.take()
    for (let time = 0; time < 500; time++) assert.equal((await read()).cached, true)
    assert.ok(proxy.take().length <= 3, 'at most a look at the feed')
    let last = 0
    let removed = Number.POSITIVE_INFINITY
    void remove(memberId).then((at) => {
      removed = at
    })
    for (const end = performance.now() + 3000; performance.now() < end; await delay(2)) {
      const begun = performance.now()
      if ((await read()).allowed) last = begun
      else if (begun > removed + 100) break
    }
    const late = last - removed
    console.log(`# allowed until ${Math.round(late)} ms after the removal was answered`)
    assert.ok(late <= 1000, `${late} ms`)
    assert.match((await read()).reason, /not_a_member/)
    client.close()
  })

await check('a feed that is cut: no cache, no waiting, and right answers; afterwards it is used again', async () => {
  const told = []
  const client = createClient({ ...options, cache: { stream: false, onUnavailable: (error) => told.push(error.code) } })
  const { account, memberId } = leaving.pop()
  const read = () => client.may(account, 'company.read', whole)
  await read()
  assert.equal((await read()).cached, true)
  proxy.fault = ({ path }) => (path === '/v1/events' ? 'cut' : undefined)
  await remove(memberId)
  await delay(1000)
  const answer = await read()
  assert.deepEqual([answer.allowed, answer.cached], [false, false])
  assert.deepEqual(told, ['unreachable'])
  proxy.fault = () => undefined
  for (const end = performance.now() + 8000; !(await read()).cached; await delay(20)) assert.ok(performance.now() < end)
  assert.equal((await read()).allowed, false)
})

const guard = {
  account: (request) => request.headers['x-account'],
  action: 'job.post',
  resource: (request) => ({ type: 'company', id: request.params.companyId })
}
async function guarded(url) {
  const ask = async (account) => {
    const response = await fetch(`${url}/companies/${company}/jobs`, { method: 'POST', headers: account ? { 'x-account': account } : {} })
    return [response.status, (await response.json()).code ?? 'posted', response.headers.get('content-type').split(';')[0]]
  }
  const problem = 'application/problem+json'
  assert.deepEqual(await ask(people.Olga), [200, 'posted', 'application/json'])
  assert.deepEqual(await ask(people.Sam), [403, 'access_denied', problem])
  assert.deepEqual(await ask(undefined), [401, 'not_signed_in', problem])
  proxy.fault = () => 'cut'
  assert.deepEqual(await ask(people.Olga), [503, 'service_unavailable', problem])
}

await check('the guard of Fastify', async () => {
  const app = fastify()
  app.post('/companies/:companyId/jobs', { preHandler: fastifyGuard(createClient({ ...options, retries: 0 }), guard) }, async () => ({
    posted: true
  }))
  await guarded(await app.listen({ host: '127.0.0.1', port: 0 }))
  await app.close()
})

await check('the guard of Express', async () => {
  const app = express()
  app.post('/companies/:companyId/jobs', expressGuard(createClient({ ...options, retries: 0 }), guard), (_, response) =>
    response.send({ posted: true })
  )
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  await guarded(`http://127.0.0.1:${server.address().port}`)
  server.closeAllConnections()
  server.close()
})

// Nothing else holds the process: it ends by itself.
proxy.close()
