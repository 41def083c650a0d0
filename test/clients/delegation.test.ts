import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { inForce, returning } from '../support/enforcement.ts'
import { decoded } from '../support/jwt.ts'
import { organizations } from '../support/organizations.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { found, freelance, join, send, setRoles, team } = organizations(world)

const [otto, bea, finn, fay, ada, sam, sid] = (await Promise.all(
  ['Otto', 'Bea', 'Finn', 'Fay', 'Ada', 'Sam', 'Sid'].map((name) => world.person(name))
)) as [Person, Person, Person, Person, Person, Person, Person]
for (const person of [otto, bea, finn, fay]) await freelance(person)
const agency = await found(otto, 'agency')
const maps = await team(agency, 'Maps')
const beaId = await join(agency, bea, [{ role: 'business_manager' }])
const finnId = await join(agency, finn, [{ role: 'freelancer' }])
const fayId = await join(agency, fay, [{ role: 'freelancer', teamId: maps }], { exclusive: true })
await join(agency, ada, [{ role: 'admin' }, { role: 'finance' }])

const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'

function exchange(manager: Pick<Person, 'accessToken'>, subject: string, given: Record<string, string> = {}) {
  const form = {
    grant_type: tokenExchange,
    subject_token: manager.accessToken,
    subject_token_type: accessToken,
    requested_subject: subject,
    ...given
  }
  return world.inject({
    method: 'POST',
    url: '/v1/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString()
  })
}

t.test('G-5 200: a business manager gets a short token that names the member, the manager, the agency and the permissions', async (t) => {
  const answer = await exchange(bea, finnId)
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { token_type: 'Bearer', issued_token_type: accessToken, expires_in: 300 })
  const { claims } = decoded((answer.json() as { access_token: string }).access_token)
  t.match(claims, { sub: finn.accountId, act: { sub: bea.accountId }, agency: agency.id, aud: 'guildhall:delegation', sid: bea.sessionId })
  t.equal(Number(claims.exp) - Number(claims.iat), 300, 'five minutes')
  t.strictSame(String(claims.scope).split(' ').sort(), [
    'contract.manage',
    'milestone.submit_any',
    'offer.respond',
    'proposal.manage',
    'proposal.submit_for_member'
  ])
  t.equal(answer.headers['cache-control'], 'no-store')
})

t.test('G-5, G-6: rate and visibility only of an exclusive member; messages never', async (t) => {
  const { scope } = (await exchange(bea, fayId)).json() as { scope: string }
  t.match(scope.split(' '), /profile\.rate\.update/)
  t.match(scope.split(' '), /profile\.visibility\.update/)
  t.notMatch(scope, 'message')
  t.match((await exchange(bea, finnId, { scope: 'profile.rate.update' })).json(), { error: 'invalid_scope' })
  t.match((await exchange(bea, fayId, { scope: 'message.read' })).json(), { error: 'invalid_scope' })
  t.match((await exchange(otto, fayId, { scope: 'message.read' })).json(), { error: 'invalid_scope' }, 'not for the owner either')
})

t.test('G-5: exactly the scope that is asked for, and nothing the manager lacks', async (t) => {
  t.match((await exchange(bea, finnId, { scope: 'proposal.manage' })).json(), { scope: 'proposal.manage' })
  for (const scope of ['finance.manage', 'proposal.manage report.earnings.read', 'agency.read', 'nothing.known', ' '])
    t.match((await exchange(bea, finnId, { scope })).json(), { error: 'invalid_scope' }, scope)
  t.match((await exchange(ada, finnId)).json(), { error: 'invalid_scope' }, 'an admin does not act for members')
  t.match((await exchange(finn, fayId)).json(), { error: 'invalid_scope' }, 'nor does a freelancer')
})

t.test('G-5: strangers, members of other agencies, oneself and what is no member are all the same invalid request', async (t) => {
  await freelance(sam)
  const other = await found(sam, 'agency')
  const answers = [
    await exchange(sam, finnId),
    await exchange(bea, other.memberId),
    await exchange(bea, beaId),
    await exchange(bea, 'member_01k2v6c5e7g9jbm1q3s5v7x9z1'),
    await exchange(bea, finn.accountId),
    await exchange(bea, 'x')
  ]
  for (const answer of answers) {
    t.equal(answer.statusCode, 400)
    t.strictSame(answer.json(), answers[0]!.json())
  }
  t.match(answers[0]!.json(), { error: 'invalid_request' })
})

