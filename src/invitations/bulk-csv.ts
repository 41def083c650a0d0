import { parse } from 'csv-parse/sync'
import { refuse } from '../problems.ts'

const columns = ['email', 'role', 'teamId', 'message', 'expiresInDays', 'locale', 'affiliation'] as const

/** A row as its columns say it, in the shape of an invitation in JSON: what is empty is absent. */
export interface CsvRow {
  email: string
  grants?: Array<{ role?: string; teamId?: string }>
  message?: string
  expiresInDays?: number | string
  locale?: string
  affiliation?: string
}

/**
 * Reads a table of invitations: CSV (RFC 4180) in UTF-8 whose first line names the columns, in any order. `email` is needed; one role a row,
 * for a team or the whole organization; whoever needs more sends JSON. Only the form of the table is judged here, its values as in JSON.
 * @throws csv_invalid
 */
export function readInvitationsCsv(text: string, most: number): CsvRow[] {
  const lines = readLines(text, most + 2)
  const [header, ...body] = lines
  if (!header) throw invalid('The table is empty; its first line names the columns.')
  const names = header.map((name) => name.trim())
  const unknown = names.find((name) => !columns.includes(name as (typeof columns)[number]))
  if (unknown !== undefined) throw invalid(`Line 1 names a column that is not known here. Known are ${columns.join(', ')}.`)
  if (new Set(names).size < names.length) throw invalid('Line 1 names a column twice.')
  if (!names.includes('email')) throw invalid('Line 1 lacks the column email.')
  return body.map((values, index) => {
    if (values.length !== names.length)
      throw invalid(`Row ${index + 1} below the header has ${values.length} fields, the header ${names.length}.`)
    const value = (name: (typeof columns)[number]): string | undefined => values[names.indexOf(name)]?.trim() || undefined
    return rowOf(value)
  })
}

function rowOf(value: (name: (typeof columns)[number]) => string | undefined): CsvRow {
  const [role, teamId, days] = [value('role'), value('teamId'), value('expiresInDays')]
  const row: CsvRow = { email: value('email') ?? '' }
  // A team without a role is no grant: the row is refused as it would be in JSON.
  if (role || teamId) row.grants = [{ ...(role && { role }), ...(teamId && { teamId }) }]
  if (days) row.expiresInDays = /^\d{1,3}$/.test(days) ? Number(days) : days
  for (const name of ['message', 'locale', 'affiliation'] as const) {
    const given = value(name)
    if (given) row[name] = given.replaceAll('\r\n', '\n')
  }
  return row
}

/** No more records are looked at than tell that there are too many. */
function readLines(text: string, to: number): string[][] {
  try {
    // Lines end in any way, also in several ways in one table.
    const record_delimiter = ['\r\n', '\n', '\r']
    return parse(text, { to, bom: true, record_delimiter, relax_column_count: true, skip_empty_lines: true, max_record_size: 16_384 })
  } catch (error) {
    const line = (error as { lines?: number }).lines
    throw invalid(
      `Line ${line ?? 1} is not well-formed: fields with commas, quotes or line breaks stand in double quotes, and a quote inside is doubled.`
    )
  }
}

const invalid = (detail: string) => refuse('csv_invalid', { detail })
