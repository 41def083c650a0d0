import type { PermissionMap } from './answers.ts'
import { namedIn } from './answers.ts'
import { type Asking, permissionCache } from './cache.ts'
import { followFeed } from './feed.ts'
import type { Settings } from './options.ts'
import { GuildhallProblem } from './problem.ts'
import type { Decision, Question } from './resources.ts'
import { followStream } from './stream.ts'
import type { Transport } from './transport.ts'

/** How the cache has served. */
export interface CacheStats {
  entries: number
  /** Answered in this process. */
  hits: number
  /** Asked of the service: not cached, or not to be answered from a cache. */
  misses: number
  /** Asked of the service because the feed could not be read. */
  bypassed: number
}

export type Local = ReturnType<typeof localAnswers>

// Clocks disagree: so long before a change by the clock, everything is asked of the service.
const clockMarginMs = 60_000

/** Answers in this process, as long as it is sure that nothing has changed: no feed, no cache. */
export function localAnswers(transport: Transport, settings: NonNullable<Settings['cache']>) {
  const cache = permissionCache(settings.entries)
  const onEvent = (event: unknown): void => cache.drop(namedIn(event))
  const feed = followFeed(transport, settings, { onEvent, onGap: () => cache.dropAll() })
  const stream = settings.stream ? followStream(transport, feed, onEvent) : undefined
  const filling = new Map<string, Promise<void>>()
  const stats = { hits: 0, misses: 0, bypassed: 0 }

  /** Reads a map, or hears that it is the same as before. */
  async function read(asking: Asking): Promise<void> {
    const { account, organization } = asking
    const etag = cache.etagOf(account, organization)
    const query = new URLSearchParams({ organization })
    const path = `/v1/accounts/${encodeURIComponent(account)}/permissions?${query}`
    // The present state: the service may have a cache of its own, in which an event that was heard here has not arrived.
    const headers = { consistency: 'full', ...(etag ? { 'if-none-match': etag } : {}) }
    const response = await transport.send({ method: 'GET', path, headers })
    if (response.status === 304) return cache.keep(asking, { lifeMs: settings.maxAgeMs })
    const map = (await response.json()) as PermissionMap
    // By the clock of the service; without it nothing is kept that changes by the clock.
    const until = map.changesAt === null ? Number.POSITIVE_INFINITY : Date.parse(map.changesAt)
    const now = Date.parse(response.headers.get('date') ?? '')
    const left = until === Number.POSITIVE_INFINITY ? until : until - now - clockMarginMs
    const changing = left !== Number.POSITIVE_INFINITY
    const lifeMs = Number.isNaN(left) ? 0 : Math.min(left, settings.maxAgeMs)
    // A 304 would not say how much of the time is left.
    cache.keep(asking, { held: map.organizations[0] ?? null, etag: changing ? null : response.headers.get('etag'), lifeMs })
  }

  /** One request for however many ask for the same; what it fails with is for the question itself to find out. */
  function fill(account: string, organization: string): Promise<void> {
    const key = `${account} ${organization}`
    const running = filling.get(key)
    if (running !== undefined) return running
    const asking = cache.begin(account, organization)
    const work = read(asking)
      // Unknown people are the service's to deny; so is whatever it cannot answer.
      .catch((error) => {
        if (!(error instanceof GuildhallProblem && error.status === 404)) settings.onUnavailable(error)
      })
      .finally(() => {
        cache.done(asking)
        filling.delete(key)
      })
    filling.set(key, work)
    return work
  }

  /** Where the answer would be kept, if the question is of a kind that the cache answers and the feed is known up to now. */
  async function placeOf(question: Question): Promise<string | undefined> {
    const organization = cache.organizationOf(question.resource)
    if (organization === undefined) return undefined
    stream?.use()
    if (await feed.proven()) return organization
    stats.bypassed++
    return undefined
  }

  /** Asks the service by `ask`, and keeps denials together with the maps that they belong to. */
  async function rememberingAll(questions: readonly Question[], ask: () => Promise<Decision[]>): Promise<Decision[]> {
    const asking = questions.map(({ account, resource }) => {
      const organization = cache.organizationOf(resource)
      return organization === undefined ? undefined : cache.begin(account, organization)
    })
    try {
      const decided = await ask()
      for (const [index, { action, resource }] of questions.entries())
        if (asking[index]) cache.keepDenial(asking[index], action, resource, decided[index]!)
      return decided
    } finally {
      for (const one of asking) if (one) cache.done(one)
    }
  }

  return {
    /** An answer, or undefined where the service is to be asked. Never fails, and is never made of a failure. */
    async answer(question: Question, mayFill = true): Promise<Decision | undefined> {
      const { account, action, resource } = question
      const organization = await placeOf(question)
      if (organization === undefined) return undefined
      if (mayFill && !cache.has(account, organization)) await fill(account, organization)
      // Once more: reading may have taken its time.
      const found = feed.isProven() ? cache.answer(account, organization, action, resource) : undefined
      if (found) stats.hits++
      else stats.misses++
      return found
    },
    /** Asks the service by `ask`, and keeps a denial together with the map that it belongs to. */
    async remembering(question: Question, ask: () => Promise<Decision>): Promise<Decision> {
      return (await rememberingAll([question], async () => [await ask()]))[0]!
    },
    rememberingAll,
    /** How many maps would have to be read for these questions. */
    unknown: (questions: readonly Question[]): number =>
      new Set(
        questions.flatMap(({ account, resource }) => {
          const organization = cache.organizationOf(resource)
          return organization === undefined || cache.has(account, organization) ? [] : [`${account} ${organization}`]
        })
      ).size,
    stats: (): CacheStats => ({ entries: cache.size(), ...stats }),
    close: (): void => stream?.close()
  }
}
