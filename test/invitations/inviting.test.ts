import t from 'tap'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import { inForce } from '../support/enforcement.ts'
import { inviting, rowsOf } from '../support/invitations.ts'
import { organizations } from '../support/organizations.ts'
import { problemFault, refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t, {
  env: { COMPANIES_PER_ACCOUNT: '1000', INVITATION_RESENDS: '2', PLAN_COMPANY_PLUS: 'teams=2,admins=1,members=2,customRoles=0' }
})
const { sql } = world
const { send, ok, found, join, team, setRoles, tagOf, freelance } = organizations(world)
const { invite, invited, bulk, csv, accept, resend, revoke, edit, mailed, see, expire, prove, eventsOf } = inviting(world)

const olga = await world.person('Olga')
const otto = await world.person('Otto')
const [ada, tara, hana, hugo] = [
  await world.person('Ada'),
  await world.person('Tara'),
  await world.person('Hana'),
  await world.person('Hugo')
]
const [remy, rita, fay, max] = [
  await world.person('Remy'),
  await world.person('Rita'),
  await world.person('Fay'),
  await world.person('Max')
]
const [pia, sam] = [await world.person('Pia'), await world.person('Sam')]

const acme = await found(olga)
const maps = await team(acme, 'Maps')
const books = await team(acme, 'Books')
const custom = (key: string, permissions: string[]) =>
  ok(send('POST', `${acme.url}/roles`, olga, { key, name: key, description: key, permissions }))
await custom('scout', ['team.read', 'member.read'])
await custom('archivist', ['team.read', 'audit.read'])
await custom('greeter', ['team.read', 'member.read', 'member.invite', 'member.invite.assign_team'])
await join(acme, ada, [{ role: 'admin' }])
await join(acme, tara, [{ role: 'admin', teamId: maps }])
await join(acme, hana, [{ role: 'hiring_manager' }])
await join(acme, hugo, [{ role: 'hiring_manager', teamId: maps }])
await join(acme, remy, [{ role: 'recruiter' }])
await join(acme, rita, [{ role: 'recruiter', teamId: maps }])
await join(acme, fay, [{ role: 'finance' }])
const maxId = await join(acme, max, [{ role: 'member' }])
await join(acme, pia, [{ role: 'greeter' }])
const other = await found(otto)

let count = 0
/** An address that nobody has used yet. */
const fresh = (): string => `guest${count++}@example.com`

t.test('N-1 201: whoever may invite makes an invitation; the link is shown once, the mail goes to the address as typed', async (t) => {
  const email = 'Erin.Ek@Example.com'
  const answer = await invite(acme, olga, { email, grants: [{ role: 'recruiter', teamId: maps }], message: 'Come and see.', locale: 'de' })
  t.equal(answer.statusCode, 201)
  const { id, createdAt, sentAt, expiresAt, link, ...rest } = answer.json()
  t.strictSame(rest, {
    email,
    status: 'pending',
    grants: [{ role: 'recruiter', teamId: maps }],
    message: 'Come and see.',
    locale: 'de',
    affiliation: null,
    inviter: { accountId: olga.accountId, name: 'Olga Okafor' },
    delivery: 'queued',
    resends: 0,
    endedAt: null,
    acceptedBy: null
  })
  t.match(link, /^http:\/\/guildhall\.test\/invitation#token=ghc_[\w-]{49}$/)
  t.equal(Date.parse(expiresAt) - Date.parse(sentAt), 7 * 86_400_000)
  t.equal(sentAt, createdAt)
  const [mail, ...more] = await world.mails(email)
  t.equal(more.length, 0)
  t.match(mail!.text, /ghi_[\w-]{49}/)
  t.notMatch(mail!.text + mail!.html, link.split('=')[1], 'the mail has a token of its own')
  const shown = await ok(send('GET', `${acme.url}/invitations/${id}`, olga))
  t.strictSame(shown.json(), { id, createdAt, sentAt, expiresAt, ...rest, delivery: 'sent' }, 'never shown again')
  t.equal(shown.headers.etag, answer.headers.etag)
  t.strictSame(await eventsOf(id), ['invitation.created'])
})

t.test('N-2 201: without roles it is the least one in the default team, which every inviter may give', async (t) => {
  for (const by of [olga, ada, tara, hana, hugo, remy, rita, pia]) {
    const answer = await invite(acme, by, { email: fresh() })
    t.match(
      [answer.statusCode, answer.json()],
      [201, { grants: [{ role: 'member', teamId: acme.defaultTeamId }], message: null }],
      by.email
    )
  }
  t.match((await invite(acme, remy, { email: fresh(), grants: [] })).json(), { grants: [{ role: 'member', teamId: acme.defaultTeamId }] })
  for (const by of [fay, max]) refused(t, await invite(acme, by, { email: fresh() }), 403, 'access_denied', by.email)
})

// A row for each inviter; a column for each role with three signs: for the whole company, for the inviter's team, for another team.
// + may, r role_exceeds_inviter, t team_assignment_forbidden, # role_scope_invalid
const ceiling = `
                      admin  finance  hiring_manager  recruiter  member  scout  archivist
owner                 +++    +##      +++             +++        +++     +++    +++
admin                 +++    +##      +++             +++        +++     +++    +++
team_admin            r+t    r##      r+t             r+t        r+t     r+t    r+t
hiring_manager        rrr    r##      +++             +++        +++     +++    rrr
team_hiring_manager   rrt    r##      r+t             r+t        r+t     r+t    rrt
recruiter             rtt    r##      rtt             +tt        +tt     +tt    rtt
team_recruiter        rtt    r##      rtt             rtt        rtt     rtt    rtt
greeter               rrr    r##      rrr             rrr        rrr     +++    rrr
`
const inviters = {
  owner: olga,
  admin: ada,
  team_admin: tara,
  hiring_manager: hana,
  team_hiring_manager: hugo,
  recruiter: remy,
  team_recruiter: rita,
  greeter: pia
}
const signs: Record<string, string> = {
  invited: '+',
  role_exceeds_inviter: 'r',
  team_assignment_forbidden: 't',
  role_scope_invalid: '#'
}
const [head, ...lines] = ceiling
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/))

