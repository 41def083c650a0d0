import t from 'tap'
import { verifyAudit } from '../../src/audit/verify.ts'
import { eraseDue } from '../../src/closing/erasing.ts'
import { newId, parseId } from '../../src/http/ids.ts'
import { hmac } from '../../src/keyring.ts'
import { deciding } from '../support/deciding.ts'
import { inviting } from '../support/invitations.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { columnsWith } from '../support/search.ts'
import { openWorld, type Person, registration } from '../support/world.ts'

const world = await openWorld(t, { env: { COMPANIES_PER_ACCOUNT: '1000' }, config: { ERASURE_GRACE_SECONDS: 0 } })
const { send, ok, freelance, found, join, tagOf } = organizations(world)
const { done, ban, appeal, decide, linkOf } = deciding(world)
const { invited } = inviting(world)
const [alma, bruno] = [await world.operator('alma@operators.example'), await world.operator('bruno@operators.example')]
const [olga, max] = [await world.person('Olga'), await world.person('Max')]

const uuid = ({ accountId }: Pick<Person, 'accountId'>): string => parseId('account', accountId)!
const words = ['zebulontje', 'quixworthy', 'quixmail', 'oldzeb', '491700001234', 'DE491700123']
const silent = { error: () => undefined }
const faults = async (): Promise<string[]> => (await verifyAudit(world.parts.db)).faults

/** Somebody new, with a name of their own. */
async function named(email: string, firstName: string, lastName: string): Promise<Person> {
  await ok(world.post('/v1/accounts', { ...registration, email, firstName, lastName }, { 'user-agent': `${firstName} Browser` }))
  const { account, session } = (await ok(world.post('/v1/email-verifications', { token: await world.mailedToken(email, 'ghv') }))).json()
  return {
    email,
    password: registration.password,
    accountId: account.id,
    ...session,
    headers: { authorization: `Bearer ${session.accessToken}` }
  }
}

const addEmail = async (person: Person, email: string): Promise<void> => {
  await ok(send('POST', '/v1/me/emails', person, { email }))
  await ok(send('POST', `/v1/me/emails/${email}/verify`, person, { token: await world.mailedToken(email, 'gha') }))
}

/** Goes over to another address, and gives up the one that was registered with. */
async function moved(person: Person, email: string): Promise<Person> {
  await addEmail(person, email)
  await ok(send('PUT', `/v1/me/emails/${email}/primary`, person))
  await world.mails()
  await world.sql("update mail_tokens set expires_at = now() where purpose = 'undo_email_change' and account_id = $1", [uuid(person)])
  await ok(send('DELETE', `/v1/me/emails/${person.email}`, person))
  return { ...person, email }
}

/** A life at Guildhall that leaves words wherever words can be left. */
async function life(): Promise<Person> {
  const zeb = await moved(await named('first@quixmail.example', 'Oldzeb', 'Quixworthy'), 'zeb@quixmail.example')
  await ok(
    world.inject({
      method: 'PATCH',
      url: '/v1/me',
      headers: { ...zeb.headers, 'if-match': await tagOf('/v1/me', zeb) },
      payload: { firstName: 'Zebulontje' }
    })
  )
  for (const email of ['second@quixmail.example', 'former@quixmail.example']) await addEmail(zeb, email)
  await ok(send('DELETE', '/v1/me/emails/former@quixmail.example', zeb))
  await ok(send('POST', '/v1/me/emails', zeb, { email: 'unproven@quixmail.example' }))
  await ok(send('POST', '/v1/me/totp', zeb, {}))
  await ok(send('POST', '/v1/me/profiles/freelancer', zeb, { title: 'Zebulontje draws', overview: 'By Quixworthy.' }))
  await ok(send('POST', '/v1/me/profiles/freelancer/specialised', zeb, { title: 'Quixworthy maps', overview: 'Maps.' }))
  await own(zeb)
  await among(zeb)
  await judged(zeb)
  await send('POST', '/v1/sessions', { headers: { 'user-agent': 'Zebulontje Phone' } }, { email: zeb.email, password: zeb.password })
  await ok(world.post('/v1/password-resets', { email: 'second@quixmail.example' }))
  return zeb
}

