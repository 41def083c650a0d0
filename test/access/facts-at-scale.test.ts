import pg from 'pg'
import t from 'tap'
import { everyKind, largeCrowd, seedCrowd } from '../../bench/crowd.ts'
import { carriedOut } from '../../bench/plans.ts'
import { factsStatement, factsValues } from '../../src/access/facts-statement.ts'
import { isPlain } from '../../src/access/known-facts.ts'
import { plainLook } from '../../src/access/plain-statements.ts'
import { cloneDatabase, databaseUrl, long } from '../support/world.ts'

if (long) t.setTimeout(600_000)
const crowd = long ? largeCrowd : { accounts: 5000, companies: 500, memberships: 10_000 }

const client = new pg.Client({ connectionString: databaseUrl('superuser', await cloneDatabase(t)) })
await client.connect()
t.teardown(() => client.end())
await seedCrowd(client, crowd, 'k')

t.test(
  `Q-4: among ${crowd.memberships} memberships one question, and a hundred of every kind, are looked up by indexes alone`,
  async (t) => {
    for (const count of [1, 100]) {
      const questions = everyKind(crowd, count)
      for (const [name, { looks, faults, rows }] of Object.entries(await carriedOut(client, factsStatement, factsValues(questions)))) {
        const plan = `${count}, ${name} plan`
        t.strictSame(faults, [], plan)
        t.ok(looks.length >= 15, `${plan}: ${looks.length} looks`)
        t.ok(rows >= count, `${plan}: ${rows} rows`)
      }
    }
  }
)

t.test(
  `Q-4: among ${crowd.memberships} memberships a plain question by itself is looked up by indexes alone, and no more than it needs`,
  async (t) => {
    for (const question of everyKind(crowd, 100).filter(isPlain).slice(0, 8)) {
      const { statement, values } = plainLook(question)
      for (const [name, { looks, faults, rows }] of Object.entries(await carriedOut(client, statement, values))) {
        t.strictSame(faults, [], `${question.resource.type}, ${name} plan`)
        t.ok(looks.length >= 6 && looks.length <= 8, `${looks.length} looks`)
        t.equal(rows, 1)
      }
    }
  }
)

t.test('Q-4: a whole table, a whole index or too much of one is told from a lookup', async (t) => {
  const faultsOf = async (text: string, values: string[] = []) =>
    (await carriedOut(client, { name: 'other', text }, [values])).custom.faults.join()
  t.match(await faultsOf('select from memberships where affiliation = any($1::text[])', ['exclusive']), /^Seq Scan of memberships$/)
  t.match(
    await faultsOf('select account_id from memberships where $1::text[] is not null order by account_id limit 1'),
    /without a condition$/
  )
  const many = ['01900001-0000-7000-8000-00000000012c']
  t.match(await faultsOf('select from accounts where id < ($1::uuid[])[1]', many), /accounts_pkey reads 300 rows at a time$/)
})
