import type { LightMyRequestResponse as Response } from 'fastify'
import t from 'tap'
import { evaluateAll } from '../../src/access/evaluate.ts'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import type { OrganizationKind } from '../../src/organizations/tables.ts'
import type { Question } from '../../src/permissions/answer.ts'
import { type PermissionKey, permissionKeys, permissionOf, permissionsOfKind } from '../../src/permissions/catalogue.ts'
import { decide } from '../../src/permissions/decide.ts'
import { deciding, type ShownAction } from '../support/deciding.ts'
import { inviting } from '../support/invitations.ts'
import { problemFault } from '../support/problems.ts'
import { liveBody, type Stage, stages } from '../support/stage.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t, { env: { COMPANIES_PER_ACCOUNT: '1000' } })
const { sql } = world
const { set, freelance, join, found, send, ok, service } = await stages(world)
const { invited, accept, mailed, memberOf } = inviting(world)
const { done, lift, ban, grant, enforcementOf } = deciding(world)
const one = await world.operator('one@guildhall.example')
const two = await world.operator('two@guildhall.example')
const three = await world.operator('three@guildhall.example')
const olga = await world.person('Olga')
const hana = await world.person('Hana')
for (const person of [olga, hana]) await freelance(person)
/** Olga's, each with one of everything. */
const places: Record<OrganizationKind, Stage> = { company: await set('company', olga, hana), agency: await set('agency', olga, hana) }

/** Does something while an action is in force, which is gone again afterwards. */
async function during(id: string, kind: string, work: () => Promise<void>): Promise<void> {
  const action: ShownAction = kind === 'banned' ? await ban(one, two, id) : await done(one, id, kind)
  await work()
  if (kind !== 'banned') await ok(lift(one, id, action.id))
  else {
    const owner = id.startsWith('account_')
      ? `(select id from accounts where id = $2)`
      : `(select owner_account_id from organizations where id = $2)`
    const appealId = newId()
    await sql(`insert into appeals (id, action_id, account_id) values ($1, $3, ${owner})`, [appealId, uuidOf(id), uuidOf(action.id)])
    await grant(three, publicId('appeal', appealId))
  }
  if ((await enforcementOf(id)) !== 'none') throw new Error('it is still there')
}
const uuidOf = (id: string): string => parseId(id.split('_')[0] as 'account', id)!

// The contract of E-2, in its own words.
const newBusiness = [
  'conversation.add_coworker',
  'job.post',
  'member.invite',
  'offer.respond',
  'offer.respond_own',
  'offer.send',
  'proposal.submit_for_member',
  'proposal.submit_independent',
  'proposal.submit_own',
  'talent.invite'
]
const reading = ['company.read', 'agency.read', 'member.read', 'team.read', 'audit.read']

t.test('E-2: the catalogue marks as new business exactly what a restriction denies', async (t) => {
  t.strictSame(permissionKeys.filter((key) => permissionOf(key).newBusiness).sort(), newBusiness)
})

t.test('E-2, E-3: every permission of the catalogue, by what is in force on the account and on the organization', async (t) => {
  /** Why it is denied; `granted` stands for: by nothing that is in force. */
  const due = (whose: 'account' | 'organization', kind: string, permission: PermissionKey): string => {
    if (kind === 'restricted') return newBusiness.includes(permission) ? `${whose}_restricted` : 'granted'
    if (kind !== 'suspended' && kind !== 'banned') return 'granted'
    return whose === 'organization' && reading.includes(permission) ? 'granted' : `${whose}_${kind}`
  }
  const accountId = parseId('account', olga.accountId)!
  const questions: Question[] = [
    ...(['company', 'agency'] as const).flatMap((type) =>
      permissionsOfKind(type).map((permission) => ({ accountId, permission, resource: { type, id: parseId(type, places[type].id)! } }))
    ),
    ...['proposal.submit_independent', 'offer.respond_own', 'milestone.submit_own', 'worklog.write_own'].map((permission) => ({
      accountId,
      permission,
      resource: { type: 'account' as const, id: accountId }
    }))
  ]
  const askAll = async (): Promise<Map<string, string>> =>
    new Map(
      (await evaluateAll(world.parts, questions)).map(({ question: { resource, permission }, decision }) => [
        `${resource.type} ${permission}`,
        decision.reason
      ])
    )
  const free = await askAll()
  t.ok([...free.values()].filter((reason) => reason === 'granted').length > 40, 'an owner may nearly all')
  for (const kind of ['notice', 'warning', 'restricted', 'suspended', 'banned']) {
    for (const [id, whose] of [
      [olga.accountId, 'account'],
      [places.company.id, 'organization'],
      [places.agency.id, 'organization']
    ] as const) {
      const about = id.split('_')[0]
      await during(id, kind, async () => {
        for (const [key, reason] of await askAll()) {
          const [on, permission] = key.split(' ') as [string, PermissionKey]
          const touched = whose === 'account' || on === about
          const state = touched ? due(whose, kind, permission) : 'granted'
          t.equal(reason, state === 'granted' ? free.get(key) : state, `${kind} ${about}: ${key}`)
        }
      })
    }
    t.strictSame(await askAll(), free, `after ${kind} all is as before`)
  }
  await back()
})

