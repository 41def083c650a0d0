import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { system } from '../../src/actor.ts'
import { type Anchor, anchorAudit } from '../../src/audit/anchors.ts'
import { record } from '../../src/audit/record.ts'
import { verifyAudit } from '../../src/audit/verify.ts'
import { openWorld, rounds } from '../support/world.ts'

const folder = t.testdir({})
const anchorFile = join(folder, 'anchors.jsonl')
const world = await openWorld(t, { instances: 2, env: { AUDIT_ANCHOR_FILE: anchorFile } })
const { db } = world.parts
const quiet = { info: () => undefined }
const verify = async (outside = false): Promise<string[]> => (await verifyAudit(db, outside ? anchorFile : undefined)).faults

/** Writes rows into the chain of one account; the last has personal values. */
async function writeRows(chainId: string, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await db.transaction((tx) =>
      record(tx, {
        actor: system,
        chain: { kind: 'account', id: chainId },
        action: `thing.${n}`,
        resource: 'thing',
        detail: { n, text: 'ünïcode "quoted" \\ 😀', nested: { b: 1, a: [1.5, null, true] } },
        ...(n === count ? { personal: { zeta: 'Olga', alpha: 'Okafor', list: ['a', { b: 'ß' }] } } : {})
      })
    )
  }
}

/** Changes the audit as somebody would who has the whole database: no trigger stops them. Puts everything back. */
async function tampered(statement: string, values: unknown[], outside = false): Promise<string[]> {
  await world.sql(
    'create table if not exists kept_events as select * from audit_events; create table if not exists kept_chains as select * from audit_chains; create table if not exists kept_personal as select * from audit_personal; create table if not exists kept_anchors as select * from audit_anchors'
  )
  const forced = (text: string): string => `set session_replication_role = replica; ${text}; set session_replication_role = origin`
  const quoted = values.reduce<string>((text, value, n) => text.replaceAll(`$${n + 1}`, `'${String(value)}'`), statement)
  await world.sql(forced(quoted))
  const faults = await verify(outside)
  await world.sql(
    forced(
      ['events', 'chains', 'personal', 'anchors']
        .map((name) => `delete from audit_${name}; insert into audit_${name} select * from kept_${name}; drop table kept_${name}`)
        .join('; ')
    )
  )
  return faults
}

/** The hash that a row should have, as the trigger computes it: what a careful forger would write. */
const rehash = `update audit_events e set hash = sha256(previous_hash || convert_to(audit_event_text(e), 'UTF8'))`

t.test('every account has its own chain, and all of them are whole', async (t) => {
  const people = [await world.person('Olga'), await world.person('Otto')]
  await world.operator()
  const report = await verifyAudit(db)
  t.strictSame(report.faults, [])
  const chains = await world.sql<{ kind: string; rows: number; last: number }>(
    'select chain_kind as kind, count(*)::int as rows, max(sequence)::int as last from audit_events group by chain_kind, chain_id'
  )
  t.equal(chains.filter(({ kind }) => kind === 'account').length, people.length)
  t.ok(
    chains.every(({ rows, last }) => rows === last),
    'numbered without gaps'
  )
  t.equal(report.chains, chains.length)
  t.equal(
    report.events,
    chains.reduce((sum, { rows }) => sum + rows, 0)
  )
})

