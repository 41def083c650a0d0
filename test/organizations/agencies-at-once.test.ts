import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { problemFault } from '../support/problems.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

const world = await openWorld(t, { instances: 2 })
const { send, ok, freelance, found, join } = organizations(world)
const service = await world.service('work', ['contracts.write', 'proposals.write'])

const person = async (name: string): Promise<Person> => {
  const made = await world.person(name)
  await freelance(made)
  return made
}
const [ada, bea, gil, hal, ivo] = [await person('Ada'), await person('Bea'), await person('Gil'), await person('Hal'), await person('Ivo')]
const [jan, kim, lea, mia, ned] = [await person('Jan'), await person('Kim'), await person('Lea'), await person('Mia'), await person('Ned')]
const nord = await found(ada, 'agency')
const sued = await found(bea, 'agency')
const freelancer = [{ role: 'freelancer' }]
const profile = '/v1/me/profiles/freelancer'
const uuidOf = (who: Person) => parseId('account', who.accountId)

interface Part {
  id: string
  agency: string
  affiliation: string
}
/** The memberships of a person in agencies that are open. */
const partsOf = (who: Person) =>
  world.sql<Part>(
    `select m.id, m.organization_id as agency, m.affiliation from memberships m join organizations o on o.id = m.organization_id
      where m.account_id = $1 and m.kind = 'agency' and o.status <> 'closed' order by m.joined_at`,
    [uuidOf(who)]
  )
/** G-2: an exclusive membership is the only one. */
async function invariantFault(who: Person): Promise<string | undefined> {
  const parts = await partsOf(who)
  const exclusive = parts.filter(({ affiliation }) => affiliation === 'exclusive')
  return exclusive.length > 0 && parts.length > 1 ? `exclusive beside ${parts.length - 1} more` : undefined
}
/** What an attempt came to: the value, or the code of the problem. */
const outcome = <T>(attempt: Promise<T>): Promise<{ done?: T; code?: string }> =>
  attempt.then(
    (done) => ({ done }),
    (error: { code?: string }) => ({ code: error.code ?? String(error) })
  )
const codes = (outcomes: Array<{ code?: string }>) => outcomes.map(({ code }) => code ?? 'done').sort()
/** The one or the other first. */
const turned = <T>(round: number, of: T[]): T[] => (round % 2 === 0 ? of : of.toReversed())
const leave = async (who: Person, place: Place, memberId: string) => ok(send('DELETE', `${place.url}/members/${memberId}`, who))
const places = [nord, sued]

t.test('G-2 at once: exclusive in two agencies: in one', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const outcomes = await Promise.all(
      turned(round, places).map((place, instance) => outcome(join(place, gil, freelancer, { exclusive: true }, instance)))
    )
    t.strictSame(codes(outcomes), ['done', 'exclusive_elsewhere'])
    t.equal(await invariantFault(gil), undefined)
    const parts = await partsOf(gil)
    t.strictSame(
      parts.map(({ affiliation }) => affiliation),
      ['exclusive']
    )
    await leave(gil, places.find(({ id }) => parseId('agency', id) === parts[0]!.agency)!, outcomes.find(({ done }) => done)!.done!)
  }
})

t.test('G-2 at once: exclusive in one agency and an ordinary member of another: one of them', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const attempts = [
      (instance: number) => join(nord, hal, freelancer, { exclusive: true }, instance),
      (instance: number) => join(sued, hal, freelancer, {}, instance)
    ]
    const outcomes = await Promise.all(turned(round, attempts).map((attempt, instance) => outcome(attempt(instance))))
    t.strictSame(codes(outcomes), ['done', 'exclusive_elsewhere'])
    t.equal(await invariantFault(hal), undefined)
    const parts = await partsOf(hal)
    t.equal(parts.length, 1)
    await leave(hal, parts[0]!.affiliation === 'exclusive' ? nord : sued, outcomes.find(({ done }) => done)!.done!)
  }
})

t.test('G-2 G-3 at once: exclusivity is accepted in one agency while another is joined: one of them', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const id = await join(nord, ivo, freelancer)
    const one = `${nord.url}/members/${id}/affiliation`
    await ok(send('POST', one, ada, { affiliation: 'exclusive' }))
    const accept = async (instance: number) => {
      const answer = await send('POST', `${one}/accept`, ivo, {}, instance)
      if (answer.statusCode !== 200) throw { code: problemFault(answer, 'exclusive_elsewhere') ?? 'exclusive_elsewhere' }
      return ''
    }
    const joined = (instance: number) => join(sued, ivo, freelancer, {}, instance)
    const outcomes = await Promise.all(turned(round, [accept, joined]).map((attempt, instance) => outcome(attempt(instance))))
    t.strictSame(codes(outcomes), ['done', 'exclusive_elsewhere'])
    t.equal(await invariantFault(ivo), undefined)
    const other = outcomes.find(({ done }) => done)?.done
    t.strictSame(
      (await partsOf(ivo)).map(({ affiliation }) => affiliation),
      other ? ['exclusive_pending', 'non_exclusive'] : ['exclusive']
    )
    if (other) await leave(ivo, sued, other)
    await leave(ivo, nord, id)
  }
})

