import type { FastifyInstance } from 'fastify'
import { account, addRoute, keepADay } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import {
  closeFreelancerProfile,
  createFreelancerProfile,
  getFreelancerProfile,
  type ProfileView,
  updateFreelancerProfile
} from './profiles.ts'
import {
  closureExample,
  closureSchema,
  contentExample,
  placeParams,
  presentProfile,
  profileChanges,
  profileExample,
  profileInput,
  profileSchema,
  specialisedChanges,
  specialisedExample,
  specialisedInput
} from './schemas.ts'
import { addSpecialisedProfile, removeSpecialisedProfile, updateSpecialisedProfile } from './specialised.ts'

const path = '/v1/me/profiles/freelancer'
const tag = 'Freelancer profile'
const whole = {
  description: 'The whole profile.',
  schema: profileSchema,
  example: profileExample,
  headers: { ETag: 'Version of the whole profile.' }
}
const shown = (status: number) => (profile: ProfileView) => ({ status, version: profile.revision, body: presentProfile(profile) })

/** The signed-in person's own freelancer capacity. */
export function profileRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path,
    operationId: 'createFreelancerProfile',
    tag,
    summary: 'Become a freelancer',
    description:
      'Adds the freelancer profile to the account; no second account is needed (P-4). A closed one is opened again with the new data and the specialised profiles it had. Refused while one is open.',
    access: account,
    body: profileInput,
    example: contentExample,
    replies: { 201: { ...whole, description: 'The profile, open.' } },
    problems: ['profile_limit'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => createFreelancerProfile(db, actor, body),
    reply: shown(201)
  })

  addRoute(app, parts, {
    method: 'GET',
    path,
    operationId: 'getFreelancerProfile',
    tag,
    summary: 'Own freelancer profile',
    description: 'The open profile with its specialised ones. The ETag is needed to change it.',
    access: account,
    replies: { 200: whole },
    problems: ['not_found'],
    handle: ({ db, actor }) => getFreelancerProfile(db, actor.accountId),
    reply: shown(200)
  })

  addRoute(app, parts, {
    method: 'PATCH',
    path,
    operationId: 'updateFreelancerProfile',
    tag,
    summary: 'Change the freelancer profile',
    description: 'Changes the given fields and no other; `hourlyRate: null` takes the rate away. Needs the ETag that was seen last.',
    access: account,
    conditional: true,
    body: profileChanges,
    example: { hourlyRate: { amount: 7000, currency: 'EUR' }, visibility: 'public' },
    replies: { 200: whole },
    problems: ['not_found'],
    handle: ({ db, actor, body, ifMatch }) => updateFreelancerProfile(db, actor, ifMatch, body),
    reply: shown(200)
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path,
    operationId: 'closeFreelancerProfile',
    tag,
    summary: 'Close the freelancer profile',
    description:
      'Closes this capacity; the account and all else of it stay (P-15), and so do the data, until it is opened again. Refused while a contract is active, a proposal is open or archived, or an agency needs the profile: one that the account owns, or is `freelancer` in. With `dryRun=true` the answer is what would be in the way.',
    access: account,
    dryRun: true,
    replies: {
      200: { description: 'Dry run: what is in the way.', schema: closureSchema, example: closureExample },
      204: { description: 'Closed.' }
    },
    problems: ['not_found', 'closure_blocked'],
    handle: ({ db, actor, dryRun }) => closeFreelancerProfile(db, actor, dryRun),
    reply: (blockers, { dryRun }) => (dryRun ? { status: 200, body: { dryRun: true, blockers } } : { status: 204 })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${path}/specialised`,
    operationId: 'addSpecialisedProfile',
    tag,
    summary: 'Add a specialised profile',
    description: 'Shows the same person for another kind of work, at the first free place. There are two places; a third is refused.',
    access: account,
    body: specialisedInput,
    example: specialisedExample,
    replies: { 201: whole },
    problems: ['not_found', 'profile_limit'],
    idempotent: keepADay,
    handle: ({ db, actor, body }) => addSpecialisedProfile(db, actor, body),
    reply: shown(201)
  })

  addRoute(app, parts, {
    method: 'PATCH',
    path: `${path}/specialised/:place`,
    operationId: 'updateSpecialisedProfile',
    tag,
    summary: 'Change a specialised profile',
    description: 'Changes the given fields and no other. Needs the ETag of the whole profile that was seen last.',
    access: account,
    conditional: true,
    params: placeParams,
    body: specialisedChanges,
    example: { title: 'Illustrator of bird guides' },
    replies: { 200: whole },
    problems: ['not_found'],
    handle: ({ db, actor, params, body, ifMatch }) => updateSpecialisedProfile(db, actor, Number(params.place), ifMatch, body),
    reply: shown(200)
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: `${path}/specialised/:place`,
    operationId: 'removeSpecialisedProfile',
    tag,
    summary: 'Remove a specialised profile',
    description: 'Its data are deleted, and its place is free again. The other one keeps its place.',
    access: account,
    params: placeParams,
    replies: { 204: { description: 'Removed.' } },
    problems: ['not_found'],
    handle: ({ db, actor, params }) => removeSpecialisedProfile(db, actor, Number(params.place)),
    reply: () => ({ status: 204 })
  })
}
