import { teamExample } from '../organizations/examples.ts'

/** Answers as the documentation shows them. */

export const invitationExample = {
  id: 'invitation_01k2v6d7f9h1kbn3r5t7w9y1a2',
  email: 'hana@okafor.example',
  status: 'pending',
  grants: [{ role: 'recruiter', teamId: teamExample.id }],
  message: 'Welcome, Hana. You will recruit for Design.',
  locale: 'en',
  affiliation: null,
  inviter: { accountId: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm', name: 'Olga Okafor' },
  delivery: 'sent',
  resends: 0,
  createdAt: '2026-08-17T10:10:00.000Z',
  sentAt: '2026-08-17T10:10:00.000Z',
  expiresAt: '2026-08-24T10:10:00.000Z',
  endedAt: null,
  acceptedBy: null
} as const

export const linkExample = 'https://app.example/invitation#token=ghc_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA'
export const tokenExample = 'ghi_5hY1YJkq0x0H1nTn1gkC8y8m2dQ2e6rVh7mYw3bT0ZsQ1bJ2aA'

export const shownExample = {
  organization: { kind: 'company', name: 'Okafor Studio', logoUrl: null },
  inviter: 'Olga Okafor',
  roles: [{ role: 'recruiter', name: 'Recruiter' }],
  affiliation: null,
  expiresAt: '2026-08-24T10:10:00.000Z'
} as const