t.test('the verifier finds any row that was edited, removed, moved or put in', async (t) => {
  const chain = randomUUID()
  await writeRows(chain, 5)
  t.strictSame(await verify(), [])
  const of = `chain_id = $1`
  const edits: Record<string, string> = {
    action: `action = 'other'`,
    resource: `resource = 'other'`,
    detail: `detail = detail || '{"n": 9}'`,
    'the order of time': `at = at + interval '1 millisecond'`,
    actor: `actor_kind = 'operator'`,
    'who it was': `actor_id = 'account_x'`,
    'the request': `request_id = null`,
    'the personal digest': `personal_digest = ''`,
    'its id': `id = gen_random_uuid()`
  }
  for (const [what, edit] of Object.entries(edits)) {
    t.match(await tampered(`update audit_events set ${edit} where ${of} and sequence = 3`, [chain]), [/number 3 was changed$/], what)
  }
  const cases: Array<[string, string, RegExp[]]> = [
    [
      'edited, with a hash that fits',
      `update audit_events set action = 'other' where ${of} and sequence = 3; ${rehash} where ${of} and sequence = 3`,
      [/number 4 does not follow/]
    ],
    [
      'the last one edited, with a hash that fits',
      `update audit_events set action = 'other' where ${of} and sequence = 5; ${rehash} where ${of} and sequence = 5`,
      [/does not end where it should/]
    ],
    ['removed', `delete from audit_events where ${of} and sequence = 2`, [/rows are missing before number 3/]],
    ['the first one removed', `delete from audit_events where ${of} and sequence = 1`, [/rows are missing before number 2/]],
    ['the tail removed', `delete from audit_events where ${of} and sequence >= 4`, [/does not end where it should/]],
    ['all removed', `delete from audit_events where ${of}`, [/all its rows are missing/]],
    [
      'swapped',
      `drop index audit_events_one_sequence; update audit_events set sequence = 5 - sequence where ${of} and sequence in (2, 3); create unique index audit_events_one_sequence on audit_events (chain_kind, chain_id, sequence)`,
      [/number 2 does not follow/, /number 2 was changed/, /number 3 does not follow/, /number 3 was changed/, /number 4 does not follow/]
    ],
    [
      'removed and renumbered',
      `delete from audit_events where ${of} and sequence = 4; update audit_events set sequence = 4 where ${of} and sequence = 5`,
      [/number 4 does not follow/, /number 4 was changed/, /does not end/]
    ],
    [
      'put in at the end',
      `insert into audit_events select gen_random_uuid(), chain_kind, chain_id, 6, at, actor_kind, actor_id, 'forged', resource, request_id, detail, null, hash, '' from audit_events where ${of} and sequence = 5; ${rehash} where ${of} and sequence = 6`,
      [/does not end where it should/]
    ],
    [
      'a chain of its own',
      `insert into audit_events select gen_random_uuid(), 'account', gen_random_uuid(), 1, at, actor_kind, actor_id, 'forged', resource, request_id, detail, null, '', '' from audit_events where ${of} and sequence = 1; ${rehash} where action = 'forged'`,
      [/does not end where it should/]
    ],
    ['moved to another chain', `update audit_events set chain_id = gen_random_uuid() where ${of} and sequence = 5`, [/./, /./, /./, /./]],
    [
      'the end moved back',
      `update audit_chains set sequence = 4, hash = (select hash from audit_events where ${of} and sequence = 4) where ${of}`,
      [/does not end where it should/]
    ],
    ['the end removed', `delete from audit_chains where ${of}`, [/does not end where it should/]]
  ]
  for (const [what, statement, faults] of cases) {
    const found = await tampered(statement, [chain])
    t.equal(found.length >= 1 && found.length, faults.length, `${what}: ${found.join('; ')}`)
    for (const fault of faults)
      t.ok(
        found.some((line) => fault.test(line)),
        `${what}: ${fault}`
      )
  }
  t.strictSame(await verify(), [], 'as it was, all is well')
})

t.test('personal values can be erased and the chain stays whole; changed ones are found', async (t) => {
  const chain = randomUUID()
  await writeRows(chain, 2)
  const event = '(select id from audit_events where chain_id = $1 and sequence = 2)'
  t.match(await tampered(`update audit_personal set values = values || '{"alpha": "Else"}' where event_id = ${event}`, [chain]), [
    /personal values of number 2 were changed/
  ])
  t.match(await tampered(`update audit_personal set salt = '\\x00' where event_id = ${event}`, [chain]), [
    /personal values of number 2 were changed/
  ])
  t.match(
    await tampered(`insert into audit_personal select id, '\\x00', '{}' from audit_events where chain_id = $1 and sequence = 1`, [chain]),
    [/personal values of number 1 were changed/]
  )
  await world.asService('delete from audit_personal where event_id in (select id from audit_events where chain_id = $1)', [chain])
  t.strictSame(await verify(), [])
  const [row] = await world.sql<{ text: string; digest: Buffer }>(
    'select audit_event_text(e) as text, personal_digest as digest from audit_events e where chain_id = $1 and sequence = 2',
    [chain]
  )
  t.notMatch(row!.text, /Olga|Okafor/)
  t.equal(row!.digest.length, 32)
})

