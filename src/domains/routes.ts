import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { pathId } from '../http/path-ids.ts'
import { account, addRoute, keepADay } from '../http/route.ts'
import { changeProblems } from '../organizations/paths.ts'
import type { Parts } from '../parts.ts'
import type { ProblemCode } from '../problems.ts'
import { joinableCompanies } from './auto-join.ts'
import { updateDomain } from './auto-join-settings.ts'
import { addDomain, getDomain, listDomains, removeDomain } from './domains.ts'
import type { CompanyDomain } from './find-domain.ts'
import { contestDomain, verifyDomain } from './proofs.ts'
import {
  domainChanges,
  domainExample,
  domainInput,
  domainPreview,
  domainProof,
  domainSchema,
  joinableCompany,
  joinableExample,
  presentDomain,
  presentJoinable
} from './schemas.ts'

const tag = 'Companies'
const list = '/v1/companies/:companyId/domains'
const one = `${list}/:domainId`
const ofCompany = z.strictObject({ companyId: pathId('company') })
const ofDomain = z.strictObject({ companyId: pathId('company'), domainId: pathId('domain') })
const recent = 'Needs `domain.manage`, and a sign-in within the last ten minutes (S-8).'
const reply = { description: 'The domain.', schema: domainSchema, example: domainExample, headers: { ETag: 'Version of the domain.' } }
const shown = (domain: CompanyDomain, status = 200) => ({ status, version: domain.revision, body: presentDomain(domain) })
const proving: ProblemCode[] = [
  ...changeProblems,
  'public_email_domain',
  'domain_not_proven',
  'domain_taken',
  'dns_unavailable',
  'conflict'
]

