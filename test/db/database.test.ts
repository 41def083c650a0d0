import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import pino from 'pino'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { unheard } from '../../src/db/changes.ts'
import { type Database, type DatabaseOptions, openDatabase, openPool, rows, varied } from '../../src/db/database.ts'
import { databaseFailure, isConnectionLost, loggable } from '../../src/db/errors.ts'
import { openMemory } from '../../src/db/memory.ts'
import { databaseOptions } from '../../src/db/options.ts'
import { rateLimits } from '../../src/http/rate-limits.ts'
import { logOptions } from '../../src/log.ts'
import type { Parts } from '../../src/parts.ts'
import { authenticator } from '../../src/sessions/authenticate.ts'
import { problemFault } from '../support/problems.ts'
import { databaseUrl, openWorld } from '../support/world.ts'

interface Test {
  teardown: (work: () => unknown) => void
}

const world = await openWorld(t)
const olga = await world.person('Olga')
const quiet = { warn: () => undefined }
const url = databaseUrl('service', world.database)
const settings = (options: Partial<DatabaseOptions> = {}): DatabaseOptions => ({ ...databaseOptions(world.config, url, quiet), ...options })

function open(t: Test, options: Partial<DatabaseOptions> = {}): Database {
  const db = openDatabase(settings(options))
  t.teardown(() => db.close())
  return db
}

/** The service on another database connection. */
async function serveOn(t: Test, db: Database, log = pino({ level: 'silent' })) {
  const parts: Parts = {
    ...world.parts,
    db,
    limits: rateLimits(db.pipeline, world.config.keys),
    authenticate: authenticator(db, world.parts.signing, world.config.keys, openMemory(unheard, 0))
  }
  const app = await buildApp(parts, { log, strict: true })
  t.teardown(() => app.close())
  return app
}

const names = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
  'default_transaction_isolation',
  'TimeZone',
  'application_name'
]
const ask = `select ${names.map((name) => `current_setting('${name}') as "${name}"`).join()}`

t.test('the time-outs are in force on every connection, whoever asks for it', async (t) => {
  const forced = (role: string, statement = '3s') => ({
    statement_timeout: statement,
    lock_timeout: '1s',
    idle_in_transaction_session_timeout: '5s',
    transaction_timeout: statement === '30s' ? '1min' : '10s',
    default_transaction_isolation: 'read committed',
    TimeZone: 'UTC',
    application_name: `guildhall ${role}`
  })
  const { db } = world.parts
  t.match((await db.pool.query(ask)).rows, [forced('requests')])
  t.match(await db.pipeline.run({ name: 'settings', text: ask }, []), [forced('pipeline')])
  t.match(
    await db.transaction((tx) =>
      rows(tx, sql`select current_setting('transaction_isolation') as level, current_setting('statement_timeout') as statement`)
    ),
    [{ level: 'read committed', statement: '3s' }]
  )
  const worker = openPool(settings({ statementTimeoutMs: 30_000 }), 'worker', 1)
  t.match((await worker.query(ask)).rows, [forced('worker', '30s')])
  await worker.end()
})

