import t from 'tap'
import { announceBegun } from '../../src/enforcement/announcing.ts'
import { parseId } from '../../src/http/ids.ts'
import { deciding } from '../support/deciding.ts'
import { identities } from '../support/identity.ts'
import { organizations } from '../support/organizations.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld(t)
const { found, join, send, ok } = organizations(world)
const { somebody, call, deadlinePasses, enforcementOf, operator } = await identities(world)
const { done, ban, approve, lift } = deciding(world)
const other = await world.operator('other@example.org')
const service = await world.service('contracts', ['contracts.write'])

t.test('E-5 K-2: what begins by the clock is told of when it begins, once: the person, the admins and other services', async (t) => {
  const [olga, hana, finn] = [await somebody('Olga'), await somebody('Hana'), await somebody('Finn')]
  const acme = await found(olga)
  await join(acme, hana, [{ role: 'hiring_manager' }])
  const contract = { version: 1, companyId: acme.id, teamId: acme.defaultTeamId, contactAccountId: hana.accountId, status: 'active' }
  await ok(send('PUT', '/v1/contracts/c-1', service, { ...contract, freelancerAccountId: finn.accountId }))
  await ok(call('POST', `/v1/accounts/${hana.accountId}/identity-verification`, operator, { deadlineDays: 7, reason: 'Please.' }))
  await world.mails()
  const before = world.sent.length
  t.equal(await announceBegun(world.parts), 0, 'nothing has begun')
  await deadlinePasses(hana)
  t.equal(await enforcementOf(hana), 'restricted', 'nobody had to tell it')
  const told = await Promise.all([announceBegun(world.parts), announceBegun(world.parts)])
  t.equal(told[0]! + told[1]!, 1, 'once, by whichever worker')
  await world.mails()
  t.strictSame(
    world.sent
      .slice(before)
      .map(({ to }) => to)
      .sort(),
    [hana.email, olga.email].sort()
  )
  t.notMatch(world.sent.find(({ to }) => to === olga.email)!.text, /identity/i, 'the admins learn that, and not why')
  const [event] = await world.sql(`select before, after from events where type = 'enforcement.begun' and subject = $1`, [hana.accountId])
  t.strictSame(event, { before: { status: 'pending' }, after: { status: 'active', enforcement: 'restricted' } } as object)
  await done(operator, finn.accountId, 'restricted')
  t.equal(await announceBegun(world.parts), 0, 'what begins at once was told at once')
})

t.test('E-1 E-4: the database keeps the history of actions, cases and verifications, whatever the code does', async (t) => {
  const constraintOf = (statement: string, values: unknown[]): Promise<string | undefined> =>
    world.sql(statement, values).then(
      () => undefined,
      (error: { constraint?: string }) => error.constraint
    )
  const max = await somebody('Max')
  const id = parseId('action', (await ban(operator, other, max.accountId)).id)
  const changes = [
    "status = 'proposed'",
    "status = 'withdrawn', lifted_at = now()",
    "kind = 'notice'",
    "reason_code = 'spam'",
    "policy = 'another'",
    "remedy = 'something else'",
    "note = 'said later'",
    "imposed_by_id = 'somebody'",
    "approved_by_id = 'somebody'",
    'approved_at = now()',
    "starts_at = now() + interval '1 day'",
    "created_at = now() - interval '1 day'",
    "lifted_by_id = 'somebody'"
  ]
  for (const change of changes)
    t.equal(await constraintOf(`update enforcement_actions set ${change} where id = $1`, [id]), 'enforcement_actions_history', change)
  t.equal(await constraintOf('delete from enforcement_actions where id = $1', [id]), 'enforcement_actions_history')
  const timed = parseId('action', (await done(operator, max.accountId, 'restricted')).id)
  for (const change of ["ends_at = now() + interval '1 day'", "lift_reason = 'remedy'"])
    t.equal(await constraintOf(`update enforcement_actions set ${change} where id = $1`, [timed]), 'enforcement_actions_history', change)
  t.equal(await constraintOf("update enforcement_actions set remedy = '', note = null where id = $1", [timed]), undefined, 'an erasure')

  const lifted = await done(operator, max.accountId, 'warning')
  await ok(lift(operator, max.accountId, lifted.id))
  for (const change of ["status = 'active', lifted_at = null, lift_reason = null", "lift_reason = 'appeal'"])
    t.equal(
      await constraintOf(`update enforcement_actions set ${change} where id = $1`, [parseId('action', lifted.id)]),
      'enforcement_actions_history',
      change
    )
  const proposed = await done(operator, max.accountId, 'banned')
  t.equal((await approve(other, max.accountId, proposed.id)).statusCode, 200, 'what is proposed can still be approved')

  const ida = await somebody('Ida')
  await ok(call('POST', `/v1/accounts/${ida.accountId}/identity-verification`, operator, { deadlineDays: 7, reason: 'Please.' }))
  const verification = [parseId('account', ida.accountId)]
  await world.sql("update identity_verifications set status = 'verified', decided_at = now() where account_id = $1", verification)
  const ended = 'identity_verifications_ended_once'
  t.equal(await constraintOf("update identity_verifications set status = 'submitted' where account_id = $1", verification), ended)
  t.equal(await constraintOf('delete from identity_verifications where account_id = $1', verification), ended)

  const [ann, ben] = [await somebody('Ann'), await somebody('Ben')]
  const pair = [ann, ben].map(({ accountId }) => parseId('account', accountId)!).sort()
  await world.sql(
    `insert into duplicate_cases (id, first_account_id, second_account_id, newer_account_id, kind, status, origin, evidence_kinds, kept_account_id, decided_at)
      values (gen_random_uuid(), $1, $2, $2, 'ordinary', 'kept', 'strong', '{}', $1, now())`,
    pair
  )
  for (const change of [
    'kept_account_id = second_account_id',
    'newer_account_id = first_account_id',
    "decided_by_id = 'x'",
    "status = 'open'"
  ])
    t.equal(
      await constraintOf(`update duplicate_cases set ${change} where first_account_id = $1`, [pair[0]]),
      'duplicate_cases_decided_once',
      change
    )
})
