import { domainToASCII } from 'node:url'
import fc from 'fast-check'
import addressparser from 'nodemailer/lib/addressparser'
import MimeNode from 'nodemailer/lib/mime-node'
import t from 'tap'
import { canonicalEmail, deliveryAddress } from '../../src/accounts/email-address.ts'
import { emailGolden } from '../support/email-golden.ts'

const manyRuns = process.env.TEST_LONG === '1' ? 100_000 : 25_000
const numRuns = process.env.TEST_LONG === '1' ? 100_000 : 20_000

const printable = (text: string) =>
  JSON.stringify(text.slice(0, 40)).replace(/[^ -~]/g, (unit) => `\\u{${unit.charCodeAt(0).toString(16)}}`)

t.test('P-1 an email address has exactly the recorded canonical form or refusal', async (t) => {
  t.ok(emailGolden.length >= 200)
  t.equal(new Set(emailGolden.map(({ input }) => input)).size, emailGolden.length, 'no input is listed twice')
  for (const entry of emailGolden) {
    const result = canonicalEmail(entry.input)
    const outcome = result.ok ? { canonical: result.canonical } : { refused: result.reason }
    const expected = 'canonical' in entry ? { canonical: entry.canonical } : { refused: entry.refused }
    t.strictSame(outcome, expected, printable(entry.input))
  }
})

t.test('P-1 a refusal says in one sentence what to do', async (t) => {
  const results = emailGolden.map(({ input }) => canonicalEmail(input))
  for (const message of new Set(results.map((result) => (result.ok ? '' : result.message)))) t.match(message, /^$|^[A-Z][^\n]+[^.]\.$/)
})

