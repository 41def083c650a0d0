import type { Settings } from './options.ts'
import { GuildhallProblem } from './problem.ts'
import type { components } from './schema.ts'
import type { Transport } from './transport.ts'

type Page = components['schemas']['EventPage']
type CloudEvent = components['schemas']['CloudEvent']

export interface Changes {
  /** Something has changed. */
  onEvent: (event: CloudEvent) => void
  /** Nothing is known any more of what has changed since. */
  onGap: () => void
}

export type Feed = ReturnType<typeof followFeed>

const pageSize = 1000
// After a long rest it is quicker to begin anew than to read all that has happened.
const mostPages = 5
const firstRestMs = 250
const longestRestMs = 5000

/**
 * Follows the feed, and says whether all of it is known up to now. A page that ends the feed proves that: the service looks for what has
 * committed before it answers. One small request proves it for everything that is cached, and none is sent while nobody asks.
 */
export function followFeed({ send }: Pick<Transport, 'send'>, settings: NonNullable<Settings['cache']>, { onEvent, onGap }: Changes) {
  const { maxStaleMs, onUnavailable } = settings
  let place: string | undefined
  /** All that was committed before is known; by `performance.now()`. */
  let provenAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined
  let failures = 0
  let restsUntil = 0

  const isProven = (): boolean => performance.now() - provenAt <= maxStaleMs
  const fetchPage = async (after: string): Promise<Page> => {
    // No patience: whoever asks is better served by the service itself than by waiting for this.
    const patience = { retries: 0, timeoutMs: maxStaleMs, attemptTimeoutMs: maxStaleMs }
    return (await (await send({ method: 'GET', path: `/v1/events?after=${after}&limit=${pageSize}` }, patience)).json()) as Page
  }

  async function beginAnew(): Promise<void> {
    place = undefined
    const asked = performance.now()
    const { nextCursor } = await fetchPage('latest')
    // What was read before this moment may have changed unseen.
    onGap()
    place = nextCursor
    provenAt = asked
  }

  async function catchUp(from: string): Promise<void> {
    let after = from
    for (let pages = 0; pages < mostPages; pages++) {
      const asked = performance.now()
      const { items, nextCursor, more } = await fetchPage(after)
      for (const event of items) onEvent(event)
      place = after = nextCursor
      if (more) continue
      provenAt = asked
      return
    }
    await beginAnew()
  }

  async function look(): Promise<void> {
    try {
      await (place === undefined ? beginAnew() : catchUp(place))
      failures = 0
    } catch (error) {
      // The place was deleted, or is one of another database.
      if (error instanceof GuildhallProblem && error.code === 'events_gone') place = undefined
      if (failures === 0) onUnavailable(error)
      const rest = Math.min(firstRestMs * 2 ** failures++, longestRestMs)
      restsUntil = performance.now() + rest * (0.5 + Math.random() / 2)
    }
  }

  function lookOnce(): Promise<void> {
    asking ??= look().finally(() => {
      asking = undefined
    })
    return asking
  }

  return {
    /** Whether everything is known that happened until `maxStaleMs` ago; asks the feed where that is not sure. Never fails. */
    async proven(): Promise<boolean> {
      const age = performance.now() - provenAt
      if (age > maxStaleMs) {
        if (performance.now() < restsUntil) return false
        await lookOnce()
      } else if (age > maxStaleMs / 2 && performance.now() >= restsUntil) void lookOnce()
      return isProven()
    },
    isProven,
    place: (): string | undefined => place
  }
}
