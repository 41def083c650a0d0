import fc from 'fast-check'
import t from 'tap'
import { parseId, publicId } from '../../src/http/ids.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { long, openWorld, type Person } from '../support/world.ts'
import { type Act, acts, beginning, Command, people, type Real } from './model/commands.ts'
import { type CompanyState, companyState } from './model/state.ts'

if (long) t.setTimeout(900_000)
const world = await openWorld(t, { instances: 2, env: { COMPANIES_PER_ACCOUNT: '1000' } })
const { found, join, memberIdOf, send, tagOf } = organizations(world)
const everybody: Person[] = []
for (let number = 0; number < people; number++) everybody.push(await world.person('Max', { email: `person${number}@example.com` }))
const finn = await world.person('Finn')
const contractService = await world.service('contracts', ['contracts.write'])
const personOf = new Map(everybody.map(({ accountId }, index) => [parseId('account', accountId)!, index]))

/** A company of the service, with what the model knows by indices. */
interface RealCompany {
  place: Place
  teams: string[]
  /** Contracts have ids of their own in every run. */
  contractId: (contract: number) => string
  versions: Map<number, number>
}
let runs = 0

async function openCompany(owner: number): Promise<RealCompany> {
  const place = await found(everybody[owner]!)
  const run = runs++
  return { place, teams: [place.defaultTeamId], contractId: (contract) => `c-${run}-${contract}`, versions: new Map() }
}

const unknownTeam = publicId('team', '01900000-0000-7000-8000-000000000000')
const unknownMember = publicId('member', '01900000-0000-7000-8000-000000000000')
let turn = 0

async function carryOut(
  { place, teams, contractId, versions }: RealCompany,
  act: Act
): Promise<{ status: number; body: string; created?: string }> {
  const teamId = (team: number): string => teams[team] ?? unknownTeam
  const grantsOf = (grants: Array<{ role: string; team: number | null }>) =>
    grants.map(({ role, team }) => (team === null ? { role } : { role, teamId: teamId(team) }))
  const memberId = async (person: number): Promise<string> => memberIdOf(place, everybody[person]!).catch(() => unknownMember)
  const instance = turn++
  const call = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, actor: number, payload?: object, headers = {}) => {
    const answer = await send(method, `${place.url}${path}`, { headers: { ...everybody[actor]!.headers, ...headers } }, payload, instance)
    return { status: answer.statusCode, body: answer.body }
  }
  // Who acts need not see the version: what is tried is whether they may change it.
  const ownerNow = async (): Promise<Person> => {
    const [row] = await world.sql<{ owner: string }>('select owner_account_id as owner from organizations where id = $1', [
      parseId('company', place.id)
    ])
    return everybody[personOf.get(row!.owner)!]!
  }
  const ifMatch = async (path: string): Promise<Record<string, string>> => ({
    'if-match': await tagOf(`${place.url}${path}`, await ownerNow()).catch(() => '"1"')
  })
  switch (act.kind) {
    case 'join':
      try {
        await join(place, everybody[act.person]!, grantsOf(act.grants), {}, instance)
        return { status: 200, body: '' }
      } catch (error) {
        return { status: (error as { status?: number }).status ?? 500, body: String(error) }
      }
    case 'remove': {
      const query = act.successor === undefined ? '' : `?reassignContactTo=${await memberId(act.successor)}`
      return call('DELETE', `/members/${await memberId(act.person)}${query}`, act.actor)
    }
    case 'roles': {
      const path = `/members/${await memberId(act.person)}`
      return call('PATCH', `${path}/roles`, act.actor, { grants: grantsOf(act.grants) }, await ifMatch(path))
    }
    case 'team': {
      const made = await call('POST', '/teams', act.actor, { name: `Team ${teams.length}` })
      if (made.status === 201) teams.push((JSON.parse(made.body) as { id: string }).id)
      return made
    }
    case 'hide': {
      const path = `/teams/${teamId(act.team)}`
      return call('PATCH', path, act.actor, { hidden: act.hidden }, await ifMatch(path))
    }
    case 'addToTeam':
      return call('PUT', `/teams/${teamId(act.team)}/members/${await memberId(act.person)}`, act.actor)
    case 'takeFromTeam':
      return call('DELETE', `/teams/${teamId(act.team)}/members/${await memberId(act.person)}`, act.actor)
    case 'move':
      return call('POST', `/members/${await memberId(act.person)}/move`, act.actor, {
        fromTeamId: teamId(act.from),
        toTeamId: teamId(act.to)
      })
    case 'suspend':
      return call('POST', `/members/${await memberId(act.person)}/suspension`, act.actor, {})
    case 'resume':
      return call('DELETE', `/members/${await memberId(act.person)}/suspension`, act.actor)
    case 'contract': {
      const [known] = await world.sql<{ revision: number }>('select contact_revision as revision from contracts where id = $1', [
        contractId(act.contract)
      ])
      const version = (versions.get(act.contract) ?? 0) + 1
      const answer = await send(
        'PUT',
        `/v1/contracts/${contractId(act.contract)}`,
        contractService,
        {
          version,
          companyId: place.id,
          teamId: teamId(act.team),
          contactAccountId: everybody[act.contact]!.accountId,
          freelancerAccountId: finn.accountId,
          status: act.active ? 'active' : 'closed',
          ...(act.seen && known ? { contactRevision: known.revision } : {})
        },
        instance
      )
      if (answer.statusCode === 200) versions.set(act.contract, version)
      return { status: answer.statusCode, body: answer.body }
    }
    case 'contact': {
      const [known] = await world.sql<{ revision: number }>('select contact_revision as revision from contracts where id = $1', [
        contractId(act.contract)
      ])
      const path = `/contracts/${contractId(act.contract)}/contact`
      return call('PUT', path, act.actor, { memberId: await memberId(act.person) }, { 'if-match': `"${known?.revision ?? 1}"` })
    }
    case 'offer':
      return call('POST', '/ownership-transfer', act.actor, { memberId: await memberId(act.person) })
    case 'accept':
      return call('POST', '/ownership-transfer/accept', act.actor, {})
    case 'decline':
      return call('POST', '/ownership-transfer/decline', act.actor, {})
    case 'cancel':
      return call('DELETE', '/ownership-transfer', act.actor)
  }
}

