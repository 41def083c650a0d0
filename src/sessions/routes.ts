import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { presentAccount, totpCode } from '../accounts/schemas.ts'
import { parseId } from '../http/ids.ts'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { account, addRoute, anonymous, keepADay } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { refreshSession } from './refresh.ts'
import { clearRefreshCookie, readRefreshCookie, setRefreshCookie } from './refresh-cookie.ts'
import {
  presentSession,
  presentTokens,
  reauthenticationInput,
  refreshInput,
  sessionExample,
  sessionSchema,
  signedInExample,
  signedInSchema,
  signInInput,
  tokensExample,
  tokensSchema
} from './schemas.ts'
import { confirmTotp, removeTotp, replaceRecoveryCodes, startTotp } from './second-factor.ts'
import { endOtherSessions, endSession, listSessions } from './sessions.ts'
import { reauthenticate, signIn } from './sign-in.ts'

const retryWindowSeconds = 60
const recoveryCodesSchema = z
  .strictObject({ recoveryCodes: z.array(z.string()).meta({ description: 'Shown once; each works once.' }) })
  .meta({ id: 'RecoveryCodes' })
const recoveryCodesExample = { recoveryCodes: ['k7w2m-9fqxe-4hvtn-3zc8d', '5pry6-wkd3j-h8m2a-tq7vx'] }
const recent = 'Needs a sign-in within the last ten minutes (S-8).'

