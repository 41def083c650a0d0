import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { isoOrNull } from '../db/moments.ts'
import { etag, matchesNone } from '../http/etags.ts'
import { publicId } from '../http/ids.ts'
import { addRoute, anonymous, service } from '../http/route.ts'
import { sha256 } from '../keyring.ts'
import { publicGrant } from '../organizations/grants.ts'
import type { Parts } from '../parts.ts'
import { ownCapacityPermissions, permissionKeys, permissionOf } from '../permissions/catalogue.ts'
import type { PermissionWithSources } from '../permissions/effective.ts'
import { reasons, reasonsOf } from '../permissions/reasons.ts'
import { headerFreshness } from './asking.ts'
import * as examples from './examples.ts'
import { getPermissionMap, type PermissionMap } from './permission-map.ts'

const tag = 'Permission queries'

const catalogueSchema = z
  .strictObject({
    items: z.array(
      z.strictObject({
        key: z.string(),
        scope: z.enum(['organization', 'team', 'account']).meta({
          description: '`team`: a role for one team gives it there. `account`: asked about oneself only.'
        }),
        kinds: z
          .array(z.enum(['company', 'agency', 'account']))
          .meta({ description: 'What it can be asked about; teams as their organization.' }),
        description: z.string(),
        ownerOnly: z.boolean().meta({ description: 'No role but the owner ever has it.' }),
        newBusiness: z.boolean().meta({ description: 'Denied while the account or the organization is restricted (E-2).' }),
        reasons: z
          .array(z.string())
          .meta({ description: 'The reasons that a decision about it can have, in the order they are looked for.' })
      })
    ),
    reasons: z.array(z.strictObject({ code: z.string(), description: z.string() }))
  })
  .meta({ id: 'PermissionCatalogue' })

/** The catalogue as it is told to everybody: nothing in it is about anybody. */
const catalogueBody: z.output<typeof catalogueSchema> = {
  items: permissionKeys.map((key) => {
    const { kinds, scope, description, owner = false, newBusiness = false } = permissionOf(key)
    const own = ownCapacityPermissions.some((known) => known === key)
    return {
      key,
      scope: kinds.length === 0 ? 'account' : scope,
      kinds: [...kinds, ...(own ? (['account'] as const) : [])],
      description,
      ownerOnly: owner,
      newBusiness,
      reasons: reasonsOf(key)
    }
  }),
  reasons: Object.entries(reasons).map(([code, description]) => ({ code, description }))
}

const held = z.array(
  z.strictObject({ key: z.string(), sources: z.array(z.strictObject({ role: z.string(), teamId: z.string().optional() })) })
)
const mapSchema = z
  .strictObject({
    accountId: z.string(),
    own: held.meta({ description: 'As themselves, with a freelancer profile.' }),
    organizations: z.array(
      z.strictObject({
        id: z.string(),
        kind: z.enum(['company', 'agency']),
        denied: z.string().nullable().meta({ description: 'What denies everything there at present; null otherwise.' }),
        organization: held.meta({ description: 'What holds in the whole organization, and so in every team.' }),
        teams: z
          .array(z.strictObject({ id: z.string(), permissions: held }))
          .meta({ description: 'What holds in each team of the person.' })
      })
    ),
    changesAt: z.iso.datetime({ precision: 3 }).nullable().meta({
      description:
        'When an enforcement on the person or an organization begins or ends by the clock, of which no event tells; null where none does.'
    })
  })
  .meta({ id: 'PermissionMap' })

function presentMap({ accountId, own, organizations, changesAt }: PermissionMap): z.output<typeof mapSchema> {
  const present = (list: PermissionWithSources[]) => list.map(({ key, sources }) => ({ key, sources: sources.map(publicGrant) }))
  return {
    accountId: publicId('account', accountId),
    own: present(own),
    organizations: organizations.map(({ id, kind, denied, organization, teams }) => ({
      id: publicId(kind, id),
      kind,
      denied,
      organization: present(organization),
      teams: teams.map((team) => ({ id: publicId('team', team.id), permissions: present(team.permissions) }))
    })),
    changesAt: isoOrNull(changesAt)
  }
}

/** The catalogue of permissions, and one person's permissions as a whole. */
export function permissionRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/permissions',
    operationId: 'listPermissions',
    tag,
    summary: 'All permissions and reasons',
    description: 'What can be asked, and every reason that an answer can have. Complete, and the same for everybody.',
    access: anonymous,
    limits: 'none',
    replies: {
      200: {
        description: 'The catalogue. May be kept for five minutes.',
        schema: catalogueSchema,
        example: {
          items: catalogueBody.items.filter(({ key }) => key === 'offer.send'),
          reasons: catalogueBody.reasons.filter(({ code }) => code === 'granted')
        }
      }
    },
    handle: async () => catalogueBody,
    reply: (body) => ({ status: 200, body, headers: { 'cache-control': 'public, max-age=300' } })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/accounts/:accountId/permissions',
    operationId: 'getPermissionMap',
    tag,
    summary: 'All that one person may do',
    description:
      'As themselves, and in every company and agency or in the one that `organization` names, with the grants it comes from (Q-8). Complete. With `If-None-Match` the answer is 304 when nothing changed; with `Consistency: full` it is of the present state.',
    access: service('access.evaluate'),
    params: z.strictObject({ accountId: z.string().max(100).meta({ description: 'Id of the account.' }) }),
    query: z.strictObject({
      organization: z.string().max(100).optional().meta({ description: 'Only in this company or agency; one they are not in is left out.' })
    }),
    replies: {
      200: {
        description: 'The permissions.',
        schema: mapSchema,
        example: {
          accountId: examples.subject.id,
          own: [],
          organizations: [
            {
              id: 'company_01k2v6a1c8e6tr9y4v3q7p0n2m',
              kind: 'company',
              denied: null,
              organization: [{ key: 'company.read', sources: [{ role: 'membership' }] }],
              teams: [
                {
                  id: examples.resource.id,
                  permissions: [{ key: 'offer.send', sources: [{ role: 'hiring_manager', teamId: examples.resource.id }] }]
                }
              ]
            }
          ],
          changesAt: null
        },
        headers: { ETag: 'Digest of the permissions.' }
      },
      304: { description: 'Unchanged.' }
    },
    problems: ['not_found'],
    handle: ({ params, query, request, atLeast }) =>
      getPermissionMap(
        parts,
        { accountId: params.accountId, organizationId: query.organization },
        headerFreshness(request.headers.consistency, atLeast)
      ),
    reply(found, { request }) {
      const body = presentMap(found)
      const version = sha256(JSON.stringify(body)).toString('base64url').slice(0, 22)
      return matchesNone(request.headers['if-none-match'], etag(version)) ? { status: 304, version } : { status: 200, version, body }
    }
  })
}
