import { parseCookie } from 'cookie'
import type { FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { refuse } from '../problems.ts'

/** `__Host-`: set by this host over a secure connection only, for the whole host and no other. */
export const cookieName = '__Host-guildhall-refresh'
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict'

export const setRefreshCookie = (config: Config, token: string): string =>
  `${cookieName}=${token}; ${attributes}; Max-Age=${config.REFRESH_IDLE_SECONDS}`
export const clearRefreshCookie = `${cookieName}=; ${attributes}; Max-Age=0`

/**
 * The refresh token of a browser. A cookie is sent by the browser itself, whatever page asks: so the page must be one of ours.
 * @throws origin_not_allowed
 */
export function readRefreshCookie(config: Config, request: FastifyRequest): string | undefined {
  const token = parseCookie(request.headers.cookie ?? '')[cookieName]
  if (token !== undefined && !config.origins.includes(request.headers.origin ?? '')) throw refuse('origin_not_allowed')
  return token
}
