import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../actor.ts'
import { Problem, refuse } from '../problems.ts'
import { readConsistencyToken } from './consistency.ts'
import { rateHeaders, type Standing } from './rate-limits.ts'
import type { HttpParts, LimitName, RouteSpec } from './route.ts'

/**
 * Lets a request in before its body is read: names its caller and counts it against the limits of its route.
 * @throws not_signed_in, access_denied, too_many_requests, malformed_consistency_token, not_fresh_enough
 */
export async function admit(parts: HttpParts, spec: RouteSpec, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const token = request.headers['at-least-as-fresh']
  if (token !== undefined && spec.access.kind !== 'anonymous') request.atLeast = readConsistencyToken(parts.config.keys, String(token))
  Object.assign(request.actor, await principalOf(parts, spec, request))
  const limits = spec.limits === 'none' ? [] : (spec.limits ?? defaultLimits(spec, request.actor))
  const standings: Standing[] = []
  for (const name of limits) {
    standings.push(await parts.limits.require(parts.policies[name], limitKey(name, request)))
  }
  if (standings.length > 0) reply.headers(rateHeaders(...standings))
}

const bearer = /^Bearer ([A-Za-z0-9_.~+/-]{1,8192}=*)$/i

async function principalOf(parts: HttpParts, spec: RouteSpec, request: FastifyRequest): Promise<Principal> {
  if (spec.access.kind === 'anonymous') return { kind: 'anonymous' }
  if (spec.access.kind === 'visitor' && request.headers.authorization === undefined) return { kind: 'anonymous' }
  const match = bearer.exec(request.headers.authorization ?? '')
  if (!match) throw refuse('not_signed_in')
  const principal = await authenticateOrCount(parts, spec, match[1]!, request)
  if ('scope' in spec.access && principal.kind === 'service' && !principal.scopes.includes(spec.access.scope)) {
    throw refuse('access_denied', { extensions: { missingPermissions: [spec.access.scope] } })
  }
  return principal
}

/** Tokens that are refused are counted against the client's address, so that nobody makes the service check signatures without end. */
async function authenticateOrCount(parts: HttpParts, spec: RouteSpec, token: string, request: FastifyRequest): Promise<Principal> {
  try {
    const { access } = spec
    const own = 'authenticate' in access ? access.authenticate : undefined
    if (own) return await own(token, request.atLeast)
    const kind = access.kind === 'visitor' || access.kind === 'party' ? 'account' : access.kind
    return await parts.authenticate(token, kind, request.atLeast)
  } catch (error) {
    const refused = error instanceof Problem && error.code === 'not_signed_in'
    if (refused) await parts.limits.require(parts.policies.anonymous, request.clientBlock)
    throw error
  }
}

function defaultLimits(spec: RouteSpec, actor: Principal): LimitName[] {
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
