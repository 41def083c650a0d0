import fc from 'fast-check'
import {
  type CompanyState,
  can,
  contractsOf,
  eligible,
  type Grant,
  keepsContacts,
  type MemberState,
  raises,
  sameGrant,
  wholeAdmin
} from './state.ts'

/** What the commands are carried out with. */
export interface Real {
  /** Carries out a command in the company, answers whether it succeeded. A failure of the service itself throws. */
  run: (company: number, act: Act) => Promise<boolean>
}

/** A command in terms of indices: of people, teams and contracts. */
export type Act =
  | { kind: 'join'; person: number; grants: Grant[] }
  | { kind: 'remove'; actor: number; person: number; successor: number | undefined }
  | { kind: 'roles'; actor: number; person: number; grants: Grant[] }
  | { kind: 'team'; actor: number }
  | { kind: 'hide'; actor: number; team: number; hidden: boolean }
  | { kind: 'addToTeam' | 'takeFromTeam'; actor: number; person: number; team: number }
  | { kind: 'move'; actor: number; person: number; from: number; to: number }
  | { kind: 'suspend' | 'resume'; actor: number; person: number }
  | { kind: 'contract'; contract: number; team: number; contact: number; active: boolean; seen: boolean }
  | { kind: 'contact'; actor: number; contract: number; person: number }
  | { kind: 'offer'; actor: number; person: number }
  | { kind: 'accept' | 'decline' | 'cancel'; actor: number }

