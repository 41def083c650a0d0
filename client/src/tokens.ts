import type { Settings } from './options.ts'
import { sendPatiently } from './patience.ts'
import { problemOf } from './problem.ts'

export type Tokens = ReturnType<typeof serviceTokens>

interface Token {
  value: string
  /** By `performance.now()`. */
  renewAt: number
  endsAt: number
}

// A token that is about to end may end on its way.
const reserveMs = 5000

/** The service token of a client: one request for however many callers, and a new one in good time. */
export function serviceTokens(settings: Settings) {
  const { url, clientId, clientSecret, scope } = settings
  // Each part is a form value before it is joined (RFC 6749 section 2.3.1).
  const credentials = btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)
  let current: Token | undefined
  let renewing: Promise<Token> | undefined

  async function grant(): Promise<Token> {
    const asked = performance.now()
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
    const headers = new Headers({ authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' })
    const response = await sendPatiently(settings, {
      method: 'POST',
      url: `${url}/v1/oauth/token`,
      headers,
      body: body.toString(),
      // Another token is no harm.
      repeatable: true
    })
    if (!response.ok) throw await problemOf(response)
    const granted = (await response.json()) as { access_token: string; expires_in: number }
    const life = granted.expires_in * 1000
    return { value: granted.access_token, renewAt: asked + life * 0.8, endsAt: asked + life - Math.min(reserveMs, life * 0.1) }
  }

  function renew(): Promise<Token> {
    renewing ??= grant()
      .then((token) => (current = token))
      .finally(() => {
        renewing = undefined
      })
    return renewing
  }

  return {
    /** A token that lives; renewed behind the back of its users before it ends. @throws GuildhallProblem, GuildhallUnreachable */
    async get(signal?: AbortSignal): Promise<string> {
      const now = performance.now()
      if (current && now < current.endsAt) {
        // What fails here is tried again, and told to whoever needs it.
        if (now >= current.renewAt) renew().catch(() => undefined)
        return current.value
      }
      // Others wait for the same one: whoever gives up ends only their own waiting.
      return (await unlessAborted(renew(), signal)).value
    },
    /** Forgets a token that the service has not taken. */
    drop(value: string): void {
      if (current?.value === value) current = undefined
    }
  }
}

/** The same, but ended with the signal. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
