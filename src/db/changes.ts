import type { Database } from './database.ts'

/** Who keeps something that changes: told the names of what has changed, or that anything may have. */
export interface Keeper {
  forget: (name: string) => void
  forgetAll: () => void
}

/** Hears what changes in the database, from the notices that its triggers send with the changes. */
export interface Changes {
  /** Whether notices are heard now, as far as it was proven within the last second. Otherwise nothing that is kept may be used. */
  heard: (now?: number) => boolean
  follow: (keeper: Keeper) => void
  /** What this process has changed itself, before its notice comes back. */
  forget: (names: Iterable<string>) => void
  close: () => Promise<void>
}

/** Named in the triggers as well (`migrations/*_fact_notices`). */
const channel = 'guildhall_facts'

/** More was changed than anybody was told one by one. */
const everything = '*'
const provenEveryMs = 300
/** A proof is worth so long. */
export const provenForMs = 1000

/**
 * Listens from now on. Nothing is kept over a time in which it did not: first it listens, then all is forgotten, and only then what is read
 * from there on is kept.
 */
export function followChanges(db: Pick<Database, 'listen'>): Changes {
  const keepers: Keeper[] = []
  let provenAt: number | undefined

  const forget = (name: string): void => {
    for (const keeper of keepers) keeper.forget(name)
  }
  const forgetAll = (): void => {
    for (const keeper of keepers) keeper.forgetAll()
  }
  const listening = db.listen(
    channel,
    {
      hear(notice) {
        if (notice === everything) forgetAll()
        else forget(notice)
      },
      opened(asked) {
        forgetAll()
        provenAt = asked
      },
      proven(asked) {
        provenAt = asked
      },
      lost() {
        provenAt = undefined
        forgetAll()
      }
    },
    { role: 'changes', askedEveryMs: provenEveryMs }
  )
  return {
    heard: (now = performance.now()) => provenAt !== undefined && now - provenAt < provenForMs,
    follow: (keeper) => keepers.push(keeper),
    forget(names) {
      for (const name of names) forget(name)
    },
    close: listening.close
  }
}

/** Where nothing is to be kept. */
export const unheard: Changes = {
  heard: () => false,
  follow: () => undefined,
  forget: () => undefined,
  close: async () => undefined
}
