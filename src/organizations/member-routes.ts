import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { etag, matchesNone } from '../http/etags.ts'
import { publicId } from '../http/ids.ts'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { account, addRoute, keepADay } from '../http/route.ts'
import { line } from '../http/text.ts'
import { sha256 } from '../keyring.ts'
import type { Parts } from '../parts.ts'
import type { ProblemCode } from '../problems.ts'
import { memberExample, teamExample } from './examples.ts'
import { grantsOf, publicGrant } from './grants.ts'
import { getMember, getMemberPermissions, listMembers, type MemberPermissions } from './member-list.ts'
import { changeRoles } from './member-roles.ts'
import type { Face } from './organizations.ts'
import { basePath, changeProblems, readProblems, tagOf } from './paths.ts'
import { dryRunOf, memberReply, memberSchema, placeParams, presentMember, rolesInput, shownMember } from './schemas.ts'
import { membershipSources } from './tables.ts'
import { moveMember } from './team-members.ts'

const filters = pageQuery.extend({
  team: z.string().max(100).optional().meta({ description: 'Members of this team.' }),
  role: line(1, 40).optional().meta({ description: 'Who has this role, anywhere in the organization; `owner` too.' }),
  status: z.enum(['active', 'suspended']).optional().meta({ description: 'Only active or only suspended members.' }),
  source: z.enum(membershipSources).optional().meta({ description: 'How they became members.' }),
  text: line(1, 100).optional().meta({ description: 'Words of the name, or the beginning of the email address.' })
})

const source = z.strictObject({ role: z.string(), teamId: z.string().optional() })
const held = z.array(z.strictObject({ key: z.string(), sources: z.array(source) }))
const permissionsSchema = z
  .strictObject({
    memberId: z.string(),
    accountId: z.string(),
    denied: z
      .string()
      .nullable()
      .meta({ description: 'What denies everything at present, such as `membership_suspended`; null otherwise.' }),
    organization: held.meta({ description: 'What holds in the whole organization.' }),
    teams: z
      .array(z.strictObject({ id: z.string(), name: z.string(), permissions: held }))
      .meta({ description: 'What holds in each team of the member.' })
  })
  .meta({ id: 'MemberPermissions' })

function presentPermissions({ member, denied, organization, teams }: MemberPermissions): z.output<typeof permissionsSchema> {
  const present = (list: MemberPermissions['organization']) =>
    list.map(({ key, sources }) => ({
      key,
      sources: sources.map(publicGrant)
    }))
  return {
    memberId: publicId('member', member.id),
    accountId: publicId('account', member.accountId),
    denied,
    organization: present(organization),
    teams: teams.map(({ id, name, permissions }) => ({ id: publicId('team', id), name, permissions: present(permissions) }))
  }
}

const rolesDryRun = dryRunOf('MemberRolesPreview', { added: z.array(source), removed: z.array(source) })
const memberDryRun = dryRunOf('MemberPreview', {})
const move = z.strictObject({ fromTeamId: z.string().max(100), toTeamId: z.string().max(100) }).meta({ id: 'Move' })

