import { headEnd, openConnection } from './connection.ts'

/** What a number of clients send, each its next request once it has the answer to the one before. */
export interface Traffic {
  /** The next request of this client, whole, as it goes over the wire. */
  request: (client: number) => string
  /** Status that every answer must have: with any other the round does not count, since refusals are quicker than work. */
  status: number
  /** Told the body of each answer, where the next request depends on it. */
  onAnswer?: (client: number, body: string) => void
}

export interface Measured {
  perSecond: number
  /** Milliseconds that half and 99 % of the requests stayed below. */
  median: number
  p99: number
}

// Time for all clients to be at work before anything counts.
export const rampSeconds = 0.5

/**
 * Loads a server on this machine by so many connections at once and counts what it answers within the time.
 */
export async function load(port: number, traffic: Traffic, seconds: number, connections = 16): Promise<Measured> {
  const from = performance.now() + rampSeconds * 1000
  const until = from + seconds * 1000
  const times: number[] = []
  let failed = false
  const note = (began: number): boolean => {
    const now = performance.now()
    if (now >= from && now < until) times.push(now - began)
    return now < until && !failed
  }
  const clients = Array.from({ length: connections }, (_, client) => runClient(port, client, traffic, note))
  for (const client of clients) {
    client.catch(() => {
      failed = true
    })
  }
  // All of them: what follows must not be measured beside the rest of this.
  await Promise.allSettled(clients)
  await Promise.all(clients)
  times.sort((a, b) => a - b)
  return { perSecond: times.length / seconds, median: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

/** One client: request, answer, request, until `note` says that it is enough. */
function runClient(port: number, client: number, traffic: Traffic, note: (began: number) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let began = 0
    const fail = (error: unknown): void => {
      connection.close()
      reject(error)
    }
    const send = (): void => {
      began = performance.now()
      try {
        connection.send(traffic.request(client))
      } catch (error) {
        fail(error)
      }
    }
    const connection = openConnection(
      port,
      ({ status, body }) => {
        if (status !== traffic.status) return fail(refusal(traffic, status, body))
        const more = note(began)
        traffic.onAnswer?.(client, body)
        if (more) return send()
        connection.close()
        resolve()
      },
      fail
    )
    send()
  })
}

/** What is said of an answer that was not due. */
export const refusal = (traffic: Traffic, status: number, body: string): Error =>
  new Error(`answered ${status} where ${traffic.status} was due: ${body}`)

/** The value that this share of them stay below, of values in ascending order. */
export const percentile = (sorted: readonly number[], share: number): number => sorted[Math.floor((sorted.length - 1) * share)]!

export const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

/** A request as text; every server is sent the same headers, so that reading them costs all the same. */
export function requestText(method: string, path: string, headers: Record<string, string>, body?: object): string {
  const content = body && JSON.stringify(body)
  const lines = Object.entries({
    host: '127.0.0.1',
    'user-agent': userAgent,
    accept: 'application/json',
    ...(content ? { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(content)) } : {}),
    ...headers
  })
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}${headEnd}${content ?? ''}`
}
