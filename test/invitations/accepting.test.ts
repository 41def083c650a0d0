import t from 'tap'
import { parseId, publicId } from '../../src/http/ids.ts'
import { inForce } from '../support/enforcement.ts'
import { inviting, newcomer, type Sent } from '../support/invitations.ts'
import { meanwhile } from '../support/locks.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person, registration } from '../support/world.ts'

const world = await openWorld(t, {
  env: {
    COMPANIES_PER_ACCOUNT: '1000',
    PLAN_COMPANY_BASIC: 'teams=0,admins=0,members=0,customRoles=0',
    PLAN_COMPANY_PLUS: 'teams=2,admins=1,members=2,customRoles=0'
  }
})
const { sql } = world
const { send, ok, found, join, team, setRoles, freelance, memberIdOf } = organizations(world)
const { invited, accept, decline, register, lookup, resend, revoke, edit, mailed, see, expire, prove, eventsOf, memberOf } = inviting(world)

const olga = await world.person('Olga')
const ada = await world.person('Ada')
const [max, sam] = [await world.person('Max'), await world.person('Sam')]
const acme = await found(olga)
const maps = await team(acme, 'Maps')
await join(acme, ada, [{ role: 'admin' }])

let count = 0
const fresh = (): string => `guest${count++}@example.com`
/** Somebody of whom nothing is known yet. */
const anybody = (email = fresh()): Promise<Person> => world.person('Guest', { email })
const account = (person: Pick<Person, 'accountId'>) => parseId('account', person.accountId)
const dead = async (token: string, name = 'dead'): Promise<void> => refused(t, await lookup(token), 410, 'token_dead', name)
/** What mails say to somebody, by their subjects. */
const subjects = async (email: string): Promise<string[]> => (await world.mails(email)).map(({ subject }) => subject)
const leave = async (place: Place, person: Person) => ok(send('DELETE', `${place.url}/members/${await memberIdOf(place, person)}`, person))
const remove = async (place: Place, person: Person, by = place.owner) =>
  ok(send('DELETE', `${place.url}/members/${await memberIdOf(place, person)}`, by))

t.test('N-4 200: looking shows whose invitation it is, to what and until when, and nothing else; it uses nothing up', async (t) => {
  const sent = await invited(acme, max.email, { grants: [{ role: 'recruiter', teamId: maps }, { role: 'recruiter' }], message: 'Secret' })
  const token = await mailed(max.email)
  for (const each of [token, sent.copied, token]) {
    const answer = await lookup(each)
    t.equal(answer.statusCode, 200)
    const { expiresAt, ...rest } = answer.json()
    t.strictSame(rest, {
      organization: { kind: 'company', name: 'olga@example.com Ltd', logoUrl: null },
      inviter: 'Olga Okafor',
      roles: [{ role: 'recruiter', name: 'Recruiter' }],
      affiliation: null
    })
    t.equal(expiresAt, (await see(sent, olga)).expiresAt)
  }
  for (const path of [
    '/v1/invitations/lookup',
    '/v1/invitations/accept',
    '/v1/invitations/decline',
    '/invitation',
    '/do-not-invite',
    '/v1/invitation-preferences'
  ])
    for (const method of ['GET', 'HEAD'] as const)
      for (const each of [token, sent.copied]) await world.inject({ method, url: `${path}?token=${each}`, headers: max.headers })
  t.equal((await lookup(token)).statusCode, 200)
  t.match(await see(sent, olga), { status: 'pending', acceptedBy: null })
  t.strictSame(await eventsOf(sent.id), ['invitation.created'])
  for (const body of [{}, { token: 'x' }, { token, invitationId: sent.id }])
    refused(t, await world.post('/v1/invitations/lookup', body), 400, 'invalid_input', JSON.stringify(body))
})

