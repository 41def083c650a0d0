import type { FastifyInstance } from 'fastify'
import { publicId } from '../http/ids.ts'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { account, addRoute, anonymous, keepADay } from '../http/route.ts'
import { changeProblems } from '../organizations/paths.ts'
import type { Parts } from '../parts.ts'
import { acceptJoinLink, lookUpJoinLink } from './join-by-link.ts'
import { getJoinLink, listJoinLinks, listJoinLinkUses } from './join-link-list.ts'
import {
  joinedExample,
  joinedSchema,
  linkExample,
  linkInput,
  linkListParams,
  linkParams,
  linkSchema,
  linkTokenExample,
  linkTokenInput,
  newLinkSchema,
  presentLink,
  presentUse,
  previewExample,
  previewSchema,
  useExample,
  useSchema
} from './join-link-schemas.ts'
import { createJoinLink, revokeJoinLink } from './join-links.ts'

const list = '/v1/companies/:companyId/join-links'
const pageHeaders = { Link: 'The next page, as `rel="next"`.' }

/** Links by which coworkers join a company: those of the company, and using one. */
export function joinLinkRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path: list,
    operationId: 'createJoinLink',
    tag: 'Companies',
    summary: 'Make a join link',
    description:
      'Whoever has it and a proven address at one of the verified domains of the company joins as `member` (N-10): as many people as it has uses, until it expires or is revoked. ' +
      'Needs `join_link.manage` and, since it lets people in, `member.invite` for the whole company, and a sign-in within the last ten minutes (S-8). A company has up to 50 live ones.',
    access: account,
    params: linkListParams,
    body: linkInput,
    example: { expiresInDays: 7, maxUses: 10 },
    replies: {
      201: {
        description: 'The link, with its address.',
        schema: newLinkSchema,
        example: { ...linkExample, uses: 0, url: `https://app.example/join#token=${linkTokenExample.token}` }
      }
    },
    problems: [
      ...changeProblems,
      'account_restricted',
      'reauthentication_required',
      'domain_required',
      'unknown_reference',
      'limit_reached'
    ],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => createJoinLink(parts, db, actor, { ...params, ...body }),
    reply: ({ link, url }) => ({ status: 201, body: { ...presentLink(link), url } })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: list,
    operationId: 'listJoinLinks',
    tag: 'Companies',
    summary: 'Join links',
    description: 'Every one there was, oldest first; their addresses are not shown again. Needs `join_link.manage`.',
    access: account,
    params: linkListParams,
    query: pageQuery,
    replies: {
      200: {
        description: 'A page of links.',
        schema: pageOf(linkSchema),
        example: { items: [linkExample], nextCursor: null },
        headers: pageHeaders
      }
    },
    problems: [...changeProblems, 'malformed_cursor'],
    handle: ({ actor, params, query, atLeast }) => listJoinLinks(parts, actor, { ...params, ...query }, atLeast),
    reply: ({ items, nextCursor }, { query, request }) => ({
      status: 200,
      body: { items: items.map(presentLink), nextCursor },
      headers: nextLink(request.url.split('?')[0]!, query, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: `${list}/:linkId`,
    operationId: 'getJoinLink',
    tag: 'Companies',
    summary: 'One join link',
    description: 'Whether it is live, and how often it was used. Needs `join_link.manage`.',
    access: account,
    params: linkParams,
    replies: { 200: { description: 'The link.', schema: linkSchema, example: linkExample } },
    problems: changeProblems,
    handle: ({ actor, params, atLeast }) => getJoinLink(parts, actor, params, atLeast),
    reply: (link) => ({ status: 200, body: presentLink(link) })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: `${list}/:linkId/uses`,
    operationId: 'listJoinLinkUses',
    tag: 'Companies',
    summary: 'Who joined by a link',
    description: 'In that order, with the membership that came of it, which may have ended since. Needs `join_link.manage`.',
    access: account,
    params: linkParams,
    query: pageQuery,
    replies: {
      200: {
        description: 'A page of uses.',
        schema: pageOf(useSchema),
        example: { items: [useExample], nextCursor: null },
        headers: pageHeaders
      }
    },
    problems: [...changeProblems, 'malformed_cursor'],
    handle: ({ actor, params, query, atLeast }) => listJoinLinkUses(parts, actor, { ...params, ...query }, atLeast),
    reply: ({ items, nextCursor }, { query, request }) => ({
      status: 200,
      body: { items: items.map(presentUse), nextCursor },
      headers: nextLink(request.url.split('?')[0]!, query, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: `${list}/:linkId`,
    operationId: 'revokeJoinLink',
    tag: 'Companies',
    summary: 'Revoke a join link',
    description: 'At once. Whoever joined by it stays; revoking again changes nothing. Needs `join_link.manage`.',
    access: account,
    params: linkParams,
    replies: { 204: { description: 'It lets nobody in any more.' } },
    problems: changeProblems,
    handle: ({ db, actor, params }) => revokeJoinLink(db, actor, params),
    reply: () => ({ status: 204 })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/join-links/lookup',
    operationId: 'lookUpJoinLink',
    tag: 'Joining',
    summary: 'Where a join link leads',
    description: 'The company, for a page that asks whether to join. Uses nothing up.',
    access: anonymous,
    limits: ['token'],
    body: linkTokenInput,
    example: linkTokenExample,
    replies: { 200: { description: 'The company that it lets into.', schema: previewSchema, example: previewExample } },
    problems: ['token_dead'],
    handle: ({ body }) => lookUpJoinLink(parts, body.token),
    reply: ({ expiresAt, ...company }) => ({ status: 200, body: { company, expiresAt } })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/join-links/accept',
    operationId: 'acceptJoinLink',
    tag: 'Joining',
    summary: 'Join by a link',
    description:
      'Makes the person a `member` of the company, and tells those who run it (D-8). Needs a proven address of their own at one of its domains (N-10). ' +
      'Whoever is a member already stays what they are, and no use is counted; whoever was removed needs a new invitation (N-12). Of many at once exactly as many join as the link has uses.',
    access: account,
    limits: ['token'],
    body: linkTokenInput,
    example: linkTokenExample,
    replies: { 200: { description: 'The membership.', schema: joinedSchema, example: joinedExample } },
    problems: [
      'token_dead',
      'removed_needs_invitation',
      'email_domain_mismatch',
      'organization_suspended',
      'organization_banned',
      'organization_closed',
      'plan_upgrade_required',
      'limit_reached'
    ],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => acceptJoinLink(parts, db, actor, body.token),
    reply: ({ organization, member }) => ({
      status: 200,
      body: { memberId: publicId('member', member.id), companyId: publicId('company', organization.id), name: organization.name }
    })
  })
}
