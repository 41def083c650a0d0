import type { Fetch } from '../../client/src/options.ts'

export const olga = 'account_01k2v5q0n4eqyba3w1k1m3h1yb'
export const remy = 'account_01k2v5q0n4eqyba3w1k1m3h1yc'
export const company = 'company_01k2v6a1c8e6tr9y4v3q7p0n2m'
export const team = 'team_01k2v6a1c9f7vts0m5w2r8hq4q'

interface Asked {
  method: string
  path: string
  headers: Headers
  body: string
}

type Reply = Response | Error | undefined

/** The service as its client sees it, in this process: what it knows is set by hand, what it was asked is noted. */
export function fakeGuildhall() {
  const asked: Asked[] = []
  const events: Array<{ subject: string }> = []
  /** Who has `job.post` in the company and in its team. */
  const posters = new Set([olga])
  const state = {
    tokenSeconds: 300,
    tokens: 0,
    refuseToken: undefined as string | undefined,
    changesAt: null as string | null,
    /** The first place that the feed still has. */
    first: 0,
    /** Answers instead of the service, where it answers something. */
    instead: (_: Asked): Reply | Promise<Reply> => undefined,
    /** Runs while the request is on its way, after it was answered. */
    meanwhile: async (_: Asked): Promise<void> => undefined
  }

  const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
    new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json', date: new Date().toUTCString(), ...headers }
    })
  const decide = (account: string) =>
    posters.has(account)
      ? { decision: true, context: { reason: 'granted', grants: [{ role: 'recruiter' }], missing: [] } }
      : { decision: false, context: { reason: 'missing_permission', grants: [], missing: ['job.post'] } }

  function mapOf(account: string) {
    const job = posters.has(account) ? [{ key: 'job.post', sources: [{ role: 'recruiter' }] }] : []
    const read = { key: 'company.read', sources: [{ role: 'membership' }] }
    const organization = {
      id: company,
      kind: 'company',
      denied: null,
      organization: [read, ...job],
      teams: [{ id: team, permissions: job }]
    }
    return { accountId: account, own: [], organizations: [organization], changesAt: state.changesAt }
  }

  function page(after: string | null) {
    if (after === 'latest') return json({ items: [], nextCursor: String(events.length), more: false })
    if (Number(after) < state.first) return json({ code: 'events_gone', status: 410 }, 410)
    const items = events.slice(Number(after), Number(after) + 2)
    const next = Number(after) + items.length
    return json({ items, nextCursor: String(next), more: next < events.length })
  }

  function answer({ path, headers, body }: Asked): Response {
    const url = new URL(path, 'http://guildhall.test')
    if (url.pathname === '/v1/oauth/token')
      return json({ access_token: `token-${++state.tokens}`, token_type: 'Bearer', expires_in: state.tokenSeconds })
    if (headers.get('authorization') === `Bearer ${state.refuseToken}`) return json({ code: 'not_signed_in', status: 401 }, 401)
    if (url.pathname === '/v1/events') return page(url.searchParams.get('after'))
    if (url.pathname.endsWith('/permissions')) {
      const map = mapOf(url.pathname.split('/')[3]!)
      const etag = `"${JSON.stringify(map).length}"`
      return headers.get('if-none-match') === etag ? new Response(null, { status: 304 }) : json(map, 200, { etag })
    }
    if (url.pathname === '/access/v1/evaluation') return json(decide(JSON.parse(body).subject.id))
    if (url.pathname === '/access/v1/evaluations') {
      const { evaluations } = JSON.parse(body) as { evaluations: Array<{ subject: { id: string } }> }
      return json({ evaluations: evaluations.map(({ subject }) => decide(subject.id)) })
    }
    return json({ ok: true }, 200, { 'consistency-token': 'written' })
  }

  const fetch: Fetch = async (input, { method = 'GET', headers, body, signal }) => {
    const { pathname, search } = new URL(input)
    const one = { method, path: pathname + search, headers: new Headers(headers), body: String(body ?? '') }
    asked.push(one)
    const instead = await Promise.race([state.instead(one), aborted(signal)])
    if (instead instanceof Error) throw instead
    const reply = instead ?? answer(one)
    await state.meanwhile(one)
    return reply
  }

  return {
    state,
    posters,
    events,
    json,
    asked,
    /** What was asked since, but for tokens; and forgets it. */
    take: (): string[] =>
      asked.splice(0).flatMap(({ method, path }) => (path === '/v1/oauth/token' ? [] : [`${method} ${path.replace(/\?.*/, '')}`])),
    /** Says that something about these has changed. */
    tell: (...subjects: string[]): void => void events.push(...subjects.map((subject) => ({ subject }))),
    options: { url: 'http://guildhall.test', clientId: 'service_1', clientSecret: 'secret', fetch }
  }
}

const aborted = (signal: AbortSignal | null | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason ?? new Error('aborted')), { once: true }))