t.test('an anchor outside finds even a chain that was rewritten whole', async (t) => {
  const chain = randomUUID()
  await writeRows(chain, 3)
  await world.sql(
    `set session_replication_role = replica; update audit_events set at = at - interval '2 minutes'; set session_replication_role = origin`
  )
  t.equal((await anchorAudit(world.parts, quiet))?.rows, 0, 'what is younger than three minutes is not settled yet')
  await world.sql(`insert into audit_anchors (until, "from", rows, digest) values (now() + interval '1 hour', now(), 0, '')`)
  t.equal(await anchorAudit(world.parts, quiet), undefined, 'nothing is anchored twice')
  // As if it all had happened an hour ago, anchors included.
  await world.sql(
    `set session_replication_role = replica; delete from audit_anchors; update audit_events set at = at - interval '1 hour'; set session_replication_role = origin`
  )
  await rewriteChains()
  const anchor = (await anchorAudit(world.parts, quiet))!
  const [count] = await world.sql<{ count: number }>('select count(*)::int as count from audit_events')
  t.match(anchor, { from: '-infinity', rows: count!.count, digest: /^[0-9a-f]{64}$/ })
  const kept = readFileSync(anchorFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Anchor)
  t.same(kept.at(-1), anchor, 'one line in the file')
  writeFileSync(anchorFile, `${JSON.stringify(anchor)}\n`)
  t.same((await verifyAudit(db, anchorFile)).anchors, 2, 'the one inside and the one outside')
  t.strictSame(await verify(true), [])

  const rewrite = `update audit_events set action = 'rewritten' where chain_id = $1 and sequence = 2; ${rewriting}`
  t.match(
    await tampered(rewrite, [chain]),
    [/^anchor until .*: \d+ rows were anchored, \d+ are there, and not the same$/],
    'the anchor inside finds it'
  )
  const withoutAnchors = `${rewrite}; delete from audit_anchors`
  t.strictSame(await tampered(withoutAnchors, [chain]), [], 'a whole database rewritten tells nothing by itself')
  t.match(await tampered(withoutAnchors, [chain], true), [/and not the same$/], 'the anchor outside does')
  t.match(
    await tampered(
      `delete from audit_events where chain_id = $1; delete from audit_chains where chain_id = $1; delete from audit_personal; delete from audit_anchors`,
      [chain],
      true
    ),
    [/\d+ rows were anchored, \d+ are there$/]
  )
  await writeRows(randomUUID(), 1)
  t.strictSame(await verify(true), [], 'what comes later changes no anchor')
  await t.rejects(verifyAudit(db, join(folder, 'none.jsonl')), { code: 'ENOENT' })
})

t.test('at once: fifty writers on one chain keep it whole', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const chain = randomUUID()
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        world.allParts[n % 2]!.db.transaction((tx) =>
          record(tx, { actor: system, chain: { kind: 'account', id: chain }, action: `writer.${n}`, resource: 'thing' })
        )
      )
    )
    const rows = await world.sql<{ sequence: number; action: string }>(
      'select sequence::int as sequence, action from audit_events where chain_id = $1 order by sequence',
      [chain]
    )
    t.strictSame(
      rows.map(({ sequence }) => sequence),
      Array.from({ length: 50 }, (_, n) => n + 1)
    )
    t.equal(new Set(rows.map(({ action }) => action)).size, 50)
  }
  t.strictSame(await verify(true), [])
})

t.test('no act without its row, no row without its act', async (t) => {
  const chain = randomUUID()
  const undone = db.transaction(async (tx) => {
    await record(tx, {
      actor: system,
      chain: { kind: 'account', id: chain },
      action: 'undone',
      resource: 'thing',
      personal: { name: 'Olga' },
      event: { after: {} }
    })
    throw new Error('and then it failed')
  })
  await t.rejects(undone)
  const left = await world.sql(
    `select 1 from audit_events where chain_id = $1 union all select 1 from audit_chains where chain_id = $1 union all select 1 from events where type = 'undone'`,
    [chain]
  )
  t.strictSame(left, [])
})

t.test('audit rows and events hold ids and states, never a name, an address or a token', async (t) => {
  const olga = await world.person('Nora', { email: 'nora.secret@example.com' })
  await world.inject({ method: 'PATCH', url: '/v1/me', payload: { firstName: 'Honoria' }, headers: { ...olga.headers, 'if-match': '"1"' } })
  await world.post('/v1/me/emails', { email: 'second.secret@example.com' }, olga.headers)
  await world.signIn({ email: olga.email, password: 'wrong and wrong again' })
  await world.post('/v1/password-resets', { email: olga.email })
  await world.mails()
  const rows = await world.sql<{ text: string }>('select e::text as text from audit_events e union all select e::text from events e')
  const all = rows.map(({ text }) => text).join('\n')
  t.ok(rows.length > 10)
  t.notMatch(all, /secret@example|Honoria|Novak|gh[a-z]_\w{40}|eyJ[\w-]{20}/)
})

const rewriting = `do $rewrite$ declare chain record; event record; before bytea; begin
  for chain in select distinct chain_kind, chain_id from audit_events loop
    before := '';
    for event in select * from audit_events where chain_kind = chain.chain_kind and chain_id = chain.chain_id order by sequence loop
      update audit_events e set previous_hash = before, hash = sha256(before || convert_to(audit_event_text(e), 'UTF8')) where id = event.id returning hash into before;
    end loop;
    update audit_chains set hash = before where chain_kind = chain.chain_kind and chain_id = chain.chain_id;
  end loop; end $rewrite$`

/** What somebody with the whole database could do: every hash computed anew. */
async function rewriteChains(): Promise<void> {
  await world.sql(`set session_replication_role = replica; ${rewriting}; set session_replication_role = origin`)
}
