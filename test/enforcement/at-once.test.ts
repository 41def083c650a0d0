import type { LightMyRequestResponse as Response } from 'fastify'
import t from 'tap'
import { lockAccount } from '../../src/accounts/accounts.ts'
import { actionsInForce } from '../../src/enforcement/actions.ts'
import { parseId } from '../../src/http/ids.ts'
import { lockOrganization } from '../../src/organizations/organizations.ts'
import { deciding } from '../support/deciding.ts'
import { inviting } from '../support/invitations.ts'
import { organizations } from '../support/organizations.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(900_000)
const world = await openWorld(t, {
  instances: 2,
  // What waits for its turn on a busy machine is to be answered by the rules, not by the clock.
  env: { COMPANIES_PER_ACCOUNT: '1000', LOCK_TIMEOUT_MS: '10000', STATEMENT_TIMEOUT_MS: '10000' }
})
const { sql } = world
const { found } = organizations(world)
const { invited, accept, mailed, memberOf } = inviting(world)
const { send, ok, urlOf, impose, done, approve, lift, linkOf, appeal, decide, enforcementOf, liveSessions } = deciding(world)
const one = await world.operator('one@guildhall.example')
const two = await world.operator('two@guildhall.example')
const three = await world.operator('three@guildhall.example')
const olga = await world.person('Olga')
const acme = await found(olga)

let count = 0
const anybody = (): Promise<Person> => world.person('Max', { email: `max${count++}@example.com` })
const outcome = (answer: Response): string => (answer.statusCode < 300 ? String(answer.statusCode) : answer.json().code)
/** Starts both, now this one first and then that one; answers in the order given. */
async function together(round: number, first: () => Promise<Response>, second: () => Promise<Response>): Promise<[Response, Response]> {
  if (round % 2) return Promise.all([first(), second()])
  const [b, a] = await Promise.all([second(), first()])
  return [a, b]
}
const actionsOn = async (id: string) =>
  (await ok(send('GET', urlOf(id), one))).json().items as Array<{ id: string; kind: string; status: string }>
const times = async (resource: string, action: string): Promise<number> =>
  (await sql('select from audit_events where resource = $1 and action = $2', [resource, action])).length

t.test('E-3 at once: a suspension against signing in. Nothing live is left, whoever was first', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const max = await anybody()
    const [signedIn] = await together(
      round,
      () => world.signIn(max),
      () => impose(one, max.accountId, 'suspended', {}, 1)
    )
    t.ok(['201', 'account_suspended'].includes(outcome(signedIn)), outcome(signedIn))
    t.equal(await liveSessions(max), 0)
    for (const { accessToken, refreshToken } of [max, signedIn.statusCode === 201 ? signedIn.json() : max]) {
      const headers = { authorization: `Bearer ${accessToken}` }
      t.equal((await world.inject({ url: '/v1/me', headers }, round)).statusCode, 401)
      t.equal((await world.post('/v1/sessions/refresh', { refreshToken }, {}, round)).statusCode, 401)
    }
    t.equal(outcome(await world.signIn(max, round)), 'account_suspended')
  }
})

t.test('E-3 at once: a suspension against a refresh. Neither the old nor the new tokens are good for anything', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const max = await anybody()
    const refresh = () => world.post('/v1/sessions/refresh', { refreshToken: max.refreshToken })
    const [refreshed] = await together(round, refresh, () => impose(one, max.accountId, 'suspended', {}, 1))
    t.ok(['200', 'invalid_refresh_token'].includes(outcome(refreshed)), outcome(refreshed))
    t.equal(await liveSessions(max), 0)
    if (refreshed.statusCode !== 200) continue
    const { accessToken, refreshToken } = refreshed.json()
    t.equal((await world.inject({ url: '/v1/me', headers: { authorization: `Bearer ${accessToken}` } })).statusCode, 401)
    t.equal((await world.post('/v1/sessions/refresh', { refreshToken })).statusCode, 401)
  }
})

