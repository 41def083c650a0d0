import t from 'tap'
import { limitsOf } from '../../src/organizations/limits.ts'
import { agencyPlans, companyPlans, type OrganizationKind } from '../../src/organizations/tables.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

// Each limit differs from plan to plan, so that a limit of the wrong plan shows.
const limits = {
  company: {
    basic: { teams: 1, admins: 1, members: 3, customRoles: 0 },
    plus: { teams: 2, admins: 0, members: 2, customRoles: 1 },
    business: { teams: 0, admins: 2, members: 4, customRoles: 2 },
    enterprise: { teams: 3, admins: 3, members: 5, customRoles: 3 }
  },
  agency: { basic: { teams: 1, admins: 0, members: 0, customRoles: 0 }, plus: { teams: 2, admins: 1, members: 3, customRoles: 0 } }
}
const words = (given: object) =>
  Object.entries(given)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
const env = Object.fromEntries(
  Object.entries(limits).flatMap(([kind, plans]) =>
    Object.entries(plans).map(([plan, given]) => [`PLAN_${kind}_${plan}`.toUpperCase(), words(given)])
  )
)

const world = await openWorld(t, { instances: 2, env: { ...env, COMPANIES_PER_ACCOUNT: '1000' } })
const { send, ok, freelance, found, join, team, setRoles } = organizations(world)
const olga = await world.person('Olga')
const fay = await world.person('Fay')
await freelance(fay)
const crowd: Person[] = []
for (const name of ['Ana', 'Ben', 'Cem', 'Dana', 'Eva', 'Finn']) {
  crowd.push(await world.person(name))
  await freelance(crowd.at(-1)!)
}
const plans = await world.service('billing', ['plans.write'])
const contracts = await world.service('contracts', ['contracts.write'])
const operator = await world.operator()

const setPlan = (place: Pick<Place, 'url'>, plan: string, by: { headers: object } = plans, instance = 0) =>
  send('PUT', `${place.url}/plan`, by, { plan }, instance)
const planOf = async (place: Place): Promise<string> => (await ok(send('GET', place.url, place.owner))).json().plan
const agency = await found(fay, 'agency', 'basic')
const plusAgency = await found(crowd.at(-1)!, 'agency', 'plus')

/** How many times something goes well before the plan has no more room. */
async function room(most: number, attempt: (nth: number) => Promise<unknown>): Promise<number> {
  for (let nth = 0; nth <= most + 1; nth++) {
    const code = await codeOf(attempt(nth))
    if (code === 'plan_upgrade_required') return nth
    if (code !== undefined) throw new Error(code)
  }
  return Number.POSITIVE_INFINITY
}

/** The code of a problem that was thrown or answered. */
async function codeOf(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    const answer = (await attempt) as { statusCode?: number; json?: () => { code?: string } }
    return answer?.statusCode !== undefined && answer.statusCode >= 400 ? answer.json!().code : undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}

t.test('C-9 200: the service that sells plans sets one; the same twice is the same', async (t) => {
  const company = await found(olga, 'company', 'basic')
  const events = () =>
    world.sql<{ before: unknown; after: unknown }>("select before, after from events where type = 'company.plan_changed' order by position")
  const set = await setPlan(company, 'business')
  t.same([set.statusCode, set.json().plan, set.json().id], [200, 'business', company.id])
  t.equal(await planOf(company), 'business')
  const again = await setPlan(company, 'business')
  t.same([again.statusCode, again.json(), again.headers.etag], [200, set.json(), set.headers.etag])
  t.same(await events(), [{ before: { plan: 'basic' }, after: { plan: 'business' } }])
})

t.test('C-9: only that service, only plans that there are', async (t) => {
  const company = await found(olga, 'company', 'plus')
  refused(t, await world.inject({ method: 'PUT', url: `${company.url}/plan`, payload: { plan: 'basic' } }), 401, 'not_signed_in')
  // Tokens of people and operators are none of a service's.
  refused(t, await setPlan(company, 'basic', olga), 401, 'not_signed_in', 'not even the owner')
  refused(t, await setPlan(company, 'basic', operator), 401, 'not_signed_in')
  refused(t, await setPlan(company, 'basic', contracts), 403, 'access_denied')
  for (const plan of ['gold', '', 'BASIC']) refused(t, await setPlan(company, plan), 400, 'invalid_input', plan)
  for (const plan of ['business', 'enterprise']) refused(t, await setPlan(agency, plan), 400, 'invalid_input', `agency ${plan}`)
  refused(t, await setPlan({ url: '/v1/companies/company_01k2v6c5e7g9jbm1q3s5v7x9z0' }, 'plus'), 404, 'not_found')
  refused(t, await setPlan({ url: `/v1/companies/${agency.id}` }, 'plus'), 404, 'not_found')
  t.equal(await planOf(company), 'plus')
})

