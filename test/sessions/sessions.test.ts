import t from 'tap'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import type { RouteSpec } from '../../src/http/route.ts'
import { deviceName } from '../../src/sessions/sessions.ts'
import { inForce } from '../support/enforcement.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person, rounds } from '../support/world.ts'

type Answer = Awaited<ReturnType<typeof world.inject>>
interface Session {
  id: string
  current: boolean
  device: string
  place: string
  createdAt: string
  lastUsedAt: string
  expiresAt: string
}
interface Signed {
  sessionId: string
  accessToken: string
  refreshToken: string
}

// Many at once wait for one lock, on a machine that may be busy; and many sign-ins at once are as many tries until they succeed.
const world = await openWorld(t, { instances: 2, env: { LOCK_TIMEOUT_MS: '10000', STATEMENT_TIMEOUT_MS: '10000', FAILED_SIGN_INS: '100' } })
const { inject, person, post, sql } = world
const wrong = 'violet harbour nineteen lamps'

const bearer = ({ accessToken }: { accessToken: string }) => ({ authorization: `Bearer ${accessToken}` })
const signIn = async (who: Person, headers: Record<string, string> = {}, remoteAddress = '203.0.113.7'): Promise<Signed> => {
  const payload = { email: who.email, password: who.password }
  return (await inject({ method: 'POST', url: '/v1/sessions', payload, headers, remoteAddress })).json()
}
const refresh = (refreshToken: string, headers: Record<string, string> = {}, remoteAddress = '203.0.113.7') =>
  inject({ method: 'POST', url: '/v1/sessions/refresh', payload: { refreshToken }, headers, remoteAddress })
const list = (who: { accessToken: string }, query = '') => inject({ url: `/v1/me/sessions${query}`, headers: bearer(who) })
const listed = async (who: { accessToken: string }): Promise<Session[]> => (await list(who)).json().items
const end = (who: { accessToken: string }, id: string, instance = 0) =>
  inject({ method: 'DELETE', url: `/v1/me/sessions/${id}`, headers: bearer(who) }, instance)
const endOthers = (who: { accessToken: string }, query = '') =>
  inject({ method: 'DELETE', url: `/v1/me/sessions${query}`, headers: bearer(who) })
const uuid = ({ sessionId }: { sessionId: string }) => parseId('session', sessionId)

/** What an access token is worth, asked on both instances. */
const worth = async (who: { accessToken: string }) =>
  (await Promise.all([0, 1].map((instance) => inject({ url: '/v1/me', headers: bearer(who) }, instance)))).map(
    (answer) => answer.statusCode
  )

t.test('S-4 S-5 200: the list shows the live sessions, newest first, with device, network and times', async (t) => {
  const olga = await person('Olga')
  const chrome = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'
  const laptop = await signIn(olga, { 'user-agent': chrome }, '203.0.113.77')
  const phone = await signIn(olga, { 'user-agent': 'GuildhallApp/3.1' }, '2001:db8:12:3456::1')
  const script = await signIn(olga, { 'user-agent': '' }, '::ffff:198.51.100.9')
  const answer = await list(laptop)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  const { items, nextCursor } = answer.json() as { items: Session[]; nextCursor: string | null }
  t.equal(nextCursor, null)
  t.strictSame(
    items.map(({ id, current, device, place }) => ({ id, current, device, place })),
    [
      { id: script.sessionId, current: false, device: 'unknown device', place: '198.51.100.0/24' },
      { id: phone.sessionId, current: false, device: 'GuildhallApp', place: '2001:db8:12::/48' },
      { id: laptop.sessionId, current: true, device: 'Chrome on macOS', place: '203.0.113.0/24' },
      { id: olga.sessionId, current: false, device: 'lightMyRequest', place: '127.0.0.0/24' }
    ]
  )
  for (const { createdAt, lastUsedAt, expiresAt } of items) {
    t.equal(lastUsedAt, createdAt)
    t.equal(Math.round((Date.parse(expiresAt) - Date.parse(createdAt)) / 86_400_000), 30)
  }
  t.notMatch(answer.body, /203\.0\.113\.77|Mozilla|ghr_/, 'neither full addresses nor user agents nor tokens')
})

t.test('S-5: a device is named by what its user agent says, in 80 characters at most', async (t) => {
  const names: Array<[string, string]> = [
    ['', 'unknown device'],
    ['curl/8.5.0', 'curl'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
      'Safari on iOS'
    ],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0', 'Firefox on Windows'],
    ['x'.repeat(256), 'x'.repeat(80)]
  ]
  for (const [userAgent, name] of names) t.equal(deviceName(userAgent), name, userAgent.slice(0, 40))
})

