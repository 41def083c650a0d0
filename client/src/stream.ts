import type { Feed } from './feed.ts'
import { rest } from './patience.ts'
import type { Transport } from './transport.ts'

const idleMs = 60_000
const shortestRestMs = 1000
const longestRestMs = 30_000

export type Stream = ReturnType<typeof followStream>

/**
 * Hears of changes as they happen, so that most answers are of a few milliseconds ago and not of a second. It proves nothing: a stream that says
 * nothing may have nothing to say, or be dead. While nobody asks for a minute, it is closed.
 */
export function followStream({ settings, tokens }: Transport, feed: Feed, onEvent: (event: unknown) => void) {
  const closing = new AbortController()
  let usedAt = 0
  let running = false

  async function listen(signal: AbortSignal): Promise<void> {
    const headers = new Headers({ accept: 'text/event-stream', authorization: `Bearer ${await tokens.get(signal)}` })
    const after = feed.place()
    if (after !== undefined) headers.set('last-event-id', after)
    const response = await settings.fetch(`${settings.url}/v1/events${after === undefined ? '?after=latest' : ''}`, {
      method: 'GET',
      headers,
      signal
    })
    if (!response.ok || !response.body) return void (await response.body?.cancel())
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop()!
      for (const line of lines) if (line.startsWith('data: ')) onEvent(JSON.parse(line.slice(6)))
      if (performance.now() - usedAt > idleMs) return
    }
  }

  /** Until nobody asks any more, or it is closed. */
  async function run(): Promise<void> {
    let pause = shortestRestMs
    while (!closing.signal.aborted && performance.now() - usedAt <= idleMs) {
      const begun = performance.now()
      const ending = new AbortController()
      const end = (): void => ending.abort()
      closing.signal.addEventListener('abort', end, { once: true })
      const idle = setInterval(() => {
        if (performance.now() - usedAt > idleMs) end()
      }, idleMs / 4)
      idle.unref()
      await listen(ending.signal).catch(() => undefined)
      end()
      clearInterval(idle)
      closing.signal.removeEventListener('abort', end)
      // One that held for a while ended with its token, and may come again at once.
      pause = performance.now() - begun > longestRestMs ? shortestRestMs : Math.min(pause * 2, longestRestMs)
      await rest(pause * (0.5 + Math.random() / 2), closing.signal).catch(() => undefined)
    }
  }

  return {
    /** Says that it is needed. */
    use(): void {
      usedAt = performance.now()
      if (running || closing.signal.aborted) return
      running = true
      void run().finally(() => {
        running = false
      })
    },
    close: (): void => closing.abort()
  }
}
