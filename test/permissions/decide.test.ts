import { readFileSync } from 'node:fs'
import t from 'tap'
import type { OrganizationKind } from '../../src/organizations/tables.ts'
import { permissionKeys, permissionOf, permissionsOfKind } from '../../src/permissions/catalogue.ts'
import { type AccountFacts, decide, type MemberFacts, type OrganizationFacts, scopesOf } from '../../src/permissions/decide.ts'
import { type Reason, reasons, reasonsOf } from '../../src/permissions/reasons.ts'
import { inForce, returning } from '../support/enforcement.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld } from '../support/world.ts'

const organization = (facts: Partial<OrganizationFacts> = {}): OrganizationFacts => ({
  id: 'o',
  kind: 'company',
  status: 'active',
  enforcement: 'none',
  requireSecondFactor: false,
  ...facts
})
const member = (facts: Partial<MemberFacts> = {}): MemberFacts => ({
  accountId: 'a',
  membershipStatus: 'active',
  owner: true,
  affiliation: null,
  grants: [],
  accountStatus: 'active',
  enforcement: 'none',
  secondFactor: false,
  ...facts
})

/** E-2, by hand: what nobody begins while restricted. */
const newBusiness = [
  'conversation.add_coworker',
  'job.post',
  'member.invite',
  'offer.respond',
  'offer.send',
  'proposal.submit_for_member',
  'proposal.submit_independent',
  'proposal.submit_own',
  'talent.invite'
]
/** What stays possible in an organization that is suspended or closed. */
const looking = ['agency.read', 'audit.read', 'company.read', 'member.read', 'team.read']

const everybody: Record<OrganizationKind, MemberFacts> = {
  company: member(),
  agency: member({ affiliation: 'non_exclusive', grants: [{ role: 'freelancer', teamId: null }] })
}
/** Permissions that are denied for this reason, by somebody who holds all that can be held. */
function deniedFor(reason: Reason, organizationFacts: Partial<OrganizationFacts>, memberFacts: Partial<MemberFacts>): string[] {
  const kinds: OrganizationKind[] = ['company', 'agency']
  const denied = kinds.flatMap((kind) =>
    permissionsOfKind(kind).filter(
      (key) => decide(organization({ ...organizationFacts, kind }), { ...everybody[kind], ...memberFacts }, key).reason === reason
    )
  )
  return [...new Set(denied)].sort()
}
// What belongs to a person alone is asked about themselves, not in an organization.
const all = permissionKeys.filter((key) => permissionOf(key).kinds.length > 0).sort()

const world = await openWorld(t)
const { send, found, join, ok } = organizations(world)
const olga = await world.person('Olga')
const mia = await world.person('Mia')
const company = await found(olga)
await join(company, mia, [{ role: 'admin' }, { role: 'recruiter' }])
const account = (email: string, change: string) =>
  world.sql(`update accounts set ${change} where id = (select account_id from emails where canonical = $1)`, [email])

t.test('Q-2: every reason is reached, each before all that follow it', async (t) => {
  // Somebody denied for every reason there is; then one cause after another goes.
  const membership = { owner: false, membershipStatus: 'suspended', affiliation: 'exclusive', grants: [] } as const
  let place: OrganizationFacts = organization({ status: 'closed', enforcement: 'banned', requireSecondFactor: true })
  let account: AccountFacts | undefined
  let belongs: Omit<MemberFacts, keyof AccountFacts> | undefined
  let permission = 'proposal.submit_alone'
  const is = (facts: Partial<AccountFacts>) => () => {
    account = { ...account!, ...facts }
  }
  const has = (facts: Partial<typeof belongs>) => () => {
    belongs = { ...membership, ...belongs, ...facts }
  }
  const at = (facts: Partial<OrganizationFacts>) => () => {
    place = { ...place, ...facts }
  }
  const steps: Array<[Reason, () => void]> = [
    [
      'unknown_permission',
      () => {
        permission = 'proposal.submit_independent'
      }
    ],
    ['not_a_member', is({ accountId: 'a', enforcement: 'banned', accountStatus: 'closed', secondFactor: false })],
    ['account_banned', is({ enforcement: 'suspended' })],
    ['account_suspended', is({ enforcement: 'restricted' })],
    ['account_inactive', is({ accountStatus: 'active' })],
    ['account_restricted', is({ enforcement: 'warning' })],
    ['not_a_member', has({})],
    ['unknown_permission', at({ kind: 'agency' })],
    ['organization_closed', at({ status: 'suspended' })],
    ['organization_banned', at({ enforcement: 'suspended' })],
    ['organization_suspended', at({ enforcement: 'restricted' })],
    ['organization_suspended', at({ status: 'active' })],
    ['organization_restricted', at({ enforcement: 'warning' })],
    ['membership_suspended', has({ membershipStatus: 'active' })],
    ['second_factor_required', is({ secondFactor: true })],
    ['missing_permission', has({ grants: [{ role: 'freelancer', teamId: null }] })],
    ['exclusive_member', has({ affiliation: 'exclusive_pending' })],
    ['granted', () => undefined]
  ]
  // Those that a question has which no roles are enough to answer, or which is none at all.
  const elsewhere: Reason[] = [
    'malformed',
    'unknown_subject',
    'unknown_resource',
    'unknown_counterparty',
    'not_delegated',
    'not_a_participant',
    'not_exclusive',
    'self_dealing'
  ]
  for (const [reason, next] of steps) {
    const decision = decide(place, account && { ...account, ...belongs }, permission)
    t.equal(decision.reason, reason)
    t.equal(decision.allowed, reason === 'granted', reason)
    t.equal(decision.sources.length, reason === 'granted' ? 1 : 0, `${reason}: sources`)
    next()
  }
  t.same([...new Set(steps.map(([reason]) => reason)), ...elsewhere].sort(), Object.keys(reasons).sort(), 'there is no other')
})

