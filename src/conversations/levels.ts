import { type SQL, sql } from 'drizzle-orm'
import { conversationLevels } from './tables.ts'

export type Level = (typeof conversationLevels)[number]

/** Whether a level is above another (H-1). */
export const isAbove = (level: Level, other: Level): boolean => conversationLevels.indexOf(level) > conversationLevels.indexOf(other)

/** The same order for statements: higher is more. */
export const rankOf = (level: SQL): SQL => sql`array_position(${sql.param([...conversationLevels])}::text[], ${level})`
