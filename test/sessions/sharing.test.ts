import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import { meanwhile } from '../support/locks.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person, rounds } from '../support/world.ts'

interface Signed {
  sessionId: string
  accessToken: string
  refreshToken: string
}
interface Use {
  device: string
  address: string
}

const windowSeconds = 600
const world = await openWorld(t, { instances: 2, env: { LOCK_TIMEOUT_MS: '10000', STATEMENT_TIMEOUT_MS: '10000' } })
const { inject, post, sql } = world
const org = organizations(world)
const operator = await world.operator()

const laptop: Use = { device: 'Laptop/1.0', address: '203.0.113.7' }
const phone: Use = { device: 'Phone/1.0', address: '198.51.100.7' }
const tablet: Use = { device: 'Tablet/1.0', address: '192.0.2.7' }
const elsewhere = (use: Use): Use => ({ ...use, address: '100.64.5.5' })

const bearer = ({ accessToken }: { accessToken: string }) => ({ authorization: `Bearer ${accessToken}` })
const uuid = (id: string) => parseId(id.split('_')[0] as 'session', id)!

/** Somebody whose first session, of the registration, is not in use. */
async function person(name: string, options: { email?: string } = {}): Promise<Person> {
  const who = await world.person(name, options)
  await sql("update sessions set last_used_at = now() - interval '1 day' where id = $1", [uuid(who.sessionId)])
  return who
}

async function signIn(who: Person, { device, address }: Use): Promise<Signed> {
  const payload = { email: who.email, password: who.password }
  const answer = await inject({
    method: 'POST',
    url: '/v1/sessions',
    payload,
    headers: { 'user-agent': device },
    remoteAddress: address
  })
  return answer.json()
}

/** The same session after a refresh. */
async function refresh(session: Signed, { device, address }: Use, instance = 0): Promise<Signed> {
  const payload = { refreshToken: session.refreshToken }
  const answer = await inject(
    { method: 'POST', url: '/v1/sessions/refresh', payload, headers: { 'user-agent': device }, remoteAddress: address },
    instance
  )
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return answer.json()
}

/** Two sessions of which neither is in doubt, as if each had been used alone until now. */
async function twoSessions(who: Person, one: Use, other: Use): Promise<[Signed, Signed]> {
  const sessions: [Signed, Signed] = [await signIn(who, one), await signIn(who, other)]
  await calm(who)
  return sessions
}

async function calm(who: Person): Promise<void> {
  await sql('delete from sharing_signals where account_id = $1', [uuid(who.accountId)])
  await sql('update sessions set doubt = null, authenticated_at = now() where account_id = $1', [uuid(who.accountId)])
}

const doubts = async (who: Person, ...sessions: Signed[]) => {
  const rows = await sql<{ id: string; doubt: string | null }>('select id, doubt from sessions where account_id = $1', [
    uuid(who.accountId)
  ])
  return sessions.map(({ sessionId }) => rows.find(({ id }) => id === uuid(sessionId))?.doubt)
}
const signals = (who: Person) =>
  sql<{ device: string; other_device: string; confirmed: boolean; told: boolean }>(
    `select device, other_device, confirmed_at is not null as confirmed, told_at is not null as told
      from sharing_signals where account_id = $1 order by id`,
    [uuid(who.accountId)]
  )
const audited = (who: Person) =>
  sql<{ resource: string; detail: { other: string } }>(
    "select resource, detail from audit_events where action = 'session.sharing_suspected' and chain_id = $1 order by sequence",
    [uuid(who.accountId)]
  )
const act = (session: Signed) => post('/v1/me/totp', {}, bearer(session))
const prove = (who: Person, session: Signed) => post('/v1/me/reauthentication', { password: who.password }, bearer(session))

