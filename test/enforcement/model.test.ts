import fc from 'fast-check'
import t, { type Test } from 'tap'
import { evaluateAll } from '../../src/access/evaluate.ts'
import { parseId } from '../../src/http/ids.ts'
import { deciding } from '../support/deciding.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { long, openWorld, type Person } from '../support/world.ts'

if (long) t.setTimeout(900_000)
const world = await openWorld(t, { env: { COMPANIES_PER_ACCOUNT: '1000' } })
const { sql } = world
const { found, join } = organizations(world)
const { send, ok, impose, approve, lift, linkOf, appeal, decide, shift, enforcementOf, liveSessions } = deciding(world)
const one = await world.operator('one@guildhall.example')
const two = await world.operator('two@guildhall.example')
const three = await world.operator('three@guildhall.example')
const hana = await world.person('Hana')

const kinds = ['notice', 'warning', 'restricted', 'suspended', 'banned'] as const
type Kind = (typeof kinds)[number]
type Whose = 'person' | 'company'
type Act =
  | { kind: 'impose'; whose: Whose; hard: Kind }
  | { kind: 'approve' | 'lift' | 'end' | 'delay' | 'begin' | 'appeal' | 'grant' | 'deny'; back: number }
  | { kind: 'sign in' }

interface ModelAction {
  id: string
  whose: Whose
  hard: Kind
  state: 'proposed' | 'active' | 'coming' | 'over' | 'lifted' | 'withdrawn'
  appeals: number
  openAppeal: string | undefined
}

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('impose' as const),
      whose: fc.constantFrom<Whose>('person', 'company'),
      hard: fc.constantFrom(...kinds)
    })
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constantFrom('approve' as const, 'approve', 'lift', 'end', 'delay', 'begin', 'appeal', 'appeal', 'grant', 'grant', 'deny'),
      back: fc.nat(3)
    })
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'sign in' as const }) }
)

/** The hardest of what is in force, as if nothing else had ever been. */
const hardest = (actions: ModelAction[], whose: Whose): string =>
  kinds.findLast((kind) => actions.some((action) => action.whose === whose && action.hard === kind && action.state === 'active')) ?? 'none'

/** What a decision is by what is in force on the person and the company. */
function decisionOf(person: string, company: string, newBusiness: boolean, reads: boolean): string {
  if (person === 'banned') return 'account_banned'
  if (person === 'suspended') return 'account_suspended'
  if (person === 'restricted' && newBusiness) return 'account_restricted'
  if ((company === 'banned' || company === 'suspended') && !reads) return `organization_${company}`
  if (company === 'restricted' && newBusiness) return 'organization_restricted'
  return 'granted'
}

/** A digest of all that is not the decisions themselves, what follows from them, or their history. */
async function everythingElse(): Promise<unknown> {
  const own = ['version', 'notice_during', 'warning_during', 'restricted_during', 'suspended_during', 'banned_during']
  const without = own.map((column) => `- '${column}'`).join(' ')
  const tables = [
    'accounts',
    'organizations',
    'memberships',
    'role_grants',
    'teams',
    'team_members',
    'emails',
    'invitations',
    'freelancer_profiles'
  ]
  const [row] = await sql(
    `select ${tables.map((table) => `(select md5(string_agg((to_jsonb(x) ${without})::text, '' order by to_jsonb(x) ->> 'id', x::text)) from ${table} x) as ${table}`).join(', ')}`
  )
  return row
}

const codeOf = ({ statusCode, body }: { statusCode: number; body: string }): string =>
  statusCode < 300 ? String(statusCode) : JSON.parse(body).code

