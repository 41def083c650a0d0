import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import pino from 'pino'
import { type Config, readConfig } from '../src/config.ts'
import { findEmbeddedPostgres } from '../src/db/embedded.ts'
import { localSecrets } from '../src/db/local.ts'
import { take } from '../src/http/rate-limits.ts'
import { openParts } from '../src/parts.ts'
import { findFamily, rotate } from '../src/sessions/refresh.ts'
import { accessToken } from '../src/sessions/sessions.ts'
import type { BaselineName, BaselineOptions, HashOrder } from './baselines.ts'
import { actors, type Organizations, seedOrganizations } from './companies.ts'
import { openFolder } from './folder.ts'
import { invitationPlans } from './invitations.ts'
import { latencyPlans } from './latency.ts'
import { load, rampSeconds, type Traffic } from './load.ts'
import { memberPlans } from './members.ts'
import { method } from './method.ts'
import { type Offers, seedOffers } from './offers.ts'
import { type BaselineProcess, freePort, type ServiceProcess, startBaseline, startService } from './processes.ts'
import { queryPlans } from './queries.ts'
import { type Recordings, recordOperations } from './recording.ts'
import { type Comparison, type Latency, latencyLine, misses, type Results, resultsPage } from './results.ts'
import { type Person, seedPeople } from './seed.ts'
import { connections, hello, Rotating, reads, registrations, signIns } from './traffic.ts'
import { type Plan, takeTurns } from './turns.ts'

/**
 * Measures the service beside what bounds it, in one run on two cores, and writes `bench/results.md`:
 *   node bench/run.ts [--short] [--only PART-OF-A-SUBJECT]
 * Either flag makes it quicker and writes nothing. Ends with 1 when a bound is missed.
 */
const short = process.argv.includes('--short')
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1]! : ''
// Even, so that both sides go first equally often.
const rounds = short ? 2 : 6
const seconds = short ? 1 : 2
const removals = short ? 50 : 1000
const cores = 2

// People enough that no limit of theirs is met: 600 reads a minute for each account, 10 refreshes for each session, 5 sign-ins each.
const groupSize = 500
const sessionsOfTraveller = 20

if (availableParallelism() > cores && process.platform === 'linux') execFileSync('taskset', ['-acp', '0,1', String(process.pid)])

const { directory, stops, cleanUp } = openFolder('guildhall-bench')

try {
  const results = await measure()
  const page = resultsPage(results)
  process.stdout.write(page)
  if (!short && !only) writeFileSync(new URL('results.md', import.meta.url), page)
  process.exitCode = misses(results).length > 0 ? 1 : 0
} finally {
  await cleanUp()
}

async function measure(): Promise<Results> {
  // The clients are told apart by the address that a proxy names, as in production: so every limit stays at its default.
  const env = { DATA_DIR: directory, PORT: String(await freePort()), METRICS_PORT: '0', TRUST_PROXY: '127.0.0.1' }
  const config = readConfig(env, (dataDir) => localSecrets(dataDir).keys)

  const first = await start(env)
  const database = (await findEmbeddedPostgres(directory))!
  const url = database.url({ database: 'guildhall' })
  const people = await seedPeople(url, config, [
    ...Array<number>(groupSize * 2).fill(sessionsOfTraveller),
    ...Array<number>(groupSize * 2 + actors).fill(1)
  ])
  const organizations = await seedOrganizations(url, people.splice(-actors))
  const offers = await seedOffers(url, config.keys, organizations)
  await first.stop()

  const starts: number[] = []
  let service: ServiceProcess
  for (;;) {
    service = await start(env)
    starts.push(service.readySeconds)
    if (starts.length === rounds) break
    await service.stop()
  }
  const bench = await prepare(config, organizations, offers)
  const comparisons = await compare(service, bench, people)
  const latencies = await timed(service, bench)
  const postgres = await postgresVersion()
  await service.stop()
  comparisons.push(...(await compareInvitations(await start({ ...env, WORKER: 'false' }), bench)))
  return {
    postgres,
    comparisons,
    latencies,
    starts: { seconds: starts, most: 3 },
    method: method({ rounds, seconds, groupSize, removals })
  }

  async function postgresVersion(): Promise<string> {
    const client = new pg.Client({ connectionString: (await findEmbeddedPostgres(directory))!.url() })
    await client.connect()
    const { rows } = await client.query<{ version: string; fsync: string }>(
      `select current_setting('server_version') as version, current_setting('fsync') as fsync`
    )
    await client.end()
    return `${rows[0]!.version}, fsync ${rows[0]!.fsync}`
  }
}

async function start(env: Record<string, string>): Promise<ServiceProcess> {
  const service = await startService(env, join(directory, 'service.log'))
  stops.push(service.stop)
  return service
}

/** What all comparisons need. */
interface Bench {
  organizations: Organizations
  offers: Offers
  config: Config
  recordings: Recordings
  tokenOf: (person: Person) => string
}

async function prepare(config: Config, organizations: Organizations, offers: Offers): Promise<Bench> {
  const { serviceUrl } = await databaseUrls()
  const tokenOf = await tokenMaker(config, serviceUrl)
  const recordings = await recordOperations(config, serviceUrl, organizations, offers.rehearsal, tokenOf)
  return { config, organizations, offers, recordings, tokenOf }
}

/** As the service and as superuser; they change with each start. */
async function databaseUrls(): Promise<{ serviceUrl: string; url: string }> {
  const database = (await findEmbeddedPostgres(directory))!
  const { servicePassword } = localSecrets(directory)
  return {
    serviceUrl: database.url({ role: 'guildhall_service', password: servicePassword, database: 'guildhall' }),
    url: database.url({ database: 'guildhall' })
  }
}