t.test(
  'S-5 P-6 401: a login in use on two devices in two places at once asks for the password before sensitive acts, and goes on',
  async (t) => {
    const olga = await person('Olga')
    const [work, pocket] = await twoSessions(olga, laptop, phone)
    const next = await refresh(work, laptop)
    t.strictSame(await doubts(olga, work, pocket), ['shared', null], 'one of the two asks, not both')
    t.strictSame(await signals(olga), [{ device: 'Laptop', other_device: 'Phone', confirmed: false, told: false }])
    const [entry, ...more] = (await audited(olga)).slice(-1)
    t.strictSame([entry!.resource, entry!.detail.other, more], [work.sessionId, pocket.sessionId, []])
    t.notMatch(JSON.stringify(entry), /Laptop|Phone|203\.0/, 'ids only')

    const refusal = await act(next)
    refused(t, refusal, 401, 'reauthentication_required')
    t.match(refusal.headers['www-authenticate'], 'insufficient_user_authentication')
    t.strictSame(refusal.json().because, 'shared')
    t.strictSame(refusal.json().ways, [
      { code: 'reauthenticate', resolve: { method: 'POST', href: '/v1/me/reauthentication', body: { password: '<your password>' } } },
      { code: 'invite_the_other_person', resolve: { method: 'POST', href: '/v1/companies', body: { displayName: '<a name>' } } },
      { code: 'end_other_sessions', resolve: { method: 'DELETE', href: '/v1/me/sessions' } }
    ])
    t.equal((await inject({ url: '/v1/me', headers: bearer(next) })).statusCode, 200, 'the rest goes on')
    t.equal((await act(pocket)).statusCode, 201, 'also where nothing is asked')
    const { items } = (await inject({ url: '/v1/me/sessions', headers: bearer(next) })).json()
    t.match(items, [
      { id: pocket.sessionId, doubt: null },
      { id: work.sessionId, doubt: 'shared' }
    ])

    const company = await org.found(olga)
    t.strictSame((await act(next)).json().ways[1].resolve, {
      method: 'POST',
      href: `/v1/companies/${company.id}/invitations`,
      body: { email: "<the other person's address>" }
    })
    t.equal((await sql('select id from enforcement_actions')).length, 0, 'it restricts nobody')
  }
)

t.test('S-5 201: signing in while the login is in use elsewhere makes the other session ask', async (t) => {
  const otto = await person('Otto')
  const work = await signIn(otto, laptop)
  const pocket = await signIn(otto, phone)
  t.strictSame(await doubts(otto, work, pocket), ['shared', null])
  t.strictSame(await signals(otto), [{ device: 'Laptop', other_device: 'Phone', confirmed: false, told: false }])
  t.match(await audited(otto), [{ resource: work.sessionId, detail: { other: pocket.sessionId } }])
  t.match((await act(work)).json(), { code: 'reauthentication_required', because: 'shared' })
  t.equal((await act(pocket)).statusCode, 201)
  await refresh(pocket, phone)
  t.strictSame(await doubts(otto, work, pocket), ['shared', null], 'the other asks already')
  t.equal((await signals(otto)).length, 1, 'a pair is told once a day')
})

t.test('S-5: one place, one device, one after the other, and what has ended raise nothing', async (t) => {
  const uses: Array<[string, Use, Use]> = [
    ['one place', laptop, { ...phone, address: '203.0.113.200' }],
    ['one device', laptop, elsewhere(laptop)]
  ]
  for (const [name, one, other] of uses) {
    const who = await person('Kim', { email: `${name.replace(' ', '-')}@example.com` })
    const [first, second] = [await signIn(who, one), await signIn(who, other)]
    await refresh(first, one)
    await refresh(second, other)
    t.strictSame([await doubts(who, first, second), await signals(who), await audited(who)], [[null, null], [], []], name)
  }
  const ada = await person('Ada')
  const [work, pocket] = await twoSessions(ada, laptop, phone)
  const unused = (seconds: number) =>
    sql('update sessions set last_used_at = now() - make_interval(secs => $2) where id = $1', [uuid(pocket.sessionId), seconds])
  await unused(windowSeconds + 1)
  const later = await refresh(work, laptop)
  t.strictSame([await doubts(ada, work), await signals(ada)], [[null], []], 'longer ago than the window')
  await unused(0)
  await inject({ method: 'DELETE', url: `/v1/me/sessions/${pocket.sessionId}`, headers: bearer(later) })
  const last = await refresh(later, laptop)
  t.strictSame([await doubts(ada, work), await signals(ada)], [[null], []], 'an ended session')
  const again = await signIn(ada, phone)
  await calm(ada)
  await unused(windowSeconds - 5)
  await sql('update sessions set last_used_at = now() - make_interval(secs => $2) where id = $1', [
    uuid(again.sessionId),
    windowSeconds - 5
  ])
  await refresh(last, laptop)
  t.strictSame([await doubts(ada, work), (await signals(ada)).length], [['shared'], 1], 'within the window')
})

