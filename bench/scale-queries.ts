import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { factsStatement, factsValues } from '../src/access/facts-statement.ts'
import { readConfig } from '../src/config.ts'
import { findEmbeddedPostgres } from '../src/db/embedded.ts'
import { localSecrets } from '../src/db/local.ts'
import { askers, evaluation, keptFacts, question } from './asking.ts'
import { type Crowd, everyKind, largeCrowd, memberPair, seedCrowd, strangerPair } from './crowd.ts'
import { openFolder } from './folder.ts'
import { load, requestText, type Traffic } from './load.ts'
import { carriedOut } from './plans.ts'
import { freePort, type ServiceProcess, startService } from './processes.ts'
import { type Explained, type ScaleResults, scaleMisses, scalePage } from './scale-page.ts'
import { connections } from './traffic.ts'
import { type Plan, takeTurns, UnequalWork } from './turns.ts'

/**
 * Measures whether permission queries take longer among two million memberships than among ten thousand, and how the facts are looked up there, and
 * writes `bench/scale-queries.md`, in a few minutes:
 *   node bench/scale-queries.ts [--short]
 * Short, it measures less among fewer, and writes nothing. Ends with 1 when a bound is missed.
 */
const { short } = parseArgs({ options: { short: { type: 'boolean', default: false } } }).values
const few: Crowd = { accounts: 5000, companies: 500, memberships: 10_000 }
const many: Crowd = short ? { accounts: 50_000, companies: 5000, memberships: 100_000 } : largeCrowd
const [rounds, seconds] = short ? [2, 1] : [10, 3]
/** Pairs that both services keep: so few that next to nothing is asked again while it is kept, among few or many. */
const kept = 50
/** How many of the questions are about a company of the person's own. */
const ownShare = 0.9
const batch = 100

const { directory, stops, cleanUp } = openFolder('guildhall-scale')

try {
  const results = await measure()
  const page = scalePage(results)
  process.stdout.write(page)
  if (!short) writeFileSync(new URL('scale-queries.md', import.meta.url), page)
  process.exitCode = scaleMisses(results).length > 0 ? 1 : 0
} finally {
  await cleanUp()
}

interface Side {
  crowd: Crowd
  service: ServiceProcess
  /** The database as superuser. */
  client: pg.Client
  url: string
}

/** A service as anybody starts it, with a database of its own that has this crowd in it. */
async function open(name: string, crowd: Crowd): Promise<Side> {
  const env = {
    DATA_DIR: join(directory, name),
    PORT: String(await freePort()),
    METRICS_PORT: String(await freePort()),
    FACT_CACHE_ENTRIES: String(kept)
  }
  const service = await startService(env, join(directory, `${name}.log`))
  stops.push(service.stop)
  const { keys } = readConfig(env, (dataDir) => localSecrets(dataDir).keys)
  const url = (await findEmbeddedPostgres(env.DATA_DIR))!.url({ database: 'guildhall' })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  stops.push(() => client.end())
  const began = performance.now()
  await seedCrowd(client, crowd, keys.currentId)
  const seeded = (performance.now() - began) / 1000
  process.stderr.write(`${crowd.memberships} memberships in ${seeded.toFixed(0)} s\n`)
  return { crowd, service, client, url }
}

async function measure(): Promise<ScaleResults> {
  const sides = [await open('few', few), await open('many', many)] as const
  const [small, large] = [await questions(sides[0]), await questions(sides[1])]
  // So that statements are prepared, and the upper pages of every index at hand.
  for (const { ask } of [small, large]) await ask(2 * seconds)
  const before = await Promise.all(sides.map(({ service }) => keptFacts(service)))
  const plan: Plan = {
    subject: `permission query among ${many.memberships} memberships`,
    beside: `among ${few.memberships}`,
    measured: () => large.ask(seconds),
    baseline: () => small.ask(seconds),
    async verify() {
      const wrong = small.wrong() + large.wrong()
      if (wrong > 0) throw new UnequalWork(`${wrong} questions were decided wrongly`)
    },
    least: 0.8
  }
  const comparison = await takeTurns(plan, rounds)
  const found = await Promise.all(
    sides.map(async ({ service }, index) => {
      const after = await keptFacts(service)
      const [hits, misses] = (['hits', 'misses'] as const).map((event) => after[event]! - before[index]![event]!) as [number, number]
      return hits / (hits + misses)
    })
  )
  const explained: Explained[] = []
  for (const { client, crowd } of sides)
    for (const asked of [1, batch])
      for (const [plan, carried] of Object.entries(await carriedOut(client, factsStatement, factsValues(everyKind(crowd, asked)))))
        explained.push({ memberships: crowd.memberships, asked, plan, ...carried })
  const { rows } = await sides[1].client.query<{ version: string; fsync: string; buffers: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync, current_setting('shared_buffers') as buffers`
  )
  const { version, fsync, buffers } = rows[0]!
  const postgres = `${version}, fsync ${fsync}, shared_buffers ${buffers}`
  return { comparison, found, explained, postgres, few, many, seconds, kept, ownShare }
}

/** Questions about members and strangers by chance, and how many of them were not decided as is due. */
async function questions({ crowd, service, url }: Side) {
  const headers = await askers(service.port, url)
  let wrong = 0
  const asked = (): Traffic => {
    const due = Array<boolean>(connections)
    return {
      status: 200,
      request(client) {
        const own = (due[client] = Math.random() < ownShare)
        const membership = Math.floor(Math.random() * crowd.memberships)
        const { accountId, companyId } = own ? memberPair(crowd, membership) : strangerPair(crowd, membership)
        return requestText('POST', evaluation, headers[client % headers.length]!, question(accountId, companyId))
      },
      onAnswer(client, body) {
        if ((JSON.parse(body) as { decision: boolean }).decision !== due[client]) wrong++
      }
    }
  }
  return { ask: (seconds: number) => load(service.port, asked(), seconds, connections), wrong: () => wrong }
}
