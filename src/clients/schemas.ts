import { z } from 'zod'
import { scopes } from './clients.ts'
import { accessTokenType, grantTypes, type TokenError, type TokenRequest } from './tokens.ts'

export const clientName = z.string().regex(/^[a-z][a-z0-9-]{1,62}$/, 'must be 2 to 63 of a-z, 0-9 and -, beginning with a letter')
export const scopeName = z.enum(scopes)

/** RFC 6749 section 5.2. */
export const tokenErrors: Record<TokenError, string> = {
  invalid_request: 'A parameter is missing, given twice, or names something that is not known to the caller.',
  invalid_client: 'The client is unknown, disabled, or the secret is wrong.',
  unsupported_grant_type: 'Only client_credentials and token exchange are supported.',
  invalid_scope: 'The client does not have this scope, or the manager not this permission over the member.'
}
export const oauthError = z
  .object({ error: z.enum(Object.keys(tokenErrors) as [TokenError, ...TokenError[]]), error_description: z.string() })
  .meta({ id: 'OAuthError' })

export const tokenAnswer = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int(),
    scope: z.string(),
    issued_token_type: z.string().optional().meta({ description: 'Of a token exchange.' })
  })
  .meta({ id: 'ClientToken' })

// Parameters that are missing or repeated have an answer of that standard, so nothing is refused before.
const parameter = (override: Record<string, unknown>, description?: string) =>
  z
    .unknown()
    .meta({ ...(description ? { description } : {}), override })
    .optional()

export const tokenRequest = z
  .looseObject({
    grant_type: parameter({ type: 'string', enum: [...grantTypes] }, 'Always needed.'),
    client_id: parameter({ type: 'string' }, 'Unless sent by HTTP Basic.'),
    client_secret: parameter({ type: 'string', format: 'password' }),
    scope: parameter({ type: 'string' }, 'Space-separated; all that can be had otherwise.'),
    subject_token: parameter({ type: 'string' }, "Token exchange: the manager's own access token."),
    subject_token_type: parameter({ type: 'string', enum: [accessTokenType] }, 'Token exchange.'),
    requested_token_type: parameter({ type: 'string', enum: [accessTokenType] }, 'Token exchange; may be left out.'),
    requested_subject: parameter({ type: 'string' }, 'Token exchange, an extension: id of the member to act for.')
  })
  .meta({ id: 'TokenRequest' })

// RFC 6749 section 3.2: a parameter without a value counts as left out, unknown ones are ignored, and one that is repeated makes the
// request invalid.
const textOf = (most: number) =>
  z
    .string()
    .max(most)
    .transform((value) => value || undefined)
    .optional()
const text = textOf(2048)
const parameters = z.object({
  grant_type: text,
  client_id: text,
  client_secret: text,
  scope: text,
  subject_token: textOf(8192),
  subject_token_type: text,
  requested_token_type: text,
  requested_subject: text,
  actor_token: text
})

/** The parameters of a token request; undefined where one is repeated or the client authenticates twice. */
export function readTokenRequest(body: unknown, authorization: string | undefined): TokenRequest | undefined {
  const basic = basicCredentials(authorization)
  const parsed = parameters.safeParse(body)
  if (!parsed.success || (basic && parsed.data.client_secret !== undefined)) return undefined
  const given = parsed.data
  return {
    grantType: given.grant_type,
    clientId: basic?.clientId ?? given.client_id,
    clientSecret: basic?.clientSecret ?? given.client_secret,
    scope: given.scope,
    subjectToken: given.subject_token,
    subjectTokenType: given.subject_token_type,
    requestedTokenType: given.requested_token_type,
    requestedSubject: given.requested_subject,
    actorToken: given.actor_token
  }
}

function basicCredentials(header: string | undefined): { clientId: string; clientSecret: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const [clientId = '', clientSecret = ''] = Buffer.from(encoded, 'base64').toString().split(':')
  return { clientId, clientSecret }
}