/** A company and an agency of their own. */
async function own(zeb: Person): Promise<void> {
  const details = {
    displayName: 'Quixworthy Works',
    legalName: 'Zebulontje Quixworthy GmbH',
    website: 'https://quixmail.example/',
    vatNumber: 'DE491700123'
  }
  const company = (await ok(send('POST', '/v1/companies', zeb, details))).json() as { id: string }
  const url = `/v1/companies/${company.id}`
  await world.sql("update organizations set plan = 'enterprise' where id = $1", [parseId('company', company.id)])
  await ok(send('POST', `${url}/teams`, zeb, { name: 'Team Zebulontje' }))
  await ok(
    send('POST', `${url}/roles`, zeb, {
      key: 'helper',
      name: 'Helper of Zebulontje',
      description: 'For Quixworthy.',
      permissions: ['job.post']
    })
  )
  await ok(send('POST', `${url}/domains`, zeb, { domain: 'quixmail.example' }))
  await ok(send('POST', `${url}/invitations`, zeb, { email: 'friend@quixmail.example', message: 'It is me, Zebulontje.' }))
  await ok(
    send('POST', '/v1/agencies', zeb, {
      name: 'Quixworthy & Friends',
      tagline: 'Zebulontje!',
      description: 'By Zebulontje.',
      skills: ['Quixworthy']
    })
  )
}

/** A member of companies of others, invited, asked, suspended, removed from ownership. */
async function among(zeb: Person): Promise<void> {
  const place = await found(olga)
  const memberId = await join(place, zeb, [{ role: 'admin' }])
  const maxId = await join(place, max)
  await ok(send('POST', `${place.url}/members/${memberId}/suspension`, olga, { reason: 'Zebulontje was rude.' }))
  await ok(send('DELETE', `${place.url}/members/${memberId}/suspension`, olga))
  await ok(send('POST', `${place.url}/members/${maxId}/suspension`, zeb, { reason: 'Because Quixworthy says so.' }))
  await ok(send('POST', `${place.url}/invitations`, zeb, { email: 'nora@example.com', message: 'Zebulontje invites you.' }))
  await world.sql(
    `insert into join_requests (id, organization_id, account_id, email, status, decided_by_account_id, reason, expires_at, ended_at)
      values ($1, $2, $3, 'max@example.com', 'refused', $4, 'Not while I, Zebulontje, am here.', now(), now())`,
    [newId(), parseId('company', place.id), uuid(max), uuid(zeb)]
  )
  const other = await found(max)
  await invited(other, 'zeb@quixmail.example', { message: 'Dear Zebulontje' })
  await invited(other, 'second@quixmail.example')
  await invited(await found(max), 'former@quixmail.example')
  await invited(await found(max), 'first@quixmail.example')
  await world.sql(
    `insert into join_requests (id, organization_id, account_id, email, message, expires_at) values ($1, $2, $3, 'zeb@quixmail.example', 'It is Zebulontje.', now() + interval '1 day')`,
    [newId(), parseId('company', other.id), uuid(zeb)]
  )
  const lost = await found(zeb)
  const olgaId = await join(lost, olga, [{ role: 'admin' }])
  await ok(
    send('POST', `${lost.url}/ownership-transfer/forced`, alma, {
      memberId: olgaId,
      evidence: 'Zebulontje Quixworthy called from +491700001234.'
    })
  )
  await world.sql("update organizations set name = 'Olga & Co' where id = $1", [parseId('company', lost.id)])
  await world.sql("update events set before = before - 'name', after = after - 'name' where organization_id = $1", [
    parseId('company', lost.id)
  ])
}

