import type { LightMyRequestResponse as Response } from 'fastify'
import t from 'tap'
import { type IdKind, newId, publicId } from '../../src/http/ids.ts'
import type { OrganizationKind } from '../../src/organizations/tables.ts'
import type { ProblemCode } from '../../src/problems.ts'
import { problemFault } from '../support/problems.ts'
import { liveBody, type Stage, stages } from '../support/stage.ts'
import { openWorld } from '../support/world.ts'

/** Generated over every route below an organization that the OpenAPI document has: what is added later is tested here without a word. */

const world = await openWorld(t)
const { set, join, freelance, send, ok, service } = await stages(world)
const operator = await world.operator()
const olga = await world.person('Olga')
const hana = await world.person('Hana')
const rita = await world.person('Rita')
const hugo = await world.person('Hugo')
const sam = await world.person('Sam')
const lena = await world.person('Lena')
for (const person of [olga, hana, rita, hugo, sam, lena]) await freelance(person)

/** Olga's, with Hana in it; a second company of the same two; and Rita's, with Hugo. */
const own = { company: await set('company', olga, hana), agency: await set('agency', olga, hana) }
const second = await set('company', olga, hana)
const others = { company: await set('company', rita, hugo), agency: await set('agency', rita, hugo) }

// An admin of both, suspended. In the agency with an offer of exclusive work.
const suspended: Record<OrganizationKind, string> = { company: '', agency: '' }
for (const place of [own.company, own.agency]) {
  const memberId = await join(place, lena, [{ role: 'admin' }])
  suspended[place.kind] = memberId
  if (place.kind === 'agency') await ok(send('POST', `${place.url}/members/${memberId}/affiliation`, olga, { affiliation: 'exclusive' }))
  await ok(send('POST', `${place.url}/ownership-transfer`, olga, { memberId }))
  await ok(send('POST', `${place.url}/members/${memberId}/suspension`, olga, {}))
}

interface Operation {
  operationId: string
  security: object[]
  parameters: Array<{ name: string; in: string }>
  requestBody?: { content: Record<string, { example: unknown }> }
}
interface Route {
  id: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  kind: OrganizationKind
  /** Parameters of the path beside the organization's id. */
  names: string[]
  example: unknown
  conditional: boolean
  dryRun: boolean
  by: string
}

const document = (await world.inject({ url: '/openapi.json' })).json() as { paths: Record<string, Record<string, Operation>> }
const routes: Route[] = Object.entries(document.paths).flatMap(([path, methods]) => {
  const kind = /\{(company|agency)Id\}/.exec(path)?.[1] as OrganizationKind | undefined
  if (!kind) return []
  return Object.entries(methods).map(([method, { operationId, security, parameters, requestBody }]) => ({
    id: operationId,
    method: method.toUpperCase() as Route['method'],
    path,
    kind,
    names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).filter((name) => name !== `${kind}Id`),
    example: requestBody?.content['application/json']?.example,
    conditional: parameters.some(({ name }) => name === 'If-Match'),
    dryRun: parameters.some(({ name }) => name === 'dryRun'),
    by: Object.keys(security[0] ?? {})[0] ?? 'anonymous'
  }))
})
const ofMembers = routes.filter(({ by }) => by === 'accountToken')

interface Request {
  route: Route
  by: { headers: object }
  params: Record<string, string>
  ids?: Record<string, string[]>
  query?: string
  body?: unknown
}

async function request({ route, by, params, ids = own[route.kind].ids, query = '', body }: Request): Promise<Response> {
  const url = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (params[name] === undefined) throw new Error(`${route.id}: the stage has nothing for {${name}}`)
    return encodeURIComponent(params[name])
  })
  const payload = route.example === undefined ? undefined : JSON.stringify(body ?? liveBody(route.example, ids))
  return world.inject({
    method: route.method,
    url: url + query,
    headers: {
      ...by.headers,
      ...(route.conditional ? { 'if-match': '"1"' } : {}),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' })
    },
    ...(payload === undefined ? {} : { payload })
  })
}

