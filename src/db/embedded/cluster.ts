import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { environment, program } from './binaries.ts'
import { canEnter, commonFolder, type OsUser, serverUser } from './user.ts'

/** Where everything of one embedded server is. */
export interface Place {
  /** The folder asked for, without symbolic links. */
  directory: string
  /** Parent of the cluster: the directory, unless the server's OS user cannot enter that. */
  home: string
  /** The folder that Postgres calls its data directory; it may not exist yet. */
  cluster: string
  user: OsUser | undefined
  password: string
}

/** The place as an earlier start left it; undefined when nothing was started in this directory yet. Changes nothing. */
export function findPlace(directory: string): Place | undefined {
  if (!existsSync(passwordFile(directory))) return undefined

  const home = findHome(directory)
  const cluster = join(home, 'postgres')
  const password = readFileSync(passwordFile(directory), 'utf8').trim()
  return { directory: realpathSync(directory), home, cluster, user: serverUser(cluster), password }
}

/** Finds or decides where the cluster is, and makes sure that the server's OS user can get there. */
export function preparePlace(directory: string, log: (line: string) => void): Place {
  mkdirSync(directory, { recursive: true })
  const earlier = join(findHome(directory), 'postgres')
  if (isCluster(earlier) && !existsSync(passwordFile(directory))) {
    throw new Error(`${passwordFile(directory)} is missing: put it back, or remove ${earlier} to start with an empty database`)
  }
  writeOnce(passwordFile(directory), randomBytes(32).toString('hex'))

  const place = findPlace(directory)!
  if (place.home !== place.directory) {
    // Others may write to the common folder: what is not ours any more was put there by somebody else.
    if (lstatSync(place.home, { throwIfNoEntry: false })?.uid === process.getuid?.()) return place
    throw new Error(
      `The database of ${directory} was in ${place.home}, which is gone: remove ${noteFile(directory)} to start with an empty one`
    )
  }
  if (canEnter(place.user, place.directory)) return place
  if (isCluster(place.cluster)) throw new Error(`Postgres runs as uid ${place.user?.uid}, which cannot enter ${place.directory}`)

  const elsewhere = mkdtempSync(join(commonFolder, 'guildhall-'))
  chmodSync(elsewhere, 0o711)
  const home = writeOnce(noteFile(place.directory), elsewhere)
  if (home !== elsewhere) rmSync(elsewhere, { recursive: true })
  log(`The database is kept in ${home}: Postgres runs as uid ${place.user?.uid}, which cannot enter ${place.directory}`)
  return findPlace(directory)!
}

/** Makes the cluster unless it is there. A cluster that is there is a whole one: it is made beside its place and moved in. */
export async function ensureCluster({ home, cluster, user, password }: Place, binaries: string, durable: boolean): Promise<void> {
  if (isCluster(cluster)) return

  const draft = await mkdtemp(join(home, 'postgres.new-'))
  const passwordCopy = join(draft, 'password')
  try {
    await writeFile(passwordCopy, password, { mode: 0o600 })
    if (user) for (const path of [draft, passwordCopy]) chownSync(path, user.uid, user.gid)

    const flags = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordCopy}`, '--encoding=UTF8', '--locale=C']
    flags.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums', '--no-instructions')
    if (!durable) flags.push('--no-sync')
    await promisify(execFile)(program(binaries, 'initdb'), ['-D', join(draft, 'data'), ...flags], {
      ...user,
      cwd: draft,
      env: environment,
      windowsHide: true
    })

    await rename(join(draft, 'data'), cluster)
  } catch (error) {
    // Another process that started at the same time may have put its cluster there first.
    if (!isCluster(cluster)) throw new Error(`Postgres could not make its data folder ${cluster}: ${reason(error)}`, { cause: error })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/**
 * Removes what interrupted starts left behind, as far as it can. Only for who runs the server: until one runs, what looks left behind
 * may be the work of another start.
 */
export async function removeDrafts({ directory, home }: Place): Promise<void> {
  for (const folder of new Set([directory, home])) {
    const drafts = (await readdir(folder)).filter((name) => /^(postgres|superuser-password|postgres-is-at)\.new-/.test(name))
    await Promise.allSettled(drafts.map((name) => rm(join(folder, name), { recursive: true, force: true })))
  }
}

function findHome(directory: string): string {
  return existsSync(noteFile(directory)) ? readFileSync(noteFile(directory), 'utf8').trim() : realpathSync(directory)
}

function passwordFile(directory: string): string {
  return join(resolve(directory), 'superuser-password')
}

function noteFile(directory: string): string {
  return join(resolve(directory), 'postgres-is-at')
}

function isCluster(folder: string): boolean {
  return existsSync(join(folder, 'PG_VERSION'))
}

/** Gives the file this content unless it exists, never half of it, and returns what it holds. */
function writeOnce(file: string, content: string): string {
  if (!existsSync(file)) {
    const draft = `${file}.new-${randomBytes(6).toString('hex')}`
    writeFileSync(draft, `${content}\n`, { mode: 0o600, flush: true })
    try {
      linkSync(draft, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(draft)
    }
  }
  return readFileSync(file, 'utf8').trim()
}

function reason(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string }
  return stderr?.trim() || message
}
