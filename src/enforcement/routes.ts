import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { addRoute, keepADay, operator } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { approveBan, imposeEnforcement, liftEnforcement, liftings } from './imposing.ts'
import { listEnforcement } from './lists.ts'
import { actionExample, actionSchema, imposition, presentAction, subjectParams } from './schemas.ts'
import type { SubjectFace } from './subjects.ts'

const lifting = z.strictObject({
  reason: z
    .enum(liftings)
    .optional()
    .meta({ description: '`remedied`: what was asked for is done; `mistake`: it should not have been imposed; `other` unless said.' })
})

/** Deciding about one account, company or agency: written once for all three. */
export function enforcementRoutes(app: FastifyInstance, parts: Parts, face: SubjectFace): void {
  const { kind, Name } = face
  const path = `/v1/${face.path}/:${kind}Id/enforcement`
  const params = subjectParams(face)
  const one = subjectParams(face, 'actionId')
  const tag = 'Operators'
  const example = { ...actionExample, subject: { kind, id: actionExample.subject.id.replace('account', kind) } }

  addRoute(app, parts, {
    method: 'POST',
    path,
    operationId: `impose${Name}Enforcement`,
    tag,
    summary: `Decide about the ${kind}`,
    description:
      `Imposes an action with its reason (E-1), also on one that is closed. ${
        kind === 'account'
          ? 'A suspension ends all sessions at once (E-3). The person is told by mail, and so are the admins of companies in which they are contact of active contracts (K-2).'
          : 'The owner and the admins are told by mail.'
      } A ban is only proposed until a second operator approves it, and nobody is told before. ` +
      `Several stand beside each other; the hardest counts. Refused for ${kind === 'account' ? 'accounts' : 'organizations'} of one's own.`,
    access: operator,
    params,
    body: imposition,
    example: { kind: 'restricted', reasonCode: 'unpaid_invoices', note: 'Third reminder sent on 2026-08-10.' },
    replies: { 201: { description: 'The action; a ban as `proposed`.', schema: actionSchema, example } },
    problems: ['not_found'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => imposeEnforcement(db, actor, { ...params, ...body }),
    reply: (action) => ({ status: 201, body: presentAction(action) })
  })

  addRoute(app, parts, {
    method: 'GET',
    path,
    operationId: `list${Name}Enforcement`,
    tag,
    summary: `Everything that was decided about the ${kind}`,
    description: 'Also what is over, lifted or withdrawn, newest first.',
    access: operator,
    params,
    query: pageQuery,
    replies: {
      200: {
        description: 'A page of actions.',
        schema: pageOf(actionSchema),
        example: { items: [example], nextCursor: null },
        headers: { Link: 'The next page.' }
      }
    },
    problems: ['not_found', 'malformed_cursor'],
    handle: ({ actor, params, query }) => listEnforcement(parts, actor, { ...params, ...query }),
    reply: ({ items, nextCursor }, { params, query }) => ({
      status: 200,
      body: { items: items.map(presentAction), nextCursor },
      headers: nextLink(`/v1/${face.path}/${params.subjectId}/enforcement`, { limit: query.limit }, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${path}/:actionId/approval`,
    operationId: `approve${Name}Ban`,
    tag,
    summary: 'Approve a ban',
    description: 'Puts a proposed ban in force. Needs another operator than who proposed it; once.',
    access: operator,
    params: one,
    body: z.strictObject({}),
    example: {},
    replies: {
      200: {
        description: 'The ban, in force.',
        schema: actionSchema,
        example: { ...example, kind: 'banned', reasonCode: 'payment_fraud', approvedBy: 'operator_01k2v5p3e8f5nvx4dz7gq9c1tn' }
      }
    },
    problems: ['not_found', 'four_eyes_required', 'action_not_proposed'],
    idempotent: keepADay,
    handle: ({ db, actor, params }) => approveBan(db, actor, params),
    reply: (action) => ({ status: 200, body: presentAction(action) })
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: `${path}/:actionId`,
    operationId: `lift${Name}Enforcement`,
    tag,
    summary: 'Lift an action',
    description:
      'What stands beside it stays. A proposed ban is withdrawn; one in force ends by an appeal only. What is over stays as it ended: 409.',
    access: operator,
    params: one,
    query: lifting,
    replies: { 204: { description: 'Lifted, or withdrawn.' } },
    problems: ['not_found', 'ban_needs_appeal', 'action_not_in_force'],
    handle: ({ db, actor, params, query }) => liftEnforcement(db, actor, { ...params, ...query }),
    reply: () => ({ status: 204 })
  })
}
