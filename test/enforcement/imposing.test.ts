import { readFileSync } from 'node:fs'
import t from 'tap'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import { deciding } from '../support/deciding.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { problemFault } from '../support/problems.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld(t, { env: { COMPANIES_PER_ACCOUNT: '1000' } })
const { found, join, freelance } = organizations(world)
const { send, ok, urlOf, impose, done, approve, lift, ban, shift, enforcementOf, liveSessions } = deciding(world)
const one = await world.operator('one@guildhall.example')
const two = await world.operator('two@guildhall.example')
const olga = await world.person('Olga')
const ada = await world.person('Ada')
await freelance(olga)
const acme = await found(olga)
const studio = await found(olga, 'agency')
await join(acme, ada, [{ role: 'admin' }])

let count = 0
const anybody = () => world.person('Max', { email: `max${count++}@example.com` })
const listed = async (id: string) => (await ok(send('GET', urlOf(id), one))).json().items as Array<Record<string, unknown>>
const audited = async (id: string): Promise<string[]> =>
  (await world.sql<{ action: string }>('select action from audit_events where resource = $1 order by sequence', [id])).map(
    ({ action }) => action
  )

t.test(
  'E-1 201: an action stores what it is, why, by whom, and from when to when; on accounts, companies and agencies alike',
  async (t) => {
    const max = await anybody()
    for (const id of [max.accountId, acme.id, studio.id]) {
      const until = new Date(Date.now() + 3_600_000).toISOString()
      const given = { reasonCode: 'spam', policy: 'conduct/spam 2.1', remedy: 'Stop.\nReally.', note: 'For us only.', until }
      const response = await impose(one, id, 'warning', given)
      t.equal(response.statusCode, 201)
      const action = response.json()
      t.match(action, {
        subject: { kind: id.split('_')[0], id },
        kind: 'warning',
        status: 'active',
        reasonCode: 'spam',
        policy: 'conduct/spam 2.1',
        remedy: 'Stop.\nReally.',
        note: 'For us only.',
        imposedBy: { kind: 'operator', id: one.clientId },
        approvedBy: null,
        endsAt: until,
        liftedAt: null
      })
      t.match(await listed(id), [action])
      t.equal(await enforcementOf(id), 'warning')
      t.equal((await audited(id)).at(-1), 'enforcement.imposed')
      await ok(lift(one, id, action.id))
      t.match(await listed(id), [{ id: action.id, status: 'lifted', liftReason: 'remedy' }])
      t.equal(await enforcementOf(id), 'none')
    }
    const plain = await done(one, max.accountId, 'notice', { reasonCode: 'unpaid_invoices' })
    t.match(
      plain,
      { policy: 'payments/due', remedy: /^Pay the open invoices/, note: null, endsAt: null },
      'what is not said is the reason’s own'
    )
  }
)

t.test('E-1 201: also on accounts that are closed or not proven yet, not on one that is nobody any more', async (t) => {
  for (const status of ['pending_email', 'closed']) {
    const max = await anybody()
    await world.sql(
      `update accounts set status = $2, closed_at = case $2 when 'closed' then now() end where id = (select account_id from emails where canonical = $1)`,
      [max.email, status]
    )
    t.equal((await impose(one, max.accountId, 'suspended')).statusCode, 201, status)
  }
  const gone = await anybody()
  await world.sql(
    `update accounts set status = 'anonymised', closed_at = now() where id = (select account_id from emails where canonical = $1)`,
    [gone.email]
  )
  t.equal(problemFault(await impose(one, gone.accountId, 'notice'), 'not_found'), undefined)
  t.strictSame(await listed(gone.accountId), [], 'its history can be read')
  await ok(send('POST', `${studio.url}/closure`, olga, {}))
  t.equal((await impose(one, studio.id, 'restricted')).statusCode, 201)
  await ok(send('POST', `${studio.url}/reopening`, one, { reason: 'Needed again.' }))
})