t.test('E-3 at once: a suspension of person or organization against accepting an invitation. No membership is made after it', async (t) => {
  for (const whose of ['person', 'organization'] as const) {
    for (let round = 0; round < rounds(3); round++) {
      const max = await anybody()
      const place = whose === 'person' ? acme : await found(olga)
      const sent = await invited(place, max.email)
      const token = await mailed(max.email)
      const id = whose === 'person' ? max.accountId : place.id
      const [accepted, imposed] = await together(
        round,
        () => accept(max, { token }),
        () => impose(one, id, 'suspended', {}, 1)
      )
      t.equal(imposed.statusCode, 201)
      const member = await memberOf(place, max)
      const state = await sql<{ status: string }>('select status from invitations where id = $1', [parseId('invitation', sent.id)])
      const is = outcome(accepted)
      t.ok(['200', whose === 'person' ? 'not_signed_in' : 'organization_suspended'].includes(is), is)
      t.strictSame([Boolean(member), state[0]!.status], is === '200' ? [true, 'accepted'] : [false, 'pending'])
      if (whose === 'person') t.equal(await liveSessions(max), 0)
      // Both are written under the same lock, so their events have the order in which they happened.
      const told = await sql<{ type: string }>(
        `select type from events where type in ('member.joined', 'enforcement.imposed') and (subject in ($1, $2)) order by id`,
        [id, member?.id ?? '']
      )
      t.strictSame(
        told.map(({ type }) => type),
        is === '200' ? ['member.joined', 'enforcement.imposed'] : ['enforcement.imposed']
      )
    }
  }
})

t.test(
  'E-3: a transaction that began before a suspension and waited for its lock finds it in force, whatever its own clock says',
  async (t) => {
    const max = await anybody()
    const place = await found(olga)
    const id = parseId('account', max.accountId)!
    const banned = await done(one, place.id, 'banned')
    await world.parts.db.transaction(async (tx) => {
      await tx.execute('select now()')
      await new Promise((resolve) => setTimeout(resolve, 5))
      await done(one, max.accountId, 'suspended')
      await ok(approve(two, place.id, banned.id))
      t.equal((await lockAccount(tx, id)).enforcement, 'suspended')
      t.match(await actionsInForce(tx, { kind: 'account', id }), [{ kind: 'suspended', status: 'active' }])
      t.match(await lockOrganization(tx, 'company', parseId('company', place.id)!), { status: 'suspended', enforcement: 'banned' })
    })
  }
)

t.test('E-1 at once: two decisions about one account stand beside each other, and the history is one line', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const max = await anybody()
    await together(
      round,
      () => impose(one, max.accountId, 'restricted'),
      () => impose(two, max.accountId, 'warning', {}, 1)
    )
    t.equal(await enforcementOf(max.accountId), 'restricted')
    t.strictSame((await actionsOn(max.accountId)).map(({ kind }) => kind).sort(), ['restricted', 'warning'])
    const line = await sql<{ before: { enforcement: string }; after: { enforcement: string } }>(
      `select detail->'before' as before, detail->'after' as after from audit_events where resource = $1 and action = 'enforcement.imposed' order by sequence`,
      [max.accountId]
    )
    t.equal(line[0]!.before.enforcement, 'none')
    t.equal(line[0]!.after.enforcement, line[1]!.before.enforcement)
    t.equal(line[1]!.after.enforcement, 'restricted')
  }
})

t.test('E-1 at once: two approvals of a ban, and an approval against withdrawing it. One happens', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const max = await anybody()
    const { id } = await done(one, max.accountId, 'banned')
    const both = await together(
      round,
      () => approve(two, max.accountId, id),
      () => approve(three, max.accountId, id, 1)
    )
    t.strictSame(both.map(outcome).sort(), ['200', 'action_not_proposed'])
    t.equal(await times(max.accountId, 'enforcement.approved'), 1)

    const ada = await anybody()
    const second = await done(one, ada.accountId, 'banned')
    const [approved, withdrawn] = await together(
      round,
      () => approve(two, ada.accountId, second.id),
      () => lift(one, ada.accountId, second.id, 'mistake', 1)
    )
    const is = `${outcome(approved)} ${outcome(withdrawn)}`
    t.ok(['200 ban_needs_appeal', 'action_not_proposed 204'].includes(is), is)
    t.equal(await enforcementOf(ada.accountId), approved.statusCode === 200 ? 'banned' : 'none')
  }
})

