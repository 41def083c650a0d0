import pg from 'pg'
import { knownMigrations } from './migrate.ts'

const leastVersion = 170_000

/**
 * What is wrong with a database for production, all of it: too old, a role with too many rights, migrations that are missing or unknown.
 * An unreachable database is one fault too.
 */
export async function databaseFaults(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, application_name: 'guildhall check' })
  try {
    await client.connect()
  } catch (error) {
    return [`DATABASE_URL cannot be reached (${(error as { code?: string }).code ?? 'no answer'})`]
  }
  try {
    return [...(await serverFaults(client)), ...(await roleFaults(client)), ...(await migrationFaults(client))]
  } finally {
    await client.end()
  }
}

async function serverFaults(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ version: number; standby: boolean; sync: string }>(
    `select current_setting('server_version_num')::int as version, pg_is_in_recovery() as standby, current_setting('synchronous_commit') as sync`
  )
  const { version, standby, sync } = rows[0]!
  return [
    ...(version < leastVersion ? [`Postgres ${Math.floor(version / 10_000)} is too old: 17 or newer is needed`] : []),
    ...(standby ? ['DATABASE_URL is a read-only standby'] : []),
    ...(sync === 'off' ? ['synchronous_commit is off: an acknowledged change could be lost'] : [])
  ]
}

async function roleFaults(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; superuser: boolean; bypass: boolean; owns: boolean; rewrites: boolean }>(
    `select current_user as name, rolsuper as superuser, rolbypassrls as bypass,
      exists (select from pg_class where oid = to_regclass('public.audit_events') and pg_has_role(current_user, relowner, 'member')) as owns,
      coalesce(has_table_privilege(to_regclass('public.audit_events'), 'update, delete, truncate'), false) as rewrites
      from pg_roles where rolname = current_user`
  )
  const { name, superuser, bypass, owns, rewrites } = rows[0]!
  if (superuser) return [`the database role ${name} is a superuser: use one that owns nothing`]
  return [
    ...(bypass ? [`the database role ${name} may bypass row security`] : []),
    ...(owns
      ? [`the database role ${name} owns the tables: it could rewrite the audit. Migrate as another role (DATABASE_MIGRATION_URL)`]
      : []),
    ...(!owns && rewrites ? [`the database role ${name} may change audit rows: run \`guildhall migrate\``] : [])
  ]
}

async function migrationFaults(client: pg.Client): Promise<string[]> {
  const known = knownMigrations()
  const { rows: found } = await client.query<{ there: boolean }>(`select to_regclass('drizzle.__drizzle_migrations') is not null as there`)
  if (!found[0]!.there) return ['the database has no tables yet: run `guildhall migrate`']
  const { rows } = await client.query<{ name: string }>('select name from drizzle.__drizzle_migrations')
  const applied = new Set(rows.map(({ name }) => name))
  const missing = known.filter((name) => !applied.has(name))
  const unknown = [...applied].filter((name) => !known.includes(name))
  return [
    ...(missing.length > 0 ? [`${missing.length} migrations are not applied (${missing.join(', ')}): run \`guildhall migrate\``] : []),
    ...(unknown.length > 0
      ? [`the database has migrations that this version does not know (${unknown.join(', ')}): run the newer version`]
      : [])
  ]
}