/** Signing in, sessions and the second factor. */
export function sessionRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/sessions',
    operationId: 'signIn',
    tag: 'Sessions',
    summary: 'Sign in',
    description:
      'Opens a session. An unknown address and a wrong password get the same answer in the same time, whatever the state of the account (S-2). ' +
      'With a second factor set up, a right password alone is 401 `second_factor_required`. After ten wrong passwords for an address in 15 minutes sign-in pauses for it.',
    access: anonymous,
    limits: ['sign-in'],
    body: signInInput,
    example: { email: 'olga@example.com', password: 'tulip anchor museum forty' },
    replies: { 201: { description: 'Signed in. The refresh token is shown once.', schema: signedInSchema, example: signedInExample } },
    problems: [
      'invalid_credentials',
      'sign_in_paused',
      'email_unverified',
      'account_suspended',
      'account_banned',
      'second_factor_required',
      'second_factor_invalid',
      'overloaded'
    ],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => signIn(parts, db, actor, body),
    reply({ account, tokens }, { body }) {
      const inCookie = body.refreshTransport === 'cookie'
      return {
        status: 201,
        body: { ...presentTokens(tokens, inCookie), account: presentAccount(account) },
        ...(inCookie ? { cookies: [setRefreshCookie(parts.config, tokens.refreshToken)] } : {})
      }
    }
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/sessions/refresh',
    operationId: 'refreshSession',
    tag: 'Sessions',
    summary: 'Get a new access token',
    description:
      'Rotates the refresh token: the one sent is used up, the answer has its successor (S-3). A second use of the same one ends the whole session. ' +
      'The only exception is a retry with the same `Idempotency-Key` within 60 seconds, which gets the same answer. ' +
      'A browser that signed in with `refreshTransport: cookie` sends `{}` and its cookie, from an allowed origin.',
    access: anonymous,
    // A tighter limit is counted for each session, once the token has named it.
    limits: ['refresh-address'],
    body: refreshInput,
    example: { refreshToken: tokensExample.refreshToken },
    replies: { 200: { description: 'New tokens.', schema: tokensSchema, example: tokensExample } },
    problems: ['invalid_refresh_token', 'refresh_token_reused', 'origin_not_allowed', 'too_many_requests'],
    idempotent: retryWindowSeconds,
    credential: (request) =>
      (request.body as { refreshToken?: string } | undefined)?.refreshToken ?? readRefreshCookie(parts.config, request),
    handle({ db, actor, body, request }) {
      const token = body.refreshToken ?? readRefreshCookie(parts.config, request)
      if (token === undefined) throw refuse('invalid_refresh_token')
      return refreshSession(parts, db, actor, token)
    },
    reply(tokens, { body }) {
      const inCookie = body.refreshToken === undefined
      return {
        status: 200,
        body: presentTokens(tokens, inCookie),
        ...(inCookie ? { cookies: [setRefreshCookie(parts.config, tokens.refreshToken)] } : {})
      }
    }
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me/sessions',
    operationId: 'listSessions',
    tag: 'Me',
    summary: 'Live sessions',
    description: 'Where this account is signed in: device and network of each, newest first (S-4, S-5).',
    access: account,
    query: pageQuery,
    replies: {
      200: {
        description: 'A page of sessions.',
        schema: pageOf(sessionSchema),
        example: { items: [sessionExample], nextCursor: null },
        headers: { Link: 'The next page, as `rel="next"`.' }
      }
    },
    problems: ['malformed_cursor'],
    handle: ({ actor, query }) => listSessions(parts, parts.db, actor, query),
    reply: ({ items, nextCursor }, { actor, query }) => ({
      status: 200,
      body: { items: items.map((session) => presentSession(session, actor.sessionId)), nextCursor },
      headers: nextLink('/v1/me/sessions', query, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: '/v1/me/sessions',
    operationId: 'endOtherSessions',
    tag: 'Me',
    summary: 'Sign out everywhere else',
    description: 'Ends all sessions but this one, at once (S-4). With `dryRun=true` it only counts them.',
    access: account,
    dryRun: true,
    replies: {
      200: {
        description: 'How many sessions ended, or would.',
        schema: z.strictObject({ ended: z.int(), dryRun: z.boolean() }).meta({ id: 'SessionsEnded' }),
        example: { ended: 2, dryRun: false }
      }
    },
    handle: ({ db, actor }) => endOtherSessions(db, actor),
    reply: ({ ended }, { dryRun }) => ({ status: 200, body: { ended, dryRun } })
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: '/v1/me/sessions/:sessionId',
    operationId: 'endSession',
    tag: 'Me',
    summary: 'End one session',
    description: 'Signs one device out, at once (S-4). `current` stands for the session of this request: signing out.',
    access: account,
    params: z.strictObject({ sessionId: z.string().max(100).meta({ description: 'A session id, or `current`.' }) }),
    replies: { 204: { description: 'Ended. The refresh cookie of the current session is cleared.' } },
    problems: ['not_found'],
    handle({ db, actor, params }) {
      const sessionId = params.sessionId === 'current' ? actor.sessionId : parseId('session', params.sessionId)
      if (!sessionId) throw refuse('not_found')
      return endSession(db, actor, sessionId)
    },
    reply: (_, { params, actor }) => ({
      status: 204,
      ...(params.sessionId === 'current' || parseId('session', params.sessionId) === actor.sessionId
        ? { cookies: [clearRefreshCookie] }
        : {})
    })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/me/reauthentication',
    operationId: 'reauthenticate',
    tag: 'Me',
    summary: 'Prove again that it is you',
    description:
      'Makes the sign-in of this session recent, as sensitive acts need it (S-8). Takes the second factor too, where one is set up.',
    access: account,
    limits: ['sign-in', 'write'],
    body: reauthenticationInput,
    example: { password: 'tulip anchor museum forty' },
    replies: {
      200: {
        description: 'Recent from now on.',
        schema: z
          .strictObject({ freshSeconds: z.int().meta({ description: 'How long it stays recent.' }) })
          .meta({ id: 'Reauthenticated' }),
        example: { freshSeconds: 600 }
      }
    },
    problems: ['invalid_credentials', 'sign_in_paused', 'second_factor_required', 'second_factor_invalid', 'overloaded'],
    handle: ({ db, actor, body }) => reauthenticate(parts, db, actor, body),
    reply: (body) => ({ status: 200, body })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/me/totp',
    operationId: 'startTotp',
    tag: 'Me',
    summary: 'Begin to set up an authenticator app',
    description: `Makes a new secret (RFC 6238). It counts once its first code was sent to \`/v1/me/totp/confirmation\`. ${recent}`,
    access: account,
    body: z.strictObject({}),
    example: {},
    replies: {
      201: {
        description: 'The secret, shown once.',
        schema: z
          .strictObject({
            secret: z.string().meta({ description: 'Base32.' }),
            uri: z.string().meta({ description: 'To be shown as a QR code.' })
          })
          .meta({ id: 'TotpSecret' }),
        example: {
          secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
          uri: 'otpauth://totp/Guildhall:olga%40example.com?issuer=Guildhall&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30'
        }
      }
    },
    problems: ['totp_enabled', 'reauthentication_required'],
    idempotent: keepADay,
    handle: ({ db, actor }) => startTotp(parts, db, actor),
    reply: (body) => ({ status: 201, body })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/me/totp/confirmation',
    operationId: 'confirmTotp',
    tag: 'Me',
    summary: 'Confirm the authenticator app',
    description: `From now on signing in needs a code (S-7). Answers ten recovery codes. ${recent}`,
    access: account,
    body: z.strictObject({ code: totpCode }).meta({ id: 'TotpConfirmation' }),
    example: { code: '492039' },
    replies: { 200: { description: 'Confirmed.', schema: recoveryCodesSchema, example: recoveryCodesExample } },
    problems: ['totp_enabled', 'totp_not_enabled', 'second_factor_invalid', 'reauthentication_required'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => confirmTotp(parts, db, actor, body.code),
    reply: (body) => ({ status: 200, body })
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: '/v1/me/totp',
    operationId: 'removeTotp',
    tag: 'Me',
    summary: 'Remove the second factor',
    description: `Refused while the password is too short to stand alone (S-1). ${recent}`,
    access: account,
    replies: { 204: { description: 'Removed, with all recovery codes.' } },
    problems: ['totp_not_enabled', 'password_needs_second_factor', 'reauthentication_required'],
    handle: ({ db, actor }) => removeTotp(parts, db, actor),
    reply: () => ({ status: 204 })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/me/recovery-codes',
    operationId: 'replaceRecoveryCodes',
    tag: 'Me',
    summary: 'Replace the recovery codes',
    description: `Makes ten new codes; all earlier ones die. ${recent}`,
    access: account,
    body: z.strictObject({}),
    example: {},
    replies: { 201: { description: 'The new codes.', schema: recoveryCodesSchema, example: recoveryCodesExample } },
    problems: ['totp_not_enabled', 'reauthentication_required'],
    idempotent: keepADay,
    handle: ({ db, actor }) => replaceRecoveryCodes(parts, db, actor),
    reply: (body) => ({ status: 201, body })
  })
}
