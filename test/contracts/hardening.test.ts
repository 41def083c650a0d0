import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { parseId, publicId } from '../../src/http/ids.ts'
import { contractServices } from '../support/contracts.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

// On one connection, so that what it has read can be counted, and a statement's plan is the one that it keeps.
const world = await openWorld(t, { config: { POOL_SIZE: 1 } })
const { send, ok, freelance, found, join, team, setRoles, tagOf } = organizations(world)
const { add, first, put, stored } = await contractServices(world)
const people: Record<string, Person> = {}
for (const name of ['Olga', 'Hugo', 'Hanna', 'Mo', 'Otto', 'Gil']) people[name] = await world.person(name)
const { Olga, Hugo, Hanna, Mo, Otto, Gil } = people as Record<'Olga' | 'Hugo' | 'Hanna' | 'Mo' | 'Otto' | 'Gil', Person>
const uuid = (id: string) => parseId(id.split('_')[0] as 'team', id)!

// Hugo and Hanna share one contract, Mo has none; very many are those of other contacts in other teams.
const acme = await found(Olga)
const design = await team(acme, 'Design')
const member = {
  Hugo: await join(acme, Hugo, [{ role: 'hiring_manager' }]),
  Hanna: await join(acme, Hanna, [{ role: 'hiring_manager' }]),
  Mo: await join(acme, Mo, [{ role: 'member' }])
}
const role = { key: 'signing', name: 'Signing', description: 'Signs.', permissions: ['contract.contact'] }
await ok(send('POST', `${acme.url}/roles`, Olga, role))
await setRoles(acme, member.Mo, [{ role: 'signing' }])
const shared = await add('shared', acme, Hugo, Gil)
await world.sql(`begin;
  set local session_replication_role = replica;
  insert into contracts (id, version, body_hash, company_id, team_id, contact_account_id, contact_membership_id, freelancer_account_id, status)
    select 'many-' || i, 1, '\\x00', '${uuid(acme.id)}', md5('team' || i % 100)::uuid, '${uuid(Olga.accountId)}', md5('contact' || i % 100)::uuid,
      '${uuid(Gil.accountId)}', 'active' from generate_series(1, 20000) i;
  commit;
  analyze contracts`)

for (const person of [Otto, Gil]) await freelance(person)
const agency = await found(Otto, 'agency')
const west = await found(Gil, 'agency')

/** How many rows of contracts the service's connection has read so far. */
async function rowsRead(): Promise<number> {
  await world.parts.db.query.execute(sql`select pg_stat_force_next_flush()`)
  const [row] = await world.sql<{ read: string }>(
    "select seq_tup_read + coalesce(idx_tup_fetch, 0) as read from pg_stat_user_tables where relname = 'contracts'"
  )
  return Number(row!.read)
}

/** Does something twenty times: a plan that is kept is chosen at the sixth. */
async function readsFew(t: Test, change: (round: number) => Promise<unknown>): Promise<void> {
  const before = await rowsRead()
  for (let round = 1; round <= 20; round++) await change(round)
  const read = (await rowsRead()) - before
  t.ok(read < 1000, `20 changes read ${read} rows of contracts`)
}

t.test('K-4 200: naming another contact looks at one contract, however many the company has', async (t) => {
  await readsFew(t, async (round) => {
    const headers = { ...Olga.headers, 'if-match': `"${(await stored('shared')).revision}"` }
    const next = round % 2 === 1 ? member.Hanna : member.Hugo
    await ok(send('PUT', `${acme.url}/contracts/shared/contact`, { headers }, { memberId: next }))
  })
})

t.test('K-5 200: nor does telling a contract’s next version look at the others', async (t) => {
  await readsFew(t, (round) => ok(put('shared', { ...shared, version: 1 + round })))
})

t.test('K-7 200: nor do a suspension, a change of roles, of a custom role and of a team', async (t) => {
  const url = `${acme.url}/members/${member.Mo}`
  await readsFew(t, async (round) => {
    if (round % 2 === 1) await ok(send('POST', `${url}/suspension`, Olga, {}))
    else await ok(send('DELETE', `${url}/suspension`, Olga))
  })
  await readsFew(t, (round) => ok(setRoles(acme, member.Mo, [{ role: round % 2 === 1 ? 'recruiter' : 'signing' }])))
  const changed = async (path: string, payload: object): Promise<unknown> => {
    const headers = { ...Olga.headers, 'if-match': await tagOf(`${acme.url}/${path}`, Olga) }
    return ok(send('PATCH', `${acme.url}/${path}`, { headers }, payload))
  }
  await readsFew(t, (round) => changed('roles/signing', { permissions: round % 2 === 1 ? ['job.post'] : ['contract.contact'] }))
  await readsFew(t, (round) => changed(`teams/${design}`, { hidden: round % 2 === 1 }))
})

/** The agency, told of as if it were a company. */
const asCompany = (place: Place) => ({ companyId: publicId('company', uuid(place.id)), teamId: place.defaultTeamId })

t.test('K-5 422: no contract has an agency for its company', async (t) => {
  const twin = { ...first(agency, Otto, Gil), ...asCompany(agency) }
  for (const agencyId of [agency.id, undefined]) {
    refused(t, await put('twin', { ...twin, agencyId }), 422, 'unknown_reference', `through ${agencyId ?? 'no agency'}`)
  }
  const company = { agencyId: publicId('agency', uuid(acme.id)) }
  refused(t, await put('twin', { ...first(acme, Hugo, Gil), ...company }), 422, 'unknown_reference', 'nor a company for its agency')

  const known = await add('known', acme, Hugo, Gil, { agencyId: west.id })
  for (const status of ['active', 'closed'] as const) {
    const next = { ...known, version: 2, status, ...asCompany(west), contactAccountId: Gil.accountId, agencyId: undefined }
    refused(t, await put('known', next), 422, 'unknown_reference', `nor that of a known one, ${status}`)
  }
  t.match(await stored('known'), { version: 1, status: 'active' })
})

t.test('K-2: nor does the database take one, whoever is its contact', async (t) => {
  const insert = (place: Place, contact: Person) =>
    world
      .asService(
        `insert into contracts (id, version, body_hash, company_id, team_id, contact_account_id, contact_membership_id, freelancer_account_id, status)
          values ('around-' || $1::uuid, 1, '\\x00', $1, $2, $3, $4, $3, 'active')`,
        [uuid(place.id), uuid(place.defaultTeamId), uuid(contact.accountId), uuid(place.memberId)]
      )
      .then(
        () => 'taken',
        (error: { constraint?: string }) => error.constraint
      )
  t.equal(await insert(agency, Otto), 'contracts_contact_eligible', 'the owner of an agency')
  t.equal(await insert(acme, Olga), 'taken', 'the owner of a company')
})
