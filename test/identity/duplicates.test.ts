import t from 'tap'
import { settleAfter } from '../../src/identity/settling.ts'
import { imposed } from '../support/enforcement.ts'
import { identities } from '../support/identity.ts'
import { openWorld } from '../support/world.ts'

// Everybody here signs in from one computer.
const world = await openWorld(t, { env: { EVIDENCE_CROWD: '200' } })
const { somebody, evidence, casesOf, enforcementOf, actionsOn, weighed, deadlinePasses, result, call, uuid, operator } =
  await identities(world)

t.test('P-5: the same government id restricts the newer account at once, and never the older', async (t) => {
  const [olga, again] = [await somebody('Olga'), await somebody('Again')]
  t.match((await evidence(olga, 'government_id', 'C01X00T47')).json(), { effect: 'none', cases: [], verified: true })
  const answer = await evidence(again, 'government_id', 'c01-x00 t47')
  t.equal(answer.statusCode, 201)
  const [found] = await casesOf(again)
  t.strictSame(answer.json(), {
    kind: 'government_id',
    verified: true,
    effect: 'restricted',
    cases: [{ id: found!.id, status: 'awaiting_choice', kind: 'ordinary' }]
  })
  t.match(found, {
    origin: 'strong',
    evidenceKinds: ['device', 'government_id', 'ip'],
    newerAccountId: again.accountId,
    accountIds: [olga.accountId, again.accountId]
  })
  t.strictSame(await actionsOn(again), ['restricted duplicate_account active'])
  t.strictSame([await enforcementOf(again), await enforcementOf(olga)], ['restricted', 'none'])
  const mails = (await world.mails(again.email)).map(({ subject }) => subject)
  t.ok(mails.includes('You seem to have another Guildhall account'), mails.join())
  t.notOk(
    (await world.mails(olga.email)).some(({ subject }) => /another/.test(subject)),
    'the older one is not bothered'
  )
})

t.test('P-5: it is the newer account whichever of the two shows its id last', async (t) => {
  const [older, newer] = [await somebody('Older'), await somebody('Newer')]
  await evidence(newer, 'tax_id', '12 345 678 903')
  t.match((await evidence(older, 'tax_id', '12345678903')).json(), { effect: 'restricted' })
  t.strictSame([await enforcementOf(newer), await enforcementOf(older)], ['restricted', 'none'])
})

t.test('P-5: a shared phone asks the newer account to verify, and restricts by the clock alone when the deadline passes', async (t) => {
  const [olga, otto] = [await somebody('Olga'), await somebody('Otto')]
  await evidence(olga, 'phone', '+49 151 23456789')
  t.match((await evidence(otto, 'phone', '0151/2345 6789', { country: 'DE' })).json(), { effect: 'verification_requested' })
  t.strictSame(await actionsOn(otto), ['restricted identity_unverified pending'])
  t.equal(await enforcementOf(otto), 'none')
  await deadlinePasses(otto)
  t.equal(await enforcementOf(otto), 'restricted')
  t.equal((await result(otto, 'verified')).statusCode, 200)
  t.equal(await enforcementOf(otto), 'none', 'verifying lifts it')
  t.strictSame(await actionsOn(otto), ['restricted identity_unverified lifted'])
})

t.test('P-5: unverified evidence reserves nothing and has no effect until it is verified', async (t) => {
  const [one, two] = [await somebody(), await somebody()]
  await evidence(one, 'government_id', 'UNPROVEN1', { verified: false })
  t.match((await evidence(two, 'government_id', 'UNPROVEN1')).json(), { effect: 'none', cases: [] })
  t.match(
    (await evidence(two, 'government_id', 'UNPROVEN1', { verified: false })).json(),
    { effect: 'none', verified: true },
    'stays verified'
  )
  const verified = await evidence(one, 'government_id', 'UNPROVEN1')
  t.strictSame([verified.statusCode, verified.json().effect], [200, 'restricted'])
  t.strictSame([await enforcementOf(one), await enforcementOf(two)], ['none', 'restricted'])
  t.match(
    (await evidence(one, 'government_id', 'UNPROVEN1')).json(),
    { effect: 'none', cases: [{ kind: 'ordinary' }] },
    'again changes nothing'
  )
})

