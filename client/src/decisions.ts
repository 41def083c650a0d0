import type { Local } from './local.ts'
import { GuildhallProblem } from './problem.ts'
import type { Decision, Question, Resource } from './resources.ts'
import type { components } from './schema.ts'
import type { Transport } from './transport.ts'

type Answer = components['schemas']['AccessDecision']

export interface AskOptions {
  /** A `Consistency-Token` that the answer must be no older than, or `full` for the present state. The cache is not asked. */
  consistency?: string | undefined
  signal?: AbortSignal | undefined
  /** `X-Request-ID`. */
  requestId?: string | undefined
}

export interface MayOptions extends AskOptions {
  /** With `offer.send`: whom the offer goes to. Nobody hires themselves. */
  counterparty?: { type: 'account' | 'agency'; id: string }
  /** Who acts for the account, through which agency. */
  delegation?: { actor: string; agency: string }
}

/** A question that was denied where it had to be allowed. */
export class GuildhallDenied extends Error {
  override readonly name = 'GuildhallDenied'
  readonly code = 'denied'
  readonly decision: Decision
  readonly question: Question

  constructor(question: Question, decision: Decision) {
    const { account, action, resource } = question
    super(`${account} may not ${action} on ${resource.type} ${resource.id}: ${decision.reason}`)
    this.decision = decision
    this.question = question
  }
}

// So many batches of one call at once.
const mostBatches = 4
// Maps that are read for one call of several questions; more than these are quicker asked as they are.
const mostFills = 2

// The service may answer from a cache of its own: what is kept here must be no older than the event that it would have to follow.
const present = { consistency: 'full' }

const decisionOf = ({ decision, context }: Answer): Decision => ({
  allowed: decision,
  reason: context.reason,
  grants: context.grants,
  missing: context.missing,
  ...(context.consistencyToken === undefined ? {} : { consistencyToken: context.consistencyToken }),
  ...(context.explanation === undefined ? {} : { explanation: context.explanation }),
  cached: false
})

const wordsOf = ({ account, action, resource: { type, id } }: Question) => ({
  subject: { type: 'account', id: account },
  action: { name: action },
  resource: { type, id }
})

/** Questions to the service; what it fails to answer is thrown, and is neither yes nor no. */
export function decisions({ send, settings }: Transport, local: Local | undefined, remembers: () => boolean) {
  async function post(path: string, body: object, { signal, requestId }: AskOptions): Promise<unknown> {
    const headers = requestId === undefined ? {} : { 'x-request-id': requestId }
    const response = await send({ method: 'POST', path: `/access/v1/${path}`, headers, body: JSON.stringify(body), signal })
    return response.json()
  }

  async function ask(question: Question, options: MayOptions, explain = false): Promise<Decision> {
    const { consistency, counterparty, delegation } = options
    const context = { consistency, counterparty, delegation, ...(explain ? { explain } : {}) }
    return decisionOf((await post('evaluation', { ...wordsOf(question), context }, options)) as Answer)
  }

  async function askMany(questions: readonly Question[], options: AskOptions): Promise<Decision[]> {
    const context = { consistency: options.consistency }
    const body = { context, evaluations: questions.map(wordsOf) }
    const { evaluations } = (await post('evaluations', body, options)) as { evaluations: Answer[] }
    if (evaluations.length !== questions.length) throw new TypeError('The service has not answered every question of a batch.')
    return evaluations.map((answer) => {
      const { error } = answer.context
      // What is wrong with a question is no denial.
      if (error) throw new GuildhallProblem({ status: error.status, code: error.code, detail: error.message })
      return decisionOf(answer)
    })
  }

  const useLocal = ({ consistency }: AskOptions): Local | undefined => (consistency === undefined && !remembers() ? local : undefined)

  /** May this account do this there? A denial is an answer. @throws GuildhallProblem, GuildhallUnreachable: neither yes nor no */
  async function may(account: string, action: string, resource: Resource, options: MayOptions = {}): Promise<Decision> {
    const question = { account, action, resource }
    const mine = options.counterparty || options.delegation ? undefined : useLocal(options)
    if (!mine) return ask(question, options)
    options.signal?.throwIfAborted()
    return (await mine.answer(question)) ?? mine.remembering(question, () => ask(question, { ...options, ...present }))
  }

  /** The same for many, in their order; each batch is answered from one snapshot. @throws GuildhallProblem, also when one of them is malformed */
  async function mayAll(questions: readonly Question[], options: AskOptions = {}): Promise<Decision[]> {
    const mine = useLocal(options)
    const mayFill = mine !== undefined && mine.unknown(questions) <= mostFills
    const known = mine ? await Promise.all(questions.map((question) => mine.answer(question, mayFill))) : []
    const open = questions.flatMap((question, index) => (known[index] ? [] : [{ question, index }]))
    const answers: Decision[] = []
    for (const [index, decision] of known.entries()) if (decision) answers[index] = decision
    const batches = Array.from({ length: Math.ceil(open.length / settings.batchLimit) }, (_, at) =>
      open.slice(at * settings.batchLimit, (at + 1) * settings.batchLimit)
    )
    const lane = async (): Promise<void> => {
      for (let batch = batches.shift(); batch; batch = batches.shift()) {
        const questions = batch.map(({ question }) => question)
        const decided = await (mine
          ? mine.rememberingAll(questions, () => askMany(questions, { ...options, ...present }))
          : askMany(questions, options))
        for (const [at, { index }] of batch.entries()) answers[index] = decided[at]!
      }
    }
    await Promise.all(Array.from({ length: mostBatches }, lane))
    return answers
  }

  return {
    may,
    mayAll,
    /** The present answer with the nearest way to be allowed, and who can help. Always from the service. */
    explain: (account: string, action: string, resource: Resource, options: MayOptions = {}): Promise<Decision> =>
      ask({ account, action, resource }, options, true),
    /** Like `may`, but a denial is thrown. @throws GuildhallDenied, GuildhallProblem, GuildhallUnreachable */
    async require(account: string, action: string, resource: Resource, options: MayOptions = {}): Promise<Decision> {
      const decision = await may(account, action, resource, options)
      if (!decision.allowed) throw new GuildhallDenied({ account, action, resource }, decision)
      return decision
    }
  }
}
