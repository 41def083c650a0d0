import t from 'tap'
import type { Decision as Answer, Resource } from '../../client/src/index.ts'
import { evaluateAll } from '../../src/access/evaluate.ts'
import { system } from '../../src/actor.ts'
import { type IdKind, parseId } from '../../src/http/ids.ts'
import { may, readAsMember } from '../../src/organizations/change.ts'
import { faceOf } from '../../src/organizations/organizations.ts'
import type { OrganizationKind } from '../../src/organizations/tables.ts'
import type { ResourceType } from '../../src/permissions/answer.ts'
import { permissionsOfKind } from '../../src/permissions/catalogue.ts'
import { builtInRoles } from '../../src/permissions/roles.ts'
import { askingService, type Decision, type Entity } from '../support/access.ts'
import { clientOf } from '../support/client.ts'
import { contractServices } from '../support/contracts.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { byHand, type Cell, meanings } from '../support/role-tables.ts'
import { long, openWorld, type Person } from '../support/world.ts'

/**
 * The role tables, asked through every way there is to ask: somebody with each role, about the organization, the team of the role and another. One
 * instance keeps facts, the other keeps none.
 */

const world = await openWorld(t, { instances: 2, each: [{}, { FACT_CACHE_ENTRIES: 0 }] })
const { freelance, found, join, team, send, ok } = organizations(world)
const { post, batch, search, question, service } = await askingService(world)
const { add: addContract } = await contractServices(world)
const freelancer = await world.person('Finn')
const consumer = await world.service('consumer', ['access.evaluate', 'events.read'])

/** Somebody of the tables: what they are, and what their answers are by hand, for the three places. */
interface Role {
  name: string
  person: Person
  memberId: string
  expected: (permission: string) => string
}

interface Stage {
  kind: OrganizationKind
  place: Place
  places: Entity[]
  cast: Role[]
}

const grids = { company: byHand('company'), agency: byHand('agency') }
const cell = (kind: OrganizationKind, permission: string, role: string): Cell => grids[kind][permission]![role] as Cell
/** What either of two allows. */
const either = (one: string, other: string): string => [...one].map((digit, index) => (digit === '1' ? '1' : other[index])).join('')

async function set(kind: OrganizationKind): Promise<Stage> {
  const owner = await world.person(`Olga-${kind}`)
  if (kind === 'agency') await freelance(owner)
  const place = await found(owner, kind)
  const teamId = await team(place, 'Design')
  const otherTeamId = await team(place, 'Print')
  const add = async (role: string, grant: 'whole' | 'team' | 'exclusive'): Promise<Role> => {
    const name = `${role} ${grant}`
    const person = await world.person(`${role}-${grant}`, { email: `${role}.${grant}.${kind}@example.com` })
    if (role === 'freelancer') await freelance(person)
    const grants = [grant === 'team' ? { role, teamId } : { role }]
    const memberId = await join(place, person, grants, grant === 'exclusive' ? { exclusive: true } : {})
    return { name, person, memberId, expected: (permission) => meanings[cell(kind, permission, role)][grant] }
  }
  // The founder of an agency is a freelancer of it as well (G-1).
  const owns: Role = {
    name: 'owner',
    person: owner,
    memberId: place.memberId,
    expected: (permission) =>
      either(
        meanings[cell(kind, permission, 'owner')].whole,
        kind === 'agency' ? meanings[cell(kind, permission, 'freelancer')].whole : '000'
      )
  }
  const cast = [owns]
  for (const [role, { teams }] of Object.entries(builtInRoles[kind])) {
    cast.push(await add(role, 'whole'))
    if (teams) cast.push(await add(role, 'team'))
  }
  if (kind === 'agency') cast.push(await add('freelancer', 'exclusive'))
  return { kind, place, places: [{ type: kind, id: place.id }, ...[teamId, otherTeamId].map((id) => ({ type: 'team', id }))], cast }
}

const stages = [await set('company'), await set('agency')]

/** The whole table as one way of asking answers it: `role permission` → a digit for each place. */
type Answers = Record<string, string>
const table = (stage: Stage, allowed: (role: Role, permission: string, place: Entity, index: number) => boolean): Answers =>
  Object.fromEntries(
    stage.cast.flatMap((role) =>
      permissionsOfKind(stage.kind).map((permission) => [
        `${role.name} ${permission}`,
        stage.places.map((place, index) => (allowed(role, permission, place, index) ? '1' : '0')).join('')
      ])
    )
  )
const byTable = (stage: Stage): Answers => table(stage, (role, permission, _, index) => role.expected(permission)[index] === '1')
/** Everything that is asked at once, as a set of words. */
async function words(asked: Array<Promise<string[]>>): Promise<Set<string>> {
  return new Set((await Promise.all(asked)).flat())
}