/** Baselines by their names, each a process with connections of its own. */
async function baselines<Name extends BaselineName>(
  { config, recordings }: Bench,
  names: readonly Name[]
): Promise<Record<Name, BaselineProcess<number>>> {
  const options: BaselineOptions = {
    databaseUrl: (await databaseUrls()).serviceUrl,
    poolSize: config.POOL_SIZE,
    argon2: { memoryCost: config.ARGON2_MEMORY_KIB, timeCost: config.ARGON2_PASSES, parallelism: config.ARGON2_PARALLELISM },
    refresh: { find: findFamily.text, count: take.text, rotate: rotate.text },
    recordings
  }
  const started = names.map(async (name) => {
    const process = await startBaseline(name, options)
    stops.push(process.stop)
    return [name, process]
  })
  return Object.fromEntries(await Promise.all(started))
}

function to(port: number, traffic: () => Traffic): Plan['measured'] {
  return () => load(port, traffic(), seconds, connections)
}

async function compare(service: ServiceProcess, bench: Bench, people: Person[]): Promise<Comparison[]> {
  const { config, organizations, tokenOf } = bench
  const { node, fastify, select, rotation, replay, questions, argon2id } = await baselines(bench, [
    'node',
    'fastify',
    'select',
    'rotation',
    'replay',
    'questions',
    'argon2id'
  ])
  const [travellers, others, guests, visitors] = [0, 1, 2, 3].map((group) => people.slice(group * groupSize, (group + 1) * groupSize)) as [
    Person[],
    Person[],
    Person[],
    Person[]
  ]
  const [refreshing, rotating] = [new Rotating(travellers), new Rotating(others)]
  const toService = (traffic: () => Traffic) => to(service.port, traffic)
  const toNode = to(node.told, hello)
  const toSelect = to(select.told, () => reads(visitors, ({ id }) => `/accounts/${id}`, tokenOf))
  const hashing = (work: HashOrder['work']) => async () => ({
    perSecond: await argon2id.ask<number>({ work, rampSeconds, seconds } satisfies HashOrder)
  })
  const refreshes = toService(() => refreshing.refreshes())

  const plan: Plan[] = [
    { subject: 'bare Fastify hello', beside: 'node:http hello', measured: to(fastify.told, hello), baseline: toNode },
    {
      subject: '`GET /v1/me`',
      beside: 'Fastify, one select',
      measured: toService(() => reads(visitors, () => '/v1/me', tokenOf)),
      baseline: toSelect,
      least: 0.6
    },
    { subject: 'sign-in', beside: 'argon2id alone', measured: toService(() => signIns(guests)), baseline: hashing('verify'), least: 0.85 },
    { subject: 'registration', beside: 'argon2id alone', measured: toService(registrations), baseline: hashing('hash') },
    { subject: 'refresh', beside: 'Fastify, one select', measured: refreshes, baseline: toSelect },
    {
      subject: 'refresh',
      beside: 'the same SQL',
      measured: refreshes,
      baseline: to(rotation.told, () => rotating.rotations(config))
    },
    ...memberPlans({
      organizations,
      tokenOf,
      url: (await databaseUrls()).url,
      toService,
      toReplay: (traffic) => to(replay.told, traffic)
    }),
    ...queryPlans({
      large: organizations.large,
      port: service.port,
      url: (await databaseUrls()).url,
      toService,
      toQuestions: (traffic) => to(questions.told, traffic)
    })
  ]
  const comparisons = await carryOut(plan)
  // Before the database, which they would miss.
  await Promise.all([node, fastify, select, rotation, replay, questions, argon2id].map(({ stop }) => stop()))
  return comparisons
}

async function compareInvitations(service: ServiceProcess, bench: Bench): Promise<Comparison[]> {
  const { config, organizations, offers, tokenOf } = bench
  const { replay } = await baselines(bench, ['replay'])
  return carryOut(
    invitationPlans({
      organizations,
      offers,
      keys: config.keys,
      tokenOf,
      url: (await databaseUrls()).url,
      toService: (traffic) => to(service.port, traffic),
      toReplay: (traffic) => to(replay.told, traffic)
    })
  )
}

async function timed(service: ServiceProcess, { config, organizations, tokenOf }: Bench): Promise<Latency[]> {
  const { serviceUrl, url } = await databaseUrls()
  // As one of several in production, beside the one that was started first.
  const startSecond = async () =>
    start({
      DATABASE_URL: serviceUrl,
      SECRET_KEYS: localSecrets(directory).keys,
      PUBLIC_URL: config.publicUrl,
      SMTP_URL: 'smtp://127.0.0.1:1',
      MAIL_FROM: 'Guildhall <no-reply@bench.example>',
      WORKER: 'false',
      PORT: String(await freePort()),
      METRICS_PORT: String(await freePort())
    })
  const latencies: Latency[] = []
  for (const { measure, ...plan } of latencyPlans({ organizations, tokenOf, url, service, startSecond, rounds, seconds, removals })) {
    if (!plan.subject.includes(only)) continue
    latencies.push({ ...plan, times: await measure() })
    process.stderr.write(`${latencyLine(latencies.at(-1)!)}\n`)
  }
  return latencies
}

async function carryOut(plan: Plan[]): Promise<Comparison[]> {
  const comparisons: Comparison[] = []
  for (const each of plan.filter(({ subject }) => subject.includes(only))) comparisons.push(await takeTurns(each, rounds))
  return comparisons
}

/** Access tokens as a sign-in gives them, made with the service's own keys. */
async function tokenMaker(config: Config, databaseUrl: string): Promise<(person: Person) => string> {
  const parts = await openParts(config, databaseUrl, pino({ level: 'silent' }))
  await parts.close()
  return ({ id, sessions }) => accessToken(parts, id, sessions[0]!.id)
}
