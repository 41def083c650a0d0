import t from 'tap'
import { inForce } from '../support/enforcement.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { send, ok, freelance, found, join, team, setRoles } = organizations(world)

const content = {
  title: 'Map maker',
  overview: 'Maps for publishers.\n\nAlso plates.',
  hourlyRate: { amount: 6500, currency: 'EUR' },
  visibility: 'marketplace',
  skills: ['Ink', 'Cartography']
}
const own = '/v1/me/profiles/freelancer'
const person = async (name: string): Promise<Person> => {
  const made = await world.person(name)
  await ok(send('POST', own, made, content))
  return made
}
const [ada, bea, gil, hal, ivo] = [await person('Ada'), await person('Bea'), await person('Gil'), await person('Hal'), await person('Ivo')]
const [jan, kim, otto, ina] = [await person('Jan'), await person('Kim'), await person('Otto'), await person('Ina')]
const [max, may, moe, tim, tom] = [
  await world.person('Max'),
  await world.person('May'),
  await world.person('Moe'),
  await world.person('Tim'),
  await world.person('Tom')
]
await freelance(tim)

const nord = await found(ada, 'agency')
const sued = await found(bea, 'agency')
const [maps, plates] = [await team(nord, 'Maps'), await team(nord, 'Plates')]
const exclusive = { exclusive: true }
// Gil is exclusive, Hal is not; Ivo is in the team Maps, Jan in Plates.
const gilId = await join(nord, gil, [{ role: 'freelancer' }], exclusive)
const halId = await join(nord, hal, [{ role: 'freelancer' }])
const ivoId = await join(nord, ivo, [{ role: 'freelancer', teamId: maps }], exclusive)
const janId = await join(nord, jan, [{ role: 'freelancer', teamId: plates }], exclusive)
const ottoId = await join(nord, otto, [{ role: 'freelancer' }])
const inaId = await join(nord, ina, [{ role: 'freelancer' }], exclusive)
const kimId = await join(nord, kim, [{ role: 'freelancer' }], exclusive)
await join(nord, max, [{ role: 'admin' }])
const mayId = await join(nord, may, [{ role: 'business_manager' }])
await join(nord, moe, [{ role: 'finance' }])
// Business manager of the team Maps only.
const timId = await join(nord, tim, [
  { role: 'business_manager', teamId: maps },
  { role: 'freelancer', teamId: plates }
])
await join(nord, tom, [{ role: 'admin', teamId: maps }])

const urlOf = (id: string) => `${nord.url}/members/${id}/profile`
const get = (id: string, by: Person) => send('GET', urlOf(id), by)
const change = (id: string, by: Person, payload: object, tag = '"1"') =>
  world.inject({ method: 'PATCH', url: urlOf(id), headers: { ...by.headers, 'if-match': tag }, payload })
const ownProfile = async (who: Person) => {
  const { headers, body } = await ok(send('GET', own, who))
  return { tag: String(headers.etag), body: JSON.parse(body) }
}
const rate = (amount: number) => ({ hourlyRate: { amount, currency: 'EUR' } })

t.test(
  'G-6 200: a business manager sets rate and visibility of an exclusive member, and nothing else of the profile changes',
  async (t) => {
    const before = await ownProfile(gil)
    const seen = await get(gilId, may)
    t.strictSame([seen.statusCode, seen.headers.etag, seen.json()], [200, before.tag, before.body], 'seen as the person sees it')
    const done = await change(gilId, may, { ...rate(7200), visibility: 'public' }, before.tag)
    const expected = { ...before.body, ...rate(7200), visibility: 'public' }
    t.strictSame([done.statusCode, done.json()], [200, expected])
    t.strictSame(await ownProfile(gil), { tag: String(done.headers.etag), body: expected })

    const onlyRate = await change(gilId, may, { hourlyRate: null }, String(done.headers.etag))
    t.strictSame(onlyRate.json(), { ...expected, hourlyRate: null })
    const onlyVisibility = await change(gilId, ada, { visibility: 'private' }, String(onlyRate.headers.etag))
    t.strictSame(onlyVisibility.json(), { ...expected, hourlyRate: null, visibility: 'private' }, 'and the owner')

    const history = await world.sql<{ chain_kind: string; resource: string; detail: object }>(
      "select chain_kind, resource, detail from audit_events where action = 'freelancer_profile.updated' and resource = $1 order by sequence",
      [gil.accountId]
    )
    t.strictSame(
      history.map(({ chain_kind, detail }) => [chain_kind, detail]),
      [
        ['organization', { fields: ['hourlyRate', 'visibility'] }],
        ['organization', { fields: ['hourlyRate'] }],
        ['organization', { fields: ['visibility'] }]
      ],
      'in the history of the agency that did it'
    )
  }
)

