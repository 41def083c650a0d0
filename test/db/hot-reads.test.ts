import { sql } from 'drizzle-orm'
import t from 'tap'
import { identifierHash } from '../../src/sessions/sign-in-guard.ts'
import { openWorld } from '../support/world.ts'

// Long enough for a busy machine: whoever waits, waits for the test.
const patient = { STATEMENT_TIMEOUT_MS: '20000', LOCK_TIMEOUT_MS: '20000', IDLE_IN_TRANSACTION_TIMEOUT_MS: '20000' }
const world = await openWorld(t, { env: patient })

/** Whether a connection of the service waits for a lock just now. */
async function waits(): Promise<boolean> {
  const found = await world.sql(`
    select pid from pg_stat_activity
    where datname = current_database() and application_name like 'guildhall%' and wait_event_type = 'Lock'`)
  return found.length > 0
}

t.test('200: reads go on while a sign-in waits for the lock on its count', async (t) => {
  const olga = await world.person('Olga')
  const identifier = identifierHash(world.config.keys, olga.email)
  let answered = false
  const release = Promise.withResolvers<void>()
  const locked = Promise.withResolvers<void>()
  const holder = world.parts.db.transaction(async (tx) => {
    await tx.execute(sql`insert into sign_in_failures values (${identifier}, 0, 0, now(), null)`)
    locked.resolve()
    await release.promise
  })
  await locked.promise
  const signIn = world.signIn(olga).then((response) => {
    answered = true
    return response
  })
  while (!answered && !(await waits()));
  t.notOk(answered, 'the sign-in is not past its count')
  const read = await world.inject({ url: '/v1/me', headers: olga.headers })
  t.equal(read.statusCode, 200)
  t.ok(await waits(), 'the sign-in still waits')
  release.resolve()
  await holder
  t.equal((await signIn).statusCode, 201)
})
