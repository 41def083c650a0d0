import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/database.ts'

export interface JobOptions {
  /** A job with the same key that has not started is replaced. */
  key: string
  /** Seconds from now. */
  delay?: number
}

/** Queues a job in the given transaction; graphile-worker runs it after the commit, at least once. */
export async function addJob(
  executor: Tx | Db['query'],
  task: string,
  payload: Record<string, unknown>,
  options: JobOptions
): Promise<void> {
  await executor.execute(sql`
    select from graphile_worker.add_job(
      identifier := ${task}::text, payload := ${JSON.stringify(payload)}::json, job_key := ${options.key}::text,
      max_attempts := 25, run_at := now() + make_interval(secs => ${options.delay ?? 0}))`)
}
