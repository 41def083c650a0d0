import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { environment, program } from './binaries.ts'
import type { Place } from './cluster.ts'
import { acceptsConnections, endServer, signalServer } from './process.ts'

/** A server that this process started. */
export interface LaunchedServer {
  port: number
  stop(): Promise<void>
  onExit(callback: (how: string) => void): void
}

/** Starts the server on a cluster and waits until it accepts connections. Without a port it takes a free one. */
export async function launch(place: Place, binaries: string, settings: Record<string, string>, port?: number): Promise<LaunchedServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchOn(port ?? (await freePort()), place, binaries, settings)
    } catch (error) {
      // Another program may take a free port before Postgres gets to it.
      const taken = (error as Error).message.includes('could not create any TCP/IP sockets')
      if (port || !taken || attempt === 3) throw error
    }
  }
}

async function launchOn(port: number, place: Place, binaries: string, settings: Record<string, string>): Promise<LaunchedServer> {
  const logFile = join(place.directory, 'postgres.log')
  const log = openLog(logFile)
  const logStart = fstatSync(log).size
  const flags = Object.entries({ ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(program(binaries, 'postgres'), ['-D', place.cluster, ...flags], {
    ...place.user,
    cwd: place.cluster,
    env: environment,
    stdio: ['ignore', log, log],
    // In its own process group Ctrl-C in a terminal does not reach it: our own shutdown needs the database to its end.
    detached: true,
    windowsHide: true
  })
  closeSync(log)
  const { ended, stop, onExit } = supervise(child, binaries)

  try {
    if (!(await acceptsConnections(child.pid!, place, () => ended() !== undefined))) throw new Error(`it ${ended()}`)
  } catch (error) {
    const lines = readFileSync(logFile).subarray(logStart).toString().trim().split('\n')
    await stop()
    throw new Error(`Postgres did not start: ${(error as Error).message}\n${lines.slice(-10).join('\n')}`, { cause: error })
  }
  return { port, stop, onExit }
}

/** Ties the server to this process: whichever ends first, the other one is told. It does not keep the process running. */
function supervise(child: ChildProcess, binaries: string) {
  const callbacks: ((how: string) => void)[] = []
  let ending: string | undefined
  let stopped: Promise<void> | undefined

  const tellToEnd = () => signalServer(child.pid!, 'INT', binaries)
  if (child.pid) process.on('exit', tellToEnd)
  child.unref()

  const gone = new Promise<void>((resolve) => {
    const end = (how: string) => {
      ending = how
      process.off('exit', tellToEnd)
      resolve()
      if (!stopped) for (const callback of callbacks) callback(how)
    }
    child.once('error', (error) => end(`could not be run: ${error.message}`))
    child.once('exit', (code, signal) => end(signal ? `was ended by ${signal}` : `exited with code ${code}`))
  })

  async function end() {
    if (ending) return
    child.ref()
    await endServer(child.pid!, binaries)
    await gone
  }

  return {
    ended: () => ending,
    stop: () => (stopped ??= end()),
    onExit(callback: (how: string) => void) {
      if (ending && !stopped) callback(ending)
      else callbacks.push(callback)
    }
  }
}

/** Opens the log for appending, empty when it has grown too long. */
function openLog(file: string): number {
  const log = openSync(file, 'a', 0o600)
  if (fstatSync(log).size > 10_000_000) ftruncateSync(log)
  return log
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
