import type { Actor, Principal } from '../actor.ts'
import { delegate } from '../organizations/delegation.ts'
import type { Parts } from '../parts.ts'
import { Problem } from '../problems.ts'
import { grantClientToken } from './clients.ts'

const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
export const grantTypes = ['client_credentials', tokenExchange] as const

/** RFC 6749 section 5.2. */
export type TokenError = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope'

/** A request to the token endpoint, its parameters as text. */
export interface TokenRequest {
  grantType: string | undefined
  clientId: string | undefined
  clientSecret: string | undefined
  scope: string | undefined
  subjectToken: string | undefined
  subjectTokenType: string | undefined
  requestedTokenType: string | undefined
  requestedSubject: string | undefined
  actorToken: string | undefined
}

export type TokenAnswer =
  | { access_token: string; token_type: 'Bearer'; expires_in: number; scope: string; issued_token_type?: string }
  | { error: TokenError }

/** Answers a token request by its grant type: for a client, or for a manager who acts for a member. */
export async function grantToken(parts: Parts, actor: Actor, request: TokenRequest | undefined): Promise<TokenAnswer> {
  if (!request?.grantType) return { error: 'invalid_request' }
  if (request.grantType === tokenExchange) return exchange(parts, actor, request)
  if (request.grantType !== 'client_credentials') return { error: 'unsupported_grant_type' }
  const { clientId, clientSecret, scope } = request
  if (!clientId || !clientSecret) return { error: 'invalid_request' }
  const granted = await grantClientToken(parts.db, actor, parts.signing, { clientId, clientSecret, scope })
  if ('error' in granted) return granted
  return {
    access_token: granted.accessToken,
    token_type: 'Bearer',
    expires_in: parts.config.ACCESS_TOKEN_SECONDS,
    scope: granted.scope
  }
}

async function signedIn(parts: Parts, token: string): Promise<Principal | undefined> {
  try {
    return await parts.authenticate(token, 'account', undefined)
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_signed_in') return undefined
    throw error
  }
}

/** RFC 8693: the subject token is a person's access token, as live as for any route; nobody delegates on with a delegation. */
async function exchange(parts: Parts, actor: Actor, request: TokenRequest): Promise<TokenAnswer> {
  const { subjectToken, subjectTokenType, requestedTokenType = accessTokenType, requestedSubject, actorToken, scope } = request
  const known = subjectTokenType === accessTokenType && requestedTokenType === accessTokenType && actorToken === undefined
  if (!known || !subjectToken || !requestedSubject) return { error: 'invalid_request' }
  const principal = await signedIn(parts, subjectToken)
  if (principal?.kind !== 'account') return { error: 'invalid_request' }
  const granted = await delegate(parts, { ...actor, ...principal }, { requestedSubject, scope })
  if ('error' in granted) return granted
  return {
    access_token: granted.accessToken,
    issued_token_type: accessTokenType,
    token_type: 'Bearer',
    expires_in: granted.expiresIn,
    scope: granted.scope
  }
}
