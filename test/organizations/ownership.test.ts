import t from 'tap'
import { parseId, publicId } from '../../src/http/ids.ts'
import { inForce, returning } from '../support/enforcement.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { send, ok, freelance, found, join, team, tagOf, setRoles } = organizations(world)
const service = await world.service('work', ['contracts.write', 'proposals.write'])
const operator = await world.operator()
const ownOperator = await world.operator('mia@example.com')

const [olga, ada, hana, mia, max] = [
  await world.person('Olga'),
  await world.person('Ada'),
  await world.person('Hana'),
  await world.person('Mia'),
  await world.person('Max')
]
const [otto, fay, finn, flo, gus] = [
  await world.person('Otto'),
  await world.person('Fay'),
  await world.person('Finn'),
  await world.person('Flo'),
  await world.person('Gus')
]
for (const who of [otto, fay, finn, flo]) await freelance(who)
const stranger = await world.person('Sam')

/** A company of Olga's with Ada as admin, and Hana, Mia and Max in it. */
async function company() {
  const place = await found(olga)
  const adaId = await join(place, ada, [{ role: 'admin' }])
  const hanaId = await join(place, hana, [{ role: 'hiring_manager', teamId: place.defaultTeamId }])
  const miaId = await join(place, mia, [{ role: 'member' }])
  const maxId = await join(place, max, [{ role: 'member' }])
  return { ...place, adaId, hanaId, miaId, maxId }
}
const [simple, seen, refusals, pending, expiring, eligible] = [
  await company(),
  await company(),
  await company(),
  await company(),
  await company(),
  await company()
]
const [signed, later, closing, forced, absent, going] = [
  await company(),
  await company(),
  await company(),
  await company(),
  await company(),
  await company()
]
const studio = await found(otto, 'agency')
const [fayId, finnId] = [await join(studio, fay, [{ role: 'freelancer' }]), await join(studio, finn, [{ role: 'freelancer' }])]
const [floId, gusId] = [await join(studio, flo, [{ role: 'finance' }]), await join(studio, gus, [{ role: 'business_manager' }])]

const uuid = (who: Person) => parseId('account', who.accountId)
const transferOf = (place: Pick<Place, 'url'>) => `${place.url}/ownership-transfer`
const offer = (place: Place, memberId: string, by: Person = place.owner) => send('POST', transferOf(place), by, { memberId })
const look = (place: Place, by: Person) => send('GET', transferOf(place), by)
const cancel = (place: Place, by: Person = place.owner) => send('DELETE', transferOf(place), by)
const accept = (place: Place, by: Person) => send('POST', `${transferOf(place)}/accept`, by, {})
const decline = (place: Place, by: Person) => send('POST', `${transferOf(place)}/decline`, by, {})
const evidence = 'Death certificate 2026-4411; the heirs agree in writing.'
const force = (place: Place, memberId: string, by: { headers: object } = operator) =>
  send('POST', `${transferOf(place)}/forced`, by, { memberId, evidence })
const member = async (place: Place, id: string, by: Person) => (await ok(send('GET', `${place.url}/members/${id}`, by))).json()

/** The owners by every way to see them: the column, the members' own state. */
async function ownersOf(place: Place, by: Person): Promise<string[]> {
  const [row] = await world.sql<{ id: string }>('select owner_account_id as id from organizations where id = $1', [
    parseId(place.kind, place.id)
  ])
  const { items } = (await ok(send('GET', `${place.url}/members?role=owner`, by))).json()
  return [publicId('account', row!.id), ...items.map(({ accountId }: { accountId: string }) => accountId)]
}
const twice = (who: Person) => [who.accountId, who.accountId]
const statuses = (place: Place) =>
  world.sql<{ status: string }>('select status from ownership_transfers where organization_id = $1 order by created_at, id', [
    parseId(place.kind, place.id)
  ])
