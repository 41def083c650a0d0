import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { etag, matchesNone } from '../http/etags.ts'
import { foreignId } from '../http/foreign-ids.ts'
import { referenceOf } from '../http/references.ts'
import { account, addRoute, keepADay, service } from '../http/route.ts'
import { sha256 } from '../keyring.ts'
import { teamUuid } from '../organizations/grants.ts'
import { changeProblems, readProblems } from '../organizations/paths.ts'
import type { Parts } from '../parts.ts'
import type { ProblemCode } from '../problems.ts'
import { putConversation } from './conversations.ts'
import { addCoworker, removeParticipant } from './coworkers.ts'
import {
  conversationExample,
  conversationInput,
  conversationSchema,
  conversationViewExample,
  conversationViewSchema,
  coworkerInput,
  coworkerInvitedSchema,
  participantAddedSchema,
  participantExample,
  presentAdded,
  presentConversation,
  presentView
} from './schemas.ts'
import { getConversation } from './taking-part.ts'

const tag = 'Conversations'
const one = '/v1/conversations/:conversationId'
const params = z.strictObject({ conversationId: foreignId('conversation') })
const accountId = z.string().min(1).max(100).meta({ description: 'TypeID of the account that takes part.' })
const applied = z
  .strictObject({
    applied: z.boolean().meta({ description: 'False when a newer version is known: nothing was changed.' }),
    conversation: conversationSchema
  })
  .meta({ id: 'ConversationApplied' })
const addingProblems: ProblemCode[] = [...changeProblems, 'account_restricted', 'role_exceeds_inviter']

/** Conversations as the messaging service tells them, and the coworkers that a company's people add (H-1 to H-3). */
export function conversationRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'PUT',
    path: one,
    operationId: 'putConversation',
    tag,
    summary: 'Tell the state of a conversation',
    description:
      'From the messaging service, versioned as contracts are (K-5). Whoever takes part with a level is an active member of the company, whoever takes part without one is no member. ' +
      'The participants of a known conversation change only with the current `participantsRevision`; without it they are left alone. A conversation stays with its company.',
    access: service('conversations.write'),
    params,
    body: conversationInput,
    example: {
      version: 2,
      companyId: conversationExample.companyId,
      teamId: conversationExample.teamId,
      status: 'open',
      participants: conversationExample.participants.map(({ accountId, level }) => (level ? { accountId, level } : { accountId }))
    },
    replies: {
      200: {
        description: 'The conversation as it is known now.',
        schema: applied,
        example: { applied: true, conversation: conversationExample }
      }
    },
    problems: [
      'version_conflict',
      'participants_changed',
      'unknown_reference',
      'unknown_team',
      'unknown_member',
      'coworker_level_required'
    ],
    handle: ({ db, actor, params, body }) =>
      putConversation(db, actor, params.conversationId, {
        ...body,
        companyId: referenceOf('company', 'companyId', body.companyId),
        teamId: body.teamId === undefined ? undefined : teamUuid(body.teamId),
        participants: body.participants.map(({ accountId, level }, index) => ({
          accountId: referenceOf('account', `participants/${index}`, accountId),
          level
        }))
      }),
    reply: ({ applied, conversation }) => ({ status: 200, body: { applied, conversation: presentConversation(conversation) } })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: one,
    operationId: 'getConversation',
    tag,
    summary: 'One conversation',
    description:
      "For whoever takes part; for anybody else there is none. The company's own people see their coworkers and who is invited, and need to be active members for it; the other side sees the accounts alone.",
    access: account,
    params,
    replies: {
      200: {
        description: 'The conversation.',
        schema: conversationViewSchema,
        example: conversationViewExample,
        headers: { ETag: 'Digest of what is shown.' }
      },
      304: { description: 'Unchanged.' }
    },
    problems: readProblems,
    handle: ({ db, actor, params, atLeast }) => getConversation(db, actor, params.conversationId, atLeast),
    reply(view, { request }) {
      const body = presentView(view)
      const version = sha256(JSON.stringify(body)).toString('base64url').slice(0, 22)
      return matchesNone(request.headers['if-none-match'], etag(version)) ? { status: 304, version } : { status: 200, version, body }
    }
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${one}/participants`,
    operationId: 'addCoworker',
    tag,
    summary: 'Add a coworker',
    description:
      "For the company's own people who take part, with `conversation.add_coworker` in the conversation's team, or anywhere in the company where it has none; at a level no higher than their own (H-1). " +
      'By an address a member is added, and anybody else invited with the role `member`, which needs `member.invite`; an invitation that is pending is used. They take part once they accept (H-2). ' +
      'Adding again with another level changes it, if neither is above the own one.',
    access: account,
    params,
    body: coworkerInput,
    example: { memberId: participantExample.memberId, level: 'recruiter' },
    replies: {
      200: {
        description: 'Took part already, or is invited to already: nothing changed, or only the level.',
        schema: z.union([participantAddedSchema, coworkerInvitedSchema]),
        example: { outcome: 'unchanged', participant: participantExample }
      },
      201: {
        description: 'Added, or invited.',
        schema: z.union([participantAddedSchema, coworkerInvitedSchema]),
        example: { outcome: 'added', participant: { ...participantExample, level: 'recruiter' } }
      }
    },
    problems: [...addingProblems, 'conversation_closed', 'unknown_member', 'email_invalid', 'plan_upgrade_required', 'limit_reached'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => addCoworker(parts, db, actor, { ...params, ...body }),
    reply: (added) => {
      const fresh = added.outcome === 'invited' ? added.first : added.outcome === 'added'
      return { status: fresh ? 201 : 200, body: presentAdded(added) }
    }
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: `${one}/participants/:accountId`,
    operationId: 'removeParticipant',
    tag,
    summary: 'Leave a conversation, or take a coworker out of it',
    description:
      'Anybody who takes part may leave, also a closed one. Taking out a coworker needs what adding them needs (H-1); whoever the company talks with only leaves by themselves.',
    access: account,
    params: params.extend({ accountId }),
    replies: { 204: { description: 'Takes part no longer.' } },
    problems: addingProblems,
    handle: ({ db, actor, params }) => removeParticipant(db, actor, params),
    reply: () => ({ status: 204 })
  })
}
