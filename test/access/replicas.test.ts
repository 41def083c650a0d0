import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import pino from 'pino'
import t from 'tap'
import { evaluateAll } from '../../src/access/evaluate.ts'
import type { Freshness } from '../../src/access/facts.ts'
import { readConfig } from '../../src/config.ts'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { localSecrets, prepareLocalDatabase } from '../../src/db/local.ts'
import { migrateDatabase } from '../../src/db/migrate.ts'
import { seedDemo } from '../../src/dev/seed.ts'
import { newId } from '../../src/http/ids.ts'
import { openParts, type Parts } from '../../src/parts.ts'
import type { Question } from '../../src/permissions/answer.ts'
import { startStandby } from '../support/standby.ts'

/**
 * A primary and a real streaming replica of it, whose replay is stopped by hand. Tried once each by hand: with a replica that is believed without
 * its place in the log, `stands still` fails; with one that need not show the versions of a token, `a token` does.
 */

const directory = mkdtempSync(join(tmpdir(), 'guildhall-replica-'))
chmodSync(directory, 0o711)
t.teardown(() => rmSync(directory, { recursive: true, force: true }))
const primary = await startEmbeddedPostgres({ directory, durable: false, settings: { scram_iterations: '1' } })
t.teardown(() => primary.stop())
const { ownerUrl, serviceUrl } = await prepareLocalDatabase(primary, directory)
await migrateDatabase(ownerUrl, serviceUrl)
const standby = await startStandby(primary, directory)
t.teardown(() => standby.stop())

const replicaUrl = new URL(serviceUrl)
replicaUrl.port = String(standby.port)
const config = readConfig(
  { PUBLIC_URL: 'http://guildhall.test', FACT_CACHE_ENTRIES: '0', DATABASE_REPLICA_URLS: replicaUrl.href },
  () => localSecrets(directory).keys
)
const log = pino({ level: 'silent' })
const cheap = { ...config, ARGON2_MEMORY_KIB: 64, ARGON2_PASSES: 1 }
const parts = await openParts(cheap, serviceUrl, log)
t.teardown(() => parts.close())
/** The same service, which keeps facts beside. */
const keeping = await openParts({ ...cheap, FACT_CACHE_ENTRIES: 100 }, serviceUrl, log)
t.teardown(() => keeping.close())
await seedDemo(parts)
const owner = new pg.Pool({ connectionString: ownerUrl, max: 1 })
owner.on('error', () => undefined)
t.teardown(() => owner.end())
const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> =>
  (await owner.query(text, values)).rows as Row[]

const [max] = await sql<{ account: string; membership: string; company: string }>(
  `select m.account_id as account, m.id as membership, m.organization_id as company from memberships m join emails e on e.account_id = m.account_id
    join role_grants g on g.membership_id = m.id where e.canonical like 'max@%' and m.kind = 'company' limit 1`
)
const question: Question = { accountId: max!.account, permission: 'company.read', resource: { type: 'company', id: max!.company } }
const offer: Question = { ...question, permission: 'member.invite' }

/** The answer, and how many statements for facts the primary was sent for it. */
async function ask(freshness: Freshness, questions = [question], by = parts): Promise<{ reason: string; primary: number }> {
  let sent = 0
  const { db } = by
  const run: typeof db.pipeline.run = (statement, values) => {
    if (['access_facts', 'access_organization'].includes(statement.name)) sent++
    return db.pipeline.run(statement, values)
  }
  const noting: Parts = { ...by, db: { ...db, pipeline: { ...db.pipeline, run } } }
  const [answer] = await evaluateAll(noting, questions, freshness)
  return { reason: answer!.decision.reason, primary: sent }
}
const anyTime: Freshness = { full: false, atLeast: undefined }
const version = async (): Promise<number> =>
  (
    await sql<{ version: number }>('update organizations set version = version + 1 where id = $1 returning version::int', [max!.company])
  )[0]!.version