const enforce = (who: Person, kind: string) => world.sql(`update accounts set ${inForce(kind)} where id = $1`, [uuid(who)])
const contract = (id: string, version: number, place: Place, contact: Person) =>
  ok(
    send('PUT', `/v1/contracts/${id}`, service, {
      version,
      companyId: place.id,
      teamId: place.defaultTeamId,
      contactAccountId: contact.accountId,
      freelancerAccountId: finn.accountId,
      status: 'active'
    })
  )

t.test('O-1 O-2 201 200: the ownership is offered, accepted, and everything of it changes at once', async (t) => {
  const side = await team(simple, 'Side')
  await ok(setRoles(simple, simple.memberId, [{ role: 'recruiter', teamId: side }]))
  await contract('simple-1', 1, simple, olga)
  const made = await offer(simple, simple.hanaId)
  t.equal(made.statusCode, 201)
  const { id, createdAt, expiresAt, ...rest } = made.json()
  t.match(id, /^transfer_/)
  t.strictSame(rest, { status: 'offered', fromAccountId: olga.accountId, toAccountId: hana.accountId, toMemberId: simple.hanaId })
  t.equal(Date.parse(expiresAt) - Date.parse(createdAt), 7 * 86_400_000, 'seven days')
  t.strictSame(await ownersOf(simple, olga), twice(olga), 'an offer changes no owner')
  const tags = await Promise.all([simple.memberId, simple.hanaId].map((member) => tagOf(`${simple.url}/members/${member}`, olga)))

  const accepted = await accept(simple, hana)
  t.strictSame([accepted.statusCode, accepted.json().ownerAccountId], [200, hana.accountId])
  t.equal(accepted.headers.etag, await tagOf(simple.url, hana))
  t.strictSame(await ownersOf(simple, hana), twice(hana))
  t.strictSame(await statuses(simple), [{ status: 'accepted' }])
  const [former, next] = [await member(simple, simple.memberId, hana), await member(simple, simple.hanaId, hana)]
  t.strictSame(
    [former.owner, former.grants],
    [false, [{ role: 'admin' }, { role: 'hiring_manager' }, { role: 'recruiter', teamId: side }]],
    'admin and hiring manager of the whole company, and what they had'
  )
  t.strictSame([next.owner, next.grants], [true, [{ role: 'hiring_manager', teamId: simple.defaultTeamId }]])
  const after = await Promise.all([simple.memberId, simple.hanaId].map((member) => tagOf(`${simple.url}/members/${member}`, hana)))
  t.ok(
    after.every((tag, index) => tag !== tags[index]),
    'both are new versions'
  )

  t.match(
    (await contract('simple-1', 2, simple, olga)).json(),
    { applied: true, contract: { contactMemberId: simple.memberId } },
    'still contact'
  )
  refused(t, await offer(simple, simple.miaId, olga), 403, 'access_denied', 'the former owner offers nothing any more')
  refused(t, await accept(simple, hana), 409, 'transfer_not_open', 'an offer is accepted once')
  refused(t, await send('DELETE', `${simple.url}/members/${simple.hanaId}`, hana), 409, 'owner_must_transfer')
  t.equal((await offer(simple, simple.memberId, hana)).statusCode, 201, 'and back again')
  t.equal((await accept(simple, olga)).statusCode, 200)
  t.strictSame(await ownersOf(simple, olga), twice(olga))
})

