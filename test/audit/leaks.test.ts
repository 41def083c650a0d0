import { randomUUID } from 'node:crypto'
import t from 'tap'
import { randomToken } from '../../src/tokens.ts'
import { refuseLeaks } from '../support/leaks.ts'
import { openWorld } from '../support/world.ts'

/** Whether the scan after each test file finds what it is for: secrets are planted here, and found. */
const world = await openWorld(t, { scanned: false })
const { post, sql } = world
const vera = await world.person('Vera', { password: 'violet "harbour" nineteen lamps' })
const [anybody] = await sql<{ id: string }>('select id from accounts')

/** What the scan finds while a value stands somewhere. */
async function planted(place: string, undo: string, values: unknown[]): Promise<string[]> {
  await sql(place, values)
  const found = (await world.leaks()).map(({ where, kind }) => `${kind} in ${where}`)
  await sql(undo)
  return found
}
const inAudit = (value: string) =>
  planted(
    `insert into audit_events (id, chain_kind, chain_id, actor_kind, actor_id, action, resource, request_id, detail, sequence, previous_hash, hash)
      values (gen_random_uuid(), 'system', gen_random_uuid(), 'system', null, 'planted', 'x', 'x', $1, 0, '', '')`,
    'select 1',
    [JSON.stringify({ deep: [{ note: `was ${value}, once` }] })]
  )

t.test('P-12: nothing is found where nothing is', async (t) => {
  await post('/v1/sessions', { email: vera.email, password: 'the wrong one altogether' }, { 'idempotency-key': randomUUID() })
  t.strictSame(await world.leaks(), [])
  t.doesNotThrow(() => refuseLeaks([]))
})

t.test('P-12: a password, a token, a key, a code or evidence in any table is found, by its kind and its column', async (t) => {
  const column = (value: string) =>
    planted('update accounts set first_name = $1 where id = $2', "update accounts set first_name = 'Vera'", [value, anybody!.id])
  const inFirstName = (kind: string) => [`${kind} in public.accounts.first_name`]
  t.strictSame(await column(vera.password), inFirstName('password'), 'with what JSON escapes')
  t.strictSame(await column('the wrong one altogether'), inFirstName('password'), 'a wrong one as well')
  t.strictSame(await column(vera.accessToken), inFirstName('token'))
  t.strictSame(await column(randomToken('ghr')), inFirstName('token'), 'one that was never sent')
  const key = randomUUID()
  await post('/v1/sessions', { email: vera.email, password: vera.password }, { 'idempotency-key': key })
  t.strictSame(await column(key), inFirstName('Idempotency-Key'))
  const totp = (await post('/v1/me/totp', {}, vera.headers)).json()
  t.strictSame(await column(`(${totp.secret})`), inFirstName('TOTP secret'))
  world.secrets.keepIn({ kind: 'phone', value: '+49 151 2345-678' }, true)
  for (const written of ['+49 151 2345-678', '491512345678']) t.strictSame(await column(written), inFirstName('evidence'))
  world.secrets.keepIn({ recoveryCodes: ['k7w2m-9fqxe-4hvtn-3zc8d'] })
  t.strictSame(await column('k7w2m-9fqxe-4hvtn-3zc8d'), inFirstName('recovery code'))
  const operator = await world.operator()
  t.strictSame(await column(operator.clientSecret), inFirstName('token'))
  t.strictSame(await column('a2b4c6d8'), [], 'and nothing else')

  const bytes = planted(
    "update refresh_tokens set token_hash = convert_to($1, 'UTF8') where token_hash = (select token_hash from refresh_tokens limit 1)",
    "delete from refresh_tokens where token_hash = convert_to('the wrong one altogether', 'UTF8')",
    ['the wrong one altogether']
  )
  t.strictSame(await bytes, ['password in public.refresh_tokens.(bytes)'])
  await sql('create schema aside')
  await sql('create table aside.notes (note text)')
  t.strictSame(await planted('insert into aside.notes values ($1)', 'drop schema aside cascade', [vera.refreshToken]), [
    'token in aside.notes.note'
  ])
})

t.test('P-12: in a line of the log, and in the history that nobody can change', async (t) => {
  world.log.info({ note: `tried ${vera.password}` }, 'a line')
  const [leak, ...more] = await world.leaks()
  t.strictSame([leak, more], [{ where: 'log', kind: 'password' }, []])
  t.throws(() => refuseLeaks([leak!]), { message: 'P-12: secrets were kept in plain: password in log' })
  t.ok((await inAudit(vera.password)).includes('password in public.audit_events.detail'))
})
