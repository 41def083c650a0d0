import pg from 'pg'

/** A connection that hears notices of one channel. */
export interface Listening {
  close: () => Promise<void>
}

const againAfterMs = 1000
const checkedEveryMs = 15_000

/**
 * Hears the notices of a channel on a connection of its own, which is opened again whenever it breaks. `hear` is also called after each
 * opening: what was said meanwhile was not heard. Notices may be lost, so whoever hears them also looks by the clock.
 */
export function openListening(options: pg.ClientConfig, channel: string, hear: () => void, onError: (error: Error) => void): Listening {
  let current: pg.Client | undefined
  let closed = false
  let again: NodeJS.Timeout | undefined

  function lose(client: pg.Client, error?: Error): void {
    if (current !== client) return
    current = undefined
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
    client.on('notification', hear)
    client
      .connect()
      .then(() => client.query(`listen ${pg.escapeIdentifier(channel)}`))
      .then(hear)
      .catch((error: Error) => lose(client, error))
  }

  // A connection that died in silence tells nobody until it is asked something.
  const check = setInterval(() => {
    const client = current
    client?.query('select 1').catch((error: Error) => lose(client, error))
  }, checkedEveryMs).unref()

  connect()
  return {
    async close() {
      closed = true
      clearInterval(check)
      clearTimeout(again)
      const client = current
      current = undefined
      await client?.end().catch(() => undefined)
    }
  }
}
