import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { addressPlace } from '../../src/http/addresses.ts'
import { newId, publicId } from '../../src/http/ids.ts'
import { recordEvidence } from '../../src/identity/evidence.ts'
import { listEvidenceKeys } from '../../src/identity/evidence-keys.ts'
import { fingerprintsOf, lockFingerprints } from '../../src/identity/fingerprints.ts'
import { gatherEvidence } from '../../src/identity/gathering.ts'
import { weighAccount } from '../../src/identity/weighing.ts'
import { generateKey, parseKeyring } from '../../src/keyring.ts'
import { openParts } from '../../src/parts.ts'
import { identities } from '../support/identity.ts'
import { refused } from '../support/problems.ts'
import { databaseUrl, openWorld, registration } from '../support/world.ts'

const world = await openWorld(t)
const { somebody, evidence, casesOf, actionsOn, call, uuid, service, operator } = await identities(world)

t.test('P-12: no raw value is in any table, in the audit or in the log', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'guildhall-log-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'log')
  const log = pino({ level: 'trace' }, pino.destination({ dest: file, sync: true }))
  const app = await buildApp(world.parts, { log, strict: true })
  t.teardown(() => app.close())
  const sam = await somebody()
  const values: Array<[string, string, object]> = [
    ['government_id', 'ZX81SECRET77', { country: 'FR', documentType: 'passport' }],
    ['tax_id', '48 954 371 207', { country: 'DE' }],
    ['phone', '+33 6 12 34 56 78', {}],
    ['payout_account', 'FR14 2004 1010 0505 0001 3M02 606', {}],
    ['device', 'canvas-ZX81SECRET', {}],
    ['ip', '198.51.100.77', {}],
    ['address', 'Secretstreet 77, Paris', { country: 'FR' }],
    ['name_birth_date', 'Secretta Secretsson', { birthDate: '1977-07-17' }],
    ['government_id', 'SECRET', { country: 'FR', documentType: 'passport' }],
    ['phone', '+33 6 SECRET', {}]
  ]
  for (const [kind, value, more] of values) {
    const answer = await app.inject({
      method: 'POST',
      url: `/v1/accounts/${sam.accountId}/evidence`,
      headers: { ...service.headers, 'idempotency-key': `key-of-the-call-${kind}-${value.length}` },
      payload: { kind, value, verified: true, ...more }
    })
    t.ok(answer.statusCode === 201 || answer.json().code === 'evidence_invalid', answer.body)
    t.notMatch(answer.body, /SECRET|Secret/)
  }
  const tables = await world.sql<{ name: string }>(
    "select quote_ident(tablename) as name from pg_tables where schemaname in ('public', 'graphile_worker')"
  )
  const traces = [
    /SECRET/i,
    /489\s?54371207|48 954 371 207/,
    /612345678|6 12 34 56 78/,
    /20041010|2004 1010/,
    /198\.51\.100\.77/,
    /1977-07-17/
  ]
  const rows = await Promise.all(
    tables.map(({ name }) => world.sql<{ row: string }>(`select t::text as row from ${name} t`).catch(() => []))
  )
  const found = rows.flat().map(({ row }) => row)
  t.ok(found.length > 50)
  const logged = readFileSync(file, 'utf8')
  t.match(logged, /evidence/, 'the log was written')
  for (const trace of traces) {
    t.strictSame(
      found.filter((row) => trace.test(row)),
      [],
      String(trace)
    )
    t.notMatch(logged, trace)
  }
})

