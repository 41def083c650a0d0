import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { account, addRoute, keepADay } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import type { ProfileView } from '../profiles/profiles.ts'
import { memberProfileChanges, presentProfile, profileExample, profileSchema } from '../profiles/schemas.ts'
import { acceptAffiliation, proposeAffiliation, withdrawAffiliation } from './affiliation.ts'
import { memberExample } from './examples.ts'
import { getMemberProfile, updateMemberProfile } from './member-profile.ts'
import { agencyFace } from './organizations.ts'
import { basePath, changeProblems, readProblems } from './paths.ts'
import { dryRunOf, emptyBody, memberReply, memberSchema, placeParams, shownMember } from './schemas.ts'

const tag = 'Agencies'
const member = { ...memberReply, example: { ...memberExample, affiliation: 'exclusive_pending' } }
const profile = {
  description: 'The profile.',
  schema: profileSchema,
  example: profileExample,
  headers: { ETag: 'Version of the profile.' }
}
const affiliation = z
  .strictObject({
    affiliation: z
      .enum(['exclusive', 'non_exclusive'])
      .meta({ description: 'Exclusive work waits for the yes of the member; releasing is at once.' })
  })
  .meta({ id: 'Affiliation' })
const dryRunReply = dryRunOf('AffiliationPreview', {})

/** What only agencies have: exclusive work, and rate and visibility of exclusive members. */
export function agencyRoutes(app: FastifyInstance, parts: Parts): void {
  const one = `${basePath(agencyFace)}/members/:memberId`
  const params = placeParams(agencyFace, 'memberId')
  const of = ({ organizationId, memberId }: { organizationId: string; memberId: string }) => ({ agencyId: organizationId, memberId })

  addRoute(app, parts, {
    method: 'POST',
    path: `${one}/affiliation`,
    operationId: 'proposeAffiliation',
    tag,
    summary: 'Propose exclusive work, or release from it',
    description: 'Needs `affiliation.propose`. Exclusive work begins with the yes of the member (G-3); a release counts at once.',
    access: account,
    params,
    body: affiliation,
    example: { affiliation: 'exclusive' },
    replies: { 200: member },
    problems: changeProblems,
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => proposeAffiliation(db, actor, { ...of(params), ...body }),
    reply: shownMember
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${one}/affiliation/accept`,
    operationId: 'acceptAffiliation',
    tag,
    summary: 'Say yes to exclusive work',
    description:
      'Only the member may. Refused while independent contracts or proposals are open (G-3), and for whoever belongs to another agency (G-2); `blockers` lists them.',
    access: account,
    params,
    dryRun: true,
    body: emptyBody,
    example: {},
    replies: { 200: { ...member, schema: z.union([memberSchema, dryRunReply]), description: 'The member, or what a dry run found.' } },
    problems: [...changeProblems, 'affiliation_not_pending', 'independent_work_active', 'exclusive_elsewhere'],
    idempotent: keepADay,
    handle: ({ db, actor, params, dryRun }) => acceptAffiliation(db, actor, { ...of(params), dryRun }),
    reply: ({ member, blockers }, { dryRun }) => (dryRun ? { status: 200, body: { dryRun: true, blockers } } : shownMember(member))
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: `${one}/affiliation`,
    operationId: 'withdrawAffiliation',
    tag,
    summary: 'Say no to exclusive work, or take the proposal back',
    description: 'The member, or whoever may propose. An exclusive member is released with a POST, not with this.',
    access: account,
    params,
    replies: { 204: { description: 'Nothing is proposed any more.' } },
    problems: [...changeProblems, 'affiliation_not_pending'],
    handle: ({ db, actor, params }) => withdrawAffiliation(db, actor, of(params)),
    reply: () => ({ status: 204 })
  })

  const shown = (found: ProfileView) => ({ status: 200, version: found.revision, body: presentProfile(found) })

  addRoute(app, parts, {
    method: 'GET',
    path: `${one}/profile`,
    operationId: 'getAgencyMemberProfile',
    tag,
    summary: "A member's freelancer profile",
    description: 'For whoever may set the rate of an exclusive member (G-6), and for the member. Earnings are never part of it.',
    access: account,
    params,
    replies: { 200: profile },
    problems: [
      ...readProblems,
      'not_exclusive',
      'organization_suspended',
      'organization_banned',
      'organization_restricted',
      'organization_closed',
      'account_restricted'
    ],
    handle: ({ actor, params, atLeast }) => getMemberProfile(parts, actor, of(params), atLeast),
    reply: shown
  })

  addRoute(app, parts, {
    method: 'PATCH',
    path: `${one}/profile`,
    operationId: 'updateAgencyMemberProfile',
    tag,
    summary: 'Set rate and visibility of an exclusive member',
    description:
      'The rate needs `profile.rate.update`, the visibility `profile.visibility.update`. Only of exclusive members (G-6); everything else of the profile is the member’s own.',
    access: account,
    params,
    conditional: true,
    body: memberProfileChanges,
    example: { hourlyRate: { amount: 7200, currency: 'EUR' }, visibility: 'marketplace' },
    replies: { 200: profile },
    problems: [...changeProblems, 'not_exclusive'],
    handle: ({ db, actor, params, body, ifMatch }) => updateMemberProfile(db, actor, { ...of(params), ...body, revision: ifMatch }),
    reply: shown
  })
}
