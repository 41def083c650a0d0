import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { pathId } from '../http/path-ids.ts'
import { addRoute, operator } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { endSessionsOfAccount, removeTotpOfAccount } from './for-operators.ts'

const tag = 'Operators'
const params = z.strictObject({ accountId: pathId('account') })

/** What operators do for somebody who lost a device, or whose account somebody else uses. */
export function operatorSessionRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'DELETE',
    path: '/v1/accounts/:accountId/sessions',
    operationId: 'endSessionsOfAccount',
    tag,
    summary: 'Sign somebody out everywhere',
    description: 'Ends all sessions of the account at once (S-4). The person is told by mail. Refused for the account of the operator.',
    access: operator,
    params,
    replies: {
      200: {
        description: 'How many ended.',
        schema: z.strictObject({ ended: z.int().meta({ description: 'Sessions that were live.' }) }).meta({ id: 'EndedSessions' }),
        example: { ended: 2 }
      }
    },
    problems: ['not_found'],
    handle: ({ db, actor, params }) => endSessionsOfAccount(db, actor, params.accountId),
    reply: (body) => ({ status: 200, body })
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: '/v1/accounts/:accountId/totp',
    operationId: 'removeTotpOfAccount',
    tag,
    summary: 'Remove a lost second factor',
    description:
      'With all recovery codes, once support knows that it is the person who asks (S-7). The person is told by mail. A password that is too short to stand ' +
      'alone ends with it (S-1), and the person gets a link to choose another. Refused for the account of the operator.',
    access: operator,
    params,
    replies: { 204: { description: 'Removed.' } },
    problems: ['not_found', 'totp_not_enabled'],
    handle: ({ db, actor, params }) => removeTotpOfAccount(parts, db, actor, params.accountId),
    reply: () => ({ status: 204 })
  })
}
