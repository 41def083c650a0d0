import type { LightMyRequestResponse as Response } from 'fastify'
import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { problemFault } from '../support/problems.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

const world = await openWorld(t, { instances: 2, env: { COMPANIES_PER_ACCOUNT: '1000' } })
const { send, ok, freelance, found, join } = organizations(world)
const operator = await world.operator()

const [olga, ada, mia, max] = [await world.person('Olga'), await world.person('Ada'), await world.person('Mia'), await world.person('Max')]
const [otto, orla, fay] = [await world.person('Otto'), await world.person('Orla'), await world.person('Fay')]
for (const who of [otto, orla, fay]) await freelance(who)
const studios = [await found(otto, 'agency'), await found(orla, 'agency')] as const
const fayIds = [await join(studios[0], fay, [{ role: 'freelancer' }]), await join(studios[1], fay, [{ role: 'freelancer' }])] as const

const uuidOf = (place: Pick<Place, 'kind' | 'id'>) => parseId(place.kind, place.id)
const transferOf = (place: Pick<Place, 'url'>) => `${place.url}/ownership-transfer`
const offer = (place: Place, memberId: string, by: Person = place.owner, instance = 0) =>
  send('POST', transferOf(place), by, { memberId }, instance)
const accept = (place: Pick<Place, 'url'>, by: Person, instance = 0) => send('POST', `${transferOf(place)}/accept`, by, {}, instance)
const decline = (place: Place, by: Person, instance = 0) => send('POST', `${transferOf(place)}/decline`, by, {}, instance)
const cancel = (place: Place, by: Person, instance = 0) => send('DELETE', transferOf(place), by, undefined, instance)
const force = (place: Place, memberId: string, instance = 0) =>
  send('POST', `${transferOf(place)}/forced`, operator, { memberId, evidence: 'The owner is gone.' }, instance)

/** A new company of Olga's that Ada administers; Mia and Max are members. */
async function company() {
  const place = await found(olga)
  await join(place, ada, [{ role: 'admin' }])
  return { ...place, miaId: await join(place, mia, [{ role: 'member' }]), maxId: await join(place, max, [{ role: 'member' }]) }
}

interface State {
  owner: string
  ownerStatus: string | null
  miaIsMember: boolean
  transfers: string[]
  deadOffers: number
  handedOver: number
}

/** What is true of an organization now, read past the service. */
async function stateOf(place: Place): Promise<State> {
  const [state] = await world.sql<State>(
    `select (select e.address from emails e where e.account_id = o.owner_account_id) as owner,
      (select m.status from memberships m where m.organization_id = o.id and m.account_id = o.owner_account_id) as "ownerStatus",
      exists (select from memberships m where m.organization_id = o.id and m.account_id = $2) as "miaIsMember",
      coalesce((select array_agg(t.status order by t.created_at) from ownership_transfers t where t.organization_id = o.id), '{}') as transfers,
      (select count(*)::int from ownership_transfers t where t.organization_id = o.id and t.status = 'offered'
        and not exists (select from memberships m where m.organization_id = o.id and m.account_id = t.to_account_id)) as "deadOffers",
      (select count(*)::int from audit_events a where a.chain_id = o.id and a.action = 'ownership.transferred') as "handedOver"
    from organizations o where o.id = $1`,
    [uuidOf(place), parseId('account', mia.accountId)]
  )
  return state!
}
const whole = { ownerStatus: 'active', deadOffers: 0 }
/** Starts both at once, the one or the other first, on the one or the other instance. */
const together = (round: number, one: (instance: number) => Promise<Response>, other: (instance: number) => Promise<Response>) =>
  round % 2 === 0
    ? Promise.all([one(0), other(1)])
    : Promise.all([other(0), one(1)]).then(([second, first]) => [first, second] as [Response, Response])

