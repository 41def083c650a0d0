import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { foreignId } from '../http/foreign-ids.ts'
import type { IdKind } from '../http/ids.ts'
import { nextLink, pageOf, pageQuery } from '../http/pages.ts'
import { referenceOf } from '../http/references.ts'
import { account, addRoute, service } from '../http/route.ts'
import { changeProblems } from '../organizations/paths.ts'
import type { Parts } from '../parts.ts'
import { changeContact, listContracts } from './contacts.ts'
import { putContract } from './contracts.ts'
import { putProposal } from './proposals.ts'
import {
  contractExample,
  contractInput,
  contractSchema,
  presentContract,
  presentProposal,
  proposalInput,
  proposalSchema
} from './schemas.ts'

const tag = 'Contracts and proposals'
const applied = z.boolean().meta({ description: 'False when a newer version is known: nothing was changed.' })
const contractApplied = z.strictObject({ applied, contract: contractSchema }).meta({ id: 'ContractApplied' })
const proposalApplied = z.strictObject({ applied, proposal: proposalSchema }).meta({ id: 'ProposalApplied' })
const companyId = z.string().min(1).max(100).meta({ description: 'TypeID of the company.' })
const contractFilters = pageQuery.extend({
  status: z.enum(['active', 'closed']).optional().meta({ description: 'Only active or only closed contracts.' }),
  contact: z.string().max(100).optional().meta({ description: 'Contracts of which this member is contact.' })
})

function optionalReference(kind: IdKind, property: string, id: string | undefined): Record<string, string> {
  return id === undefined ? {} : { [property]: referenceOf(kind, property, id) }
}

/** What the contract and proposal services tell, and the contacts that companies decide about. */
export function contractRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, parts, {
    method: 'PUT',
    path: '/v1/contracts/:contractId',
    operationId: 'putContract',
    tag,
    summary: 'Tell the state of a contract',
    description:
      'From the contract service, versioned (K-5): older versions are not applied, the same one twice is the same, and the same version with another body is refused. ' +
      'The contact of a known contract changes only with the current `contactRevision`. While the contract is active its contact is an active member who may be contact in the team (K-2).',
    access: service('contracts.write'),
    params: z.strictObject({ contractId: foreignId('contract') }),
    body: contractInput,
    example: {
      version: 3,
      companyId: contractExample.companyId,
      teamId: contractExample.teamId,
      contactAccountId: contractExample.contactAccountId,
      freelancerAccountId: contractExample.freelancerAccountId,
      status: 'active'
    },
    replies: {
      200: {
        description: 'The contract as it is known now.',
        schema: contractApplied,
        example: { applied: true, contract: contractExample }
      }
    },
    problems: [
      'version_conflict',
      'contact_changed',
      'not_eligible_contact',
      'unknown_reference',
      'unknown_team',
      'team_hidden',
      'organization_closed'
    ],
    handle: ({ db, actor, params, body }) =>
      putContract(db, actor, params.contractId, {
        version: body.version,
        contactRevision: body.contactRevision,
        status: body.status,
        companyId: referenceOf('company', 'companyId', body.companyId),
        teamId: referenceOf('team', 'teamId', body.teamId),
        contactAccountId: referenceOf('account', 'contactAccountId', body.contactAccountId),
        freelancerAccountId: referenceOf('account', 'freelancerAccountId', body.freelancerAccountId),
        ...optionalReference('agency', 'agencyId', body.agencyId),
        ...optionalReference('account', 'businessManagerAccountId', body.businessManagerAccountId)
      }),
    reply: ({ applied, contract }) => ({ status: 200, body: { applied, contract: presentContract(contract) } })
  })

  addRoute(app, parts, {
    method: 'PUT',
    path: '/v1/proposals/:proposalId',
    operationId: 'putProposal',
    tag,
    summary: 'Tell the state of a proposal',
    description:
      'From the proposal service, versioned as contracts are. Open and archived proposals through an agency keep their freelancer in it (G-4).',
    access: service('proposals.write'),
    params: z.strictObject({ proposalId: foreignId('proposal') }),
    body: proposalInput,
    example: { version: 1, accountId: contractExample.freelancerAccountId, status: 'open' },
    replies: {
      200: {
        description: 'The proposal as it is known now.',
        schema: proposalApplied,
        example: {
          applied: true,
          proposal: { id: 'proposal-12', version: 1, accountId: contractExample.freelancerAccountId, agencyId: null, status: 'open' }
        }
      }
    },
    problems: ['version_conflict', 'unknown_reference'],
    handle: ({ db, actor, params, body }) =>
      putProposal(db, actor, params.proposalId, {
        version: body.version,
        status: body.status,
        accountId: referenceOf('account', 'accountId', body.accountId),
        ...optionalReference('agency', 'agencyId', body.agencyId)
      }),
    reply: ({ applied, proposal }) => ({ status: 200, body: { applied, proposal: presentProposal(proposal) } })
  })

  addRoute(app, parts, {
    method: 'GET',
    path: '/v1/companies/:companyId/contracts',
    operationId: 'listContracts',
    tag,
    summary: 'Contracts and their contacts',
    description: 'Of the teams in which the caller may change contacts (`contract.contact.change`), by id.',
    access: account,
    params: z.strictObject({ companyId }),
    query: contractFilters,
    replies: {
      200: {
        description: 'A page of contracts.',
        schema: pageOf(contractSchema),
        example: { items: [contractExample], nextCursor: null },
        headers: { Link: 'The next page, as `rel="next"`.' }
      }
    },
    problems: [...changeProblems, 'malformed_cursor'],
    handle: ({ actor, params, query, atLeast }) => listContracts(parts, actor, { ...params, ...query }, atLeast),
    reply: ({ items, nextCursor }, { query, request }) => ({
      status: 200,
      body: { items: items.map(presentContract), nextCursor },
      headers: nextLink(request.url.split('?')[0]!, query, nextCursor)
    })
  })

  addRoute(app, parts, {
    method: 'PUT',
    path: '/v1/companies/:companyId/contracts/:contractId/contact',
    operationId: 'changeContact',
    tag,
    summary: 'Name another contact person',
    description:
      "Needs `contract.contact.change` in the contract's team, and the `contactRevision` that was seen as `If-Match`. The new contact is an active member who may be contact there (K-2); the former one can be removed at once (K-4).",
    access: account,
    params: z.strictObject({ companyId, contractId: foreignId('contract') }),
    conditional: true,
    body: z.strictObject({ memberId: z.string().min(1).max(100).meta({ description: 'The new contact.' }) }).meta({ id: 'ContactChange' }),
    example: { memberId: contractExample.contactMemberId },
    replies: {
      200: { description: 'The contract.', schema: contractSchema, example: contractExample, headers: { ETag: 'Revision of the contact.' } }
    },
    problems: [...changeProblems, 'not_eligible_contact', 'conflict'],
    handle: ({ db, actor, params, body, ifMatch }) => changeContact(db, actor, { ...params, ...body, revision: ifMatch }),
    reply: (contract) => ({ status: 200, version: contract.contactRevision, body: presentContract(contract) })
  })
}
