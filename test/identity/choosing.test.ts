import t, { type Test } from 'tap'
import { newId, publicId } from '../../src/http/ids.ts'
import { imposed, returning } from '../support/enforcement.ts'
import { identities } from '../support/identity.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t, { instances: 2, env: { EVIDENCE_CROWD: '200', LOCK_TIMEOUT_MS: '10000' } })
const { somebody, evidence, casesOf, enforcementOf, actionsOn, weighed, deadlinePasses, call, uuid, decide, operator } =
  await identities(world)
const { found, send, ok } = organizations(world)

const path = '/v1/me/duplicate-case'
const proof = async (person: Person): Promise<string> =>
  ((await ok(call('POST', `${path}/proof`, person, {}))).json() as { proof: string }).proof
const choose = (person: Person, choice: object, instance = 0) => call('POST', `${path}/choice`, person, choice, instance)
const statusOf = async (person: Person): Promise<string> =>
  (await world.sql<{ status: string }>('select status from accounts where id = $1', [uuid(person)]))[0]!.status
let count = 0
/** Two accounts of one person: the newer is restricted. */
async function twins(): Promise<[older: Person, newer: Person]> {
  const pair: [Person, Person] = [await somebody('Olga'), await somebody('Otto')]
  for (const each of pair) await evidence(each, 'government_id', `TWIN${1000 + count}X`)
  count++
  return pair
}
const stale = (person: Person) =>
  world.sql("update sessions set authenticated_at = now() - interval '1 hour' where account_id = $1", [uuid(person)])

t.test('P-9: each side sees the case, with the other account as a masked label without id', async (t) => {
  const [older, newer] = await twins()
  const year = new Date().getUTCFullYear()
  const [file] = await casesOf(newer)
  const seen = (await ok(call('GET', path, newer))).json()
  t.match(seen, {
    id: file!.id,
    status: 'awaiting_choice',
    kind: 'ordinary',
    otherAccount: `o•••@•••.com, since ${year}`,
    thisIsNewer: true,
    verifyBy: null
  })
  t.strictSame(
    seen.options.map(({ does }: { does: string }) => does),
    ['give_up_this', 'keep_this', 'verify_identity', 'appeal']
  )
  t.notMatch(JSON.stringify(seen), new RegExp(`${older.accountId}|${older.email}`))
  t.match((await call('GET', path, older)).json(), {
    id: file!.id,
    thisIsNewer: false,
    options: [{ does: 'give_up_this' }, { does: 'keep_this' }]
  })
  refused(t, await call('GET', path, await somebody()), 404, 'not_found')
  refused(t, await world.inject({ url: path }), 401, 'not_signed_in')
})

t.test('P-9: giving up the account that one is signed in to keeps the other, and lifts what the case has caused', async (t) => {
  const [older, newer] = await twins()
  t.strictSame((await ok(choose(older, { giveUp: 'this' }))).json(), {
    id: (await casesOf(newer))[0]!.id,
    kind: 'ordinary',
    status: 'kept',
    kept: 'other'
  })
  t.strictSame([await statusOf(older), await statusOf(newer), await enforcementOf(newer)], ['closed', 'active', 'none'])
  t.match((await casesOf(newer))[0], {
    status: 'kept',
    keptAccountId: newer.accountId,
    decidedBy: { kind: 'account', id: older.accountId }
  })
  t.strictSame(await actionsOn(newer), ['restricted duplicate_account lifted'])
  refused(t, await call('GET', path, newer), 404, 'not_found')
  refused(t, await choose(newer, { giveUp: 'this' }), 404, 'not_found')
  t.match((await evidence(newer, 'tax_id', '77665544332')).json(), { effect: 'none', cases: [] })
})

t.test('P-9: keeping this account and closing the other takes the proof of signing in to that one too', async (t) => {
  const [older, newer] = await twins()
  refused(t, await choose(newer, { keep: 'this' }), 400, 'invalid_input')
  refused(t, await choose(newer, { keep: 'this', giveUp: 'this', proof: await proof(older) }), 400, 'invalid_input')
  refused(t, await choose(newer, { keep: 'this', proof: `ghd_${'A'.repeat(49)}` }), 410, 'token_dead')
  refused(t, await choose(newer, { keep: 'this', proof: await proof(newer) }), 404, 'not_found', 'the proof of this account itself')
  refused(t, await choose(newer, { keep: 'this', proof: await proof(await somebody()) }), 404, 'not_found', "a stranger's")
  const old = await proof(older)
  const fresh = await proof(older)
  refused(t, await choose(newer, { keep: 'this', proof: old }), 410, 'token_dead', 'a newer one ends it')
  await world.sql('update duplicate_proofs set expires_at = now() where account_id = $1', [uuid(older)])
  refused(t, await choose(newer, { keep: 'this', proof: fresh }), 410, 'token_dead', 'its ten minutes are over')
  t.match((await ok(choose(newer, { keep: 'this', proof: await proof(older) }))).json(), { status: 'kept', kept: 'this' })
  t.strictSame([await statusOf(older), await statusOf(newer), await enforcementOf(newer)], ['closed', 'active', 'none'])
  t.equal((await call('GET', '/v1/me', older)).statusCode, 401, 'its sessions have ended')
})