for (const kind of ['company', 'agency'] as const satisfies OrganizationKind[]) {
  for (const plan of kind === 'company' ? companyPlans : agencyPlans) {
    t.test(`C-9 403: a ${kind} on ${plan} has room for what the configuration says, and no more`, async (t) => {
      const expected = (limits[kind] as Record<string, typeof limits.company.basic>)[plan]!
      t.same(limitsOf(world.config, { kind, plan }), expected)
      const place = kind === 'company' ? await found(olga, 'company', plan) : plan === 'basic' ? agency : plusAgency
      await ok(setPlan(place, plan))
      const base = kind === 'company' ? 'member' : 'freelancer'

      t.equal(
        await room(expected.members, async (nth) => void (await join(place, crowd[nth]!, [{ role: base }]))),
        expected.members,
        'members'
      )
      t.equal(
        await room(expected.teams, (nth) => send('POST', `${place.url}/teams`, place.owner, { name: `Team ${plan} ${nth}` })),
        expected.teams,
        'teams'
      )
      if (kind === 'company') {
        const role = (nth: number) => ({ key: `own_${nth}`, name: 'Own', description: 'Our own.', permissions: [] })
        t.equal(
          await room(expected.customRoles, (nth) => send('POST', `${place.url}/roles`, olga, role(nth))),
          expected.customRoles,
          'custom roles'
        )
      }
      // As many admins as the plan has, or as there are members who could be one.
      const members = (
        (await ok(send('GET', `${place.url}/members`, place.owner))).json() as { items: Array<{ id: string; owner: boolean }> }
      ).items
      const others = members.filter(({ owner }) => !owner).map(({ id }) => id)
      if (others.length > expected.admins)
        t.equal(
          await room(expected.admins, (nth) => setRoles(place, others[nth]!, [{ role: 'admin' }, { role: base }])),
          expected.admins,
          'admins'
        )
    })
  }
}

t.test('C-9: the limits are asked after the rights', async (t) => {
  const company = await found(olga, 'company', 'plus')
  const memberId = await join(company, crowd[0]!, [{ role: 'member' }])
  refused(
    t,
    await send('POST', `${company.url}/roles`, crowd[0]!, { key: 'x_1', name: 'X', description: 'X', permissions: [] }),
    403,
    'access_denied'
  )
  refused(t, await setRoles(company, memberId, [{ role: 'admin' }], crowd[0]!), 403, 'access_denied')
  await setPlan(company, 'business')
  refused(t, await send('POST', `${company.url}/teams`, crowd[0]!, { name: 'One too many' }), 403, 'access_denied')
  refused(t, await send('POST', `${company.url}/teams`, olga, { name: 'One too many' }), 403, 'plan_upgrade_required')
})

t.test('C-9: whoever is admin of a team counts, the owner does not, and a seat is free again when it is given up', async (t) => {
  const company = await found(olga, 'company', 'basic')
  const one = await join(company, crowd[0]!, [{ role: 'member' }])
  const two = await join(company, crowd[1]!, [{ role: 'member' }])
  const designers = await team(company, 'Design')
  t.equal((await setRoles(company, company.memberId, [{ role: 'admin' }])).statusCode, 200, 'the owner needs no seat')
  t.equal((await setRoles(company, one, [{ role: 'admin', teamId: designers }])).statusCode, 200)
  refused(t, await setRoles(company, two, [{ role: 'admin', teamId: designers }]), 403, 'plan_upgrade_required')
  refused(t, await setRoles(company, two, [{ role: 'admin' }]), 403, 'plan_upgrade_required')
  t.equal(await codeOf(join(company, crowd[2]!, [{ role: 'admin' }])), 'plan_upgrade_required', 'by joining neither')
  t.equal((await setRoles(company, one, [{ role: 'admin' }])).statusCode, 200, 'one person takes one seat')
  t.equal((await setRoles(company, one, [{ role: 'member' }])).statusCode, 200)
  t.equal((await setRoles(company, two, [{ role: 'admin' }])).statusCode, 200)
})

