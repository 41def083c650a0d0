import { setTimeout as sleep } from 'node:timers/promises'
import { type SQL, sql } from 'drizzle-orm'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { refuse } from '../problems.ts'
import { databaseFailure, isConnectionLost, sqlState } from './errors.ts'
import { type Hearer, type Listening, openListening } from './listening.ts'
import { openPipeline, type Pipeline } from './pipeline.ts'

/** An open transaction. Whatever locks or writes takes one, so the compiler refuses it elsewhere. */
export type Tx = Parameters<Parameters<NodePgDatabase['transaction']>[0]>[0]

/** What services are given: reads, and transactions. */
export interface Db {
  /** Built queries outside any transaction. */
  query: NodePgDatabase
  /** Hot prepared statements by one round trip each; never inside a transaction. What waits here keeps all others waiting. */
  pipeline: Pipeline
  /**
   * Runs `work` in one transaction and commits. Serialization failures and deadlocks are tried again, so `work` must have no
   * effect outside the database. @throws the problem `service_unavailable` when the database cannot be reached.
   */
  transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
}

export interface Database extends Db {
  pool: pg.Pool
  /** Hears the notices of a channel, on one more connection, until it is closed. */
  listen: (channel: string, hearer: Hearer, options?: { role?: string; askedEveryMs?: number }) => Listening
  close: () => Promise<void>
}

export interface DatabaseOptions {
  url: string
  poolSize: number
  statementTimeoutMs: number
  lockTimeoutMs: number
  idleInTransactionTimeoutMs: number
  /** Told of connections that broke while idle; they are replaced by themselves. */
  onConnectionError: (error: Error) => void
}

const retries = 3
// More waiting transactions than this means that the database is not keeping up: refusing early keeps the others fast.
const longestQueue = 100

/** Connection options of one role of connections: its name and its timeouts are set by the server itself, for every session. */
export function connectionOptions(options: DatabaseOptions, role: string): pg.PoolConfig {
  return {
    connectionString: options.url,
    application_name: `guildhall ${role}`,
    options: [
      `-c statement_timeout=${options.statementTimeoutMs}`,
      `-c lock_timeout=${options.lockTimeoutMs}`,
      `-c idle_in_transaction_session_timeout=${options.idleInTransactionTimeoutMs}`,
      `-c transaction_timeout=${Math.max(10_000, options.statementTimeoutMs * 2)}`,
      '-c default_transaction_isolation=read\\ committed',
      '-c TimeZone=UTC'
    ].join(' '),
    connectionTimeoutMillis: 2000,
    // Longer than the server's own: what is not answered by then comes from a connection that died in silence.
    query_timeout: options.statementTimeoutMs + 1000,
    keepAlive: true
  }
}

/** A pool whose broken connections never end the process: idle ones and checked-out ones each have a listener. */
export function openPool(options: DatabaseOptions, role: string, size: number): pg.Pool {
  const pool = new pg.Pool({
    ...connectionOptions(options, role),
    max: size,
    idleTimeoutMillis: 30_000,
    maxLifetimeSeconds: 1800
  })
  pool.on('connect', (client) => {
    client.on('error', options.onConnectionError)
    prepareStatements(client)
  })
  // Idle connections tell the pool as well; an error that nobody listens to ends the process.
  pool.on('error', () => undefined)
  return pool
}

// Statements are written in the code, a few of them with parts that come and go; what makes ever new ones is not prepared.
const mostPrepared = 500
const preparedNames = new Map<string, string>()

/** At the end of a statement whose text follows what a caller asks for: its many forms must not take the places of the others. */
export const varied = sql`/* varied */`

function preparedName(text: string): string | undefined {
  const known = preparedNames.get(text)
  if (known || text.endsWith('/* varied */') || preparedNames.size >= mostPrepared) return known
  const name = `s${preparedNames.size}`
  preparedNames.set(text, name)
  return name
}

/** Prepares what the query builder sends with parameters, once for each connection: parsing and planning take longer than running it. */
function prepareStatements(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (config: unknown, values?: unknown, callback?: unknown) => unknown
  client.query = ((config: unknown, values?: unknown, callback?: unknown) => {
    const built = typeof config === 'object' && Array.isArray(values) && values.length > 0 ? (config as pg.QueryConfig) : undefined
    return query(built ? { ...built, name: built.name ?? preparedName(built.text) } : config, values, callback)
  }) as typeof client.query
}

export function openDatabase(options: DatabaseOptions, role = 'requests'): Database {
  const pool = openPool(options, role, options.poolSize)
  const query = drizzle({ client: pool })
  const pipeline = openPipeline(connectionOptions(options, 'pipeline'), options.onConnectionError)

  const executors = new WeakMap<pg.PoolClient, NodePgDatabase>()

  /** One try on one connection. A connection that was lost, or is not out of its transaction, is never used again. */
  async function once<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    let lost = false
    try {
      const executor = executors.get(client) ?? drizzle({ client })
      executors.set(client, executor)
      return await executor.transaction(work)
    } catch (error) {
      lost = isConnectionLost(error)
      throw error
    } finally {
      client.release(lost || client.getTransactionStatus() !== 'I')
    }
  }

  async function transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (pool.waitingCount >= longestQueue) throw refuse('service_unavailable', { retryAfter: 1 })
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(work)
      } catch (error) {
        const state = sqlState(error)
        const again = (state === '40001' || state === '40P01') && attempt <= retries
        if (!again) throw databaseFailure(error)
        await sleep(10 + Math.random() * 190)
      }
    }
  }

  return {
    pool,
    query,
    pipeline,
    transaction,
    listen: (channel, hearer, { role = 'listener', askedEveryMs } = {}) =>
      openListening(connectionOptions(options, role), channel, hearer, options.onConnectionError, askedEveryMs),
    async close() {
      await Promise.allSettled([pool.end(), pipeline.close()])
    }
  }
}

/** The rows of a statement written in SQL; the caller names their shape. */
export async function rows<Row extends object>(executor: Pick<NodePgDatabase, 'execute'>, statement: SQL): Promise<Row[]> {
  const result = await executor.execute(statement)
  return (result as unknown as { rows: Row[] }).rows
}
