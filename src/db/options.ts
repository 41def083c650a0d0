import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config.ts'
import type { DatabaseOptions } from './database.ts'
import { loggable } from './errors.ts'

/** How requests use the database at this address. */
export const databaseOptions = (config: Config, url: string, log: Pick<FastifyBaseLogger, 'warn'>): DatabaseOptions => ({
  url,
  poolSize: config.POOL_SIZE,
  statementTimeoutMs: config.STATEMENT_TIMEOUT_MS,
  lockTimeoutMs: config.LOCK_TIMEOUT_MS,
  idleInTransactionTimeoutMs: config.IDLE_IN_TRANSACTION_TIMEOUT_MS,
  onConnectionError: (error) => log.warn({ failure: loggable(error) }, 'a database connection was lost')
})
