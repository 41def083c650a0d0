import { catalogue, type ProblemCode } from '../problems.ts'
import { type Blocker, blockerExample } from './blockers.ts'
import type { RouteSpec } from './route.ts'

type Json = Record<string, unknown>

/** Problems as the documentation describes them. */
export const problemSchema = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'A page about this problem.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What happened and what to do.' },
    instance: { type: 'string', description: 'Path of the request.' },
    code: { type: 'string', description: 'Stable; programs decide by it.' },
    requestId: { type: 'string', description: 'Name it to support.' },
    errors: {
      type: 'array',
      description: 'With `invalid_input`: each place that is wrong.',
      items: { type: 'object', required: ['pointer', 'message'], properties: { pointer: { type: 'string' }, message: { type: 'string' } } }
    },
    missingPermissions: {
      type: 'array',
      items: { type: 'string' },
      description: 'With `access_denied` and `own_rights`: what would be needed.'
    },
    violatedPolicies: { type: 'array', items: { type: 'string' }, description: 'With `too_many_requests`: the limits that were reached.' },
    blockers: {
      type: 'array',
      description: 'With a refusal by a guard: all that stands in the way.',
      items: { $ref: '#/components/schemas/Blocker' }
    },
    currentContact: {
      type: 'object',
      description: 'With `contact_changed`: the contact as it is now.',
      required: ['memberId', 'accountId', 'contactRevision'],
      properties: {
        memberId: { type: ['string', 'null'], description: 'Null once the contract is closed.' },
        accountId: { type: 'string' },
        contactRevision: { type: 'integer' }
      }
    },
    currentParticipants: {
      type: 'object',
      description: 'With `participants_changed`: who takes part now.',
      required: ['participantsRevision', 'participants'],
      properties: {
        participantsRevision: { type: 'integer' },
        participants: {
          type: 'array',
          items: {
            type: 'object',
            required: ['accountId', 'memberId', 'level'],
            properties: {
              accountId: { type: 'string' },
              memberId: { type: ['string', 'null'] },
              level: { type: ['string', 'null'], description: 'Of coworkers.' }
            }
          }
        }
      }
    },
    ways: {
      type: 'array',
      description:
        'With `invitation_email_mismatch`, and with `reauthentication_required` in a session in doubt: what the person can do, each with the call where there is one.',
      items: {
        type: 'object',
        required: ['code'],
        properties: {
          code: { type: 'string' },
          resolve: {
            type: 'object',
            required: ['method', 'href'],
            properties: { method: { type: 'string' }, href: { type: 'string' }, body: { type: 'object' } }
          }
        }
      }
    },
    reason: { type: 'string', description: 'Why, where a code has several reasons.' },
    remedy: { type: 'string', description: 'How to put it right.' },
    appealUrl: { type: 'string', format: 'uri', description: 'Opens an appeal without signing in.' },
    because: {
      enum: ['moved', 'shared'],
      description:
        'With `reauthentication_required`: the session went on from another device in another place, or the login is in use on two devices in two places at once. Absent when the sign-in is just too old.'
    },
    maxAgeSeconds: { type: 'integer', description: 'With `reauthentication_required`: how old a sign-in may be.' }
  }
}

const company = '/v1/companies/company_01k2v6a1c9f7vts0m5w2r8hq4n'
const agency = '/v1/agencies/agency_01k2v6b3d1h2rkz4p0x7c5nq8w'
const member = 'member_01k2v6c5e7g9jbm1q3s5v7x9z1'
const anotherMember = { memberId: '<another member>' }
const blocked = (blocker: Blocker): Json => ({ blockers: [blocker] })

