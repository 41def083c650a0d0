import t from 'tap'
import { consistencyToken, readConsistencyToken } from '../../src/http/consistency.ts'
import { cursors } from '../../src/http/pages.ts'
import { generateKey, type Keyring, parseKeyring } from '../../src/keyring.ts'
import { problemFault } from '../support/problems.ts'
import { openWorld, rounds } from '../support/world.ts'

const world = await openWorld(t, { instances: 2, env: { SESSIONS_PER_ACCOUNT: '100' } })
const olga = await world.person('Olga')
const sam = await world.person('Sam')
const operator = await world.operator()
const me = (headers: Record<string, string> = {}, instance = 0) =>
  world.inject({ url: '/v1/me', headers: { ...olga.headers, ...headers } }, instance)
const rename = (firstName: string, headers: Record<string, string> = {}, instance = 0) =>
  world.inject({ method: 'PATCH', url: '/v1/me', payload: { firstName }, headers: { ...olga.headers, ...headers } }, instance)
const keyring = (...entries: string[]): Keyring => (parseKeyring(entries.join(',')) as { keyring: Keyring }).keyring

t.test('If-Match: a change needs the version that was seen', async (t) => {
  const seen = String((await me()).headers.etag)
  t.match(seen, /^"\d+"$/, 'the tag is strong')
  t.equal(problemFault(await rename('Ola'), 'version_required'), undefined, '428 without it')
  const others = ['W/"1"', `W/${seen}`, '*', `${seen}, "7"`, seen.slice(1, -1), '"0"', '"-1"', '"1e0"', '"9007199254740993"', '""', '', 'x']
  for (const tag of others) t.equal(problemFault(await rename('Ola', { 'if-match': tag }), 'stale_version'), undefined, `412 for ${tag}`)
  t.equal((await me()).headers.etag, seen, 'nothing changed')
  t.equal((await me()).json().firstName, 'Olga')

  const changed = await rename('Ola', { 'if-match': seen }, 1)
  t.equal(changed.statusCode, 200)
  t.equal(changed.json().firstName, 'Ola')
  t.not(changed.headers.etag, seen)
  t.equal((await me()).headers.etag, changed.headers.etag)
  t.equal(problemFault(await rename('Olga', { 'if-match': seen }), 'stale_version'), undefined, 'the version before is stale now')
})

t.test('If-Match: every operation that changes part of a resource asks for it', async (t) => {
  const conditional = world.app.operations.filter((spec) => spec.conditional)
  t.ok(conditional.length > 0)
  for (const spec of world.app.operations.filter((spec) => spec.method === 'PATCH')) t.ok(spec.conditional, spec.operationId)
})

t.test('If-Match at once: of many changes to one version exactly one is made', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const seen = String((await me()).headers.etag)
    const tries = await Promise.all(Array.from({ length: 20 }, (_, n) => rename(`Olga ${round}-${n}`, { 'if-match': seen }, n)))
    t.same(tries.map((response) => response.statusCode).sort(), [200, ...Array(19).fill(412)])
    t.equal((await me()).json().firstName, tries.find((response) => response.statusCode === 200)!.json().firstName)
  }
})

t.test('Q-3 a write answers a consistency token; a read on any instance that carries it is no older', async (t) => {
  for (let round = 0; round < 5; round++) {
    const written = await rename(`Olga ${round}`, { 'if-match': String((await me()).headers.etag) }, round)
    const token = String(written.headers['consistency-token'])
    t.match(token, /^[\w-]+\.[\w-]{22}$/)
    const read = await me({ 'at-least-as-fresh': token }, round + 1)
    t.equal(read.json().firstName, `Olga ${round}`)
    t.notOk(read.headers['consistency-token'], 'a read answers none')
  }
  const writes = await Promise.all([
    world.inject({ method: 'DELETE', url: '/v1/me/sessions', headers: sam.headers }),
    world.post('/v1/me/emails', { email: 'sam@studio.example' }, sam.headers),
    world.post('/v1/me/reauthentication', { password: sam.password }, sam.headers)
  ])
  for (const write of writes) t.ok(write.headers['consistency-token'], `${write.statusCode} ${write.body}`)
})

