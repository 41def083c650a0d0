import type { InjectOptions } from 'fastify'
import t from 'tap'
import { cleanUp } from '../../src/jobs/clean-up.ts'
import { inForce } from '../support/enforcement.ts'
import { long, openWorld, type Person, registration, rounds } from '../support/world.ts'

if (long) t.setTimeout(600_000)

const world = await openWorld(t, { instances: 2 })
const { post } = world

const me = (headers: Record<string, string>, extra: Record<string, string> = {}) =>
  world.inject({ url: '/v1/me', headers: { ...headers, ...extra } })
const patch = (person: Pick<Person, 'headers'>, payload: object, ifMatch?: string, instance = 0) =>
  world.inject(
    {
      method: 'PATCH',
      url: '/v1/me',
      headers: { ...person.headers, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
      payload
    } as InjectOptions,
    instance
  )
const idOf = async ({ email }: Pick<Person, 'email'>) =>
  (await world.sql<{ account_id: string }>('select account_id from emails where canonical = $1', [email]))[0]!.account_id

t.test('S-6 200: a person sees what the service holds of them, and nobody else', async (t) => {
  const olga = await world.person('Olga')
  const answer = await me(olga.headers)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  const { createdAt, ...rest } = answer.json()
  t.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.strictSame(rest, {
    id: olga.accountId,
    status: 'active',
    firstName: 'Olga',
    lastName: 'Okafor',
    countryCode: 'DE',
    intent: 'client',
    locale: 'en',
    enforcement: 'none',
    secondFactor: false,
    emails: [{ address: 'olga@example.com', primary: true, verified: true }]
  })
  const service = await world.service('jobs', ['access.evaluate'])
  const operator = await world.operator()
  for (const headers of [
    {},
    { authorization: 'Bearer x.y.z' },
    service.headers,
    operator.headers,
    { authorization: `Bearer ${olga.refreshToken}` }
  ]) {
    t.match((await me(headers as Record<string, string>)).json(), { status: 401, code: 'not_signed_in' })
  }
  for (const state of [inForce('suspended'), `${inForce('none')}, status = 'closed', closed_at = now()`]) {
    await world.sql(`update accounts set ${state} where id = $1`, [await idOf(olga)])
    t.equal((await me(olga.headers)).statusCode, 401, state)
  }
})

t.test('S-6 200: a change touches the given fields only, from the version that was seen', async (t) => {
  const anna = await world.person('Anna')
  const before = await me(anna.headers)
  const etag = String(before.headers.etag)
  const changed = await patch(anna, { firstName: 'Anna María', locale: 'de-AT' }, etag)
  t.equal(changed.statusCode, 200)
  t.strictSame(changed.json(), { ...before.json(), firstName: 'Anna María', locale: 'de-AT' })
  t.not(changed.headers.etag, etag)
  const token = String(changed.headers['consistency-token'])
  t.strictSame((await me(anna.headers, { 'at-least-as-fresh': token })).json(), changed.json())

  const same = await patch(anna, { firstName: 'Anna María' }, String(changed.headers.etag))
  t.equal(same.headers.etag, changed.headers.etag, 'what is as it was makes no version')
  t.equal((await patch(anna, {}, String(changed.headers.etag))).headers.etag, changed.headers.etag)
  await post('/v1/password-resets', { email: anna.email })
  t.match((await world.mails(anna.email)).at(-1), { subject: 'Setzen Sie ein neues Passwort' }, 'mails follow the language')
  const [event] = await world.sql<{ text: string }>(
    `select e::text as text from events e where type = 'account.updated' and subject = $1`,
    [anna.accountId]
  )
  t.match(event!.text, /firstName.*locale/)
  t.notMatch(event!.text, /María/, 'names of fields, no values')
})

t.test('412 428: without the version that was seen, nothing is changed', async (t) => {
  const bert = await world.person('Bert')
  t.match((await patch(bert, { firstName: 'Bob' })).json(), { status: 428, code: 'version_required' })
  const { etag } = (await me(bert.headers)).headers
  for (const stale of ['"0"', '"2"', `W/${etag}`, '*', `${etag}, "7"`, '1', '""', '"1e0"', '"01"x']) {
    t.match((await patch(bert, { firstName: 'Bob' }, stale)).json(), { status: 412, code: 'stale_version' }, stale)
  }
  t.equal((await me(bert.headers)).json().firstName, 'Bert')
})

t.test('412 at once: of many changes from one version one is made', async (t) => {
  const cleo = await world.person('Cleo')
  for (let round = 0; round < rounds(3); round++) {
    const etag = String((await me(cleo.headers)).headers.etag)
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => patch(cleo, { firstName: `Cleo ${round} ${index}` }, etag, index))
    )
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [200, ...Array(9).fill(412)])
    const winner = answers.find(({ statusCode }) => statusCode === 200)!
    t.strictSame((await me(cleo.headers)).json(), winner.json())
  }
})