t.test('N-1 201, 403: nobody invites beyond the delegation ceiling', async (t) => {
  const roles = head!
  t.strictSame(
    lines.map(([name]) => name),
    Object.keys(inviters)
  )
  for (const [name, ...cells] of lines) {
    const grants = roles.flatMap((role) => [{ role }, { role, teamId: maps }, { role, teamId: books }])
    const answer = await bulk(
      acme,
      inviters[name as keyof typeof inviters],
      grants.map((grant) => ({ email: fresh(), grants: [grant] }))
    )
    const found = rowsOf(answer).map((code) => signs[code] ?? code)
    t.strictSame(
      roles.map((_, index) => found.slice(index * 3, index * 3 + 3).join('')),
      cells,
      name!
    )
  }
  for (const by of [fay, max]) refused(t, await bulk(acme, by, [{ email: fresh() }]), 403, 'access_denied', `${by.email} as a whole`)
})

t.test('N-1 403, 422: one invitation is held against the same, with every grant of it', async (t) => {
  const of = (by: Person, ...grants: object[]) => invite(acme, by, { email: fresh(), grants })
  refused(t, await of(hugo, { role: 'recruiter', teamId: maps }, { role: 'admin', teamId: maps }), 403, 'role_exceeds_inviter')
  refused(t, await of(remy, { role: 'recruiter' }, { role: 'member', teamId: acme.defaultTeamId }), 403, 'team_assignment_forbidden')
  refused(
    t,
    await of(remy, { role: 'member', teamId: acme.defaultTeamId }),
    403,
    'team_assignment_forbidden',
    'said, the default is a choice'
  )
  refused(t, await of(olga, { role: 'finance', teamId: maps }), 422, 'role_scope_invalid')
  for (const role of ['owner', 'freelancer', 'no_such_role']) refused(t, await of(olga, { role }), 422, 'unknown_role', role)
  for (const teamId of [other.defaultTeamId, publicId('team', newId()), 'x', acme.id])
    refused(t, await of(olga, { role: 'member', teamId }), 422, 'unknown_team', teamId)
  const gone = await team(acme, 'Gone')
  await sql('update teams set hidden_at = now() where id = $1', [parseId('team', gone)])
  refused(t, await of(olga, { role: 'member', teamId: gone }), 409, 'team_hidden')
  const twice = await of(olga, { role: 'recruiter', teamId: maps }, { role: 'recruiter', teamId: maps }, { role: 'scout' })
  t.strictSame(twice.json().grants, [{ role: 'recruiter', teamId: maps }, { role: 'scout' }], 'each once')
})

t.test('N-2 400, 422: what is no invitation', async (t) => {
  for (const body of [
    {},
    { email: 'x' },
    { email: 7 },
    { email: fresh(), owner: true },
    { email: fresh(), grants: [{ role: 'Member' }] },
    { email: fresh(), grants: [{ role: 'member', teamId: 7 }] },
    { email: fresh(), grants: Array.from({ length: 51 }, () => ({ role: 'member' })) },
    { email: fresh(), message: '' },
    { email: fresh(), message: ' x' },
    { email: fresh(), message: 'x'.repeat(501) },
    { email: fresh(), message: 'a\u202eb' },
    { email: fresh(), message: 'a\r\nBcc: b' },
    { email: fresh(), expiresInDays: 0 },
    { email: fresh(), expiresInDays: 31 },
    { email: fresh(), expiresInDays: 1.5 },
    { email: fresh(), locale: 'German' },
    { email: fresh(), affiliation: 'exclusive' }
  ])
    for (const path of ['', '/preview'])
      refused(t, await send('POST', `${acme.url}/invitations${path}`, olga, body), 400, 'invalid_input', JSON.stringify(body).slice(0, 80))
  for (const email of ['no-at-sign', '"a b"@example.com', 'a@b', 'ü@example.com', 'a@exa\u200bmple.com'])
    for (const path of ['', '/preview'])
      refused(t, await send('POST', `${acme.url}/invitations${path}`, olga, { email }), 422, 'email_invalid', email)
  const long = await invite(acme, olga, { email: fresh(), message: 'ä'.repeat(500), expiresInDays: 30 })
  t.equal(long.statusCode, 201)
  t.equal(Date.parse(long.json().expiresAt) - Date.parse(long.json().sentAt), 30 * 86_400_000)
})

