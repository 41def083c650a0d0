import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import pg from 'pg'
import pino from 'pino'
import { readConfig } from '../src/config.ts'
import { startEmbeddedPostgres } from '../src/db/embedded.ts'
import { localSecrets, prepareLocalDatabase } from '../src/db/local.ts'
import { migrateDatabase } from '../src/db/migrate.ts'
import { recordEvidence } from '../src/identity/evidence.ts'
import { fingerprintsOf } from '../src/identity/fingerprints.ts'
import { openParts, type Parts } from '../src/parts.ts'

/**
 * Measures whether recording evidence that another account holds takes longer among many accounts than among few, and writes
 * `bench/scale.md`:
 *   node bench/scale.ts [--many 1000000] [--few 10000] [--rounds 20]
 * With other numbers of accounts it writes nothing. Ends with 1 when the bound is missed.
 */
const { values } = parseArgs({
  options: {
    many: { type: 'string', default: '1000000' },
    few: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '20' }
  }
})
const [many, few, rounds] = [Number(values.many), Number(values.few), Number(values.rounds)]
const bound = 1.3
/** Pieces of evidence that are recorded in a round. */
const inRound = 40
/** Rounds before those that count: so the statements are prepared and the pages that both need are read. */
const warmUp = 2
const piecesOfAccount = 3

const directory = mkdtempSync(join(tmpdir(), 'guildhall-scale-'))
// Postgres does not run as root.
chmodSync(directory, 0o711)
const server = await startEmbeddedPostgres({ directory })
try {
  const sides = [await open('few', few), await open('many', many)] as const
  const ratios: number[] = []
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds + warmUp; round++) {
    // First one, then the other, and the other way round the next time.
    const order = round % 2 === 0 ? [0, 1] : [1, 0]
    const took: number[] = []
    for (const side of order) took[side] = await run(sides[side]!, round)
    if (round < warmUp) continue
    for (const side of [0, 1] as const) times[side].push(took[side]! / inRound)
    ratios.push(took[1]! / took[0]!)
  }
  const page = await report(ratios, times)
  process.stdout.write(page)
  if (many === 1_000_000 && few === 10_000) writeFileSync(new URL('scale.md', import.meta.url), page)
  process.exitCode = median(ratios) > bound ? 1 : 0
  for (const { parts } of sides) await parts.close()
} finally {
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
}

interface Side {
  parts: Parts
  /** Accounts that record what one of the others holds: the number says whose. */
  newer: string[]
}

/** A value that the account with this number holds. */
function phoneOf(number: number): string {
  return `+4915${String(100_000_000 + number).slice(-9)}`
}