t.test('N-5 200: an account with the address among its proven ones gains what was offered, once', async (t) => {
  const token = await mailed(max.email)
  const answer = await accept(max, { token })
  t.equal(answer.statusCode, 200)
  const memberId = await memberIdOf(acme, max)
  t.strictSame(answer.json(), { organization: { kind: 'company', id: acme.id, name: 'olga@example.com Ltd' }, memberId })
  t.match(await memberOf(acme, max), {
    source: 'invitation',
    grants: [{ role: 'recruiter' }, { role: 'recruiter', teamId: maps }],
    teams: [{ id: maps }]
  })
  const { items } = (await ok(send('GET', `${acme.url}/invitations?status=accepted`, olga))).json()
  t.match(items, [{ status: 'accepted', acceptedBy: max.accountId, email: max.email }])
  t.strictSame(await eventsOf(items[0].id), ['invitation.created', 'invitation.accepted'])
  t.strictSame(await eventsOf(memberId), ['member.joined'])
  t.strictSame((await accept(max, { token })).json(), answer.json(), 'N-6: twice is the same membership')
  t.strictSame((await accept(max, { invitationId: items[0].id })).json(), answer.json())
  refused(t, await accept(sam, { token }), 410, 'token_dead', 'to anybody else it is over')
  await dead(token)
  t.match(await subjects(olga.email), [/.*/, /accepted/i], 'N-9: the inviter is told, once')
  await leave(acme, max)
  refused(t, await accept(max, { token }), 410, 'token_dead', 'and does not bring back who left')
  t.equal(await memberOf(acme, max), undefined)
})

t.test('N-9 200: invitations to any proven address are in the person’s list, and are accepted by their ids', async (t) => {
  const ivy = await anybody()
  await prove(ivy, 'ivy@second.example')
  await ok(world.post('/v1/me/emails', { email: 'ivy@unproven.example' }, ivy.headers))
  const [one, two] = [await found(olga), await found(olga)]
  const first = await invited(one, ivy.email, { message: 'Hello' })
  const second = await invited(two, 'ivy@second.example')
  const unproven = await invited(two, 'ivy@unproven.example')
  const over = await invited(acme, ivy.email)
  await expire(over)
  const list = async () => (await ok(send('GET', '/v1/me/invitations', ivy))).json().items
  const shown = await list()
  t.match(
    shown.map(({ id, email, message }: Record<string, string>) => [id, email, message]),
    [
      [second.id, 'ivy@second.example', null],
      [first.id, ivy.email, 'Hello']
    ],
    'the newest first'
  )
  t.strictSame(Object.keys(shown[0]).sort(), ['affiliation', 'email', 'expiresAt', 'id', 'inviter', 'message', 'organization', 'roles'])
  for (const invitationId of [unproven.id, publicId('invitation', account(ivy)!), 'x', ivy.accountId])
    for (const act of [accept, decline]) refused(t, await act(ivy, { invitationId }), 404, 'not_found', invitationId)
  for (const act of [accept, decline]) refused(t, await act(sam, { invitationId: first.id }), 404, 'not_found', 'another’s')
  refused(t, await accept(ivy, { invitationId: over.id }), 410, 'token_dead')
  t.equal((await accept(ivy, { invitationId: second.id })).statusCode, 200)
  t.match(await see(unproven, olga), { status: 'pending' }, 'what is not known to be hers stays')
  t.strictSame(
    (await list()).map(({ id }: { id: string }) => id),
    [first.id]
  )
  refused(t, await world.inject({ url: '/v1/me/invitations' }), 401, 'not_signed_in')
})

t.test('N-5 409: the wrong account is told the ways out, and the invitation stays pending', async (t) => {
  const sent = await invited(acme, 'right@second.example')
  const token = await mailed('right@second.example')
  const guest = await anybody()
  for (const each of [token, sent.copied]) {
    const answer = await accept(guest, { token: each })
    refused(t, answer, 409, 'invitation_email_mismatch')
    t.strictSame(answer.json().ways, [
      { code: 'sign_in_as_another', resolve: { method: 'POST', href: '/v1/sessions' } },
      { code: 'add_address', resolve: { method: 'POST', href: '/v1/me/emails', body: { email: '<the invited address>' } } },
      { code: 'ask_for_new_invitation' }
    ])
    t.notMatch(answer.body, /right@/, 'which address is not said')
  }
  await ok(world.post('/v1/me/emails', { email: 'right@second.example' }, guest.headers))
  refused(t, await accept(guest, { token }), 409, 'invitation_email_mismatch', 'added is not proven')
  t.match(await see(sent, olga), { status: 'pending' })
  t.strictSame(await eventsOf(sent.id), ['invitation.created'])
  const proof = await world.mailedToken('right@second.example', 'gha')
  await ok(world.post('/v1/me/emails/right@second.example/verify', { token: proof }, guest.headers))
  t.equal((await accept(guest, { token: sent.copied })).statusCode, 200, 'a copied link is enough for who has proven the address')
})

