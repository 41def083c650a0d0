import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { addRoute, operator } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { tokensExample } from './schemas.ts'
import { listSignals, type SignalView } from './signals.ts'

const signalSchema = z
  .strictObject({
    id: z.string(),
    sessions: z
      .array(
        z.strictObject({
          sessionId: z.string(),
          device: z.string(),
          place: z.string().meta({ description: 'Network: the /24 of an IPv4, the /48 of an IPv6 address.' })
        })
      )
      .meta({ description: 'The two that were in use at once.' }),
    at: z.iso.datetime({ precision: 3 }),
    confirmedAt: z.iso
      .datetime({ precision: 3 })
      .nullable()
      .meta({ description: 'When the person proved that both devices are theirs: for a while they raise nothing more.' })
  })
  .meta({ id: 'SharingSignal' })

const presentSignal = ({ id, sessions, ...times }: SignalView): z.output<typeof signalSchema> => ({
  id: publicId('signal', id),
  sessions: sessions.map((session) => ({ ...session, sessionId: publicId('session', session.sessionId) })),
  ...times
})

const signalExample = {
  id: 'signal_01k2v7d4e8f5nvx4dz7gq9c1tm',
  sessions: [
    { sessionId: tokensExample.sessionId, device: 'Chrome on macOS', place: '203.0.113.0/24' },
    { sessionId: 'session_01k2v6x7r3e9tab4n5p6q7s8w9', device: 'Safari on iOS', place: '198.51.100.0/24' }
  ],
  at: '2026-08-17T09:31:00.000Z',
  confirmedAt: null
}

/** Signs of shared logins, for operators. */
export function signalRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/accounts/:accountId/signals',
    operationId: 'listSignals',
    tag: 'Services and operators',
    summary: 'Signs that a login is shared',
    description:
      'Where the account was in use on two devices in two places at once, newest first: one entry for each pair and day (S-5). For operators. It restricts nobody by itself (P-6).',
    access: operator,
    params: z.strictObject({ accountId: z.string().max(100).meta({ description: 'Id of the account.' }) }),
    query: pageQuery,
    replies: {
      200: {
        description: 'A page of signals.',
        schema: pageOf(signalSchema),
        example: { items: [signalExample], nextCursor: null },
        headers: { Link: 'The next page, as `rel="next"`.' }
      }
    },
    problems: ['not_found', 'malformed_cursor'],
    handle: ({ actor, params, query }) => listSignals(parts, actor, { ...params, ...query }),
    reply: ({ items, nextCursor }, { params, query }) => ({
      status: 200,
      body: { items: items.map(presentSignal), nextCursor },
      headers: nextLink(`/v1/accounts/${params.accountId}/signals`, query, nextCursor)
    })
  })
}