t.test(
  '503: a statement, a lock or a pause in a transaction that takes too long ends, and the connection is not stuck with it',
  async (t) => {
    const db = open(t, { poolSize: 1, statementTimeoutMs: 150, lockTimeoutMs: 40, idleInTransactionTimeoutMs: 40 })
    const busy = { code: 'service_unavailable', options: { retryAfter: 2 } }
    await t.rejects(
      db.transaction((tx) => tx.execute(sql`select pg_sleep(9)`)),
      busy,
      'a statement'
    )
    await t.rejects(db.pipeline.run({ name: 'sleep', text: 'select pg_sleep(9)' }, []), busy, 'a hot read')
    await world.parts.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(1)`)
      await t.rejects(
        db.transaction((other) => other.execute(sql`select pg_advisory_xact_lock(1)`)),
        busy,
        'a lock'
      )
    })
    const paused = db.transaction(async (tx) => {
      await tx.execute(sql`select 1`)
      await new Promise((resolve) => setTimeout(resolve, 120))
      await tx.execute(sql`select 2`)
    })
    await t.rejects(paused, busy, 'a pause')
    t.equal((await db.transaction((tx) => rows(tx, sql`select 1 as one`))).length, 1)
  }
)

t.test('serialization failures and deadlocks are tried again, three times; nothing else is', async (t) => {
  const { db } = world.parts
  const failing = async (state: string, times: number): Promise<{ tries: number; result: unknown }> => {
    let tries = 0
    const result = await db
      .transaction(async (tx) => {
        if (++tries <= times) await tx.execute(sql.raw(`do $$ begin raise exception 'Olga Okafor' using errcode = '${state}'; end $$`))
        return 'done'
      })
      .catch((error: { code?: string }) => error.code)
    return { tries, result }
  }
  t.same(
    await Promise.all([
      failing('40001', 2),
      failing('40P01', 3),
      failing('40001', 9),
      failing('23505', 1),
      failing('55P03', 1),
      failing('XX000', 1)
    ]),
    [
      { tries: 3, result: 'done' },
      { tries: 4, result: 'done' },
      { tries: 4, result: 'service_unavailable' },
      { tries: 1, result: undefined },
      { tries: 1, result: 'service_unavailable' },
      { tries: 1, result: undefined }
    ]
  )
})

t.test('at once: two transactions that wait for each other both get through', async (t) => {
  await world.sql(`alter role guildhall_service in database ${world.database} set deadlock_timeout = '20ms'`)
  const db = open(t)
  await world.sql(
    'create table pair (id int primary key, count int); insert into pair values (1, 0), (2, 0); grant all on pair to guildhall_service'
  )
  let inside = 0
  let meet: () => void
  const both = new Promise<void>((resolve) => (meet = resolve))
  let tries = 0
  const add = (first: number, second: number) =>
    db.transaction(async (tx) => {
      tries++
      await tx.execute(sql`update pair set count = count + 1 where id = ${first}`)
      if (++inside === 2) meet()
      await both
      await tx.execute(sql`update pair set count = count + 1 where id = ${second}`)
    })
  await Promise.all([add(1, 2), add(2, 1)])
  t.equal(tries, 3, 'one of them was the victim')
  t.same(await world.sql('select count from pair'), [{ count: 2 }, { count: 2 }])
})

t.test('503 with Retry-After: no database. Liveness does not ask it, readiness does, and every operation says so', async (t) => {
  const app = await serveOn(t, open(t, { url: 'postgres://nobody:nothing@127.0.0.1:1/none' }))
  for (const spec of app.operations.filter(
    ({ access, limits }) => access.kind === 'account' || (access.kind === 'anonymous' && limits !== 'none')
  )) {
    const response = await app.inject({
      method: spec.method,
      url: spec.path.replace(/:\w+/g, 'x'),
      headers: {
        ...(spec.access.kind === 'account' ? olga.headers : {}),
        ...(spec.body ? { 'content-type': spec.consumes?.[0] ?? 'application/json' } : {})
      },
      ...(spec.body ? { payload: '{}' } : {})
    })
    t.equal(problemFault(response, 'service_unavailable'), undefined, spec.operationId)
  }
  t.equal((await app.inject('/health/live')).statusCode, 200)
  const ready = await app.inject('/health/ready')
  t.same([ready.statusCode, ready.headers['retry-after']], [503, '2'])
  t.equal((await app.inject('/.well-known/jwks.json')).statusCode, 200, 'what is in memory is still served')
})

t.test('the connection of hot reads comes back by itself; what was under way when it broke is asked once more', async (t) => {
  const db = open(t)
  const read = (n: number) => db.pipeline.run<{ n: number }>({ name: 'echo', text: 'select $1::int as n' }, [n])
  t.same(await read(1), [{ n: 1 }])
  for (let round = 0; round < 5; round++) {
    const running = Array.from({ length: 100 }, (_, n) => read(n))
    await world.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'guildhall pipeline' and datname = current_database()`
    )
    t.strictSame(
      (await Promise.all(running)).map(([row]) => row!.n),
      Array.from({ length: 100 }, (_, n) => n)
    )
    t.same(await read(round), [{ n: round }])
  }
})

