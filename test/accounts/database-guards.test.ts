import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { databaseUrl, openWorld, registration } from '../support/world.ts'

// Around the service, with the rights that it has itself: what the database refuses, no code can do by mistake.
const world = await openWorld(t)
const service = await Promise.all(
  [1, 2].map(async () => {
    const client = new pg.Client({ connectionString: databaseUrl('service', world.database) })
    await client.connect()
    t.teardown(() => client.end())
    return client
  })
)
const [one, two] = service as [pg.Client, pg.Client]

const idOf = async (canonical: string) =>
  (
    await world.sql<{ account_id: string }>('select account_id from emails where canonical = $1 order by verified_at limit 1', [canonical])
  )[0]!.account_id

const olga = await idOf((await world.person('Olga')).email)
const otto = await idOf((await world.person('Otto')).email)
await world.post('/v1/accounts', { ...registration, email: 'nora@example.com' })
const nora = await idOf('nora@example.com')

const account = (status: string, extra: Record<string, string> = {}) => {
  const values: Record<string, string> = {
    id: `'${randomUUID()}'`,
    status: `'${status}'`,
    first_name: `'A'`,
    last_name: `'B'`,
    country_code: `'DE'`,
    intent: `'client'`,
    locale: `'en'`,
    password_hash: `'x'`,
    pepper_id: `'x'`,
    password_stands_alone: 'true',
    activated_at: 'now()',
    ...extra
  }
  return `insert into accounts (${Object.keys(values).join(', ')}) values (${Object.values(values).join(', ')})`
}
const email = (accountId: string, canonical: string, { primary = false, proven = false } = {}) =>
  `insert into emails (id, account_id, address, canonical, canonical_version, is_primary, verified_at)
    values ('${randomUUID()}', '${accountId}', '${canonical}', '${canonical}', 1, ${primary}, ${proven ? 'now()' : 'null'})`
const token = (accountId: string, purpose: string, hash = `'\\x${randomUUID().replaceAll('-', '')}'`) =>
  `insert into mail_tokens (id, purpose, token_hash, key_id, account_id, email_id, expires_at)
    select '${randomUUID()}', '${purpose}', ${hash}, 'x', '${accountId}', id, now() + interval '1 hour' from emails where account_id = '${accountId}' and is_primary`

const unproven = '23514 accounts_proven_primary_email'
const refused: Array<[string, string, string]> = [
  ['P-1 P-11: a second proven row of one email', email(otto, 'olga@example.com', { proven: true }), '23505 emails_one_account'],
  [
    'P-1 P-11: proving a claim to a proven email',
    `${email(otto, 'olga@example.com')}; update emails set verified_at = now() where account_id = '${otto}'`,
    '23505 emails_one_account'
  ],
  ['P-1: a second row of one email in one account', email(olga, 'olga@example.com'), '23505 emails_once_per_account'],
  ['P-1: a second primary email', email(olga, 'olga@second.example', { primary: true, proven: true }), '23505 emails_one_primary'],
  ['P-1: an email of nobody', email(randomUUID(), 'nobody@example.com'), '23503 emails_account_id_accounts_id_fkey'],
  ['P-3: a new account that is active without an email', account('active'), unproven],
  ['P-3: an unproven account made active', `update accounts set status = 'active', activated_at = now() where id = '${nora}'`, unproven],
  [
    'P-3: the primary email of an active account made unproven',
    `update emails set verified_at = null where account_id = '${olga}'`,
    unproven
  ],
  [
    'P-3: the primary email of an active account made another one',
    `update emails set is_primary = false where account_id = '${olga}'`,
    unproven
  ],
  ['P-3: the primary email of an active account deleted', `delete from emails where account_id = '${olga}'`, unproven],
  [
    'P-3: the primary email of an active account given to another',
    `update emails set account_id = '${nora}', is_primary = false where account_id = '${olga}'`,
    unproven
  ],
  ['P-3: an active account that was never activated', account('active', { activated_at: 'null' }), '23514 accounts_active_was_activated'],
  ['P-3: a status outside the list', account('merged'), '23514 accounts_status_known'],
  [
    'P-3: a status changed to one outside the list',
    `update accounts set status = 'ACTIVE' where id = '${olga}'`,
    '23514 accounts_status_known'
  ],
  ['P-3: an account without status', account('active', { status: 'null' }), '23502 accounts.status'],
  ['an intent outside the list', account('pending_email', { intent: `'both'` }), '23514 accounts_intent_known'],
  ['an account with the id of another', account('pending_email', { id: `'${olga}'` }), '23505 accounts_pkey'],
  ['a token without hash', token(olga, 'reset_password', 'null'), '23502 mail_tokens.token_hash'],
  ['a token of no purpose', token(olga, 'sign_in'), '23514 mail_tokens_purpose_known'],
  [
    'two tokens with one hash',
    `${token(olga, 'undo_email_change', `'\\x01'`)}; ${token(otto, 'undo_email_change', `'\\x01'`)}`,
    '23505 mail_tokens_one_hash'
  ],
  [
    'two live resets of one account',
    `${token(olga, 'reset_password')}; ${token(olga, 'reset_password')}`,
    '23505 mail_tokens_one_live_reset'
  ],
  ['two live proofs of one address', `${token(olga, 'verify_email')}; ${token(olga, 'verify_address')}`, '23505 mail_tokens_one_live_proof']
]