t.test('401, 404: every operation, for nobody, a stranger, and for an id of another company', async (t) => {
  const { id, url, etag } = await invited(acme, fresh())
  const foreign = await invited(other, fresh())
  const mine = (way: string): string => `${acme.url}/invitations/${way}`
  const operations: Array<['GET' | 'POST' | 'PATCH', (id: string) => string, object?]> = [
    ['GET', mine],
    ['PATCH', mine, { message: null }],
    ['POST', (one) => mine(`${one}/resend`), {}],
    ['POST', (one) => mine(`${one}/revoke`), {}]
  ]
  const request = ([method, path, payload]: (typeof operations)[number], by: object, one: string) =>
    world.inject({
      method,
      url: path(one),
      headers: { ...by, ...(method === 'PATCH' ? { 'if-match': etag } : {}) },
      ...(payload ? { payload } : {})
    })
  for (const operation of operations) {
    const name = `${operation[0]} ${operation[1]('…')}`
    refused(t, await request(operation, {}, id), 401, 'not_signed_in', name)
    refused(t, await request(operation, otto.headers, id), 404, 'not_found', `${name} by a stranger`)
    for (const one of [foreign.id, publicId('invitation', newId()), 'x', maxId])
      refused(t, await request(operation, olga.headers, one), 404, 'not_found', `${name} of ${one}`)
    for (const by of [fay, max])
      t.match((await request(operation, by.headers, id)).json().code, /^(not_found|access_denied)$/, `${name} by ${by.email}`)
  }
  for (const path of ['', '/preview', '/bulk']) {
    const body = path === '/bulk' ? { invitations: [{ email: fresh() }] } : { email: fresh() }
    const at = `${acme.url}/invitations${path}`
    refused(t, await world.post(at, body), 401, 'not_signed_in', path)
    refused(t, await send('POST', at, otto, body), 404, 'not_found', path)
    refused(t, await send('POST', at, max, body), 403, 'access_denied', path)
  }
  refused(t, await world.inject({ url: `${acme.url}/invitations` }), 401, 'not_signed_in')
  refused(t, await send('GET', `${acme.url}/invitations`, otto), 404, 'not_found')
  refused(t, await send('GET', `${acme.url}/invitations`, max), 403, 'access_denied')
  t.match(await see({ url }, olga), { status: 'pending', resends: 0 }, 'untouched')
  t.match(await see(foreign, otto), { status: 'pending', resends: 0 })
})

t.test('C-13, E-2 403: whoever is suspended or restricted neither invites nor manages', async (t) => {
  const place = await found(olga)
  const ivy = await world.person('Ivy')
  const memberId = await join(place, ivy, [{ role: 'admin' }])
  const own = await invited(place, fresh(), {}, ivy)
  const theirs = await invited(place, fresh())
  await ok(send('POST', `${place.url}/members/${memberId}/suspension`, olga, {}))
  const attempts = (one: { url: string }) => [
    send('GET', `${place.url}/invitations`, ivy),
    send('GET', one.url, ivy),
    edit(one, ivy, own.etag, { message: null }),
    resend(one, ivy),
    revoke(one, ivy)
  ]
  const newOnes = () => [
    invite(place, ivy, { email: fresh() }),
    bulk(place, ivy, [{ email: fresh() }]),
    send('POST', `${place.url}/invitations/preview`, ivy, { email: fresh() })
  ]
  for (const one of [own, theirs])
    for (const [index, answer] of (await Promise.all([...attempts(one), ...newOnes()])).entries())
      refused(t, answer, 403, 'membership_suspended', `${index} of ${one === own ? 'their own' : 'another’s'}`)
  await ok(send('DELETE', `${place.url}/members/${memberId}/suspension`, olga))
  await sql(`update accounts set ${inForce('restricted')} where id = $1`, [parseId('account', ivy.accountId)])
  for (const answer of await Promise.all(newOnes())) refused(t, answer, 403, 'account_restricted')
  refused(t, await resend(theirs, ivy), 403, 'account_restricted')
  refused(t, await edit(theirs, ivy, theirs.etag, { message: null }), 403, 'account_restricted')
  t.equal((await see(theirs, olga)).status, 'pending')

  const rex = await world.person('Rex')
  await join(place, rex, [{ role: 'recruiter' }])
  const his = await invited(place, fresh(), {}, rex)
  await sql(`update accounts set ${inForce('restricted')} where id = $1`, [parseId('account', rex.accountId)])
  t.equal((await see(his, rex)).status, 'pending', 'reading goes on')
  t.equal((await ok(send('GET', `${place.url}/invitations`, rex))).json().items.length, 1)
})

