import { readFileSync } from 'node:fs'
import type { LightMyRequestResponse as Response } from 'fastify'
import { TOTP } from 'otpauth'
import t from 'tap'
import { z } from 'zod'
import { describeApi } from '../../src/dev/describe-api.ts'
import { blockerSchema } from '../../src/http/blockers.ts'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import { openApiDocument } from '../../src/http/openapi.ts'
import type { RouteSpec } from '../../src/http/route.ts'
import { problemsOf, statusesOf } from '../../src/http/route-facts.ts'
import type { OrganizationKind } from '../../src/organizations/tables.ts'
import { catalogue, type ProblemCode } from '../../src/problems.ts'
import { imposed } from '../support/enforcement.ts'
import { liveBody, type Stage, stages } from '../support/stage.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { operations } = world.app
const { set, freelance, putContract, send, ok, tagOf, service } = await stages(world)

interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description: string
  security: Array<Record<string, unknown>>
  parameters: Array<{ name: string; in: string; required: boolean; schema: object; description?: string }>
  requestBody?: { content: Record<string, { schema: object; example?: unknown }> }
  responses: Record<
    string,
    {
      description: string
      headers: Record<string, object>
      content?: Record<string, { schema: object; example?: unknown; examples?: Record<string, { value: Record<string, unknown> }> }>
    }
  >
}
interface Document {
  openapi: string
  tags: Array<{ name: string }>
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> }
}

const document = (await describeApi()) as Document
const documented = (spec: RouteSpec): Operation => document.paths[spec.path.replace(/:(\w+)/g, '{$1}')]![spec.method.toLowerCase()]!
const refsIn = (value: unknown): string[] => [...JSON.stringify(value).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!)

t.test('openapi/openapi.json is the document that the service makes', async (t) => {
  const kept = JSON.parse(readFileSync('openapi/openapi.json', 'utf8'))
  t.ok(JSON.stringify(kept) === JSON.stringify(document), 'openapi/openapi.json is out of date: run `npm run openapi`')
  const served = (await world.inject({ url: '/openapi.json' })).json() as Document
  t.strictSame(Object.keys(served.paths), Object.keys(document.paths), 'the same is served')
  t.equal((await world.inject({ url: '/docs' })).statusCode, 200)
})

t.test('every operation is documented: summary, description, tag, security, parameters, every status and problem', async (t) => {
  const tags = document.tags.map(({ name }) => name)
  t.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length, 'operation ids are unique')
  for (const spec of operations) {
    const operation = documented(spec)
    const faults: string[] = []
    const must = (holds: unknown, what: string): void => {
      if (!holds) faults.push(what)
    }
    must(/^[a-z][A-Za-z]+$/.test(operation.operationId), 'operationId')
    must(operation.summary.length >= 5 && !operation.summary.endsWith('.'), 'summary')
    must(operation.description.length >= 8 && operation.description.includes('.'), 'description')
    must(operation.tags.length === 1 && tags.includes(operation.tags[0]!), 'tag')
    must(Array.isArray(operation.security) && (spec.access.kind === 'anonymous') === (operation.security.length === 0), 'security')
    must(
      operation.security.every((scheme) => Object.keys(scheme).every((name) => name in document.components.securitySchemes)),
      'security scheme'
    )
    for (const name of spec.path.matchAll(/:(\w+)/g))
      must(
        operation.parameters.some((one) => one.in === 'path' && one.name === name[1] && one.required),
        `path parameter ${name[1]}`
      )
    must(
      operation.parameters.every(({ schema, description }) => schema && description),
      'parameters described'
    )
    if (spec.conditional)
      must(
        operation.parameters.some(({ name, required }) => name === 'If-Match' && required),
        'If-Match'
      )
    if (spec.idempotent)
      must(
        operation.parameters.some(({ name }) => name === 'Idempotency-Key'),
        'Idempotency-Key'
      )
    must(
      spec.method === 'GET' ||
        spec.body === undefined ||
        operation.requestBody?.content[spec.consumes?.[0] ?? 'application/json']?.example !== undefined,
      'example of the body'
    )
    const statuses = [...statusesOf(spec)].map(String).sort()
    must(Object.keys(operation.responses).sort().join() === statuses.join(), `statuses ${Object.keys(operation.responses)}`)
    for (const code of problemsOf(spec)) {
      const examples = operation.responses[catalogue[code].status]?.content?.['application/problem+json']?.examples
      must(examples?.[code], `example of ${code}`)
    }
    for (const [status, response] of Object.entries(operation.responses)) {
      must(response.description && response.headers['X-Request-ID'], `${status} described`)
      for (const { schema, example, examples } of Object.values(response.content ?? {}))
        must(schema && (example ?? examples) !== undefined, `example of ${status}`)
    }
    t.strictSame(faults, [], operation.operationId)
  }
})