t.test('connections that are ended, idle or in use, end no process and no transaction goes on elsewhere', async (t) => {
  const lost: Error[] = []
  const db = open(t, { poolSize: 3, onConnectionError: (error) => lost.push(error) })
  await Promise.all([1, 2, 3].map(() => db.transaction((tx) => tx.execute(sql`select pg_sleep(0.01)`))))
  await world.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'guildhall requests' and datname = current_database()`
  )
  while (lost.length < 3) await new Promise((resolve) => setImmediate(resolve))
  t.equal((await db.transaction((tx) => rows(tx, sql`select 1 as one`))).length, 1)
  t.equal(lost.length, 3, 'each is told once')

  const cut = db.transaction(async (tx) => {
    await tx.execute(sql`update accounts set first_name = 'Half'`)
    const [me] = await rows<{ pid: number }>(tx, sql`select pg_backend_pid() as pid`)
    await world.sql('select pg_terminate_backend($1)', [me!.pid])
    await tx.execute(sql`update accounts set last_name = 'Done'`)
  })
  await t.rejects(cut, { code: 'service_unavailable' })
  t.same(await world.sql('select first_name, last_name from accounts'), [{ first_name: 'Olga', last_name: 'Okafor' }])
})

t.test('a network that swallows everything is 503 in time, and once it is back so is the service', async (t) => {
  const network = await swallowingNetwork(t)
  const db = open(t, { url: network.url, poolSize: 2, statementTimeoutMs: 100 })
  const one = () => db.transaction((tx) => rows(tx, sql`select 1 as one`))
  const read = () => db.pipeline.run({ name: 'one', text: 'select 1 as one' }, [])
  await Promise.all([one(), one(), read()])
  network.swallow(true)
  const answers = await Promise.allSettled([one(), one(), read()])
  t.match(
    answers.map((answer) => (answer as PromiseRejectedResult).reason?.code),
    Array(3).fill('service_unavailable')
  )
  network.swallow(false)
  t.equal((await Promise.all([one(), one(), read()])).length, 3)
})

t.test(
  'a process of the database that stands still is given up in time with all that waits for it, and nothing of it is left',
  async (t) => {
    const db = open(t, { statementTimeoutMs: 100 })
    const read = () => db.pipeline.run<{ pid: number }>({ name: 'process', text: 'select pg_backend_pid() as pid' }, [])
    const [stopped] = await read()
    const alive = async (): Promise<boolean> => (await world.sql('select from pg_stat_activity where pid = $1', [stopped!.pid])).length > 0
    process.kill(stopped!.pid, 'SIGSTOP')
    t.teardown(async () => {
      // It is gone already where all went well.
      if (await alive()) process.kill(stopped!.pid, 'SIGCONT')
    })
    const began = performance.now()
    const waiting = Array.from({ length: 20 }, read)
    // Those that come later wait no longer than the first.
    await delay(500)
    const answers = await Promise.all([...waiting, ...Array.from({ length: 20 }, read)])
    t.ok(performance.now() - began < 3000, 'in time')
    t.equal(new Set(answers.map(([row]) => row!.pid)).size, 1)
    t.not(answers[0]![0]!.pid, stopped!.pid)
    process.kill(stopped!.pid, 'SIGCONT')
    for (let tries = 0; (await alive()) && tries < 100; tries++) await delay(20)
    t.notOk(await alive(), 'the process ends with its connection')
  }
)

t.test("500: what a caller and the log learn of a failure in the database holds nobody's data", async (t) => {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    }
  })
  const app = await serveOn(t, world.parts.db as Database, pino(logOptions({ LOG_LEVEL: 'trace' }), stream))
  await world.sql(`alter table accounts add constraint accounts_no_forbidden check (first_name <> 'Forbidden')`)
  const seen = await app.inject({ url: '/v1/me', headers: olga.headers })
  const response = await app.inject({
    method: 'PATCH',
    url: '/v1/me',
    payload: { firstName: 'Forbidden' },
    headers: { ...olga.headers, 'if-match': String(seen.headers.etag) }
  })
  t.equal(problemFault(response, 'internal_error'), undefined)
  t.notMatch(response.body, /accounts_no_forbidden|Forbidden/)
  const log = lines.join('')
  const failure = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'request failed')
  t.match(failure, {
    level: 'error',
    failure: { code: '23514', constraint: 'accounts_no_forbidden', table: 'accounts', stack: /^ {4}at / }
  })
  t.equal(failure.reqId ?? failure.requestId, response.json().requestId)
  t.notMatch(log, /Forbidden|Okafor|Failing row|olga@example\.com|argon2id|Bearer|update accounts/)
  await world.sql('alter table accounts drop constraint accounts_no_forbidden')

  const error = new Error('Key (email)=(olga@example.com) already exists\n    at olga@example.com (secret.ts:1:1)')
  app.log.error(error, 'by itself')
  app.log.error({ err: Object.assign(error, { code: '23505' }) }, 'as a field')
  t.notMatch(lines.slice(-1).join(''), /olga|Key/)
})

t.test('what a failure of the database means', async (t) => {
  const failed = (error: object): unknown => (databaseFailure(error) as { code?: string }).code
  const wrapped = (error: object): Error => Object.assign(new Error('Failed query: select'), { cause: error })
  for (const code of [
    '57P01',
    '57P02',
    '57P03',
    '53300',
    '53200',
    '58030',
    '57014',
    '55P03',
    '25006',
    '25P03',
    '08006',
    '08001',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND'
  ]) {
    t.equal(failed(wrapped({ code })), 'service_unavailable', code)
  }
  for (const message of [
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable'
  ]) {
    t.ok(isConnectionLost(new Error(message)), message)
    t.equal(failed(wrapped(new Error(message))), 'service_unavailable', message)
  }
  t.equal(failed(wrapped({ code: '23505', constraint: 'emails_one_account' })), 'token_dead', 'a constraint that means something')
  const unknown = wrapped({ code: '23505', constraint: 'unheard_of' })
  t.equal(databaseFailure(unknown), unknown, 'and one that does not')
  t.notOk(isConnectionLost(new Error('something else')))
  t.same(Object.keys(loggable(undefined)).sort(), ['code', 'constraint', 'message', 'name', 'stack', 'table'])
})

t.test('a statement that says it varies is never prepared, others are', async (t) => {
  const prepared = await world.parts.db.transaction(async (tx) => {
    for (const one of [1, 2]) {
      await tx.execute(sql`select ${one}::int as "kept"`)
      await tx.execute(sql`select ${one}::int as "forgotten" ${varied}`)
    }
    return rows<{ statement: string }>(tx, sql`select statement from pg_prepared_statements where statement ~ 'as "(kept|forgotten)"'`)
  })
  t.same(prepared, [{ statement: 'select $1::int as "kept"' }])
})

/** A way to the database that can be told to swallow what is sent, without ending a connection. */
async function swallowingNetwork(t: Test): Promise<{ url: string; swallow: (on: boolean) => void }> {
  let swallowing = false
  const sockets = new Set<Socket>()
  const target = new URL(url)
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      sockets.add(from)
      let lost = false
      from.on('data', (data) => {
        // A packet that is lost is lost for its connection: nothing after it makes sense.
        lost ||= swallowing
        if (!lost) to.write(data)
      })
      from.on('close', () => to.destroy()).on('error', () => undefined)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const through = new URL(url)
  through.port = String((server.address() as AddressInfo).port)
  return { url: through.href, swallow: (on) => (swallowing = on) }
}