t.test('N-5 400, 401: what is no acceptance', async (t) => {
  const sent = await invited(acme, fresh())
  const token = await mailed(sent.email)
  for (const body of [
    {},
    { token, invitationId: sent.id },
    { invitationId: sent.id, registration: newcomer },
    { registration: newcomer },
    { token: 'short' },
    { token, registration: { ...newcomer, email: 'other@example.com' } },
    { token, registration: { ...newcomer, lastName: undefined } },
    { token, registration: { ...newcomer, countryCode: 'XX' } },
    { token, grants: [{ role: 'admin' }] },
    { token, registration: newcomer, refreshTransport: 'letter' }
  ])
    refused(t, await world.post('/v1/invitations/accept', body), 400, 'invalid_input', JSON.stringify(body).slice(0, 90))
  refused(
    t,
    await send('POST', '/v1/invitations/accept', max, { token, registration: newcomer }),
    400,
    'malformed_request',
    'one person, one account'
  )
  for (const body of [{ token }, { invitationId: sent.id }])
    refused(t, await world.post('/v1/invitations/accept', body), 401, 'not_signed_in')
  refused(t, await world.post('/v1/invitations/decline', { invitationId: sent.id }), 401, 'not_signed_in')
  refused(t, await world.post('/v1/invitations/decline', {}), 400, 'invalid_input')
  refused(t, await accept({ headers: { authorization: 'Bearer x' } }, { token }), 401, 'not_signed_in')
  refused(t, await register(token, { password: 'password password' }), 422, 'password_refused')
  refused(
    t,
    await register(token, { password: world.secrets.isNone(sent.email) }),
    422,
    'password_refused',
    'it is judged with the invited address'
  )
  t.match(await see(sent, olga), { status: 'pending' })
  t.strictSame(await sql('select from emails where canonical = $1', [sent.email]), [], 'nobody came of it')
})

t.test('N-5, P-1 201: somebody new registers by the mailed link, which proves the address, and is in this company only', async (t) => {
  const email = 'Nora.Nilsen@second.example'
  const canonical = email.toLowerCase()
  // Two who claimed the address without proving it: one account has nothing else, the other has an address of its own.
  await world.post('/v1/accounts', { ...registration, email })
  const proof = await world.mailedToken(email, 'ghv')
  const claimant = await anybody()
  await ok(world.post('/v1/me/emails', { email: canonical }, claimant.headers))
  const seenBefore = (await ok(send('GET', '/v1/me', claimant))).headers.etag
  const others = [await found(olga), await found(max)]
  for (const place of others) await invited(place, email)
  const sent = await invited(acme, email, { grants: [{ role: 'recruiter', teamId: maps }] })
  const token = await mailed(email)
  await world.mails()
  const before = world.sent.length
  const answer = await register(token, { locale: 'nb' })
  t.equal(answer.statusCode, 201, answer.body)
  const { account: nora, session, organization, memberId } = answer.json()
  t.match(nora, { status: 'active', firstName: 'Nora', locale: 'nb', emails: [{ address: email, primary: true, verified: true }] })
  t.equal(
    answer.headers.etag,
    (await ok(send('GET', '/v1/me', { headers: { authorization: `Bearer ${session.accessToken}` } }))).headers.etag
  )
  t.equal(organization.id, acme.id)
  t.match(await memberOf(acme, { accountId: nora.id }), { id: memberId, grants: [{ role: 'recruiter', teamId: maps }], email })
  const self = { headers: { authorization: `Bearer ${session.accessToken}` } }
  const contexts = (await ok(send('GET', '/v1/me/contexts', self))).json().items as Array<{ id?: string; kind: string }>
  t.equal(contexts.filter(({ kind }) => kind === 'company').length, 1, 'no other company')
  t.equal((await ok(send('GET', '/v1/me/invitations', self))).json().items.length, 2, 'the other invitations wait for an answer')
  t.match(await see(sent, olga), { status: 'accepted', acceptedBy: nora.id })

  await world.mails()
  t.strictSame(
    world.sent.slice(before).map(({ to }) => to),
    [olga.email],
    'the inviter is told; nothing more goes to the newcomer'
  )
  refused(t, await world.post('/v1/email-verifications', { token: proof }), 410, 'token_dead', 'who else claimed the address has lost it')
  const left = await ok(send('GET', '/v1/me', claimant))
  t.equal(left.json().emails.length, 1)
  t.not(left.headers.etag, seenBefore)
  t.equal((await sql('select from emails where canonical = $1', [canonical])).length, 1)
  t.equal((await world.signIn({ email, password: newcomer.password })).statusCode, 201)
  refused(t, await register(token), 410, 'token_dead')
  t.strictSame(await eventsOf(nora.id), ['account.activated'])
})