const isWaiting = async () =>
  (await world.sql(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).length > 0

/** What the database says to statements in one transaction. */
async function attempt(client: pg.Client, statements: string): Promise<string> {
  try {
    await client.query('begin')
    await client.query(statements)
    await client.query('commit')
    return 'committed'
  } catch (error) {
    await client.query('rollback')
    const { code, constraint, table, column } = error as pg.DatabaseError
    return `${code} ${constraint ?? `${table}.${column}`}`
  }
}

t.test('P-1 P-3 P-11: the database refuses what no account may ever be', async (t) => {
  const before = await world.sql('select a::text, e::text from accounts a join emails e on e.account_id = a.id order by 1, 2')
  for (const [what, statements, reason] of refused) t.equal(await attempt(one, statements), reason, what)
  t.strictSame(await world.sql('select a::text, e::text from accounts a join emails e on e.account_id = a.id order by 1, 2'), before)
})

t.test('P-3: the primary email may change hands inside a transaction, as long as there is one at its end', async (t) => {
  const swap = `update emails set is_primary = false where account_id = '${otto}' and is_primary`
  const added = email(otto, 'otto@second.example', { proven: true })
  t.equal(await attempt(one, `${added}; ${swap}`), unproven)
  t.equal(await attempt(one, `${added}; ${swap}; update emails set is_primary = true where canonical = 'otto@second.example'`), 'committed')
  t.equal(await attempt(one, `update accounts set status = 'active' where id = '${otto}'`), 'committed')
})

t.test('P-3 at once: an account made active while its email is taken away ends with neither', async (t) => {
  // Neither sees what the other has not committed; the guard looks at the end of each transaction.
  const check = 'set constraints all immediate'
  for (const first of ['account', 'email'] as const) {
    const id = await idOf((await world.person('Paul', { email: `paul.${first}@example.com` })).email)
    await world.sql(`update accounts set status = 'closed', closed_at = now() where id = $1`, [id])
    const activate = () => one.query(`update accounts set status = 'active', closed_at = null where id = $1`, [id])
    await one.query('begin')
    await two.query('begin')
    await two.query(`delete from emails where account_id = $1`, [id])
    if (first === 'account') {
      await activate()
      await one.query(check)
      let outcome: unknown = 'waits'
      const late = two.query(check).then(
        () => (outcome = 'passed'),
        (error: unknown) => (outcome = error)
      )
      while (outcome === 'waits' && !(await isWaiting())) await delay(2)
      await one.query('commit')
      await late
      t.match(outcome, { code: '23514' }, 'it waits for the account, and then sees it active')
    } else {
      await two.query(check)
      const activated = activate()
      await two.query('commit')
      await activated
      await t.rejects(one.query('commit'), { code: '23514' }, 'it waits for the email, and then sees it gone')
    }
    await Promise.all([one.query('rollback'), two.query('rollback')])
    const broken = await world.sql(
      `select from accounts a where a.id = $1 and a.status = 'active'
        and not exists (select from emails e where e.account_id = a.id and e.is_primary and e.verified_at is not null)`,
      [id]
    )
    t.equal(broken.length, 0)
  }
})

t.test('P-1: the service may neither empty the tables nor lift what guards them', async (t) => {
  for (const statement of [
    'truncate accounts cascade',
    'truncate emails cascade',
    'alter table accounts disable trigger all',
    'drop index emails_one_account',
    'alter table accounts drop constraint accounts_status_known',
    'set session_replication_role = replica'
  ]) {
    t.match(await attempt(one, statement), /^42501 /, statement)
  }
})
