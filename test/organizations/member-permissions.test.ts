import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { builtInRoles } from '../../src/permissions/roles.ts'
import { inForce } from '../support/enforcement.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

interface Held {
  key: string
  sources: Array<{ role: string; teamId?: string }>
}
interface Permissions {
  memberId: string
  accountId: string
  denied: string | null
  organization: Held[]
  teams: Array<{ id: string; name: string; permissions: Held[] }>
}

const world = await openWorld(t)
const { send, ok, freelance, found, join, team, setRoles, tagOf } = organizations(world)
const people: Record<string, Person> = {}
for (const name of ['Olga', 'Ana', 'Tia', 'Rita', 'Mo', 'Una', 'Bea', 'Fay', 'Finn']) people[name] = await world.person(name)
const the = (name: string): Person => people[name]!
const company = await found(the('Olga'))
const design = await team(company, 'Design')
const sales = await team(company, 'Sales')
const poster = { key: 'poster', name: 'Poster', description: 'Posts.', permissions: ['job.post', 'audit.read'] }
await ok(send('POST', `${company.url}/roles`, the('Olga'), poster))
const ids: Record<string, string> = { Olga: company.memberId }
ids.Ana = await join(company, the('Ana'), [{ role: 'admin' }])
ids.Tia = await join(company, the('Tia'), [{ role: 'admin', teamId: design }])
ids.Rita = await join(company, the('Rita'), [
  { role: 'finance' },
  { role: 'recruiter', teamId: design },
  { role: 'poster', teamId: design },
  { role: 'poster' }
])
ids.Mo = await join(company, the('Mo'), [{ role: 'member', teamId: sales }])
ids.Una = await join(company, the('Una'))
await found(the('Bea'))
await freelance(the('Fay'))
await freelance(the('Finn'))
const agency = await found(the('Fay'), 'agency')
const finn = await join(agency, the('Finn'), [{ role: 'freelancer' }], { exclusive: true })

const ask = (name: string, by = the('Olga'), headers: Record<string, string> = {}) =>
  send('GET', `${company.url}/members/${ids[name]}/permissions`, { headers: { ...by.headers, ...headers } })
const of = async (name: string, by = the('Olga')): Promise<Permissions> => (await ok(ask(name, by))).json()
const keys = (held: Held[]): string[] => held.map(({ key }) => key).sort()
const sources = (held: Held[], key: string) => held.find((each) => each.key === key)?.sources

t.test('Q-8 200: what a member may do, for the company and each team, with every grant it comes from', async (t) => {
  const rita = await of('Rita')
  t.same([rita.memberId, rita.accountId, rita.denied], [ids.Rita, the('Rita').accountId, null])
  t.same(keys(rita.organization), [...new Set([...builtInRoles.company.finance!.permissions, 'job.post', 'audit.read'])].sort())
  t.same(sources(rita.organization, 'job.post'), [{ role: 'poster' }])
  t.same(sources(rita.organization, 'company.read'), [{ role: 'finance' }])
  t.same(
    rita.teams.map(({ id, name }) => [id, name]),
    [[design, 'Design']]
  )
  const inDesign = rita.teams[0]!.permissions
  t.same(sources(inDesign, 'job.post'), [{ role: 'poster' }, { role: 'poster', teamId: design }, { role: 'recruiter', teamId: design }])
  t.same(sources(inDesign, 'talent.invite'), [{ role: 'recruiter', teamId: design }])
  t.same(sources(inDesign, 'workdiary.read'), [{ role: 'finance' }], 'what holds everywhere holds in the team')
  t.same(sources(inDesign, 'audit.read'), undefined, 'a team has no audit of its own')
  t.same(sources(inDesign, 'offer.send'), undefined)
})

t.test('Q-8 200: owning and being a member are sources too', async (t) => {
  const olga = await of('Olga')
  t.same(sources(olga.organization, 'company.close'), [{ role: 'owner' }])
  t.ok(olga.organization.every(({ sources }) => sources.length === 1 && sources[0]!.role === 'owner'))
  const una = await of('Una')
  t.same(una.organization, [{ key: 'company.read', sources: [{ role: 'membership' }] }])
  t.same(
    una.teams.map(({ id, permissions }) => [id, permissions]),
    [[company.defaultTeamId, []]]
  )
  const tia = await of('Tia')
  t.same(keys(tia.organization), ['company.read'])
  t.ok(keys(tia.teams[0]!.permissions).includes('member.roles.update'))
  t.notOk(keys(tia.teams[0]!.permissions).includes('billing.manage'))
})

