import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BaselineName, BaselineOptions } from './baselines.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const longestStartMs = 60_000

export interface ServiceProcess {
  port: number
  /** As its environment says; 0 where that leaves it open. */
  metricsPort: number
  /** From `npm start` to the first good answer of `/health/ready`. */
  readySeconds: number
  stop: () => Promise<void>
}

/** The service as anybody starts it, by `npm start`, and as its environment says; its log goes to a file. */
export async function startService(env: Record<string, string>, logFile: string): Promise<ServiceProcess> {
  const port = Number(env.PORT)
  const log = openSync(logFile, 'a')
  const began = performance.now()
  // In a group of its own: npm, its shell and the service get a signal together, as from Ctrl-C.
  const child = spawn('npm', ['start'], { cwd: root, env: { ...inherited(), ...env }, stdio: ['ignore', log, log], detached: true })
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error(`The service did not start:\n${readFileSync(logFile, 'utf8').slice(-2000)}`)
    if (performance.now() - began > longestStartMs) throw new Error(`The service is not ready after ${longestStartMs} ms.`)
    await sleep(5)
  }
  const readySeconds = (performance.now() - began) / 1000
  return {
    port,
    metricsPort: Number(env.METRICS_PORT),
    readySeconds,
    async stop() {
      signalGroup(child, 'SIGTERM')
      while (signalGroup(child, 0)) await sleep(20)
    }
  }
}

/** False once nobody of the child's process group is left. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-child.pid!, signal)
  } catch {
    return false
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok
  } catch {
    return false
  }
}

/** The environment without what would configure the service otherwise than by default. */
const inherited = (): Record<string, string | undefined> =>
  Object.fromEntries(['PATH', 'HOME', 'TMPDIR', 'LANG'].map((name) => [name, process.env[name]]))

export interface BaselineProcess<Told> {
  /** The first thing it said: the port of a server. */
  told: Told
  /** Sends an order and waits for its answer. */
  ask: <Answer>(order: object) => Promise<Answer>
  stop: () => Promise<void>
}

export async function startBaseline<Told = number>(name: BaselineName, options: BaselineOptions): Promise<BaselineProcess<Told>> {
  const file = fileURLToPath(new URL('baselines.ts', import.meta.url))
  const child = fork(file, [name], { env: inherited() })
  child.send(options)
  const [told] = (await once(child, 'message')) as [Told]
  return {
    told,
    async ask<Answer>(order: object) {
      child.send(order)
      return ((await once(child, 'message')) as [Answer])[0]
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'exit')
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