t.test('N-5 201: with the refresh token in a cookie', async (t) => {
  const sent = await invited(acme, fresh())
  const token = await mailed(sent.email)
  const answer = await world.post('/v1/invitations/accept', { token, registration: newcomer, refreshTransport: 'cookie' })
  t.equal(answer.statusCode, 201)
  t.notOk('refreshToken' in answer.json().session)
  t.match(String(answer.headers['set-cookie']), /HttpOnly/)
})

t.test('N-5 409: a copied link proves nothing: it registers nobody, and can be accepted once the address is proven', async (t) => {
  const email = 'copied@second.example'
  const sent = await invited(acme, email)
  refused(t, await register(sent.copied), 409, 'invitation_link_copied')
  await anybody('known@second.example')
  const known = await invited(acme, 'known@second.example')
  refused(t, await register(known.copied), 409, 'invitation_link_copied', 'the same for an address that has an account')
  t.strictSame(await sql('select from emails where canonical = $1', [email]), [])
  const guest = await anybody(email)
  t.equal((await accept(guest, { token: sent.copied })).statusCode, 200)
})

t.test('N-5 409: an address that belongs to an account, in whatever state, registers no second one', async (t) => {
  const states = { active: "status = 'active'", closed: "status = 'closed', closed_at = now()", banned: inForce('banned') }
  for (const [name, change] of Object.entries(states)) {
    const holder = await anybody()
    const sent = await invited(acme, holder.email)
    const token = await mailed(holder.email)
    await sql(`update accounts set ${change} where id = $1`, [account(holder)])
    refused(t, await register(token), 409, 'account_exists', name)
    t.match(await see(sent, olga), { status: 'pending' }, name)
  }
})

t.test('N-6 409: an inviter who is no longer entitled; the admins are told once, and somebody entitled makes it good', async (t) => {
  const place = await found(olga)
  const bob = await anybody()
  await join(place, bob, [{ role: 'admin' }])
  const role = [{ role: 'hiring_manager' }]
  const enforce = (state: string) => (person: Person) => sql(`update accounts set ${inForce(state)} where id = $1`, [account(person)])
  const ways: Record<string, (inviter: Person) => Promise<unknown>> = {
    removed: (inviter) => remove(place, inviter),
    left: (inviter) => leave(place, inviter),
    demoted: async (inviter) => ok(setRoles(place, await memberIdOf(place, inviter), [{ role: 'member' }])),
    'demoted below the role': async (inviter) => ok(setRoles(place, await memberIdOf(place, inviter), [{ role: 'recruiter' }])),
    'membership suspended': async (inviter) =>
      ok(send('POST', `${place.url}/members/${await memberIdOf(place, inviter)}/suspension`, olga, {})),
    restricted: enforce('restricted'),
    suspended: enforce('suspended'),
    banned: enforce('banned')
  }
  for (const [name, happens] of Object.entries(ways)) {
    const [inviter, guest] = [await anybody(), await anybody()]
    await join(place, inviter, role)
    const sent = await invited(place, guest.email, { grants: role }, inviter)
    const token = await mailed(guest.email)
    await world.mails()
    await happens(inviter)
    const before = world.sent.length
    for (const named of [{ token }, { invitationId: sent.id }, { token }])
      refused(t, await accept(guest, named), 409, 'inviter_no_longer_entitled', name)
    t.match(await see(sent, olga), { status: 'pending' }, name)
    t.equal(await memberOf(place, guest), undefined)
    await world.mails()
    t.strictSame(
      world.sent
        .slice(before)
        .map(({ to }) => to)
        .sort(),
      [bob.email, olga.email].sort(),
      `${name}: those who run the company are told, once`
    )
    t.match(world.sent.at(-1)!.text.replaceAll('\u2060', ''), guest.email)
    t.match((await ok(resend(sent, bob))).json(), { inviter: { accountId: bob.accountId } })
    t.equal((await accept(guest, { token })).statusCode, 410, 'the old link is dead')
    t.equal((await accept(guest, { token: await mailed(guest.email) })).statusCode, 200, name)
    t.match(await memberOf(place, guest), { grants: role })
  }
})