t.test('400: no field can be changed but those that are named', async (t) => {
  const dora = await world.person('Dora')
  const etag = String((await me(dora.headers)).headers.etag)
  const others = [
    'id',
    'status',
    'email',
    'emails',
    'enforcement',
    'secondFactor',
    'createdAt',
    'revision',
    'version',
    'password',
    'roles',
    'intent',
    '__proto__x'
  ]
  for (const name of others) {
    t.match(
      (await patch(dora, { [name]: 'active', firstName: 'Eve' }, etag)).json(),
      { status: 400, errors: [{ pointer: `/${name}` }] },
      name
    )
  }
  for (const [name, value] of Object.entries({ firstName: '', lastName: null, countryCode: 'XX', locale: 'xx_YY' })) {
    t.match((await patch(dora, { [name]: value }, etag)).json(), { status: 400, errors: [{ pointer: `/${name}` }] }, name)
  }
  t.equal((await patch({ headers: {} as Person['headers'] }, { firstName: 'Eve' }, etag)).statusCode, 401)
  t.equal((await me(dora.headers)).headers.etag, etag)
})

const { headers: asOperator } = await world.operator('search@example.com')
const search = (query: string, headers: Record<string, string> = asOperator) => world.inject({ url: `/v1/accounts?${query}`, headers })

t.test('P-1 200: an operator finds accounts by any spelling of an address, and every look is audited', async (t) => {
  const finn = await world.person('Finn', { email: 'Finn@bücher.example' })
  await post('/v1/accounts', { ...registration, email: 'stranger@example.com' })
  for (const spelling of ['Finn@bücher.example', 'finn@xn--bcher-kva.example', 'FINN@BÜCHER.EXAMPLE']) {
    const answer = await search(new URLSearchParams({ email: spelling }).toString())
    t.match(answer.json(), { items: [{ id: finn.accountId, status: 'active' }], nextCursor: null }, spelling)
    t.equal(answer.json().items.length, 1)
  }
  t.match((await search('email=stranger@example.com')).json(), { items: [{ status: 'pending_email' }] })
  const looks = await world.sql(`select actor_kind from audit_events where action = 'account.viewed' and resource = $1`, [finn.accountId])
  t.strictSame(looks, Array(3).fill({ actor_kind: 'operator' }))
  for (const nothing of ['nobody@example.com', 'not an address', '%25@example.com']) {
    t.strictSame((await search(`email=${nothing}`)).json(), { items: [], nextCursor: null }, nothing)
  }
})

