import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { type Answer, decode, encode, type Packet, RECURSION_AVAILABLE, streamDecode, streamEncode, TRUNCATED_RESPONSE } from 'dns-packet'

interface Test {
  teardown: (work: () => unknown) => void
}

/** What the server says of a name: TXT records, each of one or more chunks, or how it fails. */
export type Zone = Map<string, Array<string | string[]> | 'servfail' | 'refused' | 'silent' | 'nodata'>

const rcodes = { noerror: 0, servfail: 2, nxdomain: 3, refused: 5 } as const

/** A DNS server on a port of its own, over UDP and TCP; `zone` is what it knows. A name in `truncated` is answered in full over TCP only. */
export async function dnsServer(t: Test) {
  const zone: Zone = new Map()
  const truncated = new Set<string>()
  const asked: string[] = []

  function answer(query: Packet, overTcp: boolean): Packet | undefined {
    const question = query.questions![0]!
    const name = question.name.toLowerCase()
    asked.push(name)
    const known = question.type === 'TXT' ? zone.get(name) : undefined
    if (known === 'silent') return undefined
    const rcode = known === 'servfail' || known === 'refused' ? known : known === undefined ? 'nxdomain' : 'noerror'
    const cut = truncated.has(name) && !overTcp
    const answers: Answer[] = Array.isArray(known) && !cut ? known.map((data) => ({ type: 'TXT', name: question.name, ttl: 0, data })) : []
    const flags = RECURSION_AVAILABLE | (cut ? TRUNCATED_RESPONSE : 0) | rcodes[rcode]
    return { type: 'response', id: query.id!, flags, questions: [question], answers }
  }

  const tcp = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      const response = answer(streamDecode(data as Buffer), true)
      if (response) socket.end(streamEncode(response))
    })
  })
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const { port } = tcp.address() as { port: number }
  const udp = createSocket('udp4')
  udp.on('message', (data, from) => {
    const response = answer(decode(data), false)
    if (response) udp.send(encode(response), from.port, from.address)
  })
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve))
  t.teardown(async () => {
    udp.close()
    await new Promise((resolve) => tcp.close(resolve))
  })
  return { zone, truncated, asked, address: `127.0.0.1:${port}`, stopTcp: () => tcp.close() }
}
