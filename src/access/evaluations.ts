import { consistencyToken } from '../http/consistency.ts'
import type { Parts } from '../parts.ts'
import type { Question } from '../permissions/answer.ts'
import type { Source } from '../permissions/decide.ts'
import type { Reason } from '../permissions/reasons.ts'
import { Problem } from '../problems.ts'
import { type Asker, contextFreshness, fresher, questionOf, type Request, requireMayAsk } from './asking.ts'
import { evaluateAll } from './evaluate.ts'
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
export async function answerRequest(parts: Parts, asker: Asker, request: Request, freshness: Freshness): Promise<Answered> {
  requireMayAsk(asker, request.subject, request.context)
  const wanted = fresher(freshness, contextFreshness(parts.config.keys, request.context))
  const [answered] = await answerAll(parts, asker, [request], wanted)
  return answered!
}

/**
 * Answers a batch from one snapshot, in its order; a semantic that stops early leaves out what comes after. A question that is none is denied
 * with what is wrong with it; one that the caller may not ask refuses the whole.
 * @throws access_denied, not_fresh_enough, service_unavailable
 */
export async function answerBatch(
  parts: Parts,
  asker: Asker,
  items: readonly Item[],
  semantic: Semantic,
  freshness: Freshness
): Promise<Answered[]> {
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
  return untilDecided(await answerAll(parts, asker, checked, wanted), semantic)
}

function untilDecided(answers: Answered[], semantic: Semantic): Answered[] {
  if (semantic === 'execute_all') return answers
  const last = answers.findIndex(({ allowed }) => allowed === (semantic === 'permit_on_first_permit'))
  return last < 0 ? answers : answers.slice(0, last + 1)
}

const denied = (reason: Reason, fault?: Fault): Answered => ({ allowed: false, reason, sources: [], missing: [], fault })

async function answerAll(parts: Parts, asker: Asker, items: readonly Item[], freshness: Freshness): Promise<Answered[]> {
  const asked = items.map((item) => ('fault' in item ? item : questionOf(asker, item)))
  const isQuestion = (each: (typeof asked)[number]): each is Question => typeof each === 'object' && 'permission' in each
  const evaluated = await evaluateAll(parts, asked.filter(isQuestion), freshness)
  const found = new Map(evaluated.map((each) => [each.question, each]))
  const answers = asked.map(async (each, index): Promise<Answered> => {
    if (typeof each === 'string') return denied(each)
    if (!isQuestion(each)) return denied('malformed', each.fault)
    const { decision, scene } = found.get(each)!
    const { context } = items[index] as Request
    return {
      ...decision,
      missing: decision.reason === 'missing_permission' ? [each.permission] : [],
      token: scene.versions.size > 0 ? consistencyToken(parts.config.keys, scene.versions) : undefined,
      explanation: context.explain ? await explain(parts, asker, found.get(each)!) : undefined
    }
  })
  return Promise.all(answers)
}
