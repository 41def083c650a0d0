import type { LightMyRequestResponse as Response } from 'fastify'
import t from 'tap'
import { eraseDue } from '../../src/closing/erasing.ts'
import { parseId } from '../../src/http/ids.ts'
import { contractServices } from '../support/contracts.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { problemFault } from '../support/problems.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

const world = await openWorld(t, { instances: 2, env: { COMPANIES_PER_ACCOUNT: '1000' }, config: { ERASURE_GRACE_SECONDS: 0 } })
const { send, ok, found, join } = organizations(world)
const { put, first } = await contractServices(world)
const operator = await world.operator()
const [olga, finn] = [await world.person('Olga'), await world.person('Finn')]
const silent = { error: () => undefined }

const close = (person: Person, instance = 0): Promise<Response> => world.post('/v1/me/closure', {}, person.headers, instance)
const closed = async (person: Person): Promise<void> => void (await ok(close(person)))

let people = 0
const somebody = (): Promise<Person> => world.person('Mia', { email: `mia${people++}@example.com` })

/** What is true of a person and a place, read past the service. */
async function stateOf(person: Person, place?: Place) {
  const [state] = await world.sql<{ status: string; owns: boolean; member: boolean; ownerStatus: string | null; open: number }>(
    `select a.status, o.owner_account_id is not distinct from a.id as owns,
      exists (select from memberships m where m.organization_id = o.id and m.account_id = a.id) as member,
      (select b.status from accounts b where b.id = o.owner_account_id) as "ownerStatus",
      (select count(*)::int from memberships m join organizations p on p.id = m.organization_id where m.account_id = a.id and p.status <> 'closed') as open
    from accounts a left join organizations o on o.id = $2 where a.id = $1`,
    [parseId('account', person.accountId), place ? parseId(place.kind, place.id) : null]
  )
  return state!
}
const events = async (type: string, subject: string): Promise<number> =>
  (await world.sql('select from events where type = $1 and subject = $2', [type, subject])).length

/** Starts both at once, the one or the other first, on the one or the other instance. */
const together = async <One, Other>(
  round: number,
  one: (instance: number) => Promise<One>,
  other: (instance: number) => Promise<Other>
): Promise<[One, Other]> => {
  if (round % 2 === 0) return Promise.all([one(0), other(1)])
  const [second, first] = await Promise.all([other(0), one(1)])
  return [first, second]
}

t.test('P-13 O-1 at once: closing while accepting ownership: they own it and stay, or they are gone', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const [mia, place] = [await somebody(), await found(olga)]
    const memberId = await join(place, mia)
    await ok(send('POST', `${place.url}/ownership-transfer`, olga, { memberId }))
    const [answer, accepted] = await together(
      round,
      (instance) => close(mia, instance),
      (instance) => send('POST', `${place.url}/ownership-transfer/accept`, mia, {}, instance)
    )
    const state = await stateOf(mia, place)
    t.equal(state.ownerStatus, 'active', 'never a closed owner')
    if (accepted.statusCode === 200) {
      t.equal(problemFault(answer, 'closure_blocked'), undefined)
      t.match(state, { status: 'active', owns: true, member: true })
    } else {
      t.equal(answer.statusCode, 200)
      t.equal(problemFault(accepted, 'not_found', 'not_signed_in'), undefined)
      t.match(state, { status: 'closed', owns: false, member: false, open: 0 })
    }
  }
})

t.test('P-13 O-3 at once: closing while an operator makes them owner: one or the other', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const [mia, place] = [await somebody(), await found(olga)]
    const memberId = await join(place, mia)
    const [answer, forced] = await together(
      round,
      (instance) => close(mia, instance),
      (instance) => send('POST', `${place.url}/ownership-transfer/forced`, operator, { memberId, evidence: 'The owner is gone.' }, instance)
    )
    const state = await stateOf(mia, place)
    t.equal(state.ownerStatus, 'active')
    if (forced.statusCode === 200) {
      t.equal(problemFault(answer, 'closure_blocked'), undefined)
      t.match(state, { status: 'active', owns: true })
    } else {
      t.equal(answer.statusCode, 200)
      t.equal(problemFault(forced, 'not_found'), undefined)
      t.match(state, { status: 'closed', owns: false, member: false })
    }
  }
})

