import type { Settings } from './options.ts'
import { GuildhallUnreachable, readRetryAfter } from './problem.ts'

/** One call, which may take several tries. */
export interface Call {
  method: string
  url: string
  headers: Headers
  body?: string | undefined
  signal?: AbortSignal | undefined
  /** Whether it may be sent again although it may have had its effect. */
  repeatable: boolean
}

export type Patience = Pick<Settings, 'fetch' | 'timeoutMs' | 'attemptTimeoutMs' | 'retries' | 'maxRetryAfterMs'>

const firstPauseMs = 100
const longestPauseMs = 5000
const withoutBody = [204, 205, 304]

/**
 * Sends a call until it is answered: again after 429, 502, 503, 504, failures of the network and a first try that still runs, with pauses that
 * grow and vary, and never sooner than `Retry-After`.
 * @throws GuildhallUnreachable, and what the caller's own signal was aborted with
 */
export async function sendPatiently(patience: Patience, call: Call): Promise<Response> {
  const deadline = performance.now() + patience.timeoutMs
  for (let tries = 0; ; tries++) {
    const outcome = await attempt(patience, call, Math.min(patience.attemptTimeoutMs, deadline - performance.now()))
    const pause = call.repeatable && tries < patience.retries ? await pauseAfter(outcome, tries) : undefined
    const inTime = pause !== undefined && pause <= patience.maxRetryAfterMs && performance.now() + pause < deadline
    if (inTime) await rest(pause, call.signal)
    else if (outcome instanceof Response) return outcome
    else throw outcome
  }
}

/** One try with its whole answer: a connection that breaks in the middle of one has failed. */
async function attempt(patience: Patience, call: Call, ms: number): Promise<Response | GuildhallUnreachable> {
  const { method, url, headers, body, signal } = call
  signal?.throwIfAborted()
  const ending = new AbortController()
  const abort = (): void => ending.abort(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  let late = false
  const timer = setTimeout(
    () => {
      late = true
      ending.abort()
    },
    Math.max(ms, 1)
  )
  try {
    const given = { method, headers, signal: ending.signal, ...(body === undefined ? {} : { body }) }
    const response = await patience.fetch(url, given)
    const text = await response.text()
    const { status, statusText } = response
    return new Response(withoutBody.includes(status) ? null : text, { status, statusText, headers: response.headers })
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    const where = `${method} ${new URL(url).pathname}`
    const options = { cause, requestId: headers.get('x-request-id') ?? undefined }
    return late
      ? new GuildhallUnreachable('timeout', `${where} was not answered in time.`, options)
      : new GuildhallUnreachable('unreachable', `${where} could not be sent, or its answer broke off.`, options)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** Milliseconds until a call is worth another try, or undefined where it is not. */
async function pauseAfter(outcome: Response | GuildhallUnreachable, tries: number): Promise<number | undefined> {
  const varied = Math.random() * Math.min(firstPauseMs * 2 ** tries, longestPauseMs)
  if (!(outcome instanceof Response)) return varied
  if (![409, 429, 502, 503, 504].includes(outcome.status)) return undefined
  // The first try of this call is still at work, and its answer will be had under the same key.
  if (outcome.status === 409 && !/"idempotency_in_progress"/.test(await outcome.clone().text())) return undefined
  // Not all at the same moment.
  return (readRetryAfter(outcome.headers.get('retry-after')) ?? 0) + varied
}

/** Waits, but not longer than the signal lets. */
export function rest(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms)
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal!.reason)
    }
    function done(): void {
      signal?.removeEventListener('abort', abort)
      resolve()
    }
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort, { once: true })
  })
}
