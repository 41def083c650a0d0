import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { account, addRoute, keepADay } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { chooseAccount, proofSeconds, proveSignIn, reportDuplicate } from './choosing.ts'
import { getOwnDuplicateCase } from './own-case.ts'
import {
  choiceInput,
  outcomeSchema,
  ownCaseExample,
  ownCaseSchema,
  presentOutcome,
  presentOwnCase,
  proofExample,
  proofSchema,
  reportInput
} from './own-case-schemas.ts'

const tag = 'Identity'
const path = '/v1/me/duplicate-case'
const recent = 'Needs a sign-in within the last ten minutes (S-8).'
const outcomeExample = { id: ownCaseExample.id, kind: 'ordinary', status: 'kept', kept: 'this' } as const

/** What a person does about accounts that seem to be theirs. */
export function ownCaseRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'GET',
    path,
    operationId: 'getOwnDuplicateCase',
    tag,
    summary: 'The duplicate case that waits for me',
    description:
      'The oldest one that asks for a choice, or that says that the account goes round a suspension or ban, with what can be done about it. The other account is shown as a masked label without id (P-9). 404 when there is none.',
    access: account,
    replies: { 200: { description: 'The case.', schema: ownCaseSchema, example: ownCaseExample } },
    problems: ['not_found'],
    handle: ({ db, actor }) => getOwnDuplicateCase(db, actor),
    reply: (own) => ({ status: 200, body: presentOwnCase(own) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path,
    operationId: 'reportDuplicate',
    tag,
    summary: 'Report my own second account',
    description: `With the proof of signing in to the other account too. Opens a case that asks for the choice, and restricts neither account before the deadline of that: reporting one's own duplicate is never penalised (P-9). ${recent}`,
    access: account,
    body: reportInput,
    example: { proof: proofExample.proof },
    replies: {
      200: {
        description: 'There is a case of these two already.',
        schema: outcomeSchema,
        example: { ...outcomeExample, status: 'awaiting_choice', kept: null }
      },
      201: { description: 'The case.', schema: outcomeSchema, example: { ...outcomeExample, status: 'awaiting_choice', kept: null } }
    },
    problems: ['reauthentication_required', 'token_dead', 'same_account', 'case_decided', 'account_under_enforcement', 'not_found'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => reportDuplicate(parts, db, actor, body.proof),
    reply: (reported) => ({ status: reported.fresh ? 201 : 200, body: presentOutcome(reported) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${path}/proof`,
    operationId: 'proveSignIn',
    tag,
    summary: 'Prove that I am signed in to this account',
    description: `For the other account of a case: good once, within ten minutes, to keep that one or to report both. A new proof ends the one before. ${recent}`,
    access: account,
    body: z.strictObject({}),
    example: {},
    replies: { 201: { description: 'The proof.', schema: proofSchema, example: proofExample } },
    problems: ['reauthentication_required', 'not_found'],
    idempotent: proofSeconds,
    handle: ({ db, actor }) => proveSignIn(parts, db, actor),
    reply: (made) => ({ status: 201, body: made })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${path}/choice`,
    operationId: 'chooseAccount',
    tag,
    summary: 'Choose which account to keep',
    description:
      `\`giveUp\` closes the account that is signed in. \`keep\` closes the other one, and needs the proof of signing in there as well (P-9). Nothing is merged or moved; whatever blocks closing blocks the choice. ` +
      `The choice is final, and lifts what the case has caused. ${recent}`,
    access: account,
    body: choiceInput,
    example: { keep: 'this', proof: proofExample.proof },
    replies: { 200: { description: 'Chosen.', schema: outcomeSchema, example: outcomeExample } },
    problems: [
      'reauthentication_required',
      'not_found',
      'token_dead',
      'case_not_yours_to_choose',
      'closure_blocked',
      'account_under_enforcement',
      'conflict'
    ],
    idempotent: keepADay,
    handle: ({ db, actor, body }) =>
      chooseAccount(parts, db, actor, body.proof === undefined ? { giveUp: 'this' } : { keep: 'this', proof: body.proof }),
    reply: (chosen) => ({ status: 200, body: presentOutcome(chosen) })
  })
}