/** Whether the model expects an act to succeed; when it does, the model has changed. */
export function expect(company: CompanyState, act: Act): boolean {
  const { members, teams, contracts } = company
  switch (act.kind) {
    case 'join': {
      if (members.has(act.person)) return true
      if (act.grants.some(({ team }) => team !== null && teams[team] !== false)) return false
      const joined: MemberState = { status: 'active', teams: new Set(), grants: unique(act.grants) }
      for (const { team } of act.grants) if (team !== null) joined.teams.add(team)
      if (joined.teams.size === 0) joined.teams.add(0)
      members.set(act.person, joined)
      return true
    }
    case 'remove': {
      const member = members.get(act.person)
      const leaving = act.actor === act.person
      if (!member || !members.has(act.actor)) return false
      if (!leaving && !(can(company, act.actor, 'member.remove') && mayTouch(company, act.actor, act.person))) return false
      const held = contractsOf(company, act.person)
      if (act.successor !== undefined) {
        const { successor } = act
        if (!members.has(successor)) return false
        if (!held.every(({ team }) => can(company, act.actor, 'contract.contact.change', team) && eligible(company, successor, team)))
          return false
      }
      if (act.person === company.owner) return false
      if (held.length > 0 && (act.successor === undefined || act.successor === act.person)) return false
      for (const contract of held) reassign(contract, act.successor!)
      members.delete(act.person)
      if (company.offeredTo === act.person) company.offeredTo = undefined
      return true
    }
    case 'roles': {
      const member = members.get(act.person)
      if (!member || !members.has(act.actor)) return false
      const after = unique(act.grants)
      const added = after.filter((grant) => !member.grants.some((other) => sameGrant(grant, other)))
      const gone = member.grants.filter((grant) => !after.some((other) => sameGrant(grant, other)))
      const scopes: Array<number | null> = [null, ...members.get(act.actor)!.grants.map(({ team }) => team)]
      if (!scopes.some((team) => can(company, act.actor, 'member.roles.update', team))) return false
      if (added.some(({ team }) => team !== null && teams[team] !== false)) return false
      if (![...added, ...gone].every(({ team }) => can(company, act.actor, 'member.roles.update', team))) return false
      if (!mayRegrant(company, act.actor, act.person)) return false
      if (act.person === act.actor && raises(company, act.person, member.grants, after)) return false
      if (!keepsContacts(company, act.person, { ...member, grants: after })) return false
      member.grants = after
      for (const { team } of added) if (team !== null) member.teams.add(team)
      return true
    }
    case 'team':
      if (!can(company, act.actor, 'team.create')) return false
      teams.push(false)
      return true
    case 'hide':
      if (teams[act.team] === undefined || act.actor !== company.owner) return false
      if (act.hidden && !teams[act.team]) {
        if (act.team === 0) return false
        if ([...contracts.values()].some(({ active, team }) => active && team === act.team)) return false
      }
      teams[act.team] = act.hidden
      return true
    case 'addToTeam': {
      const member = members.get(act.person)
      if (!member || teams[act.team] === undefined || !can(company, act.actor, 'member.roles.update', act.team)) return false
      if (member.teams.has(act.team)) return true
      if (teams[act.team] || !mayRegrant(company, act.actor, act.person)) return false
      const grants = unique([...member.grants, { role: 'member', team: act.team }])
      if (act.person === act.actor && raises(company, act.person, member.grants, grants)) return false
      member.teams.add(act.team)
      member.grants = grants
      return true
    }
    case 'takeFromTeam': {
      const member = members.get(act.person)
      if (!member || !can(company, act.actor, 'member.remove', act.team) || !member.teams.has(act.team)) return false
      if (!mayRegrant(company, act.actor, act.person)) return false
      const after = { ...member, grants: member.grants.filter(({ team }) => team !== act.team) }
      if (!keepsContacts(company, act.person, after, act.team)) return false
      member.teams.delete(act.team)
      member.grants = after.grants
      return true
    }
    case 'move': {
      const member = members.get(act.person)
      if (!member || teams[act.from] === undefined || teams[act.to] === undefined) return false
      if (![act.from, act.to].every((team) => can(company, act.actor, 'member.roles.update', team))) return false
      if (!member.teams.has(act.from) || member.teams.has(act.to) || teams[act.to] || !mayRegrant(company, act.actor, act.person))
        return false
      const there = member.grants.filter(({ team }) => team === act.from).map(({ role }) => ({ role, team: act.to }))
      const moved = there.length > 0 ? there : [{ role: 'member', team: act.to }]
      const grants = unique([...member.grants.filter(({ team }) => team !== act.from), ...moved])
      if (act.person === act.actor && raises(company, act.person, member.grants, grants)) return false
      const after = { ...member, grants: member.grants.filter(({ team }) => team !== act.from) }
      if (!keepsContacts(company, act.person, after, act.from)) return false
      member.teams.delete(act.from)
      member.teams.add(act.to)
      member.grants = grants
      return true
    }
    case 'suspend':
    case 'resume': {
      const member = members.get(act.person)
      if (!member || !can(company, act.actor, 'member.remove') || !mayTouch(company, act.actor, act.person)) return false
      const status = act.kind === 'suspend' ? 'suspended' : 'active'
      if (status === 'suspended' && (act.person === company.owner || !keepsContacts(company, act.person, { ...member, status })))
        return false
      member.status = status
      return true
    }
    case 'contract': {
      const known = contracts.get(act.contract)
      if (teams[act.team] === undefined || (act.active && teams[act.team])) return false
      const contact = !known || act.seen ? act.contact : known.contact
      if (act.active && !eligible(company, contact, act.team)) return false
      const revision = known ? known.revision + (contact === known.contact ? 0 : 1) : 1
      contracts.set(act.contract, { team: act.team, contact, active: act.active, version: (known?.version ?? 0) + 1, revision })
      return true
    }
    case 'contact': {
      const contract = contracts.get(act.contract)
      if (!contract?.active || !can(company, act.actor, 'contract.contact.change', contract.team)) return false
      if (!eligible(company, act.person, contract.team)) return false
      reassign(contract, act.person)
      return true
    }
    case 'offer':
      if (act.actor !== company.owner || act.person === company.owner || company.offeredTo !== undefined) return false
      if (members.get(act.person)?.status !== 'active') return false
      company.offeredTo = act.person
      return true
    case 'accept': {
      if (company.offeredTo !== act.actor || members.get(act.actor)?.status !== 'active') return false
      const former = members.get(company.owner)!
      former.grants = unique([...former.grants, { role: 'admin', team: null }, { role: 'hiring_manager', team: null }])
      company.owner = act.actor
      company.offeredTo = undefined
      return true
    }
    case 'decline':
    case 'cancel':
      if (company.offeredTo === undefined || act.actor !== (act.kind === 'cancel' ? company.owner : company.offeredTo)) return false
      company.offeredTo = undefined
      return true
  }
}

function reassign(contract: { contact: number; revision: number }, person: number): void {
  if (contract.contact !== person) contract.revision++
  contract.contact = person
}

/** Nobody acts on an admin of the whole company but who may change roles in all of it. */
const mayTouch = (company: CompanyState, actor: number, person: number): boolean =>
  actor === person || !wholeAdmin(company.members.get(person)!) || can(company, actor, 'member.roles.update')

