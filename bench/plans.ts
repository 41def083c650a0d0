import pg from 'pg'
import type { Statement } from '../src/db/pipeline.ts'

/** A node of a plan, as Postgres tells it. Figures are of one of its loops; pages are of all, with what lies below. */
interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: PlanNode[]
}

/** How a statement was carried out once. */
export interface Carried {
  /** What looks at tables and indexes, each as `Index Scan of table by index`. */
  looks: string[]
  /** What is no lookup by an index, or one that reads too much. */
  faults: string[]
  rows: number
  /** Pages that were looked at, and how many of them Postgres had at hand. */
  pages: number
  atHand: number
  planningMs: number
  executionMs: number
}

/** What one lookup may read in a table: members of an organization are the most that anything looks at. */
const mostRows = 100

/**
 * Carries a statement out with these values, ids and words or columns of them, by the plan that is made once for any values and by the one that is made
 * for these: Postgres takes the one or the other. What counts is the second time, when nothing is read for the first time.
 */
export async function carriedOut(
  client: pg.Client,
  { name, text }: Statement,
  values: unknown[]
): Promise<Record<'generic' | 'custom', Carried>> {
  await client.query(`prepare ${name} as ${text}`)
  const execute = `execute ${name} (${values.map((value) => literal(value as string | Array<string | null>)).join(', ')})`
  const by = async (plan: 'generic' | 'custom'): Promise<Carried> => {
    await client.query(`set plan_cache_mode = force_${plan}_plan`)
    await client.query(execute)
    const { rows } = await client.query<{ 'QUERY PLAN': Array<{ Plan: PlanNode; 'Planning Time': number; 'Execution Time': number }> }>(
      `explain (analyze, buffers, format json) ${execute}`
    )
    const [explained] = rows[0]!['QUERY PLAN']
    const { Plan: top } = explained!
    const nodes = nodesOf(top)
    return {
      looks: nodes.filter((node) => node['Relation Name'] ?? node['Index Name']).map(nameOf),
      faults: nodes.flatMap(faultOf),
      rows: top['Actual Rows'],
      pages: top['Shared Hit Blocks'] + top['Shared Read Blocks'],
      atHand: top['Shared Hit Blocks'],
      planningMs: explained!['Planning Time'],
      executionMs: explained!['Execution Time']
    }
  }
  try {
    return { generic: await by('generic'), custom: await by('custom') }
  } finally {
    await client.query('reset plan_cache_mode')
    await client.query(`deallocate ${name}`)
  }
}

const literal = (value: string | Array<string | null>): string =>
  pg.escapeLiteral(typeof value === 'string' ? value : `{${value.map((each) => each ?? 'NULL').join(',')}}`)

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

function nameOf(node: PlanNode): string {
  const of = node['Relation Name'] ? ` of ${node['Relation Name']}` : ''
  return `${node['Node Type']}${of}${node['Index Name'] ? ` by ${node['Index Name']}` : ''}`
}

function faultOf(node: PlanNode): string[] {
  const kind = node['Node Type']
  if (node['Relation Name'] && !['Index Scan', 'Index Only Scan', 'Bitmap Heap Scan'].includes(kind)) return [nameOf(node)]
  // Through a whole index in its order is no lookup.
  if (node['Index Name'] && !node['Index Cond']) return [`${nameOf(node)} without a condition`]
  const read = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
  return (node['Relation Name'] ?? node['Index Name']) && read > mostRows ? [`${nameOf(node)} reads ${read} rows at a time`] : []
}