/** All that an answer tells, but for what differs between any two: its own address, number and time, and the count of requests. */
function told({ statusCode, body, headers }: Response): string {
  const { date: _, 'x-request-id': __, ratelimit: ___, ...rest } = headers
  const problem = JSON.stringify(JSON.parse(body || 'null'), (name, value) => (name === 'instance' || name === 'requestId' ? '' : value))
  return JSON.stringify([statusCode, problem, { ...rest, 'content-length': problem.length }])
}

const unknownOf = (kind: IdKind): string => publicId(kind, newId())
/** What stands nowhere, in the form of what a path names. */
const unknownParams: Record<string, () => string> = {
  companyId: () => unknownOf('company'),
  agencyId: () => unknownOf('agency'),
  teamId: () => unknownOf('team'),
  memberId: () => unknownOf('member'),
  key: () => 'no_such_role',
  domainId: () => unknownOf('domain'),
  contractId: () => 'contract-none',
  invitationId: () => unknownOf('invitation'),
  linkId: () => unknownOf('link'),
  requestId: () => unknownOf('request'),
  actionId: () => unknownOf('action')
}
const unknownParam = (name: string): string => {
  const make = unknownParams[name]
  if (!make) throw new Error(`Say here what an unknown {${name}} looks like`)
  return make()
}

/** Sends both and wants the same refusal of both: nothing at that address. */
async function alike(name: string, real: Request, unknown: Request): Promise<string | undefined> {
  const [one, other] = [await request(real), await request(unknown)]
  const fault = problemFault(one, 'not_found')
  if (fault) return `${name}: ${fault}`
  return told(one) === told(other) ? undefined : `${name}: ${told(one)} but of what is unknown ${told(other)}`
}

async function faults<Case>(cases: Case[], run: (each: Case) => Promise<string | undefined>): Promise<string[]> {
  if (cases.length === 0) return ['there was no case']
  const found: string[] = []
  for (const each of cases) {
    const fault = await run(each)
    if (fault) found.push(fault)
  }
  return found
}

const queriesOf = ({ dryRun }: Route): string[] => (dryRun ? ['', '?dryRun=true'] : [''])
const subsets = (names: string[]): string[][] =>
  Array.from({ length: 2 ** names.length - 1 }, (_, n) => names.filter((_, index) => (n + 1) & (1 << index)))

/** A digest of all that a request could have changed. */
async function everything(): Promise<unknown> {
  const tables = [
    'organizations',
    'teams',
    'team_members',
    'memberships',
    'role_grants',
    'custom_roles',
    'contracts',
    'domains',
    'ownership_transfers',
    'invitations',
    'join_links',
    'join_requests'
  ]
  return world.sql(
    `select ${tables.map((table) => `(select md5(string_agg(x::text, '' order by x::text)) from ${table} x) as ${table}`).join(', ')}, (select count(*) from audit_events where chain_kind = 'organization') as audited`
  )
}
const before = await everything()

t.test('C-3 404: to whoever is no member every route answers as for an organization that does not exist', async (t) => {
  t.ok(ofMembers.length >= 50, `${ofMembers.length} routes`)
  const cases = ofMembers.flatMap((route) => [sam, rita].flatMap((by) => queriesOf(route).map((query) => ({ route, by, query }))))
  t.strictSame(
    await faults(cases, ({ route, by, query }) => {
      const { params } = own[route.kind]
      const name = `${route.kind}Id`
      const unknown = { ...params, [name]: unknownParam(name) }
      return alike(`${route.id}${query} by ${by.email}`, { route, by, query, params }, { route, by, query, params: unknown })
    }),
    []
  )
})

t.test("C-3 404: a member of another organization finds nothing under this one's path, not even what is theirs", async (t) => {
  t.strictSame(
    await faults(ofMembers, (route) => {
      const name = `${route.kind}Id`
      const { params, ids } = others[route.kind]
      const mixed = { ...params, [name]: own[route.kind].params[name]! }
      const unknown = { ...params, [name]: unknownParam(name) }
      return alike(route.id, { route, by: rita, ids, params: mixed }, { route, by: rita, ids, params: unknown })
    }),
    []
  )
})