t.test('S-5 200: the place of a session moves with its use, its device stays', async (t) => {
  const otto = await person('Otto')
  const phone = await signIn(otto, { 'user-agent': 'GuildhallApp/3.1' }, '203.0.113.1')
  await sql("update sessions set last_used_at = now() - interval '1 hour', created_at = now() - interval '1 hour' where id = $1", [
    uuid(phone)
  ])
  const seen = async () => (await listed(otto)).find((session) => session.id === phone.sessionId)!
  const before = await seen()
  t.equal((await refresh(phone.refreshToken, { 'user-agent': 'GuildhallApp/3.1' }, '198.51.100.200')).statusCode, 200)
  const { lastUsedAt, ...after } = await seen()
  t.strictSame({ ...after, lastUsedAt: before.lastUsedAt }, { ...before, place: '198.51.100.0/24' })
  t.ok(Date.parse(lastUsedAt) > Date.parse(before.lastUsedAt) + 3_500_000, 'and it was last used just now')
})

t.test('S-4 S-5 201: the owner is told of a sign-in on a device that the account was never used on, once, and of no other', async (t) => {
  const kim = await person('Kim')
  const told = async () => (await world.mails(kim.email)).filter(({ subject }) => subject === 'A new sign-in to your account')
  const on = (userAgent: string) => signIn(kim, { 'user-agent': userAgent }, '203.0.113.77')
  await signIn(kim)
  await post('/v1/sessions', { email: kim.email, password: wrong }, { 'user-agent': 'Thief/1.0' })
  t.equal((await told()).length, 0, 'neither of the device of the registration nor of a wrong password')

  await Promise.all([on('GuildhallApp/3.1'), on('GuildhallApp/3.2')])
  const [mail, ...more] = await told()
  t.strictSame(more, [], 'once, also when it signs in twice at once')
  t.match(mail!.text.replaceAll('\u2060', ''), /^When: .* UTC\nDevice: GuildhallApp\nNetwork: 203\.0\.113\.0\/24$/m)

  const { sessionId, accessToken, refreshToken } = await on('GuildhallApp/3.1')
  await refresh(refreshToken, { 'user-agent': 'curl/8.5.0' }, '203.0.113.99')
  await end({ accessToken }, sessionId)
  await sql('update sessions set ended_at = now(), end_reason = $2 where account_id = $1 and ended_at is null', [
    parseId('account', kim.accountId),
    'signed_out'
  ])
  await on('GuildhallApp/4.0')
  t.equal((await told()).length, 1, 'a device stays known when its sessions have ended, and a refresh is no sign-in')
  await on('curl/8.5.0')
  t.equal((await told()).length, 2)
  await sql('delete from sessions where account_id = $1', [parseId('account', kim.accountId)])
  await on('Firefox/133.0')
  t.equal((await told()).length, 2, 'before the first session there was no device to compare with')
})

t.test('S-5 401: a session that goes on from another device in another place needs the password before sensitive acts', async (t) => {
  const ada = await person('Ada')
  const from = async (userAgent: string, address: string) => {
    const first = await signIn(ada, { 'user-agent': 'GuildhallApp/3.1' }, '203.0.113.1')
    const next: Signed = (await refresh(first.refreshToken, { 'user-agent': userAgent }, address)).json()
    return { next, act: () => post('/v1/me/totp', {}, bearer(next)) }
  }
  for (const [userAgent, address] of [
    ['GuildhallApp/4.0', '198.51.100.1'],
    ['curl/8.5.0', '203.0.113.99']
  ] as const) {
    t.equal((await (await from(userAgent, address)).act()).statusCode, 201, `${userAgent} at ${address}`)
  }
  const { next, act } = await from('curl/8.5.0', '198.51.100.1')
  refused(t, await act(), 401, 'reauthentication_required')
  t.equal((await inject({ url: '/v1/me', headers: bearer(next) })).statusCode, 200, 'the rest goes on')
  t.match(await sql("select resource from audit_events where action = 'session.moved'"), [{ resource: next.sessionId }])
  t.equal((await post('/v1/me/reauthentication', { password: ada.password }, bearer(next))).statusCode, 200)
  t.equal((await act()).statusCode, 201)
})

