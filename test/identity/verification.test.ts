import t from 'tap'
import { newId, publicId } from '../../src/http/ids.ts'
import { identities } from '../support/identity.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t, { instances: 2, env: { EVIDENCE_CROWD: '200', LOCK_TIMEOUT_MS: '10000' } })
const { somebody, evidence, casesOf, enforcementOf, actionsOn, call, uuid, deadlinePasses, result, operator, service, decide } =
  await identities(world)

const path = (person: Pick<Person, 'accountId'>): string => `/v1/accounts/${person.accountId}/identity-verification`
const ask = (person: Pick<Person, 'accountId'>, more: object = {}, by: { headers: object } = operator, instance = 0) =>
  call('POST', path(person), by, { reason: 'The name on the invoices differs.', ...more }, instance)
const own = async (person: Person) => (await call('GET', '/v1/me/identity-verification', person)).json()
const days = (from: string): number => (new Date(from).getTime() - Date.now()) / 86_400_000

t.test('P-5: an operator asks for it with a deadline, after which the clock restricts; the person is told', async (t) => {
  const sam = await somebody()
  const answer = await ask(sam, { deadlineDays: 3 })
  t.equal(answer.statusCode, 201)
  t.match(answer.json(), { accountId: sam.accountId, status: 'requested', origin: 'operator', caseId: null, defects: [] })
  t.ok(Math.abs(days(answer.json().deadline) - 3) < 0.01)
  t.match((await world.mails(sam.email)).at(-1), { subject: 'Please verify your identity' })
  t.strictSame(await actionsOn(sam), ['restricted identity_unverified pending'])
  refused(t, await ask(sam), 409, 'verification_open')
  t.match(await own(sam), { id: answer.json().id, status: 'requested' })
  t.notOk('origin' in (await own(sam)))
  t.match((await call('GET', path(sam), operator)).json(), { origin: 'operator' })
  t.equal((await world.sql('select from audit_events where action = $1', ['identity_verification.viewed'])).length, 1)
  await deadlinePasses(sam)
  t.equal(await enforcementOf(sam), 'restricted')
})

t.test('sending in stops the clock, a failure starts a new one with all defects at once, success lifts', async (t) => {
  const sam = await somebody()
  await ask(sam, { deadlineDays: 2 })
  t.match((await result(sam, 'submitted')).json(), { status: 'submitted', deadline: null })
  t.strictSame(await actionsOn(sam), ['restricted identity_unverified stopped'])
  t.equal((await result(sam, 'submitted')).statusCode, 200, 'again changes nothing')
  const failed = (await result(sam, 'failed', ['document_expired', 'photo_missing'])).json()
  t.match(failed, { status: 'failed', defects: ['document_expired', 'photo_missing'] })
  t.ok(Math.abs(days(failed.deadline) - 7) < 0.01, 'a week for the next try')
  t.strictSame(await actionsOn(sam), ['restricted identity_unverified pending'])
  const mail = (await world.mails(sam.email)).at(-1)!
  t.equal(mail.subject, 'Your identity could not be verified yet')
  t.match(mail.text, /has expired/)
  t.match(mail.text, /photo of yourself is missing/)
  await result(sam, 'submitted')
  t.match((await result(sam, 'verified')).json(), { status: 'verified', deadline: null, defects: [] })
  t.strictSame(await actionsOn(sam), ['restricted identity_unverified lifted'])
  t.match((await world.mails(sam.email)).at(-1), { subject: 'Your identity is verified' })
  t.equal((await result(sam, 'verified')).statusCode, 200)
  refused(t, await result(sam, 'failed', ['photo_missing']), 409, 'verification_not_open')
  t.equal((await ask(sam)).statusCode, 201, 'it can be asked for again')
})

t.test('a restriction that has begun stays until the identity is verified, whatever is sent in', async (t) => {
  const sam = await somebody()
  await ask(sam)
  await deadlinePasses(sam)
  for (const [outcome, defects] of [['submitted'], ['failed', ['photo_differs']], ['submitted']] as Array<[string, string[]?]>) {
    await result(sam, outcome, defects)
    t.equal(await enforcementOf(sam), 'restricted', outcome)
  }
  await result(sam, 'verified')
  t.equal(await enforcementOf(sam), 'none')
})

