import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type IdKind, publicId } from '../http/ids.ts'
import { type AnyCall, addRoute, anonymous, asker } from '../http/route.ts'
import { validate } from '../http/validation.ts'
import type { Parts } from '../parts.ts'
import { type Asker, headerFreshness } from './asking.ts'
import { answerBatch, answerRequest } from './evaluations.ts'
import * as examples from './examples.ts'
import type { Freshness } from './facts.ts'
import {
  actionSearch,
  decision,
  decisions,
  evaluationInput,
  evaluationsInput,
  foundPage,
  itemsOf,
  pagingOf,
  presentDecision,
  presentPage,
  requestOf,
  resourceSearch,
  subjectSearch
} from './schemas.ts'
import { searchActions, searchResources, searchSubjects } from './search.ts'

const tag = 'Permission queries'
const whoAsks =
  'Services ask about anybody, people about themselves (Q-6), and whoever holds a delegation about the one they act for (G-5).'
const entityResult = z.object({ type: z.string(), id: z.string() })
const bigBody = 262_144

/** Whether an answer takes one look at the database at most; to explain one takes many. */
const isQuick = (context: z.output<typeof evaluationInput>['context']): boolean => !context?.explain
const hasNoContext = (item: unknown): boolean => typeof item === 'object' && item !== null && !('context' in item)

/** What a question has to be as fresh as, by its headers. */
const freshnessOf = ({ headers, atLeast }: Pick<AnyCall, 'headers' | 'atLeast'>): Freshness => headerFreshness(headers.consistency, atLeast)

