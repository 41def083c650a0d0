import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { prepareLocalDatabase } from '../../src/db/local.ts'
import { migrateDatabase } from '../../src/db/migrate.ts'
import {
  type Answer,
  cheapHashes,
  freePort,
  guildhall,
  mailServer,
  noLimits,
  type Sent,
  type Service,
  secretKeys,
  send,
  startService,
  until
} from '../support/process.ts'
import { long, registration } from '../support/world.ts'

if (long) t.setTimeout(600_000)

// A Postgres of its own, since it is stopped and killed here, on one port, so that it comes back where it was.
const directory = mkdtempSync(join(tmpdir(), 'guildhall-faults-'))
chmodSync(directory, 0o711)
t.teardown(() => rmSync(directory, { recursive: true, force: true }))
const databasePort = await freePort()
const startDatabase = () => startEmbeddedPostgres({ directory, durable: false, port: databasePort, settings: { synchronous_commit: 'on' } })
let database = await startDatabase()
t.teardown(() => database.stop())
const { ownerUrl, serviceUrl } = await prepareLocalDatabase(database, directory)
await migrateDatabase(ownerUrl, serviceUrl)
const superuserUrl = database.url({ role: 'postgres', password: new URL(database.url()).password, database: 'guildhall' })

const mail = await mailServer(t)
const environment = {
  ...noLimits,
  ...cheapHashes,
  DATABASE_URL: serviceUrl,
  SECRET_KEYS: secretKeys,
  PUBLIC_URL: 'http://localhost',
  SMTP_URL: mail.url,
  MAIL_FROM: 'Guildhall <no-reply@guildhall.example>',
  SESSIONS_PER_ACCOUNT: '100',
  // Longer than the longest run.
  ACCESS_TOKEN_SECONDS: '3600',
  REAUTHENTICATION_SECONDS: '3600',
  PORT: String(await freePort()),
  METRICS_PORT: String(await freePort())
}
// Of the whole file: a process ends with the test that started it.
const suite = t
let service: Service = await startService(suite, environment)
const { url } = service

/** A statement of the superuser, on a connection of its own. */
async function sql<Row>(statement: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    return (await client.query(statement, values)).rows as Row[]
  } finally {
    await client.end()
  }
}

const { password } = registration
const fresh = (name: string): string => `${name}-${randomUUID()}@example.com`
const mailTo = (email: string) => mail.mails.find(({ to }) => to?.some(({ address }) => address === email))
const allArrived = (emails: string[]): boolean => {
  const arrived = new Set(mail.mails.flatMap(({ to }) => to?.map(({ address }) => address)))
  return emails.every((email) => arrived.has(email))
}
const register = (email: string, headers: Record<string, string> = {}) =>
  send(url, { path: '/v1/accounts', body: { ...registration, email }, headers })

interface Person {
  email: string
  password: string
  accessToken: string
  refreshToken: string
}

/** Somebody registered, proven and signed in. */
async function person(name: string): Promise<Person> {
  const email = fresh(name)
  await register(email)
  const { text } = await until(`a mail to ${email}`, () => mailTo(email))
  const verified = await send(url, { path: '/v1/email-verifications', body: { token: /ghv_[\w-]+/.exec(text!)![0] } })
  return { email, password, ...verified.json.session }
}

interface Noted {
  kind: string
  at: number
  status: number
  error: string | undefined
  retryAfter: unknown
  code: string | undefined
}