t.test(
  'P-9 409 closure_blocked: closing goes through its guards, also when the other account is closed; the proof is not used up',
  async (t) => {
    const [older, newer] = await twins()
    const company = await found(older)
    const member = await somebody()
    await ok(world.post(`${company.url}/invitations`, { email: member.email }, older.headers))
    await ok(world.post('/v1/invitations/accept', { token: await world.mailedToken(member.email, 'ghi') }, member.headers))
    const kept = await proof(older)
    for (const answer of [await choose(older, { giveUp: 'this' }), await choose(newer, { keep: 'this', proof: kept })]) {
      refused(t, answer, 409, 'closure_blocked')
      t.ok(answer.json().blockers.length > 0)
    }
    t.match((await casesOf(newer))[0], { status: 'awaiting_choice' })
    t.equal(await enforcementOf(newer), 'restricted')
    t.match((await ok(choose(newer, { giveUp: 'this' }))).json(), { kept: 'other' })
    t.equal(await statusOf(newer), 'closed')
  }
)

t.test('P-9 401: choosing, proving and reporting need a recent sign-in', async (t) => {
  const [older, newer] = await twins()
  const good = await proof(older)
  await stale(newer)
  for (const answer of [
    await choose(newer, { giveUp: 'this' }),
    await call('POST', `${path}/proof`, newer, {}),
    await call('POST', path, newer, { proof: good })
  ])
    refused(t, answer, 401, 'reauthentication_required')
  refused(t, await world.inject({ method: 'POST', url: `${path}/choice`, payload: { giveUp: 'this' } }), 401, 'not_signed_in')
})

t.test('P-9: reporting one’s own duplicate opens the choice, and is not penalised before its deadline', async (t) => {
  const [older, newer] = [await somebody('Olga'), await somebody('Otto')]
  refused(t, await call('POST', path, newer, { proof: await proof(newer) }), 422, 'same_account')
  refused(t, await call('POST', path, newer, { proof: `ghd_${'A'.repeat(49)}` }), 410, 'token_dead')
  refused(t, await call('POST', path, newer, {}), 400, 'invalid_input')
  const good = await proof(older)
  const answer = await call('POST', path, newer, { proof: good })
  t.equal(answer.statusCode, 201)
  t.match(answer.json(), { kind: 'ordinary', status: 'awaiting_choice', kept: null })
  refused(t, await choose(newer, { keep: 'this', proof: good }), 410, 'token_dead', 'a proof is good once')
  t.match((await casesOf(newer))[0], { origin: 'reported', evidenceKinds: [] })
  for (const each of [older, newer]) await evidence(each, 'phone', '+49 151 93000001')
  t.match((await casesOf(newer))[0], { origin: 'reported', status: 'awaiting_choice', evidenceKinds: ['device', 'ip', 'phone'] })
  t.strictSame([await actionsOn(older), await actionsOn(newer)], [[], ['restricted duplicate_account pending']], 'nor asked to verify')
  t.equal((await call('POST', path, older, { proof: await proof(newer) })).statusCode, 200, 'from the other side it is the same case')
  await ok(choose(newer, { keep: 'this', proof: await proof(older) }))
  const [third, fourth] = await twins()
  await decide((await casesOf(fourth))[0]!.id, 'not_duplicate')
  refused(t, await call('POST', path, third, { proof: await proof(fourth) }), 409, 'case_decided')
})

