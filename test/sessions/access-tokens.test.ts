import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import pino from 'pino'
import t, { type Test } from 'tap'
import { z } from 'zod'
import { system } from '../../src/actor.ts'
import { buildApp } from '../../src/app.ts'
import { disableClient } from '../../src/clients/clients.ts'
import { parseId } from '../../src/http/ids.ts'
import { addRoute, service } from '../../src/http/route.ts'
import { signedAppealUrl } from '../../src/sessions/appeal-links.ts'
import { accountClaims, currentKey, decoded, segment, signed } from '../support/jwt.ts'
import { openWorld, registration } from '../support/world.ts'

type Answer = Awaited<ReturnType<typeof world.inject>>

const world = await openWorld(t, { instances: 2 })
const olga = await world.person('Olga')
const sam = await world.person('Sam')
const jobs = await world.service('jobs', ['access.evaluate', 'events.read'])
const operator = await world.operator()
const { kid, key } = await currentKey(world)

// Routes for services come with other slices: this one stands for them.
const app = await buildApp(world.parts, {
  log: pino({ level: 'silent' }),
  strict: true,
  plugins: [
    (plain) =>
      addRoute(plain, world.parts, {
        method: 'GET',
        path: '/v1/test-of-services',
        operationId: 'testOfServices',
        tag: 'Test',
        summary: 'For services',
        description: 'Answers who asks.',
        access: service('access.evaluate'),
        replies: { 200: { description: 'Who.', schema: z.strictObject({ clientId: z.string() }) } },
        handle: async ({ actor }) => ({ clientId: actor.clientId }),
        reply: (body) => ({ status: 200, body })
      })
  ]
})
await app.ready()
t.teardown(() => app.close())

const routes = { account: '/v1/me', service: '/v1/test-of-services', operator: '/v1/accounts?email=olga@example.com' }
type Kind = keyof typeof routes
const ask = (kind: Kind, authorization?: string): Promise<Answer> =>
  app.inject({ url: routes[kind], ...(authorization === undefined ? {} : { headers: { authorization } }) })
const bearer = (token: string) => ask('account', `Bearer ${token}`)

function notSignedIn(t: Test, answer: Answer, name = 'refused'): void {
  t.equal(answer.statusCode, 401, name)
  t.match(answer.json(), { status: 401, code: 'not_signed_in', type: 'http://guildhall.test/problems/not_signed_in' }, name)
  t.equal(answer.headers['www-authenticate'], 'Bearer error="invalid_token"', name)
  t.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8', name)
}

const header = { alg: 'EdDSA', typ: 'at+jwt', kid }
const claims = (changes: object = {}) => accountClaims(world, olga, changes)
const own = (head: string | object = header, changes: object = {}) => signed(head, claims(changes), key)
const now = () => Math.floor(Date.now() / 1000)

t.test('S-3 200: what is built here like a token of the service is one, so that each attack fails for its own reason only', async (t) => {
  t.match((await bearer(own())).json(), { id: olga.accountId })
  t.equal((await bearer(own(header, { extra: 'x'.repeat(4000) }))).statusCode, 200, 'a large one')
  t.equal((await bearer(own(header, { exp: now() - 3 }))).statusCode, 200, 'within the leeway of 5 seconds')
  t.equal((await ask('account', `bearer ${own()}`)).statusCode, 200, 'the scheme in any case')
})