t.test('S-4 200: pages follow each other without gaps while sessions are added; a cursor is good for its owner only', async (t) => {
  const [remy, sam] = [await person('Remy'), await person('Sam')]
  const opened = [remy.sessionId]
  for (let count = 0; count < 6; count++) opened.push((await signIn(remy)).sessionId)
  const seen: string[] = []
  let query: string | undefined = '?limit=3'
  while (query !== undefined) {
    const answer: Answer = await list(remy, query)
    const { items, nextCursor } = answer.json() as { items: Session[]; nextCursor: string | null }
    seen.push(...items.map(({ id }) => id))
    t.equal(answer.headers.link, nextCursor ? `</v1/me/sessions?limit=3&cursor=${nextCursor}>; rel="next"` : undefined)
    query = nextCursor === null ? undefined : /\?[^>]+/.exec(String(answer.headers.link))![0]
    if (nextCursor !== null && seen.length === 3) {
      await signIn(remy)
      refused(t, await list(sam, `?cursor=${nextCursor}`), 400, 'malformed_cursor', "another person's")
      refused(t, await list(remy, `?cursor=${nextCursor.slice(0, -1)}`), 400, 'malformed_cursor')
    }
  }
  t.strictSame(seen, opened.reverse())
  for (const query of [
    '?limit=0',
    '?limit=101',
    '?limit=-1',
    '?limit=1.5',
    '?limit=5&limit=5',
    '?limit=',
    '?sort=place',
    `?cursor=${'x'.repeat(513)}`
  ]) {
    refused(t, await list(remy, query), 400, 'invalid_input', query)
  }
  refused(t, await list(remy, '?cursor=AAAA.AAAA'), 400, 'malformed_cursor')
})

t.test('S-4 200: what cannot be refreshed any more is not listed', async (t) => {
  const max = await person('Max')
  const [idle, over, ended, live] = [await signIn(max), await signIn(max), await signIn(max), await signIn(max)]
  await sql('update refresh_tokens set expires_at = now() where session_id = $1', [uuid(idle)])
  await sql('update sessions set expires_at = now() where id = $1', [uuid(over)])
  await end(max, ended.sessionId)
  await refresh(live.refreshToken)
  t.strictSame(
    (await listed(max)).map(({ id }) => id),
    [live.sessionId, max.sessionId]
  )
})

t.test('S-4 204 404: a session is ended by its owner, once, and by nobody else', async (t) => {
  const [hana, finn] = [await person('Hana'), await person('Finn')]
  const phone = await signIn(hana)
  t.strictSame(await worth(phone), [200, 200])
  refused(t, await end(finn, phone.sessionId), 404, 'not_found', 'of somebody else')
  for (const id of [
    publicId('session', newId()),
    hana.accountId,
    publicId('event', uuid(phone)!),
    uuid(phone)!,
    phone.sessionId.toUpperCase(),
    'previous',
    '%00'
  ]) {
    refused(t, await end(hana, id), 404, 'not_found', id)
  }
  t.strictSame(await worth(phone), [200, 200])

  const answer = await end(hana, phone.sessionId, 1)
  t.equal(answer.statusCode, 204)
  t.equal(answer.body, '')
  refused(t, await end(hana, phone.sessionId), 404, 'not_found', 'again')
  t.match(
    await sql("select action, actor_kind, detail from audit_events where resource = $1 and action <> 'session.created'", [phone.sessionId]),
    [{ action: 'session.ended', actor_kind: 'account', detail: { reason: 'signed_out' } }]
  )
})

t.test('S-4 200: all others are ended together, and a dry run only counts them', async (t) => {
  const bea = await person('Bea')
  const others = [await signIn(bea), await signIn(bea)]
  const idle = await signIn(bea)
  await sql('update sessions set expires_at = now() where id = $1', [uuid(idle)])
  t.strictSame((await endOthers(bea, '?dryRun=true')).json(), { ended: 2, dryRun: true })
  for (const other of others) t.strictSame(await worth(other), [200, 200])
  t.match(await sql("select 1 from audit_events where action = 'sessions.ended' and resource = $1", [bea.accountId]), [])

  t.strictSame((await endOthers(bea)).json(), { ended: 2, dryRun: false })
  for (const other of others) t.strictSame(await worth(other), [401, 401])
  t.strictSame(await worth(bea), [200, 200])
  t.strictSame((await endOthers(bea)).json(), { ended: 0, dryRun: false })
  const rows = await sql<{ detail: { reason: string; sessions: string[] } }>(
    "select detail from audit_events where action = 'sessions.ended' and resource = $1",
    [bea.accountId]
  )
  t.equal(rows.length, 1)
  t.strictSame([...rows[0]!.detail.sessions].sort(), others.map(({ sessionId }) => sessionId).sort())
  refused(t, await endOthers(bea, '?dryRun=yes'), 400, 'invalid_input')
})