t.test('N-3 409: one invitation is pending for an address, however it is spelled', async (t) => {
  await invited(acme, 'Quinn@Example.com')
  for (const email of ['Quinn@Example.com', 'quinn@example.com', 'QUINN@EXAMPLE.COM'])
    refused(t, await invite(acme, hana, { email }), 409, 'invitation_pending', email)
  t.equal((await invite(acme, olga, { email: 'quinn+1@example.com' })).statusCode, 201, 'a tag is another address')
  t.equal((await invite(other, otto, { email: 'quinn@example.com' })).statusCode, 201, 'each company has its own')
})

t.test('N-3 409: an address that the inviter sees in the member list; any other one of a member is invited like any', async (t) => {
  const mel = await world.person('Mel')
  await join(acme, mel, [{ role: 'recruiter', teamId: books }])
  await prove(mel, 'mel@second.example')
  for (const by of [olga, ada, hana, remy])
    refused(t, await invite(acme, by, { email: 'Mel@Example.com' }), 409, 'already_member', by.email)
  t.equal((await invite(acme, rita, { email: mel.email })).statusCode, 201, 'of another team, whom she does not see')
  t.equal((await invite(acme, olga, { email: 'mel@second.example' })).statusCode, 201)
  refused(t, await invite(acme, rita, { email: hugo.email }), 409, 'already_member', 'of her own team')
})

t.test('N-3 201: inviting an address whose invitation has expired replaces the old one', async (t) => {
  const old = await invited(acme, 'late@example.com')
  const token = await mailed('late@example.com')
  await expire(old)
  t.equal((await see(old, olga)).status, 'expired')
  const made = await invited(acme, 'late@example.com')
  t.match(await see(old, olga), { status: 'superseded', acceptedBy: null })
  t.strictSame(await eventsOf(old.id), ['invitation.created', 'invitation.superseded'])
  refused(t, await resend(old, olga), 409, 'invitation_not_pending')
  refused(t, await world.post('/v1/invitations/lookup', { token }), 410, 'token_dead')
  t.equal((await see(made, olga)).status, 'pending')
})

t.test(
  'N-4 200: sending again makes new tokens and kills the old ones, also after the time is over; a limited number of times',
  async (t) => {
    const sent = await invited(acme, 'again@example.com', { expiresInDays: 3, message: 'Hello' }, hana)
    const first = await mailed('again@example.com')
    await expire(sent)
    const answer = await resend(sent, hana)
    t.match([answer.statusCode, answer.json()], [200, { id: sent.id, status: 'pending', resends: 1, delivery: 'queued', message: 'Hello' }])
    const { expiresAt, sentAt, createdAt, link } = answer.json()
    t.equal(Date.parse(expiresAt) - Date.parse(sentAt), 3 * 86_400_000, 'as long as before')
    t.ok(sentAt >= createdAt)
    t.not(link.split('=')[1], sent.copied)
    const second = await mailed('again@example.com')
    t.not(second, first)
    for (const token of [first, sent.copied]) refused(t, await world.post('/v1/invitations/lookup', { token }), 410, 'token_dead')
    for (const token of [second, link.split('=')[1]]) t.equal((await world.post('/v1/invitations/lookup', { token })).statusCode, 200)

    const longer = await ok(resend(sent, hana, { expiresInDays: 30 }))
    t.equal(Date.parse(longer.json().expiresAt) - Date.parse(longer.json().sentAt), 30 * 86_400_000)
    refused(t, await resend(sent, hana), 409, 'invitation_resend_limit')
    t.equal(
      (await world.post('/v1/invitations/lookup', { token: await mailed('again@example.com') })).statusCode,
      200,
      'the last link stays good'
    )
    refused(t, await resend(sent, hana, { expiresInDays: 0 }), 400, 'invalid_input')
    t.strictSame(await eventsOf(sent.id), ['invitation.created', 'invitation.resent', 'invitation.resent'])
  }
)

t.test('N-4: a mail that waits when an invitation is sent again, changed or revoked says what is true when it goes', async (t) => {
  const sent = await invited(acme, 'slow@example.com')
  await ok(resend(sent, olga))
  const mails = await world.mails('slow@example.com')
  t.equal(mails.length, 1, 'one link works, and one mail goes')
  const gone = await invited(acme, 'gone@example.com')
  await ok(revoke(gone, olga))
  t.equal((await world.mails('gone@example.com')).length, 0)
  const changed = await invited(acme, 'changed@example.com', { message: 'Before' })
  await ok(edit(changed, olga, changed.etag, { message: 'After' }))
  t.match(
    (await world.mails('changed@example.com')).map(({ text }) => text),
    [/After/]
  )
})