// Strings that are addresses, or nearly: letters, what UTS 46 maps or composes, and now and then what spoils them.
const nearEmail = () => {
  const plain = ['a', 'B', 'z', '0', '9', 'name', 'xn--', 'XN--', 'bcher-kva', 'fa-hia', '--', 'ss', 'u\u0308', '\u03c3\u03c2']
  const mapped = [...'\u00fc\u00df\u1e9e\u0130\u0131\u212a\u212b\uff21\u03a3\u1f80\ufb01\u{1d41e}\u{2f868}\u3002\uff0e\uff61']
  const composing = [...'\u0301\u0327\u0345\u094d\u0915\u1100\u1161\u11a8\uac00\u05d0\u0627\u0660']
  const spoiling = [...'.-@%!"([ ,\u2488\u200b\u200c\u200d\u202e\u00ad\ue000\u0378\ud800']
  const piece = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...plain) },
    { weight: 8, arbitrary: fc.constantFrom(...mapped) },
    { weight: 6, arbitrary: fc.constantFrom(...composing) },
    { weight: 1, arbitrary: fc.constantFrom(...spoiling) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }) }
  )
  const join = (pieces: string[]) => pieces.join('')
  const local = fc.oneof(
    { weight: 6, arbitrary: fc.stringMatching(/^[A-Za-z0-9#$&'*+/=^_`{|}~-]{1,20}$/) },
    { weight: 1, arbitrary: fc.array(piece, { maxLength: 8 }).map(join) }
  )
  const domain = fc.array(piece, { minLength: 1, maxLength: 6 }).map(join)
  const end = fc.constantFrom('.example', '.EXAMPLE', '.\u0440\u0444', '')
  return fc.tuple(local, domain, end).map(([local, domain, end]) => `${local}@${domain}${end}`)
}

/** What mail systems have read as something else than one plain address, around something that is nearly one. */
const deceptive = () => {
  const around: Array<[before: string, after: string]> = [
    ['', ''],
    ['"', '"@example.com'],
    ['"a"', ''],
    ['(c)', ''],
    ['', '(c)'],
    ['Name <', '>'],
    ['', ',b@other.example'],
    ['b@other.example;', ''],
    ['group:', ';'],
    ['@relay.example:', ''],
    ['mailto:', ''],
    ['=?utf-8?q?', '?='],
    ['', '%00'],
    ['', '\0'],
    ['', '\r\nRCPT TO:<b@other.example>'],
    ['\u202e', ''],
    ['', '\u200b'],
    [' ', ''],
    ['', '.'],
    ['', '/..'],
    ['', ':25'],
    ['', '@[127.0.0.1]'],
    ['', '\uff20other.example'],
    ['', '\u2100'],
    ['x', '.xn--a']
  ]
  return fc.tuple(fc.constantFrom(...around), nearEmail()).map(([[before, after], address]) => before + address + after)
}

/** To whom the mailer would send what goes to an address as it was typed. */
function recipients(typed: string): string[] {
  const message = new MimeNode('text/plain')
  message.setHeader('to', [{ name: '', address: deliveryAddress(typed) }])
  return message.getEnvelope().to
}

const lowerAscii = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

t.test('P-1 the canonical form is its own canonical form, and names the mailbox that mail to the typed address reaches', async (t) => {
  let accepted = 0
  const inputs = fc.oneof(
    { weight: 6, arbitrary: nearEmail() },
    { weight: 2, arbitrary: deceptive() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) }
  )
  fc.assert(
    fc.property(inputs, (input) => {
      const first = canonicalEmail(input)
      if (!first.ok) return
      accepted++
      const { canonical } = first
      if (!/^[!-?[-~@]+$/.test(canonical)) throw new Error('not plain ASCII')
      const second = canonicalEmail(canonical)
      if (!second.ok || second.canonical !== canonical) throw new Error('not its own canonical form')
      // By the mailer itself, and by the runtime's UTS 46, which is not the one of the canonical form; it does not compose all of Hangul.
      const at = input.lastIndexOf('@')
      const reached = `${lowerAscii(input.slice(0, at))}@${domainToASCII(input.slice(at + 1).normalize('NFC'))}`
      if (reached !== canonical) throw new Error(`a mail server is asked for ${reached}`)
      const sentTo = recipients(input)
      if (sentTo.length !== 1 || lowerAscii(sentTo[0]!) !== canonical) throw new Error(`the mailer writes to ${sentTo}`)
      const [read, ...more] = addressparser(input, { flatten: true })
      if (more.length > 0 || read?.address !== input) throw new Error('a header would be read as something else')
    }),
    { numRuns: manyRuns }
  )
  t.ok(accepted > manyRuns / 10, `${accepted} of ${manyRuns} inputs were addresses`)
})

t.test('P-1 the case of A-Z and the composition of characters never make two identities', async () => {
  fc.assert(
    fc.property(nearEmail(), (input) => {
      const plain = canonicalEmail(input)
      if (!plain.ok) return true
      const variants = [input.replace(/[a-z]/g, (letter) => letter.toUpperCase()), input.normalize('NFC'), input.normalize('NFD')]
      return variants.map(canonicalEmail).every((variant) => !variant.ok || variant.canonical === plain.canonical)
    }),
    { numRuns: numRuns / 4 }
  )
})

t.test('P-1 an address takes time in proportion to its length at most', async (t) => {
  const megabyte = 1_000_000
  // Of three, since a busy machine may interrupt any one.
  const quickest = (input: string) =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const start = performance.now()
        canonicalEmail(input)
        return performance.now() - start
      })
    )
  const fill = (unit: string) => unit.repeat(megabyte / unit.length)
  const hostile = [
    ...['a', ' ', '.', 'a.', '@', 'a@', '"', '(', '%', '-', '\0', '\u200b', '\u0301', '\ud800', 'xn--', '\u{1f4a9}'].map(fill),
    `a@${fill('a.')}`,
    `a@${fill('-')}`,
    `${fill('a.')}@example.com`,
    `a@${fill('\u0301')}.example`,
    `a@xn--${fill('a')}.example`
  ]
  for (const input of hostile) {
    t.match(canonicalEmail(input), { ok: false, reason: 'too_long' }, printable(input))
    t.ok(quickest(input) < 50, printable(input))
  }

  // The longest inputs that are looked at.
  for (const unit of ['a', 'a.', '-', '\u0301', '\u05d0', '\u0915\u094d', 'xn--a.', '\u0627\u0660']) {
    const input = `a@${unit}${unit.repeat(250)}`.slice(0, 254 - 10)
    t.ok(quickest(input) < 50, printable(unit))
  }
})