t.test('G-6 400: no other field of the profile is the agency’s', async (t) => {
  const { tag } = await ownProfile(kim)
  for (const body of [
    { title: 'Better' },
    { overview: 'Better.' },
    { skills: [] },
    { ...rate(9000), title: 'Better' },
    { specialised: [] },
    { status: 'closed' },
    { visibility: 'secret' },
    rate(0),
    rate(1.5)
  ]) {
    refused(t, await change(kimId, may, body, tag), 400, 'invalid_input', JSON.stringify(body))
  }
  t.equal((await ownProfile(kim)).tag, tag)
})

t.test('G-6 403: rate and visibility of a member who is not exclusive are their own', async (t) => {
  const before = await ownProfile(hal)
  for (const body of [rate(100), { visibility: 'private' }, {}]) {
    refused(t, await change(halId, may, body, before.tag), 403, 'not_exclusive', JSON.stringify(body))
    refused(t, await change(halId, ada, body, before.tag), 403, 'not_exclusive', 'nor for the owner')
  }
  await ok(send('POST', `${nord.url}/members/${halId}/affiliation`, ada, { affiliation: 'exclusive' }))
  refused(t, await change(halId, may, rate(100), before.tag), 403, 'not_exclusive', 'a proposal alone counts for nothing')
  t.strictSame(await ownProfile(hal), before)

  await ok(send('POST', `${nord.url}/members/${halId}/affiliation/accept`, hal, {}))
  const done = await change(halId, may, rate(100), before.tag)
  t.equal(done.statusCode, 200, 'once they said yes')
  await ok(send('POST', `${nord.url}/members/${halId}/affiliation`, ada, { affiliation: 'non_exclusive' }))
  refused(t, await change(halId, may, rate(200), String(done.headers.etag)), 403, 'not_exclusive', 'released')
})

t.test('G-6 403 404: admin, finance, freelancers and the member themselves set nothing through the agency', async (t) => {
  const before = await ownProfile(gil)
  const others: Array<[Person, string]> = [
    [max, 'admin'],
    [moe, 'finance'],
    [kim, 'a colleague'],
    [tom, 'admin of a team']
  ]
  for (const [who, name] of [...others, [gil, 'the member'] as [Person, string]]) {
    const ofRate = await change(gilId, who, rate(1), before.tag)
    refused(t, ofRate, 403, 'access_denied', name)
    t.strictSame(ofRate.json().missingPermissions, ['profile.rate.update'], name)
    const ofVisibility = await change(gilId, who, { visibility: 'private' }, before.tag)
    refused(t, ofVisibility, 403, 'access_denied', name)
    t.strictSame(ofVisibility.json().missingPermissions, ['profile.visibility.update'], name)
    refused(t, await change(gilId, who, {}, before.tag), 403, 'access_denied', `${name}: nothing at all`)
  }
  for (const [who, name] of others) refused(t, await get(gilId, who), 403, 'access_denied', `${name} looks`)
  t.equal((await get(gilId, gil)).statusCode, 200, 'the member looks')
  refused(t, await change(gilId, bea, rate(1), before.tag), 404, 'not_found', 'nobody of the agency')
  refused(t, await get(gilId, bea), 404, 'not_found', 'nobody of the agency')
  const elsewhere = `${sued.url}/members/${gilId}/profile`
  refused(t, await send('GET', elsewhere, bea), 404, 'not_found', 'a member of another agency')
  const patched = await world.inject({
    method: 'PATCH',
    url: elsewhere,
    headers: { ...bea.headers, 'if-match': before.tag },
    payload: rate(1)
  })
  refused(t, patched, 404, 'not_found', 'a member of another agency')
  t.strictSame(await ownProfile(gil), before)
})

t.test('G-6 200 403: a business manager of one team acts for the members of that team only', async (t) => {
  const done = await change(ivoId, tim, { ...rate(8000), visibility: 'public' })
  t.strictSame([done.statusCode, done.json().hourlyRate.amount], [200, 8000])
  t.equal((await get(ivoId, tim)).statusCode, 200)
  refused(t, await change(janId, tim, rate(1)), 403, 'access_denied', 'a member of another team')
  refused(t, await change(janId, tim, { visibility: 'private' }), 403, 'access_denied')
  refused(t, await get(janId, tim), 403, 'access_denied')
  refused(t, await change(kimId, tim, rate(1)), 403, 'access_denied', 'a member of no team but the default one')
  t.equal((await change(janId, may, rate(8100))).statusCode, 200, 'the manager of the whole agency')

  t.equal((await setRoles(nord, timId, [{ role: 'freelancer', teamId: plates }])).statusCode, 200)
  refused(t, await change(ivoId, tim, rate(1), String(done.headers.etag)), 403, 'access_denied', 'without the role it is over at once')
})

