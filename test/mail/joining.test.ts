import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { newId, parseId } from '../../src/http/ids.ts'
import { mailedToken, preferenceToken } from '../../src/invitations/invitation-tokens.ts'
import { deliverMail, recoverMails } from '../../src/mail/deliver.ts'
import { type Message, smtpMailer } from '../../src/mail/mailer.ts'
import { type MailRequest, requestMail } from '../../src/mail/outbox.ts'
import { inForce } from '../support/enforcement.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { mailServer } from '../support/process.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t, { env: { APP_URL: 'https://app.guildhall.test' } })
const { parts, config, sql } = world
const { found, join, team } = organizations(world)
const uuid = (person: Person): string => parseId('account', person.accountId)!

const [olga, ada, hana, max, sam] = [
  await world.person('Olga'),
  await world.person('Ada'),
  await world.person('Hana'),
  await world.person('Max'),
  await world.person('Sam')
]
const company: Place = await found(olga)
const companyId = parseId('company', company.id)!
const designId = await team(company, 'Design')
await join(company, ada, [{ role: 'admin' }])
await join(company, hana, [{ role: 'hiring_manager' }])
await join(company, max, [{ role: 'member' }])
await sql(
  `insert into custom_roles (organization_id, key, name, description, permissions) values ($1, 'ghost_writer', 'Ghost writer', '', '{}')`,
  [companyId]
)
const homepage = `https://app.guildhall.test/organizations/${company.id}`

interface Invitation {
  id: string
  tokenId: string
  email: string
}

/** An invitation by Hana, as it is written; `changes` are columns. */
async function invite(changes: Record<string, unknown> = {}): Promise<Invitation> {
  const [id, tokenId] = [newId(), newId()]
  const email = `Nora.${id}@invited.example`
  const row: Record<string, unknown> = {
    id,
    organization_id: companyId,
    kind: 'company',
    email,
    canonical: email.toLowerCase(),
    canonical_version: 1,
    grants: '[{"role": "recruiter", "teamId": null}]',
    locale: 'en',
    inviter_account_id: uuid(hana),
    token_id: tokenId,
    key_id: config.keys.currentId,
    mailed_token_hash: randomBytes(32),
    copied_token_hash: randomBytes(32),
    preference_token_hash: randomBytes(32),
    days: 7,
    expires_at: new Date(Date.now() + 7 * 86_400_000),
    ...changes
  }
  const values = Object.keys(row).map((_, index) => `$${index + 1}`)
  await sql(`insert into invitations (${Object.keys(row).join(', ')}) values (${values.join(', ')})`, Object.values(row))
  return { id, tokenId, email }
}

const ask = (request: MailRequest): Promise<string> => parts.db.transaction((tx) => requestMail(tx, request))

/** The mail that a request becomes now, if any. */
async function mailFor(request: MailRequest): Promise<Message | undefined> {
  const before = world.sent.length
  const outcome = await deliverMail(parts, world.mailer, await ask(request))
  if (outcome === 'skipped') return undefined
  if (outcome !== 'sent' || world.sent.length !== before + 1) throw new Error(outcome)
  return world.sent.at(-1)
}

const inviteMail = ({ id, tokenId }: Invitation, kind: 'invitation' | 'invitation_reminder' = 'invitation') =>
  mailFor({ kind, invitationId: id, tokenId })

