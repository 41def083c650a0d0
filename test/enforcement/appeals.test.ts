import t from 'tap'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import { deciding } from '../support/deciding.ts'
import { returning } from '../support/enforcement.ts'
import { organizations } from '../support/organizations.ts'
import { problemFault, refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t, { env: { COMPANIES_PER_ACCOUNT: '1000' } })
const { sql } = world
const { found, join } = organizations(world)
const { send, ok, done, lift, ban, linkOf, appeal, decide, grant, shift, enforcementOf } = deciding(world)
const one = await world.operator('one@guildhall.example')
const two = await world.operator('two@guildhall.example')
const three = await world.operator('three@guildhall.example')
const sam = await world.person('Sam')

let count = 0
const anybody = (): Promise<Person> => world.person('Max', { email: `max${count++}@example.com` })
const own = async (by: { headers: object }) => (await ok(send('GET', '/v1/me/enforcement', by))).json()
const see = (appealId: string, by: { headers: object }) => send('GET', `/v1/appeals/${appealId}`, by)
const answer = (appealId: string, by: { headers: object }, text = 'Here it is.') =>
  send('POST', `/v1/appeals/${appealId}/answer`, by, { text })
const statusOf = async (appealId: string): Promise<string> => (await ok(see(appealId, two))).json().status
/** Which constraint refuses a statement. */
const constraintOf = (statement: Promise<unknown>): Promise<string> =>
  statement.then(
    () => 'none',
    ({ constraint }: { constraint: string }) => constraint
  )
/** A restricted person with an appeal. */
async function appealed(kind = 'restricted') {
  const max = await anybody()
  const action = await done(one, max.accountId, kind)
  const made = (await ok(appeal(await linkOf(max)))).json() as { id: string }
  return { max, action, id: made.id }
}

t.test(
  'E-1: the person sees what is in force, why, in their language, and how to put it right; never the note or the operator',
  async (t) => {
    const max = await anybody()
    await sql('update accounts set locale = $2 where id = $1', [parseId('account', max.accountId), 'de'])
    t.strictSame(await own(max), { enforcement: 'none', items: [], nextCursor: null })
    const until = new Date(Date.now() + 60_000).toISOString()
    const first = await done(one, max.accountId, 'restricted', { reasonCode: 'unpaid_invoices', note: 'Secret', until })
    const second = await done(one, max.accountId, 'warning', { reasonCode: 'spam', remedy: 'Stop it.' })
    const seen = await send('GET', '/v1/me/enforcement', max)
    for (const secret of ['Secret', one.clientId, 'imposedBy', 'note']) t.notMatch(seen.body, secret)
    t.match(seen.json(), {
      enforcement: 'restricted',
      items: [
        { id: second.id, kind: 'warning', remedy: 'Stop it.', until: null },
        {
          id: first.id,
          subject: { kind: 'account', id: max.accountId, name: null },
          kind: 'restricted',
          status: 'active',
          reasonCode: 'unpaid_invoices',
          reason: 'Rechnungen sind nicht bezahlt',
          policy: 'payments/due',
          remedy: /^Bezahlen Sie/,
          until,
          appeal: { method: 'POST', href: '/v1/appeals', body: { actionId: first.id } },
          openAppeal: null,
          appeals: []
        }
      ]
    })
    const { id } = (await ok(appeal(max, { actionId: first.id }))).json()
    t.match((await own(max)).items[1], { appeal: null, openAppeal: id, appeals: [{ id, status: 'submitted' }] })
    await ok(lift(one, max.accountId, first.id))
    t.match((await own(max)).items[1], { status: 'lifted', appeal: null })
    const [page] = [(await ok(send('GET', '/v1/me/enforcement?limit=1', max))).json()]
    t.equal(page.items[0].id, second.id)
    const next = (await ok(send('GET', `/v1/me/enforcement?limit=1&cursor=${page.nextCursor}`, max))).json()
    t.match([next.items[0].id, next.nextCursor], [first.id, null])
    t.equal(problemFault(await send('GET', '/v1/me/enforcement?cursor=x', max), 'malformed_cursor'), undefined)
  }
)