/** Refusals that list what stands in the way (K-8). */
const guards = [
  'owner_must_transfer',
  'contact_on_active_contracts',
  'active_agency_work',
  'independent_work_active',
  'exclusive_elsewhere',
  'role_in_use',
  'closure_blocked'
]

t.test('every example conforms to its schema', async (t) => {
  for (const spec of operations) {
    if (spec.body) t.ok(spec.body.safeParse(spec.example).success, `${spec.operationId} body`)
    for (const [status, { schema, example }] of Object.entries(spec.replies)) {
      if (schema) t.ok(schema.safeParse(example).success, `${spec.operationId} ${status}`)
    }
    const shown = Object.values(documented(spec).responses).flatMap(({ content }) =>
      Object.entries(content?.['application/problem+json']?.examples ?? {})
    )
    for (const [code, { value }] of shown) {
      const known = Object.keys((document.components.schemas.Problem as { properties: object }).properties)
      const { title, status } = catalogue[code as ProblemCode]
      t.match(value, { title, status, code, type: `http://localhost:3000/problems/${code}` }, `${spec.operationId} ${code}`)
      t.ok(
        Object.keys(value).every((name) => known.includes(name)),
        `${spec.operationId} ${code}: no member that the schema does not know`
      )
      if (guards.includes(code))
        t.ok(z.array(blockerSchema).min(1).safeParse(value.blockers).success, `${spec.operationId} ${code}: blockers`)
    }
  }
})

t.test('every reference leads somewhere, and one name means one schema', async (t) => {
  const components = document.components.schemas
  const missing = refsIn(document).filter((ref) => !(ref.replace('#/components/schemas/', '') in components))
  t.strictSame(missing, [])
  const used = new Set(refsIn(document))
  t.strictSame(
    Object.keys(components).filter((name) => !used.has(`#/components/schemas/${name}`)),
    [],
    'no schema is left over'
  )

  const route = (path: string, schema: z.ZodType): RouteSpec => ({
    ...operations[0]!,
    path,
    replies: { 200: { description: 'x', schema } }
  })
  const described =
    (...routes: RouteSpec[]) =>
    () =>
      openApiDocument(routes, 'http://localhost:3000', '1')
  const one = z.strictObject({ a: z.string() }).meta({ id: 'TestTwin' })
  t.doesNotThrow(described(route('/a', one), route('/b', one)))
  z.globalRegistry.remove(one)
  const registry = { id: 'TestTwin' }
  z.globalRegistry.add(one, registry)
  const other = z.strictObject({ b: z.number() })
  t.throws(() => {
    z.globalRegistry.add(other, registry)
    described(route('/a', one), route('/b', other))()
  }, /TestTwin/)
})

/** What stands in an example for what lives: a token out of a mail, an address, a code, an organization with people in it. */
interface Actors {
  person: Person
  token: (prefix: string) => Promise<string>
  /** A company or agency of the person's, with a member; made when it is first asked for. */
  stage: (kind?: OrganizationKind) => Promise<Stage>
}

/** What replaces the values of an example, and who sends it. */
interface Given {
  body?: Record<string, unknown>
  params?: Record<string, string>
  query?: string
  ifMatch?: string
  as?: Person
}

