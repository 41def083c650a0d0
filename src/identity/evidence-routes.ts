import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { parseId } from '../http/ids.ts'
import { pathId } from '../http/path-ids.ts'
import { addRoute, keepADay, service } from '../http/route.ts'
import { requireId } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { findConflict } from './conflicts.ts'
import { recordEvidence } from './evidence.ts'
import { conflictSchema, evidenceInput, partiesInput, presentRecorded, recordedExample, recordedSchema } from './evidence-schemas.ts'
import { accountIds } from './examples.ts'

const tag = 'Identity'

/** What the verification service tells of people, and what others may ask about them without a name. */
export function evidenceRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/accounts/:accountId/evidence',
    operationId: 'recordEvidence',
    tag,
    summary: 'Tell of a fact that ties an account to a person',
    description:
      'Keeps a keyed hash of it (P-12) and compares it with all other accounts at once. Verified strong evidence that another live account holds opens a duplicate case: the same government id or tax id ' +
      'restricts the newer account, a shared phone or payout account asks it to verify its identity by a deadline (P-5); with a suspended or banned account the case is a circumvention (P-8). Weak evidence only adds ' +
      'to a score (P-6). Two verified government ids that differ close the cases between two accounts (P-7). Telling the same again changes nothing but that it is verified by now. ' +
      'A value that has not the form of its kind is refused with a `reason`, and not repeated.',
    access: service('evidence.write'),
    params: z.strictObject({ accountId: pathId('account') }),
    body: evidenceInput,
    example: { kind: 'phone', value: '0151 23456789', country: 'DE', verified: true },
    replies: {
      200: { description: 'Known of this account already.', schema: recordedSchema, example: { ...recordedExample, effect: 'none' } },
      201: { description: 'Kept, and what followed from it.', schema: recordedSchema, example: recordedExample }
    },
    problems: ['not_found', 'evidence_invalid'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) =>
      recordEvidence(parts, db, actor, { ...body, accountId: requireId('account', params.accountId) }),
    reply: (recorded, { body }) => ({ status: recorded.fresh ? 201 : 200, body: presentRecorded(body.kind, recorded) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/conflicts-of-interest',
    operationId: 'findConflict',
    tag,
    summary: 'Do two parties share a person?',
    description:
      'Yes or no, and nobody is named (Q-10): the same account, somebody who is a member of both, or two accounts that are known to be one person. What is not known shares nobody.',
    access: service('access.evaluate'),
    body: partiesInput,
    example: {
      parties: [
        { type: 'account', id: accountIds[0] },
        { type: 'company', id: 'company_01k2v5q0n4eqyba3w1k1m3h1yb' }
      ]
    },
    replies: { 200: { description: 'The answer.', schema: conflictSchema, example: { conflict: false } } },
    handle({ db, body }) {
      const [one, other] = body.parties.map(({ type, id }) => ({ type, id: parseId(type, id) }))
      return findConflict(db, [one!, other!])
    },
    reply: (conflict) => ({ status: 200, body: { conflict } })
  })
}
