import { type Changes, provenForMs } from './changes.ts'

/** Something as it was read. */
export interface Kept<Value> {
  key: string
  value: Value
  /** What it depends on, by the names in notices. */
  names: readonly string[]
  /** When it was read, and when it was last known to be right, by `performance.now()`. */
  readAt: number
  knownAt: number
  /** When it changes by itself. */
  endsAt: number
  /** Since it was last the oldest. */
  used: boolean
}

/** A look at the database that has begun: what it finds is kept only if no change of it was heard meanwhile. */
export interface Reading<Value> {
  /** `lasts`: milliseconds until it changes by the clock. */
  keep: (key: string, names: readonly string[], value: Value, lasts?: number) => void
  /** The database says what is kept. Whether it still is, `has` tells. */
  confirm: (kept: Kept<Value>) => void
}

export interface MemoryCounts {
  hits: number
  misses: number
  checks: number
  invalidations: number
  /** Asked while notices were not heard. */
  bypassed: number
}

export type Memory<Value> = ReturnType<typeof openMemory<Value>>

/** Whatever is kept is read anew after so long, though it was found right again and again. */
const longestMs = 60_000

/**
 * Keeps up to `size` values, those long unused are dropped first, each until something it depends on is named by a notice. Nothing is found
 * while notices are not heard. What is found is right as of `knownAt`; whether that is recent enough is for who asks (`isRecent`).
 */
export function openMemory<Value>(changes: Changes, size: number) {
  const kept = new Map<string, Kept<Value>>()
  const keysOf = new Map<string, Set<string>>()
  const readings = new Set<{ overtaken: Set<string>; byAll: boolean }>()
  const counts: MemoryCounts = { hits: 0, misses: 0, checks: 0, invalidations: 0, bypassed: 0 }

  function drop({ key, names }: Kept<Value>): void {
    kept.delete(key)
    for (const name of names) {
      const keys = keysOf.get(name)
      keys?.delete(key)
      if (keys?.size === 0) keysOf.delete(name)
    }
  }

  /** Whoever is the oldest, but was used, becomes the youngest: to put everybody there each time they are used would cost more than the use. */
  function oldestUnused(): Kept<Value> {
    for (;;) {
      const oldest: Kept<Value> = kept.values().next().value!
      if (!oldest.used) return oldest
      oldest.used = false
      kept.delete(oldest.key)
      kept.set(oldest.key, oldest)
    }
  }

  function add(entry: Kept<Value>): void {
    const before = kept.get(entry.key)
    // Read again, it takes the same place, and what hangs on the names need not be put in order anew. It is another entry all the same: whoever found
    // the one before must see that it is no longer kept.
    if (before && sameNames(before, entry)) return void kept.set(entry.key, entry)
    if (before) drop(before)
    else if (kept.size >= size) drop(oldestUnused())
    kept.set(entry.key, entry)
    for (const name of entry.names) {
      const keys = keysOf.get(name)
      if (keys) keys.add(entry.key)
      else keysOf.set(name, new Set([entry.key]))
    }
  }

  changes.follow({
    forget(name) {
      for (const reading of readings) reading.overtaken.add(name)
      for (const key of [...(keysOf.get(name) ?? [])]) {
        counts.invalidations++
        drop(kept.get(key)!)
      }
    },
    forgetAll() {
      for (const reading of readings) reading.byAll = true
      counts.invalidations += kept.size
      kept.clear()
      keysOf.clear()
    }
  })

  return {
    counts,
    size: () => kept.size,
    /** Whether anything that is read now is kept. */
    works: () => size > 0 && changes.heard(),

    /** `now`: by `performance.now()`, once for many. */
    find(key: string, now = performance.now()): Kept<Value> | undefined {
      const entry = kept.get(key)
      if (!changes.heard(now)) {
        counts.bypassed++
        return undefined
      }
      if (!entry || entry.endsAt <= now || entry.readAt + longestMs <= now) {
        counts.misses++
        return undefined
      }
      counts.hits++
      entry.used = true
      return entry
    },

    /** Whether something that was found is still kept. */
    has: (entry: Kept<Value>): boolean => kept.get(entry.key) === entry,

    /** Reads from the database. The moment before it began is the last at which what it finds is known to have been right. */
    async reading<Result>(read: (reading: Reading<Value>) => Promise<Result>): Promise<Result> {
      const now = performance.now()
      const mine = { overtaken: new Set<string>(), byAll: false }
      readings.add(mine)
      try {
        return await read({
          keep(key, names, value, lasts = Number.POSITIVE_INFINITY) {
            if (size === 0 || !changes.heard() || mine.byAll || names.some((name) => mine.overtaken.has(name))) return
            // A look that began earlier takes nothing back.
            if ((kept.get(key)?.knownAt ?? 0) > now) return
            add({ key, names, value, readAt: now, knownAt: now, used: false, endsAt: now + lasts })
          },
          confirm(entry) {
            counts.checks++
            entry.knownAt = Math.max(entry.knownAt, now)
          }
        })
      } finally {
        readings.delete(mine)
      }
    }
  }
}

const sameNames = (one: Kept<unknown>, other: Kept<unknown>): boolean =>
  one.names.length === other.names.length && one.names.every((name, index) => name === other.names[index])

/** Known to have been right within the last second. */
export const isRecent = ({ knownAt }: Kept<unknown>, now = performance.now()): boolean => now - knownAt < provenForMs
