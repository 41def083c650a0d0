export type Fetch = (input: string, init: RequestInit) => Promise<Response>

export interface CacheOptions {
  /** Most maps of one person in one organization that are kept; the one used least recently goes first. */
  entries?: number
  /** How old a cached answer may be, in milliseconds. A smaller number asks the feed more often. */
  maxStaleMs?: number
  /** After so many milliseconds a map is compared with the service once more, whatever the feed has said. */
  maxAgeMs?: number
  /** Whether to hold a stream open as well, so that most changes are known within some ten milliseconds. */
  stream?: boolean
  /** Told when the cache cannot be used, so that every question goes to the service; once for each time it begins. */
  onUnavailable?: (error: unknown) => void
}

export interface ClientOptions {
  /** Where Guildhall is, e.g. `https://guildhall.example`. */
  url: string
  clientId: string
  clientSecret: string
  /** Scopes of the token; without it all that the client has. */
  scope?: string | string[]
  /** For tests and proxies; `globalThis.fetch` otherwise. */
  fetch?: Fetch
  /** What a call may take with all its retries, in milliseconds. */
  timeoutMs?: number
  /** What one try may take. */
  attemptTimeoutMs?: number
  /** How often a call is repeated that may be. */
  retries?: number
  /** The longest `Retry-After` that is waited for; when told to wait longer, a call fails at once. */
  maxRetryAfterMs?: number
  /** Most questions of one batch: `ACCESS_BATCH_LIMIT` of the service. */
  batchLimit?: number
  /** `X-Request-ID` of a call that names none, e.g. that of the request being served. */
  requestId?: () => string | undefined
  /** Answers `may` in this process where it can. Needs the scopes `access.evaluate` and `events.read`. */
  cache?: boolean | CacheOptions
}

export interface Settings {
  url: string
  clientId: string
  clientSecret: string
  scope: string | undefined
  fetch: Fetch
  timeoutMs: number
  attemptTimeoutMs: number
  retries: number
  maxRetryAfterMs: number
  batchLimit: number
  requestId: () => string | undefined
  cache: Required<CacheOptions> | undefined
}

export function readOptions(options: ClientOptions): Settings {
  for (const name of ['url', 'clientId', 'clientSecret'] as const) if (!options[name]) throw new TypeError(`createClient needs ${name}.`)
  const { scope, cache = false } = options
  return {
    url: new URL(options.url).href.replace(/\/+$/, ''),
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    scope: Array.isArray(scope) ? scope.join(' ') : scope,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    timeoutMs: options.timeoutMs ?? 15_000,
    attemptTimeoutMs: options.attemptTimeoutMs ?? 5000,
    retries: options.retries ?? 3,
    maxRetryAfterMs: options.maxRetryAfterMs ?? 10_000,
    batchLimit: options.batchLimit ?? 100,
    requestId: options.requestId ?? (() => undefined),
    cache: cache === false ? undefined : cacheSettings(cache === true ? {} : cache)
  }
}

const cacheSettings = (given: CacheOptions): Required<CacheOptions> => ({
  entries: 10_000,
  maxStaleMs: 1000,
  maxAgeMs: 300_000,
  stream: true,
  onUnavailable: () => undefined,
  ...given
})
