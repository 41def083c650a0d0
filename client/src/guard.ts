import type { GuildhallClient } from './client.ts'
import type { Resource } from './resources.ts'

/** What a request is about. */
export interface Guard<Request> {
  /** Who asks: the account id out of a token that was verified before. Without one the answer is 401. */
  account: (request: Request) => string | undefined
  /** The permission that it takes. */
  action: string
  resource: (request: Request) => Resource
}

export interface Refusal {
  status: 401 | 403 | 503
  headers: Record<string, string>
  body: { status: number; code: string; title: string; reason?: string; missingPermissions?: string[] }
  /** Why there is no answer. */
  cause?: unknown
}

const refusal = (status: Refusal['status'], code: string, title: string, more: object = {}): Refusal => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...(status === 503 ? { 'retry-after': '1' } : {}) },
  body: { status, code, title, ...more }
})

/** Lets a request pass, or says how to refuse it. That there is no answer lets nobody pass, and is told as 503 and not as a denial. */
export async function check<Request>(
  client: Pick<GuildhallClient, 'may'>,
  guard: Guard<Request>,
  request: Request
): Promise<Refusal | undefined> {
  const account = guard.account(request)
  if (!account) return refusal(401, 'not_signed_in', 'Not signed in')
  try {
    const { allowed, reason, missing } = await client.may(account, guard.action, guard.resource(request))
    return allowed ? undefined : refusal(403, 'access_denied', 'Not allowed', { reason, missingPermissions: missing })
  } catch (cause) {
    return { ...refusal(503, 'service_unavailable', 'It cannot be told at present whether this is allowed'), cause }
  }
}
