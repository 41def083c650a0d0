import { readFile } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { sha256 } from '../keyring.ts'
import { type Anchor, digestOf } from './anchors.ts'
import { personalDigest } from './record.ts'

export interface AuditReport {
  events: number
  chains: number
  anchors: number
  /** What does not fit, in words; empty when all is well. */
  faults: string[]
}

interface Row {
  chain: string
  sequence: number
  text: string
  previous: Buffer
  hash: Buffer
  /** Whether the personal values are those that were written, or erased. */
  personal: boolean
}

const sliceSize = 5000
const mostFaults = 50

/**
 * Checks every audit row again: its hash over what it says, its link to the row before, no gap, no missing end, and the anchors, those
 * in the database and those kept outside it. Finds any row that was changed, removed, put in or moved, and personal values
 * that were changed. Erasing those leaves all valid: the hash covers a salted digest of them.
 */
export async function verifyAudit(db: Db, anchorFile?: string): Promise<AuditReport> {
  const report: AuditReport = { events: 0, chains: 0, anchors: 0, faults: [] }
  const outside = anchorFile === undefined ? [] : await readAnchors(anchorFile)
  await db.query.transaction(
    async (tx) => {
      await tx.execute(sql`set local statement_timeout = 0`)
      await tx.execute(sql`set local transaction_timeout = 0`)
      await verifyChains(tx, report)
      await verifyAnchors(tx, report, outside)
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' }
  )
  return report
}

async function verifyChains(tx: Tx, report: AuditReport): Promise<void> {
  const ends = new Map(
    (
      await rows<{ chain: string; sequence: number; hash: Buffer }>(
        tx,
        sql`select chain_kind || ' ' || chain_id as chain, sequence::int as sequence, hash from audit_chains`
      )
    ).map((end) => [end.chain, end])
  )
  report.chains = ends.size
  let last: Row | undefined
  const closeChain = (): void => {
    if (!last) return
    const end = ends.get(last.chain)
    if (!end || end.sequence !== last.sequence || !end.hash.equals(last.hash))
      fault(report, `${last.chain}: the chain does not end where it should`)
    ends.delete(last.chain)
  }
  for (;;) {
    const slice: Row[] = await rows<Row>(
      tx,
      sql`select chain_kind || ' ' || chain_id as chain, sequence::int as sequence, audit_event_text(e) as text, previous_hash as previous, hash,
          p.event_id is null or coalesce(personal_digest = ${personalDigest(sql`p.salt`, sql`p.values`)}, false) as personal
        from audit_events e left join audit_personal p on p.event_id = e.id
        where (chain_kind, chain_id, sequence) > (${last?.chain.split(' ')[0] ?? ''}, ${last?.chain.split(' ')[1] ?? '00000000-0000-0000-0000-000000000000'}::uuid, ${last?.sequence ?? -1}::bigint)
        order by chain_kind, chain_id, sequence limit ${sliceSize}`
    )
    for (const row of slice) {
      const begins = row.chain !== last?.chain
      if (begins) closeChain()
      const previous = begins ? Buffer.alloc(0) : last!.hash
      if (row.sequence !== (begins ? 1 : last!.sequence + 1)) fault(report, `${row.chain}: rows are missing before number ${row.sequence}`)
      else if (!row.previous.equals(previous)) fault(report, `${row.chain}: number ${row.sequence} does not follow the row before it`)
      if (!sha256(Buffer.concat([row.previous, Buffer.from(row.text)])).equals(row.hash))
        fault(report, `${row.chain}: number ${row.sequence} was changed`)
      if (!row.personal) fault(report, `${row.chain}: the personal values of number ${row.sequence} were changed`)
      report.events++
      last = row
    }
    if (slice.length < sliceSize) break
  }
  closeChain()
  for (const chain of ends.keys()) fault(report, `${chain}: all its rows are missing`)
}

async function verifyAnchors(tx: Tx, report: AuditReport, outside: Anchor[]): Promise<void> {
  const inside = await rows<Anchor>(
    tx,
    sql`select "from"::text as from, until::text as until, rows::int as rows, encode(digest, 'hex') as digest from audit_anchors order by until`
  )
  for (const anchor of [...inside, ...outside]) {
    const now = await digestOf(tx, anchor.from, anchor.until)
    report.anchors++
    if (now.digest !== anchor.digest || now.rows !== anchor.rows) {
      fault(
        report,
        `anchor until ${anchor.until}: ${anchor.rows} rows were anchored, ${now.rows} are there${now.rows === anchor.rows ? ', and not the same' : ''}`
      )
    }
  }
}

async function readAnchors(file: string): Promise<Anchor[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean)
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as Anchor
    } catch {
      throw new Error(`Line ${index + 1} of ${file} is no anchor`)
    }
  })
}

function fault(report: AuditReport, text: string): void {
  if (report.faults.length < mostFaults) report.faults.push(text)
}
