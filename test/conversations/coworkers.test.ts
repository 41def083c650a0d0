import { randomUUID } from 'node:crypto'
import t from 'tap'
import { evaluateAll } from '../../src/access/evaluate.ts'
import { parseId, publicId } from '../../src/http/ids.ts'
import { permissionKeys } from '../../src/permissions/catalogue.ts'
import { type Level, messaging } from '../support/conversations.ts'
import { inviting } from '../support/invitations.ts'
import { organizations } from '../support/organizations.ts'
import { problemFault, refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t, { env: { PLAN_COMPANY_BUSINESS: 'teams=499,admins=1,members=0,customRoles=0' } })
const { send, ok, found, join, team } = organizations(world)
const { expire, prove } = inviting(world)
const { put, part, first, add, get, invite, takeOut, accept, stored, levelOf, eventsOf, told } = await messaging(world)

const names = ['Olga', 'Hana', 'Remy', 'Tara', 'Max', 'Vera', 'Finn', 'Sam'] as const
const people = {} as Record<(typeof names)[number], Person>
for (const name of names) people[name] = await world.person(name)
const { Olga, Hana, Remy, Tara, Max, Vera, Finn, Sam } = people

const acme = await found(Olga)
const design = await team(acme, 'Design')
const print = await team(acme, 'Print')
// Adds coworkers, but invites nobody.
await ok(
  send('POST', `${acme.url}/roles`, Olga, {
    key: 'host',
    name: 'Host',
    description: 'Brings coworkers in.',
    permissions: ['conversation.add_coworker']
  })
)
const member = {
  Olga: acme.memberId,
  Hana: await join(acme, Hana, [{ role: 'hiring_manager' }]),
  Remy: await join(acme, Remy, [{ role: 'recruiter' }]),
  Tara: await join(acme, Tara, [{ role: 'recruiter', teamId: design }]),
  Max: await join(acme, Max, [{ role: 'member', teamId: print }]),
  Vera: await join(acme, Vera, [{ role: 'host' }])
}
const other = await found(Sam)

/** An open conversation in which everybody but Max takes part. */
const everybody = [
  part(Olga, 'full'),
  part(Hana, 'hiring_manager'),
  part(Remy, 'recruiter'),
  part(Tara, 'full'),
  part(Vera, 'full'),
  part(Finn)
]
const invitationsTo = (email: string) =>
  world.sql<{ id: string; status: string; grants: object[]; message: string | null; locale: string; inviter: string }>(
    'select id, status, grants, message, locale, inviter_account_id as inviter from invitations where canonical = $1 order by id',
    [email]
  )

t.test('H-1 201: a participant adds a coworker at a level no higher than their own, and it is told once', async (t) => {
  await add('add', acme, everybody)
  const answer = await invite('add', Remy, { memberId: member.Max, level: 'recruiter' })
  t.equal(answer.statusCode, 201, answer.body)
  const participant = { accountId: Max.accountId, memberId: member.Max, level: 'recruiter', name: 'Max Okafor' }
  t.strictSame(answer.json(), { outcome: 'added', participant })
  t.ok(answer.headers['consistency-token'])
  t.match((await get('add', Max)).json(), { participantsRevision: 2, participants: { 6: participant } })
  t.match((await eventsOf('add')).at(-1), {
    type: 'conversation.participant_added',
    before: null,
    after: { accountId: Max.accountId, memberId: member.Max, level: 'recruiter' }
  })
  const again = await invite('add', Hana, { memberId: member.Max, level: 'recruiter' })
  t.equal(again.statusCode, 200)
  t.strictSame(again.json(), { outcome: 'unchanged', participant })
  t.strictSame(await told('add'), ['conversation.added', 'conversation.participant_added'])
})