t.test('N-6 409: the same for somebody new, who stays nobody; changing the invitation makes it good as well', async (t) => {
  const place = await found(olga)
  const inviter = await anybody()
  await join(place, inviter, [{ role: 'recruiter' }])
  const sent = await invited(place, 'newbie@second.example', {}, inviter)
  const token = await mailed(sent.email)
  await remove(place, inviter)
  const before = (await world.mails(olga.email)).length
  for (let time = 0; time < 2; time++) refused(t, await register(token), 409, 'inviter_no_longer_entitled')
  t.strictSame(await sql('select from emails where canonical = $1', [sent.email]), [])
  t.equal((await world.mails(olga.email)).length, before + 1)
  await ok(edit(sent, olga, sent.etag, {}))
  t.equal((await register(token)).statusCode, 201, 'by the same link')
})

t.test('N-6: an inviter who left is told nothing of what becomes of it', async (t) => {
  const place = await found(olga)
  const [inviter, guest] = [await anybody(), await anybody()]
  await join(place, inviter, [{ role: 'recruiter' }])
  await invited(place, guest.email, {}, inviter)
  const token = await mailed(guest.email)
  await remove(place, inviter)
  const before = (await world.mails(inviter.email)).length
  await ok(decline(guest, { token }))
  t.equal((await world.mails(inviter.email)).length, before)
})

t.test('N-6 409: what the invitation offers is gone; the admins are told, and changing it makes it good', async (t) => {
  const place = await found(olga)
  const shelf = await team(place, 'Shelf')
  const role = { key: 'scout', name: 'Scout', description: 'Looks', permissions: ['team.read'] }
  await ok(send('POST', `${place.url}/roles`, olga, role))
  for (const [grant, goes] of [
    [{ role: 'scout' }, () => send('DELETE', `${place.url}/roles/scout`, olga)],
    [
      { role: 'recruiter', teamId: shelf },
      async () => {
        await sql('update teams set hidden_at = now() where id = $1', [parseId('team', shelf)])
      }
    ]
  ] as const) {
    const guest = await anybody()
    const sent = await invited(place, guest.email, { grants: [grant] })
    const token = await mailed(guest.email)
    await goes()
    await world.mails()
    const before = world.sent.length
    for (let time = 0; time < 2; time++) refused(t, await accept(guest, { token }), 409, 'invitation_outdated', grant.role)
    await world.mails()
    t.strictSame(
      world.sent.slice(before).map(({ to }) => to),
      [olga.email],
      'told once'
    )
    await ok(edit(sent, olga, sent.etag, { grants: [{ role: 'member' }] }))
    t.equal((await accept(guest, { token })).statusCode, 200)
  }
})

t.test('N-6 403, 409: the organization is active and the plan has room when it is accepted', async (t) => {
  const place = await found(olga)
  const guest = await anybody()
  const sent = await invited(place, guest.email, { grants: [{ role: 'admin' }] })
  const become = (set: string) => sql(`update organizations set ${set} where id = $1`, [parseId('company', place.id)])
  await become("plan = 'basic'")
  refused(t, await accept(guest, { invitationId: sent.id }), 403, 'plan_upgrade_required')
  await become("plan = 'plus'")
  await join(place, await anybody(), [], { source: 'join_link' })
  await t.rejects(join(place, await anybody(), [], { source: 'join_link' }), { code: 'plan_upgrade_required' })
  await become(inForce('suspended'))
  refused(t, await accept(guest, { invitationId: sent.id }), 403, 'organization_suspended')
  t.strictSame((await ok(send('GET', '/v1/me/invitations', guest))).json().items, [], 'it is not offered meanwhile')
  refused(t, await lookup(sent.copied), 403, 'organization_suspended')
  await become(`status = 'closed', closed_at = now(), ${inForce('none')}`)
  refused(t, await accept(guest, { invitationId: sent.id }), 409, 'organization_closed')
  refused(t, await lookup(sent.copied), 409, 'organization_closed')
  await become("status = 'active', closed_at = null")
  t.equal((await accept(guest, { invitationId: sent.id })).statusCode, 200, 'its own seat, as member and as admin, was kept')
})