t.test('O-1 403 404 409: only the owner and whom it is offered to see the offer, and only the latter answers', async (t) => {
  for (const who of [ada, hana, mia]) refused(t, await offer(seen, seen.maxId, who), 403, 'access_denied', who.email)
  refused(t, await offer(seen, seen.maxId, stranger), 404, 'not_found')
  refused(t, await look(seen, olga), 404, 'not_found', 'none is open')
  await ok(offer(seen, seen.maxId))
  for (const who of [olga, max]) t.match((await look(seen, who)).json(), { status: 'offered', toMemberId: seen.maxId }, who.email)
  for (const who of [ada, hana, mia, stranger]) refused(t, await look(seen, who), 404, 'not_found', who.email)
  for (const who of [olga, ada, hana, mia]) {
    refused(t, await accept(seen, who), 409, 'transfer_not_open', who.email)
    refused(t, await decline(seen, who), 409, 'transfer_not_open', who.email)
  }
  refused(t, await accept(seen, stranger), 404, 'not_found')
  refused(t, await decline(seen, stranger), 404, 'not_found')
  for (const who of [ada, hana, max]) refused(t, await cancel(seen, who), 403, 'access_denied', who.email)
  refused(t, await cancel(seen, stranger), 404, 'not_found')
  const offered = async (who: Person) =>
    (await ok(send('GET', '/v1/me/contexts', who))).json().items.find(({ id }: { id: string }) => id === seen.id).offeredOwnership
  t.strictSame([await offered(max), await offered(mia)], [true, false], 'the switcher shows that an answer is awaited')
  t.strictSame(await ownersOf(seen, olga), twice(olga))
  t.strictSame(await statuses(seen), [{ status: 'offered' }])
})

t.test('O-1 204 409: an offer is declined or taken back, once; then another can be made', async (t) => {
  for (const end of [() => cancel(refusals), () => decline(refusals, mia)])
    refused(t, await end(), 409, 'transfer_not_open', 'none is open')
  await ok(offer(refusals, refusals.miaId))
  t.equal((await decline(refusals, mia)).statusCode, 204)
  for (const answer of [await decline(refusals, mia), await accept(refusals, mia), await cancel(refusals)])
    refused(t, answer, 409, 'transfer_not_open')
  await ok(offer(refusals, refusals.miaId))
  t.equal((await cancel(refusals)).statusCode, 204)
  for (const answer of [await decline(refusals, mia), await accept(refusals, mia), await cancel(refusals)])
    refused(t, answer, 409, 'transfer_not_open')
  t.strictSame(await statuses(refusals), [{ status: 'declined' }, { status: 'cancelled' }])
  t.strictSame(await ownersOf(refusals, olga), twice(olga))
  const actions = await world.sql<{ action: string }>(
    "select action from audit_events where chain_id = $1 and action like 'ownership.%' order by sequence",
    [parseId('company', refusals.id)]
  )
  t.strictSame(
    actions.map(({ action }) => action),
    ['ownership.offered', 'ownership.declined', 'ownership.offered', 'ownership.offer_cancelled']
  )
})

t.test('O-1 409: one transfer is open at a time', async (t) => {
  await ok(offer(pending, pending.miaId))
  refused(t, await offer(pending, pending.maxId), 409, 'transfer_pending')
  refused(t, await offer(pending, pending.miaId), 409, 'transfer_pending', 'also for the same person')
  t.match((await look(pending, olga)).json(), { toMemberId: pending.miaId })
  await ok(cancel(pending))
  t.equal((await offer(pending, pending.maxId)).statusCode, 201)
})

t.test('O-1 409 404: an offer expires by the clock of the database, and counts for nothing from then on', async (t) => {
  await ok(offer(expiring, expiring.miaId))
  const expire = (interval: string) =>
    world.sql(`update ownership_transfers set expires_at = now() + $2::interval where organization_id = $1 and status = 'offered'`, [
      parseId('company', expiring.id),
      interval
    ])
  await expire('1 hour')
  t.equal((await look(expiring, mia)).statusCode, 200)
  await expire('-1 second')
  refused(t, await look(expiring, mia), 404, 'not_found')
  refused(t, await look(expiring, olga), 404, 'not_found')
  refused(t, await accept(expiring, mia), 409, 'transfer_not_open')
  refused(t, await decline(expiring, mia), 409, 'transfer_not_open')
  refused(t, await cancel(expiring), 409, 'transfer_not_open')
  t.strictSame(await ownersOf(expiring, olga), twice(olga))
  t.equal((await offer(expiring, expiring.maxId)).statusCode, 201, 'and stands in the way of no other')
  t.strictSame(await statuses(expiring), [{ status: 'expired' }, { status: 'offered' }])
  refused(t, await accept(expiring, mia), 409, 'transfer_not_open', 'it is not theirs')
  t.equal((await accept(expiring, max)).statusCode, 200)
})

