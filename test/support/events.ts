import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LightMyRequestResponse as Response } from 'fastify'
import pg from 'pg'
import { system } from '../../src/actor.ts'
import { record, systemChain } from '../../src/audit/record.ts'
import { newId } from '../../src/http/ids.ts'
import { until } from './process.ts'
import { databaseUrl, type World } from './world.ts'

export interface CloudEvent {
  id: string
  type: string
  subject: string
  time: string
  sequence: string
  organizationid?: string
  actorkind: string
  actorid?: string
  data: { before: Record<string, unknown> | null; after: Record<string, unknown> | null }
}

export interface Page {
  items: CloudEvent[]
  nextCursor: string
  more: boolean
}

/** What a stream has said so far. */
export interface Stream {
  status: number
  headers: IncomingMessage['headers']
  text: () => string
  events: () => CloudEvent[]
  /** The last `id:` line. */
  place: () => string | undefined
  ended: Promise<void>
  isEnded: () => boolean
  /** Stops and starts taking what comes. */
  response: IncomingMessage
  leave: () => void
}

/** Reading and writing the feed. */
export function feed(world: World) {
  const get = (query = '', headers: object = {}, instance = 0): Promise<Response> =>
    world.inject({ url: `/v1/events${query}`, headers: { ...headers } }, instance)

  async function page(by: { headers: object }, query = '', instance = 0): Promise<Page> {
    const answer = await get(query, by.headers, instance)
    if (answer.statusCode !== 200) throw new Error(answer.body)
    return answer.json() as Page
  }

  /** Reads until nothing more can be had. */
  async function all(by: { headers: object }, query = ''): Promise<CloudEvent[]> {
    const found: CloudEvent[] = []
    for (let after = ''; ; ) {
      const { items, nextCursor, more } = await page(by, `?limit=7${after}${query}`)
      found.push(...items)
      after = `&after=${nextCursor}`
      if (!more) return found
    }
  }

  /** Writes events as a change does, in one transaction. */
  const tell = (subjects: string[], type = 'test.told', instance = 0): Promise<void> =>
    world.allParts[instance]!.db.transaction(async (tx) => {
      for (const subject of subjects)
        await record(tx, { actor: system, chain: systemChain, action: type, resource: subject, event: { after: { subject } } })
    })

  /** A transaction that stays open as long as it is wanted. */
  async function openTransaction(): Promise<{ tell: (subject: string) => Promise<void>; commit: () => Promise<void> }> {
    const client = new pg.Client({ connectionString: databaseUrl('service', world.database) })
    await client.connect()
    await client.query('begin')
    return {
      tell: async (subject) => {
        await client.query(`insert into events (id, type, subject, actor_kind) values ($1, 'test.told', $2, 'system')`, [newId(), subject])
      },
      commit: async () => {
        await client.query('commit')
        await client.end()
      }
    }
  }

  async function listening(instance = 0): Promise<string> {
    const app = world.apps[instance]!
    if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  }

  const stream = async (by: { headers: object }, query = '', headers: object = {}, instance = 0): Promise<Stream> =>
    openStream(await listening(instance), query, { ...by.headers, ...headers })

  return { get, page, all, tell, openTransaction, listening, stream }
}

/** Opens a stream on a socket of its own. */
export function openStream(url: string, query: string, headers: Record<string, string> | object): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const sending: ClientRequest = request(`${url}/v1/events${query}`, {
      agent: false,
      headers: { accept: 'text/event-stream', ...headers }
    })
    sending.on('error', reject)
    sending.on('response', (response) => {
      let text = ''
      let over = false
      response.on('data', (chunk: Buffer) => {
        text += chunk
      })
      response.on('error', () => undefined)
      const ended = new Promise<void>((done) =>
        response.once('close', () => {
          over = true
          done()
        })
      )
      const lines = (name: string): string[] => [...text.matchAll(new RegExp(`^${name}: (.*)\n`, 'gm'))].map(([, value]) => value!)
      resolve({
        status: response.statusCode!,
        headers: response.headers,
        text: () => text,
        events: () => lines('data').map((line) => JSON.parse(line) as CloudEvent),
        place: () => lines('id').at(-1),
        ended,
        isEnded: () => over,
        response,
        leave: () => sending.destroy()
      })
    })
    sending.end()
  })
}

export const subjects = (events: Array<{ subject: string }>): string[] => events.map(({ subject }) => subject)

/** Waits until a stream has handed out so many events. */
export const heard = (stream: Stream, count: number): Promise<CloudEvent[]> =>
  until(`${count} events`, () => stream.events().length >= count && stream.events(), 15)