/** Decisions about them, with what was said. */
async function judged(zeb: Person): Promise<void> {
  const action = await done(alma, zeb.accountId, 'notice', { note: 'Zebulontje again.', remedy: 'Quixworthy has to write to us.' })
  const made = (await ok(appeal(zeb, { actionId: action.id, statement: 'I, Zebulontje Quixworthy, did nothing.' }))).json() as {
    id: string
  }
  await ok(decide(bruno, made.id, 'in_review'))
  await ok(send('POST', `/v1/appeals/${made.id}/decision`, bruno, { decision: 'denied', text: 'Zebulontje did.' }))
  const pair = [uuid(zeb), uuid(max)].sort()
  await world.sql(
    `insert into duplicate_cases (id, first_account_id, second_account_id, newer_account_id, kind, status, origin, evidence_kinds, decided_by_kind, decided_at, decision_reason)
      values ($1, $2, $3, $3, 'ordinary', 'not_duplicate', 'strong', '{phone}', 'operator', now(), 'Zebulontje is nobody else.')`,
    [newId(), ...pair]
  )
  await world.sql(
    "insert into duplicate_exceptions (first_account_id, second_account_id, operator_id, reason) values ($1, $2, $3, 'Quixworthy shares a flat.')",
    [...pair, newId()]
  )
  await world.sql(
    `insert into evidence (account_id, kind, key_id, fingerprint, claim, strong, source, verified_at) values ($1, 'phone', 'test', $2, true, true, 'verification', now())`,
    [uuid(zeb), hmac(Buffer.alloc(32), '+491700001234')]
  )
  await world.sql(
    `insert into identity_verifications (id, account_id, status, origin, requested_by_kind, defects) values ($1, $2, 'failed', 'person', 'account', '{"The document of Zebulontje is blurred."}')`,
    [newId(), uuid(zeb)]
  )
  await world.sql(
    `insert into sharing_signals (id, account_id, session_id, device, place, other_session_id, other_device, other_place)
      values ($1, $2, $1, 'Phone of Quixworthy', '192.0.2.0/24', $1, 'Zebulontje Tablet', '198.51.100.0/24')`,
    [newId(), uuid(zeb)]
  )
}

const zeb = await life()

t.test('P-16: the search of all tables finds what there is of a person', async (t) => {
  const present = await columnsWith(world, words)
  for (const column of [
    'accounts.first_name',
    'accounts.last_name',
    'appeal_messages.text',
    'audit_personal.values',
    'custom_roles.name',
    'domains.domain',
    'duplicate_cases.decision_reason',
    'duplicate_exceptions.reason',
    'emails.address',
    'enforcement_actions.note',
    'enforcement_actions.remedy',
    'events.after',
    'freelancer_profiles.title',
    'identity_verifications.defects',
    'invitations.canonical',
    'invitations.message',
    'join_requests.email',
    'join_requests.message',
    'join_requests.reason',
    'organizations.description',
    'organizations.legal_name',
    'organizations.name',
    'organizations.skills',
    'organizations.vat_number',
    'outbox.data',
    'sessions.user_agent',
    'sharing_signals.device',
    'specialised_profiles.title',
    'teams.name'
  ])
    t.ok(present.includes(column), column)
})

