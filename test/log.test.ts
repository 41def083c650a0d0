import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import pino from 'pino'
import t from 'tap'
import { buildApp } from '../src/app.ts'
import { logOptions } from '../src/log.ts'
import { openWorld, registration } from './support/world.ts'

const world = await openWorld(t)
const lines: string[] = []
const stream = new Writable({
  write(chunk, _, done) {
    lines.push(String(chunk))
    done()
  }
})
const log = pino(logOptions({ LOG_LEVEL: 'trace' }), stream)
const app = await buildApp(world.parts, { log, strict: true })
t.teardown(() => app.close())

t.test('no password, token, key, address or name is ever logged, whatever a request is and does', async (t) => {
  const secrets: string[] = []
  const secret = (value: string): string => {
    secrets.push(value)
    return value
  }
  const send = async (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object | string,
    headers: Record<string, string> = {}
  ) => {
    const response = await app.inject({
      method,
      url,
      headers: { 'user-agent': secret('Spy-Agent/1.0'), 'content-type': 'application/json', ...headers },
      ...(payload === undefined ? {} : { payload }),
      remoteAddress: '198.51.100.77'
    })
    secrets.push(...(response.body.match(/gh[a-z]_[\w-]{40,}|eyJ[\w.-]{40,}/g) ?? []))
    return response
  }
  const email = secret('nora.secret@example.com')
  const password = secret('violet harbour nineteen lamps')
  const key = secret(randomUUID())
  await send(
    'POST',
    '/v1/accounts',
    { ...registration, firstName: secret('Honoria'), lastName: secret('Novakova'), email, password },
    { 'idempotency-key': key }
  )
  const token = secret(await world.mailedToken(email, 'ghv'))
  await send('POST', `/v1/email-verifications?token=${token}`, { token })
  await send('POST', '/v1/email-verifications', { token })
  await send('POST', '/v1/sessions', { email, password: secret('the wrong one altogether') })
  const { accessToken, refreshToken } = (await send('POST', '/v1/sessions', { email, password })).json() as Record<string, string>
  const headers = { authorization: `Bearer ${accessToken}` }
  t.equal((await send('PATCH', '/v1/me', { firstName: 'Honoria' }, { ...headers, 'if-match': '"0"' })).statusCode, 412)
  await send('POST', '/v1/me/emails', { email: secret('second.secret@example.com') }, headers)
  await send('DELETE', `/v1/me/emails/${encodeURIComponent(email)}`, undefined, { authorization: headers.authorization })
  await send('GET', '/v1/me', undefined, {
    authorization: `Bearer ${secret(`${accessToken}x`)}`,
    cookie: secret('__Host-guildhall-refresh=abc')
  })
  await send('POST', '/v1/sessions/refresh', { refreshToken })
  await send('POST', '/v1/sessions/refresh', { refreshToken })
  await send('POST', '/v1/sessions', `{"email":"${email}",`)
  await send('GET', `/v1/nothing/${encodeURIComponent(email)}?password=${encodeURIComponent(password)}`)
  await world.sql('alter table sessions rename to sessions_away')
  t.equal((await send('POST', '/v1/sessions', { email, password })).statusCode, 500)
  await world.sql('alter table sessions_away rename to sessions')

  t.ok(lines.length > 12 && secrets.length > 12)
  const all = lines.join('')
  for (const value of new Set(secrets)) t.notOk(all.includes(value) || all.includes(encodeURIComponent(value)), value.slice(0, 30))
  t.notMatch(all, /198\.51\.100\.77|argon2id|insert into/)
})

t.test('every line is one JSON object: a request by its route, status, time and actor', async (t) => {
  const sam = await world.person('Sam')
  lines.length = 0
  await app.inject({ url: '/v1/me?dryRun=1', headers: { ...sam.headers, 'x-request-id': 'my-request' } })
  await app.inject({ method: 'POST', url: '/no%0Asuch\u202e/%1b[31mroute' })
  const [known, unknown] = lines.map((line) => JSON.parse(line))
  t.match(known, {
    level: 'info',
    msg: 'request',
    method: 'GET',
    route: '/v1/me',
    status: 400,
    actor: 'account',
    reqId: 'my-request',
    ms: Number
  })
  t.match(known.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  t.notOk('req' in known || 'res' in known)
  t.match(unknown, { status: 404, actor: 'anonymous' })
  t.notOk('route' in unknown && unknown.route)
  lines.length = 0
  log.info({ text: 'a\nb\u001b[31m\r', password: 'hunter2', deep: { token: 'hunter2', fine: 'kept' } }, 'two\nlines')
  t.equal(lines.length, 1)
  for (const sign of ['\n', '\r', '\u001b', 'hunter2']) t.notOk(lines[0]!.trimEnd().includes(sign), JSON.stringify(sign))
  t.match(JSON.parse(lines[0]!), { msg: 'two\nlines', password: '[redacted]', deep: { token: '[redacted]', fine: 'kept' } })
})
