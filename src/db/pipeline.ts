import type { Socket } from 'node:net'
import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { databaseFailure, isConnectionLost } from './errors.ts'

/** A statement with a name, prepared once a connection. */
export interface Statement {
  name: string
  text: string
}

const dialect = new PgDialect()

/** The statement of a query written once for transactions and for the pipeline; its parameters keep their order. */
export const statement = (name: string, query: SQL): Statement => ({ name, text: dialect.sqlToQuery(query).sql })

/**
 * Single prepared statements over one pipelined connection: many requests share its round trips. It has no transactions on
 * purpose: two at once on one connection would run into each other.
 */
export interface Pipeline {
  /** Each statement is its own transaction, and may run twice when the connection breaks: it must be a read, or harmless twice. */
  run: <Row extends object>(statement: Statement, values: unknown[]) => Promise<Row[]>
  close: () => Promise<void>
}

// Its few statements look things up by their keys, whatever the values: to plan each anew takes longer than to carry it out.
const planning = '-c plan_cache_mode=force_generic_plan -c jit=off'

/** Statements of one turn of the event loop go out together at its end: a write each costs more than all else about them. */
function gatherWrites(client: pg.Client): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  if (stream.writableCorked > 0) return
  stream.cork()
  setImmediate(() => stream.uncork())
}

function submit<Row extends object>(client: pg.Client, { name, text }: Statement, values: unknown[]): Promise<Row[]> {
  gatherWrites(client)
  return new Promise((resolve, reject) => {
    const query = new pg.Query<Row>(text, values, (error, result) => (error ? reject(error) : resolve(result.rows)))
    client.query(Object.assign(query, { name }))
  })
}

/**
 * Opens the connection at the first statement and again after it breaks. A statement that was under way when the connection
 * broke is sent once more, unless one try is all it gets. @throws the problem `service_unavailable` when there is no connection to be had.
 */
export function openPipeline(options: pg.ClientConfig, onError: (error: Error) => void, tries = 2): Pipeline {
  let current: Promise<pg.Client> | undefined
  let closed = false

  function connect(): Promise<pg.Client> {
    // `pipeline` is not in the published types yet.
    const client = new pg.Client({ ...options, options: `${options.options} ${planning}`, pipeline: true } as pg.ClientConfig)
    const connecting = client.connect().then(() => client)
    const forget = (): void => {
      if (current === connecting) current = undefined
    }
    client.on('error', (error) => {
      forget()
      onError(error)
    })
    client.on('end', forget)
    connecting.catch(forget)
    current = connecting
    return connecting
  }

  async function run<Row extends object>(statement: Statement, values: unknown[]): Promise<Row[]> {
    for (let attempt = 1; ; attempt++) {
      const mine = current ?? connect()
      try {
        const client = await mine
        return await submit<Row>(client, statement, values)
      } catch (error) {
        const broken = isConnectionLost(error)
        if (broken && current === mine) current = undefined
        if (!broken || attempt >= tries || closed) throw databaseFailure(error)
      }
    }
  }

  return {
    run,
    async close() {
      closed = true
      const client = await current?.catch(() => undefined)
      await client?.end()
    }
  }
}
