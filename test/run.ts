import { chmodSync, existsSync, globSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../src/db/embedded.ts'
import { prepareLocalDatabase } from '../src/db/local.ts'
import { migrateDatabase } from '../src/db/migrate.ts'
import { type FileResult, runFiles } from './support/workers.ts'

/**
 * Runs the tests on one embedded Postgres: a migrated template database is made once, every test file clones it. A few processes run
 * the files in turn, so a file leaves its process as it found it.
 *   node test/run.ts [--long] [--browser] [--client] [file …]
 * The last line is `N passed, N failed`.
 */
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'))
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
/** What needs more than this repository has a run of its own. */
const apart = { '/browser/': '--browser', '/installed/': '--client' }
const wanted = Object.values(apart).find((flag) => flags.includes(flag))
const runOf = (file: string): string | undefined => Object.entries(apart).find(([folder]) => file.includes(folder))?.[1]
const files =
  named.length > 0
    ? named
    : globSync('test/**/*.test.ts')
        .filter((file) => runOf(file) === wanted)
        .sort()
        // What takes longest and waits most comes first.
        .sort((a, b) => Number(b.includes('/process/')) - Number(a.includes('/process/')))

// On one folder level that every user may enter: Postgres does not run as root.
const directory = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'guildhall-test-'))
chmodSync(directory, 0o711)
// Tests connect a thousand times with passwords that nobody need guess slowly.
const settings = { max_connections: '300', scram_iterations: '1' }
const server = await startEmbeddedPostgres({ directory, durable: false, settings })

// Then Postgres and all that the tests have started are told to end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
// However it ends, and after Postgres: memory is not to be filled with what ended early.
process.on('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }))

let passed = 0
let failed = 0
const reports: string[] = []

try {
  const template = await prepareLocalDatabase(server, directory, 'guildhall_template')
  await migrateDatabase(template.ownerUrl, template.serviceUrl)
  await runFiles([...new Set(files)], {
    directory,
    // A file may take long on a busy machine; what hangs is ended all the same.
    timeoutMs: 120_000,
    env: {
      ...process.env,
      TEST_LONG: flags.includes('--long') ? '1' : '',
      TEST_DATABASE: JSON.stringify({ directory, superuserUrl: server.url() }),
      // The time of a file is ours to watch.
      TAP_TIMEOUT: '0',
      // Results do not depend on the machine's own settings.
      TZ: 'UTC',
      NO_COLOR: '1',
      // Where tests make folders of their own; removed with all else.
      TMPDIR: directory,
      // What one process has compiled the next one need not.
      NODE_COMPILE_CACHE: join(directory, 'compiled')
    },
    onResult: take
  })
  // Said again at the end: what has failed is not to be looked for.
  if (reports.length > 0) process.stdout.write(`\n${reports.join('\n')}\n`)
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1
} finally {
  await server.stop()
}

/**
 * A folder that is kept in memory, where there is ample room: a database is hundreds of files, and a disk takes as long to make and remove them as
 * Postgres takes for the tests on them.
 */
function memoryFolder(): string | undefined {
  const folder = '/dev/shm'
  const tmpfs = 0x01021994
  if (!existsSync(folder)) return undefined
  const { type, bavail, bsize } = statfsSync(folder)
  return type === tmpfs && Math.min(bavail * bsize, process.availableMemory()) > 2 * 2 ** 30 ? folder : undefined
}

function take({ file, seconds, tap, ok, wrong }: FileResult): void {
  const counted = count(tap)
  const none = counted.passed + counted.failed + counted.skipped === 0
  const reason = wrong ?? (none ? 'It has no tests.' : !ok || counted.failed > 0 ? 'It has failed.' : undefined)
  passed += counted.passed
  // A file that ended before its first test has failed as well.
  failed += counted.failed || (reason ? 1 : 0)
  process.stdout.write(`${reason ? 'not ok' : 'ok    '} ${seconds.toFixed(1).padStart(5)} s  ${file}\n`)
  if (!reason) return
  // Where it stopped, as far as that is known.
  const last =
    wrong &&
    tap
      .match(/^ *(not )?ok \d.*/gm)
      ?.at(-1)
      ?.trim()
  reports.push([`${file}: ${reason}`, ...(last ? [`  The last it said: ${last}`] : []), failures(tap)].join('\n'))
}

/** Tests by their innermost results: lines of TAP that are not summaries of subtests. */
function count(tap: string): Record<'passed' | 'failed' | 'skipped', number> {
  const lines = tap.split('\n')
  const counted = { passed: 0, failed: 0, skipped: 0 }
  for (const [index, line] of lines.entries()) {
    const result = /^(\s*)(not )?ok \d+/.exec(line)
    if (!result || isSummary(lines, index, result[1]!.length)) continue
    // Whatever it is marked as: a test that fails has failed, and one that was skipped has not passed.
    if (result[2]) counted.failed++
    else if (/# (TODO|SKIP)/i.test(line)) counted.skipped++
    else counted.passed++
  }
  return counted
}

/** Every failed result with the diagnostics under it, as the tests wrote them, and what a teardown threw; that of the file itself has nothing to add. */
function failures(tap: string): string {
  const lines = tap.split('\n')
  return lines
    .flatMap((line, index) => {
      if (!/^(\s+not ok \d+|not ok (?!1 )\d+|\s*Bail out!)/.test(line)) return []
      const depth = /^\s*/.exec(line)![0].length
      const rest = lines.slice(index + 1, index + 60)
      const end = rest.findIndex((next) => next.trim() !== '' && /^\s*/.exec(next)![0].length <= depth)
      return [line, ...rest.slice(0, end === -1 ? undefined : end)]
    })
    .slice(0, 400)
    .join('\n')
}

/** A result right after deeper lines (its subtest's plan and comments) repeats what they said. */
function isSummary(lines: string[], index: number, indent: number): boolean {
  let before = index - 1
  while (before >= 0 && lines[before]!.trim() === '') before--
  const depth = /^\s*/.exec(lines[before] ?? '')![0].length
  return lines[index]!.trimEnd().endsWith('{') || (before >= 0 && depth > indent && /^\s*(\d+\.\.\d+|#)/.test(lines[before]!))
}
