import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { account, addRoute, keepADay, operator, service } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { closeOrganization, reopenOrganization } from './closing.ts'
import {
  agencyChanges,
  agencyInput,
  companyChanges,
  companyInput,
  detailsOf,
  organizationReply,
  shownOrganization
} from './detail-schemas.ts'
import { getOrganization, setPlan, updateOrganization } from './details.ts'
import { foundOrganization } from './founding.ts'
import type { Face } from './organizations.ts'
import { basePath, changeProblems, readProblems, tagOf } from './paths.ts'
import { dryRunOf, placeParams, reason } from './schemas.ts'
import { agencyPlans, companyPlans } from './tables.ts'

const closure = z.strictObject({ reason: reason.optional() }).meta({ id: 'Closure' })
const reopening = z.strictObject({ reason }).meta({ id: 'Reopening' })
const planSchemas = {
  company: z.strictObject({ plan: z.enum(companyPlans) }).meta({ id: 'CompanyPlan' }),
  agency: z.strictObject({ plan: z.enum(agencyPlans) }).meta({ id: 'AgencyPlan' })
}
const closureDryRuns = { company: dryRunOf('CompanyClosure', {}), agency: dryRunOf('AgencyClosure', {}) }

/** An organization itself, under one of its two faces. */
export function organizationRoutes(app: FastifyInstance, parts: Parts, face: Face): void {
  const { kind, Name } = face
  const tag = tagOf(face)
  const reply = organizationReply(face)
  const params = placeParams(face)

  if (kind === 'company') {
    addRoute(app, parts, {
      method: 'POST',
      path: '/v1/companies',
      operationId: 'createCompany',
      tag,
      summary: 'Open a company',
      description:
        'Makes the caller its owner and makes its default team, all at once (C-1). A person may own several companies, each fully separate (C-2).',
      access: account,
      limits: ['read', 'write', 'found'],
      body: companyInput,
      example: { displayName: 'Okafor Studio', legalName: 'Okafor Studio GmbH', countryCode: 'DE', timeZone: 'Europe/Berlin' },
      replies: { 201: reply },
      problems: ['account_restricted', 'company_limit'],
      idempotent: keepADay,
      handle: ({ db, actor, body }) => foundOrganization(parts, db, actor, kind, { ...detailsOf(body), name: body.displayName }),
      reply: (organization) => shownOrganization(organization, 201)
    })
  } else {
    addRoute(app, parts, {
      method: 'POST',
      path: '/v1/agencies',
      operationId: 'createAgency',
      tag,
      summary: 'Found an agency',
      description:
        'Needs an active freelancer profile; the founder owns it and is also `freelancer` in it (G-1). A person owns one agency at most (P-4).',
      access: account,
      limits: ['read', 'write', 'found'],
      body: agencyInput,
      example: { name: 'Brandt & Friends', tagline: 'Maps, books and field guides', skills: ['Illustration', 'Cartography'] },
      replies: { 201: reply },
      problems: ['account_restricted', 'agency_limit', 'freelancer_profile_required', 'exclusive_elsewhere'],
      idempotent: keepADay,
      handle: ({ db, actor, body }) => foundOrganization(parts, db, actor, kind, body),
      reply: (organization) => shownOrganization(organization, 201)
    })
  }

  addRoute(app, parts, {
    method: 'GET',
    path: basePath(face),
    operationId: `get${Name}`,
    tag,
    summary: `The ${kind}`,
    description: `For its members (\`${kind}.read\`). To anybody else it is not there (C-3). The ETag is needed to change it.`,
    access: account,
    params,
    replies: { 200: reply },
    problems: readProblems,
    handle: ({ actor, params, atLeast }) => getOrganization(parts, actor, params, atLeast),
    reply: (organization) => shownOrganization(organization)
  })

  addRoute(app, parts, {
    method: 'PATCH',
    path: basePath(face),
    operationId: `update${Name}`,
    tag,
    summary: `Change the ${kind}`,
    description: `Changes the given details and no other; null empties one. Needs \`${kind}.update\`. Who requires a second factor of all members must have one (S-7).`,
    access: account,
    params,
    conditional: true,
    body: kind === 'company' ? companyChanges : agencyChanges,
    example: kind === 'company' ? { displayName: 'Okafor & Co', size: '50-249' } : { tagline: 'Maps and field guides' },
    replies: { 200: reply },
    problems: [...changeProblems, 'totp_not_enabled'],
    handle: ({ db, actor, params, body, ifMatch }) =>
      updateOrganization(db, actor, { ...params, revision: ifMatch, changes: detailsOf(body as Parameters<typeof detailsOf>[0]) }),
    reply: (organization) => shownOrganization(organization)
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${basePath(face)}/closure`,
    operationId: `close${Name}`,
    tag,
    summary: `Close the ${kind}`,
    description: `Only the owner may (\`${kind}.close\`), with a sign-in within the last ten minutes (S-8). Refused while contracts are active${
      kind === 'agency' ? ' or proposals open (G-4)' : ' (K-7)'
    }: \`blockers\` lists them. Everything stays to be looked at; an operator can open it again.`,
    access: account,
    params,
    dryRun: true,
    body: closure,
    example: { reason: 'We merged with another company.' },
    replies: {
      200: { ...reply, schema: z.union([reply.schema, closureDryRuns[kind]]), description: `The closed ${kind}, or what a dry run found.` }
    },
    problems: [...changeProblems, 'reauthentication_required', kind === 'company' ? 'contact_on_active_contracts' : 'active_agency_work'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body, dryRun }) => closeOrganization(parts, db, actor, { ...params, ...body, dryRun }),
    reply: ({ organization, blockers }, { dryRun }) =>
      dryRun ? { status: 200, body: { dryRun: true, blockers } } : shownOrganization(organization)
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${basePath(face)}/reopening`,
    operationId: `reopen${Name}`,
    tag,
    summary: `Open a closed ${kind} again`,
    description:
      kind === 'company'
        ? 'For operators. Members, teams and roles are as they were.'
        : 'For operators. Members, teams and roles are as they were, but nobody is exclusive any more (G-2), and who has no freelancer profile now is no freelancer in it (G-1).',
    access: operator,
    params,
    body: reopening,
    example: { reason: 'Closed by mistake; the owner asked for it by phone.' },
    replies: { 200: reply },
    problems: [
      'not_found',
      'conflict',
      ...(kind === 'agency' ? (['agency_limit', 'freelancer_profile_required', 'exclusive_elsewhere'] as const) : [])
    ],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => reopenOrganization(db, actor, { ...params, ...body }),
    reply: (organization) => shownOrganization(organization)
  })

  addRoute(app, parts, {
    method: 'PUT',
    path: `${basePath(face)}/plan`,
    operationId: `set${Name}Plan`,
    tag,
    summary: `Set the plan of the ${kind}`,
    description:
      'For the service that sells plans; the same twice is the same. A downgrade takes nothing away, only new ones are refused (C-9).',
    access: service('plans.write'),
    params,
    body: planSchemas[kind],
    example: { plan: 'plus' },
    replies: { 200: reply },
    problems: ['not_found'],
    handle: ({ db, actor, params, body }) => setPlan(db, actor, { ...params, plan: body.plan }),
    reply: (organization) => shownOrganization(organization)
  })
}