t.test('E-1 400: an unknown kind or reason, a ban with an end, an end that is over', async (t) => {
  const max = await anybody()
  for (const body of [
    { kind: 'muted', reasonCode: 'spam' },
    { kind: 'notice', reasonCode: 'because' },
    { kind: 'notice' },
    { kind: 'banned', reasonCode: 'spam', until: new Date(Date.now() + 60_000).toISOString() },
    { kind: 'restricted', reasonCode: 'spam', until: new Date(Date.now() - 1000).toISOString() },
    { kind: 'restricted', reasonCode: 'spam', until: 'tomorrow' },
    { kind: 'restricted', reasonCode: 'spam', remedy: '' },
    { kind: 'restricted', reasonCode: 'spam', startsAt: new Date().toISOString() }
  ]) {
    t.equal(problemFault(await send('POST', urlOf(max.accountId), one, body), 'invalid_input'), undefined, JSON.stringify(body))
  }
  t.strictSame(await listed(max.accountId), [])
})

t.test('E-1 401, 403, 404: only operators decide, not about themselves or what they are part of, nor about nobody', async (t) => {
  const max = await anybody()
  for (const by of [olga, { headers: {} }]) t.equal((await impose(by as never, max.accountId, 'notice')).statusCode, 401)
  const olgaToo = await world.operator(olga.email)
  const adaToo = await world.operator(ada.email)
  for (const [by, id] of [
    [olgaToo, olga.accountId],
    [olgaToo, acme.id],
    [olgaToo, studio.id],
    [adaToo, acme.id]
  ] as const) {
    t.equal(problemFault(await impose(by, id, 'notice'), 'access_denied'), undefined, id)
    const action = await done(one, id, 'banned')
    t.equal(problemFault(await approve(by, id, action.id), 'access_denied'), undefined)
    t.equal(problemFault(await lift(by, id, action.id), 'access_denied'), undefined)
    await ok(lift(two, id, action.id))
  }
  t.equal((await impose(adaToo, studio.id, 'notice')).statusCode, 201, 'what they are no part of')
  const action = await done(one, max.accountId, 'notice')
  for (const id of [publicId('account', newId()), publicId('company', newId()), publicId('agency', newId()), 'account_x'])
    for (const [method, path, body] of [
      ['POST', '', { kind: 'notice', reasonCode: 'spam' }],
      ['GET', '', undefined],
      ['POST', `/${action.id}/approval`, {}],
      ['DELETE', `/${action.id}`, undefined]
    ] as const)
      t.equal(problemFault(await send(method, urlOf(id) + path, one, body), 'not_found'), undefined, `${method} ${id}${path}`)
  t.equal((await lift(one, olga.accountId, action.id)).statusCode, 404, 'an action under the path of somebody else')
  t.equal((await send('POST', `/v1/agencies/${acme.id}/enforcement`, one, { kind: 'notice', reasonCode: 'spam' })).statusCode, 404)
})