t.test('E-1: the owner of an organization sees its decisions and appeals; admins and members do not', async (t) => {
  const owner = await anybody()
  const place = await found(owner)
  await join(place, sam, [{ role: 'admin' }])
  const action = await done(one, place.id, 'suspended')
  t.match(await own(owner), {
    enforcement: 'none',
    items: [{ id: action.id, subject: { kind: 'company', id: place.id, name: `${owner.email} Ltd` } }]
  })
  t.strictSame((await own(sam)).items, [])
  t.equal(problemFault(await appeal(sam, { actionId: action.id }), 'unknown_reference'), undefined)
  t.equal(problemFault(await appeal(owner), 'action_not_in_force'), undefined, 'nothing is in force on the account itself')
  const { id } = (await ok(appeal(owner, { actionId: action.id }))).json()
  t.equal(problemFault(await see(id, sam), 'not_found'), undefined)
  // The matter is the organization's: it goes to whoever owns it.
  await sql('update organizations set owner_account_id = $2 where id = $1', [
    parseId('company', place.id),
    parseId('account', sam.accountId)
  ])
  t.equal(problemFault(await see(id, owner), 'not_found'), undefined)
  t.equal((await see(id, sam)).statusCode, 200)
  await grant(two, id)
  t.match((await world.mails(sam.email)).at(-1)!.text, /granted your appeal/)
  t.equal(await enforcementOf(place.id), 'none')
})

t.test('E-4, S-2: who is suspended or banned cannot sign in, and appeals with the link that the sign-in names', async (t) => {
  for (const kind of ['suspended', 'banned']) {
    const max = await anybody()
    await (kind === 'banned' ? ban(one, two, max.accountId) : done(one, max.accountId, kind))
    const refused = (await world.signIn(max)).json()
    t.match(refused, { code: `account_${kind}`, reason: 'terms_violation', appealUrl: /^http:\/\/guildhall.test\/appeal#token=/ })
    const link = { headers: { authorization: `Bearer ${refused.appealUrl.split('#token=')[1]}` } }
    t.match(await own(link), { enforcement: kind })
    const made = await appeal(link)
    t.equal(made.statusCode, 201)
    t.match(made.json(), { status: 'submitted', messages: [{ author: 'person', text: 'It was not me.' }] })
    t.match((await world.mails(max.email)).at(-1)!.subject, 'We have your appeal')
    t.match((await ok(see(made.json().id, link))).json(), { id: made.json().id })
    t.equal((await see(made.json().id, await linkOf(sam))).statusCode, 404, 'not with the link of somebody else')
    await grant(three, made.json().id)
    t.equal(await enforcementOf(max.accountId), 'none')
    t.equal((await send('GET', '/v1/me', max)).statusCode, 401, 'what the decision ended stays ended')
    t.equal((await world.signIn(max)).statusCode, 201)
    t.match((await world.mails(max.email)).map(({ text }) => text).join(), /We granted your appeal/)
  }
})

t.test('E-4: the link is a key to five routes, and to nothing else', async (t) => {
  const max = await anybody()
  await done(one, max.accountId, 'suspended')
  const link = await linkOf(max)
  const taken = ['listOwnEnforcement', 'submitAppeal', 'getAppeal', 'answerAppeal', 'exportAccount', 'exportPersonalData', 'exportOwnData']
  const refused = world.app.operations.filter(({ access, operationId }) => access.kind !== 'anonymous' && !taken.includes(operationId))
  t.ok(refused.length > 100)
  const faults: string[] = []
  for (const spec of refused) {
    const response = await world.inject({
      method: spec.method,
      url: spec.path.replace(/:\w+/g, 'x'),
      headers: { ...link.headers, ...(spec.body ? { 'content-type': spec.consumes?.[0] ?? 'application/json' } : {}) },
      ...(spec.body ? { payload: '{}' } : {})
    })
    if (response.statusCode !== 401) faults.push(`${spec.operationId}: ${response.statusCode}`)
  }
  t.strictSame(faults, [])
  const token = link.headers.authorization.slice('Bearer '.length)
  t.equal((await world.post('/v1/sessions/refresh', { refreshToken: token })).statusCode, 401)
  const exchanged = await world.inject({
    method: 'POST',
    url: '/v1/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_subject: publicId('member', newId())
    }).toString()
  })
  t.equal(exchanged.statusCode, 400)
})

