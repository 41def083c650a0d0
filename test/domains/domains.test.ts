import { type SQL, sql } from 'drizzle-orm'
import t from 'tap'
import { rows } from '../../src/db/database.ts'
import { dnsResolver } from '../../src/domains/dns.ts'
import { countMatching } from '../../src/domains/matching.ts'
import { requireClaimable } from '../../src/domains/public-domains.ts'
import { isRoleAddress } from '../../src/domains/role-addresses.ts'
import { parseId } from '../../src/http/ids.ts'
import { dnsServer } from '../support/dns.ts'
import { companyDomains, type DomainAnswer } from '../support/domains.ts'
import { inForce } from '../support/enforcement.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const dns = await dnsServer(t)
const world = await openWorld(t, {
  env: {
    DNS_SERVERS: dns.address,
    DOMAINS_PER_COMPANY: '30',
    BLOCKED_DOMAINS: 'Blocked.example, müsli.example, edu',
    APP_URL: 'https://app.guildhall-front.example',
    MAIL_FROM: 'Guildhall <no-reply@guildhall-mail.example>'
  }
})
const { send, ok, found, join, team, tagOf } = organizations(world)
const { url, add, added, verify, contest, get, set, publish, proven, alter, notices } = companyDomains(world, dns)

const person = (name: string, email = `${name.toLowerCase()}@acme.example`): Promise<Person> => world.person(name, { email })
const olga = await person('Olga')
const ada = await person('Ada', 'ada@studio.example')
const tess = await person('Tess', 'tess@team.example')
const remy = await person('Remy', 'remy@recruit.example')
const sam = await person('Sam', 'sam@rival.example')
const acme = await found(olga)
const maps = await team(acme, 'Maps')
await join(acme, ada, [{ role: 'admin' }])
await join(acme, tess, [{ role: 'admin', teamId: maps }])
await join(acme, remy, [{ role: 'recruiter' }])
const rival = await found(sam)

const uuid = (id: string) => parseId('domain', id)!
const rowsOf = (place: Place) => world.sql('select * from domains where organization_id = $1 order by id', [parseId('company', place.id)])
const told = (id: string) =>
  world.sql<{ action: string; actor_kind: string; detail: { before: object | null; after: object | null } }>(
    'select action, actor_kind, detail from audit_events where resource = $1 order by sequence',
    [id]
  )
const unknown = 'domain_01k2v6d7f9h1kmx3p5r7t9w1y3'

t.test('D-1 D-3 201: owner and admins add a domain; it is not proven, and reserves nothing', async (t) => {
  const made = await add(acme, 'Acme.Example')
  t.strictSame([made.statusCode, made.headers.etag], [201, '"1"'])
  const { id, challenge, ...rest } = made.json() as DomainAnswer
  t.strictSame(rest, {
    domain: 'acme.example',
    status: 'added',
    mode: 'off',
    defaultRole: 'recruiter',
    teams: [],
    proofs: { affiliation: null, ownership: null },
    paused: false,
    heldUntil: null,
    contestUntil: null
  })
  t.equal(challenge.recordName, '_guildhall-challenge.acme.example')
  t.match(challenge.recordValue, /^guildhall-domain-verification=[\w-]{43}$/)
  t.equal(Math.round((Date.parse(challenge.expiresAt!) - Date.now()) / 86_400_000), 7)
  t.match(await told(id), [
    { action: 'domain.added', actor_kind: 'account', detail: { before: null, after: { status: 'added', mode: 'off' } } }
  ])
  t.strictSame((await send('GET', url(acme, id), ada)).json(), made.json())

  const again = await add(acme, 'ACME.example', ada)
  t.strictSame([again.statusCode, again.headers.etag, again.json()], [200, '"1"', made.json()], 'again: the same')
  await alter(id, "challenge_expires_at = now() - interval '1 second'")
  refused(t, await verify(acme, id, 'dns'), 409, 'domain_not_proven', 'the value has expired')
  const renewed = await add(acme, 'acme.example')
  t.strictSame([renewed.statusCode, renewed.headers.etag, renewed.json().id], [200, '"2"', id])
  t.not(renewed.json().challenge.recordValue, challenge.recordValue, 'with a new value')
  t.ok(Date.parse(renewed.json().challenge.expiresAt) > Date.now())

  const theirs = await add(rival, 'acme.example')
  t.equal(theirs.statusCode, 201, 'another company may claim it as well')
  t.not(theirs.json().challenge.recordValue, renewed.json().challenge.recordValue)
})

t.test('D-1 401 403 404 400: for domain.manage in the whole company, and a form', async (t) => {
  const { id } = await added(acme, 'forms.example')
  const before = await rowsOf(acme)
  const calls = [
    ['POST', `${acme.url}/domains`, { domain: 'mine.example' }],
    ['GET', `${acme.url}/domains`, undefined],
    ['GET', url(acme, id), undefined],
    ['PATCH', url(acme, id), { mode: 'off' }],
    ['DELETE', url(acme, id), undefined],
    ['POST', url(acme, id, '/verify'), { proof: 'affiliation' }],
    ['POST', url(acme, id, '/contest'), {}]
  ] as const
  for (const [method, path, payload] of calls) {
    const call = (headers: object) =>
      world.inject({ method, url: path, headers: { ...headers, 'if-match': '"1"' }, ...(payload ? { payload } : {}) })
    refused(t, await call({}), 401, 'not_signed_in', `${method} ${path}`)
    for (const by of [tess, remy]) {
      const answer = await call(by.headers)
      refused(t, answer, 403, 'access_denied', `${method} ${path} by ${by.email}`)
      t.strictSame(answer.json().missingPermissions, ['domain.manage'])
    }
    refused(t, await call(sam.headers), 404, 'not_found', `${method} ${path} by a stranger`)
  }
  for (const body of [{}, { domain: '' }, { domain: 7 }, { domain: 'x'.repeat(255) }, { domain: 'a.example', mode: 'off' }])
    refused(t, await send('POST', `${acme.url}/domains`, olga, body), 400, 'invalid_input', JSON.stringify(body))
  for (const body of [{}, { proof: 'email' }, { proof: 'dns', force: true }])
    refused(t, await send('POST', url(acme, id, '/verify'), olga, body), 400, 'invalid_input', JSON.stringify(body))
  for (const there of [unknown, acme.id, 'x', (await added(rival, 'elsewhere.example')).id]) {
    refused(t, await send('GET', url(acme, there), olga), 404, 'not_found', there)
    refused(t, await verify(acme, there, 'dns'), 404, 'not_found', there)
    refused(t, await contest(acme, there), 404, 'not_found', there)
    refused(t, await send('DELETE', url(acme, there), olga), 404, 'not_found', there)
  }
  t.strictSame(await rowsOf(acme), before)
})

