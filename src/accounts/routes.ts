import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { joinableCompany, presentJoinable } from '../domains/schemas.ts'
import { publicId } from '../http/ids.ts'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { addRoute, anonymous, keepADay, operator } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { setRefreshCookie } from '../sessions/refresh-cookie.ts'
import { presentTokens, refreshTransport, tokensExample, tokensSchema } from '../sessions/schemas.ts'
import { undoEmailChange } from './emails.ts'
import { requestPasswordReset, resetPassword } from './passwords.ts'
import { searchAccounts } from './profile.ts'
import { registerAccount, requestEmailProof, verifyEmail } from './registration.ts'
import {
  accountExample,
  accountSchema,
  emailInput,
  emailOnly,
  passwordInput,
  presentAccount,
  registrationInput,
  tokenInput,
  tokenOnly
} from './schemas.ts'

const accepted = z.strictObject({ status: z.literal('accepted') }).meta({ id: 'Accepted' })
const acceptedReply = {
  202: {
    description: 'Accepted. The answer is the same whether or not anybody has this address.',
    schema: accepted,
    example: { status: 'accepted' }
  }
}
const acceptedOutcome = () => ({ status: 202, body: { status: 'accepted' } })
const verificationInput = z.strictObject({ token: tokenInput, refreshTransport }).meta({ id: 'EmailVerification' })
const tokenExample = { token: 'ghv_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA' }

