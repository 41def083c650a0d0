import type { Database } from '../db/database.ts'
import { numberEvents } from './numbering.ts'

/** Looks for new events on behalf of all streams of a process. */
export interface EventWatch {
  /** Begins to look, if nobody else has asked for it; the answer ends it when nobody else is left. */
  join: () => () => void
  /** Waits until the feed is longer than this, at most so many milliseconds, or until the signal; answers whether it is longer. */
  beyond: (place: number, ms: number, signal: AbortSignal) => Promise<boolean>
}

/** Named in the trigger as well (`migrations/*_event_feed_notice`). */
const channel = 'guildhall_events'

// Soon after a notice or an event, since the next one may be about to commit, then less and less often. The longest pause is also how late
// an event can come whose notice was lost with the connection.
const shortestPauseMs = 20
const longestPauseMs = 1000

export function watchEvents(db: Database): EventWatch {
  const waiting = new Set<() => void>()
  let known = 0
  let watchers = 0
  let stop: (() => void) | undefined

  /** Numbers what has come, wakes who waits for it, and rests until there may be more. */
  async function look(bell: Bell, signal: AbortSignal): Promise<void> {
    for (let pause = shortestPauseMs; !signal.aborted; ) {
      const before = known
      // Without a database there is nothing to see; it is looked for again.
      known = await numberEvents(db).catch(() => known)
      if (known > before) for (const wake of [...waiting]) wake()
      pause = known > before ? shortestPauseMs : Math.min(pause * 2, longestPauseMs)
      if (await bell.rings(pause)) pause = shortestPauseMs
    }
  }

  function start(): () => void {
    const bell = makeBell()
    const ending = new AbortController()
    const listening = db.listen(channel, { hear: bell.ring, opened: bell.ring })
    void look(bell, ending.signal).finally(() => listening.close())
    return () => {
      ending.abort()
      bell.ring()
    }
  }

  return {
    join() {
      watchers++
      stop ??= start()
      return () => {
        if (--watchers > 0) return
        stop?.()
        stop = undefined
      }
    },
    beyond: (place, ms, signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          if (known <= place && !signal.aborted) return
          done()
        }
        const done = (): void => {
          waiting.delete(wake)
          clearTimeout(timer)
          signal.removeEventListener('abort', wake)
          resolve(known > place)
        }
        const timer = setTimeout(done, ms)
        waiting.add(wake)
        signal.addEventListener('abort', wake)
        wake()
      })
  }
}

type Bell = ReturnType<typeof makeBell>

/** Rings at once for who waits, and for who comes next where nobody waited. */
function makeBell() {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring(): void {
      rung = true
      wake?.()
    },
    /** Whether it rang within so many milliseconds. What rings in quick succession counts as once. */
    async rings(ms: number): Promise<boolean> {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        wake = undefined
      }
      const answer = rung
      if (answer) await new Promise((resolve) => setTimeout(resolve, shortestPauseMs / 2))
      rung = false
      return answer
    }
  }
}
