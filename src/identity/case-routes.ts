import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { parseId, publicId } from '../http/ids.ts'
import { nextLink, pageOf } from '../http/pages.ts'
import { pathId } from '../http/path-ids.ts'
import { addRoute, keepADay, operator } from '../http/route.ts'
import { requireId } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { getDuplicateCase, listDuplicateCases } from './case-desk.ts'
import {
  caseFileSchema,
  caseQuery,
  caseSchema,
  decisionInput,
  exceptionInput,
  exceptionSchema,
  presentCase,
  presentFile
} from './case-schemas.ts'
import { decideDuplicateCase, recordDuplicateException } from './deciding.ts'
import { accountIds, caseExample, verificationExample } from './examples.ts'

const tag = 'Operators'
const path = '/v1/duplicate-cases'
const params = z.strictObject({ caseId: pathId('case') })
// What nobody has: a filter that is no id finds nothing.
const nobody = '00000000-0000-0000-0000-000000000000'
const fileExample = {
  ...caseExample,
  accounts: accountIds.map((id) => ({
    id,
    status: 'active',
    enforcement: 'none',
    firstName: 'Olga',
    lastName: 'Okafor',
    createdAt: '2026-08-17T09:30:00.000Z'
  })),
  evidence: accountIds.map((accountId) => ({
    accountId,
    kind: 'phone',
    source: 'verification',
    strong: true,
    verified: true,
    shared: true,
    country: 'DE',
    documentType: null,
    recordedAt: '2026-08-23T14:02:11.000Z'
  })),
  actions: [
    {
      id: 'action_01k3c9s8x1zfh3k5m7p9r1t3v7',
      accountId: accountIds[1],
      kind: 'restricted',
      status: 'pending',
      reasonCode: 'identity_unverified',
      startsAt: '2026-09-06T14:02:11.000Z',
      liftedAt: null
    }
  ],
  verifications: [{ ...verificationExample, origin: 'evidence', caseId: caseExample.id }]
}

/** Cases of accounts that seem to be one person's, for operators. */
export function caseRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'GET',
    path,
    operationId: 'listDuplicateCases',
    tag,
    summary: 'Duplicate cases',
    description: 'Newest first. `status=open` are those that wait for an operator, `awaiting_choice` those that wait for the person.',
    access: operator,
    query: caseQuery,
    replies: {
      200: {
        description: 'A page of cases.',
        schema: pageOf(caseSchema),
        example: { items: [caseExample], nextCursor: null },
        headers: { Link: 'The next page, as `rel="next"`.' }
      }
    },
    problems: ['malformed_cursor'],
    handle: ({ actor, query }) =>
      listDuplicateCases(parts, actor, {
        ...query,
        account: query.account === undefined ? undefined : (parseId('account', query.account) ?? nobody)
      }),
    reply: ({ items, nextCursor }, { query }) => ({
      status: 200,
      body: { items: items.map(presentCase), nextCursor },
      headers: nextLink(path, query, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: `${path}/:caseId`,
    operationId: 'getDuplicateCase',
    tag,
    summary: 'One duplicate case',
    description:
      'With both accounts, what is known of their evidence, and what the case has caused. Each look is in the audit of both accounts.',
    access: operator,
    params,
    replies: { 200: { description: 'The case.', schema: caseFileSchema, example: fileExample } },
    problems: ['not_found'],
    handle: ({ db, actor, params }) => getDuplicateCase(db, actor, requireId('case', params.caseId)),
    reply: (file) => ({ status: 200, body: presentFile(file) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${path}/:caseId/decision`,
    operationId: 'decideDuplicateCase',
    tag,
    summary: 'Decide a duplicate case',
    description:
      '`same_person` asks the person to choose which account to keep until a deadline (P-9); impossible while one of the two is closed, suspended or banned. `not_duplicate` and `exception` end the case and lift what it has caused (P-10). ' +
      '`circumvention` restricts the account that goes on, and tells its owner how to appeal (P-8). Of two decisions one counts; nobody decides about an account of their own, and nothing is merged.',
    access: operator,
    params,
    body: decisionInput,
    example: { decision: 'not_duplicate', reason: 'Two passports, seen by the verification team.' },
    replies: {
      200: {
        description: 'The case as it is now.',
        schema: caseFileSchema,
        example: {
          ...fileExample,
          status: 'not_duplicate',
          decidedBy: { kind: 'operator', id: 'operator_01k2v5q0n4eqyba3w1k1m3h1yb' },
          decisionReason: 'Two passports, seen by the verification team.',
          decidedAt: '2026-08-24T08:00:00.000Z',
          actions: []
        }
      }
    },
    problems: ['not_found', 'case_decided', 'choice_impossible'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => decideDuplicateCase(parts, db, actor, { ...body, caseId: requireId('case', params.caseId) }),
    reply: (file) => ({ status: 200, body: presentFile(file) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/duplicate-exceptions',
    operationId: 'recordDuplicateException',
    tag,
    summary: 'Let two accounts be alike',
    description:
      'Before or after something was found (P-10): an open case of the two ends, what any case of theirs has caused lifts, and they raise nothing from then on. Recording it again changes nothing.',
    access: operator,
    body: exceptionInput,
    example: { accountIds: [...accountIds], reason: 'Twins who share a flat and a phone.' },
    replies: {
      200: { description: 'Recorded before.', schema: exceptionSchema, example: { accountIds: [...accountIds], case: null } },
      201: { description: 'Recorded.', schema: exceptionSchema, example: { accountIds: [...accountIds], case: null } }
    },
    problems: ['not_found', 'same_account'],
    idempotent: keepADay,
    handle({ db, actor, body }) {
      const [one, other] = body.accountIds.map((id) => requireId('account', id))
      return recordDuplicateException(db, actor, { accountIds: [one!, other!], reason: body.reason })
    },
    reply: ({ accountIds, fresh, found }) => ({
      status: fresh ? 201 : 200,
      body: { accountIds: accountIds.map((id) => publicId('account', id)), case: found ? presentCase(found) : null }
    })
  })
}