t.test('S-3 S-6 : an access token names account and session, and carries no right, context or personal data', async (t) => {
  const { header: written, claims } = decoded(olga.accessToken)
  t.strictSame(written, header)
  const { jti, iat, exp, ...rest } = claims as Record<string, number>
  t.strictSame(rest, { sub: olga.accountId, sid: olga.sessionId, aud: 'guildhall:account', iss: 'http://guildhall.test' })
  t.match(jti, /^[0-9a-f-]{36}$/)
  t.equal(exp! - iat!, 300)
  t.ok(Math.abs(iat! - now()) < 60)
  const service = decoded(jobs.headers.authorization.slice(7)).claims as Record<string, number>
  t.match(service, { sub: jobs.clientId, client_id: jobs.clientId, aud: 'guildhall:service', iss: 'http://guildhall.test' })
  t.strictSame(Object.keys(service).sort(), ['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'sub'])
  t.match(decoded(operator.headers.authorization.slice(7)).claims, { sub: operator.clientId, aud: 'guildhall:operator' })
})

const publicKey = createPublicKey(key)
const jwk = publicKey.export({ format: 'jwk' })
const secrets = {
  PEM: publicKey.export({ format: 'pem', type: 'spki' }) as string,
  'trimmed PEM': (publicKey.export({ format: 'pem', type: 'spki' }) as string).trim(),
  DER: publicKey.export({ format: 'der', type: 'spki' }),
  'x of the JWK': String(jwk.x),
  'bytes of x': Buffer.from(String(jwk.x), 'base64url'),
  JWK: JSON.stringify(jwk)
}
const attacker = generateKeyPairSync('ed25519')
const attackerJwk = { ...attacker.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'EdDSA' }
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const withAlg = (alg: string, signature: (input: string) => Buffer | string) => {
  const input = `${segment({ ...header, alg })}.${segment(claims())}`
  const last = signature(input)
  return `${input}.${typeof last === 'string' ? last : last.toString('base64url')}`
}
const hmacWith = (hash: string, secret: string | Buffer) => (input: string) => createHmac(hash, secret).update(input).digest()
const [h, p, s] = own().split('.') as [string, string, string]
// 64 bytes end in a letter of which only two bits count: another letter with the same two is the same signature written differently.
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const sameBits = s.slice(0, -1) + alphabet[alphabet.indexOf(s.at(-1)!) ^ 1]

const attacks: Record<string, Record<string, () => string>> = {
  '401: alg none, in any spelling, with and without a signature': Object.fromEntries(
    ['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg) => [
      [`${alg} unsigned`, () => withAlg(alg, () => '')],
      [`${alg} signed`, () => withAlg(alg, () => s)]
    ])
  ),
  '401: HS256 signed with the public key': Object.fromEntries(
    Object.entries(secrets).flatMap(([name, secret]) => [
      [`HS256 ${name}`, () => withAlg('HS256', hmacWith('sha256', secret))],
      [`HS512 ${name}`, () => withAlg('HS512', hmacWith('sha512', secret))],
      // The header says EdDSA; a verifier that takes the key for a secret would not mind.
      [`EdDSA, in truth HS256 ${name}`, () => withAlg('EdDSA', hmacWith('sha256', secret))]
    ])
  ),
  '401: another algorithm': {
    RS256: () => withAlg('RS256', (input) => sign('sha256', Buffer.from(input), rsa)),
    'RS256 in name': () => own({ ...header, alg: 'RS256' }),
    Ed25519: () => own({ ...header, alg: 'Ed25519' }),
    eddsa: () => own({ ...header, alg: 'eddsa' }),
    list: () => own({ ...header, alg: ['EdDSA'] }),
    missing: () => own({ typ: 'at+jwt', kid })
  },
  '401: another type': {
    JWT: () => own({ ...header, typ: 'JWT' }),
    missing: () => own({ alg: 'EdDSA', kid }),
    null: () => own({ ...header, typ: null }),
    list: () => own({ ...header, typ: ['at+jwt'] }),
    id_token: () => own({ ...header, typ: 'id_token+jwt' }),
    'capital letters': () => own({ ...header, typ: 'AT+JWT' })
  },
  '401: another issuer, or several': {
    list: () => own(header, { iss: ['http://guildhall.test'] }),
    'list of two': () => own(header, { iss: ['http://guildhall.test', 'https://evil.example'] }),
    other: () => own(header, { iss: 'https://guildhall.example' }),
    slash: () => own(header, { iss: 'http://guildhall.test/' }),
    longer: () => own(header, { iss: 'http://guildhall.test.evil.example' }),
    object: () => own(header, { iss: { toString: 'http://guildhall.test' } }),
    null: () => own(header, { iss: null })
  },
  '401: another audience, or several': {
    list: () => own(header, { aud: ['guildhall:account'] }),
    'list of two': () => own(header, { aud: ['guildhall:account', 'guildhall:operator'] }),
    service: () => own(header, { aud: 'guildhall:service', client_id: 'x' }),
    other: () => own(header, { aud: 'https://payments.example' }),
    null: () => own(header, { aud: null })
  },
  '401: a claim is missing': Object.fromEntries(
    ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp'].map((name) => [name, () => own(header, { [name]: undefined })])
  ),
  '401: subject and session do not belong together, or are none': {
    'session of somebody else': () => own(header, { sid: sam.sessionId }),
    'account of somebody else': () => own(header, { sub: sam.accountId }),
    'swapped kinds': () => own(header, { sub: olga.sessionId, sid: olga.accountId }),
    'a service': () => own(header, { sub: jobs.clientId }),
    'an operator': () => own(header, { sub: operator.clientId }),
    'no id': () => own(header, { sub: 'olga@example.com' }),
    'a list': () => own(header, { sub: [olga.accountId] }),
    'a number': () => own(header, { sid: 7 }),
    SQL: () => own(header, { sid: "session_' or true --" })
  },
  '401: its time is over, or has not come': {
    expired: () => own(header, { iat: now() - 400, exp: now() - 100 }),
    'just expired': () => own(header, { exp: now() - 7 }),
    'not before': () => own(header, { nbf: now() + 60 }),
    'exp as text': () => own(header, { exp: String(now() + 300) }),
    'exp null': () => own(header, { exp: null })
  },
  '401: unknown, missing or doubled kid': {
    unknown: () => own({ ...header, kid: `${kid.slice(0, -1)}_` }),
    missing: () => own({ alg: 'EdDSA', typ: 'at+jwt' }),
    empty: () => own({ ...header, kid: '' }),
    null: () => own({ ...header, kid: null }),
    list: () => own({ ...header, kid: [kid] }),
    number: () => own({ ...header, kid: 0 }),
    path: () => own({ ...header, kid: '../../../../dev/null' }),
    SQL: () => own({ ...header, kid: "' or status = 'current' --" }),
    prototype: () => own({ ...header, kid: '__proto__' }),
    'doubled, the same': () => own(`{"alg":"EdDSA","typ":"at+jwt","kid":"${kid}","kid":"${kid}"}`),
    'doubled, another': () => own(`{"alg":"EdDSA","typ":"at+jwt","kid":"x","kid":"${kid}"}`)
  },
  '401: the token brings its own key': {
    jwk: () => signed({ ...header, jwk: attackerJwk }, claims(), attacker.privateKey),
    'jwk without kid': () => signed({ alg: 'EdDSA', typ: 'at+jwt', jwk: attackerJwk }, claims(), attacker.privateKey),
    'jwk of ours': () => own({ ...header, jwk }),
    jku: () => signed({ ...header, jku: 'https://evil.example/jwks.json' }, claims(), attacker.privateKey),
    'jku of ours': () => own({ ...header, jku: 'http://guildhall.test/.well-known/jwks.json' }),
    x5u: () => own({ ...header, x5u: 'https://evil.example/chain.pem' }),
    x5c: () =>
      signed(
        { ...header, x5c: [attacker.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')] },
        claims(),
        attacker.privateKey
      ),
    x5t: () => own({ ...header, x5t: 'AAAA' })
  },
  '401: critical headers, known or not': {
    unknown: () => own({ ...header, crit: ['exp'], exp: now() + 300 }),
    b64: () => own({ ...header, crit: ['b64'], b64: true }),
    empty: () => own({ ...header, crit: [] }),
    none: () => own({ ...header, crit: null })
  },
  '401: a key of another installation, with the same kid': {
    signed: () => signed(header, claims(), attacker.privateKey),
    'same issuer and audience': () => signed(header, claims({ iss: 'http://guildhall.test' }), attacker.privateKey)
  },
  '401: the signature is cut short, changed, or of another text': {
    empty: () => `${h}.${p}.`,
    missing: () => `${h}.${p}`,
    'one letter less': () => `${h}.${p}.${s.slice(0, -1)}`,
    'one byte less': () => `${h}.${p}.${Buffer.from(s, 'base64url').subarray(0, 63).toString('base64url')}`,
    'one byte more': () => `${h}.${p}.${Buffer.concat([Buffer.from(s, 'base64url'), Buffer.alloc(1)]).toString('base64url')}`,
    'a bit changed': () => `${h}.${p}.${s[0] === 'A' ? 'B' : 'A'}${s.slice(1)}`,
    'the same bits, spelled otherwise': () => `${h}.${p}.${sameBits}`,
    zeros: () => `${h}.${p}.${Buffer.alloc(64).toString('base64url')}`,
    'other claims': () => `${h}.${segment(claims({ sub: sam.accountId, sid: sam.sessionId }))}.${s}`,
    'a fourth part': () => `${h}.${p}.${s}.${s}`,
    padded: () => `${h}.${p}.${s}==`,
    'claims padded': () => `${h}.${p}=.${s}`
  },
  '401: a header that says the same in other words': {
    'with spaces': () => own(JSON.stringify(header, null, 1)),
    'in another order': () => own({ kid, typ: 'at+jwt', alg: 'EdDSA' }),
    'with a line break': () => own(`${JSON.stringify(header)}\n`),
    escaped: () => own(JSON.stringify(header).replace('EdDSA', '\\u0045dDSA')),
    'with cty': () => own({ ...header, cty: 'JWT' }),
    'with more': () => own({ ...header, extra: true }),
    'no object': () => own('"EdDSA"'),
    'no JSON': () => own('EdDSA')
  },
  '401: larger than 8 KiB': {
    claims: () => own(header, { extra: 'x'.repeat(6200) }),
    header: () => own({ ...header, extra: 'x'.repeat(6200) }),
    'many keys': () => own({ ...header, ...Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, 1])) })
  },
  '401: deep, empty or no claims at all': {
    deep: () => signed(header, `${'['.repeat(2000)}${']'.repeat(2000)}`, key),
    list: () => signed(header, '[]', key),
    null: () => signed(header, 'null', key),
    text: () => signed(header, '"sub"', key),
    'no JSON': () => signed(header, 'sub', key),
    empty: () => `${h}..${s}`
  }
}