t.test('P-12 P-11: evidence made before a key was replaced still matches, and the key stays needed', async (t) => {
  const [before, after, later] = [await somebody(), await somebody(), await somebody()]
  await evidence(before, 'government_id', 'ROTATED001')
  const entry = generateKey('next')
  const { currentId, derive } = world.config.keys
  const added = parseKeyring(entry)
  if (!('keyring' in added)) return t.fail('no keyring')
  const keys = {
    currentId: 'next',
    ids: ['next', ...world.config.keys.ids],
    derive: (purpose: string, id = 'next') => (id === 'next' ? added.keyring.derive(purpose) : derive(purpose, id))
  }
  const parts = { ...world.parts, config: { ...world.config, keys } }
  const actor = { kind: 'service', clientId: newId(), scopes: [], requestId: 'r', address: '127.0.0.1', userAgent: '' } as const
  const tell = (person: { accountId: string }, value: string) =>
    recordEvidence(parts, world.parts.db, actor, {
      accountId: uuid(person),
      kind: 'government_id',
      value,
      country: 'DE',
      documentType: 'passport',
      verified: true
    })
  t.match(await tell(after, 'ROTATED001'), { effect: 'restricted' })
  t.strictSame(
    await world.sql('select account_id as id from evidence where account_id = any($1) and claim', [[uuid(before), uuid(after)]]),
    [{ id: uuid(before) }] as object[],
    'P-11: one of them has the claim, under whichever key'
  )
  t.match(await tell(later, 'ROTATED002'), { effect: 'none' })
  t.match(
    (await evidence(after, 'government_id', 'ROTATED002')).json(),
    { effect: 'restricted' },
    'an instance that has only the old key still sees it'
  )
  const held = await listEvidenceKeys(world.parts.db, 'next')
  t.strictSame(held.map(({ keyId }) => keyId).sort(), [currentId, 'next'].sort())
  t.ok(held.find(({ keyId }) => keyId === currentId)!.onlyHere > 0)
  t.equal(held.find(({ keyId }) => keyId === 'next')!.onlyHere, 0)
  await t.rejects(
    openParts({ ...world.config, keys: added.keyring }, databaseUrl('service', world.database), pino({ level: 'silent' })),
    /SECRET_KEYS lacks the key/
  )
  await t.rejects(openParts(world.config, databaseUrl('service', world.database), pino({ level: 'silent' })), /lacks the key next/)
  await world.sql("delete from evidence where key_id = 'next'")
})

t.test('P-12 422 evidence_invalid: what has not the form of its kind is refused with a reason, and not kept', async (t) => {
  const sam = await somebody()
  const cases: Array<[string, string, string, object?]> = [
    ['government_id', 'AB', 'too_short'],
    ['government_id', 'ABCDEFGH', 'no_digit'],
    ['government_id', '0000-0000', 'placeholder'],
    ['government_id', `AB${'1'.repeat(60)}`, 'too_long'],
    ['government_id', 'AB\u200b12345', 'forbidden_character'],
    ['tax_id', '---', 'too_short'],
    ['phone', '12', 'not_a_phone_number'],
    ['phone', '0151 23456789', 'not_a_phone_number'],
    ['phone', '+49 151 23456789 ext. 5', 'not_a_phone_number'],
    ['ip', '300.1.1.1', 'not_an_ip_address'],
    ['device', 'x', 'too_short']
  ]
  for (const [kind, value, reason, more] of cases) {
    const answer = await evidence(sam, kind, value, more)
    refused(t, answer, 422, 'evidence_invalid', `${kind} ${value}`)
    t.equal(answer.json().reason, reason)
    t.notOk(answer.body.includes(value) && value.length > 3)
  }
  t.equal((await world.sql("select from evidence where account_id = $1 and source = 'verification'", [uuid(sam)])).length, 0)
})

t.test('400, 401, 403, 404: evidence is told by services with the scope, about accounts that are known', async (t) => {
  const sam = await somebody()
  for (const [kind, more] of [
    ['government_id', { documentType: undefined }],
    ['government_id', { country: 'XX' }],
    ['tax_id', { country: undefined }],
    ['phone', { documentType: 'passport' }],
    ['ip', { country: 'DE' }],
    ['name_birth_date', { birthDate: undefined }],
    ['name_birth_date', { birthDate: '2026-02-30' }],
    ['name_birth_date', { birthDate: '2999-01-01' }],
    ['email', {}],
    ['mailbox', {}],
    ['device', { verified: undefined }]
  ] as Array<[string, object]>)
    refused(t, await evidence(sam, kind, 'AB123456', more), 400, 'invalid_input', `${kind} ${JSON.stringify(more)}`)
  const body = { kind: 'device', value: 'canvas', verified: false }
  const url = `/v1/accounts/${sam.accountId}/evidence`
  refused(t, await world.inject({ method: 'POST', url, payload: body }), 401, 'not_signed_in')
  refused(t, await call('POST', url, sam, body), 401, 'not_signed_in')
  refused(t, await call('POST', url, operator, body), 401, 'not_signed_in')
  refused(t, await call('POST', url, await world.service('jobs', ['contracts.write']), body), 403, 'access_denied')
  for (const accountId of [publicId('account', newId()), publicId('case', newId()), 'nobody'])
    refused(t, await evidence({ accountId }, 'device', 'canvas'), 404, 'not_found')
  await world.post('/v1/accounts', { ...registration, email: 'unproven@example.com' })
  const [pending] = await world.sql<{ id: string }>("select account_id as id from emails where canonical = 'unproven@example.com'")
  refused(t, await evidence({ accountId: publicId('account', pending!.id) }, 'device', 'canvas'), 404, 'not_found')
})

