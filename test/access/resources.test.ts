import fc from 'fast-check'
import t from 'tap'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import {
  delegablePermissions,
  isPermission,
  ownCapacityPermissions,
  type PermissionKey,
  permissionKeys,
  permissionOf
} from '../../src/permissions/catalogue.ts'
import { type Reason, reasonsOf } from '../../src/permissions/reasons.ts'
import type { Decision } from '../support/access.ts'
import { accessStage } from '../support/access-stage.ts'
import { returning } from '../support/enforcement.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person, rounds } from '../support/world.ts'

/** What each kind of resource asks for, and whom it is decided for. */

const world = await openWorld(t, { instances: 2, each: [{}, { FACT_CACHE_ENTRIES: 0 }] })
const stage = await accessStage(world)
const { join, send, ok, setRoles, post, reason, batch, search, question, account, meanwhile, under, idOf } = stage
const { people, members, company, agency, design, maps, whole, inDesign, inPrint, theAgency } = stage
const { Olga, Ada, Hana, Remy, Max, Otto, Bea, Finn, Fay, Sam } = people

t.test('Q-1 200: a contract asks for the rights in its team, whoever its contact is', async (t) => {
  const contract = { type: 'contract', id: 'contract-1' }
  t.equal(await reason(Hana, 'contract.manage', contract), 'granted')
  t.equal(await reason(Olga, 'contract.manage', contract), 'granted')
  t.equal(await reason(Remy, 'proposal.review', contract), 'missing_permission', 'who recruits in another team')
  t.equal(await reason(Finn, 'contract.manage', contract), 'not_a_member', 'the freelancer is no member')
  t.strictSame(
    (await search('subject', { subject: { type: 'account' }, action: { name: 'contract.manage' }, resource: contract })).sort(),
    [Olga, Hana].map(({ accountId }) => accountId).sort()
  )
  t.strictSame(await search('resource', { subject: account(Hana), action: { name: 'contract.manage' }, resource: { type: 'contract' } }), [
    'contract-1'
  ])
  t.strictSame(
    await search('resource', { subject: account(Remy), action: { name: 'proposal.review' }, resource: { type: 'contract' } }),
    []
  )
})

t.test('H-1 200: a conversation asks for a part in it and for the right in its team, or without one anywhere', async (t) => {
  const [one, two] = ['conversation-1', 'conversation-2'].map((id) => ({ type: 'conversation', id })) as [typeof whole, typeof whole]
  const permission = 'conversation.add_coworker'
  t.equal(await reason(Hana, permission, one), 'granted')
  t.equal(await reason(Max, permission, one), 'missing_permission', 'a part gives no right')
  t.equal(await reason(Olga, permission, one), 'not_a_participant', 'a right gives no part')
  t.equal(await reason(Finn, permission, one), 'not_a_participant', 'whom they talk with')
  t.equal(await reason(Remy, permission, two), 'granted', 'in her team, of a conversation without one')
  t.equal(await reason(Hana, permission, { type: 'conversation', id: 'conversation-none' }), 'not_a_participant')
  const subjects = { subject: { type: 'account' }, action: { name: permission } }
  t.strictSame(await search('subject', { ...subjects, resource: one }), [Hana.accountId])
  t.strictSame(await search('subject', { ...subjects, resource: two }), [Remy.accountId])
  const mine = { subject: account(Hana), action: { name: permission }, resource: { type: 'conversation' } }
  t.strictSame(await search('resource', mine), ['conversation-1'])
})

