import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { evaluateAll } from '../../src/access/evaluate.ts'
import { parseId } from '../../src/http/ids.ts'
import type { Parts } from '../../src/parts.ts'
import type { Question } from '../../src/permissions/answer.ts'
import type { Decision } from '../support/access.ts'
import { inForce } from '../support/enforcement.ts'
import { organizations } from '../support/organizations.ts'
import { long, openWorld } from '../support/world.ts'

/**
 * Writes and questions of any order on two instances that keep facts. Tried once each by hand: it fails with a fill stored though a notice overtook
 * it, and without the triggers on memberships.
 */

const world = await openWorld(t, { instances: 2 })
const { settled, sql } = world
const { found, join, ok, setRoles } = organizations(world)
const service = await world.service('jobs', ['access.evaluate'])
const company = await found(await world.person('Olga'))
const resource = { type: 'company', id: company.id } as const

/** Somebody in the company, and what is true of them. */
async function member(name: string) {
  const person = await world.person(name)
  const memberId = await join(company, person, [{ role: 'member' }])
  return { person, memberId, id: parseId('account', person.accountId)!, recruits: false, suspended: false, banned: false }
}
type Member = Awaited<ReturnType<typeof member>>
const people = [await member('Hana'), await member('Nora'), await member('Paul')]

const expected = ({ recruits, suspended, banned }: Member): string =>
  banned ? 'account_banned' : suspended ? 'membership_suspended' : recruits ? 'granted' : 'missing_permission'

async function reason({ person }: Member, instance: number, consistency?: string): Promise<string> {
  const subject = { type: 'account', id: person.accountId }
  const context = consistency === undefined ? {} : { consistency }
  const payload = { subject, action: { name: 'job.post' }, resource, context }
  const answer = await ok(world.inject({ method: 'POST', url: '/access/v1/evaluation', headers: service.headers, payload }, instance))
  return (answer.json() as Decision).context.reason
}

/** Each change shows in the answer, since nothing before it in the order of reasons hides it. Answers the token of a write that has one. */
const changes = {
  async roles(who: Member): Promise<string> {
    who.recruits = !who.recruits
    const changed = await ok(setRoles(company, who.memberId, [{ role: who.recruits ? 'recruiter' : 'member' }]))
    return String(changed.headers['consistency-token'])
  },
  async membership(who: Member): Promise<undefined> {
    who.suspended = !who.suspended
    const status = who.suspended ? 'suspended' : 'active'
    await sql('update memberships set status = $2 where id = $1', [parseId('member', who.memberId), status])
  },
  async account(who: Member): Promise<undefined> {
    who.banned = !who.banned
    await sql(`update accounts set ${inForce(who.banned ? 'banned' : 'none')} where id = $1`, [who.id])
  }
}
interface Step {
  who: Member
  change: keyof typeof changes
  by: 'token' | 'full' | 'time'
  first: number
}
const visible = ({ suspended, banned }: Member, change: keyof typeof changes): keyof typeof changes =>
  banned ? 'account' : suspended && change === 'roles' ? 'membership' : change

/** Keeps what it reads late, so that a change comes between; not all the time, since whoever reads mends what is kept. */
function crowd(isOver: () => boolean): Promise<unknown> {
  const asking = world.allParts.flatMap(({ db, ...rest }) => {
    const run: typeof db.pipeline.run = async (statement, values) => {
      const rows = await db.pipeline.run(statement, values)
      await delay(Math.random() * 15)
      return rows as never
    }
    const late: Parts = { ...rest, db: { ...db, pipeline: { ...db.pipeline, run } } }
    return people.map(async ({ id }) => {
      const resource = { type: 'company', id: parseId('company', company.id)! } as const
      const question: Question = { accountId: id, permission: 'job.post', resource }
      for (; !isOver(); await delay(Math.random() * 40)) await evaluateAll(late, [question])
    })
  })
  return Promise.all(asking)
}

t.test('C-12, Q-3, Q-4: whatever is written while everybody asks, no answer is older than it may be', async (t) => {
  let over = false
  const asking = crowd(() => over)
  const step = fc.record({
    who: fc.constantFrom(...people),
    change: fc.constantFrom(...(Object.keys(changes) as Array<keyof typeof changes>)),
    by: fc.constantFrom('token' as const, 'full' as const, 'time' as const),
    first: fc.constantFrom(0, 1)
  })
  let steps = 0
  const written = async ({ who, change, by, first }: Step): Promise<void> => {
    const token = await changes[visible(who, change)](who)
    const named = `step ${++steps}, ${change} of ${who.person.email}`
    const instances = [first, 1 - first]
    if (by === 'full') for (const instance of instances) t.equal(await reason(who, instance, 'full'), expected(who), `${named}: present`)
    if (by === 'token' && token)
      for (const instance of instances) t.equal(await reason(who, instance, token), expected(who), `${named}: by its token`)
    await settled()
    // By now whatever it overtook has come as well.
    await delay(15)
    for (const each of people)
      for (const instance of instances) t.equal(await reason(each, instance), expected(each), `${named}: as soon as its notice is heard`)
  }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 40 }), async (some) => {
      for (const each of some) await written(each)
    }),
    { numRuns: long ? 10 : 1, endOnFailure: true }
  )
  over = true
  await asking
  for (const { facts } of world.allParts) t.ok(facts.pairs.counts.hits > steps, 'what is kept was used')
})