t.test('D-2 422: domains of mail providers, throw-away addresses, suffixes, the service itself, and what is no domain', async (t) => {
  const before = await rowsOf(acme)
  const names = [
    ...['gmail.com', 'GMail.com', 'mail.gmail.com', 'gmx.de', 'yahoo.co.uk', 'mailinator.com', 'x.mailinator.com', 'müll.email'],
    ...['com', 'co.uk', 'com.ar', 'foo.ck', 'github.io', 'bob.github.io', 'a.bob.github.io', 'blogspot.com', 'xn--55qx5d.cn'],
    ...['guildhall.test', 'www.guildhall.test', 'app.guildhall-front.example', 'guildhall-mail.example', 'x.guildhall-mail.example'],
    ...['blocked.example', 'BLOCKED.example', 'x.blocked.example', 'müsli.example', 'xn--msli-0ra.example', 'harvard.edu'],
    ...[
      'localhost',
      'acme',
      '127.0.0.1',
      '[127.0.0.1]',
      '[IPv6:::1]',
      '1.2.3',
      '0x7f.1',
      '.acme.example',
      'acme..example',
      'acme.example.'
    ],
    ...[
      'a@acme.example',
      'https://acme.example',
      'acme.example/x',
      '*.acme.example',
      '_dmarc.acme.example',
      'ac me.example',
      ' acme.example'
    ],
    ...['-acme.example', 'acme-.example', `${'a'.repeat(64)}.example`, 'xn--a.example', 'аc\u200bme.example', 'acme\u0000.example']
  ]
  for (const name of names) refused(t, await add(acme, name), 422, 'public_email_domain', JSON.stringify(name))
  t.strictSame(await rowsOf(acme), before)
  // Providers, relays and groups that the lists in use lack.
  const more =
    'fastmail.com tutanota.com tuta.com keemail.me posteo.de riseup.net zohomail.eu zohomail.com.au gmx.ch mail.de vodafone.de chello.at ziggo.nl ' +
    'xs4all.nl bbox.fr duck.com mozmail.com simplelogin.com aleeas.com passmail.net googlegroups.com groups.io yahoo.rs hotmail.lt startmail.com ' +
    'mailfence.com anonaddy.me addymail.com alumni.harvard.edu alum.mit.edu cantab.net me.posteo.de acme.onmicrosoft.com swissonline.ch o2mail.de ' +
    'aon.at telfort.nl skynet.be sasktel.net telefonica.net comhem.se telenet.be elisanet.fi op.pl volny.cz otenet.gr cytanet.com.cy bsnl.in nifty.com'
  for (const name of more.split(' ')) t.throws(() => requireClaimable(world.config, name), { code: 'public_email_domain' }, name)
  const { id } = await added(rival, 'listed-later.example')
  await alter(id, "domain = 'fastmail.com'")
  refused(t, await verify(rival, id, 'affiliation'), 422, 'public_email_domain', 'listed since it was added')
  await ok(send('DELETE', url(rival, id), sam))
  for (const name of ['harvard.ac.example', 'fastmail-tools.com', 'zohomailer.com', 'acmeposteo.de', 'duckworks.com'])
    t.equal(requireClaimable(world.config, name), name)
  for (const name of ['acme.com.ar', 'mail.acme.co.uk', 'notgmail.com', 'unblocked.example', 'guildhall-front.example'])
    t.equal((await add(acme, name)).statusCode, 201, `${name} is a company's own`)
})

t.test('D-4 201: a domain is compared as addresses are: IDN to lower-case A-labels', async (t) => {
  const made = await add(acme, 'BÜCHER.example')
  t.strictSame([made.statusCode, made.json().domain], [201, 'xn--bcher-kva.example'])
  t.equal(made.json().challenge.recordName, '_guildhall-challenge.xn--bcher-kva.example')
  for (const same of ['xn--bcher-kva.example', 'XN--BCHER-KVA.EXAMPLE', 'bu\u0308cher.example', 'bücher。example'])
    t.strictSame((await add(acme, same)).json().id, made.json().id, same)
  t.not((await added(acme, 'www.bücher.example')).id, made.json().id, 'a subdomain is another domain')
})

