import { sql } from 'drizzle-orm'
import t from 'tap'
import { consistencyToken } from '../../src/http/consistency.ts'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import { permissionKeys } from '../../src/permissions/catalogue.ts'
import type { Decision } from '../support/access.ts'
import { accessStage } from '../support/access-stage.ts'
import { inForce } from '../support/enforcement.ts'
import { refused } from '../support/problems.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld(t, { instances: 2, each: [{}, { FACT_CACHE_ENTRIES: 0 }], env: { LOCK_TIMEOUT_MS: '100' } })
const stage = await accessStage(world)
const { join, send, ok, setRoles, tagOf, post, ask, reason, batch, question, account, service } = stage
const { people, members, company, agency, design, whole, inDesign, inPrint, theAgency } = stage
const { Olga, Ada, Hana, Max, Bea, Sam } = people

t.test('Q-2 200: what allows is named, and what is missing', async (t) => {
  t.match(await ask(Hana, 'offer.send', inDesign), {
    decision: true,
    context: { reason: 'granted', grants: [{ role: 'hiring_manager', teamId: design }], missing: [] }
  })
  t.match(await ask(Olga, 'offer.send', whole), { decision: true, context: { grants: [{ role: 'owner' }] } })
  t.match(await ask(Max, 'company.read', whole), { decision: true, context: { grants: [{ role: 'member' }] } })
  t.match(await ask(Hana, 'offer.send', inPrint), { decision: false, context: { grants: [], missing: ['offer.send'] } })
  t.match(await ask(Sam, 'offer.send', inDesign), { decision: false, context: { reason: 'not_a_member', missing: [] } })
})

t.test('Q-2 200: explained, a denial says the nearest way, which roles would be enough, the least first, and who can help', async (t) => {
  const explain = { explain: true }
  const explained = async (...[who, permission, resource]: Parameters<typeof ask>) =>
    (await ask(who, permission, resource, explain)).context.explanation!
  t.strictSame(await explained(Max, 'job.post', inDesign), {
    way: 'grant_role',
    description: 'Somebody who may change roles there grants one of `roles`.',
    roles: [
      { role: 'recruiter', teamId: design },
      { role: 'hiring_manager', teamId: design },
      { role: 'recruiter' },
      { role: 'hiring_manager' },
      { role: 'poster', teamId: design }
    ],
    by: 'member.roles.update',
    people: [Olga, Ada].map(({ accountId }) => accountId).sort(),
    morePeople: false
  })
  t.match(await explained(Max, 'company.close', whole), { way: 'ask_owner', roles: [], people: [Olga.accountId] })
  t.match(await explained(Sam, 'job.post', whole), { way: 'become_member', roles: [], by: 'member.invite' })
  t.match(await explained(Bea, 'message.read', theAgency), { way: null, roles: [], by: null, people: [] })
  t.match(await explained(Hana, 'offer.send', inDesign), { way: null }, 'what is allowed needs no way')
  const selfDealing = await ask(Hana, 'offer.send', inDesign, { ...explain, counterparty: account(Hana) })
  t.strictSame(
    [selfDealing.context.explanation!.way, selfDealing.context.explanation!.people],
    ['ask_coworker', [Olga, Hana].map(({ accountId }) => accountId).sort()]
  )
  const roles = await explained(Max, 'job.post', inDesign)
  for (const { role, teamId } of roles.roles) {
    await ok(setRoles(company, members.Max, [{ role, ...(teamId ? { teamId } : {}) }]))
    t.equal((await ask(Max, 'job.post', inDesign)).decision, true, `${role} would have been enough`)
  }
  await ok(setRoles(company, members.Max, [{ role: 'member' }]))
})

t.test('Q-2 200: to a person an explanation names roles, and nobody', async (t) => {
  const answer = (await post('evaluation', question(Max, 'job.post', inDesign, { explain: true }), Max)).json() as Decision
  t.match(answer.context.explanation, { way: 'grant_role', by: 'member.roles.update' })
  t.ok(answer.context.explanation!.roles.length > 0)
  t.notOk('people' in answer.context.explanation!)
  const stranger = (await post('evaluation', question(Sam, 'job.post', inDesign, { explain: true }), Sam)).json() as Decision
  t.strictSame(stranger.context.explanation!.roles, [], 'nothing of an organization to whoever is no member')
})