t.test('E-1 403: an account that once had the address of an operator, or that a case ties to one, stays their own', async (t) => {
  const [opal, twin, third] = [await world.person('Opal', { email: 'opal@guildhall.example' }), await anybody(), await anybody()]
  const opalToo = await world.operator(opal.email)
  const [place, foreign, twins] = [await found(opal), await found(olga), await found(twin)]
  await join(foreign, opal)
  const action = await done(one, opal.accountId, 'restricted')
  await ok(lift(one, opal.accountId, (await done(one, opal.accountId, 'notice')).id))
  await ok(send('POST', '/v1/me/emails', opal, { email: 'opal@home.example' }))
  await ok(send('POST', '/v1/me/emails/opal@home.example/verify', opal, { token: await world.mailedToken('opal@home.example', 'gha') }))
  await ok(send('PUT', '/v1/me/emails/opal@home.example/primary', opal))
  // As at the end of the time in which the change can be undone.
  await world.mails(opal.email)
  await world.sql(
    "update mail_tokens set created_at = created_at - interval '4 days', expires_at = now() - interval '1 hour' where account_id = $1",
    [parseId('account', opal.accountId)]
  )
  await ok(send('DELETE', '/v1/me/emails/opal@guildhall.example', opal))
  const denied = async (id: string) => problemFault(await impose(opalToo, id, 'notice'), 'access_denied')
  t.equal(problemFault(await lift(opalToo, opal.accountId, action.id), 'access_denied'), undefined)
  for (const id of [opal.accountId, place.id, foreign.id]) t.equal(await denied(id), undefined, id)
  for (const path of ['sessions', 'totp', 'anonymisation'])
    t.equal(problemFault(await send('DELETE', `/v1/accounts/${opal.accountId}/${path}`, opalToo), 'access_denied'), undefined, path)
  t.equal((await impose(one, foreign.id, 'notice')).statusCode, 201, 'others do')

  const pair = [opal, twin].map(({ accountId }) => parseId('account', accountId)!).sort()
  const judge = async (status: string, kind: string, kept: string | null, decided: boolean) => {
    await world.sql('alter table duplicate_cases disable trigger user')
    await world.sql('delete from duplicate_cases where first_account_id = $1 and second_account_id = $2', pair)
    await world.sql('alter table duplicate_cases enable trigger user')
    await world.sql(
      `insert into duplicate_cases (id, first_account_id, second_account_id, newer_account_id, kind, status, origin, evidence_kinds, kept_account_id, decided_at)
        values ($1, $2, $3, $3, $4, $5, 'strong', '{phone}', $6, case when $7 then now() end)`,
      [newId(), ...pair, kind, status, kept, decided]
    )
  }
  t.equal((await impose(opalToo, twin.accountId, 'notice')).statusCode, 201, 'tied to nobody yet')
  for (const [status, kind, kept, decided] of [
    ['open', 'ordinary', null, false],
    ['awaiting_choice', 'ordinary', null, false],
    ['kept', 'ordinary', pair[0]!, true],
    ['circumvention', 'circumvention', null, true]
  ] as const) {
    await judge(status, kind, kept, decided)
    for (const id of [twin.accountId, twins.id]) t.equal(await denied(id), undefined, `${status} ${id}`)
  }
  for (const status of ['not_duplicate', 'exception']) {
    await judge(status, 'ordinary', null, true)
    for (const id of [twin.accountId, twins.id]) t.equal((await impose(opalToo, id, 'notice')).statusCode, 201, `${status} ${id}`)
  }
  t.equal((await impose(opalToo, third.accountId, 'notice')).statusCode, 201)
})

t.test('E-1: a ban waits for a second operator, and until then nothing happens and nobody is told', async (t) => {
  for (const subject of ['account', 'organization']) {
    const max = await anybody()
    const id = subject === 'account' ? max.accountId : (await found(max)).id
    await world.mails()
    const before = world.sent.length
    const { id: actionId, status } = await done(one, id, 'banned')
    t.equal(status, 'proposed')
    t.equal(await enforcementOf(id), 'none')
    t.equal(await liveSessions(max), 1)
    await world.mails()
    t.equal(world.sent.length, before)
    t.match((await ok(send('GET', '/v1/enforcement-actions?status=proposed', two))).json().items, [{ id: actionId }])
    t.strictSame((await ok(send('GET', '/v1/me/enforcement', max))).json().items, [], 'nor does the person see it')

    t.equal(problemFault(await approve(one, id, actionId), 'four_eyes_required'), undefined)
    const approved = await approve(two, id, actionId)
    t.match([approved.statusCode, approved.json()], [200, { status: 'active', approvedBy: two.clientId, imposedBy: { id: one.clientId } }])
    t.equal(await enforcementOf(id), 'banned')
    t.equal(await liveSessions(max), subject === 'account' ? 0 : 1)
    t.match((await world.mails(max.email)).at(-1)!.text, /banned/)
    t.equal(problemFault(await approve(two, id, actionId), 'action_not_proposed'), undefined)
    t.equal(problemFault(await lift(two, id, actionId), 'ban_needs_appeal'), undefined)
    t.strictSame((await ok(send('GET', '/v1/enforcement-actions?status=proposed', two))).json().items, [])
  }
  const max = await anybody()
  const { id: actionId } = await done(one, max.accountId, 'banned')
  t.equal((await lift(one, max.accountId, actionId, 'mistake')).statusCode, 204)
  t.match(await listed(max.accountId), [{ id: actionId, status: 'withdrawn', liftReason: null }])
  t.equal(problemFault(await approve(two, max.accountId, actionId), 'action_not_proposed'), undefined)
  t.equal(problemFault(await lift(two, max.accountId, actionId), 'action_not_in_force'), undefined)
  const notice = await done(one, max.accountId, 'notice')
  t.equal(problemFault(await approve(two, max.accountId, notice.id), 'action_not_proposed'), undefined, 'only bans are approved')
})