t.test('Q-2: the catalogue says of each permission which reasons it can have', async (t) => {
  t.ok(permissionKeys.every((key) => reasonsOf(key).includes('granted') === (key !== 'message.read')))
  t.same(permissionKeys.filter((key) => reasonsOf(key).includes('account_restricted')).sort(), [...newBusiness, 'offer.respond_own'].sort())
  t.same(permissionKeys.filter((key) => !reasonsOf(key).includes('organization_closed')).sort(), [...looking, 'offer.respond_own'].sort())
  t.same(
    permissionKeys.filter((key) => reasonsOf(key).includes('self_dealing')),
    ['offer.send']
  )
})

t.test('Q-2: docs/rules.md lists the reasons', async (t) => {
  const rules = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8')
  const section = rules.split('## Reasons of decisions\n')[1]!.split('\n## ')[0]!
  const listed = [...section.matchAll(/^\| `([a-z_]+)` \| (.*) \|$/gm)].map(([, code, text]) => [code, text])
  t.same(listed, Object.entries(reasons))
})

t.test('E-3: whoever is suspended, banned or no longer there may nothing, without a word about roles', async (t) => {
  const none = { owner: false, grants: [] }
  for (const [reason, facts] of [
    ['account_banned', { enforcement: 'banned' }],
    ['account_suspended', { enforcement: 'suspended' }],
    ['account_inactive', { accountStatus: 'closed' }],
    ['account_inactive', { accountStatus: 'anonymised' }],
    ['account_inactive', { accountStatus: 'pending_email' }]
  ] as const) {
    t.same(deniedFor(reason, {}, facts), all, `${reason} with every right`)
    t.same(deniedFor(reason, {}, { ...facts, ...none }), all, `${reason} without any`)
  }
})

t.test('E-2: restricted means that nothing new is begun; all else goes on', async (t) => {
  t.same(deniedFor('account_restricted', {}, { enforcement: 'restricted' }), newBusiness)
  t.same(deniedFor('account_restricted', {}, { enforcement: 'restricted', owner: false, grants: [] }), newBusiness, 'before roles')
  const marked = [...newBusiness, 'offer.respond_own'].sort()
  t.same(permissionKeys.filter((key) => permissionOf(key).newBusiness).sort(), marked, 'the catalogue marks them')
  for (const enforcement of ['none', 'notice', 'warning'] as const)
    t.same(deniedFor('account_restricted', {}, { enforcement }), [], enforcement)

  const rule = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8')
    .split('\n')
    .find((line) => line.startsWith('- **E-2**'))!
  const words = [...rule.matchAll(/`([a-z_]+\.[a-z_.]+)(\*?)`/g)].map(([, word, more]) => ({ word: word!, more: more === '*' }))
  const named = permissionKeys.filter((key) => words.some(({ word, more }) => (more ? key.startsWith(word) : key === word)))
  t.same(named.sort(), marked, 'and the rules name them')
})

