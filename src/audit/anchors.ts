import { createHash } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import type { FastifyBaseLogger } from 'fastify'
import { rows, type Tx } from '../db/database.ts'
import type { Parts } from '../parts.ts'

export interface Anchor {
  from: string
  until: string
  rows: number
  /** Hex SHA-256 over the hashes of all audit rows of the stretch, by time and id. */
  digest: string
}

// A transaction stamps its rows with its beginning, and `transaction_timeout` is two minutes at most: after three nothing is added to the past.
const settled = sql`date_trunc('minute', now() - interval '3 minutes')`

/** The digest of all audit rows with `from <= at < until`, read in slices. */
export async function digestOf(tx: Tx, from: string, until: string): Promise<{ rows: number; digest: string }> {
  const hash = createHash('sha256')
  let count = 0
  let after: { at: string; id: string } | undefined
  for (;;) {
    const slice = await rows<{ at: string; id: string; hash: Buffer }>(
      tx,
      sql`select at::text as at, id, hash from audit_events where at >= ${from}::timestamptz and at < ${until}::timestamptz
        and (${after?.at ?? null}::timestamptz is null or (at, id) > (${after?.at ?? null}::timestamptz, ${after?.id ?? null}::uuid))
        order by at, id limit 5000`
    )
    for (const row of slice) hash.update(row.hash)
    count += slice.length
    if (slice.length < 5000) return { rows: count, digest: hash.digest('hex') }
    after = slice.at(-1)!
  }
}

/**
 * Anchors the audit: a digest of everything since the last anchor, kept in the database and, as one line, outside it. Whoever could
 * change the database cannot change that line, so rewriting a whole chain is found as well.
 */
export async function anchorAudit(parts: Parts, log: Pick<FastifyBaseLogger, 'info'>): Promise<Anchor | undefined> {
  const anchor = await parts.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('audit_anchors'))`)
    const [stretch] = await rows<{ from: string; until: string; due: boolean }>(
      tx,
      sql`select coalesce((select max(until) from audit_anchors), '-infinity')::text as from, ${settled}::text as until,
        coalesce((select max(until) from audit_anchors) < ${settled}, true) as due`
    )
    if (!stretch!.due) return undefined
    const { from, until } = stretch!
    const digest = await digestOf(tx, from, until)
    await tx.execute(
      sql`insert into audit_anchors ("from", until, rows, digest) values (${from}::timestamptz, ${until}::timestamptz, ${digest.rows}, ${Buffer.from(digest.digest, 'hex')})`
    )
    return { from, until, ...digest }
  })
  if (!anchor) return undefined
  log.info({ anchor }, 'audit anchor')
  const file =
    parts.config.AUDIT_ANCHOR_FILE ?? (parts.config.mode === 'embedded' ? `${parts.config.DATA_DIR}/audit-anchors.jsonl` : undefined)
  if (file) await appendFile(file, `${JSON.stringify(anchor)}\n`, { mode: 0o600 })
  return anchor
}
