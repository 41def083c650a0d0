import { connect, type Socket } from 'node:net'

export interface Answer {
  status: number
  body: string
}

/** A connection over which one request after another goes. It is opened with the first, and anew where the server has closed it. */
export interface Connection {
  /** A request, whole, as it goes over the wire; the one before has its answer. */
  send: (request: string) => void
  close: () => void
}

export const headEnd = '\r\n\r\n'

/**
 * A connection to a server on this machine. It writes requests and reads answers as bytes: it shares its cores with what is measured, and a full
 * client would cost more than the leanest server.
 */
export function openConnection(port: number, onAnswer: (answer: Answer) => void, onError: (error: Error) => void): Connection {
  let socket: Socket | undefined
  let received = ''
  let waits = false

  const open = (): Socket => {
    const mine = connect({ port, host: '127.0.0.1', noDelay: true })
    mine.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      const answer = parse(received)
      if (!answer) return
      received = ''
      waits = false
      if (answer instanceof Error) return fail(answer)
      if (answer.closes) close()
      onAnswer(answer)
    })
    mine.on('error', fail)
    mine.on('close', () => {
      if (socket !== mine) return
      socket = undefined
      if (waits) fail(new Error('was closed without an answer'))
    })
    return mine
  }
  const close = (): void => {
    socket?.end()
    socket = undefined
  }
  const fail = (error: Error): void => {
    socket?.destroy()
    socket = undefined
    onError(error)
  }
  return {
    send(request) {
      waits = true
      socket ??= open()
      socket.write(request, 'latin1')
    },
    close
  }
}

/** An answer once it is there whole; undefined before. Only answers with a `Content-Length`, or with no body at all, are known. */
function parse(text: string): (Answer & { closes: boolean }) | Error | undefined {
  const end = text.indexOf(headEnd)
  if (end < 0) return undefined
  const head = text.slice(0, end).toLowerCase()
  const status = Number(head.slice(9, 12))
  const at = head.indexOf('\r\ncontent-length:')
  if (at < 0 && status !== 204) return new Error(`answered without Content-Length: ${head}`)
  const length = at < 0 ? 0 : Number.parseInt(head.slice(at + 17), 10)
  const body = text.slice(end + headEnd.length)
  if (body.length < length) return undefined
  return { status, body, closes: head.includes('\r\nconnection: close') }
}

/** Requests of one client, each sent when it is wanted: answers in the order of their requests. */
export function openClient(port: number) {
  let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined
  const connection = openConnection(
    port,
    (answer) => waiting?.resolve(answer),
    (error) => waiting?.reject(error)
  )
  return {
    ask: (request: string): Promise<Answer> =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        connection.send(request)
      }),
    close: connection.close
  }
}
