import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FromWorker, ToWorker } from './worker.ts'

export interface FileResult {
  file: string
  seconds: number
  /** What its tests have said. */
  tap: string
  ok: boolean
  /** What happened to it beside its tests. */
  wrong?: string | undefined
}

export interface Options {
  /** For the results, until they are read. */
  directory: string
  env: NodeJS.ProcessEnv
  /** What a file may take unless its `t.setTimeout` says otherwise. */
  timeoutMs: number
  /** Told of each file when it ends. */
  onResult: (result: FileResult) => void
}

// Tests wait for the database much of their time: one more than there are processors, and no more than its connections allow.
const lanes = Math.min(availableParallelism() + 1, 6)
const graceMs = 5000
const program = fileURLToPath(new URL('worker.ts', import.meta.url))

/** Runs test files in a few processes, each of which takes the next file when it is done with one. */
export async function runFiles(files: string[], options: Options): Promise<void> {
  const waiting = [...files]
  async function lane(): Promise<void> {
    let worker: Worker | undefined
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      worker ??= startWorker(options)
      const { reusable, ...result } = await worker.run(file)
      options.onResult(result)
      if (reusable) continue
      await worker.stop()
      worker = undefined
    }
    const wrong = await worker?.finish()
    if (wrong) options.onResult(wrong)
  }
  await Promise.all(Array.from({ length: Math.min(lanes, files.length) }, lane))
}

type Worker = ReturnType<typeof startWorker>

function startWorker({ directory, env, timeoutMs }: Options) {
  // In a process group of its own: whatever its tests start is ended with it.
  const child = fork(program, { env, detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const done: string[] = []
  let ended: string | undefined
  const exited = once(child, 'exit').then(([code, signal]) => {
    ended = signal ? `was ended by ${signal}` : `ended with code ${code}`
    signalGroup(child, 'SIGTERM')
    process.off('exit', abandon)
  })
  const abandon = (): void => signalGroup(child, 'SIGTERM')
  process.on('exit', abandon)
  const send = (message: ToWorker): void => void (child.connected && child.send(message))

  async function stop(): Promise<void> {
    signalGroup(child, 'SIGTERM')
    const killing = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs)
    await exited
    clearTimeout(killing)
    signalGroup(child, 'SIGKILL')
  }

  /** Not reusable after anything but a regular end. */
  async function run(file: string): Promise<FileResult & { reusable: boolean }> {
    const begun = performance.now()
    const results = join(directory, `${child.pid}-${done.length}.tap`)
    done.push(file)
    let late = false
    let timer: NodeJS.Timeout
    const answer = await new Promise<{ ok: boolean } | undefined>((resolve) => {
      const allow = (ms: number): void => {
        clearTimeout(timer)
        timer = setTimeout(() => {
          late = true
          send('timeout')
          timer = setTimeout(() => resolve(undefined), graceMs)
        }, ms)
      }
      allow(timeoutMs)
      child.on('message', (message: FromWorker) => {
        if ('ended' in message) resolve(message.ended)
        else if ('timeout' in message && message.timeout > 0 && !late) allow(message.timeout)
      })
      void exited.then(() => resolve(undefined))
      send({ run: file, results })
    })
    clearTimeout(timer!)
    child.removeAllListeners('message')
    return {
      file,
      seconds: (performance.now() - begun) / 1000,
      tap: existsSync(results) ? readFileSync(results, 'utf8') : '',
      ok: answer?.ok === true,
      wrong: late ? 'It took too long.' : ended ? `Its process ${ended}.` : undefined,
      reusable: !late && answer !== undefined
    }
  }

  /** Ends it once it has run its last file, and answers what went wrong if it does not end by itself. */
  async function finish(): Promise<FileResult | undefined> {
    let left: string[] = []
    child.on('message', (message: FromWorker) => {
      if ('leftOpen' in message) left = message.leftOpen
    })
    send('finish')
    const killing = setTimeout(() => signalGroup(child, 'SIGKILL'), 4 * graceMs)
    await exited
    clearTimeout(killing)
    if (ended === 'ended with code 0') return undefined
    const wrong = left.length > 0 ? `One of these left something open: ${[...new Set(left)].join(', ')}.` : `The process of these ${ended}.`
    return { file: done.join(' '), seconds: 0, tap: '', ok: false, wrong }
  }

  return { run, stop, finish }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid) process.kill(-pid, signal)
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error
  }
}
