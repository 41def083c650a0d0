import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { pathId } from '../http/path-ids.ts'
import { addRoute, keepADay, operator } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { appellant, appellantOrOperator } from '../sessions/appellant.ts'
import {
  answerInput,
  appealExample,
  appealSchema,
  decisionInput,
  listedAppealSchema,
  ownActionExample,
  ownActionSchema,
  presentAppeal,
  presentListed,
  presentOwn,
  statementInput
} from './appeal-schemas.ts'
import { answerAppeal, submitAppeal } from './appealing.ts'
import { getAppeal, listAppeals } from './appeals.ts'
import { decideAppeal } from './deciding.ts'
import { listOwnEnforcement } from './own.ts'
import { appealStatuses } from './tables.ts'

const tag = 'Enforcement'
const params = z.strictObject({ appealId: pathId('appeal') })
const byLink =
  'Takes the token of a signed appeal link as the bearer token too: who is suspended or banned cannot sign in. The link is dead once the password or the proven addresses of the account are others.'
const { messages: _, ...listedExample } = appealExample
const toOperators = { appellantAccountId: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm', decidedBy: null }

/** What a person sees of decisions about them, and appeals (E-1, E-4). */
export function appealRoutes(app: FastifyInstance, parts: Parts): void {
  const person = appellant(parts)

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me/enforcement',
    operationId: 'listOwnEnforcement',
    tag,
    summary: 'What was decided about me',
    description: `Decisions on the own account and on organizations that the caller owns, newest first: what is in force, why, how to put it right, and how to appeal (E-1). ${byLink}`,
    access: person,
    query: pageQuery,
    replies: {
      200: {
        description: 'A page of decisions.',
        schema: pageOf(ownActionSchema)
          .extend({
            enforcement: z
              .enum(['none', 'notice', 'warning', 'restricted', 'suspended', 'banned'])
              .meta({ description: 'The hardest in force on the account itself.' })
          })
          .meta({ id: 'OwnEnforcement' }),
        example: { enforcement: 'restricted', items: [ownActionExample], nextCursor: null },
        headers: { Link: 'The next page.' }
      }
    },
    problems: ['malformed_cursor'],
    handle: ({ actor, query }) => listOwnEnforcement(parts, actor, query),
    reply: ({ enforcement, locale, items, nextCursor }, { query }) => ({
      status: 200,
      body: { enforcement, items: items.map((item) => presentOwn(locale, item)), nextCursor },
      headers: nextLink('/v1/me/enforcement', { limit: query.limit }, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/appeals',
    operationId: 'submitAppeal',
    tag,
    summary: 'Appeal',
    description:
      'Against an action in force, or to come, on the own account or on an organization that the caller owns (E-4). One appeal is open at a time, ' +
      `and an action can be appealed a limited number of times. ${byLink}`,
    access: person,
    body: statementInput,
    example: { statement: 'The invoice was paid on 2026-08-16.' },
    replies: { 201: { description: 'The appeal.', schema: appealSchema, example: appealExample } },
    problems: ['unknown_reference', 'action_not_in_force', 'appeal_open', 'appeal_limit'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => submitAppeal(parts, db, actor, body),
    reply: (appeal) => ({ status: 201, body: presentAppeal(appeal, false) })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/appeals/:appealId',
    operationId: 'getAppeal',
    tag,
    summary: 'An appeal',
    description: `With all that was said in it: for whom it concerns, and for operators. ${byLink}`,
    access: appellantOrOperator(parts),
    params,
    replies: { 200: { description: 'The appeal.', schema: appealSchema, example: appealExample } },
    problems: ['not_found'],
    handle: ({ actor, params }) => getAppeal(parts, actor, params.appealId),
    reply: (appeal, { actor }) => ({ status: 200, body: presentAppeal(appeal, actor.kind === 'operator') })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/appeals/:appealId/answer',
    operationId: 'answerAppeal',
    tag,
    summary: 'Answer what an appeal asks',
    description: `Only while it asks for more (\`more_info\`); it goes back into review. ${byLink}`,
    access: person,
    params,
    body: answerInput,
    example: { text: 'The receipt has the number 4411.' },
    replies: {
      200: { description: 'The appeal, in review again.', schema: appealSchema, example: { ...appealExample, status: 'in_review' } }
    },
    problems: ['not_found', 'appeal_not_asked', 'appeal_decided'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => answerAppeal(db, actor, { ...params, ...body }),
    reply: (appeal) => ({ status: 200, body: presentAppeal(appeal, false) })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/appeals',
    operationId: 'listAppeals',
    tag: 'Operators',
    summary: 'Appeals',
    description: 'In the order they were made, so that nobody waits for those who came later.',
    access: operator,
    query: pageQuery.extend({ status: z.enum(appealStatuses).optional().meta({ description: 'Only those at this step.' }) }),
    replies: {
      200: {
        description: 'A page of appeals.',
        schema: pageOf(listedAppealSchema),
        example: { items: [{ ...listedExample, ...toOperators }], nextCursor: null },
        headers: { Link: 'The next page.' }
      }
    },
    problems: ['malformed_cursor'],
    handle: ({ actor, query }) => listAppeals(parts, actor, query),
    reply: ({ items, nextCursor }, { query }) => ({
      status: 200,
      body: { items: items.map((appeal) => presentListed(appeal, true)), nextCursor },
      headers: nextLink('/v1/appeals', { status: query.status, limit: query.limit }, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/appeals/:appealId/decision',
    operationId: 'decideAppeal',
    tag: 'Operators',
    summary: 'Decide about an appeal',
    description:
      'From `submitted` into `in_review`; from there `more_info`, `granted` or `denied`; from `more_info` also to the end when no answer comes. Granting lifts the action, ' +
      'a ban too, and restores what was before it (E-4); ended sessions stay ended. Refused for who imposed or approved the action. The person gets the text by mail.',
    access: operator,
    params,
    body: decisionInput,
    example: { decision: 'in_review' },
    replies: {
      200: { description: 'The appeal.', schema: appealSchema, example: { ...appealExample, ...toOperators, status: 'in_review' } }
    },
    problems: ['not_found', 'four_eyes_required', 'appeal_decided', 'appeal_step'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => decideAppeal(db, actor, { ...params, ...body }),
    reply: (appeal) => ({ status: 200, body: presentAppeal(appeal, true) })
  })
}