t.test('P-16 200: the export is one document with everything of the person, and nothing that is not theirs to see', async (t) => {
  const answer = await ok(send('GET', '/v1/me/export', zeb))
  t.equal(answer.headers['content-disposition'], 'attachment; filename="guildhall-personal-data.json"')
  t.equal(answer.headers['cache-control'], 'no-store')
  const data = answer.json()
  t.match(data, {
    schemaVersion: 1,
    account: { id: zeb.accountId, firstName: 'Zebulontje', lastName: 'Quixworthy', status: 'active', enforcement: 'notice' },
    secondFactor: null,
    freelancerProfile: { title: 'Zebulontje draws', specialised: [{ place: 1, title: 'Quixworthy maps' }] },
    sharingSignals: [{ device: 'Phone of Quixworthy', otherDevice: 'Zebulontje Tablet' }],
    identityVerifications: [{ status: 'failed', defects: ['The document of Zebulontje is blurred.'] }],
    enforcement: [{ kind: 'notice', remedy: 'Quixworthy has to write to us.' }],
    appeals: [{ status: 'denied', messages: [{ author: 'person' }, { author: 'operator', text: 'Zebulontje did.' }] }]
  })
  const of = (section: string, field: string) => (data[section] as Array<Record<string, unknown>>).map((row) => row[field]).sort()
  t.strictSame(of('emails', 'address'), ['second@quixmail.example', 'unproven@quixmail.example', 'zeb@quixmail.example'])
  t.strictSame(of('ownedOrganizations', 'name'), ['Quixworthy & Friends', 'Quixworthy Works'])
  t.strictSame(of('memberships', 'owner'), [false, false, true, true])
  t.strictSame(of('invitationsReceived', 'email'), ['second@quixmail.example', 'zeb@quixmail.example'])
  t.strictSame(of('invitationsSent', 'message'), ['It is me, Zebulontje.', 'Zebulontje invites you.'])
  t.strictSame(of('joinRequests', 'message'), ['It is Zebulontje.'])
  t.ok(of('evidence', 'kind').includes('phone') && of('evidence', 'kind').includes('email'))
  t.ok(of('sessions', 'userAgent').includes('Oldzeb Browser') || of('sessions', 'userAgent').length > 0)
  t.ok(of('history', 'action').includes('email.removed') && of('history', 'action').includes('account.exported'))
  for (const never of [
    'fingerprint',
    'Zebulontje again.',
    'is nobody else',
    'shares a flat',
    'alma@operators',
    'operator_',
    'max@example.com',
    max.accountId,
    'called from'
  ])
    t.notOk(answer.body.includes(never), `nothing of ${never}`)
})

t.test('P-16 200: what somebody left is in the export, and an address they once wrote to is masked there', async (t) => {
  const pia = await world.person('Pia')
  const place = await found(olga)
  const piaId = await join(place, pia, [{ role: 'admin' }])
  await invited(place, 'stranger@example.com', {}, pia)
  const emailOf = async () => (await ok(send('GET', '/v1/me/export', pia))).json().invitationsSent[0].email
  t.equal(await emailOf(), 'stranger@example.com')
  await ok(send('DELETE', `${place.url}/members/${piaId}`, pia))
  t.equal(await emailOf(), 's…r@example.com')
  t.match((await ok(send('GET', '/v1/me/export', pia))).json().formerMemberships, [{ id: piaId, organizationId: place.id, reason: 'left' }])
})

t.test('P-16 S-2: the banned get their export by the link of their appeal, and nobody else by it; 401, 429', async (t) => {
  const quin = await world.person('Quin')
  const link = await linkOf(quin)
  refused(t, await send('GET', '/v1/me/export', link), 401, 'not_signed_in', 'whoever can sign in does')
  await ban(alma, bruno, quin.accountId)
  refused(t, await send('GET', '/v1/me/export', quin), 401, 'not_signed_in')
  t.match((await ok(send('GET', '/v1/me/export', link))).json(), { account: { id: quin.accountId, enforcement: 'banned' } })
  refused(t, await world.inject({ method: 'GET', url: '/v1/me/export' }), 401, 'not_signed_in')
  refused(t, await world.inject({ method: 'GET', url: '/v1/me/export?all=true', headers: olga.headers }), 400, 'invalid_input')
  const strict = await openWorld(t, { env: { LIMIT_EXPORT: '2/d' } })
  const ria = await strict.person('Ria')
  const get = () => strict.inject({ method: 'GET', url: '/v1/me/export', headers: ria.headers })
  t.strictSame([(await get()).statusCode, (await get()).statusCode], [200, 200])
  refused(t, await get(), 429, 'too_many_requests')
})