t.test('P-6: what a crowd holds says nothing; signing in again from the same place adds nothing', async (t) => {
  const crowded = await openWorld(t, { env: { EVIDENCE_CROWD: '3' } })
  const helpers = await identities(crowded)
  const people = []
  for (let index = 0; index < 4; index++) people.push(await helpers.somebody('Guest'))
  const [one, two, three, four] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0], (typeof people)[0]]
  for (const each of [one, two, three, four]) await helpers.evidence(each, 'device', 'terminal 5 in the library', { verified: false })
  for (const each of [three, four]) await helpers.evidence(each, 'name_birth_date', 'Jan Novak', { verified: false })
  t.strictSame(await helpers.casesOf(four), [], 'forty points of a name, none of a device that four have')
  const pieces = () => crowded.sql('select from evidence where account_id = $1', [helpers.uuid(one)])
  const jobs = () => crowded.sql("select from graphile_worker.jobs where task_identifier = 'weigh_evidence'")
  const before = (await pieces()).length
  await weighAccount(crowded.parts, helpers.uuid(one))
  await crowded.sql('select graphile_worker.complete_jobs(array_agg(id)) from graphile_worker.jobs')
  t.equal((await crowded.signIn(one)).statusCode, 201)
  t.strictSame([(await pieces()).length, (await jobs()).length], [before, 0])
  const fromElsewhere = async (person: typeof one, agent = 'Another') => {
    const payload = { email: person.email, password: person.password }
    const answer = await crowded.inject({ method: 'POST', url: '/v1/sessions', payload, headers: { 'user-agent': agent } })
    t.equal(answer.statusCode, 201)
    const [{ due } = { due: undefined }] = await crowded.sql<{ due: number }>(
      'select count(*)::int as due from evidence where account_id = $1 and weighed_at is null',
      [helpers.uuid(person)]
    )
    return [(await jobs()).length, due]
  }
  for (const each of [two, three, four]) await weighAccount(crowded.parts, helpers.uuid(each))
  t.strictSame(await fromElsewhere(one), [0, 0], 'nobody else holds it')
  t.equal((await pieces()).length, before + 1)
  t.strictSame(await fromElsewhere(two), [1, 1], 'somebody else does')
  t.match(await weighAccount(crowded.parts, helpers.uuid(two)), { effect: 'none', more: false })
  t.strictSame(await fromElsewhere(three), [2, 1], 'three are no crowd')
  t.strictSame(await fromElsewhere(four), [2, 0], 'four are')

  const [print] = fingerprintsOf(crowded.config.keys, 'device', `session Comparing ${addressPlace('127.0.0.1')}`)
  await crowded.parts.db.transaction(async (tx) => {
    await lockFingerprints(tx, [print!])
    t.strictSame(await fromElsewhere(one, 'Comparing'), [3, 1], 'whoever compares it at this moment may be about to hold it')
  })
  t.match(await weighAccount(crowded.parts, helpers.uuid(one)), { effect: 'none', more: false })
})

t.test('P-6: two who sign in from the same new place at once are compared', async (t) => {
  const [one, two] = [await somebody(), await somebody()]
  for (let round = 0; round < 8; round++) {
    const agent = `At once ${round}`
    const answers = await Promise.all(
      [one, two].map(({ email, password }) =>
        world.inject({ method: 'POST', url: '/v1/sessions', payload: { email, password }, headers: { 'user-agent': agent } })
      )
    )
    t.strictSame(
      answers.map(({ statusCode }) => statusCode),
      [201, 201]
    )
    const [print] = fingerprintsOf(world.config.keys, 'device', `session ${agent} ${addressPlace('127.0.0.1')}`)
    const held = await world.sql<{ due: boolean }>("select weighed_at is null as due from evidence where fingerprint = decode($1, 'hex')", [
      print!.hash
    ])
    t.equal(held.length, 2)
    t.ok(
      held.some(({ due }) => due),
      'one of them at least'
    )
  }
})