t.test('H-1 200 403: with another level theirs changes, if neither is above the own one', async (t) => {
  await add('levels', acme, [...everybody, part(Max, 'recruiter')])
  const set = (by: Person, level: Level) => invite('levels', by, { memberId: member.Max, level })
  const raised = await set(Hana, 'hiring_manager')
  t.equal(raised.statusCode, 200)
  t.match(raised.json(), { outcome: 'changed', participant: { level: 'hiring_manager' } })
  refused(t, await set(Remy, 'recruiter'), 403, 'role_exceeds_inviter', 'the old one is above')
  refused(t, await set(Hana, 'full'), 403, 'role_exceeds_inviter', 'the new one is above')
  refused(
    t,
    await invite('levels', Remy, { memberId: member.Remy, level: 'full' }),
    403,
    'role_exceeds_inviter',
    'nobody raises themselves'
  )
  refused(t, await invite('levels', Remy, { memberId: member.Olga, level: 'recruiter' }), 403, 'role_exceeds_inviter')
  t.equal(await levelOf('levels', Max), 'hiring_manager')
})

t.test('H-1 403: it takes the permission, in the team of the conversation or anywhere in the company', async (t) => {
  const adding = { memberId: member.Max, level: 'recruiter' }
  await add('no-team', acme, [...everybody, part(Max, 'full')])
  await add('in-design', acme, everybody, { teamId: design })
  await add('in-print', acme, [...everybody, part(Max, 'full')], { teamId: print })
  const without = await invite('no-team', Max, { memberId: member.Hana, level: 'recruiter' })
  refused(t, without, 403, 'access_denied')
  t.strictSame(without.json().missingPermissions, ['conversation.add_coworker'])
  t.equal((await invite('no-team', Tara, adding)).statusCode, 200, 'of any team, where the conversation has none')
  t.equal((await invite('in-design', Tara, adding)).statusCode, 201)
  refused(t, await invite('in-print', Tara, { memberId: member.Remy, level: 'recruiter' }), 403, 'access_denied')
  refused(t, await takeOut('in-print', Tara, Remy), 403, 'access_denied')
  t.equal((await invite('in-print', Vera, { memberId: member.Remy, level: 'full' })).statusCode, 200, 'a custom role gives it too')
  t.equal(await levelOf('no-team', Max), 'recruiter')
})

t.test('H-1 403 404: the other side adds nobody, and whoever is no participant finds nothing', async (t) => {
  await add('sides', acme, [part(Remy, 'full'), part(Finn), part(Sam)])
  const adding = { memberId: member.Max, level: 'recruiter' }
  for (const by of [Finn, Sam]) {
    const answer = await invite('sides', by, adding)
    refused(t, answer, 403, 'access_denied')
    t.strictSame(answer.json().missingPermissions, ['conversation.add_coworker'])
  }
  for (const by of [Olga, Max]) refused(t, await invite('sides', by, adding), 404, 'not_found')
  await join(acme, Finn, [{ role: 'admin' }])
  refused(t, await invite('sides', Finn, adding), 403, 'access_denied', 'a membership alone makes nobody a coworker in it')
  t.strictSame(await told('sides'), ['conversation.added'])
  const crossed = await invite('sides', Remy, { email: Finn.email, level: 'recruiter' })
  t.match(crossed.json(), { outcome: 'changed', participant: { accountId: Finn.accountId, level: 'recruiter' } }, 'unless somebody says so')
  await ok(send('DELETE', `${acme.url}/members/${crossed.json().participant.memberId}`, Olga))
  t.equal(await levelOf('sides', Finn), undefined)
})

