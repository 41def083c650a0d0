import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { runMigrations as migrateJobs } from 'graphile-worker'
import pg from 'pg'

const folder = fileURLToPath(new URL('../../migrations', import.meta.url))
// Any number will do, as long as every instance takes the same.
const lockNumber = 7_120_411

// The audit is append-only for the service: it may add rows and read them. Personal values may be erased.
const appendOnly = ['audit_events', 'audit_anchors', 'ended_memberships']
const readOnly = ['audit_chains']

/**
 * Brings the database to the present schema and gives the service's role what it needs and no more. Several instances may start
 * at once: they take turns under an advisory lock, and all but the first find nothing to do. Migrations only go forward.
 * @param ownerUrl the role that owns the tables
 * @param serviceUrl the role that serves requests; the job library's own schema belongs to it
 */
export async function migrateDatabase(ownerUrl: string, serviceUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'guildhall migrate' })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [lockNumber])
    await migrate(drizzle({ client }), { migrationsFolder: folder })
    const service = decodeURIComponent(new URL(serviceUrl).username)
    await grantService(client, service)
    await migrateJobLibrary(client, service, serviceUrl)
  } finally {
    await client.end()
  }
}

async function grantService(client: pg.Client, service: string): Promise<void> {
  const role = pg.escapeIdentifier(service)
  const { rows } = await client.query<{ owner: boolean }>('select pg_has_role($1, current_user, $2) as owner', [service, 'member'])
  // A service role that is the owner itself has every right anyway; the start-up check of production mode refuses it.
  if (rows[0]?.owner) return
  await client.query(`
    grant usage on schema public to ${role};
    grant select, insert, update, delete on all tables in schema public to ${role};
    grant usage on all sequences in schema public to ${role};
    revoke update, delete, truncate on ${appendOnly.join(', ')} from ${role};
    revoke insert, update, delete, truncate on ${readOnly.join(', ')} from ${role};
    grant usage on schema drizzle to ${role};
    grant select on all tables in schema drizzle to ${role};
  `)
}

/** The job library protects its tables by row security against everybody but their owner: the service must own them. */
async function migrateJobLibrary(client: pg.Client, service: string, serviceUrl: string): Promise<void> {
  const database = pg.escapeIdentifier(client.database!)
  const role = pg.escapeIdentifier(service)
  const { rows } = await client.query<{ may: boolean; exists: boolean }>(
    `select has_database_privilege($1, current_database(), 'create') as may, to_regnamespace('graphile_worker') is not null as exists`,
    [service]
  )
  const lend = !rows[0]!.may && !rows[0]!.exists
  if (lend) await client.query(`grant create on database ${database} to ${role}`)
  try {
    await migrateJobs({ connectionString: serviceUrl })
  } finally {
    if (lend) await client.query(`revoke create on database ${database} from ${role}`)
  }
}

/** Names of the migrations in this version of the service. */
export const knownMigrations = (): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^\d{14}_/.test(name))
        .sort()
    : []