/** Signs Olga in again, whose sessions the suspensions have ended. */
async function back(): Promise<void> {
  const { accessToken } = (await world.signIn(olga)).json()
  for (const place of [olga, places.company.owner, places.agency.owner]) place.headers = { authorization: `Bearer ${accessToken}` }
}

interface Operation {
  operationId: string
  security: object[]
  parameters: Array<{ name: string }>
  requestBody?: { content: Record<string, { example: unknown }> }
}
const document = (await world.inject({ url: '/openapi.json' })).json() as { paths: Record<string, Record<string, Operation>> }
const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, { security }]) => 'accountToken' in (security[0] ?? {}))
    .map(([method, operation]) => ({ path, method: method.toUpperCase() as 'GET', ...operation }))
)

/** Calls a route of an organization as its example shows, without changing anything where that can be asked for. */
async function call(operationId: string, kind: OrganizationKind, by: Person = olga): Promise<Response> {
  const route = routes.find((each) => each.operationId === operationId)!
  const { params, ids } = places[kind]
  const has = (name: string) => route.parameters.some((parameter) => parameter.name === name)
  const example = route.requestBody?.content['application/json']?.example
  return world.inject({
    method: route.method,
    url:
      route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? 'none')) +
      (has('dryRun') ? '?dryRun=true' : ''),
    headers: {
      ...by.headers,
      ...(has('If-Match') ? { 'if-match': '"1"' } : {}),
      ...(example === undefined ? {} : { 'content-type': 'application/json' })
    },
    ...(example === undefined ? {} : { payload: JSON.stringify(liveBody(example, ids)) })
  })
}
const codeOf = (response: Response): string => (response.statusCode < 300 ? 'ok' : response.json().code)
const below = (kind: OrganizationKind) => routes.filter(({ path }) => path.includes(`{${kind}Id}`))

t.test('E-3: an organization that is suspended or banned can be looked at; every change below it is refused', async (t) => {
  // Answers to what others began, and ways back: they begin nothing.
  const goesOn = ['revokeInvitation', 'joinCompany', 'withdrawJoinRequest', 'declineOwnership', 'acceptAffiliation']
  const looks = [
    'get',
    'listAudit',
    'listInvitations',
    'getInvitation',
    'listMembers',
    'getMember',
    'getMemberPermissions',
    'listRoles',
    'listTeams',
    'getTeam'
  ]
  for (const kind of ['company', 'agency'] as const) {
    const Name = kind === 'company' ? 'Company' : 'Agency'
    const plain = (operationId: string): string => (operationId === 'joinCompany' ? operationId : operationId.replace(Name, ''))
    for (const hard of ['suspended', 'banned'])
      await during(places[kind].id, hard, async () => {
        for (const { operationId, method } of below(kind)) {
          if (goesOn.includes(plain(operationId))) continue
          const is = codeOf(await call(operationId, kind))
          if (looks.includes(plain(operationId))) t.equal(is, 'ok', `${hard}: ${operationId}`)
          else if (method !== 'GET') t.equal(is, `organization_${hard}`, operationId)
        }
      })
  }
})

t.test('E-2: what restricted people, and members of restricted organizations, cannot begin; and what goes on', async (t) => {
  const begins = [
    ...['Company', 'Agency'].flatMap((Name) => [
      `invite${Name}Member`,
      `invite${Name}Members`,
      `preview${Name}Invitation`,
      `resend${Name}Invitation`,
      `edit${Name}Invitation`
    ]),
    'createJoinLink',
    'updateDomain',
    'addCoworker'
  ]
  const goesOn = ['closeCompany', 'removeCompanyMember', 'listContracts', 'listCompanyInvitations', 'getConversation']
  for (const [whose, ids] of [
    ['account', [olga.accountId]],
    ['organization', [places.company.id, places.agency.id]]
  ] as const) {
    const actions = await Promise.all(ids.map((id) => done(one, id, 'restricted')))
    for (const operationId of begins)
      t.equal(codeOf(await call(operationId, operationId.includes('Agency') ? 'agency' : 'company')), `${whose}_restricted`, operationId)
    for (const operationId of goesOn) t.equal(codeOf(await call(operationId, 'company')), 'ok', operationId)
    for (const [index, { id }] of actions.entries()) await ok(lift(one, ids[index]!, id))
  }
})

t.test('E-2 403: a restricted person founds nothing, gets no delegation for new business, and does not become owner', async (t) => {
  await during(olga.accountId, 'restricted', async () => {
    t.equal(problemFault(await send('POST', '/v1/companies', olga, { displayName: 'New' }), 'account_restricted'), undefined)
    t.equal(problemFault(await send('POST', '/v1/agencies', olga, { name: 'New' }), 'account_restricted'), undefined)
    t.equal((await send('GET', '/v1/me', olga)).json().enforcement, 'restricted')
  })
  await during(hana.accountId, 'warning', async () => {
    const offer = await send('POST', `${places.company.url}/ownership-transfer`, olga, { memberId: places.company.params.memberId })
    t.match(offer.json(), { code: 'not_eligible_owner', reason: 'under_enforcement' })
  })
})