t.test('P-1: what an account has proven is kept as evidence, also by a second address and by an invitation', async (t) => {
  const olga = await world.person('Olga', { email: 'olga.owner@gmail.com' })
  const kinds = async (person: { accountId: string }) =>
    (
      await world.sql<{ line: string }>(
        "select kind || ' ' || strong as line from evidence where account_id = $1 and source = 'email' order by 1",
        [uuid(person)]
      )
    ).map(({ line }) => line)
  t.strictSame(await kinds(olga), ['email true', 'mailbox true'])
  await world.post('/v1/me/emails', { email: 'olga@studio.example' }, olga.headers)
  const token = await world.mailedToken('olga@studio.example', 'gha')
  t.equal((await world.post('/v1/me/emails/olga@studio.example/verify', { token }, olga.headers)).statusCode, 200)
  t.strictSame(await kinds(olga), ['email true', 'email true', 'mailbox false', 'mailbox true'])
})

t.test('the database holds one claim of each fingerprint, one case of each pair, and what was decided', async (t) => {
  const [one, two] = [await somebody(), await somebody()]
  for (const each of [one, two]) await evidence(each, 'government_id', 'GUARDED001')
  const breaks = async (name: string, statement: string, values: unknown[] = []): Promise<void> => {
    await t.rejects(world.sql(statement, values), { constraint: name } as object as Error)
  }
  await breaks('evidence_one_claim', "update evidence set claim = true where account_id = $1 and kind = 'government_id'", [uuid(two)])
  await breaks('evidence_claim_is_proven', "update evidence set verified_at = null where account_id = $1 and kind = 'government_id'", [
    uuid(one)
  ])
  await breaks('evidence_claim_is_proven', "update evidence set claim = true where account_id = $1 and kind = 'ip'", [uuid(one)])
  await breaks('evidence_fingerprint_length', "update evidence set fingerprint = 'C01X00T47' where account_id = $1", [uuid(one)])
  const [found] = await casesOf(two)
  t.equal((await actionsOn(two)).length, 1)
  const copy = `insert into duplicate_cases (id, first_account_id, second_account_id, newer_account_id, kind, status, origin, evidence_kinds)
    values (gen_random_uuid(), $1, $2, $2, 'ordinary', 'open', 'score', '{}')`
  await breaks('duplicate_cases_one_per_pair', copy, [uuid(one), uuid(two)])
  await breaks('duplicate_cases_pair_in_order', copy, [uuid(two), uuid(one)])
  const set = (change: string): string => `update duplicate_cases set ${change} where second_account_id = $1`
  await breaks('duplicate_cases_decided_has_time', set("status = 'not_duplicate'"), [uuid(two)])
  await breaks('duplicate_cases_kept_one_of_pair', set("status = 'kept', decided_at = now()"), [uuid(two)])
  await breaks('duplicate_cases_choice_is_ordinary', set("kind = 'circumvention'"), [uuid(two)])
  await world.inject({
    method: 'POST',
    url: `/v1/duplicate-cases/${found!.id}/decision`,
    headers: operator.headers,
    payload: { decision: 'not_duplicate', reason: 'Two people.' }
  })
  await breaks('duplicate_cases_decided_once', set("status = 'circumvention'"), [uuid(two)])
  await breaks('duplicate_cases_decided_once', 'delete from duplicate_cases where second_account_id = $1', [uuid(two)])
})

t.test('P-1: addresses that were proven before evidence was kept are gathered, once', async (t) => {
  const people = [await somebody(), await somebody()]
  const ids = people.map(uuid)
  const kept = () =>
    world.sql(
      "select account_id, kind, strong, key_id, fingerprint from evidence where account_id = any($1) and source = 'email' order by 1, 2, 4",
      [ids]
    )
  const before = await kept()
  t.ok(before.length >= 4)
  await world.sql("delete from evidence where account_id = any($1) and source = 'email'", [ids])
  const { addresses } = await gatherEvidence(world.parts.db, world.parts.config.keys)
  t.ok(addresses >= people.length)
  t.strictSame(await kept(), before, 'as if it had been kept from the start')
  const due = await world.sql<{ n: number }>(
    "select count(*)::int as n from graphile_worker.jobs where task_identifier = 'weigh_evidence' and key = any($1)",
    [ids.map((id) => `weigh:${id}`)]
  )
  t.equal(due[0]!.n, people.length, 'and compared by the worker')
  await gatherEvidence(world.parts.db, world.parts.config.keys)
  t.strictSame(await kept(), before)
})
