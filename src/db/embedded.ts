import { serverBinaries } from './embedded/binaries.ts'
import { ensureCluster, findPlace, type Place, preparePlace, removeDrafts } from './embedded/cluster.ts'
import { launch } from './embedded/launch.ts'
import {
  acceptsConnections,
  endServer,
  findServer,
  lives,
  ownerSetting,
  type RunningServer,
  removeForeignLock
} from './embedded/process.ts'

export interface EmbeddedPostgresOptions {
  /** Everything is kept here; made if it does not exist. */
  directory: string
  /** False is for tests: quicker, and a crash of the machine may lose the data. */
  durable?: boolean
  /** A free port by default, another one at each start. */
  port?: number
  /** Server settings by name, as in postgresql.conf. */
  settings?: Record<string, string>
  /** Told the few things that a person may wonder about later. */
  log?: (line: string) => void
}

export interface EmbeddedPostgres {
  port: number
  /** A postgres:// URL; of the superuser `postgres` and its database unless told otherwise. */
  url(options?: { role?: string; password?: string; database?: string }): string
  /** Ends the server, cutting off its clients, and waits until it is gone. Does nothing when another process started the server. */
  stop(): Promise<void>
  /** The callback is told how the server ended if it ends although nobody stopped it. Never called when another process started it. */
  onExit(callback: (how: string) => void): void
}

/**
 * Starts Postgres on the data in this directory, made at the first start, and waits until it accepts connections. It listens on
 * 127.0.0.1 only, and ends when this process exits. A server left over by a process that was killed is ended first; a server whose
 * process lives is an error.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { directory, durable = true, port, settings, log = () => {} } = options
  const place = preparePlace(directory, log)
  const binaries = await serverBinaries(place.user)

  const orphan = await refuseIfTaken(place)
  if (orphan) {
    log(`Ending the Postgres (pid ${orphan.pid}) that a Guildhall (pid ${orphan.owner}) left behind`)
    await endServer(orphan.pid, binaries)
  }
  removeForeignLock(place)

  try {
    await ensureCluster(place, binaries, durable)
    const server = await launch(place, binaries, serverSettings(durable, settings), port)
    await removeDrafts(place)
    return { ...server, url: urlOf(server.port, place.password) }
  } catch (error) {
    // If another process started at the same time and won, that says more than what Postgres says about it.
    await refuseIfTaken(place)
    throw error
  }
}

/** The server that another Guildhall process runs in this directory, once it accepts connections; undefined when none does. */
export async function findEmbeddedPostgres(directory: string): Promise<EmbeddedPostgres | undefined> {
  const place = findPlace(directory)
  const server = place && (await findServer(place))
  if (!server?.ownerLives || !(await acceptsConnections(server.pid, place!, () => !lives(server.pid)))) return undefined
  return { port: server.port, url: urlOf(server.port, place!.password), async stop() {}, onExit() {} }
}

/** Throws when a living process runs a server on this place; returns the server of a process that is gone. */
async function refuseIfTaken(place: Place): Promise<RunningServer | undefined> {
  const server = await findServer(place)
  if (server && server.owner === undefined) {
    throw new Error(`A Postgres that Guildhall did not start (pid ${server.pid}) runs on ${place.cluster}`)
  }
  if (server?.ownerLives) throw new Error(`Another Guildhall (pid ${server.owner}) already runs on this DATA_DIR: ${place.directory}`)
  return server
}

function serverSettings(durable: boolean, settings: EmbeddedPostgresOptions['settings']): Record<string, string> {
  return {
    max_connections: '100',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
    ...settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    [ownerSetting]: String(process.pid)
  }
}

function urlOf(port: number, superuserPassword: string): EmbeddedPostgres['url'] {
  return ({ role = 'postgres', password = role === 'postgres' ? superuserPassword : undefined, database = 'postgres' } = {}) => {
    const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`
    return `postgres://${encodeURIComponent(role)}${secret}@127.0.0.1:${port}/${encodeURIComponent(database)}`
  }
}
