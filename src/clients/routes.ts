import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { addRoute, anonymous, keepADay, operator } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { createServiceClient, scopes } from './clients.ts'
import { clientName, oauthError, readTokenRequest, scopeName, tokenAnswer, tokenErrors, tokenRequest } from './schemas.ts'
import { grantToken, grantTypes } from './tokens.ts'

/** Service clients and the OAuth token endpoint. */
export function clientRoutes(app: FastifyInstance, parts: Parts): void {
  const { config, signing } = parts

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/oauth/token',
    operationId: 'grantClientToken',
    tag: 'Services and operators',
    summary: 'Token for a service, an operator, or to act for a member',
    description:
      'OAuth 2.0 client credentials (RFC 6749 section 4.4), as a form, the client authenticated by HTTP Basic or in the body. Errors are those of section 5.2. ' +
      "A service's token works on service routes only, an operator's on operator routes only.\n\n" +
      'Token exchange (RFC 8693) lets a manager of an agency act for a member, without anybody’s password (G-5): `subject_token` is the manager’s own access token, ' +
      '`requested_subject` (an extension parameter) the id of the member, `scope` the permissions wanted, all that can be had otherwise. The token lives five minutes, is ' +
      'good for `guildhall:delegation` only, and names the member as `sub`, the manager as `act`, the agency as `agency` and the permissions as `scope`. Messages are never among them.',
    access: anonymous,
    limits: ['client-token'],
    consumes: ['application/x-www-form-urlencoded'],
    body: tokenRequest,
    example: {
      grant_type: 'client_credentials',
      client_id: 'service_01k2v5q0n4eqyba3w1k1m3h1yb',
      client_secret: 'ghs_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA'
    },
    replies: {
      200: {
        description: 'An access token.',
        schema: tokenAnswer,
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
        example: { error: 'invalid_scope', error_description: tokenErrors.invalid_scope }
      },
      401: {
        description: 'The client is refused.',
        schema: oauthError,
        example: { error: 'invalid_client', error_description: tokenErrors.invalid_client }
      }
    },
    handle: ({ actor, body, request }) => grantToken(parts, actor, readTokenRequest(body, request.headers.authorization)),
    reply(result) {
      // Beside `Cache-Control: no-store`, RFC 6749 section 5.1 asks for this one.
      if ('access_token' in result) return { status: 200, headers: { pragma: 'no-cache' }, body: result }
      const refused = { error: result.error, error_description: tokenErrors[result.error] }
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
          grant_types_supported: [...grantTypes],
          token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
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
        grant_types_supported: [...grantTypes],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
        service_documentation: `${url}/docs`
      }
    })
  })
}
