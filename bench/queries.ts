import { newId } from '../src/http/ids.ts'
import { decide, type MemberFacts, type OrganizationFacts } from '../src/permissions/decide.ts'
import { askers, evaluation, question } from './asking.ts'
import type { Organization } from './companies.ts'
import { type Measured, requestText, type Traffic } from './load.ts'
import { turns } from './traffic.ts'
import type { Plan } from './turns.ts'

const batch = 100
/** Rounds of both sides before those that count: much is compiled only once it was used thousands of times, and a service runs for weeks. */
const warmUps = 3

export interface QueryPlans {
  large: Organization
  port: number
  /** The database as superuser. */
  url: string
  toService: (traffic: () => Traffic) => Plan['measured']
  toQuestions: (traffic: () => Traffic) => Plan['measured']
}

/** Permission queries by services: from facts that are kept, as they are now, many at once, and the decision alone. */
export function queryPlans({ large, port, url, toService, toQuestions }: QueryPlans): Plan[] {
  let headers: Array<Record<string, string>> = []
  const headersOf = (index: number): Record<string, string> => headers[index % headers.length]!
  // Few enough that their facts are kept after the ramp.
  const questions = large.members.slice(0, 160).map(({ accountId }) => question(accountId, large.id))
  const ask =
    (path: string, more: Record<string, string> = {}) =>
    (): Traffic => ({
      status: 200,
      request: turns(questions.map((each, index) => requestText('POST', path, { ...headersOf(index), ...more }, each)))
    })
  const many = (body: object) => (): Traffic => ({
    status: 200,
    request: turns(questions.map((_, index) => requestText('POST', `${evaluation}s`, headersOf(index), body)))
  })
  const evaluations = questions.slice(0, batch)
  const { action, resource } = questions[0]!
  const shared = { action, resource, evaluations: evaluations.map(({ subject }) => ({ subject })) }
  const single = toService(ask(evaluation))
  const plans: Plan[] = [
    {
      subject: 'permission query, facts kept',
      beside: 'Fastify, the same schemas, a constant answer',
      measured: single,
      baseline: toQuestions(ask('/constant')),
      least: 0.6
    },
    {
      subject: 'permission query, `Consistency: full`',
      beside: 'Fastify, the same schemas, one select',
      measured: toService(ask(evaluation, { consistency: 'full' })),
      baseline: toQuestions(ask('/select')),
      least: 0.7
    },
    {
      subject: `permission queries, decisions in batches of ${batch}, action and resource said once`,
      beside: 'single ones',
      measured: times(batch, toService(many(shared))),
      baseline: single,
      least: 20
    },
    {
      subject: `permission queries, decisions in batches of ${batch}, each with all of its own`,
      beside: 'single ones',
      measured: times(batch, toService(many({ evaluations }))),
      baseline: single,
      least: 20
    },
    {
      subject: 'permission queries, `decide` in process',
      beside: 'what is asked of it',
      measured: async () => decisions(),
      baseline: async () => ({ perSecond: 3_000_000 }),
      least: 1
    }
  ]
  return plans.map((plan) => ({
    ...plan,
    async warmUp() {
      // Tokens live five minutes, which one plan takes no longer than.
      headers = await askers(port, url)
      await both(plan)
    }
  }))
}

async function both({ measured, baseline }: Plan): Promise<void> {
  for (let round = 0; round < warmUps; round++) {
    await measured()
    await baseline()
  }
}

const times = (factor: number, measured: Plan['measured']) => async (): Promise<Measured> => {
  const once = await measured()
  return { ...once, perSecond: once.perSecond * factor }
}

/** The decision alone, about a member with a few roles, on one core. */
function decisions(): Measured {
  const organization: OrganizationFacts = {
    id: newId(),
    kind: 'company',
    status: 'active',
    enforcement: 'none',
    requireSecondFactor: false
  }
  const teamId = newId()
  const member: MemberFacts = {
    accountId: newId(),
    accountStatus: 'active',
    enforcement: 'none',
    secondFactor: false,
    membershipStatus: 'active',
    owner: false,
    affiliation: null,
    grants: [
      { role: 'member', teamId: null },
      { role: 'recruiter', teamId },
      { role: 'hiring_manager', teamId: newId() }
    ]
  }
  const permissions = ['offer.send', 'job.post', 'company.read', 'member.invite', 'company.close']
  const run = (ms: number): number => {
    const until = performance.now() + ms
    let done = 0
    let allowed = 0
    while (performance.now() < until)
      for (let n = 0; n < 1000; n++, done++)
        if (decide(organization, member, permissions[n % permissions.length]!, teamId).allowed) allowed++
    if (allowed === 0 || allowed === done) throw new Error('decides everything alike')
    return (done / ms) * 1000
  }
  run(500)
  const perSecond = run(1000)
  return { perSecond, median: 1000 / perSecond, p99: 1000 / perSecond }
}
