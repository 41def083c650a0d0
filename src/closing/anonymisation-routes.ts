import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { tokenOnly } from '../accounts/schemas.ts'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { addRoute, keepADay, operator } from '../http/route.ts'
import { reason } from '../organizations/schemas.ts'
import type { Parts } from '../parts.ts'
import {
  approveAnonymisation,
  cancelAnonymisation,
  listAnonymisations,
  proposeAnonymisation,
  requestAnonymisation
} from './anonymisation.ts'
import {
  erasureExample,
  erasureSchema,
  erasureStatuses,
  presentErasure,
  presentScheduled,
  scheduledErasure,
  scheduledExample,
  tag
} from './schemas.ts'

const request = z.strictObject({
  token: tokenOnly.shape.token
    .optional()
    .meta({ description: 'Of the reactivation mail, for an account that is closed already. Without it the caller is signed in.' })
})
const proposal = z.strictObject({ reason })
const params = z.strictObject({ accountId: z.string().max(100).meta({ description: 'Id of the account.' }) })
const path = '/v1/accounts/:accountId/anonymisation'
const whatStays =
  'Erased are names, addresses, sessions, the profile, invitations, requests, free texts, the details of organizations that only they ran, and the personal values of the audit. The audit itself, decisions, decided cases and keyed fingerprints stay, and so does the id, as that of nobody (P-16).'

/** Having personal data erased. */
export function anonymisationRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/me/anonymisation',
    operationId: 'requestAnonymisation',
    tag,
    summary: 'Have the own data erased',
    description: `Signed in, with a sign-in within the last ten minutes (S-8), it closes the account too, under the same conditions as \`POST /v1/me/closure\`. For an account that is closed already, the token of the reactivation mail stands for the person, and is used up. Until \`dueAt\` reactivating the account cancels it. ${whatStays} Whoever is suspended or banned asks support.`,
    access: { kind: 'visitor', authenticate: parts.authenticateClosing },
    limits: ['token'],
    body: request.meta({ id: 'AnonymisationRequest' }),
    example: {},
    replies: {
      202: { description: 'The account is closed, and its data will be erased.', schema: scheduledErasure, example: scheduledExample }
    },
    problems: ['not_signed_in', 'reauthentication_required', 'token_dead', 'closure_blocked', 'account_under_enforcement', 'erasure_open'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => requestAnonymisation(parts, db, actor, body.token),
    reply: (erasure) => ({ status: 202, body: presentScheduled(erasure) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path,
    operationId: 'proposeAnonymisation',
    tag: 'Operators',
    summary: 'Propose to erase somebody',
    description: `For somebody who is banned, or whose account is closed, at their request. A second operator approves it. ${whatStays} Refused for accounts of one's own, and while something of a banned account is open that only they can answer for.`,
    access: operator,
    params,
    body: proposal.meta({ id: 'AnonymisationProposal' }),
    example: { reason: 'Asked for by letter, identity checked.' },
    replies: { 201: { description: 'Proposed.', schema: erasureSchema, example: erasureExample } },
    problems: ['not_found', 'conflict', 'erasure_open', 'closure_blocked'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => proposeAnonymisation(db, actor, { ...params, ...body }),
    reply: (erasure) => ({ status: 201, body: presentErasure(erasure) })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/anonymisations',
    operationId: 'listAnonymisations',
    tag: 'Operators',
    summary: 'Requests to erase somebody',
    description: 'Those of operators, of which `proposed` ones wait for a second one, and those of the people themselves, newest first.',
    access: operator,
    query: pageQuery.extend({ status: z.enum(erasureStatuses).optional().meta({ description: 'Only these.' }) }),
    replies: {
      200: {
        description: 'A page of requests.',
        schema: pageOf(erasureSchema),
        example: { items: [erasureExample], nextCursor: null },
        headers: { Link: 'The next page, as `rel="next"`.' }
      }
    },
    problems: ['malformed_cursor'],
    handle: ({ actor, query }) => listAnonymisations(parts, actor, query),
    reply: ({ items, nextCursor }, { query }) => ({
      status: 200,
      body: { items: items.map(presentErasure), nextCursor },
      headers: nextLink('/v1/anonymisations', query, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${path}/approval`,
    operationId: 'approveAnonymisation',
    tag: 'Operators',
    summary: 'Approve an erasure',
    description: `By another operator than the one who proposed it; erases at once, for good. ${whatStays}`,
    access: operator,
    params,
    body: z.strictObject({}),
    example: {},
    replies: { 204: { description: 'Erased.' } },
    problems: ['not_found', 'four_eyes_required', 'erasure_not_open', 'conflict', 'closure_blocked'],
    idempotent: keepADay,
    handle: ({ db, actor, params }) => approveAnonymisation(parts, db, actor, params.accountId),
    reply: () => ({ status: 204 })
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path,
    operationId: 'cancelAnonymisation',
    tag: 'Operators',
    summary: 'Withdraw a request to erase somebody',
    description:
      'One that an operator proposed, or, on their word, one of the person themselves, who is told by mail. Nothing is erased; the account stays as it is.',
    access: operator,
    params,
    replies: { 204: { description: 'Withdrawn.' } },
    problems: ['not_found', 'erasure_not_open'],
    handle: ({ db, actor, params }) => cancelAnonymisation(db, actor, params.accountId),
    reply: () => ({ status: 204 })
  })
}
