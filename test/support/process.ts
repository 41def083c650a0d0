import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type Agent, request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { settings } from '../../src/settings.ts'
import { leaksInLog, refuseLeaks } from './leaks.ts'
import { secretKeeper } from './secrets.ts'

/** What tap gives a test, as far as these helpers need it. */
interface Test {
  teardown: (work: () => unknown) => void
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  /** Milliseconds since the process was started or signalled last. */
  ms: number
  stdout: string
  stderr: string
}

/** A program of this project as a process of its own, with an environment of its own. */
export interface Program {
  child: ChildProcess
  stdout: () => string
  stderr: () => string
  ended: Promise<Ended>
  /** Sends the signal and waits for the end. */
  kill: (signal: NodeJS.Signals) => Promise<Ended>
}

export interface Service extends Program {
  url: string
  metricsUrl: string
}

// Shared by all processes of a run of the tests, and removed with its database: most of a start is compiling.
const compileCache = `${(JSON.parse(process.env.TEST_DATABASE ?? '{}') as { directory?: string }).directory ?? tmpdir()}/compiled`

const root = fileURLToPath(new URL('../..', import.meta.url))

/** High enough for any load of a test. */
export const noLimits = Object.fromEntries(
  Object.keys(settings)
    .filter((name) => name.startsWith('LIMIT_'))
    .map((name) => [name, '1000000/min'])
)

/** The cheapest hashes that the configuration allows. */
export const cheapHashes = { ARGON2_MEMORY_KIB: '19456', ARGON2_PASSES: '2' }

/** The secrets that production needs, made up. */
export const secretKeys = `test:${randomBytes(32).toString('base64')}`

// P-12: what services that run as processes may not log. Of all files of one process of the tests: none is none in another.
const secrets = secretKeeper()
// The welcome on a terminal shows the password of the demo world.
const logLines = (written: string): string =>
  written
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .join('\n')

/** Runs `node FILE …` with this environment and no other; ended when the test ends. With `logs` nothing secret may stand in what it logged. */
export function run(t: Test, args: string[], env: Record<string, string> = {}, logs = false): Program {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH!, TZ: 'UTC', NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let since = performance.now()
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout!.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr!.on('data', (chunk: Buffer) => err.push(chunk))
  const stdout = () => Buffer.concat(out).toString()
  const stderr = () => Buffer.concat(err).toString()
  const ended = once(child, 'close').then(
    ([code, signal]): Ended => ({ code, signal, ms: performance.now() - since, stdout: stdout(), stderr: stderr() })
  )
  t.teardown(async () => {
    // Politely at first: an embedded Postgres would be left behind.
    child.kill('SIGTERM')
    const killing = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(killing)
    if (logs) refuseLeaks(leaksInLog(logLines(stdout() + stderr()), secrets))
  })
  return {
    child,
    stdout,
    stderr,
    ended,
    kill(signal) {
      since = performance.now()
      child.kill(signal)
      return ended
    }
  }
}

// What the service says about its ports: a log line in production, the welcome otherwise.
const ports = /"port":(\d+),"metricsPort":(\d+)|API +http:\/\/localhost:(\d+)$[\s\S]*Metrics +http:\/\/localhost:(\d+)\//m

/** Starts the service, on free ports unless told otherwise, and waits until it is ready. @throws with what it wrote when it ends before */
export async function startService(t: Test, env: Record<string, string>, nodeArgs: string[] = []): Promise<Service> {
  const program = run(t, [...nodeArgs, 'src/main.ts'], { PORT: '0', METRICS_PORT: '0', ...env }, true)
  let ended: Ended | undefined
  void program.ended.then((end) => {
    ended = end
  })
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(20)) {
    if (ended) throw new Error(`The service ended with ${ended.code ?? ended.signal}: ${ended.stderr}${ended.stdout}`)
    const [, port, metricsPort, embeddedPort, embeddedMetricsPort] = ports.exec(program.stdout()) ?? []
    if (!port && !embeddedPort) continue
    const url = `http://localhost:${port ?? embeddedPort}`
    const answer = await send(url, { path: '/health/ready' })
    if (answer.status === 200) return { ...program, url, metricsUrl: `http://localhost:${metricsPort ?? embeddedMetricsPort}/metrics` }
  }
  throw new Error(`The service is not ready: ${program.stderr()}${program.stdout()}`)
}