t.test('422 409: only active members, only in open conversations, only as many as there is room for', async (t) => {
  await add('only', acme, everybody)
  const suspended = await world.person('Sven')
  const svens = await join(acme, suspended)
  await ok(send('POST', `${acme.url}/members/${svens}/suspension`, Olga, {}))
  for (const memberId of [svens, other.memberId, publicId('member', randomUUID()), Max.accountId])
    refused(t, await invite('only', Olga, { memberId, level: 'recruiter' }), 422, 'unknown_member')
  refused(t, await invite('only', Olga, { email: suspended.email, level: 'recruiter' }), 422, 'unknown_member')
  refused(t, await invite('only', Olga, { email: 'no address', level: 'recruiter' }), 422, 'email_invalid')
  const wrong = [
    {},
    { memberId: member.Max },
    { level: 'recruiter' },
    { memberId: member.Max, email: Max.email, level: 'recruiter' },
    { memberId: member.Max, level: 'owner' },
    { email: 'new@example.com', level: 'recruiter', message: '' },
    { email: 'new@example.com', level: 'recruiter', locale: 'English' },
    { memberId: member.Max, level: 'recruiter', grants: [] }
  ]
  for (const body of wrong) t.equal(problemFault(await invite('only', Olga, body), 'invalid_input'), undefined, JSON.stringify(body))
  refused(t, await send('POST', '/v1/conversations/only/participants', { headers: {} }, wrong[1]), 401, 'not_signed_in')

  await put('only', first(acme, [], { version: 2, status: 'closed' }))
  for (const body of [{ memberId: member.Max }, { memberId: member.Hana }, { email: 'new@example.com' }])
    refused(t, await invite('only', Olga, { ...body, level: 'recruiter' }), 409, 'conversation_closed')
  t.strictSame(await told('only'), ['conversation.added', 'conversation.updated'])

  await add('full', acme, everybody)
  // Strangers to fill it up with; an invitation takes a place too.
  await world.sql(`begin; set local session_replication_role = replica;
    insert into accounts select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid()))).* from accounts a, generate_series(1, 92)
      where a.id = '${parseId('account', Sam.accountId)}';
    insert into conversation_participants (conversation_id, company_id, account_id) select c.id, c.company_id, a.id from conversations c, accounts a
      where c.id = 'full' and a.id not in (select e.account_id from emails e); commit`)
  t.equal((await invite('full', Olga, { email: 'last@example.com', level: 'recruiter' })).statusCode, 201)
  t.equal((await invite('full', Olga, { memberId: member.Max, level: 'recruiter' })).statusCode, 201)
  for (const body of [{ memberId: await join(acme, await world.person('Lena')) }, { email: 'more@example.com' }])
    refused(t, await invite('full', Olga, { ...body, level: 'recruiter' }), 409, 'limit_reached')
  t.equal((await invite('full', Olga, { memberId: member.Max, level: 'full' })).statusCode, 200, 'who is in it already needs no room')
})

t.test('H-2 201: by the address that is in the member list a member is added', async (t) => {
  await add('by-email', acme, everybody)
  const answer = await invite('by-email', Remy, { email: 'MAX@example.com', level: 'recruiter' })
  t.equal(answer.statusCode, 201)
  t.match(answer.json(), { outcome: 'added', participant: { memberId: member.Max } })
  t.strictSame(await invitationsTo(Max.email), [])
})

t.test('H-2 201: a coworker without an account is invited as member, and takes part once they accept', async (t) => {
  await add('newcomer', acme, everybody)
  const headers = { 'idempotency-key': randomUUID() }
  const body = { email: 'Nora@example.com', level: 'hiring_manager', message: 'Join us.', locale: 'de' }
  const answer = await invite('newcomer', Hana, body, 0, headers)
  t.equal(answer.statusCode, 201, answer.body)
  const [invitation] = await invitationsTo('nora@example.com')
  t.strictSame(answer.json(), { outcome: 'invited', invitationId: publicId('invitation', invitation!.id) }, 'without the link')
  t.match(invitation, {
    status: 'pending',
    grants: [{ role: 'member', teamId: parseId('team', acme.defaultTeamId) }],
    message: 'Join us.',
    locale: 'de',
    inviter: parseId('account', Hana.accountId)
  })
  t.match((await invite('newcomer', Hana, body, 0, headers)).headers, { 'idempotency-replayed': 'true' })
  t.equal((await world.mails('Nora@example.com')).length, 1)
  t.match((await eventsOf('newcomer')).at(-1), {
    type: 'conversation.coworker_invited',
    after: { invitationId: answer.json().invitationId, level: 'hiring_manager' }
  })
  const pending = [{ invitationId: answer.json().invitationId, email: 'Nora@example.com', level: 'hiring_manager' }]
  t.strictSame((await get('newcomer', Remy)).json().pending, pending)
  t.strictSame((await get('newcomer', Finn)).json().pending, [], 'nothing for the other side')
  t.equal((await stored('newcomer')).revision, 1)

  const nora = await world.person('Nora')
  refused(t, await get('newcomer', nora), 404, 'not_found', 'not before')
  const { member: joined } = await accept(nora, answer.json().invitationId)
  t.match((await get('newcomer', nora)).json(), {
    participantsRevision: 2,
    participants: { 6: { accountId: nora.accountId, memberId: publicId('member', joined.id), level: 'hiring_manager' } },
    pending: []
  })
  t.equal((await told('newcomer')).at(-1), 'conversation.participant_added')
  await ok(takeOut('newcomer', nora, nora))
  await accept(nora, answer.json().invitationId)
  t.equal(await levelOf('newcomer', nora), undefined, 'accepting once more brings nobody back')
})

