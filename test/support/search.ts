import type { World } from './world.ts'

/** Columns of all tables, also those of the job library, whose text holds one of the words, whatever their case: `table.column`. */
export async function columnsWith({ sql }: Pick<World, 'sql'>, words: readonly string[]): Promise<string[]> {
  const tables = await sql<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema', 'drizzle')`
  )
  const patterns = words.map((word) => `%${word}%`)
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const columns = await sql<{ key: string }>(
        `select distinct each.key from ${name} as t, jsonb_each_text(to_jsonb(t)) as each where each.value ilike any($1::text[])`,
        [patterns]
      )
      return columns.map(({ key }) => `${name.replace('public.', '')}.${key}`)
    })
  )
  return found.flat().sort()
}

/** Columns of our own tables that can hold words: texts, lists of texts and JSON. */
export async function columnsOfWords({ sql }: Pick<World, 'sql'>): Promise<string[]> {
  const columns = await sql<{ name: string }>(
    `select c.table_name || '.' || c.column_name as name from information_schema.columns c
      join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
      where c.table_schema = 'public' and (c.data_type in ('text', 'character varying', 'json', 'jsonb') or c.udt_name = '_text') order by 1`
  )
  return columns.map(({ name }) => name)
}
