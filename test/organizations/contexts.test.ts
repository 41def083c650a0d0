import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { inForce } from '../support/enforcement.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { send, ok, freelance, found, join, team, setRoles, tagOf } = organizations(world)
const people: Record<string, Person> = {}
for (const name of ['Olga', 'Mo', 'Fay', 'Ana', 'New', 'Gus']) people[name] = await world.person(name)
const the = (name: string): Person => people[name]!
const operator = await world.operator()
await freelance(the('Fay'))
await freelance(the('Mo'))

const named = async (owner: Person, kind: 'company' | 'agency', name: string): Promise<Place> => {
  const place = await found(owner, kind)
  const headers = { ...owner.headers, 'if-match': await tagOf(place.url, owner) }
  await ok(
    send('PATCH', place.url, { headers }, kind === 'company' ? { displayName: name, logoUrl: 'https://logo.example/b.png' } : { name })
  )
  return place
}
const zebra = await named(the('Olga'), 'company', 'zebra')
const birds = await named(the('Olga'), 'company', 'Birds')
const closed = await named(the('Olga'), 'company', 'Closed')
const agency = await named(the('Fay'), 'agency', 'Atlas')
const design = await team(birds, 'Design')
const attic = await team(birds, 'Attic')
const ids = {
  zebra: await join(zebra, the('Mo'), [{ role: 'member' }]),
  birds: await join(birds, the('Mo'), [{ role: 'recruiter', teamId: design }, { role: 'finance' }, { role: 'member', teamId: attic }]),
  closed: await join(closed, the('Mo')),
  agency: await join(agency, the('Mo'), [{ role: 'freelancer' }])
}
await ok(send('POST', `${closed.url}/closure`, the('Olga'), {}))
const hiding = { headers: { ...the('Olga').headers, 'if-match': await tagOf(`${birds.url}/teams/${attic}`, the('Olga')) } }
await ok(send('PATCH', `${birds.url}/teams/${attic}`, hiding, { hidden: true }))
const gone = await join(birds, the('Gus'))

const contexts = async (name: string): Promise<Array<Record<string, unknown>>> =>
  (await ok(send('GET', '/v1/me/contexts', the(name)))).json().items
const titles = async (name: string) => (await contexts(name)).map(({ title }) => title)

t.test('S-6 200: a person sees whom they can act as: themselves, companies and agencies, by name', async (t) => {
  t.same(await contexts('Mo'), [
    {
      kind: 'freelancer',
      id: null,
      title: 'Illustrator',
      logoUrl: null,
      status: 'active',
      enforcement: 'none',
      memberId: null,
      membershipStatus: null,
      affiliation: null,
      roles: [],
      teams: [],
      offeredOwnership: false
    },
    {
      kind: 'company',
      id: birds.id,
      title: 'Birds',
      logoUrl: 'https://logo.example/b.png',
      status: 'active',
      enforcement: 'none',
      memberId: ids.birds,
      membershipStatus: 'active',
      affiliation: null,
      roles: [{ role: 'finance' }, { role: 'recruiter', teamId: design }, { role: 'member', teamId: attic }],
      // A hidden team is left out; the role in it is kept.
      teams: [{ id: design, name: 'Design' }],
      offeredOwnership: false
    },
    {
      kind: 'company',
      id: zebra.id,
      title: 'zebra',
      logoUrl: 'https://logo.example/b.png',
      status: 'active',
      enforcement: 'none',
      memberId: ids.zebra,
      membershipStatus: 'active',
      affiliation: null,
      roles: [{ role: 'member' }],
      teams: [{ id: zebra.defaultTeamId, name: 'General' }],
      offeredOwnership: false
    },
    {
      kind: 'agency',
      id: agency.id,
      title: 'Atlas',
      logoUrl: null,
      status: 'active',
      enforcement: 'none',
      memberId: ids.agency,
      membershipStatus: 'active',
      affiliation: 'non_exclusive',
      roles: [{ role: 'freelancer' }],
      teams: [{ id: agency.defaultTeamId, name: 'General' }],
      offeredOwnership: false
    }
  ])
})