const newAddress = 'olga@studio.example'
const addAddress = (person: Person): Promise<Response> => world.post('/v1/me/emails', { email: newAddress }, person.headers)
const proveAddress = async (person: Person): Promise<void> => {
  await addAddress(person)
  await world.post(`/v1/me/emails/${newAddress}/verify`, { token: await world.mailedToken(newAddress, 'gha') }, person.headers)
}
const startTotp = async (person: Person): Promise<string> => {
  const { secret } = (await world.post('/v1/me/totp', {}, person.headers)).json() as { secret: string }
  return new TOTP({ secret, algorithm: 'SHA1', digits: 6, period: 30 }).generate()
}
const makePrimary = async (person: Person): Promise<void> => {
  await proveAddress(person)
  const seen = await world.inject({ url: '/v1/me', headers: person.headers })
  await world.inject({
    method: 'PUT',
    url: `/v1/me/emails/${newAddress}/primary`,
    headers: { ...person.headers, 'if-match': String(seen.headers.etag) }
  })
}

const exampleOf = (operationId: string): object => operations.find((spec) => spec.operationId === operationId)!.example as object
const specialise = async (person: Person): Promise<Response> => {
  await freelance(person)
  return world.post('/v1/me/profiles/freelancer/specialised', exampleOf('addSpecialisedProfile'), person.headers)
}

/** A domain of the company at which the person has a proven address. */
const claimDomain = async ({ person, stage }: Actors): Promise<{ path: string; params: { domainId: string } }> => {
  const { url } = await stage()
  await proveAddress(person)
  const domain = newAddress.split('@')[1]
  const { id } = (await ok(send('POST', `${url}/domains`, person, { domain }))).json() as { id: string }
  return { path: `${url}/domains/${id}`, params: { domainId: id } }
}

/** Lets the DNS show what proves that a domain is the company's own. */
const showRecord = async (path: string, person: Person): Promise<void> => {
  const { challenge } = (await ok(send('GET', path, person))).json() as { challenge: { recordValue: string } }
  world.parts.dns = { txt: async () => [challenge.recordValue] }
}

const memberUrl = ({ url, params }: Stage): string => `${url}/members/${params.memberId}`
const offerOwnership = async (stage: Stage): Promise<Given> => {
  await ok(send('POST', `${stage.url}/ownership-transfer`, stage.owner, { memberId: stage.params.memberId }))
  return {}
}
const close = async (stage: Stage): Promise<Given> => {
  if (stage.kind === 'company') await putContract(stage, stage.params.contractId!, 'closed')
  await ok(send('POST', `${stage.url}/closure`, stage.owner, {}))
  return {}
}
/** The member is to leave, but is contact of a contract or has a proposal open. */
const scheduleLeave = async (stage: Stage): Promise<Given> => {
  const { owner, member, params } = stage
  const contact = {
    method: 'PUT',
    url: `${stage.url}/contracts/${params.contractId}/contact`,
    payload: { memberId: params.memberId }
  } as const
  await ok(
    stage.kind === 'company'
      ? world.inject({ ...contact, headers: { ...owner.headers, 'if-match': '"1"' } })
      : send('PUT', '/v1/proposals/proposal-12', service, { version: 1, accountId: member.accountId, agencyId: stage.id, status: 'open' })
  )
  await ok(send('DELETE', `${memberUrl(stage)}?whenClear=true`, owner))
  return {}
}
const propose = async (stage: Stage): Promise<Given> => {
  await ok(send('POST', `${memberUrl(stage)}/affiliation`, stage.owner, { affiliation: 'exclusive' }))
  return {}
}

const linkToken = async ({ url, owner }: Stage): Promise<string> =>
  ((await ok(send('POST', `${url}/join-links`, owner, {}))).json() as { url: string }).url.split('#token=')[1]!
/** Somebody with an address at the company's domain. */
const coworker = ({ domain }: Stage): Promise<Person> => world.person('Cara', { email: `cara@${domain}` })

/** The token of an invitation of Cara's that was just mailed. */
const invite = async ({ stage, token }: Actors, prefix = 'ghi'): Promise<{ token: string }> => {
  const { url, owner } = await stage('company')
  await ok(send('POST', `${url}/invitations`, owner, { email: 'cara@example.com' }))
  return { token: await token(prefix) }
}