t.test('N-4 200, 409: revoking kills the links at once; twice is once, and what is over stays so', async (t) => {
  const sent = await invited(acme, 'never@example.com')
  const token = await mailed('never@example.com')
  const answer = await revoke(sent, olga)
  t.match([answer.statusCode, answer.json()], [200, { status: 'revoked' }])
  t.ok(answer.json().endedAt)
  t.strictSame((await ok(revoke(sent, ada))).json(), answer.json())
  t.strictSame(await eventsOf(sent.id), ['invitation.created', 'invitation.revoked'])
  for (const each of [token, sent.copied]) refused(t, await world.post('/v1/invitations/lookup', { token: each }), 410, 'token_dead')
  refused(t, await resend(sent, olga), 409, 'invitation_not_pending')
  refused(t, await edit(sent, olga, String(answer.headers.etag), { message: null }), 409, 'invitation_not_pending')
  const late = await invited(acme, fresh())
  await expire(late)
  refused(
    t,
    await edit(late, olga, late.etag, { message: null }),
    409,
    'invitation_not_pending',
    'an expired one is sent again, not changed'
  )
  t.match((await ok(revoke(late, olga))).json(), { status: 'revoked' }, 'an expired one too')
  const taken = await invited(acme, sam.email)
  await ok(accept(sam, { invitationId: taken.id }))
  refused(t, await revoke(taken, olga), 409, 'invitation_not_pending', 'an accepted one')
  refused(t, await resend(taken, olga), 409, 'invitation_not_pending')
})

t.test('N-11 200, 412: roles, teams and message can be changed, from the version that was seen; the link stays good', async (t) => {
  const sent = await invited(acme, 'edit@example.com', { message: 'Hello' }, remy)
  const token = await mailed('edit@example.com')
  const answer = await edit(sent, ada, sent.etag, { grants: [{ role: 'admin', teamId: maps }], message: null })
  t.match(
    [answer.statusCode, answer.json()],
    [200, { grants: [{ role: 'admin', teamId: maps }], message: null, inviter: { accountId: ada.accountId }, resends: 0 }]
  )
  t.equal((await world.post('/v1/invitations/lookup', { token })).statusCode, 200)
  refused(t, await edit(sent, ada, sent.etag, { message: 'Late' }), 412, 'stale_version')
  refused(t, await send('PATCH', sent.url, ada, { message: null }), 428, 'version_required')
  const tag = String(answer.headers.etag)
  t.equal(await tagOf(sent.url, ada), tag)
  for (const body of [
    { email: 'x@example.com' },
    { message: '' },
    { grants: 'member' },
    { affiliation: 'exclusive' },
    { expiresInDays: 3 }
  ])
    refused(t, await edit(sent, ada, tag, body), 400, 'invalid_input', JSON.stringify(body))
  refused(t, await edit(sent, ada, tag, { grants: [{ role: 'owner' }] }), 422, 'unknown_role')
  refused(t, await edit(sent, ada, tag, { grants: [{ role: 'member', teamId: other.defaultTeamId }] }), 422, 'unknown_team')
  const back = await ok(edit(sent, ada, tag, { grants: [] }))
  t.match(back.json().grants, [{ role: 'member', teamId: acme.defaultTeamId }], 'none: the least one in the default team')
  t.strictSame(await eventsOf(sent.id), ['invitation.created', 'invitation.changed', 'invitation.changed'])
})

t.test('N-11 403: whoever changes it or sends it again is held to the same ceiling', async (t) => {
  for (const [by, grants, code] of [
    [hana, [{ role: 'admin' }], 'role_exceeds_inviter'],
    [hugo, [{ role: 'recruiter', teamId: books }], 'team_assignment_forbidden'],
    [remy, [{ role: 'hiring_manager' }], 'role_exceeds_inviter'],
    [remy, [{ role: 'member', teamId: maps }], 'team_assignment_forbidden'],
    [rita, [{ role: 'member' }], 'role_exceeds_inviter']
  ] as const) {
    const sent = await invited(acme, fresh(), {}, by)
    refused(t, await edit(sent, by, sent.etag, { grants }), 403, code, `${by.email} ${JSON.stringify(grants)}`)
    t.equal((await ok(edit(sent, by, sent.etag, { message: 'Still mine' }))).json().inviter.accountId, by.accountId)
    // Raised by somebody who may: whoever invited first is the inviter no more, and may not send it again either.
    const raised = await ok(edit(sent, ada, await tagOf(sent.url, ada), { grants }))
    t.equal(raised.json().inviter.accountId, ada.accountId)
    refused(t, await resend(sent, by), 404, 'not_found')
  }
  const lowered = await invited(acme, fresh(), { grants: [{ role: 'hiring_manager' }] }, hana)
  const hanaId = (await ok(send('GET', `${acme.url}/members?limit=100`, olga)))
    .json()
    .items.find((each: { email: string }) => each.email === hana.email).id
  await ok(setRoles(acme, hanaId, [{ role: 'recruiter' }]))
  refused(t, await resend(lowered, hana), 403, 'role_exceeds_inviter', 'her own, of better days')
  refused(t, await edit(lowered, hana, lowered.etag, { message: 'x' }), 403, 'role_exceeds_inviter')
  t.match((await ok(edit(lowered, hana, lowered.etag, { grants: [{ role: 'recruiter' }] }))).json(), { grants: [{ role: 'recruiter' }] })
  await ok(setRoles(acme, hanaId, [{ role: 'hiring_manager' }]))
})

