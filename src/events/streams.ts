import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { type FeedEvent, type FeedFilter, type FeedPage, readFeed } from './feed.ts'
import { type EventWatch, watchEvents } from './watch.ts'

export interface StreamRequest extends FeedFilter {
  clientId: string
  /** What was read before the stream begins, so that a refusal could still be an answer of its own. */
  page: FeedPage
  /** Whether the caller may still read: asked at every heartbeat, and before events if that is a second ago. */
  allowed: () => Promise<boolean>
  /** An event, or without one only the place, as it goes on the wire. */
  write: (place: number, event?: FeedEvent) => string
  socket: Pick<Socket, 'once' | 'destroy' | 'destroyed'>
}

export type EventStreams = ReturnType<typeof eventStreams>

const pageSize = 100
const fresh = 1000
// A reader that takes nothing cannot be told of the end.
const farewellMs = 1000
const secondsUntilRoom = 5

interface OpenStream {
  clientId: string
  closed: Promise<void>
  end: () => void
}

/** All streams of a process: they share one look at the database for what is new. */
export function eventStreams({ db, config }: Pick<Parts, 'db' | 'config'>) {
  const open = new Set<OpenStream>()
  const heartbeatMs = config.FEED_HEARTBEAT_SECONDS * 1000
  let watch: EventWatch | undefined
  let closing = false

  function admit(clientId: string): void {
    if (closing) throw refuse('service_unavailable')
    const most = config.FEED_STREAMS_PER_CLIENT
    if ([...open].filter((stream) => stream.clientId === clientId).length < most) return
    throw refuse('too_many_requests', {
      detail: `At most ${most} streams of one client are served here (limit "streams").`,
      retryAfter: secondsUntilRoom,
      extensions: { violatedPolicies: ['streams'] }
    })
  }

  /** What is asked for, as it comes. It is read from the database only as fast as the reader takes it. */
  async function* follow({ page, write, ...request }: StreamRequest, allowed: () => Promise<boolean>, signal: AbortSignal) {
    yield `retry: ${farewellMs}\n\n`
    for (let { items, next, more } = page; !signal.aborted; ) {
      if (items.length > 0) {
        if (!(await allowed())) return
        yield items.map((event) => write(event.sequence, event)).join('')
      }
      // With the place: who asked for few things does not fall behind.
      if (!more && !(await watch!.beyond(next, heartbeatMs, signal)) && !signal.aborted) yield `: alive\n${write(next)}`
      if (!signal.aborted) ({ items, next, more } = await readFeed(db, { ...request, after: next, limit: pageSize }))
    }
  }

  return {
    /** A stream that ends with the caller's right to it, with the connection, or with the process. @throws too_many_requests, service_unavailable */
    open(request: StreamRequest): Readable {
      const { clientId, socket } = request
      admit(clientId)
      watch ??= watchEvents(db)
      const leave = watch.join()
      const ending = new AbortController()
      const end = (): void => {
        if (ending.signal.aborted) return
        ending.abort()
        setTimeout(() => socket.destroy(), farewellMs).unref()
      }
      let looked = performance.now()
      const allowed = async (): Promise<boolean> => {
        if (performance.now() - looked < fresh) return true
        const still = await request.allowed()
        looked = performance.now()
        if (!still) end()
        return still
      }
      // By its own clock: a reader that takes nothing would never come to be asked.
      const check = setInterval(() => void allowed().catch(end), heartbeatMs)
      // A reader may have gone while the first page was read.
      const closed = new Promise<void>((resolve) => (socket.destroyed ? resolve() : socket.once('close', resolve)))
      const stream: OpenStream = { clientId, closed, end }
      open.add(stream)
      void closed.then(() => {
        clearInterval(check)
        ending.abort()
        leave()
        open.delete(stream)
      })
      return Readable.from(untilFailure(follow(request, allowed, ending.signal)), { objectMode: false })
    },
    /** Ends all, and lets in nobody else. */
    async close(): Promise<void> {
      closing = true
      for (const { end } of open) end()
      await Promise.all([...open].map(({ closed }) => closed))
    }
  }
}

/** What cannot be read any more just ends: the reader comes back, and then is told why. */
async function* untilFailure(lines: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    yield* lines
  } catch {}
}