/** Registering, and what a mailed token does: no sign-in needed. Looking accounts up, for operators. */
export function accountRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/accounts',
    operationId: 'registerAccount',
    tag: 'Accounts',
    summary: 'Register',
    description:
      'Registers a person and mails a link that proves the email. The answer never tells whether the address is known (P-2): its owner is told by mail instead. ' +
      'Nothing is reserved until the link is opened; the first to prove an address has it (P-1). One person has one account: a second capacity is added to it later (P-4).',
    access: anonymous,
    limits: ['register'],
    body: registrationInput,
    example: {
      email: 'olga@example.com',
      password: 'tulip anchor museum forty',
      firstName: 'Olga',
      lastName: 'Okafor',
      countryCode: 'DE',
      intent: 'client'
    },
    replies: acceptedReply,
    problems: ['email_invalid', 'password_refused', 'overloaded'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => registerAccount(parts, db, actor, body),
    reply: acceptedOutcome
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/email-verifications',
    operationId: 'verifyEmail',
    tag: 'Accounts',
    summary: 'Prove the email of a registration',
    description:
      'Uses up the token of the proof link, makes the account active (P-3) and signs the person in. All other unproven claims to the address end. ' +
      'A token that was used, replaced or has expired is 410; any number of tries at once succeed once. ' +
      'A company whose domain the address is at may take the person in (`joined`) or be offered (`joinableCompanies`): known only now that it is proven.',
    access: anonymous,
    limits: ['token'],
    body: verificationInput,
    example: tokenExample,
    replies: {
      200: {
        description: 'The account is active; `session` is a first sign-in.',
        schema: z
          .strictObject({
            account: accountSchema,
            session: tokensSchema,
            joinableCompanies: z.array(joinableCompany),
            joined: z
              .strictObject({ companyId: z.string(), memberId: z.string(), name: z.string() })
              .nullable()
              .meta({ description: 'The company that the person is a member of by their address now (D-5).' })
          })
          .meta({ id: 'EmailVerified' }),
        example: { account: accountExample, session: tokensExample, joinableCompanies: [], joined: null },
        headers: { ETag: 'Version of the account.' }
      }
    },
    problems: ['token_dead'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => verifyEmail(parts, db, actor, body.token),
    reply({ account, tokens, joined, joinable }, { body }) {
      const inCookie = body.refreshTransport === 'cookie'
      return {
        status: 200,
        version: account.revision,
        body: {
          account: presentAccount(account),
          session: presentTokens(tokens, inCookie),
          joinableCompanies: joinable.map(presentJoinable),
          joined: joined
            ? { companyId: publicId('company', joined.organizationId), memberId: publicId('member', joined.memberId), name: joined.name }
            : null
        },
        ...(inCookie ? { cookies: [setRefreshCookie(parts.config, tokens.refreshToken)] } : {})
      }
    }
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/email-verifications/resend',
    operationId: 'requestEmailProof',
    tag: 'Accounts',
    summary: 'Ask for a new proof mail',
    description:
      'Mails a new link to an address with an unproven registration; links sent before die. The answer is the same for every address.',
    access: anonymous,
    limits: ['recovery'],
    body: emailOnly,
    example: { email: 'olga@example.com' },
    replies: acceptedReply,
    problems: ['email_invalid'],
    idempotent: keepADay,
    handle: ({ db, body }) => requestEmailProof(db, body.email),
    reply: acceptedOutcome
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/password-resets',
    operationId: 'requestPasswordReset',
    tag: 'Accounts',
    summary: 'Ask for a password reset',
    description:
      'Mails a link for a new password, good for half an hour; one sent before dies. The answer is the same for every address (S-2).',
    access: anonymous,
    limits: ['recovery'],
    body: emailOnly,
    example: { email: 'olga@example.com' },
    replies: acceptedReply,
    problems: ['email_invalid'],
    idempotent: keepADay,
    handle: ({ db, body }) => requestPasswordReset(db, body.email),
    reply: acceptedOutcome
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/password-resets/confirm',
    operationId: 'resetPassword',
    tag: 'Accounts',
    summary: 'Set a new password by mail',
    description:
      'Uses up the token of the reset link, ends every session of the account (S-4) and drops addresses that are not proven yet. Signs nobody in, lifts no suspension and takes no second factor away. `recentChanges` are changes of the last seven days, to be looked over.',
    access: anonymous,
    limits: ['token'],
    body: z.strictObject({ token: tokenInput, password: passwordInput }).meta({ id: 'PasswordReset' }),
    example: { token: 'ghp_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA', password: 'violet harbour nineteen lamps' },
    replies: {
      200: {
        description: 'The new password is set; sign in with it.',
        schema: z
          .strictObject({ recentChanges: z.array(z.strictObject({ action: z.string(), at: z.iso.datetime({ precision: 3 }) })) })
          .meta({ id: 'PasswordWasReset' }),
        example: { recentChanges: [{ action: 'email.added', at: '2026-08-17T09:30:00.000Z' }] }
      }
    },
    problems: ['token_dead', 'password_refused', 'overloaded'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => resetPassword(parts, db, actor, body),
    reply: (body) => ({ status: 200, body })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/email-changes/undo',
    operationId: 'undoEmailChange',
    tag: 'Accounts',
    summary: 'Undo a change of the primary email',
    description:
      'The link goes to the former address and is good for 72 hours. Makes that address primary again, takes away the addresses that were proven after it, ends all sessions and pending resets, and mails it a link for a new password.',
    access: anonymous,
    limits: ['token'],
    body: tokenOnly,
    example: { token: 'ghu_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA' },
    replies: {
      200: {
        description: 'The former address is primary again.',
        schema: z.strictObject({ status: z.literal('undone') }).meta({ id: 'Undone' }),
        example: { status: 'undone' }
      }
    },
    problems: ['token_dead'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => undoEmailChange(parts, db, actor, body.token),
    reply: () => ({ status: 200, body: { status: 'undone' } })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/accounts',
    operationId: 'searchAccounts',
    tag: 'Operators',
    summary: 'Find accounts by email',
    description: 'Accounts with this address, the one that has proven it first. Every look is kept in the audit of the account.',
    access: operator,
    query: pageQuery.extend({ email: emailInput }),
    replies: {
      200: {
        description: 'A page of accounts.',
        schema: pageOf(accountSchema),
        example: { items: [accountExample], nextCursor: null },
        headers: { Link: 'The next page, as `rel="next"`.' }
      }
    },
    problems: ['malformed_cursor'],
    handle: ({ actor, query, atLeast }) => searchAccounts(parts, actor, query, atLeast),
    reply: ({ items, nextCursor }, { query }) => ({
      status: 200,
      body: { items: items.map(presentAccount), nextCursor },
      headers: nextLink('/v1/accounts', query, nextCursor)
    })
  })
}
