import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { account, addRoute, keepADay, operator } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { organizationReply, shownOrganization } from './detail-schemas.ts'
import { memberExample, transferExample } from './examples.ts'
import type { Face } from './organizations.ts'
import { acceptTransfer, cancelTransfer, declineTransfer, forceTransfer, getTransfer, offerOwnership, type Transfer } from './ownership.ts'
import { basePath, changeProblems, readProblems, tagOf } from './paths.ts'
import { emptyBody, memberIdInput, placeParams, presentTransfer, reason, transferSchema } from './schemas.ts'

const recent = 'Needs a sign-in within the last ten minutes (S-8).'
const reply = { description: 'The offer.', schema: transferSchema, example: transferExample }
const shown = (transfer: Transfer, status = 200) => ({ status, body: presentTransfer(transfer) })
const offer = z.strictObject({ memberId: memberIdInput }).meta({ id: 'OwnershipOffer' })
const forced = z
  .strictObject({
    memberId: memberIdInput,
    evidence: reason.meta({ description: 'What proves that the owner is gone; kept with the audit.' })
  })
  .meta({ id: 'ForcedTransfer' })

/** Handing an organization over to another member (O-1 to O-3). */
export function ownershipRoutes(app: FastifyInstance, parts: Parts, face: Face): void {
  const { kind, Name } = face
  const tag = tagOf(face)
  const path = `${basePath(face)}/ownership-transfer`
  const params = placeParams(face)
  const organization = { ...organizationReply(face), description: `The ${kind} with its new owner.` }

  addRoute(app, parts, {
    method: 'POST',
    path,
    operationId: `offer${Name}Ownership`,
    tag,
    summary: 'Offer the ownership to a member',
    description: `Only the owner may. To an active member who is not under enforcement${
      kind === 'agency' ? ', has a freelancer profile and owns no agency' : ''
    } (O-1). One offer is open at a time; it expires after seven days unless configured otherwise. ${recent}`,
    access: account,
    params,
    body: offer,
    example: { memberId: memberExample.id },
    replies: { 201: reply },
    problems: [...changeProblems, 'reauthentication_required', 'not_eligible_owner', 'transfer_pending'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => offerOwnership(parts, db, actor, { ...params, ...body }),
    reply: (transfer) => shown(transfer, 201)
  })

  addRoute(app, parts, {
    method: 'GET',
    path,
    operationId: `get${Name}OwnershipTransfer`,
    tag,
    summary: 'The open offer of ownership',
    description: 'For the owner and for whom it is made to; 404 when none is open.',
    access: account,
    params,
    replies: { 200: reply },
    problems: readProblems,
    handle: ({ actor, params, atLeast }) => getTransfer(parts, actor, params, atLeast),
    reply: (transfer) => shown(transfer)
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path,
    operationId: `cancel${Name}OwnershipTransfer`,
    tag,
    summary: 'Take the offer back',
    description: 'Only the owner may, while nobody has answered.',
    access: account,
    params,
    replies: { 204: { description: 'No offer is open any more.' } },
    problems: [...changeProblems, 'transfer_not_open'],
    handle: ({ db, actor, params }) => cancelTransfer(db, actor, params),
    reply: () => ({ status: 204 })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${path}/accept`,
    operationId: `accept${Name}Ownership`,
    tag,
    summary: 'Become the owner',
    description: `For whom the offer is made to. At once the old owner becomes admin and ${
      kind === 'company' ? 'hiring manager of the whole company' : 'business manager'
    } (O-2). ${recent}`,
    access: account,
    params,
    body: emptyBody,
    example: {},
    replies: { 200: organization },
    problems: [
      ...changeProblems,
      'reauthentication_required',
      'transfer_not_open',
      'not_eligible_owner',
      ...(kind === 'agency' ? (['agency_limit', 'freelancer_profile_required'] as const) : [])
    ],
    idempotent: keepADay,
    handle: ({ db, actor, params }) => acceptTransfer(parts, db, actor, params),
    reply: (organization) => shownOrganization(organization)
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${path}/decline`,
    operationId: `decline${Name}Ownership`,
    tag,
    summary: 'Say no to the ownership',
    description: 'For whom the offer is made to. Everything stays as it is.',
    access: account,
    params,
    body: emptyBody,
    example: {},
    replies: { 204: { description: 'Declined.' } },
    problems: [...changeProblems, 'transfer_not_open'],
    idempotent: keepADay,
    handle: ({ db, actor, params }) => declineTransfer(db, actor, params),
    reply: () => ({ status: 204 })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${path}/forced`,
    operationId: `force${Name}OwnershipTransfer`,
    tag,
    summary: 'Transfer for an absent owner',
    description:
      'For operators, with the evidence that is kept in the audit (O-3). The new owner meets the same conditions; an open offer is void.',
    access: operator,
    params,
    body: forced,
    example: { memberId: memberExample.id, evidence: 'Death certificate 2026-4411, heirs agree in writing.' },
    replies: { 200: organization },
    problems: ['not_found', 'not_eligible_owner', ...(kind === 'agency' ? (['agency_limit', 'freelancer_profile_required'] as const) : [])],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => forceTransfer(parts, db, actor, { ...params, ...body }),
    reply: (organization) => shownOrganization(organization)
  })
}