for (const [title, tokens] of Object.entries(attacks)) {
  t.test(title, async (t) => {
    for (const [name, token] of Object.entries(tokens)) notSignedIn(t, await bearer(token()), name)
    t.equal((await bearer(own())).statusCode, 200, 'while a right one goes through')
  })
}

t.test('401: a token of one purpose is worth nothing for another', async (t) => {
  await world.post('/v1/accounts', { ...registration, email: 'later@example.com' })
  await world.post('/v1/password-resets', { email: olga.email })
  const changed = await world.inject({
    method: 'PATCH',
    url: '/v1/me',
    headers: { ...olga.headers, 'if-match': '"1"' },
    payload: { lastName: 'Obi' }
  })
  const own = { account: olga.accessToken, service: jobs.headers.authorization.slice(7), operator: operator.headers.authorization.slice(7) }
  const others = {
    'refresh token': olga.refreshToken,
    'proof of an email': await world.mailedToken('later@example.com', 'ghv'),
    'password reset': await world.mailedToken(olga.email, 'ghp'),
    'client secret': jobs.clientSecret,
    'operator secret': operator.clientSecret,
    'appeal link': (await signedAppealUrl(world.config, world.parts.db.query, parseId('account', olga.accountId)!)).split('=')[1]!,
    'consistency token': String(changed.headers['consistency-token']),
    'account id': olga.accountId,
    'session id': olga.sessionId
  }
  for (const kind of Object.keys(routes) as Kind[]) {
    for (const [name, token] of Object.entries({ ...own, ...others })) {
      t.ok(token.length > 20, name)
      const answer = await ask(kind, `Bearer ${token}`)
      if (name === kind) t.equal(answer.statusCode, 200, `${name} on routes of its own`)
      else notSignedIn(t, answer, `${name} on ${kind} routes`)
    }
  }
})