t.test('401: none of these operations is open to whoever is not signed in', async (t) => {
  for (const url of ['/v1/me/sessions', '/v1/me/sessions/current']) {
    for (const method of ['GET', 'DELETE'] as const) {
      if (method === 'GET' && url.endsWith('current')) continue
      const answer = await inject({ method, url })
      refused(t, answer, 401, 'not_signed_in', `${method} ${url}`)
      t.equal(answer.headers['www-authenticate'], 'Bearer error="invalid_token"')
    }
  }
  refused(t, await post('/v1/me/reauthentication', { password: wrong }), 401, 'not_signed_in')
})

const account = (who: Person, changes: string) => sql(`update accounts set ${changes} where id = $1`, [parseId('account', who.accountId)])
const freeze = (changes: string) => (_: Signed, who: Person) => account(who, changes)

/** Everything that ends a session, by the state the others are in afterwards. Each is given the session to end, its owner and the owner's other session. */
const endings: Record<string, { others: 200 | 401; act: (session: Signed, who: Person, other: Signed) => Promise<unknown> }> = {
  'signing out': { others: 200, act: (session) => end(session, 'current') },
  'another device': { others: 200, act: (session, _, other) => end(other, session.sessionId, 1) },
  'sign out everywhere else': { others: 200, act: (_session, _who, other) => endOthers(other) },
  'its end': { others: 200, act: (session) => sql('update sessions set expires_at = now() where id = $1', [uuid(session)]) },
  'reuse of a refresh token': {
    others: 200,
    async act(session) {
      await refresh(session.refreshToken)
      await refresh(session.refreshToken)
    }
  },
  'a password change elsewhere': {
    others: 200,
    act: (_session, who, other) =>
      inject({
        method: 'PUT',
        url: '/v1/me/password',
        headers: bearer(other),
        payload: { currentPassword: who.password, newPassword: wrong }
      })
  },
  'another primary address': {
    others: 200,
    async act(_session, who, other) {
      const address = `second.${who.email}`
      await post('/v1/me/emails', { email: address }, bearer(other))
      await post(`/v1/me/emails/${address}/verify`, { token: await world.mailedToken(address, 'gha') }, bearer(other))
      await inject({ method: 'PUT', url: `/v1/me/emails/${address}/primary`, headers: bearer(other) })
    }
  },
  'a password reset': {
    others: 401,
    async act(_session, who) {
      await post('/v1/password-resets', { email: who.email })
      await post('/v1/password-resets/confirm', { token: await world.mailedToken(who.email, 'ghp'), password: wrong })
    }
  },
  'a suspension': { others: 401, act: freeze(inForce('suspended')) },
  'a ban': { others: 401, act: freeze(inForce('banned')) },
  'the account closed': { others: 401, act: freeze("status = 'closed', closed_at = now()") },
  'the account gone': {
    others: 401,
    async act(_session, who) {
      await sql('delete from evidence where account_id = $1', [parseId('account', who.accountId)])
      await sql('delete from accounts where id = $1', [parseId('account', who.accountId)])
    }
  }
}

t.test('S-4 401: whatever ends a session ends it for the very next request, on every instance', async (t) => {
  let count = 0
  for (const [name, { others, act }] of Object.entries(endings)) {
    const who = await person('Gone', { email: `gone${count++}@example.com` })
    const [session, other] = [await signIn(who), await signIn(who)]
    t.strictSame(
      [await worth(session), await worth(other)],
      [
        [200, 200],
        [200, 200]
      ],
      `before ${name}: both instances know the token`
    )
    await act(session, who, other)
    t.strictSame(
      [await worth(session), await worth(other)],
      [
        [401, 401],
        [others, others]
      ],
      name
    )
    refused(t, await refresh(session.refreshToken), 401, name.startsWith('reuse') ? 'refresh_token_reused' : 'invalid_refresh_token', name)
  }
})

t.test('S-4 200: milder measures end no session', async (t) => {
  const uma = await person('Uma')
  for (const measure of ['notice', 'warning', 'restricted']) {
    await account(uma, inForce(measure))
    t.strictSame(await worth(uma), [200, 200], measure)
  }
})

t.test('at once: of more than 20 sessions the 20 used last live', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const who = await person('Crowd', { email: `crowd${round}@example.com` })
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => world.signIn(who, index)))
    t.strictSame([...new Set(answers.map((answer) => answer.statusCode))], [201])
    const sessions: Signed[] = answers.map((answer) => answer.json())
    const alive = (await Promise.all(sessions.map(worth))).filter(([status]) => status === 200)
    t.equal(alive.length, 20)
    t.strictSame(await worth(who), [401, 401], 'the oldest is not among them')
    const [audited] = await sql<{ ended: number }>(
      `select sum(jsonb_array_length(detail -> 'ended'))::int as ended from audit_events
        where action = 'session.created' and chain_kind = 'account' and chain_id = $1`,
      [parseId('account', who.accountId)]
    )
    t.strictSame(audited, { ended: 11 }, 'and the audit tells which ended')
  }
})