t.test('Q-8 304: the same permissions have the same ETag, and any change gives another', async (t) => {
  const first = await ask('Mo')
  const tag = String(first.headers.etag)
  t.match(tag, /^"[\w-]{22}"$/)
  for (const header of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
    const again = await ask('Mo', the('Olga'), { 'if-none-match': header })
    t.same([again.statusCode, again.body, again.headers.etag], [304, '', tag], header)
  }
  t.equal((await ask('Mo', the('Olga'), { 'if-none-match': '"x"' })).statusCode, 200)
  t.equal((await ask('Mo', the('Mo'))).headers.etag, tag, 'whoever asks')
  t.not((await ask('Una')).headers.etag, tag)

  await ok(setRoles(company, ids.Mo!, [{ role: 'recruiter', teamId: sales }]))
  const changed = await ask('Mo', the('Olga'), { 'if-none-match': tag })
  t.equal(changed.statusCode, 200)
  await ok(setRoles(company, ids.Mo!, [{ role: 'member', teamId: sales }]))
  t.equal((await ask('Mo')).headers.etag, tag, 'as it was')

  // A custom role that is changed changes what its holders may, though nothing of them was touched.
  const rita = String((await ask('Rita')).headers.etag)
  const headers = { ...the('Olga').headers, 'if-match': await tagOf(`${company.url}/roles/poster`, the('Olga')) }
  await ok(send('PATCH', `${company.url}/roles/poster`, { headers }, { permissions: ['job.post', 'audit.read', 'feedback.give'] }))
  const after = await ask('Rita', the('Olga'), { 'if-none-match': rita })
  t.equal(after.statusCode, 200)
  t.same(sources((after.json() as Permissions).organization, 'feedback.give'), [{ role: 'poster' }])
})

t.test('Q-8: everybody sees their own; another one who may see the member sees the same', async (t) => {
  for (const name of ['Olga', 'Ana', 'Tia', 'Rita', 'Mo', 'Una']) t.same(await of(name, the(name)), await of(name), name)
  t.same(await of('Rita', the('Tia')), await of('Rita'), 'in a team of hers')
  t.same(await of('Mo', the('Rita')), await of('Mo'), 'finance sees all members')
})

t.test('Q-5 404: for whoever may not see the member there is none', async (t) => {
  refused(t, await ask('Olga', the('Tia')), 404, 'not_found', 'outside the team')
  refused(t, await ask('Rita', the('Mo')), 404, 'not_found')
  refused(t, await ask('Mo', the('Una')), 403, 'access_denied', 'who may see nobody')
  refused(t, await ask('Mo', the('Bea')), 404, 'not_found', 'no member')
  refused(t, await send('GET', `${company.url}/members/${finn}/permissions`, the('Olga')), 404, 'not_found', 'of an agency')
  refused(t, await send('GET', `${company.url}/members/member_x/permissions`, the('Olga')), 404, 'not_found')
  refused(t, await world.inject({ method: 'GET', url: `${company.url}/members/${ids.Mo}/permissions` }), 401, 'not_signed_in')
})

t.test('C-13 200: of a suspended member nothing is left, and why is said; resumed, all is back', async (t) => {
  const before = await of('Mo')
  await ok(send('POST', `${company.url}/members/${ids.Mo}/suspension`, the('Olga'), {}))
  for (const by of ['Olga', 'Mo']) {
    const { denied, organization, teams } = await of('Mo', the(by))
    t.same([denied, organization], ['membership_suspended', []], by)
    t.same(
      teams.map(({ permissions }) => permissions),
      [[]]
    )
  }
  refused(t, await ask('Tia', the('Mo')), 403, 'membership_suspended')
  await ok(send('DELETE', `${company.url}/members/${ids.Mo}/suspension`, the('Olga')))
  t.same(await of('Mo'), before)
})

t.test('E-2 200: of a restricted person all is left but new business; of a banned one nothing', async (t) => {
  const enforce = (kind: string) =>
    world.sql(`update accounts set ${inForce(kind)} where id = $1`, [parseId('account', the('Rita').accountId)])
  const before = await of('Rita')
  await enforce('restricted')
  const restricted = await of('Rita')
  t.equal(restricted.denied, null)
  const lost = keys(before.teams[0]!.permissions).filter((key) => !keys(restricted.teams[0]!.permissions).includes(key))
  t.same(lost, ['conversation.add_coworker', 'job.post', 'member.invite', 'talent.invite'])
  await enforce('banned')
  const banned = await of('Rita')
  t.same([banned.denied, banned.organization], ['account_banned', []])
  await enforce('none')
  t.same(await of('Rita'), before)
})

t.test('S-7 200: who lacks a required second factor may nothing, and sees why', async (t) => {
  await world.sql('update organizations set require_second_factor = true')
  t.teardown(() => world.sql('update organizations set require_second_factor = false'))
  const mo = await of('Mo', the('Mo'))
  t.same([mo.denied, mo.organization, mo.teams[0]!.permissions], ['second_factor_required', [], []])
})

t.test('G-2 200: an exclusive member has no independent proposals among their permissions', async (t) => {
  const permissions = (await ok(send('GET', `${agency.url}/members/${finn}/permissions`, the('Finn')))).json() as Permissions
  t.same(
    keys(permissions.organization),
    builtInRoles.agency.freelancer!.permissions.filter((key) => key !== 'proposal.submit_independent').sort()
  )
})
