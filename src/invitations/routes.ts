import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { account, addRoute, keepADay } from '../http/route.ts'
import { line } from '../http/text.ts'
import { grantsOf } from '../organizations/grants.ts'
import type { Face } from '../organizations/organizations.ts'
import { basePath, changeProblems, readProblems } from '../organizations/paths.ts'
import { emptyBody, placeParams } from '../organizations/schemas.ts'
import type { Parts } from '../parts.ts'
import type { ProblemCode } from '../problems.ts'
import { invitationExample, linkExample } from './examples.ts'
import type { Invitation } from './invitations.ts'
import { createInvitation, type Invited } from './inviting.ts'
import { getInvitation, listInvitations } from './list.ts'
import { editInvitation, resendInvitation, revokeInvitation } from './managing.ts'
import { previewInvitation } from './preview.ts'
import {
  invitationChanges,
  invitationInput,
  invitationSchema,
  invitedSchema,
  mailPreviewSchema,
  presentInvitation,
  presentInvited,
  resendInput,
  statusQuery,
  wantedOf
} from './schemas.ts'

/** What may be wrong with what an invitation offers. */
const offerProblems: ProblemCode[] = [
  ...changeProblems,
  'account_restricted',
  'role_exceeds_inviter',
  'team_assignment_forbidden',
  'unknown_role',
  'unknown_team',
  'team_hidden',
  'role_scope_invalid'
]

const filters = pageQuery.extend({
  status: statusQuery.optional().meta({ description: 'Only such invitations.' }),
  inviter: z.enum(['me']).optional().meta({ description: '`me`: only those that the caller sent.' }),
  text: line(1, 100).optional().meta({ description: 'The beginning of the address.' })
})

const reply = {
  description: 'The invitation.',
  schema: invitationSchema,
  example: invitationExample,
  headers: { ETag: 'Version of the invitation.' }
}
const invitedReply = {
  ...reply,
  description: 'The invitation with a link that is shown this once.',
  schema: invitedSchema,
  example: { ...invitationExample, delivery: 'queued', link: linkExample }
}

