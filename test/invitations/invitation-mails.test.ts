import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { remindInvitees } from '../../src/invitations/reminders.ts'
import { inviting, type Sent } from '../support/invitations.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t, {
  env: {
    COMPANIES_PER_ACCOUNT: '1000',
    PLAN_COMPANY_BASIC: 'teams=0,admins=0,members=0,customRoles=0',
    PLAN_COMPANY_PLUS: 'teams=2,admins=1,members=2,customRoles=0'
  }
})
const { sql } = world
const { send, ok, found, join, team, freelance } = organizations(world)
const { invite, invited, lookup, resend, revoke, mailed, see } = inviting(world)

const olga = await world.person('Olga')
const ada = await world.person('Ada')
const max = await world.person('Max')
const acme = await found(olga)
await join(acme, ada, [{ role: 'admin' }])

let count = 0
const fresh = (): string => `guest${count++}@example.com`
/** Somebody of whom nothing is known yet. */
const anybody = (email = fresh()): Promise<Person> => world.person('Guest', { email })

t.test('N-8: who silences an address is invited as ever and mailed nothing; nobody who invites finds out', async (t) => {
  const oneClick = (token: string, method: 'POST' | 'GET' | 'HEAD' = 'POST') =>
    world.inject({
      method,
      url: `/v1/invitation-preferences/one-click?token=${token}`,
      ...(method === 'POST'
        ? { headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'List-Unsubscribe=One-Click' }
        : {})
    })
  // What RFC 8058 wants mail programs to send first of all.
  const inParts = (token: string) =>
    world.inject({
      method: 'POST',
      url: `/v1/invitation-preferences/one-click?token=${token}`,
      headers: { 'content-type': 'multipart/form-data; boundary=cut' },
      payload: '--cut\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--cut--\r\n'
    })
  const own = await world.person('Own', { email: 'Own@second.example' })
  for (const way of ['by token', 'by one click', 'by one click in parts', 'by me'] as const) {
    const guest = way === 'by me' ? own : { email: fresh(), headers: {} }
    const first = await invited(acme, guest.email)
    const mail = (await world.mails(guest.email)).at(-1)!
    const token = /ghn_[\w-]{49}/.exec(mail.text)![0]
    t.equal(mail.headers!['List-Unsubscribe'], `<http://guildhall.test/v1/invitation-preferences/one-click?token=${token}>`)
    t.equal(mail.headers!['List-Unsubscribe-Post'], 'List-Unsubscribe=One-Click')
    for (const method of ['GET', 'HEAD'] as const) t.ok((await oneClick(token, method)).statusCode >= 400, method)
    t.strictSame(await sql('select from silenced_addresses'), [], 'looking silences nobody')
    const answer =
      way === 'by one click'
        ? await oneClick(token)
        : way === 'by one click in parts'
          ? await inParts(token)
          : await send('POST', '/v1/invitation-preferences', guest, {
              ...(way === 'by me' ? { email: guest.email.toLowerCase() } : { token }),
              doNotInvite: true
            })
    t.match([answer.statusCode, answer.json()], [200, { doNotInvite: true }], way)
    await ok(revoke(first, olga))

    const before = (await world.mails(guest.email)).length
    const again = await invite(acme, olga, { email: guest.email })
    t.equal(again.statusCode, 201)
    t.equal((await world.mails(guest.email)).length, before, 'nothing is mailed')
    const sent = { url: `${acme.url}/invitations/${again.json().id}` }
    t.match(await see(sent, olga), { status: 'pending', delivery: 'queued' })
    await ok(resend(sent, olga))
    t.equal((await world.mails(guest.email)).length, before, 'nor sent again')
    t.match(await see(sent, olga), { delivery: 'queued' })
    await sql(`update outbox set created_at = created_at - interval '2 days' where kind = 'invitation' and status = 'skipped'`)
    t.match(await see(sent, olga), { delivery: 'undelivered' }, 'as one that no mail server takes')
    if (way === 'by me') {
      t.strictSame((await ok(send('GET', '/v1/me/invitation-preferences', own))).json().items, [{ email: own.email, doNotInvite: true }])
      t.equal((await ok(send('GET', '/v1/me/invitations', own))).json().items.length, 1, 'who looks still finds it')
      await ok(send('POST', '/v1/invitation-preferences', own, { email: own.email, doNotInvite: false }))
    } else t.match((await ok(world.post('/v1/invitation-preferences', { token, doNotInvite: false }))).json(), { doNotInvite: false })
    t.strictSame(await sql('select from silenced_addresses'), [])
    await ok(revoke(sent, olga))
    const open = await invited(acme, guest.email)
    t.equal((await world.mails(guest.email)).length, before + 1, 'opened again')
    await ok(revoke(open, olga))
  }
})