t.test('N-2 N-4: the mail of an invitation has its roles, its message, its language and a token that only it has', async (t) => {
  const grants = [
    { role: 'hiring_manager', teamId: parseId('team', designId) },
    { role: 'ghost_writer', teamId: null }
  ]
  const invitation = await invite({ grants: JSON.stringify(grants), message: 'Come!\nHana', days: 9 })
  const mail = (await inviteMail(invitation))!
  const source = { invitationId: invitation.id, tokenId: invitation.tokenId, keyId: config.keys.currentId }
  const preference = preferenceToken(config.keys, source)
  t.equal(mail.to, invitation.email, 'as it was typed')
  t.match(mail.text, 'Hana Okafor invites you to join the company olga example. com Ltd on Guildhall.')
  t.match(mail.text, 'Your roles: Hiring manager in Design and Ghost writer\n')
  t.match(mail.text, '> Come!\n> Hana\n')
  t.match(mail.text, 'open for 9 days')
  t.match(mail.text, `\nhttps://app.guildhall.test/invitation#token=${mailedToken(config.keys, source)}\n`)
  t.match(mail.text, `\nhttps://app.guildhall.test/do-not-invite#token=${preference}\n`)
  t.strictSame(mail.headers, {
    'List-Unsubscribe': `<http://guildhall.test/v1/invitation-preferences/one-click?token=${preference}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click'
  })

  t.match(await inviteMail(await invite({ locale: 'de' })), { subject: 'Sie sind zur Zusammenarbeit auf Guildhall eingeladen' })
  await sql(`update accounts set locale = 'de' where id = $1`, [uuid(sam)])
  const known = await inviteMail(await invite({ email: sam.email, canonical: sam.email }))
  t.match(known, { subject: 'You are invited to work together on Guildhall', text: /^Hello,\n/ }, 'nothing of the account behind it shows')
})

t.test('N-4 N-8: what is over, was sent again or is not wanted is not mailed', async (t) => {
  const ended = { status: 'revoked', ended_at: new Date() }
  const cases: Record<string, Invitation> = {
    revoked: await invite(ended),
    expired: await invite({ expires_at: new Date(Date.now() - 1000) }),
    'sent again': { ...(await invite()), tokenId: newId() }
  }
  for (const kind of ['invitation', 'invitation_reminder'] as const)
    for (const [name, invitation] of Object.entries(cases)) t.equal(await inviteMail(invitation, kind), undefined, `${kind} ${name}`)

  const whoCannot: Array<[string, unknown[]]> = [
    ['accounts', [uuid(hana)]],
    ['organizations', [companyId]]
  ]
  for (const [table, id] of whoCannot) {
    await sql(`update ${table} set ${inForce('suspended')} where id = $1`, id)
    t.equal(await inviteMail(await invite()), undefined, `${table} suspended`)
    await sql(`update ${table} set ${inForce('none')} where id = $1`, id)
  }
  t.ok(await inviteMail(await invite()), 'and is again once they can')
})

t.test('N-8 200: the one click of a mail program silences the address for every invitation, and no other', async (t) => {
  const invitation = await invite()
  const { headers } = (await inviteMail(invitation))!
  const token = /token=(ghn_[\w-]+)>/.exec(headers!['List-Unsubscribe']!)![1]!
  await sql(`update invitations set preference_token_hash = sha256($2::bytea) where id = $1`, [invitation.id, Buffer.from(token)])
  const clicked = await world.inject({
    method: 'POST',
    url: new URL(headers!['List-Unsubscribe']!.slice(1, -1)).href.replace('http://guildhall.test', ''),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: headers!['List-Unsubscribe-Post']!
  })
  t.equal(clicked.statusCode, 200, clicked.body)
  t.equal(await inviteMail(invitation), undefined)
  t.equal(await inviteMail(invitation, 'invitation_reminder'), undefined)
  t.ok(await inviteMail(await invite()))
})

t.test('N-9: a reminder says how many days are left, at least one', async (t) => {
  for (const [hours, days] of [
    [71, '3 days'],
    [47, '2 days'],
    [30, '1 day'],
    [3, '1 day']
  ] as const) {
    const invitation = await invite({ expires_at: new Date(Date.now() + hours * 3_600_000) })
    t.match((await inviteMail(invitation, 'invitation_reminder'))!.text, `The invitation ends in ${days}.`)
  }
})

t.test('N-9: the inviter is told of the answer, while they are a member', async (t) => {
  const accepted = await invite({ status: 'accepted', ended_at: new Date(), accepted_by_account_id: uuid(sam) })
  const declined = await invite({ status: 'declined', ended_at: new Date() })
  const pending = await invite()
  const told = (kind: 'invitation_accepted' | 'invitation_declined', { id }: Invitation) => mailFor({ kind, invitationId: id })
  t.match(await told('invitation_accepted', accepted), { to: hana.email, text: /Sam Okafor accepted your invitation/ })
  t.match((await told('invitation_declined', declined))!.text.replaceAll('\u2060', ''), `Your invitation of ${declined.email} to`)
  for (const kind of ['invitation_accepted', 'invitation_declined'] as const)
    t.equal(await told(kind, pending), undefined, `${kind}, but it is not`)
  await sql(`update memberships set status = 'suspended' where organization_id = $1 and account_id = $2`, [companyId, uuid(hana)])
  t.equal(await told('invitation_accepted', accepted), undefined)
  t.equal(await told('invitation_declined', declined), undefined)
  await sql(`update memberships set status = 'active' where organization_id = $1 and account_id = $2`, [companyId, uuid(hana)])
})

/** Only who runs the company is told, and only as long as they do. */
async function toAdmins(t: Test, request: (adminAccountId: string) => MailRequest): Promise<string> {
  t.equal(await mailFor(request(uuid(max))), undefined, 'a member is told nothing')
  t.match(await mailFor(request(uuid(olga))), { to: olga.email })
  const mail = (await mailFor(request(uuid(ada))))!
  t.equal(mail.to, ada.email)
  t.match(mail.text, homepage)
  const member = [companyId, uuid(ada)]
  await sql('update memberships set status = $3 where organization_id = $1 and account_id = $2', [...member, 'suspended'])
  t.equal(await mailFor(request(uuid(ada))), undefined, 'nor is a former admin')
  await sql('update memberships set status = $3 where organization_id = $1 and account_id = $2', [...member, 'active'])
  return mail.text.replaceAll('\u2060', '')
}

t.test('N-6: admins are told that an invitation is stuck, with why and what helps', async (t) => {
  const { id, email } = await invite()
  const stuck = (why: 'inviter' | 'outdated') => (adminAccountId: string) =>
    ({ kind: 'invitation_stuck', invitationId: id, adminAccountId, why }) as const
  const text = await toAdmins(t, stuck('inviter'))
  t.match(text, `the invitation of ${email} to`)
  t.match(text, 'Hana Okafor sent')
  t.match((await mailFor(stuck('outdated')(uuid(olga))))!.text, 'a role or a team of it is no longer there')
  await sql(`update invitations set status = 'revoked', ended_at = now() where id = $1`, [id])
  t.equal(await mailFor(stuck('inviter')(uuid(olga))), undefined)
})

t.test('D-8: admins are told of every join', async (t) => {
  for (const source of ['domain', 'join_link'] as const) {
    const text = await toAdmins(t, (adminAccountId) => ({
      kind: 'member_joined',
      organizationId: companyId,
      accountId: uuid(sam),
      adminAccountId,
      source
    }))
    t.match(text, /^Sam Okafor joined /m)
  }
})

t.test('D-5: admins are told of a request to join, and whoever asked of the decision', async (t) => {
  const request = async () => {
    const id = newId()
    await sql(
      `insert into join_requests (id, organization_id, account_id, email, message, expires_at)
        values ($1, $2, $3, $4, 'It is me', now() + interval '14 days')`,
      [id, companyId, uuid(sam), sam.email]
    )
    return id
  }
  const decide = (id: string, status: 'refused' | 'approved', reason: string | null) =>
    sql(`update join_requests set status = $2, reason = $3, decided_by_account_id = $4, ended_at = now() where id = $1`, [
      id,
      status,
      reason,
      uuid(ada)
    ])
  const decided = (requestId: string) => mailFor({ kind: 'join_request_decided', requestId })

  const first = await request()
  const text = await toAdmins(t, (adminAccountId) => ({ kind: 'join_requested', requestId: first, adminAccountId }))
  t.match(text, `with the confirmed address ${sam.email}.`)
  t.match(text, 'within 14 days')
  t.match(text, '> It is me\n')
  t.equal(await decided(first), undefined, 'not before it is decided')
  await decide(first, 'refused', 'Unknown')
  const refused = (await decided(first))!
  t.match(refused, { to: sam.email, text: /wurde abgelehnt[\s\S]*> Unknown\n/ })
  t.notMatch(refused.text, company.id)
  t.equal(await mailFor({ kind: 'join_requested', requestId: first, adminAccountId: uuid(ada) }), undefined)

  const second = await request()
  await decide(second, 'approved', null)
  t.match((await decided(second))!.text, homepage)
})

t.test('D-1 D-8: admins are told of what happens to a domain, as long as it is so', async (t) => {
  const id = newId()
  await sql(
    `insert into domains (id, organization_id, domain, status, challenge, challenge_expires_at, affiliation_proven_at)
      values ($1, $2, 'studio.example', 'verified', 'x', now(), now())`,
    [id, companyId]
  )
  const become = (change: string) => sql(`update domains set ${change} where id = $1`, [id])
  const notice = (what: 'paused' | 'resumed' | 'lost' | 'contested') => (adminAccountId: string) =>
    ({ kind: 'domain_notice', domainId: id, adminAccountId, what }) as const
  t.match(await toAdmins(t, notice('resumed')), 'found the proof again that the domain studio.example is that of')
  for (const what of ['paused', 'lost', 'contested'] as const) t.equal(await mailFor(notice(what)(uuid(ada))), undefined, what)
  await become('paused_at = now()')
  t.match(await toAdmins(t, notice('paused')), 'We no longer find the proof')
  t.equal(await mailFor(notice('resumed')(uuid(ada))), undefined)
  await become(`status = 'lost', contest_until = '2099-07-03T21:05:00Z'`)
  t.match(await toAdmins(t, notice('lost')), 'contest this until July 3, 2099 at 21:05 UTC')
  await become(`contest_until = now() - interval '1 day'`)
  t.match((await mailFor(notice('lost')(uuid(ada))))!.text, 'can no longer be contested')
  await become(`status = 'added', contest_until = null`)
  t.match(await toAdmins(t, notice('contested')), 'contested its loss')
})

t.test('O-1 201: whom the ownership is offered to is told, as long as the offer is open', async (t) => {
  const memberId = await organizations(world).memberIdOf(company, max)
  const offer = () => world.post(`${company.url}/ownership-transfer`, { memberId }, olga.headers)
  const offered = await offer()
  t.equal(offered.statusCode, 201, offered.body)
  const mail = (await world.mails(max.email)).at(-1)!
  t.match(mail, { subject: 'You are offered the ownership of an organization', text: /Olga Okafor offers you the ownership of olga/ })
  t.match(mail.text, 'open for 7 days')
  t.match(mail.text, homepage)
  const [transfer] = await sql<{ id: string }>('select id from ownership_transfers')
  await sql(`update ownership_transfers set expires_at = now() - interval '1 second'`)
  t.equal(await mailFor({ kind: 'ownership_offered', transferId: transfer!.id }), undefined)
})

t.test(
  'N-3: over SMTP, with the mail server down for more than ten minutes, every invitation arrives once, as the same mail',
  async (t) => {
    const server = await mailServer(t)
    const mailer = smtpMailer({ url: server.url, from: config.MAIL_FROM })
    t.teardown(() => mailer.close())
    const invitations = await Promise.all(Array.from({ length: 5 }, () => invite()))
    const ids = await Promise.all(invitations.map(({ id, tokenId }) => ask({ kind: 'invitation', invitationId: id, tokenId })))
    await server.stop()
    let waited = 0
    while (waited < 600) {
      const outcomes = await Promise.all(ids.map((id) => deliverMail(parts, mailer, id)))
      t.strictSame([...new Set(outcomes)], ['retrying'])
      const [next] = await sql<{ pause: number }>(
        `select min(extract(epoch from run_at - now()))::float8 as pause from graphile_worker.jobs where key = any($1)`,
        [ids.map((id) => `mail:${id}`)]
      )
      waited += next!.pause
    }
    await server.start()
    const outcomes = await Promise.all(ids.map((id) => deliverMail(parts, mailer, id)))
    t.strictSame([...new Set(outcomes)], ['sent'])
    t.strictSame(server.mails.map(({ messageId }) => messageId).sort(), ids.map((id) => `<${id}@guildhall.test>`).sort())
    t.strictSame(server.mails.map(({ to }) => to![0]!.address).sort(), invitations.map(({ email }) => email).sort())
    for (const { headers, to } of server.mails) {
      const { id } = invitations.find(({ email }) => email === to![0]!.address)!
      const token = preferenceToken(config.keys, { invitationId: id, keyId: config.keys.currentId })
      const header = (name: string) => headers.filter(({ key }) => key === name).map(({ value }) => value)
      t.strictSame(header('list-unsubscribe'), [`<http://guildhall.test/v1/invitation-preferences/one-click?token=${token}>`])
      t.strictSame(header('list-unsubscribe-post'), ['List-Unsubscribe=One-Click'])
      t.strictSame(header('auto-submitted'), ['auto-generated'])
    }
  }
)

t.test(
  'N-3: a service killed between commit and sending, or before it noted that it sent, loses no mail and sends none three times',
  async (t) => {
    const invitation = await invite()
    const id = await ask({ kind: 'invitation', invitationId: invitation.id, tokenId: invitation.tokenId })
    const arrived: Message[] = []
    const dying = { send: (mail: Message) => new Promise<void>(() => arrived.push(mail)), close: async () => {} }
    const lose = () => sql('delete from graphile_worker._private_jobs where key = $1', [`mail:${id}`])
    await lose()
    await sql(`update outbox set created_at = now() - interval '1 hour' where id = $1`, [id])
    t.equal(await recoverMails(parts), 1, 'nobody had it in hand')
    void deliverMail(parts, dying, id)
    while (arrived.length === 0) await new Promise(setImmediate)
    await lose()
    await sql(`update outbox set leased_until = now() - interval '1 second' where id = $1`, [id])
    t.equal(await recoverMails(parts), 1, 'whoever had it in hand is gone')
    t.equal(await deliverMail(parts, world.mailer, id), 'sent')
    arrived.push(world.sent.at(-1)!)
    t.strictSame(arrived[0], arrived[1], 'with the same Message-ID and the same token')
    t.equal(await recoverMails(parts), 0)
    t.equal(await deliverMail(parts, world.mailer, id), 'done before')
  }
)
