import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { LightMyRequestResponse as Response } from 'fastify'
import pg from 'pg'
import t from 'tap'
import { idempotency } from '../../src/http/idempotency.ts'
import { generateKey, type Keyring, parseKeyring } from '../../src/keyring.ts'
import { problemFault } from '../support/problems.ts'
import { databaseUrl, openWorld, type Person, registration, rounds } from '../support/world.ts'

const world = await openWorld(t, { instances: 2, env: { EMAILS_PER_ACCOUNT: '50' } })
const olga = await world.person('Olga')
const sam = await world.person('Sam')

const withKey = (key: string, headers: Record<string, string> = {}): Record<string, string> => ({ ...headers, 'idempotency-key': key })
const addEmail = (email: string, key: string, person: Person = olga, instance = 0): Promise<Response> =>
  world.post('/v1/me/emails', { email }, withKey(key, person.headers), instance)
const mailsAsked = async (kind: string): Promise<number> => {
  const [row] = await world.sql<{ count: number }>('select count(*)::int as count from outbox where kind = $1', [kind])
  return row!.count
}
const records = async (): Promise<number> =>
  (await world.sql<{ count: number }>('select count(*)::int as count from idempotency_records'))[0]!.count

t.test('a retry gets the first answer again, on any instance, and nothing happens twice', async (t) => {
  const key = randomUUID()
  const first = await addEmail('olga@one.example', key)
  t.equal(first.statusCode, 201)
  t.notOk(first.headers['idempotency-replayed'])
  for (const instance of [0, 1]) {
    const again = await addEmail('olga@one.example', key, olga, instance)
    t.equal(again.statusCode, 201)
    t.equal(again.body, first.body)
    t.equal(again.headers['idempotency-replayed'], 'true')
    for (const name of ['etag', 'consistency-token', 'cache-control', 'content-type'])
      t.equal(again.headers[name], first.headers[name], name)
  }
  const quoted = await addEmail('olga@one.example', `"${key}"`)
  t.equal(quoted.headers['idempotency-replayed'], 'true', 'a structured-field string is the same key')
  t.equal(await mailsAsked('address_added'), 1)
})

t.test('422: the same key with another body; another key, route or caller is independent', async (t) => {
  const key = randomUUID()
  t.equal((await addEmail('olga@two.example', key)).statusCode, 201)
  t.equal(problemFault(await addEmail('olga@three.example', key), 'idempotency_key_reused'), undefined)
  t.equal(problemFault(await addEmail('olga@Two.example', key, olga, 1), 'idempotency_key_reused'), undefined)
  const other = await addEmail('olga@two.example', key, sam)
  t.equal(other.statusCode, 201)
  t.notOk(other.headers['idempotency-replayed'])
  t.not(other.json().id, olga.accountId, 'an answer is never given to somebody else')
  const elsewhere = await world.post('/v1/me/totp', {}, withKey(key, olga.headers))
  t.equal(elsewhere.statusCode, 201)
})

t.test('a retry gets its answer even where the request would be refused by now', async (t) => {
  const key = randomUUID()
  const first = await addEmail('sam@late.example', key, sam)
  t.equal(first.statusCode, 201)
  await world.sql(`update sessions set authenticated_at = authenticated_at - interval '1 hour'`)
  t.equal(problemFault(await addEmail('sam@later.example', randomUUID(), sam), 'reauthentication_required'), undefined)
  t.equal((await addEmail('sam@late.example', key, sam, 1)).body, first.body)
  await world.sql(`update sessions set authenticated_at = authenticated_at + interval '1 hour'`)
})

t.test('400: what is no key', async (t) => {
  const wrong = [
    '',
    'x'.repeat(15),
    'x'.repeat(65),
    `"${'x'.repeat(14)}"x`,
    `"${'x'.repeat(15)}"`,
    `${'x'.repeat(20)} y`,
    `"${'x'.repeat(20)}\\""`,
    'ключ-ключ-ключ-ключ'
  ]
  for (const key of wrong) t.equal(problemFault(await addEmail('olga@four.example', key), 'malformed_idempotency_key'), undefined, key)
  for (const key of ['x'.repeat(16), 'x'.repeat(64)]) t.equal((await addEmail('olga@four.example', key)).statusCode, 201)
})