t.test("C-2 404: under one's own path every id of another organization, the same person's too, is as unknown as none", async (t) => {
  const foreign = (route: Route): Stage[] =>
    route.kind === 'company' ? [others.company, second, others.agency, own.agency] : [others.agency, others.company, own.company]
  const cases = ofMembers.flatMap((route) =>
    foreign(route).flatMap((from) =>
      subsets(route.names.filter((name) => from.params[name] !== undefined)).flatMap((names) =>
        queriesOf(route).map((query) => ({ route, from, names, query }))
      )
    )
  )
  for (const name of ['teamId', 'memberId', 'key', 'contractId', 'invitationId', 'linkId', 'requestId'])
    t.ok(
      cases.some(({ names }) => names.includes(name)),
      `ids in place of {${name}}`
    )
  t.strictSame(
    await faults(cases, ({ route, from, names, query }) => {
      const { params } = own[route.kind]
      const put = (value: (name: string) => string) => ({
        route,
        by: olga,
        query,
        params: { ...params, ...Object.fromEntries(names.map((name) => [name, value(name)])) }
      })
      const label = `${route.id}${query} with ${names.join(' and ')} of ${from.url}`
      return alike(
        label,
        put((name) => from.params[name]!),
        put(unknownParam)
      )
    }),
    []
  )
})

t.test('C-2 404 or 422: an id of another organization in a body or query is as unknown as none', async (t) => {
  const byId = (id: string): Route => routes.find((route) => route.id === id)!
  const cases: Array<{ name: string; route: Route; real: Partial<Request>; unknown: Partial<Request> }> = []
  for (const route of ofMembers) {
    const { ids } = own[route.kind]
    const named = JSON.stringify(liveBody(route.example ?? null, ids))
    for (const [kind, mine] of Object.entries(ids)) {
      for (const places of subsets(mine.filter((id) => named.includes(id)))) {
        const put = (other: (index: number) => string) => ({
          ids: { ...ids, [kind]: mine.map((id, index) => (places.includes(id) ? other(index) : id)) }
        })
        for (const from of route.kind === 'company' ? [others.company, second] : [others.agency])
          cases.push({
            name: `${route.id}: ${places.length} ${kind} of ${from.url} in the body`,
            route,
            real: put((index) => from.ids[kind]![index]!),
            unknown: put(() => unknownOf(kind as IdKind))
          })
      }
    }
  }
  t.ok(cases.length >= 10, `${cases.length} bodies`)
  const from = second
  const grant = (grants: object[]): Partial<Request> => ({ body: { grants } })
  cases.push(
    {
      name: 'a role for a team',
      route: byId('changeCompanyMemberRoles'),
      real: grant([{ role: 'recruiter', teamId: from.teamId }]),
      unknown: grant([{ role: 'recruiter', teamId: unknownOf('team') }])
    },
    {
      name: 'a custom role',
      route: byId('changeCompanyMemberRoles'),
      real: grant([{ role: from.params.key! }]),
      unknown: grant([{ role: 'no_such_role' }])
    },
    {
      name: 'a new contact',
      route: byId('removeCompanyMember'),
      real: { query: `?reassignContactTo=${from.params.memberId}` },
      unknown: { query: `?reassignContactTo=${unknownOf('member')}` }
    }
  )
  t.strictSame(
    await faults(cases, async ({ name, route, real, unknown }) => {
      const { params } = own[route.kind]
      const [one, other] = [await request({ route, by: olga, params, ...real }), await request({ route, by: olga, params, ...unknown })]
      const fault = problemFault(one, 'not_found', 'unknown_team', 'unknown_role')
      if (fault) return `${name}: ${fault}`
      return told(one) === told(other) ? undefined : `${name}: ${told(one)} but of what is unknown ${told(other)}`
    }),
    []
  )
  for (const [id, filter, theirs, none] of [
    ['listCompanyMembers', 'team', from.teamId, unknownOf('team')],
    ['listCompanyMembers', 'role', from.params.key!, 'no_such_role'],
    ['listContracts', 'contact', from.params.memberId!, unknownOf('member')]
  ] as const) {
    const [one, other] = await Promise.all(
      [theirs, none].map((value) => request({ route: byId(id), by: olga, params: own.company.params, query: `?${filter}=${value}` }))
    )
    t.equal(told(one!), told(other!), `${id} by ${filter}`)
    t.ok(one!.statusCode === 404 || one!.json().items.length === 0, `${id} by ${filter} finds nothing`)
  }
})