t.test('H-2 201: an invitation that is pending is used, for any number of conversations; its level can be changed', async (t) => {
  await add('one', acme, everybody)
  await add('two', acme, everybody)
  const paul = { email: 'paul@example.com' }
  await ok(send('POST', `${acme.url}/members/${member.Vera}/suspension`, Olga, {}))
  const invited = await invite('one', Hana, { ...paul, level: 'recruiter' })
  const { invitationId } = invited.json()
  for (const [id, by, level, status] of [
    ['two', Remy, 'recruiter', 201],
    ['one', Hana, 'recruiter', 200],
    ['one', Olga, 'full', 200]
  ] as const) {
    const answer = await invite(id, by, { ...paul, level })
    t.equal(answer.statusCode, status, `${id} ${answer.body}`)
    t.strictSame(answer.json(), { outcome: 'invited', invitationId })
  }
  refused(t, await invite('one', Hana, { ...paul, level: 'recruiter' }), 403, 'role_exceeds_inviter', 'noted above their own level')
  t.equal((await invitationsTo(paul.email)).length, 1)
  const person = await world.person('Paul')
  await accept(person, invitationId)
  t.strictSame([await levelOf('one', person), await levelOf('two', person)], ['full', 'recruiter'])
  await ok(send('DELETE', `${acme.url}/members/${member.Vera}/suspension`, Olga))
})

t.test('H-2 N-1 403: who may not invite invites nobody, be they invited already or not', async (t) => {
  await add('host', acme, everybody)
  await ok(invite('host', Olga, { email: 'known@example.com', level: 'recruiter' }))
  for (const email of ['known@example.com', 'unknown@example.com']) {
    const answer = await invite('host', Vera, { email, level: 'recruiter' })
    refused(t, answer, 403, 'access_denied')
    t.strictSame(answer.json().missingPermissions, ['member.invite'])
  }
  // Whom they do not see in the member list is like anybody else to them (N-3).
  refused(t, await invite('host', Vera, { email: Max.email, level: 'recruiter' }), 403, 'access_denied')
  const unseen = await invite('host', Tara, { email: Max.email, level: 'recruiter' })
  t.match(unseen.json(), { outcome: 'invited' })
  await add('host-2', acme, everybody)
  await ok(invite('host-2', Tara, { email: Max.email, level: 'recruiter' }))
  await ok(invite('host-2', Olga, { memberId: member.Max, level: 'full' }))
  await accept(Max, unseen.json().invitationId)
  t.equal(await levelOf('host', Max), 'recruiter', 'accepting keeps the membership, and begins the part')
  t.equal(await levelOf('host-2', Max), 'full', 'who takes part by then stays as they are')
  const zoe = await world.person('Zoe')
  const zoes = await join(acme, zoe, [{ role: 'member', teamId: print }])
  const { invitationId } = (await ok(invite('host', Tara, { email: zoe.email, level: 'recruiter' }))).json()
  await ok(send('POST', `${acme.url}/members/${zoes}/suspension`, Olga, {}))
  await accept(zoe, invitationId)
  t.equal(await levelOf('host', zoe), undefined, 'for a suspended member nothing begins')
  await world.sql(`update organizations set plan = 'business' where id = $1`, [parseId('company', acme.id)])
  refused(t, await invite('host', Olga, { email: 'room@example.com', level: 'recruiter' }), 403, 'plan_upgrade_required')
  await world.sql(`update organizations set plan = 'enterprise' where id = $1`, [parseId('company', acme.id)])
})

