import { sql } from 'drizzle-orm'
import { customType, timestamp } from 'drizzle-orm/pg-core'

export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })

/** Milliseconds, as a JavaScript Date holds them: a cursor made of a Date then finds its row again. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 })

export const createdAt = () => moment('created_at').notNull().default(sql`now()`)

const tstzmultirange = customType<{ data: string }>({ dataType: () => 'tstzmultirange' })

/**
 * When which kind of enforcement is in force, written by a trigger from `enforcement_actions` alone. Whoever looks at them now needs no
 * clock that sweeps (E-5): the functions `enforcement(accounts)` and `enforcement(organizations)` name the hardest.
 */
export const inForce = {
  noticeDuring: tstzmultirange('notice_during'),
  warningDuring: tstzmultirange('warning_during'),
  restrictedDuring: tstzmultirange('restricted_during'),
  suspendedDuring: tstzmultirange('suspended_during'),
  bannedDuring: tstzmultirange('banned_during')
}