/** The company as the database has it, in the model's own form. */
async function readCompany({ place, teams, contractId }: RealCompany): Promise<object> {
  const id = parseId('company', place.id)
  const team = (uuid: string | null): number | null => (uuid === null ? null : teams.indexOf(publicId('team', uuid)))
  const [company] = await world.sql<{ owner: string }>('select owner_account_id as owner from organizations where id = $1', [id])
  const members = await world.sql<{
    account: string
    status: string
    teams: string[]
    grants: Array<{ role: string; team: string | null }>
  }>(
    `select m.account_id as account, m.status,
       coalesce((select jsonb_agg(team_id) from team_members tm where tm.membership_id = m.id), '[]') as teams,
       coalesce((select jsonb_agg(jsonb_build_object('role', role, 'team', team_id)) from role_grants g where g.membership_id = m.id), '[]') as grants
     from memberships m where m.organization_id = $1`,
    [id]
  )
  const hidden = await world.sql<{ id: string; hidden: boolean }>(
    'select id, hidden_at is not null as hidden from teams where organization_id = $1',
    [id]
  )
  const contracts = await world.sql<{ id: string; team: string; contact: string; active: boolean; version: string; revision: number }>(
    `select id, team_id as team, contact_account_id as contact, status = 'active' as active, version, contact_revision as revision from contracts where company_id = $1`,
    [id]
  )
  const [offer] = await world.sql<{ to: string }>(
    `select to_account_id as to from ownership_transfers where organization_id = $1 and status = 'offered'`,
    [id]
  )
  return shape({
    owner: personOf.get(company!.owner)!,
    members: new Map(
      members.map(({ account, status, teams, grants }) => [
        personOf.get(account)!,
        {
          status,
          teams: new Set(teams.map((uuid) => team(uuid)!)),
          grants: grants.map(({ role, team: uuid }) => ({ role, team: team(uuid) }))
        }
      ])
    ) as CompanyState['members'],
    teams: teams.map((teamId) => hidden.find(({ id }) => publicId('team', id) === teamId)!.hidden),
    contracts: new Map(
      contracts.map(({ id, team: uuid, contact, active, version, revision }) => [
        [0, 1, 2, 3, 4].find((number) => contractId(number) === id)!,
        { team: team(uuid)!, contact: personOf.get(contact)!, active, version: Number(version), revision }
      ])
    ),
    offeredTo: offer && personOf.get(offer.to)
  })
}