t.test('Q-3 503: a token from the future is refused, on reads and on changes, and never ignored', async (t) => {
  const etag = String((await me()).headers.etag)
  const token = String((await rename('Olga', { 'if-match': etag })).headers['consistency-token'])
  const id = await accountUuid('olga@example.com')
  await world.sql('update accounts set version = version - 1 where id = $1', [id])
  const future = { 'at-least-as-fresh': token }
  for (const instance of [0, 1]) {
    t.equal(problemFault(await me(future, instance), 'not_fresh_enough'), undefined)
    t.equal(
      problemFault(await world.inject({ url: '/v1/me/sessions', headers: { ...olga.headers, ...future } }, instance), 'not_fresh_enough'),
      undefined
    )
  }
  t.equal(problemFault(await rename('Ola', { ...future, 'if-match': '"1"' }), 'not_fresh_enough'), undefined)
  const found = await world.inject({ url: '/v1/accounts?email=olga@example.com', headers: { ...operator.headers, ...future } })
  t.equal(problemFault(found, 'not_fresh_enough'), undefined, 'an operator who looks at the account')
  t.equal((await me()).statusCode, 200, 'without the token')
  await world.sql('update accounts set version = version + 1 where id = $1', [id])
  t.equal((await me(future)).statusCode, 200, 'once it has arrived')
})

t.test('400: what is no consistency token of ours', async (t) => {
  const written = await rename('Olga', { 'if-match': String((await me()).headers.etag) })
  const token = String(written.headers['consistency-token'])
  const [payload, signature] = token.split('.') as [string, string]
  const forged = Buffer.from(JSON.stringify([[`account:${await accountUuid('olga@example.com')}`, 0]])).toString('base64url')
  const wrong = [
    '',
    'x',
    '.',
    payload,
    `${payload}.`,
    `.${signature}`,
    `${forged}.${signature}`,
    `${token}.x`,
    `${token}=`,
    `${payload}.${signature.slice(0, -1)}`,
    ` ${token}x`,
    'a'.repeat(5000)
  ]
  for (const value of wrong)
    t.equal(problemFault(await me({ 'at-least-as-fresh': value }), 'malformed_consistency_token'), undefined, value.slice(0, 60))
})

t.test('a token is good under every key of the list, and under no other', async (t) => {
  const [first, second] = [generateKey('first'), generateKey('second')]
  const versions = new Map([['account:a', 3]])
  const token = consistencyToken(keyring(first), versions)
  const cursor = cursors(keyring(first), 'list').write('here')
  t.same(readConsistencyToken(keyring(second, first), token), versions)
  t.equal(cursors(keyring(second, first), 'list').read(cursor), 'here')
  t.throws(() => readConsistencyToken(keyring(second), token), { code: 'malformed_consistency_token' })
  t.throws(() => cursors(keyring(second), 'list').read(cursor), { code: 'malformed_cursor' })
  t.throws(() => cursors(keyring(first), 'another list').read(cursor), { code: 'malformed_cursor' })
})

