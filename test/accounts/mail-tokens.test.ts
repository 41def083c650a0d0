import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import type { InjectOptions } from 'fastify'
import pino from 'pino'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { sha256 } from '../../src/keyring.ts'
import { openParts } from '../../src/parts.ts'
import { randomToken, tokenText } from '../../src/tokens.ts'
import { databaseUrl, openWorld, registration } from '../support/world.ts'

// As much is logged as can be.
const log: string[] = []
const logger = pino(
  { level: 'trace' },
  new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk))
      done()
    }
  })
)
const world = await openWorld(t)
const parts = await openParts(world.config, databaseUrl('service', world.database), logger)
const app = await buildApp(parts, { log: logger, strict: true })
t.teardown(async () => {
  await app.close()
  await parts.close()
})

const passwords = ['tulip anchor museum forty', 'violet harbour nineteen lamps', 'walnut ferry onion bridge', 'kettle orbit saddle mango']
const [first, second, third, wrong] = passwords as [string, string, string, string]
/** Hashes that anybody could make of what a request held. */
const plainHashes: string[] = []

function call(
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'PATCH',
  url: string,
  payload?: unknown,
  headers: Record<string, string> = {}
) {
  for (const text of [payload, ...Object.values(payload ?? {})].map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value)
  )) {
    if (/tulip|violet|walnut|kettle/.test(text ?? '')) {
      for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) plainHashes.push(createHash(algorithm).update(text!).digest('hex'))
    }
  }
  return app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) } as InjectOptions)
}

interface Kind {
  prefix: string
  /** Makes a token that is live; it goes to this address. */
  ask: (round: number) => Promise<string>
  /** Asks for a further one in place of it; undefined where that cannot be. */
  askAgain?: () => Promise<unknown>
  use: (token: unknown) => ReturnType<typeof call>
}

const vera = await world.person('Vera', { password: first })
const paula = await world.person('Paula', { password: first })

const kinds: Record<string, Kind> = {
  'proof of a registration': {
    prefix: 'ghv',
    async ask(round) {
      const email = `nora${round}@proof.example`
      await call('POST', '/v1/accounts', { ...registration, email })
      return email
    },
    askAgain: () => call('POST', '/v1/email-verifications/resend', { email: 'nora0@proof.example' }),
    use: (token) => call('POST', '/v1/email-verifications', { token })
  },
  'proof of an added address': {
    prefix: 'gha',
    async ask(round) {
      await call('POST', '/v1/me/emails', { email: `vera${round}@added.example` }, vera.headers)
      return `vera${round}@added.example`
    },
    askAgain: () => call('POST', '/v1/me/emails', { email: 'vera0@added.example' }, vera.headers),
    use: (token) => call('POST', '/v1/me/emails/vera0@added.example/verify', { token }, vera.headers)
  },
  'password reset': {
    prefix: 'ghp',
    async ask() {
      await call('POST', '/v1/password-resets', { email: paula.email })
      return paula.email
    },
    askAgain: () => call('POST', '/v1/password-resets', { email: paula.email }),
    use: (token) =>
      call('POST', '/v1/password-resets/confirm', { token, password: second }, { 'idempotency-key': `reset-${String(token).slice(-20)}` })
  },
  undo: {
    prefix: 'ghu',
    async ask(round) {
      const { email, headers } = await world.person('Umberto', { email: `umberto${round}@former.example`, password: first })
      const added = `umberto${round}@added.example`
      await call('POST', '/v1/me/emails', { email: added }, headers)
      await call('POST', `/v1/me/emails/${added}/verify`, { token: await world.mailedToken(added, 'gha') }, headers)
      await call('PUT', `/v1/me/emails/${added}/primary`, undefined, headers)
      return email
    },
    use: (token) => call('POST', '/v1/email-changes/undo', { token })
  }
}

const live: Record<string, string> = {}
for (const [name, { ask, prefix }] of Object.entries(kinds)) live[name] = await world.mailedToken(await ask(0), prefix)
const row = (token: string) =>
  world.sql<{ used: boolean; key_id: string }>('select used_at is not null as used, key_id from mail_tokens where token_hash = $1', [
    sha256(token)
  ])

const changed = (token: string, place: number) => {
  const letter = token[place] === 'A' ? 'B' : 'A'
  return token.slice(0, place) + letter + token.slice(place + 1)
}