t.test('D-4: which addresses others than one person may read, whatever signs and numbers stand in them', async (t) => {
  const shared = (
    'abuse admin admin1 administrator accounts.payable all alerts auto-reply billing billing.eu bounces bounces-4711-ab bounce+x ' +
    'buchhaltung careers case-4711 contact contact-us customer-service customer.care customer_support daemon devnull do-not-reply ' +
    'do_not_reply donotreply dont-reply everyone feedback finance ftp hello help help.desk helpdesk helpdesk.de hi hostmaster hr ' +
    'hr-team hr2 incoming incoming+x info info-de info.berlin berlin-info info24 infode info_2 inbox invoices issues issues+4711 it ' +
    'it-support it_team itsupport jobs jobs.berlin kontakt kunden-service legal list mail mailer-daemon mailer_daemon marketing news ' +
    'newsletter no-reply no.reply no_reply noreply noreply-billing noreply2 notifications office office.vienna ops orders postmaster ' +
    'press press-de privacy rechnung reply reply+x9 reply-abc root sales sales.de sales-emea sales2 security security-team service ' +
    'servicedesk service-desk services support support-de support.karl support1 support2 supportteam support_2024 sysadmin team ' +
    'team-berlin techsupport test ticket-77 ticket77 tickets tickets+id77 tickets-id77 unsubscribe webmaster web-master ann.info ' +
    'welcome www help-de uk.sales the-team +x'
  ).split(' ')
  const own = (
    'ann ann.lee anna-lena.schmidt a.b max max2 max.mustermann case.keenum cs.lewis c.s.lewis hr.mueller hr.dr.mueller steve.jobs ' +
    'maria.sales franz.list joe.root emily.post jan.bot mia.press robert.service philip.billing norman.mailer welcome.msomi ' +
    'leopold.staff infosino infante.g salesi salesi.taufa marco.testa testa tess.teamer alister alistair.hall all.bert itamar ' +
    'italo.it.alo helper helpern.k hilfiger hirose adminov newsom newman webb.s webber lister listova post.malone mail.ann mailo ' +
    'teamtera offiah o.fficer serviceman porter orderic jobst jobson pressley rootham casey 4711 12345 x1 o-brien dev.patel robota ' +
    'ida una ole.helpe infobip.k mediate kontaktis supriya supp contagia'
  ).split(' ')
  for (const name of shared) t.ok(isRoleAddress(`${name}@acme.example`), name)
  for (const name of own) t.notOk(isRoleAddress(`${name}@acme.example`), name)
})

t.test('D-1 409 429: a company claims so many domains, and tries so often', async (t) => {
  const place = await found(olga)
  await world.sql(
    `insert into domains (id, organization_id, domain, challenge, challenge_expires_at)
      select gen_random_uuid(), $1, 'n' || n || '.example', 'x', now() from generate_series(1, 29) n`,
    [parseId('company', place.id)]
  )
  t.equal((await add(place, 'n30.example')).statusCode, 201)
  refused(t, await add(place, 'n31.example'), 409, 'limit_reached')
  t.equal((await add(place, 'n30.example')).statusCode, 200, 'what is there is there')
  const { policies } = world.parts
  const { domainAdded, domainVerified } = policies
  const once = [{ amount: 1, seconds: 3600 }]
  policies.domainAdded = { ...domainAdded, rates: once }
  policies.domainVerified = { ...domainVerified, rates: once }
  const { id } = await added(rival, 'often.example')
  refused(t, await add(rival, 'often.example'), 429, 'too_many_requests')
  refused(t, await add(rival, 'gmail.com'), 422, 'public_email_domain', 'what is refused anyway is not counted')
  refused(t, await verify(rival, id, 'affiliation'), 409, 'domain_not_proven')
  for (const answer of [await verify(rival, id, 'dns'), await verify(rival, id, 'affiliation')])
    refused(t, answer, 429, 'too_many_requests')
  refused(t, await verify(rival, id, 'dns', olga), 404, 'not_found', 'a stranger uses nothing up')
  Object.assign(policies, { domainAdded, domainVerified })
})

t.test('D-1 D-4 200 409: affiliation is an address of who runs the company, at exactly the domain', async (t) => {
  const tries = async (domain: string) => verify(acme, (await added(acme, domain)).id, 'affiliation')
  const byAdmin = await tries('studio.example')
  t.match([byAdmin.statusCode, byAdmin.json()], [200, { status: 'verified', mode: 'off', proofs: { affiliation: /Z$/, ownership: null } }])
  t.match((await told(byAdmin.json().id)).slice(1), [
    { action: 'domain.verified', detail: { before: { status: 'added' }, after: { status: 'verified', affiliation: true } } }
  ])
  t.equal((await verify(acme, byAdmin.json().id, 'affiliation', ada)).statusCode, 200, 'again')

  for (const [domain, why] of [
    ['team.example', 'an admin of a team'],
    ['recruit.example', 'a recruiter'],
    ['rival.example', "somebody else's"],
    ['www.acme.example', 'the parent domain is another one']
  ] as const)
    refused(t, await tries(domain), 409, 'domain_not_proven', why)

  const shared = await person('Ines', 'support+4711@shared.example')
  const memberId = await join(acme, shared, [{ role: 'admin' }])
  refused(t, await tries('shared.example'), 409, 'domain_not_proven', 'an address that others read too')
  await ok(send('POST', '/v1/me/emails', shared, { email: 'ines@shared.example' }))
  refused(t, await tries('shared.example'), 409, 'domain_not_proven', 'an address that is not proven')
  const token = await world.mailedToken('ines@shared.example', 'gha')
  await ok(send('POST', '/v1/me/emails/ines@shared.example/verify', shared, { token }))
  await ok(send('POST', `${acme.url}/members/${memberId}/suspension`, olga, {}))
  refused(t, await tries('shared.example'), 409, 'domain_not_proven', 'a suspended membership')
  await ok(send('DELETE', `${acme.url}/members/${memberId}/suspension`, olga))
  t.equal((await tries('shared.example')).statusCode, 200)
})