t.test('N-11 403: pending invitations reserve the seats of members and admins; expired ones do not', async (t) => {
  const place = await found(olga, 'company', 'plus')
  const admin = [{ role: 'admin' }]
  const one = await invited(place, fresh(), { grants: admin })
  refused(
    t,
    await invite(place, olga, { email: fresh(), grants: [{ role: 'admin', teamId: place.defaultTeamId }] }),
    403,
    'plan_upgrade_required'
  )
  const two = await invited(place, fresh())
  refused(t, await invite(place, olga, { email: fresh() }), 403, 'plan_upgrade_required')
  refused(t, await edit(two, olga, two.etag, { grants: admin }), 403, 'plan_upgrade_required', 'nor raised')
  t.match((await ok(edit(one, olga, one.etag, { grants: admin }))).json(), { grants: admin }, 'the seat is its own')
  await t.rejects(join(place, max, [], { source: 'join_link' }), { code: 'plan_upgrade_required' }, 'nobody else takes the seat')
  await expire(one)
  const three = await invited(place, fresh())
  refused(t, await resend(one, olga), 403, 'plan_upgrade_required', 'its seat is gone')
  t.strictSame(rowsOf(await bulk(place, olga, [{ email: one.email }])), ['plan_upgrade_required'])
  t.equal((await see(one, olga)).status, 'expired', 'N-3: only a new one replaces it')
  await ok(revoke(three, olga))
  t.match((await ok(edit(two, olga, await tagOf(two.url, olga), { grants: admin }))).json(), { grants: admin }, 'the admin’s too')
  refused(t, await resend(one, olga), 403, 'plan_upgrade_required')
  await ok(revoke(two, olga))
  t.match((await ok(resend(one, olga))).json(), { status: 'pending', grants: admin })
  const rows = await bulk(place, olga, [{ email: fresh() }, { email: fresh() }])
  t.strictSame(rowsOf(rows), ['invited', 'plan_upgrade_required'], 'one by one')
})

t.test('N-8 429: limits for an inviter, a company and an address, with Retry-After; 409 beyond what may be pending', async (t) => {
  const small = await openWorld(t, {
    env: {
      COMPANIES_PER_ACCOUNT: '1000',
      LIMIT_INVITER: '4/d',
      LIMIT_INVITING: '7/d',
      LIMIT_INVITING_UNPROVEN: '5/d',
      LIMIT_INVITED: '2/d',
      PENDING_INVITATIONS: '6'
    }
  })
  const [there, invitations] = [organizations(small), inviting(small)]
  const [una, vic] = [await small.person('Una'), await small.person('Vic')]
  const [wim, zoe] = [await small.person('Wim'), await small.person('Zoe')]
  const tooMany = async (answer: Awaited<ReturnType<typeof invite>>, policy: string): Promise<void> => {
    refused(t, answer, 429, 'too_many_requests', policy)
    t.strictSame(answer.json().violatedPolicies, [policy])
    t.ok(Number(answer.headers['retry-after']) <= 86_400)
  }
  const one = await there.found(una)
  const address = 'asked@example.com'
  const first = await invitations.invited(one, address)
  await there.ok(invitations.resend(first, una))
  await tooMany(await invitations.resend(first, una), 'invited')
  const two = await there.found(vic)
  await tooMany(await invitations.invite(two, vic, { email: 'Asked@example.com' }), 'invited')
  t.equal((await small.sql('select from outbox where kind = $1', ['invitation'])).length, 2, 'what is refused is not mailed')

  // The resend that was refused counts as well.
  await invitations.invited(one, 'fourth@example.com')
  await tooMany(await invitations.invite(one, una, { email: 'fifth@example.com' }), 'inviter')
  refused(
    t,
    await invitations.invite(one, una, { email: 'fourth@example.com' }),
    409,
    'invitation_pending',
    'what is refused anyway is not counted'
  )

  for (const person of [wim, zoe]) await there.join(two, person, [{ role: 'admin' }])
  let admins = 0
  const newAdmin = async () => {
    const person = await small.person('Xu', { email: `xu${admins++}@example.com` })
    await there.join(two, person, [{ role: 'admin' }])
    return person
  }
  // Vic's refused one was the first of five.
  for (const email of ['v2@example.com', 'v3@example.com', 'v4@example.com']) await invitations.invited(two, email)
  const rows = await there.ok(
    there.send('POST', `${two.url}/invitations/bulk`, wim, {
      invitations: ['w1', 'w2', 'w3'].map((name) => ({ email: `${name}@example.com` }))
    })
  )
  t.strictSame(rowsOf(rows), ['invited', 'too_many_requests', 'too_many_requests'], 'in the order they stand')
  t.ok(rows.json().items[1].problem.retryAfter > 0)
  await tooMany(await invitations.invite(two, zoe, { email: 'z1@example.com' }), 'inviting-unproven')
  await small.sql(
    `insert into domains (id, organization_id, domain, status, challenge, challenge_expires_at, affiliation_proven_at)
      values ($1, $2, 'two.example', 'verified', 'x', now(), now())`,
    [newId(), parseId('company', two.id)]
  )
  // Whose own share is used up takes none of anybody's: the address can still be invited by others.
  for (let time = 0; time < 3; time++) refused(t, await invitations.invite(one, una, { email: 'z2@example.com' }), 429, 'too_many_requests')
  await invitations.invited(two, 'z2@example.com', {}, zoe)
  await invitations.invited(two, 'z3@example.com', {}, zoe)
  refused(t, await invitations.invite(two, zoe, { email: 'z4@example.com' }), 409, 'limit_reached', 'six are pending')
  const [oldest] = (await there.ok(there.send('GET', `${two.url}/invitations?limit=1`, vic))).json().items
  await invitations.expire(oldest)
  await invitations.invited(two, 'z5@example.com', {}, await newAdmin())
  refused(
    t,
    await invitations.resend({ url: `${two.url}/invitations/${oldest.id}` }, await newAdmin()),
    409,
    'limit_reached',
    'nor sent again'
  )
})

