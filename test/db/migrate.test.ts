import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { databaseFaults } from '../../src/db/checks.ts'
import { knownMigrations, migrateDatabase } from '../../src/db/migrate.ts'
import { databaseUrl, openWorld } from '../support/world.ts'

const world = await openWorld(t)

async function query(url: string, statement: string): Promise<Array<Record<string, unknown>>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

t.test('the migrations make exactly the tables that the code describes', async (t) => {
  const folder = t.testdir({})
  cpSync('migrations', join(folder, 'migrations'), { recursive: true })
  writeFileSync(
    join(folder, 'config.ts'),
    `export default { dialect: 'postgresql', schema: ${JSON.stringify(resolve('src/*/*tables.ts'))}, out: ${JSON.stringify(join(folder, 'migrations'))} }`
  )
  const { stdout, status } = spawnSync(
    process.execPath,
    ['node_modules/drizzle-kit/bin.cjs', 'generate', `--config=${join(folder, 'config.ts')}`],
    { encoding: 'utf8' }
  )
  t.equal(status, 0, stdout)
  t.strictSame(
    readdirSync(join(folder, 'migrations')).sort(),
    readdirSync('migrations').sort(),
    'tables and migrations differ: run `npm run db:generate`'
  )
  t.match(stdout, /No schema changes/)
})

t.test('migrating is done once, whoever does it how often and at the same time', async (t) => {
  const name = `test_${randomBytes(8).toString('hex')}`
  const admin = databaseUrl('superuser', 'postgres')
  await query(admin, `create database ${name} owner guildhall_owner`)
  await query(admin, `alter database ${name} set synchronous_commit = on`)
  t.teardown(() => query(admin, `drop database ${name} with (force)`))
  const [owner, service] = [databaseUrl('owner', name), databaseUrl('service', name)]
  t.match(await databaseFaults(service), [/no tables yet: run `guildhall migrate`/])

  await Promise.all([migrateDatabase(owner, service), migrateDatabase(owner, service), migrateDatabase(owner, service)])
  const applied = () => query(owner, 'select name from drizzle.__drizzle_migrations order by name')
  t.strictSame(
    (await applied()).map((row) => row.name),
    knownMigrations()
  )
  t.strictSame(await databaseFaults(service), [])
  await migrateDatabase(owner, service)
  t.equal((await applied()).length, knownMigrations().length)
  const [lent] = await query(owner, `select has_database_privilege('guildhall_service', current_database(), 'create') as lent`)
  t.equal(lent!.lent, false, 'the right that was lent to the service is taken back')
})

t.test('the start is refused on a database that is not as it must be, with all that is wrong', async (t) => {
  const faults = (role: 'owner' | 'service' | 'superuser') => databaseFaults(databaseUrl(role, world.database))
  // The server of the tests is quick rather than durable.
  t.match(await faults('service'), [/synchronous_commit is off/])
  await world.sql(`alter database ${world.database} set synchronous_commit = on`)
  t.strictSame(await faults('service'), [])
  t.match(await faults('superuser'), [/postgres is a superuser/])
  t.match(await faults('owner'), [/guildhall_owner owns the tables/])

  const [last] = knownMigrations().slice(-1)
  await world.sql('delete from drizzle.__drizzle_migrations where name = $1', [last])
  t.match(await faults('service'), [/1 migrations are not applied \(\d{14}_\w+\): run `guildhall migrate`/])
  await world.sql(`insert into drizzle.__drizzle_migrations (hash, created_at, name) values ('x', 0, '29991231000000_later')`)
  await world.sql('grant update on audit_events to guildhall_service')
  await world.sql(`alter role guildhall_service in database ${world.database} set synchronous_commit = off`)
  t.match(await faults('service'), [
    /synchronous_commit is off/,
    /guildhall_service may change audit rows/,
    /1 migrations are not applied/,
    /migrations that this version does not know \(29991231000000_later\)/
  ])
  t.match(await databaseFaults('postgres://nobody:secret-password@127.0.0.1:1/none'), [/^DATABASE_URL cannot be reached \(ECONNREFUSED\)$/])
  await world.sql('revoke update on audit_events from guildhall_service')
})

t.test('the role that serves requests owns nothing, and can neither change the audit nor take away what protects it', async (t) => {
  const [role] = (await world.asService(
    `select rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication as mighty, (select count(*)::int from pg_class where relowner = r.oid and relnamespace = 'public'::regnamespace) as owned
      from pg_roles r where rolname = current_user`
  )) as Array<{ mighty: boolean; owned: number }>
  t.same(role, { mighty: false, owned: 0 })

  await world.person('Olga')
  const denied = [
    'update audit_events set action = action',
    'delete from audit_events',
    'truncate audit_events',
    'update audit_anchors set rows = 0',
    'delete from audit_anchors',
    'truncate audit_anchors',
    'insert into audit_chains select * from audit_chains',
    `update audit_chains set hash = ''`,
    'delete from audit_chains',
    'truncate audit_chains',
    'truncate accounts',
    'alter table audit_events disable trigger all',
    'drop trigger audit_events_append_only on audit_events',
    'drop table audit_events',
    'set session_replication_role = replica',
    'create table public.mine (id int)',
    'create function public.mine() returns int language sql as $$ select 1 $$',
    'create schema mine',
    `delete from drizzle.__drizzle_migrations`,
    'set role guildhall_owner'
  ]
  for (const statement of denied) await t.rejects(world.asService(statement), { code: '42501' }, statement)
})

t.test('what belongs to the owner is append-only for the owner too, and nobody can slip other tables under the chain', async (t) => {
  const owner = databaseUrl('owner', world.database)
  for (const table of ['audit_events', 'audit_anchors']) {
    for (const statement of [`update ${table} set until = now()`, `delete from ${table}`, `truncate ${table} cascade`]) {
      const fitting = table === 'audit_events' ? statement.replace('until = now()', `action = ''`) : statement
      await t.rejects(query(owner, fitting), { code: '42501', constraint: 'audit_events_append_only' }, fitting)
    }
  }
  const before = await world.sql<{ chains: number; events: number }>(
    'select (select count(*)::int from audit_chains) as chains, (select count(*)::int from audit_events) as events'
  )
  await world.asService(`
    create temp table audit_chains (chain_kind text, chain_id uuid, sequence bigint, hash bytea, primary key (chain_kind, chain_id));
    grant all on pg_temp.audit_chains to public;
    insert into audit_events (id, chain_kind, chain_id, actor_kind, action, resource, detail, sequence, previous_hash, hash)
      values (gen_random_uuid(), 'system', gen_random_uuid(), 'system', 'slipped.in', '', '{}', 7, '', '')`)
  const after = await world.sql<{ chains: number; events: number }>(
    'select (select count(*)::int from audit_chains) as chains, (select count(*)::int from audit_events) as events'
  )
  t.same(after, [{ chains: before[0]!.chains + 1, events: before[0]!.events + 1 }], 'numbered by the real chain')
  const [row] = await world.sql<{ sequence: number }>(`select sequence::int as sequence from audit_events where action = 'slipped.in'`)
  t.equal(row!.sequence, 1, 'not by what the writer says')
})

t.test('what a database can hold, it holds: every constraint has a name that says it', async (t) => {
  const unnamed = await world.sql<{ name: string }>(
    `select conname as name from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'u', 'x', 't') and conname ~ '(_check|_key|_excl)\\d*$'`
  )
  t.strictSame(unnamed, [])
})