t.test('D-1 200: a DNS record at the dedicated label proves ownership, in whatever way it is written', async (t) => {
  const cases: Array<[string, (value: string) => Array<string | string[]>]> = [
    ['alone', (value) => [value]],
    ['among others', (value) => ['v=spf1 -all', 'guildhall-domain-verification=another', value]],
    ['in chunks', (value) => [[value.slice(0, 10), value.slice(10, 40), value.slice(40)]]],
    ['truncated', (value) => [...Array.from({ length: 20 }, (_, n) => `${n}${'x'.repeat(200)}`), value]]
  ]
  for (const [name, records] of cases) {
    const claim = await added(acme, `${name.replaceAll(' ', '-')}.example`)
    dns.zone.set(claim.challenge.recordName, records(claim.challenge.recordValue))
    if (name === 'truncated') dns.truncated.add(claim.challenge.recordName)
    const answer = await verify(acme, claim.id, 'dns', ada)
    t.match([answer.statusCode, answer.json()], [200, { status: 'verified', proofs: { affiliation: null, ownership: /Z$/ } }], name)
    t.equal(answer.json().challenge.expiresAt, null, 'the record has to stay')
    await alter(claim.id, "challenge_expires_at = now() - interval '1 second'")
    t.strictSame((await added(acme, claim.domain)).challenge, answer.json().challenge, 'so its value stays as well')
    t.equal((await verify(acme, claim.id, 'dns')).statusCode, 200, 'and can be looked at again')
  }
})

t.test('D-1 409: without the record, or with another value, nothing is proven, and the answer says what was looked for', async (t) => {
  const claim = await added(acme, 'nothing.example')
  const { recordName, recordValue } = claim.challenge
  const before = await rowsOf(acme)
  const cases: Array<[string, string, Array<string | string[]> | 'nodata' | undefined]> = [
    ['no such name', 'There is no TXT record there', undefined],
    ['no such record', 'There is no TXT record there', 'nodata'],
    ['another value', 'exactly that', [recordValue.slice(0, -1)]],
    ['more than the value', 'exactly that', [`${recordValue} `, `x${recordValue}`, `"${recordValue}"`]],
    ['in two records', 'exactly that', [recordValue.slice(0, 40), recordValue.slice(40)]],
    ['another case', 'exactly that', [recordValue.toUpperCase()]]
  ]
  for (const [name, says, records] of cases) {
    if (records === undefined) dns.zone.delete(recordName)
    else dns.zone.set(recordName, records)
    const answer = await verify(acme, claim.id, 'dns')
    refused(t, answer, 409, 'domain_not_proven', name)
    t.ok(answer.json().detail.includes(recordName) && answer.json().detail.includes(says), `${name}: ${answer.json().detail}`)
  }
  dns.zone.delete(recordName)
  dns.zone.set('nothing.example', [recordValue])
  refused(t, await verify(acme, claim.id, 'dns'), 409, 'domain_not_proven', 'elsewhere than at the label')
  const theirs = await added(rival, 'nothing.example')
  publish(theirs)
  refused(t, await verify(acme, claim.id, 'dns'), 409, 'domain_not_proven', "another company's value")
  t.strictSame(await rowsOf(acme), before)
})

t.test('D-1 503: a DNS that does not answer is never taken for a missing record', async (t) => {
  const claim = await added(acme, 'broken.example')
  const { recordName, recordValue } = claim.challenge
  const before = await rowsOf(acme)
  const usual = world.parts.dns
  world.parts.dns = dnsResolver({ servers: [dns.address], timeoutMs: 250, deadlineMs: 700 })
  for (const how of ['servfail', 'refused', 'silent'] as const) {
    dns.zone.set(recordName, how)
    refused(t, await verify(acme, claim.id, 'dns'), 503, 'dns_unavailable', how)
    t.ok(dns.asked.includes(recordName))
  }
  const started = performance.now()
  world.parts.dns = dnsResolver({ servers: [dns.address], timeoutMs: 60_000, deadlineMs: 100 })
  refused(t, await verify(acme, claim.id, 'dns'), 503, 'dns_unavailable', 'silent')
  t.ok(performance.now() - started < 5000, 'given up in time')
  world.parts.dns = dnsResolver({ servers: ['127.0.0.1:1'], timeoutMs: 250, deadlineMs: 700 })
  refused(t, await verify(acme, claim.id, 'dns'), 503, 'dns_unavailable', 'nobody listens')
  world.parts.dns = usual
  t.strictSame(await rowsOf(acme), before)
  dns.zone.set(recordName, [recordValue])
  t.equal((await verify(acme, claim.id, 'dns')).statusCode, 200, 'nothing is lost by it')
})

t.test('D-1 D-3: affiliation takes a domain from nobody, DNS from whoever has no record; the former holder is told', async (t) => {
  const [ours, theirs] = [
    await proven(acme, 'acme.example', 'affiliation', { mode: 'suggest', defaultRole: 'hiring_manager' }),
    await added(rival, 'acme.example')
  ]
  await join(rival, olga, [{ role: 'admin' }])
  refused(t, await verify(rival, theirs.id, 'affiliation'), 409, 'domain_taken', 'Olga runs both')
  await ok(send('DELETE', `${rival.url}/members/${await memberOf(rival, olga)}`, sam))
  refused(t, await verify(rival, theirs.id, 'affiliation'), 409, 'domain_not_proven', 'who does not belong to it is not told whose it is')
  refused(t, await contest(rival, theirs.id), 409, 'domain_not_contestable')
  refused(t, await verify(rival, theirs.id, 'dns'), 409, 'domain_not_proven')
  t.strictSame(await get(acme, ours.id), ours)
  t.strictSame(await notices(), [])

  publish(theirs)
  const taken = (await ok(verify(rival, theirs.id, 'dns'))).json() as DomainAnswer
  t.match(taken, { status: 'verified', mode: 'off', proofs: { affiliation: null, ownership: /Z$/ }, contestUntil: null })
  t.equal(Math.round((Date.parse(taken.heldUntil!) - Date.now()) / 86_400_000), 7, 'seven days to contest')
  const lost = await get(acme, ours.id)
  t.match(lost, {
    status: 'lost',
    mode: 'off',
    defaultRole: 'hiring_manager',
    proofs: { affiliation: null, ownership: null },
    heldUntil: null
  })
  t.equal(lost.contestUntil, taken.heldUntil)
  t.equal(lost.challenge.expiresAt, taken.heldUntil, 'with a value that lives as long')
  t.not(lost.challenge.recordValue, ours.challenge.recordValue)
  t.strictSame(await notices(), ['lost Ada', 'lost Ines', 'lost Olga'])
  t.match((await told(ours.id)).at(-1), {
    action: 'domain.lost',
    actor_kind: 'system',
    detail: { before: { status: 'verified' }, after: { status: 'lost' } }
  })
  t.notMatch(
    JSON.stringify(await world.sql('select * from audit_events where chain_id = $1', [parseId('company', acme.id)])),
    parseId('account', sam.accountId)!
  )

  const hold = (mode: string) => set(rival, theirs.id, { mode })
  refused(t, await hold('suggest'), 409, 'domain_on_hold')
  t.equal((await hold('off')).statusCode, 200)
  refused(t, await set(acme, ours.id, { mode: 'suggest' }), 409, 'domain_not_proven')
  refused(t, await verify(acme, ours.id, 'affiliation'), 409, 'domain_taken')
  await alter(theirs.id, "held_until = now() - interval '1 second'")
  t.match((await ok(hold('suggest'))).json(), { mode: 'suggest', heldUntil: null })
})

