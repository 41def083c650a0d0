import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { demo } from '../../src/dev/seed.ts'
import {
  type Answer,
  cheapHashes,
  freePort,
  guildhall,
  mailServer,
  noLimits,
  run,
  secretKeys,
  send,
  startService,
  until
} from '../support/process.ts'
import { cloneDatabase, databaseUrl, registration } from '../support/world.ts'

const tokenIn = (mail: string, prefix: string): string => new RegExp(`${prefix}_[\\w-]+`).exec(mail)![0]
const { password } = registration

/** A folder that the OS user of Postgres may enter, removed when the test ends. */
function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'guildhall-start-'))
  chmodSync(path, 0o711)
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A database as production has one; the server of the tests itself may lose what it acknowledged. */
async function productionDatabase(t: Test) {
  const database = await cloneDatabase(t)
  const sql = async <Row>(statement: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: databaseUrl('superuser', database) })
    await client.connect()
    try {
      return (await client.query(statement, values)).rows as Row[]
    } finally {
      await client.end()
    }
  }
  await sql(`alter database ${database} set synchronous_commit = on`)
  const env = {
    ...noLimits,
    ...cheapHashes,
    DATABASE_URL: databaseUrl('service', database),
    SECRET_KEYS: secretKeys,
    PUBLIC_URL: 'http://localhost',
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'Guildhall <no-reply@guildhall.example>'
  }
  return { database, sql, env }
}

/** Registers, proves and signs in somebody; answers everything about them that is nobody else's business. */
async function mainJob(url: string, email: string, mailed: () => Promise<string>) {
  const registered = await send(url, { path: '/v1/accounts', body: { ...registration, email } })
  const token = tokenIn(await mailed(), 'ghv')
  const verified = await send(url, { path: '/v1/email-verifications', body: { token } })
  const signedIn = await send(url, { path: '/v1/sessions', body: { email, password } })
  const { accessToken, refreshToken } = signedIn.json
  const me = await send(url, { path: '/v1/me', token: accessToken })
  return { answers: [registered, verified, signedIn, me], token, verified: verified.json, accessToken, refreshToken, me }
}

t.test('production refuses to start with a list of all that is wrong', async (t) => {
  const { database, sql, env } = await productionDatabase(t)
  const older = await productionDatabase(t)
  await sql(`insert into drizzle.__drizzle_migrations (hash, created_at, name) values ('', 0, '20990101000000_from_the_future')`)
  await older.sql(`delete from drizzle.__drizzle_migrations where name = (select max(name) from drizzle.__drizzle_migrations)`)

  const [empty, wrong, behind, absent, closed] = await Promise.all([
    run(t, ['src/main.ts'], { DATABASE_URL: databaseUrl('superuser', 'postgres') }).ended,
    run(t, ['src/main.ts'], {
      ...env,
      DATABASE_URL: databaseUrl('owner', database),
      SECRET_KEYS: `weak:${Buffer.alloc(32, 'secret').toString('base64')}`,
      PUBLIC_URL: 'http://guildhall.example',
      PORT: '70000'
    }).ended,
    run(t, ['src/main.ts'], older.env).ended,
    run(t, ['src/main.ts'], { ...env, DATABASE_URL: `postgres://somebody:a-password@127.0.0.1:${await freePort()}/guildhall` }).ended,
    run(t, ['src/main.ts'], { DATA_DIR: '/dev/null/data' }).ended
  ])
  const faults = (stderr: string): string[] => stderr.trim().split('\n').slice(1)
  for (const { code, stdout, stderr } of [empty, wrong, behind, absent, closed]) {
    t.equal(code, 1)
    t.equal(stdout, '')
    t.match(stderr, /^The service cannot start:\n {2}- /)
  }
  t.match(faults(empty.stderr), [
    '- SECRET_KEYS is missing: it peppers passwords and signs links',
    '- PUBLIC_URL is missing: it is the issuer of tokens',
    '- SMTP_URL is missing: nobody can prove an email without it',
    '- MAIL_FROM is missing: mails need a sender',
    '- synchronous_commit is off',
    '- the database role postgres is a superuser',
    '- the database has no tables yet: run `guildhall migrate`'
  ])
  t.equal(faults(empty.stderr).length, 7)
  t.match(faults(wrong.stderr), [
    '- PORT must be between 0 and 65535',
    '- PUBLIC_URL must be https',
    '- SECRET_KEYS holds a weak key (weak): it is not random',
    '- the database role guildhall_owner owns the tables',
    '- the database has migrations that this version does not know (20990101000000_from_the_future)'
  ])
  t.equal(faults(wrong.stderr).length, 5)
  t.notMatch(wrong.stderr, Buffer.alloc(32, 'secret').toString('base64'))
  t.match(faults(behind.stderr), [/^ {2}- 1 migrations are not applied \(\d{14}_\w+\): run `guildhall migrate`$/])
  t.match(faults(absent.stderr), ['- DATABASE_URL cannot be reached (ECONNREFUSED)'])
  t.notMatch(absent.stderr, 'a-password')
  t.match(faults(closed.stderr), ['- DATA_DIR cannot be used (ENOTDIR): name another folder, or set DATABASE_URL'])
})