t.test('O-1 at once: a transfer is accepted while its target is removed or leaves: they own it, or they are gone', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const place = await company()
    await ok(offer(place, place.miaId))
    const by = [olga, ada, mia][round % 3]!
    const [accepted, removed] = await together(
      round,
      (instance) => accept(place, mia, instance),
      (instance) => send('DELETE', `${place.url}/members/${place.miaId}`, by, undefined, instance)
    )
    const state = await stateOf(place)
    if (accepted.statusCode === 200) {
      t.equal(problemFault(removed, 'owner_must_transfer'), undefined)
      t.match(state, { ...whole, owner: mia.email, miaIsMember: true, transfers: ['accepted'], handedOver: 1 })
    } else {
      t.equal(removed.statusCode, 204)
      t.equal(problemFault(accepted, 'not_found'), undefined)
      t.match(state, { ...whole, owner: olga.email, miaIsMember: false, transfers: ['cancelled'], handedOver: 0 })
    }
  }
})

t.test(
  'O-1 at once: a transfer is accepted while the membership of its target is suspended: they own it, or they are suspended',
  async (t) => {
    for (let round = 0; round < rounds(2); round++) {
      const place = await company()
      await ok(offer(place, place.miaId))
      const [accepted, suspended] = await together(
        round,
        (instance) => accept(place, mia, instance),
        (instance) => send('POST', `${place.url}/members/${place.miaId}/suspension`, ada, {}, instance)
      )
      const won = accepted.statusCode === 200
      t.equal(won ? problemFault(suspended, 'owner_must_transfer') : problemFault(accepted, 'membership_suspended'), undefined)
      t.equal(won ? accepted.statusCode : suspended.statusCode, 200)
      t.match(await stateOf(place), { ...whole, owner: won ? mia.email : olga.email, transfers: [won ? 'accepted' : 'offered'] })
    }
  }
)

t.test('O-1 at once: two acceptances of one transfer: one is it', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const place = await company()
    await ok(offer(place, place.miaId))
    const answers = await Promise.all([0, 1, 0, 1].map((instance) => accept(place, mia, instance)))
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [200, 409, 409, 409])
    for (const answer of answers.filter(({ statusCode }) => statusCode === 409))
      t.equal(problemFault(answer, 'transfer_not_open'), undefined)
    t.match(await stateOf(place), { ...whole, owner: mia.email, transfers: ['accepted'], handedOver: 1 })
  }
})

t.test('O-1 at once: accepted and taken back: one of them', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const place = await company()
    await ok(offer(place, place.miaId))
    const [accepted, cancelled] = await together(
      round,
      (instance) => accept(place, mia, instance),
      (instance) => cancel(place, olga, instance)
    )
    if (accepted.statusCode === 200) {
      t.equal(problemFault(cancelled, 'access_denied'), undefined, 'the former owner takes nothing back')
      t.match(await stateOf(place), { ...whole, owner: mia.email, transfers: ['accepted'], handedOver: 1 })
    } else {
      t.equal(cancelled.statusCode, 204)
      t.equal(problemFault(accepted, 'transfer_not_open'), undefined)
      t.match(await stateOf(place), { ...whole, owner: olga.email, transfers: ['cancelled'], handedOver: 0 })
    }
  }
})

t.test('O-1 at once: accepted and declined: one of them', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const place = await company()
    await ok(offer(place, place.miaId))
    const [accepted, declined] = await together(
      round,
      (instance) => accept(place, mia, instance),
      (instance) => decline(place, mia, instance)
    )
    const won = accepted.statusCode === 200
    t.strictSame([accepted.statusCode, declined.statusCode], won ? [200, 409] : [409, 204])
    t.equal(problemFault(won ? declined : accepted, 'transfer_not_open'), undefined)
    t.match(await stateOf(place), {
      ...whole,
      owner: won ? mia.email : olga.email,
      transfers: [won ? 'accepted' : 'declined'],
      handedOver: won ? 1 : 0
    })
  }
})

t.test('O-1 at once: several offers: one is open', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const place = await company()
    const answers = await Promise.all(
      [place.miaId, place.maxId, place.miaId, place.maxId].map((id, index) => offer(place, id, olga, index % 2))
    )
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, 409, 409, 409])
    for (const answer of answers.filter(({ statusCode }) => statusCode === 409))
      t.equal(problemFault(answer, 'transfer_pending'), undefined)
    t.match(await stateOf(place), { ...whole, owner: olga.email, transfers: ['offered'] })
  }
})