t.test('Q-3 200: after a write its token is honoured, in the header or the context, by every instance', async (t) => {
  for (const role of ['recruiter', 'member', 'recruiter', 'member']) {
    const changed = await ok(setRoles(company, members.Max, [{ role }]))
    const token = String(changed.headers['consistency-token'])
    const asked = question(Max, 'job.post', whole)
    for (const instance of [0, 1]) {
      const inject = (payload: object, headers: object = {}) =>
        world.inject({ method: 'POST', url: '/access/v1/evaluation', headers: { ...service.headers, ...headers }, payload }, instance)
      const answers = [
        await inject(asked, { 'at-least-as-fresh': token }),
        await inject({ ...asked, context: { consistency: token } }),
        await inject({ ...asked, context: { consistency: 'full' } }),
        await inject(asked, { consistency: 'full' })
      ]
      for (const answer of answers) t.equal((answer.json() as Decision).decision, role === 'recruiter')
    }
  }
})

t.test('Q-3 503: what is older than the token asks for is not answered, for the whole batch', async (t) => {
  const ahead = consistencyToken(world.config.keys, new Map([[`organization:${parseId('company', company.id)}`, 1_000_000]]))
  const asked = question(Hana, 'offer.send', inDesign)
  for (const answer of [
    await post('evaluation', asked, service, { 'at-least-as-fresh': ahead }),
    await post('evaluation', { ...asked, context: { consistency: ahead } }),
    await post('evaluations', { ...asked, evaluations: [{}, { context: { consistency: ahead } }] }),
    await post('search/action', { subject: asked.subject, resource: inDesign, context: { consistency: ahead } }),
    await send('GET', `/v1/accounts/${Hana.accountId}/permissions`, { headers: { ...service.headers, 'at-least-as-fresh': ahead } })
  ])
    refused(t, answer, 503, 'not_fresh_enough')
  refused(t, await post('evaluation', asked, service, { 'at-least-as-fresh': 'x' }), 400, 'malformed_consistency_token')
  refused(t, await post('evaluation', asked, service, { consistency: 'some' }), 400, 'malformed_request')
  t.equal((await ask(Sam, 'offer.send', theAgency, { consistency: ahead })).decision, false, 'what is not looked at need not be fresh')
})

t.test('Q-3 200: an answer carries the token of the state it is from', async (t) => {
  const { consistencyToken: token } = (await ask(Hana, 'offer.send', inDesign)).context
  t.match(await ask(Hana, 'offer.send', inDesign, { consistency: token }), { decision: true })
})

t.test('C-12, Q-4 200: whoever is removed is denied with the next question, without any token', async (t) => {
  const nora = await world.person('Nora')
  const memberId = await join(company, nora, [{ role: 'hiring_manager' }])
  for (const place of [whole, inDesign]) t.equal(await reason(nora, 'offer.send', place), 'granted')
  await ok(send('DELETE', `${company.url}/members/${memberId}`, Olga))
  for (const place of [whole, inDesign]) t.equal(await reason(nora, 'offer.send', place), 'not_a_member')
})

t.test('Q-5 200: unknown subjects, resources and actions are denied with a reason', async (t) => {
  const nobody = { accountId: publicId('account', newId()) }
  t.equal(await reason(nobody, 'offer.send', whole), 'not_a_member')
  t.equal(await reason({ accountId: 'account_x' }, 'offer.send', whole), 'not_a_member')
  t.equal(await reason({ accountId: Hana.accountId.toUpperCase() }, 'offer.send', inDesign), 'not_a_member')
  t.equal(await reason(Hana, 'offer', inDesign), 'unknown_permission')
  for (const permission of ['', 'constructor', '__proto__', 'OFFER.SEND'])
    t.equal(await reason(Hana, permission, inDesign), 'unknown_permission', permission)
  t.equal(await reason(Hana, 'agency.read', inDesign), 'unknown_permission', 'of the other kind')
  t.equal(await reason(Hana, 'offer.send', { type: 'spaceship', id: '1' }), 'unknown_resource')
  const subject = { type: 'service', id: 'x' }
  t.match(await batch({ evaluations: [{ subject, action: { name: 'offer.send' }, resource: whole }] }), [
    { decision: false, context: { reason: 'unknown_subject' } }
  ])
  for (const resource of [
    { type: 'company', id: publicId('company', newId()) },
    { type: 'company', id: design },
    { type: 'agency', id: company.id },
    { type: 'team', id: "'; drop table teams; --" },
    { type: 'team', id: '' },
    { type: 'contract', id: 'contract-none' },
    { type: 'contract', id: 'ü' }
  ])
    t.equal(await reason(Hana, 'offer.send', resource), 'not_a_member', JSON.stringify(resource))
})