t.test('G-5: a token that is none, of another kind, or already a delegation gives nothing', async (t) => {
  const { headers } = await world.service('jobs', ['access.evaluate'])
  const delegated = ((await exchange(bea, finnId)).json() as { access_token: string }).access_token
  for (const subjectToken of ['x', headers.authorization.slice(7), delegated, bea.refreshToken])
    t.match((await exchange({ accessToken: subjectToken }, finnId)).json(), { error: 'invalid_request' })
  for (const given of [
    { subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' },
    { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
    { actor_token: bea.accessToken },
    { requested_subject: '' }
  ])
    t.match((await exchange(bea, finnId, given)).json(), { error: 'invalid_request' })
  for (const url of ['/v1/me', `${agency.url}/members`, '/v1/me/contexts'])
    t.equal((await send('GET', url, { headers: { authorization: `Bearer ${delegated}` } })).statusCode, 401, `${url} takes no delegation`)
})

t.test('G-5: the audit has both, with the permissions', async (t) => {
  await exchange(bea, fayId, { scope: 'milestone.submit_any' })
  const { items } = (await send('GET', `${agency.url}/audit?action=delegation.granted&limit=1`, otto)).json() as { items: unknown[] }
  t.match(items[0], {
    actor: { kind: 'account', id: bea.accountId },
    resource: fayId,
    before: null,
    after: { subject: fay.accountId, actor: bea.accountId, permissions: ['milestone.submit_any'] },
    personal: { subject: 'Fay Okafor', actor: 'Bea Okafor' }
  })
  const events = await world.sql<{ after: object }>(
    `select after from events where type = 'delegation.granted' order by position desc limit 1`
  )
  t.match(events[0]!.after, { subject: fay.accountId, actor: bea.accountId })
})

t.test('G-5: a manager of one team acts for the members of that team only', async (t) => {
  t.equal((await setRoles(agency, beaId, [{ role: 'business_manager', teamId: maps }])).statusCode, 200)
  t.equal((await exchange(bea, fayId)).statusCode, 200)
  t.match((await exchange(bea, finnId)).json(), { error: 'invalid_scope' })
  t.equal((await setRoles(agency, beaId, [{ role: 'business_manager' }])).statusCode, 200)
})

t.test('G-5: nothing while the manager or the member is held up', async (t) => {
  const withState = async (table: string, during: string, after: string, id: string): Promise<unknown> => {
    await world.sql(`update ${table} set ${during} where id = $1`, [id])
    const answer = await exchange(bea, finnId)
    await world.sql(`update ${table} set ${after} where id = $1`, [id])
    return answer.json()
  }
  const suspended = ["status = 'suspended'", "status = 'active'"] as const
  const finns = parseId('account', finn.accountId)!
  const beas = parseId('account', bea.accountId)!
  t.match(await withState('memberships', ...suspended, parseId('member', finnId)!), { error: 'invalid_scope' })
  t.match(await withState('memberships', ...suspended, parseId('member', beaId)!), { error: 'invalid_scope' })
  t.match(await withState('accounts', inForce('banned'), inForce('none'), finns), { error: 'invalid_scope' })
  const restricted = (await withState('accounts', inForce('restricted'), inForce('none'), finns)) as { scope: string }
  t.notMatch(restricted.scope, 'proposal.submit_for_member', 'no new business for a restricted member')
  t.match(restricted.scope, 'milestone.submit_any')
  t.match(await withState('organizations', inForce('suspended'), inForce('none'), parseId('agency', agency.id)!), {
    error: 'invalid_scope'
  })
  t.match(await withState('accounts', inForce('banned'), inForce('none'), beas), { error: 'invalid_request' }, 'whose token is dead')
  await returning(world, bea)
  t.equal((await exchange(bea, finnId)).statusCode, 200, 'and all of it again afterwards')
})

t.test('G-5: a delegation is verified as what it is, and no other token as one', async (t) => {
  const { signing } = world.parts
  const delegated = ((await exchange(bea, finnId)).json() as { access_token: string }).access_token
  t.match(await signing.verify('delegation', delegated), { sub: finn.accountId, act: { sub: bea.accountId }, sid: bea.sessionId })
  const { headers } = await world.service('offers', ['access.evaluate'])
  const { headers: operator } = await world.operator()
  for (const token of [bea.accessToken, headers.authorization.slice(7), operator.authorization.slice(7)])
    await t.rejects((async () => signing.verify('delegation', token))(), 'of an account, a service or an operator')
  for (const kind of ['account', 'service', 'operator'] as const)
    await t.rejects((async () => signing.verify(kind, delegated))(), `nor is a delegation the token of ${kind}`)
})

t.test('G-5: nobody acts for who has no freelancer profile', async (t) => {
  const sidId = await join(agency, sid, [{ role: 'finance' }])
  t.match((await exchange(bea, sidId)).json(), { error: 'invalid_scope' })
  t.match((await exchange(otto, sidId)).json(), { error: 'invalid_scope' }, 'nor the owner')
  await freelance(sid)
  t.equal((await exchange(bea, sidId)).statusCode, 200, 'with one it is as with anybody')
})

t.test('C-12, G-5: after leaving nobody is acted for', async (t) => {
  await send('DELETE', `${agency.url}/members/${fayId}`, fay)
  t.match((await exchange(bea, fayId)).json(), { error: 'invalid_request' })
})
