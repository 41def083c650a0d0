/**
 * Mail programs make links of whatever looks like an address. Text that people chose, such as a name, could carry a link into
 * a mail of ours that way; so it is changed until no program sees one.
 */

const longest = 100
const mostLines = 20
const wordJoiner = '\u2060'

const breaks = /[\p{Cc}\p{Zl}\p{Zp}]+/gu
const lineEnd = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/u
// Also what is drawn as nothing: it could hide a sign from the rules below, or turn the direction of what follows.
const unseen = /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/**
 * A name, or what a browser calls itself, as one line of at most 100 characters that is no link anywhere: every dot is followed by a
 * space, and the signs that begin or part an address are spaces, with all their look-alikes. Invisible joiners would not do here, since
 * some programs take any text without a space for an address, and resolvers ignore them in host names. `J.R. Smith` becomes
 * `J. R. Smith`, which is right too.
 */
export const unlinkedWords = (text: string): string => capped(unlinkedLine(text), longest)

/**
 * A message or a reason, line by line: at most 20 lines and `atMost` characters, no empty line at an end and no two in a row. Lines are
 * parted by a line feed. In prose the signs of an address have a meaning, so they stay, with spaces: `and / or`.
 */
export function unlinkedLines(text: string, atMost: number): string {
  const lines = text.split(lineEnd).map((line) => unlinkedLine(line, spaced))
  // More lines than that would push our own words out of sight: the last one takes what is left.
  const shown = lines.filter((line, index) => line !== '' || (index > 0 && lines[index - 1] !== ''))
  const [first, last] = [
    shown.slice(0, mostLines - 1),
    shown
      .slice(mostLines - 1)
      .filter(Boolean)
      .join(' ')
  ]
  return capped([...first, last].join('\n').trim(), atMost)
}

const spaced: Record<string, string> = { ':': ': ', '/': ' / ', '@': ' @ ' }

function unlinkedLine(text: string, instead: Record<string, string> = {}): string {
  const signs = [...oneLine(text)].map((sign) => {
    const plain = sign.normalize('NFKC')
    // Some signs stand for several with a dot among them: ㏂ is a.m. to whoever reads it as plain text.
    if (/[@:/\\]/.test(plain) || /[.。](?![.。]|$)/.test(plain)) return instead[plain] ?? ' '
    return /[.。]/.test(plain) ? `${sign} ` : sign
  })
  return signs.join('').replace(/\s+/g, ' ').trim()
}

/**
 * An address that its reader has to recognise, so it keeps its look: word joiners (U+2060) around its signs keep most programs from
 * linking it. Only for addresses that the service has checked, of mailboxes, domains or networks.
 */
export function unlinkedAddress(text: string): string {
  return capped(oneLine(text), longest).replace(/[@.:/]/g, `${wordJoiner}$&${wordJoiner}`)
}

const oneLine = (text: string): string => text.replace(breaks, ' ').replace(unseen, '')

function capped(text: string, atMost: number): string {
  const signs = [...text]
  if (signs.length <= atMost) return text
  const kept = signs.slice(0, atMost - 1).join('')
  return `${kept.trimEnd()}…`
}