t.test('S-5 200: the password clears the doubt and confirms the two devices, wherever they are, for a while', async (t) => {
  const vera = await person('Vera')
  const [work, pocket] = await twoSessions(vera, laptop, phone)
  let current = await refresh(work, laptop)
  await sql("update sessions set doubt = 'shared' where id = $1", [uuid(pocket.sessionId)])
  t.equal((await prove(vera, current)).statusCode, 200)
  t.equal((await act(current)).statusCode, 201)
  t.strictSame(await doubts(vera, work, pocket), [null, null], 'neither asks because of the other')
  t.match(await signals(vera), [{ confirmed: true }])

  let other = await refresh(pocket, elsewhere(phone))
  current = await refresh(current, laptop)
  const third = await signIn(vera, { ...phone, address: '100.65.1.1' })
  t.strictSame(
    [await doubts(vera, work, pocket, third), (await signals(vera)).length],
    [[null, null, null], 1],
    'a phone that is carried about, and one that signs in again, are known'
  )
  current = await refresh(current, laptop)
  await signIn(vera, tablet)
  t.strictSame(
    (await signals(vera)).map(({ device, other_device }) => `${device} ${other_device}`),
    ['Laptop Phone', 'Laptop Tablet'],
    'another device is another matter'
  )
  await calm(vera)
  await sql("update sessions set ended_at = now(), end_reason = 'signed_out' where device = 'Tablet'")
  await sql(
    `insert into sharing_signals (id, account_id, session_id, device, place, other_session_id, other_device, other_place, created_at, day, confirmed_at)
      values ($1, $2, $1, 'Laptop', 'x', $1, 'Phone', 'y', now() - interval '31 days', now() - interval '31 days', now() - interval '31 days')`,
    [newId(), uuid(vera.accountId)]
  )
  other = await refresh(other, phone)
  t.equal((await signals(vera)).length, 2, 'once it is long ago, it is asked again')
})

t.test('S-5 401: a session that moved says so; proving it again confirms no pair of devices', async (t) => {
  const ada = await person('Ida')
  const [work, pocket] = await twoSessions(ada, laptop, phone)
  const moved = await refresh(work, { device: 'curl/8.5.0', address: '100.64.9.9' })
  t.strictSame(await doubts(ada, work, pocket), ['moved', null])
  t.strictSame(await signals(ada), [], 'a stolen token is no shared login')
  t.match((await act(moved)).json(), { because: 'moved', ways: [{ code: 'reauthenticate' }, {}, {}] })
  const next = await refresh(moved, { device: 'curl/8.5.0', address: '100.64.9.9' })
  t.strictSame(await doubts(ada, work), ['moved'], 'the stronger doubt stays')
  t.equal((await prove(ada, next)).statusCode, 200)
  t.strictSame(await doubts(ada, work), [null])
  t.match(await signals(ada), [{ confirmed: false }])
})

t.test('S-8 S-5 401: a sign-in that is just too old says nothing of a doubt', async (t) => {
  const ben = await person('Ben')
  await sql("update sessions set authenticated_at = now() - interval '11 minutes' where account_id = $1", [uuid(ben.accountId)])
  const refusal = await act(ben)
  refused(t, refusal, 401, 'reauthentication_required')
  t.notOk('because' in refusal.json() || 'ways' in refusal.json())
})

