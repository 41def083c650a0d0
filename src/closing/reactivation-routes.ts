import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { emailOnly, tokenOnly } from '../accounts/schemas.ts'
import { addRoute, anonymous, keepADay } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { confirmReactivation, requestReactivation } from './reactivation.ts'
import { tag } from './schemas.ts'

const reactivated = z.strictObject({ status: z.literal('active').meta({ description: 'The account is open; sign in to it.' }) })
const requested = z.strictObject({ status: z.literal('accepted') })

/** Coming back to a closed account. */
export function reactivationRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/reactivations',
    operationId: 'requestReactivation',
    tag,
    summary: 'Ask to open a closed account again',
    description:
      'Mails a link when a closed account has this address; whoever has an open one is told so, and nobody else gets a mail. The answer is the same for any address (P-14).',
    access: anonymous,
    limits: ['recovery'],
    body: emailOnly,
    example: { email: 'olga@example.com' },
    replies: {
      202: {
        description: 'Accepted. The answer is the same whether or not anybody has this address.',
        schema: requested.meta({ id: 'ReactivationRequested' }),
        example: { status: 'accepted' }
      }
    },
    problems: ['email_invalid'],
    idempotent: keepADay,
    handle: ({ db, body }) => requestReactivation(db, body.email),
    reply: () => ({ status: 202, body: { status: 'accepted' } })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/reactivations/confirm',
    operationId: 'confirmReactivation',
    tag,
    summary: 'Open a closed account again',
    description:
      'Uses up the token of the link. Signs nobody in; memberships, organizations and the freelancer profile do not come back, and an erasure that was asked for does not happen. An account that was closed too long ago, was given up for another one, is suspended or banned, or belongs to somebody who is so with another account or has another one by the same government or tax id, is for support to open: then the token stays unused.',
    access: anonymous,
    limits: ['token'],
    body: tokenOnly,
    example: { token: 'ghb_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA' },
    replies: {
      200: { description: 'The account is open again.', schema: reactivated.meta({ id: 'Reactivated' }), example: { status: 'active' } }
    },
    problems: ['token_dead', 'contact_support'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => confirmReactivation(parts, db, actor, body.token),
    reply: (body) => ({ status: 200, body })
  })
}