/** Domains of a company, and who joins by them. */
export function domainRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'POST',
    path: list,
    operationId: 'addDomain',
    tag,
    summary: 'Add an email domain',
    description: `${recent} Until the domain is proven it reserves nothing, for nobody (D-3). Domains of mail providers and those under which anybody can have a name are refused (D-2). Adding it again answers what there is, with a new value for the DNS record when the former one has expired.`,
    access: account,
    params: ofCompany,
    body: domainInput,
    example: { domain: 'okafor.example' },
    replies: { 200: { ...reply, description: 'It was added before.' }, 201: { ...reply, description: 'The domain, not proven yet.' } },
    problems: [...changeProblems, 'reauthentication_required', 'public_email_domain', 'limit_reached'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => addDomain(parts, db, actor, { ...params, ...body }),
    reply: ({ domain, added }) => shown(domain, added ? 201 : 200)
  })

  addRoute(app, parts, {
    method: 'GET',
    path: list,
    operationId: 'listDomains',
    tag,
    summary: 'Email domains',
    description: 'What the company claims, oldest first. Needs `domain.manage`.',
    access: account,
    params: ofCompany,
    query: pageQuery,
    replies: {
      200: {
        description: 'A page of domains.',
        schema: pageOf(domainSchema),
        example: { items: [domainExample], nextCursor: null },
        headers: { Link: 'The next page, as `rel="next"`.' }
      }
    },
    problems: [...changeProblems, 'malformed_cursor'],
    handle: ({ actor, params, query, atLeast }) => listDomains(parts, actor, { ...params, ...query }, atLeast),
    reply: ({ items, nextCursor }, { query, request }) => ({
      status: 200,
      body: { items: items.map(presentDomain), nextCursor },
      headers: nextLink(request.url.split('?')[0]!, query, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: one,
    operationId: 'getDomain',
    tag,
    summary: 'One email domain',
    description: 'Needs `domain.manage`.',
    access: account,
    params: ofDomain,
    replies: { 200: reply },
    problems: changeProblems,
    handle: ({ actor, params, atLeast }) => getDomain(parts, actor, params, atLeast),
    reply: (domain) => shown(domain)
  })

  addRoute(app, parts, {
    method: 'PATCH',
    path: one,
    operationId: 'updateDomain',
    tag,
    summary: 'Set who joins by a domain',
    description: `${recent} Letting people in takes \`member.invite\` for the whole company as well, and a role that the caller may give (N-1). The domain must be proven, for \`automatic\` by DNS (D-5), and nobody may still contest it. A dry run answers how many people with an account could come, and nothing about them.`,
    access: account,
    params: ofDomain,
    conditional: true,
    dryRun: true,
    body: domainChanges,
    example: { mode: 'automatic', defaultRole: 'recruiter', teamIds: ['team_01k2v6a1c9f7vts0m5w2r8hq4q'] },
    replies: { 200: { ...reply, schema: z.union([domainSchema, domainPreview]), description: 'The domain, or what a dry run found.' } },
    problems: [
      ...changeProblems,
      'reauthentication_required',
      'account_restricted',
      'default_role_invalid',
      'unknown_team',
      'team_hidden',
      'team_assignment_forbidden',
      'role_exceeds_inviter',
      'domain_not_proven',
      'domain_on_hold'
    ],
    handle: ({ db, actor, params, body, ifMatch, dryRun }) =>
      updateDomain(parts, db, actor, { ...params, ...body, revision: ifMatch, dryRun }),
    reply: ({ domain, matching }, { dryRun }) => (dryRun ? { status: 200, body: { dryRun: true, matching } } : shown(domain))
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: one,
    operationId: 'removeDomain',
    tag,
    summary: 'Give a domain up',
    description: `${recent} Nobody joins by it any more; members stay. Another company may prove it then.`,
    access: account,
    params: ofDomain,
    replies: { 204: { description: 'Given up.' } },
    problems: [...changeProblems, 'reauthentication_required'],
    handle: ({ db, actor, params }) => removeDomain(parts, db, actor, params),
    reply: () => ({ status: 204 })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${one}/verify`,
    operationId: 'verifyDomain',
    tag,
    summary: 'Prove a domain',
    description:
      'By `affiliation`: the owner or an admin for the whole company has a proven address of their own at exactly this domain. By `dns`: the TXT record of `challenge` is there. ' +
      'A domain belongs to one company (D-3). DNS outranks affiliation (D-1): it takes the domain from a company that has no DNS record of its own. That company is told and may contest for a week unless configured otherwise. Until then nobody joins by the domain, whoever has it by then. ' +
      'Affiliation is enough to offer joining or to let people ask; joining by themselves needs the DNS record (D-5). Proving again looks again, and ends a pause. Needs `domain.manage`; tries are limited for each company.',
    access: account,
    params: ofDomain,
    body: domainProof,
    example: { proof: 'affiliation' },
    replies: { 200: { ...reply, description: 'The domain is proven.' } },
    problems: proving,
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => verifyDomain(parts, db, actor, { ...params, ...body }),
    reply: (domain) => shown(domain)
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${one}/contest`,
    operationId: 'contestDomain',
    tag,
    summary: 'Win a domain back',
    description:
      'For a company that another one has taken the domain from, until `contestUntil`: its own TXT record, with the value that `challenge` has since, brings the domain back (D-1). Whoever won it back keeps it, as long as its own record is there. Needs `domain.manage`.',
    access: account,
    params: ofDomain,
    body: z.strictObject({}),
    example: {},
    replies: { 200: { ...reply, description: 'The domain is proven again.' } },
    problems: [...proving, 'domain_not_contestable'],
    idempotent: keepADay,
    handle: ({ db, actor, params }) => contestDomain(parts, db, actor, params),
    reply: (domain) => shown(domain)
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me/joinable-companies',
    operationId: 'listJoinableCompanies',
    tag: 'Me',
    summary: 'Companies that the person may join',
    description:
      'By their proven addresses at verified domains (D-7): name and logo, and whether an admin has to agree. Never a company that removed them (N-12), nor by addresses that others read too, such as support@. Complete, without pages.',
    access: account,
    replies: {
      200: {
        description: 'All of them.',
        schema: z.strictObject({ items: z.array(joinableCompany) }).meta({ id: 'JoinableCompanies' }),
        example: { items: [joinableExample] }
      }
    },
    handle: ({ actor }) => joinableCompanies(parts.db.query, actor.accountId),
    reply: (found) => ({ status: 200, body: { items: found.map(presentJoinable) } })
  })
}