t.test('at once: a session is ended once, however often it is asked', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const who = await person('Once', { email: `once${round}@example.com` })
    const phone = await signIn(who)
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => end(who, phone.sessionId, index)))
    t.strictSame(answers.map((answer) => answer.statusCode).sort(), [204, ...Array(9).fill(404)])
  }
})

/** Operations that refuse a sign-in that is too long ago, with what they need to be reached. */
const sensitive = (world.app.operations as RouteSpec[]).filter((operation) => operation.problems?.includes('reauthentication_required'))

t.test('S-8 401: ten minutes after the sign-in every sensitive act asks for it again', async (t) => {
  t.strictSame(sensitive.map(({ operationId }) => operationId).sort(), [
    'acceptAgencyOwnership',
    'acceptCompanyOwnership',
    'addDomain',
    'addEmail',
    'changePassword',
    'chooseAccount',
    'closeAccount',
    'closeAgency',
    'closeCompany',
    'confirmTotp',
    'createJoinLink',
    'makeEmailPrimary',
    'offerAgencyOwnership',
    'offerCompanyOwnership',
    'proveSignIn',
    'removeDomain',
    'removeEmail',
    'removeTotp',
    'replaceRecoveryCodes',
    'reportDuplicate',
    'requestAnonymisation',
    'startTotp',
    'updateDomain'
  ])
  const vera = await person('Vera')
  const age = (seconds: number) =>
    sql('update sessions set authenticated_at = now() - make_interval(secs => $2) where id = $1', [uuid(vera), seconds])
  const perform = ({ method, path, example, conditional }: RouteSpec) => {
    const headers = { ...vera.headers, ...(conditional ? { 'if-match': '"1"' } : {}) }
    return inject({ method, url: path.replace(':email', vera.email), headers, ...(example ? { payload: example as object } : {}) })
  }
  for (const operation of sensitive) {
    await age(601)
    const answer = await perform(operation)
    refused(t, answer, 401, 'reauthentication_required', operation.operationId)
    t.equal(answer.headers['www-authenticate'], 'Bearer error="insufficient_user_authentication"', operation.operationId)
    t.equal(answer.json().maxAgeSeconds, 600, operation.operationId)
    // They would end the account, and with it this test.
    if (operation.operationId === 'closeAccount' || operation.operationId === 'requestAnonymisation') continue
    await age(595)
    t.notMatch((await perform(operation)).body, 'reauthentication_required', operation.operationId)
  }
  t.match((await inject({ url: '/v1/me', headers: vera.headers })).json(), {
    secondFactor: false,
    emails: [{ address: vera.email }, { address: 'olga@studio.example' }]
  })
})

t.test('S-8 200: the password makes this sign-in recent again, and no other; a refresh does not', async (t) => {
  const ivy = await person('Ivy')
  const [here, there] = [await signIn(ivy), await signIn(ivy)]
  await sql("update sessions set authenticated_at = now() - interval '1 day' where account_id = $1", [parseId('account', ivy.accountId)])
  const act = (who: { accessToken: string }) => post('/v1/me/totp', {}, bearer(who))
  const refreshed: Signed = (await refresh(here.refreshToken)).json()
  refused(t, await act(refreshed), 401, 'reauthentication_required', 'a refresh proves nobody is there')

  refused(t, await post('/v1/me/reauthentication', { password: wrong }, bearer(here)), 401, 'invalid_credentials')
  refused(t, await act(here), 401, 'reauthentication_required')
  const answer = await post('/v1/me/reauthentication', { password: ivy.password }, bearer(here))
  t.strictSame([answer.statusCode, answer.json()], [200, { freshSeconds: 600 }])
  t.equal((await act(here)).statusCode, 201)
  t.equal((await act(refreshed)).statusCode, 201, 'it is the same session')
  refused(t, await act(there), 401, 'reauthentication_required', 'another session')
  t.match(await sql("select actor_kind from audit_events where action = 'session.reauthenticated' and resource = $1", [here.sessionId]), [
    { actor_kind: 'account' }
  ])
  for (const body of [{}, { password: '' }, { password: [ivy.password] }, { password: ivy.password, email: ivy.email }]) {
    refused(t, await post('/v1/me/reauthentication', body, bearer(here)), 400, 'invalid_input', JSON.stringify(body))
  }
})
