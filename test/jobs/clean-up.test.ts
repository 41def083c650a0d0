import { createHash, randomUUID } from 'node:crypto'
import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { cleanUp } from '../../src/jobs/clean-up.ts'
import { inviting } from '../support/invitations.ts'
import { organizations } from '../support/organizations.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld(t)
const olga = await world.person('Olga')
const [account] = await world.sql<{ id: string; email: string }>(
  'select a.id, e.id as email from accounts a join emails e on e.account_id = a.id'
)
const bytes = (): Buffer => createHash('sha256').update(randomUUID()).digest()

/** Puts rows into a table, each with a name and one moment before or after now; answers the names that cleaning leaves. */
async function left(
  t: Test,
  ages: Record<string, string>,
  insert: (name: string, age: string) => Promise<unknown>,
  names: () => Promise<string[]>
): Promise<string[]> {
  for (const [name, age] of Object.entries(ages)) await insert(name, age)
  t.equal((await names()).length, Object.keys(ages).length)
  await cleanUp(world.parts)
  return names()
}
interface Test {
  equal: (found: unknown, wanted: unknown) => unknown
}

t.test('rate counters go with their window, kept answers with their time, and not before', async (t) => {
  await world.sql('truncate rate_counters, idempotency_records')
  const counters = await left(
    t,
    { over: '-1 second', running: '1 minute' },
    (name, age) => world.sql('insert into rate_counters values ($1::text::bytea, now() + $2::interval, 1)', [name, age]),
    async () => (await world.sql<{ name: string }>(`select encode(key, 'escape') as name from rate_counters`)).map(({ name }) => name)
  )
  t.strictSame(counters, ['running'])
  const answers = await left(
    t,
    { over: '-1 second', kept: '1 minute' },
    (name, age) =>
      world.sql(`insert into idempotency_records values ($1::text::bytea, '', '', '', now() - interval '2 days', now() + $2::interval)`, [
        name,
        age
      ]),
    async () =>
      (await world.sql<{ name: string }>(`select encode(binding, 'escape') as name from idempotency_records`)).map(({ name }) => name)
  )
  t.strictSame(answers, ['kept'])
})

t.test('wrong passwords are forgotten a day after the last pause, unless there were a hundred', async (t) => {
  await world.sql('delete from sign_in_failures')
  const insert = (name: string, consecutive: number, started: string, paused: string | null) =>
    world.sql('insert into sign_in_failures values ($1::text::bytea, $2, 1, now() + $3::interval, now() + $4::interval)', [
      name,
      consecutive,
      started,
      paused
    ])
  await insert('old', 3, '-25 hours', null)
  await insert('old and paused since', 99, '-30 hours', '-25 hours')
  await insert('old but paused', 20, '-30 hours', '30 minutes')
  await insert('paused lately', 20, '-30 hours', '-1 hour')
  await insert('young', 3, '-23 hours', null)
  await insert('a hundred', 100, '-90 days', '-89 days')
  await cleanUp(world.parts)
  const names = await world.sql<{ name: string }>(`select encode(identifier_hash, 'escape') as name from sign_in_failures order by 1`)
  t.strictSame(
    names.map(({ name }) => name),
    ['a hundred', 'old but paused', 'paused lately', 'young']
  )
})