/** Members of a company or agency: lists, what they may do, their roles, moving between teams. */
export function memberRoutes(app: FastifyInstance, parts: Parts, face: Face): void {
  const { kind, Name } = face
  const tag = tagOf(face)
  const list = `${basePath(face)}/members`
  const one = `${list}/:memberId`
  const params = placeParams(face)
  const ofMember = placeParams(face, 'memberId')
  const contactGuard: ProblemCode[] = kind === 'company' ? ['contact_on_active_contracts'] : []

  addRoute(app, parts, {
    method: 'GET',
    path: list,
    operationId: `list${Name}Members`,
    tag,
    summary: 'Members',
    description:
      'In the order they joined. Who may see members in some teams only gets the members of those teams. Filters are combined; needs `member.read`.',
    access: account,
    params,
    query: filters,
    replies: {
      200: {
        description: 'A page of members.',
        schema: pageOf(memberSchema),
        example: { items: [memberExample], nextCursor: null },
        headers: { Link: 'The next page, as `rel="next"`.' }
      }
    },
    problems: [...readProblems, 'malformed_cursor'],
    handle: ({ actor, params, query: { team, ...query }, atLeast }) =>
      listMembers(parts, actor, { ...params, ...query, teamId: team }, atLeast),
    reply: ({ items, nextCursor }, { query, request }) => ({
      status: 200,
      body: { items: items.map(presentMember), nextCursor },
      headers: nextLink(request.url.split('?')[0]!, query, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: one,
    operationId: `get${Name}Member`,
    tag,
    summary: 'One member',
    description:
      'With teams and every role, for who may see them (`member.read`) and for themselves. The ETag is needed to change the roles.',
    access: account,
    params: ofMember,
    replies: { 200: memberReply },
    problems: readProblems,
    handle: ({ actor, params, atLeast }) => getMember(parts, actor, params, atLeast),
    reply: ({ member }) => shownMember(member)
  })

  addRoute(app, parts, {
    method: 'GET',
    path: `${one}/permissions`,
    operationId: `get${Name}MemberPermissions`,
    tag,
    summary: 'What a member may do, and why',
    description:
      'Effective permissions with the grants they come from (Q-8), for who may see the member and for themselves. With `If-None-Match` the answer is 304 when nothing changed.',
    access: account,
    params: ofMember,
    replies: {
      200: {
        description: 'The permissions.',
        schema: permissionsSchema,
        example: {
          memberId: memberExample.id,
          accountId: memberExample.accountId,
          denied: null,
          organization: [{ key: 'billing.manage', sources: [{ role: 'finance' }] }],
          teams: [
            {
              id: teamExample.id,
              name: teamExample.name,
              permissions: [{ key: 'offer.send', sources: [{ role: 'hiring_manager', teamId: teamExample.id }] }]
            }
          ]
        },
        headers: { ETag: 'Digest of the permissions.' }
      },
      304: { description: 'Unchanged.' }
    },
    problems: readProblems,
    handle: ({ actor, params, atLeast }) => getMemberPermissions(parts, actor, params, atLeast),
    reply(found, { request }) {
      const body = presentPermissions(found)
      const version = sha256(JSON.stringify(body)).toString('base64url').slice(0, 22)
      return matchesNone(request.headers['if-none-match'], etag(version)) ? { status: 304, version } : { status: 200, version, body }
    }
  })

  addRoute(app, parts, {
    method: 'PATCH',
    path: `${one}/roles`,
    operationId: `change${Name}MemberRoles`,
    tag,
    summary: 'Change the roles of a member',
    description:
      'The given grants become all that the member has; a grant for a team puts them into it. Each grant that comes or goes needs `member.roles.update` in its scope. ' +
      'Nobody raises their own rights (C-5)' +
      (kind === 'company'
        ? ', and the contact of an active contract keeps the right to be it (K-1).'
        : ', and `freelancer` needs a freelancer profile (G-1).'),
    access: account,
    params: ofMember,
    conditional: true,
    dryRun: true,
    body: rolesInput,
    example: { grants: [{ role: kind === 'company' ? 'recruiter' : 'business_manager' }] },
    replies: {
      200: { ...memberReply, schema: z.union([memberSchema, rolesDryRun]), description: 'The member, or what a dry run found.' }
    },
    problems: [
      ...changeProblems,
      ...contactGuard,
      'own_rights',
      'plan_upgrade_required',
      'unknown_role',
      'unknown_team',
      'team_hidden',
      'role_scope_invalid',
      ...(kind === 'agency' ? (['freelancer_profile_required'] as const) : [])
    ],
    handle: ({ db, actor, params, body, ifMatch, dryRun }) =>
      changeRoles(parts, db, actor, { ...params, revision: ifMatch, grants: grantsOf(body.grants), dryRun }),
    reply({ member, added, removed, blockers }, { dryRun }) {
      if (!dryRun) return shownMember(member)
      return { status: 200, body: { dryRun: true, blockers, added: added.map(publicGrant), removed: removed.map(publicGrant) } }
    }
  })

  addRoute(app, parts, {
    method: 'POST',
    path: `${one}/move`,
    operationId: `move${Name}Member`,
    tag,
    summary: 'Move a member to another team',
    description: 'With the roles of the team they leave, in one transaction (C-14). Needs `member.roles.update` in both teams.',
    access: account,
    params: ofMember,
    dryRun: true,
    body: move,
    example: { fromTeamId: teamExample.id, toTeamId: 'team_01k2v6a1c9f7vts0m5w2r8hq4r' },
    replies: {
      200: { ...memberReply, schema: z.union([memberSchema, memberDryRun]), description: 'The member, or what a dry run found.' }
    },
    problems: [
      ...changeProblems,
      'already_in_team',
      'team_hidden',
      'own_rights',
      ...contactGuard,
      ...(kind === 'agency' ? (['freelancer_profile_required'] as const) : [])
    ],
    idempotent: keepADay,
    handle: ({ db, actor, params, body, dryRun }) => moveMember(db, actor, { ...params, ...body, dryRun }),
    reply: ({ member, blockers }, { dryRun }) => (dryRun ? { status: 200, body: { dryRun: true, blockers } } : shownMember(member))
  })
}