/** Runs a command of the command line to its end. */
export const guildhall = (t: Test, args: string[], env: Record<string, string>): Promise<Ended> =>
  run(t, ['src/cli.ts', ...args], env).ended

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export interface Sent {
  method?: string
  path: string
  body?: unknown
  /** A form instead of JSON. */
  form?: Record<string, string>
  token?: string
  headers?: Record<string, string>
  agent?: Agent
}

export interface Answer {
  /** 0 when no answer came: `error` says why. */
  status: number
  error: string | undefined
  headers: Record<string, string | string[] | undefined>
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers have as many shapes as there are operations
  json: any
}

/** One request; a connection that breaks is an answer too. Without an agent each request has a connection of its own. */
export function send(base: string, { method, path, body, form, token, headers, agent }: Sent): Promise<Answer> {
  secrets.keepIn(form ?? body)
  secrets.keepHeaders({ ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) })
  const payload = form ? new URLSearchParams(form).toString() : body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      resolve({ status: 0, error: error.code ?? error.message, headers: {}, text: '', json: undefined })
    const sending = request(`${base}${path}`, {
      method: method ?? (payload === undefined ? 'GET' : 'POST'),
      agent: agent ?? false,
      // Nothing here listens on IPv6, and looking that up first is slower.
      family: 4,
      headers: {
        ...(payload === undefined
          ? {}
          : {
              'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
              'content-length': Buffer.byteLength(payload)
            }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers
      }
    })
    sending.on('error', failed)
    sending.on('response', (response) => {
      text(response).then((text) => {
        const isJson = /json/.test(response.headers['content-type'] ?? '')
        const json = isJson && text ? JSON.parse(text) : undefined
        if (response.statusCode! < 300 && !path.startsWith('/openapi')) secrets.keepIn(json)
        resolve({
          status: response.statusCode!,
          error: undefined,
          headers: response.headers,
          text,
          json
        })
      }, failed)
    })
    sending.end(payload)
  })
}

export interface MailServer {
  url: string
  /** What was taken, oldest first. */
  mails: Email[]
  /** What was offered, taken or not, by its Message-ID. */
  offered: string[]
  /** What happens to a mail: `take` it, `hold` it without an answer, or take it and `hangUp` before saying so. */
  mood: 'take' | 'hold' | 'hangUp'
  stop: () => Promise<void>
  start: () => Promise<void>
}

/** A mail server on a port of its own, in various moods. */
export async function mailServer(t: Test): Promise<MailServer> {
  const port = await freePort()
  let server: SMTPServer | undefined
  const mail: MailServer = {
    url: `smtp://127.0.0.1:${port}`,
    mails: [],
    offered: [],
    mood: 'take',
    async start() {
      server = new SMTPServer({
        disabledCommands: ['STARTTLS', 'AUTH'],
        closeTimeout: 1,
        onData(stream, _, done) {
          const take = async (): Promise<void> => {
            const parsed = await PostalMime.parse(await text(stream))
            mail.offered.push(parsed.messageId!)
            if (mail.mood === 'hold') return
            mail.mails.push(parsed)
            if (mail.mood === 'take') return done()
            const { connections } = server as unknown as { connections: Set<{ _socket: { destroy: () => void } }> }
            for (const { _socket } of connections) _socket.destroy()
          }
          take().catch(done)
        }
      })
      server.on('error', () => undefined)
      await new Promise<void>((resolve) => server!.listen(port, '127.0.0.1', resolve))
    },
    async stop() {
      const stopped = server
      server = undefined
      if (stopped) await new Promise<void>((resolve) => stopped.close(() => resolve()))
    }
  }
  await mail.start()
  t.teardown(() => mail.stop())
  return mail
}

/** Waits for something to be true, and answers it; a count of nothing is not. @throws when it is not in time */
export async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>, seconds = 30): Promise<T> {
  for (const deadline = Date.now() + seconds * 1000; ; await delay(20)) {
    const found = await look()
    if (found) return found
    if (Date.now() > deadline) throw new Error(`Not within ${seconds} s: ${what}`)
  }
}