t.test('npm start: an embedded database, keys and mails for the owner only, kept from start to start', async (t) => {
  const DATA_DIR = join(folder(t), 'data')
  const env = { ...cheapHashes, DATA_DIR }
  const first = await startService(t, env)
  const welcome = first.stdout()
  for (const line of [first.url, `${first.url}/docs`, `${first.url}/dev/mail`, first.metricsUrl, `${demo.email}  /  ${demo.password}`])
    t.match(welcome, line)
  const shown = /ACCESS=(ey[\w.-]+)/.exec(welcome)![1]!
  t.match(
    await send(first.url, { path: '/v1/me', token: shown }),
    { status: 200, json: { emails: [{ address: demo.email }] } },
    'the token on the terminal works'
  )

  if (spawnSync('curl', ['--version']).status === 0) {
    const lines = welcome
      .slice(welcome.indexOf('Demo person'))
      .split('\n')
      .filter((line) => line.startsWith('  '))
    const pasted = await text(spawn('bash', ['-c', lines.join('\n')]).stdout)
    const answers = pasted
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    t.match(
      answers,
      [
        { items: [{ kind: 'company', title: 'Okafor Studio' }] },
        { status: 409, code: 'contact_on_active_contracts', blockers: [{ resource: 'contract-1' }] },
        204,
        { status: 'accepted' },
        { account: { status: 'active' } },
        { firstName: 'Nora' },
        { refreshToken: /^ghr_/ },
        { code: 'refresh_token_reused' }
      ],
      'the printed lines show the refusal and do the main job'
    )
    t.equal(answers.length, 8)
  }

  const rosa = await mainJob(first.url, 'rosa@example.com', () =>
    until('the mail', async () => (await send(first.url, { path: '/dev/mail.json?to=rosa@example.com' })).json.items[0]?.text as string)
  )
  t.same(
    rosa.answers.map(({ status }) => status),
    [202, 200, 201, 200]
  )
  const mails = readdirSync(join(DATA_DIR, 'mail')).map((name) => join(DATA_DIR, 'mail', name))
  t.ok(mails.length > 0)
  for (const file of [join(DATA_DIR, 'secrets.json'), join(DATA_DIR, 'superuser-password'), ...mails])
    t.equal(statSync(file).mode & 0o777, 0o600, file)

  const [second, created, migrated, seeded] = await Promise.all([
    run(t, ['src/main.ts'], { ...env, PORT: '0', METRICS_PORT: '0' }).ended,
    guildhall(t, ['service-client', 'create', '--name', 'jobs', '--scope', 'access.evaluate,contracts.write', '--json'], env),
    guildhall(t, ['migrate'], env),
    guildhall(t, ['seed', '--json'], env)
  ])
  t.match(second, {
    code: 1,
    stderr: `Another Guildhall (pid ${first.child.pid}) already runs on this DATA_DIR: ${DATA_DIR}\n`,
    stdout: ''
  })
  t.match(migrated, { code: 0, stdout: 'migrated: true\n', stderr: '' })
  t.match(seeded, { code: 0, stdout: '{"seeded":true}\n', stderr: '' }, 'nothing is seeded twice')
  const client = JSON.parse(created.stdout)
  t.same([created.code, created.stderr, Object.keys(client)], [0, '', ['clientId', 'clientSecret']])
  const form = { grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.clientSecret }
  t.match(
    await send(first.url, { path: '/v1/oauth/token', form }),
    { status: 200, json: { scope: 'access.evaluate contracts.write' } },
    'while the service runs'
  )
  t.match(await send(first.url, { path: '/health/ready' }), { status: 200 }, 'the service is unharmed by all of these')

  // As a terminal and npm do it, one right after the other.
  first.child.kill('SIGINT')
  await delay(30)
  const stopped = await first.kill('SIGINT')
  t.equal(stopped.code, 0)
  t.equal(stopped.stderr, '')
  t.ok(stopped.ms < 10_000)

  // On the port it had, since that is part of who signed the tokens.
  const again = await startService(t, { ...env, PORT: new URL(first.url).port })
  t.same((await send(again.url, { path: '/v1/me', token: rosa.accessToken })).json, rosa.me.json, 'people, sessions and keys are the same')
  t.equal((await send(again.url, { path: '/v1/sessions', body: demo })).status, 201)
  // The database is left behind; the next to come ends it, and finds all of it.
  await again.kill('SIGKILL')
  const verified = await guildhall(t, ['audit', 'verify', '--json'], env)
  t.match([verified.code, JSON.parse(verified.stdout)], [0, { faults: [], ok: true }], 'without the service')
  t.ok(JSON.parse(verified.stdout).events > 12)
})