t.test('H-2: at acceptance only what still stands begins, and the acceptance succeeds all the same', async (t) => {
  const ids = ['still', 'closed', 'gone', 'lowered', 'asleep', 'inside']
  for (const id of ids) await add(id, acme, everybody)
  const rita = await world.person('Rita')
  const lev = await world.person('Lev')
  const levs = await join(acme, lev, [{ role: 'admin' }])
  await invite('asleep', Olga, { memberId: levs, level: 'full' })
  for (const id of ids)
    await ok(
      invite(id, id === 'asleep' ? lev : id === 'still' ? Remy : Hana, {
        email: rita.email,
        level: id === 'lowered' ? 'hiring_manager' : 'recruiter'
      })
    )
  await put('closed', first(acme, [], { version: 2, status: 'closed' }))
  await takeOut('gone', Hana, Hana)
  await invite('lowered', Olga, { memberId: member.Hana, level: 'recruiter' })
  await ok(send('POST', `${acme.url}/members/${levs}/suspension`, Olga, {}))
  await put('inside', first(acme, [...everybody, part(rita)], { version: 2, participantsRevision: 1 }))
  for (const id of ['gone', 'lowered', 'asleep'])
    t.strictSame((await get(id, Olga)).json().pending, [], `${id}: nobody waits for what will not begin`)
  const [invitation] = await invitationsTo(rita.email)
  await accept(rita, publicId('invitation', invitation!.id))
  const levels = []
  for (const id of ids) levels.push([id, await levelOf(id, rita)])
  t.strictSame(Object.fromEntries(levels), {
    still: 'recruiter',
    closed: undefined,
    gone: undefined,
    lowered: undefined,
    asleep: undefined,
    inside: 'recruiter'
  })
  t.strictSame(await world.sql('select from conversation_invitations where invitation_id = $1', [invitation!.id]), [])
})

t.test('H-2: what an expired invitation promised, or one from before a removal, does not begin by another way in', async (t) => {
  await add('too-late', acme, everybody)
  const [ines, jule] = [await world.person('Ines'), await world.person('Jule')]
  const lastOf = (id: string) =>
    world.sql(
      `select a.action, a.detail, e.before, e.after from audit_events a join events e on e.id = a.id where a.resource = $1
        order by a.sequence desc limit 1`,
      [id]
    )
  const told = (was: string) => {
    const state = { grants: [{ role: 'member', teamId: acme.defaultTeamId }], inviter: Hana.accountId }
    const change = { before: { status: was, ...state }, after: { status: 'superseded', ...state } }
    return [{ action: 'invitation.superseded', detail: change, ...change }] as object[]
  }
  const expired = (await ok(invite('too-late', Hana, { email: ines.email, level: 'recruiter' }))).json().invitationId
  await expire({ id: expired })
  await join(acme, ines)
  t.equal(await levelOf('too-late', ines), undefined)
  t.strictSame(await lastOf(expired), told('expired'))

  // The removal does not know yet whose the address is.
  const julesId = await join(acme, jule)
  const earlier = (await ok(invite('too-late', Hana, { email: 'jule@elsewhere.example', level: 'recruiter' }))).json().invitationId
  await ok(send('DELETE', `${acme.url}/members/${julesId}`, Olga))
  await prove(jule, 'jule@elsewhere.example')
  await join(acme, jule)
  t.equal(await levelOf('too-late', jule), undefined)
  t.strictSame(await lastOf(earlier), told('pending'))
})

