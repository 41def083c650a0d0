import fc from 'fast-check'
import t from 'tap'
import { type EvidenceInput, normaliseEvidence } from '../../src/identity/evidence-values.ts'
import { mailboxKey } from '../../src/identity/mailbox-key.ts'

t.test('P-1: the mailbox key, by what providers do', async (t) => {
  const golden: Record<string, [key: string, strong: boolean]> = {
    'olga@gmail.com': ['olga@gmail.com', true],
    'o.l.g.a@gmail.com': ['olga@gmail.com', true],
    'ol.ga+jobs@googlemail.com': ['olga@gmail.com', true],
    'olga+a+b@gmail.com': ['olga@gmail.com', true],
    'olga@outlook.com': ['olga@outlook.com', true],
    'ol.ga+x@outlook.com': ['ol.ga@outlook.com', true],
    'olga@hotmail.com': ['olga@hotmail.com', true],
    'olga+x@icloud.com': ['olga@icloud.com', true],
    'olga@me.com': ['olga@icloud.com', true],
    'olga@mac.com': ['olga@icloud.com', true],
    'olga-shop@yahoo.com': ['olga@yahoo.com', true],
    'ol.ga_k-o+x@proton.me': ['olgako@proton.me', true],
    'olgako@protonmail.com': ['olgako@proton.me', true],
    'olga+x@fastmail.com': ['olga@fastmail.com', true],
    'olga+x@posteo.de': ['olga@posteo.de', true],
    'olga@studio.example': ['olga@studio.example', false],
    'ol.ga+jobs@studio.example': ['ol.ga@studio.example', false],
    'olga-jobs@studio.example': ['olga-jobs@studio.example', false],
    'olga@gmail.com.example': ['olga@gmail.com.example', false],
    '+olga@studio.example': ['+olga@studio.example', false],
    '+@gmail.com': ['+@gmail.com', true],
    '-a@yahoo.com': ['-a@yahoo.com', true],
    '_@proton.me': ['_@proton.me', true]
  }
  for (const [address, [key, strong]] of Object.entries(golden)) t.strictSame(mailboxKey(address), { key, strong }, address)
})

const local = fc.stringMatching(/^[a-z0-9+_-]{1,12}(\.[a-z0-9+_-]{1,6}){0,3}$/)
const domain = fc.constantFrom('gmail.com', 'googlemail.com', 'proton.me', 'pm.me', 'yahoo.com', 'me.com', 'studio.example')

t.test('P-1: the mailbox key is idempotent, and a tag makes no difference to it', async (t) => {
  fc.assert(
    fc.property(local, domain, (name, at) => {
      const { key, strong } = mailboxKey(`${name}@${at}`)
      t.strictSame(mailboxKey(key), { key, strong }, name)
      t.match(key, /^[^@]+@[^@]+$/)
      t.equal(mailboxKey(`${name}+tag@${at}`).key, mailboxKey(`${name}@${at}`).key, `${name}+tag`)
    }),
    { numRuns: 300 }
  )
})

const value = (input: Partial<EvidenceInput> & { value: string }): string => {
  const normalised = normaliseEvidence({ kind: 'government_id', country: 'DE', documentType: 'passport', ...input })
  return normalised.ok ? normalised.value : `refused: ${normalised.reason}`
}

t.test('P-12: spellings of one thing are one value, and different things are different ones', async (t) => {
  const same: Array<Array<Partial<EvidenceInput> & { value: string }>> = [
    [{ value: 'C01X00T47' }, { value: ' c01 x00-t47 ' }, { value: 'Ｃ０１Ｘ００Ｔ４７' }, { value: 'C01.X00/T47' }],
    [
      { kind: 'phone', value: '+4915123456789', country: undefined },
      { kind: 'phone', value: '0151 23456789' },
      { kind: 'phone', value: '(0151) 234-567-89' },
      { kind: 'phone', value: '0049 151 23456789' }
    ],
    [
      { kind: 'ip', value: '2001:db8:1:2:3::1' },
      { kind: 'ip', value: '2001:DB8:1:2::ffff' }
    ],
    [
      { kind: 'ip', value: '198.51.100.7' },
      { kind: 'ip', value: '::ffff:198.51.100.7' }
    ],
    [
      { kind: 'payout_account', value: 'DE89 3704 0044 0532 0130 00' },
      { kind: 'payout_account', value: 'de89370400440532013000' }
    ],
    [
      { kind: 'address', value: 'Lindenstraße 5, 10969 Berlin' },
      { kind: 'address', value: 'LINDENSTRASSE 5\u00a010969 BERLIN' }
    ],
    [
      { kind: 'name_birth_date', value: 'Anna Maria Šmídová', birthDate: '1988-04-05' },
      { kind: 'name_birth_date', value: 'ŠMÍDOVÁ, Anna-Maria', birthDate: '1988-04-05' },
      { kind: 'name_birth_date', value: 'Anna Maria S\u030cmi\u0301dova\u0301', birthDate: '1988-04-05' }
    ]
  ]
  for (const group of same) t.equal(new Set(group.map(value)).size, 1, group.map(value).join(' | '))
  const different = [
    { value: 'C01X00T47' },
    { value: 'C01X00T48' },
    { value: 'C01X00T47', country: 'FR' },
    { value: 'C01X00T47', documentType: 'national_id' as const },
    { kind: 'tax_id' as const, value: 'C01X00T47' },
    { kind: 'tax_id' as const, value: 'C01X00T47', country: 'FR' },
    { kind: 'phone' as const, value: '+4915123456788' },
    { kind: 'phone' as const, value: '+4915123456789' },
    { kind: 'ip' as const, value: '198.51.100.8' },
    { kind: 'ip' as const, value: '2001:db8:1:3::1' },
    { kind: 'name_birth_date' as const, value: 'Anna Schmidt', birthDate: '1988-04-05' },
    { kind: 'name_birth_date' as const, value: 'Anna Schmidt', birthDate: '1988-04-06' }
  ]
  t.equal(new Set(different.map(value)).size, different.length)
})

t.test('P-12: whatever is sent, it is either refused with a reason or one value that stays what it is', async (t) => {
  const kinds = ['government_id', 'tax_id', 'phone', 'payout_account', 'device', 'ip', 'address', 'name_birth_date'] as const
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.string({ unit: 'binary', maxLength: 60 }), (kind, text) => {
      const first = normaliseEvidence({ kind, value: text, country: 'DE', documentType: 'passport', birthDate: '1988-04-05' })
      t.ok(first.ok ? first.value.length > 0 : first.reason, kind)
      t.strictSame(normaliseEvidence({ kind, value: text, country: 'DE', documentType: 'passport', birthDate: '1988-04-05' }), first)
    }),
    { numRuns: 500 }
  )
})
