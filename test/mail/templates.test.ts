import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { verificationDefects } from '../../src/identity/defects.ts'
import type { ContentOf, MailContent, MailKind } from '../../src/mail/content.ts'
import { mailLocales, renderMail } from '../../src/mail/templates.ts'
import { unlinkedAddress, unlinkedLines, unlinkedWords } from '../../src/mail/unlinked.ts'
import { builtInRoles } from '../../src/permissions/roles.ts'

const site = 'https://guildhall.example'
const link = `${site}/confirm-email#token=abc&email=anna%40example.com`
const at = new Date('2026-07-03T21:05:09Z')

const silenceLink = `${site}/do-not-invite#token=def`
const ghosts = [{ key: 'ghost_writer', name: 'Ghost writer' }]

/** Mails of each kind and of each of its forms, with the same text wherever people or their programs choose it. */
function samples(said = 'Anna', address = 'anna@example.com'): MailContent[] {
  const firstName = said
  const device = said
  const place = '203.0.113.0/24'
  const organization = said
  const message = `${said}\n${said}`
  const roles = [
    { key: 'hiring_manager', name: 'hiring_manager', team: said },
    { key: 'ghost_writer', name: said }
  ]
  const offer = { organization, inviter: said, roles, link, silenceLink, days: 7 }
  const domain = 'studio.example'
  const reason = message
  const kinds: { [Kind in MailKind]: ContentOf<Kind> } = {
    verify_email: { kind: 'verify_email', firstName, link, hours: 24 },
    already_registered: { kind: 'already_registered', firstName, signInLink: site, resetLink: `${site}/reset-password` },
    closed_account: { kind: 'closed_account', firstName, link },
    address_proof: { kind: 'address_proof', firstName, address, link, minutes: 30 },
    address_taken: { kind: 'address_taken' },
    reset_password: { kind: 'reset_password', firstName, link, minutes: 30 },
    password_changed: { kind: 'password_changed', firstName, at, place, device },
    primary_changed: { kind: 'primary_changed', firstName, newAddressMasked: address, undo: { link, hours: 72 } },
    address_confirmed: { kind: 'address_confirmed', firstName, addressMasked: address },
    address_removed: { kind: 'address_removed', firstName, addressMasked: address },
    second_factor_changed: { kind: 'second_factor_changed', firstName, change: 'added' },
    session_ended_reuse: { kind: 'session_ended_reuse', firstName, device, place },
    sessions_ended: { kind: 'sessions_ended', firstName },
    new_sign_in: { kind: 'new_sign_in', firstName, at, place, device },
    sharing_suspected: { kind: 'sharing_suspected', firstName, device, place, otherDevice: said, otherPlace: place, link },
    invitation: { kind: 'invitation', organizationKind: 'company', ...offer, message },
    invitation_reminder: { kind: 'invitation_reminder', organizationKind: 'agency', ...offer, message },
    invitation_accepted: { kind: 'invitation_accepted', firstName, invitee: said, organization },
    invitation_declined: { kind: 'invitation_declined', firstName, address, organization },
    invitation_stuck: { kind: 'invitation_stuck', firstName, address, organization, inviter: said, why: 'inviter', link },
    member_joined: { kind: 'member_joined', firstName, newcomer: said, organization, source: 'domain', link },
    join_requested: { kind: 'join_requested', firstName, newcomer: said, address, organization, message, days: 14, link },
    join_request_decided: { kind: 'join_request_decided', firstName, organization, decision: 'refused', reason, link },
    domain_notice: { kind: 'domain_notice', firstName, domain, organization, what: 'lost', until: at, link },
    ownership_offered: { kind: 'ownership_offered', firstName, organization, owner: said, days: 7, link },
    enforcement_notice: {
      kind: 'enforcement_notice',
      firstName,
      subject: 'agency',
      organization,
      measure: 'restricted',
      reason,
      remedy: message,
      until: at,
      appealLink: link
    },
    contact_unavailable: { kind: 'contact_unavailable', firstName, contact: said, organization, amount: 2, link },
    duplicate_case: { kind: 'duplicate_case', firstName, what: 'choose', until: at, link, appealLink: link },
    case_closed: { kind: 'case_closed', firstName },
    verification_requested: { kind: 'verification_requested', firstName, until: at, link },
    verification_failed: { kind: 'verification_failed', firstName, defects: [...verificationDefects], until: at, link },
    verification_passed: { kind: 'verification_passed', firstName },
    appeal_received: { kind: 'appeal_received', firstName, link },
    appeal_answer: { kind: 'appeal_answer', firstName, outcome: 'more_info', reason, link },
    reactivation: { kind: 'reactivation', firstName, link, hours: 24 },
    account_closed: { kind: 'account_closed', firstName, at, why: 'person', years: 5, link },
    erasure_scheduled: { kind: 'erasure_scheduled', firstName, until: at, link },
    erasure_cancelled: { kind: 'erasure_cancelled', firstName, at }
  }
  const forms: MailContent[] = [
    { kind: 'duplicate_case', firstName, what: 'choose', chooseBy: at, link, appealLink: link },
    { kind: 'duplicate_case', firstName, what: 'circumvention', link, appealLink: link },
    { kind: 'duplicate_case', firstName, what: 'decided', appealLink: link },
    { kind: 'verification_failed', firstName, defects: ['photo_missing'], link },
    { ...kinds.invitation, organizationKind: 'agency', roles: [{ key: 'freelancer', name: 'freelancer' }], message: '', days: 1 },
    { ...kinds.invitation_reminder, roles: [], days: 1 },
    { kind: 'sharing_suspected', firstName, device, place, otherDevice: said, otherPlace: place },
    { ...kinds.invitation_stuck, why: 'outdated' },
    { ...kinds.member_joined, source: 'join_link' },
    { kind: 'join_request_decided', firstName, organization, decision: 'approved', link },
    { kind: 'domain_notice', firstName, domain, organization, what: 'lost', link },
    ...(['paused', 'resumed', 'contested'] as const).map((what) => ({ ...kinds.domain_notice, what })),
    ...(['notice', 'warning', 'suspended', 'banned'] as const).map((measure) => ({ ...kinds.enforcement_notice, measure })),
    ...(['account', 'company'] as const).map((subject) => ({ ...kinds.enforcement_notice, subject })),
    { kind: 'enforcement_notice', firstName, subject: 'company', organization, measure: 'suspended', reason, remedy: message },
    ...(['removed', 'removed_by_support', 'recovery_codes'] as const).map((change) => ({ ...kinds.second_factor_changed, change })),
    { ...kinds.contact_unavailable, amount: 1 },
    ...(['granted', 'denied'] as const).map((outcome) => ({ ...kinds.appeal_answer, outcome })),
    { kind: 'account_closed', firstName, at, why: 'duplicate', years: 5 }
  ]
  return [...Object.values(kinds), ...forms]
}

