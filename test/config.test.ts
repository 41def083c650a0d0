import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { type ConfigError, readConfig, withPublicUrl } from '../src/config.ts'
import { configTable, withConfigTable } from '../src/dev/config-table.ts'
import { generateKey, hmac, isSignature, type Keyring, parseKeyring, sameBytes, seal, signature, unseal } from '../src/keyring.ts'
import type { Setting } from '../src/setting-forms.ts'
import { settings } from '../src/settings.ts'

type Env = Record<string, string | undefined>

const key = generateKey('one')
const production = {
  DATABASE_URL: 'postgres://service@db.example/guildhall',
  SECRET_KEYS: key,
  PUBLIC_URL: 'https://id.example',
  SMTP_URL: 'smtp://mail.example',
  MAIL_FROM: 'Guildhall <no-reply@id.example>'
}

/** Everything that is wrong with an environment. */
function faults(env: Env): string[] {
  try {
    readConfig(env, () => key)
    return []
  } catch (error) {
    return (error as ConfigError).faults
  }
}

t.test('without any variable the service runs on the embedded database, with keys of its own', async (t) => {
  const asked: string[] = []
  const config = readConfig({}, (folder) => {
    asked.push(folder)
    return key
  })
  t.match(config, {
    mode: 'embedded',
    publicUrl: 'http://localhost:3000',
    appUrl: 'http://localhost:3000',
    PORT: 3000,
    DATA_DIR: '.data',
    WORKER: true
  })
  t.strictSame(asked, ['.data'])
  t.strictSame(config.origins, ['http://localhost:3000'])
  t.ok(Object.isFrozen(config))
  t.strictSame(withPublicUrl(config, 4711).publicUrl, 'http://localhost:4711')
  t.strictSame(faults({ PORT: '', LOG_LEVEL: '  ', SECRET_KEYS: ' ' }), [], 'a blank variable is an absent one')
})

t.test('every fault is listed at once, by name and without its value', async (t) => {
  const wrong: Env = {
    PORT: '65536',
    METRICS_PORT: '-1',
    POOL_SIZE: '1',
    STATEMENT_TIMEOUT_MS: '3s',
    MIGRATE_ON_START: 'yes',
    LOG_LEVEL: 'loud',
    PUBLIC_URL: 'ftp://id.example',
    APP_URL: 'https://olga:hunter2@app.example',
    APP_ORIGINS: 'https://app.example, null',
    TRUST_PROXY: 'localhost',
    SMTP_URL: 'http://user:hunter2@mail.example',
    DATABASE_MIGRATION_URL: 'mysql://owner:hunter2@db.example',
    LIMIT_READ: '30 per minute',
    SECRET_KEYS: 'one:aHVudGVyMg==,two:hunter2'
  }
  const found = faults(wrong)
  for (const name of Object.keys(wrong))
    t.equal(found.filter((fault) => fault.startsWith(`${name} `)).length, name === 'SECRET_KEYS' ? 2 : 1, name)
  t.equal(found.length, Object.keys(wrong).length + 1)
  t.throws(() => readConfig(wrong, () => t.fail('no keys are made for a start that fails') as never), {
    name: 'ConfigError',
    message: /^The service cannot start:\n {2}- \w/
  })
  t.notMatch(found.join('\n'), /hunter2|aHVudGVyMg|65536|loud|olga|localhost/)
})