/** In an order that does not depend on how it came about. */
function shape(company: CompanyState): object {
  const sorted = <Item>(items: Iterable<Item>): Item[] => [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return {
    ...company,
    offeredTo: company.offeredTo ?? null,
    members: sorted(
      [...company.members].map(([person, { status, teams, grants }]) => ({
        person,
        status,
        teams: sorted(teams),
        grants: sorted(grants.map(({ role, team }) => `${role}@${team}`))
      }))
    ),
    contracts: sorted([...company.contracts].map(([contract, state]) => ({ contract, ...state })))
  }
}

/** What must hold of the database whatever was done, without the model: C-4, C-6, K-1, K-2. */
async function brokenInvariants(): Promise<string[]> {
  const found = await world.sql<{ broken: string }>(`
    select 'an organization without exactly one owner who is an active member' as broken from organizations o
      where (select count(*) from memberships m where m.organization_id = o.id and m.account_id = o.owner_account_id and m.status = 'active') <> 1
    union all select 'a contact who may not be one' from contracts c
      where c.status = 'active' and not exists (
        select from memberships m join organizations o on o.id = m.organization_id
        where m.id = c.contact_membership_id and m.account_id = c.contact_account_id and m.organization_id = c.company_id and m.status = 'active'
          and (o.owner_account_id = m.account_id or exists (select from role_grants g where g.membership_id = m.id
            and g.role = 'hiring_manager' and (g.team_id is null or g.team_id = c.team_id))))
    union all select 'somebody in a team who is no member of its organization' from team_members tm
      where not exists (select from memberships m join teams t on t.organization_id = m.organization_id where m.id = tm.membership_id and t.id = tm.team_id)
    union all select 'a role in a team of somebody who is not in it' from role_grants g
      where g.team_id is not null and not exists (select from team_members tm where tm.team_id = g.team_id and tm.membership_id = g.membership_id)`)
  return found.map(({ broken }) => broken)
}

const commands = fc
  .array(
    fc.tuple(fc.constantFrom(0, 0, 0, 1), acts).map(([company, act]) => new Command(company, act)),
    { minLength: 30, maxLength: 45, size: 'max' }
  )
  .map((commands) => [...beginning.map((act) => new Command(0, act)), ...commands])

/** Handing over is what chance does least often. */
const handingOver: Act[] = [
  { kind: 'offer', actor: 0, person: 1 },
  { kind: 'decline', actor: 1 },
  { kind: 'offer', actor: 0, person: 1 },
  { kind: 'cancel', actor: 0 },
  { kind: 'offer', actor: 0, person: 1 },
  { kind: 'accept', actor: 1 }
]

t.test(
  'C-4, C-5, C-6, C-7, C-13, C-14, K-1, K-2, K-3, K-7, O-2: whatever is done in a row, the service does what the model says',
  async (t) => {
    let done = 0
    let succeeded = 0
    const kinds = new Set<string>()
    const found = await fc.check(
      fc.asyncProperty(commands, async (commands) => {
        const companies = [await openCompany(0), await openCompany(1)]
        const model = [companyState(0), companyState(1)]
        const real: Real = {
          async run(company, act) {
            const { status, body } = await carryOut(companies[company]!, act)
            if (status >= 500) throw new Error(`${JSON.stringify(act)} answered ${status}: ${body}`)
            done++
            if (status < 300) {
              succeeded++
              kinds.add(act.kind)
            }
            const broken = await brokenInvariants()
            if (broken.length > 0) throw new Error(broken.join('; '))
            for (const [index, each] of companies.entries()) {
              const [is, should] = [JSON.stringify(await readCompany(each)), JSON.stringify(shape(model[index]!))]
              if (is !== should) throw new Error(`after ${JSON.stringify(act)} company ${index} is\n${is}\nand should be\n${should}`)
            }
            return status < 300
          }
        }
        await fc.asyncModelRun(() => ({ model, real }), commands)
      }),
      {
        numRuns: long ? 150 : 4,
        endOnFailure: !long,
        ...(long && { examples: [[[...beginning, ...handingOver].map((act) => new Command(0, act))]] })
      }
    )
    const { errorInstance, counterexample } = found
    t.notOk(
      found.failed,
      `${(errorInstance as Error | null)?.message}
${counterexample}`
    )
    t.ok(done >= (long ? 149 : 4) * 30, `${done} acts, ${succeeded} of them succeeded`)
    if (long) t.equal(kinds.size, 16, `every kind of act succeeded at least once: ${[...kinds].sort().join(', ')}`)
  }
)