t.test('D-1: the former holder wins the domain back by a DNS record of its own, until the time is over', async (t) => {
  const ours = await get(acme, (await added(acme, 'acme.example')).id)
  const theirs = await added(rival, 'acme.example')
  await alter(theirs.id, "mode = 'off', held_until = now() + interval '1 day'")
  const before = [await rowsOf(acme), await rowsOf(rival)]
  refused(t, await contest(acme, ours.id), 409, 'domain_not_proven', 'without the record')
  t.strictSame([await rowsOf(acme), await rowsOf(rival)], before)
  publish(ours)
  refused(t, await verify(acme, ours.id, 'dns'), 409, 'domain_taken', 'two proofs by DNS leave it with the first')
  const until = await world.sql<{ contest_until: Date }>('select contest_until from domains where id = $1', [uuid(ours.id)])
  await alter(ours.id, "contest_until = now() - interval '1 second'")
  refused(t, await contest(acme, ours.id), 409, 'domain_not_contestable', 'too late')
  await world.sql('update domains set contest_until = $2 where id = $1', [uuid(ours.id), until[0]!.contest_until])

  const back = (await ok(contest(acme, ours.id, ada))).json() as DomainAnswer
  t.match(back, { status: 'verified', mode: 'off', proofs: { affiliation: null, ownership: /Z$/ }, heldUntil: null, contestUntil: null })
  t.match(await get(rival, theirs.id), {
    status: 'added',
    mode: 'off',
    proofs: { affiliation: null, ownership: null },
    heldUntil: null,
    contestUntil: null
  })
  t.strictSame(await notices(), ['contested Sam'])
  t.match((await told(ours.id)).at(-1), { action: 'domain.regained', actor_kind: 'account' })
  t.match((await told(theirs.id)).at(-1), { action: 'domain.contested', actor_kind: 'system' })
  refused(t, await contest(acme, ours.id), 409, 'domain_not_contestable', 'once')
  refused(t, await verify(rival, theirs.id, 'dns'), 409, 'domain_taken')
})

t.test('D-1: what is lost for good begins anew; a paused proof, and that of a closed company, keep nobody out', async (t) => {
  const mine = await proven(acme, 'paused.example')
  const theirs = await added(rival, 'paused.example')
  publish(theirs)
  refused(t, await verify(rival, theirs.id, 'dns'), 409, 'domain_taken')
  await alter(mine.id, "paused_at = now(), failing_since = now() - interval '2 hours'")
  t.equal((await get(acme, mine.id)).paused, true)
  await ok(verify(rival, theirs.id, 'dns'))
  t.match(await get(acme, mine.id), { status: 'lost', paused: false })
  await alter(mine.id, "contest_until = now() - interval '1 second'")
  const anew = await add(acme, 'paused.example')
  t.match([anew.statusCode, anew.json()], [200, { id: mine.id, status: 'added', contestUntil: null }])

  const gone = await found(sam)
  await proven(gone, 'gone.example')
  const next = await added(acme, 'gone.example')
  publish(next)
  refused(t, await verify(acme, next.id, 'dns'), 409, 'domain_taken')
  await ok(send('POST', `${gone.url}/closure`, sam, {}))
  t.match((await ok(verify(acme, next.id, 'dns'))).json(), { status: 'verified' })
  await notices()

  const again = await proven(acme, 'resumed.example')
  await alter(again.id, "paused_at = now(), failing_since = now() - interval '2 hours'")
  t.match((await ok(verify(acme, again.id, 'dns'))).json(), { paused: false }, 'proving again ends a pause')
})

/** Companies that want one domain, each run by somebody with an address at it, and its claims; the first has the domain by affiliation. */
async function rivals(domain: string, names: string[]) {
  const places: Place[] = []
  const claims: DomainAnswer[] = []
  for (const name of names) {
    const place = await found(await person(name, `${name.toLowerCase()}@${domain}`))
    places.push(place)
    claims.push(await added(place, domain))
  }
  await ok(verify(places[0]!, claims[0]!.id, 'affiliation'))
  return { places: places as [Place, Place, Place], claims: claims as [DomainAnswer, DomainAnswer, DomainAnswer] }
}
const taking = (claim: DomainAnswer) => {
  dns.zone.set(claim.challenge.recordName, [claim.challenge.recordValue])
}
/** Its record is gone, and that is confirmed. */
const pause = (id: string) => alter(id, "paused_at = now(), failing_since = now() - interval '2 hours'")

