import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { account, addRoute, keepADay } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { addEmail, makeEmailPrimary, removeEmail, verifyOwnEmail } from './emails.ts'
import { changePassword } from './passwords.ts'
import { updateAccount } from './profile.ts'
import { accountExample, accountSchema, changesInput, emailInput, emailOnly, passwordInput, presentAccount, tokenOnly } from './schemas.ts'

const emailParams = z.strictObject({ email: emailInput })
const ownAccount = {
  description: 'The account.',
  schema: accountSchema,
  example: accountExample,
  headers: { ETag: 'Version of the account.' }
}
const recent = 'Needs a sign-in within the last ten minutes (S-8).'

/** The signed-in person's own account, its addresses and its password. */
export function meRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me',
    operationId: 'getAccount',
    tag: 'Me',
    summary: 'Own account',
    description: 'The signed-in person: names, addresses, second factor. The ETag is needed to change it.',
    access: { kind: 'account', authenticate: parts.authenticateWithAccount },
    replies: { 200: ownAccount },
    handle: async ({ actor }) => actor.account,
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
    handle: ({ db, actor, params, body }) => verifyOwnEmail(parts, db, actor, params.email, body.token),
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
}