t.test(
  'mailed tokens, ended sessions and sent mails go after thirty days; what is live stays, and what was never sent goes after ninety, whatever kept it',
  async (t) => {
    await world.sql('delete from mail_tokens; delete from outbox')
    const token = (used: boolean, age: string, purpose = 'undo_email_change') =>
      world.sql(
        `insert into mail_tokens (id, purpose, token_hash, key_id, account_id, email_id, expires_at, used_at) values ($1, $2, $3, $4, $5, $6, now() + $7::interval, case when $8 then now() end)`,
        [randomUUID(), purpose, bytes(), age, account!.id, account!.email, age, used]
      )
    for (const age of ['-31 days', '-29 days', '1 hour']) for (const used of [true, false]) await token(used, age)
    const mail = (name: string, status: string, age: string | null) =>
      world.sql(
        `insert into outbox (id, kind, data, status, created_at, done_at) values ($1, $2, '{}', $3, now() - interval '89 days', now() + $4::interval)`,
        [randomUUID(), name, status, age]
      )
    await mail('sent long ago', 'sent', '-31 days')
    await mail('skipped long ago', 'skipped', '-31 days')
    await mail('sent lately', 'sent', '-29 days')
    await mail('waiting', 'waiting', null)
    await mail('parked', 'parked', null)
    await mail('parked long ago', 'parked', null)
    await mail('skipped very long ago', 'skipped', '-31 days')
    await world.sql(`update outbox set created_at = now() - interval '91 days' where kind in ('parked long ago', 'skipped very long ago')`)
    const session = (place: string, ended: string | null, expires: string) =>
      world.sql(
        `insert into sessions (id, account_id, authenticated_at, last_used_at, expires_at, ended_at, end_reason, device, user_agent, place)
        values ($1, $2, now() - interval '90 days', now(), now() + $3::interval, now() + $4::interval, case when $4::text is null then null else 'signed_out' end, '', '', $5)`,
        [randomUUID(), account!.id, expires, ended, place]
      )
    await session('ended long ago', '-31 days', '1 day')
    await session('expired long ago', null, '-31 days')
    await session('ended lately', '-29 days', '1 day')
    await session('expired lately', null, '-29 days')
    await session('live', null, '1 day')

    await cleanUp(world.parts)
    await cleanUp(world.parts)
    const tokens = await world.sql<{ age: string }>('select key_id as age from mail_tokens order by 1')
    t.strictSame(
      tokens.map(({ age }) => age),
      ['-29 days', '-29 days', '1 hour', '1 hour']
    )
    const mails = await world.sql<{ kind: string }>('select kind from outbox order by kind')
    t.strictSame(
      mails.map(({ kind }) => kind),
      // N-8: a mail that was kept back stays as long as one that no server took.
      ['parked', 'sent lately', 'skipped long ago', 'waiting']
    )
    const sessions = await world.sql<{ place: string }>(`select place from sessions where place !~ '/24' order by 1`)
    t.strictSame(
      sessions.map(({ place }) => place),
      ['ended lately', 'expired lately', 'live']
    )
  }
)

t.test('a person, what they may do and what was written about them stay', async (t) => {
  await world.sql(
    `update accounts set created_at = now() - interval '5 years', activated_at = now() - interval '5 years'; update emails set created_at = now() - interval '5 years'`
  )
  const state = () =>
    world.sql(`select (select count(*) from accounts) as accounts, (select count(*) from emails) as emails, (select count(*) from audit_events) as audit, (select count(*) from audit_personal) as personal,
      (select count(*) from events) as events, (select count(*) from signing_keys) as keys, (select count(*) from refresh_tokens) as tokens`)
  const before = await state()
  await cleanUp(world.parts)
  t.same(await state(), before)
  t.equal((await world.inject({ url: '/v1/me', headers: olga.headers })).statusCode, 200)
})

t.test('invitations and join requests go half a year after their end; what is open stays', async (t) => {
  const { found, ok, send } = organizations(world)
  const { invited, revoke } = inviting(world)
  const company = await found(olga)
  const names = ['live', 'expired lately', 'revoked lately', 'expired long ago', 'revoked long ago']
  for (const name of names) {
    const sent = await invited(company, `${name.replaceAll(' ', '.')}@example.com`)
    if (name.startsWith('revoked')) await ok(revoke(sent, olga))
    const age = name.endsWith('long ago') ? '181 days' : '179 days'
    if (name !== 'live')
      await world.sql(
        `update invitations set expires_at = now() - $2::interval, ended_at = case when ended_at is null then null else now() - $2::interval end where id = $1`,
        [parseId('invitation', sent.id), age]
      )
  }
  await ok(send('GET', `${company.url}/invitations`, olga))
  const request = (name: string, status: string, age: string) =>
    world.sql(
      `insert into join_requests (id, organization_id, account_id, email, status, reason, decided_by_account_id, expires_at, ended_at)
        values ($1, $2, $3, $4, $5, case when $5 = 'refused' then 'no' end, case when $5 = 'refused' then $3::uuid end, now() + $6::interval,
          case when $5 = 'open' then null else now() + $6::interval end)`,
      [randomUUID(), parseId('company', company.id), account!.id, name, status, age]
    )
  await request('refused long ago', 'refused', '-181 days')
  await request('refused lately', 'refused', '-179 days')
  await request('open', 'open', '1 day')

  await cleanUp(world.parts)
  const kept = await world.sql<{ email: string }>('select email from invitations order by email')
  t.strictSame(
    kept.map(({ email }) => email),
    ['expired.lately@example.com', 'live@example.com', 'revoked.lately@example.com']
  )
  const requests = await world.sql<{ email: string }>('select email from join_requests order by email')
  t.strictSame(
    requests.map(({ email }) => email),
    ['open', 'refused lately']
  )
})