t.test('one service in production, from its start to its end', async (t) => {
  const { database, env, sql } = await productionDatabase(t)
  const mail = await mailServer(t)
  // Writes down what was loaded.
  const modules = join(folder(t), 'modules')
  const recorder = `import { registerHooks } from 'node:module'; import { writeFileSync } from 'node:fs'; const urls = new Set()
    registerHooks({ load (url, context, next) { urls.add(url); return next(url, context) } })
    process.on('exit', () => writeFileSync(${JSON.stringify(modules)}, [...urls].join('\\n')))`
  const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(recorder)}`]
  const service = await startService(
    t,
    { ...env, SMTP_URL: mail.url, SHUTDOWN_SECONDS: '8', LOCK_TIMEOUT_MS: '5000', STATEMENT_TIMEOUT_MS: '5000' },
    nodeArgs
  )
  const { url } = service

  await t.test('the command line', async (t) => {
    const command = (...args: string[]) => guildhall(t, [...args, '--json'], env)
    const [operator, other, help, unknown, badScope, badFlag, production, absent, generated] = await Promise.all([
      command('operator', 'create', '--email', 'Olga@example.com'),
      command('service-client', 'create', '--name', 'jobs', '--scope', 'access.evaluate', '--scope', 'events.read'),
      guildhall(t, ['--help'], {}),
      command('operator', 'destroy'),
      command('service-client', 'create', '--name', 'jobs', '--scope', 'everything'),
      command('audit', 'verify', '--loud'),
      command('seed'),
      command('client', 'disable', '--id', 'service_01k2v5q0n4eqyba3w1k1m3h1yb'),
      guildhall(t, ['keys', 'generate', '--id', 'next', '--json'], {})
    ])
    t.match(help, { code: 0, stdout: /^guildhall <command>\n/, stderr: '' })
    for (const [{ code, stdout, stderr }, message] of [
      [unknown, 'There is no command "operator destroy".'],
      [badScope, '--scope everything is not known'],
      [badFlag, "Unknown option '--loud'"],
      [production, 'The demo world is for the embedded database']
    ] as const) {
      t.same([code, stdout], [1, ''])
      t.match(stderr, message)
      t.match(stderr, 'guildhall <command>')
    }
    t.match(absent, { code: 1, stdout: '', stderr: /^not_found: / })
    t.match(JSON.parse(generated.stdout), { entry: /^next:[\w+/]{43}=$/ })
    t.same(Object.keys(JSON.parse(operator.stdout)), ['clientId', 'clientSecret'])

    const tokenOf = async ({ clientId, clientSecret }: { clientId: string; clientSecret: string }): Promise<Answer> =>
      send(url, { path: '/v1/oauth/token', form: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret } })
    const granted = await tokenOf(JSON.parse(operator.stdout))
    t.equal((await send(url, { path: '/v1/accounts?email=olga@example.com', token: granted.json.access_token })).status, 200)

    const old = JSON.parse(other.stdout)
    const rotated = JSON.parse((await command('client', 'rotate-secret', '--id', old.clientId)).stdout)
    t.equal(rotated.clientId, old.clientId)
    t.not(rotated.clientSecret, old.clientSecret)
    t.same([(await tokenOf(old)).status, (await tokenOf(rotated)).status], [200, 200], 'both secrets are live')
    t.match(await command('client', 'drop-old-secret', '--id', old.clientId), { code: 0, stdout: `{"clientId":"${old.clientId}"}\n` })
    t.same([(await tokenOf(old)).status, (await tokenOf(rotated)).status], [401, 200], 'only the newest')
    t.match(await command('client', 'disable', '--id', old.clientId), { code: 0, stdout: `{"clientId":"${old.clientId}"}\n` })
    t.equal((await tokenOf(rotated)).status, 401)

    const jwks = async () =>
      (await send(url, { path: '/.well-known/jwks.json' })).json.keys.map(({ kid }: { kid: string }) => kid) as string[]
    const before = await jwks()
    const [early, forced] = [await command('keys', 'rotate'), await command('keys', 'rotate', '--force')]
    t.match(early, { code: 1, stdout: '', stderr: /published for less than 24 hours/ })
    const keys = JSON.parse(forced.stdout)
    t.same([forced.code, Object.keys(keys)], [0, ['next', 'current', 'previous']])
    t.same([...before].sort(), [keys.current, keys.previous].sort(), 'the next key is current, and the current one previous')

    t.match(await command('audit', 'verify'), { code: 0 })
    // What only a superuser can do, and the audit shows.
    await sql(`set session_replication_role = replica; update audit_events set action = 'client.created' where action = 'client.disabled'`)
    const tampered = await guildhall(t, ['audit', 'verify'], env)
    t.match(tampered, { code: 1, stdout: /^faults: \n {2}system \S+: number \d+ was changed$/m, stderr: '' })
  })

  const email = 'Secret.Person@example.com'
  const job = await mainJob(url, email, () => until('the mail', () => mail.mails[0]?.text))
  const { session } = job.verified
  const secrets = [email, email.toLowerCase(), 'Okafor', password, job.token, job.accessToken, job.refreshToken, env.SECRET_KEYS]
  await t.test('the main job by mail, and metrics on a port of their own', async (t) => {
    t.same(
      job.answers.map(({ status }) => status),
      [202, 200, 201, 200]
    )
    const refreshed = await send(url, {
      path: '/v1/sessions/refresh',
      body: { refreshToken: job.refreshToken },
      headers: { 'idempotency-key': 'a-secret-of-the-client' }
    })
    const reset = await send(url, { path: '/v1/password-resets', body: { email } })
    const resetToken = tokenIn(await until('the reset mail', () => mail.mails.find(({ text }) => /ghp_/.test(text!))?.text), 'ghp')
    const refused = await Promise.all([
      send(url, { path: '/v1/sessions', body: { email, password: 'not the password at all' } }),
      send(url, { path: `/v1/sessions?password=${encodeURIComponent(password)}`, body: { email, password, more: resetToken } }),
      send(url, { path: `/v1/password-resets/${resetToken}` }),
      send(url, { path: '/v1/password-resets/confirm', body: { token: resetToken, password: 'short' } }),
      send(url, { path: '/v1/me', token: `${job.accessToken}x` }),
      send(url, {
        path: '/v1/me',
        headers: { authorization: `Basic ${password}`, cookie: `__Host-refresh=${job.refreshToken}`, 'user-agent': email }
      }),
      send(url, { path: '/v1/sessions/refresh', body: { refreshToken: job.refreshToken } }),
      // Postgres quotes such a value in its message.
      send(url, { path: `/v1/me/sessions?cursor=${email}`, token: job.verified.session.accessToken })
    ])
    secrets.push(
      'not the password',
      session.accessToken,
      session.refreshToken,
      refreshed.json.refreshToken,
      resetToken,
      'a-secret-of-the-client'
    )
    t.same(
      [refreshed, reset, ...refused].map(({ status }) => status),
      [200, 202, 401, 400, 404, 422, 401, 401, 401, 400]
    )

    const metrics = await send(service.metricsUrl, { path: '' })
    t.match(metrics, { status: 200, headers: { 'content-type': /^text\/plain/ } })
    for (const line of [
      /^guildhall_http_request_duration_seconds_count\{method="POST",route="\/v1\/accounts",status="202"\} 1$/m,
      /^guildhall_http_request_duration_seconds_bucket\{le="0.005",method="GET",route="\/v1\/me",status="200"\} \d$/m,
      /^guildhall_pool_connections [1-9]/m,
      /^guildhall_pool_waiting 0$/m,
      /^guildhall_hash_queue_waiting 0$/m,
      /^guildhall_outbox_mails\{status="parked"\} 0$/m,
      /^guildhall_outbox_lag_seconds \d/m,
      /^nodejs_eventloop_lag_p99_seconds \d/m
    ]) {
      t.match(metrics.text, line)
    }
    t.equal((await send(url, { path: '/metrics' })).status, 404, 'not for the world')
    t.equal((await send(service.metricsUrl.replace('/metrics', ''), { path: '/health/live' })).status, 404, 'nor the other way round')
    for (const secret of secrets) t.notOk(metrics.text.includes(secret))
  })

  await t.test('SIGTERM under load: every request that was taken is answered, also on connections that were idle', async (t) => {
    const answers: Answer[] = []
    const client = async (step: (agent: Agent) => Promise<Answer>): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      t.teardown(() => agent.destroy())
      for (let answer: Answer | undefined; answer?.status !== 0; ) answers.push((answer = await step(agent)))
    }
    const clients = [
      ...Array.from({ length: 12 }, () => client((agent) => send(url, { path: '/v1/me', token: session.accessToken, agent }))),
      ...Array.from({ length: 3 }, () =>
        client((agent) =>
          send(url, { path: '/v1/accounts', body: { ...registration, email: `${randomBytes(8).toString('hex')}@example.com` }, agent })
        )
      )
    ]
    const idle = new Agent({ keepAlive: true, maxSockets: 1 })
    t.teardown(() => idle.destroy())
    await send(url, { path: '/health/live', agent: idle })

    // A request that waits for a lock when the signal comes.
    const locker = new pg.Client({ connectionString: databaseUrl('superuser', database) })
    await locker.connect()
    await until('the load is there', () => answers.length > 100)
    await locker.query('begin')
    await locker.query('select from accounts where id = (select account_id from emails where address = $1) for update', [email])
    let slow: Promise<Answer> | undefined
    let refusal: Answer | undefined
    const ask = async (): Promise<Answer> => {
      const answer = await send(url, {
        method: 'PATCH',
        path: '/v1/me',
        body: { firstName: 'Olga Maria' },
        headers: { 'if-match': String(job.me.headers.etag) },
        token: session.accessToken,
        agent: new Agent({ keepAlive: true })
      })
      refusal = answer
      return answer
    }
    await until('the slow request waits', async () => {
      // Under load a slow machine may have no connection to the database for it: then it is asked again, like by any client.
      if (refusal && refusal.status !== 503) throw new Error(`The slow request was answered: ${refusal.status} ${refusal.text}`)
      if (refusal) slow = undefined
      refusal = undefined
      slow ??= ask()
      return (await locker.query('select from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))')).rowCount
    })

    const stopping = service.kill('SIGTERM')
    // Asked until it is so: when the signal arrives is up to the machine.
    await until('no new connections', async () => (await send(url, { path: '/health/live' })).error === 'ECONNREFUSED')
    const late = await send(url, { path: '/health/ready', agent: idle })
    t.match(late, { status: 503, headers: { connection: 'close' }, json: { status: 'stopping' } }, 'an idle connection is heard once more')
    await Promise.all(clients)
    await locker.query('commit')
    await locker.end()
    t.match(await slow, { status: 200, headers: { connection: 'close' }, json: { firstName: 'Olga Maria' } }, 'a slow request is finished')
    const { code, ms, stderr } = await stopping
    t.same([code, stderr], [0, ''])
    t.ok(ms < 8000, `${ms} ms`)
    const outcomes = new Set(answers.map(({ status, error }) => error ?? status))
    t.same([...outcomes].sort(), [200, 202, 'ECONNREFUSED'])
    t.equal(answers.filter(({ error }) => error === 'ECONNREFUSED').length, clients.length)
  })

  await t.test('logs are JSON without a secret, and no tracing code was loaded', async (t) => {
    const { stdout } = await service.ended
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    t.ok(lines.length > 15)
    const shape = ({ level, time, msg }: Record<string, string>): boolean =>
      /^(info|warn|error)$/.test(level!) && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time!) && typeof msg === 'string'
    t.same(
      lines.filter((line) => !shape(line)),
      []
    )
    t.match(
      lines.find(({ route }) => route === '/v1/sessions/refresh'),
      { msg: 'request', method: 'POST', status: 200, reqId: String, ms: Number }
    )
    t.equal(secrets.length, 14)
    for (const secret of secrets) t.notOk(stdout.includes(secret), `${secret.slice(0, 12)}… is nowhere`)

    const loaded = readFileSync(modules, 'utf8')
      .split('\n')
      .filter((file) => /opentelemetry\/(?!api\/)|@fastify\/otel/.test(file))
    t.same(loaded, [])
  })
})

t.test(
  'tracing: a span in the trace of the caller reaches the collector; a collector and a mail server that hang hold up no stop',
  async (t) => {
    const { env, sql } = await productionDatabase(t)
    const mail = await mailServer(t)
    mail.mood = 'hold'
    // biome-ignore lint/suspicious/noExplicitAny: OTLP as JSON
    const spans: any[] = []
    let hangs = false
    const collector = createServer((request, response) => {
      if (hangs) return
      void text(request).then((body) => {
        for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans)
          for (const one of scopeSpans) for (const span of one.spans) spans.push({ ...span, resource })
        response.end('{}')
      })
    }).listen(0, '127.0.0.1')
    t.teardown(() => {
      collector.closeAllConnections()
      collector.close()
    })
    await until('the collector', () => collector.listening)
    const service = await startService(t, {
      ...env,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      SMTP_URL: mail.url,
      SHUTDOWN_SECONDS: '6'
    })
    const traceId = randomBytes(16).toString('hex')
    const parentSpanId = randomBytes(8).toString('hex')
    await send(service.url, { path: '/v1/me', headers: { traceparent: `00-${traceId}-${parentSpanId}-01` } })
    const span = await until('the span', () => spans.find((one) => one.traceId === traceId && one.parentSpanId === parentSpanId))
    // biome-ignore lint/suspicious/noExplicitAny: OTLP as JSON
    const attributes = Object.fromEntries(span.attributes.map(({ key, value }: any) => [key, value.stringValue ?? value.intValue]))
    t.match(attributes, { 'http.route': '/v1/me', 'http.request.method': 'GET', 'http.response.status_code': 401 })
    t.match(span.resource.attributes, [{ key: 'service.name', value: { stringValue: 'guildhall' } }])

    hangs = true
    await send(service.url, { path: '/v1/accounts', body: { ...registration, email: 'nora@example.com' } })
    await until('the mail is on its way', () => mail.offered.length === 1)
    const { code, ms } = await service.kill('SIGTERM')
    t.equal(code, 0)
    t.ok(ms < 6000, `${ms} ms`)
    t.same(await sql('select status from outbox'), [{ status: 'waiting' }], 'the mail is sent after the next start')
  }
)

t.test('a stop that takes too long ends in time, and a second signal ends it at once', async (t) => {
  const { database, env } = await productionDatabase(t)
  const slow = { ...env, LOCK_TIMEOUT_MS: '20000', STATEMENT_TIMEOUT_MS: '20000', WORKER: 'false' }
  const [limited, patient] = await Promise.all([
    startService(t, { ...slow, SHUTDOWN_SECONDS: '1' }),
    startService(t, { ...slow, SHUTDOWN_SECONDS: '60' })
  ])
  const locker = new pg.Client({ connectionString: databaseUrl('superuser', database) })
  await locker.connect()
  t.teardown(() => locker.end())
  await locker.query('begin; lock table outbox')
  const cut = [limited, patient].map(({ url }) => send(url, { path: '/v1/password-resets', body: { email: 'nora@example.com' } }))
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = $1`
  await until('both requests wait', async () => (await locker.query(waiting, [database])).rowCount === 2)

  const [tooLong, twice] = await Promise.all([
    limited.kill('SIGTERM'),
    (async () => {
      void patient.kill('SIGTERM')
      await until('it stops', () => patient.stdout().includes('"msg":"stopping"'))
      // Any sooner, a second signal counts as the same one.
      await delay(700)
      return patient.kill('SIGINT')
    })()
  ])
  t.equal(tooLong.code, 1)
  t.ok(tooLong.ms >= 1000 && tooLong.ms < 3000, `${tooLong.ms} ms`)
  t.match(tooLong.stdout, '"msg":"the stop took too long"')
  t.equal(twice.code, 1)
  t.ok(twice.ms < 1000, `${twice.ms} ms`)
  for (const { status } of await Promise.all(cut)) t.equal(status, 0)
  await locker.query('rollback')
})