t.test('O-1 422: ownership is offered only to an active member under no enforcement, with the reason', async (t) => {
  const reasonOf = async (memberId: string): Promise<string> => {
    const answer = await offer(eligible, memberId)
    refused(t, answer, 422, 'not_eligible_owner')
    return answer.json().reason
  }
  t.equal(await reasonOf(eligible.memberId), 'is_owner')
  await ok(send('POST', `${eligible.url}/members/${eligible.maxId}/suspension`, olga, {}))
  t.equal(await reasonOf(eligible.maxId), 'membership_suspended')
  await ok(send('DELETE', `${eligible.url}/members/${eligible.maxId}/suspension`, olga))
  for (const kind of ['notice', 'warning', 'restricted', 'suspended', 'banned']) {
    await enforce(max, kind)
    t.equal(await reasonOf(eligible.maxId), 'under_enforcement', kind)
  }
  await enforce(max, 'none')
  await returning(world, max)
  refused(t, await offer(eligible, simple.maxId), 404, 'not_found', 'a member of another company')
  refused(t, await offer(eligible, 'member_01k2v6c5e7g9jbm1q3s5v7x9z1'), 404, 'not_found')
  refused(t, await offer(eligible, ''), 400, 'invalid_input')
  t.strictSame(await statuses(eligible), [])
  t.equal((await offer(eligible, eligible.maxId)).statusCode, 201, 'with all mended it can be offered')
})

t.test('O-1 422: whoever is not eligible any more when they accept does not become owner, and the offer stays open', async (t) => {
  await ok(offer(later, later.maxId))
  const reasonOf = async (): Promise<string> => {
    const answer = await accept(later, max)
    refused(t, answer, 422, 'not_eligible_owner')
    return answer.json().reason
  }
  await enforce(max, 'restricted')
  t.equal(await reasonOf(), 'under_enforcement')
  await enforce(max, 'none')
  await ok(send('POST', `${later.url}/members/${later.maxId}/suspension`, olga, {}))
  refused(t, await accept(later, max), 403, 'membership_suspended')
  await ok(send('DELETE', `${later.url}/members/${later.maxId}/suspension`, olga))
  await world.sql(`update organizations set ${inForce('suspended')} where id = $1`, [parseId('company', later.id)])
  refused(t, await accept(later, max), 403, 'organization_suspended')
  await world.sql(`update organizations set ${inForce('none')} where id = $1`, [parseId('company', later.id)])
  t.strictSame(await ownersOf(later, olga), twice(olga))
  t.strictSame(await statuses(later), [{ status: 'offered' }])
  t.equal((await accept(later, max)).statusCode, 200)
})

t.test('S-8 401: both sides need a recent sign-in, for offering and for accepting', async (t) => {
  const age = (who: Person) =>
    world.sql("update sessions set authenticated_at = now() - interval '11 minutes' where account_id = $1", [uuid(who)])
  const again = (who: Person) => ok(send('POST', '/v1/me/reauthentication', who, { password: who.password }))
  await age(olga)
  refused(t, await offer(signed, signed.miaId), 401, 'reauthentication_required')
  t.strictSame(await statuses(signed), [])
  await again(olga)
  t.equal((await offer(signed, signed.miaId)).statusCode, 201)
  await age(mia)
  refused(t, await accept(signed, mia), 401, 'reauthentication_required')
  t.strictSame(await ownersOf(signed, olga), twice(olga))
  t.equal((await look(signed, mia)).statusCode, 200, 'looking needs none')
  await again(mia)
  t.equal((await accept(signed, mia)).statusCode, 200)
})

