import { randomUUID } from 'node:crypto'
import t from 'tap'
import { publicId } from '../../src/http/ids.ts'
import { messaging } from '../support/conversations.ts'
import { organizations } from '../support/organizations.ts'
import { problemFault, refused } from '../support/problems.ts'
import { openWorld, registration } from '../support/world.ts'

const world = await openWorld(t)
const { send, ok, found, join, team, freelance } = organizations(world)
const { put, part, first, add, get, takeOut, stored, eventsOf, told } = await messaging(world)

const olga = await world.person('Olga')
const hana = await world.person('Hana')
const remy = await world.person('Remy')
const sven = await world.person('Sven')
const finn = await world.person('Finn')
const sam = await world.person('Sam')

const acme = await found(olga)
const design = await team(acme, 'Design')
const member = {
  hana: await join(acme, hana, [{ role: 'hiring_manager' }]),
  remy: await join(acme, remy, [{ role: 'recruiter' }]),
  sven: await join(acme, sven, [{ role: 'hiring_manager' }])
}
const other = await found(sam)
await freelance(finn)
const agency = await found(finn, 'agency')
await world.post('/v1/accounts', { ...registration, email: 'nora@example.com' })
const [nora] = await world.sql<{ id: string }>(`select account_id as id from emails where canonical = 'nora@example.com'`)

const both = [part(olga, 'full'), part(finn)]
const kept = (id: string) =>
  world.sql(
    `select c::text, (select string_agg(p::text, ',' order by p.account_id) from conversation_participants p where p.conversation_id = c.id) as people,
      (select count(*)::int from events e where e.subject = c.id) as events from conversations c where id = $1`,
    [id]
  )

t.test('K-5 200: the first version makes the conversation known, and a higher one changes it', async (t) => {
  const answer = await put('first:1.a-b_c', first(acme, both, { version: 4, teamId: design, participantsRevision: 9 }))
  const conversation = {
    id: 'first:1.a-b_c',
    version: 4,
    companyId: acme.id,
    teamId: design,
    status: 'open',
    participants: [
      { accountId: olga.accountId, memberId: acme.memberId, level: 'full' },
      { accountId: finn.accountId, memberId: null, level: null }
    ],
    participantsRevision: 1
  }
  t.equal(answer.statusCode, 200, answer.body)
  t.strictSame(answer.json(), { applied: true, conversation })
  t.ok(answer.headers['consistency-token'])

  const next = await put('first:1.a-b_c', first(acme, both, { version: 7, status: 'closed' }))
  t.strictSame(next.json(), { applied: true, conversation: { ...conversation, version: 7, teamId: null, status: 'closed' } })
  const events = await eventsOf('first:1.a-b_c')
  t.match(events, [
    {
      type: 'conversation.added',
      before: null,
      after: { status: 'open', teamId: design, version: 4, participantsRevision: 1, participants: conversation.participants }
    },
    { type: 'conversation.updated', before: { status: 'open', version: 4 }, after: { status: 'closed', teamId: null, version: 7 } }
  ])
  const [audit] = await world.sql(
    `select actor_kind, detail from audit_events where resource = 'first:1.a-b_c' order by sequence desc limit 1`
  )
  t.match(audit, { actor_kind: 'service', detail: { before: { version: 4 }, after: { version: 7 } } })
})

t.test('K-5 200: an older version is not applied, and the same one twice is the same, in whatever order', async (t) => {
  const update = await add('same', acme, both, { version: 5, teamId: design })
  const before = await kept('same')
  for (const older of [first(acme, both, { version: 4 }), first(other, [part(sam, 'full')]), first(acme, [], { status: 'closed' })])
    t.match((await put('same', older)).json(), { applied: false, conversation: { version: 5, teamId: design } })
  const { participants, ...rest } = update
  for (const again of [update, { participants: participants.toReversed(), ...rest }])
    t.match((await put('same', again)).json(), { applied: true, conversation: { version: 5 } })
  t.strictSame(await kept('same'), before)
})

t.test('K-5 409: the same version with another body', async (t) => {
  const update = await add('conflict', acme, both, { version: 2, teamId: design })
  const before = await kept('conflict')
  for (const fields of [
    { status: 'closed' },
    { teamId: undefined },
    { participantsRevision: 1 },
    { participants: [part(olga, 'recruiter'), part(finn)] },
    { participants: [part(olga, 'full')] }
  ])
    refused(t, await put('conflict', { ...update, ...fields }), 409, 'version_conflict', JSON.stringify(fields))
  t.strictSame(await kept('conflict'), before)
})