t.test('E-1 409: what is over is not lifted again', async (t) => {
  const max = await anybody()
  const { id } = await done(one, max.accountId, 'restricted')
  await ok(lift(one, max.accountId, id, 'mistake'))
  t.match(await listed(max.accountId), [{ liftReason: 'operator' }])
  t.equal(problemFault(await lift(one, max.accountId, id), 'action_not_in_force'), undefined)
  const timed = await done(one, max.accountId, 'restricted')
  await shift(timed.id, -20, -10)
  t.equal(problemFault(await lift(one, max.accountId, timed.id), 'action_not_in_force'), undefined)
  const coming = await done(one, max.accountId, 'restricted')
  await shift(coming.id, 10, 20)
  t.match(
    (await listed(max.accountId)).map(({ status }) => status),
    ['pending', 'ended', 'lifted']
  )
  t.equal((await lift(one, max.accountId, coming.id)).statusCode, 204, 'what is still to come is lifted')
})

t.test('E-5: what has a time begins and ends by the clock, and the harder beside it counts', async (t) => {
  const max = await anybody()
  const soft = await done(one, max.accountId, 'warning')
  const timed = await done(one, max.accountId, 'suspended', { until: new Date(Date.now() + 60_000).toISOString() })
  t.equal(await enforcementOf(max.accountId), 'suspended')
  t.match((await world.signIn(max)).json(), { code: 'account_suspended', until: timed.endsAt })
  await shift(timed.id, -60, -0.001)
  t.equal(await enforcementOf(max.accountId), 'warning')
  t.equal((await world.signIn(max)).statusCode, 201, 'nobody had to lift it')
  await shift(timed.id, 60, 120)
  t.equal(await enforcementOf(max.accountId), 'warning', 'before it begins')
  await ok(lift(one, max.accountId, soft.id))
  t.equal(await enforcementOf(max.accountId), 'none')
  await shift(timed.id, -1, 60)
  t.equal(await enforcementOf(max.accountId), 'suspended')
  t.equal(await liveSessions(max), 0)
})

t.test('E-1: the list goes on by its cursor, each action once, and a cursor is good for its list only', async (t) => {
  const max = await anybody()
  for (let each = 0; each < 5; each++) await done(one, max.accountId, 'notice')
  const seen: string[] = []
  let url: string | undefined = `${urlOf(max.accountId)}?limit=2`
  while (url) {
    const page = await ok(send('GET', url, one))
    seen.push(...page.json().items.map(({ id }: { id: string }) => id))
    url = /<([^>]+)>/.exec(String(page.headers.link ?? ''))?.[1]
  }
  t.equal(new Set(seen).size, 5)
  t.strictSame(seen, [...seen].sort().reverse(), 'newest first')
  const { nextCursor } = (await ok(send('GET', `${urlOf(max.accountId)}?limit=2`, one))).json()
  t.equal(problemFault(await send('GET', `${urlOf(acme.id)}?cursor=${nextCursor}`, one), 'malformed_cursor'), undefined)
  const all = (await ok(send('GET', '/v1/enforcement-actions?limit=3', two))).json()
  t.equal(all.items.length, 3)
  for (const status of ['active', 'pending', 'ended', 'lifted', 'withdrawn'])
    for (const item of (await ok(send('GET', `/v1/enforcement-actions?status=${status}&limit=100`, two))).json().items)
      t.equal(item.status, status)
})