t.test('a dry run answers what would happen, and nothing happens', async (t) => {
  await world.signIn(sam)
  await world.signIn(sam)
  const state = () =>
    world.sql(`select (select count(*) from sessions where ended_at is null) as sessions, (select count(*) from emails) as emails, (select sum(version) from accounts) as versions,
      (select count(*) from audit_events) as audit, (select count(*) from outbox) as mails, (select count(*) from events) as events`)
  const remove = (address: string, query = '') =>
    world.inject({ method: 'DELETE', url: `/v1/me/emails/${address}${query}`, headers: sam.headers })
  const endOthers = (query: string) => world.inject({ method: 'DELETE', url: `/v1/me/sessions${query}`, headers: sam.headers }, 1)
  const before = await state()
  const ended = await endOthers('?dryRun=true')
  t.same([ended.statusCode, ended.json()], [200, { ended: 2, dryRun: true }])
  t.notOk(ended.headers['consistency-token'], 'there is no new version to wait for')
  const removed = await remove('sam@studio.example', '?dryRun=true')
  t.same([removed.statusCode, removed.json()], [200, { dryRun: true, removed: 'sam@studio.example' }])
  t.equal(problemFault(await remove('sam@example.com', '?dryRun=true'), 'email_primary'), undefined, 'it is refused where the act would be')
  t.same(await state(), before)

  for (const query of ['?dryRun=1', '?dryRun=', '?dryRun=TRUE', '?dryRun=true&dryRun=true'])
    t.equal(problemFault(await endOthers(query), 'invalid_input'), undefined, query)
  t.same(await state(), before)
  t.same((await endOthers('?dryRun=false')).json(), { ended: 2, dryRun: false }, 'the act does what was foretold')
  t.equal((await remove('sam@studio.example')).statusCode, 204)
})

t.test('Q-9 a list is read page by page, complete and in order, while items are added', async (t) => {
  for (let n = 0; n < 29; n++) await world.signIn(olga, n)
  const list = (query: string, person = olga) => world.inject({ url: `/v1/me/sessions${query}`, headers: person.headers })
  const all = (await list('?limit=100')).json() as { items: Array<{ id: string }>; nextCursor: null }
  const ids = all.items.map(({ id }) => id)
  t.equal(ids.length, 30)
  t.equal(all.nextCursor, null)
  t.notOk((await list('?limit=100')).headers.link, 'the last page has no next')
  t.equal((await list('?limit=30')).json().nextCursor, null, 'not even when it is full')
  t.equal((await list('')).json().items.length, 25, '25 unless asked for')

  const seen: string[] = []
  let next: string | undefined = '/v1/me/sessions?limit=7'
  while (next !== undefined) {
    const page = await world.inject({ url: next, headers: olga.headers }, seen.length)
    const { items, nextCursor } = page.json() as { items: Array<{ id: string }>; nextCursor: string | null }
    seen.push(...items.map(({ id }) => id))
    next = /^<([^>]+)>; rel="next"$/.exec(String(page.headers.link))?.[1]
    t.equal(next, nextCursor === null ? undefined : `/v1/me/sessions?limit=7&cursor=${nextCursor}`, 'the Link is the cursor')
    await world.signIn(olga)
  }
  t.strictSame(seen, ids, 'none twice, none left out')

  const cursor = String((await list('?limit=2')).json().nextCursor)
  for (const limit of ['0', '101', '-1', '1.5', '', 'abc', '01', '1e1', '+1', ' 1', '१']) {
    t.equal(problemFault(await list(`?limit=${encodeURIComponent(limit)}`), 'invalid_input'), undefined, `limit=${limit}`)
  }
  t.equal((await list(`?limit=1&cursor=${cursor}`)).json().items.length, 1, 'another page size with the same cursor')
  t.equal(problemFault(await list(`?cursor=${cursor}`, sam), 'malformed_cursor'), undefined, 'the cursor of somebody else')
  for (const value of ['', 'a'.repeat(513)]) t.equal(problemFault(await list(`?cursor=${value}`), 'invalid_input'), undefined)
  const changed = [...cursor].map((sign, place) => `${cursor.slice(0, place)}${sign === 'A' ? 'B' : 'A'}${cursor.slice(place + 1)}`)
  const answers = await Promise.all(
    [...changed, `${cursor}.`, `${cursor}.x`, `${cursor}=`, 'x'].map(async (value) =>
      problemFault(await list(`?cursor=${value}`), 'malformed_cursor')
    )
  )
  t.strictSame(answers.filter(Boolean), [], 'a cursor that was changed anywhere')
})

async function accountUuid(email: string): Promise<string> {
  const [row] = await world.sql<{ account_id: string }>('select account_id from emails where canonical = $1 and verified_at is not null', [
    email
  ])
  return row!.account_id
}