t.test('N-8 400, 401, 404, 410: only the owner of an address silences it', async (t) => {
  const set = (by: { headers: object }, body: object) => send('POST', '/v1/invitation-preferences', by, body)
  for (const body of [
    {},
    { doNotInvite: true },
    { email: max.email },
    { email: max.email, token: 'x'.repeat(53), doNotInvite: true },
    { email: max.email, doNotInvite: 'yes' }
  ])
    refused(t, await set(max, body), 400, 'invalid_input', JSON.stringify(body))
  refused(t, await set({ headers: {} }, { email: max.email, doNotInvite: true }), 401, 'not_signed_in')
  await ok(world.post('/v1/me/emails', { email: 'unproven@second.example' }, max.headers))
  for (const email of [olga.email, 'unproven@second.example', 'nobody@second.example', 'no-address'])
    refused(t, await set(max, { email, doNotInvite: true }), 404, 'not_found', email)
  const form = (payload: string, token: string) =>
    world.inject({
      method: 'POST',
      url: `/v1/invitation-preferences/one-click?token=${token}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload
    })
  refused(t, await form('List-Unsubscribe=One-Click', `ghn_${'a'.repeat(49)}`), 410, 'token_dead')
  refused(t, await form('List-Unsubscribe=No', `ghn_${'a'.repeat(49)}`), 400, 'invalid_input')
  refused(t, await world.inject({ url: '/v1/me/invitation-preferences' }), 401, 'not_signed_in')
  t.strictSame(await sql('select from silenced_addresses'), [])
})

t.test('N-2 200: the preview is the mail that is sent, but for its two tokens', async (t) => {
  const place = await found(olga)
  const shelf = await team(place, 'Shelf & Sons')
  await ok(send('POST', `${place.url}/roles`, olga, { key: 'scout', name: 'Scout <1st>', description: 'x', permissions: ['team.read'] }))
  const drawn = await world.person('Fay')
  await freelance(drawn)
  const agency = await found(drawn, 'agency')
  for (const [at, body] of [
    [place, { email: 'Pre.View@second.example' }],
    [
      place,
      {
        email: 'p2@second.example',
        grants: [{ role: 'scout' }, { role: 'recruiter', teamId: shelf }, { role: 'finance' }],
        message: 'Hi\n\nsee https://evil.example/ <b>',
        expiresInDays: 1
      }
    ],
    [
      place,
      { email: 'p3@second.example', grants: [{ role: 'hiring_manager', teamId: shelf }], message: 'Grüße', expiresInDays: 30, locale: 'de' }
    ],
    [place, { email: 'p4@second.example', locale: 'xx' }],
    [agency, { email: 'p5@second.example', affiliation: 'exclusive' }],
    [agency, { email: 'p6@second.example', grants: [{ role: 'business_manager' }], locale: 'de-AT' }]
  ] as const) {
    const answer = await send('POST', `${at.url}/invitations/preview`, at.owner, body)
    t.equal(answer.statusCode, 200, answer.body)
    await world.mails()
    t.strictSame(await sql('select from invitations where canonical = $1', [body.email.toLowerCase()]), [], 'nothing is kept')
    t.strictSame(await world.mails(body.email), [], 'or sent')
    await ok(invite(at, at.owner, body))
    const [mail] = await world.mails(body.email)
    const plain = (text: string) => text.replaceAll(/gh[in]_[\w-]{49}/g, 'preview')
    const { from, locale, ...shown } = answer.json()
    t.strictSame(shown, { to: mail!.to, subject: mail!.subject, text: plain(mail!.text), html: plain(mail!.html) }, body.email)
    t.equal(from, world.config.MAIL_FROM)
    t.equal(locale, 'locale' in body ? body.locale : 'en')
    t.equal(new Set(mail!.text.match(/gh[in]_[\w-]{49}/g)).size, 2)
    t.notMatch(mail!.html, /href="https:\/\/evil/, 'nothing in the message is a link')
  }
})

t.test('N-2 403, 409: a preview is refused as the invitation would be for its roles', async (t) => {
  const place = await found(olga)
  const remy = await anybody()
  await join(place, remy, [{ role: 'recruiter' }])
  const preview = (by: Person, body: object) => send('POST', `${place.url}/invitations/preview`, by, { email: fresh(), ...body })
  refused(t, await preview(remy, { grants: [{ role: 'admin' }] }), 403, 'role_exceeds_inviter')
  refused(t, await preview(remy, { grants: [{ role: 'member', teamId: place.defaultTeamId }] }), 403, 'team_assignment_forbidden')
  refused(t, await preview(olga, { grants: [{ role: 'owner' }] }), 422, 'unknown_role')
  t.equal((await preview(remy, { email: olga.email })).statusCode, 200, 'whether the address can be invited is not looked at')
})

t.test('N-4: pending invitations are brought to mind once, two days before their end', async (t) => {
  const place = await found(olga)
  const age = (sent: Sent, days: number, left: string) =>
    sql(`update invitations set sent_at = now() - make_interval(days => $2), expires_at = now() + $3::interval where id = $1`, [
      parseId('invitation', sent.id),
      days,
      left
    ])
  const make = async (name: string, days: number, left: string, offer = {}) => {
    const sent = await invited(place, `${name}@remind.example`, offer)
    await world.mails()
    await age(sent, days, left)
    return sent
  }
  await make('early', 4, '2 days 1 minute')
  const due = await make('due', 5, '2 days -1 minute', { message: 'Hello' })
  await make('short', 0, '1 day 23 hours')
  await make('over', 7, '-1 second')
  const answered = await make('answered', 5, '1 day')
  await ok(world.post('/v1/invitations/decline', { token: await mailed('answered@remind.example') }))
  const revokedOne = await make('revoked', 5, '1 day')
  const silenced = await make('silenced', 5, '1 day')
  const token = /ghn_[\w-]{49}/.exec((await world.mails('silenced@remind.example')).at(-1)!.text)![0]
  await ok(world.post('/v1/invitation-preferences', { token, doNotInvite: true }))
  await world.mails()
  const before = world.sent.length
  const [one, two] = await Promise.all([remindInvitees(world.parts), remindInvitees(world.parts)])
  t.equal(one! + two!, 3, 'each once, by whichever worker')
  await ok(revoke(revokedOne, olga))
  await world.mails()
  t.strictSame(
    world.sent.slice(before).map(({ to }) => to),
    ['due@remind.example'],
    'nobody who answered, was revoked, or is silent'
  )
  const mail = world.sent.at(-1)!
  t.match(mail.text, /2 days/)
  t.match(mail.text, await mailed('due@remind.example'), 'the link stays good')
  t.ok(mail.headers!['List-Unsubscribe'])
  t.equal(await remindInvitees(world.parts), 0, 'once')
  t.equal((await lookup(await mailed('due@remind.example'))).statusCode, 200)
  await ok(resend(due, olga))
  await world.mails()
  await age(due, 5, '1 day')
  t.equal(await remindInvitees(world.parts), 1, 'sent again, it may be brought to mind again')
  t.match(await see(silenced, olga), { status: 'pending' })
  t.match(await see(answered, olga), { status: 'declined' })
})
