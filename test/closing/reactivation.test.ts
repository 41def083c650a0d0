import t from 'tap'
import { newId, parseId } from '../../src/http/ids.ts'
import { imposed } from '../support/enforcement.ts'
import { identities } from '../support/identity.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { send, ok, freelance, found, join } = organizations(world)
const { somebody, evidence, weighed, casesOf, decide, operator } = await identities(world)
const olga = await world.person('Olga')

const uuid = (person: Person): string => parseId('account', person.accountId)!
const ask = (email: string) => world.post('/v1/reactivations', { email })
const confirm = (token: string) => world.post('/v1/reactivations/confirm', { token })

/** Somebody whose account is closed. */
async function closed(name: string): Promise<Person> {
  const person = await world.person(name)
  await ok(world.post('/v1/me/closure', {}, person.headers))
  return person
}

async function linkOf(person: Person): Promise<string> {
  await ok(ask(person.email))
  return world.mailedToken(person.email, 'ghb')
}

const accountOf = async (person: Person) =>
  (
    await world.sql<{ status: string; closed: boolean; sessions: number; unused: number }>(
      `select a.status, a.closed_at is not null as closed, (select count(*)::int from sessions s where s.account_id = a.id and s.ended_at is null) as sessions,
        (select count(*)::int from mail_tokens k where k.account_id = a.id and k.purpose = 'reactivate' and k.used_at is null) as unused
      from accounts a where a.id = $1`,
      [uuid(person)]
    )
  )[0]!

t.test('P-14 200: the mailed link opens the account again, and nothing else comes back with it', async (t) => {
  const ana = await world.person('Ana')
  await freelance(ana)
  const alone = await found(ana)
  const shared = await found(olga)
  await join(shared, ana)
  await ok(world.post('/v1/me/closure', {}, ana.headers))
  const token = await linkOf(ana)
  t.match((await world.mails(ana.email)).at(-1), {
    subject: 'Reactivate your account',
    text: /within 4 hours[\s\S]*http:\/\/guildhall\.test\/reactivate#token=ghb_/
  })
  t.match(await accountOf(ana), { status: 'closed' }, 'asking opens nothing')

  t.strictSame((await ok(confirm(token))).json(), { status: 'active' })
  t.strictSame(await accountOf(ana), { status: 'active', closed: false, sessions: 0, unused: 0 })
  refused(t, await send('GET', '/v1/me', ana), 401, 'not_signed_in', 'the sessions of before stay ended')
  const again = (await world.signIn(ana)).json() as { accessToken: string }
  const self = { headers: { authorization: `Bearer ${again.accessToken}` } }
  const { items } = (await ok(send('GET', '/v1/me/contexts', self))).json() as { items: object[] }
  t.strictSame(
    items.filter((item) => JSON.stringify(item).includes(shared.id)),
    [],
    'no membership'
  )
  refused(t, await send('GET', '/v1/me/profiles/freelancer', self), 404, 'not_found', 'no profile')
  const [organization] = await world.sql<{ status: string }>('select status from organizations where id = $1', [
    parseId('company', alone.id)
  ])
  t.equal(organization!.status, 'closed', 'no organization')
  t.equal(
    (await send('POST', '/v1/me/profiles/freelancer', self, { title: 'Back', overview: 'Again.' })).statusCode,
    201,
    'which can be opened again'
  )
  const events = await world.sql('select before, after from events where type = $1 and subject = $2', [
    'account.reactivated',
    ana.accountId
  ])
  t.strictSame(events, [{ before: { status: 'closed' }, after: { status: 'active' } }])
  refused(t, await confirm(token), 410, 'token_dead', 'the link works once')
})

