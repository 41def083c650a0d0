import { type SQL, sql } from 'drizzle-orm'

/** A moment as milliseconds since 1970: a number, which the driver makes no Date of. */
export const millis = (column: SQL): SQL => sql`(extract(epoch from ${column}) * 1000)::float8`

/** Such a number as replies show it: ISO 8601 in UTC, with milliseconds. */
export const iso = (at: number): string => new Date(at).toISOString()
export const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))