/** An appeal against an action of somebody who is nobody's operator. */
const appealOf = async (person: Person): Promise<string> => {
  await imposed(world, parseId('account', person.accountId)!, 'restricted')
  return ((await ok(send('POST', '/v1/appeals', person, { statement: 'Why?' }))).json() as { id: string }).id
}
const actionOn = async (kind: 'account' | OrganizationKind, id: string, status: 'proposed' | 'active'): Promise<string> => {
  const actionId = newId()
  await world.sql(
    `insert into enforcement_actions (id, ${kind === 'account' ? 'account_id' : 'organization_id'}, kind, status, reason_code, policy, remedy, imposed_by_kind, imposed_by_id)
      values ($1, $2, $3, $4, 'spam', 'x', 'x', 'operator', 'one')`,
    [actionId, parseId(kind, id), status === 'proposed' ? 'banned' : 'notice', status]
  )
  return publicId('action', actionId)
}

/** Olga and Hana, who seem to be one person: both have the same phone. */
const alike = async (person: Person): Promise<{ hana: Person; caseId: string }> => {
  const hana = await world.person('Hana')
  const tell = (accountId: string): Promise<Response> =>
    ok(send('POST', `/v1/accounts/${accountId}/evidence`, service, { kind: 'phone', value: '+49 151 23456789', verified: true }))
  await tell(person.accountId)
  return { hana, caseId: ((await tell(hana.accountId)).json() as { cases: Array<{ id: string }> }).cases[0]!.id }
}
const proofOf = async (person: Person): Promise<string> =>
  ((await ok(send('POST', '/v1/me/duplicate-case/proof', person, {}))).json() as { proof: string }).proof
const verifying = async (person: Person): Promise<Given> => {
  await ok(send('POST', '/v1/me/identity-verification', person, {}))
  return { params: { accountId: person.accountId } }
}

/** Somebody whose account is closed, with an operator's proposal to erase them where it takes one. */
const closedAccount = async (person: Person, proposed = false): Promise<Given> => {
  await ok(send('POST', '/v1/me/closure', person, {}))
  const uuid = parseId('account', person.accountId)
  if (proposed)
    await world.sql(
      "insert into anonymisations (id, account_id, status, requested_by_kind, requested_by_id) values ($1::uuid, $2, 'proposed', 'operator', $1::uuid::text)",
      [newId(), uuid]
    )
  return { params: { accountId: person.accountId } }
}

