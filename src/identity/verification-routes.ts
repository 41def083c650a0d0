import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { parseId } from '../http/ids.ts'
import { pathId } from '../http/path-ids.ts'
import { account, addRoute, keepADay, operator, service } from '../http/route.ts'
import { requireId } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { caseExample, verificationExample } from './examples.ts'
import {
  presentOwn,
  presentVerification,
  requestInput,
  resultInput,
  verificationForOperators,
  verificationSchema
} from './verification-schemas.ts'
import {
  getIdentityVerification,
  getOwnIdentityVerification,
  recordVerificationResult,
  requestIdentityVerification,
  startIdentityVerification
} from './verification-steps.ts'

const path = '/v1/accounts/:accountId/identity-verification'
const params = z.strictObject({ accountId: pathId('account') })
const file = {
  description: 'The verification.',
  schema: verificationForOperators,
  example: { ...verificationExample, origin: 'evidence', caseId: caseExample.id }
}
const own = { description: 'The verification.', schema: verificationSchema, example: verificationExample }

/** Verifying who somebody is: asking for it, what came of it, and starting it oneself. */
export function verificationRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path,
    operationId: 'requestIdentityVerification',
    tag: 'Operators',
    summary: 'Ask somebody to verify their identity',
    description:
      'They are told by mail. When the deadline passes, the account is restricted by the clock until it is done. One is open at a time, and nobody asks it of an account of their own.',
    access: operator,
    params,
    body: requestInput,
    example: { deadlineDays: 14, reason: 'The name on the invoices is another one.' },
    replies: { 201: { ...file, example: { ...file.example, origin: 'operator', caseId: null } } },
    problems: ['not_found', 'conflict', 'verification_open'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) =>
      requestIdentityVerification(parts, db, actor, { ...body, accountId: requireId('account', params.accountId) }),
    reply: (asked) => ({ status: 201, body: presentVerification(asked) })
  })

  addRoute(app, parts, {
    method: 'GET',
    path,
    operationId: 'getIdentityVerification',
    tag: 'Operators',
    summary: "The latest verification of somebody's identity",
    description: '404 when there never was one. The look is in the audit of the account.',
    access: operator,
    params,
    replies: { 200: file },
    problems: ['not_found'],
    handle: ({ db, actor, params }) => getIdentityVerification(db, actor, requireId('account', params.accountId)),
    reply: (verification) => ({ status: 200, body: presentVerification(verification) })
  })

  addRoute(app, parts, {
    method: 'PUT',
    path: `${path}/result`,
    operationId: 'recordVerificationResult',
    tag: 'Identity',
    summary: 'Tell what became of a verification',
    description:
      'From the verification service. `submitted` stops the clock of the deadline, `failed` starts a new one and names all defects at once; after a few failures (3 by default) the deadline stays and its clock runs on. `verified` lifts what the verification has caused. A restriction that has begun stays until then. ' +
      'Telling the same again changes nothing, so there is no `If-Match`. The document itself is told as evidence.',
    access: service('evidence.write'),
    params,
    body: resultInput,
    example: { outcome: 'failed', defects: ['document_expired', 'photo_missing'] },
    replies: {
      200: {
        ...own,
        example: {
          ...own.example,
          status: 'failed',
          defects: ['document_expired', 'photo_missing'],
          submittedAt: '2026-08-24T07:10:00.000Z',
          decidedAt: '2026-08-24T09:45:00.000Z'
        }
      }
    },
    problems: ['not_found', 'verification_not_open'],
    handle: ({ db, actor, params, body: { verificationId, ...told } }) =>
      recordVerificationResult(parts, db, actor, {
        ...told,
        accountId: requireId('account', params.accountId),
        verification: verificationId === undefined ? undefined : { id: parseId('verification', verificationId) }
      }),
    reply: (verification) => ({ status: 200, body: presentOwn(verification) })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: '/v1/me/identity-verification',
    operationId: 'startIdentityVerification',
    tag: 'Identity',
    summary: 'Start the verification of my identity',
    description:
      'Once, without a deadline: whoever is asked or restricted by mistake need not wait. The verification service goes on from here.',
    access: account,
    body: z.strictObject({}),
    example: {},
    replies: { 201: { ...own, example: { ...own.example, deadline: null } } },
    problems: ['verification_open', 'verification_used', 'not_found'],
    idempotent: keepADay,
    handle: ({ db, actor }) => startIdentityVerification(db, actor),
    reply: (started) => ({ status: 201, body: presentOwn(started) })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me/identity-verification',
    operationId: 'getOwnIdentityVerification',
    tag: 'Identity',
    summary: 'The latest verification of my identity',
    description: 'With its deadline, and all that was wrong with the last try. 404 when there never was one.',
    access: account,
    replies: { 200: own },
    problems: ['not_found'],
    handle: ({ db, actor }) => getOwnIdentityVerification(db, actor),
    reply: (verification) => ({ status: 200, body: presentOwn(verification) })
  })
}