t.test('O-1 409: closing the organization, or the end of the membership, makes an offer void', async (t) => {
  await ok(offer(closing, closing.miaId))
  await ok(send('POST', `${closing.url}/closure`, olga, {}))
  refused(t, await accept(closing, mia), 409, 'organization_closed')
  refused(t, await look(closing, mia), 404, 'not_found')
  refused(t, await offer(closing, closing.maxId), 409, 'organization_closed')
  t.strictSame(await statuses(closing), [{ status: 'cancelled' }])

  await ok(offer(going, going.miaId))
  await ok(send('DELETE', `${going.url}/members/${going.maxId}`, max))
  t.equal((await look(going, olga)).statusCode, 200, 'somebody else who leaves is not the matter')
  await ok(send('DELETE', `${going.url}/members/${going.miaId}`, mia))
  refused(t, await look(going, olga), 404, 'not_found')
  const again = await join(going, mia, [{ role: 'member' }])
  refused(t, await accept(going, mia), 409, 'transfer_not_open', 'coming back brings no offer back')
  t.equal((await offer(going, again)).statusCode, 201)
  t.strictSame(await statuses(going), [{ status: 'cancelled' }, { status: 'offered' }])
})

t.test('O-1 O-2 422 200: in an agency the new owner has a freelancer profile and owns no other agency', async (t) => {
  const reasonOf = async (answer: Awaited<ReturnType<typeof offer>>): Promise<string> => {
    refused(t, answer, 422, 'not_eligible_owner')
    return answer.json().reason
  }
  t.equal(await reasonOf(await offer(studio, gusId)), 'freelancer_profile_required')
  t.equal(await reasonOf(await force(studio, gusId)), 'freelancer_profile_required')
  const fays = await found(fay, 'agency')
  t.equal(await reasonOf(await offer(studio, fayId)), 'agency_limit')
  t.equal(await reasonOf(await force(studio, fayId)), 'agency_limit')
  await ok(send('POST', `${fays.url}/closure`, fay, {}))
  t.equal((await offer(studio, fayId)).statusCode, 201, 'a closed one is none')
  await ok(cancel(studio))

  await ok(offer(studio, floId))
  await ok(send('DELETE', '/v1/me/profiles/freelancer', flo))
  t.equal(await reasonOf(await accept(studio, flo)), 'freelancer_profile_required', 'closed meanwhile')
  await freelance(flo)
  const flos = await found(flo, 'agency')
  t.equal(await reasonOf(await accept(studio, flo)), 'agency_limit', 'founded meanwhile')
  await ok(send('POST', `${flos.url}/closure`, flo, {}))
  t.strictSame(await ownersOf(studio, otto), twice(otto))

  const accepted = await accept(studio, flo)
  t.strictSame([accepted.statusCode, accepted.json().ownerAccountId], [200, flo.accountId])
  t.strictSame(await ownersOf(studio, flo), twice(flo))
  const former = await member(studio, studio.memberId, flo)
  t.strictSame(former.grants, [{ role: 'admin' }, { role: 'business_manager' }, { role: 'freelancer' }], 'freelancer as before')
  t.strictSame((await member(studio, floId, flo)).grants, [{ role: 'finance' }])
  refused(t, await send('POST', '/v1/agencies', flo, { name: 'Studio Flo' }), 409, 'agency_limit')

  await ok(setRoles(studio, floId, [], flo))
  await ok(offer(studio, finnId, flo))
  t.equal((await accept(studio, finn)).statusCode, 200)
  t.strictSame(
    (await member(studio, floId, finn)).grants,
    [{ role: 'admin' }, { role: 'business_manager' }],
    'who was no freelancer is made none'
  )
  t.equal((await send('POST', '/v1/agencies', otto, { name: 'Studio Otto' })).statusCode, 201, 'the first owner may found again')
})