/** The OpenID AuthZEN Authorization API 1.0: https://openid.net/specs/authorization-api-1_0.html. */
export function authzenRoutes(app: FastifyInstance, parts: Parts): void {
  const access = asker('access.evaluate')
  const { publicUrl, ACCESS_BATCH_LIMIT: most } = parts.config

  addRoute(app, parts, {
    method: 'POST',
    path: '/access/v1/evaluation',
    operationId: 'evaluateAccess',
    tag,
    summary: 'May this person do that?',
    description: `A denial is an answer, with its reason (Q-2); what is unknown is denied, and not told from what is not theirs to know (Q-5). ${whoAsks} AuthZEN section 6.`,
    access,
    lenient: true,
    shortcut: ({ context }) => isQuick(context),
    body: evaluationInput,
    example: examples.question,
    replies: { 200: { description: 'The decision.', schema: decision, example: examples.allowed } },
    handle: (call) => answerRequest(parts, call.actor, requestOf(call.body), freshnessOf(call)),
    reply: (answered) => ({ status: 200, body: presentDecision(answered) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/access/v1/evaluations',
    operationId: 'evaluateAccessMany',
    tag,
    summary: 'Many questions at once',
    description:
      `Up to ${most} questions, answered in their order and from one snapshot. What a question leaves out is taken from above. ` +
      '`options.evaluations_semantic` may stop at the first denial or the first permission. A question that is malformed is denied, with the `error` in its context; ' +
      `when facts cannot be read, the whole is 503 and no decision (Q-7). ${whoAsks} AuthZEN section 7.`,
    access,
    lenient: true,
    shortcut: ({ context, evaluations = [] }) => isQuick(context) && evaluations.every(hasNoContext),
    bodyLimit: bigBody,
    body: evaluationsInput,
    example: examples.questions,
    replies: {
      200: {
        description: 'The decisions; of a single question just its decision.',
        schema: z.union([decisions, decision]),
        writes: decisions.partial().extend(decision.partial().shape),
        example: { evaluations: [examples.allowed, examples.denied] }
      }
    },
    handle(call) {
      const items = itemsOf(call.body, most)
      const semantic = call.body.options?.evaluations_semantic ?? 'execute_all'
      if (items) return answerBatch(parts, call.actor, items, semantic, freshnessOf(call))
      return answerRequest(parts, call.actor, requestOf(validate(evaluationInput, call.body, '')), freshnessOf(call))
    },
    reply: (answered) => ({
      status: 200,
      body: Array.isArray(answered) ? { evaluations: answered.map(presentDecision) } : presentDecision(answered)
    })
  })

  const searchProblems = ['malformed_cursor'] as const
  const paged = 'Complete, or with a `page.next_token` for what follows, which may be an empty page (Q-9).'

  addRoute(app, parts, {
    method: 'POST',
    path: '/access/v1/search/subject',
    operationId: 'searchSubjects',
    tag,
    summary: 'Who may do that?',
    description: `Every account that a question with the same action and resource would allow. ${paged} For services: it names others. AuthZEN section 8.4.`,
    access,
    lenient: true,
    body: subjectSearch,
    example: examples.whoMay,
    replies: {
      200: {
        description: 'Accounts.',
        schema: foundPage(entityResult, 'FoundSubjects'),
        example: { results: [examples.subject], page: { next_token: '', count: 1 } }
      }
    },
    problems: [...searchProblems],
    handle: (call) => searchSubjects(searchOf(call), call.body.subject.type, call.body.action.name, pick(call.body.resource)),
    reply: (found, { body }) => ({
      status: 200,
      body: presentPage(found, (id) => ({ type: body.subject.type, id: publicId('account', id) }))
    })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/access/v1/search/resource',
    operationId: 'searchResources',
    tag,
    summary: 'Where may this person do that?',
    description: `Every resource of a type for which a question with the same subject and action would allow it. ${paged} ${whoAsks} AuthZEN section 8.5.`,
    access,
    lenient: true,
    body: resourceSearch,
    example: examples.whereMay,
    replies: {
      200: {
        description: 'Resources.',
        schema: foundPage(entityResult, 'FoundResources'),
        example: { results: [examples.resource], page: { next_token: '', count: 1 } }
      }
    },
    problems: [...searchProblems],
    handle: (call) => searchResources(searchOf(call), pick(call.body.subject), call.body.action.name, call.body.resource.type),
    reply: (found, { body: { resource } }) => ({
      status: 200,
      body: presentPage(found, (id) => ({ type: resource.type, id: resourceIdOf(resource.type, id) }))
    })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/access/v1/search/action',
    operationId: 'searchActions',
    tag,
    summary: 'What may this person do there?',
    description: `Every permission for which a question with the same subject and resource would allow it. ${paged} ${whoAsks} AuthZEN section 8.6.`,
    access,
    lenient: true,
    body: actionSearch,
    example: examples.whatMay,
    replies: {
      200: {
        description: 'Permissions.',
        schema: foundPage(z.object({ name: z.string() }), 'FoundActions'),
        example: { results: [{ name: 'offer.send' }], page: { next_token: '', count: 1 } }
      }
    },
    problems: [...searchProblems],
    handle: (call) => searchActions(searchOf(call), pick(call.body.subject), pick(call.body.resource)),
    reply: (found) => ({ status: 200, body: presentPage(found, (name) => ({ name })) })
  })

  /** What all searches are given. */
  function searchOf(call: Pick<AnyCall, 'headers' | 'atLeast'> & { actor: Asker; body: SearchBody }) {
    const { actor, body } = call
    return { parts, asker: actor, context: body.context ?? {}, page: pagingOf(body.page), freshness: freshnessOf(call) }
  }

  addRoute(app, parts, {
    method: 'GET',
    path: '/.well-known/authzen-configuration',
    operationId: 'getAccessMetadata',
    tag,
    summary: 'Where permission queries are answered',
    description: 'Metadata of the policy decision point. AuthZEN section 9.',
    access: anonymous,
    limits: 'none',
    replies: {
      200: {
        description: 'The metadata. May be kept for five minutes.',
        schema: z
          .object({
            policy_decision_point: z.string(),
            access_evaluation_endpoint: z.string(),
            access_evaluations_endpoint: z.string(),
            search_subject_endpoint: z.string(),
            search_resource_endpoint: z.string(),
            search_action_endpoint: z.string()
          })
          .meta({ id: 'AccessMetadata' }),
        example: metadataOf('http://localhost:3000')
      }
    },
    handle: async () => metadataOf(publicUrl),
    reply: (body) => ({ status: 200, body, headers: { 'cache-control': 'public, max-age=300' } })
  })
}

interface SearchBody {
  context?: z.output<typeof evaluationInput>['context']
  page?: Parameters<typeof pagingOf>[0]
}

const pick = ({ type, id }: { type: string; id: string }) => ({ type, id })

/** Other services' ids are written as they write them. */
const resourceIdOf = (type: string, id: string): string =>
  type === 'contract' || type === 'conversation' ? id : publicId(type as IdKind, id)

const metadataOf = (publicUrl: string) => ({
  policy_decision_point: publicUrl,
  access_evaluation_endpoint: `${publicUrl}/access/v1/evaluation`,
  access_evaluations_endpoint: `${publicUrl}/access/v1/evaluations`,
  search_subject_endpoint: `${publicUrl}/access/v1/search/subject`,
  search_resource_endpoint: `${publicUrl}/access/v1/search/resource`,
  search_action_endpoint: `${publicUrl}/access/v1/search/action`
})
