import pino from 'pino'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import type { Config } from '../../src/config.ts'
import { generateKey, parseKeyring } from '../../src/keyring.ts'
import { openParts } from '../../src/parts.ts'
import { databaseUrl, openWorld, type Person } from '../support/world.ts'

const oldKey = generateKey('old')
const newKey = generateKey('new')
const world = await openWorld(t, { env: { SECRET_KEYS: oldKey } })

function keyring(...entries: string[]): Config['keys'] {
  const parsed = parseKeyring(entries.join(','))
  if ('faults' in parsed) throw new Error(parsed.faults.join())
  return parsed.keyring
}

/** The service as it would run after a restart with another configuration, over the same database, and what it logs. */
async function restarted(config: Partial<Config>) {
  const lines: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => lines.push(line) })
  const parts = await openParts(Object.freeze({ ...world.config, ...config }), databaseUrl('service', world.database), log)
  const app = await buildApp(parts, { log, strict: true })
  t.teardown(async () => {
    await app.close()
    await parts.close()
  })
  const signIn = ({ email, password }: Pick<Person, 'email' | 'password'>) =>
    app.inject({ method: 'POST', url: '/v1/sessions', payload: { email, password } })
  return { parts, app, lines, signIn }
}

const stored = async ({ email }: Person) =>
  (
    await world.sql<{ password_hash: string; pepper_id: string; revision: number }>(
      'select a.password_hash, a.pepper_id, a.revision from accounts a join emails e on e.account_id = a.id where e.canonical = $1',
      [email]
    )
  )[0]!

const names = ['Rita', 'Wanda', 'Nora', 'Lena', 'Carl', 'Paul']
const [raised, wrong, renewed, left, crowd, early] = await Promise.all(names.map((name) => world.person(name)))

t.test('S-1 201: a password is argon2id in PHC form, peppered by a key that is not in the database', async (t) => {
  const { password_hash: hash, pepper_id: pepperId } = await stored(raised!)
  t.match(hash, /^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/, 'with a salt of 16 and a tag of 32 bytes')
  t.equal(pepperId, 'old')
  t.not((await stored(wrong!)).password_hash, hash, 'two people with one password have two hashes')
})

t.test('S-1 201: a hash made with lesser parameters is renewed at the next sign-in, and at no other try', async (t) => {
  const { signIn } = await restarted({ ARGON2_MEMORY_KIB: 128, ARGON2_PASSES: 2 })
  const before = await stored(raised!)
  t.equal((await signIn({ ...raised!, password: 'violet harbour nineteen lamps' })).statusCode, 401)
  t.strictSame(await stored(raised!), before, 'a wrong password changes nothing')
  t.equal((await signIn(raised!)).statusCode, 201)
  const after = await stored(raised!)
  t.match(after.password_hash, /^\$argon2id\$v=19\$m=128,t=2,p=1\$/)
  t.equal(after.revision, before.revision, 'which is no change that anybody sees')
  t.equal((await signIn(raised!)).statusCode, 201)
  t.strictSame(await stored(raised!), after, 'once')
})

t.test('S-1 201: many sign-ins at once renew a hash, and each of them is let in', async (t) => {
  const { signIn } = await restarted({ ARGON2_MEMORY_KIB: 128 })
  const answers = await Promise.all(Array.from({ length: 8 }, () => signIn(crowd!)))
  t.strictSame([...new Set(answers.map(({ statusCode }) => statusCode))], [201])
  t.match((await stored(crowd!)).password_hash, /m=128/)
})

t.test('S-1 201: a hash with a former pepper key is renewed with the current one', async (t) => {
  const { signIn } = await restarted({ keys: keyring(newKey, oldKey) })
  t.equal((await signIn({ ...renewed!, password: 'violet harbour nineteen lamps' })).statusCode, 401)
  t.equal((await signIn(renewed!)).statusCode, 201)
  t.equal((await stored(renewed!)).pepper_id, 'new')
  t.equal((await stored(left!)).pepper_id, 'old')

  t.equal((await signIn(early!)).statusCode, 201)
  const { signIn: before } = await restarted({ keys: keyring(oldKey, newKey) })
  t.equal((await before(early!)).statusCode, 201, 'an instance that does not use it yet reads it')
})

t.test('S-1 a pepper key that passwords still need stops the start when it is taken out', async (t) => {
  await t.rejects(restarted({ keys: keyring(newKey) }), { message: /lacks the key old/ })
  t.equal((await world.signIn(left!)).statusCode, 201, 'with the key back all is well')
})