t.test(
  'S-5: from the third signal in a month on a mail says how to invite others, once a week, in the language of the person',
  async (t) => {
    const mia = await person('Mia')
    const [work] = await twoSessions(mia, laptop, phone)
    const subject = 'Does somebody else use your login?'
    const mails = async () => (await world.mails(mia.email)).filter((mail) => mail.subject === subject)
    let current = work
    const signal = async (device: string) => {
      await signIn(mia, { device: `${device}/1.0`, address: '198.51.100.9' })
      await sql("update sessions set last_used_at = now() where account_id = $1 and device = 'Laptop'", [uuid(mia.accountId)])
      current = await refresh(current, laptop)
    }
    for (const device of ['Alpha', 'Beta']) await signal(device)
    t.strictSame([(await signals(mia)).length, (await mails()).length], [2, 0])
    const company = await org.found(mia)
    await signal('Gamma')
    const [mail, ...more] = await mails()
    t.strictSame(more, [])
    t.match(mail!.text.replaceAll('\u2060', ''), /^Device: Gamma, 198\.51\.100\.0\/24\nOther device: Laptop, 203\.0\.113\.0\/24$/m)
    t.match(mail!.text, `/organizations/${company.id}`)
    await signal('Delta')
    t.equal((await mails()).length, 1, 'once a week')
    await sql("update sharing_signals set told_at = told_at - interval '8 days' where account_id = $1 and told_at is not null", [
      uuid(mia.accountId)
    ])
    await signal('Epsilon')
    t.equal((await mails()).length, 2)

    await sql('update sharing_signals set told_at = null where account_id = $1', [uuid(mia.accountId)])
    await signal('Zeta')
    await prove(mia, current)
    await sql('update sharing_signals set confirmed_at = now() where account_id = $1', [uuid(mia.accountId)])
    t.equal((await mails()).length, 2, 'nothing is left to tell once the devices are confirmed')
  }
)

t.test('S-5 200 401 403 404 400: operators see the signals of an account, page by page', async (t) => {
  const zoe = await person('Zoe')
  const list = (accountId: string, headers: Record<string, string> = operator.headers, query = '') =>
    inject({ url: `/v1/accounts/${accountId}/signals${query}`, headers })
  t.strictSame((await list(zoe.accountId)).json(), { items: [], nextCursor: null })
  const [work, pocket] = await twoSessions(zoe, laptop, phone)
  await refresh(work, laptop)
  await signIn(zoe, tablet)
  const first = (await list(zoe.accountId, operator.headers, '?limit=1')).json()
  t.match(first, {
    items: [{ id: /^signal_/, sessions: [{ device: 'Laptop' }, { device: 'Tablet', place: '192.0.2.0/24' }], confirmedAt: null }]
  })
  const second = (await list(zoe.accountId, operator.headers, `?limit=1&cursor=${first.nextCursor}`)).json()
  t.match(second, {
    items: [
      {
        sessions: [
          { sessionId: work.sessionId, place: '203.0.113.0/24' },
          { sessionId: pocket.sessionId, device: 'Phone' }
        ]
      }
    ],
    nextCursor: null
  })
  refused(t, await list(zoe.accountId, {}), 401, 'not_signed_in')
  refused(t, await list(zoe.accountId, zoe.headers), 401, 'not_signed_in', 'the token of a person')
  refused(t, await list(publicId('account', newId())), 404, 'not_found')
  refused(t, await list(publicId('session', newId())), 404, 'not_found')
  refused(t, await list(zoe.accountId, operator.headers, `?cursor=${first.nextCursor}x`), 400, 'malformed_cursor')
  refused(t, await list(zoe.accountId, operator.headers, '?limit=0'), 400, 'invalid_input')
})

t.test('S-5 at once: two sessions that refresh at one moment leave one signal, and one of them at least asks', async (t) => {
  const leo = await person('Leo')
  let [work, pocket] = await twoSessions(leo, laptop, phone)
  for (let round = 0; round < rounds(5); round++) {
    await calm(leo)
    const entries = (await audited(leo)).length
    ;[work, pocket] = await Promise.all([refresh(work, laptop, round), refresh(pocket, phone, round + 1)])
    t.equal((await signals(leo)).length, 1)
    t.equal((await audited(leo)).length, entries + 1)
    t.ok((await doubts(leo, work, pocket)).includes('shared'))
    const [one, other] = await Promise.all([prove(leo, work), prove(leo, pocket)])
    t.strictSame([one.statusCode, other.statusCode], [200, 200])
    t.strictSame(await doubts(leo, work, pocket), [null, null])
  }
})