t.test('P-14 P-2 202: asking answers the same for any address; only who has a closed account gets a link', async (t) => {
  const ben = await closed('Ben')
  const known = await ask(ben.email)
  for (const email of ['nobody@example.com', olga.email, ben.email]) {
    const answer = await ask(email)
    t.equal(answer.statusCode, 202)
    t.equal(answer.body, known.body)
  }
  const asked = await world.sql<{ email: string }>(
    "select data ->> 'canonical' as email from outbox where kind = 'reactivation_requested' and status = 'waiting' order by id"
  )
  t.strictSame(
    asked.map(({ email }) => email),
    [ben.email, 'nobody@example.com', olga.email, ben.email],
    'the same work for each'
  )
  const before = (await world.mails()).length
  t.equal((await world.mails('nobody@example.com')).length, 0)
  t.equal((await world.mails()).length, before)
  t.match((await world.mails(olga.email)).at(-1), { subject: 'You already have an account' }, 'whose account is open is told so')
  t.equal((await world.mails(ben.email)).filter(({ subject }) => subject === 'Reactivate your account').length, 2)
  refused(t, await ask('no address'), 422, 'email_invalid')
})

t.test('P-14: a newer link ends the earlier one, and links to all of the addresses are of one account', async (t) => {
  const cleo = await world.person('Cleo')
  await ok(world.post('/v1/me/emails', { email: 'cleo@second.example' }, cleo.headers))
  await ok(
    world.post('/v1/me/emails/cleo@second.example/verify', { token: await world.mailedToken('cleo@second.example', 'gha') }, cleo.headers)
  )
  await ok(world.post('/v1/me/closure', {}, cleo.headers))
  const first = await linkOf(cleo)
  const second = await linkOf({ ...cleo, email: 'cleo@second.example' })
  refused(t, await confirm(first), 410, 'token_dead')
  t.equal((await confirm(second)).statusCode, 200)
})

t.test('P-14 410: a link that is too old, of another kind, or of no account', async (t) => {
  const dora = await closed('Dora')
  const token = await linkOf(dora)
  await world.sql("update mail_tokens set expires_at = now() - interval '1 second' where account_id = $1 and purpose = 'reactivate'", [
    uuid(dora)
  ])
  refused(t, await confirm(token), 410, 'token_dead')
  refused(t, await confirm(token.replace('ghb_', 'ghp_')), 410, 'token_dead')
  refused(t, await world.post('/v1/password-resets/confirm', { token, password: 'violet harbour nineteen lamps' }), 410, 'token_dead')
  refused(t, await world.post('/v1/reactivations/confirm', { token: 'x' }), 400, 'invalid_input')
  t.match(await accountOf(dora), { status: 'closed' })
})

t.test('P-14 409: what support has to open: too long ago, suspended, banned, given up for another; the link stays unused', async (t) => {
  const obstacles: Record<string, [make: (person: Person) => Promise<unknown>, undo: (person: Person) => Promise<unknown>]> = {
    'five years': [
      (person) => world.sql("update accounts set closed_at = now() - interval '5 years 1 second' where id = $1", [uuid(person)]),
      (person) =>
        world.sql("update accounts set closed_at = now() - interval '5 years' + interval '1 minute' where id = $1", [uuid(person)])
    ],
    suspended: [
      (person) => imposed(world, uuid(person), 'suspended'),
      (person) =>
        world.sql(
          "update enforcement_actions set status = 'lifted', lifted_at = now(), lifted_by_kind = 'operator', lift_reason = 'operator' where account_id = $1",
          [uuid(person)]
        )
    ],
    banned: [
      (person) => imposed(world, uuid(person), 'banned'),
      (person) =>
        world.sql(
          "update enforcement_actions set status = 'lifted', lifted_at = now(), lifted_by_kind = 'operator', lift_reason = 'appeal' where account_id = $1",
          [uuid(person)]
        )
    ],
    'given up': [(person) => caseOf(person, olga), async () => undefined]
  }
  for (const [name, [make, undo]] of Object.entries(obstacles)) {
    const person = await closed(`Eve${name.replace(' ', '')}`)
    const token = await linkOf(person)
    await make(person)
    refused(t, await confirm(token), 409, 'contact_support', name)
    t.strictSame(await accountOf(person), { status: 'closed', closed: true, sessions: 0, unused: 1 }, name)
    if (name === 'given up') continue
    await undo(person)
    t.equal((await confirm(token)).statusCode, 200, `${name}: the same link, when it is over`)
  }
  const kept = await closed('Kept')
  await caseOf(olga, kept)
  t.equal((await confirm(await linkOf(kept))).statusCode, 200, 'the account that was kept, closed later')
})

