import { exportVersion } from './export.ts'

const at = '2026-08-17T09:30:00.000Z'
/** A document that the documentation shows. */
export const personalDataExample = {
  schemaVersion: exportVersion,
  exportedAt: '2026-11-17T09:30:00.000Z',
  account: {
    id: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm',
    status: 'active',
    firstName: 'Olga',
    lastName: 'Okafor',
    countryCode: 'DE',
    intent: 'client',
    locale: 'en',
    enforcement: 'none',
    createdAt: at,
    activatedAt: at,
    closedAt: null
  },
  emails: [{ address: 'olga@example.com', primary: true, verifiedAt: at, createdAt: at, doNotInvite: false }],
  secondFactor: null,
  sessions: [
    {
      id: 'session_01k2v5p3e8f5nvx4dz7gq9c1tm',
      device: 'Firefox on Linux',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0',
      place: '192.0.2.0/24',
      createdAt: at,
      lastUsedAt: at,
      endedAt: null,
      endReason: null
    }
  ],
  sharingSignals: [],
  freelancerProfile: null,
  memberships: [
    {
      id: 'member_01k2v5p3e8f5nvx4dz7gq9c1tm',
      organizationId: 'company_01k2v5p3e8f5nvx4dz7gq9c1tm',
      organization: 'Okafor Studio',
      status: 'active',
      owner: true,
      source: 'founder',
      affiliation: null,
      roles: [],
      teams: [{ id: 'team_01k2v5p3e8f5nvx4dz7gq9c1tm', name: 'General' }],
      joinedAt: at
    }
  ],
  formerMemberships: [],
  ownedOrganizations: [],
  ownershipOffers: [],
  invitationsReceived: [],
  invitationsSent: [],
  joinRequests: [],
  contracts: [
    {
      id: 'c-7731',
      part: 'contact',
      companyId: 'company_01k2v5p3e8f5nvx4dz7gq9c1tm',
      agencyId: null,
      status: 'active',
      updatedAt: at
    }
  ],
  proposals: [],
  conversations: [],
  evidence: [{ kind: 'email', country: null, documentType: null, source: 'email', verifiedAt: at, createdAt: at }],
  identityVerifications: [],
  enforcement: [],
  appeals: [],
  duplicateCases: [],
  history: [{ at, action: 'account.updated', resource: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm', values: { after: { firstName: 'Olga' } } }]
} as const
