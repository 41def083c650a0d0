import { openConnection } from './connection.ts'
import { rampSeconds, refusal, type Traffic } from './load.ts'

/**
 * Sends so many requests a second over a few connections, however long the answers take, and answers the milliseconds that each took from the moment
 * it was due: what had to wait for a connection, because others took long, has waited for the server (no coordinated omission). What the generator is
 * late itself, up to a tick of its clock of a millisecond, counts as well. What is due in the first half second does not count.
 */
export async function paced(port: number, traffic: Traffic, perSecond: number, seconds: number, connections: number): Promise<number[]> {
  const total = Math.round((rampSeconds + seconds) * perSecond)
  const counted = Math.round(rampSeconds * perSecond)
  const times: number[] = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const began = performance.now()
  const dueAt = (number: number): number => began + (number * 1000) / perSecond
  let next = 0
  let answered = 0

  const sent = Array<number>(connections).fill(0)
  const clients = Array.from({ length: connections }, (_, client) =>
    openConnection(
      port,
      ({ status, body }) => {
        const now = performance.now()
        if (status !== traffic.status) return reject(refusal(traffic, status, body))
        const number = sent[client]!
        if (number >= counted) times.push(now - dueAt(number))
        traffic.onAnswer?.(client, body)
        free.push(client)
        if (++answered === total) resolve()
        else sendDue()
      },
      reject
    )
  )
  // The longest idle goes first: all are at work.
  const free = clients.map((_, client) => client)
  function sendDue(): void {
    const now = performance.now()
    while (free.length > 0 && next < total && dueAt(next) <= now) {
      const client = free.shift()!
      sent[client] = next++
      clients[client]!.send(traffic.request(client))
    }
  }
  const clock = setInterval(sendDue, 1)
  try {
    await promise
    return times
  } finally {
    clearInterval(clock)
    for (const client of clients) client.close()
  }
}
