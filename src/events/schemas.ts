import { z } from 'zod'
import { type IdKind, parseId, publicId } from '../http/ids.ts'
import { refuse } from '../problems.ts'
import type { FeedEvent } from './feed.ts'

export const defaultLimit = 100
export const largestLimit = 1000
const mostTypes = 50

const typePattern = /^[a-z_]{1,50}\.([a-z_]{1,50}|\*)$/

/** Query parameters of the feed. */
export const feedQuery = z.strictObject({
  after: z.string().min(1).max(20).optional().meta({
    description:
      '`nextCursor` of the page before, or `sequence` of the last event that was dealt with; without it from the oldest event that is kept. `latest`: none yet, only where the feed ends.'
  }),
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, `must be a whole number from 1 to ${largestLimit}`)
    .transform(Number)
    .optional()
    .meta({
      description: 'Events of one page, not of a stream.',
      override: { type: 'integer', minimum: 1, maximum: largestLimit, default: defaultLimit }
    }),
  types: z
    .string()
    .max(2000)
    .transform((text) => text.split(','))
    .refine(
      (types) => types.length <= mostTypes && types.every((type) => typePattern.test(type)),
      `must be at most ${mostTypes} types such as member.joined or member.*, comma-separated`
    )
    .optional()
    .meta({
      description: 'Only these types, comma-separated: `member.joined` is one type, `member.*` all of a noun.',
      override: { type: 'string', maxLength: 2000 }
    }),
  organization: z
    .string()
    .max(100)
    .transform((id) => parseId('company', id) ?? parseId('agency', id))
    .refine((id) => id !== undefined, 'must be the id of a company or an agency')
    .optional()
    .meta({ description: 'Only events of this company or agency.', override: { type: 'string', maxLength: 100 } })
})

const state = z.record(z.string(), z.unknown()).nullable()

/** CloudEvents 1.0, JSON format, with the extension `sequence` and three of our own. */
export const cloudEvent = z
  .strictObject({
    specversion: z.literal('1.0'),
    id: z.string().meta({ description: 'The same however often it is handed out: whoever remembers it deals with each event once.' }),
    source: z.string().meta({ description: 'Public URL of this service.' }),
    type: z.string().meta({ description: 'Noun and participle.' }),
    subject: z.string().meta({ description: 'Id of what was changed.' }),
    time: z.iso.datetime({ precision: 3 }).meta({ description: 'When the change began; the order is that of `sequence`.' }),
    datacontenttype: z.literal('application/json'),
    sequence: z.string().meta({ description: 'Place in the feed, of fixed width: it sorts as text, and `after` takes it.' }),
    organizationid: z.string().optional().meta({ description: 'Company or agency, where it belongs to one.' }),
    actorkind: z.string().meta({ description: '`account`, `service`, `operator`, `anonymous` or `system`.' }),
    actorid: z.string().optional().meta({ description: 'Who did it, where it was somebody.' }),
    data: z.strictObject({
      before: state.meta({ description: 'State before; null where there was none.' }),
      after: state.meta({ description: 'State after; null where there is none.' })
    })
  })
  .meta({ id: 'CloudEvent' })

export const feedPage = z
  .strictObject({
    items: z.array(cloudEvent),
    nextCursor: z.string().meta({ description: 'Where to go on. It is there on an empty page too, and may be ahead of the last item.' }),
    more: z
      .boolean()
      .meta({ description: 'Whether the next page can be had at once, also after an empty one. If not, ask again in a while.' })
  })
  .meta({ id: 'EventPage' })

export const eventExample = {
  specversion: '1.0',
  id: 'event_01k2v6f9hbjm1q3s5v7x9z1b3d',
  source: 'http://localhost:3000',
  type: 'member.roles_changed',
  subject: 'member_01k2v6c5e7g9jbm1q3s5v7x9z1',
  time: '2026-08-17T10:05:00.000Z',
  datacontenttype: 'application/json',
  sequence: '0000000000004711',
  organizationid: 'company_01k2v6a1c9f7vts0m5w2r8hq4n',
  actorkind: 'account',
  actorid: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm',
  data: {
    before: { status: 'active', owner: false, grants: [{ role: 'member' }], teams: [] },
    after: { status: 'active', owner: false, grants: [{ role: 'recruiter' }], teams: [] }
  }
} as const satisfies z.output<typeof cloudEvent>

const width = 16

/** A place in the feed, so wide that the order of the texts is that of the numbers. */
export const presentPlace = (place: number): string => String(place).padStart(width, '0')

/** The place that a reader names. @throws malformed_cursor */
export function readPlace(text: string | undefined): number | 'latest' | undefined {
  if (text === undefined || text === 'latest') return text
  if (!/^\d{1,16}$/.test(text))
    throw refuse('malformed_cursor', { detail: 'A place in the feed is a `nextCursor` or `sequence` of it, or `latest`.' })
  return Number(text)
}

const actorKinds: IdKind[] = ['account', 'service', 'operator']

export function presentEvent(event: FeedEvent, publicUrl: string): z.output<typeof cloudEvent> {
  const { organizationId, organizationKind, actorKind, actorId } = event
  const known = actorKinds.find((kind) => kind === actorKind)
  return {
    specversion: '1.0',
    id: publicId('event', event.id),
    source: publicUrl,
    type: event.type,
    subject: event.subject,
    time: new Date(event.at).toISOString(),
    datacontenttype: 'application/json',
    sequence: presentPlace(event.sequence),
    ...(organizationId && organizationKind ? { organizationid: publicId(organizationKind, organizationId) } : {}),
    actorkind: actorKind,
    ...(actorId !== null && known ? { actorid: publicId(known, actorId) } : {}),
    data: { before: event.before, after: event.after }
  }
}

/** One event of a stream, or only the place that a reader who comes back names in `Last-Event-ID`. JSON has no line breaks of its own. */
export function presentFrame(place: number, event: z.output<typeof cloudEvent> | undefined): string {
  const id = `id: ${presentPlace(place)}\n`
  return event ? `${id}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n` : `${id}\n`
}
