import { consistencyToken, type Versions } from '../http/consistency.ts'
import type { Keyring } from '../keyring.ts'
import type { Parts } from '../parts.ts'
import type { Question } from '../permissions/answer.ts'
import type { Source } from '../permissions/decide.ts'
import type { Reason } from '../permissions/reasons.ts'
import { Problem } from '../problems.ts'
import { after, type Soon } from '../soon.ts'
import { type Asker, contextFreshness, fresher, questionOf, type Request, requireMayAsk } from './asking.ts'
import { type Evaluated, evaluateAll } from './evaluate.ts'
import { type Explanation, explain } from './explain.ts'
import type { Freshness } from './facts.ts'

export const semantics = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const
export type Semantic = (typeof semantics)[number]

/** What is wrong with one question of a batch. */
export interface Fault {
  status: number
  code: string
  message: string
}

/** A question of a batch, or what keeps it from being one. */
export type Item = Request | { fault: Fault }

/** One answer, with why. */
export interface Answered {
  allowed: boolean
  reason: Reason
  sources: readonly Source[]
  missing: string[]
  /** Of the state that the answer is from; absent where nothing was looked at. */
  token?: string | undefined
  explanation?: Explanation | undefined
  fault?: Fault | undefined
}

/** Answers one question. @throws access_denied, malformed_consistency_token, not_fresh_enough, service_unavailable */
export function answerRequest(parts: Parts, asker: Asker, request: Request, freshness: Freshness): Soon<Answered> {
  requireMayAsk(asker, request.subject, request.context)
  const wanted = fresher(freshness, contextFreshness(parts.config.keys, request.context))
  const question = questionOf(asker, request)
  if (typeof question === 'string') return denied(question)
  return after(evaluateAll(parts, [question], wanted), ([evaluated]) =>
    answered(parts, asker, evaluated!, request.context.explain === true)
  )
}

/**
 * Answers a batch from one snapshot, in its order; a semantic that stops early leaves out what comes after. A question that is none is denied
 * with what is wrong with it; one that the caller may not ask refuses the whole.
 * @throws access_denied, not_fresh_enough, service_unavailable
 */
export function answerBatch(
  parts: Parts,
  asker: Asker,
  items: readonly Item[],
  semantic: Semantic,
  freshness: Freshness
): Soon<Answered[]> {
  let wanted = freshness
  const checked = items.map((item): Item => {
    if ('fault' in item) return item
    requireMayAsk(asker, item.subject, item.context)
    try {
      wanted = fresher(wanted, contextFreshness(parts.config.keys, item.context))
      return item
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return { fault: { status: error.status, code: error.code, message: error.message } }
    }
  })
  return after(answerAll(parts, asker, checked, wanted), (answers) => untilDecided(answers, semantic))
}

function untilDecided(answers: Answered[], semantic: Semantic): Answered[] {
  if (semantic === 'execute_all') return answers
  const last = answers.findIndex(({ allowed }) => allowed === (semantic === 'permit_on_first_permit'))
  return last < 0 ? answers : answers.slice(0, last + 1)
}

const denied = (reason: Reason, fault?: Fault): Answered => ({ allowed: false, reason, sources: [], missing: [], fault })

function answerAll(parts: Parts, asker: Asker, items: readonly Item[], freshness: Freshness): Soon<Answered[]> {
  const questions: Question[] = []
  // For each item its place among the questions, or why it is none.
  const asked = items.map((item) => {
    if ('fault' in item) return denied('malformed', item.fault)
    const question = questionOf(asker, item)
    return typeof question === 'string' ? denied(question) : questions.push(question) - 1
  })
  return after(evaluateAll(parts, questions, freshness), (evaluated) => {
    const answers = asked.map((each, index) => {
      if (typeof each !== 'number') return each
      return answered(parts, asker, evaluated[each]!, (items[index] as Request).context.explain === true)
    })
    return answers.some((each) => each instanceof Promise) ? Promise.all(answers) : (answers as Answered[])
  })
}

function answered(parts: Parts, asker: Asker, evaluated: Evaluated, explained: boolean): Soon<Answered> {
  const { decision, question, scene } = evaluated
  const answer = {
    allowed: decision.allowed,
    reason: decision.reason,
    sources: decision.sources,
    missing: decision.reason === 'missing_permission' ? [question.permission] : nothing,
    token: tokenOf(parts.config.keys, scene.versions)
  }
  return explained ? explain(parts, asker, evaluated).then((explanation) => ({ ...answer, explanation })) : answer
}

const nothing: string[] = []

// The same state is asked about again and again, and a signature takes longer than a decision: by the versions as they are kept, and as they were read
// anew. What one keyring has signed is of no use with another.
const tokens = new WeakMap<Versions, string>()
const recentOf = new WeakMap<Keyring, Map<string, string>>()
const mostRecent = 10_000

function tokenOf(keys: Keyring, versions: Versions): string | undefined {
  if (versions.size === 0) return undefined
  const known = tokens.get(versions)
  if (known !== undefined) return known
  const token = tokenOfState(keys, versions)
  tokens.set(versions, token)
  return token
}

function tokenOfState(keys: Keyring, versions: Versions): string {
  const recent = recentOf.get(keys) ?? new Map<string, string>()
  const state = [...versions].join(' ')
  const known = recent.get(state)
  if (known !== undefined) return known
  const token = consistencyToken(keys, versions)
  if (recent.size >= mostRecent) recent.clear()
  recentOf.set(keys, recent.set(state, token))
  return token
}