t.test('K-5 200: an update changes the participants only with the revision it has seen; each change is told', async (t) => {
  await add('parts', acme, both)
  const without = await put('parts', first(acme, [part(hana, 'full')], { version: 2, status: 'closed' }))
  t.match(without.json(), { applied: true, conversation: { participantsRevision: 1, participants: { length: 2 } } }, 'left alone')
  const changed = [part(olga, 'recruiter'), part(hana, 'full'), part(remy, 'recruiter')]
  const answer = await put('parts', first(acme, changed, { version: 3, participantsRevision: 1 }))
  t.match(answer.json(), { conversation: { participantsRevision: 2, participants: { length: 3 } } }, 'one change, one revision')
  const events = (await eventsOf('parts')).slice(2)
  t.strictSame(
    events.map(({ type, before, after }) => [type, (before ?? after)!.accountId, before?.level, after?.level]),
    [
      ['conversation.participant_removed', finn.accountId, null, undefined],
      ['conversation.participant_updated', olga.accountId, 'full', 'recruiter'],
      ['conversation.participant_added', hana.accountId, undefined, 'full'],
      ['conversation.participant_added', remy.accountId, undefined, 'recruiter'],
      ['conversation.updated', undefined, undefined, undefined]
    ]
  )
  const same = await put('parts', first(acme, changed, { version: 4, participantsRevision: 2 }))
  t.match(same.json(), { conversation: { participantsRevision: 2 } }, 'what changes nobody is no change')
  const nobody = await put('parts', first(acme, [], { version: 5, participantsRevision: 2 }))
  t.match(nobody.json(), { conversation: { participantsRevision: 3, participants: [] } })
})

t.test('K-5 409: with a revision that is not the present one nothing changes, and the answer shows who takes part', async (t) => {
  await add('stale', acme, both)
  await put('stale', first(acme, [part(olga, 'full')], { version: 2, participantsRevision: 1 }))
  const before = await kept('stale')
  for (const participantsRevision of [1, 3]) {
    const answer = await put('stale', first(acme, both, { version: 3, participantsRevision }))
    refused(t, answer, 409, 'participants_changed')
    t.strictSame(answer.json().currentParticipants, {
      participantsRevision: 2,
      participants: [{ accountId: olga.accountId, memberId: acme.memberId, level: 'full' }]
    })
  }
  t.strictSame(await kept('stale'), before)
})

t.test('K-5 200: whoever stays as they are is not judged again', async (t) => {
  const later = await world.person('Lena')
  await add('stay', acme, [part(sven, 'full'), part(later)])
  await ok(send('POST', `${acme.url}/members/${member.sven}/suspension`, olga, {}))
  await join(acme, later)
  const answer = await put(
    'stay',
    first(acme, [part(sven, 'full'), part(later), part(olga, 'full')], { version: 2, participantsRevision: 1 })
  )
  t.match(answer.json(), { conversation: { participants: { length: 3 }, participantsRevision: 2 } })
  const raised = [part(sven, 'recruiter'), part(later), part(olga, 'full')]
  refused(t, await put('stay', first(acme, raised, { version: 3, participantsRevision: 2 })), 422, 'unknown_member')
  const crossed = [part(sven, 'full'), part(later, 'recruiter'), part(olga, 'full')]
  t.match((await put('stay', first(acme, crossed, { version: 3, participantsRevision: 2 }))).json(), {
    conversation: { participants: [{}, { accountId: later.accountId, level: 'recruiter' }, {}] }
  })
})

t.test('422: whoever and whatever does not exist, or is not of this company', async (t) => {
  await add('known', acme, both)
  const before = await kept('known')
  const update = (more: object) => ({ ...first(acme, both, { version: 2, participantsRevision: 1 }), ...more })
  const cases: Array<[object, Parameters<typeof refused>[3], string]> = [
    [{ companyId: publicId('company', randomUUID()) }, 'unknown_reference', '`companyId`'],
    [{ companyId: agency.id }, 'unknown_reference', '`companyId`'],
    [{ companyId: other.id, participants: [part(sam, 'full')] }, 'unknown_reference', 'stays with its company'],
    [{ participants: [{ accountId: publicId('account', randomUUID()) }] }, 'unknown_reference', '`participants/0`'],
    [{ participants: [part(olga, 'full'), { accountId: acme.memberId }] }, 'unknown_reference', '`participants/1`'],
    [{ participants: [{ accountId: publicId('account', nora!.id) }] }, 'unknown_reference', '`participants/0`'],
    [{ teamId: other.defaultTeamId }, 'unknown_team', 'team'],
    [{ teamId: 'x' }, 'unknown_team', 'team'],
    [{ participants: [part(olga, 'full'), part(finn, 'recruiter')] }, 'unknown_member', '`participants/1`'],
    [{ participants: [part(sven, 'recruiter')] }, 'unknown_member', '`participants/0`'],
    [{ participants: [part(sam, 'full')] }, 'unknown_member', '`participants/0`'],
    [{ participants: [part(hana)] }, 'coworker_level_required', '`participants/0`'],
    [{ participants: [part(olga)] }, 'coworker_level_required', '`participants/0`']
  ]
  for (const [more, code, detail] of cases) {
    const answer = await put('known', update(more))
    refused(t, answer, 422, code, JSON.stringify(more))
    t.match(answer.json().detail, detail)
  }
  t.strictSame(await kept('known'), before)
  refused(t, await put('unknown', first(acme, [part(sven, 'full')])), 422, 'unknown_member', 'of a first version too')
  t.strictSame(await kept('unknown'), [])
})