t.test('an organization that is suspended or closed can be looked at, and nothing else', async (t) => {
  const rest = all.filter((key) => !looking.includes(key))
  t.same(deniedFor('organization_closed', { status: 'closed' }, {}), rest)
  t.same(deniedFor('organization_suspended', { status: 'suspended' }, {}), rest)
  t.same(deniedFor('granted', { status: 'closed' }, {}), looking)
})

t.test('E-2: an organization that is restricted begins nothing new; suspended or banned it is only looked at', async (t) => {
  const rest = all.filter((key) => !looking.includes(key))
  t.same(deniedFor('organization_restricted', { enforcement: 'restricted' }, {}), newBusiness)
  t.same(deniedFor('organization_suspended', { enforcement: 'suspended' }, {}), rest)
  t.same(deniedFor('organization_banned', { enforcement: 'banned' }, {}), rest)
  for (const enforcement of ['none', 'notice', 'warning'] as const)
    t.same(deniedFor('granted', { enforcement }, {}).length > 40, true, enforcement)
})

t.test('C-13: a suspended membership denies everything, looking too', async (t) => {
  t.same(deniedFor('membership_suspended', {}, { membershipStatus: 'suspended' }), all)
})

t.test('S-7: where a second factor is required, a member without one may nothing', async (t) => {
  t.same(deniedFor('second_factor_required', { requireSecondFactor: true }, {}), all)
  t.same(deniedFor('second_factor_required', { requireSecondFactor: true }, { secondFactor: true }), [])
  t.same(deniedFor('second_factor_required', {}, {}), [])
})

t.test('G-2: only an exclusive member may not work independently', async (t) => {
  const affiliated = (affiliation: MemberFacts['affiliation']) => deniedFor('exclusive_member', {}, { affiliation })
  t.same(affiliated('exclusive'), ['proposal.submit_independent'])
  t.same(affiliated('exclusive_pending'), [])
  t.same(affiliated('non_exclusive'), [])
})

t.test('Q-8: where somebody holds a permission is the whole organization, or their teams', async (t) => {
  const grants = [
    { role: 'recruiter', teamId: 'one' },
    { role: 'member', teamId: 'two' },
    { role: 'recruiter', teamId: 'three' }
  ]
  t.same(scopesOf('company', { owner: false, grants }, 'job.post'), { organization: false, teamIds: ['one', 'three'] })
  t.same(scopesOf('company', { owner: false, grants }, 'offer.send'), { organization: false, teamIds: [] })
  t.same(scopesOf('company', { owner: true, grants }, 'offer.send'), { organization: true, teamIds: ['one', 'two', 'three'] })
})

t.test('S-7 403: a member without the second factor that the company requires reads and changes nothing of it', async (t) => {
  t.equal((await send('GET', `${company.url}/members`, mia)).statusCode, 200)
  await world.sql('update organizations set require_second_factor = true')
  t.teardown(() => world.sql('update organizations set require_second_factor = false'))
  for (const url of ['', '/members', '/roles', '/teams', '/audit'])
    refused(t, await send('GET', company.url + url, mia), 403, 'organization_requires_second_factor', url)
  refused(t, await send('POST', `${company.url}/teams`, mia, { name: 'Design' }), 403, 'organization_requires_second_factor')
})

t.test('403: a suspended company is read by its members and changed by none', async (t) => {
  await world.sql(`update organizations set ${inForce('suspended')}`)
  t.teardown(() => world.sql(`update organizations set ${inForce('none')}`))
  for (const url of ['', '/members', '/roles', '/teams', '/audit'])
    t.equal((await send('GET', company.url + url, mia)).statusCode, 200, url)
  refused(t, await send('POST', `${company.url}/teams`, olga, { name: 'Design' }), 403, 'organization_suspended')
})

t.test('E-2 403: who is restricted founds nothing, and goes on with what there is', async (t) => {
  await account(mia.email, inForce('restricted'))
  t.teardown(() => account(mia.email, inForce('none')))
  refused(t, await send('POST', '/v1/companies', mia, { displayName: 'Second' }), 403, 'account_restricted')
  await ok(send('POST', `${company.url}/teams`, mia, { name: 'Design' }))
})

t.test('E-3 401: who is suspended or banned gets nothing of their company within a second', async (t) => {
  for (const enforcement of ['suspended', 'banned']) {
    await account(mia.email, inForce(enforcement))
    t.equal((await send('GET', company.url, mia)).statusCode, 401, enforcement)
    await account(mia.email, inForce('none'))
    await returning(world, mia)
  }
  t.equal((await send('GET', company.url, mia)).statusCode, 200)
})