t.test('N-12 409: who was removed does not come back by an old invitation, only by a new one', async (t) => {
  const place = await found(olga)
  const guest = await anybody()
  const id = await join(place, guest, [{ role: 'recruiter' }])
  await prove(guest, 'guest@other.example')
  const proven = await invited(place, 'guest@other.example')
  const late = await invited(place, 'guest@late.example')
  await ok(send('DELETE', `${place.url}/members/${id}`, olga))
  t.match(await see(proven, olga), { status: 'revoked' }, 'to any address known to be theirs')
  t.match(await see(late, olga), { status: 'pending' })
  await prove(guest, 'guest@late.example')
  refused(t, await accept(guest, { token: await mailed('guest@late.example') }), 409, 'removed_needs_invitation')
  refused(t, await accept(guest, { invitationId: late.id }), 409, 'removed_needs_invitation')
  t.match(await see(late, olga), { status: 'pending' })
  const anew = await invited(place, guest.email, { grants: [{ role: 'member' }] })
  t.equal((await accept(guest, { invitationId: anew.id })).statusCode, 200)
  t.match(await memberOf(place, guest), { grants: [{ role: 'member' }] }, 'with what the new one offers')
  t.match(await see(late, olga), { status: 'superseded' }, 'and the old one is over with it')
})

t.test('N-3 200: a member invited at another address gets the membership they have', async (t) => {
  const place = await found(olga)
  const guest = await anybody()
  const id = await join(place, guest, [{ role: 'member' }])
  await prove(guest, 'guest2@other.example')
  const sent = await invited(place, 'guest2@other.example', { grants: [{ role: 'admin' }] })
  t.match((await ok(accept(guest, { token: await mailed(sent.email) }))).json(), { memberId: id })
  t.match(await memberOf(place, guest), { id, grants: [{ role: 'member' }] }, 'as it was')
  t.match(await see(sent, olga), { status: 'accepted', acceptedBy: guest.accountId })
  t.strictSame(await eventsOf(id), ['member.joined'])
})

t.test('N-4 superseded: becoming a member another way ends the invitations to every address of the person', async (t) => {
  const place = await found(olga)
  const guest = await anybody()
  await prove(guest, 'guest3@other.example')
  const sent = [await invited(place, guest.email), await invited(place, 'guest3@other.example')]
  const elsewhere = await invited(acme, guest.email)
  const tokens = [await mailed('guest3@other.example'), sent[0]!.copied]
  await join(place, guest)
  for (const one of sent) {
    t.match(await see(one, olga), { status: 'superseded', acceptedBy: null })
    t.strictSame(await eventsOf(one.id), ['invitation.created', 'invitation.superseded'])
    refused(t, await resend(one, olga), 409, 'invitation_not_pending')
  }
  for (const token of tokens) refused(t, await accept(guest, { token }), 410, 'token_dead')
  t.match(await see(elsewhere, olga), { status: 'pending' }, 'of another company it stays')
})

t.test('N-9 200: declining, by either link or by id, without or with an account; the inviter is told', async (t) => {
  const place = await found(ada)
  const guest = await anybody()
  for (const by of ['mailed', 'copied', 'id'] as const) {
    const sent = await invited(place, guest.email)
    const token = await mailed(guest.email)
    const before = (await subjects(ada.email)).length
    const named = by === 'id' ? { invitationId: sent.id } : { token: by === 'mailed' ? token : sent.copied }
    const answer = await decline(by === 'mailed' ? { headers: {} } : guest, named)
    t.match([answer.statusCode, answer.json()], [200, { status: 'declined' }], by)
    t.equal((await subjects(ada.email)).length, before + 1)
    t.match((await world.mails(ada.email)).at(-1)!.text.replaceAll('\u2060', ''), guest.email)
    t.match(await see(sent, ada), { status: 'declined', acceptedBy: null })
    t.strictSame(await eventsOf(sent.id), ['invitation.created', 'invitation.declined'])
    await dead(token)
    for (const each of [token, sent.copied]) {
      refused(t, await accept(guest, { token: each }), 410, 'token_dead')
      refused(t, await decline(guest, { token: each }), 410, 'token_dead')
    }
    refused(t, await resend(sent, ada), 409, 'invitation_not_pending')
    refused(t, await revoke(sent, ada), 409, 'invitation_not_pending')
  }
})

