import { createServer, request } from 'node:http'

/** A proxy before the service that counts what passes, and can break it. */
export async function openProxy(target) {
  const proxy = {
    url: '',
    /** Paths that were asked for, oldest first. */
    asked: [],
    /** `{ status, headers }` answers instead of the service, `cut` breaks off before it, `cutAfter` after it has done its work. */
    fault: (_request) => undefined,
    take: () => proxy.asked.splice(0),
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url.replace(/\?.*/, '')
    proxy.asked.push(`${incoming.method} ${path}`)
    const fault = proxy.fault({ method: incoming.method, path, headers: incoming.headers })
    if (fault === 'cut') return incoming.socket.destroy()
    if (fault?.status) {
      outgoing.writeHead(fault.status, { 'content-type': 'application/problem+json', ...fault.headers })
      return outgoing.end(JSON.stringify({ code: 'service_unavailable', status: fault.status }))
    }
    const onward = request(`${target}${incoming.url}`, { method: incoming.method, headers: { ...incoming.headers, ...fault?.send } })
    onward.on('error', () => incoming.socket.destroy())
    onward.on('response', (answer) => {
      if (fault === 'cutAfter') return answer.resume().on('end', () => incoming.socket.destroy())
      outgoing.writeHead(answer.statusCode, answer.headers)
      answer.pipe(outgoing)
    })
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy.url = `http://127.0.0.1:${server.address().port}`
  return proxy
}
