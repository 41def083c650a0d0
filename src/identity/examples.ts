/** Real things, as the documentation shows them. */

export const accountIds = ['account_01k2v5p3e8f5nvx4dz7gq9c1tm', 'account_01k3c7r5t7v9xbd1f3h5k7m9pq'] as const

export const caseExample = {
  id: 'case_01k3c9s7v9xbd1f3h5k7m9pqrt',
  accountIds: [...accountIds],
  newerAccountId: accountIds[1],
  kind: 'ordinary',
  status: 'awaiting_choice',
  origin: 'strong',
  evidenceKinds: ['phone'],
  score: 30,
  keptAccountId: null,
  decidedBy: null,
  decisionReason: null,
  createdAt: '2026-08-23T14:02:11.000Z',
  decidedAt: null
} as const

export const verificationExample = {
  id: 'verification_01k3c9s8x1zfh3k5m7p9r1t3v5',
  accountId: accountIds[1],
  status: 'requested',
  deadline: '2026-09-06T14:02:11.000Z',
  defects: [],
  createdAt: '2026-08-23T14:02:11.000Z',
  submittedAt: null,
  decidedAt: null
} as const
