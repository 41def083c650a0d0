import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { account, addRoute, keepADay } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import type { ProblemCode } from '../problems.ts'
import { blockerExample, memberExample } from './examples.ts'
import { publicGrant } from './grants.ts'
import type { Face } from './organizations.ts'
import { basePath, changeProblems, tagOf } from './paths.ts'
import { cancelScheduledEnd, previewRemoval, type Removal, removeMember } from './removal.ts'
import { dryRunOf, flagQuery, memberReply, memberSchema, placeParams, reason, removalSchema, shownMember } from './schemas.ts'
import { resumeMember, suspendMember } from './suspension.ts'

const removalQuery = z.strictObject({
  reassignContactTo: z.string().max(100).optional().meta({ description: 'The member who becomes contact of all active contracts (K-3).' }),
  whenClear: flagQuery.optional().meta({ description: '`true`: the membership ends by itself once nothing blocks it any more (G-4).' })
})

const presentRemoval = ({ outcome, blockers, effects }: Removal): z.output<typeof removalSchema> => ({
  outcome: outcome === 'scheduled' ? 'scheduled' : 'preview',
  blockers,
  effects: {
    teams: effects.teams.map(({ id, name }) => ({ id: publicId('team', id), name })),
    grants: effects.grants.map(publicGrant),
    contracts: effects.contracts
  }
})
const removalExample = {
  outcome: 'preview',
  blockers: [blockerExample],
  effects: { teams: memberExample.teams, grants: memberExample.grants, contracts: [] }
} as const

const suspension = z.strictObject({ reason: reason.optional() }).meta({ id: 'Suspension' })
const suspensionDryRun = dryRunOf('SuspensionPreview', {})

/** Leaving, removing and suspending members. */
export function removalRoutes(app: FastifyInstance, parts: Parts, face: Face): void {
  const { kind, Name } = face
  const tag = tagOf(face)
  const one = `${basePath(face)}/members/:memberId`
  const ofMember = placeParams(face, 'memberId')
  const contactGuard: ProblemCode[] = kind === 'company' ? ['contact_on_active_contracts'] : []
  const removalGuards: ProblemCode[] = [
    'owner_must_transfer',
    ...(kind === 'company' ? (['contact_on_active_contracts', 'not_eligible_contact'] as const) : (['active_agency_work'] as const))
  ]

  addRoute(app, parts, {
    method: 'GET',
    path: `${one}/removal`,
    operationId: `preview${Name}MemberRemoval`,
    tag,
    summary: 'What a removal would meet',
    description:
      'What would block it, each with the call that clears it, and what would be lost (C-11). Changes nothing. For who may remove, and for the member.',
    access: account,
    params: ofMember,
    replies: { 200: { description: 'Blockers and effects.', schema: removalSchema, example: removalExample } },
    problems: changeProblems,
    handle: ({ actor, params, atLeast }) => previewRemoval(parts, actor, params, atLeast),
    reply: (found) => ({ status: 200, body: presentRemoval(found) })
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: one,
    operationId: `remove${Name}Member`,
    tag,
    summary: 'Remove a member, or leave',
    description:
      'Ends the membership with all its teams and roles at once (C-7). Removing somebody else needs `member.remove`; anybody but the owner may leave. ' +
      (kind === 'company'
        ? 'The contact of an active contract stays (K-1), unless `reassignContactTo` names another one for all of them, which needs `contract.contact.change`.'
        : 'Who has active contracts or open proposals through the agency stays until they end (G-4).'),
    access: account,
    params: ofMember,
    query: removalQuery,
    dryRun: true,
    replies: {
      200: { description: 'Dry run: what would happen.', schema: removalSchema, example: removalExample },
      202: {
        description: 'The membership ends once nothing blocks it.',
        schema: removalSchema,
        example: { ...removalExample, outcome: 'scheduled' }
      },
      204: { description: 'Removed.' }
    },
    problems: [...changeProblems, ...removalGuards],
    handle: ({ db, actor, params, query, dryRun }) =>
      removeMember(db, actor, { ...params, reassignContactTo: query.reassignContactTo, whenClear: query.whenClear === 'true', dryRun }),
    reply(found) {
      if (found.outcome === 'removed') return { status: 204 }
      return { status: found.outcome === 'scheduled' ? 202 : 200, body: presentRemoval(found) }
    }
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: `${one}/scheduled-leave`,
    operationId: `cancel${Name}MemberLeave`,
    tag,
    summary: 'Stay after all',
    description: 'Takes a scheduled end of the membership back: a leave only who is leaving, a removal somebody else who may remove them.',
    access: account,
    params: ofMember,
    replies: { 204: { description: 'Nothing is scheduled any more.' } },
    problems: changeProblems,
    handle: ({ db, actor, params }) => cancelScheduledEnd(db, actor, params),
    reply: () => ({ status: 204 })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${one}/suspension`,
    operationId: `suspend${Name}Member`,
    tag,
    summary: 'Suspend a membership',
    description:
      'Roles are kept, every decision is deny (C-13). The owner and the contact of an active contract stay active. Needs `member.remove`.',
    access: account,
    params: ofMember,
    dryRun: true,
    body: suspension,
    example: { reason: 'On leave until October.' },
    replies: {
      200: { ...memberReply, schema: z.union([memberSchema, suspensionDryRun]), description: 'The member, or what a dry run found.' }
    },
    problems: [...changeProblems, 'owner_must_transfer', ...contactGuard],
    idempotent: keepADay,
    handle: ({ db, actor, params, body, dryRun }) => suspendMember(db, actor, { ...params, ...body, dryRun }),
    reply: ({ member, blockers }, { dryRun }) => (dryRun ? { status: 200, body: { dryRun: true, blockers } } : shownMember(member))
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: `${one}/suspension`,
    operationId: `resume${Name}Member`,
    tag,
    summary: 'Resume a membership',
    description: 'The roles count again. Needs `member.remove`.',
    access: account,
    params: ofMember,
    replies: { 200: memberReply },
    problems: changeProblems,
    handle: ({ db, actor, params }) => resumeMember(db, actor, params),
    reply: shownMember
  })
}
