import pg from 'pg'
import { newId, publicId } from '../src/http/ids.ts'
import { sha256 } from '../src/keyring.ts'
import { decide, type MemberFacts, type OrganizationFacts } from '../src/permissions/decide.ts'
import { randomToken } from '../src/tokens.ts'
import type { Member, Organization } from './companies.ts'
import { type Measured, requestText, type Traffic } from './load.ts'
import { turns } from './traffic.ts'
import type { Plan } from './turns.ts'

// Services enough that no limit of theirs is met.
const services = 8
const evaluation = '/access/v1/evaluation'
const batch = 100

export interface QueryPlans {
  large: Organization
  port: number
  /** The database as superuser. */
  url: string
  toService: (traffic: () => Traffic) => Plan['measured']
  toQuestions: (traffic: () => Traffic) => Plan['measured']
}

/** Permission queries by services: from facts that are kept, as they are now, many at once, and the decision alone. */
export async function queryPlans({ large, port, url, toService, toQuestions }: QueryPlans): Promise<Plan[]> {
  const headers = await askers(port, url)
  const resource = { type: 'company', id: publicId('company', large.id) }
  // Few enough that their facts are kept after the ramp.
  const members = large.members.slice(0, 160)
  const question = ({ accountId }: Member) => ({
    subject: { type: 'account', id: publicId('account', accountId) },
    action: { name: 'company.read' },
    resource
  })
  const ask =
    (path: string, more: Record<string, string> = {}) =>
    (): Traffic => ({
      status: 200,
      request: turns(members.map((member, index) => requestText('POST', path, { ...headers[index % services], ...more }, question(member))))
    })
  const many = (): Traffic => {
    const evaluations = Array.from({ length: batch }, (_, index) => question(members[index % members.length]!))
    return {
      status: 200,
      request: turns(members.map((_, index) => requestText('POST', `${evaluation}s`, headers[index % services]!, { evaluations })))
    }
  }
  const single = toService(ask(evaluation))
  return [
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
      subject: `permission queries, decisions in batches of ${batch}`,
      beside: 'single ones',
      measured: times(batch, toService(many)),
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
}

const times = (factor: number, measured: Plan['measured']) => async (): Promise<Measured> => {
  const once = await measured()
  return { ...once, perSecond: once.perSecond * factor }
}

/** Headers of service clients, each with a token from the service itself. */
async function askers(port: number, url: string): Promise<Array<Record<string, string>>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const made: Array<Record<string, string>> = []
    for (let count = 0; count < services; count++) {
      const [id, secret] = [newId(), randomToken('ghs')]
      await client.query(
        `insert into service_clients (id, name, scopes, secret_hashes) values ($1, $2, '{access.evaluate}', array[$3::bytea])`,
        [id, `bench-${id}`, sha256(secret)]
      )
      const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: publicId('service', id), client_secret: secret })
      const answer = await fetch(`http://127.0.0.1:${port}/v1/oauth/token`, { method: 'POST', body })
      if (!answer.ok) throw new Error(`No token: ${await answer.text()}`)
      made.push({ authorization: `Bearer ${((await answer.json()) as { access_token: string }).access_token}` })
    }
    return made
  } finally {
    await client.end()
  }
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