t.test('P-16 202: who is erased is nowhere any more, while audit, decisions and fingerprints stay', async (t) => {
  const kept = await world.sql<{ events: number; actions: number; cases: number }>(
    `select (select count(*)::int from audit_events) as events, (select count(*)::int from enforcement_actions) as actions,
      (select count(*)::int from duplicate_cases where decided_at is not null) as cases`
  )
  const others = async () =>
    world.sql('select p.event_id from audit_personal p join audit_events e on e.id = p.event_id where e.chain_id in ($1, $2) order by 1', [
      uuid(olga),
      uuid(max)
    ])
  const before = await others()
  const asked = await send('POST', '/v1/me/anonymisation', zeb, {})
  t.equal(asked.statusCode, 202)
  t.match(asked.json(), { status: 'scheduled', dueAt: /^\d{4}/ })
  // A mail that waits with an address in it.
  await ok(world.post('/v1/password-resets', { email: 'second@quixmail.example' }))
  t.equal(await eraseDue(world.parts, silent), 1)

  t.strictSame(await columnsWith(world, words), [])
  t.strictSame(await faults(), [])
  const [now] = await world.sql<{ events: number; actions: number; cases: number }>(
    `select (select count(*)::int from audit_events) as events, (select count(*)::int from enforcement_actions) as actions,
      (select count(*)::int from duplicate_cases where decided_at is not null) as cases`
  )
  t.match(now, { actions: kept[0]!.actions, cases: kept[0]!.cases })
  t.ok(now!.events > kept[0]!.events, 'the audit only grows')
  t.strictSame(await others(), before, 'the histories of others are whole')
  const [account] = await world.sql(
    'select status, first_name as first, last_name as last, country_code as country, closed_at is not null as closed from accounts where id = $1',
    [uuid(zeb)]
  )
  t.strictSame(account, { status: 'anonymised', first: '', last: '', country: 'ZZ', closed: true })
  const rows = await world.sql<{ kind: string }>('select kind from evidence where account_id = $1 and verified_at is not null order by 1', [
    uuid(zeb)
  ])
  t.ok(rows.some(({ kind }) => kind === 'phone'))
  const events = await world.sql('select before, after from events where type = $1 and subject = $2', ['account.anonymised', zeb.accountId])
  t.strictSame(events, [{ before: { status: 'closed' }, after: { status: 'anonymised' } }])
  const [request] = await world.sql('select status, ended_at is not null as ended from anonymisations where account_id = $1', [uuid(zeb)])
  t.strictSame(request, { status: 'done', ended: true })
  t.equal(await eraseDue(world.parts, silent), 0, 'once')
})

t.test('P-16: keyed tombstones of every address, under every key; the address is free, and another account', async (t) => {
  for (const email of ['first', 'zeb', 'second', 'former'].map((name) => `${name}@quixmail.example`))
    for (const keyId of world.config.keys.ids) {
      const found = await world.sql("select from evidence where account_id = $1 and kind = 'email' and key_id = $2 and fingerprint = $3", [
        uuid(zeb),
        keyId,
        hmac(world.config.keys.derive('evidence/email', keyId), email)
      ])
      t.equal(found.length, 1, email)
    }
  t.equal(
    (await world.sql("select from evidence where account_id = $1 and kind = 'email'", [uuid(zeb)])).length,
    4 * world.config.keys.ids.length
  )
  const again = await named('zeb@quixmail.example', 'Nobody', 'Else')
  t.not(again.accountId, zeb.accountId, 'ids are never used again')
})

t.test('P-16: a ban stays whole when the banned person is erased by two operators', async (t) => {
  const eve = await named('eve@evil.example', 'Evelina', 'Badgerow')
  await freelance(eve)
  const place = await found(olga)
  await join(place, eve)
  await ban(alma, bruno, eve.accountId)
  const action = async () =>
    (
      await world.sql(
        'select kind, status, reason_code, policy, imposed_by_id, approved_by_id, ends_at from enforcement_actions where account_id = $1',
        [uuid(eve)]
      )
    )[0]
  const before = await action()
  const path = `/v1/accounts/${eve.accountId}/anonymisation`
  await ok(send('POST', path, alma, { reason: 'Evelina Badgerow asked by letter.' }))
  t.equal((await send('POST', `${path}/approval`, bruno, {})).statusCode, 204)
  t.strictSame(await columnsWith(world, ['evelina', 'badgerow', 'evil.example']), [])
  t.strictSame(await action(), before)
  const [account] = await world.sql('select a.status, a.enforcement from accounts a where a.id = $1', [uuid(eve)])
  t.strictSame(account, { status: 'anonymised', enforcement: 'banned' })
  t.equal((await world.sql('select from memberships where account_id = $1', [uuid(eve)])).length, 0)
  t.strictSame(await faults(), [])
})