t.test('G-8 200: nobody hires themselves, an agency they own, or its exclusive members', async (t) => {
  await join(company, Otto, [{ role: 'hiring_manager' }])
  const offer = (counterparty: object | undefined, resource = whole) =>
    reason(Otto, 'offer.send', resource, counterparty && { counterparty })
  t.equal(await offer(undefined), 'granted', 'nobody named')
  for (const place of [whole, inDesign]) {
    t.equal(await offer(account(Otto), place), 'self_dealing')
    t.equal(await offer(theAgency, place), 'self_dealing')
    t.equal(await offer(account(Fay), place), 'self_dealing', 'who works exclusively through his agency')
    t.equal(await offer(account(Finn), place), 'granted', 'who works through others as well')
  }
  t.equal(await reason(Olga, 'offer.send', whole, { counterparty: theAgency }), 'granted', 'somebody else may')
  t.equal(await reason(Otto, 'job.post', whole, { counterparty: account(Otto) }), 'granted', 'only hiring has a counterparty')
  await world.sql("update organizations set status = 'closed', closed_at = now() where kind = 'agency'")
  await world.settled()
  t.equal(await offer(theAgency), 'granted', "a closed agency is nobody's own side")
  await world.sql("update organizations set status = 'active', closed_at = null where kind = 'agency'")
  await world.settled()
  t.equal(await offer({ type: 'account', id: 'x' }), 'unknown_counterparty')
  t.equal(await offer({ type: 'company', id: company.id }), 'unknown_counterparty')
  const answers = await batch({
    ...question(Otto, 'offer.send', whole),
    evaluations: [{ context: { counterparty: account(Fay) } }, { context: { counterparty: account(Finn) } }, {}]
  })
  t.strictSame(
    answers.map(({ decision }) => decision),
    [false, true, true],
    'each with its own, in one batch'
  )
  const finds = await search('subject', {
    subject: { type: 'account' },
    action: { name: 'offer.send' },
    resource: inDesign,
    context: { counterparty: account(Fay) }
  })
  t.notOk(finds.includes(Otto.accountId))
  t.ok(finds.includes(Hana.accountId))
})

t.test('E-2, E-3 200: the account comes before all else, then the organization, then the membership', async (t) => {
  const offer = () => reason(Hana, 'offer.send', inDesign)
  const current = () => reason(Hana, 'contract.manage', inDesign)
  for (const [enforcement, begins, goesOn] of [
    ['warning', 'granted', 'granted'],
    ['restricted', 'account_restricted', 'granted'],
    ['suspended', 'account_suspended', 'account_suspended'],
    ['banned', 'account_banned', 'account_banned']
  ] as const)
    await under(enforcement, 'accounts', idOf(Hana), async () => {
      t.strictSame([await offer(), await current()], [begins, goesOn], enforcement)
      t.equal(
        await reason(Hana, 'offer.send', { type: 'team', id: publicId('team', newId()) }),
        begins === 'granted' ? 'not_a_member' : begins
      )
    })
  const companyId = parseId('company', company.id)!
  for (const [enforcement, begins, goesOn] of [
    ['restricted', 'organization_restricted', 'granted'],
    ['suspended', 'organization_suspended', 'organization_suspended'],
    ['banned', 'organization_banned', 'organization_banned']
  ] as const)
    await under(enforcement, 'organizations', companyId, async () => {
      t.strictSame([await offer(), await current()], [begins, goesOn], enforcement)
      t.equal(await reason(Hana, 'company.read', whole), 'granted', 'it can be looked at')
      await under('banned', 'accounts', idOf(Hana), async () => t.equal(await offer(), 'account_banned'))
    })
  await meanwhile('memberships', `status = 'suspended'`, parseId('member', members.Bea)!, async () => {
    t.equal(await reason(Bea, 'proposal.manage', theAgency), 'membership_suspended')
    await under('suspended', 'organizations', parseId('agency', agency.id)!, async () =>
      t.equal(await reason(Bea, 'proposal.manage', theAgency), 'organization_suspended')
    )
  })
  await meanwhile('organizations', 'require_second_factor = true', companyId, async () => t.equal(await offer(), 'second_factor_required'))
  t.equal(await offer(), 'granted')
  await returning(world, Hana)
})

t.test('G-2 200: own capacity is asked about oneself', async (t) => {
  const own = ['milestone.submit_own', 'offer.respond_own', 'proposal.submit_independent', 'worklog.write_own']
  t.strictSame(await search('action', { subject: account(Finn), resource: account(Finn) }), own)
  t.strictSame(
    await search('action', { subject: account(Fay), resource: account(Fay) }),
    own.filter((key) => key !== 'proposal.submit_independent')
  )
  t.strictSame(await search('action', { subject: account(Sam), resource: account(Sam) }), [])
  t.equal(await reason(Fay, 'proposal.submit_independent', account(Fay)), 'exclusive_member')
  t.equal(await reason(Sam, 'worklog.write_own', account(Sam)), 'missing_permission')
  t.equal(await reason(Fay, 'worklog.write_own', account(Finn)), 'missing_permission')
  t.equal(await reason(Fay, 'offer.send', account(Fay)), 'unknown_permission')
  t.strictSame(await search('resource', { subject: account(Finn), action: { name: 'offer.respond_own' }, resource: { type: 'account' } }), [
    Finn.accountId
  ])
  t.strictSame(await search('subject', { subject: { type: 'account' }, action: { name: 'offer.respond_own' }, resource: account(Finn) }), [
    Finn.accountId
  ])
})