t.test('P-9 409, 410: a circumvention leaves no choice, nor does an account that was suspended meanwhile', async (t) => {
  const [older, newer] = [await somebody(), await somebody()]
  await evidence(older, 'government_id', 'NOCHOICE01')
  await imposed(world, uuid(older), 'suspended')
  await evidence(newer, 'government_id', 'NOCHOICE01')
  await world.sql(
    "update enforcement_actions set status = 'lifted', lifted_at = now(), lifted_by_kind = 'operator', lift_reason = 'operator' where account_id = $1",
    [uuid(older)]
  )
  await returning(world, older)
  refused(t, await choose(newer, { keep: 'this', proof: await proof(older) }), 409, 'case_not_yours_to_choose')
  refused(t, await choose(newer, { giveUp: 'this' }), 404, 'not_found')
  const [third, fourth] = await twins()
  const good = await proof(third)
  await imposed(world, uuid(third), 'suspended')
  refused(t, await choose(fourth, { keep: 'this', proof: good }), 410, 'token_dead', 'its sessions have ended, and its proofs with them')
  t.match(await weighed(third), { cases: [] })
  await world.sql('update evidence set weighed_at = null where account_id = $1', [uuid(third)])
  await weighed(third)
  t.match((await casesOf(fourth))[0], { kind: 'circumvention', status: 'open' }, 'the case turns into one')
})

t.test('P-9: closing one of the two oneself is a choice as well', async (t) => {
  const [older, newer] = await twins()
  await ok(world.post('/v1/me/closure', {}, older.headers))
  t.match(await weighed(older), { effect: 'case_closed' })
  t.match((await casesOf(newer))[0], { status: 'kept', keptAccountId: newer.accountId })
  t.equal(await enforcementOf(newer), 'none')
})

t.test('P-9 at once: many choices of one case, from both sides, close one account once', async (t) => {
  const [older, newer] = await twins()
  const [fromOlder, fromNewer] = [await proof(older), await proof(newer)]
  const answers = await Promise.all([
    ...Array.from({ length: 6 }, (_, index) => choose(older, { giveUp: 'this' }, index)),
    ...Array.from({ length: 6 }, (_, index) => choose(newer, { giveUp: 'this' }, index)),
    ...Array.from({ length: 6 }, (_, index) => choose(newer, { keep: 'this', proof: fromOlder }, index)),
    ...Array.from({ length: 6 }, (_, index) => choose(older, { keep: 'this', proof: fromNewer }, index))
  ])
  t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1, answers.map(({ statusCode }) => statusCode).join())
  t.ok(answers.every(({ statusCode }) => [200, 401, 404, 409, 410].includes(statusCode)))
  t.strictSame([await statusOf(older), await statusOf(newer)].sort(), ['active', 'closed'])
})

t.test('P-9: merging is not there', async (t) => {
  const { paths } = (await world.inject({ url: '/openapi.json' })).json() as { paths: object }
  t.notOk(Object.keys(paths).some((one) => /merge/i.test(one)))
})

t.test('P-10: an exception makes a pair silent, beforehand and afterwards, and lifts what was caused', async (t) => {
  const except = (accountIds: string[], by: { headers: object } = operator) =>
    call('POST', '/v1/duplicate-exceptions', by, { accountIds, reason: 'Twins.' })
  const [one, two] = [await somebody(), await somebody()]
  t.equal((await except([two.accountId, one.accountId])).statusCode, 201)
  t.strictSame((await except([one.accountId, two.accountId])).statusCode, 200)
  await evidence(one, 'government_id', 'EXCEPTED1')
  t.match((await evidence(two, 'government_id', 'EXCEPTED1')).json(), { effect: 'none', cases: [] })
  const [three, four] = await twins()
  t.match((await except([three.accountId, four.accountId])).json(), {
    case: { status: 'exception' },
    accountIds: [three.accountId, four.accountId]
  })
  t.equal(await enforcementOf(four), 'none')
  const [five, six] = await twins()
  await decide((await casesOf(six))[0]!.id, 'circumvention')
  t.equal(await enforcementOf(six), 'restricted')
  t.match((await except([five.accountId, six.accountId])).json(), { case: { status: 'circumvention' } }, 'what was decided stays decided')
  t.equal(await enforcementOf(six), 'none', 'and does no harm any more')
  const [seven, eight] = await twins()
  t.match((await decide((await casesOf(eight))[0]!.id, 'exception')).json(), { status: 'exception' })
  t.equal((await except([seven.accountId, eight.accountId])).statusCode, 200, 'the decision has recorded it')
  t.equal(await enforcementOf(eight), 'none')
  refused(t, await except([one.accountId, one.accountId]), 422, 'same_account')
  refused(t, await except([one.accountId, publicId('account', newId())]), 404, 'not_found')
  refused(t, await except([one.accountId]), 400, 'invalid_input')
  refused(t, await except([one.accountId, two.accountId], one), 401, 'not_signed_in')
})

