import { z } from 'zod'
import { accountExample, accountSchema, emailInput, passwordInput, totpCode } from '../accounts/schemas.ts'
import { publicId } from '../http/ids.ts'
import type { SessionView, Tokens } from './sessions.ts'

const recoveryCode = z.string().min(16).max(40).meta({ description: 'One of the recovery codes, instead of `totp`. Works once.' })
export const refreshTransport = z
  .enum(['body', 'cookie'])
  .optional()
  .meta({ description: '`cookie` sends the refresh token as an HttpOnly `__Host-` cookie and leaves it out of the body: for browsers.' })

export const signInInput = z
  .strictObject({
    email: emailInput,
    password: passwordInput,
    totp: totpCode.optional(),
    recoveryCode: recoveryCode.optional(),
    refreshTransport
  })
  .meta({ id: 'SignIn' })

export const reauthenticationInput = z
  .strictObject({ password: passwordInput, totp: totpCode.optional(), recoveryCode: recoveryCode.optional() })
  .meta({ id: 'Reauthentication' })

export const refreshInput = z
  .strictObject({ refreshToken: z.string().min(20).max(200).optional().meta({ description: 'Left out when it comes as a cookie.' }) })
  .meta({ id: 'Refresh' })

export const tokensSchema = z
  .strictObject({
    sessionId: z.string(),
    accessToken: z.string().meta({ description: 'JWT (RFC 9068) for `Authorization: Bearer`.' }),
    refreshToken: z.string().optional().meta({ description: 'Works once. Absent when it is sent as a cookie.' }),
    expiresIn: z.int().meta({ description: 'Seconds the access token lives.' })
  })
  .meta({ id: 'Tokens' })

export const signedInSchema = tokensSchema.extend({ account: accountSchema }).meta({ id: 'SignedIn' })

export const presentTokens = (tokens: Tokens, inCookie: boolean): z.output<typeof tokensSchema> => ({
  sessionId: publicId('session', tokens.sessionId),
  accessToken: tokens.accessToken,
  ...(inCookie ? {} : { refreshToken: tokens.refreshToken }),
  expiresIn: tokens.expiresIn
})

export const sessionSchema = z
  .strictObject({
    id: z.string(),
    current: z.boolean().meta({ description: 'Whether this request was made in it.' }),
    device: z.string(),
    place: z.string().meta({ description: 'Network it was last used from: the /24 of an IPv4, the /48 of an IPv6 address.' }),
    createdAt: z.iso.datetime({ precision: 3 }),
    lastUsedAt: z.iso.datetime({ precision: 3 }),
    expiresAt: z.iso.datetime({ precision: 3 }),
    doubt: z.enum(['moved', 'shared']).nullable().meta({
      description:
        'Why sensitive acts in it need the password again: it went on from another device in another place (`moved`), or the login was in use on two devices in two places at once (`shared`).'
    })
  })
  .meta({ id: 'Session' })

export const presentSession = (session: SessionView, currentId: string): z.output<typeof sessionSchema> => ({
  ...session,
  id: publicId('session', session.id),
  current: session.id === currentId
})

export const tokensExample = {
  sessionId: 'session_01k2v5q0n4eqyba3w1k1m3h1yb',
  accessToken: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCIsImtpZCI6Ii4uLiJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl',
  refreshToken: 'ghr_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA',
  expiresIn: 300
}
export const signedInExample = { ...tokensExample, account: accountExample }
export const sessionExample = {
  id: tokensExample.sessionId,
  current: true,
  device: 'Chrome on macOS',
  place: '203.0.113.0/24',
  createdAt: '2026-08-17T09:31:00.000Z',
  lastUsedAt: '2026-08-17T09:31:00.000Z',
  expiresAt: '2026-09-16T09:31:00.000Z',
  doubt: null
}