t.test('D-1: a hold ends with the time to contest, not by giving the domain up and taking it again', async (t) => {
  const { places, claims } = await rivals('again.example', ['Ana', 'Ben'])
  const [one, two] = places
  taking(claims[1])
  const until = ((await ok(verify(two, claims[1].id, 'dns'))).json() as DomainAnswer).heldUntil
  for (const proof of ['dns', 'affiliation'] as const) {
    const held = await get(two, (await added(two, 'again.example')).id)
    await ok(send('DELETE', url(two, held.id), two.owner))
    const anew = await added(two, 'again.example')
    taking(anew)
    t.equal(((await ok(verify(two, anew.id, proof))).json() as DomainAnswer).heldUntil, until, proof)
    refused(t, await set(two, anew.id, { mode: 'suggest' }), 409, 'domain_on_hold', proof)
  }
  const now = await added(two, 'again.example')
  t.equal(((await ok(verify(two, now.id, 'dns'))).json() as DomainAnswer).heldUntil, until, 'proven again: neither shorter nor longer')
  taking(await get(one, claims[0].id))
  t.match((await ok(contest(one, claims[0].id))).json(), { status: 'verified', heldUntil: null })
  t.match(await get(two, now.id), { status: 'added' })
})

t.test('D-1: a third company is on hold as well while the first may contest, however it proves the domain', async (t) => {
  const { places, claims } = await rivals('third.example', ['Cleo', 'Dan', 'Eli'])
  const [one, two, three] = places
  taking(claims[1])
  const until = ((await ok(verify(two, claims[1].id, 'dns'))).json() as DomainAnswer).heldUntil
  await ok(send('DELETE', url(two, claims[1].id), two.owner))
  const third = (await ok(verify(three, claims[2].id, 'affiliation'))).json() as DomainAnswer
  t.match(third, { status: 'verified', heldUntil: until, proofs: { affiliation: /Z$/, ownership: null } })
  refused(t, await set(three, third.id, { mode: 'suggest' }), 409, 'domain_on_hold')
  taking(claims[2])
  t.equal(((await ok(verify(three, third.id, 'dns'))).json() as DomainAnswer).heldUntil, until, 'nor does a second proof end it')
  taking(await get(one, claims[0].id))
  t.match((await ok(contest(one, claims[0].id))).json(), { status: 'verified', heldUntil: null })
  t.match(await get(three, third.id), { status: 'added', heldUntil: null })
})

t.test('D-1 409: of three that lost a domain the first wins it back, and keeps it', async (t) => {
  const { places, claims } = await rivals('three.example', ['Fay', 'Gus', 'Hal'])
  const [one, two, three] = places
  taking(claims[1])
  const until = ((await ok(verify(two, claims[1].id, 'dns'))).json() as DomainAnswer).heldUntil
  await alter(claims[1].id, "held_until = held_until - interval '1 day'")
  await alter(claims[0].id, "contest_until = contest_until - interval '1 day'")
  const first = (await get(one, claims[0].id)).contestUntil
  await pause(claims[1].id)
  taking(claims[2])
  const third = (await ok(verify(three, claims[2].id, 'dns'))).json() as DomainAnswer
  t.ok(third.heldUntil! > until!, 'held as long as anybody may contest')

  taking(await get(two, claims[1].id))
  const second = (await ok(contest(two, claims[1].id))).json() as DomainAnswer
  t.match(second, { status: 'verified', heldUntil: first }, 'the second wins it back, and is on hold for the first')
  refused(t, await set(two, second.id, { mode: 'suggest' }), 409, 'domain_on_hold')
  taking(await get(three, claims[2].id))
  refused(t, await verify(three, claims[2].id, 'dns'), 409, 'domain_taken')
  refused(t, await contest(three, claims[2].id), 409, 'domain_not_contestable')

  taking(await get(one, claims[0].id))
  t.match((await ok(contest(one, claims[0].id))).json(), { status: 'verified', heldUntil: null }, 'the first has it back')
  t.match(await get(two, second.id), { status: 'added' })
})

t.test('D-1 409: who has won a domain back keeps it from those who may still contest, as long as its record is there', async (t) => {
  const { places, claims } = await rivals('kept.example', ['Ike', 'Jo', 'Kay'])
  const [one, two, three] = places
  taking(claims[1])
  await ok(verify(two, claims[1].id, 'dns'))
  await pause(claims[1].id)
  taking(claims[2])
  await ok(verify(three, claims[2].id, 'dns'))
  const mine = await get(one, claims[0].id)
  taking(mine)
  await ok(contest(one, mine.id))
  await ok(set(one, mine.id, { mode: 'suggest' }))
  for (const proof of ['dns', 'affiliation'] as const) {
    const again = (await ok(verify(one, mine.id, proof))).json()
    t.match(again, { status: 'verified', mode: 'suggest', heldUntil: null }, `proven again by ${proof}: not on hold for it`)
  }
  const theirs = await get(two, claims[1].id)
  t.ok(theirs.contestUntil! > new Date().toISOString())
  taking(theirs)
  refused(t, await contest(two, theirs.id), 409, 'domain_taken')
  t.match(await get(two, theirs.id), { status: 'lost' })

  await pause(mine.id)
  const taken = (await ok(contest(two, theirs.id))).json() as DomainAnswer
  t.match(taken, { status: 'verified', mode: 'off', heldUntil: /Z$/ }, 'else it is taken over like any other')
  t.match(await get(one, mine.id), { status: 'lost', contestUntil: taken.heldUntil })
})