t.test('401: neither does another audience make a caller of another kind', async (t) => {
  const ids = { account: olga.accountId, service: jobs.clientId, operator: operator.clientId }
  for (const kind of Object.keys(routes) as Kind[]) {
    for (const [name, id] of Object.entries(ids)) {
      const token = own(header, { sub: id, client_id: id, aud: `guildhall:${kind}` })
      const answer = await ask(kind, `Bearer ${token}`)
      if (name === kind) t.equal(answer.statusCode, 200, `${name} on routes of its own`)
      else notSignedIn(t, answer, `${name} as ${kind}`)
    }
  }
})

t.test('401: credentials come as a bearer token in Authorization, and in no other way', async (t) => {
  const token = olga.accessToken
  const basic = Buffer.from(`${olga.email}:${olga.password}`).toString('base64')
  for (const value of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Basic ${basic}`,
    token,
    `Bearer  ${token}`,
    `Bearer ${token} `.concat('x'),
    `Bearer "${token}"`,
    `DPoP ${token}`,
    `Bearer ${token},Bearer ${token}`
  ]) {
    notSignedIn(t, await ask('account', value), String(value).slice(0, 20))
  }
  notSignedIn(t, await app.inject({ url: '/v1/me', headers: { cookie: `access_token=${token}`, 'x-access-token': token } }))
  notSignedIn(t, await app.inject({ url: `/v1/me?access_token=${token}` }))
})

t.test('403: a service needs the scope of the route, and keeps it only as long as its client has it', async (t) => {
  const events = await world.service('events', ['events.read'])
  const refused = await ask('service', events.headers.authorization)
  t.match(refused.json(), { status: 403, code: 'access_denied', missingPermissions: ['access.evaluate'] })
  const narrowed = own(header, { sub: jobs.clientId, client_id: jobs.clientId, aud: 'guildhall:service', scope: 'events.read' })
  t.equal((await ask('service', `Bearer ${narrowed}`)).statusCode, 403, 'a token narrower than its client')
  const claimed = own(header, { sub: events.clientId, client_id: events.clientId, aud: 'guildhall:service', scope: 'access.evaluate' })
  t.equal((await ask('service', `Bearer ${claimed}`)).statusCode, 403, 'a token cannot widen its client')

  t.equal((await ask('service', jobs.headers.authorization)).statusCode, 200)
  await world.sql("update service_clients set scopes = '{events.read}' where name = 'jobs'")
  await world.settled()
  t.equal((await ask('service', jobs.headers.authorization)).statusCode, 403, 'at once')
  await world.sql("update service_clients set scopes = '{access.evaluate,events.read}' where name = 'jobs'")
  await world.settled()
})

t.test('401: a disabled client or operator is out with its next request, on every instance', async (t) => {
  const other = await world.operator('second@example.com')
  const search = (instance: number) => world.inject({ url: routes.operator, headers: other.headers }, instance)
  t.strictSame([(await search(0)).statusCode, (await search(1)).statusCode], [200, 200], 'both instances know the token')
  t.equal((await ask('service', jobs.headers.authorization)).statusCode, 200)
  await disableClient(world.allParts[1]!.db, system, other.clientId)
  await disableClient(world.allParts[1]!.db, system, jobs.clientId)
  await world.settled()
  notSignedIn(t, await search(0))
  notSignedIn(t, await search(1))
  notSignedIn(t, await ask('service', jobs.headers.authorization))
  t.equal((await ask('operator', operator.headers.authorization)).statusCode, 200, 'the other operator is not concerned')
})