t.test('G-5 200: over a member of an agency a manager has what can be delegated', async (t) => {
  t.equal(await reason(Bea, 'proposal.submit_for_member', account(Finn)), 'granted')
  t.equal(await reason(Bea, 'profile.rate.update', account(Finn)), 'not_exclusive')
  t.equal(await reason(Bea, 'profile.rate.update', account(Fay)), 'granted')
  t.equal(await reason(Bea, 'proposal.manage', account(Sam)), 'not_a_member')
  t.equal(await reason(Finn, 'proposal.manage', account(Fay)), 'missing_permission')
  t.equal(await reason(Bea, 'message.read', account(Finn)), 'unknown_permission')
  const managers = { subject: { type: 'account' }, action: { name: 'proposal.manage' }, resource: account(Finn) }
  t.strictSame((await search('subject', managers)).sort(), [Otto, Bea].map(({ accountId }) => accountId).sort())
  const members = { subject: account(Bea), action: { name: 'proposal.manage' }, resource: { type: 'account' } }
  t.strictSame((await search('resource', members)).sort(), [Finn, Fay, Otto].map(({ accountId }) => accountId).sort())
  t.strictSame((await search('action', { subject: account(Bea), resource: account(Finn) })).sort(), [
    'contract.manage',
    'milestone.submit_any',
    'offer.respond',
    'proposal.manage',
    'proposal.submit_for_member'
  ])
})

t.test('G-5 200: a question with a delegation is decided for the member, and never about messages', async (t) => {
  const delegation = { actor: Bea.accountId, agency: agency.id }
  const asked = (permission: string, resource = account(Finn), more: object = {}) =>
    reason(Finn, permission, resource, { delegation: { ...delegation, ...more } })
  t.equal(await asked('proposal.submit_for_member'), 'granted')
  t.equal(await asked('proposal.manage', theAgency), 'granted')
  t.equal(await asked('proposal.manage', { type: 'team', id: maps }), 'granted')
  for (const permission of ['message.read', 'proposal.submit_own', 'worklog.write_own', 'agency.read', 'finance.manage'])
    t.equal(await asked(permission), 'not_delegated', permission)
  for (const resource of [whole, inDesign, { type: 'contract', id: 'contract-1' }, account(Bea), account(Fay)])
    t.equal(await asked('contract.manage', resource), 'not_delegated', JSON.stringify(resource))
  t.equal(await asked('proposal.manage', account(Finn), { actor: Ada.accountId }), 'not_a_member')
  t.equal(await asked('proposal.manage', account(Finn), { actor: 'x' }), 'not_a_member')
  t.equal(await asked('proposal.manage', account(Finn), { agency: company.id.replace('company', 'agency') }), 'not_a_member')
  t.equal(await asked('proposal.manage', account(Finn), { actor: Finn.accountId }), 'not_delegated', 'nobody acts for themselves')
  for (const who of [Finn, Bea]) {
    await under('suspended', 'accounts', idOf(who), async () => t.equal(await asked('proposal.manage'), 'account_suspended', 'of either'))
    await returning(world, who)
  }
})

