import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { addRoute, anonymous, keepADay, operator } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { createServiceClient, grantClientToken, scopes } from './clients.ts'
import { clientName, scopeName } from './schemas.ts'

const oauthError = z
  .object({
    error: z.enum(['invalid_request', 'invalid_client', 'unsupported_grant_type', 'invalid_scope']),
    error_description: z.string()
  })
  .meta({ id: 'OAuthError' })
const descriptions = {
  invalid_request: "grant_type, or the client's credentials, are missing or given twice.",
  invalid_client: 'The client is unknown, disabled, or the secret is wrong.',
  unsupported_grant_type: 'Only client_credentials is supported.',
  invalid_scope: 'The client does not have this scope.'
} as const
type OAuthError = keyof typeof descriptions

// RFC 6749 section 3.2: a parameter without a value counts as left out, unknown ones are ignored, and one that is repeated makes the
// request invalid.
const text = z
  .string()
  .max(2048)
  .transform((value) => value || undefined)
  .optional()
const tokenRequest = z
  .looseObject({
    // Needed, but its absence has an answer of that standard as well.
    grant_type: z
      .unknown()
      .meta({ description: 'Always needed.', override: { type: 'string', enum: ['client_credentials'] } })
      .optional(),
    client_id: z
      .unknown()
      .meta({ description: 'Unless sent by HTTP Basic.', override: { type: 'string' } })
      .optional(),
    client_secret: z
      .unknown()
      .meta({ override: { type: 'string', format: 'password' } })
      .optional(),
    scope: z
      .unknown()
      .meta({ description: 'Space-separated; all that the client has otherwise.', override: { type: 'string' } })
      .optional()
  })
  .meta({ id: 'TokenRequest' })

function basicCredentials(header: string | undefined): { clientId: string; clientSecret: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const [clientId = '', clientSecret = ''] = Buffer.from(encoded, 'base64').toString().split(':')
  return { clientId, clientSecret }
}

