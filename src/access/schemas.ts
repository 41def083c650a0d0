import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { faultsOf, type Fault as Place } from '../http/validation.ts'
import { publicGrant } from '../organizations/grants.ts'
import { catalogue, refuse } from '../problems.ts'
import type { Entity, Request } from './asking.ts'
import { type Answered, type Item, semantics } from './evaluations.ts'
import type { Paging, SearchPage } from './search.ts'

// The standard lets callers say more than this service knows: what is not named here is ignored everywhere.
const longestText = 256
const text = z.string().max(longestText)
const properties = z
  .record(z.string(), z.unknown())
  .optional()
  .meta({ description: 'Ignored: what decides is here.', override: { type: 'object' } })
const entity = z.object({ type: text, id: text, properties })
const action = z.object({ name: text, properties }).meta({ id: 'AccessAction', description: 'The permission.' })
const subject = entity.meta({ id: 'AccessSubject', description: 'The person: `account` with an account id.' })
const resource = entity.meta({
  id: 'AccessResource',
  description: '`company`, `agency`, `team`, `contract`, `conversation` or `account`, with its id.'
})
const typeOnly = (id: string) => z.object({ type: text, id: text.optional(), properties }).meta({ id })

export const context = z
  .object({
    consistency: z
      .string()
      .max(4096)
      .optional()
      .meta({ description: '`full`, or a `Consistency-Token` that the answer must be no older than.' }),
    delegation: z.object({ actor: text, agency: text }).optional().meta({
      description: 'Who acts for the subject (account id), through which agency: decided for the member, as far as it can be delegated.'
    }),
    counterparty: z
      .object({ type: text, id: text })
      .optional()
      .meta({ description: 'With `offer.send`: the `account` or `agency` that the offer goes to.' }),
    explain: z.boolean().optional().meta({ description: 'Say how a denied person could be allowed.' })
  })
  .meta({ id: 'AccessContext' })

export const evaluationInput = z.object({ subject, action, resource, context: context.optional() }).meta({ id: 'Evaluation' })

const partial = z.object({ type: text.optional(), id: text.optional(), properties })
export const evaluationsInput = z
  .object({
    subject: partial.optional(),
    action: z.object({ name: text.optional(), properties }).optional(),
    resource: partial.optional(),
    context: context.optional(),
    options: z.object({ evaluations_semantic: z.enum(semantics).optional() }).optional(),
    evaluations: z
      .array(z.unknown())
      .optional()
      .meta({
        description: 'Each a question; what it leaves out is taken from above. Without any, the whole is one question.',
        override: { type: 'array', items: { type: 'object' } }
      })
  })
  .meta({ id: 'Evaluations' })

const page = z
  .object({
    token: z.string().max(512).optional().meta({ description: '`next_token` of the page before.' }),
    limit: z.int().min(0).optional().meta({ description: 'Most results of one page; never more than 100.' }),
    properties
  })
  .optional()
export const subjectSearch = z
  .object({ subject: typeOnly('AccessSubjectType'), action, resource, context: context.optional(), page })
  .meta({ id: 'SubjectSearch' })
export const resourceSearch = z
  .object({ subject, action, resource: typeOnly('AccessResourceType'), context: context.optional(), page })
  .meta({ id: 'ResourceSearch' })
export const actionSearch = z.object({ subject, resource, context: context.optional(), page }).meta({ id: 'ActionSearch' })

export const requestOf = ({ subject, action, resource, context = {} }: z.output<typeof evaluationInput>): Request => ({
  subject,
  action: action.name,
  resource,
  context
})
export const pagingOf = (given: { limit?: number | undefined; token?: string | undefined } | undefined): Paging => ({
  limit: given?.limit,
  token: given?.token
})

type Batch = z.output<typeof evaluationsInput>

/**
 * The questions of a batch, each with what it leaves out taken from the whole: an entity as such, and of one that is given its type, id or name.
 * Undefined where there are none, which is one question. @throws invalid_input when there are too many
 */
export function itemsOf(batch: Batch, most: number): Item[] | undefined {
  const { evaluations = [] } = batch
  if (evaluations.length === 0) return undefined
  if (evaluations.length > most) {
    const errors = [{ pointer: '/evaluations', message: `must have at most ${most} items` }]
    throw refuse('invalid_input', { extensions: { errors } })
  }
  return evaluations.map((given, index) => itemOf(batch, given, `/evaluations/${index}`))
}

