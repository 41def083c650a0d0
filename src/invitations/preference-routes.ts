import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { emailInput, tokenInput } from '../accounts/schemas.ts'
import type { Actor } from '../actor.ts'
import { account, addRoute, anonymous, visitor } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { listPreferences, setOwnPreference, setPreferenceByToken } from './preferences.ts'

const tag = 'Invitations'
const tokenExample = 'ghn_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA'
const doNotInvite = z
  .boolean()
  .meta({ description: '`true`: no more invitations are mailed to the address. Whoever invites it is not told.' })
const preference = z
  .strictObject({
    token: tokenInput.optional().meta({ description: 'The token out of an invitation mail: for the address it was sent to.' }),
    email: emailInput.optional().meta({ description: 'Signed in, instead of `token`: a proven address of the person.' }),
    doNotInvite
  })
  .refine(({ token, email }) => (token === undefined) !== (email === undefined), 'needs either `token` or `email`')
  .meta({ id: 'InvitationPreference' })
const reply = {
  200: {
    description: 'What holds for the address now.',
    schema: z.strictObject({ doNotInvite: z.boolean() }).meta({ id: 'InvitationPreferenceSet' }),
    example: { doNotInvite: true }
  }
}

/** "Do not invite me" (N-8). */
export function preferenceRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/invitation-preferences',
    operationId: 'setInvitationPreference',
    tag,
    summary: 'Silence an address for invitations, or open it again',
    description:
      'By the token of an invitation mail, or signed in for a proven address (N-8). Inviting a silenced address is answered as ever, but nothing is mailed.',
    access: visitor,
    limits: ['token'],
    body: preference,
    example: { token: tokenExample, doNotInvite: true },
    replies: reply,
    problems: ['token_dead', 'not_found'],
    handle({ db, actor, body }) {
      const { token, email, doNotInvite } = body
      if (token !== undefined) return setPreferenceByToken(parts, db, actor as Actor, token, { doNotInvite })
      if (actor.kind !== 'account') throw refuse('not_signed_in', { detail: 'Sign in first, or send the token of an invitation mail.' })
      return setOwnPreference(parts, db, actor, email!, { doNotInvite })
    },
    reply: (body) => ({ status: 200, body })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/invitation-preferences/one-click',
    operationId: 'unsubscribeFromInvitations',
    tag,
    summary: 'Silence an address with one click',
    description:
      'What mail programs call for the `List-Unsubscribe` header of an invitation (RFC 8058). The token is good for nothing else. As a form of either kind.',
    access: anonymous,
    query: z.strictObject({ token: tokenInput }),
    consumes: ['application/x-www-form-urlencoded', 'multipart/form-data'],
    body: z.strictObject({ 'List-Unsubscribe': z.literal('One-Click') }).meta({ id: 'OneClickUnsubscribe' }),
    example: { 'List-Unsubscribe': 'One-Click' },
    replies: reply,
    problems: ['token_dead'],
    handle: ({ db, actor, query }) => setPreferenceByToken(parts, db, actor, query.token, { doNotInvite: true }),
    reply: (body) => ({ status: 200, body })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me/invitation-preferences',
    operationId: 'listInvitationPreferences',
    tag: 'Me',
    summary: 'Which of the own addresses may be invited',
    description: 'The proven addresses of the person, each with whether it is silenced for invitations (N-8).',
    access: account,
    replies: {
      200: {
        description: 'The addresses.',
        schema: z
          .strictObject({ items: z.array(z.strictObject({ email: z.string(), doNotInvite: z.boolean() })) })
          .meta({ id: 'InvitationPreferences' }),
        example: { items: [{ email: 'olga@example.com', doNotInvite: false }] }
      }
    },
    handle: ({ actor }) => listPreferences(parts, actor.accountId),
    reply: (items) => ({ status: 200, body: { items } })
  })
}