/** What a refusal says beside what all say. */
const exampleExtensions: Partial<Record<ProblemCode, Json>> = {
  invalid_input: { errors: [{ pointer: '/email', message: 'is missing' }] },
  access_denied: { missingPermissions: ['member.remove'] },
  own_rights: { missingPermissions: ['billing.manage'] },
  not_eligible_owner: { reason: 'under_enforcement' },
  contact_changed: {
    currentContact: { memberId: member, accountId: 'account_01k2v5p9h4m2s6t8w0x1y3z5a8', contactRevision: 2 }
  },
  participants_changed: {
    currentParticipants: {
      participantsRevision: 2,
      participants: [{ accountId: 'account_01k2v5p9h4m2s6t8w0x1y3z5a8', memberId: member, level: 'full' }]
    }
  },
  owner_must_transfer: blocked({
    code: 'owner_must_transfer',
    resource: member,
    label: 'Ownership of the organization',
    resolve: { method: 'POST', href: `${company}/ownership-transfer`, body: anotherMember }
  }),
  contact_on_active_contracts: blocked({
    code: 'contact_on_active_contracts',
    resource: 'contract-7731',
    label: 'Contract contract-7731 in team Design',
    resolve: { method: 'PUT', href: `${company}/contracts/contract-7731/contact`, ifMatch: '"1"', body: anotherMember }
  }),
  active_agency_work: blocked({
    code: 'active_agency_work',
    resource: 'proposal-12',
    label: 'Proposal proposal-12 (open)',
    resolve: { service: 'proposals' }
  }),
  independent_work_active: blocked(blockerExample),
  exclusive_elsewhere: blocked({
    code: 'exclusive_elsewhere',
    resource: agency.slice('/v1/agencies/'.length),
    label: 'Membership in Brandt & Friends',
    resolve: { method: 'DELETE', href: `${agency}/members/${member}` }
  }),
  role_in_use: blocked({
    code: 'role_in_use',
    resource: member,
    label: 'Hana Horáková',
    resolve: { method: 'PATCH', href: `${company}/members/${member}/roles`, body: { grants: [{ role: 'recruiter' }] } }
  }),
  too_many_requests: { violatedPolicies: ['write'] },
  password_refused: { reason: 'too_short' },
  email_invalid: { reason: 'quoted' },
  reauthentication_required: {
    maxAgeSeconds: 600,
    because: 'shared',
    ways: [
      { code: 'reauthenticate', resolve: { method: 'POST', href: '/v1/me/reauthentication', body: { password: '<your password>' } } },
      {
        code: 'invite_the_other_person',
        resolve: { method: 'POST', href: `${company}/invitations`, body: { email: "<the other person's address>" } }
      },
      { code: 'end_other_sessions', resolve: { method: 'DELETE', href: '/v1/me/sessions' } }
    ]
  },
  closure_blocked: { blockers: [blockerExample] },
  invitation_email_mismatch: {
    ways: [
      { code: 'sign_in_as_another', resolve: { method: 'POST', href: '/v1/sessions' } },
      { code: 'add_address', resolve: { method: 'POST', href: '/v1/me/emails', body: { email: '<the invited address>' } } },
      { code: 'ask_for_new_invitation' }
    ]
  },
  account_suspended: {
    reason: 'identity_unclear',
    remedy: 'Verify your identity.',
    appealUrl: 'https://app.example/appeal#token=account_01k2v5p3e8f5nvx4dz7gq9c1tm.1790000000.c2lnbmF0dXJl'
  },
  account_banned: {
    reason: 'fraud',
    remedy: 'none',
    appealUrl: 'https://app.example/appeal#token=account_01k2v5p3e8f5nvx4dz7gq9c1tm.1790000000.c2lnbmF0dXJl'
  }
}

/** A problem as such a route would answer it. */
export function problemExample(code: ProblemCode, { path, access }: RouteSpec, publicUrl: string): Json {
  const { status, title, help } = catalogue[code]
  const scope = code === 'access_denied' && access.kind === 'service' ? { missingPermissions: [access.scope] } : {}
  return {
    type: `${publicUrl}/problems/${code}`,
    title,
    status,
    detail: help,
    instance: path,
    code,
    requestId: '0f8fad5b-d9cb-469f-a165-70867728950e',
    ...exampleExtensions[code],
    ...scope
  }
}
