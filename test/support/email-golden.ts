import type { EmailRefusal } from '../../src/accounts/email-address.ts'

export type GoldenEmail = { input: string; canonical: string } | { input: string; refused: EmailRefusal }

const accepted = (pairs: [input: string, canonical: string][]): GoldenEmail[] => pairs.map(([input, canonical]) => ({ input, canonical }))
const refused = (reason: EmailRefusal, inputs: string[]): GoldenEmail[] => inputs.map((input) => ({ input, refused: reason }))

const local64 = 'l'.repeat(64)
const label63 = 'd'.repeat(63)
// With a local part of one letter: 1 + 1 + 252.
const domain252 = `${label63}.${label63}.${label63}.${'d'.repeat(52)}.example`
// With a local part of 64 letters: 64 + 1 + 189.
const domain189 = `${label63}.${label63}.${'d'.repeat(53)}.example`
// One letter typed, eight octets in the canonical form.
const umlautLabels = (count: number) => 'ü.'.repeat(count)

/**
 * Email addresses and what becomes of them (P-1). An entry changes only together with `emailVersion`, because canonical forms are stored.
 * Characters that cannot be seen, or cannot be told from others, are written as escapes.
 */
export const emailGolden: GoldenEmail[] = [
  // Plain addresses.
  ...accepted([
    ['name@example.com', 'name@example.com'],
    ['a@b.example', 'a@b.example'],
    ['first.last@example.com', 'first.last@example.com'],
    ['f.i.r.s.t@example.com', 'f.i.r.s.t@example.com'],
    ['name@mail.example.co.uk', 'name@mail.example.co.uk'],
    ['1234567890@example.com', '1234567890@example.com'],
    ['0@0.example', '0@0.example'],
    ['a-b@c-d.example', 'a-b@c-d.example'],
    ['-dash@example.com', '-dash@example.com'],
    ['_@example.com', '_@example.com'],
    ['name@localhost.localdomain', 'name@localhost.localdomain'],
    ['name@1and1.example', 'name@1and1.example'],
    ['name@123.example', 'name@123.example'],
    ['name@1.2.3.example', 'name@1.2.3.example'],
    ['name@example.1a', 'name@example.1a'],
    ['name@example.x0', 'name@example.x0'],
    ['x@0x1.example', 'x@0x1.example']
  ]),

  // Every symbol a dot-atom may have, but for % and !.
  ...accepted([
    ["#$&'*+/?=^_`{|}~-@example.com", "#$&'*+/?=^_`{|}~-@example.com"],
    ['o#1@example.com', 'o#1@example.com'],
    ['o$1@example.com', 'o$1@example.com'],
    ['o&1@example.com', 'o&1@example.com'],
    ["o'hara@example.com", "o'hara@example.com"],
    ['o*1@example.com', 'o*1@example.com'],
    ['o/1@example.com', 'o/1@example.com'],
    ['o=1@example.com', 'o=1@example.com'],
    ['o?1@example.com', 'o?1@example.com'],
    ['o?=1@example.com', 'o?=1@example.com'],
    ['o^1@example.com', 'o^1@example.com'],
    ['o`1@example.com', 'o`1@example.com'],
    ['o{1}@example.com', 'o{1}@example.com'],
    ['o|1@example.com', 'o|1@example.com'],
    ['o~1@example.com', 'o~1@example.com']
  ]),

  // Tags and dots are part of the identity, at every provider.
  ...accepted([
    ['name+tag@example.com', 'name+tag@example.com'],
    ['name+@example.com', 'name+@example.com'],
    ['+tag@example.com', '+tag@example.com'],
    ['name+a+b@example.com', 'name+a+b@example.com'],
    ['name+tag@gmail.com', 'name+tag@gmail.com'],
    ['n.a.m.e@gmail.com', 'n.a.m.e@gmail.com'],
    ['name@googlemail.com', 'name@googlemail.com'],
    ['name-tag@yahoo.com', 'name-tag@yahoo.com']
  ]),

  // Case: A-Z only, in either part.
  ...accepted([
    ['Name@example.com', 'name@example.com'],
    ['NAME@EXAMPLE.COM', 'name@example.com'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZ@example.com', 'abcdefghijklmnopqrstuvwxyz@example.com'],
    ['I@example.com', 'i@example.com'],
    ['Name+TAG@Example.Com', 'name+tag@example.com'],
    ['name@XN--BCHER-KVA.example', 'name@xn--bcher-kva.example'],
    ['name@Xn--Bcher-Kva.Example', 'name@xn--bcher-kva.example']
  ]),

  // International domains.
  ...accepted([
    ['name@b\u00fccher.example', 'name@xn--bcher-kva.example'],
    ['name@B\u00dcCHER.example', 'name@xn--bcher-kva.example'],
    ['name@bu\u0308cher.example', 'name@xn--bcher-kva.example'],
    ['name@BU\u0308CHER.EXAMPLE', 'name@xn--bcher-kva.example'],
    ['name@xn--bcher-kva.example', 'name@xn--bcher-kva.example'],
    ['Name@\u00e9.example', 'name@xn--9ca.example'],
    ['name@e\u0301.example', 'name@xn--9ca.example'],
    ['name@mail.b\u00fccher.example', 'name@mail.xn--bcher-kva.example'],
    ['name@\u00f6.\u00f6', 'name@xn--nda.xn--nda'],
    ['name@пример.рф', 'name@xn--e1afmkfd.xn--p1ai'],
    ['name@ПРИМЕР.РФ', 'name@xn--e1afmkfd.xn--p1ai'],
    ['name@example.xn--p1ai', 'name@example.xn--p1ai'],
    ['name@παράδειγμα.δοκιμή', 'name@xn--hxajbheg2az3al.xn--jxalpdlp'],
    ['name@食狮.公司.cn', 'name@xn--85x722f.xn--55qx5d.cn'],
    ['name@日本語.jp', 'name@xn--wgv71a119e.jp'],
    ['name@例え.テスト', 'name@xn--r8jz45g.xn--zckzah'],
    ['name@उदाहरण.परीक्षा', 'name@xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g'],
    ['name@\u0645\u062b\u0627\u0644.\u0625\u062e\u062a\u0628\u0627\u0631', 'name@xn--mgbh0fb.xn--kgbechtv'],
    ['name@\u05d0.example', 'name@xn--4db.example'],
    ['name@\u05d0\u0660.example', 'name@xn--4db20a.example'],
    ['name@\u2603.example', 'name@xn--n3h.example'],
    ['name@\u{1f4a9}.example', 'name@xn--ls8h.example'],
    ['name@xn--ls8h.example', 'name@xn--ls8h.example']
  ]),

  // Non-transitional: the sharp s and the final sigma keep their own domains.
  ...accepted([
    ['name@fa\u00df.example', 'name@xn--fa-hia.example'],
    ['name@FA\u1e9e.example', 'name@xn--fa-hia.example'],
    ['name@xn--fa-hia.example', 'name@xn--fa-hia.example'],
    ['name@fass.example', 'name@fass.example'],
    ['name@FASS.example', 'name@fass.example'],
    ['name@stra\u00dfe.de', 'name@xn--strae-oqa.de'],
    ['name@σίσυφος.example', 'name@xn--kxa6ajbbmh.example'],
    ['name@σίσυφοσ.example', 'name@xn--kxa6akbbkh.example'],
    ['name@ΣΊΣΥΦΟΣ.example', 'name@xn--kxa6akbbkh.example']
  ]),

  // Characters that case-map or compose into others; each reads as what UTS 46 says, and only in the domain.
  ...accepted([
    ['name@\u0130stanbul.example', 'name@xn--istanbul-o0e.example'],
    ['name@i\u0307stanbul.example', 'name@xn--istanbul-o0e.example'],
    ['name@\u0131stanbul.example', 'name@xn--stanbul-qfb.example'],
    ['name@ISTANBUL.example', 'name@istanbul.example'],
    ['name@\u212aelvin.example', 'name@kelvin.example'],
    ['name@\u212b.example', 'name@xn--5ca.example'],
    ['name@\u00c5.example', 'name@xn--5ca.example'],
    ['name@A\u030a.example', 'name@xn--5ca.example'],
    ['name@\u2126.example', 'name@xn--bya.example'],
    ['name@\u1f80.example', 'name@xn--uxa970l.example'],
    ['name@\u1f84.example', 'name@xn--uxa780l.example'],
    ['name@\u03b1\u0313\u0301\u0345.example', 'name@xn--uxa780l.example'],
    ['name@\ufb01sh.example', 'name@fish.example'],
    ['name@\u2163.example', 'name@iv.example'],
    ['name@\u2460\u2461.example', 'name@12.example'],
    ['name@\u2121.example', 'name@tel.example'],
    ['name@\u338f.example', 'name@kg.example'],
    ['name@\u{1d41e}xample.com', 'name@example.com'],
    ['name@\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45.com', 'name@example.com'],
    ['name@\uff25\uff38ample.com', 'name@example.com'],
    ['name@\uff58\uff4e\uff0d\uff0dfa-hia.example', 'name@xn--fa-hia.example'],
    ['name@\ud87e\udc68.example', 'name@xn--snl.example'],
    ['name@\u36fc.example', 'name@xn--snl.example']
  ]),

  // The other full stops separate labels too.
  ...accepted([
    ['name@example\u3002com', 'name@example.com'],
    ['name@example\uff0ecom', 'name@example.com'],
    ['name@example\uff61com', 'name@example.com'],
    ['name@日本語\u3002JP', 'name@xn--wgv71a119e.jp']
  ]),

  // Look-alike domains are domains of their own.
  ...accepted([
    ['name@\u0430pple.example', 'name@xn--pple-43d.example'],
    ['name@xn--pple-43d.example', 'name@xn--pple-43d.example'],
    ['name@apple.example', 'name@apple.example'],
    ['name@g\u043e\u043egle.example', 'name@xn--ggle-55da.example'],
    ['name@examp1e.example', 'name@examp1e.example'],
    ['name@rnail.example', 'name@rnail.example']
  ]),

  // Hyphens, also in the third and fourth place.
  ...accepted([
    ['name@r3---sn.example', 'name@r3---sn.example'],
    ['name@ab--cd.example', 'name@ab--cd.example'],
    ['name@a-b-c.example', 'name@a-b-c.example']
  ]),
  ...refused('invalid_domain', [
    'name@-example.com',
    'name@example-.com',
    'name@-.example',
    'name@example.-com',
    'name@example.com-',
    'name@a.-b.example',
    'name@a-.b.example',
    'name@-b\u00fccher.example',
    'name@b\u00fccher-.example',
    'name@xn---bcher-4ya.example',
    'name@xn--bcher--3ya.example'
  ]),

  // Lengths, at both sides of each edge.
  ...accepted([
    [`${local64}@example.com`, `${local64}@example.com`],
    [`${'L'.repeat(64)}@example.com`, `${local64}@example.com`],
    [`a@${label63}.example`, `a@${label63}.example`],
    [`a@example.${label63}`, `a@example.${label63}`],
    [`a@${domain252}`, `a@${domain252}`],
    [`${local64}@${domain189}`, `${local64}@${domain189}`],
    [`a@${'ü'.repeat(57)}.example`, `a@xn--tda${'a'.repeat(56)}.example`],
    [`${'l'.repeat(54)}@${umlautLabels(24)}example`, `${'l'.repeat(54)}@${'xn--tda.'.repeat(24)}example`]
  ]),
  ...refused('too_long', [
    `${local64}l@example.com`,
    `${local64}.${local64}@example.com`,
    `ab@${domain252}`,
    `a@d${domain252}`,
    `${local64}@d${domain189}`,
    `a@${'\u{1f4a9}'.repeat(62)}.example`,
    `${'l'.repeat(55)}@${umlautLabels(24)}example`,
    `${'a'.repeat(255)}`,
    `a@${'example.'.repeat(100)}com`,
    'x'.repeat(10_000),
    ' '.repeat(300)
  ]),
  ...refused('invalid_domain', [
    `a@${label63}d.example`,
    `a@example.${label63}d`,
    `a@${'ü'.repeat(58)}.example`,
    `a@${umlautLabels(31)}example`
  ]),

  // Surrounding white space is never trimmed.
  ...refused('surrounding_space', [
    ' name@example.com',
    'name@example.com ',
    ' name@example.com ',
    '\tname@example.com',
    'name@example.com\n',
    'name@example.com\r\n',
    'name@example.com\u00a0',
    '\u3000name@example.com',
    'name@example.com\u2003',
    '\ufeffname@example.com',
    'name@example.com\u2028',
    ' '
  ]),

  // Characters that nobody means to type.
  ...refused('forbidden_character', [
    'na\0me@example.com',
    'name@exa\0mple.com',
    'name\n@example.com',
    'name@example.com\r\nBcc: other@example.com',
    'na\tme@example.com',
    'na\u001bme@example.com',
    'name\u007f@example.com',
    'name@exam\u0085ple.com',
    'name@exam\u2028ple.com',
    'name@exam\u2029ple.com',
    'name@example.com\u009f',
    'na\u200bme@example.com',
    'name@exa\u200bmple.com',
    'name@example.com\u200b',
    '\u200bname@example.com',
    'name@exa\u200cmple.com',
    'name@exa\u200dmple.com',
    'name@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example',
    'name@xn--mgba3gch31f060k.example',
    'name@\u0915\u094d\u200d\u0937.example',
    'name@xn--11b2ezcw70k.example',
    'name@exa\u2060mple.com',
    'name@exa\u00admple.com',
    'name@exa\ufeffmple.com',
    'name@exa\ufe0fmple.com',
    'name@exa\u034fmple.com',
    'name@\u3164.example',
    'name@exa\u200emple.com',
    'name@exa\u200fmple.com',
    'name@exa\u061cmple.com',
    'name\u202e@example.com',
    'name@\u202eelpmaxe.com',
    'name@exa\u2066mple\u2069.com',
    'name@exa\u{e0061}mple.com',
    'name@exa\ue000mple.com',
    'name@exa\u{f0000}mple.com',
    'name@exa\u{10fffd}mple.com',
    'name@exa\u0378mple.com',
    'name@exa\ufdd0mple.com',
    'name@exa\uffffmple.com',
    'name@exa\u{1ffff}mple.com',
    'name@exa\ud800mple.com',
    'name@exa\udc00mple.com',
    '\ud83dname@example.com',
    'name@example.com\udca9'
  ]),

  // Not exactly one plain address.
  ...refused('not_one_address', [
    '',
    'name',
    'example.com',
    '@',
    '@example.com',
    'name@',
    'name@@',
    'name@@example.com',
    'name@example.com@',
    'name@other@example.com',
    'name@example.com,other@example.com',
    'name@example.com, other@example.com',
    'name@example.com;other@example.com',
    'name@example.com;',
    'name@example.com,',
    'Name <name@example.com>',
    '<name@example.com>',
    'name@example.com>',
    'mailto:name@example.com',
    'Friends: name@example.com, other@example.com;',
    'undisclosed-recipients:;',
    '@relay.example:name@example.com',
    '@relay.example,@other.example:name@example.com',
    'name@example.com:25',
    'name@a:b.example',
    'name\uff20example.com',
    'name\ufe6bexample.com'
  ]),

  // Syntax that mail systems have read in more than one way.
  ...refused('unsupported_local_part', [
    '"name"@example.com',
    '"first last"@example.com',
    '""@example.com',
    '"a@b"@example.com',
    '"a\\"b"@example.com',
    'first."last"@example.com',
    'na"me@example.com',
    'na\\me@example.com',
    'na\\@me@example.com',
    'name(comment)@example.com',
    '(comment)name@example.com',
    'na(me@example.com',
    'na)me@example.com',
    'name%other.example@example.com',
    'name%@example.com',
    'name%40other.example@example.com',
    'other.example!name@example.com',
    'name!@example.com',
    '=?utf-8?q?name?=@example.com',
    '=?x?q?=61=62?=other@example.com',
    'name=?utf-8?b?YQ==?=@example.com'
  ]),
  ...refused('non_ascii_local_part', [
    'j\u00f6rg@example.com',
    'jo\u0308rg@example.com',
    '\u212aelvin@example.com',
    '\u0130brahim@example.com',
    '\u0131@example.com',
    'stra\u00dfe@example.com',
    'p\u0430ypal@example.com',
    '\uff41@example.com',
    'имя@example.com',
    '用户@例え.テスト',
    '\u{1f600}@example.com',
    'na\u00a0me@example.com',
    'na\uff0eme@example.com'
  ]),
  ...refused('invalid_local_part', [
    '.name@example.com',
    'name.@example.com',
    'na..me@example.com',
    '.@example.com',
    '..@example.com',
    'na me@example.com',
    'name @example.com',
    'na[me]@example.com'
  ]),

  // Addresses of machines instead of domains.
  ...refused('address_literal', [
    'name@[127.0.0.1]',
    'name@[IPv6:::1]',
    'name@[IPv6:2001:db8::1]',
    'name@[example.com]',
    'name@[',
    'name@127.0.0.1',
    'name@127.1',
    'name@1.1',
    'name@example.123',
    'name@example.0x7f',
    'name@example.0X',
    'name@\uff11\uff12\uff17.0.0.\uff11',
    'name@example.\u2460'
  ]),

  // Domains that are none.
  ...refused('invalid_domain', [
    'name@localhost',
    'name@com',
    'name@xn--55qx5d',
    'name@2130706433',
    'name@example.com.',
    'name@example.com\u3002',
    'name@.example.com',
    'name@example..com',
    'name@example\u3002.com',
    'name@.',
    'name@..',
    'name@exam ple.com',
    'name@ example.com',
    'name@exam\u00a0ple.com',
    'name@exam\u3000ple.com',
    'name@exam_ple.com',
    'name@_dmarc.example.com',
    'name@exam!ple.com',
    'name@exam%ple.com',
    'name@exam*ple.com',
    'name@*.example.com',
    'name@example.com/path',
    'name@example.com?subject=x',
    'name@example.com#top',
    'name@example.com(comment)',
    'name@(comment)example.com',
    'name@exam"ple.com',
    'name@exam\\ple.com',
    'name@exam\uff20ple.com',
    'name@exam\uff0cple.com',
    'name@exam\u2100ple.com',
    'name@exam\u2488com',
    'name@a\u2024b.example',
    'name@a\u2026b.example',
    'name@\u0301a.example',
    'name@\u05d0a.example',
    'name@a\u05d0.example',
    'name@1\u05d0.example',
    'name@1.\u05d0\u05d1.example',
    'name@\u05d01\u0660.example',
    'name@xn--.example',
    'name@xn--a.example',
    'name@xn--abc-.example',
    'name@xn--0.example',
    'name@xn--9999999999999.example',
    'name@xn--1ug.example',
    'name@xn--b\u00fccher.example',
    'name@xn--bcher-kva.xn--',
    'name@\u1f80\u0301.example'
  ])
]