t.test('operators list, look at and decide cases; each look is in the audit of both accounts', async (t: Test) => {
  const [older, newer] = await twins()
  const [listed] = await casesOf(newer)
  const url = `/v1/duplicate-cases/${listed!.id}`
  const file = (await ok(send('GET', url, operator))).json()
  t.match(file, {
    accounts: [{ id: older.accountId }, { id: newer.accountId, enforcement: 'restricted' }],
    actions: [{ reasonCode: 'duplicate_account', accountId: newer.accountId, status: 'active' }],
    verifications: []
  })
  t.ok(
    file.evidence.some(
      (piece: object) => JSON.stringify(piece).includes('"government_id"') && JSON.stringify(piece).includes('"shared":true')
    )
  )
  t.notMatch(JSON.stringify(file), /TWIN|fingerprint/)
  const looks = await world.sql('select from audit_events where action = $1 and chain_id in ($2, $3)', [
    'duplicate_case.viewed',
    uuid(older),
    uuid(newer)
  ])
  t.equal(looks.length, 2)
  for (const query of ['status=awaiting_choice', 'kind=ordinary', `account=${older.accountId}`, 'limit=1']) {
    const page = (await ok(send('GET', `/v1/duplicate-cases?${query}`, operator))).json() as { items: object[]; nextCursor: string | null }
    t.ok(page.items.length > 0, query)
    if (query === 'limit=1') {
      const next = (await ok(send('GET', `/v1/duplicate-cases?limit=1&cursor=${page.nextCursor}`, operator))).json() as { items: object[] }
      t.notSame(next.items, page.items)
    }
  }
  t.strictSame((await send('GET', '/v1/duplicate-cases?account=nobody', operator)).json().items, [])
  refused(t, await send('GET', '/v1/duplicate-cases?status=closed', operator), 400, 'invalid_input')
  refused(t, await send('GET', '/v1/duplicate-cases?cursor=x', operator), 400, 'malformed_cursor')
  refused(t, await send('GET', '/v1/duplicate-cases', newer), 401, 'not_signed_in')
  refused(t, await send('GET', `/v1/duplicate-cases/${newer.accountId}`, operator), 404, 'not_found')
  refused(t, await decide(publicId('case', newId()), 'not_duplicate'), 404, 'not_found')
  refused(t, await decide(listed!.id, 'merge'), 400, 'invalid_input')
  refused(t, await decide(listed!.id, 'not_duplicate', 0, newer), 401, 'not_signed_in')
  refused(t, await decide(listed!.id, 'same_person'), 409, 'case_decided', 'the person is asked already')
  const own = await world.operator(newer.email)
  refused(t, await decide(listed!.id, 'not_duplicate', 0, own), 403, 'access_denied', 'nobody decides about an account of their own')
  t.match((await decide(listed!.id, 'not_duplicate')).json(), {
    status: 'not_duplicate',
    decisionReason: 'Looked at it.',
    actions: [{ status: 'lifted' }]
  })
  t.equal(await enforcementOf(newer), 'none')
  refused(t, await decide(listed!.id, 'circumvention'), 409, 'case_decided')
  t.ok((await world.mails(newer.email)).some(({ subject }) => subject === 'Your Guildhall account is cleared'))
})