function itemOf(batch: Batch, given: unknown, root: string): Item {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return malformed([{ pointer: root, message: 'must be an object' }])
  const own = given as Record<string, unknown>
  const plain = plainRequest(batch, own)
  if (plain) return plain
  const result = evaluationInput.safeParse({
    subject: merged(batch.subject, own.subject),
    action: merged(batch.action, own.action),
    resource: merged(batch.resource, own.resource),
    context: own.context === undefined ? batch.context : own.context
  })
  return result.success ? requestOf(result.data) : malformed(faultsOf(result.error, root))
}

/** A question with nothing but names and ids, read without the schema that most of them would be held against in vain; undefined for any other. */
function plainRequest(batch: Batch, own: Record<string, unknown>): Request | undefined {
  if (batch.context !== undefined || own.context !== undefined) return undefined
  const subject = plainEntity(batch.subject, own.subject)
  const resource = plainEntity(batch.resource, own.resource)
  const action = (own.action === undefined ? batch.action : own.action) as { name?: unknown; properties?: unknown } | undefined
  if (!subject || !resource || typeof action !== 'object' || action === null || !isText(action.name) || action.properties !== undefined)
    return undefined
  return { subject, action: action.name, resource, context: {} }
}

function plainEntity(whole: z.output<typeof partial> | undefined, own: unknown): Entity | undefined {
  const given = own === undefined ? whole : own
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined
  const { type = whole?.type, id = whole?.id, properties = whole?.properties } = given as Record<string, unknown>
  return isText(type) && isText(id) && properties === undefined ? { type, id } : undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= longestText

const merged = (whole: object | undefined, own: unknown): unknown =>
  own === undefined ? whole : typeof own === 'object' && own !== null && !Array.isArray(own) ? { ...whole, ...own } : own

function malformed(places: Place[]): Item {
  const message = places.map(({ pointer, message }) => `${pointer} ${message}`).join(', ')
  return { fault: { status: catalogue.invalid_input.status, code: 'invalid_input', message } }
}

const grant = z.object({ role: z.string(), teamId: z.string().optional() })
const explanation = z
  .object({
    way: z.string().nullable().meta({ description: 'The nearest way to be allowed; null where there is none.' }),
    description: z.string().nullable(),
    roles: z.array(grant).meta({ description: 'Each would be enough; the least first.' }),
    by: z.string().nullable().meta({ description: 'The permission of whoever can help.' }),
    people: z.array(z.string()).optional().meta({ description: 'For services: accounts of some who can.' }),
    morePeople: z.boolean().meta({ description: 'There are more: search for subjects with the permission `by`.' })
  })
  .meta({ id: 'AccessExplanation' })
const answerContext = z
  .object({
    reason: z.string().meta({ description: 'Stable; `GET /v1/permissions` lists them.' }),
    grants: z.array(grant).meta({ description: 'What allows it.' }),
    missing: z.array(z.string()).meta({ description: 'What would be needed.' }),
    consistencyToken: z.string().optional().meta({ description: 'Of the state that this answer is from.', asItIs: true }),
    explanation: explanation.optional(),
    error: z
      .object({ status: z.int(), code: z.string(), message: z.string() })
      .optional()
      .meta({ description: 'What is wrong with this question of a batch.' })
  })
  .meta({ id: 'AccessAnswerContext' })
export const decision = z.object({ decision: z.boolean(), context: answerContext }).meta({ id: 'AccessDecision' })
export const decisions = z.object({ evaluations: z.array(decision) }).meta({ id: 'AccessDecisions' })

/** A decision in the words of the standard. */
export function presentDecision({ allowed, reason, sources, missing, token, explanation, fault }: Answered): z.output<typeof decision> {
  const told = explanation && { ...explanation, roles: explanation.roles.map(publicGrant), people: explanation.people?.map(accountId) }
  return {
    decision: allowed,
    context: {
      reason,
      grants: sources.map(publicGrant),
      missing,
      consistencyToken: token,
      explanation: told,
      error: fault
    }
  }
}

const accountId = (uuid: string): string => publicId('account', uuid)

export const foundPage = <Result extends z.ZodType>(result: Result, id: string) =>
  z
    .object({
      results: z.array(result),
      page: z.object({ next_token: z.string().meta({ description: 'Empty on the last page.' }), count: z.int() })
    })
    .meta({ id })

export const presentPage = <Result>({ results, nextToken }: SearchPage, present: (result: string) => Result) => ({
  results: results.map(present),
  page: { next_token: nextToken, count: results.length }
})
