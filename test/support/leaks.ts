import { Writable } from 'node:stream'
import type pg from 'pg'
import type { SecretKeeper } from './secrets.ts'

/** A secret where none belongs. */
export interface Leak {
  /** `public.audit_events.detail`, or `log`. */
  where: string
  kind: string
}

interface Table {
  name: string
  text: string
}

/**
 * Text of all rows, one on a line: as JSON, and columns of bytes as the characters that they may be. Of a table beyond half a megabyte the first
 * and the last quarter: the tests that make very many rows make them alike.
 */
const dump = `
  select format('select %L as name, string_agg(concat_ws(E''\\t'', to_jsonb(x) - %L::text[] %s), E''\\n'') as text from %I.%I x where ctid < ''(32,0)'' or ctid >= ''(%s,0)''',
    n.nspname || '.' || c.relname,
    array(select a.attname from pg_attribute a where a.attrelid = c.oid and a.atttypid = 'bytea'::regtype and not a.attisdropped),
    coalesce((select string_agg(format(', encode(x.%I, ''escape'')', a.attname), '') from pg_attribute a
      where a.attrelid = c.oid and a.atttypid = 'bytea'::regtype and not a.attisdropped), ''),
    n.nspname, c.relname, greatest(0, pg_relation_size(c.oid) / current_setting('block_size')::int - 32)) as statement
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and pg_relation_size(c.oid) > 0`

/** Every row of every table of every schema that holds a secret, by table and column. What is sealed or hashed matches none by itself. */
export async function leaksInDatabase(superuser: Pick<pg.Pool, 'query'>, keeper: SecretKeeper): Promise<Leak[]> {
  const { rows: tables } = await superuser.query<{ statement: string }>(dump)
  if (tables.length === 0) return []
  const seek = keeper.seeker()
  const { rows } = await superuser.query<Table>(tables.map(({ statement }) => statement).join(' union all '))
  return rows.flatMap(({ name, text }) => {
    const found = text && seek(text)
    if (!found) return []
    const line = text.slice(text.lastIndexOf('\n', found.at) + 1).split('\n', 1)[0]!
    const columns = Object.entries(JSON.parse(line.split('\t', 1)[0]!) as Record<string, unknown>)
    const column = columns.find(([, value]) => seek(JSON.stringify(value)))
    return [{ where: `${name}.${column?.[0] ?? '(bytes)'}`, kind: found.kind }]
  })
}

const mostCharacters = 2_000_000

export function leaksInLog(text: string, keeper: SecretKeeper): Leak[] {
  const found = keeper.seeker()(text)
  return found ? [{ where: 'log', kind: found.kind }] : []
}

/** Takes the lines of a log, and knows of secrets in them. Of very long logs the older part is looked at on the way, and let go. */
export function watchedLog(keeper: SecretKeeper, onward?: NodeJS.WritableStream) {
  let lines: string[] = []
  let length = 0
  const leaks: Leak[] = []
  function look(): Leak[] {
    leaks.push(...leaksInLog(lines.join(''), keeper))
    return leaks
  }
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      lines.push(String(chunk))
      length += chunk.length
      onward?.write(chunk)
      if (length > mostCharacters) {
        look()
        lines = []
        length = 0
      }
      done()
    }
  })
  return { stream, look }
}

/** @throws when there is a leak: where, and of what kind; never what */
export function refuseLeaks(leaks: readonly Leak[]): void {
  if (leaks.length === 0) return
  const told = [...new Set(leaks.map(({ where, kind }) => `${kind} in ${where}`))]
  throw new Error(`P-12: secrets were kept in plain: ${told.join('; ')}`)
}
