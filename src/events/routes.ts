import type { FastifyInstance, FastifyRequest } from 'fastify'
import { addRoute, service } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { Problem } from '../problems.ts'
import { readFeed } from './feed.ts'
import { numberEvents } from './numbering.ts'
import { defaultLimit, eventExample, feedPage, feedQuery, presentEvent, presentFrame, presentPlace, readPlace } from './schemas.ts'
import { type EventStreams, eventStreams } from './streams.ts'

const scope = 'events.read'

const description =
  'Every change that other services may care about, each once, in one order that never changes: CloudEvents 1.0. Nothing is lost that commits late, and of two changes ' +
  'of one thing the first comes first. Whoever keeps `nextCursor` together with what it did has dealt with each event; who comes back with an older one gets the same again.\n\n' +
  'Begin with `after=latest`, read the state you need in full, then follow from the place it answered. Events are kept for `FEED_RETENTION_DAYS`; a place before that is 410 ' +
  '`events_gone`, and so is one that this database never had. Types that are new to you may appear: pass over them.\n\n' +
  'With `Accept: text/event-stream` the same comes as Server-Sent Events, as it happens: `id` is the place, `event` the type, `data` the CloudEvent, and a comment with the present place says ' +
  'now and then that the stream lives. `Last-Event-ID` (or `after`) goes on where a stream ended. It ends with the token or the client; what waits is held back until the reader takes it.'

/** The feed of changes for other services, page by page or as a stream. */
export function eventRoutes(app: FastifyInstance, parts: Parts): void {
  const { config } = parts
  let streams: EventStreams | undefined
  app.addHook('preClose', async () => streams?.close())

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/events',
    operationId: 'listEvents',
    tag: 'Events',
    summary: 'What has changed, in order',
    description,
    access: service(scope),
    query: feedQuery,
    replies: {
      200: {
        description: 'A page of the feed, or the stream.',
        schema: feedPage,
        example: { items: [eventExample], nextCursor: eventExample.sequence, more: false },
        eventStream: `retry: 1000\n\n${presentFrame(Number(eventExample.sequence), eventExample)}: alive\n${presentFrame(Number(eventExample.sequence), undefined)}`
      }
    },
    problems: ['malformed_cursor', 'events_gone'],
    async handle({ query: { after: given, types, organization: organizationId, limit = defaultLimit }, actor, request }) {
      const streaming = wantsStream(request)
      // A browser repeats the address it began with, and says in the header how far it came.
      const after = readPlace((streaming && lastEventId(request)) || given)
      const filter = { types, organizationId }
      await numberEvents(parts.db)
      const page = await readFeed(parts.db, { ...filter, after, limit: streaming ? defaultLimit : limit })
      if (!streaming) return page
      streams ??= eventStreams(parts)
      return streams.open({
        ...filter,
        page,
        clientId: actor.clientId,
        allowed: () => mayStillRead(parts, request),
        write: (place, event) => presentFrame(place, event && presentEvent(event, config.publicUrl)),
        socket: request.raw.socket
      })
    },
    reply(result) {
      if (!('items' in result)) return { status: 200, headers: streamHeaders, body: result }
      const items = result.items.map((event) => presentEvent(event, config.publicUrl))
      return { status: 200, body: { items, nextCursor: presentPlace(result.next), more: result.more } }
    }
  })
}

const streamHeaders = {
  'content-type': 'text/event-stream',
  // The connection ends with the stream, and no proxy collects what should come at once.
  connection: 'close',
  'x-accel-buffering': 'no'
}

/** Not for HEAD, which would wait for an end. */
const wantsStream = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' && /\btext\/event-stream\b/i.test(headers.accept ?? '')

const lastEventId = ({ headers }: FastifyRequest): string | undefined => headers['last-event-id']?.toString()

/** Whether the token, its client and its scope still are what they were when the stream began. */
async function mayStillRead({ authenticate }: Parts, { headers }: FastifyRequest): Promise<boolean> {
  try {
    const principal = await authenticate(headers.authorization!.replace(/^Bearer /i, ''), 'service', undefined)
    return principal.kind === 'service' && principal.scopes.includes(scope)
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_signed_in') return false
    throw error
  }
}