t.test('S-5 at once: of two signals that are the third and the fourth, one tells the person', async (t) => {
  const ivy = await person('Ivy')
  const [work, pocket] = await twoSessions(ivy, laptop, phone)
  await signIn(ivy, tablet)
  await calm(ivy)
  for (const device of ['Alpha', 'Beta'])
    await sql(
      `insert into sharing_signals (id, account_id, session_id, device, place, other_session_id, other_device, other_place)
        values ($1, $2, $1, $3, '192.0.2.0/24', $1, 'Zeta', '198.51.100.0/24')`,
      [newId(), uuid(ivy.accountId), device]
    )
  await sql("update sessions set last_used_at = now() - interval '1 day' where id in ($1, $2)", [
    uuid(work.sessionId),
    uuid(pocket.sessionId)
  ])
  // Both have left their signal before either may go on.
  await meanwhile(
    world,
    "select from audit_chains where chain_kind = 'account' and chain_id = $1 for update",
    [uuid(ivy.accountId)],
    () => Promise.all([refresh(work, laptop), refresh(pocket, phone, 1)]),
    () => delay(300)
  )
  const left = await signals(ivy)
  t.strictSame([left.length, left.filter(({ told }) => told).length], [4, 1])
})

t.test('S-5 at once: signing in, refreshing and proving the password at one moment all succeed', async (t) => {
  const eve = await person('Eve')
  let [work, pocket] = await twoSessions(eve, laptop, phone)
  for (let round = 0; round < rounds(5); round++) {
    await calm(eve)
    let signed: Signed
    let proof: Awaited<ReturnType<typeof prove>>
    ;[work, pocket, signed, proof] = await Promise.all([
      refresh(work, laptop, round),
      refresh(pocket, phone, round + 1),
      signIn(eve, tablet),
      prove(eve, work)
    ])
    t.ok(signed.accessToken)
    t.equal(proof.statusCode, 200)
    const pairs = (await signals(eve)).map(({ device, other_device }) => `${device} ${other_device}`)
    t.equal(new Set(pairs).size, pairs.length)
  }
})

t.test('S-5: the database refuses a pair that is none, and reads the other sessions by an index', async (t) => {
  const insert = (device: string, place: string) =>
    sql(
      `insert into sharing_signals (id, account_id, session_id, device, place, other_session_id, other_device, other_place)
        select gen_random_uuid(), id, id, $1, $2, id, 'Laptop', 'here' from accounts limit 1`,
      [device, place]
    )
  await t.rejects(insert('Laptop', 'there'), /sharing_signals_pair_in_order/)
  await t.rejects(insert('Phone', 'there'), /sharing_signals_pair_in_order/)
  await t.rejects(insert('Cart', 'here'), /sharing_signals_two_places/)
  await insert('Cart', 'there')
  await t.rejects(insert('Cart', 'there'), /sharing_signals_once_a_day/)

  // One account with very many sessions that have ended: its live ones are still found at once.
  await sql(
    `insert into sessions (id, account_id, authenticated_at, last_used_at, expires_at, ended_at, end_reason, device, user_agent, place)
      select gen_random_uuid(), (select id from accounts limit 1), now(), now(), now() + interval '1 day', now(), 'signed_out', 'x', 'x', 'x'
      from generate_series(1, 2000)`
  )
  await sql('analyze sessions')
  const plan = await sql<{ 'QUERY PLAN': string }>(
    `explain select o.id from sessions o where o.account_id = (select id from accounts limit 1) and o.ended_at is null and o.expires_at > now()
      and o.last_used_at > now() - interval '10 minutes' order by o.last_used_at desc limit 1`
  )
  t.match(plan.map((line) => line['QUERY PLAN']).join('\n'), 'sessions_live')
})
