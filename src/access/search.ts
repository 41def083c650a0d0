import { principalKey } from '../http/admission.ts'
import { cursors } from '../http/pages.ts'
import type { Parts } from '../parts.ts'
import { type Question, type ResourceType, resourceTypes } from '../permissions/answer.ts'
import { permissionKeys } from '../permissions/catalogue.ts'
import { refuse } from '../problems.ts'
import { type Asker, type Circumstances, contextFreshness, type Entity, fresher, questionOf, requireMayAsk } from './asking.ts'
import { type Candidates, listed, none, resourceCandidates, subjectCandidates } from './candidates.ts'
import { evaluateAll } from './evaluate.ts'
import { type Freshness, present } from './facts.ts'

export interface Paging {
  token?: string | undefined
  limit?: number | undefined
}

/** Ids of what was found, or permissions; an empty token on the last page. */
export interface SearchPage {
  results: string[]
  nextToken: string
}

const largestPage = 100
// Candidates of one look, and looks for one page: whoever finds little among very many gets a short page and goes on from there.
const chunk = 100
const mostLooks = 10
const nobody = { type: 'account', id: '' }

interface Search {
  parts: Parts
  asker: Asker
  /** The search itself: a token of one is worth nothing for another. */
  name: string
  context: Circumstances
  page: Paging
  freshness: Freshness
}

/** Who may do this here? Names others, so it is for services. @throws access_denied, malformed_cursor */
export async function searchSubjects(
  search: Omit<Search, 'name'>,
  subjectType: string,
  action: string,
  resource: Entity
): Promise<SearchPage> {
  const { parts, asker, context } = search
  if (asker.kind !== 'service') throw refuse('access_denied', { extensions: { missingPermissions: ['access.evaluate'] } })
  const question = questionOf(asker, { subject: { ...nobody, type: subjectType }, action, resource, context })
  const asked = typeof question === 'object' ? question : undefined
  // Its candidates come from the database anyhow: what few of them are kept would save nothing.
  const candidates = asked ? subjectCandidates(parts.db, action, asked.resource, asked.delegation !== undefined) : none
  const whole = { ...search, freshness: { ...search.freshness, full: true } }
  return collect({ ...whole, name: `subject:${JSON.stringify([subjectType, action, resource])}` }, candidates, (accountId) => ({
    ...asked!,
    accountId
  }))
}

/** Where may this person do this? @throws access_denied, malformed_cursor */
export async function searchResources(
  search: Omit<Search, 'name'>,
  subject: Entity,
  action: string,
  resourceType: string
): Promise<SearchPage> {
  const { parts, asker, context } = search
  requireMayAsk(asker, subject, context)
  const question = questionOf(asker, { subject, action, resource: { type: resourceType, id: '' }, context })
  const asked = typeof question === 'object' ? question : undefined
  const type = resourceTypes.find((known) => known === resourceType)
  const candidates = asked && type ? resourceCandidates(parts.db, asked.accountId, type) : none
  const whole = { ...search, freshness: { ...search.freshness, full: true } }
  return collect({ ...whole, name: `resource:${JSON.stringify([subject, action, resourceType])}` }, candidates, (id) => ({
    ...asked!,
    resource: { type: type as ResourceType, id }
  }))
}

/** What may this person do here? @throws access_denied, malformed_cursor */
export async function searchActions(search: Omit<Search, 'name'>, subject: Entity, resource: Entity): Promise<SearchPage> {
  const { asker, context } = search
  requireMayAsk(asker, subject, context)
  const question = questionOf(asker, { subject, action: '', resource, context })
  const asked = typeof question === 'object' ? question : undefined
  const candidates = asked ? listed(permissionKeys) : none
  return collect({ ...search, name: `action:${JSON.stringify([subject, resource])}` }, candidates, (permission) => ({
    ...asked!,
    permission
  }))
}

/** A page of the candidates about whom the decision is yes: nothing is in it that a question would deny. */
async function collect(
  { parts, asker, name, context, page, freshness }: Search,
  candidates: Candidates,
  questionAbout: (id: string) => Question
): Promise<SearchPage> {
  const { config } = parts
  const cursor = cursors(config.keys, `access:${principalKey(asker)}:${name}`)
  const wanted = fresher(freshness, contextFreshness(config.keys, context))
  const limit = Math.min(page.limit ?? largestPage, largestPage)
  let after = (page.token && cursor.read(page.token)) || ''
  const results: string[] = []
  for (let look = 0; look < mostLooks && results.length < limit; look++) {
    const found = await candidates(after, chunk + 1)
    const looked = found.slice(0, chunk)
    const evaluated = await evaluateAll(parts, looked.map(questionAbout), wanted)
    const allowed = looked.filter((_, index) => evaluated[index]!.decision.allowed)
    const taken = allowed.slice(0, limit - results.length)
    results.push(...taken)
    if (taken.length < allowed.length) return { results, nextToken: cursor.write(taken.at(-1)!) }
    if (found.length <= chunk) return { results, nextToken: '' }
    after = looked.at(-1)!
  }
  return { results, nextToken: cursor.write(after) }
}

/** People who have a permission where a question is about, a few of them, for whoever is to be asked. */
export async function findPeople(parts: Parts, asker: Asker, question: Question): Promise<SearchPage> {
  const plain = { ...question, counterparty: undefined, delegation: undefined }
  const search = { parts, asker, name: 'people', context: {}, page: { limit: 10 }, freshness: present }
  return collect(search, subjectCandidates(parts.db, plain.permission, plain.resource, false), (accountId) => ({ ...plain, accountId }))
}