t.test('E-4 401: a link that was changed, is too old, or whose account is nobody’s any more', async (t) => {
  const max = await anybody()
  await done(one, max.accountId, 'suspended')
  const withToken = (value: string) => send('GET', '/v1/me/enforcement', { headers: { authorization: `Bearer ${value}` } })
  const good = (await linkOf(max)).headers.authorization.slice(7)
  t.equal((await withToken(good)).statusCode, 200)
  const [account, until, signature] = good.split('.')
  for (const bad of [
    `${account}.${Number(until) + 1}.${signature}`,
    `${sam.accountId}.${until}.${signature}`,
    `${account}.${until}.${signature!.slice(1)}`,
    `${account}.${until}`,
    `${good}.x`
  ])
    t.equal((await withToken(bad)).statusCode, 401, bad)
  const now = Date.now
  Date.now = () => now() + 31 * 86_400_000
  t.teardown(() => {
    Date.now = now
  })
  t.equal((await withToken(good)).statusCode, 401)
  Date.now = now
  await sql(`update accounts set status = 'anonymised', closed_at = now() where id = $1`, [parseId('account', max.accountId)])
  t.equal((await withToken(good)).statusCode, 401)
})

t.test('E-4: question and answer, and each step only from where it leads', async (t) => {
  const { max, id } = await appealed()
  for (const decision of ['granted', 'denied', 'more_info'])
    t.match((await decide(two, id, decision)).json(), { code: 'appeal_step', appealStatus: 'submitted' })
  t.equal(problemFault(await answer(id, max), 'appeal_not_asked'), undefined)
  t.equal((await decide(two, id, 'in_review')).json().status, 'in_review')
  t.equal(problemFault(await decide(three, id, 'in_review'), 'appeal_step'), undefined)
  t.equal((await decide(two, id, 'more_info')).json().status, 'more_info')
  t.match((await world.mails(max.email)).at(-1)!.text, /What we ask you:\s+> Because\./)
  for (const decision of ['more_info', 'in_review'])
    t.equal(problemFault(await decide(two, id, decision), 'appeal_step'), undefined, 'only the answer leads back')
  t.equal(problemFault(await answer(id, sam), 'not_found'), undefined)
  t.equal((await answer(id, await linkOf(max))).json().status, 'in_review')
  t.equal(problemFault(await answer(id, max), 'appeal_not_asked'), undefined)
  await ok(decide(two, id, 'more_info'))
  t.equal((await decide(two, id, 'denied')).json().status, 'denied', 'an answer that never comes is not waited for')
  for (const decision of ['in_review', 'more_info', 'granted', 'denied'])
    t.equal(problemFault(await decide(two, id, decision), 'appeal_decided'), undefined, decision)
  t.equal(problemFault(await answer(id, max), 'appeal_decided'), undefined)
  t.equal(await enforcementOf(max.accountId), 'restricted')

  const toPerson = (await ok(see(id, max))).json()
  t.strictSame(
    toPerson.messages.map(({ author, text }: Record<string, string>) => [author, text]),
    [
      ['person', 'It was not me.'],
      ['operator', 'Because.'],
      ['person', 'Here it is.'],
      ['operator', 'Because.'],
      ['operator', 'Because.']
    ]
  )
  t.notMatch(JSON.stringify(toPerson), two.clientId)
  t.match((await ok(see(id, three))).json(), {
    appellantAccountId: max.accountId,
    decidedBy: two.clientId,
    messages: [{}, { operatorId: two.clientId }]
  })
})

t.test('E-4 400: a statement, an answer and a decision have words, and not too many', async (t) => {
  const { max, id } = await appealed()
  for (const statement of ['', 'x'.repeat(4001), ' ', 1]) t.equal((await appeal(max, { statement })).statusCode, 400)
  for (const text of ['', 'x'.repeat(4001)]) t.equal((await answer(id, max, text)).statusCode, 400)
  for (const body of [
    { decision: 'granted' },
    { decision: 'in_review', text: 'x' },
    { decision: 'lost', text: 'x' },
    { decision: 'denied', text: '' }
  ])
    t.equal((await send('POST', `/v1/appeals/${id}/decision`, two, body)).statusCode, 400, JSON.stringify(body))
})