t.test('Q-5 200: to somebody who is not in it, what exists is told in no way from what does not', async (t) => {
  const pairs: Array<[object, object]> = [
    [whole, { type: 'company', id: publicId('company', newId()) }],
    [inDesign, { type: 'team', id: publicId('team', newId()) }],
    [
      { type: 'contract', id: 'contract-1' },
      { type: 'contract', id: 'contract-none' }
    ],
    [
      { type: 'conversation', id: 'conversation-1' },
      { type: 'conversation', id: 'conversation-none' }
    ],
    [account(Hana), { type: 'account', id: publicId('account', newId()) }],
    [theAgency, { type: 'agency', id: publicId('agency', newId()) }]
  ]
  const states = [
    async () => undefined,
    () =>
      world.sql(`update organizations set ${inForce('suspended')} where id in ($1, $2)`, [
        parseId('company', company.id),
        parseId('agency', agency.id)
      ])
  ]
  for (const state of states) {
    await state()
    await world.settled()
    for (const [one, other] of pairs) {
      // Not all of them: what matters is whether anything is looked at.
      for (const permission of permissionKeys.filter(
        (_, index) => index % 6 === 0 || index === permissionKeys.indexOf('proposal.manage')
      )) {
        const [real, none] = await Promise.all(
          [one, other].map((resource) =>
            post('evaluation', question(Sam, permission, resource as { type: string; id: string }, { explain: true }), Sam)
          )
        )
        if (real!.body !== none!.body) t.equal(real!.body, none!.body, `${permission} on ${JSON.stringify(one)}`)
      }
      const [real, none] = await Promise.all(
        [one, other].map((resource) => post('search/action', { subject: account(Sam), resource }, Sam))
      )
      t.equal(real!.body, none!.body, JSON.stringify(one))
    }
  }
  await world.sql(`update organizations set ${inForce('none')}`)
  await world.settled()
})

t.test('Q-6 403: a person asks about themselves, and nobody else', async (t) => {
  t.equal(((await post('evaluation', question(Hana, 'offer.send', inDesign), Hana)).json() as Decision).decision, true)
  const asked = question(Olga, 'offer.send', inDesign)
  const own = question(Hana, 'offer.send', inDesign)
  const delegation = { actor: Hana.accountId, agency: agency.id }
  for (const [path, body] of [
    ['evaluation', asked],
    ['evaluation', { ...asked, subject: { type: 'account', id: publicId('account', newId()) } }],
    ['evaluation', { ...own, subject: { type: 'service', id: Hana.accountId } }],
    ['evaluation', { ...own, context: { delegation } }],
    ['evaluations', { ...own, evaluations: [{}, { subject: asked.subject }] }],
    ['search/subject', { subject: { type: 'account' }, action: { name: 'offer.send' }, resource: inDesign }],
    ['search/resource', { subject: asked.subject, action: { name: 'offer.send' }, resource: { type: 'team' } }],
    ['search/action', { subject: asked.subject, resource: inDesign }]
  ] as const) {
    const answer = await post(path, body, Hana)
    refused(t, answer, 403, 'access_denied', `${path} ${JSON.stringify(body)}`)
    t.strictSame(answer.json().missingPermissions, ['access.evaluate'])
  }
  const mine = (await post('search/action', { subject: own.subject, resource: inDesign }, Hana)).json() as { results: unknown[] }
  t.ok(mine.results.length > 5)
  refused(t, await send('GET', `/v1/accounts/${Hana.accountId}/permissions`, Hana), 401, 'not_signed_in', 'the map is for services')
})

t.test('Q-7 503: when facts cannot be read there is no decision, for a whole batch too', async (t) => {
  const locked = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const holder = world.parts.db.transaction(async (tx) => {
    await tx.execute(sql`lock table role_grants in access exclusive mode`)
    locked.resolve()
    await release.promise
  })
  await locked.promise
  const asked = question(Hana, 'offer.send', inDesign)
  // What is kept could be answered for another second.
  const full = { consistency: 'full' }
  for (const answer of [
    await post('evaluation', asked, service, full),
    await post('evaluations', { ...asked, evaluations: [{}, {}, 5] }, service, full),
    await post('search/subject', { ...asked, subject: { type: 'account' } }),
    await post('search/action', asked, service, full),
    await send('GET', `/v1/accounts/${Hana.accountId}/permissions`, service)
  ]) {
    refused(t, answer, 503, 'service_unavailable')
    t.notMatch(answer.body, 'decision')
  }
  release.resolve()
  await holder
  t.equal((await ask(Hana, 'offer.send', inDesign)).decision, true, 'and then it is answered')
})

