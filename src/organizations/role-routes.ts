import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { account, addRoute, keepADay } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { createRole, deleteRole, getRole, listRoles, type RoleView, updateRole } from './custom-roles.ts'
import { roleExample } from './examples.ts'
import type { Face } from './organizations.ts'
import { basePath, changeProblems, readProblems, tagOf } from './paths.ts'
import { dryRunOf, placeParams, presentRole, roleChanges, roleInput, roleSchema } from './schemas.ts'

const reply = { description: 'The role.', schema: roleSchema, example: roleExample, headers: { ETag: 'Version of the role.' } }
const shown = (role: RoleView, status = 200) => ({ status, version: role.revision, body: presentRole(role) })
const dryRunReply = dryRunOf('RolePreview', {})

/** Roles of a company or agency; companies make their own. */
export function roleRoutes(app: FastifyInstance, parts: Parts, face: Face): void {
  const { kind, Name } = face
  const tag = tagOf(face)
  const list = `${basePath(face)}/roles`

  addRoute(app, parts, {
    method: 'GET',
    path: list,
    operationId: `list${Name}Roles`,
    tag,
    summary: 'Roles',
    description: `Built-in roles${kind === 'company' ? " and the company's own" : ''}, with their permissions. For every member.`,
    access: account,
    params: placeParams(face),
    replies: {
      200: {
        description: 'All roles.',
        schema: z.strictObject({ items: z.array(roleSchema) }).meta({ id: 'Roles' }),
        example: { items: [roleExample] }
      }
    },
    problems: readProblems,
    handle: ({ actor, params, atLeast }) => listRoles(parts, actor, params, atLeast),
    reply: (roles) => ({ status: 200, body: { items: roles.map(presentRole) } })
  })

  if (kind !== 'company') return
  const params = placeParams(face)
  const ofRole = placeParams(face, 'key')

  addRoute(app, parts, {
    method: 'POST',
    path: list,
    operationId: 'createRole',
    tag,
    summary: 'Make a custom role',
    description:
      "Of any permissions but the owner's own: `company.close`, `ownership.transfer`, `team.hide`. Needs `member.roles.update` and a plan with custom roles (C-9).",
    access: account,
    params,
    body: roleInput,
    example: {
      key: 'job_poster',
      name: 'Job poster',
      description: 'Posts jobs, and nothing else.',
      permissions: ['job.post', 'team.read']
    },
    replies: { 201: reply },
    problems: [...changeProblems, 'plan_upgrade_required', 'limit_reached', 'role_exists'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => createRole(parts, db, actor, { ...body, companyId: params.organizationId }),
    reply: (role) => shown(role, 201)
  })

  addRoute(app, parts, {
    method: 'GET',
    path: `${list}/:key`,
    operationId: `get${Name}Role`,
    tag,
    summary: 'One role',
    description: 'Built-in or custom. The ETag is needed to change a custom one.',
    access: account,
    params: ofRole,
    replies: { 200: reply },
    problems: readProblems,
    handle: ({ actor, params, atLeast }) => getRole(parts, actor, params, atLeast),
    reply: (role) => shown(role)
  })

  addRoute(app, parts, {
    method: 'PATCH',
    path: `${list}/:key`,
    operationId: 'updateRole',
    tag,
    summary: 'Change a custom role',
    description:
      'For everybody who has it, at once. Nobody raises their own rights that way (C-5), and no contact of an active contract loses the right to be it (K-1).',
    access: account,
    params: ofRole,
    conditional: true,
    dryRun: true,
    body: roleChanges,
    example: { permissions: ['job.post', 'team.read', 'talent.invite'] },
    replies: { 200: { ...reply, schema: z.union([roleSchema, dryRunReply]), description: 'The role, or what a dry run found.' } },
    problems: [...changeProblems, 'own_rights', 'contact_on_active_contracts'],
    handle: ({ db, actor, params, body, ifMatch, dryRun }) =>
      updateRole(db, actor, { ...body, companyId: params.organizationId, key: params.key, revision: ifMatch, dryRun }),
    reply: ({ role, blockers }, { dryRun }) => (dryRun ? { status: 200, body: { dryRun: true, blockers } } : shown(role))
  })

  addRoute(app, parts, {
    method: 'DELETE',
    path: `${list}/:key`,
    operationId: 'deleteRole',
    tag,
    summary: 'Delete a custom role',
    description: 'One that nobody has; `blockers` lists who does, each with the call that takes it away.',
    access: account,
    params: ofRole,
    dryRun: true,
    replies: {
      200: { description: 'Dry run: who has the role.', schema: dryRunReply, example: { dryRun: true, blockers: [] } },
      204: { description: 'Deleted.' }
    },
    problems: [...changeProblems, 'role_in_use'],
    handle: ({ db, actor, params, dryRun }) => deleteRole(db, actor, { companyId: params.organizationId, key: params.key, dryRun }),
    reply: (blockers, { dryRun }) => (dryRun ? { status: 200, body: { dryRun: true, blockers } } : { status: 204 })
  })
}