/** What has to be there before an example can be sent, and what replaces its values. */
const live: Record<string, (actors: Actors) => Promise<Given | undefined>> = {
  registerAccount: async () => ({ body: { email: 'nobody-yet@example.com' } }),
  verifyEmail: async ({ token }) => {
    await world.post('/v1/accounts', { ...exampleOf('registerAccount'), email: 'nora@example.com' })
    return { body: { token: await token('ghv') } }
  },
  resetPassword: async ({ token, person }) => {
    await world.post('/v1/password-resets', { email: person.email })
    return { body: { token: await token('ghp') } }
  },
  confirmReactivation: async ({ token, person }) => {
    await closedAccount(person)
    await ok(world.post('/v1/reactivations', { email: person.email }))
    return { body: { token: await token('ghb') } }
  },
  requestAnonymisation: async ({ person }) => ({ as: person }),
  proposeAnonymisation: async ({ person }) => closedAccount(person),
  approveAnonymisation: async ({ person }) => closedAccount(person, true),
  cancelAnonymisation: async ({ person }) => closedAccount(person, true),
  undoEmailChange: async ({ token, person }) => {
    await makePrimary(person)
    return { body: { token: await token('ghu') } }
  },
  verifyOwnEmail: async ({ token, person }) => {
    await addAddress(person)
    return { params: { email: newAddress }, body: { token: await token('gha') } }
  },
  makeEmailPrimary: async ({ person }) => {
    await proveAddress(person)
    return { params: { email: newAddress } }
  },
  removeEmail: async ({ person }) => {
    await addAddress(person)
    return { params: { email: newAddress } }
  },
  getFreelancerProfile: async ({ person }) => {
    await freelance(person)
    return undefined
  },
  updateFreelancerProfile: (actors) => live.getFreelancerProfile!(actors),
  closeFreelancerProfile: (actors) => live.getFreelancerProfile!(actors),
  addSpecialisedProfile: (actors) => live.getFreelancerProfile!(actors),
  updateSpecialisedProfile: async ({ person }) => ({ params: { place: '1' }, ifMatch: String((await specialise(person)).headers.etag) }),
  removeSpecialisedProfile: async ({ person }) => {
    await specialise(person)
    return { params: { place: '1' } }
  },
  refreshSession: async ({ person }) => ({ body: { refreshToken: person.refreshToken } }),
  endSession: async ({ person }) => ({ params: { sessionId: person.sessionId } }),
  confirmTotp: async ({ person }) => ({ body: { code: await startTotp(person) } }),
  removeTotp: async ({ person }) => {
    await world.post('/v1/me/totp/confirmation', { code: await startTotp(person) }, person.headers)
    return undefined
  },
  replaceRecoveryCodes: (actors) => live.removeTotp!(actors),
  searchAccounts: async ({ person }) => ({ query: `?email=${person.email}` }),
  grantClientToken: async () => {
    const { clientId, clientSecret } = service
    return { body: { client_id: clientId, client_secret: clientSecret } }
  },
  createAgency: (actors) => live.getFreelancerProfile!(actors),
  acceptAffiliation: async ({ stage }) => ({ ...(await propose(await stage())), as: (await stage()).member }),
  withdrawAffiliation: async ({ stage }) => propose(await stage()),
  updateAgencyMemberProfile: async ({ stage }) => {
    await propose(await stage())
    await ok(send('POST', `${memberUrl(await stage())}/affiliation/accept`, (await stage()).member, {}))
    return undefined
  },
  getAgencyMemberProfile: (actors) => live.updateAgencyMemberProfile!(actors),
  putContract: async ({ stage }) => {
    const { id, teamId, owner, member } = await stage('company')
    return {
      params: { contractId: 'contract-new' },
      body: { companyId: id, teamId, contactAccountId: owner.accountId, freelancerAccountId: member.accountId }
    }
  },
  lookUpInvitation: async (actors) => ({ body: await invite(actors) }),
  acceptInvitation: async (actors) => ({ as: await world.person('Cara'), body: await invite(actors) }),
  declineInvitation: async (actors) => ({ body: await invite(actors) }),
  setInvitationPreference: async (actors) => ({ body: await invite(actors, 'ghn') }),
  unsubscribeFromInvitations: async (actors) => ({ query: `?token=${(await invite(actors, 'ghn')).token}` }),
  lookUpJoinLink: async ({ stage }) => ({ body: { token: await linkToken(await stage('company')) } }),
  acceptJoinLink: async ({ stage }) => {
    const company = await stage('company')
    return { body: { token: await linkToken(company) }, as: await coworker(company) }
  },
  joinCompany: async ({ stage }) => ({ as: await coworker(await stage()) }),
  withdrawJoinRequest: async ({ stage }) => {
    const cara = await coworker(await stage())
    const { request } = (await ok(send('POST', `${(await stage()).url}/join`, cara, {}))).json() as { request: { id: string } }
    return { params: { requestId: request.id }, as: cara }
  },
  getPermissionMap: async ({ person }) => ({ params: { accountId: person.accountId } }),
  listSignals: async ({ person }) => ({ params: { accountId: person.accountId } }),
  putProposal: async ({ person }) => ({ params: { proposalId: 'proposal-12' }, body: { accountId: person.accountId } }),
  verifyDomain: async (actors) => ({ params: (await claimDomain(actors)).params }),
  updateDomain: async (actors) => {
    const { path, params } = await claimDomain(actors)
    await showRecord(path, actors.person)
    await ok(send('POST', `${path}/verify`, actors.person, { proof: 'dns' }))
    return { params }
  },
  contestDomain: async (actors) => {
    const { path, params } = await claimDomain(actors)
    await world.sql("update domains set status = 'lost', contest_until = now() + interval '1 day' where domain = 'studio.example'")
    await showRecord(path, actors.person)
    return { params }
  },
  putConversation: async ({ stage }) => {
    const { id, teamId, owner } = await stage('company')
    return {
      params: { conversationId: 'conversation-new' },
      body: { companyId: id, teamId, participants: [{ accountId: owner.accountId, level: 'full' }] }
    }
  },
  getConversation: async ({ stage }) => ({ params: (await stage('company')).params }),
  removeParticipant: (actors) => live.getConversation!(actors),
  addCoworker: async ({ stage }) => {
    const { params } = await stage('company')
    return { params, body: { memberId: params.memberId } }
  },
  recordEvidence: async ({ person }) => ({ params: { accountId: person.accountId } }),
  getOwnDuplicateCase: async ({ person }) => void (await alike(person)),
  reportDuplicate: async () => ({ body: { proof: await proofOf(await world.person('Hana')) } }),
  chooseAccount: async ({ person }) => ({ body: { proof: await proofOf((await alike(person)).hana) } }),
  getDuplicateCase: async ({ person }) => ({ params: { caseId: (await alike(person)).caseId } }),
  decideDuplicateCase: (actors) => live.getDuplicateCase!(actors),
  recordDuplicateException: async ({ person }) => ({ body: { accountIds: [person.accountId, (await world.person('Hana')).accountId] } }),
  requestIdentityVerification: async ({ person }) => ({ params: { accountId: person.accountId } }),
  getIdentityVerification: ({ person }) => verifying(person),
  recordVerificationResult: async ({ person }) => {
    const given = await verifying(person)
    const { id } = (await ok(send('GET', '/v1/me/identity-verification', person))).json()
    return { ...given, body: { verificationId: id } }
  },
  getOwnIdentityVerification: ({ person }) => verifying(person),
  endSessionsOfAccount: async ({ person }) => ({ params: { accountId: person.accountId } }),
  removeTotpOfAccount: async (actors) => {
    await live.removeTotp!(actors)
    return { params: { accountId: actors.person.accountId } }
  },
  submitAppeal: async ({ person }) => void (await imposed(world, parseId('account', person.accountId)!, 'restricted')),
  getAppeal: async ({ person }) => ({ params: { appealId: await appealOf(person) } }),
  answerAppeal: async ({ person }) => {
    const appealId = await appealOf(person)
    await world.sql("update appeals set status = 'more_info'")
    return { params: { appealId } }
  },
  decideAppeal: async ({ person }) => ({ params: { appealId: await appealOf(person) } }),
  ...Object.fromEntries(
    ['Account', 'Company', 'Agency'].flatMap((Name) => {
      const kind = Name.toLowerCase() as 'account' | OrganizationKind
      const on =
        (action: 'proposed' | 'active' | undefined) =>
        async ({ person, stage }: Actors): Promise<Given> => {
          const id = kind === 'account' ? person.accountId : (await stage()).id
          const own = kind === 'account' ? { accountId: id } : {}
          return { params: { ...own, ...(action ? { actionId: await actionOn(kind, id, action) } : {}) } }
        }
      return Object.entries({
        [`impose${Name}Enforcement`]: on(undefined),
        [`list${Name}Enforcement`]: on(undefined),
        [`approve${Name}Ban`]: on('proposed'),
        [`lift${Name}Enforcement`]: on('active')
      })
    })
  ),
  ...Object.fromEntries(
    ['Company', 'Agency'].flatMap((Name) => {
      const on =
        (prepare: (stage: Stage) => Promise<Given>) =>
        async ({ stage }: Actors): Promise<Given> =>
          prepare(await stage())
      const asMember = on(async (stage) => ({ ...(await offerOwnership(stage)), as: stage.member }))
      return Object.entries({
        [`close${Name}`]: on(async (stage) => {
          if (stage.kind === 'company') await putContract(stage, stage.params.contractId!, 'closed')
          return {}
        }),
        [`reopen${Name}`]: on(close),
        [`change${Name}MemberRoles`]: on(async (stage) => ({ ifMatch: await tagOf(memberUrl(stage), stage.owner) })),
        [`resume${Name}Member`]: on(async (stage) => {
          await ok(send('POST', `${memberUrl(stage)}/suspension`, stage.owner, {}))
          return {}
        }),
        [`cancel${Name}MemberLeave`]: on(scheduleLeave),
        [`add${Name}TeamMember`]: on(async ({ otherTeamId }) => ({ params: { teamId: otherTeamId } })),
        [`get${Name}OwnershipTransfer`]: on(offerOwnership),
        [`cancel${Name}OwnershipTransfer`]: on(offerOwnership),
        [`accept${Name}Ownership`]: asMember,
        [`decline${Name}Ownership`]: asMember
      })
    })
  )
}

