import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** Spread into the options of `spawn`. */
export interface OsUser {
  uid: number
  gid: number
}

/** A folder that every OS user can enter and that outlives a restart of the machine. */
export const commonFolder = process.platform === 'win32' ? tmpdir() : '/var/tmp'

/**
 * Whom to run Postgres as; undefined is ourselves. Postgres refuses root, so root lends it the owner of the existing cluster,
 * else the OS user `postgres`, else `nobody`.
 */
export function serverUser(cluster: string): OsUser | undefined {
  if (process.getuid?.() !== 0) return undefined

  const owner = statSync(cluster, { throwIfNoEntry: false })
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }

  const passwd = readFileSync('/etc/passwd', 'utf8')
  for (const name of ['postgres', 'nobody']) {
    const [, uid, gid] = passwd.match(new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm')) ?? []
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('Postgres does not run as root, and there is no OS user postgres or nobody: start as another user or set DATABASE_URL')
}

/** Asks the system itself, since mode bits alone leave out access lists and mounts. */
export function canEnter(user: OsUser | undefined, folder: string): boolean {
  return !user || spawnSync('test', ['-x', folder], { ...user }).status === 0
}