let runs = 0
async function run(t: Test, acts: Act[]): Promise<void> {
  const max: Person = await world.person('Max', { email: `max${runs++}@example.com` })
  const place: Place = await found(max)
  await join(place, hana, [{ role: 'admin' }])
  const ids = { person: max.accountId, company: place.id }
  const link = await linkOf(max)
  const actions: ModelAction[] = []
  const before = await everythingElse()
  let sessions = await liveSessions(max)

  for (const each of acts) {
    const chosen = 'back' in each ? actions.at(-1 - each.back) : undefined
    if ('back' in each && !chosen) continue
    const shutOut = () => ['suspended', 'banned'].includes(hardest(actions, 'person'))
    switch (each.kind) {
      case 'impose': {
        const { id } = (await ok(impose(one, ids[each.whose], each.hard))).json()
        actions.push({
          id,
          whose: each.whose,
          hard: each.hard,
          state: each.hard === 'banned' ? 'proposed' : 'active',
          appeals: 0,
          openAppeal: undefined
        })
        break
      }
      case 'approve': {
        const is = codeOf(await approve(two, ids[chosen!.whose], chosen!.id))
        t.equal(is, chosen!.state === 'proposed' ? '200' : 'action_not_proposed')
        if (is === '200') chosen!.state = 'active'
        break
      }
      case 'lift': {
        const is = codeOf(await lift(two, ids[chosen!.whose], chosen!.id))
        const stands = chosen!.state === 'active' || chosen!.state === 'coming'
        const due =
          chosen!.state === 'proposed' ? '204' : !stands ? 'action_not_in_force' : chosen!.hard === 'banned' ? 'ban_needs_appeal' : '204'
        t.equal(is, due)
        if (is === '204') chosen!.state = stands ? 'lifted' : 'withdrawn'
        break
      }
      case 'end':
      case 'delay':
      case 'begin': {
        if (chosen!.hard === 'banned' || !['active', 'coming', 'over'].includes(chosen!.state)) break
        const [state, from, to] = ({ end: ['over', -20, -10], delay: ['coming', 1000, 2000], begin: ['active', -20, 2000] } as const)[
          each.kind
        ]
        await shift(chosen!.id, from, to)
        chosen!.state = state
        break
      }
      case 'appeal': {
        const answer = await appeal(link, { actionId: chosen!.id })
        const { state, openAppeal, appeals } = chosen!
        const due =
          state === 'proposed' || state === 'withdrawn'
            ? 'unknown_reference'
            : state === 'lifted' || state === 'over'
              ? 'action_not_in_force'
              : openAppeal
                ? 'appeal_open'
                : appeals >= world.config.APPEALS_PER_ACTION
                  ? 'appeal_limit'
                  : '201'
        t.equal(codeOf(answer), due)
        if (due === '201') Object.assign(chosen!, { appeals: appeals + 1, openAppeal: answer.json().id })
        break
      }
      case 'grant':
      case 'deny': {
        if (!chosen!.openAppeal) break
        await ok(decide(three, chosen!.openAppeal, 'in_review'))
        await ok(decide(three, chosen!.openAppeal, each.kind === 'grant' ? 'granted' : 'denied'))
        chosen!.openAppeal = undefined
        if (each.kind === 'grant' && (chosen!.state === 'active' || chosen!.state === 'coming')) chosen!.state = 'lifted'
        break
      }
      case 'sign in': {
        const answer = await world.signIn(max)
        t.equal(codeOf(answer), shutOut() ? `account_${hardest(actions, 'person')}` : '201')
        if (answer.statusCode === 201) sessions++
      }
    }
    if (shutOut()) sessions = 0

    // As if what was lifted, withdrawn or is over had never been.
    const [person, company] = [hardest(actions, 'person'), hardest(actions, 'company')]
    t.strictSame([await enforcementOf(max.accountId), await enforcementOf(place.id)], [person, company], JSON.stringify(each))
    t.equal(await liveSessions(max), sessions, 'what a suspension ended stays ended')
    for (const [permission, newBusiness, reads] of [
      ['offer.send', true, false],
      ['contract.manage', false, false],
      ['company.read', false, true]
    ] as const)
      for (const [who, whose] of [
        [max, person],
        [hana, 'none']
      ] as const) {
        const [answer] = await evaluateAll(world.parts, [
          {
            accountId: parseId('account', who.accountId)!,
            permission,
            resource: { type: 'company', id: parseId('company', place.id)! }
          }
        ])
        const { reason } = answer!.decision
        const due = decisionOf(whose, company, newBusiness, reads)
        t.equal(
          reason,
          due === 'granted' && who === hana && permission !== 'company.read' ? 'missing_permission' : due,
          `${permission} of ${who.email}`
        )
      }
    t.match(
      (await ok(send('GET', '/v1/me/enforcement', link))).json().items.map(({ id, status }: Record<string, string>) => [id, status]),
      actions
        .filter(({ state }) => state !== 'proposed' && state !== 'withdrawn')
        .map(({ id, state }) => [id, { coming: 'pending', over: 'ended' }[state as string] ?? state])
        .reverse()
    )
  }
  t.strictSame(await everythingElse(), before, 'nothing else has changed')
}

t.test(
  'E-4, E-5, E-1: whatever is imposed, approved, lifted, appealed and granted in any order, the state is as if what is over had never been',
  async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: long ? 40 : 25 }), (acts) => run(t, acts)),
      { numRuns: long ? 150 : 4, endOnFailure: true }
    )
  }
)

t.test('E-4: the shortest round: each kind, on person and company, is gone with the grant, beside another one and alone', async (t) => {
  for (const whose of ['person', 'company'] as const)
    for (const hard of kinds) {
      const round: Act[] = [
        { kind: 'impose', whose, hard },
        ...(hard === 'banned' ? [{ kind: 'approve' as const, back: 0 }] : []),
        { kind: 'appeal', back: 0 },
        { kind: 'grant', back: 0 }
      ]
      await run(t, [...round, { kind: 'impose', whose, hard: 'restricted' }, ...round])
    }
})