t.test('409 verification_used: a person starts it themselves once, without a deadline', async (t) => {
  const sam = await somebody()
  refused(t, await call('GET', '/v1/me/identity-verification', sam), 404, 'not_found')
  refused(t, await call('GET', path(sam), operator), 404, 'not_found')
  const start = (instance = 0) => call('POST', '/v1/me/identity-verification', sam, {}, instance)
  const started = await start()
  t.equal(started.statusCode, 201)
  t.match(started.json(), { status: 'requested', deadline: null })
  refused(t, await start(), 409, 'verification_open')
  t.strictSame(await actionsOn(sam), [])
  await result(sam, 'failed', ['document_unreadable'])
  await result(sam, 'verified')
  refused(t, await start(), 409, 'verification_used')
  refused(t, await world.inject({ method: 'POST', url: '/v1/me/identity-verification', payload: {} }), 401, 'not_signed_in')
  const at = await somebody()
  const many = await Promise.all(Array.from({ length: 10 }, (_, index) => call('POST', '/v1/me/identity-verification', at, {}, index)))
  t.equal(many.filter(({ statusCode }) => statusCode === 201).length, 1)
})

t.test('P-5: one that the person had begun gets the deadline that a case asks for, its clock standing still meanwhile', async (t) => {
  const [olga, otto] = [await somebody(), await somebody()]
  await call('POST', '/v1/me/identity-verification', otto, {})
  await result(otto, 'submitted')
  await evidence(olga, 'phone', '+49 151 30000001')
  t.match((await evidence(otto, 'phone', '+49 151 30000001')).json(), { effect: 'verification_requested' })
  t.strictSame(await actionsOn(otto), ['restricted identity_unverified stopped'])
  await result(otto, 'failed', ['photo_missing'])
  t.strictSame(await actionsOn(otto), ['restricted identity_unverified pending'])
  await result(otto, 'verified')
  refused(t, await call('POST', '/v1/me/identity-verification', otto, {}), 409, 'verification_used')
})

t.test('P-5, P-7: what two cases ask for goes on for the other when one ends, and ends with the last', async (t) => {
  const [one, two, otto] = [await somebody(), await somebody(), await somebody()]
  await evidence(one, 'phone', '+49 151 40000001')
  await evidence(two, 'payout_account', 'DE02 1203 0000 0000 2020 51')
  await evidence(otto, 'phone', '+49 151 40000001')
  t.match((await evidence(otto, 'payout_account', 'DE02120300000000202051')).json(), { effect: 'case_opened' }, 'asked already')
  const cases = await casesOf(otto)
  t.equal(cases.length, 2)
  await decide(cases.find(({ evidenceKinds }) => evidenceKinds.includes('phone'))!.id, 'not_duplicate')
  t.strictSame(await actionsOn(otto), ['restricted identity_unverified pending'])
  await decide(cases.find(({ evidenceKinds }) => evidenceKinds.includes('payout_account'))!.id, 'not_duplicate')
  t.strictSame(await actionsOn(otto), ['restricted identity_unverified lifted'])
  t.match(await own(otto), { status: 'cancelled' })
  refused(t, await result(otto, 'verified'), 409, 'verification_not_open')
})

t.test('P-5: whoever is verified already is not asked again', async (t) => {
  const [olga, otto] = [await somebody(), await somebody()]
  await evidence(otto, 'government_id', 'KNOWN00001')
  await evidence(olga, 'phone', '+49 151 50000001')
  t.match((await evidence(otto, 'phone', '+49 151 50000001')).json(), { effect: 'case_opened', cases: [{ status: 'awaiting_choice' }] })
  t.strictSame(await actionsOn(otto), [])
})