/** Asks until the replica has answered: it follows, but not at once. */
async function followed(seconds = 20, questions = [question], by = parts): Promise<void> {
  for (const end = performance.now() + seconds * 1000; ; await delay(50)) {
    if ((await ask(anyTime, questions, by)).primary === 0) return
    if (performance.now() > end) throw new Error('The replica was not asked')
  }
}
const suspend = (status: string): Promise<unknown> => sql('update memberships set status = $2 where id = $1', [max!.membership, status])

t.test('Q-3, Q-4: what is fresh enough is answered by the replica, the present state by the primary', async (t) => {
  await followed()
  t.strictSame(await ask({ full: true, atLeast: undefined }), { reason: 'granted', primary: 1 })
  const atLeast = new Map([[`organization:${max!.company}`, await version()]])
  t.equal((await ask({ full: false, atLeast })).reason, 'granted')
  await suspend('suspended')
  await delay(1000)
  await followed()
  t.equal((await ask(anyTime)).reason, 'membership_suspended')
  await suspend('active')
})

t.test('Q-3, Q-4: a replica that stands still gives no wrong answer: none after a second, and none against a token', async (t) => {
  await delay(1000)
  await followed()
  await standby.pause()
  await suspend('suspended')
  const changed = performance.now()
  const known = await version()
  const atLeast = new Map([[`organization:${max!.company}`, known]])
  t.match(await ask({ full: false, atLeast }), { reason: 'membership_suspended', primary: 1 })
  t.match(await ask({ full: true, atLeast: undefined }), { reason: 'membership_suspended', primary: 1 })
  // An account that the replica has never heard of.
  const unknown = new Map([[`account:${newId()}`, 1]])
  t.match(await ask({ full: false, atLeast: unknown }), { primary: 1 })
  await delay(1000 - (performance.now() - changed))
  for (let n = 0; n < 5; n++) t.match(await ask(anyTime), { reason: 'membership_suspended', primary: 1 })
  await standby.resume()
  await followed()
  t.equal((await ask(anyTime)).reason, 'membership_suspended')
  await suspend('active')
})

t.test('Q-3: a token is waited for a moment, and then asked of the primary', async (t) => {
  await delay(1000)
  await followed()
  for (let n = 0; n < 20; n++) {
    const status = n % 2 === 0 ? 'suspended' : 'active'
    await suspend(status)
    const atLeast = new Map([[`organization:${max!.company}`, await version()]])
    t.equal((await ask({ full: false, atLeast }, [offer])).reason === 'membership_suspended', status === 'suspended', `round ${n}`)
  }
})

t.test('Q-4: beside facts that are kept the replica answers what is never kept, and nothing of it is kept', async (t) => {
  const { pairs } = keeping.facts
  // About the same member, with somebody whom an offer would go to: that depends on more than the member.
  const hiring: Question = { ...question, permission: 'offer.send', counterparty: { type: 'account', id: newId() } }
  await followed(20, [hiring], keeping)
  t.equal(pairs.size(), 0)
  t.match(await ask(anyTime, [question], keeping), { reason: 'granted', primary: 1 }, 'what is kept is read from the primary')
  t.equal(pairs.size(), 1)
  t.match(await ask(anyTime, [question], keeping), { reason: 'granted', primary: 0 })
  t.equal(pairs.counts.hits, 1)
  await standby.pause()
  await suspend('suspended')
  const changed = performance.now()
  // The notice comes from the primary, whatever the replica knows.
  while ((await ask(anyTime, [question], keeping)).reason === 'granted')
    if (performance.now() - changed > 1000) throw new Error('Older than a second')
  await delay(1000 - (performance.now() - changed))
  for (let n = 0; n < 5; n++) t.match(await ask(anyTime, [hiring], keeping), { reason: 'membership_suspended', primary: 1 })
  await standby.resume()
  await suspend('active')
})

t.test('Q-4: a replica that dies is left out, and the service goes on', async (t) => {
  await followed()
  await standby.stop()
  for (let n = 0; n < 5; n++) {
    const begun = performance.now()
    t.match(await ask(anyTime), { reason: 'granted', primary: 1 })
    t.ok(performance.now() - begun < 2000)
  }
})