/** Inviting people into a company or agency, and what becomes of it (N-1 to N-11). */
export function invitationRoutes(app: FastifyInstance, parts: Parts, face: Face): void {
  const { kind, Name } = face
  const tag = face.kind === 'company' ? 'Companies' : 'Agencies'
  const list = `${basePath(face)}/invitations`
  const one = `${list}/:invitationId`
  const params = placeParams(face)
  const ofInvitation = placeParams(face, 'invitationId')
  const input = invitationInput[kind]
  const role = kind === 'company' ? 'recruiter' : 'business_manager'
  const example = { email: 'hana@okafor.example', grants: [{ role }], message: invitationExample.message }
  const shown = (invitation: Invitation) => ({
    status: 200,
    version: invitation.revision,
    body: presentInvitation(parts.config, invitation)
  })
  const shownOnce = (invited: Invited, status: number) => ({
    status,
    version: invited.invitation.revision,
    body: presentInvited(parts.config, invited)
  })

  addRoute(app, parts, {
    method: 'POST',
    path: list,
    operationId: `invite${Name}Member`,
    tag,
    summary: 'Invite somebody',
    description:
      'Mails an invitation to an address, whether or not anybody has an account with it: the answer is the same (N-3). Roles are within what the inviter may give (N-1, N-2); without any it is the least one in the default team. ' +
      'One invitation is pending for an address at a time. Limits count by inviter, organization and address (N-8). Needs `member.invite`.',
    access: account,
    params,
    body: input,
    example,
    replies: { 201: invitedReply },
    problems: [...offerProblems, 'email_invalid', 'already_member', 'invitation_pending', 'plan_upgrade_required', 'limit_reached'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => createInvitation(parts, db, actor, { ...params, ...wantedOf(body) }),
    reply: (invited) => shownOnce(invited, 201)
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${list}/preview`,
    operationId: `preview${Name}Invitation`,
    tag,
    summary: 'See the mail of an invitation',
    description:
      'The very mail that inviting would send, but for the tokens in its links; nothing is sent or kept (N-2). Refused as inviting would be for its roles.',
    access: account,
    params,
    body: input,
    example,
    replies: {
      200: {
        description: 'The mail.',
        schema: mailPreviewSchema,
        example: {
          from: 'Guildhall <no-reply@guildhall.example>',
          to: 'hana@okafor.example',
          subject: 'You are invited to a company',
          text: 'Hello,\n\n…',
          html: '<!doctype html>…',
          locale: 'en'
        }
      }
    },
    problems: [...offerProblems, 'email_invalid'],
    handle: ({ actor, params, body }) => previewInvitation(parts, actor, { ...params, ...wantedOf(body) }),
    reply: (mail) => ({ status: 200, body: { ...mail } })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: list,
    operationId: `list${Name}Invitations`,
    tag,
    summary: 'Invitations',
    description:
      'In the order they were made, with what became of each: those the caller sent, and with `member.roles.update` all in its scope.',
    access: account,
    params,
    query: filters,
    replies: {
      200: {
        description: 'A page of invitations.',
        schema: pageOf(invitationSchema),
        example: { items: [invitationExample], nextCursor: null },
        headers: { Link: 'The next page, as `rel="next"`.' }
      }
    },
    problems: [...readProblems, 'malformed_cursor'],
    handle: ({ actor, params, query, atLeast }) => listInvitations(parts, actor, { ...params, ...query }, atLeast),
    reply: ({ items, nextCursor }, { query, request }) => ({
      status: 200,
      body: { items: items.map((item) => presentInvitation(parts.config, item)), nextCursor },
      headers: nextLink(request.url.split('?')[0]!, query, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: one,
    operationId: `get${Name}Invitation`,
    tag,
    summary: 'One invitation',
    description: 'For its inviter, and with `member.roles.update` in the scope of its roles. The ETag is needed to change it.',
    access: account,
    params: ofInvitation,
    replies: { 200: reply },
    problems: readProblems,
    handle: ({ actor, params, atLeast }) => getInvitation(parts, actor, params, atLeast),
    reply: shown
  })

  addRoute(app, parts, {
    method: 'PATCH',
    path: one,
    operationId: `edit${Name}Invitation`,
    tag,
    summary: 'Change a pending invitation',
    description:
      'Roles, teams or message, under the same ceiling as inviting (N-11). Whoever changes it is its inviter from then on (N-6). The link stays good.',
    access: account,
    params: ofInvitation,
    conditional: true,
    body: invitationChanges[kind],
    example: { grants: [{ role }], message: null },
    replies: { 200: reply },
    problems: [...offerProblems, 'invitation_not_pending', 'plan_upgrade_required'],
    handle: ({ db, actor, params, body, ifMatch }) =>
      editInvitation(parts, db, actor, { ...params, ...body, grants: body.grants && grantsOf(body.grants), revision: ifMatch }),
    reply: shown
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${one}/resend`,
    operationId: `resend${Name}Invitation`,
    tag,
    summary: 'Send an invitation again',
    description:
      'Also after it expired: the same invitation with new links, the old ones are dead (N-4). Whoever sends it is its inviter from then on (N-6). A limited number of times.',
    access: account,
    params: ofInvitation,
    body: resendInput,
    example: {},
    replies: { 200: invitedReply },
    problems: [...offerProblems, 'invitation_not_pending', 'invitation_resend_limit', 'plan_upgrade_required', 'limit_reached'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => resendInvitation(parts, db, actor, { ...params, ...body }),
    reply: (invited) => shownOnce(invited, 200)
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${one}/revoke`,
    operationId: `revoke${Name}Invitation`,
    tag,
    summary: 'Take an invitation back',
    description: 'Its links are dead at once (N-4). Revoking again changes nothing.',
    access: account,
    params: ofInvitation,
    body: emptyBody,
    example: {},
    replies: { 200: reply },
    problems: [...changeProblems, 'invitation_not_pending'],
    idempotent: keepADay,
    handle: ({ db, actor, params }) => revokeInvitation(db, actor, params),
    reply: shown
  })
}
