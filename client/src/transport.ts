import type { Settings } from './options.ts'
import { type Call, type Patience, sendPatiently } from './patience.ts'
import { problemOf } from './problem.ts'
import type { Tokens } from './tokens.ts'

/** What one caller has written last, for reads that must not be older. */
export interface Memory {
  token: string | undefined
}

export interface Sending {
  method: string
  /** From the root of the service. */
  path: string
  headers?: ConstructorParameters<typeof Headers>[0]
  body?: string | undefined
  signal?: AbortSignal | undefined
}

export type Transport = ReturnType<typeof makeTransport>

const repeatableMethods = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']

/** POSTs that change something and take no Idempotency-Key: they are sent once. The other POSTs without one only look, or may come twice. */
export const sentOnce = ['/v1/me/reauthentication']

/** Sends calls with everything that they need: token, request id, Idempotency-Key, retries. */
export function makeTransport(settings: Settings, tokens: Tokens, memory?: Memory) {
  /** A call that is ready to go, but for its token. */
  function prepare({ method, path, headers: given, body, signal }: Sending): Call {
    const headers = new Headers(given)
    if (!headers.has('accept')) headers.set('accept', 'application/json, application/problem+json')
    if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json')
    // The same for all tries, so that they are found together in both logs.
    if (!headers.has('x-request-id')) headers.set('x-request-id', settings.requestId() ?? crypto.randomUUID())
    const once = sentOnce.includes(path)
    if (method === 'POST' && !once && !headers.has('idempotency-key')) headers.set('idempotency-key', crypto.randomUUID())
    const reads = method === 'GET' || path.startsWith('/access/')
    if (memory?.token && reads && !headers.has('at-least-as-fresh')) headers.set('at-least-as-fresh', memory.token)
    const repeatable = repeatableMethods.includes(method) || (headers.has('idempotency-key') && !once)
    return { method, url: settings.url + path, headers, body, signal, repeatable }
  }

  /** Adds the service's own token unless the caller has brought one, and once more a new one if it is not taken. */
  async function authorized(call: Call, patience: Patience): Promise<Response> {
    if (call.headers.has('authorization')) return sendPatiently(patience, call)
    for (let again = false; ; again = true) {
      const token = await tokens.get(call.signal)
      const headers = new Headers(call.headers)
      headers.set('authorization', `Bearer ${token}`)
      const response = await sendPatiently(patience, { ...call, headers })
      if (response.status !== 401 || again) return response
      tokens.drop(token)
    }
  }

  return {
    /** The answer to a call; 304 is one. @throws GuildhallProblem for whatever is 400 or more, GuildhallUnreachable */
    async send(sending: Sending, patience: Partial<Patience> = {}): Promise<Response> {
      const response = await authorized(prepare(sending), { ...settings, ...patience })
      if (response.status >= 400) throw await problemOf(response)
      const token = response.headers.get('consistency-token')
      if (memory && token) memory.token = token
      return response
    },
    settings,
    tokens
  }
}
