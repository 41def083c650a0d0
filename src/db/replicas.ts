import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import type pg from 'pg'
import { openPipeline, type Pipeline, type Statement, statement } from './pipeline.ts'

/** What a replica has to show besides before it is believed. */
export interface Proof {
  statement: Statement
  values: unknown[]
  holds: (rows: object[]) => boolean
}

/** Copies of the database that answer reads, as long as they prove that they are no older than a second. */
export interface Replicas {
  /** The rows of a read, or nothing where no replica is fresh enough, or any answers in time: then the primary is asked. */
  read: <Row extends object>(statement: Statement, values: unknown[], proof: Proof | undefined) => Promise<Row[] | undefined>
  close: () => Promise<void>
}

// With a commit everything of it is in the log before anybody sees it: who has replayed up to here has seen all that was seen before.
const written = statement('replica_written', sql`select pg_current_wal_insert_lsn()::text as place`)
const replayed = statement(
  'replica_replayed',
  sql`select pg_is_in_recovery() and coalesce(pg_last_wal_replay_lsn() >= ${''}::pg_lsn, false) as reached`
)

const lookEveryMs = 250
// Together less than the second that an answer may be old: how old the place in the log is at most, and how long a replica has to answer.
const oldestPlaceMs = 600
const answerWithinMs = 300
/** One that was a moment behind is asked once more. */
const againAfterMs = 50
const restMs = 5000

/**
 * Looks where the primary writes in its log, every now and then, and asks a replica only together with whether it has replayed that far: one that
 * lags, or whose replay stands still, proves nothing and is not used. One that fails or is slow is left out for a while.
 */
export function openReplicas(primary: Pipeline, options: readonly pg.ClientConfig[], onError: (error: Error) => void): Replicas {
  const replicas = options.map((each) => ({ pipeline: openPipeline(each, onError, 1), restsUntil: 0 }))
  let known: { place: string; at: number } | undefined
  let turn = 0

  async function look(): Promise<void> {
    const at = performance.now()
    const [found] = await primary.run<{ place: string }>(written, [])
    known = { place: found!.place, at }
  }
  let looking = false
  const lookNow = (): void => {
    if (looking) return
    looking = true
    // Without a primary nothing can be proven; what was known grows too old by itself.
    look()
      .catch(() => undefined)
      .finally(() => {
        looking = false
      })
  }
  const timer = setInterval(lookNow, lookEveryMs).unref()
  lookNow()

  function next(): (typeof replicas)[number] | undefined {
    const now = performance.now()
    const awake = replicas.filter(({ restsUntil }) => restsUntil <= now)
    return awake[turn++ % awake.length]
  }

  async function ask<Row extends object>(
    statement: Statement,
    values: unknown[],
    proof: Proof | undefined
  ): Promise<Row[] | 'none' | 'behind'> {
    const replica = next()
    if (!replica || !known || performance.now() - known.at > oldestPlaceMs) return 'none'
    const { pipeline } = replica
    // One connection answers in this order, and nothing is sent again on another: what is read last is at least as new as what was proven before.
    const answers = Promise.all([
      pipeline.run<{ reached: boolean }>(replayed, [known.place]),
      proof ? pipeline.run(proof.statement, proof.values) : [],
      pipeline.run<Row>(statement, values)
    ])
    try {
      const answer = await Promise.race([answers, delay(answerWithinMs, undefined, { ref: false })])
      if (!answer) throw new Error('a replica did not answer in time')
      const [[position], shown, rows] = answer
      return position!.reached && (!proof || proof.holds(shown)) ? rows : 'behind'
    } catch (error) {
      answers.catch(() => undefined)
      replica.restsUntil = performance.now() + restMs
      onError(error as Error)
      return 'none'
    }
  }

  return {
    async read(statement, values, proof) {
      if (replicas.length === 0) return undefined
      let answer = await ask<never>(statement, values, proof)
      if (answer === 'behind') {
        await delay(againAfterMs)
        answer = await ask<never>(statement, values, proof)
      }
      return typeof answer === 'string' ? undefined : answer
    },
    async close() {
      clearInterval(timer)
      await Promise.allSettled(replicas.map(({ pipeline }) => pipeline.close()))
    }
  }
}

/** Where there are none. */
export const noReplicas: Replicas = { read: async () => undefined, close: async () => undefined }