t.test('Q-9 200: a search with many claims comes in pages, the proven account first, none left out or twice', async (t) => {
  const email = 'gina@crowd.example'
  const gina = await world.person('Gina', { email })
  // As registrations that are not mailed yet would leave them.
  await world.sql(
    `with made as (
      insert into accounts (id, status, first_name, last_name, country_code, intent, locale, password_hash, pepper_id, password_stands_alone)
      select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'pending_email', 'Claim', n::text, 'DE', 'client', 'en', 'x', 'x', true from generate_series(1, 27) n returning id)
    insert into emails (id, account_id, address, canonical, canonical_version, is_primary) select gen_random_uuid(), id, $1, $1, 1, true from made`,
    [email]
  )
  const seen: string[] = []
  let url: string | undefined = `/v1/accounts?email=${email}&limit=10`
  for (let page = 0; url; page++) {
    const answer = await world.inject({ url, headers: asOperator })
    t.equal(answer.statusCode, 200)
    seen.push(...answer.json().items.map(({ id }: { id: string }) => id))
    if (page === 0) await post('/v1/accounts', { ...registration, email })
    url = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1]
    t.equal(url === undefined, answer.json().nextCursor === null)
  }
  t.equal(seen[0], gina.accountId)
  t.equal(seen.length, 28, 'one that came meanwhile does not move the others')
  t.equal(new Set(seen).size, 28)
  t.equal((await search(`email=${email}`)).json().items.length, 25, 'unless asked otherwise')

  const { nextCursor } = (await search(`email=${email}&limit=1`)).json()
  t.match((await search(`email=other@example.com&cursor=${nextCursor}`)).json(), { code: 'malformed_cursor' }, 'good for one address')
  t.match((await search(`email=${email}&cursor=x`)).json(), { code: 'malformed_cursor' })
})

t.test('400 401: only an operator searches, for one address', async (t) => {
  const hugo = await world.person('Hugo')
  const service = await world.service('search', ['access.evaluate', 'evidence.write'])
  for (const headers of [{}, hugo.headers, service.headers]) {
    t.match((await search('email=hugo@example.com', headers as Record<string, string>)).json(), { status: 401, code: 'not_signed_in' })
  }
  for (const query of [
    '',
    'email=',
    'email=a@b.example&email=c@d.example',
    'email=a@b.example&status=active',
    'email=a@b.example&limit=0',
    'email[]=a@b.example'
  ]) {
    t.match((await search(query)).json(), { status: 400, code: 'invalid_input' }, query)
  }
})

t.test('P-1 background: an account that was never proven goes after its time, with all it left behind, and no other does', async (t) => {
  const age = (email: string, days: number) =>
    world.sql(
      `update accounts set created_at = now() - make_interval(days => $2) where id in (select account_id from emails where canonical = $1)`,
      [email, days]
    )
  const proven = await world.person('Ines')
  for (const email of ['old@unproven.example', 'young@unproven.example', 'asking@unproven.example', 'waiting@unproven.example']) {
    await post('/v1/accounts', { ...registration, email })
    if (email !== 'waiting@unproven.example') await world.mails()
  }
  await age(proven.email, 400)
  for (const email of ['old', 'asking', 'waiting']) await age(`${email}@unproven.example`, 8)
  await age('young@unproven.example', 6)
  await world.sql(`update mail_tokens set expires_at = now() - interval '1 second' where purpose = 'verify_email'`)
  const waiting = await world.sql<{ id: string }>(`select id from outbox where status = 'waiting'`)
  t.equal(waiting.length, 1)
  await world.sql(`update outbox set status = 'parked' where id = $1`, [waiting[0]!.id])
  await post('/v1/email-verifications/resend', { email: 'asking@unproven.example' })
  const token = await world.mailedToken('asking@unproven.example', 'ghv')
  await world.sql(`update outbox set status = 'waiting' where id = $1`, [waiting[0]!.id])

  await cleanUp(world.parts)
  const left = await world.sql<{ canonical: string }>(`select canonical from emails where canonical like '%@unproven.example' order by 1`)
  t.strictSame(
    left.map(({ canonical }) => canonical),
    ['asking@unproven.example', 'waiting@unproven.example', 'young@unproven.example'],
    'while a proof is live or on its way, nothing is deleted'
  )
  t.equal((await world.signIn(proven)).statusCode, 201)
  t.equal((await post('/v1/email-verifications', { token })).statusCode, 200)
  t.equal((await post('/v1/email-verifications', { token: await world.mailedToken('waiting@unproven.example', 'ghv') })).statusCode, 200)
  t.strictSame(await world.sql(`select from mail_tokens m where not exists (select from accounts a where a.id = m.account_id)`), [])
  t.equal((await post('/v1/accounts', { ...registration, email: 'old@unproven.example' })).statusCode, 202, 'who comes back begins anew')
})