t.test('G-3 at once: a proposal is accepted and taken back: one of them', async (t) => {
  const id = await join(nord, jan, freelancer)
  const one = `${nord.url}/members/${id}/affiliation`
  for (let round = 0; round < rounds(2); round++) {
    await ok(send('POST', one, ada, { affiliation: 'exclusive' }))
    const attempts = [
      (instance: number) => send('POST', `${one}/accept`, jan, {}, instance),
      (instance: number) => send('DELETE', one, ada, undefined, instance)
    ]
    const answers = await Promise.all(turned(round, attempts).map((attempt, instance) => attempt(instance)))
    const refused = answers.filter(({ statusCode }) => statusCode >= 300)
    t.equal(refused.length, 1)
    t.equal(problemFault(refused[0]!, 'affiliation_not_pending'), undefined)
    const accepted = answers.some(({ statusCode }) => statusCode === 200)
    t.strictSame(
      (await partsOf(jan)).map(({ affiliation }) => affiliation),
      [accepted ? 'exclusive' : 'non_exclusive']
    )
    if (accepted) await ok(send('POST', one, ada, { affiliation: 'non_exclusive' }))
  }
})

t.test('P-4 at once: agencies are founded: one is', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const answers = await Promise.all(
      [0, 1, 0, 1].map((instance) => send('POST', '/v1/agencies', kim, { name: `Studio ${instance}` }, instance))
    )
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, 409, 409, 409])
    for (const answer of answers.filter(({ statusCode }) => statusCode === 409)) t.equal(problemFault(answer, 'agency_limit'), undefined)
    const owned = await world.sql("select from organizations where owner_account_id = $1 and kind = 'agency' and status <> 'closed'", [
      uuidOf(kim)
    ])
    t.equal(owned.length, 1)
    t.equal((await partsOf(kim)).length, 1, 'nothing is left of the others')
    await ok(send('POST', `/v1/agencies/${answers.find(({ statusCode }) => statusCode === 201)!.json().id}/closure`, kim, {}))
  }
})

t.test('G-2 P-4 at once: an agency is founded while the founder becomes exclusive in another: one of them', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    // Each time somebody new: the founder of a closed agency is a member of it.
    const who = await person(`Lou${round}`)
    const attempts = [
      async (instance: number) => {
        const answer = await send('POST', '/v1/agencies', who, { name: 'Studio Lou' }, instance)
        if (answer.statusCode !== 201) throw { code: problemFault(answer, 'exclusive_elsewhere') ?? 'exclusive_elsewhere' }
      },
      (instance: number) => join(nord, who, freelancer, { exclusive: true }, instance)
    ]
    const outcomes = await Promise.all(turned(round, attempts).map((attempt, instance) => outcome<unknown>(attempt(instance))))
    t.strictSame(codes(outcomes), ['done', 'exclusive_elsewhere'])
    t.equal(await invariantFault(who), undefined)
    t.equal((await partsOf(who)).length, 1)
  }
})

t.test('G-1 at once: the profile is closed while its person becomes freelancer in an agency: one of them', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const attempts = [
      async (instance: number) => {
        const answer = await send('DELETE', profile, lea, undefined, instance)
        if (answer.statusCode >= 300) throw { code: problemFault(answer, 'closure_blocked', 'freelancer_profile_required') ?? 'refused' }
        return ''
      },
      (instance: number) => join(nord, lea, freelancer, {}, instance)
    ]
    const outcomes = await Promise.all(turned(round, attempts).map((attempt, instance) => outcome(attempt(instance))))
    const member = outcomes.find(({ done }) => done)?.done
    t.strictSame(codes(outcomes), member ? ['done', 'refused'] : ['done', 'freelancer_profile_required'])
    const [row] = await world.sql<{ active: boolean; freelancer: boolean }>(
      `select exists (select from freelancer_profiles where account_id = $1 and status = 'active') as active,
        exists (select from memberships m join role_grants g on g.membership_id = m.id where m.account_id = $1 and g.role = 'freelancer') as freelancer`,
      [uuidOf(lea)]
    )
    t.strictSame(row, { active: Boolean(member), freelancer: Boolean(member) })
    if (member) await leave(lea, nord, member)
    else await freelance(lea)
  }
})

const proposal = (id: string, version: number, status: string, who: Person, instance = 0) =>
  send('PUT', `/v1/proposals/${id}`, service, { version, accountId: who.accountId, status, agencyId: nord.id }, instance)
const liveIn = (id: string) => world.sql('select from memberships where id = $1', [parseId('member', id)])

t.test('G-4 at once: the last two pieces of work end: who waited for it is gone', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const id = await join(nord, mia, freelancer)
    const work = [`mia-${round}-1`, `mia-${round}-2`]
    for (const name of work) await ok(proposal(name, 1, 'open', mia))
    t.equal((await send('DELETE', `${nord.url}/members/${id}?whenClear=true`, mia)).statusCode, 202)
    const answers = await Promise.all(work.map((name, instance) => proposal(name, 2, 'withdrawn', mia, instance)))
    t.strictSame(
      answers.map(({ statusCode }) => statusCode),
      [200, 200]
    )
    t.strictSame(await liveIn(id), [])
    t.equal((await world.sql('select from ended_memberships where id = $1', [parseId('member', id)])).length, 1)
  }
})

t.test('G-4 at once: leaving is scheduled while the last piece of work ends: whichever comes first, they are gone', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const id = await join(nord, ned, freelancer)
    await ok(proposal(`ned-${round}`, 1, 'archived', ned))
    const attempts = [
      (instance: number) => send('DELETE', `${nord.url}/members/${id}?whenClear=true`, ned, undefined, instance),
      (instance: number) => proposal(`ned-${round}`, 2, 'closed', ned, instance)
    ]
    const [leaving, ending] = turned(round, await Promise.all(turned(round, attempts).map((attempt, instance) => attempt(instance))))
    t.ok([202, 204].includes(leaving!.statusCode), String(leaving!.statusCode))
    t.equal(ending!.statusCode, 200)
    t.strictSame(await liveIn(id), [])
  }
})