t.test('409: the first request is still running; its retry afterwards gets the answer', async (t) => {
  const key = randomUUID()
  const blocker = new pg.Client({ connectionString: databaseUrl('superuser', world.database) })
  await blocker.connect()
  try {
    await blocker.query(`begin; select from accounts for update`)
    const first = addEmail('olga@five.example', key)
    while ((await blocker.query('select from pg_locks where not granted')).rowCount === 0) await delay(2)
    const second = await addEmail('olga@five.example', key, olga, 1)
    t.equal(problemFault(second, 'idempotency_in_progress'), undefined)
    t.equal(second.headers['retry-after'], '1')
    await blocker.query('commit')
    t.equal((await first).statusCode, 201)
  } finally {
    await blocker.end()
  }
  t.equal((await addEmail('olga@five.example', key, olga, 1)).headers['idempotency-replayed'], 'true')
})

t.test('the record is made in the transaction of the effect', async (t) => {
  const key = randomUUID()
  await addEmail('olga@six.example', key)
  const [row] = await world.sql<{ same: boolean }>(
    'select (select xmin from idempotency_records order by created_at desc limit 1) = (select xmin from emails where canonical = $1) as same',
    ['olga@six.example']
  )
  t.equal(row!.same, true)
})

t.test('a request that fails keeps nothing: the same key works once the cause is gone', async (t) => {
  const before = await records()
  const key = randomUUID()
  t.equal(problemFault(await addEmail('no-address', key), 'email_invalid'), undefined)
  t.equal(problemFault(await world.post('/v1/me/emails', {}, withKey(key, olga.headers)), 'invalid_input'), undefined)
  await world.sql(`create function fail_once() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`)
  await world.sql('create trigger fail_once before insert on outbox for each row execute function fail_once()')
  t.equal(problemFault(await addEmail('olga@seven.example', key), 'internal_error'), undefined)
  t.equal(await records(), before)
  await world.sql('drop trigger fail_once on outbox')
  const retried = await addEmail('olga@seven.example', key)
  t.equal(retried.statusCode, 201)
  t.notOk(retried.headers['idempotency-replayed'])
})

t.test('at once: fifty requests with one key on two instances have one effect and one answer', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const before = await mailsAsked('address_added')
    const key = randomUUID()
    const email = `olga@round-${round}.example`
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => addEmail(email, key, olga, n)))
    const made = answers.filter(({ statusCode }) => statusCode === 201)
    t.ok(made.length >= 1)
    t.equal(new Set(made.map(({ body }) => body)).size, 1)
    t.equal(made.filter(({ headers }) => !headers['idempotency-replayed']).length, 1, 'one of them did it')
    const others = answers.filter(({ statusCode }) => statusCode !== 201)
    t.strictSame(others.map((response) => problemFault(response, 'idempotency_in_progress')).filter(Boolean), [])
    t.equal(await mailsAsked('address_added'), before + 1)
    await world.sql('delete from emails where canonical = $1', [email])
  }
})

t.test('anonymous callers are bound by route, body and key: nobody gets the answer to what somebody else sent', async (t) => {
  const key = randomUUID()
  const before = await mailsAsked('registration')
  for (const email of ['nora@example.com', 'nils@example.com', 'nora@example.com']) {
    t.equal((await world.post('/v1/accounts', { ...registration, email }, withKey(key))).statusCode, 202)
  }
  t.equal(await mailsAsked('registration'), before + 2)
  const signIn = (person: Person, instance = 0) =>
    world.post('/v1/sessions', { email: person.email, password: person.password }, withKey(key), instance)
  const [mine, theirs] = [await signIn(olga), await signIn(sam)]
  t.not(mine.json().account.id, theirs.json().account.id)
  t.equal((await signIn(olga, 1)).body, mine.body)
  t.equal(
    problemFault(
      await world.post('/v1/sessions', { email: olga.email, password: 'not the right one at all' }, withKey(key)),
      'invalid_credentials'
    ),
    undefined
  )
})

