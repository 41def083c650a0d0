import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { accountExample, presentAccount, tokenInput, tokenOnly } from '../accounts/schemas.ts'
import type { Actor, ActorOf } from '../actor.ts'
import { publicId } from '../http/ids.ts'
import { account, addRoute, anonymous, keepADay, visitor } from '../http/route.ts'
import { memberExample } from '../organizations/examples.ts'
import type { Parts } from '../parts.ts'
import { type ProblemCode, refuse } from '../problems.ts'
import { setRefreshCookie } from '../sessions/refresh-cookie.ts'
import { presentTokens, refreshTransport, tokensExample } from '../sessions/schemas.ts'
import { acceptInvitation, type Joined } from './accepting.ts'
import { invitationExample, shownExample, tokenExample } from './examples.ts'
import { declineInvitation, type Invitee, listOwnInvitations, lookUpInvitation } from './invitee.ts'
import { type RegisteredAndJoined, registerInvited } from './registering.ts'
import { acceptedSchema, invitedRegistration, ownInvitation, presentShown, shownInvitation } from './schemas.ts'

const tag = 'Invitations'
const named = {
  token: tokenInput.optional().meta({ description: 'The token out of the link.' }),
  invitationId: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Signed in, instead of `token`: one of `GET /v1/me/invitations`.' })
}
const oneOf = ({ token, invitationId }: { token?: string | undefined; invitationId?: string | undefined }) =>
  (token === undefined) !== (invitationId === undefined)
const needsOne = 'needs either `token` or `invitationId`'
const acceptance = z
  .strictObject({ ...named, registration: invitedRegistration.optional(), refreshTransport })
  .refine(oneOf, needsOne)
  .refine(({ registration, token }) => registration === undefined || token !== undefined, 'needs `token` beside `registration`')
  .meta({ id: 'InvitationAcceptance' })
const acceptedExample = {
  organization: { kind: 'company', id: 'company_01k2v6a1c9f7vts0m5w2r8hq4n', name: 'Okafor Studio' },
  memberId: memberExample.id
} as const
const refusal = z.strictObject(named).refine(oneOf, needsOne).meta({ id: 'InvitationRefusal' })

const inviteeOf = ({ token, invitationId }: z.output<typeof refusal>): Invitee =>
  token === undefined ? { invitationId: invitationId! } : { token }

/** Whatever keeps somebody from joining an organization. */
const obstacles: ProblemCode[] = [
  'organization_closed',
  'organization_suspended',
  'organization_banned',
  'organization_restricted',
  'plan_upgrade_required',
  'limit_reached',
  'removed_needs_invitation',
  'freelancer_profile_required',
  'exclusive_elsewhere',
  'independent_work_active'
]

/** For whoever was invited: looking, accepting, declining (N-4 to N-6, N-9). */
export function inviteeRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/invitations/lookup',
    operationId: 'lookUpInvitation',
    tag,
    summary: 'Look at an invitation',
    description:
      'Who invites to what, and until when; nothing else, and nothing is used up (N-4). A link that was answered, replaced or has expired is 410.',
    access: anonymous,
    limits: ['token'],
    body: tokenOnly,
    example: { token: tokenExample },
    replies: { 200: { description: 'The invitation.', schema: shownInvitation, example: shownExample } },
    problems: ['token_dead', 'organization_suspended', 'organization_banned', 'organization_closed'],
    handle: ({ body }) => lookUpInvitation(parts, body.token),
    reply: (shown) => ({ status: 200, body: presentShown(shown) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/invitations/accept',
    operationId: 'acceptInvitation',
    tag,
    summary: 'Accept an invitation',
    description:
      'Signed in: the account gains a membership, if one of its proven addresses is the invited one (N-5). Not signed in, with `registration`: registers somebody new and joins in one step; the link in the mail proves the address, so nothing else is to be confirmed. ' +
      'A copied link proves nothing and takes no registration. Everything is looked at again (N-6). Accepting twice answers the same membership.',
    access: visitor,
    limits: ['token'],
    body: acceptance,
    example: { token: tokenExample },
    replies: {
      200: {
        description: 'The membership.',
        schema: acceptedSchema,
        example: acceptedExample
      },
      201: {
        description: 'With `registration`: the account, its first sign-in, and the membership.',
        schema: acceptedSchema,
        example: { ...acceptedExample, account: accountExample, session: tokensExample },
        headers: { ETag: 'Version of the account.' }
      }
    },
    problems: [
      'not_found',
      'token_dead',
      'invitation_email_mismatch',
      'inviter_no_longer_entitled',
      'invitation_outdated',
      'invitation_link_copied',
      'account_exists',
      'password_refused',
      'overloaded',
      ...obstacles
    ],
    idempotent: keepADay,
    handle: ({ db, actor, body }): Promise<Joined | RegisteredAndJoined> => {
      const { registration, token } = body
      if (registration && token !== undefined) {
        if (actor.kind === 'account')
          throw refuse('malformed_request', { detail: 'Leave `registration` out while signed in: one person has one account.' })
        return registerInvited(parts, db, actor, { token, registration: { ...registration, locale: registration.locale } })
      }
      if (actor.kind !== 'account') throw refuse('not_signed_in', { detail: 'Sign in first, or send `registration`.' })
      return acceptInvitation(parts, db, actor as ActorOf<'account'>, inviteeOf(body))
    },
    reply(joined, { body }) {
      const { organization, member } = joined
      const shown = {
        organization: { kind: organization.kind, id: publicId(organization.kind, organization.id), name: organization.name },
        memberId: publicId('member', member.id)
      }
      if (!('tokens' in joined)) return { status: 200, body: shown }
      const inCookie = body.refreshTransport === 'cookie'
      return {
        status: 201,
        version: joined.account.revision,
        body: { ...shown, account: presentAccount(joined.account), session: presentTokens(joined.tokens, inCookie) },
        ...(inCookie ? { cookies: [setRefreshCookie(parts.config, joined.tokens.refreshToken)] } : {})
      }
    }
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/invitations/decline',
    operationId: 'declineInvitation',
    tag,
    summary: 'Decline an invitation',
    description: 'By the link, or signed in by its id. The link is dead then, and the inviter is told (N-9).',
    access: visitor,
    limits: ['token'],
    body: refusal,
    example: { token: tokenExample },
    replies: {
      200: {
        description: 'Declined.',
        schema: z.strictObject({ status: z.literal('declined') }).meta({ id: 'InvitationDeclined' }),
        example: { status: 'declined' }
      }
    },
    problems: ['token_dead', 'not_found'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => declineInvitation(parts, db, actor as Actor, inviteeOf(body)),
    reply: (body) => ({ status: 200, body })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me/invitations',
    operationId: 'listOwnInvitations',
    tag: 'Me',
    summary: 'Invitations that wait for an answer',
    description: 'To any proven address of the person, the newest first (N-9). Accept or decline one by its id. Complete, without pages.',
    access: account,
    replies: {
      200: {
        description: 'The invitations.',
        schema: z.strictObject({ items: z.array(ownInvitation) }).meta({ id: 'OwnInvitations' }),
        example: {
          items: [{ ...shownExample, id: invitationExample.id, email: invitationExample.email, message: invitationExample.message }]
        }
      }
    },
    handle: ({ actor }) => listOwnInvitations(parts, actor.accountId),
    reply: (items) => ({
      status: 200,
      body: {
        items: items.map(({ id, email, message, ...shown }) => ({ ...presentShown(shown), id: publicId('invitation', id), email, message }))
      }
    })
  })
}