t.test('P-13 at once: closing while joining: a closed account is in no open organization', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const [mia, place] = [await somebody(), await found(olga)]
    const { id } = (await ok(send('POST', `${place.url}/invitations`, olga, { email: mia.email }))).json() as { id: string }
    const [answer, joined] = await together(
      round,
      (instance) => close(mia, instance),
      (instance) => world.post('/v1/invitations/accept', { invitationId: id }, mia.headers, instance)
    )
    t.equal(answer.statusCode, 200)
    if (joined.statusCode !== 200) t.equal(problemFault(joined, 'not_signed_in', 'conflict'), undefined)
    t.match(await stateOf(mia, place), { status: 'closed', member: false, open: 0 })
    const system = await join(place, mia).catch((error: { code: string }) => error)
    t.match(system, { code: 'conflict' }, 'nor by any other way')
  }
})

t.test('P-13 K-6 at once: closing while being made contact of a contract: one of the two fails', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const [mia, place] = [await somebody(), await found(olga)]
    await join(place, mia, [{ role: 'hiring_manager' }])
    const [answer, told] = await together(
      round,
      (instance) => close(mia, instance),
      (instance) => put(`p13-at-once-${round}`, first(place, mia, finn), instance)
    )
    if (told.statusCode === 200) {
      t.equal(problemFault(answer, 'closure_blocked'), undefined)
      t.match(await stateOf(mia, place), { status: 'active', member: true })
    } else {
      t.equal(answer.statusCode, 200)
      t.equal(problemFault(told, 'not_eligible_contact'), undefined)
      t.match(await stateOf(mia, place), { status: 'closed', member: false })
    }
  }
})

t.test('P-13 at once: closing many times closes once', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const mia = await somebody()
    const answers = await Promise.all([0, 1, 0, 1].map((instance) => close(mia, instance)))
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [200, 401, 401, 401])
    t.equal(await events('account.closed', mia.accountId), 1)
    t.equal((await world.mails(mia.email)).filter(({ subject }) => subject === 'Your account was closed').length, 1)
  }
})

t.test('P-14 at once: a link opens the account once', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const mia = await somebody()
    await closed(mia)
    await ok(world.post('/v1/reactivations', { email: mia.email }))
    const token = await world.mailedToken(mia.email, 'ghb')
    const answers = await Promise.all([0, 1, 0, 1].map((instance) => world.post('/v1/reactivations/confirm', { token }, {}, instance)))
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [200, 410, 410, 410])
    t.equal(await events('account.reactivated', mia.accountId), 1)
  }
})

t.test('P-16 at once: erasing while coming back: they are back whole, or erased whole', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const mia = await somebody()
    await ok(world.post('/v1/me/anonymisation', {}, mia.headers))
    await ok(world.post('/v1/reactivations', { email: mia.email }))
    const token = await world.mailedToken(mia.email, 'ghb')
    const [back] = await together(
      round,
      (instance) => world.post('/v1/reactivations/confirm', { token }, {}, instance),
      (instance) => Promise.all([eraseDue(world.allParts[instance]!, silent), eraseDue(world.allParts[1 - instance]!, silent)])
    )
    const [now] = await world.sql<{ status: string; name: string; emails: number; request: string }>(
      `select a.status, a.first_name as name, (select count(*)::int from emails e where e.account_id = a.id) as emails,
        (select status from anonymisations x where x.account_id = a.id) as request from accounts a where a.id = $1`,
      [parseId('account', mia.accountId)]
    )
    if (back.statusCode === 200) t.strictSame(now, { status: 'active', name: 'Mia', emails: 1, request: 'cancelled' })
    else {
      t.equal(problemFault(back, 'token_dead'), undefined)
      t.strictSame(now, { status: 'anonymised', name: '', emails: 0, request: 'done' })
    }
    t.equal((await events('account.anonymised', mia.accountId)) + (await events('account.reactivated', mia.accountId)), 1)
  }
})
