import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { account, addRoute, keepADay } from '../http/route.ts'
import { grantsOf } from '../organizations/grants.ts'
import { changeProblems } from '../organizations/paths.ts'
import type { Parts } from '../parts.ts'
import { joinRequestStatuses } from './find-join-request.ts'
import { approveJoinRequest, refuseJoinRequest } from './join-decisions.ts'
import { listJoinRequests, listOwnJoinRequests } from './join-request-list.ts'
import {
  decisionExample,
  decisionInput,
  joinedExample,
  joinedSchema,
  joinInput,
  joinParams,
  ownRequestExample,
  ownRequestSchema,
  presentOwnRequest,
  presentRequest,
  requestExample,
  requestedSchema,
  requestParams,
  requestSchema
} from './join-request-schemas.ts'
import { joinCompany, withdrawJoinRequest } from './join-requests.ts'

const list = '/v1/companies/:companyId/join-requests'
const one = `${list}/:requestId`
const pageHeaders = { Link: 'The next page, as `rel="next"`.' }
const query = pageQuery.extend({
  status: z.enum(joinRequestStatuses).optional().meta({ description: 'Only those in this state; `expired` ones were never answered.' })
})

/** Joining a company by an address at one of its domains, and asking to. */
export function joinRequestRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/companies/:companyId/join',
    operationId: 'joinCompany',
    tag: 'Joining',
    summary: 'Join a company by a domain',
    description:
      'For a company in `GET /v1/me/joinable-companies`; any other is 404. Where the domain lets people in, the person is a member at once, with the roles of the domain, and those who run the company are told (D-8); ' +
      'where somebody has to approve, it is a request (D-5). One request is open for a company at a time. Whoever is a member already stays what they are.',
    access: account,
    params: joinParams,
    body: joinInput,
    example: { message: ownRequestExample.message },
    replies: {
      200: { description: 'A member.', schema: joinedSchema, example: joinedExample },
      201: {
        description: 'Asked.',
        schema: requestedSchema,
        example: { outcome: 'requested', request: ownRequestExample }
      }
    },
    problems: ['not_found', 'join_request_open', 'plan_upgrade_required', 'limit_reached'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => joinCompany(parts, db, actor, { ...params, ...body }),
    reply: (asked) =>
      asked.outcome === 'joined'
        ? { status: 200, body: { outcome: 'joined', memberId: publicId('member', asked.memberId) } }
        : { status: 201, body: { outcome: 'requested', request: presentOwnRequest(asked.request) } }
  })

  addRoute(app, parts, {
    method: 'GET',
    path: list,
    operationId: 'listJoinRequests',
    tag: 'Companies',
    summary: 'Requests to join',
    description: 'Who asks, by which address and with what words; oldest first. Needs `member.roles.update` for the whole company.',
    access: account,
    params: joinParams,
    query,
    replies: {
      200: {
        description: 'A page of requests.',
        schema: pageOf(requestSchema),
        example: { items: [requestExample], nextCursor: null },
        headers: pageHeaders
      }
    },
    problems: [...changeProblems, 'malformed_cursor'],
    handle: ({ actor, params, query, atLeast }) => listJoinRequests(parts, actor, { ...params, ...query }, atLeast),
    reply: ({ items, nextCursor }, { query, request }) => ({
      status: 200,
      body: { items: items.map(presentRequest), nextCursor },
      headers: nextLink(request.url.split('?')[0]!, query, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${one}/decision`,
    operationId: 'decideJoinRequest',
    tag: 'Companies',
    summary: 'Answer a request to join',
    description:
      'Approving makes the person a member; each role takes `member.roles.update` in its scope. Refusing needs it for the whole company. The person is told. ' +
      'Whoever was removed from the company needs a new invitation (N-12).',
    access: account,
    params: requestParams,
    body: decisionInput,
    example: decisionExample,
    replies: {
      200: {
        description: 'The request, answered.',
        schema: requestSchema,
        example: { ...requestExample, status: 'approved', endedAt: '2026-08-18T10:00:00.000Z' }
      }
    },
    problems: [
      ...changeProblems,
      'join_request_not_open',
      'removed_needs_invitation',
      'unknown_role',
      'unknown_team',
      'team_hidden',
      'role_scope_invalid',
      'plan_upgrade_required',
      'limit_reached'
    ],
    idempotent: keepADay,
    handle: ({ db, actor, params, body: { decision, grants, reason } }) =>
      decision === 'refuse'
        ? refuseJoinRequest(db, actor, { ...params, reason: reason! })
        : approveJoinRequest(parts, db, actor, { ...params, grants: grants && grantsOf(grants) }),
    reply: (request) => ({ status: 200, body: presentRequest(request) })
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: one,
    operationId: 'withdrawJoinRequest',
    tag: 'Joining',
    summary: 'Withdraw a request to join',
    description: 'For whoever asked; again changes nothing.',
    access: account,
    params: requestParams,
    replies: { 204: { description: 'Withdrawn.' } },
    problems: ['not_found', 'join_request_not_open'],
    handle: ({ db, actor, params }) => withdrawJoinRequest(db, actor, params),
    reply: () => ({ status: 204 })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me/join-requests',
    operationId: 'listOwnJoinRequests',
    tag: 'Me',
    summary: 'Own requests to join',
    description: 'With what became of them; oldest first.',
    access: account,
    query: pageQuery,
    replies: {
      200: {
        description: 'A page of requests.',
        schema: pageOf(ownRequestSchema),
        example: { items: [ownRequestExample], nextCursor: null },
        headers: pageHeaders
      }
    },
    problems: ['malformed_cursor'],
    handle: ({ actor, query }) => listOwnJoinRequests(parts, actor, query),
    reply: ({ items, nextCursor }, { query, request }) => ({
      status: 200,
      body: { items: items.map(presentOwnRequest), nextCursor },
      headers: nextLink(request.url.split('?')[0]!, query, nextCursor)
    })
  })
}
