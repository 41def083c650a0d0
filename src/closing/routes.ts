import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { account, addRoute, keepADay } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { closeAccount, getClosure } from './closing.ts'
import { closedExample, closedSchema, closureDryRun, closureExample, closureSchema, presentClosed, presentClosure, tag } from './schemas.ts'

/** Closing one's own account. */
export function closingRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me/closure',
    operationId: 'getClosure',
    tag,
    summary: 'What closing would meet',
    description:
      'What stands in the way of closing the own account, each with the call that clears it or the service that can, and what would end with it: the same list that refuses it (P-13, K-8). Changes nothing.',
    access: account,
    replies: { 200: { description: 'Blockers and effects.', schema: closureSchema, example: closureExample } },
    handle: ({ db, actor }) => getClosure(db, actor),
    reply: (closure) => ({ status: 200, body: presentClosure(closure) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/me/closure',
    operationId: 'closeAccount',
    tag,
    summary: 'Close the own account',
    description:
      'Needs a sign-in within the last ten minutes (S-8). Refused while the person is contact of active contracts, has work of their own or through an agency, or owns an organization that has other members or active contracts: `blockers` lists all of it. Owned organizations without other members close with the account, all other memberships end, and so do the freelancer profile, open join requests and all sessions. A mailed link opens the account again (P-14), without any of these. With `dryRun=true` the answer is what would be in the way and what would end.',
    access: { kind: 'account', authenticate: parts.authenticateClosing },
    dryRun: true,
    body: z.strictObject({}),
    example: {},
    replies: {
      200: {
        description: 'Closed, or what a dry run found.',
        schema: z.union([closedSchema, closureDryRun]),
        example: closedExample
      }
    },
    problems: ['closure_blocked', 'account_under_enforcement', 'reauthentication_required'],
    idempotent: keepADay,
    handle: ({ db, actor, dryRun }) => closeAccount(parts, db, actor, dryRun),
    reply: (closure, { dryRun }) => ({
      status: 200,
      body: dryRun ? { dryRun: true, ...presentClosure(closure) } : presentClosed(closure)
    })
  })
}
