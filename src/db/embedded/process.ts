import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { environment, program } from './binaries.ts'
import type { Place } from './cluster.ts'

/** The setting by which a server names the process that started it: it cannot part from the server as a file could. */
export const ownerSetting = 'guildhall.owner'

/** A running server of a cluster. */
export interface RunningServer {
  pid: number
  port: number
  /** Pid of the process that started it; undefined when that was none of ours. */
  owner: number | undefined
  ownerLives: boolean
}

/** The server that runs on the cluster of this place, whoever started it. */
export async function findServer(place: Place): Promise<RunningServer | undefined> {
  const lock = readLock(place.cluster)
  if (!lock || !lives(lock.pid)) return undefined
  return process.platform === 'linux' ? lookAtProcess(lock, place) : await askServer(lock, place)
}

/** Removes a lock file whose pid some other program has now: Postgres would take that for a running server and refuse to start. */
export function removeForeignLock(place: Place): void {
  // Elsewhere we cannot be sure whose process it is.
  if (process.platform !== 'linux') return

  // Synchronous from reading to removing, so that no server that starts meanwhile loses its lock. The lock file of a process that is
  // gone stays: it helps Postgres to find out whether parts of that server still run.
  const lock = readLock(place.cluster)
  const taken = lock && existsSync(`/proc/${lock.pid}`)
  if (taken && !lookAtProcess(lock, place)) rmSync(join(place.cluster, 'postmaster.pid'), { force: true })
}

/** Ends a server and waits until it is gone: politely to the data (fast shutdown), then without a checkpoint. */
export async function endServer(pid: number, binaries: string): Promise<void> {
  for (const signal of ['INT', 'QUIT'] as const) {
    signalServer(pid, signal, binaries)
    for (const deadline = Date.now() + 15_000; Date.now() < deadline; await delay(20)) if (!lives(pid)) return
  }
  throw new Error(`Postgres (pid ${pid}) does not end`)
}

/** Signals the server, synchronously; nothing happens when it is gone. */
export function signalServer(pid: number, signal: 'INT' | 'QUIT', binaries: string): void {
  if (process.platform === 'win32') {
    // Windows has no signals: process.kill would end the server without a shutdown.
    spawnSync(program(binaries, 'pg_ctl'), ['kill', signal, String(pid)], { env: environment, windowsHide: true })
    return
  }
  try {
    process.kill(pid, `SIG${signal}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Waits until this server of the place accepts connections; false when it ends before. Throws after 30 seconds. */
export async function acceptsConnections(pid: number, place: Place, hasEnded: () => boolean): Promise<boolean> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await delay(20)) {
    if (hasEnded()) return false
    // Whoever else listens on that port says nothing about our server, which writes here when it is ready.
    const lock = readLock(place.cluster)
    if (lock?.pid !== pid || !lock.ready) continue
    await ask(lock.port, place.password, 'select 1')
    return true
  }
  throw new Error('it accepts no connections after 30 seconds')
}

interface Lock {
  pid: number
  port: number
  ready: boolean
}

/** Reads the file by which Postgres keeps other servers from its data folder: a fact a line. */
function readLock(cluster: string): Lock | undefined {
  const [pid, , , port, , , , status] = readIfThere(join(cluster, 'postmaster.pid'))?.split('\n') ?? []
  return pid && port ? { pid: Number(pid), port: Number(port), ready: status?.trim() === 'ready' } : undefined
}

function lookAtProcess({ pid, port }: Lock, { cluster }: Place): RunningServer | undefined {
  const args = readIfThere(`/proc/${pid}/cmdline`)?.split('\0') ?? []
  // Postgres works in its data folder, and this stays true when the folder is moved.
  if (basename(args[0] ?? '') !== 'postgres' || workingFolder(pid) !== realpathSync(cluster)) return undefined

  const owner = args.find((arg) => arg.startsWith(`${ownerSetting}=`))?.slice(ownerSetting.length + 1)
  const parent = readIfThere(`/proc/${pid}/status`)?.match(/^PPid:\s+(\d+)$/m)?.[1]
  // A server whose owner died has another parent, even when the owner's pid is in use again.
  return { pid, port, owner: owner ? Number(owner) : undefined, ownerLives: owner === parent }
}

async function askServer({ pid, port }: Lock, { cluster, password }: Place): Promise<RunningServer | undefined> {
  try {
    const question = `select current_setting('data_directory') as folder, current_setting('${ownerSetting}', true) as owner`
    const { folder, owner } = await ask(port, password, question)
    if (realpathSync(folder) !== realpathSync(cluster)) return undefined
    return { pid, port, owner: owner ? Number(owner) : undefined, ownerLives: Boolean(owner) && lives(Number(owner)) }
  } catch {
    return undefined
  }
}

async function ask(port: number, password: string, query: string) {
  // Spelt out so that no PG… variable of the environment changes anything.
  const superuser = { host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres', ssl: false }
  const client = new Client({ ...superuser, connectionTimeoutMillis: 5000 })
  // What goes wrong reaches us as rejections; without a listener it would also end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(query)).rows[0]
  } finally {
    await client.end().catch(() => {})
  }
}

/** Whether the process runs. A zombie does not: in a container without an init nobody collects it. */
export function lives(pid: number): boolean {
  if (process.platform === 'linux') return /^State:\s+[^ZX]/m.test(readIfThere(`/proc/${pid}/status`) ?? '')
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    // A process that ends while it is read answers ESRCH.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code!)) return undefined
    throw error
  }
}
