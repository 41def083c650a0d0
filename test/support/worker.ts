import { openSync, writeSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import type { Test } from 'tap'

/**
 * Runs the test files that its parent (workers.ts) names, one after another: what they import is loaded and compiled once for all of
 * them. Each file is one test of this process, and its `t` is that test, so that its teardowns run when the file ends.
 */

export type ToWorker = { run: string; results: string } | 'timeout' | 'finish'
export type FromWorker = { ended: { ok: boolean } } | { timeout: number } | { leftOpen: string[] }

const tell = (message: FromWorker): void => void process.send!(message)
const graceMs = 10_000

/** The test of the file that runs now. */
export let fileTest: Test
let fileUrl: string | undefined
let results: number | undefined
let run = 0

const noDomains = new URL('no-domains.ts', import.meta.url).href
const ownTest = new URL('file-test.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'tap' && context.parentURL === fileUrl
      ? { url: `${ownTest}?${run}`, shortCircuit: true }
      : specifier === 'async-hook-domain'
        ? { url: noDomains, shortCircuit: true }
        : next(specifier, context)
})
const { default: tap } = await import('tap')

let said = ''
function write(): void {
  if (results !== undefined && said !== '') writeSync(results, said)
  said = ''
}

// In the same turn, not at the end: what was said is there when the process dies.
tap.pipe(
  new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      if (said === '') setImmediate(write)
      said += chunk
      done()
    }
  })
)
process.on('exit', write)

async function runFile(file: string): Promise<void> {
  run++
  fileUrl = pathToFileURL(resolve(file)).href
  const ended = await tap.test(file, async (t) => {
    // Only the parent can end a test that never lets go.
    t.setTimeout = (timeout: number): void => tell({ timeout })
    fileTest = t
    await import(fileUrl!)
  })
  write()
  tell({ ended: { ok: ended?.ok === true } })
}

/** Ends when nothing is open any more; what files have left open is named. */
function finish(): void {
  process.channel!.unref()
  setTimeout(() => {
    tell({ leftOpen: process.getActiveResourcesInfo() })
    process.exit(1)
  }, graceMs).unref()
}

process.on('message', (message: ToWorker) => {
  if (message === 'finish') return finish()
  if (message === 'timeout') return fileTest.timeout({ expired: fileTest.name })
  results = openSync(message.results, 'w')
  void runFile(message.run)
})

// The parent is gone: so is everything that was started here.
process.on('disconnect', () => process.kill(-process.pid, 'SIGTERM'))