t.test('N-4 410: a token dies when its time is over by the database’s clock, and with the invitation', async (t) => {
  const guest = await anybody()
  const sent = await invited(acme, guest.email)
  const token = await mailed(guest.email)
  await expire(sent)
  await dead(token)
  for (const act of [accept, decline])
    for (const each of [token, sent.copied]) refused(t, await act(guest, { token: each }), 410, 'token_dead')
  refused(t, await register(token), 410, 'token_dead')
  t.match(await see(sent, olga), { status: 'expired' })
  await ok(resend(sent, olga))
  const fresh = await mailed(guest.email)
  await ok(revoke(sent, olga))
  refused(t, await accept(guest, { token: fresh }), 410, 'token_dead')
  refused(t, await register(fresh), 410, 'token_dead')
})

t.test('410: tokens of other purposes, mistyped ones and such as nobody made', async (t) => {
  const guest = await anybody()
  const sent = await invited(acme, guest.email)
  const token = await mailed(guest.email)
  const silence = /ghn_[\w-]{49}/.exec((await world.mails(guest.email)).at(-1)!.text)![0]
  await world.post('/v1/accounts', { ...registration, email: 'proof@second.example' })
  const proof = await world.mailedToken('proof@second.example', 'ghv')
  await world.post('/v1/password-resets', { email: guest.email })
  const reset = await world.mailedToken(guest.email, 'ghp')
  await ok(world.post('/v1/me/emails', { email: 'more@second.example' }, guest.headers))
  const address = await world.mailedToken('more@second.example', 'gha')
  const { url: link } = (await ok(send('GET', acme.url, olga)).then(() => ({ url: `ghl_${token.slice(4)}` }))) as { url: string }
  const swapped = [`ghc_${token.slice(4)}`, `ghi_${sent.copied.slice(4)}`, `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`]
  for (const wrong of [
    silence,
    proof,
    reset,
    address,
    link,
    guest.refreshToken,
    ...swapped,
    'ghi_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
  ]) {
    const name = wrong.slice(0, 4)
    await dead(wrong, name)
    refused(t, await accept(guest, { token: wrong }), 410, 'token_dead', name)
    refused(t, await register(wrong), 410, 'token_dead', name)
    refused(t, await decline(guest, { token: wrong }), 410, 'token_dead', name)
  }
  for (const wrong of [token, sent.copied, proof])
    refused(t, await world.post('/v1/invitation-preferences', { token: wrong, doNotInvite: true }), 410, 'token_dead', wrong.slice(0, 4))
  for (const path of ['/v1/email-verifications', '/v1/join-links/lookup'])
    refused(t, await world.post(path, { token }), 410, 'token_dead', path)
  t.equal((await lookup(token)).statusCode, 200)
})

t.test('G-1, G-2 in agencies: a freelancer needs a profile, and an exclusive one belongs nowhere else', async (t) => {
  const gil = await world.person('Gil')
  await freelance(gil)
  const agency = await found(gil, 'agency')
  const finn = await anybody()
  const sent = await invited(agency, finn.email)
  const token = await mailed(finn.email)
  refused(t, await accept(finn, { token }), 409, 'freelancer_profile_required')
  t.match(await see(sent, gil), { status: 'pending' })
  await freelance(finn)
  t.equal((await accept(finn, { token })).statusCode, 200)
  t.match(await memberOf(agency, finn), { affiliation: 'non_exclusive', grants: [{ role: 'freelancer', teamId: agency.defaultTeamId }] })

  const rival = await found(
    await (async () => {
      const rose = await world.person('Rose')
      await freelance(rose)
      return rose
    })(),
    'agency'
  )
  const wanted = await invited(rival, finn.email, { affiliation: 'exclusive' })
  refused(
    t,
    await accept(finn, { invitationId: wanted.id }),
    409,
    'exclusive_elsewhere',
    'a member of another agency comes to none exclusively'
  )
  await leave(agency, finn)
  t.equal((await accept(finn, { invitationId: wanted.id })).statusCode, 200)
  t.match(await memberOf(rival, finn), { affiliation: 'exclusive' })
  const back = await invited(agency, finn.email)
  refused(t, await accept(finn, { invitationId: back.id }), 409, 'exclusive_elsewhere')
  t.match(await see(back, gil), { status: 'pending' })

  // Not all roles need a profile.
  const bea = await anybody()
  const manager = await invited(agency, bea.email, { grants: [{ role: 'business_manager' }] })
  t.equal((await accept(bea, { invitationId: manager.id })).statusCode, 200)
})