t.test('D-5 D-6 200: mode, role and teams, under If-Match, each change in the audit', async (t) => {
  const { id } = await proven(acme, 'modes.example')
  const books = await team(acme, 'Books')
  const patch = (payload: object, tag?: string) =>
    world.inject({ method: 'PATCH', url: url(acme, id), headers: { ...ada.headers, ...(tag ? { 'if-match': tag } : {}) }, payload })
  const tag = await tagOf(url(acme, id), olga)
  refused(t, await patch({ mode: 'suggest' }), 428, 'version_required')
  refused(t, await patch({ mode: 'suggest' }, '"99"'), 412, 'stale_version')
  const opened = await patch({ mode: 'automatic', defaultRole: 'hiring_manager', teamIds: [books, maps] }, tag)
  t.match([opened.statusCode, opened.json()], [200, { mode: 'automatic', defaultRole: 'hiring_manager' }])
  t.strictSame(opened.json().teams, [
    { id: maps, name: 'Maps' },
    { id: books, name: 'Books' }
  ])
  t.strictSame(
    (await patch({ mode: 'automatic', teamIds: [maps, books] }, String(opened.headers.etag))).headers.etag,
    opened.headers.etag,
    'nothing new'
  )
  t.match((await told(id)).at(-1), {
    action: 'domain.updated',
    detail: { before: { mode: 'off', teams: [] }, after: { mode: 'automatic', defaultRole: 'hiring_manager', teams: [maps, books] } }
  })
  for (const mode of ['suggest', 'request', 'off']) t.equal((await ok(set(acme, id, { mode }))).json().mode, mode)
  t.strictSame((await ok(set(acme, id, { teamIds: [] }))).json().teams, [])

  for (const defaultRole of ['admin', 'finance', 'owner', 'member', 'scout'])
    refused(t, await set(acme, id, { defaultRole }), 422, 'default_role_invalid', defaultRole)
  const elsewhere = await team(rival, 'Elsewhere')
  for (const teamId of [elsewhere, acme.id, 'x', 'team_01k2v6d7f9h1kmx3p5r7t9w1y3'])
    refused(t, await set(acme, id, { teamIds: [teamId] }), 422, 'unknown_team', teamId)
  for (const body of [{ mode: 'on' }, { teamIds: [maps, maps] }, { teamIds: 'x' }, { defaultRole: 'No' }, { status: 'verified' }])
    refused(t, await set(acme, id, body), 400, 'invalid_input', JSON.stringify(body))
  await ok(set(acme, id, { mode: 'suggest', teamIds: [books] }))
  await ok(
    world.inject({
      method: 'PATCH',
      url: `${acme.url}/teams/${books}`,
      headers: { ...olga.headers, 'if-match': '"1"' },
      payload: { hidden: true }
    })
  )
  t.match(
    (await ok(set(acme, id, { mode: 'request' }))).json(),
    { teams: [{ id: books }] },
    'a team that was hidden since stays in the list'
  )
  await ok(set(acme, id, { teamIds: [] }))
  refused(t, await set(acme, id, { teamIds: [books] }), 409, 'team_hidden')
  refused(t, await set(acme, (await added(acme, 'unproven.example')).id, { mode: 'suggest' }), 409, 'domain_not_proven')
})

t.test('D-5 409: mode automatic needs the DNS record; affiliation is enough to suggest and to ask', async (t) => {
  const otto = await person('Otto', 'otto@own.example')
  const place = await found(otto)
  const { id } = await proven(place, 'own.example', 'affiliation', { mode: 'suggest' })
  for (const dryRun of ['', '?dryRun=true']) {
    const answer = await set(place, id, { mode: 'automatic' }, otto, dryRun)
    refused(t, answer, 409, 'domain_not_proven', dryRun)
    t.match(answer.json().detail, /Affiliation is enough for `suggest` and `request`.* prove by DNS/)
  }
  t.match((await ok(set(place, id, { mode: 'request' }))).json(), { mode: 'request' })
  publish(await get(place, id))
  await ok(verify(place, id, 'dns'))
  t.match((await ok(set(place, id, { mode: 'automatic' }))).json(), { mode: 'automatic' })
})

t.test('D-5 N-1 403: who lets people in must be allowed to invite them, with what they get', async (t) => {
  const { id } = await proven(acme, 'scouts.example')
  const scout = await person('Scout', 'scout@scouts-own.example')
  const key = 'scout'
  const role = (permissions: string[]) =>
    world.sql('update custom_roles set permissions = $2 where organization_id = $1 and key = $3', [
      parseId('company', acme.id),
      permissions,
      key
    ])
  await ok(send('POST', `${acme.url}/roles`, olga, { key, name: 'Scout', description: 'Looks around.', permissions: ['domain.manage'] }))
  await join(acme, scout, [{ role: key }])
  const open = (payload: object = { mode: 'suggest' }) => set(acme, id, payload, scout)
  const lacking = await open()
  refused(t, lacking, 403, 'access_denied')
  t.strictSame(lacking.json().missingPermissions, ['member.invite'])
  const recruiter = [
    'member.read',
    'team.read',
    'member.invite',
    'job.post',
    'talent.invite',
    'proposal.review',
    'chat.start',
    'conversation.add_coworker',
    'company.read'
  ]
  await role(['domain.manage', ...recruiter.filter((one) => one !== 'job.post')])
  refused(t, await open(), 403, 'role_exceeds_inviter')
  await role(['domain.manage', ...recruiter])
  refused(t, await open({ mode: 'suggest', defaultRole: 'hiring_manager' }), 403, 'role_exceeds_inviter')
  refused(t, await open({ mode: 'suggest', teamIds: [maps] }), 403, 'team_assignment_forbidden')
  t.equal((await open()).statusCode, 200)
  t.equal((await open({ mode: 'off', defaultRole: 'hiring_manager' })).statusCode, 200, 'closing lets nobody in')
  await world.sql(`update accounts set ${inForce('restricted')} where id = $1`, [parseId('account', scout.accountId)])
  refused(t, await open({ mode: 'suggest', defaultRole: 'recruiter' }), 403, 'account_restricted')
  await world.sql(`update accounts set ${inForce('none')} where id = $1`, [parseId('account', scout.accountId)])
})

