import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { Registry } from 'prom-client'
import { buildApp } from '../../src/app.ts'
import { parseId } from '../../src/http/ids.ts'
import { logOptions } from '../../src/log.ts'
import type { Parts } from '../../src/parts.ts'
import { requestMetrics } from '../../src/request-metrics.ts'

/** Who answered a request: the shortcut; the framework, after the shortcut had read the body; or the framework alone. */
export type Way = 'shortcut' | 'given back' | 'framework'

export const path = '/access/v1/evaluation'
/** With the Origin of a page that is none of ours the framework answers, and says nothing else. */
export const byFramework = { origin: 'https://elsewhere.example' }

/** What one request sends. A header with several values is sent several times, one without is not sent. */
export interface Sent {
  method?: string
  path?: string
  version?: string
  headers?: Record<string, string | string[] | undefined>
  body?: string | Buffer
}

/** A request as it goes on the wire, with what a plain one has unless it is told otherwise. */
export function wireRequest({ method = 'POST', path: at = path, version = '1.1', headers = {}, body = '' }: Sent): Buffer {
  const all = { host: 'guildhall.test', 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers }
  const lines = Object.entries(all).flatMap(([name, values]) =>
    values === undefined ? [] : [values].flat().map((value) => `${name}: ${value}`)
  )
  return Buffer.concat([Buffer.from(`${method} ${at} HTTP/${version}\r\n${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)])
}

/** The service as it listens, with its log, its metrics, and who answered which request. */
export async function listening(t: { teardown: (work: () => unknown) => void }, parts: Parts) {
  const lines: Array<Record<string, unknown>> = []
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    }
  })
  const registry = new Registry()
  const log = pino(logOptions({ LOG_LEVEL: 'info' }), stream)
  const app = await buildApp(parts, { log, strict: true, plugins: [requestMetrics(registry)] })
  const ways = new Map<string, Way>()
  for (const [at, shortcut] of app.shortcuts) {
    app.shortcuts.set(at, (request, response, giveBack) => {
      const id = idOf(request)
      const taken = shortcut(request, response, () => {
        ways.set(id, 'given back')
        giveBack()
      })
      if (!ways.has(id)) ways.set(id, taken ? 'shortcut' : 'framework')
      return taken
    })
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return {
    app,
    registry,
    port: (app.server.address() as AddressInfo).port,
    /** Who answered the request with this id, which is asked once. */
    wayOf(id: string): Way {
      const way = ways.get(id) ?? 'framework'
      ways.delete(id)
      return way
    },
    linesOf: (id: string) => lines.filter(({ reqId }) => reqId === id)
  }
}

const idOf = ({ headers }: IncomingMessage): string => String(headers['x-request-id'])

/** Has a service known from now on, for the second that this is worth, and some of its requests reserved. */
export async function makeKnown(app: FastifyInstance, { changes }: Parts, { clientId, headers }: Known): Promise<void> {
  changes.forget([`client:${parseId('service', clientId)}`])
  const answer = await app.inject({ method: 'POST', url: path, headers, payload: {} })
  if (answer.statusCode !== 400) throw new Error(`Nobody is known: ${answer.statusCode} ${answer.body}`)
}

interface Known {
  clientId: string
  headers: Record<string, string>
}
