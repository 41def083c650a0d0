import { type SQL, sql } from 'drizzle-orm'
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
    select from ${jobOf(task, sql`${JSON.stringify(payload)}::json`, sql`${options.key}::text`, options.delay)}`)
}

/** The call that queues a job, for statements that queue several. */
export const jobOf = (task: string, payload: SQL, key: SQL, delay = 0): SQL => sql`graphile_worker.add_job(
  identifier := ${task}::text, payload := ${payload}, job_key := ${key}, max_attempts := 25, run_at := now() + make_interval(secs => ${delay}))`