async function open(name: string, accounts: number): Promise<Side> {
  const urls = await prepareLocalDatabase(server, directory, name)
  await migrateDatabase(urls.ownerUrl, urls.serviceUrl)
  const env = { DATA_DIR: directory, PORT: '0', METRICS_PORT: '0', STATEMENT_TIMEOUT_MS: '60000' }
  const config = readConfig(env, (dataDir) => localSecrets(dataDir).keys)
  const matches = (rounds + warmUp) * inRound
  const client = new pg.Client({ connectionString: server.url({ database: name }) })
  await client.connect()
  // Made as they are in use, but not one by one: without triggers and checks of references.
  await client.query('set session_replication_role = replica')
  await client.query(
    `insert into accounts (id, status, first_name, last_name, country_code, intent, locale, password_hash, pepper_id, password_stands_alone, activated_at)
      select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'active', 'Olga', 'Okafor', 'DE', 'client', 'en', 'x', $2, true, now()
      from generate_series(1, $1::int) n`,
    [accounts + matches, config.keys.currentId]
  )
  // Each has an address of its own that was proven, a device, and a place that three others share.
  await client.query(
    `insert into evidence (account_id, kind, key_id, fingerprint, claim, strong, source, verified_at, weighed_at)
      select id, k.kind, $1, sha256(convert_to(k.kind || (row_number() over (partition by k.kind order by id) / k.shared), 'UTF8')), k.kind = 'email', k.kind = 'email',
        case k.kind when 'email' then 'email' else 'session' end, case k.kind when 'email' then now() end, now()
      from accounts cross join (values ('email', 1), ('device', 1), ('ip', 4)) k (kind, shared)`,
    [config.keys.currentId]
  )
  const ids = await client.query<{ id: string }>('select id from accounts order by id')
  const holders = Array.from({ length: matches }, (_, index) => Math.floor((index * accounts) / matches))
  await client.query(
    `insert into evidence (account_id, kind, key_id, fingerprint, claim, strong, source, verified_at, weighed_at)
      select h.id, 'phone', $3, decode(h.hash, 'hex'), true, true, 'verification', now(), now() from unnest($1::uuid[], $2::text[]) as h (id, hash)`,
    [
      holders.map((number) => ids.rows[number]!.id),
      holders.map((_, index) => fingerprintsOf(config.keys, 'phone', phoneOf(index))[0]!.hash),
      config.keys.currentId
    ]
  )
  await client.query('vacuum analyze')
  await client.end()
  const parts = await openParts(config, urls.serviceUrl, pino({ level: 'silent' }))
  return { parts, newer: ids.rows.slice(accounts).map(({ id }) => id) }
}

/** Milliseconds for a round. Everything that is recorded is held by one other account: it opens a case and asks for a verification. */
async function run({ parts, newer }: Side, round: number): Promise<number> {
  const actor = { kind: 'service', clientId: newer[0]!, scopes: [], requestId: 'bench', address: '127.0.0.1', userAgent: '' } as const
  const began = performance.now()
  for (let index = round * inRound; index < (round + 1) * inRound; index++) {
    const input = { accountId: newer[index]!, kind: 'phone', value: phoneOf(index), verified: true } as const
    const { effect } = await recordEvidence(parts, parts.db, actor, input)
    if (effect !== 'verification_requested') throw new Error(`the effect is ${effect}`)
  }
  return performance.now() - began
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
}

async function report(ratios: number[], times: [number[], number[]]): Promise<string> {
  const client = new pg.Client({ connectionString: server.url() })
  await client.connect()
  const { rows } = await client.query<{ version: string }>(`select current_setting('server_version') as version`)
  await client.end()
  const count = (number: number): string => number.toLocaleString('en').replaceAll(',', ' ')
  const ratio = median(ratios)
  const line = (accounts: number, taken: number[]): string =>
    `| ${count(accounts)} | ${count(accounts * piecesOfAccount)} | ${median(taken).toFixed(2)} | ${Math.min(...taken).toFixed(2)} | ${Math.max(...taken).toFixed(2)} |`
  return `# Evidence among many accounts

\`npm run bench:scale\`, ${new Date().toISOString().slice(0, 10)}: ${ratio <= bound ? 'bound reached' : '**missed**'}. Recording a piece of strong evidence that another account holds, with the
match, the case and the request to verify that follow from it, takes **${ratio.toFixed(2)}** times as long among ${count(many)} accounts as among ${count(few)}: at most ${bound} is asked for.

| accounts | pieces of evidence | median ms | fastest round | slowest round |
|---|---|---|---|---|
${line(few, times[0])}
${line(many, times[1])}

Ratios of the rounds: median ${ratio.toFixed(2)}, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}. ${rounds} rounds of ${inRound} pieces each, one after another on one connection, the two databases in turns and
each first as often as the other, after ${warmUp} rounds that do not count. Both are databases of one embedded Postgres with fsync on.

| machine | |
|---|---|
| processor | ${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores |
| memory | ${Math.round(totalmem() / 2 ** 30)} GiB |
| Node | ${process.version} |
| Postgres | ${rows[0]!.version} |
| load average at the end | ${loadavg()[0]!.toFixed(1)} |
`
}