t.test('production needs its secrets and addresses, and says so for all of them', async (t) => {
  t.strictSame(faults(production), [])
  const config = readConfig(production, () => t.fail('production makes no keys') as never)
  t.match(config, { mode: 'production', publicUrl: 'https://id.example', appUrl: 'https://id.example' })
  t.match(faults({ DATABASE_URL: production.DATABASE_URL }), [
    /^SECRET_KEYS is missing/,
    /^PUBLIC_URL is missing/,
    /^SMTP_URL is missing/,
    /^MAIL_FROM is missing/
  ])
  t.strictSame(faults({ ...production, MIGRATE_ON_START: ' true ' }), ['MIGRATE_ON_START needs DATABASE_MIGRATION_URL'])
  t.strictSame(faults({ ...production, MIGRATE_ON_START: 'true', DATABASE_MIGRATION_URL: 'postgres://owner@db.example/guildhall' }), [])
  t.match(faults({ ...production, DATABASE_URL: 'mysql://db' }), [/^DATABASE_URL must be a postgres/])
  t.strictSame(faults({ ...production, PUBLIC_URL: 'http://id.example', APP_URL: 'http://app.example' }), [
    'PUBLIC_URL must be https',
    'APP_URL must be https'
  ])
  for (const local of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'])
    t.strictSame(faults({ ...production, PUBLIC_URL: local }), [], local)
  t.strictSame(faults({ PUBLIC_URL: 'http://id.example' }), [], 'without DATABASE_URL plain http will do')
})

t.test('weak keys stop the start', async (t) => {
  const weak: Array<[string, RegExp]> = [
    [`one:${randomBytes(31).toString('base64')}`, /SECRET_KEYS holds a weak key \(one\): it needs 32 bytes/],
    [`one:${Buffer.alloc(32).toString('base64')}`, /weak key \(one\): it is not random/],
    [`one:${Buffer.from('password'.repeat(8)).toString('base64')}`, /not random/],
    [`one:${Buffer.from(Array.from({ length: 32 }, (_, n) => n % 16)).toString('base64')}`, /not random/],
    ['one', /entry 1 must be id:key/],
    [randomBytes(32).toString('base64'), /entry 1 must be id:key/],
    [`One:${randomBytes(32).toString('base64')}`, /entry 1 must be id:key/],
    [`${key},${key}`, /names the key one twice/],
    [`${key},`, /entry 2 must be id:key/]
  ]
  for (const [text, fault] of weak) {
    const found = faults({ ...production, SECRET_KEYS: text })
    t.match(found, [fault], text.slice(0, 20))
    t.notMatch(found.join(), new RegExp(text.split(':').at(-1)!.slice(0, 12).replaceAll('+', '\\+') || 'none'), 'the key is not repeated')
  }
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,31}$/),
      (id) => faults({ ...production, SECRET_KEYS: generateKey(id) }).length === 0
    )
  )
})

t.test('every number has a floor and a ceiling, and every setting a default that it accepts, a group and a meaning', async (t) => {
  for (const [name, { schema, fallback, group, describe }] of Object.entries(settings) as Array<[string, Setting]>) {
    t.ok(group && describe.endsWith('.'), name)
    if (fallback === undefined) continue
    t.ok(schema.safeParse(fallback).success, `${name}=${fallback}`)
    if (typeof schema.parse(fallback) !== 'number') continue
    const bounds = /^(\d+) to (\d+)$/.exec(String(schema.meta()?.allowed))
    t.ok(bounds, `${name} has bounds`)
    const [floor, ceiling] = [Number(bounds![1]), Number(bounds![2])]
    for (const value of [floor, ceiling]) t.strictSame(faults({ [name]: String(value) }), [], `${name}=${value}`)
    for (const value of [floor - 1, ceiling + 1, 1.5, '1e3', '0x10', ' ', '٣', 'Infinity', `${floor} `.padStart(20, '0')]) {
      if (String(value).trim() === '') continue
      t.equal(faults({ [name]: String(value) }).length, 1, `${name}=${value}`)
    }
  }
})

t.test('the floors are those of the rules: S-1 passwords, hashing, and what protects a sign-in', async (t) => {
  const floors: Record<string, number> = {
    PASSWORD_MIN_LENGTH: 15,
    PASSWORD_MIN_LENGTH_SECOND_FACTOR: 8,
    ARGON2_MEMORY_KIB: 19_456,
    ARGON2_PASSES: 2,
    UNDO_SECONDS: 259_200
  }
  for (const [name, floor] of Object.entries(floors))
    t.match(faults({ [name]: String(floor - 1) }), [new RegExp(`^${name} must be between ${floor} and`)])
  const ceilings: Record<string, number> = {
    FAILED_SIGN_INS: 100,
    RESET_SECONDS: 3600,
    SESSION_SECONDS: 30 * 86_400,
    REAUTHENTICATION_SECONDS: 3600,
    ACCESS_TOKEN_SECONDS: 3600
  }
  for (const [name, ceiling] of Object.entries(ceilings))
    t.match(faults({ [name]: String(ceiling + 1) }), [new RegExp(`^${name} must be between \\d+ and ${ceiling}$`)])
  const { PASSWORD_MIN_LENGTH, ARGON2_MEMORY_KIB, ARGON2_PASSES, ARGON2_PARALLELISM, ACCESS_TOKEN_SECONDS } = readConfig({}, () => key)
  t.same([PASSWORD_MIN_LENGTH, ARGON2_MEMORY_KIB, ARGON2_PASSES, ARGON2_PARALLELISM, ACCESS_TOKEN_SECONDS], [15, 47_104, 2, 1, 300])
})