t.test('N-9 200: the list has one’s own, and with member.roles.update those of its scope; filters and pages', async (t) => {
  const place = await found(olga)
  const [here, there] = [await team(place, 'Here'), await team(place, 'There')]
  await join(place, ada, [{ role: 'admin' }])
  await join(place, tara, [{ role: 'admin', teamId: here }])
  await join(place, remy, [{ role: 'recruiter' }])
  await join(place, max, [{ role: 'member' }])
  const made: Record<string, Awaited<ReturnType<typeof invited>>> = {}
  const make = async (name: string, by: Person, grants: Array<{ role: string; teamId?: string }> = []) => {
    made[name] = await invited(place, `${name}@list.example`, { grants }, by)
  }
  await make('default', olga)
  await make('here', olga, [{ role: 'recruiter', teamId: here }])
  await make('both', olga, [
    { role: 'recruiter', teamId: here },
    { role: 'member', teamId: there }
  ])
  await make('whole', ada, [{ role: 'finance' }])
  await make('remy', remy)
  await make('tara', tara)
  const list = async (by: Person, query = '') =>
    ((await ok(send('GET', `${place.url}/invitations${query}`, by))).json() as { items: Array<{ email: string }> }).items.map(
      ({ email }) => email.split('@')[0]
    )
  const all = ['default', 'here', 'both', 'whole', 'remy', 'tara']
  t.strictSame(await list(olga), all, 'in the order they were made')
  t.strictSame(await list(ada), all)
  t.strictSame(await list(tara), ['here', 'tara'], 'every role in her team, and her own')
  t.strictSame(await list(remy), ['remy'])
  t.strictSame(await list(olga, '?inviter=me'), ['default', 'here', 'both'])
  t.strictSame(await list(tara, '?inviter=me'), ['tara'])
  refused(t, await send('GET', `${place.url}/invitations`, max), 403, 'access_denied')
  for (const [by, name, status] of [
    [tara, 'here', 200],
    [tara, 'both', 404],
    [tara, 'default', 404],
    [remy, 'tara', 404],
    [remy, 'remy', 200],
    [ada, 'remy', 200]
  ] as const) {
    t.equal((await send('GET', made[name]!.url, by)).statusCode, status, `${by.email} ${name}`)
    if (status === 404) for (const act of [revoke, resend]) refused(t, await act(made[name]!, by), 404, 'not_found')
  }

  await ok(revoke(made.here!, tara))
  await expire(made.both!)
  await world.mails()
  t.strictSame(await list(olga, '?status=revoked'), ['here'])
  t.strictSame(await list(olga, '?status=expired'), ['both'])
  t.strictSame(await list(olga, '?status=pending'), ['default', 'whole', 'remy', 'tara'])
  t.strictSame(await list(olga, '?status=accepted'), [])
  t.strictSame(await list(olga, '?text=WH'), ['whole'])
  t.strictSame(await list(olga, `?text=${encodeURIComponent('whole@LIST.example')}`), ['whole'])
  t.strictSame(await list(olga, '?text=%25'), [], 'a sign for anything is a sign like any')
  t.strictSame(await list(olga, '?text=list'), [], 'the beginning')

  const pages: string[] = []
  let url: string | undefined = `${place.url}/invitations?limit=4&inviter=me`
  for (let pageCount = 0; url; pageCount++) {
    if (pageCount > 5) throw new Error('pages without end')
    const page = await ok(send('GET', url.replace('limit=4', 'limit=2'), olga))
    pages.push(page.json().items.length)
    url = /<([^>]+)>/.exec(String(page.headers.link ?? ''))?.[1]
  }
  t.strictSame(pages, [2, 1])
  const { nextCursor } = (await ok(send('GET', `${place.url}/invitations?limit=2`, olga))).json()
  refused(t, await send('GET', `${place.url}/invitations?cursor=${nextCursor}`, ada), 400, 'malformed_cursor', 'another’s')
  refused(t, await send('GET', `${place.url}/invitations?cursor=${nextCursor}&status=pending`, olga), 400, 'malformed_cursor')
  for (const query of ['status=gone', 'inviter=ada', 'limit=0', 'text=', 'q=1'])
    refused(t, await send('GET', `${place.url}/invitations?${query}`, olga), 400, 'invalid_input', query)
})