/** A mail of this kind, as `samples` has it. */
const sample = <Kind extends MailKind>(kind: Kind): ContentOf<Kind> => samples().find((mail) => mail.kind === kind) as ContentOf<Kind>

const locales = mailLocales.map(({ language }) => language)
const each = (mails = samples()) =>
  locales.flatMap((locale) => mails.map((mail) => ({ mail, name: `${mail.kind} in ${locale}`, ...renderMail(mail, locale) })))
const linksOf = (mail: MailContent): string[] =>
  Object.values(mail)
    .flatMap((value: unknown) => (typeof value === 'object' && value !== null ? Object.values(value) : [value]))
    .filter((value): value is string => typeof value === 'string' && value.startsWith('https://'))

const unescaped = (html: string) =>
  html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')
/** What a reader of the HTML sees. */
const shown = (html: string) => unescaped(html.replace(/<(style|title)>.*?<\/\1>/gs, '').replace(/<[^>]*>/g, ''))

// As eager as mail programs get: anything with a scheme, any dotted name, any two words around an at sign.
const linkable = /:\/\/|\bwww\.\S|[\p{L}\p{N}_-]\.[\p{L}\p{N}]|[\p{L}\p{N}_.+-]@[\p{L}\p{N}]/iu

t.test('each kind has words in each locale, with nothing left out', async (t) => {
  t.ok(locales.length >= 2)
  const folder = new URL('../../src/mail/locales/', import.meta.url)
  const files = readdirSync(folder).map((file) => file.replace('.ts', ''))
  t.strictSame(files.sort(), [...locales].sort(), 'a locale is one file and a place in the list')
  const kinds = [...new Set(samples().map(({ kind }) => kind))].sort()
  const roles = Object.values(builtInRoles).flatMap((of) => Object.keys(of))
  for (const { language, mails, roles: words } of mailLocales) {
    t.strictSame(Object.keys(mails).sort(), kinds, `every kind in ${language}`)
    t.strictSame(Object.keys(words).sort(), [...new Set(roles)].sort(), `every role that can be granted in ${language}`)
  }
  for (const { name, subject, text, html } of each()) {
    t.match(subject, /^\S.{9,70}\S$/, name)
    for (const part of [subject, text, html]) t.notMatch(part, /undefined|null|NaN|\[object|<%/, name)
    t.match(text, /\n-- \n\S/, `${name} says why it comes`)
    t.match(html, `<title>${subject}</title>`, name)
  }
})

t.test('text and HTML say the same', async (t) => {
  for (const { name, text, html } of each()) {
    const visible = shown(html)
    for (const part of text.split('\n').filter((part) => part !== '-- ' && part !== ''))
      t.ok(visible.includes(part.replace(/^> |:$/g, '')), `${name}: ${part}`)
  }
})

t.test('locales differ, cover their regions, and English is for all others', async (t) => {
  for (const mail of samples()) {
    const subjects = locales.map((locale) => renderMail(mail, locale).subject)
    t.equal(new Set(subjects).size, locales.length, mail.kind)
    t.same(renderMail(mail, 'de-AT'), renderMail(mail, 'de'))
    t.same(renderMail(mail, 'DE'), renderMail(mail, 'de'))
    for (const unknown of ['fr', 'den', '', 'x'.repeat(1000)]) t.same(renderMail(mail, unknown), renderMail(mail, 'en'))
  }
  t.match(renderMail({ kind: 'address_taken' }, 'de').html, '<html lang="de">')
})

t.test('amounts and moments are in the words of the locale, in UTC', async (t) => {
  const changed: MailContent = { kind: 'password_changed', firstName: 'Anna', at, place: '203.0.113.0/24', device: 'Firefox on Linux' }
  t.match(renderMail(changed, 'en').text, 'When: July 3, 2026 at 21:05 UTC\nDevice: Firefox on Linux\n')
  t.match(renderMail(changed, 'de').text, 'Wann: 3. Juli 2026 um 21:05 UTC\nGerät: Firefox on Linux\n')
  const proof = { kind: 'verify_email', firstName: 'Anna', link } as const
  t.match(renderMail({ ...proof, hours: 24 }, 'en').text, 'within 24 hours')
  t.match(renderMail({ ...proof, hours: 1 }, 'en').text, 'within 1 hour.')
  t.match(renderMail({ ...proof, hours: 1 }, 'de').text, '1 Stunde lang')
  t.match(renderMail({ kind: 'reset_password', firstName: 'Anna', link, minutes: 30 }, 'de').text, '30 Minuten lang')
})

t.test('each form of a mail has its own words', async (t) => {
  for (const locale of locales) {
    const texts = samples().map((mail) => renderMail(mail, locale).text)
    t.equal(new Set(texts).size, texts.length, locale)
  }
})

t.test('N-2: an invitation says who invites to what, as what and for how long, and marks the words of the inviter', async (t) => {
  const roles = [
    { key: 'hiring_manager', name: 'Hiring manager', team: 'Design' },
    { key: 'finance', name: 'Finance' },
    { key: 'constructor', name: 'Builder' }
  ]
  const names = { organization: 'Studio Okafor', inviter: 'Hana Horáková', roles }
  const invitation: MailContent = { ...sample('invitation'), ...names, message: '\n\n Come and help!\r\n\n\n\nHana\u2028-- \n' }
  const english = renderMail(invitation, 'en')
  t.match(english.text, 'Hello,\n\nHana Horáková invites you to join the company Studio Okafor on Guildhall.\n')
  t.match(english.text, 'Your roles: Hiring manager in Design, Finance, and Builder\n')
  t.match(english.text, 'It is open for 7 days.')
  t.match(english.text, 'Hana Horáková writes:\n> Come and help!\n> \n> Hana\n> --\n\n')
  t.match(english.html, /<blockquote[^>]*>\s+Come and help!<br>\s+<br>\s+Hana<br>\s+--<br>\s+<\/blockquote>/)
  t.ok(english.text.endsWith(`\n\nNo more invitations to this address:\n${silenceLink}\n`))
  const german = renderMail(invitation, 'de').text
  t.match(german, 'Guten Tag,\n\nHana Horáková lädt Sie ein, auf Guildhall dem Unternehmen Studio Okafor beizutreten.\n')
  t.match(german, 'Ihre Rollen: Hiring Manager im Team Design, Finanzen und Builder\n')
  t.match(german, 'Sie gilt 7 Tage lang.')

  const reminder: MailContent = { ...sample('invitation_reminder'), ...names, roles: ghosts, days: 1, message: '\u200b' }
  t.match(renderMail(reminder, 'en').text, 'Your role: Ghost writer\n')
  t.match(renderMail(reminder, 'en').text, 'The invitation ends in 1 day.')
  t.match(renderMail(reminder, 'de').text, 'Die Einladung gilt noch 1 Tag.')
  t.notMatch(renderMail(reminder, 'en').text, /writes|^>/m, 'nothing is quoted when nothing was said')
})

t.test('E-1: the person sees the measure, its end, the reason and the remedy', async (t) => {
  const notice: MailContent = {
    ...sample('enforcement_notice'),
    organization: 'Okafor & Friends',
    reason: 'Spam.',
    remedy: 'Stop it.\nWait.'
  }
  const { text } = renderMail(notice, 'en')
  t.match(text, 'We restricted your agency Okafor & Friends until July 3, 2026 at 21:05 UTC.')
  t.match(text, 'The reason:\n> Spam.\n\nWhat you can do:\n> Stop it.\n> Wait.\n')
  t.match(renderMail(notice, 'de').text, 'Wir haben Ihre Agentur Okafor & Friends bis zum 3. Juli 2026 um 21:05 UTC eingeschränkt.')
})

t.test('each change of the second factor has its own words', async (t) => {
  const changes = ['added', 'removed', 'recovery_codes'] as const
  for (const locale of locales) {
    const texts = changes.map((change) => renderMail({ kind: 'second_factor_changed', firstName: 'Anna', change }, locale).text)
    t.equal(new Set(texts).size, 3)
  }
})

t.test('the only links are those of the content', async (t) => {
  for (const { mail, name, text, html } of each()) {
    const links = linksOf(mail)
    t.same(
      [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => unescaped(href!)),
      links,
      name
    )
    t.same(text.match(/^https?:\/\/\S+$/gm) ?? [], links, `${name} has each link on a line of its own`)
    t.same(shown(html).match(/https?:\/\/\S+/g) ?? [], links, `${name} shows each link`)
  }
})

t.test('nothing is loaded and nothing runs', async (t) => {
  for (const { name, html } of each())
    t.notMatch(html, /\s(src|srcset|background|on\w+)=|url\(|@import|<(img|script|link|iframe|form|object)/i, name)
})

t.test('names are text: no markup', async (t) => {
  for (const { mail, name, text, html } of each(samples(`<b onclick="x">'A&amp;</b><script>`))) {
    t.notMatch(html, /<b |<script|onclick="/, name)
    if ('firstName' in mail) {
      t.match(html, '&lt;b onclick=&quot;x&quot;&gt;&#39;A&amp;amp;', name)
      t.match(text, `<b onclick="x">'A&amp;`, name)
    }
  }
})

t.test('names and addresses are no links, however they are written', async (t) => {
  const hostile = [
    'Win at https://evil.example/prize',
    'www.evil.example',
    'evil.example/a?b',
    'mail bob@evil.example now',
    'evil\u2060.\u200bexample',
    'HTTPS:\\\\EVIL.EXAMPLE',
    'evil．example ｗｗｗ．evil．example',
    'bob＠evil｡example',
    'http://192.0.2.1',
    'mailto:bob@evil.example',
    'a.b.c.d.e.fr'
  ]
  for (const said of hostile) {
    for (const { mail, name, text, html } of each(samples(said))) {
      for (const visible of [text, shown(html)]) {
        const rest = linksOf(mail)
          .reduce((rest, link) => rest.replaceAll(link, ''), visible)
          .normalize('NFKC')
        t.notMatch(rest, linkable, `${name}: ${said}`)
      }
    }
  }
})

t.test('no name becomes a link, and every name is one short line', async (t) => {
  const pieces = fc.constantFrom(...'.@:/\\｡．＠：／…⒈℀ \n\r\t\u2028\u200b\u200d\u2060\u202e\u00ad\ud800aZ9é漢', 'www', 'http', '👩‍💻')
  const said = fc.oneof(
    fc.array(pieces, { maxLength: 250 }).map((all) => all.join('')),
    fc.string({ unit: 'binary', maxLength: 300 })
  )
  const found = fc.check(
    fc.property(said, (said) => {
      const words = unlinkedWords(said)
      const plain = words.normalize('NFKC')
      return (
        [...words].length <= 100 &&
        words.isWellFormed() &&
        !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|^\s|\s$/u.test(words) &&
        // Signs that stand for several are dropped or parted as a whole.
        !/[@:/\\]/.test(plain) &&
        !/[.。](?![.。…\s]|$)/u.test(plain)
      )
    }),
    { numRuns: 3000 }
  )
  t.notOk(found.failed, JSON.stringify(found.counterexample))
})

t.test('no message becomes a link, and every message is short', async (t) => {
  const pieces = fc.constantFrom(
    ...'.@:/\\｡．＠：／…⒈℀ \n\n\n\r\t\u0085\u2028\u200b\u200d\u2060\u202e\u00ad\ud800aZ9é漢>',
    'www',
    'http',
    '\r\n',
    '👩‍💻'
  )
  const said = fc.oneof(
    fc.array(pieces, { maxLength: 700 }).map((all) => all.join('')),
    fc.string({ unit: 'binary', maxLength: 700 })
  )
  const found = fc.check(
    fc.property(said, (said) => {
      const message = unlinkedLines(said, 500)
      const lines = message.split('\n')
      return (
        [...message].length <= 500 &&
        message.isWellFormed() &&
        lines.length <= 20 &&
        !/^\n|\n$|\n\n\n/.test(message) &&
        lines.every((line) => {
          const plain = line.normalize('NFKC')
          return (
            !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|^\s|\s$/u.test(line) &&
            !/\\|:(?!$|[ …])|(?<!^| )[/@]|[/@](?!$|[ …])/.test(plain) &&
            !/[.。](?![.。…\s]|$)/u.test(plain)
          )
        })
      )
    }),
    { numRuns: 3000 }
  )
  t.notOk(found.failed, JSON.stringify(found.counterexample))
  t.equal(unlinkedLines('Welcome!\n\nRead J.R. on it: 9:30.', 500), 'Welcome!\n\nRead J. R. on it: 9: 30.')
  t.equal(unlinkedLines('x'.repeat(501), 500), `${'x'.repeat(499)}…`)
  t.equal(unlinkedLines('x\n'.repeat(30), 500), `${'x\n'.repeat(19)}${'x '.repeat(11).trim()}`, 'no line is lost')
  t.equal(
    unlinkedLines('and/or mailto:bob@evil.example https://evil.example\\x', 500),
    'and / or mailto: bob @ evil. example https: / / evil. example x'
  )
})

t.test('no single sign of Unicode brings a link into a name or a message', async (t) => {
  const found: string[] = []
  for (let point = 0; point <= 0x10ffff; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue
    const sign = String.fromCodePoint(point)
    // In messages these stay, with spaces, and so do their look-alikes.
    const message = /[@:/\\.。]/.test(sign.normalize('NFKC')) ? unlinkedLines(`evil${sign}example`, 500).normalize('NFKC') : ''
    if (/[@:/\\.。]\S/u.test(message.replace(/[.。…]+(?=[.。…\s])/gu, ''))) found.push(`message ${point.toString(16)}`)
    const plain = unlinkedWords(`evil${sign}example`).normalize('NFKC')
    if (/[@:/\\]/.test(plain) || /[.。](?![.。…\s]|$)/u.test(plain)) found.push(point.toString(16))
  }
  t.strictSame(found, [])
})

t.test('ordinary names stay as they are', async (t) => {
  for (const name of ['Anna', "Séan O'Neil", 'María-José', 'Nguyễn Thị', '山田 太郎', 'Dr. Ada', 'Firefox on Linux', 'محمد', 'Smith Jr.']) {
    t.equal(unlinkedWords(name), name)
  }
  t.equal(unlinkedWords('J.R. Smith'), 'J. R. Smith')
  t.equal(unlinkedWords('x'.repeat(101)), `${'x'.repeat(99)}…`)
  t.equal(unlinkedWords('x'.repeat(100)), 'x'.repeat(100))
})

t.test('an address reads as it is', async (t) => {
  for (const address of ['anna.b+c@mail.example.com', 'a…z@example.com', '203.0.113.0/24', '2001:db8:1::/48']) {
    const shown = unlinkedAddress(address)
    t.equal(shown.replaceAll('\u2060', ''), address)
    t.notMatch(shown, linkable)
  }
  t.equal(unlinkedAddress(`${'x'.repeat(120)}@example.com`), `${'x'.repeat(99)}…`)
})

t.test('a greeting needs no name', async (t) => {
  for (const name of ['', '\u200b', '@', '\r\n']) {
    t.match(renderMail({ kind: 'closed_account', firstName: name, link }, 'en').text, /^Hello,\n/)
    t.match(renderMail({ kind: 'closed_account', firstName: name, link }, 'de').text, /^Guten Tag,\n/)
  }
})

t.test('subjects are the same whatever people wrote', async (t) => {
  const hostile = 'A\r\nBcc: bob@evil.example\r\n\r\nbody'
  const usual = each()
  for (const [index, { name, subject, text }] of each(samples(hostile, hostile)).entries()) {
    t.equal(subject, usual[index]!.subject, name)
    t.notMatch(subject, /[\r\n]/)
    t.notMatch(text, /\r|^Bcc/m, name)
  }
})
