import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { databaseUrl, type World } from './world.ts'

/**
 * Lets something happen in the middle of a request: runs a statement in an open transaction, starts the request, waits until it waits for
 * a lock of that transaction, looks at what it holds, commits, and answers what the request came to.
 */
export async function meanwhile<T>(
  world: World,
  statement: string,
  values: unknown[],
  request: () => Promise<T>,
  look: () => Promise<unknown> = async () => undefined
): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl('superuser', world.database) })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(statement, values)
    let done = false
    const running = request().finally(() => {
      done = true
    })
    while (!(await isWaiting(client))) {
      if (done) throw new Error('The request did not wait for any lock.')
      await delay(2)
    }
    await look()
    await client.query('commit')
    return await running
  } finally {
    await client.end()
  }
}

async function isWaiting(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and pg_backend_pid() = any(pg_blocking_pids(pid))"
  )
  return rowCount! > 0
}