t.test('G-5 200: a delegated token asks for the member, as far as it goes and as long as the session of the manager', async (t) => {
  const exchange = async (manager: Person, scope: string): Promise<{ headers: { authorization: string } }> => {
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: manager.accessToken,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_subject: members.Finn,
      scope
    }
    const granted = await world.inject({
      method: 'POST',
      url: '/v1/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(form).toString()
    })
    return { headers: { authorization: `Bearer ${(granted.json() as { access_token: string }).access_token}` } }
  }
  const token = await exchange(Bea, 'proposal.manage')
  const asked = async (permission: string, resource = account(Finn)) =>
    ((await post('evaluation', question(Finn, permission, resource), token)).json() as Decision).context.reason
  t.equal(await asked('proposal.manage'), 'granted')
  t.equal(await asked('proposal.submit_for_member'), 'not_delegated', 'what she may but the token does not hold')
  t.equal(await asked('message.read'), 'not_delegated')
  t.equal(await asked('worklog.write_own'), 'not_delegated', "nor the member's own")
  t.equal(await asked('proposal.manage', theAgency), 'granted')
  t.strictSame((await post('search/action', { subject: account(Finn), resource: account(Finn) }, token)).json().results, [
    { name: 'proposal.manage' }
  ])
  for (const who of [Bea, Fay])
    refused(t, await post('evaluation', question(who, 'proposal.manage', theAgency), token), 403, 'access_denied')
  refused(t, await send('GET', '/v1/me', token), 401, 'not_signed_in', 'and nothing else')
  await ok(setRoles(agency, members.Bea, [{ role: 'finance' }]))
  t.equal(await asked('proposal.manage'), 'missing_permission', 'no longer than the right behind it')
  await ok(setRoles(agency, members.Bea, [{ role: 'business_manager' }]))
  await ok(send('DELETE', `/v1/me/sessions/${Bea.sessionId}`, Bea))
  refused(t, await post('evaluation', question(Finn, 'proposal.manage', account(Finn)), token), 401, 'not_signed_in')
})

/** Whether a permission is about resources of a type. */
function isFor(permission: PermissionKey, type: string): boolean {
  const { kinds } = permissionOf(permission)
  if (type === 'account') return [...ownCapacityPermissions, ...delegablePermissions].some((key) => key === permission)
  if (type === 'team') return kinds.length > 0
  return kinds.includes(type === 'agency' ? 'agency' : 'company')
}

t.test('Q-1: a batch answers what single questions do, whatever is asked', async (t) => {
  const ids = [
    company.id,
    agency.id,
    design,
    inPrint.id,
    maps,
    'contract-1',
    'conversation-1',
    'conversation-2',
    'x',
    ...Object.values(people).map(({ accountId }) => accountId)
  ]
  const entity = (types: string[]) => fc.record({ type: fc.constantFrom(...types), id: fc.constantFrom(...ids) })
  const resources = [
    whole,
    theAgency,
    inDesign,
    inPrint,
    { type: 'contract', id: 'contract-1' },
    { type: 'conversation', id: 'conversation-2' },
    account(Finn)
  ]
  const delegation = fc.record({ actor: fc.constantFrom(Bea.accountId, Otto.accountId, 'x'), agency: fc.constantFrom(agency.id, 'x') })
  const asked = fc.record(
    {
      subject: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...Object.values(people)).map(account) },
        { weight: 1, arbitrary: entity(['account', 'robot']) }
      ),
      action: fc.record({
        name: fc.oneof(
          fc.constantFrom('company.read', 'agency.read', 'offer.send', 'proposal.manage', 'contract.manage', 'worklog.write_own'),
          fc.constantFrom(...permissionKeys, 'fly')
        )
      }),
      resource: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...resources) },
        { weight: 1, arbitrary: entity(['company', 'agency', 'team', 'contract', 'conversation', 'account', 'moon']) }
      ),
      context: fc.oneof(
        { weight: 2, arbitrary: fc.constant({}) },
        {
          weight: 1,
          arbitrary: fc.record({ delegation, counterparty: entity(['account', 'agency', 'moon']) }, { requiredKeys: [] })
        }
      )
    },
    { requiredKeys: ['subject', 'action', 'resource'] }
  )
  let allowed = 0
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 25, size: 'max' }), async (some) => {
      // One that is allowed is always among them.
      const evaluations = [question(Olga, 'offer.send', whole), ...some]
      const many = await batch({ evaluations })
      const singles = (await Promise.all(evaluations.map((each) => post('evaluation', each)))).map((answer) => answer.json() as Decision)
      t.strictSame(many, singles)
      for (const [index, { action, resource }] of evaluations.entries())
        if (isPermission(action.name) && isFor(action.name, resource.type))
          t.ok(reasonsOf(action.name).includes(many[index]!.context.reason as Reason), `${action.name}: ${many[index]!.context.reason}`)
      allowed += many.filter(({ decision }) => decision).length
    }),
    { numRuns: rounds(8) }
  )
  t.ok(allowed >= rounds(8), `${allowed} of them were allowed`)
})