t.test('G-1 409, 201: somebody new comes into an agency with a freelancer profile', async (t) => {
  const gil = await world.person('Gus')
  await freelance(gil)
  const agency = await found(gil, 'agency')
  const sent = await invited(agency, 'fresh@second.example', { affiliation: 'exclusive' })
  const token = await mailed(sent.email)
  t.equal((await lookup(token)).json().affiliation, 'exclusive', 'what is accepted is said')
  refused(t, await register(token), 409, 'freelancer_profile_required')
  t.strictSame(await sql('select from emails where canonical = $1', [sent.email]), [], 'nothing is left of it')
  const answer = await register(token, { intent: 'freelancer', freelancerProfile: { title: 'Illustrator', overview: 'Draws.' } })
  t.equal(answer.statusCode, 201, answer.body)
  t.equal(answer.json().organization.kind, 'agency')
  const self = { headers: { authorization: `Bearer ${answer.json().session.accessToken}` } }
  t.match((await ok(send('GET', '/v1/me/profiles/freelancer', self))).json(), { title: 'Illustrator' })
  t.match(await memberOf(agency, { accountId: answer.json().account.id }), { affiliation: 'exclusive', grants: [{ role: 'freelancer' }] })
})

t.test('N-4: no token is anywhere in the database, and no address in audit or events', async (t) => {
  const sent = await invited(acme, 'secret.person@second.example', { message: 'Hello' })
  const token = await mailed(sent.email)
  const texts = world.sent.flatMap(({ text, headers }) => [...`${text} ${headers?.['List-Unsubscribe']}`.matchAll(/gh[icn]_([\w-]{43})/g)])
  await ok(resend(sent, olga))
  const answer = await register(await mailed(sent.email))
  t.equal(answer.statusCode, 201)
  const tables = await sql<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'graphile_worker')`
  )
  t.ok(tables.length > 20)
  const secrets = [...new Set([token.slice(4, 47), sent.copied.slice(4, 47), ...texts.map(([, secret]) => secret!)])]
  t.ok(secrets.length > 50)
  for (const { name } of tables) {
    const [row] = await sql<{ all: string | null }>(`select string_agg(x::text, ' ') as all from ${name} x`)
    const hit = secrets.filter((secret) => row!.all?.includes(secret))
    t.strictSame(hit, [], name)
  }
  for (const table of ['audit_events', 'events']) {
    const [row] = await sql<{ all: string }>(`select string_agg(x::text, ' ') as all from ${table} x`)
    t.notMatch(row!.all, /second\.example|guest\d/, table)
  }
})

t.test(
  'N-11 200, 403: after a downgrade those who were invited come as long as there is room, however many others are invited',
  async (t) => {
    const place = await found(olga, 'company', 'enterprise')
    const guests = [await anybody(), await anybody(), await anybody()]
    const sent: Sent[] = []
    for (const { email } of guests) sent.push(await invited(place, email))
    await sql("update organizations set plan = 'plus' where id = $1", [parseId('company', place.id)])
    const answers = []
    for (const [index, guest] of guests.entries()) answers.push((await accept(guest, { invitationId: sent[index]!.id })).statusCode)
    t.strictSame(answers, [200, 200, 403], 'the plan has room for two')
  }
)

t.test('E-3 401: an account that is suspended or closed while it waits for its turn joins nothing', async (t) => {
  for (const change of [inForce('suspended'), "status = 'closed', closed_at = now()"]) {
    const place = await found(olga)
    const guest = await anybody()
    const sent = await invited(place, guest.email)
    const id = parseId('account', guest.accountId)
    const answer = await meanwhile(world, `update accounts set ${change} where id = $1`, [id], () =>
      accept(guest, { invitationId: sent.id })
    )
    refused(t, answer, 401, 'not_signed_in', change)
    t.equal(await memberOf(place, guest), undefined)
    t.equal((await see(sent, olga)).status, 'pending')
  }
})

t.test('N-12: an invitation that is sent again after the removal brings back, as a new one would', async (t) => {
  const place = await found(olga)
  const guest = await anybody()
  const memberId = await join(place, guest)
  // Nobody there knows that the address is theirs until after the removal.
  const second = fresh()
  const sent = await invited(place, second)
  await ok(send('DELETE', `${place.url}/members/${memberId}`, olga))
  await prove(guest, second)
  refused(t, await accept(guest, { invitationId: sent.id }), 409, 'removed_needs_invitation')
  await ok(resend(sent, olga))
  t.equal((await accept(guest, { invitationId: sent.id })).statusCode, 200)
})