t.test('no secret is kept readable: not the key, and not what the answer carries', async (t) => {
  const key = randomUUID()
  const signedIn = await world.post('/v1/sessions', { email: olga.email, password: olga.password }, withKey(key))
  const { refreshToken, accessToken } = signedIn.json() as Record<string, string>
  t.equal(signedIn.statusCode, 201)
  const tables = await world.sql<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables where schemaname in ('public', 'graphile_worker')`
  )
  t.ok(tables.length > 15)
  const secrets = { key, refreshToken: refreshToken!, accessToken: accessToken!, password: olga.password }
  for (const [what, secret] of Object.entries(secrets)) {
    for (const { name } of tables) {
      const hex = Buffer.from(secret).toString('hex')
      const [found] = await world.sql<{ found: boolean }>(
        `select exists (select from ${name} r where position($1 in r::text) > 0 or position($2 in r::text) > 0) as found`,
        [secret, hex]
      )
      t.notOk(found!.found, `${what} in ${name}`)
    }
  }
  const kept = await world.sql<{ sealed_answer: Buffer; binding: Buffer }>('select sealed_answer, binding from idempotency_records')
  t.ok(kept.length > 0 && kept.every((record) => !record.sealed_answer.includes(olga.email)))
})

t.test('an answer is kept a day by the clock of the database, and then forgotten', async (t) => {
  const key = randomUUID()
  await addEmail('olga@eight.example', key)
  const [life] = await world.sql<{ seconds: number }>(
    'select extract(epoch from expires_at - created_at)::int as seconds from idempotency_records order by created_at desc limit 1'
  )
  t.equal(life!.seconds, 86_400)
  await world.sql(`update idempotency_records set expires_at = now() + interval '1 second'`)
  t.equal((await addEmail('olga@eight.example', key)).headers['idempotency-replayed'], 'true')
  await world.sql('update idempotency_records set expires_at = now()')
  const later = await addEmail('olga@eight-again.example', key)
  t.equal(later.statusCode, 201, 'the key is new again, for any body')
  t.notOk(later.headers['idempotency-replayed'])
  t.equal((await addEmail('olga@eight-again.example', key, olga, 1)).headers['idempotency-replayed'], 'true')
})

t.test('a kept answer is opened with the key it was sealed with, and with nothing else', async (t) => {
  const keyring = (...entries: string[]): Keyring => (parseKeyring(entries.join(',')) as { keyring: Keyring }).keyring
  const [first, second] = [generateKey('first'), generateKey('second')]
  const binding = { key: randomUUID(), caller: 'account:a', method: 'POST', path: '/x', body: { a: 1 }, seconds: 60 }
  const { db } = world.parts
  const made = await db.transaction((tx) =>
    idempotency(keyring(first), binding).once(
      tx,
      async () => 'done',
      () => ({ status: 201, body: { token: 'secret' } })
    )
  )
  t.equal(made, 'done')
  t.same(
    await idempotency(keyring(second, first), binding).find(db.query),
    { status: 201, body: { token: 'secret' } },
    'after a new key was put in front'
  )
  t.equal(await idempotency(keyring(first), { ...binding, key: randomUUID() }).find(db.query), undefined)
  await t.rejects(idempotency(keyring(second), binding).find(db.query), { message: /SECRET_KEYS has no key first/ })
  const replay = db.transaction((tx) =>
    idempotency(keyring(first), binding).once(
      tx,
      async () => t.fail('ran again'),
      () => ({ status: 500 })
    )
  )
  await t.rejects(replay, { answer: { status: 201 } } as never)
  await world.sql('update idempotency_records set sealed_answer = set_byte(sealed_answer, 30, get_byte(sealed_answer, 30) # 1)')
  await t.rejects(idempotency(keyring(first), binding).find(db.query), { message: /authenticate/ }, 'a row that was tampered with')
})
