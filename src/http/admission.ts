import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../actor.ts'
import { Problem, refuse } from '../problems.ts'
import { after, type Soon } from '../soon.ts'
import { readConsistencyToken, type Versions } from './consistency.ts'
import { rateHeaders, type Standing } from './rate-limits.ts'
import type { Access, HttpParts, LimitName, RouteSpec } from './route.ts'

/**
 * Lets a request in before its body is read: names its caller and counts it against the limits of its route.
 * @throws not_signed_in, access_denied, too_many_requests, malformed_consistency_token, not_fresh_enough
 */
export function admit(parts: HttpParts, spec: RouteSpec, request: FastifyRequest, reply: FastifyReply): Soon<void> {
  const token = request.headers['at-least-as-fresh']
  if (token !== undefined && spec.access.kind !== 'anonymous') request.atLeast = readConsistencyToken(parts.config.keys, String(token))
  return after(principalOf(parts, spec, request), (principal) => {
    Object.assign(request.actor, principal)
    const limits = spec.limits === 'none' ? none : (spec.limits ?? defaultLimits(spec, principal))
    if (limits.length === 0) return
    return after(countAll(parts, limits, request), (standings) => void reply.headers(rateHeaders(...standings)))
  })
}

const none: readonly LimitName[] = []

/** Counts against one limit after the other, until one is reached. @throws too_many_requests */
function countAll(parts: HttpParts, limits: readonly LimitName[], request: FastifyRequest): Soon<Standing[]> {
  const [first, ...others] = limits
  if (first === undefined) return []
  return after(parts.limits.require(parts.policies[first], limitKey(first, request)), (standing) =>
    others.length === 0 ? [standing] : after(countAll(parts, others, request), (more) => [standing, ...more])
  )
}

const bearer = /^Bearer ([A-Za-z0-9_.~+/-]{1,8192}=*)$/i

function principalOf(parts: HttpParts, spec: RouteSpec, request: FastifyRequest): Soon<Principal> {
  const { access } = spec
  if (access.kind === 'anonymous') return { kind: 'anonymous' }
  if (access.kind === 'visitor' && request.headers.authorization === undefined) return { kind: 'anonymous' }
  const match = bearer.exec(request.headers.authorization ?? '')
  if (!match) throw refuse('not_signed_in')
  return after(authenticateOrCount(parts, access, match[1]!, request), (principal) => {
    if ('scope' in access && principal.kind === 'service' && !principal.scopes.includes(access.scope)) {
      throw refuse('access_denied', { extensions: { missingPermissions: [access.scope] } })
    }
    return principal
  })
}

/** Tokens that are refused are counted against the client's address, so that nobody makes the service check signatures without end. */
function authenticateOrCount(parts: HttpParts, access: Access, token: string, request: FastifyRequest): Soon<Principal> {
  const refused = async (error: unknown): Promise<never> => {
    if (error instanceof Problem && error.code === 'not_signed_in')
      await parts.limits.require(parts.policies.anonymous, request.clientBlock)
    throw error
  }
  try {
    const found = authenticated(parts, access, token, request.atLeast)
    return found instanceof Promise ? found.catch(refused) : found
  } catch (error) {
    return refused(error)
  }
}

function authenticated(parts: HttpParts, access: Access, token: string, atLeast: Versions | undefined): Soon<Principal> {
  const own = 'authenticate' in access ? access.authenticate : undefined
  if (own) return own(token, atLeast)
  return parts.authenticate(token, access.kind === 'visitor' || access.kind === 'party' ? 'account' : access.kind, atLeast)
}

function defaultLimits(spec: RouteSpec, actor: Principal): readonly LimitName[] {
  switch (spec.access.kind) {
    case 'anonymous':
    case 'visitor':
      return ['anonymous']
    case 'service':
      return ['service']
    case 'asker':
      // Whatever the method: a question changes nothing.
      return [actor.kind === 'service' ? 'service' : 'read']
    default:
      return spec.method === 'GET' ? ['read'] : ['read', 'write']
  }
}

const principalLimits: LimitName[] = ['read', 'write', 'service', 'found', 'export']

function limitKey(name: LimitName, request: FastifyRequest): string {
  return principalLimits.includes(name) ? principalKey(request.actor) : request.clientBlock
}

/** One caller among all: what is counted and kept for it is its own. */
export function principalKey(actor: Principal): string {
  switch (actor.kind) {
    case 'account':
      return `account:${actor.accountId}`
    case 'service':
      return `service:${actor.clientId}`
    case 'operator':
      return `operator:${actor.operatorId}`
    default:
      return actor.kind
  }
}
