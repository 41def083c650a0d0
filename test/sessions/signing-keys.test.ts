import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, randomBytes, verify } from 'node:crypto'
import pino from 'pino'
import t from 'tap'
import { system } from '../../src/actor.ts'
import { openDatabase } from '../../src/db/database.ts'
import { databaseOptions } from '../../src/db/options.ts'
import { type Keyring, parseKeyring, sha256 } from '../../src/keyring.ts'
import { openSigningKeys, rotateSigningKeys, type SigningKeys } from '../../src/sessions/signing-keys.ts'
import { accountClaims, currentKey, decoded, signed } from '../support/jwt.ts'
import { databaseUrl, openWorld, rounds } from '../support/world.ts'

type Answer = Awaited<ReturnType<typeof world.inject>>
interface PublishedKey {
  kid: string
  x: string
}

const world = await openWorld(t, { instances: 2 })
const { config, inject, sql } = world
const [here, there] = world.allParts as [typeof world.parts, typeof world.parts]
const olga = await world.person('Olga')

const me = (accessToken: string, instance: number): Promise<Answer> =>
  inject({ url: '/v1/me', headers: { authorization: `Bearer ${accessToken}` } }, instance)
const signIn = async (instance = 0): Promise<string> => (await world.signIn(olga, instance)).json().accessToken
const kidOf = (token: string) => decoded(token).header.kid
const jwks = async (instance = 0): Promise<PublishedKey[]> => (await inject({ url: '/.well-known/jwks.json' }, instance)).json().keys
const rotate = (force = false) => rotateSigningKeys(here.db, system, config.keys, force)
const stored = async () =>
  Object.fromEntries(
    (await sql<{ status: string; kid: string }>('select status, kid from signing_keys')).map(({ status, kid }) => [status, kid])
  )
const age = (status: string, column: string, hours: number) =>
  sql(`update signing_keys set ${column} = now() - make_interval(secs => $2) where status = $1`, [status, hours * 3600])

/** Whether a token was signed with a key of the set, as any other service would find out. */
function verifies(token: string, keys: PublishedKey[]): boolean {
  const [header, claims, signature] = token.split('.') as [string, string, string]
  const jwk = keys.find(({ kid }) => kid === kidOf(token))
  if (!jwk) return false
  const key = createPublicKey({ key: jwk as unknown as JsonWebKey, format: 'jwk' })
  return verify(null, Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))
}

t.test('S-3 200: the key set has public members only, and verifies every token of the service', async (t) => {
  const answer = await inject({ url: '/.well-known/jwks.json' })
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'public, max-age=300')
  t.strictSame(Object.keys(answer.json()), ['keys'])
  const keys = await jwks()
  t.strictSame(keys.map(({ kid }) => kid).sort(), Object.values(await stored()).sort(), 'next and current')
  for (const key of keys) {
    const { x, kid, ...rest } = key
    t.strictSame(rest, { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA' })
    t.equal(kid, sha256(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x })).toString('base64url'), 'the thumbprint of RFC 7638')
  }
  t.strictSame(await jwks(1), keys, 'on every instance')
  const clients = [await world.service('jobs', ['events.read']), await world.operator()]
  for (const token of [olga.accessToken, await signIn(1), ...clients.map(({ headers }) => headers.authorization.slice(7))]) {
    t.ok(verifies(token, keys))
    t.notOk(verifies(`${token.slice(0, -3)}AAA`, keys))
  }
})

