import { randomBytes } from 'node:crypto'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse as Response } from 'fastify'
import pg from 'pg'
import pino from 'pino'
import { system } from '../../src/actor.ts'
import { buildApp } from '../../src/app.ts'
import { createOperator, createServiceClient, type Scope } from '../../src/clients/clients.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { localSecrets } from '../../src/db/local.ts'
import { logOptions } from '../../src/log.ts'
import { deliverAll } from '../../src/mail/deliver.ts'
import type { Mailer, Message } from '../../src/mail/mailer.ts'
import { openParts, type Parts } from '../../src/parts.ts'
import { type Leak, leaksInDatabase, refuseLeaks, watchedLog } from './leaks.ts'
import { secretKeeper } from './secrets.ts'

/** What tap gives a test, as far as these helpers need it. */
interface Test {
  teardown: (work: () => unknown) => void
}

export interface WorldOptions {
  /** Instances of the service over the one database. */
  instances?: number
  /** Variables of the environment. */
  env?: Record<string, string>
  /** Overrides after parsing, for values below the floors of production. */
  config?: Partial<Config>
  /** The same for single instances, in their order. */
  each?: Array<Partial<Config>>
  /** Whether secrets are looked for at the end. Only a test that leaks one on purpose does without. */
  scanned?: boolean
}

export interface Person {
  email: string
  password: string
  accountId: string
  sessionId: string
  accessToken: string
  refreshToken: string
  /** `Authorization` of this person. */
  headers: { authorization: string }
}

export type World = Awaited<ReturnType<typeof openWorld>>

const server = JSON.parse(process.env.TEST_DATABASE ?? 'null') as { directory: string; superuserUrl: string } | null

/** High enough for any test that is not about limits. */
const generous = {
  LIMIT_ANONYMOUS: '1000000/min',
  LIMIT_READ: '1000000/min',
  LIMIT_WRITE: '1000000/min',
  LIMIT_SIGN_IN: '1000000/min',
  LIMIT_SIGN_IN_PAIR: '1000000/min',
  LIMIT_FOUND: '1000000/min',
  LIMIT_EXPORT: '1000000/min',
  LIMIT_REGISTER: '1000000/min',
  LIMIT_RECOVERY: '1000000/min',
  LIMIT_RECOVERY_MAIL: '1000000/min',
  LIMIT_TOKEN: '1000000/min',
  LIMIT_REFRESH: '1000000/min',
  LIMIT_REFRESH_ADDRESS: '1000000/min',
  LIMIT_CLIENT_TOKEN: '1000000/min',
  LIMIT_INVITER: '1000000/min',
  LIMIT_INVITING: '1000000/min',
  LIMIT_INVITING_UNPROVEN: '1000000/min',
  LIMIT_INVITED: '1000000/min',
  LIMIT_DOMAIN: '1000000/min'
}

/** Secrets and roles of the test server. */
export function databaseUrl(role: 'owner' | 'service' | 'superuser', database: string): string {
  if (!server) throw new Error('Run the tests with `npm test`, or one file with `node test/run.ts test/….test.ts`.')
  const { ownerPassword, servicePassword } = localSecrets(server.directory)
  const url = new URL(server.superuserUrl)
  url.pathname = `/${database}`
  if (role === 'superuser') return url.href
  url.username = `guildhall_${role}`
  url.password = role === 'owner' ? ownerPassword : servicePassword
  return url.href
}