t.test('400: what is no conversation is refused, place by place', async (t) => {
  const wrong: Array<[object, string]> = [
    [{ version: 0 }, '/version'],
    [{ version: 2 ** 53 }, '/version'],
    [{ participantsRevision: 0 }, '/participantsRevision'],
    [{ status: 'archived' }, '/status'],
    [{ teamId: null }, '/teamId'],
    [{ companyId: undefined }, '/companyId'],
    [{ participants: undefined }, '/participants'],
    [{ participants: [{ ...part(olga, 'full'), level: 'owner' }] }, '/participants/0/level'],
    [{ participants: [{ ...part(olga), level: null }] }, '/participants/0/level'],
    [{ participants: [part(olga, 'full'), part(finn), part(olga, 'recruiter')] }, '/participants/2/accountId'],
    [{ participants: Array.from({ length: 101 }, () => ({ accountId: publicId('account', randomUUID()) })) }, '/participants']
  ]
  for (const [fields, pointer] of wrong) {
    const answer = await put('wrong', { ...first(acme, both), ...fields })
    t.equal(problemFault(answer, 'invalid_input'), undefined)
    t.match(answer.json(), { errors: [{ pointer }] }, JSON.stringify(fields).slice(0, 80))
  }
  for (const id of ['a%20b', 'x'.repeat(65), '%00']) {
    refused(t, await put(id, first(acme, both)), 400, 'invalid_input', id)
    for (const answer of [await get(id, olga), await takeOut(id, olga, olga)]) refused(t, answer, 400, 'invalid_input', id)
  }
})

t.test('401 403: only the messaging service tells of conversations', async (t) => {
  const others = await world.service('others', ['contracts.write'])
  const answer = await send('PUT', '/v1/conversations/mine', others, first(acme, both))
  refused(t, answer, 403, 'access_denied')
  t.strictSame(answer.json().missingPermissions, ['conversations.write'])
  for (const by of [olga, { headers: {} }, await world.operator()])
    refused(t, await send('PUT', '/v1/conversations/mine', by, first(acme, both)), 401, 'not_signed_in')
  t.strictSame(await kept('mine'), [])
})

t.test('200: coworkers see each other by name, the other side sees accounts and nothing of the company', async (t) => {
  await add('seen', acme, [part(olga, 'full'), part(remy, 'recruiter'), part(finn)], { teamId: design })
  const inside = await get('seen', remy)
  t.strictSame(inside.json(), {
    id: 'seen',
    companyId: acme.id,
    teamId: design,
    status: 'open',
    participants: [
      { accountId: olga.accountId, memberId: acme.memberId, level: 'full', name: 'Olga Okafor' },
      { accountId: remy.accountId, memberId: member.remy, level: 'recruiter', name: 'Remy Okafor' },
      { accountId: finn.accountId, memberId: null, level: null, name: null }
    ],
    participantsRevision: 1,
    pending: []
  })
  const outside = await get('seen', finn)
  t.strictSame(outside.json(), {
    id: 'seen',
    companyId: acme.id,
    teamId: null,
    status: 'open',
    participants: [olga, remy, finn].map(({ accountId }) => ({ accountId, memberId: null, level: null, name: null })),
    participantsRevision: 1,
    pending: []
  })
  const again = await world.inject({
    url: '/v1/conversations/seen',
    headers: { ...remy.headers, 'if-none-match': String(inside.headers.etag) }
  })
  t.equal(again.statusCode, 304)
})

t.test('H-1 404: for whoever is no participant there is no such conversation', async (t) => {
  await add('hidden', acme, [part(olga, 'full'), part(finn)])
  const nothing = { level: 'recruiter', memberId: member.remy }
  for (const by of [hana, sam])
    for (const id of ['hidden', 'no-such']) {
      refused(t, await get(id, by), 404, 'not_found')
      refused(t, await send('POST', `/v1/conversations/${id}/participants`, by, nothing), 404, 'not_found')
      for (const whom of [olga, finn, by, { accountId: 'account_x' }]) refused(t, await takeOut(id, by, whom), 404, 'not_found')
    }
  t.strictSame(await told('hidden'), ['conversation.added'])
  const anonymous = await world.inject({ url: '/v1/conversations/hidden' })
  refused(t, anonymous, 401, 'not_signed_in')
})

t.test('403: a suspended member takes part, but neither looks nor acts; leaving is theirs', async (t) => {
  const lev = await world.person('Lev')
  const levs = await join(acme, lev, [{ role: 'admin' }])
  await add('suspended', acme, [part(lev, 'full'), part(remy, 'recruiter')])
  await ok(send('POST', `${acme.url}/members/${levs}/suspension`, olga, {}))
  t.equal((await get('suspended', remy)).json().participants.length, 2)
  refused(t, await get('suspended', lev), 403, 'membership_suspended')
  const adding = { memberId: member.hana, level: 'recruiter' }
  refused(t, await send('POST', '/v1/conversations/suspended/participants', lev, adding), 403, 'membership_suspended')
  refused(t, await takeOut('suspended', lev, remy), 403, 'membership_suspended')
  t.equal((await takeOut('suspended', lev, lev)).statusCode, 204)
  t.equal((await stored('suspended')).revision, 2)
})