for (const [name, { prefix, use, askAgain }] of Object.entries(kinds)) {
  t.test(`P-1 410: a token for ${name} works as it was mailed, once, while it is live, for its purpose`, async (t) => {
    const token = live[name]!
    const malformed = [
      null,
      '',
      ' ',
      '\u00a0'.repeat(55),
      7,
      true,
      [],
      [token],
      { token },
      ` ${token}`,
      `${token} `,
      `${token}\n`,
      `${token}\0`
    ]
    for (const value of [...malformed, undefined, 'x'.repeat(201), `${prefix}_`, '%00', "' or true --"]) {
      t.match((await use(value)).json(), { status: 400, code: 'invalid_input', errors: [{ pointer: '/token' }] }, JSON.stringify(value))
    }
    const bytes = Buffer.from(token.slice(4, 47), 'base64url')
    const others = Object.values(kinds).filter((kind) => kind.prefix !== prefix)
    const dead = [
      ...Object.entries(live).flatMap(([other, text]) => (other === name ? [] : [text])),
      ...others.map((kind) => tokenText(kind.prefix, bytes)),
      ...Object.values(live).flatMap((text) => (text === token ? [] : [tokenText(prefix, Buffer.from(text.slice(4, 47), 'base64url'))])),
      randomToken(prefix),
      randomToken('ghr'),
      token.slice(0, -1),
      `${token}A`,
      token.toLowerCase(),
      token.slice(4),
      changed(token, 0),
      changed(token, 10),
      changed(token, 50),
      'x'.repeat(20),
      'null'.repeat(5),
      tokenText(prefix, Buffer.alloc(32))
    ]
    for (const value of dead) {
      t.match((await use(value)).json(), { status: 410, code: 'token_dead' }, value)
    }
    await world.sql(`update mail_tokens set expires_at = now() where token_hash = $1`, [sha256(token)])
    t.match((await use(token)).json(), { status: 410, code: 'token_dead' }, 'expired by the clock of the database')
    await world.sql(`update mail_tokens set expires_at = now() + interval '1 minute' where token_hash = $1`, [sha256(token)])
    t.match(await row(token), [{ used: false }])

    let current = token
    if (askAgain) {
      await askAgain()
      const address = world.sent.find(({ text }) => text.includes(token))!.to
      current = await world.mailedToken(address, prefix)
      t.not(current, token)
      t.match((await use(token)).json(), { status: 410, code: 'token_dead' }, 'replaced')
    }
    const used = await use(current)
    t.equal(used.statusCode, 200, used.body)
    t.match(await row(current), [{ used: true }])
    if (prefix !== 'ghp') t.match((await use(current)).json(), { status: 410, code: 'token_dead' }, 'used')
  })
}

t.test('P-1 200: nothing but sending it uses a token up: no page, no HEAD, no other method', async (t) => {
  const pages = { ghv: 'verify-email', gha: 'confirm-email', ghp: 'reset-password', ghu: 'undo-email-change' }
  const routes = {
    ghv: '/v1/email-verifications',
    gha: '/v1/me/emails/vera1@added.example/verify',
    ghp: '/v1/password-resets/confirm',
    ghu: '/v1/email-changes/undo'
  }
  for (const { ask, prefix } of Object.values(kinds)) {
    const token = await world.mailedToken(await ask(1), prefix)
    const page = `/${pages[prefix as keyof typeof pages]}`
    const link = world.sent.find(({ text }) => text.includes(token))!.text.match(/http:\/\/guildhall\.test(\S+)/)![1]!
    t.ok(link.startsWith(`${page}#token=${token}`), 'in the fragment, which no server sees')
    for (const url of [page, link, `${page}?token=${token}`]) {
      for (const method of ['GET', 'HEAD'] as const) {
        const answer = await call(method, url)
        t.equal(answer.statusCode, 200, `${method} ${page}`)
        t.notOk(answer.body.includes(token))
        t.notOk(JSON.stringify(answer.headers).includes(token))
      }
    }
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH'] as const) {
      const url = routes[prefix as keyof typeof routes]
      t.equal((await call(method, `${url}?token=${token}`, undefined, vera.headers)).statusCode, 405, `${method} ${url}`)
    }
    t.equal((await call('POST', `${routes[prefix as keyof typeof routes]}?token=${token}`, {}, vera.headers)).statusCode, 400)
    t.match(await row(token), [{ used: false }])
  }
})