t.test('G-6 412 428: only from the version that was seen', async (t) => {
  const { tag } = await ownProfile(kim)
  refused(
    t,
    await world.inject({ method: 'PATCH', url: urlOf(kimId), headers: { ...may.headers }, payload: rate(1) }),
    428,
    'version_required'
  )
  const mine = await world.inject({ method: 'PATCH', url: own, headers: { ...kim.headers, 'if-match': tag }, payload: { title: 'Ink' } })
  t.equal(mine.statusCode, 200)
  refused(t, await change(kimId, may, rate(1), tag), 412, 'stale_version', 'the person changed it meanwhile')
  t.strictSame(await ownProfile(kim), { tag: String(mine.headers.etag), body: mine.json() })
  const same = await change(kimId, may, { hourlyRate: content.hourlyRate }, String(mine.headers.etag))
  t.strictSame([same.statusCode, same.headers.etag], [200, mine.headers.etag], 'what is so already is no new version')
})

t.test('G-6: earnings are never shown, in no field and to nobody', async (t) => {
  const fields = ['accountId', 'createdAt', 'hourlyRate', 'overview', 'skills', 'specialised', 'status', 'title', 'visibility']
  for (const who of [may, ada, gil]) {
    const answer = await get(gilId, who)
    t.strictSame(Object.keys(answer.json()).sort(), fields, who.email)
    t.notMatch(answer.body, /earn|income|revenue|payout/i)
  }
  const held = (await ok(send('GET', `${nord.url}/members/${mayId}/permissions`, may))).json().organization
  t.notOk(held.some(({ key }: { key: string }) => key === 'report.earnings.read'))
})

t.test('G-6 403: a suspended manager, or one of a suspended agency, sets nothing', async (t) => {
  const { tag } = await ownProfile(kim)
  await ok(send('POST', `${nord.url}/members/${mayId}/suspension`, ada, {}))
  refused(t, await change(kimId, may, rate(1), tag), 403, 'membership_suspended')
  refused(t, await get(kimId, may), 403, 'membership_suspended')
  await ok(send('DELETE', `${nord.url}/members/${mayId}/suspension`, ada))
  await world.sql(`update organizations set ${inForce('suspended')} where kind = 'agency' and name like 'ada%'`)
  refused(t, await change(kimId, may, rate(1), tag), 403, 'organization_suspended')
  await world.sql(`update organizations set ${inForce('none')} where kind = 'agency' and name like 'ada%'`)
  t.equal((await ownProfile(kim)).tag, tag)
})

t.test('G-6 403: the profile of a member who is not exclusive is shown to them alone', async (t) => {
  for (const who of [may, ada]) refused(t, await get(ottoId, who), 403, 'not_exclusive', who.email)
  t.strictSame((await get(ottoId, otto)).json(), (await ownProfile(otto)).body)
  await ok(send('POST', `${nord.url}/members/${ottoId}/affiliation`, ada, { affiliation: 'exclusive' }))
  refused(t, await get(ottoId, ada), 403, 'not_exclusive', 'a proposal alone counts for nothing')
  await ok(send('POST', `${nord.url}/members/${ottoId}/affiliation/accept`, otto, {}))
  t.equal((await get(ottoId, ada)).statusCode, 200)
})

t.test('G-6 C-13 403: nothing is set, and nothing shown, of a suspended member', async (t) => {
  const { tag } = await ownProfile(ina)
  await ok(send('POST', `${nord.url}/members/${inaId}/suspension`, ada, {}))
  for (const body of [rate(1), { visibility: 'private' }]) {
    refused(t, await change(inaId, ada, body, tag), 403, 'membership_suspended', JSON.stringify(body))
  }
  refused(t, await get(inaId, ada), 403, 'membership_suspended')
  t.equal((await ownProfile(ina)).tag, tag)
  await ok(send('DELETE', `${nord.url}/members/${inaId}/suspension`, ada))
  t.equal((await change(inaId, ada, rate(1), tag)).statusCode, 200)
})