t.test('E-4 409: one appeal is open at a time, and there are not many', async (t) => {
  const { max, action, id } = await appealed()
  t.equal(problemFault(await appeal(max), 'appeal_open'), undefined)
  t.match(await sql('select count(*)::int as n from appeals where action_id = $1', [parseId('action', action.id)]), [{ n: 1 }])
  t.equal(
    await constraintOf(
      sql('insert into appeals (id, action_id, account_id) values ($1, $2, $3)', [
        newId(),
        parseId('action', action.id),
        parseId('account', max.accountId)
      ])
    ),
    'appeals_one_open'
  )
  let last = id
  for (let each = 1; each <= world.config.APPEALS_PER_ACTION; each++) {
    await ok(decide(two, last, 'in_review'))
    await ok(decide(two, last, 'denied'))
    const next = await appeal(max)
    if (each === world.config.APPEALS_PER_ACTION) t.equal(problemFault(next, 'appeal_limit'), undefined)
    else last = (await ok(Promise.resolve(next))).json().id
  }
  t.match((await own(max)).items, [{ appeal: null, openAppeal: null, appeals: [{ status: 'denied' }, {}, {}] }])
  t.equal(await constraintOf(sql(`update appeals set status = 'granted' where id = $1`, [parseId('appeal', last)])), 'appeals_decided_once')
  t.equal(await constraintOf(sql('delete from appeals where id = $1', [parseId('appeal', last)])), 'appeals_decided_once')
})

t.test('E-4 409, 422: only against what is in force or to come, and one’s own; without naming one the hardest', async (t) => {
  const max = await anybody()
  t.equal(problemFault(await appeal(max), 'action_not_in_force'), undefined)
  const lifted = await done(one, max.accountId, 'notice')
  await ok(lift(one, max.accountId, lifted.id))
  const over = await done(one, max.accountId, 'notice')
  await shift(over.id, -20, -10)
  for (const { id } of [lifted, over]) t.equal(problemFault(await appeal(max, { actionId: id }), 'action_not_in_force'), undefined)
  const proposed = await done(one, max.accountId, 'banned')
  const others = await done(one, sam.accountId, 'notice')
  for (const actionId of [proposed.id, others.id, publicId('action', newId()), publicId('appeal', newId()), 'x'])
    t.equal(problemFault(await appeal(max, { actionId }), 'unknown_reference'), undefined, actionId)
  await done(one, max.accountId, 'warning')
  const hard = await done(one, max.accountId, 'restricted')
  await done(one, max.accountId, 'notice')
  const coming = await done(one, max.accountId, 'restricted')
  await shift(coming.id, 10, 20)
  t.equal((await appeal(max)).json().actionId, hard.id)
  t.equal((await appeal(max, { actionId: coming.id })).statusCode, 201, 'before it begins')
})

t.test('E-4 403: nobody decides about their own decision, nor about themselves', async (t) => {
  const { id } = await appealed()
  for (const decision of ['in_review', 'granted']) t.equal(problemFault(await decide(one, id, decision), 'four_eyes_required'), undefined)
  const max = await anybody()
  await ban(one, two, max.accountId)
  const { id: second } = (await ok(appeal(await linkOf(max)))).json()
  for (const by of [one, two]) t.equal(problemFault(await decide(by, second, 'in_review'), 'four_eyes_required'), undefined)
  t.equal(problemFault(await decide(await world.operator(max.email), second, 'in_review'), 'access_denied'), undefined)
  t.equal(await statusOf(second), 'submitted')
  t.equal((await decide(three, second, 'in_review')).statusCode, 200)
})

t.test('E-4: an appeal is decided although its action is over by then', async (t) => {
  const { max, action, id } = await appealed()
  await ok(lift(one, max.accountId, action.id))
  await grant(two, id)
  t.equal(await statusOf(id), 'granted')
  t.equal(await enforcementOf(max.accountId), 'none')
})

t.test('E-4 401, 404: appeals are for whom they concern and for operators', async (t) => {
  const { max, id } = await appealed()
  for (const url of [`/v1/appeals/${id}`, '/v1/appeals', '/v1/me/enforcement']) t.equal((await world.inject({ url })).statusCode, 401)
  t.equal((await send('GET', '/v1/appeals', max)).statusCode, 401)
  t.equal((await send('POST', `/v1/appeals/${id}/decision`, max, { decision: 'in_review' })).statusCode, 401)
  t.equal((await appeal(one as never)).statusCode, 401)
  for (const unknown of [publicId('appeal', newId()), publicId('action', newId()), 'x']) {
    for (const by of [max, one, await linkOf(max)]) t.equal(problemFault(await see(unknown, by), 'not_found'), undefined)
    t.equal(problemFault(await decide(one, unknown, 'in_review'), 'not_found'), undefined)
    t.equal(problemFault(await answer(unknown, max), 'not_found'), undefined)
  }
  t.equal(problemFault(await see(id, sam), 'not_found'), undefined)
})

