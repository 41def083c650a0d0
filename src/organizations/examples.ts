/** Answers as the documentation shows them. */

export const companyExample = {
  id: 'company_01k2v6a1c9f7vts0m5w2r8hq4n',
  displayName: 'Okafor Studio',
  legalName: 'Okafor Studio GmbH',
  website: 'https://okafor.example',
  size: '10-49',
  countryCode: 'DE',
  vatNumber: 'DE136695976',
  timeZone: 'Europe/Berlin',
  logoUrl: 'https://okafor.example/logo.png',
  plan: 'business',
  status: 'active',
  enforcement: 'none',
  ownerAccountId: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm',
  defaultTeamId: 'team_01k2v6a1c9f7vts0m5w2r8hq4p',
  securityPolicy: { requireSecondFactor: false },
  createdAt: '2026-08-17T09:40:00.000Z'
} as const

export const agencyExample = {
  id: 'agency_01k2v6b3d1h2rkz4p0x7c5nq8w',
  name: 'Brandt & Friends',
  tagline: 'Maps, books and field guides',
  description: 'Illustrators and cartographers who work as one.',
  skills: ['Illustration', 'Cartography'],
  countryCode: 'DE',
  website: 'https://brandt.example',
  logoUrl: null,
  plan: 'plus',
  status: 'active',
  enforcement: 'none',
  ownerAccountId: 'account_01k2v5p9h4m2s6t8w0x1y3z5a7',
  defaultTeamId: 'team_01k2v6b3d1h2rkz4p0x7c5nq8x',
  securityPolicy: { requireSecondFactor: false },
  createdAt: '2026-08-17T09:50:00.000Z'
} as const

export const teamExample = {
  id: 'team_01k2v6a1c9f7vts0m5w2r8hq4q',
  name: 'Design',
  default: false,
  hidden: false,
  memberCount: 4,
  createdAt: '2026-08-17T10:00:00.000Z'
} as const

export const memberExample = {
  id: 'member_01k2v6c5e7g9jbm1q3s5v7x9z1',
  accountId: 'account_01k2v5p9h4m2s6t8w0x1y3z5a8',
  firstName: 'Hana',
  lastName: 'Horáková',
  email: 'hana@okafor.example',
  status: 'active',
  owner: false,
  source: 'invitation',
  affiliation: null,
  grants: [{ role: 'finance' }, { role: 'hiring_manager', teamId: teamExample.id }],
  teams: [{ id: teamExample.id, name: teamExample.name }],
  endsWhenClear: null,
  joinedAt: '2026-08-17T10:05:00.000Z'
} as const

export const blockerExample = {
  code: 'contact_on_active_contracts',
  resource: 'contract-7731',
  label: 'Contract contract-7731 in team Design',
  resolve: {
    method: 'PUT',
    href: `/v1/companies/${companyExample.id}/contracts/contract-7731/contact`,
    ifMatch: '"1"',
    body: { memberId: '<another member>' }
  }
} as const

export const roleExample = {
  key: 'job_poster',
  name: 'Job poster',
  description: 'Posts jobs, and nothing else.',
  builtIn: false,
  grantable: true,
  teams: true,
  permissions: ['job.post', 'team.read']
} as const

export const transferExample = {
  id: 'transfer_01k2v6d7f9hbjm1q3s5v7x9z1b',
  status: 'offered',
  fromAccountId: companyExample.ownerAccountId,
  toAccountId: memberExample.accountId,
  toMemberId: memberExample.id,
  createdAt: '2026-08-17T11:00:00.000Z',
  expiresAt: '2026-08-24T11:00:00.000Z'
} as const
