import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { account, addRoute, keepADay } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { teamExample } from './examples.ts'
import type { Face } from './organizations.ts'
import { basePath, changeProblems, readProblems, tagOf } from './paths.ts'
import { dryRunOf, flagQuery, memberReply, placeParams, presentTeam, shownMember, teamChanges, teamInput, teamSchema } from './schemas.ts'
import { addTeamMember, removeTeamMember } from './team-members.ts'
import { createTeam, getTeam, listTeams, type Team, updateTeam } from './teams.ts'

const reply = { description: 'The team.', schema: teamSchema, example: teamExample, headers: { ETag: 'Version of the team.' } }
const shown = (team: Team, status = 200) => ({ status, version: team.revision, body: presentTeam(team) })
const dryRunReply = dryRunOf('TeamPreview', {})
const query = pageQuery.extend({ hidden: flagQuery.optional().meta({ description: '`true`: hidden teams too (C-8).' }) })

/** Teams of a company or agency, and who is in them. */
export function teamRoutes(app: FastifyInstance, parts: Parts, face: Face): void {
  const { kind, Name } = face
  const tag = tagOf(face)
  const list = `${basePath(face)}/teams`
  const one = `${list}/:teamId`
  const params = placeParams(face)
  const ofTeam = placeParams(face, 'teamId')
  const inTeam = placeParams(face, 'teamId', 'memberId')
  const contactGuard = kind === 'company' ? (['contact_on_active_contracts'] as const) : []

  addRoute(app, parts, {
    method: 'GET',
    path: list,
    operationId: `list${Name}Teams`,
    tag,
    summary: 'Teams',
    description: 'Those that the caller may see (`team.read`), oldest first; hidden ones only when asked for (C-8).',
    access: account,
    params,
    query,
    replies: {
      200: {
        description: 'A page of teams.',
        schema: pageOf(teamSchema),
        example: { items: [teamExample], nextCursor: null },
        headers: { Link: 'The next page, as `rel="next"`.' }
      }
    },
    problems: [...readProblems, 'malformed_cursor'],
    handle: ({ actor, params, query, atLeast }) =>
      listTeams(parts, actor, { ...params, ...query, hidden: query.hidden === 'true' }, atLeast),
    reply: ({ items, nextCursor }, { query, request }) => ({
      status: 200,
      body: { items: items.map(presentTeam), nextCursor },
      headers: nextLink(request.url.split('?')[0]!, query, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'POST',
    path: list,
    operationId: `create${Name}Team`,
    tag,
    summary: 'Make a team',
    description: 'Needs `team.create`, and room in the plan (C-9). A name is taken once in an organization, whatever its case.',
    access: account,
    params,
    body: teamInput,
    example: { name: 'Design' },
    replies: { 201: reply },
    problems: [...changeProblems, 'plan_upgrade_required', 'limit_reached', 'team_name_taken'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => createTeam(parts, db, actor, { ...params, ...body }),
    reply: (team) => shown(team, 201)
  })

  addRoute(app, parts, {
    method: 'GET',
    path: one,
    operationId: `get${Name}Team`,
    tag,
    summary: 'One team',
    description: 'A hidden one too. Needs `team.read` in it; a team that the caller may not see is 404.',
    access: account,
    params: ofTeam,
    replies: { 200: reply },
    problems: readProblems,
    handle: ({ actor, params, atLeast }) => getTeam(parts, actor, params, atLeast),
    reply: (team) => shown(team)
  })

  addRoute(app, parts, {
    method: 'PATCH',
    path: one,
    operationId: `update${Name}Team`,
    tag,
    summary: 'Rename, hide or show a team',
    description: `Renaming needs \`team.update\`, hiding and showing \`team.hide\`. The default team is never hidden${
      kind === 'company' ? ', and a team with active contracts waits for their end (K-7)' : ''
    }.`,
    access: account,
    params: ofTeam,
    conditional: true,
    dryRun: true,
    body: teamChanges,
    example: { name: 'Brand design' },
    replies: { 200: { ...reply, schema: z.union([teamSchema, dryRunReply]), description: 'The team, or what a dry run found.' } },
    problems: [...changeProblems, 'team_name_taken', 'default_team', ...contactGuard],
    handle: ({ db, actor, params, body, ifMatch, dryRun }) => updateTeam(db, actor, { ...params, ...body, revision: ifMatch, dryRun }),
    reply: ({ team, blockers }, { dryRun }) => (dryRun ? { status: 200, body: { dryRun: true, blockers } } : shown(team))
  })

  addRoute(app, parts, {
    method: 'PUT',
    path: `${one}/members/:memberId`,
    operationId: `add${Name}TeamMember`,
    tag,
    summary: 'Add a member to a team',
    description: `With the role \`${kind === 'company' ? 'member' : 'freelancer'}\` there; other roles are given by changing the member's roles. Adding again changes nothing (C-6). Needs \`member.roles.update\` in the team.`,
    access: account,
    params: inTeam,
    replies: { 200: memberReply },
    problems: [...changeProblems, 'team_hidden', 'own_rights', ...(kind === 'agency' ? (['freelancer_profile_required'] as const) : [])],
    handle: ({ db, actor, params }) => addTeamMember(db, actor, params),
    reply: shownMember
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: `${one}/members/:memberId`,
    operationId: `remove${Name}TeamMember`,
    tag,
    summary: 'Take a member out of a team',
    description: `With the roles they have there; other teams stay (C-7). Needs \`member.remove\` in the team.${
      kind === 'company' ? ' The contact of an active contract of the team stays in it (K-1).' : ''
    }`,
    access: account,
    params: inTeam,
    dryRun: true,
    replies: {
      200: { description: 'Dry run: what would stand in the way.', schema: dryRunReply, example: { dryRun: true, blockers: [] } },
      204: { description: 'Taken out.' }
    },
    problems: [...changeProblems, ...contactGuard],
    handle: ({ db, actor, params, dryRun }) => removeTeamMember(db, actor, { ...params, dryRun }),
    reply: ({ blockers }, { dryRun }) => (dryRun ? { status: 200, body: { dryRun: true, blockers } } : { status: 204 })
  })
}