t.test('N-9 200: what became of the mail: on its way, sent, given up, forgotten', async (t) => {
  const sent = await invited(acme, fresh())
  const delivery = async () => (await see(sent, olga)).delivery
  const mail = 'update outbox set status = $2 where id = (select mail_id from invitations where id = $1)'
  t.equal(await delivery(), 'queued')
  await world.mails()
  t.equal(await delivery(), 'sent')
  await sql(mail, [parseId('invitation', sent.id), 'parked'])
  t.equal(await delivery(), 'undelivered')
  await sql('delete from outbox where id = (select mail_id from invitations where id = $1)', [parseId('invitation', sent.id)])
  t.equal(await delivery(), null)
  await ok(resend(sent, olga))
  t.equal(await delivery(), 'queued')
})

t.test('N-1 in agencies: owner and admins invite, with affiliation; the least role is freelancer', async (t) => {
  const [gil, bea] = [await world.person('Gil'), await world.person('Bea')]
  const [abe, fred] = [await world.person('Abe'), await world.person('Fred')]
  for (const person of [gil, bea, abe, fred]) await freelance(person)
  const agency = await found(gil, 'agency')
  await join(agency, bea, [{ role: 'business_manager' }])
  await join(agency, abe, [{ role: 'admin' }])
  await join(agency, fred, [{ role: 'freelancer' }])
  const made = await invite(agency, abe, { email: fresh() })
  t.match(
    [made.statusCode, made.json()],
    [201, { affiliation: 'non_exclusive', grants: [{ role: 'freelancer', teamId: agency.defaultTeamId }] }]
  )
  const exclusive = await ok(invite(agency, gil, { email: fresh(), affiliation: 'exclusive' }))
  t.equal(exclusive.json().affiliation, 'exclusive')
  const one = { url: `${agency.url}/invitations/${exclusive.json().id}` }
  const changed = await ok(edit(one, abe, String(exclusive.headers.etag), { affiliation: 'non_exclusive' }))
  t.match(changed.json(), { affiliation: 'non_exclusive', grants: exclusive.json().grants })
  for (const role of ['admin', 'finance', 'business_manager', 'freelancer'])
    t.equal((await invite(agency, abe, { email: fresh(), grants: [{ role }] })).statusCode, 201, role)
  for (const role of ['owner', 'recruiter', 'member'])
    refused(t, await invite(agency, gil, { email: fresh(), grants: [{ role }] }), 422, 'unknown_role', role)
  for (const by of [bea, fred]) refused(t, await invite(agency, by, { email: fresh() }), 403, 'access_denied', by.email)
  const table = await csv(agency, gil, `email,role,affiliation\n${fresh()},business_manager,exclusive\n${fresh()},,sometimes`)
  t.strictSame(rowsOf(table), ['invited', 'invalid_input'])
  t.equal(table.json().items[0].invitation.affiliation, 'exclusive')
  // A company's path knows no agency's invitation.
  t.equal(problemFault(await send('GET', `${acme.url}/invitations/${exclusive.json().id}`, olga), 'not_found'), undefined)
  t.equal(problemFault(await send('GET', `/v1/companies/${agency.id}/invitations`, gil), 'not_found'), undefined)
})

t.test('N-6 403, 409: nobody is invited into what is suspended or closed', async (t) => {
  const place = await found(olga)
  const sent = await invited(place, fresh())
  const all = () => [
    invite(place, olga, { email: fresh() }),
    bulk(place, olga, [{ email: fresh() }]),
    send('POST', `${place.url}/invitations/preview`, olga, { email: fresh() }),
    resend(sent, olga),
    edit(sent, olga, sent.etag, { message: null })
  ]
  await sql(`update organizations set ${inForce('suspended')} where id = $1`, [parseId('company', place.id)])
  for (const answer of await Promise.all(all())) refused(t, answer, 403, 'organization_suspended')
  await sql(`update organizations set ${inForce('none')} where id = $1`, [parseId('company', place.id)])
  await ok(send('POST', `${place.url}/closure`, olga, {}))
  for (const answer of await Promise.all(all())) refused(t, answer, 409, 'organization_closed')
})
