import type { FastifyInstance } from 'fastify'
import { addRoute } from '../http/route.ts'
import type { Parts } from '../parts.ts'
import { shutOut } from '../sessions/appellant.ts'
import { exportPersonalData } from './export.ts'
import { personalDataExample } from './export-example.ts'
import { personalDataSchema, presentPersonalData } from './export-schemas.ts'
import { tag } from './schemas.ts'

/** All that is kept of the person, for them. */
export function exportRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/me/export',
    operationId: 'exportPersonalData',
    tag,
    summary: 'All data about oneself',
    description:
      'Everything that is kept of the person as one JSON document, as of one moment (P-16): account, addresses, sign-ins, profile, memberships now and before, invitations, requests, work as far as it is known here, kinds of evidence, verifications, decisions and appeals, and the history of the account. No secrets, no fingerprints, no notes of operators, and of other people nothing that the person does not see anyway. Whoever is suspended or banned gets it with the signed link of their appeal, as the bearer token. That it was asked for is kept in the history.',
    access: shutOut(parts),
    limits: ['export'],
    replies: {
      200: {
        description: 'The data, to be kept as a file.',
        schema: personalDataSchema,
        example: personalDataExample,
        headers: { 'Content-Disposition': 'The name of the file.' }
      }
    },
    handle: ({ actor }) => exportPersonalData(parts, actor),
    reply: (data) => ({
      status: 200,
      body: presentPersonalData(data),
      headers: { 'content-disposition': 'attachment; filename="guildhall-personal-data.json"' }
    })
  })
}
