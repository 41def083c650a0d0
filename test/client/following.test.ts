import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Question } from '../../client/src/index.ts'
import { clientOf } from '../support/client.ts'
import { deciding } from '../support/deciding.ts'
import { organizations } from '../support/organizations.ts'
import { openWorld, type Person } from '../support/world.ts'

/**
 * The cache of the client beside the service: whatever changes answers there is an event that takes away what the client keeps of it. Tried once by
 * hand: with events that take nothing away, step after step fails.
 */

const maxStaleMs = 100
const world = await openWorld(t)
const { found, join, team, send, ok, setRoles, tagOf } = organizations(world)
const { done, lift } = deciding(world)
const operator = await world.operator()
const names = ['Olga', 'Hana', 'Remy', 'Max'] as const
const people = {} as Record<(typeof names)[number], Person>
for (const name of names) people[name] = await world.person(name)
const { Olga, Hana, Remy, Max } = people
const company = await found(Olga)
const design = await team(company, 'Design')
const print = await team(company, 'Print')
const poster = { key: 'poster', name: 'Poster', description: 'Posts.', permissions: ['job.post'] }
await ok(send('POST', `${company.url}/roles`, Olga, poster))
const members = {
  Hana: await join(company, Hana, [{ role: 'hiring_manager' }]),
  Remy: await join(company, Remy, [{ role: 'recruiter', teamId: design }]),
  Max: await join(company, Max, [{ role: 'poster' }])
}
const other = await found(Hana)

const credentials = await world.service('consumer', ['access.evaluate', 'events.read'])
const plain = clientOf(world, credentials)
const caching = clientOf(world, credentials, { cache: { stream: false, maxStaleMs } })
const places = [
  { type: 'company', id: company.id } as const,
  ...[design, print].map((id) => ({ type: 'team', id, organization: company.id }) as const),
  { type: 'company', id: other.id } as const
]
const questions: Question[] = Object.values(people).flatMap(({ accountId: account }) =>
  places.flatMap((resource) => ['job.post', 'offer.send', 'company.read', 'company.close'].map((action) => ({ account, action, resource })))
)
const ask = (client: typeof plain) => Promise.all(questions.map(({ account, action, resource }) => client.may(account, action, resource)))

const url = (name: keyof typeof members): string => `${company.url}/members/${members[name]}`
const versioned = async (method: 'PATCH', path: string, body: object) =>
  ok(send(method, path, { headers: { ...Olga.headers, 'if-match': await tagOf(path, Olga) } }, body))
const imposed: Record<string, string> = {}
const impose = async (id: string, kind: string) => {
  imposed[id] = ((await done(operator, id, kind, { reasonCode: 'spam' })) as { id: string }).id
}

/** What changes, and whether any answer does. */
const steps: Array<[string, () => Promise<unknown>, boolean]> = [
  ['another role', () => setRoles(company, members.Hana, [{ role: 'recruiter' }]), true],
  ['another team', () => setRoles(company, members.Remy, [{ role: 'recruiter', teamId: print }]), true],
  ['another name', () => versioned('PATCH', company.url, { displayName: 'Olga & Co' }), false],
  ['a custom role that holds less', () => versioned('PATCH', `${company.url}/roles/poster`, { permissions: ['talent.invite'] }), true],
  [
    'a custom role that holds more',
    () => versioned('PATCH', `${company.url}/roles/poster`, { permissions: ['job.post', 'offer.send'] }),
    true
  ],
  ['a suspended membership', () => ok(send('POST', `${url('Max')}/suspension`, Olga, {})), true],
  ['one that is resumed', () => ok(send('DELETE', `${url('Max')}/suspension`, Olga)), true],
  ['out of a team', () => ok(send('DELETE', `${company.url}/teams/${print}/members/${members.Remy}`, Olga)), true],
  ['into it again', () => setRoles(company, members.Remy, [{ role: 'recruiter', teamId: print }]), true],
  ['a restricted account', () => impose(Hana.accountId, 'restricted'), true],
  ['one that is lifted', () => ok(lift(operator, Hana.accountId, imposed[Hana.accountId]!)), true],
  ['a suspended account', () => impose(Remy.accountId, 'suspended'), true],
  ['one that is lifted as well', () => ok(lift(operator, Remy.accountId, imposed[Remy.accountId]!)), true],
  ['a restricted company', () => impose(company.id, 'restricted'), true],
  ['one that goes on', () => ok(lift(operator, company.id, imposed[company.id]!)), true],
  ['a removed member', () => ok(send('DELETE', url('Max'), Olga)), true],
  ['one who comes back', () => join(company, Max, [{ role: 'recruiter' }]), true],
  ['a closed company', () => ok(send('POST', `${other.url}/closure`, Hana, {})), true],
  ['a closed account', () => ok(send('POST', '/v1/me/closure', Max, {})), true]
]

t.test('Q-4, C-12: whatever changes through the service, what the client keeps is no older than it may be', async (t) => {
  let before = await ask(plain)
  let kept = 0
  for (const [name, change, shows] of steps) {
    // Twice: a denial is kept beside the map of its person, which was read for the first.
    await ask(caching)
    kept += (await ask(caching)).filter(({ cached }) => cached).length
    await change()
    await delay(maxStaleMs + 10)
    const [present, answered] = [await ask(plain), await ask(caching)]
    const said = (answers: typeof present) => answers.map(({ allowed, reason }) => `${allowed} ${reason}`)
    t.strictSame(said(answered), said(present), name)
    t.equal(said(present).join() !== said(before).join(), shows, `${name}: it shows`)
    before = present
  }
  t.ok(kept > (steps.length * questions.length) / 2, `${kept} were answered from what is kept`)
})
