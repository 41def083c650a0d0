import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { account, addRoute } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { contextSchema, presentContext } from './context-schemas.ts'
import { listContexts } from './contexts.ts'
import { companyExample, teamExample } from './examples.ts'

/** The account switcher. */
export function contextRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me/contexts',
    operationId: 'listContexts',
    tag: 'Me',
    summary: 'Whom the person can act as',
    description:
      "The account switcher (S-6): the freelancer's own capacity, each company, each agency, with roles and teams. Closed organizations are left out. Complete, without pages.",
    access: account,
    replies: {
      200: {
        description: 'All contexts.',
        schema: z.strictObject({ items: z.array(contextSchema) }).meta({ id: 'Contexts' }),
        example: {
          items: [
            {
              kind: 'company',
              id: companyExample.id,
              title: companyExample.displayName,
              logoUrl: companyExample.logoUrl,
              status: 'active',
              enforcement: 'none',
              memberId: 'member_01k2v6c5e7g9jbm1q3s5v7x9z0',
              membershipStatus: 'active',
              affiliation: null,
              roles: [{ role: 'owner' }],
              teams: [{ id: teamExample.id, name: teamExample.name }],
              offeredOwnership: false
            }
          ]
        }
      }
    },
    handle: ({ actor }) => listContexts(parts, actor),
    reply: (found) => ({ status: 200, body: { items: found.map(presentContext) } })
  })
}
