import { once } from 'node:events'
import { connect } from 'node:net'

/** An answer as it came over the wire; names of headers are in lower case. */
export interface WireAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/** One connection to a server of this machine. What is sent goes out as it stands, and answers are read in their order. */
export async function openWire(port: number) {
  const socket = connect(port, '127.0.0.1').setNoDelay()
  let unread = Buffer.alloc(0)
  let ended = false
  const answers: WireAnswer[] = []
  const waiting: Array<{ resolve: (answer: WireAnswer) => void; reject: (error: Error) => void }> = []

  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk])
    for (let answer = take(); answer; answer = take()) {
      const [first] = waiting.splice(0, 1)
      if (first) first.resolve(answer)
      else answers.push(answer)
    }
  })
  // A connection that breaks is one that ends.
  socket.on('error', () => undefined)
  const closed = once(socket, 'close').then(() => {
    ended = true
    for (const { reject } of waiting) reject(new Error('the connection ended without an answer'))
  })
  await once(socket, 'connect')

  /** The next answer, if all of it is there; interim ones are passed over. */
  function take(): WireAnswer | undefined {
    const end = unread.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const [line, ...fields] = unread.subarray(0, end).toString('latin1').split('\r\n')
    const headers = Object.fromEntries(fields.map((field) => [nameOf(field), field.slice(field.indexOf(':') + 1).trim()]))
    const status = Number(line!.split(' ')[1])
    const stop = end + 4 + Number(headers['content-length'] ?? 0)
    if (unread.length < stop) return undefined
    const body = unread.subarray(end + 4, stop).toString()
    unread = unread.subarray(stop)
    return status < 200 ? take() : { status, headers, body }
  }

  return {
    send: (bytes: string | Buffer): boolean => socket.write(bytes),
    answer: (): Promise<WireAnswer> =>
      answers.length > 0
        ? Promise.resolve(answers.shift()!)
        : ended
          ? Promise.reject(new Error('the connection ended without an answer'))
          : new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    /** When the connection has ended, from whichever side. */
    closed,
    hangUp: (): Promise<void> => {
      socket.destroy()
      return closed
    }
  }
}

const nameOf = (field: string): string => field.slice(0, field.indexOf(':')).toLowerCase()
