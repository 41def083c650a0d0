import { connect, type Socket } from 'node:net'

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

const headEnd = '\r\n\r\n'
// Time for all clients to be at work before anything counts.
export const rampSeconds = 0.5

/**
 * Loads a server on this machine by so many connections at once and counts what it answers within the time. It writes requests and
 * reads answers as bytes: it shares its cores with what it measures, and a full client would cost more than the leanest server.
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
  return { perSecond: times.length / seconds, median: times[Math.floor(times.length / 2)]!, p99: times[Math.floor(times.length * 0.99)]! }
}

/** One client: request, answer, request, until `note` says that it is enough. Connects anew where the server closes a connection. */
function runClient(port: number, client: number, traffic: Traffic, note: (began: number) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let socket: Socket
    let received = ''
    let began = 0

    const send = () => {
      began = performance.now()
      try {
        socket.write(traffic.request(client), 'latin1')
      } catch (error) {
        socket.destroy()
        reject(error)
      }
    }
    const open = () => {
      socket = connect({ port, host: '127.0.0.1', noDelay: true }, send)
      socket.on('data', onData)
      socket.on('error', reject)
    }
    const onData = (chunk: Buffer) => {
      received += chunk.toString('latin1')
      const answer = parse(received)
      if (!answer) return
      received = ''
      if (answer.status !== traffic.status) {
        socket.destroy()
        return reject(new Error(`answered ${answer.status} where ${traffic.status} was due: ${answer.body}`))
      }
      const more = note(began)
      traffic.onAnswer?.(client, answer.body)
      if (more && !answer.closes) return send()
      socket.end()
      if (more) open()
      else resolve()
    }
    open()
  })
}

/** An answer once it is there whole; undefined before. Only answers with a `Content-Length`, or with no body at all, are known. */
function parse(text: string): { status: number; body: string; closes: boolean } | undefined {
  const end = text.indexOf(headEnd)
  if (end < 0) return undefined
  const head = text.slice(0, end).toLowerCase()
  const status = Number(head.slice(9, 12))
  const at = head.indexOf('\r\ncontent-length:')
  if (at < 0 && status !== 204) throw new Error(`an answer without Content-Length: ${head}`)
  const length = at < 0 ? 0 : Number.parseInt(head.slice(at + 17), 10)
  const body = text.slice(end + headEnd.length)
  if (body.length < length) return undefined
  return { status, body, closes: head.includes('\r\nconnection: close') }
}

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