t.test('S-1 S-3 200: no table and no log line holds a token, a password or a plain hash of one', async (t) => {
  // What else has secrets: an answer kept for retries, sign-in right and wrong, a second factor, a client.
  const email = 'sara@secrets.example'
  const keys = {
    register: 'idempotency-secret-1',
    prove: 'idempotency-secret-2',
    change: 'idempotency-secret-3',
    mail: 'idempotency-secret-4'
  }
  await call('POST', '/v1/accounts', { ...registration, email, password: first }, { 'idempotency-key': keys.register })
  const token = await world.mailedToken(email, 'ghv')
  const proven = (await call('POST', '/v1/email-verifications', { token }, { 'idempotency-key': keys.prove })).json()
  const headers = { authorization: `Bearer ${proven.session.accessToken}` }
  t.equal(
    (await call('POST', '/v1/me/emails', { email: 'sara@new.example' }, { ...headers, 'idempotency-key': keys.mail })).statusCode,
    201
  )
  await call('PUT', '/v1/me/password', { currentPassword: wrong, newPassword: third }, headers)
  t.equal((await call('PUT', '/v1/me/password', { currentPassword: first, newPassword: third }, headers)).statusCode, 204)
  await call('POST', '/v1/sessions', { email, password: wrong })
  await call('POST', '/v1/sessions', { email: 'nobody@secrets.example', password: wrong })
  const signedIn = (await call('POST', '/v1/sessions', { email, password: third }, { 'idempotency-key': keys.change })).json()
  const refreshed = (await call('POST', '/v1/sessions/refresh', { refreshToken: signedIn.refreshToken })).json()
  const totp = (await call('POST', '/v1/me/totp', {}, headers)).json()
  await call('POST', '/v1/accounts', '{"email": "broken@secrets.example", "password": "tulip anchor', {
    'content-type': 'application/json'
  })
  await call('POST', '/v1/accounts', { ...registration, email: 7, password: first })
  await call('POST', '/v1/password-resets', { email })
  const operator = await world.operator()
  await world.mails()

  const mailed = world.sent.flatMap(({ text }) => text.match(/gh[a-z]_[\w-]{49}/g) ?? [])
  t.ok(mailed.length >= 12, `${mailed.length} tokens were mailed`)
  const issued = [proven.session, signedIn, refreshed].flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken])
  const secrets = [...new Set([...mailed, ...issued, ...passwords, ...Object.values(keys), totp.secret, operator.clientSecret])]
  t.ok(secrets.every((secret) => typeof secret === 'string' && secret.length > 15))

  const tables = await world.sql<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`
  )
  t.ok(tables.length >= 20, `${tables.length} tables`)
  const found: string[] = []
  let bytes = 0
  for (const { name } of tables) {
    const [table] = await world.sql<{ content: string | null }>(`select string_agg(t::text, e'\\n') as content from ${name} t`)
    const content = table!.content ?? ''
    bytes += content.length
    for (const secret of secrets) {
      const plain = Buffer.from(secret)
      const forms = [secret, plain.toString('hex'), plain.toString('base64').replace(/=+$/, ''), encodeURIComponent(secret)]
      if (forms.some((form) => content.includes(form))) found.push(`${name}: ${secret.slice(0, 12)}`)
    }
    for (const hash of plainHashes) if (content.includes(hash)) found.push(`${name}: a plain hash`)
  }
  t.strictSame([...new Set(found)], [])
  t.ok(bytes > 20_000, `${bytes} characters were looked at`)
  t.ok(plainHashes.length > 20)

  const lines = log.join('')
  t.ok(log.filter((line) => line.includes('"msg":"request"')).length > 100, 'requests were logged')
  for (const secret of secrets) t.notOk(lines.includes(secret), secret.slice(0, 12))
  t.notMatch(lines, /@(proof|added|former|secrets|new)\.example|Vera|Okafor/, 'nor an address or a name')
})

t.test('P-2 202: what is mailed, audited and told to others holds no address longer than it must', async (t) => {
  await world.mails()
  t.strictSame(
    await world.sql(`select * from outbox where status in ('sent', 'skipped') and data <> '{}'`),
    [],
    'the outbox forgets when it is done'
  )
  for (const table of [
    'audit_events',
    'events',
    'graphile_worker._private_jobs',
    'rate_counters',
    'sign_in_failures',
    'idempotency_records'
  ]) {
    const rows = await world.sql(`select t::text from ${table} t where t::text ~ '[[:alnum:]]@[[:alnum:]]+\\.'`)
    t.strictSame(rows, [], table)
  }
})