for (const stage of stages) {
  const { kind, cast, places, place } = stage
  const expected = byTable(stage)
  const all = permissionsOfKind(kind)

  t.test(`Q-1: a batch of ${kind} answers as the tables do`, async (t) => {
    const answers = new Map<string, Decision[]>()
    for (const { name, person } of cast) {
      const evaluations = places.flatMap((resource) => all.map((name) => ({ action: { name }, resource })))
      answers.set(name, await batch({ subject: { type: 'account', id: person.accountId }, evaluations }))
    }
    t.strictSame(
      table(
        stage,
        ({ name }, permission, _, index) => answers.get(name)![index * all.length + (all as string[]).indexOf(permission)]!.decision
      ),
      expected
    )
  })

  if (kind === 'company')
    t.test('Q-1: contracts answer as the teams do that they lie in, in a batch and in searches', async (t) => {
      const inTeams = ['contract-1', 'contract-2'].map((id) => ({ type: 'contract', id }))
      const [one, two] = places.slice(1)
      for (const [{ id }, { id: teamId }] of [
        [inTeams[0]!, one!],
        [inTeams[1]!, two!]
      ] as const)
        await addContract(id, place, place.owner, freelancer, { teamId })
      for (const { name, person, expected } of cast) {
        const subject = { type: 'account', id: person.accountId }
        const evaluations = inTeams.flatMap((resource) => all.map((name) => ({ action: { name }, resource })))
        const answers = (await batch({ subject, evaluations })).map(({ decision }) => Number(decision))
        const found = await Promise.all(inTeams.map((resource) => search('action', { subject, resource })))
        for (const [index, permission] of all.entries()) {
          const wanted = expected(permission).slice(1)
          t.equal(`${answers[index]}${answers[all.length + index]}`, wanted, `${name} ${permission}`)
          t.equal(found.map((names) => Number(names.includes(permission))).join(''), wanted, `${name} ${permission}, searched`)
        }
      }
      const who = await search('subject', { subject: { type: 'account' }, action: { name: 'contract.manage' }, resource: inTeams[1]! })
      t.strictSame(
        who,
        cast
          .filter(({ expected }) => expected('contract.manage')[2] === '1')
          .map(({ person }) => person.accountId)
          .sort()
      )
    })

  t.test(`Q-1: single questions of ${kind} answer the same, and say why`, async (t) => {
    // A part of the table for each role: all of it is asked in batches, which are compared with single questions elsewhere.
    const part = long ? 4 : 8
    const some = (index: number) => all.filter((_, at) => at % part === index % part)
    for (const [index, role] of cast.entries())
      for (const permission of some(index)) {
        const answers = (await Promise.all(places.map((resource) => post('evaluation', question(role.person, permission, resource))))).map(
          (answer) => answer.json() as Decision
        )
        const name = `${role.name} ${permission}`
        t.equal(answers.map(({ decision }) => Number(decision)).join(''), expected[name], name)
        for (const { decision, context } of answers) t.equal(context.grants.length > 0, decision, `${name}: grants that allow it, or none`)
      }
  })

  t.test(`Q-9: searching who, where and what of ${kind} finds what single questions allow, and nothing else`, async (t) => {
    const who = await words(
      places.flatMap((resource, index) =>
        all.map(async (name) =>
          (await search('subject', { subject: { type: 'account' }, action: { name }, resource }, 4)).map((id) => `${id} ${name} ${index}`)
        )
      )
    )
    t.strictSame(
      table(stage, ({ person }, permission, _, index) => who.has(`${person.accountId} ${permission} ${index}`)),
      expected,
      'who'
    )
    const what = await words(
      cast.flatMap(({ person }) =>
        places.map(async (resource, index) =>
          (await search('action', { subject: { type: 'account', id: person.accountId }, resource })).map(
            (name) => `${person.accountId} ${name} ${index}`
          )
        )
      )
    )
    t.strictSame(
      table(stage, ({ person }, permission, _, index) => what.has(`${person.accountId} ${permission} ${index}`)),
      expected,
      'what'
    )
    // Two questions for each cell: a third of the table for each role, all of it over three roles.
    const third = (role: Role) => all.filter((_, at) => at % 3 === cast.indexOf(role) % 3)
    const where = await words(
      cast.flatMap((role) =>
        third(role).flatMap((name) =>
          [kind, 'team'].map(async (type) => {
            const subject = { type: 'account', id: role.person.accountId }
            return (await search('resource', { subject, action: { name }, resource: { type } })).map((id) => `${subject.id} ${name} ${id}`)
          })
        )
      )
    )
    const found = table(stage, ({ person }, permission, { id }) => where.has(`${person.accountId} ${permission} ${id}`))
    for (const role of cast)
      for (const permission of third(role)) {
        const name = `${role.name} ${permission}`
        t.equal(found[name], expected[name], `where ${name}`)
      }
  })

  t.test(
    `Q-1: what the services of ${kind} themselves hold an act against answers the same, and so do the facts of questions`,
    async (t) => {
      const { db } = world.parts
      for (const { name, person } of cast) {
        const actor = { ...system, kind: 'account', accountId: parseId('account', person.accountId)!, sessionId: '', signInAge: 0 } as const
        const acting = await readAsMember(db, actor, { face: faceOf(kind), organizationId: place.id }, undefined)
        const ids = places.map(({ type, id }) => ({ type: type as ResourceType, id: parseId(type as IdKind, id)! }))
        const questions = all.flatMap((permission) => ids.map((resource) => ({ accountId: actor.accountId, permission, resource })))
        const evaluated = await Promise.all(
          world.allParts.map((parts) => evaluateAll(parts, questions, { full: false, atLeast: undefined }))
        )
        for (const [index, permission] of all.entries()) {
          const own = ids.map(({ type, id }) => may(acting, permission, type === 'team' ? id : null))
          const named = `${name} ${permission}`
          t.equal(own.map(({ allowed }) => Number(allowed)).join(''), expected[named], named)
          for (const answers of evaluated)
            t.strictSame(
              answers.slice(index * 3, index * 3 + 3).map(({ decision }) => decision),
              own,
              named
            )
        }
      }
    }
  )

  t.test(`Q-1, Q-4: the client of other services answers the same of ${kind}, from its own cache and without one`, async (t) => {
    for (const client of [clientOf(world, consumer), clientOf(world, consumer, { cache: { stream: false, maxStaleMs: 60_000 } })]) {
      for (const time of ['at first', 'again', 'once more']) {
        const answers = new Map<string, Answer[]>()
        for (const { name, person } of cast) {
          const asked = places.flatMap(({ type, id }) =>
            all.map((action) => ({ account: person.accountId, action, resource: { type, id, organization: place.id } as Resource }))
          )
          answers.set(name, await client.mayAll(asked))
        }
        const at = (permission: string, index: number) => index * all.length + (all as string[]).indexOf(permission)
        t.strictSame(
          table(stage, ({ name }, permission, _, index) => answers.get(name)![at(permission, index)]!.allowed),
          expected,
          time
        )
        // Nobody is in the third place, and so no map has shown where that team lies.
        const cached = [...answers.values()].flatMap((each) => each.slice(0, 2 * all.length)).filter(({ cached }) => cached)
        if (client.cacheStats() && time === 'once more') t.equal(cached.length, cast.length * 2 * all.length, 'from its cache')
      }
    }
  })

  t.test(`Q-8: effective permissions of ${kind}, of a member and of a person, are the same`, async (t) => {
    interface Held {
      organization: Array<{ key: string }>
      teams: Array<{ id: string; permissions: Array<{ key: string }> }>
    }
    const ofMember = new Map<string, Held>()
    const ofPerson = new Map<string, Held>()
    const ofPersonUncached = new Map<string, Held>()
    for (const { name, person, memberId } of cast) {
      ofMember.set(name, (await ok(send('GET', `${place.url}/members/${memberId}/permissions`, person))).json())
      for (const [instance, maps] of [ofPerson, ofPersonUncached].entries()) {
        const url = `/v1/accounts/${person.accountId}/permissions?organization=${place.id}`
        const map = (await ok(send('GET', url, service, undefined, instance))).json() as { organizations: Array<Held & { id: string }> }
        t.strictSame(
          map.organizations.map(({ id }) => id),
          [place.id]
        )
        maps.set(name, map.organizations[0]!)
      }
    }
    const holds = ({ organization, teams }: Held, permission: string, { type, id }: Entity): boolean => {
      const has = (list: Array<{ key: string }>) => list.some(({ key }) => key === permission)
      // What holds in the whole organization holds in its teams; more only in teams of the person.
      return has(organization) || (type === 'team' && teams.some((team) => team.id === id && has(team.permissions)))
    }
    for (const [name, held] of Object.entries({ 'of a member': ofMember, 'of a person': ofPerson, 'without a cache': ofPersonUncached }))
      t.strictSame(
        table(stage, (role, permission, place) => holds(held.get(role.name)!, permission, place)),
        expected,
        name
      )
  })
}