t.test('200: the metadata of RFC 8414 names what is there', async (t) => {
  const answer = await inject({ url: '/.well-known/oauth-authorization-server' })
  t.equal(answer.statusCode, 200)
  t.match(answer.headers, { 'cache-control': 'public, max-age=300', 'content-type': /^application\/json/ })
  const metadata = answer.json()
  t.strictSame(metadata, {
    issuer: 'http://guildhall.test',
    token_endpoint: 'http://guildhall.test/v1/oauth/token',
    jwks_uri: 'http://guildhall.test/.well-known/jwks.json',
    scopes_supported: [
      'access.evaluate',
      'contracts.write',
      'proposals.write',
      'conversations.write',
      'plans.write',
      'evidence.write',
      'events.read'
    ],
    response_types_supported: [],
    grant_types_supported: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    service_documentation: 'http://guildhall.test/docs'
  })
  t.equal(metadata.issuer, decoded(olga.accessToken).claims.iss)
  t.strictSame((await inject({ url: new URL(metadata.jwks_uri).pathname })).json().keys, await jwks())
  t.match(
    (
      await inject({
        method: 'POST',
        url: new URL(metadata.token_endpoint).pathname,
        payload: 'a=b',
        headers: { 'content-type': 'application/x-www-form-urlencoded' }
      })
    ).json(),
    { error: 'invalid_request' }
  )
  const elsewhere = await inject({
    url: '/.well-known/oauth-authorization-server',
    headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' }
  })
  t.equal(elsewhere.body, answer.body, 'whatever host the request names')
})

t.test('private keys lie sealed in the database, and open with the keys of the configuration only', async (t) => {
  const { key, kid } = await currentKey(world)
  const der = key.export({ format: 'der', type: 'pkcs8' })
  for (const { sealed, row } of await sql<{ sealed: Buffer; row: string }>(
    'select sealed_private_key as sealed, k::text as row from signing_keys k'
  )) {
    t.throws(() => createPrivateKey({ key: sealed, format: 'der', type: 'pkcs8' }))
    // The seed of an Ed25519 key, in the ways in which it could be written.
    for (const form of ['hex', 'base64', 'base64url'] as const) t.notOk(row.includes(der.subarray(-32).toString(form)), form)
  }
  const entry = (id: string) => `${id}:${randomBytes(32).toString('base64')}`
  const keyring = (text: string) => (parseKeyring(text) as { keyring: Keyring }).keyring
  const open = (keys: Keyring) => openSigningKeys(here.db, keys, config.publicUrl, 300)
  await t.rejects(open(keyring(entry('another'))), /SECRET_KEYS has no key/)
  await t.rejects(open(keyring(entry(config.keys.currentId))), 'the same id does not help')
  t.equal((await stored()).current, kid, 'and nobody makes new keys instead')
})

t.test('a published key that was changed by hand verifies nothing', async (t) => {
  const { kid } = await currentKey(world)
  const attacker = generateKeyPairSync('ed25519')
  const [{ jwk }] = (await sql<{ jwk: string }>('select public_jwk as jwk from signing_keys where kid = $1', [kid])) as [{ jwk: string }]
  await sql('update signing_keys set public_jwk = $2 where kid = $1', [
    kid,
    JSON.stringify({ ...JSON.parse(jwk), ...attacker.publicKey.export({ format: 'jwk' }) })
  ])
  const signing = await openSigningKeys(here.db, config.keys, config.publicUrl, 300)
  t.teardown(() => signing.close())
  await sql('update signing_keys set public_jwk = $2 where kid = $1', [kid, jwk])
  const forged = signed({ alg: 'EdDSA', typ: 'at+jwt', kid }, accountClaims(world, olga), attacker.privateKey)
  await t.rejects(async () => signing.verify('account', forged), { code: 'not_signed_in' })
  t.match(await signing.verify('account', olga.accessToken), { sub: olga.accountId })
})

