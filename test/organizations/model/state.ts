import { builtInRoles } from '../../../src/permissions/roles.ts'

/** What companies are like in memory: small enough to be seen to be right, and made without the service's own decisions. */

export interface Grant {
  role: string
  /** Index of a team; null is the whole company. */
  team: number | null
}

export interface MemberState {
  status: 'active' | 'suspended'
  teams: Set<number>
  grants: Grant[]
}

export interface ContractState {
  team: number
  contact: number
  active: boolean
  version: number
  revision: number
}

export interface CompanyState {
  owner: number
  /** By index of the person. */
  members: Map<number, MemberState>
  /** Hidden or not; the first is the default team. */
  teams: boolean[]
  contracts: Map<number, ContractState>
  offeredTo: number | undefined
}

export const companyState = (owner: number): CompanyState => ({
  owner,
  members: new Map([[owner, { status: 'active', teams: new Set([0]), grants: [] }]]),
  teams: [false],
  contracts: new Map(),
  offeredTo: undefined
})

export const sameGrant = (a: Grant, b: Grant): boolean => a.role === b.role && a.team === b.team
const gives = (role: string, permission: string): boolean => builtInRoles.company[role]!.permissions.some((key) => key === permission)
const covers = (grant: Grant, team: number | null): boolean => grant.team === null || grant.team === team

/** By roles alone. */
export const holds = (company: CompanyState, person: number, grants: Grant[], permission: string, team: number | null): boolean =>
  company.owner === person || grants.some((grant) => covers(grant, team) && gives(grant.role, permission))

/** An active member with a role that gives it. */
export function can(company: CompanyState, person: number, permission: string, team: number | null = null): boolean {
  const member = company.members.get(person)
  return member?.status === 'active' && holds(company, person, member.grants, permission, team)
}

/** K-2 of somebody as they would be. */
export const eligible = (company: CompanyState, person: number, team: number, member = company.members.get(person)): boolean =>
  member !== undefined &&
  member.status === 'active' &&
  !company.teams[team] &&
  holds(company, person, member.grants, 'contract.contact', team)

export const contractsOf = (company: CompanyState, person: number): ContractState[] =>
  [...company.contracts.values()].filter(({ active, contact }) => active && contact === person)

/** K-1: every active contract keeps its contact when the person becomes what is given; in no team that they leave. */
export const keepsContacts = (company: CompanyState, person: number, after: MemberState | undefined, left?: number): boolean =>
  contractsOf(company, person).every(({ team }) => after && team !== left && eligible(company, person, team, after))

export const wholeAdmin = (member: MemberState): boolean => member.grants.some(({ role, team }) => role === 'admin' && team === null)

/** C-5: whether roles give somebody anything that they lack, anywhere. */
export function raises(company: CompanyState, person: number, before: Grant[], after: Grant[]): boolean {
  const scopes = [null, ...company.teams.keys()]
  return after.some(({ role }) =>
    builtInRoles.company[role]!.permissions.some((permission) =>
      scopes.some(
        (team) =>
          permission !== 'company.read' &&
          holds(company, person, after, permission, team) &&
          !holds(company, person, before, permission, team)
      )
    )
  )
}
