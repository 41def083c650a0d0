/**
 * Every failure a caller can act on, in one catalogue: problem replies, their pages and the OpenAPI document come from it.
 * A code is API: never renamed. What is not in the catalogue is a 500 with a fixed text.
 */

import { constraintProblems } from './constraint-problems.ts'
import { identityProblems } from './identity-problems.ts'
import { joiningProblems } from './joining-problems.ts'
import { organizationProblems } from './organization-problems.ts'

interface Entry {
  status: number
  title: string
  /** What happened and what to do, for the page and as the default detail. */
  help: string
}

export const catalogue = {
  // 400
  invalid_input: {
    status: 400,
    title: 'The input is not valid',
    help: 'Part of the request has a wrong type, format or length, is missing, or is not known here. `errors` names each place by a JSON pointer. Unknown properties and repeated query parameters are refused.'
  },
  malformed_request: {
    status: 400,
    title: 'The request cannot be read',
    help: 'The body is not valid JSON, or a header has a form that this service does not understand. Correct it and send the request again.'
  },
  malformed_consistency_token: {
    status: 400,
    title: 'The consistency token is not valid',
    help: '`At-Least-As-Fresh` must carry a `Consistency-Token` exactly as this service answered it.'
  },
  malformed_cursor: {
    status: 400,
    title: 'The cursor is not valid',
    help: 'A cursor is good for the same list, filters and caller that it was answered to. Start again without one.'
  },
  malformed_idempotency_key: {
    status: 400,
    title: 'The idempotency key is not valid',
    help: '`Idempotency-Key` must be 16 to 64 printable characters, best a random UUID, the same for each retry of one request.'
  },
  // 401
  second_factor_required: {
    status: 401,
    title: 'A second factor is required',
    help: 'The password is right; send it again together with `totp`, the six digits that the authenticator shows now, or with `recoveryCode`.'
  },
  not_signed_in: {
    status: 401,
    title: 'Not signed in',
    help: 'The request needs a valid access token in `Authorization: Bearer …`. Tokens live minutes: refresh it, or sign in again.'
  },
  invalid_credentials: {
    status: 401,
    title: 'Email or password is wrong',
    help: 'No account can be signed in to with this email and password. The answer is the same whether or not an account exists. A forgotten password can be reset.'
  },
  second_factor_invalid: {
    status: 401,
    title: 'The second factor is wrong',
    help: 'The code is wrong, too old or was used already. Wait for the next one, or use a recovery code.'
  },
  reauthentication_required: {
    status: 401,
    title: 'Sign in again to do this',
    help: 'Sensitive acts need a sign-in within the last minutes. Send the password to `POST /v1/me/reauthentication`, then repeat the request. `because` says when the session is in doubt, `ways` what else can be done: a login is for one person, others are invited.'
  },
  invalid_refresh_token: {
    status: 401,
    title: 'The refresh token is not valid',
    help: 'It is unknown, expired or its session has ended. Sign in again.'
  },
  refresh_token_reused: {
    status: 401,
    title: 'The refresh token was used before',
    help: 'Each refresh token works once. A second use looks like theft, so the whole session was ended. Sign in again. A client that retries a refresh sends the same `Idempotency-Key` within 60 seconds.'
  },
  // 403
  access_denied: {
    status: 403,
    title: 'Not allowed',
    help: 'The caller is known but may not do this. `missingPermissions` names the rights or scopes that would be needed.'
  },
  email_unverified: {
    status: 403,
    title: 'The email is not proven yet',
    help: 'Open the link in the mail that was sent at registration, or ask for a new one at `POST /v1/email-verifications/resend`.'
  },
  account_suspended: {
    status: 403,
    title: 'The account is suspended',
    help: '`reason` and `remedy` say why and how to put it right; `appealUrl` opens an appeal without signing in, until the password or the addresses change.'
  },
  account_banned: {
    status: 403,
    title: 'The account is banned',
    help: '`reason` says why; `appealUrl` opens an appeal without signing in, until the password or the addresses change.'
  },
  origin_not_allowed: {
    status: 403,
    title: 'This origin may not use cookies',
    help: 'A request that relies on a cookie must come from an origin named in the configuration of the service.'
  },
  // 404
  not_found: { status: 404, title: 'Not found', help: 'There is nothing at this address, or it is not yours to know.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    help: 'The address exists, but not for this method. `Allow` names the methods it has.'
  },
  not_acceptable: { status: 406, title: 'Not acceptable', help: 'The answer does not exist in any of the formats that `Accept` names.' },
  request_timeout: { status: 408, title: 'The request did not arrive in time', help: 'Send the whole request without pauses.' },
  // 409
  conflict: { status: 409, title: 'Conflict', help: 'Something else changed at the same time. Read the current state and decide again.' },
  idempotency_in_progress: {
    status: 409,
    title: 'The first request is still running',
    help: 'A request with the same `Idempotency-Key` has not finished. Try again in a moment.'
  },
  email_limit: {
    status: 409,
    title: 'Too many email addresses',
    help: 'An account may have a limited number of addresses. Remove one first.'
  },
  email_not_proven: {
    status: 409,
    title: 'The address is not proven',
    help: 'Only a proven address can be the primary one. Open the link mailed to it first.'
  },
  email_primary: {
    status: 409,
    title: 'The primary address cannot be removed',
    help: 'Make another proven address the primary one first.'
  },
  email_recently_primary: {
    status: 409,
    title: 'The address was the primary one until recently',
    help: 'For the time in which the change can be undone from it, a former primary address stays with the account.'
  },
  totp_enabled: { status: 409, title: 'A second factor is already set up', help: 'Remove the present one first.' },
  totp_not_enabled: { status: 409, title: 'No second factor is set up', help: 'Set one up first with `POST /v1/me/totp`.' },
  password_needs_second_factor: {
    status: 409,
    title: 'The password is too short without a second factor',
    help: 'Set a longer password first, then remove the second factor.'
  },
  client_exists: {
    status: 409,
    title: 'The name is taken',
    help: 'A client with this name or email exists already. Choose another one, or give that client a new secret: `guildhall client rotate-secret`.'
  },
  // 410
  token_dead: {
    status: 410,
    title: 'The link is no longer valid',
    help: 'It was used, replaced by a newer one, or its time is over. Ask for a new one.'
  },
  events_gone: { status: 410, title: 'Events are gone', help: 'Take `after=latest`, read the present state in full, follow from there.' },
  // 412, 413, 415
  stale_version: {
    status: 412,
    title: 'The resource has changed',
    help: '`If-Match` names an older version. Read the resource again, look at the change, and send its current `ETag`.'
  },
  body_too_large: { status: 413, title: 'The body is too large', help: 'The body exceeds the size that this operation takes.' },
  uri_too_long: { status: 414, title: 'The address is too long', help: 'Shorten the path or the query.' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type', help: 'Send `Content-Type: application/json`.' },
  // 422
  email_invalid: {
    status: 422,
    title: 'The email address cannot be used',
    help: 'It does not have the plain form `name@domain`. `detail` says what is wrong with it.'
  },
  password_refused: {
    status: 422,
    title: 'The password cannot be used',
    help: '`detail` says why: too short, too common, found in a breach, or made of your own data. A few unrelated words make a good password.'
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key was used for another request',
    help: 'The same `Idempotency-Key` came with a different body. Use a new key for a new request.'
  },
  ...organizationProblems,
  ...joiningProblems,
  ...identityProblems,
  // 428, 429, 431
  version_required: {
    status: 428,
    title: '`If-Match` is missing',
    help: "Send the `ETag` of the version you have seen in `If-Match`, so that nobody else's change is overwritten."
  },
  head_too_large: {
    status: 431,
    title: 'The headers are too large',
    help: 'The request line and headers together exceed 16 KiB. Shorten them.'
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    help: 'A limit was reached; `Retry-After` says in how many seconds to try again. `violatedPolicies` names the limit.'
  },
  sign_in_paused: {
    status: 429,
    title: 'Sign-in is paused for this address',
    help: 'There were too many wrong passwords. Wait as long as `Retry-After` says, or reset the password.'
  },
  // 500, 503
  internal_error: {
    status: 500,
    title: 'Something went wrong here',
    help: 'The failure was logged under `requestId`; nothing was changed. Try again later, and name the `requestId` to support.'
  },
  service_unavailable: {
    status: 503,
    title: 'Not available at the moment',
    help: 'The service cannot reach what it needs. Nothing is known to have changed. Try again after `Retry-After` seconds, with the same `Idempotency-Key`.'
  },
  overloaded: {
    status: 503,
    title: 'Too busy',
    help: 'More work arrived than can be done in time. Try again after `Retry-After` seconds.'
  },
  not_fresh_enough: {
    status: 503,
    title: 'The state asked for has not arrived here yet',
    help: 'No copy of the data as fresh as `At-Least-As-Fresh` could be read in time. Try again after `Retry-After` seconds.'
  }
} as const satisfies Record<string, Entry>

export type ProblemCode = keyof typeof catalogue

/** What a database constraint means to the caller whose statement broke it. */
export const problemOfConstraint = (name: string): ProblemCode | undefined => constraintProblems[name]

export interface ProblemOptions {
  /** One sentence about this occurrence; the catalogue's help otherwise. Never holds another person's data. */
  detail?: string
  /** Seconds for `Retry-After`. */
  retryAfter?: number
  /** Members added to the problem document, e.g. `errors`, `blockers`. */
  extensions?: Record<string, unknown>
  /** Further members that take a look into the database, which only the answer needs. */
  more?: () => Promise<Record<string, unknown>>
  headers?: Record<string, string>
}

/** A failure with an entry in the catalogue; the HTTP layer answers it as RFC 9457 `application/problem+json`. */
export class Problem extends Error {
  override name = 'Problem'
  readonly code: ProblemCode
  readonly options: ProblemOptions
  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? catalogue[code].title)
    this.code = code
    this.options = options
  }

  get status(): number {
    return catalogue[this.code].status
  }

  get title(): string {
    return catalogue[this.code].title
  }

  /** What the catalogue says to do. */
  get help(): string {
    return catalogue[this.code].help
  }
}

/** Makes the problem to throw: `throw refuse('not_found')`. */
export const refuse = (code: ProblemCode, options?: ProblemOptions): Problem => new Problem(code, options)
