import { parseId } from '../../src/http/ids.ts'
import { askingService, type Entity } from './access.ts'
import { contractServices } from './contracts.ts'
import { messaging } from './conversations.ts'
import { inForce } from './enforcement.ts'
import { organizations } from './organizations.ts'
import type { Person, World } from './world.ts'

const names = ['Olga', 'Ada', 'Hana', 'Remy', 'Max', 'Otto', 'Bea', 'Finn', 'Fay', 'Sam'] as const

/**
 * A company and an agency to ask about: Hana hires in Design and is contact of a contract, Remy recruits in Print, Max is a member; Otto owns the
 * agency, where Bea manages the business of Finn, and of Fay, who is exclusive. Sam is in neither.
 */
export async function accessStage(world: World) {
  const org = organizations(world)
  const people = {} as Record<(typeof names)[number], Person>
  for (const name of names) people[name] = await world.person(name)
  const { Olga, Ada, Hana, Remy, Max, Otto, Bea, Finn, Fay } = people
  for (const person of [Otto, Bea, Finn, Fay, Hana]) await org.freelance(person)

  const company = await org.found(Olga)
  const design = await org.team(company, 'Design')
  const print = await org.team(company, 'Print')
  const poster = { key: 'poster', name: 'Poster', description: 'Posts.', permissions: ['job.post'] }
  await org.ok(org.send('POST', `${company.url}/roles`, Olga, poster))
  await org.join(company, Ada, [{ role: 'admin' }])
  const agency = await org.found(Otto, 'agency')
  const maps = await org.team(agency, 'Maps')
  const members = {
    Hana: await org.join(company, Hana, [{ role: 'hiring_manager', teamId: design }]),
    Remy: await org.join(company, Remy, [{ role: 'recruiter', teamId: print }]),
    Max: await org.join(company, Max, [{ role: 'member' }]),
    Bea: await org.join(agency, Bea, [{ role: 'business_manager' }]),
    Finn: await org.join(agency, Finn, [{ role: 'freelancer' }]),
    Fay: await org.join(agency, Fay, [{ role: 'freelancer', teamId: maps }], { exclusive: true })
  }
  const { add: addContract } = await contractServices(world)
  await addContract('contract-1', company, Hana, Finn, { teamId: design })
  const { add: addConversation, part } = await messaging(world)
  await addConversation('conversation-1', company, [part(Hana, 'full'), part(Max, 'recruiter'), part(Finn)], { teamId: design })
  await addConversation('conversation-2', company, [part(Remy, 'recruiter')])

  /** Sets a column for as long as the work takes. */
  async function meanwhile(table: string, set: string, id: string, work: () => Promise<unknown>): Promise<void> {
    const [column] = set.split(' ') as [string]
    const [row] = await world.sql<{ was: unknown }>(`select ${column} as was from ${table} where id = $1`, [id])
    await world.sql(`update ${table} set ${set} where id = $1`, [id])
    await world.settled()
    await work()
    await world.sql(`update ${table} set ${column} = $2 where id = $1`, [id, row!.was])
    await world.settled()
  }

  /** Has this kind of enforcement in force for as long as the work takes; what suspends ends the sessions of a person for good. */
  async function under(kind: string, table: 'accounts' | 'organizations', id: string, work: () => Promise<unknown>): Promise<void> {
    await world.sql(`update ${table} set ${inForce(kind)} where id = $1`, [id])
    await world.settled()
    await work()
    await world.sql(`update ${table} set ${inForce('none')} where id = $1`, [id])
    await world.settled()
  }

  const entity = (type: string, id: string): Entity => ({ type, id })
  return {
    ...org,
    ...(await askingService(world)),
    people,
    members,
    company,
    agency,
    design,
    maps,
    whole: entity('company', company.id),
    inDesign: entity('team', design),
    inPrint: entity('team', print),
    theAgency: entity('agency', agency.id),
    meanwhile,
    under,
    idOf: (person: Person): string => parseId('account', person.accountId)!
  }
}