/** Clients that do one thing after another until stopped, each on a connection that it keeps; what fails is tried again as a good client does. */
async function startLoad() {
  const noted: Noted[] = []
  const registered: string[] = []
  const sessions: string[] = []
  let stopping = false

  async function attempt(kind: string, agent: Agent, sent: Sent, known: number[] = []): Promise<Answer> {
    const answer = await send(url, { ...sent, agent })
    const expected = answer.status >= 200 && answer.status < 300
    if (!known.includes(answer.status)) {
      noted.push({
        kind,
        at: performance.now(),
        status: answer.status,
        error: answer.error,
        retryAfter: answer.headers['retry-after'],
        code: answer.json?.code
      })
    }
    // A good client waits as it is told; these are impatient, so that they meet every moment of an outage.
    await delay(expected ? 5 : 20)
    return answer
  }

  /** The same request under the same key until it is answered. */
  async function insist(kind: string, agent: Agent, sent: Sent): Promise<Answer | undefined> {
    const headers = { 'idempotency-key': randomUUID() }
    while (!stopping) {
      const answer = await attempt(kind, agent, { ...sent, headers })
      if (answer.status !== 0 && answer.status !== 503 && answer.json?.code !== 'idempotency_in_progress') return answer
    }
    return undefined
  }

  const people = await Promise.all(['Reader', 'Signer', 'Refresher', 'Refresher', 'Changer'].map(person))
  const [reader, signer, refresher, otherRefresher, changer] = people as [Person, Person, Person, Person, Person]

  const loops = {
    async register(agent: Agent) {
      const email = fresh('load')
      const answer = await insist('register', agent, { path: '/v1/accounts', body: { ...registration, email } })
      if (answer?.status === 202) registered.push(email)
    },
    async read(agent: Agent) {
      await attempt('read', agent, { path: '/v1/me', token: reader.accessToken })
    },
    async signIn(agent: Agent) {
      const answer = await attempt('signIn', agent, { path: '/v1/sessions', body: { email: signer.email, password } })
      if (answer.status === 201) sessions.push(answer.json.accessToken)
      // Fewer than an account may have: beyond that the oldest is ended for the next.
      if (sessions.length > 60) sessions.shift()
    },
    refresh: (who: Person) => async (agent: Agent) => {
      const answer = await insist('refresh', agent, { path: '/v1/sessions/refresh', body: { refreshToken: who.refreshToken } })
      if (answer?.status === 200) who.refreshToken = answer.json.refreshToken
    },
    async changePassword(agent: Agent) {
      const newPassword = `tulip anchor museum ${randomUUID()}`
      for (let unknown = false; !stopping; ) {
        const body = { currentPassword: changer.password, newPassword }
        // Whether a change without an answer happened shows when it is tried again.
        const answer = await attempt(
          'changePassword',
          agent,
          { method: 'PUT', path: '/v1/me/password', token: changer.accessToken, body },
          unknown ? [401] : []
        )
        if (answer.status === 204 || (unknown && answer.json?.code === 'invalid_credentials')) {
          changer.password = newPassword
          return
        }
        unknown = true
      }
    }
  }
  const clients = [
    loops.register,
    loops.register,
    loops.read,
    loops.signIn,
    loops.refresh(refresher),
    loops.refresh(otherRefresher),
    loops.changePassword
  ].map(async (step) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!stopping) await step(agent)
    agent.destroy()
  })
  const kinds = ['register', 'read', 'signIn', 'refresh', 'changePassword']

  return {
    noted,
    registered,
    /** Waits until everything that is done succeeds again; answers how long after the moment the last failure was. */
    async settled(since: number): Promise<number> {
      const good = (one: Noted): boolean => one.status >= 200 && one.status < 300
      const lastFailure = (): number => noted.findLast((one) => !good(one))?.at ?? 0
      await until(
        'all kinds of requests succeed',
        () =>
          kinds.every(
            (kind) => noted.filter((one) => one.kind === kind && one.at > Math.max(since, lastFailure()) && good(one)).length >= 3
          ),
        30
      )
      return Math.max(0, lastFailure() - since) / 1000
    },
    /** Stops, and holds what was acknowledged against what is there. */
    async stop(t: Test, mayBreak: (one: Noted) => boolean = () => false): Promise<void> {
      stopping = true
      await Promise.all(clients)
      const bad = noted.filter(
        (one) =>
          !(one.status >= 200 && one.status < 300) &&
          !(one.status === 503 && Number(one.retryAfter) >= 1) &&
          !(one.status === 0 && mayBreak(one))
      )
      t.same(bad.slice(0, 5), [], 'what fails is 503 with Retry-After')
      const found = await sql<{ address: string }>('select address from emails where address = any($1)', [registered])
      t.equal(found.length, registered.length, 'every registration is there')
      const lives = await Promise.all(sessions.map((token) => send(url, { path: '/v1/me', token })))
      t.same(
        lives.filter(({ status }) => status !== 200),
        [],
        'every session is there'
      )
      for (const { refreshToken } of [refresher, otherRefresher])
        t.match(
          await send(url, { path: '/v1/sessions/refresh', body: { refreshToken } }),
          { status: 200 },
          'the last refresh token is good'
        )
      t.match(
        await send(url, { path: '/v1/sessions', body: { email: changer.email, password: changer.password } }),
        { status: 201 },
        'the last password is good'
      )
      t.ok(sessions.length > 0 && registered.length > 0)
    }
  }
}