t.test('C-9 200: a downgrade takes nothing away; only new ones are refused', async (t) => {
  const company = await found(olga, 'company', 'enterprise')
  const names = ['One', 'Two', 'Three']
  const teams: string[] = []
  for (const name of names) teams.push(await team(company, name))
  const roles = names.map((name) => ({ key: `role_${name.toLowerCase()}`, name, description: name, permissions: ['job.post'] }))
  for (const role of roles) await ok(send('POST', `${company.url}/roles`, olga, role))
  const members: string[] = []
  for (const [nth, person] of crowd.slice(0, 5).entries())
    members.push(
      await join(company, person, nth < 3 ? [{ role: 'admin' }, { role: roles[nth]!.key, teamId: teams[nth]! }] : [{ role: 'member' }])
    )
  const everything = async () =>
    Promise.all(['/members', '/teams', '/roles'].map(async (list) => (await ok(send('GET', company.url + list, crowd[0]!))).json()))
  const before = await everything()

  t.equal((await setPlan(company, 'basic')).statusCode, 200)
  t.same(await everything(), before)
  refused(t, await send('POST', `${company.url}/teams`, crowd[0]!, { name: 'Four' }), 403, 'plan_upgrade_required')
  refused(t, await send('POST', `${company.url}/roles`, crowd[0]!, { ...roles[0], key: 'role_four' }), 403, 'plan_upgrade_required')
  refused(t, await setRoles(company, members[3]!, [{ role: 'admin' }]), 403, 'plan_upgrade_required')
  t.equal(await codeOf(join(company, crowd[5]!)), 'plan_upgrade_required')
  // What is there goes on: other roles of an admin, a custom role for another member.
  t.equal((await setRoles(company, members[0]!, [{ role: 'admin' }, { role: 'recruiter' }])).statusCode, 200)
  t.equal((await setRoles(company, members[4]!, [{ role: 'role_one' }])).statusCode, 200)
  await ok(setPlan(company, 'enterprise'))
  refused(
    t,
    await send('POST', `${company.url}/teams`, crowd[0]!, { name: 'Four' }),
    403,
    'plan_upgrade_required',
    'enterprise is full as it was'
  )
})

t.test('G-2: on basic an agency is its owner alone; on plus it has members, and keeps them', async (t) => {
  const [ana] = crowd
  t.equal(await codeOf(join(agency, ana!, [{ role: 'freelancer' }])), 'plan_upgrade_required')
  await ok(setPlan(agency, 'plus'))
  const memberId = await join(agency, ana!, [{ role: 'freelancer' }])
  await ok(setPlan(agency, 'basic'))
  t.equal((await send('GET', `${agency.url}/members/${memberId}`, fay)).statusCode, 200)
  t.equal((await send('GET', agency.url, ana!)).statusCode, 200)
})

t.test('C-9: the last seat goes to exactly one, however many ask at once on several instances', async (t) => {
  for (let round = 0; round < rounds(4); round++) {
    // Admins and teams.
    const company = await found(olga, 'company', 'basic')
    const members: string[] = []
    for (const person of crowd.slice(0, 3)) members.push(await join(company, person, [{ role: 'member' }]))
    const admins = await Promise.all(members.map((id, index) => setRoles(company, id, [{ role: 'admin' }], olga, index)))
    t.same(admins.map(({ statusCode }) => statusCode).sort(), [200, 403, 403], 'admins')
    const made = await Promise.all(
      [0, 1, 2, 3].map((index) => send('POST', `${company.url}/teams`, olga, { name: `Team ${index}` }, index))
    )
    t.same(made.map(({ statusCode }) => statusCode).sort(), [201, 403, 403, 403], 'teams')

    // Custom roles and members.
    const other = await found(olga, 'company', 'plus')
    const role = (index: number) => ({ key: `own_${index}`, name: 'Own', description: 'Our own.', permissions: [] })
    const roles = await Promise.all([0, 1, 2, 3].map((index) => send('POST', `${other.url}/roles`, olga, role(index), index)))
    t.same(roles.map(({ statusCode }) => statusCode).sort(), [201, 403, 403, 403], 'custom roles')
    const joined = await Promise.all(crowd.slice(0, 4).map((person, index) => codeOf(join(other, person, [], {}, index))))
    t.same(joined.filter((code) => code === undefined).length, 2, 'members')
    t.same(new Set(joined), new Set([undefined, 'plan_upgrade_required']))
    for (const answer of [...admins, ...made, ...roles].filter(({ statusCode }) => statusCode === 403))
      refused(t, answer, 403, 'plan_upgrade_required')
  }
})
