import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for one run, and what is to be stopped before it is removed: the last first, also where the run is interrupted. */
export function openFolder(name: string) {
  const directory = mkdtempSync(join(tmpdir(), `${name}-`))
  // On one level that every user may enter: Postgres does not run as root.
  chmodSync(directory, 0o711)
  const stops: Array<() => Promise<void>> = []
  async function cleanUp(): Promise<void> {
    for (const stop of stops.splice(0).reverse()) await stop()
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('SIGINT', () => void cleanUp().finally(() => process.exit(130)))
  return { directory, stops, cleanUp }
}
