import pg from 'pg'
import t from 'tap'
import { heard, openStream } from '../support/events.ts'
import { cheapHashes, guildhall, noLimits, secretKeys, send, startService, until } from '../support/process.ts'
import { cloneDatabase, databaseUrl } from '../support/world.ts'

/** The feed of a process: a stop does not wait for streams, and who comes back misses nothing. */

const database = await cloneDatabase(t)
const env = {
  ...noLimits,
  ...cheapHashes,
  DATABASE_URL: databaseUrl('service', database),
  SECRET_KEYS: secretKeys,
  PUBLIC_URL: 'http://localhost',
  SMTP_URL: 'smtp://127.0.0.1:1',
  MAIL_FROM: 'Guildhall <no-reply@guildhall.example>'
}

async function sql(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl('superuser', database) })
  await client.connect()
  await client.query(statement)
  await client.end()
}
const tell = (subject: string): Promise<void> =>
  sql(`insert into events (id, type, subject, actor_kind) values (gen_random_uuid(), 'test.told', '${subject}', 'system')`)

await sql(`alter database ${database} set synchronous_commit = on`)
const created = await guildhall(t, ['service-client', 'create', '--name', 'reader', '--scope', 'events.read', '--json'], env)
const { clientId, clientSecret } = JSON.parse(created.stdout) as { clientId: string; clientSecret: string }

t.test('Q-9: a stop ends streams at once; another start goes on behind the last event', async (t) => {
  const first = await startService(t, env)
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
  const granted = await send(first.url, { path: '/v1/oauth/token', form })
  const headers = { authorization: `Bearer ${granted.json.access_token}` }
  const stream = await openStream(first.url, '?types=test.*', headers)
  await tell('before')
  const [before] = await heard(stream, 1)

  const metrics = await fetch(first.metricsUrl)
  t.match(await metrics.text(), /^guildhall_feed_lag_seconds \d/m)
  const stopped = await first.kill('SIGTERM')
  await stream.ended
  t.equal(stopped.code, 0)
  t.ok(stopped.ms < 4000, `${Math.round(stopped.ms)} ms`)

  await tell('meanwhile')
  const second = await startService(t, env)
  const again = await until('a stream', async () => {
    const tried = await openStream(second.url, '?types=test.*', { ...headers, 'last-event-id': before!.sequence })
    return tried.status === 200 && tried
  })
  await tell('after')
  t.strictSame(
    (await heard(again, 2)).map(({ subject }) => subject),
    ['meanwhile', 'after']
  )
  again.leave()
})