t.test('E-4 at once: twenty appeals make one that is open; two answers are one', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const max = await anybody()
    const action = await done(one, max.accountId, 'suspended')
    const link = await linkOf(max)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => appeal(link, {}, index)))
    const made = answers.filter(({ statusCode }) => statusCode === 201)
    t.equal(made.length, 1)
    t.strictSame([...new Set(answers.filter((answer) => answer !== made[0]).map(outcome))], ['appeal_open'])
    t.equal((await sql('select from appeals where action_id = $1', [parseId('action', action.id)])).length, 1)

    const { id } = made[0]!.json()
    await ok(decide(two, id, 'in_review'))
    await ok(decide(two, id, 'more_info'))
    const answer = (instance: number) => () => send('POST', `/v1/appeals/${id}/answer`, link, { text: `From ${instance}.` }, instance)
    t.strictSame((await together(round, answer(0), answer(1))).map(outcome).sort(), ['200', 'appeal_not_asked'])
    t.equal((await sql(`select from appeal_messages where appeal_id = $1 and author = 'person'`, [parseId('appeal', id)])).length, 2)
  }
})

t.test('E-4 at once: of two decisions about one appeal one counts, and its effect is the one that is there', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const max = await anybody()
    await done(one, max.accountId, 'restricted')
    const { id } = (await ok(appeal(max))).json()
    await ok(decide(two, id, 'in_review'))
    const [granted, denied] = await together(
      round,
      () => decide(two, id, 'granted'),
      () => decide(three, id, 'denied', 1)
    )
    t.strictSame([granted, denied].map(outcome).sort(), ['200', 'appeal_decided'])
    t.equal(await enforcementOf(max.accountId), granted.statusCode === 200 ? 'none' : 'restricted')
    t.equal((await sql(`select from appeal_messages where appeal_id = $1 and author = 'operator'`, [parseId('appeal', id)])).length, 1)
    t.equal(await times(max.accountId, 'enforcement.lifted'), granted.statusCode === 200 ? 1 : 0)
  }
})

t.test('E-4 at once: granting against lifting. The action is lifted once', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const max = await anybody()
    const action = await done(one, max.accountId, 'restricted')
    const { id } = (await ok(appeal(max))).json()
    await ok(decide(two, id, 'in_review'))
    const [granted, lifted] = await together(
      round,
      () => decide(two, id, 'granted'),
      () => lift(one, max.accountId, action.id, 'other', 1)
    )
    t.equal(granted.statusCode, 200)
    t.ok(['204', 'action_not_in_force'].includes(outcome(lifted)), outcome(lifted))
    t.equal(await enforcementOf(max.accountId), 'none')
    t.equal(await times(max.accountId, 'enforcement.lifted'), 1)
  }
})

t.test(
  'E-4 at once: granting against another suspension. What was imposed stands, and no session came of the moment between',
  async (t) => {
    for (let round = 0; round < rounds(2); round++) {
      const max = await anybody()
      await done(one, max.accountId, 'suspended')
      const { id } = (await ok(appeal(await linkOf(max)))).json()
      await ok(decide(two, id, 'in_review'))
      await Promise.all([
        decide(two, id, 'granted'),
        impose(one, max.accountId, 'suspended', {}, 1),
        world.signIn(max),
        world.signIn(max, 1)
      ])
      t.equal(await enforcementOf(max.accountId), 'suspended')
      t.equal(await liveSessions(max), 0)
    }
  }
)
