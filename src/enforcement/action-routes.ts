import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { addRoute, anonymous, operator } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { listEnforcementActions, shownStatuses } from './lists.ts'
import { reasonCodes, reasonIn, reasonOf } from './reasons.ts'
import { actionExample, actionSchema, presentAction } from './schemas.ts'

const reasonSchema = z
  .strictObject({
    code: z.enum(reasonCodes),
    title: z.string(),
    policy: z.string().meta({ description: 'The clause that it rests on unless a decision names another.' }),
    remedy: z.string().meta({ description: 'What the person can do unless a decision says something else.' })
  })
  .meta({ id: 'EnforcementReason' })

const listReasons = async (locale = 'en'): Promise<Array<z.output<typeof reasonSchema>>> =>
  reasonCodes
    .map((code) => ({ code, policy: reasonOf(code).policy, ...reasonIn(locale, code) }))
    .map(({ code, title, policy, remedy }) => ({ code, title, policy, remedy }))

/** What can be decided for which reasons, and what was decided on everybody. */
export function enforcementActionRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/enforcement-reasons',
    operationId: 'listReasons',
    tag: 'Enforcement',
    summary: 'Why decisions are taken',
    description: 'The closed list of reasons. Anybody may know by which rules they are judged.',
    access: anonymous,
    query: z.strictObject({ locale: z.enum(['en', 'de']).optional().meta({ description: 'Language of the words.' }) }),
    replies: {
      200: {
        description: 'All of them.',
        schema: z.strictObject({ items: z.array(reasonSchema) }).meta({ id: 'EnforcementReasons' }),
        example: {
          items: [{ code: 'unpaid_invoices', title: 'Invoices are unpaid', policy: 'payments/due', remedy: actionExample.remedy }]
        }
      }
    },
    handle: ({ query }) => listReasons(query.locale),
    reply: (items) => ({ status: 200, body: { items } })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/enforcement-actions',
    operationId: 'listEnforcementActions',
    tag: 'Operators',
    summary: 'Actions on everybody',
    description: 'Newest first. `status=proposed` answers the bans that wait for a second pair of eyes.',
    access: operator,
    query: pageQuery.extend({ status: z.enum(shownStatuses).optional().meta({ description: 'Only those that stand like this now.' }) }),
    replies: {
      200: {
        description: 'A page of actions.',
        schema: pageOf(actionSchema),
        example: { items: [actionExample], nextCursor: null },
        headers: { Link: 'The next page.' }
      }
    },
    problems: ['malformed_cursor'],
    handle: ({ actor, query }) => listEnforcementActions(parts, actor, query),
    reply: ({ items, nextCursor }, { query }) => ({
      status: 200,
      body: { items: items.map(presentAction), nextCursor },
      headers: nextLink('/v1/enforcement-actions', { status: query.status, limit: query.limit }, nextCursor)
    })
  })
}