/** A database of its own, cloned from the migrated template; dropped when the test ends. */
export async function cloneDatabase(t: Test): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`
  const admin = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: databaseUrl('superuser', 'postgres') })
    await client.connect()
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }
  await admin(`create database ${name} template guildhall_template owner guildhall_owner strategy file_copy`)
  t.teardown(() => admin(`drop database ${name} with (force)`))
  return name
}

/** A database with one or more instances of the service on it, and people to act on them. */
export async function openWorld(
  t: Test,
  { instances = 1, env = {}, config: overrides = {}, each = [], scanned = true }: WorldOptions = {}
) {
  const leaked: Leak[] = []
  // Last of all: whatever it says, all else has ended.
  t.teardown(() => refuseLeaks(leaked))
  const database = await cloneDatabase(t)
  const parsed = readConfig({ PUBLIC_URL: 'http://guildhall.test', ...generous, ...env }, () => localSecrets(server!.directory).keys)
  // The cheapest hashes: tests are about who may sign in, not about how long guessing takes.
  const config: Config = Object.freeze({
    ...parsed,
    ARGON2_MEMORY_KIB: 64,
    ARGON2_PASSES: 1,
    HASH_QUEUE: 1024,
    HASH_WAIT_MS: 10_000,
    ...overrides
  })
  // P-12: no secret that passes through this world may stand in its log or in any table when it ends.
  const secrets = secretKeeper()
  const watched = watchedLog(secrets, process.env.TEST_LOG ? process.stdout : undefined)
  const log = pino(logOptions({ LOG_LEVEL: (process.env.TEST_LOG ?? 'info') as Config['LOG_LEVEL'] }), watched.stream)
  const sent: Message[] = []
  const mailer: Mailer = {
    async send(message) {
      sent.push(message)
      secrets.keepIn(message)
    },
    async close() {}
  }
  const parts: Parts[] = []
  const apps: FastifyInstance[] = []
  const superuser = new pg.Pool({ connectionString: databaseUrl('superuser', database), max: 2 })
  superuser.on('error', () => undefined)
  const leaks = async (): Promise<Leak[]> => [...watched.look(), ...(await leaksInDatabase(superuser, secrets))]
  // Teardowns run last first: the service closes before its database is dropped.
  t.teardown(async () => {
    await Promise.all(apps.map((app) => app.close()))
    await Promise.all(parts.map((each) => each.close()))
    if (scanned) leaked.push(...(await leaks().finally(() => superuser.end())))
    else await superuser.end()
  })
  for (let instance = 0; instance < instances; instance++) {
    const mine = await openParts(Object.freeze({ ...config, ...each[instance] }), databaseUrl('service', database), log)
    parts.push(mine)
    const app = await buildApp(mine, { log, strict: true })
    secrets.listen(app)
    await app.ready()
    apps.push(app)
  }

  // Whoever waits for a notice of the tests on an instance.
  const awaited = parts.map(({ changes }) => {
    const waiting = new Map<string, () => void>()
    changes.follow({ forget: (name) => waiting.get(name)?.(), forgetAll: () => undefined })
    return waiting
  })

  /** Waits until every instance has heard of all changes that were committed so far. */
  async function settled(): Promise<void> {
    const notice = `test:${randomBytes(8).toString('hex')}`
    const heard = awaited.map(
      (waiting, index) =>
        new Promise<void>((resolve) => {
          if (parts[index]!.changes.heard()) waiting.set(notice, resolve)
          else resolve()
        })
    )
    await superuser.query(`select pg_notify('guildhall_facts', $1)`, [notice])
    await Promise.all(heard)
    for (const waiting of awaited) waiting.delete(notice)
  }

  async function inject(options: InjectOptions, instance = 0): Promise<Response> {
    return apps[instance % apps.length]!.inject(options)
  }

  let delivered: Promise<unknown> = Promise.resolve()

  /** Sends what waits in the outbox, and answers what an address has got so far, oldest first. */
  async function mails(address?: string): Promise<Message[]> {
    // One after another: a mail that somebody else has in hand would be missed.
    delivered = delivered.catch(() => undefined).then(() => deliverAll(parts[0]!, mailer))
    await delivered
    return sent.filter((message) => address === undefined || message.to === address)
  }

  /** The token in the newest mail to an address whose token has this prefix. */
  async function mailedToken(address: string, prefix: string): Promise<string> {
    const texts = (await mails(address)).map((message) => message.text).reverse()
    const token = texts.map((text) => new RegExp(`${prefix}_[\\w-]{49}`).exec(text)?.[0]).find(Boolean)
    if (!token) throw new Error(`No mail to ${address} has a token ${prefix}_…`)
    return token
  }

  const post = (url: string, payload: object, headers: Record<string, string> = {}, instance = 0): Promise<Response> =>
    inject({ method: 'POST', url, payload, headers }, instance)

  /** Registers, proves and signs in somebody, all through the API. */
  async function person(firstName: string, options: { email?: string; password?: string; instance?: number } = {}): Promise<Person> {
    const email = options.email ?? `${firstName.toLowerCase()}@example.com`
    const password = options.password ?? 'tulip anchor museum forty'
    const registered = await post('/v1/accounts', { ...registration, firstName, email, password }, {}, options.instance)
    if (registered.statusCode !== 202) throw new Error(`Registering ${email}: ${registered.body}`)
    const verified = await post('/v1/email-verifications', { token: await mailedToken(email, 'ghv') }, {}, options.instance)
    if (verified.statusCode !== 200) throw new Error(`Proving ${email}: ${verified.body}`)
    const { account, session } = verified.json() as {
      account: { id: string }
      session: { sessionId: string; accessToken: string; refreshToken: string }
    }
    return { email, password, accountId: account.id, ...session, headers: { authorization: `Bearer ${session.accessToken}` } }
  }

  /** Signs somebody in again. */
  async function signIn({ email, password }: Pick<Person, 'email' | 'password'>, instance = 0): Promise<Response> {
    return post('/v1/sessions', { email, password }, {}, instance)
  }

  async function clientHeaders({ clientId, clientSecret }: { clientId: string; clientSecret: string }): Promise<{ authorization: string }> {
    const granted = await inject({
      method: 'POST',
      url: '/v1/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }).toString()
    })
    return { authorization: `Bearer ${(granted.json() as { access_token: string }).access_token}` }
  }

  return {
    apps,
    app: apps[0]!,
    parts: parts[0]!,
    allParts: parts,
    config,
    database,
    inject,
    post,
    settled,
    mails,
    mailer,
    sent,
    mailedToken,
    person,
    signIn,
    clientHeaders,
    /** The log of the instances. */
    log,
    /** The secrets that were seen, and where any of them stands in plain by now. */
    secrets,
    leaks,
    operator: async (email = 'operator@example.com') => {
      const credentials = await createOperator(parts[0]!.db, system, email)
      return { ...credentials, headers: await clientHeaders(credentials) }
    },
    service: async (name: string, scopes: Scope[]) => {
      const credentials = await createServiceClient(parts[0]!.db, system, { name, scopes })
      return { ...credentials, headers: await clientHeaders(credentials) }
    },
    /** Rows of a statement run as the superuser: for what tests look at or break. */
    sql: async <Row extends object = Record<string, never>>(statement: string, values: unknown[] = []): Promise<Row[]> =>
      (await superuser.query(statement, values)).rows as Row[],
    /** As the role that serves requests. */
    asService: async (statement: string, values: unknown[] = []): Promise<unknown> => {
      const client = new pg.Client({ connectionString: databaseUrl('service', database) })
      await client.connect()
      try {
        return (await client.query(statement, values)).rows
      } finally {
        await client.end()
      }
    }
  }
}

/** A registration that is right but for the email. */
export const registration = {
  password: 'tulip anchor museum forty',
  firstName: 'Olga',
  lastName: 'Okafor',
  countryCode: 'DE',
  intent: 'client'
}

/** True in the long run of the tests: the same tests, with all their rounds. */
export const long = process.env.TEST_LONG === '1'

/** Rounds of an *at once* test: a hundred in the long run. */
export const rounds = (short: number): number => (long ? 100 : short)