t.test('rates, addresses and origins are read as they are written', async (t) => {
  const config = readConfig(
    {
      LIMIT_SIGN_IN: '30/min,300/h,2/s,9/d',
      PUBLIC_URL: 'https://id.example/base//',
      APP_URL: 'https://app.example',
      APP_ORIGINS: 'https://a.example, https://b.example:8443'
    },
    () => key
  )
  t.strictSame(config.LIMIT_SIGN_IN, [
    { amount: 30, seconds: 60 },
    { amount: 300, seconds: 3600 },
    { amount: 2, seconds: 1 },
    { amount: 9, seconds: 86_400 }
  ])
  t.equal(config.publicUrl, 'https://id.example/base')
  t.strictSame(config.origins, ['https://id.example', 'https://app.example', 'https://a.example', 'https://b.example:8443'])
  for (const rate of ['0/min', '5', '/min', '5/week', '5/min,', '-5/min', '5/min 3/h', '01/min'])
    t.equal(faults({ LIMIT_READ: rate }).length, 1, rate)
  for (const url of [
    'id.example',
    'javascript:alert(1)',
    'https://id.example/?a=b',
    'https://id.example/#a',
    'https://a:b@id.example',
    '//id.example'
  ])
    t.equal(faults({ PUBLIC_URL: url }).length, 1, url)
  for (const origins of [
    'null',
    '*',
    'https://a.example/path',
    'https://a.example/',
    'a.example',
    'https://*.example.com/',
    'HTTPS://A.example'
  ])
    t.equal(faults({ APP_ORIGINS: origins }).length, 1, origins)
  for (const proxies of ['10.0.0.0/8', '::1, 10.1.2.3', '2001:db8::/32']) t.strictSame(faults({ TRUST_PROXY: proxies }), [], proxies)
  for (const proxies of ['10.0.0.0/', '10.0.0.0/33', 'true', '1', '*']) t.equal(faults({ TRUST_PROXY: proxies }).length, 1, proxies)
})

t.test('the table in the README is the one that the settings make', async (t) => {
  const readme = readFileSync('README.md', 'utf8')
  t.ok(withConfigTable(readme) === readme, 'the configuration table is out of date: run `npm run config:table`')
  for (const name of Object.keys(settings)) t.match(configTable(), `| \`${name}\` |`)
  t.throws(() => withConfigTable('a page without marks'), { message: /has no <!-- configuration -->/ })
})

t.test('keys: one for each purpose and id, the first is current, the others are still read', async (t) => {
  const keyring = (...entries: string[]): Keyring => (parseKeyring(entries.join(',')) as { keyring: Keyring }).keyring
  const [first, second] = [generateKey('first'), generateKey('second')]
  const keys = keyring(first, second)
  t.same([keys.currentId, keys.ids], ['first', ['first', 'second']])
  const derived = [keys.derive('a'), keys.derive('b'), keys.derive('a', 'second'), keys.derive('b', 'second')]
  t.equal(new Set(derived.map((each) => each.toString('hex'))).size, 4)
  t.ok(derived.every((each) => each.length === 32))
  t.ok(keys.derive('a').equals(keys.derive('a', 'first')))
  t.notOk(
    derived.some((each) => first.includes(each.toString('base64'))),
    'a root key is never used itself'
  )
  t.ok(keyring(second, first).derive('a', 'first').equals(keys.derive('a')), 'the order does not matter to what a key is')
  t.throws(() => keys.derive('a', 'third'), { message: /SECRET_KEYS has no key third: keep a replaced key/ })

  const signed = signature(keyring(first), 'purpose', 'text')
  t.ok(isSignature(keys, 'purpose', 'text', signed) && isSignature(keyring(second, first), 'purpose', 'text', signed))
  for (const wrong of [
    isSignature(keyring(second), 'purpose', 'text', signed),
    isSignature(keys, 'other', 'text', signed),
    isSignature(keys, 'purpose', 'texts', signed),
    isSignature(keys, 'purpose', 'text', ''),
    isSignature(keys, 'purpose', 'text', `${signed}=`)
  ])
    t.notOk(wrong)
  t.ok(sameBytes(Buffer.from('a'), Buffer.from('a')))
  t.notOk(sameBytes(Buffer.from('a'), Buffer.from('ab')))
  t.equal(hmac(Buffer.alloc(32), 'x').length, 32)
})

t.test('what is sealed opens with the same key and context only, and never after a change', async (t) => {
  const sealingKey = randomBytes(32)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.nat(), (plain, context, place) => {
      const sealed = seal(sealingKey, Buffer.from(plain), context)
      if (!unseal(sealingKey, sealed, context).equals(Buffer.from(plain))) return false
      const changed = Buffer.from(sealed)
      changed[place % changed.length]! ^= 1
      return [
        () => unseal(sealingKey, changed, context),
        () => unseal(randomBytes(32), sealed, context),
        () => unseal(sealingKey, sealed, `${context}x`)
      ].every(fails)
    })
  )
  t.notOk(seal(sealingKey, Buffer.from('same'), '').equals(seal(sealingKey, Buffer.from('same'), '')), 'never twice alike')
  for (const length of [0, 12, 27]) t.throws(() => unseal(sealingKey, Buffer.alloc(length), ''))
})

function fails(work: () => unknown): boolean {
  try {
    work()
    return false
  } catch {
    return true
  }
}