t.test('E-4: operators list appeals in the order they were made, at one step, page by page', async (t) => {
  const made = [await appealed(), await appealed(), await appealed()].map(({ id }) => id)
  const seen: string[] = []
  let url: string | undefined = '/v1/appeals?status=submitted&limit=2'
  while (url) {
    const page = await ok(send('GET', url, two))
    t.ok(page.json().items.every(({ status }: { status: string }) => status === 'submitted'))
    seen.push(...page.json().items.map(({ id }: { id: string }) => id))
    url = /<([^>]+)>/.exec(String(page.headers.link ?? ''))?.[1]
  }
  t.strictSame(seen.slice(-3), made)
  t.equal(new Set(seen).size, seen.length)
  t.equal((await send('GET', '/v1/appeals?status=lost', two)).statusCode, 400)
})

t.test('E-4: what was said in an appeal is in no audit row or event', async (t) => {
  const { max, id } = await appealed()
  await grant(two, id)
  const events = await sql<{ text: string }>(
    `select action || detail::text as text from audit_events where resource = $1 union all select type || coalesce(after::text, '') from events where subject = $1`,
    [id]
  )
  t.equal(events.length, 6)
  t.notMatch(JSON.stringify(events), 'It was not me')
  t.notMatch(JSON.stringify(events), 'Because')
  await returning(world, max)
})

t.test('S-2 E-4 401: a link dies with the password it was made under, and with the addresses; otherwise it goes on', async (t) => {
  const [kit, lou] = [await world.person('Kit'), await world.person('Lou')]
  const bearer = (token: string | undefined) => ({ headers: { authorization: `Bearer ${token}` } })
  const read = async (token: string | undefined) => (await send('GET', '/v1/me/enforcement', bearer(token))).statusCode
  const mailed = async (email: string) => /appeal#token=(\S+)/.exec((await world.mails(email)).at(-1)!.text)?.[1]
  const signedIn = async (person: Person) => (await world.signIn(person)).json().appealUrl.split('#token=')[1] as string
  for (const person of [kit, lou]) await done(one, person.accountId, 'suspended')
  const links = [await mailed(kit.email), await signedIn(kit)]
  const [byMail, bySignIn] = links as [string, string]
  for (const token of links) t.equal(await read(token), 200, 'nothing was done')
  t.equal((await send('GET', '/v1/me/export', bearer(bySignIn))).statusCode, 200)
  const [, until, signature] = byMail.split('.')
  t.equal(await read(`${lou.accountId}.${until}.${signature}`), 401, 'not for another account')

  await ok(world.post('/v1/password-resets', { email: kit.email }))
  const password = 'quite another long phrase'
  await ok(world.post('/v1/password-resets/confirm', { token: await world.mailedToken(kit.email, 'ghp'), password }))
  for (const token of links) {
    t.equal(await read(token), 401, 'reset')
    refused(t, await send('GET', '/v1/me/export', bearer(token)), 401, 'not_signed_in')
    refused(t, await send('POST', '/v1/appeals', bearer(token), { statement: 'Mine.' }), 401, 'not_signed_in')
  }
  t.equal(await read(await signedIn({ ...kit, password })), 200, 'the next one is good')

  const mia = await world.person('Mia')
  await ok(send('POST', '/v1/me/emails', mia, { email: 'mia@second.example' }))
  await ok(send('POST', '/v1/me/emails/mia@second.example/verify', mia, { token: await world.mailedToken('mia@second.example', 'gha') }))
  await done(one, mia.accountId, 'notice')
  const first = await mailed(mia.email)
  t.equal(await read(first), 200)
  await ok(send('PUT', '/v1/me/emails/mia@second.example/primary', mia))
  t.equal(await read(first), 401, 'another primary address')
  await done(one, mia.accountId, 'warning')
  const second = await mailed('mia@second.example')
  t.equal(await read(second), 200)
  await world.sql('delete from emails where canonical = $1', [mia.email])
  t.equal(await read(second), 401, 'an address was taken away')
})