/** A decided case in which the first account was given up for the second. */
async function caseOf(givenUp: Person, kept: Person): Promise<void> {
  const pair = [uuid(givenUp), uuid(kept)].sort()
  await world.sql(
    `insert into duplicate_cases (id, first_account_id, second_account_id, newer_account_id, kind, status, origin, evidence_kinds, kept_account_id, decided_by_kind, decided_at)
      values ($1, $2, $3, $2, 'ordinary', 'kept', 'strong', '{phone}', $4, 'account', now())`,
    [newId(), ...pair, uuid(kept)]
  )
}

t.test('P-14: links to an address are limited, silently; nobody else is held up', async (t) => {
  const limited = await openWorld(t, { env: { LIMIT_RECOVERY_MAIL: '2/h' } })
  const fay = await limited.person('Fay')
  await ok(limited.post('/v1/me/closure', {}, fay.headers))
  for (let count = 0; count < 4; count++) t.equal((await limited.post('/v1/reactivations', { email: fay.email })).statusCode, 202)
  t.equal((await limited.mails(fay.email)).filter(({ subject }) => subject === 'Reactivate your account').length, 2)
})

/** Two accounts with the same evidence, the first of which is closed. */
async function pairWith(kind: string, value: string): Promise<[first: Person, second: Person]> {
  const [first, second] = [await somebody(), await somebody()]
  await evidence(first, kind, value)
  await ok(world.post('/v1/me/closure', {}, first.headers))
  await weighed(first)
  await evidence(second, kind, value)
  return [first, second]
}
const except = (one: Person, other: Person) =>
  world.post('/v1/duplicate-exceptions', { accountIds: [one.accountId, other.accountId], reason: 'Twins.' }, operator.headers)

t.test('P-8, P-14 409: nobody who is suspended or banned elsewhere comes back with an account that they had closed', async (t) => {
  for (const [kind, value, measure] of [
    ['government_id', 'COMESBACK1', 'banned'],
    ['phone', '+49 151 94000001', 'suspended']
  ] as const) {
    const [first, second] = await pairWith(kind, value)
    await imposed(world, uuid(second), measure)
    const token = await linkOf(first)
    refused(t, await confirm(token), 409, 'contact_support', measure)
    t.match(await accountOf(first), { status: 'closed', unused: 1 }, 'the link stays unused')
    await ok(except(first, second))
    t.equal((await confirm(token)).statusCode, 200, 'P-10: unless the two may be alike')
  }
  const [one, other] = [await somebody(), await somebody()]
  for (const [index, each] of [one, other].entries()) {
    await evidence(each, 'phone', '+49 151 94000002')
    await evidence(each, 'government_id', `TWOPEOPLE${index}`)
  }
  await ok(world.post('/v1/me/closure', {}, one.headers))
  await imposed(world, uuid(other), 'banned')
  t.equal((await confirm(await linkOf(one))).statusCode, 200, 'P-7: two people with one phone')
})

t.test('P-5, P-14 409: whoever has another account by the same government or tax id keeps that one', async (t) => {
  const [first, second] = await pairWith('tax_id', '12345678903')
  const token = await linkOf(first)
  refused(t, await confirm(token), 409, 'contact_support')
  await ok(world.post('/v1/me/closure', {}, second.headers))
  const [one, other] = await Promise.all([confirm(token), confirm(await linkOf(second))])
  t.strictSame([one.statusCode, other.statusCode].sort(), [200, 409], 'at once: one of the two comes back')
})

t.test('P-10, P-14: an exception lets the account that was given up come back', async (t) => {
  const [first, second] = [await somebody(), await somebody()]
  for (const each of [first, second]) await evidence(each, 'phone', '+49 151 94000003')
  await ok(world.post('/v1/me/duplicate-case/choice', { giveUp: 'this' }, second.headers))
  const token = await linkOf(second)
  refused(t, await confirm(token), 409, 'contact_support')
  await ok(except(first, second))
  t.equal((await confirm(token)).statusCode, 200)
  t.match(await weighed(second), { effect: 'none' })
  t.match(await casesOf(second), [{ status: 'kept' }], 'what was decided stays, and raises nothing')
  t.equal((await decide((await casesOf(second))[0]!.id, 'circumvention')).statusCode, 409)
})
