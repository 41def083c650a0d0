import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { serverBinaries } from '../../src/db/embedded/binaries.ts'
import { findPlace, type Place } from '../../src/db/embedded/cluster.ts'
import { launch } from '../../src/db/embedded/launch.ts'
import type { EmbeddedPostgres } from '../../src/db/embedded.ts'

/** A streaming replica of an embedded server: a copy of its data folder that follows its log. */
export async function startStandby(primary: EmbeddedPostgres, directory: string) {
  const of = findPlace(directory)!
  const cluster = `${of.cluster}-standby`
  const client = new pg.Client({ connectionString: primary.url() })
  await client.connect()
  try {
    // On one session: the backup ends with it.
    await client.query(`select pg_backup_start('standby', true)`)
    await cp(of.cluster, cluster, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !/(postmaster\.(pid|opts)|\/pg_replslot\/.+|\/pg_stat_tmp\/.+)$/.test(path)
    })
    const { rows } = await client.query<{ label: string }>('select labelfile as label from pg_backup_stop(false)')
    writeFileSync(join(cluster, 'backup_label'), rows[0]!.label)
  } finally {
    await client.end()
  }
  writeFileSync(join(cluster, 'standby.signal'), '')
  mkdirSync(cluster, { recursive: true })
  if (of.user) await owned(cluster, of.user)
  const place: Place = { ...of, cluster }
  const settings = {
    timezone: 'UTC',
    max_connections: '100',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    primary_conninfo: `host=127.0.0.1 port=${primary.port} user=postgres password=${of.password} dbname=postgres sslmode=disable`
  }
  const server = await launch(place, await serverBinaries(of.user), settings)
  const standby = new pg.Pool({ connectionString: primary.url().replace(`:${primary.port}/`, `:${server.port}/`), max: 1 })
  standby.on('error', () => undefined)
  return {
    port: server.port,
    /** Its replay stands still, or goes on. */
    pause: () => standby.query('select pg_wal_replay_pause()'),
    resume: () => standby.query('select pg_wal_replay_resume()'),
    query: async <Row extends object>(text: string): Promise<Row[]> => (await standby.query(text)).rows as Row[],
    async stop() {
      await standby.end().catch(() => undefined)
      await server.stop()
      rmSync(cluster, { recursive: true, force: true })
    }
  }
}

/** Everything in the folder belongs to the user that the server runs as. */
async function owned(folder: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  const { globSync } = await import('node:fs')
  for (const path of [folder, ...globSync('**/*', { cwd: folder }).map((each) => join(folder, each))]) chownSync(path, uid, gid)
}