t.test('P-6, P-7: a couple with one computer, one flat and one phone is not restricted, and two ids settle it', async (t) => {
  const [anna, ben] = [await somebody('Anna'), await somebody('Ben')]
  await weighed(anna)
  await weighed(ben)
  for (const one of [anna, ben]) {
    t.match((await evidence(one, 'address', 'Lindenstraße 5, 10969 Berlin', { verified: false })).json(), { effect: 'none' })
    await evidence(one, 'phone', '+49 30 901820')
  }
  const [found] = await casesOf(ben)
  t.match(found, { kind: 'ordinary', status: 'awaiting_choice', evidenceKinds: ['address', 'device', 'ip', 'phone'], score: 45 })
  t.strictSame([await enforcementOf(anna), await enforcementOf(ben)], ['none', 'none'])
  await evidence(anna, 'government_id', 'ANNA10001')
  t.equal((await casesOf(ben))[0]!.status, 'awaiting_choice')
  t.match((await evidence(ben, 'government_id', 'BEN200002')).json(), {
    effect: 'case_closed',
    cases: [{ id: found!.id, status: 'not_duplicate' }]
  })
  t.match((await casesOf(ben))[0], { status: 'not_duplicate', decidedBy: { kind: 'system' } })
  t.strictSame(await actionsOn(ben), ['restricted identity_unverified lifted'])
  t.equal((await evidence(ben, 'payout_account', 'DE89 3704 0044 0532 0130 00')).json().effect, 'none')
  t.match(
    (await evidence(anna, 'payout_account', 'DE89370400440532013000')).json(),
    { effect: 'none', cases: [{ status: 'not_duplicate' }] },
    'for ever'
  )
})

t.test('P-7: two ids lift a restriction that has begun', async (t) => {
  const [one, two] = [await somebody(), await somebody()]
  await evidence(one, 'phone', '+49 151 10000009')
  await evidence(two, 'phone', '+49 151 10000009')
  await deadlinePasses(two)
  t.equal(await enforcementOf(two), 'restricted')
  await evidence(one, 'government_id', 'FIRST0001')
  t.match((await evidence(two, 'government_id', 'SECOND002')).json(), { effect: 'case_closed' })
  t.equal(await enforcementOf(two), 'none')
  const [three, four] = [await somebody(), await somebody()]
  await evidence(three, 'government_id', 'THIRD0003')
  await evidence(four, 'government_id', 'FOURTH004')
  await evidence(three, 'phone', '+49 151 10000001')
  t.match((await evidence(four, 'phone', '+49 151 10000001')).json(), { effect: 'none', cases: [] }, 'known to be two: nothing is raised')
})

t.test('P-6: weak evidence over the threshold is a case for review, without any effect and shown to nobody', async (t) => {
  const [one, two] = [await somebody(), await somebody()]
  for (const each of [one, two]) await evidence(each, 'device', 'canvas 7f3a 99b1', { verified: false })
  await evidence(one, 'name_birth_date', 'Anna Maria Schmidt', { verified: false })
  const answer = await evidence(two, 'name_birth_date', 'SCHMIDT, Anna  Maria', { verified: false })
  t.match(answer.json(), { effect: 'case_opened', cases: [{ status: 'open', kind: 'ordinary' }] })
  t.match((await casesOf(two))[0], { origin: 'score', status: 'open', score: 70, evidenceKinds: ['device', 'ip', 'name_birth_date'] })
  t.strictSame(await actionsOn(two), [])
  t.equal((await call('GET', '/v1/me/duplicate-case', two)).statusCode, 404)
  t.match((await evidence(one, 'government_id', 'SAMEONE01')).json(), { effect: 'none' })
  t.match(
    (await evidence(two, 'government_id', 'SAMEONE01')).json(),
    { effect: 'restricted', cases: [{ status: 'awaiting_choice' }] },
    'escalates'
  )
  t.match((await casesOf(two))[0], { origin: 'strong' })
})