t.test('E-2, N-6: invitations of a restricted inviter or organization wait; a restricted person may still accept one', async (t) => {
  const max = await world.person('Max')
  const nora = await world.person('Nora')
  const first = await invited(places.company, max.email)
  const token = await mailed(max.email)
  await during(places.company.id, 'restricted', async () => {
    t.equal(problemFault(await accept(max, { token }), 'organization_restricted'), undefined)
  })
  await during(olga.accountId, 'restricted', async () => {
    t.equal(problemFault(await accept(max, { token }), 'inviter_no_longer_entitled'), undefined)
  })
  t.match(await sql('select status from invitations where id = $1', [parseId('invitation', first.id)]), [{ status: 'pending' }])
  await during(max.accountId, 'restricted', async () => {
    t.equal((await accept(max, { token })).statusCode, 200)
  })
  t.ok(await memberOf(places.company, max))
  await invited(places.company, nora.email)
  const second = await mailed(nora.email)
  for (const kind of ['suspended', 'banned'])
    await during(places.company.id, kind, async () => {
      t.equal(problemFault(await accept(nora, { token: second }), `organization_${kind}` as 'organization_banned'), undefined)
    })
  t.equal((await accept(nora, { token: second })).statusCode, 200)
})

t.test('E-3: suspended or banned, every route is closed to the tokens of before, and so are refresh, sign-in and delegation', async (t) => {
  for (const kind of ['suspended', 'banned']) {
    const max = await world.person('Max', { email: `${kind}@example.com` })
    await freelance(max)
    await join(places.agency, max, [{ role: 'business_manager' }])
    await (kind === 'banned' ? ban(one, two, max.accountId) : done(one, max.accountId, kind))
    const open: string[] = []
    for (const { path, method, operationId } of routes) {
      const response = await world.inject({ method, url: path.replace(/\{\w+\}/g, 'x'), headers: max.headers })
      if (response.statusCode !== 401) open.push(`${operationId} ${response.statusCode}`)
    }
    t.strictSame(open, [])
    t.equal((await world.post('/v1/sessions/refresh', { refreshToken: max.refreshToken })).statusCode, 401)
    t.equal(problemFault(await world.signIn(max), `account_${kind}` as 'account_banned'), undefined)
    const exchange = await world.inject({
      method: 'POST',
      url: '/v1/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: max.accessToken,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        requested_subject: places.agency.params.memberId!
      }).toString()
    })
    t.equal(exchange.json().error, 'invalid_request')
    t.equal(
      (await world.post('/v1/sessions', { email: max.email, password: 'violet harbour nineteen lamps' })).json().code,
      'invalid_credentials',
      'S-2: who does not know the password learns nothing'
    )
  }
})

t.test('E-3, K-2: a suspended contact stays contact, and the admins of the company are told that, never why', async (t) => {
  const contact = await world.person('Cara')
  const place = await found(olga)
  await join(place, contact, [{ role: 'hiring_manager' }])
  const body = {
    version: 1,
    companyId: place.id,
    teamId: place.defaultTeamId,
    contactAccountId: contact.accountId,
    freelancerAccountId: hana.accountId,
    status: 'active'
  }
  await ok(send('PUT', '/v1/contracts/contract-k2', service, body))
  await world.mails()
  for (const kind of ['notice', 'warning', 'restricted', 'suspended'] as const) {
    const since = world.sent.length
    await during(contact.accountId, kind, async () => void (await world.mails()))
    const told = world.sent.slice(since).filter(({ to }) => to === olga.email)
    t.equal(told.length, kind === 'notice' || kind === 'warning' ? 0 : 1, kind)
    for (const { text } of told) t.notMatch(text, /suspended|restricted|terms/i)
  }
  t.match((await ok(send('GET', `${place.url}/contracts`, olga))).json().items, [
    { id: 'contract-k2', contactAccountId: contact.accountId }
  ])
})

t.test('E-1: the pure decision knows each kind for itself', async (t) => {
  const organization = { id: newId(), kind: 'company', status: 'active', requireSecondFactor: false, enforcement: 'none' } as const
  const member = {
    accountId: newId(),
    membershipStatus: 'active',
    owner: true,
    affiliation: null,
    grants: [],
    accountStatus: 'active',
    enforcement: 'none',
    secondFactor: false
  } as const
  t.equal(decide(organization, { ...member, enforcement: 'restricted' }, 'job.post').reason, 'account_restricted')
  t.equal(decide({ ...organization, enforcement: 'restricted' }, member, 'job.post').reason, 'organization_restricted')
  t.equal(
    decide({ ...organization, enforcement: 'restricted' }, { ...member, enforcement: 'restricted' }, 'job.post').reason,
    'account_restricted',
    'one’s own comes first'
  )
  t.equal(decide({ ...organization, status: 'suspended', enforcement: 'banned' }, member, 'job.post').reason, 'organization_banned')
  t.equal(decide({ ...organization, enforcement: 'warning' }, { ...member, enforcement: 'notice' }, 'job.post').reason, 'granted')
})
