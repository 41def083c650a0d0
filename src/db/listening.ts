import pg from 'pg'

/** A connection that hears notices of one channel. */
export interface Listening {
  close: () => Promise<void>
}

/** Who hears them. */
export interface Hearer {
  hear: (notice: string) => void
  /** It listens, again or for the first time: what was said before was not heard. `asked`: when it began to, by `performance.now()`. */
  opened: (asked: number) => void
  /** The connection answered a question that was sent then: it lives. */
  proven?: (asked: number) => void
  lost?: () => void
}

const againAfterMs = 1000
const seldomMs = 15_000

/**
 * Hears the notices of a channel on a connection of its own, which is opened again whenever it breaks, and is asked now and then whether it
 * lives. Notices may be lost with a connection, so whoever hears them also looks by the clock.
 */
export function openListening(
  options: pg.ClientConfig,
  channel: string,
  { hear, opened, proven, lost }: Hearer,
  onError: (error: Error) => void,
  askedEveryMs = seldomMs
): Listening {
  let current: pg.Client | undefined
  let closed = false
  let listens = false
  let asking = false
  let again: NodeJS.Timeout | undefined

  function lose(client: pg.Client, error?: Error): void {
    if (current !== client) return
    current = undefined
    listens = false
    asking = false
    lost?.()
    if (closed) return
    if (error) onError(error)
    client.end().catch(() => undefined)
    again = setTimeout(connect, againAfterMs).unref()
  }

  function connect(): void {
    const client = new pg.Client(options)
    current = client
    client.on('error', (error) => lose(client, error))
    client.on('end', () => lose(client))
    client.on('notification', ({ payload = '' }) => {
      if (current === client) hear(payload)
    })
    let asked = 0
    client
      .connect()
      .then(() => {
        asked = performance.now()
        return client.query(`listen ${pg.escapeIdentifier(channel)}`)
      })
      .then(() => {
        if (current !== client) return
        listens = true
        opened(asked)
      })
      .catch((error: Error) => lose(client, error))
  }

  // A connection that died in silence tells nobody until it is asked something.
  const ask = setInterval(() => {
    const client = current
    if (!client || !listens || asking) return
    asking = true
    const asked = performance.now()
    client
      .query('select 1')
      .then(() => {
        if (current !== client) return
        asking = false
        proven?.(asked)
      })
      .catch((error: Error) => lose(client, error))
  }, askedEveryMs).unref()

  connect()
  return {
    async close() {
      closed = true
      clearInterval(ask)
      clearTimeout(again)
      const client = current
      current = undefined
      await client?.end().catch(() => undefined)
    }
  }
}
