import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { pageOf } from '../http/pages.ts'
import { account, addRoute, anonymous, keepADay, operator } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { presentTokens, tokensExample, tokensSchema } from '../sessions/schemas.ts'
import { getAccount } from './accounts.ts'
import { addEmail, makeEmailPrimary, removeEmail, undoEmailChange, verifyOwnEmail } from './emails.ts'
import { changePassword, requestPasswordReset, resetPassword } from './passwords.ts'
import { searchAccounts, updateAccount } from './profile.ts'
import { registerAccount, requestEmailProof, verifyEmail } from './registration.ts'
import {
  accountExample,
  accountSchema,
  changesInput,
  emailInput,
  passwordInput,
  presentAccount,
  registrationInput,
  tokenInput
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
const emailParams = z.strictObject({ email: emailInput })
const emailOnly = z.strictObject({ email: emailInput }).meta({ id: 'EmailOnly' })
const tokenOnly = z.strictObject({ token: tokenInput }).meta({ id: 'TokenOnly' })
const ownAccount = {
  description: 'The account.',
  schema: accountSchema,
  example: accountExample,
  headers: { ETag: 'Version of the account.' }
}
const recent = 'Needs a sign-in within the last ten minutes (S-8).'
const tokenExample = { token: 'ghv_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA' }

/** Accounts, their addresses and passwords. */
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
      '`joinableCompanies` are companies that this person may join with the address, known only now that it is proven.',
    access: anonymous,
    limits: ['token'],
    body: tokenOnly,
    example: tokenExample,
    replies: {
      200: {
        description: 'The account is active; `session` is a first sign-in.',
        schema: z
          .strictObject({
            account: accountSchema,
            session: tokensSchema,
            joinableCompanies: z.array(z.strictObject({ id: z.string(), name: z.string(), logoUrl: z.string().nullable() }))
          })
          .meta({ id: 'EmailVerified' }),
        example: { account: accountExample, session: tokensExample, joinableCompanies: [] },
        headers: { ETag: 'Version of the account.' }
      }
    },
    problems: ['token_dead'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => verifyEmail(parts, db, actor, body.token),
    reply: ({ account, tokens }) => ({
      status: 200,
      version: account.revision,
      body: { account: presentAccount(account), session: presentTokens(tokens, false), joinableCompanies: [] }
    })
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
      'Uses up the token of the reset link and ends every session of the account (S-4). Signs nobody in, lifts no suspension and takes no second factor away. `recentChanges` are changes of the last seven days, to be looked over.',
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
      'The link goes to the former address and is good for 72 hours. Makes that address primary again, ends all sessions and pending resets, and mails it a link for a new password.',
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
    handle: ({ db, actor, body }) => undoEmailChange(db, actor, body.token),
    reply: () => ({ status: 200, body: { status: 'undone' } })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me',
    operationId: 'getAccount',
    tag: 'Me',
    summary: 'Own account',
    description: 'The signed-in person: names, addresses, second factor. The ETag is needed to change it.',
    access: account,
    replies: { 200: ownAccount },
    handle: ({ actor, atLeast }) => getAccount(parts.db, actor.accountId, atLeast),
    reply: (found) => ({ status: 200, version: found.revision, body: presentAccount(found) })
  })

  addRoute(app, parts, {
    method: 'PATCH',
    path: '/v1/me',
    operationId: 'updateAccount',
    tag: 'Me',
    summary: 'Change own account',
    description: 'Changes the given fields and no other. Needs the ETag that was seen last.',
    access: account,
    conditional: true,
    body: changesInput,
    example: { firstName: 'Olga Maria' },
    replies: { 200: ownAccount },
    handle: ({ db, actor, body, ifMatch }) => updateAccount(db, actor, ifMatch, body),
    reply: (changed) => ({ status: 200, version: changed.revision, body: presentAccount(changed) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/me/emails',
    operationId: 'addEmail',
    tag: 'Me',
    summary: 'Add an email address',
    description: `Adds an unproven address and mails it a link. The answer does not tell whether somebody else has it: then that person is told, and it cannot be proven. Adding one again sends a new link. ${recent}`,
    access: account,
    body: emailOnly,
    example: { email: 'olga@studio.example' },
    replies: { 201: { ...ownAccount, description: 'The account with the address, not proven yet.' } },
    problems: ['email_invalid', 'email_limit', 'reauthentication_required'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => addEmail(parts, db, actor, body.email),
    reply: (changed) => ({ status: 201, version: changed.revision, body: presentAccount(changed) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/me/emails/:email/verify',
    operationId: 'verifyOwnEmail',
    tag: 'Me',
    summary: 'Prove an added address',
    description: 'Uses up the token mailed to this address. It proves this address of this account and nothing else.',
    access: account,
    params: emailParams,
    body: tokenOnly,
    example: { token: 'gha_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA' },
    replies: { 200: ownAccount },
    problems: ['not_found', 'token_dead'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => verifyOwnEmail(db, actor, params.email, body.token),
    reply: (changed) => ({ status: 200, version: changed.revision, body: presentAccount(changed) })
  })

  addRoute(app, parts, {
    method: 'PUT',
    path: '/v1/me/emails/:email/primary',
    operationId: 'makeEmailPrimary',
    tag: 'Me',
    summary: 'Make a proven address the primary one',
    description: `Mails go to the primary address. Ends all other sessions; the former address is told and can undo it for 72 hours. ${recent}`,
    access: account,
    params: emailParams,
    replies: { 200: ownAccount },
    problems: ['not_found', 'email_not_proven', 'reauthentication_required'],
    handle: ({ db, actor, params }) => makeEmailPrimary(parts, db, actor, params.email),
    reply: (changed) => ({ status: 200, version: changed.revision, body: presentAccount(changed) })
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: '/v1/me/emails/:email',
    operationId: 'removeEmail',
    tag: 'Me',
    summary: 'Remove an address',
    description: `Not the primary one, and not one that was primary until recently. ${recent} With \`dryRun=true\` the answer is what would be removed.`,
    access: account,
    params: emailParams,
    dryRun: true,
    replies: {
      200: {
        description: 'Dry run: what would be removed.',
        schema: z.strictObject({ dryRun: z.literal(true), removed: z.string() }).meta({ id: 'EmailRemoval' }),
        example: { dryRun: true, removed: 'olga@studio.example' }
      },
      204: { description: 'Removed.' }
    },
    problems: ['not_found', 'email_primary', 'email_recently_primary', 'reauthentication_required'],
    handle: ({ db, actor, params }) => removeEmail(parts, db, actor, params.email),
    reply: ({ removed }, { dryRun }) => (dryRun ? { status: 200, body: { dryRun: true, removed } } : { status: 204 })
  })

  addRoute(app, parts, {
    method: 'PUT',
    path: '/v1/me/password',
    operationId: 'changePassword',
    tag: 'Me',
    summary: 'Change the password',
    description: `Ends all other sessions (S-4) and tells the owner by mail. ${recent}`,
    access: account,
    body: z.strictObject({ currentPassword: passwordInput, newPassword: passwordInput }).meta({ id: 'PasswordChange' }),
    example: { currentPassword: 'tulip anchor museum forty', newPassword: 'violet harbour nineteen lamps' },
    replies: { 204: { description: 'Changed.' } },
    problems: ['invalid_credentials', 'password_refused', 'reauthentication_required', 'sign_in_paused', 'overloaded'],
    handle: ({ db, actor, body }) => changePassword(parts, db, actor, body),
    reply: () => ({ status: 204 })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/accounts',
    operationId: 'searchAccounts',
    tag: 'Operators',
    summary: 'Find accounts by email',
    description: 'Accounts with this address, the one that has proven it first. Every look is kept in the audit of the account.',
    access: operator,
    query: z.strictObject({ email: emailInput }),
    replies: {
      200: { description: 'The accounts, complete.', schema: pageOf(accountSchema), example: { items: [accountExample], nextCursor: null } }
    },
    handle: ({ actor, query }) => searchAccounts(parts.db, actor, query.email),
    reply: ({ items, nextCursor }) => ({ status: 200, body: { items: items.map(presentAccount), nextCursor } })
  })
}