t.test('400, 401, 403, 404: asking and telling are refused to everybody else', async (t) => {
  const sam = await somebody()
  refused(t, await ask(sam, { deadlineDays: 0 }), 400, 'invalid_input')
  refused(t, await ask(sam, { deadlineDays: 91 }), 400, 'invalid_input')
  refused(t, await ask(sam, {}, sam), 401, 'not_signed_in')
  refused(t, await ask(sam, {}, await world.operator(sam.email)), 403, 'access_denied')
  refused(t, await ask({ accountId: publicId('account', newId()) }), 404, 'not_found')
  refused(t, await ask({ accountId: publicId('case', newId()) }), 404, 'not_found')
  refused(t, await result(sam, 'verified'), 409, 'verification_not_open')
  refused(t, await result(sam, 'failed'), 400, 'invalid_input')
  refused(t, await result(sam, 'verified', ['photo_missing']), 400, 'invalid_input')
  refused(t, await result(sam, 'failed', ['photo_missing', 'photo_missing']), 400, 'invalid_input')
  refused(t, await result(sam, 'failed', ['ugly']), 400, 'invalid_input')
  refused(t, await result({ accountId: publicId('account', newId()) }, 'submitted'), 404, 'not_found')
  refused(t, await call('PUT', `${path(sam)}/result`, operator, { outcome: 'submitted' }), 401, 'not_signed_in')
  const other = await world.service('jobs', ['access.evaluate'])
  refused(t, await call('PUT', `${path(sam)}/result`, other, { outcome: 'submitted' }), 403, 'access_denied')
  refused(t, await call('GET', path(sam), service), 401, 'not_signed_in')
  await world.sql(`update accounts set status = 'closed', closed_at = now() where id = $1`, [uuid(sam)])
  refused(t, await ask(sam), 409, 'conflict')
})

t.test('at once: an outcome counts once, and of two requests one is there', async (t) => {
  const sam = await somebody()
  const asked = await Promise.all(Array.from({ length: 8 }, (_, index) => ask(sam, {}, operator, index)))
  t.strictSame(asked.map(({ statusCode }) => statusCode).sort(), [201, ...Array<number>(7).fill(409)])
  await Promise.all(Array.from({ length: 8 }, () => result(sam, 'verified')))
  t.equal(
    (await world.sql('select from audit_events where action = $1 and chain_id = $2', ['identity_verification.verified', uuid(sam)])).length,
    1
  )
})

t.test('P-5: failing again and again does not put the deadline off for ever', async (t) => {
  const sam = await somebody()
  await ask(sam)
  const soon = () => world.sql("update identity_verifications set deadline = now() + interval '1 hour' where account_id = $1", [uuid(sam)])
  for (const attempt of [1, 2, 3]) {
    t.match((await result(sam, 'submitted')).json(), { deadline: null }, `try ${attempt} stops the clock`)
    await soon()
    t.ok(days((await result(sam, 'failed', ['photo_missing'])).json().deadline) > 6.9, `failure ${attempt} starts a new one`)
  }
  const { deadline } = await own(sam)
  t.match((await result(sam, 'submitted')).json(), { status: 'submitted', deadline }, 'the fourth try stops nothing')
  t.strictSame(await actionsOn(sam), ['restricted identity_unverified pending'])
  t.match((await result(sam, 'failed', ['photo_missing'])).json(), { status: 'failed', deadline }, 'and moves nothing')
  t.strictSame(await actionsOn(sam), ['restricted identity_unverified pending'])
  await result(sam, 'submitted')
  await deadlinePasses(sam)
  t.equal(await enforcementOf(sam), 'restricted')
  await result(sam, 'verified')
  t.equal(await enforcementOf(sam), 'none')
})

t.test('P-5 409 verification_not_open: an answer that names its verification counts for that one alone', async (t) => {
  const sam = await somebody()
  const first = (await ask(sam)).json().id
  t.match((await result(sam, 'verified', undefined, first)).json(), { id: first, status: 'verified' })
  const second = (await ask(sam)).json().id
  refused(t, await result(sam, 'verified', undefined, first), 409, 'verification_not_open', 'a late answer about the one before')
  refused(t, await result(sam, 'failed', ['photo_missing'], 'nothing'), 409, 'verification_not_open')
  t.strictSame(await actionsOn(sam), ['restricted identity_unverified lifted', 'restricted identity_unverified pending'])
  t.match((await result(sam, 'submitted', undefined, second)).json(), { id: second, status: 'submitted' })
})