t.test('P-16: others keep what is theirs: a namesake, a longer address, an address that was never proven', async (t) => {
  const ann = await named('ann@share.example', 'Ann', 'Common')
  const joann = await named('joann@share.example', 'Ann', 'Common')
  const tagged = async () => ({ ...joann.headers, 'if-match': await tagOf('/v1/me', joann) })
  await ok(world.inject({ method: 'PATCH', url: '/v1/me', headers: await tagged(), payload: { lastName: 'Commoner' } }))
  const place = await found(olga)
  await invited(place, 'joann@share.example', { message: 'For Ann Common' })
  await invited(place, 'target@share.example')
  await ok(send('POST', '/v1/me/emails', ann, { email: 'target@share.example' }))
  const personal = async () =>
    world.sql('select p.values from audit_personal p join audit_events e on e.id = p.event_id where e.chain_id in ($1, $2) order by e.id', [
      uuid(joann),
      parseId('company', place.id)
    ])
  const before = await personal()
  await ok(send('POST', '/v1/me/anonymisation', ann, {}))
  t.equal(await eraseDue(world.parts, silent), 1)
  t.strictSame(await personal(), before)
  const invitations = await world.sql<{ email: string; message: string | null }>(
    'select email, message from invitations where organization_id = $1 order by email',
    [parseId('company', place.id)]
  )
  t.strictSame(invitations, [
    { email: 'joann@share.example', message: 'For Ann Common' },
    { email: 'target@share.example', message: null }
  ])
  t.strictSame(await columnsWith(world, ['ann@share.example']), await columnsWith(world, ['joann@share.example']))
})

t.test('P-16: words about somebody else stay, whatever name a person takes before they go; those about them go', async (t) => {
  const [mal, tom] = [await named('mal@words.example', 'Mal', 'Ordinary'), await world.person('Tom')]
  const place = await found(olga)
  const [malId, tomId] = [await join(place, mal), await join(place, tom)]
  const suspend = (memberId: string, reason: string) => ok(send('POST', `${place.url}/members/${memberId}/suspension`, olga, { reason }))
  await suspend(tomId, 'Leaked invoices, says a witness.')
  await ok(send('DELETE', `${place.url}/members/${tomId}/suspension`, olga))
  await suspend(tomId, 'Wrote to mal@words.example.')
  await suspend(malId, 'Leaked invoices as well.')
  const lost = await found(mal)
  const olgaId = await join(lost, olga, [{ role: 'admin' }])
  await ok(send('POST', `${lost.url}/ownership-transfer/forced`, bruno, { memberId: olgaId, evidence: 'Leaked Invoices called us.' }))
  await ok(
    world.inject({
      method: 'PATCH',
      url: '/v1/me',
      headers: { ...mal.headers, 'if-match': await tagOf('/v1/me', mal) },
      payload: { firstName: 'Leaked', lastName: 'invoices' }
    })
  )
  await ok(send('POST', '/v1/me/anonymisation', mal, {}))
  t.equal(await eraseDue(world.parts, silent), 1)
  const left = await world.sql<{ text: string }>(
    `select p.values ->> 'reason' as text from audit_personal p join audit_events e on e.id = p.event_id
      where e.chain_kind = 'organization' and e.chain_id = any($1::uuid[]) and e.action in ('member.suspended', 'ownership.transferred')`,
    [[place, lost].map(({ id }) => parseId('company', id))]
  )
  t.strictSame(left, [{ text: 'Leaked invoices, says a witness.' }])
})