t.test('P-6, P-9: an operator who finds that a case on weak evidence is one person asks that person to choose', async (t) => {
  const [one, two] = [await somebody(), await somebody()]
  for (const each of [one, two]) await evidence(each, 'name_birth_date', 'Nora Nowak', { birthDate: '1999-02-03', verified: false })
  const [found] = await casesOf(two)
  t.match(found, { origin: 'score', status: 'open' })
  t.match((await decide(found!.id, 'same_person')).json(), { status: 'awaiting_choice', decidedAt: null })
  t.strictSame(await actionsOn(two), ['restricted duplicate_account pending'], 'by a deadline')
  t.ok((await world.mails(two.email)).some(({ subject }) => /another Guildhall account/.test(subject)))
  t.equal((await call('GET', path, two)).statusCode, 200)
  await ok(choose(two, { giveUp: 'this' }))
  const [three, four] = [await somebody(), await somebody()]
  await evidence(three, 'phone', '+49 151 20000001')
  await imposed(world, uuid(three), 'banned')
  await evidence(four, 'phone', '+49 151 20000001')
  const [barred] = await casesOf(four)
  refused(t, await decide(barred!.id, 'same_person'), 409, 'choice_impossible')
  t.match((await decide(barred!.id, 'circumvention')).json(), { status: 'circumvention', kind: 'circumvention' })
  t.ok((await actionsOn(four)).includes('restricted ban_evasion active'))
  const told = (await world.mails(four.email)).find(({ text }) => /We decided/.test(text))
  t.match(told?.text, /appeal#token=account_/)
  t.notMatch(told?.text, /duplicate-case|verify/, 'nothing else changes it')
})

t.test('P-9 410: a proof ends with the sign-in that made it, also by a new password', async (t) => {
  const [older, newer] = await twins()
  const ends: Record<string, () => Promise<unknown>> = {
    'signed out': () => ok(world.inject({ method: 'DELETE', url: `/v1/me/sessions/${older.sessionId}`, headers: older.headers })),
    'password reset': async () => {
      await ok(world.post('/v1/password-resets', { email: older.email }))
      const token = await world.mailedToken(older.email, 'ghp')
      await ok(world.post('/v1/password-resets/confirm', { token, password: 'violet harbour nineteen lamps' }))
      older.password = 'violet harbour nineteen lamps'
    },
    'its time is over': () => world.sql('update sessions set expires_at = now() where account_id = $1', [uuid(older)])
  }
  for (const [name, end] of Object.entries(ends)) {
    const made = await proof(older)
    await end()
    refused(t, await choose(newer, { keep: 'this', proof: made }), 410, 'token_dead', name)
    refused(t, await call('POST', path, newer, { proof: made }), 410, 'token_dead', name)
    await returning(world, older)
  }
  await ok(choose(newer, { keep: 'this', proof: await proof(older) }))
})

t.test(
  'P-9: a choice has a deadline, told by mail and with the case, after which the newer account is restricted until it is made',
  async (t) => {
    const [older, newer] = [await somebody('Olga'), await somebody('Otto')]
    await ok(call('POST', path, older, { proof: await proof(newer) }))
    const { restrictedFrom, options } = (await ok(call('GET', path, newer))).json()
    t.ok(Math.abs((new Date(restrictedFrom).getTime() - Date.now()) / 86_400_000 - 14) < 0.01)
    t.match(options, [{ does: 'give_up_this' }, { does: 'keep_this' }, { does: 'verify_identity' }, { does: 'appeal' }])
    t.match((await call('GET', path, older)).json(), { restrictedFrom: null, verifyBy: null })
    t.match((await world.mails(newer.email)).at(-1), { subject: /another Guildhall account/, text: /Please do so by/ })
    t.equal(await enforcementOf(newer), 'none')
    await deadlinePasses(newer)
    t.strictSame([await enforcementOf(older), await enforcementOf(newer)], ['none', 'restricted'])
    await ok(choose(newer, { keep: 'this', proof: await proof(older) }))
    t.strictSame(await actionsOn(newer), ['restricted duplicate_account lifted'])
  }
)

t.test('P-5, P-9: one government id of a pair that was reported restricts the newer account at once, once', async (t) => {
  const [older, newer] = [await somebody('Olga'), await somebody('Otto')]
  await ok(call('POST', path, newer, { proof: await proof(older) }))
  await evidence(older, 'government_id', 'REPORTED02')
  t.match((await evidence(newer, 'government_id', 'REPORTED02')).json(), { effect: 'restricted' })
  t.strictSame(await actionsOn(newer), ['restricted duplicate_account lifted', 'restricted duplicate_account active'])
  await evidence(newer, 'tax_id', '12345678903')
  await evidence(older, 'tax_id', '12345678903')
  t.equal((await actionsOn(newer)).length, 2)
  t.match((await casesOf(newer))[0], { origin: 'strong', status: 'awaiting_choice' })
})

t.test('P-8, P-9: the deadline of a choice is over when the case turns into a circumvention', async (t) => {
  const [older, newer] = [await somebody('Olga'), await somebody('Otto')]
  await ok(call('POST', path, newer, { proof: await proof(older) }))
  for (const each of [older, newer]) await evidence(each, 'phone', '+49 151 93000002')
  await imposed(world, uuid(older), 'suspended')
  await world.sql('update evidence set weighed_at = null where account_id = $1', [uuid(older)])
  await weighed(older)
  t.match((await casesOf(newer))[0], { kind: 'circumvention', status: 'open' })
  t.strictSame(await actionsOn(newer), ['restricted duplicate_account lifted', 'restricted identity_unverified pending'])
})

t.test('P-8, P-9 409: an account that is restricted for another reason is not given up', async (t) => {
  const [older, newer] = await twins()
  await imposed(world, uuid(older), 'restricted')
  refused(t, await choose(older, { giveUp: 'this' }), 409, 'case_not_yours_to_choose')
  refused(t, await choose(newer, { keep: 'this', proof: await proof(older) }), 409, 'case_not_yours_to_choose')
  t.match((await ok(choose(newer, { giveUp: 'this' }))).json(), { status: 'kept', kept: 'other' }, 'the one that is restricted by the case')
})