t.test('H-1 204 403 404: whoever takes part leaves; a coworker is taken out under the same rule as they are added', async (t) => {
  await add('out', acme, [...everybody, part(Max, 'recruiter')])
  refused(t, await takeOut('out', Remy, Hana), 403, 'role_exceeds_inviter')
  refused(t, await takeOut('out', Max, Remy), 403, 'access_denied')
  refused(t, await takeOut('out', Olga, Finn), 403, 'access_denied', 'whom the company talks with')
  for (const whom of [Olga, Remy]) refused(t, await takeOut('out', Finn, whom), 403, 'access_denied')
  refused(t, await takeOut('out', Olga, Sam), 404, 'not_found')
  refused(t, await takeOut('out', Olga, { accountId: member.Remy }), 404, 'not_found')
  refused(t, await takeOut('out', { ...Olga, headers: { authorization: 'Bearer x.y.z' } }, Remy), 401, 'not_signed_in')
  t.strictSame(await told('out'), ['conversation.added'])

  for (const [by, whom] of [
    [Hana, Remy],
    [Hana, Max],
    [Tara, Vera],
    [Hana, Hana],
    [Tara, Tara],
    [Olga, Olga],
    [Finn, Finn]
  ] as const) {
    t.equal((await takeOut('out', by, whom)).statusCode, 204)
    refused(t, await takeOut('out', by, whom), 404, 'not_found')
  }
  t.strictSame(await stored('out'), { revision: 8, levels: {} }, 'also the last with level `full`')
  t.match((await eventsOf('out')).at(-1), { type: 'conversation.participant_removed', before: { accountId: Finn.accountId, level: null } })

  await add('out-closed', acme, everybody)
  await put('out-closed', first(acme, [], { version: 2, status: 'closed' }))
  for (const whom of [Remy, Olga]) t.equal((await takeOut('out-closed', Olga, whom)).statusCode, 204, 'of a closed one too')
})

t.test('H-3: leaving the company, and being removed from it, ends every part in its conversations', async (t) => {
  const lea = await world.person('Lea')
  const paula = await world.person('Paula')
  const ids = [await join(acme, lea, [{ role: 'recruiter' }]), await join(acme, paula)]
  for (const id of ['end-1', 'end-2']) await add(id, acme, [...everybody, part(lea, 'full'), part(paula, 'recruiter')])
  await add('elsewhere', other, [part(Sam, 'full'), part(lea)])
  await ok(send('DELETE', `${acme.url}/members/${ids[0]}`, lea))
  await ok(send('DELETE', `${acme.url}/members/${ids[1]}`, Olga))
  for (const id of ['end-1', 'end-2']) {
    t.strictSame([await levelOf(id, lea), await levelOf(id, paula)], [undefined, undefined])
    t.equal((await stored(id)).revision, 3)
    t.match((await eventsOf(id)).slice(1), [
      { type: 'conversation.participant_removed', before: { accountId: lea.accountId, memberId: ids[0], level: 'full' }, after: null },
      { type: 'conversation.participant_removed', before: { accountId: paula.accountId } }
    ])
    refused(t, await get(id, lea), 404, 'not_found')
  }
  t.equal(await levelOf('elsewhere', lea), null, 'in those of others they stay')
  await join(acme, lea, [{ role: 'admin' }])
  t.equal(await levelOf('end-1', lea), undefined, 'a new membership brings nothing back')
})

t.test('H-3: a level in a conversation changes no answer about what somebody may do', async (t) => {
  const vic = await world.person('Vic')
  const vics = await join(acme, vic, [{ role: 'member', teamId: design }])
  const resources = [
    { type: 'company', id: acme.id },
    ...[acme.defaultTeamId, design, print].map((id) => ({ type: 'team', id }))
  ] as Array<{ type: 'company' | 'team'; id: string }>
  const answers = async () => {
    const questions = resources.flatMap(({ type, id }) =>
      permissionKeys.map((permission) => ({
        accountId: parseId('account', vic.accountId)!,
        permission,
        resource: { type, id: parseId(type, id)! }
      }))
    )
    const decisions = (await evaluateAll(world.parts, questions)).map(({ decision }) => decision)
    const shown = await ok(send('GET', `${acme.url}/members/${vics}/permissions`, vic))
    return { decisions, shown: shown.json() as object, contexts: (await ok(send('GET', '/v1/me/contexts', vic))).json() as object }
  }
  const before = await answers()
  t.ok(before.decisions.some(({ allowed }) => allowed) && before.decisions.some(({ reason }) => reason === 'missing_permission'))
  await add('full-1', acme, [part(vic, 'full'), part(Finn)])
  await add('full-2', acme, [part(vic, 'full'), part(Finn)], { teamId: design })
  t.strictSame(await answers(), before)
  for (const id of ['full-1', 'full-2'])
    refused(t, await invite(id, vic, { memberId: member.Max, level: 'recruiter' }), 403, 'access_denied')
})