/** Empties every table but those of the clients and the audit. Without the checks of references this is many times faster than truncating. */
async function emptying(): Promise<string> {
  const tables = await world.sql<{ name: string }>(`select quote_ident(tablename) as name from pg_tables
    where schemaname = 'public' and tablename not in ('service_clients', 'operators', 'signing_keys') and tablename not like 'audit%'`)
  const deletes = tables.map(({ name }) => `delete from ${name}`).join('; ')
  return `begin; set local session_replication_role = replica; ${deletes}; commit`
}

t.test('every example is real: sent to the service it succeeds, with an answer of its schema', async (t) => {
  const operator = await world.operator()
  const empty = await emptying()
  for (const spec of operations) {
    // Everything anew for each: an example stands for itself.
    await world.sql(empty)
    world.sent.length = 0
    const person = await world.person('Olga')
    const token = async (prefix: string): Promise<string> => {
      const texts = (await world.mails()).map(({ text }) => text).reverse()
      return texts.map((text) => new RegExp(`${prefix}_[\\w-]{49}`).exec(text)?.[0]).find(Boolean) ?? `no mail with ${prefix}_`
    }
    let made: Promise<Stage> | undefined
    const make = async (kind: OrganizationKind): Promise<Stage> => {
      const member = await world.person('Hana')
      if (kind === 'agency') await Promise.all([freelance(person), freelance(member)])
      return set(kind, person, member)
    }
    const placed = /:(company|agency)Id/.exec(spec.path)?.[1] as OrganizationKind | undefined
    const stage = (kind = placed): Promise<Stage> => (made ??= make(kind!))

    const given = (await live[spec.operationId]?.({ person, token, stage })) ?? {}
    const { params = {}, ids = {} } = placed ? await stage() : {}
    const sender = given.as ?? person
    const headers = {
      anonymous: {},
      visitor: given.as?.headers ?? {},
      account: sender.headers,
      party: sender.headers,
      operator: operator.headers,
      service: service.headers,
      asker: service.headers
    }[spec.access.kind]
    const path = spec.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent({ ...params, ...given.params }[name] ?? ''))
    const body = spec.body ? { ...(liveBody(spec.example, ids) as object), ...given.body } : undefined
    const form = spec.consumes?.[0] === 'application/x-www-form-urlencoded'
    const payload = body && (form ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body))
    const readable = operations.some(({ method, path }) => method === 'GET' && path === spec.path)
    const seen = (): Promise<Response> => world.inject({ url: readable ? path : '/v1/me', headers: sender.headers })
    const response = await world.inject({
      method: spec.method,
      url: path + (given.query ?? ''),
      headers: {
        ...headers,
        ...(payload === undefined ? {} : { 'content-type': spec.consumes?.[0] ?? 'application/json' }),
        ...(spec.conditional ? { 'if-match': given.ifMatch ?? String((await seen()).headers.etag) } : {})
      },
      ...(payload === undefined ? {} : { payload })
    })
    t.ok(
      response.statusCode < 300 && response.statusCode in spec.replies,
      `${spec.operationId}: ${response.statusCode} ${response.statusCode < 300 ? '' : response.body}`
    )
    const { schema, headers: promised = {} } = spec.replies[response.statusCode] ?? {}
    if (schema) t.ok(schema.safeParse(response.json()).success, `${spec.operationId}: the answer has the declared form`)
    for (const name of Object.keys(promised))
      if (name !== 'Link') t.ok(response.headers[name.toLowerCase()], `${spec.operationId}: ${name}`)
  }
})
