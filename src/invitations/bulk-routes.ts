import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { account, addRoute, keepADay } from '../http/route.ts'
import { faultsOf } from '../http/validation.ts'
import type { Face } from '../organizations/organizations.ts'
import { basePath, changeProblems } from '../organizations/paths.ts'
import { placeParams } from '../organizations/schemas.ts'
import type { Parts } from '../parts.ts'
import { Problem, refuse } from '../problems.ts'
import { readInvitationsCsv } from './bulk-csv.ts'
import { invitationExample, linkExample } from './examples.ts'
import { createInvitations, type ListedRow } from './inviting.ts'
import type { Wanted } from './judging.ts'
import { invitationInput, outcomesSchema, presentOutcomes, wantedOf } from './schemas.ts'

const most = 50

/** Many invitations in one call, as JSON or as a table (N-7). */
export function bulkInvitationRoutes(app: FastifyInstance, parts: Parts, face: Face): void {
  const { kind, Name } = face
  const input = invitationInput[kind]
  const json = z
    .strictObject({
      invitations: z.array(input).min(1).max(most).optional(),
      csv: z.string().min(1).optional().meta({ description: 'The table as text, instead of `invitations`.' })
    })
    .refine(({ invitations, csv }) => (invitations === undefined) !== (csv === undefined), 'needs either `invitations` or `csv`')
    .meta({ id: kind === 'company' ? 'Invitations' : 'AgencyInvitations' })

  /** Rows of a table are held against the same schema; what is wrong with one is its own outcome. */
  function rowOf(row: unknown): Wanted | Problem {
    try {
      const read = input.safeParse(row)
      return read.success ? wantedOf(read.data) : refuse('invalid_input', { extensions: { errors: faultsOf(read.error, '') } })
    } catch (error) {
      if (error instanceof Problem) return error
      throw error
    }
  }

  function rowsOf(body: z.output<typeof json>): ListedRow[] {
    const given = body.csv === undefined ? (body.invitations ?? []) : readInvitationsCsv(body.csv, most)
    if (given.length === 0) throw refuse('csv_invalid', { detail: 'There is no row below the header.' })
    if (given.length > most)
      throw refuse('csv_invalid', {
        detail: `At most ${most} rows go in one call. Send the rest in further ones.`
      })
    return given.map((row) => ({ email: row.email, row: rowOf(row) }))
  }

  addRoute(app, parts, {
    method: 'POST',
    path: `${basePath(face)}/invitations/bulk`,
    operationId: `invite${Name}Members`,
    tag: kind === 'company' ? 'Companies' : 'Agencies',
    summary: 'Invite up to fifty people',
    description:
      'Each row has its own outcome, so one that is refused keeps none of the others back (N-7). Sending the same list again is safe: whoever is invited already is not invited twice. ' +
      'As JSON, or as CSV (RFC 4180) in UTF-8 whose first line names columns out of `email`, `role`, `teamId`, `message`, `expiresInDays`, `locale`, `affiliation`. Needs `member.invite`.',
    access: account,
    params: placeParams(face),
    consumes: ['application/json', 'text/csv'],
    bodyLimit: 262_144,
    body: json,
    example: {
      invitations: [
        { email: 'hana@okafor.example', grants: [{ role: kind === 'company' ? 'recruiter' : 'business_manager' }] },
        { email: 'max@okafor.example' }
      ]
    },
    replies: {
      200: {
        description: 'What became of each row.',
        schema: outcomesSchema,
        example: {
          invited: 1,
          refused: 1,
          items: [
            {
              row: 1,
              email: 'hana@okafor.example',
              outcome: 'invited',
              invitation: { ...invitationExample, delivery: 'queued', link: linkExample }
            },
            {
              row: 2,
              email: 'max@okafor.example',
              outcome: 'refused',
              problem: {
                code: 'already_member',
                status: 409,
                title: 'This person is a member already',
                detail: 'Everybody is a member of an organization once.'
              }
            }
          ]
        }
      }
    },
    problems: [...changeProblems, 'account_restricted', 'csv_invalid'],
    idempotent: keepADay,
    handle: ({ db, actor, params, body }) => createInvitations(parts, db, actor, { ...params, list: () => rowsOf(body) }),
    reply: (rows) => ({ status: 200, body: presentOutcomes(parts.config, rows) })
  })
}
