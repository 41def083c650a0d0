import t from 'tap'
import { weighAccount } from '../../src/identity/weighing.ts'
import { imposed } from '../support/enforcement.ts'
import { identities } from '../support/identity.ts'
import { long, openWorld, registration, rounds } from '../support/world.ts'

if (long) t.setTimeout(900_000)
const world = await openWorld(t, {
  instances: 2,
  // What waits for its turn on a busy machine is to be answered by the rules, not by the clock.
  env: { LOCK_TIMEOUT_MS: '10000', STATEMENT_TIMEOUT_MS: '10000', EVIDENCE_CROWD: '200' }
})
const { somebody, evidence, casesOf, actionsOn, enforcementOf, decide, uuid, call, operator } = await identities(world)

let count = 0
const statuses = (answers: Array<{ statusCode: number }>): string => [...new Set(answers.map(({ statusCode }) => statusCode))].sort().join()

t.test('P-11 at once: fifty registrations of one email in different spellings become exactly one account', async (t) => {
  for (let round = 0; round < rounds(1); round++) {
    const name = `nora.${count++}`
    const spellings = [
      `${name}@example.com`,
      `${name.toUpperCase()}@example.com`,
      `${name}@EXAMPLE.com`,
      `Nora.${name.slice(5)}@Example.Com`
    ]
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => world.post('/v1/accounts', { ...registration, email: spellings[index % 4] }, {}, index))
    )
    t.equal(statuses(answers), '202')
    const tokens = (await world.mails())
      .filter(({ to }) => to.toLowerCase() === `${name}@example.com`)
      .flatMap(({ text }) => /ghv_[\w-]{49}/.exec(text) ?? [])
    t.ok(tokens.length > 1, `${tokens.length} links`)
    const proven = await Promise.all(tokens.map((token, index) => world.post('/v1/email-verifications', { token }, {}, index)))
    t.equal(proven.filter(({ statusCode }) => statusCode === 200).length, 1)
    const holders = await world.sql(`select from emails e join accounts a on a.id = e.account_id where e.canonical = $1`, [
      `${name}@example.com`
    ])
    t.equal(holders.length, 1)
  }
})

t.test('P-11 at once: the same government id of two accounts is one claim and one case, and never an error', async (t) => {
  for (let round = 0; round < rounds(4); round++) {
    const people = [await somebody(), await somebody()]
    const value = `ATONCE${1000 + count++}`
    const answers = await Promise.all(
      people.flatMap((one) => [0, 1].map((instance) => evidence(one, 'government_id', value, {}, instance)))
    )
    t.ok(
      answers.every(({ statusCode }) => statusCode === 200 || statusCode === 201),
      answers.map(({ body }) => body).join()
    )
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [200, 200, 201, 201])
    const held = await world.sql<{ claim: boolean }>(
      `select claim from evidence where kind = 'government_id' and account_id in ($1, $2) order by claim`,
      people.map(uuid)
    )
    t.strictSame(
      held.map(({ claim }) => claim),
      [false, true]
    )
    t.equal((await casesOf(people[1]!)).length, 1)
    t.strictSame(await actionsOn(people[1]!), ['restricted duplicate_account active'])
    t.equal(await enforcementOf(people[0]!), 'none')
  }
})

t.test('P-11 at once: many accounts with one phone are one claim and a case for each pair', async (t) => {
  const people = await Promise.all(Array.from({ length: 6 }, () => somebody()))
  const answers = await Promise.all(people.map((one, index) => evidence(one, 'phone', '+49 151 60000001', {}, index)))
  t.equal(statuses(answers), '201')
  const pairs = await world.sql<{ pairs: number; asked: number }>(
    `select (select count(*)::int from duplicate_cases where first_account_id = any($1) and second_account_id = any($1)) as pairs,
      (select count(*)::int from identity_verifications where account_id = any($1)) as asked`,
    [people.map(uuid)]
  )
  t.strictSame(pairs, [{ pairs: 15, asked: 5 }])
})

t.test('at once: of several decisions on a case one counts', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const people = [await somebody(), await somebody()]
    for (const one of people) await evidence(one, 'government_id', `DECIDE${1000 + count}`)
    count++
    const [found] = await casesOf(people[1]!)
    const kinds = ['not_duplicate', 'circumvention', 'exception', 'not_duplicate']
    const answers = await Promise.all([
      ...kinds.map((decision, index) => decide(found!.id, decision, index)),
      call('POST', '/v1/duplicate-exceptions', operator, { accountIds: people.map(({ accountId }) => accountId), reason: 'Twins.' }, 1)
    ])
    const decided = answers.slice(0, 4).filter(({ statusCode }) => statusCode === 200)
    t.ok(decided.length <= 1 && answers.slice(0, 4).every(({ statusCode }) => statusCode === 200 || statusCode === 409))
    const [after] = await casesOf(people[1]!)
    if (decided[0]) t.equal(after!.status, decided[0].json().status)
    t.equal(await enforcementOf(people[1]!), 'none', 'the exception has lifted it in the end, whatever was decided')
  }
})

t.test('P-7, P-8 at once: evidence, weighing and a ban of the other account end in one case', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const [one, two] = [await somebody(), await somebody()]
    const value = `RACE${1000 + count++}X`
    await evidence(one, 'government_id', value)
    await Promise.all([imposed(world, uuid(one), 'banned'), evidence(two, 'government_id', value, {}, 1)])
    await world.sql('update evidence set weighed_at = null where account_id = $1', [uuid(one)])
    await Promise.all(world.allParts.map((parts) => weighAccount(parts, uuid(one))))
    const cases = await casesOf(two)
    t.equal(cases.length, 1)
    t.equal(cases[0]!.kind, 'circumvention')
    t.equal((await actionsOn(two)).length, 1)
  }
})