t.test(
  'D-6 C-8 403: the role is judged in every team of the domain, shown or hidden, and in the default team where there is none',
  async (t) => {
    const { id } = await proven(acme, 'ceiling.example')
    const [quiet, loud] = [await team(acme, 'Quiet'), await team(acme, 'Loud')]
    const lena = await person('Lena', 'lena@ceiling-own.example')
    const custom = { key: 'opener', name: 'Opener', description: 'Opens domains.' }
    const permissions = ['domain.manage', 'member.invite', 'member.invite.assign_team', 'company.read', 'member.read', 'team.read']
    await ok(send('POST', `${acme.url}/roles`, olga, { ...custom, permissions }))
    await join(acme, lena, [{ role: 'opener' }, { role: 'hiring_manager', teamId: quiet }])
    const raised = (teamIds: string[], mode = 'suggest') => set(acme, id, { mode, defaultRole: 'hiring_manager', teamIds }, lena)
    refused(t, await raised([]), 403, 'role_exceeds_inviter', 'the default team')
    refused(t, await raised([quiet, loud]), 403, 'role_exceeds_inviter', 'another team')
    t.equal((await raised([quiet])).statusCode, 200)

    await ok(set(acme, id, { mode: 'off', teamIds: [quiet, loud] }))
    const path = `${acme.url}/teams/${loud}`
    const hide = { ...olga.headers, 'if-match': await tagOf(path, olga) }
    await ok(world.inject({ method: 'PATCH', url: path, headers: hide, payload: { hidden: true } }))
    refused(t, await set(acme, id, { mode: 'suggest' }, lena), 403, 'role_exceeds_inviter', 'a hidden team may be shown again')
  }
)

t.test('D-5 200: a dry run counts who could come, names nobody and changes nothing', async (t) => {
  const claim = await added(acme, 'crowd.example')
  const people = []
  for (const name of ['Una', 'Vic', 'Wes', 'Xia']) people.push(await person(name, `${name.toLowerCase()}@crowd.example`))
  await person('Desk', 'support@crowd.example')
  await person('Sub', 'sub@sub.crowd.example')
  const count = (payload: object) => set(acme, claim.id, payload, olga, '?dryRun=true')
  t.strictSame(
    (await ok(count({ defaultRole: 'hiring_manager' }))).json(),
    { dryRun: true, matching: 0 },
    'not before the domain is proven'
  )
  refused(t, await count({ mode: 'suggest' }), 409, 'domain_not_proven')
  publish(claim)
  await ok(verify(acme, claim.id, 'dns'))
  const before = await rowsOf(acme)
  t.strictSame((await ok(count({ mode: 'automatic' }))).json(), { dryRun: true, matching: 4 })
  await join(acme, people[0]!)
  const removed = await join(acme, people[1]!)
  await ok(send('DELETE', `${acme.url}/members/${removed}`, olga))
  t.strictSame((await ok(count({ mode: 'automatic' }))).json().matching, 2, 'neither members nor whom the company removed')
  t.strictSame(await rowsOf(acme), before)
  await ok(set(acme, claim.id, { mode: 'automatic' }))
  t.equal(
    (await ok(send('GET', `${acme.url}/members?source=domain`, olga))).json().items.length,
    0,
    'D-7: existing accounts are never moved'
  )
})

t.test('D-5: whom a domain could bring is looked up by the domain, not among all addresses', async (t) => {
  let statement: SQL | undefined
  const listening = {
    execute: async (asked: SQL) => {
      statement = asked
      return { rows: [] }
    }
  }
  await countMatching(listening as never, { organizationId: parseId('company', acme.id)!, domain: 'crowd.example' })
  const plan = await world.parts.db.transaction(async (tx) => {
    await tx.execute(sql`set local enable_seqscan = off`)
    return rows(tx, sql`explain (format json) ${statement!}`)
  })
  t.match(JSON.stringify(plan), /"Index Name":"emails_by_domain".*"Index Cond":"\(split_part\(canonical/)
})

t.test('D-3 204: a domain is given up, with what was set for it, and free for others', async (t) => {
  const mine = await proven(acme, 'given.example', 'dns', { mode: 'suggest', teamIds: [maps] })
  const theirs = await added(rival, 'given.example')
  publish(theirs)
  refused(t, await verify(rival, theirs.id, 'dns'), 409, 'domain_taken')
  const answer = await send('DELETE', url(acme, mine.id), ada)
  t.strictSame([answer.statusCode, answer.body], [204, ''])
  refused(t, await send('DELETE', url(acme, mine.id), olga), 404, 'not_found')
  t.match((await told(mine.id)).at(-1), { action: 'domain.removed', detail: { before: { status: 'verified' }, after: null } })
  t.match((await ok(verify(rival, theirs.id, 'dns'))).json(), { status: 'verified', heldUntil: null }, 'nobody is there to contest')
  t.equal((await add(acme, 'given.example')).statusCode, 201)
})

t.test('Q-9 200: domains are listed in pages, oldest first', async (t) => {
  const all = (await rowsOf(acme)).length
  const seen: string[] = []
  for (let path: string | undefined = `${acme.url}/domains?limit=9`; path; ) {
    const page = await ok(send('GET', path, ada))
    const { items } = page.json() as { items: DomainAnswer[] }
    seen.push(...items.map(({ id }) => id))
    path = /<([^>]+)>/.exec(String(page.headers.link ?? ''))?.[1]
  }
  t.strictSame(seen, [...seen].sort())
  t.equal(new Set(seen).size, all)
  refused(t, await send('GET', `${acme.url}/domains?cursor=x`, ada), 400, 'malformed_cursor')
})

async function memberOf(place: Place, who: Person): Promise<string> {
  const { items } = (await ok(send('GET', `${place.url}/members`, place.owner))).json() as {
    items: Array<{ id: string; accountId: string }>
  }
  return items.find(({ accountId }) => accountId === who.accountId)!.id
}
