import { spawn } from 'node:child_process'
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../src/db/embedded.ts'
import { prepareLocalDatabase } from '../src/db/local.ts'
import { migrateDatabase } from '../src/db/migrate.ts'

/**
 * Runs the tests on one embedded Postgres: a migrated template database is made once, every test file clones it.
 *   node test/run.ts [--long] [--browser] [file …]
 * The last line is `N passed, N failed`.
 */
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'))
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const browser = flags.includes('--browser')
const files =
  named.length > 0
    ? named
    : globSync('test/**/*.test.ts')
        .filter((file) => file.includes('/browser/') === browser)
        .sort()

// On one folder level that every user may enter: Postgres does not run as root.
const directory = mkdtempSync(join(tmpdir(), 'guildhall-test-'))
chmodSync(directory, 0o711)
const server = await startEmbeddedPostgres({ directory, durable: false, settings: { max_connections: '300' } })

try {
  const template = await prepareLocalDatabase(server, directory, 'guildhall_template')
  await migrateDatabase(template.ownerUrl, template.serviceUrl)
  const results = join(directory, 'results.tap')
  mkdirSync('.tap', { recursive: true })
  const reporter = process.stdout.isTTY ? 'terse' : 'min'
  // A file may take long on a busy machine; what hangs is ended all the same.
  const status = await run(
    'node_modules/.bin/tap',
    ['run', `--reporter=${reporter}`, '--timeout=120', `--output-file=${results}`, ...files],
    {
      ...process.env,
      TEST_LONG: flags.includes('--long') ? '1' : '',
      TEST_DATABASE: JSON.stringify({ directory, superuserUrl: server.url() }),
      // Results do not depend on the machine's own settings.
      TZ: 'UTC',
      NO_COLOR: '1',
      // What one file has compiled the next one need not.
      NODE_COMPILE_CACHE: join(directory, 'compiled')
    }
  )
  const tap = readFileSync(results, 'utf8')
  const { passed, failed: counted } = count(tap)
  // Said again at the end, in plain text: reporters differ in what they show without a terminal.
  if (status !== 0) process.stdout.write(`\n${failures(tap)}\n`)
  // A file that ended before its first test has failed as well.
  const failed = status !== 0 && counted === 0 ? 1 : counted
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1
} finally {
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

/** Tests by their innermost results: lines of TAP that are not summaries of subtests. */
function count(tap: string): { passed: number; failed: number } {
  const lines = tap.split('\n')
  let passed = 0
  let failed = 0
  for (const [index, line] of lines.entries()) {
    const result = /^(\s*)(not )?ok \d+/.exec(line)
    if (!result || isSummary(lines, index, result[1]!.length)) continue
    // Whatever it is marked as: a test that fails has failed, and one that was skipped has not passed.
    if (result[2]) failed++
    else if (!/# (TODO|SKIP)/i.test(line)) passed++
  }
  return { passed, failed }
}

/** Every failed result with the diagnostics under it, as the tests wrote them. */
function failures(tap: string): string {
  const lines = tap.split('\n')
  return lines
    .flatMap((line, index) => {
      if (!/^\s*(not ok \d+|Bail out!)/.test(line)) return []
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