t.test('P-8: strong evidence of a suspended or banned account is a circumvention; the person is told how to appeal', async (t) => {
  for (const kind of ['suspended', 'banned']) {
    const [barred, evader] = [await somebody('Barred'), await somebody('Evader')]
    await evidence(barred, 'government_id', `EVADE${kind}1`)
    await imposed(world, uuid(barred), kind)
    t.match((await evidence(evader, 'government_id', `EVADE${kind}1`)).json(), {
      effect: 'restricted',
      cases: [{ kind: 'circumvention', status: 'open' }]
    })
    t.strictSame(await actionsOn(evader), ['restricted ban_evasion active'])
    const mail = (await world.mails(evader.email)).find(({ subject }) => /another Guildhall account/.test(subject))
    t.match(mail?.text, /suspended or banned/)
    t.match(mail?.text, /appeal#token=account_/)
    t.match((await call('GET', '/v1/me/duplicate-case', evader)).json(), {
      kind: 'circumvention',
      options: [{ does: 'verify_identity' }, { does: 'appeal' }]
    })
    await evidence(barred, 'government_id', `OTHER${kind}9`)
    t.equal((await casesOf(evader))[0]!.status, 'open', 'a second id that is not shared does not part them: they share one')
  }
})

t.test('P-8: the older account of somebody who is banned elsewhere is only put before an operator', async (t) => {
  const [older, newer] = [await somebody(), await somebody()]
  await evidence(newer, 'government_id', 'OLDERLIVES1')
  await imposed(world, uuid(newer), 'banned')
  t.match((await evidence(older, 'government_id', 'OLDERLIVES1')).json(), {
    effect: 'case_opened',
    cases: [{ kind: 'circumvention', status: 'open' }]
  })
  t.strictSame(await actionsOn(older), [])
})

t.test('P-7, P-8: two ids part somebody from a banned account as well; a phone alone restricts by the clock', async (t) => {
  const [barred, other] = [await somebody(), await somebody()]
  await evidence(barred, 'phone', '+49 151 80000001')
  await evidence(barred, 'government_id', 'BARRED0001')
  await imposed(world, uuid(barred), 'banned')
  t.match((await evidence(other, 'phone', '+49 151 80000001')).json(), {
    effect: 'verification_requested',
    cases: [{ kind: 'circumvention' }]
  })
  t.match((await evidence(other, 'government_id', 'OTHER00002')).json(), { effect: 'case_closed', cases: [{ status: 'not_duplicate' }] })
  t.strictSame(await actionsOn(other), ['restricted identity_unverified lifted'])
})

t.test('P-8: a suspension turns the open case of its account into a circumvention', async (t) => {
  const [olga, otto] = [await somebody(), await somebody()]
  for (const each of [olga, otto]) await evidence(each, 'government_id', 'TURNS00001')
  t.match((await casesOf(otto))[0], { kind: 'ordinary', status: 'awaiting_choice' })
  await weighed(olga)
  const imposing = { kind: 'suspended', reasonCode: 'payment_fraud' }
  t.equal((await call('POST', `/v1/accounts/${olga.accountId}/enforcement`, operator, imposing)).statusCode, 201)
  t.match(await weighed(olga), { cases: [{ kind: 'circumvention', status: 'open' }] })
  t.strictSame(await actionsOn(otto), ['restricted duplicate_account active'], 'restricted once')
  t.ok(
    (await world.mails(otto.email)).some(({ text }) => /suspended or banned/.test(text)),
    'and told'
  )
})

t.test('P-8: it holds after the banned account was erased, by the tombstones that stay', async (t) => {
  const banned = await world.person('Gone', { email: 'gone.person@gmail.com' })
  await weighed(banned)
  await evidence(banned, 'phone', '+49 151 77777777')
  await imposed(world, uuid(banned), 'banned')
  await world.sql(`update accounts set status = 'anonymised', closed_at = now(), first_name = '', last_name = '' where id = $1`, [
    uuid(banned)
  ])
  await world.sql('delete from emails where account_id = $1', [uuid(banned)])
  const back = await world.person('Back', { email: 'gone.person@gmail.com' })
  t.match(await weighed(back), {
    effect: 'verification_requested',
    cases: [{ kind: 'circumvention', evidenceKinds: ['device', 'email', 'ip', 'mailbox'] }]
  })
  const phone = await somebody()
  t.match((await evidence(phone, 'phone', '+49 151 77777777')).json(), {
    effect: 'verification_requested',
    cases: [{ kind: 'circumvention' }]
  })
})

t.test('P-1, P-5: another spelling of a mailbox is a case where the provider is known, and a hint elsewhere', async (t) => {
  const known = await world.person('Mia', { email: 'mia.meyer@gmail.com' })
  await weighed(known)
  const again = await world.person('Mia', { email: 'miameyer+work@googlemail.com' })
  t.match(await weighed(again), {
    effect: 'verification_requested',
    cases: [{ status: 'awaiting_choice', evidenceKinds: ['device', 'ip', 'mailbox'] }]
  })
  const elsewhere = await world.person('Lea', { email: 'lea@studio.example' })
  await weighed(elsewhere)
  const tagged = await world.person('Lea', { email: 'lea+jobs@studio.example' })
  t.match(await weighed(tagged), { effect: 'none', cases: [] }, 'a computer, an address and a tag: below the threshold')
})

t.test('P-5: whoever opens a closed account again has two, if they made another meanwhile', async (t) => {
  const [first, second] = [await somebody(), await somebody()]
  await evidence(first, 'phone', '+49 151 92000001')
  t.equal((await world.post('/v1/me/closure', {}, first.headers)).statusCode, 200)
  t.match(await weighed(first), { effect: 'none', cases: [] })
  t.match((await evidence(second, 'phone', '+49 151 92000001')).json(), { effect: 'none', cases: [] })
  await evidence(first, 'address', 'Lange Gasse 12, 10115 Berlin')
  await evidence(second, 'address', 'Lange Gasse 12, 10115 Berlin')
  await world.post('/v1/reactivations', { email: first.email })
  t.equal((await world.post('/v1/reactivations/confirm', { token: await world.mailedToken(first.email, 'ghb') })).statusCode, 200)
  t.match(await weighed(first), { effect: 'verification_requested', cases: [{ kind: 'ordinary', status: 'awaiting_choice' }] })
  t.match((await casesOf(first))[0]!.evidenceKinds, ['address', 'device', 'ip', 'phone'], 'also what was told while it was closed')
  t.strictSame([await actionsOn(first), await actionsOn(second)], [[], ['restricted identity_unverified pending']])
})

t.test('P-8: nobody gets rid of a restriction by closing the account that has it', async (t) => {
  const [older, newer] = [await somebody(), await somebody()]
  await evidence(older, 'government_id', 'WASHED0001')
  await imposed(world, uuid(older), 'restricted')
  t.equal((await world.post('/v1/me/closure', {}, older.headers)).statusCode, 200)
  await weighed(older)
  t.match((await evidence(newer, 'government_id', 'WASHED0001')).json(), {
    effect: 'restricted',
    cases: [{ kind: 'circumvention', status: 'open' }]
  })
  t.strictSame(await actionsOn(newer), ['restricted ban_evasion active'])
  const [third, fourth] = [await somebody(), await somebody()]
  for (const each of [third, fourth]) await evidence(each, 'government_id', 'WASHED0002')
  await imposed(world, uuid(third), 'restricted')
  t.equal((await world.post('/v1/me/closure', {}, third.headers)).statusCode, 200)
  await weighed(third)
  t.match((await casesOf(fourth))[0], { kind: 'circumvention', status: 'open' }, 'nor is closing it a choice then')
  t.equal(await enforcementOf(fourth), 'restricted')
})

t.test('P-7 at most fifty others are locked at once: the job goes on with the rest', async (t) => {
  const one = await somebody()
  const others = await world.sql<{ id: string }>(
    `insert into accounts (id, status, first_name, last_name, country_code, intent, locale, password_hash, pepper_id, password_stands_alone, activated_at, closed_at)
      select uuidv7(), 'closed', first_name, last_name, country_code, intent, locale, password_hash, pepper_id, password_stands_alone, activated_at, now() from accounts, generate_series(1, 51)
      where id = $1 returning id`,
    [uuid(one)]
  )
  const ids = others.map(({ id }) => id)
  await world.sql(
    `insert into duplicate_cases (id, first_account_id, second_account_id, newer_account_id, kind, status, origin, evidence_kinds)
      select uuidv7(), least(id, $1), greatest(id, $1), greatest(id, $1), 'ordinary', 'open', 'score', '{phone}' from unnest($2::uuid[]) id`,
    [uuid(one), ids]
  )
  await world.sql(
    `insert into evidence (account_id, kind, key_id, fingerprint, strong, country, document_type, source, verified_at)
      select o.id, 'government_id', k.id, sha256(o.id::text::bytea), true, 'DE', 'passport', 'verification', now()
      from unnest($1::uuid[]) o (id), (select key_id as id from evidence where account_id = $2 limit 1) k`,
    [ids, uuid(one)]
  )
  const open = async () =>
    (
      await world.sql<{ id: string }>(
        "select id from duplicate_cases where status = 'open' and (second_account_id = any($1) or first_account_id = any($1))",
        [ids]
      )
    ).length
  await evidence(one, 'government_id', 'MANYCASES1')
  t.equal(await open(), 1)
  const [job] = await world.sql<{ payload: { accountId: string; after: string } }>(
    'select payload from graphile_worker._private_jobs where key like $1',
    [`settle:${uuid(one)}:%`]
  )
  await settleAfter(world.parts, job!.payload.accountId, job!.payload.after)
  t.equal(await open(), 0)
})

t.test('P-5: an account beside one that its person has closed is nobody’s business', async (t) => {
  const [closed, newer] = [await somebody(), await somebody()]
  await evidence(closed, 'government_id', 'CLOSEDONE1')
  await world.sql(`update accounts set status = 'closed', closed_at = now() where id = $1`, [uuid(closed)])
  t.match((await evidence(newer, 'government_id', 'CLOSEDONE1')).json(), { effect: 'none', cases: [] })
  await imposed(world, uuid(closed), 'banned')
  await world.sql('update evidence set weighed_at = null where account_id = $1', [uuid(closed)])
  t.match(await weighed(closed), { effect: 'restricted', cases: [{ kind: 'circumvention' }] }, 'until it turns out that it was bad')
  t.equal(await enforcementOf(newer), 'restricted')
})

t.test('P-7: ids of two types or countries prove nothing, nor do two that differ beside one that is the same', async (t) => {
  const [card, abroad, taxed] = [{ documentType: 'national_id' }, { country: 'FR' }, {}]
  for (const [index, more] of [card, abroad].entries()) {
    const [one, two] = [await somebody(), await somebody()]
    for (const each of [one, two]) await evidence(each, 'phone', `+49 151 9100000${index}`)
    await evidence(one, 'government_id', `APART${index}0000`)
    t.match((await evidence(two, 'government_id', `OTHER${index}0000`, more)).json(), { effect: 'none' }, JSON.stringify(more))
    t.match((await casesOf(two))[0], { status: 'awaiting_choice' })
    t.match(await actionsOn(two), ['restricted identity_unverified pending'])
    await result(two, 'verified')
    t.match(await actionsOn(two), ['restricted identity_unverified lifted'], 'verifying helps as before')
  }
  const [one, two] = [await somebody(), await somebody()]
  await evidence(one, 'government_id', 'TAXED0001')
  for (const each of [one, two]) await evidence(each, 'tax_id', '12345678903')
  t.equal(await enforcementOf(two), 'restricted')
  await evidence(two, 'government_id', 'TAXED0002', taxed)
  t.match((await casesOf(two))[0], { status: 'awaiting_choice' }, 'one tax id is one person')
  t.equal(await enforcementOf(two), 'restricted')
})
