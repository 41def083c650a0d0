import type { ProblemCode } from '../problems.ts'
import type { Face } from './organizations.ts'

/** What any member may meet who looks at something, and who changes something. */
export const readProblems: ProblemCode[] = ['not_found', 'membership_suspended', 'organization_requires_second_factor']
export const changeProblems: ProblemCode[] = [
  ...readProblems,
  'organization_suspended',
  'organization_banned',
  'organization_restricted',
  'organization_closed'
]

export const tagOf = (face: Face): string => (face.kind === 'company' ? 'Companies' : 'Agencies')
export const basePath = (face: Face): string => `/v1/${face.path}/:${face.kind}Id`