t.test('a rotation waits until the next key was published for a day, and the previous one is not needed any more', async (t) => {
  const before = await stored()
  await t.rejects(rotate(), /24 hours/)
  await age('next', 'created_at', 23.9)
  await t.rejects(rotate(), /24 hours/)
  t.strictSame(await stored(), before)

  const old = await signIn()
  await age('next', 'created_at', 24.1)
  // It looks for keys at most once a second: what it verifies right after this it knew before.
  await there.signing.reload()
  const rotated = await rotate()
  t.strictSame(rotated, await stored())
  t.strictSame([rotated.current, rotated.previous], [before.next, before.current])
  t.match(await sql("select actor_kind, detail from audit_events where action = 'signing_keys.rotated'"), [
    { actor_kind: 'system', detail: { ...rotated, force: false } }
  ])

  await here.signing.reload()
  const fresh = await signIn()
  t.strictSame([kidOf(old), kidOf(fresh)], [rotated.previous, rotated.current])
  for (const instance of [0, 1]) {
    t.equal((await me(old, instance)).statusCode, 200, 'tokens of the previous key hold')
    t.equal((await me(fresh, instance)).statusCode, 200, 'the other instance knew the next key before')
  }
  t.strictSame((await jwks()).map(({ kid }) => kid).sort(), Object.values(rotated).sort(), 'next, current and previous')
  t.ok(verifies(old, await jwks()) && verifies(fresh, await jwks()))

  await age('next', 'created_at', 25)
  await age('previous', 'retired_at', 1.9)
  await t.rejects(rotate(), /2 hours/)
  t.strictSame(await stored(), rotated)
  await age('previous', 'retired_at', 2.1)
  await rotate()
  await Promise.all([here.signing.reload(), there.signing.reload()])
  for (const instance of [0, 1]) {
    t.equal((await me(old, instance)).statusCode, 401, 'the key before the previous one is gone')
    t.equal((await me(fresh, instance)).statusCode, 200)
  }
  t.notOk((await jwks()).some(({ kid }) => kid === rotated.previous))
})

t.test('by force keys rotate at once, and every instance learns of them', async (t) => {
  const before = await signIn()
  for (const instance of [0, 1]) t.equal((await me(before, instance)).statusCode, 200, 'known from now on')
  await rotate(true)
  await rotate(true)
  await here.signing.reload()
  const token = await signIn()
  t.notOk(
    (await jwks(1)).some(({ kid }) => kid === kidOf(token)),
    'the other instance has not heard of this key'
  )
  // It looks at most once a second.
  let answer = await me(token, 1)
  for (const begun = performance.now(); answer.statusCode !== 200 && performance.now() - begun < 5000; ) answer = await me(token, 1)
  t.equal(answer.statusCode, 200)
  t.strictSame(await jwks(1), await jwks())
  for (const instance of [0, 1]) t.equal((await me(before, instance)).statusCode, 401, 'the key that may have leaked is gone')
})

t.test('at once: rotations come one after another, and leave one key of each status', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const before = await stored()
    const done = await Promise.all([rotate(true), rotateSigningKeys(there.db, system, config.keys, true), rotate(true)])
    const after = await stored()
    t.strictSame(Object.keys(after).sort(), ['current', 'next', 'previous'])
    t.equal(new Set([...Object.values(before), ...done.map(({ next }) => next)]).size, 6, 'three new keys')
    t.ok(done.some((rotated) => rotated.next === after.next && rotated.current === after.current && rotated.previous === after.previous))
  }
})

t.test('at once: instances that start together on an empty database agree on one current key', async (t) => {
  const log = pino({ level: 'silent' })
  const databases = [0, 1].map(() => openDatabase(databaseOptions(config, databaseUrl('service', world.database), log)))
  t.teardown(() => Promise.all(databases.map((database) => database.close())))
  for (let round = 0; round < rounds(5); round++) {
    await sql('delete from signing_keys')
    const opened: SigningKeys[] = await Promise.all(
      [0, 1, 0, 1].map((index) => openSigningKeys(databases[index]!, config.keys, config.publicUrl, 300))
    )
    t.strictSame(Object.keys(await stored()).sort(), ['current', 'next'])
    const tokens = opened.map((signing) => signing.sign('account', { sub: olga.accountId, sid: olga.sessionId }))
    t.strictSame([...new Set(tokens.map(kidOf))], [(await stored()).current])
    for (const signing of opened) {
      for (const token of tokens) t.match(await signing.verify('account', token), { sub: olga.accountId })
      signing.close()
    }
  }
})