/** Service clients and the OAuth token endpoint. */
export function clientRoutes(app: FastifyInstance, parts: Parts): void {
  const { config, db, signing } = parts

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/oauth/token',
    operationId: 'grantClientToken',
    tag: 'Services and operators',
    summary: 'Token for a service or operator',
    description:
      'OAuth 2.0 client credentials (RFC 6749 section 4.4), as a form, the client authenticated by HTTP Basic or in the body. Errors are those of section 5.2. ' +
      "A service's token works on service routes only, an operator's on operator routes only.",
    access: anonymous,
    limits: ['client-token'],
    consumes: 'application/x-www-form-urlencoded',
    body: tokenRequest,
    example: {
      grant_type: 'client_credentials',
      client_id: 'service_01k2v5q0n4eqyba3w1k1m3h1yb',
      client_secret: 'ghs_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA'
    },
    replies: {
      200: {
        description: 'An access token.',
        schema: z
          .object({ access_token: z.string(), token_type: z.literal('Bearer'), expires_in: z.int(), scope: z.string() })
          .meta({ id: 'ClientToken' }),
        example: {
          access_token: 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl',
          token_type: 'Bearer',
          expires_in: 300,
          scope: 'access.evaluate'
        }
      },
      400: {
        description: 'The request is refused (RFC 6749 section 5.2).',
        schema: oauthError,
        example: { error: 'invalid_scope', error_description: descriptions.invalid_scope }
      },
      401: {
        description: 'The client is refused.',
        schema: oauthError,
        example: { error: 'invalid_client', error_description: descriptions.invalid_client }
      }
    },
    async handle({ actor, body, request }): Promise<{ accessToken: string; scope: string } | { error: OAuthError }> {
      const basic = basicCredentials(request.headers.authorization)
      const parsed = z.object({ grant_type: text, client_id: text, client_secret: text, scope: text }).safeParse(body)
      if (!parsed.success || (basic && parsed.data.client_secret !== undefined)) return { error: 'invalid_request' }
      if (parsed.data.grant_type === undefined) return { error: 'invalid_request' }
      if (parsed.data.grant_type !== 'client_credentials') return { error: 'unsupported_grant_type' }
      const clientId = basic?.clientId ?? parsed.data.client_id
      const clientSecret = basic?.clientSecret ?? parsed.data.client_secret
      if (!clientId || !clientSecret) return { error: 'invalid_request' }
      return grantClientToken(db, actor, signing, { clientId, clientSecret, scope: parsed.data.scope })
    },
    reply(result) {
      if ('accessToken' in result) {
        const { accessToken, scope } = result
        // Beside `Cache-Control: no-store`, RFC 6749 section 5.1 asks for this one.
        const headers = { pragma: 'no-cache' }
        return {
          status: 200,
          headers,
          body: { access_token: accessToken, token_type: 'Bearer', expires_in: config.ACCESS_TOKEN_SECONDS, scope }
        }
      }
      const refused = { error: result.error, error_description: descriptions[result.error] }
      return result.error === 'invalid_client'
        ? { status: 401, headers: { 'www-authenticate': 'Basic realm="guildhall"' }, body: refused }
        : { status: 400, body: refused }
    }
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/service-clients',
    operationId: 'createServiceClient',
    tag: 'Services and operators',
    summary: 'Make a service client',
    description: 'For an internal service, with the scopes it needs. The secret is shown once.',
    access: operator,
    body: z.strictObject({ name: clientName, scopes: z.array(scopeName).min(1).max(scopes.length) }).meta({ id: 'NewServiceClient' }),
    example: { name: 'jobs', scopes: ['access.evaluate'] },
    replies: {
      201: {
        description: 'The client.',
        schema: z
          .strictObject({ clientId: z.string(), clientSecret: z.string(), name: z.string(), scopes: z.array(scopeName) })
          .meta({ id: 'ServiceClient' }),
        example: {
          clientId: 'service_01k2v5q0n4eqyba3w1k1m3h1yb',
          clientSecret: 'ghs_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA',
          name: 'jobs',
          scopes: ['access.evaluate']
        }
      }
    },
    problems: ['client_exists'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => createServiceClient(db, actor, { name: body.name, scopes: [...new Set(body.scopes)] }),
    reply: (created) => ({ status: 201, body: { ...created, scopes: [...created.scopes] } })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/.well-known/jwks.json',
    operationId: 'getJwks',
    tag: 'Services and operators',
    summary: 'Public signing keys',
    description:
      'Keys that verify access tokens (RFC 7517): next, current and previous. A verifier checks `typ: at+jwt`, `iss`, `aud: guildhall:account`, and asks a decision where a session that ended must count at once.',
    access: anonymous,
    limits: 'none',
    replies: {
      200: {
        description: 'The key set. May be kept for five minutes.',
        schema: z
          .object({
            keys: z.array(z.object({ kty: z.string(), crv: z.string(), x: z.string(), use: z.string(), alg: z.string(), kid: z.string() }))
          })
          .meta({ id: 'JwkSet' }),
        example: {
          keys: [
            {
              kty: 'OKP',
              crv: 'Ed25519',
              x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
              use: 'sig',
              alg: 'EdDSA',
              kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
            }
          ]
        }
      }
    },
    handle: async () => signing.jwks(),
    reply: (body) => ({ status: 200, body, headers: { 'cache-control': 'public, max-age=300' } })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/.well-known/oauth-authorization-server',
    operationId: 'getServerMetadata',
    tag: 'Services and operators',
    summary: 'Authorization server metadata',
    description: 'RFC 8414.',
    access: anonymous,
    limits: 'none',
    replies: {
      200: {
        description: 'The metadata.',
        schema: z
          .object({
            issuer: z.string(),
            token_endpoint: z.string(),
            jwks_uri: z.string(),
            scopes_supported: z.array(z.string()),
            response_types_supported: z.array(z.string()),
            grant_types_supported: z.array(z.string()),
            token_endpoint_auth_methods_supported: z.array(z.string()),
            service_documentation: z.string()
          })
          .meta({ id: 'ServerMetadata' }),
        example: {
          issuer: 'http://localhost:3000',
          token_endpoint: 'http://localhost:3000/v1/oauth/token',
          jwks_uri: 'http://localhost:3000/.well-known/jwks.json',
          scopes_supported: ['access.evaluate'],
          response_types_supported: [],
          grant_types_supported: ['client_credentials'],
          token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
          service_documentation: 'http://localhost:3000/docs'
        }
      }
    },
    handle: async () => config.publicUrl,
    reply: (url) => ({
      status: 200,
      headers: { 'cache-control': 'public, max-age=300' },
      body: {
        issuer: url,
        token_endpoint: `${url}/v1/oauth/token`,
        jwks_uri: `${url}/.well-known/jwks.json`,
        scopes_supported: [...scopes],
        response_types_supported: [],
        grant_types_supported: ['client_credentials'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        service_documentation: `${url}/docs`
      }
    })
  })
}
