import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { account, addRoute } from '../http/route.ts'
import { line } from '../http/text.ts'
import type { Parts } from '../parts.ts'
import { companyExample } from './examples.ts'
import { listAudit } from './history.ts'
import type { Face } from './organizations.ts'
import { basePath, readProblems, tagOf } from './paths.ts'
import { placeParams } from './schemas.ts'

// Moments that Postgres can read too: it has no year 0, and no zone further away than fifteen hours.
const moment = z.iso
  .datetime({ offset: true })
  .max(40)
  .refine((value) => !/^0000|[+-](1[6-9]|2\d):\d\d$/.test(value), 'must be a moment of the calendar')
const auditQuery = pageQuery.extend({
  actor: line(1, 100).optional().meta({ description: 'Id of the account, service or operator who did it, or `system`.' }),
  action: line(1, 100).optional().meta({ description: 'Exactly this action, such as `member.removed`.' }),
  resource: line(1, 100).optional().meta({ description: 'Id of what it was done to.' }),
  since: moment.optional().meta({ description: 'From this moment on.' }),
  until: moment.optional().meta({ description: 'Before this moment.' })
})
const values = z.record(z.string(), z.unknown()).nullable()
const auditEntry = z
  .strictObject({
    id: z.string(),
    at: z.iso.datetime({ precision: 3 }),
    actor: z.strictObject({ kind: z.string(), id: z.string().nullable() }),
    action: z.string(),
    resource: z.string(),
    requestId: z.string().nullable(),
    before: values.meta({ description: 'State before; null where there was none.' }),
    after: values.meta({ description: 'State after; null where there is none.' }),
    detail: z.record(z.string(), z.unknown()),
    personal: values.meta({ description: 'Names and words as they were; null once they were erased.' })
  })
  .meta({ id: 'AuditEntry' })

/** What was done in a company or agency. */
export function historyRoutes(app: FastifyInstance, parts: Parts, face: Face): void {
  const { kind, Name } = face
  const tag = tagOf(face)
  const params = placeParams(face)

  addRoute(app, parts, {
    method: 'GET',
    path: `${basePath(face)}/audit`,
    operationId: `list${Name}Audit`,
    tag,
    summary: 'What was done, by whom and when',
    description: `The history of this ${kind} and of no other, newest first, each change with the state before and after. Needs \`audit.read\`.`,
    access: account,
    params,
    query: auditQuery,
    replies: {
      200: {
        description: 'A page of the history.',
        schema: pageOf(auditEntry),
        example: {
          items: [
            {
              id: 'event_01k2v6f9hbjm1q3s5v7x9z1b3d',
              at: '2026-08-17T10:05:00.000Z',
              actor: { kind: 'account', id: companyExample.ownerAccountId },
              action: 'member.roles_changed',
              resource: 'member_01k2v6c5e7g9jbm1q3s5v7x9z1',
              requestId: '5c2e4c1e-0d3b-4b43-9d54-0a8d2f6b7c11',
              before: { status: 'active', owner: false, grants: [{ role: 'member' }], teams: [] },
              after: { status: 'active', owner: false, grants: [{ role: 'recruiter' }], teams: [] },
              detail: {},
              personal: null
            }
          ],
          nextCursor: null
        },
        headers: { Link: 'The next page, as `rel="next"`.' }
      }
    },
    problems: [...readProblems, 'malformed_cursor'],
    handle: ({ actor, params, query, atLeast }) => listAudit(parts, actor, { ...params, ...query }, atLeast),
    reply: ({ items, nextCursor }, { query, request }) => ({
      status: 200,
      body: { items, nextCursor },
      headers: nextLink(request.url.split('?')[0]!, query, nextCursor)
    })
  })
}