t.test('S-6 200: an owner is owner first, and has other roles beside', async (t) => {
  const fay = await contexts('Fay')
  t.same(
    fay.map(({ kind, roles }) => [kind, roles]),
    [
      ['freelancer', []],
      ['agency', [{ role: 'owner' }, { role: 'freelancer' }]]
    ]
  )
  t.same(await titles('Olga'), ['Birds', 'zebra'])
})

t.test('S-6 200: who belongs nowhere has no context; S-6 401: who is not signed in gets no list', async (t) => {
  t.same(await contexts('New'), [])
  refused(t, await world.inject({ method: 'GET', url: '/v1/me/contexts' }), 401, 'not_signed_in')
  refused(t, await send('GET', '/v1/me/contexts', operator), 401, 'not_signed_in')
})

t.test('S-6 200: a closed company is no context until it is open again', async (t) => {
  t.notOk((await titles('Mo')).includes('Closed'))
  await ok(send('POST', `${closed.url}/reopening`, operator, { reason: 'Asked for.' }))
  t.ok((await titles('Mo')).includes('Closed'))
})

t.test('S-6 200: a suspended membership stays a context and says so; one that ended is none', async (t) => {
  const membership = async () => (await contexts('Mo')).find(({ id }) => id === zebra.id)?.membershipStatus
  await ok(send('POST', `${zebra.url}/members/${ids.zebra}/suspension`, the('Olga'), {}))
  t.equal(await membership(), 'suspended')
  await ok(send('DELETE', `${zebra.url}/members/${ids.zebra}/suspension`, the('Olga')))
  t.equal(await membership(), 'active')
  t.same(await titles('Gus'), ['Birds'])
  await ok(send('DELETE', `${birds.url}/members/${gone}`, the('Olga')))
  t.same(await titles('Gus'), [])
})

t.test('S-6 200: an offer of ownership shows to whom it is made, until it is answered', async (t) => {
  const memberId = await join(zebra, the('Ana'))
  const offered = async (name: string) =>
    (await contexts(name)).filter(({ offeredOwnership }) => offeredOwnership).map(({ title }) => title)
  await ok(send('POST', `${zebra.url}/ownership-transfer`, the('Olga'), { memberId }))
  t.same([await offered('Ana'), await offered('Olga'), await offered('Mo')], [['zebra'], [], []])
  await ok(send('POST', `${zebra.url}/ownership-transfer/decline`, the('Ana'), {}))
  t.same(await offered('Ana'), [])
  await ok(send('POST', `${zebra.url}/ownership-transfer`, the('Olga'), { memberId }))
  await world.sql(
    "update ownership_transfers set created_at = now() - interval '8 days', expires_at = now() - interval '1 second' where status = 'offered'"
  )
  t.same(await offered('Ana'), [], 'expired by the clock')
})

t.test('S-6 200: the path of a request chooses whom one acts as, with one token for all', async (t) => {
  t.equal((await send('GET', birds.url, the('Mo'))).json().displayName, 'Birds')
  t.equal((await send('GET', agency.url, the('Mo'))).json().name, 'Atlas')
  // Rights in one are none in the other (C-2).
  const role = { key: 'scout', name: 'Scout', description: 'Looks.', permissions: [] }
  await ok(setRoles(birds, ids.birds, [{ role: 'admin' }]))
  t.equal((await send('POST', `${birds.url}/roles`, the('Mo'), role)).statusCode, 201)
  refused(t, await send('POST', `${zebra.url}/roles`, the('Mo'), role), 403, 'access_denied')
  t.same((await contexts('Mo')).find(({ id }) => id === birds.id)?.roles, [{ role: 'admin' }], 'and the switcher shows it at once')
})

t.test('S-6 200: enforcement on an organization shows in its context', async (t) => {
  await world.sql(`update organizations set ${inForce('warning')} where id = $1`, [parseId('company', birds.id)])
  t.equal((await contexts('Mo')).find(({ id }) => id === birds.id)?.enforcement, 'warning')
})