t.test('404: what is no id, or one of another kind, in any place of any path, for owner, service and operator alike', async (t) => {
  const wrong = ['x', '%', '../x', "'", '"', '\u0000', '\u202e', 'ü'.repeat(40), 'a'.repeat(100), unknownOf('account'), newId()]
  const cases = routes.flatMap((route) =>
    [`${route.kind}Id`, ...route.names].flatMap((name) => [...wrong, own[route.kind].id.toUpperCase()].map((id) => ({ route, name, id })))
  )
  const callers: Record<string, { headers: object }> = { accountToken: olga, operatorToken: operator, serviceToken: service }
  t.ok(
    Object.keys(callers).every((by) => routes.some((route) => route.by === by)),
    'routes of all three'
  )
  t.strictSame(
    await faults(cases, async ({ route, name, id }) => {
      const params = { ...own[route.kind].params, [name]: id }
      const response = await request({ route, by: callers[route.by]!, params })
      const fault = problemFault(response, 'not_found', 'invalid_input', 'uri_too_long')
      return fault && `${route.id} with ${name} ${JSON.stringify(id)}: ${fault}`
    }),
    []
  )
  t.strictSame(
    await faults(
      routes.filter(({ by }) => by !== 'accountToken'),
      async (route) => {
        const name = `${route.kind}Id`
        const params = { ...own[route.kind].params, [name]: unknownParam(name) }
        const fault = problemFault(await request({ route, by: callers[route.by]!, params }), 'not_found')
        return fault && `${route.id}: ${fault}`
      }
    ),
    []
  )
})

t.test('C-2, C-3: nothing of all this changed anything, or was noted anywhere', async (t) => {
  t.strictSame(await everything(), before)
})

/** What a suspended member still has, by what it answers: a look at themselves, saying no, and the way out. The rest is one refusal. */
function leftTo(route: Route, self: boolean): Array<ProblemCode | number> {
  const { id } = route
  if (self && /^get\w+Member(Permissions|Profile)?$/.test(id)) return [200]
  if (self && /^cancel\w+MemberLeave$/.test(id)) return ['not_found']
  if (self && id === 'withdrawAffiliation') return [204]
  if (/^get\w+OwnershipTransfer$/.test(id)) return [200]
  if (/^decline\w+Ownership$/.test(id)) return [204, 'transfer_not_open']
  // Whoever is a member stays what they are, and nobody withdraws for another.
  if (id === 'joinCompany') return [200]
  if (id === 'withdrawJoinRequest') return ['not_found']
  // Nobody accepts for another.
  if (!self && id === 'acceptAffiliation') return ['access_denied']
  return ['membership_suspended']
}

t.test('C-13 403: a suspended member meets membership_suspended but for themselves and the way out', async (t) => {
  const leaving = /^(remove|preview)\w+(Member|MemberRemoval)$/
  const cases = ofMembers.flatMap((route) => {
    const bodies = route.example === undefined ? [undefined] : [undefined, {}]
    const whom = route.names.includes('memberId') && !leaving.test(route.id) ? [false, true] : [false]
    return whom.flatMap((self) => bodies.map((body) => ({ route, self, body })))
  })
  t.strictSame(
    await faults(cases, async ({ route, self, body }) => {
      const { params } = own[route.kind]
      const response = await request({ route, by: lena, params: self ? { ...params, memberId: suspended[route.kind] } : params, body })
      const left = leftTo(route, self)
      // An empty body is not for every route.
      if (left.includes(response.statusCode) || (body && response.json().code === 'invalid_input')) return undefined
      const fault = problemFault(response, ...left.filter((code) => typeof code === 'string'))
      return fault && `${route.id}${self ? ' as themselves' : ''} ${JSON.stringify(body ?? '')}: ${fault}`
    }),
    []
  )
  for (const { kind, url } of [own.company, own.agency]) {
    const one = `${url}/members/${suspended[kind]}`
    t.equal((await send('GET', `${one}/removal`, lena)).statusCode, 200, `${kind}: a look at what leaving means`)
    t.equal((await send('DELETE', one, lena)).statusCode, 204, `${kind}: leaving`)
  }
})