/** As if the time had passed after which a mail that nobody sends is queued again. */
async function recoverMails(): Promise<void> {
  await sql(`update outbox set leased_until = now(), created_at = created_at - interval '1 hour' where status = 'waiting'`)
  await sql(`select graphile_worker.add_job('recover_mails')`)
}

/** Ends Postgres as a crash does; it recovers from its log at the next start. */
async function killDatabase(): Promise<void> {
  const ended = new Promise((resolve) => database.onExit(resolve))
  process.kill(Number.parseInt(readFileSync(join(directory, 'postgres', 'postmaster.pid'), 'utf8'), 10), 'SIGKILL')
  await ended
}

t.test('all connections of the service are cut under load: nothing acknowledged is lost, and it goes on at once', async (t) => {
  const load = await startLoad()
  await load.settled(0)
  for (let burst = 0; burst < (long ? 100 : 3); burst++) {
    await delay(200 + (long ? Math.random() * 300 : 0))
    const ours = `from pg_stat_activity where application_name like 'guildhall%'`
    await until('there is something to cut', async () => (await sql(`select ${ours}`)).length >= 3)
    await sql(`select pg_terminate_backend(pid) ${ours}`)
  }
  const seconds = await load.settled(performance.now())
  t.ok(seconds < 5, `recovered after ${seconds.toFixed(2)} s`)
  await load.stop(t)
  t.equal(service.child.exitCode, null)
})

t.test(
  'Postgres is stopped and started under load: 503 with Retry-After on every route meanwhile, and it recovers by itself',
  async (t) => {
    const olga = await person('Olga')
    const operator = JSON.parse((await guildhall(t, ['operator', 'create', '--email', fresh('operator'), '--json'], environment)).stdout)
    const granted = await send(url, {
      path: '/v1/oauth/token',
      form: { grant_type: 'client_credentials', client_id: operator.clientId, client_secret: operator.clientSecret }
    })
    const { paths } = (await send(url, { path: '/openapi.json' })).json
    const load = await startLoad()
    await load.settled(0)

    await database.stop()
    await until('the service notices', async () => (await send(url, { path: '/health/ready' })).status === 503)
    t.match(await send(url, { path: '/health/live' }), { status: 200, json: { status: 'live' } })
    t.match(await send(url, { path: '/health/ready' }), {
      status: 503,
      headers: { 'retry-after': /^\d+$/ },
      json: { status: 'unavailable' }
    })
    const metrics = await send(service.metricsUrl, { path: '' })
    t.equal(metrics.status, 200)
    t.ok(/^guildhall_outbox_lag_seconds Nan$/m.test(metrics.text), 'what the database would know is left open')

    let asked = 0
    // biome-ignore lint/suspicious/noExplicitAny: the OpenAPI document
    for (const [path, operations] of Object.entries<any>(paths)) {
      // biome-ignore lint/suspicious/noExplicitAny: the OpenAPI document
      for (const [method, operation] of Object.entries<any>(operations)) {
        const [type, content] = Object.entries<{ example: Record<string, string> }>(operation.requestBody?.content ?? {})[0] ?? []
        const scheme = Object.keys(operation.security[0] ?? {})[0]
        const example = operation.operationId === 'refreshSession' ? { refreshToken: olga.refreshToken } : content?.example
        const answer = await send(url, {
          method: method.toUpperCase(),
          path:
            path.replace('{email}', encodeURIComponent(olga.email)).replace(/\{\w+\}/, 'current') +
            (operation.operationId === 'searchAccounts' ? `?email=${olga.email}` : ''),
          ...(type === 'application/json' ? { body: example } : content ? { form: content.example } : {}),
          ...(scheme ? { token: scheme === 'operatorToken' ? granted.json.access_token : olga.accessToken } : {}),
          headers: { 'if-match': '"1"' }
        })
        const name = `${method} ${path}`
        if (path.startsWith('/.well-known/') || path === '/v1/permissions') t.equal(answer.status, 200, `${name} needs no database`)
        // What it says needs none either, but whoever asks is counted.
        else if (path === '/v1/enforcement-reasons') t.ok([200, 503].includes(answer.status), name)
        else
          t.match(
            answer,
            {
              status: 503,
              headers: { 'retry-after': /^[1-9]\d*$/, 'content-type': /^application\/problem\+json/ },
              json: { code: 'service_unavailable' }
            },
            name
          )
        asked++
      }
    }
    t.ok(asked >= 28)
    for (const path of ['/', '/docs/', '/openapi.json', '/problems/not_found', '/verify-email'])
      t.equal((await send(url, { path })).status, 200, path)

    for (let round = 0; ; round++) {
      database = await startDatabase()
      const seconds = await load.settled(performance.now())
      t.ok(seconds < 5, `recovered after ${seconds.toFixed(2)} s`)
      await until('it is ready again', async () => (await send(url, { path: '/health/ready' })).status === 200, 5)
      if (round >= (long ? 12 : 1)) break
      // Without a word to anybody, as when its machine loses power.
      if (round % 2 === 0) await killDatabase()
      else await database.stop()
      await delay(Math.random() * 500)
    }
    await load.stop(t)
    t.equal(service.child.exitCode, null)
    await delay(300)
    await recoverMails()
    await until('a mail for every registration', () => allArrived(load.registered), long ? 120 : 30)
  }
)