t.test('Q-8 200: the permissions of one person, everywhere, under an ETag', async (t) => {
  const url = `/v1/accounts/${Hana.accountId}/permissions`
  const answer = await ok(send('GET', url, service))
  const map = answer.json() as {
    own: Array<{ key: string }>
    organizations: Array<{ id: string; denied: string | null; teams: Array<{ id: string }> }>
  }
  t.strictSame(map.own.map(({ key }) => key).sort(), [
    'milestone.submit_own',
    'offer.respond_own',
    'proposal.submit_independent',
    'worklog.write_own'
  ])
  t.match(map.organizations, [{ id: company.id, kind: 'company', denied: null, teams: [{ id: design }] }])
  const tag = String(answer.headers.etag)
  t.equal((await send('GET', url, { headers: { ...service.headers, consistency: 'full' } })).headers.etag, tag)
  refused(t, await send('GET', url, { headers: { ...service.headers, consistency: 'some' } }), 400, 'malformed_request')
  const again = await send('GET', url, { headers: { ...service.headers, 'if-none-match': tag } })
  t.strictSame([again.statusCode, again.body, again.headers.etag], [304, '', tag])
  await ok(setRoles(company, members.Hana, [{ role: 'hiring_manager', teamId: design }, { role: 'member' }]))
  const changed = await send('GET', url, { headers: { ...service.headers, 'if-none-match': tag } })
  t.equal(changed.statusCode, 200)
  await ok(setRoles(company, members.Hana, [{ role: 'hiring_manager', teamId: design }]))
  t.equal(await tagOf(url, service), tag)

  t.strictSame(((await ok(send('GET', `${url}?organization=${agency.id}`, service))).json() as typeof map).organizations, [], 'not hers')
  for (const id of [company.id.replace('company', 'agency'), 'x']) {
    const none = (await ok(send('GET', `${url}?organization=${id}`, service))).json() as typeof map
    t.strictSame(none.organizations, [], id)
  }

  const mapOf = async () => (await ok(send('GET', `${url}?organization=${company.id}`, service))).json() as { changesAt: string | null }
  t.equal((await mapOf()).changesAt, null)
  const impose = (about: 'account' | 'organization', id: string, starts: string, ends: string | null) =>
    world.sql(
      `insert into enforcement_actions (id, ${about}_id, kind, status, reason_code, policy, remedy, imposed_by_kind, imposed_by_id, starts_at, ends_at)
        values ($1, $2, 'restricted', 'active', 'spam', 'x', 'x', 'operator', 'one', $3::timestamptz, $4::timestamptz)`,
      [newId(), id, starts, ends]
    )
  await impose('account', parseId('account', Hana.accountId)!, '2030-03-01T00:00:00Z', '2030-04-01T00:00:00Z')
  t.equal((await mapOf()).changesAt, '2030-03-01T00:00:00.000Z', 'E-5: what begins by the clock')
  await impose('organization', parseId('company', company.id)!, 'infinity', null)
  await impose('organization', parseId('company', company.id)!, '2020-01-01T00:00:00Z', '2030-02-01T00:00:00Z')
  t.equal((await mapOf()).changesAt, '2030-02-01T00:00:00.000Z', 'or ends by it, also of the organization')
  await world.sql("update enforcement_actions set status = 'lifted', lifted_at = now(), lift_reason = 'operator' where status = 'active'")
  t.equal((await mapOf()).changesAt, null)

  refused(t, await send('GET', `/v1/accounts/${publicId('account', newId())}/permissions`, service), 404, 'not_found')
  refused(t, await send('GET', '/v1/accounts/x/permissions', service), 404, 'not_found')
})

t.test('Q-2 200: the catalogue is told to everybody, with the reasons', async (t) => {
  const answer = await world.inject({ url: '/v1/permissions' })
  t.equal(answer.statusCode, 200)
  const { items, reasons } = answer.json() as {
    items: Array<{ key: string; reasons: string[]; kinds: string[]; scope: string }>
    reasons: Array<{ code: string }>
  }
  t.strictSame(
    items.map(({ key }) => key),
    permissionKeys
  )
  const codes = reasons.map(({ code }) => code)
  t.ok(items.every((item) => item.reasons.every((reason) => codes.includes(reason))))
  t.match(
    items.find(({ key }) => key === 'offer.respond_own'),
    { scope: 'account', kinds: ['account'] }
  )
  t.match(
    items.find(({ key }) => key === 'contract.manage'),
    { scope: 'team', kinds: ['company', 'agency'] }
  )
})