/** The owner's teams and roles are the owner's own affair. */
const mayRegrant = (company: CompanyState, actor: number, person: number): boolean =>
  mayTouch(company, actor, person) && (person !== company.owner || actor === company.owner)

const unique = (grants: Grant[]): Grant[] => grants.filter((grant, place) => grants.findIndex((other) => sameGrant(grant, other)) === place)

export const people = 6
const person = fc.nat({ max: people - 1 })
// More often than others somebody who may do it.
const actor = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(0, 1) }, { weight: 4, arbitrary: person })
const team = fc.nat({ max: 3 })
const contract = fc.nat({ max: 4 })
const roles = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('hiring_manager', 'admin') },
  { weight: 2, arbitrary: fc.constantFrom('recruiter', 'member') }
)
const grant = fc.oneof(
  fc.record({ role: roles, team: fc.option(team, { nil: null }) }),
  fc.constant<Grant>({ role: 'finance', team: null })
)
const grants = fc.array(grant, { maxLength: 3 })
const admin: Grant[] = [{ role: 'admin', team: null }]
const of = <Kind extends Act['kind'], Rest extends object>(kind: Kind, rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> }) =>
  fc.record({ kind: fc.constant(kind), ...rest } as unknown as {
    [Key in keyof Rest]: fc.Arbitrary<Rest[Key]>
  }) as unknown as fc.Arbitrary<Act>

/** Acts that meet each other often: few people, teams and contracts. */
export const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: of('join', { person, grants }) },
  { weight: 3, arbitrary: of('remove', { actor, person, successor: fc.option(person, { nil: undefined }) }) },
  { weight: 4, arbitrary: of('roles', { actor, person, grants }) },
  // An admin who wants more (C-5).
  {
    weight: 3,
    arbitrary: of('roles', { actor: fc.constant(1), person: fc.constant(1), grants: grants.map((more) => [...admin, ...more]) })
  },
  { weight: 1, arbitrary: of('team', { actor }) },
  { weight: 2, arbitrary: of('hide', { actor, team, hidden: fc.boolean() }) },
  { weight: 2, arbitrary: of('addToTeam', { actor, person, team }) },
  { weight: 2, arbitrary: of('takeFromTeam', { actor, person, team }) },
  { weight: 2, arbitrary: of('move', { actor, person, from: team, to: team }) },
  { weight: 2, arbitrary: of('suspend', { actor, person }) },
  { weight: 1, arbitrary: of('resume', { actor, person }) },
  {
    weight: 6,
    arbitrary: of('contract', {
      contract,
      team,
      contact: person,
      active: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
      seen: fc.boolean()
    })
  },
  { weight: 2, arbitrary: of('contact', { actor, contract, person }) },
  { weight: 2, arbitrary: of('offer', { actor, person }) },
  { weight: 2, arbitrary: of('accept', { actor }) },
  { weight: 1, arbitrary: of('decline', { actor }) },
  { weight: 1, arbitrary: of('cancel', { actor }) }
)

/** How each sequence begins: with a company that has something to lose. */
export const beginning: Act[] = [
  { kind: 'team', actor: 0 },
  { kind: 'join', person: 1, grants: [{ role: 'admin', team: null }] },
  { kind: 'join', person: 2, grants: [{ role: 'hiring_manager', team: 1 }] },
  { kind: 'join', person: 3, grants: [{ role: 'hiring_manager', team: null }] },
  { kind: 'contract', contract: 0, team: 1, contact: 2, active: true, seen: false }
]

/** One act in one of two companies, for fast-check to run in a row with others. */
export class Command implements fc.AsyncCommand<CompanyState[], Real> {
  readonly company: number
  readonly act: Act
  constructor(company: number, act: Act) {
    this.company = company
    this.act = act
  }
  check(): boolean {
    return true
  }
  async run(model: CompanyState[], real: Real): Promise<void> {
    // The model changes first: what the service sees of it is ids, which do not.
    const expected = expect(model[this.company]!, this.act)
    const succeeded = await real.run(this.company, this.act)
    if (succeeded !== expected) throw new Error(`${this.toString()} ${succeeded ? 'succeeded' : 'was refused'}, which it should not`)
  }
  toString(): string {
    return `${JSON.stringify(this.act)} in company ${this.company}`
  }
}