t.test('the service is killed under load, with mails on their way, and started again: nothing acknowledged is lost', async (t) => {
  const load = await startLoad()
  await load.settled(0)
  const outages: Array<{ from: number; until: number }> = []
  const cut: string[] = []
  for (let round = 0; round < (long ? 12 : 1); round++) {
    mail.mood = 'hold'
    const before = mail.offered.length
    await until('mails are being sent', () => mail.offered.length >= before + 4)
    const from = performance.now()
    t.equal((await service.kill('SIGKILL')).signal, 'SIGKILL')
    cut.push(...mail.offered.slice(before))
    mail.mood = 'take'
    await recoverMails()
    service = await startService(suite, environment)
    outages.push({ from, until: performance.now() + 1000 })
    const seconds = await load.settled(from)
    t.ok(seconds < 5, `recovered after ${seconds.toFixed(2)} s`)
  }
  await load.stop(t, ({ at }) => outages.some(({ from, until }) => at > from && at < until))

  await until('a mail for every registration', () => allArrived(load.registered), long ? 120 : 30)
  t.same(
    cut.filter((id) => !mail.mails.some(({ messageId }) => messageId === id)),
    [],
    'mails that were cut off arrive under the same Message-ID'
  )
})

t.test('the mail server is down and comes back: mails arrive, sent again under the same Message-ID', async (t) => {
  await mail.stop()
  const late = fresh('late')
  await register(late)
  await until('a try', async () => (await sql('select from outbox where attempts > 0 and last_error is not null')).length > 0)
  await mail.start()
  await until('the mail', () => mailTo(late))

  mail.mood = 'hangUp'
  const cut = fresh('cut')
  await register(cut)
  const first = await until('the mail', () => mailTo(cut))
  mail.mood = 'take'
  const again = await until('the same mail', () => mail.mails.filter(({ messageId }) => messageId === first.messageId)[1])
  t.match(again, { to: first.to, subject: first.subject })
  await until('nothing waits', async () => (await sql(`select from outbox where status = 'waiting'`)).length === 0)
  t.equal(mail.mails.filter(({ messageId }) => messageId === first.messageId).length, 2)
})

t.test('the logs of all this are JSON lines', async (t) => {
  const { stdout, stderr, code } = await service.kill('SIGTERM')
  t.equal(code, 0)
  t.equal(stderr, '')
  t.doesNotThrow(() =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  )
})