t.test('O-3 200: an operator transfers for an absent owner; the evidence stays in the audit, and an open offer is void', async (t) => {
  await contract('forced-1', 1, forced, olga)
  await ok(offer(forced, forced.maxId))
  const done = await force(forced, forced.adaId)
  t.strictSame([done.statusCode, done.json().ownerAccountId], [200, ada.accountId])
  t.strictSame(await ownersOf(forced, ada), twice(ada))
  refused(t, await accept(forced, max), 409, 'transfer_not_open')
  t.strictSame(await statuses(forced), [{ status: 'cancelled' }])
  t.strictSame((await member(forced, forced.memberId, ada)).grants, [{ role: 'admin' }, { role: 'hiring_manager' }])
  t.match((await contract('forced-1', 2, forced, olga)).json(), { contract: { contactMemberId: forced.memberId } }, 'still contact')

  const { items } = (await ok(send('GET', `${forced.url}/audit?action=ownership.transferred`, ada))).json()
  t.equal(items.length, 1)
  t.match(items[0], {
    actor: { kind: 'operator' },
    resource: forced.id,
    before: { ownerMemberId: forced.memberId },
    after: { ownerMemberId: forced.adaId },
    personal: null
  })
  const kept = await world.sql<{ values: object }>(
    "select values from audit_personal p join audit_events e on e.id = p.event_id where e.action = 'ownership.transferred' and e.resource = $1",
    [forced.id]
  )
  t.strictSame(kept, [{ values: { evidence } }], 'kept, and not shown to the organization')
  const [event] = await world.sql<{ text: string }>(
    "select e::text as text from events e where type = 'ownership.transferred' and subject = $1",
    [forced.id]
  )
  t.notMatch(event!.text, /certificate|heirs/, 'other services are not told the evidence')
})

t.test('O-3 E-5 200: the owner may be suspended; the new owner meets the same conditions', async (t) => {
  await enforce(olga, 'suspended')
  const reasonOf = async (memberId: string): Promise<string> => {
    const answer = await force(absent, memberId)
    refused(t, answer, 422, 'not_eligible_owner')
    return answer.json().reason
  }
  t.equal(await reasonOf(absent.memberId), 'is_owner')
  await enforce(hana, 'restricted')
  t.equal(await reasonOf(absent.hanaId), 'under_enforcement')
  await enforce(hana, 'none')
  t.equal((await send('GET', absent.url, ada)).statusCode, 200, 'its admins go on')
  t.equal((await force(absent, absent.hanaId)).statusCode, 200)
  t.strictSame(await ownersOf(absent, hana), twice(hana))
  await enforce(olga, 'none')
  await returning(world, olga)
})

t.test('O-3 400 401 403 404: nobody but operators, never for an account of their own, never without evidence', async (t) => {
  const place = pending
  const before = await ownersOf(place, olga)
  for (const who of [olga, ada, stranger]) refused(t, await force(place, place.miaId, who), 401, 'not_signed_in', who.email)
  refused(t, await force(place, place.miaId, service), 401, 'not_signed_in', 'a service')
  refused(t, await force(place, place.miaId, ownOperator), 403, 'access_denied', 'their own account')
  const ownerToo = await world.operator(olga.email)
  refused(t, await force(place, place.miaId, ownerToo), 403, 'access_denied', 'an organization that is theirs')
  for (const body of [{ memberId: place.miaId }, { memberId: place.miaId, evidence: '' }, { evidence }]) {
    refused(t, await send('POST', `${transferOf(place)}/forced`, operator, body), 400, 'invalid_input', JSON.stringify(body))
  }
  refused(t, await force(place, simple.miaId), 404, 'not_found', 'a member of another company')
  refused(t, await force({ ...place, url: place.url.replace('companies/company', 'agencies/agency') }, place.miaId), 404, 'not_found')
  t.strictSame(await ownersOf(place, olga), before)
})