t.test('E-1, K-2: who is told. The person; owner and admins of an organization, of whom the owner alone may appeal', async (t) => {
  await world.mails()
  const since = world.sent.length
  await done(one, acme.id, 'restricted', { reasonCode: 'unpaid_invoices' })
  await world.mails()
  const told = world.sent.slice(since)
  t.strictSame(told.map(({ to }) => to).sort(), [ada.email, olga.email])
  t.match(told.find(({ to }) => to === olga.email)!.text, /\/appeal#token=/)
  t.notMatch(told.find(({ to }) => to === ada.email)!.text, /#token=/)
  t.match(told.find(({ to }) => to === ada.email)!.text, /owner of the company/)

  t.match((await ok(send('GET', acme.url, ada))).json(), { status: 'active', enforcement: 'restricted' })
  const [suspension] = [await done(one, acme.id, 'suspended')]
  t.match((await ok(send('GET', acme.url, ada))).json(), { status: 'suspended', enforcement: 'suspended' })
  const { items } = (await ok(send('GET', '/v1/me/contexts', ada))).json() as { items: Array<Pick<Place, 'id'>> }
  t.match(
    items.find(({ id }) => id === acme.id),
    { status: 'suspended', enforcement: 'suspended' }
  )
  await ok(lift(one, acme.id, suspension!.id))
})

t.test('E-5: suspending an owner orphans nothing: the admins go on', async (t) => {
  const owner = await anybody()
  const place = await found(owner)
  await join(place, ada, [{ role: 'admin' }])
  await done(one, owner.accountId, 'suspended')
  t.equal((await send('GET', place.url, owner)).statusCode, 401)
  t.equal((await send('POST', `${place.url}/teams`, ada, { name: 'Goes on' })).statusCode, 201)
  t.match((await ok(send('GET', place.url, ada))).json(), { status: 'active', enforcement: 'none', ownerAccountId: owner.accountId })
})

t.test('E-1: the reasons are a closed list, for anybody to read, in their language', async (t) => {
  const english = (await world.inject({ url: '/v1/enforcement-reasons' })).json().items as Array<
    Record<'code' | 'title' | 'policy', string>
  >
  const german = (await world.inject({ url: '/v1/enforcement-reasons?locale=de' })).json().items as typeof english
  t.equal(english.length, 18)
  t.strictSame(
    english.map(({ code }) => code),
    german.map(({ code }) => code)
  )
  t.ok(english.every(({ title }, index) => title !== german[index]!.title))
  t.equal((await world.inject({ url: '/v1/enforcement-reasons?locale=fr' })).statusCode, 400)
  const rules = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8')
  for (const { code, title, policy } of english)
    t.ok(rules.includes(`| \`${code}\` | ${title} | \`${policy}\` |`), `docs/rules.md has ${code}`)
})

t.test('S-4: the history says which sessions an enforcement ended', async (t) => {
  for (const act of [(id: string) => done(one, id, 'suspended'), (id: string) => ban(one, two, id)]) {
    const max = await anybody()
    await world.signIn(max)
    await act(max.accountId)
    const [event] = await world.sql<{ detail: { reason: string; sessions: string[] } }>(
      `select detail from audit_events where resource = $1 and action = 'sessions.ended'`,
      [max.accountId]
    )
    t.match(event!.detail, { reason: 'enforcement' })
    t.equal(event!.detail.sessions.length, 2)
  }
})