t.test('O-1 at once: offered to a member while they are removed: no offer is left to somebody who is gone', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const place = await company()
    const [offered, removed] = await together(
      round,
      (instance) => offer(place, place.miaId, olga, instance),
      (instance) => send('DELETE', `${place.url}/members/${place.miaId}`, ada, undefined, instance)
    )
    t.equal(removed.statusCode, 204)
    const first = offered.statusCode === 201
    t.equal(first ? undefined : problemFault(offered, 'not_found'), undefined)
    t.match(await stateOf(place), { ...whole, owner: olga.email, miaIsMember: false, transfers: first ? ['cancelled'] : [] })
  }
})

t.test('O-3 at once: an operator transfers to one while another accepts: there is one owner, and nothing is open', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const place = await company()
    await ok(offer(place, place.miaId))
    const [accepted, forced] = await together(
      round,
      (instance) => accept(place, mia, instance),
      (instance) => force(place, place.maxId, instance)
    )
    t.equal(forced.statusCode, 200)
    const both = accepted.statusCode === 200
    t.equal(both ? undefined : problemFault(accepted, 'transfer_not_open'), undefined)
    t.match(await stateOf(place), {
      ...whole,
      owner: max.email,
      transfers: [both ? 'accepted' : 'cancelled'],
      handedOver: both ? 2 : 1
    })
  }
})

/** Gives back what Fay owns, takes back what is open, and answers how many agencies she owned. */
async function giveBack(): Promise<number> {
  const owned = await world.sql<{ id: string }>(
    "select id from organizations where owner_account_id = $1 and kind = 'agency' and status <> 'closed'",
    [parseId('account', fay.accountId)]
  )
  for (const place of studios) {
    if (owned.some(({ id }) => id === uuidOf(place))) {
      await ok(offer(place, place.memberId, fay))
      await ok(accept(place, place.owner))
    } else await cancel(place, place.owner)
  }
  return owned.length
}

t.test('O-1 P-4 at once: the ownership of two agencies is accepted: of one', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    for (const [index, place] of studios.entries()) await ok(offer(place, fayIds[index]!))
    const answers = await together(
      round,
      (instance) => accept(studios[0], fay, instance),
      (instance) => accept(studios[1], fay, instance)
    )
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [200, 422])
    const refused = answers.find(({ statusCode }) => statusCode === 422)!
    t.equal(problemFault(refused, 'not_eligible_owner'), undefined)
    t.equal(refused.json().reason, 'agency_limit')
    t.equal(await giveBack(), 1, 'one owned agency')
  }
})

t.test('O-3 P-4 at once: one agency is accepted while an operator transfers another: one of them', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    await ok(offer(studios[0], fayIds[0]))
    const answers = await together(
      round,
      (instance) => accept(studios[0], fay, instance),
      (instance) => force(studios[1], fayIds[1], instance)
    )
    t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1)
    // Whoever looked before the other was done is refused by the database.
    t.equal(problemFault(answers.find(({ statusCode }) => statusCode !== 200)!, 'not_eligible_owner', 'agency_limit'), undefined)
    t.equal(await giveBack(), 1, 'one owned agency')
  }
})

t.test('O-1 P-4 at once: an agency is founded while the ownership of another is accepted: one of them', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    await ok(offer(studios[0], fayIds[0]))
    const [accepted, founded] = await together(
      round,
      (instance) => accept(studios[0], fay, instance),
      (instance) => send('POST', '/v1/agencies', fay, { name: 'Studio Fay' }, instance)
    )
    t.equal([accepted, founded].filter(({ statusCode }) => statusCode < 300).length, 1)
    const won = accepted.statusCode === 200
    t.equal(won ? problemFault(founded, 'agency_limit') : problemFault(accepted, 'not_eligible_owner'), undefined)
    if (!won) {
      t.equal(accepted.json().reason, 'agency_limit')
      await ok(cancel(studios[0], studios[0].owner))
      await ok(send('POST', `/v1/agencies/${founded.json().id}/closure`, fay, {}))
    } else t.equal(await giveBack(), 1)
  }
})
